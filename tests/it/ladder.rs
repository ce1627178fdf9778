//! Crash ladder over the real process: killed at the first system call that changes the world, then at the second, and
//! so on; started again each time on the same files; and the end is the same as if nothing had happened. In: the
//! program as people run it, the simulated platforms on a socket. Out: nothing. The wall clock runs here, so that the
//! looking is done in a loop with a generous end, and nothing depends on how long anything takes.
//!
//! `strace` does the killing. Where it may not trace, the process is killed from outside as soon as the platforms see
//! its n-th request: that is coarser, and the test says so.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chaperone::clock::{Clock, SignedDuration};
use chaperone::sim::{Scenario, Sim};
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use crate::support::{COMPLAINT, CRY, FACEBOOK, INSTAGRAM, KIND, NAMED, Practice, lay_out, scenario, write};

/// Looks between two moments; the loop ends long after anything that can be hoped for.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS: usize = 6000;

/// The calls that change the world: what reaches the disk, a file put in its place, what reaches a platform.
const CALLS: [&str; 5] = ["fdatasync", "pwrite64", "fsync", "rename", "sendto,writev,sendmsg"];

/// Which of them: the first ones one by one, then further and further apart.
const RUNGS: [usize; 12] = [1, 2, 3, 4, 6, 8, 11, 15, 21, 30, 42, 60];

const KEYS: [&str; 6] = ["fb-nasty", "fb-named", "fb-cry", "ig-nasty", "ig-named", "ig-kind"];

/// A practice on a directory of its own, and the platforms it talks to.
struct Place {
    sim: Sim,
    dir: TempDir,
}

impl Place {
    async fn new() -> Self {
        let rows = [("nasty", COMPLAINT), ("named", NAMED)];
        let mut text = String::new();
        for page in ["fb", "ig"] {
            for (key, words) in rows.into_iter().chain([if page == "fb" { ("cry", CRY) } else { ("kind", KIND) }]) {
                let _ = writeln!(
                    text,
                    "{{ key = \"{page}-{key}\", post = \"{page}-p\", at = \"+07:55\", author = \"Jo\", text = \"{words}\" }},"
                );
            }
        }
        let rest = format!(
            "post = [\n{{ key = \"fb-p\", page = \"fb\", at = \"+07:00\", text = \"News\" }},
             {{ key = \"ig-p\", page = \"ig\", at = \"+07:00\", text = \"News\" }},\n]\ncomment = [\n{text}]"
        );
        let mut scenario: Scenario = scenario(&[FACEBOOK, INSTAGRAM], &rest);
        scenario.start = Some(Clock::System.now() - SignedDuration::from_hours(8));
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let sim = Sim::start(scenario, Clock::System, listen).await.expect("a simulator");
        let dir = tempfile::tempdir().expect("a directory");
        lay_out(dir.path(), &sim, &Practice::default());
        let file = dir.path().join("chaperone.toml");
        let text = fs::read_to_string(&file).expect("a configuration");
        write(&file, &text.replace("[[page]]\n", "[[page]]\nevery_s = 1\n"));
        Self { sim, dir }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The program under this wrapper, if any.
    fn run(&self, wrapper: &[String]) -> Running {
        let program = env!("CARGO_BIN_EXE_chaperone").to_owned();
        let words: Vec<String> = wrapper.iter().cloned().chain([program]).collect();
        let log = fs::File::create(self.file("log")).expect("a log");
        let child = Command::new(&words[0])
            .args(&words[1..])
            .args(["--config", &self.file("chaperone.toml").display().to_string(), "run"])
            .env_remove("NOTIFY_SOCKET")
            // A group of its own, so that what strace started ends with strace.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        Running(child)
    }

    /// Everything is done and told, as far as the file says.
    fn is_quiet(&self) -> bool {
        let file = self.file("state/chaperone.db");
        let Ok(store) = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY) else { return false };
        let ask = "select (select count(*) from page where last_ok_at is not null and baseline_at is not null) = 2
             and (select count(*) from verdict) = 6 and not exists (select 1 from outbox where state = 'due')
             and not exists (select 1 from alert where state = 'due')";
        store.query_row(ask, [], |row| row.get(0)).unwrap_or(false)
    }

    /// What everybody would find in the end.
    fn end(&self) -> Vec<String> {
        let world = self.sim.world();
        let mut lines = Vec::new();
        for key in KEYS {
            let comment = world.comment(key).expect("a comment");
            let acts: Vec<_> =
                world.writes().iter().filter(|write| write.target == comment.id).map(|write| write.act).collect();
            lines.push(format!("{key}: gone {:?}, {:?}, {acts:?}", comment.gone, comment.hidden));
        }
        drop(world);
        let file = self.file("state/chaperone.db");
        let store = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("a store");
        let mut ask = store
            .prepare(
                "select comment.comment_id || ' ' || verdict.action || ' ' || coalesce(outbox.state || ' ' ||
                     coalesce(outbox.achieved, '') || ' ' || (outbox.verified_at is not null), 'nothing owed')
                     || ' ' || coalesce(alert.state || ' ' || alert.repeats, 'no alert')
                 from verdict join comment on comment.id = verdict.comment left join outbox on outbox.verdict = verdict.id
                     left join alert on alert.verdict = verdict.id order by comment.comment_id",
            )
            .expect("a question");
        lines.extend(ask.query_map([], |row| row.get::<_, String>(0)).expect("rows").map(|row| row.expect("a row")));
        let letters = fs::read_dir(self.file("out")).map_or(0, |entries| {
            entries.flatten().filter(|entry| entry.file_name().to_string_lossy().contains("-alert-")).count()
        });
        lines.push(format!("somebody was told: {}", letters > 0));
        let check: String = store.query_row("pragma integrity_check", [], |row| row.get(0)).expect("an answer");
        lines.push(format!("the file is {check}"));
        lines
    }

    async fn until_quiet(&self, running: &mut Running) -> bool {
        for _ in 0..LOOKS {
            if self.is_quiet() {
                return true;
            }
            if running.is_over() {
                return false;
            }
            tokio::time::sleep(LOOK).await;
        }
        panic!("neither quiet nor dead:\n{}", fs::read_to_string(self.file("log")).unwrap_or_default());
    }

    /// Starts again and goes on to the end; whoever finds the store still held tries once more.
    async fn to_the_end(&self) -> Vec<String> {
        for _ in 0..50 {
            let mut running = self.run(&[]);
            if self.until_quiet(&mut running).await {
                drop(running);
                return self.end();
            }
            tokio::time::sleep(LOOK).await;
        }
        panic!("it does not start again:\n{}", fs::read_to_string(self.file("log")).unwrap_or_default());
    }
}

/// A process that does not outlive the test.
struct Running(Child);

impl Running {
    fn is_over(&mut self) -> bool {
        self.0.try_wait().expect("a child").is_some()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-9", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

/// Whether this machine lets one process look on while another works.
fn may_trace() -> bool {
    let tried = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

/// Kills at the `nth` of these calls. False: everything was done before it came to that.
async fn killed_at_call(place: &Place, calls: &str, nth: usize) -> bool {
    let wrapper = [
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        &format!("trace={calls}"),
        "-e",
        &format!("inject={calls}:signal=SIGKILL:when={nth}"),
    ];
    let wrapper: Vec<String> = wrapper.iter().map(|word| (*word).to_owned()).collect();
    let mut running = place.run(&wrapper);
    !place.until_quiet(&mut running).await
}

/// The coarse way: kills once the platforms have seen `nth` requests.
async fn killed_at_request(place: &Place, nth: usize) -> bool {
    let mut running = place.run(&[]);
    for _ in 0..LOOKS {
        if place.sim.world().requests().len() >= nth {
            drop(running);
            return true;
        }
        if place.is_quiet() || running.is_over() {
            return false;
        }
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    false
}

#[tokio::test]
async fn killed_at_any_system_call_that_matters_it_ends_the_same() {
    let want = Place::new().await.to_the_end().await;
    assert!(want[0].contains("[Delete]") && want.iter().any(|line| line.contains("sent 1")), "{want:#?}");
    let mut deaths = 0;
    if may_trace() {
        for calls in CALLS {
            for nth in RUNGS {
                let place = Place::new().await;
                if !killed_at_call(&place, calls, nth).await {
                    break;
                }
                deaths += 1;
                assert_eq!(place.to_the_end().await, want, "killed at {calls} number {nth}");
            }
        }
    } else {
        eprintln!(
            "strace may not trace here: the process is killed by the platforms' requests instead, which is coarser"
        );
        for nth in 1..=14 {
            let place = Place::new().await;
            if killed_at_request(&place, nth).await {
                deaths += 1;
            }
            assert_eq!(place.to_the_end().await, want, "killed at request {nth}");
        }
    }
    eprintln!("it died {deaths} times and ended the same each time");
    assert!(deaths >= 8, "it died only {deaths} times");
}
