//! Letters of other scripts: what they may stand for beside what they are folded to, by their looks and by their sound.
//! In: a letter as typed. Out: Latin letters. Not here: what most people take them for; that is `text`'s table.

/// What else a letter may look like, and what it sounds like; nothing for letters that have one reading only.
pub(super) fn readings(c: char) -> (&'static str, &'static str) {
    let c = c.to_lowercase().next().unwrap_or(c);
    LETTERS.binary_search_by_key(&c, |&(letter, ..)| letter).map_or(("", ""), |at| (LETTERS[at].1, LETTERS[at].2))
}

/// Sorted by the letter, which a test holds: the letter, its looks, its sound.
#[rustfmt::skip]
const LETTERS: &[(char, &str, &str)] = &[
    ('ß', "bs", "ss"), ('ø', "o", "o"), ('þ', "pb", "th"), ('ı', "il", ""), ('ƒ', "f", ""), ('ǀ', "il", ""),
    ('ɔ', "co", ""), ('α', "", "a"), ('β', "bv", "v"), ('γ', "yg", "g"), ('δ', "d", "d"), ('ε', "", "e"),
    ('ζ', "z", "z"), ('η', "nh", "i"), ('θ', "o", "th"), ('ι', "", "i"), ('κ', "", "k"), ('λ', "la", "l"),
    ('μ', "um", "m"), ('ν', "vn", "n"), ('ξ', "e", "x"), ('ο', "", "o"), ('π', "np", "p"), ('ρ', "pr", "r"),
    ('ς', "os", "s"), ('σ', "os", "s"), ('τ', "", "t"), ('υ', "uvy", "u"), ('φ', "of", "f"), ('χ', "x", "ch"),
    ('ψ', "yw", "ps"), ('ω', "wo", "o"), ('а', "", "a"), ('б', "b", "b"), ('в', "v", "v"), ('г', "g", "g"),
    ('д', "da", "d"), ('е', "", "e"), ('ж', "x", "zh"), ('з', "ze", "z"), ('и', "nui", "i"), ('й', "nu", "y"),
    ('к', "", "k"), ('л', "nl", "l"), ('м', "", "m"), ('н', "n", "n"), ('о', "", "o"), ('п', "np", "p"),
    ('р', "r", "r"), ('с', "s", "s"), ('т', "tm", "t"), ('у', "u", "u"), ('ф', "of", "f"), ('х', "h", "h"),
    ('ц', "u", "ts"), ('ч', "y", "ch"), ('ш', "w", "sh"), ('щ', "w", "sh"), ('ъ', "b", ""), ('ы', "bi", "y"),
    ('ь', "b", ""), ('э', "e", "e"), ('ю', "io", "yu"), ('я', "r", "ya"), ('ё', "", "e"), ('ѕ', "", "s"),
    ('і', "", "i"), ('ӏ', "il", ""), ('ԁ', "", "d"), ('ա', "wu", "a"), ('զ', "qg", "z"), ('հ', "h", "h"),
    ('ո', "n", "o"), ('ս', "u", "s"), ('ց', "g", "ts"), ('ք', "fp", "k"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_are_sorted_so_that_they_can_be_searched() {
        for pair in LETTERS.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} stands before {}", pair[0].0, pair[1].0);
        }
        assert_eq!(readings('П'), ("np", "p"));
        assert_eq!(readings('e'), ("", ""));
    }
}
