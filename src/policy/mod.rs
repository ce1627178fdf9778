//! A practice's policy: findings to a [`Verdict`] with reasons. Pure. Not here: what a platform can do about it.

pub mod file;

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::ladder;
use crate::lexicon::phrase::Node;
use crate::lexicon::{Category, Certainty};
use crate::matcher::{Finding, How};

/// What is done with a comment, weakest first. Doubt goes down a step, never up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Left alone.
    Allow,
    /// Left up; a human is told.
    Escalate,
    /// Out of public view; can be undone.
    Hide,
    /// Gone for good, with the evidence kept.
    Delete,
}

impl Action {
    /// The name in JSON and database.
    pub fn id(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Escalate => "escalate",
            Self::Hide => "hide",
            Self::Delete => "delete",
        }
    }

    /// The action with this name.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Allow, Self::Escalate, Self::Hide, Self::Delete].into_iter().find(|action| action.id() == id)
    }
}

/// When people hear of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Alert {
    /// Not at all.
    None,
    /// In the next digest.
    Digest,
    /// At once, day or night.
    Now,
}

impl Alert {
    /// The name in JSON and database.
    pub fn id(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Digest => "digest",
            Self::Now => "now",
        }
    }

    /// The alert with this name.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::None, Self::Digest, Self::Now].into_iter().find(|alert| alert.id() == id)
    }
}

/// What a policy makes of one comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The strongest action among its reasons, safeguarding considered.
    pub action: Action,
    /// The most urgent alert among its reasons.
    pub alert: Alert,
    /// Who is told, each once, in the policy's words.
    pub tell: Vec<String>,
    /// To be reported to the platform by a person; no API can.
    pub report: bool,
    /// Templates to draft from, by name, each once (`complaint-pathway`, `request-to-remove`, `signpost-appointments` …).
    pub drafts: Vec<String>,
    /// The categories that bear on the verdict, sorted by id, each once.
    pub categories: Vec<Category>,
    /// Why: one for each finding that a rule made something of, and for things without a finding (a picture alone).
    pub reasons: Vec<Reason>,
    /// Where private persons are named, in bytes of the text, whatever the rules make of it: no name leaves in a digest.
    pub private: Vec<Range<usize>>,
}

/// One reason of a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What was seen.
    pub finding: Finding,
    /// What the rule for it says.
    pub action: Action,
    /// When people hear of it.
    pub alert: Alert,
    /// The place in the practice's policy that the rule rests on.
    pub clause: String,
    /// What the rule said in words, where something overrode it ("safeguarding: never deleted").
    pub note: Option<String>,
}

impl Reason {
    /// Category and certainty, as tables and digests name a reason.
    pub fn label(&self) -> (Category, Certainty) {
        (self.finding.category, self.finding.certainty)
    }
}

impl Verdict {
    /// A verdict without any reason.
    pub fn allow() -> Self {
        Self {
            action: Action::Allow,
            alert: Alert::None,
            tell: Vec::new(),
            report: false,
            drafts: Vec::new(),
            categories: Vec::new(),
            reasons: Vec::new(),
            private: Vec::new(),
        }
    }

    /// What rules still do where the author is exempt: an exemption is about trust in an author, and whoever is identified
    /// has not given theirs. So an identifier is covered, nothing is deleted, and everything else is left to people.
    pub fn for_exempt(&self) -> Action {
        let most = if self.identifies() { Action::Hide } else { Action::Escalate };
        self.action.min(most)
    }

    /// Whether something in it is to be taken out of sight because it identifies a person.
    fn identifies(&self) -> bool {
        let identifies =
            |reason: &Reason| reason.finding.category == Category::PatientIdentified && reason.action >= Action::Hide;
        self.reasons.iter().any(identifies)
    }

    /// The clauses its reasons cite, each once, in the order of the reasons.
    pub fn clauses(&self) -> Vec<&str> {
        let mut clauses: Vec<&str> = Vec::new();
        for reason in &self.reasons {
            if !clauses.contains(&reason.clause.as_str()) {
                clauses.push(&reason.clause);
            }
        }
        clauses
    }
}

/// A practice's policy, as its file says it.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The file's own name: `bursted-wood-surgery`.
    pub name: String,
    /// What people call the policy.
    pub title: String,
    /// One rule for each category.
    pub rules: Vec<Rule>,
    /// What is done about a comment that has a picture and no text.
    pub picture: Rule,
    /// Clause key to place in the policy.
    pub clauses: BTreeMap<String, String>,
    /// What is let pass, and for whom.
    pub exceptions: Exceptions,
    /// How long what people did about an author counts.
    pub ladder: ladder::Rule,
}

/// What the policy makes of one category.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Which category; `None` for pictures without text.
    pub category: Option<Category>,
    /// The place in the policy that it rests on.
    pub clause: String,
    /// What is done at high, medium and low certainty; never stronger with less certainty.
    pub high: Action,
    /// See `high`.
    pub medium: Action,
    /// See `high`.
    pub low: Action,
    /// When people hear of it, at high and medium certainty.
    pub alert: Alert,
    /// When people hear of it at low certainty.
    pub alert_low: Alert,
    /// Who is told, in the policy's words.
    pub tell: Vec<String>,
    /// A line in the report-to-platform checklist.
    pub report: bool,
    /// The template to draft from.
    pub draft: Option<String>,
    /// What the clause asks, in a sentence of our own.
    pub why: String,
}

/// What a policy lets pass: campaigning, constructive feedback.
#[derive(Clone, Debug, Default)]
pub struct Exceptions {
    /// Phrases that mark such a comment.
    pub phrases: Vec<Node>,
    /// Author ids that may speak so.
    pub authors: Vec<String>,
    /// The categories that do not count there.
    pub categories: Vec<Category>,
}

impl Rule {
    /// What is done at this certainty.
    pub fn action(&self, certainty: Certainty) -> Action {
        match certainty {
            Certainty::High => self.high,
            Certainty::Medium => self.medium,
            Certainty::Low => self.low,
        }
    }

    /// When people hear of it at this certainty.
    pub fn alert(&self, certainty: Certainty) -> Alert {
        if certainty == Certainty::Low { self.alert_low } else { self.alert }
    }
}

impl Policy {
    /// The rule for a category.
    pub fn rule(&self, category: Category) -> &Rule {
        self.rules.iter().find(|rule| rule.category == Some(category)).unwrap_or(&self.picture)
    }

    /// The place in the policy for a finding: its entry's clause where the policy knows that key, else its rule's.
    fn clause(&self, finding: &Finding, rule: &Rule) -> String {
        finding.clause.as_ref().and_then(|key| self.clauses.get(&**key)).unwrap_or(&rule.clause).clone()
    }
}

/// What judging knows of a comment beside its findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// It has a picture, sticker or video and no text.
    pub picture_only: bool,
    /// A phrase or author of the policy's exceptions applies.
    pub excepted: bool,
}

/// Makes a verdict of findings: the strongest action wins, alerts add up, safeguarding overrides.
pub fn decide(policy: &Policy, findings: Vec<Finding>, facts: Facts) -> Verdict {
    let mut verdict = Verdict::allow();
    if facts.picture_only {
        verdict.add(&policy.picture, picture_reason(policy));
    }
    for finding in findings {
        let rule = policy.rule(finding.category);
        if facts.excepted && policy.exceptions.categories.contains(&finding.category) {
            continue;
        }
        let (action, alert) = (rule.action(finding.certainty), rule.alert(finding.certainty));
        // A cue that would be something if it were surer, and is nothing by itself.
        if (action, alert) == (Action::Allow, Alert::None) && (rule.high, rule.alert) != (action, alert) {
            continue;
        }
        let clause = policy.clause(&finding, rule);
        verdict.add(rule, Reason { finding, action, alert, clause, note: None });
    }
    protect_safeguarding(&mut verdict);
    verdict.categories.sort_by_key(|category| category.id());
    verdict
}

impl Verdict {
    fn add(&mut self, rule: &Rule, reason: Reason) {
        self.action = self.action.max(reason.action);
        self.alert = self.alert.max(reason.alert);
        if reason.alert > Alert::None || reason.action > Action::Allow {
            for who in &rule.tell {
                push_new(&mut self.tell, who.clone());
            }
            self.report |= rule.report && reason.action >= Action::Hide;
            if let Some(draft) = &rule.draft {
                push_new(&mut self.drafts, draft.clone());
            }
        }
        if rule.category.is_some() {
            push_new(&mut self.categories, reason.finding.category);
        }
        self.reasons.push(reason);
    }
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

fn picture_reason(policy: &Policy) -> Reason {
    let finding = Finding {
        category: Category::Recording,
        entry: "picture/without-text".into(),
        span: 0..0,
        certainty: Certainty::Low,
        how: How::Exact,
        clause: None,
    };
    let rule = &policy.picture;
    let note = Some("there is no text to judge; a person has to look at the picture".to_owned());
    Reason { finding, action: rule.high, alert: rule.alert, clause: rule.clause.clone(), note }
}

/// A sign of harm is never deleted, and hidden only to cover an identifier (invariant 7).
fn protect_safeguarding(verdict: &mut Verdict) {
    if !verdict.categories.contains(&Category::Safeguarding) {
        return;
    }
    let (most, note) = if verdict.identifies() {
        (Action::Hide, "a sign of harm is never deleted; hidden only to cover what identifies a person")
    } else {
        (Action::Escalate, "a sign of harm is never deleted or hidden without a human")
    };
    for reason in &mut verdict.reasons {
        if reason.action > most {
            reason.note = Some(note.to_owned());
        }
    }
    verdict.action = verdict.action.min(most).max(Action::Escalate);
    verdict.report = false;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(super) fn policy() -> Policy {
        let rule = |category: Option<Category>, high, alert| Rule {
            category,
            clause: category.map_or("picture", Category::id).to_owned(),
            high,
            medium: high.min(Action::Hide),
            low: Action::Allow,
            alert,
            alert_low: Alert::None,
            tell: vec!["Manager".to_owned()],
            report: true,
            draft: None,
            why: String::new(),
        };
        let mut rules: Vec<Rule> =
            Category::ALL.into_iter().map(|category| rule(Some(category), Action::Delete, Alert::Digest)).collect();
        for rule in &mut rules {
            if rule.category == Some(Category::Safeguarding) {
                (rule.high, rule.medium, rule.low) = (Action::Escalate, Action::Escalate, Action::Escalate);
                (rule.alert, rule.alert_low) = (Alert::Now, Alert::Digest);
            }
        }
        Policy {
            name: "test".into(),
            title: "Test policy".into(),
            rules,
            picture: rule(None, Action::Escalate, Alert::Digest),
            clauses: BTreeMap::new(),
            exceptions: Exceptions { categories: vec![Category::Complaint], ..Exceptions::default() },
            ladder: ladder::Rule::usual(),
        }
    }

    fn finding(category: Category, certainty: Certainty) -> Finding {
        Finding {
            category,
            entry: format!("{category}/x").into(),
            span: 0..1,
            certainty,
            how: How::Exact,
            clause: None,
        }
    }

    #[track_caller]
    fn check(found: &[(Category, Certainty)], facts: Facts, want: (Action, Alert)) {
        let findings = found.iter().map(|&(category, certainty)| finding(category, certainty)).collect();
        let verdict = decide(&policy(), findings, facts);
        assert_eq!((verdict.action, verdict.alert), want, "{found:?}");
    }

    #[test]
    fn the_strongest_action_wins_and_doubt_goes_down_a_step() {
        use Category::{Complaint, Safeguarding};
        let none = Facts::default();
        check(&[], none, (Action::Allow, Alert::None));
        check(&[(Complaint, Certainty::High)], none, (Action::Delete, Alert::Digest));
        check(&[(Complaint, Certainty::Medium)], none, (Action::Hide, Alert::Digest));
        check(&[(Complaint, Certainty::Low)], none, (Action::Allow, Alert::None));
        check(&[(Safeguarding, Certainty::High), (Complaint, Certainty::High)], none, (Action::Escalate, Alert::Now));
        let found = [(Safeguarding, Certainty::High), (Category::PatientIdentified, Certainty::High)];
        check(&found, none, (Action::Hide, Alert::Now));
    }

    #[test]
    fn for_an_exempt_author_only_an_identifier_is_covered() {
        use Category::{Complaint, PatientIdentified, Threat};
        let check = |found: &[(Category, Certainty)], want| {
            let findings = found.iter().map(|&(category, certainty)| finding(category, certainty)).collect();
            assert_eq!(decide(&policy(), findings, Facts::default()).for_exempt(), want, "{found:?}");
        };
        check(&[], Action::Allow);
        check(&[(Complaint, Certainty::High), (Threat, Certainty::High)], Action::Escalate);
        check(&[(PatientIdentified, Certainty::High)], Action::Hide);
        check(&[(PatientIdentified, Certainty::Medium), (Complaint, Certainty::High)], Action::Hide);
        check(&[(PatientIdentified, Certainty::Low), (Complaint, Certainty::High)], Action::Escalate);
    }

    #[test]
    fn a_picture_without_text_is_escalated_and_an_exception_lets_pass() {
        check(&[], Facts { picture_only: true, ..Facts::default() }, (Action::Escalate, Alert::Digest));
        let excepted = Facts { excepted: true, ..Facts::default() };
        check(&[(Category::Complaint, Certainty::High)], excepted, (Action::Allow, Alert::None));
        check(&[(Category::Threat, Certainty::High)], excepted, (Action::Delete, Alert::Digest));
    }

    proptest! {
        #[test]
        fn whatever_else_is_found_a_sign_of_harm_is_never_deleted_and_always_told(
            found in proptest::collection::vec((0..17_usize, 0..3_usize), 0..6),
        ) {
            let certainties = [Certainty::Low, Certainty::Medium, Certainty::High];
            let mut findings: Vec<Finding> =
                found.iter().map(|&(category, sure)| finding(Category::ALL[category], certainties[sure])).collect();
            findings.push(finding(Category::Safeguarding, Certainty::High));
            let identifier = findings.iter().any(|finding| {
                finding.category == Category::PatientIdentified && finding.certainty > Certainty::Low
            });
            let verdict = decide(&policy(), findings, Facts::default());
            let want = if identifier { Action::Hide } else { Action::Escalate };
            prop_assert_eq!(verdict.action, want);
            prop_assert_eq!(verdict.alert, Alert::Now);
        }
    }
}
