//! Lexicons, staff list and practice details to a [`Matcher`]. Everything that can be worked out before the first comment
//! comes is worked out here: the classes of every word, the anchor of every phrase. Not here: looking at a comment.

use std::collections::{BTreeMap, HashMap};

use super::classes::{Class, Classes, NOT_WATCHED, Sets, Watched};
use super::disguise::Disguises;
use super::edge::edge_words;
use super::engine::{Bounds, Condition, EntryRule, Hit, Matcher, Practice};
use super::filed::{Costs, Filing, needs};
use super::identifiers::OwnDetails;
use super::names::{self, Names};
use super::pattern::{ListFacts, Lists, PartId, PatternCompiler, Slot, builtin_name, builtin_slot, numbers, reach};
use super::vocabulary::{DIGITS, Sym, Vocabulary};
use crate::lexicon::file::{Entry, Lexicons};
use crate::lexicon::phrase::{Builtin, Form, Node};
use crate::lexicon::staff::StaffList;
use crate::text::fold;

/// Lists that give built-ins their everyday words.
const BUILTIN_LISTS: [(&str, Builtin); 3] =
    [("staff-role", Builtin::Staff), ("practice-word", Builtin::Practice), ("number-word", Builtin::Number)];

/// Built-ins whose ranges are found in the text itself, so that nothing is known of their words.
const FOUND: [Builtin; 5] = [Builtin::Staff, Builtin::Name, Builtin::Person, Builtin::Money, Builtin::Link];

/// Compiles lexicons, practice details and the phrases that the policy lets pass.
pub(super) fn compile(lexicons: &Lexicons, staff: &StaffList, practice: &Practice, exceptions: &[Node]) -> Matcher {
    let mut compiler = Compiler::default();
    compiler.lists(lexicons, practice);
    compiler.entries(lexicons);
    for node in exceptions {
        let root = compiler.phrase(node);
        compiler.phrases.add(root, reach(node), Hit::Exception);
    }
    for (spelling, word) in &lexicons.spellings {
        compiler.vocabulary.spelling(spelling, word);
    }
    compiler.finish(lexicons, staff, practice)
}

struct Compiler {
    vocabulary: Vocabulary,
    sets: Sets,
    patterns: PatternCompiler,
    lists: Lists,
    /// What is known of each slot.
    edges: BTreeMap<Slot, Edges>,
    phrases: Filing<Hit>,
    conditions: Vec<(PartId, u8)>,
    entries: Vec<EntryRule>,
}

/// What is known of the ranges of a slot.
struct Edges {
    first: Option<Vec<Sym>>,
    last: Option<Vec<Sym>>,
    ranges: Vec<PartId>,
    /// More are found in the text itself.
    found: bool,
}

impl Default for Edges {
    fn default() -> Self {
        Self { first: Some(Vec::new()), last: Some(Vec::new()), ranges: Vec::new(), found: false }
    }
}

impl Default for Compiler {
    fn default() -> Self {
        Self {
            vocabulary: Vocabulary::default(),
            sets: Sets::default(),
            patterns: PatternCompiler::default(),
            lists: Lists::new(),
            edges: BTreeMap::new(),
            phrases: Filing::new(),
            conditions: Vec::new(),
            entries: Vec::new(),
        }
    }
}

impl Compiler {
    fn phrase(&mut self, node: &Node) -> PartId {
        self.patterns.compile(node, &mut self.vocabulary, &mut self.sets, &self.lists)
    }

    /// A list's single words become classes; its longer phrases are sought first and become ranges.
    fn lists(&mut self, lexicons: &Lexicons, practice: &Practice) {
        for (_, builtin) in Builtin::ALL {
            let ranges = FOUND.contains(&builtin);
            self.list(builtin_name(builtin), builtin_slot(builtin), ranges);
        }
        for (slot, name) in (Builtin::ALL.len() as Slot..).zip(lexicons.lists.keys()) {
            self.list(name, slot, false);
        }
        self.patterns.name_slots((Builtin::ALL.len() + lexicons.lists.len()) as Slot);
        for (name, nodes) in &lexicons.lists {
            let builtin =
                BUILTIN_LISTS.iter().find(|(list, _)| list == name).map(|&(_, builtin)| builtin_name(builtin));
            for node in nodes {
                for list in [Some(name.as_str()), builtin].into_iter().flatten() {
                    self.list_phrase(list, node);
                }
            }
        }
        for name in &practice.names {
            let folded = fold(name);
            let form = |word| Node::Word(vec![Form { text: word, prefix: false }]);
            let words: Vec<Node> = (0..folded.words.len()).map(|at| form(folded.word(at).to_owned())).collect();
            if !words.is_empty() {
                self.list_phrase(builtin_name(Builtin::Practice), &Node::Seq(words));
            }
        }
        if let Some(list) = self.lists.get_mut(builtin_name(Builtin::Number)) {
            list.words.push(DIGITS);
        }
    }

    fn list(&mut self, name: &str, slot: Slot, ranges: bool) {
        self.lists.insert(name.to_owned(), ListFacts { slot, words: Vec::new(), ranges, others: Vec::new() });
        let edges =
            if ranges { Edges { first: None, last: None, ranges: Vec::new(), found: true } } else { Edges::default() };
        self.edges.insert(slot, edges);
    }

    fn list_phrase(&mut self, list: &str, node: &Node) {
        let rows = rows(node, &mut self.vocabulary);
        let other = if rows.is_none() { Some(self.phrase(node)) } else { None };
        let Some(facts) = self.lists.get_mut(list) else { return };
        facts.others.extend(other);
        for mut row in rows.into_iter().flatten() {
            if row.len() == 1 {
                facts.words.append(&mut row[0]);
            } else if row.len() > 1 {
                facts.ranges = true;
                self.patterns.row(facts.slot, row, &mut self.sets);
            }
        }
    }

    /// What the rows of words say of the slots that they are ranges of.
    fn edges(&mut self) {
        for &(slot, row) in self.patterns.rows() {
            let edge = |last| edge_words(self.patterns.patterns(), &self.sets, row, last);
            let edges = self.edges.entry(slot).or_default();
            let join = |all: &mut Option<Vec<Sym>>, more: Option<Vec<Sym>>| match (all.as_mut(), more) {
                (Some(all), Some(more)) => all.extend(more),
                _ => *all = None,
            };
            join(&mut edges.first, edge(false));
            join(&mut edges.last, edge(true));
            edges.ranges.push(row);
        }
    }

    fn entries(&mut self, lexicons: &Lexicons) {
        for (index, entry) in lexicons.entries.iter().enumerate() {
            for node in &entry.phrases {
                let root = self.phrase(node);
                self.phrases.add(root, reach(node), Hit::Entry(index as u32));
            }
            for (phrase, (worth, node)) in entry.tally.iter().flat_map(|tally| &tally.points).enumerate() {
                let root = self.phrase(node);
                let points = Hit::Points { entry: index as u32, phrase: phrase as u32, worth: *worth };
                self.phrases.add(root, reach(node), points);
            }
            let mut conditions = |nodes: &[Node]| {
                let first = self.conditions.len() as u32;
                for node in nodes {
                    let root = self.phrase(node);
                    self.conditions.push((root, reach(node)));
                }
                first..self.conditions.len() as u32
            };
            let (unless, with) = (conditions(&entry.unless), conditions(&entry.with));
            self.entries.push(EntryRule { unless, with, ..rule(entry) });
        }
    }

    fn finish(mut self, lexicons: &Lexicons, staff: &StaffList, practice: &Practice) -> Matcher {
        let (forenames, public_figures) = (lexicons.plain_words("forename"), lexicons.plain_words("public-figure"));
        let names = Names::compile(staff, names::Lists { forenames: &forenames, public_figures: &public_figures });
        for word in names.spellings() {
            self.vocabulary.word(word);
        }
        self.edges();
        let uses = uses(lexicons, &self.vocabulary);
        let class_cost = |sets: &Sets, class| {
            let use_of = |sym: &Sym| 1 + uses.get(sym).copied().unwrap_or(0) * 16;
            sets.words(class).iter().map(use_of).sum::<u64>()
        };
        let ranges =
            |slot: Slot| self.edges.get(&slot).map_or((&[] as &[PartId], false), |edges| (&edges.ranges, edges.found));
        let edge = |slot: Slot, last: bool| {
            let edges = self.edges.get(&slot)?;
            if last { edges.last.clone() } else { edges.first.clone() }
        };
        let (mut anchors, needs) = {
            let sets = &self.sets;
            let class = |class| class_cost(sets, class);
            let costs = Costs { patterns: self.patterns.patterns(), class: &class, slot: &ranges, edge: &edge };
            let anchors = self.phrases.choose(&costs, sets);
            let needs = self.conditions.iter().map(|&(root, _)| needs(root, &costs, sets));
            (anchors, needs.collect::<Vec<_>>())
        };
        anchors.sort_unstable();
        anchors.dedup();
        let asked = self.phrases.asked(&mut self.sets);
        let mut class = |words: Option<Vec<Sym>>| words.map(|words| self.sets.beside(words));
        let needs: Vec<Vec<Option<Class>>> =
            needs.into_iter().map(|needs| needs.into_iter().map(&mut class).collect()).collect();
        let watched = asked.watched(needs.iter().flatten().copied().flatten());
        let slots = 0..self.edges.keys().next_back().map_or(0, |slot| slot + 1);
        let sets = &mut self.sets;
        let row_edges: Vec<_> = slots
            .map(|slot| {
                let edges = self.edges.get(&slot).filter(|edges| !edges.found);
                let mut class = |words: Option<&Vec<Sym>>| words.map(|words| sets.beside(words.clone()));
                edges.map_or((None, None), |edges| (class(edges.first.as_ref()), class(edges.last.as_ref())))
            })
            .collect();
        let numbers = self.sets.renumber(&anchors);
        let (classes, members) = Classes::new(&self.vocabulary, &self.sets, &numbers, anchors.len() as u32, &watched);
        self.vocabulary.shrink();
        let witnesses = (0..).zip(&self.entries).filter(|(_, rule)| !rule.bounds.is_none()).map(|(at, _)| at).collect();
        let tallies = (0..).zip(&self.entries).filter(|(_, rule)| rule.adds_up).map(|(at, _)| at).collect();
        let watch = |need: Option<&Option<Class>>| match need {
            Some(Some(class)) => watched.binary_search(class).map_or(NOT_WATCHED, |at| at as Watched),
            Some(None) => watched.len() as Watched,
            None => NOT_WATCHED,
        };
        let conditions = self.conditions.iter().zip(&needs).map(|(&(root, longest), needs)| Condition {
            root,
            longest,
            needs: [0, 1, 2].map(|at| watch(needs.get(at))),
        });
        let (conditions, patterns) = (conditions.collect(), self.patterns.finish(&numbers, &members, &row_edges));
        Matcher {
            disguises: Disguises::compile(lexicons, names.spellings()),
            names,
            classes,
            vocabulary: self.vocabulary,
            phrases: self.phrases.file(&patterns, &asked, &watched, &numbers, anchors.len()),
            patterns,
            entries: self.entries,
            witnesses,
            tallies,
            conditions,
            websites: practice.websites.iter().map(|site| site.trim().to_lowercase()).collect(),
            own: OwnDetails::new(
                &practice.names,
                &practice.address,
                &practice.phones,
                &practice.emails,
                &practice.websites,
            ),
            staff: staff.people.iter().map(|person| format!("staff/{}", person.key())).collect(),
        }
    }
}

/// More spellings of one phrase than this are not written out.
const MOST_ROWS: usize = 128;

/// A phrase of a list as the rows of words that it may be; `None` where it is more than that.
fn rows(node: &Node, vocabulary: &mut Vocabulary) -> Option<Vec<Vec<Vec<Sym>>>> {
    let rows = match node {
        Node::Word(forms) => vec![vec![numbers(forms, vocabulary)]],
        Node::Alt(nodes) => {
            let all: Option<Vec<_>> = nodes.iter().map(|node| rows(node, vocabulary)).collect();
            all?.into_iter().flatten().collect()
        }
        Node::Opt(node) => [Vec::new()].into_iter().chain(rows(node, vocabulary)?).collect(),
        Node::Seq(nodes) => nodes.iter().try_fold(vec![Vec::new()], |rows_before, node| {
            let after = rows(node, vocabulary)?;
            let join = |before: &Vec<Vec<Sym>>| {
                let join = |after: &Vec<Vec<Sym>>| before.iter().chain(after).cloned().collect();
                after.iter().map(join).collect::<Vec<_>>()
            };
            let joined: Vec<_> = rows_before.iter().flat_map(join).collect();
            (joined.len() <= MOST_ROWS).then_some(joined)
        })?,
        _ => return None,
    };
    (rows.len() <= MOST_ROWS).then_some(rows)
}

/// How often each word stands in the lexicons' own examples, as a measure of how common it is: they are written as
/// comments are.
fn uses(lexicons: &Lexicons, vocabulary: &Vocabulary) -> HashMap<Sym, u64> {
    let mut uses = HashMap::new();
    let examples = lexicons.entries.iter().flat_map(|entry| entry.hits.iter().chain(&entry.misses).chain(&entry.todo));
    for example in examples {
        let text = example.text.to_lowercase().replace('’', "'");
        for word in text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()) {
            vocabulary.syms(word, &mut |sym| *uses.entry(sym).or_insert(0) += 1);
        }
    }
    uses
}

fn rule(entry: &Entry) -> EntryRule {
    EntryRule {
        name: entry.name.clone(),
        category: entry.category,
        clause: entry.clause.clone(),
        certainty: entry.certainty,
        negation_cancels: entry.negation_cancels,
        quotation_cancels: entry.quotation_cancels,
        needs: entry.tally.as_ref().map_or(0, |tally| tally.needs),
        adds_up: entry.phrases.is_empty()
            && entry.tally.as_ref().is_some_and(|tally| tally.points.iter().all(|&(worth, _)| worth < tally.needs)),
        bounds: entry
            .tally
            .as_ref()
            .map_or_else(Bounds::default, |tally| Bounds { confirms: tally.confirms, refutes: tally.refutes }),
        unless: 0..0,
        with: 0..0,
    }
}
