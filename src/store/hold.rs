//! Legal holds: comments that must be kept, whatever the terms of retention and their author say. In: incidents and who
//! asks for it. Out: rows, and the chain told. Not here: whether a hold is justified; people answer for that.

use rusqlite::{OptionalExtension as _, params};
use serde_json::json;

use super::db::Tx;
use super::names::{ms, time};
use super::{Error, Store, audit};
use crate::clock::Timestamp;

/// A comment that is kept because somebody said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The comment's newest incident.
    pub incident: i64,
    /// Who holds it.
    pub who: String,
    /// Why; may repeat what the comment says.
    pub why: String,
    /// Since when.
    pub since: Timestamp,
}

/// What became of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Held, or released, as asked.
    Done,
    /// It was so already.
    Already,
    /// Its words have been erased: nothing is left to hold.
    Erased,
    /// No incident has this number.
    Unknown,
}

impl Store {
    /// Holds the comments of these incidents.
    pub async fn hold(
        &self,
        numbers: &[i64],
        who: String,
        why: String,
        now: Timestamp,
    ) -> Result<Vec<(i64, Held)>, Error> {
        let numbers = numbers.to_vec();
        self.db
            .write("hold comments", move |tx| {
                numbers.iter().map(|&number| Ok((number, hold(tx, number, &who, &why, now)?))).collect()
            })
            .await
    }

    /// Lets go of the comments of these incidents: their terms count again.
    pub async fn release(&self, numbers: &[i64], who: String, now: Timestamp) -> Result<Vec<(i64, Held)>, Error> {
        let numbers = numbers.to_vec();
        self.db
            .write("release comments", move |tx| {
                numbers.iter().map(|&number| Ok((number, release(tx, number, &who, now)?))).collect()
            })
            .await
    }

    /// What is held, oldest hold first.
    pub async fn holds(&self) -> Result<Vec<Hold>, Error> {
        self.db.read("read what is held", holds).await
    }
}

/// The comment of an incident, and whether it was erased.
fn comment(tx: &Tx<'_>, number: i64) -> rusqlite::Result<Option<(i64, bool)>> {
    tx.prepare_cached(
        "select comment.id, comment.erased_at is not null from verdict join comment on comment.id = verdict.comment
         where verdict.id = ?",
    )?
    .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))
    .optional()
}

fn hold(tx: &Tx<'_>, number: i64, who: &str, why: &str, now: Timestamp) -> rusqlite::Result<Held> {
    let Some((comment, erased)) = comment(tx, number)? else { return Ok(Held::Unknown) };
    if erased {
        return Ok(Held::Erased);
    }
    let added = tx
        .prepare_cached("insert into hold (comment, who, why, held_at) values (?, ?, ?, ?) on conflict do nothing")?
        .execute(params![comment, who, tx.vault.seal("why", why)?, ms(now)])?;
    told(tx, added, "hold.placed", number, comment, who, now)
}

fn release(tx: &Tx<'_>, number: i64, who: &str, now: Timestamp) -> rusqlite::Result<Held> {
    let Some((comment, _)) = comment(tx, number)? else { return Ok(Held::Unknown) };
    let released = tx
        .prepare_cached("update hold set released_at = ?, released_by = ? where comment = ? and released_at is null")?
        .execute(params![ms(now), who, comment])?;
    told(tx, released, "hold.released", number, comment, who, now)
}

fn told(
    tx: &Tx<'_>,
    rows: usize,
    what: &'static str,
    number: i64,
    comment: i64,
    who: &str,
    now: Timestamp,
) -> rusqlite::Result<Held> {
    if rows == 0 {
        return Ok(Held::Already);
    }
    audit::append(tx, now, what, who, &json!({ "incident": number, "comment": comment }))?;
    Ok(Held::Done)
}

fn holds(db: &Tx<'_>) -> rusqlite::Result<Vec<Hold>> {
    db.prepare_cached(
        "select hold.who, hold.why, hold.held_at,
             (select max(id) from verdict where verdict.comment = hold.comment) as incident
         from hold where released_at is null order by hold.id",
    )?
    .query_map([], |row| {
        Ok(Hold {
            incident: row.get("incident")?,
            who: row.get("who")?,
            why: db.vault.open(row, "why")?,
            since: time(row, "held_at")?,
        })
    })?
    .collect()
}
