//! What Facebook and Instagram have in common: hosts and versions, tokens, permissions, paging, batch, errors,
//! meters. In: an [`Ask`]. Out: a [`Reply`] as strict as the sheet says (facebook.md sections 1, 2, 5, 8, 9, 11, 13).
//! Not here: the nodes themselves, which `facebook` and `instagram` render.

use serde_json::{Map, Value, json};

use super::facebook::user_node;
use super::fault::{About, Fault, Mood};
use super::fields::{self, Field};
use super::tokens::{GraphToken, META_APP_ID, META_APP_SECRET, TokenKind, proof};
use super::wire::{Answer, Ask, HALF_PAIR, Params, Reply, bare_number, decode_form, graph_json, hex};
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

    /// Calls that make or look at tokens, which need none or another one than the rest.
    fn token_call(&mut self, call: &Call) -> Option<Outcome> {
        let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
        match (call.host, call.method.as_str(), path.as_slice()) {
            (Host::A, "GET" | "POST", ["oauth", "access_token"]) => Some(self.exchange(call)),
            (Host::A, "GET", ["debug_token"]) => Some(self.debug_token(call)),
            (Host::B, "POST", ["oauth", "access_token"]) => Some(self.ig_code(call)),
            (Host::B, "GET", ["access_token"]) => Some(self.ig_token(call, "ig_exchange_token")),
            (Host::B, "GET", ["refresh_access_token"]) => Some(self.ig_token(call, "ig_refresh_token")),
            _ => None,
        }
    }

    fn exchange(&self, call: &Call) -> Outcome {
        let right_app = call.params.get("client_id") == Some(META_APP_ID)
            && call.params.get("client_secret") == Some(META_APP_SECRET);
        if !right_app || call.params.get("grant_type") != Some("fb_exchange_token") {
            return Err(GraphError::new(101, "Error validating application"));
        }
        let short = call.params.get("fb_exchange_token").unwrap_or_default();
        let token = self.tokens.iter().find(|token| token.value == short && token.kind == TokenKind::User);
        let token = token.ok_or_else(|| GraphError::sub(190, 467, "(#190) token is invalid"))?;
        Ok(json!({"access_token": token.value, "token_type": "bearer", "expires_in": 5_183_944}))
    }

    fn debug_token(&self, call: &Call) -> Outcome {
        let caller = self.find_token(call.token.as_deref())?;
        if matches!(caller.kind, TokenKind::Instagram(_)) {
            return Err(GraphError::new(190, "(#190) Invalid OAuth access token"));
        }
        let input = call.params.get("input_token").unwrap_or_default();
        let Some(token) = self.tokens.iter().find(|token| token.value == input) else {
            let error = json!({"code": 190, "message": "token is invalid", "subcode": 467});
            return Ok(json!({"data": {"error": error, "is_valid": false, "scopes": []}}));
        };
        let mut data = json!({"app_id": META_APP_ID, "application": "Surgery Moderator", "is_valid": true,
            "issued_at": token.issued.as_second(), "expires_at": token.expires.map_or(0, Timestamp::as_second),
            "data_access_expires_at": later(token.issued, 90 * 86_400).as_second(), "user_id": "10160000000000001",
            "scopes": token.permissions, "type": "USER"});
        match &token.kind {
            TokenKind::Page(page) => {
                data["type"] = json!("PAGE");
                data["profile_id"] = json!(page);
                data["granular_scopes"] = json!([{"scope": "pages_manage_engagement", "target_ids": [page]}]);
            }
            TokenKind::App => data["type"] = json!("APP"),
            TokenKind::User | TokenKind::Instagram(_) => {}
        }
        if let Some(subcode) = self.why_dead(token) {
            data["is_valid"] = json!(false);
            data["error"] = json!({"code": 190, "message": "token is dead", "subcode": subcode});
        }
        Ok(json!({"data": data}))
    }

    fn ig_token(&mut self, call: &Call, grant: &str) -> Outcome {
        if call.params.get("grant_type") != Some(grant) {
            return Err(GraphError::new(100, "(#100) grant_type is wrong"));
        }
        if grant == "ig_exchange_token" && call.params.get("client_secret") != Some(META_APP_SECRET) {
            return Err(GraphError::new(101, "Error validating application"));
        }
        let token = self.find_token(call.token.as_deref())?;
        if !matches!(token.kind, TokenKind::Instagram(_)) {
            return Err(GraphError::new(190, "(#190) Invalid OAuth access token"));
        }
        if grant == "ig_refresh_token" && self.now < later(token.issued, 86_400) {
            return Err(GraphError::new(100, "(#100) The token is not old enough to be refreshed"));
        }
        let value = format!("{}r", token.value);
        let scopes = token.permissions.join(",");
        let (issued, expires) = (self.now, Some(later(self.now, 60 * 86_400)));
        self.tokens.push(GraphToken { value: value.clone(), issued, expires, ..token });
        Ok(json!({"access_token": value, "token_type": "bearer", "expires_in": 5_183_999, "permissions": scopes}))
    }

    /// The code of Instagram's consent page, here any, becomes the account's token (instagram.md section 2.2).
    fn ig_code(&self, call: &Call) -> Outcome {
        let given = |name: &str| call.params.get(name).is_some_and(|value| !value.is_empty());
        let right_app = call.params.get("client_secret") == Some(META_APP_SECRET);
        let whole = ["client_id", "redirect_uri", "code"].into_iter().all(given);
        if !right_app || !whole || call.params.get("grant_type") != Some("authorization_code") {
            return Err(GraphError::new(101, "Error validating application"));
        }
        if call.params.get("code").is_some_and(|code| code.ends_with("#_")) {
            return Err(GraphError::new(100, "This authorization code was not found"));
        }
        let token = self.tokens.iter().find(|token| matches!(token.kind, TokenKind::Instagram(_)));
        let Some(GraphToken { value, kind: TokenKind::Instagram(id), permissions, .. }) = token else {
            return Err(GraphError::new(100, "No account"));
        };
        Ok(json!({"access_token": value, "user_id": super::wire::bare_number(id), "permissions": permissions}))
    }

    fn find_token(&self, value: Option<&str>) -> Result<GraphToken, GraphError> {
        let value = value.ok_or_else(|| GraphError::new(2500, "An active access token must be used"))?;
        let found = self.tokens.iter().find(|token| token.value == value).cloned();
        let token = found
            .ok_or_else(|| GraphError::new(190, "(#190) Invalid OAuth access token - Cannot parse access token"))?;
        match self.why_dead(&token) {
            Some(subcode) => Err(GraphError::sub(190, subcode, "(#190) token no longer valid")),
            None => Ok(token),
        }
    }

    fn why_dead(&self, token: &GraphToken) -> Option<i64> {
        token.dead.or_else(|| token.expires.is_some_and(|until| until <= self.now).then_some(463))
    }

    fn authorise(&self, call: &Call) -> Result<GraphToken, GraphError> {
        let token = self.find_token(call.token.as_deref())?;
        let on_b = matches!(token.kind, TokenKind::Instagram(_));
        if on_b != (call.host == Host::B) {
            return Err(GraphError::new(190, "(#190) Invalid OAuth access token - Cannot parse access token"));
        }
        let given = call.params.get("appsecret_proof");
        let message = match call.params.get("appsecret_time") {
            Some(time) => format!("{}|{time}", token.value),
            None => token.value.clone(),
        };
        let fresh = call
            .params
            .get("appsecret_time")
            .is_none_or(|time| time.parse::<i64>().is_ok_and(|time| (self.now.as_second() - time).abs() <= 300));
        let right = given.is_some_and(|given| fresh && given == proof(META_APP_SECRET, &message));
        if right || (given.is_none() && !self.knobs.require_proof) {
            return Ok(token);
        }
        Err(GraphError::new(100, "(#100) Invalid or missing appsecret_proof"))
    }

    /// Page and Instagram tokens may touch what is theirs; a user's token reads; an app's token does neither.
    fn may_touch(&self, node: &Node, token: &GraphToken) -> Result<(), GraphError> {
        let page = self.page_of(node);
        let linked = page.as_deref().and_then(|id| self.page(id)).and_then(|page| page.linked.clone());
        let allowed = match &token.kind {
            TokenKind::User => true,
            TokenKind::App => return Err(GraphError::new(200, "(#200) An app token may not do this")),
            TokenKind::Page(id) => page.as_ref() == Some(id) || linked.as_ref() == Some(id),
            TokenKind::Instagram(id) => page.as_ref() == Some(id),
        };
        allowed.then_some(()).ok_or_else(GraphError::missing)
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

    fn root(&self) -> String {
        let host = if self.host == Host::B { "/ig" } else { "" };
        format!("{}{host}/{}", self.base, self.version)
    }
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
