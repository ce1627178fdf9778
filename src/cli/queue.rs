//! `queue`: what still needs a person, one incident with its history, and who has taken what in hand. In: the store,
//! beside a daemon that may be running. Out: masked words, unless the whole is asked for. Not here: deciding an incident
//! (`decide`).

use std::fmt::Write as _;
use std::ops::Range;

use super::args::Args;
use super::explain::{does, paragraph, recognised};
use super::run::{chain, runtime};
use super::underline::underline;
use super::{Outcome, Stop, load_config, print};
use crate::clock::{Clock, Timestamp};
use crate::config::{Config, Needs};
use crate::daemon::digest_settings;
use crate::digest::{Item, Settings, needs_human};
use crate::dossier::happened;
use crate::store::{Acknowledged, AlertState, Event, Mode, Queued, Store};

pub(super) fn list(args: &Args) -> Result<Outcome, Stop> {
    let desk = Desk::open(args)?;
    let mut queue = runtime()?.block_on(desk.store.unattended()).map_err(|error| refused(&error))?;
    queue.retain(|queued| needs_human(&queued.incident) || queued.alert != AlertState::Digest);
    if queue.is_empty() {
        print::line("Nothing waits for a person.");
        return Ok(Outcome::Done);
    }
    let words = Words { settings: &desk.settings };
    for queued in &queue {
        print::line(words.entry(queued));
    }
    let number = queue.first().map_or(0, |first| first.incident.number);
    print::line(format_args!(
        "{} for a person. Who has one in hand says so:\n  {} queue acknowledge {number} --by \"your name\"",
        if queue.len() == 1 { "1 incident waits".to_owned() } else { format!("{} incidents wait", queue.len()) },
        desk.settings.command,
    ));
    Ok(Outcome::Done)
}

pub(super) fn show(args: &Args, number: i64, unmasked: bool) -> Result<Outcome, Stop> {
    let desk = Desk::open(args)?;
    let (queued, history) = runtime()?
        .block_on(async { Ok((desk.store.queued(number).await?, desk.store.history(number).await)) })
        .map_err(|error| refused(&error))?;
    let Some(queued) = queued else {
        print::note(unknown(number));
        return Ok(Outcome::Problems);
    };
    let history = history.map_err(|error| refused(&error))?;
    let words = Words { settings: &desk.settings };
    print::line(words.whole(&queued, &history, unmasked).trim_end());
    Ok(Outcome::Done)
}

pub(super) fn acknowledge(args: &Args, numbers: &[i64], by: &str) -> Result<Outcome, Stop> {
    let desk = Desk::open(args)?;
    let done = runtime()?
        .block_on(desk.store.acknowledge(&each_once(numbers), by.to_owned(), Clock::System.now()))
        .map_err(|error| refused(&error))?;
    let words = Words { settings: &desk.settings };
    let mut outcome = Outcome::Done;
    for (number, became) in done {
        match became {
            Acknowledged::Now => print::line(format_args!("#{number} is acknowledged by {by} and is not repeated.")),
            Acknowledged::Before { by, at } => {
                print::note(format_args!("#{number} was acknowledged before, by {by}, on {}", words.moment(at)));
                outcome = Outcome::Problems;
            }
            Acknowledged::Unknown => {
                print::note(unknown(number));
                outcome = Outcome::Problems;
            }
        }
    }
    Ok(outcome)
}

pub(super) fn each_once(numbers: &[i64]) -> Vec<i64> {
    let mut once: Vec<i64> = Vec::new();
    for &number in numbers {
        if !once.contains(&number) {
            once.push(number);
        }
    }
    once
}

pub(super) fn unknown(number: i64) -> String {
    format!("there is no incident #{number}; the digest, alerts and `chaperone queue list` show the numbers")
}

/// The store and how the practice wants to read.
pub(super) struct Desk {
    pub(super) store: Store,
    pub(super) settings: Settings,
    pub(super) mode: Mode,
}

impl Desk {
    /// Whoever stops an alert must not be stopped by a mistake in a policy or a draft, so neither is read.
    pub(super) fn open(args: &Args) -> Result<Self, Stop> {
        let config: Config = load_config(args, Needs::STORE)?;
        let settings = digest_settings(&config, "", Vec::new());
        let store = Store::open_beside(&config.store.path, config.store.key.as_ref(), Clock::System.now())
            .map_err(|error| refused(&error))?;
        Ok(Self { store, settings, mode: config.practice.mode })
    }
}

pub(super) fn refused(error: &crate::store::Error) -> Stop {
    Stop::other(
        chain(error),
        "the daemon makes the store when it runs for the first time; run this as the user whose store it is, or with sudo",
    )
}

/// How incidents read in a terminal.
pub(super) struct Words<'a> {
    pub(super) settings: &'a Settings,
}

impl Words<'_> {
    /// A few lines for the list.
    fn entry(&self, queued: &Queued) -> String {
        let (incident, item) = (&queued.incident, Item::of(&queued.incident, self.settings));
        let mut out = format!("#{:<6}{} – {}\n", item.number, headline(&item), item.when.local);
        paragraph(&mut out, 7, &format!("{}, on page {}", item.by(), incident.page.id));
        paragraph(&mut out, 7, &format!("“{}”", item.excerpt));
        paragraph(&mut out, 7, &format!("Outcome: {}. {}", item.outcome, self.alert(&queued.alert)));
        out
    }

    /// Everything about one.
    fn whole(&self, queued: &Queued, history: &[Event], unmasked: bool) -> String {
        let (incident, item) = (&queued.incident, Item::of(&queued.incident, self.settings));
        let mut out = format!("#{:<6}{} – {}\n", item.number, headline(&item), item.when.local);
        if unmasked {
            bare(queued, &item, &mut out);
        } else {
            let _ = writeln!(out, "{}, on page {}\n", item.by(), incident.page.id);
            paragraph(&mut out, 2, &format!("“{}”", item.excerpt));
        }
        if !item.carried.is_empty() {
            let _ = writeln!(out, "  With: {}", item.carried.join(", "));
        }
        let _ = writeln!(out);
        paragraph(&mut out, 0, &format!("Outcome: {}.", item.outcome));
        if let Some(note) = &item.note {
            paragraph(&mut out, 0, &format!("Note: {note}"));
        }
        paragraph(&mut out, 0, &self.alert(&queued.alert));
        if let Some(step) = incident.author_step {
            let more = format!("`author show {}` says more", item.number);
            paragraph(&mut out, 0, &format!("Author ladder: {}; {more}.", step.name()));
        }
        if !item.tell.is_empty() {
            paragraph(&mut out, 0, &format!("Tell: {}.", item.tell.join(", ")));
        }
        if !incident.verdict.drafts.is_empty() {
            paragraph(&mut out, 0, &format!("Drafts: {}.", incident.verdict.drafts.join(", ")));
        }
        if incident.verdict.report {
            out.push_str("To be reported to the platform by a person.\n");
        }
        if let Some(link) = &item.link {
            let _ = writeln!(out, "{link}");
        }
        reasons(queued, &mut out);
        let _ = writeln!(out, "\nWhat happened:");
        for event in history {
            let what = happened(&event.what, event.who.as_deref(), unmasked);
            let _ = writeln!(out, "  {}  {what}", self.moment(event.at));
        }
        if !unmasked {
            out.push_str("\nIdentifiers and names are masked; --unmasked shows everything as it was written.\n");
        }
        out
    }

    fn alert(&self, alert: &AlertState) -> String {
        match alert {
            AlertState::Digest => "Told in the digest.".to_owned(),
            AlertState::Due => "To be told at once; not sent yet.".to_owned(),
            AlertState::Sent { times, last, again } => {
                let times = if *times == 1 { "once".to_owned() } else { format!("{times} times") };
                let again = again.map(|again| format!(", and again on {}", self.moment(again))).unwrap_or_default();
                format!(
                    "Told at once: sent {times}, last on {}{again}; nobody has acknowledged it.",
                    self.moment(*last)
                )
            }
            AlertState::Acknowledged { by, at } => format!("Acknowledged by {by} on {}.", self.moment(*at)),
        }
    }

    pub(super) fn moment(&self, at: Timestamp) -> String {
        at.to_zoned(self.settings.zone.clone()).strftime("%a %-d %b %Y, %H:%M").to_string()
    }
}

/// Who wrote it and every word of it, findings underlined and numbered as the reasons are.
fn bare(queued: &Queued, item: &Item, out: &mut String) {
    let incident = &queued.incident;
    let name = incident.author.name.as_ref().map_or("unknown author", |name| name.expose());
    let id = incident.author.id.as_ref().map(|id| format!(" (id {})", id.as_str())).unwrap_or_default();
    let by = format!("{} by {name}{id}, on page {}, comment {}", item.what, incident.page.id, incident.comment);
    for line in underline(&by, &[]) {
        let _ = writeln!(out, "{line}");
    }
    let _ = writeln!(out);
    if incident.text.is_blank() {
        out.push_str("  (no words)\n");
        return;
    }
    let reasons = incident.verdict.reasons.iter();
    let spans: Vec<(usize, Range<usize>)> = (1..).zip(reasons.map(|reason| reason.finding.span.clone())).collect();
    for line in underline(incident.text.expose(), &spans) {
        let _ = writeln!(out, "{}", format!("  {line}").trim_end());
    }
}

fn headline(item: &Item) -> String {
    if item.is_grave() { item.headline.to_uppercase() } else { item.headline.clone() }
}

fn reasons(queued: &Queued, out: &mut String) {
    for (index, reason) in queued.incident.verdict.reasons.iter().enumerate() {
        let finding = &reason.finding;
        let sure = format!(", certainty {}, {}", finding.certainty, recognised(finding.how.id()));
        let sure = if finding.entry.starts_with("picture/") { "" } else { &sure };
        let _ = writeln!(out, "\n{:>3}  {}{sure}", index + 1, finding.entry);
        paragraph(out, 5, &reason.clause);
        paragraph(out, 5, &format!("The rule: {}", does(reason.action, reason.alert)));
        if let Some(note) = &reason.note {
            paragraph(out, 5, &format!("Note: {note}."));
        }
    }
}
