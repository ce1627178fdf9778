//! Phrases, filed under what they cannot do without: their rarest item, or their rarest two neighbours. In: compiled
//! phrases and rows. Out: those of them that stand in a comment. Nothing is followed but where its anchor stands. Which
//! pairs of neighbours are anchors is seen for all at once: each kind of item has a set of the pairs that it begins, and
//! one of those that it ends, and neighbours need only what is in both. Rows that are found become items and have
//! neighbours of their own, level by level; phrases come last.

use std::collections::HashMap;

use super::classes::{Class, Classes, Kind};
use super::flatten::written_out;
use super::items::{Items, Row};
use super::steps::{Step, View};
use crate::text::Folded;

/// Phrases and rows by anchor.
#[derive(Debug, Default)]
pub(super) struct Filed {
    ways: Vec<Way>,
    steps: Vec<Step>,
    /// By kind.
    anchors: Vec<Anchors>,
    /// Postings under one item, those of a kind together.
    single: Vec<Posting>,
    sets: PairSets,
    /// Postings under two neighbours, each a pair of its own.
    pairs: Vec<Posting>,
    /// The level of the phrases, which is above that of every row.
    top: u8,
}

/// A way of a phrase or row.
#[derive(Clone, Copy, Debug)]
struct Way {
    first: u32,
    len: u16,
    level: u8,
    /// The phrase's number, or the row's kind.
    of: u32,
}

/// What a kind of item is to the filing.
#[derive(Clone, Copy, Debug, Default)]
struct Anchors {
    /// Its postings begin here, and are so many.
    single: u32,
    singles: u32,
    /// The pairs that it begins and those that it ends, as sets.
    left: u32,
    right: u32,
}

/// A way under its anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Posting {
    /// The way, or where it is whole, what that is one of.
    way: u32,
    /// The first step of the anchor.
    step: u16,
    level: u8,
    /// The anchor is all of it.
    whole: bool,
}

/// An anchor that stands somewhere.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    posting: Posting,
    /// One item or two.
    anchors: u8,
    start: u32,
    end: u32,
}

/// Rooms that are used again.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    /// By level.
    candidates: Vec<Vec<Candidate>>,
    rows: Vec<Row>,
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
    /// Calls `see` with each phrase that stands in the comment, once for each of its anchors. Rows that are found are
    /// added to the items.
    pub(super) fn find(
        &self,
        folded: &Folded,
        classes: &Classes,
        items: &mut Items,
        rooms: &mut Rooms,
        mut see: impl FnMut(u32, Found),
    ) {
        let Rooms { candidates, rows } = rooms;
        candidates.resize_with(usize::from(self.top) + 1, Vec::new);
        candidates.iter_mut().for_each(Vec::clear);
        self.look_at_words(items, candidates);
        for level in 1..self.top {
            rows.clear();
            let of_level = std::mem::take(&mut candidates[usize::from(level)]);
            let view = View { folded, items, classes };
            for candidate in &of_level {
                self.follow(view, candidate, |kind, found| {
                    rows.extend(found.all().map(|(start, end)| Row { start, end, kind }));
                });
            }
            candidates[usize::from(level)] = of_level;
            items.add(rows);
            for &row in &*rows {
                self.look_at(items, row, rows, candidates);
            }
        }
        let view = View { folded, items, classes };
        for candidate in &candidates[usize::from(self.top)] {
            self.follow(view, candidate, &mut see);
        }
    }

    fn steps(&self, way: Way) -> &[Step] {
        &self.steps[way.first as usize..way.first as usize + usize::from(way.len)]
    }

    /// Every way of every phrase: the phrase's number and the steps.
    pub(super) fn phrases(&self) -> impl Iterator<Item = (u32, &[Step])> {
        let phrases = self.ways.iter().filter(|way| way.level == self.top);
        phrases.map(|&way| (way.of, self.steps(way)))
    }

    /// The anchors among the words, and the rows that were found in the text itself.
    fn look_at_words(&self, items: &Items, candidates: &mut [Vec<Candidate>]) {
        for at in 0..items.len() {
            let word = Row { start: at as u32, end: at as u32 + 1, kind: items.kind(at) };
            self.alone(word, candidates);
            self.with_next(items, word, candidates);
            for &row in items.rows_from(at) {
                self.alone(row, candidates);
                self.with_next(items, row, candidates);
            }
        }
    }

    /// The anchors that a row is which was not there before, nor were the others of `new`.
    fn look_at(&self, items: &Items, row: Row, new: &[Row], candidates: &mut [Vec<Candidate>]) {
        self.alone(row, candidates);
        self.with_next(items, row, candidates);
        if self.anchors[row.kind as usize].right == NO_PAIR {
            return;
        }
        // Those before it that are new have seen it as their next.
        items.each_before(row.start as usize, |before| {
            if new.binary_search(&before).is_err() {
                self.pair(before, row, candidates);
            }
        });
    }

    fn alone(&self, item: Row, candidates: &mut [Vec<Candidate>]) {
        let Anchors { single, singles, .. } = self.anchors[item.kind as usize];
        for &posting in &self.single[single as usize..(single + singles) as usize] {
            let Row { start, end, .. } = item;
            candidates[usize::from(posting.level)].push(Candidate { posting, anchors: 1, start, end });
        }
    }

    /// The pairs that an item makes with those behind it.
    fn with_next(&self, items: &Items, item: Row, candidates: &mut [Vec<Candidate>]) {
        if self.anchors[item.kind as usize].left != NO_PAIR {
            items.each_behind(item.end as usize, |next| self.pair(item, next, candidates));
        }
    }

    fn pair(&self, left: Row, right: Row, candidates: &mut [Vec<Candidate>]) {
        let (begins, ends) = (self.anchors[left.kind as usize].left, self.anchors[right.kind as usize].right);
        self.sets.common(begins, ends, |pair| {
            let (posting, start, end) = (self.pairs[pair], left.start, right.end);
            candidates[usize::from(posting.level)].push(Candidate { posting, anchors: 2, start, end });
        });
    }

    /// Follows a way from its anchor to both ends.
    fn follow(&self, view: View<'_>, candidate: &Candidate, mut see: impl FnMut(u32, Found)) {
        let &Candidate { posting, anchors, start, end } = candidate;
        if posting.whole {
            return see(posting.way, Found { start, starts: 1, end, ends: 1 });
        }
        let way = self.ways[posting.way as usize];
        let steps = self.steps(way);
        let step = usize::from(posting.step);
        let ends = view.forward(&steps[step + usize::from(anchors)..], end as usize);
        if ends == 0 {
            return;
        }
        let starts = view.backward(&steps[..step], start as usize);
        if starts != 0 {
            see(way.of, Found { start, starts, end, ends });
        }
    }
}

/// The set without a pair.
const NO_PAIR: u32 = 0;

/// Sets of pairs. Each is a summary of the blocks of 64 that are not empty, and behind it those blocks.
#[derive(Debug, Default)]
struct PairSets {
    /// Words of a summary.
    width: usize,
    sets: Vec<u64>,
}

impl PairSets {
    /// For so many pairs.
    fn new(pairs: usize) -> Self {
        let width = pairs.div_ceil(64 * 64);
        Self { width, sets: vec![0; width.max(1)] }
    }

    /// Adds a set of pairs, sorted; says where it is.
    fn add(&mut self, pairs: &[u32]) -> u32 {
        let start = self.sets.len();
        self.sets.resize(start + self.width, 0);
        for block in pairs.chunk_by(|a, b| a / 64 == b / 64) {
            let number = block[0] as usize / 64;
            self.sets[start + number / 64] |= 1 << (number % 64);
            self.sets.push(block.iter().fold(0, |bits, pair| bits | 1 << (pair % 64)));
        }
        start as u32
    }

    /// Calls `see` with each pair that is in both sets.
    fn common(&self, one: u32, other: u32, mut see: impl FnMut(usize)) {
        if one == NO_PAIR || other == NO_PAIR {
            return;
        }
        let (one, other) = (&self.sets[one as usize..], &self.sets[other as usize..]);
        let (mut one_at, mut other_at) = (self.width, self.width);
        for word in 0..self.width {
            let mut both = one[word] & other[word];
            while both != 0 {
                let block = both.trailing_zeros();
                both &= both - 1;
                let before = |summary: u64| (summary & ((1 << block) - 1)).count_ones() as usize;
                let mut pairs = one[one_at + before(one[word])] & other[other_at + before(other[word])];
                while pairs != 0 {
                    see((word * 64 + block as usize) * 64 + pairs.trailing_zeros() as usize);
                    pairs &= pairs - 1;
                }
            }
            one_at += one[word].count_ones() as usize;
            other_at += other[word].count_ones() as usize;
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
    /// How often items of a class stand in ordinary text.
    pub(super) fn class(&self, class: Class) -> u64 {
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

/// Files phrases and rows.
pub(super) struct Filing {
    filed: Filed,
    single: Vec<Vec<Posting>>,
    pairs: Vec<((Class, Class), Posting)>,
}

impl Filing {
    pub(super) fn new(kinds: usize) -> Self {
        Self { filed: Filed::default(), single: vec![Vec::new(); kinds], pairs: Vec::new() }
    }

    /// Files a row under its level, which begins at 1, or a phrase above all of them; `of` is the row's kind or the
    /// phrase's number.
    pub(super) fn add(&mut self, of: u32, level: usize, steps: &[Step], costs: &Costs<'_>) {
        let filed = &mut self.filed;
        let level = level as u8;
        filed.top = filed.top.max(level);
        for steps in costs.ways(steps) {
            let (way, first) = (filed.ways.len() as u32, filed.steps.len() as u32);
            let posting = |step, anchors| {
                let whole = steps.len() == anchors;
                Posting { way: if whole { of } else { way }, step: step as u16, level, whole }
            };
            match costs.anchor(&steps) {
                Some((_, Anchor::Item(at))) => {
                    let Step::Item(class) = steps[at] else { continue };
                    costs.kinds[class as usize]
                        .iter()
                        .for_each(|&kind| self.single[kind as usize].push(posting(at, 1)));
                }
                Some((_, Anchor::Pair(at))) => {
                    let (Step::Item(left), Step::Item(right)) = (steps[at], steps[at + 1]) else { continue };
                    self.pairs.push(((left, right), posting(at, 2)));
                }
                None => {}
            }
            filed.ways.push(Way { first, len: steps.len() as u16, level, of });
            filed.steps.extend_from_slice(&steps);
        }
    }

    pub(super) fn finish(mut self, costs: &Costs<'_>) -> Filed {
        let Self { filed, single, pairs } = &mut self;
        filed.anchors = vec![Anchors::default(); single.len()];
        let mut seen = HashMap::new();
        for (anchors, postings) in filed.anchors.iter_mut().zip(&*single) {
            anchors.single = *seen.entry(postings).or_insert_with(|| {
                filed.single.extend_from_slice(postings);
                (filed.single.len() - postings.len()) as u32
            });
            anchors.singles = postings.len() as u32;
        }
        pairs.sort_unstable();
        let (mut left, mut right) = (vec![Vec::new(); single.len()], vec![Vec::new(); single.len()]);
        for (pair, &((begin, end), posting)) in (0..).zip(&*pairs) {
            costs.kinds[begin as usize].iter().for_each(|&kind| left[kind as usize].push(pair));
            costs.kinds[end as usize].iter().for_each(|&kind| right[kind as usize].push(pair));
            filed.pairs.push(posting);
        }
        filed.sets = PairSets::new(pairs.len());
        let mut seen = HashMap::from([(Vec::new(), NO_PAIR)]);
        let mut set = |pairs: Vec<u32>| *seen.entry(pairs).or_insert_with_key(|pairs| filed.sets.add(pairs));
        for (anchors, (left, right)) in filed.anchors.iter_mut().zip(left.into_iter().zip(right)) {
            (anchors.left, anchors.right) = (set(left), set(right));
        }
        for room in [&mut filed.single, &mut filed.pairs] {
            room.shrink_to_fit();
        }
        filed.ways.shrink_to_fit();
        filed.steps.shrink_to_fit();
        filed.sets.sets.shrink_to_fit();
        self.filed
    }
}
