//! Search over everything that was read. In: words and filters. Out: a page of comments, newest first. A comment in which
//! no rule found anything can be taken up here: it then has a number and waits for a decision like any other.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Console;
use super::door::{Fields, Posted, Visitor};
use super::page::{Frame, Place, Problem, page};
use super::text::when;
use crate::comment::Platform;
use crate::digest::{Settings, category_name};
use crate::dossier::{decided_word, visible};
use crate::lexicon::Category;
use crate::store::{Found, Hit, Role, Search, State as Standing};

/// Hits of a page.
const ROWS: usize = 25;
/// More of a comment is on its own page, in characters.
const LONGEST: usize = 300;

struct Row {
    number: Option<i64>,
    /// The comment's row, where it has no number yet.
    comment: i64,
    author: String,
    place: &'static str,
    when: String,
    text: String,
    /// What was found in it.
    title: String,
    state: Option<String>,
    can_take_up: bool,
}

/// An option of a list: its name in addresses, what people read, whether it is chosen.
struct Choice {
    id: &'static str,
    title: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "console/search.html")]
struct Page {
    frame: Frame,
    words: String,
    entry: String,
    from: String,
    to: String,
    platforms: Vec<Choice>,
    categories: Vec<Choice>,
    states: Vec<Choice>,
    wrong: Vec<String>,
    searched: bool,
    rows: Vec<Row>,
    next: Option<String>,
}

pub(super) async fn search(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    visitor.must(Role::Reviewer)?;
    let query = query.unwrap_or_default();
    let fields = Fields::parse(query.as_bytes());
    let settings = console.words();
    let (search, wrong) = asked(&fields, &settings.zone);
    let found = if wrong.is_empty() { console.store().search(search.clone(), ROWS).await? } else { Found::default() };
    let next = found.next.map(|next| next_page(&query, next));
    page(&Page {
        frame: Frame::new(&console, &visitor, Place::Search, "Search"),
        words: fields.one("words").to_owned(),
        entry: fields.one("entry").to_owned(),
        from: fields.one("from").to_owned(),
        to: fields.one("to").to_owned(),
        platforms: choices(Platform::ALL.map(|one| (one.id(), one.name().to_owned())), fields.one("platform")),
        categories: choices(Category::ALL.map(|one| (one.id(), category_name(one).to_owned())), fields.one("category")),
        states: choices(Standing::ALL.map(|one| (one.id(), title(one).to_owned())), fields.one("state")),
        wrong,
        searched: !query.is_empty(),
        rows: found.hits.iter().map(|hit| row(hit, &settings)).collect(),
        next,
    })
}

fn title(state: Standing) -> &'static str {
    match state {
        Standing::Open => "not decided",
        Standing::Decided => "decided by a person",
        Standing::Restored => "shown again by a person",
        Standing::Hidden => "hidden at the platform",
        Standing::Gone => "gone from the platform",
        Standing::Unremarked => "nothing was found in it",
    }
}

fn choices<const N: usize>(all: [(&'static str, String); N], chosen: &str) -> Vec<Choice> {
    all.into_iter().map(|(id, title)| Choice { id, title, chosen: id == chosen }).collect()
}

/// What is searched for, and what of it makes no sense.
fn asked(fields: &Fields, zone: &TimeZone) -> (Search, Vec<String>) {
    let mut wrong = Vec::new();
    let mut day = |name: &str, next: bool| {
        let text = fields.one(name);
        if text.is_empty() {
            return None;
        }
        let day = text.parse::<Date>().ok().and_then(|day| if next { day.tomorrow().ok() } else { Some(day) });
        let at = day.and_then(|day| day.to_zoned(zone.clone()).ok()).map(|zoned| zoned.timestamp());
        if at.is_none() {
            wrong.push(format!("“{}” is no day. Write it as 2026-11-22.", visible(text)));
        }
        at
    };
    let (from, to) = (day("from", false), day("to", true));
    let some = |name: &str| Some(fields.one(name)).filter(|text| !text.is_empty());
    let search = Search {
        words: words(fields.one("words")),
        platform: some("platform").and_then(Platform::from_id),
        category: some("category").and_then(Category::from_id),
        entry: some("entry").map(str::to_owned),
        state: some("state").and_then(Standing::from_id),
        from,
        to,
        before: some("before").and_then(|before| before.parse().ok()),
    };
    (search, wrong)
}

/// Words apart; what stands in quotation marks stays together.
fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace(['“', '”'], "\"");
    let parts = text.split('"').enumerate();
    let words = parts.flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.trim().to_owned()],
    });
    words.filter(|word| !word.is_empty()).take(20).collect()
}

fn next_page(query: &str, next: i64) -> String {
    let kept = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "before");
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair("before", &next.to_string())
        .finish();
    format!("/search?{query}")
}

fn row(hit: &Hit, settings: &Settings) -> Row {
    let state = match (hit.decided, hit.gone, hit.hidden) {
        (Some(what), ..) => Some(decided_word(what).to_owned()),
        (None, Some(gone), _) => Some(format!("gone since {}", when(gone, settings))),
        (None, None, true) => Some("hidden".to_owned()),
        (None, None, false) => None,
    };
    let author = hit.author.name.as_ref().map(|name| visible(name.expose()));
    Row {
        number: hit.number,
        comment: hit.row,
        author: author.filter(|_| hit.erased.is_none()).unwrap_or_else(|| "not known".to_owned()),
        place: hit.page.platform.name(),
        when: when(hit.at, settings),
        text: short(hit),
        title: found(&hit.categories),
        state,
        can_take_up: hit.number.is_none() && hit.gone.is_none() && hit.erased.is_none() && hit.judged,
    }
}

/// What was found, as a heading; of a picture, or where a person took it up, nothing.
fn found(categories: &[Category]) -> String {
    let names: Vec<&str> = categories.iter().map(|&category| category_name(category)).collect();
    let mut letters = if names.is_empty() { "no finding".to_owned() } else { names.join(", ") };
    if let Some(first) = letters.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    letters
}

fn short(hit: &Hit) -> String {
    if hit.erased.is_some() {
        return "(erased)".to_owned();
    }
    if hit.text.is_blank() {
        return "(no words)".to_owned();
    }
    let text = hit.text.expose();
    let cut: String = text.chars().take(LONGEST).collect();
    let more = if cut.len() < text.len() { " …" } else { "" };
    format!("{}{more}", visible(&cut))
}

/// Makes an incident of a comment that no rule had anything to say about.
pub(super) async fn take_up(
    State(console): State<Arc<Console>>,
    Path(row): Path<i64>,
    posted: Posted,
) -> Result<Response, Problem> {
    let Posted { visitor, .. } = posted;
    visitor.must(Role::Reviewer)?;
    let who = visitor.user.full_name.clone();
    let number = console.store().take_up(row, who, console.now()).await?;
    let number = number.ok_or_else(|| {
        Problem::Odd("This comment was never judged, because it was there before the watch began, or it is gone. Nothing was changed; do what is needed in the app.".to_owned())
    })?;
    Ok(Redirect::to(&format!("/incident/{number}?taken=yes")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn words_in_quotation_marks_stay_together() {
        let check = |text: &str, want: &[&str]| assert_eq!(words(text), want, "{text}");
        check("Worst  surgery", &["worst", "surgery"]);
        check("\"Worst surgery\" ever", &["worst surgery", "ever"]);
        check("“front desk” \"open", &["front desk", "open"]);
        check(" \"\" ", &[]);
    }

    #[test]
    fn a_day_that_is_none_is_told_and_both_days_are_included() {
        let asked = |query: &str| asked(&Fields::parse(query.as_bytes()), &TimeZone::UTC);
        let (search, wrong) = asked("from=2026-11-02&to=2026-11-03");
        assert!(wrong.is_empty());
        assert_eq!(search.from, "2026-11-02T00:00:00Z".parse::<Timestamp>().ok());
        assert_eq!(search.to, "2026-11-04T00:00:00Z".parse::<Timestamp>().ok());
        let (_, wrong) = asked("from=yesterday&to=2026-02-30");
        assert_eq!(wrong.len(), 2);
        assert!(wrong[0].contains("“yesterday” is no day"), "{wrong:?}");
    }

    #[test]
    fn the_next_page_keeps_what_was_asked() {
        assert_eq!(
            next_page("words=front+desk&before=9&state=open", 4),
            "/search?words=front+desk&state=open&before=4"
        );
    }
}
