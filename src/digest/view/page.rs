//! How well a page was read, and how that is told. In: a page's coverage of a period. Out: a [`Page`]. A page that was
//! not read is never taken for a calm one. Not here: what was found on it.

use super::{Page, Reading, Words, counted};
use crate::clock::SignedDuration;
use crate::digest::mask;
use crate::store::report::{PageCoverage, Period};

/// Gaps shorter than this in sum, and made good, are listed but not made a fuss of: an alarm a day is no alarm.
const LATE: SignedDuration = SignedDuration::from_mins(60);

impl Words<'_> {
    pub(super) fn page(self, page: &PageCoverage, period: &Period) -> Page {
        let reading = reading(page, period);
        Page {
            platform: page.page.platform.name().into(),
            id: page.page.id.to_string(),
            name: page.name.as_deref().map_or_else(|| page.page.id.to_string(), mask::plain),
            reading,
            summary: self.page_summary(page, reading),
            missing: self.missing(page, period),
            help: page.down.as_ref().map(|down| down.help.clone()),
            since: page.since.map(|at| self.when(at)),
            last_ok: page.last_ok.map(|at| self.when(at)),
            new_comments: page.new_comments,
            baseline: page.baseline,
        }
    }

    fn page_summary(self, page: &PageCoverage, reading: Reading) -> String {
        let new = counted(page.new_comments, "new comment", "new comments");
        match (&page.down, reading) {
            (Some(down), _) => format!("NOT BEING READ since {}: {}", self.local(down.since), down.why),
            (None, Reading::Unread) => "NOT READ in this period".into(),
            (None, Reading::Partly) => format!("not read completely, {new}"),
            (None, Reading::Late) => format!("read from end to end, in part late, {new}"),
            (None, Reading::Whole) => format!("read from end to end, {new}"),
        }
    }

    fn missing(self, page: &PageCoverage, period: &Period) -> Vec<String> {
        let gaps = page.gaps.iter().map(|gap| {
            let (from, to) = (self.local(gap.from), self.local_near(gap.to, gap.from));
            format!("not read from {from} to {to}: {}", gap.why)
        });
        let mut missing: Vec<String> = gaps.chain(page.unread.iter().cloned()).collect();
        if page.malformed > 0 {
            let items = counted(page.malformed, "item was", "items were");
            missing.push(format!("{items} put aside as not to be understood"));
        }
        if page.polls == 0 && page.down.is_none() {
            missing.push("nobody asked for its comments; is the service running?".into());
        } else if page.failed > 0 {
            missing.push(format!("{} of {} readings failed", page.failed, page.polls));
        }
        if let Some(since) = page.since.filter(|since| *since > period.from) {
            missing.push(format!("watched only since {}", self.local(since)));
        }
        missing
    }
}

fn reading(page: &PageCoverage, period: &Period) -> Reading {
    let never_read = page.last_ok.is_none_or(|last| last < period.from) || page.polls == 0;
    let made_good = page.gaps.iter().all(|gap| page.last_ok >= Some(gap.to));
    let whole = made_good && page.unread.is_empty() && page.malformed == 0;
    let gaps = page.gaps.iter().map(|gap| gap.to.duration_since(gap.from)).sum::<SignedDuration>();
    match (page.down.is_some() || never_read, whole) {
        (true, _) => Reading::Unread,
        (false, false) => Reading::Partly,
        (false, true) if gaps >= LATE => Reading::Late,
        (false, true) => Reading::Whole,
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;
    use crate::digest::specimen;
    use crate::store::report::Gap;

    #[track_caller]
    fn check_reading(change: impl FnOnce(&mut PageCoverage, &Period), want: Reading, says: &str) {
        let period = specimen::quiet_period();
        let mut page = period.coverage[0].clone();
        change(&mut page, &period);
        let page = Words { settings: &specimen::settings() }.page(&page, &period);
        assert_eq!(page.reading, want);
        let told = format!("{}; {}", page.summary, page.missing.join("; "));
        assert!(told.contains(says), "{told}");
    }

    #[test]
    fn a_page_that_was_not_read_is_never_taken_for_a_calm_one() {
        check_reading(|_, _| {}, Reading::Whole, "read from end to end, 41 new comments");
        check_reading(|page, _| page.polls = 0, Reading::Unread, "is the service running?");
        check_reading(|page, _| page.last_ok = None, Reading::Unread, "NOT READ in this period");
        check_reading(|page, period| page.last_ok = Some(period.from - 1.minute()), Reading::Unread, "NOT READ");
        check_reading(
            |page, _| page.down = specimen::period().coverage[2].down.clone(),
            Reading::Unread,
            "NOT BEING READ since",
        );
        let short = |minutes: i64| {
            move |page: &mut PageCoverage, period: &Period| {
                let (from, to) = (period.from, period.from + minutes.minutes());
                page.gaps = vec![Gap { from, to, why: "no network".into() }];
            }
        };
        check_reading(short(59), Reading::Whole, "not read from Thu 19 Nov, 07:30 to 08:29: no network");
        check_reading(short(60), Reading::Late, "in part late");
        let to_the_end = |page: &mut PageCoverage, period: &Period| {
            page.gaps = vec![Gap { from: period.from, to: period.to, why: "no network".into() }];
        };
        check_reading(to_the_end, Reading::Partly, "not read completely");
        check_reading(|page, _| page.unread = vec!["one post".into()], Reading::Partly, "one post");
        check_reading(|page, _| page.malformed = 2, Reading::Partly, "2 items were put aside");
        // A reading that failed and was made good a minute later left nothing unread.
        check_reading(|page, _| page.failed = 1, Reading::Whole, "1 of 1440 readings failed");
        check_reading(|page, period| page.since = Some(period.from + 1.hour()), Reading::Whole, "watched only since");
    }
}
