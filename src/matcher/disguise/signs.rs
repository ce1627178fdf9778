//! Signs among letters: `sh1t`, `f**k`, `c-nt`, `f.u.c.k`, `**f**uck`. In: what stands between white space, folded.
//! Out: the known word that it hides. Whether a sign is a letter, hides one or only parts two is decided by which
//! reading is a word that counts, and never against ordinary English.
//! Not here: letters with spaces between them, and words without any sign.

use super::lexis::{Class, Lexis};
use super::slips::BY_HABIT;
use super::words::{ANY, bit, bits, is_common, is_everyday, is_ordinary, ordinary_fitting};

/// What is known of the place where a chunk stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Surroundings {
    /// A title stands before it, or it begins with a capital: it may be a name.
    pub(super) name: bool,
    /// A long dash stands in it, which may hide more than one letter.
    pub(super) dash: bool,
}

/// One character of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A letter.
    Letter(u8),
    /// Looks like one of these letters.
    Like(u32),
    /// Hides a letter, or is markup.
    Star,
    /// Parts letters, or hides one of an obscene word.
    Joint,
    /// A picture: hides a letter or several, or parts them.
    Picture,
}

impl Place {
    fn of(c: char) -> Option<Self> {
        Some(match c {
            'a'..='z' | '\'' => Self::Letter(c as u8),
            '0' | '⚽' | '🏀' | '🍩' | '🌕' | '🔴' | '⚪' | '⚫' | '🔵' => Self::Like(bits("o")),
            '1' | '|' | '!' => Self::Like(bits("il")),
            '2' => Self::Like(bits("z")),
            '3' => Self::Like(bits("e")),
            '€' => Self::Like(bits("ec")),
            '4' | '^' => Self::Like(bits("a")),
            '@' => Self::Like(bits("ao")),
            '5' | '$' | '💲' => Self::Like(bits("s")),
            '6' => Self::Like(bits("gb")),
            '7' | '+' | '✝' => Self::Like(bits("t")),
            '8' => Self::Like(bits("b")),
            '9' => Self::Like(bits("g")),
            '¥' => Self::Like(bits("y")),
            '£' => Self::Like(bits("l")),
            '¢' | '(' | '<' => Self::Like(bits("c")),
            '❌' | '✖' | '❎' => Self::Like(bits("x")),
            '*' | '#' | '%' | '~' | '`' | '&' | '?' | '=' => Self::Star,
            '-' | '_' | '.' | ',' | '/' | '\\' | ':' | ';' | '"' | ')' | '[' | ']' | '>' | '{' | '}' => Self::Joint,
            _ if !c.is_ascii() && !c.is_alphanumeric() => Self::Picture,
            _ => return None,
        })
    }

    fn shape(self) -> u32 {
        match self {
            Self::Letter(letter) => bit(letter),
            Self::Like(letters) => letters,
            Self::Star | Self::Joint | Self::Picture => ANY,
        }
    }

    fn is_letter(self) -> bool {
        matches!(self, Self::Letter(_))
    }

    fn is_hidden(self) -> bool {
        matches!(self, Self::Star | Self::Joint | Self::Picture)
    }
}

/// Longer chunks are addresses and rows of signs, no words.
const LONGEST: usize = 48;

/// The known word that a chunk without its outer punctuation hides.
pub(super) fn decode(core: &str, lexis: &Lexis, around: Surroundings) -> Option<String> {
    if core.len() < 2 || core.len() > 4 * LONGEST {
        return None;
    }
    let places: Vec<Place> = core.chars().map(Place::of).collect::<Option<_>>()?;
    let letters = places.iter().filter(|place| place.is_letter()).count();
    let hidden = places.iter().filter(|place| place.is_hidden()).count();
    if places.len() > LONGEST || letters == places.len() || letters + hidden == 0 {
        return None;
    }
    if hidden == 0 {
        return if letters == 0 { None } else { leet(core, &places, lexis, around) };
    }
    let chunk = Chunk { places: &places, lexis, around };
    chunk.without_marks().or_else(|| chunk.masked())
}

/// Every sign looks like a letter.
fn leet(core: &str, places: &[Place], lexis: &Lexis, around: Surroundings) -> Option<String> {
    let shape: Vec<u32> = places.iter().map(|place| place.shape()).collect();
    if let Some(word) = at_sign(core, &shape, lexis) {
        return Some(word);
    }
    let found = fitting(&shape, lexis);
    if is_measure(core, found.as_ref().is_some_and(|&(_, class)| class >= Class::Rude), lexis) {
        return None;
    }
    if let Some((word, _)) = found {
        return Some(word);
    }
    // Ordinary English is read as such, so that no part of it is taken for something else.
    if let Some((word, _)) = ordinary_fitting(&shape).max_by_key(|&(_, common)| common) {
        return Some(word.to_owned());
    }
    // An at sign is also a mask, as a star is.
    if !core.chars().skip(1).any(|c| c == '@') {
        return None;
    }
    let masked: Vec<Place> =
        places.iter().zip(core.chars()).map(|(&place, c)| if c == '@' { Place::Star } else { place }).collect();
    Chunk { places: &masked, lexis, around }.masked()
}

/// An at sign hides any vowel of the words that are masked all day; else it is an "a" first of all.
fn at_sign(core: &str, shape: &[u32], lexis: &Lexis) -> Option<String> {
    if !core.contains('@') {
        return None;
    }
    let with = |letters: &str| -> Vec<u32> {
        let read = |(c, &own): (char, &u32)| if c == '@' { bits(letters) } else { own };
        core.chars().zip(shape).map(read).collect()
    };
    let vowels = with("aeiou");
    if let Some(word) = lexis.strong_fitting(&vowels).find(|word| BY_HABIT.contains(word)) {
        return Some(word.to_owned());
    }
    let harmless = |&(word, common): &(&str, bool)| common && lexis.class(word) < Some(Class::Rude);
    ordinary_fitting(&with("a")).find(harmless).map(|(word, _)| word.to_owned())
}

/// The word that fits and counts most; an insult does not count where a common word fits as well.
fn fitting(shape: &[u32], lexis: &Lexis) -> Option<(String, Class)> {
    let stems = ordinary_fitting(shape).filter_map(|(word, _)| Some((word, lexis.class(word)?)));
    let all: Vec<(&str, Class)> = lexis.fitting(shape).chain(stems).collect();
    let &(word, class) = all.iter().max_by_key(|&&(word, class)| (class, is_common(word)))?;
    if class == Class::Rude && ordinary_fitting(shape).any(|(other, common)| common && lexis.class(other).is_none()) {
        let known = all.iter().filter(|&&(_, class)| class < Class::Rude);
        return known
            .max_by_key(|&&(word, class)| (class, is_common(word)))
            .map(|&(word, class)| (word.to_owned(), class));
    }
    Some((word.to_owned(), class))
}

/// `8am`, `5mins`, `covid19`: a number beside a word, not in one.
fn is_measure(core: &str, rude: bool, lexis: &Lexis) -> bool {
    const UNITS: [&str; 40] = [
        "am", "pm", "st", "nd", "rd", "th", "k", "m", "g", "kg", "mg", "ml", "mcg", "cm", "mm", "km", "ft", "in", "lb",
        "lbs", "oz", "hr", "hrs", "h", "min", "mins", "sec", "secs", "s", "x", "p", "d", "wk", "wks", "yr", "yrs",
        "yo", "bn", "ish", "l",
    ];
    const COUNTED: [&str; 26] = [
        "day", "days", "week", "weeks", "month", "months", "year", "years", "hour", "hours", "minute", "minutes",
        "times", "star", "stars", "mile", "miles", "pence", "quid", "pound", "pounds", "people", "stone", "pages",
        "ish", "plus",
    ];
    let digits = |c: char| c.is_ascii_digit();
    let tail = core.trim_start_matches(digits);
    let head = core.trim_end_matches(digits);
    let numbered = || head.len() >= 3 && rude && is_common(head) && lexis.class(head) < Some(Class::Rude);
    tail.len() < core.len() && (UNITS.contains(&tail) || COUNTED.contains(&tail))
        || head.len() < core.len() && numbered()
}

/// A chunk with signs that hide letters or stand between them.
struct Chunk<'c> {
    places: &'c [Place],
    lexis: &'c Lexis,
    around: Surroundings,
}

impl Chunk<'_> {
    /// The letters alone: marks that part them (`f.u.c.k`, `re-cep-tionist`) or set them off (`**f**uck`, "sh`it`").
    fn without_marks(&self) -> Option<String> {
        let parts: Vec<&[Place]> =
            self.places.split(|place| place.is_hidden()).filter(|part| !part.is_empty()).collect();
        let shape: Vec<u32> = parts.iter().flat_map(|part| part.iter().map(|place| place.shape())).collect();
        if shape.len() < 2 {
            return None;
        }
        let stars = self.places.iter().filter(|place| matches!(place, Place::Star)).count();
        let spelt = parts.iter().all(|part| part.len() == 1);
        // Some signs are letters (`f*c*k` parts nothing): then the strongest reading with letters behind them comes first.
        if stars > 0 && !self.is_set_off() && !spelt {
            return None;
        }
        let whole = |part: &&[Place]| part.len() >= 2 && spell(part).is_some_and(|part| self.is_word(&part));
        let words = parts.iter().filter(|part| whole(part)).count();
        let Some((word, class)) = fitting(&shape, self.lexis) else {
            // Ordinary English in pieces is no less ordinary.
            let (word, _) = ordinary_fitting(&shape).max_by_key(|&(_, common)| common)?;
            return (shape.len() >= 4 && parts.len() > 1 && words < parts.len()).then(|| word.to_owned());
        };
        if spelt {
            return (shape.len() >= 3 || stars > 0).then_some(word);
        }
        if shape.len() < 3 {
            return None;
        }
        let single = parts.iter().filter(|part| part.len() == 1).count();
        let broken = words == 0 || words < parts.len() && (class >= Class::Name || single > 0 || shape.len() >= 7);
        let broken = broken || self.is_set_off();
        broken.then_some(word)
    }

    /// Markup comes in pairs: an even number of equal runs of stars, backticks or the like.
    fn is_set_off(&self) -> bool {
        let runs: Vec<usize> = self
            .places
            .chunk_by(|a, b| a.is_hidden() && b.is_hidden())
            .filter(|run| run[0].is_hidden())
            .map(<[Place]>::len)
            .collect();
        let edge = self.places[0].is_hidden() || self.places[self.places.len() - 1].is_hidden();
        runs.len().is_multiple_of(2) && runs.windows(2).all(|pair| pair[0] == pair[1]) && (edge || runs[0] == 2)
    }

    fn is_word(&self, word: &str) -> bool {
        is_ordinary(word) || self.lexis.class(word).is_some()
    }

    /// Letters behind the signs.
    fn masked(&self) -> Option<String> {
        // At the edges, joints are punctuation.
        let from = self.places.iter().position(|place| *place != Place::Joint)?;
        let to = self.places.iter().rposition(|place| *place != Place::Joint)?;
        let places = &self.places[from..=to];
        let hidden = places.iter().filter(|place| place.is_hidden()).count();
        let seen = places.len() - hidden;
        if seen == 0 || hidden == 0 || places.len() < 3 {
            return None;
        }
        if self.parts_words(places) {
            return None;
        }
        let shape: Vec<u32> = places.iter().map(|place| place.shape()).collect();
        self.strong(places, &shape, seen, hidden)
            .or_else(|| self.weaker(places, &shape, seen, hidden))
            .or_else(|| self.stripped(places))
            .or_else(|| {
                // Ordinary English with a letter hidden: no part of it is taken for something else.
                let (word, _) = ordinary_fitting(&shape).max_by_key(|&(_, common)| common)?;
                (seen >= 2 && hidden <= seen).then(|| word.to_owned())
            })
    }

    /// `co-op`, `and/or`, `end.Next`: joints between words.
    fn parts_words(&self, places: &[Place]) -> bool {
        let mut parts = places.split(|place| place.is_hidden());
        !places.contains(&Place::Star)
            && !places.contains(&Place::Picture)
            && parts.all(|part| part.len() >= 3 && spell(part).is_some_and(|part| self.is_word(&part)))
    }

    /// An obscene word or slur may hide most of itself.
    fn strong(&self, places: &[Place], shape: &[u32], seen: usize, hidden: usize) -> Option<String> {
        let first = !places[0].is_hidden();
        let last = !places[places.len() - 1].is_hidden();
        let dots = places.iter().filter(|place| matches!(place, Place::Joint)).count();
        let enough = first && (last || seen >= 2 || places.len() <= 5 && dots == 0) || seen >= 3 && places.len() > 4;
        if !enough || dots > 0 && (!(first && last) || hidden > 2 || hidden > 1 && places.len() != 4) {
            return None;
        }
        // With much of it to be seen, a rare word is no rival.
        let rival = |other: &str| self.lexis.class(other) < Some(Class::Rude) && (seen < 4 || is_everyday(other));
        let rivals = || ordinary_fitting(shape).any(|(other, common)| common && rival(other));
        let by_habit = |word: &&str| BY_HABIT.contains(word) && (first && last || places.len() == 4);
        let mut fits: Vec<&str> = self.lexis.strong_fitting(shape).collect();
        fits.sort_by_key(|word| (!by_habit(word), !is_common(word)));
        if let Some(word) = fits.first() {
            let sure =
                by_habit(word) || hidden == 1 && seen >= 3 && dots == 0 || !rivals() && seen >= 2 && hidden <= seen + 1;
            if sure {
                return Some((*word).to_owned());
            }
        }
        self.inflected(places).or_else(|| self.shortened(places)).or_else(|| self.dashed(places, shape))
    }

    /// `f—k`, `s—t`: one long dash for two letters.
    fn dashed(&self, places: &[Place], shape: &[u32]) -> Option<String> {
        let mut joints = (0..places.len()).filter(|&at| places[at] == Place::Joint);
        let (Some(at), None) = (joints.next().filter(|_| self.around.dash), joints.next()) else { return None };
        let mut wider = shape.to_vec();
        wider.insert(at, ANY);
        self.lexis.strong_fitting(&wider).find(|word| BY_HABIT.contains(word)).map(str::to_owned)
    }

    /// A hidden stem with its ending in plain sight: `f**king`, `f***wits`.
    fn inflected(&self, places: &[Place]) -> Option<String> {
        let at = places.iter().rposition(|place| place.is_hidden())? + 1;
        (at..=places.len().min(at + 2)).find_map(|cut| {
            let ending = spell(&places[cut..])?;
            let shape: Vec<u32> = places[..cut].iter().map(|place| place.shape()).collect();
            let known = ENDINGS.contains(&ending.as_str()) && places[0].is_letter() && cut >= 4;
            let stem = self.lexis.strong_fitting(&shape).next().filter(|_| known)?;
            let word = format!("{stem}{ending}");
            (self.lexis.class(&word) >= Some(Class::Rude)).then_some(word)
        })
    }

    /// A run of stars, or a picture, in place of any number of letters: `f***ing`, `w⚓ers`, `b****cks`.
    fn shortened(&self, places: &[Place]) -> Option<String> {
        let open = places.iter().take_while(|place| !place.is_hidden()).count();
        let close = places.iter().rev().take_while(|place| !place.is_hidden()).count();
        let picture = places.contains(&Place::Picture);
        if open == 0 || close == 0 || open + close < if picture { 3 } else { 4 } || open + close >= places.len() {
            return None;
        }
        let middle = &places[open..places.len() - close];
        let long = middle.len() >= 2 && places.len() <= 10 && !middle.contains(&Place::Joint)
            || matches!(middle, [Place::Picture]);
        if !long || !middle.iter().all(|place| place.is_hidden()) {
            return None;
        }
        let shape: Vec<u32> = places.iter().map(|place| place.shape()).collect();
        if !picture && ordinary_fitting(&shape).any(|(_, common)| common) {
            return None;
        }
        let (first, last) = (spell(&places[..open])?, spell(&places[places.len() - close..])?);
        self.lexis.strong_between(&first, &last, open + close + 1).map(str::to_owned)
    }

    /// An insult, a name or another word hides a part only, and only where nothing else fits.
    fn weaker(&self, places: &[Place], shape: &[u32], seen: usize, hidden: usize) -> Option<String> {
        let joints = places.iter().filter(|place| matches!(place, Place::Joint)).count();
        if places.len() > super::words::LONGEST || seen < 2 || joints > 1 || joints == 1 && hidden > 1 {
            return None;
        }
        // "t-shirt", "x-ray", "e.g", "6-week": a single letter or number before a joint belongs to no mask.
        let part = |places: &[Place]| spell(places).unwrap_or_default();
        if joints == 1 {
            let at = places.iter().position(|place| place.is_hidden())?;
            let (before, after) = (part(&places[..at]), part(&places[at + 1..]));
            if seen < 4
                || at == 1 && self.is_word(&after)
                || self.is_word(&format!("{before}{after}")) && after.len() > 2
            {
                return None;
            }
        }
        let candidates: Vec<(&str, Class)> = self.lexis.fitting(shape).collect();
        let class = candidates.iter().map(|&(_, class)| class).max()?;
        let mut best = candidates.iter().filter(|&&(_, own)| own == class);
        let (word, _) = best.clone().max_by_key(|(word, _)| is_common(word))?;
        let others: Vec<bool> =
            ordinary_fitting(shape).filter(|(other, _)| other != word).map(|(_, common)| common).collect();
        let rivals = others.iter().filter(|&&common| common).count();
        let accept = match class {
            Class::Strong => seen >= hidden && rivals == 0 && first_and_last(places),
            Class::Rude => seen >= hidden && rivals == 0,
            Class::Name => {
                best.by_ref().count() <= 2
                    && self.around.name
                    && (seen >= hidden || seen >= 2 && first_and_last(places))
                    || seen >= 4 && rivals == 0
            }
            Class::Known => seen >= 2 && joints == 0 || seen >= 3 && rivals == 0,
        };
        if accept {
            return Some((*word).to_owned());
        }
        // Where an insult has rivals, the other words of phrases may still be meant; none of them counts by itself.
        let (word, _) =
            candidates.iter().filter(|&&(_, class)| class == Class::Known).max_by_key(|(word, _)| is_common(word))?;
        (seen >= hidden && seen >= 2 && joints == 0).then(|| (*word).to_owned())
    }

    /// Stars that are neither letters nor in pairs: `s*hit`.
    fn stripped(&self, places: &[Place]) -> Option<String> {
        let word = spell(&places.iter().copied().filter(|place| !place.is_hidden()).collect::<Vec<_>>())?;
        (word.len() >= 4 && self.lexis.exact(&word) >= Some(Class::Rude)).then_some(word)
    }
}

/// What may stand behind a stem.
const ENDINGS: [&str; 22] = [
    "s", "ed", "er", "ers", "in", "in'", "ing", "ings", "y", "wit", "wits", "head", "heads", "face", "hole", "holes",
    "tard", "off", "up", "ty", "show", "ter",
];

fn first_and_last(places: &[Place]) -> bool {
    !places[0].is_hidden() && !places[places.len() - 1].is_hidden()
}

/// The letters of places that hide nothing; signs that could be several letters are none.
fn spell(places: &[Place]) -> Option<String> {
    places
        .iter()
        .map(|place| match place {
            Place::Letter(letter) => Some(char::from(*letter)),
            Place::Like(letters) => Some(char::from(b'a' + letters.trailing_zeros() as u8)),
            _ => None,
        })
        .collect()
}
