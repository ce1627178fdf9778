//! `run`, `digest` and `simulate`: the daemon, its digest on request, and the simulated platforms alone.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::args::{Args, Format};
use super::{Outcome, Stop, load_config, print};
use crate::clock::{Clock, SignedDuration, Timestamp};
use crate::config::{Environment, Needs};
use crate::daemon::{self, Daemon, Signals, Surroundings, digest_settings, drafts, herald};
use crate::digest::LetterKind;
use crate::policy::Policy;
use crate::rules::{Judging, apart};
use crate::sim::{Scenario, Sim};
use crate::store::Store;
use crate::telemetry;

/// Threads for what cannot wait in turn: questions to the store and to the resolver. Few, and soon gone: a thread holds
/// memory while it has nothing to do.
const HELPERS: usize = 4;
const HELPERS_STAY: Duration = Duration::from_secs(2);

/// A runtime of one thread: the daemon waits far more than it works.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Stop> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.max_blocking_threads(HELPERS).thread_keep_alive(HELPERS_STAY);
    runtime.enable_all().build().map_err(|error| {
        Stop::other(
            format!("the asynchronous runtime cannot start: {error}"),
            "check the limits on open files and memory",
        )
    })
}

pub(super) fn run(args: &Args) -> Result<Outcome, Stop> {
    let config = load_config(args, Needs::EVERYTHING)?;
    let environment: Environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    telemetry::start(config.log, &environment)
        .map_err(|error| Stop::other(chain(&error), "correct RUST_LOG, or leave it out"))?;
    // Beside the store: the one place where this daemon may write, and nobody else.
    let state = config.store.path.parent().unwrap_or(Path::new("."));
    let judging = Judging::Apart(apart::Settings::new(state.join("rules-in-force")));
    runtime()?.block_on(async {
        let signals = Signals::listen()
            .map_err(|error| Stop::other(format!("cannot listen to signals: {error}"), "check the process limits"))?;
        let around = Surroundings::real(Clock::System).map_err(stop)?;
        let daemon = Daemon::assemble_judging(config, around, judging).await.map_err(stop)?;
        daemon.run(signals).await;
        Ok(Outcome::Done)
    })
}

/// Why a daemon did not start, for people.
pub(super) fn stop(error: daemon::Error) -> Stop {
    match error {
        daemon::Error::Rules(complaints) => Stop::Complaints(complaints),
        other => Stop::other(chain(&other), "mend that, then `chaperone check` says whether all is well"),
    }
}

/// An error with its causes, each once.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}

/// What `digest` was asked for.
pub(super) struct Asked<'a> {
    pub(super) from: Option<&'a str>,
    pub(super) to: Option<&'a str>,
    pub(super) format: Format,
    pub(super) send: bool,
}

pub(super) fn digest(args: &Args, asked: &Asked<'_>) -> Result<Outcome, Stop> {
    let config = load_config(args, if asked.send { Needs::EVERYTHING } else { Needs::STORE })?;
    let policy = Policy::load(&config.policies.file(&config.practice.policy))?;
    let now = Clock::System.now();
    let zone = &config.practice.timezone;
    let to = asked.to.map(|text| moment(text, zone, "--to")).transpose()?.unwrap_or(now);
    let from = asked.from.map(|text| moment(text, zone, "--from")).transpose()?;
    let from = from.unwrap_or_else(|| to.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(to));
    if to <= from {
        return Err(Stop::other("the period ends before it begins".to_owned(), "give --from a time before --to"));
    }
    let store = Store::open_beside(&config.store.path, config.store.key.as_ref(), now)
        .map_err(|error| Stop::other(chain(&error), "the daemon makes the store when it runs for the first time"))?;
    let settings = digest_settings(&config, &policy.title, drafts(&config, &policy.title)?);
    let mut herald = herald(&config, &store, &Arc::new(Mutex::new(settings)));
    // Somebody asks for it, so it goes out however quiet it is.
    herald.when_quiet = true;
    runtime()?.block_on(async {
        if asked.send {
            return match herald.send_digest(from, to, now).await {
                Ok(sent) => {
                    let missed = sent.map_or(0, |sent| sent.missed);
                    print::line(format_args!("Sent: {}.", herald.digest_to.name(LetterKind::Digest)));
                    if missed > 0 {
                        print::note(format_args!("{missed} of them did not get it: correct their addresses"));
                        return Ok(Outcome::Problems);
                    }
                    Ok(Outcome::Done)
                }
                Err(error) => {
                    Err(Stop::other(chain(&error), "nothing was sent; the digest itself is kept in the store"))
                }
            };
        }
        let digest = herald.digest(from, to).await.map_err(|error| Stop::other(chain(&error), "see above"))?;
        let text = match asked.format {
            Format::Text => Ok(digest.to_text()),
            Format::Html => digest.to_html(),
            Format::Json => digest.to_json(),
        };
        print::line(text.map_err(|error| Stop::other(chain(&error), "this is a mistake in Chaperone"))?.trim_end());
        Ok(Outcome::Done)
    })
}

/// A day (its beginning) or a day and a time, in the practice's time zone; or a time with its own zone.
pub(super) fn moment(text: &str, zone: &TimeZone, flag: &str) -> Result<Timestamp, Stop> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let local = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(|day| day.at(0, 0, 0, 0)));
    local.ok().and_then(|local| local.to_zoned(zone.clone()).ok()).map(|zoned| zoned.timestamp()).ok_or_else(|| {
        Stop::other(format!("{flag} {text} is no time"), "write 2026-11-22, 2026-11-22T07:30 or 2026-11-22T07:30:00Z")
    })
}

pub(super) fn simulate(listen: SocketAddr, scenario: Option<&Path>) -> Result<Outcome, Stop> {
    let scenario = match scenario {
        None => Scenario::rehearsal(Clock::System.now()),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Stop::other(format!("cannot read {}: {error}", path.display()), "give the path of a scenario file")
            })?;
            Scenario::parse(&text).map(|scenario| scenario.starting(Clock::System.now()))
        }
    };
    let scenario = scenario.map_err(|error| Stop::other(chain(&error), "correct the scenario file"))?;
    runtime()?.block_on(async {
        let mut signals = Signals::listen()
            .map_err(|error| Stop::other(format!("cannot listen to signals: {error}"), "check the process limits"))?;
        let sim = Sim::start(scenario, Clock::System, listen).await.map_err(|error| {
            Stop::other(chain(&error), "listen on a loopback address with a free port: 127.0.0.1:8080")
        })?;
        print::line(sim.announcement());
        signals.next().await;
        Ok(Outcome::Done)
    })
}
