//! Whether the evidence is what it was when it was written. In: the chain, the tables it speaks of, and hashes of heads
//! that went out with digests. Out: everything that does not fit, at once. Not here: mending; evidence is never mended.
//!
//! The chain proves itself: a row that is changed, lost or slipped in breaks a hash. What it cannot prove is that its end
//! was not cut off, or all of it made anew; a head that left the machine with a digest proves that. And the chain says of
//! each verdict and act what stands in the other tables, so that a change there shows too.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, Row};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::audit::{self, Entry, GENESIS};
use super::db::Tx;
use super::{Error, Store, climb, evidence, exempt, hex};

/// What a look at the whole chain came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Rows of the chain.
    pub rows: u64,
    /// The hash of its last row, in hex: what digests carry out.
    pub head: Option<String>,
    /// Verdicts that were compared with what the chain says of them.
    pub verdicts: u64,
    /// Texts that were compared with what the chain vouches for.
    pub texts: u64,
    /// Texts that the chain vouches for and that were erased in order since.
    pub erased: u64,
    /// Heads from outside that the chain was held against.
    pub heads: u64,
    /// Everything that does not fit, in the order of the chain.
    pub problems: Vec<String>,
}

impl Store {
    /// Reads the whole chain and all it speaks of. `heads` are hashes that went out with digests, in hex.
    pub async fn verify(&self, heads: Vec<String>) -> Result<Verified, Error> {
        self.db.read("verify the audit chain", move |db| verify(db, &heads)).await
    }
}

fn verify(db: &Tx<'_>, heads: &[String]) -> rusqlite::Result<Verified> {
    let mut problems = Vec::new();
    guards(db, &mut problems)?;
    let chain = walk(db, heads, &mut problems)?;
    let told = Told::of(&chain.details);
    let (verdicts, texts, erased) = verdicts(db, &told, &mut problems)?;
    acts(db, &told, &mut problems)?;
    decisions(db, &told, &mut problems)?;
    authors(db, &told, &mut problems)?;
    Ok(Verified {
        rows: chain.rows,
        head: (chain.rows > 0).then(|| hex(&chain.head)),
        verdicts,
        texts,
        erased,
        heads: heads.len() as u64,
        problems,
    })
}

/// The triggers that refuse changes are part of the file, and somebody who edits the chain takes them away first.
fn guards(db: &Tx<'_>, problems: &mut Vec<String>) -> rusqlite::Result<()> {
    for trigger in ["audit_is_not_rewritten", "audit_is_not_deleted", "audit_only_grows"] {
        let there = db
            .prepare("select 1 from sqlite_schema where type = 'trigger' and name = ? and tbl_name = 'audit' and sql like '%raise(abort%'")?
            .exists([trigger])?;
        if !there {
            problems
                .push(format!("the trigger {trigger}, which keeps the chain from being changed, is gone or changed"));
        }
    }
    Ok(())
}

/// The chain as it was read.
struct Chain {
    rows: u64,
    head: [u8; 32],
    /// What each row tells: its number, its word, its detail.
    details: Vec<(i64, String, Value)>,
}

fn walk(db: &Tx<'_>, heads: &[String], problems: &mut Vec<String>) -> rusqlite::Result<Chain> {
    let mut missing: Vec<String> = heads.iter().map(|head| head.trim().to_lowercase()).collect();
    let mut chain = Chain { rows: 0, head: GENESIS, details: Vec::new() };
    let mut last = 0;
    let mut read = db.prepare("select id, at, what, who, detail, prev_hash, hash from audit order by id")?;
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        let link = Link::of(row)?;
        if link.id != last + 1 {
            let gap = if link.id == last + 2 {
                format!("row {}", last + 1)
            } else {
                format!("rows {} to {}", last + 1, link.id - 1)
            };
            problems.push(format!("{gap} of the chain: missing"));
        }
        if link.prev != chain.head && link.id == last + 1 {
            problems.push(format!("row {} of the chain does not follow from the row before it", link.id));
        }
        if link.expected() != link.hash {
            problems.push(format!("row {} of the chain was changed: its hash does not fit what it says", link.id));
        }
        missing.retain(|head| *head != hex(&link.hash));
        (last, chain.head) = (link.id, link.hash);
        chain.rows += 1;
        match serde_json::from_str(&link.detail) {
            Ok(detail) => chain.details.push((link.id, link.what, detail)),
            Err(_) => problems.push(format!("row {} of the chain cannot be read", link.id)),
        }
    }
    for head in missing {
        problems.push(format!(
            "the head {head}, which went out with a digest, is not in the chain: rows were cut off its end, or it was made anew"
        ));
    }
    Ok(chain)
}

/// One row of the chain.
struct Link {
    id: i64,
    at_ms: i64,
    what: String,
    who: String,
    detail: String,
    prev: [u8; 32],
    hash: [u8; 32],
}

impl Link {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            at_ms: row.get("at")?,
            what: row.get("what")?,
            who: row.get("who")?,
            detail: row.get("detail")?,
            prev: row.get("prev_hash")?,
            hash: row.get("hash")?,
        })
    }

    fn expected(&self) -> [u8; 32] {
        let entry = Entry { id: self.id, at_ms: self.at_ms, what: &self.what, who: &self.who, detail: &self.detail };
        audit::link(&self.prev, &entry)
    }
}

/// What the chain says of the other tables, by their rows' numbers.
#[derive(Default)]
struct Told<'a> {
    verdicts: BTreeMap<i64, &'a Value>,
    settled: BTreeMap<i64, &'a Value>,
    decided: BTreeMap<i64, &'a Value>,
    /// By table and row: what was said of an author.
    authors: BTreeMap<(&'static str, i64), &'a Value>,
    /// What was taken back again, and what was forgotten in order.
    ended: std::collections::BTreeSet<(&'static str, i64)>,
    forgotten: std::collections::BTreeSet<(&'static str, i64)>,
    erased: std::collections::BTreeSet<i64>,
}

impl<'a> Told<'a> {
    fn of(details: &'a [(i64, String, Value)]) -> Self {
        let mut told = Self::default();
        for (_, what, detail) in details {
            let number = |key: &str| detail.get(key).and_then(Value::as_i64);
            match what.as_str() {
                "verdict" => told.verdicts.extend(number("incident").map(|incident| (incident, detail))),
                // A row may be settled again after an edit: the last word counts.
                "act.settled" => told.settled.extend(number("outbox").map(|outbox| (outbox, detail))),
                "decision" => told.decided.extend(number("decision").map(|decision| (decision, detail))),
                "exemption.placed" => told.authors.extend(number("exemption").map(|row| (("exemption", row), detail))),
                "exemption.ended" => told.ended.extend(number("exemption").map(|row| ("exemption", row))),
                "author.step" => told.authors.extend(number("author_step").map(|row| (("author_step", row), detail))),
                "author.step-withdrawn" => told.ended.extend(number("author_step").map(|row| ("author_step", row))),
                "author.forgotten" => {
                    for (key, table) in [("exemptions", "exemption"), ("author_steps", "author_step")] {
                        let rows = detail.get(key).and_then(Value::as_array).into_iter().flatten();
                        told.forgotten.extend(rows.filter_map(Value::as_i64).map(|row| (table, row)));
                    }
                }
                "retention.erased" | "subject.erased" => {
                    let comments = detail.get("comments").and_then(Value::as_array).into_iter().flatten();
                    told.erased.extend(comments.filter_map(Value::as_i64));
                }
                _ => {}
            }
        }
        told
    }
}

/// Each verdict with a reason stands in the chain as it stands in its table, and its text is the one that was judged.
fn verdicts(db: &Tx<'_>, told: &Told<'_>, problems: &mut Vec<String>) -> rusqlite::Result<(u64, u64, u64)> {
    let (mut count, mut texts, mut erased) = (0, 0, 0);
    let mut seen = std::collections::BTreeSet::new();
    let mut read = db.prepare(
        "select verdict.id, verdict.comment, verdict.version, verdict.action, verdict.alert, verdict.mode, verdict.exempt,
             verdict.rules_version, verdict.reasons, comment.erased_at is not null as erased, comment.author_id,
             comment_version.words, comment_version.salt
         from verdict join comment on comment.id = verdict.comment join comment_version using (comment, version)
         where verdict.reasons > 0 order by verdict.id",
    )?;
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get("id")?;
        count += 1;
        seen.insert(number);
        let Some(detail) = told.verdicts.get(&number) else {
            problems.push(format!("incident #{number} was slipped in: the chain knows nothing of it"));
            continue;
        };
        for (column, key) in [
            ("comment", "comment"),
            ("version", "version"),
            ("action", "action"),
            ("alert", "alert"),
            ("mode", "mode"),
            ("exempt", "exempt"),
            ("rules_version", "rules"),
            ("reasons", "reasons"),
        ] {
            differs(row, column, detail, key, || format!("incident #{number}: what it says of {key}"), problems)?;
        }
        if detail.get("why").and_then(Value::as_str).is_some_and(|why| reasons(db, number).ok().as_deref() != Some(why))
        {
            problems.push(format!("incident #{number}: its reasons are not those that were recorded"));
        }
        let comment: i64 = row.get("comment")?;
        match (row.get("erased")?, told.erased.contains(&comment)) {
            (true, true) => erased += 1,
            (true, false) => {
                problems.push(format!("incident #{number}: its words were erased, and the chain says nothing of that"));
            }
            (false, _) => {
                texts += 1;
                vouched(db, row, number, detail, problems)?;
            }
        }
    }
    for number in told.verdicts.keys().filter(|number| !seen.contains(number)) {
        problems.push(format!("incident #{number} is in the chain and no longer in its table"));
    }
    Ok((count, texts, erased))
}

/// The chain holds a salted hash of the text and of its author's id.
fn vouched(
    db: &Tx<'_>,
    row: &Row<'_>,
    number: i64,
    detail: &Value,
    problems: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let salt: Vec<u8> = row.get("salt")?;
    for (column, key, what) in [("words", "text", "its words are"), ("author_id", "author", "its author is")] {
        let Some(vouched) = detail.get(key).and_then(Value::as_str) else { continue };
        let kept = db.vault.open_optional(row, column).map(Option::unwrap_or_default);
        match kept {
            Ok(kept) if evidence::commitment(&salt, &kept) == vouched => {}
            Ok(_) => problems.push(format!("incident #{number}: {what} not what was recorded")),
            Err(_) => problems.push(format!(
                "incident #{number}: {what} sealed so that nobody can open it: changed, or sealed with another key"
            )),
        }
    }
    Ok(())
}

fn differs(
    row: &Row<'_>,
    column: &str,
    detail: &Value,
    key: &str,
    what: impl Fn() -> String,
    problems: &mut Vec<String>,
) -> rusqlite::Result<()> {
    use rusqlite::types::ValueRef;
    let told = detail.get(key).unwrap_or(&Value::Null);
    let same = match row.get_ref(column)? {
        ValueRef::Null => told.is_null() || *told == Value::Bool(false),
        ValueRef::Integer(number) => told.as_i64() == Some(number),
        ValueRef::Text(text) => told.as_str().map(str::as_bytes) == Some(text),
        _ => false,
    };
    if !same {
        problems.push(format!("{} is not what the chain says", what()));
    }
    Ok(())
}

/// One hash over everything that the reasons of a verdict say.
pub(super) fn reasons(db: &Tx<'_>, verdict: i64) -> rusqlite::Result<String> {
    let mut hash = Sha256::new();
    let mut read = db.prepare_cached(
        "select json_array(category, entry, start_byte, end_byte, certainty, how, clause_key, action, alert, clause,
             note, hides_since_at, deletes_since_at) as said
         from reason where verdict = ? order by position",
    )?;
    let mut rows = read.query([verdict])?;
    while let Some(row) = rows.next()? {
        let said: String = row.get("said")?;
        hash.update((said.len() as u64).to_be_bytes());
        hash.update(said.as_bytes());
    }
    Ok(hex(&hash.finalize()))
}

/// What became of each act is what the chain says of it.
fn acts(db: &Tx<'_>, told: &Told<'_>, problems: &mut Vec<String>) -> rusqlite::Result<()> {
    let mut read = db.prepare(
        "select id, state, intended, achieved, verified_at is not null as verified from outbox where id = ?",
    )?;
    for (&number, detail) in &told.settled {
        let found = read
            .query_row([number], |row| {
                for key in ["state", "intended", "achieved"] {
                    differs(row, key, detail, key, || format!("act {number}: what it says of {key}"), problems)?;
                }
                let verified: bool = row.get("verified")?;
                if detail.get("verified").and_then(Value::as_bool).is_some_and(|told| told != verified) {
                    problems.push(format!("act {number}: whether it was seen to hold is not what the chain says"));
                }
                Ok(())
            })
            .optional()?;
        if found.is_none() {
            problems.push(format!("act {number} is in the chain and no longer in its table"));
        }
    }
    let mut closed = db.prepare("select id from outbox where state in ('done', 'already', 'dead') order by id")?;
    for number in closed.query_map([], |row| row.get::<_, i64>(0))? {
        let number = number?;
        if !told.settled.contains_key(&number) {
            problems
                .push(format!("act {number} was slipped in or closed by another hand: the chain knows nothing of it"));
        }
    }
    Ok(())
}

/// Each decision of a person stands in the chain.
fn decisions(db: &Tx<'_>, told: &Told<'_>, problems: &mut Vec<String>) -> rusqlite::Result<()> {
    let mut read = db.prepare("select id, verdict, what, who from decision order by id")?;
    let mut seen = std::collections::BTreeSet::new();
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get("id")?;
        seen.insert(number);
        match told.decided.get(&number) {
            None => problems.push(format!("decision {number} was slipped in: the chain knows nothing of it")),
            Some(detail) => {
                for (column, key) in [("verdict", "incident"), ("what", "what")] {
                    differs(
                        row,
                        column,
                        detail,
                        key,
                        || format!("decision {number}: what it says of {key}"),
                        problems,
                    )?;
                }
            }
        }
    }
    for number in told.decided.keys().filter(|number| !seen.contains(number)) {
        problems.push(format!("decision {number} is in the chain and no longer in its table"));
    }
    Ok(())
}

/// Each exemption and each step of the ladder stands in the chain, about the author whom the chain vouches for, and what the
/// chain knows of is there until it was forgotten in order.
fn authors(db: &Tx<'_>, told: &Told<'_>, problems: &mut Vec<String>) -> rusqlite::Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    let tables: [(&str, &str, &str); 2] = [
        ("exemption", "exemption", "select *, ended_at is not null as over from exemption order by id"),
        ("author_step", "step", "select *, withdrawn_at is not null as over from author_step order by id"),
    ];
    for (table, name, question) in tables {
        let mut read = db.prepare(question)?;
        let mut rows = read.query([])?;
        while let Some(row) = rows.next()? {
            let number: i64 = row.get("id")?;
            seen.insert((table, number));
            let Some(detail) = told.authors.get(&(table, number)) else {
                problems.push(format!("{name} {number} about an author was slipped in: the chain knows nothing of it"));
                continue;
            };
            let (salt, key, incident): (Vec<u8>, Vec<u8>, i64) =
                (row.get("salt")?, row.get("author_key")?, row.get("verdict")?);
            let vouched = if table == "exemption" {
                exempt::vouched(&salt, &key)
            } else {
                for column in ["step", "police"] {
                    differs(row, column, detail, column, || format!("step {number} about an author"), problems)?;
                }
                climb::vouched(&salt, &key, incident)
            };
            if detail.get("vouched").and_then(Value::as_str) != Some(&*vouched) {
                problems.push(format!("{name} {number} is not about the author of whom the chain tells"));
            }
            if row.get::<_, bool>("over")? != told.ended.contains(&(table, number)) {
                problems.push(format!("{name} {number} about an author: whether it counts is not what the chain says"));
            }
        }
    }
    for (table, number) in told.authors.keys().filter(|key| !seen.contains(key) && !told.forgotten.contains(key)) {
        let name = if *table == "exemption" { "exemption" } else { "step" };
        problems.push(format!("{name} {number} about an author is in the chain and no longer in its table"));
    }
    Ok(())
}
