//! A set of words written as one line of text, which keeps long lists readable. In: words with spaces between.
//! Out: whether a folded word is one of them, in one look. Not here: lists that a practice may tune; those are lexicons'.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// Words to look up.
pub(super) struct WordSet {
    words: HashSet<&'static str, Hashed>,
    /// By first letter: a bit for each second letter and an odd or even length. Most words need no second look.
    gate: [u64; 32],
}

/// A quick hash for tables that nobody outside fills.
pub(super) type Hashed = BuildHasherDefault<WordHasher>;

impl WordSet {
    /// The words of a text.
    pub(super) fn of(text: &'static str) -> Self {
        let words: HashSet<&'static str, Hashed> = text.split_whitespace().collect();
        let mut gate = [0; 32];
        for word in &words {
            let (letter, bit) = gate_of(word);
            gate[letter] |= bit;
        }
        Self { words, gate }
    }

    /// Every word, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.words.iter().copied()
    }

    /// Whether the word is one of them.
    pub(super) fn has(&self, word: &str) -> bool {
        let (letter, bit) = gate_of(word);
        self.gate[letter] & bit != 0 && self.words.contains(word)
    }
}

fn gate_of(word: &str) -> (usize, u64) {
    let letter = |at: usize| word.as_bytes().get(at).copied().unwrap_or(0) & 31;
    (letter(0).into(), 1 << (letter(1) << 1 | word.len() as u8 & 1))
}

/// Hashes short words quickly. What it hashes was written by the program's authors or by the practice, so nobody can make
/// a set slow by choosing words; and the words of a comment are only looked up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WordHasher(u64);

impl WordHasher {
    fn mix(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for WordHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (eights, rest) = bytes.as_chunks::<8>();
        for eight in eights {
            self.mix(u64::from_le_bytes(*eight));
        }
        let tail = rest.iter().rev().fold(rest.len() as u64, |tail, byte| tail << 8 | u64::from(*byte));
        self.mix(tail);
    }

    fn write_u8(&mut self, value: u8) {
        self.0 ^= u64::from(value);
    }

    fn finish(&self) -> u64 {
        // The table looks at the highest bits, which the last multiplication has mixed best, and at the lowest.
        self.0 ^ self.0 >> 32
    }
}
