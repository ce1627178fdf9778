//! Reading the platforms' JSON with patience. In: bytes as they came. Out: values, ids, times, flags; absent rather than
//! wrong. Not here: which field means what.

use std::fmt::Write as _;

use serde_json::Value;

use crate::clock::Timestamp;

/// Parses a body after mending what a strict parser would reject whole: broken UTF-8, half surrogate pairs, bare
/// control characters. One bad character must not hide fifty comments.
pub(super) fn parse(body: &[u8]) -> Option<Value> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if let Ok(value) = serde_json::from_slice(body) {
        return Some(value);
    }
    let text = String::from_utf8_lossy(body);
    serde_json::from_str(&mend(&text)).ok()
}

/// Replaces lone surrogate escapes by U+FFFD and escapes bare control characters inside strings; leaves the rest alone.
fn mend(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut in_string = false;
    let (mut at, mut kept) = (0, 0);
    while at < bytes.len() {
        let step = match bytes[at] {
            b'"' => {
                in_string = !in_string;
                1
            }
            b'\\' if in_string => match escape(bytes, at) {
                Some(0xd800..=0xdbff) if matches!(escape(bytes, at + 6), Some(0xdc00..=0xdfff)) => 12,
                Some(0xd800..=0xdfff) => {
                    out.push_str(&text[kept..at]);
                    out.push_str("\\ufffd");
                    kept = at + 6;
                    6
                }
                _ => 2,
            },
            control if in_string && control < 0x20 => {
                out.push_str(&text[kept..at]);
                let _ = write!(out, "\\u{control:04x}");
                kept = at + 1;
                1
            }
            _ => 1,
        };
        at += step;
    }
    out.push_str(text.get(kept..).unwrap_or_default());
    out
}

/// The value of the escape, `\u` and four hex digits, that begins at `at`, if one does.
fn escape(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// An id, written as a string or as a whole number; a float has already lost digits and is none.
pub(super) fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
        _ => None,
    }
}

/// The text under `key`; a bare number or anything else is none.
pub(super) fn text<'a>(row: &'a Value, key: &str) -> Option<&'a str> {
    row.get(key).and_then(Value::as_str)
}

/// The flag under `key`, as a boolean, as text, or as 0 and 1.
pub(super) fn flag(row: &Value, key: &str) -> Option<bool> {
    match row.get(key)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
        Value::Number(number) => number.as_i64().map(|number| number != 0),
        _ => None,
    }
}

/// The whole number under `key`, written as such or as text.
pub(super) fn number(row: &Value, key: &str) -> Option<i64> {
    match row.get(key)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The count under `key`.
pub(super) fn count(row: &Value, key: &str) -> Option<u64> {
    number(row, key).and_then(|number| u64::try_from(number).ok())
}

/// The time under `key`: ISO 8601 with or without a colon in its offset, or Unix seconds or milliseconds as a number or
/// as text (facebook.md section 1, tiktok.md section 3).
pub(super) fn time(row: &Value, key: &str) -> Option<Timestamp> {
    let value = row.get(key)?;
    if let Some(unix) = number(row, key) {
        return unix_time(unix);
    }
    let text = value.as_str()?.trim();
    Timestamp::strptime("%Y-%m-%dT%H:%M:%S%z", text).ok().or_else(|| text.parse().ok())
}

fn unix_time(unix: i64) -> Option<Timestamp> {
    // In the year 5138 seconds reach this many; before that so large a number is milliseconds.
    const MILLISECONDS_FROM: i64 = 100_000_000_000;
    match unix {
        1..MILLISECONDS_FROM => Timestamp::from_second(unix).ok(),
        MILLISECONDS_FROM.. => Timestamp::from_millisecond(unix).ok(),
        _ => None,
    }
}

/// The rows under `key`; none where there is no list.
pub(super) fn rows<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check_text(body: &[u8], want: &str) {
        let value = parse(body).expect("JSON after mending");
        assert_eq!(text(&value, "a"), Some(want));
        assert_eq!(text(&value, "b"), Some("kept"));
    }

    #[test]
    fn broken_characters_are_replaced_one_by_one_and_the_rest_stays() {
        check_text(br#"{"a":"x \ud83d\ude21 y","b":"kept"}"#, "x \u{1f621} y");
        check_text(br#"{"a":"x \ud83d y","b":"kept"}"#, "x \u{fffd} y");
        check_text(br#"{"a":"x \ude21\ud83d","b":"kept"}"#, "x \u{fffd}\u{fffd}");
        check_text(br#"{"a":"\ud83d\ud83d\ude21","b":"kept"}"#, "\u{fffd}\u{1f621}");
        check_text(br#"{"a":"x\\ud83d \u0000","b":"kept"}"#, "x\\ud83d \0");
        check_text(b"{\"a\":\"caf\xe9 \\ud83d\",\"b\":\"kept\"}", "caf\u{fffd} \u{fffd}");
        check_text(b"{\"a\":\"two\nlines\",\"b\":\"kept\"}", "two\nlines");
        check_text(b"\xef\xbb\xbf{\"a\":\"x\",\"b\":\"kept\"}", "x");
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for body in [&b"<html>\\ud83d</html>"[..], b"", b"{\"a\":\"x\\", b"{\"a\":\"\\ud8", b"Service Unavailable"] {
            assert_eq!(parse(body), None);
        }
    }

    #[track_caller]
    fn check_time(value: &Value, second: Option<i64>) {
        assert_eq!(time(&json!({"t": value}), "t").map(Timestamp::as_second), second, "{value}");
    }

    #[test]
    fn times_are_read_in_every_form_the_platforms_use() {
        check_time(&json!("2025-11-24T16:00:00+0000"), Some(1_764_000_000));
        check_time(&json!("2025-11-24T17:00:00+0100"), Some(1_764_000_000));
        check_time(&json!("2025-11-24T16:00:00+00:00"), Some(1_764_000_000));
        check_time(&json!("2025-11-24T16:00:00Z"), Some(1_764_000_000));
        check_time(&json!(1_764_000_000), Some(1_764_000_000));
        check_time(&json!("1764000000"), Some(1_764_000_000));
        check_time(&json!(1_764_000_000_000_i64), Some(1_764_000_000));
        for value in [json!("yesterday"), json!(""), json!(null), json!(0), json!(-5), json!(1.5), json!(i64::MAX)] {
            check_time(&value, None);
        }
    }

    #[test]
    fn ids_are_text_or_whole_numbers_and_never_floats() {
        assert_eq!(id(&json!("-000Open")).as_deref(), Some("-000Open"));
        assert_eq!(id(&json!(7_571_000_000_000_000_201_u64)).as_deref(), Some("7571000000000000201"));
        assert_eq!(id(&json!(7.5e18)), None);
        assert_eq!(id(&json!("")), None);
        assert_eq!(id(&json!(null)), None);
    }
}
