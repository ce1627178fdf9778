//! The files that pages need, carried by the program. In: a name. Out: the file. Their names change with their contents,
//! so that browsers may keep them.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

/// Stylesheet of the NHS.UK frontend (`assets/README.md`).
const NHSUK: &str = include_str!("assets/nhsuk-frontend-10.6.1.min.css");
const STYLE: &str = include_str!("assets/console.css");
const SCRIPT: &str = include_str!("assets/console.js");
const ICON: &str = include_str!("assets/icon.svg");

const CSS: &str = "text/css; charset=utf-8";

pub(super) async fn asset(Path(name): Path<String>) -> Response {
    // A version may stand between name and ending, so that a newer one is fetched.
    let (kind, contents) = match name.as_str() {
        "nhsuk-frontend-10.6.1.min.css" => (CSS, NHSUK),
        "icon.svg" => ("image/svg+xml", ICON),
        name if name == own("console", "css") => (CSS, STYLE),
        name if name == own("console", "js") => ("text/javascript; charset=utf-8", SCRIPT),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    ([(header::CONTENT_TYPE, kind)], contents).into_response()
}

/// The name of a file of our own, with this program's version in it.
pub(super) fn own(name: &str, ending: &str) -> String {
    let length = if ending == "js" { SCRIPT.len() } else { STYLE.len() };
    format!("{name}-{}-{length}.{ending}", env!("CARGO_PKG_VERSION"))
}
