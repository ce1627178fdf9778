//! What a person asked for: their decision is carried out by the same hand as a verdict, with the same care. Pure. In: the
//! claim, the comment as just read, what the platform can do. Out: a [`Step`]. Neither brake nor youth holds a person
//! back; what a platform cannot do, and what is never done (a sign of harm is not deleted), they do not change.
//! Not here: what comes before (gone, edited, the page's own), which `plan` has seen to.

use super::plan::{Around, Notes, Step, close, dead, hidden, possible, replies_first, wait_for_replies};
use crate::comment::Comment;
use crate::lexicon::Category;
use crate::store::{Act, Claim, Close, Closed};

/// Nothing can be shown that is gone.
pub(super) const LOST_NOTE: &str = "it is gone from the platform and cannot be shown again; its words are kept here: tell \
                                    its author, if they may post it again";

/// What to do about a person's decision.
pub(super) fn plan(claim: &Claim, comment: &Comment, around: &Around<'_>) -> Step {
    let wish = claim.intended.min(claim.ceiling);
    if wish == Act::Show {
        return show(claim, comment, around);
    }
    if wish == Act::Delete && claim.categories.contains(&Category::Safeguarding) {
        let note = "a sign of harm is never deleted: it may be needed to find and help somebody";
        return close(dead(Some(note.to_owned()), None));
    }
    let mut notes = Notes::default();
    if claim.ceiling < claim.intended {
        notes.add("the platform refused to delete it; delete it in the app");
    }
    // A person has looked whose comment it is, so a missing name does not hold them back.
    let known = Claim { author_known: true, ..claim.clone() };
    let Some(act) = possible(wish, &known, comment, around.can, &mut notes) else {
        return close(dead(notes.into_note(), None));
    };
    if act == Act::Hide && comment.hidden {
        return close(hidden(claim, notes, around.now));
    }
    if act == Act::Hide && replies_first(claim) {
        return wait_for_replies(claim, around.now);
    }
    Step::Act { act, note: notes.into_note(), charged: None, held: None }
}

fn show(claim: &Claim, comment: &Comment, around: &Around<'_>) -> Step {
    if comment.hidden {
        return Step::Act { act: Act::Show, note: None, charged: None, held: None };
    }
    let ours = claim.written == Some(Act::Show);
    close(Close {
        how: if ours { Closed::Done } else { Closed::Already },
        achieved: ours.then_some(Act::Show),
        verified: Some(around.now),
        gone: false,
        note: (!ours).then(|| "it was not hidden any more".to_owned()),
        trace: None,
        error: None,
    })
}
