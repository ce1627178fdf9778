//! Phrases to steps. In: phrases as trees of alternatives, options and lists. Out: the same as steps in a row, each
//! asking for one item. Whatever a bracket or a list holds becomes the class of one item: single words as they are, more
//! than one word as a row that is looked for before, once for all who ask for it. Not here: looking.

use std::collections::{BTreeMap, HashMap};

use super::classes::{Class, Sets, row_of, row_sym};
use super::steps::Step;
use super::vocabulary::{DIGITS, Sym, Vocabulary};
use crate::lexicon::phrase::{Builtin, Form, MAX_WAYS, Node, may_be_empty};

/// Options inside a bracket are written out as long as there are no more rows than this.
const MOST_WRITTEN_OUT: usize = 32;

/// Lists that give built-ins their everyday words.
const BUILTIN_LISTS: [(Builtin, &str); 3] =
    [(Builtin::Staff, "staff-role"), (Builtin::Practice, "practice-word"), (Builtin::Number, "number-word")];

/// A row of words that stands for one item.
#[derive(Debug)]
pub(super) struct RowRule {
    /// Empty where the row is found in the text itself.
    pub(super) steps: Vec<Step>,
    /// Rows of a level ask for rows of lower levels only.
    pub(super) level: usize,
}

/// Flattens phrases that share words, lists and rows.
#[derive(Debug)]
pub(super) struct Flattener<'l> {
    pub(super) vocabulary: Vocabulary,
    pub(super) sets: Sets,
    /// The built-ins come first.
    pub(super) rows: Vec<RowRule>,
    numbers: HashMap<Vec<Step>, u32>,
    lists: &'l BTreeMap<String, Vec<Node>>,
    /// The practice's own names.
    practice: &'l [Node],
    known: HashMap<String, Vec<Sym>>,
}

/// The row that a built-in's findings are.
pub(super) fn builtin_row(builtin: Builtin) -> u32 {
    builtin as u32
}

impl<'l> Flattener<'l> {
    pub(super) fn new(lists: &'l BTreeMap<String, Vec<Node>>, practice: &'l [Node]) -> Self {
        let found = Builtin::ALL.iter().map(|_| RowRule { steps: Vec::new(), level: 0 });
        Self {
            vocabulary: Vocabulary::default(),
            sets: Sets::default(),
            rows: found.collect(),
            numbers: HashMap::new(),
            lists,
            practice,
            known: HashMap::new(),
        }
    }

    /// The ways in which a phrase can stand in a comment.
    pub(super) fn phrase(&mut self, node: &Node) -> Vec<Vec<Step>> {
        let mut ways = match node {
            Node::Alt(nodes) if !nodes.iter().any(may_be_empty) => {
                let (words, others): (Vec<&Node>, _) = nodes.iter().partition(|node| matches!(node, Node::Word(_)));
                let syms: Vec<Sym> = words.into_iter().flat_map(|node| self.syms(node)).collect();
                let words = if syms.is_empty() { None } else { Some(vec![self.item(syms)]) };
                words.into_iter().chain(others.into_iter().flat_map(|node| self.phrase(node))).collect()
            }
            node => self.ways(node),
        };
        ways.sort_unstable();
        ways.dedup();
        ways
    }

    fn item(&mut self, syms: Vec<Sym>) -> Step {
        Step::Item(self.sets.class(syms))
    }

    fn ways(&mut self, node: &Node) -> Vec<Vec<Step>> {
        match node {
            Node::Word(_) | Node::List(_) | Node::Builtin(_) => {
                let syms = self.syms(node);
                vec![vec![self.item(syms)]]
            }
            // More than that are refused by the reader of the files.
            Node::Seq(nodes) => nodes.iter().fold(vec![Vec::new()], |before, node| {
                let after = self.ways(node);
                let join = |before: &Vec<Step>| {
                    after.iter().map(|after| before.iter().chain(after).copied().collect()).collect::<Vec<_>>()
                };
                before.iter().flat_map(join).take(MAX_WAYS).collect()
            }),
            Node::Alt(nodes) => {
                let (empty, others): (Vec<&Node>, _) = nodes.iter().partition(|node| may_be_empty(node));
                let syms: Vec<Sym> = others.into_iter().flat_map(|node| self.syms(node)).collect();
                let items = if syms.is_empty() { None } else { Some(vec![self.item(syms)]) };
                items.into_iter().chain(empty.into_iter().flat_map(|node| self.ways(node))).collect()
            }
            Node::Opt(inner) if may_be_empty(inner) => [Vec::new()].into_iter().chain(self.ways(inner)).collect(),
            Node::Opt(inner) => {
                let syms = self.syms(inner);
                vec![vec![Step::Maybe(self.sets.class(syms))]]
            }
            Node::Gap(words) => vec![vec![Step::Gap(*words)]],
            Node::Start => vec![vec![Step::Start]],
            Node::End => vec![vec![Step::End]],
            Node::Asked(asked) => vec![vec![Step::Asked(*asked)]],
        }
    }

    /// The words and rows that a node is any of; it cannot be nothing.
    fn syms(&mut self, node: &Node) -> Vec<Sym> {
        match node {
            Node::Word(forms) => self.forms(forms),
            Node::Alt(nodes) => nodes.iter().flat_map(|node| self.syms(node)).collect(),
            Node::List(name) => self.list(name),
            Node::Builtin(builtin) => self.builtin(*builtin),
            Node::Seq(_) => {
                let ways = self.ways(node);
                let rows: Vec<Vec<Step>> =
                    ways.into_iter().flat_map(|way| written_out(way, MOST_WRITTEN_OUT)).collect();
                rows.into_iter().flat_map(|row| self.row(row)).collect()
            }
            Node::Opt(_) | Node::Gap(_) | Node::Start | Node::End | Node::Asked(_) => Vec::new(),
        }
    }

    fn forms(&mut self, forms: &[Form]) -> Vec<Sym> {
        let vocabulary = &mut self.vocabulary;
        let sym = |form: &Form| if form.prefix { vocabulary.prefix(&form.text) } else { vocabulary.word(&form.text) };
        forms.iter().map(sym).collect()
    }

    /// A row of one item is that item.
    fn row(&mut self, steps: Vec<Step>) -> Vec<Sym> {
        if let [Step::Item(class)] = steps.as_slice() {
            return self.sets.syms(*class).to_vec();
        }
        if let Some(&row) = self.numbers.get(&steps) {
            return vec![row_sym(row)];
        }
        let level = steps.iter().map(|&step| self.level(step)).max().unwrap_or(0) + 1;
        let row = self.rows.len() as u32;
        self.numbers.insert(steps.clone(), row);
        self.rows.push(RowRule { steps, level });
        vec![row_sym(row)]
    }

    fn level(&self, step: Step) -> usize {
        let (Step::Item(class) | Step::Maybe(class)) = step else { return 0 };
        self.class_level(class)
    }

    fn class_level(&self, class: Class) -> usize {
        let levels =
            self.sets.syms(class).iter().filter_map(|&sym| row_of(sym)).map(|row| self.rows[row as usize].level);
        levels.max().unwrap_or(0)
    }

    fn list(&mut self, name: &str) -> Vec<Sym> {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let lists = self.lists;
        // A list that is not there was complained of when the files were read; here it never matches.
        let syms: Vec<Sym> = lists.get(name).into_iter().flatten().flat_map(|node| self.syms(node)).collect();
        self.known.insert(name.to_owned(), syms.clone());
        syms
    }

    fn builtin(&mut self, builtin: Builtin) -> Vec<Sym> {
        let list = BUILTIN_LISTS.iter().find(|(of, _)| *of == builtin).map(|&(_, list)| list);
        let mut syms = list.map_or_else(Vec::new, |list| self.list(list));
        match builtin {
            Builtin::Number => syms.push(DIGITS),
            Builtin::Practice => {
                let practice = self.practice;
                syms.extend(practice.iter().flat_map(|node| self.syms(node)));
            }
            found => syms.push(row_sym(builtin_row(found))),
        }
        syms
    }
}

/// A phrase with its options taken and left, as long as that makes no more than so many; otherwise the phrase itself.
pub(super) fn written_out(steps: Vec<Step>, most: usize) -> Vec<Vec<Step>> {
    let options = steps.iter().filter(|step| matches!(step, Step::Maybe(_))).count();
    if options == 0 || options >= usize::BITS as usize || 1 << options > most {
        return vec![steps];
    }
    let one = |taken: usize| {
        let mut option = 0;
        let step = |step: &Step| match step {
            Step::Maybe(class) => {
                option += 1;
                (taken >> (option - 1) & 1 != 0).then_some(Step::Item(*class))
            }
            step => Some(*step),
        };
        steps.iter().filter_map(step).collect()
    };
    (0..1_usize << options).map(one).collect()
}
