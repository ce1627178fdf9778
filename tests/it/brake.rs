//! Rules that are young, and people who decide: what a bad lexicon can do on a Friday evening, and how it is taken back;
//! what a person asks for, and what becomes of it. In: simulated practices. Not here: the wording of the commands
//! (`queue`), and the limits of a day (`daemon`).

use std::fmt::Write as _;
use std::fs;

use chaperone::clock::SignedDuration;
use chaperone::sim::{Act, Fault, FaultRule, Scenario};
use chaperone::store::report::{Incident, OutcomeState};
use chaperone::store::{Decided, Decision, Left, Mode, Refusal, Seen, Selection, Sorted, Word};

use crate::support::{
    Bench, COMPLAINT, CRY, FACEBOOK, INSTAGRAM, KIND, NAMED, Practice, THREAT, TIKTOK, scenario, write,
};

const THANKS: &str = "Thank you all so much";
const PAGES: [&str; 3] = ["fb", "ig", "tt"];

/// A post on each of the three pages, keyed like its page with a `-p`, and no comment yet.
fn everywhere() -> Scenario {
    let mut posts = String::new();
    for page in PAGES {
        let _ = writeln!(posts, "{{ key = \"{page}-p\", page = \"{page}\", at = \"+07:00\", text = \"News\" }},");
    }
    scenario(&[FACEBOOK, INSTAGRAM, TIKTOK], &format!("post = [\n{posts}]\n"))
}

fn on(page: &str) -> Scenario {
    let pages: &[&str] = match page {
        "fb" => &[FACEBOOK],
        "ig" => &[FACEBOOK, INSTAGRAM],
        _ => &[TIKTOK],
    };
    scenario(pages, &format!("post = [{{ key = \"p\", page = \"{page}\", at = \"+07:00\", text = \"News\" }}]\n"))
}

/// An entry in a file of its own category, so that nothing else changes.
fn bad_entry(phrase: &str) -> String {
    format!(
        "category = \"fraud\"\nclause = \"fraud\"\n[[entry]]\nid = \"bad\"\nphrases = [\"{phrase}\"]\n\
         certainty = \"high\"\nhits = [\"{phrase}\"]\nmisses = [\"{KIND}\"]\n"
    )
}

const FRAUD: &str = "lexicons/en/fraud.toml";

async fn push(bench: &Bench, file: &str, text: &str) {
    write(&bench.file(file), text);
    bench.daemon().reload_rules().await.expect("rules");
}

fn word(what: Decision, who: &str) -> Word {
    Word { what, who: who.to_owned(), why: "because".to_owned(), seen: Seen::Anything }
}

async fn incident(bench: &Bench, key: &str) -> Incident {
    bench.incident(key).await.unwrap_or_else(|| panic!("{key} is no incident"))
}

async fn decide(bench: &Bench, key: &str, what: Decision, who: &str) -> Decided {
    let number = incident(bench, key).await.number;
    let store = bench.daemon().store();
    let mut decided =
        store.decide(&[number], word(what, who), Mode::Enforce, bench.clock.now()).await.expect("decides");
    decided.remove(0).1
}

async fn restore_all(bench: &Bench, which: Selection) -> Sorted {
    let store = bench.daemon().store();
    store
        .restore_all(which, "Pat".to_owned(), "a wrong phrase".to_owned(), Mode::Enforce, bench.clock.now())
        .await
        .expect("restores")
}

fn of_entry(entry: &str) -> Selection {
    Selection { entries: vec![entry.to_owned()], ..Selection::default() }
}

async fn note(bench: &Bench, key: &str) -> String {
    incident(bench, key).await.outcome.note.unwrap_or_default()
}

// --- Young rules ---------------------------------------------------------------------------------------------------

#[tokio::test]
async fn a_bad_lexicon_on_a_friday_evening_removes_nothing_that_one_command_does_not_put_back() {
    let bench = Bench::new(everywhere()).await;
    bench.step().await;
    push(&bench, FRAUD, &bad_entry("thank you")).await;
    let mut keys = Vec::new();
    for page in PAGES {
        for number in 0..3 {
            let key = format!("{page}-{number}");
            bench.comments(&key, &format!("{page}-p"), THANKS);
            keys.push(key);
        }
    }
    bench.minutes(10).await;
    let count = |how: &str| keys.iter().filter(|key| bench.stands(key) == how).count();
    assert_eq!((count("gone"), count("hidden"), count("up")), (0, 5, 4), "what its policy would delete");
    assert_eq!(bench.notices("brake").await.len(), 1);
    let hidden: Vec<&String> = keys.iter().filter(|key| bench.stands(key) == "hidden").collect();
    let up = keys.iter().find(|key| bench.stands(key) == "up").expect("one that was left up");
    assert!(note(&bench, up).await.contains("fraud/bad"), "{}", note(&bench, up).await);
    assert_eq!(bench.outcome(up).await, "delete dead escalate");

    let dry = restore_all(&bench, Selection { dry_run: true, ..of_entry("fraud/bad") }).await;
    bench.minutes(3).await;
    assert_eq!((dry.restored.len(), count("hidden")), (5, 5), "a dry run does nothing");
    assert_eq!(restore_all(&bench, of_entry("fraud/bad")).await, dry);
    bench.minutes(5).await;
    assert_eq!(count("up"), 9);
    for key in hidden {
        let decided = incident(&bench, key).await.decided.expect("a decision");
        assert_eq!((decided.state, decided.verified_at.is_some()), (Some(OutcomeState::Done), true), "{key}");
        assert_eq!(bench.acts(key), [Act::Hide, Act::Unhide]);
    }
    let writes = bench.sim.world().writes().len();
    bench.strides(20, 60).await;
    assert_eq!(bench.sim.world().writes().len(), writes, "nothing is hidden again");
    assert!(restore_all(&bench, of_entry("fraud/bad")).await.restored.is_empty(), "once is enough");
}

#[tokio::test]
async fn a_young_entry_hides_what_it_would_delete_and_deletes_once_it_is_old() {
    let bench = Bench::new(on("fb")).await;
    bench.step().await;
    push(&bench, FRAUD, &bad_entry("thank you")).await;
    bench.comments("young", "p", THANKS);
    bench.minutes(1).await;
    assert_eq!((bench.stands("young"), bench.outcome("young").await.as_str()), ("hidden", "delete done hide"));
    assert!(note(&bench, "young").await.contains("less than 7 days old"));
    bench.clock.advance(SignedDuration::from_hours(24 * 7));
    bench.step().await;
    bench.comments("old", "p", THANKS);
    bench.minutes(1).await;
    assert_eq!((bench.stands("old"), bench.stands("young")), ("gone", "hidden"));
}

#[tokio::test]
async fn the_allowance_of_a_young_entry_comes_back_at_midnight() {
    let more = "[brake]\nyoung_hides_per_day = 1";
    let bench = Bench::of(on("fb"), Practice { more, ..Practice::default() }).await;
    bench.step().await;
    push(&bench, FRAUD, &bad_entry("thank you")).await;
    for (key, want) in [("one", "hidden"), ("two", "up")] {
        bench.comments(key, "p", THANKS);
        bench.minutes(1).await;
        assert_eq!(bench.stands(key), want);
    }
    bench.clock.advance(SignedDuration::from_hours(24));
    bench.step().await;
    bench.comments("three", "p", THANKS);
    bench.minutes(1).await;
    assert_eq!(bench.stands("three"), "hidden");
}

#[tokio::test]
async fn with_no_youth_in_the_configuration_a_new_entry_does_all_at_once() {
    let more = "[brake]\nyoung_days = \"none\"";
    let bench = Bench::of(on("fb"), Practice { more, ..Practice::default() }).await;
    bench.step().await;
    push(&bench, FRAUD, &bad_entry("thank you")).await;
    bench.comments("c", "p", THANKS);
    bench.minutes(1).await;
    assert_eq!(bench.stands("c"), "gone");
}

#[tokio::test]
async fn an_entry_that_is_again_as_it_was_is_as_old_as_it_was() {
    let bench = Bench::new(on("fb")).await;
    bench.step().await;
    let file = "lexicons/en/complaint.toml";
    let good = fs::read_to_string(bench.file(file)).expect("a lexicon");
    push(&bench, file, &good.replace("\"worst surgery\"", "\"worst surgery\", \"thank you\"")).await;
    bench.comments("young", "p", COMPLAINT);
    bench.minutes(1).await;
    push(&bench, file, &good).await;
    bench.comments("old", "p", COMPLAINT);
    bench.minutes(1).await;
    assert_eq!((bench.stands("young"), bench.stands("old")), ("hidden", "gone"));
}

#[tokio::test]
async fn what_an_old_rule_calls_for_is_not_slowed_down_by_a_young_one_beside_it() {
    let bench = Bench::new(on("fb")).await;
    bench.step().await;
    push(&bench, FRAUD, &bad_entry("thank you")).await;
    bench.comments("both", "p", &format!("{THANKS}. {COMPLAINT}"));
    bench.minutes(1).await;
    assert_eq!((bench.stands("both"), note(&bench, "both").await.as_str()), ("gone", ""));
}

#[tokio::test]
async fn a_new_entry_is_young_also_when_it_came_while_the_daemon_was_stopped() {
    let mut bench = Bench::new(on("fb")).await;
    bench.step().await;
    write(&bench.file(FRAUD), &bad_entry("thank you"));
    bench.restart().await;
    bench.comments("c", "p", THANKS);
    bench.minutes(1).await;
    assert_eq!(bench.stands("c"), "hidden");
    bench.restart().await;
    bench.comments("again", "p", THANKS);
    bench.minutes(1).await;
    assert_eq!(bench.stands("again"), "hidden", "a restart makes nothing older");
}

#[tokio::test]
async fn a_policy_that_was_changed_to_delete_hides_for_now_and_as_much_as_it_always_did() {
    let more = "[brake]\nyoung_hides_per_day = 1";
    let mut bench = Bench::of(on("fb"), Practice { more, ..Practice::default() }).await;
    bench.step().await;
    let config = fs::read_to_string(bench.file("chaperone.toml")).expect("a configuration");
    let dir = crate::tree::at("config/policies").display().to_string();
    let policy = fs::read_to_string(format!("{dir}/bursted-wood-surgery.toml")).expect("a policy");
    let (before, rule) = policy.split_once("category  = \"staff-identified\"").expect("a rule");
    let stricter = format!(
        "{before}category  = \"staff-identified\"{}",
        rule.replacen("high      = \"hide\"", "high      = \"delete\"", 1)
    );
    assert_ne!(stricter, policy, "the rule is written otherwise");
    write(&bench.file("policies/bursted-wood-surgery.toml"), &stricter);
    write(&bench.file("chaperone.toml"), &config.replace(&format!("{dir:?}"), "\"policies\""));
    bench.restart().await;
    for key in ["one", "two"] {
        bench.comments(key, "p", NAMED);
    }
    bench.minutes(2).await;
    assert_eq!((bench.stands("one"), bench.stands("two")), ("hidden", "hidden"));
    assert!(bench.outcome("one").await.starts_with("delete done"), "{}", bench.outcome("one").await);
}

// --- One word for everything that a rule did -----------------------------------------------------------------------

#[tokio::test]
async fn what_is_gone_what_another_rule_hid_as_well_and_what_people_decided_is_left_and_listed() {
    let bench = Bench::new(on("fb")).await;
    bench.step().await;
    push(&bench, FRAUD, &bad_entry("thank you")).await;
    let words =
        [("only", THANKS.to_owned()), ("named", format!("{THANKS}. {NAMED}")), ("gone", format!("{THANKS}. {THREAT}"))];
    for (key, text) in &words {
        bench.comments(key, "p", text);
    }
    bench.comments("upheld", "p", THANKS);
    bench.comments("edited", "p", THANKS);
    bench.minutes(2).await;
    assert!(bench.sim.world().edit("edited", NAMED));
    bench.minutes(2).await;
    let number = async |key| incident(&bench, key).await.number;
    assert!(matches!(decide(&bench, "upheld", Decision::Uphold, "Sam").await, Decided::Taken { owed: None, .. }));
    let sorted = restore_all(&bench, of_entry("fraud/bad")).await;
    assert_eq!(sorted.restored, [number("only").await]);
    let left = async |key| {
        let number = number(key).await;
        sorted.left.iter().find(|(left, _)| *left == number).map(|(_, why)| why.clone())
    };
    assert_eq!(left("named").await, Some(Left::OtherReason("staff/dr-rakesh-patel".to_owned())));
    assert_eq!(left("gone").await, Some(Left::Gone));
    let upheld = left("upheld").await;
    assert!(matches!(&upheld, Some(Left::Decided(earlier)) if earlier.who == "Sam"), "{upheld:?}");
    assert_eq!(sorted.left.len(), 3, "nobody asks about words that were taken back");
    bench.minutes(3).await;
    assert_eq!((bench.stands("only"), bench.stands("named"), bench.stands("upheld")), ("up", "hidden", "hidden"));
}

#[tokio::test]
async fn everything_that_came_with_a_version_of_the_rules_can_be_taken_back_and_nothing_that_was_there_before() {
    let bench = Bench::new(on("fb")).await;
    bench.step().await;
    push(&bench, FRAUD, &bad_entry("thank you")).await;
    for (key, words) in [("new", THANKS), ("old", NAMED)] {
        bench.comments(key, "p", words);
    }
    bench.minutes(2).await;
    assert_eq!((bench.stands("new"), bench.stands("old")), ("hidden", "hidden"));
    let version = incident(&bench, "new").await.rules_version;
    let which = Selection { rules_version: Some(version), ..Selection::default() };
    assert_eq!(restore_all(&bench, which).await.restored, [incident(&bench, "new").await.number]);
    bench.minutes(2).await;
    assert_eq!((bench.stands("new"), bench.stands("old")), ("up", "hidden"));
    let since = Some(bench.clock.now());
    assert_eq!(restore_all(&bench, Selection { since, ..of_entry("staff/dr-rakesh-patel") }).await, Sorted::default());
}

// --- A person's word -----------------------------------------------------------------------------------------------

/// A bench on which a member of staff was named, and that comment hidden.
async fn hidden(page: &str) -> Bench {
    let bench = Bench::new(on(page)).await;
    bench.step().await;
    bench.comments("c", "p", NAMED);
    bench.minutes(3).await;
    assert_eq!(bench.stands("c"), "hidden", "{page}");
    bench
}

#[tokio::test]
async fn what_a_person_restores_is_shown_checked_and_never_hidden_again_unless_its_words_change() {
    for page in PAGES {
        let mut bench = hidden(page).await;
        assert!(matches!(decide(&bench, "c", Decision::Restore, "Pat").await, Decided::Taken { owed: Some(_), .. }));
        bench.minutes(2).await;
        let decided = incident(&bench, "c").await.decided.expect("a decision");
        assert_eq!((decided.state, decided.who.as_str()), (Some(OutcomeState::Done), "Pat"));
        bench.restart().await;
        bench.strides(20, 60).await;
        assert_eq!((bench.stands("c"), bench.acts("c")), ("up", vec![Act::Hide, Act::Unhide]), "{page}");
        if page == "fb" {
            assert!(bench.sim.world().edit("c", &format!("{NAMED}, the fool")));
            bench.minutes(5).await;
            assert_eq!(bench.stands("c"), "hidden");
        }
    }
}

#[tokio::test]
async fn dying_anywhere_within_a_restore_changes_nothing() {
    for page in PAGES {
        let mut turns = 1;
        loop {
            let mut bench = hidden(page).await;
            decide(&bench, "c", Decision::Restore, "Pat").await;
            bench.clock.advance(SignedDuration::from_mins(1));
            let over = bench.die_within_a_step(turns).await;
            bench.minutes(12).await;
            let state = incident(&bench, "c").await.decided.expect("a decision").state;
            let got = (bench.stands("c"), bench.acts("c"), state);
            let want = ("up", vec![Act::Hide, Act::Unhide], Some(OutcomeState::Done));
            assert_eq!(got, want, "{page} died after {turns} turns");
            if over {
                break;
            }
            // Every third turn is enough to fall between any two steps of note, on three platforms.
            turns += 3;
        }
        assert!(turns > 10, "the step was over after {turns} turns");
    }
}

#[tokio::test]
async fn a_restore_whose_answer_is_lost_or_a_lie_is_read_back_and_not_believed() {
    for (fault, acts) in [(Fault::TimeoutAfterSideEffect, 1), (Fault::Lie, 2)] {
        let bench = hidden("fb").await;
        decide(&bench, "c", Decision::Restore, "Pat").await;
        bench
            .sim
            .world()
            .fault_on(FaultRule { method: Some("POST".to_owned()), ..FaultRule::always("f", fault) }.next(1));
        bench.minutes(5).await;
        assert_eq!(bench.stands("c"), "up");
        assert_eq!(bench.acts("c").iter().filter(|act| **act == Act::Unhide).count(), acts);
    }
}

#[tokio::test]
async fn a_comment_that_a_platform_keeps_hidden_is_left_to_a_person_who_hears_of_it() {
    let bench = hidden("tt").await;
    bench.sim.world().fault_on(FaultRule::always("stuck", Fault::StuckHidden));
    decide(&bench, "c", Decision::Restore, "Pat").await;
    bench.strides(30, 30).await;
    let c = incident(&bench, "c").await;
    assert_eq!(c.decided.as_ref().and_then(|decided| decided.state), Some(OutcomeState::Dead));
    assert!(chaperone::digest::needs_human(&c));
    let notices = bench.notices("decision").await;
    assert_eq!(notices.len(), 1);
    assert!(notices[0].text.contains("show it in the app"), "{}", notices[0].text);
    let waiting = bench.daemon().store().unattended().await.expect("reads");
    assert!(waiting.iter().any(|queued| queued.incident.number == c.number), "it is in the queue again");
    bench.sim.world().all_faults_off();
    assert!(
        matches!(decide(&bench, "c", Decision::Restore, "Sam").await, Decided::Taken { .. }),
        "it may be tried anew"
    );
    bench.minutes(3).await;
    assert_eq!(bench.stands("c"), "up");
}

#[tokio::test]
async fn what_is_deleted_cannot_be_restored_and_the_persons_word_is_kept_all_the_same() {
    let bench = Bench::new(on("fb")).await;
    bench.step().await;
    bench.comments("c", "p", COMPLAINT);
    bench.minutes(2).await;
    assert_eq!(bench.stands("c"), "gone");
    let decided = decide(&bench, "c", Decision::Restore, "Pat").await;
    assert!(matches!(decided, Decided::Taken { owed: None, gone: Some(_), .. }), "{decided:?}");
    assert!(matches!(decide(&bench, "c", Decision::Hide, "Pat").await, Decided::Refused(Refusal::Gone(_))));
    bench.minutes(3).await;
    let period = bench.period().await;
    assert_eq!(period.entries[0].restored, 1, "{:?}", period.entries);
    assert_eq!(bench.acts("c"), [Act::Delete]);
}

#[tokio::test]
async fn a_comment_that_goes_while_it_is_owed_its_showing_is_told_as_lost() {
    let bench = hidden("fb").await;
    decide(&bench, "c", Decision::Restore, "Pat").await;
    assert!(bench.sim.world().delete_by_author("c"));
    bench.minutes(2).await;
    assert_eq!(incident(&bench, "c").await.decided.expect("a decision").state, Some(OutcomeState::Dead));
    assert!(bench.notices("decision").await[0].text.contains("cannot be shown again"));
}

#[tokio::test]
async fn a_person_is_held_back_by_neither_brake_nor_youth_and_the_limits_do_not_count_them() {
    let more = "[brake]\nhides_per_day = 1\ndeletes_per_day = 1";
    let bench = Bench::of(on("fb"), Practice { more, ..Practice::default() }).await;
    bench.step().await;
    push(&bench, FRAUD, &bad_entry("thank you")).await;
    for key in ["a", "b", "c"] {
        bench.comments(key, "p", THANKS);
    }
    bench.minutes(2).await;
    for key in ["a", "b", "c"] {
        decide(&bench, key, Decision::Delete, "Pat").await;
    }
    bench.minutes(2).await;
    assert!(["a", "b", "c"].iter().all(|key| bench.stands(key) == "gone"));
    bench.comments("d", "p", COMPLAINT);
    bench.minutes(2).await;
    assert_eq!(bench.stands("d"), "gone", "the day's limit is not used up by people");
}

#[tokio::test]
async fn tiktok_deletes_for_nobody_and_hides_instead() {
    let bench = Bench::new(on("tt")).await;
    bench.step().await;
    bench.comments("c", "p", CRY);
    bench.comments("d", "p", COMPLAINT);
    bench.minutes(4).await;
    decide(&bench, "d", Decision::Restore, "Pat").await;
    bench.minutes(2).await;
    assert_eq!(bench.stands("d"), "up");
    decide(&bench, "d", Decision::Delete, "Sam").await;
    decide(&bench, "c", Decision::Hide, "Sam").await;
    bench.minutes(2).await;
    assert_eq!((bench.stands("c"), bench.stands("d")), ("hidden", "hidden"));
    let note = incident(&bench, "d").await.decided.and_then(|decided| decided.note).unwrap_or_default();
    assert!(note.contains("delete it in the app"), "{note}");
}

#[tokio::test]
async fn safeguarding_is_not_deleted_for_a_person_either() {
    let bench = Bench::new(on("fb")).await;
    bench.step().await;
    bench.comments("cry", "p", CRY);
    bench.minutes(1).await;
    assert_eq!(decide(&bench, "cry", Decision::Delete, "Pat").await, Decided::Refused(Refusal::Safeguarding));
    bench.minutes(2).await;
    assert_eq!((bench.stands("cry"), bench.acts("cry")), ("up", vec![]));
}

#[tokio::test]
async fn in_observe_mode_not_even_a_person_touches_anything_through_here() {
    let mut bench = hidden("fb").await;
    bench.restart_as("enforce", "observe").await;
    let number = incident(&bench, "c").await.number;
    let now = bench.clock.now();
    for what in [Decision::Restore, Decision::Hide, Decision::Delete] {
        let store = bench.daemon().store();
        let decided = store.decide(&[number], word(what, "Pat"), Mode::Observe, now).await.expect("answers");
        assert_eq!(decided, [(number, Decided::Refused(Refusal::Observing))]);
    }
    bench.minutes(3).await;
    assert_eq!((bench.stands("c"), bench.acts("c")), ("hidden", vec![Act::Hide]));
}

#[tokio::test]
async fn a_word_that_was_given_while_the_daemon_was_stopped_is_not_lost_and_one_on_old_words_is_refused() {
    let mut bench = hidden("fb").await;
    decide(&bench, "c", Decision::Restore, "Pat").await;
    bench.restart().await;
    bench.minutes(2).await;
    assert_eq!(bench.stands("c"), "up");
    let old = incident(&bench, "c").await.number;
    assert!(bench.sim.world().edit("c", &format!("{NAMED}, the fool")));
    bench.minutes(3).await;
    let new = incident(&bench, "c").await.number;
    let store = bench.daemon().store();
    let decided = store.decide(&[old], word(Decision::Hide, "Pat"), Mode::Enforce, bench.clock.now()).await;
    assert_eq!(decided.expect("answers"), [(old, Decided::Refused(Refusal::Edited(Some(new))))]);
}

// --- Several hands ---------------------------------------------------------------------------------------------------

#[tokio::test]
async fn the_last_of_two_people_counts_and_whoever_says_the_same_again_hears_who_was_first() {
    let bench = hidden("fb").await;
    assert!(matches!(decide(&bench, "c", Decision::Restore, "Pat").await, Decided::Taken { after: None, .. }));
    let second = decide(&bench, "c", Decision::Restore, "Sam").await;
    assert!(matches!(&second, Decided::Before(earlier) if earlier.who == "Pat"), "{second:?}");
    let third = decide(&bench, "c", Decision::Hide, "Sam").await;
    assert!(matches!(&third, Decided::Taken { after: Some(earlier), .. } if earlier.who == "Pat"), "{third:?}");
    bench.minutes(5).await;
    assert_eq!((bench.stands("c"), bench.acts("c")), ("hidden", vec![Act::Hide]), "nothing was asked of the platform");
}

#[tokio::test]
async fn two_people_at_once_leave_one_decision_and_one_act() {
    let bench = hidden("fb").await;
    let number = incident(&bench, "c").await.number;
    let (store, now) = (bench.daemon().store(), bench.clock.now());
    let numbers = [number];
    let (pat, sam) = tokio::join!(
        store.decide(&numbers, word(Decision::Restore, "Pat"), Mode::Enforce, now),
        store.decide(&numbers, word(Decision::Restore, "Sam"), Mode::Enforce, now)
    );
    let both = [pat.expect("decides").remove(0).1, sam.expect("decides").remove(0).1];
    assert_eq!(both.iter().filter(|decided| matches!(decided, Decided::Taken { .. })).count(), 1, "{both:?}");
    bench.minutes(3).await;
    assert_eq!(bench.acts("c"), [Act::Hide, Act::Unhide]);
}

#[tokio::test]
async fn what_staff_do_by_hand_meanwhile_is_found_and_not_done_twice() {
    let bench = hidden("fb").await;
    decide(&bench, "c", Decision::Restore, "Pat").await;
    assert!(bench.sim.world().unhide_by_hand("c"));
    bench.minutes(3).await;
    assert_eq!((bench.stands("c"), bench.acts("c")), ("up", vec![Act::Hide]));
    decide(&bench, "c", Decision::Hide, "Sam").await;
    bench.minutes(5).await;
    assert_eq!(bench.stands("c"), "hidden");
    assert!(bench.sim.world().unhide_by_hand("c"));
    bench.strides(10, 30).await;
    assert_eq!(
        (bench.stands("c"), bench.acts("c")),
        ("up", vec![Act::Hide, Act::Hide]),
        "the staff's hand counts last"
    );
}

#[tokio::test]
async fn a_decision_takes_its_incident_from_the_queue_and_stops_its_alert() {
    let bench = Bench::new(on("fb")).await;
    bench.step().await;
    bench.comments("t", "p", THREAT);
    bench.minutes(1).await;
    let store = bench.daemon().store();
    assert_eq!(store.unattended().await.expect("reads").len(), 1);
    decide(&bench, "t", Decision::Note, "Pat").await;
    assert_eq!(store.unattended().await.expect("reads").len(), 1, "a note decides nothing");
    decide(&bench, "t", Decision::Uphold, "Pat").await;
    assert_eq!(store.unattended().await.expect("reads").len(), 0);
    assert_eq!(store.due_alerts(bench.clock.now() + SignedDuration::from_hours(99)).await.expect("reads").len(), 0);
}
