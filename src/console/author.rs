//! What stands about the author of an incident: exempt or not, steps of the ladder, all their incidents; and the forms by
//! which people add to it. In: an incident's number, a person's word. Out: a page. Not here: whether a step may be taken
//! (`ladder`), what the author is told: drafts, which a person sends.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::Console;
use super::door::{Posted, Visitor};
use super::page::{Frame, Place, Problem, page_with};
use super::text::when;
use crate::clock::Timestamp;
use crate::digest::{Settings, category_name};
use crate::dossier::{decided_word, visible};
use crate::ladder::{Refusal, Rule, Step};
use crate::lexicon::Category;
use crate::policy::Policy;
use crate::store::{AuthorFile, Climb, Climbed, Exempted, Exemption, Nobody, PastIncident, Role, StepTaken, Withdrawn};

/// A reason is no longer, in characters.
const LONGEST_REASON: usize = 2_000;

/// A line of a list: a number that leads to an incident, and what is said of it.
struct Line {
    number: i64,
    text: String,
    why: String,
}

struct Choice {
    step: Step,
    title: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "console/author.html")]
struct Page {
    frame: Frame,
    number: i64,
    who: String,
    place: &'static str,
    exempt: Option<Line>,
    steps: Vec<Line>,
    incidents: Vec<Line>,
    choices: Vec<Choice>,
    clause: String,
    rule: String,
    refused: Option<String>,
    reason: String,
}

pub(super) async fn author(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(number): Path<i64>,
) -> Result<Response, Problem> {
    visitor.must(Role::Reviewer)?;
    show(&console, &visitor, number, None, "").await
}

async fn show(
    console: &Console,
    visitor: &Visitor,
    number: i64,
    refused: Option<(StatusCode, String)>,
    reason: &str,
) -> Result<Response, Problem> {
    let file = match console.store().author(number, console.now()).await? {
        Ok(file) => file,
        Err(nobody) => return Err(unknown(number, nobody)),
    };
    let (settings, rule) = (console.words(), rule(console)?);
    let (status, refused) = refused.map_or((StatusCode::OK, None), |(status, why)| (status, Some(why)));
    page_with(
        status,
        &Page {
            frame: Frame::new(console, visitor, Place::Queue, format!("The author of #{number}")),
            number,
            who: file.author.name.as_ref().map_or_else(|| "not known".to_owned(), |name| visible(name.expose())),
            place: file.page.platform.name(),
            exempt: file.exemption.as_ref().map(|exemption| exempt_line(exemption, &settings)),
            steps: file.steps.iter().map(|step| step_line(step, &settings)).collect(),
            incidents: file.incidents.iter().rev().map(|one| incident_line(one, &settings)).collect(),
            choices: choices(&file),
            clause: rule.clause,
            rule: rule.why,
            refused,
            reason: reason.to_owned(),
        },
    )
}

fn unknown(number: i64, nobody: Nobody) -> Problem {
    match nobody {
        Nobody::Unknown => Problem::Nowhere(format!("incident #{number}")),
        Nobody::Nameless => Problem::Odd(format!(
            "The platform did not say who wrote #{number}, so nothing can be kept about its author."
        )),
        Nobody::Erased => Problem::Odd(format!("What was known of the author of #{number} was erased.")),
    }
}

/// What the practice's policy says of the ladder.
fn rule(console: &Console) -> Result<Rule, Problem> {
    Policy::load(&console.parts.files.policy).map(|policy| policy.ladder).map_err(|_| {
        Problem::Odd(
            "The practice's policy file has a mistake at the moment. Tell whoever looks after Chaperone.".to_owned(),
        )
    })
}

fn exempt_line(exemption: &Exemption, settings: &Settings) -> Line {
    let left = match exemption.left_up {
        0 => "Nothing of theirs would have been hidden since.".to_owned(),
        1 => "1 comment was left up for that.".to_owned(),
        many => format!("{many} comments were left up for that."),
    };
    Line {
        number: exemption.incident,
        text: format!("Exempt since {}, by the word of {}. {left}", when(exemption.since, settings), exemption.who),
        why: visible(&exemption.why),
    }
}

fn step_line(step: &StepTaken, settings: &Settings) -> Line {
    let police = if step.police { ", reported to the police" } else { "" };
    let (at, until) = (when(step.at, settings), when(step.until, settings));
    Line {
        number: step.incident,
        text: format!("{} on {at} by {}{police}; counts until {until}", step.step.name(), step.who),
        why: visible(&step.why),
    }
}

fn incident_line(one: &PastIncident, settings: &Settings) -> Line {
    let decided = one.decided.map_or("nobody has decided", decided_word);
    Line {
        number: one.number,
        text: format!("{}: {}; {decided}", when(one.at, settings), names(&one.categories)),
        why: String::new(),
    }
}

fn names(categories: &[Category]) -> String {
    categories.iter().map(|&category| category_name(category)).collect::<Vec<_>>().join(", ")
}

/// All steps can be asked for; the lowest that was not taken is proposed.
fn choices(file: &AuthorFile) -> Vec<Choice> {
    let highest = file.steps.iter().map(|step| step.step).max();
    let next = Step::ALL.into_iter().find(|&step| highest.is_none_or(|highest| step > highest));
    let title = |step| match step {
        Step::Contact => "Asked them to take it down, or showed them the right way",
        Step::SecondContact => "Asked them again",
        Step::Warning => "Warned them",
        Step::LegalAdvice => "Took legal advice",
        Step::Removal => "Began the practice’s removal procedure",
    };
    Step::ALL.into_iter().map(|step| Choice { step, title: title(step), chosen: Some(step) == next }).collect()
}

/// A reason from a form.
fn reason(posted: &Posted) -> Result<String, String> {
    match posted.fields.one("why") {
        "" => Err("Write why, so that others understand it later.".to_owned()),
        why if why.chars().count() > LONGEST_REASON => Err(format!("Write at most {LONGEST_REASON} letters.")),
        why => Ok(why.to_owned()),
    }
}

async fn refuse(console: &Console, posted: &Posted, number: i64, why: String) -> Result<Response, Problem> {
    let reason = posted.fields.one("why").to_owned();
    show(console, &posted.visitor, number, Some((StatusCode::CONFLICT, why)), &reason).await
}

fn back(number: i64) -> Response {
    Redirect::to(&format!("/incident/{number}/author")).into_response()
}

/// Makes the author exempt, or ends that.
pub(super) async fn exempt(
    State(console): State<Arc<Console>>,
    Path(number): Path<i64>,
    posted: Posted,
) -> Result<Response, Problem> {
    posted.visitor.must(Role::Reviewer)?;
    let why = match reason(&posted) {
        Ok(why) => why,
        Err(wrong) => return refuse(&console, &posted, number, wrong).await,
    };
    let (who, now) = (posted.visitor.user.full_name.clone(), console.now());
    let became = if posted.fields.one("end") == "yes" {
        console.store().end_exemption(number, who, why, now).await?
    } else {
        console.store().exempt(number, who, why, now).await?
    };
    match became {
        Exempted::Done => Ok(back(number)),
        Exempted::Already { who, at } => {
            let at = when(at, &console.words());
            refuse(&console, &posted, number, format!("They have been exempt since {at}, by the word of {who}.")).await
        }
        Exempted::NotExempt => refuse(&console, &posted, number, "They were not exempt.".to_owned()).await,
        Exempted::Nobody(nobody) => Err(unknown(number, nobody)),
    }
}

/// Writes a step down.
pub(super) async fn step(
    State(console): State<Arc<Console>>,
    Path(number): Path<i64>,
    posted: Posted,
) -> Result<Response, Problem> {
    posted.visitor.must(Role::Reviewer)?;
    let why = match reason(&posted) {
        Ok(why) => why,
        Err(wrong) => return refuse(&console, &posted, number, wrong).await,
    };
    let Some(step) = Step::from_id(posted.fields.one("step")) else {
        return refuse(&console, &posted, number, "Choose what was done.".to_owned()).await;
    };
    let rule = rule(&console)?;
    let who = posted.visitor.user.full_name.clone();
    let climb = Climb { step, police: posted.fields.one("police") == "yes", who, why, rule: rule.clone() };
    match console.store().climb(number, climb, console.now()).await? {
        Climbed::Taken { .. } => Ok(back(number)),
        Climbed::Refused(refusal) => {
            let settings = console.words();
            let why = refused(&refusal, &rule, |at| when(at, &settings));
            refuse(&console, &posted, number, why).await
        }
        Climbed::Nobody(nobody) => Err(unknown(number, nobody)),
    }
}

fn refused(refusal: &Refusal, rule: &Rule, when: impl Fn(Timestamp) -> String) -> String {
    let clause = &rule.clause;
    match refusal {
        Refusal::Before(taken) => {
            format!("{} wrote this step down about this incident on {}.", taken.who, when(taken.at))
        }
        Refusal::Overturned => "Somebody restored this comment because it was judged wrongly, so nothing follows from it.".to_owned(),
        Refusal::NotYet(next) => {
            format!("One step at a time. Write this one down first, if it was taken: {} ({clause}).", next.name())
        }
        Refusal::NoWarning => format!(
            "Nobody is removed who was not warned within the last {} days ({clause}). Only violence that was reported to the police needs no warning.",
            rule.window_days
        ),
        Refusal::NoViolence => "Reporting to the police is for violence or a threat of it, and no threat that a person has upheld stands in this incident.".to_owned(),
        Refusal::NotUpheld(open) => {
            let open: Vec<String> = open.iter().map(|number| format!("#{number}")).collect();
            format!("A removal rests on what people have looked at, and this was judged by rules alone: {}. Look at it first.", open.join(", "))
        }
        Refusal::NoGround(categories) if categories.is_empty() => {
            format!("Nothing of this author’s has been upheld by a person, so there is no ground for a removal ({clause}).")
        }
        Refusal::NoGround(categories) => format!(
            "All that was upheld of this author’s is {}. Nobody is removed from a practice list for that ({clause}).",
            names(categories)
        ),
    }
}

/// Takes the last step back: it was written down by mistake.
pub(super) async fn withdraw(
    State(console): State<Arc<Console>>,
    Path(number): Path<i64>,
    posted: Posted,
) -> Result<Response, Problem> {
    posted.visitor.must(Role::Reviewer)?;
    let who = posted.visitor.user.full_name.clone();
    match console.store().withdraw_step(number, who, console.now()).await? {
        Withdrawn::Done(_) => Ok(back(number)),
        Withdrawn::Nothing => refuse(&console, &posted, number, "No step counts about this author.".to_owned()).await,
        Withdrawn::Nobody(nobody) => Err(unknown(number, nobody)),
    }
}
