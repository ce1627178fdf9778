//! What differs between two sets of lexicons, as far as a comment can show it. In: both, as they were read. Out:
//! [`Delta`]: phrases and words of which one at least has to stand in a comment for the two to find different things in
//! it; or, where no such list can be made, the reason why. Pure. Not here: looking for them (`sieve`), and words as the
//! compiled matchers know them, which are compared there.
//!
//! Why this is enough: entries find things independently of each other, by their own phrases, in a text that both read
//! alike. What they bear out or exclude of each other's findings then rests on what was found and on points, whose
//! phrases are compared like any others. Everything that an entry is beside its phrases counts as a change of all of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::lexicon::file::{Entry, Lexicons, visit};
use crate::lexicon::phrase::{Builtin, Node, may_be_empty};

/// What differs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Delta<'l> {
    /// Phrases of the first set that the second has otherwise.
    pub(super) before: Vec<&'l Node>,
    /// Phrases of the second set that the first has otherwise.
    pub(super) after: Vec<&'l Node>,
    /// Spellings that stand for other words than before.
    pub(super) spellings: BTreeSet<&'l str>,
    /// What people call all this: entries, lists, spellings.
    pub(super) names: BTreeSet<String>,
    /// Why every comment has to be looked at all the same.
    pub(super) wide: BTreeSet<String>,
}

impl<'l> Delta<'l> {
    pub(super) fn between(before: &'l Lexicons, after: &'l Lexicons) -> Self {
        let mut delta = Self::default();
        delta.entries(before, after);
        delta.lists(before, after);
        delta.spellings(before, after);
        if witnesses(before) != witnesses(after) {
            delta.wide.insert("which points bear out a category was changed".to_owned());
        }
        delta
    }

    /// Nothing differs that a comment could show.
    pub(super) fn is_none(&self) -> bool {
        self.before.is_empty() && self.after.is_empty() && self.spellings.is_empty() && self.wide.is_empty()
    }

    fn entries(&mut self, before: &'l Lexicons, after: &'l Lexicons) {
        let (before, after) = (by_name(before), by_name(after));
        let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        for name in names {
            let pair = (before.get(name).copied(), after.get(name).copied());
            if self.entry(pair.0, pair.1) {
                self.names.insert(name.0.to_owned());
            }
        }
    }

    /// Notes how two forms of an entry differ, either of which may not be there; says whether they do.
    fn entry(&mut self, before: Option<&'l Entry>, after: Option<&'l Entry>) -> bool {
        if let (Some(before), Some(after)) = (before, after)
            && same_kind(before, after)
        {
            return self.phrases(before, after);
        }
        for (entry, side) in [(before, &mut self.before), (after, &mut self.after)] {
            let Some(entry) = entry else { continue };
            side.extend(&entry.phrases);
            let Some(tally) = &entry.tally else { continue };
            // Without any phrase that adds to them, points are never enough.
            side.extend(tally.points.iter().filter(|(worth, _)| *worth > 0).map(|(_, node)| node));
            if !tally.proof.is_none() {
                self.wide.insert(format!("the points that bear out every finding of {} were changed", entry.category));
            }
        }
        true
    }

    /// The same for two forms that are alike but for their phrases.
    fn phrases(&mut self, before: &'l Entry, after: &'l Entry) -> bool {
        let lists = [(&before.phrases, &after.phrases), (&before.unless, &after.unless), (&before.with, &after.with)];
        let mut differ = false;
        for (before, after) in lists {
            differ |= self.sides(before.iter(), after.iter());
        }
        if let (Some(old), Some(new)) = (&before.tally, &after.tally) {
            let (gone, come) = (lacking(&old.points, &new.points), lacking(&new.points, &old.points));
            let common = |all: &'l [(i32, Node)], without: &[&'l (i32, Node)]| {
                let kept = all.iter().filter(|point| !without.contains(point));
                kept.collect::<Vec<_>>()
            };
            // The order decides which of two equal points is told, so it must be the same but for what differs.
            if common(&old.points, &gone) != common(&new.points, &come) {
                self.wide.insert(format!("the points of {} were put in another order", before.category));
                differ = true;
            }
            differ |= !gone.is_empty() || !come.is_empty();
            self.before.extend(gone.into_iter().map(|(_, node)| node));
            self.after.extend(come.into_iter().map(|(_, node)| node));
        }
        differ
    }

    fn sides(&mut self, before: impl Iterator<Item = &'l Node>, after: impl Iterator<Item = &'l Node>) -> bool {
        let (old, new): (Vec<&Node>, Vec<&Node>) = (before.collect(), after.collect());
        if old == new {
            return false;
        }
        let gone: Vec<&Node> = old.iter().filter(|node| !new.contains(node)).copied().collect();
        let come: Vec<&Node> = new.iter().filter(|node| !old.contains(node)).copied().collect();
        let differ = !gone.is_empty() || !come.is_empty();
        self.before.extend(gone);
        self.after.extend(come);
        differ
    }

    /// A phrase that asks for a list finds the same unless what differs in the list stands in the comment.
    fn lists(&mut self, before: &'l Lexicons, after: &'l Lexicons) {
        const FOR_NAMES: [&str; 2] = ["forename", "public-figure"];
        let names: BTreeSet<&String> = before.lists.keys().chain(after.lists.keys()).collect();
        for name in names {
            let of = |lexicons: &'l Lexicons| lexicons.lists.get(name).map_or(&[] as &[Node], Vec::as_slice);
            if self.sides(of(before).iter(), of(after).iter()) {
                self.names.insert(format!("<{name}>"));
                if FOR_NAMES.contains(&name.as_str()) {
                    self.wide.insert(format!("the list <{name}> decides what is taken for a name"));
                }
            }
        }
    }

    fn spellings(&mut self, before: &'l Lexicons, after: &'l Lexicons) {
        let pairs = |lexicons: &'l Lexicons| {
            let pair = |(spelling, word): &'l (String, String)| (spelling.as_str(), word.as_str());
            lexicons.spellings.iter().map(pair).collect::<BTreeSet<_>>()
        };
        let (before, after) = (pairs(before), pairs(after));
        self.spellings.extend(before.symmetric_difference(&after).map(|(spelling, _)| *spelling));
        if !self.spellings.is_empty() {
            self.names.insert("spellings".to_owned());
        }
    }
}

/// Entries by name; an entry of points may have the name of another, so each has a number beside it.
fn by_name(lexicons: &Lexicons) -> BTreeMap<(&str, usize), &Entry> {
    let mut named: BTreeMap<(&str, usize), &Entry> = BTreeMap::new();
    for entry in &lexicons.entries {
        let before = named.range((entry.name.as_str(), 0)..=(entry.name.as_str(), usize::MAX)).count();
        named.insert((&entry.name, before), entry);
    }
    named
}

/// The entries that bear out others, in their order.
fn witnesses(lexicons: &Lexicons) -> Vec<&str> {
    let bears = |entry: &&Entry| entry.tally.as_ref().is_some_and(|tally| !tally.proof.is_none());
    lexicons.entries.iter().filter(bears).map(|entry| entry.name.as_str()).collect()
}

/// Whether two forms of an entry are alike but for phrases that come beside others.
fn same_kind(before: &Entry, after: &Entry) -> bool {
    let sum = |entry: &Entry| entry.tally.as_ref().map(|tally| (tally.needs, tally.proof));
    let kind = |entry: &Entry| {
        let company = entry.with.is_empty();
        (
            entry.category,
            entry.certainty,
            entry.negation_cancels,
            entry.quotation_cancels,
            company,
            entry.phrases.is_empty(),
        )
    };
    kind(before) == kind(after) && before.clause == after.clause && sum(before) == sum(after)
}

fn lacking<'l>(these: &'l [(i32, Node)], those: &[(i32, Node)]) -> Vec<&'l (i32, Node)> {
    these.iter().filter(|point| !those.contains(point)).collect()
}

/// A part of a phrase that asks for nothing which has to be found in the text itself, such as names and amounts, and
/// without which the phrase cannot stand in a text; `None` where it has no such part. The phrase itself, where it asks
/// for no such thing.
pub(super) fn words_of(node: &Node) -> Option<Node> {
    if !asks_for_finds(node) {
        return Some(node.clone());
    }
    match node {
        Node::Seq(nodes) => nodes
            .split(asks_for_finds)
            .map(trimmed)
            .filter(|part| !part.iter().all(may_be_empty))
            .max_by_key(|part| part.iter().filter(|node| !may_be_empty(node)).count())
            .map(|part| Node::Seq(part.to_vec())),
        Node::Alt(nodes) => nodes.iter().map(words_of).collect::<Option<Vec<_>>>().map(Node::Alt),
        _ => None,
    }
}

/// Names, amounts and links are found in the text; numbers and the practice's own name are words.
pub(super) fn asks_for_finds(node: &Node) -> bool {
    let mut asks = false;
    visit(node, &mut |node| {
        asks |= matches!(node, Node::Builtin(builtin) if !matches!(builtin, Builtin::Number | Builtin::Practice));
    });
    asks
}

/// Without gaps at its ends.
fn trimmed(mut nodes: &[Node]) -> &[Node] {
    while let [Node::Gap(_), rest @ ..] | [rest @ .., Node::Gap(_)] = nodes {
        nodes = rest;
    }
    nodes
}
