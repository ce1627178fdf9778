//! A comment as the phrases see it. In: folded text. Out: its items: every word, and every row of words that stands for
//! one ("the front desk", a name, an amount), each with its kind; and between them the places, counted from 0, one more
//! than words. Rooms are used again, so an ordinary comment needs no memory of its own.

use super::classes::Kind;
use super::vocabulary::Vocabulary;
use crate::text::Folded;

/// How many words further something is seen past emoji.
pub(super) const REACH: usize = 64;

/// Words that stand for one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    /// The place that it begins at.
    pub(super) start: u32,
    /// The place that it ends at.
    pub(super) end: u32,
    pub(super) kind: Kind,
}

/// The items of one comment.
#[derive(Debug, Default)]
pub(super) struct Items {
    /// By word.
    kinds: Vec<Kind>,
    starting: Rows,
    ending: Rows,
    /// Bit by place: a sentence begins there, and it is not the first.
    breaks: Vec<u64>,
    /// Bit by word: it is an emoji.
    emoji: Vec<u64>,
    has_emoji: bool,
    /// The last place before which there are only emoji.
    head: usize,
    /// The first place behind which there are only emoji.
    tail: usize,
}

/// Rows by a place.
#[derive(Debug, Default)]
struct Rows {
    rows: Vec<Row>,
    /// By place: where its rows begin; one more than there are.
    first: Vec<u32>,
}

impl Rows {
    fn index(&mut self, places: usize, at: impl Fn(&Row) -> u32) {
        self.first.clear();
        self.first.resize(places + 1, 0);
        self.rows.iter().for_each(|row| self.first[at(row) as usize + 1] += 1);
        for place in 0..places {
            self.first[place + 1] += self.first[place];
        }
    }

    fn at(&self, place: usize) -> &[Row] {
        if self.rows.is_empty() {
            return &[];
        }
        &self.rows[self.first[place] as usize..self.first[place + 1] as usize]
    }
}

impl Items {
    /// Reads the words of a comment.
    pub(super) fn read(&mut self, vocabulary: &Vocabulary, folded: &Folded) {
        let (text, words) = (folded.text.as_bytes(), &folded.words);
        self.kinds.clear();
        self.kinds.extend(words.iter().map(|word| vocabulary.kind_in(text, word.start as usize, word.end as usize)));
        self.starting.rows.clear();
        self.ending.rows.clear();
        // One more than needed, so that any 64 bits from any place on can be taken.
        for bits in [&mut self.breaks, &mut self.emoji] {
            bits.clear();
            bits.resize(words.len() / 64 + 2, 0);
        }
        self.has_emoji = false;
        for (at, word) in words.iter().enumerate() {
            self.breaks[at / 64] |= u64::from(word.sentence_start && at > 0) << (at % 64);
            self.emoji[at / 64] |= u64::from(word.emoji) << (at % 64);
            self.has_emoji |= word.emoji;
        }
        self.head = words.iter().take_while(|word| word.emoji).count();
        self.tail = words.len() - words.iter().rev().take_while(|word| word.emoji).count();
    }

    /// Adds rows, and leaves those of them that are new, sorted.
    pub(super) fn add(&mut self, rows: &mut Vec<Row>) {
        rows.sort_unstable();
        rows.dedup();
        if rows.is_empty() {
            return;
        }
        let places = self.len() + 1;
        self.starting.rows.extend_from_slice(rows);
        self.starting.rows.sort_unstable();
        self.starting.rows.dedup();
        self.starting.index(places, |row| row.start);
        self.ending.rows.clone_from(&self.starting.rows);
        self.ending.rows.sort_unstable_by_key(|row| row.end);
        self.ending.index(places, |row| row.end);
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    pub(super) fn kind(&self, word: usize) -> Kind {
        self.kinds[word]
    }

    /// The rows that begin at a place.
    pub(super) fn rows_from(&self, place: usize) -> &[Row] {
        self.starting.at(place)
    }

    /// The rows that end at a place.
    pub(super) fn rows_to(&self, place: usize) -> &[Row] {
        self.ending.at(place)
    }

    /// The items that begin at a place, or behind emoji that stand there.
    pub(super) fn each_behind(&self, place: usize, mut see: impl FnMut(Row)) {
        for at in place..self.len().min(place + REACH) {
            see(Row { start: at as u32, end: at as u32 + 1, kind: self.kind(at) });
            self.rows_from(at).iter().for_each(|row| see(*row));
            if !self.is_emoji(at) {
                break;
            }
        }
    }

    /// The items that end at a place, or before emoji that stand there.
    pub(super) fn each_before(&self, place: usize, mut see: impl FnMut(Row)) {
        for end in (place.saturating_sub(REACH - 1).max(1)..=place).rev() {
            see(Row { start: end as u32 - 1, end: end as u32, kind: self.kind(end - 1) });
            self.rows_to(end).iter().for_each(|row| see(*row));
            if !self.is_emoji(end - 1) {
                break;
            }
        }
    }

    /// Whether the word behind a place is an emoji, which is punctuation to those that do not ask for it.
    pub(super) fn is_emoji(&self, word: usize) -> bool {
        self.has_emoji && self.emoji[word / 64] >> (word % 64) & 1 != 0
    }

    /// Bit by place, counted from this one on: a sentence begins there.
    pub(super) fn breaks_from(&self, place: usize) -> u64 {
        let (word, shift) = (place / 64, place % 64);
        let later = if shift == 0 { 0 } else { self.breaks[word + 1] << (64 - shift) };
        self.breaks[word] >> shift | later
    }

    /// The same, counted from this place back.
    pub(super) fn breaks_to(&self, place: usize) -> u64 {
        match place.checked_sub(63) {
            Some(first) => self.breaks_from(first).reverse_bits(),
            None => (self.breaks_from(0) << (63 - place)).reverse_bits(),
        }
    }

    /// Whether nothing but emoji stands before a place.
    pub(super) fn is_start(&self, place: usize) -> bool {
        place <= self.head
    }

    /// Whether nothing but emoji stands behind a place.
    pub(super) fn is_end(&self, place: usize) -> bool {
        place >= self.tail
    }
}
