//! The questions of a digest: everything of a period in one reading, so that its numbers agree with each other.
//! In: from, to, pages. Out: [`Period`]. Not here: wording, masking, order of importance.

use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};

use super::db::Tx;
use super::evidence::Vault;
use super::names::{comment_kind, from_json, json, ms, named, named_opt, page_key, time, time_opt};
use super::report::{EntryCount, Gap, Incident, Notice, Outcome, OutcomeState, PageCoverage, Period, Taken, Trend};
use super::{Error, Mode, Store, audit, decisions, health, standing};
use crate::clock::Timestamp;
use crate::comment::{Author, AuthorId, CommentId, CommentText, PageId, PageKey, PersonName, Platform, PostId};
use crate::ladder::Step;
use crate::lexicon::{Category, Certainty};
use crate::matcher::{Finding, How};
use crate::policy::{Action, Alert, Reason, Verdict};

/// So many different sentences about what was not read are told of one page.
const UNREAD: usize = 20;

impl Store {
    /// Everything that a digest of `from..to` tells, of these pages in this order. `from` is included, `to` is not.
    pub async fn period(&self, from: Timestamp, to: Timestamp, pages: &[PageKey]) -> Result<Period, Error> {
        let pages = pages.to_vec();
        self.db.read("read a period", move |db| period(db, from, to, &pages)).await
    }

    /// One incident by its number.
    pub async fn incident(&self, number: i64) -> Result<Option<Incident>, Error> {
        self.db.read("read an incident", move |db| incident(db, number).optional()).await
    }
}

fn period(db: &Tx<'_>, from: Timestamp, to: Timestamp, pages: &[PageKey]) -> rusqlite::Result<Period> {
    let span =
        Span { from: ms(from), to: ms(to), pages: json(&pages.iter().map(ToString::to_string).collect::<Vec<_>>())? };
    let before = standing::week_before(&span);
    let judged = span.count(db, "reasons >= 0")?;
    Ok(Period {
        from,
        to,
        coverage: pages.iter().map(|page| coverage(db, page, from, to)).collect::<rusqlite::Result<_>>()?,
        incidents: incidents(db, &span)?,
        judged,
        without_reason: span.count(db, "reasons = 0")?,
        entries: entries(db, &span, &before)?,
        trend: trend(db, &span, &before)?,
        before_watched: standing::was_watched(db, &before)?,
        standing: standing::standing(db, &span)?,
        notices: notices(db, &span)?,
        audit_head: audit::head(db)?.map(|(_, hash)| super::hex(&hash)),
    })
}

/// What every question of a period is bound to.
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) pages: String,
}

/// Verdicts of the period on its pages; a question goes on with `and …`.
pub(super) const VERDICTS: &str =
    "from verdict join comment on comment.id = verdict.comment join page on page.id = comment.page
     where verdict.judged_at >= :from and verdict.judged_at < :to
         and page.platform || ':' || page.page_id in (select value from json_each(:pages))";

impl Span {
    pub(super) fn count(&self, db: &Connection, which: &str) -> rusqlite::Result<u64> {
        db.prepare_cached(&format!("select count(*) {VERDICTS} and {which}"))?
            .query_row(named_params! { ":from": self.from, ":to": self.to, ":pages": self.pages }, |row| {
                unsigned(row, 0)
            })
    }
}

pub(super) fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.max(0) as u64)
}

fn incidents(db: &Tx<'_>, span: &Span) -> rusqlite::Result<Vec<Incident>> {
    let numbers: Vec<i64> = db
        .prepare_cached(&format!("select verdict.id {VERDICTS} and reasons > 0 order by judged_at, verdict.id"))?
        .query_map(named_params! { ":from": span.from, ":to": span.to, ":pages": span.pages }, |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    numbers.into_iter().map(|number| incident(db, number)).collect()
}

/// One incident, with everything that hangs on it.
pub(super) fn incident(db: &Tx<'_>, number: i64) -> rusqlite::Result<Incident> {
    let mut incident = db
        .prepare_cached(
            "select verdict.id, verdict.version, verdict.action, verdict.alert, verdict.tell, verdict.report,
                 verdict.drafts, verdict.categories, verdict.private, verdict.rules_version, verdict.mode, verdict.judged_at,
                 page.platform, page.page_id, post.post_id, comment.comment_id, comment.kind, comment.author_id,
                 comment.author_name, comment.created_at, coalesce(comment.permalink, post.permalink) as link, comment.erased_at,
                 comment_version.words, comment_version.attachments, outbox.state, outbox.achieved,
                 outbox.verified_at, outbox.note, alert.acknowledged_at, alert.acknowledged_by,
                 exists (select 1 from verdict other
                         where other.comment = verdict.comment and other.version < verdict.version) as edited,
                 (select count(*) from comment other join verdict before on before.comment = other.id
                  where other.page = comment.page and other.author_key = comment.author_key
                      and before.id < verdict.id and before.reasons > 0) as author_before,
                 iif(outbox.id is null, verdict.exempt, outbox.exempt) as exempt,
                 (select step from author_step where author_step.author_key = comment.author_key
                      and withdrawn_at is null order by taken_at desc, author_step.id desc limit 1) as author_step
             from verdict
                 join comment on comment.id = verdict.comment
                 join comment_version using (comment, version)
                 join page on page.id = comment.page
                 join post on post.id = comment.post
                 left join outbox on outbox.verdict = verdict.id and outbox.decision is null
                 left join alert on alert.verdict = verdict.id
             where verdict.id = ?",
        )?
        .query_row([number], |row| as_incident(row, db.vault))?;
    incident.verdict.reasons = reasons(db, number)?;
    incident.decided = decisions::last(db, number)?;
    Ok(incident)
}

fn as_incident(row: &Row<'_>, vault: &Vault) -> rusqlite::Result<Incident> {
    let author = Author {
        id: vault.open_optional(row, "author_id")?.map(AuthorId::new),
        name: vault.open_optional(row, "author_name")?.map(PersonName::new),
    };
    let verdict = Verdict {
        action: named(row, "action", Action::from_id)?,
        alert: named(row, "alert", Alert::from_id)?,
        tell: from_json(row, "tell")?,
        report: row.get("report")?,
        drafts: from_json(row, "drafts")?,
        categories: from_json(row, "categories")?,
        reasons: Vec::new(),
        private: from_json(row, "private")?,
    };
    Ok(Incident {
        number: row.get("id")?,
        page: page_key(row)?,
        comment: CommentId::new(row.get::<_, String>("comment_id")?),
        post: PostId::new(row.get::<_, String>("post_id")?),
        kind: named(row, "kind", comment_kind)?,
        link: row.get("link")?,
        author,
        author_before: row.get::<_, i64>("author_before")?.max(0) as u64,
        author_step: named_opt(row, "author_step", Step::from_id)?,
        exempt: row.get("exempt")?,
        created: time_opt(row, "created_at")?,
        judged_at: time(row, "judged_at")?,
        text: CommentText::new(vault.open(row, "words")?),
        attachments: from_json(row, "attachments")?,
        edited: row.get("edited")?,
        erased: time_opt(row, "erased_at")?,
        outcome: outcome(row, verdict.action)?,
        decided: None,
        taken: taken(row)?,
        verdict,
        rules_version: row.get("rules_version")?,
    })
}

fn taken(row: &Row<'_>) -> rusqlite::Result<Option<Taken>> {
    let Some(at) = time_opt(row, "acknowledged_at")? else { return Ok(None) };
    Ok(Some(Taken { by: row.get::<_, Option<String>>("acknowledged_by")?.unwrap_or_default(), at }))
}

pub(super) fn outcome(row: &Row<'_>, intended: Action) -> rusqlite::Result<Outcome> {
    let acts = matches!(intended, Action::Hide | Action::Delete);
    let state = match row.get::<_, Option<String>>("state")?.as_deref() {
        None if acts && !row.get::<_, bool>("exempt")? && named(row, "mode", Mode::from_id)? == Mode::Observe => {
            OutcomeState::Observed
        }
        None => OutcomeState::Nothing,
        Some(row) => state(row),
    };
    Ok(Outcome {
        intended,
        achieved: named_opt(row, "achieved", Action::from_id)?,
        verified_at: time_opt(row, "verified_at")?,
        state,
        note: row.get("note")?,
    })
}

/// A row of the outbox as people hear of it.
pub(super) fn state(row: &str) -> OutcomeState {
    match row {
        "due" => OutcomeState::Due,
        "done" => OutcomeState::Done,
        "already" => OutcomeState::Already,
        "dead" => OutcomeState::Dead,
        // Superseded: the newer verdict, or the person who decided, says what is.
        _ => OutcomeState::Nothing,
    }
}

fn reasons(db: &Connection, number: i64) -> rusqlite::Result<Vec<Reason>> {
    db.prepare_cached("select * from reason where verdict = ? order by position")?
        .query_map([number], |row| {
            let (start, end): (i64, i64) = (row.get("start_byte")?, row.get("end_byte")?);
            let finding = Finding {
                category: named(row, "category", Category::from_id)?,
                entry: row.get("entry")?,
                span: start.max(0) as usize..end.max(0) as usize,
                certainty: named(row, "certainty", Certainty::from_id)?,
                how: named(row, "how", How::from_id)?,
                clause: row.get("clause_key")?,
            };
            Ok(Reason {
                finding,
                action: named(row, "action", Action::from_id)?,
                alert: named(row, "alert", Alert::from_id)?,
                clause: row.get("clause")?,
                note: row.get("note")?,
            })
        })?
        .collect()
}

fn entries(db: &Connection, span: &Span, before: &Span) -> rusqlite::Result<Vec<EntryCount>> {
    let earlier = standing::fired(db, before)?;
    let reasons = VERDICTS.replacen("from verdict", "from verdict join reason on reason.verdict = verdict.id", 1);
    db.prepare_cached(&format!(
        "select entry, category, count(distinct verdict.comment) as comments,
             count(distinct iif((select what from standing where standing.verdict = verdict.id
                                 order by id desc limit 1) = 'restore', verdict.comment, null)) as restored,
             max(hides_since_at) as since_at {reasons}
         group by entry, category order by comments desc, entry"
    ))?
    .query_map(named_params! { ":from": span.from, ":to": span.to, ":pages": span.pages }, |row| {
        let entry: String = row.get("entry")?;
        Ok(EntryCount {
            before: earlier.get(&entry).copied().unwrap_or_default(),
            entry,
            category: named(row, "category", Category::from_id)?,
            comments: unsigned(row, 2)?,
            restored: unsigned(row, 3)?,
            since: time_opt(row, "since_at")?,
        })
    })?
    .collect()
}

fn trend(db: &Connection, span: &Span, before: &Span) -> rusqlite::Result<Vec<Trend>> {
    let (now, before) = (per_category(db, span)?, per_category(db, before)?);
    let count = |counts: &[(Category, u64)], category| {
        counts.iter().find(|(other, _)| *other == category).map_or(0, |(_, count)| *count)
    };
    Ok(Category::ALL
        .into_iter()
        .map(|category| Trend { category, now: count(&now, category), before: count(&before, category) })
        .filter(|trend| trend.now > 0 || trend.before > 0)
        .collect())
}

pub(super) fn per_category(db: &Connection, span: &Span) -> rusqlite::Result<Vec<(Category, u64)>> {
    let each = VERDICTS.replacen(" where ", " join json_each(verdict.categories) as each where ", 1);
    db.prepare_cached(&format!("select each.value as category, count(*) {each} and reasons > 0 group by category"))?
        .query_map(named_params! { ":from": span.from, ":to": span.to, ":pages": span.pages }, |row| {
            Ok((named(row, "category", Category::from_id)?, unsigned(row, 1)?))
        })?
        .collect()
}

fn notices(db: &Connection, span: &Span) -> rusqlite::Result<Vec<Notice>> {
    db.prepare_cached(
        "select notice.at, notice.kind, notice.words, page.platform, page.page_id
         from notice left join page on page.id = notice.page
         where notice.at >= ? and notice.at < ? order by notice.at, notice.id",
    )?
    .query_map([span.from, span.to], |row| {
        let page = named_opt(row, "platform", Platform::from_id)?
            .map(|platform| {
                Ok::<_, rusqlite::Error>(PageKey { platform, id: PageId::new(row.get::<_, String>("page_id")?) })
            })
            .transpose()?;
        Ok(Notice { at: time(row, "at")?, page, kind: row.get("kind")?, text: row.get("words")? })
    })?
    .collect()
}

pub(super) fn coverage(
    db: &Connection,
    page: &PageKey,
    from: Timestamp,
    to: Timestamp,
) -> rusqlite::Result<PageCoverage> {
    let mut coverage = PageCoverage {
        page: page.clone(),
        name: None,
        since: None,
        last_ok: None,
        polls: 0,
        failed: 0,
        new_comments: 0,
        baseline: 0,
        malformed: 0,
        gaps: Vec::new(),
        down: None,
        unread: Vec::new(),
    };
    let Some(row) = health::page_row(db, page)? else { return Ok(coverage) };
    db.prepare_cached("select * from page where id = ?")?.query_row([row], |page| {
        coverage.name = page.get("name")?;
        coverage.since = time_opt(page, "first_ok_at")?;
        coverage.last_ok = time_opt(page, "last_ok_at")?;
        coverage.down = health::down(page)?;
        Ok(())
    })?;
    let span = params![row, ms(from), ms(to)];
    db.prepare_cached(
        "select count(*), count(*) filter (where outcome in ('failed', 'blind')), coalesce(sum(malformed), 0)
         from poll where page = ? and started_at >= ? and started_at < ?",
    )?
    .query_row(span, |poll| {
        (coverage.polls, coverage.failed) = (unsigned(poll, 0)?, unsigned(poll, 1)?);
        coverage.malformed = unsigned(poll, 2)?;
        Ok(())
    })?;
    coverage.new_comments = db
        .prepare_cached(
            "select count(*) from comment
             where page = ? and first_seen_at >= ? and first_seen_at < ? and by_page = 0 and baseline = 0",
        )?
        .query_row(span, |row| unsigned(row, 0))?;
    coverage.baseline = db
        .prepare_cached("select count(*) from comment where page = ? and baseline = 1")?
        .query_row([row], |row| unsigned(row, 0))?;
    coverage.gaps = gaps(db, row, from, to)?;
    coverage.unread = unread(db, row, from, to)?;
    Ok(coverage)
}

/// Gaps that touch the period, cut to it.
fn gaps(db: &Connection, page: i64, from: Timestamp, to: Timestamp) -> rusqlite::Result<Vec<Gap>> {
    db.prepare_cached(
        "select max(from_at, :from) as from_at, min(coalesce(to_at, :to), :to) as to_at, why from gap
         where page = :page and from_at < :to and coalesce(to_at, :to) > :from order by from_at, id",
    )?
    .query_map(named_params! { ":from": ms(from), ":to": ms(to), ":page": page }, |row| {
        Ok(Gap { from: time(row, "from_at")?, to: time(row, "to_at")?, why: row.get("why")? })
    })?
    .collect()
}

fn unread(db: &Connection, page: i64, from: Timestamp, to: Timestamp) -> rusqlite::Result<Vec<String>> {
    db.prepare_cached(
        "select each.value, max(poll.id) as last from poll join json_each(poll.unread) as each
         where page = ? and started_at >= ? and started_at < ?
         group by each.value order by last desc, each.value limit ?",
    )?
    .query_map(params![page, ms(from), ms(to), UNREAD as i64], |row| row.get(0))?
    .collect()
}
