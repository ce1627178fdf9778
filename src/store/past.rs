//! What the store remembers, read again to learn from it: every comment for judging it by other rules, how each of some
//! comments stands, what came of each entry's findings, and what people decided. In portions, so that a hundred thousand
//! comments do not lie in memory. Only what still stands is read: a comment's last words, and nothing that was erased.
//! Not here: judging, counting and learning (`tuning`).

use std::ops::Range;

use rusqlite::{Connection, Row, named_params, params};
use serde::{Deserialize, Serialize};

use super::db::Tx;
use super::decisions::Decision;
use super::names::{from_json, json, ms, named, named_opt, page_key, time, time_opt};
use super::outbox::Act;
use super::{Error, Store};
use crate::clock::Timestamp;
use crate::comment::{AuthorId, CommentText, PageKey};
use crate::lexicon::Category;
use crate::policy::Action;
use crate::rules::Tried;

/// Which comments are read again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pasts {
    /// Behind this one, by its [`Past::id`]; 0 begins.
    pub after: i64,
    /// So many at the most.
    pub most: usize,
    /// Written since then; where the platform did not say when, first read since then.
    pub since: Option<Timestamp>,
    /// With their authors' ids, which take as long to open as the words.
    pub authors: bool,
}

/// A comment as it stands now.
#[derive(Clone, Debug)]
pub struct Past {
    /// The store's own number for it.
    pub id: i64,
    /// What it says.
    pub tried: Tried,
}

/// How a comment stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The store's own number for it.
    pub id: i64,
    /// Its page.
    pub page: PageKey,
    /// Where a person can see it.
    pub link: Option<String>,
    /// When it was written; where the platform did not say, when it was first read.
    pub written: Timestamp,
    /// It was there before the watch began.
    pub backlog: bool,
    /// It was seen to be gone from the platform.
    pub gone: bool,
    /// What was made of its present words, if they were judged.
    pub judged: Option<Then>,
}

/// What was made of a comment when it was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Then {
    /// The number that people know it by, if there was a reason to give it one.
    pub incident: Option<i64>,
    /// What was to be done.
    pub action: Action,
    /// The categories that bore on it.
    pub categories: Vec<Category>,
    /// The entries that found something, each once.
    pub entries: Vec<String>,
    /// What was done at the platform last.
    pub done: Option<Act>,
    /// What a person decided last, notes aside.
    pub decided: Option<Decision>,
}

/// What came of an entry's findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The entry.
    pub entry: String,
    /// Its category.
    pub category: Category,
    /// Comments that it found something in.
    pub found: u64,
    /// Of those, the ones that people said were judged rightly.
    pub upheld: u64,
    /// The ones that people had shown again, or left up against it.
    pub restored: u64,
    /// The ones that people wanted hidden or deleted themselves.
    pub removed: u64,
    /// When it last found something.
    pub last: Timestamp,
    /// When it first did.
    pub first: Timestamp,
}

/// A comment about which somebody decided.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// Its incident's number.
    pub incident: i64,
    /// What it said.
    pub text: CommentText,
    /// What a person decided last.
    pub decided: Decision,
    /// What bore on it.
    pub entries: Vec<Found>,
}

/// What an entry found in a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its category.
    pub category: Category,
    /// The entry.
    pub entry: String,
    /// Where, in bytes of the text.
    pub span: Range<usize>,
}

impl Store {
    /// Comments that can be judged again, in order of their number.
    pub async fn past(&self, which: Pasts) -> Result<Vec<Past>, Error> {
        self.db.read("read comments again", move |db| past(db, which)).await
    }

    /// How many comments can be judged again.
    pub async fn past_count(&self, since: Option<Timestamp>) -> Result<u64, Error> {
        let question = format!("select count(*) from comment where {WHICH}");
        let count = move |db: &Tx<'_>| {
            let bound = named_params! { ":after": 0, ":since": since.map_or(i64::MIN, ms) };
            db.prepare_cached(&question)?.query_row(bound, |row| unsigned(row, 0))
        };
        self.db.read("count comments", count).await
    }

    /// How some comments stand, in order of their number.
    pub async fn standings(&self, ids: Vec<i64>) -> Result<Vec<Standing>, Error> {
        self.db.read("read how comments stand", move |db| standings(db, &ids)).await
    }

    /// What came of every entry that ever found something.
    pub async fn records(&self, since: Option<Timestamp>) -> Result<Vec<Record>, Error> {
        self.db.read("count what entries found", move |db| records(db, since)).await
    }

    /// What people decided about comments that can still be read, oldest incident first.
    pub async fn lessons(&self) -> Result<Vec<Lesson>, Error> {
        self.db.read("read what people decided", lessons).await
    }

    /// When the watch began, and how many comments have been judged since.
    pub async fn watched(&self) -> Result<(Option<Timestamp>, u64), Error> {
        self.db
            .read("read since when comments are judged", |db| {
                db.query_row("select min(judged_at) as since, count(*) as verdicts from verdict", [], |row| {
                    Ok((time_opt(row, "since")?, unsigned(row, 1)?))
                })
            })
            .await
    }

    /// Since when each entry of the rules has been as it is; none is from the beginning.
    pub async fn entries_since(&self) -> Result<Vec<(String, Option<Timestamp>)>, Error> {
        self.db
            .read("read how old entries are", |db| {
                db.prepare_cached(
                    "select name, max(since_at) as since from rule_known where name like '%/%' group by name",
                )?
                .query_map([], |row| Ok((row.get("name")?, time_opt(row, "since")?)))?
                .collect()
            })
            .await
    }
}

/// Comments that can be judged again.
const WHICH: &str = "comment.id > :after and by_page = 0 and erased_at is null
    and coalesce(comment.created_at, comment.first_seen_at) >= :since";

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.max(0) as u64)
}

fn past(db: &Tx<'_>, which: Pasts) -> rusqlite::Result<Vec<Past>> {
    let Pasts { after, most, since, authors } = which;
    db.prepare_cached(&format!(
        "select comment.id, words, attachments, author_id from comment
             join comment_version on comment_version.comment = comment.id and comment_version.version = comment.version
         where {WHICH} order by comment.id limit :most"
    ))?
    .query_map(named_params! { ":after": after, ":since": since.map_or(i64::MIN, ms), ":most": most as i64 }, |row| {
        let author = if authors { db.vault.open_optional(row, "author_id")? } else { None };
        // Nearly every comment carries nothing, which needs no reading.
        let nothing = row.get_ref("attachments")?.as_str().is_ok_and(|list| list == "[]");
        let tried = Tried {
            text: CommentText::new(db.vault.open(row, "words")?),
            attachments: if nothing { Vec::new() } else { from_json(row, "attachments")? },
            author: author.map(AuthorId::new),
        };
        Ok(Past { id: row.get("id")?, tried })
    })?
    .collect()
}

/// A person's last word about a verdict, notes aside.
const DECIDED: &str = "(select what from standing where standing.verdict = verdict.id
    order by standing.id desc limit 1)";

fn standings(db: &Tx<'_>, ids: &[i64]) -> rusqlite::Result<Vec<Standing>> {
    db.prepare_cached(&format!(
        "select comment.id, page.platform, page.page_id, coalesce(comment.permalink, post.permalink) as link,
             coalesce(comment.created_at, comment.first_seen_at) as written, baseline, gone_at is not null as gone,
             verdict.id as verdict, verdict.action, verdict.categories, verdict.reasons, {DECIDED} as decided,
             (select json_group_array(distinct entry) from reason where reason.verdict = verdict.id) as entries,
             (select achieved from outbox where outbox.verdict = verdict.id and achieved <> 'reply'
              order by outbox.id desc limit 1) as achieved
         from json_each(:ids) as wanted
             join comment on comment.id = wanted.value
             join page on page.id = comment.page
             join post on post.id = comment.post
             left join verdict on verdict.comment = comment.id and verdict.version = comment.version
         order by comment.id"
    ))?
    .query_map(named_params! { ":ids": json(ids)? }, |row| {
        let then = |number: i64| {
            Ok::<_, rusqlite::Error>(Then {
                incident: (row.get::<_, i64>("reasons")? > 0).then_some(number),
                action: named(row, "action", Action::from_id)?,
                categories: from_json(row, "categories")?,
                entries: from_json(row, "entries")?,
                done: row.get::<_, Option<String>>("achieved")?.as_deref().and_then(Act::from_id),
                decided: named_opt(row, "decided", Decision::from_id)?,
            })
        };
        Ok(Standing {
            id: row.get("id")?,
            page: page_key(row)?,
            link: row.get("link")?,
            written: time(row, "written")?,
            backlog: row.get("baseline")?,
            gone: row.get("gone")?,
            judged: row.get::<_, Option<i64>>("verdict")?.map(then).transpose()?,
        })
    })?
    .collect()
}

fn records(db: &Connection, since: Option<Timestamp>) -> rusqlite::Result<Vec<Record>> {
    db.prepare_cached(&format!(
        "with each as (select reason.entry, reason.category, verdict.comment, verdict.judged_at, {DECIDED} as decided
                       from reason join verdict on verdict.id = reason.verdict where verdict.judged_at >= ?)
         select entry, category, count(distinct comment) as found,
             count(distinct iif(decided = 'uphold', comment, null)) as upheld,
             count(distinct iif(decided = 'restore', comment, null)) as restored,
             count(distinct iif(decided in ('hide', 'delete'), comment, null)) as removed,
             min(judged_at) as first, max(judged_at) as last
         from each group by entry, category order by entry, category"
    ))?
    .query_map(params![since.map_or(i64::MIN, ms)], |row| {
        Ok(Record {
            entry: row.get("entry")?,
            category: named(row, "category", Category::from_id)?,
            found: unsigned(row, 2)?,
            upheld: unsigned(row, 3)?,
            restored: unsigned(row, 4)?,
            removed: unsigned(row, 5)?,
            first: time(row, "first")?,
            last: time(row, "last")?,
        })
    })?
    .collect()
}

fn lessons(db: &Tx<'_>) -> rusqlite::Result<Vec<Lesson>> {
    let mut found = db.prepare_cached(
        "select category, entry, start_byte, end_byte from reason where verdict = ? order by position",
    )?;
    db.prepare_cached(&format!(
        "select verdict.id, comment_version.words, {DECIDED} as decided
         from verdict
             join comment on comment.id = verdict.comment
             join comment_version on comment_version.comment = verdict.comment
                 and comment_version.version = verdict.version
         where verdict.reasons > 0 and comment.erased_at is null
             and exists (select 1 from standing where standing.verdict = verdict.id)
         order by verdict.id"
    ))?
    .query_map([], |row| {
        let incident: i64 = row.get("id")?;
        Ok(Lesson {
            incident,
            text: CommentText::new(db.vault.open(row, "words")?),
            decided: named(row, "decided", Decision::from_id)?,
            entries: found.query_map([incident], as_found)?.collect::<rusqlite::Result<_>>()?,
        })
    })?
    .collect()
}

fn as_found(row: &Row<'_>) -> rusqlite::Result<Found> {
    let (start, end) = (unsigned(row, 2)? as usize, unsigned(row, 3)? as usize);
    Ok(Found { category: named(row, "category", Category::from_id)?, entry: row.get("entry")?, span: start..end })
}
