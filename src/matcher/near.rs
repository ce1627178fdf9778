//! What nearly found something: the answer to "why was this not caught?". In: a comment that has been looked at. Out: the
//! phrases that lack one word, or have all of them in another order or too far apart, and the points that were too few.
//! Slow beside the rest, and asked for by people only.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::classes::{Class, Kind};
use super::engine::{Hit, Matcher, Matches, Sight};
use super::items::Items;
use super::steps::Step;
use crate::text::Folded;

/// An entry that nearly found something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearMiss {
    /// The entry.
    pub entry: Arc<str>,
    /// What it has, in bytes of the original text.
    pub there: Vec<Range<usize>>,
    /// What it lacks.
    pub lack: Lack,
}

/// What an entry lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lack {
    /// One of these words, or others like them.
    Word(Vec<String>),
    /// The words stand in another order, or too far apart.
    Order,
    /// Points: gathered, needed.
    Points(i32, i32),
}

/// The nearest phrase of an entry, in words.
#[derive(Debug, Default)]
struct Nearest {
    /// In hundredths.
    near: u32,
    there: Vec<Range<usize>>,
    missing: Option<Class>,
}

/// So many are told.
const MOST: usize = 3;
/// So many of the words are named of which one is missing.
const MOST_WORDS: usize = 4;
/// A phrase is near when so much of what it says is there, in hundredths.
const NEAR: u32 = 65;
/// What is there says less than this, in bits, where it stands in every other comment.
const LEAST_SAID: u32 = 8;
/// Words that all are there, in another order, are as near as so much of them in theirs.
const IN_DISORDER: u32 = 70;

impl Matcher {
    pub(super) fn near_misses(
        &self,
        folded: &Folded,
        items: &Items,
        matches: &Matches,
        sight: &Sight,
    ) -> Vec<NearMiss> {
        let found = |entry: &str| {
            let cancelled = sight.cancelled.iter().map(|(finding, _)| finding);
            sight.findings.iter().chain(cancelled).any(|finding| *finding.entry == *entry)
        };
        let told = |entry: u32| {
            let rule = &self.entries[entry as usize];
            found(&rule.name) || sight.findings.iter().any(|finding| finding.category == rule.category)
        };
        let mut all = self.near_sums(folded, matches);
        all.retain(|(_, entry, _)| !told(*entry));
        all.extend(self.near_phrases(folded, items).into_iter().filter(|(_, entry, _)| !told(*entry)));
        all.sort_by_key(|(near, entry, _)| (Reverse(*near), *entry));
        all.into_iter().map(|(_, _, miss)| miss).take(MOST).collect()
    }

    /// Entries with at least half of the points that they need, and how near that is, in hundredths.
    fn near_sums(&self, folded: &Folded, matches: &Matches) -> Vec<(u32, u32, NearMiss)> {
        let mut sums: BTreeMap<u32, BTreeMap<u32, (i32, Range<usize>)>> = BTreeMap::new();
        for &(phrase, (start, end)) in &matches.points {
            for role in self.roles.of(phrase) {
                if let Hit::Points { entry, phrase, worth } = *role {
                    let place = folded.raw_words(start as usize..end as usize);
                    sums.entry(entry).or_default().entry(phrase).or_insert((worth, place));
                }
            }
        }
        let near = sums.into_iter().filter_map(|(entry, points)| {
            let rule = &self.entries[entry as usize];
            let sum: i32 = points.values().map(|(worth, _)| worth).sum();
            let enough = sum * 2 >= rule.needs && sum < rule.needs;
            let mut there: Vec<_> =
                points.into_values().filter(|(worth, _)| *worth > 0).map(|(_, place)| place).collect();
            there.sort_by_key(|place| (place.start, place.end));
            there.dedup();
            let near = (sum * 100 / rule.needs.max(1)) as u32;
            enough.then(|| {
                (near, entry, NearMiss { entry: rule.name.clone(), there, lack: Lack::Points(sum, rule.needs) })
            })
        });
        near.collect()
    }

    /// The nearest phrase of each entry, and how near it is, in hundredths.
    fn near_phrases(&self, folded: &Folded, items: &Items) -> Vec<(u32, u32, NearMiss)> {
        let mut seen: BTreeMap<Class, Option<Range<usize>>> = BTreeMap::new();
        let mut nearest: BTreeMap<u32, Nearest> = BTreeMap::new();
        for (phrase, steps) in self.phrases.phrases() {
            let entries = self.roles.of(phrase).filter_map(|role| match *role {
                Hit::Entry { entry, .. } => Some(entry),
                _ => None,
            });
            let classes: Vec<Class> = steps.iter().copied().filter_map(Step::needed).collect();
            let anywhere = |&class: &Class| {
                let first = seen.entry(class).or_insert_with(|| self.first_of(items, class, 0));
                first.clone().ok_or(class)
            };
            let (scattered, lacking): (Vec<_>, Vec<_>) = classes.iter().map(anywhere).partition(Result::is_ok);
            let Some((there, missing)) = (match lacking.as_slice() {
                [] => Some((scattered.into_iter().flatten().collect(), None)),
                [Err(class)] => self.in_order(items, &classes, *class).map(|there| (there, Some(*class))),
                _ => None,
            }) else {
                continue;
            };
            let all: u32 = classes.iter().map(|&class| self.classes.says(class)).sum();
            let said = all - missing.map_or(0, |class| self.classes.says(class));
            let near = said * missing.map_or(IN_DISORDER, |_| 100) / all.max(1);
            if near < NEAR || said < LEAST_SAID || classes.len() < 2 {
                continue;
            }
            for entry in entries {
                let known = nearest.entry(entry).or_default();
                if known.near < near {
                    *known = Nearest { near, there: there.clone(), missing };
                }
            }
        }
        let miss = |(entry, Nearest { near, there, missing }): (u32, Nearest)| {
            let mut there: Vec<_> = there.into_iter().map(|words| folded.raw_words(words)).collect();
            there.dedup();
            let lack = missing.map_or(Lack::Order, |class| Lack::Word(self.some_of(class)));
            (near, entry, NearMiss { entry: self.entries[entry as usize].name.clone(), there, lack })
        };
        let says_something = |(_, _, miss): &(u32, u32, NearMiss)| miss.lack != Lack::Word(Vec::new());
        nearest.into_iter().map(miss).filter(says_something).collect()
    }

    /// Items of all these classes but one, each behind the one before.
    fn in_order(&self, items: &Items, classes: &[Class], without: Class) -> Option<Vec<Range<usize>>> {
        let mut from = 0;
        let next = |&class: &Class| {
            let item = self.first_of(items, class, from)?;
            from = item.end;
            Some(item)
        };
        classes.iter().filter(|&&class| class != without).map(next).collect()
    }

    /// The first item of a class from a word on, in words.
    fn first_of(&self, items: &Items, class: Class, from: usize) -> Option<Range<usize>> {
        (from..items.len()).find_map(|at| {
            let row = items.rows_from(at).iter().find(|row| self.classes.is(row.kind, class));
            let word = || self.classes.is(items.kind(at), class).then_some(at..at + 1);
            row.map(|row| at..row.end as usize).or_else(word)
        })
    }

    fn some_of(&self, class: Class) -> Vec<String> {
        let spelt = |kind: Kind| self.vocabulary.spelt(kind);
        self.classes.words_of(class).filter_map(spelt).take(MOST_WORDS).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::lexicon::Certainty;
    use crate::lexicon::file::Lexicons;
    use crate::lexicon::staff::StaffList;
    use crate::matcher::Practice;

    const FILE: &str = r#"
category = "complaint"
clause   = "complaints"

[[entry]]
id        = "still-waiting"
phrases   = ["still waiting .. (results|referral) weeks", "worst surgery"]
certainty = "high"
hits      = ["worst surgery"]
misses    = ["best surgery"]

[[entry]]
id        = "dire"
phrases   = ["dire queue"]
certainty = "medium"
hits      = ["a dire queue"]
misses    = ["a queue"]

[[entry]]
id        = "two-words"
certainty = "medium"
needs     = 2
points.1  = ["grumble", "moan"]
hits      = ["grumble and moan"]
misses    = ["grumble"]

[[entry]]
id        = "words"
certainty = "low"
needs     = 8
phrase    = { medium = 4, high = 4 }
confirms  = { medium = 2, high = 6 }
refutes   = -4
points.4  = ["shambles", "nobody"]
points.-3 = ["lovely", "raffle", "holiday"]
hits      = ["shambles, nobody"]
misses    = ["lovely"]
"#;

    fn see(text: &str) -> Sight {
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(dir.path().join("en")).expect("a folder");
        fs::create_dir_all(dir.path().join("lists")).expect("a folder");
        fs::write(dir.path().join("en/complaint.toml"), FILE).expect("a file");
        let lexicons = Lexicons::load(dir.path()).expect("right lexicons");
        Matcher::compile(&lexicons, &StaffList::default(), &Practice::default(), &[]).see(text)
    }

    #[track_caller]
    fn check_certainty(text: &str, want: Option<Certainty>) {
        let sight = see(text);
        assert_eq!(sight.findings.iter().map(|finding| finding.certainty).max(), want, "{text}: {sight:?}");
    }

    #[test]
    fn a_phrase_is_believed_as_far_as_the_rest_of_the_comment_bears_it_out() {
        check_certainty("worst surgery, a shambles", Some(Certainty::High));
        check_certainty("worst surgery", Some(Certainty::Medium));
        check_certainty("worst surgery raffle", Some(Certainty::Low));
        check_certainty("worst surgery raffle, lovely holiday", Some(Certainty::Low));
        check_certainty("dire queue raffle", Some(Certainty::Low));
        check_certainty("dire queue raffle, lovely holiday", None);
        check_certainty("d1re queue raffle, lovely holiday", Some(Certainty::Low));
    }

    #[test]
    fn words_of_another_entry_that_add_up_are_believed_no_further_than_a_phrase() {
        check_certainty("grumble and moan", Some(Certainty::Medium));
        check_certainty("grumble and moan, raffle, lovely holiday", None);
    }

    #[test]
    fn what_the_rest_of_the_comment_does_to_a_finding_is_told() {
        let lowered = see("worst surgery raffle").lowered;
        assert_eq!(lowered, [("complaint/still-waiting".into(), Certainty::High)]);
        let refuted = see("dire queue raffle, lovely holiday").cancelled;
        assert_eq!(&*refuted[0].0.entry, "complaint/dire");
    }

    #[test]
    fn a_phrase_that_lacks_one_word_says_which() {
        let text = "still waiting three weeks";
        let near = see(text).near;
        assert_eq!(near.len(), 1, "{near:?}");
        assert_eq!(&*near[0].entry, "complaint/still-waiting");
        let there: Vec<&str> = near[0].there.iter().map(|at| &text[at.clone()]).collect();
        assert_eq!(there, ["still", "waiting", "weeks"]);
        assert_eq!(near[0].lack, Lack::Word(vec!["results".to_owned(), "referral".to_owned()]));
    }

    #[test]
    fn a_phrase_whose_words_stand_in_another_order_says_so() {
        assert_eq!(see("weeks for results, still waiting").near[0].lack, Lack::Order);
    }

    #[test]
    fn points_that_are_too_few_are_told_with_the_words_that_gave_them() {
        let near = see("nobody came").near;
        assert_eq!((&*near[0].entry, &near[0].lack), ("complaint/words", &Lack::Points(4, 8)));
    }

    #[test]
    fn where_a_category_was_found_nothing_of_it_is_missed() {
        assert_eq!(see("worst surgery, nobody came").near, []);
    }
}
