//! What time it is: the system's, or a test's. In: nothing. Out: a [`Timestamp`].
//! Nobody else in the crate asks the operating system for the time; pure code gets it as an argument.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

pub use jiff::{SignedDuration, Timestamp};

/// A source of the time of day. Cloning a manual clock gives another handle on the same hands.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The operating system's clock.
    System,
    /// A clock that stands still until somebody moves it; holds milliseconds since 1970.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `now` until it is moved.
    pub fn manual(now: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(now.as_millisecond())))
    }

    /// The time now.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the operating system")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Manual(millis) => {
                Timestamp::from_millisecond(millis.load(Ordering::SeqCst)).unwrap_or(Timestamp::UNIX_EPOCH)
            }
        }
    }

    /// Waits. A manual clock moves on instead: whoever drives it wants to see what comes after the wait.
    pub async fn pause(&self, wait: std::time::Duration) {
        match self {
            Self::System => tokio::time::sleep(wait).await,
            Self::Manual(_) => self.advance(SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX)),
        }
    }

    /// Moves a manual clock; the system's clock is left alone.
    pub fn advance(&self, by: SignedDuration) {
        if let Self::Manual(millis) = self {
            millis.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    /// Sets a manual clock; the system's clock is left alone.
    pub fn set(&self, now: Timestamp) {
        if let Self::Manual(millis) = self {
            millis.store(now.as_millisecond(), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_it_is_told_to_and_takes_its_clones_along() {
        let start: Timestamp = "2026-11-02T08:00:00Z".parse().expect("a time");
        let clock = Clock::manual(start);
        let other = clock.clone();
        assert_eq!(clock.now(), start);
        clock.advance(SignedDuration::from_mins(5));
        assert_eq!(other.now(), start + SignedDuration::from_mins(5));
    }
}
