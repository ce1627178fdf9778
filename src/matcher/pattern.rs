//! Phrases, compiled: following one through a text. In: a [`Pattern`] and the words of a comment as numbers. Out: the
//! word ranges that it matches. All places a phrase could stand at are followed at once as bits of one number, so time
//! is linear in the text whatever an admin wrote.

use std::collections::HashMap;
use std::ops::Range;

use super::vocabulary::{Sym, Vocabulary};
use crate::lexicon::phrase::{Builtin, Form, Node, longest};
use crate::text::Folded;

/// A compiled phrase.
#[derive(Debug)]
pub(super) struct Pattern {
    root: Part,
    /// Most words it can span.
    longest: usize,
}

#[derive(Debug)]
enum Part {
    Word(Box<[Sym]>),
    Seq(Box<[Part]>),
    Alt(Box<[Part]>),
    Opt(Box<Part>),
    Gap(u8),
    /// A range of words found beforehand: a list's or a built-in's.
    Slot(Slot),
    Start,
    End,
    Asked(bool),
}

/// What is found before the phrases are: the hits of one list, or of one built-in.
pub(super) type Slot = u32;

/// What must be there before a pattern is worth following.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Anchor {
    Word(Sym),
    Slot(Slot),
}

/// The words of a comment as the patterns see them.
pub(super) struct Tokens<'t> {
    pub(super) folded: &'t Folded,
    /// The numbers each word answers to, one after the other.
    pub(super) syms: Vec<Sym>,
    /// Where in `syms` each word's begin; one more than words.
    pub(super) index: Vec<u32>,
    /// Hits by slot, sorted by start.
    pub(super) slots: Vec<Vec<Range<u32>>>,
}

impl Tokens<'_> {
    pub(super) fn len(&self) -> usize {
        self.folded.words.len()
    }

    pub(super) fn of(&self, word: usize) -> &[Sym] {
        &self.syms[self.index[word] as usize..self.index[word + 1] as usize]
    }

    fn is(&self, word: usize, any: &[Sym]) -> bool {
        self.of(word).iter().any(|sym| any.binary_search(sym).is_ok())
    }
}

impl Pattern {
    /// Compiles a phrase; `slots` numbers the lists.
    pub(super) fn compile(node: &Node, vocabulary: &mut Vocabulary, slots: &HashMap<String, Slot>) -> Self {
        Self { root: part(node, vocabulary, slots), longest: longest(node).max(1) }
    }

    /// The anchors of which one must be in a text for this pattern to match: its rarest part by `cost`.
    pub(super) fn anchors(&self, cost: &impl Fn(Anchor) -> u32) -> Vec<Anchor> {
        anchors(&self.root, cost).map(|(_, anchors)| anchors).unwrap_or_default()
    }

    /// Matches that the words `at` may be part of: for each end the nearest start. Of those that overlap only the first,
    /// unless `all` are wanted, as for what cancels a hit wherever it touches it.
    pub(super) fn matches(&self, tokens: &Tokens<'_>, at: Range<usize>, all: bool, out: &mut Vec<Range<usize>>) {
        let base = at.start.saturating_sub(self.longest.saturating_sub(1) + 2);
        let end = (at.end + self.longest + 1).min(tokens.len()).min(base + 126);
        let walk = Walk { tokens, base, len: end - base };
        let mut ends = walk.forward(&self.root, full(walk.len));
        let mut free = 0;
        while ends != 0 {
            let end = ends.trailing_zeros() as usize;
            ends &= ends - 1;
            let starts = walk.backward(&self.root, 1 << end) & !(below(free));
            if starts == 0 {
                continue;
            }
            // The nearest start: the shortest match that ends here.
            let start = 127 - starts.leading_zeros() as usize;
            if start < end {
                out.push(base + start..base + end);
                free = if all { 0 } else { end };
            }
        }
    }
}

fn full(len: usize) -> u128 {
    below(len + 1)
}

fn below(bits: usize) -> u128 {
    if bits >= 128 { u128::MAX } else { (1 << bits) - 1 }
}

fn part(node: &Node, vocabulary: &mut Vocabulary, slots: &HashMap<String, Slot>) -> Part {
    let mut all = |nodes: &[Node]| nodes.iter().map(|node| part(node, vocabulary, slots)).collect();
    match node {
        Node::Word(forms) => Part::Word(numbers(forms, vocabulary)),
        Node::Seq(nodes) => Part::Seq(all(nodes)),
        Node::Alt(nodes) => Part::Alt(all(nodes)),
        Node::Opt(node) => Part::Opt(Box::new(part(node, vocabulary, slots))),
        Node::Gap(words) => Part::Gap(*words),
        // A list that is not there was complained of when the files were read; here it never matches.
        Node::List(name) => slots.get(name).map_or(Part::Alt(Box::new([])), |&slot| Part::Slot(slot)),
        Node::Builtin(builtin) => Part::Slot(builtin_slot(*builtin)),
        Node::Start => Part::Start,
        Node::End => Part::End,
        Node::Asked(asked) => Part::Asked(*asked),
    }
}

fn numbers(forms: &[Form], vocabulary: &mut Vocabulary) -> Box<[Sym]> {
    let mut syms: Vec<Sym> = forms
        .iter()
        .map(|form| if form.prefix { vocabulary.prefix(&form.text) } else { vocabulary.word(&form.text) })
        .collect();
    syms.sort_unstable();
    syms.dedup();
    syms.into()
}

/// The built-ins come first among the slots.
pub(super) fn builtin_slot(builtin: Builtin) -> Slot {
    builtin as Slot
}

fn anchors(part: &Part, cost: &impl Fn(Anchor) -> u32) -> Option<(u32, Vec<Anchor>)> {
    match part {
        Part::Word(syms) => {
            let anchors: Vec<Anchor> = syms.iter().map(|&sym| Anchor::Word(sym)).collect();
            Some((anchors.iter().map(|&anchor| cost(anchor)).sum(), anchors))
        }
        Part::Slot(slot) => Some((cost(Anchor::Slot(*slot)), vec![Anchor::Slot(*slot)])),
        Part::Seq(parts) => parts.iter().filter_map(|part| anchors(part, cost)).min_by_key(|&(cost, _)| cost),
        Part::Alt(parts) => parts.iter().try_fold((0, Vec::new()), |(sum, mut all), part| {
            let (cost, own) = anchors(part, cost)?;
            all.extend(own);
            Some((sum + cost, all))
        }),
        Part::Opt(_) | Part::Gap(_) | Part::Start | Part::End | Part::Asked(_) => None,
    }
}

/// A window of a comment; places are counted from its beginning, one more than words.
struct Walk<'w, 't> {
    tokens: &'w Tokens<'t>,
    base: usize,
    len: usize,
}

impl Walk<'_, '_> {
    fn forward(&self, part: &Part, from: u128) -> u128 {
        if from == 0 {
            return 0;
        }
        match part {
            Part::Word(syms) => self.each(from, |place| {
                let word = self.skip_emoji_after(place, syms);
                (word < self.len && self.tokens.is(self.base + word, syms)).then_some(word + 1)
            }),
            Part::Seq(parts) => parts.iter().fold(from, |places, part| self.forward(part, places)),
            Part::Alt(parts) => parts.iter().fold(0, |places, part| places | self.forward(part, from)),
            Part::Opt(part) => from | self.forward(part, from),
            Part::Gap(words) => {
                let mut places = from;
                let mut edge = from & !self.breaks();
                for _ in 0..*words {
                    edge = (edge << 1) & full(self.len) & !self.breaks();
                    places |= edge;
                }
                places
            }
            Part::Slot(slot) => self.each_many(from, |place, out| {
                let at = (self.base + place) as u32;
                let hits = &self.tokens.slots[*slot as usize];
                let first = hits.partition_point(|hit| hit.start < at);
                for hit in hits[first..].iter().take_while(|hit| hit.start == at) {
                    self.put(hit.end, out);
                }
            }),
            Part::Start | Part::End | Part::Asked(_) => self.filter(part, from),
        }
    }

    fn backward(&self, part: &Part, from: u128) -> u128 {
        if from == 0 {
            return 0;
        }
        match part {
            Part::Word(syms) => self.each(from, |place| {
                let after = self.skip_emoji_before(place, syms);
                (after > 0 && self.tokens.is(self.base + after - 1, syms)).then(|| after - 1)
            }),
            Part::Seq(parts) => parts.iter().rev().fold(from, |places, part| self.backward(part, places)),
            Part::Alt(parts) => parts.iter().fold(0, |places, part| places | self.backward(part, from)),
            Part::Opt(part) => from | self.backward(part, from),
            Part::Gap(words) => {
                let mut places = from;
                let mut edge = from & !self.breaks();
                for _ in 0..*words {
                    edge = (edge >> 1) & !self.breaks();
                    places |= edge;
                }
                places
            }
            Part::Slot(slot) => self.each_many(from, |place, out| {
                let at = (self.base + place) as u32;
                let hits = &self.tokens.slots[*slot as usize];
                let first = hits.partition_point(|hit| hit.start + 16 < at);
                for hit in hits[first..].iter().take_while(|hit| hit.start < at).filter(|hit| hit.end == at) {
                    self.put(hit.start, out);
                }
            }),
            Part::Start | Part::End | Part::Asked(_) => self.filter(part, from),
        }
    }

    fn filter(&self, part: &Part, from: u128) -> u128 {
        let words = &self.tokens.folded.words;
        self.each(from, |place| {
            let at = self.base + place;
            let holds = match part {
                Part::Start => words[..at].iter().all(|word| word.emoji),
                Part::End => words[at..].iter().all(|word| word.emoji),
                Part::Asked(asked) => self.tokens.folded.asked(at.saturating_sub(1)) == *asked,
                _ => true,
            };
            holds.then_some(place)
        })
    }

    /// An emoji between two words is punctuation, unless the pattern looks for it.
    fn skip_emoji_after(&self, mut place: usize, syms: &[Sym]) -> usize {
        while place < self.len && self.is_other_emoji(place, syms) {
            place += 1;
        }
        place
    }

    fn skip_emoji_before(&self, mut place: usize, syms: &[Sym]) -> usize {
        while place > 0 && self.is_other_emoji(place - 1, syms) {
            place -= 1;
        }
        place
    }

    fn is_other_emoji(&self, place: usize, syms: &[Sym]) -> bool {
        let word = self.base + place;
        self.tokens.folded.words[word].emoji && !self.tokens.is(word, syms)
    }

    /// Places at which a new sentence begins: no gap crosses or touches one.
    fn breaks(&self) -> u128 {
        let words = &self.tokens.folded.words[self.base..self.base + self.len];
        words
            .iter()
            .enumerate()
            .filter(|(_, word)| word.sentence_start)
            .fold(0, |places, (place, _)| if place == 0 { places } else { places | 1 << place })
    }

    fn put(&self, word: u32, out: &mut u128) {
        if let Some(place) = (word as usize).checked_sub(self.base).filter(|&place| place <= self.len) {
            *out |= 1 << place;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::phrase;
    use crate::text::fold;

    fn matched(phrase: &str, text: &str) -> Vec<String> {
        let node = phrase::parse(phrase).expect("a phrase");
        let mut vocabulary = Vocabulary::default();
        let pattern = Pattern::compile(&node, &mut vocabulary, &HashMap::new());
        let folded = fold(text);
        let (mut syms, mut index) = (Vec::new(), vec![0]);
        for at in 0..folded.words.len() {
            vocabulary.syms(folded.word(at), &mut syms);
            index.push(syms.len() as u32);
        }
        let tokens = Tokens { folded: &folded, syms, index, slots: vec![Vec::new(); 8] };
        let mut found = Vec::new();
        for at in 0..tokens.len() {
            pattern.matches(&tokens, at..at + 1, false, &mut found);
        }
        found.sort_by_key(|range| range.start);
        found.dedup();
        found.iter().map(|range| text[folded.raw_words(range.clone())].to_owned()).collect()
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
