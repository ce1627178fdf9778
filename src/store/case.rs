//! Everything about one incident and its comment, for people outside who have to see it: with the rows of the chain that
//! prove it. In: a number. Out: a [`Case`]. Not here: how it reads (`dossier`).

use std::collections::BTreeSet;

use rusqlite::Row;
use serde_json::Value;

use super::db::Tx;
use super::names::time;
use super::queue::is_incident;
use super::subject::{Statement, statement};
use super::{Error, Store, audit, hex};
use crate::clock::Timestamp;

/// One comment, everything that was made of it, and the proof.
#[derive(Clone, Debug)]
pub struct Case {
    /// The comment and its incidents.
    pub statement: Statement,
    /// The rows of the chain that speak of them, in order.
    pub chain: Vec<ChainRow>,
    /// Number and hash of the last row of the whole chain.
    pub head: Option<(i64, String)>,
}

/// One row of the audit chain, as anybody can verify it: SHA-256 over the hash before it, the row's number and time (both
/// eight bytes, big-endian), and `what`, `who` and `detail`, each with its length (eight bytes, big-endian) before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainRow {
    /// Its number.
    pub id: i64,
    /// When; its hash covers the milliseconds since 1970.
    pub at: Timestamp,
    /// A fixed word.
    pub what: String,
    /// The person, or `chaperone`.
    pub who: String,
    /// JSON, as it was hashed.
    pub detail: String,
    /// The hash of the row before it, in hex.
    pub prev_hash: String,
    /// Its own hash, in hex.
    pub hash: String,
}

impl Store {
    /// The case of an incident; `None` for a number that no incident has.
    pub async fn case(&self, number: i64) -> Result<Option<Case>, Error> {
        self.db.read("read a case", move |db| case(db, number)).await
    }
}

fn case(db: &Tx<'_>, number: i64) -> rusqlite::Result<Option<Case>> {
    if !is_incident(db, number)? {
        return Ok(None);
    }
    let comment: i64 =
        db.prepare_cached("select comment from verdict where id = ?")?.query_row([number], |row| row.get(0))?;
    let about = About::of(db, comment)?;
    let mut chain = Vec::new();
    let mut read = db.prepare("select id, at, what, who, detail, prev_hash, hash from audit order by id")?;
    for row in read.query_map([], as_chain_row)? {
        let row = row?;
        if about.is_told_by(&row) {
            chain.push(row);
        }
    }
    let head = audit::head(db)?.map(|(id, hash)| (id, hex(&hash)));
    Ok(Some(Case { statement: statement(db, comment)?, chain, head }))
}

fn as_chain_row(row: &Row<'_>) -> rusqlite::Result<ChainRow> {
    let (prev, hash): ([u8; 32], [u8; 32]) = (row.get("prev_hash")?, row.get("hash")?);
    Ok(ChainRow {
        id: row.get("id")?,
        at: time(row, "at")?,
        what: row.get("what")?,
        who: row.get("who")?,
        detail: row.get("detail")?,
        prev_hash: hex(&prev),
        hash: hex(&hash),
    })
}

/// The numbers under which the chain may speak of a comment.
struct About {
    comment: i64,
    incidents: BTreeSet<i64>,
    outbox: BTreeSet<i64>,
    alerts: BTreeSet<i64>,
}

impl About {
    fn of(db: &Tx<'_>, comment: i64) -> rusqlite::Result<Self> {
        let numbers = |question: &str| -> rusqlite::Result<BTreeSet<i64>> {
            db.prepare_cached(question)?.query_map([comment], |row| row.get(0))?.collect()
        };
        Ok(Self {
            comment,
            incidents: numbers("select id from verdict where comment = ?")?,
            outbox: numbers("select id from outbox where comment = ?")?,
            alerts: numbers("select alert.id from alert join verdict on verdict.id = alert.verdict where comment = ?")?,
        })
    }

    fn is_told_by(&self, row: &ChainRow) -> bool {
        let Ok(detail) = serde_json::from_str::<Value>(&row.detail) else { return false };
        let one = |key: &str, known: &BTreeSet<i64>| {
            detail.get(key).and_then(Value::as_i64).is_some_and(|number| known.contains(&number))
        };
        let any = |key: &str, is: &dyn Fn(i64) -> bool| {
            detail.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64).any(is)
        };
        one("comment", &BTreeSet::from([self.comment]))
            || one("incident", &self.incidents)
            || one("outbox", &self.outbox)
            || any("incidents", &|number| self.incidents.contains(&number))
            || any("alerts", &|number| self.alerts.contains(&number))
            || any("comments", &|number| number == self.comment)
    }
}
