//! The platforms' APIs behind one enum. In: what to list, read or do. Out: comments in our own nouns, receipts, errors
//! by what a caller does about them. Only the poller reads through here, only the executor writes.
//! Not here: what to do with a comment, and any state but tokens and budgets.

pub mod cursor;
pub mod graph;
pub mod http;
pub mod tiktok;

use std::time::Duration;

use crate::clock::Timestamp;
use crate::comment::{Comment, CommentId, CommentKind, CommentText, PageKey, PostId};

/// What a platform can do to other people's comments; what it cannot, degrades and says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Hide and show again.
    pub hide: bool,
    /// Delete somebody else's comment.
    pub delete: bool,
    /// Delete or hide a visitor's post; best effort where true.
    pub visitor_posts: bool,
    /// Longest public reply, in characters; `None` where it cannot reply.
    pub reply_chars: Option<usize>,
}

/// One page's connection: token, budgets and wire format of its platform.
pub enum Api {
    /// Facebook and Instagram.
    Graph(graph::Client),
    /// TikTok.
    TikTok(tiktok::Client),
}

/// What a write or a read-back is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The comment, or the visitor's post.
    pub comment: CommentId,
    /// The post it hangs on; TikTok needs it for every call.
    pub post: PostId,
    /// What it is: a visitor's post has routes of its own.
    pub kind: CommentKind,
    /// The comment it answers, if it is a reply; TikTok lists replies by it.
    pub parent: Option<CommentId>,
}

/// What is done to a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Out of public view; can be undone.
    Hide,
    /// Into public view again.
    Unhide,
    /// Gone for good.
    Delete,
    /// A public answer with this text.
    Reply(CommentText),
}

/// What reading one comment showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It is there.
    Present(Box<Comment>),
    /// It is not there, and the post it hung on still reads fine, so this is no loss of permission.
    Gone,
}

/// What a platform answered to a write. It proves nothing: the caller reads back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The platform's own id of the exchange (`fbtrace_id`, `request_id`), for the evidence.
    pub trace: Option<String>,
    /// The id of what was made, for a reply.
    pub created: Option<CommentId>,
}

/// Why a call failed, by what the caller does about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Asked too often: wait this long (the platform's own word if it gave one) before any call of this page.
    #[error("{page} asked for quiet")]
    Throttled {
        /// Whose budget.
        page: PageKey,
        /// How long the platform asked us to wait, or our own rule for this code.
        wait: Duration,
    },
    /// The platform refuses all writes for a while (Graph 368); reads go on.
    #[error("{page} may not write for now (code {code})")]
    WritesBlocked {
        /// Which page.
        page: PageKey,
        /// The platform's code.
        code: i64,
    },
    /// The token is expired, revoked, or on the wrong host: stop this page and tell a human once.
    #[error("the token of {page} is refused (code {code}): {help}")]
    Token {
        /// Which page.
        page: PageKey,
        /// The platform's code.
        code: i64,
        /// What a person does next.
        help: &'static str,
    },
    /// A permission is missing or lapsed for this one thing.
    #[error("{page} lacks a permission (code {code}): {help}")]
    Permission {
        /// Which page.
        page: PageKey,
        /// The platform's code.
        code: i64,
        /// What a person does next.
        help: &'static str,
    },
    /// The thing named is not there, or not for us; Graph cannot tell the two apart (100/33).
    #[error("{page}: not there, or not permitted (code {code})")]
    NotFound {
        /// Which page.
        page: PageKey,
        /// The platform's code.
        code: i64,
    },
    /// The platform understood and refused this very request; repeating it is useless.
    #[error("{page} refused the request (code {code})")]
    Refused {
        /// Which page.
        page: PageKey,
        /// The platform's code.
        code: i64,
    },
    /// The answer was too much for one call (Graph 1 with HTTP 500): ask for less.
    #[error("{page} could not answer that much at once")]
    TooMuch {
        /// Which page.
        page: PageKey,
    },
    /// A fault that may pass: connection, time-out, 5xx, HTML instead of JSON. A write may have taken effect.
    #[error("{page} did not answer properly")]
    Transient {
        /// Which page.
        page: PageKey,
        /// What happened below; never holds a URL, a token or text.
        #[source]
        source: http::Fault,
    },
}

impl Api {
    /// Which page this is.
    pub fn page(&self) -> &PageKey {
        match self {
            Self::Graph(client) => client.page(),
            Self::TikTok(client) => client.page(),
        }
    }

    /// What its platform can do.
    pub fn capabilities(&self) -> Capabilities {
        match self {
            Self::Graph(client) => client.capabilities(),
            Self::TikTok(client) => client.capabilities(),
        }
    }

    /// Makes one listing call.
    pub async fn fetch(&self, request: &cursor::Request, now: Timestamp) -> Result<cursor::Answer, Error> {
        match self {
            Self::Graph(client) => client.fetch(request, now).await,
            Self::TikTok(client) => client.fetch(request, now).await,
        }
    }

    /// Reads one comment as it stands now.
    pub async fn read(&self, target: &Target, now: Timestamp) -> Result<Seen, Error> {
        match self {
            Self::Graph(client) => client.read(target, now).await,
            Self::TikTok(client) => client.read(target, now).await,
        }
    }

    /// Does one thing to one comment. Success is not proof; read back.
    pub async fn act(&self, target: &Target, act: &Act, now: Timestamp) -> Result<Receipt, Error> {
        match self {
            Self::Graph(client) => client.act(target, act, now).await,
            Self::TikTok(client) => client.act(target, act, now).await,
        }
    }
}
