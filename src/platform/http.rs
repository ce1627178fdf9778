//! Skeleton; to be written.

/// Skeleton.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Skeleton.
    #[error("the connection timed out")]
    TimedOut,
}
