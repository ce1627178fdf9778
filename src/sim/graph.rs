//! What Facebook and Instagram have in common: hosts and versions, batch, errors, meters; tokens stand next door. In: an
//! [`Ask`]. Out: a [`Reply`] as strict as the sheet says (facebook.md sections 1, 2, 5, 9, 11, 13). Not here: the nodes
//! themselves, which `facebook` and `instagram` render; how edges page, which `listing` knows.

mod authority;

use serde_json::{Map, Value, json};

use super::facebook::user_node;
use super::fault::{About, Fault, Mood};
use super::fields::{self, Field};
use super::listing::EdgeAsk;
use super::tokens::{GraphToken, TokenKind};
use super::wire::{Answer, Ask, HALF_PAIR, Params, Reply, bare_number, decode_form, graph_json};
use super::world::{Seen, World, graph_time, later};
use crate::clock::Timestamp;
use crate::comment::Platform;

const OLDEST_VERSION: &str = "v21.0";
const BATCH_PARTS: usize = 50;

/// Which of Meta's two hosts a request went to (instagram.md section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// graph.facebook.com
    A,
    /// graph.instagram.com
    B,
}

/// One Graph call: a request, or a part of a batch.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) host: Host,
    pub(super) version: String,
    pub(super) method: String,
    pub(super) path: Vec<String>,
    pub(super) params: Params,
    pub(super) token: Option<String>,
    pub(super) base: String,
}

/// An error as the Graph API words it.
#[derive(Clone, Debug)]
pub(super) struct GraphError {
    pub(super) status: u16,
    pub(super) code: i64,
    pub(super) subcode: Option<i64>,
    pub(super) message: String,
}

impl GraphError {
    pub(super) fn new(code: i64, message: &str) -> Self {
        let status = if matches!(code, 1 | 2) { 500 } else { 400 };
        Self { status, code, subcode: None, message: message.to_owned() }
    }

    pub(super) fn sub(code: i64, subcode: i64, message: &str) -> Self {
        Self { subcode: Some(subcode), ..Self::new(code, message) }
    }

    /// The object is missing, or not to be seen, or the edge does not exist on it: nobody can tell which.
    pub(super) fn missing() -> Self {
        Self::sub(100, 33, "Unsupported request. Object missing or no permission")
    }
}

pub(super) type Outcome = Result<Value, GraphError>;

/// What a node renders with: the call, its token, and the faults that bear on it.
pub(super) struct Ctx<'a> {
    pub(super) call: &'a Call,
    pub(super) token: &'a GraphToken,
    pub(super) mood: &'a Mood,
}

/// What a node id stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    User,
    Page(String),
    Post(String),
    Comment(String),
    Account(String),
    Media(String),
    IgComment(String),
}

enum Out {
    Json(Result<Value, GraphError>, Vec<(String, String)>),
    Raw(Answer),
    HangUp,
}

impl World {
    pub(super) fn graph(&mut self, ask: &Ask) -> Reply {
        let call = Call::new(ask);
        let out = if call.path.is_empty() && call.method == "POST" { self.batch(&call) } else { self.one_call(&call) };
        self.graph_reply(&call, out)
    }

    fn one_call(&mut self, call: &Call) -> Out {
        let node = call.path.first().and_then(|id| self.node(id, call));
        let page = node.as_ref().and_then(|node| self.page_of(node));
        let platform = self.platform_of(call, node.as_ref());
        let route = route_name(call, platform, node.as_ref());
        let page_key = page.as_deref().and_then(|id| self.page(id)).map(|page| page.key.clone());
        let asked = call.params.get("fields").and_then(|text| fields::parse(text).ok()).unwrap_or_default();
        let about = About {
            now: self.now,
            platform,
            page: page_key.iter().map(String::as_str).chain(page.as_deref()).collect(),
            route: &route,
            method: &call.method,
            has_cursor: call.params.get("after").or(call.params.get("before")).is_some(),
            weight: fields::weight(&asked, call.params.number("limit").unwrap_or(25)),
        };
        let mood = self.mood(&about);
        let out = match early_fault(&mood, platform, page.as_deref()) {
            Some(out) => out,
            None => self.authorised_call(call, node, platform, page.as_deref(), &mood),
        };
        let out = late_fault(&mood, out);
        self.note(call, route, platform, page, &out);
        out
    }

    fn authorised_call(
        &mut self,
        call: &Call,
        node: Option<Node>,
        platform: Option<Platform>,
        page: Option<&str>,
        mood: &Mood,
    ) -> Out {
        if let Some(result) = self.token_call(call) {
            return Out::Json(result, Vec::new());
        }
        let token = match self.authorise(call) {
            Ok(token) => token,
            Err(error) => return Out::Json(Err(error), Vec::new()),
        };
        let (usage, spent) = self.meter(call, &token, platform, page, mood);
        let result = match spent {
            Some(error) => Err(error),
            None => self.dispatch(call, node, &Ctx { call, token: &token, mood }),
        };
        let result = result.map(|value| mangle_ids(value, mood));
        Out::Json(result, usage.into_iter().collect())
    }

    fn dispatch(&mut self, call: &Call, node: Option<Node>, ctx: &Ctx<'_>) -> Outcome {
        if call.path.is_empty() {
            return self.multi_get(ctx);
        }
        let node = node.ok_or_else(GraphError::missing)?;
        self.may_touch(&node, ctx.token)?;
        let edge = call.path.get(1).map(String::as_str);
        if call.path.len() > 2 {
            return Err(GraphError::new(2500, "Unknown path components"));
        }
        match (call.method.as_str(), edge) {
            ("GET", None) => self.render(&node, asked_fields(ctx)?.as_deref(), ctx),
            ("GET", Some(edge)) => {
                let ask =
                    EdgeAsk { node: node_id(&node), edge, options: call.params.0.clone(), fields: asked_fields(ctx)? };
                self.edge(&node, &ask, ctx)
            }
            ("POST" | "DELETE", _) => {
                let blocked = ctx.mood.is(&Fault::WritesBlocked368);
                let blocked = blocked.then(|| GraphError::new(368, "(#368) The action was deemed abusive"));
                blocked.map_or_else(|| self.write(&node, edge, ctx), Err)
            }
            _ => Err(GraphError::new(100, "(#100) Unsupported method")),
        }
    }

    /// One node with its fields; `None` takes the node's default fields.
    pub(super) fn render(&self, node: &Node, asked: Option<&[Field]>, ctx: &Ctx<'_>) -> Outcome {
        match node {
            Node::User => Ok(user_node(asked)),
            Node::Page(id) => self.page_node(id, asked, ctx),
            Node::Post(id) => self.post_node(id, asked, ctx),
            Node::Comment(id) => self.comment_node(id, asked, ctx),
            Node::Account(id) => self.account_node(id, asked, ctx),
            Node::Media(id) => self.media_node(id, asked, ctx),
            Node::IgComment(id) => self.ig_comment_node(id, asked, ctx),
        }
    }

    pub(super) fn edge(&self, node: &Node, ask: &EdgeAsk<'_>, ctx: &Ctx<'_>) -> Outcome {
        match node {
            Node::User => self.user_edge(ask, ctx),
            Node::Page(id) => self.page_edge(id, ask, ctx),
            Node::Post(id) => self.post_edge(id, ask, ctx),
            Node::Comment(id) => self.fb_comments_edge(id, ask, ctx),
            Node::Account(id) => self.account_edge(id, ask, ctx),
            Node::Media(id) => self.media_edge(id, ask, ctx),
            Node::IgComment(id) => self.replies_edge(id, ask, ctx),
        }
    }

    fn write(&mut self, node: &Node, edge: Option<&str>, ctx: &Ctx<'_>) -> Outcome {
        match node {
            Node::User => Err(GraphError::missing()),
            Node::Page(id) => self.page_write(id, edge, ctx),
            Node::Post(id) => self.post_write(id, edge, ctx),
            Node::Comment(id) => self.comment_write(id, edge, ctx),
            Node::Account(id) => self.account_write(id, edge, ctx),
            Node::Media(id) => self.media_write(id, edge, ctx),
            Node::IgComment(id) => self.ig_comment_write(id, edge, ctx),
        }
    }

    fn multi_get(&self, ctx: &Ctx<'_>) -> Outcome {
        let ids =
            ctx.call.params.get("ids").ok_or_else(|| GraphError::new(100, "(#100) The parameter ids is required"))?;
        let ids: Vec<&str> = ids.split(',').filter(|id| !id.is_empty()).collect();
        if ids.len() > BATCH_PARTS {
            return Err(GraphError::new(100, "(#100) Too many ids"));
        }
        let asked = asked_fields(ctx)?;
        let mut out = Map::new();
        for id in ids {
            let node = self
                .node(id, ctx.call)
                .ok_or_else(|| GraphError::new(803, "(#803) Some of the aliases do not exist"))?;
            self.may_touch(&node, ctx.token)?;
            out.insert(id.to_owned(), self.render(&node, asked.as_deref(), ctx)?);
        }
        Ok(Value::Object(out))
    }

    fn batch(&mut self, call: &Call) -> Out {
        if call.host == Host::B {
            return Out::Json(Err(GraphError::missing()), Vec::new());
        }
        if let Err(error) = self.authorise(call) {
            return Out::Json(Err(error), Vec::new());
        }
        let parts = call.params.get("batch").and_then(|text| serde_json::from_str::<Vec<Value>>(text).ok());
        let Some(parts) = parts.filter(|parts| parts.len() <= BATCH_PARTS) else {
            return Out::Json(
                Err(GraphError::new(100, "(#100) batch must be a JSON array of at most 50 calls")),
                Vec::new(),
            );
        };
        let with_headers = call.params.flag("include_headers") != Some(false);
        let answers = parts.iter().map(|part| self.batch_part(call, part, with_headers)).collect();
        Out::Json(Ok(Value::Array(answers)), Vec::new())
    }

    fn batch_part(&mut self, outer: &Call, part: &Value, with_headers: bool) -> Value {
        let call = outer.part(part);
        let out = self.one_call(&call);
        let Reply::Answer(answer) = self.graph_reply(&call, out) else { return Value::Null };
        let mut value = json!({"code": answer.status, "body": String::from_utf8_lossy(&answer.body)});
        if with_headers {
            let headers = answer.headers.iter().map(|(name, value)| json!({"name": name, "value": value}));
            value["headers"] = headers.collect();
        }
        value
    }

    /// Counts the call on the meter that the token kind picks; gives the usage header and, beyond the budget, an error.
    fn meter(
        &mut self,
        call: &Call,
        token: &GraphToken,
        platform: Option<Platform>,
        page: Option<&str>,
        mood: &Mood,
    ) -> (Option<(String, String)>, Option<GraphError>) {
        let about_page = !matches!(token.kind, TokenKind::User | TokenKind::App);
        let meter = if about_page { page.unwrap_or("pages") } else { "app" }.to_owned();
        let (now, budget) = (self.now, u64::from(self.knobs.graph_budget.max(1)));
        let calls = self.calls.entry(meter.clone()).or_default();
        calls.extend(std::iter::repeat_n(now, call.cost()));
        calls.retain(|at| later(*at, 86_400) > now);
        let mut percent = calls.len() as u64 * 100 / budget;
        let wait =
            if percent >= 100 { calls.first().map_or(60, |first| (86_400 - seconds(*first, now)) / 60) } else { 0 };
        for fault in &mood.0 {
            if let Fault::UsageHeader { percent: claimed } = fault {
                percent = u64::from(*claimed);
            }
        }
        let header = if about_page { business_usage(&meter, platform, percent, wait) } else { app_usage(percent) };
        let code = if about_page { budget_code(platform) } else { 4 };
        let spent = (calls.len() as u64 > budget).then(|| GraphError::new(code, "budget used up"));
        (Some(header), spent)
    }

    pub(super) fn node(&self, id: &str, call: &Call) -> Option<Node> {
        if id == "me" {
            return self.me(call);
        }
        if let Some(page) = self.pages.iter().find(|page| page.id == id) {
            return match page.platform {
                Platform::Facebook => Some(Node::Page(id.to_owned())),
                Platform::Instagram => Some(Node::Account(id.to_owned())),
                Platform::TikTok => None,
            };
        }
        if let Some(post) = self.posts.iter().find(|post| post.id == id && !post.deleted) {
            return match post.platform {
                Platform::Facebook => Some(Node::Post(id.to_owned())),
                Platform::Instagram => Some(Node::Media(id.to_owned())),
                Platform::TikTok => None,
            };
        }
        // The bare last segment of a Facebook comment's id resolves too (facebook.md section 4).
        let last = |full: &str| full.rsplit('_').next().map(str::to_owned);
        let comment = self.comments.iter().find(|comment| {
            comment.gone.is_none()
                && (comment.id == id
                    || (comment.platform == Platform::Facebook && last(&comment.id).as_deref() == Some(id)))
        })?;
        match comment.platform {
            Platform::Facebook => Some(Node::Comment(comment.id.clone())),
            Platform::Instagram => Some(Node::IgComment(comment.id.clone())),
            Platform::TikTok => None,
        }
    }

    fn me(&self, call: &Call) -> Option<Node> {
        let token = self.tokens.iter().find(|token| Some(&token.value) == call.token.as_ref())?;
        match &token.kind {
            TokenKind::User => Some(Node::User),
            TokenKind::Page(id) => Some(Node::Page(id.clone())),
            TokenKind::Instagram(id) => Some(Node::Account(id.clone())),
            TokenKind::App => None,
        }
    }

    fn page_of(&self, node: &Node) -> Option<String> {
        match node {
            Node::User => None,
            Node::Page(id) | Node::Account(id) => Some(id.clone()),
            Node::Post(id) | Node::Media(id) => self.post(id).map(|post| post.page.clone()),
            Node::Comment(id) | Node::IgComment(id) => self.comment(id).map(|comment| comment.page.clone()),
        }
    }

    fn platform_of(&self, call: &Call, node: Option<&Node>) -> Option<Platform> {
        match node {
            Some(Node::Page(_) | Node::Post(_) | Node::Comment(_)) => Some(Platform::Facebook),
            Some(Node::Account(_) | Node::Media(_) | Node::IgComment(_)) => Some(Platform::Instagram),
            _ if call.host == Host::B => Some(Platform::Instagram),
            _ => self.platform_of_gone(call),
        }
    }

    /// What is gone still belongs to a platform: a fault on Facebook must not spare a second DELETE.
    fn platform_of_gone(&self, call: &Call) -> Option<Platform> {
        let id = call.path.first()?;
        let comment = self.comments.iter().find(|comment| &comment.id == id).map(|comment| comment.platform);
        comment.or_else(|| self.posts.iter().find(|post| &post.id == id).map(|post| post.platform))
    }

    fn note(&mut self, call: &Call, route: String, platform: Option<Platform>, page: Option<String>, out: &Out) {
        let (status, code) = match out {
            Out::Json(Ok(_), _) => (Some(200), 0),
            Out::Json(Err(error), _) => (Some(error.status), error.code),
            Out::Raw(answer) => (Some(answer.status), 0),
            Out::HangUp => (None, 0),
        };
        let method = call.method.clone();
        let path = format!("/{}", call.path.join("/"));
        let made_token = route.starts_with("graph.token") && code == 0 && status == Some(200);
        let authorised = made_token || self.authorise(call).is_ok();
        let params = call.params.0.clone();
        self.saw(Seen { at: self.now, method, path, route, platform, page, params, authorised, status, code });
    }

    fn graph_reply(&self, call: &Call, out: Out) -> Reply {
        let (result, extra) = match out {
            Out::Json(result, extra) => (result, extra),
            Out::Raw(answer) => return Reply::Answer(answer),
            Out::HangUp => return Reply::HangUp,
        };
        let kind = if call.method == "GET" { "application/json" } else { "text/javascript" };
        let trace = format!("Sim{:08x}{:04x}", self.chance("trace") as u32, self.counter);
        let mut headers = vec![
            ("content-type".to_owned(), format!("{kind}; charset=UTF-8")),
            ("facebook-api-version".to_owned(), call.version.clone()),
            ("x-fb-trace-id".to_owned(), trace.clone()),
        ];
        headers.extend(extra);
        let (status, value) = match result {
            Ok(value) => (200, value),
            Err(error) => {
                let what = if error.code == 190 { "invalid_token" } else { "invalid_request" };
                let text = format!("OAuth \"Facebook Platform\" \"{what}\" \"{}\"", error.message.replace('"', "'"));
                headers.push(("www-authenticate".to_owned(), text));
                (error.status, error_body(&error, call, &trace))
            }
        };
        Reply::Answer(Answer { status, headers, body: graph_json(&value).into_bytes() })
    }
}

impl Call {
    fn new(ask: &Ask) -> Self {
        let (host, path) = match ask.path.strip_prefix("/ig") {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => (Host::B, rest),
            _ => (Host::A, ask.path.as_str()),
        };
        let mut path: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let versioned = path.first().is_some_and(|part| is_version(part));
        let version = Some(path.first().cloned().unwrap_or_default()).filter(|_| versioned);
        path.drain(..usize::from(versioned));
        let version = version.filter(|version| alive(version)).unwrap_or_else(|| OLDEST_VERSION.to_owned());
        let params = ask.params();
        let bearer = ask.header_value("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let token = bearer.or_else(|| params.get("access_token")).map(str::to_owned);
        Self { host, version, method: ask.method.clone(), path, params, token, base: ask.base() }
    }

    /// The call that a part of a batch stands for.
    fn part(&self, part: &Value) -> Self {
        let target = part["relative_url"].as_str().unwrap_or_default().trim_start_matches('/');
        let mut ask = Ask::new(part["method"].as_str().unwrap_or("GET"), &format!("/{target}"));
        ask.query.extend(decode_form(part["body"].as_str().unwrap_or_default().as_bytes()));
        let mut call = Self::new(&ask);
        call.token = call.token.or_else(|| self.token.clone());
        if call.params.get("appsecret_proof").is_none() && call.token == self.token {
            let outer = self.params.0.iter().filter(|(name, _)| name.starts_with("appsecret")).cloned();
            call.params.0.extend(outer);
        }
        Self { version: self.version.clone(), base: self.base.clone(), ..call }
    }

    /// How many calls it counts as: each id of a multi-get is one (facebook.md section 9).
    fn cost(&self) -> usize {
        let ids = self.params.get("ids").filter(|_| self.path.is_empty());
        ids.map_or(1, |ids| ids.split(',').count())
    }

    pub(super) fn root(&self) -> String {
        let host = if self.host == Host::B { "/ig" } else { "" };
        format!("{}{host}/{}", self.base, self.version)
    }
}

pub(super) fn asked_fields(ctx: &Ctx<'_>) -> Result<Option<Vec<Field>>, GraphError> {
    let parse = |text| fields::parse(text).map_err(|message| GraphError::new(2500, &message));
    let asked = ctx.call.params.get("fields").map(parse).transpose()?;
    Ok(asked.filter(|fields| !fields.is_empty()))
}

/// A time as this call wants it: ISO with a colon-less offset, or Unix seconds.
pub(super) fn time_value(at: Timestamp, ctx: &Ctx<'_>) -> Value {
    let unix = ctx.mood.is(&Fault::UnixTimes) || ctx.call.params.get("date_format") == Some("U");
    if unix { json!(at.as_second()) } else { json!(graph_time(at)) }
}

/// Only what was asked of a plain object or of each row of a list; a name that is not `known` fails the call.
pub(super) fn pick(value: Value, inner: Option<&[Field]>, known: &str) -> Outcome {
    let Some(inner) = inner else { return Ok(value) };
    match value {
        Value::Array(rows) => rows.into_iter().map(|row| pick(row, Some(inner), known)).collect(),
        Value::Object(mut all) if all.contains_key("data") => {
            let rows = pick(all.remove("data").unwrap_or_default(), Some(inner), known)?;
            all.insert("data".into(), rows);
            Ok(Value::Object(all))
        }
        Value::Object(mut all) => {
            let mut out = Map::new();
            for field in inner {
                if !listed(known, &field.name) {
                    return Err(unknown_field(&field.name, "object"));
                }
                if let Some(found) = all.remove(&field.name) {
                    out.insert(field.key().to_owned(), pick(found, field.inner.as_deref(), ATTACHMENT_NAMES)?);
                }
            }
            Ok(Value::Object(out))
        }
        other => Ok(other),
    }
}

/// Every name inside an attachment, at whatever level.
pub(super) const ATTACHMENT_NAMES: &str = "id type url unshimmed_url title \
    description description_tags media media_type target subattachments image height width src source";

/// Whether `name` is one of these words.
pub(super) fn listed(words: &str, name: &str) -> bool {
    words.split_whitespace().any(|word| word == name)
}

pub(super) fn unknown_field(name: &str, kind: &str) -> GraphError {
    GraphError::new(100, &format!("(#100) Tried accessing nonexisting field ({name}) on node type ({kind})"))
}

/// A text as it goes out, with what faults do to texts.
pub(super) fn text_value(text: &str, mood: &Mood) -> Value {
    let mut text = text.to_owned();
    for fault in &mood.0 {
        match fault {
            Fault::NullText => return Value::Null,
            Fault::NulInText => text.push('\0'),
            Fault::LoneSurrogate => text.push(HALF_PAIR),
            Fault::HugeText => text = format!("{text} ").repeat(60_000 / (text.len() + 1) + 1),
            _ => {}
        }
    }
    Value::String(text)
}

pub(super) fn node_id(node: &Node) -> &str {
    match node {
        Node::User => "me",
        Node::Page(id)
        | Node::Post(id)
        | Node::Comment(id)
        | Node::Account(id)
        | Node::Media(id)
        | Node::IgComment(id) => id,
    }
}

fn route_name(call: &Call, platform: Option<Platform>, node: Option<&Node>) -> String {
    let tokens = ["oauth", "debug_token", "access_token", "refresh_access_token"];
    let first = call.path.first().map_or("", String::as_str);
    if tokens.contains(&first) {
        return format!("graph.token.{first}");
    }
    let platform = platform.map_or("graph", Platform::id);
    let what = match (node, call.path.get(1)) {
        (_, Some(edge)) => edge.as_str(),
        (None, None) if first.is_empty() => "ids",
        (None, None) => "missing",
        (Some(Node::User), None) => "user",
        (Some(Node::Page(_)), None) => "page",
        (Some(Node::Post(_)), None) => "post",
        (Some(Node::Comment(_) | Node::IgComment(_)), None) => "comment",
        (Some(Node::Account(_)), None) => "account",
        (Some(Node::Media(_)), None) => "one_media",
    };
    format!("{platform}.{what}")
}

fn early_fault(mood: &Mood, platform: Option<Platform>, page: Option<&str>) -> Option<Out> {
    mood.0.iter().find_map(|fault| {
        let (error, headers) = match fault {
            Fault::TimeoutBefore => return Some(Out::HangUp),
            Fault::HtmlInsteadOfJson { status } => return Some(Out::Raw(Answer::html(*status))),
            Fault::NotJson => return Some(Out::Raw(plain_answer("Service Unavailable"))),
            Fault::EmptyBody => return Some(Out::Raw(plain_answer(""))),
            Fault::Throttle { code, minutes, .. } => {
                let code = code.unwrap_or_else(|| budget_code(platform));
                let usage = minutes.map(|wait| match code {
                    4 | 17 | 32 => app_usage(100),
                    _ => business_usage(page.unwrap_or("0"), platform, 100, i64::from(wait)),
                });
                (GraphError::new(code, &format!("(#{code}) budget used up")), usage)
            }
            Fault::TokenExpired => (GraphError::sub(190, 463, "(#190) token no longer valid"), None),
            Fault::TokenRevoked => (GraphError::sub(190, 460, "(#190) token no longer valid"), None),
            Fault::PermissionLost { code } => (GraphError::new(*code, &format!("(#{code}) no permission")), None),
            Fault::Internal { code } => {
                (GraphError { status: 500, ..GraphError::new(*code, "An unknown error occurred") }, None)
            }
            Fault::CodeOne500OnDeepExpansion { .. } => (GraphError::new(1, "Please reduce the amount of data"), None),
            _ => return None,
        };
        Some(Out::Json(Err(error), headers.into_iter().collect()))
    })
}

fn late_fault(mood: &Mood, out: Out) -> Out {
    if mood.is(&Fault::TimeoutAfterSideEffect) {
        return Out::HangUp;
    }
    match out {
        Out::Json(Ok(value), _) if mood.is(&Fault::Truncated) => {
            let text = graph_json(&value);
            Out::Raw(plain_answer(&text[..text.len() / 2]))
        }
        out => out,
    }
}

fn plain_answer(body: &str) -> Answer {
    let headers = vec![("content-type".into(), "application/json; charset=UTF-8".into())];
    Answer { status: 200, headers, body: body.as_bytes().to_vec() }
}

fn error_body(error: &GraphError, call: &Call, trace: &str) -> Value {
    let kind = match (error.code, error.subcode) {
        _ if call.host == Host::B => "IGApiException",
        (100, Some(33)) => "GraphMethodException",
        _ => "OAuthException",
    };
    let mut body = json!({"message": error.message, "type": kind, "code": error.code, "fbtrace_id": trace});
    if let Some(subcode) = error.subcode {
        body["error_subcode"] = json!(subcode);
    }
    if matches!(error.code, 1 | 2) {
        body["is_transient"] = json!(error.code == 2);
    }
    json!({"error": body})
}

fn business_usage(id: &str, platform: Option<Platform>, percent: u64, wait: i64) -> (String, String) {
    let kind = if platform == Some(Platform::Instagram) { "instagram" } else { "pages" };
    let value = json!({id: [{"type": kind, "call_count": percent, "total_cputime": percent / 4,
        "total_time": percent / 4, "estimated_time_to_regain_access": wait}]});
    ("x-business-use-case-usage".into(), value.to_string())
}

fn app_usage(percent: u64) -> (String, String) {
    let value = json!({"call_count": percent, "total_cputime": percent / 4, "total_time": percent / 4});
    ("x-app-usage".into(), value.to_string())
}

fn budget_code(platform: Option<Platform>) -> i64 {
    if platform == Some(Platform::Instagram) { 80_002 } else { 80_001 }
}

fn mangle_ids(value: Value, mood: &Mood) -> Value {
    let (numeric, missing) = (mood.is(&Fault::NumericIds), mood.is(&Fault::MissingId));
    if !numeric && !missing {
        return value;
    }
    match value {
        Value::Array(rows) => rows.into_iter().map(|row| mangle_ids(row, mood)).collect(),
        Value::Object(all) => {
            let kept = all.into_iter().filter(|(name, _)| !(missing && name == "id"));
            let mangled = kept.map(|(name, value)| match (name.as_str(), value) {
                ("id" | "parent_id" | "user_id", Value::String(id)) if numeric => (name, bare_number(&id)),
                (_, value) => (name, mangle_ids(value, mood)),
            });
            Value::Object(mangled.collect())
        }
        other => other,
    }
}

fn is_version(part: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    part.strip_prefix('v').and_then(|rest| rest.split_once('.')).is_some_and(|(a, b)| digits(a) && digits(b))
}

/// An ended version is served by the oldest that is alive (facebook.md section 1).
fn alive(version: &str) -> bool {
    let major = |text: &str| text.strip_prefix('v').and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
    major(version) >= major(OLDEST_VERSION)
}

fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second() - from.as_second()
}
