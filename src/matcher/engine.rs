//! The matcher itself: a comment in, findings out.
//!
//! A comment is folded, its disguises are read, its words become items. Rows of words that lists and brackets ask for
//! become items, too, level by level; then the phrases are found, each at its anchor only. Time is linear in the comment.
//! Not here: how lexicons become a matcher; that is `compile`'s.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use super::classes::Classes;
use super::disguise::Disguises;
use super::filed::{Filed, Found, Rooms};
use super::flatten::builtin_row;
use super::identifiers::{self, OwnDetails};
use super::items::{Items, Row};
use super::names::{NameHit, Names, Who};
use super::near::NearMiss;
use super::vocabulary::Vocabulary;
use super::{Finding, How, compile, context, link};
use crate::lexicon::file::{Lexicons, Proof};
use crate::lexicon::phrase::{Builtin, MAX_WORDS, Node};
use crate::lexicon::staff::StaffList;
use crate::lexicon::{Category, Certainty};
use crate::text::{Folded, fold};

/// What the practice publishes of itself: nobody's secret, and the meaning of `<practice>`.
#[derive(Clone, Debug, Default)]
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
struct EntryHit {
    entry: u32,
    start: u32,
    end: Reverse<u32>,
}

impl EntryHit {
    fn new(entry: u32, (start, end): Place) -> Self {
        Self { entry, start, end: Reverse(end) }
    }

    fn words(self) -> Range<usize> {
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

/// Words that add to an entry's points, or take from them.
#[derive(Clone, Copy, Debug)]
struct PointHit {
    hit: EntryHit,
    phrase: u32,
    worth: i32,
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
    /// Entries that bear out or refute others, with the points they counted.
    sums: Vec<(u32, i32)>,
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

/// The points of one comment.
#[derive(Debug, Default)]
struct Points {
    /// By entry: the most that it can have gathered, then what it has.
    sums: Vec<i32>,
    /// Entries whose sum may be another than 0.
    touched: Vec<u32>,
    /// Entries whose points are worth counting.
    heard: Vec<u32>,
    counted: Vec<PointHit>,
    /// By phrase that gives points: in which comment it was counted last, because each counts once.
    counted_in: Vec<u32>,
    comment: u32,
}

impl Points {
    fn clear(&mut self, entries: usize, phrases: usize) {
        self.clear_sums();
        self.counted.clear();
        self.sums.resize(entries.max(self.sums.len()), 0);
        self.comment = self.comment.wrapping_add(1);
        if self.counted_in.len() < phrases || self.comment == 0 {
            self.counted_in = vec![0; phrases];
            self.comment = 1;
        }
    }

    fn clear_sums(&mut self) {
        self.touched.drain(..).for_each(|entry| self.sums[entry as usize] = 0);
    }

    fn add(&mut self, entry: u32, points: i32) {
        let sum = &mut self.sums[entry as usize];
        if *sum == 0 {
            self.touched.push(entry);
        }
        *sum += points;
    }

    /// A sum that came back to 0 was touched again.
    fn sort(&mut self) {
        self.touched.sort_unstable();
        self.touched.dedup();
    }

    fn is_counted(&self, phrase: u32) -> bool {
        self.counted_in[phrase as usize] == self.comment
    }

    fn count(&mut self, phrase: u32, point: PointHit) {
        self.counted_in[phrase as usize] = self.comment;
        self.add(point.hit.entry, point.worth);
        self.counted.push(point);
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
            self.bear_out(&desk.sums, &mut sight);
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

    /// The text as typed, and where that differs, as it is meant; and the words of that as items.
    fn read(&self, raw: &str, items: &mut Items) -> (Folded, Option<Folded>) {
        let typed = fold(raw);
        items.read(&self.vocabulary, &typed);
        let readings = self.disguises.readings(&typed, raw, |at| self.vocabulary.is_word(items.kind(at)));
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
        let Desk { items, rooms, rows, matches, hits, points, sums } = desk;
        rows.clear();
        self.builtins(folded, names, rows);
        items.add(rows);
        matches.clear();
        sums.clear();
        let see = |phrase, found| matches.add(&self.roles, phrase, found);
        self.phrases.find(folded, &self.classes, items, rooms, see);
        matches.entry_hits(hits);
        matches.sort();
        self.judge_hits(folded, hits, matches, findings, cancelled);
        self.tally(folded, matches, hits, points, findings, sums);
        matches.excepted
    }

    /// Rows that are found in the text itself.
    fn builtins(&self, folded: &Folded, names: &[NameHit], rows: &mut Vec<Row>) {
        let mut put = |builtin, start: u32, end: u32| {
            rows.push(Row { start, end, kind: self.classes.row(builtin_row(builtin)) });
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

    /// Words that are nothing by themselves and something together. Only those entries are looked at that can have
    /// enough, and, where something was found, those that bear it out.
    fn tally(
        &self,
        folded: &Folded,
        matches: &Matches,
        hits: &[EntryHit],
        points: &mut Points,
        findings: &mut Vec<Finding>,
        sums: &mut Vec<(u32, i32)>,
    ) {
        points.clear(self.entries.len(), self.point_phrases as usize);
        self.each_point(matches, |point| {
            if point.worth > 0 {
                points.add(point.hit.entry, point.worth);
            }
        });
        let category = |entry: u32| 1_u32 << self.entries[entry as usize].category as u32;
        let told = hits.iter().fold(0, |told, hit| told | category(hit.entry));
        let enough = |&entry: &u32| points.sums[entry as usize] >= self.entries[entry as usize].needs;
        let mut heard = std::mem::take(&mut points.heard);
        heard.clear();
        heard.extend(points.touched.iter().copied().filter(enough));
        heard.extend(self.witnesses.iter().copied().filter(|&entry| told & category(entry) != 0));
        points.clear_sums();
        self.each_point(matches, |point| {
            let rule = &self.entries[point.hit.entry as usize];
            let phrase = rule.first_point + point.phrase;
            if heard.contains(&point.hit.entry)
                && !points.is_counted(phrase)
                && !(rule.looks_around && matches!(fate(rule, point.hit, folded, matches), Fate::Cancelled(_)))
            {
                points.count(phrase, point);
            }
        });
        points.heard = heard;
        points.sort();
        for &entry in &points.touched {
            let (rule, sum) = (&self.entries[entry as usize], points.sums[entry as usize]);
            sums.push((entry, sum));
            if sum >= rule.needs {
                let own = points.counted.iter().filter(|point| point.hit.entry == entry).copied().collect();
                findings.extend(strongest(own, rule.needs).map(|point| finding(rule, folded, &point.hit.words())));
            }
        }
    }

    fn each_point(&self, matches: &Matches, mut see: impl FnMut(PointHit)) {
        for &(found, place) in &matches.points {
            for role in self.roles.of(found) {
                if let Hit::Points { entry, phrase, worth } = *role {
                    see(PointHit { hit: EntryHit::new(entry, place), phrase, worth });
                }
            }
        }
    }

    /// Doubts what phrases found where the rest of the comment does not bear it out: nothing is taken away on the word of
    /// one phrase alone.
    fn bear_out(&self, sums: &[(u32, i32)], sight: &mut Sight) {
        let Sight { findings, cancelled, lowered, .. } = sight;
        let mut surest: [Option<Certainty>; Category::ALL.len()] = Default::default();
        for finding in findings.iter().filter(|finding| self.witness(finding).is_some()) {
            let known = &mut surest[finding.category as usize];
            *known = (*known).max(Some(finding.certainty));
        }
        findings.retain_mut(|finding| {
            let Some(witness) = self.witness(finding) else { return true };
            let Proof { phrase, medium, high, refutes } = self.entries[witness as usize].proof;
            let words = sums.iter().find(|&&(entry, _)| entry == witness).map_or(0, |&(_, sum)| sum);
            let points = words + surest[finding.category as usize].map_or(0, |surest| phrase[surest as usize]);
            let too_few = |least: Option<i32>| least.is_some_and(|least| points < least);
            // What is sure or was hidden stays a cue: nobody disguises a harmless word.
            if too_few(refutes) && finding.certainty < Certainty::High && finding.how == How::Exact {
                cancelled.push((finding.clone(), "everything else in the comment speaks of something else"));
                return false;
            }
            let most = match () {
                () if too_few(medium) => Certainty::Low,
                () if too_few(high) => Certainty::Medium,
                () => Certainty::High,
            };
            if finding.certainty > most {
                lowered.push((finding.entry.clone(), finding.certainty));
                finding.certainty = most;
            }
            true
        });
        self.leave_to_phrases(findings);
    }

    /// Words that add up have nothing to add where a phrase or a name is as sure.
    fn leave_to_phrases(&self, findings: &mut Vec<Finding>) {
        if findings.is_empty() {
            return;
        }
        let adds_up = |finding: &Finding| {
            self.tallies.iter().map(|&entry| &self.entries[entry as usize]).any(|rule| rule.name == finding.entry)
        };
        let mut surest: [Option<Certainty>; Category::ALL.len()] = Default::default();
        for finding in findings.iter().filter(|finding| !adds_up(finding)) {
            let known = &mut surest[finding.category as usize];
            *known = (*known).max(Some(finding.certainty));
        }
        findings.retain(|finding| surest[finding.category as usize] < Some(finding.certainty) || !adds_up(finding));
    }

    /// The entry whose points bear out this finding. Names and identifiers stand for themselves.
    fn witness(&self, finding: &Finding) -> Option<u32> {
        if !matches!(finding.how, How::Exact | How::Folded) {
            return None;
        }
        let own = |&&entry: &&u32| self.entries[entry as usize].category == finding.category;
        let witness = self.witnesses.iter().find(own).copied()?;
        (self.entries[witness as usize].name != finding.entry).then_some(witness)
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

fn finding(rule: &EntryRule, folded: &Folded, range: &Range<usize>) -> Finding {
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

enum Fate {
    Kept,
    Lowered(Certainty),
    Cancelled(&'static str),
}

/// The fewest places that are enough: a person who asks why wants the words that decided.
fn strongest(mut counted: Vec<PointHit>, needs: i32) -> impl Iterator<Item = PointHit> {
    counted.retain(|point| point.worth > 0);
    counted.sort_by_key(|point| (Reverse(point.worth), point.hit.start, point.phrase));
    let mut sum = 0;
    counted.into_iter().map_while(move |point| {
        let missing = sum < needs;
        sum += point.worth;
        missing.then_some(point)
    })
}

fn fate(rule: &EntryRule, hit: EntryHit, folded: &Folded, around: &Matches) -> Fate {
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
