//! The matcher itself: a comment in, findings out.
//!
//! A comment is folded, its disguises are read, its words become items. Rows of words that lists and brackets ask for
//! become items, too, level by level; then the phrases are found, each at its anchor only. Time is linear in the comment.
//! Not here: how lexicons become a matcher; that is `compile`'s.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::classes::Classes;
use super::disguise::{Disguises, Loudness};
use super::filed::{Filed, Found, Rooms};
use super::flatten::builtin_row;
use super::identifiers::{self, OwnDetails};
use super::items::{Items, Row};
use super::names::{NameHit, Names, Who};
use super::near::NearMiss;
use super::points::Points;
use super::vocabulary::Vocabulary;
use super::{Finding, How, compile, context, link};
use crate::lexicon::file::{Lexicons, Proof};
use crate::lexicon::phrase::{Builtin, MAX_WORDS, Node};
use crate::lexicon::staff::StaffList;
use crate::lexicon::{Category, Certainty};
use crate::text::{Folded, Reading, fold};

/// What the practice publishes of itself: nobody's secret, and the meaning of `<practice>`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Practice {
    /// Its name and what people call it.
    pub names: Vec<String>,
    /// Its address, with the postcode.
    pub address: String,
    /// Its phone numbers.
    pub phones: Vec<String>,
    /// Its e-mail addresses.
    pub emails: Vec<String>,
    /// Its domains.
    pub websites: Vec<String>,
}

/// Everything compiled. Shared by all threads; a comment needs nothing but a reference.
#[derive(Debug)]
pub struct Matcher {
    pub(super) vocabulary: Vocabulary,
    pub(super) classes: Classes,
    /// Phrases of entries and of the policy, and the rows of words that they ask for.
    pub(super) phrases: Filed,
    /// What their matches mean.
    pub(super) roles: Roles,
    pub(super) entries: Vec<EntryRule>,
    /// Entries whose points bear out or refute what others of their category find.
    pub(super) witnesses: Vec<u32>,
    /// How many phrases give points.
    pub(super) point_phrases: u32,
    /// Entries whose points can make a finding.
    pub(super) tallies: Vec<u32>,
    pub(super) websites: Vec<String>,
    pub(super) own: OwnDetails,
    pub(super) names: Names,
    pub(super) disguises: Disguises,
    /// Entries of the people on the staff list, in its order.
    pub(super) staff: Vec<Arc<str>>,
}

/// What judging needs of an entry.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four settings that have nothing to do with each other")]
pub(super) struct EntryRule {
    pub(super) name: Arc<str>,
    pub(super) category: Category,
    pub(super) clause: Arc<str>,
    pub(super) certainty: Certainty,
    pub(super) negation_cancels: bool,
    pub(super) quotation_cancels: bool,
    /// Points that a comment must gather for the phrases that add up.
    pub(super) needs: i32,
    /// The number of its first phrase among all that give points.
    pub(super) first_point: u32,
    /// Something around a hit of it can cancel that.
    pub(super) looks_around: bool,
    /// It has points alone, and they bear out or refute what phrases find.
    pub(super) adds_up: bool,
    /// What the points mean for other entries' findings of the category.
    pub(super) proof: Proof,
    /// One of its `with` must stand in the comment.
    pub(super) needs_company: bool,
}

/// What a phrase's match means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hit {
    /// A hit of an entry.
    Entry {
        entry: u32,
        /// Which of the entry's phrases.
        phrase: u32,
    },
    /// Adds to an entry's points, or takes from them.
    Points {
        entry: u32,
        /// Which of the entry's phrases: each counts once.
        phrase: u32,
        worth: i32,
    },
    /// Cancels hits of an entry that it overlaps.
    Unless(u32),
    /// Company without which an entry's hits are none.
    With(u32),
    /// A phrase that the practice's policy lets pass.
    Exception,
    /// There are no more.
    None,
}

/// What the match of each phrase means: many entries may ask for the same words. A phrase's number is where its roles
/// begin.
#[derive(Debug, Default)]
pub(super) struct Roles {
    hits: Vec<Hit>,
}

impl Roles {
    /// Adds the roles of a phrase; says its number.
    pub(super) fn add(&mut self, hits: &[Hit]) -> u32 {
        let number = self.hits.len() as u32;
        self.hits.extend_from_slice(hits);
        self.hits.push(Hit::None);
        number
    }

    pub(super) fn of(&self, phrase: u32) -> impl Iterator<Item = &Hit> {
        self.hits[phrase as usize..].iter().take_while(|hit| !matches!(hit, Hit::None))
    }
}

/// Where a match stands, in words.
pub(super) type Place = (u32, u32);

/// A hit of an entry, where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EntryHit {
    pub(super) entry: u32,
    pub(super) start: u32,
    end: Reverse<u32>,
}

impl EntryHit {
    pub(super) fn new(entry: u32, (start, end): Place) -> Self {
        Self { entry, start, end: Reverse(end) }
    }

    pub(super) fn words(self) -> Range<usize> {
        self.start as usize..self.end.0 as usize
    }
}

/// What a comment shows to the matcher: findings, and for explaining, the text as it was read.
#[derive(Debug)]
pub struct Sight {
    /// What was found, in the order of the text.
    pub findings: Vec<Finding>,
    /// Hits that something cancelled, with the reason: for "why was this not caught?".
    pub cancelled: Vec<(Finding, &'static str)>,
    /// Entries whose findings the rest of the comment does not bear out, with the certainty that they had.
    pub lowered: Vec<(Arc<str>, Certainty)>,
    /// What nearly found something, the nearest first: for "why was this not caught?" too.
    pub near: Vec<NearMiss>,
    /// Where people are named who are not on the staff list, in bytes of the original text, in its order.
    pub private: Vec<Range<usize>>,
    /// A phrase that the policy lets pass stands in it.
    pub excepted: bool,
    /// The text as the matcher read it, where that differs from what was typed.
    pub read_as: Option<String>,
}

/// Rooms that a thread uses again for each comment, so that an ordinary one needs no memory of its own.
#[derive(Debug, Default)]
struct Desk {
    items: Items,
    rooms: Rooms,
    rows: Vec<Row>,
    matches: Matches,
    hits: Vec<EntryHit>,
    points: Points,
}

/// What stands in a comment.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// Entry, phrase, end, start: for each end of a phrase the nearest start comes first.
    hits: Vec<(u32, u32, u32, Reverse<u32>)>,
    /// Phrases that give points.
    pub(super) points: Vec<(u32, Place)>,
    /// Entry and place of what cancels its hits.
    unless: Vec<(u32, Place)>,
    /// Entries whose company is there.
    with: Vec<u32>,
    /// A phrase that the policy lets pass is there.
    excepted: bool,
}

impl Matches {
    fn clear(&mut self) {
        self.hits.clear();
        self.points.clear();
        self.unless.clear();
        self.with.clear();
        self.excepted = false;
    }

    fn add(&mut self, roles: &Roles, phrase: u32, found: Found) {
        let place = found.shortest();
        let mut gives_points = false;
        for role in roles.of(phrase) {
            match *role {
                Hit::Entry { entry, phrase } => self.hits.push((entry, phrase, place.1, Reverse(place.0))),
                Hit::Points { .. } => gives_points = true,
                Hit::Unless(entry) => self.unless.extend(found.each_end().map(|place| (entry, place))),
                Hit::With(entry) => self.with.push(entry),
                Hit::Exception => self.excepted = true,
                Hit::None => {}
            }
        }
        if gives_points {
            self.points.push((phrase, place));
        }
    }

    fn sort(&mut self) {
        self.unless.sort_unstable();
        self.with.sort_unstable();
    }

    /// Of the matches of a phrase that overlap only the first.
    fn entry_hits(&mut self, hits: &mut Vec<EntryHit>) {
        hits.clear();
        self.hits.sort_unstable();
        let mut free = (u32::MAX, u32::MAX, 0);
        for &(entry, phrase, end, Reverse(start)) in &self.hits {
            if (free.0, free.1) != (entry, phrase) || free.2 <= start {
                free = (entry, phrase, end);
                hits.push(EntryHit::new(entry, (start, end)));
            }
        }
        hits.sort_unstable();
        hits.dedup();
    }

    fn cancels(&self, hit: EntryHit) -> bool {
        // No phrase reaches further than this, so nothing that begins earlier can overlap.
        let from = hit.start.saturating_sub(2 * MAX_WORDS as u32);
        let first = self.unless.partition_point(|&(entry, place)| (entry, place.0) < (hit.entry, from));
        let near =
            self.unless[first..].iter().take_while(|&&(entry, (start, _))| entry == hit.entry && start < hit.end.0);
        near.into_iter().any(|&(_, (_, end))| hit.start < end)
    }
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::default();
}

impl Matcher {
    /// Compiles lexicons, practice details and the phrases that the policy lets pass.
    pub fn compile(lexicons: &Lexicons, staff: &StaffList, practice: &Practice, exceptions: &[Node]) -> Self {
        compile::compile(lexicons, staff, practice, exceptions)
    }

    /// What an entry finds in a comment by itself.
    pub fn fired(&self, raw: &str, entry: &str) -> Option<Finding> {
        self.found(raw).into_iter().find(|finding| *finding.entry == *entry)
    }

    /// What every entry finds in a comment by itself, before they bear each other out and categories exclude each other.
    pub fn found(&self, raw: &str) -> Vec<Finding> {
        DESK.with_borrow_mut(|desk| self.find(raw, desk)).findings
    }

    /// Whether an entry finds something in a comment.
    pub fn fires(&self, raw: &str, entry: &str) -> bool {
        self.fired(raw, entry).is_some()
    }

    /// Everything that judging a comment needs.
    pub fn look(&self, raw: &str) -> Sight {
        let mut sight = DESK.with_borrow_mut(|desk| {
            let mut sight = self.find(raw, desk);
            self.bear_out(&desk.points, &mut sight);
            sight
        });
        if !sight.findings.is_empty() {
            context::name_the_target(&mut sight.findings);
            context::settle(&mut sight.findings);
        }
        sight
    }

    /// The same, and how the text was read and what nearly found something: for explaining.
    pub fn see(&self, raw: &str) -> Sight {
        let mut sight = self.look(raw);
        let read = DESK.with_borrow(|desk| {
            let (typed, read) = self.read(raw, &mut Items::default());
            let read = read.unwrap_or(typed);
            sight.near = self.near_misses(&read, &desk.items, &desk.matches, &sight);
            read
        });
        Sight { read_as: (read.text != raw.to_lowercase()).then_some(read.text), ..sight }
    }

    fn find(&self, raw: &str, desk: &mut Desk) -> Sight {
        let (typed, read) = self.read(raw, &mut desk.items);
        let folded = read.as_ref().unwrap_or(&typed);
        let names = self.names.find(folded);
        let (mut findings, mut cancelled) = (Vec::new(), Vec::new());
        let excepted = self.hits(folded, &names, desk, &mut findings, &mut cancelled);
        findings.extend(self.identifiers(&typed));
        findings.extend(self.named(folded, &names));
        findings.sort_by(|a, b| (a.span.start, a.span.end, &a.entry).cmp(&(b.span.start, b.span.end, &b.entry)));
        Sight {
            findings,
            cancelled,
            lowered: Vec::new(),
            near: Vec::new(),
            private: self.private(folded, &names),
            excepted,
            read_as: None,
        }
    }

    /// What in a text is to be read otherwise than it stands.
    pub(super) fn readings(&self, typed: &Folded, raw: &str, items: &mut Items) -> Vec<Reading> {
        items.read(&self.vocabulary, typed);
        self.disguises.readings(typed, raw, |at| self.vocabulary.is_word(items.kind(at)))
    }

    /// See [`Disguises::may_hide`].
    pub(super) fn may_hide(&self, typed: &Folded, raw: &str, quiet: impl FnMut(&str) -> Loudness) -> bool {
        self.disguises.may_hide(typed, raw, quiet)
    }

    /// How a word looks to whoever looks for disguises from afar.
    pub(super) fn quiet(&self, word: &str) -> Loudness {
        let kind = self.vocabulary.kind_in(word.as_bytes(), 0, word.len());
        if self.vocabulary.is_word(kind) { Loudness::Quiet } else { self.disguises.quiet(word) }
    }

    /// The text as typed, and where that differs, as it is meant; and the words of that as items.
    fn read(&self, raw: &str, items: &mut Items) -> (Folded, Option<Folded>) {
        let typed = fold(raw);
        let readings = self.readings(&typed, raw, items);
        if readings.is_empty() {
            return (typed, None);
        }
        let read = typed.reread(raw, &readings);
        items.read(&self.vocabulary, &read);
        (typed, Some(read))
    }

    /// What the phrases find among the items; says whether one stands there that the policy lets pass.
    fn hits(
        &self,
        folded: &Folded,
        names: &[NameHit],
        desk: &mut Desk,
        findings: &mut Vec<Finding>,
        cancelled: &mut Vec<(Finding, &'static str)>,
    ) -> bool {
        let Desk { items, rooms, rows, matches, hits, points } = desk;
        rows.clear();
        self.builtins(folded, names, rows);
        items.add(rows);
        matches.clear();
        let see = |phrase, found| matches.add(&self.roles, phrase, found);
        self.phrases.find(folded, &self.classes, items, rooms, see);
        matches.entry_hits(hits);
        matches.sort();
        self.judge_hits(folded, hits, matches, findings, cancelled);
        self.tally(folded, matches, hits, points, findings);
        matches.excepted
    }

    /// Rows that are found in the text itself.
    fn builtins(&self, folded: &Folded, names: &[NameHit], rows: &mut Vec<Row>) {
        self.finds(folded, names, &self.classes, rows);
    }

    /// The same, as these classes number them.
    pub(super) fn finds(&self, folded: &Folded, names: &[NameHit], classes: &Classes, rows: &mut Vec<Row>) {
        let mut put = |builtin, start: u32, end: u32| {
            rows.push(Row { start, end, kind: classes.row(builtin_row(builtin)) });
        };
        for name in names {
            let (start, end) = (name.words.start as u32, name.words.end as u32);
            match name.who {
                Who::Staff(_) => {
                    put(Builtin::Name, start, end);
                    put(Builtin::Staff, start, end);
                }
                Who::OtherTitled | Who::Person => put(Builtin::Person, start, end),
            }
        }
        for at in link::amounts(folded) {
            put(Builtin::Money, at.start, at.end);
        }
        for at in link::links(folded, &self.websites) {
            put(Builtin::Link, at.start, at.end);
        }
    }

    /// Hits to findings: what an entry's own conditions and the words around leave of them.
    fn judge_hits(
        &self,
        folded: &Folded,
        hits: &[EntryHit],
        around: &Matches,
        findings: &mut Vec<Finding>,
        cancelled: &mut Vec<(Finding, &'static str)>,
    ) {
        for of_entry in hits.chunk_by(|a, b| a.entry == b.entry) {
            let mut free = 0;
            for hit in of_entry {
                if (hit.start) < free {
                    continue;
                }
                let rule = &self.entries[hit.entry as usize];
                let mut finding = finding(rule, folded, &hit.words());
                match fate(rule, *hit, folded, around) {
                    Fate::Kept => {}
                    Fate::Lowered(to) => finding.certainty = finding.certainty.min(to),
                    Fate::Cancelled(why) => {
                        cancelled.push((finding, why));
                        continue;
                    }
                }
                findings.push(finding);
                free = hit.end.0;
            }
        }
    }

    /// Identifiers are read as typed: a disguise reads digits as letters.
    fn identifiers(&self, typed: &Folded) -> impl Iterator<Item = Finding> {
        identifiers::identifiers(typed, &self.own).into_iter().map(|found| Finding {
            category: Category::PatientIdentified,
            entry: found.kind.entry().into(),
            span: typed.raw_span(found.span),
            certainty: found.certainty,
            how: How::Identifier,
            clause: None,
        })
    }

    fn named(&self, folded: &Folded, names: &[NameHit]) -> impl Iterator<Item = Finding> {
        names.iter().filter_map(|name| {
            let Who::Staff(index) = name.who else { return None };
            Some(Finding {
                category: Category::StaffIdentified,
                entry: self.staff.get(index)?.clone(),
                span: folded.raw_words(name.words.clone()),
                certainty: name.certainty,
                how: if name.fuzzy { How::Fuzzy } else { How::Name },
                clause: None,
            })
        })
    }

    fn private(&self, folded: &Folded, names: &[NameHit]) -> Vec<Range<usize>> {
        let others = names.iter().filter(|name| matches!(name.who, Who::Person | Who::OtherTitled));
        let alone = self.names.forenames_alone(folded, names).map(|at| at..at + 1);
        let mut words: Vec<Range<usize>> = others.map(|name| name.words.clone()).chain(alone).collect();
        words.sort_by_key(|words| words.start);
        words.into_iter().map(|words| folded.raw_words(words)).collect()
    }
}

pub(super) fn finding(rule: &EntryRule, folded: &Folded, range: &Range<usize>) -> Finding {
    let disguised = folded.words[range.clone()].iter().any(|word| word.disguised);
    Finding {
        category: rule.category,
        entry: rule.name.clone(),
        span: folded.raw_words(range.clone()),
        certainty: rule.certainty,
        how: if disguised { How::Folded } else { How::Exact },
        clause: Some(rule.clause.clone()),
    }
}

pub(super) enum Fate {
    Kept,
    Lowered(Certainty),
    Cancelled(&'static str),
}

pub(super) fn fate(rule: &EntryRule, hit: EntryHit, folded: &Folded, around: &Matches) -> Fate {
    let range = &hit.words();
    if around.cancels(hit) {
        return Fate::Cancelled("the entry's own `unless` stands there");
    }
    if rule.needs_company && around.with.binary_search(&hit.entry).is_err() {
        return Fate::Cancelled("nothing of the entry's `with` stands in the comment");
    }
    if rule.negation_cancels && context::is_negated(folded, range) {
        // A denied sign of harm is still a sign.
        return match rule.category {
            Category::Safeguarding => Fate::Lowered(Certainty::Low),
            _ => Fate::Cancelled("a negation stands before it"),
        };
    }
    if rule.quotation_cancels {
        return match context::speech(folded, range) {
            context::Speech::Own => Fate::Kept,
            context::Speech::Scare => Fate::Lowered(Certainty::Medium),
            context::Speech::Reported => Fate::Cancelled("it is quoted or reported, not said"),
        };
    }
    Fate::Kept
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::lexicon::phrase::Form;
    use crate::matcher::oracle::Oracle;

    struct Shipped {
        lexicons: Lexicons,
        matcher: Matcher,
        /// Two to seven words of the lexicons' own examples, which are near to phrases.
        pieces: Vec<String>,
    }

    static SHIPPED: LazyLock<Shipped> = LazyLock::new(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let lexicons = Lexicons::load(&root.join("lexicons")).expect("the shipped lexicons");
        let staff = root.join("lexicons/staff.example.csv");
        let staff = StaffList::parse(&std::fs::read(&staff).expect("a staff list"), &staff).expect("a staff list");
        let practice = Practice { names: vec!["Alderbrook Surgery".to_owned()], ..Practice::default() };
        let matcher = Matcher::compile(&lexicons, &staff, &practice, &[]);
        let examples = lexicons.entries.iter().flat_map(|entry| entry.hits.iter().chain(&entry.misses));
        let pieces = examples.flat_map(|example| {
            let words: Vec<&str> = example.text.split_whitespace().collect();
            words.chunks(7).map(|words| words.join(" ")).collect::<Vec<_>>()
        });
        Shipped { pieces: pieces.collect(), matcher, lexicons }
    });

    /// Entry, phrase among those that add up, first word, end.
    type Found = BTreeSet<(u32, Option<u32>, u32, u32)>;

    fn found_by_engine(shipped: &Shipped, folded: &Folded, names: &[NameHit]) -> Found {
        let mut desk = Desk::default();
        let (mut findings, mut cancelled) = (Vec::new(), Vec::new());
        desk.items.read(&shipped.matcher.vocabulary, folded);
        shipped.matcher.hits(folded, names, &mut desk, &mut findings, &mut cancelled);
        let mut found: Found = desk.hits.iter().map(|hit| (hit.entry, None, hit.start, hit.end.0)).collect();
        let mut points = Vec::new();
        for &(way, (start, end)) in &desk.matches.points {
            for role in shipped.matcher.roles.of(way) {
                if let Hit::Points { entry, phrase, .. } = *role {
                    points.push((entry, phrase, end, Reverse(start)));
                }
            }
        }
        points.sort_unstable();
        let mut free = (u32::MAX, 0, 0);
        for (entry, phrase, end, Reverse(start)) in points {
            if (free.0, free.1) != (entry, phrase) || free.2 <= start {
                free = (entry, phrase, end);
                found.insert((entry, Some(phrase), start, end));
            }
        }
        found
    }

    fn found_by_oracle(shipped: &Shipped, folded: &Folded, names: &[NameHit], lot: usize) -> Found {
        let mut at_hand = Vec::new();
        shipped.matcher.builtins(folded, names, &mut at_hand);
        let builtin = |row: &Row| {
            let is = |builtin: &Builtin| shipped.matcher.classes.row(builtin_row(*builtin)) == row.kind;
            Builtin::ALL.iter().map(|&(_, builtin)| builtin).find(is).expect("a built-in").name().to_owned()
        };
        let hits = at_hand.iter().map(|row| (builtin(row), row.start as usize, row.end as usize)).collect();
        let word = |text: &str| Node::Word(vec![Form { text: text.to_owned(), prefix: false }]);
        let practice = vec![Node::Seq(vec![word("alderbrook"), word("surgery")])];
        let oracle = Oracle::new(&shipped.lexicons, folded, hits, practice);
        let mut found = Found::new();
        for (index, entry) in shipped.lexicons.entries.iter().enumerate().filter(|(index, _)| index % LOTS == lot) {
            let points = entry.tally.iter().flat_map(|tally| &tally.points).map(|(_, node)| node);
            let phrases = entry.phrases.iter().map(|node| (None, node));
            for (phrase, node) in phrases.chain((0..).map(Some).zip(points)) {
                let places = oracle.matches(node).into_iter();
                found.extend(places.map(|(start, end)| (index as u32, phrase, start, end)));
            }
        }
        found
    }

    /// The oracle is slow, so a case asks it about one entry in so many.
    const LOTS: usize = 12;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_engine_finds_what_a_search_of_every_phrase_at_every_place_finds(
            picks in proptest::collection::vec((any::<prop::sample::Index>(), 0..9_usize), 1..14),
            lot in 0..LOTS,
        ) {
            const JOINTS: [&str; 9] = [" ", ". ", "? ", ", ", " ", "\n", "! ", " 😡 ", " and "];
            let shipped = &*SHIPPED;
            let mut text = String::new();
            for (pick, joint) in &picks {
                text.push_str(&shipped.pieces[pick.index(shipped.pieces.len())]);
                text.push_str(JOINTS[*joint]);
            }
            let folded = fold(&text);
            let names = shipped.matcher.names.find(&folded);
            let of_lot = |found: Found| -> Found {
                found.into_iter().filter(|found| found.0 as usize % LOTS == lot).collect()
            };
            let (engine, oracle) =
                (of_lot(found_by_engine(shipped, &folded, &names)), found_by_oracle(shipped, &folded, &names, lot));
            let name = |found: &(u32, Option<u32>, u32, u32)| {
                let words = folded.raw_words(found.2 as usize..found.3 as usize);
                (&shipped.lexicons.entries[found.0 as usize].name, found.1, &text[words])
            };
            let missed: Vec<_> = oracle.difference(&engine).map(name).collect();
            let invented: Vec<_> = engine.difference(&oracle).map(name).collect();
            prop_assert!(missed.is_empty() && invented.is_empty(), "missed {missed:?}, invented {invented:?} in {text}");
        }
    }
}
