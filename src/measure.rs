//! How often the rules are right: verdicts beside the labels that people gave. In: labelled comments (JSON Lines) and
//! their verdicts. Out: precision, recall and F1 per category, and the figures that the practice answers for.
//! Not here: judging; and no thresholds, because what is good enough is for people to say.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::lexicon::complaint::{Complaint, Complaints, did_you_mean};
use crate::lexicon::{Category, Certainty};
use crate::matcher::Finding;
use crate::policy::{Action, Verdict};

/// A comment with the categories that a person gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    /// What the file calls it; its line number if it calls it nothing.
    pub id: String,
    /// What somebody wrote, or might have.
    pub text: String,
    /// The categories, sorted, each once; none for a harmless comment.
    pub labels: Vec<Category>,
    /// A careful person would hesitate; measured apart.
    pub hard: bool,
}

/// A line as people write it; what else stands in it is theirs.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: serde_json::Value,
    text: String,
    labels: Vec<String>,
    #[serde(default)]
    hard: bool,
}

impl Labelled {
    /// Reads labelled comments, one JSON object a line; all mistakes at once.
    pub fn parse(source: &str, file: &Path) -> Result<Vec<Self>, Vec<Complaint>> {
        let mut complaints = Complaints::new();
        let mut rows = Vec::new();
        let lines = source.strip_prefix('\u{FEFF}').unwrap_or(source).lines().zip(1..);
        for (line, number) in lines.filter(|(line, _)| !line.trim().is_empty()) {
            match Self::line(line, number) {
                Ok(row) => rows.push(row),
                Err((what, help)) => {
                    complaints.push(Complaint::new(what).in_file(file).on_line(number).help(help));
                }
            }
        }
        complaints.or(rows)
    }

    fn line(line: &str, number: usize) -> Result<Self, (String, String)> {
        let read: Line = serde_json::from_str(line).map_err(|error| {
            let help = "write {\"text\": \"…\", \"labels\": [\"complaint\"]}; a harmless comment has labels []";
            let place = error.to_string().replace(" at line 1 column ", " at column ");
            (format!("not a labelled comment: {place}"), help.to_owned())
        })?;
        let mut labels = Vec::new();
        for label in &read.labels {
            labels.push(Category::from_id(label).ok_or_else(|| unknown(label))?);
        }
        labels.sort_by_key(|category| category.id());
        labels.dedup();
        let id = match read.id {
            serde_json::Value::String(id) => id,
            serde_json::Value::Null => format!("line {number}"),
            other => other.to_string(),
        };
        Ok(Self { id, text: read.text, labels, hard: read.hard })
    }
}

fn unknown(label: &str) -> (String, String) {
    let help = match did_you_mean(label, Category::ALL.into_iter().map(Category::id)) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("the categories are {}", Category::ALL.map(Category::id).join(", ")),
    };
    (format!("there is no category \"{label}\""), help)
}

/// Right ones, and the two ways of being wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Given by the rules and by the person.
    pub right: usize,
    /// Given by the rules alone.
    pub extra: usize,
    /// Given by the person alone.
    pub missing: usize,
}

impl Score {
    /// Of what the rules gave, how much was right; nothing given is no figure.
    pub fn precision(self) -> Option<f64> {
        share(self.right, self.right + self.extra)
    }

    /// Of what the person gave, how much the rules gave too.
    pub fn recall(self) -> Option<f64> {
        share(self.right, self.right + self.missing)
    }

    /// The harmonic mean of both.
    pub fn f1(self) -> Option<f64> {
        share(2 * self.right, 2 * self.right + self.extra + self.missing)
    }

    /// Counts one decision.
    pub fn count(&mut self, given: bool, wanted: bool) {
        match (given, wanted) {
            (true, true) => self.right += 1,
            (true, false) => self.extra += 1,
            (false, true) => self.missing += 1,
            (false, false) => {}
        }
    }
}

/// A part of a whole; nothing of nothing is no figure.
pub fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A part and its whole, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Those that the figure speaks of.
    pub of: usize,
    /// All that could have been.
    pub all: usize,
}

/// What is counted over a set of labelled comments.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    /// How many comments.
    pub comments: usize,
    /// Each category that somebody gave.
    pub categories: BTreeMap<&'static str, Score>,
    /// All categories together, each comment's each category once (micro average).
    pub labels: Score,
    /// Whether a comment is anything but feedback or a question.
    pub flagged: Score,
    /// Harmless comments (feedback, questions, nothing) that were hidden or deleted.
    pub harmless_removed: Part,
    /// Findings whose category the person gave too, by certainty.
    pub certain: BTreeMap<Certainty, Part>,
}

impl Scores {
    /// Counts one comment.
    pub fn count(&mut self, row: &Labelled, verdict: &Verdict) {
        self.comments += 1;
        for category in Category::ALL {
            let (given, wanted) = (verdict.categories.contains(&category), row.labels.contains(&category));
            if given || wanted {
                self.categories.entry(category.id()).or_default().count(given, wanted);
                self.labels.count(given, wanted);
            }
        }
        let harmless = !row.labels.iter().copied().any(flags);
        self.flagged.count(verdict.categories.iter().copied().any(flags), !harmless);
        if harmless {
            self.harmless_removed.all += 1;
            self.harmless_removed.of += usize::from(verdict.action >= Action::Hide);
        }
        for reason in &verdict.reasons {
            let part = self.certain.entry(reason.finding.certainty).or_default();
            part.all += 1;
            part.of += usize::from(row.labels.contains(&reason.finding.category));
        }
    }
}

/// How one entry does over a set of labelled comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryScore {
    /// `complaint/worst-service`.
    pub entry: String,
    /// What its findings claim to be.
    pub certainty: Certainty,
    /// Comments that it found something in, and those among them that carry its category.
    pub found: Part,
}

impl EntryScore {
    /// Whether it was seen often enough to say that it is right less often than its certainty promises.
    pub fn overstates(&self) -> bool {
        self.found.all >= 5 && share(self.found.of, self.found.all) < promised(self.certainty)
    }
}

/// How often findings of a certainty are right: DESIGN's words for them as figures, for the lexicons to be held to.
pub fn promised(certainty: Certainty) -> Option<f64> {
    match certainty {
        Certainty::High => Some(0.98),
        Certainty::Medium => Some(0.90),
        Certainty::Low => None,
    }
}

/// Counts every entry of `entries` over comments and what was found in them, the most often wrong first.
pub fn entry_scores<'a>(
    entries: impl Iterator<Item = (&'a str, Certainty)>,
    judged: &[(&Labelled, Vec<Finding>)],
) -> Vec<EntryScore> {
    let mut scores: BTreeMap<&str, EntryScore> = entries
        .map(|(name, certainty)| (name, EntryScore { entry: name.to_owned(), certainty, found: Part::default() }))
        .collect();
    for (row, findings) in judged {
        let once: BTreeMap<&str, Category> =
            findings.iter().map(|finding| (&*finding.entry, finding.category)).collect();
        for (entry, category) in once {
            if let Some(score) = scores.get_mut(entry) {
                score.found.all += 1;
                score.found.of += usize::from(row.labels.contains(&category));
            }
        }
    }
    let mut scores: Vec<EntryScore> = scores.into_values().collect();
    scores
        .sort_by_key(|score| (std::cmp::Reverse(score.found.all - score.found.of), std::cmp::Reverse(score.found.all)));
    scores
}

/// Feedback and questions are welcome; everything else somebody must look at.
fn flags(category: Category) -> bool {
    !matches!(category, Category::Review | Category::Question)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::How;
    use crate::policy::{Alert, Reason};

    fn verdict(action: Action, categories: &[Category]) -> Verdict {
        let reasons = categories.iter().map(|&category| Reason {
            finding: Finding {
                category,
                entry: "x/y".into(),
                span: 0..1,
                certainty: Certainty::High,
                how: How::Exact,
                clause: None,
            },
            action,
            alert: Alert::None,
            clause: String::new(),
            note: None,
        });
        Verdict { action, categories: categories.to_vec(), reasons: reasons.collect(), ..Verdict::allow() }
    }

    fn row(line: &str) -> Labelled {
        Labelled::line(line, 1).expect("a labelled comment")
    }

    #[test]
    fn right_extra_and_missing_are_counted_per_category_and_together() {
        let mut scores = Scores::default();
        let complaint = row(r#"{"text": "x", "labels": ["complaint", "threat"]}"#);
        scores.count(&complaint, &verdict(Action::Delete, &[Category::Complaint, Category::Hate]));
        assert_eq!(scores.labels, Score { right: 1, extra: 1, missing: 1 });
        assert_eq!(scores.categories["hate"], Score { right: 0, extra: 1, missing: 0 });
        assert_eq!(scores.labels.f1(), Some(0.5));
        assert_eq!(scores.certain[&Certainty::High], Part { of: 1, all: 2 });
    }

    #[test]
    fn feedback_that_is_removed_is_a_harmless_comment_removed() {
        let mut scores = Scores::default();
        scores.count(&row(r#"{"text": "x", "labels": ["review"]}"#), &verdict(Action::Hide, &[Category::Complaint]));
        scores.count(&row(r#"{"text": "x", "labels": []}"#), &verdict(Action::Escalate, &[]));
        assert_eq!(scores.harmless_removed, Part { of: 1, all: 2 });
        assert_eq!(scores.flagged, Score { right: 0, extra: 1, missing: 0 });
        assert_eq!(Score::default().f1(), None);
    }

    #[test]
    fn an_entry_counts_once_a_comment_and_its_certainty_is_held_to_its_promise() {
        let (right, wrong) = (row(r#"{"text": "x", "labels": ["complaint"]}"#), row(r#"{"text": "x", "labels": []}"#));
        let found = verdict(Action::Hide, &[Category::Complaint, Category::Complaint]);
        let findings: Vec<Finding> = found.reasons.into_iter().map(|reason| reason.finding).collect();
        let mut judged: Vec<(&Labelled, Vec<Finding>)> = vec![(&right, findings.clone()); 19];
        judged.push((&wrong, findings));
        let score = |certainty| entry_scores([("x/y", certainty), ("x/never", certainty)].into_iter(), &judged);
        let scores = score(Certainty::High);
        assert_eq!(scores[0].found, Part { of: 19, all: 20 });
        assert_eq!(scores[1].found, Part::default());
        assert!(scores[0].overstates() && !scores[1].overstates() && !score(Certainty::Medium)[0].overstates());
    }

    #[test]
    fn every_line_that_is_no_labelled_comment_is_told() {
        let source =
            "{\"text\": \"a\", \"labels\": [\"complant\"]}\n\n{\"text\": 3}\n{\"text\": \"b\", \"labels\": []}\n";
        let told = Labelled::parse(source, Path::new("mine.jsonl")).expect_err("two bad lines");
        insta::assert_snapshot!(
            told.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            @r#"
        mine.jsonl:1: there is no category "complant" (did you mean "complaint"?)
        mine.jsonl:3: not a labelled comment: invalid type: integer `3`, expected a string at column 10 (write {"text": "…", "labels": ["complaint"]}; a harmless comment has labels [])
        "#
        );
    }
}
