//! Runs the examples that stand in the lexicon files: the files prove themselves. In: lexicons and their matcher.
//! Out: a complaint for each example that does not hold, with the place and what was found instead.

use super::{Matcher, Practice};
use crate::lexicon::complaint::Complaint;
use crate::lexicon::file::{Entry, Example, Lexicons};
use crate::lexicon::staff::StaffList;

/// How many examples there are and which do not hold.
#[derive(Debug, Default)]
pub struct Examples {
    /// Hits and misses run.
    pub run: usize,
    /// Those that failed.
    pub failed: Vec<Complaint>,
    /// Sentences under `todo` that are found by now, and so can become hits.
    pub done_todos: Vec<Complaint>,
}

/// Runs every example of every entry. The examples speak of a made-up practice, `staff` being its staff list, so that they
/// hold wherever the lexicons are used.
pub fn check(lexicons: &Lexicons, staff: &StaffList) -> Examples {
    let matcher = &Matcher::compile(lexicons, staff, &practice(), &[]);
    let mut examples = Examples::default();
    for entry in &lexicons.entries {
        for hit in &entry.hits {
            examples.run += 1;
            if !matcher.fires(&hit.text, &entry.name) {
                examples.failed.push(missed(matcher, lexicons, entry, hit));
            }
        }
        for miss in &entry.misses {
            examples.run += 1;
            if let Some(finding) = matcher.fired(&miss.text, &entry.name) {
                let what = format!("`{}` finds “{}” in this miss", entry.name, &miss.text[finding.span]);
                let help = "narrow the phrase that matches, or add it to `unless`";
                examples.failed.push(complaint(lexicons, entry, miss, what).help(help));
            }
        }
        for todo in &entry.todo {
            if matcher.fires(&todo.text, &entry.name) {
                let what = format!("`{}` finds this `todo` by now", entry.name);
                examples.done_todos.push(complaint(lexicons, entry, todo, what).help("move it to `hits`"));
            }
        }
    }
    examples
}

/// The practice of the examples.
fn practice() -> Practice {
    Practice {
        names: vec!["Alderbrook Surgery".to_owned(), "Alderbrook".to_owned()],
        address: "14 Mill Lane, Alderbrook, AB21 9ZZ".to_owned(),
        phones: vec!["01632 960123".to_owned()],
        emails: vec!["reception@alderbrooksurgery.example".to_owned()],
        websites: vec!["alderbrooksurgery.example".to_owned()],
    }
}

fn missed(matcher: &Matcher, lexicons: &Lexicons, entry: &Entry, hit: &Example) -> Complaint {
    let what = format!("`{}` does not find this hit", entry.name);
    let sight = matcher.see(&hit.text);
    let cancelled = sight.cancelled.iter().find(|(finding, _)| *finding.entry == *entry.name);
    let others: Vec<&str> = sight.findings.iter().map(|finding| &*finding.entry).collect();
    let help = match (cancelled, sight.read_as) {
        (Some((_, why)), _) => format!("it was found and then cancelled: {why}"),
        (None, Some(read)) => format!("the sentence was read as “{read}”; no phrase of the entry stands in that"),
        (None, None) if others.is_empty() => "no phrase of the entry stands in it, word for word".to_owned(),
        (None, None) => format!("only these find something in it: {}", others.join(", ")),
    };
    complaint(lexicons, entry, hit, what).help(help)
}

fn complaint(lexicons: &Lexicons, entry: &Entry, example: &Example, what: String) -> Complaint {
    let source = &lexicons.files[entry.file];
    Complaint::new(what).in_file(&source.path).at(&source.text, example.span.clone())
}
