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

#[cfg(test)]
mod tests {
    use super::super::brake::Brake;
    use super::super::plan::tests::{GRAPH, TIKTOK, check, claim, on_tiktok, present};
    use super::super::plan::{self, Around, Step};
    use crate::platform::Seen;
    use crate::store::tests::at;
    use crate::store::{Act, Claim, Mode, Today};

    fn asked(act: Act) -> Claim {
        Claim { decision: Some(1), ..claim(act) }
    }

    #[test]
    fn what_a_person_asks_for_is_done_where_it_can_be() {
        let (up, hidden) = (present(|_| {}), present(|seen| seen.hidden = true));
        check(&asked(Act::Show), &hidden, GRAPH, "show", "");
        check(&asked(Act::Show), &up, GRAPH, "already", "not hidden any more");
        check(&Claim { written: Some(Act::Show), ..asked(Act::Show) }, &up, GRAPH, "done", "");
        check(&asked(Act::Show), &Seen::Gone, GRAPH, "dead", "cannot be shown again");
        check(&asked(Act::Hide), &up, GRAPH, "hide", "");
        check(&asked(Act::Hide), &hidden, GRAPH, "already", "already hidden");
        check(&asked(Act::Delete), &hidden, GRAPH, "delete", "");
        check(&asked(Act::Delete), &Seen::Gone, GRAPH, "already", "already gone");
        check(&on_tiktok(asked(Act::Delete)), &up, TIKTOK, "hide", "delete it in the app");
        check(&asked(Act::Hide), &present(|seen| seen.can_hide = Some(false)), GRAPH, "dead", "cannot be hidden");
    }

    #[test]
    fn what_binds_the_rules_does_not_bind_a_person_and_what_is_never_done_is_not_done_for_them() {
        let up = present(|_| {});
        check(&Claim { shown_again: true, ..asked(Act::Hide) }, &up, GRAPH, "hide", "");
        let nameless = present(|seen| seen.author = crate::comment::Author::default());
        check(&Claim { author_known: false, ..asked(Act::Delete) }, &nameless, GRAPH, "delete", "");
        let cry = Claim { categories: vec![crate::lexicon::Category::Safeguarding], ..asked(Act::Delete) };
        check(&cry, &up, GRAPH, "dead", "never deleted");
        check(&Claim { intended: Act::Hide, ceiling: Act::Hide, ..cry }, &up, GRAPH, "hide", "");
        check(&asked(Act::Delete), &present(|seen| seen.by_page = true), GRAPH, "already", "page itself");
        check(
            &asked(Act::Delete),
            &present(|seen| seen.text = crate::comment::CommentText::new("x")),
            GRAPH,
            "edited",
            "",
        );
    }

    #[test]
    fn no_limit_of_the_day_holds_a_person_back_and_observing_does() {
        let (brake, today) = (Brake::default(), Today { hides: 999, deletes: 999, replies: 999 });
        let around = |mode| Around { can: GRAPH, brake: &brake, today, charged: &[], mode, now: at(1) };
        let step = plan::plan(&asked(Act::Delete), &present(|_| {}), &around(Mode::Enforce));
        assert!(matches!(step, Step::Act { act: Act::Delete, .. }), "{step:?}");
        assert_eq!(plan::plan(&asked(Act::Show), &present(|_| {}), &around(Mode::Observe)), Step::Leave);
    }
}
