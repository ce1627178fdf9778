//! What proposed rules would have done to the comments of the past, against what the rules in force make of them and what
//! people decided. In: the store and two sets of rules side by side. Out: [`Backtest`], as data. Not here: wording and
//! masking; a comment's words stand in the report as they are.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::comment::CommentText;
use crate::lexicon::Category;
use crate::policy::{Action, Alert, Verdict};
use crate::rules::apart::Failure;
use crate::rules::{Changed, Comparison, Terms, Tried};
use crate::store::past::{Pasts, Standing};
use crate::store::{self, Decision, Store};

/// Comments that are read and compared at once.
const PORTION: usize = 2000;

/// What is asked of a backtest.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Only comments written since then.
    pub since: Option<Timestamp>,
    /// So many changed comments are shown.
    pub examples: usize,
}

/// Why a backtest could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The comments could not be read.
    #[error("the stored comments cannot be read")]
    Store(#[source] store::Error),
    /// They could not be judged.
    #[error("the stored comments cannot be judged")]
    Judge(#[source] Failure),
}

/// What a change would have done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backtest {
    /// What was compared, and how far it differs.
    pub terms: Terms,
    /// Only comments written since then.
    pub since: Option<Timestamp>,
    /// Comments of the past that were compared; the page's own and erased ones are not among them.
    pub comments: u64,
    /// Those that had to be judged by both; the others cannot differ.
    pub judged: u64,
    /// Those that are decided differently.
    pub changed: u64,
    /// What anybody should know before the change takes effect, the gravest first.
    pub warnings: Vec<Warning>,
    /// What becomes of the changed comments: from which action to which, the strongest new action first.
    pub moves: Vec<Move>,
    /// By category, for changed comments: those that it is found in anew, and those that it is no longer.
    pub categories: Vec<Count>,
    /// The same by entry.
    pub entries: Vec<Count>,
    /// The same by place in the policy.
    pub clauses: Vec<Count>,
    /// Against what people decided.
    pub people: People,
    /// Changed comments, the gravest change first, then the newest.
    pub examples: Vec<Example>,
}

/// Something about a change that nobody should overlook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What.
    pub what: Concern,
    /// Of how many comments.
    pub comments: u64,
}

/// What is warned of, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Concern {
    /// A sign that somebody may come to harm would no longer be found.
    HarmLost,
    /// It would be deleted, and is not now.
    Deleted,
    /// Judging it by the proposed rules broke our own code: it would be left to people.
    Broken,
    /// People had it shown again, and it would be hidden or deleted.
    AgainstPeople,
    /// People would no longer be told at once.
    Untold,
    /// People wanted it gone, or said that it was judged rightly, and it would be left up or not be found.
    LetGo,
}

/// Changed comments that go from one action to another, or stay with theirs for other reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// By the rules in force.
    pub before: Action,
    /// By the proposed ones.
    pub after: Action,
    /// How many.
    pub comments: u64,
}

/// Changed comments that something is found in by one of the two alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The category, entry or clause.
    pub name: String,
    /// By the proposed rules alone.
    pub gained: u64,
    /// By the rules in force alone.
    pub lost: u64,
}

/// How a change agrees with what people decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// Changed comments about which somebody had decided.
    pub decided: u64,
    /// The proposed rules do what people decided, the rules in force do not.
    pub better: u64,
    /// The rules in force do, the proposed ones do not.
    pub worse: u64,
}

/// A changed comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// How it stands.
    pub standing: Standing,
    /// What it says; not safe to forward.
    pub text: CommentText,
    /// What the rules in force make of it; none where judging it broke our own code.
    pub before: Option<Verdict>,
    /// What the proposed rules make of it; the same.
    pub after: Option<Verdict>,
    /// Whether the change agrees with a person's decision: better, worse, or neither.
    pub agrees: Option<Agreement>,
}

/// Whether a change is what people want.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Agreement {
    /// The proposed rules do what a person decided, and the rules in force do not.
    Better,
    /// The other way round.
    Worse,
    /// Both do, or neither.
    Same,
}

/// Compares everything that the store remembers. `comparison` can be asked nothing more after a failure.
pub async fn backtest(store: &Store, comparison: &mut Comparison, asked: Asked) -> Result<Backtest, Error> {
    let mut tally = Tally::new(comparison.terms().clone(), asked);
    let mut which =
        Pasts { most: PORTION, since: asked.since, authors: comparison.terms().authors, ..Pasts::default() };
    if comparison.terms().extent.is_none() {
        tally.report.comments = store.past_count(asked.since).await.map_err(Error::Store)?;
        return Ok(tally.finish());
    }
    loop {
        let (ids, tried): (Vec<i64>, Vec<Tried>) =
            store.past(which).await.map_err(Error::Store)?.into_iter().map(|past| (past.id, past.tried)).unzip();
        let Some(&last) = ids.last() else { break };
        which.after = last;
        let told = comparison.ask(&tried).await.map_err(Error::Judge)?;
        tally.report.comments += tried.len() as u64;
        tally.report.judged += told.judged as u64;
        let changed: Vec<i64> = told.changed.iter().filter_map(|changed| ids.get(changed.at).copied()).collect();
        if changed.is_empty() {
            continue;
        }
        let standings = store.standings(changed).await.map_err(Error::Store)?;
        let mut standings: BTreeMap<i64, Standing> = standings.into_iter().map(|one| (one.id, one)).collect();
        for changed in told.changed {
            let standing = ids.get(changed.at).and_then(|id| standings.remove(id));
            // A comment that was erased while we read it is none of ours any more.
            if let (Some(standing), Some(tried)) = (standing, tried.get(changed.at)) {
                tally.add(standing, tried.text.clone(), changed);
            }
        }
    }
    Ok(tally.finish())
}

/// A report on the way.
struct Tally {
    report: Backtest,
    most: usize,
    moves: BTreeMap<(Reverse<Action>, Action), u64>,
    categories: Counts,
    entries: Counts,
    clauses: Counts,
    warned: BTreeMap<Concern, u64>,
}

/// By name: gained, lost.
type Counts = BTreeMap<String, (u64, u64)>;

impl Tally {
    fn new(terms: Terms, asked: Asked) -> Self {
        Self {
            report: Backtest { terms, since: asked.since, ..Backtest::default() },
            most: asked.examples,
            moves: BTreeMap::new(),
            categories: BTreeMap::new(),
            entries: BTreeMap::new(),
            clauses: BTreeMap::new(),
            warned: BTreeMap::new(),
        }
    }

    fn add(&mut self, standing: Standing, text: CommentText, changed: Changed) {
        let Changed { before, after, .. } = changed;
        self.report.changed += 1;
        let decided = standing.judged.as_ref().and_then(|then| Some((then.decided?, then.action)));
        let agrees = decided.map(|(decided, then)| agreement(decided, then, before.as_ref(), after.as_ref()));
        for warned in warnings(before.as_ref(), after.as_ref(), decided.map(|(decided, _)| decided), agrees) {
            *self.warned.entry(warned).or_default() += 1;
        }
        if let (Some(before), Some(after)) = (&before, &after) {
            *self.moves.entry((Reverse(after.action), before.action)).or_default() += 1;
            count(&mut self.categories, before, after, |verdict| {
                verdict.categories.iter().map(|one| one.id()).collect()
            });
            count(&mut self.entries, before, after, |verdict| {
                verdict.reasons.iter().map(|reason| &*reason.finding.entry).collect()
            });
            count(&mut self.clauses, before, after, Verdict::clauses);
        }
        if let Some(agrees) = agrees {
            self.report.people.decided += 1;
            self.report.people.better += u64::from(agrees == Agreement::Better);
            self.report.people.worse += u64::from(agrees == Agreement::Worse);
        }
        self.keep(Example { standing, text, before, after, agrees });
    }

    /// Keeps the gravest and newest; never many more than are shown.
    fn keep(&mut self, example: Example) {
        self.report.examples.push(example);
        if self.report.examples.len() > 2 * self.most + 64 {
            self.sort_examples();
        }
    }

    fn sort_examples(&mut self) {
        self.report.examples.sort_by_cached_key(|example| Reverse((gravity(example), example.standing.written)));
        self.report.examples.truncate(self.most);
    }

    fn finish(mut self) -> Backtest {
        self.sort_examples();
        let mut report = self.report;
        report.moves = self
            .moves
            .into_iter()
            .map(|((Reverse(after), before), comments)| Move { before, after, comments })
            .collect();
        report.categories = counts(self.categories);
        report.entries = counts(self.entries);
        report.clauses = counts(self.clauses);
        report.warnings = self.warned.into_iter().map(|(what, comments)| Warning { what, comments }).collect();
        report
    }
}

/// Counts what only one of two verdicts names.
fn count<'v>(
    counts: &mut Counts,
    before: &'v Verdict,
    after: &'v Verdict,
    names: impl Fn(&'v Verdict) -> Vec<&'v str>,
) {
    let (mut old, mut new) = (names(before), names(after));
    for names in [&mut old, &mut new] {
        names.sort_unstable();
        names.dedup();
    }
    for name in new.iter().filter(|name| !old.contains(name)) {
        counts.entry((*name).to_owned()).or_default().0 += 1;
    }
    for name in old.iter().filter(|name| !new.contains(name)) {
        counts.entry((*name).to_owned()).or_default().1 += 1;
    }
}

/// The most changed first.
fn counts(counts: Counts) -> Vec<Count> {
    let mut list: Vec<Count> = counts.into_iter().map(|(name, (gained, lost))| Count { name, gained, lost }).collect();
    list.sort_by_key(|count| Reverse(count.gained + count.lost));
    list
}

fn is_removed(verdict: &Verdict) -> bool {
    verdict.action >= Action::Hide
}

/// Nobody would hear of the comment.
fn is_silent(verdict: &Verdict) -> bool {
    verdict.action == Action::Allow && verdict.alert == Alert::None
}

/// Whether a verdict does what a person decided when the rules had asked for `then`.
fn does(verdict: &Verdict, decided: Decision, then: Action) -> bool {
    match decided {
        Decision::Uphold => is_removed(verdict) == (then >= Action::Hide) && !is_silent(verdict),
        Decision::Restore => !is_removed(verdict),
        Decision::Hide | Decision::Delete => is_removed(verdict),
        Decision::Note | Decision::Undo => true,
    }
}

fn agreement(decided: Decision, then: Action, before: Option<&Verdict>, after: Option<&Verdict>) -> Agreement {
    let does = |verdict: Option<&Verdict>| verdict.is_some_and(|verdict| does(verdict, decided, then));
    match (does(before), does(after)) {
        (false, true) => Agreement::Better,
        (true, false) => Agreement::Worse,
        _ => Agreement::Same,
    }
}

fn warnings(
    before: Option<&Verdict>,
    after: Option<&Verdict>,
    decided: Option<Decision>,
    agrees: Option<Agreement>,
) -> Vec<Concern> {
    let Some(after) = after else { return vec![Concern::Broken] };
    let mut list = Vec::new();
    let mut warn = |so: bool, warned| {
        if so {
            list.push(warned);
        }
    };
    let was = |so: &dyn Fn(&Verdict) -> bool| before.is_some_and(so);
    let harm = |verdict: &Verdict| verdict.categories.contains(&Category::Safeguarding);
    warn(was(&harm) && !harm(after), Concern::HarmLost);
    warn(after.action == Action::Delete && !was(&|before| before.action == Action::Delete), Concern::Deleted);
    let worse = agrees == Some(Agreement::Worse);
    warn(worse && decided == Some(Decision::Restore), Concern::AgainstPeople);
    warn(was(&|before| before.alert == Alert::Now) && after.alert < Alert::Now, Concern::Untold);
    warn(worse && decided != Some(Decision::Restore), Concern::LetGo);
    list
}

/// How much anybody should want to see a changed comment.
fn gravity(example: &Example) -> u32 {
    let Example { before, after, standing, agrees, .. } = example;
    let decided = standing.judged.as_ref().and_then(|then| then.decided);
    let worst = warnings(before.as_ref(), after.as_ref(), decided, *agrees).into_iter().min();
    let action = |verdict: &Option<Verdict>| verdict.as_ref().map_or(Action::Allow, |verdict| verdict.action);
    let step = (action(after) as u32).abs_diff(action(before) as u32);
    // Whatever is warned of comes before whatever is not; then the larger step, upwards before downwards.
    worst.map_or(0, |worst| 100 - 10 * worst as u32) + 2 * step + u32::from(action(after) > action(before))
}
