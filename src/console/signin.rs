//! Signing in and out. In: a name and a password. Out: a session's cookie, or why not; the same words for a wrong name and
//! a wrong password, after the same time. Not here: what a signed-in person may do (`door`).

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use secrecy::SecretString;
use tracing::{info, warn};

use super::door::{self, Fields, Posted, safe_path};
use super::page::{Frame, Problem, page, page_with};
use super::{Console, password};
use crate::clock::SignedDuration;

#[derive(Template)]
#[template(path = "console/sign-in.html")]
struct Page {
    frame: Frame,
    /// Where to go afterwards.
    next: String,
    name: String,
    /// Why the last attempt did not succeed.
    refused: Option<String>,
    signed_out: bool,
}

pub(super) async fn form(State(console): State<Arc<Console>>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let next = safe_path(fields.one("next")).to_owned();
    let signed_out = fields.one("signed-out") == "yes";
    page(&Page { frame: frame(&console), next, name: String::new(), refused: None, signed_out })
}

fn frame(console: &Console) -> Frame {
    Frame::outside(console.words().practice, "Sign in")
}

pub(super) async fn sign_in(State(console): State<Arc<Console>>, request: Request) -> Result<Response, Problem> {
    let fields = door::form(request, &console).await?;
    let next = safe_path(fields.one("next")).to_owned();
    let name: String = fields.one("name").to_lowercase().chars().take(64).collect();
    let secret = SecretString::from(fields.raw("password").to_owned());
    let refuse = |status, why: String| {
        let name = name.clone();
        page_with(
            status,
            &Page { frame: frame(&console), next: next.clone(), name, refused: Some(why), signed_out: false },
        )
    };
    if let Some(wait) = console.throttle().wait(&name, console.now()) {
        warn!("a sign-in was refused: too many wrong passwords for one name");
        return refuse(StatusCode::TOO_MANY_REQUESTS, waits(wait));
    }
    console.throttle().attempt(&name, console.now());
    if !check(&console, name.clone(), secret).await? {
        info!("somebody gave a wrong name or password");
        return refuse(StatusCode::FORBIDDEN, WRONG.to_owned());
    }
    console.throttle().succeeded(&name);
    let token = door::new_token()?;
    let patience = console.parts.config.patience;
    console.store().begin_session(door::session_of(&token), name, patience, console.now()).await?;
    info!("somebody signed in");
    Ok(([(header::SET_COOKIE, door::set_cookie(&console, &token)?)], Redirect::to(&next)).into_response())
}

const WRONG: &str = "The name or the password is not right.";

fn waits(wait: SignedDuration) -> String {
    let seconds = wait.as_secs().max(1);
    let time = match (seconds, (seconds + 59) / 60) {
        (1, _) => "1 second".to_owned(),
        (seconds @ ..60, _) => format!("{seconds} seconds"),
        (_, 1) => "1 minute".to_owned(),
        (_, minutes) => format!("{minutes} minutes"),
    };
    format!(
        "There were too many wrong passwords. Try again in {time}. If you have forgotten it, whoever looks after Chaperone can give you a new one."
    )
}

/// Hashing takes its time, on a thread of its own and one at a time.
async fn check(console: &Console, name: String, secret: SecretString) -> Result<bool, Problem> {
    let known = console.store().user(name).await?;
    let _turn = console.hashing.acquire().await.map_err(|_| Problem::Broken)?;
    let hash = known.map(|(_, hash)| hash);
    tokio::task::spawn_blocking(move || password::is_right(&secret, hash.as_deref())).await.map_err(|_| Problem::Broken)
}

pub(super) async fn sign_out(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Problem> {
    console.store().end_session(posted.visitor.session).await?;
    let cookie = door::set_cookie(&console, "")?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/sign-in?signed-out=yes")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_words() {
        let told = |seconds| waits(SignedDuration::from_secs(seconds));
        assert!(told(1).contains("in 1 second."));
        assert!(told(29).contains("in 29 seconds."));
        assert!(told(60).contains("in 1 minute."));
        assert!(told(61).contains("in 2 minutes."));
        assert!(told(900).contains("in 15 minutes."));
    }
}
