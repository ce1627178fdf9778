//! Lexicon files and the staff list, read into terms; every mistake with file, line and help.
//! The categories of everything Chaperone says stand here. Not here: looking for anything in a text.

pub mod complaint;
pub mod file;
pub mod phrase;
pub mod staff;
pub mod table;

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a comment can be. The ids are the vocabulary of lexicon files, policies, decisions, digest and database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Tries to make, change or cancel an appointment or order a prescription in a comment.
    AppointmentRequest,
    /// A grievance.
    Complaint,
    /// An allegation of fact that would harm a reputation.
    Defamation,
    /// Scams, spam, phishing, sale of medicines.
    Fraud,
    /// Insults, bullying, pile-ons.
    Harassment,
    /// Racist, derogatory or stigmatising about people for what they are.
    Hate,
    /// The author's own or a relative's clinical details.
    MedicalInformation,
    /// False health or practice claims stated as fact.
    Misinformation,
    /// Profanity and sexual language.
    Obscenity,
    /// Identifies a private individual.
    PatientIdentified,
    /// Asks the practice something.
    Question,
    /// Photographs or recordings made in the practice.
    Recording,
    /// Feedback without grievance.
    Review,
    /// Any sign of harm to self or another.
    Safeguarding,
    /// A member of staff presenting as one.
    StaffConduct,
    /// Names or singles out a member of staff.
    StaffIdentified,
    /// Intent or wish to do harm.
    Threat,
}

impl Category {
    /// Every category, in alphabetical order of id.
    pub const ALL: [Self; 17] = [
        Self::AppointmentRequest,
        Self::Complaint,
        Self::Defamation,
        Self::Fraud,
        Self::Harassment,
        Self::Hate,
        Self::MedicalInformation,
        Self::Misinformation,
        Self::Obscenity,
        Self::PatientIdentified,
        Self::Question,
        Self::Recording,
        Self::Review,
        Self::Safeguarding,
        Self::StaffConduct,
        Self::StaffIdentified,
        Self::Threat,
    ];

    /// The id.
    pub fn id(self) -> &'static str {
        match self {
            Self::AppointmentRequest => "appointment-request",
            Self::Complaint => "complaint",
            Self::Defamation => "defamation",
            Self::Fraud => "fraud",
            Self::Harassment => "harassment",
            Self::Hate => "hate",
            Self::MedicalInformation => "medical-information",
            Self::Misinformation => "misinformation",
            Self::Obscenity => "obscenity",
            Self::PatientIdentified => "patient-identified",
            Self::Question => "question",
            Self::Recording => "recording",
            Self::Review => "review",
            Self::Safeguarding => "safeguarding",
            Self::StaffConduct => "staff-conduct",
            Self::StaffIdentified => "staff-identified",
            Self::Threat => "threat",
        }
    }

    /// The category with this id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.id() == id)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// A cue.
    Low,
    /// Disguised, fuzzy or partial.
    Medium,
    /// A person would not hesitate.
    High,
}

impl Certainty {
    /// The name in files and JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The certainty with this name.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High].into_iter().find(|certainty| certainty.id() == id)
    }
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
