//! Words by length and letters: which fit a shape of which only some letters are certain. In: words, once; then a word
//! or a [`Shape`]. Out: the words that fit, by index. Ordinary English stands here too, made into tables by `build.rs`.
//! Not here: which of several words was meant.

use std::borrow::Cow;
use std::sync::LazyLock;

include!(concat!(env!("OUT_DIR"), "/ordinary.rs"));
static LETTERS: &str = include_str!(concat!(env!("OUT_DIR"), "/ordinary.letters"));
static KNOWN: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/ordinary.known"));
static FILTER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/ordinary.filter"));

/// Longer words are neither kept nor looked for.
pub(super) const LONGEST: usize = ORDINARY_LENGTHS.len() - 1;

/// For each place the letters that may stand there, a bit each: `a` is bit 0, the apostrophe bit 26.
pub(super) type Shape = [u32];

/// Any letter.
pub(super) const ANY: u32 = (1 << 26) - 1;

/// The bit of a letter; none for what stands in no word.
pub(super) fn bit(letter: u8) -> u32 {
    match letter {
        b'a'..=b'z' => 1 << (letter - b'a'),
        b'\'' => 1 << 26,
        _ => 0,
    }
}

/// The bits of several letters.
pub(super) fn bits(letters: &str) -> u32 {
    letters.bytes().fold(0, |bits, letter| bits | bit(letter))
}

/// Words of ASCII letters, sorted by length and then by letters.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    letters: Cow<'static, str>,
    /// For each length the byte of its first word; one more at the end.
    starts: Vec<usize>,
}

impl Words {
    /// Keeps these words; longer ones than [`LONGEST`] and such as have other letters are left out. Sorts them first.
    pub(super) fn of(mut words: Vec<&str>) -> Self {
        words.retain(|word| !word.is_empty() && word.len() <= LONGEST && word.bytes().all(|letter| bit(letter) != 0));
        words.sort_unstable_by_key(|word| (word.len(), *word));
        words.dedup();
        let mut lengths = [0; LONGEST + 1];
        for word in &words {
            lengths[word.len()] += 1;
        }
        Self { letters: Cow::Owned(words.concat()), starts: starts(&lengths) }
    }

    /// The word with this index.
    pub(super) fn word(&self, index: usize) -> &str {
        let (length, start) = self.place(index);
        &self.letters[start..start + length]
    }

    /// The index of a word.
    pub(super) fn find(&self, word: &str) -> Option<usize> {
        let length = word.len();
        let block = self.block(length)?;
        let (mut low, mut high) = (0, block.len() / length);
        while low < high {
            let middle = low.midpoint(high);
            if &block.as_bytes()[middle * length..(middle + 1) * length] < word.as_bytes() {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (block.get(low * length..(low + 1) * length)? == word).then(|| self.first(length) + low)
    }

    /// The indexes of the words that fit, in order.
    pub(super) fn fitting<'s>(&'s self, shape: &'s Shape) -> impl Iterator<Item = usize> + 's {
        let length = shape.len();
        let block = self.block(length).unwrap_or_default().as_bytes();
        // Only the stretch of words that begin with a letter which may begin.
        let first = shape.first().copied().unwrap_or(0);
        let (low, high) = (first.trailing_zeros(), 32 - first.leading_zeros());
        let edge = |letter: u32| {
            let letter = if letter >= 26 { u8::MAX } else { b'a' + letter as u8 };
            partition(block, length, |word| word[0] < letter)
        };
        let range =
            if first & ANY == first && first != 0 { edge(low)..edge(high) } else { 0..block.len() / length.max(1) };
        let fits = move |word: &[u8]| word.iter().zip(shape).all(|(&letter, &may)| bit(letter) & may != 0);
        let start = range.start;
        block[range.start * length..range.end * length]
            .chunks_exact(length.max(1))
            .enumerate()
            .filter(move |(_, word)| fits(word))
            .map(move |(at, _)| self.first(length) + start + at)
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        (1..self.starts.len().saturating_sub(1))
            .map(|length| (self.starts[length + 1] - self.starts[length]) / length)
            .sum()
    }

    fn block(&self, length: usize) -> Option<&str> {
        let (start, end) = (self.starts.get(length)?, self.starts.get(length + 1)?);
        if length == 0 { None } else { self.letters.get(*start..*end) }
    }

    /// The index of the first word of this length.
    fn first(&self, length: usize) -> usize {
        (1..length).map(|length| (self.starts[length + 1] - self.starts[length]) / length).sum()
    }

    fn place(&self, mut index: usize) -> (usize, usize) {
        for length in 1..self.starts.len().saturating_sub(1) {
            let count = (self.starts[length + 1] - self.starts[length]) / length;
            if index < count {
                return (length, self.starts[length] + index * length);
            }
            index -= count;
        }
        (0, 0)
    }
}

fn starts(lengths: &[usize; LONGEST + 1]) -> Vec<usize> {
    let mut starts = vec![0];
    for (length, count) in lengths.iter().enumerate() {
        starts.push(starts[length] + length * count);
    }
    starts
}

/// How many words at the beginning of a sorted block are so.
fn partition(block: &[u8], length: usize, so: impl Fn(&[u8]) -> bool) -> usize {
    let (mut low, mut high) = (0, block.len() / length.max(1));
    while low < high {
        let middle = low.midpoint(high);
        if so(&block[middle * length..(middle + 1) * length]) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

static ORDINARY: LazyLock<Words> =
    LazyLock::new(|| Words { letters: Cow::Borrowed(LETTERS), starts: starts(&ORDINARY_LENGTHS) });

/// Whether a word is ordinary English or a name that people bear.
pub(super) fn is_ordinary(word: &str) -> bool {
    in_filter(word) && ORDINARY.find(word).is_some()
}

/// Whether a word is among the forty thousand that most people know.
pub(super) fn is_common(word: &str) -> bool {
    in_filter(word) && ORDINARY.find(word).is_some_and(is_common_at)
}

/// The ordinary words that fit a shape, each with whether it is a common one.
pub(super) fn ordinary_fitting(shape: &Shape) -> impl Iterator<Item = (&'static str, bool)> + '_ {
    ORDINARY.fitting(shape).map(|at| (ORDINARY.word(at), is_common_at(at)))
}

fn is_common_at(at: usize) -> bool {
    known_by(at) >= 1
}

/// Whether a word is among the twelve thousand that everybody uses.
pub(super) fn is_everyday(word: &str) -> bool {
    in_filter(word) && ORDINARY.find(word).is_some_and(|at| known_by(at) >= 2)
}

/// Every word that everybody uses.
pub(super) fn everyday() -> impl Iterator<Item = &'static str> {
    (0..ORDINARY.len()).filter(|&at| known_by(at) >= 2).map(|at| ORDINARY.word(at))
}

/// How many people know a word: 2 everybody, 1 most, 0 some.
fn known_by(at: usize) -> u8 {
    KNOWN.get(at / 4).map_or(0, |byte| byte >> (at % 4 * 2) & 3)
}

/// Says no for nearly every word that is none, without touching the list.
fn in_filter(word: &str) -> bool {
    let mut hash = hash(word);
    let bits = FILTER.len() as u64 * 8 - 1;
    (0..4).all(|_| {
        let bit = (hash & bits) as usize;
        hash = hash.rotate_right(16);
        FILTER[bit / 8] >> (bit % 8) & 1 == 1
    })
}

/// A number for a word, the same in `build.rs`.
pub(super) fn hash(word: &str) -> u64 {
    finish(word.bytes().fold(EMPTY, step))
}

/// Gives the hash of each beginning of a word, with its length, the shortest first.
pub(super) fn prefix_hashes(word: &str, mut take: impl FnMut(usize, u64)) {
    let mut hash = EMPTY;
    for (at, byte) in word.bytes().enumerate() {
        hash = step(hash, byte);
        take(at + 1, finish(hash));
    }
}

const EMPTY: u64 = 0xCBF2_9CE4_8422_2325;

fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
}

fn finish(hash: u64) -> u64 {
    hash ^ hash >> 29
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(mask: &str) -> Vec<u32> {
        mask.bytes().map(|letter| if letter == b'*' { ANY } else { bit(letter) }).collect()
    }

    #[test]
    fn a_shape_finds_every_word_that_fits() {
        let words = Words::of(vec!["fuck", "fork", "folk", "shit", "a", "can't", "naïve"]);
        let fitting = |mask: &str| words.fitting(&shape(mask)).map(|at| words.word(at)).collect::<Vec<_>>();
        assert_eq!(fitting("f**k"), ["folk", "fork", "fuck"]);
        assert_eq!(fitting("***t"), ["shit"]);
        assert_eq!(fitting("can't"), ["can't"]);
        assert_eq!(fitting("xy"), [] as [&str; 0]);
        assert_eq!(words.len(), 6);
        for (at, word) in ["a", "folk", "fork", "fuck", "shit", "can't"].into_iter().enumerate() {
            assert_eq!((words.find(word), words.word(at)), (Some(at), word));
        }
        assert_eq!(words.find("fulk"), None);
    }

    #[test]
    fn ordinary_words_and_names_are_known() {
        for word in ["shirt", "apple", "comb", "scunthorpe", "appointments", "penistone"] {
            assert!(is_ordinary(word), "{word}");
        }
        for word in ["shti", "fcuk", "zzz", "receptioni"] {
            assert!(!is_ordinary(word), "{word}");
        }
        assert!(is_common("walked") && !is_common("scunthorpe"));
        let fitting: Vec<_> = ordinary_fitting(&shape("sh*rt")).map(|(word, _)| word).collect();
        assert!(fitting.contains(&"shirt") && fitting.contains(&"short"), "{fitting:?}");
    }
}
