//! What still waits for a person. In: questions about incidents, and who has taken which in hand. Out: incidents with
//! the state of their alert, and what happened to one, step by step. Not here: which of them need a human (the digest's
//! rule, so that both lists agree), wording, masking.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;

use super::db::Tx;
use super::decisions::Decision;
use super::names::{ms, named, named_opt, time, time_opt};
use super::outbox::{Act, Closed};
use super::report::Incident;
use super::{Error, Mode, Store, audit, period};
use crate::clock::Timestamp;

/// An incident and what has become of telling people.
#[derive(Clone, Debug)]
pub struct Queued {
    /// What happened.
    pub incident: Incident,
    /// Whether people were told at once, and whether somebody has taken it in hand.
    pub alert: AlertState,
}

/// Whether and how people were told of an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlertState {
    /// In the digest; nobody was called.
    Digest,
    /// To be told at once, and not sent yet.
    Due,
    /// Told at once.
    Sent {
        /// So often.
        times: u32,
        /// Last.
        last: Timestamp,
        /// And again then, unless somebody acknowledges it.
        again: Option<Timestamp>,
    },
    /// Somebody has taken it in hand.
    Acknowledged {
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
    },
}

/// A step of an incident's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// The person who did it, where one did.
    pub who: Option<String>,
    /// What happened.
    pub what: Happened,
}

/// What can happen to an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// The comment was written, as the platform says.
    Written,
    /// It was read for the first time.
    FirstSeen,
    /// It was judged, as this incident.
    Judged {
        /// Version of the rules.
        rules: String,
        /// The mode that was in force.
        mode: Mode,
    },
    /// Its author changed its words, which made another incident of it.
    Edited {
        /// That one's number; other words may also be none.
        newer: i64,
    },
    /// Chaperone asked the platform to do something: the last time it did.
    Attempted {
        /// What.
        act: Act,
        /// So many tries were begun in all.
        attempts: u32,
    },
    /// What was owed at the platform came to an end.
    Settled {
        /// How.
        how: Closed,
        /// What was done.
        achieved: Option<Act>,
        /// Reading back showed it.
        verified: bool,
    },
    /// What was owed at the platform is owed no more: for this reason, in words.
    Withdrawn(String),
    /// People were told at once, or told again.
    Told,
    /// Somebody took it in hand.
    Acknowledged,
    /// Somebody decided.
    Decided {
        /// What.
        what: Decision,
        /// Why; may repeat what the comment says.
        why: String,
    },
    /// Somebody showed the comment again after Chaperone had hidden it.
    ShownAgain,
    /// The comment was seen to be gone from the platform.
    Gone,
}

/// What became of one number that somebody acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// It is theirs now, and is not repeated.
    Now,
    /// Somebody had acknowledged it before.
    Before {
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// No incident has this number.
    Unknown,
}

impl Store {
    /// Incidents that nobody has acknowledged or decided, or whose decision could not be carried out, oldest first; most
    /// of them were settled without anybody.
    pub async fn unattended(&self) -> Result<Vec<Queued>, Error> {
        self.db
            .read("read the queue", |db| {
                let numbers: Vec<i64> = db
                    .prepare_cached(
                        "select verdict.id from verdict
                             left join alert on alert.verdict = verdict.id
                             left join decision on decision.id = (
                                 select max(id) from standing where standing.verdict = verdict.id)
                             left join outbox on outbox.decision = decision.id
                         where (verdict.reasons > 0 or alert.id is not null)
                             and iif(decision.id is null, alert.acknowledged_at is null, outbox.state is 'dead')
                             and (alert.id is not null
                                  or not exists (select 1 from verdict newer where newer.comment = verdict.comment
                                                 and newer.version > verdict.version))
                         order by verdict.judged_at, verdict.id",
                    )?
                    .query_map([], |row| row.get(0))?
                    .collect::<rusqlite::Result<_>>()?;
                numbers.into_iter().map(|number| queued(db, number)).collect()
            })
            .await
    }

    /// One incident by its number.
    pub async fn queued(&self, number: i64) -> Result<Option<Queued>, Error> {
        self.db
            .read(
                "read an incident",
                move |db| {
                    if is_incident(db, number)? { queued(db, number).map(Some) } else { Ok(None) }
                },
            )
            .await
    }

    /// What happened to an incident and its comment, oldest first.
    pub async fn history(&self, number: i64) -> Result<Vec<Event>, Error> {
        self.db.read("read what happened to an incident", move |db| history(db, number)).await
    }

    /// Somebody has taken these incidents in hand: they are not repeated, and whoever comes later hears who was first.
    /// What became of each, in the order given; one that is refused does not stop the others.
    pub async fn acknowledge(
        &self,
        numbers: &[i64],
        who: String,
        now: Timestamp,
    ) -> Result<Vec<(i64, Acknowledged)>, Error> {
        let numbers = numbers.to_vec();
        self.db
            .write("acknowledge incidents", move |tx| {
                numbers.iter().map(|&number| Ok((number, acknowledge(tx, number, &who, now)?))).collect()
            })
            .await
    }
}

fn acknowledge(tx: &Connection, number: i64, who: &str, now: Timestamp) -> rusqlite::Result<Acknowledged> {
    if !is_incident(tx, number)? {
        return Ok(Acknowledged::Unknown);
    }
    if let AlertState::Acknowledged { by, at } = alert(tx, number)? {
        return Ok(Acknowledged::Before { by, at });
    }
    // An incident that was to be told in the digest has no row yet; one that was told at once has.
    tx.prepare_cached(
        "insert into alert (verdict, state, acknowledged_at, acknowledged_by) values (?1, 'acknowledged', ?2, ?3)
         on conflict (verdict) do update set state = 'acknowledged', due_at = null, acknowledged_at = ?2,
             acknowledged_by = ?3",
    )?
    .execute(params![number, ms(now), who])?;
    audit::append(tx, now, "incident.acknowledged", who, &json!({ "incident": number }))?;
    Ok(Acknowledged::Now)
}

/// A number that people may know: one of a comment that no rule had anything to say about is none.
pub(super) fn is_incident(db: &Connection, number: i64) -> rusqlite::Result<bool> {
    db.prepare_cached(
        "select reasons > 0 or exists (select 1 from alert where alert.verdict = verdict.id) from verdict where id = ?",
    )?
    .query_row([number], |row| row.get(0))
    .optional()
    .map(Option::unwrap_or_default)
}

pub(super) fn queued(db: &Tx<'_>, number: i64) -> rusqlite::Result<Queued> {
    Ok(Queued { incident: period::incident(db, number)?, alert: alert(db, number)? })
}

fn alert(db: &Connection, number: i64) -> rusqlite::Result<AlertState> {
    let state = db.prepare_cached("select * from alert where verdict = ?")?.query_row([number], as_alert).optional()?;
    Ok(state.unwrap_or(AlertState::Digest))
}

fn as_alert(row: &Row<'_>) -> rusqlite::Result<AlertState> {
    let (times, last) = (row.get("repeats")?, time_opt(row, "sent_at")?);
    if let Some(at) = time_opt(row, "acknowledged_at")? {
        let by = row.get::<_, Option<String>>("acknowledged_by")?.unwrap_or_default();
        return Ok(AlertState::Acknowledged { by, at });
    }
    Ok(match last {
        Some(last) => AlertState::Sent { times, last, again: time_opt(row, "due_at")? },
        None => AlertState::Due,
    })
}

pub(super) fn history(db: &Tx<'_>, number: i64) -> rusqlite::Result<Vec<Event>> {
    let mut events = Vec::new();
    comment_events(db, number, &mut events)?;
    outbox_events(db, number, &mut events)?;
    aftermath(db, number, &mut events)?;
    audit_events(db, number, &mut events)?;
    decisions(db, number, &mut events)?;
    // Stable: what happened in the same moment stays in the order of the steps above.
    events.sort_by_key(|event| event.at);
    Ok(events)
}

fn comment_events(db: &Connection, number: i64, events: &mut Vec<Event>) -> rusqlite::Result<()> {
    db.prepare_cached(
        "select comment.created_at, comment.first_seen_at,
             verdict.judged_at, verdict.rules_version, verdict.mode, newer.id as newer, newer.judged_at as newer_at
         from verdict join comment on comment.id = verdict.comment
             left join verdict newer on newer.comment = verdict.comment and newer.version = verdict.version + 1
         where verdict.id = ?",
    )?
    .query_row([number], |row| {
        let mut add = |at: Option<Timestamp>, what| events.extend(at.map(|at| Event { at, who: None, what }));
        add(time_opt(row, "created_at")?, Happened::Written);
        add(time_opt(row, "first_seen_at")?, Happened::FirstSeen);
        let (rules, mode) = (row.get("rules_version")?, named(row, "mode", Mode::from_id)?);
        add(time_opt(row, "judged_at")?, Happened::Judged { rules, mode });
        if let Some(newer) = row.get::<_, Option<i64>>("newer")? {
            add(time_opt(row, "newer_at")?, Happened::Edited { newer });
        }
        Ok(())
    })
    .optional()
    .map(drop)
}

fn outbox_events(db: &Connection, number: i64, events: &mut Vec<Event>) -> rusqlite::Result<()> {
    let mut owed = db.prepare_cached("select * from outbox where verdict = ? order by id")?;
    let mut rows = owed.query([number])?;
    while let Some(row) = rows.next()? {
        let mut add = |at: Option<Timestamp>, what| events.extend(at.map(|at| Event { at, who: None, what }));
        if let Some(act) = named_opt(row, "written", Act::from_id)? {
            add(time_opt(row, "written_at")?, Happened::Attempted { act, attempts: row.get("attempts")? });
        }
        let (state, note): (String, Option<String>) = (row.get("state")?, row.get("note")?);
        let what = match [Closed::Done, Closed::Already, Closed::Dead].into_iter().find(|how| how.id() == state) {
            // What was given up counts as escalated, which is no act.
            Some(how) => Happened::Settled {
                how,
                achieved: row.get::<_, Option<String>>("achieved")?.as_deref().and_then(Act::from_id),
                verified: time_opt(row, "verified_at")?.is_some(),
            },
            None => Happened::Withdrawn(note.unwrap_or_default()),
        };
        add(time_opt(row, "closed_at")?, what);
    }
    Ok(())
}

fn aftermath(db: &Connection, number: i64, events: &mut Vec<Event>) -> rusqlite::Result<()> {
    db.prepare_cached(
        // A decision to restore stands in the history by itself.
        "select (select max(seen_at) from shown_again
                 where comment = verdict.comment and seen_at not in
                     (select decided_at from decision join verdict other on other.id = decision.verdict
                      where other.comment = shown_again.comment and decision.what = 'restore')) as shown_again_at,
             comment.gone_at
         from verdict join comment on comment.id = verdict.comment
         where verdict.id = ?",
    )?
    .query_row([number], |row| {
        let mut add = |at: Option<Timestamp>, what| events.extend(at.map(|at| Event { at, who: None, what }));
        add(time_opt(row, "shown_again_at")?, Happened::ShownAgain);
        add(time_opt(row, "gone_at")?, Happened::Gone);
        Ok(())
    })
    .optional()
    .map(drop)
}

/// Every sending and every acknowledgement, which the chain remembers one by one.
fn audit_events(db: &Connection, number: i64, events: &mut Vec<Event>) -> rusqlite::Result<()> {
    let mut told = db.prepare_cached(
        "select id, at, what, who from audit indexed by audit_acknowledged
         where what = 'incident.acknowledged' and json_extract(detail, '$.incident') = ?1
         union all
         select id, at, what, who from audit indexed by audit_sent
         where what = 'alert.sent' and (select id from alert where verdict = ?1)
             in (select value from json_each(detail, '$.alerts'))
         order by 1",
    )?;
    let rows = told.query_map([number], |row| {
        let (what, who): (String, String) = (row.get("what")?, row.get("who")?);
        let (who, what) =
            if what == "alert.sent" { (None, Happened::Told) } else { (Some(who), Happened::Acknowledged) };
        Ok(Event { at: time(row, "at")?, who, what })
    })?;
    for event in rows {
        events.push(event?);
    }
    Ok(())
}

fn decisions(db: &Tx<'_>, number: i64, events: &mut Vec<Event>) -> rusqlite::Result<()> {
    let mut decided = db.prepare_cached("select * from decision where verdict = ? order by id")?;
    let rows = decided.query_map([number], |row| {
        let what = Happened::Decided { what: named(row, "what", Decision::from_id)?, why: db.vault.open(row, "why")? };
        Ok(Event { at: time(row, "decided_at")?, who: row.get("who")?, what })
    })?;
    for event in rows {
        events.push(event?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Category;
    use crate::policy::Action;
    use crate::store::tests::{Place, at, batch, comment, judged, verdict};

    /// A threat (1), which is told at once, and a complaint (2), which waits for the digest.
    async fn two() -> (Place, Store) {
        let place = Place::new();
        let store = place.open();
        let comments = vec![
            judged(comment("c1", "I know where you live"), verdict(Category::Threat, Action::Delete)),
            judged(comment("c2", "Worst surgery"), verdict(Category::Complaint, Action::Escalate)),
        ];
        store.record(batch(1, comments)).await.expect("records");
        (place, store)
    }

    async fn waiting(store: &Store) -> Vec<(i64, AlertState)> {
        let queue = store.unattended().await.expect("reads");
        queue.into_iter().map(|queued| (queued.incident.number, queued.alert)).collect()
    }

    #[tokio::test]
    async fn whoever_acknowledges_second_hears_who_was_first() {
        let (_place, store) = two().await;
        let first = store.acknowledge(&[1], "Pat Lee".to_owned(), at(5)).await.expect("notes");
        assert_eq!(first, [(1, Acknowledged::Now)]);
        let second = store.acknowledge(&[1, 2, 77], "Sam".to_owned(), at(6)).await.expect("notes");
        let before = Acknowledged::Before { by: "Pat Lee".to_owned(), at: at(5) };
        assert_eq!(second, [(1, before), (2, Acknowledged::Now), (77, Acknowledged::Unknown)]);
        assert_eq!(store.due_alerts(at(99)).await.expect("reads").len(), 0);
        assert_eq!(waiting(&store).await, []);
    }

    #[tokio::test]
    async fn the_queue_tells_how_people_were_told() {
        let (_place, store) = two().await;
        assert_eq!(waiting(&store).await, [(1, AlertState::Due), (2, AlertState::Digest)]);
        let id = store.due_alerts(at(2)).await.expect("reads")[0].id;
        store.mark_alert_sent(&[id], at(2), Some(at(32))).await.expect("notes");
        let sent = AlertState::Sent { times: 1, last: at(2), again: Some(at(32)) };
        assert_eq!(waiting(&store).await, [(1, sent), (2, AlertState::Digest)]);
    }

    #[tokio::test]
    async fn words_that_were_replaced_wait_for_nobody_unless_people_were_called() {
        let (_place, store) = two().await;
        let again = vec![
            judged(comment("c1", "I hope you are well"), verdict(Category::Review, Action::Escalate)),
            judged(comment("c2", "Worst practice"), verdict(Category::Complaint, Action::Escalate)),
        ];
        store.record(batch(2, again)).await.expect("records");
        let numbers: Vec<i64> = waiting(&store).await.into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, [1, 3, 4]);
    }

    #[tokio::test]
    async fn an_incidents_history_has_every_step_and_who_took_it() {
        let (_place, store) = two().await;
        let id = store.due_alerts(at(2)).await.expect("reads")[0].id;
        store.mark_alert_sent(&[id], at(2), Some(at(32))).await.expect("notes");
        store.mark_alert_sent(&[id], at(32), Some(at(62))).await.expect("notes");
        store.acknowledge(&[1], "Pat Lee".to_owned(), at(40)).await.expect("notes");
        let judged = Happened::Judged { rules: "v1".to_owned(), mode: Mode::Enforce };
        let event = |minutes, who: Option<&str>, what| Event { at: at(minutes), who: who.map(str::to_owned), what };
        assert_eq!(
            store.history(1).await.expect("reads"),
            [
                event(1, None, Happened::FirstSeen),
                event(1, None, judged),
                event(2, None, Happened::Told),
                event(32, None, Happened::Told),
                event(40, Some("Pat Lee"), Happened::Acknowledged),
            ]
        );
        assert_eq!(store.history(2).await.expect("reads").len(), 2, "the other one has a history of its own");
    }

    #[tokio::test]
    async fn a_number_of_nothing_is_no_incident() {
        let (_place, store) = two().await;
        assert!(store.queued(1).await.expect("reads").is_some());
        assert!(store.queued(77).await.expect("reads").is_none());
        assert!(store.history(77).await.expect("reads").is_empty());
    }
}
