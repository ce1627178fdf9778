//! How long somebody waits who gets a password wrong again and again. In: names and times. Out: a wait. Pure; it knows no
//! passwords and forgets with the process.
//!
//! Waits are counted by name, not by address: behind a proxy everybody comes from the same one. Whoever is signed in
//! already is not bothered by what others try under their name.

use std::collections::HashMap;

use crate::clock::{SignedDuration, Timestamp};

/// So many mistakes are free.
const FREE: u32 = 5;
/// The wait after the next one; it doubles with each.
const FIRST_WAIT_S: i64 = 30;
/// No wait is longer.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);
/// After so long without another mistake all are forgiven.
const FORGIVEN: SignedDuration = SignedDuration::from_hours(1);
/// So many names are remembered: whoever makes names up must not fill the memory.
const MOST_NAMES: usize = 1_000;

/// Mistakes by name.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    mistakes: HashMap<String, Mistakes>,
}

#[derive(Clone, Copy, Debug)]
struct Mistakes {
    count: u32,
    last: Timestamp,
}

impl Mistakes {
    fn until(self) -> Option<Timestamp> {
        let over = self.count.checked_sub(FREE)?;
        let wait = SignedDuration::from_secs(FIRST_WAIT_S << over.min(10)).min(LONGEST);
        self.last.checked_add(wait).ok()
    }

    fn is_forgiven(self, now: Timestamp) -> bool {
        // A clock that went back must not keep anybody out for longer than it would have.
        let since = now.duration_since(self.last);
        since >= FORGIVEN || since < SignedDuration::ZERO
    }
}

impl Throttle {
    /// How long this name has to wait before another attempt.
    pub(super) fn wait(&self, name: &str, now: Timestamp) -> Option<SignedDuration> {
        let mistakes = self.mistakes.get(name).filter(|mistakes| !mistakes.is_forgiven(now))?;
        let wait = mistakes.until()?.duration_since(now);
        (wait > SignedDuration::ZERO).then_some(wait)
    }

    /// An attempt with this name begins: it counts as a mistake until it has succeeded, so that many at once do not all
    /// slip through.
    pub(super) fn attempt(&mut self, name: &str, now: Timestamp) {
        if self.mistakes.len() >= MOST_NAMES {
            self.forget(now);
        }
        let mistakes = self.mistakes.entry(name.to_owned()).or_insert(Mistakes { count: 0, last: now });
        if mistakes.is_forgiven(now) {
            mistakes.count = 0;
        }
        *mistakes = Mistakes { count: mistakes.count.saturating_add(1), last: now };
    }

    /// The attempt succeeded.
    pub(super) fn succeeded(&mut self, name: &str) {
        self.mistakes.remove(name);
    }

    /// What is forgiven goes; if that is not enough, whoever made the fewest mistakes.
    fn forget(&mut self, now: Timestamp) {
        self.mistakes.retain(|_, mistakes| !mistakes.is_forgiven(now));
        if self.mistakes.len() >= MOST_NAMES {
            self.mistakes.retain(|_, mistakes| mistakes.count > 1);
        }
        if self.mistakes.len() >= MOST_NAMES {
            self.mistakes.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_000_000 + seconds)
    }

    fn after(mistakes: u32) -> Throttle {
        let mut throttle = Throttle::default();
        for _ in 0..mistakes {
            throttle.attempt("pat", at(0));
        }
        throttle
    }

    #[track_caller]
    fn check(mistakes: u32, seconds: i64, want: Option<i64>) {
        let wait = after(mistakes).wait("pat", at(seconds));
        assert_eq!(wait.map(|wait| wait.as_secs()), want, "{mistakes} mistakes, {seconds} s later");
    }

    #[test]
    fn waits_begin_after_a_few_mistakes_and_double_to_a_quarter_of_an_hour() {
        check(0, 0, None);
        check(4, 0, None);
        check(5, 0, Some(30));
        check(5, 29, Some(1));
        check(5, 30, None);
        check(6, 0, Some(60));
        check(9, 0, Some(480));
        check(10, 0, Some(900));
        check(u32::from(u8::MAX), 0, Some(900));
    }

    #[test]
    fn an_hour_forgives_and_so_does_the_right_password() {
        check(20, 3_600, None);
        let mut throttle = after(20);
        throttle.attempt("pat", at(3_600));
        assert_eq!(throttle.wait("pat", at(3_600)), None, "the count begins anew");
        let mut throttle = after(20);
        throttle.succeeded("pat");
        assert_eq!(throttle.wait("pat", at(0)), None);
    }

    #[test]
    fn one_name_does_not_pay_for_another_and_a_clock_that_went_back_locks_nobody_out() {
        assert_eq!(after(20).wait("sam", at(0)), None);
        check(20, -90_000, None);
    }

    #[test]
    fn names_that_are_made_up_do_not_fill_the_memory_and_free_nobody_who_is_throttled() {
        let mut throttle = after(7);
        for name in 0..5_000 {
            throttle.attempt(&name.to_string(), at(1));
        }
        assert!(throttle.mistakes.len() <= MOST_NAMES);
        assert!(throttle.wait("pat", at(1)).is_some());
    }
}
