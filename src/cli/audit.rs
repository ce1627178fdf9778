//! `audit`: whether the evidence is whole, case packs, legal holds. In: the store, beside a daemon that may be running.
//! Out: sentences, and files that only their owner can read. Not here: what a case pack says (`dossier::case`).

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::args::{Args, AuditCommand};
use super::queue::refused;
use super::run::{chain, runtime};
use super::{Outcome, Stop, load_config, print};
use crate::clock::{Clock, Timestamp};
use crate::config::{Config, Needs};
use crate::dossier::{Paper, case};
use crate::policy::Policy;
use crate::store::{self, Held, Store, Verified};

pub(super) fn audit(args: &Args, command: &AuditCommand) -> Result<Outcome, Stop> {
    match command {
        AuditCommand::Verify { head, digests } => verify(args, head, digests.as_deref()),
        AuditCommand::Export { number, by, out } => export(args, *number, by, out),
        AuditCommand::Hold { numbers, by, reason } => hold(args, numbers, by, reason),
        AuditCommand::Release { numbers, by } => release(args, numbers, by),
        AuditCommand::Holds => holds(args),
    }
}

/// Configuration and store, for a command beside the daemon.
pub(super) fn open(args: &Args, needs: Needs) -> Result<(Config, Store, Timestamp), Stop> {
    let config = load_config(args, needs)?;
    let now = Clock::System.now();
    let store =
        Store::open_beside(&config.store.path, config.store.key.as_ref(), now).map_err(|error| refused(&error))?;
    Ok((config, store, now))
}

/// Waits for the store.
pub(super) fn wait<T>(work: impl Future<Output = Result<T, store::Error>>) -> Result<T, Stop> {
    runtime()?.block_on(work).map_err(|error| refused(&error))
}

fn verify(args: &Args, heads: &[String], digests: Option<&Path>) -> Result<Outcome, Stop> {
    let (_, store, _) = open(args, Needs::STORE)?;
    let mut heads = heads.to_vec();
    if let Some(folder) = digests {
        heads.extend(heads_in(folder)?);
    }
    heads.sort();
    heads.dedup();
    let verified = wait(store.verify(heads))?;
    print::line(account(&verified));
    if verified.problems.is_empty() {
        print::line("Nothing was changed, removed or slipped in.");
        return Ok(Outcome::Done);
    }
    for problem in &verified.problems {
        print::line(format_args!("- {problem}"));
    }
    print::line(
        "Stop the daemon, keep a copy of the store as it is, and find out who could write to it. The heads in the digests \
         that you were sent show up to when it was whole.",
    );
    Ok(Outcome::Problems)
}

fn account(verified: &Verified) -> String {
    let head = verified.head.as_deref().unwrap_or("none yet");
    let outside = match verified.heads {
        0 => "No head from a digest was given, so an end that was cut off would not show: give one with --head."
            .to_owned(),
        1 => "Held against 1 head from outside.".to_owned(),
        many => format!("Held against {many} heads from outside."),
    };
    format!(
        "{} rows of the audit chain, head {head}.\n{} incidents compared, {} texts vouched for, {} erased in order.\n{outside}",
        verified.rows, verified.verdicts, verified.texts, verified.erased
    )
}

/// The heads in the digests of a folder; files that are no digest are none of ours.
fn heads_in(folder: &Path) -> Result<Vec<String>, Stop> {
    let refused = |error: io::Error| {
        Stop::other(format!("cannot read {}: {error}", folder.display()), "name the folder of the digests")
    };
    let mut heads = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(refused)? {
        let path = entry.map_err(refused)?.path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let digest: Option<Value> = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let head = digest.and_then(|digest| digest.get("audit_head")?.as_str().map(ToOwned::to_owned));
        heads.extend(head);
    }
    if heads.is_empty() {
        return Err(Stop::other(
            format!("no digest in {} carries a head", folder.display()),
            "name the folder in which digests are kept as .json files",
        ));
    }
    Ok(heads)
}

fn export(args: &Args, number: i64, by: &str, out: &Path) -> Result<Outcome, Stop> {
    let (config, store, now) = open(args, Needs::STORE)?;
    // A mistake in a policy file must not keep anybody from the evidence.
    let policy = Policy::load(&config.policies.file(&config.practice.policy));
    let policy = policy.map_or_else(|_| config.practice.policy.clone(), |policy| policy.title);
    let Some(found) = wait(store.case(number))? else {
        print::note(format_args!(
            "there is no incident #{number}; `chaperone queue list` and the digest show the numbers"
        ));
        return Ok(Outcome::Problems);
    };
    let about =
        case::About { practice: &config.practice.name, policy: &policy, zone: &config.practice.timezone, by, now };
    let files = write_both(
        out,
        &format!("case-{number}"),
        &case::paper(number, &found, about),
        &case::json(number, &found, about),
    )?;
    wait(store.audit(now, "case.exported", Some(by.to_owned()), json!({ "incident": number })))?;
    say_where(&files);
    print::line("They are whole and unmasked: for those who have to see them, and to be destroyed with the case.");
    Ok(Outcome::Done)
}

/// A paper as HTML and JSON, for their owner's eyes only.
pub(super) fn write_both(out: &Path, name: &str, paper: &Paper, json: &Value) -> Result<Vec<PathBuf>, Stop> {
    let html = paper.to_html().map_err(|error| Stop::other(chain(&error), "this is a mistake in Chaperone"))?;
    write_all(out, name, &[("html", html), ("json", format!("{json:#}\n"))])
}

/// Writes files of one name, for nobody else's eyes, each new.
pub(super) fn write_all(out: &Path, name: &str, forms: &[(&str, String)]) -> Result<Vec<PathBuf>, Stop> {
    DirBuilder::new().recursive(true).mode(0o700).create(out).map_err(|error| unwritten(out, &error))?;
    let mut files = Vec::new();
    for (ending, text) in forms {
        let path = out.join(format!("{name}.{ending}"));
        write_private(&path, text).map_err(|error| unwritten(&path, &error))?;
        files.push(path);
    }
    Ok(files)
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    // A file that others can read stays readable when it is written over, so it must be a new one.
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

fn unwritten(path: &Path, error: &io::Error) -> Stop {
    let help = match error.kind() {
        io::ErrorKind::AlreadyExists => "it is there already: remove it, or give another folder with --out",
        _ => "give a folder that you may write to with --out",
    };
    Stop::other(format!("cannot write {}: {error}", path.display()), help)
}

pub(super) fn say_where(files: &[PathBuf]) {
    for file in files {
        print::line(format_args!("Written: {}", file.display()));
    }
}

fn hold(args: &Args, numbers: &[i64], by: &str, reason: &str) -> Result<Outcome, Stop> {
    let (_, store, now) = open(args, Needs::STORE)?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Stop::other("a hold needs a reason".to_owned(), "say why with --reason: others will ask"));
    }
    let held = wait(store.hold(numbers, by.to_owned(), reason.to_owned(), now))?;
    Ok(tell_each(&held, "is held until it is released", "was held already"))
}

fn release(args: &Args, numbers: &[i64], by: &str) -> Result<Outcome, Stop> {
    let (_, store, now) = open(args, Needs::STORE)?;
    let released = wait(store.release(numbers, by.to_owned(), now))?;
    Ok(tell_each(&released, "is released; its term counts again", "was not held"))
}

fn tell_each(done: &[(i64, Held)], now: &str, already: &str) -> Outcome {
    let mut outcome = Outcome::Done;
    for (number, held) in done {
        match held {
            Held::Done => print::line(format_args!("#{number} {now}.")),
            Held::Already => print::line(format_args!("#{number} {already}.")),
            Held::Erased => {
                print::note(format_args!("#{number}: its words have been erased; nothing is left to hold"));
                outcome = Outcome::Problems;
            }
            Held::Unknown => {
                print::note(format_args!("there is no incident #{number}; `chaperone queue list` shows the numbers"));
                outcome = Outcome::Problems;
            }
        }
    }
    outcome
}

fn holds(args: &Args) -> Result<Outcome, Stop> {
    let (config, store, _) = open(args, Needs::STORE)?;
    let holds = wait(store.holds())?;
    if holds.is_empty() {
        print::line("Nothing is held.");
    }
    for hold in holds {
        let since = hold.since.to_zoned(config.practice.timezone.clone()).strftime("%-d %B %Y");
        print::line(format_args!("#{:<6}held by {} since {since}: {}", hold.incident, hold.who, hold.why));
    }
    Ok(Outcome::Done)
}
