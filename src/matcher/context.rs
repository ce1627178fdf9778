//! What stands around a hit and changes its meaning: negation, quotation, report and condemnation; and which categories
//! exclude each other. In: hits with their words. Out: the same, kept, lowered or dropped. Pure.

use std::ops::Range;
use std::sync::LazyLock;

use super::wordset::WordSet;
use super::{Finding, How};
use crate::lexicon::{Category, Certainty};
use crate::text::Folded;

/// Words that turn round what follows in the same sentence.
static NEGATORS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "not never no nobody none nothing nowt neither nor without can't cannot couldn't won't wouldn't don't doesn't \
         didn't isn't aren't wasn't weren't ain't hasn't haven't hadn't shouldn't dont doesnt didnt isnt wasnt cannae \
         dinnae isnae hardly nae divvent",
    )
});

/// What makes a negator no negation of what follows it: "can't believe how rude", "no wonder", "not only".
static NOT_NEGATING: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "believe wonder only just again idea surprised surprise get sure know think more even doubt understand care wait",
    )
});

/// How far before a hit a negator reaches, in words.
const NEGATION_REACH: usize = 4;

/// Whether a negator stands shortly before these words, in their sentence, outside the hit itself.
pub(super) fn is_negated(folded: &Folded, hit: &Range<usize>) -> bool {
    let sentence = folded.words[hit.start].sentence;
    let from = hit.start.saturating_sub(NEGATION_REACH);
    (from..hit.start).rev().take_while(|&at| folded.words[at].sentence == sentence).any(|at| {
        if !NEGATORS.has(folded.word(at)) {
            return false;
        }
        let next = if at + 1 < folded.words.len() { folded.word(at + 1) } else { "" };
        // A comma or "but" between them ends what the negator turns round.
        let cut = (at + 1..=hit.start).any(|word| {
            folded.gap_before(word).contains([',', ';', ':'])
                || word < hit.start && matches!(folded.word(word), "but" | "because" | "cos" | "so")
        });
        !cut && !NOT_NEGATING.has(next)
    })
}

/// How a hit that somebody only quotes or condemns counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speech {
    /// The author's own.
    Own,
    /// In scare quotes: still the author's, but less surely.
    Scare,
    /// Somebody else's words, reported or condemned.
    Reported,
}

/// Whose words a hit is.
pub(super) fn speech(folded: &Folded, hit: &Range<usize>) -> Speech {
    let quoted = folded.words[hit.clone()].iter().all(|word| word.quoted);
    if quoted {
        let words = quotation(folded, hit.start).len();
        // `your so-called "doctor"` is the author's own sneer.
        return if words <= 2 && !is_reporting(folded, hit.start) { Speech::Scare } else { Speech::Reported };
    }
    if is_reporting(folded, hit.start) { Speech::Reported } else { Speech::Own }
}

fn quotation(folded: &Folded, at: usize) -> Range<usize> {
    let start = (0..=at).rev().take_while(|&word| folded.words[word].quoted).last().unwrap_or(at);
    let end = (at..folded.words.len()).take_while(|&word| folded.words[word].quoted).last().unwrap_or(at) + 1;
    start..end
}

/// "calling them useless", "people who call staff idiots", "got called a …": told, not said.
fn is_reporting(folded: &Folded, hit: usize) -> bool {
    let sentence = folded.words[hit].sentence;
    let from = (hit.saturating_sub(7)..hit).find(|&at| folded.words[at].sentence == sentence).unwrap_or(hit);
    let word = |at: usize| if (from..hit).contains(&at) { folded.word(at) } else { "" };
    (from..hit).any(|at| match word(at) {
        "calling" => true,
        called @ ("called" | "call") => {
            let object = matches!(
                word(at + 1),
                "me" | "us"
                    | "him"
                    | "her"
                    | "them"
                    | "people"
                    | "staff"
                    | "receptionists"
                    | "nurses"
                    | "doctors"
                    | "someone"
                    | "somebody"
                    | "anyone"
            );
            let passive = matches!(
                at.checked_sub(1).map_or("", word),
                "be" | "being" | "been" | "get" | "gets" | "got" | "was" | "were" | "getting" | "are"
            );
            let others = (from..at).any(|at| matches!(word(at), "people" | "who" | "folk" | "some" | "they" | "you"));
            passive || object && (called == "called" || others)
        }
        _ => false,
    })
}

/// An everyday forename alone points at nobody; beside a threat or an insult it does ("lock up Sandra").
pub(super) fn name_the_target(findings: &mut [Finding]) {
    let aimed = findings.iter().any(|finding| {
        finding.certainty >= Certainty::Medium
            && matches!(
                finding.category,
                Category::Threat | Category::Harassment | Category::Hate | Category::Defamation | Category::Complaint
            )
    });
    if aimed {
        let named = |finding: &&mut Finding| matches!(finding.how, How::Name | How::Fuzzy);
        for finding in findings.iter_mut().filter(named) {
            finding.certainty = finding.certainty.max(Certainty::Medium);
        }
    }
}

/// Drops findings that their neighbours exclude: a review is feedback without grievance, and a question inside a
/// complaint is rhetorical (the categories' own definitions).
pub(super) fn settle(findings: &mut Vec<Finding>) {
    let sure = |findings: &[Finding], categories: &[Category]| {
        findings.iter().any(|finding| finding.certainty >= Certainty::Medium && categories.contains(&finding.category))
    };
    let grievance = sure(
        findings,
        &[
            Category::Complaint,
            Category::Harassment,
            Category::Hate,
            Category::Threat,
            Category::Defamation,
            Category::Safeguarding,
            Category::Fraud,
            Category::Misinformation,
        ],
    );
    let rhetorical = sure(
        findings,
        &[
            Category::Complaint,
            Category::Harassment,
            Category::Hate,
            Category::Threat,
            Category::Defamation,
            Category::Obscenity,
            Category::Fraud,
            Category::Misinformation,
            Category::AppointmentRequest,
        ],
    );
    findings.retain(|finding| match finding.category {
        Category::Review => !grievance,
        Category::Question => !rhetorical,
        _ => true,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    fn at(folded: &Folded, word: &str) -> Range<usize> {
        let index = (0..folded.words.len()).find(|&at| folded.word(at) == word).expect("the word is there");
        index..index + 1
    }

    #[track_caller]
    fn check_negation(text: &str, word: &str, want: bool) {
        let folded = fold(text);
        assert_eq!(is_negated(&folded, &at(&folded, word)), want, "{text}");
    }

    #[test]
    fn a_negator_shortly_before_turns_a_hit_round() {
        check_negation("I have never had a rude word from them", "rude", true);
        check_negation("they're not rude at all", "rude", true);
        check_negation("rude, and never sorry", "rude", false);
        check_negation("I can't believe how rude they were", "rude", false);
        check_negation("no wonder everybody is rude", "rude", false);
        check_negation("never again, so rude", "rude", false);
        check_negation("It is not. Rude people", "rude", false);
    }

    #[track_caller]
    fn check_speech(text: &str, word: &str, want: Speech) {
        let folded = fold(text);
        assert_eq!(speech(&folded, &at(&folded, word)), want, "{text}");
    }

    #[test]
    fn quoted_and_reported_words_are_somebody_elses() {
        check_speech("you are an idiot", "idiot", Speech::Own);
        check_speech("calling the staff idiot is not on", "idiot", Speech::Reported);
        check_speech("she got called an idiot by a patient", "idiot", Speech::Reported);
        check_speech("he shouted \"you stupid idiot get out\" at her", "idiot", Speech::Reported);
        check_speech("your \"idiot\" doctor", "idiot", Speech::Scare);
        check_speech("call me when you can, idiot", "idiot", Speech::Own);
    }
}
