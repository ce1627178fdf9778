//! Does what is owed: claim, read, plan, act, read back, settle. In: rows of the outbox. Out: changes at the platforms,
//! and what became of them. The only writer to a platform. Not here: judging, and the polling of comments; the table
//! is the only link to those.

pub mod brake;
mod person;
pub mod plan;
mod reply;
pub mod retry;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tracing::{error, info, warn};

pub use brake::Brake;

use crate::clock::{Clock, SignedDuration, Timestamp};
use crate::comment::{CommentKind, CommentText, PageKey};
use crate::platform::{self, Api, Error, Seen};
use crate::signpost::Text;
use crate::store::{self, Act, Claim, Closed, Mode, NewNotice, Settlement, Store};
use plan::{Around, Held, Outcome, Step};

/// A claim lasts longer than its calls can: four of them, each given 30 s.
const LEASE: SignedDuration = SignedDuration::from_mins(5);

/// The longest rest: the table is looked at once a minute, whatever was or was not said.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// The rest after the store failed.
const STORE_REST: Duration = Duration::from_secs(30);

/// So many claims are worked on before a step ends, so that a stop is never far away.
const CLAIMS_PER_STEP: usize = 20;

/// Works off the outbox of all pages of a practice.
pub struct Executor {
    /// Where owed actions stand.
    pub store: Store,
    /// The connections, by page; rows of other pages stay as they are.
    pub pages: HashMap<PageKey, Arc<Api>>,
    /// Whether anything may be touched.
    pub mode: Mode,
    /// The limits.
    pub brake: Brake,
    /// The fixed replies that the practice has switched on.
    pub replies: Vec<Text>,
    /// Whose midnight begins a day.
    pub zone: jiff::tz::TimeZone,
    /// The time.
    pub clock: Clock,
}

impl Executor {
    /// Does what is due; says how long it may rest.
    pub async fn step(&self, now: Timestamp) -> Duration {
        if self.mode == Mode::Observe {
            return LONGEST_REST;
        }
        self.work(now).await.unwrap_or_else(|failure| {
            error!(error = %failure, cause = cause(&failure), "executor could not use the store");
            STORE_REST
        })
    }

    async fn work(&self, now: Timestamp) -> Result<Duration, store::Error> {
        let pages: Vec<PageKey> = self.pages.keys().cloned().collect();
        for _ in 0..CLAIMS_PER_STEP {
            let Some(claim) = self.store.claim(&pages, now, LEASE).await? else {
                return self.rest(&pages, now).await;
            };
            let Some(api) = self.pages.get(&claim.page) else { continue };
            self.serve(&claim, api, now).await?;
        }
        Ok(Duration::ZERO)
    }

    async fn rest(&self, pages: &[PageKey], now: Timestamp) -> Result<Duration, store::Error> {
        let due = self.store.next_due(pages).await?;
        let rest = due.map_or(LONGEST_REST, |due| Duration::try_from(due.duration_since(now)).unwrap_or_default());
        Ok(rest.min(LONGEST_REST))
    }

    async fn serve(&self, claim: &Claim, api: &Api, now: Timestamp) -> Result<(), store::Error> {
        let seen = match api.read(&claim.target, self.clock.now()).await {
            Ok(seen) => seen,
            Err(error) => {
                self.tell(claim, &error, now).await?;
                return self.settle(claim, plan::after_unread(claim, &error, now), now).await;
            }
        };
        let day = brake::day_start(now, &self.zone);
        let today = self.store.written_since(&claim.page, day, claim.id).await?;
        let charged = &self.store.charged_since(day, claim.id).await?;
        let around = Around { can: api.capabilities(), brake: &self.brake, today, charged, mode: self.mode, now };
        if claim.intended == Act::Reply {
            return self.serve_reply(claim, api, &seen, &around).await;
        }
        self.follow(claim, api, plan::plan(claim, &seen, &around), now).await
    }

    /// Looks for the reply among the comment's replies before it is sent, and does what follows.
    async fn serve_reply(
        &self,
        claim: &Claim,
        api: &Api,
        seen: &Seen,
        around: &Around<'_>,
    ) -> Result<(), store::Error> {
        let now = around.now;
        let comment = match plan::standing(claim, seen, around) {
            Ok(comment) => comment,
            Err(step) => return self.follow(claim, api, step, now).await,
        };
        let answers = match api.proven_answers(&claim.target, self.clock.now()).await {
            Ok(answers) => answers,
            // What hangs on a hidden comment is not listed everywhere; `reply::plan` knows what that leaves unknown.
            Err(_) if comment.hidden => platform::Answers::default(),
            Err(error) => return self.settle(claim, plan::after_unread(claim, &error, now), now).await,
        };
        let text = self.replies.iter().find(|text| Some(text.signpost.draft()) == claim.draft.as_deref());
        let words = around.can.reply_chars.and_then(|chars| text?.fitting(chars));
        match (reply::plan(claim, comment, &answers, text, around), words) {
            (Step::Act { .. }, Some(words)) => self.reply(claim, api, words, now).await,
            (step, _) => self.follow(claim, api, step, now).await,
        }
    }

    /// The row said which words are about to be sent before the platform hears them.
    async fn reply(&self, claim: &Claim, api: &Api, words: &str, now: Timestamp) -> Result<(), store::Error> {
        if !self.store.begin_reply(claim, words.to_owned(), now).await? {
            info!(page.id = %claim.page, outbox.id = claim.id, "claim was withdrawn before answering");
            return Ok(());
        }
        let act = platform::Act::Reply(CommentText::new(words));
        let answer = api.act(&claim.target, &act, self.clock.now()).await;
        if let Err(error) = &answer {
            self.tell(claim, error, now).await?;
        }
        let answers = api.answers(&claim.target, self.clock.now()).await;
        self.settle(claim, reply::judge_try(claim, words, &answer, &answers, now), now).await
    }

    async fn follow(&self, claim: &Claim, api: &Api, step: Step, now: Timestamp) -> Result<(), store::Error> {
        match step {
            Step::Leave => Ok(()),
            Step::Wait { until, why } => {
                let again = Settlement::Again { at: until, counted: false, lied: false, ceiling: None, error: why };
                self.settle(claim, Outcome { settlement: again, hold_page: None }, now).await
            }
            Step::Close { close, held } => {
                self.tell_held(claim, held, now).await?;
                self.settle(claim, Outcome { settlement: Settlement::Close(close), hold_page: None }, now).await
            }
            Step::Act { act, note, charged, held } => {
                self.tell_held(claim, held, now).await?;
                if !self.store.begin_write(claim, act, charged, now).await? {
                    info!(page.id = %claim.page, outbox.id = claim.id, "claim was withdrawn before acting");
                    return Ok(());
                }
                self.act(claim, api, act, note, now).await
            }
        }
    }

    /// The row said what is about to be done before the platform hears of it; what it answers is checked by reading.
    async fn act(
        &self,
        claim: &Claim,
        api: &Api,
        act: Act,
        note: Option<String>,
        now: Timestamp,
    ) -> Result<(), store::Error> {
        let claim = &Claim { written: Some(act), ..claim.clone() };
        let Some(wire) = wire(act) else { return Ok(()) };
        let answer = api.act(&claim.target, &wire, self.clock.now()).await;
        if let Err(error) = &answer {
            self.tell(claim, error, now).await?;
        }
        let seen = api.read(&claim.target, self.clock.now()).await;
        self.settle(claim, plan::judge_try(claim, act, note.as_deref(), &answer, &seen, now), now).await
    }

    async fn settle(&self, claim: &Claim, outcome: Outcome, now: Timestamp) -> Result<(), store::Error> {
        if let Some(until) = outcome.hold_page {
            self.store.hold_writes(&claim.page, until).await?;
        }
        self.tell_unmet(claim, &outcome.settlement, now).await?;
        log(claim, &outcome.settlement);
        if !self.store.settle(claim, outcome.settlement, now).await? {
            info!(page.id = %claim.page, outbox.id = claim.id, "claim was withdrawn while acting");
        }
        Ok(())
    }

    /// Errors that people must hear of and that no incident shows; once a page and day.
    async fn tell(&self, claim: &Claim, error: &Error, now: Timestamp) -> Result<(), store::Error> {
        let text = match error {
            Error::WritesBlocked { .. } => {
                "the platform refuses every hide and delete for now; Chaperone waits six hours before it tries again. \
                 Do what is urgent in the app"
            }
            // Deleting a visitor's post is refused to nearly everybody; the incident says what became of it.
            Error::Permission { .. } if claim.target.kind == CommentKind::VisitorPost => return Ok(()),
            Error::Permission { help, .. } => help,
            _ => return Ok(()),
        };
        self.tell_once(claim, "error", retry::word(error), text.to_owned(), now).await
    }

    async fn tell_held(&self, claim: &Claim, held: Option<Held>, now: Timestamp) -> Result<(), store::Error> {
        match held {
            None => Ok(()),
            Some(Held::Limit) => {
                let text = "more was to be hidden or deleted today than the limits allow, so less was done: look at the \
                            page, and at what the rules caught. The limits stand in the configuration under [brake]";
                self.tell_once(claim, "brake", "brake", text.to_owned(), now).await
            }
            Some(Held::Young(entry)) => {
                let text = format!(
                    "{entry} is new or was changed, and would hide more today than a young rule may, so what it finds is \
                     left up for you: look whether it is right. If it is wrong, correct the entry, and `queue restore \
                     --batch --entry {entry}` shows again what it hid. The limit stands in the configuration under [brake]"
                );
                let once = format!("young:{}", now.to_zoned(self.zone.clone()).date());
                self.keep(NewNotice { at: now, page: None, comment: None, kind: "brake", text, once: Some(once) }).await
            }
        }
    }

    /// A person who decided is told if it could not be done: they have gone home, and believe that it was.
    async fn tell_unmet(&self, claim: &Claim, settlement: &Settlement, now: Timestamp) -> Result<(), store::Error> {
        let (Some(decision), Settlement::Close(close)) = (claim.decision, settlement) else { return Ok(()) };
        if close.how != Closed::Dead {
            return Ok(());
        }
        let note = close.note.as_deref().unwrap_or("do it in the app");
        let text = format!("what somebody decided about #{} could not be done: {note}", claim.incident);
        let once = Some(format!("decision:{decision}"));
        self.keep(NewNotice { at: now, page: Some(claim.page.clone()), comment: None, kind: "decision", text, once })
            .await
    }

    async fn tell_once(
        &self,
        claim: &Claim,
        kind: &'static str,
        word: &'static str,
        text: String,
        now: Timestamp,
    ) -> Result<(), store::Error> {
        let day = now.to_zoned(self.zone.clone()).date();
        let once = Some(format!("{word}:{}:{day}", claim.page));
        self.keep(NewNotice { at: now, page: Some(claim.page.clone()), comment: None, kind, text, once }).await
    }

    async fn keep(&self, notice: NewNotice) -> Result<(), store::Error> {
        let kind = notice.kind;
        if self.store.notice(notice).await? {
            warn!(notice.kind = kind, "told people once");
        }
        Ok(())
    }
}

/// What the platform is asked for; a reply has a way of its own, with its words.
fn wire(act: Act) -> Option<platform::Act> {
    match act {
        Act::Reply => None,
        Act::Show => Some(platform::Act::Unhide),
        Act::Hide => Some(platform::Act::Hide),
        Act::Delete => Some(platform::Act::Delete),
    }
}

fn log(claim: &Claim, settlement: &Settlement) {
    let (page, id, incident) = (&claim.page, claim.id, claim.incident);
    match settlement {
        Settlement::Close(close) => info!(
            page.id = %page, outbox.id = id, incident.id = incident, outbox.state = close.how.id(),
            action.intended = claim.intended.id(), action.achieved = close.achieved.map(Act::id),
            error.kind = close.error, "settled an action"
        ),
        Settlement::Again { at, error, .. } => info!(
            page.id = %page, outbox.id = id, incident.id = incident, due_at = %at, attempts = claim.attempts,
            error.kind = error, "put off an action"
        ),
    }
}

/// The reason under an error, for the log: SQLite's and the system's words, which hold no comment's.
fn cause(error: &dyn std::error::Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests;
