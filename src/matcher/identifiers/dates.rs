//! Dates of birth. In: a scene, and what else was found in it. Out: dates that somebody was born on. A date is one when
//! the words beside it say so, or when it is long past and stands beside a person's name or another identifier.
//! Not here: appointments, events and anniversaries, which are dates too.

use std::ops::Range;
use std::sync::LazyLock;

use super::{Found, Kind, Scene, words};
use crate::lexicon::Certainty;
use crate::matcher::wordset::WordSet;

/// Dates that are said to be of birth, or that stand beside a name and are too old for anything else.
pub(super) fn births(scene: &Scene<'_>, taken: &[Found]) -> Vec<Found> {
    let mut found = Vec::new();
    each_date(scene, taken, |tokens, date| {
        let certainty = match claim(scene, &tokens) {
            Claim::Birth => Some(Certainty::High),
            Claim::None if date.is_long_past() && beside_a_name(scene, &tokens) => Some(Certainty::Medium),
            Claim::None | Claim::Other => None,
        };
        let certainty = certainty.filter(|_| date.year >= 1900);
        found.extend(certainty.map(|certainty| found_at(scene, tokens, certainty)));
    });
    found
}

/// Dates long past in a text that gives a person's number or home.
pub(super) fn dates_beside(scene: &Scene<'_>, others: &[Found]) -> Vec<Found> {
    let personal = |found: &Found| !matches!(found.kind, Kind::Phone | Kind::Email | Kind::DateOfBirth);
    let mut found = Vec::new();
    let said = (0..scene.tokens.len())
        .any(|at| scene.word(at) == "dob" || scene.word(at) == "birth" && scene.word(at.wrapping_sub(2)) == "date");
    if said || others.iter().any(personal) {
        each_date(scene, others, |tokens, date| {
            if date.is_long_past() && matches!(claim(scene, &tokens), Claim::None) {
                found.push(found_at(scene, tokens, Certainty::Medium));
            }
        });
    }
    found
}

fn found_at(scene: &Scene<'_>, tokens: Range<usize>, certainty: Certainty) -> Found {
    Found { kind: Kind::DateOfBirth, span: scene.span(tokens), certainty }
}

/// A day that exists in some year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Date {
    year: u32,
}

impl Date {
    /// Too long ago for an appointment, an order or a fresh grievance, and not too long for somebody alive.
    fn is_long_past(self) -> bool {
        (1915..=2014).contains(&self.year)
    }
}

fn each_date(scene: &Scene<'_>, taken: &[Found], mut take: impl FnMut(Range<usize>, Date)) {
    let mut at = 0;
    while at < scene.tokens.len() {
        let claimed = || matches!(claim(scene, &(at..at + 1)), Claim::Birth);
        match date_at(scene, at).or_else(|| undivided(scene, at).filter(|_| claimed())) {
            Some((end, date)) => {
                let span = scene.span(at..end);
                if !taken.iter().any(|other| other.span.start < span.end && span.start < other.span.end) {
                    take(at..end, date);
                }
                at = end;
            }
            None => at += 1,
        }
    }
}

/// A date that begins at this token: where it ends, and the date.
fn date_at(scene: &Scene<'_>, at: usize) -> Option<(usize, Date)> {
    if at > 0 && scene.digits(at - 1).is_some() && is_divider(scene.gap(at)) {
        return None;
    }
    in_figures(scene, at).or_else(|| day_first(scene, at)).or_else(|| month_first(scene, at))
}

/// `3/4/56`, `03.04.1956`, `1956-04-03`, `3 4 56`.
fn in_figures(scene: &Scene<'_>, at: usize) -> Option<(usize, Date)> {
    let part = |at: usize| scene.digits(at).filter(|digits| digits.len() <= 4);
    let (first, second, third) = (part(at)?, part(at + 1)?, part(at + 2)?);
    let (one, two) = (scene.gap(at + 1), scene.gap(at + 2));
    let goes_on = scene.digits(at + 3).is_some() && matches!(scene.gap(at + 3), "-" | "/" | "." | "");
    if !is_divider(one) || one.trim() != two.trim() || !is_divider(two) || goes_on {
        return None;
    }
    if scene.letters(at + 3).is_some() && scene.gap(at + 3).is_empty() {
        return None;
    }
    let date = if first.len() == 4 {
        let (month, day) = (value(second), value(third));
        is_day(day, month).then_some(Date { year: value(first) })
    } else {
        let (day, month) = (value(first), value(second));
        (is_day(day, month) || is_day(month, day)).then_some(())?;
        year(third).map(|year| Date { year })
    };
    date.map(|date| (at + 3, date))
}

/// `3 April 1956`, `3rd of April 56`, `third of april nineteen fifty six`, `3-Apr-56`.
fn day_first(scene: &Scene<'_>, at: usize) -> Option<(usize, Date)> {
    let (day, mut next) = day(scene, at)?;
    if scene.word(next) == "of" {
        next += 1;
    }
    // "the 9th of the 9th 1949"
    if scene.word(next) == "the"
        && scene.digits(next + 1).is_some()
        && let Some((month, after)) = self::day(scene, next + 1).filter(|(month, _)| *month <= 12)
    {
        let (year, end) = year_at(scene, after)?;
        return is_day(day, month).then_some((end, Date { year }));
    }
    // "the fifth of the sixth, fifty-five"
    let counted = scene.word(next) == "the" && words::ordinal(scene.word(next + 1)).is_some();
    next += usize::from(counted);
    let word = scene.letters(next)?;
    let month = words::month(word).or_else(|| words::ordinal(word).filter(|month| counted && *month <= 12))?;
    let (year, end) = year_at(scene, next + 1)?;
    is_day(day, month).then_some((end, Date { year }))
}

/// `April 3rd, 1956`, `apr 3 56`.
fn month_first(scene: &Scene<'_>, at: usize) -> Option<(usize, Date)> {
    let month = words::month(scene.letters(at)?)?;
    let from = if scene.word(at + 1) == "the" { at + 2 } else { at + 1 };
    let (day, next) = day(scene, from)?;
    let (year, end) = year_at(scene, next)?;
    is_day(day, month).then_some((end, Date { year }))
}

/// `03041956` or `030456`, which only a claim makes a date.
fn undivided(scene: &Scene<'_>, at: usize) -> Option<(usize, Date)> {
    let digits = scene.digits(at).filter(|digits| matches!(digits.len(), 6 | 8))?;
    let year_first = year(&digits[..4]).filter(|year| digits.len() == 8 && *year >= 1900);
    if let Some(year) = year_first.filter(|_| is_day(value(&digits[6..]), value(&digits[4..6]))) {
        return Some((at + 1, Date { year }));
    }
    let day = is_day(value(&digits[..2]), value(&digits[2..4]));
    year(&digits[4..]).filter(|_| day).map(|year| (at + 1, Date { year }))
}

/// The day of a month at this token, in figures or words, and where it ends.
fn day(scene: &Scene<'_>, at: usize) -> Option<(u32, usize)> {
    if let Some(digits) = scene.digits(at).filter(|digits| digits.len() <= 2) {
        let ending = matches!(scene.word(at + 1), "st" | "nd" | "rd" | "th") && scene.gap(at + 1).len() <= 1;
        return Some((value(digits), if ending { at + 2 } else { at + 1 }));
    }
    let word = scene.letters(at)?;
    if let Some(day) = words::ordinal(word) {
        return Some((day, at + 1));
    }
    let tens = match word {
        "twenty" => 20,
        "thirty" => 30,
        _ => return None,
    };
    let unit = words::ordinal(scene.word(at + 1)).filter(|unit| *unit < 10)?;
    Some((tens + unit, at + 2))
}

/// A year in figures or words at this token, and where it ends.
fn year_at(scene: &Scene<'_>, at: usize) -> Option<(u32, usize)> {
    if scene.gap(at).len() > 3 || at >= scene.tokens.len() {
        return None;
    }
    if let Some(digits) = scene.digits(at) {
        let more = scene.letters(at + 1).is_some() && scene.gap(at + 1).is_empty();
        return year(digits).filter(|_| !more).map(|year| (year, at + 1));
    }
    let number = |at: usize| words::number(scene.word(at)).map(value);
    let below_hundred = |at: usize| match (number(at), number(at + 1)) {
        (Some(tens), Some(unit)) if tens >= 20 && unit < 10 && unit > 0 => Some((tens + unit, at + 2)),
        (Some(0), Some(unit)) if unit < 10 => Some((unit, at + 2)),
        (Some(small), _) => Some((small, at + 1)),
        _ => None,
    };
    match (scene.word(at), scene.word(at + 1)) {
        ("nineteen", "hundred") => {
            let from = if scene.word(at + 2) == "and" { at + 3 } else { at + 2 };
            below_hundred(from).map(|(rest, end)| (1900 + rest, end))
        }
        ("nineteen", _) => below_hundred(at + 1).map(|(rest, end)| (1900 + rest, end)),
        ("twenty", _) => below_hundred(at + 1).map(|(rest, end)| (2000 + rest, end)),
        ("two", "thousand") => {
            let from = if scene.word(at + 2) == "and" { at + 3 } else { at + 2 };
            Some(below_hundred(from).map_or((2000, at + 2), |(rest, end)| (2000 + rest, end)))
        }
        _ => below_hundred(at).filter(|(short, _)| *short > 26).map(|(short, end)| (1900 + short, end)),
    }
}

fn value(digits: &str) -> u32 {
    digits.parse().unwrap_or(0)
}

/// Two figures after 26 are of the last century: a year of birth, not a year to come.
fn year(digits: &str) -> Option<u32> {
    let year = value(digits);
    match digits.len() {
        2 if year > 26 => Some(1900 + year),
        2 => Some(2000 + year),
        4 => (1850..=2035).contains(&year).then_some(year),
        _ => None,
    }
}

fn is_day(day: u32, month: u32) -> bool {
    let longest = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=longest).contains(&day)
}

fn is_divider(gap: &str) -> bool {
    gap.len() <= 3 && matches!(gap.trim(), "/" | "." | "-" | "\\" | "_" | ":") || gap == " "
}

/// What the words beside a date say of it.
enum Claim {
    /// Somebody was born on it.
    Birth,
    /// Something else happened, or will.
    Other,
    None,
}

fn claim(scene: &Scene<'_>, tokens: &Range<usize>) -> Claim {
    let before: Vec<&str> = scene.before(tokens.start, 10).collect();
    let after: Vec<&str> = scene.after(tokens.end, 6).collect();
    let birth = before.iter().any(|word| is_birth(word)) || after.iter().any(|word| is_birth(word));
    let spelled = spells_dob(scene, tokens.start) || after.windows(3).any(|word| word == ["d", "o", "b"]);
    let thing = |word: &&str| BORN_THINGS.has(word);
    let feast = |word: &&str| {
        matches!(*word, "party" | "bash" | "do" | "lunch" | "tea" | "disco" | "fete" | "bbq" | "celebration")
    };
    let near = before.iter().take(6).any(thing) || before.iter().take(4).chain(after.iter().take(4)).any(feast);
    let ages = |word: &&str| matches!(*word, "aged" | "turn" | "turns" | "turned" | "turning");
    let grows =
        before.iter().take(4).any(ages) || before.windows(2).take(3).any(|pair| pair[1] == "be" && is_age(pair[0]));
    let of_a_child = scene.gap(tokens.start).contains('(') && before.first().is_some_and(|word| CHILDREN.has(word));
    if grows || of_a_child {
        return Claim::Birth;
    }
    // "b. 7 Jan 1939"
    let spelled = spelled || before.first() == Some(&"b") && scene.gap(tokens.start) == ". ";
    let sure = spelled || before.iter().chain(&after).any(|word| matches!(*word, "dob" | "dobs"));
    if sure || birth && !near {
        return Claim::Birth;
    }
    let other = |word: &&str| OTHER_EVENTS.has(word);
    if before.iter().take(5).any(other) || near { Claim::Other } else { Claim::None }
}

fn is_age(word: &str) -> bool {
    word.len() <= 3 && word.parse::<u32>().is_ok_and(|age| (1..=110).contains(&age))
}

fn is_birth(word: &str) -> bool {
    BIRTHS.has(word)
}

/// `d.o.b.`, `D O B`, `d of b` directly before.
fn spells_dob(scene: &Scene<'_>, from: usize) -> bool {
    (1..=3).any(|skip| {
        let Some(last) = from.checked_sub(skip) else { return false };
        last >= 2
            && scene.word(last) == "b"
            && matches!(scene.word(last - 1), "o" | "of")
            && scene.word(last - 2) == "d"
            && (last + 1..from).all(|at| matches!(scene.word(at), "is" | "was" | "s" | "the" | "on"))
    })
}

/// `Susan Kettley 14/02/1948`, `Ref: Malcolm Treadwell, 02/12/38`, `14/02/1948 Susan Kettley`.
fn beside_a_name(scene: &Scene<'_>, tokens: &Range<usize>) -> bool {
    let before = tokens.start >= 2 && is_name(scene, tokens.start - 2) && is_close(scene.gap(tokens.start));
    before || is_name(scene, tokens.end) && is_close(scene.gap(tokens.end))
}

fn is_close(gap: &str) -> bool {
    gap.len() <= 3 && gap.bytes().all(|byte| matches!(byte, b' ' | b',' | b'-' | b'(' | b':' | b')'))
}

/// Two words in capitals that are no month, street or organisation: a forename and a surname, as far as one can tell.
fn is_name(scene: &Scene<'_>, at: usize) -> bool {
    let part = |at: usize| {
        let word = scene.word(at);
        let other =
            words::is_organisation(word) || words::is_street(word) || words::month(word).is_some() || is_no_name(word);
        scene.capital(at) && word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_lowercase()) && !other
    };
    let initial = scene.word(at).len() == 1 && scene.capital(at);
    let titled = matches!(scene.word(at), "mr" | "mrs" | "ms" | "miss" | "mx");
    let joined =
        matches!(scene.gap(at + 1), " " | "-" | "'" | ", ") || (initial || titled) && scene.gap(at + 1) == ". ";
    !scene.caseless && (part(at) || initial || titled) && part(at + 1) && joined
}

fn is_no_name(word: &str) -> bool {
    NO_NAMES.has(word)
}

static BORN_THINGS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "nhs surgery practice hospital building club company queen king prince princess service library church \
     school team",
    )
});

static OTHER_EVENTS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "inspected built opened founded established since appointment appt until till by expires expiry dated day \
     battle war died served issued photo picture taken band match wedding married anniversary tested installed \
     from closed last plaque newspaper edition published released",
    )
});

static CHILDREN: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "twins baby son daughter grandson granddaughter toddler newborn boy girl lad lass kid child mum dad nan nana grandad",
    )
});

static BIRTHS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "geni ganwyd urodzona urodzony urodzenia dob dobs born birth birthday birthdate bday birthdays brithday dofb",
    )
});

static NO_NAMES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "the and day week monday tuesday wednesday thursday friday saturday sunday brigade band festival fair show \
     war battle please thanks this that was born since from until new your our great christmas easter team",
    )
});
