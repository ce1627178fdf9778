//! What people say of authors: exemptions and the ladder, what rules still do, what is forgotten, what cannot be changed
//! unseen.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use rusqlite::Connection;

use super::report::OutcomeState;
use super::tests::{Place, at, batch, comment, judged, page, verdict};
use super::*;
use crate::clock::SignedDuration;
use crate::comment::{Author, AuthorId, Comment};
use crate::ladder::{self, Refusal, Step};
use crate::lexicon::Category;
use crate::policy::{Action, Verdict};

fn by(author: &str, comment: Comment) -> Comment {
    Comment { author: Author { id: Some(AuthorId::new(author)), ..comment.author }, ..comment }
}

async fn recorded(store: &Store, minutes: i64, comment: Comment, verdict: Verdict) -> i64 {
    store.record(batch(minutes, vec![judged(comment, verdict)])).await.expect("records");
    store.period(at(minutes), at(minutes + 1), &[page()]).await.expect("reads").incidents[0].number
}

async fn exempt(store: &Store, number: i64) -> Exempted {
    store.exempt(number, "Pat Lee".into(), "the union's representative".into(), at(5)).await.expect("writes")
}

async fn due(store: &Store, minutes: i64) -> Option<Claim> {
    store.claim(&[page()], at(minutes), SignedDuration::from_mins(5)).await.expect("reads")
}

async fn state(store: &Store, number: i64) -> (OutcomeState, bool) {
    let incident = store.incident(number).await.expect("reads").expect("one");
    (incident.outcome.state, incident.exempt)
}

async fn problems(store: &Store) -> Vec<String> {
    store.verify(Vec::new()).await.expect("reads").problems
}

/// A complaint of the author a1 (1), which is to be hidden.
async fn one() -> (Place, Store) {
    let place = Place::new();
    let store = place.open();
    recorded(&store, 1, comment("c1", "Worst surgery"), verdict(Category::Complaint, Action::Hide)).await;
    (place, store)
}

#[tokio::test]
async fn rules_leave_an_exempt_author_alone_from_then_on_and_what_they_owed_is_owed_no_more() {
    let (_place, store) = one().await;
    assert_eq!(exempt(&store, 1).await, Exempted::Done);
    assert_eq!(exempt(&store, 1).await, Exempted::Already { who: "Pat Lee".into(), at: at(5) });
    assert!(due(&store, 6).await.is_none());
    assert_eq!(state(&store, 1).await, (OutcomeState::Nothing, true));
    let abuse = || verdict(Category::Harassment, Action::Delete);
    let second = recorded(&store, 7, comment("c2", "Liars all"), abuse()).await;
    let other = recorded(&store, 8, by("b2", comment("c3", "Liars all")), abuse()).await;
    assert_eq!(due(&store, 9).await.expect("the other author's").incident, other);
    assert_eq!(
        (state(&store, second).await, state(&store, other).await),
        ((OutcomeState::Nothing, true), (OutcomeState::Due, false))
    );
    let exemptions = store.exemptions().await.expect("reads");
    assert_eq!(exemptions.len(), 1);
    assert_eq!(
        (exemptions[0].incident, exemptions[0].left_up, &*exemptions[0].why),
        (1, 2, "the union's representative")
    );
    assert_eq!(problems(&store).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_identifies_somebody_is_covered_all_the_same_and_no_more_than_that() {
    let (_place, store) = one().await;
    let first =
        recorded(&store, 2, comment("c2", "Ring 01632 960123"), verdict(Category::PatientIdentified, Action::Delete))
            .await;
    exempt(&store, 1).await;
    let second =
        recorded(&store, 7, comment("c3", "Ring 01632 960124"), verdict(Category::PatientIdentified, Action::Delete))
            .await;
    for number in [first, second] {
        let claim = due(&store, 8).await.expect("due");
        assert_eq!((claim.incident, claim.intended, claim.ceiling), (number, Act::Delete, Act::Hide));
        assert!(claim.exempt && claim.identifies);
    }
}

#[tokio::test]
async fn people_are_told_at_once_of_an_exempt_authors_threat_and_can_still_decide() {
    let (_place, store) = one().await;
    exempt(&store, 1).await;
    let threat =
        recorded(&store, 7, comment("c2", "I know where you live"), verdict(Category::Threat, Action::Delete)).await;
    assert_eq!(store.queued(threat).await.expect("reads").expect("one").alert, AlertState::Due);
    let word = Word {
        what: Decision::Delete,
        who: "Pat Lee".into(),
        why: "a threat".into(),
        seen: crate::store::Seen::Anything,
    };
    store.decide(&[threat], word, Mode::Enforce, at(8)).await.expect("writes");
    assert_eq!(due(&store, 9).await.expect("due").decision, Some(1));
}

#[tokio::test]
async fn an_act_that_had_begun_is_left_to_the_executor_which_is_told() {
    let (_place, store) = one().await;
    let claim = due(&store, 2).await.expect("due");
    assert!(store.begin_write(&claim, Act::Hide, None, at(2)).await.expect("writes"));
    exempt(&store, 1).await;
    let claim = due(&store, 60).await.expect("still due");
    assert!(claim.exempt && !claim.identifies);
    let close = Close {
        how: Closed::Exempt,
        achieved: None,
        verified: None,
        gone: false,
        note: None,
        trace: None,
        error: None,
    };
    assert!(store.settle(&claim, Settlement::Close(close), at(60)).await.expect("settles"));
    assert_eq!(state(&store, 1).await, (OutcomeState::Nothing, true));
    assert_eq!(problems(&store).await, Vec::<String>::new());
}

#[tokio::test]
async fn in_observe_mode_an_exempt_authors_comment_would_have_been_left_up() {
    let (_place, store) = one().await;
    exempt(&store, 1).await;
    let verdict = verdict(Category::Obscenity, Action::Delete);
    let observed = Batch { mode: Mode::Observe, ..batch(7, vec![judged(comment("c2", "Damn"), verdict)]) };
    store.record(observed).await.expect("records");
    assert_eq!(state(&store, 2).await, (OutcomeState::Nothing, true));
}

#[tokio::test]
async fn an_exemption_ends_when_somebody_says_so_and_rules_act_again() {
    let (_place, store) = one().await;
    exempt(&store, 1).await;
    let end = async || store.end_exemption(1, "Sam".into(), "left the union".into(), at(6)).await.expect("writes");
    assert_eq!((end().await, end().await), (Exempted::Done, Exempted::NotExempt));
    let again = recorded(&store, 7, comment("c2", "Worst ever"), verdict(Category::Complaint, Action::Hide)).await;
    assert_eq!(due(&store, 8).await.expect("due").incident, again);
    assert_eq!(exempt(&store, 1).await, Exempted::Done, "a second time");
    assert_eq!(problems(&store).await, Vec::<String>::new());
}

#[tokio::test]
async fn whom_nobody_knows_nobody_can_make_exempt_or_warn() {
    let (_place, store) = one().await;
    let nameless = Comment { author: Author::default(), ..comment("c2", "Worst") };
    let nameless = recorded(&store, 2, nameless, verdict(Category::Complaint, Action::Hide)).await;
    assert_eq!(exempt(&store, nameless).await, Exempted::Nobody(Nobody::Nameless));
    assert_eq!(exempt(&store, 77).await, Exempted::Nobody(Nobody::Unknown));
    assert_eq!(climb(&store, nameless, Step::Contact, 3).await, Climbed::Nobody(Nobody::Nameless));
}

fn rule() -> ladder::Rule {
    ladder::Rule::usual()
}

async fn climb(store: &Store, number: i64, step: Step, minutes: i64) -> Climbed {
    let (who, why) = ("Pat Lee".to_owned(), "goes on".to_owned());
    store.climb(number, Climb { step, police: false, who, why, rule: rule() }, at(minutes)).await.expect("writes")
}

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

#[tokio::test]
async fn steps_are_kept_by_author_and_page_until_the_window_is_over() {
    let (_place, store) = one().await;
    let other = recorded(&store, 2, by("b2", comment("c2", "Worst")), verdict(Category::Complaint, Action::Hide)).await;
    assert_eq!(climb(&store, 1, Step::Warning, 3).await, Climbed::Refused(Refusal::NotYet(Step::Contact)));
    let until = at(3) + days(365);
    assert_eq!(climb(&store, 1, Step::Contact, 3).await, Climbed::Taken { until });
    assert_eq!(climb(&store, 1, Step::SecondContact, 4).await, Climbed::Taken { until: at(4) + days(365) });
    assert_eq!(climb(&store, other, Step::SecondContact, 5).await, Climbed::Refused(Refusal::NotYet(Step::Contact)));
    let file = |now| store.author(1, now);
    let steps = async |now| {
        file(now).await.expect("reads").expect("known").steps.into_iter().map(|one| one.step).collect::<Vec<_>>()
    };
    assert_eq!(steps(at(6)).await, [Step::Contact, Step::SecondContact]);
    assert_eq!(steps(until).await, [Step::SecondContact]);
    assert_eq!(store.incident(1).await.expect("reads").expect("one").author_step, Some(Step::SecondContact));
    assert_eq!(store.climbers(at(6)).await.expect("reads").len(), 1);
    assert_eq!(problems(&store).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_complaint_leads_to_no_removal_however_far_the_ladder_was_climbed() {
    let (_place, store) = one().await;
    let word =
        Word { what: Decision::Uphold, who: "Pat".into(), why: "it is one".into(), seen: crate::store::Seen::Anything };
    store.decide(&[1], word, Mode::Enforce, at(2)).await.expect("writes");
    for step in [Step::Contact, Step::SecondContact, Step::Warning, Step::LegalAdvice] {
        assert!(matches!(climb(&store, 1, step, 3).await, Climbed::Taken { .. }), "{step:?}");
    }
    let refused = Climbed::Refused(Refusal::NoGround(vec![Category::Complaint]));
    assert_eq!(climb(&store, 1, Step::Removal, 4).await, refused);
    let abuse = recorded(&store, 5, comment("c2", "Liars all"), verdict(Category::Harassment, Action::Delete)).await;
    assert_eq!(climb(&store, abuse, Step::Removal, 6).await, Climbed::Refused(Refusal::NotUpheld(vec![abuse])));
    let word =
        Word { what: Decision::Delete, who: "Pat".into(), why: "abuse".into(), seen: crate::store::Seen::Anything };
    store.decide(&[abuse], word, Mode::Enforce, at(7)).await.expect("writes");
    assert!(matches!(climb(&store, abuse, Step::Removal, 8).await, Climbed::Taken { .. }));
    let late = store.author(abuse, at(9)).await.expect("reads").expect("known");
    assert_eq!((late.steps.len(), late.incidents.len()), (5, 2));
}

#[tokio::test]
async fn a_step_that_was_a_mistake_is_taken_back_and_counts_no_more() {
    let (_place, store) = one().await;
    climb(&store, 1, Step::Contact, 3).await;
    let back = async || store.withdraw_step(1, "Sam".into(), at(4)).await.expect("writes");
    assert_eq!((back().await, back().await), (Withdrawn::Done(Step::Contact), Withdrawn::Nothing));
    assert_eq!(climb(&store, 1, Step::SecondContact, 5).await, Climbed::Refused(Refusal::NotYet(Step::Contact)));
    assert_eq!(store.incident(1).await.expect("reads").expect("one").author_step, None);
    assert_eq!(problems(&store).await, Vec::<String>::new());
}

fn terms() -> Terms {
    let years = NonZeroU32::new(2190);
    Terms { nothing_found: years, found: years, by_category: BTreeMap::new(), watch: years }
}

#[tokio::test]
async fn a_purge_forgets_steps_whose_window_is_over_though_the_comment_is_kept() {
    let (place, store) = one().await;
    climb(&store, 1, Step::Contact, 3).await;
    climb(&store, 1, Step::SecondContact, 60 * 24 * 10).await;
    let after = at(4) + days(365);
    assert_eq!(store.due_for_erasure(terms(), after).await.expect("reads").authors, 1);
    let purged = store.purge(terms(), None, after).await.expect("purges");
    assert_eq!((purged.authors, purged.comments), (1, 0));
    assert_eq!(super::tests::ask::<i64>(&place, "select count(*) from author_step"), 1);
    assert_eq!(problems(&store).await, Vec::<String>::new());
    // What is left of it in the chain does not say whom it was about.
    let told: String =
        super::tests::ask(&place, "select detail from audit where what = 'author.step' order by id limit 1");
    assert!(!told.contains("incident") && told.contains("contact"), "{told}");
}

#[tokio::test]
async fn what_is_held_keeps_the_steps_about_its_author() {
    let (_place, store) = one().await;
    climb(&store, 1, Step::Contact, 3).await;
    store.hold(&[1], "Pat".into(), "claim".into(), at(4)).await.expect("holds");
    assert_eq!(store.purge(terms(), None, at(4) + days(400)).await.expect("purges").authors, 0);
    let person = store.people("a1".into()).await.expect("reads").remove(0);
    store.erase(&person, "Pat".into(), at(5)).await.expect("erases");
    assert_eq!(store.standing(&person).await.expect("reads").1.len(), 1);
}

#[tokio::test]
async fn a_persons_erasure_takes_what_was_said_about_them_with_it() {
    let (place, store) = one().await;
    exempt(&store, 1).await;
    climb(&store, 1, Step::Contact, 6).await;
    let person = store.people("a1".into()).await.expect("reads").remove(0);
    let (exemption, steps) = store.standing(&person).await.expect("reads");
    assert_eq!((exemption.map(|one| one.incident), steps.len()), (Some(1), 1));
    store.erase(&person, "Pat".into(), at(7)).await.expect("erases");
    let rows: i64 =
        super::tests::ask(&place, "select (select count(*) from author_step) + (select count(*) from exemption)");
    assert_eq!(rows, 0);
    assert_eq!(exempt(&store, 1).await, Exempted::Nobody(Nobody::Erased));
    assert_eq!(problems(&store).await, Vec::<String>::new());
    // A number that was forgotten goes to nobody else.
    let next = recorded(&store, 8, by("b2", comment("c2", "Worst")), verdict(Category::Complaint, Action::Hide)).await;
    exempt(&store, next).await;
    assert_eq!(super::tests::ask::<i64>(&place, "select id from exemption"), 2);
    assert_eq!(problems(&store).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_somebody_changes_about_authors_beside_the_chain_is_told() {
    let tampered = async |statement: &str| {
        let (place, store) = one().await;
        exempt(&store, 1).await;
        climb(&store, 1, Step::Contact, 6).await;
        drop(store);
        Connection::open(place.path()).expect("opens").execute_batch(statement).expect(statement);
        problems(&place.open()).await
    };
    let check = async |statement: &str, want: &str| {
        let problems = tampered(statement).await;
        assert!(problems.len() == 1 && problems[0].contains(want), "{statement}: {problems:?}");
    };
    assert_eq!(tampered("select 1").await, Vec::<String>::new());
    check("update exemption set author_key = zeroblob(32)", "not about the author").await;
    check("update exemption set ended_at = 1, ended_by = 'x', ended_why = x'00'", "whether it counts").await;
    check("delete from exemption", "exemption 1 about an author is in the chain").await;
    check("update author_step set step = 'warning'", "step 1 about an author").await;
    check("delete from author_step", "step 1 about an author is in the chain").await;
    check(
        "insert into author_step (page, author_key, verdict, salt, step, police, who, why, taken_at, until_at)
         select page, author_key, verdict, salt, 'warning', 0, who, why, taken_at, until_at from author_step",
        "step 2 about an author was slipped in",
    )
    .await;
    check("update verdict set exempt = 1", "what it says of exempt").await;
}
