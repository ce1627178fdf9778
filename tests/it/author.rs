//! Authors, as people at a shell speak of them beside a daemon that runs: trusted and exempt, or on the ladder. In: the
//! built program on the files of a simulated practice. Not here: the ladder's table (`ladder`) and the store's rows.

use std::fmt::Write as _;
use std::fs;

use chaperone::store::{Decision, Mode, Word};

use crate::support::{Bench, COMPLAINT, FACEBOOK, NAMED, NUMBER, THREAT, scenario};

const BY: [&str; 4] = ["--by", "Pat Lee", "--reason", "talked it over with the partners"];

/// A complaint by Jo Carter, and nothing else yet.
async fn bench() -> Bench {
    let mut text =
        "post = [{ key = \"p\", page = \"fb\", at = \"+07:00\", text = \"News\" }]\ncomment = [\n".to_owned();
    let mut add = |key: &str, at: &str, words: &str| {
        let _ = writeln!(
            text,
            "{{ key = \"{key}\", post = \"p\", at = \"+{at}\", author = \"Jo Carter\", text = \"{words}\" }},"
        );
    };
    add("first", "07:55", COMPLAINT);
    add("named", "08:05", NAMED);
    add("number", "08:05", NUMBER);
    add("threat", "08:05", THREAT);
    let bench = Bench::new(scenario(&[FACEBOOK], &(text + "]"))).await;
    bench.step().await;
    bench
}

async fn number(bench: &Bench, key: &str) -> String {
    bench.incident(key).await.expect("an incident").number.to_string()
}

/// `author …` with who and why.
fn author(bench: &Bench, args: &[&str]) -> (i32, String) {
    let (code, out, err) = bench.program(&[&["author"], args].concat());
    assert!(out.is_empty() || err.is_empty(), "{out}{err}");
    (code, out + &err)
}

fn says(bench: &Bench, args: &[&str], want: (i32, &str)) {
    let (code, told) = author(bench, &[args, &BY].concat());
    assert!(code == want.0 && told.contains(want.1), "{args:?}: {code} {told}");
}

#[tokio::test]
async fn an_exempt_author_is_left_up_and_told_and_what_identifies_somebody_is_still_covered() {
    let bench = bench().await;
    let first = number(&bench, "first").await;
    says(&bench, &["exempt", &first], (0, "is exempt on this page from now on"));
    says(&bench, &["exempt", &first], (1, "by the word of Pat Lee; nothing was changed"));
    bench.minutes(10).await;
    assert_eq!((bench.stands("named"), bench.stands("number"), bench.stands("threat")), ("up", "hidden", "up"));
    assert!(bench.letters("alert").len() >= 2, "the threat and the number are told at once");
    let digest = bench.program(&["digest", "--from", "2026-11-18", "--to", "2026-11-19"]).1;
    assert!(digest.contains("left up: the author is exempt"), "{digest}");
    let (code, told) = author(&bench, &["list"]);
    assert!(code == 0 && told.contains("J. C. on facebook:1029384756: exempt since "), "{told}");
    says(&bench, &["unexempt", &first], (0, "exempt no more"));
    bench.comments("again", "p", NAMED);
    bench.minutes(2).await;
    assert_eq!(bench.stands("again"), "hidden");
    let (code, out, err) = bench.program(&["audit", "verify"]);
    assert_eq!(code, 0, "{out}{err}");
}

#[tokio::test]
async fn people_decide_about_an_exempt_authors_comment_as_about_any_other() {
    let bench = bench().await;
    says(&bench, &["exempt", &number(&bench, "first").await], (0, "exempt"));
    bench.minutes(10).await;
    let threat = number(&bench, "threat").await;
    // Not at the shell, whose clock is the machine's and days ahead.
    let word = Word {
        what: Decision::Delete,
        who: "Pat Lee".into(),
        why: "a threat".into(),
        seen: chaperone::store::Seen::Anything,
    };
    let numbers = [threat.parse().expect("a number")];
    bench.daemon().store().decide(&numbers, word, Mode::Enforce, bench.clock.now()).await.expect("decides");
    bench.minutes(2).await;
    assert_eq!(bench.stands("threat"), "gone");
}

#[tokio::test]
async fn the_ladder_is_climbed_by_people_step_by_step_and_no_complaint_leads_to_removal() {
    let bench = bench().await;
    let first = number(&bench, "first").await;
    let step = |to: &str, want| says(&bench, &["step", &first, "--to", to], want);
    step("warning", (1, "one step at a time, and the next one is contact"));
    step("contact", (0, "the draft \"request-to-remove\"; a person sends them"));
    step("contact", (1, "was written down about this incident by Pat Lee"));
    step("second-contact", (0, "the draft \"second-contact\""));
    step("warning", (0, "It counts until"));
    step("legal-advice", (0, "the draft \"legal-advice\""));
    assert_eq!(bench.program(&[&["queue", "uphold", &first], &BY[..]].concat()).0, 0);
    step("removal", (1, "all that was upheld of this author's is complaint, and nobody is removed for that"));
    step("removed", (2, "the steps are contact, second-contact"));
    says(&bench, &["step", "777", "--to", "contact"], (1, "there is no incident #777"));
    bench.minutes(10).await;
    let digest = bench.program(&["digest", "--from", "2026-11-18", "--to", "2026-11-19"]).1;
    assert!(digest.contains("legal advice taken"), "{digest}");

    let threat = number(&bench, "threat").await;
    let removal = ["step", &threat, "--to", "removal", "--police"];
    says(&bench, &removal, (1, "no threat that a person has upheld stands in this incident"));
    assert_eq!(bench.program(&[&["queue", "uphold", &threat], &BY[..]].concat()).0, 0);
    says(&bench, &removal, (0, "Nothing was sent and nobody was removed"));
    assert_eq!(bench.acts("first").len() + bench.acts("threat").len(), 2, "only what the rules asked for");
}

#[tokio::test]
async fn what_stands_about_an_author_reads_like_this_masked_and_whole() {
    let bench = bench().await;
    let first = number(&bench, "first").await;
    says(&bench, &["step", &first, "--to", "contact"], (0, ""));
    let plain = |text: String| text.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>();
    let (_, masked) = author(&bench, &["show", &first]);
    assert!(!masked.contains("Jo Carter") && !masked.contains("partners"), "{masked}");
    let (_, whole) = author(&bench, &["show", &first, "--unmasked"]);
    assert!(whole.contains("Jo Carter") && whole.contains("partners"), "{whole}");
    let today = days(&masked);
    insta::assert_snapshot!(plain(masked).replace(&today[0], "TODAY").replace(&today[1], "IN A YEAR"), @r"
    J. C., on facebook:1029384756

    Not exempt: rules do what the policy says.

    The ladder:
      #1: contacted on TODAY by Pat Lee; counts until IN A YEAR

    Incidents:
      #1 of 18 Nov 2026: complaint; to delete; nobody has decided

    --unmasked shows the name, and the reasons that people gave.
    ");
    let (code, told) = author(&bench, &["withdraw", &first, "--by", "Sam"]);
    assert!(code == 0 && told.contains("Contact is taken back by Sam"), "{told}");
    assert_eq!(author(&bench, &["withdraw", &first, "--by", "Sam"]).0, 1);
    assert_eq!(author(&bench, &["list"]), (0, "Nobody is exempt, and nobody is on the ladder.\n".to_owned()));
}

/// The days of a step, which come from the machine's clock.
fn days(text: &str) -> [String; 2] {
    let line = text.split("contacted on ").nth(1).expect("a step").replace('\n', " ");
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let (at, rest) = line.split_once(" by ").expect("who");
    let until = rest.split("counts until ").nth(1).expect("until").split(" Incidents").next().expect("until");
    [at.to_owned(), until.trim().to_owned()]
}

#[tokio::test]
async fn a_person_is_told_what_was_noted_about_them_and_their_erasure_takes_it_away() {
    let bench = bench().await;
    let first = number(&bench, "first").await;
    says(&bench, &["step", &first, "--to", "contact"], (0, ""));
    says(&bench, &["exempt", &first], (0, ""));
    let out = bench.file("jo").display().to_string();
    let export = ["subject", "export", "Jo Carter", "--by", "Pat Lee", "--out", &out];
    assert_eq!(bench.program(&export).0, 0);
    let html = fs::read_to_string(bench.file("jo/personal-data.html")).expect("written");
    assert!(html.contains("What the practice has noted about you") && html.contains("contacted"), "{html}");
    assert!(!html.contains("partners") && !html.contains("Pat Lee"), "{html}");
    assert_eq!(bench.program(&["subject", "erase", "Jo Carter", "--by", "Pat Lee"]).0, 0);
    assert_eq!(author(&bench, &["list"]), (0, "Nobody is exempt, and nobody is on the ladder.\n".to_owned()));
    says(&bench, &["exempt", &first], (1, "what was known of its author has been erased"));
    assert_eq!(bench.program(&["audit", "verify"]).0, 0);
}
