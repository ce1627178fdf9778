//! Numbers and health of a made-up moment, and of a store that holds what people wrote.

use std::collections::HashSet;
use std::path::Path;

use super::*;
use crate::comment::{PageId, PageKey, Platform};
use crate::lexicon::Category;
use crate::policy::{Action, Verdict};
use crate::rules::{Files, RuleSet, Rules};
use crate::store::fake_page::FakePage;
use crate::store::tests::{Place, at, batch, comment, judged, page, verdict};
use crate::store::{Decision, PollOutcome, Unsent};

fn key(platform: Platform, id: &str) -> PageKey {
    PageKey { platform, id: PageId::new(id) }
}

fn moment() -> Snapshot {
    let facebook = PageVitals {
        last_ok: Some(at(-1)),
        polls: vec![(PollOutcome::Failed, 2), (PollOutcome::Ok, 1440)],
        requests: 4326,
        verdicts: vec![(Action::Allow, 90), (Action::Hide, 4)],
        ..PageVitals::new(key(Platform::Facebook, "1029384756"))
    };
    let tiktok = PageVitals { last_ok: Some(at(-2)), ..PageVitals::new(key(Platform::TikTok, "-000Open\"Id\\")) };
    let of = |vitals: &PageVitals| Page {
        every: Duration::from_secs(60),
        consent_ends: None,
        used_percent: None,
        vitals: vitals.clone(),
    };
    Snapshot {
        practice: "Alderbrook Surgery".to_owned(),
        at: at(0),
        started: at(-60),
        mode: Mode::Enforce,
        judge_awake: false,
        pages: vec![
            Page { used_percent: Some(42), ..of(&facebook) },
            Page { consent_ends: Some(at(60 * 24 * 90)), ..of(&tiktok) },
        ],
        unsent_since: None,
        store: Vitals {
            schema: 1,
            bytes: 1_048_576,
            pages: vec![facebook, tiktok],
            categories: vec![(Category::Complaint, Action::Hide, 3), (Category::Threat, Action::Hide, 1)],
            actions: vec![("done".to_owned(), 3), ("due".to_owned(), 1)],
            decisions: vec![(Decision::Uphold, 2)],
            alerts: vec![("sent".to_owned(), 1)],
            alerts_due: 0,
            unsent: Vec::new(),
            unacknowledged_since: Some(at(-10)),
            rules: Some(("0123456789ab".to_owned(), at(-600))),
            digest_sent: Some(at(-30)),
        },
    }
}

#[track_caller]
fn check(change: impl FnOnce(&mut Snapshot), status: Status, reasons: &[&str]) {
    let mut snapshot = moment();
    change(&mut snapshot);
    let health = Health::of(&snapshot);
    assert_eq!(
        (health.status, health.reasons.iter().map(String::as_str).collect::<Vec<_>>()),
        (status, reasons.to_vec())
    );
}

#[test]
fn all_is_well_while_pages_are_read_and_nothing_is_late() {
    check(|_| {}, Status::Healthy, &[]);
    check(|now| now.pages[0].vitals.last_ok = Some(at(-14)), Status::Healthy, &[]);
    check(|now| now.pages[0].vitals.owed_since = Some(at(-14)), Status::Healthy, &[]);
    check(|now| now.unsent_since = Some(at(-9)), Status::Healthy, &[]);
    assert_eq!(Health::of(&moment()).to_json(), r#"{"reasons":[],"status":"healthy"}"#);
}

#[test]
fn one_page_that_is_not_read_is_half_an_illness_and_all_of_them_a_whole_one() {
    let [one, other] = ["a page is not read: facebook:1029384756", "a page is not read: tiktok:-000Open\"Id\\"];
    check(|now| now.pages[0].vitals.last_ok = Some(at(-16)), Status::Degraded, &[one]);
    check(|now| now.pages[1].vitals.down_since = Some(at(-1)), Status::Degraded, &[other]);
    let unread = |now: &mut Snapshot| now.pages.iter_mut().for_each(|page| page.vitals.last_ok = None);
    check(unread, Status::Ill, &[one, other]);
    let begun = |now: &mut Snapshot| {
        unread(now);
        now.started = at(-5);
    };
    check(begun, Status::Healthy, &[]);
    let slow = |now: &mut Snapshot| {
        now.pages[0].every = Duration::from_secs(3600);
        now.pages[0].vitals.last_ok = Some(at(-59));
    };
    check(slow, Status::Healthy, &[]);
}

#[test]
fn what_is_late_is_told_and_what_looks_stuck_is_an_illness() {
    let owed = |minutes: i64| {
        move |now: &mut Snapshot| {
            now.started = at(-9000);
            now.pages[0].vitals.owed_since = Some(at(-minutes));
        }
    };
    check(owed(16), Status::Degraded, &["an owed action is overdue"]);
    check(owed(121), Status::Ill, &["an owed action is overdue"]);
    let observed = |now: &mut Snapshot| {
        owed(9000)(now);
        now.mode = Mode::Observe;
    };
    check(observed, Status::Healthy, &[]);
    let worked_off = |now: &mut Snapshot| {
        owed(9000)(now);
        now.started = at(-3);
    };
    check(worked_off, Status::Healthy, &[]);
    check(|now| now.unsent_since = Some(at(-11)), Status::Degraded, &["an urgent alert could not be sent"]);
    check(|now| now.unsent_since = Some(at(-31)), Status::Ill, &["an urgent alert could not be sent"]);
    let consent = |now: &mut Snapshot| now.pages[0].consent_ends = Some(at(60 * 24 * 6));
    check(consent, Status::Degraded, &["a consent ends within a week: facebook:1029384756"]);
}

#[test]
fn whoever_looks_at_the_status_of_http_alone_hears_of_an_illness() {
    assert_eq!((Health::silent().http_status(), Health::silent().status), (503, Status::Ill));
    assert_eq!(Health::of(&moment()).http_status(), 200);
}

/// What the format asks for: each metric once, its HELP and TYPE before its samples, no sample twice.
#[track_caller]
fn assert_well_formed(text: &str) {
    let (mut metrics, mut samples, mut now) = (HashSet::new(), HashSet::new(), String::new());
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            now = rest.split(' ').next().expect("a name").to_owned();
            assert!(metrics.insert(now.clone()), "{now} stands twice");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a type");
            assert!(name == now && kind == if name.ends_with("_total") { "counter" } else { "gauge" }, "{line}");
        } else {
            let (series, value) = line.rsplit_once(' ').expect("a value");
            assert!(series.starts_with(&format!("{now}{{")) && series.ends_with("\"}"), "{line}");
            assert!(value.parse::<f64>().is_ok() && samples.insert(series.to_owned()), "{line}");
        }
    }
}

#[test]
fn numbers_stand_as_prometheus_reads_them() {
    let text = exposition::text(&moment());
    assert_well_formed(&text);
    insta::assert_snapshot!(text.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn a_store_that_knows_nothing_yet_has_numbers_too() {
    let fresh = Snapshot {
        pages: vec![Page {
            every: Duration::from_secs(60),
            consent_ends: None,
            used_percent: None,
            vitals: PageVitals::new(page()),
        }],
        store: Vitals::default(),
        started: at(0),
        ..moment()
    };
    let text = exposition::text(&fresh);
    assert_well_formed(&text);
    assert!(!text.contains("last_success") && text.contains("outcome=\"ok\"} 0\n"), "{text}");
}

/// Rules that find next to nothing.
fn rules() -> InForce {
    let dir = tempfile::tempdir().expect("a directory");
    for folder in ["en", "lists"] {
        std::fs::create_dir(dir.path().join(folder)).expect("makes");
    }
    let lexicon = "category = \"complaint\"\nclause = \"complaints\"\n\n[[entry]]\nid = \"worst\"\nphrases = [\"worst surgery\"]\nhits = [\"worst \
                   surgery\"]\nmisses = [\"best surgery\"]\n";
    std::fs::write(dir.path().join("en/complaint.toml"), lexicon).expect("writes");
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/policies/tarleton-group-practice.toml");
    let files = Files { lexicons: dir.path().to_owned(), policy, ..Files::default() };
    InForce::new(RuleSet::here(Rules::unproved(&files).expect("loads")))
}

fn board(store: &Store, facebook: &FakePage) -> Board {
    let board = Board::default();
    board.show(Sources {
        practice: "Line\nbreak".to_owned(),
        store: store.clone(),
        rules: Arc::new(rules()),
        pages: vec![Source { api: facebook.api(), every: Duration::from_secs(60) }],
        mode: Mode::Enforce,
        quiet_ends: Some(("07:00".parse().expect("a time"), TimeZone::UTC)),
        started: at(0),
    });
    board
}

/// A threat that is owed a deletion and that people are told of, and two kind words.
async fn filled(place: &Place) -> Store {
    let store = place.open();
    let calm = || Verdict { reasons: Vec::new(), categories: Vec::new(), ..verdict(Category::Review, Action::Allow) };
    let comments = vec![
        judged(comment("c1", "I know where you live"), verdict(Category::Threat, Action::Delete)),
        judged(comment("c2", "Lovely nurse"), calm()),
        judged(comment("c3", "Kind doctor"), calm()),
    ];
    store.record(batch(1, comments)).await.expect("records");
    store
}

#[tokio::test]
async fn what_the_store_did_is_counted_and_says_nothing_of_anybody() {
    let (place, facebook) = (Place::new(), FakePage::start().await);
    let store = filled(&place).await;
    let board = board(&store, &facebook);
    let text = board.to_prometheus(at(5)).await;
    assert_well_formed(&text);
    let of = |labels: &str| format!("{{practice=\"Line\\nbreak\"{labels}}}");
    let page = ",platform=\"facebook\",page=\"1029384756\"";
    for line in [
        format!("chaperone_verdicts_total{} 2", of(&format!("{page},action=\"allow\""))),
        format!("chaperone_verdicts_total{} 1", of(&format!("{page},action=\"delete\""))),
        format!("chaperone_verdict_categories_total{} 1", of(",category=\"threat\",action=\"delete\"")),
        format!("chaperone_actions{} 1", of(",state=\"due\"")),
        format!("chaperone_alerts_due{} 1", of("")),
        format!("chaperone_alerts_oldest_unacknowledged_age_seconds{} 240", of("")),
        format!("chaperone_store_schema_version{} 1", of("")),
        format!("chaperone_judge_running{} 1", of("")),
    ] {
        assert!(text.contains(&format!("{line}\n")), "{line} is not in\n{text}");
    }
    for private in ["Carter", "nurse", "example.org", "a1", "c1"] {
        assert!(!text.contains(private), "{private} is in\n{text}");
    }
}

#[tokio::test]
async fn an_alert_that_waits_for_the_end_of_quiet_hours_is_not_late() {
    let (place, facebook) = (Place::new(), FakePage::start().await);
    let store = filled(&place).await;
    let board = board(&store, &facebook);
    let ill = Health { status: Status::Ill, reasons: vec!["an urgent alert could not be sent".to_owned()] };
    let alert = store.due_alerts(at(60)).await.expect("reads").remove(0).id;
    store.postpone_alerts(&[alert], at(65)).await.expect("postpones");
    assert_eq!(Health { reasons: board.health(at(60)).await.reasons.split_off(2), ..ill.clone() }, ill);
    let seven = "2026-11-03T07:00:00Z".parse().expect("a time");
    store.postpone_alerts(&[alert], seven).await.expect("postpones");
    assert_eq!(board.snapshot(at(60)).await.expect("reads").unsent_since, None);
    let unsent = Unsent { since: at(1), due: seven };
    assert_eq!(board.snapshot(at(60)).await.expect("reads").store.unsent, [unsent]);
}

#[tokio::test]
async fn a_store_that_fails_is_an_illness_and_no_error() {
    let (place, facebook) = (Place::new(), FakePage::start().await);
    let store = filled(&place).await;
    let board = board(&store, &facebook);
    place.mislay("tally");
    assert_eq!(board.health(at(5)).await, Health::silent());
    let text = board.to_prometheus(at(5)).await;
    assert_well_formed(&text);
    assert!(text.contains("status=\"ill\"} 1\n") && text.contains("Line\\nbreak"), "{text}");
    assert_eq!(Board::default().health(at(5)).await, Health::silent());
}
