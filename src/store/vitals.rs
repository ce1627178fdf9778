//! How the program does, in numbers, for whoever watches it from outside. In: rows. Out: [`Vitals`], in a few milliseconds
//! however much is stored: what grows for ever is counted as it is written (`tally`). Nothing in it is anybody's: no text,
//! no name, no author. Not here: what the numbers mean.

use std::fs;

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::names::{ms, named, page_key, time, time_opt};
use super::{Decision, Error, PollOutcome, Store};
use crate::clock::Timestamp;
use crate::comment::PageKey;
use crate::lexicon::Category;
use crate::policy::Action;

/// What is counted as it is written, as the table calls it.
pub(super) const POLL: &str = "poll";
/// See [`POLL`].
pub(super) const REQUEST: &str = "request";
/// See [`POLL`].
pub(super) const VERDICT: &str = "verdict";
/// See [`POLL`].
pub(super) const CATEGORY: &str = "category";

/// The fact that says which rules are in force, and since when: "VERSION MILLISECONDS".
const RULES: &str = "rules";

/// So many unsent alerts are looked at; where there are more, the oldest say enough.
const UNSENT: usize = 1000;

/// How the program does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vitals {
    /// Version of the database's schema.
    pub schema: i64,
    /// Size of the database with its log, in bytes.
    pub bytes: u64,
    /// Every page that was ever watched, in the order in which they came.
    pub pages: Vec<PageVitals>,
    /// Verdicts by category and action; a verdict of several categories counts in each.
    pub categories: Vec<(Category, Action, u64)>,
    /// Owed actions by state, as the database names them: `due`, `done`, `already`, `superseded`, `dead`.
    pub actions: Vec<(String, u64)>,
    /// Decisions of people.
    pub decisions: Vec<(Decision, u64)>,
    /// Alerts by state, as the database names them: `due`, `sent`, `acknowledged`.
    pub alerts: Vec<(String, u64)>,
    /// Alerts that are to be sent by now, for the first time or again.
    pub alerts_due: u64,
    /// Alerts that were never sent, oldest first.
    pub unsent: Vec<Unsent>,
    /// When the oldest incident was judged of which people were to be told at once and that nobody has acknowledged.
    pub unacknowledged_since: Option<Timestamp>,
    /// The version of the rules in force, and since when they are.
    pub rules: Option<(String, Timestamp)>,
    /// When the last digest went out.
    pub digest_sent: Option<Timestamp>,
}

/// How the watch of one page does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageVitals {
    /// Which.
    pub page: PageKey,
    /// Last successful poll.
    pub last_ok: Option<Timestamp>,
    /// Not being read since, where people were told so.
    pub down_since: Option<Timestamp>,
    /// A gap is open since.
    pub gap_since: Option<Timestamp>,
    /// Polls failed in a row.
    pub failures: u32,
    /// The platform allows no writes before.
    pub writes_at: Option<Timestamp>,
    /// Polls ever, by how they went.
    pub polls: Vec<(PollOutcome, u64)>,
    /// Requests of all polls.
    pub requests: u64,
    /// Verdicts ever.
    pub verdicts: Vec<(Action, u64)>,
    /// When the oldest action fell due that is still owed and that nobody is at.
    pub owed_since: Option<Timestamp>,
}

/// An alert that was never sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// When the incident was judged.
    pub since: Timestamp,
    /// When it is tried next.
    pub due: Timestamp,
}

impl PageVitals {
    /// Of a page that was never polled.
    pub fn new(page: PageKey) -> Self {
        Self {
            page,
            last_ok: None,
            down_since: None,
            gap_since: None,
            failures: 0,
            writes_at: None,
            polls: Vec::new(),
            requests: 0,
            verdicts: Vec::new(),
            owed_since: None,
        }
    }
}

impl Store {
    /// How the program does at `now`.
    pub async fn vitals(&self, now: Timestamp) -> Result<Vitals, Error> {
        let bytes = self.bytes();
        let vitals = self.db.read("count what is kept", move |db| vitals(db, now)).await?;
        Ok(Vitals { bytes, ..vitals })
    }

    /// What is not there takes no room: the log goes when the last connection closes.
    fn bytes(&self) -> u64 {
        let mut log = self.path().as_os_str().to_owned();
        log.push("-wal");
        let size = |path: &std::ffi::OsStr| fs::metadata(path).map_or(0, |found| found.len());
        size(self.path().as_os_str()) + size(&log)
    }
}

/// Counts so many more of something.
pub(super) fn count(
    tx: &Connection,
    page: i64,
    what: &'static str,
    kind: &str,
    about: &str,
    more: i64,
) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "insert into tally (page, what, kind, about, count) values (?, ?, ?, ?, ?)
         on conflict do update set count = count + excluded.count",
    )?
    .execute(params![page, what, kind, about, more])
    .map(drop)
}

/// Rules came into force; those that were in force already have been so for longer.
pub(super) fn note_rules(tx: &Connection, version: &str, now: Timestamp) -> rusqlite::Result<()> {
    if rules(tx)?.is_some_and(|(known, _)| known == version) {
        return Ok(());
    }
    tx.prepare_cached(
        "insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value",
    )?
    .execute(params![RULES, format!("{version} {}", ms(now))])
    .map(drop)
}

fn vitals(db: &Connection, now: Timestamp) -> rusqlite::Result<Vitals> {
    Ok(Vitals {
        schema: db.query_row("pragma user_version", [], |row| row.get(0))?,
        bytes: 0,
        pages: pages(db, now)?,
        categories: categories(db)?,
        actions: counted(db, "select state, count(*) from outbox group by state order by state", text)?,
        decisions: counted(db, "select what, count(*) from decision group by what order by what", |row| {
            named(row, "what", Decision::from_id)
        })?,
        alerts: counted(db, "select state, count(*) from alert group by state order by state", text)?,
        alerts_due: db
            .prepare_cached("select count(*) from alert where due_at <= ?")?
            .query_row([ms(now)], |row| row.get::<_, i64>(0).map(i64::unsigned_abs))?,
        unsent: unsent(db)?,
        unacknowledged_since: db
            .prepare_cached(
                "select min(verdict.judged_at) as since_at from alert join verdict on verdict.id = alert.verdict
                 where alert.state <> 'acknowledged'",
            )?
            .query_row([], |row| time_opt(row, "since_at"))?,
        rules: rules(db)?,
        digest_sent: db
            .prepare_cached("select sent_at from digest_sent order by id desc limit 1")?
            .query_row([], |row| time(row, "sent_at"))
            .optional()?,
    })
}

fn text(row: &Row<'_>) -> rusqlite::Result<String> {
    row.get(0)
}

/// Rows of something and how often, in a second column.
fn counted<T>(
    db: &Connection,
    question: &str,
    what: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<(T, u64)>> {
    db.prepare_cached(question)?.query_map([], |row| Ok((what(row)?, row.get::<_, i64>(1)?.unsigned_abs())))?.collect()
}

fn pages(db: &Connection, now: Timestamp) -> rusqlite::Result<Vec<PageVitals>> {
    let found: Vec<(i64, PageVitals)> = db
        .prepare_cached(
            "select id, platform, page_id, last_ok_at, down_at, failures, writes_at,
                 (select from_at from gap where gap.page = page.id and gap.to_at is null) as gap_at,
                 (select min(due_at) from outbox where outbox.page = page.id and outbox.state = 'due'
                      and coalesce(outbox.lease_until_at, 0) <= ?1 and coalesce(page.writes_at, 0) <= ?1) as owed_at
             from page order by id",
        )?
        .query_map([ms(now)], |row| Ok((row.get("id")?, page_vitals(row)?)))?
        .collect::<rusqlite::Result<_>>()?;
    found.into_iter().map(|(row, page)| tallied(db, row, page)).collect()
}

fn page_vitals(row: &Row<'_>) -> rusqlite::Result<PageVitals> {
    Ok(PageVitals {
        last_ok: time_opt(row, "last_ok_at")?,
        down_since: time_opt(row, "down_at")?,
        gap_since: time_opt(row, "gap_at")?,
        failures: row.get("failures")?,
        writes_at: time_opt(row, "writes_at")?,
        owed_since: time_opt(row, "owed_at")?,
        ..PageVitals::new(page_key(row)?)
    })
}

fn tallied(db: &Connection, row: i64, page: PageVitals) -> rusqlite::Result<PageVitals> {
    let mut question =
        db.prepare_cached("select kind, count from tally where page = ? and what = ? and about = '' order by kind")?;
    let mut ask = |what: &str| -> rusqlite::Result<Vec<(String, u64)>> {
        question.query_map(params![row, what], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?.collect()
    };
    let (polls, requests, verdicts) = (ask(POLL)?, ask(REQUEST)?, ask(VERDICT)?);
    let outcome = |(id, count): (String, u64)| PollOutcome::from_id(&id).map(|outcome| (outcome, count));
    let action = |(id, count): (String, u64)| Action::from_id(&id).map(|action| (action, count));
    Ok(PageVitals {
        polls: polls.into_iter().filter_map(outcome).collect(),
        requests: requests.into_iter().map(|(_, count)| count).sum(),
        verdicts: verdicts.into_iter().filter_map(action).collect(),
        ..page
    })
}

fn categories(db: &Connection) -> rusqlite::Result<Vec<(Category, Action, u64)>> {
    db.prepare_cached(
        "select about, kind, sum(count) as count from tally where what = 'category' group by about, kind
         order by about, kind",
    )?
    .query_map([], |row| {
        let count: i64 = row.get("count")?;
        Ok((named(row, "about", Category::from_id)?, named(row, "kind", Action::from_id)?, count.unsigned_abs()))
    })?
    .collect()
}

fn unsent(db: &Connection) -> rusqlite::Result<Vec<Unsent>> {
    db.prepare_cached(
        "select verdict.judged_at, alert.due_at from alert join verdict on verdict.id = alert.verdict
         where alert.state = 'due' and alert.due_at is not null order by verdict.judged_at limit ?",
    )?
    .query_map([UNSENT as i64], |row| Ok(Unsent { since: time(row, "judged_at")?, due: time(row, "due_at")? }))?
    .collect()
}

fn rules(db: &Connection) -> rusqlite::Result<Option<(String, Timestamp)>> {
    let fact: Option<String> =
        db.prepare_cached("select value from meta where key = ?")?.query_row([RULES], |row| row.get(0)).optional()?;
    Ok(fact.and_then(|fact| {
        let (version, since) = fact.split_once(' ')?;
        Some((version.to_owned(), Timestamp::from_millisecond(since.parse().ok()?).ok()?))
    }))
}
