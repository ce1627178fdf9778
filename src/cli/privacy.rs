//! `subject`, `purge` and `processing-record`: what the practice owes to the people whose words it keeps. In: the store,
//! beside a daemon that may be running, and the configuration. Out: sentences and files.

use super::args::{Args, Format, SubjectCommand};
use super::audit::{open, say_where, wait, write_both};
use super::run::chain;
use super::{Outcome, Stop, load_config, print};
use crate::clock::Clock;
use crate::config::{Config, Needs};
use crate::digest::view::category_name;
use crate::dossier::{person, processing};
use crate::store::{Person, Purged, Store};

pub(super) fn subject(args: &Args, command: &SubjectCommand) -> Result<Outcome, Stop> {
    let (config, store, now) = open(args, Needs::STORE)?;
    let (SubjectCommand::Export { who, .. } | SubjectCommand::Erase { who, .. }) = command;
    let Some(one) = the_one(&config, &store, who)? else { return Ok(Outcome::Problems) };
    match command {
        SubjectCommand::Export { by, out, .. } => {
            let (exemption, steps) = wait(store.standing(&one))?;
            let about = person::About {
                exemption: exemption.as_ref(),
                steps: &steps,
                practice: &config.practice.name,
                contact: config.privacy.contact.as_deref(),
                terms: &config.retention,
                zone: &config.practice.timezone,
                now,
            };
            let statements = wait(store.statements(&one))?;
            let paper = person::paper(&one, &statements, about);
            let files = write_both(out, "personal-data", &paper, &person::json(&one, &statements, about))?;
            let detail = serde_json::json!({ "comments": one.comments() });
            wait(store.audit(now, "subject.exported", Some(by.clone()), detail))?;
            say_where(&files);
            print::line(
                "Read them before you hand them out: a program does not know every way in which people are told apart.",
            );
        }
        SubjectCommand::Erase { by, dry_run, .. } => {
            let erasure =
                if *dry_run { wait(store.erasable(&one))? } else { wait(store.erase(&one, by.clone(), now))? };
            let done = if *dry_run { "would be erased" } else { "erased" };
            print::line(format_args!("{} {done}.", comments(erasure.erased as u64)));
            if erasure.held > 0 {
                print::line(format_args!(
                    "{} kept: a legal hold; see `chaperone audit holds`.",
                    comments(erasure.held as u64)
                ));
            }
            if erasure.owed > 0 {
                let owed = comments(erasure.owed as u64);
                print::line(format_args!(
                    "{owed} kept: something is still to be done at the platform; erase again when it is."
                ));
            }
            if !dry_run {
                print::line(
                    "Nothing changed at the platform. Digests, case packs and backups made before are not in the store: erase them too.",
                );
            }
            if erasure.held + erasure.owed > 0 {
                return Ok(Outcome::Problems);
            }
        }
    }
    Ok(Outcome::Done)
}

/// The person who is meant; where several could be, they are listed.
fn the_one(config: &Config, store: &Store, who: &str) -> Result<Option<Person>, Stop> {
    let mut people = wait(store.people(who.to_owned()))?;
    if people.len() == 1 {
        return Ok(people.pop());
    }
    if people.is_empty() {
        print::note(format_args!(
            "nobody called \"{}\" is kept; write the name as it stands beside the comments, or the platform's id of the author",
            who.trim()
        ));
        return Ok(None);
    }
    print::note(format_args!("{} people could be meant; name one by the platform's id:", people.len()));
    for person in &people {
        let day = |at: crate::clock::Timestamp| {
            at.to_zoned(config.practice.timezone.clone()).strftime("%-d %b %Y").to_string()
        };
        let id = person
            .author
            .id
            .as_ref()
            .map_or("no id, so this one cannot be told apart by the platform", |id| id.as_str());
        print::note(format_args!(
            "  {id}: {}, {}, {} to {}",
            person.page,
            comments(person.comments() as u64),
            day(person.first),
            day(person.last)
        ));
    }
    Ok(None)
}

fn comments(count: u64) -> String {
    if count == 1 { "1 comment".to_owned() } else { format!("{count} comments") }
}

pub(super) fn purge(args: &Args, dry_run: bool, by: Option<&str>) -> Result<Outcome, Stop> {
    let (config, store, now) = open(args, Needs::STORE)?;
    let purged = if dry_run {
        wait(store.due_for_erasure(config.retention, now))?
    } else {
        wait(store.purge(config.retention, by.map(ToOwned::to_owned), now))?
    };
    print::line(account(&purged, dry_run));
    Ok(Outcome::Done)
}

fn account(purged: &Purged, dry_run: bool) -> String {
    let done = if dry_run { "would be erased" } else { "erased" };
    let mut lines = vec![format!("{} {done}.", comments(purged.comments))];
    if purged.nothing_found > 0 {
        lines.push(format!("  {:>6}  in which nothing was found", purged.nothing_found));
    }
    for (&category, count) in &purged.by_category {
        lines.push(format!("  {count:>6}  {}", category_name(category)));
    }
    if purged.authors > 0 {
        lines.push(format!("{} notes about authors (steps of the ladder, ended exemptions) {done}.", purged.authors));
    }
    if purged.watch > 0 {
        lines.push(format!("{} notes about polls, gaps and the watch {done}.", purged.watch));
    }
    if purged.held > 0 {
        lines.push(format!("{} kept: a legal hold; see `chaperone audit holds`.", comments(purged.held)));
    }
    if purged.owed > 0 {
        lines.push(format!("{} kept: something is still to be done at the platform.", comments(purged.owed)));
    }
    lines.join("\n")
}

pub(super) fn processing_record(args: &Args, format: Format) -> Result<Outcome, Stop> {
    let config = load_config(args, Needs::EVERYTHING)?;
    let now = Clock::System.now();
    let paper = processing::paper(&config, now);
    let text = match format {
        Format::Text => paper.to_text(),
        Format::Html => {
            paper.to_html().map_err(|error| Stop::other(chain(&error), "this is a mistake in Chaperone"))?
        }
        Format::Json => format!("{:#}", processing::json(&config, now)),
    };
    print::line(text.trim_end());
    Ok(Outcome::Done)
}
