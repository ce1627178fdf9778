//! The fixed replies that the program may send itself, where the practice has switched them on: texts that show the way and
//! nothing else. Pure. In: a verdict and its comment. Out: which of the replies is owed, if one is. Not here: sending (the
//! executor's), remembering who was answered (the store's), the texts themselves (drafts).
//!
//! In doubt nothing is said: a reply is public, cannot be unsaid, and speaks in the practice's name.

use std::num::NonZeroU32;

use crate::clock::{SignedDuration, Timestamp};
use crate::comment::{Comment, CommentKind};
use crate::lexicon::{Category, Certainty};
use crate::policy::{Action, Alert, Verdict};

/// Only comments as young as this are answered: whoever wrote months ago does not wait for a signpost any more.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// What may be found in a comment that a program answers. Whoever complains, threatens, names somebody or may come to harm
/// is answered by a person.
const HARMLESS: [Category; 4] =
    [Category::AppointmentRequest, Category::MedicalInformation, Category::Question, Category::Review];

/// A fixed reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signpost {
    /// Where appointments and prescriptions are to be had.
    Appointments,
    /// Where somebody turns who writes about health.
    Medical,
    /// Where reviews are answered.
    Review,
}

impl Signpost {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Appointments, Self::Medical, Self::Review];

    /// The draft that it is, as policies, `drafts.toml` and the database name it.
    pub fn draft(self) -> &'static str {
        match self {
            Self::Appointments => "signpost-appointments",
            Self::Medical => "signpost-medical",
            Self::Review => "signpost-review",
        }
    }

    /// The reply with this draft.
    pub fn from_draft(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|signpost| signpost.draft() == name)
    }

    fn category(self) -> Category {
        match self {
            Self::Appointments => Category::AppointmentRequest,
            Self::Medical => Category::MedicalInformation,
            Self::Review => Category::Review,
        }
    }
}

/// A reply with the practice's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Which.
    pub signpost: Signpost,
    /// The words.
    pub full: String,
    /// Words for where the full ones do not fit.
    pub short: Option<String>,
}

impl Text {
    /// The words that fit into so many characters.
    pub fn fitting(&self, chars: usize) -> Option<&str> {
        [Some(&self.full), self.short.as_ref()]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .find(|text| text.chars().count() <= chars)
    }
}

/// What the practice has switched on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answering {
    /// Which replies the program sends; none unless the practice says so.
    pub send: Vec<Signpost>,
    /// The same author is answered again no sooner.
    pub again_days: NonZeroU32,
}

impl Default for Answering {
    fn default() -> Self {
        Self { send: Vec::new(), again_days: NonZeroU32::MIN.saturating_add(29) }
    }
}

impl Answering {
    /// The reply that is owed to a comment that was read at `now`, if one is.
    pub fn owed(&self, verdict: &Verdict, comment: &Comment, now: Timestamp) -> Option<Signpost> {
        let fresh = comment.created.is_none_or(|created| now.duration_since(created) <= FRESH);
        let plain = comment.kind == CommentKind::Comment && !comment.by_page && !comment.hidden;
        let left_up = verdict.action < Action::Hide && verdict.alert < Alert::Now && verdict.private.is_empty();
        let harmless = verdict.categories.iter().all(|category| HARMLESS.contains(category));
        if !(fresh && plain && left_up && harmless) {
            return None;
        }
        self.send.iter().copied().find(|signpost| calls_for(verdict, *signpost))
    }
}

/// The policy drafts it, and a person would not hesitate what the comment is.
fn calls_for(verdict: &Verdict, signpost: Signpost) -> bool {
    let sure = (signpost.category(), Certainty::High);
    verdict.drafts.iter().any(|draft| draft == signpost.draft())
        && verdict.reasons.iter().any(|reason| reason.label() == sure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::{Author, CommentId, CommentText, PostId};
    use crate::matcher::{Finding, How};
    use crate::policy::Reason;

    /// Minutes after eight.
    fn at(minutes: i64) -> Timestamp {
        "2026-11-02T08:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_mins(minutes)
    }

    /// Written a minute after eight.
    fn young() -> Comment {
        Comment {
            id: CommentId::new("c1"),
            post: PostId::new("p1"),
            parent: None,
            kind: CommentKind::Comment,
            author: Author::default(),
            by_page: false,
            created: Some(at(1)),
            text: CommentText::new("Lovely"),
            attachments: Vec::new(),
            hidden: false,
            can_hide: None,
            can_delete: None,
            permalink: None,
        }
    }

    fn verdict(category: Category, certainty: Certainty, action: Action, draft: &str) -> Verdict {
        let finding = Finding { category, entry: "x/y".into(), span: 0..1, certainty, how: How::Exact, clause: None };
        let reason = Reason { finding, action, alert: Alert::Digest, clause: "1".into(), note: None };
        Verdict {
            action,
            alert: Alert::Digest,
            drafts: vec![draft.to_owned()],
            categories: vec![category],
            reasons: vec![reason],
            ..Verdict::allow()
        }
    }

    fn review() -> Verdict {
        verdict(Category::Review, Certainty::High, Action::Escalate, "signpost-review")
    }

    #[track_caller]
    fn check(verdict: &Verdict, comment: &Comment, want: Option<Signpost>) {
        let answering = Answering { send: vec![Signpost::Review, Signpost::Appointments], ..Answering::default() };
        assert_eq!(answering.owed(verdict, comment, at(60 * 24)), want);
        assert_eq!(
            Answering::default().owed(verdict, comment, at(60 * 24)),
            None,
            "nothing is sent unless it is switched on"
        );
    }

    #[test]
    fn a_signpost_answers_what_is_plain_harmless_young_and_left_up_and_nothing_else() {
        let young = young();
        check(&review(), &young, Some(Signpost::Review));
        check(&review(), &Comment { created: Some(at(-1)), ..young.clone() }, None);
        check(&review(), &Comment { kind: CommentKind::Reply, ..young.clone() }, None);
        check(&review(), &Comment { kind: CommentKind::VisitorPost, ..young.clone() }, None);
        check(&review(), &Comment { by_page: true, ..young.clone() }, None);
        check(&review(), &Comment { hidden: true, ..young.clone() }, None);
        check(&verdict(Category::Review, Certainty::Medium, Action::Escalate, "signpost-review"), &young, None);
        check(&verdict(Category::Review, Certainty::High, Action::Hide, "signpost-review"), &young, None);
        check(&verdict(Category::Review, Certainty::High, Action::Escalate, "complaint-pathway"), &young, None);
        // Drafted, and not switched on here.
        let medical = verdict(Category::MedicalInformation, Certainty::High, Action::Escalate, "signpost-medical");
        check(&medical, &young, None);
    }

    #[test]
    fn whatever_a_person_should_answer_is_not_answered_by_a_program() {
        let young = young();
        for category in Category::ALL {
            let verdict = Verdict { categories: vec![Category::Review, category], ..review() };
            check(&verdict, &young, HARMLESS.contains(&category).then_some(Signpost::Review));
        }
        check(&Verdict { alert: Alert::Now, ..review() }, &young, None);
        check(&Verdict { private: std::iter::once(0..1).collect(), ..review() }, &young, None);
    }

    #[test]
    fn the_words_are_the_longest_that_fit() {
        let text = Text { signpost: Signpost::Review, full: "long words".into(), short: Some("short".into()) };
        for (chars, want) in [(10, Some("long words")), (9, Some("short")), (5, Some("short")), (4, None)] {
            assert_eq!(text.fitting(chars), want, "{chars}");
        }
    }
}
