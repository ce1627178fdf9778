//! Text in, findings out. In: folded text and compiled terms. Out: [`Finding`]s, each pointing at bytes of the original.
//! Not here: what a finding leads to; that is the policy's.

mod classes;
mod compile;
mod context;
mod delta;
mod disguise;
mod engine;
pub mod examples;
mod filed;
mod flatten;
pub mod identifiers;
mod items;
mod link;
pub mod names;
mod near;
#[cfg(test)]
mod oracle;
mod points;
mod sieve;
mod steps;
mod vocabulary;
mod wordset;

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use engine::{Matcher, Practice, Sight};
pub use near::{Lack, NearMiss};
pub use sieve::{Extent, Sieve};

use crate::lexicon::{Category, Certainty};

/// How a finding was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// As written, but for case and spacing.
    Exact,
    /// Behind a disguise.
    Folded,
    /// Nearly: a typing mistake or a phonetic spelling.
    Fuzzy,
    /// An identifier's own parser.
    Identifier,
    /// A name of the staff list or a private person's.
    Name,
}

impl How {
    /// The name in JSON and database.
    pub fn id(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Folded => "folded",
            Self::Fuzzy => "fuzzy",
            Self::Identifier => "identifier",
            Self::Name => "name",
        }
    }

    /// The way with this name.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Exact, Self::Folded, Self::Fuzzy, Self::Identifier, Self::Name].into_iter().find(|how| how.id() == id)
    }
}

/// Something the matcher saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it counts as.
    pub category: Category,
    /// Which entry: `complaint/worst-service`, `identifier/nhs-number`, `staff/dr-patel`.
    pub entry: Arc<str>,
    /// Where, in bytes of the original text, on character boundaries.
    pub span: Range<usize>,
    /// How sure.
    pub certainty: Certainty,
    /// How it was recognised.
    pub how: How,
    /// The lexicon entry's clause key, which the practice's policy resolves to a place of its own.
    pub clause: Option<Arc<str>>,
}
