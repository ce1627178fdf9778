//! Facebook's nodes: the person, the Page, its posts, reels and photos, and their comments (facebook.md sections 2 to
//! 7). In: a node and what is asked of it. Out: JSON as the Graph API shapes it, or its error. Not here: tokens,
//! paging, faults that are common to both Meta platforms.

use serde_json::{Map, Value, json};

use super::fault::Fault;
use super::fields::Field;
use super::graph::{
    ATTACHMENT_NAMES, Ctx, GraphError, Node, Outcome, asked_fields, listed, pick, text_value, time_value, unknown_field,
};
use super::listing::{EdgeAsk, Shape, listing};
use super::scenario::{HiddenBy, PostShape};
use super::tokens::{META_APP_ID, TokenKind};
use super::world::{Act, Comment, Gone, Post, World, later};
use crate::comment::{Attachment, Platform};

const FEED: Shape = Shape { default_limit: 25, cap: 100, poor_paging: false, comments: false };
const COMMENTS: Shape = Shape { default_limit: 25, cap: 100, poor_paging: false, comments: true };
const MESSAGE_LIMIT: usize = 8000;
const PERSON: &str = "id name username";
const PAGE_FIELDS: &str = "about access_token category connected_instagram_account emails engagement fan_count \
    followers_count has_transitioned_to_new_page_experience hours link location overall_star_rating phone picture \
    rating_count tasks username verification_status website";
const PAGE_EDGES: &str = "published_posts posts feed visitor_posts tagged video_reels photos ratings blocked settings \
    subscribed_apps videos live_videos ads_posts scheduled_posts conversations albums";
const POST_FIELDS: &str = "actions admin_creator application backdated_time can_reply_privately full_picture icon \
    is_eligible_for_promotion is_expired is_instagram_eligible is_popular is_spherical message_tags \
    parent_id picture place privacy promotable_id promotion_status properties reactions likes \
    scheduled_publish_time shares sharedposts story story_tags subscribed target targeting \
    timeline_visibility to via width height name title description album images source";
const COMMENT_FIELDS: &str =
    "admin_creator application likes live_broadcast_timestamp object private_reply_conversation reactions";

impl World {
    /// `/me/accounts`: every Page with its token (facebook.md section 2).
    pub(super) fn user_edge(&self, ask: &EdgeAsk<'_>, ctx: &Ctx<'_>) -> Outcome {
        if ask.edge != "accounts" {
            return Err(GraphError::missing());
        }
        need(ctx, "pages_show_list", 200)?;
        let pages = self.pages.iter().filter(|page| page.platform == Platform::Facebook);
        let ids: Vec<String> = pages.map(|page| page.id.clone()).collect();
        let default: Vec<Field> = ["access_token", "category", "name", "id", "tasks"].map(Field::named).into();
        let fields = ask.fields.as_ref().unwrap_or(&default);
        listing(&ids, &FEED, ask, ctx, |id| self.page_node(id, Some(fields), ctx)).map(Value::Object)
    }

    pub(super) fn page_node(&self, id: &str, asked: Option<&[Field]>, ctx: &Ctx<'_>) -> Outcome {
        let default = [Field::named("name")];
        object(id, asked.unwrap_or(&default), |field| self.page_field(id, field, ctx))
    }

    fn page_field(&self, id: &str, field: &Field, ctx: &Ctx<'_>) -> Result<Option<Value>, GraphError> {
        let page = self.page(id).ok_or_else(GraphError::missing)?;
        let own_token = || self.tokens.iter().find(|token| token.is_for(id)).map(|token| json!(token.value));
        Ok(match field.name.as_str() {
            "name" => Some(json!(page.name)),
            "username" => Some(json!(page.handle)),
            "category" => Some(json!("Doctor")),
            "link" => Some(json!(format!("https://www.facebook.com/{}", page.id))),
            "access_token" => own_token(),
            "tasks" => Some(json!(["ANALYZE", "ADVERTISE", "MODERATE", "CREATE_CONTENT", "MESSAGING", "MANAGE"])),
            "overall_star_rating" => Some(json!(3.9)),
            "rating_count" => Some(json!(self.ratings.iter().filter(|rating| rating.page == id).count())),
            "instagram_business_account" => {
                let account = self.pages.iter().find(|page| page.linked.as_deref() == Some(id));
                let account = account.map(|page| json!({"id": page.id, "username": page.handle}));
                let asked = field.inner.clone().unwrap_or_else(|| vec![Field::named("id")]);
                account.map(|account| pick(account, Some(&asked), PERSON)).transpose()?
            }
            name if listed(PAGE_FIELDS, name) => None,
            name if page_edge_known(name) => Some(self.nested(&Node::Page(id.to_owned()), id, field, ctx)?),
            name => return Err(unknown_field(name, "Page")),
        })
    }

    /// An edge inside `fields=`: its modifiers are its parameters (facebook.md section 5).
    pub(super) fn nested(&self, node: &Node, id: &str, field: &Field, ctx: &Ctx<'_>) -> Outcome {
        let options = field.modifiers.clone();
        let ask = EdgeAsk { node: id, edge: &field.name, options, fields: field.inner.clone() };
        self.edge(node, &ask, ctx)
    }

    pub(super) fn page_edge(&self, id: &str, ask: &EdgeAsk<'_>, ctx: &Ctx<'_>) -> Outcome {
        match ask.edge {
            "published_posts" | "posts" | "feed" | "visitor_posts" | "tagged" | "video_reels" | "photos" => {
                self.posts_edge(id, ask, ctx)
            }
            "ratings" => self.ratings_edge(id, ask, ctx),
            "blocked" => {
                let ids = self.page(id).map(|page| page.blocked.clone()).unwrap_or_default();
                let row = |id: &str| Ok(json!({"id": id, "name": self.name_of(Platform::Facebook, id)}));
                listing(&ids, &FEED, ask, ctx, row).map(Value::Object)
            }
            "settings" => {
                let open = self.page(id).is_some_and(|page| page.visitors_can_post);
                Ok(json!({"data": [{"setting": "USERS_CAN_POST", "value": open}]}))
            }
            "subscribed_apps" => {
                let fields = self.page(id).map(|page| page.subscribed.clone()).unwrap_or_default();
                let app = json!({"id": META_APP_ID, "name": "Surgery Moderator", "subscribed_fields": fields});
                Ok(json!({"data": if fields.is_empty() { vec![] } else { vec![app] }}))
            }
            edge if page_edge_known(edge) => Ok(json!({"data": []})),
            _ => Err(GraphError::missing()),
        }
    }

    fn posts_edge(&self, id: &str, ask: &EdgeAsk<'_>, ctx: &Ctx<'_>) -> Outcome {
        need(ctx, "pages_read_engagement", 10)?;
        let shapes: &[PostShape] = match ask.edge {
            "feed" => &[PostShape::Post, PostShape::Visitor, PostShape::Foreign],
            "visitor_posts" => &[PostShape::Visitor],
            "tagged" => &[PostShape::Foreign],
            "video_reels" => &[PostShape::Reel],
            "photos" => &[PostShape::Photo],
            _ => &[PostShape::Post],
        };
        if matches!(ask.edge, "feed" | "visitor_posts" | "tagged") {
            need(ctx, "pages_read_user_content", 10)?;
        }
        if ask.edge == "video_reels" && !self.knobs.reels_listed {
            return Err(GraphError::new(100, "(#100) Reading reels is not possible"));
        }
        let (since, until) = (ask.time("since"), ask.time("until"));
        let mut posts: Vec<&Post> = self
            .posts
            .iter()
            .filter(|post| post.page == id && !post.deleted && shapes.contains(&post.shape))
            .filter(|post| since.is_none_or(|since| post.created >= since))
            .filter(|post| until.is_none_or(|until| post.created <= until))
            .collect();
        posts.sort_by_key(|post| std::cmp::Reverse(post.created));
        let ids: Vec<String> = posts.iter().map(|post| post.id.clone()).collect();
        let asked = ask.fields.as_deref();
        listing(&ids, &FEED, ask, ctx, |id| self.post_node(id, asked, ctx)).map(Value::Object)
    }

    fn ratings_edge(&self, id: &str, ask: &EdgeAsk<'_>, ctx: &Ctx<'_>) -> Outcome {
        need(ctx, "pages_read_user_content", 283)?;
        let ratings: Vec<_> = self.ratings.iter().filter(|rating| rating.page == id).collect();
        let ids: Vec<String> = (0..ratings.len()).rev().map(|at| at.to_string()).collect();
        let known = "created_time has_rating has_review rating recommendation_type review_text \
            reviewer open_graph_story id";
        let row = |at: &str| {
            let rating = at.parse::<usize>().ok().and_then(|at| ratings.get(at)).ok_or_else(GraphError::missing)?;
            let kind = if rating.positive { "positive" } else { "negative" };
            let mut value = json!({"created_time": time_value(rating.created, ctx), "has_rating": false,
                "has_review": rating.text.is_some(), "recommendation_type": kind,
                "reviewer": {"id": rating.author, "name": self.name_of(Platform::Facebook, &rating.author)},
                "open_graph_story": {"id": format!("1015003000000{at:0>4}"), "type": "sellers.rates"}});
            if let Some(text) = &rating.text {
                value["review_text"] = text_value(text, ctx.mood);
            }
            pick(value, ask.fields.as_deref(), known)
        };
        listing(&ids, &FEED, ask, ctx, row).map(Value::Object)
    }

    pub(super) fn post_node(&self, id: &str, asked: Option<&[Field]>, ctx: &Ctx<'_>) -> Outcome {
        let default = ["created_time", "message", "story"].map(Field::named);
        object(id, asked.unwrap_or(&default), |field| self.post_field(id, field, ctx))
    }

    fn post_field(&self, id: &str, field: &Field, ctx: &Ctx<'_>) -> Result<Option<Value>, GraphError> {
        let post = self.post(id).ok_or_else(GraphError::missing)?;
        let by = post.author.as_deref().unwrap_or(&post.page);
        let part = |value: Value, known| pick(value, field.inner.as_deref(), known).map(Some);
        Ok(match field.name.as_str() {
            "created_time" => Some(time_value(post.created, ctx)),
            "updated_time" => Some(time_value(self.last_touched(post), ctx)),
            "message" => post.text.as_deref().map(|text| text_value(text, ctx.mood)),
            "permalink_url" => Some(json!(post_link(post))),
            "status_type" => {
                Some(json!(if post.shape == PostShape::Post { "mobile_status_update" } else { "added_photos" }))
            }
            "is_hidden" => Some(json!(post.hidden)),
            "is_published" => Some(json!(true)),
            "from" if ctx.mood.is(&Fault::MissingFrom) => None,
            "from" => part(json!({"id": by, "name": self.name_of(Platform::Facebook, by)}), PERSON)?,
            "attachments" => match self.attachments(post) {
                Some(value) => part(value, ATTACHMENT_NAMES)?,
                None => None,
            },
            "comments" => Some(self.nested(&Node::Post(id.to_owned()), id, field, ctx)?),
            name if listed(POST_FIELDS, name) => None,
            name => return Err(unknown_field(name, "Post")),
        })
    }

    fn attachments(&self, post: &Post) -> Option<Value> {
        let photos: Vec<Value> = self
            .posts
            .iter()
            .filter(|photo| photo.album.as_ref() == Some(&post.id) && !photo.deleted)
            .map(|photo| json!({"target": {"id": photo.id, "url": post_link(photo)}, "type": "photo"}))
            .collect();
        (!photos.is_empty()).then(|| {
            json!({"data": [{"media_type": "album", "type": "album", "target": {"id": post.id, "url": post_link(post)},
                "subattachments": {"data": photos}}]})
        })
    }

    fn last_touched(&self, post: &Post) -> crate::clock::Timestamp {
        let under = self.comments.iter().filter(|comment| comment.post == post.id && comment.gone.is_none());
        under.map(|comment| comment.created).max().unwrap_or(post.created).max(post.created)
    }

    pub(super) fn post_edge(&self, id: &str, ask: &EdgeAsk<'_>, ctx: &Ctx<'_>) -> Outcome {
        match ask.edge {
            "comments" => self.fb_comments_edge(id, ask, ctx),
            "likes" | "reactions" | "sharedposts" => Ok(json!({"data": []})),
            "attachments" => {
                Ok(self.post(id).and_then(|post| self.attachments(post)).unwrap_or_else(|| json!({"data": []})))
            }
            _ => Err(GraphError::missing()),
        }
    }

    /// Comments of a post, photo or reel, or replies of a comment (facebook.md section 4).
    pub(super) fn fb_comments_edge(&self, id: &str, ask: &EdgeAsk<'_>, ctx: &Ctx<'_>) -> Outcome {
        match ask.edge {
            "comments" => {}
            "likes" | "reactions" => return Ok(json!({"data": []})),
            _ => return Err(GraphError::missing()),
        }
        if ctx.token.kind == TokenKind::User {
            return Ok(json!({"data": []}));
        }
        need(ctx, "pages_read_engagement", 10)?;
        let stream = match ask.option("filter") {
            None | Some("toplevel") => false,
            Some("stream") => true,
            Some(_) => return Err(GraphError::new(100, "(#100) filter must be one of: toplevel, stream")),
        };
        let (ids, order) = self.ordered_comments(id, stream, ask.option("order"))?;
        let asked = ask.fields.as_deref();
        let mut out = listing(&ids, &COMMENTS, ask, ctx, |id| self.comment_node(id, asked, ctx))?;
        if matches!(ask.option("summary"), Some("true" | "1" | "total_count")) {
            let surplus = self.post(id).map_or(0, |post| post.surplus as usize);
            out.insert(
                "summary".into(),
                json!({"order": order, "total_count": ids.len() + surplus, "can_comment": true}),
            );
        }
        Ok(Value::Object(out))
    }

    fn ordered_comments(
        &self,
        id: &str,
        stream: bool,
        order: Option<&str>,
    ) -> Result<(Vec<String>, &'static str), GraphError> {
        let mut found: Vec<&Comment> = self
            .comments
            .iter()
            .filter(|comment| comment.gone.is_none() && !comment.restricted)
            .filter(|comment| {
                if comment.post == id { stream || comment.parent.is_none() } else { self.answers(comment, id, stream) }
            })
            .collect();
        found.sort_by_key(|comment| comment.created);
        let order = match order {
            _ if self.post(id).is_some_and(|post| post.ranked) => {
                found.sort_by_key(|comment| (std::cmp::Reverse(comment.likes), self.chance(&comment.id)));
                "ranked"
            }
            None | Some("chronological") => "chronological",
            Some("reverse_chronological") => {
                found.reverse();
                "reverse_chronological"
            }
            Some(_) => {
                return Err(GraphError::new(100, "(#100) order must be one of: chronological, reverse_chronological"));
            }
        };
        Ok((found.iter().map(|comment| comment.id.clone()).collect(), order))
    }

    /// Whether a comment answers `id`, directly or, with `deep`, through others.
    fn answers(&self, comment: &Comment, id: &str, deep: bool) -> bool {
        let Some(parent) = comment.parent.as_deref() else { return false };
        parent == id || (deep && self.comment(parent).is_some_and(|parent| self.answers(parent, id, deep)))
    }

    pub(super) fn comment_node(&self, id: &str, asked: Option<&[Field]>, ctx: &Ctx<'_>) -> Outcome {
        let default = ["created_time", "from", "message"].map(Field::named);
        object(id, asked.unwrap_or(&default), |field| self.comment_field(id, field, ctx))
    }

    fn comment_field(&self, id: &str, field: &Field, ctx: &Ctx<'_>) -> Result<Option<Value>, GraphError> {
        let comment = self.comment(id).filter(|comment| comment.gone.is_none()).ok_or_else(GraphError::missing)?;
        let part = |value: Value, known| pick(value, field.inner.as_deref(), known).map(Some);
        let withheld =
            ctx.mood.is(&Fault::MissingFrom) || !(comment.by_page || ctx.token.may("pages_read_user_content"));
        Ok(match field.name.as_str() {
            "message" => fb_text(comment).map(|text| text_value(text, ctx.mood)),
            "created_time" => Some(time_value(comment.created, ctx)),
            "from" if withheld => None,
            "from" => {
                let name = self.name_of(Platform::Facebook, &comment.author);
                part(json!({"id": comment.author, "name": name}), PERSON)?
            }
            "parent" => match &comment.parent {
                Some(parent) => {
                    let fields =
                        field.inner.clone().unwrap_or_else(|| ["created_time", "message"].map(Field::named).into());
                    Some(self.comment_node(parent, Some(&fields), ctx)?)
                }
                None => None,
            },
            "is_hidden" => Some(json!(comment.hidden != HiddenBy::None)),
            "can_hide" => Some(json!(!comment.by_page && !comment.unhideable)),
            "can_remove" | "can_comment" | "can_like" => Some(json!(true)),
            "can_reply_privately" => Some(json!(!comment.by_page && !comment.private_reply)),
            "is_private" | "user_likes" => Some(json!(false)),
            "like_count" => Some(json!(comment.likes)),
            "comment_count" => Some(json!(self.ordered_comments(id, false, None)?.0.len())),
            "permalink_url" => Some(json!(self.comment_link(comment))),
            "attachment" => match comment.attachment {
                Some(kind) => part(attachment(kind, id), ATTACHMENT_NAMES)?,
                None => None,
            },
            "message_tags" => None,
            "comments" => Some(self.nested(&Node::Comment(id.to_owned()), id, field, ctx)?),
            name if listed(COMMENT_FIELDS, name) => None,
            name => return Err(unknown_field(name, "Comment")),
        })
    }

    fn comment_link(&self, comment: &Comment) -> String {
        let post = self.post(&comment.post).map(post_link).unwrap_or_default();
        let last = |id: &str| id.rsplit('_').next().unwrap_or_default().to_owned();
        match &comment.parent {
            Some(parent) => format!("{post}?comment_id={}&reply_comment_id={}", last(parent), last(&comment.id)),
            None => format!("{post}?comment_id={}", last(&comment.id)),
        }
    }

    pub(super) fn comment_write(&mut self, id: &str, edge: Option<&str>, ctx: &Ctx<'_>) -> Outcome {
        let comment = self.comment(id).cloned().ok_or_else(GraphError::missing)?;
        need_page_token(ctx)?;
        need(ctx, "pages_manage_engagement", 200)?;
        match (ctx.call.method.as_str(), edge) {
            ("DELETE", None) => {
                need(ctx, if comment.by_page { "pages_read_engagement" } else { "pages_read_user_content" }, 200)?;
                let done = !ctx.mood.is(&Fault::Lie);
                if done {
                    self.remove_comment(id, Gone::ByApi);
                }
                self.wrote(Platform::Facebook, Act::Delete, id, done);
                Ok(json!({"success": true}))
            }
            ("POST", None) => self.comment_update(&comment, ctx),
            ("POST", Some("comments")) => self.fb_reply(&comment.post, Some(id), ctx),
            ("POST" | "DELETE", Some("likes")) => Ok(json!({"success": true})),
            _ => Err(GraphError::missing()),
        }
    }

    /// `POST /{comment-id}`: hides, shows, or with `message` edits; whatever else is said is swallowed with success.
    fn comment_update(&mut self, comment: &Comment, ctx: &Ctx<'_>) -> Outcome {
        let (id, done) = (comment.id.as_str(), !ctx.mood.is(&Fault::Lie));
        if let Some(text) = ctx.call.params.get("message") {
            if done {
                self.edit(id, text);
            }
            self.wrote(Platform::Facebook, Act::Edit, id, done);
        } else if let Some(hide) = ctx.call.params.flag("is_hidden") {
            if hide && comment.by_page {
                return Err(GraphError::new(100, "(#100) A Page's own comment cannot be hidden"));
            }
            if hide && comment.unhideable {
                return Err(GraphError::new(200, "(#200) This comment cannot be hidden"));
            }
            let done = done && (hide || !ctx.mood.is(&Fault::StuckHidden));
            if done {
                self.set_hidden(id, hide);
            }
            self.wrote(Platform::Facebook, if hide { Act::Hide } else { Act::Unhide }, id, done);
        } else {
            self.wrote(Platform::Facebook, Act::Nothing, id, false);
        }
        let mut out = json!({"success": true});
        if let (Some(fields), Some(all)) = (asked_fields(ctx)?, out.as_object_mut()) {
            let after = self.comment_node(id, Some(&fields), ctx)?;
            all.extend(after.as_object().cloned().unwrap_or_default());
        }
        Ok(out)
    }

    pub(super) fn set_hidden(&mut self, id: &str, hide: bool) {
        let _ = if hide { self.hide_by_hand(id) } else { self.unhide_by_hand(id) };
    }

    fn fb_reply(&mut self, post: &str, parent: Option<&str>, ctx: &Ctx<'_>) -> Outcome {
        let text = ctx.call.params.get("message").unwrap_or_default();
        if text.trim().is_empty() || text.chars().count() > MESSAGE_LIMIT {
            return Err(GraphError::new(100, "(#100) message is empty or too long"));
        }
        let (act, target) = if let Some(parent) = parent { (Act::Reply, parent) } else { (Act::Comment, post) };
        if ctx.mood.is(&Fault::Lie) {
            self.wrote(Platform::Facebook, act, target, false);
            return Ok(json!({"id": format!("{target}_0000000000000")}));
        }
        let id = self.page_writes(post, parent, text).ok_or_else(GraphError::missing)?;
        self.wrote(Platform::Facebook, act, target, true);
        Ok(json!({"id": id}))
    }

    pub(super) fn post_write(&mut self, id: &str, edge: Option<&str>, ctx: &Ctx<'_>) -> Outcome {
        let post = self.post(id).cloned().ok_or_else(GraphError::missing)?;
        need_page_token(ctx)?;
        need(ctx, "pages_manage_engagement", 200)?;
        let done = !ctx.mood.is(&Fault::Lie);
        let act = match (ctx.call.method.as_str(), edge) {
            ("POST", Some("comments")) => return self.fb_reply(id, None, ctx),
            ("DELETE", None) => {
                if post.author.is_some() && !self.knobs.visitor_posts_deletable {
                    return Err(GraphError::new(200, "(#200) This post wasn't created by the Page"));
                }
                if done {
                    self.remove_post(id);
                }
                Act::DeletePost
            }
            ("POST", None) => match ctx.call.params.flag("is_hidden") {
                Some(hide) => {
                    let posts = self.posts.iter_mut().filter(|post| done && post.id == id);
                    posts.for_each(|post| post.hidden = hide);
                    if hide { Act::HidePost } else { Act::UnhidePost }
                }
                None => Act::Nothing,
            },
            _ => return Err(GraphError::missing()),
        };
        self.wrote(Platform::Facebook, act, id, done && act != Act::Nothing);
        Ok(json!({"success": true}))
    }

    pub(super) fn page_write(&mut self, id: &str, edge: Option<&str>, ctx: &Ctx<'_>) -> Outcome {
        need_page_token(ctx)?;
        match (ctx.call.method.as_str(), edge) {
            ("POST" | "DELETE", Some("blocked")) => self.block(id, ctx),
            ("POST", Some("settings")) => {
                let option = ctx.call.params.get("option").and_then(|text| serde_json::from_str::<Value>(text).ok());
                let open = option.map(|option| option["USERS_CAN_POST"].clone());
                let open = open.map(|value| value == json!(true) || value == json!("true"));
                let Some(open) = open else { return Err(GraphError::new(100, "(#100) option must be an object")) };
                self.pages.iter_mut().filter(|page| page.id == id).for_each(|page| page.visitors_can_post = open);
                self.wrote(Platform::Facebook, Act::Setting, id, true);
                Ok(json!({"success": true}))
            }
            ("POST" | "DELETE", Some("subscribed_apps")) => {
                need(ctx, "pages_manage_metadata", 200)?;
                let fields = ctx.call.params.get("subscribed_fields").unwrap_or_default();
                let fields: Vec<String> =
                    fields.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
                self.pages.iter_mut().filter(|page| page.id == id).for_each(|page| page.subscribed.clone_from(&fields));
                // A documented sample has the word, not the boolean (facebook.md section 6).
                Ok(json!({"success": "true"}))
            }
            ("POST", Some("messages")) => self.private_reply(ctx, "pages_messaging"),
            _ => Err(GraphError::missing()),
        }
    }

    fn block(&mut self, id: &str, ctx: &Ctx<'_>) -> Outcome {
        let params = &ctx.call.params;
        let list = params.get("user").and_then(|text| serde_json::from_str::<Vec<String>>(text).ok());
        let one = ["psid", "asid", "uid"].iter().find_map(|name| params.get(name)).map(|id| vec![id.to_owned()]);
        let people = list.or(one).ok_or_else(|| GraphError::new(100, "(#100) The parameter user is required"))?;
        let page = self.pages.iter_mut().find(|page| page.id == id).ok_or_else(GraphError::missing)?;
        let blocking = ctx.call.method == "POST";
        page.blocked.retain(|known| !people.contains(known));
        if blocking {
            page.blocked.extend(people.iter().cloned());
        }
        let act = if blocking { Act::Block } else { Act::Unblock };
        for person in &people {
            self.wrote(Platform::Facebook, act, person, true);
        }
        if !blocking {
            return Ok(json!({"success": true}));
        }
        Ok(Value::Object(people.into_iter().map(|person| (person, json!(true))).collect()))
    }

    /// A private reply: once per comment, within seven days.
    pub(super) fn private_reply(&mut self, ctx: &Ctx<'_>, permission: &str) -> Outcome {
        need(ctx, permission, 200)?;
        let recipient = ctx.call.params.get("recipient").and_then(|text| serde_json::from_str::<Value>(text).ok());
        let id = recipient.and_then(|value| value["comment_id"].as_str().map(str::to_owned));
        let id = id.ok_or_else(|| GraphError::new(100, "(#100) recipient.comment_id is required"))?;
        let now = self.now;
        let comment = self.comments.iter_mut().find(|comment| comment.id == id && comment.gone.is_none());
        let comment = comment.ok_or_else(GraphError::missing)?;
        if comment.private_reply || later(comment.created, 7 * 86_400) < now {
            return Err(GraphError::new(10_900, "(#10900) Activity already replied to, or too old"));
        }
        comment.private_reply = true;
        let (platform, author) = (comment.platform, comment.author.clone());
        self.wrote(platform, Act::PrivateReply, &id, true);
        Ok(json!({"recipient_id": author, "message_id": format!("m_sim{}", self.counter)}))
    }
}

/// The person whose token is no Page's.
pub(super) fn user_node(asked: Option<&[Field]>) -> Value {
    let all = json!({"id": "10160000000000001", "name": "Robin Admin"});
    pick(all.clone(), asked, "id name").unwrap_or(all)
}

/// An object of the asked fields, its id always with it; fields without a value are left out.
pub(super) fn object(
    id: &str,
    asked: &[Field],
    value_of: impl Fn(&Field) -> Result<Option<Value>, GraphError>,
) -> Outcome {
    let mut out = Map::new();
    for field in asked.iter().filter(|field| field.name != "id") {
        if let Some(value) = value_of(field)? {
            out.insert(field.key().to_owned(), value);
        }
    }
    out.insert("id".into(), json!(id));
    Ok(Value::Object(out))
}

/// A call with a token that lacks the permission fails with `code` (facebook.md section 2).
pub(super) fn need(ctx: &Ctx<'_>, permission: &str, code: i64) -> Result<(), GraphError> {
    let refusal = || GraphError::new(code, &format!("(#{code}) Requires {permission} permission"));
    (ctx.token.may(permission)).then_some(()).ok_or_else(refusal)
}

fn need_page_token(ctx: &Ctx<'_>) -> Result<(), GraphError> {
    match ctx.token.kind {
        TokenKind::User => Err(GraphError::new(210, "(#210) A page access token is required")),
        _ => Ok(()),
    }
}

fn page_edge_known(name: &str) -> bool {
    listed(PAGE_EDGES, name)
}

/// A sticker comes with an empty message, a photo or GIF alone with none (facebook.md section 4).
fn fb_text(comment: &Comment) -> Option<&str> {
    comment.text.as_deref().or_else(|| (comment.attachment == Some(Attachment::Sticker)).then_some(""))
}

fn attachment(kind: Attachment, id: &str) -> Value {
    let name = match kind {
        Attachment::Picture => "photo",
        Attachment::Sticker => "sticker",
        Attachment::Gif => "animated_image_share",
        Attachment::Video => "video_inline",
        Attachment::Link => "share",
        Attachment::Unknown => "unavailable",
    };
    let src = format!("https://scontent.example/{id}?oe=expiring");
    json!({"type": name, "url": format!("https://www.facebook.com/{name}/{id}"),
        "media": {"image": {"height": 320, "width": 320, "src": src}},
        "target": {"id": "369239263222822", "url": "https://www.facebook.com/369239263222822"}})
}

fn post_link(post: &Post) -> String {
    let last = post.id.rsplit('_').next().unwrap_or_default();
    match post.shape {
        PostShape::Reel => format!("https://www.facebook.com/reel/{last}/"),
        PostShape::Photo => format!("https://www.facebook.com/photo/{last}/"),
        _ => format!("https://www.facebook.com/{}/posts/{last}/", post.page),
    }
}
