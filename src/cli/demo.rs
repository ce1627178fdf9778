//! `demo`: shows the day while it is played, in colour on a terminal and plainly elsewhere, and what came of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::print::{self, Paint};
use super::run::{chain, runtime};
use super::{Outcome, Stop};
use crate::clock::Timestamp;
use crate::daemon::{Signal, Signals};
use crate::demo::{self, Happening, Summary};
use crate::digest::{Masking, mask};
use crate::policy::{Action, Alert};
use crate::store::report::{Incident, OutcomeState};

/// At this pace a day takes about a minute.
const PACE: Duration = Duration::from_millis(90);

pub(super) fn demo(once: bool, out: Option<&Path>) -> Result<Outcome, Stop> {
    let out = match out {
        Some(out) => out.to_owned(),
        None => fresh_dir()?,
    };
    let paint = Paint::for_stdout();
    let pace = if once { Duration::ZERO } else { PACE };
    let played = runtime()?.block_on(async {
        let (summary, evening) = demo::play(&out, pace, &mut |happening, now| show(&happening, now, paint)).await?;
        summarise(&summary, paint);
        if !once && let Some(console) = evening.console.clone() {
            invite(&console, paint);
            evening.stay(interrupted()).await;
        }
        Ok(())
    });
    match played {
        Ok(()) => Ok(Outcome::Done),
        Err(demo::Error::Config(complaints)) => Err(Stop::Complaints(complaints)),
        Err(demo::Error::Daemon(error)) => Err(super::run::stop(error)),
        Err(error) => Err(Stop::other(chain(&error), "give another directory with --out, or report this")),
    }
}

/// Ctrl-C, or what a service manager sends.
async fn interrupted() {
    if let Ok(mut signals) = Signals::listen() {
        while signals.next().await != Signal::Stop {}
    }
}

fn invite(console: &str, paint: Paint) {
    print::line("");
    print::line(paint.bold("The team's page stays open"));
    print::line(format_args!(
        "  {console}\n  Sign in as {} with the password “{}”. Decide about what is left: it is done on the simulated\n  pages within a second. Ctrl-C ends it.",
        demo::USER,
        demo::PASSWORD
    ));
}

fn fresh_dir() -> Result<PathBuf, Stop> {
    let made = tempfile::Builder::new().prefix("chaperone-demo-").tempdir();
    made.map(tempfile::TempDir::keep).map_err(|error| {
        Stop::other(format!("cannot make a directory for the digest: {error}"), "give one with --out DIR")
    })
}

fn show(happening: &Happening<'_>, now: Timestamp, paint: Paint) {
    let time = now.to_zoned(london()).strftime("%H:%M").to_string();
    let time = paint.dim(&time);
    match happening {
        Happening::Started { pages, practice, policy, console } => {
            print::line(paint.bold(&format!("A day on the pages of {practice}")));
            print::line(format_args!(
                "Simulated {}; everything else is the real program, in enforce mode.\nJudged by the policy {policy}. Nothing leaves this machine.\n",
                pages.join(", ")
            ));
            if let Some(console) = console {
                print::line(format_args!(
                    "The team's page is open meanwhile: {console} (name {}, password “{}”)\n",
                    demo::USER,
                    demo::PASSWORD
                ));
            }
        }
        Happening::Judged(incident) => print::line(format_args!("{time}  {}", judged(incident, paint))),
        Happening::Settled(incident) => print::line(format_args!("{time}  {}", settled(incident, paint))),
        Happening::Noticed(notice) => print::line(format_args!("{time}  {} {}", paint.yellow("notice"), notice.text)),
        Happening::Down(page, why) => {
            print::line(format_args!("{time}  {} {}: {why}", paint.red("cannot read"), page.platform.name()));
        }
        Happening::Up(page) => {
            print::line(format_args!("{time}  {} {}", paint.green("reads again"), page.platform.name()));
        }
    }
}

fn judged(incident: &Incident, paint: Paint) -> String {
    let verdict = &incident.verdict;
    let words = mask::excerpt(&incident.text, verdict, Masking::default());
    let words =
        if words.is_empty() { "(a picture without text)".to_owned() } else { format!("“{}”", short(&words)) };
    let categories: Vec<&str> = verdict.categories.iter().map(|category| category.id()).collect();
    let categories = if categories.is_empty() { "picture".to_owned() } else { categories.join(", ") };
    let urgent = if verdict.alert == Alert::Now { paint.red(" people told at once") } else { String::new() };
    format!(
        "{} #{:<3} {:<9} {words}\n              {categories}{urgent}",
        action(verdict.action, paint),
        incident.number,
        incident.page.platform.name(),
    )
}

fn action(action: Action, paint: Paint) -> String {
    match action {
        Action::Allow => paint.green("leave   "),
        Action::Escalate => paint.yellow("escalate"),
        Action::Hide => paint.yellow("hide    "),
        Action::Delete => paint.red("delete  "),
    }
}

fn settled(incident: &Incident, paint: Paint) -> String {
    let outcome = &incident.outcome;
    let done = match (outcome.state, outcome.achieved) {
        (OutcomeState::Dead, _) => paint.red("could not be done"),
        (OutcomeState::Already, _) => paint.green("was done already"),
        (_, Some(Action::Delete)) => paint.green("deleted, and seen to be gone"),
        (_, Some(Action::Hide)) => paint.green("hidden, and seen to be hidden"),
        _ => paint.yellow("left to a person"),
    };
    let note = outcome.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
    format!("         #{:<3} {done}{note}", incident.number)
}

fn short(text: &str) -> String {
    const MOST: usize = 90;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(MOST).collect();
    format!("{} …", cut.rsplit_once(' ').map_or(cut.as_str(), |(before, _)| before))
}

fn summarise(summary: &Summary, paint: Paint) {
    let incidents = &summary.period.incidents;
    let achieved =
        |action: Action| incidents.iter().filter(|incident| incident.outcome.achieved == Some(action)).count();
    let escalated = incidents.iter().filter(|incident| incident.verdict.action == Action::Escalate).count();
    let told = incidents.iter().filter(|incident| incident.verdict.alert == Alert::Now).count();
    let dead = incidents.iter().filter(|incident| incident.outcome.state == OutcomeState::Dead).count();
    print::line("");
    print::line(paint.bold("The day is over"));
    print::line(format_args!(
        "  {:>4}  comments judged, {} of them without anything to say",
        summary.period.judged, summary.period.without_reason
    ));
    print::line(format_args!("  {:>4}  deleted, with the evidence kept", achieved(Action::Delete)));
    print::line(format_args!("  {:>4}  hidden", achieved(Action::Hide)));
    print::line(format_args!("  {escalated:>4}  left up for a person to decide"));
    print::line(format_args!("  {told:>4}  told to people at once"));
    if dead > 0 {
        print::line(format_args!("  {dead:>4}  could not be done and are left to a person"));
    }
    print::line(format_args!("  {:>4}  calls to the platforms, {} of them writes", summary.requests, summary.writes));
    why(incidents, paint);
    where_it_lies(&summary.files, paint);
}

/// What was done and why, clause by clause.
fn why(incidents: &[Incident], paint: Paint) {
    let mut clauses: std::collections::BTreeMap<(&str, &str), usize> = std::collections::BTreeMap::new();
    for incident in incidents.iter().filter(|incident| incident.verdict.action >= Action::Hide) {
        for reason in incident.verdict.reasons.iter().filter(|reason| reason.action == incident.verdict.action) {
            *clauses.entry((incident.verdict.action.id(), reason.clause.as_str())).or_default() += 1;
        }
    }
    let mut rows: Vec<_> = clauses.into_iter().collect();
    rows.sort_by_key(|&((action, clause), count)| (action, std::cmp::Reverse(count), clause));
    print::line("");
    print::line(paint.bold("What it rested on"));
    for ((action, clause), count) in rows {
        print::line(format_args!("  {count:>4}  {action:<7} {clause}"));
    }
}

fn where_it_lies(files: &[PathBuf], paint: Paint) {
    print::line("");
    print::line(paint.bold("The digest that the team would have got"));
    for file in files.iter().filter(|file| file.to_string_lossy().contains("-digest.")) {
        print::line(format_args!("  {}", file.display()));
    }
    let alerts = files.iter().filter(|file| file.to_string_lossy().contains("-alert")).count();
    if alerts > 0 {
        print::line(format_args!("  and {alerts} files of alerts beside it"));
    }
}

/// The simulated practice's own clock on the wall.
fn london() -> TimeZone {
    TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC)
}
