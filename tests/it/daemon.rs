//! Stories of the whole daemon over the simulated platforms: what people would see who own a page. In: a scenario and a
//! clock that only the story moves. Out: what stands at the platforms, what the store says, what people are told.
//! Not here: what words mean (the lexicons' examples), and the workers' own corner cases, which sit beside them.

use std::fmt::Write as _;
use std::fs;

use chaperone::clock::SignedDuration;
use chaperone::comment::Platform;
use chaperone::daemon;
use chaperone::policy::Action;
use chaperone::sim::{Act, Fault, FaultRule, Scenario};
use chaperone::store;
use chaperone::store::report::OutcomeState;

use crate::support::{
    Bench, COMPLAINT, CRY, FACEBOOK, INSTAGRAM, KIND, NAMED, NUMBER, Practice, THREAT, TIKTOK, scenario, write,
};

/// A post `p` on Facebook an hour before the watch begins, with these comments, five minutes old.
fn on_facebook(comments: &[(&str, &str)]) -> Scenario {
    scenario(&[FACEBOOK], &with_comments("fb", comments))
}

fn on_instagram(comments: &[(&str, &str)]) -> Scenario {
    scenario(&[FACEBOOK, INSTAGRAM], &with_comments("ig", comments))
}

fn on_tiktok(comments: &[(&str, &str)]) -> Scenario {
    scenario(&[TIKTOK], &with_comments("tt", comments))
}

fn with_comments(page: &str, comments: &[(&str, &str)]) -> String {
    let mut text =
        format!("post = [{{ key = \"p\", page = \"{page}\", at = \"+07:00\", text = \"News\" }}]\ncomment = [\n");
    for (key, words) in comments {
        let _ = writeln!(
            text,
            "{{ key = \"{key}\", post = \"p\", at = \"+07:55\", author = \"Jo\", text = \"{words}\" }},"
        );
    }
    text + "]"
}

/// A post on each of the three pages, keyed like its page with an `-p`, and a clock that stands before any comment.
fn everywhere(rest: &str) -> Scenario {
    let posts = "post = [
  { key = \"fb-p\", page = \"fb\", at = \"+07:00\", text = \"News\" },
  { key = \"ig-p\", page = \"ig\", at = \"+07:00\", text = \"News\" },
  { key = \"tt-p\", page = \"tt\", at = \"+07:00\", text = \"News\" },
]\n";
    scenario(&[FACEBOOK, INSTAGRAM, TIKTOK], &format!("{posts}{rest}"))
}

const PLACES: [(Platform, &str); 3] =
    [(Platform::Facebook, "fb"), (Platform::Instagram, "ig"), (Platform::TikTok, "tt")];

// --- What is done, and what is not ---------------------------------------------------------------------------------

#[tokio::test]
async fn what_the_policy_forbids_is_gone_or_hidden_after_one_step_and_seen_to_be() {
    let bench = Bench::new(on_facebook(&[("nasty", COMPLAINT), ("named", NAMED), ("kind", KIND)])).await;
    bench.step().await;
    assert_eq!((bench.stands("nasty"), bench.stands("named"), bench.stands("kind")), ("gone", "hidden", "up"));
    assert_eq!(bench.outcome("nasty").await, "delete done delete");
    assert_eq!(bench.outcome("named").await, "hide done hide");
    assert_eq!(bench.outcome("kind").await, "none");
    assert!(bench.incident("named").await.is_some_and(|incident| incident.outcome.verified_at.is_some()));
}

#[tokio::test]
async fn in_observe_mode_the_platform_sees_no_write_at_all() {
    let mut day = Scenario::day().expect("the shipped day");
    let events = day.comments.len();
    day.faults.clear();
    let bench = Bench::of(day, Practice { mode: "observe", ..Practice::default() }).await;
    bench.step_at(6, 40).await;
    bench.strides(80, 12).await;
    let incidents = bench.period().await.incidents;
    let observed = incidents.iter().filter(|incident| incident.outcome.state == OutcomeState::Observed).count();
    assert!(events > 100 && observed > 5, "{observed} of {events} comments: the day was not played");
    let world = bench.sim.world();
    assert_eq!(world.writes(), []);
    let wrote = world.requests().iter().find(|seen| seen.method != "GET" && !seen.route.contains("token"));
    assert!(wrote.is_none(), "{wrote:?}");
}

#[tokio::test]
async fn tiktok_never_deletes_but_hides_and_asks_a_human() {
    let bench = Bench::new(on_tiktok(&[("nasty", COMPLAINT)])).await;
    bench.step().await;
    bench.minutes(3).await;
    assert_eq!(bench.stands("nasty"), "hidden");
    assert_eq!(bench.acts("nasty"), [Act::Hide]);
    assert_eq!(bench.outcome("nasty").await, "delete done hide");
    let note = bench.incident("nasty").await.and_then(|incident| incident.outcome.note).unwrap_or_default();
    assert!(note.contains("delete it in the app"), "{note}");
}

#[tokio::test]
async fn replies_on_tiktok_are_read_and_hidden_before_their_parent_buries_them() {
    let mut text = with_comments("tt", &[("nasty", NAMED)]);
    text.truncate(text.len() - 1);
    for number in 0..5 {
        let _ = writeln!(
            text,
            "{{ key = \"reply{number}\", reply_to = \"nasty\", at = \"+07:56\", author = \"Al\", text = \"{COMPLAINT}\" }},"
        );
    }
    let bench = Bench::new(scenario(&[TIKTOK], &(text + "]"))).await;
    // Three replies come along with their parent; the others must be asked for, and the first time that fails.
    let busy = FaultRule::always("busy", Fault::Internal { code: 50_000 }).route("reply").next(1);
    bench.sim.world().fault_on(busy);
    bench.step().await;
    bench.strides(12, 10).await;
    let hidden: Vec<&str> = (0..5).map(|number| bench.stands(&format!("reply{number}"))).collect();
    assert_eq!((hidden, bench.stands("nasty")), (vec!["hidden"; 5], "hidden"));
    let last = bench.sim.world().writes().last().map(|write| write.target.clone());
    assert_eq!(last, Some(bench.id("nasty")));
    bench.assert_nothing_done_twice();
}

#[tokio::test]
async fn safeguarding_is_never_deleted_and_told_at_once() {
    let both = format!("{CRY}, {COMPLAINT}");
    let bench = Bench::new(on_facebook(&[("cry", CRY), ("both", &both)])).await;
    assert_eq!(bench.letters("alert").len(), 0);
    bench.step().await;
    let told = bench.letters("alert");
    assert!(told.iter().any(|path| path.extension().is_some_and(|ending| ending == "txt")), "{told:?}");
    bench.minutes(30).await;
    assert_eq!((bench.stands("cry"), bench.stands("both")), ("up", "up"));
    assert_eq!(bench.sim.world().writes(), []);
}

#[tokio::test]
async fn safeguarding_with_an_identifier_is_hidden_to_cover_it_and_not_deleted() {
    let both = format!("{CRY}, {NUMBER}");
    let bench = Bench::new(on_facebook(&[("both", &both)])).await;
    bench.step().await;
    assert_eq!((bench.stands("both"), bench.acts("both")), ("hidden", vec![Act::Hide]));
    assert!(!bench.letters("alert").is_empty());
}

#[tokio::test]
async fn a_threat_is_deleted_and_told_at_once() {
    let bench = Bench::new(on_instagram(&[("threat", THREAT)])).await;
    bench.step().await;
    assert_eq!(bench.stands("threat"), "gone");
    assert!(!bench.letters("alert").is_empty());
}

#[tokio::test]
async fn the_brake_turns_deletes_into_hides_and_hides_into_escalations_and_tells() {
    let comments = [("one", COMPLAINT), ("two", COMPLAINT), ("three", COMPLAINT), ("four", NAMED)];
    let more = "[brake]\ndeletes_per_day = 1\nhides_per_day = 1";
    let bench = Bench::of(on_facebook(&comments), Practice { more, ..Practice::default() }).await;
    bench.step().await;
    bench.minutes(10).await;
    let mut stand: Vec<&str> = comments.iter().map(|(key, _)| bench.stands(key)).collect();
    stand.sort_unstable();
    assert_eq!(stand, ["gone", "hidden", "up", "up"]);
    let mut outcomes = Vec::new();
    for (key, _) in comments {
        outcomes.push(bench.outcome(key).await);
    }
    assert_eq!(outcomes.iter().filter(|outcome| outcome.ends_with("dead escalate")).count(), 2, "{outcomes:?}");
    assert_eq!(bench.notices("brake").await.len(), 1);
}

#[tokio::test]
async fn comments_on_reels_and_on_single_photos_of_an_album_are_judged() {
    let posts = format!(
        "post = [
  {{ key = \"reel\", page = \"fb\", at = \"+07:00\", shape = \"reel\", text = \"A day with us\" }},
  {{ key = \"album\", page = \"fb\", at = \"+07:00\", text = \"Coffee morning\" }},
  {{ key = \"photo\", page = \"fb\", at = \"+07:00\", shape = \"photo\", album = \"album\" }},
  {{ key = \"photo2\", page = \"fb\", at = \"+07:00\", shape = \"photo\", album = \"album\" }},
]
comment = [
  {{ key = \"on-reel\", post = \"reel\", at = \"+08:02\", author = \"Jo\", text = \"{COMPLAINT}\" }},
  {{ key = \"on-photo\", post = \"photo2\", at = \"+08:02\", author = \"Jo\", text = \"{COMPLAINT}\" }},
]"
    );
    let bench = Bench::new(scenario(&[FACEBOOK], &posts)).await;
    bench.step().await;
    bench.minutes(5).await;
    assert_eq!((bench.stands("on-reel"), bench.stands("on-photo")), ("gone", "gone"));
}

#[tokio::test]
async fn a_visitors_post_is_judged_and_where_it_cannot_be_removed_a_human_is_asked() {
    for (deletable, stands, outcome) in [(true, "gone", "delete done delete"), (false, "hidden", "delete done hide")] {
        let posts = format!(
            "knobs = {{ visitor_posts_deletable = {deletable} }}
post = [
  {{ key = \"rant\", page = \"fb\", at = \"+07:50\", shape = \"visitor\", author = \"Gaz\", text = \"{COMPLAINT}\" }},
  {{ key = \"glove\", page = \"fb\", at = \"+07:50\", shape = \"visitor\", author = \"Lin\", text = \"{KIND}\" }},
]
comment = [{{ key = \"under\", post = \"glove\", at = \"+07:55\", author = \"Jo\", text = \"{NAMED}\" }}]"
        );
        let bench = Bench::new(scenario(&[FACEBOOK], &posts)).await;
        bench.step().await;
        bench.minutes(10).await;
        assert_eq!((bench.stands("rant"), bench.outcome("rant").await.as_str()), (stands, outcome));
        assert_eq!((bench.stands("glove"), bench.stands("under")), ("up", "hidden"));
    }
}

#[tokio::test]
async fn the_pages_own_replies_are_left_alone() {
    let mut rows = String::new();
    for (_, page) in PLACES {
        let _ = writeln!(
            rows,
            "{{ key = \"{page}-kind\", post = \"{page}-p\", at = \"+07:55\", author = \"Jo\", text = \"{KIND}\" }},
             {{ key = \"{page}-own\", reply_to = \"{page}-kind\", at = \"+07:56\", text = \"{COMPLAINT}\" }},
             {{ key = \"{page}-self\", post = \"{page}-p\", at = \"+07:57\", text = \"{COMPLAINT}\" }},"
        );
    }
    let bench = Bench::new(everywhere(&format!("comment = [\n{rows}]"))).await;
    bench.step().await;
    bench.minutes(15).await;
    for (_, page) in PLACES {
        assert_eq!(bench.coverage(page).await.failed, 0);
        for key in ["own", "self"] {
            let key = format!("{page}-{key}");
            assert_eq!((bench.stands(&key), bench.outcome(&key).await.as_str()), ("up", "none"), "{key}");
        }
    }
}

// --- People change their minds ---------------------------------------------------------------------------------------

#[tokio::test]
async fn an_edit_is_noticed_and_judged_again() {
    for scenario in [on_facebook(&[("c", KIND)]), on_instagram(&[("c", KIND)])] {
        let bench = Bench::new(scenario).await;
        bench.step().await;
        assert_eq!(bench.outcome("c").await, "none");
        assert!(bench.sim.world().edit("c", COMPLAINT));
        bench.minutes(1).await;
        assert_eq!((bench.stands("c"), bench.outcome("c").await.as_str()), ("gone", "delete done delete"));
    }
}

#[tokio::test]
async fn a_hidden_comment_that_is_edited_into_a_harmless_one_is_left_to_people() {
    let bench = Bench::new(on_facebook(&[("c", NAMED)])).await;
    bench.step().await;
    assert!(bench.sim.world().edit("c", KIND));
    bench.minutes(10).await;
    assert_eq!((bench.stands("c"), bench.acts("c")), ("hidden", vec![Act::Hide]));
    assert_eq!(bench.notices("edited").await.len(), 1);
}

#[tokio::test]
async fn a_comment_hidden_by_hand_is_left_alone() {
    let bench = Bench::new(on_facebook(&[("c", NAMED), ("kind", KIND)])).await;
    assert!(bench.sim.world().hide_by_hand("c") && bench.sim.world().hide_by_hand("kind"));
    bench.step().await;
    bench.minutes(10).await;
    assert_eq!((bench.outcome("c").await.as_str(), bench.stands("kind")), ("hide already -", "hidden"));
    assert_eq!(bench.sim.world().writes(), []);
}

#[tokio::test]
async fn what_staff_show_again_is_not_hidden_again() {
    for scenario in [on_facebook(&[("c", NAMED)]), on_instagram(&[("c", NAMED)]), on_tiktok(&[("c", NAMED)])] {
        let mut bench = Bench::new(scenario).await;
        bench.step().await;
        bench.minutes(5).await;
        assert_eq!(bench.stands("c"), "hidden");
        assert!(bench.sim.world().unhide_by_hand("c"));
        bench.minutes(10).await;
        bench.restart().await;
        bench.strides(20, 60).await;
        assert_eq!((bench.stands("c"), bench.acts("c")), ("up", vec![Act::Hide]));
    }
}

#[tokio::test]
async fn what_staff_show_again_stays_up_whatever_becomes_of_its_text_on_the_way() {
    for fault in [Fault::LoneSurrogate, Fault::NullText, Fault::NulInText] {
        for scenario in [on_facebook(&[("c", NAMED)]), on_instagram(&[("c", NAMED)]), on_tiktok(&[("c", NAMED)])] {
            let bench = Bench::new(scenario).await;
            bench.step().await;
            bench.minutes(5).await;
            assert_eq!(bench.stands("c"), "hidden");
            assert!(bench.sim.world().unhide_by_hand("c"));
            bench.minutes(5).await;
            bench.sim.world().fault_on(FaultRule::always("garbled", fault.clone()));
            bench.minutes(12).await;
            bench.sim.world().all_faults_off();
            bench.strides(20, 30).await;
            assert_eq!((bench.stands("c"), bench.acts("c")), ("up", vec![Act::Hide]), "{fault:?}");
        }
    }
}

#[tokio::test]
async fn what_staff_show_again_may_come_back_after_an_edit_but_its_new_words_are_judged() {
    let bench = Bench::new(on_facebook(&[("back", NAMED), ("worse", NAMED)])).await;
    bench.step().await;
    bench.minutes(5).await;
    for key in ["back", "worse"] {
        assert!(bench.sim.world().unhide_by_hand(key));
    }
    bench.minutes(5).await;
    assert!(bench.sim.world().edit("back", KIND) && bench.sim.world().edit("worse", &format!("{NAMED}, the fool")));
    bench.minutes(5).await;
    assert!(bench.sim.world().edit("back", NAMED));
    bench.minutes(5).await;
    assert_eq!((bench.stands("back"), bench.stands("worse")), ("up", "hidden"));
}

#[tokio::test]
async fn a_facebook_comment_whose_author_nobody_names_is_hidden_where_it_would_be_deleted() {
    let rows = format!(
        "comment = [
  {{ key = \"nasty\", post = \"fb-p\", at = \"+07:55\", author = \"Jo\", text = \"{COMPLAINT}\" }},
  {{ key = \"own\", reply_to = \"nasty\", at = \"+07:56\", text = \"{COMPLAINT}\" }},
  {{ key = \"ig-nasty\", post = \"ig-p\", at = \"+07:55\", author = \"Jo\", text = \"{COMPLAINT}\" }},
]"
    );
    let bench = Bench::new(everywhere(&rows)).await;
    bench.sim.world().fault_on(FaultRule::always("nameless", Fault::MissingFrom));
    bench.step().await;
    bench.minutes(10).await;
    assert_eq!((bench.stands("nasty"), bench.stands("own"), bench.stands("ig-nasty")), ("hidden", "up", "gone"));
    assert!(!bench.acts("own").contains(&Act::Delete));
    let note = bench.incident("nasty").await.and_then(|incident| incident.outcome.note).unwrap_or_default();
    assert!(note.contains("delete it yourself"), "{note}");
}

#[tokio::test]
async fn the_backlog_is_remembered_and_not_judged() {
    let practice = Practice { backlog: "baseline", ..Practice::default() };
    let bench = Bench::of(on_facebook(&[("old", COMPLAINT)]), practice).await;
    bench.step().await;
    bench.comments("new", "p", COMPLAINT);
    bench.minutes(5).await;
    assert_eq!((bench.stands("old"), bench.stands("new")), ("up", "gone"));
    let coverage = bench.coverage("fb").await;
    assert_eq!((coverage.baseline, coverage.new_comments), (1, 1));
}

#[tokio::test]
async fn a_text_of_the_backlog_that_comes_late_is_no_edit() {
    let practice = Practice { backlog: "baseline", ..Practice::default() };
    let bench = Bench::of(on_facebook(&[("old", COMPLAINT)]), practice).await;
    bench.sim.world().fault_on(FaultRule::always("withheld", Fault::NullText));
    bench.step().await;
    bench.sim.world().all_faults_off();
    bench.minutes(5).await;
    assert_eq!((bench.stands("old"), bench.outcome("old").await.as_str()), ("up", "none"));
    assert!(bench.sim.world().edit("old", NAMED));
    bench.minutes(2).await;
    assert_eq!(bench.stands("old"), "hidden");
}

#[tokio::test]
async fn an_edited_comment_of_the_backlog_is_judged() {
    let practice = Practice { backlog: "baseline", ..Practice::default() };
    let bench = Bench::of(on_facebook(&[("old", KIND), ("still", COMPLAINT)]), practice).await;
    bench.step().await;
    assert!(bench.sim.world().edit("old", COMPLAINT));
    bench.minutes(2).await;
    assert_eq!((bench.stands("old"), bench.stands("still")), ("gone", "up"));
}

// --- What it costs -----------------------------------------------------------------------------------------------

/// Several posts, one of them with more comments than come along with a listing of posts.
fn busy(page: &str, pages: &[&str]) -> Scenario {
    let (mut posts, mut comments) = (String::new(), String::new());
    for (post, count) in [("a", 60), ("b", 51), ("c", 3), ("d", 0)] {
        let _ = writeln!(posts, "{{ key = \"{post}\", page = \"{page}\", at = \"+05:00\", text = \"News\" }},");
        for number in 0..count {
            let _ = writeln!(
                comments,
                "{{ key = \"{post}{number}\", post = \"{post}\", at = \"+06:{number:02}\", author = \"Jo\", text = \"{KIND}\" }},"
            );
        }
    }
    scenario(pages, &format!("post = [\n{posts}]\ncomment = [\n{comments}]").replace("+06:60", "+06:59"))
}

#[tokio::test]
async fn a_quiet_facebook_or_instagram_page_costs_one_listing_call_a_cycle() {
    for (page, scenario) in [("fb", busy("fb", &[FACEBOOK])), ("ig", busy("ig", &[FACEBOOK, INSTAGRAM]))] {
        let bench = Bench::new(scenario).await;
        bench.step().await;
        assert_eq!(bench.coverage(page).await.new_comments, 114, "{page}");
        let mut calls = Vec::new();
        for _ in 0..25 {
            let before = bench.requests_of(page);
            bench.minutes(1).await;
            calls.push(bench.requests_of(page) - before);
        }
        assert_eq!(calls, [1; 25], "{page}");
    }
}

// --- When platforms fail -------------------------------------------------------------------------------------------

#[tokio::test]
async fn a_lie_is_found_out_and_told() {
    let bench = Bench::new(on_facebook(&[("nasty", COMPLAINT)])).await;
    bench.sim.world().fault_on(FaultRule::always("lie", Fault::Lie));
    bench.step().await;
    assert_eq!((bench.stands("nasty"), bench.outcome("nasty").await.as_str()), ("up", "delete due -"));
    bench.strides(60, 30).await;
    assert_eq!((bench.stands("nasty"), bench.outcome("nasty").await.as_str()), ("up", "delete dead escalate"));
    let incident = bench.incident("nasty").await.expect("an incident");
    assert!(incident.outcome.note.is_some_and(|note| note.contains("in the app")));
    assert!(bench.acts("nasty").len() <= 10, "{} tries", bench.acts("nasty").len());
    let now = bench.clock.now();
    let digest = bench.daemon().herald().digest(now - SignedDuration::from_hours(48), now).await.expect("a digest");
    assert!(digest.needs.iter().any(|item| item.number == incident.number), "nobody is asked to do it");
}

#[tokio::test]
async fn a_time_out_after_the_side_effect_does_nothing_twice() {
    let cases = [(on_facebook(&[("c", COMPLAINT)]), Act::Delete), (on_facebook(&[("c", NAMED)]), Act::Hide)];
    let more = [(on_instagram(&[("c", COMPLAINT)]), Act::Delete), (on_tiktok(&[("c", NAMED)]), Act::Hide)];
    for (scenario, act) in cases.into_iter().chain(more) {
        let bench = Bench::new(scenario).await;
        bench.sim.world().fault_on(FaultRule::always("slow", Fault::TimeoutAfterSideEffect).next(1));
        bench.step().await;
        bench.minutes(20).await;
        assert_eq!(bench.acts("c"), [act]);
        let outcome = bench.incident("c").await.expect("an incident").outcome;
        let done = if act == Act::Hide { Action::Hide } else { Action::Delete };
        assert_eq!((outcome.state, outcome.achieved), (OutcomeState::Done, Some(done)));
    }
}

#[tokio::test]
async fn a_refused_token_stops_that_page_only_and_tells_a_human_once() {
    let bench = Bench::new(everywhere("")).await;
    bench.step().await;
    bench.sim.world().revoke_token("tt", 460);
    for (_, page) in PLACES {
        bench.comments(&format!("{page}-nasty"), &format!("{page}-p"), COMPLAINT);
    }
    bench.minutes(5).await;
    assert_eq!((bench.stands("fb-nasty"), bench.stands("ig-nasty"), bench.stands("tt-nasty")), ("gone", "gone", "up"));
    let before = bench.requests_of("tt");
    bench.strides(36, 10).await;
    let calls = bench.requests_of("tt") - before;
    assert!((1..=20).contains(&calls), "{calls} calls with a dead token");
    let told = bench.notices("token").await;
    assert_eq!(told.len(), 1, "{told:?}");
    let down = bench.coverage("tt").await.down.expect("it is told as down");
    assert!(!down.help.is_empty());
    assert!(bench.coverage("fb").await.down.is_none() && bench.coverage("ig").await.down.is_none());
}

#[tokio::test]
async fn an_expired_tiktok_token_is_renewed_and_nobody_notices() {
    let mut text = with_comments("tt", &[]);
    let _ = write!(text, "\nexpire = [{{ page = \"tt\", at = \"+08:03\" }}]");
    let mut bench = Bench::new(scenario(&[TIKTOK], &text)).await;
    bench.step().await;
    bench.minutes(2).await;
    let pairs = bench.sim.world().tiktok_pairs().len();
    bench.comments("nasty", "p", COMPLAINT);
    bench.minutes(4).await;
    assert!(bench.sim.world().tiktok_pairs().len() > pairs, "the token never ran out");
    assert_eq!(bench.stands("nasty"), "hidden");
    bench.restart().await;
    bench.comments("again", "p", COMPLAINT);
    bench.minutes(3).await;
    assert_eq!(bench.stands("again"), "hidden");
    let coverage = bench.coverage("tt").await;
    assert_eq!((coverage.failed, coverage.unread.len(), coverage.down), (0, 0, None));
    assert_eq!(bench.period().await.notices, []);
}

#[tokio::test]
async fn a_throttled_page_waits_as_long_as_it_was_told() {
    for (page, platform, minutes) in [("fb", Platform::Facebook, 20), ("tt", Platform::TikTok, 5)] {
        let mut bench = Bench::new(everywhere("")).await;
        bench.step().await;
        // Something is owed already, and its next try falls into the quiet.
        bench.comments("owed", &format!("{page}-p"), NAMED);
        bench.sim.world().fault_on(FaultRule::always("lie", Fault::Lie).next(3));
        bench.minutes(4).await;
        let quiet = Fault::Throttle { code: None, minutes: Some(minutes), limit: None };
        bench.sim.world().fault_on(FaultRule::always("quiet", quiet).on(platform).next(1));
        bench.comments("nasty", &format!("{page}-p"), COMPLAINT);
        bench.minutes(1).await;
        let before = bench.requests_of(page);
        assert_eq!(bench.outcome("owed").await.split(' ').nth(1), Some("due"), "{page}");
        bench.restart().await;
        bench.minutes(minutes - 1).await;
        assert_eq!(bench.requests_of(page) - before, 0, "{page} was not left alone");
        assert_eq!((bench.stands("nasty"), bench.stands("owed")), ("up", "up"));
        bench.minutes(6).await;
        assert_eq!((bench.stands("nasty") != "up", bench.stands("owed")), (true, "hidden"), "{page}");
    }
}

#[tokio::test]
async fn a_page_whose_writes_are_blocked_is_left_alone_for_hours_and_told_once() {
    let bench = Bench::new(on_facebook(&[("one", COMPLAINT), ("two", NAMED)])).await;
    bench.sim.world().fault_on(FaultRule::always("blocked", Fault::WritesBlocked368));
    bench.step().await;
    bench.strides(30, 10).await;
    let tries = bench.sim.world().requests().iter().filter(|seen| seen.method != "GET").count();
    assert_eq!((tries, bench.notices("error").await.len()), (1, 1));
    bench.sim.world().all_faults_off();
    bench.strides(10, 10).await;
    assert_eq!((bench.stands("one"), bench.stands("two")), ("gone", "hidden"));
}

#[tokio::test]
async fn a_comment_that_its_author_takes_back_first_is_nobodys_deed() {
    let bench = Bench::new(on_instagram(&[("nasty", COMPLAINT)])).await;
    bench
        .sim
        .world()
        .fault_on(FaultRule::always("busy", Fault::Internal { code: 2 }).route("instagram.comment").next(2));
    bench.step().await;
    assert!(bench.sim.world().delete_by_author("nasty"));
    bench.minutes(10).await;
    assert_eq!(bench.outcome("nasty").await, "delete already -");
    assert_eq!(bench.sim.world().writes(), []);
}

#[tokio::test]
async fn a_blind_page_is_told_as_blind() {
    let text = format!(
        "post = [
  {{ key = \"p\", page = \"fb\", at = \"+07:00\", text = \"News\", surplus = 3 }},
  {{ key = \"q\", page = \"fb\", at = \"+07:10\", text = \"More\", surplus = 2 }},
  {{ key = \"glove\", page = \"fb\", at = \"+07:50\", shape = \"visitor\", author = \"Lin\", text = \"{KIND}\" }},
]
comment = [
  {{ key = \"nasty\", post = \"p\", at = \"+07:55\", author = \"Jo\", text = \"{COMPLAINT}\" }},
  {{ key = \"kind\", post = \"p\", at = \"+07:56\", author = \"Jo\", text = \"{KIND}\" }},
]"
    );
    let bench = Bench::new(scenario(&[FACEBOOK], &text)).await;
    bench.sim.world().fault_on(FaultRule::always("blind", Fault::EmptyListing));
    bench.step().await;
    bench.strides(6, 10).await;
    assert_eq!(bench.notices("blind").await.len(), 1);
    let coverage = bench.coverage("fb").await;
    assert!(coverage.down.is_some() && coverage.last_ok.is_none() && coverage.failed > 0);
    bench.sim.world().all_faults_off();
    bench.strides(8, 15).await;
    assert!(bench.coverage("fb").await.down.is_none());
    assert_eq!(bench.stands("nasty"), "gone");
}

#[tokio::test]
async fn a_page_whose_readable_comments_are_all_deleted_is_calm_and_not_blind() {
    let text = format!(
        "post = [
  {{ key = \"p\", page = \"fb\", at = \"+07:00\", text = \"News\", surplus = 3 }},
  {{ key = \"q\", page = \"fb\", at = \"+07:10\", text = \"More\", surplus = 2 }},
]
comment = [{{ key = \"nasty\", post = \"p\", at = \"+07:55\", author = \"Jo\", text = \"{COMPLAINT}\" }}]"
    );
    let bench = Bench::new(scenario(&[FACEBOOK], &text)).await;
    bench.step().await;
    assert_eq!(bench.stands("nasty"), "gone");
    bench.minutes(10).await;
    let coverage = bench.coverage("fb").await;
    assert_eq!((bench.notices("blind").await, coverage.failed, coverage.down), (vec![], 0, None));
    bench.comments("again", "q", COMPLAINT);
    bench.minutes(1).await;
    assert_eq!(bench.stands("again"), "gone");
}

#[tokio::test]
async fn a_page_that_goes_blind_is_told_and_read_at_its_usual_pace() {
    let text = "post = [
  { key = \"p\", page = \"ig\", at = \"+07:00\", text = \"News\" },
  { key = \"q\", page = \"ig\", at = \"+07:10\", text = \"More\" },
]
comment = [
  { key = \"one\", post = \"p\", at = \"+07:55\", author = \"Jo\", text = \"Ta\" },
  { key = \"two\", post = \"q\", at = \"+07:55\", author = \"Jo\", text = \"Ta\" },
]";
    let bench = Bench::new(scenario(&[FACEBOOK, INSTAGRAM], text)).await;
    bench.step().await;
    bench.sim.world().fault_on(FaultRule::always("blind", Fault::EmptyListing));
    bench.minutes(2).await;
    bench.comments("nasty", "p", COMPLAINT);
    bench.minutes(5).await;
    assert!(bench.coverage("ig").await.down.is_some());
    assert_eq!(bench.notices("blind").await.len(), 1);
    bench.sim.world().all_faults_off();
    bench.minutes(1).await;
    assert!(bench.coverage("ig").await.down.is_none());
    bench.minutes(1).await;
    assert_eq!(bench.stands("nasty"), "gone");
}

/// What came of the answers of one platform being garbled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Garbled {
    platform: Platform,
    /// Polls that failed.
    failed: u64,
    /// Items that were put aside.
    malformed: u64,
    /// What had to be taken down was taken down meanwhile.
    acted: bool,
}

/// While one platform's answers are garbled the others are watched as ever; nothing harmless is touched anywhere; and
/// afterwards everything is found that stood there meanwhile. Says what came of each of the three.
async fn garbled(fault: Fault) -> Vec<Garbled> {
    let bench = Bench::new(everywhere("")).await;
    bench.step().await;
    let mut counted = Vec::new();
    for (platform, ours) in PLACES {
        let rule = FaultRule::always("garbled", fault.clone()).on(platform);
        bench.sim.world().fault_on(FaultRule { method: Some("GET".to_owned()), ..rule });
        let round = platform.id();
        for (_, page) in PLACES {
            bench.comments(&format!("{page}-{round}-kind"), &format!("{page}-p"), KIND);
            bench.comments(&format!("{page}-{round}-nasty"), &format!("{page}-p"), COMPLAINT);
        }
        bench.minutes(4).await;
        for (other, page) in PLACES.into_iter().filter(|(other, _)| *other != platform) {
            assert_ne!(bench.stands(&format!("{page}-{round}-nasty")), "up", "{fault:?} on {platform} stopped {other}");
        }
        let acted = bench.stands(&format!("{ours}-{round}-nasty")) != "up";
        bench.sim.world().all_faults_off();
        bench.strides(10, 10).await;
        let coverage = bench.coverage(ours).await;
        counted.push(Garbled { platform, failed: coverage.failed, malformed: coverage.malformed, acted });
    }
    for (platform, page) in PLACES {
        for (round, _) in PLACES {
            // TikTok deletes nothing, and on Facebook an author whom nobody names might be the page itself.
            let nameless = platform == Platform::Facebook && round == platform && fault == Fault::MissingFrom;
            let nasty = if platform == Platform::TikTok || nameless { "hidden" } else { "gone" };
            let key = format!("{page}-{}", round.id());
            assert_eq!(bench.stands(&format!("{key}-kind")), "up", "{key} under {fault:?}");
            assert_eq!(bench.stands(&format!("{key}-nasty")), nasty, "{key} under {fault:?}");
        }
    }
    bench.assert_nothing_done_twice();
    counted
}

#[tokio::test]
async fn answers_that_are_no_json_are_counted_as_failed_and_made_good() {
    for fault in [Fault::HtmlInsteadOfJson { status: 502 }, Fault::Truncated, Fault::NotJson, Fault::EmptyBody] {
        let garbled = garbled(fault.clone()).await;
        assert!(garbled.iter().all(|one| one.failed > 0 && !one.acted), "{fault:?}: {garbled:?}");
    }
}

#[tokio::test]
async fn one_broken_character_hides_no_other_comment() {
    for fault in [Fault::NulInText, Fault::LoneSurrogate] {
        let garbled = garbled(fault.clone()).await;
        assert!(garbled.iter().all(|one| one.failed == 0 && one.acted), "{fault:?}: {garbled:?}");
    }
}

#[tokio::test]
async fn a_text_that_is_withheld_is_judged_when_it_comes() {
    let garbled = garbled(Fault::NullText).await;
    assert!(garbled.iter().all(|one| one.failed == 0 && !one.acted), "{garbled:?}");
}

#[tokio::test]
async fn a_text_of_sixty_kilobytes_is_judged_like_any_other() {
    let garbled = garbled(Fault::HugeText).await;
    assert!(garbled.iter().all(|one| one.failed == 0 && one.acted), "{garbled:?}");
}

#[tokio::test]
async fn ids_times_and_authors_in_odd_shapes_change_nothing() {
    for fault in [Fault::NumericIds, Fault::UnixTimes, Fault::MissingFrom] {
        let garbled = garbled(fault.clone()).await;
        let fine = |one: &Garbled| one.failed == 0 && one.malformed == 0 && one.acted;
        assert!(garbled.iter().all(fine), "{fault:?}: {garbled:?}");
    }
}

#[tokio::test]
async fn a_comment_without_an_id_is_counted() {
    let garbled = garbled(Fault::MissingId).await;
    let graph = garbled.iter().filter(|one| one.platform != Platform::TikTok);
    assert!(graph.clone().count() == 2 && graph.clone().all(|one| one.malformed > 0 && !one.acted), "{garbled:?}");
}

#[tokio::test]
async fn listings_that_repeat_go_in_circles_or_begin_empty_are_read_to_the_end_of_what_they_hold() {
    for fault in [Fault::DuplicateItems, Fault::EndlessNext, Fault::EmptyPageWithNext] {
        let garbled = garbled(fault.clone()).await;
        // TikTok has one cursor for an empty page and for its next, so nothing is behind it while that lasts.
        let readable = |one: &&Garbled| one.platform != Platform::TikTok || fault != Fault::EmptyPageWithNext;
        assert!(garbled.iter().filter(readable).all(|one| one.acted), "{fault:?}: {garbled:?}");
    }
}

// --- The daemon dies and comes back ----------------------------------------------------------------------------------

/// A morning on three pages: something to delete, to hide, to alert, an edit, and somebody's change of mind.
fn morning() -> Scenario {
    let mut rows = String::new();
    for (_, page) in PLACES {
        for (key, at, text) in [("nasty", "+08:01", COMPLAINT), ("named", "+08:02", NAMED), ("later", "+08:03", KIND)] {
            let _ = writeln!(
                rows,
                "{{ key = \"{page}-{key}\", post = \"{page}-p\", at = \"{at}\", author = \"Jo\", text = \"{text}\" }},"
            );
        }
    }
    let rest = format!(
        "comment = [\n{rows}{{ key = \"cry\", post = \"fb-p\", at = \"+08:02\", author = \"Al\", text = \"{CRY}\" }},\n]
edit = [
  {{ comment = \"fb-later\", at = \"+08:05\", text = \"{THREAT}\" }},
  {{ comment = \"ig-later\", at = \"+08:05\", text = \"{THREAT}\" }},
]
unhide = [{{ comment = \"ig-named\", at = \"+08:08\" }}]"
    );
    everywhere(&rest)
}

const KEYS: [&str; 10] =
    ["fb-nasty", "fb-named", "fb-later", "ig-nasty", "ig-named", "ig-later", "tt-nasty", "tt-named", "tt-later", "cry"];

async fn end_state(bench: &Bench) -> Vec<String> {
    let mut lines = Vec::new();
    for key in KEYS {
        lines.push(format!("{key} {} {} {:?}", bench.stands(key), bench.outcome(key).await, bench.acts(key)));
    }
    let period = bench.period().await;
    lines.push(format!(
        "{} judged, {} notices, {} incidents",
        period.judged,
        period.notices.len(),
        period.incidents.len()
    ));
    lines
}

#[tokio::test]
async fn a_restart_resumes_exactly_where_it_was() {
    let mut want = Vec::new();
    for restart_after in 0..=12 {
        let mut bench = Bench::new(morning()).await;
        bench.step().await;
        for minute in 1..=16 {
            if minute == restart_after {
                bench.restart().await;
            }
            bench.minutes(1).await;
        }
        bench.assert_nothing_done_twice();
        assert!(!bench.letters("alert").is_empty());
        let got = end_state(&bench).await;
        if want.is_empty() {
            assert!(got[0].ends_with("delete done delete [Delete]") && got[9].contains("up"), "{got:#?}");
            want = got;
        } else {
            assert_eq!(got, want, "restarted before minute {restart_after}");
        }
    }
}

/// Comments come, the process dies within the next step after so many turns, and a new one goes on. Says how everything
/// ended, and whether the step was over before that.
async fn death(platform: Platform, turns: usize) -> (Vec<String>, bool) {
    let mut bench = Bench::new(match platform {
        Platform::Facebook => on_facebook(&[]),
        Platform::Instagram => on_instagram(&[]),
        Platform::TikTok => on_tiktok(&[]),
    })
    .await;
    // TikTok's tokens are renewed here: a death between its answer and our file would cost the year's consent.
    bench.step().await;
    let words = [("nasty", COMPLAINT), ("named", NAMED), ("cry", CRY), ("kind", KIND)];
    for (key, words) in words {
        bench.comments(key, "p", words);
    }
    bench.clock.advance(SignedDuration::from_mins(1));
    let over = bench.die_within_a_step(turns).await;
    bench.minutes(12).await;
    bench.assert_nothing_done_twice();
    assert!(!bench.letters("alert").is_empty(), "nobody was told after {turns} turns");
    let mut ends = Vec::new();
    for (key, _) in words {
        ends.push(format!("{key} {} {} {:?}", bench.stands(key), bench.outcome(key).await, bench.acts(key)));
    }
    (ends, over)
}

/// The same death at every turn of a step.
async fn dying_anywhere_changes_nothing(platform: Platform, nasty: &str) {
    let (want, _) = death(platform, usize::MAX).await;
    assert_eq!(want[0], nasty);
    let mut turns = 1;
    loop {
        let (got, over) = death(platform, turns).await;
        assert_eq!(got, want, "died after {turns} turns");
        if over {
            break;
        }
        turns += 1;
    }
    assert!(turns > 10, "the step was over after {turns} turns");
}

#[tokio::test]
async fn dying_anywhere_within_a_step_on_facebook_changes_nothing() {
    dying_anywhere_changes_nothing(Platform::Facebook, "nasty gone delete done delete [Delete]").await;
}

#[tokio::test]
async fn dying_anywhere_within_a_step_on_instagram_changes_nothing() {
    dying_anywhere_changes_nothing(Platform::Instagram, "nasty gone delete done delete [Delete]").await;
}

#[tokio::test]
async fn dying_anywhere_within_a_step_on_tiktok_changes_nothing() {
    dying_anywhere_changes_nothing(Platform::TikTok, "nasty hidden delete done hide [Hide]").await;
}

#[tokio::test]
async fn what_was_observed_is_not_acted_on_when_the_practice_begins_to_enforce() {
    let mut bench =
        Bench::of(on_facebook(&[("old", COMPLAINT)]), Practice { mode: "observe", ..Practice::default() }).await;
    bench.step().await;
    assert_eq!(bench.outcome("old").await, "delete observed -");
    bench.restart_as("observe", "enforce").await;
    bench.comments("new", "p", COMPLAINT);
    bench.minutes(5).await;
    assert_eq!((bench.stands("old"), bench.stands("new")), ("up", "gone"));
}

#[tokio::test]
async fn what_is_still_owed_is_not_done_once_the_practice_only_observes() {
    let mut bench = Bench::new(on_facebook(&[("nasty", COMPLAINT)])).await;
    bench.sim.world().fault_on(FaultRule::always("busy", Fault::Internal { code: 2 }).route("facebook.comment"));
    bench.step().await;
    bench.restart_as("enforce", "observe").await;
    bench.sim.world().all_faults_off();
    bench.strides(12, 10).await;
    assert_eq!(bench.stands("nasty"), "up");
    assert_eq!(bench.sim.world().writes(), []);
}

#[tokio::test]
async fn a_second_daemon_on_the_same_store_is_refused() {
    let bench = Bench::new(on_facebook(&[("nasty", COMPLAINT)])).await;
    let second = bench.assemble().err();
    assert!(matches!(second, Some(daemon::Error::Store(store::Error::InUse { .. }))), "{second:?}");
    bench.step().await;
    assert_eq!(bench.stands("nasty"), "gone");
}

// --- Rules and digests ---------------------------------------------------------------------------------------------

#[tokio::test]
async fn a_wrong_lexicon_keeps_the_old_rules_and_the_digest_says_so() {
    let bench = Bench::new(on_facebook(&[])).await;
    bench.step().await;
    let old = fs::read_to_string(bench.file("lexicons/en/complaint.toml")).expect("a lexicon");
    write(&bench.file("lexicons/en/complaint.toml"), &old.replace("worst surgery", "(worst surgery"));
    assert!(bench.daemon().reload_rules().await.is_err());
    bench.comments("nasty", "p", COMPLAINT);
    bench.minutes(1).await;
    assert_eq!(bench.stands("nasty"), "gone");
    bench.step_at(18, 0).await;
    let letter =
        bench.letters("digest").into_iter().find(|path| path.extension().is_some_and(|ending| ending == "txt"));
    let words = fs::read_to_string(letter.expect("a digest")).expect("read");
    assert!(words.contains("refused") && words.contains("complaint.toml"), "{words}");
}

#[tokio::test]
async fn rules_that_the_store_cannot_remember_do_not_come_into_force_and_the_reload_says_so() {
    let bench = Bench::new(on_facebook(&[])).await;
    bench.step().await;
    let lexicon = bench.file("lexicons/en/complaint.toml");
    let old = fs::read_to_string(&lexicon).expect("a lexicon");
    write(&lexicon, &old.replace("\"worst surgery\"", "\"worst surgery\", \"closed again\""));
    let file = rusqlite::Connection::open(bench.file("state/chaperone.db")).expect("opens");
    file.execute_batch("alter table rule_known rename to mislaid").expect("renamed");
    let complaints = bench.daemon().reload_rules().await.expect_err("nobody knows how old they are");
    assert!(complaints[0].to_string().contains("could not be remembered"), "{complaints:?}");
    file.execute_batch("alter table mislaid rename to rule_known").expect("renamed");
    bench.daemon().reload_rules().await.expect("they come into force");
}

#[tokio::test]
async fn a_better_lexicon_judges_what_comes_after_it_and_an_example_that_fails_keeps_it_out() {
    let bench = Bench::new(on_facebook(&[])).await;
    bench.step().await;
    let old = fs::read_to_string(bench.file("lexicons/en/complaint.toml")).expect("a lexicon");
    write(&bench.file("lexicons/en/complaint.toml"), &old.replace("worst surgery", "frost on the steps"));
    assert!(bench.daemon().reload_rules().await.is_err(), "its own examples speak against it");
    let both = old.replace("\"worst surgery\"", "\"worst surgery\", \"closed again\"");
    write(&bench.file("lexicons/en/complaint.toml"), &both);
    assert!(bench.daemon().reload_rules().await.is_ok());
    bench.comments("new", "p", "Closed again!");
    bench.comments("kind", "p", KIND);
    bench.minutes(1).await;
    assert_eq!((bench.stands("new"), bench.stands("kind")), ("hidden", "up"), "a young entry deletes nothing");
}

#[tokio::test]
async fn the_digest_is_sent_once_at_its_hour_also_after_a_restart() {
    let mut bench = Bench::new(on_facebook(&[("nasty", COMPLAINT)])).await;
    let sent = |bench: &Bench| bench.letters("digest.txt").len();
    bench.step().await;
    bench.step_at(17, 59).await;
    assert_eq!(sent(&bench), 0);
    bench.step_at(18, 0).await;
    assert_eq!(sent(&bench), 1);
    bench.restart().await;
    bench.minutes(10).await;
    assert_eq!(sent(&bench), 1);
    // It is not running when the next one is due.
    bench.step_at(24 + 17, 50).await;
    bench.clock.advance(SignedDuration::from_mins(30));
    bench.restart().await;
    bench.minutes(5).await;
    assert_eq!(sent(&bench), 2);
}
