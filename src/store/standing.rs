//! Where a period stands among the others: what earlier digests told of and still waits, what of it came to an end, the
//! same numbers a week before, and which lexicon entries lie idle. In: a period's span. Out: [`Standing`] and counts.
//! Not here: which open incidents need a person (the digest's rule), wording.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, named_params, params};

use super::db::Tx;
use super::decisions::Decision;
use super::names::{from_json, named_opt, time, time_opt};
use super::period::{Span, VERDICTS, incident, unsigned};
use super::report::{IDLE_DAYS, IdleEntry, Incident, OPEN_DAYS, OPEN_MOST, Resolved, Standing};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const WEEK_MS: i64 = 7 * DAY_MS;

/// The same period as many whole weeks before as it takes not to overlap: a Monday is held against a Monday.
pub(super) fn week_before(span: &Span) -> Span {
    let weeks = ((span.to - span.from).max(1) + WEEK_MS - 1) / WEEK_MS;
    let back = weeks * WEEK_MS;
    Span { from: span.from - back, to: span.to - back, pages: span.pages.clone() }
}

/// Whether every page was watched from the beginning of the span on.
pub(super) fn was_watched(db: &Connection, span: &Span) -> rusqlite::Result<bool> {
    db.prepare_cached(
        "select count(*) filter (where first_ok_at <= ?1) = json_array_length(?2) from page
         where platform || ':' || page_id in (select value from json_each(?2))",
    )?
    .query_row(params![span.from, span.pages], |row| row.get(0))
}

/// How many comments each entry fired on.
pub(super) fn fired(db: &Connection, span: &Span) -> rusqlite::Result<HashMap<String, u64>> {
    let reasons = VERDICTS.replacen("from verdict", "from verdict join reason on reason.verdict = verdict.id", 1);
    db.prepare_cached(&format!("select entry, count(distinct verdict.comment) {reasons} group by entry"))?
        .query_map(named_params! { ":from": span.from, ":to": span.to, ":pages": span.pages }, |row| {
            Ok((row.get(0)?, unsigned(row, 1)?))
        })?
        .collect()
}

/// What is left of the time before the span.
pub(super) fn standing(db: &Tx<'_>, span: &Span) -> rusqlite::Result<Standing> {
    let (idle, entries_in_force) = idle(db, span)?;
    Ok(Standing { open: open(db, span)?, resolved: resolved(db, span)?, idle, entries_in_force })
}

/// Wider than what needs a person, lest the digest's rule and this question drift apart unseen; what was simply done by
/// the rules, as most are, is left out here.
fn open(db: &Tx<'_>, span: &Span) -> rusqlite::Result<Vec<Incident>> {
    let numbers: Vec<i64> = db
        .prepare_cached(&format!(
            "select verdict.id {} and (reasons > 0 or alert.id is not null)
                 and (verdict.alert = 'now' or action = 'escalate' or outbox.state = 'dead' or outbox.achieved <> action
                      or exists (select 1 from json_each(categories)
                                 where value in ('safeguarding', 'question', 'complaint')))
                 and iif(decision.id is null, alert.acknowledged_at is null, carried.state is 'dead')
                 and not exists (select 1 from verdict newer
                                 where newer.comment = verdict.comment and newer.version > verdict.version)
             order by verdict.alert = 'now' desc, verdict.judged_at desc, verdict.id desc limit {OPEN_MOST}",
            VERDICTS.replacen(
                " where ",
                " left join alert on alert.verdict = verdict.id
                  left join outbox on outbox.verdict = verdict.id and outbox.decision is null
                  left join decision on decision.id = (select max(id) from standing last
                      where last.verdict = verdict.id)
                  left join outbox carried on carried.decision = decision.id where ",
                1
            )
        ))?
        .query_map(
            named_params! { ":from": span.from - OPEN_DAYS * DAY_MS, ":to": span.from, ":pages": span.pages },
            |row| row.get(0),
        )?
        .collect::<rusqlite::Result<_>>()?;
    numbers.into_iter().map(|number| incident(db, number)).collect()
}

/// The first word on an incident ends it; what is decided afterwards was no longer open.
fn resolved(db: &Connection, span: &Span) -> rusqlite::Result<Vec<Resolved>> {
    db.prepare_cached(
        "select verdict.id, categories, what, who, word.at as word_at
         from (select verdict, what, who, decided_at as at from standing
               union all
               select verdict, null, acknowledged_by, acknowledged_at from alert
               where acknowledged_at is not null
                   and not exists (select 1 from standing decision where decision.verdict = alert.verdict
                                   and decision.decided_at <= acknowledged_at)) as word
             join verdict on verdict.id = word.verdict
             join comment on comment.id = verdict.comment join page on page.id = comment.page
         where word.at >= :from and word.at < :to and verdict.judged_at < :from
             and page.platform || ':' || page.page_id in (select value from json_each(:pages))
             and not exists (select 1 from alert where alert.verdict = verdict.id and acknowledged_at < :from)
             and not exists (select 1 from standing decision where decision.verdict = verdict.id
                             and decided_at < :from)
         group by verdict.id having word.at = max(word.at)
         order by word.at, verdict.id",
    )?
    .query_map(named_params! { ":from": span.from, ":to": span.to, ":pages": span.pages }, |row| {
        Ok(Resolved {
            number: row.get("id")?,
            categories: from_json(row, "categories")?,
            what: named_opt(row, "what", Decision::from_id)?,
            who: row.get::<_, Option<String>>("who")?.unwrap_or_default(),
            at: time(row, "word_at")?,
        })
    })?
    .collect()
}

/// Entries that fired on nothing for as long as they had the chance to.
fn idle(db: &Connection, span: &Span) -> rusqlite::Result<(Vec<IdleEntry>, u64)> {
    let since = span.to - IDLE_DAYS * DAY_MS;
    // Marks of people, points and policy steps are no entries.
    let entries = "from rule_known where in_force = 1 and name like '%/%' and name not like 'staff/%'
         and name not like 'points %' and name not like 'policy %'";
    let all =
        db.prepare_cached(&format!("select count(distinct name) {entries}"))?.query_row([], |row| unsigned(row, 0))?;
    let began: Option<i64> = db
        .prepare_cached("select min(first_ok_at) as began from page")?
        .query_row([], |row| row.get(0))
        .optional()?
        .flatten();
    if began.is_none_or(|began| began > since) {
        return Ok((Vec::new(), all));
    }
    let idle = db
        .prepare_cached(&format!(
            "select name, since_at {entries} and coalesce(since_at, 0) <= ?1
                 and name not in (select reason.entry from verdict join reason on reason.verdict = verdict.id
                                  where verdict.judged_at >= ?1)
             order by since_at is null, since_at desc, name"
        ))?
        .query_map([since], |row| Ok(IdleEntry { entry: row.get("name")?, since: time_opt(row, "since_at")? }))?
        .collect::<rusqlite::Result<_>>()?;
    Ok((idle, all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Category;
    use crate::policy::Action;
    use crate::rules::age::Mark;
    use crate::store::tests::{Place, at, batch, comment, judged, page, poll, verdict};
    use crate::store::{Mode, PollOutcome, Store, Word};

    async fn record(store: &Store, minutes: i64, id: &str, category: Category, action: Action) {
        let comments = vec![judged(comment(id, id), verdict(category, action))];
        store.record(batch(minutes, comments)).await.expect("records");
    }

    async fn decide(store: &Store, number: i64, what: Decision, minutes: i64) {
        let word =
            Word { what, who: "Pat Lee".to_owned(), why: "reason".to_owned(), seen: crate::store::Seen::Anything };
        store.decide(&[number], word, Mode::Enforce, at(minutes)).await.expect("decides");
    }

    async fn read(store: &Store, from: i64, to: i64) -> Standing {
        store.period(at(from), at(to), &[page()]).await.expect("reads").standing
    }

    fn numbers(standing: &Standing) -> Vec<i64> {
        standing.open.iter().map(|incident| incident.number).collect()
    }

    #[tokio::test]
    async fn what_earlier_digests_told_of_stays_open_until_somebody_has_a_word() {
        let place = Place::new();
        let store = place.open();
        record(&store, 1, "c1", Category::Threat, Action::Delete).await;
        record(&store, 2, "c2", Category::Question, Action::Allow).await;
        record(&store, 3, "c3", Category::Recording, Action::Escalate).await;
        record(&store, 4, "c4", Category::Review, Action::Allow).await;
        let standing = read(&store, 10, 20).await;
        assert_eq!(numbers(&standing), [1, 3, 2], "those told at once first, then the newest; praise is never open");
        assert_eq!(numbers(&read(&store, 2, 20).await), [1], "what is of the period itself is no older business");
        decide(&store, 3, Decision::Uphold, 11).await;
        store.acknowledge(&[1], "Pat Lee".to_owned(), at(12)).await.expect("notes");
        let standing = read(&store, 10, 20).await;
        assert_eq!(numbers(&standing), [2]);
        let resolved: Vec<(i64, Option<Decision>)> =
            standing.resolved.iter().map(|one| (one.number, one.what)).collect();
        assert_eq!(resolved, [(3, Some(Decision::Uphold)), (1, None)]);
        assert!(read(&store, 13, 20).await.resolved.is_empty(), "told once");
        // Deciding what was in hand already ends nothing that was still open.
        decide(&store, 1, Decision::Uphold, 15).await;
        assert!(read(&store, 13, 20).await.resolved.is_empty());
    }

    fn mark(name: &str, print: u8) -> Mark {
        Mark { name: name.to_owned(), print: [print; 16] }
    }

    #[tokio::test]
    async fn an_entry_that_had_its_chance_and_found_nothing_is_idle() {
        const DAYS: i64 = 24 * 60;
        let place = Place::new();
        let store = place.open();
        store.finish_poll(poll(0, PollOutcome::Ok)).await.expect("notes");
        let first = [mark("complaint/entry", 1), mark("hate/never", 1), mark("hate/gone", 1), mark("staff/1", 1)];
        store.rules_in_force(&first, "v1", at(0)).await.expect("remembers");
        let second = [mark("complaint/entry", 1), mark("hate/never", 1), mark("hate/new", 1), mark("points hate", 1)];
        store.rules_in_force(&second, "v2", at(80 * DAYS)).await.expect("remembers");
        let idle = async |to: i64| {
            let standing = read(&store, to - DAYS, to).await;
            standing.idle.into_iter().map(|idle| idle.entry).collect::<Vec<_>>()
        };
        assert!(idle(89 * DAYS).await.is_empty(), "nobody had a chance yet");
        assert_eq!(idle(91 * DAYS).await, ["complaint/entry", "hate/never"]);
        record(&store, 90 * DAYS, "c1", Category::Complaint, Action::Escalate).await;
        assert_eq!(idle(91 * DAYS).await, ["hate/never"]);
        assert_eq!(idle(171 * DAYS).await, ["hate/new", "hate/never"], "what people changed last comes first");
        assert_eq!(idle(181 * DAYS).await, ["hate/new", "complaint/entry", "hate/never"]);
        assert_eq!(read(&store, 0, 100 * DAYS).await.entries_in_force, 3);
    }

    #[tokio::test]
    async fn a_day_is_held_against_the_same_day_a_week_before_if_that_was_watched() {
        const DAYS: i64 = 24 * 60;
        let place = Place::new();
        let store = place.open();
        store.finish_poll(poll(0, PollOutcome::Ok)).await.expect("notes");
        record(&store, 30, "c1", Category::Complaint, Action::Escalate).await;
        record(&store, 6 * DAYS, "c2", Category::Complaint, Action::Escalate).await;
        record(&store, 7 * DAYS + 30, "c3", Category::Complaint, Action::Escalate).await;
        record(&store, 7 * DAYS + 31, "c4", Category::Complaint, Action::Escalate).await;
        let period = store.period(at(7 * DAYS), at(8 * DAYS), &[page()]).await.expect("reads");
        assert_eq!((period.trend[0].now, period.trend[0].before, period.before_watched), (2, 1, true));
        assert_eq!((period.entries[0].comments, period.entries[0].before), (2, 1));
        let period = store.period(at(6 * DAYS), at(7 * DAYS), &[page()]).await.expect("reads");
        assert!(!period.before_watched);
    }

    #[test]
    fn a_longer_period_is_held_against_the_weeks_before_it() {
        let back = |days: i64| {
            let span = Span { from: 100 * DAY_MS, to: (100 + days) * DAY_MS, pages: String::new() };
            100 - week_before(&span).from / DAY_MS
        };
        assert_eq!((back(1), back(7), back(8), back(30)), (7, 7, 14, 35));
    }
}
