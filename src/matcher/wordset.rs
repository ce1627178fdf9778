//! Sets and maps of words that are fixed before the first comment comes. In: words. Out: whether a folded word is one of
//! them, in one quick look. Not here: lists that a practice may tune; those are lexicons'.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// Words to look up, written as one line of text, which keeps long lists readable.
pub(super) struct WordSet(FixedSet<&'static str>);

impl WordSet {
    /// The words of a text.
    pub(super) fn of(text: &'static str) -> Self {
        Self(text.split_whitespace().collect())
    }

    /// Whether the word is one of them.
    pub(super) fn has(&self, word: &str) -> bool {
        self.0.contains(word)
    }
}

/// A map that no author of a comment can add to, so that its hash needs no key.
pub(super) type FixedMap<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

/// A set that no author of a comment can add to.
pub(super) type FixedSet<K> = HashSet<K, BuildHasherDefault<Quick>>;

/// A quick hash of short strings.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((eight, more)) = rest.split_first_chunk::<8>() {
            self.add(u64::from_le_bytes(*eight));
            rest = more;
        }
        if let Some((four, more)) = rest.split_first_chunk::<4>() {
            self.add(u64::from(u32::from_le_bytes(*four)));
            rest = more;
        }
        for &byte in rest {
            self.add(u64::from(byte));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.add(u64::from(byte));
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

impl Quick {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}
