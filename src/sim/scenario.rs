//! A scenario: pages, posts, comments and what happens to them, with times relative to the start of a day. In: TOML.
//! Out: a [`Scenario`] that `World` plays. Absent: ids; the world hands them out, and finds them by the scenario's
//! keys.

use serde::{Deserialize, Deserializer};

use super::fault::FaultRule;
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::{Attachment, Platform};

const DAY: &str = include_str!("day.toml");

/// Why a scenario cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The text is not a scenario.
    #[error("the scenario could not be read")]
    Unreadable(#[from] toml::de::Error),
    /// Something names a page, post, comment or author that nothing declares.
    #[error("the scenario speaks of {what} {key}, which it never declares")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// Its key.
        key: String,
    },
    /// Two things have the same key.
    #[error("the scenario has two things called {key}")]
    Twice {
        /// The key.
        key: String,
    },
}

/// A day on simulated pages.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// Midnight of the day; `None` takes the midnight (UTC) before the world is made.
    pub start: Option<Timestamp>,
    /// Decides everything that looks like chance.
    pub seed: u64,
    /// How strict and how odd the platforms are.
    pub knobs: Knobs,
    /// The pages and accounts.
    #[serde(rename = "page")]
    pub pages: Vec<PageScript>,
    /// Posts, videos, reels, photos.
    #[serde(rename = "post")]
    pub posts: Vec<PostScript>,
    /// Comments and replies.
    #[serde(rename = "comment")]
    pub comments: Vec<CommentScript>,
    /// Comments that change.
    #[serde(rename = "edit")]
    pub edits: Vec<EditScript>,
    /// Comments that their author deletes.
    #[serde(rename = "delete")]
    pub deletes: Vec<TimedComment>,
    /// Comments that somebody at the practice hides by hand.
    #[serde(rename = "hide")]
    pub hides: Vec<TimedComment>,
    /// Comments that somebody at the practice un-hides by hand.
    #[serde(rename = "unhide")]
    pub unhides: Vec<TimedComment>,
    /// People who change their name.
    #[serde(rename = "rename")]
    pub renames: Vec<RenameScript>,
    /// Access tokens that run out before their time.
    #[serde(rename = "expire")]
    pub expiries: Vec<ExpireScript>,
    /// Recommendations of a Facebook Page.
    #[serde(rename = "rating")]
    pub ratings: Vec<RatingScript>,
    /// What goes wrong.
    #[serde(rename = "fault")]
    pub faults: Vec<FaultRule>,
}

impl Scenario {
    /// Reads a scenario.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        Ok(toml::from_str(text)?)
    }

    /// The shipped day on Alderbrook Surgery's three pages.
    pub fn day() -> Result<Self, ScenarioError> {
        Self::parse(DAY)
    }

    /// The shipped day, on the day (UTC) of `now` and without anything going wrong: what other people's clients meet.
    /// Whoever rehearses switches faults on by themselves.
    pub fn rehearsal(now: Timestamp) -> Result<Self, ScenarioError> {
        Ok(Self { start: Some(midnight_before(now)), faults: Vec::new(), expiries: Vec::new(), ..Self::day()? })
    }

    /// The same scenario on another day, which begins at `start`.
    #[must_use]
    pub fn starting(mut self, start: Timestamp) -> Self {
        self.start = Some(start);
        self
    }

    /// The time of the last thing that happens in it, from the start of the day.
    pub fn last_moment(&self) -> Offset {
        let comments = self.comments.iter().map(|comment| comment.at);
        let edits = self.edits.iter().map(|edit| edit.at);
        let timed = self.deletes.iter().chain(&self.hides).chain(&self.unhides).map(|timed| timed.at);
        comments.chain(edits).chain(timed).max().unwrap_or_default()
    }
}

/// The midnight (UTC) before a moment.
pub(super) fn midnight_before(now: Timestamp) -> Timestamp {
    let seconds = now.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(86_400)).unwrap_or(now)
}

/// A time from the start of the scenario's day, written `+07:42`, `-26:10` or `+07:42:30`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offset(SignedDuration);

impl Offset {
    /// So many minutes after the start of the day.
    pub fn minutes(minutes: i64) -> Self {
        Self(SignedDuration::from_mins(minutes))
    }

    /// The moment, on a day that starts at `start`.
    pub fn after(self, start: Timestamp) -> Timestamp {
        start.checked_add(self.0).unwrap_or(start)
    }

    fn parse(text: &str) -> Option<Self> {
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+')?),
        };
        let parts: Vec<i64> = rest.split(':').map(str::parse).collect::<Result<_, _>>().ok()?;
        let seconds = match parts[..] {
            [hours, minutes] => hours * 3600 + minutes * 60,
            [hours, minutes, seconds] => hours * 3600 + minutes * 60 + seconds,
            _ => return None,
        };
        Some(Self(SignedDuration::from_secs(sign * seconds)))
    }
}

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("{text} is not a time such as +07:42")))
    }
}

/// How strict and how odd the platforms are; what the fact sheets leave open has its switch here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools, reason = "independent switches of a test bench, each with its sentence")]
pub struct Knobs {
    /// The app's secret is required: every Graph call needs a right `appsecret_proof`.
    pub require_proof: bool,
    /// Meta throttles a page's calls after so many in 24 hours (facebook.md section 13).
    pub graph_budget: u32,
    /// The API lets the page delete visitors' posts (facebook.md section 6 leaves it open).
    pub visitor_posts_deletable: bool,
    /// A reel list is answered (facebook.md section 3: its reference page says it is not).
    pub reels_listed: bool,
    /// TikTok's limits of 40 a minute per path, 600 a minute and 10 a second per app hold.
    pub tiktok_limits: bool,
    /// Among them the 10 a second; to be switched off where a manual clock stands still between requests.
    pub tiktok_second_limit: bool,
    /// How many of a hundred TikTok pages come short though there is more.
    pub tiktok_short_pages_percent: u32,
    /// A refresh kills the pair before it (tiktok.md section 2.3).
    pub tiktok_rotation: bool,
    /// Listing the replies of a hidden TikTok comment answers 40007 instead of an empty list.
    pub tiktok_hidden_parent_missing: bool,
    /// Seconds until a TikTok hide shows in listings.
    pub tiktok_hide_lag_s: u32,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            require_proof: false,
            graph_budget: 24_000,
            visitor_posts_deletable: false,
            reels_listed: true,
            tiktok_limits: true,
            tiktok_second_limit: true,
            tiktok_short_pages_percent: 10,
            tiktok_rotation: true,
            tiktok_hidden_parent_missing: false,
            tiktok_hide_lag_s: 0,
        }
    }
}

/// A page or account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageScript {
    /// What the scenario calls it.
    pub key: String,
    /// Where it is.
    pub platform: Platform,
    /// Its id on the platform, as a client's configuration names it.
    pub id: String,
    /// Its shown name.
    pub name: String,
    /// Its handle.
    pub handle: String,
    /// For an Instagram account: the key of the Facebook Page that it is linked to.
    pub linked: Option<String>,
}

/// What kind of thing a post is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PostShape {
    /// An ordinary post, media or video.
    #[default]
    Post,
    /// A Facebook Reel (in no post edge), or an Instagram reel (in `media` like any other).
    Reel,
    /// A single photo of an album; `album` names the post.
    Photo,
    /// A visitor's post on the page.
    Visitor,
    /// Somebody else's post that tags or mentions the page.
    Foreign,
    /// An Instagram story.
    Story,
    /// A TikTok post that is not public.
    Private,
}

/// A post.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostScript {
    /// What the scenario calls it.
    pub key: String,
    /// The key of its page.
    pub page: String,
    /// When it is published.
    pub at: Offset,
    /// What it is.
    #[serde(default)]
    pub shape: PostShape,
    /// Its words; a media-only post has none.
    pub text: Option<String>,
    /// Who wrote it, for visitors' and foreign posts.
    pub author: Option<String>,
    /// The key of the album that a photo belongs to.
    pub album: Option<String>,
    /// How many comments the counts claim beyond those that can be read.
    #[serde(default)]
    pub surplus: u32,
    /// Comments come ranked, whatever order is asked (Facebook).
    #[serde(default)]
    pub ranked: bool,
    /// For visitors' posts: the author's intent, category ids; never sent to anybody.
    #[serde(default)]
    pub expect: Vec<String>,
}

/// How a comment came to be hidden without an act of ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HiddenBy {
    /// It is not hidden.
    #[default]
    None,
    /// Somebody with rights on the page hid it.
    Owner,
    /// The platform's own filter hid it.
    Platform,
}

/// A comment or reply.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CommentScript {
    /// What the scenario calls it.
    pub key: String,
    /// The key of its post; a reply may leave it out.
    pub post: Option<String>,
    /// The key of the comment it answers.
    pub reply_to: Option<String>,
    /// When it is written.
    pub at: Offset,
    /// Who writes it; left out when the page itself does.
    pub author: Option<String>,
    /// Its words; a picture or sticker alone has none.
    pub text: Option<String>,
    /// What it carries beside the words.
    pub attachment: Option<Attachment>,
    /// It arrives hidden.
    pub hidden: HiddenBy,
    /// Its likes, which rank it.
    pub likes: u32,
    /// `can_hide` is answered as no, and hiding is refused (Facebook).
    pub unhideable: bool,
    /// Its author is restricted: the platform lists it nowhere (Instagram).
    pub restricted: bool,
    /// The author's intent, category ids of the policies; for tests, never sent to anybody.
    pub expect: Vec<String>,
}

/// A comment that changes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditScript {
    /// The comment's key.
    pub comment: String,
    /// When.
    pub at: Offset,
    /// The new words.
    pub text: String,
    /// The author's intent from then on.
    #[serde(default)]
    pub expect: Vec<String>,
}

/// Something that happens to a comment at a time.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimedComment {
    /// The comment's key.
    pub comment: String,
    /// When.
    pub at: Offset,
}

/// A person who changes their name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenameScript {
    /// The name that the scenario uses.
    pub author: String,
    /// When.
    pub at: Offset,
    /// The new name or handle.
    pub to: String,
}

/// An access token that runs out before its time; a refresh brings a new one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpireScript {
    /// The key of the page.
    pub page: String,
    /// When.
    pub at: Offset,
}

/// A recommendation of a Facebook Page.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatingScript {
    /// The key of the page.
    pub page: String,
    /// When it is given.
    pub at: Offset,
    /// Who gives it.
    pub author: String,
    /// Whether it recommends.
    pub positive: bool,
    /// Its words, if any.
    pub text: Option<String>,
    /// The author's intent, category ids; for tests.
    #[serde(default)]
    pub expect: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Option<i64>) {
        assert_eq!(Offset::parse(text).map(|offset| offset.0.as_secs()), want, "{text}");
    }

    #[test]
    fn offsets_are_signed_hours_and_minutes() {
        check("+07:42", Some(7 * 3600 + 42 * 60));
        check("-26:10", Some(-(26 * 3600 + 600)));
        check("+00:00:30", Some(30));
        check("07:42", None);
        check("+7", None);
        check("+a:b", None);
    }
}
