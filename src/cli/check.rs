//! `check` and `lexicon check`: whether everything that people edit is right.

use std::path::Path;

use super::args::Args;
use super::{Outcome, Stop, load_config, print, rule_files};
use crate::config::Needs;
use crate::lexicon::complaint::Complaint;
use crate::rules::{Files, Rules};

pub(super) fn check(args: &Args, _live: bool) -> Result<Outcome, Stop> {
    let config = load_config(args, Needs::EVERYTHING)?;
    let files = rule_files(&config, None);
    Ok(report(&files))
}

pub(super) fn lexicons(args: &Args, dir: Option<&Path>) -> Result<Outcome, Stop> {
    let config = load_config(args, Needs::RULES)?;
    let mut files = rule_files(&config, None);
    if let Some(dir) = dir {
        files.lexicons = dir.to_owned();
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
