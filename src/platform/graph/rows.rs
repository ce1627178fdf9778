//! Graph's rows in our own nouns. In: JSON of a listing or of one node. Out: posts, comments, where a listing goes on.
//! Not here: calls. What cannot be read is counted, one row at a time.

use serde_json::Value;
use url::Url;

use crate::comment::{
    Attachment, Author, AuthorId, Comment, CommentId, CommentKind, CommentText, PageId, PersonName, Platform, Post,
    PostId, PostKind,
};
use crate::platform::cursor::{Answer, Edge, PostListing};
use crate::platform::wire;

/// Whose rows these are.
pub(super) struct Context<'a> {
    pub(super) platform: Platform,
    pub(super) page: &'a PageId,
    /// Instagram: the account's own handle, once known.
    pub(super) username: Option<&'a str>,
    /// Where the page's API is: a link to anywhere else is not believed.
    pub(super) base: Option<&'a Url>,
}

/// What rows hang on.
#[derive(Clone, Copy)]
pub(super) struct Under<'a> {
    pub(super) post: &'a PostId,
    pub(super) parent: Option<&'a CommentId>,
    /// The post's own link, from which Instagram's comment links are made.
    pub(super) permalink: Option<&'a str>,
}

/// A listing of posts.
pub(super) fn posts(context: &Context<'_>, body: &Value, edge: Edge, with_comments: bool) -> Answer {
    let mut answer = Answer::default();
    for row in wire::rows(body, "data") {
        match wire::id(&row["id"]) {
            Some(id) => one_post(context, row, PostId::new(id), edge, with_comments, &mut answer),
            None => answer.malformed += 1,
        }
    }
    go_on(context, body, &mut answer);
    answer
}

/// A listing of comments or replies.
pub(super) fn comments(context: &Context<'_>, body: &Value, under: Under<'_>) -> Answer {
    let mut answer = Answer::default();
    let newest_first =
        level(context, body, under, &mut answer.comments, &mut answer.more_replies, &mut answer.malformed);
    answer.newest_first = newest_first;
    go_on(context, body, &mut answer);
    answer
}

fn one_post(context: &Context<'_>, row: &Value, id: PostId, edge: Edge, with_comments: bool, answer: &mut Answer) {
    let post = post(context, row, id, edge);
    if post.kind == PostKind::Visitor {
        answer.comments.push(visitor_post(row, &post));
    }
    let mut listing = PostListing {
        post,
        comments: Vec::new(),
        next: None,
        newest_first: true,
        total: wire::count(row, "comments_count"),
        with_comments,
        more_replies: Vec::new(),
        photos: photos(row),
    };
    if let Some(nested) = row.get("comments").filter(|nested| nested.is_object()) {
        let under = Under { post: &listing.post.id, parent: None, permalink: listing.post.permalink.as_deref() };
        let newest_first =
            level(context, nested, under, &mut listing.comments, &mut listing.more_replies, &mut answer.malformed);
        listing.newest_first = newest_first;
        listing.total = nested.get("summary").and_then(|summary| wire::count(summary, "total_count")).or(listing.total);
        listing.next = next(context, nested, &mut answer.malformed);
    }
    answer.posts.push(listing);
}

/// The rows of one listing of comments, with the replies that came inside them; tells whether they are newest first.
fn level(
    context: &Context<'_>,
    body: &Value,
    under: Under<'_>,
    out: &mut Vec<Comment>,
    more: &mut Vec<(CommentId, Option<String>)>,
    malformed: &mut u32,
) -> bool {
    let first = out.len();
    for row in wire::rows(body, "data") {
        let Some(comment) = comment(context, row, under) else {
            *malformed += 1;
            continue;
        };
        let id = comment.id.clone();
        out.push(comment);
        if let Some(nested) = row.get("replies").filter(|nested| nested.is_object()) {
            for row in wire::rows(nested, "data") {
                match self::comment(context, row, Under { parent: Some(&id), ..under }) {
                    Some(reply) => out.push(reply),
                    None => *malformed += 1,
                }
            }
            if let Some(after) = next(context, nested, malformed) {
                more.push((id, Some(after)));
            }
        }
    }
    // Facebook says what order it really used; Instagram's top level is newest first, which the times must bear out.
    if context.platform == Platform::Facebook {
        body["summary"]["order"] == "reverse_chronological"
    } else {
        let times = out[first..].iter().filter(|row| row.kind == CommentKind::Comment).filter_map(|row| row.created);
        times.is_sorted_by(|a, b| a >= b)
    }
}

/// A post, from a listing or by itself.
pub(super) fn post(context: &Context<'_>, row: &Value, id: PostId, edge: Edge) -> Post {
    let instagram = context.platform == Platform::Instagram;
    let author = row.get("from").and_then(|from| wire::id(&from["id"]));
    let kind = match edge {
        Edge::Reels => PostKind::Reel,
        _ if author.as_deref() == Some(context.page.as_str()) => PostKind::Post,
        Edge::Visitors => PostKind::Visitor,
        // Who is not named is taken for the page itself: hiding the practice's own post would be the greater harm.
        _ if !instagram && author.is_some() => PostKind::Visitor,
        _ => PostKind::Post,
    };
    let text = ["message", "caption", "description"].iter().find_map(|key| wire::text(row, key)).unwrap_or_default();
    Post {
        id,
        kind,
        created: wire::time(row, "created_time").or_else(|| wire::time(row, "timestamp")),
        permalink: permalink(row),
        text: CommentText::listed(text),
    }
}

/// A visitor's post is itself something to judge.
pub(super) fn visitor_post(row: &Value, post: &Post) -> Comment {
    let media = row.get("attachments").map_or(&[][..], |attachments| wire::rows(attachments, "data"));
    let mut attachments: Vec<Attachment> = media
        .iter()
        .filter_map(|media| wire::text(media, "media_type").or_else(|| wire::text(media, "type")))
        .map(attachment)
        .collect();
    attachments.dedup();
    if post.text.is_blank() && attachments.is_empty() {
        attachments.push(Attachment::Unknown);
    }
    Comment {
        id: CommentId::new(post.id.as_str()),
        post: post.id.clone(),
        parent: None,
        kind: CommentKind::VisitorPost,
        author: author(row),
        by_page: false,
        created: post.created,
        text: post.text.clone(),
        attachments,
        hidden: wire::flag(row, "is_hidden").unwrap_or(false),
        can_hide: None,
        can_delete: None,
        permalink: post.permalink.clone(),
    }
}

/// One comment or reply; none if it has no id, without which nothing can be done about it.
pub(super) fn comment(context: &Context<'_>, row: &Value, under: Under<'_>) -> Option<Comment> {
    let id = CommentId::new(wire::id(&row["id"])?);
    let named = row.get("parent").and_then(|parent| wire::id(&parent["id"])).or_else(|| wire::id(&row["parent_id"]));
    let parent = named.map(CommentId::new).or_else(|| under.parent.cloned());
    let text = CommentText::listed(wire::text(row, "message").or_else(|| wire::text(row, "text")).unwrap_or_default());
    let mut attachments: Vec<Attachment> = match row.get("attachment") {
        Some(Value::Object(object)) => vec![attachment(object.get("type").and_then(Value::as_str).unwrap_or_default())],
        _ => Vec::new(),
    };
    if text.is_blank() && attachments.is_empty() {
        // Not harmless: a picture or GIF that the platform does not show us (instagram.md section 4.2).
        attachments.push(Attachment::Unknown);
    }
    let permalink = permalink(row).or_else(|| {
        let post = under.permalink.filter(|_| context.platform == Platform::Instagram)?;
        Some(format!("{}/c/{id}/", post.trim_end_matches('/')))
    });
    Some(Comment {
        post: under.post.clone(),
        kind: if parent.is_some() { CommentKind::Reply } else { CommentKind::Comment },
        parent,
        author: author(row),
        by_page: by_page(context, row),
        created: wire::time(row, "created_time").or_else(|| wire::time(row, "timestamp")),
        text,
        attachments,
        hidden: wire::flag(row, "is_hidden").or_else(|| wire::flag(row, "hidden")).unwrap_or(false),
        can_hide: wire::flag(row, "can_hide"),
        can_delete: wire::flag(row, "can_remove"),
        permalink,
        id,
    })
}

fn author(row: &Value) -> Author {
    let from = &row["from"];
    let name =
        wire::text(from, "name").or_else(|| wire::text(from, "username")).or_else(|| wire::text(row, "username"));
    Author {
        id: wire::id(&from["id"]).map(AuthorId::new),
        name: name.filter(|name| !name.is_empty()).map(PersonName::new),
    }
}

/// Facebook: the author is the page. Instagram: three tests, as no single one is always there (instagram.md section 4.2).
fn by_page(context: &Context<'_>, row: &Value) -> bool {
    let from = &row["from"];
    if wire::id(&from["id"]).as_deref() == Some(context.page.as_str()) {
        return true;
    }
    if context.platform != Platform::Instagram {
        return false;
    }
    let handle = wire::text(row, "username").or_else(|| wire::text(from, "username"));
    let ours = handle.zip(context.username).is_some_and(|(handle, own)| handle.eq_ignore_ascii_case(own));
    wire::id(&from["self_ig_scoped_id"]).is_some() || ours
}

/// The photos of an album; a post with one photo shares its comments with it.
fn photos(row: &Value) -> Vec<PostId> {
    let media = row.get("attachments").map_or(&[][..], |attachments| wire::rows(attachments, "data"));
    let parts =
        media.iter().filter_map(|media| media.get("subattachments")).flat_map(|parts| wire::rows(parts, "data"));
    // A part without a type is taken for a photo: a refused listing costs less than an unread one.
    let photos =
        parts.filter(|part| wire::text(part, "type").is_none_or(|kind| attachment(kind) == Attachment::Picture));
    let mut ids: Vec<PostId> = photos.filter_map(|part| wire::id(&part["target"]["id"])).map(PostId::new).collect();
    ids.dedup();
    ids
}

fn attachment(kind: &str) -> Attachment {
    let has = |word| kind.contains(word);
    match kind {
        "sticker" => Attachment::Sticker,
        _ if has("animated") || has("gif") => Attachment::Gif,
        _ if has("video") => Attachment::Video,
        _ if has("photo") || has("album") || has("image") => Attachment::Picture,
        _ if has("share") || has("link") => Attachment::Link,
        _ => Attachment::Unknown,
    }
}

/// A link for people; Reels give theirs without a host.
fn permalink(row: &Value) -> Option<String> {
    let link = wire::text(row, "permalink_url").or_else(|| wire::text(row, "permalink"))?;
    if link.starts_with('/') { Some(format!("https://www.facebook.com{link}")) } else { Some(link.to_owned()) }
}

fn go_on(context: &Context<'_>, body: &Value, answer: &mut Answer) {
    answer.next = next(context, body, &mut answer.malformed);
}

/// Where a listing goes on: only if it has a `next`, as cursors stand on the last page too (facebook.md section 8).
///
/// `next` holds the token and a host that is not ours to trust, so it is never followed: its place is taken, and asked for
/// at the page's own API. Time-paged listings have no cursors; their place is kept as `?` and the parameters. A link that
/// leads anywhere else is told as something that could not be read, and nothing is taken from it.
fn next(context: &Context<'_>, body: &Value, malformed: &mut u32) -> Option<String> {
    let paging = body.get("paging")?;
    let link = wire::text(paging, "next").filter(|link| !link.is_empty())?;
    let own = Url::parse(link).ok().filter(|url| is_own(context, url));
    let cursor = wire::id(&paging["cursors"]["after"]).or_else(|| place(own.as_ref()?));
    if cursor.is_none() || own.is_none() {
        *malformed += 1;
    }
    if own.is_none() {
        tracing::warn!("a listing's link leads elsewhere and was not believed");
    }
    cursor
}

/// Whether a link stays where the page's API is; behind a proxy the platform still names itself.
fn is_own(context: &Context<'_>, link: &Url) -> bool {
    let bare = link.username().is_empty() && link.password().is_none();
    let platforms = matches!(link.host_str(), Some("graph.facebook.com" | "graph.instagram.com"))
        && link.scheme() == "https"
        && link.port().is_none();
    let same = context.base.is_some_and(|base| {
        let under = base.path().trim_end_matches('/');
        base.origin() == link.origin() && link.path().strip_prefix(under).is_some_and(|rest| rest.starts_with('/'))
    });
    bare && (platforms || same)
}

fn place(url: &Url) -> Option<String> {
    let kept: Vec<(String, String)> =
        url.query_pairs().filter(|(key, _)| is_place(key)).map(|(key, value)| (key.into(), value.into())).collect();
    match kept.iter().find(|(key, _)| key == "after") {
        Some((_, after)) => Some(after.clone()),
        None if kept.is_empty() => None,
        None => Some(format!("?{}", url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish())),
    }
}

/// What says where a listing goes on, of all that a link holds.
fn is_place(key: &str) -> bool {
    matches!(key, "after" | "until" | "since" | "__paging_token" | "offset")
}

/// The parameters of a place that [`next`] gave.
pub(super) fn place_parameters(after: &str) -> Vec<(String, String)> {
    match after.strip_prefix('?') {
        Some(query) => {
            // A cursor may begin like a query too: nothing but a place is ever sent back.
            let pairs = url::form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| is_place(key));
            pairs.map(|(key, value)| (key.into(), value.into())).collect()
        }
        None => vec![("after".to_owned(), after.to_owned())],
    }
}
