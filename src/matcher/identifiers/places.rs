//! Homes: full postcodes and street addresses. In: a scene. Out: those that are somebody's, as far as the words beside
//! them tell. Not here: towns, outward postcodes and streets without a number, which identify nobody; directions; and
//! the addresses of organisations, the practice's own first of all.

use std::ops::Range;
use std::sync::LazyLock;

use super::{Found, Kind, Scene, alphanumeric, street_key, words};
use crate::lexicon::Certainty;
use crate::matcher::wordset::WordSet;

/// Full postcodes, written or spelled out.
pub(super) fn postcodes(scene: &Scene<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < scene.tokens.len() {
        match postcode_at(scene, at).or_else(|| spelled_postcode(scene, at)) {
            Some((end, certainty)) => {
                let span = scene.span(at..end);
                let own = scene.own.postcodes.contains(&alphanumeric(&scene.text[span.clone()]));
                if !own && !is_an_organisations(scene, &(at..end)) {
                    found.push(Found { kind: Kind::Postcode, span, certainty });
                }
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// `AB21 4RT`, `ab214rt`, `EC1A-1BB`: where it ends and how sure.
fn postcode_at(scene: &Scene<'_>, at: usize) -> Option<(usize, Certainty)> {
    let area = scene.letters(at).filter(|area| words::is_postcode_area(area))?;
    let first = scene.digits(at + 1).filter(|_| scene.gap(at + 1).is_empty())?;
    if at > 0 && scene.gap(at).is_empty() || first.starts_with('0') && first.len() > 2 {
        return None;
    }
    // The district may end with a letter, and the inward digit may be glued to the district's.
    let lettered = scene.letters(at + 2).is_some_and(|word| word.len() == 1 && scene.gap(at + 2).is_empty());
    let glued = !lettered && first.len() >= 2 && scene.letters(at + 2).is_some() && scene.gap(at + 2).is_empty();
    let (district, last) = match (lettered, glued) {
        (true, _) => (first, at + 4),
        (_, true) => (&first[..first.len() - 1], at + 2),
        _ => (first, at + 3),
    };
    if lettered && !has_lettered_districts(area, first) {
        return None;
    }
    let inward_digit =
        glued || scene.digits(last - 1).is_some_and(|digit| digit.len() == 1) && is_inner_gap(scene.gap(last - 1));
    let inward = scene.letters(last).filter(|word| is_inward(word) && scene.gap(last).is_empty())?;
    if !inward_digit || district.is_empty() || district.len() > 2 {
        return None;
    }
    let ordinal =
        matches!(inward, "st" | "nd" | "rd" | "th") && !scene.tokens.get(last).is_some_and(|token| token.all_caps);
    let said = scene.before(at, 5).any(|word| word.starts_with("postcode") || word == "post");
    let next_is_apart = last + 1 >= scene.tokens.len() || !scene.gap(last + 1).is_empty();
    let spaced = !glued || area.len() == 2 || scene.capital(at);
    let certainty = if said || spaced && scene.capital(at) { Certainty::High } else { Certainty::Medium };
    (next_is_apart && (!ordinal || said)).then_some((last + 1, certainty))
}

/// `W1A`, `EC2V`: only the middle of London needs a letter after the district.
fn has_lettered_districts(area: &str, district: &str) -> bool {
    match area {
        "e" | "n" | "nw" | "se" | "sw" | "w" => district == "1",
        "ec" | "wc" => matches!(district, "1" | "2" | "3" | "4"),
        _ => false,
    }
}

fn is_inner_gap(gap: &str) -> bool {
    gap.len() <= 3 && gap.bytes().all(|byte| matches!(byte, b' ' | b'-' | b'.' | b'_' | b'/'))
}

/// The two letters of an inward code; some are never used because they look like digits.
fn is_inward(letters: &str) -> bool {
    letters.len() == 2 && letters.bytes().all(|byte| byte.is_ascii_lowercase() && !b"cikmov".contains(&byte))
}

/// `alpha bravo two one, four romeo tango`, `A B 2 1 4 R T`: where it ends and how sure.
fn spelled_postcode(scene: &Scene<'_>, from: usize) -> Option<(usize, Certainty)> {
    const LONGEST: usize = 7;
    let (mut code, mut spelled, mut at) = (String::new(), 0, from);
    while code.len() < LONGEST {
        if at > from
            && !(scene.gap(at).len() <= 3
                && scene.gap(at).bytes().all(|byte| matches!(byte, b' ' | b',' | b'-' | b'.')))
        {
            break;
        }
        let word = scene.word(at);
        if let Some(letter) = words::spelled_letter(word) {
            code.push(letter);
            spelled += 1;
        } else if let Some(digits) = scene.digits(at).or_else(|| words::number(word)) {
            code.push_str(digits);
        } else if word.len() == 1 && scene.letters(at).is_some() {
            code.push_str(word);
        } else {
            break;
        }
        at += 1;
    }
    if code.len() > LONGEST || at < from + 5 {
        return None;
    }
    let said = scene.before(from, 5).any(|word| word.starts_with("postcode") || matches!(word, "post" | "code"));
    let letter_by_letter = at == from + code.len() && code.len() >= 6;
    (is_postcode(&code) && (spelled >= 3 || said || letter_by_letter))
        .then_some((at, if said { Certainty::High } else { Certainty::Medium }))
}

/// Whether these characters, without spaces, have the shape of a full postcode.
fn is_postcode(code: &str) -> bool {
    if !code.is_ascii() || !(5..=7).contains(&code.len()) {
        return false;
    }
    let (outward, inward) = code.split_at(code.len() - 3);
    let area: String = outward.chars().take_while(char::is_ascii_alphabetic).collect();
    let district = &outward[area.len()..];
    let digit_first = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    words::is_postcode_area(&area)
        && (1..=2).contains(&district.len())
        && digit_first(district)
        && digit_first(inward)
        && is_inward(&inward[1..])
}

/// House and street, flat and court, named house and lane.
pub(super) fn addresses(scene: &Scene<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < scene.tokens.len() {
        let read = numbered(scene, at).or_else(|| flat(scene, at)).or_else(|| named(scene, at));
        match read {
            Some((end, certainty)) => {
                let key = street_key(&scene.text[scene.span(at..end)]);
                let own = scene.own.streets.iter().any(|own| own.starts_with(key.as_str()));
                if !own && !is_an_organisations(scene, &(at..end)) {
                    let end = with_town(scene, end);
                    found.push(Found { kind: Kind::Address, span: scene.span(at..end), certainty });
                }
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// `9 Elm Close`, `number 9 Elm Close`, `12a High St`, `2/1 Harbour Terrace`, `flat 2, 9 Elm Close`.
fn numbered(scene: &Scene<'_>, from: usize) -> Option<(usize, Certainty)> {
    let mut at = from;
    if is_flat(scene.word(at))
        && scene.digits(at + 1).is_some()
        && (scene.gap(at + 2).contains(',') || scene.digits(at + 2).is_some())
    {
        at += 2;
    }
    let numbered = matches!(scene.word(at), "number" | "no" | "nr");
    at += usize::from(numbered);
    if let Some(end) = number_in_words(scene, at) {
        let street = street(scene, end).filter(|street| street.capitals && !scene.caseless)?;
        return street.certainty(scene, true).map(|certainty| (street.end, certainty));
    }
    let number = scene.digits(at).filter(|digits| digits.len() <= 4 && !digits.starts_with('0'))?;
    let before = scene.gap(at);
    if at > 0 && before.is_empty() || before.ends_with(['£', '$', '.', ':', '/', '-', '+']) && !numbered {
        return None;
    }
    at += 1;
    let glued_letter = scene.letters(at).is_some_and(|word| word.len() == 1 && scene.gap(at).is_empty());
    let second_number = matches!(scene.gap(at), "/" | "-") && scene.digits(at).is_some_and(|digits| digits.len() <= 4);
    at += usize::from(glued_letter || second_number);
    // "number 17 on Ash Grove"
    at += usize::from(numbered && scene.word(at) == "on");
    if !matches!(scene.gap(at), " " | ", " | "  ") {
        return None;
    }
    let street = street(scene, at)?;
    let cued = numbered
        || from < at && is_flat(scene.word(from))
        || is_at_home(scene, from)
        || is_given_first(scene, from, street.end)
        || has_postcode_next(scene, street.end);
    // "5 minutes up the road" has no capitals, "in 2019 Mill Lane flooded" has no house.
    let year = number.len() == 4 && matches!(number.as_bytes()[0], b'1' | b'2') && !cued;
    street.certainty(scene, cued).filter(|_| !year).map(|certainty| (street.end, certainty))
}

/// `Thirty-one Barracks Close`: where the number ends. One word alone is a count more often than a house.
fn number_in_words(scene: &Scene<'_>, at: usize) -> Option<usize> {
    let tens =
        words::number(scene.letters(at)?).filter(|tens| tens.len() == 2 && tens.ends_with('0') && *tens != "10")?;
    let unit = words::number(scene.word(at + 1)).filter(|unit| unit.len() == 1);
    (unit.is_some() && scene.gap(at + 1) == "-" && !tens.is_empty()).then_some(at + 2)
}

/// `Flat 3 Tanners Court`, `Apartment 12, The Maltings`.
fn flat(scene: &Scene<'_>, from: usize) -> Option<(usize, Certainty)> {
    let number =
        is_flat(scene.word(from)) && scene.tokens.get(from + 1).is_some_and(|token| token.end - token.start <= 3);
    if !number
        || !matches!(scene.gap(from + 1), " " | "")
        || scene.digits(from + 1).is_none() && scene.word(from + 1).len() > 1
    {
        return None;
    }
    let lettered = scene.word(from + 2).len() == 1 && scene.gap(from + 2).is_empty();
    let at = if lettered { from + 3 } else { from + 2 };
    let (mut end, mut house) = (at, false);
    while end < at + 4 && scene.capital(end) && matches!(scene.gap(end), " " | ", ") && scene.letters(end).is_some() {
        house |= words::is_street(scene.word(end)) || words::is_house(scene.word(end));
        end += 1;
        if house {
            break;
        }
    }
    let known = house || end > at && has_postcode_next(scene, end);
    known.then_some((end, Certainty::High)).filter(|_| !scene.caseless || is_at_home(scene, from))
}

/// `The Old Forge, Church Lane`: a house with a name in a street.
fn named(scene: &Scene<'_>, from: usize) -> Option<(usize, Certainty)> {
    if scene.caseless || !scene.capital(from) || from > 0 && scene.capital(from - 1) && scene.gap(from) == " " {
        return None;
    }
    let mut at = from;
    while at < from + 4 && scene.capital(at) && !words::is_house(scene.word(at)) {
        at += 1;
    }
    let house = at > from
        && words::is_house(scene.word(at))
        && scene.capital(at)
        && (from + 1..=at).all(|at| scene.gap(at) == " ");
    if !house || !matches!(scene.gap(at + 1), "," | ", " | " ") {
        return None;
    }
    let on = usize::from(matches!(scene.word(at + 1), "on" | "in"));
    let street = street(scene, at + 1 + on)?;
    (street.capitals && (on == 1 || scene.gap(at + 1).contains(','))).then_some((street.end, Certainty::Medium))
}

struct Street {
    words: Range<usize>,
    end: usize,
    /// Every word of it has a capital.
    capitals: bool,
    strong: bool,
}

impl Street {
    fn certainty(&self, scene: &Scene<'_>, cued: bool) -> Option<Certainty> {
        let names = self.words.len();
        match (self.capitals && !scene.caseless, self.strong) {
            (true, _) => Some(Certainty::High),
            _ if cued && names <= 3 => Some(if self.strong { Certainty::High } else { Certainty::Medium }),
            (_, true) if names <= 2 && !self.has_ordinary(scene) => Some(Certainty::Medium),
            _ => None,
        }
    }

    /// `one way street`, `main road`: roads that are nobody's.
    fn has_ordinary(&self, scene: &Scene<'_>) -> bool {
        self.words.clone().any(|at| {
            matches!(
                scene.word(at),
                "main"
                    | "side"
                    | "busy"
                    | "whole"
                    | "same"
                    | "next"
                    | "other"
                    | "quiet"
                    | "narrow"
                    | "long"
                    | "bus"
                    | "cycle"
                    | "fast"
                    | "slow"
                    | "way"
                    | "private"
                    | "dead"
                    | "different"
                    | "more"
                    | "ring"
                    | "country"
                    | "memory"
                    | "middle"
                    | "inside"
                    | "lane"
                    | "track"
                    | "pin"
            )
        })
    }
}

/// A street's name at this token: one to four words, the last a kind of street.
fn street(scene: &Scene<'_>, from: usize) -> Option<Street> {
    let mut at = from;
    let mut best = None;
    while at < from + 6 {
        let word = scene.letters(at)?;
        let gap = scene.gap(at);
        let saint = gap == ". " && at > from && scene.word(at - 1) == "st";
        let apart = at > from && !saint && !matches!(gap, "" | " " | "'" | "-");
        if apart || is_no_street(word) && !(word == "the" && at == from) {
            break;
        }
        at += 1;
        // "St James's Court" begins with a street word and is none yet.
        let saint = word == "st" && at == from + 1;
        if words::is_street(word) && !saint && at > from + 1 {
            let capitals =
                (from..at).all(|at| scene.capital(at) || matches!(scene.word(at), "s" | "the" | "of" | "and"));
            best = Some(Street { words: from..at - 1, end: at, capitals, strong: words::is_strong_street(word) });
            if !words::is_street(scene.word(at)) {
                break;
            }
        }
    }
    best.filter(|street| !is_on_the_way(scene, street.end))
}

/// "5 star way to go", "36 Otley Road bus stop".
fn is_on_the_way(scene: &Scene<'_>, end: usize) -> bool {
    let way = scene.word(end - 1) == "way" && matches!(scene.word(end), "to" | "too" | "back" | "out" | "in" | "over");
    let sign = matches!(scene.word(end), "bus" | "stop" | "stops" | "junction" | "roundabout" | "roadworks" | "exit");
    (way || sign) && scene.gap(end) == " "
}

/// Words that follow a number and make it no house: amounts, times, prepositions, verbs.
fn is_no_street(word: &str) -> bool {
    NO_STREETS.has(word) && !matches!(word, "st" | "rd")
}

fn is_flat(word: &str) -> bool {
    matches!(word, "flat" | "apartment" | "apt" | "maisonette" | "bedsit")
}

fn is_at_home(scene: &Scene<'_>, from: usize) -> bool {
    scene.before(from, 5).any(|word| AT_HOMES.has(word))
}

/// "94 orchard court, please update", "we're at 6 beech place": nothing but an address stands there so.
fn is_given_first(scene: &Scene<'_>, from: usize, end: usize) -> bool {
    let we_are_at = from >= 2
        && scene.word(from - 1) == "at"
        && matches!(
            scene.word(from - 2),
            "are" | "am" | "re" | "m" | "im" | "is" | "mums" | "mum" | "dads" | "dad" | "nans"
        );
    from == 0 && scene.gap(end).starts_with([',', '.']) || we_are_at
}

fn has_postcode_next(scene: &Scene<'_>, end: usize) -> bool {
    (end..end + 4).any(|at| postcode_at(scene, at).is_some())
}

/// `…, Alderbrook`: a word or two of town, when the address visibly goes on.
fn with_town(scene: &Scene<'_>, end: usize) -> usize {
    if !scene.gap(end).starts_with(',') {
        return end;
    }
    for town in 1..=2 {
        let last = end + town;
        let named = (end..last)
            .all(|at| scene.letters(at).is_some_and(|word| word.len() > 2) && (scene.capital(at) || scene.caseless));
        let closed = last >= scene.tokens.len()
            || scene.gap(last).starts_with([',', '.', '\n'])
            || postcode_at(scene, last).is_some();
        if named && closed && postcode_at(scene, end).is_none() {
            return last;
        }
    }
    end
}

/// Whether the words around say that an organisation is there: `Alderbrook Library, 2 Market Place`.
fn is_an_organisations(scene: &Scene<'_>, tokens: &Range<usize>) -> bool {
    if scene.after(tokens.end, 3).any(words::is_organisation) && scene.gap(tokens.end).contains(['(', '-']) {
        return true;
    }
    let invited = scene.before(tokens.start, 12).chain(scene.after(tokens.end, 6)).any(|word| EVENTS.has(word));
    let mut close = true;
    for (back, word) in scene.before(tokens.start, 12).enumerate() {
        let at = tokens.start - 1 - back;
        match word {
            "my" | "our" | "i" | "we" | "live" | "lives" | "home" | "her" | "his" | "mum" | "dad" | "their" => {
                return false;
            }
            _ if words::is_organisation(word) => {
                let proper = scene.capital(at)
                    && !scene.caseless
                    && at > 0
                    && (scene.capital(at - 1) || scene.word(at - 1) == "the");
                if close || proper {
                    return true;
                }
            }
            "at" | "on" | "in" | "is" | "the" | "of" | "address" | "for" | "and" => {}
            // The pieces of an address may stand between the organisation and its postcode.
            _ => close &= words::is_street(word) || scene.capital(at) || scene.digits(at).is_some() || scene.caseless,
        }
    }
    invited
}

static NO_STREETS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "star stars in on to a an at down up for from is my your by with minute minutes min mins hour hours hr hrs week weeks \
     day days people mile miles yards times year years mph cars car months month pm am or not was are out off \
     over has have had i we you it this that patients appointments spaces houses pounds quid business retail \
     industrial st nd rd th bus buses route along tram train parking disabled and but so be more than x k km",
    )
});

static AT_HOMES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "live lives living address addy moved move home house deliver delivery send re m reside visit residing \
     round addr prescription prescriptions update updated",
    )
});

/// Words of an invitation: where everybody is asked to come is nobody's home.
static EVENTS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "fete fayre fair sale welcome tickets quiz bingo concert event events workshop raffle stalls stall doors market \
         exhibition festival jumble auction meeting classes class sessions drop-in barbecue parade",
    )
});
