//! The pass that folds: character by character to what a reader sees, with the way back. In: raw text that is not plain
//! ASCII. Out: folded text, the original bytes behind each folded byte, and which stretches were disguised.
//! What runs backwards or stands on its head is rare, so it is only put in order where the pass has met it.
//! Not here: words and sentences.

use std::ops::Range;

use super::chars::{self, Meaning};
use super::{entities, upside_down};

/// Folded text, the original bytes behind each of its bytes, its disguised stretches.
pub(super) type Parts = (String, Vec<(u32, u32)>, Vec<Range<u32>>);

/// Folds a text.
pub(super) fn fold(raw: &str) -> Parts {
    let mut folder = Folder::with_capacity(raw.len());
    folder.all(typed(raw));
    if folder.turned {
        let mut glyphs = displayed(raw);
        upside_down::turn(&mut glyphs);
        folder = Folder::with_capacity(raw.len());
        folder.all(glyphs.into_iter());
    }
    (folder.text, folder.origin, folder.disguised)
}

/// One character as displayed, with the original bytes it stands on.
#[derive(Clone, Copy)]
pub(super) struct Glyph {
    pub(super) c: char,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Written backwards, on its head or as an entity.
    pub(super) disguised: bool,
}

/// The characters as typed, entities and escapes decoded.
fn typed(raw: &str) -> impl Iterator<Item = Glyph> {
    let escapes = entities::has_escapes(raw);
    let mut at = 0;
    std::iter::from_fn(move || {
        let first = raw[at..].chars().next()?;
        let code = match first {
            '&' => entities::decode(&raw[at..]),
            '%' if escapes => entities::unescape(&raw[at..]),
            _ => None,
        };
        let (c, len) = code.unwrap_or((first, first.len_utf8()));
        let glyph =
            Glyph { c, start: at as u32, end: (at + len) as u32, disguised: code.is_some() && c.is_alphanumeric() };
        at += len;
        Some(glyph)
    })
}

/// Right-to-left overrides carried out: what a reader's eye meets, in its order.
fn displayed(raw: &str) -> Vec<Glyph> {
    let mut glyphs: Vec<Glyph> = Vec::with_capacity(raw.len());
    let mut reversed_from: Option<usize> = None;
    for mut glyph in typed(raw) {
        match chars::meaning(glyph.c) {
            Meaning::Reverse => reversed_from = Some(reversed_from.unwrap_or(glyphs.len())),
            Meaning::EndReverse => reverse(&mut glyphs, &mut reversed_from),
            _ => {
                if glyph.c == '\n' {
                    reverse(&mut glyphs, &mut reversed_from);
                }
                glyph.disguised |= reversed_from.is_some();
                glyphs.push(glyph);
            }
        }
    }
    reverse(&mut glyphs, &mut reversed_from);
    glyphs
}

fn reverse(glyphs: &mut [Glyph], reversed_from: &mut Option<usize>) {
    if let Some(from) = reversed_from.take() {
        glyphs[from..].reverse();
    }
}

struct Folder {
    text: String,
    origin: Vec<(u32, u32)>,
    disguised: Vec<Range<u32>>,
    marks: u32,
    hidden_join: bool,
    /// An override or a letter on its head was met.
    turned: bool,
}

impl Folder {
    fn with_capacity(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            origin: Vec::with_capacity(bytes),
            disguised: Vec::new(),
            marks: 0,
            hidden_join: false,
            turned: false,
        }
    }

    fn all(&mut self, glyphs: impl Iterator<Item = Glyph>) {
        let mut flag: Vec<(&'static str, Glyph)> = Vec::new();
        let mut space: Option<Glyph> = None;
        for glyph in glyphs {
            let meaning = if glyph.c.is_ascii() { Meaning::Same } else { chars::meaning(glyph.c) };
            // Letters of flags may stand apart; anything else ends the row of them.
            if let Meaning::Regional(letter) = meaning {
                flag.push((letter, glyph));
                space = None;
                continue;
            }
            if !flag.is_empty() {
                if meaning == Meaning::Invisible {
                    continue;
                }
                if glyph.c == ' ' && space.is_none() {
                    space = Some(glyph);
                    continue;
                }
                self.flags(&mut flag, &mut space);
            }
            self.glyph(glyph, meaning);
        }
        self.flags(&mut flag, &mut space);
    }

    fn glyph(&mut self, glyph: Glyph, meaning: Meaning) {
        match meaning {
            Meaning::Same => self.push_char(glyph.c.to_ascii_lowercase(), glyph, glyph.disguised),
            Meaning::Plain { text, disguised } => {
                self.turned |= chars::is_upside_down(glyph.c);
                self.push(text, glyph, disguised || glyph.disguised);
            }
            Meaning::Emoji => self.push_char(glyph.c, glyph, false),
            Meaning::Invisible => self.hidden_join = self.text.ends_with(char::is_alphanumeric),
            Meaning::Mark => self.mark(),
            Meaning::Reverse | Meaning::EndReverse => self.turned = true,
            Meaning::Regional(letter) => self.push(letter, glyph, true),
        }
    }

    fn push_char(&mut self, c: char, glyph: Glyph, disguised: bool) {
        self.push(c.encode_utf8(&mut [0; 4]), glyph, disguised);
    }

    fn push(&mut self, text: &str, glyph: Glyph, disguised: bool) {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        self.origin.resize(self.text.len(), (glyph.start, glyph.end));
        let joined = std::mem::take(&mut self.hidden_join) && text.starts_with(char::is_alphanumeric);
        if disguised || joined {
            self.disguised.push(start..self.text.len() as u32);
        }
        self.marks = 0;
    }

    /// One mark is an accent; a pile of them is there to hide the letter.
    fn mark(&mut self) {
        self.marks += 1;
        if self.marks == 2
            && let Some(last) = self.text.chars().next_back()
        {
            let end = self.text.len() as u32;
            self.disguised.push(end - last.len_utf8() as u32..end);
        }
    }

    /// Two regional letters side by side are a flag; one alone, two apart, three or more spell a word.
    fn flags(&mut self, letters: &mut Vec<(&'static str, Glyph)>, space: &mut Option<Glyph>) {
        let flag = letters.len() == 2 && letters[0].1.end == letters[1].1.start;
        let spell = !flag;
        for (letter, glyph) in letters.drain(..) {
            if spell {
                self.push(letter, glyph, true);
            } else {
                self.push_char(glyph.c, glyph, false);
            }
        }
        if let Some(space) = space.take() {
            self.push(" ", space, false);
        }
    }
}
