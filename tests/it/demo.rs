//! The demonstration from its command line to the files it leaves: what a team would have got after a day on its pages.
//! In: the built program, the shipped scenario. Not here: how a day is played, and whether each verdict is the right one.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use chaperone::policy::Policy;
use serde_json::Value;
use tempfile::TempDir;

use crate::tree::{at, read};

/// Every identifier that the scenario plants: NHS numbers, dates of birth, phone numbers, e-mail addresses, addresses.
const PLANTED: [&str; 8] = [
    "999 127 6408",
    "9994827162",
    "04/02/1941",
    "07700 900614",
    "07700 900377",
    "prudence.wye@mail.example",
    "dawn.summers@nhs.net",
    "3 Canal Row",
];

/// A day that was played, and what it left.
struct Day {
    dir: TempDir,
    code: Option<i32>,
    out: String,
    err: String,
}

impl Day {
    /// Played once for all tests: it takes a while.
    fn played() -> &'static Self {
        static DAY: OnceLock<Day> = OnceLock::new();
        DAY.get_or_init(|| {
            let dir = tempfile::tempdir().expect("a temporary directory");
            let args = ["demo", "--once", "--out"];
            let mut program = Command::new(env!("CARGO_BIN_EXE_chaperone"));
            let output = program.args(args).arg(dir.path()).env_clear().output().expect("the program runs");
            let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
            Day { dir, code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
        })
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.dir.path()).expect("the directory is there");
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        files
    }

    /// The digest in a format.
    fn digest(&self, extension: &str) -> String {
        let end = format!("-digest.{extension}");
        let digests: Vec<PathBuf> =
            self.files().into_iter().filter(|path| path.display().to_string().ends_with(&end)).collect();
        assert_eq!(digests.len(), 1, "digests in {extension}: {digests:?}\n{}", self.err);
        fs::read_to_string(&digests[0]).expect("the digest is UTF-8")
    }

    /// Everything that anybody gets to see, with its name.
    fn shown(&self) -> Vec<(String, String)> {
        let mut shown = vec![("stdout".to_owned(), self.out.clone()), ("stderr".to_owned(), self.err.clone())];
        for path in self.files() {
            let text = fs::read_to_string(&path).expect("the files are UTF-8");
            shown.push((path.file_name().expect("a name").to_string_lossy().into_owned(), text));
        }
        shown
    }

    /// The incidents that were to be dealt with like this, as they were told while the day was played.
    fn incidents(&self, action: &str) -> BTreeSet<u64> {
        let begin = format!("{action:<8} #");
        let numbers =
            self.out.lines().filter_map(|line| line.split_once(&begin)?.1.split_whitespace().next()?.parse().ok());
        numbers.collect()
    }
}

#[test]
fn the_day_is_played_to_its_end() {
    let day = Day::played();
    assert_eq!((day.code, day.err.as_str()), (Some(0), ""));
    assert!(day.out.contains("The day is over"), "{}", day.out);
    for action in ["escalate", "hide", "delete"] {
        assert!(day.incidents(action).len() > 3, "{action}: {:?}", day.incidents(action));
    }
}

#[test]
fn the_digest_names_every_page() {
    let day = Day::played();
    let json: Value = serde_json::from_str(&day.digest("json")).expect("the digest is JSON");
    let pages: Vec<&str> = list(&json, "coverage").iter().filter_map(|page| page["platform"].as_str()).collect();
    assert_eq!(pages.len(), 3, "{pages:?}");
    for platform in ["Facebook", "Instagram", "TikTok"] {
        assert!(pages.contains(&platform), "{pages:?}");
        for format in ["txt", "html"] {
            assert!(day.digest(format).contains(platform), "{format} does not name {platform}");
        }
    }
}

#[test]
fn the_digest_names_everything_that_was_left_to_a_person() {
    let day = Day::played();
    let json: Value = serde_json::from_str(&day.digest("json")).expect("the digest is JSON");
    let needs: BTreeSet<u64> = list(&json, "needs").iter().filter_map(|item| item["number"].as_u64()).collect();
    let (text, html) = (flat(&day.digest("txt")), day.digest("html"));
    for number in day.incidents("escalate") {
        assert!(needs.contains(&number), "#{number} is not among what needs a person");
        assert!(names(&text, number), "the text does not name #{number}");
        assert!(names(&html, number), "the page does not name #{number}");
    }
}

#[test]
fn the_digest_says_of_every_action_what_it_rests_on() {
    let day = Day::played();
    let policy =
        Policy::load(&at("config/policies/bursted-wood-surgery.toml")).expect("the policy of the demonstration");
    let json: Value = serde_json::from_str(&day.digest("json")).expect("the digest is JSON");
    let items: Vec<&Value> = list(&json, "needs").iter().chain(list(&json, "done")).collect();
    let (text, html) = (flat(&day.digest("txt")), day.digest("html"));
    for number in day.incidents("hide").into_iter().chain(day.incidents("delete")) {
        let item = items.iter().find(|item| item["number"] == number);
        let item = item.unwrap_or_else(|| panic!("#{number} is neither done nor to do"));
        let why = list(item, "why");
        assert!(!why.is_empty(), "#{number} has no reason");
        for reason in why {
            let clause = reason["clause"].as_str().unwrap_or_default();
            assert!(policy.clauses.values().any(|place| place == clause), "#{number} rests on {clause:?}");
            assert!(text.contains(clause), "the text does not cite {clause}");
            assert!(plain(&html).contains(&plain(clause)), "the page does not cite {clause}");
        }
        assert!(names(&text, number), "the text does not name #{number}");
        assert!(names(&html, number), "the page does not name #{number}");
    }
}

#[test]
fn no_identifier_leaves_the_evidence() {
    let scenario = read("src/sim/day.toml");
    let shown: Vec<(String, String)> =
        Day::played().shown().into_iter().map(|(name, text)| (name, plain(&text))).collect();
    for identifier in PLANTED {
        assert!(scenario.contains(identifier), "{identifier} stands in the scenario no more");
        for (name, text) in &shown {
            assert!(!text.contains(&plain(identifier)), "{name} shows {identifier}");
        }
    }
}

/// Private persons whom somebody names in the scenario: a neighbour, and an author by the forename.
const PRIVATE: [&str; 3] = ["Jordan", "Peel", "Ashleigh"];

#[test]
fn no_private_person_is_named() {
    let scenario = read("src/sim/day.toml");
    for person in PRIVATE {
        assert!(scenario.contains(person), "{person} stands in the scenario no more");
        for (name, text) in Day::played().shown() {
            assert!(!plain(&text).contains(&plain(person)), "{name} names {person}");
        }
    }
}

#[test]
fn no_author_is_named() {
    let scenario: toml::Table = read("src/sim/day.toml").parse().expect("the scenario is TOML");
    let people = |key: &str| -> BTreeSet<String> {
        let items = scenario.get(key).and_then(toml::Value::as_array).expect("a list");
        items.iter().filter_map(|item| Some(item.get("author")?.as_str()?.to_owned())).collect()
    };
    let authors: BTreeSet<String> = ["post", "comment", "rating", "rename"].into_iter().flat_map(people).collect();
    assert!(authors.len() > 100, "{authors:?}");
    for (name, text) in Day::played().shown() {
        for author in &authors {
            assert!(!text.contains(author.as_str()), "{name} names {author}");
        }
    }
}

#[test]
fn nobody_else_may_read_what_it_leaves() {
    let files = Day::played().files();
    assert!(files.len() > 3, "{files:?}");
    for path in files {
        let mode = fs::metadata(&path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or_else(|| panic!("no list {key} in {value}"), Vec::as_slice)
}

/// Whether an incident's number stands there, and is not the beginning of a longer one.
fn names(text: &str, number: u64) -> bool {
    let number = format!("#{number}");
    text.match_indices(&number).any(|(at, _)| !text[at + number.len()..].starts_with(|c: char| c.is_ascii_digit()))
}

/// One space where there were line breaks and more spaces.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Letters and digits alone, so that no spacing, punctuation or markup can hide anything.
fn plain(text: &str) -> String {
    // Some characters are entities in HTML, whose numbers would be letters among letters.
    let text = text
        .replace("&#39;", "'")
        .replace("&#38;", "&")
        .replace("&#34;", "\"")
        .replace("&#60;", "<")
        .replace("&#62;", ">");
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
