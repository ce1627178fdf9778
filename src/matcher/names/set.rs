//! A set of many words held once and close together: one text, and a table of where each word begins. In: folded words.
//! Out: whether a word is one of them. Not here: sets that are written in the program; those are `WordSet`s.

use std::hash::Hasher;

use crate::matcher::wordset::WordHasher;

/// The words, each behind a byte for its length; and a table of places, 0 where there is none.
#[derive(Clone, Debug, Default)]
pub(super) struct NameSet {
    words: Vec<u8>,
    table: Vec<u32>,
}

impl NameSet {
    /// Words longer than 255 bytes are left out; no name is.
    pub(super) fn of(words: impl Iterator<Item = String>) -> Self {
        // Place 0 means "none", so the text begins with a byte that is nobody's.
        let mut all: Vec<String> = words.filter(|word| (1..=255).contains(&word.len())).collect();
        all.sort_unstable();
        all.dedup();
        let mut set = Self { words: vec![0], table: vec![0; (all.len() * 2).next_power_of_two()] };
        for word in &all {
            let place = set.words.len() as u32;
            set.words.push(word.len() as u8);
            set.words.extend_from_slice(word.as_bytes());
            let mut slot = set.slot(word);
            while set.table[slot] != 0 {
                slot = (slot + 1) & (set.table.len() - 1);
            }
            set.table[slot] = place;
        }
        set.words.shrink_to_fit();
        set
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.len() <= 1
    }

    /// Whether the word is one of them.
    pub(super) fn contains(&self, word: &str) -> bool {
        if self.is_empty() {
            return false;
        }
        let mut slot = self.slot(word);
        while self.table[slot] != 0 {
            if self.at(self.table[slot]) == word.as_bytes() {
                return true;
            }
            slot = (slot + 1) & (self.table.len() - 1);
        }
        false
    }

    fn at(&self, place: u32) -> &[u8] {
        let start = place as usize + 1;
        let len = usize::from(self.words[place as usize]);
        &self.words[start..start + len]
    }

    /// The table is at most half full, so that a free slot is always near.
    fn slot(&self, word: &str) -> usize {
        let mut hasher = WordHasher::default();
        hasher.write(word.as_bytes());
        hasher.finish() as usize & (self.table.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_set_has_nothing() {
        assert!(!NameSet::default().contains("") && !NameSet::of(std::iter::empty()).contains("ann"));
    }

    proptest! {
        #[test]
        fn a_set_has_its_words_and_no_other(words in proptest::collection::hash_set("[a-z]{1,4}", 1..200), other in "[a-z]{0,4}") {
            let set = NameSet::of(words.iter().cloned());
            prop_assert!(words.iter().all(|word| set.contains(word)));
            prop_assert_eq!(set.contains(&other), words.contains(&other));
        }
    }
}
