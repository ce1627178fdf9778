//! Skeleton; being written.
use std::ops::Range;

use crate::lexicon::Certainty;

/// Skeleton.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody on the staff list.
    Staff(usize),
    /// A titled name that is not on the list.
    OtherTitled,
    /// A private person.
    Person,
}

/// Skeleton.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameHit {
    /// Word indexes.
    pub words: Range<usize>,
    /// Who.
    pub who: Who,
    /// How sure.
    pub certainty: Certainty,
    /// A typing mistake or phonetic spelling.
    pub fuzzy: bool,
}
