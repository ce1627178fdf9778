//! A set of words written as one line of text, which keeps long lists readable. In: words with spaces between.
//! Out: whether a folded word is one of them, in one look. Not here: lists that a practice may tune; those are lexicons'.

use std::collections::HashSet;

/// Words to look up.
pub(super) struct WordSet(HashSet<&'static str>);

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
