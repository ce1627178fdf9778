//! Taking a decision back. In: numbers of decisions. Out: for each, what is put right at the platform, or why nothing can
//! be. The incident then waits for a person again. Not here: what a rule had wanted before the decision; it is not taken
//! up again, because a person has looked at it and hesitates.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::db::Tx;
use super::decisions::{Decision, Earlier, Seen, Word, owe, record, withdraw};
use super::names::{ms, named, page_key, time, time_opt};
use super::outbox::Act;
use super::{Error, Store};
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::PageKey;

/// An alert that the decision had ended goes on after so long: whoever took it back is probably deciding anew.
const REMINDED_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// What became of taking a decision back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undone {
    /// It is taken back.
    Now {
        /// The incident.
        incident: i64,
        /// What the decision was.
        what: Decision,
        /// What is done at which page to put things right, if anything is.
        owed: Option<(Act, PageKey)>,
    },
    /// Somebody has decided since, and that stands.
    Overtaken(Earlier),
    /// It was taken back before.
    Before,
    /// The comment is deleted, or being deleted: nobody can bring it back.
    Deleted,
    /// The comment is gone from the platform, seen then.
    Gone(Timestamp),
    /// There is no decision of this number that could be taken back.
    Unknown,
}

impl Store {
    /// These decisions, in their order; numbers of none are left out.
    pub async fn decisions(&self, numbers: &[i64]) -> Result<Vec<Taken>, Error> {
        let numbers = numbers.to_vec();
        self.db
            .read("read decisions", move |db| {
                let mut read = db.prepare_cached(
                    "select id, verdict, what, who, decided_at,
                         exists (select 1 from decision undo where undo.undoes = decision.id) as undone
                     from decision where id = ?",
                )?;
                let found = numbers.iter().map(|number| read.query_row([number], as_taken).optional());
                Ok(found.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
            })
            .await
    }

    /// Takes decisions back, each in the order given; one that cannot be does not stop the others.
    pub async fn undo(&self, decisions: &[i64], who: String, now: Timestamp) -> Result<Vec<(i64, Undone)>, Error> {
        let decisions = decisions.to_vec();
        self.db
            .write("take decisions back", move |tx| {
                decisions.iter().map(|&decision| Ok((decision, undo(tx, decision, &who, now)?))).collect()
            })
            .await
    }
}

/// A decision, for whoever has just made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Its number.
    pub decision: i64,
    /// The incident.
    pub incident: i64,
    /// What.
    pub what: Decision,
    /// Who.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// It was taken back.
    pub undone: bool,
}

/// A decision and what came of it.
struct Made {
    verdict: i64,
    comment: i64,
    page: PageKey,
    what: Decision,
    who: String,
    at: Timestamp,
    undone: bool,
    gone: Option<Timestamp>,
    /// How the act that it asked for stands: state, begun, what was achieved; none if it asked for none.
    act: Option<(String, bool, Option<Act>)>,
    text_key: [u8; 32],
}

fn undo(tx: &Tx<'_>, decision: i64, who: &str, now: Timestamp) -> rusqlite::Result<Undone> {
    let Some(made) = made(tx, decision)? else { return Ok(Undone::Unknown) };
    if made.undone {
        return Ok(Undone::Before);
    }
    if let Some(last) = last_of(tx, made.verdict)?.filter(|last| last.decision != decision) {
        return Ok(Undone::Overtaken(last));
    }
    let act = match made.reverse() {
        Ok(act) => act,
        Err(refusal) => return Ok(refusal),
    };
    withdraw(tx, made.comment, "the decision was taken back", now)?;
    let word = Word { what: Decision::Undo, who: who.to_owned(), why: String::new(), seen: Seen::Anything };
    let undo = record(tx, made.verdict, &word, Some(decision), act, now)?;
    if made.what == Decision::Restore {
        tx.prepare_cached("delete from shown_again where comment = ? and text_hash = ?")?
            .execute(params![made.comment, made.text_key])?;
    }
    if let Some(act) = act {
        owe(tx, made.verdict, undo, act, now)?;
    }
    reopen_alert(tx, &made, now)?;
    Ok(Undone::Now { incident: made.verdict, what: made.what, owed: act.map(|act| (act, made.page)) })
}

impl Made {
    /// What puts things right at the platform. Where an act was begun and its end is not known, the executor looks first.
    fn reverse(&self) -> Result<Option<Act>, Undone> {
        let Some((state, begun, achieved)) = &self.act else { return Ok(None) };
        let did = match state.as_str() {
            "done" => *achieved,
            "due" | "superseded" | "dead" if *begun => Some(match self.what {
                Decision::Restore => Act::Show,
                Decision::Delete => Act::Delete,
                _ => Act::Hide,
            }),
            _ => None,
        };
        match (did, self.gone) {
            // What was said cannot be unsaid, and no decision of a person says it.
            (None | Some(Act::Reply), _) => Ok(None),
            (Some(Act::Delete), _) => Err(Undone::Deleted),
            (_, Some(gone)) => Err(Undone::Gone(gone)),
            (Some(Act::Hide), None) => Ok(Some(Act::Show)),
            (Some(Act::Show), None) => Ok(Some(Act::Hide)),
        }
    }
}

fn made(db: &Connection, decision: i64) -> rusqlite::Result<Option<Made>> {
    db.prepare_cached(
        "select decision.verdict, verdict.comment, page.platform, page.page_id, decision.what, decision.who,
             decision.decided_at, comment.gone_at, comment.text_hash,
             exists (select 1 from decision undo where undo.undoes = decision.id) as undone,
             outbox.state, outbox.written is not null as begun, outbox.achieved
         from decision
             join verdict on verdict.id = decision.verdict
             join comment on comment.id = verdict.comment
             join page on page.id = comment.page
             left join outbox on outbox.decision = decision.id
         where decision.id = ? and decision.what not in ('note', 'undo')",
    )?
    .query_row([decision], as_made)
    .optional()
}

fn as_made(row: &Row<'_>) -> rusqlite::Result<Made> {
    let state: Option<String> = row.get("state")?;
    let (begun, achieved): (bool, Option<String>) = (row.get("begun")?, row.get("achieved")?);
    Ok(Made {
        verdict: row.get("verdict")?,
        comment: row.get("comment")?,
        page: page_key(row)?,
        what: named(row, "what", Decision::from_id)?,
        who: row.get("who")?,
        at: time(row, "decided_at")?,
        undone: row.get("undone")?,
        gone: time_opt(row, "gone_at")?,
        // What was given up counts as escalated, which is no act.
        act: state.map(|state| (state, begun, achieved.as_deref().and_then(Act::from_id))),
        text_key: row.get("text_hash")?,
    })
}

fn as_taken(row: &Row<'_>) -> rusqlite::Result<Taken> {
    Ok(Taken {
        decision: row.get("id")?,
        incident: row.get("verdict")?,
        what: named(row, "what", Decision::from_id)?,
        who: row.get("who")?,
        at: time(row, "decided_at")?,
        undone: row.get("undone")?,
    })
}

fn last_of(db: &Connection, verdict: i64) -> rusqlite::Result<Option<Earlier>> {
    db.prepare_cached("select id, what, who, decided_at from standing where verdict = ? order by id desc limit 1")?
        .query_row([verdict], super::decisions::as_earlier)
        .optional()
}

/// Whoever had it in hand by that decision has it no longer.
fn reopen_alert(tx: &Connection, made: &Made, now: Timestamp) -> rusqlite::Result<()> {
    let again = now.saturating_add(REMINDED_AFTER).unwrap_or(now);
    tx.prepare_cached(
        "update alert set state = 'sent', due_at = iif(sent_at is null, null, ?), acknowledged_at = null,
             acknowledged_by = null
         where verdict = ? and acknowledged_at = ? and acknowledged_by = ?",
    )?
    .execute(params![ms(again), made.verdict, ms(made.at), made.who])
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Category;
    use crate::policy::Action;
    use crate::store::tests::{Place, at, batch, comment, judged, page, verdict};
    use crate::store::{Close, Closed, Decided, Mode, Settlement};

    async fn one(category: Category, action: Action) -> (Place, Store) {
        let place = Place::new();
        let store = place.open();
        let words = vec![judged(comment("c1", "Worst surgery"), verdict(category, action))];
        store.record(batch(1, words)).await.expect("records");
        (place, store)
    }

    async fn decide(store: &Store, what: Decision, minutes: i64) -> i64 {
        let word = Word { what, who: "Pat Lee".to_owned(), why: "so".to_owned(), seen: Seen::Anything };
        let done = store.decide(&[1], word, Mode::Enforce, at(minutes)).await.expect("writes");
        match &done[0].1 {
            Decided::Taken { decision, .. } => *decision,
            other => panic!("{other:?}"),
        }
    }

    /// The executor comes by, does what is owed, and says what it was.
    async fn works(store: &Store, achieved: Act, minutes: i64) {
        let claim = store.claim(&[page()], at(minutes), SignedDuration::from_mins(5)).await.expect("claims");
        let claim = claim.expect("something owed");
        store.begin_write(&claim, achieved, None, at(minutes)).await.expect("begins");
        let verified = Some(at(minutes));
        let close = Close {
            how: Closed::Done,
            achieved: Some(achieved),
            verified,
            gone: achieved == Act::Delete,
            note: None,
            trace: None,
            error: None,
        };
        store.settle(&claim, Settlement::Close(close), at(minutes)).await.expect("settles");
    }

    async fn undo(store: &Store, decision: i64, minutes: i64) -> Undone {
        store.undo(&[decision], "Sam".to_owned(), at(minutes)).await.expect("writes").remove(0).1
    }

    async fn open(store: &Store) -> Vec<i64> {
        store.unattended().await.expect("reads").iter().map(|queued| queued.incident.number).collect()
    }

    #[tokio::test]
    async fn an_upheld_incident_waits_for_a_person_again() {
        let (_place, store) = one(Category::Complaint, Action::Escalate).await;
        let decision = decide(&store, Decision::Uphold, 2).await;
        assert_eq!(open(&store).await, [] as [i64; 0]);
        let undone = undo(&store, decision, 3).await;
        assert_eq!(undone, Undone::Now { incident: 1, what: Decision::Uphold, owed: None });
        assert_eq!(open(&store).await, [1]);
        assert_eq!(undo(&store, decision, 4).await, Undone::Before);
        assert!(store.verify(Vec::new()).await.expect("reads").problems.is_empty());
    }

    #[tokio::test]
    async fn what_was_hidden_for_a_person_is_shown_again_and_what_was_not_begun_is_not_done() {
        let (_place, store) = one(Category::Complaint, Action::Escalate).await;
        let decision = decide(&store, Decision::Hide, 2).await;
        works(&store, Act::Hide, 3).await;
        let undone = undo(&store, decision, 4).await;
        assert_eq!(undone, Undone::Now { incident: 1, what: Decision::Hide, owed: Some((Act::Show, page())) });
        works(&store, Act::Show, 5).await;
        let decision = decide(&store, Decision::Hide, 6).await;
        let undone = undo(&store, decision, 7).await;
        assert_eq!(undone, Undone::Now { incident: 1, what: Decision::Hide, owed: None });
        let claim = store.claim(&[page()], at(8), SignedDuration::from_mins(5)).await.expect("reads");
        assert!(claim.is_none(), "nothing was begun, so nothing is done");
    }

    #[tokio::test]
    async fn what_was_shown_again_is_hidden_again_and_the_rules_may_hide_it() {
        let (_place, store) = one(Category::Complaint, Action::Hide).await;
        works(&store, Act::Hide, 2).await;
        let decision = decide(&store, Decision::Restore, 3).await;
        works(&store, Act::Show, 4).await;
        let undone = undo(&store, decision, 5).await;
        assert_eq!(undone, Undone::Now { incident: 1, what: Decision::Restore, owed: Some((Act::Hide, page())) });
        let claim = store.claim(&[page()], at(6), SignedDuration::from_mins(5)).await.expect("reads").expect("owed");
        assert!(!claim.shown_again);
    }

    #[tokio::test]
    async fn nobody_brings_back_what_was_deleted_and_nobody_takes_back_what_another_decided_since() {
        let (_place, store) = one(Category::Complaint, Action::Escalate).await;
        let hidden = decide(&store, Decision::Hide, 2).await;
        let deleted = decide(&store, Decision::Delete, 3).await;
        assert!(matches!(undo(&store, hidden, 4).await, Undone::Overtaken(last) if last.decision == deleted));
        works(&store, Act::Delete, 5).await;
        assert_eq!(undo(&store, deleted, 6).await, Undone::Deleted);
        assert_eq!(undo(&store, 99, 6).await, Undone::Unknown);
    }

    #[tokio::test]
    async fn a_threat_that_is_taken_back_is_told_again() {
        let (_place, store) = one(Category::Threat, Action::Escalate).await;
        let id = store.due_alerts(at(2)).await.expect("reads")[0].id;
        store.mark_alert_sent(&[id], at(2), Some(at(32))).await.expect("notes");
        let decision = decide(&store, Decision::Uphold, 5).await;
        assert_eq!(store.due_alerts(at(99)).await.expect("reads").len(), 0);
        undo(&store, decision, 6).await;
        assert_eq!(store.due_alerts(at(35)).await.expect("reads").len(), 0);
        assert_eq!(store.due_alerts(at(37)).await.expect("reads").len(), 1);
    }

    #[tokio::test]
    async fn a_word_on_something_that_another_has_decided_meanwhile_does_not_count() {
        let (_place, store) = one(Category::Complaint, Action::Escalate).await;
        let first = decide(&store, Decision::Uphold, 2).await;
        let word = |seen| Word { what: Decision::Hide, who: "Sam".to_owned(), why: "so".to_owned(), seen };
        let said = async |seen| store.decide(&[1], word(seen), Mode::Enforce, at(3)).await.expect("writes").remove(0).1;
        assert!(matches!(said(Seen::Last(None)).await, Decided::Overtaken(last) if last.decision == first));
        assert!(matches!(said(Seen::Last(Some(first))).await, Decided::Taken { .. }));
    }
}
