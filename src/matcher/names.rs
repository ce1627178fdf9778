//! Finds people by name: the practice's staff, clinicians of other places, private persons. In: folded text and the staff
//! list. Out: [`NameHit`]s. A name that is an ordinary word, or everybody's, counts only beside what makes it a person:
//! a title, a role, the other half of the name, or something said of a person. Every look back or ahead has a fixed
//! length and look-alikes are sought a limited number of times a text, so time is linear.
//! Not here: what is said about the person, and whether a private person's name comes with a condition.

mod index;
mod spelling;
mod words;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::ops::Range;

use index::{Form, Index, Part};
use words::{Ordinary, Title};

use crate::lexicon::Certainty;
use crate::lexicon::staff::StaffList;
use crate::text::Folded;

/// Whose name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A member of staff: the index in [`StaffList::people`].
    Staff(usize),
    /// A doctor or nurse who is not on the list, or who is said to be somewhere else.
    OtherTitled,
    /// A private person.
    Person,
}

/// A name in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameHit {
    /// Indexes of the first word and the one after the last, in [`Folded::words`].
    pub words: Range<usize>,
    /// Whose name.
    pub who: Who,
    /// How sure. Low is a forename alone that anybody may have: worth something only beside other findings.
    pub certainty: Certainty,
    /// Misspelt, or spelt by ear.
    pub fuzzy: bool,
}

/// The word lists that names need, from `lexicons/lists`; in any case and with accents.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lists<'a> {
    /// Forenames of people in Britain.
    pub forenames: &'a [String],
    /// Whole names of people in public life and of fiction: `theresa may`, `dr who`.
    pub public_figures: &'a [String],
}

/// The names to look for, ready to look.
#[derive(Clone, Debug, Default)]
pub struct Names {
    index: Index,
    forenames: HashSet<String>,
    public_figures: HashSet<String>,
}

impl Names {
    /// Prepares a staff list and the word lists.
    pub fn compile(staff: &StaffList, lists: Lists<'_>) -> Self {
        let plain = |names: &[String]| names.iter().map(|name| index::words_of(name).join(" ")).collect();
        Self {
            index: Index::new(staff),
            forenames: plain(lists.forenames),
            public_figures: plain(lists.public_figures),
        }
    }

    /// The words that staff names are made of, folded: a reader of disguises must know them too.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        self.index.forms.iter().flat_map(|form| form.words.iter().map(String::as_str))
    }

    /// Every name in the text, in its order; none overlaps another.
    pub fn find(&self, folded: &Folded) -> Vec<NameHit> {
        if !self.worth_a_look(folded) {
            return Vec::new();
        }
        let mut finder = Finder::new(self, folded);
        finder.run();
        finder.hits
    }

    /// Forenames that stand alone, as indexes of words, where `hits` see nobody and the word means nothing else. They
    /// name a person to a neighbour only, so they are covered when a text is passed on and count for nothing else.
    pub fn forenames_alone(&self, folded: &Folded, hits: &[NameHit]) -> impl Iterator<Item = usize> {
        (0..folded.words.len()).filter(move |at| {
            let word = normal(folded.word(*at)).0;
            folded.words[*at].capital
                && self.forenames.contains(&*word)
                && words::ordinary(&word).is_none()
                && !hits.iter().any(|hit| hit.words.contains(at))
        })
    }

    /// Whether any word could begin a name; most comments have none.
    fn worth_a_look(&self, folded: &Folded) -> bool {
        let mut last = (false, false);
        (0..folded.words.len()).any(|at| {
            let (word, capital) = (folded.word(at), folded.words[at].capital);
            let (capital_before, near_before) = last;
            last = (capital, self.index.may_begin(word));
            // Two capitals, or a word like a name before "the": perhaps both name and role are misspelt.
            capital && (capital_before || word.len() >= 8 && self.index.may_begin(word))
                || is_without_vowels(word)
                || word == "the" && near_before && capital_before
                || words::title(word).is_some()
                || words::is_role(word)
                || self.index.may_begin(word) && self.is_known(word)
                || may_be_run_together(folded, at) && self.is_run_together(word).is_some()
        })
    }

    fn is_known(&self, word: &str) -> bool {
        let word = normal(word).0;
        self.index.knows(&word) || word.strip_suffix('s').is_some_and(|one| self.index.knows(one)) || word.len() < 4
    }

    /// Whose surname this is without its vowels: `khn`, `pttl`.
    fn without_vowels(&self, word: &str) -> Option<usize> {
        let consonants = |name: &str| name.chars().filter(|c| !"aeiou".contains(*c)).eq(word.chars());
        let surnames = self.index.forms.iter().filter(|form| form.part == Part::Surname && form.words.len() == 1);
        surnames
            .filter(|form| form.words[0].len() > word.len())
            .find(|form| consonants(&form.words[0]))
            .map(|form| form.who)
    }

    /// Whose name the word holds, if it is a name written in one, perhaps with other words around it.
    fn is_run_together(&self, word: &str) -> Option<usize> {
        let fits = |joined: &str| word.strip_suffix('s').unwrap_or(word) == joined || word.contains(joined);
        self.index.joined.iter().find(|(joined, _)| fits(joined)).map(|&(_, who)| who)
    }
}

/// Whether the word may be a name written in one: a tag, a title that runs on, or longer than words are.
fn may_be_run_together(folded: &Folded, at: usize) -> bool {
    const TITLES: [&str; 7] = ["dr", "doctor", "nurse", "mr", "miss", "ms", "sister"];
    let word = folded.word(at);
    let tagged = || folded.gap_before(at).ends_with(['#', '@']);
    (6..=64).contains(&word.len())
        && (word.len() >= 13 || tagged() || TITLES.iter().any(|title| word.starts_with(title)))
}

/// A word as names are compared: without apostrophe and what hangs on it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact about the word, and none excludes another")]
struct Token<'a> {
    text: Cow<'a, str>,
    word: usize,
    start: u32,
    end: u32,
    sentence: u32,
    capital: bool,
    all_caps: bool,
    first: bool,
    /// `khan's`.
    possessive: bool,
}

/// `khan's` as `khan`, `o'neill` as `oneill`, `she'll` as `she`; and whether it was a possessive.
fn normal(word: &str) -> (Cow<'_, str>, bool) {
    let Some((before, after)) = word.split_once('\'') else {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        // "power7" of an e-mail address or a handle
        return (Cow::Borrowed(if letters.len() >= 3 { letters } else { word }), false);
    };
    match after {
        "s" => (Cow::Borrowed(before), true),
        "ll" | "d" | "ve" | "re" | "m" => (Cow::Borrowed(before), false),
        _ => {
            let possessive = after.ends_with("'s");
            let joined = format!("{before}{}", after.trim_end_matches("'s").replace('\'', ""));
            (Cow::Owned(joined), possessive)
        }
    }
}

/// A piece of a staff member's name found at some token.
#[derive(Clone, Copy)]
struct Piece {
    who: usize,
    part: Part,
    len: usize,
    alias: bool,
    fuzzy: bool,
}

struct Finder<'a> {
    names: &'a Names,
    folded: &'a Folded,
    tokens: Vec<Token<'a>>,
    /// Capitals say nothing: there are none, or nearly all letters or words have them.
    caseless: bool,
    /// How many more words may be compared with every name; a text full of titles must not take for ever.
    patience: Cell<u32>,
    hits: Vec<NameHit>,
}

impl<'a> Finder<'a> {
    fn new(names: &'a Names, folded: &'a Folded) -> Self {
        let mut tokens = Vec::with_capacity(folded.words.len());
        for (at, info) in folded.words.iter().enumerate().filter(|(_, info)| !info.emoji) {
            let (text, possessive) = normal(folded.word(at));
            tokens.push(Token {
                text,
                word: at,
                start: info.start,
                end: info.end,
                sentence: info.sentence,
                capital: info.capital,
                all_caps: info.all_caps,
                first: info.sentence_start,
                possessive,
            });
        }
        let count = |wanted: fn(&Token<'_>) -> bool| tokens.iter().filter(|token| wanted(token)).count();
        let (long, capitals, shouted) =
            (count(|t| t.text.len() > 1), count(|t| t.capital && t.text.len() > 1), count(|t| t.all_caps));
        let caseless = capitals == 0 || shouted * 3 > long * 2 && long > 3 || capitals * 4 > long * 3 && long > 7;
        Self { names, folded, tokens, caseless, patience: Cell::new(64), hits: Vec::new() }
    }

    fn run(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            at = self.at(at).unwrap_or(at + 1);
        }
    }

    /// Takes the name that begins at this token, if one does; says where to go on.
    fn at(&mut self, at: usize) -> Option<usize> {
        self.phrase(at)
            .or_else(|| self.titled(at))
            .or_else(|| self.whole_name(at))
            .or_else(|| self.initials_with_role(at))
            .or_else(|| self.forename_with_role(at))
            .or_else(|| self.person(at))
            .or_else(|| self.surname_alone(at))
            .or_else(|| self.forename_alone(at))
            .or_else(|| self.run_together(at))
            .or_else(|| self.skeleton(at))
            .or_else(|| self.long_surname_misspelt(at))
    }

    // What the tokens say.

    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &token.text)
    }

    fn capital(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.capital)
    }

    /// The folded text between this token and the one before.
    fn gap(&self, at: usize) -> &'a str {
        let start = at.checked_sub(1).and_then(|before| self.tokens.get(before)).map_or(0, |token| token.end as usize);
        let end = self.tokens.get(at).map_or(self.folded.text.len(), |token| token.start as usize);
        self.folded.text.get(start..end).unwrap_or("")
    }

    /// Only a space, or what handles and typing put in its place, stands before this token.
    fn joined(&self, at: usize) -> bool {
        let gap = self.gap(at);
        at > 0
            && at < self.tokens.len()
            && gap.len() <= 3
            && gap.bytes().all(|byte| matches!(byte, b' ' | b'_' | b'-' | b'.' | b'*' | b'\''))
            && self.tokens[at].sentence == self.tokens[at - 1].sentence
    }

    fn same_sentence(&self, a: usize, b: usize) -> bool {
        self.tokens.get(a).zip(self.tokens.get(b)).is_some_and(|(a, b)| a.sentence == b.sentence)
    }

    /// The word before in the same sentence, `back` words away.
    fn before(&self, at: usize, back: usize) -> &str {
        at.checked_sub(back).filter(|before| self.same_sentence(*before, at)).map_or("", |before| self.text(before))
    }

    /// The word after in the same sentence.
    fn after(&self, end: usize, ahead: usize) -> &str {
        if end > 0 && self.same_sentence(end - 1, end + ahead) { self.text(end + ahead) } else { "" }
    }

    #[expect(clippy::unnecessary_wraps, reason = "the kinds of names end with it, and those may find nothing")]
    fn hit(&mut self, tokens: Range<usize>, who: Who, certainty: Certainty, fuzzy: bool) -> Option<usize> {
        let words = self.tokens[tokens.start].word..self.tokens[tokens.end - 1].word + 1;
        let fresh = self.hits.last().is_none_or(|last| last.words.end <= words.start);
        if fresh {
            self.hits.push(NameHit { words, who, certainty, fuzzy });
        }
        Some(tokens.end)
    }

    // Pieces of staff names.

    /// The pieces of staff names that stand at this token, exactly.
    fn pieces(&self, at: usize) -> Vec<Piece> {
        let mut pieces = self.pieces_of(at, self.text(at));
        // "patels receptionist", "the Khans"
        if pieces.is_empty()
            && let Some(one) = self.text(at).strip_suffix('s').filter(|one| one.len() > 3)
        {
            pieces = self.pieces_of(at, one);
            pieces.retain(|piece| piece.len == 1 && piece.part != Part::Forename);
        }
        pieces
    }

    fn pieces_of(&self, at: usize, word: &str) -> Vec<Piece> {
        let fits = |form: &&Form| (1..form.words.len()).all(|next| self.follows(at + next, &form.words[next]));
        self.names
            .index
            .starting(word)
            .filter(fits)
            .map(|form| Piece {
                who: form.who,
                part: form.part,
                len: form.words.len(),
                alias: form.alias,
                fuzzy: false,
            })
            .collect()
    }

    fn follows(&self, at: usize, word: &str) -> bool {
        let text = self.text(at);
        (text == word || text.strip_suffix('s') == Some(word)) && self.joined(at)
    }

    /// The staff name nearest to a misspelt word, of the wanted parts.
    fn near_piece(&self, at: usize, wanted: impl Fn(&Form) -> bool) -> Option<Piece> {
        let word = self.text(at);
        if word.len() < 3
            || self.names.index.knows(word)
            || words::is_no_surname(word)
            || words::is_common_surname(word)
        {
            return None;
        }
        if words::ordinary(word).is_some() || self.patience.get() == 0 {
            return None;
        }
        self.patience.set(self.patience.get() - 1);
        let single = word.strip_suffix('s').filter(|one| one.len() > 3);
        let candidates = self.names.index.forms.iter().filter(|form| form.words.len() == 1 && wanted(form));
        candidates
            .filter(|form| {
                spelling::is_near(word, &form.words[0])
                    || single.is_some_and(|one| spelling::is_near(one, &form.words[0]))
            })
            .min_by_key(|form| spelling::distance(word, &form.words[0], 9))
            .map(|form| Piece { who: form.who, part: form.part, len: 1, alias: form.alias, fuzzy: true })
    }

    fn is_forename(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| !token.possessive) && self.names.forenames.contains(self.text(at))
    }

    // Names, one kind after the other.

    /// An alias of several words, word by word: `Dr P`, `Mo on reception`.
    fn phrase(&mut self, at: usize) -> Option<usize> {
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
            return None;
        }
        let short = words.last().is_some_and(|last| last.len() == 1);
        if short && self.joined(end) && self.capital(end) && !self.caseless && !words::is_cue_after(self.text(end)) {
            return None;
        }
        self.hit(at..end, Who::Staff(who), Certainty::High, false)
    }

    /// A title and the names after it: `Dr Patel`, `Drs Patel and Khan`, `Mrs Okafor`.
    fn titled(&mut self, at: usize) -> Option<usize> {
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
            if self.is_word_here(from, name, title) {
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
            let surname = if self.joined(next) { self.pieces(next) } else { Vec::new() };
            if let Some(surname) =
                surname.into_iter().find(|piece| piece.who == forename.who && piece.part != Part::Forename)
            {
                return Some((surname, next + surname.len));
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
        let other = (piece.part == Part::Forename || hyphened)
            && self.joined(end)
            && self.capital(end)
            && !self.caseless
            && self.is_surname_like(end);
        if other || self.is_elsewhere(end) {
            let who = if title.clinical() { Who::OtherTitled } else { Who::Person };
            return self.hit(from..if other { end + 1 } else { end }, who, Certainty::Medium, false);
        }
        let whole = format!("{} {}", self.text(from), self.text(name));
        if self.names.public_figures.contains(&whole)
            || words::is_place(self.text(end)) && self.capital(end) && self.joined(end)
        {
            return None;
        }
        let plain =
            title.clinical() != self.names.index.clinical[piece.who] && words::is_common_surname(self.text(name));
        let certainty = if plain || piece.part == Part::Forename && !title.clinical() {
            Certainty::Medium
        } else {
            Certainty::High
        };
        self.hit(from..end, Who::Staff(piece.who), certainty, piece.fuzzy)
    }

    /// Whether title and name are words here: "my sister may come", "a doctor will", "we miss young people".
    fn is_word_here(&self, title: usize, name: usize, kind: Title) -> bool {
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
            (Title::Noun { .. }, Ordinary::Verb) => words::is_determiner(before) || !(person_next || closed),
            (Title::Noun { .. }, _) => words::is_determiner(before),
        }
    }

    /// `Dr P`, `Dr AW`, `Dr. Z`: somebody whose initials they are.
    fn initials_after_title(&mut self, from: usize, at: usize, title: Title) -> Option<usize> {
        let word = self.text(at);
        let mut initials = word.to_owned();
        let mut end = at + 1;
        while initials.len() == end - at && end < at + 3 && self.text(end).len() == 1 && self.gap(end) == "." {
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
        if self.is_elsewhere(at + 1) || self.public_after(from, at) {
            return None;
        }
        if let Some((who, end)) = self.half_near(at) {
            return self.hit(from..end, Who::Staff(who), Certainty::Medium, true);
        }
        let noun =
            matches!(title, Title::Noun { .. }) && words::is_determiner(self.before(from, 1)) && !self.capital(at);
        let named = |form: &Form| form.part != Part::Forename || title.clinical();
        let guarded = |form: &Form| named(form) && (words::ordinary(&form.words[0]).is_none() || !noun);
        if let Some(first) = self.near_piece(at, guarded) {
            let mut end = at + 1;
            if first.part == Part::Forename && self.joined(end) {
                let surname = self.pieces(end).into_iter().find(|piece| piece.who == first.who);
                let surname = surname
                    .or_else(|| self.near_piece(end, |form| form.who == first.who && form.part != Part::Forename));
                if surname.is_none() && self.is_surname_like(end) && self.capital(end) && !self.caseless {
                    return None;
                }
                end += surname.map_or(0, |piece| piece.len);
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
            typed.get(..3).is_some_and(|start| name.starts_with(start)) || spelling::is_near(typed, name)
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
        if self.public_after(from, at) || !self.is_surname_like(at) || self.text(at).len() < 3 {
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

    /// Forename and surname of the same member of staff, in either order, exactly or nearly.
    fn whole_name(&mut self, at: usize) -> Option<usize> {
        let (piece, end) = self.exact_pair(at).or_else(|| self.near_pair(at))?;
        let (first, last) = (self.text(at), self.text(end - 1));
        let both_words = words::ordinary(first).is_some() && words::ordinary(last).is_some();
        let capitals = (at..end).all(|at| self.capital(at)) && !self.caseless;
        let cued = words::is_cue_after(self.after(end, 0))
            || words::is_cue_before(self.before(at, 1))
            || self.has_role_near(at, end);
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
        let initial = self.text(at).len() == 1 && self.capital(at) && self.joined(at + 1);
        let surname = if initial { self.pieces(at + 1) } else { Vec::new() };
        let surname = surname.into_iter().find(|piece| piece.part == Part::Surname)?;
        let theirs = self.names.index.initials.get(self.text(at)).is_some_and(|all| all.contains(&surname.who));
        let sure = words::ordinary(self.text(at + 1)).is_none()
            || self.capital(at + 1) && self.text(at) != "i" && self.text(at) != "a";
        (theirs && sure).then_some((surname, at + 1 + surname.len))
    }

    fn near_pair(&self, at: usize) -> Option<(Piece, usize)> {
        if !self.joined(at + 1) || self.text(at).len() < 3 || self.text(at + 1).len() < 3 {
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
            let surname = self.near_piece(at + first.len, |form| form.who == first.who && !is_forename(form));
            if let Some(surname) = surname {
                return Some((surname, at + first.len + 1));
            }
            if self.handle_of(at, first.who) {
                return Some((Piece { fuzzy: true, ..*first }, at + 2));
            }
        }
        for last in self.pieces(at + 1).iter().filter(|piece| piece.part != Part::Forename && !known_words(at + 1)) {
            if self.names.forenames.contains(self.text(at)) {
                return None;
            }
            if let Some(first) = self.near_piece(at, |form| form.who == last.who && is_forename(form)) {
                return Some((Piece { fuzzy: true, ..first }, at + 1 + last.len));
            }
        }
        if !capitals && !self.caseless || self.names.forenames.contains(self.text(at)) && self.is_known_surname(at + 1)
        {
            return None;
        }
        let first = self.near_piece(at, is_forename)?;
        let last = self.near_piece(at + 1, |form| form.who == first.who && !is_forename(form))?;
        (self.text(at).len() + self.text(at + 1).len() >= 9).then_some((last, at + 2))
    }

    /// `callum_mac_physio`: the forename and the beginning of the surname, in a handle.
    fn handle_of(&self, at: usize, who: usize) -> bool {
        let start = self.text(at + 1);
        let begins = |form: &Form| form.who == who && form.part == Part::Surname && form.words[0].starts_with(start);
        start.len() >= 3 && self.gap(at + 1) == "_" && self.names.index.forms.iter().any(begins)
    }

    fn is_known_surname(&self, at: usize) -> bool {
        words::is_common_surname(self.text(at))
    }

    /// `JRH the nurse practitioner`, `E.Y. (GP)`.
    fn initials_with_role(&mut self, at: usize) -> Option<usize> {
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
        if !in_brackets && !self.role_follows(end) {
            return None;
        }
        self.hit(at..end, Who::Staff(who), Certainty::Medium, false)
    }

    /// `Dawn the phlebotomist`, `Char at the desk`, `Maureen who answers the phones`, `the nurse, Grace I think`.
    fn forename_with_role(&mut self, at: usize) -> Option<usize> {
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
        let plausible = self.capital(at) || self.caseless;
        let near = || {
            (plausible && !self.names.forenames.contains(self.text(at))).then(|| self.near_piece(at, fitting)).flatten()
        };
        let piece = exact.or_else(near)?;
        let word = words::ordinary(self.text(at)).is_some();
        if word
            && (!self.capital(at) || self.caseless)
            && !(follows && words::is_workplace(self.text(at + 2)) && self.text(at + 1) == "on")
        {
            return None;
        }
        if self.is_relative_before(at, false) || self.tokens[at].possessive && follows {
            return None;
        }
        // "Hope the nurse is ok" begins with a verb, "Will the HCA did my ECG" with a name.
        let verb = words::ordinary(self.text(at)) == Some(Ordinary::Verb)
            && self.tokens[at].first
            && self.text(at + 1) == "the";
        if verb
            && !(1..=4)
                .any(|ahead| matches!(self.after(at + 1, ahead), "did" | "took" | "gave" | "rang" | "told" | "fixed"))
        {
            return None;
        }
        let certainty = if piece.fuzzy || word && self.tokens[at].first { Certainty::Medium } else { Certainty::High };
        self.hit(at..at + piece.len, Who::Staff(piece.who), certainty, piece.fuzzy)
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
            && ROLES.iter().any(|role| role.as_bytes()[0] == word.as_bytes()[0] && spelling::is_near(word, role))
    }

    /// Whether a role stands before the name: `receptionist Sandra`, `the nurse, Grace`, `a nurse called Hope`.
    fn role_leads(&self, at: usize) -> bool {
        const FILLERS: [&str; 12] =
            ["called", "named", "is", "was", "name", "i", "think", "s", "s", "names", "by", "lady"];
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
        back == 1 && words::ordinary(self.text(at)).is_some() && !self.capital(at)
    }

    fn has_role_near(&self, at: usize, end: usize) -> bool {
        self.role_follows(end) || self.role_leads(at) || self.same_sentence(at, end) && words::is_role(self.text(end))
    }

    /// Forename and surname of somebody who is not on the list.
    fn person(&mut self, at: usize) -> Option<usize> {
        if self.caseless {
            return self.person_without_capitals(at);
        }
        if !self.capital(at) || !self.is_forename(at) || self.text(at).len() < 2 {
            return None;
        }
        let mut end = at + 1;
        let short_gap = |at: usize| matches!(self.gap(at), " " | "-" | ". ");
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

    fn is_surname_like(&self, at: usize) -> bool {
        let word = self.text(at);
        word.len() >= 2
            && word.bytes().all(|byte| byte.is_ascii_alphabetic() || byte >= 0x80)
            && (!words::is_no_surname(word) || matches!(word, "may" | "hope" | "english" | "love") && self.capital(at))
    }

    /// A surname without anything before it: `Patel out!`, `Had Best today`, `patels receptionist`.
    fn surname_alone(&mut self, at: usize) -> Option<usize> {
        let piece = self
            .pieces(at)
            .into_iter()
            .filter(|piece| piece.part != Part::Forename)
            .max_by_key(|piece| (piece.part, piece.len))?;
        let end = at + piece.len;
        let capital = self.capital(at) && !self.caseless;
        let named_before =
            at > 0 && self.joined(at) && self.capital(at - 1) && !self.caseless && self.is_part_of_name(at - 1);
        let next_is_name =
            self.joined(end) && self.capital(end) && !self.caseless && !words::is_cue_after(self.text(end));
        let place = words::is_place(self.text(end)) && (self.joined(end) || self.gap(end).contains('&'))
            || self.gap(end) == "-" && capital;
        let owned = self.tokens[end - 1].possessive;
        let shop = owned && (0..3).any(|ahead| words::is_elsewhere(self.after(end, ahead))) || self.is_elsewhere(end);
        if named_before
            || next_is_name
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
                && (self.after(end, 0) == "is" || !words::is_cue_after(self.after(end, 0))) =>
            {
                return None;
            }
            None if self.text(at).len() < 4 && !capital => return None,
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

    fn is_part_of_name(&self, at: usize) -> bool {
        let word = self.text(at);
        self.names.forenames.contains(word)
            || !self.tokens[at].first && !words::is_no_surname(word) && !words::is_cue_before(word)
    }

    /// A surname that is a word: only where the sentence makes a person of it.
    fn ordinary_surname(&self, at: usize, end: usize, kind: Ordinary) -> Option<Certainty> {
        if self.caseless || !self.capital(at) || self.tokens[at].possessive {
            return None;
        }
        let (before, next) = (self.before(at, 1), self.after(end, 0));
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
    fn forename_alone(&mut self, at: usize) -> Option<usize> {
        let piece =
            self.pieces(at).into_iter().filter(|piece| piece.part == Part::Forename).max_by_key(|piece| piece.len)?;
        let end = at + piece.len;
        let word = self.text(at);
        let capital = self.capital(at) && !self.caseless;
        let ordinary = words::ordinary(word).is_some();
        if word.len() < 2
            || word.len() == 2 && !capital
            || ordinary && !capital && !self.is_thanked(at)
            || self.tokens[at].possessive && ordinary
        {
            return None;
        }
        // "a glass of chardonnay": somebody called so is not written small after an article.
        if !self.capital(at) && matches!(self.before(at, 1), "a" | "an" | "the" | "of" | "some" | "more") {
            return None;
        }
        let next_is_name = self.joined(end) && self.capital(end) && !self.caseless;
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
            || words::is_place(self.after(end, 0))
        {
            return None;
        }
        if self.is_relative_before(at, true) || words::is_honour(self.before(at, 1)) {
            return None;
        }
        let from_place = matches!(self.after(end, 0), "from" | "of")
            && !words::is_workplace(self.after(end, 1))
            && !words::is_workplace(self.after(end, 2));
        if from_place {
            return None;
        }
        let certainty = self.lone_forename_certainty(at, end, piece, ordinary);
        // "Hope your back's better", "Will it be open": a capital says nothing where a sentence begins.
        if (ordinary && self.tokens[at].first || word.len() == 2) && certainty == Certainty::Low {
            return None;
        }
        self.hit(at..end, Who::Staff(piece.who), certainty, false)
    }

    /// `thanks grace x`: all of it, so that the word can be nothing but a name.
    fn is_thanked(&self, at: usize) -> bool {
        matches!(self.before(at, 1), "thanks" | "thank" | "ta" | "cheers")
            && matches!(self.after(at + 1, 0), "" | "x" | "xx" | "xxx")
    }

    fn lone_forename_certainty(&self, at: usize, end: usize, piece: Piece, ordinary: bool) -> Certainty {
        let everyday = words::is_everyday_forename(self.text(at)) || ordinary;
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
            (true, false) if piece.alias && !ordinary => Certainty::Medium,
            (true, false) => Certainty::Low,
        }
    }

    /// `Wishniewska`: a long surname is itself even when it is misspelt and alone.
    fn long_surname_misspelt(&mut self, at: usize) -> Option<usize> {
        const LONG: usize = 8;
        let next_is_name = self.joined(at + 1) && self.capital(at + 1);
        let plain = self.text(at).len() < LONG || !self.capital(at) || self.caseless && self.tokens.len() > 3;
        if plain || next_is_name || self.is_forename(at) || words::is_place(self.text(at + 1)) {
            return None;
        }
        let piece = self.near_piece(at, |form| form.part == Part::Surname && form.words[0].len() >= LONG)?;
        self.hit(at..at + 1, Who::Staff(piece.who), Certainty::Medium, true)
    }

    /// `Khn ddnt vn lk at me`: a surname without vowels among other words without them.
    fn skeleton(&mut self, at: usize) -> Option<usize> {
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
    fn run_together(&mut self, at: usize) -> Option<usize> {
        if !may_be_run_together(self.folded, self.tokens.get(at)?.word) {
            return None;
        }
        let who = self.names.is_run_together(self.text(at))?;
        self.hit(at..at + 1, Who::Staff(who), Certainty::Medium, false)
    }

    // What makes a name somebody else's.

    /// Somebody's relative, friend or pet, a word or two before the name.
    fn is_relative_before(&self, at: usize, possessives: bool) -> bool {
        let (one, two) = (self.before(at, 1), self.before(at, 2));
        let near = words::is_relative(one) && !self.gap(at).contains(['.', ';']);
        near || possessives && matches!(one, "my" | "our" | "wor" | "his" | "her" | "their" | "wee" | "young")
            || words::is_relative(two) && matches!(one, "called" | "named" | "is")
    }

    fn is_somebody_elses(&self, at: usize) -> bool {
        let one = self.before(at, 1);
        words::is_relative(one) || words::is_honour(one) && one != "st"
    }

    fn is_public(&self, tokens: Range<usize>) -> bool {
        let figures = &self.names.public_figures;
        if figures.is_empty() {
            return false;
        }
        let join = |range: Range<usize>| range.map(|at| self.text(at)).collect::<Vec<_>>().join(" ");
        let before = tokens.start.saturating_sub(1);
        figures.contains(&join(tokens.clone()))
            || tokens.start > 0 && figures.contains(&join(before..tokens.end))
            || tokens.end < self.tokens.len() && figures.contains(&join(tokens.start..tokens.end + 1))
    }

    /// "… at the General", "… on the radio", "… in 1949", "…, Leeds, 1974".
    fn is_elsewhere(&self, end: usize) -> bool {
        let link = self.after(end, 0);
        if link == "next" && self.after(end, 1) == "door" {
            return true;
        }
        if matches!(link, "at" | "from" | "on" | "in" | "of" | "off" | "up") {
            let places = (1..=4).map(|ahead| self.after(end, ahead)).take_while(|word| !word.is_empty());
            let mut here = places.skip_while(|word| !words::is_elsewhere(word) && !words::is_workplace(word));
            if here.next().is_some_and(words::is_elsewhere) {
                return true;
            }
        }
        (0..8).map(|ahead| self.after(end, ahead)).any(is_past_year)
    }
}

/// Three letters or more without a vowel, as in "ddnt" and "khn".
fn is_without_vowels(word: &str) -> bool {
    word.len() >= 3 && is_bare(word)
}

/// No vowel, and no title or sign-off that has none by nature.
fn is_bare(word: &str) -> bool {
    let consonants = || word.bytes().all(|byte| byte.is_ascii_lowercase() && !b"aeiouyx".contains(&byte));
    word.len() >= 2
        && consonants()
        && words::title(word).is_none()
        && !matches!(word, "nhs" | "gp" | "gps" | "pls" | "tv" | "pm")
}

/// 1800 to 1999: nobody's colleague of today.
fn is_past_year(word: &str) -> bool {
    word.len() == 4
        && word.bytes().all(|byte| byte.is_ascii_digit())
        && (word.starts_with("19") || word.starts_with("18"))
}

#[cfg(test)]
mod tests;
