//! The demonstration: simulator, daemon and digest in one process on loopback, playing a practice's day by a clock of its
//! own. In: where to put the digest. Out: what happens, as [`Happening`]s, while it happens, and a [`Summary`] at the end.
//! Not here: printing; that is `cli`'s. Everything but the platforms is the real thing.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use include_dir::{Dir, include_dir};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, SignedDuration, Timestamp};
use crate::comment::{PageKey, Platform};
use crate::config::{Config, Environment, Needs};
use crate::console::password;
use crate::daemon::{self, Daemon};
use crate::lexicon::complaint::Complaint;
use crate::sim::{META_APP_SECRET, Scenario, ScenarioError, Sim, SimError, TIKTOK_APP_ID, TIKTOK_APP_SECRET};
use crate::store::report::{Incident, Notice, OutcomeState, Period};
use crate::store::{self, Role, User};

static CONFIG: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/config");
static LEXICONS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/lexicons");

/// The watch begins so long after the scenario's midnight: before the first of the practice's staff are up.
const BEGIN: SignedDuration = SignedDuration::from_mins(6 * 60 + 40);
/// And ends so long after it: the digest goes out at eleven.
const END: SignedDuration = SignedDuration::from_mins(23 * 60 + 2);
/// With nothing coming up, the clock moves in steps of this.
const QUIET_STEP: SignedDuration = SignedDuration::from_mins(10);
/// After something happened, everybody gets a few steps of this to deal with it.
const BUSY_STEP: SignedDuration = SignedDuration::from_secs(30);
const BUSY_STEPS: u32 = 3;

/// Something worth showing.
#[derive(Debug)]
pub enum Happening<'a> {
    /// Everything is running.
    Started {
        /// The pages, as the practice's people would name them.
        pages: &'a [String],
        /// The practice's name.
        practice: &'a str,
        /// Its policy.
        policy: &'a str,
        /// Where its console is.
        console: Option<&'a str>,
    },
    /// A comment was judged and there is something to say about it.
    Judged(&'a Incident),
    /// What was to be done about it came to an end.
    Settled(&'a Incident),
    /// People have to hear of something that is no comment.
    Noticed(&'a Notice),
    /// A page is not being read.
    Down(&'a PageKey, &'a str),
    /// It is being read again.
    Up(&'a PageKey),
}

/// How the day went.
#[derive(Debug)]
pub struct Summary {
    /// The whole day as the digest sees it.
    pub period: Period,
    /// Calls that reached the simulated platforms.
    pub requests: usize,
    /// Writes among them.
    pub writes: usize,
    /// The files of digests and alerts.
    pub files: Vec<PathBuf>,
}

/// Why there was no demonstration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be written.
    #[error("cannot write to {}", path.display())]
    Files {
        /// Where.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The simulator did not start.
    #[error("the simulator did not start")]
    Sim(#[from] SimError),
    /// The scenario cannot be read.
    #[error("the scenario cannot be read")]
    Scenario(#[from] ScenarioError),
    /// The shipped configuration has mistakes.
    #[error("the shipped configuration has mistakes")]
    Config(Vec<Complaint>),
    /// The daemon did not start.
    #[error("the daemon did not start")]
    Daemon(#[from] daemon::Error),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] store::Error),
    /// The person who signs in to the console could not be added.
    #[error("the console's user could not be added")]
    User(#[from] password::Weak),
}

/// Who signs in to the demonstration's console, and with what: it is on loopback, and gone with the process.
pub const USER: &str = "demo";
/// The password of [`USER`].
pub const PASSWORD: &str = "kettle lamp gate";

/// The practice after its day: it goes on by the clock on the wall, for whoever wants to look round in its console.
pub struct Evening {
    daemon: Daemon,
    clock: Clock,
    /// Where the console is.
    pub console: Option<String>,
    _sim: Sim,
    _place: tempfile::TempDir,
}

impl Evening {
    /// Keeps everything going until somebody has had enough.
    pub async fn stay(self, enough: impl Future<Output = ()>) {
        const TICK: SignedDuration = SignedDuration::from_secs(1);
        tokio::pin!(enough);
        loop {
            tokio::select! {
                () = &mut enough => return,
                () = self.daemon.rules_edited() => {
                    // A mistake in them is told in the digest, and was told on the page.
                    let _ = self.daemon.reload_rules().await;
                }
                () = tokio::time::sleep(TICK.unsigned_abs()) => {
                    self.clock.advance(TICK);
                    self.daemon.step(self.clock.now()).await;
                }
            }
        }
    }
}

/// Plays the day. `out` gets digests and alerts; `pace` is the real time that a step takes at least.
pub async fn play(
    out: &Path,
    pace: Duration,
    tell: &mut dyn FnMut(Happening<'_>, Timestamp),
) -> Result<(Summary, Evening), Error> {
    let mut scenario = Scenario::day()?;
    // The clock stands still while everybody takes a step, so any number of calls falls into one second.
    scenario.knobs.tiktok_second_limit = false;
    let midnight = scenario.start.unwrap_or(Timestamp::UNIX_EPOCH);
    let clock = Clock::manual(midnight + BEGIN);
    let sim = Sim::start(scenario, clock.clone(), SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let place = tempfile::tempdir().map_err(|source| Error::Files { path: std::env::temp_dir(), source })?;
    let file = lay_out(place.path(), out, &sim)?;
    let config = Config::load_in(&file, Needs::EVERYTHING, &Environment::new()).map_err(Error::Config)?;
    let (practice, policy) = (config.practice.name.clone(), config.practice.policy.clone());
    let pages: Vec<PageKey> = config.pages.iter().map(|page| page.key().clone()).collect();
    let names: Vec<String> = pages.iter().map(|page| page.platform.name().to_owned()).collect();
    let daemon = Daemon::assemble(config, clock.clone())?;
    let console = open_console(&daemon, clock.now()).await?;
    let started =
        Happening::Started { pages: &names, practice: &practice, policy: &policy, console: console.as_deref() };
    tell(started, clock.now());

    let mut shown = Shown::default();
    let (mut busy, end) = (BUSY_STEPS, midnight + END);
    while clock.now() < end {
        daemon.step(clock.now()).await;
        let period =
            daemon.store().period(midnight - SignedDuration::from_hours(48), after(clock.now()), &pages).await?;
        shown.tell(&period, clock.now(), tell);
        let next = sim.world().next_event();
        let (step, left) = step_to(clock.now(), next, busy);
        clock.advance(step);
        busy = left;
        if !pace.is_zero() {
            tokio::time::sleep(pace).await;
        }
    }
    daemon.step(clock.now()).await;
    let period = daemon.store().period(midnight - SignedDuration::from_hours(48), after(clock.now()), &pages).await?;
    shown.tell(&period, clock.now(), tell);
    let (requests, writes) = {
        let world = sim.world();
        (world.requests().len(), world.writes().len())
    };
    let summary = Summary { period, requests, writes, files: files(out)? };
    Ok((summary, Evening { daemon, clock, console, _sim: sim, _place: place }))
}

/// Opens the console for as long as the process goes on, with one person who may do everything. A port that somebody else
/// took is no reason to play nothing.
async fn open_console(daemon: &Daemon, now: Timestamp) -> Result<Option<String>, Error> {
    let Some(console) = daemon.console() else { return Ok(None) };
    let Ok(listener) = console.listen().await else { return Ok(None) };
    let hash = password::hash(&SecretString::from(PASSWORD), &[])?;
    let user = User { name: USER.to_owned(), full_name: "Pat Lee".to_owned(), role: Role::Admin, made_at: now };
    daemon.store().add_user(user, hash, "the demonstration".to_owned()).await?;
    let address = console.address();
    tokio::spawn(Arc::clone(console).serve(listener, CancellationToken::new()));
    Ok(Some(address))
}

fn after(now: Timestamp) -> Timestamp {
    now + SignedDuration::from_secs(1)
}

/// How far the clock moves: to the next event and a little behind it, and then a few small steps.
fn step_to(now: Timestamp, next: Option<Timestamp>, busy: u32) -> (SignedDuration, u32) {
    if busy > 0 {
        return (BUSY_STEP, busy - 1);
    }
    let ahead = next.map_or(QUIET_STEP, |next| next.duration_since(now) + SignedDuration::from_secs(5));
    if ahead <= QUIET_STEP { (ahead.max(SignedDuration::from_secs(5)), BUSY_STEPS) } else { (QUIET_STEP, 0) }
}

/// What was told already.
#[derive(Default)]
struct Shown {
    incidents: HashMap<i64, OutcomeState>,
    notices: usize,
    down: HashMap<PageKey, String>,
}

impl Shown {
    fn tell(&mut self, period: &Period, now: Timestamp, tell: &mut dyn FnMut(Happening<'_>, Timestamp)) {
        for page in &period.coverage {
            match (&page.down, self.down.contains_key(&page.page)) {
                (Some(down), false) => {
                    tell(Happening::Down(&page.page, &down.why), now);
                    self.down.insert(page.page.clone(), down.why.clone());
                }
                (None, true) => {
                    tell(Happening::Up(&page.page), now);
                    self.down.remove(&page.page);
                }
                _ => {}
            }
        }
        for notice in period.notices.iter().skip(self.notices) {
            tell(Happening::Noticed(notice), now);
        }
        self.notices = period.notices.len();
        for incident in &period.incidents {
            let state = incident.outcome.state;
            let before = self.incidents.insert(incident.number, state);
            if before.is_none() {
                tell(Happening::Judged(incident), now);
            }
            let settled = matches!(state, OutcomeState::Done | OutcomeState::Already | OutcomeState::Dead);
            if settled && before != Some(state) {
                tell(Happening::Settled(incident), now);
            }
        }
    }
}

/// Writes the practice's files as IT would, with the simulator's addresses and tokens.
fn lay_out(place: &Path, out: &Path, sim: &Sim) -> Result<PathBuf, Error> {
    extract(&CONFIG, &place.join("config"))?;
    extract(&LEXICONS, &place.join("lexicons"))?;
    make_dir(out)?;
    let out = out.canonicalize().map_err(|source| Error::Files { path: out.to_owned(), source })?;
    let file = place.join("config/demo.toml");
    let mut text = CONFIG.get_file("demo.toml").and_then(|file| file.contents_utf8()).unwrap_or_default().to_owned();
    let quoted = |path: &Path| toml::Value::String(path.display().to_string()).to_string();
    text = text.replace("[digest]\n", &format!("[digest]\ndirectory = {}\n", quoted(&out)));
    let _ = write!(text, "\n[console]\nlisten = \"127.0.0.1:{}\"\n", free_port()?);
    let _ = write!(text, "\n[store]\npath = {}\n", quoted(&place.join("state/chaperone.db")));
    for section in sections(place, sim)? {
        text.push_str(&section);
    }
    write(&file, text.as_bytes())?;
    Ok(file)
}

/// A port that nobody has now.
fn free_port() -> Result<u16, Error> {
    let refused = |source| Error::Files { path: PathBuf::from("127.0.0.1"), source };
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(refused)?;
    listener.local_addr().map(|address| address.port()).map_err(refused)
}

fn sections(place: &Path, sim: &Sim) -> Result<Vec<String>, Error> {
    let secret = |name: String, value: &str| -> Result<String, Error> {
        let path = place.join("config").join(&name);
        write(&path, value.as_bytes())?;
        close(&path)?;
        Ok(name)
    };
    let mut sections = Vec::new();
    let pages: Vec<(Platform, String, Option<String>, Option<String>)> = {
        let world = sim.world();
        let refresh = |page: &str| {
            let pair = world.tiktok_pairs().iter().rev().find(|pair| pair.open_id == page && !pair.dead);
            pair.map(|pair| pair.refresh.clone())
        };
        world
            .pages()
            .iter()
            .map(|page| (page.platform, page.id.clone(), world.token_for(&page.id), refresh(&page.id)))
            .collect()
    };
    for (index, (platform, id, token, refresh)) in pages.into_iter().enumerate() {
        let mut section = format!(
            "\n[[page]]\nplatform = \"{platform}\"\nid = \"{id}\"\napi_base = \"{}\"\nevery_s = 60\n",
            sim.base_url(platform)
        );
        if platform == Platform::TikTok {
            let app_secret = secret(format!("app-secret-{index}"), TIKTOK_APP_SECRET)?;
            let refresh = secret(format!("refresh-token-{index}"), &refresh.unwrap_or_default())?;
            let _ = write!(
                section,
                "app_id = \"{TIKTOK_APP_ID}\"\napp_secret_file = \"{app_secret}\"\nrefresh_token_file = \"{refresh}\"\n"
            );
        } else {
            let token = secret(format!("token-{index}"), &token.unwrap_or_default())?;
            let app_secret = secret(format!("app-secret-{index}"), META_APP_SECRET)?;
            let _ = write!(section, "token_file = \"{token}\"\napp_secret_file = \"{app_secret}\"\n");
        }
        sections.push(section);
    }
    Ok(sections)
}

fn extract(dir: &Dir<'_>, to: &Path) -> Result<(), Error> {
    make_dir(to)?;
    dir.extract(to).map_err(|source| Error::Files { path: to.to_owned(), source })
}

fn make_dir(path: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(path).map_err(|source| Error::Files { path: path.to_owned(), source })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(path, bytes).map_err(|source| Error::Files { path: path.to_owned(), source })
}

/// Secrets are for their owner alone, in the demonstration too: the configuration insists.
fn close(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(path, mode).map_err(|source| Error::Files { path: path.to_owned(), source })
}

fn files(out: &Path) -> Result<Vec<PathBuf>, Error> {
    let refused = |source| Error::Files { path: out.to_owned(), source };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(out).map_err(refused)?.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.sort();
    Ok(files)
}
