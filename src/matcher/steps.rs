//! Compiled phrases: following one through a comment. In: its steps, and a place. Out: the places that it can end or
//! begin at. All ways through gaps and options are followed at once, as bits of one number, so the time for one place
//! is bounded whatever an admin wrote. Not here: which places are worth it; that is `filed`'s.

use super::classes::{Class, Classes};
use super::items::{Items, REACH};
use crate::text::Folded;

/// A part of a compiled phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Step {
    /// An item of this class.
    Item(Class),
    /// The same, or nothing.
    Maybe(Class),
    /// Up to so many words of the same sentence.
    Gap(u8),
    /// The beginning of the comment.
    Start,
    /// The end of the comment.
    End,
    /// The sentence ends in a question mark, or with `false` does not.
    Asked(bool),
}

impl Step {
    /// The class of which an item has to be there.
    pub(super) fn needed(self) -> Option<Class> {
        if let Self::Item(class) = self { Some(class) } else { None }
    }
}

/// A comment, and who is what in it.
#[derive(Clone, Copy)]
pub(super) struct View<'v> {
    pub(super) folded: &'v Folded,
    pub(super) items: &'v Items,
    pub(super) classes: &'v Classes,
}

/// The bit of a place that is so far away; none where it is out of reach.
fn bit(distance: usize) -> u64 {
    if distance < REACH { 1 << distance } else { 0 }
}

fn each(mut bits: u64, mut see: impl FnMut(usize)) {
    while bits != 0 {
        see(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

impl View<'_> {
    /// Where the steps can end that begin here; the places lie behind `from`.
    pub(super) fn forward(self, steps: &[Step], from: usize) -> u64 {
        let mut places = 1;
        for &step in steps {
            places = match step {
                Step::Item(class) => self.behind(class, from, places),
                Step::Maybe(class) => places | self.behind(class, from, places),
                Step::Gap(words) => {
                    let left = self.items.len() - from;
                    let inside = if left < 63 { (2 << left) - 1 } else { u64::MAX };
                    gap(words, places, !self.items.breaks_from(from) & inside)
                }
                Step::Start | Step::End | Step::Asked(_) => self.keep(places, |far| self.holds(step, from + far)),
            };
            if places == 0 {
                return 0;
            }
        }
        places
    }

    /// Where the steps can begin that end here; the places lie before `from`.
    pub(super) fn backward(self, steps: &[Step], from: usize) -> u64 {
        let mut places = 1;
        for &step in steps.iter().rev() {
            places = match step {
                Step::Item(class) => self.before(class, from, places),
                Step::Maybe(class) => places | self.before(class, from, places),
                Step::Gap(words) => {
                    let inside = if from < 63 { (2 << from) - 1 } else { u64::MAX };
                    gap(words, places, !self.items.breaks_to(from) & inside)
                }
                Step::Start | Step::End | Step::Asked(_) => self.keep(places, |far| self.holds(step, from - far)),
            };
            if places == 0 {
                return 0;
            }
        }
        places
    }

    /// Behind an item of the class that begins at one of the places, or behind emoji there.
    fn behind(self, class: Class, from: usize, places: u64) -> u64 {
        let (items, mut out) = (self.items, 0);
        each(places, |far| {
            for at in from + far..items.len().min(from + REACH) {
                if self.classes.is(items.kind(at), class) {
                    out |= bit(at + 1 - from);
                }
                for row in items.rows_from(at) {
                    if self.classes.is(row.kind, class) {
                        out |= bit(row.end as usize - from);
                    }
                }
                if !items.is_emoji(at) {
                    break;
                }
            }
        });
        out
    }

    /// Before an item of the class that ends at one of the places, or before emoji there.
    fn before(self, class: Class, from: usize, places: u64) -> u64 {
        let (items, mut out) = (self.items, 0);
        each(places, |far| {
            for end in (from.saturating_sub(REACH - 1).max(1)..=from - far).rev() {
                if self.classes.is(items.kind(end - 1), class) {
                    out |= bit(from + 1 - end);
                }
                for row in items.rows_to(end) {
                    if self.classes.is(row.kind, class) {
                        out |= bit(from - row.start as usize);
                    }
                }
                if !items.is_emoji(end - 1) {
                    break;
                }
            }
        });
        out
    }

    #[expect(clippy::unused_self, reason = "one of the walk's own steps")]
    fn keep(self, places: u64, holds: impl Fn(usize) -> bool) -> u64 {
        let mut out = 0;
        each(places, |far| out |= u64::from(holds(far)) << far);
        out
    }

    fn holds(self, step: Step, place: usize) -> bool {
        match step {
            Step::Start => self.items.is_start(place),
            Step::End => self.items.is_end(place),
            Step::Asked(asked) => self.folded.asked(place.saturating_sub(1)) == asked,
            Step::Item(_) | Step::Maybe(_) | Step::Gap(_) => true,
        }
    }
}

/// A gap of so many words, none of which begins a sentence, nor touches a beginning.
fn gap(words: u8, places: u64, free: u64) -> u64 {
    let (mut all, mut edge) = (places, places & free);
    for _ in 0..words {
        edge = edge << 1 & free;
        all |= edge;
    }
    all
}
