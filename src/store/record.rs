//! Evidence before action: what a poll brought and what the rules made of it, written in one transaction. In: a batch.
//! Out: how much of it was new. Not here: judging, and which comments are worth judging beyond saying what is known.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};
use serde_json::json;

use super::db::Tx;
use super::evidence::Vault;
use super::health::{NewNotice, ensure_page, insert_notice};
use super::names::{comment_kind_id, from_json, json, ms, ms_opt, post_kind_id, time, time_opt};
use super::{Error, Mode, Store, audit, evidence, exempt, verify, vitals};
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::{
    Attachment, AuthorId, Comment, CommentId, CommentText, PageKey, PersonName, Post, PostId, PostKind, TextHash,
};
use crate::policy::{Action, Alert, Verdict};
use crate::rules::age::Ages;

/// A comment that did not change is written again no more often than this, so that a quiet cycle writes nothing.
const TOUCH_EVERY: Duration = Duration::from_secs(3600);

/// A listing may lag behind a hide, by up to 30 s on TikTok (tiktok.md section 9): younger contradictions prove nothing.
const LISTING_LAG: SignedDuration = SignedDuration::from_mins(2);

/// How long the backlog of a page is remembered at most, if no poll manages to list all its posts.
const REMEMBER_PAGE: SignedDuration = SignedDuration::from_hours(24);

/// How long the backlog of a post is remembered at most, if it cannot be read to its end.
const REMEMBER_POST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What one listing call brought, judged.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The page.
    pub page: PageKey,
    /// When the poll began: the time of everything in it.
    pub seen_at: Timestamp,
    /// Posts that are new or said something new.
    pub posts: Vec<Post>,
    /// Comments worth writing, in the order listed.
    pub comments: Vec<Judged>,
    /// Comments whose replies were listed to the end.
    pub replies_read: Vec<CommentId>,
    /// The mode in force: observing owes no actions.
    pub mode: Mode,
    /// The rules that judged all of it.
    pub rules_version: String,
    /// Since when those rules are as they are.
    pub ages: Arc<Ages>,
}

/// A comment and what the rules made of it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The comment.
    pub comment: Comment,
    /// Absent for what is kept as context: the page's own comments, the backlog, and what has not changed.
    pub verdict: Option<Verdict>,
    /// It belongs to the backlog.
    pub baseline: bool,
}

/// What the store knew of a comment before it was listed again.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not a state machine")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Whether its words are new.
    pub news: News,
    /// Found since its post was last read to the end of what was new: a broken-off poll may have found it, and what
    /// stands behind it in the listing has not been read.
    pub fresh: bool,
    /// Something beside its words is worth writing.
    pub touch: bool,
    /// It was there before the watch began.
    pub backlog: bool,
    /// Its replies were listed to the end before.
    pub replies_read: bool,
}

/// Whether a comment's words are new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Never seen.
    New,
    /// Seen with other words.
    Edited,
    /// Seen with these words.
    Same,
}

/// What a batch came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Comments found for the first time.
    pub new: u32,
    /// Comments whose words had changed.
    pub edited: u32,
    /// Actions that are now owed.
    pub owed: u32,
    /// Alerts that are now due.
    pub alerts: u32,
}

impl Store {
    /// What is known of these comments, in their order. The poller judges what is new and edited.
    pub async fn known(&self, page: &PageKey, comments: &[Comment], now: Timestamp) -> Result<Vec<Known>, Error> {
        let page = page.clone();
        let looks: Vec<Look> = comments.iter().map(Look::at).collect();
        self.db
            .read("compare comments", move |db| {
                let watch = watch(db, &page)?;
                looks.iter().map(|look| known(db, watch.as_ref(), look, now)).collect()
            })
            .await
    }

    /// Which of these posts are new or say something new.
    pub async fn new_posts(&self, page: &PageKey, posts: Vec<Post>) -> Result<Vec<Post>, Error> {
        let page = page.clone();
        self.db
            .read("compare posts", move |db| {
                let Some(watch) = watch(db, &page)? else { return Ok(posts) };
                let mut news = Vec::new();
                for post in posts {
                    if !has_post(db, watch.row, &post)? {
                        news.push(post);
                    }
                }
                Ok(news)
            })
            .await
    }

    /// Writes a batch: comments, versions, verdicts, reasons, owed actions and alerts, all of it or nothing.
    pub async fn record(&self, batch: Batch) -> Result<Recorded, Error> {
        self.db.write("record comments", move |tx| record(tx, &batch)).await
    }
}

/// The parts of a comment that are compared.
struct Look {
    id: CommentId,
    post: PostId,
    created: Option<Timestamp>,
    hash: TextHash,
    hidden: bool,
    can_hide: Option<bool>,
    can_delete: Option<bool>,
    text: CommentText,
    attachments: Vec<Attachment>,
    doubtful: Option<Doubtful>,
}

impl Look {
    fn at(comment: &Comment) -> Self {
        Self {
            id: comment.id.clone(),
            post: comment.post.clone(),
            created: comment.created,
            hash: comment.text.hash(),
            hidden: comment.hidden,
            can_hide: comment.can_hide,
            can_delete: comment.can_delete,
            text: comment.text.clone(),
            attachments: comment.attachments.clone(),
            doubtful: Doubtful::of(comment),
        }
    }
}

/// Words that may have come to harm on the way: with characters lost, or none at all.
struct Doubtful {
    text: CommentText,
    attachments: Vec<Attachment>,
}

impl Doubtful {
    fn of(comment: &Comment) -> Option<Self> {
        let doubtful = comment.text.has_lost() || comment.text.is_blank();
        doubtful.then(|| Self { text: comment.text.clone(), attachments: comment.attachments.clone() })
    }

    /// Whether this is what came before, garbled or withheld. Taking a text away is an edit only if something else came
    /// in its place: without that the words that were judged are the better guess.
    fn is_loss_of(&self, words: &CommentText, attachments: &[Attachment]) -> bool {
        let nothing_else = self.attachments.iter().all(|one| *one == Attachment::Unknown || attachments.contains(one));
        self.text.is_garbled(words) || (self.text.is_blank() && !words.is_blank() && nothing_else)
    }
}

/// When a page's watch began.
struct Watch {
    row: i64,
    began: Timestamp,
    baseline: Option<Timestamp>,
}

fn watch(db: &Connection, page: &PageKey) -> rusqlite::Result<Option<Watch>> {
    db.prepare_cached("select id, watch_at, baseline_at from page where platform = ? and page_id = ?")?
        .query_row([page.platform.id(), page.id.as_str()], |row| {
            Ok(Watch { row: row.get("id")?, began: time(row, "watch_at")?, baseline: time_opt(row, "baseline_at")? })
        })
        .optional()
}

fn known(db: &Tx<'_>, watch: Option<&Watch>, look: &Look, now: Timestamp) -> rusqlite::Result<Known> {
    let Some(watch) = watch else { return Ok(unknown(true)) };
    let post = post_times(db, watch.row, &look.post)?;
    let read_at = post.as_ref().and_then(|post| post.read_at);
    let found = db
        .prepare_cached(
            "select id, version, text_hash, hidden, can_hide, can_delete, first_seen_at, last_seen_at, replies_read_at,
                 gone_at, baseline
             from comment where page = ? and comment_id = ?",
        )?
        .query_row(params![watch.row, look.id.as_str()], |row| {
            Ok((row.get("id")?, row.get("version")?, row.get("baseline")?, compare(row, db.vault, look, read_at, now)?))
        })
        .optional()?;
    let Some((row, version, of_backlog, known)) = found else {
        return Ok(unknown(in_backlog(watch, post.as_ref(), look.created, now)));
    };
    if known.news != News::Edited {
        return Ok(known);
    }
    if lost_on_the_way(db, row, version, look.doubtful.as_ref())? {
        return Ok(Known { news: News::Same, ..known });
    }
    let remembering = of_backlog && now.duration_since(watch.began) < REMEMBER_PAGE;
    Ok(Known { backlog: remembering && came_whole(db, row, version, look)?, ..known })
}

/// Whether other words than those of this version are no edit: those before had come to harm on the way, and these are
/// what they were. A comment of the backlog stays backlog then.
fn came_whole(db: &Tx<'_>, row: i64, version: i64, look: &Look) -> rusqlite::Result<bool> {
    let (text, attachments) = version_words(db, row, version)?;
    Ok(Doubtful { text, attachments }.is_loss_of(&look.text, &look.attachments))
}

/// Whether other words than those of this version are no edit: they only came to harm on the way.
fn lost_on_the_way(db: &Tx<'_>, row: i64, version: i64, doubtful: Option<&Doubtful>) -> rusqlite::Result<bool> {
    let Some(doubtful) = doubtful else { return Ok(false) };
    let (words, attachments) = version_words(db, row, version)?;
    Ok(doubtful.is_loss_of(&words, &attachments))
}

fn version_words(db: &Tx<'_>, row: i64, version: i64) -> rusqlite::Result<(CommentText, Vec<Attachment>)> {
    db.prepare_cached("select words, attachments from comment_version where comment = ? and version = ?")?
        .query_row([row, version], |row| {
            Ok((CommentText::new(db.vault.open(row, "words")?), from_json(row, "attachments")?))
        })
}

fn unknown(backlog: bool) -> Known {
    Known { news: News::New, fresh: true, touch: true, backlog, replies_read: false }
}

fn compare(
    row: &Row<'_>,
    vault: &Vault,
    look: &Look,
    read_at: Option<Timestamp>,
    now: Timestamp,
) -> rusqlite::Result<Known> {
    let same = row.get::<_, [u8; 32]>("text_hash")? == vault.text_key(look.hash);
    let flags = look.hidden != row.get::<_, bool>("hidden")?
        || differs(look.can_hide, row.get("can_hide")?)
        || differs(look.can_delete, row.get("can_delete")?);
    let stale = now.duration_since(time(row, "last_seen_at")?).unsigned_abs() >= TOUCH_EVERY;
    let found_at = time(row, "first_seen_at")?;
    Ok(Known {
        news: if same { News::Same } else { News::Edited },
        // What was read at a time still to come was read before somebody put the clock back: that orders nothing.
        fresh: read_at.is_none_or(|read_at| found_at > read_at || now < read_at),
        touch: flags || stale || time_opt(row, "gone_at")?.is_some(),
        backlog: false,
        replies_read: time_opt(row, "replies_read_at")?.is_some(),
    })
}

/// Not every listing says what can be done: silence is no news.
fn differs(said: Option<bool>, stored: Option<bool>) -> bool {
    said.is_some() && said != stored
}

struct PostTimes {
    first_seen: Timestamp,
    read_at: Option<Timestamp>,
    swept_at: Option<Timestamp>,
}

fn post_times(db: &Connection, page: i64, post: &PostId) -> rusqlite::Result<Option<PostTimes>> {
    db.prepare_cached("select first_seen_at, read_at, swept_at from post where page = ? and post_id = ?")?
        .query_row(params![page, post.as_str()], |row| {
            Ok(PostTimes {
                first_seen: time(row, "first_seen_at")?,
                read_at: time_opt(row, "read_at")?,
                swept_at: time_opt(row, "swept_at")?,
            })
        })
        .optional()
}

/// The backlog is what was there at the first poll: everything found until a poll has listed all posts, and on a post
/// that was there by then, everything until its comments were first read to the end. What was certainly written since
/// the watch began is no backlog. A platform's time alone never makes a comment backlog, because its clock is not ours;
/// and the remembering ends, whatever the platform does, lest undated comments stay unjudged for ever.
fn in_backlog(watch: &Watch, post: Option<&PostTimes>, created: Option<Timestamp>, now: Timestamp) -> bool {
    let watched = now.duration_since(watch.began);
    let remembering = match (watch.baseline, post) {
        (None, _) => watched < REMEMBER_PAGE,
        (Some(done), Some(post)) => post.first_seen <= done && post.swept_at.is_none() && watched < REMEMBER_POST,
        (Some(_), None) => false,
    };
    remembering && created.is_none_or(|created| created <= watch.began)
}

fn has_post(db: &Tx<'_>, page: i64, post: &Post) -> rusqlite::Result<bool> {
    let hash = own_words(post).map(|words| db.vault.text_key(words.hash()));
    let link = own_link(post);
    db.prepare_cached(
        "select 1 from post where page = ?1 and post_id = ?2 and kind = ?3
             and (?4 is null or permalink is ?4) and (?5 is null or text_hash is ?5)",
    )?
    .exists(params![page, post.id.as_str(), post_kind_id(post.kind), link, hash])
}

/// Where this post of the page can be seen. A visitor's post is kept as that visitor's comment, and only there, so that
/// whoever erases the comment has erased all of it.
fn own_link(post: &Post) -> Option<&str> {
    post.permalink.as_deref().filter(|_| post.kind != PostKind::Visitor)
}

/// What the page says with this post; see [`own_link`].
fn own_words(post: &Post) -> Option<&CommentText> {
    (post.kind != PostKind::Visitor && !post.text.is_blank()).then_some(&post.text)
}

fn record(tx: &Tx<'_>, batch: &Batch) -> rusqlite::Result<Recorded> {
    let page = ensure_page(tx, &batch.page, batch.seen_at)?;
    for post in &batch.posts {
        upsert_post(tx, page, post, batch.seen_at)?;
    }
    let mut recorded = Recorded::default();
    for judged in &batch.comments {
        record_one(tx, page, batch, judged, &mut recorded)?;
    }
    for parent in &batch.replies_read {
        tx.prepare_cached(
            "update comment set replies_read_at = ? where page = ? and comment_id = ? and replies_read_at is null",
        )?
        .execute(params![ms(batch.seen_at), page, parent.as_str()])?;
    }
    Ok(recorded)
}

fn upsert_post(tx: &Tx<'_>, page: i64, post: &Post, now: Timestamp) -> rusqlite::Result<()> {
    let words = own_words(post);
    tx.prepare_cached(
        "insert into post (page, post_id, kind, created_at, permalink, words, text_hash, first_seen_at)
         values (:page, :id, :kind, :created, :permalink, :words, :hash, :now)
         on conflict (page, post_id) do update set kind = excluded.kind,
             created_at = coalesce(excluded.created_at, created_at),
             permalink = coalesce(excluded.permalink, permalink), words = coalesce(excluded.words, words),
             text_hash = coalesce(excluded.text_hash, text_hash)",
    )?
    .execute(named_params! {
        ":page": page, ":id": post.id.as_str(), ":kind": post_kind_id(post.kind), ":created": ms_opt(post.created),
        ":permalink": own_link(post), ":now": ms(now),
        ":words": tx.vault.seal_optional("words", words.map(CommentText::expose))?,
        ":hash": words.map(|words| tx.vault.text_key(words.hash())),
    })
    .map(drop)
}

/// What the store has of a comment that is listed again.
struct Stored {
    row: i64,
    version: i64,
    hash: [u8; 32],
    our_hide: Option<Timestamp>,
}

fn record_one(tx: &Tx<'_>, page: i64, batch: &Batch, judged: &Judged, recorded: &mut Recorded) -> rusqlite::Result<()> {
    let comment = &judged.comment;
    let (row, version) = match stored(tx, page, &comment.id)? {
        None => {
            recorded.new += 1;
            (insert_comment(tx, page, batch, judged)?, 1)
        }
        Some(stored)
            if stored.hash == tx.vault.text_key(comment.text.hash())
                || lost_on_the_way(tx, stored.row, stored.version, Doubtful::of(comment).as_ref())? =>
        {
            return touch(tx, &stored, comment, batch.seen_at);
        }
        Some(stored) => {
            recorded.edited += 1;
            touch(tx, &stored, comment, batch.seen_at)?;
            edit(tx, &stored, judged, batch.seen_at)?;
            tell_if_needless(tx, batch, &stored, judged)?;
            (stored.row, stored.version + 1)
        }
    };
    let vouched = insert_version(tx, row, version, comment, batch.seen_at)?;
    if let Some(verdict) = judged.verdict.as_ref().filter(|_| !comment.by_page) {
        insert_verdict(tx, page, (row, version), batch, verdict, &vouched, recorded)?;
    }
    Ok(())
}

fn stored(tx: &Connection, page: i64, comment: &CommentId) -> rusqlite::Result<Option<Stored>> {
    tx.prepare_cached("select id, version, text_hash, our_hide_at from comment where page = ? and comment_id = ?")?
        .query_row(params![page, comment.as_str()], |row| {
            Ok(Stored {
                row: row.get("id")?,
                version: row.get("version")?,
                hash: row.get("text_hash")?,
                our_hide: time_opt(row, "our_hide_at")?,
            })
        })
        .optional()
}

fn insert_comment(tx: &Tx<'_>, page: i64, batch: &Batch, judged: &Judged) -> rusqlite::Result<i64> {
    let comment = &judged.comment;
    let post = ensure_post(tx, page, &comment.post, batch.seen_at)?;
    let author = &comment.author;
    tx.prepare_cached(
        "insert into comment (page, post, comment_id, parent_id, kind, author_id, author_name, author_key, by_page,
             created_at, permalink, version, text_hash, baseline, hidden, can_hide, can_delete, first_seen_at,
             last_seen_at)
         values (:page, :post, :id, :parent, :kind, :author_id, :author_name, :author_key, :by_page, :created,
             :permalink, 1, :hash, :baseline, :hidden, :can_hide, :can_delete, :now, :now)",
    )?
    .execute(named_params! {
        ":page": page, ":post": post, ":id": comment.id.as_str(),
        ":parent": comment.parent.as_ref().map(CommentId::as_str), ":kind": comment_kind_id(comment.kind),
        ":author_id": tx.vault.seal_optional("author_id", author.id.as_ref().map(AuthorId::as_str))?,
        ":author_name": tx.vault.seal_optional("author_name", author.name.as_ref().map(PersonName::expose))?,
        ":author_key": author.id.as_ref().map(|id| tx.vault.author_key(&batch.page, id)),
        ":by_page": comment.by_page, ":created": ms_opt(comment.created), ":permalink": comment.permalink,
        ":hash": tx.vault.text_key(comment.text.hash()), ":baseline": judged.baseline, ":hidden": comment.hidden,
        ":can_hide": comment.can_hide, ":can_delete": comment.can_delete, ":now": ms(batch.seen_at),
    })?;
    Ok(tx.last_insert_rowid())
}

/// A comment may be listed before its post is (a photo of an album, a reel): the post's row waits for the rest.
fn ensure_post(tx: &Connection, page: i64, post: &PostId, now: Timestamp) -> rusqlite::Result<i64> {
    tx.prepare_cached(
        "insert into post (page, post_id, kind, first_seen_at) values (?, ?, 'post', ?) on conflict do nothing",
    )?
    .execute(params![page, post.as_str(), ms(now)])?;
    tx.prepare_cached("select id from post where page = ? and post_id = ?")?
        .query_row(params![page, post.as_str()], |row| row.get(0))
}

/// Brings up to date what is no evidence. The author's name stays as it was first seen; only a missing one is filled in.
fn touch(tx: &Tx<'_>, stored: &Stored, comment: &Comment, now: Timestamp) -> rusqlite::Result<()> {
    let shown_again = !comment.hidden && stored.our_hide.is_some_and(|at| now.duration_since(at) > LISTING_LAG);
    tx.prepare_cached(
        "update comment set hidden = :hidden, can_hide = coalesce(:can_hide, can_hide),
             can_delete = coalesce(:can_delete, can_delete), last_seen_at = max(last_seen_at, :now), permalink = iif(erased_at is null, coalesce(:permalink, permalink), null), gone_at = null,
             author_name = iif(erased_at is null, coalesce(author_name, :author_name), null),
             our_hide_at = iif(:shown_again, null, our_hide_at)
         where id = :row",
    )?
    .execute(named_params! {
        ":hidden": comment.hidden, ":can_hide": comment.can_hide, ":can_delete": comment.can_delete, ":now": ms(now),
        ":permalink": comment.permalink, ":shown_again": shown_again, ":row": stored.row,
        ":author_name": tx.vault.seal_optional("author_name", comment.author.name.as_ref().map(PersonName::expose))?,
    })?;
    if shown_again {
        note_shown_again(tx, stored.row, stored.hash, now)?;
        audit::append(tx, now, "comment.shown-again", "somebody", &json!({ "comment": stored.row }))?;
    }
    Ok(())
}

/// Remembered by what it says: the words may come and go, and what people decided about them stays decided.
fn note_shown_again(tx: &Connection, comment: i64, hash: [u8; 32], now: Timestamp) -> rusqlite::Result<()> {
    tx.prepare_cached("insert into shown_again (comment, text_hash, seen_at) values (?, ?, ?) on conflict do nothing")?
        .execute(params![comment, hash, ms(now)])
        .map(drop)
}

/// Other words make another case: what was owed for the old ones is not done, and what people decided about the old
/// ones does not bind for the new ones. Words that were only garbled before are no others: people saw them whole.
fn edit(tx: &Tx<'_>, stored: &Stored, judged: &Judged, now: Timestamp) -> rusqlite::Result<()> {
    let comment = &judged.comment;
    let hash = tx.vault.text_key(comment.text.hash());
    tx.prepare_cached("update comment set version = version + 1, text_hash = ?, baseline = ? where id = ?")?
        .execute(params![hash, judged.baseline, stored.row])?;
    if version_words(tx, stored.row, stored.version)?.0.is_garbled(&comment.text) {
        tx.prepare_cached(
            "insert into shown_again (comment, text_hash, seen_at)
             select comment, ?3, seen_at from shown_again where comment = ?1 and text_hash = ?2
             on conflict do nothing",
        )?
        .execute(params![stored.row, stored.hash, hash])?;
    }
    tx.prepare_cached(
        "update outbox set state = 'superseded', closed_at = ?, note = ? where comment = ? and state = 'due'",
    )?
    .execute(params![
        ms(now),
        "the comment was edited before this was done; the newer judgement counts",
        stored.row
    ])?;
    Ok(())
}

/// A hidden comment whose new words call for nothing stays hidden, for showing is no less a judgement; people decide.
fn tell_if_needless(tx: &Tx<'_>, batch: &Batch, stored: &Stored, judged: &Judged) -> rusqlite::Result<()> {
    let harmless = judged.verdict.as_ref().is_some_and(|verdict| verdict.action < Action::Hide);
    if stored.our_hide.is_none() || !judged.comment.hidden || !harmless {
        return Ok(());
    }
    let comment = &judged.comment;
    let place = comment.permalink.as_deref().unwrap_or(comment.id.as_str());
    let notice = NewNotice {
        at: batch.seen_at,
        page: Some(batch.page.clone()),
        comment: Some(comment.id.clone()),
        kind: "edited",
        text: format!("a hidden comment was edited, and nothing calls for hiding it any more; show it again? {place}"),
        once: Some(format!("edited:{}:{}", stored.row, stored.version + 1)),
    };
    insert_notice(tx, &notice).map(drop)
}

fn insert_version(tx: &Tx<'_>, row: i64, version: i64, comment: &Comment, now: Timestamp) -> rusqlite::Result<Vouched> {
    let salt: [u8; 16] = evidence::random()?;
    tx.prepare_cached(
        "insert into comment_version (comment, version, words, salt, attachments, seen_at) values (?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        row,
        version,
        tx.vault.seal("words", comment.text.expose())?,
        salt,
        json(&comment.attachments)?,
        ms(now)
    ])?;
    // As it was first seen: a later listing may leave it out.
    let author = tx
        .prepare_cached("select author_id from comment where id = ?")?
        .query_row([row], |row| tx.vault.open_optional(row, "author_id"))?
        .unwrap_or_default();
    Ok(Vouched {
        text: evidence::commitment(&salt, comment.text.expose()),
        author: evidence::commitment(&salt, &author),
    })
}

/// What the chain holds of the words and their author, without holding either.
struct Vouched {
    text: String,
    author: String,
}

fn insert_verdict(
    tx: &Tx<'_>,
    page: i64,
    (comment, version): (i64, i64),
    batch: &Batch,
    verdict: &Verdict,
    vouched: &Vouched,
    recorded: &mut Recorded,
) -> rusqlite::Result<()> {
    let exempt = exempt::is_exempt(tx, comment)?;
    tx.prepare_cached(
        "insert into verdict (comment, version, action, alert, tell, report, drafts, categories, private, reasons,
             rules_version, mode, exempt, judged_at)
         values (:comment, :version, :action, :alert, :tell, :report, :drafts, :categories, :private, :reasons, :rules,
             :mode, :exempt, :now)",
    )?
    .execute(named_params! {
        ":exempt": exempt,
        ":comment": comment, ":version": version, ":action": verdict.action.id(), ":alert": verdict.alert.id(),
        ":tell": json(&verdict.tell)?, ":report": verdict.report, ":drafts": json(&verdict.drafts)?,
        ":categories": json(&verdict.categories)?, ":private": json(&verdict.private)?,
        ":reasons": verdict.reasons.len() as i64,
        ":rules": batch.rules_version, ":mode": batch.mode.id(), ":now": ms(batch.seen_at),
    })?;
    let number = tx.last_insert_rowid();
    insert_reasons(tx, number, verdict, &batch.ages)?;
    vitals::count(tx, page, vitals::VERDICT, verdict.action.id(), "", 1)?;
    for category in &verdict.categories {
        vitals::count(tx, page, vitals::CATEGORY, verdict.action.id(), category.id(), 1)?;
    }
    // No verdict without reasons ever acts (invariant 3): one that came without is a mistake, and only a human hears.
    let most = if exempt { verdict.for_exempt() } else { verdict.action };
    let acts = matches!(most, Action::Hide | Action::Delete) && !verdict.reasons.is_empty();
    if acts && batch.mode == Mode::Enforce {
        recorded.owed += 1;
        tx.prepare_cached(
            "insert into outbox (verdict, comment, page, intended, ceiling, state, due_at, made_at)
             values (?1, ?2, ?3, ?4, ?5, 'due', ?6, ?6)",
        )?
        .execute(params![number, comment, page, verdict.action.id(), most.id(), ms(batch.seen_at)])?;
    }
    if verdict.alert == Alert::Now {
        recorded.alerts += 1;
        tx.prepare_cached("insert into alert (verdict, state, due_at) values (?, 'due', ?)")?
            .execute(params![number, ms(batch.seen_at)])?;
    }
    if verdict.reasons.is_empty() {
        return Ok(());
    }
    let entries: HashSet<&str> = verdict.reasons.iter().map(|reason| &*reason.finding.entry).collect();
    let detail = json!({
        "incident": number, "comment": comment, "version": version, "action": verdict.action.id(),
        "exempt": i64::from(exempt),
        "alert": verdict.alert.id(), "mode": batch.mode.id(), "rules": batch.rules_version, "text": vouched.text,
        "author": vouched.author, "why": verify::reasons(tx, number)?, "entries": entries.len(), "reasons": verdict.reasons.len(),
    });
    audit::append(tx, batch.seen_at, "verdict", audit::SELF, &detail)
}

fn insert_reasons(tx: &Connection, number: i64, verdict: &Verdict, ages: &Ages) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached(
        "insert into reason (verdict, position, category, entry, start_byte, end_byte, certainty, how, clause_key,
             action, alert, clause, note, hides_since_at, deletes_since_at)
         values (:verdict, :position, :category, :entry, :start, :end, :certainty, :how, :key, :action, :alert,
             :clause, :note, :hides, :deletes)",
    )?;
    for (position, reason) in verdict.reasons.iter().enumerate() {
        let (finding, since) = (&reason.finding, ages.since(reason));
        insert.execute(named_params! {
            ":hides": ms_opt(since.hides), ":deletes": ms_opt(since.deletes), ":verdict": number, ":position": position as i64, ":category": finding.category.id(),
            ":entry": finding.entry, ":start": finding.span.start as i64, ":end": finding.span.end as i64,
            ":certainty": finding.certainty.id(), ":how": finding.how.id(), ":key": finding.clause,
            ":action": reason.action.id(), ":alert": reason.alert.id(), ":clause": reason.clause, ":note": reason.note,
        })?;
    }
    Ok(())
}
