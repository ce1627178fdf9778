//! The poller against a page behind a real socket, and what it makes of errors.

use std::path::Path;

use super::*;
use crate::platform::http::Fault;
use crate::rules::{Files, Rules};
use crate::store::fake_page::FakePage;
use crate::store::tests::{Place, at, comment, page};

const EVERY: Duration = Duration::from_secs(60);

fn poller(store: Store, facebook: &FakePage, backlog: Backlog) -> Poller {
    Poller::new(Watch {
        page: page(),
        every: EVERY,
        mode: Mode::Observe,
        backlog,
        answering: Answering::default(),
        api: facebook.api(),
        store,
        rules: Arc::new(rules()),
        clock: Clock::manual(at(0)),
        owed: Arc::default(),
        alarmed: Arc::default(),
    })
}

/// One entry under one of the repository's policies.
fn rules() -> InForce {
    let dir = tempfile::tempdir().expect("a directory");
    for folder in ["en", "lists"] {
        std::fs::create_dir(dir.path().join(folder)).expect("makes");
    }
    std::fs::write(dir.path().join("en/complaint.toml"), COMPLAINT).expect("writes");
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/policies/tarleton-group-practice.toml");
    let files = Files { lexicons: dir.path().to_owned(), policy, ..Files::default() };
    InForce::new(RuleSet::here(Rules::load(&files).expect("loads")))
}

const COMPLAINT: &str = r#"
category = "complaint"
clause = "complaints"

[[entry]]
id = "worst"
phrases = ["worst surgery"]
hits = ["Worst surgery ever"]
misses = ["lovely surgery"]
"#;

async fn judged(poller: &Poller) -> u64 {
    poller.watch.store.period(at(-99), at(99_999), &[page()]).await.expect("reads").judged
}

/// Steps at this minute; the clock goes along.
async fn step(poller: &Poller, minutes: i64) -> Duration {
    poller.watch.clock.set(at(minutes));
    poller.step(at(minutes)).await
}

#[tokio::test]
async fn the_backlog_is_remembered_and_what_comes_after_it_is_judged_but_for_the_pages_own() {
    let (place, facebook) = (Place::new(), FakePage::start().await);
    let poller = poller(place.open(), &facebook, Backlog::Baseline);
    facebook.say("1", "a1", "old");
    step(&poller, 0).await;
    assert_eq!(judged(&poller).await, 0);
    facebook.say("2", "a1", "new, whatever its date");
    facebook.say("3", "1029384756", "the page answers");
    step(&poller, 1).await;
    assert_eq!(judged(&poller).await, 1);
    facebook.say("1", "a1", "old, edited");
    facebook.say("3", "1029384756", "the page answers again");
    step(&poller, 2).await;
    assert_eq!(judged(&poller).await, 2);
    facebook.say("4", "a1", "worst surgery ever");
    step(&poller, 3).await;
    let period = poller.watch.store.period(at(-99), at(99), &[page()]).await.expect("reads");
    assert_eq!((period.coverage[0].polls, period.coverage[0].baseline), (4, 0));
    let entries: Vec<&str> = period.entries.iter().map(|entry| entry.entry.as_str()).collect();
    assert_eq!((entries, period.incidents.len()), (vec!["complaint/worst"], 1));
}

#[tokio::test]
async fn the_backlog_is_judged_where_people_want_that() {
    let (place, facebook) = (Place::new(), FakePage::start().await);
    let poller = poller(place.open(), &facebook, Backlog::Judge);
    facebook.say("1", "a1", "old");
    step(&poller, 0).await;
    assert_eq!(judged(&poller).await, 1);
}

#[tokio::test]
async fn a_quiet_page_costs_one_call_a_cycle_and_is_not_polled_early() {
    let (place, facebook) = (Place::new(), FakePage::start().await);
    let poller = poller(place.open(), &facebook, Backlog::Baseline);
    facebook.say("1", "a1", "old");
    assert_eq!(step(&poller, 0).await, EVERY);
    let asked = facebook.state().asked.len();
    for minutes in 1..6 {
        assert_eq!(step(&poller, minutes).await, EVERY);
    }
    assert_eq!(facebook.state().asked.len(), asked + 5);
    assert_eq!(poller.step(at(5)).await, EVERY, "it was polled this minute");
    assert_eq!(facebook.state().asked.len(), asked + 5);
}

#[tokio::test]
async fn a_dead_token_takes_the_page_down_once_is_not_hammered_and_a_restart_looks_at_once() {
    let (place, facebook) = (Place::new(), FakePage::start().await);
    let first = poller(place.open(), &facebook, Backlog::Baseline);
    step(&first, 0).await;
    facebook.state().refuse_reads = Some(190);
    assert_eq!(step(&first, 1).await, REFUSED_WAIT);
    let asked = facebook.state().asked.len();
    assert!(step(&first, 5).await > Duration::ZERO);
    assert_eq!(facebook.state().asked.len(), asked, "no call while waiting");
    assert_eq!(step(&first, 16).await, REFUSED_WAIT * 2);
    let period = first.watch.store.period(at(-99), at(99), &[page()]).await.expect("reads");
    assert_eq!(period.notices.len(), 1);
    let down = period.coverage[0].down.clone().expect("down");
    assert_eq!((down.since, down.help.is_empty()), (at(1), false));

    drop(first);
    facebook.state().refuse_reads = None;
    let second = poller(place.open(), &facebook, Backlog::Baseline);
    assert_eq!(step(&second, 17).await, EVERY, "somebody mended it and restarted us");
    let period = second.watch.store.period(at(-99), at(99), &[page()]).await.expect("reads");
    assert_eq!(period.coverage[0].down, None);
    assert_eq!(period.coverage[0].gaps.len(), 1);
}

#[tokio::test]
async fn what_was_said_while_the_page_was_down_is_judged_afterwards() {
    let (place, facebook) = (Place::new(), FakePage::start().await);
    let poller = poller(place.open(), &facebook, Backlog::Baseline);
    step(&poller, 0).await;
    facebook.state().refuse_reads = Some(2);
    step(&poller, 1).await;
    facebook.say("1", "a1", "said meanwhile");
    facebook.state().refuse_reads = None;
    step(&poller, 30).await;
    assert_eq!(judged(&poller).await, 1);
}

#[tokio::test]
async fn a_stop_is_heard_between_two_calls_and_leaves_the_poll_open() {
    let (place, facebook) = (Place::new(), FakePage::start().await);
    let poller = poller(place.open(), &facebook, Backlog::Baseline);
    let stop = CancellationToken::new();
    stop.cancel();
    poller.step_until(at(0), &stop).await;
    assert!(facebook.state().asked.is_empty());
    assert_eq!(poller.watch.store.page_state(&page()).await.expect("reads"), PageState::default());
}

fn tally(listed: bool, worst: Option<Error>) -> Tally {
    Tally { listed, to_the_end: listed, new: 0, worst }
}

fn throttled(wait_s: u64) -> Error {
    Error::Throttled { page: page(), wait: Duration::from_secs(wait_s) }
}

fn transient() -> Error {
    Error::Transient { page: page(), source: Fault::TimedOut }
}

#[track_caller]
fn check(worst: Error, failures: u32, want: (&str, bool, Duration)) {
    let ending = ending(&tally(false, Some(worst)), &Coverage::default(), failures, EVERY);
    let trouble = ending.trouble.expect("trouble");
    assert_eq!(ending.outcome, PollOutcome::Failed);
    assert_eq!((trouble.kind, trouble.down, ending.wait.expect("a wait")), want);
}

#[test]
fn each_kind_of_error_keeps_us_away_for_its_own_time() {
    let minutes = |count: u64| Duration::from_secs(count * 60);
    let hours = |count: u64| minutes(count * 60);
    let token = || Error::Token { page: page(), code: 190, help: "log in" };
    check(token(), 0, ("token", true, minutes(15)));
    check(token(), 2, ("token", true, minutes(60)));
    check(token(), 40, ("token", true, hours(6)));
    check(Error::Permission { page: page(), code: 10, help: "grant it" }, 0, ("permission", true, minutes(15)));
    check(Error::NotFound { page: page(), code: 100 }, 0, ("not-found", true, minutes(15)));
    check(transient(), 0, ("transient", false, EVERY));
    check(transient(), 1, ("transient", false, EVERY * 2));
    check(transient(), 2, ("transient", true, EVERY * 4));
    check(transient(), 40, ("transient", true, minutes(15)));
    check(throttled(900), 0, ("throttled", false, minutes(15)));
    check(throttled(7200), 0, ("throttled", true, hours(2)));
}

#[test]
fn a_poll_that_listed_the_posts_is_read_and_says_what_it_left_out() {
    let gaps = Coverage { gaps: vec!["replies".to_owned()], ..Coverage::default() };
    let ending = |worst, coverage: &Coverage| super::ending(&tally(true, worst), coverage, 0, EVERY);
    assert_eq!(ending(None, &Coverage::default()).outcome, PollOutcome::Ok);
    assert_eq!(ending(Some(transient()), &gaps).outcome, PollOutcome::Partial);
    assert_eq!(ending(Some(throttled(300)), &gaps).wait, Some(Duration::from_secs(300)));
    let blind = ending(None, &Coverage { blind: true, ..Coverage::default() });
    assert_eq!((blind.outcome, blind.trouble.map(|trouble| trouble.down)), (PollOutcome::Blind, Some(true)));
}

#[test]
fn what_the_platform_asked_for_is_waited_out_even_after_a_start() {
    let health = |quiet| store::PageHealth {
        next_poll: Some(at(10)),
        quiet,
        failures: 0,
        down: None,
        last_ok: None,
        last_poll: Some(at(-1)),
        baseline_done: true,
    };
    let before_the_last_poll = at(-2);
    assert_eq!(rest_before(&health(false), false, before_the_last_poll), None, "the clock was put back");
    assert!(rest_before(&health(true), false, before_the_last_poll).is_some(), "but the platform asked for quiet");
    assert_eq!(rest_before(&health(true), true, at(0)), Some(Duration::from_secs(10 * 60)));
    assert_eq!(rest_before(&health(false), true, at(0)), None);
    assert_eq!(rest_before(&health(false), false, at(0)), Some(Duration::from_secs(10 * 60)));
    assert_eq!(rest_before(&health(false), false, at(10)), None);
    assert_eq!(rest_before(&health(false), false, at(-99_999)), None, "the clock went backwards");
}

#[test]
fn a_budget_that_runs_low_halves_the_pace() {
    for (pace, want) in [(Pace::Full, EVERY), (Pace::Slow, EVERY * 2), (Pace::UrgentOnly, EVERY * 2)] {
        assert_eq!(unhurried(EVERY, pace), want);
    }
}

#[test]
fn only_news_is_judged() {
    let known = |news, backlog| Known { news, fresh: true, touch: false, backlog, replies_read: false };
    let said = comment("c1", "x");
    let own = Comment { by_page: true, ..said.clone() };
    let fate = |comment: &Comment, news, backlog| super::fate(comment, known(news, backlog), Backlog::Baseline);
    assert_eq!(fate(&said, News::New, false), Some(Fate::Judge));
    assert_eq!(fate(&said, News::New, true), Some(Fate::Baseline));
    assert_eq!(fate(&said, News::Edited, false), Some(Fate::Judge));
    assert_eq!(fate(&said, News::Same, false), None);
    assert_eq!(fate(&own, News::New, true), Some(Fate::Keep));
    assert_eq!(fate(&own, News::Edited, false), Some(Fate::Keep));
}
