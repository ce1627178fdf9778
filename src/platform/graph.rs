//! Facebook and Instagram through the Graph API (facebook.md, instagram.md). In: what to list, read or do. Out: our own
//! nouns and errors by what the caller does. The token travels in a header, never in a listing's URL; paging is rebuilt
//! from the place alone. Not here: what to list when (`cursor`), webhooks, messages, mentions on other people's media.

mod refusal;
mod rows;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::Sha256;
use url::Url;

use self::refusal::Intent;
use self::rows::{Context, Under};
use super::cursor::{Answer, Edge, Request};
use super::http::{self, Body, Call, Fault, Meter, Pace, Reply, Shared, Usage, lock};
use super::specimen::Asked;
use super::tokens::{Pair, Tokens, hex};
use super::{
    Act, Capabilities, ConnectError, Error, Probe, Receipt, Seen, Settings, Target, clock_probe, deadline_probe, wire,
};
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::{Comment, CommentId, CommentKind, PageKey, Platform, PostId};

/// One page's or account's connection.
pub struct Client {
    page: PageKey,
    base: Url,
    /// Instagram Login on graph.instagram.com: a token of its own kind, which has to be refreshed.
    instagram_login: bool,
    app_id: Option<String>,
    app_secret: Option<SecretString>,
    shared: Shared,
    hands: Mutex<Hands>,
    /// Held over a refresh, so that there is never a second one beside it.
    refreshing: tokio::sync::Mutex<()>,
}

/// What changes between calls.
struct Hands {
    tokens: Tokens,
    meter: Meter,
    /// How much to ask for at once, per listing, and since when.
    sizes: HashMap<Edge, (usize, Timestamp)>,
    /// Listings that were refused: not asked for again for a day.
    closed: HashMap<Edge, (Timestamp, Closed)>,
    username: Option<String>,
    username_asked: Option<Timestamp>,
    /// Links of posts, from which Instagram's comment links are made.
    permalinks: HashMap<PostId, String>,
    refresh_tried: Option<Timestamp>,
    deadline: Option<Timestamp>,
}

/// How a listing was refused.
#[derive(Clone, Copy)]
enum Closed {
    Permission(i64, &'static str),
    NotFound(i64),
    Refused(i64),
}

/// A good answer.
struct Good {
    body: Value,
    trace: Option<String>,
    date: Option<Timestamp>,
    version: Option<String>,
}

/// Posts in a call, and newest comments with each; without the second, comments are asked for post by post.
/// Facebook shrinks outer, then inner, then drops the expansion (facebook.md section 5).
const SIZES: [(u32, Option<u32>); 6] =
    [(25, Some(50)), (12, Some(50)), (6, Some(50)), (6, Some(25)), (6, Some(10)), (25, None)];
/// Comments of one post in a call.
const COMMENT_SIZES: [u32; 4] = [100, 50, 25, 10];
/// How long a smaller size or a closed listing is remembered before the full one is tried again.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

const FACEBOOK_COMMENT: &str =
    "id,message,from{id,name},created_time,parent{id},is_hidden,can_hide,can_remove,permalink_url,attachment{type}";
const FACEBOOK_POST: &str = "id,created_time,message,permalink_url,from{id,name}";
const FACEBOOK_POST_MORE: &str = "is_hidden,attachments{media_type,target{id},subattachments{target{id},type}}";
const FACEBOOK_REEL: &str = "id,created_time,description,permalink_url";
const INSTAGRAM_MEDIA: &str =
    "id,caption,timestamp,permalink,username,media_product_type,comments_count,is_comment_enabled";
/// Never with `replies`: asked on a reply, it fails the whole call (instagram.md section 4.1).
const INSTAGRAM_COMMENT: &str = "id,text,timestamp,username,from{id,username},hidden,parent_id";
/// Top level has no `parent_id` to tell.
const INSTAGRAM_TOP: &str = "id,text,timestamp,username,from{id,username},hidden";

impl Client {
    /// Makes a connection; sends nothing.
    pub fn new(settings: Settings, shared: Shared) -> Result<Self, ConnectError> {
        let page = settings.key;
        let Some(token) = settings.token else { return Err(ConnectError::Missing { page, what: "a token" }) };
        let token = SecretString::from(token.expose_secret().trim().to_owned());
        let instagram_login = page.platform == Platform::Instagram
            && (of_instagram_login(&settings.api_base) || token.expose_secret().starts_with("IG"));
        let pair =
            Pair { access: Some(token), access_from: None, access_until: None, refresh: None, refresh_until: None };
        let dir: Option<PathBuf> = settings.state_dir.filter(|_| instagram_login);
        let tokens = Tokens::open(pair, dir.as_deref(), &page)
            .map_err(|source| ConnectError::TokenFile { page: page.clone(), source })?;
        let deadline = tokens.pair.access_until;
        let hands = Hands {
            tokens,
            meter: Meter::default(),
            sizes: HashMap::new(),
            closed: HashMap::new(),
            username: None,
            username_asked: None,
            permalinks: HashMap::new(),
            refresh_tried: None,
            deadline,
        };
        Ok(Self {
            page,
            base: settings.api_base,
            instagram_login,
            app_id: settings.app_id,
            app_secret: settings.app_secret,
            shared,
            hands: Mutex::new(hands),
            refreshing: tokio::sync::Mutex::new(()),
        })
    }

    /// Which page this is.
    pub fn page(&self) -> &PageKey {
        &self.page
    }

    /// What Graph can do; visitors' posts exist on Facebook alone.
    pub fn capabilities(&self) -> Capabilities {
        let facebook = self.facebook();
        let reply_chars = Some(if facebook { 8_000 } else { 2_200 });
        Capabilities { hide: true, delete: true, visitor_posts: facebook, reply_chars }
    }

    /// The last reading of the usage headers.
    pub fn usage(&self, now: Timestamp) -> Usage {
        lock(&self.hands).meter.usage(now)
    }

    /// How fast to go.
    pub fn pace(&self, now: Timestamp) -> Pace {
        lock(&self.hands).meter.pace(now)
    }

    /// The clock went back by so much, to `now`.
    pub fn clock_went_back(&self, by: SignedDuration, now: Timestamp) {
        lock(&self.hands).meter.clock_went_back(by, now);
    }

    /// When the token ends, as far as is known.
    pub fn token_deadline(&self) -> Option<Timestamp> {
        lock(&self.hands).deadline
    }

    /// Makes one listing call; asks for less, and remembers it, where the platform cannot answer so much.
    pub async fn fetch(&self, request: &Request, now: Timestamp) -> Result<Answer, Error> {
        match request {
            Request::Posts { edge, after } => self.fetch_posts(*edge, after.as_deref(), now).await,
            Request::Comments { post, after } => {
                let edge = [post.as_str(), "comments"];
                self.fetch_comments(edge, Under { post, parent: None, permalink: None }, after.as_deref(), now).await
            }
            Request::Replies { post, comment, after } => {
                let edge = [comment.as_str(), if self.facebook() { "comments" } else { "replies" }];
                let under = Under { post, parent: Some(comment), permalink: None };
                self.fetch_comments(edge, under, after.as_deref(), now).await
            }
        }
    }

    /// Reads one comment as it stands.
    pub async fn read(&self, target: &Target, now: Timestamp) -> Result<Seen, Error> {
        let visitor = target.kind == CommentKind::VisitorPost;
        let fields = match self.page.platform {
            Platform::Facebook if visitor => format!("{FACEBOOK_POST},{FACEBOOK_POST_MORE}"),
            Platform::Facebook => FACEBOOK_COMMENT.to_owned(),
            _ => INSTAGRAM_COMMENT.to_owned(),
        };
        match self.get(&[target.comment.as_str()], vec![("fields".into(), fields)], now).await {
            Ok(good) => match self.seen(target, &good.body, now).await {
                Some(comment) => Ok(Seen::Present(Box::new(comment))),
                None => Err(self.incomplete("an id")),
            },
            Err(not_found @ Error::NotFound { .. }) => self.confirm_gone(target, not_found, now).await,
            Err(error) => Err(error),
        }
    }

    /// Does one thing to one comment.
    pub async fn act(&self, target: &Target, act: &Act, now: Timestamp) -> Result<Receipt, Error> {
        let facebook = self.facebook();
        if target.kind == CommentKind::VisitorPost && !facebook {
            return Err(Error::Refused { page: self.page.clone(), code: 100 });
        }
        let id = target.comment.as_str();
        // A misspelt flag is swallowed and answered with success (instagram.md section 6), hence the two names.
        let flag = if facebook { "is_hidden" } else { "hide" };
        match act {
            Act::Hide => self.write(Method::POST, &[id], vec![(flag, "true".to_owned())], now).await,
            Act::Unhide => self.write(Method::POST, &[id], vec![(flag, "false".to_owned())], now).await,
            Act::Delete => match self.write(Method::DELETE, &[id], Vec::new(), now).await {
                // Deleting visitors' posts is closed to most apps whatever they were granted (facebook.md section 6):
                // no lapsed permission, and no reason to send anybody looking for one.
                Err(Error::Permission { page, code, .. }) if target.kind == CommentKind::VisitorPost => {
                    Err(Error::Refused { page, code })
                }
                outcome => outcome,
            },
            Act::Reply(text) => {
                // Instagram answers only top-level comments; a reply to a reply lands on the parent anyway.
                let to = if facebook { id } else { target.parent.as_ref().map_or(id, CommentId::as_str) };
                let edge = if facebook { "comments" } else { "replies" };
                let receipt =
                    self.write(Method::POST, &[to, edge], vec![("message", text.expose().to_owned())], now).await?;
                // Sent to the wrong place a reply edits its target, and the answer then names the target.
                match &receipt.created {
                    Some(created) if last_segment(created.as_str()) == last_segment(to) => {
                        Err(self.incomplete("a reply of its own"))
                    }
                    _ => Ok(receipt),
                }
            }
        }
    }

    /// Refreshes a token of Instagram Login weekly; other tokens of Graph need nothing.
    pub async fn maintain(&self, now: Timestamp) -> Result<(), Error> {
        let _turn = self.refreshing.lock().await;
        if !self.refresh_due(now) {
            return Ok(());
        }
        lock(&self.hands).refresh_tried = Some(now);
        let good = match self.ask_refresh(now).await {
            Ok(good) => good,
            // Refused while younger than a day: the old token stays good (instagram.md section 2.2).
            Err(Error::Refused { .. } | Error::NotFound { .. } | Error::Permission { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        let Some(token) = wire::text(&good.body, "access_token") else { return Err(self.incomplete("a new token")) };
        let lasts = wire::count(&good.body, "expires_in").map_or(Duration::from_secs(60 * 86_400), Duration::from_secs);
        let until = http::later(now, lasts);
        let pair = Pair {
            access: Some(SecretString::from(token.to_owned())),
            access_from: Some(now),
            access_until: Some(until),
            refresh: None,
            refresh_until: None,
        };
        let mut hands = lock(&self.hands);
        hands
            .tokens
            .replace(pair)
            .map_err(|_| Error::Transient { page: self.page.clone(), source: Fault::TokenFile })?;
        hands.deadline = Some(until);
        Ok(())
    }

    /// The page's name or the account's handle.
    pub async fn name(&self, now: Timestamp) -> Result<Option<String>, Error> {
        let field = if self.facebook() { "name" } else { "username" };
        let good = self.get(&[self.page.id.as_str()], vec![("fields".into(), format!("id,{field}"))], now).await?;
        Ok(wire::text(&good.body, field).map(str::to_owned))
    }

    /// Looks at token, permissions, reading and clock.
    pub async fn probe(&self, now: Timestamp) -> Vec<Probe> {
        let mut found = self.probe_token(now).await;
        found.extend(self.probe_page(now).await);
        found.extend(self.probe_reading(now).await);
        if let Some(until) = self.token_deadline() {
            let help = "authorise again before that day and replace the token file";
            found.push(deadline_probe("token's life", until, now, help));
        }
        found
    }

    fn facebook(&self) -> bool {
        self.page.platform == Platform::Facebook
    }

    fn incomplete(&self, what: &'static str) -> Error {
        Error::Transient { page: self.page.clone(), source: Fault::Incomplete { what } }
    }
}

/// Listing.
impl Client {
    async fn fetch_posts(&self, edge: Edge, after: Option<&str>, now: Timestamp) -> Result<Answer, Error> {
        if let Some(error) = self.closed(edge, now) {
            return Err(error);
        }
        let began = self.size(edge, now);
        let mut size = began;
        loop {
            let (limit, inner) = SIZES[size];
            let mut parameters =
                vec![("limit".into(), limit.to_string()), ("fields".into(), self.post_fields(edge, inner))];
            parameters.extend(after.map(rows::place_parameters).unwrap_or_default());
            match self.get(&[self.page.id.as_str(), self.edge_name(edge)], parameters, now).await {
                Ok(good) => {
                    self.remember_size(edge, began, size, now);
                    return self.posts(&good.body, edge, inner.is_some(), now).await;
                }
                Err(Error::TooMuch { .. }) if size + 1 < SIZES.len() => size += 1,
                // An expansion the token may not read, or that this version no longer knows, fails the whole call.
                Err(Error::Refused { .. }) if size + 1 < SIZES.len() => size = SIZES.len() - 1,
                Err(error) => {
                    self.remember_closed(edge, after, &error, now);
                    return Err(error);
                }
            }
        }
    }

    async fn posts(&self, body: &Value, edge: Edge, with_comments: bool, now: Timestamp) -> Result<Answer, Error> {
        if !body["data"].is_array() {
            return Err(self.incomplete("a list"));
        }
        if let Some(username) = wire::rows(body, "data").iter().find_map(|row| wire::text(row, "username")) {
            lock(&self.hands).username = Some(username.to_owned());
        }
        let username = self.username(body, now).await;
        let answer = rows::posts(&self.context(username.as_deref()), body, edge, with_comments);
        if !self.facebook() {
            let links = answer.posts.iter().map(|listing| &listing.post);
            let links = links.filter_map(|post| Some((post.id.clone(), post.permalink.clone()?)));
            lock(&self.hands).permalinks.extend(links);
        }
        Ok(answer)
    }

    async fn fetch_comments(
        &self,
        path: [&str; 2],
        under: Under<'_>,
        after: Option<&str>,
        now: Timestamp,
    ) -> Result<Answer, Error> {
        let replies = under.parent.is_some();
        let mut size = usize::from(!self.facebook());
        let good = loop {
            let mut parameters = self.comment_parameters(COMMENT_SIZES[size], replies);
            parameters.extend(after.map(rows::place_parameters).unwrap_or_default());
            match self.get(&path, parameters, now).await {
                Ok(good) => break good,
                Err(Error::TooMuch { .. }) if size + 1 < COMMENT_SIZES.len() => size += 1,
                Err(error) => return Err(error),
            }
        };
        if !good.body["data"].is_array() {
            return Err(self.incomplete("a list"));
        }
        let username = self.username(&good.body, now).await;
        let permalink = lock(&self.hands).permalinks.get(under.post).cloned();
        let under = Under { permalink: permalink.as_deref(), ..under };
        Ok(rows::comments(&self.context(username.as_deref()), &good.body, under))
    }

    fn comment_parameters(&self, limit: u32, replies: bool) -> Vec<(String, String)> {
        let limit = ("limit".to_owned(), limit.to_string());
        match self.page.platform {
            Platform::Facebook => vec![
                ("filter".into(), "stream".into()),
                ("order".into(), "reverse_chronological".into()),
                ("live_filter".into(), "no_filter".into()),
                ("summary".into(), "true".into()),
                limit,
                ("fields".into(), FACEBOOK_COMMENT.into()),
            ],
            _ if replies => vec![limit, ("fields".into(), INSTAGRAM_COMMENT.into())],
            _ => vec![limit, ("fields".into(), format!("{INSTAGRAM_TOP},replies.limit(50){{{INSTAGRAM_COMMENT}}}"))],
        }
    }

    fn post_fields(&self, edge: Edge, inner: Option<u32>) -> String {
        let nested = inner.map(|limit| match self.page.platform {
            Platform::Facebook => format!(
                "comments.filter(stream).order(reverse_chronological).limit({limit}).summary(true){{{FACEBOOK_COMMENT}}}"
            ),
            _ => format!(
                "comments.limit({limit}){{{INSTAGRAM_TOP},replies.limit({limit}){{{INSTAGRAM_COMMENT}}}}}"
            ),
        });
        match (self.page.platform, edge, nested) {
            (Platform::Facebook, Edge::Reels, Some(nested)) => format!("{FACEBOOK_REEL},{nested}"),
            (Platform::Facebook, Edge::Reels, None) => FACEBOOK_REEL.to_owned(),
            (Platform::Facebook, _, Some(nested)) => format!("{FACEBOOK_POST},{FACEBOOK_POST_MORE},{nested}"),
            (Platform::Facebook, _, None) => FACEBOOK_POST.to_owned(),
            (_, _, Some(nested)) => format!("{INSTAGRAM_MEDIA},{nested}"),
            (_, _, None) => INSTAGRAM_MEDIA.to_owned(),
        }
    }

    fn edge_name(&self, edge: Edge) -> &'static str {
        match edge {
            Edge::Main if self.facebook() => "feed",
            Edge::Main => "media",
            Edge::Published => "published_posts",
            Edge::Visitors => "visitor_posts",
            Edge::Reels => "video_reels",
        }
    }

    /// The size that worked last, for a day.
    fn size(&self, edge: Edge, now: Timestamp) -> usize {
        match lock(&self.hands).sizes.get(&edge) {
            Some((size, since)) if http::within(*since, REMEMBERED, now) => *size,
            _ => 0,
        }
    }

    fn remember_size(&self, edge: Edge, began: usize, worked: usize, now: Timestamp) {
        if worked > began {
            lock(&self.hands).sizes.insert(edge, (worked, now));
            tracing::info!(page.id = %self.page, listing.size = worked, "asking for less at once");
        }
    }

    fn remember_closed(&self, edge: Edge, after: Option<&str>, error: &Error, now: Timestamp) {
        let how = match error {
            _ if after.is_some() || !self.facebook() || edge == Edge::Published => return,
            Error::Permission { code, help, .. } => Closed::Permission(*code, help),
            Error::NotFound { code, .. } => Closed::NotFound(*code),
            Error::Refused { code, .. } => Closed::Refused(*code),
            _ => return,
        };
        lock(&self.hands).closed.insert(edge, (now, how));
    }

    fn closed(&self, edge: Edge, now: Timestamp) -> Option<Error> {
        let (since, how) = *lock(&self.hands).closed.get(&edge)?;
        // An hour, so that a permission granted again is soon noticed.
        if !http::within(since, SignedDuration::from_hours(1), now) {
            return None;
        }
        let page = self.page.clone();
        Some(match how {
            Closed::Permission(code, help) => Error::Permission { page, code, help },
            Closed::NotFound(code) => Error::NotFound { page, code },
            Closed::Refused(code) => Error::Refused { page, code },
        })
    }

    fn context<'a>(&'a self, username: Option<&'a str>) -> Context<'a> {
        Context { platform: self.page.platform, page: &self.page.id, username, base: Some(&self.base) }
    }

    /// The account's own handle on Instagram, asked for at most once an hour and only where rows need it.
    async fn username(&self, rows: &Value, now: Timestamp) -> Option<String> {
        if self.facebook() {
            return None;
        }
        let asked = {
            let hands = lock(&self.hands);
            if hands.username.is_some() || wire::rows(rows, "data").is_empty() && rows.get("id").is_none() {
                return hands.username.clone();
            }
            hands.username_asked
        };
        if asked.is_some_and(|at| http::within(at, SignedDuration::from_hours(1), now)) {
            return None;
        }
        lock(&self.hands).username_asked = Some(now);
        let name = self.name(now).await.ok().flatten();
        lock(&self.hands).username.clone_from(&name);
        name
    }
}

/// Reading back and writing.
impl Client {
    async fn seen(&self, target: &Target, body: &Value, now: Timestamp) -> Option<Comment> {
        let username = self.username(body, now).await;
        let context = self.context(username.as_deref());
        if target.kind == CommentKind::VisitorPost {
            let id = PostId::new(wire::id(&body["id"])?);
            let post = rows::post(&context, body, id, Edge::Visitors);
            return Some(Comment { id: target.comment.clone(), ..rows::visitor_post(body, &post) });
        }
        let permalink = lock(&self.hands).permalinks.get(&target.post).cloned();
        let under = Under { post: &target.post, parent: target.parent.as_ref(), permalink: permalink.as_deref() };
        let comment = rows::comment(&context, body, under)?;
        // Some answers name a comment by its last segment only (facebook.md section 4); ours is the name everybody knows.
        let same = last_segment(comment.id.as_str()) == last_segment(target.comment.as_str());
        same.then(|| Comment { id: target.comment.clone(), ..comment })
    }

    /// Not there, or not for us? If what it hung on still reads, it is gone.
    async fn confirm_gone(&self, target: &Target, not_found: Error, now: Timestamp) -> Result<Seen, Error> {
        let id_only = vec![("fields".into(), "id".to_owned())];
        let around = if target.kind == CommentKind::VisitorPost {
            let one = vec![("fields".into(), "id".to_owned()), ("limit".into(), "1".to_owned())];
            self.get(&[self.page.id.as_str(), "visitor_posts"], one, now).await
        } else {
            self.get(&[target.post.as_str()], id_only, now).await
        };
        match around {
            Ok(_) => Ok(Seen::Gone),
            Err(Error::NotFound { .. } | Error::Refused { .. } | Error::Permission { .. }) => Err(not_found),
            Err(error) => Err(error),
        }
    }

    async fn write(
        &self,
        method: Method,
        path: &[&str],
        form: Vec<(&'static str, String)>,
        now: Timestamp,
    ) -> Result<Receipt, Error> {
        let good = self.call(method, path, Vec::new(), form, now).await?;
        let created = wire::id(&good.body["id"]).map(CommentId::new);
        Ok(Receipt { trace: good.trace, created })
    }
}

/// Calls.
impl Client {
    async fn get(&self, path: &[&str], parameters: Vec<(String, String)>, now: Timestamp) -> Result<Good, Error> {
        self.call(Method::GET, path, parameters, Vec::new(), now).await
    }

    async fn call(
        &self,
        method: Method,
        path: &[&str],
        parameters: Vec<(String, String)>,
        form: Vec<(&'static str, String)>,
        now: Timestamp,
    ) -> Result<Good, Error> {
        let token = lock(&self.hands).tokens.pair.access.clone().unwrap_or_default();
        let url = joined(&self.base, path);
        self.call_with(&token, method, url, parameters, form, now).await
    }

    async fn call_with(
        &self,
        token: &SecretString,
        method: Method,
        mut url: Url,
        mut parameters: Vec<(String, String)>,
        mut form: Vec<(&'static str, String)>,
        now: Timestamp,
    ) -> Result<Good, Error> {
        if let Some(wait) = lock(&self.hands).meter.quiet(now) {
            return Err(Error::Throttled { page: self.page.clone(), wait });
        }
        let intent = if method == Method::GET { Intent::Read } else { Intent::Write };
        if let Some(secret) = &self.app_secret {
            let proof = appsecret_proof(secret, token);
            if method == Method::POST {
                form.push(("appsecret_proof", proof));
            } else {
                parameters.push(("appsecret_proof".into(), proof));
            }
        }
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        let body = if method == Method::POST { Body::Form(form) } else { Body::None };
        let secret = Some(("authorization", SecretString::from(format!("Bearer {}", token.expose_secret()))));
        let call = Call { method, url, secret, body };
        let reply = self.shared.send(&call).await;
        let reply = reply.map_err(|source| Error::Transient { page: self.page.clone(), source })?;
        let usage = http::usage(&reply.headers, budget(&self.page));
        lock(&self.hands).meter.note(usage, now);
        let (refused, value) = understand(&self.page, intent, &reply, usage.regain);
        let trace = header(&reply, "x-fb-trace-id");
        match (refused, value) {
            (None, Some(body)) => {
                lock(&self.hands).tokens.proven();
                let version = header(&reply, "facebook-api-version");
                Ok(Good { body, trace, date: http::date(&reply.headers), version })
            }
            (refused, value) => {
                let told =
                    value.as_ref().and_then(|value| wire::text(&value["error"], "fbtrace_id")).or(trace.as_deref());
                let error = refused.unwrap_or_else(|| self.incomplete("a body"));
                tracing::debug!(page.id = %self.page, http.status = reply.status, trace = told, "call refused");
                if let Error::Throttled { wait, .. } = &error {
                    lock(&self.hands).meter.throttle(*wait, now);
                }
                Err(error)
            }
        }
    }
}

/// Tokens and probes.
impl Client {
    /// Weekly, and not before a token is a day old; where nothing is known of its age, it is tried once a day.
    fn refresh_due(&self, now: Timestamp) -> bool {
        let hands = lock(&self.hands);
        let since = |at: Option<Timestamp>, hours| {
            !at.is_some_and(|at| http::within(at, SignedDuration::from_hours(hours), now))
        };
        self.instagram_login
            && hands.tokens.kept()
            && since(hands.tokens.pair.access_from, 7 * 24)
            && since(hands.refresh_tried, if hands.tokens.pair.access_from.is_some() { 1 } else { 24 })
    }

    /// Asks with the token in the header; where that is not understood, as the platform documents it.
    async fn ask_refresh(&self, now: Timestamp) -> Result<Good, Error> {
        let token = lock(&self.hands).tokens.pair.access.clone().unwrap_or_default();
        let url = joined(&without_version(&self.base), &["refresh_access_token"]);
        let mut parameters = vec![("grant_type".to_owned(), "ig_refresh_token".to_owned())];
        let by_header = self.call_with(&token, Method::GET, url.clone(), parameters.clone(), Vec::new(), now).await;
        match by_header {
            Err(Error::Refused { .. } | Error::NotFound { .. } | Error::Token { .. }) => {
                parameters.push(("access_token".to_owned(), token.expose_secret().to_owned()));
                self.call_with(&token, Method::GET, url, parameters, Vec::new(), now).await
            }
            outcome => outcome,
        }
    }

    async fn probe_token(&self, now: Timestamp) -> Vec<Probe> {
        let what = "token";
        let (Some(app), Some(secret), false) = (&self.app_id, &self.app_secret, self.instagram_login) else {
            return Vec::new();
        };
        let token = lock(&self.hands).tokens.pair.access.clone().unwrap_or_default();
        let caller = SecretString::from(format!("{app}|{}", secret.expose_secret()));
        // The one place where a token stands in a URL: the platform offers no other way to ask about it.
        let parameters = vec![("input_token".to_owned(), token.expose_secret().to_owned())];
        let url = joined(&self.base, &["debug_token"]);
        match self.call_with(&caller, Method::GET, url, parameters, Vec::new(), now).await {
            Ok(good) => self.token_findings(&good.body["data"], now),
            Err(error) => {
                let help = "check app_id and app_secret_file; without them the token's end cannot be foretold";
                vec![Probe::bad(what, super::chain(&error), help)]
            }
        }
    }

    fn token_findings(&self, data: &Value, now: Timestamp) -> Vec<Probe> {
        let renew = "authorise again as somebody who manages the page, and replace the token file";
        if wire::flag(data, "is_valid") != Some(true) {
            return vec![Probe::bad("token", "the platform calls the token invalid", renew)];
        }
        let mut found = vec![Probe::good("token", "valid")];
        let page = wire::id(&data["profile_id"]);
        if self.facebook() && page.is_some_and(|page| page != self.page.id.as_str()) {
            found.push(Probe::bad(
                "token's page",
                "the token belongs to another page",
                "put this page's token into the token file",
            ));
        } else if self.facebook() && wire::text(data, "type").is_some_and(|kind| kind != "PAGE") {
            found.push(Probe::bad("token's kind", "this is not a Page token", "put a Page token into the token file"));
        }
        found.push(self.scope_findings(data));
        let ends = [("token's end", "expires_at"), ("data access", "data_access_expires_at")];
        let ends: Vec<_> = ends.into_iter().filter_map(|(what, key)| Some((what, wire::time(data, key)?))).collect();
        lock(&self.hands).deadline = ends.iter().map(|(_, at)| *at).min();
        found.extend(ends.into_iter().map(|(what, at)| deadline_probe(what, at, now, renew)));
        found
    }

    fn scope_findings(&self, data: &Value) -> Probe {
        let granted: Vec<&str> = wire::rows(data, "scopes").iter().filter_map(Value::as_str).collect();
        let wanted: &[&str] = if self.facebook() {
            &["pages_read_engagement", "pages_read_user_content", "pages_manage_engagement"]
        } else {
            &["instagram_basic", "instagram_manage_comments", "pages_read_engagement"]
        };
        let missing: Vec<&str> = wanted.iter().copied().filter(|scope| !granted.contains(scope)).collect();
        if missing.is_empty() {
            Probe::good("permissions", "all that are needed")
        } else {
            let help = "grant them and make a new token: an old one does not gain permissions";
            Probe::bad("permissions", format!("missing: {}", missing.join(", ")), help)
        }
    }

    async fn probe_page(&self, now: Timestamp) -> Vec<Probe> {
        let field = if self.facebook() { "name" } else { "username" };
        let parameters = vec![("fields".into(), format!("id,{field}"))];
        let good = match self.get(&[self.page.id.as_str()], parameters, now).await {
            Ok(good) => good,
            Err(error) => return vec![Probe::failed("page", &error)],
        };
        let name = wire::text(&good.body, field).unwrap_or("no name given");
        let mut found = vec![Probe::good("page", format!("reads as \"{name}\""))];
        found.extend(clock_probe(good.date, now));
        let asked = version_of(&self.base);
        if let (Some(asked), Some(served)) = (asked, good.version)
            && asked != served
        {
            let say = format!("asked for version {asked} and was served by {served}");
            found.push(Probe::bad("API version", say, "set the version that is served in the page's api_base"));
        }
        found
    }

    async fn probe_reading(&self, now: Timestamp) -> Vec<Probe> {
        let answer = match self.fetch(&Request::Posts { edge: Edge::Main, after: None }, now).await {
            Ok(answer) => answer,
            Err(error) => return vec![Probe::failed("posts and comments", &error)],
        };
        let comments: Vec<&Comment> = answer.all_comments().collect();
        let counted = answer.posts.iter().filter(|listing| listing.total.unwrap_or(0) > 0).count();
        let say = format!("{} posts and {} comments came", answer.posts.len(), comments.len());
        let mut found = vec![if comments.is_empty()
            && counted >= 2
            && answer.posts.iter().any(|listing| listing.with_comments)
        {
            let help =
                "the token may not see comments: check the app's access level and permissions, then authorise again";
            Probe::bad(
                "posts and comments",
                format!("{say}, though the platform counts comments on {counted} posts"),
                help,
            )
        } else {
            Probe::good("posts and comments", say)
        }];
        let unnamed =
            comments.iter().filter(|comment| comment.author.id.is_none() && comment.author.name.is_none()).count();
        if unnamed > 0 {
            let say = format!("{unnamed} of {} comments came without their author", comments.len());
            let help =
                "comments are judged all the same, but repeat authors are not recognised: see the app's access level";
            found.push(Probe::bad("authors", say, help));
        }
        found.push(Probe::good("actions", "hide, delete and reply; reporting a comment is left to people"));
        found
    }
}

/// Whose budget of the usage headers counts.
fn budget(page: &PageKey) -> &'static str {
    if page.platform == Platform::Facebook { "pages" } else { "instagram" }
}

/// What an answer refuses, if it does, and its body, if it has one.
fn understand(
    page: &PageKey,
    intent: Intent,
    reply: &Reply,
    regain: Option<Duration>,
) -> (Option<Error>, Option<Value>) {
    let value = wire::parse(&reply.body).filter(|value| value.is_object() || *value == Value::Bool(true));
    (refusal::refusal(page, intent, reply.status, &reply.headers, value.as_ref(), regain), value)
}

/// The parameters of a place in a listing.
pub(super) fn going_on(place: &str) -> Vec<(String, String)> {
    rows::place_parameters(place)
}

/// The same reading for an answer that came without a connection.
pub(super) fn read_specimen(page: &PageKey, asked: Asked<'_>, reply: &Reply) -> Result<Answer, Error> {
    let intent = if matches!(asked, Asked::Write) { Intent::Write } else { Intent::Read };
    let regain = http::usage(&reply.headers, budget(page)).regain;
    let incomplete = |what| Error::Transient { page: page.clone(), source: Fault::Incomplete { what } };
    let body = match understand(page, intent, reply, regain) {
        (Some(error), _) => return Err(error),
        (None, value) => value.ok_or_else(|| incomplete("a body"))?,
    };
    let context = Context { platform: page.platform, page: &page.id, username: None, base: None };
    let listed = || if body["data"].is_array() { Ok(()) } else { Err(incomplete("a list")) };
    match asked {
        Asked::Posts(edge) => listed().map(|()| rows::posts(&context, &body, edge, true)),
        Asked::Comments { post, parent } => {
            listed().map(|()| rows::comments(&context, &body, Under { post, parent, permalink: None }))
        }
        Asked::Comment { post, parent } => rows::comment(&context, &body, Under { post, parent, permalink: None })
            .map(|comment| Answer { comments: vec![comment], ..Answer::default() })
            .ok_or_else(|| incomplete("an id")),
        Asked::Write => Ok(Answer::default()),
    }
}

/// Lower-case hex of HMAC-SHA256 over the token with the app secret as key (facebook.md section 2).
fn appsecret_proof(secret: &SecretString, token: &SecretString) -> String {
    // Keys of any length are taken, so this cannot fail; an empty proof would be refused by the platform.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().trim().as_bytes()) else {
        return String::new();
    };
    mac.update(token.expose_secret().as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// `base` with more path; ids are opaque, so each is one segment whatever it holds.
fn joined(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    url.set_query(None);
    url.set_fragment(None);
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

/// The version in the base, as `v25.0`.
fn version_of(base: &Url) -> Option<String> {
    let last = base.path().trim_end_matches('/').rsplit('/').next()?;
    let digits = last.strip_prefix('v')?;
    let plain = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    plain.then(|| last.to_owned())
}

/// Token calls of Instagram Login carry no version.
fn without_version(base: &Url) -> Url {
    let mut url = base.clone();
    if version_of(base).is_some()
        && let Ok(mut segments) = url.path_segments_mut()
    {
        segments.pop_if_empty().pop();
    }
    url
}

/// Instagram Login has a host of its own; behind a proxy or in a rehearsal the name stands in the path.
fn of_instagram_login(base: &Url) -> bool {
    let host = "graph.instagram.com";
    base.host_str() == Some(host) || base.path_segments().is_some_and(|mut segments| segments.any(|part| part == host))
}

/// Ids of comments are compared by this: the part before it differs between listings (facebook.md section 4).
fn last_segment(id: &str) -> &str {
    id.rsplit('_').next().unwrap_or(id)
}

fn header(reply: &Reply, name: &str) -> Option<String> {
    reply.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

#[cfg(test)]
mod tests;
