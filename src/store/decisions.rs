//! What people decide about incidents. In: a person's word on one incident, or on everything that a rule had hidden. Out:
//! rows of `decision`, what they owe at the platform as rows of the outbox, and what stood in the way. All of a decision
//! is written in one transaction, beside a daemon that may be running. Not here: doing it (the executor's), wording.
//!
//! A person's last word counts: it takes back whatever is still owed for the comment, and what they had shown again is
//! not hidden again by any rule while its words stay the same.

use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::db::Tx;
use super::names::{from_json, json, ms, ms_opt, named, page_key, time, time_opt};
use super::outbox::Act;
use super::queue::is_incident;
use super::{Error, Mode, Store, audit, period, report};
use crate::clock::Timestamp;
use crate::comment::PageKey;
use crate::lexicon::Category;

/// What somebody can decide about an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It was judged rightly, and stays as it is.
    Uphold,
    /// It was judged wrongly: what is hidden is shown again, and stays up.
    Restore,
    /// To be hidden.
    Hide,
    /// To be deleted.
    Delete,
    /// Something to remember; decides nothing.
    Note,
    /// Takes an earlier decision back (`store::undo`).
    Undo,
}

impl Decision {
    /// The name in the database and on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Uphold => "uphold",
            Self::Restore => "restore",
            Self::Hide => "hide",
            Self::Delete => "delete",
            Self::Note => "note",
            Self::Undo => "undo",
        }
    }

    /// The decision with this name.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Uphold, Self::Restore, Self::Hide, Self::Delete, Self::Note, Self::Undo]
            .into_iter()
            .find(|one| one.id() == id)
    }

    fn asks_for(self) -> Option<Act> {
        match self {
            Self::Uphold | Self::Note | Self::Undo => None,
            Self::Restore => Some(Act::Show),
            Self::Hide => Some(Act::Hide),
            Self::Delete => Some(Act::Delete),
        }
    }
}

/// A person's word.
#[derive(Clone, Debug)]
pub struct Word {
    /// What they decided.
    pub what: Decision,
    /// Their name.
    pub who: String,
    /// Why; may repeat what the comment says, so it is kept as evidence.
    pub why: String,
    /// What they had before their eyes when they decided.
    pub seen: Seen,
}

/// What somebody knew of earlier decisions when they decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seen {
    /// Whatever was decided, their word counts.
    #[default]
    Anything,
    /// This was the last decision; their word does not count if there is another one by now.
    Last(Option<i64>),
}

/// What became of a person's word on one incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It is written down.
    Taken {
        /// The decision's number, by which it can be taken back.
        decision: i64,
        /// The page, if something is owed to it now.
        owed: Option<PageKey>,
        /// The comment was seen to be gone then: nothing can be shown again.
        gone: Option<Timestamp>,
        /// Who had decided otherwise before.
        after: Option<Earlier>,
    },
    /// Somebody had decided the same, and it stands.
    Before(Earlier),
    /// Somebody has decided something that they had not seen; nothing was written.
    Overtaken(Earlier),
    /// It is not done; nothing was written.
    Refused(Refusal),
    /// No incident has this number.
    Unknown,
}

/// A decision that was there before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Its number.
    pub decision: i64,
    /// What.
    pub what: Decision,
    /// Who.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

/// Why a decision is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The practice observes: nothing is touched.
    Observing,
    /// The comment is gone from the platform, seen then.
    Gone(Timestamp),
    /// Its author changed the words; this incident is about the new ones, if any is.
    Edited(Option<i64>),
    /// A sign of harm is never deleted.
    Safeguarding,
}

/// Which incidents one word is about: those that these rules had hidden.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Lexicon entries.
    pub entries: Vec<String>,
    /// Everything that came with these rules, by their version.
    pub rules_version: Option<String>,
    /// Judged since then.
    pub since: Option<Timestamp>,
    /// Only say what would be done.
    pub dry_run: bool,
}

/// What became of a word on many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sorted {
    /// Incidents that are shown again.
    pub restored: Vec<i64>,
    /// Incidents that are not, and why.
    pub left: Vec<(i64, Left)>,
}

/// Why an incident is left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// Its comment is gone.
    Gone,
    /// Another rule had called for hiding it as well: this entry's.
    OtherReason(String),
    /// Somebody has decided about it.
    Decided(Earlier),
    /// Nothing is hidden: somebody has shown it again.
    Shown,
    /// The practice observes: nothing is touched.
    Observing,
}

impl Store {
    /// Writes a person's word on these incidents, each in the order given; one that is refused does not stop the others.
    /// `mode` is the practice's: where it observes, nothing is owed to a platform, not even for a person.
    pub async fn decide(
        &self,
        numbers: &[i64],
        word: Word,
        mode: Mode,
        now: Timestamp,
    ) -> Result<Vec<(i64, Decided)>, Error> {
        let numbers = numbers.to_vec();
        self.db
            .write("write down a decision", move |tx| {
                numbers.iter().map(|&number| Ok((number, decide(tx, number, &word, mode, now)?))).collect()
            })
            .await
    }

    /// Shows everything again that a rule had hidden, and that no other rule had: one word for all, one decision each.
    pub async fn restore_all(
        &self,
        which: Selection,
        who: String,
        why: String,
        mode: Mode,
        now: Timestamp,
    ) -> Result<Sorted, Error> {
        if which.dry_run {
            return self.db.read("look for what a rule hid", move |db| sort_out(db, &which, mode)).await;
        }
        let word = Word { what: Decision::Restore, who, why, seen: Seen::Anything };
        self.db.write("show again what a rule hid", move |tx| restore_all(tx, &which, &word, mode, now)).await
    }
}

/// What a decision depends on.
struct Case {
    comment: i64,
    key: PageKey,
    categories: Vec<Category>,
    /// Finds its words among those that somebody showed again.
    text_key: [u8; 32],
    edited: bool,
    newer: Option<i64>,
    gone: Option<Timestamp>,
    hidden: bool,
    /// A write of ours was begun at some time: what stands at the platform may be other than what was last listed.
    touched: bool,
    earlier: Option<Earlier>,
    /// Where the earlier decision stands at the platform, if it had to do something there.
    earlier_state: Option<String>,
}

fn decide(tx: &Tx<'_>, number: i64, word: &Word, mode: Mode, now: Timestamp) -> rusqlite::Result<Decided> {
    if !is_incident(tx, number)? {
        return Ok(Decided::Unknown);
    }
    let case = case(tx, number)?;
    if let Some(earlier) = case.unseen(word) {
        return Ok(Decided::Overtaken(earlier));
    }
    let owes = case.owes(word.what);
    if let Some(refusal) = case.refusal(word.what, owes, mode) {
        return Ok(Decided::Refused(refusal));
    }
    if let Some(earlier) = case.earlier.as_ref().filter(|earlier| earlier.what == word.what && case.stands()) {
        return Ok(Decided::Before(earlier.clone()));
    }
    let decision = write_down(tx, number, &case, word, owes, now)?;
    Ok(Decided::Taken {
        decision,
        owed: owes.map(|_| case.key),
        gone: case.gone.filter(|_| word.what == Decision::Restore),
        after: case.earlier.filter(|earlier| earlier.what != word.what && word.what != Decision::Note),
    })
}

impl Case {
    /// What the decision owes to the platform. What was never hidden need not be shown; what is gone cannot be.
    fn owes(&self, what: Decision) -> Option<Act> {
        let idle = what == Decision::Restore && (self.gone.is_some() || !self.hidden && !self.touched);
        what.asks_for().filter(|_| !idle)
    }

    /// The decision that came between their look and their word. A note is welcome at any time.
    fn unseen(&self, word: &Word) -> Option<Earlier> {
        let Seen::Last(seen) = word.seen else { return None };
        self.earlier.clone().filter(|last| word.what != Decision::Note && seen != Some(last.decision))
    }

    fn refusal(&self, what: Decision, owes: Option<Act>, mode: Mode) -> Option<Refusal> {
        what.asks_for()?;
        if self.edited {
            return Some(Refusal::Edited(self.newer));
        }
        if what == Decision::Delete && self.categories.contains(&Category::Safeguarding) {
            return Some(Refusal::Safeguarding);
        }
        if let Some(gone) = self.gone.filter(|_| what != Decision::Restore) {
            return Some(Refusal::Gone(gone));
        }
        (owes.is_some() && mode == Mode::Observe).then_some(Refusal::Observing)
    }

    /// Whether the earlier decision is still how things are: what was given up, or undone by hand, may be asked again.
    fn stands(&self) -> bool {
        let Some(earlier) = &self.earlier else { return false };
        match self.earlier_state.as_deref() {
            _ if earlier.what == Decision::Note => false,
            None | Some("due") => true,
            Some("done" | "already") => (earlier.what == Decision::Restore) != self.hidden,
            Some(_) => false,
        }
    }
}

/// The last decision about an incident, notes aside, and what came of it.
pub(super) fn last(db: &Connection, number: i64) -> rusqlite::Result<Option<report::Decided>> {
    db.prepare_cached(
        "select decision.id, decision.what, decision.who, decision.decided_at, outbox.state, outbox.achieved,
             outbox.verified_at, outbox.note
         from standing decision left join outbox on outbox.decision = decision.id
         where decision.verdict = ? order by decision.id desc limit 1",
    )?
    .query_row([number], |row| {
        let Earlier { decision, what, who, at } = as_earlier(row)?;
        let state: Option<String> = row.get("state")?;
        Ok(report::Decided {
            decision,
            what,
            who,
            at,
            state: state.as_deref().map(period::state),
            achieved: row.get::<_, Option<String>>("achieved")?.as_deref().and_then(Act::from_id),
            verified_at: time_opt(row, "verified_at")?,
            note: row.get("note")?,
        })
    })
    .optional()
}

fn case(db: &Connection, number: i64) -> rusqlite::Result<Case> {
    let mut case = db
        .prepare_cached(
            "select comment.id as comment, comment.page, page.platform, page.page_id, verdict.categories,
                 comment.text_hash, comment.version > verdict.version as edited, comment.gone_at, comment.hidden,
                 (select newer.id from verdict newer
                  where newer.comment = comment.id and newer.version = comment.version and newer.reasons > 0) as newer,
                 exists (select 1 from outbox where outbox.comment = comment.id and written <> 'reply') as touched
             from verdict join comment on comment.id = verdict.comment join page on page.id = comment.page
             where verdict.id = ?",
        )?
        .query_row([number], as_case)?;
    let earlier = db
        .prepare_cached(
            "select decision.id, decision.what, decision.who, decision.decided_at, outbox.state
             from standing decision left join outbox on outbox.decision = decision.id
             where decision.verdict = ? order by decision.id desc limit 1",
        )?
        .query_row([number], |row| Ok((as_earlier(row)?, row.get("state")?)))
        .optional()?;
    if let Some((earlier, state)) = earlier {
        (case.earlier, case.earlier_state) = (Some(earlier), state);
    }
    Ok(case)
}

fn as_case(row: &Row<'_>) -> rusqlite::Result<Case> {
    Ok(Case {
        comment: row.get("comment")?,
        key: page_key(row)?,
        categories: from_json(row, "categories")?,
        text_key: row.get("text_hash")?,
        edited: row.get("edited")?,
        newer: row.get("newer")?,
        gone: time_opt(row, "gone_at")?,
        hidden: row.get("hidden")?,
        touched: row.get("touched")?,
        earlier: None,
        earlier_state: None,
    })
}

pub(super) fn as_earlier(row: &Row<'_>) -> rusqlite::Result<Earlier> {
    let (what, at) = (named(row, "what", Decision::from_id)?, time(row, "decided_at")?);
    Ok(Earlier { decision: row.get("id")?, what, who: row.get("who")?, at })
}

fn write_down(
    tx: &Tx<'_>,
    number: i64,
    case: &Case,
    word: &Word,
    owes: Option<Act>,
    now: Timestamp,
) -> rusqlite::Result<i64> {
    let decision = record(tx, number, word, None, owes, now)?;
    if word.what == Decision::Note {
        return Ok(decision);
    }
    tx.prepare_cached(
        "update alert set state = 'acknowledged', due_at = null, acknowledged_at = ?, acknowledged_by = ?
         where verdict = ? and acknowledged_at is null",
    )?
    .execute(params![ms(now), word.who, number])?;
    if word.what == Decision::Uphold {
        return Ok(decision);
    }
    withdraw(tx, case.comment, "a person decided about it before this was done", now)?;
    stand_by(tx, case, word.what, now)?;
    if let Some(act) = owes {
        owe(tx, number, decision, act, now)?;
    }
    Ok(decision)
}

/// A row of `decision`, and its row in the chain.
pub(super) fn record(
    tx: &Tx<'_>,
    number: i64,
    word: &Word,
    undoes: Option<i64>,
    owes: Option<Act>,
    now: Timestamp,
) -> rusqlite::Result<i64> {
    tx.prepare_cached("insert into decision (verdict, what, who, why, decided_at, undoes) values (?, ?, ?, ?, ?, ?)")?
        .execute(params![number, word.what.id(), word.who, tx.vault.seal("why", &word.why)?, ms(now), undoes])?;
    let decision = tx.last_insert_rowid();
    let detail = json!({
        "decision": decision, "incident": number, "what": word.what.id(), "owed": owes.is_some(), "undoes": undoes,
    });
    audit::append(tx, now, "decision", &word.who, &detail)?;
    Ok(decision)
}

/// Whatever is still owed for a comment is owed no more.
pub(super) fn withdraw(tx: &Connection, comment: i64, why: &str, now: Timestamp) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "update outbox set state = 'superseded', closed_at = ?, note = ? where comment = ? and state = 'due'",
    )?
    .execute(params![ms(now), why, comment])
    .map(drop)
}

/// What a decision about an incident asks for is owed from now on.
pub(super) fn owe(tx: &Connection, number: i64, decision: i64, act: Act, now: Timestamp) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "insert into outbox (verdict, decision, comment, page, intended, ceiling, state, due_at, made_at)
         select :verdict, :decision, comment.id, comment.page, :act, :act, 'due', :now, :now
         from verdict join comment on comment.id = verdict.comment where verdict.id = :verdict",
    )?
    .execute(named_params! { ":verdict": number, ":decision": decision, ":act": act.id(), ":now": ms(now) })
    .map(drop)
}

/// The rules leave alone what a person wants shown; what a person wants hidden is as it was before anybody showed it.
fn stand_by(tx: &Connection, case: &Case, what: Decision, now: Timestamp) -> rusqlite::Result<()> {
    if what == Decision::Restore {
        tx.prepare_cached(
            "insert into shown_again (comment, text_hash, seen_at) values (?, ?, ?) on conflict do nothing",
        )?
        .execute(params![case.comment, case.text_key, ms(now)])
    } else {
        tx.prepare_cached("delete from shown_again where comment = ? and text_hash = ?")?
            .execute(params![case.comment, case.text_key])
    }
    .map(drop)
}

fn restore_all(tx: &Tx<'_>, which: &Selection, word: &Word, mode: Mode, now: Timestamp) -> rusqlite::Result<Sorted> {
    let sorted = sort_out(tx, which, mode)?;
    for &number in &sorted.restored {
        let case = case(tx, number)?;
        write_down(tx, number, &case, word, case.owes(Decision::Restore), now)?;
    }
    if !sorted.restored.is_empty() {
        let detail = json!({
            "entries": which.entries, "rules": which.rules_version, "since": ms_opt(which.since),
            "incidents": sorted.restored, "left": sorted.left.len(),
        });
        audit::append(tx, now, "decision.batch", &word.who, &detail)?;
    }
    Ok(sorted)
}

/// Incidents of comments as they are now that the chosen rules had hidden or deleted, or were about to.
fn sort_out(db: &Connection, which: &Selection, mode: Mode) -> rusqlite::Result<Sorted> {
    let mut found = db.prepare_cached(
        "select verdict.id, comment.gone_at is not null or outbox.achieved = 'delete' as gone,
             outbox.state <> 'due' and comment.hidden = 0 as shown,
             (select other.entry from reason other
              where other.verdict = verdict.id and other.action in ('hide', 'delete')
                  and other.entry not in (select value from json_each(:entries))
                  and other.hides_since_at is not :came
              order by other.position limit 1) as other
         from verdict
             join comment on comment.id = verdict.comment and comment.version = verdict.version
             join outbox on outbox.verdict = verdict.id and outbox.decision is null and outbox.intended <> 'reply'
         where verdict.judged_at >= :since
             and (outbox.state = 'due' or outbox.achieved in ('hide', 'delete') or outbox.written is not null)
             and exists (select 1 from reason
                         where reason.verdict = verdict.id and reason.action in ('hide', 'delete')
                             and (reason.entry in (select value from json_each(:entries))
                                  or reason.hides_since_at is :came))
         order by verdict.id",
    )?;
    let rows = found
        .query_map(
            named_params! {
                ":entries": json(&which.entries)?, ":came": came(db, which)?,
                ":since": which.since.map_or(i64::MIN, ms),
            },
            |row| {
                let (gone, shown): (bool, bool) = (row.get("gone")?, row.get("shown")?);
                Ok((row.get::<_, i64>("id")?, gone, shown, row.get::<_, Option<String>>("other")?))
            },
        )?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut sorted = Sorted::default();
    for (number, gone, shown, other) in rows {
        let left = match (case(db, number)?.earlier, other) {
            (Some(earlier), _) => Some(Left::Decided(earlier)),
            _ if gone => Some(Left::Gone),
            (_, Some(other)) => Some(Left::OtherReason(other)),
            _ if shown => Some(Left::Shown),
            _ if mode == Mode::Observe => Some(Left::Observing),
            _ => None,
        };
        match left {
            Some(left) => sorted.left.push((number, left)),
            None => sorted.restored.push(number),
        }
    }
    Ok(sorted)
}

/// When that came which the chosen rules were the first to have; nothing came at -1.
fn came(db: &Connection, which: &Selection) -> rusqlite::Result<i64> {
    let Some(version) = &which.rules_version else { return Ok(-1) };
    db.prepare_cached("select coalesce(max(since_at), -1) from rule_known where rules_version = ?")?
        .query_row([version], |row| row.get(0))
}
