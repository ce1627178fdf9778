//! Edges of the Graph API as pages of rows: limits, cursors, links to other pages. In: the ids of all rows and an
//! [`EdgeAsk`]. Out: `data` and `paging` (facebook.md section 8, instagram.md section 4.1). Not here: which rows an edge
//! has and how a row renders.

use serde_json::{Map, Value, json};

use super::fault::{Fault, Mood};
use super::fields::Field;
use super::graph::{Ctx, GraphError, Outcome};
use super::wire::hex;
use crate::clock::Timestamp;

/// How an edge is asked for: by query parameters, or by modifiers inside `fields`.
pub(super) struct EdgeAsk<'a> {
    pub(super) node: &'a str,
    pub(super) edge: &'a str,
    pub(super) options: Vec<(String, String)>,
    pub(super) fields: Option<Vec<Field>>,
}

impl EdgeAsk<'_> {
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn time(&self, name: &str) -> Option<Timestamp> {
        let text = self.option(name)?;
        text.parse::<i64>().ok().and_then(|at| Timestamp::from_second(at).ok()).or_else(|| text.parse().ok())
    }
}

/// How an edge pages: rows without and with a limit asked, and the shape of its `paging`.
pub(super) struct Shape {
    pub(super) default_limit: usize,
    pub(super) cap: usize,
    /// Instagram's comments: no `before` on page one, no `paging` at all on the last (instagram.md section 4.1).
    pub(super) poor_paging: bool,
    /// Goes blind under `Fault::EmptyListing`.
    pub(super) comments: bool,
}

struct Window {
    ids: Vec<String>,
    next: Option<String>,
    previous: bool,
}

impl Window {
    fn of(ids: &[String], shape: &Shape, ask: &EdgeAsk<'_>, mood: &Mood) -> Result<Self, GraphError> {
        let rejected = || GraphError::new(100, "(#100) Invalid cursors values");
        if mood.is(&Fault::CursorRejected) {
            return Err(rejected());
        }
        let limit = match ask.option("limit") {
            Some(text) => text.parse::<usize>().map_err(|_| GraphError::new(100, "(#100) limit must be a number"))?,
            None => shape.default_limit,
        };
        let limit = limit.min(shape.cap);
        let place = |cursor: &str| {
            let id = read_cursor(cursor).ok_or_else(rejected)?;
            if id == "start" {
                return Ok(None);
            }
            ids.iter().position(|known| *known == id).map(Some).ok_or_else(rejected)
        };
        let (mut from, mut to) = match (ask.option("after"), ask.option("before")) {
            (Some(after), _) => {
                let from = place(after)?.map_or(0, |at| at + 1);
                (from, from + limit)
            }
            (None, Some(before)) => {
                let to = place(before)?.unwrap_or(0);
                (to.saturating_sub(limit), to)
            }
            (None, None) => (0, limit),
        };
        if mood.is(&Fault::EndlessNext) {
            (from, to) = (0, limit);
        }
        if mood.is(&Fault::EmptyPageWithNext) && ask.option("after").is_none() && !ids.is_empty() {
            return Ok(Self { ids: Vec::new(), next: Some(write_cursor("start")), previous: false });
        }
        to = to.min(ids.len());
        let mut rows = ids[from.min(to)..to].to_vec();
        if mood.is(&Fault::DuplicateItems) {
            let again = if from > 0 { ids.get(from - 1) } else { rows.last() }.cloned();
            rows.extend(again);
        }
        let more = limit > 0 && (to < ids.len() || (mood.is(&Fault::EndlessNext) && to > 0));
        let last = ids.get(to.wrapping_sub(1)).map(|id| write_cursor(id));
        Ok(Self { next: last.filter(|_| more), previous: from > 0, ids: rows })
    }

    fn paging(&self, shape: &Shape, ask: &EdgeAsk<'_>, ctx: &Ctx<'_>) -> Option<Value> {
        let first = self.ids.first().map(|id| write_cursor(id));
        let after = self.next.clone().or_else(|| self.ids.last().map(|id| write_cursor(id)))?;
        if shape.poor_paging && self.next.is_none() {
            return None;
        }
        let mut cursors = json!({"after": after});
        if let Some(first) = first.as_ref().filter(|_| !shape.poor_paging || self.previous) {
            cursors["before"] = json!(first);
        }
        let mut paging = json!({"cursors": cursors});
        if let Some(next) = &self.next {
            paging["next"] = json!(link(ask, ctx, "after", next));
        }
        if let Some(first) = first.filter(|_| self.previous) {
            paging["previous"] = json!(link(ask, ctx, "before", &first));
        }
        Some(paging)
    }
}

/// The rows `ids` as one page of an edge, each rendered by `render`.
pub(super) fn listing(
    ids: &[String],
    shape: &Shape,
    ask: &EdgeAsk<'_>,
    ctx: &Ctx<'_>,
    render: impl Fn(&str) -> Outcome,
) -> Result<Map<String, Value>, GraphError> {
    let blind = shape.comments && ctx.mood.is(&Fault::EmptyListing);
    let ids = if blind { &[] } else { ids };
    let window = Window::of(ids, shape, ask, ctx.mood)?;
    let rows: Vec<Value> = window.ids.iter().map(|id| render(id)).collect::<Result<_, _>>()?;
    let mut out = Map::new();
    out.insert("data".into(), Value::Array(rows));
    if let Some(paging) = window.paging(shape, ask, ctx) {
        out.insert("paging".into(), paging);
    }
    Ok(out)
}

/// The full address of another page of an edge, token and all, as the real thing writes it (facebook.md section 8).
fn link(ask: &EdgeAsk<'_>, ctx: &Ctx<'_>, way: &str, cursor: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("access_token", &ctx.token.value).append_pair("pretty", "0");
    if let Some(fields) = &ask.fields {
        query.append_pair("fields", &Field::list_text(fields));
    }
    let own = ["access_token", "pretty", "fields", "after", "before", "batch"];
    for (name, value) in ask.options.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
        query.append_pair(name, value);
    }
    query.append_pair(way, cursor);
    format!("{}/{}/{}?{}", ctx.call.root(), ask.node, ask.edge, query.finish())
}

/// Cursors look like the real thing's and name the row they point at, so that they die with it.
fn write_cursor(id: &str) -> String {
    let hex = hex(id.as_bytes());
    format!("QVFIU{hex}ZD")
}

fn read_cursor(cursor: &str) -> Option<String> {
    let hex = cursor.strip_prefix("QVFIU")?.strip_suffix("ZD")?;
    let digit = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(digit).collect();
    String::from_utf8(bytes?).ok()
}
