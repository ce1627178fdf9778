//! `explain`: the verdict in words, each finding underlined where it stands, and what was seen and let pass.

use std::fmt::Write as _;
use std::io::Read as _;

use super::args::Args;
use super::print;
use super::underline::underline;
use super::{Outcome, Stop, load_rules};
use crate::matcher::{Lack, NearMiss};
use crate::policy::{Action, Alert, Facts, Reason, Verdict, decide};
use crate::rules::Rules;

pub(super) fn explain(args: &Args, text: &str) -> Result<Outcome, Stop> {
    let rules = load_rules(args, None)?;
    let text = if text == "-" { read_stdin()? } else { text.to_owned() };
    print::line(explanation(&rules, text.trim_end_matches(['\n', '\r'])).trim_end());
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

/// Everything there is to say about a comment.
pub(super) fn explanation(rules: &Rules, text: &str) -> String {
    let sight = rules.see(text);
    let policy = rules.policy();
    let facts = Facts { picture_only: text.trim().is_empty(), excepted: sight.excepted };
    let verdict = decide(policy, sight.findings.clone(), facts);
    let mut out = String::new();
    let groups = grouped(&verdict.reasons);
    let marks = (1..)
        .zip(&groups)
        .flat_map(|(number, group)| group.iter().map(move |reason| (number, reason.finding.span.clone())));
    let marks: Vec<_> = marks.collect();
    if facts.picture_only {
        out.push_str("  (no text)\n");
    } else {
        for line in underline(text, &marks) {
            let _ = writeln!(out, "{}", format!("  {line}").trim_end());
        }
    }
    if let Some(read) = &sight.read_as {
        out.push('\n');
        paragraph(&mut out, 2, &format!("Read as: {}", one_line(read)));
    }
    out.push('\n');
    for line in summary(&verdict) {
        paragraph(&mut out, 0, &line);
    }
    for (index, group) in groups.iter().enumerate() {
        let reason = group[0];
        let finding = &reason.finding;
        let picture = finding.entry.starts_with("picture/");
        let sure = format!(", certainty {}, {}", finding.certainty, recognised(finding.how.id()));
        let _ = writeln!(out, "\n{:>3}  {}{}", index + 1, finding.entry, if picture { "" } else { &sure });
        paragraph(&mut out, 5, &reason.clause);
        let rule = if picture { &policy.picture } else { policy.rule(finding.category) };
        paragraph(&mut out, 5, &format!("The rule: {} {}", does(reason.action, reason.alert), rule.why));
        if let Some((_, had)) = sight.lowered.iter().find(|(entry, _)| *entry == finding.entry) {
            let bears = "the rest of the comment does not bear it out, so it counts for less";
            paragraph(&mut out, 5, &format!("By itself its certainty is {had}; {bears}."));
        }
        if let Some(note) = &reason.note {
            let overridden = reason.action > verdict.action;
            paragraph(&mut out, 5, &format!("{}: {note}.", if overridden { "But" } else { "Note" }));
        }
    }
    let unused: Vec<_> = sight
        .findings
        .iter()
        .filter(|finding| !verdict.reasons.iter().any(|reason| reason.finding == **finding))
        .collect();
    if !sight.cancelled.is_empty() || !unused.is_empty() {
        let _ = writeln!(out, "\nSeen and let pass:");
        for (finding, why) in &sight.cancelled {
            let _ = writeln!(out, "  {} “{}”: {why}", finding.entry, one_line(&text[finding.span.clone()]));
        }
        for finding in unused {
            let words = one_line(&text[finding.span.clone()]);
            let _ = writeln!(out, "  {} “{words}”: a cue, too little by itself", finding.entry);
        }
    }
    if !sight.near.is_empty() {
        let _ = writeln!(out, "\nNearly found:");
        for miss in &sight.near {
            paragraph(&mut out, 2, &near(miss, text));
        }
    }
    let _ = writeln!(out, "\nJudged by {}, rules {}.", policy.title, rules.version());
    out
}

/// Reasons of the same entry that come to the same are told once.
fn grouped(reasons: &[Reason]) -> Vec<Vec<&Reason>> {
    let mut groups: Vec<Vec<&Reason>> = Vec::new();
    for reason in reasons {
        let same = |group: &&mut Vec<&Reason>| {
            let key = |reason: &Reason| (reason.finding.certainty, reason.finding.how, reason.action, reason.alert);
            let first = group[0];
            first.finding.entry == reason.finding.entry && key(first) == key(reason) && first.note == reason.note
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(reason),
            None => groups.push(vec![reason]),
        }
    }
    groups
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
