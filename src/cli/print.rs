//! Printing: mistakes with their source line, and lines that survive a closed pipe.

use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal as _, Write as _};
use std::ops::Range;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use super::Stop;
use crate::lexicon::complaint::Complaint;

/// Widest prose of a complaint, in characters.
const PROSE: usize = 92;

/// Prints a line to standard output. A reader that has gone away is no error of ours.
pub(super) fn line(text: impl fmt::Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Prints a line to standard error.
pub(super) fn note(text: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prose in lines of so many characters, parted at spaces alone: names of entries and files have hyphens in them.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let full = lines[last].chars().count() + 1 + word.chars().count() > width;
        match (lines[last].is_empty(), full) {
            (true, _) => lines[last].push_str(word),
            (false, true) => lines.push(word.to_owned()),
            (false, false) => {
                lines[last].push(' ');
                lines[last].push_str(word);
            }
        }
    }
    lines
}

/// Colours, or none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint(bool);

impl Paint {
    /// Colours where standard output is a terminal whose owner has not declined them.
    pub(super) fn for_stdout() -> Self {
        Self(io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()))
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    pub(super) fn red(self, text: &str) -> String {
        self.with("31", text)
    }

    pub(super) fn green(self, text: &str) -> String {
        self.with("32", text)
    }

    pub(super) fn yellow(self, text: &str) -> String {
        self.with("33", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Prints why a command could not begin.
pub(super) fn stop(stop: &Stop) {
    match stop {
        Stop::Complaints(list) => complaints(list),
        Stop::Other { what, help } => note(format_args!("error: {what}\n  help: {help}")),
    }
}

/// Prints mistakes, each with its line and what to do.
pub(super) fn complaints(list: &[Complaint]) {
    let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_wrap_lines(false);
    for complaint in list {
        let mut text = String::new();
        match handler.render_report(&mut text, &Pointed::new(complaint)) {
            Ok(()) => note(text.trim_end()),
            Err(_) => note(complaint),
        }
        note("");
    }
    if list.len() > 1 {
        note(format_args!("{} mistakes", list.len()));
    }
}

/// A complaint in the form that the printer of source lines understands.
#[derive(Debug)]
struct Pointed<'c> {
    complaint: &'c Complaint,
    excerpt: Option<Excerpt>,
}

impl<'c> Pointed<'c> {
    fn new(complaint: &'c Complaint) -> Self {
        // The file is read again only to show the line; if it has changed or gone, the words alone must do.
        let excerpt = complaint.file.as_ref().zip(complaint.span.clone()).and_then(|(file, span)| {
            let text = std::fs::read_to_string(file).ok()?;
            text.get(span.clone())?;
            Some(Excerpt::new(file.display().to_string(), &text, span))
        });
        Self { complaint, excerpt }
    }
}

impl fmt::Display for Pointed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        if self.excerpt.is_none()
            && let Some(file) = &self.complaint.file
        {
            text = file.display().to_string();
            if let Some(line) = self.complaint.line {
                let _ = write!(text, ":{line}");
            }
            text.push_str(": ");
        }
        text.push_str(&self.complaint.what);
        f.write_str(&wrapped(&text, PROSE).join("\n"))
    }
}

impl std::error::Error for Pointed<'_> {}

impl Diagnostic for Pointed<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.complaint.help.as_ref()?;
        Some(Box::new(wrapped(help, PROSE).join("\n")))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.excerpt.as_ref()?.span.clone();
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(Some("here".to_owned()), span))))
    }
}

/// A file's text with its long lines cut, so that the mark stands under its place: a line of a lexicon may have
/// thousands of characters, and a terminal would fold it over its own mark.
#[derive(Debug)]
struct Excerpt {
    name: String,
    text: String,
    span: Range<usize>,
    /// Of the span in the file itself, from 0.
    column: usize,
}

/// Longest line that is shown whole, in characters.
const LINE: usize = 90;
/// What is shown of a longer one on either side of the span.
const BESIDE: usize = 25;

impl Excerpt {
    fn new(name: String, text: &str, span: Range<usize>) -> Self {
        let begin = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let column = text[begin..span.start].chars().count();
        let (mut cut, mut place, mut at) = (String::with_capacity(text.len()), span.clone(), 0);
        for line in text.split_inclusive('\n') {
            let own = at..at + line.trim_end_matches('\n').len();
            let begins = (own.start..=own.end).contains(&span.start);
            let shown = if begins && span.end <= own.end {
                let (shown, within) = window(&text[own.clone()], span.start - own.start..span.end - own.start);
                place = cut.len() + within.start..cut.len() + within.end;
                shown
            } else if begins || span.start < own.end && own.start < span.end {
                // Of several lines; they stay as they are.
                if begins {
                    place = cut.len() + span.start - own.start..cut.len() + span.end - own.start;
                }
                text[own.clone()].to_owned()
            } else {
                beginning(&text[own.clone()])
            };
            cut.push_str(&shown);
            cut.push_str(&line[own.len()..]);
            at += line.len();
        }
        if place.end > cut.len() || at <= span.start {
            // An empty place at the very end.
            place = cut.len()..cut.len();
        }
        Self { name, text: cut, span: place, column }
    }
}

fn beginning(line: &str) -> String {
    match line.char_indices().nth(LINE) {
        Some((at, _)) => format!("{} …", &line[..at]),
        None => line.to_owned(),
    }
}

/// The line around a span, and where the span is in it.
fn window(line: &str, span: Range<usize>) -> (String, Range<usize>) {
    if line.chars().count() <= LINE {
        return (line.to_owned(), span);
    }
    let from = line[..span.start].char_indices().rev().nth(BESIDE).map_or(0, |(at, _)| at);
    let end = line[span.clone()].char_indices().nth(LINE).map_or(span.end, |(at, _)| span.start + at);
    let to = line[end..].char_indices().nth(BESIDE).map_or(line.len(), |(at, _)| end + at);
    let (before, after) = (if from == 0 { "" } else { "… " }, if to == line.len() { "" } else { " …" });
    let shift = |at: usize| at - from + before.len();
    (format!("{before}{}{after}", &line[from..to]), shift(span.start)..shift(end))
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let read = self.text.read_span(span, before, after)?;
        // Without lines around it, it is asked for its place in the file.
        let column = if before == 0 && after == 0 { self.column } else { read.column() };
        let (data, own, line, count) = (read.data(), *read.span(), read.line(), read.line_count());
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data, own, line, column, count)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, marked: &str, want: &str) {
        let at = text.find(marked).expect("it stands there");
        let excerpt = Excerpt::new("f".to_owned(), text, at..at + marked.len());
        assert_eq!(excerpt.text, want);
        assert_eq!(excerpt.text.get(excerpt.span.clone()), Some(marked));
    }

    #[test]
    fn short_lines_are_shown_whole() {
        check("a = 1\nbé = 2\nc = 3\n", "2", "a = 1\nbé = 2\nc = 3\n");
        check("", "", "");
        check("[practice", "", "[practice");
        check("a = [\n1\n]\n", "[\n1\n]", "a = [\n1\n]\n");
    }

    #[test]
    fn long_lines_are_cut_around_the_mark() {
        let (left, right) = ("é".repeat(200), "ü".repeat(200));
        let want = format!("… {}X{} …\n{} …\n", "é".repeat(26), "ü".repeat(25), "ü".repeat(90));
        check(&format!("{left}X{right}\n{right}\n"), "X", &want);
    }

    #[test]
    fn a_place_at_the_end_of_a_line_is_found_behind_a_long_one() {
        let text = format!("{}\n[practice\nb\n", "a".repeat(300));
        let excerpt = Excerpt::new("f".to_owned(), &text, 310..310);
        assert_eq!(excerpt.text.get(..excerpt.span.start), Some(format!("{} …\n[practice", "a".repeat(90)).as_str()));
        let excerpt = Excerpt::new("f".to_owned(), &text, text.len()..text.len());
        assert_eq!(excerpt.span.start, excerpt.text.len());
    }

    #[test]
    fn prose_is_parted_at_spaces_alone() {
        assert_eq!(wrapped("a not-recommended entry", 10), ["a", "not-recommended", "entry"]);
        assert_eq!(wrapped("a  b", 10), ["a  b"]);
    }
}
