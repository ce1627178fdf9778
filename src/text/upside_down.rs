//! Text on its head (`ʇıɥs`), read from its end. In: the characters in the order in which they stand. Out: the same
//! characters, with stretches that only make sense with the page turned round put the right way up.
//! Not here: which words come of it.

use super::chars::{is_upside_down, turned};
use super::folder::Glyph;

/// Turns round every stretch of words that stands on its head.
pub(super) fn turn(glyphs: &mut [Glyph]) {
    for line in glyphs.split_mut(|glyph| glyph.c == '\n') {
        turn_line(line);
    }
}

fn turn_line(line: &mut [Glyph]) {
    let chunks = chunks(line);
    let mut at = 0;
    while at < chunks.len() {
        if chunks[at].state != State::OnItsHead {
            at += 1;
            continue;
        }
        // Words that could be either way up go with those around them.
        let mut last = at;
        for (next, chunk) in chunks.iter().enumerate().skip(at + 1) {
            match chunk.state {
                State::OnItsHead => last = next,
                State::Either => {}
                State::Upright => break,
            }
        }
        for glyph in &mut line[chunks[at].start..chunks[last].end] {
            if let Some(c) = turned(glyph.c) {
                glyph.c = c;
            }
            glyph.disguised = true;
        }
        line[chunks[at].start..chunks[last].end].reverse();
        at = last + 1;
    }
}

#[derive(PartialEq)]
enum State {
    Upright,
    Either,
    OnItsHead,
}

struct Chunk {
    start: usize,
    end: usize,
    state: State,
}

fn chunks(line: &[Glyph]) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut start = 0;
    for part in line.split(|glyph| glyph.c.is_whitespace()) {
        let end = start + part.len();
        if !part.is_empty() {
            chunks.push(Chunk { start, end, state: state(part) });
        }
        start = end + 1;
    }
    chunks
}

fn state(chunk: &[Glyph]) -> State {
    if !chunk.iter().all(|glyph| turned(glyph.c).is_some() || !glyph.c.is_alphanumeric()) {
        State::Upright
    } else if chunk.iter().any(|glyph| is_upside_down(glyph.c)) {
        State::OnItsHead
    } else {
        State::Either
    }
}
