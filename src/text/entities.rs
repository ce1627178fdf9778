//! HTML entities, as they leak into comments when people copy from web pages or hide words behind them.

/// Reads one entity at the start of `text` (which begins with `&`): the character and the length in bytes.
pub(super) fn decode(text: &str) -> Option<(char, usize)> {
    let end = text.as_bytes().iter().take(12).position(|&byte| byte == b';')?;
    let name = &text[1..end];
    let c = match name.strip_prefix('#') {
        Some(number) => numeric(number)?,
        None => named(name)?,
    };
    Some((c, end + 1))
}

fn numeric(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code)
}

fn named(name: &str) -> Option<char> {
    Some(match name.to_ascii_lowercase().as_str() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" | "rsquo" | "lsquo" => '\'',
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "zwnj" => '\u{200C}',
        "zwj" => '\u{200D}',
        "shy" => '\u{AD}',
        "zerowidthspace" => '\u{200B}',
        "period" => '.',
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
        "hyphen" | "dash" | "ndash" | "mdash" => '-',
        "vert" | "verbar" => '|',
        "tab" => '\t',
        "newline" => '\n',
        "pound" => '£',
        "euro" => '€',
        "hellip" => '…',
        "eacute" => 'é',
        "egrave" => 'è',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "auml" => 'ä',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_decode_and_anything_else_stays() {
        for (text, want) in [
            ("&#x72;acey", Some(('r', 6))),
            ("&#105;t", Some(('i', 6))),
            ("&zwnj;ap", Some(('\u{200C}', 6))),
            ("&quest;", Some(('?', 7))),
            ("& covid; flu", None),
            ("&#x110000;", None),
            ("&unheard;", None),
            ("&", None),
        ] {
            assert_eq!(decode(text), want, "{text}");
        }
    }
}
