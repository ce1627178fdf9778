//! Words by what the phrases ask of them. In: the sets of words that phrases and lists name, each a [`Class`]. Out: for
//! each word of a comment the classes it belongs to ([`Facts`]), worked out beforehand for every known word, so that a
//! comment costs one look a word and a phrase never compares letters.

use std::collections::HashMap;

use super::vocabulary::{DIGITS, Sym, Vocabulary, WordId};
use crate::text::Folded;

/// A set of words that some phrase asks for, by number. Those that phrases are filed under come first.
pub(super) type Class = u32;

/// What a word of a comment is to the phrases.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    /// A bit for each class it may belong to, several classes to a bit; the last is always set.
    sign: u64,
    /// Its classes, sorted, in the arena, or from the end of the arena on in the comment's own.
    start: u32,
    len: u16,
    /// How many of them phrases are filed under; those come first.
    anchors: u16,
}

/// The last bit of a sign, which every word has.
pub(super) const ANY: u8 = 63;

impl Facts {
    /// No word: what stands before the first and after the last.
    pub(super) const NONE: Self = Self { sign: 1 << ANY, start: 0, len: 0, anchors: 0 };

    /// Whether it may be of a class with this bit.
    pub(super) fn may(self, bit: u8) -> bool {
        self.sign >> bit & 1 != 0
    }
}

/// The bit of a class in a sign.
pub(super) fn bit(class: Class) -> u8 {
    ((u64::from(class).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) % u64::from(ANY)) as u8
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

    /// The class of these words, which nothing but signs asks for.
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
        let mut next = first.len() as Class;
        for class in new.iter_mut().filter(|class| **class == Class::MAX) {
            *class = next;
            next += 1;
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
    /// By stem: its facts, for unknown words with known beginnings.
    of_sym: Vec<Facts>,
    /// Sorted: the numbers that `of_sym` tells of.
    syms: Vec<Sym>,
    anchors: Class,
}

impl Classes {
    /// Works out what each word of the vocabulary is; `numbers` are the new numbers of the classes, of which phrases
    /// are filed under the first `anchors`.
    pub(super) fn new(vocabulary: &Vocabulary, sets: &Sets, numbers: &[Class], anchors: Class) -> Self {
        let mut of_sym: HashMap<Sym, Vec<Class>> = HashMap::new();
        for (old, words) in sets.words.iter().enumerate() {
            for &sym in words {
                of_sym.entry(sym).or_default().push(old as Class);
            }
        }
        let mut classes = Self { known: Vec::new(), arena: Vec::new(), of_sym: Vec::new(), syms: Vec::new(), anchors };
        let fact = |classes: &mut Self, syms: &[Sym]| {
            let own = || syms.iter().filter_map(|sym| of_sym.get(sym)).flatten().copied();
            let sign = own().fold(1 << ANY, |sign, class| sign | 1 << bit(numbers[class as usize]));
            let own = own().filter(|&class| sets.followed[class as usize]).map(|class| numbers[class as usize]);
            let mut own: Vec<Class> = own.collect();
            own.sort_unstable();
            own.dedup();
            let start = classes.arena.len() as u32;
            classes.arena.extend_from_slice(&own);
            classes.facts(sign, start, &own)
        };
        let mut syms = Vec::new();
        for word in vocabulary.all() {
            syms.clear();
            if !word.is_empty() {
                vocabulary.syms(word, &mut |sym| syms.push(sym));
            }
            let facts = fact(&mut classes, &syms);
            classes.known.push(facts);
        }
        // An unknown word can answer to stems, to a number, and, under an apostrophe, to any word.
        let mut all: Vec<Sym> = of_sym.keys().copied().chain([DIGITS]).collect();
        all.sort_unstable();
        all.dedup();
        for &sym in &all {
            let facts = fact(&mut classes, &[sym]);
            classes.of_sym.push(facts);
        }
        classes.syms = all;
        classes.arena.shrink_to_fit();
        classes
    }

    fn facts(&self, sign: u64, start: u32, own: &[Class]) -> Facts {
        let anchors = own.partition_point(|&class| class < self.anchors);
        Facts { sign, start, len: own.len() as u16, anchors: anchors as u16 }
    }

    /// The words of a comment as the phrases see them, into rooms that are used again.
    pub(super) fn read(&self, vocabulary: &Vocabulary, folded: &Folded, facts: &mut Vec<Facts>, own: &mut Vec<Class>) {
        facts.clear();
        own.clear();
        facts.push(Facts::NONE);
        let text = folded.text.as_bytes();
        for (at, word) in folded.words.iter().enumerate() {
            let known = vocabulary.find_in(text, word.start as usize, word.end as usize);
            let mut read = match known {
                Some(id) => self.known[id as usize],
                None => self.unknown(vocabulary, folded.word(at), own),
            };
            if word.emoji {
                // Phrases look past an emoji, so it must not seem to stand in anything's way.
                read.sign = u64::MAX;
            }
            facts.push(read);
        }
        facts.push(Facts::NONE);
    }

    fn unknown(&self, vocabulary: &Vocabulary, word: &str, own: &mut Vec<Class>) -> Facts {
        let (mut facts, mut several) = (Facts::NONE, false);
        let start = own.len();
        vocabulary.syms(word, &mut |sym| {
            let Ok(at) = self.syms.binary_search(&sym) else { return };
            let found = self.of_sym[at];
            if facts.len == 0 && !several {
                facts = Facts { sign: facts.sign | found.sign, ..found };
                return;
            }
            if !several {
                own.extend_from_slice(&self.arena[facts.start as usize..][..usize::from(facts.len)]);
                several = true;
            }
            own.extend_from_slice(&self.arena[found.start as usize..][..usize::from(found.len)]);
            facts.sign |= found.sign;
        });
        if !several {
            return facts;
        }
        own[start..].sort_unstable();
        let mut all: Vec<Class> = own.drain(start..).collect();
        all.dedup();
        let merged = self.facts(facts.sign, (self.arena.len() + start) as u32, &all);
        own.extend(all);
        merged
    }

    /// The classes of a word, sorted; `own` is the comment's own arena.
    pub(super) fn of<'c>(&'c self, facts: Facts, own: &'c [Class]) -> &'c [Class] {
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

    /// How many words are known; for measuring.
    pub(super) fn len(&self) -> WordId {
        self.known.len() as WordId
    }
}
