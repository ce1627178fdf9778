//! The words that matter: every word, stem and spelling of the phrases, once, in one table. In: a word of a comment. Out:
//! its [`Kind`], in one look. The hash has no key: the table is fixed before the first comment comes, so nobody can
//! lengthen its chains.

use std::borrow::Cow;

use super::classes::{Kind, NOBODY};

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
    /// The longest stem, in bytes.
    longest_stem: usize,
    stems: Vec<WordId>,
    /// Spelling and the word it stands for, sorted.
    spellings: Vec<(WordId, WordId)>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    hash: u64,
    start: u32,
    len: u16,
    uses: u8,
    /// One more than its place among the stems; 0 where it is none.
    stem: u32,
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
/// How some people write another word.
const SPELLING: u8 = 2;

/// Pairs of first bytes share this many sets of lengths.
const STEM_SETS: usize = 1024;

impl Default for Vocabulary {
    fn default() -> Self {
        let mut vocabulary = Self {
            letters: String::new(),
            words: Vec::new(),
            table: vec![Slot::default(); 64],
            stem_lengths: vec![0; STEM_SETS],
            longest_stem: 0,
            stems: Vec::new(),
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
        self.words[id as usize].uses |= WHOLE;
        id * 2
    }

    /// The number of a word with any ending.
    pub(super) fn prefix(&mut self, stem: &str) -> Sym {
        let id = self.add(stem);
        let known = &mut self.words[id as usize];
        if known.stem == 0 {
            self.stems.push(id);
            known.stem = self.stems.len() as u32;
            self.stem_lengths[stem_set(stem.as_bytes())] |= 1 << stem.len().min(63);
            self.longest_stem = self.longest_stem.max(stem.len());
        }
        id * 2 + 1
    }

    /// `spelling` is how some people write `word`.
    pub(super) fn spelling(&mut self, spelling: &str, word: &str) {
        let pair = (self.add(spelling), self.add(word));
        self.words[pair.0 as usize].uses |= SPELLING;
        if let Err(at) = self.spellings.binary_search(&pair) {
            self.spellings.insert(at, pair);
        }
    }

    /// How many kinds of word there are: nobody, the known words, and whatever begins with a stem.
    pub(super) fn kinds(&self) -> Kind {
        (1 + self.words.len() + self.stems.len()) as Kind
    }

    /// Calls `see` with each number that words of this kind answer to, some perhaps twice.
    pub(super) fn syms_of(&self, kind: Kind, see: &mut impl FnMut(Sym)) {
        let Some(at) = (kind as usize).checked_sub(1) else { return };
        if at == DIGITS as usize {
            see(DIGITS);
        } else if at < self.words.len() {
            self.syms(self.text(at as WordId), see);
        } else if let Some(&stem) = self.stems.get(at - self.words.len()) {
            let text = self.text(stem);
            self.stems_of(text, &mut |stem| see(stem * 2 + 1));
            if text.bytes().all(|byte| byte.is_ascii_digit()) {
                see(DIGITS);
            }
        }
    }

    /// The kind of a word inside a text; [`NOBODY`] where no phrase asks for it.
    pub(super) fn kind_in(&self, text: &[u8], start: usize, end: usize) -> Kind {
        match self.find_in(text, start, end) {
            Some(id) => id + 1,
            None => self.stranger(&text[start..end]),
        }
    }

    /// How a word of this kind is written, if it is one word or stem.
    pub(super) fn spelt(&self, kind: Kind) -> Option<String> {
        let at = (kind as usize).checked_sub(1)?;
        match self.stems.get(at.wrapping_sub(self.words.len())) {
            Some(&stem) => Some(format!("{}*", self.text(stem))),
            None => (at != DIGITS as usize && at < self.words.len()).then(|| self.text(at as WordId).to_owned()),
        }
    }

    /// Whether words of this kind stand in some phrase as they are.
    pub(super) fn is_word(&self, kind: Kind) -> bool {
        (kind as usize).checked_sub(1).and_then(|id| self.words.get(id)).is_some_and(|word| word.uses != 0)
    }

    /// A word that stands in no phrase may be another with an apostrophe, a number, or the beginning of one.
    fn stranger(&self, word: &[u8]) -> Kind {
        if word.contains(&b'\'')
            && let Some(bare) = bare(word)
        {
            let kind = match self.find_in(&bare, 0, bare.len()) {
                Some(id) => id + 1,
                None => self.longest_stem_of(&bare),
            };
            if kind != NOBODY {
                return kind;
            }
        }
        match self.longest_stem_of(word) {
            NOBODY if !word.is_empty() && word.iter().all(u8::is_ascii_digit) => DIGITS + 1,
            kind => kind,
        }
    }

    /// Whoever begins with a stem begins with all that are shorter.
    fn longest_stem_of(&self, word: &[u8]) -> Kind {
        self.stems_in(word).next().map_or(NOBODY, |id| self.words.len() as Kind + self.words[id as usize].stem)
    }

    /// The stems that a word begins with, the longest first.
    fn stems_in(&self, word: &[u8]) -> impl Iterator<Item = WordId> {
        let lengths = self.stem_lengths[stem_set(word)];
        let longest = word.len().min(self.longest_stem);
        let has = move |length: &usize| lengths >> length.min(&63) & 1 != 0;
        let stem = |length| self.find_in(word, 0, length).filter(|&id| self.words[id as usize].stem != 0);
        (1..=longest).rev().filter(has).filter_map(stem)
    }

    fn stems_of(&self, word: &str, see: &mut impl FnMut(WordId)) {
        self.stems_in(word.as_bytes()).for_each(see);
    }

    /// The place of a word in the table.
    fn find(&self, word: &str) -> Option<WordId> {
        self.find_in(word.as_bytes(), 0, word.len())
    }

    /// The same for a word inside a text, which spares a copy of its last letters.
    fn find_in(&self, text: &[u8], start: usize, end: usize) -> Option<WordId> {
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
        self.as_written(word, see);
        if let Some(bare) = bare(word.as_bytes())
            && let Ok(bare) = std::str::from_utf8(&bare)
        {
            self.as_written(bare, see);
        }
        if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
            see(DIGITS);
        }
    }

    fn as_written(&self, word: &str, see: &mut impl FnMut(Sym)) {
        self.own(word, see);
        if let Some(id) = self.find(word).filter(|&id| self.words[id as usize].uses & SPELLING != 0) {
            let first = self.spellings.partition_point(|&(spelling, _)| spelling < id);
            for &(_, word) in self.spellings[first..].iter().take_while(|&&(spelling, _)| spelling == id) {
                self.own(self.text(word), see);
            }
        }
    }

    fn own(&self, word: &str, see: &mut impl FnMut(Sym)) {
        if let Some(id) = self.find(word).filter(|&id| self.words[id as usize].uses & WHOLE != 0) {
            see(id * 2);
        }
        self.stems_of(word, &mut |stem| see(stem * 2 + 1));
    }

    /// Every word, stem and spelling, as which of these it is known here.
    pub(super) fn known(&self) -> impl Iterator<Item = (&str, (bool, u8))> {
        (0..).zip(&self.words).map(|(id, word)| (self.text(id), (word.stem != 0, word.uses)))
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

    fn add(&mut self, word: &str) -> WordId {
        // Nobody's word is this long; a longer one would only never be found.
        let word = word.get(..usize::from(u16::MAX)).unwrap_or(word);
        if let Some(id) = self.find(word) {
            return id;
        }
        let (id, start) = (self.words.len() as WordId, self.letters.len() as u32);
        self.letters.push_str(word);
        let hash = hash(word.as_bytes(), 0, word.len());
        self.words.push(Known { hash, start, len: word.len() as u16, uses: 0, stem: 0 });
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

/// A word with an apostrophe as the word that it belongs to: "patel's", "patients'", "recep'tion". "he'll" is not "hell":
/// an apostrophe people drop at will stands in both spellings of the phrase already.
pub(super) fn bare(word: &[u8]) -> Option<Cow<'_, [u8]>> {
    if let Some(owner) = word.strip_suffix(b"'s").or_else(|| word.strip_suffix(b"'")) {
        return Some(Cow::Borrowed(owner));
    }
    if !word.contains(&b'\'') {
        return None;
    }
    let bare: Vec<u8> = word.iter().copied().filter(|&byte| byte != b'\'').collect();
    let other: [&[u8]; 8] = [b"well", b"were", b"hell", b"shell", b"ill", b"id", b"wed", b"shed"];
    (!other.contains(&bare.as_slice())).then_some(Cow::Owned(bare))
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
    fn a_word_of_no_phrase_is_of_the_kind_of_its_longest_stem_its_owner_or_numbers() {
        let mut vocabulary = Vocabulary::default();
        let (was, wast) = (vocabulary.prefix("was"), vocabulary.prefix("wast"));
        let patel = vocabulary.word("patel");
        let syms = |word: &str| {
            let mut out = Vec::new();
            let kind = vocabulary.kind_in(word.as_bytes(), 0, word.len());
            vocabulary.syms_of(kind, &mut |sym| out.push(sym));
            out
        };
        assert_eq!(syms("wasting"), [wast, was]);
        assert_eq!(syms("washing"), [was]);
        assert_eq!(syms("patel's"), [patel]);
        assert_eq!(syms("2024"), [DIGITS]);
        assert_eq!(syms("surgery"), [] as [Sym; 0]);
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
