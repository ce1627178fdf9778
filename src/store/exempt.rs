//! Authors whom people trust: rules neither hide nor delete anything of theirs, but to cover what identifies somebody. In:
//! an incident that names the author, who says so, why. Out: rows of `exemption`, and what was owed owed no more. Not here:
//! what an exemption leaves of a verdict (`policy`), what people decide about single comments (`decisions`).
//!
//! An author is known by an HMAC of the platform's id on that page; no name stands here. What is told at once (harm,
//! threats, identifiers) is told as ever, and what had been done before is not undone.

use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};
use serde_json::json;

use super::db::Tx;
use super::evidence::Vault;
use super::names::{ms, page_key, time};
use super::queue::is_incident;
use super::{Error, Store, audit, evidence, hex};
use crate::clock::Timestamp;
use crate::comment::{Author, AuthorId, PageKey, PersonName};

/// What people read of an act that an exemption took back.
const NOTE: &str = "its author was made exempt before this was done";

/// An author whom rules leave alone.
#[derive(Clone, Debug)]
pub struct Exemption {
    /// The incident by which the author was named.
    pub incident: i64,
    /// The page; elsewhere the exemption says nothing.
    pub page: PageKey,
    /// Who it is, while the incident's evidence is kept.
    pub author: Author,
    /// Who said so.
    pub who: String,
    /// Why; may repeat what the comment says.
    pub why: String,
    /// Since when.
    pub since: Timestamp,
    /// Comments that rules would have hidden or deleted, and left up for this reason.
    pub left_up: u64,
}

/// What became of a word about an author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exempted {
    /// It is so from now on.
    Done,
    /// It was so already.
    Already {
        /// Who had said so.
        who: String,
        /// When.
        at: Timestamp,
    },
    /// There was no exemption to end.
    NotExempt,
    /// The incident does not say whose it is.
    Nobody(Nobody),
}

/// Why an incident does not lead to an author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nobody {
    /// The platform did not say who wrote it.
    Nameless,
    /// What is known of its author was erased.
    Erased,
    /// No incident has this number.
    Unknown,
}

impl Store {
    /// Makes the author of this incident exempt on its page: from now on rules only cover what identifies somebody, and
    /// what they still owed for comments of this author is owed no more.
    pub async fn exempt(&self, number: i64, who: String, why: String, now: Timestamp) -> Result<Exempted, Error> {
        self.db.write("make an author exempt", move |tx| exempt(tx, number, &who, &why, now)).await
    }

    /// Ends the exemption of this incident's author: rules act again on what is judged from now on.
    pub async fn end_exemption(
        &self,
        number: i64,
        who: String,
        why: String,
        now: Timestamp,
    ) -> Result<Exempted, Error> {
        self.db.write("end an exemption", move |tx| end(tx, number, &who, &why, now)).await
    }

    /// Every exemption that is in force, oldest first.
    pub async fn exemptions(&self) -> Result<Vec<Exemption>, Error> {
        self.db.read("read who is exempt", |db| exemptions(db, None)).await
    }
}

/// The author of an incident, by key and the page's row.
pub(super) struct Whose {
    pub(super) key: [u8; 32],
    pub(super) page: i64,
}

/// Whose comment an incident is about.
pub(super) fn whose(db: &Connection, number: i64) -> rusqlite::Result<Result<Whose, Nobody>> {
    if !is_incident(db, number)? {
        return Ok(Err(Nobody::Unknown));
    }
    db.prepare_cached(
        "select comment.author_key, comment.page, comment.erased_at is not null as erased
         from verdict join comment on comment.id = verdict.comment where verdict.id = ?",
    )?
    .query_row([number], |row| {
        Ok(match row.get("author_key")? {
            Some(key) => Ok(Whose { key, page: row.get("page")? }),
            None if row.get("erased")? => Err(Nobody::Erased),
            None => Err(Nobody::Nameless),
        })
    })
}

/// Whether the author of this comment is exempt now.
pub(super) fn is_exempt(db: &Connection, comment: i64) -> rusqlite::Result<bool> {
    db.prepare_cached(
        "select 1 from comment join exemption on exemption.author_key = comment.author_key
         where comment.id = ? and exemption.ended_at is null",
    )?
    .exists([comment])
}

fn exempt(tx: &Tx<'_>, number: i64, who: &str, why: &str, now: Timestamp) -> rusqlite::Result<Exempted> {
    let whose = match whose(tx, number)? {
        Ok(whose) => whose,
        Err(nobody) => return Ok(Exempted::Nobody(nobody)),
    };
    if let Some((_, who, at)) = open(tx, number, Some(&whose.key))? {
        return Ok(Exempted::Already { who, at });
    }
    let salt: [u8; 16] = evidence::random()?;
    tx.prepare_cached(
        "insert into exemption (page, author_key, verdict, salt, who, why, since_at)
         values (:page, :author, :verdict, :salt, :who, :why, :now)",
    )?
    .execute(named_params! {
        ":page": whose.page, ":author": whose.key, ":verdict": number, ":salt": salt, ":who": who,
        ":why": tx.vault.seal("why", why)?, ":now": ms(now),
    })?;
    let vouched = vouched(&salt, &whose.key);
    let detail = json!({ "exemption": tx.last_insert_rowid(), "incident": number, "vouched": vouched });
    audit::append(tx, now, "exemption.placed", who, &detail)?;
    owe_no_more(tx, &whose.key, now)?;
    Ok(Exempted::Done)
}

/// What the chain keeps of an author in an exemption.
pub(super) fn vouched(salt: &[u8], key: &[u8]) -> String {
    evidence::commitment(salt, &hex(key))
}

/// What rules still wanted done is withdrawn, as if a person had decided each; what was begun is seen to by the executor,
/// which looks first. An identifier is still covered, and no longer deleted.
fn owe_no_more(tx: &Tx<'_>, author: &[u8; 32], now: Timestamp) -> rusqlite::Result<()> {
    const THEIRS: &str =
        "state = 'due' and decision is null and comment in (select id from comment where author_key = ?1)";
    const IDENTIFIES: &str = "exists (select 1 from reason where reason.verdict = outbox.verdict
         and reason.category = 'patient-identified' and reason.action in ('hide', 'delete'))";
    tx.prepare_cached(&format!(
        "update outbox set state = 'superseded', closed_at = ?2, note = ?3, exempt = 1
         where {THEIRS} and written is null and not {IDENTIFIES}"
    ))?
    .execute(params![author, ms(now), NOTE])?;
    tx.prepare_cached(&format!(
        "update outbox set ceiling = 'hide' where {THEIRS} and ceiling = 'delete' and {IDENTIFIES}"
    ))?
    .execute(params![author])
    .map(drop)
}

fn end(tx: &Tx<'_>, number: i64, who: &str, why: &str, now: Timestamp) -> rusqlite::Result<Exempted> {
    let whose = whose(tx, number)?;
    let key = whose.as_ref().ok().map(|whose| &whose.key);
    // An exemption outlives the evidence of the incident that it began with, and is still found by its number.
    let Some((id, ..)) = open(tx, number, key)? else {
        return Ok(whose.map_or_else(Exempted::Nobody, |_| Exempted::NotExempt));
    };
    tx.prepare_cached("update exemption set ended_at = ?, ended_by = ?, ended_why = ? where id = ?")?
        .execute(params![ms(now), who, tx.vault.seal("ended_why", why)?, id])?;
    audit::append(tx, now, "exemption.ended", who, &json!({ "exemption": id, "incident": number }))?;
    Ok(Exempted::Done)
}

/// The exemption in force that began with this incident, or is this author's.
fn open(db: &Connection, number: i64, author: Option<&[u8; 32]>) -> rusqlite::Result<Option<(i64, String, Timestamp)>> {
    db.prepare_cached(
        "select id, who, since_at from exemption where ended_at is null and (author_key is ?1 or (?1 is null and verdict = ?2))",
    )?
    .query_row(params![author, number], |row| Ok((row.get("id")?, row.get("who")?, time(row, "since_at")?)))
    .optional()
}

/// Exemptions in force: of one author, or of all.
pub(super) fn exemptions(db: &Tx<'_>, author: Option<&[u8; 32]>) -> rusqlite::Result<Vec<Exemption>> {
    db.prepare_cached(
        "select exemption.*, page.platform, page.page_id, comment.author_id, comment.author_name,
             (select count(*) from comment other
                  join verdict on verdict.comment = other.id
                  left join outbox on outbox.verdict = verdict.id and outbox.decision is null
              where other.author_key = exemption.author_key and verdict.action in ('hide', 'delete')
                  and coalesce(outbox.closed_at, verdict.judged_at) >= exemption.since_at
                  and iif(outbox.id is null, verdict.exempt, outbox.exempt)) as left_up
         from exemption join page on page.id = exemption.page
             join verdict named on named.id = exemption.verdict join comment on comment.id = named.comment
         where ended_at is null and (?1 is null or exemption.author_key = ?1) order by exemption.id",
    )?
    .query_map([author], |row| as_exemption(row, db.vault))?
    .collect()
}

fn as_exemption(row: &Row<'_>, vault: &Vault) -> rusqlite::Result<Exemption> {
    Ok(Exemption {
        incident: row.get("verdict")?,
        page: page_key(row)?,
        author: author(row, vault)?,
        who: row.get("who")?,
        why: vault.open(row, "why")?,
        since: time(row, "since_at")?,
        left_up: row.get::<_, i64>("left_up")?.max(0) as u64,
    })
}

/// The columns `author_id` and `author_name` as an author.
pub(super) fn author(row: &Row<'_>, vault: &Vault) -> rusqlite::Result<Author> {
    Ok(Author {
        id: vault.open_optional(row, "author_id")?.map(AuthorId::new),
        name: vault.open_optional(row, "author_name")?.map(PersonName::new),
    })
}
