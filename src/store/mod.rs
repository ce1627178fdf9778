//! SQLite: what was seen, judged, owed and done. In: batches from the poller, settlements from the executor, questions
//! from the digest. Out: rows in our own nouns. The only place with SQL; `schema.sql` documents every column.
//!
//! One thread owns the one writing connection and takes commands from a channel; readers stand beside it, on read-only
//! connections (WAL lets them). Not here: judging, and any decision what to do next.

mod alerts;
mod audit;
mod case;
mod climb;
mod db;
mod decisions;
mod desk;
mod edits;
mod evidence;
mod exempt;
mod health;
mod hold;
pub mod key;
mod known;
pub mod month;
mod names;
mod outbox;
pub mod past;
mod period;
mod queue;
mod record;
mod reply;
pub mod report;
mod retention;
mod rewind;
mod rotate;
mod shelf;
mod standing;
mod subject;
mod undo;
mod user;
mod verify;
mod vitals;

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

pub use alerts::DueAlert;
pub use case::{Case, ChainRow};
pub use climb::{AuthorFile, Climb, Climbed, Climber, PastIncident, StepTaken, Withdrawn};
pub use db::{Hands, Witness};
pub use decisions::{Decided, Decision, Earlier, Left, Refusal, Seen, Selection, Sorted, Word};
pub use desk::{Brief, Conversation, Found, Hit, Search, SentDigest, State};
pub use edits::Edit;
pub use exempt::{Exempted, Exemption, Nobody};
pub use health::{NewNotice, PageHealth, PollEnd, PollOutcome, Trouble};
pub use hold::{Held, Hold};
pub use key::Key;
pub use outbox::{Act, Claim, Close, Closed, Ground, Settlement, Today};
pub use queue::{Acknowledged, AlertState, Event, Happened, Queued};
pub use record::{Batch, Judged, Known, News, Recorded};
pub use retention::{Purged, Terms};
pub use subject::{Erasure, Person, Statement, Version};
pub use undo::{Taken, Undone};
pub use user::{Patience, Role, Session, User};
pub use verify::Verified;
pub use vitals::{PageVitals, Unsent, Vitals};

/// Whether anything is done at the platforms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Judges and records, touches nothing.
    #[default]
    Observe,
    /// Acts.
    Enforce,
}

impl Mode {
    /// The name in configuration and database.
    pub fn id(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Enforce => "enforce",
        }
    }

    /// The mode with this name.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Observe, Self::Enforce].into_iter().find(|mode| mode.id() == id)
    }
}

/// What happens to comments that were already there at the first poll.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backlog {
    /// Remembered, not judged, until they are edited.
    #[default]
    Baseline,
    /// Judged like any other.
    Judge,
}

impl Backlog {
    /// The name in configuration.
    pub fn id(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Judge => "judge",
        }
    }

    /// The way with this name.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Baseline, Self::Judge].into_iter().find(|backlog| backlog.id() == id)
    }
}

/// Why the store could not do something, by what a person does about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another daemon runs on this file.
    #[error("the store {} is in use by another chaperone that is running; stop that one, or give this one a store of its own", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Another program holds SQLite's lock for longer than we wait.
    #[error("the store {} is locked by another program; close whatever has it open and try again", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// No room is left.
    #[error("the store {} cannot grow: the disk is full; make room on it, nothing recorded so far is lost", path.display())]
    Full {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// A newer Chaperone has written to this file.
    #[error(
        "the store {} has version {found}, and this chaperone knows versions up to {known}; install the newer chaperone again, or restore the copy made before it",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The file's version.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The file was last used by an older Chaperone, and only the daemon brings it up to date.
    #[error(
        "the store {} has version {found}, and this chaperone needs version {known}; start the daemon once, it brings the store up to date",
        path.display()
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// The file's version.
        found: i64,
        /// The version that this program needs.
        known: i64,
    },
    /// The file is something else, or damaged.
    #[error("{} is not a chaperone store, or it is damaged; point store.path at another file, or restore a copy", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// What SQLite said, if it was asked.
        #[source]
        source: Option<rusqlite::Error>,
    },
    /// The file or its directory could not be made or opened.
    #[error("the store {} could not be opened; check that its directory exists and belongs to the user that chaperone runs as", path.display())]
    Unreachable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The evidence was sealed with another key than the one at hand.
    #[error(
        "the store {} was sealed with the key {found}, and the key at hand is {given}; put the key {found} back (section [store], key_file), or restore the copy of the store that belongs to {given}",
        path.display()
    )]
    WrongKey {
        /// The file.
        path: PathBuf,
        /// Fingerprint of the key that it was sealed with.
        found: String,
        /// Fingerprint of the key at hand.
        given: String,
    },
    /// The key beside the store is not there, or is none.
    #[error(
        "the key {} cannot be read, and without it nobody can read the store; restore it from where copies of it are kept, or name the right one as key_file in section [store]",
        key.display()
    )]
    NoKey {
        /// Where the key should be.
        key: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The key beside the store is no secret.
    #[error(
        "the key {0} can be read by others than its owner; close it (chmod 600 {0}), and if somebody may have read it, seal the store with another: chaperone key rotate",
        key.display()
    )]
    OpenKey {
        /// Where the key is.
        key: PathBuf,
    },
    /// Something else that SQLite refused.
    #[error("the store {} failed to {doing}", path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// What was tried, as an infinitive.
        doing: &'static str,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// The writer has stopped, or the command panicked and was rolled back.
    #[error("the store {} did not finish to {doing}", path.display())]
    Stopped {
        /// The file.
        path: PathBuf,
        /// What was tried, as an infinitive.
        doing: &'static str,
    },
}

/// The store, as everybody holds it: clones share one writer. Dropping the last one closes the file, as soon as the
/// readings under way have ended.
#[derive(Clone, Debug)]
pub struct Store {
    db: db::Db,
    shelf: Arc<shelf::Alcove>,
}

impl Store {
    /// Opens the store for the daemon, making file and directory if need be: nobody else may run a daemon on it. Without
    /// a key, the one beside the store is used, and made for a new store.
    pub fn open(path: &Path, key: Option<&Key>, now: Timestamp) -> Result<Self, Error> {
        Self::open_with(path, key, Hands::Threads, now)
    }

    /// The same, with a say in where the work is done.
    pub fn open_with(path: &Path, key: Option<&Key>, hands: Hands, now: Timestamp) -> Result<Self, Error> {
        Ok(Self::of(db::Db::open(path, key, db::Holder::Daemon, hands, now)?))
    }

    /// Opens an existing store beside a daemon that may be running: for commands that read, or write a decision.
    pub fn open_beside(path: &Path, key: Option<&Key>, now: Timestamp) -> Result<Self, Error> {
        Ok(Self::of(db::Db::open(path, key, db::Holder::Visitor, Hands::Threads, now)?))
    }

    fn of(db: db::Db) -> Self {
        Self { db, shelf: Arc::default() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.db.path()
    }

    /// Whether the writer still answers: for the watchdog.
    pub async fn ping(&self) -> Result<(), Error> {
        self.db.write("answer", |tx| tx.query_row("select 1", [], |_| Ok(()))).await
    }

    /// A fact about this store that has no table of its own.
    pub async fn meta(&self, key: &'static str) -> Result<Option<String>, Error> {
        use rusqlite::OptionalExtension as _;
        self.db
            .read("read a fact", move |db| {
                db.query_row("select value from meta where key = ?", [key], |row| row.get(0)).optional()
            })
            .await
    }

    /// Sets a fact about this store that has no table of its own.
    pub async fn set_meta(&self, key: &'static str, value: String) -> Result<(), Error> {
        self.db
            .write("keep a fact", move |tx| {
                tx.execute(
                    "insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value",
                    (key, value),
                )
                .map(drop)
            })
            .await
    }

    /// Adds a row to the audit chain for something that was done outside the store: `what` is a fixed word, `detail`
    /// holds numbers, ids and fixed words, never a comment's text or anybody's name.
    pub async fn audit(
        &self,
        now: Timestamp,
        what: &'static str,
        who: Option<String>,
        detail: serde_json::Value,
    ) -> Result<(), Error> {
        self.db
            .write("write the audit chain", move |tx| {
                audit::append(tx, now, what, who.as_deref().unwrap_or(audit::SELF), &detail)
            })
            .await
    }
}

/// Bytes as lower-case hex.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod author_tests;

#[cfg(test)]
mod deeds;

#[cfg(test)]
mod privacy_tests;

#[cfg(test)]
mod sealing_tests;

#[cfg(test)]
mod verify_tests;

#[cfg(test)]
pub(crate) mod tests;

#[cfg(test)]
pub(crate) mod fake_page;
