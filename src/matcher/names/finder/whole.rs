//! Names that are whole by themselves: an alias, forename and surname, of staff or of anybody. In: the token where one
//! may begin. Out: a hit. Not here: names with a title or a role beside them.

use super::{Finder, Piece, is_same_name};
use crate::lexicon::Certainty;
use crate::matcher::names::Who;
use crate::matcher::names::index::{Form, Part};
use crate::matcher::names::spelling::{self, Reach, Shape};
use crate::matcher::names::words::{self, Ordinary};

impl Finder<'_> {
    /// An alias of several words, word by word: `Dr P`, `Mo on reception`.
    pub(super) fn phrase(&mut self, at: usize) -> Option<usize> {
        let names = self.names;
        let all = names.index.phrases.get(self.text(at))?;
        let fits = |words: &[String]| {
            (1..words.len()).all(|next| self.text(at + next) == words[next] && self.joined(at + next))
        };
        let (words, who) = all.iter().filter(|(words, _)| fits(words)).max_by_key(|(words, _)| words.len())?;
        let (end, who) = (at + words.len(), *who);
        // "Dr P" is an initial; in "Dr P Smith" it is another doctor's.
        if let Some(title) = words::title(self.text(at))
            && self.is_word_here(at, at + 1, title)
        {
            // "sister may not want a fuss": nobody's sister is said so.
            let honoured = !words::is_determiner(self.before(at, 1))
                && !self.is_relative_before(at, true)
                && (0..10).any(|ahead| words::is_send_off(self.after(end, ahead)));
            return if honoured { self.hit(at..end, Who::Staff(who), Certainty::Low, false) } else { None };
        }
        if self.is_elsewhere(end) {
            return None;
        }
        let short = words.last().is_some_and(|last| last.len() == 1);
        if short && self.joined(end) && self.capital(end) && !self.caseless && !words::is_cue_after(self.text(end)) {
            return None;
        }
        self.hit(at..end, Who::Staff(who), Certainty::High, false)
    }

    /// Forename and surname of the same member of staff, in either order, exactly or nearly.
    pub(super) fn whole_name(&mut self, at: usize) -> Option<usize> {
        let (piece, end) = self.exact_pair(at).or_else(|| self.near_pair(at))?;
        let (first, last) = (self.text(at), self.text(end - 1));
        let both_words = words::ordinary(first).is_some() && words::ordinary(last).is_some();
        let capitals = (at..end).all(|at| self.capital(at)) && !self.caseless;
        let cued = words::is_cue_after(self.after(end, 0))
            || words::is_cue_before(self.before(at, 1))
            || self.has_role_near(at, end);
        // "dawn summers" is nothing but a name; "grace may" and "will power" are more.
        let verb = |word: &str| words::ordinary(word) == Some(Ordinary::Verb);
        let will_power = verb(first) && words::ordinary(last) == Some(Ordinary::Mass);
        let cued = (cued || !verb(first) && !verb(last)) && !(will_power && matches!(self.after(end, 0), "is" | "was"));
        let alone =
            at == 0 && end == self.tokens.len() || self.gap(end).starts_with('@') || self.gap(at).ends_with(['@', '#']);
        if both_words && !capitals && !(cued || alone) {
            return None;
        }
        if self.is_somebody_elses(at) || self.is_public(at..end) || self.is_elsewhere(end) {
            return self.hit(at..end, Who::Person, Certainty::Medium, false).filter(|_| !self.is_public(at..end));
        }
        if capitals && self.capital(end) && self.joined(end) && words::is_place(self.text(end)) {
            return None;
        }
        let certainty = if piece.fuzzy || both_words && !capitals { Certainty::Medium } else { Certainty::High };
        self.hit(at..end, Who::Staff(piece.who), certainty, piece.fuzzy)
    }

    fn exact_pair(&self, at: usize) -> Option<(Piece, usize)> {
        let gap_fits =
            |next: usize| self.joined(next) || self.gap(next) == ", " && self.capital(next) && !self.caseless;
        for one in self.pieces(at) {
            let next = at + one.len;
            if self.joined(next) || one.part == Part::Surname && gap_fits(next) {
                let other = |piece: &Piece| {
                    piece.who == one.who && (piece.part == Part::Forename) != (one.part == Part::Forename)
                };
                if let Some(two) = self.pieces(next).into_iter().find(other) {
                    let backward_words =
                        one.part != Part::Forename && words::ordinary(self.text(at)).is_some() && !self.capital(at);
                    return (!backward_words).then_some((two, next + two.len));
                }
            }
        }
        // "R Patel", "E. Young"
        let mailbox = self.gap(at + 1) == "." && self.gap(at + 2).starts_with('@');
        let initial = self.text(at).len() == 1 && (self.capital(at) || mailbox) && self.joined(at + 1);
        let dotted = self.text(at).len() == 1 && self.capital(at) && self.gap(at + 1) == ". " && self.capital(at + 1);
        let surname = if initial || dotted { self.pieces(at + 1) } else { Vec::new() };
        let surname = surname.into_iter().find(|piece| piece.part == Part::Surname)?;
        let theirs = self.names.index.initials.get(self.text(at)).is_some_and(|all| all.contains(&surname.who));
        let sure = words::ordinary(self.text(at + 1)).is_none()
            || mailbox
            || self.capital(at + 1) && self.text(at) != "i" && self.text(at) != "a";
        (theirs && sure).then_some((surname, at + 1 + surname.len))
    }

    fn near_pair(&self, at: usize) -> Option<(Piece, usize)> {
        // "Shavon O Neill": a short piece is a surname's beginning where another follows.
        let stub = self.text(at + 1).len() < 3 && !self.joined(at + 2);
        if !self.joined(at + 1) || self.text(at).len() < 3 || stub {
            return None;
        }
        let capitals = self.capital(at) && self.capital(at + 1);
        if !capitals
            && !self.caseless
            && !self.names.index.knows(self.text(at))
            && !self.names.index.knows(self.text(at + 1))
        {
            return None;
        }
        let is_forename = |form: &Form| form.part == Part::Forename;
        let known_words = |at: usize| words::ordinary(self.text(at)).is_some() && !capitals;
        for first in self.pieces(at).iter().filter(|piece| piece.part == Part::Forename && !known_words(at)) {
            let surname = self.surname_of(at + first.len, first.who).filter(|(piece, _)| piece.fuzzy);
            if surname.is_some() {
                return surname;
            }
            if self.handle_of(at, first.who) {
                return Some((Piece { fuzzy: true, ..*first }, at + 2));
            }
        }
        for last in self.pieces(at + 1).iter().filter(|piece| piece.part != Part::Forename && !known_words(at + 1)) {
            let theirs = |form: &Form| {
                let known = self.names.forenames.contains(self.text(at));
                form.who == last.who && is_forename(form) && (!known || is_same_name(self.text(at), form))
            };
            if let Some(first) = self.near_piece(at, theirs) {
                return Some((Piece { fuzzy: true, ..first }, at + 1 + last.len));
            }
            if let Some(first) = self.rarely_misspelt(at, *last).filter(|_| capitals) {
                return Some((first, at + 1 + last.len));
            }
        }
        if !capitals && !self.caseless
            || self.names.forenames.contains(self.text(at)) && words::is_common_surname(self.text(at + 1))
        {
            return None;
        }
        let first = self.near_piece(at, |form| {
            is_forename(form) && (!self.names.forenames.contains(self.text(at)) || is_same_name(self.text(at), form))
        })?;
        let (last, end) = self.surname_of(at + 1, first.who)?;
        (self.text(at).len() + self.text(at + 1).len() >= 9).then_some((Piece { fuzzy: true, ..last }, end))
    }

    /// `Rjys Llewellyn`: before a rare surname a forename that begins alike is theirs.
    fn rarely_misspelt(&self, at: usize, last: Piece) -> Option<Piece> {
        let word = self.text(at);
        let rare = last.part == Part::Surname
            && !words::is_common_surname(self.text(at + 1))
            && words::ordinary(self.text(at + 1)).is_none();
        let theirs = |form: &&Form| {
            let name = &form.words[0];
            form.who == last.who
                && form.part == Part::Forename
                && form.words.len() == 1
                && name.len() >= 4
                && name.as_bytes()[0] == word.as_bytes()[0]
                && spelling::likeness(word, &Shape::of(word), name, &form.shape, Reach::Near).is_some()
        };
        if !rare || self.names.forenames.contains(word) || words::is_no_surname(word) {
            return None;
        }
        let form = self.names.index.forms.iter().find(theirs)?;
        Some(Piece { who: form.who, part: form.part, len: 1, alias: form.alias, fuzzy: true })
    }

    /// `callum_mac_physio`: the forename and the beginning of the surname, in a handle.
    fn handle_of(&self, at: usize, who: usize) -> bool {
        let start = self.text(at + 1);
        let begins = |form: &Form| form.who == who && form.part == Part::Surname && form.words[0].starts_with(start);
        start.len() >= 3 && self.gap(at + 1) == "_" && self.names.index.forms.iter().any(begins)
    }

    /// Forename and surname of somebody who is not on the list.
    pub(super) fn person(&mut self, at: usize) -> Option<usize> {
        if self.caseless {
            return self.person_without_capitals(at);
        }
        if let Some(end) = self.person_by_place(at) {
            return self.hit(at..end, Who::Person, Certainty::Medium, false);
        }
        if let Some(end) = self.person_by_initial(at) {
            return self.hit(at..end, Who::Person, Certainty::Medium, false);
        }
        if !self.capital(at) || !self.is_forename(at) || self.text(at).len() < 2 {
            return None;
        }
        let mut end = at + 1;
        let short_gap =
            |at: usize| matches!(self.gap(at), " " | "-") || self.gap(at) == ". " && self.text(at - 1).len() == 1;
        // A second forename or an initial may stand between.
        if self.capital(end)
            && short_gap(end)
            && (self.text(end).len() == 1 || self.is_forename(end))
            && self.capital(end + 1)
            && short_gap(end + 1)
            && self.is_surname_like(end + 1)
        {
            end += 1;
        }
        if !self.capital(end) || !short_gap(end) || !self.is_surname_like(end) || self.text(end).len() < 2 {
            return None;
        }
        end += 1;
        while end < at + 5 && self.gap(end) == "-" && self.capital(end) {
            end += 1;
        }
        let last = self.text(end - 1);
        let place = words::is_place(last) && !words::is_common_surname(last)
            || self.capital(end) && self.joined(end) && words::is_place(self.text(end));
        let months = matches!(self.text(at), "april" | "may" | "june" | "august") && last.len() <= 2;
        if place
            || months
            || words::is_honour(self.before(at, 1))
            || self.is_public(at..end)
            || words::is_role(last)
            || words::is_workplace(last)
        {
            return None;
        }
        let word =
            words::ordinary(self.text(at)).is_some() && (self.tokens[at].first || words::ordinary(last).is_some());
        self.hit(at..end, Who::Person, if word { Certainty::Medium } else { Certainty::High }, false)
    }

    /// `P. Ramsbottom – palliative`, `D. Fazackerley's`: where it ends.
    fn person_by_initial(&self, at: usize) -> Option<usize> {
        let name = at + 1;
        let written = self.text(at).len() == 1
            && self.capital(at)
            && matches!(self.gap(name), ". " | ".")
            && self.capital(name)
            && self.text(name).len() >= 4;
        let closed = self.gap(name + 1).contains([',', '-', '–', ')', '(', ':']) || self.tokens.get(name)?.possessive;
        let word = words::ordinary(self.text(name)).is_some() || words::is_no_surname(self.text(name));
        (written && closed && !word && self.is_surname_like(name)).then_some(name + 1)
    }

    /// `Martin from the chip shop`, `Barry at number 12`, `Rhys the postman`, `Lynne's lad`: a forename that a home, a trade
    /// or a relative makes one person of. Where it ends.
    fn person_by_place(&self, at: usize) -> Option<usize> {
        let word = self.text(at);
        let named = self.capital(at) && self.names.forenames.contains(word) && word.len() >= 3;
        let begins_sentence = words::ordinary(word) == Some(Ordinary::Verb) && self.tokens[at].first;
        if !named || begins_sentence || words::is_honour(self.before(at, 1)) {
            return None;
        }
        let (first, second, third) = (self.after(at + 1, 0), self.after(at + 1, 1), self.after(at + 1, 2));
        if self.tokens[at].possessive {
            let rare = !words::is_everyday_forename(word) && words::ordinary(word).is_none();
            let colleague = (rare || first == "colleague") && self.names.index.knows(word);
            return (words::is_relative(first) && !colleague).then_some(at + 2);
        }
        let capital = |ahead: usize| {
            self.capital(at + 1 + ahead) && words::ordinary(self.after(at + 1, ahead)) != Some(Ordinary::Verb)
        };
        let here = |from: usize| (from..from + 3).any(|ahead| words::is_workplace(self.after(at + 1, ahead)));
        let numbered = |word: &str| word.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        match first {
            "from" | "off" | "at" | "on" if matches!(second, "number" | "no" | "flat") && numbered(third) => {
                Some(at + 4)
            }
            // "Ruby at 16 Garnet House", not "Ruby at 16".
            "at" if numbered(second) && capital(2) && words::is_place(self.after(at + 1, 3)) => Some(at + 5),
            "next" if second == "door" => Some(at + 3),
            "from" | "off" if matches!(second, "next" | "across" | "down" | "over") => Some(at + 3),
            "from" | "off" | "down" | "up" if second == "the" && !here(1) && !third.is_empty() => Some(at + 4),
            "at" if second == "the" && words::is_elsewhere(third) => Some(at + 4),
            "from" | "off" if capital(1) && !here(1) => Some(at + 3),
            "the" if words::is_other_trade(second) => Some(at + 3),
            "the" if words::is_other_trade(third) => Some(at + 4),
            _ => None,
        }
    }

    /// `JOAN SMITH HAS CANCER`, `joan smith`: only a common surname after a forename that is no word.
    fn person_without_capitals(&mut self, at: usize) -> Option<usize> {
        let sure = self.is_forename(at) && self.joined(at + 1) && words::is_common_surname(self.text(at + 1));
        let word = |at: usize| {
            words::is_no_surname(self.text(at))
                || words::ordinary(self.text(at)).is_some_and(|kind| kind != Ordinary::Thing)
        };
        if !sure
            || words::ordinary(self.text(at)).is_some()
            || word(at)
            || word(at + 1)
            || self.text(at).len() < 3
            || self.is_public(at..at + 2)
            || words::is_honour(self.before(at, 1))
        {
            return None;
        }
        self.hit(at..at + 2, Who::Person, Certainty::Medium, false)
    }

    pub(super) fn is_surname_like(&self, at: usize) -> bool {
        let word = self.text(at);
        word.len() >= 2
            && word.bytes().all(|byte| byte.is_ascii_alphabetic() || byte >= 0x80)
            && (!words::is_no_surname(word) || matches!(word, "may" | "hope" | "english" | "love") && self.capital(at))
    }
}
