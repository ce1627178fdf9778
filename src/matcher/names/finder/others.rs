//! What makes a name somebody else's: a relative, somebody in public life, somebody of another place or time. In: where
//! the name stands. Out: whether it is so. Not here: any name.

use std::ops::Range;

use super::Finder;
use crate::matcher::names::words;

impl Finder<'_> {
    /// Somebody's relative, friend or pet, a word or two before the name.
    pub(super) fn is_relative_before(&self, at: usize, possessives: bool) -> bool {
        let (one, two) = (self.before(at, 1), self.before(at, 2));
        let near = words::is_relative(one) && !self.gap(at).contains(['.', ';']);
        near || possessives && matches!(one, "my" | "our" | "wor" | "his" | "her" | "their" | "wee" | "young")
            || words::is_relative(two) && matches!(one, "called" | "named" | "is")
    }

    pub(super) fn is_somebody_elses(&self, at: usize) -> bool {
        let one = self.before(at, 1);
        words::is_relative(one) || words::is_honour(one) && one != "st"
    }

    /// "… the optician", "… our local butcher", "… (dentist)": people of other trades have the same names.
    fn has_another_trade(&self, end: usize) -> bool {
        let link = self.after(end, 0);
        let first = match link {
            "the" | "our" | "my" | "a" | "who" => 1,
            _ if self.gap(end).contains(['(', ',']) => 0,
            _ => return false,
        };
        let gap = self.gap(end);
        let near = gap.len() <= 2 && !gap.contains(['.', '!', '?']);
        near && (first..=first + 2)
            .take_while(|ahead| !words::is_role(self.after(end, *ahead)))
            .any(|ahead| words::is_other_trade(self.after(end, ahead)))
    }

    /// "my dentist Mr Patel", "the vet, Mr Patel".
    pub(super) fn is_of_another_trade(&self, at: usize) -> bool {
        (1..=2).any(|back| words::is_other_trade(self.before(at, back)))
    }

    pub(super) fn is_public(&self, tokens: Range<usize>) -> bool {
        let figures = &self.names.public_figures;
        if figures.is_empty() {
            return false;
        }
        let join = |range: Range<usize>| range.map(|at| self.text(at)).collect::<Vec<_>>().join(" ");
        let before = tokens.start.saturating_sub(1);
        figures.contains(&join(tokens.clone()))
            || tokens.start > 0 && figures.contains(&join(before..tokens.end))
            || tokens.end + 1 < self.tokens.len() && figures.contains(&join(tokens.start..tokens.end + 2))
            || tokens.end < self.tokens.len() && figures.contains(&join(tokens.start..tokens.end + 1))
    }

    /// "… at the General", "… on the radio", "… in 1949", "…, Leeds, 1974".
    pub(super) fn is_elsewhere(&self, end: usize) -> bool {
        let link = self.after(end, 0);
        if link == "next" && self.after(end, 1) == "door" || self.has_another_trade(end) {
            return true;
        }
        if matches!(link, "at" | "from" | "on" | "in" | "of" | "off" | "up") {
            let places = (1..=4).map(|ahead| self.after(end, ahead)).take_while(|word| !word.is_empty());
            let mut here = places.skip_while(|word| !words::is_elsewhere(word) && !words::is_workplace(word));
            if here.next().is_some_and(words::is_elsewhere) {
                return true;
            }
        }
        let long_ago = |ahead: usize| {
            matches!(self.after(end, ahead), "fifties" | "sixties" | "seventies" | "eighties" | "nineties")
        };
        let childhood = self.after(end, 0) == "when"
            && self.after(end, 1) == "i"
            && self.after(end, 2) == "was"
            && matches!(self.after(end, 3), "a" | "wee" | "little" | "young" | "at" | "small");
        if childhood || (0..8).any(long_ago) {
            return true;
        }
        (0..8).any(|ahead| {
            is_past_year(self.after(end, ahead))
                && (ahead == 0 || self.after(end, ahead - 1) == "in" || self.gap(end + ahead).contains([',', '(']))
        })
    }
}

/// 1800 to 1999: nobody's colleague of today.
fn is_past_year(word: &str) -> bool {
    word.len() == 4
        && word.bytes().all(|byte| byte.is_ascii_digit())
        && (word.starts_with("19") || word.starts_with("18"))
}
