//! What leaks, and what does not: the built program lives through a morning with every log line on, and whatever it
//! leaves is searched. In: the built program, simulated platforms on loopback. Out: its log, its files, what /proc shows.
//! Not here: what mails mask, which the digest's own tests say.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use chaperone::clock::{Clock, SignedDuration};
use chaperone::config::{Config, Environment, Needs};
use chaperone::sim::{META_APP_SECRET, Sim, TIKTOK_APP_SECRET};
use tempfile::TempDir;

use crate::support::{COMPLAINT, CRY, FACEBOOK, INSTAGRAM, NAMED, Practice, TIKTOK, lay_out, scenario};

/// Somebody whom no other word of a log could be.
const AUTHOR: &str = "Zebedee Quillfeather";
const PASSWORD: &str = "correct-horse-battery";
const HOOK: &str = "http://127.0.0.1:9/hooks/T0P5ECRET";

struct Morning {
    place: TempDir,
    log: String,
    cmdline: String,
    environ: String,
    core_limit: String,
    secrets: Vec<String>,
}

/// The program is stopped whatever becomes of the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn morning() -> Morning {
    let posts = "post = [
  { key = \"fb-p\", page = \"fb\", at = \"+00:00\", text = \"News\" },
  { key = \"ig-p\", page = \"ig\", at = \"+00:00\", text = \"News\" },
  { key = \"tt-p\", page = \"tt\", at = \"+00:00\", text = \"News\" },
]
comment = [\n";
    let mut rows = String::new();
    for page in ["fb", "ig", "tt"] {
        for (key, text) in [("nasty", COMPLAINT), ("named", NAMED), ("cry", CRY)] {
            let _ = writeln!(
                rows,
                "{{ key = \"{page}-{key}\", post = \"{page}-p\", at = \"+00:30\", author = \"{AUTHOR}\", text = \"{text}\" }},"
            );
        }
    }
    let clock = Clock::System;
    let mut day = scenario(&[FACEBOOK, INSTAGRAM, TIKTOK], &format!("{posts}{rows}]"));
    day.knobs.tiktok_second_limit = false;
    let day = day.starting(clock.now() - SignedDuration::from_hours(1));
    let listen = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0));
    let sim = Sim::start(day, clock, listen).await.expect("a simulator");
    let place = tempfile::tempdir().expect("a directory");
    lay_out(place.path(), &sim, &Practice::default());
    fs::create_dir(place.path().join("state")).expect("made");
    let hook = place.path().join("hook");
    fs::write(&hook, HOOK).expect("written");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o600)).expect("closed");
    let file = place.path().join("chaperone.toml");
    let text = fs::read_to_string(&file).expect("a configuration");
    fs::write(&file, text.replace("[alerts]\n", "[alerts]\nwebhook_url_file = \"hook\"\n")).expect("written");

    let dir = place.path().to_owned();
    // Nine judged comments, six of which are acted on, and an alert for each that cries for help.
    let seen = tokio::task::spawn_blocking(move || lived(&dir)).await.expect("a morning");
    let mut secrets =
        vec![META_APP_SECRET.to_owned(), TIKTOK_APP_SECRET.to_owned(), PASSWORD.to_owned(), HOOK.to_owned()];
    let world = sim.world();
    secrets.extend(world.graph_tokens().iter().map(|token| token.value.clone()));
    secrets.extend(world.tiktok_pairs().iter().flat_map(|pair| [pair.access.clone(), pair.refresh.clone()]));
    assert!(world.writes().iter().filter(|write| write.done).count() >= 6, "{}", seen.0);
    let (log, cmdline, environ, core_limit) = seen;
    Morning { place, log, cmdline, environ, core_limit, secrets }
}

/// Runs the program until it has done its work, and stops it in order.
fn lived(dir: &Path) -> (String, String, String, String) {
    let child = Command::new(env!("CARGO_BIN_EXE_chaperone"))
        .args(["--config", "chaperone.toml", "run"])
        .current_dir(dir)
        .env_clear()
        .env("RUST_LOG", "trace")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut running = Running(child);
    let stderr = running.0.stderr.take().expect("its log");
    let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
    let (mut log, mut settled, mut alerted) = (String::new(), 0, false);
    for line in lines.by_ref() {
        settled += usize::from(line.contains("settled an action"));
        alerted |= line.contains("alert sent");
        log += &line;
        log.push('\n');
        if settled >= 6 && alerted {
            break;
        }
    }
    let proc = PathBuf::from(format!("/proc/{}", running.0.id()));
    let read = |name: &str| String::from_utf8_lossy(&fs::read(proc.join(name)).unwrap_or_default()).into_owned();
    let limits = read("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap_or_default().to_owned();
    let (cmdline, environ) = (read("cmdline"), read("environ"));
    let ended = Command::new("kill").args(["-TERM", &running.0.id().to_string()]).status().expect("a signal");
    assert!(ended.success());
    for line in lines {
        log += &line;
        log.push('\n');
    }
    let ended = running.0.wait().expect("an end");
    assert!(ended.success() && settled >= 6, "{ended}:\n{log}");
    (log, cmdline, environ, core)
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.path().is_dir() { found.extend(files(&entry.path())) } else { found.push(entry.path()) }
    }
    found
}

#[tokio::test]
async fn a_morning_with_every_log_line_on_leaves_no_secret_and_no_word_of_anybody() {
    let morning = morning().await;
    assert!(morning.log.lines().count() > 10 && morning.log.contains("DEBUG"), "{}", morning.log);
    for secret in &morning.secrets {
        for (what, text) in [("log", &morning.log), ("cmdline", &morning.cmdline), ("environ", &morning.environ)] {
            assert!(!text.contains(secret.as_str()), "{secret} stands in the {what}");
        }
    }
    for words in [COMPLAINT, NAMED, CRY, AUTHOR, "Quillfeather", "surgery ever", "Patel"] {
        assert!(!morning.log.contains(words), "{words} stands in the log");
    }
    assert!(!morning.log.contains("127.0.0.1"), "a host was logged:\n{}", morning.log);
    assert!(!morning.log.contains("access_token") && !morning.log.contains("appsecret_proof"), "an address was logged");
    if !morning.core_limit.is_empty() {
        let limits: Vec<&str> = morning.core_limit.split_whitespace().rev().skip(1).take(2).collect();
        assert_eq!(limits, ["0", "0"], "{}", morning.core_limit);
    }
    // Renewed tokens are kept in a file of their own; nothing else holds any.
    let kept = |path: &Path| {
        path.extension().is_some_and(|ending| ending == "json") && path.starts_with(morning.place.path().join("state"))
    };
    let mut written = 0;
    for path in ["state", "out"].iter().flat_map(|dir| files(&morning.place.path().join(dir))) {
        written += 1;
        let bytes = fs::read(&path).expect("read");
        let mode = path.metadata().expect("metadata").permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{} is {mode:o}", path.display());
        // Letters are there to be read; what the store keeps of people is encrypted.
        let state = morning.place.path().join("state");
        // The rules in force are kept as a copy, and this practice's rules have these words as examples.
        let of_people = path.starts_with(&state) && !path.starts_with(state.join("rules-in-force"));
        for words in [COMPLAINT, NAMED, CRY, AUTHOR].iter().filter(|_| of_people) {
            let found = bytes.windows(words.len()).any(|part| part == words.as_bytes());
            assert!(!found, "{words} stands in {}", path.display());
        }
        for secret in morning.secrets.iter().filter(|_| !kept(&path)) {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{secret} stands in {}", path.display());
        }
    }
    assert!(written >= 3, "{written} files");
    let made = morning.place.path().join("out").metadata().expect("metadata");
    assert_eq!(made.permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_configuration_can_be_printed_without_giving_its_secrets_away() {
    let dir = tempfile::tempdir().expect("a directory");
    let put = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("closed");
    };
    put("token", "EAAsecretpagetoken");
    put("app", META_APP_SECRET);
    put("refresh", "rft.secret");
    put("mail", PASSWORD);
    put("hook", HOOK);
    let policies = crate::tree::at("config/policies").display().to_string();
    let lexicons = crate::tree::at("lexicons").display().to_string();
    put(
        "chaperone.toml",
        &format!(
            "[practice]\nname = \"A\"\npolicy = \"bursted-wood-surgery\"\n[policies]\ndir = {policies:?}\n[lexicons]\ndir = {lexicons:?}\n\
             [mail]\nserver = \"mail.example\"\nusername = \"u\"\npassword_file = \"mail\"\nfrom = \"a@b.example\"\nto = [\"c@d.example\"]\n\
             [alerts]\nwebhook_url_file = \"hook\"\n\
             [[page]]\nplatform = \"facebook\"\nid = \"1\"\ntoken_file = \"token\"\napp_secret_file = \"app\"\n\
             [[page]]\nplatform = \"tiktok\"\nid = \"2\"\napp_id = \"7\"\nrefresh_token_file = \"refresh\"\napp_secret_file = \"app\"\n"
        ),
    );
    let config = Config::load_in(&dir.path().join("chaperone.toml"), Needs::EVERYTHING, &Environment::new());
    let config = config.expect("a configuration");
    assert_eq!(config.pages.len(), 2);
    let shown = format!("{config:?} {config:#?}");
    for secret in ["EAAsecretpagetoken", META_APP_SECRET, "rft.secret", PASSWORD, "T0P5ECRET"] {
        assert!(!shown.contains(secret), "{secret} stands in {shown}");
    }
}
