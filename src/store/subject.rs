//! One person's data: what is kept of an author, and its erasure at their wish. In: a name, or the platform's id of the
//! author. Out: everything they wrote and what was made of it; erased, but for what a hold or an owed action keeps. Not
//! here: leaving out what is about other people (`dossier`), deciding whether a wish is to be met.

use std::collections::BTreeMap;

use rusqlite::{Row, params};

use super::db::Tx;
use super::evidence::Vault;
use super::names::{comment_kind, from_json, json, named, page_key, time, time_opt};
use super::queue::{Event, Queued, history, queued};
use super::{Error, Store, climb, retention};
use crate::clock::Timestamp;
use crate::comment::{Attachment, Author, AuthorId, CommentId, CommentKind, CommentText, PageKey, PersonName};

/// Somebody who has written on a page.
#[derive(Clone, Debug)]
pub struct Person {
    /// Where.
    pub page: PageKey,
    /// As the platform calls them.
    pub author: Author,
    /// When their first comment was read.
    pub first: Timestamp,
    /// When their last one was.
    pub last: Timestamp,
    /// Their comments, by the store's own numbers.
    rows: Vec<i64>,
}

impl Person {
    /// How many comments of theirs are kept.
    pub fn comments(&self) -> usize {
        self.rows.len()
    }
}

/// One comment of a person, with everything that is kept of it.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Where.
    pub page: PageKey,
    /// The platform's id.
    pub comment: CommentId,
    /// What it is.
    pub kind: CommentKind,
    /// Who wrote it.
    pub author: Author,
    /// Where it can or could be seen.
    pub link: Option<String>,
    /// When it was written, as the platform said.
    pub created: Option<Timestamp>,
    /// When it was read for the first time.
    pub first_seen: Timestamp,
    /// When it was seen to be gone.
    pub gone: Option<Timestamp>,
    /// Each text that it had, oldest first.
    pub versions: Vec<Version>,
    /// What was made of it, and what happened then.
    pub incidents: Vec<(Queued, Vec<Event>)>,
}

/// One text that a comment had.
#[derive(Clone, Debug)]
pub struct Version {
    /// The words.
    pub text: CommentText,
    /// What it carried beside them.
    pub attachments: Vec<Attachment>,
    /// When it was read.
    pub seen_at: Timestamp,
}

/// What an erasure came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erasure {
    /// Comments erased.
    pub erased: usize,
    /// Kept because of a legal hold.
    pub held: usize,
    /// Kept because an action at the platform is still owed.
    pub owed: usize,
}

impl Store {
    /// Everybody of this name, or with this platform's id, on any page. Two of the same name are two people.
    pub async fn people(&self, who: String) -> Result<Vec<Person>, Error> {
        self.db.read("look for a person", move |db| people(db, &who)).await
    }

    /// Everything that is kept of a person.
    pub async fn statements(&self, person: &Person) -> Result<Vec<Statement>, Error> {
        let rows = person.rows.clone();
        self.db.read("read a person's comments", move |db| rows.iter().map(|&row| statement(db, row)).collect()).await
    }

    /// Erases what is kept of a person, and tells the chain which comments that were, and not who.
    pub async fn erase(&self, person: &Person, who: String, now: Timestamp) -> Result<Erasure, Error> {
        let (rows, page, id) = (person.rows.clone(), person.page.clone(), person.author.id.clone());
        let erasure = self
            .db
            .write("erase a person's comments", move |tx| {
                let (free, erasure) = sort_out(tx, &rows)?;
                retention::erase(tx, &free, "subject.erased", &who, now)?;
                // What is held is held with the steps that were taken about it.
                if let (Some(id), 0) = (&id, erasure.held) {
                    climb::about(tx, &tx.vault.author_key(&page, id))?.forget(tx, &who, now)?;
                }
                Ok(erasure)
            })
            .await?;
        self.scrub().await?;
        Ok(erasure)
    }

    /// What erasing a person would come to.
    pub async fn erasable(&self, person: &Person) -> Result<Erasure, Error> {
        let rows = person.rows.clone();
        self.db.read("look what can be erased", move |db| Ok(sort_out(db, &rows)?.1)).await
    }
}

fn people(db: &Tx<'_>, who: &str) -> rusqlite::Result<Vec<Person>> {
    let wanted = folded(who);
    let mut found: BTreeMap<(PageKey, Option<String>, String), Person> = BTreeMap::new();
    let mut read = db.prepare(
        "select comment.id, author_id, author_name, first_seen_at, page.platform, page.page_id
         from comment join page on page.id = comment.page
         where erased_at is null and by_page = 0 and (author_id is not null or author_name is not null)
         order by first_seen_at, comment.id",
    )?;
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        let id = db.vault.open_optional(row, "author_id")?;
        let name = db.vault.open_optional(row, "author_name")?;
        let named = name.as_deref().map(folded).unwrap_or_default();
        if id.as_deref() != Some(who.trim()) && (wanted.is_empty() || named != wanted) {
            continue;
        }
        let (page, seen) = (page_key(row)?, time(row, "first_seen_at")?);
        // Whoever has an id is known by it, whatever they call themselves meanwhile.
        let key = (page.clone(), id.clone(), if id.is_some() { String::new() } else { named });
        let person = found.entry(key).or_insert_with(|| Person {
            page,
            author: Author { id: id.map(AuthorId::new), name: name.map(PersonName::new) },
            first: seen,
            last: seen,
            rows: Vec::new(),
        });
        person.last = person.last.max(seen);
        person.rows.push(row.get("id")?);
    }
    let mut people: Vec<Person> = found.into_values().collect();
    for person in &mut people {
        all_of(db, person)?;
    }
    Ok(people)
}

/// Somebody who was found by name and has an id also wrote what stands under another name, or none.
fn all_of(db: &Tx<'_>, person: &mut Person) -> rusqlite::Result<()> {
    let Some(id) = &person.author.id else { return Ok(()) };
    person.rows = db
        .prepare_cached("select id from comment where author_key = ? and erased_at is null order by first_seen_at, id")?
        .query_map([db.vault.author_key(&person.page, id)], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(())
}

/// A name as people compare it.
fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

pub(super) fn statement(db: &Tx<'_>, comment: i64) -> rusqlite::Result<Statement> {
    let mut statement = db
        .prepare_cached(
            "select comment.*, page.platform, page.page_id from comment join page on page.id = comment.page
             where comment.id = ?",
        )?
        .query_row([comment], |row| as_statement(row, db.vault))?;
    statement.versions = db
        .prepare_cached("select * from comment_version where comment = ? order by version")?
        .query_map([comment], |row| {
            Ok(Version {
                text: CommentText::new(db.vault.open(row, "words")?),
                attachments: from_json(row, "attachments")?,
                seen_at: time(row, "seen_at")?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let numbers: Vec<i64> = db
        .prepare_cached("select id from verdict where comment = ? order by id")?
        .query_map([comment], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for number in numbers {
        statement.incidents.push((queued(db, number)?, history(db, number)?));
    }
    Ok(statement)
}

fn as_statement(row: &Row<'_>, vault: &Vault) -> rusqlite::Result<Statement> {
    Ok(Statement {
        page: page_key(row)?,
        comment: CommentId::new(row.get::<_, String>("comment_id")?),
        kind: named(row, "kind", comment_kind)?,
        author: Author {
            id: vault.open_optional(row, "author_id")?.map(AuthorId::new),
            name: vault.open_optional(row, "author_name")?.map(PersonName::new),
        },
        link: row.get("permalink")?,
        created: time_opt(row, "created_at")?,
        first_seen: time(row, "first_seen_at")?,
        gone: time_opt(row, "gone_at")?,
        versions: Vec::new(),
        incidents: Vec::new(),
    })
}

/// The comments that nothing keeps, and how many something does.
fn sort_out(db: &Tx<'_>, rows: &[i64]) -> rusqlite::Result<(Vec<i64>, Erasure)> {
    let (mut free, mut erasure) = (Vec::new(), Erasure::default());
    let mut read = db.prepare(
        "select comment.id,
             exists (select 1 from hold where hold.comment = comment.id and released_at is null) as held,
             exists (select 1 from outbox where outbox.comment = comment.id and state = 'due') as owed
         from comment where erased_at is null and id in (select value from json_each(?))",
    )?;
    let mut found = read.query(params![json(rows)?])?;
    while let Some(row) = found.next()? {
        match (row.get("held")?, row.get("owed")?) {
            (true, _) => erasure.held += 1,
            (false, true) => erasure.owed += 1,
            (false, false) => free.push(row.get("id")?),
        }
    }
    erasure.erased = free.len();
    Ok((free, erasure))
}
