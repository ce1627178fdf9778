//! The archive of digests. In: which one. Out: the list, or the digest as a page. A digest is made anew from the store: what
//! was erased since, or decided, reads so; what went out by mail is not kept twice.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse as _, Response};

use super::Console;
use super::door::{Fields, Visitor};
use super::page::{Frame, Place, Problem, page};
use super::text::when;
use crate::clock::SignedDuration;

/// Rows of a page.
const ROWS: usize = 31;

struct Row {
    id: i64,
    period: String,
    sent: String,
}

#[derive(Template)]
#[template(path = "console/digests.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    next: Option<i64>,
}

pub(super) async fn list(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let mut sent = console.store().digests(fields.one("before").parse().ok(), ROWS + 1).await?;
    let more = sent.len() > ROWS;
    sent.truncate(ROWS);
    let settings = console.words();
    let row = |digest: &crate::store::SentDigest| Row {
        id: digest.id,
        period: format!("{} to {}", when(digest.from, &settings), when(digest.to, &settings)),
        sent: when(digest.sent, &settings),
    };
    page(&Page {
        frame: Frame::new(&console, &visitor, Place::Digests, "Digests"),
        rows: sent.iter().map(row).collect(),
        next: sent.last().filter(|_| more).map(|digest| digest.id),
    })
}

/// A digest's styles stand in its own elements, as mail programs want it; nothing else is allowed there.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; sandbox allow-popups allow-top-navigation-by-user-activation";

pub(super) async fn one(
    State(console): State<Arc<Console>>,
    _: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let now = console.now();
    let (from, to) = match id.as_str() {
        // What the next digest would say.
        "today" => (now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(now), now),
        id => {
            let nowhere = || Problem::Nowhere(format!("digest {id}"));
            let id: i64 = id.parse().map_err(|_| nowhere())?;
            let sent = console.store().digests(id.checked_add(1), 1).await?;
            let digest = sent.into_iter().find(|digest| digest.id == id).ok_or_else(nowhere)?;
            (digest.from, digest.to)
        }
    };
    let html = console.parts.herald.digest(from, to).await?.to_html().map_err(|_| Problem::Broken)?;
    let mut response = Html(html).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}
