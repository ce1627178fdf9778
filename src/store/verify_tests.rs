//! Somebody edits the store with the sqlite3 shell, and whoever verifies it afterwards is told.

use rusqlite::Connection;

use super::tests::{Place, at, batch, comment, judged, verdict};
use super::*;
use crate::lexicon::Category;
use crate::policy::Action;

const FREE: &str = "drop trigger audit_is_not_rewritten; drop trigger audit_is_not_deleted;";

/// Two incidents, one of them acted upon, and a digest that went out with the head of the chain.
async fn filled() -> (Place, String) {
    let place = Place::new();
    let store = place.open();
    let comments = vec![
        judged(comment("c1", "Worst surgery"), verdict(Category::Complaint, Action::Hide)),
        judged(comment("c2", "I know where you live"), verdict(Category::Threat, Action::Delete)),
    ];
    store.record(batch(1, comments)).await.expect("records");
    let claim = store.claim(&[tests::page()], at(2), crate::clock::SignedDuration::from_mins(5)).await;
    let claim = claim.expect("reads").expect("something is due");
    assert!(store.begin_write(&claim, Act::Delete, None, at(2)).await.expect("writes"));
    let close = Close {
        how: Closed::Done,
        achieved: Some(Act::Delete),
        verified: Some(at(2)),
        gone: true,
        note: None,
        trace: None,
        error: None,
    };
    store.settle(&claim, Settlement::Close(close), at(2)).await.expect("settles");
    store.record_digest(at(0), at(3), "mail", at(3)).await.expect("notes");
    let head = store.verify(Vec::new()).await.expect("reads").head.expect("a head");
    (place, head)
}

async fn verified(place: &Place, heads: &[&str]) -> Verified {
    let heads = heads.iter().map(|&head| head.to_owned()).collect();
    place.open().verify(heads).await.expect("reads")
}

/// What is told after somebody ran these statements.
async fn tampered(statements: &str) -> Vec<String> {
    let (place, head) = filled().await;
    let shell = Connection::open(place.path()).expect("opens");
    shell.execute_batch(&format!("pragma foreign_keys = off; {statements}")).expect(statements);
    drop(shell);
    verified(&place, &[&head]).await.problems
}

#[track_caller]
fn check(problems: &[String], wanted: &[&str]) {
    assert_eq!(problems.len(), wanted.len(), "{problems:#?}");
    for (problem, wanted) in problems.iter().zip(wanted) {
        assert!(problem.contains(wanted), "{problem}: not {wanted}");
    }
}

#[tokio::test]
async fn a_store_that_nobody_touched_is_whole() {
    let (place, head) = filled().await;
    let verified = verified(&place, &[&head]).await;
    assert_eq!(verified.problems, Vec::<String>::new());
    assert_eq!((verified.verdicts, verified.texts, verified.erased, verified.heads), (2, 2, 0, 1));
}

#[tokio::test]
async fn without_taking_its_guards_away_nobody_changes_the_chain() {
    let (place, _) = filled().await;
    let shell = Connection::open(place.path()).expect("opens");
    for statement in
        ["update audit set who = 'x'", "delete from audit", "insert or replace into audit select * from audit"]
    {
        let refused = shell.execute_batch(statement).expect_err(statement).to_string();
        assert!(refused.contains("append-only"), "{statement}: {refused}");
    }
}

#[tokio::test]
async fn a_changed_row_is_told_and_so_are_the_guards_that_were_taken_away() {
    let problems = tampered(&format!("{FREE} update audit set who = 'nobody' where id = 2")).await;
    check(&problems, &["audit_is_not_rewritten", "audit_is_not_deleted", "row 2 of the chain was changed"]);
}

#[tokio::test]
async fn a_row_that_is_gone_is_told_and_what_it_spoke_of() {
    let problems = tampered(&format!("{FREE} delete from audit where what = 'act.settled'")).await;
    check(&problems[2..], &["row 5 of the chain: missing", "act 2 was slipped in"]);
}

#[tokio::test]
async fn a_chain_whose_end_was_cut_off_is_found_out_by_the_head_that_went_out_with_a_digest() {
    let problems = tampered(&format!(
        "{FREE} delete from audit where what = 'digest.sent';
         create trigger audit_is_not_rewritten before update on audit begin select raise(abort, 'append-only'); end;
         create trigger audit_is_not_deleted before delete on audit begin select raise(abort, 'append-only'); end;"
    ))
    .await;
    check(&problems, &["which went out with a digest, is not in the chain"]);
}

#[tokio::test]
async fn what_was_changed_beside_the_chain_is_told() {
    let words =
        "update comment_version set words = (select words from comment_version where comment = 2) where comment = 1";
    for (statements, wanted) in [
        ("update verdict set action = 'escalate' where id = 2", "#2: what it says of action is not"),
        ("update verdict set rules_version = 'v2' where id = 1", "#1: what it says of rules is not"),
        (words, "#1: its words are not"),
        ("update comment_version set words = x'0102' where comment = 1", "#1: its words are sealed so that nobody"),
        ("update comment set author_id = null where id = 2", "#2: its author is not"),
        ("update reason set clause = 'section 9' where verdict = 1", "#1: its reasons are not"),
        ("update outbox set achieved = 'hide' where id = 2", "act 2: what it says of achieved is not"),
        (
            "update outbox set state = 'done', closed_at = 1 where id = 1",
            "act 1 was slipped in or closed by another hand",
        ),
        ("delete from outbox where id = 2", "act 2 is in the chain and no longer"),
        ("delete from verdict where id = 1", "#1 is in the chain and no longer"),
        ("update comment set erased_at = 1 where id = 1", "#1: its words were erased, and the chain says nothing"),
        (
            "insert into decision (verdict, what, who, why, decided_at) values (1, 'uphold', 'x', x'', 1)",
            "decision 1 was slipped in",
        ),
    ] {
        let problems = tampered(statements).await;
        check(&problems, &[wanted]);
    }
}

#[tokio::test]
async fn a_verdict_that_was_slipped_in_is_told() {
    let problems = tampered(
        "insert into comment_version (comment, version, words, salt, attachments, seen_at)
             select comment, 2, words, salt, attachments, seen_at from comment_version where comment = 1;
         insert into verdict (comment, version, action, alert, tell, report, drafts, categories, private, reasons,
             rules_version, mode, judged_at)
             select comment, 2, action, alert, tell, report, drafts, categories, private, reasons, rules_version, mode,
                 judged_at from verdict where id = 1",
    )
    .await;
    check(&problems, &["#3 was slipped in"]);
}
