//! The built program as people and scripts meet it: arguments, standard input, answers, messages, exit codes.
//! In: a practice in a temporary directory, with a lexicon of a few lines. Not here: the demonstration, and what the
//! shipped lexicons make of comments.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use insta::assert_snapshot;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::tree::{at, files_under, read};

/// How a run of the program ended.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    /// The JSON lines that were printed.
    fn answers(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect()
    }
}

/// A practice's files in a directory of their own, where the program is run.
struct Bench {
    dir: TempDir,
}

const CONFIG: &str = r#"
[practice]
name = "Alderbrook Surgery"
aliases = ["Alderbrook"]
address = "14 Mill Lane, Alderbrook, AB21 9ZZ"
phones = ["01632 960123"]
policy = "bursted-wood-surgery"
staff = "staff.csv"

[lexicons]
dir = "lexicons"

[store]
path = "state/chaperone.db"
"#;

const STAFF: &str = "title,forename,surname,role,aliases\nDr,Rakesh,Patel,GP Partner,Dr P\nDr,Zoë,Müller,GP Partner,\n";

const COMPLAINTS: &str = r#"
category = "complaint"
clause = "complaints"

[[entry]]
id = "worst-service"
phrases = ["worst <service>"]
certainty = "high"
hits = ["Worst surgery in the county"]
misses = ["worst winter on record"]
"#;

impl Bench {
    fn new() -> Self {
        let bench = Self { dir: tempfile::tempdir().expect("a temporary directory") };
        bench.put("chaperone.toml", CONFIG);
        bench.put("staff.csv", STAFF);
        bench.put("lexicons/en/complaint.toml", COMPLAINTS);
        bench.put("lexicons/lists/service.toml", "phrases = [\"surgery\", \"practice\"]\n");
        for path in files_under("config/policies") {
            let path = path.display().to_string();
            bench.put(path.trim_start_matches("config/"), read(&path));
        }
        fs::create_dir(bench.at("state")).expect("a directory for the store");
        bench
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().expect("a directory")).expect("the directory is made");
        fs::write(&path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Runs the program on the practice's configuration.
    fn run(&self, args: &[&str], input: &[u8]) -> Ran {
        self.program(&[&["--config", "chaperone.toml"], args].concat(), input)
    }

    fn program(&self, args: &[&str], input: &[u8]) -> Ran {
        let mut child = Command::new(env!("CARGO_BIN_EXE_chaperone"))
            .args(args)
            .current_dir(self.dir.path())
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (mut stdin, input) = (child.stdin.take().expect("its input"), input.to_vec());
        // Beside the reading, or a full pipe would stop both; a program that refuses to begin reads nothing.
        let feeder = thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().expect("the program ends");
        feeder.join().expect("the input was given");
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: self.plain(&output.stdout),
            err: self.plain(&output.stderr),
        }
    }

    /// What was printed, without what differs from run to run.
    fn plain(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8(bytes.to_vec()).expect("the program prints UTF-8");
        let mut text = text.replace(&self.dir.path().display().to_string(), "DIR");
        for word in ["rules ", "Rules "] {
            for (start, _) in text.clone().match_indices(word) {
                let hash = start + word.len()..start + word.len() + 12;
                if text.get(hash.clone()).is_some_and(|hash| hash.bytes().all(|byte| byte.is_ascii_hexdigit())) {
                    text.replace_range(hash, "0123456789ab");
                }
            }
        }
        text
    }

    fn classify(&self, input: &[u8]) -> Ran {
        self.run(&["classify"], input)
    }

    fn explain(&self, text: &str) -> String {
        let ran = self.run(&["explain", text], b"");
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        ran.out
    }
}

fn line(fields: &Value) -> String {
    format!("{fields}\n")
}

// classify

#[test]
fn an_answer_has_the_fields_of_the_contract_and_no_others() {
    let input = line(&json!({"id": "1", "text": "Zoë: worst surgery, Dr Patel", "platform": "facebook", "author": "7",
        "post": "8", "created": "2026-11-18T08:00:00Z", "attachments": ["picture"], "likes": 3}));
    let ran = Bench::new().classify(input.as_bytes());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_snapshot!(ran.out.trim_end(), @r#"{"id":"1","action":"delete","alert":"digest","categories":["complaint","staff-identified"],"findings":[{"category":"staff-identified","entry":"staff/dr-zoe-muller","start":0,"end":4,"text":"Zoë","certainty":"medium","how":"name"},{"category":"complaint","entry":"complaint/worst-service","start":6,"end":19,"text":"worst surgery","certainty":"high","how":"exact"},{"category":"staff-identified","entry":"staff/dr-rakesh-patel","start":21,"end":29,"text":"Dr Patel","certainty":"high","how":"name"}],"clauses":["Annex A, Patient and Visitor Social Media Guidance, item 6","Annex A, 'Patient complaints on social media'"]}"#);
}

#[test]
fn every_finding_points_at_its_own_words_in_the_text() {
    let texts = [
        "Worst surgery",
        "é日本 🔥 worst surgery 😡 Dr Müller",
        "w o r s t   s u r g e r y!!",
        "ｗｏｒｓｔ surgery",
        "أسوأ worst surgery عيادة Dr Patel",
        "\u{202e}x\u{202c} wo\u{200b}rst surgery\nring 943 476 5919, my nhs number",
        "worst&nbsp;surgery",
    ];
    let input: String = texts.iter().map(|text| line(&json!({"id": 1, "text": text}))).collect();
    let ran = Bench::new().classify(input.as_bytes());
    assert_eq!(ran.answers().len(), texts.len());
    for (answer, text) in ran.answers().iter().zip(texts) {
        let findings = answer["findings"].as_array().expect("a list");
        assert!(!findings.is_empty(), "nothing is found in {text:?}");
        for finding in findings {
            let place = |key: &str| usize::try_from(finding[key].as_u64().expect("a number")).expect("a place");
            assert_eq!(text.get(place("start")..place("end")), finding["text"].as_str(), "{text:?}");
        }
    }
}

#[test]
fn a_line_that_cannot_be_read_costs_its_own_answer_and_nothing_else() {
    let nested = format!("{{\"id\":1,\"text\":{}", "[".repeat(200_000));
    let ignored = format!("{{\"id\":1,\"text\":\"x\",\"more\":{}", "[".repeat(200_000));
    let deep_id = format!("{{\"text\":\"x\",\"id\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000));
    let bad: [(&[u8], &str); 15] = [
        (b"not json", "not a JSON object"),
        (b"[1]", "not a JSON object"),
        (b"", "the line is empty"),
        (b"   ", "the line is empty"),
        (b"{\"id\":1,\"text\":\"x\"", "not JSON: EOF while parsing an object at column 18"),
        (b"{\"id\":1,\"text\":\"x\"} {}", "not JSON: trailing characters at column 21"),
        (b"{\"text\":\"x\"}", "`id` is missing"),
        (b"{\"id\":null,\"text\":\"x\"}", "`id` is missing"),
        (b"{\"id\":true,\"text\":\"x\"}", "`id` is neither text nor a number"),
        (b"{\"id\":1}", "`text` is missing"),
        (b"{\"id\":1,\"text\":5}", "`text` is not text"),
        (b"{\"id\":1,\"text\":\"x\",\"text\":\"y\"}", "duplicate field `text` at column 25"),
        (b"{\"id\":1,\"text\":\"x\",\"attachments\":\"picture\"}", "`attachments` is not a list"),
        (b"{\"id\":1,\"text\":\"\\ud800 x\"}", "not JSON: unexpected end of hex escape at column 23"),
        (b"{\"id\":1,\"text\":\"\xff\"}", "not JSON: invalid unicode code point at column 17"),
    ];
    let deep: [(&[u8], &str); 3] = [
        (nested.as_bytes(), "not JSON: recursion limit exceeded at column 142"),
        (ignored.as_bytes(), "not JSON: EOF while parsing a list at column 200026"),
        (deep_id.as_bytes(), "`id` is neither text nor a number"),
    ];
    let good: &[u8] = b"{\"id\":\"good\",\"text\":\"worst surgery\"}\n";
    let cases: Vec<_> = bad.into_iter().chain(deep).collect();
    let input: Vec<u8> = cases.iter().flat_map(|(bad, _)| [bad, b"\n".as_slice(), good].concat()).collect();
    let ran = Bench::new().classify(&input);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    let answers = ran.answers();
    assert_eq!(answers.len(), 2 * cases.len());
    for (at, (pair, (bad, error))) in answers.chunks(2).zip(&cases).enumerate() {
        let bad = String::from_utf8_lossy(&bad[..bad.len().min(60)]);
        assert_eq!(pair[0], json!({"line": 2 * at + 1, "error": error}), "{bad}");
        assert_eq!((&pair[1]["id"], &pair[1]["action"]), (&json!("good"), &json!("delete")), "after {bad}");
    }
    assert!(
        ran.out.contains("{\"line\":1,\"error\":\"not a JSON object\"}\n"),
        "the fields stand as the contract has them"
    );
}

#[test]
fn an_id_comes_back_as_it_was_given() {
    let ids = ["\"1\"", "\"\"", "\"é\\u00e9\\n\"", "1", "-1", "0", "3.50", "1e400", "12345678901234567890123"];
    let input = ids.map(|id| format!("{{\"id\":{id},\"text\":\"fine\"}}\n")).concat();
    let ran = Bench::new().classify(input.as_bytes());
    assert_eq!(ran.code, 0);
    for (answer, id) in ran.out.lines().zip(ids) {
        assert!(answer.starts_with(&format!("{{\"id\":{id},\"action\":\"allow\"")), "{id}: {answer}");
    }
}

#[test]
fn lines_end_as_people_and_their_programs_end_them() {
    let bench = Bench::new();
    let one = "{\"id\":1,\"text\":\"worst surgery\"}";
    for (input, want) in [
        (String::new(), 0),
        (one.to_owned(), 1),
        (format!("{one}\n"), 1),
        (format!("{one}\r\n{one}\r\n"), 2),
        (format!("{one}\r\n{one}"), 2),
        (format!("\u{feff}{one}\n"), 1),
        (format!("  {one}\t \n"), 1),
    ] {
        let ran = bench.classify(input.as_bytes());
        assert_eq!((ran.code, ran.out.lines().count()), (0, want), "{input:?}: {}", ran.out);
        assert!(ran.answers().iter().all(|answer| answer["action"] == "delete"), "{input:?}: {}", ran.out);
    }
}

#[test]
fn a_comment_without_text_is_a_picture_until_something_better_is_known() {
    let bench = Bench::new();
    for (fields, want) in [
        (json!({"id": 1, "text": null}), "escalate"),
        (json!({"id": 1, "text": ""}), "escalate"),
        (json!({"id": 1, "text": " \n", "attachments": ["sticker"]}), "escalate"),
        (json!({"id": 1, "text": "", "attachments": [{"type": "photo", "url": "x"}, 7]}), "escalate"),
        (json!({"id": 1, "text": "", "attachments": ["link"]}), "allow"),
        (json!({"id": 1, "text": "our new bench", "attachments": ["picture"]}), "allow"),
        (json!({"id": 1, "text": "fine", "attachments": null, "author": 17, "created": "yesterday"}), "allow"),
    ] {
        let ran = bench.classify(line(&fields).as_bytes());
        assert_eq!(ran.code, 0, "{fields}: {}", ran.out);
        assert_eq!(ran.answers()[0]["action"], want, "{fields}");
    }
}

#[test]
fn a_text_of_sixty_kilobytes_is_judged_to_its_end() {
    let text = format!("{}worst surgery", "é b ".repeat(12_000));
    let ran = Bench::new().classify(line(&json!({"id": 1, "text": text})).as_bytes());
    let answer = &ran.answers()[0];
    assert_eq!(answer["action"], "delete");
    assert_eq!(answer["findings"][0]["end"], text.len());
}

#[test]
fn each_of_the_five_policies_judges_by_its_own_rules() {
    let bench = Bench::new();
    let input = line(&json!({"id": 1, "text": "worst surgery"}));
    for (policy, action, clause) in [
        ("bursted-wood-surgery", "delete", "Annex A, 'Patient complaints on social media'"),
        (
            "cockhedge-medical-centre",
            "escalate",
            "'Introduction and Purpose', on disrepute; reviews are sent to nhs.uk",
        ),
        ("mayflower-medical-centre", "escalate", "Sections 6.2 (constructive feedback) and 8.8"),
        (
            "tarleton-group-practice",
            "delete",
            "Annex A, 'Patient complaints on social media'; section 4.5 on complaints that have been posted",
        ),
        ("threeways-surgery", "delete", "'Feedback and complaints'"),
    ] {
        let ran = bench.run(&["classify", "--policy", policy], input.as_bytes());
        let answer = &ran.answers()[0];
        assert_eq!((&answer["action"], &answer["clauses"]), (&json!(action), &json!([clause])), "{policy}");
    }
}

#[test]
fn a_policy_that_is_not_there_is_refused_with_those_that_are() {
    let bench = Bench::new();
    let ran = bench.run(&["classify", "--policy", "bursted-wood-surgry"], b"");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_snapshot!(ran.err, @r#"
    error: there is no policy "bursted-wood-surgry" in policies
      help: did you mean bursted-wood-surgery?
    "#);
    let ran = bench.run(&["classify", "--policy", "../chaperone"], b"");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_snapshot!(ran.err, @r#"
    error: there is no policy "../chaperone" in policies
      help: there are bursted-wood-surgery, cockhedge-medical-centre, mayflower-medical-centre, tarleton-group-practice, threeways-surgery
    "#);
}

#[test]
fn five_thousand_lines_get_five_thousand_answers_in_order() {
    let texts = ["fine", "worst surgery", "Dr Patel", "w o r s t  surgery é", "my nhs number is 943 476 5919"];
    let input: String = (0..5_000).map(|id| line(&json!({"id": id, "text": texts[id % texts.len()]}))).collect();
    let ran = Bench::new().classify(input.as_bytes());
    assert_eq!(ran.code, 0);
    let ids: Vec<u64> = ran.answers().iter().map(|answer| answer["id"].as_u64().expect("a number")).collect();
    assert!(ids.iter().copied().eq(0..5_000), "{} answers, or not in order", ids.len());
}

// explain

#[test]
fn a_plain_comment_is_explained() {
    assert_snapshot!(
        Bench::new().explain("Worst surgery in the county, said Dr Patel. Call 943 476 5919, her NHS number.")
    );
}

#[test]
fn a_disguise_is_seen_through_and_said_so() {
    assert_snapshot!(Bench::new().explain("W O R S T   s.u.r.g.e.r.y ever"));
}

#[test]
fn a_comment_from_right_to_left_is_underlined_where_it_stands() {
    assert_snapshot!(Bench::new().explain("أسوأ عيادة, the worst surgery \u{202e}yrregrus\u{202c} Dr Patel"));
}

#[test]
fn emoji_take_the_columns_they_take() {
    assert_snapshot!(Bench::new().explain("😡😡 worst surgery 🏥🔥 Dr Müller"));
}

#[test]
fn a_comment_without_text_or_picture_is_explained_too() {
    assert_snapshot!(Bench::new().explain(""));
}

#[test]
fn a_harmless_comment_is_left_alone_in_as_many_words() {
    assert_snapshot!(Bench::new().explain("- worst winter on record, please book your jab"));
}

#[test]
fn a_comment_can_come_from_standard_input_as_editors_save_it() {
    let bench = Bench::new();
    let want = bench.explain("worst surgery\nDr Patel");
    assert_eq!(bench.run(&["explain", "-"], b"worst surgery\nDr Patel\r\n").out, want);
    let broken = bench.run(&["explain", "-"], b"worst \xff surgery");
    assert_eq!(broken.code, 0);
    assert!(broken.out.contains("complaint/worst-service"), "{}", broken.out);
}

// check, lexicon check, run

#[test]
fn every_mistake_of_a_configuration_is_told_at_once() {
    let bench = Bench::new();
    bench.put("secrets/open", "a token");
    bench.put(
        "chaperone.toml",
        r#"[practice]
name = "Alderbrook Surgery"
timezone = "Europe/Lundon"
hours = "18:30-08:00"
policy = "bursted-wood-surgry"
mode = "enforced"
colour = "green"

[lexicons]
dir = "lexicons"

[store]
path = "nowhere/state/chaperone.db"

[[page]]
platform = "facebook"
id = "1029384756"
token_file = "secrets/missing"
every_s = 0

[[page]]
platform = "facebok"
id = "1029384756"
api_base = "http://graph.facebook.com/v25.0"
token_file = "secrets/open"

[[page]]
platform = "tiktok"
id = "-000OpenId"
"#,
    );
    let ran = bench.run(&["check"], b"");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_snapshot!(ran.err);
    let run = bench.run(&["run"], b"");
    assert_eq!((run.code, run.out.as_str(), run.err), (2, "", ran.err));
}

#[test]
fn a_page_that_is_named_twice_is_refused() {
    let bench = Bench::new();
    let page = "\n[[page]]\nplatform = \"facebook\"\nid = \"1029384756\"\n";
    bench.put("chaperone.toml", format!("{CONFIG}{page}token_file = \"token\"\n{page}token_file = \"token\"\n"));
    bench.put("token", "a token");
    close(&bench, "token");
    let ran = bench.run(&["check"], b"");
    assert_eq!(ran.code, 2);
    assert_snapshot!(ran.err);
}

#[test]
fn every_mistake_of_a_policy_is_told_at_once() {
    let bench = Bench::new();
    let policy = read("config/policies/bursted-wood-surgery.toml")
        .replacen("category  = \"complaint\"", "category  = \"complant\"", 1)
        .replacen("high      = \"delete\"", "high      = \"remove\"", 1)
        .replacen("[\"engagement\", \"manager\"]", "[\"boss\"]", 1)
        .replacen("report    = false", "reprot    = false", 1);
    bench.put("policies/bursted-wood-surgery.toml", policy);
    let ran = bench.run(&["explain", "x"], b"");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_snapshot!(ran.err);
}

#[test]
fn every_mistake_of_a_lexicon_is_told_at_once() {
    let bench = Bench::new();
    bench.put(
        "lexicons/en/complaint.toml",
        r#"category = "complaint"
clause = "complaints"

[[entry]]
id = "worst-service"
phrases = ["worst <servise>", "", "!!!", "(rude"]
certainty = "hihg"
hits = ["Worst surgery in the county"]

[[entry]]
id = "worst-service"
phrases = ["fobbed off"]
certainty = "high"
hits = ["fobbed off again"]
missis = ["x"]

[[entry]]
id = "no-examples"
phrases = ["fobbed on"]
certainty = "high"
"#,
    );
    bench.put("lexicons/en/rude.toml", "category = \"rude\"\nclause = \"harassment\"\n");
    let ran = bench.run(&["lexicon", "check"], b"");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert_snapshot!(ran.err);
}

#[test]
fn examples_that_do_not_hold_are_told_with_what_was_found() {
    let bench = Bench::new();
    let broken = COMPLAINTS
        .replace("[\"Worst surgery in the county\"]", "[\"Worst surgery in the county\", \"the best surgery\"]")
        .replace("[\"worst winter on record\"]", "[\"worst winter on record\", \"the worst surgery\"]");
    bench.put("other/en/complaint.toml", broken);
    bench.put("other/lists/service.toml", "phrases = [\"surgery\"]\n");
    let ran = bench.run(&["lexicon", "check", "--lexicons", "other"], b"");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert_snapshot!(ran.err);
}

#[test]
fn a_mistake_in_a_very_long_line_is_shown_where_it_is() {
    let bench = Bench::new();
    let long = (0..80).map(|number| format!("\"misplaced letter {number}\", ")).collect::<Vec<_>>().concat();
    let phrases = format!("[{long}\"worst <servise>\", {long}\"late\"]");
    bench.put("lexicons/en/complaint.toml", COMPLAINTS.replace("[\"worst <service>\"]", &phrases));
    let ran = bench.run(&["lexicon", "check"], b"");
    assert_eq!(ran.code, 1);
    assert_snapshot!(ran.err);
}

#[test]
fn a_clause_that_the_policy_does_not_know_is_told() {
    let bench = Bench::new();
    bench.put("lexicons/en/complaint.toml", COMPLAINTS.replace("\"complaints\"", "\"complainst\""));
    let ran = bench.run(&["lexicon", "check"], b"");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert_snapshot!(ran.err);
}

#[test]
fn a_right_practice_is_told_that_it_is_right() {
    let bench = Bench::new();
    assert_snapshot!(bench.run(&["lexicon", "check"], b"").out, @"Lexicons, staff list and policy are right: 2 examples hold. Rules 0123456789ab.");
    bench.put("staff.csv", format!("{STAFF}Dr,Rakesh,Patel,GP Partner,\n"));
    bench.put("token", "a token");
    close(&bench, "token");
    let page = "\n[[page]]\nplatform = \"facebook\"\nid = \"1029384756\"\ntoken_file = \"token\"\n";
    bench.put("chaperone.toml", format!("{CONFIG}{page}"));
    let ran = bench.run(&["check"], b"");
    assert_eq!(ran.code, 0);
    assert_snapshot!(ran.out, @"
    Lexicons, staff list and policy are right: 2 examples hold. Rules 0123456789ab.
    Configuration is right: 1 page, observe mode, digests as files.
    ");
    assert_snapshot!(ran.err, @"
    note: staff.csv:4: this person stands on line 2 too (delete one of the two lines, or give them different names)
    note: the policy asks for texts that are not in drafts.toml: complaint-pathway
    ");
}

#[test]
fn a_daemon_with_a_mistake_starts_nothing() {
    let bench = Bench::new();
    bench.put("token", "a token");
    close(&bench, "token");
    let page = "\n[[page]]\nplatform = \"facebook\"\nid = \"1029384756\"\ntoken_file = \"token\"\n";
    let right = format!("{CONFIG}{page}");
    for (config, lexicon) in [
        (right.replace("[store]", "[stroe]"), COMPLAINTS.to_owned()),
        (right, COMPLAINTS.replace("Worst surgery in the county", "the best surgery")),
    ] {
        bench.put("chaperone.toml", config);
        bench.put("lexicons/en/complaint.toml", lexicon);
        let ran = bench.run(&["run"], b"");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(ran.err.contains("help: "), "{}", ran.err);
        let made: Vec<_> = fs::read_dir(bench.at("state")).expect("the directory").collect();
        assert!(made.is_empty(), "a store was made: {made:?}");
    }
}

#[test]
fn a_configuration_that_is_not_there_is_asked_for() {
    let bench = Bench::new();
    for command in [&["run"][..], &["check"], &["explain", "x"], &["classify"], &["lexicon", "check"], &["digest"]] {
        let ran = bench.program(&[&["--config", "nowhere.toml"], command].concat(), b"");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{command:?}");
        assert!(
            ran.err.contains("nowhere.toml") && ran.err.contains("help: name the file"),
            "{command:?}: {}",
            ran.err
        );
    }
}

// the staff list

#[test]
fn staff_lists_are_read_as_spreadsheets_save_them() {
    let semicolons = STAFF.replace(',', ";").replace('\n', "\r\n");
    let utf16 =
        |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> { format!("\u{feff}{STAFF}").encode_utf16().flat_map(bytes).collect() };
    let windows: Vec<u8> = STAFF.chars().map(|c| u8::try_from(u32::from(c)).expect("a Latin letter")).collect();
    for (how, bytes) in [
        ("UTF-8", STAFF.as_bytes().to_vec()),
        ("Windows-1252", windows),
        ("a mark of encoding", format!("\u{feff}{STAFF}").into_bytes()),
        ("semicolons", semicolons.clone().into_bytes()),
        ("semicolons, and a line that says so", format!("sep=;\r\n{semicolons}").into_bytes()),
        ("tabs", STAFF.replace(',', "\t").into_bytes()),
        ("UTF-16", utf16(u16::to_le_bytes)),
        ("UTF-16, the other way round", utf16(u16::to_be_bytes)),
    ] {
        let bench = Bench::new();
        bench.put("staff.csv", bytes);
        let ran = bench.classify(line(&json!({"id": 1, "text": "Dr Müller was there"})).as_bytes());
        assert_eq!(ran.code, 0, "{how}: {}", ran.err);
        let finding = &ran.answers()[0]["findings"][0];
        assert_eq!(
            (&finding["entry"], &finding["text"]),
            (&json!("staff/dr-zoe-muller"), &json!("Dr Müller")),
            "{how}"
        );
    }
}

#[test]
fn a_staff_list_that_cannot_be_read_says_where_and_what_to_do() {
    let bench = Bench::new();
    bench.put("staff.csv", "title,forename,role,aliases\nDr,Ann,GP,\n");
    let ran = bench.classify(b"");
    assert_eq!(ran.code, 2);
    assert_snapshot!(ran.err, @"
    × staff.csv:1: the column surname is missing
    help: the first line names the columns: title,forename,surname,role,aliases
    ");
}

// usage

#[test]
fn the_help_of_every_command_shows_an_example() {
    let bench = Bench::new();
    let commands: [&[&str]; 9] = [
        &[],
        &["run"],
        &["demo"],
        &["check"],
        &["explain"],
        &["classify"],
        &["digest"],
        &["simulate"],
        &["lexicon", "check"],
    ];
    for command in commands {
        let ran = bench.program(&[command, &["--help"]].concat(), b"");
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{command:?}");
        assert!(ran.out.contains("Example"), "{command:?}: {}", ran.out);
        let example = ran
            .out
            .lines()
            .find(|line| line.starts_with("  ") && line.contains("chaperone ") && !line.contains("--help"));
        assert!(example.is_some(), "{command:?}: {}", ran.out);
        assert!(ran.out.lines().all(|line| line.chars().count() <= 100), "{command:?}: {}", ran.out);
    }
}

#[test]
fn wrong_usage_ends_with_two() {
    let bench = Bench::new();
    for args in [
        &[][..],
        &["nonsense"],
        &["explain"],
        &["classify", "--polciy", "x"],
        &["lexicon"],
        &["simulate", "--listen", "x"],
    ] {
        let ran = bench.run(args, b"");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        assert!(!ran.err.is_empty(), "{args:?}");
    }
}

#[test]
fn the_simulator_listens_to_nobody_but_this_machine() {
    let bench = Bench::new();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let ran = bench.program(&["simulate", "--listen", address], b"");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{address}");
        assert!(ran.err.contains(address) && ran.err.contains("help: listen on a loopback address"), "{}", ran.err);
    }
}

/// Closes a file to everybody but its owner, as the configuration wants of secrets.
fn close(bench: &Bench, name: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(bench.at(name), fs::Permissions::from_mode(0o600)).expect("the file is closed");
}

/// The shipped configuration begins at its own mistakes: name and policy alone, and no page.
#[test]
fn the_shipped_configuration_lacks_a_page_and_nothing_else() {
    let config = at("config/chaperone.toml").display().to_string();
    let ran = Bench::new().program(&["--config", &config, "check"], b"");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no page is named") && !ran.err.contains("mistakes"), "{}", ran.err);
}

// drafts

const PAGED: &str = "[[page]]\nplatform = \"facebook\"\nid = \"1\"\ntoken_file = \"token\"\n";

#[test]
fn check_tells_the_mistakes_of_the_drafts_with_their_line() {
    let bench = Bench::new();
    bench.put("chaperone.toml", format!("{CONFIG}{PAGED}"));
    bench.put("token", "a token");
    close(&bench, "token");
    bench.put("drafts.toml", "[[draft]]\nname = \"complaint-pathway\"\ntitle = \"T\"\ntext = \"Ring {fon}\"\n");
    let ran = bench.run(&["check"], b"");
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.err.contains("drafts.toml:4:") && ran.err.contains("nothing is known as {fon}"), "{}", ran.err);
    bench.put("drafts.toml", read("config/drafts.toml"));
    let ran = bench.run(&["check"], b"");
    assert!(ran.err.contains("{website} stands for the first of `websites`"), "{}", ran.err);
    bench.put(
        "chaperone.toml",
        format!("{}{PAGED}", CONFIG.replace("policy =", "websites = [\"a.example\"]\npolicy =")),
    );
    let ran = bench.run(&["check"], b"");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.contains("Drafts are right: 9 texts."), "{}", ran.out);
}
