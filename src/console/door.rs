//! Who comes in. In: requests. Out: [`Visitor`], [`Posted`], or a [`Problem`](super::page::Problem). Here stand the checks
//! that every request passes: the host it names, the origin it comes from, the session, the form's token; and the headers
//! of every answer. Not here: passwords (`signin`).
//!
//! A browser holds a random token in a cookie; the store knows its hash. Forms carry a second one, derived from it.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use cookie::{Cookie, SameSite};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::Console;
use super::page::Problem;
use crate::store::{Role, User};

/// Bytes of a session's token.
const TOKEN: usize = 32;

/// Somebody who is signed in.
pub(super) struct Visitor {
    pub(super) user: User,
    /// What forms must carry.
    pub(super) csrf: String,
    /// What the store knows of the session.
    pub(super) session: [u8; 32],
}

impl Visitor {
    /// Whether they may do what this role may.
    pub(super) fn may(&self, role: Role) -> bool {
        self.user.role >= role
    }

    /// Refuses whoever may not do what this role may.
    pub(super) fn must(&self, role: Role) -> Result<(), Problem> {
        if self.may(role) { Ok(()) } else { Err(Problem::Forbidden(role)) }
    }
}

/// A form from a page of ours, by somebody who is signed in.
pub(super) struct Posted {
    pub(super) visitor: Visitor,
    pub(super) fields: Fields,
}

/// The fields of a form or of an address.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn parse(bytes: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// A field's text without space around it; empty where there is none.
    pub(super) fn one(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// A field's text as it was sent.
    pub(super) fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// All the numbers of this name, each once.
    pub(super) fn numbers(&self, name: &str) -> Vec<i64> {
        let mut numbers = Vec::new();
        for (_, value) in self.0.iter().filter(|(field, _)| field == name) {
            // Several may stand in one field: a page's address names what was just done.
            for number in value.split(',').filter_map(|number| number.trim().parse().ok()) {
                if !numbers.contains(&number) {
                    numbers.push(number);
                }
            }
        }
        numbers
    }
}

impl FromRequestParts<Arc<Console>> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Problem> {
        let back = if parts.method == Method::GET { Some(parts.uri.clone()) } else { None };
        let signed_out = || Problem::SignedOut(back.map(|uri| path_of(&uri)));
        let Some(token) = token(&parts.headers, console) else { return Err(signed_out()) };
        let session = session_of(&token);
        let known = console.store().session(session, console.parts.config.patience, console.now()).await?;
        let Some(known) = known else { return Err(signed_out()) };
        Ok(Self { user: known.user, csrf: csrf(&token), session })
    }
}

impl FromRequest<Arc<Console>> for Posted {
    type Rejection = Problem;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, console).await?;
        let fields = form(Request::from_parts(parts, body), console).await?;
        let same: bool = fields.raw("csrf").as_bytes().ct_eq(visitor.csrf.as_bytes()).into();
        if same { Ok(Self { visitor, fields }) } else { Err(Problem::Forged) }
    }
}

/// The fields of a posted form.
pub(super) async fn form(request: Request, console: &Arc<Console>) -> Result<Fields, Problem> {
    let bytes = Bytes::from_request(request, console).await.map_err(|_| Problem::TooLong)?;
    Ok(Fields::parse(&bytes))
}

fn path_of(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
}

/// Where somebody wanted to go before they had to sign in: a page of ours, or the first one.
pub(super) fn safe_path(path: &str) -> &str {
    let ours = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\t']);
    if ours && !path.starts_with("/sign-") { path } else { "/" }
}

/// A new token, in hex.
pub(super) fn new_token() -> Result<String, Problem> {
    let mut bytes = [0_u8; TOKEN];
    getrandom::fill(&mut bytes).map_err(|_| Problem::NoRandom)?;
    Ok(hex(&bytes))
}

/// What the store knows of a token.
pub(super) fn session_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// What forms of this session carry.
fn csrf(token: &str) -> String {
    hex(&Sha256::new().chain_update(b"chaperone form\0").chain_update(token.as_bytes()).finalize())
}

/// Bytes as letters and digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The cookie's name. Browsers do not tell ports apart, so several practices on one machine need several names; and where
/// there is a certificate, the prefix keeps every other host and every unencrypted page from setting it.
fn cookie_name(console: &Console) -> String {
    let port = console.listens().port();
    if is_encrypted(console) { format!("__Host-chaperone-{port}") } else { format!("chaperone-{port}") }
}

fn is_encrypted(console: &Console) -> bool {
    console.parts.config.public_url.scheme() == "https"
}

/// The header that gives a browser its token; an empty one takes it away.
pub(super) fn set_cookie(console: &Console, token: &str) -> Result<HeaderValue, Problem> {
    let mut cookie = Cookie::build((cookie_name(console), token.to_owned()))
        .path("/")
        .http_only(true)
        .secure(is_encrypted(console))
        // A link in a mail must find somebody signed in who is; what changes anything asks for the form's token.
        .same_site(SameSite::Lax);
    if token.is_empty() {
        cookie = cookie.max_age(cookie::time::Duration::ZERO);
    }
    HeaderValue::try_from(cookie.build().to_string()).map_err(|_| Problem::NoRandom)
}

fn token(headers: &HeaderMap, console: &Console) -> Option<String> {
    let name = cookie_name(console);
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut found = cookies.flat_map(Cookie::split_parse).filter_map(Result::ok).filter(|cookie| cookie.name() == name);
    let token = found.next()?.value().to_owned();
    (token.len() == TOKEN * 2 && token.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(token)
}

/// Stands before every page.
pub(super) async fn guard(State(console): State<Arc<Console>>, request: Request, next: Next) -> Response {
    let asset = request.uri().path().starts_with("/assets/");
    let mut response = match admit(&console, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    seal(&mut response, asset);
    response
}

/// A page elsewhere may bring a browser to send requests here: by a name of its own that leads to this machine, or by a
/// form. Neither gets in.
fn admit(console: &Console, request: &Request<Body>) -> Result<(), Problem> {
    let headers = request.headers();
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| request.uri().authority().map(axum::http::uri::Authority::as_str));
    if !host.is_some_and(|host| is_ours(console, host)) {
        return Err(Problem::WrongHost);
    }
    if request.method() == Method::GET || request.method() == Method::HEAD {
        return Ok(());
    }
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    let origin = text(&header::ORIGIN).map(|origin| {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        host.is_some_and(|host| is_ours(console, host))
    });
    let site = text(&HeaderName::from_static("sec-fetch-site")).map(|site| matches!(site, "same-origin" | "none"));
    if origin.or(site).unwrap_or(true) { Ok(()) } else { Err(Problem::Forged) }
}

/// Whether a request names the address that the console listens on, which no proxy passes on for others.
pub(super) fn is_this_machine(console: &Console, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.is_some_and(|host| is_local(console, host))
}

fn is_local(console: &Console, host: &str) -> bool {
    let listens = console.listens();
    host == listens.to_string() || host.eq_ignore_ascii_case(&format!("localhost:{}", listens.port()))
}

fn is_ours(console: &Console, host: &str) -> bool {
    let url = &console.parts.config.public_url;
    let public = url.host_str().map(|name| match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    });
    public.is_some_and(|public| public.eq_ignore_ascii_case(host)) || is_local(console, host)
}

/// Nothing from elsewhere, in no frame, kept by no browser.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

fn seal(response: &mut Response, asset: bool) {
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A mail shown as it was sent has styles of its own, and says so.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    let keep = if asset { "private, max-age=604800, immutable" } else { "no-store" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_nobody_is_sent_elsewhere() {
        let check = |path: &str, want: &str| assert_eq!(safe_path(path), want, "{path}");
        check("/incident/43", "/incident/43");
        check("/search?words=queue", "/search?words=queue");
        for path in
            ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nb", "/sign-out", "javascript:1"]
        {
            check(path, "/");
        }
    }

    #[test]
    fn numbers_are_read_from_boxes_and_from_lists_each_once() {
        let fields = Fields::parse(b"n=3&n=7&n=3&n=x&done=5%2C6&why=+so+");
        assert_eq!(fields.numbers("n"), [3, 7]);
        assert_eq!(fields.numbers("done"), [5, 6]);
        assert_eq!(fields.one("why"), "so");
        assert_eq!(fields.one("none"), "");
    }

    #[test]
    fn a_forms_token_says_nothing_of_the_sessions() {
        let token = new_token().expect("random");
        assert_eq!(token.len(), 64);
        assert_ne!(csrf(&token), token);
        assert_ne!(csrf(&token), csrf(&new_token().expect("random")));
        assert_ne!(hex(&session_of(&token)), csrf(&token));
    }
}
