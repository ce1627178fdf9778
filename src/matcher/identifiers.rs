//! Finds what identifies a person by number or place: NHS numbers, dates of birth, postcodes, addresses, phones, e-mail
//! addresses, NI and hospital numbers. In: folded text and the practice's own details, which are nobody's secret.
//! Out: [`Found`]s that do not overlap. Hand-written parsers, no backtracking: every look back or ahead has a fixed
//! length, so time is linear in the text; a text without digits, `@` or number words costs one pass.
//! Not here: names (`names`), and bank details, vehicle plates and profile links, which the policies do not list.

mod dates;
mod mail;
mod numbers;
mod places;
mod words;

use std::ops::Range;

use crate::lexicon::Certainty;
use crate::text::{Folded, fold};

/// What kind of identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// NHS, CHI or Health and Care number: ten digits, the last a check.
    NhsNumber,
    /// Date of birth.
    DateOfBirth,
    /// Full postcode.
    Postcode,
    /// House and street.
    Address,
    /// Phone number.
    Phone,
    /// E-mail address.
    Email,
    /// National Insurance number.
    NiNumber,
    /// A hospital's number for a patient.
    HospitalNumber,
}

impl Kind {
    /// The lexicon entry.
    pub fn entry(self) -> &'static str {
        match self {
            Self::NhsNumber => "identifier/nhs-number",
            Self::DateOfBirth => "identifier/date-of-birth",
            Self::Postcode => "identifier/postcode",
            Self::Address => "identifier/address",
            Self::Phone => "identifier/phone",
            Self::Email => "identifier/email",
            Self::NiNumber => "identifier/ni-number",
            Self::HospitalNumber => "identifier/hospital-number",
        }
    }
}

/// An identifier in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Where, in bytes of the folded text, on character boundaries.
    pub span: Range<usize>,
    /// How sure.
    pub certainty: Certainty,
}

/// The practice's published details, which are no identifiers of anybody.
#[derive(Clone, Debug, Default)]
pub struct OwnDetails {
    /// Without spaces: `ab219zz`.
    postcodes: Vec<String>,
    /// House number and street: `14 mill lane`.
    streets: Vec<String>,
    /// Digits after the country code or the first 0.
    phones: Vec<String>,
    emails: Vec<String>,
    domains: Vec<String>,
    /// Words of the practice's names, folded, that can stand in an e-mail address.
    names: Vec<String>,
}

impl OwnDetails {
    /// The details as they stand in the configuration.
    pub fn new(names: &[String], address: &str, phones: &[String], emails: &[String], websites: &[String]) -> Self {
        let folded = fold(address);
        let nobody = Self::default();
        let scene = Scene::new(&folded, &nobody);
        let text = |found: &Found| &folded.text[found.span.clone()];
        Self {
            postcodes: places::postcodes(&scene).iter().map(|found| alphanumeric(text(found))).collect(),
            streets: places::addresses(&scene).iter().map(|found| street_key(text(found))).collect(),
            phones: phones.iter().map(|phone| national(&digits(phone))).filter(|phone| !phone.is_empty()).collect(),
            emails: emails.iter().map(|email| email.trim().to_lowercase()).collect(),
            domains: websites.iter().map(|site| domain(site)).filter(|domain| !domain.is_empty()).collect(),
            names: names.iter().flat_map(|name| own_name_words(name)).collect(),
        }
    }
}

/// Every identifier in the text, in the order of the text; none overlaps another.
pub fn identifiers(folded: &Folded, own: &OwnDetails) -> Vec<Found> {
    if !worth_a_look(folded) {
        return Vec::new();
    }
    let scene = Scene::new(folded, own);
    let mut found = mail::emails(&scene);
    let numbers = numbers::numbers(&scene, &found);
    merge(&mut found, numbers);
    let born = dates::births(&scene, &found);
    merge(&mut found, born);
    merge(&mut found, places::postcodes(&scene));
    merge(&mut found, places::addresses(&scene));
    let beside = dates::dates_beside(&scene, &found);
    merge(&mut found, beside);
    found.sort_by_key(|found| found.span.start);
    found
}

/// Takes the new ones that do not overlap an older one.
fn merge(found: &mut Vec<Found>, new: Vec<Found>) {
    let old = found.len();
    for candidate in new {
        let clash = |other: &Found| other.span.start < candidate.span.end && candidate.span.start < other.span.end;
        if !found[..old].iter().any(clash) {
            found.push(candidate);
        }
    }
}

/// Whether the text has anything that an identifier is made of.
fn worth_a_look(folded: &Folded) -> bool {
    if folded.text.bytes().any(|byte| byte.is_ascii_digit() || byte == b'@') {
        return true;
    }
    let mut spoken = 0;
    for index in 0..folded.words.len() {
        let word = folded.word(index);
        if words::is_spoken(word) {
            spoken += 1;
        } else if folded.words[index].capital && words::is_street(word) || mail::is_hint(folded, index) {
            return true;
        }
    }
    spoken >= 4
}

/// A run of letters or a run of digits.
#[derive(Clone, Copy, Debug)]
struct Token {
    start: u32,
    end: u32,
    digits: bool,
    capital: bool,
    all_caps: bool,
}

/// A folded text cut into tokens, and what the parsers ask about them.
struct Scene<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    own: &'a OwnDetails,
    /// Nothing is in capitals, or nearly everything: capitals say nothing.
    caseless: bool,
}

impl<'a> Scene<'a> {
    fn new(folded: &'a Folded, own: &'a OwnDetails) -> Self {
        let mut tokens = Vec::with_capacity(folded.words.len() + 8);
        for word in folded.words.iter().filter(|word| !word.emoji) {
            cut(&folded.text, word, &mut tokens);
        }
        let letters: Vec<_> = folded.words.iter().filter(|word| word.end - word.start > 1 && !word.emoji).collect();
        let capitals = letters.iter().filter(|word| word.capital).count();
        let shouted = letters.iter().filter(|word| word.all_caps).count();
        let caseless = capitals == 0 || shouted * 3 > letters.len() * 2;
        Self { text: &folded.text, tokens, own, caseless }
    }

    /// The token's text; empty outside the text.
    fn word(&self, index: usize) -> &'a str {
        self.tokens.get(index).map_or("", |token| &self.text[token.start as usize..token.end as usize])
    }

    /// The digits of this token; `None` where it is no run of digits.
    fn digits(&self, index: usize) -> Option<&'a str> {
        self.tokens.get(index).filter(|token| token.digits).map(|_| self.word(index))
    }

    /// The letters of this token; `None` where it is no run of letters.
    fn letters(&self, index: usize) -> Option<&'a str> {
        self.tokens.get(index).filter(|token| !token.digits).map(|_| self.word(index))
    }

    /// What stands before this token, after the one before it.
    fn gap(&self, index: usize) -> &'a str {
        let start =
            index.checked_sub(1).and_then(|before| self.tokens.get(before)).map_or(0, |token| token.end as usize);
        let end = self.tokens.get(index).map_or(self.text.len(), |token| token.start as usize);
        self.text.get(start..end).unwrap_or("")
    }

    fn capital(&self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|token| token.capital)
    }

    /// The bytes from the first of these tokens to the end of the last.
    fn span(&self, tokens: Range<usize>) -> Range<usize> {
        let start = self.tokens.get(tokens.start).map_or(0, |token| token.start as usize);
        let end =
            tokens.end.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(start, |token| token.end as usize);
        start..end
    }

    /// The words before this token, nearest first, at most `reach`, not beyond the end of a sentence.
    fn before(&self, index: usize, reach: usize) -> impl Iterator<Item = &'a str> + '_ {
        let first = index.saturating_sub(reach);
        let mut at = index;
        std::iter::from_fn(move || {
            if at == first || self.breaks(at) {
                return None;
            }
            at -= 1;
            Some(self.word(at))
        })
    }

    /// The words from this token on, at most `reach`, not beyond the end of a sentence.
    fn after(&self, index: usize, reach: usize) -> impl Iterator<Item = &'a str> + '_ {
        let mut at = index;
        std::iter::from_fn(move || {
            if at >= self.tokens.len() || at == index + reach || self.breaks(at) {
                return None;
            }
            at += 1;
            Some(self.word(at - 1))
        })
    }

    /// Whether a sentence ends between this token and the one before; `no.` and `dob.` end none.
    fn breaks(&self, index: usize) -> bool {
        let gap = self.gap(index);
        if index == 0 || gap.contains(['!', '?']) || gap.contains("\n\n") {
            return true;
        }
        let before = self.word(index - 1);
        gap.starts_with('.') && gap.len() > 1 && before.len() > 1 && !words::SHORT_FORMS.contains(&before)
    }
}

/// Cuts a word where letters meet digits or an apostrophe.
fn cut(text: &str, word: &crate::text::Word, tokens: &mut Vec<Token>) {
    let (from, to) = (word.start as usize, word.end as usize);
    let bytes = text.as_bytes();
    let mut at = from;
    while at < to {
        let digits = bytes[at].is_ascii_digit();
        let same = |byte: &u8| byte.is_ascii_digit() == digits && *byte != b'\'';
        let len = bytes[at..to].iter().take_while(|byte| same(byte)).count();
        if len == 0 {
            at += 1;
            continue;
        }
        let capital = word.capital && at == from;
        tokens.push(Token { start: at as u32, end: (at + len) as u32, digits, capital, all_caps: word.all_caps });
        at += len;
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn alphanumeric(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Digits of a phone number without country code and first 0.
fn national(digits: &str) -> String {
    let rest = digits.strip_prefix("0044").or_else(|| digits.strip_prefix("44").filter(|rest| rest.len() >= 9));
    let rest = rest.unwrap_or(digits);
    rest.strip_prefix('0').unwrap_or(rest).to_owned()
}

/// `14, Mill  Lane` as `14 mill lane`: one spelling to compare by.
fn street_key(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.filter(|word| !matches!(*word, "number" | "no")).collect::<Vec<_>>().join(" ")
}

/// `https://www.practice.example/contact` as `practice.example`.
fn domain(site: &str) -> String {
    let site = site.trim().to_lowercase();
    let site = site.split_once("://").map_or(site.as_str(), |(_, rest)| rest);
    let host = site.split(['/', '?', ':']).next().unwrap_or("");
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}

/// The words of a practice's name that are its own, and not `surgery` or `the`.
fn own_name_words(name: &str) -> Vec<String> {
    let folded = fold(name);
    let word = |index: usize| folded.word(index).to_owned();
    (0..folded.words.len()).map(word).filter(|word| word.len() > 3 && !words::is_organisation(word)).collect()
}

#[cfg(test)]
mod tests;
