//! When an owed action is tried again, and when it is given up. Pure. In: tries so far, the error, the row, the time.
//! Out: a [`Next`]. Not here: trying.

use std::time::Duration;

use crate::clock::{SignedDuration, Timestamp};
use crate::platform::Error;

/// The first wait; each further one is twice as long.
const FIRST_WAIT_S: u64 = 30;

/// No wait is longer, whatever a platform asks: after six hours it may be asked again.
pub const LONGEST_WAIT: Duration = Duration::from_secs(6 * 3600);

/// After so many tries, about a day of them, a human has to do it.
pub const MOST_ATTEMPTS: u32 = 12;

/// After so many writes that were answered with success and had no effect, a human has to do it.
pub const MOST_LIES: u32 = 5;

/// A refused token is looked at again this late; people are told at once, by the poller.
const TOKEN_WAIT: Duration = Duration::from_secs(15 * 60);

/// Writes that a platform forbade as abusive stay forbidden for hours, and trying makes it longer (facebook.md section 11,
/// code 368).
const BLOCKED_WAIT: Duration = LONGEST_WAIT;

/// What follows an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Try again then.
    Again {
        /// When.
        at: Timestamp,
        /// Whether the try counts towards giving up: waiting for a platform's permission to speak does not.
        counted: bool,
        /// Nothing of the whole page is written before that.
        hold_page: bool,
    },
    /// This act is refused for good: the next smaller one may still work.
    Lower,
    /// Given up: a human has to do it.
    GiveUp,
}

/// What follows this error, after `attempts` tries with this one.
pub fn after(error: &Error, attempts: u32, row: i64, now: Timestamp) -> Next {
    let hold = |wait: Duration| Next::Again { at: later(now, wait), counted: false, hold_page: true };
    match error {
        Error::Throttled { wait, .. } => hold((*wait).max(Duration::from_secs(1))),
        Error::WritesBlocked { .. } => hold(BLOCKED_WAIT),
        Error::Token { .. } => hold(TOKEN_WAIT),
        Error::Permission { .. } | Error::Refused { .. } => Next::Lower,
        Error::NotFound { .. } | Error::TooMuch { .. } | Error::Transient { .. } => again(attempts, row, now),
    }
}

/// The next of our own tries, or none.
pub fn again(attempts: u32, row: i64, now: Timestamp) -> Next {
    if attempts >= MOST_ATTEMPTS {
        return Next::GiveUp;
    }
    Next::Again { at: later(now, own_wait(attempts, row)), counted: true, hold_page: false }
}

/// A fixed word for an error, for the store and the log.
pub fn word(error: &Error) -> &'static str {
    match error {
        Error::Throttled { .. } => "throttled",
        Error::WritesBlocked { .. } => "writes-blocked",
        Error::Token { .. } => "token",
        Error::Permission { .. } => "permission",
        Error::NotFound { .. } => "not-found",
        Error::Refused { .. } => "refused",
        Error::TooMuch { .. } => "too-much",
        Error::Transient { .. } => "transient",
    }
}

/// Our own wait after so many tries: doubling from [`FIRST_WAIT_S`], up to a tenth longer so that rows which failed
/// together do not come back together. The same row always gets the same wait.
fn own_wait(attempts: u32, row: i64) -> Duration {
    let doubled = FIRST_WAIT_S.saturating_mul(1_u64.checked_shl(attempts.saturating_sub(1)).unwrap_or(u64::MAX));
    let base_ms = Duration::from_secs(doubled).min(LONGEST_WAIT).as_millis() as u64;
    // A multiplicative hash (Knuth): neighbouring ids land far apart.
    let spread = (row as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48;
    Duration::from_millis(base_ms + base_ms / 10 * spread / 0xFFFF).min(LONGEST_WAIT)
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait.min(LONGEST_WAIT)).unwrap_or(SignedDuration::ZERO);
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::comment::{PageId, PageKey, Platform};
    use crate::platform::http::Fault;

    fn page() -> PageKey {
        PageKey { platform: Platform::Facebook, id: PageId::new("7") }
    }

    fn now() -> Timestamp {
        "2026-11-02T08:00:00Z".parse().expect("a time")
    }

    fn throttled(wait_s: u64) -> Error {
        Error::Throttled { page: page(), wait: Duration::from_secs(wait_s) }
    }

    #[track_caller]
    fn check(error: &Error, attempts: u32, want: &Next) {
        assert_eq!(&after(error, attempts, 0, now()), want, "{}", word(error));
    }

    fn held(wait_s: i64) -> Next {
        Next::Again { at: now() + SignedDuration::from_secs(wait_s), counted: false, hold_page: true }
    }

    #[test]
    fn a_platform_that_asks_for_quiet_gets_as_much_as_it_asked_for_and_no_more_than_six_hours() {
        check(&throttled(900), 1, &held(900));
        check(&throttled(900), 11, &held(900));
        check(&throttled(200_000), 1, &held(6 * 3600));
        check(&throttled(0), 1, &held(1));
    }

    #[test]
    fn a_dead_token_and_a_block_hold_the_page_and_never_use_up_tries() {
        check(&Error::Token { page: page(), code: 190, help: "" }, 40, &held(900));
        check(&Error::WritesBlocked { page: page(), code: 368 }, 40, &held(6 * 3600));
    }

    #[test]
    fn what_is_refused_for_good_goes_a_step_down_and_is_not_repeated() {
        check(&Error::Refused { page: page(), code: 100 }, 1, &Next::Lower);
        check(&Error::Permission { page: page(), code: 10, help: "" }, 1, &Next::Lower);
    }

    #[test]
    fn faults_that_may_pass_are_tried_for_about_a_day_and_then_given_up() {
        let error = Error::Transient { page: page(), source: Fault::TimedOut };
        let mut waited = SignedDuration::ZERO;
        for attempts in 1..MOST_ATTEMPTS {
            let Next::Again { at, counted, hold_page } = after(&error, attempts, 0, now()) else {
                panic!("gave up after {attempts}");
            };
            assert!(counted && !hold_page);
            waited += at.duration_since(now());
        }
        check(&error, MOST_ATTEMPTS, &Next::GiveUp);
        assert!(waited > SignedDuration::from_hours(12) && waited < SignedDuration::from_hours(36), "{waited:?}");
    }

    proptest! {
        #[test]
        fn waits_grow_and_stay_between_the_first_one_and_six_hours(attempts in 1_u32..100, row in any::<i64>()) {
            let (wait, next) = (own_wait(attempts, row), own_wait(attempts + 1, row));
            prop_assert!(wait >= Duration::from_secs(FIRST_WAIT_S) && wait <= LONGEST_WAIT);
            prop_assert!(next >= wait);
        }

        #[test]
        fn the_longer_wait_wins(wait_s in 1_u64..20_000, attempts in 1_u32..40, row in any::<i64>()) {
            let Next::Again { at, .. } = after(&throttled(wait_s), attempts, row, now()) else {
                return Err(TestCaseError::fail("gave up on a throttle"));
            };
            prop_assert!(at.duration_since(now()).as_secs() >= wait_s as i64);
        }

        #[test]
        fn a_row_gets_the_same_wait_each_time(attempts in 1_u32..40, row in any::<i64>()) {
            prop_assert_eq!(again(attempts, row, now()), again(attempts, row, now()));
        }
    }
}
