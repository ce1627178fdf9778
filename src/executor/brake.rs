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
    /// Fixed replies; above it, answering is left to people. Set in section `[replies]`.
    pub replies_per_day: Option<NonZeroU32>,
}

impl Default for Brake {
    fn default() -> Self {
        Self {
            hides_per_day: NonZeroU32::new(40),
            deletes_per_day: NonZeroU32::new(20),
            young_days: NonZeroU32::new(7),
            young_hides_per_day: NonZeroU32::new(5),
            replies_per_day: NonZeroU32::new(10),
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
            Act::Reply if room(self.replies_per_day, today.replies) => Braked::Free(Act::Reply),
            Act::Delete | Act::Hide | Act::Reply => Braked::ToEscalate,
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
    use crate::store::Ground;

    #[track_caller]
    fn check(wish: Act, hides: u32, deletes: u32, want: Braked) {
        assert_eq!(Brake::default().allow(wish, Today { hides, deletes, replies: 0 }), want);
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
        let today = Today { hides: u32::MAX, deletes: u32::MAX, replies: 0 };
        assert_eq!(brake.allow(Act::Delete, today), Braked::Free(Act::Delete));
        assert_eq!(brake.allow(Act::Hide, today), Braked::Free(Act::Hide));
    }

    fn at(day: i64) -> Timestamp {
        crate::store::tests::at(day * 24 * 60)
    }

    /// A verdict of day 20 that rests on these: entry, action, since when it hid, since when it deleted.
    fn claim(grounds: &[(&str, Action, Option<i64>, Option<i64>)]) -> Claim {
        let ground = |(entry, action, hides, deletes): &(&str, Action, Option<i64>, Option<i64>)| Ground {
            entry: (*entry).to_owned(),
            action: *action,
            hides_since: hides.map(at),
            deletes_since: deletes.map(at),
        };
        Claim {
            grounds: grounds.iter().map(ground).collect(),
            made: at(20),
            ..super::super::plan::tests::claim(Act::Delete)
        }
    }

    #[test]
    fn only_an_old_rule_deletes() {
        let held = |grounds: &[(&str, Action, Option<i64>, Option<i64>)]| {
            let claim = claim(grounds);
            Brake::default().too_young_to_delete(&claim).map(|(entry, _)| entry.to_owned())
        };
        let young = ("young", Action::Delete, Some(19), Some(19));
        assert_eq!(held(&[young]).as_deref(), Some("young"));
        assert_eq!(
            held(&[("a", Action::Hide, None, None), young]).as_deref(),
            Some("young"),
            "an old hide is no delete"
        );
        assert_eq!(held(&[("a", Action::Delete, None, Some(14)), young]).as_deref(), Some("a"), "the policy is young");
        assert_eq!(held(&[young, ("old", Action::Delete, None, None)]), None);
        assert_eq!(held(&[("week", Action::Delete, Some(13), Some(13))]), None, "seven days are enough");
        assert_eq!(held(&[]), None);
        let boundless = Brake { young_days: None, ..Brake::default() };
        assert_eq!(boundless.too_young_to_delete(&claim(&[young])), None);
    }

    #[test]
    fn a_young_rule_hides_a_few_a_day_and_an_old_one_beside_it_makes_it_free() {
        let check = |grounds: &[(&str, Action, Option<i64>, Option<i64>)], charged: &[(&str, u32)], want: &str| {
            let charged: Vec<(String, u32)> = charged.iter().map(|(name, used)| ((*name).to_owned(), *used)).collect();
            let got = match Brake::default().young_hide(Act::Hide, &claim(grounds), &charged) {
                Young::Free => "free".to_owned(),
                Young::Charged(entry) => entry,
                Young::Spent { entry, .. } => format!("spent {entry}"),
            };
            assert_eq!(got, want, "{grounds:?} after {charged:?}");
        };
        let (a, b) = (("a", Action::Hide, Some(18), Some(18)), ("b", Action::Delete, Some(15), Some(19)));
        check(&[a], &[], "a");
        check(&[a], &[("a", 4), ("b", 9)], "a");
        check(&[a], &[("a", 5)], "spent a");
        check(&[a, b], &[("a", 5)], "b");
        check(&[a, b], &[("a", 5), ("b", 5)], "spent a");
        check(&[a, ("old", Action::Hide, None, None)], &[("a", 5)], "free");
        check(&[a, ("old", Action::Delete, Some(1), Some(19))], &[("a", 5)], "free");
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
            let today = Today { hides: done.0, deletes: done.1, replies: 0 };
            prop_assert!(brake.allow(Act::Hide, today) != Braked::Free(Act::Delete));
            prop_assert!(brake.allow(Act::Hide, today) != Braked::ToHide);
        }
    }
}
