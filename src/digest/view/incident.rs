//! One incident in words. In: an incident of the store. Out: an [`Item`], a [`Report`] or a [`Recipient`], masked, with
//! links that a reader may follow. Not here: which incidents are shown, and where.

use super::{Item, Recipient, Report, Urgency, Why, Words, category_name, done_word};
use crate::clock::Timestamp;
use crate::comment::{Attachment, CommentKind};
use crate::digest::mask::{self, Masking};
use crate::lexicon::{Category, Certainty};
use crate::policy::{Action, Alert, Reason};
use crate::store::report::{Decided, Incident, Outcome, OutcomeState, Reply, Taken};
use crate::store::{Act, Brief, Decision};

impl Words<'_> {
    pub(in crate::digest) fn item(self, incident: &Incident) -> Item {
        let verdict = &incident.verdict;
        Item {
            number: incident.number,
            urgency: Urgency::of(&verdict.categories),
            what: format!("{} {}", incident.page.platform.name(), kind_name(incident.kind)),
            when: self.when(incident.created.unwrap_or(incident.judged_at)),
            author: self.author(incident),
            author_before: incident.author_before,
            link: safe_link(incident),
            console: self.settings.console_link(incident.number),
            excerpt: self.excerpt(incident),
            carried: incident.attachments.iter().map(|attachment| attachment_name(*attachment).to_owned()).collect(),
            edited: incident.edited,
            categories: verdict.categories.clone(),
            headline: match verdict.categories.as_slice() {
                // The rules found nothing in these words; somebody at the practice did.
                [] if !incident.text.is_blank() => "Taken up by a person".into(),
                categories => headline(categories),
            },
            intended: incident.outcome.intended,
            achieved: incident.outcome.achieved,
            verified: incident.outcome.verified_at.map(|at| self.when(at)),
            outcome: self.outcome(incident),
            fell_short: fell_short(incident),
            why: whys(&verdict.reasons, self.settings.masking),
            tell: verdict.tell.clone(),
            note: note(incident),
        }
    }

    pub(super) fn author(self, incident: &Incident) -> String {
        mask::author(&incident.author, self.settings.masking)
    }

    pub(super) fn excerpt(self, incident: &Incident) -> String {
        if let Some(at) = incident.erased {
            return format!("(erased on {})", self.when(at).local);
        }
        if incident.text.is_blank() {
            return "(no words)".into();
        }
        mask::excerpt(&incident.text, &incident.verdict, self.settings.masking)
    }

    pub(super) fn outcome(self, incident: &Incident) -> String {
        match &incident.reply {
            Some(reply) => format!("{}; {}", self.done(incident), self.replied(reply, incident)),
            None => self.done(incident),
        }
    }

    /// What became of the reply that the program was to send.
    fn replied(self, reply: &Reply, incident: &Incident) -> String {
        match (reply.state, &reply.note) {
            (OutcomeState::Done, _) => {
                format!("answered with a fixed reply{}", self.checked(reply.verified_at, incident))
            }
            (OutcomeState::Due, _) => "still to be answered with a fixed reply".into(),
            (_, Some(note)) => format!("not answered by the program: {note}"),
            (_, None) => "not answered by the program".into(),
        }
    }

    fn done(self, incident: &Incident) -> String {
        let Some(decided) = &incident.decided else {
            let outcome = self.rules_outcome(incident);
            return match &incident.taken {
                Some(Taken { by, at }) => {
                    format!("{outcome}; in the hands of {by} since {}", self.local_near(*at, incident.judged_at))
                }
                None => outcome,
            };
        };
        let decided = self.decided(decided, incident);
        match incident.outcome.state {
            // What was owed and is so no longer says less than the person's word that took its place.
            OutcomeState::Nothing if incident.outcome.intended >= Action::Hide => decided,
            _ => format!("{}; {decided}", self.rules_outcome(incident)),
        }
    }

    /// What a person decided, and what came of it.
    fn decided(self, decided: &Decided, incident: &Incident) -> String {
        let (word, done) = match decided.what {
            Decision::Uphold => ("upheld", ""),
            Decision::Restore => ("restored", "shown again"),
            Decision::Hide => ("wanted hidden", "hidden"),
            Decision::Delete => ("wanted deleted", "deleted"),
            Decision::Note | Decision::Undo => ("noted", ""),
        };
        let person = format!("{word} by {} at {}", decided.who, self.local_near(decided.at, incident.judged_at));
        match decided.state {
            None | Some(OutcomeState::Nothing | OutcomeState::Observed) => person,
            Some(OutcomeState::Due) => format!("{person}: still to be {done}"),
            Some(OutcomeState::Done) => {
                let done = decided.achieved.map_or(done, act_word);
                format!("{person}: {done}{}", self.checked(decided.verified_at, incident))
            }
            Some(OutcomeState::Already) => format!("{person}: nothing was left to do"),
            Some(OutcomeState::Dead) => format!("{person}: NOT {done}, do it by hand"),
        }
    }

    fn checked(self, at: Option<Timestamp>, incident: &Incident) -> String {
        match at {
            Some(at) => format!(", checked at {}", self.local_near(at, incident.judged_at)),
            None => ", not yet checked".into(),
        }
    }

    fn rules_outcome(self, incident: &Incident) -> String {
        let outcome = &incident.outcome;
        let seen = |what: &str| format!("{what}{}", self.checked(outcome.verified_at, incident));
        let achieved = outcome.achieved.unwrap_or(outcome.intended);
        match outcome.state {
            OutcomeState::Nothing if incident.exempt && Action::Hide <= outcome.intended => {
                "left up: the author is exempt".into()
            }
            OutcomeState::Nothing if outcome.intended == Action::Escalate => "left up for you to decide".into(),
            OutcomeState::Nothing => "left up".into(),
            OutcomeState::Observed => format!("would have been {}", done_word(outcome.intended)),
            OutcomeState::Due => format!("still to be {}", done_word(outcome.intended)),
            OutcomeState::Done if fell_short(incident) => {
                format!("{} instead of {}", seen(done_word(achieved)), done_word(outcome.intended))
            }
            OutcomeState::Done => seen(done_word(achieved)),
            OutcomeState::Already => format!("found already {}", done_word(achieved)),
            OutcomeState::Dead => format!("NOT {}: do it by hand", done_word(outcome.intended)),
        }
    }

    pub(super) fn report(self, incident: &Incident) -> Report {
        let reason = report_reason(&incident.verdict.categories);
        let step = if is_gone(incident) {
            format!("the comment is gone; report the account, whose name is with its evidence, for {reason}")
        } else {
            format!("open it, choose Report, and say {reason}")
        };
        Report {
            number: incident.number,
            platform: incident.page.platform.name().into(),
            author: self.author(incident),
            reason: reason.into(),
            step,
            link: safe_link(incident),
        }
    }

    pub(super) fn recipient(self, incident: &Incident) -> Recipient {
        Recipient {
            number: incident.number,
            author: self.author(incident),
            platform: incident.page.platform.name().into(),
            link: safe_link(incident),
        }
    }
}

/// What the executor had to say, about a person's decision rather than about what was before it.
fn note(incident: &Incident) -> Option<String> {
    let decided = incident.decided.as_ref();
    decided.and_then(|decided| decided.note.clone()).or_else(|| match decided {
        Some(_) if incident.outcome.state == OutcomeState::Nothing => None,
        _ => incident.outcome.note.clone(),
    })
}

/// Escalations, alerts, what was given up, what came out weaker than the policy wanted, and all safeguarding, until a
/// person has decided or taken it in hand; and what a person decided and could not be done.
pub fn needs_human(incident: &Incident) -> bool {
    if let Some(decided) = &incident.decided {
        return decided.state == Some(OutcomeState::Dead);
    }
    if incident.taken.is_some() || is_answered(incident) {
        return false;
    }
    let verdict = &incident.verdict;
    let action = left_to_people(verdict.action, is_answered(incident));
    fell_short(incident)
        || needs_person(action, verdict.alert == Alert::Now, incident.outcome.state, &verdict.categories)
}

/// The same of an incident without its words, whether or not somebody has it in hand.
pub fn needs_human_soon(brief: &Brief) -> bool {
    match &brief.decided {
        Some(decided) => decided.state == Some(OutcomeState::Dead),
        None if brief.answered => false,
        None => {
            let urgent = brief.alert == Alert::Now;
            let action = left_to_people(brief.action, brief.answered);
            is_short(&brief.outcome) || needs_person(action, urgent, brief.outcome.state, &brief.categories)
        }
    }
}

/// What was escalated so that somebody would answer it, and has its answer, is left up and no more.
fn left_to_people(action: Action, answered: bool) -> Action {
    if answered && action == Action::Escalate { Action::Allow } else { action }
}

/// Whether an incident that nobody has had a word on needs a person, by what the rules made of it and what came of that.
pub fn needs_person(action: Action, urgent: bool, state: OutcomeState, categories: &[Category]) -> bool {
    // A question that nothing else is said about has a list of its own, with its due time.
    let only_asks = categories == [Category::Question] && !urgent;
    urgent
        || (action == Action::Escalate && !only_asks)
        || state == OutcomeState::Dead
        || categories.contains(&Category::Safeguarding)
}

fn fell_short(incident: &Incident) -> bool {
    is_short(&incident.outcome)
}

fn is_short(outcome: &Outcome) -> bool {
    outcome.state == OutcomeState::Dead || outcome.achieved.is_some_and(|achieved| achieved < outcome.intended)
}

/// The program has said what the policy wanted said; nothing but what is harmless is ever answered so.
pub(super) fn is_answered(incident: &Incident) -> bool {
    incident.reply.as_ref().is_some_and(|reply| reply.state == OutcomeState::Done)
}

/// People spoke against the rules here.
pub(super) fn is_restored(incident: &Incident) -> bool {
    incident.decided.as_ref().is_some_and(|decided| decided.what == Decision::Restore)
}

pub(super) fn left_up_on_purpose(incident: &Incident) -> bool {
    incident.outcome.intended == Action::Allow && incident.verdict.categories != [Category::Question]
}

fn act_word(act: Act) -> &'static str {
    match act {
        Act::Show => "shown again",
        Act::Reply => "answered",
        Act::Hide => "hidden",
        Act::Delete => "deleted",
    }
}

pub(super) fn headline(categories: &[Category]) -> String {
    let mut ordered = categories.to_vec();
    ordered.sort_by_key(|category| Urgency::of(&[*category]));
    let names: Vec<&str> = ordered.into_iter().map(category_name).collect();
    if names.is_empty() { "Something without words".into() } else { capitalised(&names.join(", ")) }
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// One line for each category and clause: ten phone numbers are one reason.
fn whys(reasons: &[Reason], masking: Masking) -> Vec<Why> {
    let mut whys: Vec<Why> = Vec::new();
    for reason in reasons {
        let (category, certainty) = reason.label();
        let entry = mask::entry(&reason.finding.entry, masking);
        if let Some(why) = whys
            .iter_mut()
            .find(|why| why.category == category && why.clause == reason.clause && why.note == reason.note)
        {
            if !why.entries.contains(&entry) {
                why.entries.push(entry);
            }
            if Certainty::from_id(&why.certainty) < Some(certainty) {
                why.certainty = certainty.id().into();
            }
        } else {
            whys.push(Why {
                category,
                name: category_name(category).into(),
                clause: reason.clause.clone(),
                entries: vec![entry],
                certainty: certainty.id().into(),
                note: reason.note.clone(),
            });
        }
    }
    whys
}

/// Deleted, by us or before us: its link leads nowhere.
fn is_gone(incident: &Incident) -> bool {
    incident.outcome.achieved == Some(Action::Delete)
}

/// A link that a reader may follow: the web, in one piece, to something that is still there.
pub(super) fn safe_link(incident: &Incident) -> Option<String> {
    let fits = |link: &&String| {
        let web = link.starts_with("https://") || link.starts_with("http://");
        web && !link.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'))
    };
    incident.link.as_ref().filter(fits).filter(|_| !is_gone(incident)).cloned()
}

/// What kind of comment it is, as people say.
pub fn kind_name(kind: CommentKind) -> &'static str {
    match kind {
        CommentKind::Comment => "comment",
        CommentKind::Reply => "reply",
        CommentKind::VisitorPost => "visitor's post",
    }
}

/// What hangs on a comment, as people say.
pub fn attachment_name(attachment: Attachment) -> &'static str {
    match attachment {
        Attachment::Picture => "a picture",
        Attachment::Sticker => "a sticker",
        Attachment::Gif => "an animated picture",
        Attachment::Video => "a video",
        Attachment::Link => "a link",
        Attachment::Unknown => "something that could not be read; look at it",
    }
}

/// What the platforms' own report menus offer, in the words they share.
fn report_reason(categories: &[Category]) -> &'static str {
    let reasons = [
        (Category::Threat, "violence or threats"),
        (Category::Hate, "hate speech"),
        (Category::Fraud, "scam, fraud or spam"),
        (Category::Harassment, "bullying or harassment"),
        (Category::Defamation, "defamation, on the platform's legal form"),
        (Category::PatientIdentified, "sharing private information"),
        (Category::Misinformation, "false information"),
        (Category::Obscenity, "nudity or sexual language"),
    ];
    reasons.iter().find(|(category, _)| categories.contains(category)).map_or("something else", |(_, reason)| reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::specimen;

    #[track_caller]
    fn check_outcome(state: OutcomeState, intended: Action, achieved: Option<Action>, verified: bool, want: &str) {
        let mut incident = specimen::period().incidents[1].clone();
        let verified_at = verified.then_some(incident.judged_at);
        incident.outcome = Outcome { intended, achieved, verified_at, state, note: None };
        assert_eq!(Words { settings: &specimen::settings() }.outcome(&incident), want);
    }

    #[test]
    fn an_outcome_tells_the_intended_the_achieved_and_the_checked_apart() {
        use Action::{Allow, Delete, Escalate, Hide};
        use OutcomeState as State;
        check_outcome(State::Nothing, Allow, None, false, "left up");
        check_outcome(State::Nothing, Escalate, None, false, "left up for you to decide");
        check_outcome(State::Observed, Hide, None, false, "would have been hidden");
        check_outcome(State::Due, Delete, None, false, "still to be deleted");
        check_outcome(State::Done, Delete, Some(Delete), true, "deleted, checked at 09:06");
        check_outcome(State::Done, Delete, Some(Delete), false, "deleted, not yet checked");
        check_outcome(State::Done, Delete, Some(Hide), true, "hidden, checked at 09:06 instead of deleted");
        check_outcome(State::Already, Delete, Some(Delete), true, "found already deleted");
        check_outcome(State::Dead, Delete, None, false, "NOT deleted: do it by hand");
    }
}
