//! What people are told and shown beyond a day: the manager's report and the test of alerts, as somebody at a shell asks
//! for them, and the digest that remembers what earlier ones told of.

use chaperone::sim::Scenario;

use crate::support::{Bench, COMPLAINT, CRY, FACEBOOK, NAMED, Practice, THREAT, scenario, secret, write};

/// A post on Facebook an hour before the watch begins, with these comments.
fn on_facebook(comments: &[(&str, &str)]) -> Scenario {
    let comment = |(key, words): &(&str, &str)| {
        format!("{{ key = \"{key}\", post = \"p\", at = \"+07:55\", author = \"Jo\", text = \"{words}\" }},\n")
    };
    let comments: String = comments.iter().map(comment).collect();
    let post = "post = [{ key = \"p\", page = \"fb\", at = \"+07:00\", text = \"News\" }]";
    scenario(&[FACEBOOK], &format!("{post}\ncomment = [\n{comments}]"))
}

#[tokio::test]
async fn the_report_of_a_month_is_printed_or_written_and_has_its_numbers_in_every_form() {
    let bench = Bench::new(on_facebook(&[("nasty", COMPLAINT), ("named", NAMED), ("cry", CRY)])).await;
    bench.step().await;
    bench.minutes(5).await;
    let month = bench.clock.now().strftime("%Y-%m").to_string();
    let (code, text, errors) = bench.program(&["report", "--month", &month]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(text.contains("Signs that somebody may come to harm: 1, of which 1 without"), "{text}");
    let (_, csv, _) = bench.program(&["report", "--month", &month, "--format", "csv"]);
    assert!(csv.starts_with("\u{feff}practice,month,") && csv.lines().count() > 40 && csv.ends_with("count\r\n"));
    assert!(csv.contains(",safeguarding,,incidents,1,count"), "{csv}");
    let (_, json, _) = bench.program(&["report", "--month", &month, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json["safeguarding"]["incidents"], &json["judged"]), (&1.into(), &3.into()));
    let (_, html, _) = bench.program(&["report", "--month", &month, "--format", "html"]);
    for form in [&text, &csv, &html] {
        assert!(!form.contains("Patel saw") && !form.contains("want to die") && !form.contains("Jo "), "{form}");
    }
    let out = bench.file("reports").display().to_string();
    let (code, said, _) = bench.program(&["report", "--month", &month, "--out", &out]);
    assert_eq!((code, said.lines().count()), (0, 3), "{said}");
    let (code, _, errors) = bench.program(&["report", "--month", &month, "--out", &out]);
    assert!(code == 2 && errors.contains("it is there already"), "{errors}");
}

#[tokio::test]
async fn a_month_to_come_and_a_month_that_is_none_are_refused() {
    let bench = Bench::new(on_facebook(&[])).await;
    bench.step().await;
    let (code, _, errors) = bench.program(&["report", "--month", "2999-01"]);
    assert!(code == 2 && errors.contains("January 2999 has not begun"), "{errors}");
    let (code, _, errors) = bench.program(&["report", "--month", "November"]);
    assert!(code == 2 && errors.contains("write a month as 2026-10"), "{errors}");
}

#[tokio::test]
async fn a_test_of_alerts_says_of_each_way_whether_it_works() {
    let bench = Bench::new(on_facebook(&[])).await;
    bench.step().await;
    let (code, said, _) = bench.program(&["alert", "test"]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("4 of 4 test messages were taken") && said.contains("No mail server is configured"),
        "{said}"
    );
    assert_eq!(bench.letters("alert-test").len(), 8, "text and HTML of each kind");
    let letter = std::fs::read_to_string(&bench.letters("alert-test-1.txt")[0]).expect("a letter");
    assert!(letter.contains("TEST, nothing has happened") && letter.contains("GP Safeguarding Lead"), "{letter}");

    let file = bench.file("chaperone.toml");
    let text = std::fs::read_to_string(&file).expect("a configuration");
    write(&file, &text.replace("repeat_min =", "webhook_kind = \"teams\"\nwebhook_url_file = \"hook\"\nrepeat_min ="));
    // Port 9 of this machine: nobody listens there.
    secret(&bench.file(""), "hook", "http://127.0.0.1:9/hook");
    let (code, said, _) = bench.program(&["alert", "test"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("Teams webhook: 0 of 4") && said.contains("no connection"), "{said}");
    assert!(!said.contains("127.0.0.1"), "the address of a webhook is a secret: {said}");
}

#[tokio::test]
async fn a_digest_that_somebody_asks_for_is_sent_however_quiet_it_is_and_says_where_it_went() {
    let bench = Bench::new(on_facebook(&[])).await;
    bench.step().await;
    let (code, said, errors) = bench.program(&["digest", "--send"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(said.starts_with("Sent: files in "), "{said}");
    assert_eq!(bench.letters("digest").len(), 3);
}

#[tokio::test]
async fn a_digest_remembers_what_earlier_ones_told_of_until_somebody_has_a_word() {
    let bench = Bench::of(on_facebook(&[("cry", CRY), ("threat", THREAT)]), Practice::default()).await;
    bench.step().await;
    bench.minutes(5).await;
    let herald = bench.daemon().herald();
    let told = bench.clock.now();
    bench.strides(30, 60).await;
    let digest = herald.digest(told, bench.clock.now()).await.expect("a digest");
    assert_eq!(digest.open.len(), 2, "{:?}", digest.open);
    let number = bench.incident("cry").await.expect("an incident").number;
    let (code, _, _) = bench.program(&["queue", "acknowledge", &number.to_string(), "--by", "Pat Lee"]);
    assert_eq!(code, 0);
    let digest = herald.digest(told, bench.clock.now()).await.expect("a digest");
    assert_eq!(digest.open.len(), 1);
    assert_eq!(digest.open[0].headline, "Threat");
}
