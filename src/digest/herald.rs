//! Tells people: alerts at once, the digest when it is due. In: rows of the store. Out: letters, and what became of them.
//! A worker in the manner of the poller and the executor: `step(now)` does what is due and says how long it may rest.
//! Not here: wording (`alert`, `view`, `render`), sending (`deliver`).

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use tracing::{error, info, warn};

use super::alert::{compose, rehearse, together};
use super::specimen;
use super::storm::{self, Turn};
use super::view::Urgency;
use super::{
    DeliverError, Delivery, Digest, Letter, LetterKind, Message, RenderError, Schedule, Sent, Settings, Waiting,
};
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::PageKey;
use crate::policy::Policy;
use crate::store::{self, DueAlert, NewNotice, Store};

/// The longest rest; a rung bell ends it sooner.
const LONGEST_REST: Duration = Duration::from_mins(1);

/// The rest after something failed that may pass.
const RETRY: SignedDuration = SignedDuration::from_mins(5);

/// When one reminder is due, those that would be due so soon after it go along in the same message.
const JOIN: SignedDuration = SignedDuration::from_mins(5);

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
    /// Where what cannot wait goes as well while the practice is closed.
    pub out_of_hours_to: Vec<Delivery>,
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

/// What came of testing one way of telling people.
#[derive(Debug)]
pub struct Rehearsed {
    /// Which way, in words.
    pub way: String,
    /// It is one that is used while the practice is closed.
    pub out_of_hours: bool,
    /// The subject of each message, and what came of it.
    pub outcomes: Vec<(String, Result<Sent, DeliverError>)>,
}

/// Sends a test message of each kind by each of these ways (`true`: one that is used while the practice is closed), and
/// says of each way what came of it. Nothing is recorded.
pub async fn try_ways(
    ways: &[(Delivery, bool)],
    settings: &Settings,
    policy: &Policy,
    now: Timestamp,
) -> Result<Vec<Rehearsed>, RenderError> {
    let incidents = specimen::rehearsal(policy, now);
    let waiting: Vec<Waiting<'_>> = incidents.iter().map(|incident| Waiting { incident, told_before: 0 }).collect();
    let messages = rehearse(&waiting, settings, now)?;
    let letters: Vec<Letter> =
        messages.iter().zip(1..).map(|(message, nth)| Letter::test(message, nth, settings, now)).collect();
    let mut rehearsed = Vec::new();
    for (delivery, out_of_hours) in ways {
        let mut outcomes = Vec::new();
        for letter in &letters {
            outcomes.push((letter.subject().to_owned(), delivery.send(letter).await));
        }
        let way = delivery.name(LetterKind::Alert);
        rehearsed.push(Rehearsed { way, out_of_hours: *out_of_hours, outcomes });
    }
    Ok(rehearsed)
}

/// What is told now, and what waits until when.
#[derive(Default)]
struct Sorted {
    messages: Vec<Message>,
    held: BTreeMap<Timestamp, Vec<i64>>,
}

fn told(alert: &DueAlert) -> Waiting<'_> {
    Waiting { incident: &alert.incident, told_before: alert.sent_before }
}

/// Why a digest was not made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed.
    #[error("the store could not be used")]
    Store(#[from] store::Error),
    /// The letter could not be written.
    #[error("the letter could not be written")]
    Render(#[from] RenderError),
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

    /// Sends the digest of a period and notes that it went out. Says who got it; `None`: it was quiet, so nobody did.
    pub async fn send_digest(&self, from: Timestamp, to: Timestamp, now: Timestamp) -> Result<Option<Sent>, Error> {
        let digest = self.digest(from, to).await?;
        let quiet = digest.is_quiet() && !self.when_quiet;
        let mut got = None;
        if !quiet {
            let letter = Letter::digest(&digest, &self.settings(), now)?;
            let sent = self.digest_to.send(&letter).await?;
            info!(digest.accepted = sent.accepted, digest.missed = sent.missed, "digest sent");
            got = Some(sent);
        }
        let how = match (&self.digest_to, quiet) {
            (_, true) => "quiet",
            (Delivery::Smtp(_), _) => "mail",
            (Delivery::Directory(_), _) => "directory",
            (Delivery::Webhook { .. }, _) => "webhook",
        };
        self.store.record_digest(from, to, how, now).await?;
        Ok(got)
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
        done.map(drop)
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
        let due = self.store.due_alerts(now.saturating_add(JOIN).unwrap_or(now)).await?;
        if due.iter().all(|alert| alert.due_at > now) {
            return Ok(());
        }
        let ids = |numbers: &[i64]| -> Vec<i64> {
            due.iter().filter(|due| numbers.contains(&due.incident.number)).map(|due| due.id).collect()
        };
        let sorted = self.sorted(&due, now).await?;
        for (until, numbers) in &sorted.held {
            self.store.postpone_alerts(&ids(numbers), *until).await?;
        }
        for message in sorted.messages {
            let ids = ids(&message.numbers);
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

    /// What is told now, in which messages, and what gathers for later. Reminders are one message, so that the new is not
    /// buried under what is known.
    async fn sorted(&self, due: &[DueAlert], now: Timestamp) -> Result<Sorted, Error> {
        let since = now.saturating_sub(storm::WINDOW).unwrap_or(now);
        let lately = self.store.first_told_since(since).await?;
        let lately: Vec<(Timestamp, Urgency)> =
            lately.into_iter().map(|(at, categories)| (at, Urgency::of(&categories))).collect();
        let settings = self.settings();
        let is_due = |alert: &&DueAlert| alert.due_at <= now;
        let mut sorted = Sorted::default();
        let (mut calm, mut gathered): (Vec<Waiting<'_>>, BTreeMap<Urgency, Vec<Waiting<'_>>>) = Default::default();
        for alert in due.iter().filter(is_due).filter(|alert| alert.sent_before == 0) {
            let kind = Urgency::of(&alert.incident.verdict.categories);
            match storm::turn(kind, &lately, now) {
                Turn::Now => calm.push(told(alert)),
                Turn::Together => gathered.entry(kind).or_default().push(told(alert)),
                Turn::At(until) => sorted.held.entry(until).or_default().push(alert.incident.number),
            }
        }
        sorted.messages = compose(&calm, &settings, now)?;
        for storm in gathered.values() {
            sorted.messages.extend(together(storm, &settings, now)?);
        }
        let reminders: Vec<&DueAlert> = due.iter().filter(|alert| alert.sent_before > 0).collect();
        if reminders.iter().any(is_due) {
            let reminders: Vec<Waiting<'_>> = reminders.into_iter().map(told).collect();
            sorted.messages.extend(together(&reminders, &settings, now)?);
        }
        Ok(sorted)
    }

    fn ways(&self, out_of_hours: bool) -> impl Iterator<Item = (&Delivery, bool)> {
        let always = self.alerts_to.iter().map(|way| (way, false));
        always.chain(self.out_of_hours_to.iter().filter(move |_| out_of_hours).map(|way| (way, true)))
    }

    /// Sends a message every way there is; one that arrived is enough.
    async fn tell(&self, message: &Message, now: Timestamp) -> Result<bool, Error> {
        let settings = self.settings();
        let letter = Letter::alert(message, &settings, now);
        let mut arrived = false;
        let closed = !settings.hours.is_open(now, &settings.zone);
        for (delivery, _) in self.ways(closed && message.cannot_wait) {
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
        if message.cannot_wait {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::civil::time;

    use super::*;
    use crate::lexicon::Category;
    use crate::policy::{Action, Alert};
    use crate::store::tests::{Place, at, batch, comment, judged, page, verdict};

    const DAY: i64 = 24 * 60;

    /// A practice whose letters become files; Monday, eight o'clock, is minute nought.
    struct Bench {
        _place: Place,
        letters: tempfile::TempDir,
        herald: Herald,
    }

    impl Bench {
        fn new(quiet: bool) -> Self {
            let place = Place::new();
            let letters = tempfile::tempdir().expect("a directory");
            let to = |name: &str| vec![Delivery::Directory(letters.path().join(name))];
            let quiet = quiet.then(|| Quiet { from: time(18, 0, 0, 0), to: time(7, 0, 0, 0), zone: TimeZone::UTC });
            let herald = Herald {
                store: place.open(),
                pages: vec![page()],
                settings: Arc::new(Mutex::new(Settings::default())),
                digest_to: Delivery::Directory(letters.path().join("digest")),
                alerts_to: to("always"),
                out_of_hours_to: to("closed"),
                schedule: Schedule { times: Vec::new(), weekdays: Vec::new(), zone: TimeZone::UTC },
                when_quiet: false,
                repeat_min: NonZeroU32::new(30),
                quiet,
                retry_at: Mutex::new(None),
            };
            Self { _place: place, letters, herald }
        }

        /// Somebody writes what people are to be told of at once, and the herald looks at once.
        async fn comes(&self, minutes: i64, id: &str, category: Category) {
            let verdict = crate::policy::Verdict { alert: Alert::Now, ..verdict(category, Action::Delete) };
            let comments = vec![judged(comment(id, id), verdict)];
            self.herald.store.record(batch(minutes, comments)).await.expect("records");
            self.herald.step(at(minutes)).await;
        }

        /// The subjects of the letters that went this way, in order.
        fn told(&self, way: &str) -> Vec<String> {
            let dir = self.letters.path().join(way);
            let mut files: Vec<_> =
                std::fs::read_dir(dir).into_iter().flatten().flatten().map(|file| file.path()).collect();
            files.retain(|file| file.extension().is_some_and(|ending| ending == "txt"));
            files.sort();
            let subject = |file: &std::path::PathBuf| {
                let text = std::fs::read_to_string(Path::new(file)).expect("a letter");
                text.lines().next().unwrap_or_default().trim_start_matches(": ").to_owned()
            };
            files.iter().map(subject).collect()
        }
    }

    #[tokio::test]
    async fn a_storm_of_one_kind_is_told_in_one_message_every_few_minutes_and_a_sign_of_harm_within_it_at_once() {
        let bench = Bench::new(false);
        for minute in 60..65 {
            bench.comes(minute, &format!("t{minute}"), Category::Threat).await;
        }
        assert_eq!(bench.told("always").len(), 5, "the first are told one by one");
        for minute in 65..68 {
            bench.comes(minute, &format!("t{minute}"), Category::Threat).await;
        }
        bench.comes(68, "cry", Category::Safeguarding).await;
        bench.comes(68, "lie", Category::Defamation).await;
        assert_eq!(bench.told("always").len(), 7, "the storm gathers; what is no part of it does not wait");
        bench.herald.step(at(69)).await;
        let told = bench.told("always");
        assert_eq!(told.len(), 8);
        assert_eq!(told[7], "3 urgent comments, among them: a threat");
    }

    #[tokio::test]
    async fn reminders_that_are_due_within_minutes_of_each_other_are_one_message() {
        let bench = Bench::new(false);
        for minute in [60, 62, 64, 70] {
            bench.comes(minute, &format!("c{minute}"), Category::Defamation).await;
        }
        bench.herald.step(at(90)).await;
        let told = bench.told("always");
        assert_eq!(told.len(), 5, "{told:?}");
        assert_eq!(told[4], "reminder, 3 urgent comments, among them: an allegation that may be");
        bench.herald.store.acknowledge(&[1, 2, 3, 4], "Pat Lee".to_owned(), at(91)).await.expect("notes");
        bench.herald.step(at(200)).await;
        assert_eq!(bench.told("always").len(), 5, "nobody is reminded of what somebody has in hand");
    }

    #[track_caller]
    fn assert_told(bench: &Bench, always: usize, closed: usize) {
        assert_eq!((bench.told("always").len(), bench.told("closed").len()), (always, closed));
    }

    #[tokio::test]
    async fn while_the_practice_is_closed_others_are_told_too_of_what_cannot_wait() {
        let bench = Bench::new(true);
        bench.comes(60, "day", Category::Threat).await;
        assert_told(&bench, 1, 0);
        bench.herald.store.acknowledge(&[1], "Pat Lee".to_owned(), at(61)).await.expect("notes");
        bench.comes(12 * 60, "evening", Category::Safeguarding).await;
        assert_told(&bench, 2, 1);
        bench.herald.store.acknowledge(&[2], "Pat Lee".to_owned(), at(12 * 60 + 1)).await.expect("notes");
        bench.comes(12 * 60 + 2, "slander", Category::Defamation).await;
        assert_told(&bench, 2, 1);
        bench.herald.step(at(23 * 60 + 1)).await;
        assert_told(&bench, 3, 1);
        bench.herald.store.acknowledge(&[3], "Pat Lee".to_owned(), at(DAY)).await.expect("notes");
        // 25 December 2026, ten in the morning: a Friday, and a bank holiday.
        bench.comes(53 * DAY + 2 * 60, "christmas", Category::Threat).await;
        assert_told(&bench, 4, 2);
    }

    #[tokio::test]
    async fn a_test_goes_every_way_and_says_what_came_of_each() {
        let bench = Bench::new(false);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/policies/bursted-wood-surgery.toml");
        let policy = Policy::load(&file).expect("the shipped policy");
        let way = |name: &str, closed| (Delivery::Directory(bench.letters.path().join(name)), closed);
        let ways = [way("always", false), way("closed", true)];
        let rehearsed = try_ways(&ways[..1], &Settings::default(), &policy, at(60)).await.expect("rehearsed");
        assert_eq!((rehearsed.len(), rehearsed[0].outcomes.len()), (1, 4));
        assert_told(&bench, 4, 0);
        let rehearsed = try_ways(&ways, &Settings::default(), &policy, at(60)).await.expect("rehearsed");
        assert!(
            rehearsed[1].out_of_hours && rehearsed.iter().flat_map(|way| &way.outcomes).all(|(_, sent)| sent.is_ok())
        );
        assert_told(&bench, 4, 4);
        assert!(bench.told("always").iter().all(|subject| subject.starts_with("TEST, nothing has happened")));
        assert!(bench.herald.store.due_alerts(at(61)).await.expect("reads").is_empty(), "nothing is recorded");
    }
}
