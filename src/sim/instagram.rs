//! Instagram's nodes: the account, its media, their comments (instagram.md sections 2 to 7). In: a node and what is
//! asked of it. Out: JSON as the API shapes it, or its error. Not here: tokens, paging, and faults common to both
//! Meta platforms.

use serde_json::{Value, json};

use super::facebook::{need, object};
use super::fault::Fault;
use super::fields::Field;
use super::graph::{Ctx, GraphError, Host, Node, Outcome, listed, pick, text_value, time_value, unknown_field};
use super::listing::{EdgeAsk, Shape, listing};
use super::scenario::{HiddenBy, PostShape};
use super::world::{Act, Comment, Gone, Post, World};
use crate::comment::Platform;

const MEDIA: Shape = Shape { default_limit: 25, cap: 100, poor_paging: false, comments: false };
const COMMENTS: Shape = Shape { default_limit: 50, cap: 50, poor_paging: true, comments: true };
const TEXT_LIMIT: usize = 2200;
const PERSON: &str = "id username self_ig_scoped_id";
const ACCOUNT_FIELDS: &str = "biography business_discovery followers_count follows_count has_profile_pic is_published \
    legacy_instagram_user_id name profile_picture_url website";
const MEDIA_FIELDS: &str = "alt_text boost_eligibility_info copyright_check_information insights ig_id children \
    legacy_instagram_media_id is_shared_to_feed media_url saved_count thumbnail_url total_comments_count \
    total_like_count total_views_count video_title view_count collaborators shares_count";

impl World {
    pub(super) fn account_node(&self, id: &str, asked: Option<&[Field]>, ctx: &Ctx<'_>) -> Outcome {
        need_basic(ctx)?;
        let default = [Field::named("id")];
        let shown = if ctx.call.host == Host::B { app_scoped(id) } else { id.to_owned() };
        object(&shown, asked.unwrap_or(&default), |field| self.account_field(id, field, ctx))
    }

    fn account_field(&self, id: &str, field: &Field, ctx: &Ctx<'_>) -> Result<Option<Value>, GraphError> {
        let page = self.page(id).ok_or_else(GraphError::missing)?;
        let on_b = ctx.call.host == Host::B;
        Ok(match field.name.as_str() {
            "username" => Some(json!(page.handle)),
            "name" => Some(json!(page.name)),
            "media_count" => Some(json!(self.media_of(id, &[PostShape::Post, PostShape::Reel]).len())),
            "ig_id" => Some(json!(3_344_556_677_u64)),
            // Declared an integer in the generated specification (instagram.md section 2.2).
            "user_id" if on_b => Some(super::wire::bare_number(id)),
            "account_type" if on_b => Some(json!("BUSINESS")),
            "media" | "stories" | "tags" | "live_media" | "collaborative_media" => {
                Some(self.nested(&Node::Account(id.to_owned()), id, field, ctx)?)
            }
            "mentioned_comment" if !on_b => Some(self.mentioned_comment(page.handle.as_str(), field, ctx)?),
            "mentioned_media" if !on_b => Some(self.mentioned_media(field, ctx)?),
            name if listed(ACCOUNT_FIELDS, name) => None,
            name => return Err(unknown_field(name, "IGUser")),
        })
    }

    fn mentioned_comment(&self, handle: &str, field: &Field, ctx: &Ctx<'_>) -> Outcome {
        let id = field.modifier("comment_id").ok_or_else(|| GraphError::new(100, "(#100) comment_id is required"))?;
        let comment = self.comment(id).filter(|comment| comment.gone.is_none()).ok_or_else(GraphError::missing)?;
        if !comment.text.as_deref().unwrap_or_default().contains(&format!("@{handle}")) {
            return Err(GraphError::new(10, "(#10) The comment does not mention the account"));
        }
        // `from{id}` is not returned for mentions (instagram.md section 7).
        let asked =
            field.inner.as_ref().map(|asked| asked.iter().filter(|field| field.name != "from").cloned().collect());
        let asked: Option<Vec<Field>> = asked;
        self.ig_comment_node(id, asked.as_deref(), ctx)
    }

    fn mentioned_media(&self, field: &Field, ctx: &Ctx<'_>) -> Outcome {
        let id = field.modifier("media_id").ok_or_else(|| GraphError::new(100, "(#100) media_id is required"))?;
        let foreign = self.post(id).filter(|post| post.shape == PostShape::Foreign);
        let post = foreign.ok_or_else(GraphError::missing)?;
        self.media_node(&post.id, field.inner.as_deref(), ctx)
    }

    pub(super) fn account_edge(&self, id: &str, ask: &EdgeAsk<'_>, ctx: &Ctx<'_>) -> Outcome {
        need_basic(ctx)?;
        let shapes: &[PostShape] = match ask.edge {
            "media" => &[PostShape::Post, PostShape::Reel],
            "stories" => &[PostShape::Story],
            "tags" => &[PostShape::Foreign],
            "live_media" | "collaborative_media" => &[],
            "subscribed_apps" => {
                let fields = self.page(id).map(|page| page.subscribed.clone()).unwrap_or_default();
                return Ok(json!({"data": [{"app_id": super::tokens::META_APP_ID, "subscribed_fields": fields}]}));
            }
            _ => return Err(GraphError::missing()),
        };
        let (since, until) = (ask.time("since"), ask.time("until"));
        let posts = self.media_of(id, shapes).into_iter().filter(|post| {
            since.is_none_or(|since| post.created >= since) && until.is_none_or(|until| post.created <= until)
        });
        let ids: Vec<String> = posts.map(|post| post.id.clone()).collect();
        let asked = ask.fields.as_deref();
        let mut out = listing(&ids, &MEDIA, ask, ctx, |id| self.media_node(id, asked, ctx))?;
        if ask.edge == "tags" && out.get("paging").is_none_or(|paging| paging.get("next").is_none()) {
            out.remove("paging");
        }
        Ok(Value::Object(out))
    }

    fn media_of(&self, id: &str, shapes: &[PostShape]) -> Vec<&Post> {
        let mut posts: Vec<&Post> =
            self.posts.iter().filter(|post| post.page == id && !post.deleted && shapes.contains(&post.shape)).collect();
        posts.sort_by_key(|post| std::cmp::Reverse(post.created));
        posts
    }

    pub(super) fn media_node(&self, id: &str, asked: Option<&[Field]>, ctx: &Ctx<'_>) -> Outcome {
        need_basic(ctx)?;
        let default = [Field::named("id")];
        object(id, asked.unwrap_or(&default), |field| self.media_field(id, field, ctx))
    }

    fn media_field(&self, id: &str, field: &Field, ctx: &Ctx<'_>) -> Result<Option<Value>, GraphError> {
        let post = self.post(id).ok_or_else(GraphError::missing)?;
        let reel = post.shape == PostShape::Reel;
        let by = post.author.as_deref().unwrap_or(&post.page);
        Ok(match field.name.as_str() {
            "caption" => post.text.as_deref().map(|text| text_value(text, ctx.mood)),
            "timestamp" => Some(time_value(post.created, ctx)),
            "permalink" => Some(json!(media_link(post))),
            "shortcode" => Some(json!(shortcode(post))),
            "media_type" => Some(json!(if reel { "VIDEO" } else { "IMAGE" })),
            "media_product_type" => Some(json!(match post.shape {
                PostShape::Reel => "REELS",
                PostShape::Story => "STORY",
                _ => "FEED",
            })),
            "comments_count" => Some(json!(self.counted(id).len() + post.surplus as usize)),
            "like_count" => Some(json!(7)),
            "is_comment_enabled" => Some(json!(post.comments_enabled)),
            "username" => Some(json!(self.name_of(Platform::Instagram, by))),
            "owner" => Some(pick(json!({"id": by}), field.inner.as_deref(), PERSON)?),
            "comments" => {
                let listed = self.nested(&Node::Media(id.to_owned()), id, field, ctx)?;
                // Absent on media without any (instagram.md section 4.1).
                listed["data"].as_array().is_some_and(|rows| !rows.is_empty()).then_some(listed)
            }
            name if listed(MEDIA_FIELDS, name) => None,
            name => return Err(unknown_field(name, "IGMedia")),
        })
    }

    /// Visible, hidden and replies: what `comments_count` counts.
    fn counted(&self, media: &str) -> Vec<&Comment> {
        self.comments.iter().filter(|comment| comment.post == media && comment.gone.is_none()).collect()
    }

    /// Top level only, newest first, fifty at most; `filter`, `order`, `since` and `summary` are ignored.
    pub(super) fn media_edge(&self, id: &str, ask: &EdgeAsk<'_>, ctx: &Ctx<'_>) -> Outcome {
        match ask.edge {
            "comments" => {}
            "children" | "insights" | "collaborators" => return Ok(json!({"data": []})),
            _ => return Err(GraphError::missing()),
        }
        need_basic(ctx)?;
        // Comments on other people's media can be read through a mention only.
        if self.post(id).is_none_or(|post| post.shape == PostShape::Foreign) {
            return Err(GraphError::missing());
        }
        let top = self.counted(id).into_iter().filter(|comment| comment.parent.is_none());
        self.ig_rows(top.collect(), ask, ctx)
    }

    pub(super) fn replies_edge(&self, id: &str, ask: &EdgeAsk<'_>, ctx: &Ctx<'_>) -> Outcome {
        if ask.edge != "replies" {
            return Err(GraphError::missing());
        }
        need_basic(ctx)?;
        let comment = self.comment(id).ok_or_else(GraphError::missing)?;
        if comment.parent.is_some() {
            return Err(GraphError::new(100, "(#100) replies is only available on top-level comments"));
        }
        let under = self.counted(&comment.post).into_iter().filter(|reply| reply.parent.as_deref() == Some(id));
        self.ig_rows(under.collect(), ask, ctx)
    }

    fn ig_rows(&self, mut found: Vec<&Comment>, ask: &EdgeAsk<'_>, ctx: &Ctx<'_>) -> Outcome {
        found.retain(|comment| !comment.restricted);
        found.sort_by_key(|comment| std::cmp::Reverse(comment.created));
        let ids: Vec<String> = found.iter().map(|comment| comment.id.clone()).collect();
        let asked = ask.fields.as_deref();
        listing(&ids, &COMMENTS, ask, ctx, |id| self.ig_comment_node(id, asked, ctx)).map(Value::Object)
    }

    pub(super) fn ig_comment_node(&self, id: &str, asked: Option<&[Field]>, ctx: &Ctx<'_>) -> Outcome {
        need_basic(ctx)?;
        let default = ["timestamp", "text"].map(Field::named);
        object(id, asked.unwrap_or(&default), |field| self.ig_comment_field(id, field, ctx))
    }

    fn ig_comment_field(&self, id: &str, field: &Field, ctx: &Ctx<'_>) -> Result<Option<Value>, GraphError> {
        let comment = self.comment(id).filter(|comment| comment.gone.is_none()).ok_or_else(GraphError::missing)?;
        let shown = !ctx.mood.is(&Fault::MissingFrom) && (comment.by_page || may_manage(ctx));
        let username = self.name_of(Platform::Instagram, &comment.author);
        Ok(match field.name.as_str() {
            "text" => comment.text.as_deref().map(|text| text_value(text, ctx.mood)),
            "timestamp" => Some(time_value(comment.created, ctx)),
            "username" | "from" if !shown => None,
            "username" => Some(json!(username)),
            "from" => {
                let mut from = json!({"id": comment.author, "username": username});
                if comment.by_page {
                    from["self_ig_scoped_id"] = json!("900100200300999");
                }
                Some(pick(from, field.inner.as_deref(), PERSON)?)
            }
            "hidden" => Some(json!(comment.hidden != HiddenBy::None)),
            "like_count" => Some(json!(comment.likes)),
            "media" => {
                let asked = field.inner.clone().unwrap_or_else(|| vec![Field::named("id")]);
                Some(self.media_node(&comment.post, Some(&asked), ctx)?)
            }
            "parent_id" => comment.parent.as_ref().map(|parent| json!(parent)),
            "user" => comment.by_page.then(|| json!({"id": comment.author})),
            "replies" => {
                let listed = self.nested(&Node::IgComment(id.to_owned()), id, field, ctx)?;
                listed["data"].as_array().is_some_and(|rows| !rows.is_empty()).then_some(listed)
            }
            "legacy_instagram_comment_id" => None,
            name => return Err(unknown_field(name, "IGComment")),
        })
    }

    pub(super) fn ig_comment_write(&mut self, id: &str, edge: Option<&str>, ctx: &Ctx<'_>) -> Outcome {
        let comment = self.comment(id).cloned().ok_or_else(GraphError::missing)?;
        need_manage(ctx)?;
        // Nothing on other people's media can be hidden or deleted (instagram.md section 7).
        if self.post(&comment.post).is_none_or(|post| post.shape == PostShape::Foreign) {
            return Err(GraphError::missing());
        }
        match (ctx.call.method.as_str(), edge) {
            ("DELETE", None) => {
                let done = !ctx.mood.is(&Fault::Lie);
                if done {
                    self.remove_comment(id, Gone::ByApi);
                }
                self.wrote(Platform::Instagram, Act::Delete, id, done);
                Ok(json!({"success": true}))
            }
            ("POST", None) => {
                let Some(hide) = ctx.call.params.flag("hide") else {
                    self.wrote(Platform::Instagram, Act::Nothing, id, false);
                    return Ok(json!({"success": true}));
                };
                let refused = comment.by_page || (!hide && ctx.mood.is(&Fault::StuckHidden));
                let done = !refused && !ctx.mood.is(&Fault::Lie);
                if done {
                    self.set_hidden(id, hide);
                }
                self.wrote(Platform::Instagram, if hide { Act::Hide } else { Act::Unhide }, id, done);
                Ok(json!({"success": true}))
            }
            ("POST", Some("replies")) => {
                if comment.hidden != HiddenBy::None {
                    return Err(GraphError::new(100, "(#100) A hidden comment cannot be answered"));
                }
                self.ig_writes(&comment.post, Some(id), ctx)
            }
            _ => Err(GraphError::missing()),
        }
    }

    pub(super) fn media_write(&mut self, id: &str, edge: Option<&str>, ctx: &Ctx<'_>) -> Outcome {
        need_manage(ctx)?;
        match (ctx.call.method.as_str(), edge) {
            ("POST", Some("comments")) => self.ig_writes(id, None, ctx),
            ("POST", None) => {
                let Some(open) = ctx.call.params.flag("comment_enabled") else {
                    self.wrote(Platform::Instagram, Act::Nothing, id, false);
                    return Ok(json!({"success": true}));
                };
                self.posts.iter_mut().filter(|post| post.id == id).for_each(|post| post.comments_enabled = open);
                self.wrote(Platform::Instagram, Act::Setting, id, true);
                Ok(json!({"success": true}))
            }
            _ => Err(GraphError::missing()),
        }
    }

    fn ig_writes(&mut self, media: &str, parent: Option<&str>, ctx: &Ctx<'_>) -> Outcome {
        let text = ctx.call.params.get("message").unwrap_or_default();
        let many = |letter: char| text.chars().filter(|&found| found == letter).count();
        if text.trim().is_empty() || text.chars().count() > TEXT_LIMIT || many('#') > 30 || many('@') > 20 {
            return Err(GraphError::new(100, "(#100) message is empty, too long or full of tags"));
        }
        if self.post(media).is_none_or(|post| !post.comments_enabled) {
            return Err(GraphError::new(100, "(#100) Comments are switched off"));
        }
        let (act, target) = if let Some(parent) = parent { (Act::Reply, parent) } else { (Act::Comment, media) };
        if ctx.mood.is(&Fault::Lie) {
            self.wrote(Platform::Instagram, act, target, false);
            return Ok(json!({"id": "18049999999999999"}));
        }
        let id = self.page_writes(media, parent, text).ok_or_else(GraphError::missing)?;
        self.wrote(Platform::Instagram, act, target, true);
        Ok(json!({"id": id}))
    }

    pub(super) fn account_write(&mut self, id: &str, edge: Option<&str>, ctx: &Ctx<'_>) -> Outcome {
        match (ctx.call.method.as_str(), edge) {
            ("POST", Some("subscribed_apps")) => {
                let fields = ctx.call.params.get("subscribed_fields").unwrap_or_default();
                let fields: Vec<String> =
                    fields.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
                self.pages.iter_mut().filter(|page| page.id == id).for_each(|page| page.subscribed.clone_from(&fields));
                Ok(json!({"success": true}))
            }
            ("POST", Some("mentions")) => {
                need_manage(ctx)?;
                let media = ctx.call.params.get("media_id").unwrap_or_default();
                let media = self.post(media).ok_or_else(GraphError::missing)?.id.clone();
                let parent = ctx.call.params.get("comment_id").map(str::to_owned);
                self.ig_writes(&media, parent.as_deref(), ctx)
            }
            ("POST", Some("messages")) => self.private_reply(ctx, "instagram_business_manage_messages"),
            _ => Err(GraphError::missing()),
        }
    }
}

fn may_manage(ctx: &Ctx<'_>) -> bool {
    let name =
        if ctx.call.host == Host::B { "instagram_business_manage_comments" } else { "instagram_manage_comments" };
    ctx.token.may(name)
}

fn need_manage(ctx: &Ctx<'_>) -> Result<(), GraphError> {
    may_manage(ctx).then_some(()).ok_or_else(|| GraphError::new(10, "(#10) no permission for this action"))
}

fn need_basic(ctx: &Ctx<'_>) -> Result<(), GraphError> {
    if ctx.call.host == Host::B {
        return need(ctx, "instagram_business_basic", 10);
    }
    need(ctx, "instagram_basic", 10)?;
    need(ctx, "pages_read_engagement", 10)
}

/// The id that must not be matched against anything (instagram.md section 2.2).
fn app_scoped(id: &str) -> String {
    format!("88990011{}", id.get(id.len().saturating_sub(8)..).unwrap_or(id))
}

fn shortcode(post: &Post) -> String {
    format!("DSim{}", post.id.get(post.id.len().saturating_sub(6)..).unwrap_or(&post.id))
}

fn media_link(post: &Post) -> String {
    let kind = if post.shape == PostShape::Reel { "reel" } else { "p" };
    format!("https://www.instagram.com/{kind}/{}/", shortcode(post))
}
