//! Phrases, filed under the rarest of the words that they cannot do without: their anchors. In: compiled phrases. Out:
//! those of them that stand in a comment. A phrase is looked at only where its anchor stands between neighbours that it
//! allows, and followed only in the windows where that look found nothing against it.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::classes::{Class, NOT_WATCHED, Present, Sets, Watched};
use super::edge::{Beside, SlotEdge, edge};
use super::pattern::{Masks, NO_CLASS, Part, PartId, Patterns, STEP, Slot, Tokens, WINDOW, of_slot, windows};
use super::vocabulary::Sym;

/// A phrase and what its match means.
#[derive(Clone, Copy, Debug)]
struct Phrase {
    root: PartId,
    /// Most words it can span.
    longest: u8,
    /// What its match means, in the roles from here on: many entries may ask for the same words.
    roles: u32,
    role_count: u32,
}

/// Where a match stands, in words.
pub(super) type Place = (u32, u32);

/// Phrases by anchor.
#[derive(Debug)]
pub(super) struct Filed<R> {
    phrases: Vec<Phrase>,
    roles: Vec<R>,
    postings: Vec<Posting>,
    /// By class: where its postings begin; one more than there are.
    first: Vec<u32>,
    by_slot: Vec<(Slot, Posting)>,
}

/// A phrase under one of its anchors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Posting {
    phrase: u32,
    /// The classes that the words beside the anchor must be of, or [`NO_CLASS`].
    before: Class,
    after: Class,
    /// The part of the phrase that the anchor stands in.
    child: u16,
    /// How many words of the part stand before the anchor, or [`UNKNOWN`].
    offset: u8,
    /// Most words of the phrase.
    reach: u8,
    /// Whether the phrase asks for an end of the comment.
    ends: Ends,
    /// Watched classes of which words must stand nearby, or [`NOT_WATCHED`].
    also: [Watched; 2],
    /// The words in a row that are all of the phrase where this is its anchor, or [`NO_ROW`].
    row: PartId,
}

/// More than words in a row.
const NO_ROW: PartId = PartId::MAX;

/// Which ends of the comment a phrase asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Ends {
    start: bool,
    end: bool,
}

impl Ends {
    fn of(patterns: &Patterns, root: PartId) -> Self {
        let parts = patterns.sequence(&root);
        let has = |wanted: Part| parts.iter().any(|&part| patterns.part(part) == wanted);
        Self { start: has(Part::Start), end: has(Part::End) }
    }

    /// Whether a phrase around this word reaches the ends that it asks for.
    fn reached(self, word: usize, words: usize, reach: usize) -> bool {
        (!self.start || word <= reach) && (!self.end || word + reach >= words)
    }
}

/// The anchor may be any word of its part.
const UNKNOWN: u8 = u8::MAX;

/// Rooms that are used again.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    /// Window and phrase.
    worth: Vec<(u32, u32)>,
    /// Phrase, end, start: for each end the nearest start comes first.
    found: Vec<(u32, u32, Reverse<u32>)>,
    places: Vec<Place>,
    masks: Masks,
    /// How often each phrase was looked at in this comment, and which were.
    looks: Vec<u8>,
    looked_at: Vec<u32>,
}

/// A phrase that was looked at so often in one comment is followed window by window.
const OFTEN: u8 = 8;

impl Rooms {
    fn clear(&mut self) {
        self.worth.clear();
        self.found.clear();
        self.looked_at.drain(..).for_each(|phrase| self.looks[phrase as usize] = 0);
    }

    fn is_often(&mut self, phrase: u32) -> bool {
        if self.looks.len() <= phrase as usize {
            self.looks.resize(phrase as usize + 1, 0);
        }
        let looks = &mut self.looks[phrase as usize];
        if *looks == 0 {
            self.looked_at.push(phrase);
        }
        *looks = (*looks + 1).min(OFTEN);
        *looks == OFTEN
    }

    /// What is known of the window that was looked at last.
    pub(super) fn masks(&mut self) -> &mut Masks {
        &mut self.masks
    }
}

impl<R: Copy> Filed<R> {
    /// What a phrase's match means.
    pub(super) fn roles(&self, phrase: u32) -> &[R] {
        let Phrase { roles, role_count, .. } = self.phrases[phrase as usize];
        &self.roles[roles as usize..(roles + role_count) as usize]
    }

    /// Calls `see` with each phrase that matches and the place; of those of a phrase that overlap only with the first.
    pub(super) fn find(
        &self,
        patterns: &Patterns,
        tokens: Tokens<'_>,
        rooms: &mut Rooms,
        mut see: impl FnMut(u32, Place),
    ) {
        rooms.clear();
        self.look(patterns, tokens, rooms);
        self.follow(patterns, tokens, rooms);
        rooms.found.sort_unstable();
        rooms.found.dedup();
        let mut free = (u32::MAX, 0);
        for &(phrase, end, Reverse(start)) in &rooms.found {
            if free.0 != phrase || free.1 <= start {
                free = (phrase, end);
                see(phrase, (start, end));
            }
        }
    }

    /// Looks at each phrase wherever its anchor stands.
    fn look(&self, patterns: &Patterns, tokens: Tokens<'_>, rooms: &mut Rooms) {
        for word in 0..tokens.len() {
            for &class in tokens.classes.anchors(tokens.facts[word + 1], tokens.own) {
                let (first, end) = (self.first[class as usize] as usize, self.first[class as usize + 1] as usize);
                for posting in &self.postings[first..end] {
                    self.look_at(patterns, tokens, posting, word, rooms);
                }
            }
        }
        if tokens.hits.is_empty() {
            return;
        }
        for (slot, posting) in &self.by_slot {
            for hit in of_slot(tokens.hits, *slot) {
                self.look_at(patterns, tokens, posting, hit.start as usize, rooms);
            }
        }
    }

    fn look_at(&self, patterns: &Patterns, tokens: Tokens<'_>, posting: &Posting, word: usize, rooms: &mut Rooms) {
        let reach = posting.reach.into();
        let near = if tokens.emoji { u64::MAX } else { Present::near(word, reach) };
        if !tokens.emoji && !posting.ends.reached(word, tokens.len(), reach)
            || posting.also.iter().any(|&class| !tokens.present.stands(class, near))
            || !tokens.beside(word, posting.before)
            || !tokens.beside(word + 2, posting.after)
        {
            return;
        }
        let phrase = &self.phrases[posting.phrase as usize];
        if posting.row != NO_ROW && !tokens.emoji {
            // Words in a row stand in one place only.
            if let Some(start) = word.checked_sub(posting.offset.into())
                && let Some(end) = patterns.row_end(tokens, posting.row, start)
            {
                rooms.found.push((posting.phrase, end as u32, Reverse(start as u32)));
            }
            return;
        }
        let offset = (posting.offset != UNKNOWN).then_some(posting.offset.into());
        let (pattern, anchor) = ((phrase.root, phrase.longest.into()), (posting.child.into(), offset));
        // In a long comment a word may stand many times: from then on the phrase is followed once for each window.
        let often = tokens.len() > WINDOW && rooms.is_often(posting.phrase);
        if !patterns.matches_at(tokens, pattern, anchor, word, if often { None } else { Some(&mut rooms.places) }) {
            return;
        }
        rooms.found.extend(rooms.places.drain(..).map(|(start, end)| (posting.phrase, end, Reverse(start))));
        if often {
            let window = word / STEP;
            rooms.worth.push((window as u32, posting.phrase));
            if window + 1 < windows(tokens.len()) {
                rooms.worth.push((window as u32 + 1, posting.phrase));
            }
        }
    }

    /// Follows phrases in the windows that are worth it.
    fn follow(&self, patterns: &Patterns, tokens: Tokens<'_>, rooms: &mut Rooms) {
        rooms.worth.sort_unstable();
        rooms.worth.dedup();
        let mut last = None;
        for &(window, phrase) in &rooms.worth {
            if last.replace(window) != Some(window) {
                rooms.masks.next_window();
            }
            let root = self.phrases[phrase as usize].root;
            patterns.matches(tokens, root, window as usize, &rooms.masks, &mut rooms.places);
            rooms.found.extend(rooms.places.drain(..).map(|(start, end)| (phrase, end, Reverse(start))));
        }
    }
}

/// Phrases on the way to being filed.
#[derive(Debug)]
pub(super) struct Filing<R> {
    phrases: Vec<Phrase>,
    by_root: HashMap<PartId, usize>,
    roles: Vec<Vec<R>>,
    anchors: Vec<Vec<Anchor>>,
    /// For each phrase what it needs beside its anchor.
    also: Vec<Vec<Also>>,
}

/// What [`Filing::beside`] says of a filing: classes by their old numbers.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// For each anchor of each phrase what stands before and after it.
    beside: Vec<Vec<(Option<Class>, Option<Class>)>>,
    /// For each phrase what it needs nearby; `None` is a question mark.
    also: Vec<Vec<Option<Class>>>,
}

/// What a phrase needs somewhere near its anchor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Also {
    /// A question mark.
    Asked,
    /// One of these words; how common they are comes first.
    Words(u64, Vec<Sym>),
}

impl Asked {
    /// The classes to watch, sorted; `more` are others'.
    pub(super) fn watched(&self, more: impl Iterator<Item = Class>) -> Vec<Class> {
        let mut watched: Vec<Class> = self.also.iter().flatten().copied().flatten().chain(more).collect();
        watched.sort_unstable();
        watched.dedup();
        watched
    }
}

/// What must stand in a comment for a phrase to be worth a look.
#[derive(Clone, Debug)]
struct Anchor {
    on: On,
    child: u16,
    /// How many words of the child stand before it, where that can be said.
    offset: Option<u8>,
    /// The words in a row that it stands in, where those are all of the phrase.
    row: Option<PartId>,
    before: Beside,
    after: Beside,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum On {
    Class(Class),
    Slot(Slot),
}

/// What choosing anchors asks of the lexicons.
pub(super) struct Costs<'c> {
    pub(super) patterns: &'c Patterns,
    /// How often the words of a class stand in ordinary text.
    pub(super) class: &'c dyn Fn(Class) -> u64,
    /// The ranges of a slot, and whether more are found in the text itself.
    pub(super) slot: &'c dyn Fn(Slot) -> (&'c [PartId], bool),
    pub(super) edge: &'c SlotEdge<'c>,
}

impl<R: Copy> Filing<R> {
    pub(super) fn new() -> Self {
        Self { phrases: Vec::new(), by_root: HashMap::new(), roles: Vec::new(), anchors: Vec::new(), also: Vec::new() }
    }

    pub(super) fn add(&mut self, root: PartId, longest: u8, role: R) {
        let next = self.phrases.len();
        let phrase = *self.by_root.entry(root).or_insert(next);
        if phrase == next {
            self.phrases.push(Phrase { root, longest, roles: 0, role_count: 0 });
            self.roles.push(Vec::new());
        }
        self.roles[phrase].push(role);
    }

    /// Chooses each phrase's anchors and gives the classes that phrases are filed under.
    pub(super) fn choose(&mut self, costs: &Costs<'_>, sets: &Sets) -> Vec<Class> {
        let mut classes = Vec::new();
        for phrase in &self.phrases {
            let anchors = phrase_anchors(phrase.root, costs, sets);
            self.also.push(also(phrase.root, &anchors, costs, sets));
            classes.extend(anchors.iter().filter_map(|anchor| match anchor.on {
                On::Class(class) => Some(class),
                On::Slot(_) => None,
            }));
            self.anchors.push(anchors);
        }
        classes
    }

    /// The classes that anchors ask for around them.
    pub(super) fn asked(&mut self, sets: &mut Sets) -> Asked {
        let mut class = |beside: &Beside| match beside {
            Beside::Words { words, may_be_nothing: false } if words.len() <= MOST_BESIDE => {
                Some(sets.beside(words.clone()))
            }
            _ => None,
        };
        let mut both = |anchor: &Anchor| (class(&anchor.before), class(&anchor.after));
        let beside = self.anchors.iter().map(|anchors| anchors.iter().map(&mut both).collect()).collect();
        let also = std::mem::take(&mut self.also);
        let mut class = |also: Also| match also {
            Also::Asked => None,
            Also::Words(_, words) => Some(sets.beside(words)),
        };
        let mut classes = |of_phrase: Vec<Also>| of_phrase.into_iter().map(&mut class).collect();
        Asked { beside, also: also.into_iter().map(&mut classes).collect() }
    }

    /// Files the phrases; `classes` is how many classes phrases are filed under.
    pub(super) fn file(
        self,
        patterns: &Patterns,
        asked: &Asked,
        watched: &[Class],
        numbers: &[Class],
        classes: usize,
    ) -> Filed<R> {
        let ends: Vec<Ends> = self.phrases.iter().map(|phrase| Ends::of(patterns, phrase.root)).collect();
        let mut filed = Filed {
            phrases: self.phrases,
            roles: Vec::new(),
            postings: Vec::new(),
            first: Vec::new(),
            by_slot: Vec::new(),
        };
        for (phrase, roles) in filed.phrases.iter_mut().zip(self.roles) {
            (phrase.roles, phrase.role_count) = (filed.roles.len() as u32, roles.len() as u32);
            filed.roles.extend(roles);
        }
        let number = |class: Option<Class>| class.map_or(NO_CLASS, |class| numbers[class as usize]);
        let mut postings = Vec::new();
        let watched = |class: &Option<Class>| match class {
            Some(class) => watched.binary_search(class).map_or(NOT_WATCHED, |at| at as Watched),
            None => watched.len() as Watched,
        };
        for (phrase, (anchors, beside)) in self.anchors.iter().zip(&asked.beside).enumerate() {
            let mut also = asked.also[phrase].iter().map(watched).chain([NOT_WATCHED; 2]);
            let also = [also.next().unwrap_or(NOT_WATCHED), also.next().unwrap_or(NOT_WATCHED)];
            for (anchor, &(before, after)) in anchors.iter().zip(beside) {
                let posting = Posting {
                    phrase: phrase as u32,
                    before: number(before),
                    after: number(after),
                    child: anchor.child,
                    offset: anchor.offset.unwrap_or(UNKNOWN),
                    reach: filed.phrases[phrase].longest,
                    ends: ends[phrase],
                    also,
                    row: anchor.row.unwrap_or(NO_ROW),
                };
                match anchor.on {
                    On::Class(class) => postings.push((numbers[class as usize], posting)),
                    On::Slot(slot) => {
                        let posting = Posting { before: NO_CLASS, after: NO_CLASS, row: NO_ROW, ..posting };
                        filed.by_slot.push((slot, posting));
                    }
                }
            }
        }
        postings.sort_unstable();
        postings.dedup();
        filed.first =
            (0..=classes as Class).map(|class| postings.partition_point(|&(other, _)| other < class) as u32).collect();
        filed.postings = postings.into_iter().map(|(_, posting)| posting).collect();
        filed
    }
}

/// What names, amounts and web addresses cost, compared with words: most texts have none.
const FOUND_COST: u64 = 300;

/// What costs more than this stands in every other comment, so that watching it says nothing.
const MOST_WATCHED: u64 = 4000;

/// More words than this beside an anchor say nothing.
const MOST_BESIDE: usize = 600;

/// The anchors of a phrase, of which one must stand in a comment: those of its rarest part.
fn phrase_anchors(root: PartId, costs: &Costs<'_>, sets: &Sets) -> Vec<Anchor> {
    let parts = costs.patterns.sequence(&root);
    let (nothing, chooser) = (Beside::nothing(), Chooser { costs, sets });
    let row = costs.patterns.is_row(root).then_some(root);
    let best = (0..parts.len()).filter_map(|child| Some((chooser.child(parts, child, &nothing, &nothing)?, child)));
    best.min_by_key(|((cost, _), _)| *cost).map_or_else(Vec::new, |((_, mut anchors), child)| {
        for anchor in &mut anchors {
            anchor.child = child as u16;
            if parts.len() > 1 {
                anchor.row = row;
                // From the beginning of the row instead of from that of the child.
                anchor.offset = if row.is_some() { Some(child as u8) } else { anchor.offset };
            }
        }
        anchors
    })
}

/// What a phrase needs beside its anchor: the rarest of its other parts, two at most.
fn also(root: PartId, anchors: &[Anchor], costs: &Costs<'_>, sets: &Sets) -> Vec<Also> {
    let Some(anchor) = anchors.first() else { return Vec::new() };
    rarest(root, Some(anchor.child.into()), costs, sets, 2)
}

/// What must stand in a comment for a phrase to: its rarest parts, so many at most and without one of them.
fn rarest(root: PartId, without: Option<usize>, costs: &Costs<'_>, sets: &Sets, most: usize) -> Vec<Also> {
    let (nothing, chooser) = (Beside::nothing(), Chooser { costs, sets });
    let parts = costs.patterns.sequence(&root);
    let others = (0..parts.len()).filter(|&child| Some(child) != without);
    let mut needs: Vec<Also> = others
        .filter_map(|child| {
            if costs.patterns.part(parts[child]) == Part::Asked(true) {
                return Some(Also::Asked);
            }
            let (cost, anchors) = chooser.child(parts, child, &nothing, &nothing)?;
            let classes = needed(&anchors).filter(|_| cost <= MOST_WATCHED)?;
            Some(Also::Words(cost, classes.into_iter().flat_map(|class| sets.words(class)).copied().collect()))
        })
        .collect();
    needs.sort();
    needs.truncate(most);
    needs
}

/// For a phrase that is not filed: three sets of words, of each of which one must stand near a match; `None` is a
/// question mark.
pub(super) fn needs(root: PartId, costs: &Costs<'_>, sets: &Sets) -> Vec<Option<Vec<Sym>>> {
    let words = |also: Also| match also {
        Also::Asked => None,
        Also::Words(_, words) => Some(words),
    };
    rarest(root, None, costs, sets, 3).into_iter().map(words).collect()
}

/// The classes of which one must stand in a comment; `None` where a slot would do as well.
fn needed(anchors: &[Anchor]) -> Option<Vec<Class>> {
    let class = |anchor: &Anchor| match anchor.on {
        On::Class(class) => Some(class),
        On::Slot(_) => None,
    };
    anchors.iter().map(class).collect()
}

struct Chooser<'s, 'c> {
    costs: &'s Costs<'c>,
    sets: &'s Sets,
}

impl Chooser<'_, '_> {
    fn edge(&self, part: PartId, last: bool) -> Beside {
        edge(self.costs.patterns, self.sets, self.costs.edge, part, last)
    }

    /// The anchors of one of several parts in a row, between what stands around them all.
    fn child(&self, parts: &[PartId], child: usize, before: &Beside, after: &Beside) -> Option<(u64, Vec<Anchor>)> {
        let (front, back) = (&parts[..child], &parts[child + 1..]);
        let before = || {
            front
                .iter()
                .rev()
                .fold(Beside::nothing(), |beside, &part| beside.or_next(|| self.edge(part, true)))
                .or_next(|| before.clone())
        };
        let after = || {
            back.iter()
                .fold(Beside::nothing(), |beside, &part| beside.or_next(|| self.edge(part, false)))
                .or_next(|| after.clone())
        };
        self.anchors(parts[child], &before, &after)
    }

    fn anchors(
        &self,
        part: PartId,
        before: &dyn Fn() -> Beside,
        after: &dyn Fn() -> Beside,
    ) -> Option<(u64, Vec<Anchor>)> {
        let on = |on| Anchor { on, child: 0, offset: Some(0), row: None, before: before(), after: after() };
        match self.costs.patterns.part(part) {
            Part::Word(class) => {
                Some(((self.costs.class)(class), vec![Anchor { row: Some(part), ..on(On::Class(class)) }]))
            }
            Part::Slot(slot, class) => {
                let (ranges, found) = (self.costs.slot)(slot);
                // A slot's single words are a row of one word, which the slot itself stands for.
                let (mut cost, mut all) =
                    ((self.costs.class)(class), vec![Anchor { row: Some(part), ..on(On::Class(class)) }]);
                if found {
                    cost += FOUND_COST;
                    all.push(on(On::Slot(slot)));
                }
                for &range in ranges {
                    let (own_cost, own) = self.anchors(range, before, after)?;
                    cost += own_cost;
                    all.extend(own);
                }
                Some((cost, all))
            }
            Part::Seq(first, len) => {
                let parts = self.costs.patterns.children(first, len);
                let (before, after) = (before(), after());
                (0..parts.len())
                    .filter_map(|child| {
                        let (cost, mut anchors) = self.child(parts, child, &before, &after)?;
                        let words = |part: &PartId| matches!(self.costs.patterns.part(*part), Part::Word(_));
                        let known = parts[..child].iter().all(words).then_some(child as u8);
                        let row = self.costs.patterns.is_row(part).then_some(part);
                        for anchor in &mut anchors {
                            anchor.offset = anchor.offset.zip(known).map(|(offset, before)| offset + before);
                            anchor.row = row;
                        }
                        Some((cost, anchors))
                    })
                    .min_by_key(|&(cost, _)| cost)
            }
            Part::Alt(first, len) => {
                self.costs.patterns.children(first, len).iter().try_fold((0, Vec::new()), |(sum, mut all), &part| {
                    let (cost, own) = self.anchors(part, before, after)?;
                    all.extend(own);
                    Some((sum + cost, all))
                })
            }
            Part::Opt(_) | Part::Gap(_) | Part::Start | Part::End | Part::Asked(_) => None,
        }
    }
}
