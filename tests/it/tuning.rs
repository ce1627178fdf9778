//! `backtest` and `lexicon lint`, `stats` and `suggest` as the practice admin meets them: the built program beside a store
//! with a few comments about which people have decided. Not here: what they find out, which their own tests hold.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use chaperone::clock::{SignedDuration, Timestamp};
use chaperone::comment::{Comment, CommentId, PageId, PageKey, Platform, PostId};
use chaperone::rules::{Files, Rules};
use chaperone::store::{Batch, Decision, Judged, Mode, Store, Word};
use insta::assert_snapshot;
use tempfile::TempDir;

use crate::support::write;
use crate::tree::at;

const CONFIG: &str = "[practice]\nname = \"Alderbrook Surgery\"\npolicy = \"bursted-wood-surgery\"\nstaff = \"staff.csv\"\n\
    [policies]\ndir = \"policies\"\n[lexicons]\ndir = \"lexicons\"\n[store]\npath = \"state/chaperone.db\"\n";

const COMPLAINTS: &str = "category = \"complaint\"\nclause = \"complaints\"\n\n[[entry]]\nid = \"worst\"\n\
    phrases = [\"worst surgery\"]\nhits = [\"Worst surgery ever\"]\n\n[[entry]]\nid = \"gormless\"\n\
    phrases = [\"gormless\"]\nhits = [\"gormless\"]\n";

struct Practice {
    dir: TempDir,
}

impl Practice {
    /// A practice with a store that remembers these comments, each a minute after the other.
    fn with(comments: &[&str]) -> Self {
        let practice = Self { dir: tempfile::tempdir().expect("a folder") };
        write(&practice.at("chaperone.toml"), CONFIG);
        write(&practice.at("staff.csv"), "title,forename,surname,role,aliases\nDr,Rakesh,Patel,GP Partner,\n");
        practice.put("lexicons", COMPLAINTS);
        let policy = "policies/bursted-wood-surgery.toml";
        write(&practice.at(policy), &fs::read_to_string(at("config").join(policy)).expect("a shipped policy"));
        let rules = Rules::load(&practice.files()).expect("rules");
        practice.run(async |store| {
            for (number, text) in (1..).zip(comments) {
                let id = CommentId::new(format!("c{number}"));
                let comment = Comment { id, post: PostId::new("p1"), ..Comment::of_text(*text) };
                let verdict = Some(rules.judge(&comment));
                let batch = Batch {
                    page: PageKey { platform: Platform::Facebook, id: PageId::new("1029384756") },
                    seen_at: at_minute(number),
                    posts: Vec::new(),
                    comments: vec![Judged { comment, verdict, baseline: false }],
                    replies_read: Vec::new(),
                    mode: Mode::Observe,
                    rules_version: "v1".to_owned(),
                    ages: std::sync::Arc::default(),
                    answering: chaperone::signpost::Answering::default(),
                };
                store.record(batch).await.expect("recorded");
            }
        });
        practice
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn put(&self, folder: &str, complaints: &str) {
        write(&self.at(folder).join("en/complaint.toml"), complaints);
        write(&self.at(folder).join("lists/place.toml"), "phrases = [\"surgery\"]\n");
    }

    fn files(&self) -> Files {
        Files {
            lexicons: self.at("lexicons"),
            policy: self.at("policies/bursted-wood-surgery.toml"),
            staff: Some(self.at("staff.csv")),
            ..Files::default()
        }
    }

    fn run(&self, work: impl AsyncFnOnce(&Store)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let store = Store::open(&self.at("state/chaperone.db"), None, at_minute(0)).expect("a store");
        runtime.block_on(work(&store));
    }

    fn decide(&self, what: Decision, numbers: &[i64]) {
        self.run(async |store| {
            let word = Word {
                what,
                who: "Pat Lee".to_owned(),
                why: "so it is".to_owned(),
                seen: chaperone::store::Seen::Anything,
            };
            store.decide(numbers, word, Mode::Observe, at_minute(600)).await.expect("decided");
        });
    }

    /// Exit code and what was printed, standard output first.
    fn says(&self, args: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_chaperone"))
            .args(["--config", "chaperone.toml"])
            .args(args)
            .current_dir(self.dir.path())
            .env_clear()
            .output()
            .expect("the program runs");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).expect("UTF-8").replace(&self.dir.path().display().to_string(), "DIR");
        (output.status.code().unwrap_or(-1), text)
    }
}

fn at_minute(minutes: i64) -> Timestamp {
    "2026-11-02T08:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_mins(minutes)
}

const SAID: [&str; 4] =
    ["Worst surgery ever, ring me on 07700 900123", "hopeless, all of it", "lovely nurses", "hopeless again"];

#[test]
fn a_changed_lexicon_is_tried_on_the_stored_comments() {
    let practice = Practice::with(&SAID);
    practice.decide(Decision::Uphold, &[1]);
    practice.put(
        "proposed",
        &COMPLAINTS.replace("\"worst surgery\"", "\"hopeless\"").replace("Worst surgery ever", "hopeless"),
    );
    let (code, text) = practice.says(&["backtest", "--lexicons", "proposed"]);
    assert_eq!(code, 0, "{text}");
    assert_snapshot!(text);
    let (_, json) = practice.says(&["backtest", "--lexicons", "proposed", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json["comments"], &json["changed"]), (&4.into(), &3.into()));
    assert!(!json.to_string().contains("900123"), "masked");
    let (code, text) = practice.says(&["backtest", "--lexicons", "lexicons"]);
    assert_eq!(
        (code, text.lines().next()),
        (0, Some("Nothing that a comment could show was changed: all 4 stored comments are decided as before."))
    );
    practice.put("proposed", &COMPLAINTS.replace("hits = [\"gormless\"]", "hits = [\"lovely\"]"));
    let (code, text) = practice.says(&["backtest", "--lexicons", "proposed"]);
    assert!(code == 2 && text.contains("does not find this hit"), "{text}");
}

#[test]
fn entries_are_told_with_what_people_made_of_them() {
    let practice = Practice::with(&SAID);
    practice.decide(Decision::Uphold, &[1]);
    let (code, text) = practice.says(&["lexicon", "stats", "--never"]);
    assert_eq!(code, 0, "{text}");
    assert_snapshot!(text);
    let (code, text) = practice.says(&["lexicon", "suggest"]);
    assert!(code == 0 && text.contains("too little to learn from"), "{text}");
}

#[test]
fn what_looks_wrong_in_a_lexicon_is_told_and_ends_with_one() {
    let practice = Practice::with(&[]);
    assert_eq!(practice.says(&["lexicon", "lint"]), (0, "Nothing looks wrong in 2 entries.\n".to_owned()));
    practice.put("proposed", &COMPLAINTS.replace("\"gormless\"]\nhits", "\"gormless\", \"gormless\", \"the\"]\nhits"));
    let (code, text) = practice.says(&["lexicon", "lint", "--lexicons", "proposed"]);
    assert_eq!(code, 1);
    assert_snapshot!(text);
}
