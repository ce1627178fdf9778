//! Answers read without a connection, by the code that reads the platforms' own. In: status, headers and bytes, as
//! somebody captured them or a fuzzer made them up. Out: what the poller would be given, or the error.
//! Not here: calls, tokens, and what an answer's headers mean for the pace.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::cursor::{Answer, Edge};
use super::http::Reply;
use super::{Error, graph, tiktok};
use crate::clock::Timestamp;
use crate::comment::{CommentId, PageKey, Platform, PostId};

/// What the answer is one to.
#[derive(Clone, Copy, Debug)]
pub enum Asked<'a> {
    /// A listing of posts.
    Posts(Edge),
    /// A listing of a post's comments, or of a comment's replies.
    Comments {
        /// The post.
        post: &'a PostId,
        /// The comment whose replies they are.
        parent: Option<&'a CommentId>,
    },
    /// One comment by itself; TikTok answers with a listing.
    Comment {
        /// The post.
        post: &'a PostId,
        /// The comment that it answers.
        parent: Option<&'a CommentId>,
    },
    /// Something done to a comment.
    Write,
}

/// The parameters with which a listing of Graph goes on at a place that an answer gave.
pub fn going_on(place: &str) -> Vec<(String, String)> {
    graph::going_on(place)
}

/// One answer.
#[derive(Clone, Copy)]
pub struct Specimen<'a> {
    /// The HTTP status.
    pub status: u16,
    /// Header lines; what cannot be one is left out.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body, as it came.
    pub body: &'a [u8],
}

impl Specimen<'_> {
    /// What the program makes of it, as an answer to this page's call at this time.
    pub fn read(&self, page: &PageKey, asked: Asked<'_>, now: Timestamp) -> Result<Answer, Error> {
        let reply = Reply { status: self.status, headers: self.header_map(), body: self.body.to_vec() };
        match page.platform {
            Platform::Facebook | Platform::Instagram => graph::read_specimen(page, asked, &reply),
            Platform::TikTok => tiktok::read_specimen(page, asked, &reply, now),
        }
    }

    fn header_map(&self) -> HeaderMap {
        let line = |(name, value): &(&str, &str)| {
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?))
        };
        self.headers.iter().filter_map(line).collect()
    }
}
