//! `alert test`: whether alerts reach people, tried before they have to. In: the configuration. Out: a line for each way,
//! with what came of every message. Not here: real alerts; the daemon tells those.

use super::args::Args;
use super::run::{chain, runtime};
use super::{Outcome, Stop, load_config, print};
use crate::clock::Clock;
use crate::config::Needs;
use crate::daemon::{alert_ways, digest_settings};
use crate::digest::herald::{Rehearsed, try_ways};
use crate::policy::Policy;

pub(super) fn test(args: &Args, to_all: bool) -> Result<Outcome, Stop> {
    let config = load_config(args, Needs { pages: false, secrets: true, store: false })?;
    let policy = Policy::load(&config.policies.file(&config.practice.policy))?;
    let settings = digest_settings(&config, &policy.title, Vec::new());
    let mut ways = alert_ways(&config);
    let closed = ways.iter().filter(|(_, closed)| *closed).count();
    ways.retain(|(_, closed)| to_all || !closed);
    let rehearsed = runtime()?
        .block_on(try_ways(&ways, &settings, &policy, Clock::System.now()))
        .map_err(|error| Stop::other(chain(&error), "this is a mistake in Chaperone"))?;
    for way in &rehearsed {
        show(way);
    }
    if !to_all && closed > 0 {
        let ways = if closed == 1 { "1 way that is used" } else { "the ways that are used" };
        print::line(format_args!("Not tried: {ways} while the practice is closed; add --to-all."));
    }
    if config.mail.is_none() {
        print::line("No mail server is configured, so alerts become files; write a section [mail] to have them sent.");
    }
    let failed = rehearsed.iter().flat_map(|way| &way.outcomes).any(|(_, outcome)| !is_well(outcome));
    Ok(if failed { Outcome::Problems } else { Outcome::Done })
}

fn is_well(outcome: &Result<crate::digest::Sent, crate::digest::DeliverError>) -> bool {
    outcome.as_ref().is_ok_and(|sent| sent.missed == 0)
}

fn show(way: &Rehearsed) {
    let closed = if way.out_of_hours { ", while the practice is closed" } else { "" };
    let well = way.outcomes.iter().filter(|(_, outcome)| is_well(outcome)).count();
    print::line(format_args!("{}{closed}: {well} of {} test messages were taken.", way.way, way.outcomes.len()));
    for (subject, outcome) in &way.outcomes {
        match outcome {
            Ok(sent) if sent.missed > 0 => {
                print::line(format_args!("  {} did not get \"{subject}\": correct their addresses", sent.missed));
            }
            Ok(_) => {}
            Err(error) => print::line(format_args!("  \"{subject}\" was not sent: {}", chain(error))),
        }
    }
}
