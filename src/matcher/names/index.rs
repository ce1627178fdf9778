//! The staff list as the finder asks for it: by word, by initials, by run-together spelling. In: the staff list.
//! Out: an index that is built once per reload. Not here: what the words around a name make of it.

use std::collections::HashMap;

use super::spelling::{Shape, letters};
use super::words;
use crate::lexicon::staff::{StaffList, StaffMember};
use crate::matcher::wordset::Hashed;
use crate::text::fold;

/// What a word is in a person's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Half of a double-barrelled surname.
    Half,
    /// Forename, its short form, or an alias of one word.
    Forename,
    /// The whole surname.
    Surname,
}

/// A way to write a part of somebody's name: one word or several in order.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) who: usize,
    pub(super) part: Part,
    pub(super) words: Vec<String>,
    /// What the first word is compared by.
    pub(super) shape: Shape,
    /// The practice wrote this nickname on its list.
    pub(super) alias: bool,
}

/// `drpatel`, `gracemay`: at least six letters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Joined {
    pub(super) text: String,
    pub(super) who: usize,
    /// Both halves are words, as in `willpower`.
    pub(super) words: bool,
    /// Its letters, one bit each.
    pub(super) letters: u32,
}

/// Which first two letters and which lengths the words have that a name may begin with, or that stand beside one.
#[derive(Clone, Debug)]
pub(super) struct Gate(Vec<u32>);

impl Default for Gate {
    fn default() -> Self {
        Self(vec![0; 1 << 10])
    }
}

impl Gate {
    /// Lets the word pass, and its plural.
    fn open_for(&mut self, word: &str) {
        self.0[Self::place(word)] |= 0b11_u32.checked_shl(word.len().min(30) as u32).unwrap_or(0);
    }

    pub(super) fn lets_through(&self, word: &str) -> bool {
        word.len() > 30 || word.contains('\'') || self.0[Self::place(word)] >> word.len().min(31) & 1 != 0
    }

    fn place(word: &str) -> usize {
        let bytes = word.as_bytes();
        let letter = |at: usize| usize::from(bytes.get(at).copied().unwrap_or(0) & 31);
        letter(0) << 5 | letter(1)
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    pub(super) gate: Gate,
    pub(super) forms: Vec<Form>,
    by_first: HashMap<String, Vec<usize>, Hashed>,
    /// Aliases of several words, such as `dr femi`.
    pub(super) phrases: HashMap<String, Vec<(Vec<String>, usize)>, Hashed>,
    /// `p`, `rp`, `aw`, `jrh`.
    pub(super) initials: HashMap<String, Vec<usize>, Hashed>,
    /// Names written in one.
    pub(super) joined: Vec<Joined>,
    /// Letters and lengths of long names of one word, by their first letter.
    by_letter: Vec<Vec<(u32, usize)>>,
    pub(super) clinical: Vec<bool>,
    /// First letters of forenames and surnames, one bit each: most words need no second look.
    pub(super) first_letters: u32,
}

impl Index {
    pub(super) fn new(staff: &StaffList) -> Self {
        let mut index = Self::default();
        for (who, person) in staff.people.iter().enumerate() {
            index.add(who, person);
        }
        for (at, form) in index.forms.iter().enumerate() {
            index.by_first.entry(form.words[0].clone()).or_default().push(at);
        }
        index.by_letter = vec![Vec::new(); 32];
        for form in index.forms.iter().filter(|form| form.words.len() == 1 && form.words[0].len() >= 6) {
            let first = usize::from(form.words[0].as_bytes()[0] & 31);
            index.by_letter[first].push((form.shape.letters, form.words[0].len()));
        }
        let known = words::titles_and_roles().chain(words::common_surnames());
        known.for_each(|word| index.gate.open_for(word));
        let (forms, phrases) = (index.forms.iter().map(|form| &form.words[0]), index.phrases.keys());
        forms.chain(phrases).for_each(|word| index.gate.open_for(word));
        index.joined.sort_by(|a, b| b.text.len().cmp(&a.text.len()).then_with(|| a.cmp(b)));
        index.joined.dedup();
        index
    }

    /// The forms that begin with this word.
    pub(super) fn starting(&self, word: &str) -> impl Iterator<Item = &Form> {
        let known = if self.may_begin(word) { self.by_first.get(word) } else { None };
        known.into_iter().flatten().map(|&at| &self.forms[at])
    }

    pub(super) fn knows(&self, word: &str) -> bool {
        self.may_begin(word) && self.by_first.contains_key(word)
    }

    pub(super) fn may_begin(&self, word: &str) -> bool {
        word.bytes().next().is_some_and(|byte| self.first_letters & letter(byte) != 0)
    }

    /// The same of names that begin like the word, and only of long ones: what small letters need before they are asked.
    pub(super) fn resembles_from_the_first(&self, word: &str) -> bool {
        const LEAST: usize = 6;
        let first = usize::from(word.as_bytes().first().copied().unwrap_or(0) & 31);
        if word.len() + 1 < LEAST || self.by_letter.is_empty() {
            return false;
        }
        let letters = letters(word);
        let alike = |&(name, len): &(u32, usize)| len.abs_diff(word.len()) <= 2 && (name ^ letters).count_ones() <= 3;
        self.by_letter[first].iter().any(alike)
    }

    /// Whether some name has nearly the letters of this word: it may be that name misspelt.
    pub(super) fn resembles(&self, word: &str) -> bool {
        let letters = letters(word);
        let alike = |form: &Form| {
            form.words[0].len().abs_diff(word.len()) <= 3 && (form.shape.letters ^ letters).count_ones() <= 5
        };
        word.len() >= 4 && self.forms.iter().any(|form| form.words[0].len() >= 4 && alike(form))
    }

    fn add(&mut self, who: usize, person: &StaffMember) {
        let title = words_of(&person.title);
        let clinical = title.iter().any(|word| words::title(word).is_some_and(words::Title::clinical))
            || words_of(&person.role).iter().any(|word| matches!(word.as_str(), "gp" | "nurse" | "doctor"));
        self.clinical.push(clinical);
        for alias in &person.aliases {
            self.alias(who, alias);
        }
        for forename in spellings(&person.forename) {
            self.form(who, Part::Forename, &forename, false);
            for short in words::short_forms(&forename[0]) {
                self.form(who, Part::Forename, &[(*short).to_owned()], false);
            }
        }
        for surname in spellings(&person.surname) {
            self.surname(who, &surname);
        }
        self.initials_of(who, person);
        self.join(who, &title, person);
    }

    fn surname(&mut self, who: usize, surname: &[String]) {
        self.form(who, Part::Surname, surname, false);
        if surname.len() == 2 && surname[0].len() == 1 {
            self.form(who, Part::Surname, &[surname.concat()], false);
            self.form(who, Part::Half, &surname[1..], false);
        } else if surname.len() > 1 {
            self.form(who, Part::Surname, &[surname.concat()], false);
            for half in surname.iter().filter(|half| half.len() > 3) {
                self.form(who, Part::Half, std::slice::from_ref(half), false);
            }
        }
    }

    /// `Dr P`, `Raki`, `Ellie Young`, `Mo on reception`, `Cal the physio`: the last two make forenames of their first word.
    fn alias(&mut self, who: usize, alias: &str) {
        let words = words_of(alias);
        match words.as_slice() {
            [] => {}
            [one] => self.form(who, Part::Forename, std::slice::from_ref(one), true),
            [first, rest @ ..] => {
                if matches!(rest[0].as_str(), "on" | "the" | "at" | "from" | "in") {
                    self.form(who, Part::Forename, std::slice::from_ref(first), false);
                }
                let titled = words::title(first).is_some() && rest.len() == 1;
                if titled && rest[0].len() > 2 && rest[0].len() < 32 {
                    self.form(who, Part::Forename, rest, false);
                }
                self.phrases.entry(first.clone()).or_default().push((words.clone(), who));
            }
        }
    }

    fn form(&mut self, who: usize, part: Part, words: &[String], alias: bool) {
        let known = self.forms.iter().any(|form| form.who == who && form.words == words && form.part >= part);
        if !words.is_empty() && !known {
            self.first_letters |= words[0].bytes().next().map_or(0, letter);
            self.forms.push(Form { who, part, words: words.to_vec(), shape: Shape::of(&words[0]), alias });
        }
    }

    fn initials_of(&mut self, who: usize, person: &StaffMember) {
        let first = |words: &[String]| words.iter().filter_map(|word| word.chars().next()).collect::<String>();
        let (forename, surname) = (first(&words_of(&person.forename)), first(&words_of(&person.surname)));
        let short = surname.chars().next().map(String::from).unwrap_or_default();
        let last = surname.chars().last().map(String::from).unwrap_or_default();
        for initials in
            [forename.clone(), surname.clone(), short.clone(), last, format!("{forename}{surname}"), forename + &short]
        {
            let holders = self.initials.entry(initials).or_default();
            if !holders.contains(&who) {
                holders.push(who);
            }
        }
        self.initials.remove("");
    }

    fn join(&mut self, who: usize, title: &[String], person: &StaffMember) {
        let (forename, surname) = (words_of(&person.forename).concat(), words_of(&person.surname).concat());
        let title = title.concat();
        let both = format!("{forename}{surname}");
        let spoken = if title == "dr" { format!("doctor{surname}") } else { String::new() };
        for joined in [format!("{title}{surname}"), format!("{title}{forename}"), both, spoken] {
            if joined.len() >= 6 && joined.len() > title.len() + 1 && joined != forename && joined != surname {
                let words = joined.starts_with(&forename)
                    && words::ordinary(&forename).is_some()
                    && words::ordinary(&surname).is_some();
                self.joined.push(Joined { letters: letters(&joined), text: joined, who, words });
            }
        }
    }
}

fn letter(byte: u8) -> u32 {
    if byte.is_ascii_lowercase() { 1 << (byte - b'a') } else { 1 << 31 }
}

/// The folded words of a name, split where names are split: `o'neill` is one, `robertson-hughes` two.
pub(super) fn words_of(name: &str) -> Vec<String> {
    let folded = fold(name);
    let word = |at: usize| folded.word(at).replace('\'', "");
    (0..folded.words.len()).filter(|&at| !folded.words[at].emoji).map(word).collect()
}

/// A name and the same without umlauts written out: `muller`, `mueller`.
fn spellings(name: &str) -> Vec<Vec<String>> {
    let lower = name.to_lowercase();
    let written_out =
        lower.replace('ü', "ue").replace('ö', "oe").replace('ä', "ae").replace('å', "aa").replace('ø', "oe");
    let mut all = vec![words_of(name)];
    if written_out != lower {
        all.push(words_of(&written_out));
    }
    // "O'Neill" is also typed "O Neill", and "MacDonald" with or without its a.
    if let Some((before, after)) = lower.split_once(['\'', '’']).filter(|(before, _)| before.chars().count() == 1) {
        all.push(vec![before.to_owned(), after.to_owned()]);
    }
    all.retain(|words| !words.is_empty() && words.iter().all(|word| word.len() < 64));
    all
}
