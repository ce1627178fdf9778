//! A whole practice on a bench: a simulated day, a folder with a small set of rules, and the daemon between them, all by
//! one clock that only the test moves. In: a scenario in TOML. Out: what the platforms saw, what the store says, what
//! people were told. Not here: any story, and the shipped lexicons, whose own examples prove them.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::task::Poll;

use chaperone::clock::{Clock, SignedDuration};
use chaperone::comment::{PageId, PageKey, Platform};
use chaperone::config::{Config, Environment, Needs};
use chaperone::daemon::{self, Daemon, Surroundings};
use chaperone::policy::Action;
use chaperone::rules::Judging;
use chaperone::sim::{
    Act, CommentScript, Gone, HiddenBy, META_APP_SECRET, Scenario, Sim, TIKTOK_APP_ID, TIKTOK_APP_SECRET,
};
use chaperone::store;
use chaperone::store::report::{Incident, Notice, PageCoverage, Period};
use tempfile::TempDir;

use crate::tree::at;

/// Deleted by Bursted Wood's policy, as a complaint.
pub(crate) const COMPLAINT: &str = "Worst surgery ever, the lot of you";
/// Hidden by it, because it names a member of staff.
pub(crate) const NAMED: &str = "It was Dr Patel who saw me";
/// Alerted at once and left alone.
pub(crate) const CRY: &str = "I just want to die";
/// Deleted, and alerted at once.
pub(crate) const THREAT: &str = "Somebody should burn the place down";
/// An identifier of a patient: deleted, and alerted at once.
pub(crate) const NUMBER: &str = "her NHS number is 999 127 6408";
/// Nothing to anybody.
pub(crate) const KIND: &str = "Frost on the steps this morning, mind how you go";

pub(crate) const FACEBOOK: &str =
    r#"{ key = "fb", platform = "facebook", id = "1029384756", name = "Alderbrook Surgery", handle = "alderbrook" },"#;
pub(crate) const INSTAGRAM: &str = r#"{ key = "ig", platform = "instagram", id = "17841400112233445", name = "Alderbrook Surgery", handle = "alderbrook", linked = "fb" },"#;
pub(crate) const TIKTOK: &str =
    r#"{ key = "tt", platform = "tiktok", id = "-000Open", name = "Alderbrook Surgery", handle = "alderbrook" },"#;

const POLICY: &str = "bursted-wood-surgery";

/// When every bench's watch begins, counted from the scenario's midnight.
const BEGIN: SignedDuration = SignedDuration::from_hours(8);

/// A scenario of these pages; `rest` holds posts, comments and whatever happens to them, as in `src/sim/day.toml`.
pub(crate) fn scenario(pages: &[&str], rest: &str) -> Scenario {
    let text = format!("start = \"2026-11-18T00:00:00Z\"\npage = [\n{}\n]\n{rest}", pages.join("\n"));
    Scenario::parse(&text).expect("a scenario")
}

/// How a practice differs from the usual one of these tests, which acts, and judges what it finds at the first look.
pub(crate) struct Practice {
    pub(crate) mode: &'static str,
    pub(crate) backlog: &'static str,
    /// More of the configuration: whole sections.
    pub(crate) more: &'static str,
}

impl Default for Practice {
    fn default() -> Self {
        Self { mode: "enforce", backlog: "judge", more: "" }
    }
}

/// One practice, its daemon, and the platforms it talks to.
pub(crate) struct Bench {
    pub(crate) clock: Clock,
    pub(crate) sim: Sim,
    pages: Vec<PageKey>,
    place: TempDir,
    daemon: Option<Daemon>,
}

impl Bench {
    pub(crate) async fn new(scenario: Scenario) -> Self {
        Self::of(scenario, Practice::default()).await
    }

    pub(crate) async fn of(mut scenario: Scenario, practice: Practice) -> Self {
        // The clock stands still while everybody takes a step, so any number of calls falls into one second.
        scenario.knobs.tiktok_second_limit = false;
        let start = scenario.start.expect("a day");
        let clock = Clock::manual(start + BEGIN);
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let sim = Sim::start(scenario, clock.clone(), listen).await.expect("a simulator");
        let place = tempfile::tempdir().expect("a directory");
        lay_out(place.path(), &sim, &practice);
        let key = |page: &chaperone::sim::Page| PageKey { platform: page.platform, id: PageId::new(page.id.clone()) };
        let pages = sim.world().pages().iter().map(key).collect();
        let mut bench = Self { clock, sim, pages, place, daemon: None };
        bench.daemon = Some(bench.assemble().expect("a daemon"));
        bench
    }

    /// Another daemon on the same files.
    pub(crate) fn assemble(&self) -> Result<Daemon, daemon::Error> {
        Daemon::assemble(self.config(), self.clock.clone())
    }

    pub(crate) fn config(&self) -> Config {
        let file = self.file("chaperone.toml");
        Config::load_in(&file, Needs::EVERYTHING, &Environment::new()).expect("a configuration")
    }

    /// A daemon on the same files takes the place of this one; its comments are judged as `judging` says.
    pub(crate) async fn restart_judging(&mut self, judging: Judging) {
        self.stop();
        let around = Surroundings::real(self.clock.clone()).expect("a network");
        let daemon = Daemon::assemble_judging(self.config(), around, judging).await;
        self.daemon = Some(daemon.expect("a daemon"));
    }

    pub(crate) fn daemon(&self) -> &Daemon {
        self.daemon.as_ref().expect("a daemon")
    }

    /// The process dies in the middle of a step, after it was given the processor so many times, and a new one begins on
    /// the same files. Says whether the step was over before that.
    pub(crate) async fn die_within_a_step(&mut self, turns: usize) -> bool {
        let mut left = turns;
        let over = {
            let mut step = std::pin::pin!(self.step());
            std::future::poll_fn(|context| {
                left = left.saturating_sub(1);
                match step.as_mut().poll(context) {
                    Poll::Ready(()) => Poll::Ready(true),
                    Poll::Pending if left == 0 => Poll::Ready(false),
                    Poll::Pending => Poll::Pending,
                }
            })
            .await
        };
        self.restart().await;
        over
    }

    /// Everybody does once what is due.
    pub(crate) async fn step(&self) {
        self.daemon().step(self.clock.now()).await;
    }

    /// The clock moves on by so many minutes, minute by minute, and everybody takes a step each time.
    pub(crate) async fn minutes(&self, count: u32) {
        for _ in 0..count {
            self.clock.advance(SignedDuration::from_mins(1));
            self.step().await;
        }
    }

    /// The daemon is gone, and a new one begins on the same files.
    pub(crate) async fn restart(&mut self) {
        self.daemon = None;
        // A question to the store may outlive the daemon that asked it by a moment, and holds the file until then.
        for _ in 0..1_000_000 {
            match self.assemble() {
                Ok(daemon) => return self.daemon = Some(daemon),
                Err(daemon::Error::Store(store::Error::InUse { .. })) => tokio::task::yield_now().await,
                Err(error) => panic!("the daemon did not start again: {error}"),
            }
        }
        panic!("the store was never let go of");
    }

    /// The same, with another mode in its configuration.
    pub(crate) async fn restart_as(&mut self, old: &str, new: &str) {
        let file = self.file("chaperone.toml");
        let text = fs::read_to_string(&file).expect("a configuration");
        write(&file, &text.replace(&format!("mode = \"{old}\""), &format!("mode = \"{new}\"")));
        self.restart().await;
    }

    /// Minutes in longer strides, for what takes hours.
    pub(crate) async fn strides(&self, count: u32, minutes: i64) {
        for _ in 0..count {
            self.clock.advance(SignedDuration::from_mins(minutes));
            self.step().await;
        }
    }

    /// The clock is put to a moment of the scenario's day, and everybody takes a step.
    pub(crate) async fn step_at(&self, hours: i64, minutes: i64) {
        let start = self.sim.world().day_start();
        self.clock.set(start + SignedDuration::from_mins(hours * 60 + minutes));
        self.step().await;
    }

    /// Somebody comments now.
    pub(crate) fn comments(&self, key: &str, post: &str, text: &str) {
        let script = CommentScript {
            key: key.to_owned(),
            post: Some(post.to_owned()),
            author: Some("Sam".to_owned()),
            text: Some(text.to_owned()),
            ..CommentScript::default()
        };
        self.sim.world().add_comment(&script).expect("a post to comment on");
    }

    /// The built program on these files, as somebody at a shell runs it: its code, what it printed, what it complained
    /// of.
    pub(crate) fn program(&self, args: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_chaperone"))
            .arg("--config")
            .arg(self.file("chaperone.toml"))
            .args(args)
            .env_clear()
            .output()
            .expect("the program runs");
        let place = self.file("").display().to_string();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8").replace(&place, "DIR/");
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    /// A path beside the configuration file.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Everything since before the day began, as a digest would see it.
    pub(crate) async fn period(&self) -> Period {
        let from = self.clock.now() - SignedDuration::from_hours(24 * 30);
        let to = self.clock.now() + SignedDuration::from_secs(1);
        self.daemon().store().period(from, to, &self.pages).await.expect("a period")
    }

    /// The newest judgement of a comment.
    pub(crate) async fn incident(&self, key: &str) -> Option<Incident> {
        let id = self.id(key);
        self.period().await.incidents.into_iter().rev().find(|incident| incident.comment.as_str() == id)
    }

    /// The same, however long ago.
    pub(crate) async fn incident_ever(&self, key: &str) -> Incident {
        let (id, from) = (self.id(key), chaperone::clock::Timestamp::UNIX_EPOCH);
        let to = self.clock.now() + SignedDuration::from_secs(1);
        let period = self.daemon().store().period(from, to, &self.pages).await.expect("a period");
        period.incidents.into_iter().rev().find(|incident| incident.comment.as_str() == id).expect("an incident")
    }

    /// The daemon ends, and nobody takes its place.
    pub(crate) fn stop(&mut self) {
        self.daemon = None;
    }

    /// What became of a comment's newest judgement: intended, state, achieved. "none" for a comment without reasons.
    pub(crate) async fn outcome(&self, key: &str) -> String {
        let Some(incident) = self.incident(key).await else { return "none".to_owned() };
        let outcome = incident.outcome;
        let achieved = outcome.achieved.map_or("-", Action::id);
        format!("{} {:?} {achieved}", outcome.intended.id(), outcome.state).to_lowercase()
    }

    pub(crate) async fn coverage(&self, page: &str) -> PageCoverage {
        let id = self.id(page);
        let mut pages = self.period().await.coverage.into_iter();
        pages.find(|coverage| coverage.page.id.as_str() == id).expect("a watched page")
    }

    /// What people were told of this kind.
    pub(crate) async fn notices(&self, kind: &str) -> Vec<Notice> {
        self.period().await.notices.into_iter().filter(|notice| notice.kind == kind).collect()
    }

    /// Where a comment or visitor's post stands at the platform: "up", "hidden" or "gone".
    pub(crate) fn stands(&self, key: &str) -> &'static str {
        let world = self.sim.world();
        let (gone, hidden) = match (world.comment(key), world.post(key)) {
            (Some(comment), _) => (comment.gone.is_some(), comment.hidden != HiddenBy::None),
            (None, Some(post)) => (post.deleted, post.hidden),
            (None, None) => panic!("the scenario has no {key}"),
        };
        if gone {
            "gone"
        } else if hidden {
            "hidden"
        } else {
            "up"
        }
    }

    /// What was asked of the platform for this comment or post, in order, whether or not it took effect.
    pub(crate) fn acts(&self, key: &str) -> Vec<Act> {
        let id = self.id(key);
        self.sim.world().writes().iter().filter(|write| write.target == id).map(|write| write.act).collect()
    }

    /// How many requests were about this page.
    pub(crate) fn requests_of(&self, page: &str) -> usize {
        let id = self.id(page);
        self.sim.world().requests().iter().filter(|seen| seen.page.as_deref() == Some(id.as_str())).count()
    }

    /// The files that people were sent whose names hold this word, in order.
    pub(crate) fn letters(&self, word: &str) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.file("out")) else { return Vec::new() };
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        files.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains(word)));
        files.sort();
        files
    }

    pub(crate) fn id(&self, key: &str) -> String {
        self.sim.world().id_of(key).unwrap_or_else(|| panic!("the scenario has no {key}")).to_owned()
    }

    /// No comment was hidden or deleted twice with success, and nothing was done that nobody had reason for.
    #[track_caller]
    pub(crate) fn assert_nothing_done_twice(&self) {
        let world = self.sim.world();
        let mut done = Vec::new();
        for write in world.writes().iter().filter(|write| write.done) {
            let this = (write.act, write.target.clone());
            assert!(!done.contains(&this), "done twice: {this:?}");
            done.push(this);
        }
        let by_api = world.comments().iter().filter(|comment| comment.gone == Some(Gone::ByApi)).count();
        assert!(by_api <= done.len(), "something went without a write");
    }
}

/// Writes the practice's files as its IT person would, with the simulator's addresses and tokens.
pub(crate) fn lay_out(place: &Path, sim: &Sim, practice: &Practice) {
    write_rules(place);
    let Practice { mode, backlog, more } = practice;
    let policies = at("config/policies").display().to_string();
    let mut text = format!(
        "[practice]\nname = \"Alderbrook Surgery\"\npolicy = \"{POLICY}\"\nstaff = \"staff.csv\"\nmode = \"{mode}\"\n\
         backlog = \"{backlog}\"\n[policies]\ndir = {policies:?}\n[lexicons]\ndir = \"lexicons\"\n\
         [store]\npath = \"state/chaperone.db\"\n[digest]\ndirectory = \"out\"\ntimes = [\"18:00\"]\n\
         when_quiet = true\n[alerts]\nrepeat_min = \"none\"\n{more}\n"
    );
    let world = sim.world();
    for (number, page) in world.pages().iter().enumerate() {
        let base = sim.base_url(page.platform);
        let _ =
            writeln!(text, "[[page]]\nplatform = \"{}\"\nid = \"{}\"\napi_base = \"{base}\"", page.platform, page.id);
        let _ = writeln!(text, "app_secret_file = \"app-secret-{number}\"");
        if page.platform == Platform::TikTok {
            let pair = world.tiktok_pairs().iter().find(|pair| pair.open_id == page.id).expect("a pair");
            secret(place, &format!("app-secret-{number}"), TIKTOK_APP_SECRET);
            secret(place, &format!("refresh-{number}"), &pair.refresh);
            let _ = writeln!(text, "app_id = \"{TIKTOK_APP_ID}\"\nrefresh_token_file = \"refresh-{number}\"");
        } else {
            secret(place, &format!("app-secret-{number}"), META_APP_SECRET);
            secret(place, &format!("token-{number}"), &world.token_for(&page.id).expect("a token"));
            let _ = writeln!(text, "token_file = \"token-{number}\"");
        }
    }
    write(&place.join("chaperone.toml"), &text);
}

fn write_rules(place: &Path) {
    write(&place.join("lexicons/en/complaint.toml"), &complaints("\"worst surgery\""));
    write(
        &place.join("lexicons/en/safeguarding.toml"),
        &lexicon("safeguarding", "safeguarding", "\"want to die\"", CRY),
    );
    write(&place.join("lexicons/en/threat.toml"), &lexicon("threat", "threats", "\"burn the place down\"", THREAT));
    fs::create_dir_all(place.join("lexicons/lists")).expect("made");
    write(&place.join("staff.csv"), "title,forename,surname,role,aliases\nDr,Rakesh,Patel,GP Partner,\n");
}

/// The lexicon of complaints with these phrases.
pub(crate) fn complaints(phrases: &str) -> String {
    lexicon("complaint", "complaints", phrases, COMPLAINT)
}

fn lexicon(category: &str, clause: &str, phrases: &str, hit: &str) -> String {
    format!(
        "category = \"{category}\"\nclause = \"{clause}\"\n[[entry]]\nid = \"test\"\nphrases = [{phrases}]\n\
         certainty = \"high\"\nhits = [\"{hit}\"]\nmisses = [\"{KIND}\"]\n"
    )
}

pub(crate) fn secret(place: &Path, name: &str, value: &str) {
    let path = place.join(name);
    write(&path, value);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("closed");
}

pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a directory")).expect("made");
    fs::write(path, text).expect("written");
}
