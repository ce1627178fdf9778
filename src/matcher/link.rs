//! Web addresses and amounts of money in folded text, as ranges of words. Pure.

use std::ops::Range;

use crate::text::Folded;

/// Endings that make `word.word` a web address; a full stop without a space is too common in comments for any other.
const ENDINGS: [&str; 46] = [
    "com", "net", "org", "uk", "info", "biz", "top", "xyz", "online", "site", "shop", "store", "club", "vip", "live",
    "link", "click", "app", "io", "me", "ly", "gg", "cc", "tv", "eu", "ru", "cn", "in", "co", "us", "ink", "icu",
    "buzz", "website", "space", "fun", "win", "bid", "loan", "work", "life", "world", "pro", "news", "example", "ie",
];

/// Addresses that nobody is warned of.
const TRUSTED: [&str; 6] = ["nhs.uk", "gov.uk", "nhs.net", "nhs.wales", "nhs.scot", "bma.org.uk"];

/// Every web address in the text but trusted ones; `own` are the practice's own domains.
pub(super) fn links(folded: &Folded, own: &[String]) -> Vec<Range<u32>> {
    let mut found = Vec::new();
    // A full stop that ends something is followed by a space, or by nothing or others of its kind.
    let inner = |pair: &[u8]| pair[0] == b'.' && pair[1] != b'.' && !pair[1].is_ascii_whitespace();
    if !folded.text.as_bytes().windows(2).any(inner) {
        return found;
    }
    let mut word = 0;
    for chunk in folded.text.split_whitespace() {
        let start = chunk.as_ptr() as usize - folded.text.as_ptr() as usize;
        let end = start + chunk.len();
        while word < folded.words.len() && (folded.words[word].start as usize) < start {
            word += 1;
        }
        let first = word;
        while word < folded.words.len() && (folded.words[word].start as usize) < end {
            word += 1;
        }
        if word > first && is_link(chunk, own) {
            found.push(first as u32..word as u32);
        }
    }
    found
}

fn is_link(chunk: &str, own: &[String]) -> bool {
    let address = chunk.trim_matches(|c: char| !c.is_alphanumeric());
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    let scheme = host.len() < address.len();
    let host = host.split(['/', '?', '#', ':']).next().unwrap_or_default();
    if host.contains('@') {
        return false;
    }
    let mut labels = host.rsplit('.');
    let ending = labels.next().unwrap_or_default();
    let Some(name) = labels.next() else { return false };
    let domain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '-') && ENDINGS.contains(&ending);
    let known = |trusted: &str| host == trusted || host.ends_with(&format!(".{trusted}"));
    (scheme || host.starts_with("www.") || domain)
        && !TRUSTED.iter().any(|trusted| known(trusted))
        && !own.iter().any(|own| known(own))
}

/// Every amount of money: a sign before a number, or a number before a word for money.
pub(super) fn amounts(folded: &Folded) -> Vec<Range<u32>> {
    let mut found = Vec::new();
    if !folded.text.bytes().any(|byte| byte.is_ascii_digit()) {
        return found;
    }
    for at in 0..folded.words.len() {
        let digits = folded.word(at).bytes().filter(u8::is_ascii_digit).count();
        if digits == 0 {
            continue;
        }
        let sign = folded.gap_before(at).trim_end().ends_with(['£', '$', '€']);
        let pence = |next: usize| {
            next < folded.words.len()
                && matches!(folded.gap_before(next), "." | ",")
                && folded.word(next).bytes().all(|byte| byte.is_ascii_digit())
        };
        let mut end = at + 1;
        while pence(end) {
            end += 1;
        }
        let unit = end < folded.words.len()
            && matches!(
                folded.word(end),
                "quid" | "pound" | "pounds" | "gbp" | "grand" | "euro" | "euros" | "dollars" | "usd" | "bucks"
            );
        if sign || unit {
            found.push(at as u32..(end + usize::from(unit)) as u32);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    fn shown(text: &str, find: impl Fn(&Folded) -> Vec<Range<u32>>) -> Vec<String> {
        let folded = fold(text);
        find(&folded)
            .iter()
            .map(|hit| text[folded.raw_words(hit.start as usize..hit.end as usize)].to_owned())
            .collect()
    }

    #[test]
    fn web_addresses_are_seen_and_trusted_ones_are_not() {
        let links = |text: &str| shown(text, |folded| links(folded, &["alderbrooksurgery.example".into()]));
        assert_eq!(links("join t.me/calmchem now"), ["t.me/calmchem"]);
        assert_eq!(links("see https://nhs-pass-verify.top/uk!"), ["https://nhs-pass-verify.top/uk"]);
        assert_eq!(links("see www.nhs.uk or https://www.gov.uk/x or alderbrooksurgery.example"), [] as [&str; 0]);
        assert_eq!(links("no space.here but fine... me.too"), [] as [&str; 0]);
        assert_eq!(links("ring.me please"), ["ring.me"]);
    }

    #[test]
    fn money_is_a_sign_or_a_word_with_a_number() {
        let amounts = |text: &str| shown(text, amounts);
        assert_eq!(amounts("only £95 or 40 quid, not 8am"), ["95", "40 quid"]);
        assert_eq!(amounts("£1,299.50 off"), ["1,299.50"]);
    }
}
