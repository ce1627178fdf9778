//! Finds out which words add up to a category, and how many points each is worth. In: labelled comments and the
//! lexicons' lists. Out: a [`Weighed`] entry for a category, in the language of the lexicon files. A logistic regression
//! with an L1 penalty, so that few words get points and each of them can be read.
//! Not here: choosing what to label; and no randomness, so that the same comments always give the same points.

mod candidates;
mod regression;

use std::fmt::Write as _;

use crate::lexicon::Category;
use crate::measure::{Labelled, Score};

pub use candidates::Standing;
use regression::Model;

/// Fewer comments of a category than this teach nothing that holds elsewhere.
pub const LEAST_LABELLED: usize = 20;
/// Weight of the penalty against the comments: higher keeps fewer words.
const PENALTY: f64 = 1.0;
/// Points per unit of log odds; whole numbers are read and corrected more easily.
const POINTS_PER_UNIT: f64 = 4.0;
/// Log odds from which on a comment counts: as likely as not. The phrases have found the plain ones by then, so a
/// comment that they left and that is less likely than this is most often none.
const THRESHOLD: f64 = 0.0;
/// Log odds below which a phrase's finding is a cue at most: one comment in eight that look like this is one. A comment
/// is not taken away on the word of one phrase alone.
const CONFIRMS: f64 = -2.0;
/// Log odds below which a phrase's finding does not count, if the words have spoken against it at all.
const REFUTES: f64 = -4.0;
/// Parts of the comments that are each judged by points learnt from the others.
const FOLDS: usize = 5;

/// Points for the words of a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// Which category.
    pub category: Category,
    /// How many points a comment must gather.
    pub needs: i32,
    /// See [`Tally::confirms`](crate::lexicon::file::Tally).
    pub confirms: Option<i32>,
    /// See [`Tally::refutes`](crate::lexicon::file::Tally).
    pub refutes: Option<i32>,
    /// Points and the phrase that gives them, the highest first.
    pub points: Vec<(i32, String)>,
    /// How the points did on comments that they were not learnt from.
    pub unseen: Score,
}

/// Weighs the phrases for one category; `None` where too few comments carry it.
pub fn weigh(category: Category, comments: &[Labelled], standing: &Standing) -> Option<Weighed> {
    let labels: Vec<bool> = comments.iter().map(|comment| comment.labels.contains(&category)).collect();
    if labels.iter().filter(|&&label| label).count() < LEAST_LABELLED {
        return None;
    }
    let unseen = score(&unseen_sums(&labels, standing), &labels);
    let everything: Vec<usize> = (0..labels.len()).collect();
    let model = Model::fit(&everything, &labels, standing, PENALTY);
    let mut points: Vec<(i32, String)> = whole(&model)
        .into_iter()
        .zip(&standing.phrases)
        .filter(|&(worth, _)| worth != 0)
        .map(|(worth, phrase)| (worth, phrase.clone()))
        .collect();
    points.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    Some(Weighed {
        category,
        needs: at_log_odds(THRESHOLD, &model).max(1),
        confirms: wants_confirming(category).then(|| at_log_odds(CONFIRMS, &model)),
        refutes: can_be_refuted(category).then(|| at_log_odds(REFUTES, &model).min(-1)),
        points,
        unseen,
    })
}

/// The log odds of each comment by points learnt without it.
fn unseen_sums(labels: &[bool], standing: &Standing) -> Vec<f64> {
    let mut sums = vec![0.0; labels.len()];
    for fold in 0..FOLDS {
        let (apart, rest): (Vec<usize>, Vec<usize>) = (0..labels.len()).partition(|&row| fold_of(row) == fold);
        let model = Model::fit(&rest, labels, standing, PENALTY);
        let worth = whole(&model);
        for row in apart {
            let sum: i32 = standing.rows[row].iter().map(|&phrase| worth[phrase as usize]).sum();
            sums[row] = f64::from(sum) / POINTS_PER_UNIT + model.intercept;
        }
    }
    sums
}

/// Scattered, and always the same: comments in a file often come in turns.
fn fold_of(row: usize) -> usize {
    (row as u32).wrapping_mul(0x9E37_79B1) as usize / (1 << 16) % FOLDS
}

fn whole(model: &Model) -> Vec<i32> {
    model.weights.iter().map(|weight| (weight * POINTS_PER_UNIT).round().clamp(-99.0, 99.0) as i32).collect()
}

/// How comments that were not learnt from would have been judged.
fn score(sums: &[f64], labels: &[bool]) -> Score {
    let mut score = Score::default();
    for (&sum, &label) in sums.iter().zip(labels) {
        score.count(sum >= THRESHOLD, label);
    }
    score
}

/// Points that stand for these log odds.
fn at_log_odds(log_odds: f64, model: &Model) -> i32 {
    ((log_odds - model.intercept) * POINTS_PER_UNIT).ceil().clamp(-999.0, 999.0) as i32
}

/// Not where one word is enough, nor where a person must hear of it at once even in doubt.
fn wants_confirming(category: Category) -> bool {
    !matches!(
        category,
        Category::Safeguarding
            | Category::Threat
            | Category::Obscenity
            | Category::StaffIdentified
            | Category::PatientIdentified
    )
}

/// Only where a finding too few is the lesser harm.
fn can_be_refuted(category: Category) -> bool {
    matches!(
        category,
        Category::Complaint
            | Category::Review
            | Category::Question
            | Category::AppointmentRequest
            | Category::Harassment
            | Category::Defamation
            | Category::Misinformation
            | Category::Fraud
    )
}

impl Weighed {
    /// Whether the points of these phrases are enough, and by how many.
    fn margin(&self, row: &[u32], standing: &Standing) -> i32 {
        let worth = |phrase: &u32| {
            let text = &standing.phrases[*phrase as usize];
            self.points.iter().find(|(_, own)| own == text).map_or(0, |(worth, _)| *worth)
        };
        row.iter().map(worth).sum::<i32>() - self.needs
    }

    /// The entry as a lexicon file of its own, with examples out of the labelled comments.
    pub fn file(&self, clause: &str, comments: &[Labelled], standing: &Standing) -> String {
        let mut out = format!("category = {}\nclause   = {}\n\n", quoted(self.category.id()), quoted(clause));
        let _ =
            writeln!(out, "[[entry]]\nid        = \"words-that-add-up\"\ncertainty = \"low\"\nnegation  = \"ignore\"");
        let _ = writeln!(out, "needs     = {}", self.needs);
        for (key, bound) in [("confirms", self.confirms), ("refutes ", self.refutes)] {
            if let Some(bound) = bound {
                let _ = writeln!(out, "{key}  = {bound}");
            }
        }
        for group in self.points.chunk_by(|a, b| a.0 == b.0) {
            let phrases: Vec<String> = group.iter().map(|(_, phrase)| quoted(phrase)).collect();
            let _ = writeln!(out, "points.{} = [{}]", group[0].0, phrases.join(", "));
        }
        let (hits, misses) = self.examples(comments, standing);
        for (key, examples) in [("hits", hits), ("misses", misses)] {
            let _ = writeln!(out, "{key} = [");
            for example in examples {
                let _ = writeln!(out, "    {},", quoted(example));
            }
            out.push_str("]\n");
        }
        out
    }

    /// Short comments on either side of the threshold, and clear of it, so that a small change elsewhere breaks none.
    fn examples<'c>(&self, comments: &'c [Labelled], standing: &Standing) -> (Vec<&'c str>, Vec<&'c str>) {
        const EXAMPLES: usize = 8;
        let clear = (self.needs / 3).max(2);
        let (mut hits, mut misses) = (Vec::new(), Vec::new());
        for (comment, row) in comments.iter().zip(&standing.rows) {
            let words = comment.text.split_whitespace().count();
            if !(4..=25).contains(&words) {
                continue;
            }
            let (margin, wanted) = (self.margin(row, standing), comment.labels.contains(&self.category));
            if wanted && margin >= clear && hits.len() < EXAMPLES {
                hits.push(comment.text.as_str());
            } else if !wanted && (-3 * clear..=-clear).contains(&margin) && misses.len() < EXAMPLES {
                misses.push(comment.text.as_str());
            }
        }
        (hits, misses)
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.replace(['\n', '\r'], " ")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::file::Lexicons;
    use crate::lexicon::staff::StaffList;
    use crate::matcher::Practice;

    fn comment(text: &str, labels: &[Category]) -> Labelled {
        Labelled { id: String::new(), text: text.to_owned(), labels: labels.to_vec(), hard: false }
    }

    /// Forty unhappy and sixty cheerful comments of few words.
    fn comments() -> Vec<Labelled> {
        let mut all = Vec::new();
        for number in 0..20 {
            all.push(comment(&format!("still waiting for form {number}, what a shambles"), &[Category::Complaint]));
            all.push(comment(&format!("nobody rang about form {number}, shambles again"), &[Category::Complaint]));
            all.push(comment(&format!("lovely walk to window {number} today"), &[]));
            all.push(comment(&format!("still the best team, thanks for form {number}"), &[Category::Review]));
            all.push(comment(&format!("nobody does cake like window {number}"), &[]));
        }
        all
    }

    fn weighed(category: Category) -> Option<Weighed> {
        let comments = comments();
        let standing = Standing::of(&comments, &Lexicons::default(), &StaffList::default(), &Practice::default());
        weigh(category, &comments, &standing)
    }

    #[test]
    fn the_words_that_tell_a_category_apart_get_the_points() {
        let weighed = weighed(Category::Complaint).expect("forty comments are enough");
        assert_eq!(weighed.points[0].1, "shambles");
        assert!(!weighed.points.iter().any(|(worth, phrase)| *worth > 0 && phrase == "thanks"));
        assert_eq!(weighed.unseen.f1(), Some(1.0));
        assert!(weighed.needs > 0 && weighed.needs <= weighed.points[0].0, "{weighed:?}");
    }

    #[test]
    fn a_category_with_too_few_comments_gets_no_points() {
        assert_eq!(weighed(Category::Threat), None);
    }

    #[test]
    fn the_same_comments_give_the_same_points() {
        assert_eq!(weighed(Category::Complaint), weighed(Category::Complaint));
    }
}
