//! Raw text to folded text, with the way back. In: what somebody wrote. Out: [`Folded`]: lower case, accents and
//! typography normalised, look-alikes and styled letters read as what they look like, cut into words and sentences;
//! every folded byte knows the original bytes it came from.
//! Not here: anything that needs to know which words matter (leetspeak, masked or spaced letters): that is the matcher's.

mod chars;
mod entities;
mod folder;
mod upside_down;

use std::ops::Range;

/// Text as a reader sees it.
#[derive(Clone, Debug)]
pub struct Folded {
    /// Lower case, one form for every character; punctuation and white space kept.
    pub text: String,
    /// The words, in order.
    pub words: Vec<Word>,
    sentences: Vec<Sentence>,
    /// For each byte of `text` the original bytes of its character; absent where they are the same bytes.
    origin: Option<Vec<(u32, u32)>>,
    /// Folded bytes that were written in a disguise, sorted.
    disguised: Vec<Range<u32>>,
    raw_len: u32,
}

/// A word of folded text: letters and digits with inner apostrophes, or one emoji.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "six facts about a word that have nothing to do with each other")]
pub struct Word {
    /// First byte in the folded text.
    pub start: u32,
    /// Byte after the last one in the folded text.
    pub end: u32,
    /// Which sentence it stands in, counted from 0.
    pub sentence: u32,
    /// The first letter was a capital.
    pub capital: bool,
    /// At least two letters, and all of them capitals.
    pub all_caps: bool,
    /// The first word of its sentence.
    pub sentence_start: bool,
    /// Stands between a pair of double quotation marks.
    pub quoted: bool,
    /// Written so that a plain search would miss it.
    pub disguised: bool,
    /// One emoji.
    pub emoji: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sentence {
    asked: bool,
}

/// One stretch of folded text read as other words, each with the folded bytes it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The stretch that is replaced.
    pub range: Range<usize>,
    /// What stands there instead.
    pub words: Vec<(String, Range<usize>)>,
}

impl Folded {
    /// The word with this index.
    pub fn word(&self, index: usize) -> &str {
        let word = &self.words[index];
        &self.text[word.start as usize..word.end as usize]
    }

    /// The original bytes behind these folded bytes.
    pub fn raw_span(&self, folded: Range<usize>) -> Range<usize> {
        let Some(origin) = &self.origin else { return folded };
        let Some(bytes) = origin.get(folded.clone()).filter(|bytes| !bytes.is_empty()) else {
            let at = origin.get(folded.start).map_or(self.raw_len, |&(start, _)| start) as usize;
            return at..at;
        };
        // Reversed text runs backwards, so the smallest start need not be the first.
        let start = bytes.iter().map(|&(start, _)| start).min().unwrap_or(0);
        let end = bytes.iter().map(|&(_, end)| end).max().unwrap_or(0);
        start as usize..end as usize
    }

    /// The original bytes behind these words.
    pub fn raw_words(&self, words: Range<usize>) -> Range<usize> {
        self.raw_span(self.word_bytes(words))
    }

    /// The folded bytes from the first to the last of these words.
    pub fn word_bytes(&self, words: Range<usize>) -> Range<usize> {
        match (self.words.get(words.start), words.end.checked_sub(1).and_then(|last| self.words.get(last))) {
            (Some(first), Some(last)) if first.start <= last.end => first.start as usize..last.end as usize,
            _ => 0..0,
        }
    }

    /// The folded text between the word before `index` and the word at `index`; to the end after the last.
    pub fn gap_before(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(0, |before| self.words[before].end as usize);
        let end = self.words.get(index).map_or(self.text.len(), |word| word.start as usize);
        &self.text[start..end]
    }

    /// Whether the sentence that this word stands in ends with a question mark.
    pub fn asked(&self, word: usize) -> bool {
        self.words.get(word).is_some_and(|word| self.sentences[word.sentence as usize].asked)
    }

    /// Whether everything is as it was typed, but for capitals.
    pub fn is_plain(&self) -> bool {
        self.origin.is_none()
    }

    /// The same text with some stretches read differently; the readings must be sorted and must not overlap.
    #[must_use]
    pub fn reread(&self, raw: &str, readings: &[Reading]) -> Self {
        let mut text = String::with_capacity(self.text.len() + 16);
        let mut origin = Vec::with_capacity(self.text.len() + 16);
        let mut disguised = Vec::new();
        let mut done = 0;
        for reading in readings {
            self.copy(done..reading.range.start, &mut text, &mut origin, &mut disguised);
            for (index, (word, from)) in reading.words.iter().enumerate() {
                if index > 0 {
                    let at = origin.last().map_or(0, |&(_, end)| end);
                    text.push(' ');
                    origin.push((at, at));
                }
                let raw = self.raw_span(from.clone());
                let start = text.len() as u32;
                text.push_str(word);
                origin.resize(text.len(), (raw.start as u32, raw.end as u32));
                disguised.push(start..text.len() as u32);
            }
            done = reading.range.end;
        }
        self.copy(done..self.text.len(), &mut text, &mut origin, &mut disguised);
        cut(raw, text, Some(origin), disguised)
    }

    fn copy(
        &self,
        range: Range<usize>,
        text: &mut String,
        origin: &mut Vec<(u32, u32)>,
        disguised: &mut Vec<Range<u32>>,
    ) {
        let shift = text.len() as i64 - range.start as i64;
        text.push_str(&self.text[range.clone()]);
        match &self.origin {
            Some(own) => origin.extend_from_slice(&own[range.clone()]),
            None => origin.extend(range.clone().map(|at| (at as u32, at as u32 + 1))),
        }
        let moved = |at: u32| (i64::from(at) + shift) as u32;
        for span in &self.disguised {
            let inside = span.start.max(range.start as u32)..span.end.min(range.end as u32);
            if inside.start < inside.end {
                disguised.push(moved(inside.start)..moved(inside.end));
            }
        }
    }
}

/// Folds a text.
pub fn fold(raw: &str) -> Folded {
    if raw.bytes().all(is_itself) {
        return cut(raw, raw.to_ascii_lowercase(), None, Vec::new());
    }
    let (text, origin, disguised) = folder::fold(raw);
    cut(raw, text, Some(origin), disguised)
}

/// ASCII that can only mean itself; `&` may begin an entity and `%` an escape.
fn is_itself(byte: u8) -> bool {
    byte.is_ascii() && byte != b'&' && byte != b'%'
}

/// Cuts folded text into words and sentences.
fn cut(raw: &str, text: String, origin: Option<Vec<(u32, u32)>>, disguised: Vec<Range<u32>>) -> Folded {
    let mut cutter =
        Cutter { raw, origin: origin.as_deref(), disguised: &disguised, words: Vec::new(), sentences: Vec::new() };
    cutter.cut(&text);
    let (words, sentences) = (cutter.words, cutter.sentences);
    Folded { text, words, sentences, origin, disguised, raw_len: raw.len() as u32 }
}

struct Cutter<'a> {
    raw: &'a str,
    origin: Option<&'a [(u32, u32)]>,
    disguised: &'a [Range<u32>],
    words: Vec<Word>,
    sentences: Vec<Sentence>,
}

impl Cutter<'_> {
    fn cut(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut quotes = text.matches('"').count();
        let (mut at, mut open, mut fresh) = (0, false, true);
        let mut sentence = Sentence::default();
        while at < bytes.len() {
            let byte = bytes[at];
            if byte.is_ascii_alphanumeric() || byte >= 0x80 {
                let (end, emoji) = word_end(text, at);
                if end > at {
                    let first = std::mem::take(&mut fresh);
                    self.push(text, at..end, emoji, first, open);
                    at = end;
                    continue;
                }
            }
            match byte {
                b'"' => {
                    quotes -= 1;
                    open = !open && quotes > 0;
                }
                b'?' => sentence.asked |= !fresh,
                _ => {}
            }
            if !fresh && ends_sentence(text, at, self.words.last()) {
                // "?!" and "?..." still ask.
                let rest = &bytes[at..bytes.len().min(at + 4)];
                sentence.asked |=
                    rest.iter().take_while(|byte| matches!(byte, b'.' | b'!' | b'?')).any(|&byte| byte == b'?');
                self.sentences.push(std::mem::take(&mut sentence));
                fresh = true;
            }
            at += utf8_len(byte);
        }
        self.sentences.push(sentence);
    }

    fn push(&mut self, text: &str, range: Range<usize>, emoji: bool, sentence_start: bool, quoted: bool) {
        let (start, end) = (range.start as u32, range.end as u32);
        let (capital, all_caps) = self.capitals(text, range);
        self.words.push(Word {
            start,
            end,
            sentence: self.sentences.len() as u32,
            capital,
            all_caps,
            sentence_start,
            quoted,
            disguised: self.is_disguised(start, end),
            emoji,
        });
    }

    fn is_disguised(&self, start: u32, end: u32) -> bool {
        let at = self.disguised.partition_point(|range| range.end <= start);
        self.disguised.get(at).is_some_and(|range| range.start < end)
    }

    fn capitals(&self, text: &str, range: Range<usize>) -> (bool, bool) {
        let origin =
            |at: usize| self.origin.map_or((at, at + 1), |origin| (origin[at].0 as usize, origin[at].1 as usize));
        let original = |at: usize| self.raw[origin(at).0..].chars().next().unwrap_or(' ');
        let mut letters = text[range.clone()].char_indices().filter(|(_, c)| c.is_alphabetic());
        let Some((first, _)) = letters.clone().next() else { return (false, false) };
        // A word that was read out of other letters has all of them behind each of its own.
        if self.origin.is_some() && range.len() > 1 && origin(range.start) == origin(range.end - 1) {
            let (start, end) = origin(range.start);
            return read_capitals(&self.raw[start..end]);
        }
        // A sign in place of the first letter (`$arah`) may well stand for a capital.
        let begins = original(range.start + first);
        let capital = begins.is_uppercase() || !begins.is_alphabetic();
        if !capital {
            return (false, false);
        }
        let all = letters.clone().count() > 1 && letters.all(|(at, _)| original(range.start + at).is_uppercase());
        (true, all)
    }
}

/// Whether a disguised word begins with a capital, also where it runs backwards, and has nothing else.
fn read_capitals(raw: &str) -> (bool, bool) {
    let mut letters = raw.chars().filter(|c| c.is_alphabetic());
    let first = letters.clone().next().is_some_and(char::is_uppercase);
    let last = letters.clone().next_back().is_some_and(char::is_uppercase);
    let all = letters.clone().count() > 1 && letters.all(char::is_uppercase);
    (first || last || raw.starts_with(|c: char| !c.is_alphabetic()), all)
}

fn utf8_len(first: u8) -> usize {
    match first {
        0..0x80 => 1,
        0x80..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    }
}

/// Where the word that begins at `start` ends, and whether it is an emoji; `start` itself where no word begins.
fn word_end(text: &str, start: usize) -> (usize, bool) {
    let mut end = start;
    let mut chars = text[start..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c.is_alphanumeric() {
            end = start + at + c.len_utf8();
            continue;
        }
        if at == 0 {
            return if is_picture(c) { (start + c.len_utf8(), true) } else { (start, false) };
        }
        let inner = c == '\'' && chars.peek().is_some_and(|&(_, next)| next.is_alphabetic());
        if !inner {
            break;
        }
    }
    (end, false)
}

/// Arrows, symbols and emoji; not the currency signs and punctuation below them.
fn is_picture(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FBFF}')
}

/// Whether the character at `at`, which follows a word, ends that word's sentence.
fn ends_sentence(text: &str, at: usize, last: Option<&Word>) -> bool {
    let bytes = text.as_bytes();
    match bytes[at] {
        b'!' | b'?' | b'\n' => true,
        b'.' => {
            let next = bytes.get(at + 1).copied().unwrap_or(b' ');
            let ellipsis = next == b'.' || at > 0 && bytes[at - 1] == b'.';
            let short = last.is_some_and(|word| {
                word.end as usize == at && SHORT_FORMS.contains(&&text[word.start as usize..word.end as usize])
            });
            !ellipsis && !short && (next.is_ascii_whitespace() || next == b'"' || next == b')')
        }
        _ => false,
    }
}

/// Short forms whose full stop ends no sentence.
const SHORT_FORMS: [&str; 22] = [
    "dr", "drs", "mr", "mrs", "ms", "st", "prof", "rev", "appt", "appts", "no", "tel", "vs", "approx", "eg", "ie",
    "dept", "rd", "ave", "sr", "jr", "mins",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(raw: &str) -> Vec<String> {
        let folded = fold(raw);
        (0..folded.words.len()).map(|at| folded.word(at).to_owned()).collect()
    }

    #[track_caller]
    fn check(raw: &str, want: &[&str]) {
        assert_eq!(words(raw), want, "{raw}");
    }

    #[test]
    fn case_accents_and_typography_fold_away() {
        check("Dr Zoë MÜLLER’s clinic — at 8am", &["dr", "zoe", "muller's", "clinic", "at", "8am"]);
        check("Wiśniewska, O'Neill", &["wisniewska", "o'neill"]);
    }

    #[test]
    fn styled_letters_and_other_scripts_read_as_they_look() {
        check("𝓰𝓸 𝓫𝓪𝓬𝓴", &["go", "back"]);
        check("ＳＨＩＴ　ＳＥＲＶＩＣＥ", &["shit", "service"]);
        check("Nursе Grасе Мау", &["nurse", "grace", "may"]);
        check("ⒹⓇ ⓎⓄⓊⓃⒼ", &["dr", "young"]);
        check("🇵 🇦 🇹 🇪 🇱  out!", &["patel", "out"]);
        check("b⭕️ll⭕️cks", &["bollocks"]);
        check("999 7️⃣6️⃣3️⃣ 1757", &["999", "763", "1757"]);
    }

    #[test]
    fn invisible_characters_join_and_entities_decode() {
        check("f\u{200B}u\u{200B}c\u{200B}k", &["fuck"]);
        check("Tr&#x61;cey&period; B&#x75;tcher", &["tracey", "butcher"]);
        check("Dr \u{202E}letaP\u{202C} is", &["dr", "patel", "is"]);
    }

    #[test]
    fn entities_decode_however_often_they_are_escaped_and_percent_signs_where_they_spell() {
        check("&#102&#117&#99&#107 off", &["fuck", "off"]);
        check("&amp;#115;hit &amp;amp;#x73;hit", &["shit", "shit"]);
        check("%46%75%63%6B you", &["fuck", "you"]);
        check("100% sure, 5%20 off", &["100", "sure", "5", "20", "off"]);
        check("Q&A, B&Q & M&S", &["q", "a", "b", "q", "m", "s"]);
    }

    #[test]
    fn what_stands_on_its_head_is_turned_round() {
        check("uɐɥʞ ɹp", &["dr", "khan"]);
        check("what ʇıɥs is this", &["what", "shit", "is", "this"]);
        check("¡ʎuunɟ", &["funny"]);
        check("Kɔfi and the bus", &["kcfi", "and", "the", "bus"]);
        let raw = "a ʇıɥs show";
        assert_eq!(&raw[fold(raw).raw_words(1..2)], "ʇıɥs");
    }

    #[test]
    fn braille_is_read_letter_by_letter() {
        check("⠙⠗⠀⠏⠁⠞⠑⠇", &["dr", "patel"]);
    }

    #[test]
    fn emoji_are_words_of_their_own() {
        check("see you 🔪🔪 later", &["see", "you", "🔪", "🔪", "later"]);
    }

    #[test]
    fn a_disguise_is_noted_and_a_habit_is_not() {
        let disguised = |raw: &str| fold(raw).words.iter().any(|word| word.disguised);
        assert!(!disguised("café, Zoë, it’s 8am — ok"));
        assert!(!disguised("copied\u{200B} from\u{200B} your website"));
        assert!(disguised("p\u{200B}atel"));
        assert!(disguised("раtel"));
        assert!(disguised("K̔̉h"));
    }

    #[test]
    fn sentences_end_where_they_end_and_know_whether_they_ask() {
        let folded = fold("Dr. Khan is great. Can I book? ok...thanks");
        let sentences: Vec<u32> = folded.words.iter().map(|word| word.sentence).collect();
        assert_eq!(sentences, [0, 0, 0, 0, 1, 1, 1, 2, 2]);
        assert!(!folded.asked(0));
        assert!(folded.asked(4));
        assert!(!folded.asked(7));
    }

    #[test]
    fn spans_lead_back_to_the_original_bytes() {
        let raw = "Zoë is a 𝐥𝐢𝐚𝐫";
        let folded = fold(raw);
        let last = folded.words.len() - 1;
        assert_eq!(&raw[folded.raw_words(last..last + 1)], "𝐥𝐢𝐚𝐫");
        assert_eq!(&raw[folded.raw_words(0..1)], "Zoë");
    }

    #[test]
    fn a_rereading_keeps_the_way_back() {
        let raw = "what a f u c k up";
        let folded = fold(raw);
        let reread = folded.reread(raw, &[Reading { range: 7..14, words: vec![("fuck".into(), 7..14)] }]);
        assert_eq!(reread.word(2), "fuck");
        assert!(reread.words[2].disguised);
        assert_eq!(&raw[reread.raw_words(2..3)], "f u c k");
        assert_eq!(&raw[reread.raw_words(3..4)], "up");
    }

    proptest! {
        #[test]
        fn every_word_points_at_character_boundaries_of_the_original(raw in any::<String>()) {
            let folded = fold(&raw);
            for at in 0..folded.words.len() {
                let span = folded.raw_words(at..at + 1);
                prop_assert!(raw.get(span).is_some());
            }
        }

        #[test]
        fn every_folded_byte_points_into_the_original(raw in any::<String>()) {
            let folded = fold(&raw);
            for at in 0..folded.text.len() {
                let span = folded.raw_span(at..at + 1);
                prop_assert!(raw.get(span.clone()).is_some(), "{at} points at {span:?}");
            }
        }

        #[test]
        fn folding_what_is_folded_changes_nothing(raw in "[a-zA-Z à-ÿА-яα-ω𝐀-𝐳ａ-ｚⓐ-ⓩ'.,!?]{0,40}") {
            let once = fold(&raw).text;
            prop_assert_eq!(&fold(&once).text, &once);
        }

        #[test]
        fn any_bytes_that_are_text_fold(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            fold(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn escapes_and_overrides_fold_without_harm(raw in "[&#x;amp0-9a-f%\u{202E}\u{202C}ɐɥʞ \n]{0,40}") {
            let folded = fold(&raw);
            for at in 0..folded.words.len() {
                prop_assert!(raw.get(folded.raw_words(at..at + 1)).is_some());
            }
        }

        #[test]
        fn folding_ignores_the_case_of_ascii(raw in "[ -~]{0,60}") {
            prop_assert_eq!(fold(&raw).text.to_lowercase(), fold(&raw.to_lowercase()).text);
        }
    }
}
