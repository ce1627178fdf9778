//! Words that nobody knows: stretched, slipped, spelt by ear, in another script, written in one, in two, turned round.
//! In: the words of a text that are neither known nor English. Out: readings of those that hide a known word.
//! Not here: words with signs in them.

use std::ops::Range;

use super::lexis::Class;
use super::words::{ANY, bit, bits, is_everyday, is_ordinary, ordinary_fitting};
use super::{Reader, State, joined, scripts, slips};
use crate::text::Reading;

impl Reader<'_> {
    pub(super) fn strange(&mut self, strange: &[usize]) {
        if self.turned_whole(strange) {
            return;
        }
        // Two pieces of a word make more sense than what either might be by itself.
        let mut pieces = std::mem::take(&mut self.fragments);
        pieces.extend_from_slice(strange);
        pieces.sort_unstable();
        let whole = self.pieces(&pieces);
        for &index in strange {
            if !self.look() {
                return;
            }
            if !whole.iter().any(|words| words.contains(&index)) {
                self.strange_word(index);
            }
        }
    }

    fn strange_word(&mut self, index: usize) {
        let text = self.folded.word(index);
        let range = self.folded.words[index].start as usize..self.folded.words[index].end as usize;
        if let Some(word) = self.one(index, text) {
            self.take(range, word);
            return;
        }
        let Some(cuts) = self.several(index, text) else { return };
        let start = range.start;
        let words = cuts.into_iter().map(|(word, cut)| (word, start + cut.start..start + cut.end)).collect();
        self.found.push(Reading { range, words });
    }

    /// The one known word that this is.
    fn one(&self, index: usize, text: &str) -> Option<String> {
        let own = text.trim_end_matches('\'');
        let (own, possessive) = own.strip_suffix("'s").map_or((own, ""), |own| (own, "'s"));
        let word = self.stretched(own);
        if let (None, Some(meant)) = (&word, self.mistyped_english(own)) {
            // "Prya" is no prayer: with a capital it may be somebody's name, spelt by ear.
            let word = &self.folded.words[index];
            let name = word.capital && !word.all_caps;
            return self.lexis.class(&meant).filter(|_| !name).map(|_| format!("{meant}{possessive}"));
        }
        let word = word
            .or_else(|| self.lexis.slipped(own).map(str::to_owned))
            .or_else(|| self.turned(index, own))
            .or_else(|| self.other_script(index, own))
            .or_else(|| self.by_ear(index, own))
            .or_else(|| self.mistyped(index, own))?;
        Some(format!("{word}{possessive}"))
    }

    /// Three equal letters in a row do not stand in any word; where they do, doubles beside them mean little either.
    fn stretched(&self, text: &str) -> Option<String> {
        let chars: Vec<char> = text.chars().collect();
        let runs: Vec<&[char]> = chars.chunk_by(|a, b| a == b).collect();
        let long: Vec<usize> = (0..runs.len()).filter(|&at| runs[at].len() >= 3).collect();
        if long.is_empty() {
            return None;
        }
        let spell = |keep: &dyn Fn(usize) -> usize| {
            runs.iter().enumerate().flat_map(|(at, run)| run.iter().take(keep(at))).collect::<String>()
        };
        let mut tries = Vec::new();
        // Each stretched letter stands once or twice; with many of them, all alike.
        if long.len() <= 4 {
            for twice in 0..1_usize << long.len() {
                let keep = |at: usize| match long.iter().position(|&run| run == at) {
                    Some(bit) => 1 + (twice >> bit & 1),
                    None => runs[at].len(),
                };
                tries.push(spell(&keep));
            }
        }
        tries.push(spell(&|_| 1));
        for at in 0..runs.len() {
            tries.push(spell(&|run| if run == at { 2 } else { 1 }));
        }
        let class = |word: &String| self.lexis.class(word);
        let best = tries
            .iter()
            .filter(|word| class(word).is_some())
            .max_by_key(|word| (self.lexis.exact(word).is_some(), class(word)))?;
        // "sooo" and "shooot" are what they seem to be.
        let harmless =
            || tries.iter().any(|word| class(word).is_none_or(|class| class == Class::Known) && is_ordinary(word));
        if class(best) >= Some(Class::Rude) && harmless() {
            return tries.iter().find(|word| class(word) == Some(Class::Known)).cloned();
        }
        Some(best.clone())
    }

    /// Its only capital may be that of a name that was turned round.
    pub(super) fn ends_in_a_capital(&self, index: usize) -> bool {
        let word = &self.folded.words[index];
        if word.capital || word.emoji || word.end - word.start < 3 {
            return false;
        }
        let original = &self.raw[self.folded.raw_words(index..index + 1)];
        let mut ends = original.chars().rev();
        ends.next().is_some_and(char::is_uppercase) && ends.next().is_some_and(char::is_lowercase)
    }

    /// A name whose capital stands at its end.
    pub(super) fn reversed_name(&self, index: usize) -> Option<String> {
        if !self.ends_in_a_capital(index) {
            return None;
        }
        let backwards = slips::backwards(self.folded.word(index));
        self.lexis.exact(&backwards).is_some().then_some(backwards)
    }

    /// Letters of other scripts may stand for what they look like or for what they sound like.
    fn other_script(&self, index: usize, text: &str) -> Option<String> {
        let word = &self.folded.words[index];
        if !word.disguised && text.is_ascii() || text.chars().count() > super::words::LONGEST {
            return None;
        }
        let mut shape = Vec::new();
        let (mut sounds, mut foreign) = (String::new(), false);
        for (at, c) in text.char_indices() {
            let at = word.start as usize + at;
            let raw = self.raw[self.folded.raw_span(at..at + c.len_utf8())].chars().next()?;
            let (like, sound) = scripts::readings(raw);
            foreign |= !like.is_empty() || !sound.is_empty();
            shape.push(u8::try_from(c).map_or(0, bit) | bits(like));
            if sound.is_empty() { sounds.push(c) } else { sounds.push_str(sound) }
        }
        if !foreign {
            return None;
        }
        let all = self.lexis.fitting(&shape).max_by_key(|&(_, class)| class);
        // A word of another script altogether looks like many a word by chance.
        let mixed = self.raw[self.folded.raw_words(index..index + 1)].contains(|c: char| c.is_ascii_alphabetic());
        if let Some((word, class)) = all
            && (mixed || class >= Class::Name && shape.len() >= 3)
            && (class != Class::Rude || !ordinary_fitting(&shape).any(|(_, common)| common))
        {
            return Some(word.to_owned());
        }
        if self.lexis.class(&sounds) >= Some(Class::Name) {
            return Some(sounds);
        }
        let (word, class) = self.lexis.sounding(&sounds)?;
        (class >= Class::Rude).then(|| word.to_owned())
    }

    /// Spelt as it sounds.
    fn by_ear(&self, index: usize, text: &str) -> Option<String> {
        // Who writes accents spells another language rather than by ear.
        let raw = &self.raw[self.folded.raw_words(index..index + 1)];
        if text.len() < 3 || !raw.is_ascii() || self.is_a_name(index) {
            return None;
        }
        let (word, class) = self.lexis.sounding(text)?;
        let alike = word.len().abs_diff(text.len()) <= 3 && word.as_bytes()[0] == text.as_bytes()[0]
            || matches!(
                (word.as_bytes()[0], text.as_bytes()[0]),
                (b'c', b'k') | (b'k', b'c' | b'q') | (b'f', b'p') | (b'p', b'f')
            );
        let enough = match class {
            Class::Strong => true,
            Class::Rude => text.len() >= 4,
            Class::Known => text.len() >= 5,
            Class::Name => false,
        };
        (alike && enough).then(|| word.to_owned())
    }

    /// A known word backwards or thirteen letters on.
    fn turned(&self, index: usize, text: &str) -> Option<String> {
        if text.len() < 4 || !text.is_ascii() {
            return None;
        }
        let least = if self.is_a_name(index) { Class::Name } else { Class::Known };
        [slips::backwards(text), slips::rot13(text)].into_iter().find(|word| self.lexis.exact(word) >= Some(least))
    }

    /// The word that anybody knows and that counts for nothing by itself, with a letter struck twice or changed with its
    /// neighbour.
    fn mistyped_english(&self, text: &str) -> Option<String> {
        let harmless = |word: &str| {
            word.len() >= 3 && word != text && self.lexis.class(word) < Some(Class::Rude) && is_everyday(word)
        };
        if !text.is_ascii() || text.len() < 4 {
            return None;
        }
        let mut bytes = text.as_bytes().to_vec();
        for at in 1..bytes.len() {
            let word = if bytes[at] == bytes[at - 1] {
                format!("{}{}", &text[..at], &text[at + 1..])
            } else {
                bytes.swap(at, at - 1);
                let word = String::from_utf8_lossy(&bytes).into_owned();
                bytes.swap(at, at - 1);
                word
            };
            if harmless(&word) {
                return Some(word);
            }
        }
        None
    }

    /// A letter too many, too few or changed with its neighbour, in a word long enough to be recognised.
    fn mistyped(&self, index: usize, text: &str) -> Option<String> {
        let length = text.len();
        if !(5..=18).contains(&length) || self.is_a_name(index) || !text.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return None;
        }
        // What people do to obscene words on purpose is a slip, and known as one; "paczki" are doughnuts.
        let meant = |word: &str| {
            let class = self.lexis.exact(word);
            word.len() >= 5 && matches!(class, Some(Class::Known | Class::Rude))
        };
        let mut bytes = text.as_bytes().to_vec();
        for at in 0..length - 1 {
            bytes.swap(at, at + 1);
            if let Ok(word) = std::str::from_utf8(&bytes)
                && meant(word)
            {
                return Some(word.to_owned());
            }
            bytes.swap(at, at + 1);
        }
        if length >= 6 {
            for at in 1..length {
                let word = format!("{}{}", &text[..at], &text[at + 1..]);
                if meant(&word) {
                    return Some(word);
                }
            }
            for at in 1..length {
                let mut shape: Vec<u32> = text.bytes().map(bit).collect();
                shape.insert(at, ANY);
                let mut fits = self.lexis.fitting(&shape).filter(|&(_, class)| class != Class::Name);
                if let (Some((word, _)), None) = (fits.next(), fits.next())
                    && !ordinary_fitting(&shape).any(|(other, _)| other != word)
                {
                    return Some(word.to_owned());
                }
            }
        }
        None
    }

    /// A capital within a sentence, or a title before: somebody of that name.
    fn is_a_name(&self, index: usize) -> bool {
        let word = &self.folded.words[index];
        let title = index > 0 && super::TITLES.contains(&self.folded.word(index - 1));
        title || word.capital && !word.all_caps && !word.sentence_start
    }

    // ---- Several words in one ----

    fn several(&self, index: usize, text: &str) -> Option<Vec<(String, Range<usize>)>> {
        if text.len() < 5 {
            return None;
        }
        let start = self.folded.words[index].start as usize;
        // Letters of flags run into the next word as a tag's do.
        let flags = || {
            self.raw[self.folded.raw_words(index..index + 1)].starts_with(|c| ('\u{1F1E6}'..='\u{1F1FF}').contains(&c))
        };
        let tagged = start > 0 && matches!(self.folded.text.as_bytes()[start - 1], b'#' | b'@') || flags();
        if let Some(words) = self.humps(index, text, tagged) {
            return Some(words);
        }
        let letters: String = text.chars().filter(|&c| c != '\'').collect();
        if letters.len() < text.len() || letters.len() < 6 && !tagged {
            return None;
        }
        let cuts = joined::segments(&letters, self.lexis)?;
        if cuts.len() < 2 || !self.says_something(index, &letters, &cuts, tagged) {
            return None;
        }
        Some(cuts.into_iter().map(|cut| (letters[cut.clone()].to_owned(), cut)).collect())
    }

    /// Place names and surnames fall into words too (`Dick-in-son`); what somebody wrote in one falls into more.
    fn says_something(&self, index: usize, letters: &str, cuts: &[Range<usize>], tagged: bool) -> bool {
        let classes: Vec<Option<Class>> = cuts.iter().map(|cut| self.lexis.class(&letters[cut.clone()])).collect();
        let long = cuts.iter().zip(&classes).filter(|(cut, class)| class.is_some() && cut.len() >= 4).count();
        if long == 0 && !classes.contains(&Some(Class::Name)) {
            return false;
        }
        if tagged {
            return true;
        }
        let mean = letters.len() / cuts.len();
        // A short insult is part of many a place name.
        let sure = cuts.iter().zip(&classes).all(|(cut, class)| *class < Some(Class::Rude) || cut.len() >= 5);
        let known = classes.iter().filter(|class| class.is_some()).count();
        match cuts.len() {
            2 => {
                let habit = cuts.iter().any(|cut| slips::BY_HABIT.contains(&&letters[cut.clone()]));
                known == 2 && !self.is_a_name(index) && (sure || habit)
            }
            3 => known >= 2 && mean >= 3 && (letters.len() >= 10 || sure && !self.is_a_name(index)),
            _ => mean >= 3 || mean == 2 && sure,
        }
    }

    /// `DrBestKilledMyDad` to its words: capitals part it.
    fn humps(&self, index: usize, text: &str, tagged: bool) -> Option<Vec<(String, Range<usize>)>> {
        let word = &self.folded.words[index];
        if word.all_caps {
            return None;
        }
        let upper: Vec<(usize, bool)> = text
            .char_indices()
            .map(|(at, c)| {
                let at_folded = word.start as usize + at;
                let original = self.raw[self.folded.raw_span(at_folded..at_folded + c.len_utf8())].chars().next();
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
        if cuts.len() < 3 || cuts.len() > text.len() / 2 + 1 {
            return None;
        }
        let mut words = Vec::new();
        let mut known = 0;
        for piece in cuts.windows(2).map(|pair| pair[0]..pair[1]) {
            let own = &text[piece.clone()];
            if self.lexis.class(own).is_some() {
                known += 1;
            } else if own.len() >= 6
                && !is_ordinary(own)
                && let Some(inner) = joined::segments(own, self.lexis)
            {
                known += 1;
                words.extend(
                    inner
                        .into_iter()
                        .map(|cut| (own[cut.clone()].to_owned(), piece.start + cut.start..piece.start + cut.end)),
                );
                continue;
            }
            words.push((own.to_owned(), piece));
        }
        let pieces = cuts.len() - 1;
        (tagged && known > 0 || pieces >= 2 && known == pieces || pieces >= 3 && known + 1 >= pieces).then_some(words)
    }

    /// Whether a word is known or English, for those who count.
    pub(super) fn makes_sense(&self, word: &str) -> bool {
        self.lexis.class(word).is_some() || is_ordinary(word)
    }

    pub(super) fn is_strange(&self, index: usize) -> bool {
        self.state(index) == State::Strange
    }
}
