//! A set of rules as the daemon holds it: what it says of itself, and a way to have comments judged by it, here or in a
//! process of its own. In: where the files lie. Out: [`RuleSet`], behind [`InForce`]. Not here: what either way does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};

use super::age::{Ages, Mark};
use super::apart::{self, Apart, Failure, Unable};
use super::compare::{Comparison, Pair};
use super::explain::{self, Explained};
use super::{Files, Rules};
use crate::comment::Comment;
use crate::lexicon::complaint::Complaint;
use crate::policy::Verdict;

/// What a set of rules says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Twelve hex digits that change whenever a file of the rules does; stored with every verdict.
    pub version: String,
    /// What people call the policy.
    pub title: String,
    /// How many examples the lexicons were proved with.
    pub examples: usize,
    /// What looks odd and does no harm.
    pub warnings: Vec<Complaint>,
    /// What the rules are made of, for the store to remember since when.
    pub marks: Vec<Mark>,
}

/// One consistent set of rules, wherever it judges. The same comment gets the same verdict either way.
#[derive(Debug)]
pub struct RuleSet {
    facts: Facts,
    ages: Arc<Ages>,
    seat: Seat,
}

#[derive(Debug)]
enum Seat {
    Here(Box<Rules>),
    Apart(Arc<Apart>),
}

impl RuleSet {
    /// Rules that judge in this process.
    pub fn here(rules: Rules) -> Self {
        Self { facts: rules.facts(), ages: Arc::default(), seat: Seat::Here(Box::new(rules)) }
    }

    /// Rules that judge in a process of their own.
    pub(super) fn apart(facts: Facts, apart: Apart) -> Self {
        Self { facts, ages: Arc::default(), seat: Seat::Apart(Arc::new(apart)) }
    }

    /// Where they can be read: the daemon's own copy of what was proved, where it judges apart.
    pub fn files(&self) -> &Files {
        match &self.seat {
            Seat::Here(rules) => rules.files(),
            Seat::Apart(apart) => apart.files(),
        }
    }

    /// What they say of themselves.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The same rules, now that it is known since when each part of them has been as it is.
    #[must_use]
    pub fn aged(mut self, ages: Ages) -> Self {
        // A thousand daemons would hold the marks for nothing.
        self.facts.marks = Vec::new();
        Self { ages: Arc::new(ages), ..self }
    }

    /// Since when each part has been as it is; before anybody has said so, everything was there from the beginning.
    pub fn ages(&self) -> &Arc<Ages> {
        &self.ages
    }

    /// Twelve hex digits that change whenever a file of the rules does; stored with every verdict.
    pub fn version(&self) -> &str {
        &self.facts.version
    }

    /// Whether somebody is there to judge this moment; a process of its own sleeps while there is nothing to judge.
    pub fn is_awake(&self) -> bool {
        match &self.seat {
            Seat::Here(_) => true,
            Seat::Apart(apart) => apart.is_awake(),
        }
    }

    /// What the policy makes of each comment, in their order; nothing of one that breaks our own code, which a human has
    /// to look at. Fails where nobody can judge at the moment, whatever the comment.
    pub async fn judge(&self, comments: &[&Comment]) -> Result<Vec<Option<Verdict>>, Failure> {
        match &self.seat {
            Seat::Here(rules) => {
                let judge = |comment: &&Comment| catch_unwind(AssertUnwindSafe(|| rules.judge(comment))).ok();
                Ok(comments.iter().map(judge).collect())
            }
            Seat::Apart(apart) => apart.judge(comments).await,
        }
    }
}

/// Where rules are compiled and comments judged.
#[derive(Clone, Debug)]
pub enum Judging {
    /// In this process: for tests, the demonstration, and whoever judges only for a moment.
    Here,
    /// In a process of its own, which is started when there is something to judge.
    Apart(apart::Settings),
}

impl Judging {
    /// Reads rules and runs every example; complains of everything that is wrong, at once.
    pub async fn load(&self, files: &Files) -> Result<RuleSet, Vec<Complaint>> {
        match self {
            Self::Here => Rules::load(files).map(RuleSet::here),
            Self::Apart(settings) => apart::load(settings, files).await,
        }
    }

    /// What the rules of these files make of a text, and why. Their examples are not run, so that a sentence can be tried
    /// while they are being edited; in a daemon, a process of its own compiles them and ends with the answer.
    pub async fn explain(&self, files: &Files, text: &str) -> Result<Explained, Unable> {
        match self {
            Self::Here => Rules::unproved(files).map(|rules| explain::explain(&rules, text)).map_err(Unable::Wrong),
            Self::Apart(settings) => apart::explain(settings, files, text).await,
        }
    }

    /// Sets the rules in force beside proposed ones, to see which comments they decide differently. Every example of the
    /// proposed ones is run first; their mistakes are told. In a daemon, a process of its own holds both sets and ends
    /// with what this gives.
    pub async fn compare(&self, in_force: &Files, proposed: &Files) -> Result<Comparison, Unable> {
        match self {
            Self::Here => Pair::load(in_force, proposed).map(Comparison::here).map_err(Unable::Wrong),
            Self::Apart(settings) => apart::compare(settings, in_force, proposed).await,
        }
    }

    /// These rules are in force: what was kept of others can go.
    pub fn tidy(&self, in_force: &RuleSet) {
        if let Self::Apart(settings) = self {
            apart::tidy(settings, in_force.version());
        }
    }
}

/// The rules that judge now. Readers never wait; a batch keeps the pointer it took.
#[derive(Debug)]
pub struct InForce(ArcSwap<RuleSet>);

impl InForce {
    /// Puts rules in force.
    pub fn new(rules: RuleSet) -> Self {
        Self(ArcSwap::from_pointee(rules))
    }

    /// The rules as they are now.
    pub fn current(&self) -> Arc<RuleSet> {
        self.0.load_full()
    }

    /// Replaces them all.
    pub fn replace(&self, rules: RuleSet) {
        self.0.store(Arc::new(rules));
    }
}
