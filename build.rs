//! Makes the tables that folding and the reading of disguises look things up in, so that nothing is worked out while a
//! comment waits. In: Unicode's own data, `src/text/look-alikes.txt`, `src/matcher/disguise/ordinary.txt`.
//! Out: `chars.rs`, a two-level table from code point to meaning, with its letters in `chars.txt`; `ordinary.letters`, words by length and letters, with
//! `ordinary.rs` (how many of each length), `ordinary.known` (how many people know each) and `ordinary.filter` (a Bloom filter).
//! Not here: any word that counts; those stand in the lexicons.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use unicode_normalization::char::decompose_compatible;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeEmoji, UnicodeGeneralCategory};

const LOOK_ALIKES: &str = "src/text/look-alikes.txt";
const ORDINARY: &str = "src/matcher/disguise/ordinary.txt";

fn main() -> Result<(), Box<dyn Error>> {
    for file in ["build.rs", LOOK_ALIKES, ORDINARY] {
        println!("cargo::rerun-if-changed={file}");
    }
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    let (tables, letters) = chars(&Listed::read(&fs::read_to_string(LOOK_ALIKES)?)?);
    fs::write(out.join("chars.rs"), tables)?;
    fs::write(out.join("chars.txt"), letters)?;
    let words = ordinary(&fs::read_to_string(ORDINARY)?);
    fs::write(out.join("ordinary.filter"), filter(words.keys()))?;
    let (letters, lengths, known) = by_length(&words);
    fs::write(out.join("ordinary.letters"), letters)?;
    fs::write(out.join("ordinary.known"), known)?;
    fs::write(out.join("ordinary.rs"), lengths)?;
    Ok(())
}

// ---- Characters ----

/// What a character means, as `text::chars` decodes it: the kind and its flags in the top byte, below it the length in
/// bytes and the place of its letters in one long string.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Meaning {
    kind: u32,
    text: String,
}

const SAME: u32 = 0;
const PLAIN: u32 = 1;
const INVISIBLE: u32 = 2;
const MARK: u32 = 3;
const EMOJI: u32 = 4;
const REGIONAL: u32 = 5;
const REVERSE: u32 = 6;
const END_REVERSE: u32 = 7;
const DISGUISED: u32 = 8;
const FLIPPED: u32 = 16;

/// The characters that the data file names.
#[derive(Default)]
struct Listed {
    habits: HashMap<char, String>,
    look_alikes: HashMap<char, String>,
    upside_down: HashMap<char, String>,
}

impl Listed {
    fn read(text: &str) -> Result<Self, String> {
        let mut listed = Self::default();
        let mut section = "";
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("# ")) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                section = name;
                continue;
            }
            let (plain, from) = line.split_once(char::is_whitespace).ok_or_else(|| format!("no characters: {line}"))?;
            let map = match section {
                "habits" => &mut listed.habits,
                "look-alikes" => &mut listed.look_alikes,
                "upside-down" => &mut listed.upside_down,
                other => return Err(format!("no such section: {other}")),
            };
            let plain = match plain {
                "SPACE" => " ",
                "NEWLINE" => "\n",
                plain => plain,
            };
            for item in from.split_whitespace() {
                let c = match item.strip_prefix("U+") {
                    Some(hex) => u32::from_str_radix(hex, 16).ok().and_then(char::from_u32),
                    None => item.chars().next(),
                };
                map.insert(c.ok_or_else(|| format!("no character: {item}"))?, plain.to_lowercase());
            }
        }
        Ok(listed)
    }
}

fn meaning(c: char, listed: &Listed) -> Meaning {
    let control = |kind| Meaning { kind, text: String::new() };
    let disguised = |text: &str| Meaning { kind: PLAIN | DISGUISED, text: text.to_lowercase() };
    let letter = |from: u32| char::from(b'a' + ((c as u32 - from) % 26) as u8).to_string();
    match c {
        '\u{202E}' | '\u{2067}' => return control(REVERSE),
        '\u{202C}' | '\u{2069}' => return control(END_REVERSE),
        '\u{1F1E6}'..='\u{1F1FF}' => return Meaning { kind: REGIONAL, text: letter(0x1F1E6) },
        '\u{1F130}'..='\u{1F149}' => return disguised(&letter(0x1F130)),
        '\u{1F150}'..='\u{1F169}' => return disguised(&letter(0x1F150)),
        '\u{1F170}'..='\u{1F189}' => return disguised(&letter(0x1F170)),
        '\u{249C}'..='\u{24B5}' => return disguised(&letter(0x249C)),
        '\u{1F110}'..='\u{1F129}' => return disguised(&letter(0x1F110)),
        // Hangul is written in whole syllables; its letters would be other words.
        '\u{AC00}'..='\u{D7A3}' => return control(SAME),
        _ => {}
    }
    if invisible(c) {
        return control(INVISIBLE);
    }
    if let Some(text) = listed.habits.get(&c) {
        return Meaning { kind: PLAIN, text: text.clone() };
    }
    if let Some(text) = listed.look_alikes.get(&c) {
        let flipped = if listed.upside_down.contains_key(&c) { FLIPPED } else { 0 };
        return Meaning { kind: PLAIN | DISGUISED | flipped, text: text.clone() };
    }
    // The braille cells, six dots; the eight-dot ones beyond are no letters.
    if ('\u{2800}'..='\u{283F}').contains(&c) {
        return braille(c as u32 - 0x2800).map_or_else(|| control(EMOJI), |text| disguised(&text.to_string()));
    }
    if c.general_category_group() == GeneralCategoryGroup::Mark {
        return control(MARK);
    }
    let flipped = if listed.upside_down.contains_key(&c) { FLIPPED } else { 0 };
    let mut meaning = decomposed(c, listed);
    meaning.kind |= flipped;
    meaning
}

fn invisible(c: char) -> bool {
    let listed = matches!(c,
        '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{FFFC}' | '\u{E0000}'..='\u{E0FFF}' | '\u{1F3FB}'..='\u{1F3FF}');
    listed || c.general_category() == GeneralCategory::Format
}

fn braille(dots: u32) -> Option<char> {
    const CELLS: [u32; 26] = [
        0x01, 0x03, 0x09, 0x19, 0x11, 0x0B, 0x1B, 0x13, 0x0A, 0x1A, 0x05, 0x07, 0x0D, 0x1D, 0x15, 0x0F, 0x1F, 0x17,
        0x0E, 0x1E, 0x25, 0x27, 0x3A, 0x2D, 0x3D, 0x35,
    ];
    let other = match dots {
        0x00 => Some(' '),
        0x04 => Some('\''),
        0x02 => Some(','),
        0x32 => Some('.'),
        _ => None,
    };
    other.or_else(|| CELLS.iter().position(|&cell| cell == dots).map(|at| char::from(b'a' + at as u8)))
}

/// Compatibility decomposition without its marks; letters of other scripts stay themselves.
fn decomposed(c: char, listed: &Listed) -> Meaning {
    const MOST: usize = 4;
    let mut text = String::new();
    let mut changed = false;
    decompose_compatible(c, |part| {
        if part.general_category_group() == GeneralCategoryGroup::Mark || text.chars().count() >= MOST {
            return;
        }
        changed |= part != c;
        for lower in part.to_lowercase().filter(|c| c.general_category_group() != GeneralCategoryGroup::Mark) {
            let plain = [part, lower].into_iter().find_map(|c| listed.look_alikes.get(&c).or(listed.habits.get(&c)));
            match plain {
                Some(plain) => text.push_str(plain),
                None => text.push(lower),
            }
        }
    });
    if text.is_empty() {
        return Meaning { kind: MARK, text };
    }
    if !changed && text.chars().eq([c]) {
        return Meaning { kind: if is_picture(c) { EMOJI } else { SAME }, text: String::new() };
    }
    // An accented letter is habit; a styled one (fullwidth, mathematical, circled) is a disguise.
    let styled = changed && text.starts_with(|c: char| c.is_ascii_alphanumeric()) && !is_accented_latin(c);
    Meaning { kind: PLAIN | if styled { DISGUISED } else { 0 }, text }
}

fn is_picture(c: char) -> bool {
    !c.is_alphanumeric()
        && (c.is_emoji_char() || matches!(c.general_category_group(), GeneralCategoryGroup::Symbol) && c > '\u{2100}')
}

fn is_accented_latin(c: char) -> bool {
    matches!(c, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' | '\u{BC}'..='\u{BE}' | '\u{B2}' | '\u{B3}' | '\u{B9}'
        | '\u{AA}' | '\u{BA}' | '\u{2100}'..='\u{210A}' | '\u{2116}' | '\u{2120}'..='\u{2122}' | '\u{2150}'..='\u{215F}')
}

/// Code points by blocks of 128: most blocks are alike and stored once.
fn chars(listed: &Listed) -> (String, String) {
    const BLOCK: u32 = 128;
    let mut meanings: Vec<u32> = Vec::new();
    let mut numbers: HashMap<Meaning, u16> = HashMap::new();
    let mut letters = String::new();
    let mut blocks: Vec<Vec<u16>> = Vec::new();
    let mut index: Vec<u16> = Vec::new();
    let mut known: HashMap<Vec<u16>, u16> = HashMap::new();
    for block in 0..0x11_0000 / BLOCK {
        let row: Vec<u16> = (block * BLOCK..(block + 1) * BLOCK)
            .map(|code| {
                let meaning = char::from_u32(code)
                    .filter(|c| !c.is_ascii())
                    .map_or(Meaning { kind: SAME, text: String::new() }, |c| meaning(c, listed));
                *numbers.entry(meaning).or_insert_with_key(|meaning| {
                    let at = letters.find(&meaning.text).unwrap_or_else(|| {
                        letters.push_str(&meaning.text);
                        letters.len() - meaning.text.len()
                    });
                    meanings.push(meaning.kind << 24 | (meaning.text.len() as u32) << 16 | at as u32);
                    meanings.len() as u16 - 1
                })
            })
            .collect();
        let number = *known.entry(row).or_insert_with_key(|row| {
            blocks.push(row.clone());
            blocks.len() as u16 - 1
        });
        index.push(number);
    }
    let mut out = String::new();
    let mut table = |name: &str, kind: &str, values: &mut dyn Iterator<Item = String>| {
        let values: Vec<String> = values.collect();
        let _ = writeln!(out, "static {name}: [{kind}; {}] = [{}];", values.len(), values.join(","));
    };
    table("BLOCK_OF", "u16", &mut index.iter().map(u16::to_string));
    table("MEANING_OF", "u16", &mut blocks.iter().flatten().map(u16::to_string));
    let split = |meaning: &u32| format!("0x{:04X}_{:04X}", meaning >> 16, meaning & 0xFFFF);
    table("MEANINGS", "u32", &mut meanings.iter().map(split));
    let mut flipped: Vec<(char, char)> = listed.upside_down.iter().filter_map(one_letter).collect();
    flipped.sort_unstable();
    let _ = writeln!(out, "static UPSIDE_DOWN: [(char, char); {}] = {flipped:?};", flipped.len());
    (out, letters)
}

fn one_letter((&from, to): (&char, &String)) -> Option<(char, char)> {
    to.chars().next().map(|to| (from, to))
}

// ---- Ordinary words ----

/// How many people know a word: everybody uses it, most know it, or some do.
const EVERYDAY: u8 = 2;
const COMMON: u8 = 1;

/// Every word with how many people know it. A line is a word and, each after a `+`, what may be appended to it.
fn ordinary(text: &str) -> BTreeMap<String, u8> {
    let mut words = BTreeMap::new();
    let mut known = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with('[') {
            known = match line {
                "[everyday]" => EVERYDAY,
                "[common]" => COMMON,
                _ => 0,
            };
            continue;
        }
        let mut parts = line.split('+');
        let Some(stem) = parts.next().filter(|stem| !stem.is_empty()) else { continue };
        let endings = std::iter::once("").chain(parts);
        for word in endings.map(|ending| format!("{stem}{ending}")) {
            let own = words.entry(word).or_default();
            *own = known.max(*own);
        }
    }
    words
}

/// The words by length and then by letters, one behind the other: `words` in one long string, `ORDINARY_LENGTHS` with how
/// many words have each length, and two bits for each word: how many people know it.
fn by_length(words: &BTreeMap<String, u8>) -> (String, String, Vec<u8>) {
    const LONGEST: usize = 24;
    let mut sorted: Vec<(&String, u8)> = words.iter().map(|(word, &known)| (word, known)).collect();
    sorted.retain(|(word, _)| word.len() <= LONGEST);
    sorted.sort_by_key(|&(word, _)| (word.len(), word));
    let mut lengths = [0_usize; LONGEST + 1];
    let mut bits = vec![0_u8; sorted.len() / 4 + 1];
    for (at, (word, known)) in sorted.iter().enumerate() {
        lengths[word.len()] += 1;
        bits[at / 4] |= known << (at % 4 * 2);
    }
    let table = format!("static ORDINARY_LENGTHS: [usize; {}] = {lengths:?};\n", lengths.len());
    (sorted.iter().map(|(word, _)| word.as_str()).collect(), table, bits)
}

/// Four bits for each word; `disguise::ordinary` asks for the same ones.
fn filter<'w>(words: impl Iterator<Item = &'w String>) -> Vec<u8> {
    const BYTES: usize = 1 << 17;
    let mut filter = vec![0_u8; BYTES];
    for word in words {
        let mut hash = word
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
        hash ^= hash >> 29;
        for _ in 0..4 {
            let bit = (hash & (BYTES as u64 * 8 - 1)) as usize;
            filter[bit / 8] |= 1 << (bit % 8);
            hash = hash.rotate_right(16);
        }
    }
    filter
}
