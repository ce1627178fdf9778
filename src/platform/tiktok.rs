//! TikTok through the Business API, v1.3 (tiktok.md). In: what to list, read or do. Out: our own nouns and errors by what
//! the caller does. An answer's `code` counts, its HTTP status hardly. Tokens last a day and are refreshed here.
//! Not here: what to list when (`cursor`), consent, webhooks, deleting other people's comments, which no call can do.

use std::sync::Mutex;
use std::time::Duration;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::cursor::{Answer, PostListing, Request};
use super::http::{self, Body, Call, Fault, Meter, Pace, Reply, Shared, lock};
use super::specimen::Asked;
use super::tokens::{Pair, Tokens};
use super::{
    Act, Capabilities, ConnectError, Error, Probe, Receipt, Seen, Settings, Target, clock_probe, deadline_probe, wire,
};
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::{
    Attachment, Author, AuthorId, Comment, CommentId, CommentKind, CommentText, PageKey, PersonName, Post, PostId,
    PostKind,
};

/// One account's connection.
pub struct Client {
    page: PageKey,
    base: Url,
    app: Option<App>,
    shared: Shared,
    hands: Mutex<Hands>,
    /// Held over a refresh: two at once would spend the same refresh token twice (tiktok.md section 2.3).
    refreshing: tokio::sync::Mutex<()>,
}

/// The developer app.
struct App {
    id: String,
    secret: SecretString,
}

/// What changes between calls.
struct Hands {
    tokens: Tokens,
    meter: Meter,
    refresh_tried: Option<Timestamp>,
    deadline: Option<Timestamp>,
}

/// A good answer.
struct Good {
    data: Value,
    trace: Option<String>,
    date: Option<Timestamp>,
}

const VIDEO_LIST: &str = "business/video/list";
const COMMENT_LIST: &str = "business/comment/list";
const REPLY_LIST: &str = "business/comment/reply/list";
const REFRESH: &str = "tt_user/oauth2/refresh_token";
/// Longest reply that every copy of the documentation allows (tiktok.md section 4.6).
const REPLY_CHARS: usize = 150;
/// Beyond so many comments the platform leaves the order asked for (tiktok.md section 4.2).
const SORTED: u64 = 500;
/// A refresh that failed is not tried again sooner.
const REFRESH_AGAIN: SignedDuration = SignedDuration::from_mins(5);

impl Client {
    /// Makes a connection; sends nothing.
    pub fn new(settings: Settings, shared: Shared) -> Result<Self, ConnectError> {
        let page = settings.key;
        let trimmed = |secret: SecretString| SecretString::from(secret.expose_secret().trim().to_owned());
        let app = settings.app_id.zip(settings.app_secret).map(|(id, secret)| App { id, secret: trimmed(secret) });
        let missing = |what| ConnectError::Missing { page: page.clone(), what };
        match (&settings.refresh_token, &settings.token) {
            (None, None) => return Err(missing("a refresh token")),
            (Some(_), _) if app.is_none() => return Err(missing("an app_id and an app secret")),
            _ => {}
        }
        let pair = Pair {
            access: settings.token.map(trimmed),
            access_from: None,
            access_until: None,
            refresh: settings.refresh_token.map(trimmed),
            refresh_until: None,
        };
        let tokens = Tokens::open(pair, settings.state_dir.as_deref(), &page)
            .map_err(|source| ConnectError::TokenFile { page: page.clone(), source })?;
        let deadline = tokens.pair.refresh_until;
        let hands = Hands { tokens, meter: Meter::default(), refresh_tried: None, deadline };
        Ok(Self {
            page,
            base: settings.api_base,
            app,
            shared,
            hands: Mutex::new(hands),
            refreshing: tokio::sync::Mutex::new(()),
        })
    }

    /// Which account this is.
    pub fn page(&self) -> &PageKey {
        &self.page
    }

    /// What TikTok can do: other people's comments can be hidden, never deleted (tiktok.md section 4.5).
    pub fn capabilities(&self) -> Capabilities {
        Capabilities { hide: true, delete: false, visitor_posts: false, reply_chars: Some(REPLY_CHARS) }
    }

    /// How fast to go; TikTok tells no usage, so this knows of throttling only.
    pub fn pace(&self, now: Timestamp) -> Pace {
        lock(&self.hands).meter.pace(now)
    }

    /// The clock went back by so much, to `now`.
    pub fn clock_went_back(&self, by: SignedDuration, now: Timestamp) {
        lock(&self.hands).meter.clock_went_back(by, now);
    }

    /// When a person has to consent again: refreshing does not restart the year (tiktok.md section 2.3).
    pub fn token_deadline(&self) -> Option<Timestamp> {
        lock(&self.hands).deadline
    }

    /// Makes one listing call.
    pub async fn fetch(&self, request: &Request, now: Timestamp) -> Result<Answer, Error> {
        match request {
            Request::Posts { after, .. } => self.fetch_videos(after.as_deref(), now).await,
            Request::Comments { post, after } => {
                let mut parameters = vec![("video_id", post.to_string()), ("include_replies", "true".to_owned())];
                parameters.extend(newest_first(after.as_deref()));
                let good = self.get(COMMENT_LIST, parameters, now).await?;
                Ok(comments(&good.data, post, None, after.as_deref()))
            }
            Request::Replies { post, comment, after } => {
                let mut parameters = vec![("video_id", post.to_string()), ("comment_id", comment.to_string())];
                parameters.extend(newest_first(after.as_deref()));
                let good = self.get(REPLY_LIST, parameters, now).await?;
                Ok(comments(&good.data, post, Some(comment), after.as_deref()))
            }
        }
    }

    /// Reads one comment or reply as it stands, through the listing of its video.
    pub async fn read(&self, target: &Target, now: Timestamp) -> Result<Seen, Error> {
        let ids: Vec<&str> =
            [Some(&target.comment), target.parent.as_ref()].into_iter().flatten().map(CommentId::as_str).collect();
        let parameters = vec![("video_id", target.post.to_string()), ("comment_ids", json!(ids).to_string())];
        let good = self.get(COMMENT_LIST, parameters, now).await?;
        if !good.data["comments"].is_array() {
            return Err(self.incomplete("a list"));
        }
        let mut answer = comments(&good.data, &target.post, None, None);
        if let Some(at) = answer.comments.iter().position(|comment| comment.id == target.comment) {
            return Ok(Seen::Present(Box::new(answer.comments.swap_remove(at))));
        }
        if answer.malformed > 0 {
            return Err(self.incomplete("a readable comment"));
        }
        let above = target.parent.as_ref().and_then(|id| answer.comments.iter().find(|comment| comment.id == *id));
        match above {
            // The replies of a hidden comment cannot be listed: not seeing one proves nothing (tiktok.md section 4.3).
            Some(above) if above.hidden => Err(Error::NotFound { page: self.page.clone(), code: 0 }),
            Some(above) => self.read_reply(target, &above.id, now).await,
            // The video was read without an error, so what it does not list is gone.
            None => Ok(Seen::Gone),
        }
    }

    /// Looks for a reply among its comment's newest, should the listing by ids leave replies out.
    async fn read_reply(&self, target: &Target, above: &CommentId, now: Timestamp) -> Result<Seen, Error> {
        let request = Request::Replies { post: target.post.clone(), comment: above.clone(), after: None };
        let answer = self.fetch(&request, now).await?;
        let found = answer.comments.into_iter().find(|comment| comment.id == target.comment);
        match found {
            Some(comment) => Ok(Seen::Present(Box::new(comment))),
            None if answer.next.is_some() || answer.malformed > 0 => Err(self.incomplete("the reply among the newest")),
            None => Ok(Seen::Gone),
        }
    }

    /// Does one thing to one comment.
    pub async fn act(&self, target: &Target, act: &Act, now: Timestamp) -> Result<Receipt, Error> {
        let video = target.post.as_str();
        let comment = target.comment.as_str();
        let hide = |action| json!({"video_id": video, "comment_id": comment, "action": action});
        match act {
            Act::Hide => self.post("business/comment/hide", hide("HIDE"), now).await,
            Act::Unhide => self.post("business/comment/hide", hide("UNHIDE"), now).await,
            Act::Delete => self.delete_own(target, now).await,
            Act::Reply(text) if text.expose().chars().count() > REPLY_CHARS => self.refuse(40_002),
            Act::Reply(text) => {
                let to = target.parent.as_ref().map_or(comment, CommentId::as_str);
                let body = json!({"video_id": video, "comment_id": to, "text": text.expose()});
                self.post("business/comment/reply/create", body, now).await
            }
        }
    }

    /// Refreshes the tokens when half their life is over.
    pub async fn maintain(&self, now: Timestamp) -> Result<(), Error> {
        if self.refresh_due(now) { self.refresh(None, now).await } else { Ok(()) }
    }

    /// The account's shown name.
    pub async fn name(&self, now: Timestamp) -> Result<Option<String>, Error> {
        let good = self.account(now).await?;
        Ok(["display_name", "username"].iter().find_map(|key| wire::text(&good.data, key)).map(str::to_owned))
    }

    /// Looks at tokens, scopes, account, reading and clock.
    pub async fn probe(&self, now: Timestamp) -> Vec<Probe> {
        let mut found = Vec::new();
        if let Err(error) = self.maintain(now).await {
            found.push(Probe::failed("token", &error));
            return found;
        }
        found.extend(self.probe_scopes(now).await);
        match self.account(now).await {
            Ok(good) => {
                found.push(Probe::good(
                    "account",
                    format!("reads as \"{}\"", wire::text(&good.data, "username").unwrap_or("?")),
                ));
                found.extend(clock_probe(good.date, now));
            }
            Err(error) => found.push(Probe::failed("account", &error)),
        }
        found.push(match self.fetch_videos(None, now).await {
            Ok(answer) if answer.posts.is_empty() => {
                let help = "if the account has public videos, authorise again with the list of videos ticked";
                Probe::bad("videos", "none are listed", help)
            }
            Ok(answer) => Probe::good("videos", format!("{} listed", answer.posts.len())),
            Err(error) => Probe::failed("videos", &error),
        });
        found.push(Probe::good(
            "actions",
            "hide and reply; deleting other people's comments is left to people in the app",
        ));
        if !lock(&self.hands).tokens.kept() {
            let help = "give the daemon a state directory, or a refreshed token is lost with the next restart";
            found.push(Probe::bad("token file", "refreshed tokens are not kept", help));
        }
        if let Some(until) = self.token_deadline() {
            let help = "somebody with the account has to consent again before that day";
            found.push(deadline_probe("consent", until, now, help));
        }
        found
    }

    async fn fetch_videos(&self, after: Option<&str>, now: Timestamp) -> Result<Answer, Error> {
        let fields = json!(["item_id", "create_time", "caption", "share_url", "comments", "media_type"]).to_string();
        let mut parameters = vec![("fields", fields), ("max_count", "20".to_owned())];
        parameters.extend(after.map(|cursor| ("cursor", cursor.to_owned())));
        let good = self.get(VIDEO_LIST, parameters, now).await?;
        Ok(videos(&good.data))
    }

    async fn account(&self, now: Timestamp) -> Result<Good, Error> {
        self.get("business/get", vec![("fields", json!(["username", "display_name"]).to_string())], now).await
    }

    /// Only the account's own comments can be deleted, so that is looked at first.
    async fn delete_own(&self, target: &Target, now: Timestamp) -> Result<Receipt, Error> {
        match self.read(target, now).await? {
            Seen::Present(comment) if comment.by_page => {
                self.post("business/comment/delete", json!({"comment_id": target.comment.as_str()}), now).await
            }
            Seen::Present(_) => self.refuse(40_001),
            Seen::Gone => Err(Error::NotFound { page: self.page.clone(), code: 40_007 }),
        }
    }

    fn refuse(&self, code: i64) -> Result<Receipt, Error> {
        Err(Error::Refused { page: self.page.clone(), code })
    }

    fn incomplete(&self, what: &'static str) -> Error {
        Error::Transient { page: self.page.clone(), source: Fault::Incomplete { what } }
    }
}

/// Calls.
impl Client {
    async fn get(&self, path: &str, parameters: Vec<(&str, String)>, now: Timestamp) -> Result<Good, Error> {
        self.call(path, Some(parameters), None, now).await
    }

    async fn post(&self, path: &str, body: Value, now: Timestamp) -> Result<Receipt, Error> {
        let good = self.call(path, None, Some(body), now).await?;
        Ok(Receipt { trace: good.trace, created: wire::id(&good.data["comment_id"]).map(CommentId::new) })
    }

    /// Makes a call as this account; a token that turns out dead is refreshed once and the call made once more.
    async fn call(
        &self,
        path: &str,
        parameters: Option<Vec<(&str, String)>>,
        body: Option<Value>,
        now: Timestamp,
    ) -> Result<Good, Error> {
        if self.refresh_due(now) {
            // Without any token the call is lost; with one that still lives a failed refresh can wait.
            let alive = lock(&self.hands).tokens.pair.access_until.is_some_and(|until| until > now);
            match self.refresh(None, now).await {
                Err(error) if !alive => return Err(error),
                _ => {}
            }
        }
        let token = self.access()?;
        match self.call_with(&token, path, parameters.clone(), body.clone(), now).await {
            Err(Error::Token { code: 40_102 | 40_105, .. }) if self.app.is_some() && self.can_refresh() => {
                self.refresh(Some(&token), now).await?;
                let fresh = self.access()?;
                self.call_with(&fresh, path, parameters, body, now).await
            }
            outcome => outcome,
        }
    }

    async fn call_with(
        &self,
        token: &SecretString,
        path: &str,
        parameters: Option<Vec<(&str, String)>>,
        body: Option<Value>,
        now: Timestamp,
    ) -> Result<Good, Error> {
        let account = self.page.id.as_str();
        let mut url = joined(&self.base, path);
        if let Some(parameters) = &parameters {
            url.query_pairs_mut().append_pair("business_id", account).extend_pairs(parameters);
        }
        let body = body.map_or(Body::None, |mut body| {
            body["business_id"] = Value::from(account);
            Body::Json(body)
        });
        let method = if parameters.is_some() { Method::GET } else { Method::POST };
        let call = Call { method, url, secret: Some(("access-token", token.clone())), body };
        let good = self.send(&call, path, now).await?;
        lock(&self.hands).tokens.proven();
        Ok(good)
    }

    async fn send(&self, call: &Call, path: &str, now: Timestamp) -> Result<Good, Error> {
        let throttled = |wait| Error::Throttled { page: self.page.clone(), wait };
        if let Some(wait) = lock(&self.hands).meter.quiet(now) {
            return Err(throttled(wait));
        }
        let app = self.app.as_ref().map_or("", |app| app.id.as_str());
        self.shared.slot(app, self.page.id.as_str(), path, now).await.map_err(throttled)?;
        let reply = self.shared.send(call).await;
        let reply = reply.map_err(|source| Error::Transient { page: self.page.clone(), source })?;
        let date = http::date(&reply.headers);
        let body = wire::parse(&reply.body).filter(Value::is_object);
        let trace = body.as_ref().and_then(|body| wire::text(body, "request_id")).map(str::to_owned);
        match outcome(&self.page, reply.status, &reply.headers, body, now) {
            Ok(data) => Ok(Good { data, trace, date }),
            Err(error) => {
                tracing::debug!(page.id = %self.page, http.status = reply.status, trace, "call refused");
                if let Error::Throttled { wait, .. } = &error {
                    lock(&self.hands).meter.throttle(*wait, now);
                }
                Err(error)
            }
        }
    }
}

/// Tokens.
impl Client {
    fn access(&self) -> Result<SecretString, Error> {
        let token = lock(&self.hands).tokens.pair.access.clone();
        token.ok_or_else(|| Error::Token { page: self.page.clone(), code: 40_104, help: CONSENT })
    }

    fn can_refresh(&self) -> bool {
        lock(&self.hands).tokens.pair.refresh.is_some()
    }

    /// At half its life, or with less than two hours left; at once where there is no access token or nothing is known.
    fn refresh_due(&self, now: Timestamp) -> bool {
        let hands = lock(&self.hands);
        let pair = &hands.tokens.pair;
        if pair.refresh.is_none() || self.app.is_none() {
            return false;
        }
        let due = match (&pair.access, pair.access_from, pair.access_until) {
            (Some(_), Some(from), Some(until)) => {
                let left = until.duration_since(now);
                left < SignedDuration::from_hours(2) || left * 2 <= until.duration_since(from)
            }
            // A configured token of unknown age is used until it is refused.
            (Some(_), _, _) => false,
            (None, _, _) => true,
        };
        due && (pair.access.is_none() || !hands.refresh_tried.is_some_and(|at| http::within(at, REFRESH_AGAIN, now)))
    }

    /// Buys a new pair; where `dead` is given, only if that is still the token in force.
    async fn refresh(&self, dead: Option<&SecretString>, now: Timestamp) -> Result<(), Error> {
        let _turn = self.refreshing.lock().await;
        // Somebody else may have refreshed while we waited for our turn.
        let wanted = match dead {
            Some(dead) => self.access().is_ok_and(|token| token.expose_secret() == dead.expose_secret()),
            None => self.refresh_due(now),
        };
        if !wanted {
            return Ok(());
        }
        let (refresh, previous) = {
            let mut hands = lock(&self.hands);
            hands.refresh_tried = Some(now);
            (hands.tokens.pair.refresh.clone(), hands.tokens.previous_refresh().cloned())
        };
        let Some(refresh) = refresh else {
            return Err(Error::Token { page: self.page.clone(), code: 40_105, help: CONSENT });
        };
        let good = match (self.ask_refresh(&refresh, now).await, previous) {
            // The new pair was never valid, or never reached us whole: the one before it may still be.
            (Err(Error::Token { .. }), Some(previous)) => self.ask_refresh(&previous, now).await?,
            (outcome, _) => outcome?,
        };
        self.take_over(&good.data, refresh, now)
    }

    async fn ask_refresh(&self, refresh: &SecretString, now: Timestamp) -> Result<Good, Error> {
        let Some(app) = &self.app else {
            return Err(Error::Token { page: self.page.clone(), code: 40_101, help: APP });
        };
        let body = json!({
            "client_id": app.id,
            "client_secret": app.secret.expose_secret(),
            "grant_type": "refresh_token",
            "refresh_token": refresh.expose_secret(),
        });
        let call =
            Call { method: Method::POST, url: joined(&self.base, REFRESH), secret: None, body: Body::Json(body) };
        match self.send(&call, REFRESH, now).await {
            // Here these codes speak of the refresh token, whatever they mean elsewhere (tiktok.md section 5).
            Err(
                Error::Permission { page, code: code @ (40_001 | 40_130 | 40_131), .. }
                | Error::Refused { page, code: code @ 40_002 },
            ) => Err(Error::Token { page, code, help: CONSENT }),
            outcome => outcome,
        }
    }

    /// Writes the new pair down, then puts it in force.
    fn take_over(&self, data: &Value, refresh: SecretString, now: Timestamp) -> Result<(), Error> {
        let Some(access) = wire::text(data, "access_token").filter(|token| !token.is_empty()) else {
            return Err(self.incomplete("a new token"));
        };
        let lasts = |key: &str| wire::count(data, key).map(|seconds| http::later(now, Duration::from_secs(seconds)));
        let rotated = wire::text(data, "refresh_token").filter(|token| !token.is_empty());
        let mut hands = lock(&self.hands);
        let refresh_until = lasts("refresh_token_expires_in").or(hands.tokens.pair.refresh_until);
        let pair = Pair {
            access: Some(SecretString::from(access.to_owned())),
            access_from: Some(now),
            access_until: lasts("expires_in").or_else(|| Some(http::later(now, Duration::from_secs(86_400)))),
            refresh: Some(rotated.map_or(refresh, |token| SecretString::from(token.to_owned()))),
            refresh_until,
        };
        if let Err(error) = hands.tokens.replace(pair) {
            tracing::error!(page.id = %self.page, error.kind = %error.kind(), "could not write the token file");
            return Err(Error::Transient { page: self.page.clone(), source: Fault::TokenFile });
        }
        hands.deadline = refresh_until;
        Ok(())
    }

    async fn probe_scopes(&self, now: Timestamp) -> Vec<Probe> {
        let (Some(app), Ok(token)) = (&self.app, self.access()) else { return Vec::new() };
        let path = "tt_user/token_info/get";
        let body = Body::Json(json!({"app_id": app.id, "access_token": token.expose_secret()}));
        let call = Call { method: Method::POST, url: joined(&self.base, path), secret: None, body };
        match self.send(&call, path, now).await {
            Ok(good) => vec![Probe::good("token", "valid"), scope_findings(&good.data)],
            Err(error) => vec![Probe::failed("token", &error)],
        }
    }
}

fn scope_findings(data: &Value) -> Probe {
    let granted: Vec<&str> = match &data["scope"] {
        Value::String(scopes) => scopes.split(',').map(str::trim).collect(),
        _ => wire::rows(data, "scope").iter().filter_map(Value::as_str).collect(),
    };
    let wanted = ["video.list", "comment.list", "comment.list.manage"];
    let missing: Vec<&str> = wanted.into_iter().filter(|scope| !granted.contains(scope)).collect();
    if missing.is_empty() {
        Probe::good("permissions", "all that are needed")
    } else {
        let help = "authorise again and leave these ticked; the old token does not gain them";
        Probe::bad("permissions", format!("missing: {}", missing.join(", ")), help)
    }
}

const CONSENT: &str = "somebody with the TikTok account consents again, and the new refresh token goes into its file";
const APP: &str = "check app_id and app_secret_file: they must be those of the app at TikTok API for Business";
const SCOPE: &str = "consent again and leave every box ticked: a token does not gain permissions afterwards";
const ROUTE: &str = "check that the page's api_base ends in /open_api/v1.3, then tell whoever maintains Chaperone";

/// What an answer says: its data, or why there is none (tiktok.md sections 3 and 5).
fn outcome(
    page: &PageKey,
    status: u16,
    headers: &reqwest::header::HeaderMap,
    body: Option<Value>,
    now: Timestamp,
) -> Result<Value, Error> {
    let page = page.clone();
    let Some(mut body) = body else {
        return Err(match status {
            429 => Error::Throttled { page, wait: http::retry_after(headers).unwrap_or(MINUTE_LIMIT) },
            503 if headers.contains_key("retry-after") => {
                Error::Throttled { page, wait: http::retry_after(headers).unwrap_or(MINUTE_LIMIT) }
            }
            404 => Error::Permission { page, code: 404, help: ROUTE },
            _ => Error::Transient { page, source: Fault::NotJson { status } },
        });
    };
    let Some(code) = wire::number(&body, "code") else {
        return Err(Error::Transient { page, source: Fault::Incomplete { what: "a code" } });
    };
    Err(match code {
        // Partial success is read back like any other.
        0 | 20_001 => return Ok(body["data"].take()),
        40_016 | 40_100 | 40_132 | 40_133 | 51_021 => {
            let limit = limit(wire::text(&body, "message").unwrap_or_default(), now);
            Error::Throttled { page, wait: http::retry_after(headers).map_or(limit, |asked| asked.max(limit)) }
        }
        40_101 | 40_113 => Error::Token { page, code, help: APP },
        40_102..=40_105 | 40_107 | 40_110 => Error::Token { page, code, help: CONSENT },
        40_001 | 40_130 | 40_131 => Error::Permission { page, code, help: SCOPE },
        40_006 => Error::Permission { page, code, help: ROUTE },
        40_007 => Error::NotFound { page, code },
        40_000..=49_999 => Error::Refused { page, code },
        _ => Error::Transient { page, source: Fault::Platform { code, status } },
    })
}

/// The same reading for an answer that came without a connection.
pub(super) fn read_specimen(page: &PageKey, asked: Asked<'_>, reply: &Reply, now: Timestamp) -> Result<Answer, Error> {
    let body = wire::parse(&reply.body).filter(Value::is_object);
    let data = outcome(page, reply.status, &reply.headers, body, now)?;
    Ok(match asked {
        Asked::Posts(_) => videos(&data),
        Asked::Comments { post, parent } | Asked::Comment { post, parent } => comments(&data, post, parent, None),
        Asked::Write => Answer::default(),
    })
}

const MINUTE_LIMIT: Duration = Duration::from_secs(5 * 60);

/// How long to wait, by the limit that the message names; by the minute's where it names none (tiktok.md section 6).
fn limit(message: &str, now: Timestamp) -> Duration {
    let message = message.to_ascii_uppercase();
    let names = |short: &str, long: &str| message.contains(short) || message.contains(long);
    if names("QPM", "PER MINUTE") {
        MINUTE_LIMIT
    } else if names("QPD", "PER DAY") {
        let into_day = now.as_second().rem_euclid(86_400).unsigned_abs();
        Duration::from_secs(86_400 - into_day)
    } else if names("QPS", "PER SECOND") {
        Duration::from_secs(2)
    } else {
        MINUTE_LIMIT
    }
}

/// The address of a path; every one ends in a slash (tiktok.md section 1.1).
fn joined(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_query(None);
    url.set_fragment(None);
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path.split('/')).push("");
    }
    url
}

fn newest_first(after: Option<&str>) -> Vec<(&'static str, String)> {
    let mut parameters = vec![
        ("sort_field", "create_time".to_owned()),
        ("sort_order", "desc".to_owned()),
        ("max_count", "30".to_owned()),
    ];
    parameters.extend(after.map(|cursor| ("cursor", cursor.to_owned())));
    parameters
}

/// A page of the account's videos.
fn videos(data: &Value) -> Answer {
    let mut answer = Answer::default();
    for row in wire::rows(data, "videos") {
        let Some(id) = wire::id(&row["item_id"]) else {
            answer.malformed += 1;
            continue;
        };
        let post = Post {
            id: PostId::new(id),
            kind: PostKind::Post,
            created: wire::time(row, "create_time"),
            permalink: wire::text(row, "share_url").map(str::to_owned),
            text: CommentText::new(wire::text(row, "caption").unwrap_or_default()),
        };
        answer.posts.push(PostListing {
            post,
            comments: Vec::new(),
            next: None,
            newest_first: true,
            total: wire::count(row, "comments"),
            with_comments: false,
            more_replies: Vec::new(),
            photos: Vec::new(),
        });
    }
    go_on(data, &mut answer);
    answer
}

/// A page of comments, or of one comment's replies, with the replies that came inside.
fn comments(data: &Value, post: &PostId, parent: Option<&CommentId>, after: Option<&str>) -> Answer {
    let mut answer = Answer::default();
    let mut times = Vec::new();
    for row in wire::rows(data, "comments") {
        let Some(comment) = comment(row, post, parent) else {
            answer.malformed += 1;
            continue;
        };
        if comment.parent.as_ref() == parent && wire::flag(row, "pinned") != Some(true) {
            times.extend(comment.created);
        }
        let id = comment.id.clone();
        answer.comments.push(comment);
        let replies = wire::rows(row, "reply_list");
        for reply in replies {
            match self::comment(reply, post, Some(&id)) {
                Some(reply) => answer.comments.push(reply),
                None => answer.malformed += 1,
            }
        }
        if wire::count(row, "replies").unwrap_or(0) > replies.len() as u64 {
            answer.more_replies.push((id, None));
        }
    }
    let in_order = after.and_then(|cursor| cursor.parse::<u64>().ok()).is_none_or(|cursor| cursor < SORTED);
    answer.newest_first = in_order && times.is_sorted_by(|a, b| a >= b);
    go_on(data, &mut answer);
    answer
}

fn comment(row: &Value, post: &PostId, parent: Option<&CommentId>) -> Option<Comment> {
    let id = CommentId::new(wire::id(&row["comment_id"])?);
    // Zero stands for none in some answers.
    let named = wire::id(&row["parent_comment_id"]).filter(|parent| parent != "0").map(CommentId::new);
    let parent = named.or_else(|| parent.cloned());
    let text = CommentText::listed(wire::text(row, "text").unwrap_or_default());
    let pictured = wire::text(row, "image_url").is_some_and(|url| !url.is_empty());
    let attachments = match (pictured, text.is_blank()) {
        (true, _) => vec![Attachment::Picture],
        (false, true) => vec![Attachment::Unknown],
        (false, false) => Vec::new(),
    };
    let name = ["username", "display_name"].iter().find_map(|key| wire::text(row, key)).filter(|name| !name.is_empty());
    Some(Comment {
        id,
        post: post.clone(),
        kind: if parent.is_some() { CommentKind::Reply } else { CommentKind::Comment },
        parent,
        author: Author { id: wire::id(&row["unique_identifier"]).map(AuthorId::new), name: name.map(PersonName::new) },
        by_page: wire::flag(row, "owner").unwrap_or(false),
        created: wire::time(row, "create_time"),
        text,
        attachments,
        hidden: wire::text(row, "status").is_some_and(|status| status.eq_ignore_ascii_case("HIDDEN")),
        can_hide: None,
        can_delete: None,
        permalink: None,
    })
}

/// Where a listing goes on: only where it says so, and only with a cursor (tiktok.md section 4.2).
fn go_on(data: &Value, answer: &mut Answer) {
    if wire::flag(data, "has_more") == Some(true) {
        answer.next = wire::id(&data["cursor"]);
        if answer.next.is_none() {
            answer.malformed += 1;
        }
    }
}

#[cfg(test)]
mod tests;
