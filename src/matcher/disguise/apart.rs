//! Letters apart and words in pieces: `f u c k`, `W 0 R S T`, `s.p.a.s.t.i.c`, `K💩h💩a💩n`, `fu ck`, `recep tionist`.
//! Not here: pieces that signs part within a chunk.

use std::ops::Range;

use super::lexis::Class;
use super::words::{is_common, is_ordinary};
use super::{Reader, State, joined};
use crate::text::Reading;

impl Reader<'_> {
    pub(super) fn has_single_letters(&self) -> bool {
        self.folded.words.windows(2).any(|pair| pair.iter().all(|word| word.end - word.start == 1) || pair[1].emoji)
    }

    pub(super) fn spaced(&mut self) {
        let mut at = 0;
        while at < self.folded.words.len() {
            let run = self.single_letters(at);
            at = run.end.max(at + 1);
            let letters: Vec<usize> = run.filter(|&word| !self.folded.words[word].emoji).collect();
            if letters.len() >= 3 && self.look() {
                self.read_spaced(&letters);
            }
        }
    }

    /// The words from `from` on that are single letters with little between them.
    fn single_letters(&self, from: usize) -> Range<usize> {
        let folded = self.folded;
        let mut end = from;
        let mut last_letter = from;
        while end < folded.words.len() {
            let word = &folded.words[end];
            let single = folded.word(end).chars().count() == 1;
            let gap = folded.gap_before(end);
            let near = end == from || gap.len() <= 4 && !gap.contains('\n');
            if !single || !near || word.emoji && end == from {
                break;
            }
            if !word.emoji {
                last_letter = end + 1;
            }
            end += 1;
        }
        from..last_letter
    }

    /// Wide gaps part words; each part, or else the whole, has to be known.
    fn read_spaced(&mut self, letters: &[usize]) {
        let folded = self.folded;
        let gap = |at: usize| folded.gap_before(at);
        let wide = |at: usize| gap(at).contains("  ") || gap(at).trim().is_empty() && gap(at).len() > 1;
        let mut parts: Vec<&[usize]> = letters.chunk_by(|_, &after| !wide(after)).collect();
        // Where all gaps are wide they part nothing.
        if parts.len() == letters.len() {
            parts = vec![letters];
        }
        // Among letters with signs between them, a mere space parts words.
        let signs = |part: &[usize]| part[1..].iter().any(|&at| !gap(at).trim().is_empty());
        let parts: Vec<&[usize]> = parts
            .into_iter()
            .flat_map(|part| {
                let signs = signs(part);
                part.chunk_by(move |_, &after| !signs || !gap(after).trim().is_empty())
            })
            .collect();
        let mut readings = Vec::new();
        for part in parts.iter().filter(|part| part.len() >= 2) {
            self.read_part(part, letters.len(), &mut readings);
        }
        self.found.append(&mut readings);
    }

    fn read_part(&self, part: &[usize], all: usize, readings: &mut Vec<Reading>) {
        let folded = self.folded;
        let bytes =
            |part: &[usize]| folded.words[part[0]].start as usize..folded.words[part[part.len() - 1]].end as usize;
        let word: String = part.iter().map(|&word| folded.word(word)).collect();
        // The path of an address.
        if folded.text[..bytes(part).start].ends_with('/') {
            return;
        }
        // "£ 1 0 0" and "5 4 3 2 1" are numbers.
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        if digits == word.len() {
            return;
        }
        if digits > 0 && part.len() < 3 {
            return;
        }
        let spelt: Vec<String> =
            if digits == 0 { vec![word] } else { ["i", "l"].map(|one| letters_of(&word, one)).into() };
        for word in &spelt {
            if let Some(cuts) = self.cut_part(word, part.len(), all) {
                let words = cuts.into_iter().map(|(word, cut)| (word, bytes(&part[cut]))).collect();
                readings.push(Reading { range: bytes(part), words });
                return;
            }
        }
        // One long word of no interest, not words of one letter.
        let [word, ..] = spelt.as_slice() else { return };
        if part.len() >= 5 && digits == 0 || part.len() >= 4 && is_ordinary(word) {
            readings.push(Reading { range: bytes(part), words: vec![(word.clone(), bytes(part))] });
        }
    }

    /// The words that letters apart spell, each with its letters.
    fn cut_part(&self, word: &str, letters: usize, all: usize) -> Option<Vec<(String, Range<usize>)>> {
        let title = || super::TITLES.contains(&word).then_some(Class::Known);
        let class = self.lexis.class_of_short(word).or_else(title);
        if class.is_some() && (letters >= 3 || letters == 2 && all >= 4) {
            return Some(vec![(word.to_owned(), 0..letters)]);
        }
        if letters < 4 {
            return None;
        }
        if let Some(meant) = self.lexis.slipped(word) {
            return Some(vec![(meant.to_owned(), 0..letters)]);
        }
        let cuts = joined::segments(word, self.lexis)?;
        // "a s a p" falls into words as well, and says nothing.
        let known = |cut: &Range<usize>| {
            let class = self.lexis.class(&word[cut.clone()]);
            cut.len() >= 4 && class.is_some() || class >= Some(Class::Name)
        };
        cuts.iter().any(known).then(|| cuts.into_iter().map(|cut| (word[cut.clone()].to_owned(), cut)).collect())
    }

    /// Words in two or three pieces, of which nobody knows one at least; which words of the text they were.
    pub(super) fn pieces(&mut self, fragments: &[usize]) -> Vec<Range<usize>> {
        let mut whole: Vec<Range<usize>> = Vec::new();
        for &index in fragments {
            if whole.last().is_some_and(|words| words.contains(&index)) {
                continue;
            }
            let from = index.saturating_sub(2);
            let mut best: Option<(Range<usize>, String, Class)> = None;
            for first in from..=index {
                for last in index.max(first + 1)..=(first + 2).min(self.folded.words.len().saturating_sub(1)) {
                    let Some((word, class)) = self.pieced(first, last) else { continue };
                    if best.as_ref().is_none_or(|(_, _, least)| class > *least) {
                        best = Some((first..last + 1, word, class));
                    }
                }
            }
            if let Some((words, word, _)) = best {
                self.take(self.folded.word_bytes(words.clone()), word);
                whole.push(words);
            }
        }
        whole
    }

    /// What the words from `first` to `last` are in one, if that is likelier than what they are.
    fn pieced(&self, first: usize, last: usize) -> Option<(String, Class)> {
        let folded = self.folded;
        if (first + 1..=last).any(|at| !matches!(folded.gap_before(at), " " | "-" | "- " | "\u{20}\u{20}")) {
            return None;
        }
        let word: String = (first..=last).map(|at| folded.word(at)).collect();
        if word.len() < 4 || word.len() > 20 || !word.is_ascii() {
            return None;
        }
        // A piece that is a word and says something may be just that; two letters or three rarely are.
        let fragment = |at: &usize| match folded.word(*at) {
            piece if piece.len() <= 2 => !SHORT.contains(&piece),
            piece if piece.len() == 3 => !is_common(piece),
            _ => self.state(*at) == State::Strange,
        };
        let pieces = last - first + 1;
        let fragments = (first..=last).filter(fragment).count();
        // "pak is" is more likely a slip beside a word.
        let lengths = || (first..=last).map(|at| folded.word(at).len());
        let beside_a_word = fragments < pieces
            && pieces == 2
            && lengths().any(|length| length == 3)
            && lengths().any(|length| length <= 2);
        let titled = first > 0 && super::TITLES.contains(&folded.word(first - 1));
        let exact = self.lexis.exact(&word).is_some();
        let Some(class) = self.lexis.class_of_short(&word) else {
            // "coun try" is a country, whatever its pieces sound like.
            let whole = fragments == pieces || fragments > 0 && word.len() >= 7;
            return (whole && word.len() >= 5 && is_common(&word)).then_some((word, Class::Known));
        };
        let fits = match class {
            Class::Strong | Class::Rude => fragments > 0 && !beside_a_word,
            Class::Name => {
                fragments == pieces
                    || titled && fragments > 0
                    || fragments > 0 && folded.words[first].capital && word.len() >= 5
            }
            Class::Known => exact && (fragments == pieces || fragments > 0 && word.len() >= 7),
        };
        fits.then_some((word, class))
    }
}

/// Words of two letters and less that mean something by themselves.
pub(super) const SHORT: [&str; 36] = [
    "a", "i", "u", "am", "an", "as", "at", "be", "by", "do", "dr", "go", "gp", "he", "hi", "if", "im", "in", "is",
    "it", "me", "mr", "ms", "my", "no", "of", "oh", "ok", "on", "or", "so", "to", "up", "us", "we", "ur",
];

/// Digits as the letters that they look like; `one` is what a 1 is.
pub(super) fn letters_of(word: &str, one: &str) -> String {
    let letter = |c: char| match c {
        '0' => "o",
        '1' | '!' | '|' => one,
        '3' => "e",
        '4' | '@' => "a",
        '5' | '$' => "s",
        '6' | '9' => "g",
        '7' | '+' => "t",
        '8' => "b",
        _ => "",
    };
    let mut out = String::new();
    for c in word.chars() {
        match letter(c) {
            "" => out.push(c),
            letter => out.push_str(letter),
        }
    }
    out
}
