//! The brake: how much may be hidden and deleted on one page in one local day before people look, and how little on the
//! word of rules that are young. Pure. In: the limits, what was written today, since when a verdict's reasons have been
//! able to do what they ask for. Out: the act that is still allowed. Not here: counting, remembering, and the notice.

use std::num::NonZeroU32;

use serde::Deserialize;

use crate::clock::{SignedDuration, Timestamp};
use crate::policy::Action;
use crate::store::{Act, Claim, Today};

/// Limits for each page and local day, and for young rules; `None` is no limit, said out loud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Brake {
    /// Hides; above it, what would be hidden is escalated.
    pub hides_per_day: Option<NonZeroU32>,
    /// Deletes; above it, what would be deleted is hidden.
    pub deletes_per_day: Option<NonZeroU32>,
    /// Days for which a rule that is new or was changed is young: what only young rules would delete is hidden. With
    /// `None` no rule is young.
    pub young_days: Option<NonZeroU32>,
    /// Hides a day, on all pages, on the word of one young rule alone; above it, what would be hidden is escalated.
    pub young_hides_per_day: Option<NonZeroU32>,
}

impl Default for Brake {
    fn default() -> Self {
        Self {
            hides_per_day: NonZeroU32::new(40),
            deletes_per_day: NonZeroU32::new(20),
            young_days: NonZeroU32::new(7),
            young_hides_per_day: NonZeroU32::new(5),
        }
    }
}

/// What the brake leaves of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Braked {
    /// All of it.
    Free(Act),
    /// Less: the delete becomes a hide.
    ToHide,
    /// Nothing: a human is told.
    ToEscalate,
}

/// What the age of its rules leaves of a hide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Young {
    /// All of it: an old rule calls for it too.
    Free,
    /// All of it, counted against this young entry.
    Charged(String),
    /// Nothing: the young entries that call for it, of which this is the first, have hidden enough today.
    Spent {
        /// The entry.
        entry: String,
        /// For how many days it counts as young.
        days: NonZeroU32,
    },
}

impl Brake {
    /// The first rule that calls for deleting, and for how many days it counts as young, if no old one does too. The age
    /// is that at the time of the judgement: waiting at a platform makes nothing riper.
    pub fn too_young_to_delete<'a>(&self, claim: &'a Claim) -> Option<(&'a str, NonZeroU32)> {
        let mut grounds = claim.grounds.iter().filter(|ground| ground.action >= Action::Delete);
        let first = grounds.clone().next()?;
        let days = self.young_days?;
        grounds.all(|ground| is_young(ground.deletes_since, claim.made, days)).then_some((&*first.entry, days))
    }

    /// What may be hidden after the hides of today that were `charged` to young entries.
    pub fn young_hide(&self, act: Act, claim: &Claim, charged: &[(String, u32)]) -> Young {
        let (Some(days), Some(limit), Act::Hide) = (self.young_days, self.young_hides_per_day, act) else {
            return Young::Free;
        };
        let grounds = claim.grounds.iter().filter(|ground| ground.action >= Action::Hide);
        if !grounds.clone().all(|ground| is_young(ground.hides_since, claim.made, days)) {
            return Young::Free;
        }
        let used = |entry: &str| charged.iter().find(|(name, _)| name == entry).map_or(0, |(_, used)| *used);
        match (grounds.clone().find(|ground| used(&ground.entry) < limit.get()), grounds.clone().next()) {
            (Some(ground), _) => Young::Charged(ground.entry.clone()),
            (None, Some(first)) => Young::Spent { entry: first.entry.clone(), days },
            (None, None) => Young::Free,
        }
    }

    /// What may be done after `today`'s acts. A delete that becomes a hide counts as a hide.
    pub fn allow(&self, wish: Act, today: Today) -> Braked {
        let room = |limit: Option<NonZeroU32>, used: u32| limit.is_none_or(|limit| used < limit.get());
        let may_hide = room(self.hides_per_day, today.hides);
        match wish {
            Act::Delete if room(self.deletes_per_day, today.deletes) => Braked::Free(Act::Delete),
            Act::Delete if may_hide => Braked::ToHide,
            Act::Hide if may_hide => Braked::Free(Act::Hide),
            Act::Delete | Act::Hide => Braked::ToEscalate,
            Act::Show => Braked::Free(Act::Show),
        }
    }
}

fn is_young(since: Option<Timestamp>, judged: Timestamp, days: NonZeroU32) -> bool {
    let youth = SignedDuration::from_hours(24 * i64::from(days.get()));
    since.is_some_and(|since| judged.duration_since(since) < youth)
}

/// When the local day began that `now` lies in: 23 to 25 hours long, as the clocks go.
pub fn day_start(now: Timestamp, zone: &jiff::tz::TimeZone) -> Timestamp {
    now.to_zoned(zone.clone()).start_of_day().map_or(now, |day| day.timestamp())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(wish: Act, hides: u32, deletes: u32, want: Braked) {
        assert_eq!(Brake::default().allow(wish, Today { hides, deletes }), want);
    }

    #[test]
    fn above_the_limit_a_delete_becomes_a_hide_and_a_hide_becomes_a_word_to_a_human() {
        check(Act::Delete, 0, 19, Braked::Free(Act::Delete));
        check(Act::Delete, 0, 20, Braked::ToHide);
        check(Act::Delete, 40, 20, Braked::ToEscalate);
        check(Act::Delete, 40, 19, Braked::Free(Act::Delete));
        check(Act::Hide, 39, 0, Braked::Free(Act::Hide));
        check(Act::Hide, 40, 0, Braked::ToEscalate);
    }

    #[test]
    fn no_limit_is_no_limit() {
        let brake = Brake { hides_per_day: None, deletes_per_day: None, ..Brake::default() };
        let today = Today { hides: u32::MAX, deletes: u32::MAX };
        assert_eq!(brake.allow(Act::Delete, today), Braked::Free(Act::Delete));
        assert_eq!(brake.allow(Act::Hide, today), Braked::Free(Act::Hide));
    }

    #[test]
    fn a_day_begins_at_local_midnight_on_either_side_of_a_clock_change() {
        let zone = jiff::tz::TimeZone::get("Europe/London").expect("bundled");
        for (now, want) in [
            ("2026-07-01T00:30:00Z", "2026-06-30T23:00:00Z"),
            ("2026-06-30T22:30:00Z", "2026-06-29T23:00:00Z"),
            ("2026-10-25T23:30:00Z", "2026-10-24T23:00:00Z"),
            ("2026-11-02T08:00:00Z", "2026-11-02T00:00:00Z"),
        ] {
            let now: Timestamp = now.parse().expect("a time");
            assert_eq!(day_start(now, &zone), want.parse::<Timestamp>().expect("a time"), "{now}");
        }
    }

    proptest! {
        #[test]
        fn the_brake_never_makes_an_act_stronger(
            hides in proptest::option::of(1_u32..50), deletes in proptest::option::of(1_u32..50),
            done in (0_u32..60, 0_u32..60),
        ) {
            let brake = Brake {
                hides_per_day: hides.and_then(NonZeroU32::new),
                deletes_per_day: deletes.and_then(NonZeroU32::new),
                ..Brake::default()
            };
            let today = Today { hides: done.0, deletes: done.1 };
            prop_assert!(brake.allow(Act::Hide, today) != Braked::Free(Act::Delete));
            prop_assert!(brake.allow(Act::Hide, today) != Braked::ToHide);
        }
    }
}
