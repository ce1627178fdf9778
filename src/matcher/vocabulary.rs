//! The words that matter: every word, stem and spelling of the phrases and names, once, in one table. In: a word. Out:
//! the numbers it answers to, with its prefixes, spellings and apostrophes considered. The hash has no key: the table is fixed before the first comment comes, so nobody can lengthen its chains.

/// A word or stem of the lexicons, by number.
pub(super) type Sym = u32;

/// Where a known string stands in the table.
pub(super) type WordId = u32;

/// What every number that is written in digits answers to.
pub(super) const DIGITS: Sym = 0;

/// All words of the compiled phrases.
#[derive(Debug)]
pub(super) struct Vocabulary {
    /// The letters of all words, one after the other.
    letters: String,
    words: Vec<Known>,
    /// Open addressing; a power of two, at most half full.
    table: Vec<Slot>,
    /// By the first two bytes: bit `n` where some stem has `n` bytes.
    stem_lengths: Vec<u64>,
    /// Spelling and the word it stands for, sorted.
    spellings: Vec<(WordId, WordId)>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    hash: u64,
    start: u32,
    len: u16,
    kinds: u8,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// The upper half of the hash.
    tag: u32,
    /// One more than the word's place; 0 where nothing stands.
    word: u32,
}

/// A whole word of a phrase.
const WHOLE: u8 = 1;
/// A stem, to which any ending fits.
const STEM: u8 = 2;
/// How some people write another word.
const SPELLING: u8 = 16;

/// Pairs of first bytes share this many sets of lengths.
const STEM_SETS: usize = 1024;

impl Default for Vocabulary {
    fn default() -> Self {
        let mut vocabulary = Self {
            letters: String::new(),
            words: Vec::new(),
            table: vec![Slot::default(); 64],
            stem_lengths: vec![0; STEM_SETS],
            spellings: Vec::new(),
        };
        // The first place is nobody's word, so that its number can stand for digits.
        vocabulary.add("");
        vocabulary
    }
}

impl Vocabulary {
    /// The number of a whole word.
    pub(super) fn word(&mut self, word: &str) -> Sym {
        let id = self.add(word);
        self.mark(id, WHOLE);
        id * 2
    }

    /// The number of a word with any ending.
    pub(super) fn prefix(&mut self, stem: &str) -> Sym {
        let id = self.add(stem);
        if self.mark(id, STEM) {
            self.stem_lengths[stem_set(stem.as_bytes())] |= 1 << stem.len().min(63);
        }
        id * 2 + 1
    }

    /// `spelling` is how some people write `word`.
    pub(super) fn spelling(&mut self, spelling: &str, word: &str) {
        let pair = (self.add(spelling), self.add(word));
        self.mark(pair.0, SPELLING);
        if let Err(at) = self.spellings.binary_search(&pair) {
            self.spellings.insert(at, pair);
        }
    }

    /// Every known string, in the order of its place.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        (0..self.words.len() as WordId).map(|id| self.text(id))
    }

    /// The place of a word in the table, which knows its numbers; unknown words may still answer to stems.
    pub(super) fn find(&self, word: &str) -> Option<WordId> {
        self.find_in(word.as_bytes(), 0, word.len())
    }

    /// The same for a word inside a text, which spares a copy of its last letters.
    pub(super) fn find_in(&self, text: &[u8], start: usize, end: usize) -> Option<WordId> {
        let hash = hash(text, start, end);
        let mask = self.table.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.table[at];
            if slot.word == 0 {
                return None;
            }
            if slot.tag == (hash >> 32) as u32 {
                let word = &self.words[slot.word as usize - 1];
                // A hash of up to eight bytes can be undone, so two such words with one hash are one word.
                let same = word.hash == hash && usize::from(word.len) == end - start;
                if same && (end - start <= 8 || self.text(slot.word - 1).as_bytes() == &text[start..end]) {
                    return Some(slot.word - 1);
                }
            }
            at = (at + 1) & mask;
        }
    }

    /// Calls `see` with each number that a word of a text answers to, some perhaps twice.
    pub(super) fn syms(&self, word: &str, see: &mut impl FnMut(Sym)) {
        self.own(word, see);
        if let Some(id) = self.find(word).filter(|&id| self.words[id as usize].kinds & SPELLING != 0) {
            let first = self.spellings.partition_point(|&(spelling, _)| spelling < id);
            for &(_, word) in self.spellings[first..].iter().take_while(|&&(spelling, _)| spelling == id) {
                self.own(self.text(word), see);
            }
        }
        if let Some(stem) = word.strip_suffix("'s").or_else(|| word.strip_suffix('\'')) {
            self.own(stem, see);
        } else if word.contains('\'') {
            let bare: String = word.chars().filter(|&c| c != '\'').collect();
            // "he'll" is not "hell"; an apostrophe people drop at will stands in both spellings of the phrase already.
            if !matches!(bare.as_str(), "well" | "were" | "hell" | "shell" | "ill" | "id" | "wed" | "shed") {
                self.own(&bare, see);
            }
        }
        if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
            see(DIGITS);
        }
    }

    fn own(&self, word: &str, see: &mut impl FnMut(Sym)) {
        if let Some(id) = self.find(word).filter(|&id| self.words[id as usize].kinds & WHOLE != 0) {
            see(id * 2);
        }
        let mut lengths = self.stem_lengths[stem_set(word.as_bytes())];
        while lengths != 0 {
            let length = lengths.trailing_zeros() as usize;
            lengths &= lengths - 1;
            if length > word.len() {
                break;
            }
            // The last bit stands for all lengths from there on.
            for length in if length == 63 { 63..word.len() + 1 } else { length..length + 1 } {
                let stem = word.get(..length).and_then(|stem| self.find(stem));
                if let Some(id) = stem.filter(|&id| self.words[id as usize].kinds & STEM != 0) {
                    see(id * 2 + 1);
                }
            }
        }
    }

    /// Gives back the room that growing took ahead.
    pub(super) fn shrink(&mut self) {
        self.letters.shrink_to_fit();
        self.words.shrink_to_fit();
        self.spellings.shrink_to_fit();
    }

    fn text(&self, id: WordId) -> &str {
        let word = &self.words[id as usize];
        &self.letters[word.start as usize..word.start as usize + usize::from(word.len)]
    }

    /// Gives a word a kind; says whether that is new.
    fn mark(&mut self, id: WordId, kind: u8) -> bool {
        let kinds = &mut self.words[id as usize].kinds;
        let fresh = *kinds & kind == 0;
        *kinds |= kind;
        fresh
    }

    fn add(&mut self, word: &str) -> WordId {
        // Nobody's word is this long; a longer one would only never be found.
        let word = word.get(..usize::from(u16::MAX)).unwrap_or(word);
        if let Some(id) = self.find(word) {
            return id;
        }
        let (id, start) = (self.words.len() as WordId, self.letters.len() as u32);
        self.letters.push_str(word);
        let hash = hash(word.as_bytes(), 0, word.len());
        self.words.push(Known { hash, start, len: word.len() as u16, kinds: 0 });
        if self.words.len() * 2 > self.table.len() {
            self.table = vec![Slot::default(); self.table.len() * 2];
            (0..=id).for_each(|id| self.place(id));
        } else {
            self.place(id);
        }
        id
    }

    fn place(&mut self, id: WordId) {
        let (hash, mask) = (self.words[id as usize].hash, self.table.len() - 1);
        let mut at = hash as usize & mask;
        while self.table[at].word != 0 {
            at = (at + 1) & mask;
        }
        self.table[at] = Slot { tag: (hash >> 32) as u32, word: id + 1 };
    }
}

fn stem_set(word: &[u8]) -> usize {
    match word {
        [first, second, ..] => (usize::from(*first) * 37 + usize::from(*second)) % STEM_SETS,
        _ => 0,
    }
}

/// Eight bytes at a time; what stands behind the word is masked away.
fn hash(text: &[u8], start: usize, end: usize) -> u64 {
    let mut hash = 0;
    let mut at = start;
    loop {
        let left = end - at;
        let eight = match text[at..].first_chunk::<8>() {
            Some(eight) => u64::from_le_bytes(*eight),
            None => text[at..end].iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
        };
        if left <= 8 {
            let kept = if left == 0 { 0 } else { eight & (u64::MAX >> (64 - 8 * left)) };
            return mix(hash ^ kept);
        }
        hash = mix(hash ^ eight);
        at += 8;
    }
}

/// Spreads every bit over the number; can be undone.
fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x ^ (x >> 29)
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
            vocabulary.syms(word, &mut |sym| out.push(sym));
            out
        };
        assert_eq!(syms("waste"), [waste, wast]);
        assert_eq!(syms("wasting"), [wast]);
        assert_eq!(syms("u"), [you]);
        assert_eq!(syms("patel's"), [patel]);
        assert_eq!(syms("2024"), [DIGITS]);
        assert_eq!(syms("was"), [] as [Sym; 0]);
    }

    #[test]
    fn a_word_is_found_in_the_middle_of_a_text_and_at_its_end() {
        let mut vocabulary = Vocabulary::default();
        for word in ["prescriptions", "rx", "receptionist"] {
            vocabulary.word(word);
        }
        let text = b"rx prescriptions receptionist rx";
        for (range, want) in [(0..2, "rx"), (3..16, "prescriptions"), (17..29, "receptionist"), (30..32, "rx")] {
            let id = vocabulary.find_in(text, range.start, range.end).expect("a known word");
            assert_eq!(vocabulary.text(id), want);
        }
        assert_eq!(vocabulary.find_in(text, 3, 15), None);
    }
}
