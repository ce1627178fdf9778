//! `report`: the manager's report of a month, printed or as files. In: the store, beside a daemon that may be running.
//! Out: text, HTML, CSV or JSON. Not here: counting.

use std::path::Path;

use jiff::civil::Date;

use super::args::{Args, ReportFormat};
use super::audit::{open, say_where, wait, write_all};
use super::run::chain;
use super::{Outcome, Stop, print};
use crate::comment::PageKey;
use crate::config::Needs;
use crate::dossier::month::{Asked, Month};
use crate::policy::Policy;

pub(super) fn report(
    args: &Args,
    month: Option<Date>,
    format: ReportFormat,
    out: Option<&Path>,
) -> Result<Outcome, Stop> {
    let (config, store, now) = open(args, Needs::STORE)?;
    let policy = Policy::load(&config.policies.file(&config.practice.policy))?;
    let zone = config.practice.timezone.clone();
    let first = month.unwrap_or_else(|| Asked::last_month(now, &zone));
    let asked = Asked { practice: config.practice.name.clone(), policy: policy.title, zone, first, now };
    if asked.is_to_come() {
        let what = format!("{} has not begun", asked.first.strftime("%B %Y"));
        return Err(Stop::other(what, "give a month that has, as --month 2026-10"));
    }
    let pages: Vec<PageKey> = config.pages.iter().map(|page| page.key().clone()).collect();
    let rows = wait(store.month(asked.span(), asked.earlier(), &pages))?;
    let month = Month::of(&rows, &asked);
    let mistake = |error: &dyn std::error::Error| Stop::other(chain(error), "this is a mistake in Chaperone");
    let html = || month.paper().to_html().map_err(|error| mistake(&error));
    let json = || serde_json::to_string_pretty(&month).map_err(|error| mistake(&error));
    if let Some(out) = out {
        let forms = [("html", html()?), ("csv", month.to_csv()), ("json", json()?)];
        say_where(&write_all(out, &format!("report-{}", month.month), &forms)?);
        return Ok(Outcome::Done);
    }
    match format {
        ReportFormat::Text => print::line(month.paper().to_text().trim_end()),
        ReportFormat::Html => print::line(html()?.trim_end()),
        ReportFormat::Json => print::line(json()?),
        // Its last line ends as the others do.
        ReportFormat::Csv => print::line(month.to_csv().trim_end_matches('\n')),
    }
    Ok(Outcome::Done)
}
