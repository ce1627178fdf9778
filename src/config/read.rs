//! Walks a merged configuration and collects every mistake with its place. In: the text of the file, the overriding
//! environment variables, the merged values. Out: typed settings, or [`Complaint`]s that point at the value, the key or
//! the section header, or that name the variable. Not here: which settings there are.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use config::{Map, Value, ValueKind};
use toml_edit::{Document, Item, Table};

use crate::lexicon::complaint::{Complaint, Complaints, did_you_mean};

/// A complaint has been made; there is nothing more to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Complained;

/// What is wrong with one value, before it has a place.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) what: String,
    pub(super) help: Option<String>,
}

impl Wrong {
    pub(super) fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), help: Some(help.into()) }
    }
}

/// One value as it was written; from the environment it is always text, whatever it means.
pub(super) struct Raw<'r> {
    pub(super) kind: &'r ValueKind,
    pub(super) from_env: bool,
}

/// The text of the file, the places in it, and what has been complained of so far.
pub(super) struct Reader<'a> {
    source: &'a str,
    document: Document<&'a str>,
    variables: BTreeMap<String, String>,
    complaints: RefCell<Complaints>,
    file: &'a Path,
}

impl<'a> Reader<'a> {
    /// A reader of a file that parses as TOML; `variables` maps paths such as `page[0].every_s` to variable names.
    pub(super) fn new(file: &'a Path, source: &'a str, variables: BTreeMap<String, String>) -> Result<Self, Complaint> {
        let document = Document::parse(source).map_err(|error| {
            let complaint = Complaint::new(error.message().replace('\n', ", ")).in_file(file);
            let complaint =
                complaint.help("this is no valid TOML; texts stand in double quotes, sections in [brackets]");
            error.span().into_iter().fold(complaint, |complaint, span| complaint.at(source, span))
        })?;
        let complaints = RefCell::new(Complaints::about(file, source));
        Ok(Self { source, document, variables, complaints, file })
    }

    /// The whole configuration as a section.
    pub(super) fn root<'r>(&'r self, values: &'r Map<String, Value>) -> Section<'r> {
        Section { reader: self, path: String::new(), values, asked: RefCell::default() }
    }

    /// Complains of the setting at `path`, wherever it was made.
    pub(super) fn complain(&self, path: &str, wrong: Wrong) -> Complained {
        let complaint = Complaint::new(format!("{path}: {}", wrong.what));
        let complaint = Complaint { help: wrong.help, ..complaint };
        self.complaints.borrow_mut().push(self.place(complaint, path));
        Complained
    }

    /// Complains of something that has no place in the file.
    pub(super) fn complain_at_large(&self, what: impl Into<String>, help: impl Into<String>) -> Complained {
        self.complaints.borrow_mut().add(what, Some(help.into()));
        Complained
    }

    /// `value`, unless somebody complained.
    pub(super) fn settle<T>(self, value: Result<T, Complained>) -> Result<T, Vec<Complaint>> {
        let complaints = self.complaints.into_inner();
        match value {
            Ok(value) => complaints.or(value),
            Err(Complained) => Err(complaints.into_vec()),
        }
    }

    fn place(&self, complaint: Complaint, path: &str) -> Complaint {
        let (span, exact) = self.span(path);
        let variable = if exact { self.variables.get(path).map(String::as_str) } else { self.variable_under(path) };
        if let Some(variable) = variable {
            let what = format!("{} (set by the environment variable {variable})", complaint.what);
            return Complaint { what, ..complaint };
        }
        let complaint = complaint.in_file(self.file);
        match span {
            Some(span) => complaint.at(self.source, span),
            None => complaint,
        }
    }

    /// The bytes of a setting, or of the innermost section around it that stands in the file; and whether it is the first.
    fn span(&self, path: &str) -> (Option<Range<usize>>, bool) {
        let mut span = None;
        let mut at = At::Table(self.document.as_table());
        for step in steps(path) {
            let Some((found, next)) = at.step(step) else { return (span, false) };
            span = found.or(span);
            at = next;
        }
        (span, true)
    }

    fn is_from_env(&self, path: &str) -> bool {
        self.variables.contains_key(path)
    }

    /// The variable that made a setting or section of which the file knows nothing.
    fn variable_under(&self, path: &str) -> Option<&str> {
        let under =
            |known: &str| known.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        self.variables.iter().find(|(known, _)| under(known)).map(|(_, variable)| variable.as_str())
    }
}

/// One table of settings. Whatever nobody asked for by the time of [`Section::finish`] is unknown.
pub(super) struct Section<'r> {
    reader: &'r Reader<'r>,
    path: String,
    values: &'r Map<String, Value>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'r> Section<'r> {
    /// A setting that must stand there, in the file or among the defaults.
    pub(super) fn get<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Raw<'_>) -> Result<T, Wrong>,
        help: &str,
    ) -> Result<T, Complained> {
        match self.maybe(key, read)? {
            Some(value) => Ok(value),
            None => Err(self.complain(key, Wrong::new("is missing", help))),
        }
    }

    /// A setting that may be left out.
    pub(super) fn maybe<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Raw<'_>) -> Result<T, Wrong>,
    ) -> Result<Option<T>, Complained> {
        self.asked.borrow_mut().push(key);
        let Some(value) = self.values.get(key) else { return Ok(None) };
        let path = self.path_of(key);
        let raw = Raw { kind: &value.kind, from_env: self.reader.is_from_env(&path) };
        read(&raw).map(Some).map_err(|wrong| self.reader.complain(&path, wrong))
    }

    /// A section in this one, if it is there.
    pub(super) fn section(&self, key: &'static str) -> Result<Option<Section<'r>>, Complained> {
        self.asked.borrow_mut().push(key);
        let Some(value) = self.values.get(key) else { return Ok(None) };
        self.reader.section_of(self.path_of(key), value, &format!("[{key}]")).map(Some)
    }

    /// A list of sections in this one.
    pub(super) fn sections(&self, key: &'static str) -> Result<Vec<Section<'r>>, Complained> {
        self.asked.borrow_mut().push(key);
        let Some(value) = self.values.get(key) else { return Ok(Vec::new()) };
        let path = self.path_of(key);
        let ValueKind::Array(items) = &value.kind else {
            let help = format!("write [[{key}]] in double brackets: there may be several");
            return Err(self.reader.complain(&path, Wrong::new("is not a list of sections", help)));
        };
        let header = format!("[[{key}]]");
        let read = |(at, item)| self.reader.section_of(format!("{path}[{at}]"), item, &header);
        // All of them are looked at, so that all of them are complained of.
        let sections: Vec<_> = items.iter().enumerate().map(read).collect();
        sections.into_iter().collect()
    }

    /// Complains of a setting of this section.
    pub(super) fn complain(&self, key: &str, wrong: Wrong) -> Complained {
        self.reader.complain(&self.path_of(key), wrong)
    }

    /// Complains of every key that nobody asked for.
    pub(super) fn finish(&self) -> Result<(), Complained> {
        let asked = self.asked.borrow();
        let unknown: Vec<&String> = self.values.keys().filter(|key| !asked.contains(&key.as_str())).collect();
        for key in &unknown {
            self.unknown(key, &asked);
        }
        if unknown.is_empty() { Ok(()) } else { Err(Complained) }
    }

    fn unknown(&self, key: &str, known: &[&'static str]) {
        let path = self.path_of(key);
        let help = match did_you_mean(key, known.iter().copied()) {
            Some(name) => format!("did you mean {name}?"),
            None => format!("known here: {}", known.join(", ")),
        };
        self.reader.complain(&path, Wrong::new("is no setting that Chaperone knows", help));
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

impl Reader<'_> {
    fn section_of<'r>(&'r self, path: String, value: &'r Value, header: &str) -> Result<Section<'r>, Complained> {
        match &value.kind {
            ValueKind::Table(values) => Ok(Section { reader: self, path, values, asked: RefCell::default() }),
            _ => {
                Err(self
                    .complain(&path, Wrong::new("is not a section", format!("write {header} on a line of its own"))))
            }
        }
    }
}

/// Where a walk through the parsed file stands.
#[derive(Clone, Copy)]
enum At<'d> {
    Table(&'d Table),
    Item(&'d Item),
}

impl<'d> At<'d> {
    fn step(self, step: Step<'_>) -> Option<(Option<Range<usize>>, At<'d>)> {
        let item = match (self, step) {
            (At::Table(table), Step::Key(key)) => table.get(key)?,
            (At::Item(Item::ArrayOfTables(tables)), Step::Index(at)) => {
                let table = tables.get(at)?;
                return Some((table.span(), At::Table(table)));
            }
            (At::Item(item), Step::Key(key)) => item.get(key)?,
            (At::Item(item), Step::Index(at)) => item.get(at)?,
            (At::Table(_), Step::Index(_)) => return None,
        };
        Some((item.span(), At::Item(item)))
    }
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

/// `page[0].every_s` taken apart.
fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    path.split(['.', '[']).filter(|step| !step.is_empty()).map(|step| match step.strip_suffix(']') {
        Some(index) => index.parse().map_or(Step::Key(step), Step::Index),
        None => Step::Key(step),
    })
}
