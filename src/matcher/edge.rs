//! The edges of phrases: which words a part can begin and end with. In: compiled parts. Out: words, or that anything may
//! stand there; what stands beside an anchor is tested by it before a phrase is followed.

use super::classes::Sets;
use super::pattern::{Part, PartId, Patterns, Slot};
use super::vocabulary::Sym;

/// What stands beside a part: words of which one must be there, or anything.
#[derive(Clone, Debug)]
pub(super) enum Beside {
    Any,
    Words { words: Vec<Sym>, may_be_nothing: bool },
}

impl Beside {
    /// The end of the phrase.
    pub(super) fn nothing() -> Self {
        Self::Words { words: Vec::new(), may_be_nothing: true }
    }

    /// This, or where it may be nothing, what comes next.
    pub(super) fn or_next(self, next: impl FnOnce() -> Self) -> Self {
        let Self::Words { words, may_be_nothing: true } = self else { return self };
        match next() {
            Self::Any => Self::Any,
            Self::Words { words: more, may_be_nothing } => {
                Self::Words { words: words.into_iter().chain(more).collect(), may_be_nothing }
            }
        }
    }

    /// This or that.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Words { mut words, may_be_nothing }, Self::Words { words: more, may_be_nothing: or_nothing }) => {
                words.extend(more);
                Self::Words { words, may_be_nothing: may_be_nothing || or_nothing }
            }
            _ => Self::Any,
        }
    }
}

/// The words that a slot's ranges begin or, with `true`, end with; `None` where anything may stand there.
pub(super) type SlotEdge<'e> = dyn Fn(Slot, bool) -> Option<Vec<Sym>> + 'e;

/// The words that a part begins with or, with `last`, ends with; `slot` says it of the ranges of a slot.
pub(super) fn edge(patterns: &Patterns, sets: &Sets, slot: &SlotEdge<'_>, part: PartId, last: bool) -> Beside {
    let edge = |part: PartId| edge(patterns, sets, slot, part, last);
    match patterns.part(part) {
        Part::Word(class) => Beside::Words { words: sets.words(class).to_vec(), may_be_nothing: false },
        Part::Slot(of, class) => slot(of, last).map_or(Beside::Any, |mut words| {
            words.extend_from_slice(sets.words(class));
            Beside::Words { words, may_be_nothing: false }
        }),
        Part::Seq(first, len) => {
            let parts = patterns.children(first, len).iter();
            let next = |beside: Beside, part: &PartId| beside.or_next(|| edge(*part));
            if last { parts.rev().fold(Beside::nothing(), next) } else { parts.fold(Beside::nothing(), next) }
        }
        Part::Alt(first, len) => {
            let none = Beside::Words { words: Vec::new(), may_be_nothing: false };
            patterns.children(first, len).iter().fold(none, |beside, &part| beside.or(edge(part)))
        }
        Part::Opt(part) => edge(part).or(Beside::nothing()),
        Part::Gap(_) => Beside::Any,
        Part::Start | Part::End | Part::Asked(_) => Beside::nothing(),
    }
}

/// The words that a list's phrase begins with or, with `last`, ends with; `None` where that cannot be said.
pub(super) fn edge_words(patterns: &Patterns, sets: &Sets, part: PartId, last: bool) -> Option<Vec<Sym>> {
    match edge(patterns, sets, &|_, _| None, part, last) {
        Beside::Words { words, may_be_nothing: false } => Some(words),
        _ => None,
    }
}
