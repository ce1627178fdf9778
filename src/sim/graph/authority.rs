//! Who may call: how tokens are made, looked at and refreshed, whether one is alive, and what it may touch. In: a
//! [`Call`]. Out: its token, or the error that says why not (facebook.md section 2, instagram.md section 2). Not here:
//! permissions for single fields and writes, which the nodes ask for.

use serde_json::json;

use super::{Call, GraphError, Host, Node, Outcome};
use crate::clock::Timestamp;
use crate::sim::tokens::{GraphToken, META_APP_ID, META_APP_SECRET, TokenKind, proof};
use crate::sim::wire::bare_number;
use crate::sim::world::{World, later};

impl World {
    /// Calls that make or look at tokens, which need none or another one than the rest.
    pub(super) fn token_call(&mut self, call: &Call) -> Option<Outcome> {
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
        Ok(json!({"access_token": value, "user_id": bare_number(id), "permissions": permissions}))
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

    pub(super) fn authorise(&self, call: &Call) -> Result<GraphToken, GraphError> {
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
    pub(super) fn may_touch(&self, node: &Node, token: &GraphToken) -> Result<(), GraphError> {
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
}
