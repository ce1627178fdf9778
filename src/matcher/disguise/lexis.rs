//! The words that count, as the reader of disguises knows them. In: the lexicons and the names of the staff list. Out:
//! whether and how a word counts ([`Class`]), which words fit a shape, and which words are one slip, one turn or one
//! code away from a word that people hide.
//! Not here: where in a comment to look.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use super::slips;
use super::words::{Shape, Words, everyday, hash, is_ordinary, prefix_hashes};
use crate::lexicon::file::{Lexicons, visit};
use crate::lexicon::phrase::Node;
use crate::lexicon::{Category, Certainty};

/// How a word counts; the later, the likelier somebody hides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// Some phrase has it.
    Known,
    /// Part of the name of a member of staff.
    Name,
    /// An insult, or another word that is found by itself.
    Rude,
    /// Obscene, or a slur.
    Strong,
}

/// The words that count.
#[derive(Debug, Default)]
pub(super) struct Lexis {
    words: Words,
    classes: Vec<Class>,
    strong: Words,
    /// Words by their hash: most words of a comment are asked for once and are not there.
    index: ByHash,
    /// Stems, which any ending may follow, by their hash.
    stems: HashMap<u64, Class, BuildHasherDefault<Hashed>>,
    /// Bit `n`: some stem has `n` letters.
    stem_lengths: u64,
    /// What is one slip away from a word, by hash.
    slips: ByHash,
    /// How words sound, by the hash of that.
    sounds: ByHash,
}

/// What may follow a stem.
const ENDINGS: [&str; 26] = [
    "", "s", "es", "ed", "d", "er", "ers", "r", "rs", "in", "in'", "ing", "ings", "y", "ly", "ies", "ied", "ness",
    "able", "ation", "ment", "al", "ish", "a", "as", "e",
];

type ByHash = HashMap<u64, u32, BuildHasherDefault<Hashed>>;

impl Lexis {
    /// Takes the words of all phrases and lists, and of names.
    pub(super) fn compile<'n>(lexicons: &Lexicons, names: impl Iterator<Item = &'n str>) -> Self {
        let mut gathered = Gathered::default();
        gathered.lexicons(lexicons);
        for name in names {
            gathered.add(name, Class::Name);
        }
        gathered.lexis()
    }

    /// How a word counts, endings of stems considered; `None` for a word that does not.
    pub(super) fn class(&self, word: &str) -> Option<Class> {
        let word = word.strip_suffix("'s").unwrap_or(word);
        self.exact(word).or_else(|| self.stem(word))
    }

    /// The same, unless something else than an ending follows a stem: `fuckoffyoubitch` is several words.
    pub(super) fn class_of_short(&self, word: &str) -> Option<Class> {
        if let Some(class) = self.exact(word) {
            return Some(class);
        }
        let class = self.class(word)?;
        let stem = |ending: &str| word.strip_suffix(ending).is_some_and(|stem| self.stems.contains_key(&hash(stem)));
        (word.ends_with("'s") || ENDINGS.iter().any(|ending| stem(ending)) || is_ordinary(word)).then_some(class)
    }

    /// How this very word counts.
    pub(super) fn exact(&self, word: &str) -> Option<Class> {
        let at = *self.index.get(&hash(word))? as usize;
        (self.words.word(at) == word).then(|| self.classes[at])
    }

    /// The class of the longest stem that the word begins with.
    fn stem(&self, word: &str) -> Option<Class> {
        let mut found = None;
        prefix_hashes(word, |length, hash| {
            if self.stem_lengths >> length.min(63) & 1 == 1 {
                found = self.stems.get(&hash).copied().or(found);
            }
        });
        found
    }

    /// The words that fit a shape, with how they count.
    pub(super) fn fitting<'s>(&'s self, shape: &'s Shape) -> impl Iterator<Item = (&'s str, Class)> + 's {
        self.words.fitting(shape).map(|at| (self.words.word(at), self.classes[at]))
    }

    /// The obscene words and slurs that fit a shape.
    pub(super) fn strong_fitting<'s>(&'s self, shape: &'s Shape) -> impl Iterator<Item = &'s str> + 's {
        self.strong.fitting(shape).map(|at| self.strong.word(at))
    }

    /// Obscene words and slurs that begin and end so, of at least so many letters.
    pub(super) fn strong_between(&self, first: &str, last: &str, least: usize) -> Option<&str> {
        (0..self.strong.len())
            .map(|at| self.strong.word(at))
            .find(|word| word.len() >= least && word.starts_with(first) && word.ends_with(last))
    }

    /// The word that people hide and that is one slip away from `word`.
    pub(super) fn slipped(&self, word: &str) -> Option<&str> {
        self.slips.get(&hash(word)).map(|&at| self.words.word(at as usize))
    }

    /// The word that sounds like `word`.
    pub(super) fn sounding(&self, word: &str) -> Option<(&str, Class)> {
        let at = *self.sounds.get(&hash(&slips::sound(word)))? as usize;
        Some((self.words.word(at), self.classes[at]))
    }
}

#[cfg(test)]
impl Lexis {
    /// Words by how they count, each line with spaces between; stems end in a star.
    pub(super) fn of(known: &str, names: &str, rude: &str, strong: &str) -> Self {
        let mut gathered = Gathered::default();
        let lines = [(known, Class::Known), (names, Class::Name), (rude, Class::Rude), (strong, Class::Strong)];
        for (line, class) in lines {
            for word in line.split_whitespace() {
                match word.strip_suffix('*') {
                    Some(stem) => gathered.stem(stem, class),
                    None => gathered.add(word, class),
                }
            }
        }
        gathered.lexis()
    }
}

/// Words and stems that count otherwise by these lexicons than by those; stems are the second.
pub(in crate::matcher) fn differing(these: &Lexicons, those: &Lexicons) -> (Vec<String>, Vec<String>) {
    let gathered = |lexicons| {
        let mut gathered = Gathered::default();
        gathered.lexicons(lexicons);
        gathered
    };
    let (these, those) = (gathered(these), gathered(those));
    let words =
        these.words.keys().chain(those.words.keys()).filter(|word| these.words.get(*word) != those.words.get(*word));
    let stems =
        these.stems.keys().chain(those.stems.keys()).filter(|stem| these.stems.get(*stem) != those.stems.get(*stem));
    (words.cloned().collect(), stems.map(ToString::to_string).collect())
}

#[derive(Default)]
struct Gathered {
    words: BTreeMap<String, Class>,
    stems: BTreeMap<Box<str>, Class>,
    /// Spellings of words: known, but not to be read as themselves.
    spellings: Vec<String>,
}

impl Gathered {
    fn lexicons(&mut self, lexicons: &Lexicons) {
        for entry in &lexicons.entries {
            for node in entry.phrases.iter().chain(&entry.unless).chain(&entry.with) {
                self.node(node, Class::Known);
            }
            for (_, node) in entry.tally.iter().flat_map(|tally| &tally.points) {
                self.node(node, Class::Known);
            }
            let class = match entry.category {
                Category::Obscenity | Category::Hate if entry.certainty >= Certainty::Medium => Class::Strong,
                Category::Review | Category::Question => continue,
                Category::Obscenity | Category::Hate | Category::Harassment => Class::Rude,
                _ if entry.certainty >= Certainty::Medium => Class::Rude,
                _ => continue,
            };
            entry.phrases.iter().for_each(|node| self.alone(node, class));
        }
        for (list, nodes) in &lexicons.lists {
            let class = match list.as_str() {
                list if list.starts_with("slur") || list == "swear-strong" => Class::Strong,
                list if list.contains("insult") && list != "insult-adjective" => Class::Rude,
                _ => Class::Known,
            };
            for node in nodes {
                self.node(node, Class::Known);
                self.alone(node, class);
            }
        }
        self.spellings.extend(lexicons.spellings.iter().map(|(spelling, _)| spelling.clone()));
    }

    /// Every word of a phrase.
    fn node(&mut self, node: &Node, class: Class) {
        visit(node, &mut |node| {
            if let Node::Word(forms) = node {
                for form in forms {
                    if form.prefix { self.stem(&form.text, class) } else { self.add(&form.text, class) }
                }
            }
        });
    }

    /// The words that are a whole phrase by themselves.
    fn alone(&mut self, node: &Node, class: Class) {
        match node {
            Node::Word(_) => self.node(node, class),
            Node::Alt(nodes) => nodes.iter().for_each(|node| self.alone(node, class)),
            _ => {}
        }
    }

    fn add(&mut self, word: &str, class: Class) {
        // Two letters say too little to be what somebody hides.
        let class = if word.len() < 3 { class.min(Class::Name) } else { class };
        let own = self.words.entry(word.to_owned()).or_insert(class);
        *own = (*own).max(class);
    }

    fn stem(&mut self, stem: &str, class: Class) {
        let own = self.stems.entry(stem.into()).or_insert(class);
        *own = (*own).max(class);
        if class >= Class::Rude {
            for ending in ["", "s", "ed", "er", "ers", "in", "ing"] {
                self.add(&format!("{stem}{ending}"), class);
            }
        } else if stem.len() >= 4 && is_ordinary(stem) {
            self.add(stem, class);
        }
    }

    fn lexis(self) -> Lexis {
        let words = Words::of(self.words.keys().map(String::as_str).collect());
        let classes: Vec<Class> =
            (0..words.len()).map(|at| self.words.get(words.word(at)).copied().unwrap_or(Class::Known)).collect();
        let index = (0..words.len()).map(|at| (hash(words.word(at)), at as u32)).collect();
        let strong: Vec<&str> =
            self.words.iter().filter(|&(_, &class)| class == Class::Strong).map(|(word, _)| word.as_str()).collect();
        let stem_lengths = self.stems.keys().fold(0, |bits, stem| bits | 1 << stem.len().min(63));
        let mut lexis = Lexis {
            strong: Words::of(strong),
            words,
            classes,
            index,
            stems: self.stems.iter().map(|(stem, &class)| (hash(stem), class)).collect(),
            stem_lengths,
            ..Lexis::default()
        };
        lexis.learn_slips(&self.spellings);
        lexis
    }
}

impl Lexis {
    fn learn_slips(&mut self, spellings: &[String]) {
        let spelt: std::collections::HashSet<&str> = spellings.iter().map(String::as_str).collect();
        // What everyday words are without their vowels belongs to them.
        let harmless = everyday().filter(|word| self.exact(word) < Some(Class::Rude));
        let bare: std::collections::HashSet<u64> = harmless.map(|word| hash(&slips::bare(word))).collect();
        let (mut slips, mut sounds) = (ByHash::default(), ByHash::default());
        // The likeliest first: what two words could have become belongs to the one that people hide.
        let mut order: Vec<usize> = (0..self.words.len()).collect();
        order.sort_by_cached_key(|&at| std::cmp::Reverse((self.classes[at], is_ordinary(self.words.word(at)))));
        for at in order {
            let (word, class) = (self.words.word(at), self.classes[at]);
            slips::of(word, class, &mut |slip| {
                let free = self.exact(slip).is_none()
                    && !is_ordinary(slip)
                    && self.stem(slip).is_none()
                    && (slips::BY_HABIT.contains(&word) || !bare.contains(&hash(slip)))
                    && !spelt.contains(slip);
                if free && slip.len() >= 3 {
                    slips.entry(hash(slip)).or_insert(at as u32);
                }
            });
            let long_enough = word.len() >= if class >= Class::Rude { 4 } else { 6 };
            if long_enough && class != Class::Name && !word.contains('\'') {
                sounds.entry(hash(&slips::sound(word))).or_insert(at as u32);
            }
        }
        self.slips = slips;
        self.sounds = sounds;
        self.slips.shrink_to_fit();
        self.sounds.shrink_to_fit();
    }
}

/// The keys are hashes already.
#[derive(Default)]
pub(super) struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
