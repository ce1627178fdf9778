//! What every page has: its frame, and what is said when something is not right. In: a template, a problem. Out: an
//! answer. Not here: any one page.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use tracing::error;

use super::door::Visitor;
use super::{Console, assets};
use crate::store::{self, Mode, Role, User};

/// What stands around every page.
pub(super) struct Frame {
    /// The page's own title.
    pub(super) title: String,
    pub(super) practice: String,
    /// The menu's entry that the page belongs to.
    pub(super) place: Place,
    /// Who is signed in.
    pub(super) user: Option<User>,
    /// What forms must carry.
    pub(super) csrf: String,
    pub(super) observe: bool,
}

/// An entry of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Queue,
    Search,
    Digests,
    Words,
    Health,
    /// None of them.
    Elsewhere,
}

impl Place {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Queue => "Queue",
            Self::Search => "Search",
            Self::Digests => "Digests",
            Self::Words => "Words",
            Self::Health => "Health",
            Self::Elsewhere => "",
        }
    }

    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Queue | Self::Elsewhere => "/",
            Self::Search => "/search",
            Self::Digests => "/digests",
            Self::Words => "/words",
            Self::Health => "/health",
        }
    }
}

impl Frame {
    pub(super) fn new(console: &Console, visitor: &Visitor, place: Place, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            practice: console.words().practice,
            place,
            user: Some(visitor.user.clone()),
            csrf: visitor.csrf.clone(),
            observe: console.parts.mode == Mode::Observe,
        }
    }

    /// For pages that need nobody signed in.
    pub(super) fn outside(practice: String, title: impl Into<String>) -> Self {
        let (user, csrf) = (None, String::new());
        Self { title: title.into(), practice, place: Place::Elsewhere, user, csrf, observe: false }
    }

    pub(super) fn menu(&self) -> Vec<Place> {
        if self.user.is_none() {
            return Vec::new();
        }
        let reviewer = self.user.as_ref().is_some_and(|user| user.role >= Role::Reviewer);
        let mut menu = vec![Place::Queue];
        menu.extend(reviewer.then_some(Place::Search));
        menu.push(Place::Digests);
        menu.extend(reviewer.then_some(Place::Words));
        menu.push(Place::Health);
        menu
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    pub(super) fn style(&self) -> String {
        assets::own("console", "css")
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    pub(super) fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    pub(super) fn script(&self) -> String {
        assets::own("console", "js")
    }
}

/// A page from its template.
pub(super) fn page(template: &impl Template) -> Result<Response, Problem> {
    page_with(StatusCode::OK, template)
}

/// The same with another status.
pub(super) fn page_with(status: StatusCode, template: &impl Template) -> Result<Response, Problem> {
    let html = template.render().map_err(|error| {
        error!(error = %error, "a page could not be rendered");
        Problem::Broken
    })?;
    Ok((status, Html(html)).into_response())
}

/// Why a request gets another page than it asked for.
#[derive(Debug)]
pub(super) enum Problem {
    /// Nobody is signed in; where they wanted to go, if that can be gone to later.
    SignedOut(Option<String>),
    /// Their role does not allow it; this one would.
    Forbidden(Role),
    /// It came from a page that is not ours, or from one that is too old.
    Forged,
    /// It names another host.
    WrongHost,
    /// The form is too long.
    TooLong,
    /// There is no such thing: what was looked for.
    Nowhere(String),
    /// Something in the form or address makes no sense: what, and what to do.
    Odd(String),
    /// The store failed.
    Store(store::Error),
    /// The system has no random numbers.
    NoRandom,
    /// Our own mistake.
    Broken,
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

#[derive(Template)]
#[template(path = "console/problem.html")]
struct ProblemPage {
    frame: Frame,
    says: Vec<String>,
}

impl Problem {
    fn words(&self) -> (StatusCode, &'static str, Vec<String>) {
        let say = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect();
        match self {
            Self::SignedOut(_) => (
                StatusCode::UNAUTHORIZED,
                "You are signed out",
                say(&[
                    "You had been signed out before this was sent, so nothing was changed.",
                    "Sign in, and do it again.",
                ]),
            ),
            Self::Forbidden(role) => (
                StatusCode::FORBIDDEN,
                "Your account may not do this",
                vec![
                    format!("This needs the role “{}”. Nothing was changed.", role.id()),
                    "Whoever looks after Chaperone at your practice can give you another role.".to_owned(),
                ],
            ),
            Self::Forged => (
                StatusCode::FORBIDDEN,
                "This page was too old, or came from elsewhere",
                say(&[
                    "Nothing was changed.",
                    "It happens when you signed in again in another tab. Go back, reload the page and do it again.",
                ]),
            ),
            Self::WrongHost => (
                StatusCode::MISDIRECTED_REQUEST,
                "This is not the address of Chaperone",
                say(&[
                    "Use the address that stands in the digest, or ask whoever looks after Chaperone: it is public_url in section [console].",
                ]),
            ),
            Self::TooLong => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "That was too much at once",
                say(&["Nothing was changed. What you send may be two megabytes long."]),
            ),
            Self::Nowhere(what) => (
                StatusCode::NOT_FOUND,
                "Page not found",
                vec![format!("There is no {what}."), "If you typed the address, check that it is right.".to_owned()],
            ),
            Self::Odd(what) => (StatusCode::BAD_REQUEST, "Something is missing", vec![what.clone()]),
            Self::Store(error) => {
                error!(error = %error, "the console could not use the store");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The store does not answer",
                    say(&[
                        "Nothing was changed, as far as we know. Look again in a minute.",
                        "If it stays like this, tell whoever looks after Chaperone: the journal says what is wrong.",
                    ]),
                )
            }
            Self::NoRandom | Self::Broken => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong on our side",
                say(&[
                    "Go back and try again. If it stays like this, tell whoever looks after Chaperone: the journal says what is wrong.",
                ]),
            ),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if let Self::SignedOut(Some(back)) = &self {
            let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", back).finish();
            let path = if back == "/" { "/sign-in".to_owned() } else { format!("/sign-in?{query}") };
            return Redirect::to(&path).into_response();
        }
        let (status, title, says) = self.words();
        let body = ProblemPage { frame: Frame::outside(String::new(), title), says };
        match body.render() {
            Ok(html) => (status, Html(html)).into_response(),
            Err(_) => (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], title).into_response(),
        }
    }
}

/// An address that leads nowhere; whoever is not signed in learns nothing from it.
pub(super) async fn nowhere(State(_): State<Arc<Console>>, _: Visitor) -> Problem {
    Problem::Nowhere("such page".to_owned())
}
