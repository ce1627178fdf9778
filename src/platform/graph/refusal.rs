//! What Graph's refusals mean. In: status, headers and body of an answer. Out: the error by what the caller does next.
//! Codes decide, never messages, which change and are translated (facebook.md section 11).

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::comment::PageKey;
use crate::platform::http::{self, Fault};
use crate::platform::{Error, wire};

/// What the call was meant to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    Read,
    Write,
}

/// The parts of a refusal that can be relied on, and those that merely help.
#[derive(Debug, Default)]
struct Refusal {
    code: i64,
    subcode: i64,
    transient: bool,
    status: u16,
}

/// What an answer refuses, if it does; a 200 may still be a failure.
pub(super) fn refusal(
    page: &PageKey,
    intent: Intent,
    status: u16,
    headers: &HeaderMap,
    body: Option<&Value>,
    regain: Option<Duration>,
) -> Option<Error> {
    let page = page.clone();
    // The longer wait wins: an answer may carry both.
    let asked = http::longer(regain, http::retry_after(headers));
    let Some(body) = body else {
        return Some(match status {
            429 => Error::Throttled { page, wait: asked.unwrap_or(SHORT) },
            // Something in between that is closed for a while and says for how long.
            503 if asked.is_some() => Error::Throttled { page, wait: asked.unwrap_or(SHORT) },
            404 if intent == Intent::Read => Error::NotFound { page, code: 404 },
            _ => Error::Transient { page, source: Fault::NotJson { status } },
        });
    };
    if let Some(error) = body.get("error").filter(|error| !error.is_null() && **error != Value::Bool(false)) {
        let told = Refusal {
            code: wire::number(error, "code").unwrap_or_else(|| hinted(headers)),
            subcode: wire::number(error, "error_subcode").or_else(|| wire::number(error, "subcode")).unwrap_or(0),
            transient: wire::flag(error, "is_transient").unwrap_or(false),
            status,
        };
        return Some(meaning(page, intent, &told, asked));
    }
    if wire::flag(body, "success") == Some(false) {
        return Some(Error::Refused { page, code: 0 });
    }
    match status {
        200..=299 => None,
        429 => Some(Error::Throttled { page, wait: asked.unwrap_or(SHORT) }),
        404 if intent == Intent::Read => Some(Error::NotFound { page, code: 404 }),
        _ => Some(meaning(page, intent, &Refusal { code: hinted(headers), status, ..Refusal::default() }, asked)),
    }
}

/// Back-off where the platform names no time.
const SHORT: Duration = Duration::from_secs(5 * 60);
/// For limits over a rolling hour: calls made while throttled lengthen the block.
const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);
/// For a spent page or account budget (instagram.md section 8).
const AN_HOUR: Duration = Duration::from_secs(60 * 60);

/// A code for an error body without one: `WWW-Authenticate` names the kind. Zero where it does not.
fn hinted(headers: &HeaderMap) -> i64 {
    let told = headers.get("www-authenticate").and_then(|value| value.to_str().ok()).unwrap_or_default();
    match told {
        _ if told.contains("invalid_token") => 190,
        _ if told.contains("insufficient_scope") => 10,
        _ => 0,
    }
}

fn meaning(page: PageKey, intent: Intent, told: &Refusal, asked: Option<Duration>) -> Error {
    let Refusal { code, subcode, .. } = *told;
    let throttled = |rule: Duration| Error::Throttled { page: page.clone(), wait: asked.unwrap_or(rule) };
    match (code, subcode) {
        (_, 2_446_079) | (4 | 17 | 32 | 341, _) => throttled(HALF_AN_HOUR),
        (613, _) => throttled(SHORT),
        (368 | 9, _) if intent == Intent::Write => Error::WritesBlocked { page, code },
        (368 | 9 | 80_000..=80_014, _) => throttled(AN_HOUR),
        (190 | 102, _) => Error::Token { help: token_help(&page, subcode), page, code },
        (3 | 10 | 200..=299 | 1705, _) => Error::Permission { page, code, help: permission_help(code) },
        (100, 33) | (33 | 803, _) => Error::NotFound { page, code },
        _ if told.transient => passing(page, told),
        (100 | 506 | 2500, _) => Error::Refused { page, code },
        // "Reduce the amount of data" and a plain outage look alike; asking for less is right for both.
        (1, _) if intent == Intent::Read => Error::TooMuch { page },
        (2, _) if intent == Intent::Read && told.status == 500 => Error::TooMuch { page },
        (0, _) if told.status == 404 && intent == Intent::Read => Error::NotFound { page, code: 404 },
        _ => passing(page, told),
    }
}

fn passing(page: PageKey, told: &Refusal) -> Error {
    Error::Transient { page, source: Fault::Platform { code: told.code, status: told.status } }
}

fn token_help(page: &PageKey, subcode: i64) -> &'static str {
    let instagram = page.platform == crate::comment::Platform::Instagram;
    match subcode {
        459 => {
            "somebody who manages the page logs in at Facebook, clears the security check there, and authorises again"
        }
        464 => "the person who authorised confirms their Facebook account, then authorises again",
        492 => {
            "the person who authorised is no longer in charge of the page: give the role back, or let somebody who has it \
             authorise; a new token of the same person fails the same way"
        }
        458 => {
            "the app was removed from the account of the person who authorised: authorise again and replace the token file"
        }
        460 | 463 | 467 => {
            "the token has ended (password change, log-out or age): authorise again and replace the token file"
        }
        _ if instagram => {
            "check first that api_base fits the token (graph.instagram.com for a token of Instagram Login, \
             graph.facebook.com for a Facebook one); if it does, authorise again and replace the token file"
        }
        _ => "authorise again as somebody who manages the page, and replace the token file",
    }
}

fn permission_help(code: i64) -> &'static str {
    match code {
        3 => "the app at Meta lacks a capability: look at the app's permissions in its dashboard",
        1705 => "this is a person's token: put a Page token into the token file",
        210 => "use a Page token of somebody who may moderate the page",
        283 => "grant pages_read_user_content as well, with a new token: an old one does not gain it",
        _ => {
            "grant the permission again and replace the token file; a permission that was not used for 90 days lapses, \
             and an old token does not gain new ones"
        }
    }
}
