//! One character to what it stands for: case, accents, compatibility forms, look-alikes of other scripts.
//! In: a `char`. Out: [`Meaning`]. Not here: anything that needs the character's neighbours.

use unicode_normalization::char::decompose_compatible;
use unicode_properties::{GeneralCategoryGroup, UnicodeEmoji, UnicodeGeneralCategory};

/// What a character means to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// These lower-case letters, digits or punctuation, at most four; `disguised` where nobody writes it so by habit.
    Plain { chars: [char; 4], len: u8, upper: bool, disguised: bool },
    /// Nothing to see: joins what stands around it.
    Invisible,
    /// A mark on the letter before.
    Mark,
    /// A picture, as itself.
    Emoji(char),
    /// A letter of a flag; three in a row spell a word.
    Regional(char),
    /// From here the display runs backwards.
    Reverse,
    /// The end of a change of direction.
    EndReverse,
}

/// What `c` means, for a character that is not ASCII.
pub(super) fn meaning(c: char) -> Meaning {
    match c {
        '\u{202E}' | '\u{2067}' => return Meaning::Reverse,
        '\u{202C}' | '\u{2069}' => return Meaning::EndReverse,
        '\u{200B}'..='\u{200F}'
        | '\u{202A}'
        | '\u{202B}'
        | '\u{202D}'
        | '\u{2060}'..='\u{2066}'
        | '\u{2068}'
        | '\u{206A}'..='\u{206F}'
        | '\u{FEFF}'
        | '\u{AD}'
        | '\u{34F}'
        | '\u{61C}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{17B4}'
        | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FFA0}'
        | '\u{FFFC}'
        | '\u{E0000}'..='\u{E0FFF}'
        | '\u{1F3FB}'..='\u{1F3FF}' => return Meaning::Invisible,
        '\u{1F1E6}'..='\u{1F1FF}' => return Meaning::Regional(letter(c as u32 - 0x1F1E6)),
        '\u{1F130}'..='\u{1F149}' => return disguised(letter(c as u32 - 0x1F130)),
        '\u{1F150}'..='\u{1F169}' => return disguised(letter(c as u32 - 0x1F150)),
        '\u{1F170}'..='\u{1F189}' => return disguised(letter(c as u32 - 0x1F170)),
        '⭕' => return disguised('o'),
        '❌' | '✖' | '❎' => return Meaning::Emoji(c),
        _ => {}
    }
    if let Some(plain) = habit(c) {
        return plain;
    }
    if let Some(latin) = look_alike(c) {
        return disguised(latin);
    }
    if c.general_category_group() == GeneralCategoryGroup::Mark {
        return Meaning::Mark;
    }
    decomposed(c)
}

fn letter(index: u32) -> char {
    char::from(b'a' + (index % 26) as u8)
}

fn disguised(c: char) -> Meaning {
    Meaning::Plain {
        chars: [c.to_ascii_lowercase(), '\0', '\0', '\0'],
        len: 1,
        upper: c.is_ascii_uppercase(),
        disguised: true,
    }
}

/// Typography and letters that people type by habit: no disguise.
fn habit(c: char) -> Option<Meaning> {
    let (text, upper): (&str, bool) = match c {
        '‘' | '’' | '‛' | 'ʼ' | '`' | '´' | '′' | 'ʹ' => ("'", false),
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' => ("\"", false),
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '⁃' => ("-", false),
        '…' => ("...", false),
        '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' | '\u{1680}' => (" ", false),
        '\u{2028}' | '\u{2029}' | '\u{85}' => ("\n", false),
        '‼' => ("!!", false),
        '⁉' => ("!?", false),
        '¡' | '❗' | '❕' => ("!", false),
        '¿' | '❓' | '❔' => ("?", false),
        '•' | '·' | '∙' | '⋅' | '●' | '▪' => (".", false),
        'ß' => ("ss", false),
        'æ' => ("ae", false),
        'Æ' => ("ae", true),
        'œ' => ("oe", false),
        'Œ' => ("oe", true),
        'ø' => ("o", false),
        'Ø' => ("o", true),
        'ł' => ("l", false),
        'Ł' => ("l", true),
        'đ' | 'ð' => ("d", false),
        'Đ' | 'Ð' => ("d", true),
        'þ' => ("th", false),
        'Þ' => ("th", true),
        'ı' => ("i", false),
        _ => return None,
    };
    let mut chars = ['\0'; 4];
    let mut len = 0;
    for (slot, c) in chars.iter_mut().zip(text.chars()) {
        *slot = c;
        len += 1;
    }
    Some(Meaning::Plain { chars, len, upper, disguised: false })
}

/// Compatibility decomposition without its marks; letters of other scripts stay themselves.
fn decomposed(c: char) -> Meaning {
    let (mut chars, mut len, mut changed, mut upper) = (['\0'; 4], 0_usize, false, false);
    decompose_compatible(c, |part| {
        if part.general_category_group() == GeneralCategoryGroup::Mark {
            return;
        }
        changed |= part != c;
        upper |= part.is_uppercase();
        let part = look_alike(part).unwrap_or(part);
        for lower in part.to_lowercase() {
            if len < chars.len() {
                chars[len] = lower;
                len += 1;
            }
        }
    });
    if len == 0 {
        return Meaning::Mark;
    }
    if len == 1 && !changed && is_picture(c) {
        return Meaning::Emoji(c);
    }
    // An accented letter is habit; a styled one (fullwidth, mathematical, circled) is a disguise.
    let styled = changed && chars[0].is_ascii_alphanumeric() && !is_accented_latin(c);
    Meaning::Plain { chars, len: len as u8, upper, disguised: styled }
}

fn is_picture(c: char) -> bool {
    !c.is_alphanumeric()
        && (c.is_emoji_char() || matches!(c.general_category_group(), GeneralCategoryGroup::Symbol) && c > '\u{2100}')
}

fn is_accented_latin(c: char) -> bool {
    matches!(c, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' | '\u{BD}'..='\u{BE}' | '\u{BC}' | '\u{B2}' | '\u{B3}' | '\u{B9}' | '\u{AA}' | '\u{BA}' | '\u{2100}'..='\u{214F}')
}

/// Letters of other scripts and odd forms that look like Latin ones. Capitals are listed as they look, not as they sound.
fn look_alike(c: char) -> Option<char> {
    let index = LOOK_ALIKES.binary_search_by_key(&c, |&(from, _)| from).ok()?;
    Some(LOOK_ALIKES[index].1)
}

/// Sorted by the first member, which a test holds.
#[rustfmt::skip]
const LOOK_ALIKES: &[(char, char)] = &[
    ('ƒ', 'f'), ('ǀ', 'l'), ('ǝ', 'e'), ('ɐ', 'a'), ('ɑ', 'a'), ('ɓ', 'b'), ('ɔ', 'c'), ('ɖ', 'd'), ('ɗ', 'd'),
    ('ɘ', 'e'), ('ə', 'e'), ('ɛ', 'e'), ('ɡ', 'g'), ('ɢ', 'g'), ('ɥ', 'h'), ('ɦ', 'h'), ('ɨ', 'i'), ('ɩ', 'i'),
    ('ɪ', 'i'), ('ɯ', 'm'), ('ɱ', 'm'), ('ɲ', 'n'), ('ɴ', 'n'), ('ɵ', 'o'), ('ɹ', 'r'), ('ɾ', 'r'), ('ʀ', 'r'),
    ('ʂ', 's'), ('ʇ', 't'), ('ʈ', 't'), ('ʋ', 'v'), ('ʌ', 'v'), ('ʍ', 'w'), ('ʎ', 'y'), ('ʏ', 'y'), ('ʐ', 'z'),
    ('ʙ', 'b'), ('ʜ', 'h'), ('ʞ', 'k'), ('ʟ', 'l'), ('Α', 'A'), ('Β', 'B'), ('Ε', 'E'), ('Ζ', 'Z'), ('Η', 'H'),
    ('Ι', 'I'), ('Κ', 'K'), ('Μ', 'M'), ('Ν', 'N'), ('Ο', 'O'), ('Ρ', 'P'), ('Σ', 'S'), ('Τ', 'T'), ('Υ', 'Y'),
    ('Χ', 'X'), ('α', 'a'), ('β', 'b'), ('γ', 'y'), ('δ', 'd'), ('ε', 'e'), ('η', 'n'), ('θ', 'o'), ('ι', 'i'),
    ('κ', 'k'), ('λ', 'l'), ('μ', 'u'), ('ν', 'v'), ('ο', 'o'), ('π', 'n'), ('ρ', 'p'), ('ς', 's'), ('σ', 'o'),
    ('τ', 't'), ('υ', 'u'), ('χ', 'x'), ('ω', 'w'), ('ϲ', 'c'), ('ϳ', 'j'), ('Ѕ', 'S'), ('І', 'I'), ('Ј', 'J'),
    ('А', 'A'), ('В', 'B'), ('Е', 'E'), ('З', '3'), ('К', 'K'), ('М', 'M'), ('Н', 'H'), ('О', 'O'), ('Р', 'P'),
    ('С', 'C'), ('Т', 'T'), ('У', 'Y'), ('Х', 'X'), ('а', 'a'), ('в', 'b'), ('г', 'r'), ('е', 'e'), ('з', '3'),
    ('к', 'k'), ('м', 'm'), ('н', 'h'), ('о', 'o'), ('п', 'n'), ('р', 'p'), ('с', 'c'), ('т', 't'), ('у', 'y'),
    ('х', 'x'), ('ь', 'b'), ('ѕ', 's'), ('і', 'i'), ('ј', 'j'), ('ѵ', 'v'), ('һ', 'h'), ('Ӏ', 'l'), ('ӏ', 'l'),
    ('ԁ', 'd'), ('ԛ', 'q'), ('ԝ', 'w'), ('հ', 'h'), ('յ', 'j'), ('ո', 'n'), ('ս', 'u'), ('ց', 'g'), ('օ', 'o'),
    ('Ꭰ', 'D'), ('Ꭱ', 'R'), ('Ꭲ', 'T'), ('Ꭵ', 'i'), ('Ꭺ', 'A'), ('Ꭻ', 'J'), ('Ꭼ', 'E'), ('Ꮃ', 'W'), ('Ꮇ', 'M'),
    ('Ꮋ', 'H'), ('Ꮍ', 'Y'), ('Ꮐ', 'G'), ('Ꮓ', 'Z'), ('Ꮖ', 'I'), ('Ꮢ', 'R'), ('Ꮤ', 'W'), ('Ꮩ', 'V'), ('Ꮪ', 'S'),
    ('Ꮮ', 'L'), ('Ꮯ', 'C'), ('Ꮲ', 'P'), ('Ꮶ', 'K'), ('Ᏼ', 'B'), ('ᴀ', 'a'), ('ᴄ', 'c'), ('ᴅ', 'd'), ('ᴇ', 'e'),
    ('ᴊ', 'j'), ('ᴋ', 'k'), ('ᴍ', 'm'), ('ᴏ', 'o'), ('ᴘ', 'p'), ('ᴛ', 't'), ('ᴜ', 'u'), ('ᴠ', 'v'), ('ᴡ', 'w'),
    ('ᴢ', 'z'), ('\u{2C9F}', 'o'), ('ꓐ', 'B'), ('ꓑ', 'P'), ('ꓒ', 'd'), ('ꓓ', 'D'), ('ꓔ', 'T'), ('ꓖ', 'G'),
    ('ꓗ', 'K'), ('ꓙ', 'J'), ('ꓚ', 'C'), ('ꓜ', 'Z'), ('ꓝ', 'F'), ('ꓟ', 'M'), ('ꓠ', 'N'), ('ꓡ', 'L'), ('ꓢ', 'S'),
    ('ꓣ', 'R'), ('ꓦ', 'V'), ('ꓧ', 'H'), ('ꓪ', 'W'), ('ꓫ', 'X'), ('ꓬ', 'Y'), ('ꓮ', 'A'), ('ꓰ', 'E'), ('ꓲ', 'I'),
    ('ꓳ', 'O'), ('ꓴ', 'U'), ('ꜰ', 'f'), ('ꜱ', 's'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(c: char, want: &str, want_disguised: bool) {
        let Meaning::Plain { chars, len, disguised, .. } = meaning(c) else {
            panic!("{c} is not plain: {:?}", meaning(c))
        };
        let got: String = chars[..usize::from(len)].iter().collect();
        assert_eq!((got.as_str(), disguised), (want, want_disguised), "{c}");
    }

    #[test]
    fn the_table_of_look_alikes_is_sorted_so_that_it_can_be_searched() {
        for pair in LOOK_ALIKES.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} stands before {}", pair[0].0, pair[1].0);
        }
    }

    #[test]
    fn accents_and_typography_are_habits() {
        for (c, want) in
            [('é', "e"), ('Ś', "s"), ('ł', "l"), ('ü', "u"), ('’', "'"), ('—', "-"), ('ẹ', "e"), ('ŵ', "w")]
        {
            check(c, want, false);
        }
    }

    #[test]
    fn styled_letters_and_look_alikes_are_disguises() {
        for (c, want) in
            [('Ｆ', "f"), ('𝓰', "g"), ('ⓤ', "u"), ('с', "c"), ('Η', "h"), ('ꓗ', "k"), ('ᵗ', "t"), ('🅱', "b")]
        {
            check(c, want, true);
        }
    }

    #[test]
    fn pictures_flags_and_controls_are_told_apart() {
        assert_eq!(meaning('🔪'), Meaning::Emoji('🔪'));
        assert_eq!(meaning('🇬'), Meaning::Regional('g'));
        assert_eq!(meaning('\u{200B}'), Meaning::Invisible);
        assert_eq!(meaning('\u{0301}'), Meaning::Mark);
        assert_eq!(meaning('\u{202E}'), Meaning::Reverse);
    }
}
