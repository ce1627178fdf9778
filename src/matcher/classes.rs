//! Words by what the phrases ask of them. In: the sets of words that phrases and lists name, each a [`Class`]. Out: for
//! each word of a comment the classes it belongs to ([`Facts`]), worked out beforehand for every known word, so that a
//! comment costs one look a word and a phrase never compares letters.

use std::collections::HashMap;
use std::ops::Range;

use super::vocabulary::{Sym, Vocabulary};
use crate::text::Folded;

/// A set of words that some phrase asks for, by number. Those that phrases are filed under come first.
pub(super) type Class = u32;

/// What a word of a comment is to the phrases.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    /// Who it is to [`Members`]: one of the known words, or a stem of an unknown one.
    member: u32,
    /// Its classes, sorted, in the arena, or from the end of the arena on in the comment's own.
    start: u32,
    len: u16,
    /// How many of them phrases are filed under; those come first.
    anchors: u16,
    /// The watched classes it belongs to, in the arena of those.
    watched: u32,
    watched_len: u16,
}

/// A class of which some phrase must have a word nearby, by its own number.
pub(super) type Watched = u32;

/// Where in a comment the watched classes stand: the words in blocks of eight, a bit for each.
#[derive(Debug, Default)]
pub(super) struct Present {
    blocks: Vec<u64>,
    seen: Vec<Watched>,
}

impl Present {
    fn clear(&mut self, classes: usize) {
        self.seen.drain(..).for_each(|class| self.blocks[class as usize] = 0);
        if self.blocks.len() < classes {
            self.blocks.resize(classes, 0);
        }
    }

    fn mark(&mut self, classes: &[Watched], word: usize) {
        for &class in classes {
            let blocks = &mut self.blocks[class as usize];
            if *blocks == 0 {
                self.seen.push(class);
            }
            *blocks |= 1 << (word / 8 % 64);
        }
    }

    /// The blocks within so many words of this one. Later ones share the bits of earlier ones, so a long comment has
    /// some too many.
    pub(super) fn near(word: usize, reach: usize) -> u64 {
        Self::near_all(&(word..word + 1), reach)
    }

    /// The blocks within so many words of these.
    pub(super) fn near_all(words: &Range<usize>, reach: usize) -> u64 {
        let (first, last) = (words.start.saturating_sub(reach) / 8, (words.end + reach) / 8);
        let blocks = if last - first >= 63 { u64::MAX } else { (2 << (last - first)) - 1 };
        blocks.rotate_left(first as u32 % 64)
    }

    /// Whether a word of this class stands in any of these blocks.
    pub(super) fn stands(&self, class: Watched, blocks: u64) -> bool {
        class == NOT_WATCHED || self.blocks[class as usize] & blocks != 0
    }
}

/// Nothing has to be nearby.
pub(super) const NOT_WATCHED: Watched = Watched::MAX;

impl Facts {
    /// No word: what stands before the first and after the last, and words that no phrase asks for.
    pub(super) const NONE: Self = Self { member: 0, start: 0, len: 0, anchors: 0, watched: 0, watched_len: 0 };
    /// Whoever has classes of several stems is nobody that is known beforehand.
    const SEVERAL: u32 = u32::MAX;

    /// Who it is; `None` for an unknown word with several stems.
    pub(super) fn member(self) -> Option<u32> {
        (self.member != Self::SEVERAL).then_some(self.member)
    }

    /// Whether it is of no class at all.
    pub(super) fn is_none(self) -> bool {
        self.len == 0
    }
}

/// Which word is of which class, in one look: says no for certain, and yes hardly ever wrongly.
#[derive(Debug)]
struct Members {
    bits: Vec<u64>,
}

impl Members {
    fn new(pairs: usize) -> Self {
        Self { bits: vec![0; (pairs * 14).next_power_of_two().max(64) / 64] }
    }

    fn at(&self, member: u32, class: Class) -> (usize, u64) {
        let mixed = (u64::from(member) << 32 | u64::from(class)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let bit = (mixed >> 32) as usize & (self.bits.len() * 64 - 1);
        (bit / 64, 1 << (bit % 64))
    }

    fn add(&mut self, member: u32, class: Class) {
        let (word, bit) = self.at(member, class);
        self.bits[word] |= bit;
    }

    fn may_have(&self, member: u32, class: Class) -> bool {
        let (word, bit) = self.at(member, class);
        self.bits[word] & bit != 0
    }
}

/// Collects classes while phrases are compiled.
#[derive(Debug, Default)]
pub(super) struct Sets {
    by_words: HashMap<Box<[Sym]>, Class>,
    words: Vec<Box<[Sym]>>,
    /// Some phrase follows it; the others only bear on what may stand beside an anchor.
    followed: Vec<bool>,
}

impl Sets {
    /// The class of these words.
    pub(super) fn class(&mut self, words: Vec<Sym>) -> Class {
        let class = self.beside(words);
        self.followed[class as usize] = true;
        class
    }

    /// The class of these words, which is only asked for beside anchors.
    pub(super) fn beside(&mut self, mut words: Vec<Sym>) -> Class {
        words.sort_unstable();
        words.dedup();
        let words = words.into_boxed_slice();
        if let Some(&class) = self.by_words.get(&words) {
            return class;
        }
        let class = self.words.len() as Class;
        self.by_words.insert(words.clone(), class);
        self.words.push(words);
        self.followed.push(false);
        class
    }

    /// The words of a class.
    pub(super) fn words(&self, class: Class) -> &[Sym] {
        &self.words[class as usize]
    }

    /// Numbers the classes anew, those of `first` in front; says the new number of each.
    pub(super) fn renumber(&self, first: &[Class]) -> Vec<Class> {
        let mut new = vec![Class::MAX; self.words.len()];
        for (at, &class) in first.iter().enumerate() {
            new[class as usize] = at as Class;
        }
        let others = new.iter_mut().filter(|class| **class == Class::MAX);
        for (class, next) in others.zip(first.len() as Class..) {
            *class = next;
        }
        new
    }
}

/// What every known word is to the phrases.
#[derive(Debug)]
pub(super) struct Classes {
    /// By the word's place in the vocabulary.
    known: Vec<Facts>,
    arena: Vec<Class>,
    /// What an unknown word is that answers to this number alone, by its place in `syms`.
    of_sym: Vec<Facts>,
    /// Sorted.
    syms: Vec<Sym>,
    members: Members,
    anchors: Class,
    watched: Vec<Watched>,
    watched_count: usize,
}

impl Classes {
    /// Works out what each word of the vocabulary is; `numbers` are the new numbers of the classes, of which phrases
    /// are filed under the first `anchors`; `watch` are the old numbers of those to watch, sorted. Gives the members of
    /// each class, too, sorted by class.
    pub(super) fn new(
        vocabulary: &Vocabulary,
        sets: &Sets,
        numbers: &[Class],
        anchors: Class,
        watch: &[Class],
    ) -> (Self, Vec<(Class, u32)>) {
        let mut of_sym: HashMap<Sym, Vec<Class>> = HashMap::new();
        for (old, words) in sets.words.iter().enumerate() {
            for &sym in words {
                of_sym.entry(sym).or_default().push(old as Class);
            }
        }
        let mut syms: Vec<Sym> = of_sym.keys().copied().collect();
        syms.sort_unstable();
        let (mut pairs, mut all) = (Vec::new(), Vec::new());
        let mut classes = Self {
            known: Vec::new(),
            arena: Vec::new(),
            of_sym: Vec::new(),
            syms: Vec::new(),
            members: Members::new(0),
            anchors,
            watched: Vec::new(),
            watched_count: watch.len(),
        };
        let mut fact = |classes: &mut Self, member: u32, syms: &[Sym]| {
            let own = || syms.iter().filter_map(|sym| of_sym.get(sym)).flatten().copied();
            pairs.extend(own().map(|class| (numbers[class as usize], member)));
            all.clear();
            all.extend(own().filter(|&class| sets.followed[class as usize]).map(|class| numbers[class as usize]));
            all.sort_unstable();
            all.dedup();
            let start = classes.arena.len() as u32;
            classes.arena.extend_from_slice(&all);
            let watched = classes.watched.len();
            classes.watched.extend(own().filter_map(|class| watch.binary_search(&class).ok()).map(|at| at as Watched));
            let watched_len = (classes.watched.len() - watched) as u16;
            Facts { watched: watched as u32, watched_len, ..classes.facts(member, start, &all) }
        };
        let mut answers = Vec::new();
        for (member, word) in vocabulary.all().enumerate() {
            answers.clear();
            if !word.is_empty() {
                vocabulary.syms(word, &mut |sym| answers.push(sym));
            }
            let facts = fact(&mut classes, member as u32, &answers);
            classes.known.push(facts);
        }
        // An unknown word can answer to stems, to digits, and, under an apostrophe, to any word.
        for (place, &sym) in syms.iter().enumerate() {
            let member = (classes.known.len() + place) as u32;
            let facts = fact(&mut classes, member, &[sym]);
            classes.of_sym.push(facts);
        }
        classes.members = Members::new(pairs.len());
        for &(class, member) in &pairs {
            classes.members.add(member, class);
        }
        pairs.sort_unstable();
        pairs.dedup();
        classes.syms = syms;
        classes.known.shrink_to_fit();
        classes.of_sym.shrink_to_fit();
        classes.arena.shrink_to_fit();
        (classes, pairs)
    }

    fn facts(&self, member: u32, start: u32, own: &[Class]) -> Facts {
        let anchors = own.partition_point(|&class| class < self.anchors);
        Facts { member, start, len: own.len() as u16, anchors: anchors as u16, ..Facts::NONE }
    }

    /// The words of a comment as the phrases see them, into rooms that are used again.
    pub(super) fn read(
        &self,
        vocabulary: &Vocabulary,
        folded: &Folded,
        facts: &mut Vec<Facts>,
        own: &mut Vec<Class>,
        present: &mut Present,
    ) {
        facts.clear();
        own.clear();
        // Behind the classes that are watched comes the question mark.
        present.clear(self.watched_count + 1);
        if folded.text.contains('?') {
            present.blocks[self.watched_count] = u64::MAX;
            present.seen.push(self.watched_count as Watched);
        }
        facts.push(Facts::NONE);
        let text = folded.text.as_bytes();
        for (at, word) in folded.words.iter().enumerate() {
            let mut mark = |facts: Facts| {
                let watched = facts.watched as usize;
                present.mark(&self.watched[watched..watched + usize::from(facts.watched_len)], at);
            };
            facts.push(match vocabulary.find_in(text, word.start as usize, word.end as usize) {
                Some(id) => {
                    let known = self.known[id as usize];
                    mark(known);
                    known
                }
                None => self.unknown(vocabulary, folded.word(at), own, mark),
            });
        }
        facts.push(Facts::NONE);
    }

    fn unknown(&self, vocabulary: &Vocabulary, word: &str, own: &mut Vec<Class>, mut mark: impl FnMut(Facts)) -> Facts {
        let (mut facts, start) = (Facts::NONE, own.len());
        vocabulary.syms(word, &mut |sym| {
            let Ok(at) = self.syms.binary_search(&sym) else { return };
            let found = self.of_sym[at];
            mark(found);
            if facts.member == 0 {
                facts = found;
                return;
            }
            if facts.member != Facts::SEVERAL {
                own.extend_from_slice(&self.arena[facts.start as usize..][..usize::from(facts.len)]);
                facts.member = Facts::SEVERAL;
            }
            own.extend_from_slice(&self.arena[found.start as usize..][..usize::from(found.len)]);
        });
        if facts.member != Facts::SEVERAL {
            return facts;
        }
        own[start..].sort_unstable();
        let mut all: Vec<Class> = own.drain(start..).collect();
        all.dedup();
        let merged = self.facts(Facts::SEVERAL, (self.arena.len() + start) as u32, &all);
        own.extend(all);
        merged
    }

    /// Whether a word may be of a class; hardly ever yes where it is not.
    pub(super) fn may_be(&self, facts: Facts, class: Class) -> bool {
        facts.member == Facts::SEVERAL || self.members.may_have(facts.member, class)
    }

    /// Whether a word is of a class that some phrase follows.
    pub(super) fn is(&self, facts: Facts, class: Class, own: &[Class]) -> bool {
        self.may_be(facts, class) && self.of(facts, own).binary_search(&class).is_ok()
    }

    /// The classes of a word, sorted; `own` is the comment's own arena.
    fn of<'c>(&'c self, facts: Facts, own: &'c [Class]) -> &'c [Class] {
        let (start, len) = (facts.start as usize, usize::from(facts.len));
        match start.checked_sub(self.arena.len()) {
            None => &self.arena[start..start + len],
            Some(start) => &own[start..start + len],
        }
    }

    /// Those of them that phrases are filed under.
    pub(super) fn anchors<'c>(&'c self, facts: Facts, own: &'c [Class]) -> &'c [Class] {
        if facts.anchors == 0 { &[] } else { &self.of(facts, own)[..usize::from(facts.anchors)] }
    }
}
