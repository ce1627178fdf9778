//! Everything that can go wrong on a platform, as data. In: a [`FaultRule`] from a scenario or a test. Out: the
//! faults that bear on one request. Absent: what a fault does to an answer; each platform's module carries it out.

use serde::Deserialize;

use super::scenario::Offset;
use crate::clock::Timestamp;
use crate::comment::Platform;

/// One thing that goes wrong (facebook.md sections 11 and 15, instagram.md section 10, tiktok.md section 9).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// The platform asks for quiet: Graph with `code` (80001, 80002, 4, 17, 32, 613), TikTok with 40100.
    Throttle {
        /// The Graph code; by default 80001 on Facebook and 80002 on Instagram.
        code: Option<i64>,
        /// Minutes until access returns, in the usage header; `None` sends the code without any header.
        minutes: Option<u32>,
        /// TikTok: which limit the message names, `QPS`, `QPM` (default) or `QPD`.
        limit: Option<String>,
    },
    /// The usage header says so many percent, though nothing is refused.
    UsageHeader {
        /// Whole percent.
        percent: u32,
    },
    /// The token ran out: 190/463, TikTok 40102.
    TokenExpired,
    /// The token was taken back: 190/460, TikTok 40105.
    TokenRevoked,
    /// A gateway's HTML page with this status.
    HtmlInsteadOfJson {
        /// The HTTP status.
        status: u16,
    },
    /// The body stops in the middle of the JSON.
    Truncated,
    /// A 200 that is not JSON.
    NotJson,
    /// A 200 with nothing in it.
    EmptyBody,
    /// The connection closes without an answer, and nothing was done.
    TimeoutBefore,
    /// The connection closes without an answer, but the thing was done.
    TimeoutAfterSideEffect,
    /// A write answers success and does nothing.
    Lie,
    /// Comment listings come back empty while counts say otherwise.
    EmptyListing,
    /// Rows come without `from` and `username`.
    MissingFrom,
    /// Rows come without `id` (Page Public Content Access).
    MissingId,
    /// Ids come as bare numbers.
    NumericIds,
    /// Texts come as `null`.
    NullText,
    /// Texts carry a NUL.
    NulInText,
    /// Texts end in half a surrogate pair.
    LoneSurrogate,
    /// Texts are repeated up to 60 KB.
    HugeText,
    /// Times come as Unix seconds.
    UnixTimes,
    /// Items stand on two pages, or twice on one.
    DuplicateItems,
    /// The same page again and again, always with a next one.
    EndlessNext,
    /// The first page of a listing is empty and has a next one.
    EmptyPageWithNext,
    /// A permission is missing: this Graph code (10, 200, 283, 100), TikTok 40130 or the code given.
    PermissionLost {
        /// The code of the answer.
        code: i64,
    },
    /// Writes are blocked as abusive while reads still work: code 368, TikTok 40001.
    WritesBlocked368,
    /// Nested expansions above so many cells (product of the limits) fail with HTTP 500 and code 1.
    CodeOne500OnDeepExpansion {
        /// The product of limits that still works; 0 refuses every nested expansion.
        #[serde(default)]
        cells: u64,
    },
    /// A request with a cursor is refused with code 100, TikTok 40002.
    CursorRejected,
    /// The platform's own trouble: Graph HTTP 500 with code 1 or 2, TikTok 50000 or 51001.
    Internal {
        /// The code of the answer.
        code: i64,
    },
    /// `UNHIDE`, and un-hiding on the Graph API, answers success but the comment stays hidden.
    StuckHidden,
}

/// A fault, and when and where it holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// The name that switches it off again.
    pub key: String,
    /// What goes wrong.
    pub what: Fault,
    /// Only from this time of the scenario's day on.
    pub from: Option<Offset>,
    /// Only before this time of the scenario's day.
    pub to: Option<Offset>,
    /// Only the next so many requests that it bears on.
    pub next: Option<u32>,
    /// Only on this platform.
    pub platform: Option<Platform>,
    /// Only on the page with this key or id.
    pub page: Option<String>,
    /// Only on routes whose name contains this, such as `facebook.published_posts`, `comments` or `tiktok.hide`.
    pub route: Option<String>,
    /// Only requests of this method.
    pub method: Option<String>,
}

impl FaultRule {
    /// A fault that always holds, everywhere.
    pub fn always(key: &str, what: Fault) -> Self {
        Self {
            key: key.to_owned(),
            what,
            from: None,
            to: None,
            next: None,
            platform: None,
            page: None,
            route: None,
            method: None,
        }
    }

    /// The same for the next `count` requests that it bears on.
    #[must_use]
    pub fn next(mut self, count: u32) -> Self {
        self.next = Some(count);
        self
    }

    /// The same on one platform only.
    #[must_use]
    pub fn on(mut self, platform: Platform) -> Self {
        self.platform = Some(platform);
        self
    }

    /// The same on routes whose name contains `part`.
    #[must_use]
    pub fn route(mut self, part: &str) -> Self {
        self.route = Some(part.to_owned());
        self
    }

    /// Whether it bears on a request, which uses it up by one when it is counted.
    pub(super) fn take(&mut self, about: &About<'_>, start: Timestamp) -> bool {
        let holds = self.from.is_none_or(|from| from.after(start) <= about.now)
            && self.to.is_none_or(|to| about.now < to.after(start))
            && self.platform.is_none_or(|platform| about.platform == Some(platform))
            && self.page.as_deref().is_none_or(|page| about.page.contains(&page))
            && self.route.as_deref().is_none_or(|route| about.route.contains(route))
            && self.method.as_deref().is_none_or(|method| about.method.eq_ignore_ascii_case(method))
            && self.next != Some(0)
            && self.what.bears_on(about, self.route.as_deref().is_some_and(|route| route.contains("token")));
        if let (true, Some(left)) = (holds, self.next.as_mut()) {
            *left -= 1;
        }
        holds
    }
}

/// What a fault may look at in a request.
#[derive(Clone, Debug, Default)]
pub(super) struct About<'a> {
    pub(super) now: Timestamp,
    pub(super) platform: Option<Platform>,
    /// Key and id of the page.
    pub(super) page: Vec<&'a str>,
    pub(super) route: &'a str,
    pub(super) method: &'a str,
    pub(super) has_cursor: bool,
    /// Depth of the field expansion, and the product of its limits.
    pub(super) weight: (u32, u64),
}

impl Fault {
    /// Calls for tokens are left alone by what is meant for writes and readers, unless the rule names them.
    fn bears_on(&self, about: &About<'_>, names_tokens: bool) -> bool {
        let token_call = about.route.contains("token") && !names_tokens;
        let write = about.method != "GET" && !token_call;
        match self {
            Self::Lie | Self::WritesBlocked368 | Self::TimeoutAfterSideEffect | Self::StuckHidden => write,
            Self::CursorRejected => about.has_cursor,
            Self::EmptyPageWithNext => !about.has_cursor,
            Self::CodeOne500OnDeepExpansion { cells } => about.weight.0 > 1 && about.weight.1 > *cells,
            Self::TokenExpired | Self::TokenRevoked => !token_call,
            _ => true,
        }
    }
}

/// The faults that bear on one request.
#[derive(Clone, Debug, Default)]
pub(super) struct Mood(pub(super) Vec<Fault>);

impl Mood {
    pub(super) fn is(&self, fault: &Fault) -> bool {
        self.0.contains(fault)
    }
}
