//! Fixed replies that are owed to commenters. In: a verdict that calls for one. Out: a row of the outbox, if nobody was
//! answered before; what became of it. Not here: which comments are answered at all (`signpost`), sending (the executor).

use rusqlite::{Connection, OptionalExtension as _, named_params, params};
use serde_json::json;

use super::names::{ms, time_opt};
use super::outbox::Claim;
use super::report::Reply;
use super::{Error, Mode, Store, audit, period};
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::Comment;
use crate::policy::Verdict;
use crate::signpost::Answering;

impl Store {
    /// Writes that a reply with these words is about to be sent, so that it is looked for before it is sent once more.
    /// False: the claim was lost, or the comment was edited or decided upon meanwhile, and nothing may be sent.
    pub async fn begin_reply(&self, claim: &Claim, said: String, now: Timestamp) -> Result<bool, Error> {
        let (id, lease) = (claim.id, claim.lease);
        self.db.write("note that a reply begins", move |tx| begin(tx, id, lease, &said, now)).await
    }
}

fn begin(tx: &Connection, id: i64, lease: Timestamp, said: &str, now: Timestamp) -> rusqlite::Result<bool> {
    let held = tx
        .prepare_cached(
            "update outbox set written = 'reply', written_at = ?, said = ?
             where id = ? and state = 'due' and lease_until_at = ? and intended = 'reply'",
        )?
        .execute(params![ms(now), said, id, ms(lease)])?;
    if held > 0 {
        audit::append(tx, now, "act.begun", audit::SELF, &json!({ "outbox": id, "act": "reply" }))?;
    }
    Ok(held > 0)
}

/// A verdict and whose it is.
pub(super) struct Judged<'a> {
    pub(super) number: i64,
    pub(super) row: i64,
    pub(super) page: i64,
    pub(super) comment: &'a Comment,
    pub(super) verdict: &'a Verdict,
}

/// Owes the reply that a verdict calls for: once a comment, and not to somebody who was answered lately. Whose comments
/// cannot be told from others' is not answered, for the same reason.
pub(super) fn owe(
    tx: &Connection,
    judged: &Judged<'_>,
    answering: &Answering,
    mode: Mode,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let owed = answering.owed(judged.verdict, judged.comment, now).filter(|_| mode == Mode::Enforce);
    let Some(signpost) = owed else { return Ok(false) };
    let pause = SignedDuration::from_hours(24 * i64::from(answering.again_days.get()));
    let rows = tx
        .prepare_cached(
            "insert into outbox (verdict, comment, page, intended, ceiling, draft, state, due_at, made_at)
             select :number, mine.id, :page, 'reply', 'reply', :draft, 'due', :now, :now from comment mine
             where mine.id = :row and mine.author_key is not null
                 and not exists (select 1 from exemption
                                 where exemption.author_key = mine.author_key and ended_at is null)
                 and not exists (select 1 from comment theirs join outbox said on said.comment = theirs.id
                                 where theirs.author_key = mine.author_key and said.intended = 'reply'
                                     and (said.made_at > :since or theirs.id = mine.id)
                                     and (said.state in ('due', 'done', 'already') or said.written is not null))
             on conflict do nothing",
        )?
        .execute(named_params! {
            ":number": judged.number, ":page": judged.page, ":row": judged.row, ":draft": signpost.draft(),
            ":now": ms(now), ":since": ms(now.saturating_sub(pause).unwrap_or(Timestamp::MIN)),
        })?;
    Ok(rows > 0)
}

/// What became of the reply that an incident called for.
pub(super) fn of(db: &Connection, number: i64) -> rusqlite::Result<Option<Reply>> {
    db.prepare_cached(
        "select draft, state, verified_at, note from outbox where verdict = ? and intended = 'reply'
         order by id desc limit 1",
    )?
    .query_row([number], |row| {
        Ok(Reply {
            draft: row.get("draft")?,
            state: period::state(&row.get::<_, String>("state")?),
            verified_at: time_opt(row, "verified_at")?,
            note: row.get("note")?,
        })
    })
    .optional()
}
