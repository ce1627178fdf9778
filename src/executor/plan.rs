//! What to do about one owed action, and what to make of a try. Pure. In: the claim, what was just read from the
//! platform, what the platform can do, the brake, the mode. Out: a [`Step`], and after the try an [`Outcome`].
//! Not here: reading, acting, waiting. In doubt the smaller step, and never a greater one than was intended.

use super::brake::{Brake, Braked};
use super::retry::{self, Next};
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::{Comment, CommentKind, Platform};
use crate::lexicon::Category;
use crate::platform::{Capabilities, Error, Receipt, Seen};
use crate::policy::Action;
use crate::store::{Claim, Close, Closed, Mode, Settlement, Today};

/// An edited comment is looked at again this late; the poller judges it anew and withdraws the claim.
const EDITED_WAIT: SignedDuration = SignedDuration::from_mins(5);

/// The poller sees every edit within a day; a claim that still waits after that needs a human.
const EDITED_LIMIT: SignedDuration = SignedDuration::from_hours(26);

/// Replies that must be read, or hidden, before their parent is hidden get this much time at once …
const REPLIES_WAIT: SignedDuration = SignedDuration::from_mins(1);

/// … and this much in all.
const REPLIES_LIMIT: SignedDuration = SignedDuration::from_hours(2);

/// What can be done to a comment, weaker first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// Out of public view; can be undone.
    Hide,
    /// Gone for good.
    Delete,
}

impl Act {
    /// The verdict's word for it.
    pub fn action(self) -> Action {
        match self {
            Self::Hide => Action::Hide,
            Self::Delete => Action::Delete,
        }
    }

    fn of(action: Action) -> Option<Self> {
        match action {
            Action::Allow | Action::Escalate => None,
            Action::Hide => Some(Self::Hide),
            Action::Delete => Some(Self::Delete),
        }
    }
}

/// What surrounds a claim.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// What the platform can do.
    pub can: Capabilities,
    /// The limits.
    pub brake: &'a Brake,
    /// What was written on this page today, but for this claim.
    pub today: Today,
    /// Whether anything may be touched.
    pub mode: Mode,
    /// The time.
    pub now: Timestamp,
}

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Leave the claim as it is: observing.
    Leave,
    /// Do this.
    Act {
        /// What.
        act: Act,
        /// Why it is less than intended, if it is.
        note: Option<String>,
        /// The brake made it less: a human is told.
        braked: bool,
    },
    /// Do nothing, and finish.
    Close {
        /// How.
        close: Close,
        /// The brake is why: a human is told.
        braked: bool,
    },
    /// Do nothing yet.
    Wait {
        /// Until then.
        until: Timestamp,
        /// A fixed word for what is waited for.
        why: &'static str,
    },
}

/// What became of a try, and what else follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What the store is told.
    pub settlement: Settlement,
    /// Nothing of this page is written before that.
    pub hold_page: Option<Timestamp>,
}

/// What to do about a claim, after the comment has been read again.
pub fn plan(claim: &Claim, seen: &Seen, around: &Around<'_>) -> Step {
    if around.mode == Mode::Observe {
        return Step::Leave;
    }
    let comment = match seen {
        Seen::Gone => return close(gone(claim, around.now)),
        Seen::Present(comment) => comment.as_ref(),
    };
    if claim.by_page || comment.by_page {
        return close(untouched("written by the page itself, which is never moderated"));
    }
    if claim.shown_again {
        return close(untouched("somebody showed it again after it was hidden; it is left as they want it"));
    }
    if comment.text.hash() != claim.text_hash {
        return wait(claim, around.now, EDITED_WAIT, EDITED_LIMIT, "edited", EDITED_NOTE);
    }
    let mut notes = Notes::default();
    let Some(wish) = allowed(claim, &mut notes).and_then(|act| possible(act, claim, comment, around.can, &mut notes))
    else {
        return escalate(notes, false);
    };
    if wish == Act::Hide && comment.hidden {
        return close(hidden(claim, notes, around.now));
    }
    if wish == Act::Hide && replies_first(claim) {
        return wait(claim, around.now, REPLIES_WAIT, REPLIES_LIMIT, "replies", REPLIES_NOTE);
    }
    braked(wish, claim, comment, around, notes)
}

/// What to make of a try: what the platform answered, and what reading back showed. An answer proves nothing, and an
/// error does not prove that nothing happened.
pub fn judge_try(
    claim: &Claim,
    act: Act,
    note: Option<String>,
    answer: &Result<Receipt, Error>,
    seen: &Result<Seen, Error>,
    now: Timestamp,
) -> Outcome {
    let trace = answer.as_ref().ok().and_then(|receipt| receipt.trace.clone());
    let done = |achieved| Close {
        how: Closed::Done,
        achieved: Some(achieved),
        verified: Some(now),
        gone: achieved == Action::Delete,
        note: note.clone(),
        trace: trace.clone(),
        error: None,
    };
    match (act, seen) {
        (Act::Delete, Ok(Seen::Gone)) => settled(done(Action::Delete)),
        (Act::Hide, Ok(Seen::Present(comment))) if comment.hidden => settled(done(Action::Hide)),
        (Act::Hide, Ok(Seen::Gone)) => settled(gone(claim, now)),
        (_, Ok(Seen::Present(_))) => ineffective(claim, act, answer, trace, now),
        // Not seen: the next try begins with reading, so that nothing is repeated blindly.
        (_, Err(unread)) => match answer {
            Err(error) if holds(error) => after_error(claim, error, now),
            _ => after_unread(claim, unread, now),
        },
    }
}

/// What follows when the comment cannot be read: trying again, until a human has to look.
pub fn after_unread(claim: &Claim, error: &Error, now: Timestamp) -> Outcome {
    match retry::after(error, claim.attempts, claim.id, now) {
        Next::Lower => follow(retry::again(claim.attempts, claim.id, now), retry::word(error), UNREAD_NOTE),
        next => follow(next, retry::word(error), UNREAD_NOTE),
    }
}

const EDITED_NOTE: &str = "its text was changed and has not been judged again for a day; look at it yourself";
const REPLIES_NOTE: &str = "its replies could not be read first, and hiding it would bury them; hide it in the app";
const UNREAD_NOTE: &str = "the platform would not show it for a day of trying; look at it yourself";
const REFUSED_NOTE: &str = "the platform refused to hide it; do it in the app, or ask the author to take it down";
const LIED_NOTE: &str = "the platform said that it was hidden, again and again, and it is not; hide it in the app";
const FAILED_NOTE: &str = "the platform failed for a day of trying; do it in the app";

/// Sentences that together say why less was done than intended.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    fn add(&mut self, note: impl Into<String>) {
        self.0.push(note.into());
    }

    fn into_note(self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.join("; "))
    }
}

/// The most that verdict, earlier refusals and the rule for safeguarding allow (invariant 7 of the design).
fn allowed(claim: &Claim, notes: &mut Notes) -> Option<Act> {
    let act = Act::of(claim.intended.min(claim.ceiling))?;
    if claim.ceiling < claim.intended {
        notes.add("the platform refused to delete it; delete it in the app");
    }
    if !claim.categories.contains(&Category::Safeguarding) {
        return Some(act);
    }
    if claim.categories.contains(&Category::PatientIdentified) {
        return Some(act.min(Act::Hide));
    }
    notes.add("a safeguarding comment is left for a human");
    None
}

/// The most that this platform can do to this comment.
fn possible(act: Act, claim: &Claim, comment: &Comment, can: Capabilities, notes: &mut Notes) -> Option<Act> {
    if claim.target.kind == CommentKind::VisitorPost && !can.visitor_posts {
        notes.add("a visitor's post cannot be removed here; ask the author to take it down");
        return None;
    }
    let mut act = act;
    if act == Act::Delete && !can.delete {
        notes.add(format!("{} cannot delete it; hidden instead: delete it in the app", claim.page.platform.name()));
        act = Act::Hide;
    } else if act == Act::Delete && comment.can_delete == Some(false) {
        notes.add("the platform says that it cannot be deleted; hidden instead: delete it in the app");
        act = Act::Hide;
    }
    if act == Act::Hide && !comment.hidden && (!can.hide || comment.can_hide == Some(false)) {
        notes.add("the platform says that it cannot be hidden; do it in the app, or ask the author to take it down");
        return None;
    }
    Some(act)
}

/// TikTok lists no replies of a hidden comment (tiktok.md section 4.3), so they are read, and acted on, before it.
fn replies_first(claim: &Claim) -> bool {
    claim.page.platform == Platform::TikTok
        && claim.target.kind == CommentKind::Comment
        && (!claim.replies_read || claim.replies_owed)
}

fn braked(wish: Act, claim: &Claim, comment: &Comment, around: &Around<'_>, mut notes: Notes) -> Step {
    match around.brake.allow(wish, around.today) {
        Braked::Free(act) => Step::Act { act, note: notes.into_note(), braked: false },
        Braked::ToHide => {
            notes.add("the day's limit for deletes was reached; hidden instead: look, and delete it yourself");
            match possible(Act::Hide, claim, comment, around.can, &mut notes) {
                None => escalate(notes, true),
                Some(_) if comment.hidden => Step::Close { close: hidden(claim, notes, around.now), braked: true },
                Some(act) => Step::Act { act, note: notes.into_note(), braked: true },
            }
        }
        Braked::ToEscalate => {
            notes.add("the day's limit was reached; nothing was done: look at it yourself");
            escalate(notes, true)
        }
    }
}

fn close(close: Close) -> Step {
    Step::Close { close, braked: false }
}

fn escalate(notes: Notes, braked: bool) -> Step {
    Step::Close { close: dead(notes.into_note(), None), braked }
}

fn dead(note: Option<String>, error: Option<&'static str>) -> Close {
    let achieved = Some(Action::Escalate);
    Close { how: Closed::Dead, achieved, verified: None, gone: false, note, trace: None, error }
}

fn untouched(note: &str) -> Close {
    let note = Some(note.to_owned());
    Close { how: Closed::Already, achieved: None, verified: None, gone: false, note, trace: None, error: None }
}

/// Gone after our own delete is our delete, seen at last; gone without it is somebody else's.
fn gone(claim: &Claim, now: Timestamp) -> Close {
    let ours = claim.written == Some(Action::Delete);
    Close {
        how: if ours { Closed::Done } else { Closed::Already },
        achieved: ours.then_some(Action::Delete),
        verified: Some(now),
        gone: true,
        note: (!ours).then(|| "it was already gone from the platform".to_owned()),
        trace: None,
        error: None,
    }
}

fn hidden(claim: &Claim, mut notes: Notes, now: Timestamp) -> Close {
    let ours = claim.written == Some(Action::Hide);
    if !ours {
        notes.add("it was already hidden");
    }
    Close {
        how: if ours { Closed::Done } else { Closed::Already },
        achieved: ours.then_some(Action::Hide),
        verified: Some(now),
        gone: false,
        note: notes.into_note(),
        trace: None,
        error: None,
    }
}

fn wait(
    claim: &Claim,
    now: Timestamp,
    wait: SignedDuration,
    limit: SignedDuration,
    why: &'static str,
    note: &'static str,
) -> Step {
    if now.duration_since(claim.made) >= limit {
        return close(dead(Some(note.to_owned()), Some(why)));
    }
    Step::Wait { until: now.saturating_add(wait).unwrap_or(Timestamp::MAX), why }
}

/// The comment stands there as before.
fn ineffective(
    claim: &Claim,
    act: Act,
    answer: &Result<Receipt, Error>,
    trace: Option<String>,
    now: Timestamp,
) -> Outcome {
    match answer {
        // Graph's "not there" about something that is there means "not allowed" or "not supported" (facebook.md section 11).
        Err(Error::NotFound { .. }) => lower(act, "not-found", REFUSED_NOTE, trace, now),
        Err(error) => match retry::after(error, claim.attempts, claim.id, now) {
            Next::Lower => lower(act, retry::word(error), REFUSED_NOTE, trace, now),
            next => follow(next, retry::word(error), FAILED_NOTE),
        },
        Ok(_) if claim.lies + 1 >= retry::MOST_LIES => lower(act, "no-effect", LIED_NOTE, trace, now),
        Ok(_) => {
            let mut outcome = follow(retry::again(claim.attempts, claim.id, now), "no-effect", LIED_NOTE);
            if let Settlement::Again { lied, .. } = &mut outcome.settlement {
                *lied = true;
            }
            outcome
        }
    }
}

fn holds(error: &Error) -> bool {
    matches!(error, Error::Throttled { .. } | Error::WritesBlocked { .. } | Error::Token { .. })
}

fn after_error(claim: &Claim, error: &Error, now: Timestamp) -> Outcome {
    follow(retry::after(error, claim.attempts, claim.id, now), retry::word(error), FAILED_NOTE)
}

/// A delete that will not work becomes a hide, tried at once; a hide that will not work is left to a human.
fn lower(act: Act, error: &'static str, note: &str, trace: Option<String>, now: Timestamp) -> Outcome {
    match act {
        Act::Delete => Outcome {
            settlement: Settlement::Again { at: now, counted: true, lied: false, ceiling: Some(Action::Hide), error },
            hold_page: None,
        },
        Act::Hide => settled(Close { trace, ..dead(Some(note.to_owned()), Some(error)) }),
    }
}

fn follow(next: Next, error: &'static str, note: &str) -> Outcome {
    match next {
        Next::Again { at, counted, hold_page } => Outcome {
            settlement: Settlement::Again { at, counted, lied: false, ceiling: None, error },
            hold_page: hold_page.then_some(at),
        },
        Next::Lower | Next::GiveUp => settled(dead(Some(note.to_owned()), Some(error))),
    }
}

fn settled(close: Close) -> Outcome {
    Outcome { settlement: Settlement::Close(close), hold_page: None }
}
