//! Names that fell to pieces: `Mc Allister`, `Wish-nev-ska`, `Dr Pat el`. In: the token of the first piece. Out: whose name
//! it is and where it ends. Not here: names of two words, which the staff list has as they are.

use super::Finder;
use crate::lexicon::Certainty;
use crate::matcher::names::Who;
use crate::matcher::names::index::{Form, Part};
use crate::matcher::names::spelling::Reach;
use crate::matcher::names::words;

/// Of how many pieces a name is put together again, at most.
const MOST: usize = 3;

impl Finder<'_> {
    /// A surname in pieces that a title stands before.
    pub(super) fn pieces_after_title(&self, at: usize) -> Option<(usize, usize)> {
        self.put_together(at, |whole, hyphened, capitals| {
            let surname = |form: &Form| form.part == Part::Surname && form.words[0].len() >= 5;
            let exact = self.names.index.starting(whole).find(|form| form.words.len() == 1 && surname(form));
            let near = || {
                let piece = (hyphened || capitals).then(|| self.near_word(whole, Reach::Vouched, surname)).flatten();
                piece.map(|piece| piece.who)
            };
            exact.map(|form| form.who).or_else(near)
        })
    }

    /// Where this person's surname ends, if it stands here in pieces.
    pub(super) fn pieces_of_surname(&self, at: usize, who: usize) -> Option<usize> {
        let theirs = |form: &Form| form.who == who && form.part == Part::Surname && form.words[0].len() >= 5;
        let (_, end) = self.put_together(at, |whole, _, _| {
            let exact = self.names.index.starting(whole).find(|form| form.words.len() == 1 && theirs(form));
            exact.map(|form| form.who).or_else(|| self.near_word(whole, Reach::Vouched, theirs).map(|piece| piece.who))
        })?;
        Some(end)
    }

    /// A long surname with hyphens where none belong, and nothing beside it.
    pub(super) fn in_pieces(&mut self, at: usize) -> Option<usize> {
        let plain = !self.gap(at + 1).starts_with(['-', '\'']) || self.is_forename(at) || !self.pieces(at).is_empty();
        if plain || words::is_honour(self.before(at, 1)) || self.is_relative_before(at, true) {
            return None;
        }
        let (who, end) = self.put_together(at, |whole, hyphened, _| {
            let surname = |form: &Form| form.part == Part::Surname && form.words[0].len() >= 7;
            let exact = self.names.index.starting(whole).find(|form| form.words.len() == 1 && surname(form));
            let near = || self.near_word(whole, Reach::Vouched, surname).map(|piece| piece.who);
            exact.map(|form| form.who).or_else(|| hyphened.then(near).flatten())
        })?;
        if words::is_place(self.text(end)) || self.gap(end).contains('&') || self.is_elsewhere(end) {
            return None;
        }
        self.hit(at..end, Who::Staff(who), Certainty::Medium, true)
    }

    /// Puts two or three tokens together and asks whose name that is; says too whether all of them were hyphened and
    /// whether all of them have capitals.
    fn put_together(&self, at: usize, whose: impl Fn(&str, bool, bool) -> Option<usize>) -> Option<(usize, usize)> {
        let mut whole = self.text(at).to_owned();
        let (mut hyphened, mut capitals) = (true, self.capital(at) && !self.caseless);
        for end in at + 1..(at + MOST).min(self.tokens.len()) {
            let gap = self.gap(end);
            let close = matches!(gap, " " | "-" | "\'" | "\' " | " - ");
            if !close
                || !self.same_sentence(at, end)
                || self.tokens[end - 1].possessive
                || words::is_cue_after(self.text(end))
            {
                return None;
            }
            hyphened &= gap != " ";
            capitals &= self.capital(end);
            whole.push_str(self.text(end));
            if whole.len() >= 5
                && let Some(who) = whose(&whole, hyphened, capitals)
            {
                return Some((who, end + 1));
            }
        }
        None
    }
}
