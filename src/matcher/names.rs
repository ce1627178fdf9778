//! Finds people by name: the practice's staff, clinicians of other places, private persons. In: folded text and the staff
//! list. Out: [`NameHit`]s. A name that is an ordinary word, or everybody's, counts only beside what makes it a person:
//! a title, a role, the other half of the name, or something said of a person. Every look back or ahead has a fixed
//! length and look-alikes are sought a limited number of times a text, so time is linear.
//! Not here: what is said about the person, and whether a private person's name comes with a condition.

mod finder;
mod index;
mod spelling;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use finder::Finder;
use index::{Index, Part};

use super::wordset::FixedSet;
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
    forenames: FixedSet<String>,
    public_figures: FixedSet<String>,
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

#[cfg(test)]
mod tests;
