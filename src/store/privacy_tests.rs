//! What is kept no longer than its term, what a hold keeps, and what becomes of one person's comments at their wish.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use super::tests::{Place, at, batch, comment, judged, verdict};
use super::*;
use crate::clock::SignedDuration;
use crate::comment::{Author, AuthorId, CommentId, CommentKind, CommentText, PersonName, Post, PostId, PostKind};
use crate::lexicon::Category;
use crate::policy::{Action, Alert, Verdict};

fn days(count: u32) -> Option<NonZeroU32> {
    NonZeroU32::new(count)
}

fn terms() -> Terms {
    let by_category = BTreeMap::from([(Category::Threat, days(2190)), (Category::Complaint, days(400))]);
    Terms { nothing_found: days(30), found: days(365), by_category, watch: days(400) }
}

fn after_days(count: i64) -> Timestamp {
    at(1) + SignedDuration::from_hours(24 * count)
}

fn harmless() -> Verdict {
    Verdict {
        reasons: Vec::new(),
        action: Action::Allow,
        alert: Alert::None,
        ..verdict(Category::Review, Action::Allow)
    }
}

/// A review (1), a complaint (2), a threat (3), and words about nothing.
async fn four() -> (Place, Store) {
    let place = Place::new();
    let store = place.open();
    let comments = vec![
        judged(comment("c1", "Lovely nurse"), verdict(Category::Review, Action::Escalate)),
        judged(comment("c2", "Worst surgery"), verdict(Category::Complaint, Action::Escalate)),
        judged(comment("c3", "I know where you live"), verdict(Category::Threat, Action::Delete)),
        judged(comment("c4", "Is the car park open"), Verdict { categories: Vec::new(), ..harmless() }),
    ];
    store.record(batch(1, comments)).await.expect("records");
    (place, store)
}

async fn words(store: &Store, number: i64) -> String {
    store.queued(number).await.expect("reads").expect("an incident").incident.text.expose().to_owned()
}

/// What is owed for the threat is given up, so that only its term counts.
async fn nothing_owed(store: &Store) {
    let claim = store.claim(&[tests::page()], at(2), SignedDuration::from_mins(5)).await.expect("reads").expect("due");
    let close =
        Close { how: Closed::Dead, achieved: None, verified: None, gone: false, note: None, trace: None, error: None };
    assert!(store.settle(&claim, Settlement::Close(close), at(2)).await.expect("settles"));
}

#[tokio::test]
async fn each_category_is_kept_for_its_own_term_and_what_nothing_was_found_in_for_the_shortest() {
    let (_place, store) = four().await;
    nothing_owed(&store).await;
    let counts = async |day: i64| store.due_for_erasure(terms(), after_days(day)).await.expect("reads").comments;
    let mut erased = Vec::new();
    for day in [29, 31, 364, 366, 401, 2189, 2191] {
        erased.push((day, counts(day).await));
    }
    assert_eq!(erased, [(29, 0), (31, 1), (364, 1), (366, 2), (401, 3), (2189, 3), (2191, 4)]);
    let purged = store.purge(terms(), None, after_days(401)).await.expect("erases");
    let by_category = BTreeMap::from([(Category::Complaint, 1), (Category::Review, 1)]);
    assert_eq!((purged.comments, purged.nothing_found, purged.by_category), (3, 1, by_category));
    assert_eq!((words(&store, 1).await.as_str(), words(&store, 3).await.as_str()), ("", "I know where you live"));
    assert_eq!(counts(401).await, 0, "nothing is erased twice");
}

#[tokio::test]
async fn after_a_purge_the_chain_is_whole_and_says_what_was_erased_in_order() {
    let (place, store) = four().await;
    nothing_owed(&store).await;
    store.purge(terms(), None, after_days(401)).await.expect("erases");
    let verified = store.verify(Vec::new()).await.expect("reads");
    assert_eq!(verified.problems, Vec::<String>::new());
    assert_eq!((verified.texts, verified.erased), (1, 2));
    drop(store);
    let bytes = std::fs::read(place.path()).expect("read");
    assert!(!bytes.windows(14).any(|part| part == b"example.org/c1"), "its link is gone from the file too");
    assert!(bytes.windows(14).any(|part| part == b"example.org/c3"));
}

#[tokio::test]
async fn an_erased_comment_that_is_listed_again_is_known_and_gets_no_name_again() {
    let (_place, store) = four().await;
    nothing_owed(&store).await;
    store.purge(terms(), None, after_days(401)).await.expect("erases");
    let listed = [comment("c2", "Worst surgery")];
    let known = store.known(&tests::page(), &listed, after_days(402)).await.expect("reads");
    assert_eq!(known[0].news, News::Same);
    let again = Judged { comment: listed[0].clone(), verdict: None, baseline: false };
    let recorded = store.record(Batch { seen_at: after_days(402), ..batch(1, vec![again]) }).await.expect("records");
    assert_eq!((recorded.new, recorded.edited), (0, 0));
    let incident = store.queued(2).await.expect("reads").expect("an incident").incident;
    assert_eq!((incident.author.name, incident.author.id, incident.erased), (None, None, Some(after_days(401))));
    assert_ne!(incident.link.as_deref(), Some("https://example.org/c2"));
}

#[tokio::test]
async fn what_is_held_or_still_owed_is_not_erased() {
    let (_place, store) = four().await;
    let held =
        store.hold(&[1, 77], "Pat Lee".to_owned(), "letter before claim".to_owned(), at(3)).await.expect("holds");
    assert_eq!(held, [(1, Held::Done), (77, Held::Unknown)]);
    let purged = store.purge(terms(), Some("Pat Lee".to_owned()), after_days(3000)).await.expect("erases");
    assert_eq!((purged.comments, purged.held, purged.owed), (2, 1, 1));
    assert_eq!(
        (words(&store, 1).await.as_str(), words(&store, 3).await.as_str()),
        ("Lovely nurse", "I know where you live")
    );
    let holds = store.holds().await.expect("reads");
    assert_eq!((holds.len(), holds[0].incident, holds[0].why.as_str()), (1, 1, "letter before claim"));
    assert_eq!(store.release(&[1], "Pat Lee".to_owned(), after_days(3001)).await.expect("releases"), [(1, Held::Done)]);
    assert_eq!(
        store.release(&[1], "Pat Lee".to_owned(), after_days(3001)).await.expect("releases"),
        [(1, Held::Already)]
    );
    assert_eq!(store.purge(terms(), None, after_days(3002)).await.expect("erases").comments, 1);
    assert_eq!(
        store.hold(&[1], "Pat Lee".to_owned(), "x".to_owned(), after_days(3003)).await.expect("holds"),
        [(1, Held::Erased)]
    );
}

#[tokio::test]
async fn a_term_of_none_keeps_for_ever() {
    let (_place, store) = four().await;
    let terms = Terms { nothing_found: None, found: None, by_category: BTreeMap::new(), watch: None };
    assert_eq!(store.purge(terms, None, after_days(9000)).await.expect("erases"), Purged::default());
}

fn by(id: Option<&str>, name: &str, comment_id: &str, words: &str) -> Judged {
    let author = Author { id: id.map(AuthorId::new), name: Some(PersonName::new(name)) };
    judged(
        crate::comment::Comment { author, ..comment(comment_id, words) },
        verdict(Category::Complaint, Action::Escalate),
    )
}

#[tokio::test]
async fn a_person_is_found_by_id_and_by_any_of_their_names_and_a_namesake_is_somebody_else() {
    let place = Place::new();
    let store = place.open();
    let comments = vec![
        by(Some("a7"), "Jo Carter", "c1", "one"),
        by(Some("a7"), "Jo Baker", "c2", "two"),
        by(Some("a8"), "jo  carter", "c3", "three"),
        by(None, "Jo Carter", "c4", "four"),
    ];
    store.record(batch(1, comments)).await.expect("records");
    let found = async |who: &str| {
        let people = store.people(who.to_owned()).await.expect("reads");
        people.iter().map(Person::comments).collect::<Vec<_>>()
    };
    assert_eq!(found("JO CARTER").await, [1, 2, 1]);
    assert_eq!(found("a7").await, [2]);
    assert_eq!((found("Carter").await, found(" ").await), (vec![], vec![]));
}

#[tokio::test]
async fn a_person_gets_all_that_is_kept_and_at_their_wish_it_goes_but_for_what_must_stay() {
    let place = Place::new();
    let store = place.open();
    let comments = vec![
        by(Some("a7"), "Jo Carter", "c1", "Worst surgery"),
        by(Some("a7"), "Jo Carter", "c2", "And the car park too"),
        by(Some("a8"), "Al", "c3", "Lovely"),
    ];
    store.record(batch(1, comments)).await.expect("records");
    let edited = vec![by(Some("a7"), "Jo Carter", "c2", "And the lift too")];
    store.record(Batch { seen_at: at(2), ..batch(2, edited) }).await.expect("records");
    store.hold(&[1], "Pat Lee".to_owned(), "claim".to_owned(), at(3)).await.expect("holds");
    let person = store.people("a7".to_owned()).await.expect("reads").remove(0);
    let statements = store.statements(&person).await.expect("reads");
    let texts: Vec<Vec<&str>> = statements
        .iter()
        .map(|statement| statement.versions.iter().map(|version| version.text.expose()).collect())
        .collect();
    assert_eq!(texts, [vec!["Worst surgery"], vec!["And the car park too", "And the lift too"]]);
    assert_eq!(statements[1].incidents.len(), 2);
    let want = Erasure { erased: 1, held: 1, owed: 0 };
    assert_eq!(store.erasable(&person).await.expect("reads"), want);
    assert_eq!(store.erase(&person, "Pat Lee".to_owned(), at(4)).await.expect("erases"), want);
    assert_eq!((words(&store, 1).await.as_str(), words(&store, 2).await.as_str()), ("Worst surgery", ""));
    assert_eq!((words(&store, 4).await.as_str(), words(&store, 3).await.as_str()), ("", "Lovely"));
    assert_eq!(store.verify(Vec::new()).await.expect("reads").problems, Vec::<String>::new());
    assert_eq!(store.people("a7".to_owned()).await.expect("reads")[0].comments(), 1, "what is held is still theirs");
}

#[tokio::test]
async fn an_erased_visitors_post_leaves_no_link_in_its_post_or_in_a_notice_about_it() {
    let place = Place::new();
    let store = place.open();
    let link = Some("https://example.org/visit".to_owned());
    let post = Post {
        id: PostId::new("v1"),
        kind: PostKind::Visitor,
        created: None,
        permalink: link.clone(),
        text: CommentText::new("Worst surgery"),
    };
    let written = crate::comment::Comment {
        kind: CommentKind::VisitorPost,
        post: PostId::new("v1"),
        permalink: link,
        ..comment("v1", "Worst surgery")
    };
    let complaint = judged(written, verdict(Category::Complaint, Action::Escalate));
    store.record(Batch { posts: vec![post], ..batch(1, vec![complaint]) }).await.expect("records");
    for (comment, once) in [("v1", "a"), ("another", "b")] {
        let notice = NewNotice {
            at: at(2),
            page: Some(tests::page()),
            comment: Some(CommentId::new(comment)),
            kind: "error",
            text: format!("look at https://example.org/{}", if comment == "v1" { "visit" } else { comment }),
            once: Some(once.to_owned()),
        };
        assert!(store.notice(notice).await.expect("keeps"));
    }
    let person = store.people("a1".to_owned()).await.expect("reads").remove(0);
    let held = |bytes: &[u8], words: &str| bytes.windows(words.len()).any(|part| part == words.as_bytes());
    assert_eq!(store.erase(&person, "Pat Lee".to_owned(), at(4)).await.expect("erases").erased, 1);
    drop(store);
    let bytes = std::fs::read(place.path()).expect("read");
    assert!(!held(&bytes, "example.org/visit"), "its link is gone from the file");
    assert!(held(&bytes, "example.org/another"), "what is about somebody else's comment stays");
}
