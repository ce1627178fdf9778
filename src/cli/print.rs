//! Printing: mistakes with their source line, and lines that survive a closed pipe.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};

use super::Stop;
use crate::lexicon::complaint::Complaint;

/// Prints a line to standard output. A reader that has gone away is no error of ours.
pub(super) fn line(text: impl fmt::Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Prints a line to standard error.
pub(super) fn note(text: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
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
    let handler = GraphicalReportHandler::new_themed(theme).with_width(100);
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
    source: Option<NamedSource<String>>,
}

impl<'c> Pointed<'c> {
    fn new(complaint: &'c Complaint) -> Self {
        // The file is read again only to show the line; if it has changed or gone, the words alone must do.
        let source = complaint.file.as_ref().zip(complaint.span.as_ref()).and_then(|(file, span)| {
            let text = std::fs::read_to_string(file).ok()?;
            (span.end <= text.len()).then(|| NamedSource::new(file.display().to_string(), text))
        });
        Self { complaint, source }
    }
}

impl fmt::Display for Pointed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.source.is_none()
            && let Some(file) = &self.complaint.file
        {
            write!(f, "{}:", file.display())?;
            if let Some(line) = self.complaint.line {
                write!(f, "{line}:")?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&self.complaint.what)
    }
}

impl std::error::Error for Pointed<'_> {}

impl Diagnostic for Pointed<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.complaint.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.complaint.span.clone().filter(|_| self.source.is_some())?;
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(Some("here".to_owned()), span))))
    }
}
