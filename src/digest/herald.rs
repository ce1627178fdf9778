//! Tells people: alerts at once, the digest when it is due. In: rows of the store. Out: letters, and what became of them.
//! A worker in the manner of the poller and the executor: `step(now)` does what is due and says how long it may rest.
//! Not here: wording (`alert`, `view`, `render`), sending (`deliver`).

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use tracing::{error, info, warn};

use super::alert::compose;
use super::view::Urgency;
use super::{DeliverError, Delivery, Digest, Letter, Message, Schedule, Settings, Waiting};
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::PageKey;
use crate::store::{self, NewNotice, Store};

/// The longest rest; a rung bell ends it sooner.
const LONGEST_REST: Duration = Duration::from_mins(1);

/// The rest after something failed that may pass.
const RETRY: SignedDuration = SignedDuration::from_mins(5);

/// A digest that could not be sent is tried again this late.
const DIGEST_RETRY: SignedDuration = SignedDuration::from_mins(15);

/// The first digest looks back no further than this.
const FIRST_PERIOD: SignedDuration = SignedDuration::from_hours(24);

/// Times of day in which alerts wait that are not about somebody's safety.
#[derive(Clone, Debug)]
pub struct Quiet {
    /// Beginning.
    pub from: Time,
    /// End; before the beginning where the quiet runs over midnight.
    pub to: Time,
    /// Whose clock.
    pub zone: TimeZone,
}

/// Who is told what, and how.
pub struct Herald {
    /// Where incidents stand.
    pub store: Store,
    /// The pages, in configuration order.
    pub pages: Vec<PageKey>,
    /// How digests read; a reload may change it.
    pub settings: Arc<Mutex<Settings>>,
    /// Where the digest goes.
    pub digest_to: Delivery,
    /// Where alerts go, each of these.
    pub alerts_to: Vec<Delivery>,
    /// When digests are due.
    pub schedule: Schedule,
    /// Whether a digest is sent when there is nothing to say.
    pub when_quiet: bool,
    /// Minutes until an alert is repeated that nobody acknowledged.
    pub repeat_min: Option<NonZeroU32>,
    /// When alerts wait.
    pub quiet: Option<Quiet>,
    /// When a digest that failed is tried again.
    pub retry_at: Mutex<Option<Timestamp>>,
}

/// Why a digest was not made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed.
    #[error("the store could not be used")]
    Store(#[from] store::Error),
    /// The letter could not be written.
    #[error("the letter could not be written")]
    Render(#[from] super::RenderError),
    /// The letter could not be sent.
    #[error("the letter could not be sent")]
    Deliver(#[from] DeliverError),
}

impl Herald {
    /// Tells what is due; says how long it may rest.
    pub async fn step(&self, now: Timestamp) -> Duration {
        for (what, done) in [("alerts", self.alerts(now).await), ("digest", self.digest_if_due(now).await)] {
            if let Err(failure) = done {
                let cause = std::error::Error::source(&failure).map(ToString::to_string).unwrap_or_default();
                error!(what, error = %failure, cause, "people could not be told");
            }
        }
        let next = match self.store.next_alert().await {
            Ok(Some(due)) => Duration::try_from(due.duration_since(now)).unwrap_or_default(),
            _ => LONGEST_REST,
        };
        // An alert that cannot be sent is due again at once only on paper.
        next.clamp(Duration::from_secs(1), LONGEST_REST)
    }

    /// The digest of a period.
    pub async fn digest(&self, from: Timestamp, to: Timestamp) -> Result<Digest, store::Error> {
        let period = self.store.period(from, to, &self.pages).await?;
        Ok(Digest::build(&period, &self.settings()))
    }

    /// Sends the digest of a period and notes that it went out.
    pub async fn send_digest(&self, from: Timestamp, to: Timestamp, now: Timestamp) -> Result<(), Error> {
        let digest = self.digest(from, to).await?;
        let quiet = digest.is_quiet() && !self.when_quiet;
        if !quiet {
            let letter = Letter::digest(&digest, &self.settings(), now)?;
            let sent = self.digest_to.send(&letter).await?;
            info!(digest.accepted = sent.accepted, digest.missed = sent.missed, "digest sent");
        }
        let how = match (&self.digest_to, quiet) {
            (_, true) => "quiet",
            (Delivery::Smtp(_), _) => "mail",
            (Delivery::Directory(_), _) => "directory",
            (Delivery::Webhook { .. }, _) => "webhook",
        };
        Ok(self.store.record_digest(from, to, how, now).await?)
    }

    fn settings(&self) -> Settings {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn digest_if_due(&self, now: Timestamp) -> Result<(), Error> {
        let Some(due) = self.schedule.last_at_or_before(now) else { return Ok(()) };
        let last = self.store.last_digest_to().await?;
        if last.is_some_and(|last| last >= due) || self.waits(now) {
            return Ok(());
        }
        let begun = self.begun(due).await?;
        let last = match last {
            Some(last) => Some(self.store.digest_from(last).await?),
            None => None,
        };
        // Started after the hour: nothing was watched yet when that digest was due.
        let Some(from) = last.or(begun) else { return Ok(()) };
        let done = self.send_digest(from, due, now).await;
        *self.retry_at.lock().unwrap_or_else(PoisonError::into_inner) =
            if done.is_err() { now.checked_add(DIGEST_RETRY).ok() } else { None };
        if let Err(Error::Deliver(failure)) = &done {
            self.confess(format!("the digest could not be sent: {failure}"), now).await?;
        }
        done
    }

    /// Whether an earlier failure asks for patience.
    fn waits(&self, now: Timestamp) -> bool {
        self.retry_at.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|at| {
            // A clock that went back must not turn minutes of patience into hours.
            (SignedDuration::ZERO..=DIGEST_RETRY).contains(&at.duration_since(now)) && now < at
        })
    }

    /// Where the first digest begins: with the watch, but a day before its end at the most.
    async fn begun(&self, due: Timestamp) -> Result<Option<Timestamp>, store::Error> {
        let earliest = due.saturating_sub(FIRST_PERIOD).unwrap_or(due);
        let mut first: Option<Timestamp> = None;
        for page in &self.pages {
            if let Some(began) = self.store.watched_since(page).await?.filter(|&began| began < due) {
                first = Some(first.map_or(began, |first| first.min(began)));
            }
        }
        Ok(first.map(|first| first.max(earliest)))
    }

    async fn alerts(&self, now: Timestamp) -> Result<(), Error> {
        let due = self.store.due_alerts(now).await?;
        if due.is_empty() {
            return Ok(());
        }
        let waiting: Vec<Waiting<'_>> =
            due.iter().map(|due| Waiting { incident: &due.incident, told_before: due.sent_before }).collect();
        let ids = |message: &Message| -> Vec<i64> {
            due.iter().filter(|due| message.numbers.contains(&due.incident.number)).map(|due| due.id).collect()
        };
        for message in compose(&waiting, &self.settings(), now)? {
            let ids = ids(&message);
            if let Some(until) = self.quiet_until(&message, now) {
                self.store.postpone_alerts(&ids, until).await?;
                continue;
            }
            if self.tell(&message, now).await? {
                let again = self
                    .repeat_min
                    .and_then(|minutes| now.checked_add(SignedDuration::from_mins(i64::from(minutes.get()))).ok());
                self.store.mark_alert_sent(&ids, now, again).await?;
            } else {
                self.store.postpone_alerts(&ids, now.saturating_add(RETRY).unwrap_or(now)).await?;
            }
        }
        Ok(())
    }

    /// Sends a message every way there is; one that arrived is enough.
    async fn tell(&self, message: &Message, now: Timestamp) -> Result<bool, Error> {
        let letter = Letter::alert(message, &self.settings(), now);
        let mut arrived = false;
        for delivery in &self.alerts_to {
            match delivery.send(&letter).await {
                Ok(sent) => arrived |= sent.accepted > 0,
                Err(failure) => {
                    warn!(error = %failure, "alert could not be sent one way");
                    self.confess(format!("an alert could not be sent: {failure}"), now).await?;
                }
            }
        }
        if arrived {
            info!(alert.incidents = message.numbers.len(), "alert sent");
        }
        Ok(arrived)
    }

    /// A way of telling people that fails is told the other ways, and in the digest.
    async fn confess(&self, text: String, now: Timestamp) -> Result<(), store::Error> {
        let day = now.to_zoned(self.schedule.zone.clone()).date();
        let once = Some(format!("delivery:{day}:{text}"));
        self.store.notice(NewNotice { at: now, page: None, comment: None, kind: "error", text, once }).await.map(drop)
    }

    /// When an alert that can wait may be told.
    fn quiet_until(&self, message: &Message, now: Timestamp) -> Option<Timestamp> {
        let quiet = self.quiet.as_ref()?;
        if message.urgency == Urgency::Safeguarding || message.urgency == Urgency::Threat {
            return None;
        }
        let local = now.to_zoned(quiet.zone.clone());
        let time = local.time();
        let inside = if quiet.from <= quiet.to {
            (quiet.from..quiet.to).contains(&time)
        } else {
            time >= quiet.from || time < quiet.to
        };
        if !inside {
            return None;
        }
        let day = if time < quiet.to { local.date() } else { local.date().tomorrow().ok()? };
        day.to_datetime(quiet.to).to_zoned(quiet.zone.clone()).ok().map(|until| until.timestamp())
    }
}
