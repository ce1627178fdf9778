//! `check` and `lexicon check`: whether everything that people edit is right, and with `--live` the pages too.

use std::path::Path;

use super::args::Args;
use super::run::{chain, runtime};
use super::{Outcome, Stop, load_config, print};
use crate::clock::Clock;
use crate::config::{Config, Needs};
use crate::daemon::drafts;
use crate::digest::DraftText;
use crate::digest::schedule::{LAST_HOLIDAY_YEAR, holidays_run_out};
use crate::lexicon::complaint::Complaint;
use crate::platform::{Api, http};
use crate::policy::Policy;
use crate::rules::{Files, Rules};

pub(super) fn check(args: &Args, live: bool) -> Result<Outcome, Stop> {
    let config = Config::load(&args.config, Needs::EVERYTHING).map_err(|list| with_rules(args, list))?;
    let rules = report(&Files::of(&config));
    let texts = report_drafts(&config);
    print::line(format_args!(
        "Configuration is right: {}, {} mode, digests {}.",
        if config.pages.len() == 1 { "1 page".to_owned() } else { format!("{} pages", config.pages.len()) },
        config.practice.mode.id(),
        if config.mail.is_some() { "by mail" } else { "as files" }
    ));
    if holidays_run_out(Clock::System.now(), &config.practice.timezone) {
        let what = "note: bank holidays are known to the end of";
        print::note(format_args!(
            "{what} {LAST_HOLIDAY_YEAR}, so due times will soon be a day early; update Chaperone"
        ));
    }
    let pages = if live { probe(&config)? } else { Outcome::Done };
    let worst = [rules, texts, pages].into_iter().find(|outcome| *outcome != Outcome::Done);
    Ok(worst.unwrap_or(Outcome::Done))
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

/// The practice's fixed texts; one that is asked for and not there is no mistake, but worth a word.
fn report_drafts(config: &Config) -> Outcome {
    // The title is filled in where texts are used; a policy that cannot be read is told of elsewhere.
    let texts = match drafts(config, "") {
        Ok(texts) => texts,
        Err(complaints) => {
            print::complaints(&complaints);
            return Outcome::Problems;
        }
    };
    let missing = missing(config, &texts);
    let file = config.digest.drafts.display();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        print::note(format_args!("note: the policy asks for texts that are not in {file}: {missing}"));
    }
    if !texts.is_empty() {
        print::line(format_args!("Drafts are right: {} texts.", texts.len()));
    }
    Outcome::Done
}

/// What the policy's rules draft from and the file does not have. A policy with mistakes is told of elsewhere.
fn missing(config: &Config, texts: &[DraftText]) -> Vec<String> {
    let policy = Policy::load(&config.policies.file(&config.practice.policy));
    let rules = policy.map(|policy| policy.rules).unwrap_or_default();
    let mut missing: Vec<String> = rules.into_iter().filter_map(|rule| rule.draft).collect();
    missing.retain(|name| !texts.iter().any(|text| text.name == *name));
    missing.sort();
    missing.dedup();
    missing
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
