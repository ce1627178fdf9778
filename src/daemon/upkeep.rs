//! What has to be kept up beside the watching: tokens renewed before they die, people warned in time of the consent that
//! only they can give again, and evidence erased whose term is over. In: the pages' connections, the terms of retention.
//! Out: renewed tokens, notices, erasures.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tracing::{debug, error, info, warn};

use crate::clock::{SignedDuration, Timestamp};
use crate::comment::PageKey;
use crate::platform::Api;
use crate::store::{self, NewNotice, Store, Terms};

/// A renewal is looked for this often; the connection knows whether one is due.
const EVERY: Duration = Duration::from_mins(1);

/// People are warned of a consent that ends so many days ahead (tiktok.md section 2.3).
const WARNINGS_DAYS: [i64; 2] = [30, 7];

/// Evidence is erased once a day, from this hour of the practice's own on: before anybody works.
const PURGE_HOUR: i8 = 3;

/// The fact in the store that says on which day evidence was last looked through.
const PURGED: &str = "purged";

/// Keeps tokens alive, and the store no fuller than it may be.
pub(super) struct Upkeep {
    pages: Vec<Arc<Api>>,
    store: Store,
    terms: Terms,
    zone: TimeZone,
    named: Mutex<BTreeSet<PageKey>>,
    purged: Mutex<Option<Date>>,
}

impl Upkeep {
    pub(super) fn new(pages: Vec<Arc<Api>>, store: Store, terms: Terms, zone: TimeZone) -> Self {
        Self { pages, store, terms, zone, named: Mutex::default(), purged: Mutex::default() }
    }

    /// Renews what is due; says how long it may rest.
    pub(super) async fn step(&self, now: Timestamp) -> Duration {
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
        EVERY
    }

    async fn purge_once_a_day(&self, now: Timestamp) -> Result<(), store::Error> {
        let local = now.to_zoned(self.zone.clone());
        let today = local.date();
        if local.hour() < PURGE_HOUR || *self.purged.lock().unwrap_or_else(PoisonError::into_inner) == Some(today) {
            return Ok(());
        }
        if self.store.meta(PURGED).await?.as_deref() != Some(today.to_string().as_str()) {
            let purged = self.store.purge(self.terms.clone(), None, now).await?;
            self.store.set_meta(PURGED, today.to_string()).await?;
            if purged.comments > 0 {
                info!(erased = purged.comments, held = purged.held, "erased evidence whose term was over");
            }
        }
        *self.purged.lock().unwrap_or_else(PoisonError::into_inner) = Some(today);
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
        if self.named.lock().unwrap_or_else(PoisonError::into_inner).contains(page) {
            return Ok(());
        }
        // A page that cannot say its name now will be asked at the next start; its id serves meanwhile.
        self.named.lock().unwrap_or_else(PoisonError::into_inner).insert(page.clone());
        if let Ok(Some(name)) = api.name(now).await {
            self.store.name_page(page, name, now).await?;
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
