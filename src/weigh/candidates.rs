//! Which phrases could be worth points: words, stems, pairs of neighbours, lists, and lists with a neighbour. In:
//! comments and lists. Out: the phrases that stand in several comments, and where. What stands where is asked of the
//! matcher itself, so that a phrase means the same here as in the lexicon file.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Lessons;
use crate::lexicon::file::{Entry, Lexicons};
use crate::lexicon::phrase::{self, Builtin};
use crate::lexicon::staff::StaffList;
use crate::lexicon::{Category, Certainty};
use crate::matcher::{Finding, How, Matcher, Practice};
use crate::text::{Folded, fold};

/// A phrase that stands in fewer comments than this may be chance.
const LEAST_COMMENTS: usize = 4;
/// A list longer than this is a dictionary, not a kind of word.
const LONGEST_LIST: usize = 1_500;
/// Endings that forms of one word differ by, the longest first.
const ENDINGS: [&str; 20] = [
    "ingly", "ation", "ings", "edly", "ment", "ness", "less", "able", "ing", "ers", "est", "ies", "ied", "ful", "er",
    "ed", "es", "ly", "s", "y",
];
/// A stem shorter than this begins words that have nothing to do with each other.
const SHORTEST_STEM: usize = 4;

/// Which phrases stand in which comments.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Phrases in the language of the lexicon files.
    pub phrases: Vec<String>,
    /// For each comment the phrases that stand in it, as places in `phrases`, sorted.
    pub rows: Vec<Vec<u32>>,
    /// For each comment what phrases of the lexicons find in it.
    pub found: Vec<Vec<(Category, Certainty)>>,
}

impl Standing {
    /// Looks for every phrase that several of these comments share.
    pub fn of(lessons: &Lessons, lexicons: &Lexicons, staff: &StaffList, practice: &Practice) -> Self {
        let comments = &lessons.all;
        let folded: Vec<Folded> = comments.iter().map(|comment| fold(&comment.text)).collect();
        let seen = |phrases: &[String]| Seen::new(phrases, lexicons, staff, practice);
        let lists = lists(lexicons);
        let spots = seen(&lists);
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let stems = stems(&folded);
        for (comment, folded) in comments.iter().zip(&folded) {
            let mut own = words(folded, &stems);
            own.extend(beside_lists(folded, &spots.spots(&comment.text), &lists));
            for phrase in own {
                *counts.entry(phrase).or_default() += 1;
            }
        }
        let frequent = counts.into_iter().filter(|&(_, count)| count >= LEAST_COMMENTS).map(|(phrase, _)| phrase);
        let mut phrases: Vec<String> = frequent.chain(lists).filter(|text| phrase::parse(text).is_ok()).collect();
        phrases.sort();
        phrases.dedup();
        let all = seen(&phrases);
        let rows = comments.iter().map(|comment| all.standing(&comment.text)).collect();
        let lexicons = Lexicons {
            entries: lexicons.entries.iter().filter(|entry| super::is_phrases(entry)).cloned().collect(),
            ..lexicons.clone()
        };
        let matcher = Matcher::compile(&lexicons, staff, practice, &[]);
        let found = comments.iter().map(|comment| found(&matcher, &comment.text)).collect();
        Self { phrases, rows, found }
    }

    /// The certainty of the surest finding of a category in a comment.
    pub fn surest(&self, row: usize, category: Category) -> Option<Certainty> {
        self.found[row].iter().filter(|found| found.0 == category).map(|found| found.1).max()
    }
}

/// What phrases find; names and identifiers stand for themselves.
fn found(matcher: &Matcher, text: &str) -> Vec<(Category, Certainty)> {
    let phrase = |finding: &Finding| matches!(finding.how, How::Exact | How::Folded);
    let findings = matcher.found(text).into_iter().filter(phrase);
    findings.map(|finding| (finding.category, finding.certainty)).collect()
}

/// Lists and built-ins as phrases.
fn lists(lexicons: &Lexicons) -> Vec<String> {
    let short = lexicons.lists.iter().filter(|(_, nodes)| nodes.len() <= LONGEST_LIST).map(|(name, _)| name.as_str());
    short.chain(Builtin::ALL.iter().map(|&(name, _)| name)).map(|name| format!("<{name}>")).collect()
}

/// Words, their stems, and pairs of neighbours.
fn words(folded: &Folded, stems: &BTreeSet<&str>) -> BTreeSet<String> {
    let words: Vec<&str> = all_words(folded).collect();
    let mut phrases: BTreeSet<String> = words.iter().map(|&word| word.to_owned()).collect();
    let stems = words.iter().filter_map(|word| stem(word)).filter(|stem| stems.contains(stem));
    phrases.extend(stems.map(|stem| format!("{stem}*")));
    phrases.extend(words.windows(2).map(|pair| pair.join(" ")));
    phrases
}

fn all_words(folded: &Folded) -> impl Iterator<Item = &str> {
    (0..folded.words.len()).map(|at| plain(folded.word(at)))
}

/// The stems that words of different endings share; of any other, the word itself says as much.
fn stems(folded: &[Folded]) -> BTreeSet<&str> {
    let mut forms: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for word in folded.iter().flat_map(all_words) {
        if let Some(stem) = stem(word) {
            forms.entry(stem).or_default().insert(word);
        }
    }
    forms.into_iter().filter(|(_, words)| words.len() > 1).map(|(stem, _)| stem).collect()
}

/// A possessive is the word itself, as the matcher has it.
fn plain(word: &str) -> &str {
    word.strip_suffix("'s").unwrap_or(word)
}

fn stem(word: &str) -> Option<&str> {
    if !word.bytes().all(|byte| byte.is_ascii_lowercase()) || word.len() < SHORTEST_STEM + 2 {
        return None;
    }
    let cut = ENDINGS.iter().filter_map(|ending| word.strip_suffix(ending)).find(|stem| stem.len() >= SHORTEST_STEM);
    Some(cut.unwrap_or(word))
}

/// Lists with the word before or after them, and with each other: "my <relative>", "<negator> <pick-up>".
fn beside_lists(folded: &Folded, spots: &[(usize, std::ops::Range<usize>)], lists: &[String]) -> BTreeSet<String> {
    let (mut begins, mut ends): (HashMap<usize, usize>, HashMap<usize, usize>) = (HashMap::new(), HashMap::new());
    for at in 0..folded.words.len() {
        let raw = folded.raw_words(at..at + 1);
        begins.insert(raw.start, at);
        ends.insert(raw.end, at);
    }
    let mut phrases = BTreeSet::new();
    for (list, span) in spots {
        let name = &lists[*list];
        phrases.insert(name.clone());
        let before = begins.get(&span.start).and_then(|at| at.checked_sub(1));
        let after = ends.get(&span.end).map(|at| at + 1).filter(|&at| at < folded.words.len());
        phrases.extend(before.map(|at| format!("{} {name}", plain(folded.word(at)))));
        phrases.extend(after.map(|at| format!("{name} {}", plain(folded.word(at)))));
        let next = after.map(|at| folded.raw_words(at..at + 1).start);
        let neighbours = spots.iter().filter(|(_, other)| Some(other.start) == next);
        phrases.extend(neighbours.map(|(other, _)| format!("{name} {}", lists[*other])));
    }
    phrases
}

/// A matcher that looks for candidates alone.
struct Seen(Matcher);

impl Seen {
    fn new(phrases: &[String], lexicons: &Lexicons, staff: &StaffList, practice: &Practice) -> Self {
        let entries = phrases.iter().enumerate().filter_map(|(index, text)| entry(index, text)).collect();
        let own = Lexicons {
            entries,
            lists: lexicons.lists.clone(),
            spellings: lexicons.spellings.clone(),
            files: Vec::new(),
        };
        Self(Matcher::compile(&own, staff, practice, &[]))
    }

    /// Phrases by their number, with the bytes of the text that they stand on.
    fn spots(&self, text: &str) -> Vec<(usize, std::ops::Range<usize>)> {
        let findings = self.0.found(text);
        findings.into_iter().filter_map(|finding| Some((finding.entry.parse().ok()?, finding.span))).collect()
    }

    fn standing(&self, text: &str) -> Vec<u32> {
        let numbers: BTreeSet<u32> = self.spots(text).into_iter().map(|(number, _)| number as u32).collect();
        numbers.into_iter().collect()
    }
}

/// An entry that is one candidate, named by its number; nothing around it makes any difference.
fn entry(index: usize, text: &str) -> Option<Entry> {
    Some(Entry {
        name: index.to_string(),
        category: Category::StaffConduct,
        clause: String::new(),
        phrases: vec![phrase::parse(text).ok()?],
        tally: None,
        unless: Vec::new(),
        with: Vec::new(),
        certainty: Certainty::High,
        negation_cancels: false,
        quotation_cancels: false,
        hits: Vec::new(),
        misses: Vec::new(),
        todo: Vec::new(),
        file: 0,
        span: 0..0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Labelled;

    #[test]
    fn words_stems_and_neighbours_are_candidates() {
        let folded = [fold("The doctor's waiting"), fold("waited")];
        let found = words(&folded[0], &stems(&folded));
        let want = ["doctor", "doctor waiting", "the", "the doctor", "wait*", "waiting"];
        assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), want);
    }

    #[test]
    fn a_phrase_that_stands_in_few_comments_is_no_candidate() {
        let comment = |text: &str| Labelled { id: String::new(), text: text.into(), labels: Vec::new(), hard: false };
        let comments: Vec<Labelled> = ["rude man", "rude dog", "rude cat", "rude", "kind"].map(comment).into();
        let lessons = Lessons::new(comments, Vec::new(), &Lexicons::default());
        let standing = Standing::of(&lessons, &Lexicons::default(), &StaffList::default(), &Practice::default());
        assert!(standing.phrases.contains(&"rude".to_owned()), "{standing:?}");
        assert!(!standing.phrases.contains(&"kind".to_owned()), "{standing:?}");
        let rude = standing.phrases.iter().position(|phrase| phrase == "rude").expect("a candidate") as u32;
        assert_eq!(standing.rows.iter().filter(|row| row.contains(&rude)).count(), 4);
    }
}
