//! The nouns: page, post, comment, author, and their ids. In: what a platform said. Out: values that everybody passes on.
//! Text, names and tokens of people never print themselves: `Debug` of [`CommentText`] and [`PersonName`] gives a length.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::clock::Timestamp;

/// A social media platform that Chaperone can watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// A Facebook Page, through the Graph API.
    Facebook,
    /// An Instagram professional account, through the Graph API.
    Instagram,
    /// A TikTok business account, through the Business API.
    TikTok,
}

impl Platform {
    /// Every platform, in the order people name them.
    pub const ALL: [Self; 3] = [Self::Facebook, Self::Instagram, Self::TikTok];

    /// The name in configuration, database and JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Facebook => "facebook",
            Self::Instagram => "instagram",
            Self::TikTok => "tiktok",
        }
    }

    /// The name as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Facebook => "Facebook",
            Self::Instagram => "Instagram",
            Self::TikTok => "TikTok",
        }
    }

    /// The platform with this [`id`](Self::id).
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.id() == id)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// Ids are opaque text everywhere: some exceed 2^53, some begin with `-`, none may be parsed as a number.
macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps an id as the platform gave it.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as the platform gave it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id_type!(
    /// A page's or account's id, as the configuration names it.
    PageId
);
id_type!(
    /// A post's, photo's, reel's or video's id.
    PostId
);
id_type!(
    /// A comment's or reply's id; for a visitor's post, the post's id.
    CommentId
);
id_type!(
    /// An author's id, stable over renames: page-scoped (Facebook), account-scoped (Instagram), `unique_identifier` (TikTok).
    AuthorId
);

/// A page and the platform it is on: what the configuration calls a page.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PageKey {
    /// Where it is.
    pub platform: Platform,
    /// Which one.
    pub id: PageId,
}

impl fmt::Display for PageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.platform, self.id)
    }
}

/// What somebody wrote. Never printed by `Debug`, and `Display` is not implemented on purpose.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommentText(String);

impl CommentText {
    /// Wraps text as the platform gave it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Wraps text as a platform listed it, but for NUL: nobody types it, it comes and goes on the way, and each time it
    /// would make other words of the same.
    pub fn listed(text: &str) -> Self {
        Self(text.replace('\0', ""))
    }

    /// The text, for judging, storing and showing to the team; never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nothing but white space stands there.
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// Whether this can be `whole` with characters lost on the way: alike but for U+FFFD, each in the place of nothing or
    /// of one character. Half a surrogate pair becomes one, so a character above U+FFFF may leave two.
    pub fn is_garbled(&self, whole: &Self) -> bool {
        self.0 != whole.0 && (1..=MOST_LOST).contains(&self.0.matches(LOST).count()) && alike(&self.0, &whole.0)
    }

    /// Whether characters were lost on the way, or the author typed what stands for that.
    pub fn has_lost(&self) -> bool {
        self.0.contains(LOST)
    }

    /// SHA-256 of the text: how an edit is noticed, as no platform gives a usable edit time.
    pub fn hash(&self) -> TextHash {
        TextHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

/// Stands for a character that could not be read.
const LOST: char = '\u{fffd}';

/// A text with more of them is taken for another one: comparing would take long, and little of it is left to compare.
const MOST_LOST: usize = 100;

/// Whether the pieces of `garbled` between lost characters stand in `whole` in their order, with no more than one
/// character between two of them for each lost one.
fn alike(garbled: &str, whole: &str) -> bool {
    // The places in `whole` that the characters of `garbled` so far can end at.
    let mut ends = vec![0];
    for c in garbled.chars() {
        let mut next = Vec::with_capacity(ends.len() + 1);
        for &end in &ends {
            let ahead = whole[end..].chars().next();
            if c == LOST {
                push_new(&mut next, end);
            }
            if let Some(ahead) = ahead.filter(|ahead| c == LOST || c == *ahead) {
                push_new(&mut next, end + ahead.len_utf8());
            }
        }
        if next.is_empty() {
            return false;
        }
        ends = next;
    }
    ends.contains(&whole.len())
}

/// Ends come in order, so the same one again is the last.
fn push_new(ends: &mut Vec<usize>, end: usize) {
    if ends.last() != Some(&end) {
        ends.push(end);
    }
}

impl fmt::Debug for CommentText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommentText({} bytes)", self.0.len())
    }
}

/// SHA-256 of a comment's text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TextHash(pub [u8; 32]);

impl fmt::Debug for TextHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TextHash")
    }
}

/// An author's shown name or handle. Never printed by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonName(String);

impl PersonName {
    /// Wraps a name as the platform gave it.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name, for the evidence and the team; never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonName({} bytes)", self.0.len())
    }
}

/// Who wrote a comment; both halves can be missing on every platform (facebook.md section 2, instagram.md section 2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The stable id, if the platform gave one.
    pub id: Option<AuthorId>,
    /// The shown name or handle, if the platform gave one.
    pub name: Option<PersonName>,
}

/// What a comment carries beside or instead of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attachment {
    /// A photo.
    Picture,
    /// A sticker.
    Sticker,
    /// An animated picture.
    Gif,
    /// A video.
    Video,
    /// A shared link or post.
    Link,
    /// Something the platform did not let us name; an Instagram comment without text is one (instagram.md section 4.2).
    Unknown,
}

/// What kind of thing the comments hang on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PostKind {
    /// An ordinary post, video or media of the page's own.
    Post,
    /// A Facebook Reel, which no post edge lists.
    Reel,
    /// A single photo of an album, which carries comments of its own.
    Photo,
    /// A post that a visitor put on the page.
    Visitor,
}

/// A post of a page, as far as moderating its comments needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// What kind of thing it is.
    pub kind: PostKind,
    /// When it was made, if known.
    pub created: Option<Timestamp>,
    /// Where a person can see it.
    pub permalink: Option<String>,
    /// Its own words: the page's caption, or a visitor's post.
    pub text: CommentText,
}

/// What is judged: a comment, a reply, or a visitor's post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommentKind {
    /// A comment under a post.
    Comment,
    /// A reply under a comment, at whatever level.
    Reply,
    /// A post that a visitor put on the page.
    VisitorPost,
}

/// A comment as a platform showed it at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Its id, unique on its platform.
    pub id: CommentId,
    /// The post it hangs on; a visitor's post names itself.
    pub post: PostId,
    /// The comment it answers, for a reply.
    pub parent: Option<CommentId>,
    /// What it is.
    pub kind: CommentKind,
    /// Who wrote it, as far as the platform says.
    pub author: Author,
    /// Written by the page itself: never moderated.
    pub by_page: bool,
    /// When it was written, if the platform said so readably.
    pub created: Option<Timestamp>,
    /// What it says; empty for picture-only comments.
    pub text: CommentText,
    /// What it carries beside the text.
    pub attachments: Vec<Attachment>,
    /// Hidden at that moment, by whomever.
    pub hidden: bool,
    /// Whether the platform says it can be hidden; absent means unknown, not no.
    pub can_hide: Option<bool>,
    /// Whether the platform says it can be deleted; absent means unknown, not no.
    pub can_delete: Option<bool>,
    /// Where a person can see it.
    pub permalink: Option<String>,
}

impl Comment {
    /// A comment of which nothing but its text is known, as other programs and people who try a sentence give it.
    pub fn of_text(text: impl Into<String>) -> Self {
        Self {
            id: CommentId::new(""),
            post: PostId::new(""),
            parent: None,
            kind: CommentKind::Comment,
            author: Author::default(),
            by_page: false,
            created: None,
            text: CommentText::new(text),
            attachments: Vec::new(),
            hidden: false,
            can_hide: None,
            can_delete: None,
            permalink: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_names_never_print_themselves() {
        let text = CommentText::new("Dr Patel is a liar");
        let name = PersonName::new("Jo Carter");
        assert_eq!(format!("{text:?} {name:?}"), "CommentText(18 bytes) PersonName(9 bytes)");
    }

    #[test]
    fn a_garbled_text_is_told_from_an_edited_one() {
        let check = |text: &str, whole: &str, want: bool| {
            assert_eq!(CommentText::new(text).is_garbled(&CommentText::new(whole)), want, "{text} for {whole}");
        };
        check("so rude\u{fffd}", "so rude", true);
        check("so \u{fffd} rude", "so \u{1f621} rude", true);
        check("so \u{fffd}\u{fffd} rude", "so \u{1f621} rude", true);
        check("caf\u{fffd} \u{fffd}", "café \u{1f621}", true);
        check("\u{fffd}", "", true);
        check("so kind\u{fffd}", "so rude", false);
        check("so \u{fffd}", "so rude", false);
        check("so rude\u{fffd} and worse", "so rude", false);
        check("so rude", "so rude", false);
        check("so rude", "so rude!", false);
    }

    #[test]
    fn a_platform_is_found_by_the_name_it_prints() {
        for platform in Platform::ALL {
            assert_eq!(Platform::from_id(&platform.to_string()), Some(platform));
        }
        assert_eq!(Platform::from_id("myspace"), None);
    }
}
