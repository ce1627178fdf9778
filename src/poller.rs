//! Watches one page: fetch, judge, record. In: listings from the platform, the rules in force. Out: batches and the end
//! of each poll in the store. The only reader of listings. Not here: what to list next (the cursor's), what a verdict
//! leads to (the executor's; the table is the only link).
//!
//! Each answer is recorded in one transaction as soon as it is judged; the cursor's state follows at the end. A crash
//! between them reads the same comments again, finds them known, and still reads on behind them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use crate::clock::{Clock, SignedDuration, Timestamp};
use crate::comment::{Comment, CommentId, CommentKind, PageKey, Platform, Post};
use crate::platform::cursor::{Answer, Coverage, Cycle, Edge, PageState, Request};
use crate::platform::http::Pace;
use crate::platform::{Api, Error};
use crate::rules::apart::Failure;
use crate::rules::{InForce, RuleSet};
use crate::signpost::Answering;
use crate::store::{self, Backlog, Batch, Judged, Known, Mode, NewNotice, News, PollEnd, PollOutcome, Store, Trouble};

/// A call that may be made so soon is waited for within the cycle; a longer quiet ends it.
const SHORT_QUIET: Duration = Duration::from_secs(5);

/// A wait this short may be our own pacing, which is no reason to hold back what is owed.
const OUR_OWN_PACING: Duration = Duration::from_mins(1);

/// So often one call is put off for a moment before the cycle ends.
const SHORT_QUIETS: u32 = 4;

/// The rest after the store failed, or nobody could judge.
const STUCK_REST: Duration = Duration::from_secs(30);

/// A page whose token or permission is refused is asked this late, and each time twice as late …
const REFUSED_WAIT: Duration = Duration::from_secs(15 * 60);

/// … up to this. Longer than any platform asks us to be quiet, but for a spent day.
const LONGEST_WAIT: Duration = Duration::from_secs(6 * 3600);

/// A platform that does not answer is asked at least this often.
const LONGEST_FAULT_WAIT: Duration = Duration::from_secs(15 * 60);

/// After so many failures in a row people are told, even if it may pass.
const PATIENCE: u32 = 3;

/// The longest rest; a day's budget that is spent comes back at midnight.
const LONGEST_REST: Duration = Duration::from_secs(24 * 3600);

/// What a page's watch is made of.
pub struct Watch {
    /// The page.
    pub page: PageKey,
    /// From the beginning of a poll to the beginning of the next.
    pub every: Duration,
    /// Whether verdicts become owed actions.
    pub mode: Mode,
    /// What happens to comments that were there before.
    pub backlog: Backlog,
    /// Which comments are answered with a fixed reply.
    pub answering: Answering,
    /// The connection.
    pub api: Arc<Api>,
    /// Where everything goes.
    pub store: Store,
    /// The rules; one set judges a whole cycle.
    pub rules: Arc<InForce>,
    /// The time.
    pub clock: Clock,
    /// Rung when an action is owed.
    pub owed: Arc<Notify>,
    /// Rung when somebody is to be told at once.
    pub alarmed: Arc<Notify>,
}

/// Watches one page.
pub struct Poller {
    watch: Watch,
    /// A poll was tried since the start: a person who mended a token and restarted us is not kept waiting.
    tried: AtomicBool,
}

impl Poller {
    /// Which page it watches.
    pub fn page(&self) -> &PageKey {
        &self.watch.page
    }

    /// A poller that has not polled yet.
    pub fn new(watch: Watch) -> Self {
        Self { watch, tried: AtomicBool::new(false) }
    }

    /// Polls the page once if that is due; says how long it may rest.
    pub async fn step(&self, now: Timestamp) -> Duration {
        self.step_until(now, &CancellationToken::new()).await
    }

    /// The same, but a stop ends the cycle after the call that is under way: it may be renewing a token.
    pub async fn step_until(&self, now: Timestamp, stop: &CancellationToken) -> Duration {
        let stuck = match self.poll(now, stop).await {
            Ok(rest) => return rest,
            Err(Stuck::Judge(failure)) => self.tell_unjudged(&failure, now).await,
            Err(Stuck::Store(failure)) => Err(failure),
        };
        if let Err(failure) = stuck {
            let cause = std::error::Error::source(&failure).map(ToString::to_string).unwrap_or_default();
            error!(page.id = %self.watch.page, error = %failure, cause, "poller could not use the store");
        }
        STUCK_REST
    }

    async fn poll(&self, now: Timestamp, stop: &CancellationToken) -> Result<Duration, Stuck> {
        let health = self.watch.store.page_health(&self.watch.page, now).await?;
        let first = !self.tried.swap(true, Ordering::Relaxed);
        if let Some(rest) = rest_before(&health, first, now) {
            return Ok(rest);
        }
        let pace = self.watch.api.pace(self.watch.clock.now());
        let rules = self.watch.rules.current();
        let mut cycle = Cycle::new(self.watch.page.platform, self.watch.store.page_state(&self.watch.page).await?, now);
        if pace == Pace::UrgentOnly {
            cycle = cycle.urgent_only();
        }
        let mut tally = Tally::default();
        while let Some(request) = cycle.next() {
            if stop.is_cancelled() {
                // What was taken is recorded; the state stays as it was, so the next start reads on from there.
                return Ok(Duration::ZERO);
            }
            match self.fetch(&request).await {
                Ok(answer) => {
                    let taken = self.take(&request, &answer, &rules, now).await?;
                    tally.succeed(&request, &answer, taken.new);
                    cycle.absorb(&request, &answer, taken.unseen);
                }
                Err(error) => {
                    cycle.fail(&request, &error);
                    debug!(page.id = %self.watch.page, error = %error, "listing failed");
                    if tally.fail(error) {
                        break;
                    }
                }
            }
        }
        let (state, coverage) = cycle.finish();
        let every = unhurried(self.watch.every, pace);
        Ok(self.finish(tally, state, coverage, health.failures, every, now).await?)
    }

    /// What cannot be judged is not recorded either, so that the next poll finds it new.
    async fn tell_unjudged(&self, failure: &Failure, now: Timestamp) -> Result<(), store::Error> {
        let cause = std::error::Error::source(failure).map(ToString::to_string).unwrap_or_default();
        error!(page.id = %self.watch.page, error = %failure, cause, "comments cannot be judged");
        let text = format!(
            "new comments on {} cannot be judged, and wait: {failure}. Chaperone keeps trying; if it lasts, restart it and \
             look at the limits on memory and processes",
            self.watch.page
        );
        let day = now.as_second().div_euclid(24 * 3600);
        self.tell(now, None, text, format!("unjudged:{}:{day}", self.watch.page)).await
    }

    async fn tell(
        &self,
        now: Timestamp,
        comment: Option<CommentId>,
        text: String,
        once: String,
    ) -> Result<(), store::Error> {
        let page = Some(self.watch.page.clone());
        let notice = NewNotice { at: now, page, comment, kind: "error", text, once: Some(once) };
        self.watch.store.notice(notice).await.map(drop)
    }

    async fn fetch(&self, request: &Request) -> Result<Answer, Error> {
        for _ in 0..SHORT_QUIETS {
            match self.watch.api.fetch(request, self.watch.clock.now()).await {
                Err(Error::Throttled { wait, .. }) if wait <= SHORT_QUIET => self.watch.clock.pause(wait).await,
                answer => return answer,
            }
        }
        self.watch.api.fetch(request, self.watch.clock.now()).await
    }

    /// Judges and records one answer.
    async fn take(&self, request: &Request, answer: &Answer, rules: &RuleSet, now: Timestamp) -> Result<Taken, Stuck> {
        let comments: Vec<Comment> =
            answer.posts.iter().flat_map(|listing| &listing.comments).chain(&answer.comments).cloned().collect();
        let known = self.watch.store.known(&self.watch.page, &comments, now).await?;
        let unseen = known.iter().filter(|known| known.fresh).count();
        let posts: Vec<Post> = answer.posts.iter().map(|listing| listing.post.clone()).collect();
        let batch = Batch {
            page: self.watch.page.clone(),
            seen_at: now,
            posts: self.watch.store.new_posts(&self.watch.page, posts).await?,
            replies_read: self.replies_read(request, answer, &comments, &known),
            comments: self.judge(comments, &known, rules, now).await?,
            mode: self.watch.mode,
            rules_version: rules.version().to_owned(),
            ages: Arc::clone(rules.ages()),
            answering: self.watch.answering.clone(),
        };
        if batch.posts.is_empty() && batch.comments.is_empty() && batch.replies_read.is_empty() {
            return Ok(Taken { unseen, new: 0 });
        }
        let recorded = self.watch.store.record(batch).await?;
        if recorded.owed > 0 {
            self.watch.owed.notify_one();
        }
        if recorded.alerts > 0 {
            self.watch.alarmed.notify_one();
        }
        Ok(Taken { unseen, new: recorded.new })
    }

    async fn judge(
        &self,
        comments: Vec<Comment>,
        known: &[Known],
        rules: &RuleSet,
        now: Timestamp,
    ) -> Result<Vec<Judged>, Stuck> {
        let fates = comments.into_iter().zip(known);
        let fates = fates.filter_map(|(comment, known)| Some((fate(&comment, *known, self.watch.backlog)?, comment)));
        let fates: Vec<(Fate, Comment)> = fates.collect();
        let asked: Vec<&Comment> =
            fates.iter().filter(|(fate, _)| *fate == Fate::Judge).map(|(_, comment)| comment).collect();
        let mut verdicts = rules.judge(&asked).await?.into_iter();
        let mut judged = Vec::with_capacity(fates.len());
        for (fate, comment) in fates {
            let verdict = if fate == Fate::Judge { verdicts.next().flatten() } else { None };
            if fate == Fate::Judge && verdict.is_none() {
                self.tell_broken(&comment, now).await?;
            }
            judged.push(Judged { comment, verdict, baseline: fate == Fate::Baseline });
        }
        Ok(judged)
    }

    /// A comment that breaks our own code must neither stop the watch nor pass unseen: a human is told to look.
    async fn tell_broken(&self, comment: &Comment, now: Timestamp) -> Result<(), store::Error> {
        error!(page.id = %self.watch.page, comment.id = %comment.id, "judging a comment broke our code");
        let place = comment.permalink.as_deref().unwrap_or(comment.id.as_str());
        let text = format!("one comment could not be judged because of a mistake in Chaperone; look at it: {place}");
        let once = format!("panic:{}:{}", self.watch.page, comment.id);
        self.tell(now, Some(comment.id.clone()), text, once).await
    }

    /// Whose replies this answer lists to the end. Only TikTok needs to know: it lists none once the parent is hidden.
    fn replies_read(
        &self,
        request: &Request,
        answer: &Answer,
        comments: &[Comment],
        known: &[Known],
    ) -> Vec<CommentId> {
        if self.watch.page.platform != Platform::TikTok {
            return Vec::new();
        }
        let open = |id: &CommentId| {
            let inner = answer.posts.iter().flat_map(|listing| &listing.more_replies);
            answer.more_replies.iter().chain(inner).any(|(parent, _)| parent == id)
        };
        let mut read: Vec<CommentId> = comments
            .iter()
            .zip(known)
            .filter(|(comment, known)| {
                comment.kind == CommentKind::Comment && !known.replies_read && !open(&comment.id)
            })
            .map(|(comment, _)| comment.id.clone())
            .collect();
        if let Request::Replies { comment, .. } = request
            && answer.next.is_none()
        {
            read.push(comment.clone());
        }
        read
    }

    async fn finish(
        &self,
        tally: Tally,
        state: PageState,
        coverage: Coverage,
        failures: u32,
        every: Duration,
        now: Timestamp,
    ) -> Result<Duration, store::Error> {
        let ended = self.watch.clock.now().max(now);
        let ending = ending(&tally, &coverage, failures, every);
        let next_poll = match ending.wait {
            None => later(now, every),
            Some(wait) => later(ended, wait.max(every)),
        };
        self.log(&ending, &coverage, tally.new);
        if let Some(Error::Throttled { wait, .. }) = &tally.worst
            && OUR_OWN_PACING < *wait
        {
            // The connection keeps the quiet by itself, but forgets it when we are started again.
            self.watch.store.hold_writes(&self.watch.page, later(ended, *wait)).await?;
        }
        let end = PollEnd {
            page: self.watch.page.clone(),
            started: now,
            ended,
            outcome: ending.outcome,
            // The cursor says the same after a sweep; a listing that goes in circles has no end of its own.
            complete: tally.to_the_end || state.swept_at == Some(now),
            // A poll that listed nothing learnt nothing.
            state: tally.listed.then_some(state),
            coverage,
            fresh: tally.new,
            trouble: ending.trouble,
            next_poll,
            quiet: matches!(tally.worst, Some(Error::Throttled { .. })),
        };
        self.watch.store.finish_poll(end).await?;
        Ok(Duration::try_from(next_poll.duration_since(ended)).unwrap_or_default())
    }

    fn log(&self, ending: &Ending, coverage: &Coverage, new: u32) {
        let (page, outcome) = (&self.watch.page, ending.outcome.id());
        let (requests, unread, malformed) = (coverage.requests, coverage.gaps.len(), coverage.malformed);
        match &ending.trouble {
            Some(trouble) => warn!(
                page.id = %page, poll.outcome = outcome, error.kind = trouble.kind, poll.requests = requests,
                poll.unread = unread, "polled a page with trouble"
            ),
            None if new > 0 || malformed > 0 || unread > 0 => info!(
                page.id = %page, poll.outcome = outcome, poll.requests = requests, poll.new = new,
                poll.unread = unread, poll.malformed = malformed, "polled a page"
            ),
            None => debug!(page.id = %page, poll.outcome = outcome, poll.requests = requests, "polled a quiet page"),
        }
    }
}

/// Why a poll came to no end; it begins again after a while.
#[derive(Debug, thiserror::Error)]
enum Stuck {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Judge(#[from] Failure),
}

/// What one answer brought.
struct Taken {
    /// Comments that were not read before, or in a poll that broke off.
    unseen: usize,
    /// Comments found for the first time.
    new: u32,
}

/// What happens to a listed comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Judged and recorded.
    Judge,
    /// Recorded as part of the backlog.
    Baseline,
    /// Recorded as context, or brought up to date.
    Keep,
}

/// `None`: nothing of it is worth writing.
fn fate(comment: &Comment, known: Known, backlog: Backlog) -> Option<Fate> {
    match known.news {
        News::Same => known.touch.then_some(Fate::Keep),
        News::New | News::Edited if comment.by_page => Some(Fate::Keep),
        News::New | News::Edited if known.backlog && backlog == Backlog::Baseline => Some(Fate::Baseline),
        News::New | News::Edited => Some(Fate::Judge),
    }
}

/// How the calls of a cycle went.
#[derive(Debug, Default)]
struct Tally {
    /// Posts were listed.
    listed: bool,
    /// The page's own posts were listed to the end.
    to_the_end: bool,
    /// Comments found for the first time.
    new: u32,
    /// The error that says most about the page.
    worst: Option<Error>,
}

impl Tally {
    fn succeed(&mut self, request: &Request, answer: &Answer, new: u32) {
        if let Request::Posts { edge, .. } = request {
            self.listed = true;
            self.to_the_end |= matches!(edge, Edge::Main | Edge::Published) && answer.next.is_none();
        }
        self.new += new;
    }

    /// Notes a failure; true ends the cycle, because going on would be hammering.
    fn fail(&mut self, error: Error) -> bool {
        let ends = matches!(error, Error::Token { .. } | Error::Throttled { .. });
        if self.worst.as_ref().is_none_or(|worst| weight(&error) > weight(worst)) {
            self.worst = Some(error);
        }
        ends
    }
}

fn weight(error: &Error) -> u8 {
    match error {
        Error::Token { .. } => 5,
        Error::Throttled { .. } => 4,
        Error::Permission { .. } => 3,
        Error::NotFound { .. } | Error::WritesBlocked { .. } | Error::Refused { .. } => 2,
        Error::TooMuch { .. } | Error::Transient { .. } => 1,
    }
}

/// How a poll ended, and what follows.
#[derive(Debug, PartialEq, Eq)]
struct Ending {
    outcome: PollOutcome,
    trouble: Option<Trouble>,
    /// How long to keep away; absent: the usual pace.
    wait: Option<Duration>,
}

fn ending(tally: &Tally, coverage: &Coverage, failures: u32, every: Duration) -> Ending {
    if tally.listed && coverage.blind {
        let trouble = Trouble {
            kind: "blind",
            why: "the platform counts comments on this page and shows none of them".to_owned(),
            help: "the token lacks a permission, or belongs to somebody who may not moderate: run `chaperone check --live`"
                .to_owned(),
            down: true,
        };
        // Nothing was refused, and it may be a matter of counts after all: the page is read at its usual pace.
        return Ending { outcome: PollOutcome::Blind, trouble: Some(trouble), wait: None };
    }
    if tally.listed && coverage.vanished {
        let trouble = Trouble {
            kind: "blind",
            why: "the platform lists none of the posts that it listed before".to_owned(),
            help: "look at the page in the platform's own app: an account made private, or one whose consent has lapsed, \
                   lists nothing. Make it public again, or authorise again with every box ticked. If everything was taken \
                   down on purpose, this ends with the next post"
                .to_owned(),
            down: true,
        };
        return Ending { outcome: PollOutcome::Blind, trouble: Some(trouble), wait: None };
    }
    if !tally.listed {
        let (trouble, wait) = tally.worst.as_ref().map_or_else(nothing_asked, |error| trouble(error, failures, every));
        return Ending { outcome: PollOutcome::Failed, trouble: Some(trouble), wait: Some(wait) };
    }
    let outcome = if coverage.gaps.is_empty() { PollOutcome::Ok } else { PollOutcome::Partial };
    let wait = match &tally.worst {
        Some(Error::Throttled { wait, .. }) => Some(*wait),
        _ => None,
    };
    Ending { outcome, trouble: None, wait }
}

fn nothing_asked() -> (Trouble, Duration) {
    let trouble = Trouble {
        kind: "error",
        why: "no listing was asked for".to_owned(),
        help: "this is a mistake in Chaperone; tell whoever looks after it".to_owned(),
        down: true,
    };
    (trouble, LONGEST_FAULT_WAIT)
}

/// What an error that kept us from the page means to people, and how long to keep away.
fn trouble(error: &Error, failures: u32, every: Duration) -> (Trouble, Duration) {
    let doubled = |first: Duration| first.saturating_mul(1_u32.checked_shl(failures).unwrap_or(u32::MAX));
    let lasting = failures + 1 >= PATIENCE;
    let (kind, why, help, down, wait) = match error {
        Error::Token { help, .. } => {
            ("token", "the platform refuses the page's token", *help, true, doubled(REFUSED_WAIT).min(LONGEST_WAIT))
        }
        Error::Permission { help, .. } => (
            "permission",
            "a permission is missing or has lapsed",
            *help,
            true,
            doubled(REFUSED_WAIT).min(LONGEST_WAIT),
        ),
        Error::Throttled { wait, .. } => (
            "throttled",
            "the platform asked for quiet",
            "nothing: Chaperone waits as long as it was asked to; if it lasts, watch the page less often (every_s)",
            lasting || *wait >= Duration::from_secs(3600),
            (*wait).min(LONGEST_REST),
        ),
        Error::NotFound { .. } => (
            "not-found",
            "the platform does not know the page, or does not show it to this token",
            lost_page(error.page().platform),
            true,
            doubled(REFUSED_WAIT).min(LONGEST_WAIT),
        ),
        Error::Refused { .. } | Error::WritesBlocked { .. } => (
            "refused",
            "the platform refuses the listing of this page",
            "run `chaperone check --live`, and look for a newer Chaperone",
            true,
            doubled(REFUSED_WAIT).min(LONGEST_WAIT),
        ),
        Error::TooMuch { .. } | Error::Transient { .. } => (
            "transient",
            "the platform did not answer properly",
            "nothing yet: Chaperone keeps trying; if other pages fail too, look at the machine's internet connection",
            lasting,
            doubled(every).min(LONGEST_FAULT_WAIT),
        ),
    };
    (Trouble { kind, why: why.to_owned(), help: help.to_owned(), down }, wait)
}

/// Where to look for a page that its platform no longer knows.
fn lost_page(platform: Platform) -> &'static str {
    match platform {
        Platform::Facebook => {
            "look whether the page is still published and still has the id of the configuration, and that the token is \
             this page's own"
        }
        Platform::Instagram => {
            "look whether the account is still a professional one and still linked to its Facebook page, that its id is \
             the one in the configuration, and that the token is the page's own"
        }
        Platform::TikTok => {
            "check the account's id (open_id) in the configuration, and that the consent is this account's"
        }
    }
}

/// The pace that the platform's usage headers ask for (facebook.md section 13).
fn unhurried(every: Duration, pace: Pace) -> Duration {
    match pace {
        Pace::Full | Pace::Stop { .. } => every,
        Pace::Slow | Pace::UrgentOnly => every.saturating_mul(2),
    }
}

/// How long a poll is still to be put off, if it is. The first after a start does not wait out our own back-off, only
/// what the platform asked for; and neither does the first after somebody put the clock back, lest a page stay unread
/// until the clock has caught up.
fn rest_before(health: &store::PageHealth, first: bool, now: Timestamp) -> Option<Duration> {
    let rest = Duration::try_from(health.next_poll?.duration_since(now)).ok()?;
    let put_back = health.last_poll.is_some_and(|ended| now < ended);
    let waived = (first || put_back) && !health.quiet;
    (!rest.is_zero() && rest <= LONGEST_REST && !waived).then_some(rest)
}

fn later(from: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait.min(LONGEST_REST)).unwrap_or(SignedDuration::ZERO);
    from.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
