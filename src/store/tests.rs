//! Behaviour of the store over a file on the disk, reopened where a crash would reopen it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use rusqlite::Connection;

use super::*;
use crate::clock::SignedDuration;
use crate::comment::{
    Attachment, Author, AuthorId, Comment, CommentId, CommentKind, CommentText, PageId, PageKey, PersonName, Platform,
    Post, PostId, PostKind,
};
use crate::lexicon::{Category, Certainty};
use crate::matcher::{Finding, How};
use crate::platform::cursor::{Coverage, PageState, PostState};
use crate::policy::{Action, Alert, Reason, Verdict};
use report::OutcomeState;

pub(crate) fn page() -> PageKey {
    PageKey { platform: Platform::Facebook, id: PageId::new("1029384756") }
}

/// Minutes after eight.
pub(crate) fn at(minutes: i64) -> Timestamp {
    "2026-11-02T08:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_mins(minutes)
}

pub(crate) fn comment(id: &str, text: &str) -> Comment {
    Comment {
        id: CommentId::new(id),
        post: PostId::new("p1"),
        parent: None,
        kind: CommentKind::Comment,
        author: Author { id: Some(AuthorId::new("a1")), name: Some(PersonName::new("Jo Carter")) },
        by_page: false,
        created: None,
        text: CommentText::new(text),
        attachments: Vec::new(),
        hidden: false,
        can_hide: Some(true),
        can_delete: None,
        permalink: Some(format!("https://example.org/{id}")),
    }
}

pub(crate) fn verdict(category: Category, action: Action) -> Verdict {
    let finding = Finding {
        category,
        entry: format!("{category}/entry").into(),
        span: 0..3,
        certainty: Certainty::High,
        how: How::Exact,
        clause: Some("clause".into()),
    };
    let alert = if category == Category::Threat { Alert::Now } else { Alert::Digest };
    Verdict {
        action,
        alert,
        tell: vec!["Practice Manager".to_owned()],
        report: action == Action::Delete,
        drafts: vec!["complaint-pathway".to_owned()],
        categories: vec![category],
        reasons: vec![Reason { finding, action, alert, clause: "section 4".to_owned(), note: None }],
        private: Vec::new(),
    }
}

fn allow() -> Verdict {
    Verdict {
        action: Action::Allow,
        alert: Alert::None,
        tell: Vec::new(),
        report: false,
        drafts: Vec::new(),
        categories: Vec::new(),
        reasons: Vec::new(),
        private: Vec::new(),
    }
}

pub(crate) fn judged(comment: Comment, verdict: Verdict) -> Judged {
    Judged { comment, verdict: Some(verdict), baseline: false }
}

pub(crate) fn batch(minutes: i64, comments: Vec<Judged>) -> Batch {
    Batch {
        page: page(),
        seen_at: at(minutes),
        posts: Vec::new(),
        comments,
        replies_read: Vec::new(),
        mode: Mode::Enforce,
        rules_version: "v1".to_owned(),
        ages: std::sync::Arc::default(),
    }
}

pub(crate) fn poll(minutes: i64, outcome: PollOutcome) -> PollEnd {
    PollEnd {
        page: page(),
        started: at(minutes),
        ended: at(minutes),
        outcome,
        complete: outcome.is_read(),
        state: None,
        coverage: Coverage::default(),
        fresh: 0,
        trouble: None,
        next_poll: at(minutes + 1),
        quiet: false,
    }
}

fn refused() -> Trouble {
    Trouble { kind: "token", why: "the token is refused".to_owned(), help: "log in again".to_owned(), down: true }
}

pub(crate) struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a directory") }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("new").join("chaperone.db")
    }

    pub(crate) fn open(&self) -> Store {
        Store::open(&self.path(), None, at(0)).expect("opens")
    }

    /// Somebody takes a table away.
    pub(crate) fn mislay(&self, table: &str) {
        let file = Connection::open(self.path()).expect("opens");
        file.execute_batch(&format!("alter table {table} rename to mislaid")).expect("renames");
    }
}

/// Asks the file beside everybody else.
pub(super) fn ask<T: rusqlite::types::FromSql>(place: &Place, question: &str) -> T {
    let db = Connection::open(place.path()).expect("opens");
    db.query_row(question, [], |row| row.get(0)).expect(question)
}

async fn claim(store: &Store, minutes: i64) -> Option<Claim> {
    store.claim(&[page()], at(minutes), SignedDuration::from_mins(5)).await.expect("claims")
}

fn close(how: Closed, achieved: Option<Act>, minutes: i64) -> Settlement {
    let verified = Some(at(minutes));
    let trace = Some("Abc".to_owned());
    Settlement::Close(Close { how, achieved, verified, gone: false, note: None, trace, error: None })
}

#[test]
fn the_file_and_its_directory_are_for_their_owner_only() {
    let place = Place::new();
    let _store = place.open();
    let mode = |path: PathBuf| path.metadata().expect("is there").permissions().mode() & 0o777;
    assert_eq!(mode(place.path()), 0o600);
    assert_eq!(mode(place.dir.path().join("new")), 0o700);
    for side in ["chaperone.db-wal", "chaperone.db.lock"] {
        assert_eq!(mode(place.dir.path().join("new").join(side)), 0o600, "{side}");
    }
}

#[test]
fn two_daemons_cannot_run_on_one_store_and_a_command_can_run_beside_one() {
    let place = Place::new();
    let first = place.open();
    assert!(matches!(Store::open(&place.path(), None, at(0)), Err(Error::InUse { .. })));
    Store::open_beside(&place.path(), None, at(0)).expect("a command may look");
    drop(first);
    place.open();
}

#[test]
fn a_command_makes_no_store_of_its_own() {
    let place = Place::new();
    assert!(matches!(Store::open_beside(&place.path(), None, at(0)), Err(Error::Unreachable { .. })));
    assert!(!place.path().exists());
    drop(place.open());
    Connection::open(place.path()).expect("opens").pragma_update(None, "user_version", 0).expect("sets");
    assert!(matches!(Store::open_beside(&place.path(), None, at(0)), Err(Error::Older { found: 0, .. })));
}

#[test]
fn a_newer_store_is_refused_plainly_and_left_alone() {
    let place = Place::new();
    drop(place.open());
    Connection::open(place.path()).expect("opens").pragma_update(None, "user_version", 99).expect("sets");
    let error = Store::open(&place.path(), None, at(0)).expect_err("refused");
    assert!(matches!(error, Error::Newer { found: 99, known: 1, .. }), "{error}");
    assert!(error.to_string().contains("install the newer chaperone"), "{error}");
    assert_eq!(ask::<i64>(&place, "pragma user_version"), 99);
}

#[test]
fn a_file_that_is_something_else_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let letter = dir.path().join("letter.txt");
    std::fs::write(&letter, "Dear Sir or Madam, ".repeat(100)).expect("writes");
    assert!(matches!(Store::open(&letter, None, at(0)), Err(Error::NotADatabase { .. })));
    let foreign = dir.path().join("foreign.db");
    Connection::open(&foreign).expect("opens").execute_batch("create table cat (name text)").expect("makes");
    assert!(matches!(Store::open(&foreign, None, at(0)), Err(Error::NotADatabase { .. })));
}

#[tokio::test]
async fn a_full_disk_and_a_foreign_lock_are_told_apart_and_lose_nothing() {
    let place = Place::new();
    let store = place.open();
    let pages: i64 = ask(&place, "pragma page_count");
    let tight = move |tx: &db::Tx<'_>| {
        tx.query_row(&format!("pragma max_page_count = {}", pages + 2), [], |_| Ok(()))?;
        tx.busy_timeout(std::time::Duration::ZERO)
    };
    store.db.write("tighten", tight).await.expect("tightens");
    let long = "x".repeat(100_000);
    let batch_of = |text: &str| batch(1, vec![judged(comment("c1", text), allow())]);
    assert!(matches!(store.record(batch_of(&long)).await, Err(Error::Full { .. })));
    assert_eq!(ask::<i64>(&place, "select count(*) from comment"), 0);

    let other = Connection::open(place.path()).expect("opens");
    other.execute_batch("begin immediate").expect("locks");
    assert!(matches!(store.record(batch_of("short")).await, Err(Error::Locked { .. })));
    other.execute_batch("rollback").expect("unlocks");
    store.record(batch_of("short")).await.expect("records");
}

#[tokio::test]
async fn a_command_that_panics_is_rolled_back_and_the_next_one_works() {
    let place = Place::new();
    let store = place.open();
    let broken = store
        .db
        .write("break", |tx| {
            tx.execute("insert into meta values ('a', 'b')", [])?;
            assert!(tx.is_autocommit(), "on purpose");
            Ok(())
        })
        .await;
    assert!(matches!(broken, Err(Error::Stopped { doing: "break", .. })));
    store.set_meta("c", "d".to_owned()).await.expect("works");
    assert_eq!(store.meta("a").await.expect("reads"), None);
    assert_eq!(store.meta("c").await.expect("reads"), Some("d".to_owned()));
}

#[tokio::test]
async fn only_an_enforced_verdict_with_a_reason_about_somebody_elses_comment_owes_an_action() {
    let place = Place::new();
    let store = place.open();
    let hide = || verdict(Category::Complaint, Action::Hide);
    let own = Comment { by_page: true, ..comment("own", "thanks") };
    let unreasoned = Verdict { reasons: Vec::new(), ..hide() };
    let recorded = store
        .record(batch(
            1,
            vec![
                judged(comment("bad", "worst"), hide()),
                judged(comment("fine", "lovely"), allow()),
                judged(comment("told", "hm"), verdict(Category::Complaint, Action::Escalate)),
                judged(comment("odd", "odd"), unreasoned),
                judged(own, hide()),
                Judged { comment: comment("old", "old"), verdict: None, baseline: true },
            ],
        ))
        .await
        .expect("records");
    assert_eq!(recorded, Recorded { new: 6, edited: 0, owed: 1, alerts: 0 });
    let observed = Batch { mode: Mode::Observe, ..batch(2, vec![judged(comment("seen", "worst"), hide())]) };
    assert_eq!(store.record(observed).await.expect("records").owed, 0);
    assert_eq!(claim(&store, 3).await.expect("one is due").target.comment.as_str(), "bad");
    assert!(claim(&store, 3).await.is_none(), "it is leased");
    let states: Vec<OutcomeState> = store
        .period(at(0), at(9), &[page()])
        .await
        .expect("reads")
        .incidents
        .iter()
        .map(|incident| incident.outcome.state)
        .collect();
    assert_eq!(states, [OutcomeState::Due, OutcomeState::Nothing, OutcomeState::Observed]);
}

#[tokio::test]
async fn a_batch_that_is_recorded_twice_judges_and_owes_once() {
    let place = Place::new();
    let store = place.open();
    let again = batch(1, vec![judged(comment("c1", "worst"), verdict(Category::Complaint, Action::Hide))]);
    assert_eq!(store.record(again.clone()).await.expect("records").owed, 1);
    assert_eq!(store.record(again).await.expect("records"), Recorded::default());
}

#[tokio::test]
async fn what_a_crash_interrupts_is_still_owed_and_is_still_to_be_read_on_behind() {
    let place = Place::new();
    let store = place.open();
    store.page_health(&page(), at(0)).await.expect("begins");
    store
        .record(batch(1, vec![judged(comment("c1", "worst"), verdict(Category::Complaint, Action::Hide))]))
        .await
        .expect("records");
    let begun = claim(&store, 1).await.expect("due");
    assert!(store.begin_write(&begun, Act::Hide, None, at(1)).await.expect("begins"));
    drop(store);

    let store = place.open();
    let claimed = claim(&store, 1).await.expect("its lease died with the daemon");
    assert_eq!((claimed.written, claimed.attempts), (Some(Act::Hide), 2));
    let known = store.known(&page(), &[comment("c1", "worst")], at(2)).await.expect("compares");
    assert_eq!((known[0].news, known[0].fresh), (News::Same, true), "its poll never ended");

    let state = PageState {
        posts: vec![PostState {
            id: PostId::new("p1"),
            kind: PostKind::Post,
            created: None,
            read_at: Some(at(2)),
            swept_at: None,
            total: Some(1),
        }],
        swept_at: Some(at(2)),
        ever_read: true,
    };
    let end = PollEnd { state: Some(state.clone()), ..poll(2, PollOutcome::Ok) };
    store.finish_poll(end).await.expect("ends");
    assert_eq!(store.page_state(&page()).await.expect("reads"), state);
    let known = store.known(&page(), &[comment("c1", "worst")], at(3)).await.expect("compares");
    assert_eq!((known[0].fresh, known[0].touch), (false, false), "now it did");
}

#[tokio::test]
async fn a_post_that_the_cursor_forgets_is_kept_and_no_longer_visited() {
    let place = Place::new();
    let store = place.open();
    let post = |id: &str, minutes| PostState {
        id: PostId::new(id),
        kind: PostKind::Reel,
        created: Some(at(-600)),
        read_at: Some(at(minutes)),
        swept_at: None,
        total: None,
    };
    for posts in [vec![post("p1", 1), post("p2", 1)], vec![post("p2", 2)]] {
        let state = PageState { posts, swept_at: None, ever_read: false };
        let end = PollEnd { state: Some(state.clone()), ..poll(1, PollOutcome::Ok) };
        store.finish_poll(end).await.expect("ends");
        assert_eq!(store.page_state(&page()).await.expect("reads"), state);
    }
    assert_eq!(ask::<i64>(&place, "select count(*) from post"), 2);
}

#[tokio::test]
async fn an_edit_makes_a_new_case_and_withdraws_what_was_owed_for_the_old_words() {
    let place = Place::new();
    let store = place.open();
    let hide = || verdict(Category::Complaint, Action::Hide);
    store.record(batch(1, vec![judged(comment("c1", "worst"), hide())])).await.expect("records");
    let old = claim(&store, 1).await.expect("due");
    let known = store.known(&page(), &[comment("c1", "worse")], at(2)).await.expect("compares");
    assert_eq!(known[0].news, News::Edited);
    let delete = verdict(Category::Threat, Action::Delete);
    let recorded = store.record(batch(2, vec![judged(comment("c1", "worse"), delete)])).await.expect("records");
    assert_eq!(recorded, Recorded { new: 0, edited: 1, owed: 1, alerts: 1 });

    assert!(!store.begin_write(&old, Act::Hide, None, at(2)).await.expect("asks"), "withdrawn before acting");
    let kept = store.settle(&old, close(Closed::Done, Some(Act::Hide), 2), at(2)).await.expect("settles");
    assert!(!kept, "withdrawn while acting");
    let new = claim(&store, 2).await.expect("due");
    assert_eq!((new.intended, new.text_hash), (Act::Delete, CommentText::new("worse").hash()));
    assert!(claim(&store, 2).await.is_none());
    let period = store.period(at(0), at(9), &[page()]).await.expect("reads");
    let (first, second) = (&period.incidents[0], &period.incidents[1]);
    assert_eq!((first.text.expose(), first.edited), ("worst", false));
    assert_eq!((second.text.expose(), second.edited), ("worse", true));
    assert_eq!(first.outcome.state, OutcomeState::Nothing);
    assert_eq!(first.outcome.achieved, Some(Action::Hide), "what was done is not lost");
}

#[tokio::test]
async fn the_backlog_is_what_the_first_complete_poll_finds_unless_it_was_written_since() {
    let place = Place::new();
    let store = place.open();
    let old = || comment("old", "x");
    let written = |minutes| Comment { created: Some(at(minutes)), ..comment("dated", "x") };
    let backlog = async |comment: Comment, minutes| {
        store.known(&page(), &[comment], at(minutes)).await.expect("compares")[0].backlog
    };
    store.page_health(&page(), at(0)).await.expect("begins");
    assert!(backlog(old(), 0).await);
    assert!(backlog(written(-5), 0).await);
    assert!(!backlog(written(5), 6).await, "written while the first poll was still failing");
    store.finish_poll(PollEnd { complete: false, ..poll(6, PollOutcome::Partial) }).await.expect("ends");
    assert!(backlog(old(), 7).await, "the listing broke off");

    let p2 = Post {
        id: PostId::new("p2"),
        kind: PostKind::Post,
        created: None,
        permalink: None,
        text: CommentText::default(),
    };
    store.record(Batch { posts: vec![p2], ..batch(7, Vec::new()) }).await.expect("records");
    store.finish_poll(poll(8, PollOutcome::Ok)).await.expect("ends");
    assert!(!backlog(old(), 9).await, "p1 was unknown to the first complete poll, so all under it is new");
    let late = |minutes| Comment { post: PostId::new("p2"), ..written(minutes) };
    assert!(backlog(late(-5), 9).await, "p2 was known to it and had not been read");
    assert!(!backlog(late(5), 9).await);
    assert!(!backlog(late(-5), 60 * 24 * 8).await, "not for ever");
}

#[tokio::test]
async fn an_edited_comment_of_the_backlog_is_backlog_no_more() {
    let place = Place::new();
    let store = place.open();
    let old = Judged { comment: comment("c1", "x"), verdict: None, baseline: true };
    store.record(batch(1, vec![old])).await.expect("records");
    assert_eq!(store.period(at(0), at(9), &[page()]).await.expect("reads").coverage[0].baseline, 1);
    let edited = judged(comment("c1", "worst"), verdict(Category::Complaint, Action::Hide));
    assert_eq!(store.record(batch(2, vec![edited])).await.expect("records").owed, 1);
    assert_eq!(store.period(at(0), at(9), &[page()]).await.expect("reads").coverage[0].baseline, 0);
}

#[tokio::test]
async fn a_hidden_comment_whose_new_words_are_harmless_is_left_hidden_and_people_are_asked() {
    let place = Place::new();
    let store = place.open();
    store
        .record(batch(1, vec![judged(comment("c1", "worst"), verdict(Category::Complaint, Action::Hide))]))
        .await
        .expect("records");
    let claimed = claim(&store, 1).await.expect("due");
    store.settle(&claimed, close(Closed::Done, Some(Act::Hide), 1), at(1)).await.expect("settles");
    let hidden = Comment { hidden: true, ..comment("c1", "lovely") };
    store.record(batch(9, vec![judged(hidden, allow())])).await.expect("records");
    let notices = store.period(at(0), at(10), &[page()]).await.expect("reads").notices;
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].kind, "edited");
    assert_eq!(ask::<String>(&place, "select comment from notice"), "c1", "it goes when the comment is erased");
    assert!(claim(&store, 9).await.is_none());
}

#[tokio::test]
async fn a_listing_that_says_less_is_no_news() {
    let place = Place::new();
    let store = place.open();
    let full = Post {
        id: PostId::new("p1"),
        kind: PostKind::Post,
        created: None,
        permalink: Some("https://example.org/p1".to_owned()),
        text: CommentText::new("Flu clinics"),
    };
    let said = judged(comment("c1", "x"), allow());
    store.record(Batch { posts: vec![full.clone()], ..batch(1, vec![said]) }).await.expect("records");
    let bare = Post { permalink: None, text: CommentText::default(), ..full.clone() };
    assert!(store.new_posts(&page(), vec![bare]).await.expect("compares").is_empty());
    let other = Post { text: CommentText::new("Flu clinics moved"), ..full };
    assert_eq!(store.new_posts(&page(), vec![other]).await.expect("compares").len(), 1);
    let bare = Comment { can_hide: None, ..comment("c1", "x") };
    assert!(!store.known(&page(), &[bare], at(2)).await.expect("compares")[0].touch);
    let fixed = Comment { can_hide: Some(false), ..comment("c1", "x") };
    assert!(store.known(&page(), &[fixed], at(2)).await.expect("compares")[0].touch);
}

#[tokio::test]
async fn a_comment_that_somebody_shows_again_is_marked_so_for_the_words_it_had() {
    let place = Place::new();
    let store = place.open();
    let hide = || verdict(Category::Complaint, Action::Hide);
    store.record(batch(1, vec![judged(comment("c1", "worst"), hide())])).await.expect("records");
    let claimed = claim(&store, 1).await.expect("due");
    store.settle(&claimed, close(Closed::Done, Some(Act::Hide), 1), at(1)).await.expect("settles");
    let relisted = |minutes, text: &str| batch(minutes, vec![judged(comment("c1", text), hide())]);
    let shown = || ask::<bool>(&place, "select count(*) > 0 from shown_again");
    store.record(relisted(2, "worst")).await.expect("records");
    assert!(!shown(), "a listing may lag behind the hide");
    store.record(relisted(9, "worst")).await.expect("records");
    assert!(shown());
    assert!(claim(&store, 9).await.is_none(), "it is not hidden again");
    store.record(relisted(10, "worse")).await.expect("records");
    let other = claim(&store, 10).await.expect("due");
    assert!(!other.shown_again);
    store.settle(&other, close(Closed::Dead, None, 10), at(10)).await.expect("settles");
    store.record(relisted(11, "worst")).await.expect("records");
    assert!(claim(&store, 11).await.expect("due").shown_again);
}

#[tokio::test]
async fn a_comment_shown_again_is_marked_so_although_the_clock_went_back_behind_our_hide() {
    let place = Place::new();
    let store = place.open();
    let hide = || verdict(Category::Complaint, Action::Hide);
    store.record(batch(100, vec![judged(comment("c1", "worst"), hide())])).await.expect("records");
    let claimed = claim(&store, 100).await.expect("due");
    store.settle(&claimed, close(Closed::Done, Some(Act::Hide), 100), at(100)).await.expect("settles");
    store.clock_went_back(SignedDuration::from_mins(90), at(11)).await.expect("follows");
    store.record(batch(20, vec![judged(comment("c1", "kind"), allow())])).await.expect("records");
    store.record(batch(21, vec![judged(comment("c1", "worst"), hide())])).await.expect("records");
    assert!(claim(&store, 21).await.expect("due").shown_again, "people read these words and showed them again");
}

#[tokio::test]
async fn words_that_came_to_harm_on_the_way_are_no_edit() {
    let place = Place::new();
    let store = place.open();
    let said = comment("c1", "worst \u{1f621}");
    store.record(batch(1, vec![judged(said.clone(), allow())])).await.expect("records");
    let harmed = |text: &str, attachments: &[Attachment]| Comment {
        text: CommentText::new(text),
        attachments: attachments.to_vec(),
        ..said.clone()
    };
    for (text, attachments, want) in [
        ("worst \u{fffd}", &[][..], News::Same),
        ("", &[Attachment::Unknown][..], News::Same),
        ("", &[Attachment::Gif][..], News::Edited),
        ("worse \u{fffd}", &[][..], News::Edited),
    ] {
        let again = harmed(text, attachments);
        assert_eq!(store.known(&page(), &[again], at(2)).await.expect("compares")[0].news, want, "{text}");
    }
    store.record(batch(3, vec![judged(harmed("worst \u{fffd}", &[]), allow())])).await.expect("records");
    assert_eq!(ask::<i64>(&place, "select version from comment"), 1);
}

#[tokio::test]
async fn the_most_urgent_action_comes_first_and_held_or_put_off_ones_wait() {
    let place = Place::new();
    let store = place.open();
    store
        .record(batch(
            1,
            vec![
                judged(comment("c1", "worst"), verdict(Category::Complaint, Action::Hide)),
                judged(comment("c2", "kill"), verdict(Category::Threat, Action::Delete)),
            ],
        ))
        .await
        .expect("records");
    assert!(claim(&store, 0).await.is_none(), "not due yet");
    assert_eq!(store.next_due(&[page()]).await.expect("reads"), Some(at(1)));
    store.hold_writes(&page(), at(5)).await.expect("holds");
    assert!(claim(&store, 4).await.is_none());
    assert_eq!(store.next_due(&[page()]).await.expect("reads"), Some(at(5)));
    let threat = claim(&store, 5).await.expect("due");
    assert_eq!(threat.target.comment.as_str(), "c2");
    let ceiling = Some(Act::Hide);
    let again = Settlement::Again { at: at(20), counted: false, lied: true, ceiling, error: "refused" };
    assert!(store.settle(&threat, again.clone(), at(5)).await.expect("settles"));
    assert!(!store.settle(&threat, again, at(5)).await.expect("asks"), "a claim is settled once");
    assert_eq!(claim(&store, 6).await.expect("due").target.comment.as_str(), "c1");
    let threat = claim(&store, 20).await.expect("due");
    assert_eq!((threat.ceiling, threat.lies, threat.attempts), (Act::Hide, 1, 1));
    let elsewhere = PageKey { id: PageId::new("8"), ..page() };
    assert!(store.claim(&[elsewhere], at(99), SignedDuration::from_mins(1)).await.expect("asks").is_none());
}

#[tokio::test]
async fn todays_acts_are_counted_without_the_row_that_asks() {
    let place = Place::new();
    let store = place.open();
    let hide = || verdict(Category::Complaint, Action::Hide);
    let two = vec![judged(comment("c1", "a"), hide()), judged(comment("c2", "b"), hide())];
    store.record(batch(1, two)).await.expect("records");
    let (first, second) = (claim(&store, 1).await.expect("due"), claim(&store, 1).await.expect("due"));
    store.begin_write(&first, Act::Hide, None, at(2)).await.expect("begins");
    store.begin_write(&second, Act::Delete, None, at(3)).await.expect("begins");
    let count = async |minutes, but| store.written_since(&page(), at(minutes), but).await.expect("counts");
    assert_eq!(count(0, 0).await, Today { hides: 1, deletes: 1 });
    assert_eq!(count(0, first.id).await, Today { hides: 0, deletes: 1 });
    assert_eq!(count(3, 0).await, Today { hides: 0, deletes: 1 });
}

#[tokio::test]
async fn a_parent_knows_of_replies_that_are_still_to_be_hidden() {
    let place = Place::new();
    let store = place.open();
    let hide = || verdict(Category::Complaint, Action::Hide);
    let reply = Comment { parent: Some(CommentId::new("c1")), kind: CommentKind::Reply, ..comment("r1", "b") };
    let both = vec![judged(comment("c1", "a"), hide()), judged(reply, hide())];
    store.record(Batch { replies_read: vec![CommentId::new("c1")], ..batch(1, both) }).await.expect("records");
    let parent = claim(&store, 1).await.expect("due");
    assert!(parent.replies_read && parent.replies_owed);
    let reply = claim(&store, 1).await.expect("due");
    assert_eq!(reply.target.parent, Some(CommentId::new("c1")));
    store.settle(&reply, close(Closed::Done, Some(Act::Hide), 1), at(1)).await.expect("settles");
    let again = Settlement::Again { at: at(2), counted: false, lied: false, ceiling: None, error: "replies" };
    store.settle(&parent, again, at(1)).await.expect("settles");
    assert!(!claim(&store, 2).await.expect("due").replies_owed);
}

#[tokio::test]
async fn an_alert_repeats_until_somebody_acknowledges_it() {
    let place = Place::new();
    let store = place.open();
    let threat = judged(comment("c1", "I know where you live"), verdict(Category::Threat, Action::Delete));
    let observed = Batch { mode: Mode::Observe, ..batch(1, vec![threat]) };
    assert_eq!(store.record(observed).await.expect("records").alerts, 1, "people are told in either mode");
    let due = store.due_alerts(at(1)).await.expect("reads");
    assert_eq!((due.len(), due[0].sent_before), (1, 0));
    assert_eq!(due[0].incident.text.expose(), "I know where you live");
    let ids = [due[0].id];
    store.mark_alert_sent(&ids, at(1), Some(at(31))).await.expect("notes");
    assert!(store.due_alerts(at(30)).await.expect("reads").is_empty());
    assert_eq!(store.next_alert().await.expect("reads"), Some(at(31)));
    assert_eq!(store.due_alerts(at(31)).await.expect("reads")[0].sent_before, 1);
    let number = due[0].incident.number;
    let done = store.acknowledge(&[number], "pat".to_owned(), at(40)).await.expect("notes");
    assert_eq!(done, [(number, Acknowledged::Now)]);
    store.mark_alert_sent(&ids, at(42), Some(at(60))).await.expect("notes");
    assert!(store.due_alerts(at(99)).await.expect("reads").is_empty());
}

#[tokio::test]
async fn the_next_digest_begins_where_the_last_one_ended() {
    let place = Place::new();
    let store = place.open();
    assert_eq!(store.last_digest_to().await.expect("reads"), None);
    store.record_digest(at(0), at(60), "mail", at(61)).await.expect("notes");
    assert_eq!(store.last_digest_to().await.expect("reads"), Some(at(60)));
}

#[tokio::test]
async fn a_page_that_goes_down_is_told_once_and_its_gap_ends_when_it_is_read_again() {
    let place = Place::new();
    let store = place.open();
    let failed = |minutes| PollEnd { trouble: Some(refused()), ..poll(minutes, PollOutcome::Failed) };
    store.finish_poll(poll(0, PollOutcome::Ok)).await.expect("ends");
    store.finish_poll(failed(1)).await.expect("ends");
    store.finish_poll(failed(16)).await.expect("ends");
    let health = store.page_health(&page(), at(16)).await.expect("reads");
    assert_eq!(health.failures, 2);
    assert_eq!(health.down.expect("down").since, at(1));
    store.finish_poll(poll(40, PollOutcome::Ok)).await.expect("ends");

    let period = store.period(at(0), at(60), &[page()]).await.expect("reads");
    let coverage = &period.coverage[0];
    assert_eq!((coverage.polls, coverage.failed, coverage.down.clone()), (4, 2, None));
    assert_eq!(coverage.gaps, [report::Gap { from: at(0), to: at(40), why: "the token is refused".to_owned() }]);
    assert_eq!(period.notices.len(), 1);
    assert_eq!(period.notices[0].kind, "token");
    store.finish_poll(failed(50)).await.expect("ends");
    assert_eq!(store.period(at(0), at(60), &[page()]).await.expect("reads").notices.len(), 2, "down anew");
}

#[tokio::test]
async fn a_gap_that_is_still_open_is_cut_to_the_period() {
    let place = Place::new();
    let store = place.open();
    store.finish_poll(poll(0, PollOutcome::Failed)).await.expect("ends");
    let gaps = store.period(at(5), at(9), &[page()]).await.expect("reads").coverage.remove(0).gaps;
    assert_eq!((gaps[0].from, gaps[0].to), (at(5), at(9)));
}

#[tokio::test]
async fn the_daemons_own_absence_is_a_gap_too() {
    let place = Place::new();
    let store = place.open();
    store.finish_poll(poll(0, PollOutcome::Ok)).await.expect("ends");
    store.finish_poll(poll(3, PollOutcome::Ok)).await.expect("ends");
    store.finish_poll(poll(120, PollOutcome::Ok)).await.expect("ends");
    let gaps = store.period(at(0), at(300), &[page()]).await.expect("reads").coverage.remove(0).gaps;
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].from, gaps[0].to), (at(3), at(120)));
}

#[tokio::test]
async fn a_notice_with_a_key_is_told_once_and_one_without_each_time() {
    let place = Place::new();
    let store = place.open();
    let notice = |once: Option<&str>| NewNotice {
        at: at(1),
        page: Some(page()),
        comment: None,
        kind: "brake",
        text: "look".to_owned(),
        once: once.map(ToOwned::to_owned),
    };
    assert!(store.notice(notice(Some("day"))).await.expect("keeps"));
    assert!(!store.notice(notice(Some("day"))).await.expect("keeps"));
    assert!(store.notice(notice(None)).await.expect("keeps"));
    assert!(store.notice(notice(None)).await.expect("keeps"));
}

#[tokio::test]
async fn a_period_gives_back_what_was_recorded_and_counts_it() {
    let place = Place::new();
    let store = place.open();
    let threat = verdict(Category::Threat, Action::Delete);
    let complaint = || verdict(Category::Complaint, Action::Hide);
    store.record(batch(5 - 7 * 24 * 60, vec![judged(comment("c0", "worst"), complaint())])).await.expect("records");
    let post = Post {
        id: PostId::new("p1"),
        kind: PostKind::Post,
        created: Some(at(-999)),
        permalink: Some("https://example.org/p1".to_owned()),
        text: CommentText::new("Flu clinics"),
    };
    let linkless = Comment { permalink: None, ..comment("c2", "I know where you live") };
    let comments = vec![
        judged(comment("c1", "worst"), complaint()),
        judged(linkless, threat.clone()),
        judged(comment("c3", "lovely"), allow()),
    ];
    store.record(Batch { posts: vec![post.clone()], ..batch(1, comments) }).await.expect("records");
    assert!(store.new_posts(&page(), vec![post]).await.expect("compares").is_empty());

    let period = store.period(at(0), at(30), &[page()]).await.expect("reads");
    assert_eq!((period.judged, period.without_reason, period.incidents.len()), (3, 1, 2));
    assert_eq!(period.coverage[0].new_comments, 3);
    let incident = &period.incidents[1];
    assert_eq!(incident.verdict, threat);
    assert_eq!(incident.link.as_deref(), Some("https://example.org/p1"));
    assert_eq!((incident.author_before, incident.kind), (2, CommentKind::Comment));
    assert_eq!(incident.author.name, Some(PersonName::new("Jo Carter")));
    assert_eq!(store.incident(incident.number).await.expect("reads").expect("there").text, incident.text);
    assert!(store.incident(99).await.expect("reads").is_none());
    let trend: Vec<_> = period.trend.iter().map(|trend| (trend.category, trend.now, trend.before)).collect();
    assert_eq!(trend, [(Category::Complaint, 1, 1), (Category::Threat, 1, 0)]);
    assert_eq!(period.entries.len(), 2);
    assert_eq!(period.entries[0].comments, 1);
    assert_eq!(period.audit_head.expect("a chain").len(), 64);
}

#[tokio::test]
async fn the_audit_chain_links_every_row_refuses_change_and_says_no_word_of_a_comment() {
    let place = Place::new();
    let store = place.open();
    store
        .record(batch(1, vec![judged(comment("c1", "worst surgery"), verdict(Category::Threat, Action::Hide))]))
        .await
        .expect("records");
    let claimed = claim(&store, 1).await.expect("due");
    store.begin_write(&claimed, Act::Hide, None, at(1)).await.expect("begins");
    store.settle(&claimed, close(Closed::Done, Some(Act::Hide), 1), at(1)).await.expect("settles");

    let db = Connection::open(place.path()).expect("opens");
    let mut rows =
        db.prepare("select id, at, what, who, detail, prev_hash, hash from audit order by id").expect("asks");
    let mut rows = rows.query([]).expect("asks");
    let (mut prev, mut told) = (audit::GENESIS, Vec::new());
    while let Some(row) = rows.next().expect("reads") {
        let (what, who, detail): (String, String, String) =
            (row.get(2).expect("what"), row.get(3).expect("who"), row.get(4).expect("detail"));
        let (id, at_ms) = (row.get(0).expect("id"), row.get(1).expect("at"));
        assert_eq!(row.get::<_, [u8; 32]>(5).expect("prev"), prev);
        prev = audit::link(&prev, &audit::Entry { id, at_ms, what: &what, who: &who, detail: &detail });
        assert_eq!(row.get::<_, [u8; 32]>(6).expect("hash"), prev, "{what}");
        assert!(!detail.contains("worst") && !detail.contains("Carter"), "{detail}");
        told.push(what);
    }
    assert_eq!(told, ["store.version", "verdict", "act.begun", "act.settled"]);
    drop(rows);
    for change in ["update audit set who = 'nobody'", "delete from audit"] {
        assert!(db.execute(change, []).is_err(), "{change}");
    }
}
