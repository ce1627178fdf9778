//! Words that add up: nothing by themselves, something together. In: what stands in a comment. Out: findings of the
//! entries whose points are enough, and how far what phrases found is believed. Not here: which words are worth how many
//! points; `weigh` learns that.

use std::cmp::Reverse;

use super::engine::{EntryHit, Fate, Hit, Matcher, Matches, Sight, fate, finding};
use super::{Finding, How};
use crate::lexicon::file::Proof;
use crate::lexicon::{Category, Certainty};
use crate::text::Folded;

/// Words that add to an entry's points, or take from them.
#[derive(Clone, Copy, Debug)]
struct PointHit {
    hit: EntryHit,
    phrase: u32,
    worth: i32,
}

/// The points of one comment.
#[derive(Debug, Default)]
pub(super) struct Points {
    /// By entry: the most that it can have gathered, then what it has.
    sums: Vec<i32>,
    /// Entries whose sum may be another than 0.
    touched: Vec<u32>,
    /// Entries whose points are worth counting.
    heard: Vec<u32>,
    counted: Vec<PointHit>,
    /// By phrase that gives points: in which comment it was counted last, because each counts once.
    counted_in: Vec<u32>,
    comment: u32,
}

impl Points {
    fn clear(&mut self, entries: usize, phrases: usize) {
        self.clear_sums();
        self.counted.clear();
        self.sums.resize(entries.max(self.sums.len()), 0);
        self.comment = self.comment.wrapping_add(1);
        if self.counted_in.len() < phrases || self.comment == 0 {
            self.counted_in = vec![0; phrases];
            self.comment = 1;
        }
    }

    fn clear_sums(&mut self) {
        self.touched.drain(..).for_each(|entry| self.sums[entry as usize] = 0);
    }

    fn add(&mut self, entry: u32, points: i32) {
        let sum = &mut self.sums[entry as usize];
        if *sum == 0 {
            self.touched.push(entry);
        }
        *sum += points;
    }

    /// A sum that came back to 0 was touched again.
    fn sort(&mut self) {
        self.touched.sort_unstable();
        self.touched.dedup();
    }

    fn is_counted(&self, phrase: u32) -> bool {
        self.counted_in[phrase as usize] == self.comment
    }

    fn count(&mut self, phrase: u32, point: PointHit) {
        self.counted_in[phrase as usize] = self.comment;
        self.add(point.hit.entry, point.worth);
        self.counted.push(point);
    }
}

impl Matcher {
    /// Words that are nothing by themselves and something together. Only those entries are looked at that can have
    /// enough, and, where something was found, those that bear it out.
    pub(super) fn tally(
        &self,
        folded: &Folded,
        matches: &Matches,
        hits: &[EntryHit],
        points: &mut Points,
        findings: &mut Vec<Finding>,
    ) {
        points.clear(self.entries.len(), self.point_phrases as usize);
        self.each_point(matches, |point| {
            if point.worth > 0 {
                points.add(point.hit.entry, point.worth);
            }
        });
        let category = |entry: u32| 1_u32 << self.entries[entry as usize].category as u32;
        let enough = |&entry: &u32| points.sums[entry as usize] >= self.entries[entry as usize].needs;
        let mut heard = std::mem::take(&mut points.heard);
        heard.clear();
        heard.extend(points.touched.iter().copied().filter(enough));
        let telling = hits.iter().map(|hit| hit.entry).chain(heard.iter().copied());
        let told = telling.fold(0, |told, entry| told | category(entry));
        heard.extend(self.witnesses.iter().copied().filter(|&entry| told & category(entry) != 0));
        points.clear_sums();
        self.each_point(matches, |point| {
            let rule = &self.entries[point.hit.entry as usize];
            let phrase = rule.first_point + point.phrase;
            if heard.contains(&point.hit.entry)
                && !points.is_counted(phrase)
                && !(rule.looks_around && matches!(fate(rule, point.hit, folded, matches), Fate::Cancelled(_)))
            {
                points.count(phrase, point);
            }
        });
        points.heard = heard;
        points.sort();
        for &entry in &points.touched {
            let rule = &self.entries[entry as usize];
            if points.sums[entry as usize] >= rule.needs {
                let own = points.counted.iter().filter(|point| point.hit.entry == entry).copied().collect();
                findings.extend(strongest(own, rule.needs).map(|point| finding(rule, folded, &point.hit.words())));
            }
        }
    }

    fn each_point(&self, matches: &Matches, mut see: impl FnMut(PointHit)) {
        for &(found, place) in &matches.points {
            for role in self.roles.of(found) {
                if let Hit::Points { entry, phrase, worth } = *role {
                    see(PointHit { hit: EntryHit::new(entry, place), phrase, worth });
                }
            }
        }
    }

    /// Doubts what phrases found where the rest of the comment does not bear it out: nothing is taken away on the word of
    /// one phrase alone.
    pub(super) fn bear_out(&self, points: &Points, sight: &mut Sight) {
        let Sight { findings, cancelled, lowered, .. } = sight;
        let mut surest: [Option<Certainty>; Category::ALL.len()] = Default::default();
        for finding in findings.iter().filter(|finding| self.witness(finding).is_some()) {
            let known = &mut surest[finding.category as usize];
            *known = (*known).max(Some(finding.certainty));
        }
        findings.retain_mut(|finding| {
            let Some(witness) = self.witness(finding) else { return true };
            let Proof { phrase, medium, high, refutes } = self.entries[witness as usize].proof;
            let points = points.sums[witness as usize]
                + surest[finding.category as usize].map_or(0, |surest| phrase[surest as usize]);
            let too_few = |least: Option<i32>| least.is_some_and(|least| points < least);
            // What is sure or was hidden stays a cue: nobody disguises a harmless word.
            if too_few(refutes) && finding.certainty < Certainty::High && finding.how == How::Exact {
                cancelled.push((finding.clone(), "everything else in the comment speaks of something else"));
                return false;
            }
            let most = match () {
                () if too_few(medium) => Certainty::Low,
                () if too_few(high) => Certainty::Medium,
                () => Certainty::High,
            };
            if finding.certainty > most {
                lowered.push((finding.entry.clone(), finding.certainty));
                finding.certainty = most;
            }
            true
        });
        self.leave_to_phrases(findings);
    }

    /// Words that add up have nothing to add where a phrase or a name is as sure.
    fn leave_to_phrases(&self, findings: &mut Vec<Finding>) {
        if findings.is_empty() {
            return;
        }
        let adds_up = |finding: &Finding| {
            self.tallies.iter().map(|&entry| &self.entries[entry as usize]).any(|rule| rule.name == finding.entry)
        };
        let mut surest: [Option<Certainty>; Category::ALL.len()] = Default::default();
        for finding in findings.iter().filter(|finding| !adds_up(finding)) {
            let known = &mut surest[finding.category as usize];
            *known = (*known).max(Some(finding.certainty));
        }
        findings.retain(|finding| surest[finding.category as usize] < Some(finding.certainty) || !adds_up(finding));
    }

    /// The entry whose points bear out this finding. Names and identifiers stand for themselves.
    fn witness(&self, finding: &Finding) -> Option<u32> {
        if !matches!(finding.how, How::Exact | How::Folded) {
            return None;
        }
        let own = |&&entry: &&u32| self.entries[entry as usize].category == finding.category;
        let witness = self.witnesses.iter().find(own).copied()?;
        (self.entries[witness as usize].name != finding.entry).then_some(witness)
    }
}

/// The fewest places that are enough: a person who asks why wants the words that decided.
fn strongest(mut counted: Vec<PointHit>, needs: i32) -> impl Iterator<Item = PointHit> {
    counted.retain(|point| point.worth > 0);
    counted.sort_by_key(|point| (Reverse(point.worth), point.hit.start, point.phrase));
    let mut sum = 0;
    counted.into_iter().map_while(move |point| {
        let missing = sum < needs;
        sum += point.worth;
        missing.then_some(point)
    })
}
