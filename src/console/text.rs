//! Words of strangers on a page. In: a text and where something was found in it. Out: pieces to print one after the other,
//! each with the numbers of the findings that cover it, every character that would hide or turn others round made
//! visible. Escaping is the templates' (askama escapes everything). Pure.

use std::ops::Range;

use crate::clock::Timestamp;
use crate::digest::Settings;
use crate::dossier::visible;

/// A moment as people of the practice would say it: "Thu 19 Nov 2026, 18:10".
pub(super) fn when(at: Timestamp, settings: &Settings) -> String {
    at.to_zoned(settings.zone.clone()).strftime("%a %-d %b %Y, %H:%M").to_string()
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// What it says.
    pub(super) text: String,
    /// The findings that cover it, by number; none: nothing was found here.
    pub(super) marks: Vec<usize>,
    /// Findings that end here: their numbers stand behind it.
    pub(super) ends: Vec<usize>,
}

/// Cuts a text wherever a finding begins or ends. Spans that do not fit are left out: the text was erased, or is another.
pub(super) fn pieces(text: &str, found: &[(usize, Range<usize>)]) -> Vec<Piece> {
    let fits = |span: &Range<usize>| span.start < span.end && text.get(span.clone()).is_some();
    let found: Vec<&(usize, Range<usize>)> = found.iter().filter(|(_, span)| fits(span)).collect();
    let mut cuts: Vec<usize> = found.iter().flat_map(|(_, span)| [span.start, span.end]).collect();
    cuts.extend([0, text.len()]);
    cuts.sort_unstable();
    cuts.dedup();
    let piece = |cut: &[usize]| {
        let (from, to) = (cut[0], cut[1]);
        let numbers = |which: &dyn Fn(&Range<usize>) -> bool| {
            let mut numbers: Vec<usize> =
                found.iter().filter(|(_, span)| which(span)).map(|(number, _)| *number).collect();
            numbers.sort_unstable();
            numbers.dedup();
            numbers
        };
        Piece {
            text: visible(&text[from..to]),
            marks: numbers(&|span| span.start <= from && to <= span.end),
            ends: numbers(&|span| span.end == to),
        }
    };
    cuts.windows(2).map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, found: &[(usize, Range<usize>)], want: &str) {
        let told: Vec<String> = pieces(text, found)
            .iter()
            .map(|piece| format!("{}{:?}{:?}", piece.text, piece.marks, piece.ends))
            .collect();
        assert_eq!(told.join("|").replace("[]", ""), want);
    }

    #[test]
    fn a_text_is_cut_where_findings_begin_and_end_and_loses_nothing() {
        check("worst surgery ever", &[], "worst surgery ever");
        check("worst surgery ever", &[(1, 0..13)], "worst surgery[1][1]| ever");
        check("worst surgery ever", &[(1, 0..13), (2, 6..18)], "worst [1]|surgery[1, 2][1]| ever[2][2]");
        check("a bc", &[(1, 2..4), (2, 2..4), (1, 2..4)], "a |bc[1, 2][1, 2]");
        check("", &[], "");
    }

    #[test]
    fn spans_of_another_text_mark_nothing() {
        check("né", &[(1, 0..2), (2, 3..9), (3, 1..1)], "né");
    }

    #[test]
    fn what_would_turn_the_page_round_is_shown() {
        check("a\u{202E}b", &[(1, 0..4)], "a⟨U+202E⟩[1][1]|b");
    }
}
