//! Numbers that are given to people: NHS, hospital, NI and phone numbers, in digits or words. In: a scene.
//! Out: what was found, the surest reading first. Not here: dates and postcodes, whose digits have a shape of their own.

use std::ops::Range;
use std::sync::LazyLock;

use super::{Found, Kind, Scene, merge, national, words};
use crate::lexicon::Certainty;
use crate::matcher::wordset::WordSet;

/// Hospital, NI, phone and NHS numbers; `taken` are spans that are something else already.
pub(super) fn numbers(scene: &Scene<'_>, taken: &[Found]) -> Vec<Found> {
    let runs = runs(scene);
    let mut found = hospital_numbers(scene);
    let free = |candidate: &Found| !taken.iter().any(|other| overlap(&other.span, &candidate.span));
    found.retain(free);
    merge(&mut found, ni_numbers(scene));
    let mut candidates = Vec::new();
    for run in &runs {
        read_run(scene, run, &mut candidates);
    }
    candidates.retain(free);
    merge(&mut found, candidates);
    found
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// A piece of a number: digits, or a word for them.
struct Atom {
    digits: String,
    tokens: Range<usize>,
    spoken: bool,
}

/// Pieces that follow each other with nothing but number punctuation between.
type Run = Vec<Atom>;

fn runs(scene: &Scene<'_>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut at = 0;
    while at < scene.tokens.len() {
        let Some(atom) = atom(scene, at) else {
            at += 1;
            continue;
        };
        let next = atom.tokens.end;
        match runs.last_mut() {
            Some(run) if continues(scene, run, &atom) => run.push(atom),
            _ => runs.push(vec![atom]),
        }
        at = next;
    }
    runs
}

fn continues(scene: &Scene<'_>, run: &Run, atom: &Atom) -> bool {
    let gap = scene.gap(atom.tokens.start);
    let follows = run.last().is_some_and(|last| last.tokens.end == atom.tokens.start);
    follows
        && gap.len() <= 3
        && gap.bytes().all(|byte| matches!(byte, b' ' | b'-' | b'.' | b'_' | b'/' | b'(' | b')' | b','))
}

fn atom(scene: &Scene<'_>, at: usize) -> Option<Atom> {
    if let Some(digits) = scene.digits(at) {
        return Some(Atom { digits: digits.to_owned(), tokens: at..at + 1, spoken: false });
    }
    let word = scene.letters(at)?;
    if let Some(times) = words::repeats(word) {
        let digit = scene.digits(at + 1).or_else(|| words::number(scene.word(at + 1)))?;
        return (digit.len() == 1).then(|| Atom { digits: digit.repeat(times), tokens: at..at + 2, spoken: true });
    }
    if word == "hundred" && at > 0 && words::number(scene.word(at - 1)).is_some() {
        return Some(Atom { digits: "00".to_owned(), tokens: at..at + 1, spoken: true });
    }
    // "07700 9oo318": a letter o between digits is a zero.
    if word.bytes().all(|byte| byte == b'o') && word.len() <= 3 && touches_digits(scene, at) {
        return Some(Atom { digits: "0".repeat(word.len()), tokens: at..at + 1, spoken: false });
    }
    let number = words::number(word)?;
    let unit = words::number(scene.word(at + 1)).filter(|unit| unit.len() == 1 && *unit != "0");
    let tens = number.len() == 2 && number.ends_with('0') && number != "10";
    match unit {
        Some(unit) if tens && scene.gap(at + 1).len() == 1 => {
            Some(Atom { digits: format!("{}{unit}", &number[..1]), tokens: at..at + 2, spoken: true })
        }
        _ => Some(Atom { digits: number.to_owned(), tokens: at..at + 1, spoken: true }),
    }
}

fn touches_digits(scene: &Scene<'_>, at: usize) -> bool {
    let before = at > 0 && scene.gap(at).is_empty() && scene.digits(at - 1).is_some();
    before || scene.gap(at + 1).is_empty() && scene.digits(at + 1).is_some_and(|digits| digits.len() > 1)
}

/// Longest number that is looked for, with its country code: `00` and 13 digits.
const MAX_DIGITS: usize = 15;

/// Reads a run from left to right: at each piece the longest phone or NHS number that begins there.
fn read_run(scene: &Scene<'_>, run: &Run, found: &mut Vec<Found>) {
    let mut at = 0;
    while at < run.len() {
        match longest_at(scene, run, at) {
            Some((end, item)) => {
                found.push(item);
                at = end;
            }
            None => at += 1,
        }
    }
}

fn longest_at(scene: &Scene<'_>, run: &Run, from: usize) -> Option<(usize, Found)> {
    if glued_to_letters(scene, run, from) {
        return None;
    }
    let mut digits = String::new();
    let mut best = None;
    for (end, atom) in run.iter().enumerate().skip(from) {
        digits.push_str(&atom.digits);
        if digits.len() > MAX_DIGITS {
            break;
        }
        let window = Window { scene, run, from, end: end + 1, digits: &digits };
        if digits.len() >= 6 && !window.ends_inside_a_word() {
            best = window.phone().or_else(|| window.nhs_number()).map(|item| (end + 1, item)).or(best);
        }
    }
    best
}

/// `K482911` and `INV0123456789` are no numbers of people; `tel01632960123` is.
fn glued_to_letters(scene: &Scene<'_>, run: &Run, from: usize) -> bool {
    let first = run[from].tokens.start;
    first > 0 && scene.gap(first).is_empty() && scene.letters(first - 1).is_some_and(|word| !GLUED_PREFIXES.has(word))
}

/// Some pieces of a run, read as one number.
struct Window<'a> {
    scene: &'a Scene<'a>,
    run: &'a Run,
    from: usize,
    end: usize,
    digits: &'a str,
}

impl Window<'_> {
    fn tokens(&self) -> Range<usize> {
        self.run[self.from].tokens.start..self.run[self.end - 1].tokens.end
    }

    fn found(&self, kind: Kind, certainty: Certainty) -> Found {
        Found { kind, span: self.scene.span(self.tokens()), certainty }
    }

    fn ends_inside_a_word(&self) -> bool {
        let next = self.tokens().end;
        next < self.scene.tokens.len() && self.scene.gap(next).is_empty()
    }

    /// The number goes on beyond the window, by a separator that belongs to numbers.
    fn is_part_of_more(&self) -> bool {
        let goes_on = |gap: &str| matches!(gap, "" | "-" | "." | "_" | "/" | ",");
        let before = self.from > 0 && goes_on(self.scene.gap(self.tokens().start));
        before || self.end < self.run.len() && goes_on(self.scene.gap(self.tokens().end))
    }

    /// Pieces stand before or after, with only a space between.
    fn has_neighbours(&self) -> bool {
        self.from > 0 && self.scene.gap(self.tokens().start) == " "
            || self.end < self.run.len() && self.scene.gap(self.tokens().end) == " "
    }

    fn money(&self) -> bool {
        self.scene.gap(self.tokens().start).ends_with(['£', '$', '€', '#'])
    }

    fn spoken(&self) -> bool {
        self.run[self.from..self.end].iter().any(|atom| atom.spoken)
    }

    /// Commas group thousands; between numbers in words they are pauses.
    fn has_commas(&self) -> bool {
        let pieces = self.run[self.from..self.end].windows(2);
        pieces
            .filter(|pair| !(pair[0].spoken || pair[1].spoken))
            .any(|pair| self.scene.gap(pair[1].tokens.start).contains(','))
    }

    fn grouping(&self) -> Vec<usize> {
        self.run[self.from..self.end].iter().map(|atom| atom.digits.len()).collect()
    }

    fn nhs_number(&self) -> Option<Found> {
        if self.digits.len() != 10 || self.money() || is_placeholder(self.digits) {
            return None;
        }
        let tokens = self.tokens();
        let claimed = claims_nhs(self.scene, tokens.clone());
        let valid = has_check_digit(self.digits);
        if claimed {
            let certainty = if valid { Certainty::High } else { Certainty::Medium };
            return Some(self.found(Kind::NhsNumber, certainty));
        }
        let grouped = self.grouping() == [3, 3, 4];
        let own = is_somebodys_number(self.scene, tokens.start) || is_said_to_be_somebodys(self.scene, tokens.end);
        let disturbed = self.is_part_of_more() || self.has_commas() || self.has_neighbours() && !grouped;
        if disturbed || belongs_to_a_thing(self.scene, tokens.start) {
            return None;
        }
        // Ranges below 320 are not issued as NHS numbers, and look like phones, dates and times.
        let issued = self.digits >= "3200000000";
        match (valid, issued || own) {
            (true, true) if grouped || own || self.spoken() => Some(self.found(Kind::NhsNumber, Certainty::High)),
            (true, true) => Some(self.found(Kind::NhsNumber, Certainty::Medium)),
            (false, true) if own && grouped => Some(self.found(Kind::NhsNumber, Certainty::Medium)),
            _ => None,
        }
    }

    fn phone(&self) -> Option<Found> {
        let tokens = self.tokens();
        if self.is_part_of_more() && !self.spoken() || self.has_commas() || self.money() {
            return None;
        }
        let plus = self.scene.gap(tokens.start).ends_with('+');
        let cued = is_phone_cue(self.scene, tokens.clone());
        if claims_nhs(self.scene, tokens.clone()) && !self.digits.starts_with("07") && !plus {
            return None;
        }
        let certainty = phone_shape(self.digits, plus, cued, self.scene.own)?;
        // "call 0800 33 3030": a piece of a longer number is no short one.
        if self.digits.len() <= 8 && (self.from > 0 || self.end < self.run.len()) {
            return None;
        }
        let whole = self.digits.starts_with('0') || plus;
        let thing = belongs_to_a_thing(self.scene, tokens.start) && !(cued && whole);
        let shared = !self.digits.starts_with("07") && belongs_to_an_organisation(self.scene, tokens.start);
        if thing || shared || self.scene.own.phones.contains(&national(self.digits)) {
            return None;
        }
        let mut found = self.found(Kind::Phone, certainty);
        if plus {
            found.span.start -= 1;
        }
        Some(found)
    }
}

/// How sure these digits are a phone number; `None` where they are none.
fn phone_shape(digits: &str, plus: bool, cued: bool, own: &super::OwnDetails) -> Option<Certainty> {
    let abroad = digits.starts_with("0044") || plus && digits.starts_with("44");
    if plus && !abroad {
        return (9..=14).contains(&digits.len()).then_some(Certainty::High);
    }
    let rest = national(digits);
    let lead = rest.bytes().next()?;
    if digits.starts_with('0') || abroad {
        return match (lead, rest.len()) {
            (b'1' | b'2' | b'7', 10) if is_area(&rest) => Some(Certainty::High),
            (b'9', 10) => Some(Certainty::Medium),
            // A few places still have nine digits, and people miscount their own.
            (b'1', 9) | (b'7', 9 | 11) if cued => Some(Certainty::Medium),
            // 03 and 08 belong to organisations.
            _ => None,
        };
    }
    // The country's code without its plus.
    if digits.len() == 12 && digits.starts_with("447") && is_area(&rest) {
        return Some(Certainty::Medium);
    }
    if !cued {
        return None;
    }
    match (lead, digits.len()) {
        (b'7', 10) if is_area(digits) => Some(Certainty::Medium),
        (b'4', 12) if digits.starts_with("44") => Some(Certainty::Medium),
        (b'2'..=b'9', 6..=8) if !own.phones.iter().any(|phone| phone.ends_with(digits)) => Some(Certainty::Medium),
        _ => None,
    }
}

/// Whether a national number without its 0 begins like one: `70` is a personal number, `11` and `2` a town's.
fn is_area(rest: &str) -> bool {
    let second = rest.as_bytes().get(1).copied().unwrap_or(b'0');
    match rest.as_bytes().first() {
        Some(b'7') => second != b'6' || rest.starts_with("7624"),
        Some(b'1') => second != b'0',
        Some(b'2') => matches!(second, b'0' | b'3' | b'4' | b'8' | b'9'),
        _ => false,
    }
}

/// Ten digits whose last is the modulus 11 check of the others; a remainder of ten is never issued.
pub(super) fn has_check_digit(digits: &str) -> bool {
    let value = |byte: u8| usize::from(byte - b'0');
    let sum: usize = digits.bytes().take(9).enumerate().map(|(at, byte)| value(byte) * (10 - at)).sum();
    let check = (11 - sum % 11) % 11;
    digits.len() == 10 && digits.bytes().last().is_some_and(|last| value(last) == check)
}

/// Examples and countdowns: one digit over and over, or each digit the last one's neighbour.
fn is_placeholder(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let step = |by: u8| bytes.windows(2).all(|pair| (pair[0] - b'0' + by) % 10 == pair[1] - b'0');
    step(0) || step(1) || step(9)
}

/// `NHS no:`, `chi`, `my nhs number is` before, or `is my NHS number` after.
fn claims_nhs(scene: &Scene<'_>, tokens: Range<usize>) -> bool {
    for word in scene.before(tokens.start, 7) {
        match word {
            "nhs" | "chi" => return true,
            "number" | "no" | "num" | "nr" | "nos" | "nbr" | "n" | "is" | "it" | "its" | "s" | "was" | "my" | "our"
            | "for" | "id" | "the" | "patient" | "ref" | "on" | "of" | "hers" | "his" | "her" | "their" | "this"
            | "here" | "and" | "mums" | "dads" | "mum" | "dad" | "sons" | "daughters" | "old" | "new" | "i"
            | "have" | "got" | "given" | "gave" | "they" | "me" | "you" | "nummer" | "numba" | "numbers" | "h"
            | "says" => {}
            _ => break,
        }
    }
    let spelled = |at: usize| scene.word(at) == "n" && scene.word(at + 1) == "h" && scene.word(at + 2) == "s";
    if (tokens.start.saturating_sub(8)..tokens.start.saturating_sub(2)).any(spelled) {
        return true;
    }
    let mut after = scene.after(tokens.end, 6).skip_while(|word| *word != "nhs");
    after.next().is_some() && matches!(after.next(), Some("number" | "no" | "num" | "id"))
        || (tokens.end..tokens.end + 4).any(|at| spelled(at) && matches!(scene.word(at + 3), "number" | "no" | "num"))
}

/// `my number is`, `our lad's number`: a person's, and not said to be a thing's.
fn is_somebodys_number(scene: &Scene<'_>, from: usize) -> bool {
    let near: Vec<&str> = scene.before(from, 8).collect();
    let number = near.iter().position(|word| matches!(*word, "number" | "no" | "num"));
    let whose = |word: &&str| {
        matches!(*word, "my" | "his" | "her" | "our" | "their" | "patient" | "patients" | "mums" | "dads")
    };
    number.is_some_and(|at| at <= 4 && near[at..].iter().any(whose))
}

/// `… is my number`, `… is mams number`.
fn is_said_to_be_somebodys(scene: &Scene<'_>, end: usize) -> bool {
    let after: Vec<&str> = scene.after(end, 5).collect();
    let number = after.iter().position(|word| matches!(*word, "number" | "no" | "num"));
    let whose = |word: &&str| {
        matches!(
            *word,
            "my" | "his" | "her" | "our" | "their" | "mums" | "dads" | "mams" | "moms" | "nans" | "sons" | "daughters"
        )
    };
    matches!(after.first(), Some(&"is" | &"its" | &"thats")) && number.is_some_and(|at| after[..at].iter().any(whose))
}

/// An order, a parcel, an account: numbers of things.
fn belongs_to_a_thing(scene: &Scene<'_>, from: usize) -> bool {
    for word in scene.before(from, 5) {
        match word {
            "number" | "no" | "num" | "nr" | "id" | "is" | "its" | "s" | "the" | "my" | "was" | "for" | "mail"
            | "says" | "of" | "a" | "said" | "on" | "from" | "gives" | "n" | "your" | "our" => {}
            word => return is_a_thing(word),
        }
    }
    false
}

fn is_a_thing(word: &str) -> bool {
    NUMBERED_THINGS.has(word)
}

fn is_phone_cue(scene: &Scene<'_>, tokens: Range<usize>) -> bool {
    let cue = |word: &str| PHONE_CUES.has(word);
    let mine = is_somebodys_number(scene, tokens.start) || is_said_to_be_somebodys(scene, tokens.end);
    let am_on = tokens.start >= 2
        && scene.word(tokens.start - 1) == "on"
        && matches!(scene.word(tokens.start - 2), "am" | "m" | "im" | "me" | "us" | "him" | "her");
    mine || am_on || scene.before(tokens.start, 6).any(cue) || scene.after(tokens.end, 4).any(cue)
}

/// `the library on 01632 960777`: an organisation's number is nobody's in particular.
fn belongs_to_an_organisation(scene: &Scene<'_>, from: usize) -> bool {
    for word in scene.before(from, 12) {
        match word {
            "my" | "me" | "her" | "him" | "his" | "our" | "us" | "i" | "mum" | "dad" => return false,
            word if words::is_organisation(word) => return true,
            _ => {}
        }
    }
    false
}

/// Two letters, six digits and perhaps a last letter, in any grouping.
fn ni_numbers(scene: &Scene<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < scene.tokens.len() {
        match ni_number_at(scene, at) {
            Some((end, certainty)) => {
                found.push(Found { kind: Kind::NiNumber, span: scene.span(at..end), certainty });
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

fn ni_number_at(scene: &Scene<'_>, from: usize) -> Option<(usize, Certainty)> {
    let (prefix, mut at) = match (scene.letters(from)?, scene.letters(from + 1)) {
        (both, _) if both.len() == 2 => (both.to_owned(), from + 1),
        (first, Some(second)) if first.len() == 1 && second.len() == 1 && tight(scene, from + 1) => {
            (format!("{first}{second}"), from + 2)
        }
        _ => return None,
    };
    if !prefix.bytes().all(|byte| byte.is_ascii_lowercase()) || from > 0 && scene.gap(from).is_empty() {
        return None;
    }
    let mut digits = 0;
    while digits < 6 && tight(scene, at) {
        digits += scene.digits(at)?.len();
        at += 1;
    }
    if digits != 6 {
        return None;
    }
    let suffix = scene.letters(at).filter(|word| matches!(*word, "a" | "b" | "c" | "d") && tight(scene, at));
    let inside_a_word = scene.gap(at).is_empty() && at < scene.tokens.len();
    let end = if suffix.is_some() { at + 1 } else { at };
    let claimed = claims_ni(scene, from..end);
    let issued = is_ni_prefix(&prefix) && suffix.is_some();
    let other = belongs_to_a_thing(scene, from) || suffix.is_none() && inside_a_word;
    match (claimed, issued) {
        (true, true) => Some((end, Certainty::High)),
        (true, false) => Some((end, Certainty::Medium)),
        (false, true) if !other => Some((end, Certainty::High)),
        _ => None,
    }
}

/// Nothing, or one or two separators, between this token and the one before.
fn tight(scene: &Scene<'_>, at: usize) -> bool {
    let gap = scene.gap(at);
    at < scene.tokens.len()
        && gap.len() <= 3
        && gap.bytes().all(|byte| matches!(byte, b' ' | b'-' | b'.' | b'/' | b'_'))
}

fn is_ni_prefix(prefix: &str) -> bool {
    let bytes = prefix.as_bytes();
    let never = matches!(prefix, "bg" | "gb" | "kn" | "nk" | "nt" | "tn" | "zz");
    !never && !b"dfiquv".contains(&bytes[0]) && !b"dfioquv".contains(&bytes[1])
}

fn claims_ni(scene: &Scene<'_>, tokens: Range<usize>) -> bool {
    let cue = |word: &str| matches!(word, "ni" | "nino" | "insurance" | "natins");
    let spelled = tokens.start >= 2 && scene.word(tokens.start - 1) == "i" && scene.word(tokens.start - 2) == "n";
    spelled || scene.before(tokens.start, 6).any(cue) || scene.after(tokens.end, 12).any(cue)
}

/// `hospital number K482911`, `MRN 123456`: only what is said to be one.
fn hospital_numbers(scene: &Scene<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for at in 0..scene.tokens.len() {
        let Some(value) = after_hospital_claim(scene, at) else { continue };
        let Some(end) = hospital_value(scene, value) else { continue };
        let span = scene.span(value..end);
        if scene.gap(value).contains(['!', '?']) {
            continue;
        }
        if !found.iter().any(|other: &Found| overlap(&other.span, &span)) {
            found.push(Found { kind: Kind::HospitalNumber, span, certainty: Certainty::High });
        }
    }
    merge(&mut found, hospital_codes(scene));
    found
}

/// `seen under X116540 at the General`: letters and six or seven digits, beside a hospital.
fn hospital_codes(scene: &Scene<'_>) -> Vec<Found> {
    let place = |word: &str| {
        matches!(
            word,
            "hospital" | "infirmary" | "general" | "ward" | "outpatients" | "radiology" | "clinic" | "scan" | "xray"
        )
    };
    let code = |at: usize| {
        let letters = scene.letters(at).filter(|word| word.len() <= 3 && scene.capital(at))?;
        scene.digits(at + 1).filter(|digits| matches!(digits.len(), 6 | 7))?;
        let closed = at + 2 >= scene.tokens.len() || !scene.gap(at + 2).is_empty();
        let free = closed && scene.gap(at + 1).is_empty() && letters != "ref" && !belongs_to_a_thing(scene, at);
        let beside = scene.before(at, 6).any(place) || scene.after(at + 2, 5).any(place);
        (free && beside).then(|| Found {
            kind: Kind::HospitalNumber,
            span: scene.span(at..at + 2),
            certainty: Certainty::Medium,
        })
    };
    (0..scene.tokens.len()).filter_map(code).collect()
}

/// Where the value must begin, if a claim begins at this token.
fn after_hospital_claim(scene: &Scene<'_>, at: usize) -> Option<usize> {
    let number = |at: usize| matches!(scene.word(at), "number" | "numbers" | "no" | "num" | "nr" | "id" | "nbr" | "n");
    let mut next = match scene.word(at) {
        "mrn" | "crn" | "hospno" => at + 1,
        "hospital" | "hosp" | "unit" | "patient" | "pt" | "px" | "clinic" | "district" | "chart" if number(at + 1) => {
            at + 2
        }
        "hospital" | "hosp" | "patient" if matches!(scene.word(at + 1), "ref" | "reference") && number(at + 2) => {
            at + 3
        }
        "hospital" | "hosp" if matches!(scene.word(at + 1), "ref" | "reference") => at + 2,
        "medical" if scene.word(at + 1).starts_with("record") && number(at + 2) => at + 3,
        _ => return None,
    };
    for _ in 0..8 {
        next += usize::from(HOSPITAL_FILLERS.has(scene.word(next)));
    }
    (!scene.breaks(next)).then_some(next)
}

/// Where a value with at least five digits ends, in whatever pieces it is written.
fn hospital_value(scene: &Scene<'_>, from: usize) -> Option<usize> {
    let (mut at, mut digits) = (from, 0);
    while at < from + 12 && at < scene.tokens.len() {
        let joined = at == from || scene.gap(at).len() <= 1 && !scene.gap(at).contains(',');
        let piece = atom(scene, at).filter(|_| joined);
        match piece {
            Some(piece) => {
                digits += piece.digits.len();
                at = piece.tokens.end;
            }
            // A letter or two may begin the number, or end it, but not stand in the middle of a sentence.
            None if joined && scene.word(at).len() <= 3 && (at == from || scene.gap(at) != " ") => at += 1,
            None => break,
        }
    }
    let phone = digits >= 10 && scene.word(from).starts_with('0');
    ((5..=12).contains(&digits) && !phone).then_some(at)
}

static HOSPITAL_FILLERS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "is s its it number no for my the was at on letter letters card from i have ve got they gave me says said shows \
     ref reference your this here our mum mums dad dads her his",
    )
});

static GLUED_PREFIXES: LazyLock<WordSet> =
    LazyLock::new(|| WordSet::of("nhs no num nr is tel mob phone mobile number ph call text o oo"));

static NUMBERED_THINGS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "order orders ref reference tracking track invoice serial isbn ean barcode account acc acct iban sort \
     parcel model asset meter policy ticket part parts sku batch lot item product booking card visa mastercard \
     receipt licence license registration vat company utr passport charity code imei upc mpan mprn timestamp \
     unix tag tags code royal evri hermes dpd consignment raffle lottery pi catalogue reg plate case job euros",
    )
});

static PHONE_CUES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "tel telephone phone mob mobile moby cell landline whatsapp whatsap wattsapp call ring text txt fone ph \
     contact dial reach bell telegram signal sms home work daytime evenings",
    )
});
