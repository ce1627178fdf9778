//! What the manager's report is counted from: every incident of a month as a few facts, without a word of a comment and
//! without anybody's name; what people decided; coverage; the months before. In: spans of time. Out: [`MonthRows`], read in
//! one go, so that its numbers agree. What retention has erased counts as before: verdicts, acts and decisions stay.
//! Not here: adding up, medians, wording.

use rusqlite::{Connection, named_params, params};

use super::db::Tx;
use super::decisions::Decision;
use super::names::{from_json, json, ms, named, named_opt, page_key, time, time_opt};
use super::period::{Span, coverage, per_category, state, unsigned};
use super::report::{OutcomeState, PageCoverage};
use super::{Error, Mode, Store};
use crate::clock::Timestamp;
use crate::comment::PageKey;
use crate::lexicon::Category;
use crate::policy::Action;

/// A span of time: its beginning, and its end, which is not included.
pub type Between = (Timestamp, Timestamp);

/// What a month is counted from.
#[derive(Clone, Debug)]
pub struct MonthRows {
    /// Incidents judged in the month, oldest first.
    pub cases: Vec<CaseRow>,
    /// Comments judged in the month.
    pub judged: u64,
    /// What people decided in the month, notes aside, oldest first; on incidents of any time.
    pub decided: Vec<DecidedRow>,
    /// How often each entry was a reason of an incident that people decided in the month.
    pub entries: Vec<EntryRow>,
    /// What could be read, page by page.
    pub coverage: Vec<PageCoverage>,
    /// The same numbers of earlier months, in the order asked for.
    pub earlier: Vec<EarlierRow>,
    /// Comments erased because their term was over.
    pub erased_by_term: u64,
    /// Comments erased at somebody's wish.
    pub erased_by_wish: u64,
    /// Erasures at somebody's wish.
    pub wishes: u64,
    /// Times that people were given what is kept of them.
    pub exports: u64,
    /// Case packs made.
    pub cases_exported: u64,
    /// Digests that went out.
    pub digests: u64,
    /// Messages that told people at once, reminders included.
    pub alerts_sent: u64,
}

/// One incident as facts.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not a state machine")]
#[derive(Clone, Debug)]
pub struct CaseRow {
    /// Its number.
    pub number: i64,
    /// Its page.
    pub page: PageKey,
    /// Its categories.
    pub categories: Vec<Category>,
    /// Observe mode: nothing was to be done.
    pub observed: bool,
    /// What the rules wanted.
    pub intended: Action,
    /// Where that stands.
    pub state: OutcomeState,
    /// What was done for them.
    pub achieved: Option<Action>,
    /// When the comment was written, if the platform said, and if it was after the watch began.
    pub written: Option<Timestamp>,
    /// When it was judged.
    pub judged: Timestamp,
    /// When the platform was last asked to do something.
    pub acted: Option<Timestamp>,
    /// When reading back showed it.
    pub verified: Option<Timestamp>,
    /// Whether people were to be told at once.
    pub urgent: bool,
    /// When they were last told.
    pub told: Option<Timestamp>,
    /// When a person first took it in hand or decided it.
    pub attended: Option<Timestamp>,
    /// The last decision, notes aside.
    pub decision: Option<Decision>,
    /// Whether that could not be carried out.
    pub decision_failed: bool,
    /// When a person's hide or delete was seen to be done.
    pub covered_by_person: Option<Timestamp>,
    /// It carried an identifier: an NHS number, a phone number, an address and the like.
    pub identifier: bool,
}

/// A decision.
#[derive(Clone, Debug)]
pub struct DecidedRow {
    /// The incident.
    pub number: i64,
    /// Its categories.
    pub categories: Vec<Category>,
    /// What the rules had wanted.
    pub intended: Action,
    /// What was decided.
    pub what: Decision,
    /// Who.
    pub who: String,
    /// It is the last one about its incident.
    pub last: bool,
}

/// A lexicon entry and what people made of what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRow {
    /// The entry.
    pub entry: String,
    /// Incidents it was a reason of that people decided.
    pub decided: u64,
    /// Of them, restored.
    pub restored: u64,
}

/// An earlier month in a few numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EarlierRow {
    /// Comments judged.
    pub judged: u64,
    /// Incidents.
    pub incidents: u64,
    /// Hidden or deleted by the rules, or that would have been in observe mode.
    pub removed: u64,
    /// Restored by people.
    pub restored: u64,
    /// Incidents by category.
    pub by_category: Vec<(Category, u64)>,
    /// Whether any page was watched by its end.
    pub watched: bool,
}

impl Store {
    /// What a month is counted from, and earlier ones in short.
    pub async fn month(&self, span: Between, earlier: Vec<Between>, pages: &[PageKey]) -> Result<MonthRows, Error> {
        let pages = pages.to_vec();
        self.db.read("read a month", move |db| month(db, span, &earlier, &pages)).await
    }
}

fn month(db: &Tx<'_>, span: Between, earlier: &[Between], pages: &[PageKey]) -> rusqlite::Result<MonthRows> {
    let listed = json(&pages.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let spanning = |(from, to): Between| Span { from: ms(from), to: ms(to), pages: listed.clone() };
    let whole = spanning(span);
    let audited = |what: &str| audited(db, what, &whole);
    Ok(MonthRows {
        cases: cases(db, &whole)?,
        judged: whole.count(db, "reasons >= 0")?,
        decided: decided(db, &whole)?,
        entries: entries(db, &whole)?,
        coverage: pages.iter().map(|page| coverage(db, page, span.0, span.1)).collect::<rusqlite::Result<_>>()?,
        earlier: earlier.iter().map(|&span| one_earlier(db, &spanning(span))).collect::<rusqlite::Result<_>>()?,
        erased_by_term: audited("retention.erased")?.1,
        erased_by_wish: audited("subject.erased")?.1,
        wishes: audited("subject.erased")?.0,
        exports: audited("subject.exported")?.0,
        cases_exported: audited("case.exported")?.0,
        digests: audited("digest.sent")?.0,
        alerts_sent: audited("alert.sent")?.0,
    })
}

/// Which pages, as a condition.
const ON_PAGES: &str = "page.platform || ':' || page.page_id in (select value from json_each(:pages))";

fn cases(db: &Connection, span: &Span) -> rusqlite::Result<Vec<CaseRow>> {
    db.prepare_cached(&format!(
        "select verdict.id, page.platform, page.page_id, verdict.categories, verdict.mode, verdict.action,
             verdict.alert = 'now' as urgent, verdict.judged_at,
             iif(comment.created_at >= page.watch_at, comment.created_at, null) as created_at,
             owed.state, owed.achieved, owed.written_at, owed.verified_at,
             alert.sent_at, alert.acknowledged_at,
             (select min(decided_at) from standing decision where decision.verdict = verdict.id) as first_at,
             last.what, carried.state is 'dead' as failed,
             iif(carried.achieved in ('hide', 'delete'), carried.verified_at, null) as covered_at,
             exists (select 1 from reason where reason.verdict = verdict.id and entry like 'identifier/%') as identifier
         from verdict
             join comment on comment.id = verdict.comment
             join page on page.id = comment.page
             left join outbox owed on owed.verdict = verdict.id and owed.decision is null
             left join alert on alert.verdict = verdict.id
             left join decision last on last.id = (
                 select max(id) from standing some where some.verdict = verdict.id)
             left join outbox carried on carried.decision = last.id
         where verdict.judged_at >= :from and verdict.judged_at < :to and (reasons > 0 or alert.id is not null)
             and {ON_PAGES}
         order by verdict.judged_at, verdict.id"
    ))?
    .query_map(named_params! { ":from": span.from, ":to": span.to, ":pages": span.pages }, |row| {
        let observed = named(row, "mode", Mode::from_id)? == Mode::Observe;
        let intended = named(row, "action", Action::from_id)?;
        let attended = [time_opt(row, "acknowledged_at")?, time_opt(row, "first_at")?].into_iter().flatten().min();
        Ok(CaseRow {
            number: row.get("id")?,
            page: page_key(row)?,
            categories: from_json(row, "categories")?,
            observed,
            intended,
            state: match row.get::<_, Option<String>>("state")?.as_deref() {
                None if observed && intended >= Action::Hide => OutcomeState::Observed,
                None => OutcomeState::Nothing,
                Some(owed) => state(owed),
            },
            achieved: named_opt(row, "achieved", Action::from_id)?,
            written: time_opt(row, "created_at")?,
            judged: time(row, "judged_at")?,
            acted: time_opt(row, "written_at")?,
            verified: time_opt(row, "verified_at")?,
            urgent: row.get("urgent")?,
            told: time_opt(row, "sent_at")?,
            attended,
            decision: named_opt(row, "what", Decision::from_id)?,
            decision_failed: row.get("failed")?,
            covered_by_person: time_opt(row, "covered_at")?,
            identifier: row.get("identifier")?,
        })
    })?
    .collect()
}

fn decided(db: &Connection, span: &Span) -> rusqlite::Result<Vec<DecidedRow>> {
    db.prepare_cached(&format!(
        "select verdict.id, verdict.categories, verdict.action, what, who,
             not exists (select 1 from standing later where later.verdict = decision.verdict
                         and later.id > decision.id) as last
         from standing decision join verdict on verdict.id = decision.verdict
             join comment on comment.id = verdict.comment join page on page.id = comment.page
         where decided_at >= :from and decided_at < :to and {ON_PAGES}
         order by decision.id"
    ))?
    .query_map(named_params! { ":from": span.from, ":to": span.to, ":pages": span.pages }, |row| {
        Ok(DecidedRow {
            number: row.get("id")?,
            categories: from_json(row, "categories")?,
            intended: named(row, "action", Action::from_id)?,
            what: named(row, "what", Decision::from_id)?,
            who: row.get("who")?,
            last: row.get("last")?,
        })
    })?
    .collect()
}

fn entries(db: &Connection, span: &Span) -> rusqlite::Result<Vec<EntryRow>> {
    db.prepare_cached(&format!(
        "select entry, count(distinct verdict.id) as decided,
             count(distinct iif(what = 'restore', verdict.id, null)) as restored
         from standing decision join verdict on verdict.id = decision.verdict join reason on reason.verdict = verdict.id
             join comment on comment.id = verdict.comment join page on page.id = comment.page
         where decided_at >= :from and decided_at < :to and {ON_PAGES}
             and not exists (select 1 from standing later where later.verdict = decision.verdict
                             and later.id > decision.id)
         group by entry order by restored desc, decided desc, entry"
    ))?
    .query_map(named_params! { ":from": span.from, ":to": span.to, ":pages": span.pages }, |row| {
        Ok(EntryRow { entry: row.get("entry")?, decided: unsigned(row, 1)?, restored: unsigned(row, 2)? })
    })?
    .collect()
}

fn one_earlier(db: &Connection, span: &Span) -> rusqlite::Result<EarlierRow> {
    let by_category = per_category(db, span)?;
    db.prepare_cached(&format!(
        "select count(*) filter (where reasons > 0) as incidents, count(*) as judged,
             count(*) filter (where action in ('hide', 'delete')
                 and (mode = 'observe' or owed.achieved in ('hide', 'delete'))) as removed,
             (select count(*) from decision where what = 'restore' and decided_at >= :from and decided_at < :to) as restored,
             exists (select 1 from page where first_ok_at < :to) as watched
         from verdict join comment on comment.id = verdict.comment join page on page.id = comment.page
             left join outbox owed on owed.verdict = verdict.id and owed.decision is null
         where verdict.judged_at >= :from and verdict.judged_at < :to and {ON_PAGES}"
    ))?
    .query_row(named_params! { ":from": span.from, ":to": span.to, ":pages": span.pages }, |row| {
        Ok(EarlierRow {
            incidents: unsigned(row, 0)?,
            judged: unsigned(row, 1)?,
            removed: unsigned(row, 2)?,
            restored: unsigned(row, 3)?,
            watched: row.get("watched")?,
            by_category,
        })
    })
}

/// How many rows of the chain tell of it, and how many comments they name.
fn audited(db: &Connection, what: &str, span: &Span) -> rusqlite::Result<(u64, u64)> {
    db.prepare_cached(
        "select count(*), coalesce(sum(json_array_length(detail, '$.comments')), 0) from audit
         where what = ? and at >= ? and at < ?",
    )?
    .query_row(params![what, span.from, span.to], |row| Ok((unsigned(row, 0)?, unsigned(row, 1)?)))
}

/// Whether a person's word asked for more than the rules had wanted.
pub fn is_stronger(decided: &DecidedRow) -> bool {
    match decided.what {
        Decision::Hide => decided.intended < Action::Hide,
        Decision::Delete => decided.intended < Action::Delete,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Word;
    use crate::store::tests::{Place, at, batch, comment, judged, page, verdict};

    const DAY: i64 = 24 * 60;

    async fn read(store: &Store) -> MonthRows {
        let earlier = vec![(at(-60 * DAY), at(-30 * DAY)), (at(-30 * DAY), at(0))];
        store.month((at(0), at(30 * DAY)), earlier, &[page()]).await.expect("reads")
    }

    async fn decide(store: &Store, number: i64, what: Decision, minutes: i64) {
        let word =
            Word { what, who: "Pat Lee".to_owned(), why: "reason".to_owned(), seen: crate::store::Seen::Anything };
        store.decide(&[number], word, Mode::Enforce, at(minutes)).await.expect("decides");
    }

    #[tokio::test]
    async fn a_month_has_its_incidents_its_decisions_and_the_months_before() {
        let place = Place::new();
        let store = place.open();
        let record = async |minutes, id: &str, category, action| {
            let comments = vec![judged(comment(id, id), verdict(category, action))];
            store.record(batch(minutes, comments)).await.expect("records");
        };
        record(-5 * DAY, "old", Category::Complaint, Action::Hide).await;
        record(10, "c1", Category::Threat, Action::Delete).await;
        record(20, "c2", Category::Complaint, Action::Escalate).await;
        record(31 * DAY, "next", Category::Complaint, Action::Escalate).await;
        store.acknowledge(&[2], "Pat Lee".to_owned(), at(15)).await.expect("notes");
        decide(&store, 3, Decision::Uphold, 30).await;
        decide(&store, 3, Decision::Hide, 40).await;
        decide(&store, 1, Decision::Restore, 50).await;
        let rows = read(&store).await;
        let cases: Vec<(i64, Option<Timestamp>, Option<Decision>)> =
            rows.cases.iter().map(|case| (case.number, case.attended, case.decision)).collect();
        assert_eq!(cases, [(2, Some(at(15)), None), (3, Some(at(30)), Some(Decision::Hide))]);
        let decided: Vec<(i64, Decision, bool)> =
            rows.decided.iter().map(|one| (one.number, one.what, one.last)).collect();
        assert_eq!(decided, [(3, Decision::Uphold, false), (3, Decision::Hide, true), (1, Decision::Restore, true)]);
        assert!(is_stronger(&rows.decided[1]) && !is_stronger(&rows.decided[0]));
        let entry = |decided, restored| EntryRow { entry: "complaint/entry".to_owned(), decided, restored };
        assert_eq!(rows.entries, [entry(2, 1)]);
        let counts: Vec<(u64, u64)> = rows.earlier.iter().map(|month| (month.incidents, month.judged)).collect();
        assert_eq!(counts, [(0, 0), (1, 1)]);
        assert_eq!(rows.judged, 2);
    }

    #[tokio::test]
    async fn what_was_erased_counts_as_before_and_erasures_are_counted() {
        let place = Place::new();
        let store = place.open();
        let comments = vec![judged(comment("c1", "words"), verdict(Category::Complaint, Action::Escalate))];
        store.record(batch(1, comments)).await.expect("records");
        let before = read(&store).await;
        let person = store.people("Jo Carter".to_owned()).await.expect("reads").remove(0);
        store.erase(&person, "Pat Lee".to_owned(), at(5)).await.expect("erases");
        let after = read(&store).await;
        assert_eq!(after.cases.len(), before.cases.len());
        assert_eq!(after.cases[0].categories, before.cases[0].categories);
        assert_eq!((before.wishes, after.wishes, after.erased_by_wish, after.erased_by_term), (0, 1, 1, 0));
    }
}
