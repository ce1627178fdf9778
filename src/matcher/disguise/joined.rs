//! Words written in one: `drpateliscrap`, `#DrBestKilledMyDad`. In: letters. Out: the words they are made of, the
//! fewest and the best known. Not here: whether that makes anything of it worth reading; the caller weighs it.

use std::ops::Range;

use super::lexis::{Class, Lexis};
use super::words::{is_common, is_everyday, is_ordinary};

/// Cuts run-together letters into words; `None` where something is left over. Each place looks back a fixed length.
pub(super) fn segments(letters: &str, lexis: &Lexis) -> Option<Vec<Range<usize>>> {
    const LONGEST_WORD: usize = 18;
    const MOST: usize = 160;
    if letters.len() > MOST || !letters.is_ascii() {
        return None;
    }
    // For each end, the least cost that reaches it and where the last word begins.
    let mut best: Vec<Option<(u32, usize)>> = vec![None; letters.len() + 1];
    best[0] = Some((0, 0));
    for end in 1..=letters.len() {
        for start in end.saturating_sub(LONGEST_WORD)..end {
            let Some((before, _)) = best[start] else { continue };
            let Some(own) = cost(&letters[start..end], lexis) else { continue };
            if best[end].is_none_or(|(least, _)| before + own < least) {
                best[end] = Some((before + own, start));
            }
        }
    }
    let mut cuts = Vec::new();
    let mut end = letters.len();
    while end > 0 {
        let (_, start) = best[end]?;
        cuts.push(start..end);
        end = start;
    }
    cuts.reverse();
    Some(cuts)
}

/// What a word costs: rare and short ones are seldom what somebody wrote.
fn cost(word: &str, lexis: &Lexis) -> Option<u32> {
    const SHORT: [&str; 66] = [
        "a", "i", "u", "am", "an", "as", "at", "be", "by", "do", "dr", "go", "gp", "he", "if", "im", "in", "is", "it",
        "me", "mr", "ms", "my", "no", "of", "oh", "on", "or", "so", "to", "up", "ur", "us", "we", "ya", "all", "and",
        "are", "for", "her", "his", "get", "got", "how", "not", "off", "our", "out", "she", "the", "too", "was", "who",
        "why", "you", "mrs", "this", "that", "they", "with", "have", "your", "what", "nhs", "aint", "dont",
    ];
    if SHORT.contains(&word) {
        return Some(7 + 3 * u32::from(word.len() == 1));
    }
    match word.len() {
        0..=2 => None,
        3 if is_everyday(word) => Some(14),
        3 => (lexis.exact(word) == Some(Class::Name)).then_some(18),
        _ if is_everyday(word) || lexis.exact(word) >= Some(Class::Name) => Some(10),
        _ if is_common(word) || lexis.exact(word).is_some() => Some(12),
        4 => None,
        _ if lexis.class_of_short(word).is_some() || is_ordinary(word) => Some(15),
        _ => None,
    }
}
