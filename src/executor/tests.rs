//! The executor against a page behind a real socket: what is asked, what is done, and what the store says of it.

use std::num::NonZeroU32;

use super::*;
use crate::comment::{Comment, CommentId, CommentText, PostId};
use crate::lexicon::Category;
use crate::policy::Action;
use crate::store::Batch;
use crate::store::fake_page::{FakePage, Fault};
use crate::store::report::{Outcome as Told, OutcomeState};
use crate::store::tests::{Place, at, batch, comment, judged, page, verdict};

struct Bench {
    place: Place,
    facebook: FakePage,
    executor: Executor,
}

impl Bench {
    async fn new() -> Self {
        let (place, facebook) = (Place::new(), FakePage::start().await);
        let executor = executor(place.open(), &facebook);
        Self { place, facebook, executor }
    }

    /// A comment that stands on the page and owes this action.
    async fn owe(&self, id: &str, action: Action) {
        self.facebook.say(id, "a1", "worst");
        let judged = judged(on_page(id, "worst"), verdict(Category::Complaint, action));
        self.executor.store.record(batch(0, vec![judged])).await.expect("records");
    }

    async fn outcomes(&self) -> Vec<Told> {
        let period = self.executor.store.period(at(-9), at(99_999), &[page()]).await.expect("reads");
        period.incidents.into_iter().map(|incident| incident.outcome).collect()
    }

    async fn notices(&self) -> Vec<String> {
        let period = self.executor.store.period(at(-9), at(99_999), &[page()]).await.expect("reads");
        period.notices.into_iter().map(|notice| notice.kind).collect()
    }

    /// The process dies here; a new one opens the same file.
    fn crash(self) -> Self {
        let Self { place, facebook, executor } = self;
        drop(executor);
        let executor = executor_again(&place, &facebook);
        Self { place, facebook, executor }
    }
}

fn executor_again(place: &Place, facebook: &FakePage) -> Executor {
    executor(place.open(), facebook)
}

fn executor(store: Store, facebook: &FakePage) -> Executor {
    Executor {
        store,
        pages: HashMap::from([(page(), facebook.api())]),
        mode: Mode::Enforce,
        brake: Brake::default(),
        replies: Vec::new(),
        zone: jiff::tz::TimeZone::UTC,
        clock: Clock::manual(at(1)),
    }
}

fn on_page(id: &str, text: &str) -> Comment {
    let mut comment = comment(&format!("p1_{id}"), text);
    comment.id = CommentId::new(format!("p1_{id}"));
    comment.post = PostId::new(format!("{}_p1", page().id));
    comment
}

#[tokio::test]
async fn what_is_owed_is_done_once_and_seen_to_be_done() {
    let bench = Bench::new().await;
    bench.owe("1", Action::Hide).await;
    bench.owe("2", Action::Delete).await;
    bench.executor.step(at(1)).await;
    assert_eq!(bench.facebook.writes(), ["POST p1_1", "DELETE p1_2"]);
    for (outcome, achieved) in bench.outcomes().await.iter().zip([Action::Hide, Action::Delete]) {
        assert_eq!((outcome.state, outcome.achieved), (OutcomeState::Done, Some(achieved)));
        assert_eq!(outcome.verified_at, Some(at(1)));
    }
    let asked = bench.facebook.state().asked.len();
    assert_eq!(bench.executor.step(at(2)).await, LONGEST_REST);
    assert_eq!(bench.facebook.state().asked.len(), asked, "nothing is asked when nothing is due");
}

#[tokio::test]
async fn observing_asks_and_touches_nothing_even_if_something_is_owed() {
    let mut bench = Bench::new().await;
    bench.owe("1", Action::Delete).await;
    bench.executor.mode = Mode::Observe;
    bench.executor.step(at(1)).await;
    assert!(bench.facebook.state().asked.is_empty());
    assert_eq!(bench.outcomes().await[0].state, OutcomeState::Due);
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_read_back_and_not_repeated() {
    let bench = Bench::new().await;
    bench.owe("1", Action::Delete).await;
    bench.facebook.state().writes.push_back(Fault::LostAnswer);
    bench.executor.step(at(1)).await;
    assert_eq!(bench.facebook.writes().len(), 1);
    assert_eq!(bench.outcomes().await[0].state, OutcomeState::Done);
}

#[tokio::test]
async fn a_platform_that_lies_is_asked_again_and_in_the_end_a_human_is() {
    let bench = Bench::new().await;
    bench.owe("1", Action::Hide).await;
    bench.facebook.state().writes.extend([Fault::Lie; 9]);
    let rest = bench.executor.step(at(1)).await;
    assert!(rest > Duration::ZERO && rest <= LONGEST_REST);
    assert_eq!(bench.outcomes().await[0].state, OutcomeState::Due);
    for minutes in 2..60 {
        bench.executor.step(at(minutes)).await;
    }
    assert_eq!(bench.facebook.writes().len(), retry::MOST_LIES as usize);
    let outcome = bench.outcomes().await.remove(0);
    assert_eq!((outcome.state, outcome.achieved), (OutcomeState::Dead, Some(Action::Escalate)));
    assert!(outcome.note.is_some_and(|note| note.contains("again and again")));
}

#[tokio::test]
async fn a_crash_before_or_after_the_write_ends_in_the_same_place() {
    for took_effect in [false, true] {
        let bench = Bench::new().await;
        bench.owe("1", Action::Hide).await;
        let claim = bench.executor.store.claim(&[page()], at(1), LEASE).await.expect("claims").expect("due");
        bench.executor.store.begin_write(&claim, Act::Hide, None, at(1)).await.expect("begins");
        bench.facebook.state().comments.get_mut("1").expect("stands there").hidden = took_effect;
        let bench = bench.crash();
        bench.executor.step(at(1)).await;
        let outcome = bench.outcomes().await.remove(0);
        assert_eq!((outcome.state, outcome.achieved), (OutcomeState::Done, Some(Action::Hide)), "{took_effect}");
        assert_eq!(bench.facebook.writes().len(), usize::from(!took_effect));
    }
}

#[tokio::test]
async fn a_delete_that_is_refused_becomes_a_hide_in_the_same_step() {
    let bench = Bench::new().await;
    bench.owe("1", Action::Delete).await;
    bench.facebook.state().writes.push_back(Fault::Code(100));
    bench.executor.step(at(1)).await;
    assert_eq!(bench.facebook.writes(), ["DELETE p1_1", "POST p1_1"]);
    let outcome = bench.outcomes().await.remove(0);
    assert_eq!((outcome.intended, outcome.achieved), (Action::Delete, Some(Action::Hide)));
    assert!(outcome.note.is_some_and(|note| note.contains("refused to delete")));
}

#[tokio::test]
async fn forbidden_writes_stop_the_whole_page_for_hours_even_over_a_restart_and_people_are_told_once() {
    let bench = Bench::new().await;
    bench.owe("1", Action::Hide).await;
    bench.owe("2", Action::Hide).await;
    bench.facebook.state().writes.push_back(Fault::Code(368));
    bench.executor.step(at(1)).await;
    let bench = bench.crash();
    bench.executor.step(at(60)).await;
    assert_eq!(bench.facebook.writes().len(), 1);
    assert_eq!(bench.notices().await, ["error"]);
    bench.executor.step(at(6 * 60 + 2)).await;
    assert!(bench.outcomes().await.iter().all(|outcome| outcome.state == OutcomeState::Done));
}

#[tokio::test]
async fn an_edited_comment_is_left_for_the_poller_to_judge_again() {
    let bench = Bench::new().await;
    bench.owe("1", Action::Delete).await;
    bench.facebook.say("1", "a1", "lovely");
    bench.executor.step(at(1)).await;
    assert_eq!(bench.outcomes().await[0].state, OutcomeState::Due);
    let mut again = judged(on_page("1", "lovely"), verdict(Category::Review, Action::Allow));
    again.comment.text = CommentText::new("lovely");
    bench.executor.store.record(Batch { seen_at: at(3), ..batch(3, vec![again]) }).await.expect("records");
    bench.executor.step(at(30)).await;
    assert!(bench.facebook.writes().is_empty());
    assert!(bench.outcomes().await.iter().all(|outcome| outcome.state == OutcomeState::Nothing));
}

#[tokio::test]
async fn what_its_author_took_down_is_gone_already() {
    let bench = Bench::new().await;
    bench.owe("1", Action::Delete).await;
    bench.facebook.state().comments.clear();
    bench.executor.step(at(1)).await;
    assert!(bench.facebook.writes().is_empty());
    let outcome = bench.outcomes().await.remove(0);
    assert_eq!((outcome.state, outcome.achieved), (OutcomeState::Already, None));
}

#[tokio::test]
async fn a_platform_that_cannot_be_read_is_never_written_to() {
    let bench = Bench::new().await;
    bench.owe("1", Action::Delete).await;
    for code in [190, 10, 1, 100] {
        bench.facebook.state().refuse_reads = Some(code);
        bench.executor.step(at(1 + code)).await;
    }
    assert!(bench.facebook.writes().is_empty());
    assert_eq!(bench.outcomes().await[0].state, OutcomeState::Due);
}

#[tokio::test]
async fn the_brake_lets_a_days_worth_through_and_tells_people_once() {
    let mut bench = Bench::new().await;
    bench.executor.brake =
        Brake { hides_per_day: NonZeroU32::new(1), deletes_per_day: NonZeroU32::new(1), ..Brake::default() };
    for id in ["1", "2", "3", "4"] {
        bench.owe(id, Action::Delete).await;
    }
    bench.executor.step(at(1)).await;
    assert_eq!(bench.facebook.writes(), ["DELETE p1_1", "POST p1_2"]);
    let achieved: Vec<_> = bench.outcomes().await.iter().filter_map(|outcome| outcome.achieved).collect();
    assert_eq!(achieved, [Action::Delete, Action::Hide, Action::Escalate, Action::Escalate]);
    assert_eq!(bench.notices().await, ["brake"]);
    bench.owe("5", Action::Delete).await;
    bench.executor.step(at(24 * 60)).await;
    assert_eq!(bench.facebook.writes().len(), 3, "a new day");
}
