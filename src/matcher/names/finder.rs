//! Walks through a text and takes the names it meets. In: the names and a folded text. Out: hits, none of which overlaps
//! another. Here is what every kind of name asks of the text and of the staff list; the kinds stand next door.

mod alone;
mod others;
mod pieces;
mod role;
mod titled;
mod whole;

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use super::index::{Form, Part};
use super::spelling::{self, Reach, Shape};
use super::{NameHit, Names, Who, normal, words};
use crate::lexicon::Certainty;
use crate::text::Folded;

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

/// A piece of a staff member's name found at some token.
#[derive(Clone, Copy)]
struct Piece {
    who: usize,
    part: Part,
    len: usize,
    alias: bool,
    fuzzy: bool,
}

/// The walk through one text.
pub(super) struct Finder<'a> {
    names: &'a Names,
    folded: &'a Folded,
    tokens: Vec<Token<'a>>,
    /// Capitals say nothing: there are none, or nearly all letters or words have them.
    caseless: bool,
    /// How many more words may be compared with every name; a text full of titles must not take for ever.
    patience: Cell<u32>,
    pub(super) hits: Vec<NameHit>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(names: &'a Names, folded: &'a Folded) -> Self {
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

    /// Takes every name near the words that are worth a look.
    pub(super) fn run(&mut self, mut worth: &[usize]) {
        const BEFORE: usize = 4;
        let mut at = 0;
        while let Some(token) = self.tokens.get(at) {
            while worth.first().is_some_and(|first| first + 1 < token.word) {
                worth = &worth[1..];
            }
            let Some(&next) = worth.first() else { return };
            at = if token.word + BEFORE < next { at + 1 } else { self.at(at).unwrap_or(at + 1) };
        }
    }

    /// Takes the name that begins at this token, if one does; says where to go on.
    fn at(&mut self, at: usize) -> Option<usize> {
        self.phrase(at)
            .or_else(|| self.titled(at))
            .or_else(|| self.whole_name(at))
            .or_else(|| self.initials_with_role(at))
            .or_else(|| self.forename_with_role(at))
            .or_else(|| self.forename_with_initials(at))
            .or_else(|| self.person(at))
            .or_else(|| self.surname_alone(at))
            .or_else(|| self.forename_alone(at))
            .or_else(|| self.run_together(at))
            .or_else(|| self.skeleton(at))
            .or_else(|| self.in_pieces(at))
            .or_else(|| self.surname_misspelt(at))
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

    /// A capital word follows that may be the other half of the name before it. "I" and a new sentence are none.
    fn name_goes_on(&self, end: usize) -> bool {
        !self.caseless
            && self.capital(end)
            && self.joined(end)
            && self.text(end) != "i"
            && !self.gap(end).starts_with(". ")
    }

    /// "she", "him" within a sentence or so: the word before may be a person.
    fn pronoun_follows(&self, end: usize) -> bool {
        const REACH: usize = 12;
        let near = self.tokens.iter().skip(end).take(REACH);
        near.into_iter()
            .any(|token| matches!(&*token.text, "she" | "shes" | "her" | "hers" | "he" | "hes" | "him" | "his"))
    }

    /// "Faith by name": what is said of a name that is a word.
    fn is_by_name(&self, end: usize) -> bool {
        self.after(end, 0) == "by" && self.after(end, 1) == "name"
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

    /// The staff name nearest to a misspelt word that something beside it vouches for, of the wanted parts.
    fn near_piece(&self, at: usize, wanted: impl Fn(&Form) -> bool) -> Option<Piece> {
        self.near_word(self.text(at), Reach::Vouched, wanted)
    }

    /// The staff name nearest to a misspelt word.
    fn near_word(&self, word: &str, reach: Reach, wanted: impl Fn(&Form) -> bool) -> Option<Piece> {
        if word.len() < 2
            || self.names.index.knows(word)
            || words::is_no_surname(word)
            || words::ordinary(word).is_some()
            || words::is_cue_before(word)
            || words::is_cue_after(word)
            || words::is_verdict(word)
            || self.patience.get() == 0
        {
            return None;
        }
        self.patience.set(self.patience.get() - 1);
        let common = words::is_common_surname(word);
        let single = word.strip_suffix('s').filter(|one| one.len() > 3);
        let (shape, single_shape) = (Shape::of(word), single.map(Shape::of));
        let likeness = |form: &Form| {
            let name = &form.words[0];
            // A surname that is everybody's is another one, unless it sounds the same: "Clark" and "Clarke".
            if common && !shape.sounds_as(&form.shape) {
                return None;
            }
            let whole = spelling::likeness(word, &shape, name, &form.shape, reach);
            let plural = single.zip(single_shape.as_ref());
            // "Morons" are not several Maureens.
            let one = plural
                .filter(|_| form.part != Part::Forename)
                .and_then(|(one, shape)| spelling::likeness(one, shape, name, &form.shape, Reach::Alone));
            whole.into_iter().chain(one).min()
        };
        let candidates = self.names.index.forms.iter().filter(|form| form.words.len() == 1 && wanted(form));
        let (_, form) =
            candidates.filter_map(|form| Some((likeness(form)?, form))).min_by_key(|(likeness, _)| *likeness)?;
        Some(Piece { who: form.who, part: form.part, len: 1, alias: form.alias, fuzzy: true })
    }

    /// The forename nearest to a misspelt word. A forename of its own is believed only where it sounds like the other one.
    fn near_forename(&self, at: usize, wanted: impl Fn(&Form) -> bool) -> Option<Piece> {
        let word = self.text(at);
        if !self.names.forenames.contains(word) {
            // In small letters any word might be meant: "the nurse was sound" is not about Sandra.
            let reach = if self.capital(at) && !self.caseless { Reach::Vouched } else { Reach::Alone };
            return self.near_word(word, reach, wanted);
        }
        self.near_piece(at, |form| wanted(form) && is_same_name(word, form))
    }

    /// A surname of this member of staff at this token, exactly, nearly or in pieces; and where it ends.
    fn surname_of(&self, at: usize, who: usize) -> Option<(Piece, usize)> {
        let theirs = |form: &Form| form.who == who && form.part != Part::Forename;
        let exact = self.pieces(at).into_iter().filter(|piece| piece.who == who && piece.part != Part::Forename);
        if let Some(piece) = exact.max_by_key(|piece| (piece.part, piece.len)).filter(|piece| piece.part != Part::Half)
        {
            return Some((piece, at + piece.len));
        }
        self.pieces_of_surname(at, who)
            .map(|end| (Piece { who, part: Part::Surname, len: end - at, alias: false, fuzzy: true }, end))
            .or_else(|| {
                self.pieces(at)
                    .into_iter()
                    .find(|piece| piece.who == who && piece.part == Part::Half)
                    .map(|piece| (piece, at + piece.len))
            })
            .or_else(|| self.near_piece(at, theirs).map(|piece| (piece, at + 1)))
    }

    fn is_forename(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| !token.possessive) && self.names.forenames.contains(self.text(at))
    }
}

/// Whether the word is this name in another spelling, or with two letters exchanged.
fn is_same_name(word: &str, form: &Form) -> bool {
    let shape = Shape::of(word);
    spelling::same_name(word, &form.words[0])
        || shape.sounds_as(&form.shape)
        || spelling::likeness(word, &shape, &form.words[0], &form.shape, Reach::Alone).is_some_and(|far| far <= 6)
}
