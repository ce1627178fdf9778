//! The manager's report of a month: how many incidents of what nature, what became of them, what was disclosed and for how
//! long, how fast things went, where people spoke against the rules, what could not be read, how that compares with the
//! months before. In: [`MonthRows`]. Out: a [`Month`], as a paper to read and print, as JSON, and as CSV with one number a
//! line. Names nobody but those who decided, and quotes nobody. Pure. Not here: reading the store, sending.

mod csv;
mod paper;

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::moment;
use crate::clock::{SignedDuration, Timestamp};
use crate::digest::deliver::Paper as LetterPaper;
use crate::digest::view::category_name;
use crate::digest::{Letter, RenderError, needs_person};
use crate::lexicon::Category;
use crate::policy::Action;
use crate::store::Decision;
use crate::store::month::{Between, CaseRow, DecidedRow, EarlierRow, MonthRows, is_stronger};
use crate::store::report::OutcomeState;

/// The version of the JSON.
const SCHEMA: u32 = 1;

/// So many months are shown before the one reported.
const BACK: i32 = 5;

/// So many entries that people spoke against are shown.
const ENTRIES: usize = 15;

/// Which month, and of whom.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The practice's name.
    pub practice: String,
    /// Its policy's title.
    pub policy: String,
    /// Whose months.
    pub zone: TimeZone,
    /// The first day of the month.
    pub first: Date,
    /// When the report is made.
    pub now: Timestamp,
}

/// The first day of a month as people write it: "2026-11".
pub fn parse(text: &str) -> Option<Date> {
    let (year, month) = text.split_once('-')?;
    (year.len() == 4 && month.len() == 2).then_some(())?;
    Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()
}

impl Asked {
    /// The month's beginning and end, the end cut to now where the month is not over.
    pub fn span(&self) -> Between {
        let (from, to) = self.whole(0);
        (from, to.min(self.now.max(from)))
    }

    /// The same of the months before, the earliest first.
    pub fn earlier(&self) -> Vec<Between> {
        (1..=BACK).rev().map(|back| self.whole(back)).collect()
    }

    /// The month has not come to its end.
    pub fn is_unfinished(&self) -> bool {
        self.whole(0).1 > self.now
    }

    /// The month has not begun.
    pub fn is_to_come(&self) -> bool {
        self.whole(0).0 > self.now
    }

    /// The month before `now` that is over.
    pub fn last_month(now: Timestamp, zone: &TimeZone) -> Date {
        let first = now.to_zoned(zone.clone()).date().first_of_month();
        first.checked_sub(1.month()).unwrap_or(first)
    }

    fn month(&self, back: i32) -> Date {
        self.first.checked_sub(back.months()).unwrap_or(self.first)
    }

    fn whole(&self, back: i32) -> Between {
        let begin = |date: Date| date.to_zoned(self.zone.clone()).map_or(Timestamp::MIN, |zoned| zoned.timestamp());
        let first = self.month(back);
        (begin(first), begin(first.checked_add(1.month()).unwrap_or(first)))
    }
}

/// A month in numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Month {
    /// Version of this shape.
    pub schema: u32,
    /// The practice.
    pub practice: String,
    /// The title of its policy.
    pub policy: String,
    /// "2026-11".
    pub month: String,
    /// "November 2026".
    pub name: String,
    /// The month is not over: its numbers are those up to when the report was made.
    pub unfinished: bool,
    /// When the report was made.
    pub made: Timestamp,
    /// The same in words.
    pub made_local: String,
    /// Some of it was judged in observe mode: what would have been done was not.
    pub observed: u64,
    /// Comments judged.
    pub judged: u64,
    /// Incidents: comments that a rule had something to say about.
    pub incidents: u64,
    /// Incidents by category; one with several counts in each.
    pub by_category: Vec<Count>,
    /// Incidents by page.
    pub by_page: Vec<Count>,
    /// Incidents by week.
    pub by_week: Vec<Week>,
    /// What became of the incidents; each counts once.
    pub resolutions: Vec<Count>,
    /// What was disclosed, and what failed.
    pub breaches: Breaches,
    /// How long things took.
    pub times: Vec<Times>,
    /// This month and those before, the earliest first.
    pub trend: Vec<TrendMonth>,
    /// What people said of the rules, by category.
    pub corrections: Vec<Correction>,
    /// The same by lexicon entry: those that people spoke against.
    pub entries: Vec<Correction>,
    /// Who decided how much.
    pub people: Vec<Person>,
    /// What could be read.
    pub coverage: Vec<PageMonth>,
    /// Signs of harm, and what people did.
    pub safeguarding: Safeguarding,
    /// Requests of people about their data, erasures, letters.
    pub rounds: Vec<Count>,
}

/// A name and a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// What.
    pub name: String,
    /// How many.
    pub count: u64,
}

/// A week of the month; the first and the last may be cut by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Week {
    /// Its first day in the month: "2026-10-05".
    pub from: String,
    /// In words: "week of 5 Oct".
    pub name: String,
    /// Incidents.
    pub count: u64,
}

/// What was disclosed, and what failed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Breaches {
    /// Incidents that identified a private person.
    pub identified: u64,
    /// Of them, those that carried an identifier: an NHS number, an address, a phone number and the like.
    pub with_identifier: u64,
    /// Of those that identified somebody, how many were covered: hidden or deleted, and seen to be.
    pub covered: u64,
    /// From when the comment was written, else judged, to when it was seen to be covered, in seconds.
    pub stood: Spread,
    /// How many the report does not know to be covered.
    pub not_covered: u64,
    /// Acts that the rules or a person wanted and that could not be done.
    pub failed: u64,
    /// Acts that came out weaker than wanted.
    pub fell_short: u64,
}

/// A median, a 90th percentile, and of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// Of how many.
    pub of: u64,
    /// Half took no longer, in seconds.
    pub median_s: Option<i64>,
    /// Nine of ten took no longer, in seconds.
    pub p90_s: Option<i64>,
}

/// How long a step took.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Times {
    /// From what to what.
    pub step: String,
    /// How long.
    pub took: Spread,
}

/// A month beside others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrendMonth {
    /// "2026-11".
    pub month: String,
    /// "Nov 2026".
    pub name: String,
    /// Somebody watched by then.
    pub watched: bool,
    /// Comments judged.
    pub judged: u64,
    /// Incidents.
    pub incidents: u64,
    /// Hidden or deleted by the rules.
    pub removed: u64,
    /// Restored by people.
    pub restored: u64,
    /// Incidents by category.
    pub by_category: Vec<Count>,
}

/// What people said of the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// A category or an entry.
    pub name: String,
    /// Incidents that people decided in the month.
    pub decided: u64,
    /// Of them restored: the rules were wrong.
    pub restored: u64,
    /// Upheld: the rules were right.
    pub upheld: u64,
    /// Made stronger: the rules had not gone far enough.
    pub stronger: u64,
}

/// What one person decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Who.
    pub name: String,
    /// Upheld.
    pub upheld: u64,
    /// Restored.
    pub restored: u64,
    /// Hidden.
    pub hidden: u64,
    /// Deleted.
    pub deleted: u64,
}

/// How well a page was read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PageMonth {
    /// The page.
    pub name: String,
    /// New comments.
    pub new_comments: u64,
    /// Readings.
    pub readings: u64,
    /// Of them failed.
    pub failed: u64,
    /// Seconds of the month in which it was watched.
    pub watched_s: i64,
    /// Of them, seconds without a successful reading.
    pub blind_s: i64,
    /// Times that this happened.
    pub gaps: u64,
    /// Comments that could not be understood and were put aside.
    pub put_aside: u64,
}

/// Signs of harm.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Safeguarding {
    /// Incidents.
    pub incidents: u64,
    /// Of them, people were told of.
    pub told: u64,
    /// A person took in hand or decided.
    pub attended: u64,
    /// From when it was judged to a person's word.
    pub took: Spread,
    /// Numbers of those that nobody has had a word on.
    pub open: Vec<i64>,
}

impl Month {
    /// A month added up.
    pub fn of(rows: &MonthRows, asked: &Asked) -> Self {
        let cases = &rows.cases;
        Self {
            schema: SCHEMA,
            practice: asked.practice.clone(),
            policy: asked.policy.clone(),
            month: asked.first.strftime("%Y-%m").to_string(),
            name: asked.first.strftime("%B %Y").to_string(),
            unfinished: asked.is_unfinished(),
            made: asked.now,
            made_local: moment(asked.now, &asked.zone),
            observed: counted(cases, |case| case.observed),
            judged: rows.judged,
            incidents: cases.len() as u64,
            by_category: by_category(cases),
            by_page: by_page(rows),
            by_week: by_week(cases, asked),
            resolutions: resolutions(cases),
            breaches: breaches(cases),
            times: times(cases),
            trend: trend(rows, asked),
            corrections: corrections(&rows.decided),
            entries: entries(rows),
            people: people(&rows.decided),
            coverage: page_months(rows, asked),
            safeguarding: safeguarding(cases),
            rounds: vec![
                one("Digests sent", rows.digests),
                one("Messages that told people at once, reminders included", rows.alerts_sent),
                one("People given what is kept of them", rows.exports),
                one("Erasures at a person's wish", rows.wishes),
                one("Comments erased at a person's wish", rows.erased_by_wish),
                one("Comments erased because their term was over", rows.erased_by_term),
                one("Case packs made", rows.cases_exported),
            ],
        }
    }
}

impl Month {
    /// The report as a letter: what matters in its subject, the whole in its body and enclosed.
    pub fn letter(&self) -> Result<Letter, RenderError> {
        let subject = format!("{}: report of {}", self.practice, self.name);
        let (paper, stem) = (self.paper(), format!("report-{}", self.month));
        let paper = LetterPaper { subject, text: paper.to_text(), html: paper.to_html()?, csv: self.to_csv(), stem };
        Ok(Letter::paper(paper, self.made))
    }
}

fn one(name: impl Into<String>, count: u64) -> Count {
    Count { name: name.into(), count }
}

fn counted<T>(all: &[T], which: impl Fn(&T) -> bool) -> u64 {
    all.iter().filter(|one| which(one)).count() as u64
}

/// Most first; none of what did not come up.
fn by_category(cases: &[CaseRow]) -> Vec<Count> {
    let mut counts: Vec<Count> = Category::ALL
        .into_iter()
        .map(|category| one(category_name(category), counted(cases, |case| case.categories.contains(&category))))
        .filter(|count| count.count > 0)
        .collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.count));
    let wordless = counted(cases, |case| case.categories.is_empty());
    counts.extend((wordless > 0).then(|| one("something without words", wordless)));
    counts
}

fn by_page(rows: &MonthRows) -> Vec<Count> {
    let count = |page: &crate::store::report::PageCoverage| {
        one(page_name(page), counted(&rows.cases, |case| case.page == page.page))
    };
    rows.coverage.iter().map(count).collect()
}

fn page_name(page: &crate::store::report::PageCoverage) -> String {
    let name = page.name.as_deref().map_or_else(|| page.page.id.to_string(), crate::digest::mask::plain);
    format!("{}, {name}", page.page.platform.name())
}

/// Weeks begin on Mondays; the first and last may be cut by the month.
fn by_week(cases: &[CaseRow], asked: &Asked) -> Vec<Week> {
    let monday = |date: Date| {
        let back = i64::from(date.weekday().to_monday_zero_offset());
        date.checked_sub(back.days()).unwrap_or(date)
    };
    let mut weeks: BTreeMap<Date, u64> = BTreeMap::new();
    let mut day = monday(asked.first);
    while day <= asked.first.last_of_month() {
        weeks.insert(day, 0);
        let Ok(next) = day.checked_add(1.week()) else { break };
        day = next;
    }
    for case in cases {
        *weeks.entry(monday(case.judged.to_zoned(asked.zone.clone()).date())).or_default() += 1;
    }
    let week = |(monday, count): (Date, u64)| {
        let from = monday.max(asked.first);
        Week { from: from.to_string(), name: format!("week of {}", from.strftime("%-d %b")), count }
    };
    weeks.into_iter().map(week).collect()
}

/// What became of an incident in the end: a person's last word, else what was done.
fn resolution(case: &CaseRow) -> &'static str {
    match case.decision {
        Some(_) if case.decision_failed => return "could not be done as a person decided",
        Some(Decision::Restore) => return "restored by a person",
        Some(Decision::Delete) => return "deleted by a person",
        Some(Decision::Hide) => return "hidden by a person",
        _ => {}
    }
    match (case.state, case.achieved) {
        (OutcomeState::Dead, _) => "could not be done by the program",
        (OutcomeState::Due, _) => "still to be done",
        (OutcomeState::Observed, _) if case.intended == Action::Delete => "observed: would have been deleted",
        (OutcomeState::Observed, _) => "observed: would have been hidden",
        (OutcomeState::Done, Some(Action::Delete)) => "deleted",
        (OutcomeState::Done, Some(Action::Hide)) => "hidden",
        (OutcomeState::Already, _) => "gone or hidden already",
        (OutcomeState::Nothing, _) if case.intended >= Action::Hide => "withdrawn: its author changed it meanwhile",
        _ if case.intended == Action::Allow => "left up: a rule allows it",
        _ if case.attended.is_some() => "left up: a person has looked at it",
        _ => "left up: waits for a person",
    }
}

fn resolutions(cases: &[CaseRow]) -> Vec<Count> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for case in cases {
        *counts.entry(resolution(case)).or_default() += 1;
    }
    let mut counts: Vec<Count> = counts.into_iter().map(|(name, count)| one(name, count)).collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.count));
    counts
}

/// When it was seen to be out of public sight.
fn covered(case: &CaseRow) -> Option<Timestamp> {
    let by_rules = case.verified.filter(|_| case.achieved >= Some(Action::Hide));
    by_rules.or(case.covered_by_person)
}

fn breaches(cases: &[CaseRow]) -> Breaches {
    let identified: Vec<&CaseRow> =
        cases.iter().filter(|case| case.categories.contains(&Category::PatientIdentified)).collect();
    let stood =
        identified.iter().filter_map(|case| Some(covered(case)?.duration_since(case.written.unwrap_or(case.judged))));
    // What was gone or hidden already was covered by somebody, nobody knows when.
    let is_covered = |case: &CaseRow| covered(case).is_some() || case.state == OutcomeState::Already;
    let covered = identified.iter().filter(|case| is_covered(case)).count() as u64;
    Breaches {
        identified: identified.len() as u64,
        with_identifier: identified.iter().filter(|case| case.identifier).count() as u64,
        covered,
        stood: Spread::of(stood),
        not_covered: identified.len() as u64 - covered,
        failed: counted(cases, |case| case.state == OutcomeState::Dead || case.decision_failed),
        fell_short: counted(cases, |case| {
            case.state == OutcomeState::Done && case.achieved.is_some_and(|achieved| achieved < case.intended)
        }),
    }
}

impl Spread {
    /// Of durations in any order; one that a clock made negative counts as none.
    pub fn of(durations: impl Iterator<Item = SignedDuration>) -> Self {
        let mut seconds: Vec<i64> = durations.map(|one| one.as_secs().max(0)).collect();
        seconds.sort_unstable();
        // The nearest rank: a value that really occurred.
        let rank = |share: usize| {
            let place = (seconds.len() * share).div_ceil(100).max(1);
            seconds.get(place - 1).copied()
        };
        Self { of: seconds.len() as u64, median_s: rank(50), p90_s: rank(90) }
    }
}

fn times(cases: &[CaseRow]) -> Vec<Times> {
    let step = |name: &str, from: fn(&CaseRow) -> Option<Timestamp>, to: fn(&CaseRow) -> Option<Timestamp>| {
        let took = cases.iter().filter_map(|case| Some(to(case)?.duration_since(from(case)?)));
        Times { step: name.to_owned(), took: Spread::of(took) }
    };
    let waits =
        |case: &CaseRow| needs_person(case.intended, case.urgent, case.state, &case.categories).then_some(case.judged);
    vec![
        step("from written to judged", |case| case.written, |case| Some(case.judged)),
        step("from judged to done at the platform", |case| Some(case.judged), |case| case.acted),
        step("from done to seen to be done", |case| case.acted, |case| case.verified),
        step("from written to seen to be done", |case| case.written, |case| case.verified),
        step("from needing a person to a person's word", waits, |case| case.attended),
    ]
}

fn trend(rows: &MonthRows, asked: &Asked) -> Vec<TrendMonth> {
    let named =
        |back: i32| (asked.month(back).strftime("%Y-%m").to_string(), asked.month(back).strftime("%b %Y").to_string());
    let earlier = rows.earlier.iter().zip((1..=BACK).rev()).map(|(row, back): (&EarlierRow, i32)| {
        let (month, name) = named(back);
        let by_category =
            row.by_category.iter().map(|(category, count)| one(category_name(*category), *count)).collect();
        TrendMonth {
            month,
            name,
            watched: row.watched,
            judged: row.judged,
            incidents: row.incidents,
            removed: row.removed,
            restored: row.restored,
            by_category,
        }
    });
    let (month, name) = named(0);
    let removed = |case: &CaseRow| {
        let done = matches!(case.achieved, Some(Action::Hide | Action::Delete)) && case.intended >= Action::Hide;
        case.state == OutcomeState::Observed || done
    };
    let now = TrendMonth {
        month,
        name,
        watched: true,
        judged: rows.judged,
        incidents: rows.cases.len() as u64,
        removed: counted(&rows.cases, removed),
        restored: counted(&rows.decided, |one| one.what == Decision::Restore),
        by_category: by_category(&rows.cases),
    };
    earlier.chain([now]).collect()
}

fn correction<'a>(name: String, decided: impl Iterator<Item = &'a DecidedRow>) -> Correction {
    let mut correction = Correction { name, decided: 0, restored: 0, upheld: 0, stronger: 0 };
    for one in decided.filter(|one| one.last) {
        correction.decided += 1;
        correction.restored += u64::from(one.what == Decision::Restore);
        correction.stronger += u64::from(is_stronger(one));
        correction.upheld += u64::from(one.what != Decision::Restore && !is_stronger(one));
    }
    correction
}

fn corrections(decided: &[DecidedRow]) -> Vec<Correction> {
    let of = |category: Category| {
        let theirs = decided.iter().filter(move |one| one.categories.contains(&category));
        correction(category_name(category).to_owned(), theirs)
    };
    let mut corrections: Vec<Correction> = Category::ALL.into_iter().map(of).filter(|one| one.decided > 0).collect();
    corrections.sort_by_key(|one| std::cmp::Reverse((one.restored, one.decided)));
    if !corrections.is_empty() {
        corrections.push(correction("all together, each once".to_owned(), decided.iter()));
    }
    corrections
}

fn entries(rows: &MonthRows) -> Vec<Correction> {
    let against = rows.entries.iter().filter(|entry| entry.restored > 0);
    against
        .take(ENTRIES)
        .map(|entry| Correction {
            name: entry.entry.clone(),
            decided: entry.decided,
            restored: entry.restored,
            upheld: entry.decided - entry.restored,
            stronger: 0,
        })
        .collect()
}

fn people(decided: &[DecidedRow]) -> Vec<Person> {
    let mut people: BTreeMap<&str, Person> = BTreeMap::new();
    for one in decided {
        let person = people.entry(&one.who).or_default();
        match one.what {
            Decision::Uphold => person.upheld += 1,
            Decision::Restore => person.restored += 1,
            Decision::Hide => person.hidden += 1,
            Decision::Delete => person.deleted += 1,
            Decision::Note | Decision::Undo => {}
        }
    }
    people.into_iter().map(|(name, person)| Person { name: name.to_owned(), ..person }).collect()
}

fn page_months(rows: &MonthRows, asked: &Asked) -> Vec<PageMonth> {
    let (from, to) = asked.span();
    let month = |page: &crate::store::report::PageCoverage| {
        let watched = page.since.map_or(SignedDuration::ZERO, |since| to.duration_since(since.max(from)));
        // Gaps may overlap where one cause followed another; what was read by nobody counts once.
        let mut gaps: Vec<Between> = page.gaps.iter().map(|gap| (gap.from, gap.to)).collect();
        gaps.sort_unstable();
        let (mut blind, mut seen) = (SignedDuration::ZERO, from);
        for (begin, end) in gaps {
            blind += end.duration_since(begin.max(seen)).max(SignedDuration::ZERO);
            seen = seen.max(end);
        }
        PageMonth {
            name: page_name(page),
            new_comments: page.new_comments,
            readings: page.polls,
            failed: page.failed,
            watched_s: watched.as_secs().max(0),
            blind_s: blind.as_secs(),
            gaps: page.gaps.len() as u64,
            put_aside: page.malformed,
        }
    };
    rows.coverage.iter().map(month).collect()
}

fn safeguarding(cases: &[CaseRow]) -> Safeguarding {
    let signs: Vec<&CaseRow> = cases.iter().filter(|case| case.categories.contains(&Category::Safeguarding)).collect();
    let took = signs.iter().filter_map(|case| Some(case.attended?.duration_since(case.judged)));
    Safeguarding {
        incidents: signs.len() as u64,
        told: signs.iter().filter(|case| case.told.is_some()).count() as u64,
        attended: signs.iter().filter(|case| case.attended.is_some()).count() as u64,
        took: Spread::of(took),
        open: signs.iter().filter(|case| case.attended.is_none()).map(|case| case.number).collect(),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::comment::{PageId, PageKey, Platform};
    use crate::store::month::EntryRow;
    use crate::store::report::{Gap, PageCoverage};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn asked() -> Asked {
        Asked {
            practice: "Alderbrook Surgery".into(),
            policy: "Social Media and Acceptable Use Policy".into(),
            zone: TimeZone::get("Europe/London").expect("London"),
            first: parse("2026-10").expect("a month"),
            now: at("2026-11-02T09:00:00Z"),
        }
    }

    fn page(platform: Platform) -> PageKey {
        PageKey { platform, id: PageId::new("1029384756") }
    }

    fn case(number: i64, day: &str, category: Category, intended: Action) -> CaseRow {
        let judged = at(&format!("2026-10-{day}:00Z"));
        CaseRow {
            number,
            page: page(if number % 3 == 0 { Platform::TikTok } else { Platform::Facebook }),
            categories: vec![category],
            observed: false,
            intended,
            state: OutcomeState::Nothing,
            achieved: None,
            written: Some(judged - SignedDuration::from_secs(40 + number)),
            judged,
            acted: None,
            verified: None,
            urgent: false,
            told: None,
            attended: None,
            decision: None,
            decision_failed: false,
            covered_by_person: None,
            identifier: false,
        }
    }

    /// It was done, and seen a minute later.
    fn done(mut case: CaseRow, achieved: Action) -> CaseRow {
        (case.state, case.achieved) = (OutcomeState::Done, Some(achieved));
        case.acted = Some(case.judged + SignedDuration::from_secs(20));
        case.verified = Some(case.judged + SignedDuration::from_secs(80));
        case
    }

    fn attended(mut case: CaseRow, hours: i64, decision: Option<Decision>) -> CaseRow {
        case.attended = Some(case.judged + SignedDuration::from_hours(hours));
        case.decision = decision;
        case
    }

    fn cases() -> Vec<CaseRow> {
        use Action::{Allow, Delete, Escalate, Hide};
        use Category as C;
        let identified = CaseRow {
            identifier: true,
            urgent: true,
            told: Some(at("2026-10-05T10:05:00Z")),
            ..done(case(4, "05T10:04", C::PatientIdentified, Delete), Delete)
        };
        let bare = CaseRow { state: OutcomeState::Dead, ..case(5, "06T10:04", C::PatientIdentified, Delete) };
        let by_hand = CaseRow {
            covered_by_person: Some(at("2026-10-07T12:04:00Z")),
            ..attended(case(7, "07T10:04", C::PatientIdentified, Escalate), 1, Some(Decision::Hide))
        };
        let harm = CaseRow {
            urgent: true,
            told: Some(at("2026-10-08T20:00:00Z")),
            ..attended(case(8, "08T19:59", C::Safeguarding, Escalate), 2, None)
        };
        let unseen = CaseRow { urgent: true, ..case(10, "09T19:59", C::Safeguarding, Escalate) };
        vec![
            done(case(1, "01T09:00", C::Complaint, Delete), Delete),
            attended(done(case(2, "01T09:30", C::Complaint, Delete), Delete), 30, Some(Decision::Uphold)),
            done(case(3, "02T09:30", C::Fraud, Delete), Hide),
            identified,
            bare,
            by_hand,
            harm,
            unseen,
            attended(done(case(11, "14T08:00", C::Complaint, Hide), Hide), 5, Some(Decision::Restore)),
            case(13, "20T08:00", C::Review, Allow),
            case(14, "31T23:30", C::Recording, Escalate),
        ]
    }

    fn decided(number: i64, category: Category, intended: Action, what: Decision, who: &str) -> DecidedRow {
        DecidedRow { number, categories: vec![category], intended, what, who: who.into(), last: true }
    }

    fn rows() -> MonthRows {
        let coverage = |platform: Platform, gaps: Vec<Gap>| PageCoverage {
            page: page(platform),
            name: Some("=Alderbrook, \"our\" page".into()),
            since: Some(at("2026-09-10T08:00:00Z")),
            last_ok: Some(at("2026-10-31T23:59:00Z")),
            polls: 44_640,
            failed: 12,
            new_comments: 410,
            baseline: 0,
            malformed: 1,
            gaps,
            down: None,
            unread: Vec::new(),
        };
        let gap = |from: &str, to: &str| Gap { from: at(from), to: at(to), why: "no network".into() };
        let mut decisions = vec![
            decided(2, Category::Complaint, Action::Delete, Decision::Uphold, "Pat Lee"),
            decided(11, Category::Complaint, Action::Hide, Decision::Restore, "Pat Lee"),
            decided(7, Category::PatientIdentified, Action::Escalate, Decision::Hide, "Dr Okafor"),
        ];
        decisions.extend(
            (30..40).map(|number| decided(number, Category::Hate, Action::Delete, Decision::Uphold, "Pat Lee")),
        );
        MonthRows {
            cases: cases(),
            judged: 820,
            decided: decisions,
            entries: vec![
                EntryRow { entry: "complaint/worst-service".into(), decided: 12, restored: 3 },
                EntryRow { entry: "hate/slur".into(), decided: 10, restored: 0 },
            ],
            coverage: vec![
                coverage(
                    Platform::Facebook,
                    vec![
                        gap("2026-10-03T10:00:00Z", "2026-10-03T12:00:00Z"),
                        gap("2026-10-03T11:00:00Z", "2026-10-03T13:00:00Z"),
                    ],
                ),
                coverage(Platform::TikTok, Vec::new()),
            ],
            earlier: vec![
                EarlierRow::default(),
                EarlierRow::default(),
                EarlierRow::default(),
                EarlierRow::default(),
                EarlierRow {
                    judged: 402,
                    incidents: 22,
                    removed: 9,
                    restored: 2,
                    by_category: vec![(Category::Complaint, 14), (Category::Threat, 1)],
                    watched: true,
                },
            ],
            erased_by_term: 120,
            erased_by_wish: 3,
            wishes: 1,
            exports: 2,
            cases_exported: 1,
            digests: 31,
            alerts_sent: 9,
        }
    }

    fn month() -> Month {
        Month::of(&rows(), &asked())
    }

    #[test]
    fn the_report_reads_like_this() {
        assert_snapshot!("text", month().paper().to_text());
        assert_snapshot!("html", month().paper().to_html().expect("rendered"));
        assert_snapshot!("csv", month().to_csv().replace('\r', "␍"));
        assert_snapshot!("json", serde_json::to_string_pretty(&month()).expect("JSON"));
    }

    #[test]
    fn a_month_without_anything_is_told_as_such() {
        let rows = MonthRows {
            cases: Vec::new(),
            judged: 0,
            decided: Vec::new(),
            entries: Vec::new(),
            coverage: Vec::new(),
            earlier: vec![EarlierRow::default(); 5],
            ..rows()
        };
        let asked = Asked { now: at("2026-10-20T09:00:00Z"), ..asked() };
        let text = Month::of(&rows, &asked).paper().to_text();
        assert!(text.contains("There were none.") && text.contains("The month is not over"), "{text}");
    }

    #[test]
    fn what_became_of_the_incidents_adds_up_to_all_of_them() {
        let month = month();
        let sum: u64 = month.resolutions.iter().map(|count| count.count).sum();
        assert_eq!(sum, month.incidents);
        assert_eq!(month.by_week.iter().map(|count| count.count).sum::<u64>(), month.incidents);
        assert_eq!(month.by_page.iter().map(|count| count.count).sum::<u64>(), month.incidents);
    }

    #[test]
    fn a_time_without_a_reading_counts_once_however_many_gaps_tell_of_it() {
        assert_eq!(month().coverage[0].blind_s, 3 * 3600);
    }

    #[test]
    fn few_cases_make_no_rate() {
        let text = month().paper().to_text();
        let line = |begins: &str| text.lines().rev().find(|line| line.starts_with(begins)).expect(begins);
        assert!(line("Complaint").ends_with("too few to say"), "{}", line("Complaint"));
        assert!(line("complaint/worst-service").ends_with("25 %"), "{}", line("complaint/worst-service"));
    }

    #[track_caller]
    fn check_spread(seconds: &[i64], median: Option<i64>, p90: Option<i64>) {
        let spread = Spread::of(seconds.iter().map(|s| SignedDuration::from_secs(*s)));
        assert_eq!((spread.of, spread.median_s, spread.p90_s), (seconds.len() as u64, median, p90), "{seconds:?}");
    }

    #[test]
    fn a_median_and_a_90th_percentile_are_values_that_occurred() {
        check_spread(&[], None, None);
        check_spread(&[7], Some(7), Some(7));
        check_spread(&[3, 1], Some(1), Some(3));
        check_spread(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], Some(5), Some(9));
        check_spread(&[-5, 20], Some(0), Some(20));
    }

    #[test]
    fn a_months_bounds_follow_the_practices_clock() {
        let asked = asked();
        assert_eq!(asked.span(), (at("2026-09-30T23:00:00Z"), at("2026-11-01T00:00:00Z")));
        assert_eq!(asked.earlier()[4].1, asked.span().0);
        assert_eq!(asked.earlier().len(), 5);
        let early = Asked { now: at("2026-10-02T00:00:00Z"), ..asked };
        assert_eq!((early.span().1, early.is_unfinished(), early.is_to_come()), (early.now, true, false));
        assert!(Asked { now: at("2026-09-02T00:00:00Z"), ..early }.is_to_come());
        assert_eq!(Asked::last_month(at("2026-11-01T09:00:00Z"), &TimeZone::UTC), parse("2026-10").expect("a month"));
        assert_eq!((parse("2026-13"), parse("26-10"), parse("2026-1"), parse("x")), (None, None, None, None));
    }

    #[test]
    fn no_author_and_no_word_can_be_in_a_report_because_its_rows_have_none() {
        let json = serde_json::to_string(&month()).expect("JSON");
        assert!(!json.contains("\"author") && !json.contains("\"text\"") && !json.contains("excerpt"));
    }
}
