//! Fixed replies over the simulated platforms: what is answered and what never is, and that a crash, a lie or a time-out
//! leaves one reply. In: a practice that has switched one on. Not here: the tables (`signpost`, `executor::reply`).

use std::fmt::Write as _;
use std::fs;

use chaperone::sim::{Act, Fault, FaultRule};
use chaperone::store::report::OutcomeState;

use crate::support::{Bench, COMPLAINT, CRY, FACEBOOK, INSTAGRAM, KIND, THREAT, TIKTOK, scenario, write};

/// A review, to these tests' lexicon.
const REVIEW: &str = "Lovely surgery, thank you all";
const FULL: &str = "Thank you for taking the time to tell us. This is Alderbrook Surgery, and we read all of it.\n\n\
    Would you say so on nhs.uk, too? Look for us there; whoever is new here will be glad to read it.";
const SHORT: &str = "Thank you! Would you say so on nhs.uk, too?";

const REVIEWS: &str = "category = \"review\"\nclause = \"reviews\"\n[[entry]]\nid = \"test\"\n\
    phrases = [\"lovely surgery\"]\ncertainty = \"high\"\nhits = [\"Lovely surgery\"]\nmisses = [\"Frost on the steps\"]\n";

const PAGES: [(&str, &str); 3] = [("fb", FACEBOOK), ("ig", INSTAGRAM), ("tt", TIKTOK)];

/// These comments on this page, by an author each, and a daemon that has not looked yet.
async fn bench(page: &str, comments: &[(&str, &str, &str)]) -> Bench {
    let row = PAGES.iter().find(|(key, _)| *key == page).expect("a page").1;
    let rows: Vec<&str> = if page == "ig" { vec![FACEBOOK, row] } else { vec![row] };
    let mut text =
        format!("post = [{{ key = \"p\", page = \"{page}\", at = \"+07:00\", text = \"News\" }}]\ncomment = [\n");
    for (key, author, words) in comments {
        let _ = writeln!(
            text,
            "{{ key = \"{key}\", post = \"p\", at = \"+07:55\", author = \"{author}\", text = \"{words}\" }},"
        );
    }
    let mut bench = Bench::new(scenario(&rows, &(text + "]"))).await;
    write(&bench.file("lexicons/en/review.toml"), REVIEWS);
    write(&bench.file("drafts.toml"), &drafts(FULL));
    switch(&bench, "send = [\"signpost-review\"]");
    bench.restart().await;
    bench
}

fn drafts(full: &str) -> String {
    format!(
        "[[draft]]\nname = \"signpost-review\"\ntitle = \"Reviews\"\ntext = \"\"\"\n{full}\n\"\"\"\nshort = \"{SHORT}\"\n"
    )
}

/// The configuration of a practice whose policy wants reviews elsewhere, with this in its section on replies.
fn switch(bench: &Bench, replies: &str) {
    let file = bench.file("chaperone.toml");
    let text = fs::read_to_string(&file).expect("a configuration");
    let text = text.replace("bursted-wood-surgery", "threeways-surgery");
    let text = match text.split_once("[replies]\n") {
        Some((before, after)) => {
            let after = after.split_once("\n[").expect("more").1;
            format!("{before}[replies]\n{replies}\n[{after}")
        }
        None => text.replacen("[[page]]", &format!("[replies]\n{replies}\n[[page]]"), 1),
    };
    write(&file, &text);
}

/// What the practice has said under a comment.
fn said(bench: &Bench, key: &str) -> Vec<String> {
    let (id, world) = (bench.id(key), bench.sim.world());
    let under = world.comments().iter().filter(|one| one.by_page && one.parent.as_deref() == Some(id.as_str()));
    under.filter_map(|one| one.text.clone()).collect()
}

async fn reply(bench: &Bench, key: &str) -> Option<(OutcomeState, Option<String>)> {
    let incident = bench.incident(key).await?;
    incident.reply.map(|reply| (reply.state, reply.note))
}

#[tokio::test]
async fn a_review_is_answered_once_on_each_platform_and_read_back() {
    for (page, words) in [("fb", FULL), ("ig", FULL), ("tt", SHORT)] {
        let bench = bench(page, &[("review", "Jo", REVIEW), ("kind", "Al", KIND)]).await;
        bench.step().await;
        assert_eq!(said(&bench, "review"), [words], "{page}");
        assert_eq!(reply(&bench, "review").await, Some((OutcomeState::Done, None)), "{page}");
        bench.minutes(90).await;
        assert_eq!((said(&bench, "review").len(), said(&bench, "kind").len()), (1, 0), "{page}");
        assert_eq!(bench.stands("review"), "up", "{page}");
        let verified = bench.daemon().store().verify(Vec::new()).await.expect("reads");
        assert_eq!(verified.problems, Vec::<String>::new());
        let digest = bench.program(&["digest", "--from", "2026-11-18", "--to", "2026-11-19"]).1;
        assert!(digest.contains("answered with a fixed reply"), "{digest}");
    }
}

#[tokio::test]
async fn nothing_is_said_unless_it_is_switched_on_and_in_observe_mode_never() {
    let mut off = bench("fb", &[("review", "Jo", REVIEW)]).await;
    switch(&off, "send = []");
    off.restart().await;
    off.minutes(5).await;
    assert_eq!((said(&off, "review"), reply(&off, "review").await), (Vec::new(), None));

    let mut observing = bench("fb", &[("review", "Jo", REVIEW)]).await;
    observing.restart_as("enforce", "observe").await;
    observing.minutes(5).await;
    assert_eq!((said(&observing, "review"), reply(&observing, "review").await), (Vec::new(), None));
}

#[tokio::test]
async fn whoever_complains_threatens_or_may_come_to_harm_is_answered_by_a_person_whatever_else_they_say() {
    let both = |words: &str| format!("{REVIEW}. {words}");
    let (bad, cry, threat) = (both(COMPLAINT), both(CRY), both(THREAT));
    let comments = [("bad", "Jo", bad.as_str()), ("cry", "Al", cry.as_str()), ("threat", "Sam", threat.as_str())];
    let bench = bench("fb", &comments).await;
    bench.minutes(5).await;
    for (key, ..) in comments {
        assert!(bench.incident(key).await.is_some(), "{key} was judged");
        assert_eq!((said(&bench, key), reply(&bench, key).await), (Vec::new(), None), "{key}");
    }
}

#[tokio::test]
async fn the_same_author_is_answered_once_in_a_while() {
    let bench =
        bench("fb", &[("one", "Jo", REVIEW), ("two", "Jo", "Lovely surgery indeed"), ("other", "Al", REVIEW)]).await;
    bench.minutes(5).await;
    assert_eq!(said(&bench, "one").len() + said(&bench, "two").len(), 1, "Jo is answered once");
    assert_eq!(said(&bench, "other").len(), 1);
}

#[tokio::test]
async fn no_more_are_answered_in_a_day_than_the_practice_says_and_the_rest_is_told() {
    let mut bench = bench("fb", &[("one", "Jo", REVIEW), ("two", "Al", REVIEW)]).await;
    switch(&bench, "send = [\"signpost-review\"]\nper_day = 1");
    bench.restart().await;
    bench.minutes(5).await;
    assert_eq!(said(&bench, "one").len() + said(&bench, "two").len(), 1);
    let left = if said(&bench, "one").is_empty() { "one" } else { "two" };
    let (state, note) = reply(&bench, left).await.expect("owed");
    assert!(state == OutcomeState::Already && note.is_some_and(|note| note.contains("limit for replies")));
    let (_, queue, _) = bench.program(&["queue", "list"]);
    assert!(queue.contains("not answered by the program") && !queue.contains("answered with a fixed reply"), "{queue}");
}

#[tokio::test]
async fn what_a_person_has_answered_is_not_answered_again() {
    let text = format!(
        "post = [{{ key = \"p\", page = \"fb\", at = \"+07:00\", text = \"News\" }}]\ncomment = [\n\
         {{ key = \"review\", post = \"p\", at = \"+07:55\", author = \"Jo\", text = \"{REVIEW}\" }},\n\
         {{ key = \"own\", reply_to = \"review\", at = \"+07:57\", text = \"How kind of you\" }},\n]"
    );
    let mut bench = Bench::new(scenario(&[FACEBOOK], &text)).await;
    write(&bench.file("lexicons/en/review.toml"), REVIEWS);
    write(&bench.file("drafts.toml"), &drafts(FULL));
    switch(&bench, "send = [\"signpost-review\"]");
    bench.restart().await;
    bench.minutes(5).await;
    assert_eq!(said(&bench, "review"), ["How kind of you"]);
    let (state, note) = reply(&bench, "review").await.expect("owed");
    assert!(state == OutcomeState::Already && note.is_some_and(|note| note.contains("answered it already")));
}

#[tokio::test]
async fn a_reply_that_a_practice_sends_without_words_for_it_is_refused_at_the_start() {
    let bench = bench("fb", &[]).await;
    switch(&bench, "send = [\"signpost-medical\", \"signpost-reviews\"]");
    let (code, _, err) = bench.program(&["check"]);
    assert!(code == 2 && err.contains("did you mean \"signpost-review\"?"), "{err}");
    switch(&bench, "send = [\"signpost-medical\"]");
    let (code, out, err) = bench.program(&["check"]);
    assert!(code == 1 && err.contains("sends signpost-medical, and there is no text"), "{code} {out}{err}");
}

#[tokio::test]
async fn a_reply_that_took_effect_unsaid_or_did_not_though_it_was_said_is_there_once_or_told() {
    for (page, fault, times, state) in [
        ("fb", Fault::TimeoutAfterSideEffect, 1, OutcomeState::Done),
        ("ig", Fault::TimeoutAfterSideEffect, 1, OutcomeState::Done),
        ("tt", Fault::TimeoutAfterSideEffect, 1, OutcomeState::Done),
        ("fb", Fault::TimeoutBefore, 1, OutcomeState::Done),
        ("fb", Fault::Lie, 0, OutcomeState::Dead),
        ("tt", Fault::Lie, 0, OutcomeState::Dead),
        ("ig", Fault::WritesBlocked368, 1, OutcomeState::Done),
    ] {
        let bench = bench(page, &[("review", "Jo", REVIEW)]).await;
        bench
            .sim
            .world()
            .fault_on(FaultRule { method: Some("POST".into()), ..FaultRule::always("odd", fault.clone()).next(1) });
        bench.step().await;
        bench.strides(200, 5).await;
        assert_eq!(said(&bench, "review").len(), times, "{page} {fault:?}");
        let (got, note) = reply(&bench, "review").await.expect("owed");
        assert_eq!(got, state, "{page} {fault:?} {note:?}");
        let sent = bench.acts("review").into_iter().filter(|act| *act == Act::Reply).count();
        assert!(sent <= 1, "{page} {fault:?}: sent {sent} times");
    }
}

/// Hours go by, also those after which something that was begun is begun again.
async fn let_time_pass(bench: &Bench) {
    bench.minutes(3).await;
    bench.strides(20, 5).await;
}

async fn dying_anywhere(page: &str) {
    let want = bench(page, &[("review", "Jo", REVIEW)]).await;
    want.step().await;
    let want = said(&want, "review");
    assert_eq!(want.len(), 1);
    for turns in 1.. {
        let mut bench = bench(page, &[("review", "Jo", REVIEW)]).await;
        let over = bench.die_within_a_step(turns).await;
        let_time_pass(&bench).await;
        assert_eq!(said(&bench, "review"), want, "died after {turns} turns on {page}");
        let (state, _) = reply(&bench, "review").await.expect("owed");
        assert_eq!(state, OutcomeState::Done, "died after {turns} turns on {page}");
        bench.assert_nothing_done_twice();
        if over {
            assert!(turns > 10, "a step has more turns than {turns}");
            return;
        }
    }
}

#[tokio::test]
async fn dying_anywhere_within_a_reply_on_facebook_leaves_one_reply() {
    dying_anywhere("fb").await;
}

#[tokio::test]
async fn dying_anywhere_within_a_reply_on_instagram_leaves_one_reply() {
    dying_anywhere("ig").await;
}

#[tokio::test]
async fn dying_anywhere_within_a_reply_on_tiktok_leaves_one_reply() {
    dying_anywhere("tt").await;
}
