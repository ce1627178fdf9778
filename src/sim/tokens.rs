//! Tokens of the simulated platforms: who may do what, until when. In: pages and the time. Out: the first tokens,
//! which are the same in every run so that scripts may know them, and look-ups. Nothing here is a secret of anybody.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::wire::hex;
use super::world::{World, later};
use crate::clock::Timestamp;
use crate::comment::Platform;

/// The secret of the simulated Meta app; the test vectors of facebook.md section 2 use it.
pub const META_APP_SECRET: &str = "0123456789abcdef0123456789abcdef";
/// The id of the simulated Meta app.
pub const META_APP_ID: &str = "778899";
/// The id of the simulated TikTok app.
pub const TIKTOK_APP_ID: &str = "7600000000000000001";
/// The secret of the simulated TikTok app.
pub const TIKTOK_APP_SECRET: &str = "sim-app-secret-000000000000000000";

const DAY_S: i64 = 86_400;
const META_PERMISSIONS: &[&str] = &[
    "pages_show_list",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_engagement",
    "pages_manage_metadata",
    "pages_messaging",
    "instagram_basic",
    "instagram_manage_comments",
];
const INSTAGRAM_PERMISSIONS: &[&str] = &["instagram_business_basic", "instagram_business_manage_comments"];
const TIKTOK_SCOPES: &str =
    "user.info.basic,user.info.profile,user.info.stats,video.list,comment.list,comment.list.manage";

/// Whom a Graph token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A person who manages every page.
    User,
    /// The Page with this id.
    Page(String),
    /// The app itself.
    App,
    /// The Instagram account with this id, on host B only.
    Instagram(String),
}

/// A token of the Graph API.
#[derive(Clone, Debug)]
pub struct GraphToken {
    /// The token itself.
    pub value: String,
    /// Whom it speaks for.
    pub kind: TokenKind,
    /// What it may do.
    pub permissions: Vec<String>,
    /// When it was given.
    pub issued: Timestamp,
    /// When it runs out; `None` is never.
    pub expires: Option<Timestamp>,
    /// Why it is dead: the subcode of 190.
    pub dead: Option<i64>,
}

impl GraphToken {
    pub(super) fn may(&self, permission: &str) -> bool {
        self.permissions.iter().any(|held| held == permission)
    }

    pub(super) fn is_for(&self, page: &str) -> bool {
        matches!(&self.kind, TokenKind::Page(id) | TokenKind::Instagram(id) if id == page)
    }
}

/// An access token and its refresh token on TikTok.
#[derive(Clone, Debug)]
pub struct TikTokPair {
    /// The account, `business_id` elsewhere.
    pub open_id: String,
    /// The access token.
    pub access: String,
    /// When it runs out.
    pub access_until: Timestamp,
    /// The refresh token.
    pub refresh: String,
    /// When consent runs out; refreshing does not move it.
    pub refresh_until: Timestamp,
    /// What the account holder agreed to, separated by commas.
    pub scopes: String,
    /// Replaced by a refresh, or revoked.
    pub dead: bool,
}

/// Lower-case hex of HMAC-SHA256 over the token, with the app's secret as key (facebook.md section 2).
pub(super) fn proof(secret: &str, message: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(message.as_bytes());
    hex(&mac.finalize().into_bytes())
}

impl World {
    /// Every Graph token, to look at.
    pub fn graph_tokens(&self) -> &[GraphToken] {
        &self.tokens
    }

    /// Every TikTok pair, dead ones too, the newest last.
    pub fn tiktok_pairs(&self) -> &[TikTokPair] {
        &self.pairs
    }

    /// The token that a client of this page would hold: the Page token on host A for both Meta platforms, the access
    /// token on TikTok.
    pub fn token_for(&self, page: &str) -> Option<String> {
        let page = self.page(page)?;
        if page.platform == Platform::TikTok {
            let pair = self.pairs.iter().rev().find(|pair| pair.open_id == page.id && !pair.dead);
            return pair.map(|pair| pair.access.clone());
        }
        let owner = page.linked.as_ref().unwrap_or(&page.id);
        self.tokens.iter().find(|token| token.is_for(owner)).map(|token| token.value.clone())
    }

    /// Kills a page's Graph tokens with this subcode of 190, or revokes its TikTok pair; says whether there was one.
    pub fn revoke_token(&mut self, page: &str, subcode: i64) -> bool {
        let Some(id) = self.page(page).map(|page| page.linked.clone().unwrap_or_else(|| page.id.clone())) else {
            return false;
        };
        let mut found = false;
        for token in self.tokens.iter_mut().filter(|token| token.is_for(&id)) {
            token.dead = Some(subcode);
            found = true;
        }
        for pair in self.pairs.iter_mut().filter(|pair| pair.open_id == id) {
            pair.dead = true;
            found = true;
        }
        found
    }

    /// Somebody authorises a page again: a new Graph token, or a new refresh token on TikTok. `None` for an unknown page.
    pub fn authorise_again(&mut self, page: &str) -> Option<String> {
        let page = self.page(page)?.clone();
        let now = self.now;
        if page.platform == Platform::TikTok {
            return Some(self.new_pair(&page.id, later(now, 365 * DAY_S), now).refresh);
        }
        let owner = page.linked.unwrap_or(page.id);
        let value = format!("EAASIMPAGE{owner}AGAIN{}", self.tokens.len());
        self.give(&value, TokenKind::Page(owner), META_PERMISSIONS, now, None);
        Some(value)
    }

    /// Takes a permission or scope away from every token.
    pub fn drop_permission(&mut self, permission: &str) {
        self.tokens.iter_mut().for_each(|token| token.permissions.retain(|held| held != permission));
        for pair in &mut self.pairs {
            let left: Vec<&str> = pair.scopes.split(',').filter(|scope| *scope != permission).collect();
            pair.scopes = left.join(",");
        }
    }

    /// Somebody consents again: gives a page a token that works, and says what its configuration has to hold from now
    /// on, the Page token of Graph or the refresh token of TikTok.
    pub fn consent_again(&mut self, page: &str) -> Option<String> {
        let page = self.page(page)?.clone();
        if page.platform == Platform::TikTok {
            return Some(self.new_pair(&page.id, later(self.now, 365 * DAY_S), self.now).refresh);
        }
        let owner = page.linked.unwrap_or(page.id);
        let value = format!("EAASIMPAGE{owner}N{}", self.tokens.len());
        self.give(&value, TokenKind::Page(owner), META_PERMISSIONS, self.now, None);
        Some(value)
    }

    /// Gives a permission or scope back to every token that lives.
    pub fn give_permission(&mut self, permission: &str) {
        for token in self.tokens.iter_mut().filter(|token| matches!(token.kind, TokenKind::Page(_))) {
            if META_PERMISSIONS.contains(&permission) && !token.may(permission) {
                token.permissions.push(permission.to_owned());
            }
        }
        for pair in &mut self.pairs {
            let holds = |scopes: &str| scopes.split(',').any(|scope| scope == permission);
            if holds(TIKTOK_SCOPES) && !holds(&pair.scopes) {
                pair.scopes = format!("{},{permission}", pair.scopes);
            }
        }
    }

    /// An authorisation code, as TikTok's consent page would send it: valid ten minutes, once.
    pub fn tiktok_consent(&mut self) -> String {
        let code = format!("sim-code-{:04x}", self.codes.len() + 1);
        self.codes.push((code.clone(), later(self.now, 600)));
        code
    }

    pub(super) fn issue_first_tokens(&mut self, at: Timestamp) {
        self.give("EAASIMUSERTOKEN000", TokenKind::User, META_PERMISSIONS, at, Some(later(at, 60 * DAY_S)));
        self.give(&format!("{META_APP_ID}|{META_APP_SECRET}"), TokenKind::App, &[], at, None);
        for page in self.pages.clone() {
            match page.platform {
                Platform::Facebook => {
                    let value = format!("EAASIMPAGE{}", page.id);
                    self.give(&value, TokenKind::Page(page.id), META_PERMISSIONS, at, None);
                }
                Platform::Instagram => {
                    let value = format!("IGAASIM{}", page.id);
                    let until = later(at, 60 * DAY_S);
                    self.give(&value, TokenKind::Instagram(page.id), INSTAGRAM_PERMISSIONS, at, Some(until));
                }
                Platform::TikTok => {
                    self.new_pair(&page.id, later(at, 365 * DAY_S), at);
                }
            }
        }
    }

    /// A new pair for an account; the first is the same in every run.
    pub(super) fn new_pair(&mut self, open_id: &str, refresh_until: Timestamp, at: Timestamp) -> TikTokPair {
        let number = self.pairs.len() + 1;
        let scopes = self.pairs.iter().rev().find(|pair| pair.open_id == open_id).map(|pair| pair.scopes.clone());
        let pair = TikTokPair {
            open_id: open_id.to_owned(),
            access: format!("act.sim.{number:06x}"),
            access_until: later(at, DAY_S),
            refresh: format!("rft.sim.{number:06x}"),
            refresh_until,
            scopes: scopes.unwrap_or_else(|| TIKTOK_SCOPES.to_owned()),
            dead: false,
        };
        self.pairs.push(pair.clone());
        pair
    }

    fn give(
        &mut self,
        value: &str,
        kind: TokenKind,
        permissions: &[&str],
        issued: Timestamp,
        expires: Option<Timestamp>,
    ) {
        let permissions = permissions.iter().map(|&name| name.to_owned()).collect();
        self.tokens.push(GraphToken { value: value.to_owned(), kind, permissions, issued, expires, dead: None });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_agrees_with_the_test_vectors_of_the_fact_sheets() {
        for (message, want) in [
            ("EAATESTPAGETOKEN000", "fab53c84aa57ff00ab2d57559bc3cf45f7cadd4ab7bbee73695274e8dfb1db70"),
            ("EAATESTPAGETOKEN000|1764000000", "fd78e162ccd97d98f4fe1fc8135219986742dab63b2d55bc1533a73676e41275"),
            ("IGAATESTUSERTOKEN000", "ee9803aa05d08173344f0b93d55d6e99f1236001cda6fd977f9c1defabf391f7"),
        ] {
            assert_eq!(proof(META_APP_SECRET, message), want, "{message}");
        }
    }
}
