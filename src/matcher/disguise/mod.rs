//! What people hide words behind, read with the words that matter at hand. In: folded text. Out: [`Reading`]s of the
//! stretches that only make sense as words of the lexicons or names of the staff list; a disguise that hides nothing
//! we know stays as it is, so that ordinary prices, codes and short forms stay ordinary.
//!
//! Each word costs a look-up or two; only what shows evidence (a sign among letters, letters apart, a word that nobody
//! knows) is looked at closely, a limited number of times a text. Time is linear in the text.
//! Not here: single characters in disguise; those are `text`'s.

mod apart;
mod joined;
mod lexis;
mod scripts;
mod signs;
mod slips;
mod strange;
mod whole;
mod words;

use std::ops::Range;

pub(super) use lexis::differing;
use lexis::{Class, Lexis};
use signs::Surroundings;

use crate::lexicon::file::Lexicons;
use crate::text::{Folded, Reading};

/// The reader of disguises, ready to read.
#[derive(Debug, Default)]
pub(super) struct Disguises {
    lexis: Lexis,
}

/// What a word is to a reader who knows the lexicons and English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Some phrase or name has it.
    Known(Class),
    /// Ordinary English, or somebody's name.
    Ordinary,
    /// Neither.
    Strange,
    /// An emoji, or longer than words are.
    None,
}

impl Disguises {
    /// Prepares the words of the lexicons and of staff names.
    pub(super) fn compile<'n>(lexicons: &Lexicons, names: impl Iterator<Item = &'n str>) -> Self {
        Self { lexis: Lexis::compile(lexicons, names) }
    }

    /// Readings of everything in `folded` that is a known word in disguise, sorted, without overlap. What is `plain` is
    /// a word of some phrase as it stands, and hides nothing.
    pub(super) fn readings(&self, folded: &Folded, raw: &str, plain: impl Fn(usize) -> bool) -> Vec<Reading> {
        let mut reader = Reader::new(&self.lexis, folded, raw);
        reader.read(plain);
        reader.found
    }

    /// Whether anything in `folded` may be a disguise, seen from afar: where nothing is, there are no readings, and there
    /// would be none for anybody to whom these words are as quiet.
    pub(super) fn may_hide(&self, folded: &Folded, raw: &str, mut quiet: impl FnMut(&str) -> Loudness) -> bool {
        let reader = Reader::new(&self.lexis, folded, raw);
        let mut fragments = 0;
        for (index, word) in folded.words.iter().enumerate().filter(|(_, word)| !word.emoji) {
            match quiet(folded.word(index)) {
                Loudness::Loud => return true,
                Loudness::Fragment => fragments += 1,
                Loudness::Quiet => {}
            }
            if fragments > 1 || word.end - word.start >= 3 && reader.ends_in_a_capital(index) {
                return true;
            }
        }
        let letters = || folded.words.iter().filter(|word| !word.emoji && word.end - word.start <= 4);
        let single = letters().filter(|word| folded.text[word.start as usize..word.end as usize].chars().count() == 1);
        single.count() >= 3 && reader.has_single_letters()
            || chunks(&folded.text).any(|chunk| core(&folded.text[chunk]).1)
    }

    /// How a word looks from afar that stands in no phrase as it is.
    pub(super) fn quiet(&self, word: &str) -> Loudness {
        match state(&self.lexis, word) {
            State::Strange => Loudness::Loud,
            State::Ordinary if word.len() <= 3 => Loudness::Fragment,
            State::Known(_) | State::Ordinary | State::None => Loudness::Quiet,
        }
    }
}

/// How a word looks from afar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loudness {
    /// It may be a disguise.
    Loud,
    /// Beside another it may be a piece of a word.
    Fragment,
    /// It is what it is.
    Quiet,
}

/// How many close looks a text gets: enough for every honest comment, and a bound for the others.
const LOOKS: u32 = 400;

/// One text being read.
struct Reader<'r> {
    lexis: &'r Lexis,
    folded: &'r Folded,
    raw: &'r str,
    found: Vec<Reading>,
    /// Words too short to say something, which may be pieces of one.
    fragments: Vec<usize>,
    looks: u32,
}

impl<'r> Reader<'r> {
    fn new(lexis: &'r Lexis, folded: &'r Folded, raw: &'r str) -> Self {
        Self { lexis, folded, raw, found: Vec::new(), fragments: Vec::new(), looks: LOOKS }
    }
}

impl Reader<'_> {
    fn read(&mut self, plain: impl Fn(usize) -> bool) {
        if self.has_single_letters() {
            self.spaced();
        }
        let signs = self.signs();
        let mut strange = Vec::new();
        for index in (0..self.folded.words.len()).filter(|&index| !plain(index)) {
            self.word(index, &mut strange);
        }
        if !strange.is_empty() || self.fragments.len() > 1 {
            self.strange(&strange);
        }
        if signs > 0 && !self.found.is_empty() {
            self.short_signs();
        }
        settle(&mut self.found);
    }

    /// Whether there is still time for a close look.
    fn look(&mut self) -> bool {
        self.looks = self.looks.saturating_sub(1);
        self.looks > 0
    }

    fn take(&mut self, range: Range<usize>, word: String) {
        self.found.push(Reading { words: vec![(word, range.clone())], range });
    }

    // ---- Signs ----

    /// Reads every chunk that has a sign among its letters; how many there were.
    fn signs(&mut self) -> usize {
        let mut seen = 0;
        let text = &self.folded.text;
        for chunk in chunks(text) {
            let (core, evident) = core(&text[chunk.clone()]);
            if !evident {
                continue;
            }
            seen += 1;
            if self.look() {
                self.chunk(chunk.start + core.start..chunk.start + core.end);
            }
        }
        seen
    }

    fn chunk(&mut self, within: Range<usize>) {
        let start = within.start;
        let text = &self.folded.text[within];
        if is_address(text) || is_code(&self.raw[self.folded.raw_span(start..start + text.len())]) {
            return;
        }
        // A sign at the edge may be a letter (`$hit`) or a mark; what stands between brackets or strokes are several.
        let whole = 0..text.len();
        let mut tries = vec![whole];
        if self.folded.text[start + text.len()..].starts_with('!') && !text.ends_with(char::is_whitespace) {
            tries.push(0..text.len() + 1);
        }
        let trimmed = text.trim_matches(['*', '_', '~', '#', '@', '`', '-', '|', '+', '=', '%', '&', '€', '£']);
        let at = trimmed.as_ptr() as usize - text.as_ptr() as usize;
        let both = at > 0 && at + trimmed.len() < text.len() || !trimmed.contains(['*', '#', '%', '~']);
        if trimmed.len() < text.len() && !trimmed.is_empty() && both {
            tries.push(at..at + trimmed.len());
        }
        for part in tries {
            if self.sign(start + part.start..start + part.end) {
                return;
            }
        }
        for part in parts(text) {
            let (core, evident) = core(&text[part.clone()]);
            let core = start + part.start + core.start..start + part.start + core.end;
            if evident && core.len() < text.len() {
                self.sign(core);
            }
        }
    }

    fn sign(&mut self, range: Range<usize>) -> bool {
        let text = &self.folded.text[range.clone()];
        if text.chars().all(char::is_alphabetic) || !text.contains(|c: char| c.is_alphanumeric()) {
            return false;
        }
        let dash = self.raw[self.folded.raw_span(range.clone())].contains(['—', '–', '―']);
        let around = Surroundings { name: self.may_be_name(&range), dash };
        if let Some(word) = signs::decode(text, self.lexis, around) {
            self.take(range, word);
            return true;
        }
        self.run_together_signs(range)
    }

    /// `w.h.a.t.a.j.o.k.e`, `you_useless_cow`: letters of several words, parted alike.
    fn run_together_signs(&mut self, range: Range<usize>) -> bool {
        let text = &self.folded.text[range.clone()];
        let single = text.split(|c: char| !c.is_ascii_alphanumeric()).all(|part| part.len() <= 1);
        let letters: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| c.is_ascii_lowercase()).collect();
        if !single || letters.len() < 4 || text.contains(|c: char| c.is_ascii_digit()) {
            return false;
        }
        let joined: String = letters.iter().map(|&(_, c)| c).collect();
        let says = |cuts: &Vec<Range<usize>>| {
            cuts.iter().any(|cut| self.lexis.class(&joined[cut.clone()]).is_some() && cut.len() > 3)
        };
        let Some(cuts) = joined::segments(&joined, self.lexis).filter(says) else {
            // One long word of no interest, not words of one letter.
            if letters.len() >= 5 || words::is_ordinary(&joined) {
                self.take(range, joined);
                return true;
            }
            return false;
        };
        let words = cuts.into_iter().map(|cut| {
            let (from, to) = (range.start + letters[cut.start].0, range.start + letters[cut.end - 1].0 + 1);
            (joined[cut].to_owned(), from..to)
        });
        self.found.push(Reading { words: words.collect(), range });
        true
    }

    /// Where other words were written with signs, so are the short ones (`1s`, `!'m`, `4 f00l`).
    fn short_signs(&mut self) {
        let mut more = Vec::new();
        for chunk in chunks(&self.folded.text) {
            let text = self.folded.text[chunk.clone()].trim_end_matches(['.', ',', '?', ':', ';']);
            let many = self.found.len() > 1;
            let word = match text {
                "!" | "1" if many => "i".to_owned(),
                "4" | "@" if many => "a".to_owned(),
                "!m" | "1m" | "!'m" | "1'm" => "i'm".to_owned(),
                "!ve" | "1ve" | "!'ve" | "1'v3" => "i've".to_owned(),
                _ if text.len() == 2 => {
                    let word = apart::letters_of(text, "i");
                    let letter = text.contains(|c: char| c.is_ascii_alphabetic());
                    if word == text || !apart::SHORT.contains(&word.as_str()) || !(letter || many) {
                        continue;
                    }
                    word
                }
                _ => continue,
            };
            more.push((chunk.start..chunk.start + text.len(), word));
        }
        for (range, word) in more {
            self.take(range, word);
        }
    }

    /// A capital, or a title before it.
    fn may_be_name(&self, range: &Range<usize>) -> bool {
        let first = self.raw[self.folded.raw_span(range.clone())].chars().find(|c| c.is_alphabetic());
        let before = self.folded.text[..range.start].trim_end_matches([' ', '.']);
        let title = TITLES.iter().any(|title| before.ends_with(title));
        title || first.is_some_and(char::is_uppercase)
    }

    // ---- Words ----

    fn word(&mut self, index: usize, strange: &mut Vec<usize>) {
        if let Some(word) = self.reversed_name(index) {
            self.take(self.folded.word_bytes(index..index + 1), word);
            strange.push(index);
            return;
        }
        match self.state(index) {
            State::Strange => strange.push(index),
            // A piece of two letters has its word beside it.
            State::Ordinary if self.folded.words[index].end - self.folded.words[index].start <= 3 => {
                self.fragments.push(index);
            }
            State::Known(_) | State::Ordinary | State::None => {}
        }
    }

    fn state(&self, index: usize) -> State {
        if self.folded.words[index].emoji { State::None } else { state(self.lexis, self.folded.word(index)) }
    }
}

/// What a word is that is no emoji.
fn state(lexis: &Lexis, word: &str) -> State {
    if word.len() > 180 {
        return State::None;
    }
    let bare = bare(word);
    if let Some(class) = lexis.class_of_short(bare) {
        // "stabbbb" begins with a stem, and no phrase that looks for "stab" finds it.
        let stretched = || bare.as_bytes().windows(3).any(|three| three[0] == three[1] && three[1] == three[2]);
        return if lexis.exact(bare).is_none() && stretched() { State::Strange } else { State::Known(class) };
    }
    if bare.bytes().any(|byte| byte.is_ascii_digit()) && bare.is_ascii() {
        return State::None;
    }
    if words::is_ordinary(bare) { State::Ordinary } else { State::Strange }
}

/// Whether a word is among the forty thousand that most people know.
pub(super) fn is_common(word: &str) -> bool {
    words::is_common(word)
}

/// Titles before a name.
const TITLES: [&str; 10] = ["dr", "doctor", "nurse", "mr", "mrs", "miss", "ms", "sister", "prof", "called"];

/// Without what may hang on any word.
pub(super) fn bare(word: &str) -> &str {
    let word = word.trim_end_matches('\'');
    ["'s", "'ll", "'re", "'ve", "'d", "'m", "n't"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word)
}

/// What stands between white space.
fn chunks(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    text.split_whitespace().map(move |chunk| {
        let start = chunk.as_ptr() as usize - text.as_ptr() as usize;
        start..start + chunk.len()
    })
}

/// A chunk without the punctuation around it, and whether a sign stands in what is left.
fn core(chunk: &str) -> (Range<usize>, bool) {
    const AROUND: [char; 16] = ['.', ',', ';', ':', '!', '?', ')', '(', '"', '\'', '[', ']', '…', '{', '}', '>'];
    let from = chunk.trim_start_matches(AROUND);
    // An exclamation mark or a bracket before a letter may be one.
    let opening = chunk.len() - from.len();
    let start =
        if chunk[..opening].ends_with(['!', '(']) && chunk.len() > opening + 1 && opening == 1 { 0 } else { opening };
    let end = start + chunk[start..].trim_end_matches(AROUND).len();
    let inner = &chunk[start..end];
    let letters = inner.chars().any(char::is_alphabetic);
    let evident = letters && inner.chars().any(|c| c != '\'' && !c.is_alphabetic());
    (start..end, evident)
}

/// The parts of a chunk that stand between what parts words and never letters.
fn parts(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    text.split([',', ';', ':', '"', '/', '\\', '(', ')', '+', '&', '?', '-', '—', '_']).map(move |part| {
        let start = part.as_ptr() as usize - text.as_ptr() as usize;
        start..start + part.len()
    })
}

fn is_address(text: &str) -> bool {
    const ENDS: [&str; 13] = ["com", "uk", "org", "net", "me", "ly", "io", "info", "gov", "example", "tv", "be", "co"];
    if text.contains("://") || text.contains("www.") {
        return true;
    }
    let host = text.split(['/', '?']).next().unwrap_or(text);
    let labels = host.split('.').count();
    // "luck.i.ly" is no domain: names of one letter stand right before the end if at all.
    let short = host.split('.').filter(|label| label.len() < 2).count();
    host.rsplit('.').next().is_some_and(|end| ENDS.contains(&end)) && labels >= 2 && (short == 0 || labels == 2)
}

/// Road numbers, product codes, plates: capitals and digits as machines write them.
fn is_code(raw: &str) -> bool {
    let digits = raw.trim_start_matches(char::is_alphabetic);
    let letters = &raw[..raw.len() - digits.len()];
    let short = letters.len() <= 1 || letters.len() == 2 && letters.chars().all(char::is_uppercase);
    let road = short && !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    let machine = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
    road || raw.contains('-')
        && raw.contains(|c: char| c.is_ascii_digit())
        && raw.chars().all(machine)
        && raw.split('-').any(|part| part.len() > 1)
}

/// Sorted, the longest of what begins together, none over another.
fn settle(found: &mut Vec<Reading>) {
    found.sort_by_key(|reading| (reading.range.start, std::cmp::Reverse(reading.range.end)));
    let mut end = 0;
    found.retain(|reading| {
        let free = reading.range.start >= end;
        if free {
            end = reading.range.end;
        }
        free
    });
}

#[cfg(test)]
mod tests;
