//! How the program does, for machines that watch it: numbers for Prometheus and a health for whoever asks. In: the store,
//! the pages' connections, the rules in force. Out: a [`Snapshot`], from which [`exposition`] makes text and [`health`] a
//! verdict. Nothing in it is anybody's: no text, no name of a person, no author. Not here: serving or writing any of it.

pub mod exposition;
pub mod health;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use tracing::warn;

use crate::clock::{SignedDuration, Timestamp};
use crate::platform::Api;
use crate::rules::InForce;
use crate::store::{self, Mode, PageVitals, Store, Vitals};

pub use health::{Health, Status};

/// The store has so long to answer; longer is as good as never.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the numbers are made of, as one configuration has it.
pub struct Sources {
    /// The practice, as people know it: each number is labelled so, for several may stand side by side.
    pub practice: String,
    /// Where everything is kept.
    pub store: Store,
    /// The rules.
    pub rules: Arc<InForce>,
    /// What is watched.
    pub pages: Vec<Source>,
    /// Whether anything is done at the platforms.
    pub mode: Mode,
    /// When the quiet hours end in which alerts may wait, and whose clock says so.
    pub quiet_ends: Option<(Time, TimeZone)>,
    /// When this process began.
    pub started: Timestamp,
}

/// A page that is watched.
pub struct Source {
    /// Its connection.
    pub api: Arc<Api>,
    /// From the beginning of a poll to the beginning of the next.
    pub every: Duration,
}

/// Where everybody looks who wants to know; clones show the same. A reload puts other sources behind it, and before there
/// are any it shows a store that does not answer.
#[derive(Clone, Default)]
pub struct Board(Arc<Mutex<Option<Arc<Sources>>>>);

/// How the program did at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The practice.
    pub practice: String,
    /// When.
    pub at: Timestamp,
    /// When this process began.
    pub started: Timestamp,
    /// Whether anything is done at the platforms.
    pub mode: Mode,
    /// Whether somebody is there to judge this moment, or sleeps for want of work.
    pub judge_awake: bool,
    /// The pages of the configuration, in its order.
    pub pages: Vec<Page>,
    /// Alerts that were never sent and that no quiet hour holds back: since when the oldest.
    pub unsent_since: Option<Timestamp>,
    /// What the store says; its pages include such as are no longer watched.
    pub store: Vitals,
}

/// How one page of the configuration does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// From the beginning of a poll to the beginning of the next.
    pub every: Duration,
    /// When a person has to consent again at the latest, as far as is known.
    pub consent_ends: Option<Timestamp>,
    /// Percent of its budget of calls that is used, as far as the platform said so lately.
    pub used_percent: Option<u32>,
    /// What the store says.
    pub vitals: PageVitals,
}

/// Why the store says nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It failed.
    #[error("the store could not be read")]
    Store(#[from] store::Error),
    /// It did not answer.
    #[error("the store did not answer within {} s", PATIENCE.as_secs())]
    Silent,
}

impl Board {
    /// From now on, these sources.
    pub fn show(&self, sources: Sources) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(sources));
    }

    /// How the program does at `now`. Asks the store's writer too, which reads nothing and could hang alone.
    pub async fn snapshot(&self, now: Timestamp) -> Result<Snapshot, Error> {
        let sources = self.sources().ok_or(Error::Silent)?;
        tokio::time::timeout(PATIENCE, sources.snapshot(now)).await.map_err(|_| Error::Silent)?
    }

    /// How well it does: a store that does not answer is no error here, but an illness.
    pub async fn health(&self, now: Timestamp) -> Health {
        self.snapshot(now).await.map_or_else(|_| Health::silent(), |snapshot| Health::of(&snapshot))
    }

    /// All numbers as Prometheus reads them, with the content type [`exposition::CONTENT_TYPE`]; of a store that does not
    /// answer, that it is ill.
    pub async fn to_prometheus(&self, now: Timestamp) -> String {
        match self.snapshot(now).await {
            Ok(snapshot) => exposition::text(&snapshot),
            Err(failure) => {
                warn!(error = %failure, "the numbers could not be taken");
                let practice = self.sources().map(|sources| sources.practice.clone()).unwrap_or_default();
                exposition::silence(&practice, now)
            }
        }
    }

    fn sources(&self) -> Option<Arc<Sources>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Sources {
    async fn snapshot(&self, now: Timestamp) -> Result<Snapshot, Error> {
        self.store.ping().await?;
        let vitals = self.store.vitals(now).await?;
        Ok(Snapshot {
            practice: self.practice.clone(),
            at: now,
            started: self.started,
            mode: self.mode,
            judge_awake: self.rules.current().is_awake(),
            pages: self.pages.iter().map(|source| source.page(&vitals, now)).collect(),
            unsent_since: vitals.unsent.iter().find(|unsent| !self.is_held_back(unsent.due, now)).map(|one| one.since),
            store: vitals,
        })
    }

    /// Whether an alert that is due then waits for the end of the quiet hours.
    fn is_held_back(&self, due: Timestamp, now: Timestamp) -> bool {
        let ends = |(time, zone): &(Time, TimeZone)| due.to_zoned(zone.clone()).time() == *time;
        now < due && self.quiet_ends.as_ref().is_some_and(ends)
    }
}

impl Source {
    fn page(&self, vitals: &Vitals, now: Timestamp) -> Page {
        let key = self.api.page();
        let known = vitals.pages.iter().find(|known| known.page == *key).cloned();
        Page {
            every: self.every,
            consent_ends: self.api.token_deadline(),
            used_percent: self.api.usage(now).percent,
            // A page that was never polled yet has no row.
            vitals: known.unwrap_or_else(|| PageVitals::new(key.clone())),
        }
    }
}

impl Page {
    /// For how long it has not been read; a process that has just begun is given time for its first poll.
    fn unread_for(&self, snapshot: &Snapshot) -> SignedDuration {
        let since = self.vitals.last_ok.map_or(snapshot.started, |last| last.max(snapshot.started));
        snapshot.at.duration_since(since)
    }
}

#[cfg(test)]
mod tests;
