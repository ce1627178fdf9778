//! Everything there is to say about one comment, as data: for trying a sentence, on a terminal as in the console. In:
//! rules and a text. Out: [`Explained`]. Not here: wording beyond the rules' own sentences, and underlining.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Rules;
use crate::comment::CommentText;
use crate::lexicon::{Category, Certainty};
use crate::matcher::{Finding, How, NearMiss};
use crate::policy::{Action, Alert, Facts, Reason, Verdict, decide};

/// What a set of rules makes of a text, and why. Places are bytes of that text, on character boundaries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// What would be done.
    pub verdict: Verdict,
    /// Nothing but white space was given, which is judged as a picture without words.
    pub no_text: bool,
    /// Why: the verdict's reasons, those of the same entry that come to the same told once, in the verdict's order.
    pub groups: Vec<Group>,
    /// What was seen and let pass.
    pub passed: Vec<Passed>,
    /// What nearly found something, the nearest first.
    pub near: Vec<NearMiss>,
    /// The text as it was read, where that differs from what was typed.
    pub read_as: Option<CommentText>,
    /// What people call the policy.
    pub policy: String,
    /// Twelve hex digits that change whenever a file of the rules does.
    pub rules_version: String,
}

/// Reasons of one entry that come to the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The entry: `complaint/worst-service`, `identifier/nhs-number`, `staff/dr-patel`.
    pub entry: Arc<str>,
    /// What it counts as.
    pub category: Category,
    /// How sure.
    pub certainty: Certainty,
    /// How it was recognised.
    pub how: How,
    /// Where.
    pub places: Vec<Range<usize>>,
    /// The place in the practice's policy that the rule rests on.
    pub clause: String,
    /// What the rule for it says.
    pub action: Action,
    /// When people hear of it.
    pub alert: Alert,
    /// What the clause asks, in a sentence of ours.
    pub why: String,
    /// The certainty that it had by itself, where the rest of the comment does not bear it out.
    pub had: Option<Certainty>,
    /// What the rule said in words, where something overrode it.
    pub note: Option<String>,
    /// It asked for more than the verdict does.
    pub overridden: bool,
}

impl Group {
    /// It comes of a picture without text, of which nothing was recognised.
    pub fn is_picture(&self) -> bool {
        self.entry.starts_with("picture/")
    }
}

/// Something that was seen and counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// The entry.
    pub entry: Arc<str>,
    /// What it would have counted as.
    pub category: Category,
    /// Where.
    pub place: Range<usize>,
    /// Why it counts for nothing.
    pub why: String,
}

/// Says everything that these rules have to say about a text.
pub fn explain(rules: &Rules, text: &str) -> Explained {
    let sight = rules.see(text);
    let policy = rules.policy();
    let facts = Facts { picture_only: text.trim().is_empty(), excepted: sight.excepted };
    let verdict = decide(policy, sight.findings.clone(), facts);
    let verdict = Verdict { private: sight.private, ..verdict };
    let groups = grouped(&verdict.reasons).into_iter().map(|reasons| group(rules, &verdict, &sight.lowered, &reasons));
    let cancelled = sight.cancelled.iter().map(|(finding, why)| passed(finding, why));
    let unused = sight.findings.iter().filter(|found| !verdict.reasons.iter().any(|reason| reason.finding == **found));
    Explained {
        groups: groups.collect(),
        passed: cancelled.chain(unused.map(|cue| passed(cue, "a cue, too little by itself"))).collect(),
        near: sight.near,
        no_text: facts.picture_only,
        read_as: sight.read_as.map(CommentText::new),
        policy: policy.title.clone(),
        rules_version: rules.version().to_owned(),
        verdict,
    }
}

fn group(rules: &Rules, verdict: &Verdict, lowered: &[(Arc<str>, Certainty)], reasons: &[&Reason]) -> Group {
    let reason = reasons[0];
    let finding = &reason.finding;
    let group = Group {
        entry: finding.entry.clone(),
        category: finding.category,
        certainty: finding.certainty,
        how: finding.how,
        places: reasons.iter().map(|reason| reason.finding.span.clone()).collect(),
        clause: reason.clause.clone(),
        action: reason.action,
        alert: reason.alert,
        why: rules.policy().rule(finding.category).why.clone(),
        had: lowered.iter().find(|(entry, _)| *entry == finding.entry).map(|&(_, had)| had),
        note: reason.note.clone(),
        overridden: reason.action > verdict.action,
    };
    if group.is_picture() { Group { why: rules.policy().picture.why.clone(), ..group } } else { group }
}

fn passed(finding: &Finding, why: &str) -> Passed {
    let (entry, place) = (finding.entry.clone(), finding.span.clone());
    Passed { entry, category: finding.category, place, why: why.to_owned() }
}

/// Reasons of the same entry that come to the same are told once.
fn grouped(reasons: &[Reason]) -> Vec<Vec<&Reason>> {
    let mut groups: Vec<Vec<&Reason>> = Vec::new();
    for reason in reasons {
        let same = |group: &&mut Vec<&Reason>| {
            let key = |reason: &Reason| (reason.finding.certainty, reason.finding.how, reason.action, reason.alert);
            let first = group[0];
            first.finding.entry == reason.finding.entry && key(first) == key(reason) && first.note == reason.note
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(reason),
            None => groups.push(vec![reason]),
        }
    }
    groups
}
