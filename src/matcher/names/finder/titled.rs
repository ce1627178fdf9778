//! Names that a title stands before: `Dr Patel`, `Drs Patel and Khan`, `nurse Robinson-Hughes`, `Dr P`. In: the token of
//! the title. Out: a hit, staff or not, misspelt or not. Not here: what a title is.

use super::{Finder, Piece};
use crate::lexicon::Certainty;
use crate::matcher::names::index::{Form, Part};
use crate::matcher::names::spelling::{self, Shape};
use crate::matcher::names::words::{self, Ordinary, Title};
use crate::matcher::names::{Who, is_without_vowels};

impl Finder<'_> {
    /// A title and the names after it: `Dr Patel`, `Drs Patel and Khan`, `Mrs Okafor`.
    pub(super) fn titled(&mut self, at: usize) -> Option<usize> {
        let title = words::title(self.text(at)).filter(|_| !self.tokens[at].possessive)?;
        let end = self.one_titled(at, at + 1, title)?;
        if !title.plural() {
            return Some(end);
        }
        let mut end = end;
        for _ in 0..4 {
            let linked = self.gap(end).contains([',', '&', '/', '+']) || matches!(self.text(end), "and" | "or" | "n");
            let next = if matches!(self.text(end), "and" | "or" | "n") { end + 1 } else { end };
            if !linked {
                break;
            }
            let Some(more) = self.one_titled(next, next, title) else { break };
            end = more;
        }
        Some(end)
    }

    /// The name at `name`, that a title stands before; the hit begins at `from`.
    fn one_titled(&mut self, from: usize, name: usize, title: Title) -> Option<usize> {
        let apart = name > from && !self.title_reaches(name);
        if name >= self.tokens.len() || apart {
            return None;
        }
        if let Some((piece, end)) = self.staff_after_title(name) {
            if end == name + 1 && self.is_word_here(from, name, title) {
                return None;
            }
            return self.settle_titled(from, name, end, title, piece);
        }
        self.initials_after_title(from, name, title)
            .or_else(|| self.near_after_title(from, name, title))
            .or_else(|| self.unlisted_after_title(from, name, title))
    }

    fn title_reaches(&self, name: usize) -> bool {
        let gap = self.gap(name);
        gap.len() <= 4
            && gap.bytes().all(|byte| matches!(byte, b' ' | b'.' | b'_' | b'-' | b'*' | b'"' | b'\'' | b':'))
            && (self.same_sentence(name - 1, name) || gap.starts_with('.'))
    }

    /// `rakesh patel`, `r patel`, `patel`, `femi`: whose, and where it ends.
    fn staff_after_title(&self, at: usize) -> Option<(Piece, usize)> {
        let first = self.pieces(at);
        let is_initial = self.text(at).len() == 1 && self.capital(at) | self.caseless;
        let dotted = self.joined(at + 1) || self.gap(at + 1) == ". ";
        let pieces = if first.is_empty() && is_initial && dotted { self.pieces(at + 1) } else { Vec::new() };
        if let Some(piece) = pieces.into_iter().find(|piece| piece.part != Part::Forename) {
            let theirs = self.names.index.initials.get(self.text(at)).is_some_and(|all| all.contains(&piece.who));
            return theirs.then_some((piece, at + 1 + piece.len));
        }
        for forename in first.iter().filter(|piece| piece.part == Part::Forename) {
            let next = at + forename.len;
            // "Dr Rakesh Pattel": the forename says whose surname it should be.
            if let Some(found) = self.joined(next).then(|| self.surname_of(next, forename.who)).flatten() {
                return Some(found);
            }
        }
        let best = first.into_iter().max_by_key(|piece| (piece.part, piece.len))?;
        Some((best, at + best.len))
    }

    fn settle_titled(&mut self, from: usize, name: usize, end: usize, title: Title, piece: Piece) -> Option<usize> {
        // A forename or an initial may belong to another surname: "Dr Grace Okafor".
        if let Some((who, end)) = self.half_near(name).filter(|half| half.1 > end) {
            return self.hit(from..end, Who::Staff(who), Certainty::Medium, true);
        }
        let hyphened = self.gap(end) == "-" && !words::is_no_surname(self.text(end));
        let other = (piece.part == Part::Forename || hyphened) && self.name_goes_on(end) && self.is_surname_like(end);
        if other || self.is_elsewhere(end) || self.is_of_another_trade(from) {
            let who = if title.clinical() { Who::OtherTitled } else { Who::Person };
            return self.hit(from..if other { end + 1 } else { end }, who, Certainty::Medium, false);
        }
        let whole = format!("{} {}", self.text(from), self.text(name));
        if self.names.public_figures.contains(&whole) || words::is_place(self.text(end)) && self.name_goes_on(end) {
            return None;
        }
        let plain =
            title.clinical() != self.names.index.clinical[piece.who] && words::is_common_surname(self.text(name));
        let certainty = if plain || piece.fuzzy || piece.part == Part::Forename && !title.clinical() {
            Certainty::Medium
        } else {
            Certainty::High
        };
        self.hit(from..end, Who::Staff(piece.who), certainty, piece.fuzzy)
    }

    /// Whether title and name are words here: "my sister may come", "a doctor will", "we miss young people".
    pub(super) fn is_word_here(&self, title: usize, name: usize, kind: Title) -> bool {
        let before = self.before(title, 1);
        let family = self.text(title) == "sister" && words::is_determiner(before);
        if family && !words::is_workplace(self.text(name + 1)) {
            return true;
        }
        let Some(ordinary) = words::ordinary(self.text(name)) else { return false };
        let capital = self.capital(name) && !self.caseless;
        let person_next = words::is_cue_after(self.after(name + 1, 0)) || self.tokens[name].possessive;
        let closed = !self.same_sentence(name, name + 1);
        match (kind, ordinary) {
            _ if capital => false,
            (Title::Short { .. }, Ordinary::Verb) => !(person_next || closed),
            (Title::Short { .. }, _) => false,
            (Title::Noun { .. }, _)
                if self.text(title) == "miss" && !matches!(before, "" | "with" | "by" | "saw" | "and") =>
            {
                true
            }
            (Title::Noun { .. }, Ordinary::Verb) => {
                words::is_determiner(before) || !(person_next || closed || self.is_no_verb(title, name))
            }
            (Title::Noun { .. }, _) => words::is_determiner(before),
        }
    }

    /// "nurse hope in the photo", "tell sister may im coming": after a bare title these would not be verbs.
    fn is_no_verb(&self, title: usize, name: usize) -> bool {
        let next = self.after(name + 1, 0);
        if !matches!(self.text(name), "will" | "may") {
            return !words::is_after_a_verb(next);
        }
        let addressed =
            matches!(self.before(title, 1), "tell" | "ask" | "with" | "is" | "thats" | "by" | "see" | "thank");
        addressed && !matches!(next, "be" | "not" | "have")
            || words::is_after_no_auxiliary(next)
            || words::is_personal_verb(next) && next.ends_with('s')
    }

    /// `Dr P`, `Dr AW`, `Dr. Z`: somebody whose initials they are.
    fn initials_after_title(&mut self, from: usize, at: usize, title: Title) -> Option<usize> {
        let word = self.text(at);
        let mut initials = word.to_owned();
        let mut end = at + 1;
        while initials.len() == end - at
            && end < at + 3
            && self.text(end).len() == 1
            && matches!(self.gap(end), "." | "-")
        {
            initials.push_str(self.text(end));
            end += 1;
        }
        let short = initials.len() <= 3
            && (self.capital(at) || self.caseless)
            && (initials.len() == 1 || self.tokens[at].all_caps || end > at + 1);
        // "a dr a week ago", "the doctor I saw"
        let a_word = matches!(initials.as_str(), "i" | "a")
            && !words::is_cue_after(self.after(end, 0))
            && self.same_sentence(at, end)
            || initials == "i"
            || matches!(
                initials.as_str(),
                "it" | "is" | "on" | "at" | "in" | "of" | "he" | "she" | "to" | "no" | "gp" | "ok" | "uk" | "nhs"
            );
        if !short || a_word || !title.clinical() || matches!(title, Title::Noun { .. }) && !self.capital(at) {
            return None;
        }
        let continued = self.joined(end) && self.capital(end) && !self.caseless && self.is_surname_like(end);
        let holders = self.names.index.initials.get(&initials).filter(|_| !continued)?;
        let who = holders.iter().copied().find(|&who| self.names.index.clinical[who]).or(holders.first().copied())?;
        self.hit(from..end, Who::Staff(who), Certainty::Medium, false)
    }

    /// `Dr Kahn`, `Doctor Wisnyevska`, `nurse Robinson-Hughes`, `Nurse yaM`.
    fn near_after_title(&mut self, from: usize, at: usize, title: Title) -> Option<usize> {
        if self.is_elsewhere(at + 1) || self.is_of_another_trade(from) || self.public_after(from, at) {
            return None;
        }
        if let Some((who, end)) = self.half_near(at) {
            return self.hit(from..end, Who::Staff(who), Certainty::Medium, true);
        }
        if let Some((who, end)) = self.pieces_after_title(at) {
            return self.hit(from..end, Who::Staff(who), Certainty::Medium, true);
        }
        let noun =
            matches!(title, Title::Noun { .. }) && words::is_determiner(self.before(from, 1)) && !self.capital(at);
        let by_forename = title.clinical() && !matches!(self.text(from), "prof" | "professor");
        let named = |form: &Form| form.part != Part::Forename || by_forename;
        let guarded = |form: &Form| named(form) && (words::ordinary(&form.words[0]).is_none() || !noun);
        let word = self.text(at);
        let typed = Shape::of(word);
        // After a title stands a surname as a rule; a forename must be nearer before it is believed.
        let believed = |form: &Form| {
            guarded(form)
                && (form.part != Part::Forename
                    || self.joined(at + 1) && self.surname_of(at + 1, form.who).is_some()
                    || spelling::likeness(word, &typed, &form.words[0], &form.shape, spelling::Reach::Alone).is_some())
        };
        if let Some(first) = self.near_piece(at, believed) {
            let mut end = at + 1;
            if first.part == Part::Forename && self.joined(end) {
                let surname = self.surname_of(end, first.who);
                if surname.is_none() && self.is_surname_like(end) && self.capital(end) && !self.caseless {
                    return None;
                }
                end = surname.map_or(end, |(_, end)| end);
            }
            return self.hit(from..end, Who::Staff(first.who), Certainty::Medium, true);
        }
        let bare = is_without_vowels(self.text(at)).then(|| self.names.without_vowels(self.text(at))).flatten();
        let (who, end) = bare.map(|who| (who, at + 1)).or_else(|| self.backwards(at))?;
        self.hit(from..end, Who::Staff(who), Certainty::Medium, true)
    }

    /// One half of a double-barrelled name as it is, the other beginning alike: `robinson-hughes`.
    fn half_near(&self, at: usize) -> Option<(usize, usize)> {
        if self.gap(at + 1) != "-" {
            return None;
        }
        let alike = |typed: &str, name: &str| {
            typed.get(..3).is_some_and(|start| name.starts_with(start))
                || spelling::likeness(typed, &Shape::of(typed), name, &Shape::of(name), spelling::Reach::Vouched)
                    .is_some()
        };
        let (one, two) = (self.text(at), self.text(at + 1));
        let forms = self.names.index.forms.iter().filter(|form| form.part == Part::Surname && form.words.len() == 2);
        let fits =
            |words: &[String]| words[0] == one && alike(two, &words[1]) || words[1] == two && alike(one, &words[0]);
        forms.filter(|form| fits(&form.words)).map(|form| (form.who, at + 2)).next()
    }

    /// Names written backwards: `letap`, `yam ecarg`.
    fn backwards(&self, at: usize) -> Option<(usize, usize)> {
        let turned = |at: usize| self.text(at).chars().rev().collect::<String>();
        let first = self.pieces_of(at, &turned(at)).into_iter().find(|piece| piece.len == 1)?;
        let second = self.pieces_of(at + 1, &turned(at + 1)).into_iter().any(|piece| piece.who == first.who);
        match (second, self.text(at).len()) {
            (true, _) => Some((first.who, at + 2)),
            (false, 4..) => Some((first.who, at + 1)),
            _ => None,
        }
    }

    fn public_after(&self, from: usize, at: usize) -> bool {
        let figures = &self.names.public_figures;
        let two = format!("{} {}", self.text(from), self.text(at));
        figures.contains(&two)
            || figures.contains(&format!("{two} {}", self.text(at + 1)))
            || figures.contains(&format!("{} {}", self.text(at), self.text(at + 1)))
    }

    /// A doctor who is not on the list, or Mrs Somebody.
    fn unlisted_after_title(&mut self, from: usize, at: usize, title: Title) -> Option<usize> {
        // "miss Sister May": the second title begins a name of its own.
        let title_again = words::title(self.text(at)).is_some();
        if title_again || self.public_after(from, at) || !self.is_surname_like(at) || self.text(at).len() < 3 {
            return None;
        }
        let capital = self.capital(at) && !self.caseless;
        let typed_small =
            self.caseless && matches!(title, Title::Short { .. }) && words::ordinary(self.text(at)).is_none();
        let plain_word =
            words::is_role(self.text(at)) || words::is_workplace(self.text(at)) || words::is_place(self.text(at));
        if !(capital || typed_small)
            || plain_word
            || words::is_relative(self.before(from, 1)) && self.text(from) == "sister"
        {
            return None;
        }
        let mut end = at + 1;
        while end < at + 4 && self.capital(end) && capital && self.joined(end) && self.is_surname_like(end) {
            end += 1;
        }
        let certainty = if capital { Certainty::High } else { Certainty::Medium };
        let who = if title.clinical() { Who::OtherTitled } else { Who::Person };
        self.hit(from..end, who, certainty, false)
    }
}
