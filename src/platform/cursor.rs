//! What to list next: pure. In: what is remembered of a page, the time, each answer. Out: the next request, and at the
//! end what to remember and what could not be read. Not here: IO, the clock, the store.

use crate::clock::Timestamp;
use crate::comment::{Comment, CommentId, Platform, Post, PostId, PostKind};

/// One listing call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Posts of the page through one edge; Graph answers with each post's newest comments in the same call.
    Posts {
        /// Which listing.
        edge: Edge,
        /// Where to go on, as the last answer said.
        after: Option<String>,
    },
    /// Comments of one post, newest first where the platform can.
    Comments {
        /// The post.
        post: PostId,
        /// Where to go on.
        after: Option<String>,
    },
    /// Replies of one comment.
    Replies {
        /// The post.
        post: PostId,
        /// The comment.
        comment: CommentId,
        /// Where to go on.
        after: Option<String>,
    },
}

/// A listing of posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edge {
    /// Facebook `feed`: own and visitors' posts; Instagram `media`; TikTok `video/list`.
    Main,
    /// Facebook `published_posts`, where `feed` is not permitted.
    Published,
    /// Facebook `visitor_posts`, where `feed` is not permitted.
    Visitors,
    /// Facebook `video_reels`, which no post edge lists.
    Reels,
}

/// What a listing call brought.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Posts, each with what came of its comments in the same call.
    pub posts: Vec<PostListing>,
    /// Comments and replies that came, of whatever level, flat.
    pub comments: Vec<Comment>,
    /// Where this listing goes on; absent on its last page.
    pub next: Option<String>,
    /// The platform says that this page of comments is newest first, so that one without anything new ends the search.
    pub newest_first: bool,
    /// Top-level comments whose replies did not all come: where to go on, if the platform said.
    pub more_replies: Vec<(CommentId, Option<String>)>,
    /// Items that could not be read and were put aside.
    pub malformed: u32,
}

/// One post in a listing.
#[derive(Clone, Debug)]
pub struct PostListing {
    /// The post.
    pub post: Post,
    /// Comments that came with it, of whatever level, flat.
    pub comments: Vec<Comment>,
    /// Where its comments go on; absent when they all came.
    pub next: Option<String>,
    /// The comments are newest first.
    pub newest_first: bool,
    /// How many comments the platform counts; a hint that is often too high (all sheets).
    pub total: Option<u64>,
    /// Whether comments were asked for in this call at all.
    pub with_comments: bool,
    /// Top-level comments whose replies did not all come.
    pub more_replies: Vec<(CommentId, Option<String>)>,
    /// Single photos of an album, which carry comments of their own (facebook.md section 3).
    pub photos: Vec<PostId>,
}

/// What is remembered of one post between cycles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostState {
    /// Which post.
    pub id: PostId,
    /// What kind.
    pub kind: PostKind,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When its newest comments were last read.
    pub read_at: Option<Timestamp>,
    /// When all its comments were last read to the end.
    pub swept_at: Option<Timestamp>,
    /// What the platform counted then.
    pub total: Option<u64>,
}

/// What is remembered of a page between cycles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageState {
    /// The posts known.
    pub posts: Vec<PostState>,
    /// When the listing of posts was last followed to its end.
    pub swept_at: Option<Timestamp>,
}

/// What a cycle could and could not read; blindness is told, never taken for calm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Listing calls made.
    pub requests: u32,
    /// Posts listed.
    pub posts: u32,
    /// Comments listed, known and new.
    pub comments: u32,
    /// Items that could not be read.
    pub malformed: u32,
    /// Listings broken off or refused, in words for the digest.
    pub gaps: Vec<String>,
    /// The platform counts comments on several posts and lists none: an access problem (instagram.md section 2).
    pub blind: bool,
}

/// Which platform's tiers and shapes a cycle follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The platform.
    pub platform: Platform,
}
