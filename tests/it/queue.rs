//! The queue as two people at a shell meet it, beside a daemon that runs: who sees an alert first, and who comes second.
//! In: the built program on the files of a simulated practice. Not here: which incidents need a human (the digest's rule).

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use chaperone::clock::Clock;
use insta::assert_snapshot;

use crate::support::{Bench, COMPLAINT, FACEBOOK, KIND, NAMED, NUMBER, THREAT, scenario, write};

/// How `queue` ended: its code, what it printed, what it complained of.
fn queue(bench: &Bench, args: &[&str]) -> (i32, String, String) {
    bench.program(&[&["queue"], args].concat())
}

/// A threat, a private person's number, a named member of staff, a complaint and a kind word, on Facebook.
async fn bench() -> Bench {
    let mut text =
        "post = [{ key = \"p\", page = \"fb\", at = \"+07:00\", text = \"News\" }]\ncomment = [\n".to_owned();
    for (key, words) in [("threat", THREAT), ("number", NUMBER), ("named", NAMED), ("bad", COMPLAINT), ("kind", KIND)] {
        let _ = writeln!(
            text,
            "{{ key = \"{key}\", post = \"p\", at = \"+07:55\", author = \"Jo\", text = \"{words}\" }},"
        );
    }
    let mut bench = Bench::new(scenario(&[FACEBOOK], &(text + "]"))).await;
    let file = bench.file("chaperone.toml");
    let config = fs::read_to_string(&file).expect("the configuration");
    write(&file, &config.replace("repeat_min = \"none\"", "repeat_min = 30"));
    bench.restart().await;
    bench.step().await;
    bench
}

async fn number(bench: &Bench, key: &str) -> String {
    bench.incident(key).await.expect("an incident").number.to_string()
}

/// What a run printed, without what differs from run to run.
fn plain(text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for line in &mut lines {
        if let Some((before, _)) = line.split_once("judged by rules ") {
            *line = format!("{before}judged by rules …");
        }
    }
    lines.join("\n")
}

#[tokio::test]
async fn an_alert_repeats_until_the_first_of_two_people_acknowledges_it_and_the_second_is_told_who() {
    let bench = bench().await;
    bench.minutes(31).await;
    let told = bench.letters("alert").len();
    bench.minutes(30).await;
    assert!(bench.letters("alert").len() > told, "it is repeated");
    let (threat, other) = (number(&bench, "threat").await, number(&bench, "number").await);

    let (code, out, err) = queue(&bench, &["acknowledge", &threat, &other, "--by", "Pat Lee"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(out.lines().next(), Some(&*format!("#{threat} is acknowledged by Pat Lee and is not repeated.")));
    let (code, out, err) = queue(&bench, &["acknowledge", &threat, "--by", "Sam"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.starts_with(&format!("#{threat} was acknowledged before, by Pat Lee, on ")), "{err}");

    let told = bench.letters("alert").len();
    bench.minutes(90).await;
    assert_eq!(bench.letters("alert").len(), told, "nobody is called again");
    let (_, out, _) = queue(&bench, &["show", &threat]);
    assert!(out.contains("acknowledged by Pat Lee"), "{out}");
}

#[tokio::test]
async fn the_command_that_an_alert_names_is_the_one_that_works() {
    let bench = bench().await;
    let letters = bench.letters("alert");
    let letter = letters.iter().find(|path| path.extension().is_some_and(|ending| ending == "txt")).expect("a letter");
    let letter = fs::read_to_string(letter).expect("a letter");
    let line = letter.lines().find(|line| line.contains("queue acknowledge")).expect("a command");
    let command = line.trim().strip_prefix("chaperone ").expect("the program");
    let shell = format!("{} {command}", env!("CARGO_BIN_EXE_chaperone"));
    let ran = Command::new("sh").args(["-c", &shell]).env_clear().output().expect("a shell");
    let out = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && out.contains("is acknowledged by your name"), "{shell}: {out}");
}

#[tokio::test]
async fn a_number_that_is_unknown_is_told_and_the_others_are_acknowledged() {
    let bench = bench().await;
    let threat = number(&bench, "threat").await;
    let (code, out, err) = queue(&bench, &["acknowledge", "777", &threat, "--by", "Pat"]);
    assert_eq!(code, 1);
    assert_eq!(out, format!("#{threat} is acknowledged by Pat and is not repeated.\n"));
    assert_eq!(err, "there is no incident #777; the digest, alerts and `chaperone queue list` show the numbers\n");
    assert_eq!(queue(&bench, &["show", "777"]).0, 1);
    assert_eq!(queue(&bench, &["acknowledge", "--by", "Pat"]).0, 2);
    assert_eq!(queue(&bench, &["acknowledge", &threat]).0, 2);
    assert_eq!(queue(&bench, &["acknowledge", &threat, "--by", " "]).0, 2);
}

#[tokio::test]
async fn the_list_reads_like_this_and_masks_identifiers() {
    let bench = bench().await;
    let (code, out, err) = queue(&bench, &["list"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(!out.contains("999 127 6408"), "{out}");
    assert_snapshot!("list", plain(&out));
    for key in ["threat", "number"] {
        queue(&bench, &["acknowledge", &number(&bench, key).await, "--by", "Pat"]);
    }
    assert_eq!(queue(&bench, &["list"]).1, "Nothing waits for a person.\n");
}

#[tokio::test]
async fn an_incident_reads_like_this_masked_and_whole() {
    let bench = bench().await;
    let number = number(&bench, "number").await;
    let (code, masked, _) = queue(&bench, &["show", &number]);
    assert_eq!(code, 0);
    assert!(!masked.contains("999 127 6408") && !masked.contains("by Jo"), "{masked}");
    assert_snapshot!("show", plain(&masked));
    let (code, whole, _) = queue(&bench, &["show", &number, "--unmasked"]);
    assert_eq!(code, 0);
    assert!(whole.contains(NUMBER) && whole.contains("by Jo"), "{whole}");
}

#[tokio::test]
async fn a_policy_with_a_mistake_keeps_nobody_from_acknowledging() {
    let bench = bench().await;
    write(&bench.file("drafts.toml"), "[[draft]]\nname = 3\n");
    write(&bench.file("lexicons/en/complaint.toml"), "nonsense");
    let threat = number(&bench, "threat").await;
    assert_eq!(queue(&bench, &["acknowledge", &threat, "--by", "Pat"]).0, 0);
}

/// The commands go by the machine's clock: the bench's is put there, and everybody takes some steps.
async fn meet(bench: &Bench) {
    bench.clock.set(bench.clock.now().max(Clock::System.now()));
    bench.minutes(5).await;
}

#[tokio::test]
async fn what_a_person_decides_is_written_down_done_and_told_with_its_reason_kept_from_those_who_need_not_see_it() {
    let bench = bench().await;
    bench.minutes(5).await;
    assert_eq!(bench.stands("named"), "hidden");
    let named = number(&bench, "named").await;
    let (code, out, err) = queue(&bench, &["restore", &named, "--by", "Pat Lee", "--reason", "she asked for it"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let want = format!("#{named} is shown again on Facebook by the running daemon within a minute, and no rule hides");
    assert!(out.starts_with(&want), "{out}");
    meet(&bench).await;
    assert_eq!(bench.stands("named"), "up");

    let (_, out, _) = queue(&bench, &["show", &named]);
    assert!(out.contains("restored by Pat Lee") && out.contains("done: shown again, and read back"), "{out}");
    assert!(!out.contains("she asked"), "{out}");
    assert!(queue(&bench, &["show", &named, "--unmasked"]).1.contains("she asked for it"));
    let (code, out, err) = queue(&bench, &["restore", &named, "--by", "Sam", "--reason", "yes"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.starts_with(&format!("#{named} was restored by Pat Lee on ")), "{err}");
    let (code, out, _) = queue(&bench, &["hide", &named, "--by", "Sam", "--reason", "no"]);
    assert_eq!(code, 0);
    assert!(out.contains("Before, it was restored by Pat Lee on "), "{out}");
}

#[tokio::test]
async fn what_cannot_be_done_for_a_person_is_refused_with_what_they_can_do() {
    let bench = bench().await;
    bench.minutes(5).await;
    let bad = number(&bench, "bad").await;
    let (code, out, err) = queue(&bench, &["restore", &bad, "--by", "Pat", "--reason", "fair"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("what is deleted cannot be shown again") && err.contains("--unmasked"), "{err}");
    let (code, _, err) = queue(&bench, &["delete", &bad, "777", "--by", "Pat", "--reason", "rude"]);
    assert_eq!(code, 1);
    assert!(err.contains("nothing is left to do") && err.contains("there is no incident #777"), "{err}");
    for wrong in [
        &["restore", &bad, "--by", "Pat"][..],
        &["restore", &bad, "--by", "Pat", "--reason", " "],
        &["restore", "--by", "Pat", "--reason", "fair"],
        &["restore", &bad, "--batch", "--entry", "x", "--by", "Pat", "--reason", "fair"],
        &["restore", "--batch", "--by", "Pat", "--reason", "fair"],
        &["restore", &bad, "--entry", "x", "--by", "Pat", "--reason", "fair"],
        &["restore", "--batch", "--entry", "x", "--since", "soon", "--by", "Pat", "--reason", "fair"],
    ] {
        assert_eq!(queue(&bench, wrong).0, 2, "{wrong:?}");
    }
}

#[tokio::test]
async fn a_rules_whole_work_is_taken_back_after_a_look_at_what_that_is() {
    let bench = bench().await;
    bench.minutes(5).await;
    let ask =
        ["restore", "--batch", "--entry", "staff/dr-rakesh-patel", "--by", "Pat", "--reason", "a patient of that name"];
    let (code, out, _) = queue(&bench, &[&ask[..], &["--dry-run"]].concat());
    assert_eq!(code, 0);
    assert_snapshot!("dry-run", out);
    meet(&bench).await;
    assert_eq!(bench.stands("named"), "hidden");
    let (code, out, _) = queue(&bench, &ask);
    assert_eq!(code, 0);
    assert_snapshot!("batch", out);
    meet(&bench).await;
    assert_eq!(bench.stands("named"), "up");
    let nothing = ["restore", "--batch", "--entry", "complaint/none", "--by", "Pat", "--reason", "x"];
    assert_eq!(queue(&bench, &nothing).0, 1);
}
