//! `explain`: the verdict in words, each finding underlined where it stands, and what was seen and let pass.

use std::fmt::Write as _;
use std::io::Read as _;

use super::args::Args;
use super::print;
use super::underline::underline;
use super::{Outcome, Stop, load_rules};
use crate::matcher::{Lack, NearMiss};
use crate::policy::{Action, Alert, Verdict};
use crate::rules::explain::{self, Explained, Group, Passed};

pub(super) fn explain(args: &Args, text: &str) -> Result<Outcome, Stop> {
    let rules = load_rules(args, None)?;
    let text = if text == "-" { read_stdin()? } else { text.to_owned() };
    let text = text.trim_end_matches(['\n', '\r']);
    print::line(explanation(&explain::explain(&rules, text), text).trim_end());
    Ok(Outcome::Done)
}

fn read_stdin() -> Result<String, Stop> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).map_err(|error| Stop::Other {
        what: format!("cannot read standard input: {error}"),
        help: "give the comment as an argument, in quotation marks".to_owned(),
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Everything there is to say about a comment, in words.
pub(super) fn explanation(explained: &Explained, text: &str) -> String {
    let mut out = String::new();
    if explained.no_text {
        out.push_str("  (no text)\n");
    } else {
        let marks = (1..).zip(&explained.groups);
        let marks: Vec<_> =
            marks.flat_map(|(number, group)| group.places.iter().map(move |place| (number, place.clone()))).collect();
        for line in underline(text, &marks) {
            let _ = writeln!(out, "{}", format!("  {line}").trim_end());
        }
    }
    if let Some(read) = &explained.read_as {
        out.push('\n');
        paragraph(&mut out, 2, &format!("Read as: {}", one_line(read.expose())));
    }
    out.push('\n');
    for line in summary(&explained.verdict) {
        paragraph(&mut out, 0, &line);
    }
    for (number, group) in (1..).zip(&explained.groups) {
        reason(&mut out, number, group);
    }
    if !explained.passed.is_empty() {
        let _ = writeln!(out, "\nSeen and let pass:");
        for Passed { entry, place, why, .. } in &explained.passed {
            let _ = writeln!(out, "  {entry} “{}”: {why}", one_line(&text[place.clone()]));
        }
    }
    if !explained.near.is_empty() {
        let _ = writeln!(out, "\nNearly found:");
        for miss in &explained.near {
            paragraph(&mut out, 2, &near(miss, text));
        }
    }
    let _ = writeln!(out, "\nJudged by {}, rules {}.", explained.policy, explained.rules_version);
    out
}

fn reason(out: &mut String, number: usize, group: &Group) {
    let sure = format!(", certainty {}, {}", group.certainty, recognised(group.how.id()));
    let _ = writeln!(out, "\n{number:>3}  {}{}", group.entry, if group.is_picture() { "" } else { &sure });
    paragraph(out, 5, &group.clause);
    paragraph(out, 5, &format!("The rule: {} {}", does(group.action, group.alert), group.why));
    if let Some(had) = group.had {
        let bears = "the rest of the comment does not bear it out, so it counts for less";
        paragraph(out, 5, &format!("By itself its certainty is {had}; {bears}."));
    }
    if let Some(note) = &group.note {
        paragraph(out, 5, &format!("{}: {note}.", if group.overridden { "But" } else { "Note" }));
    }
}

/// What an entry lacks to have found something.
fn near(miss: &NearMiss, text: &str) -> String {
    let words: Vec<String> = miss.there.iter().map(|at| format!("“{}”", one_line(&text[at.clone()]))).collect();
    let there = words.join(", ");
    match &miss.lack {
        Lack::Points(have, need) => format!("{}: {have} of the {need} points it needs, by {there}", miss.entry),
        Lack::Order => format!("{}: {there} are there, but in another order or too far apart", miss.entry),
        Lack::Word(any) => {
            format!("{}: {there} are there; a word is missing such as “{}”", miss.entry, any.join("”, “"))
        }
    }
}

/// Widest line of prose, in characters.
const WIDTH: usize = 96;

/// Prose in lines that a terminal need not break.
pub(super) fn paragraph(out: &mut String, indent: usize, text: &str) {
    for line in print::wrapped(text, WIDTH - indent) {
        let _ = writeln!(out, "{:indent$}{line}", "");
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn summary(verdict: &Verdict) -> Vec<String> {
    if verdict.reasons.is_empty() {
        return vec!["Verdict: left alone. Nothing was found that the policy speaks of.".to_owned()];
    }
    let mut out = format!("Verdict: {}", does(verdict.action, verdict.alert));
    if !verdict.tell.is_empty() {
        let _ = write!(out, " Told: {}.", verdict.tell.join(", "));
    }
    if verdict.report {
        out.push_str(" To be reported to the platform by a person.");
    }
    if !verdict.drafts.is_empty() {
        let _ = write!(out, " Drafts: {}.", verdict.drafts.join(", "));
    }
    let names: Vec<&str> = verdict.categories.iter().map(|category| category.id()).collect();
    let categories = format!("Categories: {}", names.join(", "));
    if names.is_empty() { vec![out] } else { vec![out, categories] }
}

pub(super) fn does(action: Action, alert: Alert) -> String {
    let action = match action {
        Action::Allow => "left up",
        Action::Escalate => "left up, for a person to decide",
        Action::Hide => "hidden",
        Action::Delete => "deleted, with the evidence kept",
    };
    let alert = match alert {
        Alert::None => "",
        Alert::Digest => "; in the digest",
        Alert::Now => "; people are told at once",
    };
    format!("{action}{alert}.")
}

pub(super) fn recognised(how: &str) -> &'static str {
    match how {
        "folded" => "seen through a disguise",
        "fuzzy" => "nearly: a slip or another spelling",
        "identifier" => "an identifier",
        "name" => "a name",
        _ => "as written",
    }
}
