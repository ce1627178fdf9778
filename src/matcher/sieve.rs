//! Which comments two sets of lexicons may see differently: for judging a whole history again in a second. In: two
//! compiled matchers, and a comment. Out: that both find the same in it, for certain; or that they may not. Pure.
//!
//! What cannot be compared phrase by phrase (a staff list, another practice, points as a whole) lets every comment
//! through, and says so. Not here: what differs between lexicons (`delta`), and what the verdicts come to.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::classes::{Classes, NOBODY};
use super::compile;
use super::delta::{Delta, asks_for_finds, words_of};
use super::disguise::{self, Loudness, differing};
use super::engine::{Hit, Matcher, Practice, Roles};
use super::filed::{Filed, Rooms};
use super::items::{Items, Row};
use super::vocabulary::{self, Vocabulary};
use super::wordset::Hashed;
use crate::lexicon::file::Lexicons;
use crate::lexicon::phrase::Node;
use crate::text::{Folded, fold};

/// How far two sets of rules differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// What differs, as people call it: `complaint/worst-service`, `<service>`, `spellings`, `staff list`, `policy`.
    pub changed: Vec<String>,
    /// Why every comment has to be judged again; empty where it is enough to judge those that can differ.
    pub everything: Vec<String>,
}

impl Extent {
    /// Nothing that a comment could show.
    pub fn is_none(&self) -> bool {
        self.changed.is_empty() && self.everything.is_empty()
    }
}

/// Lets comments through in which two sets of lexicons may find different things.
#[derive(Debug)]
pub struct Sieve {
    /// Words that one of them knows and the other does not, or as something else.
    known: Words,
    /// Words that one of them reads disguises as, and the other does not, or as something else.
    hidden: Words,
    probes: Vec<Side>,
    /// What words have been found to be: comments say the same ones again and again.
    seen: HashMap<String, Seen, Hashed>,
    desk: Desk,
}

/// What a word of a comment is to the sieve.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// How it looks from afar to the first set.
    quiet: Loudness,
    /// The two sets know it as different things.
    known: bool,
    /// The two sets read disguises differently where it stands.
    hidden: bool,
    /// Some phrase that differs asks for it.
    asked: bool,
}

/// So many words are remembered, and then forgotten all at once: nobody's flood of inventions fills the memory.
const MOST_SEEN: usize = 100_000;

/// Phrases of one of the two sets.
#[derive(Debug)]
struct Side {
    /// The phrases; of those that ask for names, amounts or links the words alone.
    words: Probe,
    /// By phrase: which of `whole` it is the words of.
    whole_of: Vec<Option<u32>>,
    /// Phrases that ask for names, amounts or links.
    whole: Option<Probe>,
    /// Some of those have no words of their own.
    always: bool,
}

/// Some phrases alone, ready to be looked for.
#[derive(Debug)]
pub(super) struct Probe {
    pub(super) vocabulary: Vocabulary,
    pub(super) classes: Classes,
    pub(super) phrases: Filed,
    pub(super) roles: Roles,
}

/// Words and stems to look up in a text.
#[derive(Debug, Default)]
struct Words {
    words: HashSet<String, Hashed>,
    /// By first byte.
    stems: HashMap<u8, Vec<String>, Hashed>,
}

/// Rooms that are used again for each comment.
#[derive(Debug, Default)]
struct Desk {
    items: Items,
    rooms: Rooms,
    rows: Vec<Row>,
}

impl Sieve {
    /// Compares two sets of lexicons, each with its matcher; staff list and practice have to be the same for both.
    pub fn between(before: (&Lexicons, &Matcher), after: (&Lexicons, &Matcher), practice: &Practice) -> (Self, Extent) {
        let delta = Delta::between(before.0, after.0);
        let extent =
            Extent { changed: delta.names.iter().cloned().collect(), everything: delta.wide.iter().cloned().collect() };
        let mut sieve = Self {
            known: Words::default(),
            hidden: Words::default(),
            probes: Vec::new(),
            seen: HashMap::default(),
            desk: Desk::default(),
        };
        if delta.is_none() || !extent.everything.is_empty() {
            return (sieve, extent);
        }
        let (words, stems) = differing(before.0, after.0);
        sieve.known = known_otherwise(before.1, after.1, &delta.spellings);
        sieve.hidden = Words::of(words, stems);
        let sides = [(before.0, &delta.before), (after.0, &delta.after)];
        let sides = sides.into_iter().filter(|(_, nodes)| !nodes.is_empty());
        sieve.probes = sides.map(|(lexicons, nodes)| Side::new(lexicons, practice, nodes)).collect();
        (sieve, extent)
    }

    /// Whether the two matchers may find different things in a text. A no is certain.
    pub fn lets_through(&mut self, before: &Matcher, after: &Matcher, raw: &str) -> bool {
        let typed = fold(raw);
        let afar = self.seen_afar(before, &typed, raw);
        // A word that only one of them knows may be of another kind for every phrase.
        if afar.known {
            return true;
        }
        if !afar.evident && !afar.hidden {
            return afar.asked && self.probes.iter().any(|side| side.stands_in(before, &typed, &mut self.desk));
        }
        let readings = before.readings(&typed, raw, &mut self.desk.items);
        if !self.hidden.is_empty() && after.readings(&typed, raw, &mut self.desk.items) != readings {
            return true;
        }
        if readings.is_empty() {
            return self.probes.iter().any(|side| side.stands_in(before, &typed, &mut self.desk));
        }
        let read = typed.reread(raw, &readings);
        self.known.stand_in(&read) || self.probes.iter().any(|side| side.stands_in(before, &read, &mut self.desk))
    }

    fn seen_afar(&mut self, before: &Matcher, typed: &Folded, raw: &str) -> Afar {
        if self.seen.len() > MOST_SEEN {
            self.seen.clear();
        }
        let asked_always = self.probes.iter().any(|side| side.always);
        let mut afar = Afar { asked: asked_always, ..Afar::default() };
        let Self { known, hidden, probes, seen, .. } = self;
        // Emoji are words of phrases, and never disguises.
        let mut look = |word: &str| {
            let what = seen.get(word).copied().unwrap_or_else(|| {
                let asked = probes.iter().any(|side| side.words.asks_for(word));
                let (known, hidden) = (known.has(word), hidden.has(word));
                let what = Seen { quiet: before.quiet(word), known, hidden, asked };
                seen.insert(word.to_owned(), what);
                what
            });
            afar.known |= what.known;
            afar.hidden |= what.hidden;
            afar.asked |= what.asked;
            what.quiet
        };
        let mut loud = false;
        for (at, word) in typed.words.iter().enumerate() {
            loud |= look(typed.word(at)) == Loudness::Loud && !word.emoji;
        }
        afar.evident =
            loud || before.may_hide(typed, raw, |word| seen.get(word).map_or(Loudness::Loud, |what| what.quiet));
        afar
    }
}

/// What a comment is to the sieve before anything is looked for in it.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four facts about a comment that have nothing to do with each other")]
struct Afar {
    /// It may hold a disguise.
    evident: bool,
    /// See [`Seen`]; so for one of its words.
    known: bool,
    /// The same.
    hidden: bool,
    /// The same; where not so, none of the phrases stands in it as it is.
    asked: bool,
}

impl Side {
    fn new(lexicons: &Lexicons, practice: &Practice, nodes: &[&Node]) -> Self {
        let (mut words, mut whole, mut whole_of, mut always) = (Vec::new(), Vec::new(), Vec::new(), false);
        for node in nodes {
            let of = asks_for_finds(node).then_some(whole.len() as u32);
            if of.is_some() {
                whole.push((*node).clone());
            }
            match words_of(node) {
                Some(node) => {
                    words.push(node);
                    whole_of.push(of);
                }
                None => always = true,
            }
        }
        let probe = |nodes: &[Node]| compile::probe(lexicons, practice, nodes);
        Self { words: probe(&words), whole_of, whole: (!whole.is_empty()).then(|| probe(&whole)), always }
    }

    /// Whether one of the phrases stands in a text that both sets read alike; `matcher` knows its names.
    fn stands_in(&self, matcher: &Matcher, folded: &Folded, desk: &mut Desk) -> bool {
        let (mut stands, mut perhaps) = (false, self.always);
        desk.rows.clear();
        self.words.find(folded, desk, |phrase| match self.whole_of.get(phrase as usize) {
            Some(Some(_)) => perhaps = true,
            _ => stands = true,
        });
        if stands || !perhaps {
            return stands;
        }
        let Some(whole) = &self.whole else { return false };
        desk.rows.clear();
        matcher.finds(folded, &matcher.names.find(folded), &whole.classes, &mut desk.rows);
        whole.find(folded, desk, |_| stands = true);
        stands
    }
}

impl Probe {
    /// Whether some phrase asks for this word.
    fn asks_for(&self, word: &str) -> bool {
        self.vocabulary.kind_in(word.as_bytes(), 0, word.len()) != NOBODY
    }

    /// Calls `see` with each phrase that stands in a text, perhaps more than once; the desk holds rows found before.
    fn find(&self, folded: &Folded, desk: &mut Desk, mut see: impl FnMut(u32)) {
        let Desk { items, rooms, rows } = desk;
        items.read(&self.vocabulary, folded);
        items.add(rows);
        self.phrases.find(folded, &self.classes, items, rooms, |phrase, _| {
            for role in self.roles.of(phrase) {
                if let Hit::Entry { phrase, .. } = *role {
                    see(phrase);
                }
            }
        });
    }
}

/// What the phrases of two matchers know as different things: words, stems, and how some words are spelt.
fn known_otherwise(before: &Matcher, after: &Matcher, spellings: &BTreeSet<&str>) -> Words {
    let known = |matcher: &Matcher| -> HashMap<String, (bool, u8)> {
        matcher.vocabulary.known().map(|(word, what)| (word.to_owned(), what)).collect()
    };
    let (before, after) = (known(before), known(after));
    let (mut words, mut stems) = (Vec::new(), Vec::new());
    for word in before.keys().chain(after.keys()) {
        let (old, new) = (before.get(word), after.get(word));
        if old == new {
            continue;
        }
        words.push(word.clone());
        let stem = |known: Option<&(bool, u8)>| known.is_some_and(|known| known.0);
        if stem(old) != stem(new) {
            stems.push(word.clone());
        }
    }
    words.extend(spellings.iter().map(|word| (*word).to_owned()));
    Words::of(words, stems)
}

impl Words {
    fn of(words: Vec<String>, stems: Vec<String>) -> Self {
        let mut by_first: HashMap<u8, Vec<String>, Hashed> = HashMap::default();
        for stem in stems {
            let Some(&first) = stem.as_bytes().first() else { continue };
            by_first.entry(first).or_default().push(stem);
        }
        Self { words: words.into_iter().filter(|word| !word.is_empty()).collect(), stems: by_first }
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.stems.is_empty()
    }

    /// Whether a word of the text is one of them, or would be without what may hang on any word.
    fn stand_in(&self, folded: &Folded) -> bool {
        !self.is_empty() && (0..folded.words.len()).any(|at| self.has(folded.word(at)))
    }

    fn has(&self, word: &str) -> bool {
        let own = |word: &str| {
            let begins = |stems: &Vec<String>| stems.iter().any(|stem| word.starts_with(stem.as_str()));
            let stems = word.as_bytes().first().and_then(|first| self.stems.get(first));
            self.words.contains(word) || stems.is_some_and(begins)
        };
        own(word)
            || word.contains('\'')
                && (own(disguise::bare(word))
                    || own(word.strip_suffix("'s").unwrap_or(word))
                    || vocabulary::bare(word.as_bytes()).is_some_and(|bare| own(&String::from_utf8_lossy(&bare))))
    }
}
