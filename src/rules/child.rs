//! The judge's process, from inside: rules are read, comments come in, verdicts go out, until the input ends. In and out:
//! lines. It opens no file but those of the rules, and no socket; it knows no secret. Not here: starting it (`apart`),
//! and the process's own standard input and output (`cli`).

use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use super::wire::{self, Ask, Order, Report, Told};
use super::{Files, Rules};
use crate::lexicon::complaint::Complaint;

/// Where our own code broke, as whoever owns the process noted it: places, never words.
#[derive(Debug, Default)]
pub struct Breaks(Mutex<Vec<String>>);

impl Breaks {
    /// None so far.
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Notes one.
    pub fn note(&self, place: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(place);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Takes the order and carries it out.
pub fn serve(input: &mut impl BufRead, output: &mut impl Write, breaks: &Breaks) -> io::Result<()> {
    match wire::hear(input)? {
        None => Ok(()),
        Some(Order::Prove(files)) => wire::say(output, &report(&Rules::load(&files))),
        Some(Order::Judge(files)) => judge(&files, input, output, breaks),
    }
}

fn judge(files: &Files, input: &mut impl BufRead, output: &mut impl Write, breaks: &Breaks) -> io::Result<()> {
    let rules = Rules::unproved(files);
    wire::say(output, &report(&rules))?;
    let Ok(rules) = rules else { return Ok(()) };
    while let Some(Ask { comments }) = wire::hear::<Ask>(input)? {
        // A comment that breaks our own code must not take the others with it.
        let verdicts = comments.iter().map(|comment| catch_unwind(AssertUnwindSafe(|| rules.judge(comment))).ok());
        let verdicts = verdicts.collect();
        wire::say(output, &Told { verdicts, broke_at: breaks.take() })?;
    }
    Ok(())
}

fn report(rules: &Result<Rules, Vec<Complaint>>) -> Report {
    match rules {
        Ok(rules) => Report::Right(rules.facts()),
        Err(complaints) => Report::Wrong(complaints.clone()),
    }
}
