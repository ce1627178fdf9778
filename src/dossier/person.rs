//! What is kept of one person, for that person: the answer to a request for access (UK GDPR, article 15). In: a person and
//! their comments. Out: a paper and JSON, without what is about other people: their names and identifiers in the words are
//! masked, and the team's members are not named. Not here: who is asked for proof of identity; people do that first.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::words::{happened, term};
use super::{Paper, Section, moment};
use crate::clock::Timestamp;
use crate::comment::{AuthorId, CommentText, PersonName};
use crate::digest::mask;
use crate::digest::view::{category_name, done_word};
use crate::store::report::Incident;
use crate::store::{Event, Exemption, Happened, Person, Queued, Statement, StepTaken, Terms, Version};

/// The version of the JSON.
const SCHEMA: u32 = 1;

/// What surrounds a person's data.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The practice.
    pub practice: &'a str,
    /// Whom people ask about their data.
    pub contact: Option<&'a str>,
    /// The exemption that people have made for them, if they have.
    pub exemption: Option<&'a Exemption>,
    /// What people noted down to have done about them.
    pub steps: &'a [StepTaken],
    /// How long things are kept.
    pub terms: &'a Terms,
    /// Whose days and hours are told.
    pub zone: &'a TimeZone,
    /// Now.
    pub now: Timestamp,
}

/// What is kept, for people.
pub fn paper(person: &Person, statements: &[Statement], about: About<'_>) -> Paper {
    let name = person.author.name.as_ref().map_or("an author without a name", |name| name.expose());
    let page = &person.page;
    let mut sections: Vec<Section> = statements.iter().map(|statement| section(statement, about)).collect();
    sections.extend(standing(about));
    sections.push(why(about));
    Paper {
        title: format!("What {} keeps of {name}", about.practice),
        opening: vec![
            format!(
                "Comments written by {name} on the practice's {} page {}, and what was made of them. Made on {}.",
                page.platform.name(),
                page.id,
                moment(about.now, about.zone)
            ),
            "Names and details of other people are masked, because they are those people's.".to_owned(),
        ],
        sections,
    }
}

fn section(statement: &Statement, about: About<'_>) -> Section {
    let written = statement.created.unwrap_or(statement.first_seen);
    let mut section = Section::new(format!("Comment of {}", moment(written, about.zone)));
    section.fact("Comment", statement.comment.as_str());
    section.fact("First read by the practice", moment(statement.first_seen, about.zone));
    for words in texts(statement) {
        section.quote(&words);
    }
    for (queued, history) in &statement.incidents {
        let incident = &queued.incident;
        section.fact("Judged", judged(incident, about));
        let rows = history
            .iter()
            .filter(|event| is_theirs(&event.what))
            .map(|event| vec![moment(event.at, about.zone), happened(&event.what, None, false)]);
        section.table(&["When", "What happened"], rows.collect());
    }
    section
}

/// Each text with other people's names and identifiers masked; where several were kept, oldest first.
fn texts(statement: &Statement) -> Vec<String> {
    let judged = |text: &CommentText| statement.incidents.iter().find(|(queued, _)| queued.incident.text == *text);
    let masked = |version: &Version| match judged(&version.text) {
        Some((queued, _)) => mask::for_author(&version.text, &queued.incident.verdict),
        None => mask::plain(version.text.expose()),
    };
    statement.versions.iter().map(masked).collect()
}

/// What people said of the author. Their names and their reasons, which speak of others too, are not told here.
fn standing(about: About<'_>) -> Option<Section> {
    if about.exemption.is_none() && about.steps.is_empty() {
        return None;
    }
    let mut section = Section::new("What the practice has noted about you");
    if let Some(exemption) = about.exemption {
        section.fact("Not judged by the program's rules since", moment(exemption.since, about.zone));
    }
    let day = |at: Timestamp| moment(at, about.zone);
    let rows = about.steps.iter().map(|step| vec![day(step.at), step.step.name().to_owned(), day(step.until)]);
    if !about.steps.is_empty() {
        section.table(&["When", "What was done", "Counts until, and is then forgotten"], rows.collect());
    }
    Some(section)
}

fn judged(incident: &Incident, about: About<'_>) -> String {
    let categories: Vec<&str> = incident.verdict.categories.iter().map(|&one| category_name(one)).collect();
    let categories = if categories.is_empty() { "nothing was found in it".to_owned() } else { categories.join(", ") };
    let clauses: std::collections::BTreeSet<&str> =
        incident.verdict.reasons.iter().map(|reason| reason.clause.as_str()).collect();
    let clauses: Vec<&str> = clauses.into_iter().collect();
    let resting = if clauses.is_empty() { String::new() } else { format!(", resting on {}", clauses.join("; ")) };
    format!(
        "{}: {categories}, to be {}{resting}",
        moment(incident.judged_at, about.zone),
        done_word(incident.verdict.action)
    )
}

/// What the team did among itself is not the author's.
fn is_theirs(what: &Happened) -> bool {
    !matches!(what, Happened::Told | Happened::Acknowledged)
}

fn why(about: About<'_>) -> Section {
    let mut section = Section::new("Why, and for how long");
    section.says(
        "The practice applies its published patient code of conduct to comments on its own pages, with a program on its \
         own machine. No comment is given to any other company's software.",
    );
    section.fact("Comments without a finding", term(about.terms.nothing_found));
    section.fact("Comments with a finding", term(about.terms.found));
    let longer =
        about.terms.by_category.iter().map(|(&category, &days)| format!("{} {}", category_name(category), term(days)));
    section.fact("But", longer.collect::<Vec<_>>().join("; "));
    section.says(match about.contact {
        Some(contact) => format!("Questions, corrections and objections: {contact}."),
        None => "Questions, corrections and objections: ask the practice.".to_owned(),
    });
    section.says("Complaints about how personal data is handled: the Information Commissioner's Office, ico.org.uk.");
    section
}

/// The same for programs.
pub fn json(person: &Person, statements: &[Statement], about: About<'_>) -> Value {
    json!({
        "schema": SCHEMA,
        "practice": about.practice,
        "made": about.now,
        "platform": person.page.platform.id(),
        "page": person.page.id.as_str(),
        "author": person.author.name.as_ref().map(PersonName::expose),
        "author_id": person.author.id.as_ref().map(AuthorId::as_str),
        "exempt_since": about.exemption.map(|exemption| exemption.since),
        "steps": about.steps.iter()
            .map(|step| json!({ "at": step.at, "step": step.step.id(), "until": step.until })).collect::<Vec<_>>(),
        "comments": statements.iter().map(comment).collect::<Vec<_>>(),
    })
}

fn comment(statement: &Statement) -> Value {
    json!({
        "id": statement.comment.as_str(), "link": statement.link, "created": statement.created,
        "first_seen": statement.first_seen, "gone": statement.gone, "texts": texts(statement),
        "judgements": statement.incidents.iter().map(|(queued, history)| judgement(queued, history)).collect::<Vec<_>>(),
    })
}

fn judgement(queued: &Queued, history: &[Event]) -> Value {
    let incident = &queued.incident;
    json!({
        "at": incident.judged_at, "categories": incident.verdict.categories, "action": incident.verdict.action.id(),
        "clauses": incident.verdict.reasons.iter().map(|reason| &reason.clause).collect::<std::collections::BTreeSet<_>>(),
        "achieved": incident.outcome.achieved.map(crate::policy::Action::id),
        "history": history.iter().filter(|event| is_theirs(&event.what))
            .map(|event| json!({ "at": event.at, "what": happened(&event.what, None, false) })).collect::<Vec<_>>(),
    })
}
