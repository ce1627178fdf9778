//! What to do about one owed action, and what to make of a try. Pure. In: the claim, what was just read from the
//! platform, what the platform can do, the brake, the mode. Out: a [`Step`], and after the try an [`Outcome`].
//! Not here: reading, acting, waiting, and what people ask for themselves (`person`). In doubt the smaller step, and
//! never a greater one than was intended.

use super::brake::{Brake, Braked, Young};
use super::person;
use super::retry::{self, Next};
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::{Comment, CommentKind, Platform};
use crate::lexicon::Category;
use crate::platform::{Capabilities, Error, Receipt, Seen};
pub use crate::store::Act;
use crate::store::{Claim, Close, Closed, Mode, Settlement, Today};

/// An edited comment is looked at again this late; the poller judges it anew and withdraws the claim.
const EDITED_WAIT: SignedDuration = SignedDuration::from_mins(5);

/// The poller sees every edit within a day; a claim that still waits after that needs a human.
const EDITED_LIMIT: SignedDuration = SignedDuration::from_hours(26);

/// Replies that must be read, or hidden, before their parent is hidden get this much time at once …
const REPLIES_WAIT: SignedDuration = SignedDuration::from_mins(1);

/// … and this much in all.
const REPLIES_LIMIT: SignedDuration = SignedDuration::from_hours(2);

/// What surrounds a claim.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// What the platform can do.
    pub can: Capabilities,
    /// The limits.
    pub brake: &'a Brake,
    /// What was written on this page today, but for this claim.
    pub today: Today,
    /// How much of the day's allowance each young entry has used up, but for this claim.
    pub charged: &'a [(String, u32)],
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
        /// The young entry whose allowance of the day it uses up.
        charged: Option<String>,
        /// What held back more, if a human is to be told of that.
        held: Option<Held>,
    },
    /// Do nothing, and finish.
    Close {
        /// How.
        close: Close,
        /// What held back more, if a human is to be told of that.
        held: Option<Held>,
    },
    /// Do nothing yet.
    Wait {
        /// Until then.
        until: Timestamp,
        /// A fixed word for what is waited for.
        why: &'static str,
    },
}

/// What a human is to be told of beside the incident, because it holds back more than one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// The page's limit of the day.
    Limit,
    /// The allowance of the day of a young entry: this one.
    Young(String),
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
    if claim.shown_again && claim.decision.is_none() {
        return close(untouched("somebody showed it again after it was hidden; it is left as they want it"));
    }
    if comment.text.hash() != claim.text_hash {
        return wait(claim, around.now, EDITED_WAIT, EDITED_LIMIT, "edited", EDITED_NOTE);
    }
    if claim.decision.is_some() {
        return person::plan(claim, comment, around);
    }
    // The exemption may be younger than what is owed. What our own write had hidden by then is settled as it stands.
    if claim.exempt && !claim.identifies && !comment.hidden {
        return close(Close { how: Closed::Exempt, ..untouched(EXEMPT_NOTE) });
    }
    let mut notes = Notes::default();
    let Some(wish) = allowed(claim, &mut notes)
        .map(|act| ripe(act, claim, around.brake, &mut notes))
        .and_then(|act| possible(act, claim, comment, around.can, &mut notes))
    else {
        return escalate(notes, None);
    };
    if wish == Act::Hide && comment.hidden {
        return close(hidden(claim, notes, around.now));
    }
    if wish == Act::Hide && replies_first(claim) {
        return wait_for_replies(claim, around.now);
    }
    braked(wish, claim, comment, around, notes)
}

/// What to make of a try: what the platform answered, and what reading back showed. An answer proves nothing, and an
/// error does not prove that nothing happened.
pub fn judge_try(
    claim: &Claim,
    act: Act,
    note: Option<&str>,
    answer: &Result<Receipt, Error>,
    seen: &Result<Seen, Error>,
    now: Timestamp,
) -> Outcome {
    let trace = answer.as_ref().ok().and_then(|receipt| receipt.trace.clone());
    let done = |achieved| Close {
        how: Closed::Done,
        achieved: Some(achieved),
        verified: Some(now),
        gone: achieved == Act::Delete,
        note: note.map(ToOwned::to_owned),
        trace: trace.clone(),
        error: None,
    };
    match (act, seen) {
        (Act::Delete, Ok(Seen::Gone)) => settled(done(Act::Delete)),
        (Act::Hide, Ok(Seen::Present(comment))) if comment.hidden => settled(done(Act::Hide)),
        (Act::Show, Ok(Seen::Present(comment))) if !comment.hidden => settled(done(Act::Show)),
        (Act::Hide | Act::Show, Ok(Seen::Gone)) => settled(gone(claim, now)),
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

const EXEMPT_NOTE: &str = "its author is exempt by a person's word; left up";
const EDITED_NOTE: &str = "its text was changed and has not been judged again for a day; look at it yourself";
const NAMELESS_NOTE: &str = "Facebook does not say who wrote it, so it could be the practice's own reply; it was not \
                             deleted: if it is somebody else's, delete it yourself";
const REPLIES_NOTE: &str = "its replies could not be read first, and hiding it would bury them; hide it in the app";
const UNREAD_NOTE: &str = "the platform would not show it for a day of trying; look at it yourself";
const REFUSED_NOTE: &str = "the platform refused to hide it; do it in the app, or ask the author to take it down";
const REFUSED_SHOW_NOTE: &str = "the platform refused to show it again; do it in the app";
const LIED_NOTE: &str = "the platform said that it was hidden, again and again, and it is not; hide it in the app";
const LIED_SHOW_NOTE: &str =
    "the platform said that it was shown again, again and again, and it is not; show it in the app";
const FAILED_NOTE: &str = "the platform failed for a day of trying; do it in the app";

/// Sentences that together say why less was done than intended.
#[derive(Default)]
pub(super) struct Notes(Vec<String>);

impl Notes {
    pub(super) fn add(&mut self, note: impl Into<String>) {
        self.0.push(note.into());
    }

    pub(super) fn into_note(self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.join("; "))
    }
}

/// The most that verdict, earlier refusals and the rule for safeguarding allow (invariant 7 of the design).
fn allowed(claim: &Claim, notes: &mut Notes) -> Option<Act> {
    let most = if claim.exempt { Act::Hide } else { claim.ceiling };
    let act = claim.intended.min(claim.ceiling).min(most);
    if claim.exempt && claim.intended > Act::Hide {
        notes.add("its author is exempt by a person's word; hidden only to cover what identifies somebody");
    } else if claim.ceiling < claim.intended {
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

/// The most that rules may do that have been as they are for so long: nothing goes for good on a young rule's word.
fn ripe(act: Act, claim: &Claim, brake: &Brake, notes: &mut Notes) -> Act {
    if act != Act::Delete {
        return act;
    }
    let Some((entry, days)) = brake.too_young_to_delete(claim) else { return act };
    notes.add(format!(
        "the rule that deletes it, {entry}, is less than {days} days old; hidden instead: if it is right, delete it \
         yourself, if it is wrong, restore it"
    ));
    Act::Hide
}

/// The most that this platform can do to this comment.
pub(super) fn possible(
    act: Act,
    claim: &Claim,
    comment: &Comment,
    can: Capabilities,
    notes: &mut Notes,
) -> Option<Act> {
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
    } else if act == Act::Delete && nameless(claim, comment) {
        notes.add(NAMELESS_NOTE);
        act = Act::Hide;
    }
    if act == Act::Hide && !comment.hidden && (!can.hide || comment.can_hide == Some(false)) {
        notes.add("the platform says that it cannot be hidden; do it in the app, or ask the author to take it down");
        return None;
    }
    Some(act)
}

/// On Facebook the author's id alone tells the page's own words from others'. The page's own cannot be hidden, so a hide
/// does them no harm, and a delete would.
fn nameless(claim: &Claim, comment: &Comment) -> bool {
    claim.page.platform == Platform::Facebook && !claim.author_known && comment.author.id.is_none()
}

/// TikTok lists no replies of a hidden comment (tiktok.md section 4.3), so they are read, and acted on, before it.
pub(super) fn replies_first(claim: &Claim) -> bool {
    claim.page.platform == Platform::TikTok
        && claim.target.kind == CommentKind::Comment
        && (!claim.replies_read || claim.replies_owed)
}

fn braked(wish: Act, claim: &Claim, comment: &Comment, around: &Around<'_>, mut notes: Notes) -> Step {
    match around.brake.allow(wish, around.today) {
        Braked::Free(act) => young_hide(act, claim, around, notes),
        Braked::ToHide => {
            notes.add("the day's limit for deletes was reached; hidden instead: look, and delete it yourself");
            match possible(Act::Hide, claim, comment, around.can, &mut notes) {
                None => escalate(notes, Some(Held::Limit)),
                Some(_) if comment.hidden => {
                    Step::Close { close: hidden(claim, notes, around.now), held: Some(Held::Limit) }
                }
                Some(act) => Step::Act { act, note: notes.into_note(), charged: None, held: Some(Held::Limit) },
            }
        }
        Braked::ToEscalate => {
            notes.add("the day's limit was reached; nothing was done: look at it yourself");
            escalate(notes, Some(Held::Limit))
        }
    }
}

/// A hide on young rules' word alone is counted against the allowance of one of them.
fn young_hide(act: Act, claim: &Claim, around: &Around<'_>, mut notes: Notes) -> Step {
    let charged = match around.brake.young_hide(act, claim, around.charged) {
        Young::Free => None,
        Young::Charged(entry) => Some(entry),
        Young::Spent { entry, days } => {
            notes.add(format!(
                "the rule that hides it, {entry}, is less than {days} days old and has hidden as many today as a young \
                 rule may; left up: if it is right, hide it yourself, if it is wrong, correct the entry"
            ));
            return escalate(notes, Some(Held::Young(entry)));
        }
    };
    Step::Act { act, note: notes.into_note(), charged, held: None }
}

pub(super) fn close(close: Close) -> Step {
    Step::Close { close, held: None }
}

fn escalate(notes: Notes, held: Option<Held>) -> Step {
    Step::Close { close: dead(notes.into_note(), None), held }
}

pub(super) fn dead(note: Option<String>, error: Option<&'static str>) -> Close {
    Close { how: Closed::Dead, achieved: None, verified: None, gone: false, note, trace: None, error }
}

fn untouched(note: &str) -> Close {
    let note = Some(note.to_owned());
    Close { how: Closed::Already, achieved: None, verified: None, gone: false, note, trace: None, error: None }
}

/// Gone after our own delete is our delete, seen at last; gone without it is somebody else's.
fn gone(claim: &Claim, now: Timestamp) -> Close {
    if claim.intended == Act::Show {
        return Close { verified: Some(now), gone: true, ..dead(Some(person::LOST_NOTE.to_owned()), None) };
    }
    let ours = claim.written == Some(Act::Delete);
    Close {
        how: if ours { Closed::Done } else { Closed::Already },
        achieved: ours.then_some(Act::Delete),
        verified: Some(now),
        gone: true,
        note: (!ours).then(|| "it was already gone from the platform".to_owned()),
        trace: None,
        error: None,
    }
}

pub(super) fn hidden(claim: &Claim, mut notes: Notes, now: Timestamp) -> Close {
    let ours = claim.written == Some(Act::Hide);
    if !ours {
        notes.add("it was already hidden");
    }
    Close {
        how: if ours { Closed::Done } else { Closed::Already },
        achieved: ours.then_some(Act::Hide),
        verified: Some(now),
        gone: false,
        note: notes.into_note(),
        trace: None,
        error: None,
    }
}

pub(super) fn wait_for_replies(claim: &Claim, now: Timestamp) -> Step {
    wait(claim, now, REPLIES_WAIT, REPLIES_LIMIT, "replies", REPLIES_NOTE)
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
    let (refused, lied) = match act {
        Act::Show => (REFUSED_SHOW_NOTE, LIED_SHOW_NOTE),
        Act::Hide | Act::Delete => (REFUSED_NOTE, LIED_NOTE),
    };
    match answer {
        // Graph's "not there" about something that is there means "not allowed" or "not supported" (facebook.md section 11).
        Err(Error::NotFound { .. }) => lower(act, "not-found", refused, trace, now),
        Err(error) => match retry::after(error, claim.attempts, claim.id, now) {
            Next::Lower => lower(act, retry::word(error), refused, trace, now),
            next => follow(next, retry::word(error), FAILED_NOTE),
        },
        Ok(_) if claim.lies + 1 >= retry::MOST_LIES => lower(act, "no-effect", lied, trace, now),
        Ok(_) => {
            let mut outcome = follow(retry::again(claim.attempts, claim.id, now), "no-effect", lied);
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

/// A delete that will not work becomes a hide, tried at once; anything else that will not work is left to a human.
fn lower(act: Act, error: &'static str, note: &str, trace: Option<String>, now: Timestamp) -> Outcome {
    match act {
        Act::Delete => Outcome {
            settlement: Settlement::Again { at: now, counted: true, lied: false, ceiling: Some(Act::Hide), error },
            hold_page: None,
        },
        Act::Hide | Act::Show => settled(Close { trace, ..dead(Some(note.to_owned()), Some(error)) }),
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

#[cfg(test)]
pub(super) mod tests {
    use std::num::NonZeroU32;

    use proptest::prelude::*;

    use super::*;
    use crate::comment::{CommentId, PageKey, PostId};
    use crate::platform::Target;
    use crate::platform::http::Fault;
    use crate::policy::Action;
    use crate::store::Ground;
    use crate::store::tests::{at, comment, page};

    pub(in crate::executor) const GRAPH: Capabilities =
        Capabilities { hide: true, delete: true, visitor_posts: true, reply_chars: None };
    pub(in crate::executor) const TIKTOK: Capabilities = Capabilities { delete: false, visitor_posts: false, ..GRAPH };

    pub(in crate::executor) fn claim(intended: Act) -> Claim {
        Claim {
            id: 1,
            incident: 1,
            decision: None,
            lease: at(5),
            page: page(),
            target: Target {
                comment: CommentId::new("c1"),
                post: PostId::new("p1"),
                kind: CommentKind::Comment,
                parent: None,
            },
            intended,
            ceiling: intended,
            categories: vec![Category::Complaint],
            grounds: Vec::new(),
            text_hash: comment("c1", "worst").text.hash(),
            by_page: false,
            attempts: 1,
            lies: 0,
            written: None,
            author_known: true,
            shown_again: false,
            exempt: false,
            identifies: false,
            replies_read: true,
            replies_owed: false,
            made: at(0),
        }
    }

    pub(in crate::executor) fn on_tiktok(claim: Claim) -> Claim {
        Claim { page: PageKey { platform: Platform::TikTok, ..page() }, ..claim }
    }

    pub(in crate::executor) fn present(change: impl FnOnce(&mut Comment)) -> Seen {
        let mut comment = comment("c1", "worst");
        change(&mut comment);
        Seen::Present(Box::new(comment))
    }

    fn planned(claim: &Claim, seen: &Seen, can: Capabilities, today: Today) -> Step {
        let around = Around { can, brake: &Brake::default(), today, charged: &[], mode: Mode::Enforce, now: at(1) };
        plan(claim, seen, &around)
    }

    /// What a step comes to, in a word, and whether its note contains `note`.
    #[track_caller]
    pub(in crate::executor) fn check(claim: &Claim, seen: &Seen, can: Capabilities, want: &str, note: &str) {
        let step = planned(claim, seen, can, Today::default());
        let (got, said) = match &step {
            Step::Leave => ("leave", None),
            Step::Wait { why, .. } => (*why, None),
            Step::Act { act, note, .. } => (act.id(), note.clone()),
            Step::Close { close, .. } => (close.how.id(), close.note.clone()),
        };
        assert_eq!(got, want, "{step:?}");
        assert!(said.as_deref().unwrap_or_default().contains(note), "{said:?}");
        assert!(said.is_none() == note.is_empty(), "{said:?}");
    }

    #[test]
    fn for_an_exempt_author_only_what_identifies_somebody_is_covered() {
        let exempt = |act, identifies| Claim { exempt: true, identifies, ..claim(act) };
        let (up, hidden) = (present(|_| {}), present(|seen| seen.hidden = true));
        check(&exempt(Act::Hide, false), &up, GRAPH, "superseded", "exempt");
        check(&exempt(Act::Delete, false), &up, GRAPH, "superseded", "exempt");
        check(&exempt(Act::Hide, true), &up, GRAPH, "hide", "");
        check(&Claim { ceiling: Act::Hide, ..exempt(Act::Delete, true) }, &up, GRAPH, "hide", "only to cover");
        check(&exempt(Act::Delete, true), &up, GRAPH, "hide", "only to cover");
        // What our own write had hidden before anybody said so is told as it is.
        check(&Claim { written: Some(Act::Hide), ..exempt(Act::Hide, false) }, &hidden, GRAPH, "done", "");
        check(&Claim { decision: Some(1), ..exempt(Act::Delete, false) }, &up, GRAPH, "delete", "");
    }

    #[test]
    fn what_is_owed_is_done_where_nothing_speaks_against_it() {
        check(&claim(Act::Hide), &present(|_| {}), GRAPH, "hide", "");
        check(&claim(Act::Delete), &present(|_| {}), GRAPH, "delete", "");
        check(&claim(Act::Delete), &present(|seen| seen.hidden = true), GRAPH, "delete", "");
    }

    #[test]
    fn what_is_gone_or_hidden_already_is_ours_only_if_we_wrote_it() {
        let wrote = |act| Claim { written: Some(act), ..claim(act) };
        let hidden = present(|seen| seen.hidden = true);
        check(&claim(Act::Delete), &Seen::Gone, GRAPH, "already", "already gone");
        check(&wrote(Act::Delete), &Seen::Gone, GRAPH, "done", "");
        check(&wrote(Act::Hide), &Seen::Gone, GRAPH, "already", "already gone");
        check(&claim(Act::Hide), &hidden, GRAPH, "already", "already hidden");
        check(&wrote(Act::Hide), &hidden, GRAPH, "done", "");
    }

    #[test]
    fn a_page_never_moderates_its_own_comment() {
        check(&claim(Act::Delete), &present(|seen| seen.by_page = true), GRAPH, "already", "page itself");
        let own = Claim { by_page: true, ..claim(Act::Hide) };
        check(&own, &present(|_| {}), GRAPH, "already", "page itself");
    }

    #[test]
    fn an_edited_comment_is_left_to_be_judged_again_and_after_a_day_to_a_human() {
        let edited = present(|seen| seen.text = crate::comment::CommentText::new("lovely"));
        check(&claim(Act::Delete), &edited, GRAPH, "edited", "");
        let old = Claim { made: at(-27 * 60), ..claim(Act::Delete) };
        check(&old, &edited, GRAPH, "dead", "not been judged again");
    }

    #[test]
    fn what_people_showed_again_stays_up() {
        let shown = Claim { shown_again: true, ..claim(Act::Hide) };
        check(&shown, &present(|_| {}), GRAPH, "already", "left as they want it");
    }

    #[test]
    fn a_safeguarding_comment_is_never_deleted_and_hidden_only_over_an_identifier() {
        let with = |categories: &[Category], act| Claim { categories: categories.to_vec(), ..claim(act) };
        let both = [Category::PatientIdentified, Category::Safeguarding];
        let seen = present(|_| {});
        check(&with(&both, Act::Delete), &seen, GRAPH, "hide", "");
        check(&with(&both, Act::Hide), &seen, GRAPH, "hide", "");
        check(&with(&[Category::Safeguarding], Act::Delete), &seen, GRAPH, "dead", "left for a human");
        check(&with(&[Category::Safeguarding], Act::Hide), &seen, GRAPH, "dead", "left for a human");
    }

    #[test]
    fn what_a_platform_cannot_do_becomes_less_and_says_so() {
        let hidden = present(|seen| seen.hidden = true);
        let fixed = present(|seen| (seen.can_hide, seen.can_delete) = (Some(false), Some(false)));
        check(&on_tiktok(claim(Act::Delete)), &present(|_| {}), TIKTOK, "hide", "TikTok cannot delete it; hidden");
        check(&on_tiktok(claim(Act::Delete)), &hidden, TIKTOK, "already", "delete it in the app");
        check(&claim(Act::Delete), &present(|seen| seen.can_delete = Some(false)), GRAPH, "hide", "cannot be deleted");
        check(&claim(Act::Hide), &present(|seen| seen.can_hide = Some(false)), GRAPH, "dead", "cannot be hidden");
        check(&claim(Act::Delete), &fixed, GRAPH, "dead", "cannot be hidden");
        let target = Target { kind: CommentKind::VisitorPost, ..claim(Act::Hide).target };
        let visitor = Claim { target, ..claim(Act::Hide) };
        check(&visitor, &present(|_| {}), GRAPH, "hide", "");
        check(&visitor, &present(|_| {}), TIKTOK, "dead", "ask the author");
        let refused = Claim { ceiling: Act::Hide, ..claim(Act::Delete) };
        check(&refused, &present(|_| {}), GRAPH, "hide", "refused to delete");
    }

    #[test]
    fn on_tiktok_replies_are_read_and_hidden_before_their_parent() {
        let unread = Claim { replies_read: false, ..on_tiktok(claim(Act::Hide)) };
        let owed = Claim { replies_owed: true, ..on_tiktok(claim(Act::Hide)) };
        check(&unread, &present(|_| {}), TIKTOK, "replies", "");
        check(&owed, &present(|_| {}), TIKTOK, "replies", "");
        check(
            &Claim { made: at(-200), ..unread.clone() },
            &present(|_| {}),
            TIKTOK,
            "dead",
            "replies could not be read",
        );
        let reply = Target { kind: CommentKind::Reply, ..unread.target.clone() };
        check(&Claim { target: reply, ..unread }, &present(|_| {}), TIKTOK, "hide", "");
        check(&Claim { page: page(), ..owed }, &present(|_| {}), GRAPH, "hide", "");
    }

    #[test]
    fn what_only_a_young_rule_would_delete_is_hidden_and_once_it_hid_enough_today_left_up() {
        let ground = Ground {
            entry: "complaint/new".to_owned(),
            action: Action::Delete,
            hides_since: Some(at(-60)),
            deletes_since: Some(at(-60)),
        };
        let young = Claim { grounds: vec![ground], ..claim(Act::Delete) };
        check(&young, &present(|_| {}), GRAPH, "hide", "complaint/new, is less than 7 days old; hidden instead");
        check(&on_tiktok(young.clone()), &present(|_| {}), TIKTOK, "hide", "complaint/new");
        check(&young, &present(|seen| seen.hidden = true), GRAPH, "already", "already hidden");
        let around = Around {
            can: GRAPH,
            brake: &Brake::default(),
            today: Today::default(),
            charged: &[("complaint/new".to_owned(), 5)],
            mode: Mode::Enforce,
            now: at(1),
        };
        let Step::Close { close, held } = plan(&young, &present(|_| {}), &around) else { panic!("closes") };
        assert_eq!((close.how, held), (Closed::Dead, Some(Held::Young("complaint/new".to_owned()))));
        let Step::Act { charged, .. } = planned(&young, &present(|_| {}), GRAPH, Today::default()) else {
            panic!("acts")
        };
        assert_eq!(charged.as_deref(), Some("complaint/new"));
    }

    #[test]
    fn above_the_brake_less_is_done_and_people_are_told() {
        let today = |hides, deletes| Today { hides, deletes };
        let seen = present(|_| {});
        let Step::Act { act, note, held, .. } = planned(&claim(Act::Delete), &seen, GRAPH, today(0, 20)) else {
            panic!("acts");
        };
        assert_eq!((act, held), (Act::Hide, Some(Held::Limit)));
        assert!(note.is_some_and(|note| note.contains("limit for deletes")));
        for (claim, today) in [(claim(Act::Hide), today(40, 0)), (claim(Act::Delete), today(40, 20))] {
            let Step::Close { close, held } = planned(&claim, &seen, GRAPH, today) else { panic!("closes") };
            assert_eq!((close.how, close.achieved, held), (Closed::Dead, None, Some(Held::Limit)));
        }
    }

    #[test]
    fn observing_touches_nothing() {
        let around = Around {
            can: GRAPH,
            brake: &Brake::default(),
            today: Today::default(),
            charged: &[],
            mode: Mode::Observe,
            now: at(1),
        };
        assert_eq!(plan(&claim(Act::Delete), &present(|_| {}), &around), Step::Leave);
    }

    fn transient() -> Error {
        Error::Transient { page: page(), source: Fault::TimedOut }
    }

    /// What a try comes to: how it closed, or the word of what stood in the way.
    fn tried(claim: &Claim, act: Act, answer: Result<(), Error>, seen: &Result<Seen, Error>) -> (Outcome, String) {
        let answer = answer.map(|()| Receipt { trace: Some("Abc".to_owned()), created: None });
        let outcome = judge_try(claim, act, None, &answer, seen, at(1));
        let word = match &outcome.settlement {
            Settlement::Close(close) => close.how.id().to_owned(),
            Settlement::Again { error, ceiling, .. } => {
                format!("{error}{}", if ceiling.is_some() { " lower" } else { "" })
            }
        };
        (outcome, word)
    }

    #[test]
    fn an_act_is_done_when_reading_back_shows_it_whatever_was_answered() {
        let wrote = |act| Claim { written: Some(act), ..claim(act) };
        let hidden = || Ok(present(|seen| seen.hidden = true));
        for answer in [Ok(()), Err(transient()), Err(Error::Refused { page: page(), code: 100 })] {
            let (outcome, word) = tried(&wrote(Act::Hide), Act::Hide, answer, &hidden());
            let Settlement::Close(close) = outcome.settlement else { panic!("closes") };
            assert_eq!((word.as_str(), close.achieved, close.verified), ("done", Some(Act::Hide), Some(at(1))));
        }
        assert_eq!(tried(&wrote(Act::Delete), Act::Delete, Err(transient()), &Ok(Seen::Gone)).1, "done");
    }

    #[test]
    fn showing_again_is_read_back_like_everything_else_and_what_is_gone_is_told_as_lost() {
        let wrote = Claim { written: Some(Act::Show), decision: Some(1), ..claim(Act::Show) };
        let hidden = || Ok(present(|seen| seen.hidden = true));
        for answer in [Ok(()), Err(transient())] {
            let (outcome, word) = tried(&wrote, Act::Show, answer, &Ok(present(|_| {})));
            let Settlement::Close(close) = outcome.settlement else { panic!("closes") };
            assert_eq!((word.as_str(), close.achieved, close.verified), ("done", Some(Act::Show), Some(at(1))));
        }
        assert_eq!(tried(&wrote, Act::Show, Ok(()), &hidden()).1, "no-effect");
        assert_eq!(tried(&Claim { lies: 4, ..wrote.clone() }, Act::Show, Ok(()), &hidden()).1, "dead");
        let refused = || Err(Error::Refused { page: page(), code: 100 });
        assert_eq!(tried(&wrote, Act::Show, refused(), &hidden()).1, "dead");
        assert_eq!(tried(&wrote, Act::Show, Ok(()), &Ok(Seen::Gone)).1, "dead");
    }

    #[test]
    fn success_without_effect_is_a_lie_and_the_fifth_one_is_the_last() {
        let wrote = |act, lies| Claim { written: Some(act), lies, ..claim(act) };
        let (outcome, word) = tried(&wrote(Act::Hide, 0), Act::Hide, Ok(()), &Ok(present(|_| {})));
        assert_eq!(word, "no-effect");
        assert!(
            matches!(outcome.settlement, Settlement::Again { lied: true, counted: true, at, .. } if at > self::at(1))
        );
        assert_eq!(tried(&wrote(Act::Hide, 4), Act::Hide, Ok(()), &Ok(present(|_| {}))).1, "dead");
        assert_eq!(tried(&wrote(Act::Delete, 4), Act::Delete, Ok(()), &Ok(present(|_| {}))).1, "no-effect lower");
    }

    #[test]
    fn a_refused_delete_becomes_a_hide_and_a_refused_hide_a_word_to_a_human() {
        let not_found = || Error::NotFound { page: page(), code: 100 };
        let refused = || Error::Refused { page: page(), code: 100 };
        let permission = || Error::Permission { page: page(), code: 10, help: "" };
        for error in [not_found, refused, permission] {
            let there = || Ok(present(|_| {}));
            assert!(tried(&claim(Act::Delete), Act::Delete, Err(error()), &there()).1.ends_with(" lower"));
            assert_eq!(tried(&claim(Act::Hide), Act::Hide, Err(error()), &there()).1, "dead");
        }
    }

    #[test]
    fn what_could_not_be_read_back_is_read_again_before_anything_is_repeated() {
        let wrote = Claim { written: Some(Act::Hide), ..claim(Act::Hide) };
        assert_eq!(tried(&wrote, Act::Hide, Ok(()), &Err(transient())).1, "transient");
        let token = Error::Token { page: page(), code: 190, help: "" };
        let (outcome, word) = tried(&wrote, Act::Hide, Err(token), &Err(transient()));
        assert_eq!((word.as_str(), outcome.hold_page.is_some()), ("token", true));
        let tired = Claim { attempts: retry::MOST_ATTEMPTS, ..wrote };
        assert_eq!(tried(&tired, Act::Hide, Ok(()), &Err(transient())).1, "dead");
    }

    fn any_claim() -> impl Strategy<Value = Claim> {
        let act = || prop_oneof![Just(Act::Hide), Just(Act::Delete)];
        let categories = proptest::sample::subsequence(Category::ALL.to_vec(), 0..5);
        let kind = prop_oneof![Just(CommentKind::Comment), Just(CommentKind::Reply), Just(CommentKind::VisitorPost)];
        let written = proptest::option::of(act());
        let flags = any::<(bool, bool, bool, bool, (bool, bool))>();
        (act(), act(), categories, kind, written, flags, 0_i64..3000).prop_map(
            |(intended, ceiling, categories, kind, written, flags, age)| {
                let (by_page, shown_again, replies_read, replies_owed, (tiktok, author_known)) = flags;
                let base = claim(intended);
                let base = if tiktok { on_tiktok(base) } else { base };
                let target = Target { kind, ..base.target.clone() };
                let made = at(1 - age);
                let ceiling = ceiling.min(intended);
                Claim {
                    target,
                    ceiling,
                    categories,
                    by_page,
                    written,
                    author_known,
                    shown_again,
                    replies_read,
                    replies_owed,
                    made,
                    ..base
                }
            },
        )
    }

    fn any_seen() -> impl Strategy<Value = Seen> {
        let flags = any::<(bool, bool, bool, Option<bool>, Option<bool>, bool)>();
        prop_oneof![
            1 => Just(Seen::Gone),
            9 => flags.prop_map(|(by_page, hidden, edited, can_hide, can_delete, named)| present(|seen| {
                if !named {
                    seen.author = crate::comment::Author::default();
                }
                if edited {
                    seen.text = crate::comment::CommentText::new("other");
                }
                (seen.by_page, seen.hidden, seen.can_hide, seen.can_delete) = (by_page, hidden, can_hide, can_delete);
            })),
        ]
    }

    fn any_can() -> impl Strategy<Value = Capabilities> {
        any::<(bool, bool, bool)>().prop_map(|(hide, delete, visitor_posts)| Capabilities {
            hide,
            delete,
            visitor_posts,
            reply_chars: None,
        })
    }

    proptest! {
        #[test]
        fn no_plan_goes_upwards_or_against_a_rule(
            claim in any_claim(), seen in any_seen(), can in any_can(), limits in (1_u32..4, 1_u32..4),
            done in (0_u32..4, 0_u32..4),
        ) {
            let brake = Brake { hides_per_day: NonZeroU32::new(limits.0), deletes_per_day: NonZeroU32::new(limits.1), ..Brake::default() };
            let today = Today { hides: done.0, deletes: done.1 };
            let around = Around { can, brake: &brake, today, charged: &[], mode: Mode::Enforce, now: at(1) };
            let Step::Act { act, .. } = plan(&claim, &seen, &around) else { return Ok(()) };
            let Seen::Present(comment) = &seen else { return Err(TestCaseError::fail("acted on nothing")) };
            prop_assert!(act <= claim.intended && act <= claim.ceiling);
            prop_assert!(!claim.by_page && !comment.by_page && !claim.shown_again);
            prop_assert_eq!(comment.text.hash(), claim.text_hash);
            let safeguarding = claim.categories.contains(&Category::Safeguarding);
            prop_assert!(!safeguarding || act == Act::Hide && claim.categories.contains(&Category::PatientIdentified));
            let nameless = !claim.author_known && comment.author.id.is_none();
            prop_assert!(act == Act::Hide || claim.page.platform != Platform::Facebook || !nameless);
            match act {
                Act::Delete => prop_assert!(can.delete && comment.can_delete != Some(false) && done.1 < limits.1),
                Act::Hide => {
                    prop_assert!(can.hide && comment.can_hide != Some(false) && done.0 < limits.0 && !comment.hidden);
                }
                Act::Show => prop_assert!(false, "only people show again"),
            }
        }

        #[test]
        fn an_outcome_is_verified_or_no_achievement(
            claim in any_claim(), seen in any_seen(), delete in any::<bool>(), failed in any::<bool>(),
            unread in any::<bool>(), attempts in 1_u32..20, lies in 0_u32..6,
        ) {
            let act = if delete { Act::Delete } else { Act::Hide };
            let claim = Claim { attempts, lies, written: Some(act), ..claim };
            let answer = if failed { Err(transient()) } else { Ok(()) };
            let read = if unread { Err(transient()) } else { Ok(seen.clone()) };
            let (outcome, _) = tried(&claim, act, answer, &read);
            match outcome.settlement {
                Settlement::Close(close) if close.how == Closed::Done => {
                    prop_assert!(!unread && close.verified.is_some());
                    prop_assert_eq!(close.achieved, Some(act));
                }
                Settlement::Close(close) => prop_assert!(close.achieved.is_none()),
                Settlement::Again { ceiling, .. } => prop_assert!(ceiling.is_none_or(|ceiling| ceiling < act)),
            }
        }
    }
}
