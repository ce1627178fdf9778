//! The word lists that the identifier parsers share. In: a folded word. Out: what it stands for.
//! Not here: the parsers; and no list that a practice would want to tune.

use std::sync::LazyLock;

use crate::matcher::wordset::WordSet;

/// Words whose full stop ends no sentence here, because a number follows.
pub(super) const SHORT_FORMS: [&str; 16] =
    ["no", "nos", "num", "nr", "tel", "mob", "dob", "ref", "nhs", "st", "rd", "ave", "hosp", "ni", "ph", "tele"];

/// A number in words: its digits. `oh` is a zero only inside a longer number, which the caller must see to.
pub(super) fn number(word: &str) -> Option<&'static str> {
    Some(match word {
        "zero" | "nought" | "naught" | "nowt" | "nil" | "oh" | "o" => "0",
        "one" | "wun" => "1",
        "two" => "2",
        "three" => "3",
        "four" => "4",
        "five" => "5",
        "six" => "6",
        "seven" => "7",
        "eight" => "8",
        "nine" | "niner" => "9",
        "ten" => "10",
        "eleven" => "11",
        "twelve" => "12",
        "thirteen" => "13",
        "fourteen" => "14",
        "fifteen" => "15",
        "sixteen" => "16",
        "seventeen" => "17",
        "eighteen" => "18",
        "nineteen" => "19",
        "twenty" => "20",
        "thirty" => "30",
        "forty" | "fourty" => "40",
        "fifty" => "50",
        "sixty" => "60",
        "seventy" => "70",
        "eighty" => "80",
        "ninety" | "ninty" => "90",
        _ => return None,
    })
}

/// Whether the word may be a piece of a number, a date or a postcode read aloud.
pub(super) fn is_spoken(word: &str) -> bool {
    let known = number(word).is_some() || repeats(word).is_some() || spelled_letter(word).is_some();
    known || month(word).is_some() || ordinal(word).is_some()
}

/// How often the next digit is meant: `double` 2, `triple` 3.
pub(super) fn repeats(word: &str) -> Option<usize> {
    match word {
        "double" => Some(2),
        "triple" | "treble" => Some(3),
        _ => None,
    }
}

/// A letter of the phonetic alphabet.
pub(super) fn spelled_letter(word: &str) -> Option<char> {
    const ALPHABET: [&str; 26] = [
        "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "kilo", "lima",
        "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "victor", "whiskey",
        "xray", "yankee", "zulu",
    ];
    let word = match word {
        "alfa" => "alpha",
        "juliett" => "juliet",
        "whisky" => "whiskey",
        other => other,
    };
    let first = word.bytes().next().filter(u8::is_ascii_lowercase)?;
    (ALPHABET[usize::from(first - b'a')] == word).then(|| char::from(first))
}

/// Which month, 1 to 12.
pub(super) fn month(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    if word.len() < 3 || word == "mar" && word.len() != 3 {
        return None;
    }
    if word == "sept" || word == "febuary" {
        return Some(if word == "sept" { 9 } else { 2 });
    }
    let at = MONTHS.iter().position(|month| *month == word || word.len() == 3 && month.starts_with(word))?;
    Some(at as u32 + 1)
}

/// A day in words, 1 to 31, only where one word says it.
pub(super) fn ordinal(word: &str) -> Option<u32> {
    const ORDINALS: [&str; 20] = [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
    ];
    match word {
        "thirtieth" => Some(30),
        _ => ORDINALS.iter().position(|ordinal| *ordinal == word).map(|at| at as u32 + 1),
    }
}

/// Words that end a street's name and hardly ever follow a number otherwise.
pub(super) fn is_strong_street(word: &str) -> bool {
    STRONG_STREETS.has(word)
}

/// Words that end a street's name.
pub(super) fn is_street(word: &str) -> bool {
    is_strong_street(word) || STREETS.has(word)
}

/// Words that a named house ends with.
pub(super) fn is_house(word: &str) -> bool {
    HOUSES.has(word)
}

/// Words that an organisation's name ends with, or that stand for one.
pub(super) fn is_organisation(word: &str) -> bool {
    ORGANISATIONS.has(word)
}

/// The letters that begin a British postcode.
pub(super) fn is_postcode_area(area: &str) -> bool {
    const AREAS: &str = " ab al b ba bb bd bh bl bn br bs bt ca cb cf ch cm co cr ct cv cw da dd de dg dh dl dn dt dy e \
         ec eh en ex fk fy g gl gu gy ha hd hg hp hr hs hu hx ig im ip iv ka kt kw ky l la ld le ll ln ls lu m me mk ml \
         n ne ng nn np nr nw ol ox pa pe ph pl po pr rg rh rm s sa se sg sk sl sm sn so sp sr ss st sw sy ta td tf tn \
         tq tr ts tw ub w wa wc wd wf wn wr ws wv yo ze je ";
    let mut at = AREAS.match_indices(area);
    (1..=2).contains(&area.len())
        && at.any(|(at, _)| AREAS[..at].ends_with(' ') && AREAS[at + area.len()..].starts_with(' '))
}

static STRONG_STREETS: LazyLock<WordSet> =
    LazyLock::new(|| WordSet::of("road rd street avenue ave crescent cres terrace lane ln boulevard grove mews gdns"));

static STREETS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "st cl gr tce terr gve close drive dr court ct way grove gardens gdns garden fold mews row hill rise walk place pl square sq \
     park view green croft mount gate yard brow meadow meadows garth wynd vale dene brae loan quay wharf parade \
     circus common end villas cottages houses buildings mansions crest ridge bank field fields orchard paddock \
     spinney chase dale heights approach passage alley ginnel snicket ride drove leys lea leas nook mead glade \
     copse estate tower point pastures clough bridge cross",
    )
});

static HOUSES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "cottage house farm farmhouse lodge forge barn mill rectory vicarage bungalow villa manor croft grange \
     stables gatehouse oast granary smithy parsonage manse schoolhouse coach dairy hayloft bakehouse nook haven \
     holme steading cott cot maltings",
    )
});

static ORGANISATIONS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "library hall centre center school academy college university church chapel mosque temple synagogue \
     gurdwara surgery surgeries practice clinic hospital infirmary pharmacy chemist chemists boots ltd limited \
     plc llp council club pub inn hotel restaurant cafe shop store stores supermarket garage station museum gym \
     salon office offices foundation trust charity hospice theatre cinema stadium nursery barbers dentist \
     dentists dental vets opticians taxis taxi cabs bakery takeaway helpline bank playgroup preschool leisure \
     pavilion charities services service medical health tesco asda morrisons aldi lidl sainsburys co business \
     retail industrial trading enterprise hub minister samaritans childline switchboard opposite",
    )
});
