//! What has to be kept up beside the watching: tokens renewed before they die, and people warned in time of the consent
//! that only they can give again. In: the pages' connections. Out: renewed tokens, notices.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tracing::{debug, warn};

use crate::clock::{SignedDuration, Timestamp};
use crate::comment::PageKey;
use crate::platform::Api;
use crate::store::{self, NewNotice, Store};

/// A renewal is looked for this often; the connection knows whether one is due.
const EVERY: Duration = Duration::from_mins(1);

/// A clock is set by less than this without anybody having to hear of it.
const SETTING: SignedDuration = SignedDuration::from_mins(2);

/// A page is asked for its name this often: it may be renamed, by the practice or by somebody who should not.
const NAME_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// People are warned of a consent that ends so many days ahead (tiktok.md section 2.3).
const WARNINGS_DAYS: [i64; 2] = [30, 7];

/// Keeps tokens alive.
pub(super) struct Upkeep {
    pages: Vec<Arc<Api>>,
    store: Store,
    named: Mutex<BTreeMap<PageKey, Timestamp>>,
    /// The time of the last step.
    last: Mutex<Option<Timestamp>>,
}

impl Upkeep {
    pub(super) fn new(pages: Vec<Arc<Api>>, store: Store) -> Self {
        Self { pages, store, named: Mutex::default(), last: Mutex::default() }
    }

    /// Renews what is due; says how long it may rest.
    pub(super) async fn step(&self, now: Timestamp) -> Duration {
        if let Err(failure) = self.watch_the_clock(now).await {
            warn!(error = %failure, "the store could not follow a clock that went back");
        }
        for api in &self.pages {
            // A refused renewal shows at the next listing call, where the page's health is kept; here it is only noted.
            if let Err(failure) = api.maintain(now).await {
                debug!(page.id = %api.page(), error = %failure, "upkeep of a token failed");
            }
            if let Err(failure) = self.look_after(api, now).await {
                warn!(page.id = %api.page(), error = %failure, "a notice could not be kept");
            }
        }
        EVERY
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

    async fn look_after(&self, api: &Api, now: Timestamp) -> Result<(), store::Error> {
        self.warn_of_consent(api, now).await?;
        let page = api.page();
        let asked = self.named.lock().unwrap_or_else(PoisonError::into_inner).get(page).copied();
        if asked.is_some_and(|at| (SignedDuration::ZERO..NAME_AGAIN).contains(&now.duration_since(at))) {
            return Ok(());
        }
        let health = self.store.page_health(page, now).await?;
        // The platform asked for quiet before we were started again, and a name is no reason to break it.
        if health.quiet && health.next_poll.is_some_and(|next| next > now) {
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
            let notice = NewNotice { at: now, page: Some(page.clone()), kind: "renamed", text, once: None };
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
        self.store.notice(NewNotice { at: now, page: Some(page.clone()), kind: "token", text, once }).await.map(drop)
    }
}
