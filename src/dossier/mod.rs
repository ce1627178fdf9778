//! Papers for people outside the daily round: the case pack of an incident, what is kept of one person, the record of
//! processing, the manager's report of a month. In: rows of the store, the configuration. Out: a [`Paper`] that reads on a screen and in print, and JSON
//! with the same facts. Not here: writing files, and who may have such a paper; people answer for that.

pub mod case;
pub mod month;
pub mod person;
pub mod processing;
mod words;

use std::fmt::Write as _;

use askama::Template as _;
use jiff::tz::TimeZone;

use crate::clock::Timestamp;
use crate::digest::RenderError;
use crate::digest::mask::is_treacherous;

pub use words::{decided_word, happened};

/// Widest line of a paper as text, in characters.
const WIDTH: usize = 92;

/// A document in sections.
#[derive(Clone, Debug, PartialEq, Eq, askama::Template)]
#[template(path = "paper.html")]
pub struct Paper {
    /// What it is.
    pub title: String,
    /// What the reader has to know before the rest.
    pub opening: Vec<String>,
    /// The rest.
    pub sections: Vec<Section>,
}

/// A part of a paper.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// What it says.
    pub parts: Vec<Part>,
}

/// One thing that a section says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A sentence or two.
    Says(String),
    /// A name and what stands behind it.
    Fact(String, String),
    /// Somebody's own words.
    Quote(String),
    /// Rows under a head.
    Table(Vec<String>, Vec<Vec<String>>),
    /// Numbers under a head, each row with a bar.
    Chart(Vec<String>, Vec<Bar>),
}

/// A row of numbers with a bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What it is about.
    pub name: String,
    /// The numbers, as they are shown.
    pub cells: Vec<String>,
    /// How long the bar is, in per cent of the longest.
    pub percent: u64,
}

impl Section {
    /// A section that says nothing yet.
    pub fn new(heading: impl Into<String>) -> Self {
        Self { heading: heading.into(), parts: Vec::new() }
    }

    fn says(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Says(text.into()));
    }

    fn fact(&mut self, name: &str, value: impl Into<String>) {
        self.parts.push(Part::Fact(name.to_owned(), visible(&value.into())));
    }

    fn quote(&mut self, words: &str) {
        self.parts.push(Part::Quote(visible(words)));
    }

    /// Without rows there is no table.
    fn table(&mut self, head: &[&str], rows: Vec<Vec<String>>) {
        if rows.is_empty() {
            return;
        }
        let rows = rows.into_iter().map(|row| row.iter().map(|cell| visible(cell)).collect()).collect();
        self.parts.push(Part::Table(head.iter().map(|&name| name.to_owned()).collect(), rows));
    }
}

impl Section {
    /// Without rows there is no chart.
    fn chart(&mut self, head: &[&str], mut bars: Vec<Bar>) {
        if bars.is_empty() {
            return;
        }
        for bar in &mut bars {
            bar.name = visible(&bar.name);
        }
        self.parts.push(Part::Chart(head.iter().map(|&name| name.to_owned()).collect(), bars));
    }
}

impl Paper {
    /// For a browser and a printer: one file with nothing from outside.
    pub fn to_html(&self) -> Result<String, RenderError> {
        self.render().map_err(RenderError::Html)
    }

    /// For a terminal.
    pub fn to_text(&self) -> String {
        let mut out = format!("{}\n{}\n", self.title, "=".repeat(self.title.chars().count()));
        for line in &self.opening {
            out.push('\n');
            wrap(&mut out, "", line);
        }
        for section in &self.sections {
            let _ = write!(out, "\n{}\n{}\n", section.heading, "-".repeat(section.heading.chars().count()));
            for part in &section.parts {
                part.write(&mut out);
            }
        }
        out
    }
}

impl Part {
    fn write(&self, out: &mut String) {
        match self {
            Self::Says(text) => wrap(out, "", text),
            Self::Fact(name, value) => wrap(out, "", &format!("{name}: {value}")),
            Self::Quote(words) => words.lines().for_each(|line| wrap(out, "  > ", line)),
            Self::Table(head, rows) if head.len() > 2 && columns(out, head, rows) => {}
            Self::Table(head, rows) => {
                for row in rows {
                    if let [name, value] = row.as_slice() {
                        wrap(out, "- ", &format!("{name}: {value}"));
                        continue;
                    }
                    let cells = head.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
                    let line: Vec<String> = cells.map(|(name, cell)| format!("{name}: {cell}")).collect();
                    wrap(out, "- ", &line.join("; "));
                }
            }
            Self::Chart(head, bars) => chart(out, head, bars),
        }
    }
}

/// Columns under their heads, where they fit a line; else nothing is written.
fn columns(out: &mut String, head: &[String], rows: &[Vec<String>]) -> bool {
    let wide = |text: &str| text.chars().count();
    let widths: Vec<usize> = (0..head.len())
        .map(|at| std::iter::once(head).chain(rows.iter().map(Vec::as_slice)).filter_map(move |row| row.get(at)))
        .map(|cells| cells.map(|cell| wide(cell)).max().unwrap_or(0))
        .collect();
    if widths.iter().sum::<usize>() + 2 * widths.len() > WIDTH {
        return false;
    }
    for row in std::iter::once(head).chain(rows.iter().map(Vec::as_slice)) {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        let _ = writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    out.push('\n');
    true
}

/// Columns of numbers under their heads, and a bar behind them.
fn chart(out: &mut String, head: &[String], bars: &[Bar]) {
    let wide = |text: &str| text.chars().count();
    let first = head.first().map_or("", String::as_str);
    let name = bars.iter().map(|bar| wide(&bar.name)).max().unwrap_or(0).max(wide(first));
    let heads: Vec<&str> = head.iter().skip(1).map(String::as_str).collect();
    let _ = writeln!(out, "{first:<name$}  {}", heads.join("  "));
    for bar in bars {
        let cells = heads.iter().zip(&bar.cells).map(|(head, cell)| format!("{cell:>width$}", width = wide(head)));
        let cells = cells.collect::<Vec<_>>().join("  ");
        let stroke = "#".repeat((bar.percent as usize).div_ceil(5).min(20));
        let _ = writeln!(out, "{}", format!("{:<name$}  {cells}  {stroke}", bar.name).trim_end());
    }
    out.push('\n');
}

fn wrap(out: &mut String, mark: &str, text: &str) {
    let mut line = mark.to_owned();
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH && line.trim_end() != mark.trim_end() {
            let _ = writeln!(out, "{}", line.trim_end());
            line = if mark == "- " { "  ".to_owned() } else { mark.to_owned() };
        }
        line.push_str(word);
        line.push(' ');
    }
    let _ = writeln!(out, "{}", line.trim_end());
}

/// Words of strangers, with every character shown that would hide or turn others round.
pub(crate) fn visible(text: &str) -> String {
    let hides = |c: char| (c.is_control() && c != '\n' && c != '\t') || is_treacherous(c);
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if hides(c) {
            let _ = write!(out, "⟨U+{:04X}⟩", u32::from(c));
        } else {
            out.push(c);
        }
        out
    })
}

/// A moment to the second, in the practice's own time, with what its clocks are away from UTC.
fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %-d %b %Y, %H:%M:%S (%:z)").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_hide_or_turn_text_round_is_shown() {
        assert_eq!(visible("a\u{202E}b\u{200B}c\nd\u{7}"), "a⟨U+202E⟩b⟨U+200B⟩c\nd⟨U+0007⟩");
        assert_eq!(visible("hid\u{AD}den\u{3164}"), "hid⟨U+00AD⟩den⟨U+3164⟩");
        assert_eq!(visible("👩\u{200D}⚕ é"), "👩\u{200D}⚕ é", "joined emoji stay whole");
    }

    #[test]
    fn markup_in_somebodys_words_stays_words() {
        let mut section = Section::new("Words");
        section.quote("<script>alert(1)</script> & \"more\"");
        let paper = Paper { title: "A <b>".to_owned(), opening: Vec::new(), sections: vec![section] };
        let html = paper.to_html().expect("rendered");
        assert!(!html.contains("<script>") && !html.contains("A <b>"), "{html}");
        assert!(html.contains("&#60;script&#62;"), "{html}");
    }
}
