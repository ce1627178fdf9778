//! What people hide words behind, read with the words that matter at hand: leetspeak, masks, letters apart, stretched
//! and reversed words, hashtags. In: folded text and the vocabulary. Out: [`Reading`]s of the stretches that only make
//! sense as words of the vocabulary; a disguise that hides nothing we know stays as it is, so that ordinary prices,
//! codes and short forms stay ordinary.

use std::ops::Range;

use super::vocabulary::Vocabulary;
use crate::text::{Folded, Reading};

/// Readings of everything in `folded` that is a known word in disguise, sorted, without overlap.
pub(super) fn readings(folded: &Folded, raw: &str, vocabulary: &Vocabulary) -> Vec<Reading> {
    let mut found = Vec::new();
    if has_single_letters(folded) {
        spaced(folded, vocabulary, &mut found);
    }
    for chunk in chunks(&folded.text) {
        if let Some(reading) = chunk_reading(folded, raw, &chunk, vocabulary) {
            found.push(reading);
        }
    }
    for index in 0..folded.words.len() {
        if let Some(reading) = word_reading(folded, raw, index, vocabulary) {
            found.push(reading);
        }
    }
    found.sort_by_key(|reading| (reading.range.start, std::cmp::Reverse(reading.range.end)));
    let mut end = 0;
    found.retain(|reading| {
        let free = reading.range.start >= end;
        if free {
            end = reading.range.end;
        }
        free
    });
    found
}

// ---- Letters apart: `f u c k`, `s.p.a.s.t.i.c`, `K💩h💩a💩n` ----

fn has_single_letters(folded: &Folded) -> bool {
    folded.words.windows(2).any(|pair| pair.iter().all(|word| word.end - word.start == 1) || pair[1].emoji)
}

fn spaced(folded: &Folded, vocabulary: &Vocabulary, found: &mut Vec<Reading>) {
    let mut at = 0;
    while at < folded.words.len() {
        let run = single_letters(folded, at);
        at = run.end.max(at + 1);
        let letters: Vec<usize> = run.filter(|&word| !folded.words[word].emoji).collect();
        if letters.len() >= 3 {
            read_spaced(folded, &letters, vocabulary, found);
        }
    }
}

/// The words from `from` on that are single letters with little between them.
fn single_letters(folded: &Folded, from: usize) -> Range<usize> {
    let mut end = from;
    let mut last_letter = from;
    while end < folded.words.len() {
        let word = &folded.words[end];
        let single = folded.word(end).chars().count() == 1;
        let gap = folded.gap_before(end);
        let near = end == from || gap.len() <= 3 && !gap.contains('\n');
        if !single || !near || word.emoji && end == from {
            break;
        }
        if !word.emoji {
            last_letter = end + 1;
        }
        end += 1;
    }
    from..last_letter
}

/// Wide gaps part words; each part, or else the whole, has to be known.
fn read_spaced(folded: &Folded, letters: &[usize], vocabulary: &Vocabulary, found: &mut Vec<Reading>) {
    let parts: Vec<&[usize]> = letters.chunk_by(|_, &after| !folded.gap_before(after).contains("  ")).collect();
    let join = |part: &[usize]| part.iter().map(|&word| folded.word(word)).collect::<String>();
    let bytes = |part: &[usize]| folded.words[part[0]].start as usize..folded.words[part[part.len() - 1]].end as usize;
    for part in parts {
        if part.len() < 2 {
            continue;
        }
        let word = join(part);
        if part.len() >= 3 && vocabulary.knows(&word) || part.len() == 2 && vocabulary.has(&word) && letters.len() >= 4
        {
            found.push(Reading { range: bytes(part), words: vec![(word, bytes(part))] });
        } else if part.len() >= 4
            && let Some(cuts) = segments(&word, vocabulary)
        {
            let words = cuts
                .iter()
                .map(|cut| {
                    let letters = &part[word[..cut.start].chars().count()..word[..cut.end].chars().count()];
                    (word[cut.clone()].to_owned(), bytes(letters))
                })
                .collect();
            found.push(Reading { range: bytes(part), words });
        }
    }
}

/// Cuts run-together letters into known words, the fewest; `None` where something is left over.
fn segments(letters: &str, vocabulary: &Vocabulary) -> Option<Vec<Range<usize>>> {
    const LONGEST: usize = 24;
    if letters.len() > 200 {
        return None;
    }
    // For each end, the fewest words that reach it and where the last one begins.
    let mut best: Vec<Option<(usize, usize)>> = vec![None; letters.len() + 1];
    best[0] = Some((0, 0));
    for end in (1..=letters.len()).filter(|&end| letters.is_char_boundary(end)) {
        for start in (end.saturating_sub(LONGEST)..end).filter(|&start| letters.is_char_boundary(start)) {
            let Some((words, _)) = best[start] else { continue };
            let piece = &letters[start..end];
            let known = vocabulary.has(piece) && (piece.len() > 1 || matches!(piece, "a" | "i"));
            if known && best[end].is_none_or(|(fewest, _)| words + 1 < fewest) {
                best[end] = Some((words + 1, start));
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

// ---- Chunks: what stands between white space, symbols and all ----

fn chunks(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    text.split_whitespace().map(move |chunk| {
        let start = chunk.as_ptr() as usize - text.as_ptr() as usize;
        start..start + chunk.len()
    })
}

fn chunk_reading(folded: &Folded, raw: &str, chunk: &Range<usize>, vocabulary: &Vocabulary) -> Option<Reading> {
    let text = &folded.text[chunk.clone()];
    if !has_disguise(text) || text.len() > 60 {
        return None;
    }
    if text.contains("://")
        || text.contains("www.")
        || text.contains('@') && text[1..].contains('.') && !text.starts_with('@')
    {
        return None;
    }
    if is_code(&raw[folded.raw_span(chunk.clone())]) {
        return None;
    }
    // A sign at the edge may be a letter (`$hit`) or punctuation (`shit!`): the fuller reading is tried first.
    let cores = [text, text.trim_end_matches(PUNCTUATION), text.trim_matches(PUNCTUATION)];
    let (word, core) = cores.into_iter().find_map(|core| Some((decode(core, vocabulary)?, core)))?;
    let start = chunk.start + (core.as_ptr() as usize - text.as_ptr() as usize);
    let range = start..start + core.len();
    Some(Reading { words: vec![(word, range.clone())], range })
}

const PUNCTUATION: [char; 19] =
    ['.', ',', ';', ':', '!', '?', ')', '(', '"', '\'', '*', '_', '~', '-', '/', '[', ']', '#', '@'];

/// A letter beside a digit or a sign that can stand for one.
fn has_disguise(text: &str) -> bool {
    let letters = text.chars().any(char::is_alphabetic);
    letters && text.chars().any(|c| c.is_ascii_digit() || "@$!|+*#€£-_.%¥".contains(c) || is_sign(c))
}

fn is_sign(c: char) -> bool {
    !c.is_ascii() && !c.is_alphanumeric()
}

/// Road numbers, product codes, plates: capitals and digits as machines write them.
fn is_code(raw: &str) -> bool {
    let raw = raw.trim_end_matches(PUNCTUATION);
    let digits = raw.trim_start_matches(char::is_alphabetic);
    let road = raw.len() - digits.len() <= 2 && !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    let machine = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
    road || raw.contains('-') && raw.contains(|c: char| c.is_ascii_digit()) && raw.chars().all(machine)
}

/// One place of a disguised word.
#[derive(Clone, Copy)]
enum Place {
    Letter(char),
    /// A sign that looks like one of these.
    Like(&'static str),
    /// A sign that hides one letter.
    Any,
    /// A dash or full stop, which hides a letter of rude words only.
    Joint,
    /// A picture that may hide several letters.
    Several,
}

impl Place {
    fn of(c: char) -> Option<Self> {
        Some(match c {
            '0' => Self::Like("o"),
            '1' | '|' | '!' => Self::Like("il"),
            '3' | '€' => Self::Like("e"),
            '4' => Self::Like("a"),
            '@' => Self::Like("ao"),
            '5' | '$' => Self::Like("s"),
            '7' | '+' => Self::Like("t"),
            '8' => Self::Like("b"),
            '9' | '6' => Self::Like("g"),
            '¥' => Self::Like("y"),
            '£' => Self::Like("l"),
            '*' | '#' | '%' => Self::Any,
            '-' | '_' | '.' => Self::Joint,
            '\'' => Self::Letter(c),
            _ if c.is_alphabetic() => Self::Letter(c),
            _ if is_sign(c) => Self::Several,
            _ => return None,
        })
    }

    fn letter(self) -> Option<char> {
        if let Self::Letter(c) = self { Some(c) } else { None }
    }

    fn stands_for(self, c: char) -> bool {
        match self {
            Self::Letter(letter) => letter == c,
            Self::Like(like) => like.contains(c),
            Self::Any | Self::Joint | Self::Several => true,
        }
    }
}

/// The known word that a chunk hides.
fn decode(core: &str, vocabulary: &Vocabulary) -> Option<String> {
    let places: Vec<Place> = core.chars().map(Place::of).collect::<Option<_>>()?;
    let letters = places.iter().filter(|place| place.letter().is_some_and(char::is_alphabetic)).count();
    let hidden = places.iter().filter(|place| matches!(place, Place::Any | Place::Joint | Place::Several)).count();
    if places.len() < 3 || letters == 0 || places.len() == letters {
        return None;
    }
    if hidden == 0 { leet(&places, vocabulary) } else { masked(&places, letters, hidden, vocabulary) }
}

/// Every sign looks like a letter: tries what each could be.
fn leet(places: &[Place], vocabulary: &Vocabulary) -> Option<String> {
    const MOST: usize = 32;
    let mut words = vec![String::new()];
    for place in places {
        let options: Vec<char> = match place {
            Place::Like(like) => like.chars().collect(),
            other => other.letter().into_iter().collect(),
        };
        words = words.iter().flat_map(|word| options.iter().map(move |c| format!("{word}{c}"))).take(MOST).collect();
    }
    words.into_iter().find(|word| vocabulary.knows(word))
}

/// Some letters are hidden altogether: a rude word may hide most of itself, another word only a part.
fn masked(places: &[Place], letters: usize, hidden: usize, vocabulary: &Vocabulary) -> Option<String> {
    let shape: Vec<Option<char>> = places.iter().map(|place| place.letter()).collect();
    let fits = |word: &&str| word.chars().zip(places).all(|(c, place)| place.stands_for(c));
    if let Some(word) = vocabulary.masked(&shape).filter(fits).find(|word| vocabulary.is_rude(word)) {
        return Some(word.to_owned());
    }
    if let Some(word) = inflected(places, vocabulary) {
        return Some(word);
    }
    if let Some(word) = shortened(places, vocabulary) {
        return Some(word);
    }
    // Dashes and full stops join ordinary words; only a star or the like hides a letter of one.
    let starred = places.iter().all(|place| !matches!(place, Place::Joint));
    if starred && letters >= 3 && letters > hidden {
        return vocabulary.masked(&shape).find(fits).map(str::to_owned);
    }
    None
}

/// A hidden stem with its ending in plain sight: `f**king`.
fn inflected(places: &[Place], vocabulary: &Vocabulary) -> Option<String> {
    let stem = vocabulary.rude_stems().find(|stem| {
        let length = stem.chars().count();
        length <= places.len()
            && places[..length].iter().any(|place| place.letter().is_some())
            && stem.chars().zip(places).all(|(c, place)| place.stands_for(c))
    })?;
    let ending: String = places[stem.chars().count()..].iter().filter_map(|place| place.letter()).collect();
    Some(format!("{stem}{ending}"))
}

/// A run of stars, or a picture, in place of any number of letters: `f***ing`, `w⚓ers`.
fn shortened(places: &[Place], vocabulary: &Vocabulary) -> Option<String> {
    let open = places.iter().take_while(|place| place.letter().is_some()).count();
    let close = places.iter().rev().take_while(|place| place.letter().is_some()).count();
    if open == 0 || close == 0 || open + close < 3 || open + close >= places.len() {
        return None;
    }
    let middle = &places[open..places.len() - close];
    let long = middle.len() >= 2 || matches!(middle, [Place::Several]);
    if !long || !middle.iter().all(|place| matches!(place, Place::Any | Place::Several)) {
        return None;
    }
    let spell = |places: &[Place]| places.iter().filter_map(|place| place.letter()).collect::<String>();
    let (first, last) = (spell(&places[..open]), spell(&places[places.len() - close..]));
    vocabulary.between(&first, &last, open + close + 1).find(|word| vocabulary.is_rude(word)).map(str::to_owned)
}

// ---- Single words: hashtags and run-together capitals, stretched, reversed ----

fn word_reading(folded: &Folded, raw: &str, index: usize, vocabulary: &Vocabulary) -> Option<Reading> {
    let word = &folded.words[index];
    if word.emoji {
        return None;
    }
    let text = folded.word(index);
    let start = word.start as usize;
    if word.end - word.start >= 5 {
        let tagged = start > 0 && matches!(folded.text.as_bytes()[start - 1], b'#' | b'@');
        if let Some(cuts) = humps(folded, raw, index, tagged, vocabulary) {
            let words = cuts.into_iter().map(|cut| (text[cut.clone()].to_owned(), start + cut.start..start + cut.end));
            return Some(Reading { range: start..word.end as usize, words: words.collect() });
        }
    }
    let plain = stretched(text, vocabulary).or_else(|| reversed(folded, raw, index, vocabulary))?;
    let range = start..word.end as usize;
    Some(Reading { words: vec![(plain, range.clone())], range })
}

/// `DrBestKilledMyDad` to its words; without capitals only a hashtag or handle is taken apart.
fn humps(folded: &Folded, raw: &str, index: usize, tagged: bool, vocabulary: &Vocabulary) -> Option<Vec<Range<usize>>> {
    let word = &folded.words[index];
    let text = folded.word(index);
    let upper: Vec<(usize, bool)> = text
        .char_indices()
        .map(|(at, _)| {
            let at_folded = word.start as usize + at;
            let original = raw[folded.raw_span(at_folded..at_folded + 1)].chars().next();
            (at, original.is_some_and(char::is_uppercase))
        })
        .collect();
    let mut cuts = vec![0];
    for (at, window) in upper.windows(2).enumerate() {
        let (before, (place, here)) = (window[0].1, window[1]);
        let after = upper.get(at + 2).map(|&(_, upper)| upper);
        if here && (!before || after == Some(false)) {
            cuts.push(place);
        }
    }
    cuts.push(text.len());
    let pieces: Vec<Range<usize>> = cuts.windows(2).map(|pair| pair[0]..pair[1]).collect();
    let known = pieces.iter().filter(|piece| vocabulary.knows(&text[(*piece).clone()])).count();
    if pieces.len() >= 2 && (tagged && known > 0 || pieces.len() >= 3 && known == pieces.len()) {
        return Some(pieces);
    }
    if !tagged || vocabulary.knows(text) {
        return None;
    }
    segments(text, vocabulary).filter(|cuts| cuts.len() >= 2)
}

/// Three equal letters in a row do not stand in any word.
fn stretched(text: &str, vocabulary: &Vocabulary) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    if !chars.windows(3).any(|three| three[0] == three[1] && three[1] == three[2]) || vocabulary.knows(text) {
        return None;
    }
    let squeeze = |most: usize| {
        let mut out = String::new();
        for run in chars.chunk_by(|a, b| a == b) {
            let keep = if run.len() >= 3 { most } else { run.len() };
            out.extend(run.iter().take(keep));
        }
        out
    };
    let single = chars.chunk_by(|a, b| a == b).map(|run| run[0]).collect();
    [squeeze(2), squeeze(1), single].into_iter().find(|word| vocabulary.knows(word))
}

/// A word written backwards: a rude one, or one whose capital stands at its end.
fn reversed(folded: &Folded, raw: &str, index: usize, vocabulary: &Vocabulary) -> Option<String> {
    let text = folded.word(index);
    if text.len() < 3 || vocabulary.knows(text) {
        return None;
    }
    let word = &folded.words[index];
    let original = &raw[folded.raw_words(index..index + 1)];
    let capital_last = !word.capital && original.chars().next_back().is_some_and(char::is_uppercase);
    let backwards: String = text.chars().rev().collect();
    let hidden = text.len() >= 4 && vocabulary.is_rude(&backwards) || capital_last && vocabulary.has(&backwards);
    hidden.then_some(backwards)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    fn read(raw: &str) -> String {
        let mut vocabulary = Vocabulary::default();
        for word in "patel is a liar fuck off bollocks shit shitshow khan dr young best killed my dad nurse grace may to \
                     the you we will be waiting home time kill stab desk on receptionist butcher wankers useless nhs i m"
            .split_whitespace()
        {
            vocabulary.word(word);
        }
        for word in ["fuck", "bollocks", "shit", "shitshow", "wankers", "bitcher"] {
            vocabulary.word(word);
            vocabulary.mark_rude(word, false);
        }
        vocabulary.prefix("fuck");
        vocabulary.mark_rude("fuck", true);
        let folded = fold(raw);
        let readings = readings(&folded, raw, &vocabulary);
        let reread = folded.reread(raw, &readings);
        (0..reread.words.len()).map(|at| reread.word(at)).collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn check(raw: &str, want: &str) {
        assert_eq!(read(raw), want, "{raw}");
    }

    #[test]
    fn digits_and_signs_that_look_like_letters_are_read_as_letters() {
        check("Dr P4t3l is a l14r", "dr patel is a liar");
        check("Total $h!t$how", "total shitshow");
        check("$tab whoever on that de$k", "stab whoever on that desk");
    }

    #[test]
    fn masked_words_are_read_when_they_can_only_be_one_thing() {
        check("f**k off", "fuck off");
        check("f***ing b*ll*cks!", "fucking bollocks");
        check("w⚓ers", "wankers");
        check("B*tch*r", "bitcher");
    }

    #[test]
    fn letters_apart_are_joined_where_they_spell_known_words() {
        check("f u c k off", "fuck off");
        check("D r  K h a n", "dr khan");
        check("w e  w i l l  b e waiting", "we will be waiting");
        check("f.u.c.k you", "fuck you");
        check("K💩h💩a💩n", "khan");
    }

    #[test]
    fn hashtags_and_capitals_part_words() {
        check("#DrBestKilledMyDad", "dr best killed my dad");
        check("#nursegracemay", "nurse grace may");
    }

    #[test]
    fn stretched_and_reversed_words_are_read() {
        check("fuuuuuck", "fuck");
        check("uuuuseless", "useless");
        check("Nurse yaM ecarG", "nurse may grace");
        check("kcuf", "fuck");
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for plain in [
            "£9.90 at 8am on the A55, B12 jab 3rd dose",
            "sn 8a55 h0le 22",
            "a s a p",
            "co op and e mail",
            "mcdonalds",
            "live at 5",
        ] {
            check(plain, &plain.to_lowercase().replace(['£', ','], "").replace("9.90", "9 90"));
        }
    }
}
