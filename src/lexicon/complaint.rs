//! A mistake in a file that people edit: configuration, lexicon, policy or staff list. In: what a reader of such a file
//! stumbled on. Out: [`Complaint`]s, all of a file at once, each with its place and what to do. Not here: printing them
//! with their source line; that is `cli`'s. A complaint may reach the log: it names keys and entries, never a person.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// One mistake, as the person who edits the file needs to hear it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// The file, as the reader was told of it; `None` for an environment variable or the command line.
    pub file: Option<PathBuf>,
    /// The bytes of the file's text that are wrong, on character boundaries.
    pub span: Option<Range<usize>>,
    /// The line on which the span begins, counted from 1.
    pub line: Option<usize>,
    /// What is wrong: lower case, no full stop.
    pub what: String,
    /// What to do next: lower case, no full stop.
    pub help: Option<String>,
}

impl Complaint {
    /// A complaint without a place.
    pub fn new(what: impl Into<String>) -> Self {
        Self { file: None, span: None, line: None, what: what.into(), help: None }
    }

    /// The same, in a file.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// The same, at bytes of the file's text `source`.
    #[must_use]
    pub fn at(mut self, source: &str, span: Range<usize>) -> Self {
        self.line = Some(line_col(source, span.start).0);
        self.span = Some(span);
        self
    }

    /// The same, on a line counted from 1, where the bytes are not known.
    #[must_use]
    pub fn on_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// The same, with what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// `file:line: what (help)`, on one line: for the log, and for places that cannot show the source.
impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}:", file.display())?;
            if let Some(line) = self.line {
                write!(f, "{line}:")?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&self.what)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, " ({help})"))
    }
}

/// Collects the complaints about one file while it is read to its end.
#[derive(Debug, Default)]
pub struct Complaints {
    file: Option<PathBuf>,
    source: String,
    list: Vec<Complaint>,
}

impl Complaints {
    /// A collector for a file and its text.
    pub fn about(file: &Path, source: &str) -> Self {
        Self { file: Some(file.to_owned()), source: source.to_owned(), list: Vec::new() }
    }

    /// A collector for what is not in any file.
    pub fn new() -> Self {
        Self::default()
    }

    /// Complains of the file as a whole.
    pub fn add(&mut self, what: impl Into<String>, help: impl Into<Option<String>>) {
        self.put(None, what.into(), help.into());
    }

    /// Complains of some bytes of the file.
    pub fn at(&mut self, span: Range<usize>, what: impl Into<String>, help: impl Into<Option<String>>) {
        self.put(Some(span), what.into(), help.into());
    }

    /// Takes a complaint that is already complete.
    pub fn push(&mut self, complaint: Complaint) {
        self.list.push(complaint);
    }

    /// Takes all complaints of another collector or list.
    pub fn extend(&mut self, others: impl IntoIterator<Item = Complaint>) {
        self.list.extend(others);
    }

    /// Whether nobody complained.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The complaints, those of one file in the order of its lines; nothing is said twice.
    pub fn into_vec(mut self) -> Vec<Complaint> {
        self.list.sort_by(|a, b| (&a.file, a.line, span_start(a)).cmp(&(&b.file, b.line, span_start(b))));
        self.list.dedup();
        self.list
    }

    /// `value`, unless somebody complained.
    pub fn or<T>(self, value: T) -> Result<T, Vec<Complaint>> {
        if self.is_empty() { Ok(value) } else { Err(self.into_vec()) }
    }

    fn put(&mut self, span: Option<Range<usize>>, what: String, help: Option<String>) {
        let line = span.as_ref().map(|span| line_col(&self.source, span.start).0);
        self.list.push(Complaint { file: self.file.clone(), span, line, what, help });
    }
}

impl IntoIterator for Complaints {
    type Item = Complaint;
    type IntoIter = std::vec::IntoIter<Complaint>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_vec().into_iter()
    }
}

/// Line and column of a byte offset, both counted from 1, the column in characters. An offset beyond the end counts as
/// the end; one inside a character counts as its beginning.
pub fn line_col(source: &str, offset: usize) -> (usize, usize) {
    let offset = (0..=offset.min(source.len())).rev().find(|&at| source.is_char_boundary(at)).unwrap_or(0);
    let before = &source[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The known name that somebody probably meant: at most two typing mistakes away, and fewer for short names.
pub fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let near = |name: &str| distance(&wrong, name) <= (name.chars().count() / 3).clamp(1, 2);
    known.into_iter().filter(|name| near(name)).min_by_key(|name| distance(&wrong, name))
}

fn span_start(complaint: &Complaint) -> Option<usize> {
    complaint.span.as_ref().map(|span| span.start)
}

/// Letters to insert, drop, change or swap with their neighbour to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        #[track_caller]
        fn check(offset: usize, want: (usize, usize)) {
            assert_eq!(line_col("ab\nçd\n", offset), want);
        }
        check(0, (1, 1));
        check(2, (1, 3));
        check(3, (2, 1));
        check(4, (2, 1)); // inside the ç
        check(5, (2, 2));
        check(99, (3, 1));
    }

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        #[track_caller]
        fn check(wrong: &str, want: Option<&str>) {
            assert_eq!(did_you_mean(wrong, ["name", "timezone", "id", "token_file"]), want);
        }
        check("tiemzone", Some("timezone"));
        check("Name", Some("name"));
        check("token-file", Some("token_file"));
        check("colour", None);
        check("xy", None);
    }

    #[test]
    fn complaints_come_in_the_order_of_their_lines_and_once_each() {
        let mut complaints = Complaints::about(Path::new("a.toml"), "one\ntwo\n");
        complaints.at(4..7, "second", None);
        complaints.at(0..3, "first", Some("do this".to_owned()));
        complaints.at(0..3, "first", Some("do this".to_owned()));
        let said: Vec<String> = complaints.into_iter().map(|complaint| complaint.to_string()).collect();
        assert_eq!(said, ["a.toml:1: first (do this)", "a.toml:2: second"]);
    }

    #[test]
    fn a_value_is_given_only_where_nobody_complained() {
        assert_eq!(Complaints::new().or(7), Ok(7));
        let mut complaints = Complaints::new();
        complaints.add("no", None);
        assert_eq!(complaints.or(7), Err(vec![Complaint::new("no")]));
    }
}
