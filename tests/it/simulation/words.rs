//! What simulated people say, and what becomes of it at most: the oracle, written down by hand from the policy and not
//! asked of the program. In: a text. Out: the strongest act that it allows, and whether somebody is told at once.

use chaperone::sim::Act;

use crate::support::{COMPLAINT, CRY, KIND, NAMED, NUMBER, THREAT};

/// A phrase that only the better rules know, which a reload may bring.
pub(super) const CLOSED: &str = "Closed again!";

/// What a comment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    Kind,
    Complaint,
    Named,
    NamedAgain,
    Cry,
    CryAndNumber,
    CryAndComplaint,
    Threat,
    Number,
    Closed,
}

impl Words {
    pub(super) const ALL: [Self; 10] = [
        Self::Kind,
        Self::Complaint,
        Self::Named,
        Self::NamedAgain,
        Self::Cry,
        Self::CryAndNumber,
        Self::CryAndComplaint,
        Self::Threat,
        Self::Number,
        Self::Closed,
    ];

    pub(super) fn text(self) -> String {
        match self {
            Self::Kind => KIND.to_owned(),
            Self::Complaint => COMPLAINT.to_owned(),
            Self::Named => NAMED.to_owned(),
            Self::NamedAgain => format!("{NAMED}, the fool"),
            Self::Cry => CRY.to_owned(),
            Self::CryAndNumber => format!("{CRY}, {NUMBER}"),
            Self::CryAndComplaint => format!("{CRY}, {COMPLAINT}"),
            Self::Threat => THREAT.to_owned(),
            Self::Number => NUMBER.to_owned(),
            Self::Closed => CLOSED.to_owned(),
        }
    }

    pub(super) fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|words| words.text() == text)
    }

    /// The strongest act that anybody may do for it.
    pub(super) fn most(self, better_rules: bool) -> Option<Act> {
        match self {
            Self::Complaint | Self::Threat | Self::Number => Some(Act::Delete),
            Self::Named | Self::NamedAgain | Self::CryAndNumber => Some(Act::Hide),
            Self::Closed if better_rules => Some(Act::Delete),
            Self::Kind | Self::Cry | Self::CryAndComplaint | Self::Closed => None,
        }
    }

    /// Whether somebody is told at once.
    pub(super) fn alarms(self) -> bool {
        matches!(self, Self::Cry | Self::CryAndNumber | Self::CryAndComplaint | Self::Threat | Self::Number)
    }
}
