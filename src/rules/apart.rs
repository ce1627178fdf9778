//! The judge's process, from outside. Compiling rules takes a hundred megabytes for a second and leaves many of them behind;
//! a daemon that mostly waits should not. So rules are proved and comments judged in a child process, which is started
//! when there is something to judge and ends after a while without work. It is the safer way, too: strangers' words are
//! folded and matched where there is no network, no secret and no store, and what breaks there costs one comment's verdict
//! and not the watch. In: files, comments. Out: facts, verdicts. Not here: what the child does (`child`).

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;
use tracing::{debug, error, warn};

use super::Files;
use super::compare::{Changed, Comparison, Differences, Tried};
use super::explain::Explained;
use super::kept::Kept;
use super::set::{Facts, RuleSet};
use super::wire::{self, Ask, LONGEST_LINE, Order, Report, Task, Text, Told, Weigh};
use crate::comment::{Comment, CommentText};
use crate::lexicon::complaint::Complaint;
use crate::policy::Verdict;

/// This program, whatever has become of its file since it was started.
const MYSELF: &str = "/proc/self/exe";

/// Comments that are asked about in one line …
const MOST_COMMENTS: usize = 500;
/// … and bytes of text among them.
const MOST_TEXT: usize = 256 << 10;

/// Files that change while they are read are read again so often.
const READINGS: u32 = 3;

/// How judging apart is done.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The program that is started with the argument `judge`.
    pub program: PathBuf,
    /// The folder for the copies of the rules in force; ours alone.
    pub keep: PathBuf,
    /// How long things may take.
    pub limits: Limits,
}

impl Settings {
    /// This program judges; copies go to `keep`.
    pub fn new(keep: PathBuf) -> Self {
        Self { program: PathBuf::from(MYSELF), keep, limits: Limits::default() }
    }
}

/// How long things may take. All of them are generous: they end what would never end.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the start of a child to its report; it may have to wait for its turn after a thousand others.
    pub start: Duration,
    /// For the answer about many comments.
    pub batch: Duration,
    /// For the answer about one comment.
    pub comment: Duration,
    /// A child without work for so long ends.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let s = Duration::from_secs;
        Self { start: s(1800), batch: s(60), comment: s(20), idle: s(60) }
    }
}

/// Why nobody can judge at the moment. None of it is the fault of a comment.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The process could not be started, or its pipes broke.
    #[error("the judge's process could not be used")]
    Process(#[source] io::Error),
    /// It ended.
    #[error("the judge's process ended before it answered")]
    Ended,
    /// It took too long.
    #[error("the judge's process did not answer within {} s", .0.as_secs())]
    Late(Duration),
    /// It answered something else than it was asked.
    #[error("the judge's process gave an answer that makes no sense")]
    Garbled,
    /// The copy of the rules is not what was proved.
    #[error("the kept copy of the rules in force was changed or is gone")]
    Changed,
}

/// Why something that was asked of rules could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum Unable {
    /// Their files have mistakes.
    #[error("there are mistakes in the rules: {}", .0.len())]
    Wrong(Vec<Complaint>),
    /// Nobody can judge at the moment, or the text breaks our own code.
    #[error("nobody can judge at the moment")]
    Failed(#[source] Failure),
}

impl From<Failure> for Unable {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Explains a text by rules that need not be proved, in a child that ends with the answer.
pub(super) async fn explain(settings: &Settings, files: &Files, text: &str) -> Result<Explained, Unable> {
    let order = Order { task: Task::Explain, files: files.clone(), turn: files.lexicons.clone() };
    let (report, mut running) = Running::start(settings, &order).await?;
    if let Report::Wrong(complaints) = report {
        return Err(Unable::Wrong(complaints));
    }
    Ok(running.exchange(&Text { text: CommentText::new(text) }, settings.limits.comment).await?)
}

/// Sets two sets of rules side by side, in a child that lives as long as what this gives.
pub(super) async fn compare(settings: &Settings, in_force: &Files, proposed: &Files) -> Result<Comparison, Unable> {
    let task = Task::Compare(Box::new(proposed.clone()));
    let order = Order { task, files: in_force.clone(), turn: proposed.lexicons.clone() };
    match Running::start(settings, &order).await? {
        (Report::Compared(terms), running) => Ok(Comparison::apart(terms, running)),
        (Report::Wrong(complaints), _) => Err(Unable::Wrong(complaints)),
        (Report::Right(_), _) => Err(Failure::Garbled.into()),
    }
}

/// Proves rules in a child and keeps a copy of them; rules that this program has proved before need no child.
pub(super) async fn load(settings: &Settings, files: &Files) -> Result<RuleSet, Vec<Complaint>> {
    let kept = Kept::new(settings.keep.clone());
    if let Some((facts, copy)) = kept.find(files, &settings.program) {
        debug!(rules.version = facts.version, "the rules were proved before");
        let apart = Apart::new(settings, copy, files, &facts);
        return Ok(RuleSet::apart(facts, apart));
    }
    let order = Order { task: Task::Prove, files: files.clone(), turn: files.lexicons.clone() };
    for _ in 0..READINGS {
        let (report, _) = Running::start(settings, &order).await.map_err(|failure| unproved(&failure))?;
        let facts = match report {
            Report::Right(facts) => facts,
            Report::Wrong(complaints) => return Err(complaints),
            Report::Compared(_) => return Err(unproved(&Failure::Garbled)),
        };
        match kept.keep(files, &facts, &settings.program) {
            Ok(Some(copy)) => {
                let apart = Apart::new(settings, copy, files, &facts);
                return Ok(RuleSet::apart(facts, apart));
            }
            Ok(None) => {}
            Err(failure) => return Err(vec![not_kept(settings, &failure)]),
        }
    }
    Err(vec![
        Complaint::new("the rules' files changed again and again while they were read")
            .help("reload once they are at rest"),
    ])
}

/// Rules of this version are in force: copies of others can go.
pub(super) fn tidy(settings: &Settings, version: &str) {
    Kept::new(settings.keep.clone()).forget_others(version);
}

fn unproved(failure: &Failure) -> Vec<Complaint> {
    let cause = std::error::Error::source(failure).map(|cause| format!(": {cause}")).unwrap_or_default();
    vec![
        Complaint::new(format!("the rules could not be proved: {failure}{cause}")).help(
            "`chaperone check` says whether they are right; if they are, look at the limits on memory and processes",
        ),
    ]
}

fn not_kept(settings: &Settings, failure: &io::Error) -> Complaint {
    Complaint::new(format!("the rules cannot be copied: {failure}"))
        .in_file(&settings.keep)
        .help("see that the folder of the store can be written, and that its disk has room for some megabytes")
}

/// One set of rules, judged by in a process of its own.
#[derive(Debug)]
pub(super) struct Apart {
    settings: Settings,
    /// To judge by the copy.
    order: Order,
    /// What it must still be when it is read.
    version: String,
    /// `None`: asleep.
    running: Mutex<Option<Running>>,
}

impl Apart {
    fn new(settings: &Settings, copy: Files, originals: &Files, facts: &Facts) -> Self {
        let order = Order { task: Task::Judge, files: copy, turn: originals.lexicons.clone() };
        Self { settings: settings.clone(), order, version: facts.version.clone(), running: Mutex::new(None) }
    }

    /// See [`RuleSet::files`].
    pub(super) fn files(&self) -> &Files {
        &self.order.files
    }

    /// See [`RuleSet::judge`].
    pub(super) async fn judge(self: &Arc<Self>, comments: &[&Comment]) -> Result<Vec<Option<Verdict>>, Failure> {
        let mut verdicts = Vec::with_capacity(comments.len());
        if comments.is_empty() {
            return Ok(verdicts);
        }
        let mut seat = self.running.lock().await;
        for part in parts(comments, |comment| comment.text.expose()) {
            match self.ask(&mut seat, part, self.settings.limits.batch).await? {
                Ok(told) => verdicts.extend(told),
                Err(failure) => {
                    warn!(error = %failure, comments = part.len(), "judging comments failed; each is judged by itself");
                    verdicts.extend(self.one_by_one(&mut seat, part).await?);
                }
            }
        }
        if let Some(running) = &*seat {
            self.rest_after(running.asked);
        }
        Ok(verdicts)
    }

    /// The comment that ends the process once more gets no verdict.
    async fn one_by_one(
        &self,
        seat: &mut Option<Running>,
        comments: &[&Comment],
    ) -> Result<Vec<Option<Verdict>>, Failure> {
        let mut verdicts = Vec::with_capacity(comments.len());
        for comment in comments {
            let told = self.ask(seat, &[comment], self.settings.limits.comment).await?;
            verdicts.push(told.map_or_else(
                |failure| {
                    error!(error = %failure, comment.id = %comment.id, "a comment cannot be judged");
                    None
                },
                |told| told.into_iter().next().flatten(),
            ));
        }
        Ok(verdicts)
    }

    /// Asks; the outer failure is that nobody is there to be asked, the inner one may be the comments' fault.
    async fn ask(
        &self,
        seat: &mut Option<Running>,
        comments: &[&Comment],
        limit: Duration,
    ) -> Result<Result<Vec<Option<Verdict>>, Failure>, Failure> {
        // Taken out of its seat: whatever happens until it is put back, a judge that did not answer is not asked again.
        let mut running = match seat.take() {
            Some(running) => running,
            None => self.wake().await?,
        };
        let ask = Ask { comments: comments.to_vec() };
        let told: Told = match running.exchange(&ask, limit).await {
            Ok(told) => told,
            Err(failure) => return Ok(Err(failure)),
        };
        if told.verdicts.len() != comments.len() {
            return Ok(Err(Failure::Garbled));
        }
        for place in &told.broke_at {
            error!(place, "judging a comment panicked");
        }
        running.asked += 1;
        *seat = Some(running);
        Ok(Ok(told.verdicts))
    }

    /// See [`RuleSet::is_awake`].
    pub(super) fn is_awake(&self) -> bool {
        // Whoever holds the seat is asking somebody.
        self.running.try_lock().map_or(true, |seat| seat.is_some())
    }

    async fn wake(&self) -> Result<Running, Failure> {
        let (report, running) = Running::start(&self.settings, &self.order).await?;
        match report {
            Report::Right(facts) if facts.version == self.version => Ok(running),
            _ => Err(Failure::Changed),
        }
    }

    /// Lets the process end if nobody has asked it again after a while.
    fn rest_after(self: &Arc<Self>, asked: u64) {
        let (apart, idle) = (Arc::downgrade(self), self.settings.limits.idle);
        tokio::spawn(async move {
            tokio::time::sleep(idle).await;
            let Some(apart) = apart.upgrade() else { return };
            // Whoever holds it is asking, and will see to its rest afterwards.
            let Ok(mut seat) = apart.running.try_lock() else { return };
            if seat.as_ref().is_some_and(|running| running.asked == asked) {
                *seat = None;
            }
        });
    }
}

/// Comments in portions that make a line of bearable length.
fn parts<C>(comments: &[C], text_of: impl Fn(&C) -> &str) -> impl Iterator<Item = &[C]> {
    let mut rest = comments;
    std::iter::from_fn(move || {
        let mut text = 0;
        let fits = rest.iter().take(MOST_COMMENTS).take_while(|comment| {
            text += text_of(comment).len();
            text <= MOST_TEXT
        });
        let (part, after) = rest.split_at_checked(fits.count().max(1))?;
        rest = after;
        Some(part)
    })
}

/// A process that has reported. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Running {
    _process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// How often it was asked.
    asked: u64,
    limits: Limits,
}

impl Running {
    async fn start(settings: &Settings, order: &Order) -> Result<(Report, Self), Failure> {
        // Nothing of ours is its business: no environment with secrets in it, and what it would print of a panic could be
        // somebody's words. It stays in our folder, because the paths of a configuration may begin there.
        let mut process = Command::new(&settings.program)
            .arg("judge")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(Failure::Process)?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(Failure::Ended);
        };
        let limits = settings.limits;
        let mut running = Self { _process: process, input, output: BufReader::new(output), asked: 0, limits };
        let report = running.exchange(order, settings.limits.start).await?;
        Ok((report, running))
    }

    /// See [`Comparison::ask`].
    pub(super) async fn compare(&mut self, comments: &[Tried]) -> Result<Differences, Failure> {
        let mut all = Differences::default();
        let mut done = 0;
        for part in parts(comments, |tried| tried.text.expose()) {
            let told: Differences = self.exchange(&Weigh { tried: part }, self.limits.batch).await?;
            if told.changed.iter().any(|changed| changed.at >= part.len()) {
                return Err(Failure::Garbled);
            }
            all.judged += told.judged;
            all.changed.extend(told.changed.into_iter().map(|changed| Changed { at: done + changed.at, ..changed }));
            done += part.len();
        }
        Ok(all)
    }

    async fn exchange<T: DeserializeOwned>(&mut self, what: &impl Serialize, limit: Duration) -> Result<T, Failure> {
        let line = wire::line(what).map_err(Failure::Process)?;
        let line =
            tokio::time::timeout(limit, self.exchange_lines(&line)).await.map_err(|_| Failure::Late(limit))??;
        wire::understand(&line).map_err(|_| Failure::Garbled)
    }

    async fn exchange_lines(&mut self, line: &[u8]) -> Result<Vec<u8>, Failure> {
        // A process that ends closes its pipes: which of them is noticed first does not matter.
        self.input.write_all(line).await.map_err(|_| Failure::Ended)?;
        self.input.flush().await.map_err(|_| Failure::Ended)?;
        let mut answer = Vec::new();
        (&mut self.output).take(LONGEST_LINE).read_until(b'\n', &mut answer).await.map_err(Failure::Process)?;
        match answer.last() {
            Some(b'\n') => Ok(answer),
            Some(_) if answer.len() as u64 >= LONGEST_LINE => Err(Failure::Garbled),
            _ => Err(Failure::Ended),
        }
    }
}
