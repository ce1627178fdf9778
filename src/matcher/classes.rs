//! Who is what: the kinds of items in a comment, by what the phrases ask of them. In: the sets of words that phrases
//! name, each a [`Class`]. Out: whether an item of a [`Kind`] is of a class, worked out beforehand, so that following a
//! phrase never compares letters.

use std::collections::HashMap;

use super::vocabulary::{Sym, Vocabulary};

/// A set of words and rows of words that some phrase asks for, by number.
pub(super) type Class = u32;

/// Items of which the phrases ask the same: a known word, whatever begins with a stem, or a row of words.
pub(super) type Kind = u32;

/// A word that no phrase asks for.
pub(super) const NOBODY: Kind = 0;

/// From here on the numbers of words are those of rows.
const ROWS: Sym = 1 << 30;

/// The number under which classes hold a row of words.
pub(super) fn row_sym(row: u32) -> Sym {
    ROWS + row
}

/// The row that a number of a class stands for, if it is none of a word.
pub(super) fn row_of(sym: Sym) -> Option<u32> {
    sym.checked_sub(ROWS)
}

/// Collects classes while phrases are compiled.
#[derive(Debug, Default)]
pub(super) struct Sets {
    by_syms: HashMap<Box<[Sym]>, Class>,
    syms: Vec<Box<[Sym]>>,
}

impl Sets {
    /// The class of these words and rows.
    pub(super) fn class(&mut self, mut syms: Vec<Sym>) -> Class {
        syms.sort_unstable();
        syms.dedup();
        let syms = syms.into_boxed_slice();
        if let Some(&class) = self.by_syms.get(&syms) {
            return class;
        }
        let class = self.syms.len() as Class;
        self.by_syms.insert(syms.clone(), class);
        self.syms.push(syms);
        class
    }

    /// The words and rows of a class.
    pub(super) fn syms(&self, class: Class) -> &[Sym] {
        &self.syms[class as usize]
    }

    /// How many classes there are.
    pub(super) fn len(&self) -> usize {
        self.syms.len()
    }
}

/// What each kind of item is to the phrases.
#[derive(Debug)]
pub(super) struct Classes {
    /// By kind: where its classes begin, and how many they are. Kinds of the same classes share them.
    of_kind: Vec<(u32, u32)>,
    arena: Vec<Class>,
    members: Members,
    /// The kind of the first row.
    first_row: Kind,
    /// By class: how much it says that one of its items is there, in bits.
    says: Vec<u8>,
}

impl Classes {
    /// Works out what every word of the vocabulary and every one of so many rows is. Gives the kinds of each class, too.
    pub(super) fn new(vocabulary: &Vocabulary, sets: &Sets, rows: u32) -> (Self, Vec<Vec<Kind>>) {
        let mut of_sym: HashMap<Sym, Vec<Class>> = HashMap::new();
        for (class, syms) in (0..).zip(&sets.syms) {
            syms.iter().for_each(|&sym| of_sym.entry(sym).or_default().push(class));
        }
        let first_row = vocabulary.kinds();
        let mut kinds = vec![Vec::new(); sets.len()];
        let (mut shared, mut own): (HashMap<Vec<Class>, u32>, Vec<Class>) = (HashMap::new(), Vec::new());
        let (mut of_kind, mut arena, mut pairs) = (Vec::new(), Vec::new(), 0);
        for kind in 0..first_row + rows {
            own.clear();
            let mut add = |sym: Sym| own.extend(of_sym.get(&sym).into_iter().flatten());
            match kind.checked_sub(first_row) {
                Some(row) => add(row_sym(row)),
                None => vocabulary.syms_of(kind, &mut add),
            }
            own.sort_unstable();
            own.dedup();
            for &class in &own {
                kinds[class as usize].push(kind);
            }
            pairs += own.len();
            let start = shared.entry(own.clone()).or_insert_with(|| {
                let start = arena.len() as u32;
                arena.extend_from_slice(&own);
                start
            });
            of_kind.push((*start, own.len() as u32));
        }
        arena.shrink_to_fit();
        let mut members = Members::new(pairs);
        for (class, kinds) in (0..).zip(&kinds) {
            for &kind in kinds {
                members.add(kind, class);
            }
        }
        (Self { of_kind, arena, members, first_row, says: Vec::new() }, kinds)
    }

    /// Tells how many of so many items in ordinary text are of each class.
    pub(super) fn learn_uses(&mut self, uses: impl Iterator<Item = u64>, total: u64) {
        self.says = uses.map(|uses| (total / uses.max(1)).max(1).ilog2() as u8).collect();
    }

    /// How much it says that an item of a class is there, in bits: nothing where every word is of it.
    pub(super) fn says(&self, class: Class) -> u32 {
        self.says.get(class as usize).copied().unwrap_or(0).into()
    }

    /// The kind of a row of words.
    pub(super) fn row(&self, row: u32) -> Kind {
        self.first_row + row
    }

    /// Whether items of a kind are of a class.
    pub(super) fn is(&self, kind: Kind, class: Class) -> bool {
        self.members.may_have(kind, class) && self.of(kind).binary_search(&class).is_ok()
    }

    /// The kinds of words that are of a class.
    pub(super) fn words_of(&self, class: Class) -> impl Iterator<Item = Kind> {
        (1..self.first_row).filter(move |&kind| self.is(kind, class))
    }

    /// The classes of a kind, sorted.
    pub(super) fn of(&self, kind: Kind) -> &[Class] {
        let (start, len) = self.of_kind[kind as usize];
        &self.arena[start as usize..(start + len) as usize]
    }
}

/// Which kind is of which class, in one look: says no for certain, and yes hardly ever wrongly.
#[derive(Debug)]
struct Members {
    bits: Vec<u64>,
}

impl Members {
    fn new(pairs: usize) -> Self {
        Self { bits: vec![0; (pairs * 14).next_power_of_two().max(64) / 64] }
    }

    fn at(&self, kind: Kind, class: Class) -> (usize, u64) {
        let mixed = (u64::from(kind) << 32 | u64::from(class)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let bit = (mixed >> 32) as usize & (self.bits.len() * 64 - 1);
        (bit / 64, 1 << (bit % 64))
    }

    fn add(&mut self, kind: Kind, class: Class) {
        let (word, bit) = self.at(kind, class);
        self.bits[word] |= bit;
    }

    fn may_have(&self, kind: Kind, class: Class) -> bool {
        let (word, bit) = self.at(kind, class);
        self.bits[word] & bit != 0
    }
}
