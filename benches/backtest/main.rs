//! How long a backtest takes over a hundred thousand stored comments, on one core: reading and opening them, and comparing
//! the rules in force with changed ones. Beside each time stands how many comments had to be judged, and whether judging
//! every one of them finds the same. Run with `cargo bench --bench backtest`. Not here: asserting; a person reads it.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a bench prints, and asks what time it is")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use chaperone::clock::Timestamp;
use chaperone::comment::{Author, AuthorId, Comment, CommentId, PageId, PageKey, PersonName, Platform, PostId};
use chaperone::measure::Labelled;
use chaperone::rules::apart::Unable;
use chaperone::rules::compare::differ;
use chaperone::rules::{Files, Judging, Rules, Tried};
use chaperone::store::past::Pasts;
use chaperone::store::{Batch, Judged, Mode, Store};
use chaperone::tuning::backtest::{Asked, backtest};
use tempfile::TempDir;

/// Comments in the store.
const STORED: usize = 100_000;

/// A change of a lexicon: what it is, and the file, what stands there and what shall.
type Change = (&'static str, &'static [(&'static str, &'static str, &'static str)]);

const CHANGES: &[Change] = &[
    (
        "an entry with its examples",
        &[(
            "en/complaint.toml",
            "[[entry]]",
            "[[entry]]\nid = \"hold-music\"\nphrases = [\"(awful|dreadful) hold music\", \"<staff> hung up on <my>\"]\n\
         hits = [\"awful hold music\"]\n[[entry]]",
        )],
    ),
    (
        "a phrase of common words",
        &[("en/complaint.toml", "\"never picks up\",", "\"never picks up\", \"(phone|ring) .. <wait-time>\",")],
    ),
    ("a phrase gone", &[("en/harassment.toml", "\"<staff> (a|an) ..2 <insult>\",", "")]),
    ("an exception", &[("en/complaint.toml", "\"quiz\",", "\"quiz\", \"phone* .. (week|day)\",")]),
    ("another certainty", &[("en/obscenity.toml", "= \"f-word\"", "= \"f-word\"\ncertainty = \"medium\"")]),
    ("words in a list", &[("lists/swear-strong.toml", "\"shit\",", "\"shipe\", \"toilet\",")]),
    ("a spelling", &[("spellings.toml", "wot ", "docter = \"doctor\"\nwot ")]),
    ("a point", &[("points/complaint.toml", "\"quicker\"", "\"slower\"")]),
    ("a point for a common word", &[("points/complaint.toml", "points.11 = [", "points.11 = [\"<my> doctor\", ")]),
    ("how many points are enough", &[("points/complaint.toml", "needs     = 6", "needs     = 7")]),
];

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let texts = texts();
    let place = tempfile::tempdir().expect("a folder");
    let in_force = copy(&place.path().join("in-force"));
    let rules = Rules::unproved(&in_force).expect("the shipped rules");
    let started = Instant::now();
    let verdicts: Vec<_> = texts.iter().map(|text| rules.judge(&Comment::of_text(text.as_str()))).collect();
    let each_us = started.elapsed().as_secs_f64() * 1e6 / texts.len() as f64;
    println!("{} invented comments, judged in {each_us:.1} µs each", texts.len());
    let store = runtime.block_on(fill(&place, &texts, &verdicts));
    let (read, read_s) = runtime.block_on(read(&store));
    println!("{read} stored comments read and opened in {read_s:.3} s\n");
    println!(
        "{:28} {:>8} {:>8} {:>9} {:>9} {:>9}  judging all",
        "change", "judged", "changed", "compile s", "pass s", "whole s"
    );
    for (number, (name, edits)) in CHANGES.iter().enumerate() {
        let proposed = copy(&place.path().join(number.to_string()));
        for (file, from, to) in *edits {
            let path = proposed.lexicons.join(file);
            let text = fs::read_to_string(&path).expect("a file");
            assert!(text.contains(from), "{file} has no {from}");
            fs::write(&path, text.replacen(from, to, 1)).expect("written");
        }
        let started = Instant::now();
        let comparison = runtime.block_on(Judging::Here.compare(&in_force, &proposed));
        let mut comparison = match comparison {
            Ok(comparison) => comparison,
            Err(Unable::Wrong(list)) => {
                println!("{name:28} is refused: {}", list.first().map_or_else(String::new, ToString::to_string));
                continue;
            }
            Err(failure) => panic!("{name}: {failure}"),
        };
        let compile_s = started.elapsed().as_secs_f64();
        let started = Instant::now();
        let asked = Asked { since: None, examples: 20 };
        let report = runtime.block_on(backtest(&store, &mut comparison, asked)).expect("a report");
        let pass_s = started.elapsed().as_secs_f64();

        let after = Rules::unproved(&proposed).expect("rules");
        let tried: Vec<Tried> = texts
            .iter()
            .map(|text| Tried { text: chaperone::comment::CommentText::new(text.as_str()), ..Tried::default() })
            .collect();
        let told = runtime.block_on(comparison.ask(&tried)).expect("differences");
        let found: Vec<usize> = told.changed.iter().map(|changed| changed.at).collect();
        let want: Vec<usize> = (0..texts.len())
            .filter(|&at| differ(&verdicts[at], &after.judge(&Comment::of_text(texts[at].as_str()))))
            .collect();
        let same = if found == want {
            format!("finds the same {}", want.len())
        } else {
            format!("DIFFERS: {} and {}", found.len(), want.len())
        };
        println!(
            "{name:28} {:>8} {:>8} {compile_s:>9.2} {pass_s:>9.3} {:>9.2}  {same}",
            report.judged,
            report.changed,
            compile_s + pass_s
        );
    }
}

fn root(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn texts() -> Vec<String> {
    let mut texts = Vec::new();
    for folder in ["learnt", "fresh", "held-out"] {
        for entry in fs::read_dir(root("labelled").join(folder)).expect("a folder").flatten() {
            let text = fs::read_to_string(entry.path()).expect("a file");
            texts.extend(Labelled::parse(&text, &entry.path()).expect("comments").into_iter().map(|row| row.text));
        }
    }
    texts
}

/// A copy of the shipped rules.
fn copy(to: &Path) -> Files {
    for folder in ["en", "lists", "points", "."] {
        fs::create_dir_all(to.join(folder)).expect("made");
        let entries = fs::read_dir(root("lexicons").join(folder)).expect("a folder").flatten();
        for entry in entries.filter(|entry| entry.path().is_file()) {
            fs::copy(entry.path(), to.join(folder).join(entry.file_name())).expect("copied");
        }
    }
    Files {
        lexicons: to.to_owned(),
        policy: root("config/policies/bursted-wood-surgery.toml"),
        staff: Some(root("lexicons/staff.example.csv")),
        ..Files::default()
    }
}

/// A store full of the invented comments, again and again.
async fn fill(place: &TempDir, texts: &[String], verdicts: &[chaperone::policy::Verdict]) -> Store {
    let started = Instant::now();
    let now: Timestamp = "2026-11-02T08:00:00Z".parse().expect("a time");
    let store = Store::open(&place.path().join("chaperone.db"), None, now).expect("a store");
    let page = PageKey { platform: Platform::Facebook, id: PageId::new("1029384756") };
    let numbers: Vec<usize> = (0..STORED).collect();
    for portion in numbers.chunks(2000) {
        let comments = portion.iter().map(|&number| {
            let at = number % texts.len();
            let author =
                Author { id: Some(AuthorId::new(format!("a{number}"))), name: Some(PersonName::new("Jo Carter")) };
            let comment = Comment {
                id: CommentId::new(format!("c{number}")),
                post: PostId::new("p1"),
                author,
                ..Comment::of_text(texts[at].as_str())
            };
            Judged { comment, verdict: Some(verdicts[at].clone()), baseline: false }
        });
        let batch = Batch {
            page: page.clone(),
            seen_at: now,
            posts: Vec::new(),
            comments: comments.collect(),
            replies_read: Vec::new(),
            mode: Mode::Observe,
            rules_version: "bench".to_owned(),
            ages: std::sync::Arc::default(),
            answering: chaperone::signpost::Answering::default(),
        };
        store.record(batch).await.expect("recorded");
    }
    println!("{STORED} comments recorded in {:.1} s", started.elapsed().as_secs_f64());
    store
}

async fn read(store: &Store) -> (usize, f64) {
    let started = Instant::now();
    let (mut which, mut read) = (Pasts { most: 2000, ..Pasts::default() }, 0);
    loop {
        let past = store.past(which).await.expect("comments");
        let Some(last) = past.last() else { break };
        which.after = last.id;
        read += past.len();
    }
    (read, started.elapsed().as_secs_f64())
}
