//! Phrases, filed under what they cannot do without: their rarest item, or their rarest two neighbours. In: compiled
//! phrases. Out: those of them that stand in a comment. A phrase is followed only where its anchor stands. Which pairs
//! of neighbours are anchors is seen for all phrases at once: each kind of item has a set of the pairs that it begins,
//! and one of those that it ends, and neighbours need only what is in both.

use std::collections::HashMap;

use super::classes::{Class, Kind};
use super::flatten::written_out;
use super::steps::{Step, View};

/// Phrases by anchor.
#[derive(Debug, Default)]
pub(super) struct Filed {
    ways: Vec<Way>,
    steps: Vec<Step>,
    /// By kind: its postings.
    single: Shared<Posting>,
    /// By kind: the pairs that it begins, and those that it ends.
    left: PairSets,
    right: PairSets,
    /// Sorted by pair.
    pairs: Vec<Posting>,
    /// By pair: where its postings begin; one more than there are.
    first: Vec<u32>,
}

/// A way of a phrase.
#[derive(Clone, Copy, Debug)]
struct Way {
    first: u32,
    len: u16,
    phrase: u32,
}

/// A way under its anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Posting {
    way: u32,
    /// The first step of the anchor.
    step: u16,
    /// There is no other step.
    whole: bool,
}

/// Where a phrase stands: it begins at one of some places and ends at one of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    start: u32,
    /// How far before `start`, as bits.
    starts: u64,
    end: u32,
    /// How far behind `end`, as bits.
    ends: u64,
}

impl Found {
    /// The nearest start and the nearest end.
    pub(super) fn shortest(self) -> (u32, u32) {
        (self.start - self.starts.trailing_zeros(), self.end + self.ends.trailing_zeros())
    }

    /// The nearest start with every end.
    pub(super) fn each_end(self) -> impl Iterator<Item = (u32, u32)> {
        let start = self.shortest().0;
        bits(self.ends).map(move |far| (start, self.end + far))
    }

    /// Every start with every end.
    pub(super) fn all(self) -> impl Iterator<Item = (u32, u32)> {
        bits(self.starts).flat_map(move |before| bits(self.ends).map(move |far| (self.start - before, self.end + far)))
    }
}

fn bits(mut bits: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let next = bits.trailing_zeros();
        (bits != 0).then(|| {
            bits &= bits - 1;
            next
        })
    })
}

impl Filed {
    /// Calls `see` with each phrase that stands in the comment, once for each of its anchors.
    pub(super) fn find(&self, view: View<'_>, mut see: impl FnMut(u32, Found)) {
        let items = view.items;
        for at in 0..items.len() {
            for posting in self.single.of(items.kind(at)) {
                self.follow(view, *posting, 1, (at, at + 1), &mut see);
            }
            for row in items.rows_from(at) {
                for posting in self.single.of(row.kind) {
                    self.follow(view, *posting, 1, (at, row.end as usize), &mut see);
                }
            }
        }
        if self.pairs.is_empty() {
            return;
        }
        for between in 1..items.len() {
            self.meet(view, (between - 1, items.kind(between - 1)), between, &mut see);
            for row in items.rows_to(between) {
                self.meet(view, (row.start as usize, row.kind), between, &mut see);
            }
        }
    }

    /// The pairs that an item makes with those behind it.
    fn meet(&self, view: View<'_>, (start, kind): (usize, Kind), end: usize, see: &mut impl FnMut(u32, Found)) {
        if self.left.is_empty(kind) {
            return;
        }
        let items = view.items;
        for next in end..items.len().min(end + 64) {
            self.pair(view, kind, items.kind(next), (start, next + 1), see);
            for row in items.rows_from(next) {
                self.pair(view, kind, row.kind, (start, row.end as usize), see);
            }
            if !items.is_emoji(next) {
                break;
            }
        }
    }

    fn pair(&self, view: View<'_>, left: Kind, right: Kind, at: (usize, usize), see: &mut impl FnMut(u32, Found)) {
        self.left.common(left, &self.right, right, |pair| {
            for posting in &self.pairs[self.first[pair] as usize..self.first[pair + 1] as usize] {
                self.follow(view, *posting, 2, at, see);
            }
        });
    }

    /// Follows a way of a phrase from its anchor to both ends.
    fn follow(
        &self,
        view: View<'_>,
        posting: Posting,
        anchors: usize,
        (start, end): (usize, usize),
        see: &mut impl FnMut(u32, Found),
    ) {
        let (mut starts, mut ends) = (1, 1);
        let Way { first, len, phrase } = self.ways[posting.way as usize];
        if !posting.whole {
            let steps = &self.steps[first as usize..first as usize + usize::from(len)];
            let step = usize::from(posting.step);
            ends = view.forward(&steps[step + anchors..], end);
            if ends == 0 {
                return;
            }
            starts = view.backward(&steps[..step], start);
            if starts == 0 {
                return;
            }
        }
        see(phrase, Found { start: start as u32, starts, end: end as u32, ends });
    }
}

/// Lists by kind; equal ones stand there once.
#[derive(Debug)]
struct Shared<T> {
    of_kind: Vec<(u32, u32)>,
    arena: Vec<T>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self { of_kind: Vec::new(), arena: Vec::new() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Shared<T> {
    fn new(lists: Vec<Vec<T>>) -> Self {
        let (mut shared, mut seen) = (Self::default(), HashMap::new());
        for list in lists {
            let place = *seen.entry(list).or_insert_with_key(|list| {
                let start = shared.arena.len() as u32;
                shared.arena.extend_from_slice(list);
                (start, list.len() as u32)
            });
            shared.of_kind.push(place);
        }
        shared.arena.shrink_to_fit();
        shared
    }
}

impl<T> Shared<T> {
    fn of(&self, kind: Kind) -> &[T] {
        let (start, len) = self.of_kind[kind as usize];
        &self.arena[start as usize..(start + len) as usize]
    }
}

/// For each kind a set of pairs: the blocks of 64 that are not empty, and before them which those are.
#[derive(Debug, Default)]
struct PairSets {
    /// By kind: its set; the first is empty.
    of_kind: Vec<u32>,
    /// Words of a set's summary.
    width: usize,
    summaries: Vec<u64>,
    /// By set: where its blocks begin.
    first: Vec<u32>,
    blocks: Vec<u64>,
}

impl PairSets {
    /// Sets of pairs, each sorted, by kind; there are so many pairs.
    fn new(lists: Vec<Vec<u32>>, pairs: usize) -> Self {
        let mut sets = Self { width: pairs.div_ceil(64 * 64), ..Self::default() };
        let mut seen = HashMap::from([(Vec::new(), 0)]);
        sets.push(&[]);
        for list in lists {
            let next = seen.len() as u32;
            let set = *seen.entry(list).or_insert_with_key(|list| {
                sets.push(list);
                next
            });
            sets.of_kind.push(set);
        }
        sets
    }

    fn push(&mut self, pairs: &[u32]) {
        self.first.push(self.blocks.len() as u32);
        let start = self.summaries.len();
        self.summaries.resize(start + self.width, 0);
        for block in pairs.chunk_by(|a, b| a / 64 == b / 64) {
            let number = block[0] as usize / 64;
            self.summaries[start + number / 64] |= 1 << (number % 64);
            self.blocks.push(block.iter().fold(0, |bits, pair| bits | 1 << (pair % 64)));
        }
    }

    fn is_empty(&self, kind: Kind) -> bool {
        self.of_kind[kind as usize] == 0
    }

    /// Calls `see` with each pair of this kind's set that is in the other's.
    fn common(&self, kind: Kind, others: &Self, other: Kind, mut see: impl FnMut(usize)) {
        let (mine, theirs) = (self.of_kind[kind as usize] as usize, others.of_kind[other as usize] as usize);
        if theirs == 0 {
            return;
        }
        let summary = |sets: &Self, set: usize, word: usize| sets.summaries[set * sets.width + word];
        let (mut mine_at, mut theirs_at) = (self.first[mine], others.first[theirs]);
        for word in 0..self.width {
            let (own, other) = (summary(self, mine, word), summary(others, theirs, word));
            let mut both = own & other;
            while both != 0 {
                let block = both.trailing_zeros();
                both &= both - 1;
                let before = (1_u64 << block) - 1;
                let at = |first: u32, summary: u64| (first + (summary & before).count_ones()) as usize;
                let mut pairs = self.blocks[at(mine_at, own)] & others.blocks[at(theirs_at, other)];
                while pairs != 0 {
                    see((word * 64 + block as usize) * 64 + pairs.trailing_zeros() as usize);
                    pairs &= pairs - 1;
                }
            }
            mine_at += own.count_ones();
            theirs_at += other.count_ones();
        }
    }
}

/// What an item costs that is so rare that its neighbours need not be looked at.
const RARE: u64 = 40;

/// Options are written out as long as a phrase has no more ways than this.
const MOST_WAYS: usize = 16;

/// What filing asks of the classes.
pub(super) struct Costs<'c> {
    /// The kinds of each class.
    pub(super) kinds: &'c [Vec<Kind>],
    /// By kind: how often such items stand in ordinary text.
    pub(super) uses: &'c [u64],
    /// How many items that text has.
    pub(super) total: u64,
}

/// Where a phrase is filed, and how often that stands in ordinary text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anchor {
    Item(usize),
    Pair(usize),
}

impl Costs<'_> {
    fn class(&self, class: Class) -> u64 {
        self.kinds[class as usize].iter().map(|&kind| self.uses[kind as usize]).sum()
    }

    /// The anchor of a phrase with its cost; `None` if no item has to be there.
    fn anchor(&self, steps: &[Step]) -> Option<(u64, Anchor)> {
        let cost = |step: &Step| if let Step::Item(class) = step { Some(self.class(*class)) } else { None };
        let costs: Vec<Option<u64>> = steps.iter().map(cost).collect();
        let single =
            (0..).zip(&costs).filter_map(|(at, cost)| Some(((*cost)?, Anchor::Item(at)))).min_by_key(|it| it.0);
        let pair = (0..).zip(costs.windows(2)).filter_map(|(at, costs)| {
            let &[Some(left), Some(right)] = costs else { return None };
            Some((left.saturating_mul(right) / self.total.max(1), Anchor::Pair(at)))
        });
        match single {
            Some((cost, anchor)) if cost <= RARE => Some((cost, anchor)),
            single => pair.min_by_key(|it| it.0).or(single),
        }
    }

    /// A phrase whose rarest item is common, with its options taken and left: so its items have fixed neighbours.
    fn ways(&self, steps: &[Step]) -> Vec<Vec<Step>> {
        match self.anchor(steps) {
            Some((cost, Anchor::Item(_))) if cost > RARE => written_out(steps.to_vec(), MOST_WAYS),
            _ => vec![steps.to_vec()],
        }
    }

    /// How often a phrase may stand in ordinary text.
    pub(super) fn phrase(&self, steps: &[Step]) -> u64 {
        self.anchor(steps).map_or(0, |(cost, _)| cost)
    }
}

impl Filed {
    /// Files phrases.
    pub(super) fn new<'s>(phrases: impl Iterator<Item = &'s [Step]>, costs: &Costs<'_>) -> Self {
        let mut filed = Self::default();
        let (mut single, mut pairs) = (vec![Vec::new(); costs.uses.len()], Vec::new());
        for (phrase, steps) in (0..).zip(phrases) {
            for steps in costs.ways(steps) {
                let way = filed.ways.len() as u32;
                filed.ways.push(Way { first: filed.steps.len() as u32, len: steps.len() as u16, phrase });
                filed.steps.extend_from_slice(&steps);
                let posting = |step, anchors| Posting { way, step: step as u16, whole: steps.len() == anchors };
                match costs.anchor(&steps) {
                    Some((_, Anchor::Item(at))) => {
                        let Step::Item(class) = steps[at] else { continue };
                        costs.kinds[class as usize].iter().for_each(|&kind| single[kind as usize].push(posting(at, 1)));
                    }
                    Some((_, Anchor::Pair(at))) => {
                        let (Step::Item(left), Step::Item(right)) = (steps[at], steps[at + 1]) else { continue };
                        pairs.push(((left, right), posting(at, 2)));
                    }
                    None => {}
                }
            }
        }
        filed.single = Shared::new(single);
        pairs.sort_unstable();
        filed.file_pairs(&pairs, costs);
        filed.ways.shrink_to_fit();
        filed.steps.shrink_to_fit();
        filed
    }

    fn file_pairs(&mut self, pairs: &[((Class, Class), Posting)], costs: &Costs<'_>) {
        let kinds = costs.uses.len();
        let (mut left, mut right) = (vec![Vec::new(); kinds], vec![Vec::new(); kinds]);
        for (pair, postings) in (0..).zip(pairs.chunk_by(|a, b| a.0 == b.0)) {
            let (begin, end) = postings[0].0;
            costs.kinds[begin as usize].iter().for_each(|&kind| left[kind as usize].push(pair));
            costs.kinds[end as usize].iter().for_each(|&kind| right[kind as usize].push(pair));
            self.first.push(self.pairs.len() as u32);
            self.pairs.extend(postings.iter().map(|&(_, posting)| posting));
        }
        let count = self.first.len();
        self.first.push(self.pairs.len() as u32);
        self.left = PairSets::new(left, count);
        self.right = PairSets::new(right, count);
    }
}
