//! Whether the watch goes on. In: the store's account of the last day, what the pages' connections say. Out: a page. Not
//! here: judging what is healthy for machines.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::Console;
use super::door::Visitor;
use super::page::{Frame, Place, Problem, page};
use super::text::when;
use crate::clock::{SignedDuration, Timestamp};
use crate::digest::Settings;
use crate::digest::view::{Page as Watched, Reading};
use crate::platform::Api;

/// A consent that ends sooner is told as urgent.
const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A watched page, as the digest tells of it, and what its connection says.
struct Row {
    page: Watched,
    tag: (&'static str, &'static str),
    consent: Option<String>,
    consent_soon: bool,
    budget: Option<String>,
}

#[derive(Template)]
#[template(path = "console/health.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    notices: Vec<(String, String)>,
    facts: Vec<(&'static str, String)>,
}

pub(super) async fn health(State(console): State<Arc<Console>>, visitor: Visitor) -> Result<Response, Problem> {
    let (settings, now) = (console.words(), console.now());
    let yesterday = now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(now);
    let digest =
        console.parts.herald.digest(yesterday, now.saturating_add(SignedDuration::from_secs(1)).unwrap_or(now)).await?;
    let rows = digest.coverage.into_iter().map(|page| {
        let api = console.parts.pages.iter().find(|api| api.page().id.as_str() == page.id);
        row(page, api.map(AsRef::as_ref), &settings, now)
    });
    let rules = console.parts.rules.current();
    let last = console.store().last_digest_to().await?;
    let facts = vec![
        (
            "Mode",
            if console.parts.mode == crate::store::Mode::Observe { "observe: nothing is touched" } else { "enforce" }
                .to_owned(),
        ),
        ("Policy", settings.policy.clone()),
        ("Rules in force", format!("{}, proved with {} examples", rules.version(), rules.facts().examples)),
        (
            "Last digest",
            last.map_or_else(
                || "none yet".to_owned(),
                |at| format!("told of everything up to {}", when(at, &settings)),
            ),
        ),
        ("Version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    page(&Page {
        frame: Frame::new(&console, &visitor, Place::Health, "Health"),
        rows: rows.collect(),
        notices: digest
            .notices
            .into_iter()
            .map(|notice| (notice.when.map(|at| at.local).unwrap_or_default(), notice.text))
            .collect(),
        facts,
    })
}

fn row(page: Watched, api: Option<&Api>, settings: &Settings, now: Timestamp) -> Row {
    let deadline = api.and_then(Api::token_deadline);
    let days = |deadline: Timestamp| deadline.duration_since(now).as_hours().max(0) / 24;
    Row {
        tag: match page.reading {
            Reading::Unread => ("red", "not read"),
            Reading::Partly => ("orange", "read in part"),
            Reading::Late => ("yellow", "read late"),
            Reading::Whole => ("green", "read"),
        },
        consent: deadline.map(|deadline| match days(deadline) {
            0 => format!("ends on {}: less than a day is left", when(deadline, settings)),
            1 => format!("ends on {}: 1 day is left", when(deadline, settings)),
            days => format!("ends on {}: {days} days are left", when(deadline, settings)),
        }),
        consent_soon: deadline.is_some_and(|deadline| deadline.duration_since(now) < SOON),
        budget: api.and_then(|api| budget(api, now)),
        page,
    }
}

fn budget(api: &Api, now: Timestamp) -> Option<String> {
    let percent = api.usage(now).percent?;
    Some(format!("{percent} % of what the platform allows is used"))
}
