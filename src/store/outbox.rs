//! What is owed to the platforms. In: claims and settlements from the executor. Out: one owed action at a time, under a
//! lease. Not here: what to do about it; that is `executor::plan`'s and `executor::retry`'s.

use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::db::Tx;
use super::evidence::Vault;
use super::names::{comment_kind, from_json, json, ms, ms_opt, named, named_opt, page_key, time, time_opt};
use super::{Error, Store, audit};
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::{CommentId, CommentText, PageKey, PostId, TextHash};
use crate::lexicon::Category;
use crate::platform::Target;
use crate::policy::Action;

/// What can be done to a comment, weaker first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// Into public view again; only a person asks for it.
    Show,
    /// Out of public view; can be undone.
    Hide,
    /// Gone for good.
    Delete,
}

impl Act {
    /// The name in the database.
    pub fn id(self) -> &'static str {
        match self {
            Self::Show => "show",
            Self::Hide => "hide",
            Self::Delete => "delete",
        }
    }

    /// The act with this name.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Show, Self::Hide, Self::Delete].into_iter().find(|act| act.id() == id)
    }
}

/// A reason that calls for hiding or deleting, and since when what it rests on had been able to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// The lexicon entry, identifier or name.
    pub entry: String,
    /// What its rule says.
    pub action: Action,
    /// Since when it hid; `None` is from the beginning.
    pub hides_since: Option<Timestamp>,
    /// Since when it deleted.
    pub deletes_since: Option<Timestamp>,
}

/// One owed action, leased to whoever holds this.
#[expect(clippy::struct_excessive_bools, reason = "independent facts of a row, not a state machine")]
#[derive(Clone, Debug)]
pub struct Claim {
    /// The row.
    pub id: i64,
    /// The incident it belongs to.
    pub incident: i64,
    /// The person's decision that asks for it; without one the verdict does.
    pub decision: Option<i64>,
    /// The lease that proves the claim when it is settled.
    pub lease: Timestamp,
    /// The page.
    pub page: PageKey,
    /// What it is about.
    pub target: Target,
    /// What the verdict, or the person, wants.
    pub intended: Act,
    /// The most that is still tried.
    pub ceiling: Act,
    /// The verdict's categories.
    pub categories: Vec<Category>,
    /// The verdict's reasons that call for hiding or deleting.
    pub grounds: Vec<Ground>,
    /// The text that was judged.
    pub text_hash: TextHash,
    /// Written by the page itself; such a row should not exist.
    pub by_page: bool,
    /// Begun tries that count, this one included.
    pub attempts: u32,
    /// Writes answered with success and without effect.
    pub lies: u32,
    /// The last write begun, by this process or one before it.
    pub written: Option<Act>,
    /// A listing named its author by an id that is not the page's own.
    pub author_known: bool,
    /// Somebody showed the comment again after our hide, with the words it has now.
    pub shown_again: bool,
    /// A person has said that its author is exempt: rules only cover what identifies somebody.
    pub exempt: bool,
    /// A reason of the verdict that calls for hiding is that it identifies somebody.
    pub identifies: bool,
    /// Its replies were listed to the end.
    pub replies_read: bool,
    /// Actions on its replies are still owed.
    pub replies_owed: bool,
    /// When the action became owed.
    pub made: Timestamp,
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// Finished.
    Close(Close),
    /// Still owed.
    Again {
        /// When to try again.
        at: Timestamp,
        /// Whether this try counts towards giving up.
        counted: bool,
        /// The platform answered with success, and reading back showed no effect.
        lied: bool,
        /// From now on no more than this.
        ceiling: Option<Act>,
        /// A fixed word for what stood in the way.
        error: &'static str,
    },
}

/// The end of an owed action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// How it ended.
    pub how: Closed,
    /// What was done, if something was; what is given up counts as escalated.
    pub achieved: Option<Act>,
    /// When reading back showed it.
    pub verified: Option<Timestamp>,
    /// The comment was seen to be gone.
    pub gone: bool,
    /// Why it came out as it did, where that is not plain.
    pub note: Option<String>,
    /// The platform's own id of the exchange.
    pub trace: Option<String>,
    /// A fixed word for what stood in the way, if something did.
    pub error: Option<&'static str>,
}

/// How an owed action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Achieved and seen.
    Done,
    /// Somebody else had done it, or it was gone.
    Already,
    /// Given up: a human has to do it.
    Dead,
    /// Owed no more: a person has said that the author is exempt.
    Exempt,
}

impl Closed {
    /// The name in the database.
    pub fn id(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Already => "already",
            Self::Dead => "dead",
            Self::Exempt => "superseded",
        }
    }
}

/// What was written on a page since some moment, but for what people asked for themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Today {
    /// Hides begun.
    pub hides: u32,
    /// Deletes begun.
    pub deletes: u32,
}

impl Store {
    /// Takes the most urgent due action of these pages, for `lease` long; nobody else gets it until then.
    pub async fn claim(
        &self,
        pages: &[PageKey],
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Option<Claim>, Error> {
        let pages = page_names(pages);
        // A glance beside the writer first: nearly always nothing is due, and then nothing is written.
        let asked = pages.clone();
        if self.db.read("look for due actions", move |db| due(db, &asked, now)).await?.is_none() {
            return Ok(None);
        }
        self.db
            .write("claim an action", move |tx| claim(tx, &pages, now, now.saturating_add(lease).unwrap_or(now)))
            .await
    }

    /// When the next action of these pages is due, held writes and leases considered.
    pub async fn next_due(&self, pages: &[PageKey]) -> Result<Option<Timestamp>, Error> {
        let pages = page_names(pages);
        self.db.read("look for the next due action", move |db| next_due(db, &pages)).await
    }

    /// Writes that an act is about to be sent. False: the claim was lost, or the comment was edited meanwhile, and
    /// nothing may be sent.
    /// `charged` is the young entry whose allowance of the day a hide uses up, if it does.
    pub async fn begin_write(
        &self,
        claim: &Claim,
        act: Act,
        charged: Option<String>,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let (id, lease) = (claim.id, claim.lease);
        self.db.write("note that an act begins", move |tx| begin_write(tx, id, lease, (act, charged), now)).await
    }

    /// Writes what became of a claim. False: the claim was lost, or the comment was edited meanwhile; what was achieved
    /// is kept all the same.
    pub async fn settle(&self, claim: &Claim, settlement: Settlement, now: Timestamp) -> Result<bool, Error> {
        let claim = claim.clone();
        self.db.write("settle an action", move |tx| settle(tx, &claim, &settlement, now)).await
    }

    /// What was written on this page since `since`, but for this row's own tries.
    pub async fn written_since(&self, page: &PageKey, since: Timestamp, but: i64) -> Result<Today, Error> {
        let page = page.clone();
        self.db.read("count today's acts", move |db| written_since(db, &page, since, but)).await
    }

    /// How many hides since `since` were counted against each young entry, on all pages, but for this row's own.
    pub async fn charged_since(&self, since: Timestamp, but: i64) -> Result<Vec<(String, u32)>, Error> {
        self.db.read("count what young rules hid", move |db| charged_since(db, since, but)).await
    }
}

fn page_names(pages: &[PageKey]) -> Vec<String> {
    pages.iter().map(ToString::to_string).collect()
}

/// The due row of these pages that comes first: what people asked for, what they are told of at once, then the oldest.
fn due(db: &Connection, pages: &[String], now: Timestamp) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached(
        "select outbox.id from outbox
             join page on page.id = outbox.page
             join verdict on verdict.id = outbox.verdict
         where outbox.state = 'due' and outbox.due_at <= :now
             and coalesce(outbox.lease_until_at, 0) <= :now and coalesce(page.writes_at, 0) <= :now
             and page.platform || ':' || page.page_id in (select value from json_each(:pages))
         order by outbox.decision is not null desc, verdict.alert = 'now' desc, outbox.due_at, outbox.id limit 1",
    )?
    .query_row(named_params! { ":now": ms(now), ":pages": json(pages)? }, |row| row.get(0))
    .optional()
}

fn next_due(db: &Connection, pages: &[String]) -> rusqlite::Result<Option<Timestamp>> {
    db.prepare_cached(
        "select min(max(outbox.due_at, coalesce(outbox.lease_until_at, 0), coalesce(page.writes_at, 0))) as due_at
         from outbox join page on page.id = outbox.page
         where outbox.state = 'due' and page.platform || ':' || page.page_id in (select value from json_each(?))",
    )?
    .query_row([json(pages)?], |row| time_opt(row, "due_at"))
}

fn claim(tx: &Tx<'_>, pages: &[String], now: Timestamp, lease: Timestamp) -> rusqlite::Result<Option<Claim>> {
    let Some(id) = due(tx, pages, now)? else { return Ok(None) };
    tx.prepare_cached("update outbox set lease_until_at = ?, attempts = attempts + 1 where id = ?")?
        .execute(params![ms(lease), id])?;
    let mut claim = tx
        .prepare_cached(
        "select outbox.id, outbox.verdict, outbox.decision, outbox.intended, outbox.ceiling, outbox.attempts, outbox.lies,
             outbox.written, outbox.made_at, outbox.lease_until_at, page.platform, page.page_id, post.post_id,
             comment.comment_id, comment.parent_id, comment.kind, comment.by_page, comment_version.words,
             comment.replies_read_at, comment.author_id is not null as author_known, verdict.categories,
             exists (select 1 from shown_again shown
                     where shown.comment = comment.id and shown.text_hash = comment.text_hash) as shown_again,
             exists (select 1 from exemption
                     where exemption.author_key = comment.author_key and ended_at is null) as exempt,
             exists (select 1 from reason where reason.verdict = outbox.verdict
                         and reason.category = 'patient-identified' and reason.action in ('hide', 'delete'))
                 as identifies,
             exists (select 1 from comment reply join outbox owed on owed.comment = reply.id
                     where reply.page = comment.page and reply.parent_id = comment.comment_id
                         and owed.state = 'due') as replies_owed
         from outbox
             join page on page.id = outbox.page
             join comment on comment.id = outbox.comment
             join comment_version on comment_version.comment = comment.id
                 and comment_version.version = comment.version
             join post on post.id = comment.post
             join verdict on verdict.id = outbox.verdict
         where outbox.id = ?",
    )?
    .query_row([id], |row| as_claim(row, tx.vault))?;
    claim.grounds = grounds(tx, claim.incident)?;
    Ok(Some(claim))
}

fn grounds(db: &Connection, incident: i64) -> rusqlite::Result<Vec<Ground>> {
    db.prepare_cached(
        "select entry, action, hides_since_at, deletes_since_at from reason
         where verdict = ? and action in ('hide', 'delete') order by position",
    )?
    .query_map([incident], |row| {
        Ok(Ground {
            entry: row.get("entry")?,
            action: named(row, "action", Action::from_id)?,
            hides_since: time_opt(row, "hides_since_at")?,
            deletes_since: time_opt(row, "deletes_since_at")?,
        })
    })?
    .collect()
}

fn as_claim(row: &Row<'_>, vault: &Vault) -> rusqlite::Result<Claim> {
    let categories: Vec<Category> = from_json(row, "categories")?;
    Ok(Claim {
        id: row.get("id")?,
        incident: row.get("verdict")?,
        decision: row.get("decision")?,
        lease: time(row, "lease_until_at")?,
        page: page_key(row)?,
        target: Target {
            comment: CommentId::new(row.get::<_, String>("comment_id")?),
            post: PostId::new(row.get::<_, String>("post_id")?),
            kind: named(row, "kind", comment_kind)?,
            parent: row.get::<_, Option<String>>("parent_id")?.map(CommentId::new),
        },
        intended: named(row, "intended", Act::from_id)?,
        ceiling: named(row, "ceiling", Act::from_id)?,
        categories,
        grounds: Vec::new(),
        text_hash: CommentText::new(vault.open(row, "words")?).hash(),
        by_page: row.get("by_page")?,
        attempts: row.get("attempts")?,
        lies: row.get("lies")?,
        written: named_opt(row, "written", Act::from_id)?,
        author_known: row.get("author_known")?,
        shown_again: row.get("shown_again")?,
        exempt: row.get("exempt")?,
        identifies: row.get("identifies")?,
        replies_read: time_opt(row, "replies_read_at")?.is_some(),
        replies_owed: row.get("replies_owed")?,
        made: time(row, "made_at")?,
    })
}

fn begin_write(
    tx: &Connection,
    id: i64,
    lease: Timestamp,
    (act, charged): (Act, Option<String>),
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let held = tx
        .prepare_cached(
            "update outbox set written = ?, written_at = ?, charged = ?
             where id = ? and state = 'due' and lease_until_at = ?",
        )?
        .execute(params![act.id(), ms(now), charged, id, ms(lease)])?;
    if held > 0 {
        audit::append(tx, now, "act.begun", audit::SELF, &json!({ "outbox": id, "act": act.id() }))?;
    }
    Ok(held > 0)
}

fn settle(tx: &Connection, claim: &Claim, settlement: &Settlement, now: Timestamp) -> rusqlite::Result<bool> {
    match settlement {
        Settlement::Close(close) => close_row(tx, claim, close, now),
        Settlement::Again { at, counted, lied, ceiling, error } => {
            let held = tx
                .prepare_cached(
                    "update outbox set lease_until_at = null, due_at = :at, attempts = max(0, attempts - :uncounted),
                         lies = lies + :lied, ceiling = coalesce(:ceiling, ceiling), last_error = :error
                     where id = :id and state = 'due' and lease_until_at = :lease",
                )?
                .execute(named_params! {
                    ":at": ms(*at), ":uncounted": i64::from(!counted), ":lied": i64::from(*lied),
                    ":ceiling": ceiling.map(Act::id), ":error": error, ":id": claim.id, ":lease": ms(claim.lease),
                })?;
            let detail = json!({ "outbox": claim.id, "incident": claim.incident, "error": error });
            if held > 0 && (*lied || ceiling.is_some()) {
                audit::append(tx, now, "act.failed", audit::SELF, &detail)?;
            }
            Ok(held > 0)
        }
    }
}

fn close_row(tx: &Connection, claim: &Claim, close: &Close, now: Timestamp) -> rusqlite::Result<bool> {
    let given_up = (close.how == Closed::Dead).then_some(Action::Escalate.id());
    let achieved = given_up.or(close.achieved.map(Act::id));
    // A row that an edit superseded while we were at the platform keeps its state and still learns what was done.
    let held = tx
        .prepare_cached(
            "update outbox set lease_until_at = null, state = iif(state = 'due', :state, state),
                 closed_at = coalesce(closed_at, :now), achieved = :achieved, verified_at = :verified,
                 note = iif(state = 'due', :note, note), trace = coalesce(:trace, trace), last_error = :error,
                 exempt = max(exempt, :exempt)
             where id = :id and lease_until_at = :lease and state in ('due', 'superseded')
             returning state",
        )?
        .query_row(
            named_params! {
                ":state": close.how.id(), ":now": ms(now), ":achieved": achieved,
                ":verified": ms_opt(close.verified), ":note": close.note, ":trace": close.trace,
                ":error": close.error, ":id": claim.id, ":lease": ms(claim.lease),
                ":exempt": close.how == Closed::Exempt,
            },
            |row| row.get::<_, String>(0),
        )
        .optional()?;
    let Some(state) = held else { return Ok(false) };
    let hidden = close.how == Closed::Done && close.achieved == Some(Act::Hide);
    // What people had shown again is no hide of ours any more, so that showing it is nobody's contradiction.
    let shown = claim.intended == Act::Show && close.how != Closed::Dead && !close.gone;
    tx.prepare_cached(
        "update comment set our_hide_at = iif(:shown, null, iif(:hidden, :now, our_hide_at)),
             hidden = iif(:shown, 0, max(hidden, :hidden)),
             gone_at = iif(:gone, coalesce(gone_at, :now), gone_at)
         where id = (select comment from outbox where id = :id)",
    )?
    .execute(
        named_params! { ":hidden": hidden, ":shown": shown, ":gone": close.gone, ":now": ms(now), ":id": claim.id },
    )?;
    let detail = json!({
        "outbox": claim.id, "incident": claim.incident, "state": state, "intended": claim.intended.id(),
        "achieved": achieved, "verified": close.verified.is_some(), "gone": close.gone,
        "trace": close.trace, "error": close.error,
    });
    audit::append(tx, now, "act.settled", audit::SELF, &detail)?;
    Ok(state == close.how.id())
}

fn written_since(db: &Connection, page: &PageKey, since: Timestamp, but: i64) -> rusqlite::Result<Today> {
    db.prepare_cached(
        "select count(*) filter (where written = 'hide') as hides, count(*) filter (where written = 'delete') as deletes
         from outbox join page on page.id = outbox.page
         where page.platform = ? and page.page_id = ? and outbox.written_at >= ? and outbox.id <> ?
             and outbox.decision is null",
    )?
    .query_row(params![page.platform.id(), page.id.as_str(), ms(since), but], |row| {
        Ok(Today { hides: row.get("hides")?, deletes: row.get("deletes")? })
    })
}

fn charged_since(db: &Connection, since: Timestamp, but: i64) -> rusqlite::Result<Vec<(String, u32)>> {
    db.prepare_cached(
        "select charged, count(*) from outbox
         where charged is not null and written_at >= ? and id <> ? group by charged",
    )?
    .query_map(params![ms(since), but], |row| Ok((row.get(0)?, row.get(1)?)))?
    .collect()
}
