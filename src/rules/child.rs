//! The judge's process, from inside: rules are read, comments come in, verdicts go out, until the input ends. In and out:
//! lines. It opens no file but those of the rules, and no socket; it knows no secret. Not here: starting it (`apart`),
//! and the process's own standard input and output (`cli`).

use std::fs::File;
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::Rules;
use super::compare::Pair;
use super::explain::explain;
use super::wire::{self, Ask, Order, Report, Task, Text, Told, Weigh};
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
    let Some(Order { task, files, turn }) = wire::hear(input)? else { return Ok(()) };
    let turn = wait_for_turn(&turn);
    let rules = match task {
        Task::Prove => Rules::load(&files),
        Task::Judge | Task::Explain => Rules::unproved(&files),
        Task::Compare(proposed) => {
            let pair = Pair::load(&files, &proposed);
            drop(turn);
            return compare(pair, input, output);
        }
    };
    drop(turn);
    wire::say(output, &report(&rules))?;
    match (task, rules) {
        (Task::Judge, Ok(rules)) => judge(&rules, input, output, breaks),
        (Task::Explain, Ok(rules)) => explain_one(&rules, input, output),
        _ => Ok(()),
    }
}

/// Compiling takes a hundred megabytes for a second. When a thousand daemons start at once, or somebody saves a lexicon
/// that all of them share, they compile one after the other. The system gives the turn on when we end, however that is.
fn wait_for_turn(folder: &Path) -> Option<File> {
    // Where nothing can be held, such as on some network's disk, there is no turn to wait for.
    let folder = File::open(folder).ok()?;
    folder.lock().ok().map(|()| folder)
}

fn judge(rules: &Rules, input: &mut impl BufRead, output: &mut impl Write, breaks: &Breaks) -> io::Result<()> {
    while let Some(Ask { comments }) = wire::hear::<Ask>(input)? {
        // A comment that breaks our own code must not take the others with it.
        let verdicts = comments.iter().map(|comment| catch_unwind(AssertUnwindSafe(|| rules.judge(comment))).ok());
        let verdicts = verdicts.collect();
        wire::say(output, &Told { verdicts, broke_at: breaks.take() })?;
    }
    Ok(())
}

/// Nothing depends on the answer, so a text that breaks our own code may end the process.
fn explain_one(rules: &Rules, input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    let Some(Text { text }) = wire::hear(input)? else { return Ok(()) };
    wire::say(output, &explain(rules, text.expose()))
}

fn compare(pair: Result<Pair, Vec<Complaint>>, input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    let pair = match pair {
        Ok(pair) => pair,
        Err(complaints) => return wire::say(output, &Report::Wrong(complaints)),
    };
    wire::say(output, &Report::Compared(pair.terms().clone()))?;
    while let Some(Weigh { tried }) = wire::hear::<Weigh>(input)? {
        wire::say(output, &pair.compare(&tried))?;
    }
    Ok(())
}

fn report(rules: &Result<Rules, Vec<Complaint>>) -> Report {
    match rules {
        Ok(rules) => Report::Right(rules.facts()),
        Err(complaints) => Report::Wrong(complaints.clone()),
    }
}
