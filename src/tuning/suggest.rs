//! What people's decisions teach: words, and rows of two, that stand in comments which people had shown again and not in
//! those that they said were judged rightly, or the other way round. In: decided comments. Out: proposals to paste into a
//! lexicon file, each with the counts that speak for it. Writes nothing; a person decides.
//!
//! Each word's log-odds between the two kinds of comments are drawn towards what all decided comments say, and measured
//! in standard deviations (Monroe, Colaresi and Quinn 2008, "Fightin' Words"); with so many words tried, one of them has
//! to stand out more (Bonferroni). No name, number or word that few people know is proposed: what identifies somebody
//! must not reach a lexicon. Not here: anything about certainty, and words of comments that nobody decided about.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::common::share_of;
use crate::lexicon::Category;
use crate::lexicon::file::Lexicons;
use crate::lexicon::staff::StaffList;
use crate::matcher::is_common_word;
use crate::store::Decision;
use crate::store::past::Lesson;
use crate::text::{Folded, fold};

/// With fewer decided comments of either kind nothing can be learnt.
pub const LEAST_DECIDED: u64 = 8;

/// A word that stands in fewer of the comments that it is to speak for is an accident.
const LEAST_COMMENTS: u64 = 4;

/// How much weight what all decided comments say has, in comments.
const PRIOR: f64 = 10.0;

/// One proposal in so many may be chance, all words of a group together.
const CHANCE: f64 = 0.05;

/// So many are proposed of a group.
const MOST: usize = 8;

/// What is proposed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestions {
    /// Groups that there was enough to learn from, the most decided first.
    pub groups: Vec<Group>,
    /// Groups with decisions, and too few of them.
    pub too_little: Vec<Few>,
}

/// An entry or a category, and what was learnt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The entry, or the category.
    pub name: String,
    /// It is an entry.
    pub is_entry: bool,
    /// Comments that people had shown again or left up against it.
    pub restored: u64,
    /// Comments that people said were judged rightly, or wanted gone.
    pub upheld: u64,
    /// What stands out, the clearest first; nothing, where nothing does.
    pub proposals: Vec<Proposal>,
}

/// Too few decisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Few {
    /// The entry, or the category.
    pub name: String,
    /// See [`Group`].
    pub restored: u64,
    /// See [`Group`].
    pub upheld: u64,
}

/// A word or two, and what they speak for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The words.
    pub words: String,
    /// What for.
    pub kind: Kind,
    /// The line to paste.
    pub line: String,
    /// Restored comments that they stand in.
    pub restored: u64,
    /// Upheld ones.
    pub upheld: u64,
    /// How far it stands out, in hundredths of a standard deviation.
    pub z_hundredths: i64,
}

/// What a proposal is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Beside the entry's hit it speaks for a harmless comment.
    Unless,
    /// Anywhere in the comment it speaks for a harmless one.
    Against,
    /// It speaks for the category.
    Phrase,
}

/// Learns from what people decided.
pub fn suggest(lessons: &[Lesson], lexicons: &Lexicons, staff: &StaffList) -> Suggestions {
    let names = names(lexicons, staff);
    let read: Vec<Read> = lessons.iter().filter_map(|lesson| Read::of(lesson, &names)).collect();
    let mut groups: BTreeMap<(bool, String), Vec<&Read>> = BTreeMap::new();
    for one in &read {
        for entry in one.entries.keys() {
            groups.entry((true, entry.clone())).or_default().push(one);
        }
        for category in &one.categories {
            groups.entry((false, category.id().to_owned())).or_default().push(one);
        }
    }
    let mut out = Suggestions::default();
    for ((is_entry, name), group) in groups {
        let restored = group.iter().filter(|one| one.restored).count() as u64;
        let upheld = group.len() as u64 - restored;
        if restored < LEAST_DECIDED || upheld < LEAST_DECIDED {
            out.too_little.push(Few { name, restored, upheld });
            continue;
        }
        let proposals = proposals(&group, is_entry.then_some(name.as_str()), restored, upheld);
        out.groups.push(Group { name, is_entry, restored, upheld, proposals });
    }
    out.groups.sort_by_key(|group| std::cmp::Reverse(group.restored + group.upheld));
    out
}

/// A decided comment, as far as it is learnt from.
struct Read {
    restored: bool,
    /// Words and rows of two that may be proposed, each once.
    words: BTreeSet<String>,
    categories: BTreeSet<Category>,
    /// By entry: the words of its first hit, and those within reach before and behind it in its sentence.
    entries: BTreeMap<String, Near>,
}

#[derive(Default)]
struct Near {
    hit: String,
    before: BTreeSet<String>,
    behind: BTreeSet<String>,
}

/// What a gap of a phrase reaches over, in words.
const REACH: usize = 5;

impl Read {
    fn of(lesson: &Lesson, names: &BTreeSet<String>) -> Option<Self> {
        let restored = match lesson.decided {
            Decision::Restore => true,
            Decision::Uphold | Decision::Hide | Decision::Delete => false,
            Decision::Note | Decision::Undo => return None,
        };
        let folded = fold(lesson.text.expose());
        // What was found says nothing about whether it was found rightly.
        let found = |at: usize| {
            let raw = folded.raw_words(at..at + 1);
            lesson.entries.iter().any(|found| raw.start < found.span.end && found.span.start < raw.end)
        };
        let may = |at: usize| may_be_proposed(&folded, at, names);
        let may_speak = |at: usize| may(at) && !found(at);
        let mut words = BTreeSet::new();
        for at in 0..folded.words.len() {
            if may_speak(at) && share_of(folded.word(at)) < MOST_COMMON {
                words.insert(folded.word(at).to_owned());
            }
            let same = at > 0 && folded.words[at].sentence == folded.words[at - 1].sentence;
            if same && may_speak(at - 1) && may_speak(at) {
                words.insert(format!("{} {}", folded.word(at - 1), folded.word(at)));
            }
        }
        let mut entries: BTreeMap<String, Near> = BTreeMap::new();
        for found in &lesson.entries {
            entries.entry(found.entry.clone()).or_insert_with(|| near(&folded, &found.span, &may));
        }
        let categories = lesson.entries.iter().map(|found| found.category).collect();
        Some(Self { restored, words, categories, entries })
    }
}

/// A single word that stands in more of the harmless comments says nothing by itself.
const MOST_COMMON: f64 = 0.08;

fn may_be_proposed(folded: &Folded, at: usize, names: &BTreeSet<String>) -> bool {
    let (word, text) = (&folded.words[at], folded.word(at));
    let bare = text.strip_suffix("'s").unwrap_or(text);
    // A capital in mid-sentence is a name, whatever else the word may be.
    let name = word.capital && !word.sentence_start && !word.all_caps && text != "i" && !text.starts_with("i'");
    !word.emoji && !name && !names.contains(bare) && (is_common_word(bare) || share_of(text) > 0.0)
}

fn near(folded: &Folded, span: &std::ops::Range<usize>, may: &impl Fn(usize) -> bool) -> Near {
    let inside = |at: &usize| {
        let raw = folded.raw_words(*at..*at + 1);
        raw.start < span.end && span.start < raw.end
    };
    let hit: Vec<usize> = (0..folded.words.len()).filter(inside).collect();
    let (Some(&first), Some(&last)) = (hit.first(), hit.last()) else { return Near::default() };
    let sentence = folded.words[first].sentence;
    let own = |at: &usize| folded.words[*at].sentence == sentence && may(*at);
    let words = |places: std::ops::Range<usize>| {
        let places: Vec<usize> = places.filter(own).collect();
        let single = places.iter().map(|&at| folded.word(at).to_owned());
        let pairs = places.windows(2).filter(|pair| pair[0] + 1 == pair[1]);
        let pairs = pairs.map(|pair| format!("{} {}", folded.word(pair[0]), folded.word(pair[1])));
        single.chain(pairs).collect()
    };
    Near {
        // What identifies somebody may stand in a hit too.
        hit: if hit.iter().all(|&at| may(at)) {
            hit.iter().map(|&at| folded.word(at)).collect::<Vec<_>>().join(" ")
        } else {
            String::new()
        },
        before: words(first.saturating_sub(REACH)..first),
        behind: words(last + 1..(last + 1 + REACH).min(folded.words.len())),
    }
}

/// Everybody's names: staff, and what many people are called.
fn names(lexicons: &Lexicons, staff: &StaffList) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = lexicons.plain_words("forename").into_iter().collect();
    for person in &staff.people {
        let called = [&person.forename, &person.surname].into_iter().chain(&person.aliases);
        for name in called {
            let folded = fold(name);
            names.extend((0..folded.words.len()).map(|at| folded.word(at).to_owned()));
        }
    }
    names
}

fn proposals(group: &[&Read], entry: Option<&str>, restored: u64, upheld: u64) -> Vec<Proposal> {
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for one in group {
        for word in &one.words {
            let count = counts.entry(word).or_default();
            if one.restored { count.0 += 1 } else { count.1 += 1 }
        }
    }
    counts.retain(|_, (one, other)| *one.max(other) >= LEAST_COMMENTS);
    let least = z_for(CHANCE / (2.0 * counts.len().max(1) as f64));
    let scored = counts.into_iter().map(|(word, (one, other))| (z((one, restored), (other, upheld)), word, one, other));
    let mut scored: Vec<_> = scored.filter(|(z, ..)| z.abs() >= least).collect();
    // Of two that stand out alike, the single word.
    scored.sort_by(|one, other| {
        let length = |words: &str| (words.matches(' ').count(), words.len());
        other.0.abs().total_cmp(&one.0.abs()).then_with(|| length(one.1).cmp(&length(other.1)))
    });
    let mut list: Vec<Proposal> = Vec::new();
    for (z, words, one, other) in scored {
        // Two words say no more than the one of them that stands out as much.
        let said = |before: &Proposal| words.split(' ').any(|word| before.words.split(' ').any(|known| known == word));
        if list.len() == MOST || list.iter().any(said) {
            continue;
        }
        let Some((kind, line)) = line(group, entry, words, z) else { continue };
        let (words, z_hundredths) = (words.to_owned(), (z * 100.0).round() as i64);
        list.push(Proposal { words, kind, line, restored: one, upheld: other, z_hundredths });
    }
    list
}

/// What to paste. An entry learns what speaks against its hits; what speaks for it, it finds already.
fn line(group: &[&Read], entry: Option<&str>, words: &str, z: f64) -> Option<(Kind, String)> {
    let Some(entry) = entry else {
        return Some(if z > 0.0 {
            (Kind::Against, format!("points.-2 = [\"{words}\"]"))
        } else {
            (Kind::Phrase, format!("phrases = [\"{words}\"]"))
        });
    };
    if z < 0.0 {
        return None;
    }
    // `unless` has to touch the hit: the words beside it, on the side where they mostly stand, and the hit itself.
    let mut sides: BTreeMap<String, usize> = BTreeMap::new();
    let mut standing = 0;
    for one in group.iter().filter(|one| one.restored && one.words.contains(words)) {
        standing += 1;
        let Some(near) = one.entries.get(entry).filter(|near| !near.hit.is_empty()) else { continue };
        if near.before.contains(words) {
            *sides.entry(format!("{words} .. {}", near.hit)).or_default() += 1;
        } else if near.behind.contains(words) {
            *sides.entry(format!("{} .. {words}", near.hit)).or_default() += 1;
        }
    }
    let best = sides.into_iter().max_by_key(|(_, count)| *count).filter(|(_, count)| 2 * count >= standing);
    Some(match best {
        Some((phrase, _)) => (Kind::Unless, format!("unless = [\"{phrase}\"]")),
        None => (Kind::Against, format!("points.-2 = [\"{words}\"]")),
    })
}

/// The log-odds of a word between two kinds of comments, in standard deviations: positive where it speaks for the first.
fn z(one: (u64, u64), other: (u64, u64)) -> f64 {
    let (a, n) = (one.0 as f64, one.1 as f64);
    let (b, m) = (other.0 as f64, other.1 as f64);
    let share = ((a + b) / (n + m)).clamp(0.001, 0.999);
    let (with, without) = (PRIOR * share, PRIOR * (1.0 - share));
    let odds = |with_word: f64, all: f64| ((with_word + with) / (all - with_word + without)).ln();
    let variance = |with_word: f64, all: f64| 1.0 / (with_word + with) + 1.0 / (all - with_word + without);
    (odds(a, n) - odds(b, m)) / (variance(a, n) + variance(b, m)).sqrt()
}

/// How many standard deviations lie above all but this share of a normal distribution (Abramowitz and Stegun 26.2.23).
fn z_for(share: f64) -> f64 {
    let t = (-2.0 * share.clamp(1e-12, 0.5).ln()).sqrt();
    t - (2.515_517 + 0.802_853 * t + 0.010_328 * t * t)
        / (1.0 + 1.432_788 * t + 0.189_269 * t * t + 0.001_308 * t * t * t)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tuning::testing::Desk;

    const ENTRY: &str = "[[entry]]\nid = \"useless\"\nphrases = [\"useless\"]\nhits = [\"useless\"]\n";

    async fn suggested(desk: &Desk) -> Suggestions {
        let lessons = desk.store.lessons().await.expect("lessons");
        let (staff, _) = crate::rules::load_staff(Some(&desk.at("staff.csv"))).expect("a staff list");
        suggest(&lessons, &desk.lexicons(), &staff)
    }

    /// Half of so many comments are about the wifi, and shown again.
    async fn desk(each: i64) -> Desk {
        let desk = Desk::new(ENTRY);
        for number in 0..each {
            desk.says(&[&format!("the wifi is useless said Ann {number}")]).await;
            desk.says(&[&format!("reception was useless today {number}")]).await;
        }
        desk.decides(Decision::Restore, &(0..each).map(|number| 2 * number + 1).collect::<Vec<_>>()).await;
        desk.decides(Decision::Uphold, &(0..each).map(|number| 2 * number + 2).collect::<Vec<_>>()).await;
        desk
    }

    #[tokio::test]
    async fn words_that_tell_restored_comments_from_upheld_ones_are_proposed_without_names_and_numbers() {
        let suggested = suggested(&desk(15).await).await;
        let group = suggested.groups.iter().find(|group| group.is_entry).expect("an entry");
        let lines: Vec<(&str, u64, u64)> =
            group.proposals.iter().map(|one| (one.line.as_str(), one.restored, one.upheld)).collect();
        assert!(lines.contains(&("unless = [\"wifi .. useless\"]", 15, 0)), "{lines:?}");
        let all = format!("{:?}", suggested.groups);
        assert!(!all.contains("ann") && !all.contains('7'), "{all}");
        let category = suggested.groups.iter().find(|group| !group.is_entry).expect("a category");
        assert!(
            category.proposals.iter().any(|one| one.kind == Kind::Phrase && one.words.contains("reception")),
            "{category:?}"
        );
    }

    #[tokio::test]
    async fn from_few_decisions_nothing_is_learnt_and_that_is_said() {
        let suggested = suggested(&desk(4).await).await;
        assert!(suggested.groups.is_empty());
        let few = Few { name: "complaint".to_owned(), restored: 4, upheld: 4 };
        assert!(suggested.too_little.contains(&few), "{:?}", suggested.too_little);
    }

    #[tokio::test]
    async fn where_both_kinds_say_the_same_nothing_is_proposed() {
        let desk = Desk::new(ENTRY);
        for number in 0..20 {
            desk.says(&[&format!("reception was useless today {number}")]).await;
        }
        desk.decides(Decision::Restore, &(1..=10).collect::<Vec<_>>()).await;
        desk.decides(Decision::Uphold, &(11..=20).collect::<Vec<_>>()).await;
        let suggested = suggested(&desk).await;
        assert_eq!(suggested.groups.len(), 2);
        assert!(suggested.groups.iter().all(|group| group.proposals.is_empty()), "{suggested:?}");
    }

    #[test]
    fn the_odds_of_a_word_grow_with_its_counts_and_point_to_its_side() {
        assert!(z((10, 10), (0, 10)) > z((5, 10), (0, 10)) && z((5, 10), (0, 10)) > 0.0);
        assert!((z((5, 10), (5, 10))).abs() < 1e-9 && z((0, 10), (10, 10)) < -2.0);
        assert!((z_for(0.025) - 1.96).abs() < 0.01 && (z_for(0.001) - 3.09).abs() < 0.01);
    }
}
