//! A practice's policy: findings to a [`Verdict`] with reasons. Pure. Not here: what a platform can do about it.

use serde::{Deserialize, Serialize};

use crate::lexicon::{Category, Certainty};
use crate::matcher::Finding;

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
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

/// One reason of a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
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
