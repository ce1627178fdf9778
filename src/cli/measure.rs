//! `measure`: labelled comments in, how often the rules are right out; with `--misses`, where they are not.
//! `lexicon stats`: the same for every entry.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::args::Args;
use super::{Outcome, Stop, load_config, load_rules, print};
use crate::comment::Comment;
use crate::config::Needs;
use crate::lexicon::complaint::Complaints;
use crate::lexicon::file::Lexicons;
use crate::measure::{Labelled, Part, Score, Scores, entry_scores, share};
use crate::policy::Verdict;
use crate::rules::Files;

pub(super) fn measure(args: &Args, files: &[PathBuf], policy: Option<&str>, misses: bool) -> Result<Outcome, Stop> {
    let rules = load_rules(args, policy)?;
    let rows = read(files)?;
    let (mut all, mut hard) = (Scores::default(), Scores::default());
    let mut ordinary = Scores::default();
    for row in &rows {
        let verdict = rules.judge(&Comment::of_text(&row.text));
        if misses && !agrees(row, &verdict) {
            print::line(difference(row, &verdict));
        }
        all.count(row, &verdict);
        if row.hard { &mut hard } else { &mut ordinary }.count(row, &verdict);
    }
    print::line(table(&all, &ordinary, &hard));
    Ok(Outcome::Done)
}

/// `lexicon stats`: which entries are right, which are not, and which never find anything.
pub(super) fn stats(args: &Args, files: &[PathBuf], never: bool) -> Result<Outcome, Stop> {
    let rules = load_rules(args, None)?;
    let rows = read(files)?;
    let judged: Vec<_> = rows.iter().map(|row| (row, rules.look(&row.text).findings)).collect();
    let lexicons = Lexicons::load(&Files::of(&load_config(args, Needs::RULES)?).lexicons)?;
    let entries = lexicons.entries.iter().map(|entry| (entry.name.as_str(), entry.certainty));
    let (found, silent): (Vec<_>, Vec<_>) =
        entry_scores(entries, &judged).into_iter().partition(|score| score.found.all > 0);
    print::line(format_args!("{:<50} {:<9}{:>6}{:>7}", "entry", "certainty", "found", "wrong"));
    for score in &found {
        let wrong = score.found.all - score.found.of;
        let remark = if score.overstates() { "  right less often than its certainty promises" } else { "" };
        let certainty = score.certainty.id();
        print::line(format_args!("{:<50} {certainty:<9}{:>6}{wrong:>7}{remark}", score.entry, score.found.all));
    }
    let overstating = found.iter().filter(|score| score.overstates()).count();
    print::line(format_args!(
        "\n{} entries found something in {} comments; {overstating} of them are right less often than their certainty \
         promises; {} found nothing",
        found.len(),
        rows.len(),
        silent.len()
    ));
    for score in silent.iter().filter(|_| never) {
        print::line(format_args!("  {}", score.entry));
    }
    Ok(Outcome::Done)
}

/// Labelled comments of several files; all mistakes at once.
pub(super) fn read(files: &[PathBuf]) -> Result<Vec<Labelled>, Stop> {
    let (mut rows, mut complaints) = (Vec::new(), Complaints::new());
    for file in files {
        let source = std::fs::read_to_string(file).map_err(|error| {
            let help = "name a file with one labelled comment a line, as `measure --help` shows";
            Stop::other(format!("cannot read {}: {error}", file.display()), help)
        })?;
        match Labelled::parse(&source, file) {
            Ok(read) => rows.extend(read),
            Err(list) => complaints.extend(list),
        }
    }
    Ok(complaints.or(rows)?)
}

fn agrees(row: &Labelled, verdict: &Verdict) -> bool {
    row.labels == verdict.categories
}

fn difference(row: &Labelled, verdict: &Verdict) -> String {
    let mut out = format!("{}  {}\n", row.id, row.text.split_whitespace().collect::<Vec<_>>().join(" "));
    for label in row.labels.iter().filter(|label| !verdict.categories.contains(label)) {
        let _ = writeln!(out, "      missing  {label}");
    }
    for finding in verdict.reasons.iter().map(|reason| &reason.finding) {
        if !row.labels.contains(&finding.category) {
            let words = row.text.get(finding.span.clone()).unwrap_or_default();
            let _ = writeln!(out, "      extra    {} ({}): {words}", finding.entry, finding.certainty);
        }
    }
    out
}

fn table(all: &Scores, ordinary: &Scores, hard: &Scores) -> String {
    let mut out = format!("{:<22}{:>9}{:>9}{:>9}{:>9}\n", "", "comments", "precision", "recall", "F1");
    out = out.replacen("comments", "labelled", 1);
    for (category, score) in &all.categories {
        line(&mut out, category, *score);
    }
    for (name, scores) in [("all comments", all), ("ordinary ones", ordinary), ("hard ones", hard)] {
        if scores.comments == 0 || name != "all comments" && scores.comments == all.comments {
            continue;
        }
        let _ = writeln!(out, "\n{name}, {}", scores.comments);
        line(&mut out, "  labels", scores.labels);
        line(&mut out, "  flagged or not", scores.flagged);
        let _ = writeln!(out, "  harmless and hidden or deleted: {}", part(scores.harmless_removed));
    }
    out.push_str("\nfindings that are right\n");
    for (certainty, found) in all.certain.iter().rev() {
        let _ = writeln!(out, "  {:<20}{}", certainty.id(), part(*found));
    }
    out.trim_end().to_owned()
}

fn line(out: &mut String, name: &str, score: Score) {
    let _ = writeln!(out, "{name:<22}{}", figures(score));
}

/// The columns of the table: labelled, precision, recall, F1.
pub(super) fn figures(score: Score) -> String {
    let figure = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
    let labelled = score.right + score.missing;
    let (precision, recall, f1) = (figure(score.precision()), figure(score.recall()), figure(score.f1()));
    format!("{labelled:>9}{precision:>10}{recall:>9}{f1:>9}")
}

fn part(part: Part) -> String {
    let share = share(part.of, part.all).map_or_else(String::new, |share| format!(" ({:.1} %)", share * 100.0));
    format!("{} of {}{share}", part.of, part.all)
}
