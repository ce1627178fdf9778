//! How alike two names are: slips of the finger and spellings by ear. In: folded words. Out: whether one may stand for
//! the other. Not here: where a likeness is believed; a bare look-alike is never a name on its own.

mod sounds;

pub(super) use sounds::same_name;

/// How much must agree before a word is taken for a misspelt name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The word stands alone: one small slip, as fingers make it, in a name long enough to be known by the rest.
    Alone,
    /// The other half is there, rare, and as it should be: one letter may be wrong even in a short name.
    Near,
    /// A title, a role or the other half of the name vouches for it.
    Vouched,
}

/// A word prepared to be compared with others.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    /// Which letters it has, one bit each.
    pub(super) letters: u32,
    /// As it would be written by somebody who spells by ear.
    plain: String,
    /// Which letters that has.
    plain_letters: u32,
    /// Its consonants as they sound.
    sound: String,
}

impl Shape {
    pub(super) fn of(word: &str) -> Self {
        let plain = sounds::plain(word);
        Self { letters: letters(word), plain_letters: letters(&plain), plain, sound: sounds::sound(word) }
    }

    /// Whether the two are the same to the ear.
    pub(super) fn sounds_as(&self, other: &Self) -> bool {
        self.plain == other.plain
    }

    /// A quick look that rules out most words: too many letters that only one of the two has.
    fn is_far(&self, other: &Self) -> bool {
        (self.letters ^ other.letters).count_ones() > 6 && self.sound != other.sound
    }
}

/// Which of the letters a to z a word has, one bit each.
pub(super) fn letters(word: &str) -> u32 {
    word.bytes().filter(u8::is_ascii_lowercase).fold(0, |letters, byte| letters | 1 << (byte - b'a'))
}

/// Whether so different letters cost more than this: each that only one word has is at least half of a cheap exchange.
fn cost_more(a: u32, b: u32, limit: u32) -> bool {
    (a ^ b).count_ones() * 5 > limit * 2
}

/// Whether `typed` may be `name` misspelt.
#[cfg(test)]
pub(super) fn is_near(typed: &str, name: &str) -> bool {
    likeness(typed, &Shape::of(typed), name, &Shape::of(name), Reach::Vouched).is_some()
}

/// How far `typed` is from `name`, in tenths of a letter; `None` where it is another word.
pub(super) fn likeness(typed: &str, typed_shape: &Shape, name: &str, shape: &Shape, reach: Reach) -> Option<u32> {
    let ascii = typed.is_ascii() && name.is_ascii();
    if !ascii || typed.len() < 2 || name.len() < 3 || typed.len().abs_diff(name.len()) > 4 {
        return None;
    }
    if reach == Reach::Vouched && (same_name(typed, name) || declined(typed, name)) {
        return Some(1);
    }
    if typed_shape.is_far(shape) {
        return None;
    }
    let by_eye = |limit| {
        let far = cost_more(typed_shape.letters, shape.letters, limit);
        if far { None } else { Some(effort(typed, name, limit)).filter(|effort| *effort <= limit) }
    };
    let longest = name.len().max(typed.len());
    if reach == Reach::Alone {
        let limit = match name.len() {
            0..=3 => return None,
            4 | 5 => 6,
            _ => 10,
        };
        // A name that hides its sound is known by it, and so is a long one spelt by ear.
        let heard = name.len() >= 5 && (same_name(typed, name) || typed_shape.sounds_as(shape));
        return if heard { Some(effort(typed, name, FAR)) } else { by_eye(limit) };
    }
    if reach == Reach::Near {
        return by_eye(10);
    }
    let limit = match longest {
        0..=3 => 5,
        4 => 6,
        5 => 10,
        6 => 11,
        7 | 8 => 14,
        9 | 10 => 18,
        _ => 22,
    };
    // Short names sound alike too easily: "Kane" and "Khan".
    let heard = name.len() >= 5 && !cost_more(typed_shape.plain_letters, shape.plain_letters, limit - 3);
    let by_ear = if heard { Some(effort(&typed_shape.plain, &shape.plain, limit - 3) + 3) } else { None };
    let nearest = by_eye(limit).into_iter().chain(by_ear).min();
    if let Some(nearest) = nearest.filter(|nearest| *nearest <= limit) {
        return Some(nearest);
    }
    sounds_alike(typed, &typed_shape.sound, name, &shape.sound).then_some(limit)
}

/// A Slavic case ending: `piotrem` of `piotr`, `wisniewskiej` of `wisniewska`.
fn declined(typed: &str, name: &str) -> bool {
    if name.len() >= 4 && typed.strip_suffix("owi") == Some(name) {
        return true;
    }
    let stem = name.strip_suffix(['a', 'e', 'o', 'i']).unwrap_or(name);
    let slavic = ["ska", "cka", "ski", "cki", "yk", "ek", "wicz", "tr", "sz", "ka", "czak"];
    slavic.iter().any(|end| name.ends_with(end))
        && stem.len() >= 5
        && typed.strip_prefix(stem).is_some_and(|end| SLAVIC_ENDINGS.contains(&end))
}

const SLAVIC_ENDINGS: [&str; 16] =
    ["em", "iem", "owi", "a", "i", "iej", "ej", "e", "ie", "om", "u", "owie", "iego", "ego", "iemu", "im"];

/// More than any two names may differ by.
const FAR: u32 = 1000;

/// What it takes to get from one word to the other, in tenths of a letter: a wrong letter is ten, one that sounds the
/// same is less, a doubled one next to nothing. Neighbours that changed places count once. What is more than `most` is
/// [`FAR`].
fn effort(a: &str, b: &str, most: u32) -> u32 {
    const LONGEST: usize = 32;
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.is_empty() || b.is_empty() || a.len() > LONGEST || b.len() > LONGEST {
        return FAR;
    }
    let mut rows = [[0_u32; LONGEST + 1]; 3];
    for j in 0..b.len() {
        rows[1][j + 1] = rows[1][j] + slip(b, j);
    }
    let mut nearest_before = 0;
    for i in 0..a.len() {
        rows[2][0] = rows[1][0] + slip(a, i);
        let mut nearest = rows[2][0];
        for j in 0..b.len() {
            // People seldom miss the first letter of a name.
            let first = if i + j > 0 {
                0
            } else if exchange(a[i], b[j]) < 10 {
                2
            } else {
                6
            };
            let swap = if a[i] == b[j] { 0 } else { exchange(a[i], b[j]) + first };
            let mut cost = (rows[1][j] + swap).min(rows[1][j + 1] + slip(a, i)).min(rows[2][j] + slip(b, j));
            if i > 0 && j > 0 && a[i] != a[i - 1] && a[i] == b[j - 1] && a[i - 1] == b[j] {
                cost = cost.min(rows[0][j - 1] + 6);
            }
            rows[2][j + 1] = cost;
            nearest = nearest.min(cost);
        }
        // What changed places looks back two rows, so both must be too far.
        if nearest.min(nearest_before) > most {
            return FAR;
        }
        nearest_before = nearest;
        rows.rotate_left(1);
    }
    rows[1][b.len()]
}

/// What it costs to type this letter where it does not belong, or to leave it out.
fn slip(word: &[u8], at: usize) -> u32 {
    let letter = word[at];
    match () {
        () if at == 0 => 13,
        () if letter == word[at - 1] => 2,
        () if letter == b'h' => 5,
        () if letter == b'e' && at + 1 == word.len() => 4,
        () if is_vowel(letter) => 8,
        () => 10,
    }
}

/// What it costs to type one letter for the other.
fn exchange(a: u8, b: u8) -> u32 {
    let letter = |byte: u8| usize::from(byte.wrapping_sub(b'a'));
    EXCHANGE.get(letter(a)).and_then(|costs| costs.get(letter(b))).copied().unwrap_or(10).into()
}

/// By both letters.
static EXCHANGE: [[u8; 26]; 26] = {
    const ALIKE: [&[u8]; 12] = [b"ckq", b"sz", b"vwf", b"bp", b"dt", b"gj", b"ijy", b"mn", b"gk", b"xs", b"uw", b"ao"];
    let mut costs = [[10; 26]; 26];
    set_all(&mut costs, b"aeiouy", 7);
    let mut group = 0;
    while group < ALIKE.len() {
        set_all(&mut costs, ALIKE[group], 5);
        group += 1;
    }
    costs
};

/// Every two letters of a group cost the same.
const fn set_all(costs: &mut [[u8; 26]; 26], group: &[u8], cost: u8) {
    let mut a = 0;
    while a < group.len() {
        let mut b = 0;
        while b < group.len() {
            costs[(group[a] - b'a') as usize][(group[b] - b'a') as usize] = cost;
            b += 1;
        }
        a += 1;
    }
}

fn is_vowel(byte: u8) -> bool {
    b"aeiouy".contains(&byte)
}

/// Whether two words sound alike to a British ear. Short keys say little, so they need nearly the same letters too.
fn sounds_alike(typed: &str, one: &str, name: &str, other: &str) -> bool {
    if one != other {
        return false;
    }
    let effort = effort(typed, name, 36);
    match one.len() {
        0 | 1 => false,
        2 => name.len() >= 4 && effort <= if name.len() >= 5 { 17 } else { 6 } && vowels_fit(typed, name),
        3 => effort <= if name.len() >= 5 { 30 } else { 14 } && (name.len() >= 5 || vowels_fit(typed, name)),
        _ => effort <= 36,
    }
}

/// Of two short words, those that differ in a vowel are other names: `khan` and `khun`.
fn vowels_fit(typed: &str, name: &str) -> bool {
    let first = |word: &str| word.bytes().skip(1).find(|byte| is_vowel(*byte));
    let near = |a: u8, b: u8| {
        a == b || matches!((a, b), (b'i', b'e' | b'y') | (b'e' | b'y', b'i') | (b'e', b'y') | (b'y', b'e'))
    };
    first(typed).zip(first(name)).is_some_and(|(a, b)| near(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(typed: &str, name: &str) {
        assert!(is_near(typed, name), "{typed} ({}) for {name} ({})", sounds::plain(typed), sounds::plain(name));
    }

    #[track_caller]
    fn far(typed: &str, name: &str) {
        assert!(!is_near(typed, name), "{typed} ({}) for {name} ({})", sounds::plain(typed), sounds::plain(name));
    }

    #[test]
    fn slips_of_the_finger_are_near() {
        near("kahn", "khan");
        near("bset", "best");
        near("yuong", "young");
        near("wisnewska", "wisniewska");
        near("kowlaczyk", "kowalczyk");
        near("adeymi", "adeyemi");
        near("bathcer", "batcher");
    }

    #[test]
    fn spellings_by_ear_are_near() {
        near("pattel", "patel");
        near("wisnyevska", "wisniewska");
        near("sharmer", "sharma");
        near("kovalchik", "kowalczyk");
        near("shivaun", "siobhan");
        near("peeotr", "piotr");
        near("jackwee", "jacqui");
        near("kallum", "callum");
        near("nichols", "nicholls");
        near("filips", "phillips");
    }

    #[test]
    fn case_endings_are_near() {
        near("piotrem", "piotr");
        near("kowalczykiem", "kowalczyk");
        near("wisniewskiej", "wisniewska");
    }

    #[test]
    fn other_names_are_far() {
        far("bent", "best");
        far("ling", "long");
        far("cooke", "may");
        far("hunt", "khan");
        far("kane", "khan");
        far("whitehead", "white");
        far("greenwood", "green");
        far("miles", "khan");
    }

    #[test]
    fn names_that_hide_their_sound_are_near_to_how_they_are_heard() {
        near("neeve", "niamh");
        near("voytek", "wojciech");
        near("beecham", "beauchamp");
        near("chowdry", "chaudhary");
        near("clark", "clarke");
        near("dillon", "dhillon");
    }

    #[test]
    fn a_word_alone_may_be_one_small_slip_away_and_no_more() {
        let alone = |typed: &str, name: &str| {
            likeness(typed, &Shape::of(typed), name, &Shape::of(name), Reach::Alone).is_some()
        };
        assert!(alone("pattel", "patel") && alone("kahn", "khan") && alone("brenan", "brennan"));
        assert!(!alone("paten", "patel") && !alone("kane", "khan") && !alone("drama", "drummond"));
    }
}
