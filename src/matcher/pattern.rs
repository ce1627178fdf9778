//! Phrases, compiled: following one through a text. In: phrases, and the words of a comment as classes. Out: the word
//! ranges that a phrase matches. All places it could stand at are followed at once as bits of one number, so time is
//! linear in the text whatever an admin wrote. All phrases share one flat arena; equal parts stand there once.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};

use super::classes::{Class, Classes, Facts, Present, Sets};
use super::rows::Rows;
use super::vocabulary::{Sym, Vocabulary};
use crate::lexicon::phrase::{Builtin, Form, MAX_WORDS, Node, longest};
use crate::text::Folded;

/// What is found before the phrases are: the hits of one list, or of one built-in.
pub(super) type Slot = u32;

/// The place of a part in the arena.
pub(super) type PartId = u32;

/// The parts of all phrases.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    parts: Vec<Part>,
    children: Vec<PartId>,
    rows: Rows,
}

/// So many alternatives of several words, or more, are sought like the phrases of a list: before the phrases are.
const MANY: usize = 3;

/// A part of a phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// A word of this class.
    Word(Class),
    /// A word of this class, or a range of words found beforehand: a list's or a built-in's.
    Slot(Slot, Class),
    /// One after the other; the range stands among the children.
    Seq(u32, u16),
    /// Any of these.
    Alt(u32, u16),
    /// This or nothing.
    Opt(PartId),
    /// Up to so many words of the same sentence.
    Gap(u8),
    Start,
    End,
    Asked(bool),
}

/// What a list or built-in is to the phrases that name it.
#[derive(Clone, Debug, Default)]
pub(super) struct ListFacts {
    pub(super) slot: Slot,
    /// Its single words.
    pub(super) words: Vec<Sym>,
    /// Some are rows of several words, or are found in the text itself.
    pub(super) ranges: bool,
    /// Phrases that are neither.
    pub(super) others: Vec<PartId>,
}

/// Lists by name, built-ins among them.
pub(super) type Lists = BTreeMap<String, ListFacts>;

/// Puts phrases into the arena.
#[derive(Debug, Default)]
pub(super) struct PatternCompiler {
    patterns: Patterns,
    seen: HashMap<Part, PartId>,
    sequences: HashMap<Vec<PartId>, u32>,
    /// Alternatives that are sought beforehand.
    slots: HashMap<Vec<PartId>, Slot>,
    rows: Vec<(Slot, PartId)>,
    /// Slots from here on are nobody's list, but alternatives inside phrases.
    first_unnamed: Slot,
}

impl PatternCompiler {
    /// Compiles a phrase.
    pub(super) fn compile(
        &mut self,
        node: &Node,
        vocabulary: &mut Vocabulary,
        sets: &mut Sets,
        lists: &Lists,
    ) -> PartId {
        let part = match node {
            Node::Word(forms) => Part::Word(sets.class(numbers(forms, vocabulary))),
            Node::Seq(nodes) => {
                let parts = nodes.iter().map(|node| self.compile(node, vocabulary, sets, lists)).collect();
                let (first, len) = self.children(parts);
                Part::Seq(first, len)
            }
            Node::Alt(nodes) => return self.alternatives(nodes, vocabulary, sets, lists),
            Node::Opt(node) => Part::Opt(self.compile(node, vocabulary, sets, lists)),
            Node::Gap(words) => Part::Gap(*words),
            Node::List(name) => self.list(lists.get(name), sets),
            Node::Builtin(builtin) => self.list(lists.get(builtin_name(*builtin)), sets),
            Node::Start => Part::Start,
            Node::End => Part::End,
            Node::Asked(asked) => Part::Asked(*asked),
        };
        self.add(part)
    }

    fn list(&mut self, list: Option<&ListFacts>, sets: &mut Sets) -> Part {
        match list {
            Some(list) => {
                let class = sets.class(list.words.clone());
                let part = if list.ranges { Part::Slot(list.slot, class) } else { Part::Word(class) };
                if list.others.is_empty() {
                    return part;
                }
                let parts = [self.add(part)].into_iter().chain(list.others.iter().copied()).collect();
                let (first, len) = self.children(parts);
                Part::Alt(first, len)
            }
            // A list that is not there was complained of when the files were read; here it never matches.
            None => Part::Word(sets.class(Vec::new())),
        }
    }

    /// Alternatives of one word each are one class.
    fn alternatives(&mut self, nodes: &[Node], vocabulary: &mut Vocabulary, sets: &mut Sets, lists: &Lists) -> PartId {
        let (mut words, mut others) = (Vec::new(), Vec::new());
        flatten(nodes, vocabulary, &mut words, &mut others);
        let others: Vec<PartId> = others.into_iter().map(|node| self.compile(node, vocabulary, sets, lists)).collect();
        let (mut rows, mut parts): (Vec<PartId>, Vec<PartId>) =
            others.into_iter().partition(|&part| self.patterns.is_row(part));
        if rows.len() >= MANY {
            rows.sort_unstable();
            rows.dedup();
            let slot = self.slot(rows);
            parts.push(self.add(Part::Slot(slot, sets.class(words))));
        } else {
            if !words.is_empty() {
                parts.push(self.add(Part::Word(sets.class(words))));
            }
            parts.extend(rows);
        }
        if let [part] = parts.as_slice() {
            return *part;
        }
        let (first, len) = self.children(parts);
        self.add(Part::Alt(first, len))
    }

    /// The slot of these alternatives, which are words in a row.
    fn slot(&mut self, rows: Vec<PartId>) -> Slot {
        let next = self.first_unnamed + self.slots.len() as Slot;
        let slot = *self.slots.entry(rows.clone()).or_insert(next);
        if slot == next {
            self.rows.extend(rows.into_iter().map(|row| (slot, row)));
        }
        slot
    }

    /// How many slots belong to lists and built-ins; those of alternatives follow.
    pub(super) fn name_slots(&mut self, named: Slot) {
        self.first_unnamed = named;
    }

    /// A row of words of a list.
    pub(super) fn row(&mut self, slot: Slot, words: Vec<Vec<Sym>>, sets: &mut Sets) {
        let words = words.into_iter().map(|word| self.add(Part::Word(sets.class(word)))).collect();
        let (first, len) = self.children(words);
        let row = self.add(Part::Seq(first, len));
        self.rows.push((slot, row));
    }

    /// Every row with its slot.
    pub(super) fn rows(&self) -> &[(Slot, PartId)] {
        &self.rows
    }

    fn children(&mut self, parts: Vec<PartId>) -> (u32, u16) {
        let (len, end) = (parts.len() as u16, self.patterns.children.len() as u32);
        let first = *self.sequences.entry(parts.clone()).or_insert(end);
        if first == end {
            self.patterns.children.extend(parts);
        }
        (first, len)
    }

    fn add(&mut self, part: Part) -> PartId {
        let next = self.patterns.parts.len() as PartId;
        let id = *self.seen.entry(part).or_insert(next);
        if id == next {
            self.patterns.parts.push(part);
        }
        id
    }

    /// The parts so far.
    pub(super) fn patterns(&self) -> &Patterns {
        &self.patterns
    }

    /// The arena, with the classes' new numbers.
    /// `edges` are the words that the rows of each slot begin and end with.
    pub(super) fn finish(
        mut self,
        numbers: &[Class],
        members: &[(Class, u32)],
        edges: &[(Option<Class>, Option<Class>)],
    ) -> Patterns {
        for part in &mut self.patterns.parts {
            if let Part::Word(class) | Part::Slot(_, class) = part {
                *class = numbers[*class as usize];
            }
        }
        let row = |&(slot, row): &(Slot, PartId)| {
            let words = self.patterns.sequence(&row);
            let Part::Word(first) = self.patterns.part(*words.first()?) else { return None };
            Some((slot, first, words.len() as u8, row))
        };
        let rows: Vec<_> = self.rows.iter().filter_map(row).collect();
        let numbered = |class: Option<Class>| class.map_or(NO_CLASS, |class| numbers[class as usize]);
        let edges = edges.iter().map(|&(first, last)| (numbered(first), numbered(last))).collect();
        self.patterns.rows = Rows::new(&rows, edges, members);
        self.patterns.parts.shrink_to_fit();
        self.patterns.children.shrink_to_fit();
        self.patterns
    }
}

/// Parts single words, which can be one class, from other alternatives. An emoji stays by itself, because phrases look
/// past emoji that they do not ask for.
fn flatten<'n>(nodes: &'n [Node], vocabulary: &mut Vocabulary, words: &mut Vec<Sym>, others: &mut Vec<&'n Node>) {
    for node in nodes {
        match node {
            Node::Word(forms) if forms.iter().all(|form| form.text.starts_with(char::is_alphanumeric)) => {
                words.extend(numbers(forms, vocabulary));
            }
            Node::Alt(nodes) => flatten(nodes, vocabulary, words, others),
            _ => others.push(node),
        }
    }
}

/// The numbers of a word's forms.
pub(super) fn numbers(forms: &[Form], vocabulary: &mut Vocabulary) -> Vec<Sym> {
    let number = |form: &Form| if form.prefix { vocabulary.prefix(&form.text) } else { vocabulary.word(&form.text) };
    forms.iter().map(number).collect()
}

/// What a built-in is called between angle brackets.
pub(super) fn builtin_name(builtin: Builtin) -> &'static str {
    Builtin::ALL.iter().find(|(_, other)| *other == builtin).map_or("", |(name, _)| name)
}

/// The built-ins come first among the slots.
pub(super) fn builtin_slot(builtin: Builtin) -> Slot {
    builtin as Slot
}

/// A range of words that was found before the phrases are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SlotHit {
    pub(super) slot: Slot,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// The words of a comment as the patterns see them.
#[derive(Clone, Copy)]
pub(super) struct Tokens<'t> {
    pub(super) folded: &'t Folded,
    pub(super) classes: &'t Classes,
    /// One before the first and one after the last word say that there is none.
    pub(super) facts: &'t [Facts],
    pub(super) own: &'t [Class],
    /// Names, amounts and web addresses, sorted.
    pub(super) hits: &'t [SlotHit],
    /// Where the watched classes stand.
    pub(super) present: &'t Present,
    /// Some word is an emoji.
    pub(super) emoji: bool,
}

impl Tokens<'_> {
    pub(super) fn len(&self) -> usize {
        self.folded.words.len()
    }

    /// Whether the word before (or, with 2, after) `at` may be of a class; emoji stand in nobody's way.
    pub(super) fn beside(&self, at: usize, class: Class) -> bool {
        class == NO_CLASS
            || self.classes.may_be(self.facts[at], class)
            || self.emoji && at.checked_sub(1).and_then(|at| self.folded.words.get(at)).is_some_and(|word| word.emoji)
    }

    fn is(&self, word: usize, class: Class) -> bool {
        self.classes.is(self.facts[word + 1], class, self.own)
    }

    fn is_other_emoji(&self, word: usize, class: Class) -> bool {
        self.emoji && self.folded.words[word].emoji && !self.is(word, class)
    }
}

/// Those of sorted hits that are a slot's.
pub(super) fn of_slot(hits: &[SlotHit], slot: Slot) -> &[SlotHit] {
    if hits.is_empty() {
        return &[];
    }
    let first = hits.partition_point(|hit| hit.slot < slot);
    let len = hits[first..].partition_point(|hit| hit.slot == slot);
    &hits[first..first + len]
}

/// Nothing is asked of a word.
pub(super) const NO_CLASS: Class = Class::MAX;

/// Which places of a comment stand where in a window, remembered while several phrases ask for the same.
#[derive(Debug)]
pub(super) struct Masks {
    window: u32,
    slots: Vec<Cell<(Class, u32, u128)>>,
}

impl Default for Masks {
    fn default() -> Self {
        Self { window: 0, slots: vec![Cell::new((0, 0, 0)); 256] }
    }
}

impl Masks {
    /// Forgets everything: another window or another comment comes.
    pub(super) fn next_window(&mut self) {
        self.window = self.window.wrapping_add(1);
        if self.window == 0 {
            *self = Self { window: 1, ..Self::default() };
        }
    }

    fn get(&self, class: Class, work: impl FnOnce() -> u128) -> u128 {
        let slot = &self.slots[class as usize % self.slots.len()];
        let (of, window, mask) = slot.get();
        if of == class && window == self.window {
            return mask;
        }
        let mask = work();
        slot.set((class, self.window, mask));
        mask
    }
}

/// A window of a comment; places are counted from its beginning, one more than words.
pub(super) struct Walk<'w> {
    patterns: &'w Patterns,
    tokens: Tokens<'w>,
    base: usize,
    len: usize,
    masks: Option<&'w Masks>,
    breaks: Cell<Option<u128>>,
}

/// Words of a comment that are looked at together at most; one place less than there are bits.
pub(super) const WINDOW: usize = 127;
/// Match ends that a window answers for, where a comment needs several.
pub(super) const STEP: usize = 64;

/// How many windows a comment of so many words has.
pub(super) fn windows(words: usize) -> usize {
    if words <= WINDOW { 1 } else { words.div_ceil(STEP) }
}

impl Patterns {
    pub(super) fn part(&self, id: PartId) -> Part {
        self.parts[id as usize]
    }

    pub(super) fn children(&self, first: u32, len: u16) -> &[PartId] {
        &self.children[first as usize..first as usize + usize::from(len)]
    }

    /// The parts that stand one after the other.
    pub(super) fn sequence<'p>(&'p self, root: &'p PartId) -> &'p [PartId] {
        match self.part(*root) {
            Part::Seq(first, len) => self.children(first, len),
            _ => std::slice::from_ref(root),
        }
    }

    /// The matches that the word at `at` is part of, as the anchor of the part `child`, of which it is the word with
    /// this offset where that can be said; perhaps some others beside it.
    pub(super) fn matches_at(
        &self,
        tokens: Tokens<'_>,
        (root, longest): (PartId, usize),
        (child, offset): (usize, Option<usize>),
        at: usize,
        out: Option<&mut Vec<(u32, u32)>>,
    ) -> bool {
        let walk = Walk::near(self, tokens, longest, at..at + 1);
        let (parts, place) = (self.sequence(&root), at - walk.base);
        let here = match offset {
            Some(offset) if !tokens.emoji => place.checked_sub(offset).map_or(0, |start| 1 << start),
            _ => below(place + 1),
        };
        let ends = parts[child..].iter().fold(here, |places, &part| walk.forward(part, places));
        if ends == 0 {
            return false;
        }
        let starts = parts[..child].iter().rev().fold(here, |places, &part| walk.backward(part, places));
        if starts == 0 {
            return false;
        }
        if let Some(out) = out {
            walk.matches(root, starts, 0, out);
        }
        true
    }

    /// Whether a part is nothing but words in a row.
    pub(super) fn is_row(&self, part: PartId) -> bool {
        self.sequence(&part).iter().all(|&part| matches!(self.part(part), Part::Word(_)))
    }

    /// Where a row of words ends that begins here, if it stands here; there are no emoji in the text. A slot stands for
    /// its single words, and its anchor has been seen.
    pub(super) fn row_end(&self, tokens: Tokens<'_>, row: PartId, start: usize) -> Option<usize> {
        if let Part::Slot(..) = self.part(row) {
            return Some(start + 1);
        }
        let words = self.sequence(&row);
        let stands = |(at, &part): (usize, &PartId)| match self.part(part) {
            Part::Word(class) => at < tokens.len() && tokens.is(at, class),
            _ => false,
        };
        (start..).zip(words).all(stands).then_some(start + words.len())
    }

    /// The matches that end in this window of the comment: for each end the nearest start.
    pub(super) fn matches(
        &self,
        tokens: Tokens<'_>,
        root: PartId,
        window: usize,
        masks: &Masks,
        out: &mut Vec<(u32, u32)>,
    ) {
        let walk = Walk::window(self, tokens, window, masks);
        // Before that, the window before this one answers.
        let first = if window == 0 { 0 } else { window * STEP - walk.base + 1 };
        walk.matches(root, full(walk.len), first, out);
    }

    /// The matches near these words: all that touch them, and perhaps others.
    pub(super) fn matches_near(
        &self,
        tokens: Tokens<'_>,
        root: PartId,
        longest: usize,
        words: std::ops::Range<usize>,
        out: &mut Vec<(u32, u32)>,
    ) {
        let walk = Walk::near(self, tokens, longest, words);
        walk.matches(root, full(walk.len), 0, out);
    }
}

fn full(len: usize) -> u128 {
    below(len + 1)
}

fn below(bits: usize) -> u128 {
    if bits >= 128 { u128::MAX } else { (1 << bits) - 1 }
}

impl<'w> Walk<'w> {
    fn window(patterns: &'w Patterns, tokens: Tokens<'w>, window: usize, masks: &'w Masks) -> Self {
        let words = tokens.len();
        let (base, end) = if words <= WINDOW {
            (0, words)
        } else {
            ((window * STEP).saturating_sub(MAX_WORDS + 2), words.min(window * STEP + STEP))
        };
        Self { patterns, tokens, base, len: end - base, masks: Some(masks), breaks: Cell::new(None) }
    }

    fn near(patterns: &'w Patterns, tokens: Tokens<'w>, longest: usize, words: std::ops::Range<usize>) -> Self {
        // Emoji are looked past, so with them a match may be longer than its words.
        let reach = if tokens.emoji { WINDOW / 2 } else { longest + 1 };
        let base = words.start.saturating_sub(reach);
        let len = (words.end + reach).min(tokens.len()).min(base + WINDOW) - base;
        Self { patterns, tokens, base, len, masks: None, breaks: Cell::new(None) }
    }

    fn matches(&self, root: PartId, from: u128, first: usize, out: &mut Vec<(u32, u32)>) {
        let mut ends = self.forward(root, from) & !below(first);
        while ends != 0 {
            let end = ends.trailing_zeros() as usize;
            ends &= ends - 1;
            let starts = self.backward(root, 1 << end);
            // The nearest start: the shortest match that ends here.
            let start = 127_usize.saturating_sub(starts.leading_zeros() as usize);
            if starts != 0 && start < end {
                out.push(((self.base + start) as u32, (self.base + end) as u32));
            }
        }
    }

    fn forward(&self, part: PartId, from: u128) -> u128 {
        if from == 0 {
            return 0;
        }
        match self.patterns.part(part) {
            Part::Word(class) => self.word_after(class, from),
            Part::Seq(first, len) => {
                self.patterns.children(first, len).iter().fold(from, |places, &part| self.forward(part, places))
            }
            Part::Alt(first, len) => {
                self.patterns.children(first, len).iter().fold(0, |places, &part| places | self.forward(part, from))
            }
            Part::Opt(part) => from | self.forward(part, from),
            Part::Gap(words) => {
                let (mut places, breaks) = (from, self.breaks());
                let mut edge = from & !breaks;
                for _ in 0..words {
                    edge = (edge << 1) & full(self.len) & !breaks;
                    places |= edge;
                }
                places
            }
            Part::Slot(slot, class) => {
                let reach = self.reach_after(from, class);
                let mut places = self.word_after(class, from) | self.rows_after(slot, reach);
                for hit in of_slot(self.tokens.hits, slot) {
                    if let (Some(start), Some(end)) = (self.place(hit.start), self.place(hit.end))
                        && reach >> start & 1 != 0
                    {
                        places |= 1 << end;
                    }
                }
                places
            }
            part @ (Part::Start | Part::End | Part::Asked(_)) => self.filter(part, from),
        }
    }

    fn backward(&self, part: PartId, from: u128) -> u128 {
        if from == 0 {
            return 0;
        }
        match self.patterns.part(part) {
            Part::Word(class) => self.word_before(class, from),
            Part::Seq(first, len) => {
                self.patterns.children(first, len).iter().rev().fold(from, |places, &part| self.backward(part, places))
            }
            Part::Alt(first, len) => {
                self.patterns.children(first, len).iter().fold(0, |places, &part| places | self.backward(part, from))
            }
            Part::Opt(part) => from | self.backward(part, from),
            Part::Gap(words) => {
                let (mut places, breaks) = (from, self.breaks());
                let mut edge = from & !breaks;
                for _ in 0..words {
                    edge = (edge >> 1) & !breaks;
                    places |= edge;
                }
                places
            }
            Part::Slot(slot, class) => {
                let reach = self.reach_before(from, class);
                let mut places = self.word_before(class, from) | self.rows_before(slot, reach);
                for hit in of_slot(self.tokens.hits, slot) {
                    if let (Some(start), Some(end)) = (self.place(hit.start), self.place(hit.end))
                        && reach >> end & 1 != 0
                    {
                        places |= 1 << start;
                    }
                }
                places
            }
            part @ (Part::Start | Part::End | Part::Asked(_)) => self.filter(part, from),
        }
    }

    fn word_after(&self, class: Class, from: u128) -> u128 {
        match self.masks {
            Some(masks) => (self.reach_after(from, class) & self.mask(class, masks)) << 1,
            None => self.each(self.reach_after(from, class), |place| {
                (place < self.len && self.tokens.is(self.base + place, class)).then_some(place + 1)
            }),
        }
    }

    fn word_before(&self, class: Class, from: u128) -> u128 {
        match self.masks {
            Some(masks) => (self.reach_before(from, class) >> 1) & self.mask(class, masks),
            None => self.each(self.reach_before(from, class), |place| {
                (place > 0 && self.tokens.is(self.base + place - 1, class)).then(|| place - 1)
            }),
        }
    }

    fn rows_after(&self, slot: Slot, from: u128) -> u128 {
        self.each_many(from, |place, out| {
            if place < self.len && self.tokens.beside(self.base + place + 1, self.patterns.rows.begin(slot)) {
                let rows = self.patterns.rows.starting(slot, self.tokens.facts[self.base + place + 1]);
                let ends = rows.iter().filter_map(|&(_, row)| self.row_end(row, place));
                ends.for_each(|end| *out |= 1 << end);
            }
        })
    }

    fn rows_before(&self, slot: Slot, from: u128) -> u128 {
        let longest = self.patterns.rows.longest(slot);
        if longest == 0 {
            return 0;
        }
        let longest = if self.tokens.emoji { WINDOW } else { longest };
        let close = self.patterns.rows.close(slot);
        self.each_many(from, |end, out| {
            if !self.tokens.beside(self.base + end, close) {
                return;
            }
            for start in end.saturating_sub(longest)..end {
                let rows = self.patterns.rows.starting(slot, self.tokens.facts[self.base + start + 1]);
                if rows.iter().any(|&(_, row)| self.row_end(row, start) == Some(end)) {
                    *out |= 1 << start;
                }
            }
        })
    }

    /// Where a row of words ends that begins here, if it stands here.
    fn row_end(&self, row: PartId, start: usize) -> Option<usize> {
        let mut at = start;
        for &word in self.patterns.sequence(&row) {
            let Part::Word(class) = self.patterns.part(word) else { return None };
            while at > start && at < self.len && self.tokens.is_other_emoji(self.base + at, class) {
                at += 1;
            }
            if at >= self.len || !self.tokens.is(self.base + at, class) {
                return None;
            }
            at += 1;
        }
        Some(at)
    }

    /// The words of this class, as bits.
    fn mask(&self, class: Class, masks: &Masks) -> u128 {
        masks.get(class, || {
            (0..self.len)
                .filter(|place| self.tokens.is(self.base + place, class))
                .fold(0, |mask, place| mask | 1 << place)
        })
    }

    /// These places and those behind emoji: between two words an emoji is punctuation, unless the phrase looks for it.
    fn reach_after(&self, from: u128, class: Class) -> u128 {
        if !self.tokens.emoji {
            return from;
        }
        self.each_many(from, |mut place, out| {
            *out |= 1 << place;
            while place < self.len && self.tokens.is_other_emoji(self.base + place, class) {
                place += 1;
                *out |= 1 << place;
            }
        })
    }

    /// These places and those before emoji.
    fn reach_before(&self, from: u128, class: Class) -> u128 {
        if !self.tokens.emoji {
            return from;
        }
        self.each_many(from, |mut place, out| {
            *out |= 1 << place;
            while place > 0 && self.tokens.is_other_emoji(self.base + place - 1, class) {
                place -= 1;
                *out |= 1 << place;
            }
        })
    }

    fn filter(&self, part: Part, from: u128) -> u128 {
        let words = &self.tokens.folded.words;
        self.each(from, |place| {
            let at = self.base + place;
            let holds = match part {
                Part::Start => words[..at].iter().all(|word| word.emoji),
                Part::End => words[at..].iter().all(|word| word.emoji),
                Part::Asked(asked) => self.tokens.folded.asked(at.saturating_sub(1)) == asked,
                _ => true,
            };
            holds.then_some(place)
        })
    }

    /// Places at which a new sentence begins: no gap crosses or touches one.
    fn breaks(&self) -> u128 {
        if let Some(breaks) = self.breaks.get() {
            return breaks;
        }
        let words = &self.tokens.folded.words[self.base..self.base + self.len];
        let begins = words.iter().enumerate().filter(|(place, word)| word.sentence_start && *place > 0);
        let breaks = begins.fold(0, |places, (place, _)| places | 1 << place);
        self.breaks.set(Some(breaks));
        breaks
    }

    fn place(&self, word: u32) -> Option<usize> {
        (word as usize).checked_sub(self.base).filter(|&place| place <= self.len)
    }

    fn each(&self, from: u128, step: impl Fn(usize) -> Option<usize>) -> u128 {
        self.each_many(from, |place, out| {
            if let Some(next) = step(place) {
                *out |= 1 << next;
            }
        })
    }

    #[expect(clippy::unused_self, reason = "one of the walk's own steps")]
    fn each_many(&self, mut from: u128, step: impl Fn(usize, &mut u128)) -> u128 {
        let mut out = 0;
        while from != 0 {
            let place = from.trailing_zeros() as usize;
            from &= from - 1;
            step(place, &mut out);
        }
        out
    }
}

/// The most words a phrase spans.
pub(super) fn reach(node: &Node) -> u8 {
    longest(node).clamp(1, MAX_WORDS) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::phrase;
    use crate::text::fold;

    fn matched(phrase: &str, text: &str) -> Vec<String> {
        let node = phrase::parse(phrase).expect("a phrase");
        let (mut vocabulary, mut sets) = (Vocabulary::default(), Sets::default());
        let mut compiler = PatternCompiler::default();
        let root = compiler.compile(&node, &mut vocabulary, &mut sets, &Lists::new());
        let numbers = sets.renumber(&[]);
        let (classes, members) = Classes::new(&vocabulary, &sets, &numbers, 0, &[]);
        let patterns = compiler.finish(&numbers, &members, &[]);
        let folded = fold(text);
        let (mut facts, mut own, mut found, mut present) = (Vec::new(), Vec::new(), Vec::new(), Present::default());
        classes.read(&vocabulary, &folded, &mut facts, &mut own, &mut present);
        let emoji = folded.words.iter().any(|word| word.emoji);
        let (classes, present) = (&classes, &present);
        let tokens = Tokens { folded: &folded, classes, facts: &facts, own: &own, hits: &[], present, emoji };
        let mut masks = Masks::default();
        for window in 0..windows(tokens.len()) {
            masks.next_window();
            patterns.matches(tokens, root, window, &masks, &mut found);
        }
        found.iter().map(|&(start, end)| text[folded.raw_words(start as usize..end as usize)].to_owned()).collect()
    }

    #[track_caller]
    fn check(phrase: &str, text: &str, want: &[&str]) {
        assert_eq!(matched(phrase, text), want, "{phrase} in {text}");
    }

    #[test]
    fn words_match_whole_words_in_any_case_across_punctuation() {
        check("rat", "You RAT!", &["RAT"]);
        check("rat", "separate", &[]);
        check("worst surgery", "the Worst... surgery", &["Worst... surgery"]);
    }

    #[test]
    fn a_gap_spans_its_words_within_a_sentence_only() {
        check("wast* .. my time", "wasted most of my time", &["wasted most of my time"]);
        check("wast* .. my time", "wasting a good two hours of all of my time", &[]);
        check("rude .. staff", "so rude. The staff", &[]);
        check("rude .. staff", "so rude staff", &["rude staff"]);
    }

    #[test]
    fn alternatives_and_options_match_as_written() {
        check("(rude|no help) [at all] today", "they were no help at all today", &["no help at all today"]);
        check("(rude|no help) [at all] today", "rude today", &["rude today"]);
    }

    #[test]
    fn the_ends_of_the_comment_and_questions_are_seen() {
        check("^ thanks $", "Thanks! 😊", &["Thanks"]);
        check("^ thanks $", "no thanks", &[]);
        check("open ?", "are you open? yes", &["open"]);
        check("open ?", "you are open. yes?", &[]);
        check("open !?", "you are open. yes?", &["open"]);
    }

    #[test]
    fn every_place_is_found_and_the_shortest_match_wins() {
        check("a .. b", "a a b then a b", &["a b", "a b"]);
    }

    #[test]
    fn an_emoji_between_words_is_punctuation_unless_it_is_looked_for() {
        check("useless lot", "useless 😡 lot", &["useless 😡 lot"]);
        check("🔪 you", "🔪 you", &["🔪 you"]);
    }
}
