//! The queue: what waits for a person, the most urgent first. In: briefs of the store, the practice's hours. Out: a page.
//! The order is pure and tested here; whether something needs a person is the digest's rule.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::Console;
use super::decide::{Done, done};
use super::door::{Fields, Visitor};
use super::page::{Frame, Place, Problem, page};
use super::text::when;
use crate::clock::Timestamp;
use crate::digest::{Item, Settings, Urgency, needs_human_soon};
use crate::lexicon::Category;
use crate::store::{Brief, Role};

/// Rows of a page.
const ROWS: usize = 25;

/// What of the queue is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Everything,
    Urgent,
    Questions,
    Complaints,
    InHand,
}

impl Part {
    const ALL: [Self; 5] = [Self::Everything, Self::Urgent, Self::Questions, Self::Complaints, Self::InHand];

    fn id(self) -> &'static str {
        match self {
            Self::Everything => "all",
            Self::Urgent => "urgent",
            Self::Questions => "questions",
            Self::Complaints => "complaints",
            Self::InHand => "in-hand",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Everything => "Everything",
            Self::Urgent => "Urgent",
            Self::Questions => "Questions",
            Self::Complaints => "Complaints",
            Self::InHand => "In hand",
        }
    }

    fn has(self, waiting: &Waiting) -> bool {
        match self {
            Self::Everything => true,
            Self::Urgent => waiting.urgency != Urgency::Ordinary,
            Self::Questions => waiting.categories.contains(&Category::Question),
            Self::Complaints => waiting.categories.contains(&Category::Complaint),
            Self::InHand => waiting.in_hand.is_some(),
        }
    }
}

/// An incident of the queue, and when something is due about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) number: i64,
    pub(super) urgency: Urgency,
    categories: Vec<Category>,
    in_hand: Option<(String, Timestamp)>,
    received: Timestamp,
    /// When a question is to be answered or a complaint acknowledged.
    due: Option<Timestamp>,
}

/// What waits, in the order in which people should look at it: safety first, then what is due soonest, what somebody has
/// in hand last within each.
pub(super) fn order(briefs: &[Brief], settings: &Settings) -> Vec<Waiting> {
    let mut waiting: Vec<Waiting> = briefs.iter().filter_map(|brief| one(brief, settings)).collect();
    waiting.sort_by_key(|one| (one.urgency, one.in_hand.is_some(), one.due.unwrap_or(one.received), one.number));
    waiting
}

fn one(brief: &Brief, settings: &Settings) -> Option<Waiting> {
    let has = |category| brief.categories.contains(&category);
    let days = match (has(Category::Complaint), has(Category::Question)) {
        _ if brief.decided.is_some() => None,
        (true, _) => Some(settings.acknowledge_days),
        (false, true) => Some(settings.answer_days),
        (false, false) => None,
    };
    if days.is_none() && !brief.reopened && !needs_human_soon(brief) {
        return None;
    }
    Some(Waiting {
        number: brief.number,
        urgency: Urgency::of(&brief.categories),
        categories: brief.categories.clone(),
        in_hand: brief.in_hand.clone(),
        received: brief.received,
        due: days.map(|days| settings.hours.due(brief.received, days, &settings.zone).at),
    })
}

/// A row of the page.
struct Row {
    item: Item,
    tag: Option<&'static str>,
    due: Option<(&'static str, String)>,
    overdue: bool,
    in_hand: Option<String>,
}

#[derive(Template)]
#[template(path = "console/queue.html")]
struct Page {
    frame: Frame,
    done: Vec<Done>,
    rows: Vec<Row>,
    parts: Vec<(Part, usize)>,
    part: Part,
    /// Number of this page, and of the last one.
    at: usize,
    last: usize,
    may_decide: bool,
}

pub(super) async fn queue(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let (settings, now) = (console.words(), console.now());
    let waiting = order(&console.store().briefs().await?, &settings);
    let asked = fields.one("show");
    let part = Part::ALL.into_iter().find(|part| part.id() == asked).unwrap_or(Part::Everything);
    let parts = Part::ALL.map(|part| (part, waiting.iter().filter(|one| part.has(one)).count())).to_vec();
    let chosen: Vec<&Waiting> = waiting.iter().filter(|one| part.has(one)).collect();
    let last = chosen.len().div_ceil(ROWS).max(1);
    let at = fields.one("page").parse().unwrap_or(1).clamp(1, last);
    let mut rows = Vec::new();
    for waiting in chosen.iter().skip((at - 1) * ROWS).take(ROWS) {
        // Between the two readings somebody may have erased it.
        if let Some(incident) = console.store().incident(waiting.number).await? {
            rows.push(row(waiting, Item::of(&incident, &settings), &settings, now));
        }
    }
    page(&Page {
        done: done(&console, &visitor, &fields).await?,
        frame: Frame::new(&console, &visitor, Place::Queue, "Queue"),
        rows,
        parts,
        part,
        at,
        last,
        may_decide: visitor.may(Role::Reviewer),
    })
}

fn row(waiting: &Waiting, item: Item, settings: &Settings, now: Timestamp) -> Row {
    let what = if waiting.categories.contains(&Category::Complaint) { "acknowledge by" } else { "answer by" };
    Row {
        tag: tag(waiting.urgency),
        due: waiting.due.map(|due| (what, when(due, settings))),
        overdue: waiting.due.is_some_and(|due| due < now),
        in_hand: waiting.in_hand.as_ref().map(|(who, at)| format!("{who}, since {}", when(*at, settings))),
        item,
    }
}

/// What is said first of something urgent.
pub(super) fn tag(urgency: Urgency) -> Option<&'static str> {
    match urgency {
        Urgency::Safeguarding | Urgency::Threat => Some("Act now"),
        Urgency::PatientIdentified | Urgency::Defamation => Some("Urgent"),
        Urgency::Ordinary => None,
    }
}

/// The incident that comes after this one.
pub(super) async fn next_after(console: &Console, number: i64) -> Result<Option<i64>, Problem> {
    let waiting = order(&console.store().briefs().await?, &console.words());
    let others = || waiting.iter().map(|one| one.number);
    let behind = others().skip_while(|&other| other != number).nth(1);
    Ok(behind.or_else(|| others().find(|&other| other != number)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SignedDuration;
    use crate::comment::{PageId, PageKey, Platform};
    use crate::policy::{Action, Alert};
    use crate::store::report::{Outcome, OutcomeState};

    fn at(hours: i64) -> Timestamp {
        "2026-11-02T09:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_hours(hours)
    }

    fn brief(number: i64, categories: &[Category], action: Action, hours: i64) -> Brief {
        let state = OutcomeState::Nothing;
        Brief {
            number,
            page: PageKey { platform: Platform::Facebook, id: PageId::new("1") },
            categories: categories.to_vec(),
            action,
            alert: Alert::Digest,
            outcome: Outcome { intended: action, achieved: None, verified_at: None, state, note: None },
            decided: None,
            in_hand: None,
            received: at(hours),
            reopened: false,
        }
    }

    fn numbers(briefs: &[Brief]) -> Vec<i64> {
        order(briefs, &Settings::default()).iter().map(|one| one.number).collect()
    }

    #[test]
    fn safety_comes_first_then_what_is_due_soonest() {
        use Category::{Complaint, Defamation, Harassment, Question, Safeguarding, Threat};
        let all = [
            brief(1, &[Question], Action::Allow, 0),
            brief(2, &[Harassment], Action::Escalate, 5),
            brief(3, &[Threat], Action::Escalate, 6),
            brief(4, &[Safeguarding, Question], Action::Escalate, 7),
            brief(5, &[Defamation], Action::Escalate, 1),
            brief(6, &[Complaint], Action::Delete, -72),
        ];
        assert_eq!(numbers(&all), [4, 3, 5, 2, 6, 1]);
    }

    #[test]
    fn what_somebody_has_in_hand_stands_behind_what_nobody_has() {
        let mut first = brief(1, &[Category::Threat], Action::Escalate, 0);
        first.in_hand = Some(("Pat".to_owned(), at(1)));
        assert_eq!(numbers(&[first, brief(2, &[Category::Threat], Action::Escalate, 1)]), [2, 1]);
    }

    #[test]
    fn what_the_rules_settled_waits_for_nobody() {
        assert_eq!(numbers(&[brief(1, &[Category::Fraud], Action::Delete, 0)]), [0; 0]);
        let mut failed = brief(2, &[Category::Fraud], Action::Delete, 0);
        failed.outcome.state = OutcomeState::Dead;
        assert_eq!(numbers(&[failed]), [2]);
        let mut reopened = brief(3, &[], Action::Allow, 0);
        reopened.reopened = true;
        assert_eq!(numbers(&[reopened]), [3]);
    }
}
