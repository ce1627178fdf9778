//! The words that matter: every word of every phrase and name, by number. In: a word. Out: the numbers it answers to,
//! with its prefixes, spellings and apostrophes considered.

use std::collections::HashMap;

/// A word or prefix of the lexicons, by number.
pub(super) type Sym = u32;

/// All words of the compiled phrases.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    exact: HashMap<Box<str>, Sym>,
    prefixes: HashMap<Box<str>, Sym>,
    /// Bit `n`: some prefix has `n` bytes.
    prefix_lengths: u64,
    spellings: HashMap<Box<str>, Vec<Box<str>>>,
    next: Sym,
}

impl Vocabulary {
    /// The number of a whole word.
    pub(super) fn word(&mut self, word: &str) -> Sym {
        if let Some(&sym) = self.exact.get(word) {
            return sym;
        }
        let sym = self.number();
        self.exact.insert(word.into(), sym);
        sym
    }

    /// The number of a word with any ending.
    pub(super) fn prefix(&mut self, stem: &str) -> Sym {
        if let Some(&sym) = self.prefixes.get(stem) {
            return sym;
        }
        self.prefix_lengths |= 1 << stem.len().min(63);
        let sym = self.number();
        self.prefixes.insert(stem.into(), sym);
        sym
    }

    /// `spelling` is how some people write `word`.
    pub(super) fn spelling(&mut self, spelling: &str, word: &str) {
        self.spellings.entry(spelling.into()).or_default().push(word.into());
    }

    /// How many numbers there are.
    pub(super) fn len(&self) -> usize {
        self.next as usize
    }

    /// Appends the numbers that a word of the text answers to.
    pub(super) fn syms(&self, word: &str, out: &mut Vec<Sym>) {
        self.own(word, out);
        if let Some(words) = self.spellings.get(word) {
            for word in words {
                self.own(word, out);
            }
        }
        if let Some(stem) = word.strip_suffix("'s").or_else(|| word.strip_suffix('\'')) {
            self.own(stem, out);
        } else if word.contains('\'') {
            let bare: String = word.chars().filter(|&c| c != '\'').collect();
            // "he'll" is not "hell"; an apostrophe people drop at will stands in both spellings of the phrase already.
            if !matches!(bare.as_str(), "well" | "were" | "hell" | "shell" | "ill" | "id" | "wed" | "shed") {
                self.own(&bare, out);
            }
        }
    }

    fn own(&self, word: &str, out: &mut Vec<Sym>) {
        out.extend(self.exact.get(word));
        let mut lengths = self.prefix_lengths;
        while lengths != 0 {
            let length = lengths.trailing_zeros() as usize;
            lengths &= lengths - 1;
            if length > word.len() {
                break;
            }
            if let Some(stem) = word.get(..length) {
                out.extend(self.prefixes.get(stem));
            }
        }
    }

    fn number(&mut self) -> Sym {
        self.next += 1;
        self.next - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_answers_to_itself_its_prefixes_its_spellings_and_its_stem() {
        let mut vocabulary = Vocabulary::default();
        let waste = vocabulary.word("waste");
        let wast = vocabulary.prefix("wast");
        let you = vocabulary.word("you");
        let patel = vocabulary.word("patel");
        vocabulary.spelling("u", "you");
        let syms = |word: &str| {
            let mut out = Vec::new();
            vocabulary.syms(word, &mut out);
            out
        };
        assert_eq!(syms("waste"), [waste, wast]);
        assert_eq!(syms("wasting"), [wast]);
        assert_eq!(syms("u"), [you]);
        assert_eq!(syms("patel's"), [patel]);
        assert_eq!(syms("was"), [] as [Sym; 0]);
    }
}
