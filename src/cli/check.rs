//! `check` and `lexicon check`: whether everything that people edit is right, and with `--live` the pages too.

use std::path::Path;

use super::args::Args;
use super::run::{chain, runtime};
use super::{Outcome, Stop, load_config, print};
use crate::clock::Clock;
use crate::config::{Config, Needs};
use crate::lexicon::complaint::Complaint;
use crate::platform::{Api, http};
use crate::rules::{Files, Rules};

pub(super) fn check(args: &Args, live: bool) -> Result<Outcome, Stop> {
    let config = Config::load(&args.config, Needs::EVERYTHING).map_err(|list| with_rules(args, list))?;
    let rules = report(&Files::of(&config));
    print::line(format_args!(
        "Configuration is right: {}, {} mode, digests {}.",
        if config.pages.len() == 1 { "1 page".to_owned() } else { format!("{} pages", config.pages.len()) },
        config.practice.mode.id(),
        if config.mail.is_some() { "by mail" } else { "as files" }
    ));
    if !live {
        return Ok(rules);
    }
    let pages = probe(&config)?;
    Ok(if rules == Outcome::Done { pages } else { rules })
}

/// A wrong configuration is no reason to keep quiet about a wrong lexicon, as far as the one still leads to the other.
fn with_rules(args: &Args, mut mistakes: Vec<Complaint>) -> Stop {
    if let Ok(config) = Config::load(&args.config, Needs::RULES)
        && let Err(others) = Rules::load(&Files::of(&config))
    {
        mistakes.extend(others);
    }
    Stop::Complaints(mistakes)
}

pub(super) fn lexicons(args: &Args, dir: Option<&Path>) -> Result<Outcome, Stop> {
    let config = load_config(args, Needs::RULES)?;
    let mut files = Files::of(&config);
    if let Some(dir) = dir {
        dir.clone_into(&mut files.lexicons);
    }
    Ok(report(&files))
}

fn report(files: &Files) -> Outcome {
    match Rules::load(files) {
        Ok(rules) => {
            warnings(rules.warnings());
            print::line(format_args!(
                "Lexicons, staff list and policy are right: {} examples hold. Rules {}.",
                rules.examples(),
                rules.version()
            ));
            Outcome::Done
        }
        Err(complaints) => {
            print::complaints(&complaints);
            Outcome::Problems
        }
    }
}

fn warnings(list: &[Complaint]) {
    for warning in list {
        print::note(format_args!("note: {warning}"));
    }
}

/// Asks every page's platform; changes nothing.
fn probe(config: &Config) -> Result<Outcome, Stop> {
    let shared = http::Shared::new(Clock::System).map_err(|error| Stop::other(chain(&error), "report this"))?;
    let mut outcome = Outcome::Done;
    runtime()?.block_on(async {
        for page in &config.pages {
            print::line(format_args!("\n{} {}", page.key().platform.name(), page.key().id));
            let api = match Api::connect(page.settings.clone(), &shared) {
                Ok(api) => api,
                Err(error) => {
                    print::line(format_args!("  ✗ {}", chain(&error)));
                    outcome = Outcome::Problems;
                    continue;
                }
            };
            for probe in api.probe(Clock::System.now()).await {
                print::line(format_args!("  {} {}: {}", if probe.ok { "✓" } else { "✗" }, probe.what, probe.say));
                if let Some(help) = probe.help {
                    print::line(format_args!("    {help}"));
                }
                if !probe.ok {
                    outcome = Outcome::Problems;
                }
            }
        }
    });
    Ok(outcome)
}
