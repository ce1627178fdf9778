//! HTML entities and percent escapes, as they leak into comments when people copy from web pages or hide words behind
//! them. In: text that begins with `&` or `%`. Out: the character and how many bytes it takes.
//! Not here: entities for characters that mean nothing to a reader of comments.

/// Reads one entity at the start of `text` (which begins with `&`), escaped once more or not: the character and the
/// length in bytes.
pub(super) fn decode(text: &str) -> Option<(char, usize)> {
    const DEEPEST: usize = 4;
    let (mut c, mut len) = body(text.get(1..)?)?;
    len += 1;
    // "&amp;#102;" is "&#102;" that went through a second escaping.
    for _ in 0..DEEPEST {
        match (c, text.get(len..).and_then(body)) {
            ('&', Some((inner, more))) => (c, len) = (inner, len + more),
            _ => break,
        }
    }
    Some((c, len))
}

/// Whether `%` in this text begins escapes: two of them at least spell a letter.
pub(super) fn has_escapes(raw: &str) -> bool {
    let letter = |at: usize| unescape(&raw[at..]).is_some_and(|(c, _)| c.is_ascii_alphabetic());
    raw.bytes().enumerate().filter(|&(at, byte)| byte == b'%' && letter(at)).nth(1).is_some()
}

/// Reads one percent escape of a letter, digit or space at the start of `text`.
pub(super) fn unescape(text: &str) -> Option<(char, usize)> {
    const LEN: usize = 3;
    let code = u8::from_str_radix(text.get(1..LEN)?, 16).ok()?;
    (code.is_ascii_alphanumeric() || code == b' ').then(|| (char::from(code), LEN))
}

/// What stands after the `&`.
fn body(text: &str) -> Option<(char, usize)> {
    if let Some(number) = text.strip_prefix('#') {
        return numeric(number).map(|(c, len)| (c, len + 1));
    }
    let end = text.bytes().take(20).position(|byte| byte == b';')?;
    Some((named(&text[..end])?, end + 1))
}

/// Browsers read a number without its semicolon, so people may leave it out.
fn numeric(number: &str) -> Option<(char, usize)> {
    let hex = number.starts_with(['x', 'X']);
    let (digits, radix) = if hex { (&number[1..], 16) } else { (number, 10) };
    let len = digits.bytes().take(10).take_while(|&byte| char::from(byte).is_digit(radix)).count();
    let c = char::from_u32(u32::from_str_radix(&digits[..len], radix).ok()?)?;
    let closed = digits.as_bytes().get(len) == Some(&b';');
    // Without its end, "&#1" is a ranking and no control character.
    (closed || c >= ' ' && len >= 2).then_some((c, usize::from(hex) + len + usize::from(closed)))
}

fn named(name: &str) -> Option<char> {
    if let Some(letter) = accented(name) {
        return Some(letter);
    }
    Some(match name.to_ascii_lowercase().as_str() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" | "ldquo" | "rdquo" => '"',
        "apos" | "rsquo" | "lsquo" => '\'',
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "zwnj" => '\u{200C}',
        "zwj" => '\u{200D}',
        "lrm" | "rlm" | "nobreak" | "zerowidthspace" => '\u{200B}',
        "shy" => '\u{AD}',
        "period" => '.',
        "middot" | "bull" => '·',
        "comma" => ',',
        "quest" => '?',
        "excl" => '!',
        "colon" => ':',
        "semi" => ';',
        "lpar" => '(',
        "rpar" => ')',
        "lsqb" | "lbrack" => '[',
        "rsqb" | "rbrack" => ']',
        "sol" => '/',
        "bsol" => '\\',
        "num" => '#',
        "dollar" => '$',
        "percnt" => '%',
        "ast" | "midast" => '*',
        "plus" => '+',
        "equals" => '=',
        "commat" => '@',
        "lowbar" => '_',
        "hyphen" | "dash" | "ndash" | "mdash" | "minus" => '-',
        "vert" | "verbar" => '|',
        "tab" => '\t',
        "newline" | "br" => '\n',
        "pound" => '£',
        "euro" => '€',
        "cent" => '¢',
        "yen" => '¥',
        "hellip" => '…',
        "szlig" => 'ß',
        "aelig" => 'æ',
        "oelig" => 'œ',
        "alpha" => 'α',
        "beta" => 'β',
        "epsilon" => 'ε',
        "iota" => 'ι',
        "kappa" => 'κ',
        "micro" | "mu" => 'μ',
        "nu" => 'ν',
        "omicron" => 'ο',
        "rho" => 'ρ',
        "tau" => 'τ',
        "upsilon" => 'υ',
        "chi" => 'χ',
        _ => return None,
    })
}

/// `eacute` and its like: the letter, for the accent folds away anyhow.
fn accented(name: &str) -> Option<char> {
    const ACCENTS: [&str; 12] =
        ["acute", "grave", "circ", "uml", "tilde", "ring", "cedil", "caron", "slash", "ogon", "dot", "stroke"];
    let letter = name.chars().next().filter(char::is_ascii_alphabetic)?;
    ACCENTS.contains(&&name[1..]).then_some(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_decode_and_anything_else_stays() {
        for (text, want) in [
            ("&#x72;acey", Some(('r', 6))),
            ("&#105;t", Some(('i', 6))),
            ("&#105t", Some(('i', 5))),
            ("&amp;#105;t", Some(('i', 10))),
            ("&amp;amp;#x69;t", Some(('i', 14))),
            ("&amp; Sons", Some(('&', 5))),
            ("&#1 in the county", None),
            ("&zwnj;ap", Some(('\u{200C}', 6))),
            ("&Eacute;", Some(('E', 8))),
            ("&quest;", Some(('?', 7))),
            ("& covid; flu", None),
            ("&#x110000;", None),
            ("&#99999999999", None),
            ("&unheard;", None),
            ("&é;", None),
            ("&", None),
        ] {
            assert_eq!(decode(text), want, "{text}");
        }
    }

    #[test]
    fn two_letters_behind_percent_signs_make_escapes_of_them() {
        assert!(has_escapes("%66%75ck"));
        assert!(!has_escapes("up 5%, down 10%41 and 100%"));
        assert_eq!(unescape("%75ck"), Some(('u', 3)));
        assert_eq!(unescape("%+5"), None);
    }
}
