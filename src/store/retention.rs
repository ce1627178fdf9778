//! How long what people wrote is kept. In: the practice's terms and the time. Out: words and names erased whose time is
//! over, and the chain told which. Not here: who decides the terms (the configuration), one person's own wish
//! (`subject`).
//!
//! What goes is what identifies: words, author, link, attachments, the salt that lets the chain vouch for the words, and
//! what people wrote about it. What stays is that a comment of this id was judged, by which entries, and what was done:
//! the chain stays whole, the counts stay true, and the comment, listed again, is known and not judged again.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use rusqlite::{Row, params};
use serde_json::json;

use super::db::Tx;
use super::names::{from_json, ms, time};
use super::{Error, Store, audit, climb, evidence};
use crate::clock::{SignedDuration, Timestamp};
use crate::lexicon::Category;

/// So many comments are erased in one transaction, and named in one row of the chain.
const AT_ONCE: usize = 200;

/// For how many days evidence is kept after it was last judged or decided upon; `None` keeps it until somebody erases it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Comments in which no rule saw anything, and the page's own.
    pub nothing_found: Option<NonZeroU32>,
    /// Comments with a finding, unless their category says otherwise.
    pub found: Option<NonZeroU32>,
    /// By category; of several the longest counts.
    pub by_category: BTreeMap<Category, Option<NonZeroU32>>,
    /// Polls, gaps and notices.
    pub watch: Option<NonZeroU32>,
}

impl Terms {
    /// How long a comment with these categories is kept.
    fn term(&self, categories: &[Category], reasons: bool) -> Option<NonZeroU32> {
        if !reasons {
            return self.nothing_found;
        }
        let terms = categories.iter().map(|category| self.by_category.get(category).copied().unwrap_or(self.found));
        terms.reduce(longer).unwrap_or(self.found)
    }

    /// What ended before this is forgotten: an exemption is kept as long as a comment with a finding.
    fn ended(&self, now: Timestamp) -> Option<Timestamp> {
        self.found.map(|days| days_before(now, days))
    }

    /// No comment is erased that is younger than this.
    fn shortest(&self) -> Option<NonZeroU32> {
        self.by_category.values().copied().chain([self.nothing_found, self.found]).flatten().min()
    }
}

fn longer(one: Option<NonZeroU32>, other: Option<NonZeroU32>) -> Option<NonZeroU32> {
    // No end is longer than any.
    Some(one?.max(other?))
}

/// What a purge erased, or would.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Comments by category; one with several counts in each.
    pub by_category: BTreeMap<Category, u64>,
    /// Comments in which no rule saw anything.
    pub nothing_found: u64,
    /// Comments in all.
    pub comments: u64,
    /// Of a comment whose time is over, kept because of a legal hold.
    pub held: u64,
    /// Kept because an action at the platform is still owed.
    pub owed: u64,
    /// Rows about polls, gaps and notices.
    pub watch: u64,
    /// Steps of the author ladder whose window is over, and exemptions that ended long ago.
    pub authors: u64,
}

impl Store {
    /// What a purge would erase now.
    pub async fn due_for_erasure(&self, terms: Terms, now: Timestamp) -> Result<Purged, Error> {
        self.db
            .read("look for what is kept too long", move |db| {
                let (mut purged, _) = due(db, &terms, now)?;
                purged.watch = watch_rows(db, &terms, now)?;
                purged.authors = climb::over(db, terms.ended(now), now)?.len();
                Ok(purged)
            })
            .await
    }

    /// Erases what has been kept for its term. `who`: the person who asked, or nobody for the daily round.
    pub async fn purge(&self, terms: Terms, who: Option<String>, now: Timestamp) -> Result<Purged, Error> {
        let asked = terms.clone();
        let (mut purged, comments) =
            self.db.read("look for what is kept too long", move |db| due(db, &asked, now)).await?;
        for some in comments.chunks(AT_ONCE) {
            let (some, who) = (some.to_vec(), who.clone());
            self.db
                .write("erase what was kept for its term", move |tx| {
                    erase(tx, &some, "retention.erased", who.as_deref().unwrap_or(audit::SELF), now)
                })
                .await?;
        }
        let ended = terms.ended(now);
        purged.authors = self
            .db
            .write("forget what is over about authors", move |tx| {
                let over = climb::over(tx, ended, now)?;
                over.forget(tx, who.as_deref().unwrap_or(audit::SELF), now)?;
                Ok(over.len())
            })
            .await?;
        purged.watch = self.db.write("forget old polls", move |tx| forget_watch(tx, &terms, now)).await?;
        if purged.comments + purged.authors > 0 {
            self.scrub().await?;
        }
        Ok(purged)
    }

    /// Writes over what deleted and erased rows left in the file and its log.
    pub(super) async fn scrub(&self) -> Result<(), Error> {
        self.db.tidy("pragma wal_checkpoint(truncate)").await
    }
}

/// What is known of a comment when its term is asked for.
struct Old {
    comment: i64,
    /// When it was last judged, decided upon or seen to.
    last: Timestamp,
    categories: Vec<Category>,
    reasons: bool,
    held: bool,
    owed: bool,
}

fn due(db: &Tx<'_>, terms: &Terms, now: Timestamp) -> rusqlite::Result<(Purged, Vec<i64>)> {
    let (mut purged, mut comments) = (Purged::default(), Vec::new());
    let Some(shortest) = terms.shortest() else { return Ok((purged, comments)) };
    let mut read = db.prepare(
        "select comment.id,
             max(comment.first_seen_at, coalesce(max(verdict.judged_at), 0), coalesce(max(outbox.closed_at), 0),
                 coalesce(max(decision.decided_at), 0), coalesce(max(alert.acknowledged_at), 0)) as last_at,
             coalesce(json_group_array(distinct each.value) filter (where each.value is not null), '[]') as categories,
             coalesce(max(verdict.reasons), 0) > 0 as reasons,
             exists (select 1 from hold where hold.comment = comment.id and released_at is null) as held,
             coalesce(max(outbox.state = 'due'), 0) as owed
         from comment
             left join verdict on verdict.comment = comment.id
             left join json_each(verdict.categories) as each
             left join outbox on outbox.comment = comment.id
             left join decision on decision.verdict = verdict.id
             left join alert on alert.verdict = verdict.id
         where comment.erased_at is null and comment.first_seen_at <= ?
         group by comment.id order by comment.id",
    )?;
    let olds = read.query_map([ms(days_before(now, shortest))], as_old)?;
    for old in olds {
        let old = old?;
        let Some(term) = terms.term(&old.categories, old.reasons) else { continue };
        if old.last > days_before(now, term) {
            continue;
        }
        if old.held {
            purged.held += 1;
        } else if old.owed {
            purged.owed += 1;
        } else {
            comments.push(old.comment);
            purged.comments += 1;
            purged.nothing_found += u64::from(!old.reasons);
            for category in old.categories {
                *purged.by_category.entry(category).or_default() += 1;
            }
        }
    }
    Ok((purged, comments))
}

fn as_old(row: &Row<'_>) -> rusqlite::Result<Old> {
    Ok(Old {
        comment: row.get("id")?,
        last: time(row, "last_at")?,
        categories: from_json(row, "categories")?,
        reasons: row.get("reasons")?,
        held: row.get("held")?,
        owed: row.get("owed")?,
    })
}

fn days_before(now: Timestamp, days: NonZeroU32) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(24 * i64::from(days.get()))).unwrap_or(Timestamp::MIN)
}

/// Takes away what identifies people from these comments, and tells the chain which they were.
pub(super) fn erase(
    tx: &Tx<'_>,
    comments: &[i64],
    what: &'static str,
    who: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    for &comment in comments {
        tx.prepare_cached(
            "update comment set author_id = null, author_name = null, author_key = null, permalink = null, erased_at = ?
             where id = ?",
        )?
        .execute(params![ms(now), comment])?;
        let salt: [u8; 16] = evidence::random()?;
        tx.prepare_cached("update comment_version set words = ?, salt = ?, attachments = '[]' where comment = ?")?
            .execute(params![tx.vault.seal("words", "")?, salt, comment])?;
        tx.prepare_cached("update verdict set private = '[]' where comment = ?")?.execute([comment])?;
        // Notices about one comment say where it stands.
        tx.prepare_cached(
            "delete from notice where (page, comment) = (select page, comment_id from comment where id = ?)",
        )?
        .execute([comment])?;
        tx.prepare_cached("update decision set why = ? where verdict in (select id from verdict where comment = ?)")?
            .execute(params![tx.vault.seal("why", "")?, comment])?;
    }
    if comments.is_empty() { Ok(()) } else { audit::append(tx, now, what, who, &json!({ "comments": comments })) }
}

/// The tables of the watch, and the column that says how old a row is.
const WATCH: [(&str, &str); 3] = [("poll", "ended_at"), ("gap", "to_at"), ("notice", "at")];

fn watch_rows(db: &Tx<'_>, terms: &Terms, now: Timestamp) -> rusqlite::Result<u64> {
    let Some(term) = terms.watch else { return Ok(0) };
    let mut rows = 0;
    for (table, column) in WATCH {
        let count: i64 = db
            .prepare_cached(&format!("select count(*) from {table} where {column} < ?"))?
            .query_row([ms(days_before(now, term))], |row| row.get(0))?;
        rows += count.max(0) as u64;
    }
    Ok(rows)
}

fn forget_watch(tx: &Tx<'_>, terms: &Terms, now: Timestamp) -> rusqlite::Result<u64> {
    let Some(term) = terms.watch else { return Ok(0) };
    let mut rows = 0;
    for (table, column) in WATCH {
        rows += tx.execute(&format!("delete from {table} where {column} < ?"), [ms(days_before(now, term))])? as u64;
    }
    rows += super::edits::forget(tx, ms(days_before(now, term)))? as u64;
    Ok(rows)
}
