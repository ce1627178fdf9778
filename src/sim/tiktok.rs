//! TikTok's Business API, v1.3 (tiktok.md, section 9 above all). In: an [`Ask`]. Out: HTTP 200 with `code`, as strict
//! as the sheet says: ids as strings only, parameters in range, scopes, limits by the clock. Absent: the webhook
//! emitter.

use serde_json::{Map, Value, json};

use super::fault::{About, Fault, Mood};
use super::graph::{listed, text_value};
use super::scenario::{HiddenBy, PostShape};
use super::tokens::{TIKTOK_APP_ID, TIKTOK_APP_SECRET, TikTokPair};
use super::wire::{Answer, Ask, Reply, bare_number, plain_json};
use super::world::{Act, Comment, Gone, Post, Seen, World, later};
use crate::clock::Timestamp;
use crate::comment::{Attachment, Platform};

const BASE: &str = "/open_api/v1.3/";
const PER_PATH_A_MINUTE: usize = 40;
const PER_APP_A_MINUTE: usize = 600;
const PER_APP_A_SECOND: usize = 10;
const LOCKED_OUT_S: i64 = 300;
const TEXT_LIMIT: usize = 150;
const SORTED_PART: usize = 500;
/// The count of comments is that of a day and a half ago (tiktok.md section 4.1: 24 to 48 hours).
const COUNT_LAG_S: i64 = 36 * 3600;
const VIDEO_FIELDS: &str = "item_id media_type is_ad create_time caption \
    share_url embed_url thumbnail_url comments likes shares video_views reach video_duration";
const INSIGHT_FIELDS: &str = "total_time_watched average_time_watched full_video_watched_rate impression_sources \
    audience_countries";
const ACCOUNT_FIELDS: &str = "username display_name profile_image is_business_account bio_description is_verified \
    followers_count following_count total_likes videos_count profile_deep_link";

/// A refusal: TikTok's code and message.
type Refused = (i64, String);
type Outcome = Result<Value, Refused>;

/// What a call may look at: its parameters, whose account it is, the faults that bear on it.
struct Ctx {
    get: Vec<(String, String)>,
    body: Value,
    business: String,
    mood: Mood,
}

impl World {
    pub(super) fn tiktok(&mut self, ask: &Ask) -> Reply {
        let Some(path) = ask.path.strip_prefix(BASE) else { return Reply::Answer(Answer::html(404)) };
        let route = format!("tiktok.{}", path.trim_end_matches('/').replace('/', ".").replace("business.", ""));
        let open_id = self.claimed_account(ask);
        let page = open_id.as_deref().and_then(|id| self.page(id));
        let (page_id, page_key) = (page.map(|page| page.id.clone()), page.map(|page| page.key.clone()));
        let about = About {
            now: self.now,
            platform: Some(Platform::TikTok),
            page: page_key.iter().chain(&page_id).map(String::as_str).collect(),
            route: &route,
            method: &ask.method,
            has_cursor: ask.query.iter().any(|(name, value)| name == "cursor" && value != "0"),
            weight: (0, 0),
        };
        let mood = self.mood(&about);
        let outcome = early_fault(&mood).unwrap_or_else(|| Ok(self.tiktok_call(ask, path, mood.clone())));
        let reply = match outcome {
            Ok(_) if mood.is(&Fault::TimeoutAfterSideEffect) => Err(Reply::HangUp),
            Ok(result) => Ok(result),
            Err(reply) => Err(reply),
        };
        let code = reply.as_ref().map_or(0, |result| result.as_ref().err().map_or(0, |(code, _)| *code));
        let reply = reply.map_or_else(|reply| reply, |result| self.envelope(result, ask, &mood));
        let status = if let Reply::Answer(answer) = &reply { Some(answer.status) } else { None };
        let made_token = route.starts_with("tiktok.tt_user") && code == 0 && status == Some(200);
        let authorised = made_token || self.pair_of(ask).is_ok();
        let params = ask.query.clone();
        let (method, path) = (ask.method.clone(), ask.path.clone());
        let platform = Some(Platform::TikTok);
        self.saw(Seen { at: self.now, method, path, route, platform, page: page_id, params, authorised, status, code });
        reply
    }

    fn tiktok_call(&mut self, ask: &Ask, path: &str, mood: Mood) -> Outcome {
        match (ask.method.as_str(), path) {
            ("POST", "tt_user/oauth2/token/") => self.exchange_code(&json_body(ask)?),
            ("POST", "tt_user/oauth2/refresh_token/") => self.refresh(&json_body(ask)?),
            ("POST", "tt_user/oauth2/revoke/") => self.revoke(&json_body(ask)?),
            ("POST", "tt_user/token_info/get/") => self.token_info(&json_body(ask)?),
            _ => self.account_call(ask, path, mood),
        }
    }

    fn account_call(&mut self, ask: &Ask, path: &str, mood: Mood) -> Outcome {
        let scope = scope_of(&ask.method, path).ok_or_else(|| refuse(40_006, "no schema found"))?;
        let pair = self.pair_of(ask)?;
        self.within_limits(&pair.open_id, path)?;
        if !pair.scopes.split(',').any(|held| held == scope) {
            return Err(refuse(40_130, &format!("scope {scope} is not granted")));
        }
        let body = if ask.method == "POST" { json_body(ask)? } else { Value::Null };
        let ctx = Ctx { get: ask.query.clone(), body, business: pair.open_id.clone(), mood };
        let claimed = if ask.method == "POST" { ctx.id("business_id")? } else { ctx.query("business_id")? };
        if claimed != pair.open_id {
            return Err(refuse(40_001, "permission error: the account is not yours"));
        }
        if ask.method == "POST" && ctx.mood.is(&Fault::WritesBlocked368) {
            return Err(refuse(40_001, "permission error: the account is restricted"));
        }
        match path {
            "business/get/" => self.account(&ctx),
            "business/video/list/" => self.video_list(&ctx),
            "business/comment/list/" => self.comment_list(&ctx),
            "business/comment/reply/list/" => self.reply_list(&ctx),
            "business/comment/hide/" => self.hide(&ctx),
            "business/comment/delete/" => self.delete_own(&ctx),
            "business/comment/create/" => self.create(&ctx, None),
            "business/comment/reply/create/" => self.create(&ctx, Some("comment_id")),
            "business/comment/like/" => self.like(&ctx, &["LIKE", "UNLIKE"]),
            "business/comment/pin/" => self.like(&ctx, &["PIN", "UNPIN"]),
            _ => Err(refuse(40_006, "no schema found")),
        }
    }

    /// The account that a request is about, for faults and the log: from its token, else from what it says.
    fn claimed_account(&self, ask: &Ask) -> Option<String> {
        let body: Value = serde_json::from_slice(&ask.body).unwrap_or_default();
        let token = ask.header_value("access-token").or_else(|| body["refresh_token"].as_str());
        let pair =
            self.pairs.iter().find(|pair| Some(pair.access.as_str()) == token || Some(pair.refresh.as_str()) == token);
        let said = || ask.query.iter().find(|(name, _)| name == "business_id").map(|(_, value)| value.clone());
        pair.map(|pair| pair.open_id.clone()).or_else(said)
    }

    fn pair_of(&self, ask: &Ask) -> Result<TikTokPair, Refused> {
        let token = ask.header_value("access-token").unwrap_or_default();
        if token.is_empty() {
            return Err(refuse(40_104, "Access token is null."));
        }
        let wrong = || refuse(40_105, "Access token is incorrect or has been revoked.");
        let pair = self.pairs.iter().find(|pair| pair.access == token && !pair.dead).ok_or_else(wrong)?;
        if pair.access_until <= self.now {
            return Err(refuse(40_102, "Access token has expired."));
        }
        Ok(pair.clone())
    }

    fn within_limits(&mut self, account: &str, path: &str) -> Result<(), Refused> {
        if !self.knobs.tiktok_limits {
            return Ok(());
        }
        let now = self.now;
        let per_path = format!("tiktok {account} {path}");
        let rules = [
            (per_path.clone(), PER_PATH_A_MINUTE, 60, "QPM"),
            ("tiktok app".to_owned(), PER_APP_A_MINUTE, 60, "QPM"),
            ("tiktok app second".to_owned(), PER_APP_A_SECOND, 1, "QPS"),
        ];
        let rules = rules.into_iter().filter(|rule| rule.3 != "QPS" || self.knobs.tiktok_second_limit);
        for (meter, limit, window_s, name) in rules.collect::<Vec<_>>() {
            let over = refuse(40_100, &format!("App reaches the {name} limit"));
            if self.blocked_until.get(&meter).is_some_and(|until| now < *until) {
                return Err(over);
            }
            let calls = self.calls.entry(meter.clone()).or_default();
            calls.retain(|at| now < later(*at, window_s));
            if calls.len() >= limit {
                if name == "QPM" {
                    self.blocked_until.insert(meter, later(now, LOCKED_OUT_S));
                }
                return Err(over);
            }
            calls.push(now);
        }
        Ok(())
    }

    fn exchange_code(&mut self, body: &Value) -> Outcome {
        check_app(body, "client_id")?;
        required(body, &["auth_code", "redirect_uri"])?;
        if body["grant_type"] != json!("authorization_code") {
            return Err(refuse(40_002, "grant_type: must be authorization_code"));
        }
        let (code, now) = (body["auth_code"].as_str().unwrap_or_default(), self.now);
        let at = self.codes.iter().position(|(known, until)| known == code && now < *until);
        let at = at.ok_or_else(|| refuse(40_110, "Auth code is invalid or expired."))?;
        self.codes.remove(at);
        let account = self.pages.iter().find(|page| page.platform == Platform::TikTok).map(|page| page.id.clone());
        let account = account.ok_or_else(|| refuse(40_001, "no account"))?;
        let pair = self.new_pair(&account, later(now, 365 * 86_400), now);
        Ok(self.pair_value(&pair))
    }

    fn refresh(&mut self, body: &Value) -> Outcome {
        check_app(body, "client_id")?;
        required(body, &["refresh_token"])?;
        if body["grant_type"] != json!("refresh_token") {
            return Err(refuse(40_002, "grant_type: must be refresh_token"));
        }
        let token = body["refresh_token"].as_str().unwrap_or_default();
        let old = self.pairs.iter().position(|pair| pair.refresh == token && !pair.dead);
        let old = old.ok_or_else(|| refuse(40_131, "The refresh token is invalid."))?;
        if self.pairs[old].refresh_until <= self.now {
            return Err(refuse(40_103, "The refresh token has expired."));
        }
        let (open_id, until) = (self.pairs[old].open_id.clone(), self.pairs[old].refresh_until);
        let pair = self.new_pair(&open_id, until, self.now);
        if self.knobs.tiktok_rotation {
            self.pairs[old].dead = true;
            return Ok(self.pair_value(&pair));
        }
        // Without rotation the refresh token stays the same and only the access token is new.
        let kept = self.pairs[old].refresh.clone();
        if let Some(newest) = self.pairs.last_mut() {
            newest.refresh.clone_from(&kept);
        }
        Ok(self.pair_value(&TikTokPair { refresh: kept, ..pair }))
    }

    fn pair_value(&self, pair: &TikTokPair) -> Value {
        let left = |until: Timestamp| until.as_second() - self.now.as_second();
        json!({"access_token": pair.access, "expires_in": left(pair.access_until), "refresh_token": pair.refresh,
            "refresh_token_expires_in": left(pair.refresh_until), "open_id": pair.open_id, "scope": pair.scopes,
            "token_type": "Bearer"})
    }

    fn revoke(&mut self, body: &Value) -> Outcome {
        check_app(body, "client_id")?;
        required(body, &["access_token"])?;
        let token = body["access_token"].as_str().unwrap_or_default();
        let pair = self.pairs.iter_mut().find(|pair| pair.access == token && !pair.dead);
        pair.ok_or_else(|| refuse(40_131, "The access token is invalid."))?.dead = true;
        Ok(json!({}))
    }

    fn token_info(&self, body: &Value) -> Outcome {
        required(body, &["app_id", "access_token"])?;
        if body["app_id"] != json!(TIKTOK_APP_ID) {
            return Err(refuse(40_113, "app_id is invalid"));
        }
        let token = body["access_token"].as_str().unwrap_or_default();
        let live = |pair: &&TikTokPair| pair.access == token && !pair.dead && self.now < pair.access_until;
        let pair = self.pairs.iter().find(live);
        let pair = pair.ok_or_else(|| refuse(40_105, "Access token is incorrect or has been revoked."))?;
        Ok(json!({"app_id": TIKTOK_APP_ID, "scope": pair.scopes, "creator_id": pair.open_id}))
    }

    fn account(&self, ctx: &Ctx) -> Outcome {
        let page = self.page(&ctx.business).ok_or_else(|| refuse(40_001, "no account"))?;
        let fields = ctx.list("fields")?.unwrap_or_else(|| vec!["display_name".into(), "profile_image".into()]);
        let mut out = Map::new();
        for field in &fields {
            let value = match field.as_str() {
                "username" => json!(page.handle),
                "display_name" => json!(page.name),
                "profile_image" => json!("https://cdn.example/avatar.jpeg?x-expires=1793870000&x-signature=sim"),
                "is_business_account" => json!(true),
                name if listed(ACCOUNT_FIELDS, name) => continue,
                name => return Err(refuse(40_002, &format!("fields: {name} is not one of {ACCOUNT_FIELDS}"))),
            };
            out.insert(field.clone(), value);
        }
        Ok(Value::Object(out))
    }

    fn video_list(&self, ctx: &Ctx) -> Outcome {
        let fields = ctx.list("fields")?.unwrap_or_else(|| vec!["item_id".into()]);
        if !fields.iter().any(|field| field == "item_id") {
            return Err(refuse(40_002, "fields: must include item_id"));
        }
        if fields.iter().any(|field| listed(INSIGHT_FIELDS, field)) {
            return Err(refuse(40_130, "scope video.insights is not granted"));
        }
        if let Some(name) = fields.iter().find(|field| !listed(VIDEO_FIELDS, field)) {
            return Err(refuse(40_002, &format!("fields: {name} is not one of {VIDEO_FIELDS}")));
        }
        let count = ctx.number("max_count", 10, 1, 20)? as usize;
        let cursor = ctx.number("cursor", self.now.as_millisecond() as u64, 0, u64::MAX)? as i64;
        let wanted = ctx.query("filters").ok().map(|text| filter_ids(&text)).transpose()?.flatten();
        let mut posts: Vec<&Post> = self
            .posts
            .iter()
            .filter(|post| post.page == ctx.business && !post.deleted && post.shape == PostShape::Post)
            .filter(|post| {
                post.created.as_millisecond() < cursor
                    || (cursor == self.now.as_millisecond() && post.created <= self.now)
            })
            .filter(|post| wanted.as_ref().is_none_or(|ids| ids.contains(&post.id)))
            .collect();
        posts.sort_by_key(|post| std::cmp::Reverse(post.created));
        let shown = self.short(count, &format!("videos {cursor}"));
        let has_more = posts.len() > shown;
        posts.truncate(shown);
        let cursor = posts.last().map_or(cursor, |post| post.created.as_millisecond());
        let videos: Vec<Value> = posts.iter().map(|post| self.video_row(post, &fields, ctx)).collect();
        Ok(json!({"videos": videos, "cursor": cursor, "has_more": has_more}))
    }

    fn video_row(&self, post: &Post, fields: &[String], ctx: &Ctx) -> Value {
        let old_enough = |comment: &&Comment| later(comment.created, COUNT_LAG_S) <= self.now;
        let count = self.comments.iter().filter(|comment| comment.post == post.id).filter(old_enough).count();
        let handle = self.name_of(Platform::TikTok, &post.page);
        let mut row = json!({"item_id": post.id, "media_type": "VIDEO", "is_ad": false,
            "create_time": post.created.as_second().to_string(), "comments": count, "likes": 12, "shares": 1,
            "video_views": 340, "reach": 310, "video_duration": 41.5,
            "share_url": format!("https://www.tiktok.com/@{handle}/video/{}", post.id),
            "embed_url": format!("https://www.tiktok.com/static/profile-video?id={}", post.id),
            "thumbnail_url": "https://cdn.example/cover.jpeg?x-expires=1793870000"});
        if let Some(text) = &post.text {
            row["caption"] = text_value(text, &ctx.mood);
        }
        if let Some(row) = row.as_object_mut() {
            row.retain(|name, _| fields.contains(name));
        }
        row
    }

    fn comment_list(&self, ctx: &Ctx) -> Outcome {
        let video = self.own_video(&ctx.query_id("video_id")?, ctx)?.id.clone();
        let with_replies = ctx.flag("include_replies")?.unwrap_or(false);
        let found = self.comments.iter().filter(|one| one.post == video && one.gone.is_none() && !one.restricted);
        if let Some(ids) = ctx.list("comment_ids")? {
            if ids.is_empty() || ids.len() > 30 {
                return Err(refuse(40_002, "comment_ids: length must be between 1 and 30"));
            }
            let rows: Vec<Value> =
                found.filter(|one| ids.contains(&one.id)).map(|one| self.row(one, with_replies, ctx)).collect();
            return Ok(json!({"comments": rows}));
        }
        self.page_of_rows(
            found.filter(|one| one.parent.is_none()).collect(),
            with_replies,
            &["asc", "desc", "smart"],
            ctx,
        )
    }

    fn reply_list(&self, ctx: &Ctx) -> Outcome {
        let video = self.own_video(&ctx.query_id("video_id")?, ctx)?.id.clone();
        let parent = ctx.query_id("comment_id")?;
        let parent = self.comments.iter().find(|one| one.id == parent && one.post == video && one.gone.is_none());
        let parent = parent.ok_or_else(|| refuse(40_007, "the comment does not exist"))?;
        let hidden = parent.hidden != HiddenBy::None;
        if hidden && self.knobs.tiktok_hidden_parent_missing {
            return Err(refuse(40_007, "the comment does not exist"));
        }
        let under =
            self.comments.iter().filter(|one| !hidden && one.gone.is_none() && one.parent.as_ref() == Some(&parent.id));
        self.page_of_rows(under.collect(), false, &["asc", "desc"], ctx)
    }

    fn page_of_rows(&self, mut found: Vec<&Comment>, with_replies: bool, orders: &[&str], ctx: &Ctx) -> Outcome {
        let status = ctx.one_of("status", &["PUBLIC", "ALL"])?;
        let field = ctx.one_of("sort_field", &["likes", "replies", "create_time"])?;
        let order = ctx.one_of("sort_order", orders)?;
        let count = ctx.number("max_count", 20, 1, 30)? as usize;
        let cursor = ctx.number("cursor", 0, 0, 1_000_000)? as usize;
        if status.as_deref() == Some("PUBLIC") {
            found.retain(|one| !self.shows_hidden(one));
        }
        if ctx.mood.is(&Fault::EmptyListing) {
            found.clear();
        }
        self.sort(&mut found, field.as_deref(), order.as_deref());
        let shown = self.short(count, &format!("comments {cursor}"));
        let endless = ctx.mood.is(&Fault::EndlessNext);
        let from = if endless { 0 } else { cursor.min(found.len()) };
        let from = if ctx.mood.is(&Fault::DuplicateItems) { from.saturating_sub(1) } else { from };
        let to = (from + shown).min(found.len());
        let blank = ctx.mood.is(&Fault::EmptyPageWithNext) && !found.is_empty();
        let to = if blank { from } else { to };
        let rows: Vec<Value> = found[from..to].iter().map(|one| self.row(one, with_replies, ctx)).collect();
        Ok(json!({"comments": rows, "cursor": to, "has_more": to < found.len() || endless || blank}))
    }

    /// Without a field the order is a shuffle; beyond 500 rows come by likes, some again (tiktok.md section 4.2).
    fn sort(&self, found: &mut Vec<&Comment>, field: Option<&str>, order: Option<&str>) {
        let up = order == Some("asc");
        match field {
            None => found.sort_by_key(|one| self.chance(&one.id)),
            Some("create_time") => found.sort_by_key(|one| one.created),
            Some("replies") => found.sort_by_key(|one| self.replies_of(&one.id).len()),
            Some(_) => found.sort_by_key(|one| one.likes),
        }
        if field.is_some() && !up {
            found.reverse();
        }
        if found.len() > SORTED_PART {
            let mut rest = found.split_off(SORTED_PART);
            rest.extend(found.iter().take(5).copied());
            rest.sort_by_key(|one| std::cmp::Reverse(one.likes));
            found.append(&mut rest);
        }
    }

    fn replies_of(&self, id: &str) -> Vec<&Comment> {
        self.comments.iter().filter(|one| one.parent.as_deref() == Some(id) && one.gone.is_none()).collect()
    }

    /// How many of `count` rows a page really brings: fewer now and then, though there is more.
    fn short(&self, count: usize, about: &str) -> usize {
        let draw = self.chance(&format!("{about} {}", self.counter)) % 100;
        let short = draw < u64::from(self.knobs.tiktok_short_pages_percent);
        if short { count.div_ceil(2) } else { count }
    }

    fn shows_hidden(&self, comment: &Comment) -> bool {
        let settled = later(comment.hidden_at, i64::from(self.knobs.tiktok_hide_lag_s)) <= self.now;
        (comment.hidden != HiddenBy::None) == settled
    }

    fn row(&self, comment: &Comment, with_replies: bool, ctx: &Ctx) -> Value {
        let numeric = ctx.mood.is(&Fault::NumericIds);
        let id = |id: &str| if numeric { bare_number(id) } else { json!(id) };
        let status = if self.shows_hidden(comment) { "HIDDEN" } else { "PUBLIC" };
        let seconds = comment.created.as_second();
        let text = text_value(comment.text.as_deref().unwrap_or_default(), &ctx.mood);
        let mut row = json!({"comment_id": id(&comment.id), "video_id": id(&comment.post), "text": text,
            "status": status,
            "create_time": if ctx.mood.is(&Fault::UnixTimes) { json!(seconds) } else { json!(seconds.to_string()) },
            "owner": comment.by_page, "liked": false, "likes": comment.likes});
        if !ctx.mood.is(&Fault::MissingFrom) {
            let name = self.name_of(Platform::TikTok, &comment.author);
            row["username"] = json!(name);
            row["display_name"] = json!(name);
            row["unique_identifier"] = json!(if comment.by_page { "+SimPractice=" } else { &comment.author });
            row["user_id"] = json!("c0ffee02");
            row["profile_image"] = json!("https://cdn.example/avatar.jpeg?x-expires=1793870000&x-signature=sim");
        }
        if matches!(comment.attachment, Some(Attachment::Picture | Attachment::Gif | Attachment::Sticker)) {
            row["image_url"] = json!(format!("https://cdn.example/comment/{}.webp", comment.id));
        }
        if let Some(parent) = &comment.parent {
            row["parent_comment_id"] = json!(parent);
        } else {
            row["replies"] = json!(self.replies_of(&comment.id).len());
            row["pinned"] = json!(false);
        }
        let replies = if with_replies && comment.parent.is_none() { self.replies_of(&comment.id) } else { Vec::new() };
        if !replies.is_empty() && comment.hidden == HiddenBy::None {
            row["reply_list"] = replies.iter().take(3).map(|reply| numeric_row(self.row(reply, false, ctx))).collect();
        }
        row
    }

    fn own_video(&self, id: &str, ctx: &Ctx) -> Result<&Post, Refused> {
        let post = self.posts.iter().find(|post| post.id == id && post.page == ctx.business && !post.deleted);
        post.ok_or_else(|| refuse(40_001, "permission error: the video is not yours"))
    }

    fn comment_of(&self, ctx: &Ctx) -> Result<Comment, Refused> {
        let id = ctx.id("comment_id")?;
        let found = self.comments.iter().find(|one| one.id == id && one.page == ctx.business && one.gone.is_none());
        found.cloned().ok_or_else(|| refuse(40_007, "the comment does not exist"))
    }

    fn hide(&mut self, ctx: &Ctx) -> Outcome {
        let video = ctx.id("video_id")?;
        ctx.id("comment_id")?;
        let hide = match ctx.body["action"].as_str() {
            Some("HIDE") => true,
            Some("UNHIDE") => false,
            Some(_) => return Err(refuse(40_002, "action: must be one of HIDE, UNHIDE")),
            None => return Err(refuse(40_002, "action: missing data for required field")),
        };
        self.own_video(&video, ctx)?;
        let comment = self.comment_of(ctx)?;
        if comment.post != video {
            return Err(refuse(40_007, "the comment does not exist"));
        }
        let stuck = !hide && (comment.hidden == HiddenBy::Platform || ctx.mood.is(&Fault::StuckHidden));
        let done = !stuck && !ctx.mood.is(&Fault::Lie);
        let changes = hide != (comment.hidden != HiddenBy::None);
        if done && changes {
            self.set_hidden(&comment.id, hide);
        }
        self.wrote(Platform::TikTok, if hide { Act::Hide } else { Act::Unhide }, &comment.id, done);
        Ok(json!({}))
    }

    fn delete_own(&mut self, ctx: &Ctx) -> Outcome {
        let comment = self.comment_of(ctx)?;
        if !comment.by_page {
            return Err(refuse(40_001, "permission error: only your own comments can be deleted"));
        }
        let done = !ctx.mood.is(&Fault::Lie);
        if done {
            self.remove_comment(&comment.id, Gone::ByApi);
        }
        self.wrote(Platform::TikTok, Act::Delete, &comment.id, done);
        Ok(json!({}))
    }

    fn create(&mut self, ctx: &Ctx, parent: Option<&str>) -> Outcome {
        let video = ctx.id("video_id")?;
        let parent = parent.map(|_| self.comment_of(ctx)).transpose()?;
        let text = ctx.body["text"].as_str().ok_or_else(|| refuse(40_002, "text: missing data for required field"))?;
        if text.trim().is_empty() || text.chars().count() > TEXT_LIMIT {
            return Err(refuse(40_002, "text: length must be between 1 and 150"));
        }
        self.own_video(&video, ctx)?;
        let (act, target) = parent.as_ref().map_or((Act::Comment, video.clone()), |one| (Act::Reply, one.id.clone()));
        let parent = parent.map(|one| one.parent.unwrap_or(one.id));
        let lied = ctx.mood.is(&Fault::Lie);
        self.wrote(Platform::TikTok, act, &target, !lied);
        let id = if lied {
            "7571999999999999999".to_owned()
        } else {
            let spam = self.looks_like_spam(text);
            let id = self.page_writes(&video, parent.as_deref(), text);
            let id = id.ok_or_else(|| refuse(40_007, "the comment does not exist"))?;
            let written = self.comments.iter_mut().filter(|one| spam && one.id == id);
            written.for_each(|one| one.hidden = HiddenBy::Platform);
            id
        };
        let mut out = json!({"comment_id": id, "video_id": video, "text": text, "unique_identifier": "+SimPractice=",
            "user_id": "c0ffee00", "create_time": self.now.as_second().to_string()});
        if let Some(parent) = parent {
            out["parent_comment_id"] = json!(parent);
        }
        Ok(out)
    }

    /// Of near-identical texts within ten minutes the fifth and later are hidden unsaid (tiktok.md section 4.6).
    fn looks_like_spam(&self, text: &str) -> bool {
        let bare = |text: &str| text.chars().filter(|letter| letter.is_alphabetic()).collect::<String>().to_lowercase();
        let recent = self.comments.iter().filter(|one| one.by_page && self.now < later(one.created, 600));
        let alike =
            recent.filter(|one| one.platform == Platform::TikTok && one.text.as_deref().map(bare) == Some(bare(text)));
        alike.count() >= 4
    }

    fn like(&mut self, ctx: &Ctx, actions: &[&str]) -> Outcome {
        ctx.id("video_id")?;
        if !actions.iter().any(|action| ctx.body["action"] == json!(action)) {
            return Err(refuse(40_002, &format!("action: must be one of {actions:?}")));
        }
        self.comment_of(ctx).map(|_| json!({}))
    }

    fn envelope(&self, result: Outcome, ask: &Ask, mood: &Mood) -> Reply {
        let (code, message, data) = match result {
            Ok(data) => (0, if ask.method == "GET" { "OK" } else { "Ok" }.to_owned(), data),
            Err((code, message)) => (code, message, json!({})),
        };
        let stamp = self.now.strftime("%Y%m%d%H%M%S");
        let request_id = format!("{stamp}SIM{:04X}", self.counter);
        let body = json!({"code": code, "message": message, "request_id": request_id, "data": data});
        let mut text = plain_json(&body);
        if mood.is(&Fault::Truncated) {
            let half = (0..=text.len() / 2).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
            text.truncate(half);
        }
        let headers = vec![
            ("content-type".to_owned(), "application/json; charset=utf-8".to_owned()),
            ("x-tt-logid".to_owned(), request_id),
        ];
        Reply::Answer(Answer { status: 200, headers, body: text.into_bytes() })
    }
}

impl Ctx {
    fn find(&self, name: &str) -> Option<&str> {
        self.get.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn query(&self, name: &str) -> Result<String, Refused> {
        let missing = || refuse(40_002, &format!("{name}: missing data for required field"));
        self.find(name).filter(|value| !value.is_empty()).map(str::to_owned).ok_or_else(missing)
    }

    fn query_id(&self, name: &str) -> Result<String, Refused> {
        let id = self.query(name)?;
        let digits = id.bytes().all(|byte| byte.is_ascii_digit());
        digits.then_some(id).ok_or_else(|| refuse(40_002, &format!("{name}: not a valid id")))
    }

    /// An id in a body: a string, never a number (tiktok.md section 3).
    fn id(&self, name: &str) -> Result<String, Refused> {
        match &self.body[name] {
            Value::String(id) if !id.is_empty() => Ok(id.clone()),
            Value::Null | Value::String(_) => Err(refuse(40_002, &format!("{name}: missing data for required field"))),
            _ => Err(refuse(40_002, &format!("{name}: not a valid string"))),
        }
    }

    fn number(&self, name: &str, default: u64, from: u64, to: u64) -> Result<u64, Refused> {
        let Some(text) = self.find(name) else { return Ok(default) };
        let number = text.parse::<u64>().ok().filter(|number| (from..=to).contains(number));
        number.ok_or_else(|| refuse(40_002, &format!("{name}: must be between {from} and {to}")))
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, Refused> {
        match self.find(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(refuse(40_002, &format!("{name}: must be true or false"))),
        }
    }

    fn one_of(&self, name: &str, legal: &[&str]) -> Result<Option<String>, Refused> {
        match self.find(name) {
            Some(value) if !legal.contains(&value) => Err(refuse(40_002, &format!("{name}: must be one of {legal:?}"))),
            value => Ok(value.map(str::to_owned)),
        }
    }

    /// A list in a query: JSON text of strings.
    fn list(&self, name: &str) -> Result<Option<Vec<String>>, Refused> {
        let Some(text) = self.find(name) else { return Ok(None) };
        let list = serde_json::from_str::<Vec<String>>(text);
        list.map(Some).map_err(|_| refuse(40_002, &format!("{name}: must be a JSON array of strings")))
    }
}

fn refuse(code: i64, message: &str) -> Refused {
    (code, message.to_owned())
}

/// The scope that an endpoint needs; `None` for what does not exist.
fn scope_of(method: &str, path: &str) -> Option<&'static str> {
    Some(match (method, path) {
        ("GET", "business/get/") => "user.info.stats",
        ("GET", "business/video/list/") => "video.list",
        ("GET", "business/comment/list/" | "business/comment/reply/list/") => "comment.list",
        (
            "POST",
            "business/comment/hide/"
            | "business/comment/delete/"
            | "business/comment/create/"
            | "business/comment/reply/create/"
            | "business/comment/like/"
            | "business/comment/pin/",
        ) => "comment.list.manage",
        _ => return None,
    })
}

fn json_body(ask: &Ask) -> Result<Value, Refused> {
    let json = ask.header_value("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    let body = serde_json::from_slice::<Value>(&ask.body).ok().filter(Value::is_object);
    body.filter(|_| json).ok_or_else(|| refuse(40_002, "body: a JSON object is required"))
}

fn check_app(body: &Value, id_name: &str) -> Result<(), Refused> {
    required(body, &[id_name, "client_secret"])?;
    if body[id_name] != json!(TIKTOK_APP_ID) {
        return Err(refuse(40_113, &format!("{id_name} is invalid")));
    }
    let right = body["client_secret"] == json!(TIKTOK_APP_SECRET);
    right.then_some(()).ok_or_else(|| refuse(40_101, "app id and secret do not match"))
}

fn required(body: &Value, names: &[&str]) -> Result<(), Refused> {
    let missing = names.iter().find(|name| !body[**name].is_string());
    missing.map_or(Ok(()), |name| Err(refuse(40_002, &format!("{name}: missing data for required field"))))
}

fn filter_ids(text: &str) -> Result<Option<Vec<String>>, Refused> {
    let filters = serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
    let filters = filters.ok_or_else(|| refuse(40_002, "filters: must be a JSON object"))?;
    let ids = filters.get("video_ids").map(|ids| serde_json::from_value(ids.clone()));
    ids.transpose().map_err(|_| refuse(40_002, "filters.video_ids: must be a list of strings"))
}

/// A row of `reply_list`: the same, but with ids as numbers (tiktok.md section 3).
fn numeric_row(mut row: Value) -> Value {
    for name in ["comment_id", "video_id"] {
        if let Some(id) = row[name].as_str() {
            row[name] = bare_number(id);
        }
    }
    row
}

fn early_fault(mood: &Mood) -> Option<Result<Outcome, Reply>> {
    mood.0.iter().find_map(|fault| {
        Some(match fault {
            Fault::TimeoutBefore => Err(Reply::HangUp),
            Fault::HtmlInsteadOfJson { status } => Err(Reply::Answer(Answer::html(*status))),
            Fault::NotJson => Err(Reply::Answer(bare_answer("upstream connect error"))),
            Fault::EmptyBody => Err(Reply::Answer(bare_answer(""))),
            Fault::Throttle { limit, .. } => {
                let limit = limit.as_deref().unwrap_or("QPM");
                Ok(Err(refuse(40_100, &format!("App reaches the {limit} limit"))))
            }
            Fault::TokenExpired => Ok(Err(refuse(40_102, "Access token has expired."))),
            Fault::TokenRevoked => Ok(Err(refuse(40_105, "Access token is incorrect or has been revoked."))),
            Fault::PermissionLost { code } => Ok(Err(refuse(*code, "permission error: lacks scope"))),
            Fault::CursorRejected => Ok(Err(refuse(40_002, "cursor: not a valid cursor"))),
            Fault::Internal { code } => Ok(Err(refuse(*code, "Internal error"))),
            _ => return None,
        })
    })
}

fn bare_answer(body: &str) -> Answer {
    Answer { status: 200, headers: vec![("content-type".into(), "text/plain".into())], body: body.as_bytes().to_vec() }
}
