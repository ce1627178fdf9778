//! The archive of digests, and the manager's report of a month. In: which one. Out: the list, or the paper as a page or a
//! table. A digest is made anew from the store: what
//! was erased since, or decided, reads so; what went out by mail is not kept twice.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::Console;
use super::door::{Fields, Visitor};
use super::page::{Frame, Place, Problem, page};
use super::text::when;
use crate::clock::SignedDuration;
use crate::comment::PageKey;
use crate::dossier::month::{Asked, Month, parse};

/// Rows of a page.
const ROWS: usize = 31;
/// Months whose reports are offered.
const MONTHS: i32 = 12;

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
    /// Months of the last year: as addresses and as people read them.
    months: Vec<(String, String)>,
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
        months: months(&console),
    })
}

fn months(console: &Console) -> Vec<(String, String)> {
    let first = console.now().to_zoned(console.words().zone).date().first_of_month();
    let back = |back: i32| first.checked_sub(back.months()).ok();
    let name = |date: Date| (date.strftime("%Y-%m").to_string(), date.strftime("%B %Y").to_string());
    (0..MONTHS).filter_map(back).map(name).collect()
}

/// The manager's report of a month, to read and print, or with `?as=csv` for a spreadsheet. It names no author and quotes
/// no comment.
pub(super) async fn report(
    State(console): State<Arc<Console>>,
    _: Visitor,
    Path(month): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (settings, now) = (console.words(), console.now());
    let first = parse(&month).ok_or_else(|| Problem::Nowhere("report of such a month".to_owned()))?;
    let asked = Asked { practice: settings.practice, policy: settings.policy, zone: settings.zone, first, now };
    if asked.is_to_come() {
        return Err(Problem::Nowhere("report of a month that has not begun".to_owned()));
    }
    let pages: Vec<PageKey> = console.parts.pages.iter().map(|api| api.page().clone()).collect();
    let rows = console.store().month(asked.span(), asked.earlier(), &pages).await?;
    let report = Month::of(&rows, &asked);
    if Fields::parse(query.unwrap_or_default().as_bytes()).one("as") == "csv" {
        let name = format!("attachment; filename=\"chaperone-{}.csv\"", first.strftime("%Y-%m"));
        let headers =
            [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
        return Ok((StatusCode::OK, headers, report.to_csv()).into_response());
    }
    let html = report.paper().to_html().map_err(|_| Problem::Broken)?;
    Ok(mail(html))
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
    Ok(mail(html))
}

/// A page that brings its own styles.
fn mail(html: String) -> Response {
    ([(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))], Html(html)).into_response()
}
