//! What the program and its judge's process say to each other: one JSON value a line, an answer to each question. Both
//! are the same binary, so that no version is needed. Not here: pipes and processes.

use std::io::{self, BufRead, Read as _, Write};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Files;
use super::compare::{Terms, Tried};
use super::set::Facts;
use crate::comment::{Comment, CommentText};
use crate::lexicon::complaint::Complaint;
use crate::policy::Verdict;

/// No line may be longer, in bytes: a process that went wrong must not fill the memory of the other.
pub(super) const LONGEST_LINE: u64 = 32 << 20;

/// The first line to a judge.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) task: Task,
    /// The rules.
    pub(super) files: Files,
    /// A folder that all daemons of this machine share if they share anything: who compiles holds it.
    pub(super) turn: PathBuf,
}

/// What is to be done with rules.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Task {
    /// Read them, run their examples, say what came of it, and end.
    Prove,
    /// Read them, for they are proved, and judge by them until the input ends.
    Judge,
    /// Read them without running their examples, and explain one text by them.
    Explain,
    /// Read them, for they are in force, and these; run the examples of these; then say where the two differ, until the
    /// input ends.
    Compare(Box<Files>),
}

/// The judge's answer to its order.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Report {
    /// The rules are right.
    Right(Facts),
    /// Two sets of rules are right, and compared.
    Compared(Terms),
    /// These are the mistakes in them.
    Wrong(Vec<Complaint>),
}

/// Comments to judge. `C` is [`Comment`] for the judge and a reference to one for whoever asks.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ask<C = Comment> {
    pub(super) comments: Vec<C>,
}

/// Comments to judge by two sets of rules. The answer is [`super::compare::Differences`].
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Weigh<C = Vec<Tried>> {
    pub(super) tried: C,
}

/// A text to explain.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Text {
    pub(super) text: CommentText,
}

/// What the judge makes of them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Told {
    /// One for each comment, in their order; none where judging it broke our own code.
    pub(super) verdicts: Vec<Option<Verdict>>,
    /// The places in our code where it broke: file, line and column.
    pub(super) broke_at: Vec<String>,
}

/// Writes a line.
pub(super) fn say(output: &mut impl Write, what: &impl Serialize) -> io::Result<()> {
    output.write_all(&line(what)?)?;
    output.flush()
}

/// What `say` writes.
pub(super) fn line(what: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    Ok(line)
}

/// Reads a line; `None` at the end of the input.
pub(super) fn hear<T: DeserializeOwned>(input: &mut impl BufRead) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    input.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    if line.is_empty() { Ok(None) } else { understand(&line).map(Some) }
}

/// What a line says.
pub(super) fn understand<T: DeserializeOwned>(line: &[u8]) -> io::Result<T> {
    // The error of a line that is none repeats what stands in it, which is a comment's words: only its kind goes on.
    serde_json::from_slice(line).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, kind(&error)))
}

fn kind(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Eof => "the line breaks off",
        serde_json::error::Category::Data => "the line says something else",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "the line is no JSON",
    }
}
