//! Names with nothing beside them: told by how rare they are, and by what is said. In: the token where one may stand.
//! Out: a hit, often an unsure one. Not here: names with a title, a role or their other half.

use super::{Finder, Piece, is_same_name};
use crate::lexicon::Certainty;
use crate::matcher::names::index::{Form, Part};
use crate::matcher::names::spelling::Reach;
use crate::matcher::names::words::{self, Ordinary};
use crate::matcher::names::{Who, is_bare, is_tagged, is_without_vowels, may_be_run_together};

impl Finder<'_> {
    /// A surname without anything before it: `Patel out!`, `Had Best today`, `patels receptionist`.
    pub(super) fn surname_alone(&mut self, at: usize) -> Option<usize> {
        let piece = self
            .pieces(at)
            .into_iter()
            .filter(|piece| piece.part != Part::Forename)
            .max_by_key(|piece| (piece.part, piece.len))?;
        let end = at + piece.len;
        let capital = self.capital(at) && !self.caseless;
        let named_before =
            at > 0 && self.joined(at) && self.capital(at - 1) && !self.caseless && self.is_part_of_name(at - 1);
        let next_is_name = self.name_goes_on(end) && !words::is_cue_after(self.text(end));
        let place = matches!(self.after(end, 0), "family" | "families")
            || words::is_place(self.text(end)) && (self.joined(end) || self.gap(end).contains('&'))
            || self.gap(end) == "-" && capital;
        let owned = self.tokens[end - 1].possessive;
        let shop = owned && (0..3).any(|ahead| words::is_elsewhere(self.after(end, ahead))) || self.is_elsewhere(end);
        let month = self.is_time(at, end);
        if named_before
            || next_is_name
            || month
            || place
            || shop
            || self.is_relative_before(at, true)
            || words::is_honour(self.before(at, 1))
        {
            return None;
        }
        if self.is_public(at..end) {
            return None;
        }
        let word = words::ordinary(self.text(at)).filter(|_| piece.len == 1).or_else(|| self.plural_ordinary(at));
        let certainty = match word {
            Some(kind) => self.ordinary_surname(at, end, kind)?,
            None if self.text(at).len() < 3
                && piece.len == 1
                && (self.after(end, 0) == "is" || !words::is_cue_after(self.after(end, 0))) =>
            {
                return None;
            }
            None if self.text(at).len() < 4 && piece.len == 1 && !capital => return None,
            None if piece.part == Part::Half && words::is_common_surname(self.text(at)) => Certainty::Low,
            None if words::is_common_surname(self.text(at)) || piece.part == Part::Half || !capital => {
                Certainty::Medium
            }
            None => Certainty::High,
        };
        self.hit(at..end, Who::Staff(piece.who), certainty, false)
    }

    fn plural_ordinary(&self, at: usize) -> Option<Ordinary> {
        self.text(at).strip_suffix('s').and_then(words::ordinary)
    }

    pub(super) fn is_part_of_name(&self, at: usize) -> bool {
        let word = self.text(at);
        self.names.forenames.contains(word)
            || !self.tokens[at].first && !words::is_no_surname(word) && !words::is_cue_before(word)
    }

    /// A surname that is a word: only where the sentence makes a person of it.
    fn ordinary_surname(&self, at: usize, end: usize, kind: Ordinary) -> Option<Certainty> {
        let clinic = matches!(self.after(end, 0), "clinic" | "surgery" | "list" | "receptionist" | "patients" | "room");
        let told = matches!(self.before(at, 1), "tell" | "ask") && kind == Ordinary::Thing && self.pronoun_follows(end);
        if told && !self.tokens[at].possessive {
            return Some(Certainty::Medium);
        }
        if self.caseless || !self.capital(at) || self.tokens[at].possessive && !clinic {
            return None;
        }
        if self.tokens[at].possessive {
            return Some(Certainty::Medium);
        }
        let (before, next) = (self.before(at, 1), self.after(end, 0));
        let that_one = matches!(before, "that" | "the")
            && matches!(next, "woman" | "man" | "lady" | "bloke" | "fella" | "lass" | "lad" | "girl" | "creature");
        if self.is_by_name(end) || that_one && !self.tokens[at].first {
            return Some(Certainty::Medium);
        }
        if !self.tokens[at].first {
            let asked = matches!(
                self.before(at, 2),
                "ask" | "asked" | "asking" | "thanks" | "thank" | "booked" | "booking" | "in" | "back"
            );
            let link = matches!(before, "for" | "with" | "to") && !asked;
            let done_to = words::is_cue_before(before) && !link
                || asked && matches!(before, "for" | "with" | "to")
                || matches!(before, "by" | "and") && words::is_cue_after(next);
            let month = matches!(self.text(at), "may" | "april" | "june" | "august")
                && matches!(before, "by" | "for" | "had" | "have" | "see");
            let picked_out =
                before == "but" && matches!(self.before(at, 2), "anyone" | "anybody" | "everyone" | "nobody" | "all");
            return (done_to || picked_out || words::is_cue_after(next))
                .then_some(Certainty::Medium)
                .filter(|_| !month);
        }
        // "Summers is", "Young was", "Cook told": a plural with a singular verb, an adjective or a bare noun with a person's.
        let singular = matches!(next, "is" | "was" | "has" | "isnt" | "wasnt" | "does" | "doesnt");
        let personal = words::is_cue_after(next)
            && !singular
            && !matches!(next, "just" | "never" | "who" | "good" | "cant" | "took");
        let kindly = matches!(next, "is" | "was")
            && matches!(
                self.after(end, 1),
                "rude"
                    | "lovely"
                    | "kind"
                    | "helpful"
                    | "unhelpful"
                    | "patient"
                    | "caring"
                    | "dismissive"
                    | "condescending"
                    | "gentle"
                    | "ignorant"
                    | "patronising"
                    | "rough"
                    | "abrupt"
                    | "sarcastic"
                    | "understanding"
                    | "thorough"
                    | "polite"
            );
        let plural = self.text(at).ends_with('s') && kind == Ordinary::Thing;
        match kind {
            Ordinary::Thing if plural && singular => Some(Certainty::Medium),
            Ordinary::Thing | Ordinary::Adjective if personal || singular && !plural => Some(Certainty::Medium),
            Ordinary::Mass | Ordinary::Verb if kindly || personal && !matches!(next, "must" | "should" | "needs") => {
                Some(Certainty::Medium)
            }
            _ => None,
        }
    }

    /// A forename without anything beside it: told by how rare it is, and by what is said.
    pub(super) fn forename_alone(&mut self, at: usize) -> Option<usize> {
        let piece =
            self.pieces(at).into_iter().filter(|piece| piece.part == Part::Forename).max_by_key(|piece| piece.len)?;
        let end = at + piece.len;
        let word = self.text(at);
        let capital = self.capital(at) && !self.caseless;
        let ordinary = words::ordinary(word).is_some();
        if word.len() < 2
            || word.len() == 2 && !capital
            || ordinary && !capital && !self.is_thanked(at) && !self.is_asked_after(at)
            || self.tokens[at].possessive && ordinary && !(capital && self.is_owner(at, end))
            || self.is_time(at, end)
        {
            return None;
        }
        // "a glass of chardonnay": somebody called so is not written small after an article.
        if !self.capital(at) && matches!(self.before(at, 1), "a" | "an" | "the" | "of" | "some" | "more") {
            return None;
        }
        let next_is_name = self.name_goes_on(end) && !self.tokens[end - 1].possessive;
        let named_before = at > 0
            && self.joined(at)
            && self.capital(at - 1)
            && !self.caseless
            && self.is_forename(at - 1)
            && words::ordinary(self.text(at - 1)).is_none();
        let hyphened = self.gap(end) == "-" || at > 0 && self.gap(at) == "-";
        let age = self.gap(end).contains('(');
        if next_is_name
            || named_before
            || hyphened
            || age
            || self.is_elsewhere(end)
            || self.is_public(at..end)
            || words::is_place(self.after(end, 0))
        {
            return None;
        }
        if self.is_relative_before(at, true) && !self.is_our_own(at, end) || words::is_honour(self.before(at, 1)) {
            return None;
        }
        let from_place = matches!(self.after(end, 0), "from" | "of")
            && !words::is_workplace(self.after(end, 1))
            && !words::is_workplace(self.after(end, 2));
        if from_place {
            return None;
        }
        // "Congrats Simon and Will on the wedding!"
        let wished =
            |word: &str| matches!(word, "birthday" | "wedding" | "anniversary" | "engagement" | "baby" | "birth");
        if (1..=3).any(|back| wished(self.before(at, back))) || (0..=6).any(|ahead| wished(self.after(end, ahead))) {
            return None;
        }
        // "chardonnay for me, lager for him"
        if !self.capital(at) && self.after(end, 0) == "for" && self.tokens[at].first {
            return None;
        }
        let certainty = self.lone_forename_certainty(at, end, piece, ordinary);
        // "Hope your back's better", "Will it be open": a capital says nothing where a sentence begins.
        // Beside what is done at a surgery, the forename of somebody who works there is theirs.
        let spoken_of = || self.is_by_name(end) || !ordinary && self.is_praised_or_blamed(at, end);
        let works = certainty == Certainty::Low && (self.is_at_work(at, end) || spoken_of());
        let certainty = if works { Certainty::Medium } else { certainty };
        let first = self.tokens[at].first;
        let nobody = ordinary && first && !self.is_person_first(at, end) || first && word.len() == 2;
        if (nobody || self.is_abstract(at, end)) && certainty == Certainty::Low {
            return None;
        }
        self.hit(at..end, Who::Staff(piece.who), certainty, false)
    }

    /// `Tracey B`, `Jackie RH`: a forename and the initials of its surname.
    pub(super) fn forename_with_initials(&mut self, at: usize) -> Option<usize> {
        let end = at + 1;
        let initials = self.text(end);
        let written = (1..=2).contains(&initials.len())
            && self.name_goes_on(end)
            && self.tokens[end].all_caps | (initials.len() == 1);
        if !written
            || !self.capital(at)
            || self.tokens[at].possessive
            || words::is_no_surname(initials)
            || words::ordinary(self.text(at)).is_some() && self.tokens[at].first
            || self.is_relative_before(at, true)
        {
            return None;
        }
        let holders = self.names.index.initials.get(initials)?;
        let forename = |piece: &Piece| piece.part == Part::Forename && piece.len == 1 && holders.contains(&piece.who);
        let who = self.pieces(at).into_iter().find(forename)?.who;
        self.hit(at..end + 1, Who::Staff(who), Certainty::Medium, false)
    }

    /// A month or a time of day: "in May", "May 2nd", "before Dawn".
    fn is_time(&self, at: usize, end: usize) -> bool {
        let (before, next) = (self.before(at, 1), self.after(end, 0));
        let month = |word: &str| {
            matches!(word, "january" | "february" | "march" | "april" | "june" | "july" | "september" | "october")
        };
        let dated = |word: &str| word.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        match self.text(at) {
            "may" | "april" | "june" | "august" => {
                matches!(
                    before,
                    "since"
                        | "until"
                        | "till"
                        | "in"
                        | "last"
                        | "next"
                        | "this"
                        | "of"
                        | "from"
                        | "late"
                        | "early"
                        | "mid"
                ) || before == "was" && !words::is_cue_after(next)
                    || dated(before)
                    || dated(next)
                    || matches!(next, "flowers" | "day" | "queen" | "bank" | "half" | "blossom" | "i")
                    || (2..=4).any(|back| month(self.before(at, back)))
                    || (1..=3).any(|ahead| month(self.after(end, ahead)))
            }
            "dawn" => {
                matches!(
                    next,
                    "chorus" | "raid" | "raids" | "patrol" | "before" | "breaks" | "broke" | "breaking" | "till"
                ) || matches!(before, "at" | "before" | "until" | "till" | "since" | "the")
            }
            _ => false,
        }
    }

    /// `have Faith in`, `full of Hope`, `Lee side`, `Cal is short for calories`: the word itself, with a capital.
    fn is_abstract(&self, at: usize, end: usize) -> bool {
        let (before, next) = (self.before(at, 1), self.after(end, 0));
        matches!(
            before,
            "have" | "had" | "no" | "of" | "in" | "some" | "any" | "good" | "little" | "more" | "bad" | "blind"
        ) && words::ordinary(self.text(at)).is_some_and(|kind| matches!(kind, Ordinary::Mass | Ordinary::Verb))
            || matches!(next, "side" | "shore")
            || next == "is" && self.after(end, 1) == "short" && self.after(end, 2) == "for"
            || next == "sent" && self.after(end, 1) == "you"
            || matches!(before, "different" | "another" | "wrong")
            || matches!(self.text(at), "will" | "may")
                && matches!(
                    next,
                    "they" | "it" | "you" | "we" | "i" | "he" | "she" | "there" | "the" | "this" | "that" | "your"
                )
    }

    /// `Trace looks done in bless her`, `Faith got us six hours`: a word that begins a sentence and does what people do.
    fn is_person_first(&self, at: usize, end: usize) -> bool {
        let next = self.after(end, 0);
        let noun = words::ordinary(self.text(at)).is_some_and(|kind| kind != Ordinary::Adjective)
            && !matches!(self.text(at), "will" | "may" | "hope" | "mark" | "love");
        let (owner, comma) = (self.tokens[at].possessive, self.gap(end).starts_with(','));
        let hailed = noun && comma && (0..5).any(|ahead| matches!(self.after(end, ahead), "you" | "your" | "youre"));
        if hailed || owner && words::is_verdict(next) {
            return true;
        }
        let served = noun
            && matches!(next, "got" | "gave" | "told" | "rang" | "helped" | "sorted")
            && matches!(self.after(end, 1), "us" | "me" | "my" | "mum" | "dad" | "him" | "her");
        let ordered = noun && next == "dont" && self.after(end, 1) != "you";
        let introduced = noun && next == "here" && self.gap(end + 1).starts_with([',', '.', '!', '-']);
        let acts = words::is_personal_verb(next) || words::is_cue_after(next);
        served || ordered || introduced || acts && !owner && self.pronoun_follows(end)
    }

    /// `Dawn's brilliant`, `heard Faith's on the market`, and owners of what is at a surgery.
    fn is_owner(&self, at: usize, end: usize) -> bool {
        let article = usize::from(matches!(self.after(end, 0), "a" | "an" | "the" | "so" | "very" | "dead"));
        let about = matches!(self.after(end, 0), "on" | "off" | "back" | "been" | "gone" | "leaving" | "retiring");
        words::is_verdict(self.after(end, article)) || !self.tokens[at].first && about || self.is_at_work(at, end)
    }

    /// `our Lynne on the desk`: "our" is the practice's here, not a family's. `her colleague, Sandra's …`
    fn is_our_own(&self, at: usize, end: usize) -> bool {
        let desk = |word: &str| matches!(word, "desk" | "reception" | "phones" | "hatch" | "counter" | "switchboard");
        let before = self.before(at, 1);
        match before {
            "our" | "wor" => {
                let rare = !words::is_everyday_forename(self.text(at)) && words::ordinary(self.text(at)).is_none();
                rare && self.tokens[at].possessive || (0..8).any(|ahead| desk(self.after(end, ahead)))
            }
            "girl" | "lad" | "lass" | "boy" => (0..5).any(|ahead| desk(self.after(end, ahead))),
            "colleague" => self.gap(at).starts_with(','),
            _ => false,
        }
    }

    /// `does dawn do bloods`: asked about by what is done here, in small letters.
    fn is_asked_after(&self, at: usize) -> bool {
        let noun = matches!(words::ordinary(self.text(at)), Some(Ordinary::Thing | Ordinary::Mass));
        noun && matches!(self.before(at, 1), "does" | "did" | "ask" | "tell" | "with" | "is" | "hi")
            && matches!(self.after(at + 1, 0), "do" | "doing" | "does" | "did" | "on" | "in" | "for" | "still")
            && self.is_work_near(at, at + 1)
    }

    /// Praise, blame, thanks or a farewell a few words away.
    fn is_praised_or_blamed(&self, at: usize, end: usize) -> bool {
        const REACH: usize = 8;
        let said =
            |word: &str| words::is_send_off(word) || words::is_verdict(word) && !matches!(word, "so" | "very" | "such");
        (0..REACH).any(|ahead| said(self.after(end, ahead))) || (1..=REACH).any(|back| said(self.before(at, back)))
    }

    fn is_work_near(&self, at: usize, end: usize) -> bool {
        const REACH: usize = 14;
        (0..REACH).any(|ahead| words::is_surgery_work(self.after(end, ahead)))
            || (1..=REACH).any(|back| words::is_surgery_work(self.before(at, back)))
    }

    /// Whether the sentence speaks of work at a surgery and the word at `at` does it, gets told or is asked about. A name
    /// that is a word too must have a capital and a verb, or be possessed of something.
    fn is_at_work(&self, at: usize, end: usize) -> bool {
        let ordinary = words::ordinary(self.text(at));
        let (before, next) = (self.before(at, 1), self.after(end, 0));
        let asked = matches!(
            before,
            "is" | "does"
                | "can"
                | "could"
                | "would"
                | "will"
                | "has"
                | "tell"
                | "ask"
                | "bye"
                | "love"
                | "our"
                | "that"
                | "to"
                | "and"
                | "but"
                | "with"
                | "by"
                | "enjoy"
                | "thanks"
                | "for"
                | "hi"
                | "eh"
        );
        let acts = words::is_cue_after(next)
            || matches!(
                next,
                "could"
                    | "can"
                    | "got"
                    | "found"
                    | "fixed"
                    | "puts"
                    | "gets"
                    | "does"
                    | "do"
                    | "doing"
                    | "has"
                    | "would"
                    | "please"
                    | "still"
                    | "with"
                    | "tortured"
                    | "had"
                    | "cancels"
                    | "cancelled"
                    | "taught"
                    | "showed"
                    | "be"
                    | "able"
                    | "rang"
                    | "gave"
                    | "give"
                    | "have"
                    | "going"
                    | "stopped"
            )
            || self.tokens[end - 1].possessive;
        let role_of_a_name = match ordinary {
            None => acts || asked || self.capital(at) && !self.caseless,
            Some(Ordinary::Verb) => {
                self.capital(at) && !self.caseless && (acts && !matches!(next, "have" | "be") || asked)
            }
            Some(_) => self.capital(at) && !self.caseless && (acts || asked),
        };
        role_of_a_name && self.is_work_near(at, end)
    }

    /// `thanks grace x`: all of it, so that the word can be nothing but a name.
    fn is_thanked(&self, at: usize) -> bool {
        matches!(self.before(at, 1), "thanks" | "thank" | "ta" | "cheers")
            && matches!(self.after(at + 1, 0), "" | "x" | "xx" | "xxx")
    }

    fn lone_forename_certainty(&self, at: usize, end: usize, piece: Piece, ordinary: bool) -> Certainty {
        let everyday = words::is_everyday_forename(self.text(at)) || ordinary;
        let capital = self.capital(at) && !self.caseless;
        let article = usize::from(matches!(self.after(end, 1), "a" | "an" | "the" | "my"));
        let judged = matches!(self.after(end, 0), "is" | "was" | "are" | "were")
            && words::is_verdict(self.after(end, 1 + article));
        let before = self.before(at, 1);
        let worked = matches!(before, "thanks" | "thank" | "saw" | "by" | "see" | "seeing" | "ask" | "asked")
            || matches!(before, "you" | "to" | "with" | "for")
                && matches!(self.before(at, 2), "thank" | "thanks" | "spoke" | "talk" | "speak" | "ask" | "spoken");
        let booked = matches!(before, "with" | "by" | "for" | "see")
            && (2..=6).any(|back| {
                matches!(
                    self.before(at, back),
                    "book" | "booked" | "appointment" | "appt" | "appointments" | "slot" | "bloods" | "referred"
                )
            });
        let did = booked
            || matches!(self.after(end, 0), "did" | "took")
                && matches!(self.after(end, 1), "mine" | "my" | "our" | "bloods" | "blood");
        match (everyday, judged || worked || did) {
            (_, true) | (false, false) => Certainty::Medium,
            (true, false) if piece.alias && (!ordinary || capital && words::is_cue_after(self.after(end, 0))) => {
                Certainty::Medium
            }
            (true, false) => Certainty::Low,
        }
    }

    /// `Wishniewska`, `Pattel told me`: a surname misspelt and alone. A long one is itself; another needs something that
    /// a person does or that is done with a person.
    pub(super) fn surname_misspelt(&mut self, at: usize) -> Option<usize> {
        const LONG: usize = 8;
        let word = self.text(at);
        let end = at + 1;
        let capital = self.capital(at) && !self.caseless;
        let next_is_name = self.name_goes_on(end) && !words::is_cue_after(self.text(end));
        let named_before =
            at > 0 && self.joined(at) && self.capital(at - 1) && !self.caseless && self.is_part_of_name(at - 1);
        if word.len() < 4
            || next_is_name
            || named_before
            || self.is_forename(at) && !capital
            || words::is_place(self.text(end))
            || words::is_determiner(self.before(at, 1))
                && !((capital || word.len() >= LONG) && self.before(at, 1) == "that")
            || words::is_honour(self.before(at, 1))
            || self.is_relative_before(at, true)
            || self.is_elsewhere(end)
        {
            return None;
        }
        let surname = |form: &Form, least: usize| {
            form.part == Part::Surname
                && form.words[0].len() >= least
                && words::ordinary(&form.words[0]).is_none()
                && !words::is_everyday_forename(&form.words[0])
        };
        let forename = |form: &Form| {
            form.part == Part::Forename
                && form.words[0].len() >= if capital { 6 } else { LONG }
                && words::ordinary(&form.words[0]).is_none()
                && !words::is_everyday_forename(&form.words[0])
                && !self.names.forenames.contains(word)
        };
        let long = if capital && word.len() >= LONG || self.caseless && word.len() > LONG && self.is_person_here(at) {
            self.near_word(word, Reach::Vouched, |form| surname(form, LONG))
        } else {
            None
        };
        let least = if capital { 4 } else { 6 };
        let alone = || self.near_word(word, Reach::Alone, |form| surname(form, least) || forename(form));
        let piece = long.or_else(|| self.is_person_here(at).then(alone).flatten())?;
        if self.is_forename(at)
            && !self.names.index.forms.iter().any(|form| form.who == piece.who && is_same_name(word, form))
        {
            return None;
        }
        if self.is_public(at..end) {
            return None;
        }
        self.hit(at..end, Who::Staff(piece.who), Certainty::Medium, true)
    }

    /// Whether the words beside make a person of this word.
    fn is_person_here(&self, at: usize) -> bool {
        let (before, next) = (self.before(at, 1), self.after(at + 1, 0));
        let closed = !self.same_sentence(at, at + 1) || self.gap(at + 1).contains(['!', '?', '\n']);
        let named = self.capital(at)
            && !self.caseless
            && !self.tokens[at].first
            && !matches!(
                before,
                "in" | "at" | "near" | "around" | "from" | "via" | "the" | "outside" | "past" | "watching"
            );
        named
            || words::is_cue_after(next)
            || words::is_cue_before(before)
            || self.tokens[at].possessive && self.capital(at)
            || closed && (self.tokens[at].first || matches!(before, "that" | "is" | "to" | "but" | "not"))
            || self.tokens[at].first && matches!(next, "again" | "out" | "x" | "xx")
    }

    /// `Khn ddnt vn lk at me`: a surname without vowels among other words without them.
    pub(super) fn skeleton(&mut self, at: usize) -> Option<usize> {
        if !is_without_vowels(self.text(at)) {
            return None;
        }
        let who = self.names.without_vowels(self.text(at))?;
        let near = self.tokens.iter().skip(at.saturating_sub(6)).take(13);
        let others = near.filter(|token| is_bare(&token.text) && !token.all_caps).count();
        if others < 3 {
            return None;
        }
        self.hit(at..at + 1, Who::Staff(who), Certainty::Medium, true)
    }

    /// `drpatel`, `teamdrpatel`, `nursegracemay`, in hashtags, handles and hasty typing.
    pub(super) fn run_together(&mut self, at: usize) -> Option<usize> {
        if !may_be_run_together(self.folded, self.tokens.get(at)?.word) {
            return None;
        }
        let tagged = is_tagged(self.folded, self.tokens[at].word);
        let who = self.names.is_run_together(self.text(at), tagged)?;
        self.hit(at..at + 1, Who::Staff(who), Certainty::Medium, false)
    }
}
