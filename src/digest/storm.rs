//! When alerts come thick and fast: a storm of one kind within minutes is told in one message now and then instead of one
//! for each comment. Pure. In: what was told lately, of which kind. Out: until when the next of that kind wait for each
//! other. A sign of harm waits for nobody. Not here: wording, sending, quiet hours.

use super::view::Urgency;
use crate::clock::{SignedDuration, Timestamp};

/// So far back is looked for a storm.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// So many of one kind within [`WINDOW`] are a storm.
const STORM: usize = 5;

/// In a storm, one message in so long a time.
const GATHER: SignedDuration = SignedDuration::from_mins(5);

/// What becomes of the first telling of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing unusual: it is told like any other.
    Now,
    /// There is a storm, and it is time for the next message about all that gathered.
    Together,
    /// There is a storm, and it gathers until then.
    At(Timestamp),
}

/// Whether an incident of this kind is told now; `told`: when which kinds were told for the first time within [`WINDOW`].
pub fn turn(kind: Urgency, told: &[(Timestamp, Urgency)], now: Timestamp) -> Turn {
    let of_kind = || told.iter().filter(|(at, other)| *other == kind && now.duration_since(*at) <= WINDOW);
    if kind == Urgency::Safeguarding || of_kind().count() < STORM {
        return Turn::Now;
    }
    let last = of_kind().map(|(at, _)| *at).max().unwrap_or(now);
    match last.checked_add(GATHER) {
        // A clock that went back must not hold anything for longer than a message's time.
        Ok(next) if next > now && last <= now => Turn::At(next),
        _ => Turn::Together,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        "2026-11-20T09:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_mins(minutes)
    }

    #[track_caller]
    fn check(kind: Urgency, told: &[i64], now: i64, want: Turn) {
        let told: Vec<(Timestamp, Urgency)> = told.iter().map(|minutes| (at(*minutes), Urgency::Threat)).collect();
        assert_eq!(turn(kind, &told, at(now)), want);
    }

    #[test]
    fn the_first_of_a_kind_are_told_at_once_and_a_storm_of_them_together_every_few_minutes() {
        check(Urgency::Threat, &[], 0, Turn::Now);
        check(Urgency::Threat, &[0, 1, 2, 3], 4, Turn::Now);
        check(Urgency::Threat, &[0, 1, 2, 3, 4], 5, Turn::At(at(9)));
        check(Urgency::Threat, &[0, 1, 2, 3, 4], 9, Turn::Together);
        check(Urgency::Threat, &[0, 0, 0, 0, 0], 16, Turn::Now);
    }

    #[test]
    fn other_kinds_and_signs_of_harm_wait_for_nobody() {
        check(Urgency::Defamation, &[0, 1, 2, 3, 4], 5, Turn::Now);
        let told = vec![(at(0), Urgency::Safeguarding); 50];
        assert_eq!(turn(Urgency::Safeguarding, &told, at(0)), Turn::Now);
    }

    #[test]
    fn a_clock_that_went_back_holds_nothing() {
        check(Urgency::Threat, &[60, 60, 60, 60, 60], 5, Turn::Together);
    }
}
