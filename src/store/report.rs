//! What the digest is made of: rows of a period, read from the store in one go. Plain data; no wording here.

use super::{Act, Decision};
use crate::clock::Timestamp;
use crate::comment::{Attachment, Author, CommentId, CommentKind, CommentText, PageKey, PostId};
use crate::ladder::Step;
use crate::lexicon::Category;
use crate::policy::{Action, Verdict};

/// Everything a digest of `from..to` needs.
#[derive(Clone, Debug)]
pub struct Period {
    /// Beginning, included.
    pub from: Timestamp,
    /// End, excluded.
    pub to: Timestamp,
    /// What was watched and what could not be read, page by page, in configuration order.
    pub coverage: Vec<PageCoverage>,
    /// Every comment first judged (or judged anew after an edit) in the period whose verdict has a reason, oldest first.
    pub incidents: Vec<Incident>,
    /// Comments judged in the period in all.
    pub judged: u64,
    /// Comments judged in the period without any reason.
    pub without_reason: u64,
    /// How often each lexicon entry fired in the period, most first.
    pub entries: Vec<EntryCount>,
    /// Incidents per category in this period and in the same period a week before.
    pub trend: Vec<Trend>,
    /// Whether all of that earlier period was watched: if not, its numbers are no yardstick.
    pub before_watched: bool,
    /// What earlier digests told of and still waits, and what of it came to an end.
    pub standing: Standing,
    /// Things people must hear of that are no comment: rules refused, a token dying, a brake engaged.
    pub notices: Vec<Notice>,
    /// Head of the audit chain at the end, in hex, once there is one.
    pub audit_head: Option<String>,
}

/// What was watched of one page.
#[derive(Clone, Debug)]
pub struct PageCoverage {
    /// Which page.
    pub page: PageKey,
    /// What the platform calls it, if it said.
    pub name: Option<String>,
    /// The first successful poll ever.
    pub since: Option<Timestamp>,
    /// The last successful poll.
    pub last_ok: Option<Timestamp>,
    /// Polls in the period.
    pub polls: u64,
    /// Polls in the period that failed.
    pub failed: u64,
    /// Comments read in the period for the first time.
    pub new_comments: u64,
    /// Comments of the backlog: there before the first poll, remembered and not judged.
    pub baseline: u64,
    /// Items that could not be read and were put aside.
    pub malformed: u64,
    /// Times without a successful poll, with the reason in words.
    pub gaps: Vec<Gap>,
    /// Set while the page is not being read: since when and why, in words, with what to do.
    pub down: Option<Down>,
    /// What was listed but could not be read to the end, in words.
    pub unread: Vec<String>,
}

/// A time in which a page was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Beginning.
    pub from: Timestamp,
    /// End.
    pub to: Timestamp,
    /// Why, in words.
    pub why: String,
}

/// A page that is not being read now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Down {
    /// Since when.
    pub since: Timestamp,
    /// Why, in words.
    pub why: String,
    /// What a person does next.
    pub help: String,
}

/// One comment that somebody should know of.
#[derive(Clone, Debug)]
pub struct Incident {
    /// A short number people can quote, unique in this store.
    pub number: i64,
    /// The page.
    pub page: PageKey,
    /// The comment.
    pub comment: CommentId,
    /// The post it hangs on.
    pub post: PostId,
    /// What it is.
    pub kind: CommentKind,
    /// Where a person can see it: its own link, else its post's.
    pub link: Option<String>,
    /// Who wrote it.
    pub author: Author,
    /// Incidents of the same author before this one, on this page.
    pub author_before: u64,
    /// The last step of the author ladder that was taken about this author and still counts.
    pub author_step: Option<Step>,
    /// Rules did nothing to it, because a person has said that its author is exempt.
    pub exempt: bool,
    /// When it was written, if known.
    pub created: Option<Timestamp>,
    /// When it was judged.
    pub judged_at: Timestamp,
    /// What it said when it was judged.
    pub text: CommentText,
    /// What it carried beside the text.
    pub attachments: Vec<Attachment>,
    /// It was judged before with other words.
    pub edited: bool,
    /// Words, author and link were erased then: their term was over, or their author wished it.
    pub erased: Option<Timestamp>,
    /// What the policy made of it.
    pub verdict: Verdict,
    /// Which rules judged it.
    pub rules_version: String,
    /// What became of the action.
    pub outcome: Outcome,
    /// What a person decided last, notes aside.
    pub decided: Option<Decided>,
    /// Who has taken it in hand, whether or not they have decided.
    pub taken: Option<Taken>,
}

/// Somebody said that they have an incident in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What is left of the time before a period, and which lexicon entries lie idle.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Incidents of the last [`OPEN_DAYS`] before the period that nobody has decided or taken in hand and that may need a
    /// person or are owed an answer; those told at once first, then the newest. At most [`OPEN_MOST`].
    pub open: Vec<Incident>,
    /// Incidents from before the period that a person decided or took in hand within it, oldest word first.
    pub resolved: Vec<Resolved>,
    /// Lexicon entries in force for [`IDLE_DAYS`] or longer that have not fired in that time, by name.
    pub idle: Vec<IdleEntry>,
    /// Lexicon entries in force.
    pub entries_in_force: u64,
}

/// So many days back open incidents are looked for.
pub const OPEN_DAYS: i64 = 90;

/// So many open incidents are read at most.
pub const OPEN_MOST: usize = 300;

/// An entry that has not fired for so many days, though in force, is told.
pub const IDLE_DAYS: i64 = 90;

/// An older incident that came to an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The incident.
    pub number: i64,
    /// Its categories.
    pub categories: Vec<Category>,
    /// What was decided; `None`: somebody took it in hand.
    pub what: Option<Decision>,
    /// Who.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

/// A lexicon entry that finds nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdleEntry {
    /// The entry.
    pub entry: String,
    /// Since when it has been as it is; `None` is from the beginning.
    pub since: Option<Timestamp>,
}

/// A person's decision about an incident, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Its number.
    pub decision: i64,
    /// What.
    pub what: Decision,
    /// Who.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// Where it stands at the platform, if something had to be done there.
    pub state: Option<OutcomeState>,
    /// What was done there.
    pub achieved: Option<Act>,
    /// When reading back showed it.
    pub verified_at: Option<Timestamp>,
    /// Why it came out as it did where that is not plain.
    pub note: Option<String>,
}

/// What became of an incident's action: intended, achieved and verified are three facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The verdict's action; the executor may achieve less.
    pub intended: Action,
    /// What was done at the platform, once something was.
    pub achieved: Option<Action>,
    /// When reading back showed it.
    pub verified_at: Option<Timestamp>,
    /// Where it stands.
    pub state: OutcomeState,
    /// Why it came out as it did where that is not plain ("TikTok cannot delete; hidden instead: delete it in the app").
    pub note: Option<String>,
}

/// Where an action stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomeState {
    /// Nothing was to be done at the platform.
    Nothing,
    /// Observe mode: it would have been done.
    Observed,
    /// Still to be done or being retried.
    Due,
    /// Done and seen to be done.
    Done,
    /// Found already gone or already hidden by somebody else.
    Already,
    /// Given up: a human has to do it.
    Dead,
}

impl OutcomeState {
    /// The name in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Observed => "observed",
            Self::Due => "due",
            Self::Done => "done",
            Self::Already => "already",
            Self::Dead => "dead",
        }
    }
}

/// How often an entry fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryCount {
    /// The entry.
    pub entry: String,
    /// Its category.
    pub category: Category,
    /// How many comments.
    pub comments: u64,
    /// How many comments in the same period a week before.
    pub before: u64,
    /// How many of them people restored: their word against the entry.
    pub restored: u64,
    /// Since when it has been as it is, points and policy included; `None` is from the beginning.
    pub since: Option<Timestamp>,
}

/// A category now and before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trend {
    /// The category.
    pub category: Category,
    /// Incidents in this period.
    pub now: u64,
    /// Incidents in the same period a week before.
    pub before: u64,
}

/// Something people must hear of that is no comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// When.
    pub at: Timestamp,
    /// The page, where it concerns one.
    pub page: Option<PageKey>,
    /// A fixed kind, for grouping: `rules-refused`, `token`, `brake`, `blind`, `throttled`, `edited`, `error` …
    pub kind: String,
    /// What happened and what to do, in words.
    pub text: String,
}
