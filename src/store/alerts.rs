//! Incidents that people are told of at once, and digests that went out. In: what is due, what was sent. Out: rows.
//! Not here: wording, grouping and sending.

use rusqlite::{OptionalExtension as _, params};
use serde_json::json;

use super::names::{from_json, json, ms, ms_opt, time};
use super::report::Incident;
use super::{Error, Store, audit, period};
use crate::clock::Timestamp;
use crate::lexicon::Category;

/// An incident that somebody is to be told of now.
#[derive(Clone, Debug)]
pub struct DueAlert {
    /// The alert.
    pub id: i64,
    /// When it is due.
    pub due_at: Timestamp,
    /// How often it was sent before.
    pub sent_before: u32,
    /// What happened.
    pub incident: Incident,
}

impl Store {
    /// Alerts that are due, oldest incident first.
    pub async fn due_alerts(&self, now: Timestamp) -> Result<Vec<DueAlert>, Error> {
        self.db
            .read("look for due alerts", move |db| {
                let due: Vec<(i64, Timestamp, u32, i64)> = db
                    .prepare_cached(
                        "select id, due_at, repeats, verdict from alert where due_at <= ? order by verdict",
                    )?
                    .query_map([ms(now)], |row| Ok((row.get(0)?, time(row, "due_at")?, row.get(2)?, row.get(3)?)))?
                    .collect::<rusqlite::Result<_>>()?;
                due.into_iter()
                    .map(|(id, due_at, sent_before, verdict)| {
                        Ok(DueAlert { id, due_at, sent_before, incident: period::incident(db, verdict)? })
                    })
                    .collect()
            })
            .await
    }

    /// When, since then, which incidents were told for the first time: by their categories.
    pub async fn first_told_since(&self, since: Timestamp) -> Result<Vec<(Timestamp, Vec<Category>)>, Error> {
        self.db
            .read("look for alerts told lately", move |db| {
                db.prepare_cached(
                    "select sent_at, categories from alert join verdict on verdict.id = alert.verdict
                     where repeats = 1 and sent_at >= ?",
                )?
                .query_map([ms(since)], |row| Ok((time(row, "sent_at")?, from_json(row, "categories")?)))?
                .collect()
            })
            .await
    }

    /// Notes that these alerts went out, and when to send them again unless somebody acknowledges them.
    pub async fn mark_alert_sent(&self, ids: &[i64], now: Timestamp, again: Option<Timestamp>) -> Result<(), Error> {
        let ids = ids.to_vec();
        self.db
            .write("note that alerts went out", move |tx| {
                tx.execute(
                    "update alert set state = 'sent', repeats = repeats + 1, sent_at = ?, due_at = ?
                     where state <> 'acknowledged' and id in (select value from json_each(?))",
                    params![ms(now), ms_opt(again), json(&ids)?],
                )?;
                audit::append(tx, now, "alert.sent", audit::SELF, &json!({ "alerts": ids }))
            })
            .await
    }

    /// Notes that these alerts could not be sent now, and when to try again.
    pub async fn postpone_alerts(&self, ids: &[i64], until: Timestamp) -> Result<(), Error> {
        let ids = ids.to_vec();
        self.db
            .write("postpone alerts", move |tx| {
                tx.execute(
                    "update alert set due_at = ?
                     where state <> 'acknowledged' and id in (select value from json_each(?))",
                    params![ms(until), json(&ids)?],
                )
                .map(drop)
            })
            .await
    }

    /// When the next alert is due.
    pub async fn next_alert(&self) -> Result<Option<Timestamp>, Error> {
        self.db
            .read("look for the next alert", |db| {
                db.query_row("select due_at from alert where due_at is not null order by due_at limit 1", [], |row| {
                    time(row, "due_at")
                })
                .optional()
            })
            .await
    }

    /// Where the last digest ended: where the next one begins.
    pub async fn last_digest_to(&self) -> Result<Option<Timestamp>, Error> {
        self.db
            .read("read when the last digest ended", |db| {
                db.query_row("select to_at from digest_sent order by to_at desc limit 1", [], |row| time(row, "to_at"))
                    .optional()
            })
            .await
    }

    /// Notes that the digest of `from..to` went out; `how` is a fixed word: `mail`, `directory`.
    pub async fn record_digest(
        &self,
        from: Timestamp,
        to: Timestamp,
        how: &'static str,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.db
            .write("note that a digest went out", move |tx| {
                tx.execute(
                    "insert into digest_sent (from_at, to_at, sent_at, how) values (?, ?, ?, ?)",
                    params![ms(from), ms(to), ms(now), how],
                )?;
                super::rewind::digest_went_out(tx, from)?;
                audit::append(
                    tx,
                    now,
                    "digest.sent",
                    audit::SELF,
                    &json!({ "from": ms(from), "to": ms(to), "how": how }),
                )
            })
            .await
    }
}
