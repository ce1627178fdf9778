//! Finds people by name: the practice's staff, clinicians of other places, private persons. In: folded text and the staff
//! list. Out: [`NameHit`]s. A name that is an ordinary word, or everybody's, counts only beside what makes it a person:
//! a title, a role, the other half of the name, or something said of a person. Every look back or ahead has a fixed
//! length and look-alikes are sought a limited number of times a text, so time is linear.
//! Not here: what is said about the person, and whether a private person's name comes with a condition.

mod finder;
mod index;
mod set;
mod spelling;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use finder::Finder;
use index::{Index, Part};
use set::NameSet;

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
    forenames: NameSet,
    public_figures: NameSet,
}

impl Names {
    /// Prepares a staff list and the word lists.
    pub fn compile(staff: &StaffList, lists: Lists<'_>) -> Self {
        let plain = |names: &[String]| NameSet::of(names.iter().map(|name| index::words_of(name).join(" ")));
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
        let worth = self.worth_a_look(folded);
        if worth.is_empty() {
            return Vec::new();
        }
        let mut finder = Finder::new(self, folded);
        finder.run(&worth);
        finder.hits
    }

    /// Forenames that stand alone, as indexes of words, where `hits` see nobody and the word means nothing else. They
    /// name a person to a neighbour only, so they are covered when a text is passed on and count for nothing else.
    pub fn forenames_alone(&self, folded: &Folded, hits: &[NameHit]) -> impl Iterator<Item = usize> {
        (0..folded.words.len()).filter(move |at| {
            let word = normal(folded.word(*at)).0;
            folded.words[*at].capital
                && self.forenames.contains(&word)
                && words::ordinary(&word).is_none()
                && !hits.iter().any(|hit| hit.words.contains(at))
        })
    }

    /// The words that could be part of a name, in their order; most comments have none. What can be told from a word's
    /// first letters and its length is asked first: most words need no second look.
    fn worth_a_look(&self, folded: &Folded) -> Vec<usize> {
        let (mut capital_before, mut near_before) = (false, false);
        let worth = |at: &usize| {
            let at = *at;
            let (word, capital) = (folded.word(at), folded.words[at].capital);
            let begins = self.index.may_begin(word);
            let worth = capital && capital_before
                || capital && begins && self.index.resembles(word) && !words::is_no_surname(word)
                || capital && word.len() == 1 && folded.gap_before(at + 1).starts_with('.')
                || word == "the" && near_before && capital_before
                || self.index.gate.lets_through(word) && self.is_name_or_beside(word, begins)
                || !capital && self.index.resembles_from_the_first(word)
                || capital && self.may_be_singled_out(folded, at)
                || capital && begins && at + 1 < folded.words.len() && folded.gap_before(at + 1) == "-"
                || self.index.gate.lets_through(word) && self.is_person_before(folded, at)
                || is_without_vowels(word)
                || may_be_run_together(folded, at) && self.is_run_together(word, is_tagged(folded, at)).is_some();
            (capital_before, near_before) = (capital, begins);
            worth
        };
        (0..folded.words.len()).filter(worth).collect()
    }

    /// `Martin from the chip shop`, `Lynne's lad`.
    fn may_be_singled_out(&self, folded: &Folded, at: usize) -> bool {
        let next = if at + 1 < folded.words.len() { folded.word(at + 1) } else { "" };
        let word = folded.word(at);
        (word.contains('\'') || matches!(next, "from" | "off" | "at" | "on" | "next" | "down" | "up" | "the"))
            && self.forenames.contains(&normal(word).0)
    }

    /// `joan smith` in small letters.
    fn is_person_before(&self, folded: &Folded, at: usize) -> bool {
        at > 0 && words::is_common_surname(&normal(folded.word(at)).0) && self.forenames.contains(folded.word(at - 1))
    }

    fn is_name_or_beside(&self, word: &str, begins: bool) -> bool {
        words::title(word).is_some() || words::is_role(word) || begins && self.is_known(word)
    }

    fn is_known(&self, word: &str) -> bool {
        let word = normal(word).0;
        self.index.knows(&word) || word.strip_suffix('s').is_some_and(|one| self.index.knows(one))
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
    fn is_run_together(&self, word: &str, tagged: bool) -> Option<usize> {
        let single = word.strip_suffix('s').unwrap_or(word);
        let titled = || TITLES.iter().find_map(|title| self.after_title(word.strip_prefix(title)?, title, tagged));
        let inside = tagged || word.len() >= 13 || TITLES.iter().any(|title| word.starts_with(title));
        let letters = spelling::letters(word);
        let holds = |joined: &str| single == joined || word == joined || inside && word.contains(joined);
        // "willpower" is a word unless it is tagged.
        let mut joined =
            self.index.joined.iter().filter(|joined| joined.letters & !letters == 0 && (tagged || !joined.words));
        titled().or_else(|| joined.find(|joined| holds(&joined.text)).map(|joined| joined.who))
    }

    /// Whose name follows the title in one word: `khan`, `ngdrng`, `pateliscrap`.
    fn after_title(&self, rest: &str, title: &str, tagged: bool) -> Option<usize> {
        let fits = |name: &str| {
            let Some(more) = rest.strip_prefix(name) else { return false };
            let repeated = more.strip_prefix(title).is_some_and(|again| again.starts_with(name));
            let long = name.len() >= 4 || tagged || is_bare(name);
            repeated || long && matches!(more, "" | "s") || name.len() >= 5 && title.len() + name.len() >= 7
        };
        let single = self.index.forms.iter().filter(|form| form.words.len() == 1 && form.words[0].len() >= 2);
        single.filter(|form| fits(&form.words[0])).max_by_key(|form| form.words[0].len()).map(|form| form.who)
    }
}

const TITLES: [&str; 8] = ["doctor", "nurse", "dr", "mrs", "mr", "miss", "ms", "sister"];

/// Whether the word may be a name written in one: a tag, a title that runs on, or longer than most words are.
fn may_be_run_together(folded: &Folded, at: usize) -> bool {
    let word = folded.word(at);
    let may_be = word.len() >= 9 || is_tagged(folded, at) || TITLES.iter().any(|title| word.starts_with(title));
    (4..=64).contains(&word.len()) && may_be
}

fn is_tagged(folded: &Folded, at: usize) -> bool {
    folded.gap_before(at).ends_with(['#', '@'])
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
