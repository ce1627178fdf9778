//! When the next digest is due, and by when an answer is: pure arithmetic on the practice's own clock and calendar.
//! In: local times, weekdays, opening hours, a time zone, a moment. Out: moments. Not here: waiting for them.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};

use crate::clock::Timestamp;

/// Bank holidays in England, substitute days included, as gov.uk publishes them.
const BANK_HOLIDAYS: [(i16, i8, i8); 32] = [
    (2025, 1, 1),
    (2025, 4, 18),
    (2025, 4, 21),
    (2025, 5, 5),
    (2025, 5, 26),
    (2025, 8, 25),
    (2025, 12, 25),
    (2025, 12, 26),
    (2026, 1, 1),
    (2026, 4, 3),
    (2026, 4, 6),
    (2026, 5, 4),
    (2026, 5, 25),
    (2026, 8, 31),
    (2026, 12, 25),
    (2026, 12, 28),
    (2027, 1, 1),
    (2027, 3, 26),
    (2027, 3, 29),
    (2027, 5, 3),
    (2027, 5, 31),
    (2027, 8, 30),
    (2027, 12, 27),
    (2027, 12, 28),
    (2028, 1, 3),
    (2028, 4, 14),
    (2028, 4, 17),
    (2028, 5, 1),
    (2028, 5, 29),
    (2028, 8, 28),
    (2028, 12, 25),
    (2028, 12, 26),
];

/// The last year whose bank holidays are known; due times that reach beyond it may be a day early.
pub const LAST_HOLIDAY_YEAR: i16 = 2028;

/// So many days before the known bank holidays end, people are told.
const WARN_DAYS: i64 = 92;

/// Whether the known bank holidays end soon, so that people can see to it before due times are wrong.
pub fn holidays_run_out(now: Timestamp, zone: &TimeZone) -> bool {
    let ahead = now.to_zoned(zone.clone()).date().checked_add(WARN_DAYS.days());
    ahead.map_or(true, |ahead| ahead.year() > LAST_HOLIDAY_YEAR)
}

/// When digests go out, in the practice's own time.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// Local times of day.
    pub times: Vec<Time>,
    /// On which weekdays; empty means every day.
    pub weekdays: Vec<Weekday>,
    /// Whose clock.
    pub zone: TimeZone,
}

impl Schedule {
    /// The first moment after `now` at which a digest is due; none if no time is set.
    ///
    /// A time that the clocks skip in spring falls an hour later; one that comes twice in autumn counts once, the first.
    pub fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        // A week holds every weekday; one day more for a time of today that has passed.
        let today = now.to_zoned(self.zone.clone()).date();
        self.moments(today, 0..=8).filter(|due| *due > now).min()
    }

    /// The last moment at or before `now` at which a digest was due; none if no time is set.
    pub fn last_at_or_before(&self, now: Timestamp) -> Option<Timestamp> {
        let today = now.to_zoned(self.zone.clone()).date();
        self.moments(today, -8..=0).filter(|due| *due <= now).max()
    }

    fn moments(&self, today: Date, days: std::ops::RangeInclusive<i64>) -> impl Iterator<Item = Timestamp> + '_ {
        days.filter_map(move |ahead| today.checked_add(Span::new().try_days(ahead).ok()?).ok())
            .filter(|date| self.weekdays.is_empty() || self.weekdays.contains(&date.weekday()))
            .flat_map(move |date| self.times.iter().filter_map(move |time| moment(date, *time, &self.zone)))
    }
}

/// When the practice answers: the opening hours of its business days, Monday to Friday without bank holidays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// Local opening time.
    pub opens: Time,
    /// Local closing time.
    pub closes: Time,
}

/// A moment by which something is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueTime {
    /// The moment.
    pub at: Timestamp,
    /// Whether the bank holidays up to it are known; if not, it may be a day early.
    pub holidays_known: bool,
}

impl Hours {
    /// Closing time of the `days`th business day after the day on which something came in.
    ///
    /// The day it came in does not count, whatever the hour: the reading under which nothing is ever late.
    pub fn due(&self, received: Timestamp, days: u8, zone: &TimeZone) -> DueTime {
        let mut date = received.to_zoned(zone.clone()).date();
        let mut left = days;
        while left > 0 {
            let Ok(tomorrow) = date.tomorrow() else { break };
            date = tomorrow;
            left -= u8::from(is_business_day(date));
        }
        let at = moment(date, self.closes, zone).unwrap_or(received);
        DueTime { at, holidays_known: date.year() <= LAST_HOLIDAY_YEAR }
    }

    /// Whether somebody is there to answer.
    pub fn is_open(&self, now: Timestamp, zone: &TimeZone) -> bool {
        let local = now.to_zoned(zone.clone());
        is_business_day(local.date()) && (self.opens..self.closes).contains(&local.time())
    }

    /// `now` if the practice is open, else when it opens next.
    pub fn next_open(&self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        if self.is_open(now, zone) {
            return now;
        }
        let today = now.to_zoned(zone.clone()).date();
        (0..=14)
            .filter_map(|ahead: i64| today.checked_add(ahead.days()).ok())
            .filter(|date| is_business_day(*date))
            .filter_map(|date| moment(date, self.opens, zone))
            .find(|opening| *opening > now)
            .unwrap_or(now)
    }
}

/// Monday to Friday, and no bank holiday in England as far as they are known.
pub fn is_business_day(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_bank_holiday(date)
}

/// A bank holiday in England, as far as they are known (see [`LAST_HOLIDAY_YEAR`]).
pub fn is_bank_holiday(date: Date) -> bool {
    BANK_HOLIDAYS.contains(&(date.year(), date.month(), date.day()))
}

fn moment(date: Date, time: Time, zone: &TimeZone) -> Option<Timestamp> {
    date.to_datetime(time).to_zoned(zone.clone()).ok().map(|local| local.timestamp())
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    fn london() -> TimeZone {
        TimeZone::get("Europe/London").expect("bundled")
    }

    fn at(moment: &str) -> Timestamp {
        moment.parse().expect("a time")
    }

    #[track_caller]
    fn check_next(times: &[Time], weekdays: &[Weekday], now: &str, want: Option<&str>) {
        let schedule = Schedule { times: times.to_vec(), weekdays: weekdays.to_vec(), zone: london() };
        assert_eq!(schedule.next_after(at(now)), want.map(at));
    }

    #[test]
    fn the_next_digest_is_at_the_next_local_time_of_an_allowed_day() {
        let (morning, afternoon) = (time(7, 30, 0, 0), time(16, 0, 0, 0));
        check_next(&[morning], &[], "2026-11-22T06:00:00Z", Some("2026-11-22T07:30:00Z"));
        check_next(&[morning], &[], "2026-11-22T07:30:00Z", Some("2026-11-23T07:30:00Z"));
        check_next(&[afternoon, morning], &[], "2026-11-22T08:00:00Z", Some("2026-11-22T16:00:00Z"));
        check_next(&[morning], &[Weekday::Friday], "2026-11-20T09:00:00Z", Some("2026-11-27T07:30:00Z"));
        check_next(&[], &[], "2026-11-22T06:00:00Z", None);
    }

    #[test]
    fn the_next_digest_follows_the_clocks_when_they_change() {
        check_next(&[time(7, 30, 0, 0)], &[], "2026-10-24T12:00:00Z", Some("2026-10-25T07:30:00Z"));
        check_next(&[time(7, 30, 0, 0)], &[], "2026-07-01T00:00:00Z", Some("2026-07-01T06:30:00Z"));
        // 01:30 does not exist on 29 March 2026, and exists twice on 25 October.
        check_next(&[time(1, 30, 0, 0)], &[], "2026-03-28T12:00:00Z", Some("2026-03-29T01:30:00Z"));
        check_next(&[time(1, 30, 0, 0)], &[], "2026-10-24T12:00:00Z", Some("2026-10-25T00:30:00Z"));
        check_next(&[time(1, 30, 0, 0)], &[], "2026-10-25T00:30:00Z", Some("2026-10-26T01:30:00Z"));
    }

    #[test]
    fn the_last_digest_due_is_found_after_a_long_sleep() {
        let schedule = Schedule { times: vec![time(7, 30, 0, 0)], weekdays: vec![Weekday::Monday], zone: london() };
        assert_eq!(schedule.last_at_or_before(at("2026-11-22T12:00:00Z")), Some(at("2026-11-16T07:30:00Z")));
        assert_eq!(schedule.last_at_or_before(at("2026-11-16T07:30:00Z")), Some(at("2026-11-16T07:30:00Z")));
    }

    #[track_caller]
    fn check_due(received: &str, want: &str, known: bool) {
        let hours = Hours { opens: time(8, 0, 0, 0), closes: time(18, 30, 0, 0) };
        assert_eq!(hours.due(at(received), 3, &london()), DueTime { at: at(want), holidays_known: known });
    }

    #[test]
    fn three_business_days_skip_weekends_and_bank_holidays_and_follow_the_clocks() {
        check_due("2026-11-16T10:00:00Z", "2026-11-19T18:30:00Z", true);
        check_due("2026-11-19T23:50:00Z", "2026-11-24T18:30:00Z", true);
        check_due("2026-11-21T12:00:00Z", "2026-11-25T18:30:00Z", true);
        check_due("2026-12-23T12:00:00Z", "2026-12-30T18:30:00Z", true);
        check_due("2026-03-27T12:00:00Z", "2026-04-01T17:30:00Z", true);
        // Half past eleven at night UTC in summer is already tomorrow in London.
        check_due("2026-07-06T23:30:00Z", "2026-07-10T17:30:00Z", true);
        check_due("2028-12-28T12:00:00Z", "2029-01-02T18:30:00Z", false);
    }

    #[test]
    fn the_practice_is_open_in_its_hours_on_business_days_only() {
        let hours = Hours { opens: time(8, 0, 0, 0), closes: time(18, 30, 0, 0) };
        let zone = london();
        assert!(hours.is_open(at("2026-11-20T08:00:00Z"), &zone));
        assert!(!hours.is_open(at("2026-11-20T18:30:00Z"), &zone));
        assert!(!hours.is_open(at("2026-12-28T10:00:00Z"), &zone));
        assert_eq!(hours.next_open(at("2026-12-24T19:00:00Z"), &zone), at("2026-12-29T08:00:00Z"));
        assert_eq!(hours.next_open(at("2026-11-20T07:00:00Z"), &zone), at("2026-11-20T08:00:00Z"));
    }

    #[test]
    fn people_hear_three_months_ahead_that_bank_holidays_run_out() {
        assert!(!holidays_run_out(at("2028-09-30T12:00:00Z"), &london()));
        assert!(holidays_run_out(at("2028-10-01T12:00:00Z"), &london()));
        assert!(holidays_run_out(at("2031-01-01T12:00:00Z"), &london()));
    }

    /// A second bookkeeper: the holidays from their rules instead of from the table.
    #[test]
    fn the_table_of_bank_holidays_agrees_with_the_rules_they_follow() {
        for year in 2025..=LAST_HOLIDAY_YEAR {
            let easter = easter_sunday(year);
            let mut want = vec![
                easter.checked_sub(2.days()).expect("a date"),
                easter.tomorrow().expect("a date"),
                date(year, 5, 1).nth_weekday_of_month(1, Weekday::Monday).expect("a date"),
                date(year, 5, 1).nth_weekday_of_month(-1, Weekday::Monday).expect("a date"),
                date(year, 8, 1).nth_weekday_of_month(-1, Weekday::Monday).expect("a date"),
            ];
            for fixed in [date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)] {
                let mut day = fixed;
                while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) || want.contains(&day) {
                    day = day.tomorrow().expect("a date");
                }
                want.push(day);
            }
            want.sort_unstable();
            let got: Vec<Date> =
                BANK_HOLIDAYS.iter().filter(|day| day.0 == year).map(|day| date(day.0, day.1, day.2)).collect();
            assert_eq!(got, want, "{year}");
        }
    }

    /// Meeus's Gregorian rule, with his letters.
    #[expect(clippy::many_single_char_names, reason = "the rule is known by them")]
    fn easter_sunday(year: i16) -> Date {
        let year = i32::from(year);
        let (a, b, c) = (year % 19, year / 100, year % 100);
        let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
        let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
        let n = h + l - 7 * ((a + 11 * h + 22 * l) / 451) + 114;
        date(year as i16, (n / 31) as i8, (n % 31 + 1) as i8)
    }
}
