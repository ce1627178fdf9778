//! What the practice owes to the people whose words it keeps, and to whoever doubts its evidence, as somebody at a shell
//! meets it beside a daemon that runs. In: the built program on the files of a simulated practice.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use chaperone::clock::SignedDuration;
use serde_json::Value;

use crate::support::{Bench, COMPLAINT, FACEBOOK, KIND, NAMED, NUMBER, THREAT, scenario, write};

#[track_caller]
fn done(bench: &Bench, args: &[&str]) -> String {
    let (code, out, err) = bench.program(args);
    assert_eq!((code, err.as_str()), (0, ""), "{args:?}: {out}");
    out
}

/// A threat, an identifier and a named member of staff by Jo, a complaint by Al, a kind word by Jo, on Facebook.
async fn bench() -> Bench {
    let mut rows = String::new();
    for (key, author, words) in [
        ("threat", "Jo Carter", THREAT),
        ("number", "Jo Carter", NUMBER),
        ("named", "Jo Carter", NAMED),
        ("bad", "Al Baker", COMPLAINT),
        ("kind", "Jo Carter", KIND),
    ] {
        let _ = writeln!(
            rows,
            "{{ key = \"{key}\", post = \"p\", at = \"+07:55\", author = \"{author}\", text = \"{words}\" }},"
        );
    }
    let text =
        format!("post = [{{ key = \"p\", page = \"fb\", at = \"+07:00\", text = \"News\" }}]\ncomment = [\n{rows}]");
    let bench = Bench::new(scenario(&[FACEBOOK], &text)).await;
    bench.step().await;
    bench
}

async fn number(bench: &Bench, key: &str) -> String {
    bench.incident(key).await.expect("an incident").number.to_string()
}

/// The store as somebody with the sqlite3 shell has it.
fn shell(bench: &Bench, statements: &str) {
    let file = rusqlite::Connection::open(bench.file("state/chaperone.db")).expect("opens");
    file.execute_batch(statements).expect("runs");
}

#[tokio::test]
async fn a_store_that_nobody_touched_verifies_and_one_that_somebody_edited_does_not() {
    let bench = bench().await;
    let whole = done(&bench, &["audit", "verify"]);
    assert!(whole.contains("Nothing was changed") && whole.contains("No head from a digest was given"), "{whole}");
    bench.step_at(18, 0).await;
    let whole = done(&bench, &["audit", "verify", "--digests", &bench.file("out").display().to_string()]);
    assert!(whole.contains("Held against 1 head from outside"), "{whole}");
    shell(&bench, "drop trigger audit_is_not_rewritten; update audit set who = 'nobody' where id = 3");
    let number = number(&bench, "threat").await;
    shell(&bench, &format!("update verdict set action = 'allow' where id = {number}"));
    let (code, out, _) = bench.program(&["audit", "verify"]);
    assert_eq!(code, 1, "{out}");
    for told in ["audit_is_not_rewritten", "row 3 of the chain was changed", &format!("incident #{number}")] {
        assert!(out.contains(told), "{told}: {out}");
    }
}

#[tokio::test]
async fn a_chain_whose_end_was_cut_off_is_found_out_by_the_digests_alone() {
    let bench = bench().await;
    bench.step_at(18, 0).await;
    shell(
        &bench,
        "create temp table guards as select sql from sqlite_schema where type = 'trigger' and tbl_name = 'audit';
         drop trigger audit_is_not_deleted; delete from audit where id > (select max(id) - 4 from audit);
         create trigger audit_is_not_deleted before delete on audit begin
             select raise(abort, 'the audit table is append-only'); end;
         delete from digest_sent; delete from outbox; delete from alert;",
    );
    let out = bench.file("out").display().to_string();
    let (code, told, _) = bench.program(&["audit", "verify", "--digests", &out]);
    assert!(code == 1 && told.contains("rows were cut off its end, or it was made anew"), "{told}");
}

#[tokio::test]
async fn a_case_pack_says_what_was_posted_and_done_and_its_chain_can_be_checked_by_other_tools() {
    let bench = bench().await;
    let (number, out) = (number(&bench, "threat").await, bench.file("case").display().to_string());
    let said = done(&bench, &["audit", "export", &number, "--by", "Pat Lee", "--out", &out]);
    assert!(said.contains(&format!("case-{number}.html")), "{said}");
    let html = fs::read_to_string(bench.file(&format!("case/case-{number}.html"))).expect("written");
    for told in [THREAT, "Jo Carter", "Pat Lee", "Alderbrook Surgery", "deleted", "threat/test"] {
        assert!(html.contains(told), "{told} is not in the pack");
    }
    let path = bench.file(&format!("case/case-{number}.json"));
    assert_eq!(fs::metadata(&path).expect("written").permissions().mode() & 0o777, 0o600);
    let json: Value = serde_json::from_slice(&fs::read(&path).expect("read")).expect("JSON");
    let rows = json["chain"]["rows"].as_array().expect("rows");
    assert!(rows.len() >= 3, "{rows:?}");
    for row in rows {
        assert_eq!(row["hash"].as_str().expect("a hash"), hash(row), "{row}");
    }
    let (code, _, err) = bench.program(&["audit", "export", &number, "--by", "Pat Lee", "--out", &out]);
    assert!(code == 2 && err.contains("it is there already"), "{err}");
    assert_eq!(bench.program(&["audit", "export", "999", "--by", "Pat Lee"]).0, 1);
}

/// The rule that the pack states, in other words than the program's own.
fn hash(row: &Value) -> String {
    use sha2::{Digest as _, Sha256};
    let hex = |text: &str| -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
    };
    let mut bytes = hex(row["prev_hash"].as_str().expect("a hash"));
    bytes.extend(row["id"].as_i64().expect("a number").to_be_bytes());
    bytes.extend(row["at_ms"].as_i64().expect("a time").to_be_bytes());
    for field in ["what", "who", "detail"] {
        let text = row[field].as_str().expect("a text");
        bytes.extend((text.len() as u64).to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    Sha256::digest(&bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[tokio::test]
async fn a_person_gets_what_is_kept_of_them_without_what_is_about_others() {
    let bench = bench().await;
    let out = bench.file("jo").display().to_string();
    done(&bench, &["subject", "export", "jo carter", "--by", "Pat Lee", "--out", &out]);
    let html = fs::read_to_string(bench.file("jo/personal-data.html")).expect("written");
    let json = fs::read_to_string(bench.file("jo/personal-data.json")).expect("written");
    for paper in [&html, &json] {
        assert!(paper.contains(KIND) && paper.contains(THREAT) && paper.contains("Jo Carter"), "{paper}");
        for others in ["999 127 6408", "Patel", "Al Baker", COMPLAINT, "Pat Lee"] {
            assert!(!paper.contains(others), "{others} is somebody else's");
        }
    }
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["comments"].as_array().map(Vec::len), Some(4));
    let (code, _, err) = bench.program(&["subject", "export", "Nobody", "--by", "Pat Lee"]);
    assert!(code == 1 && err.contains("nobody called \"Nobody\" is kept"), "{err}");
}

#[tokio::test]
async fn what_is_erased_at_a_persons_wish_is_gone_from_every_file_and_the_chain_still_verifies() {
    let bench = bench().await;
    let held = number(&bench, "threat").await;
    done(&bench, &["audit", "hold", &held, "--by", "Pat Lee", "--reason", "police reference 7"]);
    assert!(done(&bench, &["audit", "holds"]).contains("police reference 7"));
    let (code, would, _) = bench.program(&["subject", "erase", "Jo Carter", "--by", "Pat Lee", "--dry-run"]);
    assert!(
        code == 1 && would.contains("3 comments would be erased") && would.contains("1 comment kept: a legal hold"),
        "{would}"
    );
    let (code, erased, _) = bench.program(&["subject", "erase", "Jo Carter", "--by", "Pat Lee"]);
    assert!(code == 1 && erased.contains("3 comments erased"), "{erased}");
    assert!(done(&bench, &["audit", "verify"]).contains("2 erased in order"));
    // Listed again, they are known and stay without a name.
    bench.strides(30, 10).await;
    let named = bench.incident("named").await.expect("an incident");
    assert!(named.erased.is_some() && named.author.name.is_none() && named.text.is_blank());
    assert_eq!(bench.acts("named").len(), 1, "it was not judged and hidden again");
    assert_eq!(bench.incident("threat").await.expect("an incident").text.expose(), THREAT);
}

#[tokio::test]
async fn what_is_kept_too_long_is_erased_by_the_daemon_itself_and_told_by_a_dry_run_before() {
    let bench = bench().await;
    assert!(done(&bench, &["purge", "--dry-run"]).starts_with("0 comments would be erased"));
    // The commands go by the system's clock; the daemon goes by the test's, which moves on a year and a month.
    bench.clock.advance(SignedDuration::from_hours(24 * 400));
    bench.step().await;
    assert_eq!(bench.incident_ever("bad").await.erased, None, "a clock that jumped is not believed at once");
    bench.clock.advance(SignedDuration::from_hours(24));
    bench.step().await;
    for (key, erased) in [("bad", true), ("named", true), ("threat", false), ("number", false)] {
        assert_eq!(bench.incident_ever(key).await.erased.is_some(), erased, "{key}");
    }
    assert!(done(&bench, &["audit", "verify"]).contains("2 erased in order"));
    assert_eq!(bench.program(&["purge"]).0, 2, "nobody erases without a name");
}

#[tokio::test]
async fn a_clock_that_was_years_ahead_for_an_hour_has_erased_nothing() {
    let bench = bench().await;
    for _ in 0..2 {
        bench.clock.advance(SignedDuration::from_hours(24 * 4000));
        bench.strides(12, 5).await;
        bench.clock.advance(-SignedDuration::from_hours(24 * 4000));
        bench.strides(3, 5).await;
    }
    for key in ["bad", "named", "threat", "number"] {
        assert_eq!(bench.incident_ever(key).await.erased, None, "{key}");
    }
}

#[tokio::test]
async fn the_record_of_processing_says_what_the_configuration_says_and_what_nobody_has_said_yet() {
    let bench = bench().await;
    let text = done(&bench, &["processing-record"]);
    for told in ["Alderbrook Surgery", "1029384756", "threat: 2190 days", "enforce", "NOT STATED", "beside the store"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let file = bench.file("chaperone.toml");
    let config = fs::read_to_string(&file).expect("read");
    write(&file, &format!("{config}\n[privacy]\ncontact = \"dpo@example.org\"\nlawful_basis = \"article 6(1)(e)\"\n"));
    let json: Value = serde_json::from_str(&done(&bench, &["processing-record", "--format", "json"])).expect("JSON");
    assert_eq!(json["retention_days"]["by_category"]["threat"], 2190);
    let html = done(&bench, &["processing-record", "--format", "html"]);
    assert!(html.contains("dpo@example.org") && html.contains("article 6(1)(e)"), "{html}");
}

#[tokio::test]
async fn a_key_is_made_rotated_and_asked_for_and_never_shown() {
    let mut bench = bench().await;
    let (new, file) = (bench.file("new-key"), bench.file("chaperone.toml"));
    let path = new.display().to_string();
    let made = done(&bench, &["key", "new", &path]);
    let digits = fs::read_to_string(&new).expect("written").trim().to_owned();
    assert!(digits.len() == 64 && !made.contains(&digits), "{made}");
    assert_eq!(bench.program(&["key", "new", &path]).0, 2, "a key is never written over");
    assert!(done(&bench, &["key", "show"]).contains("beside the store"));
    let (code, _, err) = bench.program(&["key", "rotate", "--to", &path]);
    assert!(code == 2 && err.contains("in use by another chaperone"), "{err}");
    bench.stop();
    fs::set_permissions(&new, fs::Permissions::from_mode(0o644)).expect("set");
    let (code, _, err) = bench.program(&["key", "rotate", "--to", &path]);
    assert!(code == 2 && err.contains("can be read by others"), "{err}");
    fs::set_permissions(&new, fs::Permissions::from_mode(0o600)).expect("set");
    let rotated = done(&bench, &["key", "rotate", "--to", &path]);
    assert!(rotated.contains("the old key opens nothing more") && !rotated.contains(&digits), "{rotated}");
    let (code, _, err) = bench.program(&["queue", "list"]);
    assert!(code == 2 && err.contains("was sealed with the key"), "{err}");
    let config = fs::read_to_string(&file).expect("read");
    write(&file, &config.replace("[store]\n", "[store]\nkey_file = \"new-key\"\n"));
    assert!(done(&bench, &["key", "show"]).contains("It opens the store"));
    bench.restart().await;
    assert_eq!(bench.incident("threat").await.expect("an incident").text.expose(), THREAT);
    assert!(done(&bench, &["audit", "verify"]).contains("Nothing was changed"));
    let place = Path::new(&path).parent().expect("a folder").join("state");
    let bytes: Vec<u8> = fs::read_dir(place)
        .expect("a folder")
        .flat_map(|one| fs::read(one.expect("one").path()).expect("read"))
        .collect();
    assert!(!bytes.windows(THREAT.len()).any(|part| part == THREAT.as_bytes()));
}
