//! What a machine sees that watches the program: the file of numbers, and lines as the journal takes them. In: the built
//! program, simulated platforms on loopback. Not here: which numbers there are and what health means, which the module
//! `metrics` says itself.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::fd::AsFd as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use chaperone::clock::{Clock, SignedDuration};
use chaperone::sim::Sim;

use crate::support::{Bench, COMPLAINT, FACEBOOK, KIND, Practice, lay_out, scenario};

const POST: &str = "post = [{ key = \"p\", page = \"fb\", at = \"+00:00\", text = \"News\" }]\n";

const NUMBERS: &str = "[metrics]\ntextfile = \"numbers.prom\"\n";

#[tokio::test]
async fn the_numbers_of_a_morning_are_in_the_file_and_name_nobody() {
    let rest = format!(
        "{POST}comment = [\n{{ key = \"nasty\", post = \"p\", at = \"+07:00\", author = \"Zebedee\", text = \"{COMPLAINT}\" }},\n\
         {{ key = \"kind\", post = \"p\", at = \"+07:01\", author = \"Zebedee\", text = \"{KIND}\" }},\n]"
    );
    let bench = Bench::of(scenario(&[FACEBOOK], &rest), Practice { more: NUMBERS, ..Practice::default() }).await;
    bench.minutes(3).await;
    let file = bench.file("numbers.prom");
    let text = fs::read_to_string(&file).expect("numbers");
    let page = "practice=\"Alderbrook Surgery\",platform=\"facebook\",page=\"1029384756\"";
    for line in [
        format!("chaperone_page_polls_total{{{page},outcome=\"ok\"}} 2"),
        format!("chaperone_verdicts_total{{{page},action=\"delete\"}} 1"),
        format!("chaperone_verdicts_total{{{page},action=\"allow\"}} 1"),
        "chaperone_actions{practice=\"Alderbrook Surgery\",state=\"done\"} 1".to_owned(),
        "chaperone_health{practice=\"Alderbrook Surgery\",status=\"healthy\"} 1".to_owned(),
    ] {
        assert!(text.contains(&format!("{line}\n")), "{line} is not in\n{text}");
    }
    assert!(!text.contains("Zebedee") && !text.contains("surgery ever") && !text.contains("Frost"), "{text}");
    assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o644);
}

#[tokio::test]
async fn a_file_of_numbers_that_cannot_be_written_is_told_once_and_nothing_else_suffers() {
    let more = "[metrics]\ntextfile = \"nowhere/numbers.prom\"\n";
    let bench = Bench::of(scenario(&[FACEBOOK], POST), Practice { more, ..Practice::default() }).await;
    bench.minutes(3).await;
    let told = bench.notices("error").await;
    assert!(told.len() == 1 && told[0].text.contains("nowhere/numbers.prom"), "{told:?}");
    assert_eq!(bench.coverage("1029384756").await.down, None);
}

/// The program is stopped whatever becomes of the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn lines_for_the_journal_say_how_urgent_they_are_and_the_file_of_numbers_goes_with_the_daemon() {
    let day = scenario(&[FACEBOOK], POST).starting(Clock::System.now() - SignedDuration::from_hours(1));
    let listen = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0));
    let sim = Sim::start(day, Clock::System, listen).await.expect("a simulator");
    let place = tempfile::tempdir().expect("a directory");
    lay_out(place.path(), &sim, &Practice { more: NUMBERS, ..Practice::default() });
    let dir = place.path().to_owned();
    let lines = tokio::task::spawn_blocking(move || lived(&dir)).await.expect("a life");
    let urgent = |line: &String| ["<3>", "<4>", "<6>", "<7>"].iter().any(|mark| line.starts_with(mark));
    assert!(lines.iter().all(urgent), "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("<6> INFO watching")), "{lines:#?}");
    assert!(!place.path().join("numbers.prom").exists(), "nobody writes it any more");
}

/// Runs the program as systemd would, until it has written its numbers, and stops it in order.
fn lived(dir: &Path) -> Vec<String> {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let ours = fs::File::from(writer.as_fd().try_clone_to_owned().expect("a handle")).metadata().expect("a pipe");
    let child = Command::new(env!("CARGO_BIN_EXE_chaperone"))
        .args(["--config", "chaperone.toml", "run"])
        .current_dir(dir)
        .env_clear()
        .env("RUST_LOG", "debug")
        .env("JOURNAL_STREAM", format!("{}:{}", ours.dev(), ours.ino()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(writer)
        .spawn()
        .expect("the program starts");
    let mut running = Running(child);
    let mut lines = BufReader::new(reader).lines().map_while(Result::ok);
    let mut log = Vec::new();
    for line in lines.by_ref() {
        let written = line.contains("the file of numbers is written");
        log.push(line);
        if written {
            break;
        }
    }
    assert!(dir.join("numbers.prom").exists(), "{log:#?}");
    assert!(Command::new("kill").args(["-TERM", &running.0.id().to_string()]).status().expect("a signal").success());
    log.extend(lines);
    assert!(running.0.wait().expect("an end").success(), "{log:#?}");
    log
}
