//! People's decisions from the pages. In: forms. Out: rows of the store, a bell for the executor, and what became of it in
//! words: on the page that follows, or on the same page where something stood in the way. Not here: whether it can be
//! done (the store's), doing it (the executor's).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::Console;
use super::door::{Fields, Posted, Visitor};
use super::incident::{self, Refused};
use super::page::{Frame, Place, Problem, page_with};
use super::text::when;
use crate::dossier::decided_word;
use crate::store::{Acknowledged, Act, Decided, Decision, Earlier, Refusal, Role, Seen, Undone, Word};

/// A reason is no longer, in characters.
const LONGEST_REASON: usize = 2_000;

/// So many are decided at once.
const MOST_AT_ONCE: usize = 100;

/// What the visitor has just done, told at the top of the page that follows.
pub(super) struct Done {
    pub(super) says: String,
    pub(super) hint: String,
    /// The decisions that can be taken back by one button.
    pub(super) undo: Vec<i64>,
}

/// What the address says was just done, as far as it is true.
pub(super) async fn done(console: &Console, visitor: &Visitor, fields: &Fields) -> Result<Vec<Done>, Problem> {
    let asked = fields.numbers("done");
    let mut told = Vec::new();
    if fields.one("taken") == "yes" {
        let says = "You have it in hand: its alert is not repeated.".to_owned();
        told.push(Done { says, hint: String::new(), undo: Vec::new() });
    }
    if asked.is_empty() || asked.len() > MOST_AT_ONCE {
        return Ok(told);
    }
    let all = console.store().decisions(&asked).await?;
    let mine: Vec<_> = all.iter().filter(|taken| taken.who == visitor.user.full_name).collect();
    let Some(first) = mine.first() else { return Ok(told) };
    let numbers: Vec<String> = mine.iter().map(|taken| format!("#{}", taken.incident)).collect();
    let says = match (first.what, mine.len()) {
        (Decision::Undo, 1) => format!("You took your decision on {} back.", numbers[0]),
        (Decision::Undo, many) => format!("You took {many} decisions back: {}.", numbers.join(", ")),
        (what, 1) => format!("{} {}.", sentence(what), numbers[0]),
        (what, many) => format!("{} {many} incidents: {}.", sentence(what), numbers.join(", ")),
    };
    let undo: Vec<i64> = mine
        .iter()
        .filter(|taken| !taken.undone && !matches!(taken.what, Decision::Undo | Decision::Note | Decision::Delete))
        .map(|taken| taken.decision)
        .collect();
    told.push(Done { says, hint: soon(first.what).to_owned(), undo });
    Ok(told)
}

fn sentence(what: Decision) -> &'static str {
    match what {
        Decision::Uphold => "You left as it is:",
        Decision::Restore => "You want shown and kept up:",
        Decision::Hide => "You want hidden:",
        Decision::Delete => "You want deleted:",
        Decision::Note | Decision::Undo => "You wrote a note on",
    }
}

fn soon(what: Decision) -> &'static str {
    match what {
        Decision::Uphold | Decision::Note => "",
        Decision::Undo => {
            "What had been done at the platform is put right within a minute or two. It waits for a decision again."
        }
        Decision::Restore | Decision::Hide | Decision::Delete => {
            "If there is something to do at the platform, it is done within a minute, and checked there. The history says when."
        }
    }
}

/// What a form asks for.
struct Asked {
    what: Decision,
    reason: String,
}

fn asked(fields: &Fields, allowed: &[Decision]) -> Result<Asked, String> {
    let what = Decision::from_id(fields.one("what")).filter(|what| allowed.contains(what));
    let what = what.ok_or("Choose what is to be done.")?;
    match fields.one("why") {
        "" => Err("Write why, so that others understand it later.".to_owned()),
        reason if reason.chars().count() > LONGEST_REASON => {
            Err(format!("Write at most {LONGEST_REASON} letters; there are {}.", reason.chars().count()))
        }
        reason => Ok(Asked { what, reason: reason.to_owned() }),
    }
}

const SINGLE: [Decision; 5] = [Decision::Uphold, Decision::Restore, Decision::Hide, Decision::Delete, Decision::Note];
/// What cannot be undone is decided one by one.
const BULK: [Decision; 3] = [Decision::Uphold, Decision::Restore, Decision::Hide];

pub(super) async fn one(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    posted: Posted,
) -> Result<Response, Problem> {
    let Posted { visitor, fields } = posted;
    visitor.must(Role::Reviewer)?;
    let refuse = async |status, why: String| {
        let (what, reason) = (fields.one("what").to_owned(), fields.raw("why").to_owned());
        let refused = Refused { status, why, what, reason };
        incident::show(&console, &visitor, &number, &Fields::default(), Some(refused)).await
    };
    let asked = match asked(&fields, &SINGLE) {
        Ok(asked) => asked,
        Err(why) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, why).await,
    };
    let Ok(id) = number.parse::<i64>() else { return Err(Problem::Nowhere(format!("incident #{number}"))) };
    let seen = Seen::Last(fields.one("seen").parse().ok());
    let word = Word { what: asked.what, who: visitor.user.full_name.clone(), why: asked.reason, seen };
    let told = decide(&console, &[id], word).await?;
    match told.into_iter().next() {
        Some((_, Ok(decision))) => Ok(Redirect::to(&format!("/incident/{id}?done={decision}")).into_response()),
        Some((_, Err(why))) => refuse(StatusCode::CONFLICT, why).await,
        None => Err(Problem::Broken),
    }
}

/// Writes a word on incidents and wakes the executor. For each the decision's number, or why there is none.
async fn decide(console: &Console, numbers: &[i64], word: Word) -> Result<Vec<(i64, Result<i64, String>)>, Problem> {
    let settings = console.words();
    let done = console.store().decide(numbers, word, console.parts.mode, console.now()).await?;
    let owed = done.iter().any(|(_, became)| matches!(became, Decided::Taken { owed: Some(_), .. }));
    if owed {
        console.parts.owed.notify_one();
    }
    let at = |earlier: &Earlier| {
        format!("{} by {} on {}", decided_word(earlier.what), earlier.who, when(earlier.at, &settings))
    };
    let told = done.into_iter().map(|(number, became)| {
        let told = match became {
            Decided::Taken { decision, .. } => Ok(decision),
            Decided::Before(earlier) => Err(format!("It was {} before, and that stands. Nothing was changed.", at(&earlier))),
            Decided::Overtaken(earlier) => Err(format!(
                "While you were looking at it, it was {}. Your decision was not written down: look at the page as it is now, and decide again if you still want to.",
                at(&earlier)
            )),
            Decided::Refused(refusal) => Err(refused(refusal, |at| when(at, &settings))),
            Decided::Unknown => Err("There is no incident of this number.".to_owned()),
        };
        (number, told)
    });
    Ok(told.collect())
}

fn refused(refusal: Refusal, when: impl Fn(crate::clock::Timestamp) -> String) -> String {
    match refusal {
        Refusal::Observing => "This practice only observes, so nothing is touched at the platforms: do it in the app. You can leave a note here.".to_owned(),
        Refusal::Gone(gone) => format!(
            "The comment was gone from the platform by {}: the rules, its author or somebody else had deleted it. Nothing is left to do there; choose “Leave it as it is” to take it from the queue.",
            when(gone)
        ),
        Refusal::Edited(Some(newer)) => {
            format!("Its author has changed the words since. Incident #{newer} is about the new ones; nothing was done.")
        }
        Refusal::Edited(None) => "Its author has changed the words since, and no rule speaks of the new ones. If it has to go, do it in the app.".to_owned(),
        Refusal::Safeguarding => "It has a sign that somebody may come to harm. Such a comment is never deleted: it may be needed to find and help them. You can hide it.".to_owned(),
    }
}

/// Somebody has it in hand.
pub(super) async fn take(
    State(console): State<Arc<Console>>,
    Path(number): Path<i64>,
    posted: Posted,
) -> Result<Response, Problem> {
    let Posted { visitor, .. } = posted;
    visitor.must(Role::Reviewer)?;
    let who = visitor.user.full_name.clone();
    let taken = console.store().acknowledge(&[number], who, console.now()).await?;
    match taken.into_iter().next() {
        Some((_, Acknowledged::Now)) => Ok(Redirect::to(&format!("/incident/{number}?taken=yes")).into_response()),
        Some((_, Acknowledged::Before { by, at })) => {
            let why = format!("{by} has it in hand since {}.", when(at, &console.words()));
            let refused = Refused { status: StatusCode::CONFLICT, why, what: String::new(), reason: String::new() };
            incident::show(&console, &visitor, &number.to_string(), &Fields::default(), Some(refused)).await
        }
        _ => Err(Problem::Nowhere(format!("incident #{number}"))),
    }
}

#[derive(Template)]
#[template(path = "console/results.html")]
struct Results {
    frame: Frame,
    says: String,
    /// What became of each.
    rows: Vec<(i64, String)>,
    undo: Vec<i64>,
}

pub(super) async fn many(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Problem> {
    let Posted { visitor, fields } = posted;
    visitor.must(Role::Reviewer)?;
    let numbers = fields.numbers("n");
    if numbers.is_empty() {
        return Err(Problem::Odd(
            "You did not choose any incident: tick the boxes before them. Nothing was changed.".to_owned(),
        ));
    }
    if numbers.len() > MOST_AT_ONCE {
        return Err(Problem::Odd(format!(
            "You chose {} incidents; decide about {MOST_AT_ONCE} at most at once. Nothing was changed.",
            numbers.len()
        )));
    }
    let asked = asked(&fields, &BULK).map_err(|why| Problem::Odd(format!("{why} Nothing was changed.")))?;
    let who = visitor.user.full_name.clone();
    // The list that was looked at had nothing decided on it, or what could not be done.
    let word = Word { what: asked.what, who, why: asked.reason, seen: Seen::Last(None) };
    let told = decide(&console, &numbers, word).await?;
    let taken: Vec<i64> = told.iter().filter_map(|(_, told)| told.as_ref().ok().copied()).collect();
    if taken.len() == told.len() {
        return Ok(Redirect::to(&format!("/?done={}", list(&taken))).into_response());
    }
    let says = format!("{} of {} were decided", taken.len(), told.len());
    let row =
        |(number, told): (i64, Result<i64, String>)| (number, told.err().unwrap_or_else(|| "Decided.".to_owned()));
    results(&console, &visitor, says, told.into_iter().map(row).collect(), taken)
}

fn results(
    console: &Console,
    visitor: &Visitor,
    says: String,
    rows: Vec<(i64, String)>,
    undo: Vec<i64>,
) -> Result<Response, Problem> {
    let frame = Frame::new(console, visitor, Place::Queue, says.clone());
    page_with(StatusCode::CONFLICT, &Results { frame, says, rows, undo })
}

fn list(numbers: &[i64]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Takes decisions of the visitor's own back.
pub(super) async fn undo(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Problem> {
    let Posted { visitor, fields } = posted;
    visitor.must(Role::Reviewer)?;
    let asked: Vec<i64> = fields.numbers("decision").into_iter().take(MOST_AT_ONCE).collect();
    let mine = console.store().decisions(&asked).await?;
    let mine: Vec<_> = mine.into_iter().filter(|taken| taken.who == visitor.user.full_name).collect();
    if mine.is_empty() {
        return Err(Problem::Odd("There is no decision of yours to take back. Nothing was changed.".to_owned()));
    }
    let numbers: Vec<i64> = mine.iter().map(|taken| taken.decision).collect();
    let who = visitor.user.full_name.clone();
    let undone = console.store().undo(&numbers, who, console.now()).await?;
    if undone.iter().any(|(_, undone)| matches!(undone, Undone::Now { owed: Some(_), .. })) {
        console.parts.owed.notify_one();
    }
    let settings = console.words();
    let rows: Vec<(i64, Result<String, String>)> = undone
        .into_iter()
        .zip(&mine)
        .map(|((_, undone), taken)| (taken.incident, taken_back(&undone, |at| when(at, &settings))))
        .collect();
    let failed = rows.iter().filter(|(_, row)| row.is_err()).count();
    let says = match (rows.len() - failed, rows.len()) {
        (taken, all) if taken == all => "Taken back".to_owned(),
        (taken, all) => format!("{taken} of {all} decisions were taken back"),
    };
    let told = rows.into_iter().map(|(number, row)| (number, row.unwrap_or_else(|why| why))).collect();
    let frame = Frame::new(&console, &visitor, Place::Queue, says.clone());
    let status = if failed == 0 { StatusCode::OK } else { StatusCode::CONFLICT };
    page_with(status, &Results { frame, says, rows: told, undo: Vec::new() })
}

fn taken_back(undone: &Undone, when: impl Fn(crate::clock::Timestamp) -> String) -> Result<String, String> {
    match undone {
        Undone::Now { owed: None, .. } => {
            Ok("It waits for a decision again. Nothing has to be put right at the platform.".to_owned())
        }
        Undone::Now { owed: Some((Act::Show, page)), .. } => {
            Ok(format!("It is shown again on {} within a minute, and waits for a decision.", page.platform.name()))
        }
        Undone::Now { owed: Some((_, page)), .. } => {
            Ok(format!("It is hidden again on {} within a minute, and waits for a decision.", page.platform.name()))
        }
        Undone::Overtaken(earlier) => Err(format!(
            "Not taken back: since then it was {} by {}, and that stands.",
            decided_word(earlier.what),
            earlier.who
        )),
        Undone::Before => Err("It was taken back before.".to_owned()),
        Undone::Deleted => {
            Err("Not taken back: what is deleted at the platform cannot be brought back. Its words are kept here."
                .to_owned())
        }
        Undone::Gone(gone) => {
            Err(format!("Not taken back: the comment was gone from the platform by {}.", when(*gone)))
        }
        Undone::Unknown => Err("There is no such decision.".to_owned()),
    }
}
