//! Finds out which words add up to a category, and how many points each is worth. In: labelled comments and the
//! lexicons' lists. Out: a [`Weighed`] entry for a category, in the language of the lexicon files. A logistic regression
//! with an L1 penalty, so that few words get points and each of them can be read; then how many points more a phrase of
//! the category is worth, on comments that no phrase was tried on.
//! Not here: choosing what to label; and no randomness, so that the same comments always give the same points.

mod candidates;
mod regression;

use std::fmt::Write as _;
use std::ops::Range;

use crate::lexicon::file::{Entry, Example, Lexicons, Proof};
use crate::lexicon::{Category, Certainty};
use crate::measure::{Labelled, Score};

pub use candidates::Standing;
use regression::Model;

/// Fewer comments of a category than this teach nothing that holds elsewhere.
pub const LEAST_LABELLED: usize = 20;
/// Weight of the penalty against the comments: higher keeps fewer words.
const PENALTY: f64 = 1.0;
/// Points per unit of log odds; whole numbers are read and corrected more easily.
const POINTS_PER_UNIT: f64 = 4.0;
/// Log odds from which on a comment counts by its words alone: as likely as not. The phrases have found the plain ones by
/// then, so a comment that they left and that is less likely than this is most often none.
const THRESHOLD: f64 = 0.0;
/// The same for what accuses its author of something grave: nearly three in four.
const GRAVE_THRESHOLD: f64 = 1.0;
/// The same for threats, which are grave to accuse of and grave to miss.
const THREAT_THRESHOLD: f64 = 0.5;
/// Log odds of phrase and words below which a phrase's finding does not count: one comment in eight like it is one.
const REFUTES: f64 = -2.0;
/// Log odds below which it is a cue at most: three of four comments like this are one, and those above it are surer.
const MEDIUM: f64 = 1.2;
/// Log odds below which it is of medium certainty at most.
const HIGH: f64 = 2.4;
/// What a phrase is taken to be worth, in log odds, and how far from that it may be, before any comment has shown it.
const PHRASE: f64 = 2.0;
const PHRASE_SPREAD: f64 = 1.5;
/// The id of the entry that is written.
pub const ID: &str = "words-that-add-up";
/// Parts of the comments that are each judged by points learnt from the others.
const FOLDS: usize = 5;

/// Points for the words of a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// Which category.
    pub category: Category,
    /// How many points a comment must gather.
    pub needs: i32,
    /// How surely phrases are believed.
    pub proof: Proof,
    /// Points and the phrase that gives them, the highest first.
    pub points: Vec<(i32, String)>,
    /// How the points did on comments that they were not learnt from.
    pub unseen: Score,
    /// The same beside phrases that were not tried on the comments.
    pub with_phrases: Score,
}

/// What there is to learn from.
#[derive(Clone, Debug, Default)]
pub struct Lessons {
    /// Labelled comments, then examples of the lexicons, each labelled as far as its own category goes.
    all: Vec<Labelled>,
    /// The first comment that no phrase was tried on.
    fresh: usize,
    /// The first example.
    examples: usize,
    /// What each example is one of.
    about: Vec<Category>,
}

impl Lessons {
    /// Comments that phrases were tried on, others that they were not, and the examples of the lexicons, which say the
    /// plain things that nobody needs to write a comment about. Without fresh comments the others have to do.
    pub fn new(tried: Vec<Labelled>, fresh: Vec<Labelled>, lexicons: &Lexicons) -> Self {
        let first_fresh = if fresh.is_empty() { 0 } else { tried.len() };
        let comments: Vec<Labelled> = tried.into_iter().chain(fresh).collect();
        let (about, examples): (Vec<_>, Vec<_>) =
            lexicons.entries.iter().filter(|entry| is_phrases(entry)).flat_map(examples).unzip();
        Self {
            fresh: first_fresh,
            examples: comments.len(),
            about,
            all: comments.into_iter().chain(examples).collect(),
        }
    }

    /// How many are labelled comments.
    pub fn comments(&self) -> usize {
        self.examples
    }

    fn row(&self, row: usize, category: Category) -> bool {
        row.checked_sub(self.examples).is_none_or(|example| self.about[example] == category)
    }
}

fn examples(entry: &Entry) -> impl Iterator<Item = (Category, Labelled)> {
    let example = |example: &Example, labels: Vec<Category>| {
        (entry.category, Labelled { id: String::new(), text: example.text.clone(), labels, hard: false })
    };
    let hits = entry.hits.iter().map(move |hit| example(hit, vec![entry.category]));
    hits.chain(entry.misses.iter().map(move |miss| example(miss, Vec::new())))
}

/// Not the entry that weighing writes.
fn is_phrases(entry: &Entry) -> bool {
    entry.name.rsplit('/').next() != Some(ID)
}

/// Weighs the words for one category; `None` where too few comments carry it.
pub fn weigh(category: Category, lessons: &Lessons, standing: &Standing) -> Option<Weighed> {
    let comments = lessons.examples;
    let labels: Vec<bool> = lessons.all.iter().map(|comment| comment.labels.contains(&category)).collect();
    if labels[..comments].iter().filter(|&&label| label).count() < LEAST_LABELLED {
        return None;
    }
    let rows: Vec<usize> = (0..labels.len()).filter(|&row| lessons.row(row, category)).collect();
    let sums = unseen_sums(&rows, &labels, comments, standing);
    let found: Vec<Option<Certainty>> = (0..comments).map(|row| standing.surest(row, category)).collect();
    let phrases = [Certainty::Low, Certainty::Medium, Certainty::High].map(|certainty| {
        let rows = (lessons.fresh..comments).filter(|&row| found[row] == Some(certainty));
        phrase_worth(&rows.map(|row| (sums[row], labels[row])).collect::<Vec<_>>())
    });
    let enough = threshold(category);
    let refutes = if can_be_refuted(category) { REFUTES } else { f64::NEG_INFINITY };
    let together = |row: usize| {
        let phrase = found[row].map(|certainty| sums[row] + phrases[certainty as usize]);
        sums[row] >= enough || phrase.is_some_and(|sum| sum >= refutes)
    };
    let mut model = Model::fit(&rows, &labels, standing, PENALTY);
    model.settle(&(0..comments).collect::<Vec<_>>(), &labels, standing);
    let mut points: Vec<(i32, String)> = whole(&model)
        .into_iter()
        .zip(&standing.phrases)
        .filter(|&(worth, _)| worth != 0)
        .map(|(worth, phrase)| (worth, phrase.clone()))
        .collect();
    points.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    Some(Weighed {
        category,
        needs: at_log_odds(enough, &model).max(1),
        proof: Proof {
            phrase: phrases.map(|worth| (worth * POINTS_PER_UNIT).round() as i32),
            medium: Some(at_log_odds(MEDIUM, &model)),
            high: Some(at_log_odds(HIGH, &model)),
            refutes: can_be_refuted(category).then(|| at_log_odds(REFUTES, &model)),
        },
        points,
        unseen: score(&labels, lessons.fresh..comments, |row| sums[row] >= enough),
        with_phrases: score(&labels, lessons.fresh..comments, together),
    })
}

/// How many log odds a phrase adds to those of the words beside it: the likeliest value, halved step by step.
fn phrase_worth(rows: &[(f64, bool)]) -> f64 {
    let (mut low, mut high) = (-2.0, 8.0);
    for _ in 0..40 {
        let worth = f64::midpoint(low, high);
        let missing: f64 =
            rows.iter().map(|&(sum, label)| f64::from(u8::from(label)) - regression::logistic(sum + worth)).sum();
        if missing - (worth - PHRASE) / (PHRASE_SPREAD * PHRASE_SPREAD) > 0.0 {
            low = worth;
        } else {
            high = worth;
        }
    }
    low
}

/// The log odds of each of these rows by points learnt without it; those before `comments` are no examples.
fn unseen_sums(rows: &[usize], labels: &[bool], comments: usize, standing: &Standing) -> Vec<f64> {
    let mut sums = vec![0.0; labels.len()];
    for fold in 0..FOLDS {
        let (apart, rest): (Vec<usize>, Vec<usize>) = rows.iter().partition(|&&row| fold_of(row) == fold);
        let mut model = Model::fit(&rest, labels, standing, PENALTY);
        model.settle(&rest.into_iter().filter(|&row| row < comments).collect::<Vec<_>>(), labels, standing);
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

/// How these comments would have been judged.
fn score(labels: &[bool], rows: Range<usize>, given: impl Fn(usize) -> bool) -> Score {
    let mut score = Score::default();
    rows.for_each(|row| score.count(given(row), labels[row]));
    score
}

/// Points that stand for these log odds.
fn at_log_odds(log_odds: f64, model: &Model) -> i32 {
    ((log_odds - model.intercept) * POINTS_PER_UNIT).ceil().clamp(-999.0, 999.0) as i32
}

/// Log odds from which on words alone are enough.
fn threshold(category: Category) -> f64 {
    match category {
        Category::Harassment | Category::Hate | Category::Obscenity | Category::Fraud => GRAVE_THRESHOLD,
        Category::Threat => THREAT_THRESHOLD,
        _ => THRESHOLD,
    }
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
            | Category::MedicalInformation
            | Category::Recording
            | Category::StaffConduct
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
    pub fn file(&self, clause: &str, lessons: &Lessons, standing: &Standing) -> String {
        let mut out = format!("category = {}\nclause   = {}\n\n", quoted(self.category.id()), quoted(clause));
        let _ = writeln!(out, "[[entry]]\nid        = \"{ID}\"\ncertainty = \"low\"\nnegation  = \"ignore\"");
        let _ = writeln!(out, "needs     = {}", self.needs);
        let Proof { phrase: [low, medium, high], .. } = self.proof;
        let _ = writeln!(out, "phrase    = {{ low = {low}, medium = {medium}, high = {high} }}");
        if let (Some(medium), Some(high)) = (self.proof.medium, self.proof.high) {
            let _ = writeln!(out, "confirms  = {{ medium = {medium}, high = {high} }}");
        }
        if let Some(refutes) = self.proof.refutes {
            let _ = writeln!(out, "refutes   = {refutes}");
        }
        for group in self.points.chunk_by(|a, b| a.0 == b.0) {
            let phrases: Vec<String> = group.iter().map(|(_, phrase)| quoted(phrase)).collect();
            let _ = writeln!(out, "points.{} = [{}]", group[0].0, phrases.join(", "));
        }
        let (hits, misses) = self.examples(&lessons.all[..lessons.examples], standing);
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
        let lessons = Lessons::new(comments(), Vec::new(), &Lexicons::default());
        let standing = Standing::of(&lessons, &Lexicons::default(), &StaffList::default(), &Practice::default());
        weigh(category, &lessons, &standing)
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
    fn a_phrase_is_worth_what_it_adds_to_the_words_beside_it() {
        let right = vec![(-1.0, true); 90];
        let mixed: Vec<(f64, bool)> = right.iter().copied().chain(vec![(-1.0, false); 90]).collect();
        assert!(phrase_worth(&right) > 4.0);
        assert!((phrase_worth(&mixed) - 1.0).abs() < 0.1, "{}", phrase_worth(&mixed));
        assert!((phrase_worth(&[]) - PHRASE).abs() < 0.01);
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
