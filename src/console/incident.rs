//! One incident: what was said, in which conversation, what was found in it and why, what was wanted, done and seen to be
//! done, what happened since, and the form to decide. In: a number. Out: a page. Not here: writing a decision (`decide`).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::Console;
use super::decide::{Done, done};
use super::door::{Fields, Visitor};
use super::page::{Frame, Place, Problem, page_with};
use super::queue::{next_after, tag};
use super::text::{Piece, pieces, when};
use crate::comment::Platform;
use crate::digest::{DraftText, Item, Settings};
use crate::dossier::{happened, visible};
use crate::lexicon::Category;
use crate::policy::{Action, Alert, Reason};
use crate::store::report::Incident;
use crate::store::{AlertState, Conversation, Decision, Happened, Hit, Queued, Role};

/// What an entry found, wherever it did.
struct Found {
    number: usize,
    entry: String,
    category: String,
    clause: String,
    certainty: &'static str,
    how: &'static str,
    asks: &'static str,
    note: Option<String>,
}

/// Somebody in a conversation.
struct Voice {
    author: String,
    when: String,
    text: String,
    /// This is the comment that the page is about.
    here: bool,
    by_page: bool,
    number: Option<i64>,
    state: Option<&'static str>,
}

/// What can be decided, with what it means.
struct Choice {
    what: Decision,
    title: &'static str,
    hint: String,
}

#[derive(Template)]
#[template(path = "console/incident.html")]
struct Page {
    frame: Frame,
    done: Vec<Done>,
    number: i64,
    item: Item,
    tag: Option<&'static str>,
    author: String,
    before: Option<String>,
    words: Vec<Piece>,
    /// Words are masked for this reader.
    masked: bool,
    found: Vec<Found>,
    facts: Vec<(&'static str, String)>,
    post: Option<String>,
    voices: Vec<Voice>,
    more: bool,
    history: Vec<(String, String)>,
    /// The practice's texts for this, to be sent by a person.
    drafts: Vec<(String, String)>,
    choices: Vec<Choice>,
    /// The last decision that this page knows of.
    seen: String,
    can_take: bool,
    next: Option<i64>,
    /// A decision that was not taken, and what was typed.
    refused: Option<Refused>,
}

/// A decision that could not be written down.
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) why: String,
    pub(super) what: String,
    pub(super) reason: String,
}

impl Page {
    fn is_chosen(&self, choice: &Choice) -> bool {
        self.refused.as_ref().is_some_and(|refused| refused.what == choice.what.id())
    }

    fn reason(&self) -> &str {
        self.refused.as_ref().map_or("", |refused| refused.reason.as_str())
    }
}

pub(super) async fn incident(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(number): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    show(&console, &visitor, &number, &fields, None).await
}

/// The page of an incident, after a refused decision with why it was.
pub(super) async fn show(
    console: &Console,
    visitor: &Visitor,
    number: &str,
    fields: &Fields,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let nowhere = || Problem::Nowhere(format!("incident #{number}"));
    let number: i64 = number.parse().map_err(|_| nowhere())?;
    let queued = console.store().queued(number).await?.ok_or_else(nowhere)?;
    let whole = visitor.may(Role::Reviewer);
    let conversation = if whole { console.store().conversation(number).await? } else { Conversation::default() };
    let last = console.store().last_decision(number).await?;
    let history = console.store().history(number).await?;
    let settings = console.words();
    let gone = history.iter().any(|event| event.what == Happened::Gone);
    let incident = &queued.incident;
    let item = Item::of(incident, &settings);
    let (found, spans) = findings(incident);
    let words = match (whole, incident.erased) {
        (true, None) => pieces(incident.text.expose(), &spans),
        _ => pieces(&item.excerpt, &[]),
    };
    let status = refused.as_ref().map_or(StatusCode::OK, |refused| refused.status);
    page_with(
        status,
        &Page {
            frame: Frame::new(console, visitor, Place::Queue, format!("#{number}: {}", item.headline)),
            done: done(console, visitor, fields).await?,
            number,
            tag: tag(item.urgency),
            author: if whole { named(incident) } else { item.author.clone() },
            before: before(item.author_before),
            words,
            masked: !whole,
            found,
            facts: facts(&queued, &item, &settings),
            post: conversation.post.map(|post| visible(post.expose())),
            voices: conversation.voices.iter().map(|hit| voice(hit, incident, &settings)).collect(),
            more: conversation.more,
            history: history
                .iter()
                .map(|event| (when(event.at, &settings), visible(&happened(&event.what, event.who.as_deref(), whole))))
                .collect(),
            drafts: if whole { drafts(incident, &settings) } else { Vec::new() },
            choices: if whole { choices(incident, gone) } else { Vec::new() },
            seen: last.map(|last| last.decision.to_string()).unwrap_or_default(),
            can_take: whole && incident.decided.is_none() && !matches!(queued.alert, AlertState::Acknowledged { .. }),
            next: next_after(console, number).await?,
            item,
            refused,
        },
    )
}

fn named(incident: &Incident) -> String {
    match (&incident.author.name, incident.erased) {
        (_, Some(_)) => "(erased)".to_owned(),
        (Some(name), None) => visible(name.expose()),
        (None, None) => "not known".to_owned(),
    }
}

fn before(count: u64) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 incident before this one".to_owned()),
        many => Some(format!("{many} incidents before this one")),
    }
}

/// Reasons of one entry that come to the same are told once; each knows all the places where it was found.
fn findings(incident: &Incident) -> (Vec<Found>, Vec<(usize, std::ops::Range<usize>)>) {
    let (mut found, mut spans): (Vec<Found>, Vec<_>) = (Vec::new(), Vec::new());
    for reason in &incident.verdict.reasons {
        let one = found_of(reason);
        let same = |other: &&Found| {
            (&other.entry, &other.clause, other.certainty, other.how, &other.note)
                == (&one.entry, &one.clause, one.certainty, one.how, &one.note)
        };
        let number = found.iter().find(same).map_or(found.len() + 1, |other| other.number);
        if number > found.len() {
            found.push(Found { number, ..one });
        }
        spans.push((number, reason.finding.span.clone()));
    }
    (found, spans)
}

fn found_of(reason: &Reason) -> Found {
    let finding = &reason.finding;
    Found {
        number: 0,
        entry: visible(&finding.entry),
        category: crate::digest::category_name(finding.category).to_owned(),
        clause: reason.clause.clone(),
        certainty: finding.certainty.id(),
        how: match finding.how.id() {
            "folded" => "seen through a disguise",
            "fuzzy" => "nearly: a slip or another spelling",
            "identifier" => "an identifier",
            "name" => "a name",
            _ => "as written",
        },
        asks: match (reason.action, reason.alert) {
            (Action::Delete, _) => "delete",
            (Action::Hide, _) => "hide",
            (Action::Escalate, Alert::Now) => "leave up, tell a person at once",
            (Action::Escalate, _) => "leave up for a person to decide",
            (Action::Allow, _) => "leave up",
        },
        note: reason.note.clone(),
    }
}

fn drafts(incident: &Incident, settings: &Settings) -> Vec<(String, String)> {
    let short = incident.page.platform == Platform::TikTok;
    let known = settings.drafts.iter().filter(|draft| incident.verdict.drafts.contains(&draft.name));
    let text = |draft: &DraftText| draft.short.clone().filter(|_| short).unwrap_or_else(|| draft.text.clone());
    known.map(|draft| (draft.title.clone(), text(draft))).collect()
}

fn facts(queued: &Queued, item: &Item, settings: &Settings) -> Vec<(&'static str, String)> {
    let incident = &queued.incident;
    let mut facts = vec![("What became of it", item.outcome.clone())];
    facts.extend(item.note.clone().map(|note| ("Note", visible(&note))));
    facts.push(("Wanted by the rules", crate::digest::view::done_word(incident.outcome.intended).to_owned()));
    if !item.tell.is_empty() {
        facts.push(("Who is to be told", item.tell.join(", ")));
    }
    facts.push(("Told", told(&queued.alert, settings)));
    if incident.verdict.report {
        facts.push(("Report it", "to the platform, in its app: no program can".to_owned()));
    }
    facts.push(("Judged", format!("{}, by rules {}", when(incident.judged_at, settings), incident.rules_version)));
    facts
}

fn told(alert: &AlertState, settings: &Settings) -> String {
    match alert {
        AlertState::Digest => "in the digest".to_owned(),
        AlertState::Due => "at once; the message is on its way".to_owned(),
        AlertState::Sent { times: 1, last, .. } => format!("at once, on {}", when(*last, settings)),
        AlertState::Sent { times, last, .. } => format!("{times} times, last on {}", when(*last, settings)),
        AlertState::Acknowledged { by, at } => format!("{by} has it in hand since {}", when(*at, settings)),
    }
}

fn voice(hit: &Hit, incident: &Incident, settings: &Settings) -> Voice {
    let name = hit.author.name.as_ref().map(|name| visible(name.expose()));
    let erased = hit.erased.is_some();
    Voice {
        author: match (hit.by_page, name) {
            (true, _) => "The practice".to_owned(),
            (false, Some(name)) if !erased => name,
            _ => "not known".to_owned(),
        },
        when: when(hit.at, settings),
        text: if erased { "(erased)".to_owned() } else { visible(hit.text.expose()) },
        here: hit.comment == incident.comment,
        by_page: hit.by_page,
        number: hit.number.filter(|&number| number != incident.number),
        state: if hit.gone.is_some() { Some("deleted") } else { hit.hidden.then_some("hidden") },
    }
}

/// Everything that can be asked for; whether it can be done is found out when it is.
fn choices(incident: &Incident, gone: bool) -> Vec<Choice> {
    let choice = |what, title, hint: &str| Choice { what, title, hint: hint.to_owned() };
    let mut choices = vec![choice(Decision::Uphold, "Leave it as it is", "The rules were right. It leaves the queue.")];
    if gone {
        let hint =
            "It is gone from the platform and cannot be brought back. Your word is kept, and helps to tune the rules.";
        choices.push(choice(Decision::Restore, "The rules were wrong", hint));
    } else {
        let hint =
            "The rules were wrong. It is shown again if it is hidden, and no rule hides these words of it again.";
        choices.push(choice(Decision::Restore, "Show it, and keep it up", hint));
        let hint = "Its author and their friends may still see it. This can be undone.";
        choices.push(choice(Decision::Hide, "Hide it", hint));
    }
    if !gone && !incident.verdict.categories.contains(&Category::Safeguarding) {
        let hint = if incident.page.platform == Platform::TikTok {
            "TikTok lets nobody delete it from here: it is hidden, and you are asked to delete it in the app."
        } else {
            "For good: nobody can bring it back. Its words are kept here."
        };
        choices.push(choice(Decision::Delete, "Delete it", hint));
    }
    choices.push(choice(Decision::Note, "Only write a note", "It stays in the queue."));
    choices
}
