//! Lexicons, staff list and practice details to a [`Matcher`]. Everything that can be worked out before the first comment
//! comes is worked out here: the steps of every phrase, the classes of every word, the anchors. Not here: looking at a
//! comment.

use std::collections::HashMap;

use super::classes::{Class, Classes, Kind};
use super::disguise::Disguises;
use super::engine::{EntryRule, Hit, Matcher, Practice, Roles};
use super::filed::{Costs, Filed, Filing};
use super::flatten::{Flattener, RowRule, builtin_row};
use super::identifiers::OwnDetails;
use super::names::{self, Names};
use super::sieve::Probe;
use super::steps::Step;
use super::vocabulary::Vocabulary;
use crate::lexicon::file::{Entry, Lexicons, Proof};
use crate::lexicon::phrase::{Builtin, Form, Node};
use crate::lexicon::staff::StaffList;
use crate::text::fold;

/// Compiles lexicons, practice details and the phrases that the policy lets pass.
pub(super) fn compile(lexicons: &Lexicons, staff: &StaffList, practice: &Practice, exceptions: &[Node]) -> Matcher {
    let own_names: Vec<Node> = practice.names.iter().filter_map(|name| words(name)).collect();
    let mut flattener = Flattener::new(&lexicons.lists, &own_names);
    let mut phrases = Phrases::default();
    for (index, entry) in (0..).zip(&lexicons.entries) {
        let points = entry.tally.iter().flat_map(|tally| &tally.points);
        let points = (0..)
            .zip(points)
            .map(|(phrase, (worth, node))| (node, Hit::Points { entry: index, phrase, worth: *worth }));
        let hits = (0..).zip(&entry.phrases).map(|(phrase, node)| (node, Hit::Entry { entry: index, phrase }));
        let unless = entry.unless.iter().map(|node| (node, Hit::Unless(index)));
        let with = entry.with.iter().map(|node| (node, Hit::With(index)));
        for (node, hit) in hits.chain(points).chain(unless).chain(with) {
            phrases.add(flattener.phrase(node), hit);
        }
    }
    for node in exceptions {
        phrases.add(flattener.phrase(node), Hit::Exception);
    }
    for (spelling, word) in &lexicons.spellings {
        flattener.vocabulary.spelling(spelling, word);
    }
    let (forenames, public_figures) = (lexicons.plain_words("forename"), lexicons.plain_words("public-figure"));
    let names = Names::compile(staff, names::Lists { forenames: &forenames, public_figures: &public_figures });
    let (filed, roles, classes) = Anchoring::new(lexicons, &flattener).file(&flattener, &phrases);
    let mut point_phrases = 0;
    let entries = lexicons.entries.iter().map(|entry| {
        let first_point = point_phrases;
        point_phrases += entry.tally.as_ref().map_or(0, |tally| tally.points.len() as u32);
        EntryRule { first_point, ..rule(entry) }
    });
    let entries: Vec<EntryRule> = entries.collect();
    let numbered = || (0..).zip(&entries);
    Matcher {
        witnesses: numbered().filter(|(_, rule)| !rule.proof.is_none()).map(|(at, _)| at).collect(),
        tallies: numbered().filter(|(_, rule)| rule.adds_up).map(|(at, _)| at).collect(),
        disguises: Disguises::compile(lexicons, names.spellings()),
        names,
        vocabulary: {
            flattener.vocabulary.shrink();
            flattener.vocabulary
        },
        classes,
        phrases: filed,
        roles,
        entries,
        point_phrases,
        websites: practice.websites.iter().map(|site| site.trim().to_lowercase()).collect(),
        own: OwnDetails::new(
            &practice.names,
            &practice.address,
            &practice.phones,
            &practice.emails,
            &practice.websites,
        ),
        staff: staff.people.iter().map(|person| format!("staff/{}", person.key()).into()).collect(),
    }
}

/// Some phrases alone, by the lists and spellings of these lexicons, to see which of them stand in a comment: the number
/// of a phrase is its place among them.
pub(super) fn probe(lexicons: &Lexicons, practice: &Practice, nodes: &[Node]) -> Probe {
    let own_names: Vec<Node> = practice.names.iter().filter_map(|name| words(name)).collect();
    let mut flattener = Flattener::new(&lexicons.lists, &own_names);
    let mut phrases = Phrases::default();
    for (phrase, node) in (0..).zip(nodes) {
        phrases.add(flattener.phrase(node), Hit::Entry { entry: phrase, phrase });
    }
    for (spelling, word) in &lexicons.spellings {
        flattener.vocabulary.spelling(spelling, word);
    }
    let (phrases, roles, classes) = Anchoring::new(lexicons, &flattener).file(&flattener, &phrases);
    Probe { vocabulary: flattener.vocabulary, classes, phrases, roles }
}

/// A name as a phrase of its words.
fn words(name: &str) -> Option<Node> {
    let folded = fold(name);
    let form = |word: &str| Node::Word(vec![Form { text: word.to_owned(), prefix: false }]);
    let words: Vec<Node> = (0..folded.words.len()).map(|at| form(folded.word(at))).collect();
    (!words.is_empty()).then_some(Node::Seq(words))
}

/// Every way of every phrase, once, with what its match means.
#[derive(Debug, Default)]
struct Phrases {
    ways: Vec<Vec<Step>>,
    by_steps: HashMap<Vec<Step>, usize>,
    roles: Vec<Vec<Hit>>,
}

impl Phrases {
    fn add(&mut self, ways: Vec<Vec<Step>>, hit: Hit) {
        for way in ways {
            let next = self.ways.len();
            let phrase = *self.by_steps.entry(way.clone()).or_insert(next);
            if phrase == next {
                self.ways.push(way);
                self.roles.push(Vec::new());
            }
            self.roles[phrase].push(hit);
        }
    }
}

/// What names and amounts of money cost, compared with words: most texts have none.
const FOUND_IN: u64 = 200;
/// What a word costs that stands in no example.
const UNSEEN: u64 = 1;
/// What each stand in an example costs.
const SEEN: u64 = 16;

/// What choosing the anchors needs.
struct Anchoring {
    classes: Classes,
    /// The kinds of each class.
    kinds: Vec<Vec<Kind>>,
    /// By kind: how often it stands in the lexicons' own examples, which are written as comments are.
    uses: Vec<u64>,
    total: u64,
}

impl Anchoring {
    fn new(lexicons: &Lexicons, flattener: &Flattener<'_>) -> Self {
        let (classes, kinds) = Classes::new(&flattener.vocabulary, &flattener.sets, flattener.rows.len() as u32);
        let mut uses = vec![UNSEEN; flattener.vocabulary.kinds() as usize + flattener.rows.len()];
        let mut total = 1;
        let examples =
            lexicons.entries.iter().flat_map(|entry| entry.hits.iter().chain(&entry.misses).chain(&entry.todo));
        for example in examples {
            total += SEEN * count(&example.text, &flattener.vocabulary, &mut uses);
        }
        for (_, builtin) in Builtin::ALL {
            uses[classes.row(builtin_row(builtin)) as usize] = total / FOUND_IN;
        }
        Self { classes, kinds, uses, total }
    }

    /// Files the rows, level by level, and above them the phrases.
    fn file(mut self, flattener: &Flattener<'_>, phrases: &Phrases) -> (Filed, Roles, Classes) {
        let mut roles = Roles::default();
        let mut filing = Filing::new(self.uses.len());
        let highest = flattener.rows.iter().map(|row| row.level).max().unwrap_or(0);
        for level in 1..=highest {
            let rows = || (0..).zip(&flattener.rows).filter(|(_, row)| row.level == level);
            for (row, RowRule { steps, .. }) in rows() {
                filing.add(self.classes.row(row), level, steps, &self.costs());
            }
            let uses: Vec<u64> = rows().map(|(_, row)| self.costs().phrase(&row.steps).max(UNSEEN)).collect();
            for ((row, _), uses) in rows().zip(uses) {
                self.uses[self.classes.row(row) as usize] = uses;
            }
        }
        for (steps, hits) in phrases.ways.iter().zip(&phrases.roles) {
            filing.add(roles.add(hits), highest + 1, steps, &self.costs());
        }
        let filed = filing.finish(&self.costs());
        let uses: Vec<u64> = (0..self.kinds.len()).map(|class| self.costs().class(class as Class)).collect();
        self.classes.learn_uses(uses.into_iter(), self.total);
        (filed, roles, self.classes)
    }

    fn costs(&self) -> Costs<'_> {
        Costs { kinds: &self.kinds, uses: &self.uses, total: self.total }
    }
}

/// Counts the words of a text; says how many they are.
fn count(text: &str, vocabulary: &Vocabulary, uses: &mut [u64]) -> u64 {
    let text = text.to_lowercase().replace('’', "'");
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty());
    let kinds = words.map(|word| vocabulary.kind_in(word.as_bytes(), 0, word.len()));
    kinds.map(|kind| uses[kind as usize] += SEEN).count() as u64
}

fn rule(entry: &Entry) -> EntryRule {
    let tally = entry.tally.as_ref();
    EntryRule {
        name: entry.name.as_str().into(),
        category: entry.category,
        clause: entry.clause.as_str().into(),
        certainty: entry.certainty,
        negation_cancels: entry.negation_cancels,
        quotation_cancels: entry.quotation_cancels,
        needs: tally.map_or(0, |tally| tally.needs),
        adds_up: entry.phrases.is_empty() && tally.is_some_and(|tally| !tally.proof.is_none()),
        proof: tally.map_or_else(Proof::default, |tally| tally.proof),
        needs_company: !entry.with.is_empty(),
        first_point: 0,
        looks_around: entry.negation_cancels
            || entry.quotation_cancels
            || !entry.unless.is_empty()
            || !entry.with.is_empty(),
    }
}
