//! Alternatives of several words in a row, as lists and long brackets hold them by the hundred. In: rows of words, each of
//! a slot. Out: those that may begin with a given word, so that only they are compared. Not here: comparing them.

use super::classes::{Class, Facts};
use super::pattern::{NO_CLASS, PartId, Slot};

/// The rows of every slot, by the word that they begin with.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Who may begin a row, and the row; sorted within a slot.
    starts: Vec<(u32, PartId)>,
    /// By slot: where its rows begin; one more than there are.
    first: Vec<u32>,
    /// By slot: the words of its longest row.
    longest: Vec<u8>,
    /// By slot: the words that its rows begin and end with.
    edges: Vec<(Class, Class)>,
}

impl Rows {
    /// Files rows; each is a slot, the class of its first word, its length and itself. `members` are sorted by class.
    pub(super) fn new(
        rows: &[(Slot, Class, u8, PartId)],
        edges: Vec<(Class, Class)>,
        members: &[(Class, u32)],
    ) -> Self {
        let slots = rows.iter().map(|row| row.0 as usize + 1).max().unwrap_or(0);
        let mut starts: Vec<(Slot, u32, PartId)> = Vec::new();
        let mut longest = vec![0; slots];
        for &(slot, class, len, row) in rows {
            let first = members.partition_point(|&(other, _)| other < class);
            let of_class = members[first..].iter().take_while(|&&(other, _)| other == class);
            starts.extend(of_class.map(|&(_, member)| (slot, member, row)));
            longest[slot as usize] = longest[slot as usize].max(len);
        }
        starts.sort_unstable();
        starts.dedup();
        let first = (0..=slots as Slot).map(|slot| starts.partition_point(|start| start.0 < slot) as u32).collect();
        Self { starts: starts.into_iter().map(|(_, member, row)| (member, row)).collect(), first, longest, edges }
    }

    /// The rows of a slot that may begin with this word; the word itself is still to be compared.
    pub(super) fn starting(&self, slot: Slot, word: Facts) -> &[(u32, PartId)] {
        let slot = slot as usize;
        if word.is_none() || slot + 1 >= self.first.len() {
            return &[];
        }
        let all = &self.starts[self.first[slot] as usize..self.first[slot + 1] as usize];
        let Some(member) = word.member() else { return all };
        let from = all.partition_point(|&(other, _)| other < member);
        let len = all[from..].partition_point(|&(other, _)| other == member);
        &all[from..from + len]
    }

    /// The words that the rows of a slot begin with.
    pub(super) fn begin(&self, slot: Slot) -> Class {
        self.edges.get(slot as usize).map_or(NO_CLASS, |edges| edges.0)
    }

    /// The words that the rows of a slot end with.
    pub(super) fn close(&self, slot: Slot) -> Class {
        self.edges.get(slot as usize).map_or(NO_CLASS, |edges| edges.1)
    }

    /// The words of the longest row of a slot.
    pub(super) fn longest(&self, slot: Slot) -> usize {
        self.longest.get(slot as usize).copied().unwrap_or(0).into()
    }
}
