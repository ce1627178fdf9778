//! SQLite: what was seen, judged, owed and done. Skeleton; to be written.

pub mod report;

/// Whether anything is done at the platforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Judges and records, touches nothing.
    Observe,
    /// Acts.
    Enforce,
}

/// What becomes of comments that are there before the first poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backlog {
    /// Remembered, not judged.
    Baseline,
    /// Judged like any other.
    Judge,
}
