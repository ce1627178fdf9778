//! The judge's process: that it judges as this process would, and that whatever becomes of it, or of the files that it
//! reads, costs at most the verdict that a human is then told about. In: the built program, or a script in its place that
//! dies, raves or hangs at a word. Not here: what rules make of a comment.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chaperone::comment::{Attachment, AuthorId, Comment, CommentText};
use chaperone::rules::apart::{Failure, Limits, Settings, Unable};
use chaperone::rules::{Files, Judging, RuleSet, Rules, Tried};
use chaperone::sim::Scenario;
use chaperone::store::report::OutcomeState;
use tempfile::TempDir;

use crate::support::{Bench, COMPLAINT, CRY, FACEBOOK, KIND, NAMED, NUMBER, THREAT, scenario, write};
use crate::tree::at;

const PROGRAM: &str = env!("CARGO_BIN_EXE_chaperone");

/// Long enough for whatever a busy machine does between two looks.
const LOOKS: u32 = 3000;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// A place for a small set of rules, their copies, and a program that judges by them.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { dir: tempfile::tempdir().expect("a directory") };
        place.complaints(r#"phrases = ["worst surgery"]"#);
        write(&place.at("lexicons/lists/place.toml"), "phrases = [\"surgery\"]\n");
        write(&place.at("staff.csv"), "title,forename,surname,role,aliases\nDr,Rakesh,Patel,GP Partner,\n");
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn complaints(&self, phrases: &str) {
        let text = format!(
            "category = \"complaint\"\nclause = \"complaints\"\n[[entry]]\nid = \"worst\"\n{phrases}\n\
             hits = [\"Worst surgery ever\"]\nmisses = [\"lovely surgery\"]\n"
        );
        write(&self.at("lexicons/en/complaint.toml"), &text);
    }

    fn files(&self) -> Files {
        Files {
            lexicons: self.at("lexicons"),
            policy: at("config/policies/tarleton-group-practice.toml"),
            staff: Some(self.at("staff.csv")),
            ..Files::default()
        }
    }

    /// The program in a script that counts its starts, and does something else than judge where a line holds a word.
    fn settings(&self) -> Settings {
        let script = format!(
            "#!/bin/bash\n\
             echo $$ >> '{starts}'\n\
             open=(/proc/$$/fd/*)\n\
             : > '{seen}'\n\
             for name in $(compgen -e); do printf 'variable %s\\n' \"$name\" >> '{seen}'; done\n\
             for fd in \"${{open[@]}}\"; do\n\
             what=$(/usr/bin/readlink \"$fd\") && printf 'fd %s %s\\n' \"${{fd##*/}}\" \"$what\" >> '{seen}'\n\
             done\n\
             coproc judge {{ exec '{PROGRAM}' judge; }}\n\
             while IFS= read -r line; do\n\
             case $line in\n\
             *LETHAL*) exit 1 ;;\n\
             *RAVING*) echo 'no answer to anything'; continue ;;\n\
             *ENDLESS*) while :; do read -r line || exit 1; done ;;\n\
             esac\n\
             printf '%s\\n' \"$line\" >&${{judge[1]}}\n\
             IFS= read -r answer <&${{judge[0]}} || exit 1\n\
             printf '%s\\n' \"$answer\"\n\
             done\n",
            starts = self.at("starts").display(),
            seen = self.at("seen").display(),
        );
        let program = self.at("program");
        if !program.exists() {
            write(&program, &script);
            fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).expect("made a program");
        }
        Settings { program, ..Settings::new(self.at("state/rules-in-force")) }
    }

    async fn load(&self) -> RuleSet {
        Judging::Apart(self.settings()).load(&self.files()).await.unwrap_or_else(|list| panic!("{list:#?}"))
    }

    /// How often the program was started.
    fn starts(&self) -> usize {
        fs::read_to_string(self.at("starts")).map_or(0, |text| text.lines().count())
    }
}

/// What the rules make of texts: the action, or "nobody can say".
async fn actions(rules: &RuleSet, texts: &[&str]) -> Vec<&'static str> {
    let comments: Vec<Comment> = texts.iter().map(|text| Comment::of_text(*text)).collect();
    let comments: Vec<&Comment> = comments.iter().collect();
    let verdicts = rules.judge(&comments).await.expect("somebody who judges");
    verdicts.iter().map(|verdict| verdict.as_ref().map_or("nobody can say", |verdict| verdict.action.id())).collect()
}

#[tokio::test]
async fn the_same_comments_get_the_same_verdicts_here_and_apart() {
    let place = Place::new();
    let settings = Settings { program: PROGRAM.into(), ..place.settings() };
    let here = RuleSet::here(Rules::load(&place.files()).expect("rules"));
    let apart = Judging::Apart(settings).load(&place.files()).await.expect("rules");
    assert_eq!(here.facts(), apart.facts());

    let day = Scenario::day().expect("a day");
    let mut comments: Vec<Comment> =
        day.comments.iter().map(|script| Comment::of_text(script.text.clone().unwrap_or_default())).collect();
    let odd = ["", "\n\u{2028}\0\u{fffd}\"\\", "worst surgery\r\never 😡", "Dr Patel, w0rst surgery", NUMBER];
    comments.extend(odd.map(Comment::of_text));
    comments.push(Comment { attachments: vec![Attachment::Picture], ..Comment::of_text(" ") });
    comments.push(Comment { by_page: true, ..Comment::of_text(COMPLAINT) });
    let mut known = Comment::of_text(COMPLAINT);
    known.author.id = Some(AuthorId::new("7"));
    comments.push(known);
    comments.push(Comment::of_text("worst surgery ".repeat(40_000)));
    comments.extend(std::iter::repeat_n(Comment::of_text(NAMED), 1200));

    let comments: Vec<&Comment> = comments.iter().collect();
    let (here, apart) =
        (here.judge(&comments).await.expect("verdicts"), apart.judge(&comments).await.expect("verdicts"));
    let reasons = here.iter().flatten().map(|verdict| verdict.reasons.len()).sum::<usize>();
    assert!(reasons > 1200, "the rules found nothing to compare: {reasons}");
    assert_eq!(here.len(), comments.len());
    // Not assert_eq: it would print comments' words by the megabyte.
    assert!(here == apart, "they differ");
}

#[tokio::test]
async fn a_sentence_is_explained_the_same_here_and_apart_by_rules_in_force_and_by_rules_being_edited() {
    let place = Place::new();
    let apart = Judging::Apart(Settings { program: PROGRAM.into(), ..place.settings() });
    let rules = apart.load(&place.files()).await.expect("rules");
    let explain = async |judging: &Judging, files: &Files, text: &str| judging.explain(files, text).await;
    let text = "W0rst surgery 😡, said Dr Patel";
    let in_force = explain(&apart, rules.files(), text).await.expect("explained");
    assert_eq!(in_force, explain(&Judging::Here, &place.files(), text).await.expect("explained"));
    let entries: Vec<&str> = in_force.groups.iter().map(|group| &*group.entry).collect();
    assert_eq!(
        (entries, in_force.rules_version.as_str()),
        (vec!["complaint/worst", "staff/dr-rakesh-patel"], rules.version())
    );

    place.complaints(r#"phrases = ["best surgery"]"#);
    let proposed = explain(&apart, &place.files(), text).await.expect("its examples are not asked");
    assert_eq!(proposed.groups.len(), 1, "the person alone");
    assert_eq!(explain(&apart, rules.files(), text).await.expect("explained"), in_force, "still in force");
    place.complaints(r#"phrases = ["worst (surgery"]"#);
    let wrong = explain(&apart, &place.files(), text).await;
    assert!(matches!(wrong, Err(Unable::Wrong(list)) if list[0].to_string().contains("lexicons/en/complaint.toml:")));
    let lethal = Judging::Apart(place.settings());
    assert!(matches!(explain(&lethal, rules.files(), "LETHAL").await, Err(Unable::Failed(Failure::Ended))));
}

#[tokio::test]
async fn two_sets_of_rules_differ_in_the_same_comments_here_and_apart() {
    let (place, edited) = (Place::new(), Place::new());
    edited.complaints("phrases = [\"worst surgery\", \"hopeless\"]\nunless = [\"worst surgery but\"]");
    let texts = ["worst surgery", "hopeless", "h0peless", KIND, "worst surgery but", "Dr Patel", "worst surgery ever"];
    let tried: Vec<Tried> = (0..1400)
        .map(|number| Tried { text: CommentText::new(texts[number % texts.len()]), ..Tried::default() })
        .collect();
    let apart = Judging::Apart(Settings { program: PROGRAM.into(), ..place.settings() });
    let mut ends = Vec::new();
    for judging in [Judging::Here, apart] {
        let mut comparison = judging.compare(&place.files(), &edited.files()).await.expect("rules");
        assert_eq!(comparison.terms().extent.changed, ["complaint/worst"]);
        let told = comparison.ask(&tried).await.expect("differences");
        ends.push((comparison.terms().clone(), told));
    }
    assert!(ends[0] == ends[1], "they differ");
    let at: Vec<usize> = ends[0].1.changed.iter().map(|changed| changed.at).take(3).collect();
    assert_eq!((at, ends[0].1.changed.len()), (vec![1, 2, 4], 600));

    let lethal = Judging::Apart(place.settings());
    let mut comparison = lethal.compare(&place.files(), &edited.files()).await.expect("rules");
    let words = Tried { text: CommentText::new("LETHAL"), ..Tried::default() };
    assert!(matches!(comparison.ask(&[words]).await, Err(Failure::Ended)));
    edited.complaints(r#"phrases = ["best surgery"]"#);
    let wrong = lethal.compare(&place.files(), &edited.files()).await;
    assert!(matches!(wrong, Err(Unable::Wrong(list)) if list[0].to_string().contains("does not find this hit")));
}

#[tokio::test]
async fn mistakes_are_told_apart_in_the_same_words_as_here_and_name_the_files_that_people_edit() {
    let place = Place::new();
    place.complaints("phrases = [\"worst (surgery\"]\nno-such-key = 1");
    fs::remove_file(place.at("staff.csv")).expect("it was there");
    let here = Rules::load(&place.files()).expect_err("mistakes");
    let apart = Judging::Apart(place.settings()).load(&place.files()).await.expect_err("mistakes");
    assert_eq!(here, apart);
    assert!(here.len() >= 3 && here[0].to_string().contains("lexicons/en/complaint.toml:"), "{here:#?}");
}

#[tokio::test]
async fn rules_that_were_proved_before_need_no_process_until_there_is_something_to_judge() {
    let place = Place::new();
    let first = place.load().await;
    assert_eq!(place.starts(), 1, "to prove them");
    let again = place.load().await;
    assert_eq!((place.starts(), again.facts()), (1, first.facts()));
    assert!(again.judge(&[]).await.expect("nothing").is_empty());
    assert_eq!(place.starts(), 1, "nothing to judge");
    assert_eq!(actions(&again, &["Worst surgery ever", KIND]).await, ["delete", "allow"]);
    assert_eq!(place.starts(), 2);
    assert_eq!(actions(&again, &["Worst surgery ever"]).await, ["delete"]);
    assert_eq!(place.starts(), 2, "the process waits for more");

    let program = place.settings().program;
    let same = fs::read(&program).expect("a program");
    fs::write(&program, [&same[..], b"# another build\n"].concat()).expect("replaced");
    place.load().await;
    assert_eq!(place.starts(), 3, "what another program proved proves nothing");
}

#[tokio::test]
async fn daemons_that_share_lexicons_compile_one_after_the_other() {
    let place = Place::new();
    let turn = fs::File::open(place.at("lexicons")).expect("a folder");
    turn.lock().expect("the turn is ours");
    let (judging, files) = (Judging::Apart(Settings { program: PROGRAM.into(), ..place.settings() }), place.files());
    let rules = tokio::spawn(async move { judging.load(&files).await.map(|rules| rules.facts().clone()) });
    looking_for(|| {
        let locks = fs::read_to_string("/proc/locks").ok()?;
        let waiting = locks.lines().filter(|line| line.contains("-> FLOCK"));
        let processes = waiting.filter_map(|line| line.split_whitespace().nth(5)?.parse().ok());
        processes.filter(|process| is_ours(*process)).find(|process| is_judge(*process))
    })
    .await;
    assert!(!rules.is_finished());
    drop(turn);
    assert_eq!(rules.await.expect("no panic").expect("rules").examples, 2);
}

#[tokio::test]
async fn every_file_of_the_rules_and_what_the_practice_says_of_itself_makes_the_version() {
    let place = Place::new();
    let mut versions = vec![place.load().await.version().to_owned()];
    let mut changed = |version: String| {
        assert!(!versions.contains(&version), "the change was not noticed");
        versions.push(version);
    };
    place.complaints(r#"phrases = ["worst surgery", "worst place"]"#);
    changed(place.load().await.version().to_owned());
    write(&place.at("lexicons/lists/place.toml"), "phrases = [\"surgery\", \"practice\"]\n");
    changed(place.load().await.version().to_owned());
    write(&place.at("lexicons/spellings.toml"), "werst = \"worst\"\n");
    changed(place.load().await.version().to_owned());
    write(&place.at("staff.csv"), "title,forename,surname,role,aliases\nDr,Rakesh,Patil,GP Partner,\n");
    changed(place.load().await.version().to_owned());
    let mut files = Files { staff: None, ..place.files() };
    changed(Judging::Apart(place.settings()).load(&files).await.expect("rules").version().to_owned());
    files.practice.names.push("Alderbrook".to_owned());
    changed(Judging::Apart(place.settings()).load(&files).await.expect("rules").version().to_owned());
    files.policy = at("config/policies/bursted-wood-surgery.toml");
    changed(Judging::Apart(place.settings()).load(&files).await.expect("rules").version().to_owned());
}

#[tokio::test]
async fn a_lexicon_that_is_broken_while_the_judge_sleeps_does_not_matter_to_the_rules_in_force() {
    let place = Place::new();
    let rules = place.load().await;
    place.complaints("phrases = [\"worst (surgery\"]");
    fs::remove_file(place.at("staff.csv")).expect("it was there");
    assert_eq!(actions(&rules, &["Worst surgery ever", NAMED]).await, ["delete", "hide"]);
    assert_eq!(place.starts(), 2, "it was asleep");
}

#[tokio::test]
async fn a_judge_without_work_ends_and_the_next_comment_wakes_another() {
    let place = Place::new();
    let mut settings = place.settings();
    settings.limits.idle = Duration::ZERO;
    let rules = Judging::Apart(settings).load(&place.files()).await.expect("rules");
    assert_eq!(actions(&rules, &["Worst surgery ever"]).await, ["delete"]);
    let process = fs::read_to_string(place.at("starts")).expect("it was started");
    let process = Path::new("/proc").join(process.lines().last().expect("a number"));
    looking_for(|| (!process.exists()).then_some(())).await;
    assert_eq!(actions(&rules, &["Worst surgery ever"]).await, ["delete"]);
    assert_eq!(place.starts(), 3);
}

#[tokio::test]
async fn a_comment_that_kills_drives_mad_or_hangs_the_judge_costs_its_own_verdict_and_no_other() {
    let place = Place::new();
    let rules = place.load().await;
    let texts = ["Worst surgery ever", "LETHAL", KIND, "RAVING worst surgery", NAMED];
    let want = ["delete", "nobody can say", "allow", "nobody can say", "hide"];
    assert_eq!(actions(&rules, &texts).await, want);
    assert_eq!(actions(&rules, &["Worst surgery ever"]).await, ["delete"], "and it goes on");

    let limits = Limits { batch: BETWEEN_LOOKS, comment: BETWEEN_LOOKS, ..Limits::default() };
    let hasty = Judging::Apart(Settings { limits, ..place.settings() }).load(&place.files()).await.expect("rules");
    let before = place.starts();
    assert_eq!(actions(&hasty, &["ENDLESS"]).await, ["nobody can say"]);
    assert_eq!(place.starts(), before + 2, "once with all others, once by itself");
}

#[tokio::test]
async fn a_copy_that_somebody_changed_judges_nobody_and_a_reload_mends_it() {
    let place = Place::new();
    let rules = place.load().await;
    let copy = place.at("state/rules-in-force").join(rules.version()).join("lexicons/en/complaint.toml");
    let text = fs::read_to_string(&copy).expect("a copy").replace("worst surgery\"", "worst surgery\", \"lovely\"");
    fs::write(&copy, text).expect("changed");
    let comment = Comment::of_text("Worst surgery ever");
    assert!(matches!(rules.judge(&[&comment]).await, Err(Failure::Changed)));
    assert_eq!(actions(&place.load().await, &["Worst surgery ever", "lovely"]).await, ["delete", "allow"]);
}

#[tokio::test]
async fn copies_are_the_daemons_alone_and_only_the_one_in_force_stays() {
    let place = Place::new();
    let judging = Judging::Apart(place.settings());
    let first = place.load().await;
    place.complaints(r#"phrases = ["worst surgery", "worst place"]"#);
    let second = place.load().await;
    let copies = || {
        let entries = fs::read_dir(place.at("state/rules-in-force")).expect("copies");
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a version")).collect::<Vec<_>>()
    };
    assert_eq!(copies().len(), 2, "the first may still be judging");
    assert_eq!(actions(&first, &["Worst place ever"]).await, ["allow"]);
    judging.tidy(&second);
    assert_eq!(copies(), [second.version()]);
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    let folder = place.at("state/rules-in-force").join(second.version());
    assert_eq!((mode(&folder), mode(&folder.join("lexicons/en"))), (0o700, 0o700));
    assert_eq!((mode(&folder.join("staff.csv")), mode(&folder.join("rules.json"))), (0o600, 0o600));
}

#[tokio::test]
async fn a_program_that_cannot_judge_is_told_and_nothing_is_believed() {
    #[track_caller]
    fn check(told: &[chaperone::lexicon::complaint::Complaint], want: &str) {
        let told: Vec<String> = told.iter().map(ToString::to_string).collect();
        assert!(told.len() == 1 && told[0].contains(want), "{told:?}");
    }
    let place = Place::new();
    let load = async |program: &str| {
        let settings = Settings { program: program.into(), ..place.settings() };
        Judging::Apart(settings).load(&place.files()).await.expect_err("no rules")
    };
    check(&load("/no/such/program").await, "could not be used");
    check(&load("/bin/false").await, "ended before it answered");
    check(&load("/bin/echo").await, "makes no sense");
    write(&place.at("state/rules-in-force"), "not a folder");
    let told = Judging::Apart(place.settings()).load(&place.files()).await.expect_err("no rules");
    check(&told, "cannot be copied");
}

// --- Under a daemon ------------------------------------------------------------------------------------------------

fn on_facebook(comments: &[(&str, &str)]) -> Scenario {
    use std::fmt::Write as _;
    let mut text =
        "post = [{ key = \"p\", page = \"fb\", at = \"+07:00\", text = \"News\" }]\ncomment = [\n".to_owned();
    for (key, words) in comments {
        let _ = writeln!(
            text,
            "{{ key = \"{key}\", post = \"p\", at = \"+07:55\", author = \"Jo\", text = \"{words}\" }},"
        );
    }
    scenario(&[FACEBOOK], &(text + "]"))
}

#[tokio::test]
async fn a_daemon_that_judges_apart_does_what_one_does_that_judges_here() {
    let comments = [("a", COMPLAINT), ("b", NAMED), ("c", CRY), ("d", THREAT), ("e", NUMBER), ("f", KIND)];
    let mut ends = Vec::new();
    for apart in [false, true] {
        let mut bench = Bench::new(on_facebook(&comments)).await;
        if apart {
            let settings = Settings { program: PROGRAM.into(), ..Settings::new(bench.file("state/rules-in-force")) };
            bench.restart_judging(Judging::Apart(settings)).await;
        }
        bench.step().await;
        bench.minutes(2).await;
        let mut end = Vec::new();
        for (key, _) in comments {
            end.push((bench.stands(key), bench.outcome(key).await));
        }
        end.push(("letters", bench.letters("alert").len().to_string()));
        ends.push(end);
    }
    assert_eq!(ends[0], ends[1]);
    assert_eq!(ends[0][0].0, "gone");
}

#[tokio::test]
async fn a_human_is_told_of_a_comment_that_kills_the_judge_and_the_others_are_dealt_with() {
    let place = Place::new();
    let mut bench = Bench::new(on_facebook(&[("a", COMPLAINT), ("b", "LETHAL"), ("c", THREAT)])).await;
    bench.restart_judging(Judging::Apart(place.settings())).await;
    bench.step().await;
    bench.minutes(2).await;
    assert_eq!((bench.stands("a"), bench.stands("b"), bench.stands("c")), ("gone", "up", "gone"));
    let told = bench.notices("error").await;
    assert_eq!(told.len(), 1);
    assert!(told[0].text.contains("could not be judged") && !told[0].text.contains("LETHAL"), "{}", told[0].text);
}

#[tokio::test]
async fn what_nobody_can_judge_waits_is_told_and_is_judged_once_somebody_can() {
    let place = Place::new();
    let mut bench = Bench::new(on_facebook(&[])).await;
    bench.restart_judging(Judging::Apart(place.settings())).await;
    bench.step().await;
    let program = place.settings().program;
    let aside = place.at("aside");
    fs::rename(&program, &aside).expect("moved");
    bench.comments("nasty", "p", COMPLAINT);
    bench.minutes(3).await;
    assert_eq!((bench.stands("nasty"), bench.incident("nasty").await.is_none()), ("up", true));
    let told = bench.notices("error").await;
    assert!(told.len() == 1 && told[0].text.contains("cannot be judged, and wait"), "once a day: {told:?}");
    fs::rename(&aside, &program).expect("moved back");
    bench.minutes(2).await;
    assert_eq!(bench.stands("nasty"), "gone");
    assert_eq!(bench.incident("nasty").await.map(|incident| incident.outcome.state), Some(OutcomeState::Done));
}

#[tokio::test]
async fn a_reload_replaces_the_judge_and_a_refused_one_does_not() {
    let place = Place::new();
    let mut bench = Bench::new(on_facebook(&[])).await;
    bench.restart_judging(Judging::Apart(place.settings())).await;
    bench.step().await;
    let old = fs::read_to_string(bench.file("lexicons/en/complaint.toml")).expect("a lexicon");
    write(&bench.file("lexicons/en/complaint.toml"), &old.replace("worst surgery", "(worst surgery"));
    assert!(bench.daemon().reload_rules().await.is_err());
    bench.comments("first", "p", COMPLAINT);
    bench.minutes(1).await;
    assert_eq!(bench.stands("first"), "gone", "the old rules judge, from their copy");
    write(
        &bench.file("lexicons/en/complaint.toml"),
        &old.replace("\"worst surgery\"", "\"worst surgery\", \"closed again\""),
    );
    assert!(bench.daemon().reload_rules().await.is_ok());
    bench.comments("second", "p", "Closed again!");
    bench.minutes(1).await;
    assert_eq!(bench.stands("second"), "hidden", "the new rules judge, and delete nothing yet");
    let versions = |incident: Option<chaperone::store::report::Incident>| incident.map(|one| one.rules_version);
    assert_ne!(versions(bench.incident("first").await), versions(bench.incident("second").await));
}

#[tokio::test]
async fn the_judge_gets_nothing_but_its_pipes() {
    let place = Place::new();
    let mut bench = Bench::new(on_facebook(&[("nasty", COMPLAINT)])).await;
    bench.restart_judging(Judging::Apart(place.settings())).await;
    bench.step().await;
    bench.minutes(1).await;
    assert_eq!(bench.stands("nasty"), "gone");
    let seen = fs::read_to_string(place.at("seen")).expect("what it saw");
    let (mut open, mut others) = (Vec::new(), Vec::new());
    for line in seen.lines() {
        match line.strip_prefix("fd ").and_then(|line| line.split_once(' ')) {
            Some((number, what)) => open.push((number.parse::<u32>().expect("a number"), what)),
            None => others.push(line),
        }
    }
    // What bash sets by itself, wherever it was started.
    others.retain(|line| !["variable PWD", "variable OLDPWD", "variable SHLVL", "variable _"].contains(line));
    assert!(others.is_empty(), "{others:?}");
    // What this test was given itself by whoever started it is passed on, and nothing that the daemon has opened. The
    // script holds itself open, and a pipe to read the others by.
    let given: Vec<String> = open_here();
    let own = |what: &str| {
        what == place.at("program").display().to_string() || what == place.at("seen").display().to_string()
    };
    let more = open.iter().filter(|(number, what)| {
        2 < *number && !own(what) && !what.starts_with("pipe:") && !given.iter().any(|one| one == what)
    });
    let more: Vec<_> = more.collect();
    assert!(more.is_empty(), "{more:?}");
    let first: Vec<&str> = open.iter().filter(|(number, _)| *number <= 2).map(|(_, what)| *what).collect();
    assert!(first[0].starts_with("pipe:") && first[1].starts_with("pipe:") && first[2] == "/dev/null", "{first:?}");
}

#[tokio::test]
async fn the_judge_ends_with_the_daemon_however_that_ends() {
    let mut bench = Bench::new(on_facebook(&[("nasty", COMPLAINT)])).await;
    bench.stop();
    let daemon = Started(
        Command::new(PROGRAM)
            .args(["--config".as_ref(), bench.file("chaperone.toml").as_os_str(), "run".as_ref()])
            .env_clear()
            .stderr(Stdio::null())
            .spawn()
            .expect("a daemon"),
    );
    let judge = looking_for(|| {
        let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", daemon.0.id())).ok()?;
        let child: u32 = children.split_whitespace().next()?.parse().ok()?;
        (bench.stands("nasty") == "gone" && is_judge(child)).then_some(child)
    })
    .await;
    drop(daemon);
    looking_for(|| (!is_judge(judge)).then_some(())).await;
}

/// What this process has open.
fn open_here() -> Vec<String> {
    let entries = fs::read_dir("/proc/self/fd").expect("readable");
    entries.filter_map(|entry| Some(fs::read_link(entry.ok()?.path()).ok()?.display().to_string())).collect()
}

/// A process that ends with the test, as by `kill -9`.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).expect("it was running");
    }
}

fn is_ours(process: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    status.lines().any(|line| line == format!("PPid:\t{}", std::process::id()))
}

fn is_judge(process: u32) -> bool {
    fs::read(format!("/proc/{process}/cmdline")).is_ok_and(|line| line.ends_with(b"\0judge\0"))
}

/// Looks until it is there.
async fn looking_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..LOOKS {
        if let Some(found) = look() {
            return found;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    panic!("it was never there");
}
