//! What becomes of a word when people turn, code or mistype it on purpose. In: a word. Out: its slips, and how it sounds.
//! Not here: whether a slip is a word of its own; the caller knows.

use super::lexis::Class;

/// Words that are masked so often that everybody reads them at once, whatever else would fit.
pub(super) const BY_HABIT: [&str; 7] = ["fuck", "fucks", "shit", "shite", "cunt", "cunts", "bitch"];

/// Gives every slip of a word to `take`: the more people hide a word, the more of them.
pub(super) fn of(word: &str, class: Class, take: &mut impl FnMut(&str)) {
    let length = word.len();
    if !word.is_ascii() || length < 3 {
        return;
    }
    if class == Class::Known {
        if length >= 7 {
            without_vowels(word, class, take);
        }
        return;
    }
    if length >= 4 {
        take(&backwards(word));
    }
    if length >= 5 || class == Class::Strong && length >= 4 {
        take(&rot13(word));
    }
    if class == Class::Name {
        return;
    }
    if class == Class::Strong
        && length >= 4
        && let Some(pig) = pig_latin(word)
    {
        take(&pig);
    }
    if length >= 5 || class == Class::Strong && length >= 4 {
        swapped(word, take);
        doubled(word, take);
        without_vowels(word, class, take);
    }
    if length >= 5 {
        dropped(word, length >= 6, take);
    }
}

/// From its end to its beginning.
pub(super) fn backwards(word: &str) -> String {
    word.chars().rev().collect()
}

/// Each letter thirteen further on, which is its own undoing.
pub(super) fn rot13(word: &str) -> String {
    let turn = |c: char| match c {
        'a'..='m' => char::from(c as u8 + 13),
        'n'..='z' => char::from(c as u8 - 13),
        _ => c,
    };
    word.chars().map(turn).collect()
}

/// The consonants at the beginning go to the end, before an "ay".
fn pig_latin(word: &str) -> Option<String> {
    let at = word.find(is_vowel).filter(|&at| at > 0)?;
    Some(format!("{}{}ay", &word[at..], &word[..at]))
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')
}

/// Two neighbours change places; the first letter stays where the eye looks for it.
fn swapped(word: &str, take: &mut impl FnMut(&str)) {
    let mut bytes = word.as_bytes().to_vec();
    for at in 1..bytes.len() - 1 {
        if bytes[at] != bytes[at + 1] {
            bytes.swap(at, at + 1);
            give(&bytes, take);
            bytes.swap(at, at + 1);
        }
    }
}

/// A letter struck twice.
fn doubled(word: &str, take: &mut impl FnMut(&str)) {
    let bytes = word.as_bytes();
    for at in 0..bytes.len() {
        let mut twice = bytes.to_vec();
        twice.insert(at, bytes[at]);
        give(&twice, take);
    }
}

/// A vowel left out, or with `any` another letter; never the first and last, which carry the word.
fn dropped(word: &str, any: bool, take: &mut impl FnMut(&str)) {
    let bytes = word.as_bytes();
    for at in 1..bytes.len() - 1 {
        if any || is_vowel(char::from(bytes[at])) || bytes[at] == bytes[at - 1] {
            let mut without = bytes.to_vec();
            without.remove(at);
            give(&without, take);
        }
    }
}

/// All vowels left out but one at the beginning; enough has to remain to be told from other words.
fn without_vowels(word: &str, class: Class, take: &mut impl FnMut(&str)) {
    let bare = bare(word);
    let least = if class == Class::Known { 5 } else { 4 };
    // Three consonants are short for too much else, but for the words that everybody has seen so.
    if bare.len() >= least && bare.len() < word.len() || BY_HABIT.contains(&word) {
        take(&bare);
    }
}

/// A word without its vowels, but for one at the beginning.
pub(super) fn bare(word: &str) -> String {
    word.char_indices().filter(|&(at, c)| at == 0 || !is_vowel(c)).map(|(_, c)| c).collect()
}

fn give(bytes: &[u8], take: &mut impl FnMut(&str)) {
    if let Ok(word) = std::str::from_utf8(bytes) {
        take(word);
    }
}

/// How a word sounds, as far as people who spell by ear care: `phuck`, `fuk` and `fuck` are one.
pub(super) fn sound(word: &str) -> String {
    const RULES: [(&str, &str); 34] = [
        ("tch", "c"),
        ("ch", "c"),
        ("sch", "sk"),
        ("ck", "k"),
        ("ph", "f"),
        ("gh", "g"),
        ("kn", "n"),
        ("wh", "w"),
        ("qu", "kw"),
        ("ce", "se"),
        ("ci", "si"),
        ("cy", "si"),
        ("c", "k"),
        ("q", "k"),
        ("x", "ks"),
        ("zz", "s"),
        ("z", "s"),
        ("tion", "sun"),
        ("sion", "sun"),
        ("shun", "sun"),
        ("dge", "j"),
        ("ey", "i"),
        ("ie", "i"),
        ("ee", "i"),
        ("ea", "i"),
        ("y", "i"),
        ("oo", "u"),
        ("ew", "u"),
        ("ou", "u"),
        ("ow", "u"),
        ("au", "o"),
        ("aw", "o"),
        ("ai", "ei"),
        ("ay", "ei"),
    ];
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(c) = rest.chars().next() {
        let rule = RULES
            .iter()
            .filter(|(from, _)| from.starts_with(c) && rest.starts_with(from))
            .max_by_key(|(from, _)| from.len());
        let mut letter = [0; 4];
        let (len, to) = rule.map_or((c.len_utf8(), &*c.encode_utf8(&mut letter)), |&(from, to)| (from.len(), to));
        for c in to.chars() {
            if !out.ends_with(c) {
                out.push(c);
            }
        }
        rest = &rest[len..];
    }
    // "wanka" and "sukkah" for "wanker" and "sucker", also before a plural.
    let plural = out.len() > 4 && out.ends_with('s') && !out.ends_with("us");
    if plural {
        out.pop();
    }
    for ending in ["er", "ah", "uh", "or", "ar"] {
        if out.len() > 4 && out.ends_with(ending) {
            out.truncate(out.len() - 2);
            out.push('a');
            break;
        }
    }
    if plural {
        out.push('s');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stronger_a_word_the_more_of_its_slips_are_known() {
        let slips = |word: &str, class| {
            let mut all = Vec::new();
            of(word, class, &mut |slip| all.push(slip.to_owned()));
            all
        };
        for slip in ["kcuf", "shpx", "uckfay", "fcuk", "fuckk", "fck"] {
            assert!(slips("fuck", Class::Strong).iter().any(|known| known == slip), "{slip}");
        }
        for slip in ["wnker", "wanekr", "wankr", "wnkr", "waanker"] {
            assert!(slips("wanker", Class::Strong).iter().any(|known| known == slip), "{slip}");
        }
        assert_eq!(slips("patel", Class::Name), ["letap", "cngry"]);
        assert_eq!(slips("desk", Class::Known), [] as [&str; 0]);
    }

    #[test]
    fn what_sounds_alike_is_one() {
        for (heard, meant) in [
            ("phuck", "fuck"),
            ("fuk", "fuck"),
            ("kunt", "cunt"),
            ("shyt", "shit"),
            ("azzhole", "asshole"),
            ("wanka", "wanker"),
            ("wankas", "wankers"),
            ("cok", "cock"),
            ("bich", "bitch"),
            ("bolox", "bollocks"),
            ("stoopid", "stupid"),
            ("dik", "dick"),
        ] {
            assert_eq!(sound(heard), sound(meant), "{heard}");
        }
        assert_ne!(sound("duck"), sound("dick"));
    }
}
