//! Whether the program does what it is there for. Pure. In: a snapshot. Out: well, degraded or ill, with reasons in fixed
//! words. Not here: mending anything, and the watchdog, which asks the loops themselves.

use serde::Serialize;

use super::{Page, Snapshot};
use crate::clock::SignedDuration;
use crate::comment::PageKey;
use crate::store::Mode;

/// A page is unread after so many polls that brought nothing …
const POLLS: i32 = 5;
/// … but not before this: a platform may ask for a few minutes of quiet.
const UNREAD: SignedDuration = SignedDuration::from_mins(15);

/// An action that nobody is at is late after this …
const LATE: SignedDuration = SignedDuration::from_mins(15);
/// … and after this it looks as if nobody ever would be.
const STUCK: SignedDuration = SignedDuration::from_hours(2);

/// An urgent alert that nobody could be sent is late after this …
const UNSENT: SignedDuration = SignedDuration::from_mins(10);
/// … and after this somebody else has to look.
const UNTOLD: SignedDuration = SignedDuration::from_mins(30);

/// A consent that ends so soon is told here too.
const CONSENT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How well the program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// All is done that is to be done.
    Healthy,
    /// Some of it is not, or soon will not be.
    Degraded,
    /// What it is there for is not done.
    Ill,
}

/// How well the program does, and why not better.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// How well.
    pub status: Status,
    /// Why not better, in fixed words and with pages by their public ids.
    pub reasons: Vec<String>,
}

impl Status {
    /// All of them, the best first.
    pub const ALL: [Self; 3] = [Self::Healthy, Self::Degraded, Self::Ill];

    /// The name in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Ill => "ill",
        }
    }
}

impl Health {
    /// How well the program did at the moment of this snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut found = Vec::new();
        pages(snapshot, &mut found);
        found.extend(actions(snapshot));
        found.extend(alerts(snapshot));
        found.extend(snapshot.pages.iter().filter_map(|page| consent(page, snapshot)));
        let status = found.iter().map(|(status, _)| *status).max().unwrap_or(Status::Healthy);
        Self { status, reasons: found.into_iter().map(|(_, reason)| reason).collect() }
    }

    /// The store does not answer, so nothing else is known.
    pub fn silent() -> Self {
        Self { status: Status::Ill, reasons: vec!["the store does not answer".to_owned()] }
    }

    /// The status of an HTTP answer: whoever looks at nothing else hears of an illness.
    pub fn http_status(&self) -> u16 {
        if self.status == Status::Ill { 503 } else { 200 }
    }

    /// `{"status": "healthy", "reasons": []}`
    pub fn to_json(&self) -> String {
        serde_json::json!({ "status": self.status, "reasons": self.reasons }).to_string()
    }
}

type Found = (Status, String);

/// One page that is not read leaves the others; where none is read, nothing is watched.
fn pages(snapshot: &Snapshot, found: &mut Vec<Found>) {
    let unread: Vec<&PageKey> =
        snapshot.pages.iter().filter(|page| is_unread(page, snapshot)).map(|page| &page.vitals.page).collect();
    let all = !unread.is_empty() && unread.len() == snapshot.pages.len();
    let status = if all { Status::Ill } else { Status::Degraded };
    found.extend(unread.into_iter().map(|page| (status, format!("a page is not read: {page}"))));
}

fn is_unread(page: &Page, snapshot: &Snapshot) -> bool {
    let every = SignedDuration::try_from(page.every).unwrap_or(SignedDuration::MAX);
    let patience = every.checked_mul(POLLS).unwrap_or(SignedDuration::MAX).max(UNREAD);
    page.vitals.down_since.is_some() || patience < page.unread_for(snapshot)
}

/// What is still owed from before is not done by a practice that only observes.
fn actions(snapshot: &Snapshot) -> Option<Found> {
    if snapshot.mode == Mode::Observe {
        return None;
    }
    // After a long absence everything is late, and is being worked off.
    let since = snapshot.pages.iter().filter_map(|page| page.vitals.owed_since).min()?.max(snapshot.started);
    let status = graded(snapshot.at.duration_since(since), LATE, STUCK)?;
    Some((status, "an owed action is overdue".to_owned()))
}

fn alerts(snapshot: &Snapshot) -> Option<Found> {
    let since = snapshot.unsent_since?.max(snapshot.started);
    let status = graded(snapshot.at.duration_since(since), UNSENT, UNTOLD)?;
    Some((status, "an urgent alert could not be sent".to_owned()))
}

fn graded(late: SignedDuration, degraded: SignedDuration, ill: SignedDuration) -> Option<Status> {
    if ill < late {
        Some(Status::Ill)
    } else if degraded < late {
        Some(Status::Degraded)
    } else {
        None
    }
}

fn consent(page: &Page, snapshot: &Snapshot) -> Option<Found> {
    let left = page.consent_ends?.duration_since(snapshot.at);
    (left < CONSENT).then(|| (Status::Degraded, format!("a consent ends within a week: {}", page.vitals.page)))
}
