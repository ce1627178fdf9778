//! One character to what it stands for: case, accents, compatibility forms, look-alikes of other scripts; looked up in
//! tables that `build.rs` makes of Unicode's data and of `look-alikes.txt`. In: a `char`. Out: [`Meaning`].
//! Not here: anything that needs the character's neighbours.

include!(concat!(env!("OUT_DIR"), "/chars.rs"));
static LETTERS: &str = include_str!(concat!(env!("OUT_DIR"), "/chars.txt"));

/// What a character means to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Itself: a letter without case, a sign.
    Same,
    /// These lower-case letters, digits or punctuation, at most four; `disguised` where nobody writes it so by habit.
    Plain { text: &'static str, disguised: bool },
    /// Nothing to see: joins what stands around it.
    Invisible,
    /// A mark on the letter before.
    Mark,
    /// A picture, as itself.
    Emoji,
    /// A letter of a flag; three in a row spell a word.
    Regional(&'static str),
    /// From here the display runs backwards.
    Reverse,
    /// The end of a change of direction.
    EndReverse,
}

const DISGUISED: u32 = 8;
const FLIPPED: u32 = 16;

/// What `c` means.
pub(super) fn meaning(c: char) -> Meaning {
    let packed = packed(c);
    let kind = packed >> 24;
    match kind & 7 {
        1 => Meaning::Plain { text: letters(packed), disguised: kind & DISGUISED != 0 },
        2 => Meaning::Invisible,
        3 => Meaning::Mark,
        4 => Meaning::Emoji,
        5 => Meaning::Regional(letters(packed)),
        6 => Meaning::Reverse,
        7 => Meaning::EndReverse,
        _ => Meaning::Same,
    }
}

/// Whether the character is a letter that stands on its head, and is nothing else in English.
pub(super) fn is_upside_down(c: char) -> bool {
    !c.is_ascii() && (packed(c) >> 24) & FLIPPED != 0
}

/// What the character is when the page is turned round; `None` where it is nothing then.
pub(super) fn turned(c: char) -> Option<char> {
    if let Ok(at) = UPSIDE_DOWN.binary_search_by_key(&c, |&(from, _)| from) {
        return Some(UPSIDE_DOWN[at].1);
    }
    (matches!(c, 'H' | 'I' | 'N' | 'O' | 'S' | 'X' | 'Z' | 'l' | 'o' | 's' | 'x' | 'z' | '0' | '8' | '-' | '"'))
        .then_some(c)
}

/// The two levels: 128 code points share a row, and most rows are alike.
fn packed(c: char) -> u32 {
    const ROW: usize = 128;
    let code = c as usize;
    let row = usize::from(BLOCK_OF[code / ROW]);
    MEANINGS[usize::from(MEANING_OF[row * ROW + code % ROW])]
}

fn letters(packed: u32) -> &'static str {
    let (at, len) = ((packed & 0xFFFF) as usize, (packed >> 16 & 0xFF) as usize);
    &LETTERS[at..at + len]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(c: char, want: &str, want_disguised: bool) {
        let Meaning::Plain { text, disguised } = meaning(c) else { panic!("{c} is not plain: {:?}", meaning(c)) };
        assert_eq!((text, disguised), (want, want_disguised), "{c}");
    }

    #[test]
    fn a_character_has_one_place_in_a_section_of_the_look_alikes() {
        let mut seen = std::collections::HashSet::new();
        let mut section = "";
        for line in include_str!("look-alikes.txt").lines().filter(|line| !line.starts_with("# ")) {
            if line.starts_with('[') {
                section = line;
                continue;
            }
            for c in line.split_whitespace().skip(1) {
                assert!(seen.insert((section, c)), "{c} stands twice in {section}");
            }
        }
        assert!(seen.len() > 300, "{} characters were read", seen.len());
    }

    #[test]
    fn accents_and_typography_are_habits() {
        for (c, want) in [
            ('é', "e"),
            ('Ś', "s"),
            ('ł', "l"),
            ('ü', "u"),
            ('’', "'"),
            ('—', "-"),
            ('ẹ', "e"),
            ('ŵ', "w"),
            ('½', "1⁄2"),
        ] {
            check(c, want, false);
        }
    }

    #[test]
    fn styled_letters_and_look_alikes_are_disguises() {
        for (c, want) in [
            ('Ｆ', "f"),
            ('𝓰', "g"),
            ('ⓤ', "u"),
            ('с', "c"),
            ('Η', "h"),
            ('ꓗ', "k"),
            ('ᵗ', "t"),
            ('🅱', "b"),
            ('⒮', "s"),
            ('⠎', "s"),
            ('ℬ', "b"),
            ('ℝ', "r"),
            ('ℎ', "h"),
        ] {
            check(c, want, true);
        }
    }

    #[test]
    fn pictures_flags_and_controls_are_told_apart() {
        assert_eq!(meaning('🔪'), Meaning::Emoji);
        assert_eq!(meaning('🇬'), Meaning::Regional("g"));
        assert_eq!(meaning('\u{200B}'), Meaning::Invisible);
        assert_eq!(meaning('\u{0301}'), Meaning::Mark);
        assert_eq!(meaning('\u{202E}'), Meaning::Reverse);
        assert_eq!(meaning('한'), Meaning::Same);
        assert_eq!(meaning('م'), Meaning::Same);
    }

    #[test]
    fn letters_on_their_heads_turn_round() {
        assert!(is_upside_down('ǝ') && !is_upside_down('e') && !is_upside_down('é'));
        assert_eq!("ʇıɥsnq".chars().rev().filter_map(turned).collect::<String>(), "bushit");
    }
}
