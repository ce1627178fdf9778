//! `lexicon lint`, `lexicon stats` and `lexicon suggest`: what looks wrong in the words, how they have done, and what
//! people's decisions teach. In: lexicons, and the store beside a daemon that may be running. Out: text or JSON. Not here:
//! finding any of it out (`tuning`).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::args::{Args, Data, Sort, Stats as Asked};
use super::explain::paragraph;
use super::queue::refused;
use super::run::{chain, moment, runtime};
use super::{Outcome, Stop, load_config, print};
use crate::clock::{Clock, Timestamp};
use crate::config::Needs;
use crate::digest::mask;
use crate::lexicon::file::Lexicons;
use crate::rules::{Files, load_staff};
use crate::store::{Error, Store};
use crate::tuning::lint::{self, Experience, Lint};
use crate::tuning::stats::{self, Order, Precision, Row, Stats};
use crate::tuning::suggest::{self, Group, Kind, LEAST_DECIDED, Suggestions};

/// What a lexicon's tuning needs.
struct Desk {
    files: Files,
    lexicons: Lexicons,
}

impl Desk {
    fn open(args: &Args, lexicons: Option<&Path>) -> Result<Self, Stop> {
        let mut files = Files::of(&load_config(args, Needs::RULES)?);
        if let Some(dir) = lexicons {
            dir.clone_into(&mut files.lexicons);
        }
        let lexicons = Lexicons::load(&files.lexicons)?;
        Ok(Self { files, lexicons })
    }
}

fn store(args: &Args) -> Result<Store, Stop> {
    let config = load_config(args, Needs::STORE)?;
    Store::open_beside(&config.store.path, config.store.key.as_ref(), Clock::System.now())
        .map_err(|error| refused(&error))
}

pub(super) fn lint(args: &Args, lexicons: Option<&Path>, format: Data) -> Result<Outcome, Stop> {
    let desk = Desk::open(args, lexicons)?;
    let (staff, _) = load_staff(desk.files.staff.as_ref())?;
    let known = experience(args)?;
    let found = lint::lint(&desk.lexicons, &staff, &desk.files.practice, known.as_ref());
    match format {
        Data::Json => print::line(json(&found)?),
        Data::Text if found.is_empty() => {
            print::line(format_args!("Nothing looks wrong in {} entries.", desk.lexicons.entries.len()));
        }
        Data::Text => print::line(lint_text(&found).trim_end()),
    }
    Ok(if found.is_empty() { Outcome::Done } else { Outcome::Problems })
}

/// What the store says, where there is one: whoever edits words on another machine has none.
fn experience(args: &Args) -> Result<Option<Experience>, Stop> {
    let Ok(store) = store(args) else { return Ok(None) };
    let now = Clock::System.now();
    let read = async {
        let (watched, verdicts) = store.watched().await?;
        let since: BTreeMap<String, Timestamp> =
            store.entries_since().await?.into_iter().filter_map(|(entry, since)| Some((entry, since?))).collect();
        Ok::<_, Error>(Experience { records: store.records(None).await?, since, watched, verdicts, now })
    };
    runtime()?.block_on(read).map(Some).map_err(|error| refused(&error))
}

fn lint_text(found: &[Lint]) -> String {
    let mut out = String::new();
    for Lint { kind, complaint, .. } in found {
        let file = complaint.file.as_ref().map(|file| file.display().to_string()).unwrap_or_default();
        let _ = writeln!(out, "{file}:{}: {}", complaint.line.unwrap_or(0), kind.id());
        paragraph(&mut out, 2, &complaint.what);
        if let Some(help) = &complaint.help {
            paragraph(&mut out, 2, &format!("→ {help}"));
        }
    }
    let _ = writeln!(out, "\n{} {} wrong", found.len(), if found.len() == 1 { "place looks" } else { "places look" });
    out
}

pub(super) fn stats(args: &Args, asked: &Asked) -> Result<Outcome, Stop> {
    let desk = Desk::open(args, None)?;
    let config = load_config(args, Needs::RULES)?;
    let zone = &config.practice.timezone;
    let since = asked.since.as_deref().map(|text| moment(text, zone, "--since")).transpose()?;
    let order = match asked.sort {
        Sort::Found => Order::Found,
        Sort::Precision => Order::Precision,
        Sort::Last => Order::Last,
        Sort::Name => Order::Name,
    };
    let store = store(args)?;
    let told = runtime()?
        .block_on(stats::stats(&store, &desk.lexicons, since, order))
        .map_err(|error| Stop::other(chain(&error), "try again"))?;
    match asked.format {
        Data::Json => print::line(json(&told)?),
        Data::Text => {
            let day = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%-d %b %Y").to_string();
            print::line(stats_text(&told, asked.never, &day).trim_end());
        }
    }
    Ok(Outcome::Done)
}

fn stats_text(stats: &Stats, never: bool, day: &dyn Fn(Timestamp) -> String) -> String {
    let mut out = String::new();
    let since = stats.since.map_or_else(String::new, |since| format!(" since {}", day(since)));
    let _ = writeln!(out, "What entries found{since}, and what people made of it\n");
    let _ = writeln!(
        out,
        "{:<46}{:>6}{:>8}{:>9}{:>8}  {:<17}last found",
        "entry", "found", "upheld", "restored", "removed", "right (95 %)"
    );
    for Row { record, precision, place, .. } in &stats.rows {
        let name = mask::entry(&record.entry, mask::Masking::default());
        let gone = if place.is_none() && is_lexicon(&record.entry) { "  no longer in the lexicons" } else { "" };
        let _ = writeln!(
            out,
            "{name:<46}{:>6}{:>8}{:>9}{:>8}  {:<17}{}{gone}",
            record.found,
            record.upheld,
            record.restored,
            record.removed,
            share(*precision),
            day(record.last)
        );
    }
    let silent = stats.never.len();
    let _ = writeln!(
        out,
        "\n{} entries found something; {silent} of the lexicons' never did{}",
        stats.rows.len(),
        if never || silent == 0 { "." } else { " (--never lists them)." }
    );
    for one in stats.never.iter().filter(|_| never) {
        let _ = writeln!(out, "  {:<46}{}:{}", one.entry, one.place.file.display(), one.place.line);
    }
    out
}

/// Names and identifiers have no entry.
fn is_lexicon(entry: &str) -> bool {
    !["staff/", "identifier/", "picture/"].iter().any(|own| entry.starts_with(own))
}

fn share(precision: Option<Precision>) -> String {
    let percent = |thousandths: u16| (f64::from(thousandths) / 10.0).round();
    precision.map_or_else(
        || "nobody decided".to_owned(),
        |it| format!("{} % ({}–{})", percent(it.share), percent(it.low), percent(it.high)),
    )
}

pub(super) fn suggest(args: &Args, format: Data) -> Result<Outcome, Stop> {
    let desk = Desk::open(args, None)?;
    let (staff, _) = load_staff(desk.files.staff.as_ref())?;
    let store = store(args)?;
    let lessons = runtime()?.block_on(store.lessons()).map_err(|error| Stop::other(chain(&error), "try again"))?;
    let suggestions = suggest::suggest(&lessons, &desk.lexicons, &staff);
    match format {
        Data::Json => print::line(json(&suggestions)?),
        Data::Text => print::line(suggest_text(&suggestions).trim_end()),
    }
    Ok(Outcome::Done)
}

fn suggest_text(suggestions: &Suggestions) -> String {
    let mut out = String::new();
    for group in &suggestions.groups {
        group_text(&mut out, group);
    }
    if suggestions.groups.is_empty() {
        let least = LEAST_DECIDED;
        paragraph(
            &mut out,
            0,
            &format!(
                "There is too little to learn from: no entry and no category has {least} comments that people had shown again \
             and {least} that they said were judged rightly or wanted gone."
            ),
        );
    } else {
        paragraph(
            &mut out,
            0,
            "Nothing was written. Put what convinces you into your lexicons, with examples that you \
            make up, and see with `chaperone backtest` what it would have done.",
        );
    }
    if !suggestions.too_little.is_empty() {
        let _ = writeln!(out, "\nToo few decisions:");
    }
    for few in &suggestions.too_little {
        let _ = writeln!(out, "  {:<46}{} restored, {} upheld", few.name, few.restored, few.upheld);
    }
    out
}

fn group_text(out: &mut String, group: &Group) {
    let _ = writeln!(out, "# {}: {} restored, {} upheld", group.name, group.restored, group.upheld);
    if group.proposals.is_empty() {
        out.push_str("#   no word tells the one from the other surely enough\n");
    }
    for one in &group.proposals {
        let what = match one.kind {
            Kind::Unless => "beside the hit it speaks for a harmless comment",
            Kind::Against => "it speaks for a harmless comment; in points/, or in the entry if that counts points",
            Kind::Phrase => "it speaks for the category; in an entry of its own, with examples",
        };
        let _ = writeln!(out, "# {what}");
        let _ = writeln!(
            out,
            "{}  # in {} of {} restored, {} of {} upheld",
            one.line, one.restored, group.restored, one.upheld, group.upheld
        );
    }
    out.push('\n');
}

fn json(what: &impl serde::Serialize) -> Result<String, Stop> {
    serde_json::to_string_pretty(what).map_err(|error| {
        Stop::other(format!("this cannot be written as JSON: {error}"), "this is a mistake in Chaperone")
    })
}
