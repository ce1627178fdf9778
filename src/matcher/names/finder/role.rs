//! Names that a role or a place of work stands beside: `Dawn the phlebotomist`, `E.Y. (GP)`. In: the token of the name.
//! Out: a hit, and for other kinds of names whether a role is near. Not here: what a role is.

use super::Finder;
use crate::lexicon::Certainty;
use crate::matcher::names::Who;
use crate::matcher::names::index::{Form, Part};
use crate::matcher::names::spelling::{self, Shape};
use crate::matcher::names::words::{self, Ordinary};

impl Finder<'_> {
    /// `JRH the nurse practitioner`, `E.Y. (GP)`.
    pub(super) fn initials_with_role(&mut self, at: usize) -> Option<usize> {
        let mut initials = self.text(at).to_owned();
        let mut end = at + 1;
        if initials.len() == 1 {
            while end < at + 4 && self.text(end).len() == 1 && self.gap(end) == "." && self.capital(end) {
                initials.push_str(self.text(end));
                end += 1;
            }
        }
        let written = end > at + 1 || self.tokens[at].all_caps && !self.caseless;
        if !(2..=3).contains(&initials.len()) || !written || words::is_role(&initials) {
            return None;
        }
        let who = *self.names.index.initials.get(&initials)?.first()?;
        let in_brackets = self.gap(end).contains('(') && words::is_role(self.text(end));
        // "R.P. sorted it": with full stops, and doing what people do.
        let acts = end > at + 1
            && matches!(
                self.text(end),
                "sorted"
                    | "told"
                    | "rang"
                    | "said"
                    | "saw"
                    | "listened"
                    | "refused"
                    | "never"
                    | "gave"
                    | "saved"
                    | "ignored"
            );
        if !in_brackets && !acts && !self.role_follows(end) {
            return None;
        }
        self.hit(at..end, Who::Staff(who), Certainty::Medium, false)
    }

    /// `Dawn the phlebotomist`, `Char at the desk`, `Maureen who answers the phones`, `the nurse, Grace I think`.
    pub(super) fn forename_with_role(&mut self, at: usize) -> Option<usize> {
        let follows = self.role_follows(at + 1);
        if !follows && !self.role_leads(at) {
            return None;
        }
        let exact = self.pieces(at).into_iter().filter(|piece| {
            let name_here = self.capital(at) && !self.caseless && !self.tokens[at].first;
            piece.part == Part::Forename || name_here || words::ordinary(self.text(at)).is_none()
        });
        let exact = exact.max_by_key(|piece| piece.part);
        let fitting = |form: &Form| form.part == Part::Forename && form.words[0].len() >= 4;
        let named = !words::is_determiner(self.before(at, 1)) && !self.caseless_place(at);
        let plausible = self.capital(at) || self.caseless && named;
        let near = || (plausible && !self.follows_a_name(at)).then(|| self.near_forename(at, fitting)).flatten();
        let piece = exact.or_else(near)?;
        let word = words::ordinary(self.text(at)).is_some();
        if word && (!self.capital(at) || self.caseless) && !self.is_word_with_role(at, follows) {
            return None;
        }
        if words::is_determiner(self.before(at, 1)) && !self.capital(at) {
            return None;
        }
        if self.is_relative_before(at, false) || self.tokens[at].possessive && follows {
            return None;
        }
        // "Hope the nurse is ok" begins with a verb, "Will the HCA did my ECG" with a name.
        let verb = words::ordinary(self.text(at)) == Some(Ordinary::Verb)
            && self.tokens[at].first
            && self.text(at + 1) == "the";
        let wishes = matches!(self.text(at), "hope" | "will" | "may" | "wish" | "love");
        let does = |word: &str| {
            matches!(word, "did" | "took" | "gave" | "rang" | "told" | "fixed") || !wishes && words::is_cue_after(word)
        };
        if verb && !(1..=5).any(|ahead| does(self.after(at + 1, ahead))) {
            return None;
        }
        let certainty = if piece.fuzzy || word && self.tokens[at].first { Certainty::Medium } else { Certainty::High };
        self.hit(at..at + piece.len, Who::Staff(piece.who), certainty, piece.fuzzy)
    }

    /// `dawn on reception`, `carol the manager`, `the nurse, grace, was`: in small letters a word that is a name too.
    fn is_word_with_role(&self, at: usize, follows: bool) -> bool {
        let thing = matches!(words::ordinary(self.text(at)), Some(Ordinary::Thing | Ordinary::Mass))
            && !words::is_determiner(self.before(at, 1))
            && !self.text(at).ends_with("ing");
        let at_work = |ahead: usize| words::is_workplace(self.text(at + ahead));
        let on_the = self.text(at + 1) == "on" && (at_work(2) || thing && self.text(at + 2) == "the" && at_work(3));
        let the_role =
            thing && self.text(at + 1) == "the" && (2..=4).any(|ahead| words::is_role(self.after(at, ahead)));
        let between_commas = thing && self.gap(at).starts_with(',') && self.gap(at + 1).starts_with(',');
        let after_role = thing
            && words::is_role(self.before(at, 1))
            && matches!(self.after(at + 1, 0), "said" | "told" | "rang" | "gave" | "took" | "called" | "needs");
        follows && (on_the || the_role) || !follows && (between_commas || after_role)
    }

    /// The word before is a name's first half: "Joan Beirn works there".
    fn follows_a_name(&self, at: usize) -> bool {
        at > 0 && self.joined(at) && self.capital(at - 1) && !self.caseless && self.is_part_of_name(at - 1)
    }

    /// "… at the surgery": in small letters that makes nobody of the word before.
    fn caseless_place(&self, at: usize) -> bool {
        let place =
            |ahead| matches!(self.after(at + 1, ahead), "surgery" | "practice" | "there" | "here" | "clinic" | "yours");
        (1..=3).any(place)
    }

    /// Whether a role or a place of work belongs to the name that ends before this token.
    fn role_follows(&self, end: usize) -> bool {
        let gap = self.gap(end);
        let (first, second) = (self.after(end, 0), self.after(end, 1));
        let link = gap.len() <= 3 && !gap.contains(['?', '!', '\n']);
        if !link || first.is_empty() {
            return false;
        }
        let reach = |from: usize, to: usize, place: bool| {
            (from..=to).any(|ahead| {
                let word = self.after(end, ahead);
                let open = (1..=ahead).all(|step| !self.gap(end + step).contains([',', '.', ';', ')']));
                open && (words::is_role(word)
                    || place && words::is_workplace(word)
                    || ahead > 0 && self.sounds_like_role(end + ahead))
            })
        };
        match first {
            "the" | "your" | "our" | "that" | "a" => {
                reach(1, 3, false) && gap != ", " || reach(1, 2, false) && matches!(first, "the" | "your" | "our")
            }
            "on" | "at" | "in" | "from" | "behind" | "off" => reach(1, 3, true) && !words::is_elsewhere(second),
            "who" | "whos" | "works" | "working" | "answers" => reach(1, 4, true),
            "is" | "was" => matches!(second, "the" | "our" | "a" | "your") && reach(2, 3, false) && !self.caseless,
            _ if gap.contains(['(', '-', ',', '/', '_', '.']) || gap == " " => {
                let nearest = words::is_role(first)
                    || gap != ", "
                        && reach(1, 1, false)
                        && words::ordinary(first).is_none()
                        && self.gap(end + 1) != ", ";
                nearest && (gap == " " || gap.contains(['(', '-', '_', '/', ',']))
            }
            _ => false,
        }
    }

    fn sounds_like_role(&self, at: usize) -> bool {
        const ROLES: [&str; 7] =
            ["nurse", "paramedic", "receptionist", "pharmacist", "doctor", "physio", "phlebotomist"];
        let word = self.text(at);
        word.len() >= 5
            && ROLES.iter().any(|role| {
                role.as_bytes()[0] == word.as_bytes()[0]
                    && spelling::likeness(word, &Shape::of(word), role, &Shape::of(role), spelling::Reach::Vouched)
                        .is_some()
            })
    }

    /// Whether a role stands before the name: `receptionist Sandra`, `the nurse, Grace`, `a nurse called Hope`.
    fn role_leads(&self, at: usize) -> bool {
        const FILLERS: [&str; 11] = ["called", "named", "is", "was", "name", "i", "think", "s", "names", "by", "lady"];
        let mut back = 1;
        while back <= 4 {
            let word = self.before(at, back);
            if words::is_role(word) || back == 1 && words::is_workplace(word) && self.gap(at).contains('(') {
                let gap = self.gap(at + 1 - back);
                // "ask the nurse, Callum": a name called out ends the sentence.
                let called_out = gap.contains(',') && back == 1 && !self.same_sentence(at, at + 1);
                let verb = gap == " " && self.is_plain_verb_after_role(at, back);
                return !gap.contains(['.', '!', '?']) && !called_out && !verb;
            }
            if !FILLERS.contains(&word) {
                return false;
            }
            back += 1;
        }
        false
    }

    /// "the nurse will ring": the word after the role is no name.
    fn is_plain_verb_after_role(&self, at: usize, back: usize) -> bool {
        back == 1 && words::ordinary(self.text(at)).is_some() && !self.capital(at) && !self.is_word_with_role(at, false)
    }

    pub(super) fn has_role_near(&self, at: usize, end: usize) -> bool {
        self.role_follows(end) || self.role_leads(at) || self.same_sentence(at, end) && words::is_role(self.text(end))
    }
}
