//! The manager's report by mail: that of the month before, on the first business day, when the practice opens. In: the
//! store, who gets it. Out: a letter a month. A month in which nobody watched has no report, and none is sent twice.
//! Not here: what it says.

use jiff::civil::Date;
use tracing::info;

use crate::clock::Timestamp;
use crate::comment::PageKey;
use crate::config::Config;
use crate::digest::{DeliverError, Delivery, MailSettings, RenderError, schedule};
use crate::dossier::month::{Asked, Month};
use crate::store::{self, Store};

/// The fact in the store that says of which month a report was sent last.
const REPORTED: &str = "reported";

/// Sends the report of each month.
pub(super) struct Monthly {
    store: Store,
    pages: Vec<PageKey>,
    practice: String,
    policy: String,
    zone: jiff::tz::TimeZone,
    hours: schedule::Hours,
    to: Delivery,
}

/// Why a report was not sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The store failed.
    #[error("the store could not be used")]
    Store(#[from] store::Error),
    /// It could not be written.
    #[error("the report could not be written")]
    Render(#[from] RenderError),
    /// It could not be sent.
    #[error("the report could not be sent")]
    Deliver(#[from] DeliverError),
}

impl Monthly {
    /// None where nobody is to get it.
    pub(super) fn of(config: &Config, policy: &str, store: &Store) -> Option<Self> {
        let mail = config.mail.as_ref().filter(|_| !config.report.to.is_empty())?;
        Some(Self {
            store: store.clone(),
            pages: config.pages.iter().map(|page| page.key().clone()).collect(),
            practice: config.practice.name.clone(),
            policy: policy.to_owned(),
            zone: config.practice.timezone.clone(),
            hours: config.business_hours(),
            to: Delivery::Smtp(MailSettings { to: config.report.to.clone(), ..mail.clone() }),
        })
    }

    /// Sends what is due. A failure is tried again by whoever calls.
    pub(super) async fn step(&self, now: Timestamp) -> Result<(), Error> {
        let first = Asked::last_month(now, &self.zone);
        let name = first.strftime("%Y-%m").to_string();
        if self.due(first).is_none_or(|due| now < due)
            || self.store.meta(REPORTED).await?.is_some_and(|last| last >= name)
        {
            return Ok(());
        }
        let (practice, policy, zone) = (self.practice.clone(), self.policy.clone(), self.zone.clone());
        let asked = Asked { practice, policy, zone, first, now };
        let rows = self.store.month(asked.span(), asked.earlier(), &self.pages).await?;
        let watched = rows.coverage.iter().any(|page| page.since.is_some_and(|since| since < asked.span().1));
        if watched {
            let sent = self.to.send(&Month::of(&rows, &asked).letter()?).await?;
            info!(report.month = name, report.accepted = sent.accepted, report.missed = sent.missed, "report sent");
            let detail = serde_json::json!({ "month": name });
            self.store.audit(now, "report.sent", None, detail).await?;
        }
        Ok(self.store.set_meta(REPORTED, name).await?)
    }

    /// When the practice opens for the first time in the month after.
    fn due(&self, first: Date) -> Option<Timestamp> {
        let next = first.last_of_month().tomorrow().ok()?;
        let begin = next.to_zoned(self.zone.clone()).ok()?.timestamp();
        Some(self.hours.next_open(begin, &self.zone))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::lexicon::Category;
    use crate::policy::Action;
    use crate::store::PollOutcome;
    use crate::store::tests::{Place, at, batch, comment, judged, page, poll, verdict};

    fn files(dir: &tempfile::TempDir) -> usize {
        std::fs::read_dir(dir.path()).expect("a directory").count()
    }

    #[tokio::test]
    async fn the_report_goes_out_once_on_the_first_business_day_and_not_for_a_month_that_nobody_watched() {
        let place = Place::new();
        let out = tempfile::tempdir().expect("a directory");
        let monthly = Monthly {
            store: place.open(),
            pages: vec![page()],
            practice: "Alderbrook Surgery".into(),
            policy: "Policy".into(),
            zone: TimeZone::UTC,
            hours: schedule::Hours { opens: time(8, 0, 0, 0), closes: time(18, 30, 0, 0) },
            to: Delivery::Directory(out.path().to_owned()),
        };
        let moment = |text: &str| text.parse::<Timestamp>().expect("a time");
        monthly.step(moment("2026-11-02T09:00:00Z")).await.expect("steps");
        assert_eq!(files(&out), 0, "nobody watched in October");
        monthly.store.finish_poll(poll(0, PollOutcome::Ok)).await.expect("ends");
        let threat = judged(comment("c1", "words"), verdict(Category::Threat, Action::Delete));
        monthly.store.record(batch(1, vec![threat])).await.expect("records");
        monthly.step(at(60)).await.expect("steps");
        monthly.step(moment("2026-12-01T07:59:00Z")).await.expect("steps");
        assert_eq!(files(&out), 0, "too early");
        monthly.step(moment("2026-12-01T08:00:00Z")).await.expect("steps");
        assert_eq!(files(&out), 2, "text and HTML");
        monthly.step(moment("2026-12-01T08:01:00Z")).await.expect("steps");
        monthly.step(moment("2026-12-31T08:01:00Z")).await.expect("steps");
        // The first is a holiday, the second and third a weekend.
        monthly.step(moment("2027-01-03T12:00:00Z")).await.expect("steps");
        assert_eq!(files(&out), 2);
        monthly.step(moment("2027-01-04T08:00:00Z")).await.expect("steps");
        assert_eq!(files(&out), 4);
    }
}
