//! What has to be kept up beside the watching: tokens renewed before they die, people warned in time of the consent that
//! only they can give again, evidence erased whose term is over, and the file of numbers written. In: the pages'
//! connections, the terms of retention, the board. Out: renewed tokens, notices, erasures, that file.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tracing::{debug, error, info, warn};

use super::monthly::Monthly;
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::PageKey;
use crate::platform::Api;
use crate::store::{self, NewNotice, Store, Terms};

use super::textfile::Textfile;

/// A renewal is looked for this often; the connection knows whether one is due.
const EVERY: Duration = Duration::from_mins(1);

/// A clock is set by less than this without anybody having to hear of it.
const SETTING: SignedDuration = SignedDuration::from_mins(2);

/// A page is asked for its name this often: it may be renamed, by the practice or by somebody who should not.
const NAME_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// People are warned of a consent that ends so many days ahead (tiktok.md section 2.3).
const WARNINGS_DAYS: [i64; 2] = [30, 7];

/// Evidence is erased once a day, from this hour of the practice's own on: before anybody works.
const PURGE_HOUR: i8 = 3;

/// A report that could not be sent is tried again this late.
const REPORT_RETRY: SignedDuration = SignedDuration::from_mins(60);

/// So far apart two looks may be for the clock to be believed.
const STEADY: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The fact in the store that says on which day evidence was last looked through.
const PURGED: &str = "purged";

/// Keeps tokens alive, and the store no fuller than it may be.
pub(super) struct Upkeep {
    pages: Vec<Arc<Api>>,
    store: Store,
    terms: Terms,
    zone: TimeZone,
    textfile: Option<Textfile>,
    named: Mutex<BTreeMap<PageKey, Timestamp>>,
    /// The day on which evidence was last looked through.
    purged: Mutex<Option<Date>>,
    /// The time of the last step.
    last: Mutex<Option<Timestamp>>,
    /// The manager's report, if somebody is to get it.
    monthly: Option<Monthly>,
    /// A report that could not be sent is not tried again before.
    report_again: Mutex<Option<Timestamp>>,
}

impl Upkeep {
    pub(super) fn new(pages: Vec<Arc<Api>>, store: Store, terms: Terms, zone: TimeZone) -> Self {
        let (named, purged, last) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self {
            pages,
            store,
            terms,
            zone,
            textfile: None,
            named,
            purged,
            last,
            monthly: None,
            report_again: Mutex::default(),
        }
    }

    /// The same, and its numbers go into a file.
    pub(super) fn writing(self, textfile: Option<Textfile>) -> Self {
        Self { textfile, ..self }
    }

    /// The same, and the manager's report goes out.
    pub(super) fn reporting(self, monthly: Option<Monthly>) -> Self {
        Self { monthly, ..self }
    }

    /// Steps no more; what it kept up is let go of, but for what the next one keeps up.
    pub(super) fn retire(&self, next: Option<&Self>) {
        let Some(textfile) = &self.textfile else { return };
        let kept = next.and_then(|next| next.textfile.as_ref()).is_some_and(|next| next.path() == textfile.path());
        if !kept {
            textfile.remove();
        }
    }

    /// Renews what is due; says how long it may rest.
    pub(super) async fn step(&self, now: Timestamp) -> Duration {
        if let Err(failure) = self.watch_the_clock(now).await {
            warn!(error = %failure, "the store could not follow a clock that went back");
        }
        for api in &self.pages {
            match self.asked_for_quiet(api, now).await {
                Ok(false) => {}
                Ok(true) => continue,
                Err(failure) => {
                    warn!(page.id = %api.page(), error = %failure, "a page's health could not be read");
                    continue;
                }
            }
            // A refused renewal shows at the next listing call, where the page's health is kept; here it is only noted.
            if let Err(failure) = api.maintain(now).await {
                debug!(page.id = %api.page(), error = %failure, "upkeep of a token failed");
            }
            if let Err(failure) = self.look_after(api, now).await {
                warn!(page.id = %api.page(), error = %failure, "a notice could not be kept");
            }
        }
        if let Err(failure) = self.purge_once_a_day(now).await {
            error!(error = %failure, "evidence whose term is over could not be erased");
        }
        if let Err(failure) = self.write_numbers(now).await {
            warn!(error = %failure, "a notice could not be kept");
        }
        self.report(now).await;
        EVERY
    }

    /// A folder that is wrong for days is told once a day.
    async fn write_numbers(&self, now: Timestamp) -> Result<(), store::Error> {
        let Some(textfile) = &self.textfile else { return Ok(()) };
        let Some(text) = textfile.write(now).await else { return Ok(()) };
        let once = Some(format!("textfile:{}", now.to_zoned(self.zone.clone()).date()));
        self.store.notice(NewNotice { at: now, page: None, comment: None, kind: "error", text, once }).await.map(drop)
    }

    async fn report(&self, now: Timestamp) {
        let again = *self.report_again.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = again.is_some_and(|at| now < at && at.duration_since(now) <= REPORT_RETRY);
        let Some(monthly) = self.monthly.as_ref().filter(|_| !waits) else { return };
        let done = monthly.step(now).await;
        *self.report_again.lock().unwrap_or_else(PoisonError::into_inner) =
            if done.is_err() { now.checked_add(REPORT_RETRY).ok() } else { None };
        if let Err(failure) = done {
            let cause = std::error::Error::source(&failure).map(ToString::to_string).unwrap_or_default();
            error!(error = %failure, cause, "the report of the month was not sent");
            let day = now.to_zoned(self.zone.clone()).date();
            let text = format!("the report of the month could not be sent: {cause}");
            let once = Some(format!("report:{day}"));
            let notice = NewNotice { at: now, page: None, comment: None, kind: "error", text, once };
            if let Err(failure) = self.store.notice(notice).await {
                warn!(error = %failure, "a notice could not be kept");
            }
        }
    }

    /// Erasing cannot be undone, and the clock may be wrong: after days without a look nothing is erased for one more day,
    /// in which people read of the gap in their digest.
    async fn purge_once_a_day(&self, now: Timestamp) -> Result<(), store::Error> {
        let local = now.to_zoned(self.zone.clone());
        let today = local.date();
        if local.hour() < PURGE_HOUR || *self.purged.lock().unwrap_or_else(PoisonError::into_inner) == Some(today) {
            return Ok(());
        }
        let last: Option<Date> = self.store.meta(PURGED).await?.and_then(|day| day.parse().ok());
        let steady = last.is_some_and(|last| last.duration_until(today).abs() <= STEADY);
        if steady && last != Some(today) {
            let purged = self.store.purge(self.terms.clone(), None, now).await?;
            if purged.comments > 0 {
                info!(erased = purged.comments, held = purged.held, "erased evidence whose term was over");
            }
        }
        self.store.set_meta(PURGED, today.to_string()).await?;
        *self.purged.lock().unwrap_or_else(PoisonError::into_inner) = Some(today);
        Ok(())
    }

    /// A clock that went back would stretch every wait by as much; the last poll tells of one that did so meanwhile.
    async fn watch_the_clock(&self, now: Timestamp) -> Result<(), store::Error> {
        let known = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let last = match known {
            Some(last) => Some(last),
            None => self.store.last_used().await?,
        };
        let back = last.map_or(SignedDuration::ZERO, |last| last.duration_since(now));
        if back > SETTING {
            warn!(clock.back_s = back.as_secs(), "the clock went back");
            for api in &self.pages {
                api.clock_went_back(back, now);
            }
            self.store.clock_went_back(back, now).await?;
        }
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        Ok(())
    }

    /// The platform asked for quiet, perhaps before we were started again, and neither a name nor a token is a reason to
    /// break it: nothing else is asked meanwhile that would need them.
    async fn asked_for_quiet(&self, api: &Api, now: Timestamp) -> Result<bool, store::Error> {
        let health = self.store.page_health(api.page(), now).await?;
        Ok(health.quiet && health.next_poll.is_some_and(|next| next > now))
    }

    async fn look_after(&self, api: &Api, now: Timestamp) -> Result<(), store::Error> {
        self.warn_of_consent(api, now).await?;
        let page = api.page();
        let asked = self.named.lock().unwrap_or_else(PoisonError::into_inner).get(page).copied();
        if asked.is_some_and(|at| (SignedDuration::ZERO..NAME_AGAIN).contains(&now.duration_since(at))) {
            return Ok(());
        }
        // A page that cannot say its name now will be asked tomorrow; its id serves meanwhile.
        self.named.lock().unwrap_or_else(PoisonError::into_inner).insert(page.clone(), now);
        if let Ok(Some(name)) = api.name(now).await
            && let Some(before) = self.store.name_page(page, name.clone(), now).await?
        {
            let text = format!(
                "the page was called \"{before}\" and is now called \"{name}\"; if nobody at the practice did that, look at \
                 who may manage it"
            );
            let notice =
                NewNotice { at: now, page: Some(page.clone()), comment: None, kind: "renamed", text, once: None };
            self.store.notice(notice).await?;
        }
        Ok(())
    }

    async fn warn_of_consent(&self, api: &Api, now: Timestamp) -> Result<(), store::Error> {
        let Some(deadline) = api.token_deadline() else { return Ok(()) };
        let left = deadline.duration_since(now);
        let Some(days) = WARNINGS_DAYS.into_iter().filter(|&days| left <= SignedDuration::from_hours(24 * days)).min()
        else {
            return Ok(());
        };
        let page = api.page();
        let text = format!(
            "the consent for {page} ends in {} days; somebody who manages the account has to give it again before, or the \
             page will not be read",
            left.as_hours().max(0) / 24
        );
        let once = Some(format!("consent:{page}:{deadline}:{days}"));
        self.store
            .notice(NewNotice { at: now, page: Some(page.clone()), comment: None, kind: "token", text, once })
            .await
            .map(drop)
    }
}
