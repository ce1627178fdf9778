//! Whole texts turned round or written in a simple code: `ecitcarp tihs a tahw`, `jung n fuvg cynpr`, morse. In: the words
//! of a text that nobody knows. Out: one reading of all of it, if that makes much more sense than the text itself.
//! Not here: single words turned round; those are slips.

use super::apart::SHORT;
use super::lexis::Class;
use super::{Reader, slips};
use crate::text::Reading;

impl Reader<'_> {
    /// Reads the text backwards or thirteen letters on where that makes sense of most of it.
    pub(super) fn turned_whole(&mut self, strange: &[usize]) -> bool {
        let words: Vec<usize> = (0..self.folded.words.len()).filter(|&at| self.folded.word(at).len() >= 3).collect();
        // Half of the longer words at the least make no sense as they are.
        let long = strange.iter().filter(|&&at| self.folded.word(at).len() >= 3).count();
        if long < 2 && !self.all_backwards(strange) || 2 * long < words.len() || !self.look() {
            return false;
        }
        if long < 2 {
            self.turn_all(slips::backwards, true, strange);
            return true;
        }
        let makes_sense = |turn: fn(&str) -> String| {
            let sense = |at: &&usize| self.makes_sense(&turn(self.folded.word(**at)));
            strange.iter().filter(|at| self.folded.word(**at).len() >= 3).filter(sense).count()
        };
        for (turn, backwards) in [(slips::backwards as fn(&str) -> String, true), (slips::rot13, false)] {
            let sense = makes_sense(turn);
            let worth = strange.iter().any(|&at| self.lexis.class(&turn(self.folded.word(at))) >= Some(Class::Known));
            if sense >= 2 && 3 * sense >= 2 * long && worth {
                self.turn_all(turn, backwards, strange);
                return true;
            }
        }
        false
    }

    /// The word turned, unless it is a short one that only makes sense as it stands.
    fn short_or(&self, turn: fn(&str) -> String, at: usize) -> String {
        let (word, turned) = (self.folded.word(at), turn(self.folded.word(at)));
        if word.len() < 3 && SHORT.contains(&word) && !SHORT.contains(&turned.as_str()) {
            word.to_owned()
        } else {
            turned
        }
    }

    /// One word that people hide, and every other makes as much sense backwards.
    fn all_backwards(&self, strange: &[usize]) -> bool {
        let words = 0..self.folded.words.len();
        words.len() >= 3
            && strange.iter().any(|&at| self.lexis.exact(&slips::backwards(self.folded.word(at))) >= Some(Class::Name))
            && words
                .clone()
                .all(|at| self.makes_sense(&slips::backwards(self.folded.word(at))) || self.folded.word(at) == "a")
    }

    fn turn_all(&mut self, turn: fn(&str) -> String, backwards: bool, strange: &[usize]) {
        let bytes = |at: usize| self.folded.words[at].start as usize..self.folded.words[at].end as usize;
        if !backwards {
            let readings =
                (0..self.folded.words.len()).filter(|&at| self.is_strange(at) || self.folded.word(at).len() < 3);
            let readings: Vec<Reading> = readings
                .filter(|&at| !self.folded.words[at].emoji)
                .map(|at| Reading { range: bytes(at), words: vec![(self.short_or(turn, at), bytes(at))] })
                .collect();
            self.found.extend(readings);
            return;
        }
        // The words change places only where nearly all of them are turned; else each is turned where it stands.
        let own = |at: &usize| {
            self.folded.word(*at).len() >= 3 && !self.is_strange(*at) && !self.makes_sense(&turn(self.folded.word(*at)))
        };
        let upright = (0..self.folded.words.len()).filter(own).count();
        let Some(last) = self.folded.words.len().checked_sub(1) else { return };
        if upright == 0 {
            let words = (0..=last).rev().map(|at| (turn(self.folded.word(at)), bytes(at))).collect();
            let range = self.folded.word_bytes(0..last + 1);
            self.found.clear();
            self.found.push(Reading { range, words });
            return;
        }
        for &at in strange {
            let word = turn(self.folded.word(at));
            if self.makes_sense(&word) {
                self.take(bytes(at), word);
            }
        }
    }
}
