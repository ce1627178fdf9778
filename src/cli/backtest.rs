//! `backtest`: what changed rules would have done to the stored comments. In: folders and files that somebody is editing,
//! and the store, beside a daemon that may be running. Out: a report, masked like a digest. Not here: comparing
//! (`tuning::backtest`).

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::args::{Args, Backtest as Asked, Data};
use super::explain::paragraph;
use super::queue::refused;
use super::run::{chain, moment, runtime};
use super::{Outcome, Stop, load_config, named_policy, print};
use crate::clock::Clock;
use crate::config::{Config, Needs};
use crate::daemon::digest_settings;
use crate::digest::{Settings, mask};
use crate::policy::{Action, Verdict};
use crate::rules::apart::Unable;
use crate::rules::{Files, Judging};
use crate::store::Store;
use crate::tuning::backtest::{self, Agreement, Backtest, Concern, Count, Example};

pub(super) fn backtest(args: &Args, asked: &Asked) -> Result<Outcome, Stop> {
    let config = load_config(args, Needs::RULES)?;
    let stored = load_config(args, Needs::STORE)?;
    let (in_force, proposed) = (Files::of(&config), proposed(&config, asked)?);
    let since = asked.since.as_deref().map(|text| moment(text, &config.practice.timezone, "--since")).transpose()?;
    let store = Store::open_beside(&stored.store.path, stored.store.key.as_ref(), Clock::System.now())
        .map_err(|error| refused(&error))?;
    let report = runtime()?.block_on(async {
        let mut comparison = match Judging::Here.compare(&in_force, &proposed).await {
            Ok(comparison) => comparison,
            Err(Unable::Wrong(complaints)) => return Err(Stop::Complaints(complaints)),
            Err(error) => return Err(Stop::other(chain(&error), "`chaperone check` says whether the rules are right")),
        };
        let asked = backtest::Asked { since, examples: asked.examples };
        let report = backtest::backtest(&store, &mut comparison, asked).await;
        report.map_err(|error| Stop::other(chain(&error), "nothing was changed; try again"))
    })?;
    let words = Words { settings: digest_settings(&stored, "", Vec::new()) };
    match asked.format {
        Data::Text => print::line(words.text(&report).trim_end()),
        Data::Json => print::line(words.json(&report)),
    }
    Ok(Outcome::Done)
}

fn proposed(config: &Config, asked: &Asked) -> Result<Files, Stop> {
    let mut files = Files::of(config);
    if let Some(dir) = &asked.lexicons {
        files.lexicons.clone_from(dir);
    }
    if let Some(name) = &asked.policy {
        files.policy = named_policy(config, name)?;
    }
    files.staff = asked.staff.clone().or(files.staff);
    Ok(files)
}

/// How a report reads, safe to forward.
struct Words {
    settings: Settings,
}

impl Words {
    fn text(&self, report: &Backtest) -> String {
        let mut out = headline(report);
        for warning in &report.warnings {
            paragraph(&mut out, 0, &format!("! {}", concern(warning.what, warning.comments)));
        }
        let extent = &report.terms.extent;
        if !extent.changed.is_empty() {
            paragraph(&mut out, 0, &format!("Changed: {}.", extent.changed.join(", ")));
        }
        for why in &extent.everything {
            paragraph(&mut out, 0, &format!("Every comment was judged again: {why}."));
        }
        if !report.moves.is_empty() {
            out.push_str("\nWhat becomes of them\n");
        }
        for one in &report.moves {
            let what = if one.before == one.after {
                format!("{}, as before, for other reasons", done(one.after))
            } else {
                format!("{} instead of {}", done(one.after), done(one.before))
            };
            let _ = writeln!(out, "  {what:<60}{:>8}", one.comments);
        }
        for (title, counts) in
            [("By category", &report.categories), ("By entry", &report.entries), ("By clause", &report.clauses)]
        {
            self.counts(&mut out, title, counts);
        }
        people(&mut out, report);
        if !report.examples.is_empty() {
            let _ = writeln!(out, "\nThe gravest and newest of them ({} of {})", report.examples.len(), report.changed);
        }
        for example in &report.examples {
            self.example(&mut out, example);
        }
        out
    }

    fn counts(&self, out: &mut String, title: &str, counts: &[Count]) {
        if counts.is_empty() {
            return;
        }
        let _ = writeln!(out, "\n{title:<62}{:>8}{:>8}", "anew", "no more");
        for count in counts.iter().take(MOST_ROWS) {
            let name = mask::entry(&count.name, self.settings.masking);
            let name = if name.chars().count() > 58 {
                format!("{}…", name.chars().take(57).collect::<String>())
            } else {
                name
            };
            let _ = writeln!(out, "  {name:<60}{:>8}{:>8}", count.gained, count.lost);
        }
        if counts.len() > MOST_ROWS {
            let _ = writeln!(out, "  … and {} more; --format json has them all", counts.len() - MOST_ROWS);
        }
    }

    fn example(&self, out: &mut String, example: &Example) {
        let standing = &example.standing;
        let judged = standing.judged.as_ref();
        let number =
            judged.and_then(|then| then.incident).map_or_else(|| "–".to_owned(), |number| format!("#{number}"));
        let day = standing.written.to_zoned(self.settings.zone.clone()).strftime("%-d %b %Y").to_string();
        let _ = writeln!(out, "\n{number:<7}{}, {day}: {}", standing.page.platform.name(), change(example));
        paragraph(out, 7, &format!("“{}”", self.excerpt(example)));
        let of = |verdict: &Option<Verdict>| verdict.as_ref().map_or_else(String::new, |verdict| self.entries(verdict));
        paragraph(out, 7, &format!("now: {}", or_nothing(&of(&example.before))));
        paragraph(out, 7, &format!("then: {}", or_nothing(&of(&example.after))));
        if let Some(decided) = judged.and_then(|then| then.decided) {
            let agrees = match example.agrees {
                Some(Agreement::Better) => "; the change does what they wanted",
                Some(Agreement::Worse) => "; the change goes against them",
                _ => "",
            };
            paragraph(out, 7, &format!("people decided: {}{agrees}", decided.id()));
        }
    }

    /// What both verdicts rest on has to be covered.
    fn excerpt(&self, example: &Example) -> String {
        let mut all = Verdict::allow();
        for verdict in [&example.before, &example.after].into_iter().flatten() {
            all.reasons.extend(verdict.reasons.iter().cloned());
            all.private.extend(verdict.private.iter().cloned());
        }
        mask::excerpt(&example.text, &all, self.settings.masking)
    }

    fn entries(&self, verdict: &Verdict) -> String {
        let mut names: Vec<String> = Vec::new();
        for reason in &verdict.reasons {
            let name = mask::entry(&reason.finding.entry, self.settings.masking);
            let name = format!("{name} ({})", reason.finding.certainty);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    }

    fn json(&self, report: &Backtest) -> Value {
        let verdict = |verdict: &Option<Verdict>| {
            verdict.as_ref().map(|verdict| {
                json!({
                    "action": verdict.action, "alert": verdict.alert, "categories": verdict.categories,
                    "clauses": verdict.clauses(), "entries": verdict.reasons.iter()
                        .map(|reason| mask::entry(&reason.finding.entry, self.settings.masking)).collect::<Vec<_>>(),
                })
            })
        };
        let example = |example: &Example| {
            json!({
                "standing": example.standing, "text": self.excerpt(example), "before": verdict(&example.before),
                "after": verdict(&example.after), "agrees": example.agrees,
            })
        };
        let examples: Vec<Value> = report.examples.iter().map(example).collect();
        let bare = Backtest { examples: Vec::new(), ..report.clone() };
        let mut all = serde_json::to_value(bare).unwrap_or_default();
        all["examples"] = Value::Array(examples);
        all
    }
}

/// So many rows of a table are told.
const MOST_ROWS: usize = 15;

fn headline(report: &Backtest) -> String {
    let mut out = String::new();
    let plural = |count: u64| if count == 1 { "comment" } else { "comments" };
    if report.terms.extent.is_none() {
        let comments = report.comments;
        paragraph(
            &mut out,
            0,
            &format!(
                "Nothing that a comment could show was changed: all {comments} stored {} are decided as before.",
                plural(comments)
            ),
        );
        return out;
    }
    let since = if report.since.is_some() { " of that time" } else { "" };
    paragraph(
        &mut out,
        0,
        &format!(
            "Of {} stored {}{since}, {} would be decided differently.",
            report.comments,
            plural(report.comments),
            report.changed
        ),
    );
    out
}

fn concern(what: Concern, comments: u64) -> String {
    let (one, many) = match what {
        Concern::HarmLost => (
            "comment with a sign that somebody may come to harm would no longer be found as such",
            "comments with a sign that somebody may come to harm would no longer be found as such",
        ),
        Concern::Deleted => ("comment would be deleted that is not now", "comments would be deleted that are not now"),
        Concern::Broken => (
            "comment cannot be judged by the proposed rules and would be left to people",
            "comments cannot be judged by the proposed rules and would be left to people",
        ),
        Concern::AgainstPeople => (
            "comment that people had shown again would be hidden or deleted",
            "comments that people had shown again would be hidden or deleted",
        ),
        Concern::Untold => ("comment would no longer be told at once", "comments would no longer be told at once"),
        Concern::LetGo => (
            "comment that people wanted gone, or found rightly judged, would be left up or not be found",
            "comments that people wanted gone, or found rightly judged, would be left up or not be found",
        ),
    };
    format!("{comments} {}", if comments == 1 { one } else { many })
}

fn people(out: &mut String, report: &Backtest) {
    let people = report.people;
    if people.decided == 0 {
        return;
    }
    out.push('\n');
    paragraph(
        out,
        0,
        &format!(
            "Against what people decided: {} of the changed comments had a decision; {} would come out as people wanted and \
         do not now, {} the other way round.",
            people.decided, people.better, people.worse
        ),
    );
}

fn change(example: &Example) -> String {
    match (&example.before, &example.after) {
        (Some(before), Some(after)) if before.action == after.action => format!("{}, as before", done(after.action)),
        (Some(before), Some(after)) => format!("{} instead of {}", done(after.action), done(before.action)),
        _ => "left to people: judging it failed".to_owned(),
    }
}

fn done(action: Action) -> &'static str {
    match action {
        Action::Allow => "left up",
        Action::Escalate => "left up for a person to decide",
        Action::Hide => "hidden",
        Action::Delete => "deleted",
    }
}

fn or_nothing(text: &str) -> &str {
    if text.is_empty() { "nothing found" } else { text }
}
