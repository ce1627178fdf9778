//! How long the console takes over a hundred thousand stored comments: whole requests, from the router to the last byte of
//! the page, for every kind of queue and search. Run with `cargo bench --bench console`. What is asked for is 50 ms at
//! the median of each kind. Not here: asserting; a person reads it. The store is filled through its own doors, but for
//! what the platforms would have answered (actions done), which one statement writes: step by step that would take longer
//! than everything else.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a bench prints, and asks what time it is")]

mod town;

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::http::{Request, header};
use chaperone::clock::{Clock, SignedDuration, Timestamp};
use chaperone::config::{Config, Environment, Needs};
use chaperone::console::{Console, router};
use chaperone::daemon::Daemon;
use chaperone::store::{Role, Store, User};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

use town::{Random, Town};

const LISTEN: &str = "127.0.0.1:8790";
/// Every kind is asked for so often, in mixed order.
const ROUNDS: usize = 40;
/// What is asked for, in milliseconds.
const ENOUGH_MS: f64 = 50.0;

/// One kind of page.
struct Kind {
    name: String,
    path: String,
    /// What it belongs to: the medians of queue and search are told.
    group: &'static str,
    took_ms: Vec<f64>,
    found: usize,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let place = tempfile::tempdir().expect("a folder");
    lay_out(place.path());
    let now: Timestamp = "2026-11-22T09:00:00Z".parse().expect("a time");
    let town = runtime.block_on(Town::fill(&place.path().join("state/chaperone.db"), now));
    println!("{}\n", town.summary);

    let file = place.path().join("chaperone.toml");
    let config = Config::load_in(&file, Needs::EVERYTHING, &Environment::new()).expect("a configuration");
    let clock = Clock::manual(now);
    let daemon = Daemon::assemble(config, clock.clone()).expect("a daemon");
    let console = Arc::clone(daemon.console().expect("a console"));
    let token = runtime.block_on(sign_in(daemon.store(), now));
    let mut kinds = kinds(&town);

    println!("resident before the first request: {} MiB", resident_mib());
    println!("{:34} {:>5} {:>9}", "first of its kind", "rows", "ms");
    for kind in &mut kinds {
        let (ms, found) = runtime.block_on(ask(&console, &token, &kind.path));
        kind.found = found;
        println!("{:34} {found:>5} {ms:>9.1}", kind.name);
    }
    println!("resident with everything warm: {} MiB\n", resident_mib());

    let mut order: Vec<usize> = (0..kinds.len()).collect();
    let mut random = Random(7);
    for _ in 0..ROUNDS {
        random.shuffle(&mut order);
        for &at in &order {
            let (ms, _) = runtime.block_on(ask(&console, &token, &kinds[at].path));
            kinds[at].took_ms.push(ms);
        }
    }
    println!("{:34} {:>5} {:>8} {:>8} {:>8}   of {ROUNDS} in mixed order", "kind", "rows", "min", "median", "p90");
    for kind in &mut kinds {
        kind.took_ms.sort_by(f64::total_cmp);
        let mark = if part(&kind.took_ms, 50) > ENOUGH_MS { "  SLOW" } else { "" };
        println!(
            "{:34} {:>5} {:>8.1} {:>8.1} {:>8.1}{mark}",
            kind.name,
            kind.found,
            kind.took_ms[0],
            part(&kind.took_ms, 50),
            part(&kind.took_ms, 90)
        );
    }
    println!();
    for group in ["queue", "incident", "search"] {
        let of_group = || kinds.iter().filter(|kind| kind.group == group);
        let mut all: Vec<f64> = of_group().flat_map(|kind| kind.took_ms.iter().copied()).collect();
        all.sort_by(f64::total_cmp);
        let worst = of_group().map(|kind| part(&kind.took_ms, 50)).fold(0.0, f64::max);
        println!("{group:10} median {:>6.1} ms, worst median of a kind {worst:>6.1} ms", part(&all, 50));
    }
    println!("resident now: {} MiB", resident_mib());
    // Nobody searches for a while: what was kept for searching goes.
    for minutes in 0..12 {
        let later = now + SignedDuration::from_mins(minutes);
        runtime.block_on(daemon.store().rest(later)).expect("rests");
    }
    println!("resident after ten idle minutes: {} MiB", resident_mib());
}

/// The value below which so many of a hundred lie.
fn part(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() - 1) * percent / 100]
}

fn kinds(town: &Town) -> Vec<Kind> {
    let mut kinds = Vec::new();
    let mut kind = |group, name: &str, path: String| {
        kinds.push(Kind { name: format!("{group}: {name}"), path, group, took_ms: Vec::new(), found: 0 });
    };
    for part in ["all", "urgent", "questions", "complaints", "in-hand"] {
        kind("queue", part, format!("/?show={part}"));
    }
    kind("queue", "everything, page 5", "/?show=all&page=5".to_owned());
    kind("queue", "everything, last page", "/?show=all&page=999".to_owned());
    kind("incident", "that waits", format!("/incident/{}", town.waits));
    kind("incident", "that was decided", format!("/incident/{}", town.decided));
    let mut search = |name: &str, query: &str| kind("search", name, format!("/search?{query}"));
    search("nothing asked", "");
    search("nothing asked, far back", &format!("before={}", town.stored / 2));
    for platform in ["facebook", "instagram", "tiktok"] {
        search(platform, &format!("platform={platform}"));
    }
    for category in ["complaint", "question", "safeguarding", "threat", "defamation", "fraud"] {
        search(category, &format!("category={category}"));
    }
    for state in ["open", "decided", "restored", "hidden", "gone", "unremarked"] {
        search(state, &format!("state={state}"));
    }
    search("a frequent entry", &format!("entry={}", town.frequent_entry));
    search("a rare entry", &format!("entry={}", town.rare_entry));
    search("a week long ago", "from=2025-03-03&to=2025-03-09");
    search("a common word", "words=the");
    search("a common word, far back", &format!("words=the&before={}", town.stored / 2));
    search("an ordinary word", "words=appointment");
    search("two words", "words=phone+morning");
    search("a rare word", "words=zeppelin");
    search("a word that is nowhere", "words=xylophonist");
    search("a letter that is nowhere", "words=%C3%BE");
    search("a sentence that is nowhere", "words=%22the+surgery+sold+my+zeppelin%22");
    search("a surname", "words=okonkwo");
    search("a whole name", "words=%22jo+carter%22");
    search("a name that is nowhere", "words=zebedee");
    search("category and word", "category=complaint&words=phone");
    search("rare category, absent word", "category=safeguarding&words=xylophonist");
    search("state and common word", "state=restored&words=the");
    search("platform, state, rare word", "platform=tiktok&state=open&words=zeppelin");
    search("a week and a word", "from=2025-03-03&to=2025-03-09&words=appointment");
    kinds
}

/// Milliseconds from the request to the last byte of its page, and the rows on it.
async fn ask(console: &Arc<Console>, token: &str, path: &str) -> (f64, usize) {
    let request = Request::builder()
        .uri(path)
        .header(header::HOST, LISTEN)
        .header(header::COOKIE, format!("chaperone-8790={token}"))
        .body(Body::empty())
        .expect("a request");
    let started = Instant::now();
    let response = router(Arc::clone(console)).oneshot(request).await.expect("an answer");
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 8 << 20).await.expect("a body");
    let ms = started.elapsed().as_secs_f64() * 1e3;
    let html = std::str::from_utf8(&body).expect("UTF-8");
    assert!(status.is_success(), "{path}: {status} {html}");
    (ms, html.matches("<li class=\"ch-row").count())
}

async fn sign_in(store: &Store, now: Timestamp) -> String {
    let user = User { name: "pat".into(), full_name: "Pat Lee".into(), role: Role::Reviewer, made_at: now };
    assert!(store.add_user(user, "no password".into(), "bench".into()).await.expect("added"));
    let token = "5a".repeat(32);
    let patience =
        chaperone::store::Patience { longest: SignedDuration::from_hours(9), idle: SignedDuration::from_hours(9) };
    let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
    store.begin_session(hash, "pat".into(), patience, now).await.expect("signed in");
    token
}

fn resident_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
}

/// A practice with three pages; its rules are small, because nothing is judged by them here.
fn lay_out(place: &Path) {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/policies");
    let mut text = format!(
        "[practice]\nname = \"Alderbrook Surgery\"\npolicy = \"bursted-wood-surgery\"\nmode = \"enforce\"\n\
         [policies]\ndir = {:?}\n[lexicons]\ndir = \"lexicons\"\n[store]\npath = \"state/chaperone.db\"\n\
         [digest]\ndirectory = \"out\"\n[console]\nlisten = \"{LISTEN}\"\n",
        policies.display().to_string()
    );
    for (platform, id) in town::PAGES {
        let _ =
            writeln!(text, "[[page]]\nplatform = \"{}\"\nid = \"{id}\"\napp_secret_file = \"secret\"", platform.id());
        text += match platform {
            chaperone::comment::Platform::TikTok => "app_id = \"1\"\nrefresh_token_file = \"secret\"\n",
            _ => "token_file = \"secret\"\n",
        };
    }
    write(&place.join("chaperone.toml"), &text);
    write(
        &place.join("lexicons/en/complaint.toml"),
        "category = \"complaint\"\nclause = \"complaints\"\n[[entry]]\nid = \"test\"\nphrases = [\"worst surgery\"]\n\
         certainty = \"high\"\nhits = [\"worst surgery\"]\nmisses = [\"best surgery\"]\n",
    );
    fs::create_dir_all(place.join("lexicons/lists")).expect("made");
    write(&place.join("secret"), "not-a-secret");
    fs::set_permissions(place.join("secret"), fs::Permissions::from_mode(0o600)).expect("closed");
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, text).expect("written");
}
