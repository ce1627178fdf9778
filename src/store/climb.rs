//! The ledger of the author ladder: who took which step about which author, when and why. In: a person's step. Out: rows
//! that end with the policy's window, and what stands about an author. Not here: whether a step may be taken (`ladder`),
//! what the author is told (drafts).
//!
//! A row knows its author by an HMAC of the platform's id on that page, and the chain knows of a row only that there was
//! such a step: when it is forgotten, nothing says any more whom it was about.

use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};
use serde_json::json;

use super::db::Tx;
use super::decisions::Decision;
use super::evidence::Vault;
use super::exempt::{self, Exemption, Nobody, whose};
use super::names::{from_json, json, ms, named, named_opt, page_key, time};
use super::subject::Person;
use super::{Error, Store, audit, evidence, hex};
use crate::clock::Timestamp;
use crate::comment::{Author, PageKey};
use crate::ladder::{self, Ground, Refusal, Stance, Step, Taken, Wish};
use crate::lexicon::Category;
use crate::policy::Action;

/// A step that a person wants to take.
#[derive(Clone, Debug)]
pub struct Climb {
    /// Which.
    pub step: Step,
    /// They say that it is about violence that was reported to the police.
    pub police: bool,
    /// Their name.
    pub who: String,
    /// Why; may repeat what the comment says.
    pub why: String,
    /// What the practice's policy says of the ladder.
    pub rule: ladder::Rule,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Climbed {
    /// It is written down.
    Taken {
        /// Until then it counts.
        until: Timestamp,
    },
    /// It may not be taken; nothing was written.
    Refused(Refusal),
    /// The incident does not say whose it is.
    Nobody(Nobody),
}

/// What became of taking a step back that was written down by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// It counts no more: this one, the author's last.
    Done(Step),
    /// No step counts about this author.
    Nothing,
    /// The incident does not say whose it is.
    Nobody(Nobody),
}

/// Everything that stands about an author on a page.
#[derive(Clone, Debug)]
pub struct AuthorFile {
    /// The page.
    pub page: PageKey,
    /// Who it is, as the incident's comment names them.
    pub author: Author,
    /// Set while rules leave them alone.
    pub exemption: Option<Exemption>,
    /// Steps that count, oldest first.
    pub steps: Vec<StepTaken>,
    /// Their incidents, oldest first.
    pub incidents: Vec<PastIncident>,
}

/// A step of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepTaken {
    /// Which.
    pub step: Step,
    /// About which incident.
    pub incident: i64,
    /// The person said that violence was reported to the police.
    pub police: bool,
    /// Who took it.
    pub who: String,
    /// Why; may repeat what the comment says.
    pub why: String,
    /// When.
    pub at: Timestamp,
    /// It counts until then, and is forgotten.
    pub until: Timestamp,
}

/// An incident in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastIncident {
    /// Its number.
    pub number: i64,
    /// When it was judged.
    pub at: Timestamp,
    /// What bears on it.
    pub categories: Vec<Category>,
    /// What was to be done.
    pub action: Action,
    /// What people decided last, notes aside.
    pub decided: Option<Decision>,
}

/// An author with a step that counts.
#[derive(Clone, Debug)]
pub struct Climber {
    /// The page.
    pub page: PageKey,
    /// Who it is, while that is kept.
    pub author: Author,
    /// The last step.
    pub step: StepTaken,
}

impl Store {
    /// Takes a step about the author of an incident, if the ladder allows it.
    pub async fn climb(&self, number: i64, climb: Climb, now: Timestamp) -> Result<Climbed, Error> {
        self.db.write("take a step about an author", move |tx| take(tx, number, &climb, now)).await
    }

    /// Takes back the last step about the author of an incident: it was written down by mistake.
    pub async fn withdraw_step(&self, number: i64, who: String, now: Timestamp) -> Result<Withdrawn, Error> {
        self.db.write("take back a step about an author", move |tx| withdraw(tx, number, &who, now)).await
    }

    /// What stands about the author of an incident.
    pub async fn author(&self, number: i64, now: Timestamp) -> Result<Result<AuthorFile, Nobody>, Error> {
        self.db.read("read what stands about an author", move |db| file(db, number, now)).await
    }

    /// Every author with a step that counts, by their last one, oldest first.
    pub async fn climbers(&self, now: Timestamp) -> Result<Vec<Climber>, Error> {
        self.db.read("read the author ladder", move |db| climbers(db, now)).await
    }

    /// What stands about a person: the exemption, and steps of the ladder, oldest first.
    pub async fn standing(&self, person: &Person) -> Result<(Option<Exemption>, Vec<StepTaken>), Error> {
        let (page, id) = (person.page.clone(), person.author.id.clone());
        self.db
            .read("read what stands about a person", move |db| {
                let Some(id) = id else { return Ok((None, Vec::new())) };
                let key = db.vault.author_key(&page, &id);
                // Whatever is kept is theirs to see, whether it still counts or not.
                Ok((exempt::exemptions(db, Some(&key))?.pop(), steps(db, &key, Timestamp::MIN)?))
            })
            .await
    }
}

fn take(tx: &Tx<'_>, number: i64, climb: &Climb, now: Timestamp) -> rusqlite::Result<Climbed> {
    let whose = match whose(tx, number)? {
        Ok(whose) => whose,
        Err(nobody) => return Ok(Climbed::Nobody(nobody)),
    };
    let taken: Vec<Taken> = steps(tx, &whose.key, now)?.into_iter().map(StepTaken::into_taken).collect();
    let grounds = grounds(tx, &whose.key, number, climb.rule.since(now))?;
    let wish = Wish { to: climb.step, incident: number, police: climb.police };
    if let Err(refusal) = ladder::climb(wish, &taken, &grounds) {
        return Ok(Climbed::Refused(refusal));
    }
    let (salt, until): ([u8; 16], _) = (evidence::random()?, climb.rule.until(now));
    tx.prepare_cached(
        "insert into author_step (page, author_key, verdict, salt, step, police, who, why, taken_at, until_at)
         values (:page, :author, :verdict, :salt, :step, :police, :who, :why, :now, :until)",
    )?
    .execute(named_params! {
        ":page": whose.page, ":author": whose.key, ":verdict": number, ":salt": salt, ":step": climb.step.id(),
        ":police": climb.police, ":who": climb.who, ":why": tx.vault.seal("why", &climb.why)?, ":now": ms(now),
        ":until": ms(until),
    })?;
    let vouched = vouched(&salt, &whose.key, number);
    let detail = json!({
        "author_step": tx.last_insert_rowid(), "step": climb.step.id(), "police": i64::from(climb.police),
        "vouched": vouched,
    });
    audit::append(tx, now, "author.step", &climb.who, &detail)?;
    Ok(Climbed::Taken { until })
}

/// What the chain keeps of whom a step is about: nothing, once the salt is forgotten with the row.
pub(super) fn vouched(salt: &[u8], key: &[u8], incident: i64) -> String {
    evidence::commitment(salt, &format!("{} {incident}", hex(key)))
}

fn withdraw(tx: &Tx<'_>, number: i64, who: &str, now: Timestamp) -> rusqlite::Result<Withdrawn> {
    let whose = match whose(tx, number)? {
        Ok(whose) => whose,
        Err(nobody) => return Ok(Withdrawn::Nobody(nobody)),
    };
    let last = tx
        .prepare_cached(
            "update author_step set withdrawn_at = ?3, withdrawn_by = ?4
             where id = (select max(id) from author_step
                         where author_key = ?1 and withdrawn_at is null and until_at > ?2)
             returning id, step",
        )?
        .query_row(params![whose.key, ms(now), ms(now), who], |row| {
            Ok((row.get::<_, i64>("id")?, named(row, "step", Step::from_id)?))
        })
        .optional()?;
    let Some((id, step)) = last else { return Ok(Withdrawn::Nothing) };
    audit::append(tx, now, "author.step-withdrawn", who, &json!({ "author_step": id }))?;
    Ok(Withdrawn::Done(step))
}

impl StepTaken {
    fn into_taken(self) -> Taken {
        Taken { step: self.step, incident: self.incident, who: self.who, at: self.at }
    }
}

/// Steps about an author that count after `now`.
fn steps(db: &Tx<'_>, author: &[u8; 32], now: Timestamp) -> rusqlite::Result<Vec<StepTaken>> {
    db.prepare_cached(
        "select * from author_step where author_key = ? and withdrawn_at is null and until_at > ? order by taken_at, id",
    )?
    .query_map(params![author, ms(now)], |row| as_step(row, db.vault))?
    .collect()
}

fn as_step(row: &Row<'_>, vault: &Vault) -> rusqlite::Result<StepTaken> {
    Ok(StepTaken {
        step: named(row, "step", Step::from_id)?,
        incident: row.get("verdict")?,
        police: row.get("police")?,
        who: row.get("who")?,
        why: vault.open(row, "why")?,
        at: time(row, "taken_at")?,
        until: time(row, "until_at")?,
    })
}

/// What this author's incidents since then say, as people see them, the one that the step is about among them.
fn grounds(db: &Connection, author: &[u8; 32], number: i64, since: Timestamp) -> rusqlite::Result<Vec<Ground>> {
    db.prepare_cached(
        "select verdict.id,
             (select json_group_array(distinct reason.category) from reason
              where reason.verdict = verdict.id and reason.certainty in ('medium', 'high')) as categories,
             (select what from standing where standing.verdict = verdict.id
              order by id desc limit 1) as decided
         from comment join verdict on verdict.comment = comment.id
         where comment.author_key = ?1 and verdict.reasons > 0 and (verdict.judged_at >= ?2 or verdict.id = ?3)
         order by verdict.id",
    )?
    .query_map(params![author, ms(since), number], |row| {
        Ok(Ground {
            incident: row.get("id")?,
            categories: from_json(row, "categories")?,
            stance: match named_opt(row, "decided", Decision::from_id)? {
                Some(Decision::Uphold | Decision::Hide | Decision::Delete) => Stance::Upheld,
                Some(Decision::Restore) => Stance::Overturned,
                Some(Decision::Note | Decision::Undo) | None => Stance::Open,
            },
        })
    })?
    .collect()
}

fn file(db: &Tx<'_>, number: i64, now: Timestamp) -> rusqlite::Result<Result<AuthorFile, Nobody>> {
    let whose = match whose(db, number)? {
        Ok(whose) => whose,
        Err(nobody) => return Ok(Err(nobody)),
    };
    let (page, author) = db
        .prepare_cached(
            "select page.platform, page.page_id, comment.author_id, comment.author_name
             from verdict join comment on comment.id = verdict.comment join page on page.id = comment.page
             where verdict.id = ?",
        )?
        .query_row([number], |row| Ok((page_key(row)?, exempt::author(row, db.vault)?)))?;
    Ok(Ok(AuthorFile {
        page,
        author,
        exemption: exempt::exemptions(db, Some(&whose.key))?.pop(),
        steps: steps(db, &whose.key, now)?,
        incidents: briefs(db, &whose.key)?,
    }))
}

fn briefs(db: &Connection, author: &[u8; 32]) -> rusqlite::Result<Vec<PastIncident>> {
    db.prepare_cached(
        "select verdict.id, verdict.judged_at, verdict.categories, verdict.action,
             (select what from standing where standing.verdict = verdict.id
              order by id desc limit 1) as decided
         from comment join verdict on verdict.comment = comment.id
         where comment.author_key = ? and verdict.reasons > 0 order by verdict.id",
    )?
    .query_map([author], |row| {
        Ok(PastIncident {
            number: row.get("id")?,
            at: time(row, "judged_at")?,
            categories: from_json(row, "categories")?,
            action: named(row, "action", Action::from_id)?,
            decided: named_opt(row, "decided", Decision::from_id)?,
        })
    })?
    .collect()
}

fn climbers(db: &Tx<'_>, now: Timestamp) -> rusqlite::Result<Vec<Climber>> {
    db.prepare_cached(
        "select author_step.*, page.platform, page.page_id, comment.author_id, comment.author_name
         from author_step join page on page.id = author_step.page
             join verdict on verdict.id = author_step.verdict join comment on comment.id = verdict.comment
         where author_step.id in (select max(id) from author_step
                                  where withdrawn_at is null and until_at > ? group by author_key)
         order by author_step.id",
    )?
    .query_map([ms(now)], |row| {
        Ok(Climber { page: page_key(row)?, author: exempt::author(row, db.vault)?, step: as_step(row, db.vault)? })
    })?
    .collect()
}

/// Rows about authors that are kept no longer: steps whose window is over, and exemptions that ended before `ended`,
/// unless somebody holds a comment of that author.
pub(super) fn over(db: &Connection, ended: Option<Timestamp>, now: Timestamp) -> rusqlite::Result<Forgotten> {
    const FREE: &str = "not exists (select 1 from comment join hold on hold.comment = comment.id
         where comment.author_key = one.author_key and released_at is null)";
    let ids = |question: String, before: Timestamp| -> rusqlite::Result<Vec<i64>> {
        db.prepare_cached(&question)?.query_map([ms(before)], |row| row.get(0))?.collect()
    };
    Ok(Forgotten {
        steps: ids(format!("select id from author_step one where until_at <= ? and {FREE} order by id"), now)?,
        exemptions: match ended {
            Some(ended) => {
                ids(format!("select id from exemption one where ended_at <= ? and {FREE} order by id"), ended)?
            }
            None => Vec::new(),
        },
    })
}

/// Rows about one author, whatever they say.
pub(super) fn about(db: &Connection, author: &[u8; 32]) -> rusqlite::Result<Forgotten> {
    let ids = |question: &str| -> rusqlite::Result<Vec<i64>> {
        db.prepare_cached(question)?.query_map([author], |row| row.get(0))?.collect()
    };
    Ok(Forgotten {
        steps: ids("select id from author_step where author_key = ? order by id")?,
        exemptions: ids("select id from exemption where author_key = ? order by id")?,
    })
}

/// Rows about authors that go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Forgotten {
    steps: Vec<i64>,
    exemptions: Vec<i64>,
}

impl Forgotten {
    /// How many.
    pub(super) fn len(&self) -> u64 {
        (self.steps.len() + self.exemptions.len()) as u64
    }

    /// Deletes them, and tells the chain that it was in order.
    pub(super) fn forget(&self, tx: &Tx<'_>, who: &str, now: Timestamp) -> rusqlite::Result<()> {
        if self.len() == 0 {
            return Ok(());
        }
        for (table, ids) in [("author_step", &self.steps), ("exemption", &self.exemptions)] {
            tx.execute(&format!("delete from {table} where id in (select value from json_each(?))"), [json(ids)?])?;
        }
        let detail = json!({ "author_steps": self.steps, "exemptions": self.exemptions });
        audit::append(tx, now, "author.forgotten", who, &detail)
    }
}
