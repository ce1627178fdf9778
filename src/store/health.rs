//! How the watching itself goes: what is remembered of a page between polls, each poll, gaps, pages that are down, and
//! notices. In: the end of a poll. Out: the cursor's state and a page's health. Not here: deciding the back-off.

use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};
use serde_json::json;

use super::names::{json, ms, ms_opt, named, post_kind, post_kind_id, time, time_opt};
use super::report::Down;
use super::{Error, Store, audit, vitals};
use crate::clock::Timestamp;
use crate::comment::{CommentId, PageKey, PostId};
use crate::platform::cursor::{Coverage, PageState, PostState};

/// A poll that comes this much later than it was due means that nobody was watching.
const ABSENCE: jiff::SignedDuration = jiff::SignedDuration::from_mins(10);

/// How a page's watching goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageHealth {
    /// No poll before this.
    pub next_poll: Option<Timestamp>,
    /// The platform asked for quiet until then: it is kept even by a daemon that was just started.
    pub quiet: bool,
    /// Polls failed in a row.
    pub failures: u32,
    /// Set while the page is not being read.
    pub down: Option<Down>,
    /// The last successful poll.
    pub last_ok: Option<Timestamp>,
    /// When the last poll ended, however it went.
    pub last_poll: Option<Timestamp>,
    /// The backlog has been remembered: the first complete poll is over.
    pub baseline_done: bool,
}

/// The end of a poll, with everything that is remembered of it.
#[derive(Clone, Debug)]
pub struct PollEnd {
    /// The page.
    pub page: PageKey,
    /// When the poll began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// How it went.
    pub outcome: PollOutcome,
    /// The listing of posts was followed as far as it goes: the first such poll ends the backlog.
    pub complete: bool,
    /// What the cursor remembers; absent when nothing was learnt.
    pub state: Option<PageState>,
    /// What could and could not be read.
    pub coverage: Coverage,
    /// Comments found for the first time.
    pub fresh: u32,
    /// What broke it, if something did.
    pub trouble: Option<Trouble>,
    /// When the next poll may begin.
    pub next_poll: Timestamp,
    /// The platform asked for quiet until then.
    pub quiet: bool,
}

/// How a poll went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollOutcome {
    /// Everything asked for was read.
    Ok,
    /// The posts were listed, something under them was not read.
    Partial,
    /// The posts were not listed.
    Failed,
    /// The platform counts comments and shows us none.
    Blind,
}

impl PollOutcome {
    /// The name in the database.
    pub fn id(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Blind => "blind",
        }
    }

    /// The outcome with this name.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Ok, Self::Partial, Self::Failed, Self::Blind].into_iter().find(|outcome| outcome.id() == id)
    }

    /// Whether the page was read.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Ok | Self::Partial)
    }
}

/// What broke a poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// A fixed word, which is also the notice's kind: `token`, `permission`, `throttled`, `transient`, `blind`, `refused`.
    pub kind: &'static str,
    /// What happened, in words without text, names or tokens.
    pub why: String,
    /// What a person does next.
    pub help: String,
    /// People are told now, once for each time that the page goes down; else the gap alone is told.
    pub down: bool,
}

/// Something to tell people that is no comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotice {
    /// When.
    pub at: Timestamp,
    /// The page, where it concerns one.
    pub page: Option<PageKey>,
    /// The comment that it is about: when that is erased, this goes too, because it may say where it stands.
    pub comment: Option<CommentId>,
    /// A fixed word for grouping: `rules-refused`, `token`, `brake`, `blind`, `throttled`, `error`.
    pub kind: &'static str,
    /// What happened and what to do, in words; never a comment's.
    pub text: String,
    /// Told once for this key, for ever; absent: told each time.
    pub once: Option<String>,
}

impl Store {
    /// How this page's watching goes. Remembers, when it is asked for the first time, that the watch begins now.
    pub async fn page_health(&self, page: &PageKey, now: Timestamp) -> Result<PageHealth, Error> {
        let key = page.clone();
        if let Some(health) = self.db.read("read a page's health", move |db| page_health(db, &key)).await? {
            return Ok(health);
        }
        let key = page.clone();
        self.db
            .write("begin to watch a page", move |tx| {
                ensure_page(tx, &key, now)?;
                page_health(tx, &key)?.ok_or(rusqlite::Error::QueryReturnedNoRows)
            })
            .await
    }

    /// When the watch of this page began; `None` before its first poll.
    pub async fn watched_since(&self, page: &PageKey) -> Result<Option<Timestamp>, Error> {
        let page = page.clone();
        self.db
            .read("read when a watch began", move |db| {
                db.query_row(
                    "select watch_at from page where platform = ? and page_id = ?",
                    params![page.platform.id(), page.id.as_str()],
                    |row| time(row, "watch_at"),
                )
                .optional()
            })
            .await
    }

    /// What the cursor remembered of this page.
    pub async fn page_state(&self, page: &PageKey) -> Result<PageState, Error> {
        let page = page.clone();
        self.db.read("read what is known of a page", move |db| page_state(db, &page)).await
    }

    /// Keeps what the platform calls a page; says what it was called before, if that was something else.
    pub async fn name_page(&self, page: &PageKey, name: String, now: Timestamp) -> Result<Option<String>, Error> {
        let page = page.clone();
        self.db
            .write("name a page", move |tx| {
                let row = ensure_page(tx, &page, now)?;
                let before: Option<String> =
                    tx.query_row("select name from page where id = ?", [row], |row| row.get(0))?;
                tx.execute("update page set name = ? where id = ?", params![name, row])?;
                Ok(before.filter(|before| *before != name))
            })
            .await
    }

    /// Closes a poll: the poll's row, the cursor's state, gaps, health and notices in one transaction. The state comes
    /// after the comments it covers: a crash between the two reads them again and finds them known, and [`Known::fresh`]
    /// keeps the cursor from stopping there.
    ///
    /// [`Known::fresh`]: super::Known::fresh
    pub async fn finish_poll(&self, end: PollEnd) -> Result<(), Error> {
        self.db.write("close a poll", move |tx| finish_poll(tx, &end)).await
    }

    /// Tells people something. Says whether it is new.
    pub async fn notice(&self, notice: NewNotice) -> Result<bool, Error> {
        self.db.write("keep a notice", move |tx| insert_notice(tx, &notice)).await
    }

    /// Forbids writes to a page until then, because the platform said so; the longer ban stays.
    pub async fn hold_writes(&self, page: &PageKey, until: Timestamp) -> Result<(), Error> {
        let page = page.clone();
        self.db
            .write("hold the writes of a page", move |tx| {
                tx.execute(
                    "update page set writes_at = max(coalesce(writes_at, 0), ?) where platform = ? and page_id = ?",
                    params![ms(until), page.platform.id(), page.id.as_str()],
                )
                .map(drop)
            })
            .await
    }
}

pub(super) fn ensure_page(tx: &Connection, page: &PageKey, now: Timestamp) -> rusqlite::Result<i64> {
    if let Some(row) = page_row(tx, page)? {
        return Ok(row);
    }
    tx.execute(
        "insert into page (platform, page_id, watch_at) values (?, ?, ?)",
        params![page.platform.id(), page.id.as_str(), ms(now)],
    )?;
    Ok(tx.last_insert_rowid())
}

pub(super) fn page_row(db: &Connection, page: &PageKey) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("select id from page where platform = ? and page_id = ?")?
        .query_row([page.platform.id(), page.id.as_str()], |row| row.get(0))
        .optional()
}

fn page_health(db: &Connection, page: &PageKey) -> rusqlite::Result<Option<PageHealth>> {
    db.prepare_cached(
        "select *, (select ended_at from poll where poll.page = page.id order by poll.id desc limit 1) as last_poll_at
         from page where platform = ? and page_id = ?",
    )?
    .query_row([page.platform.id(), page.id.as_str()], |row| {
        Ok(PageHealth {
            next_poll: time_opt(row, "next_poll_at")?,
            quiet: row.get("quiet")?,
            failures: row.get("failures")?,
            down: down(row)?,
            last_ok: time_opt(row, "last_ok_at")?,
            last_poll: time_opt(row, "last_poll_at")?,
            baseline_done: time_opt(row, "baseline_at")?.is_some(),
        })
    })
    .optional()
}

pub(super) fn down(row: &Row<'_>) -> rusqlite::Result<Option<Down>> {
    let Some(since) = time_opt(row, "down_at")? else { return Ok(None) };
    let help = row.get::<_, Option<String>>("down_help")?.unwrap_or_default();
    Ok(Some(Down { since, why: row.get("down_why")?, help }))
}

fn page_state(db: &Connection, page: &PageKey) -> rusqlite::Result<PageState> {
    let found = db
        .prepare_cached("select id, posts_swept_at from page where platform = ? and page_id = ?")?
        .query_row([page.platform.id(), page.id.as_str()], |row| {
            Ok((row.get::<_, i64>("id")?, time_opt(row, "posts_swept_at")?))
        })
        .optional()?;
    let Some((row, swept_at)) = found else { return Ok(PageState::default()) };
    let posts = db
        .prepare_cached(
            "select post_id, kind, created_at, read_at, swept_at, total from post
             where page = ? and watched = 1 order by id",
        )?
        .query_map([row], post_state)?
        .collect::<rusqlite::Result<_>>()?;
    let ever_read =
        db.prepare_cached("select 1 from comment where page = ? and kind <> 'visitorpost'")?.exists([row])?;
    Ok(PageState { posts, swept_at, ever_read })
}

fn post_state(row: &Row<'_>) -> rusqlite::Result<PostState> {
    Ok(PostState {
        id: PostId::new(row.get::<_, String>("post_id")?),
        kind: named(row, "kind", post_kind)?,
        created: time_opt(row, "created_at")?,
        read_at: time_opt(row, "read_at")?,
        swept_at: time_opt(row, "swept_at")?,
        total: row.get::<_, Option<i64>>("total")?.map(|total| total.max(0) as u64),
    })
}

fn finish_poll(tx: &Connection, end: &PollEnd) -> rusqlite::Result<()> {
    let page = ensure_page(tx, &end.page, end.started)?;
    insert_poll(tx, page, end)?;
    tx.prepare_cached("update page set quiet = ? where id = ?")?.execute(params![end.quiet, page])?;
    if let Some(state) = &end.state {
        save_state(tx, page, state, end.started)?;
    }
    if end.outcome.is_read() { note_success(tx, page, end) } else { note_failure(tx, page, end) }
}

fn insert_poll(tx: &Connection, page: i64, end: &PollEnd) -> rusqlite::Result<()> {
    let coverage = &end.coverage;
    tx.prepare_cached(
        "insert into poll (page, started_at, ended_at, outcome, error, requests, posts, comments, fresh, malformed,
             unread)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        page,
        ms(end.started),
        ms(end.ended),
        end.outcome.id(),
        end.trouble.as_ref().map(|trouble| trouble.kind),
        coverage.requests,
        coverage.posts,
        coverage.comments,
        end.fresh,
        coverage.malformed,
        json(&coverage.gaps)?
    ])?;
    vitals::count(tx, page, vitals::POLL, end.outcome.id(), "", 1)?;
    vitals::count(tx, page, vitals::REQUEST, "", "", i64::from(coverage.requests))
}

fn save_state(tx: &Connection, page: i64, state: &PageState, now: Timestamp) -> rusqlite::Result<()> {
    tx.prepare_cached("update page set posts_swept_at = ? where id = ?")?
        .execute(params![ms_opt(state.swept_at), page])?;
    let ids: Vec<&str> = state.posts.iter().map(|post| post.id.as_str()).collect();
    tx.prepare_cached(
        "update post set watched = 0
         where page = ? and watched = 1 and post_id not in (select value from json_each(?))",
    )?
    .execute(params![page, json(&ids)?])?;
    let mut upsert = tx.prepare_cached(
        "insert into post (page, post_id, kind, created_at, first_seen_at, watched, read_at, swept_at, total)
         values (:page, :id, :kind, :created, :now, 1, :read, :swept, :total)
         on conflict (page, post_id) do update set kind = excluded.kind,
             created_at = coalesce(excluded.created_at, created_at), watched = 1, read_at = excluded.read_at,
             swept_at = excluded.swept_at, total = excluded.total
         where watched = 0 or kind is not excluded.kind or read_at is not excluded.read_at
             or swept_at is not excluded.swept_at or total is not excluded.total",
    )?;
    for post in &state.posts {
        upsert.execute(named_params! {
            ":page": page, ":id": post.id.as_str(), ":kind": post_kind_id(post.kind), ":created": ms_opt(post.created),
            ":now": ms(now), ":read": ms_opt(post.read_at), ":swept": ms_opt(post.swept_at),
            ":total": post.total.map(|total| total as i64),
        })?;
    }
    Ok(())
}

fn note_success(tx: &Connection, page: i64, end: &PollEnd) -> rusqlite::Result<()> {
    note_absence(tx, page, end)?;
    tx.prepare_cached("update gap set to_at = ? where page = ? and to_at is null")?
        .execute(params![ms(end.started), page])?;
    let back = tx.prepare_cached("select 1 from page where id = ? and down_at is not null")?.exists([page])?;
    tx.prepare_cached(
        "update page set first_ok_at = coalesce(first_ok_at, :ended), last_ok_at = :ended,
             baseline_at = coalesce(baseline_at, iif(:complete, :ended, null)), next_poll_at = :next, failures = 0, down_at = null,
             down_why = null, down_help = null
         where id = :page",
    )?
    .execute(named_params! { ":ended": ms(end.ended), ":next": ms(end.next_poll), ":complete": end.complete, ":page": page })?;
    if back {
        audit::append(tx, end.ended, "page.up", audit::SELF, &json!({ "page": end.page.to_string() }))?;
    }
    Ok(())
}

/// A daemon that was not running leaves no failed polls; its absence shows only now.
fn note_absence(tx: &Connection, page: i64, end: &PollEnd) -> rusqlite::Result<()> {
    let missed = ms(end.started) - i64::try_from(ABSENCE.as_millis()).unwrap_or(i64::MAX);
    tx.prepare_cached(
        "insert into gap (page, from_at, to_at, why)
         select id, last_ok_at, :started, 'Chaperone was not running, or the machine was asleep' from page
         where id = :page and next_poll_at < :missed and last_ok_at is not null and failures = 0",
    )?
    .execute(named_params! { ":started": ms(end.started), ":page": page, ":missed": missed })
    .map(drop)
}

fn note_failure(tx: &Connection, page: i64, end: &PollEnd) -> rusqlite::Result<()> {
    let (why, help, down) = match &end.trouble {
        Some(trouble) => (trouble.why.as_str(), trouble.help.as_str(), trouble.down),
        None => ("the page could not be read", "", false),
    };
    tx.prepare_cached(
        "insert into gap (page, from_at, why) select id, coalesce(last_ok_at, ?), ? from page where id = ?
         on conflict do nothing",
    )?
    .execute(params![ms(end.started), why, page])?;
    tx.prepare_cached("update page set failures = failures + 1, next_poll_at = ? where id = ?")?
        .execute(params![ms(end.next_poll), page])?;
    if down { note_down(tx, page, end, why, help) } else { Ok(()) }
}

fn note_down(tx: &Connection, page: i64, end: &PollEnd, why: &str, help: &str) -> rusqlite::Result<()> {
    let first = tx.prepare_cached("select 1 from page where id = ? and down_at is null")?.exists([page])?;
    tx.prepare_cached("update page set down_at = coalesce(down_at, ?), down_why = ?, down_help = ? where id = ?")?
        .execute(params![ms(end.started), why, help, page])?;
    if !first {
        return Ok(());
    }
    let kind = end.trouble.as_ref().map_or("error", |trouble| trouble.kind);
    insert_notice(
        tx,
        &NewNotice {
            at: end.ended,
            page: Some(end.page.clone()),
            comment: None,
            kind,
            text: format!("{why}; {help}"),
            once: Some(format!("down:{page}:{}", ms(end.started))),
        },
    )?;
    audit::append(tx, end.ended, "page.down", audit::SELF, &json!({ "page": end.page.to_string(), "kind": kind }))
}

pub(super) fn insert_notice(tx: &Connection, notice: &NewNotice) -> rusqlite::Result<bool> {
    let page = notice.page.as_ref().map(|page| ensure_page(tx, page, notice.at)).transpose()?;
    let added = tx
        .prepare_cached(
            "insert into notice (at, page, comment, kind, words, once) values (?, ?, ?, ?, ?, ?)
             on conflict do nothing",
        )?
        .execute(params![
            ms(notice.at),
            page,
            notice.comment.as_ref().map(CommentId::as_str),
            notice.kind,
            notice.text,
            notice.once
        ])?;
    Ok(added > 0)
}
