//! The command line: the only place that prints. In: arguments. Out: text on standard output, mistakes on standard
//! error, and an exit code: 0 done, 1 the thing checked has problems, 2 wrong usage or configuration.
//! Not here: anything a command does beyond saying so; each calls one function of the modules above.

mod alert;
mod args;
mod audit;
mod author;
mod check;
mod classify;
mod decide;
mod demo;
mod explain;
mod judge;
mod key;
mod measure;
mod nodump;
mod print;
mod privacy;
mod queue;
mod report;
mod run;
mod underline;
mod user;
mod weigh;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;

use crate::config::{Config, Needs};
use crate::lexicon::complaint::{Complaint, did_you_mean};
use crate::rules::{Files, Rules};
use crate::store::Decision;
use args::{AlertCommand, Args, Command, LexiconCommand, QueueCommand};

/// Runs the program.
pub fn main() -> ExitCode {
    let args = Args::parse();
    if matches!(args.command, Command::Judge) {
        judge::go_first();
    }
    nodump::keep_memory_private();
    let done = match &args.command {
        Command::Run => run::run(&args),
        Command::Judge => judge::judge(),
        Command::Demo { once, out } => demo::demo(*once, out.as_deref()),
        Command::Digest { from, to, format, send } => {
            let asked = run::Asked { from: from.as_deref(), to: to.as_deref(), format: *format, send: *send };
            run::digest(&args, &asked)
        }
        Command::Report { month, format, out } => report::report(&args, *month, *format, out.as_deref()),
        Command::Alert { command: AlertCommand::Test { to_all } } => alert::test(&args, *to_all),
        Command::Queue { command } => queue_command(&args, command),
        Command::Author { command } => author::author(&args, command),
        Command::Audit { command } => audit::audit(&args, command),
        Command::Subject { command } => privacy::subject(&args, command),
        Command::Purge { dry_run, by } => privacy::purge(&args, *dry_run, by.as_deref()),
        Command::Key { command } => key::key(&args, command),
        Command::User { command } => user::user(&args, command),
        Command::ProcessingRecord { format } => privacy::processing_record(&args, *format),
        Command::Simulate { listen, scenario } => run::simulate(*listen, scenario.as_deref()),
        Command::Check { live } => check::check(&args, *live),
        Command::Explain { text } => explain::explain(&args, text),
        Command::Classify { policy } => classify::classify(&args, policy.as_deref()),
        Command::Measure { files, policy, misses } => measure::measure(&args, files, policy.as_deref(), *misses),
        Command::Lexicon { command: LexiconCommand::Check { lexicons } } => check::lexicons(&args, lexicons.as_deref()),
        Command::Lexicon { command: LexiconCommand::Stats { files, never } } => measure::stats(&args, files, *never),
        Command::Lexicon { command: LexiconCommand::Weigh { files, fresh, out } } => {
            weigh::weigh(&args, files, fresh, out)
        }
    };
    match done {
        Ok(outcome) => outcome.into(),
        Err(stop) => {
            print::stop(&stop);
            Outcome::Refused.into()
        }
    }
}

fn queue_command(args: &Args, command: &QueueCommand) -> Result<Outcome, Stop> {
    match command {
        QueueCommand::List => queue::list(args),
        QueueCommand::Show { number, unmasked } => queue::show(args, *number, *unmasked),
        QueueCommand::Acknowledge { numbers, by } => queue::acknowledge(args, numbers, by),
        QueueCommand::Uphold(saying) => decide::decide(args, Decision::Uphold, &saying.numbers, &saying.word),
        QueueCommand::Hide(saying) => decide::decide(args, Decision::Hide, &saying.numbers, &saying.word),
        QueueCommand::Delete(saying) => decide::decide(args, Decision::Delete, &saying.numbers, &saying.word),
        QueueCommand::Note(saying) => decide::decide(args, Decision::Note, &saying.numbers, &saying.word),
        QueueCommand::Restore { numbers, batch: false, word, .. } => {
            decide::decide(args, Decision::Restore, numbers, word)
        }
        QueueCommand::Restore { entry, rules, since, dry_run, word, .. } => {
            let asked =
                decide::Batch { entries: entry, rules: rules.as_deref(), since: since.as_deref(), dry_run: *dry_run };
            decide::restore_all(args, &asked, word)
        }
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Done.
    Done,
    /// The thing checked has problems.
    Problems,
    /// Wrong usage or configuration.
    Refused,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::SUCCESS,
            Outcome::Problems => Self::from(1),
            Outcome::Refused => Self::from(2),
        }
    }
}

/// Why a command could not begin.
#[derive(Debug)]
enum Stop {
    /// Mistakes in files that people edit.
    Complaints(Vec<Complaint>),
    /// Anything else, with what to do.
    Other { what: String, help: String },
}

impl Stop {
    fn other(what: String, help: impl Into<String>) -> Self {
        Self::Other { what, help: help.into() }
    }
}

impl From<Vec<Complaint>> for Stop {
    fn from(complaints: Vec<Complaint>) -> Self {
        Self::Complaints(complaints)
    }
}

fn load_config(args: &Args, needs: Needs) -> Result<Config, Stop> {
    Ok(Config::load(&args.config, needs)?)
}

fn load_rules(args: &Args, policy: Option<&str>) -> Result<Rules, Stop> {
    let config = load_config(args, Needs::RULES)?;
    let mut files = Files::of(&config);
    if let Some(name) = policy {
        files.policy = named_policy(&config, name)?;
    }
    Ok(Rules::unproved(&files)?)
}

/// The file of a policy that was asked for by name; whoever mistypes one is told which there are.
fn named_policy(config: &Config, name: &str) -> Result<PathBuf, Stop> {
    let dir = &config.policies.dir;
    let files =
        std::fs::read_dir(dir).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut known: Vec<String> = files.filter_map(|file| Some(file.strip_suffix(".toml")?.to_owned())).collect();
    known.sort();
    if known.iter().any(|one| one == name) {
        return Ok(config.policies.file(name));
    }
    let help = match did_you_mean(name.trim_end_matches(".toml"), known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {near}?"),
        None if known.is_empty() => {
            "put a policy file there, or name another directory in section [policies]".to_owned()
        }
        None => format!("there are {}", known.join(", ")),
    };
    Err(Stop::other(format!("there is no policy \"{name}\" in {}", dir.display()), help))
}
