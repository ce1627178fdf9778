//! How alike two names are: slips of the finger and spellings by ear. In: folded words. Out: whether one may stand for
//! the other. Not here: where a likeness is believed; a bare look-alike is never a name on its own.

/// Whether `typed` may be `name` misspelt: one slip from five letters on, two from nine on, or the same sound.
pub(super) fn is_near(typed: &str, name: &str) -> bool {
    if typed.len() < 3 || name.len() < 3 || !typed.is_ascii() || !name.is_ascii() {
        return false;
    }
    let same_start = typed.as_bytes()[0] == name.as_bytes()[0];
    // Four letters are too few for a slip, but not for two that changed places: "bset", "kahn".
    let slips = match name.len() {
        0..=3 => 0,
        4 => usize::from(is_swapped(typed, name)),
        5..=8 => 1,
        _ => 2,
    };
    if same_start && slips > 0 && distance(typed, name, slips) <= slips {
        return true;
    }
    declined(typed, name) || sounds_alike(typed, name)
}

/// The same letters with two neighbours exchanged.
fn is_swapped(typed: &str, name: &str) -> bool {
    typed.len() == name.len() && {
        let different: Vec<usize> = (0..name.len()).filter(|&at| typed.as_bytes()[at] != name.as_bytes()[at]).collect();
        matches!(different.as_slice(), [a, b] if b - a == 1
            && typed.as_bytes()[*a] == name.as_bytes()[*b] && typed.as_bytes()[*b] == name.as_bytes()[*a])
    }
}

/// A Slavic case ending: `piotrem` of `piotr`, `wisniewskiej` of `wisniewska`.
fn declined(typed: &str, name: &str) -> bool {
    if name.len() >= 4 && typed.strip_suffix("owi") == Some(name) {
        return true;
    }
    let stem = name.strip_suffix(['a', 'e', 'o']).unwrap_or(name);
    let slavic = ["ska", "cka", "ski", "cki", "yk", "ek", "wicz", "tr", "sz", "ka", "czak"]
        .iter()
        .any(|end| name.ends_with(end));
    slavic
        && stem.len() >= 5
        && typed.strip_prefix(stem).is_some_and(|end| {
            matches!(
                end,
                "em" | "iem"
                    | "owi"
                    | "a"
                    | "iej"
                    | "ej"
                    | "e"
                    | "ie"
                    | "om"
                    | "u"
                    | "owie"
                    | "iego"
                    | "ego"
                    | "iemu"
                    | "im"
            )
        })
}

/// Damerau's distance with neighbours exchanged once (optimal string alignment); `limit` + 1 stands for anything more.
pub(super) fn distance(a: &str, b: &str, limit: usize) -> usize {
    const LONGEST: usize = 32;
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > limit || a.len() > LONGEST || b.len() > LONGEST {
        return limit + 1;
    }
    let mut rows = [[0_usize; LONGEST + 1]; 3];
    for (at, cell) in rows[1].iter_mut().enumerate() {
        *cell = at;
    }
    for (i, &left) in a.iter().enumerate() {
        rows[2][0] = i + 1;
        let mut least = i + 1;
        for (j, &right) in b.iter().enumerate() {
            let mut cost = (rows[1][j] + usize::from(left != right)).min(rows[1][j + 1] + 1).min(rows[2][j] + 1);
            if i > 0 && j > 0 && left == b[j - 1] && a[i - 1] == right {
                cost = cost.min(rows[0][j - 1] + 1);
            }
            rows[2][j + 1] = cost;
            least = least.min(cost);
        }
        if least > limit {
            return limit + 1;
        }
        rows.rotate_left(1);
    }
    rows[1][b.len()]
}

/// Whether two words sound alike to a British ear. Short keys say little, so they need nearly the same letters too.
pub(super) fn sounds_alike(typed: &str, name: &str) -> bool {
    let (one, other) = (sound(typed), sound(name));
    if one != other {
        return irish(typed).is_some_and(|written| written == name)
            || irish(name).is_some_and(|written| written == typed);
    }
    match one.len() {
        0 | 1 => false,
        2 => {
            name.len() >= 4
                && distance(typed, name, 2) <= if name.len() >= 5 { 2 } else { 1 }
                && vowels_fit(typed, name)
        }
        3 => {
            if name.len() >= 5 {
                distance(typed, name, 4) <= 4
            } else {
                vowels_fit(typed, name) && distance(typed, name, 2) <= 2
            }
        }
        _ => distance(typed, name, 4) <= 4,
    }
}

/// Of two short words, those that differ in a vowel are other names: `khan` and `khun`.
fn vowels_fit(typed: &str, name: &str) -> bool {
    let first = |word: &str| word.bytes().skip(1).find(|byte| b"aeiouy".contains(byte));
    let near = |a: u8, b: u8| {
        a == b || matches!((a, b), (b'i', b'e' | b'y') | (b'e' | b'y', b'i') | (b'e', b'y') | (b'y', b'e'))
    };
    first(typed).zip(first(name)).is_some_and(|(a, b)| near(a, b))
}

/// Names whose spelling hides their sound, as people write what they hear.
fn irish(heard: &str) -> Option<&'static str> {
    Some(match heard {
        "shivaun" | "shavaun" | "shevaun" | "shivon" | "shavon" | "chevonne" | "shivorn" | "siobahn" | "shiobhan"
        | "shivawn" => "siobhan",
        "neve" | "neeve" | "nieve" | "neave" => "niamh",
        "kweeva" | "keeva" | "queeva" => "caoimhe",
        "ashling" | "aisleen" | "ashlin" => "aisling",
        "shinade" | "shinaid" | "shanade" => "sinead",
        "eefa" | "eva" | "efa" | "aoiffe" => "aoife",
        "eesha" | "isha" | "roysheen" => "roisin",
        "shawn" | "shaun" | "shorn" => "sean",
        "owen" | "owain" | "eoghan" => "eoin",
        "grawnya" | "gronya" | "grania" => "grainne",
        "eevan" | "efan" => "ifan",
        _ => return None,
    })
}

/// The consonants as they sound, without doubles, silent letters and vowels; `a` for any vowel in front.
pub(super) fn sound(word: &str) -> String {
    let bytes = word.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let mut key = String::with_capacity(bytes.len());
    let mut index = match (at(0), at(1)) {
        (b'k' | b'g', b'n') | (b'w', b'r') | (b'p', b's') => 1,
        _ => 0,
    };
    while index < bytes.len() {
        let (letter, next) = (bytes[index], at(index + 1));
        let (sounds, len): (&str, usize) = match (letter, next) {
            (b's', b'z') if at(index + 2) == b'c' => ("x", 4),
            (b's' | b't', b'c') if at(index + 2) == b'h' => ("x", 3),
            (b'c' | b's', b'h' | b'z') => ("x", 2),
            (b'p', b'h') => ("f", 2),
            (b'c', b'k') => ("k", 2),
            (b'c', b'q') | (b'q', b'u') if letter == b'c' || index > 0 => ("kv", if letter == b'c' { 3 } else { 2 }),
            (b'q', b'u') => ("kv", 2),
            (b'g', b'h') => (if index == 0 { "g" } else { "" }, 2),
            (b'd', b'g') => ("j", 2),
            (b't', b'h') => ("t", 2),
            (b'z' | b's', _) | (b'c', b'e' | b'i' | b'y') => ("s", 1),
            (b'c' | b'k' | b'q', _) => ("k", 1),
            (b'x', _) => ("ks", 1),
            (b'w' | b'v', _) => ("v", 1),
            (b'g', b'e' | b'i') if index > 0 => ("j", 1),
            (b'a' | b'e' | b'i' | b'o' | b'u' | b'y', _) => (if index == 0 { "a" } else { "" }, 1),
            (b'h', _) => ("", 1),
            _ => (word.get(index..=index).unwrap_or(""), 1),
        };
        for c in sounds.chars() {
            if !key.ends_with(c) {
                key.push(c);
            }
        }
        index += len;
    }
    // The r of an ending is not heard: "sharmer" and "sharma".
    if key.len() > 2 && key.ends_with('r') && word.ends_with("er") {
        key.pop();
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(typed: &str, name: &str) {
        assert!(is_near(typed, name), "{typed} ({}) for {name} ({})", sound(typed), sound(name));
    }

    #[track_caller]
    fn far(typed: &str, name: &str) {
        assert!(!is_near(typed, name), "{typed} ({}) for {name} ({})", sound(typed), sound(name));
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
    fn the_distance_stops_at_its_limit() {
        assert_eq!(distance("patel", "patel", 2), 0);
        assert_eq!(distance("patel", "paetl", 2), 1);
        assert_eq!(distance("patel", "smith", 2), 3);
        assert_eq!(distance(&"a".repeat(99), &"a".repeat(99), 2), 3);
    }
}
