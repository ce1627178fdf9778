//! The platforms' APIs behind one enum. In: what to list, read or do. Out: comments in our own nouns, receipts, errors
//! by what a caller does about them. Only the poller reads through here, only the executor writes.
//! Not here: what to do with a comment, and any state but tokens and budgets.

pub mod cursor;
pub mod graph;
pub mod http;
pub mod specimen;
#[cfg(test)]
mod testing;
pub mod tiktok;
mod tokens;
mod wire;

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

pub use self::http::{Pace, Usage};
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::{Comment, CommentId, CommentKind, CommentText, PageKey, Platform, PostId};

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

/// So many pages of replies are read in search of one.
const ANSWER_PAGES: usize = 3;

/// What one page's connection is made from.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which page.
    pub key: PageKey,
    /// Where its platform's API is, version included; https, or http on a loopback address.
    pub api_base: Url,
    /// Graph: the page's access token. TikTok: an access token to begin with, where there is no refresh token.
    pub token: Option<SecretString>,
    /// Graph: turns on `appsecret_proof`. TikTok: needed for refreshing tokens.
    pub app_secret: Option<SecretString>,
    /// The developer app's id: TikTok's token refresh, Graph's `debug_token`.
    pub app_id: Option<String>,
    /// TikTok: the refresh token of the last consent.
    pub refresh_token: Option<SecretString>,
    /// A directory of this instance's own where refreshed tokens are kept; without one they live until the process ends.
    pub state_dir: Option<PathBuf>,
}

/// Why a page's connection could not be made from its settings.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Something that must be set is not.
    #[error("page {page} lacks {what}")]
    Missing {
        /// Which page.
        page: PageKey,
        /// Which setting.
        what: &'static str,
    },
    /// The address is neither https nor http on a loopback address, so tokens would travel in the open.
    #[error("the api_base of page {page} is neither https nor http on a loopback address")]
    Insecure {
        /// Which page.
        page: PageKey,
    },
    /// The file with refreshed tokens is there and cannot be read; going on with older tokens could kill both.
    #[error("the token file of page {page} cannot be read")]
    TokenFile {
        /// Which page.
        page: PageKey,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// One thing that `check --live` looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What was looked at, in a word or two.
    pub what: &'static str,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found.
    pub say: String,
    /// What a person does next, where it is not as it should be.
    pub help: Option<String>,
}

impl Probe {
    fn good(what: &'static str, say: impl Into<String>) -> Self {
        Self { what, ok: true, say: say.into(), help: None }
    }

    fn bad(what: &'static str, say: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what, ok: false, say: say.into(), help: Some(help.into()) }
    }

    fn failed(what: &'static str, error: &Error) -> Self {
        Self::bad(what, chain(error), error.help())
    }
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

/// The replies to one comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Those that were listed, the page's own among them.
    pub replies: Vec<Comment>,
    /// All of them were; otherwise only the newest, or those that could be read, or the platform showed less than there is.
    pub whole: bool,
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

    /// Makes a connection from settings; sends nothing yet.
    pub fn connect(settings: Settings, shared: &http::Shared) -> Result<Self, ConnectError> {
        let base = &settings.api_base;
        let loopback = match base.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        };
        if base.scheme() != "https" && !(base.scheme() == "http" && loopback) {
            return Err(ConnectError::Insecure { page: settings.key });
        }
        match settings.key.platform {
            Platform::Facebook | Platform::Instagram => graph::Client::new(settings, shared.clone()).map(Self::Graph),
            Platform::TikTok => tiktok::Client::new(settings, shared.clone()).map(Self::TikTok),
        }
    }

    /// How much of its budget the platform says is used, as far as it said so lately.
    pub fn usage(&self, now: Timestamp) -> Usage {
        match self {
            Self::Graph(client) => client.usage(now),
            Self::TikTok(_) => Usage::default(),
        }
    }

    /// How fast to go now; while the platform wants quiet, every call is refused here and not sent.
    pub fn pace(&self, now: Timestamp) -> Pace {
        match self {
            Self::Graph(client) => client.pace(now),
            Self::TikTok(client) => client.pace(now),
        }
    }

    /// The clock went back by so much, to `now`: quiet that the platform asked for lasts as long as it would have.
    pub fn clock_went_back(&self, by: SignedDuration, now: Timestamp) {
        match self {
            Self::Graph(client) => client.clock_went_back(by, now),
            Self::TikTok(client) => client.clock_went_back(by, now),
        }
    }

    /// Looks after tokens that run out: refreshes them when it is time. Call it now and then; it mostly does nothing.
    pub async fn maintain(&self, now: Timestamp) -> Result<(), Error> {
        match self {
            Self::Graph(client) => client.maintain(now).await,
            Self::TikTok(client) => client.maintain(now).await,
        }
    }

    /// When a person has to consent again at the latest, as far as is known: TikTok's year, Instagram's 60 days, the end
    /// of data access on Graph after a [`probe`](Self::probe).
    pub fn token_deadline(&self) -> Option<Timestamp> {
        match self {
            Self::Graph(client) => client.token_deadline(),
            Self::TikTok(client) => client.token_deadline(),
        }
    }

    /// What the platform calls this page.
    pub async fn name(&self, now: Timestamp) -> Result<Option<String>, Error> {
        match self {
            Self::Graph(client) => client.name(now).await,
            Self::TikTok(client) => client.name(now).await,
        }
    }

    /// Looks at everything that has to be right for this page to be watched; changes nothing but a token due anyway.
    pub async fn probe(&self, now: Timestamp) -> Vec<Probe> {
        match self {
            Self::Graph(client) => client.probe(now).await,
            Self::TikTok(client) => client.probe(now).await,
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

    /// Lists the replies to a comment, to the end where that is not far.
    pub async fn answers(&self, target: &Target, now: Timestamp) -> Result<Answers, Error> {
        let mut answers = Answers { replies: Vec::new(), whole: true };
        let mut next = None;
        for _ in 0..ANSWER_PAGES {
            let (post, comment) = (target.post.clone(), target.comment.clone());
            let answer = self.fetch(&cursor::Request::Replies { post, comment, after: next }, now).await?;
            answers.whole &= answer.malformed == 0;
            answers.replies.extend(answer.comments.into_iter().filter(|reply| reply.id != target.comment));
            next = answer.next;
            if next.is_none() {
                return Ok(answers);
            }
        }
        Ok(Answers { whole: false, ..answers })
    }

    /// The same, and not believed unless the listing of the post shows the comment itself: a platform that is blind for a
    /// while lists nothing and says that all is well (instagram.md section 3).
    pub async fn proven_answers(&self, target: &Target, now: Timestamp) -> Result<Answers, Error> {
        let mut answers = self.answers(target, now).await?;
        let mut next = None;
        for _ in 0..ANSWER_PAGES {
            let answer = self.fetch(&cursor::Request::Comments { post: target.post.clone(), after: next }, now).await?;
            let shown = answer.comments.iter().any(|comment| comment.id == target.comment);
            let below = answer.comments.into_iter().filter(|one| one.parent.as_ref() == Some(&target.comment));
            answers.replies.extend(below);
            next = answer.next;
            if shown {
                return Ok(answers);
            }
            if next.is_none() {
                break;
            }
        }
        Ok(Answers { whole: false, ..answers })
    }

    /// Does one thing to one comment. Success is not proof; read back.
    pub async fn act(&self, target: &Target, act: &Act, now: Timestamp) -> Result<Receipt, Error> {
        match self {
            Self::Graph(client) => client.act(target, act, now).await,
            Self::TikTok(client) => client.act(target, act, now).await,
        }
    }
}

impl Error {
    /// Which page it concerns.
    pub fn page(&self) -> &PageKey {
        match self {
            Self::Throttled { page, .. }
            | Self::WritesBlocked { page, .. }
            | Self::Token { page, .. }
            | Self::Permission { page, .. }
            | Self::NotFound { page, .. }
            | Self::Refused { page, .. }
            | Self::TooMuch { page }
            | Self::Transient { page, .. } => page,
        }
    }

    /// What a person does next, in plain words.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Token { help, .. } | Self::Permission { help, .. } => help,
            Self::Throttled { .. } => {
                "nothing to do: Chaperone waits as long as the platform asked and goes on by itself"
            }
            Self::WritesBlocked { .. } => {
                "the platform has stopped this page's actions for a while: leave it alone for some hours, look for a \
                 notice about it in the page's own inbox, and moderate by hand until it passes"
            }
            Self::NotFound { .. } => {
                "look whether it is still there in the platform's own app: if it is, the token lost a permission and the \
                 page has to be authorised again"
            }
            Self::Refused { .. } => {
                "do it by hand in the platform's own app; if that works, tell whoever maintains Chaperone"
            }
            Self::TooMuch { .. } => "nothing to do: Chaperone asks for less next time",
            Self::Transient { source: http::Fault::TokenFile, .. } => {
                "look at the daemon's state directory: it has to exist, belong to the daemon's user and have room"
            }
            Self::Transient { .. } => {
                "nothing to do if it passes: Chaperone tries again by itself; if it lasts, look at this machine's network \
                 and at the platform's status page"
            }
        }
    }
}

/// An error with its causes in one line, for people; none of them holds a URL, a token or text.
fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        line = format!("{line}: {inner}");
        cause = inner.source();
    }
    line
}

/// What is off between this machine's clock and the platform's, worth telling from two minutes on.
fn clock_probe(theirs: Option<Timestamp>, ours: Timestamp) -> Option<Probe> {
    let seconds = theirs?.duration_since(ours).abs().as_secs();
    let what = "clock";
    Some(if seconds < 120 {
        Probe::good(what, format!("this machine's clock and the platform's are within {} s", seconds.max(1)))
    } else {
        let say = format!("this machine's clock is {seconds} s away from the platform's");
        Probe::bad(what, say, "turn on time synchronisation on this machine (timedatectl set-ntp true)")
    })
}

/// A moment as people read it, to the day.
fn day(at: Timestamp) -> String {
    at.strftime("%-d %B %Y").to_string()
}

/// Whether a deadline is far enough away, as a line of `check --live`.
fn deadline_probe(what: &'static str, at: Timestamp, now: Timestamp, help: &'static str) -> Probe {
    let days = at.duration_since(now).as_hours().div_euclid(24);
    let say = if days < 0 { format!("ended on {}", day(at)) } else { format!("lasts until {} ({days} days)", day(at)) };
    if days < 14 { Probe::bad(what, say, help) } else { Probe::good(what, say) }
}
