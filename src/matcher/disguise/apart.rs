//! Letters apart and words in pieces: `f u c k`, `W 0 R S T`, `s.p.a.s.t.i.c`, `K💩h💩a💩n`, `fu ck`, `recep tionist`.
//! Not here: pieces that signs part within a chunk.

use std::ops::Range;

use super::lexis::Class;
use super::{Reader, State, joined, signs};
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
        let wide = |&after: &usize| {
            let gap = folded.gap_before(after);
            gap.contains("  ") || gap.trim().is_empty() && gap.len() > 1
        };
        let mut parts: Vec<&[usize]> = letters.chunk_by(|_, after| !wide(after)).collect();
        // Where all gaps are wide they part nothing.
        if parts.len() == letters.len() {
            parts = vec![letters];
        }
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
        // "£ 1 0 0" and "5 4 3 2 1" are numbers.
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        if digits == word.len() {
            return;
        }
        if digits > 0 {
            if let Some(word) = signs::decode(&word, self.lexis, signs::Surroundings { name: true, dash: false }) {
                readings.push(Reading { range: bytes(part), words: vec![(word, bytes(part))] });
            }
            return;
        }
        let class = self.lexis.class(&word).or(super::TITLES.contains(&word.as_str()).then_some(Class::Known));
        if part.len() >= 3 && class.is_some() || part.len() == 2 && class.is_some() && all >= 4 {
            readings.push(Reading { range: bytes(part), words: vec![(word, bytes(part))] });
        } else if part.len() >= 4 {
            let slip = self.lexis.slipped(&word).map(|word| vec![(word.to_owned(), bytes(part))]);
            let words = slip.or_else(|| {
                let cuts = joined::segments(&word, self.lexis)?;
                // "a s a p" falls into words as well, and says nothing.
                let known = |cut: &Range<usize>| cut.len() >= 4 && self.lexis.class(&word[cut.clone()]).is_some();
                cuts.iter().any(known).then_some(())?;
                let piece = |cut: Range<usize>| (word[cut.clone()].to_owned(), bytes(&part[cut]));
                Some(cuts.into_iter().map(piece).collect())
            });
            if let Some(words) = words {
                readings.push(Reading { range: bytes(part), words });
            }
        }
    }

    /// A word in two or three pieces, of which nobody knows one at least.
    pub(super) fn pieces(&mut self, strange: &[usize]) {
        for &index in strange {
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
                self.take(self.folded.word_bytes(words), word);
            }
        }
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
        let class = self.lexis.class(&word)?;
        let states: Vec<State> = (first..=last).map(|at| self.state(at)).collect();
        let long = |at: usize| folded.word(at).len() >= 3;
        let strange = states.iter().filter(|state| **state == State::Strange).count();
        // "as sess": a piece that is a word and says something may be just that.
        let sense = states.iter().zip(first..).filter(|(state, at)| **state != State::Strange && long(*at)).count();
        let fits = match class {
            Class::Strong | Class::Rude => strange > 0,
            Class::Name => strange == states.len() || strange > 0 && folded.words[first].capital && sense == 0,
            Class::Known => {
                self.lexis.exact(&word).is_some() && word.len() >= 5 && (sense == 0 || word.len() >= 7 && strange > 0)
            }
        };
        fits.then_some((word, class))
    }
}
