//! The case pack: what was posted, when, by whom, under what, what was made of it and under which clause, what was done,
//! and the rows of the chain that prove it. In: a case of the store, and who asks. Out: a paper and JSON. Whole and
//! unmasked: it is evidence, and goes to whoever has to see it and to nobody else.

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};

use super::words::happened;
use super::{Paper, Section, moment};
use crate::clock::Timestamp;
use crate::comment::{AuthorId, PersonName};
use crate::digest::view::{attachment_name, category_name, done_word, kind_name};
use crate::store::report::{Incident, OutcomeState};
use crate::store::{Case, ChainRow, Event, Queued, Statement, Version};

/// The version of the JSON.
const SCHEMA: u32 = 1;

/// What surrounds a case.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The practice.
    pub practice: &'a str,
    /// Its policy's title.
    pub policy: &'a str,
    /// Whose days and hours are told.
    pub zone: &'a TimeZone,
    /// Who asked for it.
    pub by: &'a str,
    /// When.
    pub now: Timestamp,
}

/// The pack for people.
pub fn paper(number: i64, case: &Case, about: About<'_>) -> Paper {
    let statement = &case.statement;
    let mut sections = vec![posted(statement, about), said(statement, about)];
    sections.extend(statement.incidents.iter().map(|(queued, history)| judged(queued, history, about)));
    sections.push(proof(case, about));
    Paper {
        title: format!("Case #{number}: {}", place(statement)),
        opening: vec![
            format!(
                "{}. Made on {} for {}, by Chaperone {}.",
                about.practice,
                moment(about.now, about.zone),
                about.by,
                env!("CARGO_PKG_VERSION")
            ),
            "Confidential. It holds words and names as they were published, for those who have to see them; keep it with \
             the case and destroy it with the case."
                .to_owned(),
        ],
        sections,
    }
}

fn place(statement: &Statement) -> String {
    format!("{} {}", statement.page.platform.name(), kind_name(statement.kind))
}

fn posted(statement: &Statement, about: About<'_>) -> Section {
    let mut section = Section::new("What was posted, where and by whom");
    section.fact("Place", format!("{}, page {}", place(statement), statement.page.id));
    section.fact("Comment", statement.comment.as_str());
    section.fact("Link", statement.link.as_deref().unwrap_or("none was given"));
    let author = &statement.author;
    section.fact("Author", author.name.as_ref().map_or("not named by the platform", |name| name.expose()));
    section.fact("Author's id", author.id.as_ref().map_or("not given by the platform", |id| id.as_str()));
    let known = |at: Option<Timestamp>| at.map_or("not known".to_owned(), |at| moment(at, about.zone));
    section.fact("Written", known(statement.created));
    section.fact("First read", moment(statement.first_seen, about.zone));
    if let Some(gone) = statement.gone {
        section.fact("Seen to be gone", moment(gone, about.zone));
    }
    section
}

fn said(statement: &Statement, about: About<'_>) -> Section {
    let mut section = Section::new("What it said");
    for (number, version) in (1..).zip(&statement.versions) {
        let edited = if number > 1 { ", after an edit" } else { "" };
        section.says(format!("Text {number}, read on {}{edited}:", moment(version.seen_at, about.zone)));
        section.quote(if version.text.is_blank() { "(no words)" } else { version.text.expose() });
        if !version.attachments.is_empty() {
            let names: Vec<&str> = version.attachments.iter().map(|&one| attachment_name(one)).collect();
            section.says(format!("With: {}.", names.join(", ")));
        }
    }
    section
}

fn judged(queued: &Queued, history: &[Event], about: About<'_>) -> Section {
    let incident = &queued.incident;
    let verdict = &incident.verdict;
    let mut section = Section::new(format!("Incident #{}: how it was judged, and what was done", incident.number));
    section.fact("Policy", about.policy);
    section.fact("Categories", categories(incident));
    section.fact("Judged", moment(incident.judged_at, about.zone));
    section.fact("Rules", incident.rules_version.as_str());
    section.fact("Was to be", done_word(verdict.action));
    section.fact("What was done", outcome(incident));
    if let Some(at) = incident.outcome.verified_at {
        section.fact("Seen to hold", moment(at, about.zone));
    }
    if let Some(note) = &incident.outcome.note {
        section.fact("Note", note.as_str());
    }
    let text = incident.text.expose();
    let rows = verdict.reasons.iter().map(|reason| {
        let finding = &reason.finding;
        vec![
            reason.clause.clone(),
            finding.entry.to_string(),
            text.get(finding.span.clone()).unwrap_or_default().to_owned(),
            format!("{}, {}", finding.certainty, finding.how.id()),
            reason.note.clone().unwrap_or_default(),
        ]
    });
    section.table(&["Clause of the policy", "Entry", "Words", "Certainty", "Note"], rows.collect());
    let rows = history
        .iter()
        .map(|event| vec![moment(event.at, about.zone), happened(&event.what, event.who.as_deref(), true)]);
    section.table(&["When", "What happened"], rows.collect());
    section
}

fn categories(incident: &Incident) -> String {
    let names: Vec<&str> = incident.verdict.categories.iter().map(|&one| category_name(one)).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn outcome(incident: &Incident) -> &'static str {
    match incident.outcome.state {
        OutcomeState::Nothing if incident.exempt => "nothing: its author is exempt by a person's word",
        OutcomeState::Nothing => "nothing was to be done at the platform",
        OutcomeState::Observed => "nothing: the practice only observed",
        OutcomeState::Due => "not yet done",
        OutcomeState::Done => incident.outcome.achieved.map_or("done", done_word),
        OutcomeState::Already => "found already done, or gone",
        OutcomeState::Dead => "could not be done by the program; left to a person",
    }
}

fn proof(case: &Case, about: About<'_>) -> Section {
    let mut section = Section::new("The audit chain");
    section.says(
        "Each row below carries the hash of the row before it in the whole chain of the practice, so that no row can be \
         changed, removed or slipped in unseen. A row's hash is SHA-256 over the hash before it, the row's number and its \
         time in milliseconds since 1970 (eight bytes each, big-endian), and then what, who and detail, each with its \
         length in bytes (eight bytes, big-endian) before it. The JSON beside this paper holds every field as it was \
         hashed. The texts above are vouched for by a salted hash in the detail of each verdict.",
    );
    if let Some((id, hash)) = &case.head {
        section.fact("Head of the chain", format!("row {id}, {hash}"));
    }
    let row = |row: &ChainRow| {
        vec![row.id.to_string(), moment(row.at, about.zone), row.what.clone(), row.who.clone(), row.hash.clone()]
    };
    section.table(&["Row", "When", "What", "Who", "Hash"], case.chain.iter().map(row).collect());
    section
}

/// The pack for programs.
pub fn json(number: i64, case: &Case, about: About<'_>) -> Value {
    json!({
        "schema": SCHEMA,
        "case": number,
        "practice": about.practice,
        "policy": about.policy,
        "made": { "at": about.now, "for": about.by, "by": concat!("chaperone ", env!("CARGO_PKG_VERSION")) },
        "comment": comment(&case.statement),
        "incidents": case.statement.incidents.iter().map(|(queued, events)| incident(queued, events)).collect::<Vec<_>>(),
        "chain": {
            "head": case.head.as_ref().map(|(id, hash)| json!({ "id": id, "hash": hash })),
            "rows": case.chain.iter().map(|row| json!({
                "id": row.id, "at_ms": row.at.as_millisecond(), "what": row.what, "who": row.who, "detail": row.detail,
                "prev_hash": row.prev_hash, "hash": row.hash,
            })).collect::<Vec<_>>(),
        },
    })
}

fn comment(statement: &Statement) -> Value {
    json!({
        "platform": statement.page.platform.id(), "page": statement.page.id.as_str(),
        "id": statement.comment.as_str(), "kind": place(statement), "link": statement.link,
        "author": statement.author.name.as_ref().map(PersonName::expose),
        "author_id": statement.author.id.as_ref().map(AuthorId::as_str),
        "created": statement.created, "first_seen": statement.first_seen, "gone": statement.gone,
        "texts": statement.versions.iter().map(text).collect::<Vec<_>>(),
    })
}

fn text(version: &Version) -> Value {
    json!({ "text": version.text.expose(), "attachments": version.attachments, "seen": version.seen_at })
}

fn incident(queued: &Queued, history: &[Event]) -> Value {
    let incident = &queued.incident;
    let verdict = &incident.verdict;
    json!({
        "number": incident.number, "judged": incident.judged_at, "rules": incident.rules_version,
        "text": incident.text.expose(), "categories": verdict.categories, "action": verdict.action.id(),
        "alert": verdict.alert.id(), "tell": verdict.tell,
        "reasons": verdict.reasons.iter().map(|reason| json!({
            "category": reason.finding.category, "entry": &*reason.finding.entry, "start": reason.finding.span.start,
            "end": reason.finding.span.end, "certainty": reason.finding.certainty.id(), "how": reason.finding.how.id(),
            "clause": reason.clause, "action": reason.action.id(), "alert": reason.alert.id(), "note": reason.note,
        })).collect::<Vec<_>>(),
        "done": {
            "state": incident.outcome.state.id(),
            "achieved": incident.outcome.achieved.map(crate::policy::Action::id),
            "verified": incident.outcome.verified_at, "note": incident.outcome.note,
        },
        "history": steps(history),
    })
}

#[derive(Serialize)]
struct Step<'a> {
    at: Timestamp,
    who: Option<&'a str>,
    what: String,
}

fn steps(history: &[Event]) -> Vec<Step<'_>> {
    history
        .iter()
        .map(|event| Step { at: event.at, who: event.who.as_deref(), what: happened(&event.what, None, true) })
        .collect()
}
