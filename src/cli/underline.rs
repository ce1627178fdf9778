//! A text with numbered lines under the places that matter. In: text and byte ranges. Out: lines for a terminal, right
//! for wide characters; what would move the cursor or turn the text round is shown as a dot.

use std::ops::Range;

use unicode_width::UnicodeWidthChar as _;

use crate::digest::mask::is_treacherous;

/// Widest line, in columns.
const WIDTH: usize = 76;

/// The text with each range underlined and given its number, on as many rows as overlap needs.
pub(super) fn underline(text: &str, ranges: &[(usize, Range<usize>)]) -> Vec<String> {
    let mut lines = Vec::new();
    for row in rows(text) {
        lines.push(row.iter().map(|&(_, c)| c).collect::<String>().trim_end().to_owned());
        lines.extend(marks(&row, ranges));
    }
    lines
}

/// Characters with their byte offsets, wrapped at the last space that fits.
fn rows(text: &str) -> Vec<Vec<(usize, char)>> {
    let mut rows = vec![Vec::new()];
    let mut width = 0;
    for (at, c) in text.char_indices() {
        if c == '\n' {
            rows.push(Vec::new());
            width = 0;
            continue;
        }
        let shown = shown(c);
        width += shown.width().unwrap_or(0);
        let last = rows.len() - 1;
        rows[last].push((at, shown));
        if width > WIDTH {
            let cut = rows[last].iter().rposition(|&(_, c)| c == ' ').map_or(rows[last].len() - 1, |space| space + 1);
            let rest = if cut == 0 { Vec::new() } else { rows[last].split_off(cut) };
            width = rest.iter().map(|(_, c)| c.width().unwrap_or(0)).sum();
            rows.push(rest);
        }
    }
    rows
}

fn shown(c: char) -> char {
    // A terminal need not join what the joiner joins, and then it hides as well.
    if c == '\t' {
        ' '
    } else if c.is_control() || c == '\u{200D}' || is_treacherous(c) {
        '·'
    } else {
        c
    }
}

fn marks(row: &[(usize, char)], ranges: &[(usize, Range<usize>)]) -> Vec<String> {
    let mut lines: Vec<Vec<char>> = Vec::new();
    for (number, range) in ranges {
        let inside = |at: usize| range.contains(&at);
        if !row.iter().any(|&(at, _)| inside(at)) {
            continue;
        }
        let mut mark: Vec<char> = Vec::new();
        for &(at, c) in row {
            let sign = if inside(at) { '─' } else { ' ' };
            mark.extend(std::iter::repeat_n(sign, c.width().unwrap_or(0)));
        }
        let Some(start) = mark.iter().position(|&c| c == '─') else { continue };
        for (place, digit) in mark[start..].iter_mut().zip(number.to_string().chars()) {
            *place = digit;
        }
        place(mark, &mut lines);
    }
    lines.into_iter().map(|line| line.into_iter().collect::<String>().trim_end().to_owned()).collect()
}

/// Puts marks on the first line where there is room.
fn place(mark: Vec<char>, lines: &mut Vec<Vec<char>>) {
    let free = |line: &Vec<char>| line.iter().zip(&mark).all(|(&a, &b)| a == ' ' || b == ' ');
    match lines.iter_mut().find(|line| free(line)) {
        Some(line) => {
            for (have, new) in line.iter_mut().zip(mark) {
                if new != ' ' {
                    *have = new;
                }
            }
        }
        None => lines.push(mark),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, found: &[&str], want: &[&str]) {
        let range = |found: &&str| {
            let at = text.find(found).expect("it stands there");
            at..at + found.len()
        };
        let ranges: Vec<(usize, Range<usize>)> = (1..).zip(found.iter().map(range)).collect();
        assert_eq!(underline(text, &ranges), want);
    }

    #[test]
    fn findings_are_underlined_where_they_stand() {
        check("worst surgery ever", &["worst surgery"], &["worst surgery ever", "1────────────"]);
        check("Zoë is rude", &["Zoë", "rude"], &["Zoë is rude", "1──    2───"]);
    }

    #[test]
    fn overlapping_findings_get_a_row_each() {
        check("rude nurse", &["rude nurse", "nurse"], &["rude nurse", "1─────────", "     2────"]);
    }

    #[test]
    fn wide_characters_take_two_columns_and_invisible_ones_are_shown() {
        check("日本 bad", &["bad"], &["日本 bad", "     1──"]);
        check("a\u{202E}b", &["b"], &["a·b", "  1"]);
        check("a\u{E0041}b", &["b"], &["a·b", "  1"]);
    }

    #[test]
    fn long_lines_wrap_at_a_space() {
        let text = "word ".repeat(20);
        assert!(underline(&text, &[]).iter().all(|line| line.len() <= WIDTH));
    }
}
