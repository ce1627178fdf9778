//! Reads a table of a TOML file that people edit, key by key, and complains of everything that is wrong with it.
//! In: a parsed table and a collector. Out: values with the bytes they stand on. A key nobody asked for is a mistake.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::complaint::{Complaints, did_you_mean, line_col};

/// A value and the bytes of the file that it stands on, quotation marks included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Range<usize>,
}

/// One table of a file, being read.
pub struct Table<'t> {
    keys: &'t DeTable<'t>,
    span: Range<usize>,
    asked: BTreeSet<&'static str>,
}

impl<'t> Table<'t> {
    /// Starts reading a table; `span` is where it begins.
    pub fn new(table: &'t DeTable<'t>, span: Range<usize>) -> Self {
        Self { keys: table, span, asked: BTreeSet::new() }
    }

    /// Where the table stands.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// A text that may be missing.
    pub fn string(&mut self, key: &'static str, complaints: &mut Complaints) -> Option<Located<String>> {
        let (span, value) = self.take(key)?;
        match value.as_str() {
            Some(text) => Some(Located { value: text.to_owned(), span }),
            None => self.wrong(span, key, "a text in quotation marks", value, complaints),
        }
    }

    /// A text that must be there and must not be blank.
    pub fn required(&mut self, key: &'static str, complaints: &mut Complaints) -> Option<Located<String>> {
        if !self.keys.contains_key(key) {
            self.asked.insert(key);
            complaints.at(self.span(), format!("`{key}` is missing"), format!("add a line `{key} = \"…\"`"));
            return None;
        }
        let text = self.string(key, complaints)?;
        if text.value.trim().is_empty() {
            complaints.at(
                text.span,
                format!("`{key}` is empty"),
                format!("write something between the quotation marks of `{key}`"),
            );
            return None;
        }
        Some(text)
    }

    /// A yes or no that may be missing.
    pub fn boolean(&mut self, key: &'static str, complaints: &mut Complaints) -> Option<bool> {
        let (span, value) = self.take(key)?;
        match value.as_bool() {
            Some(value) => Some(value),
            None => self.wrong(span, key, "true or false", value, complaints),
        }
    }

    /// A list of texts; missing is empty.
    pub fn strings(&mut self, key: &'static str, complaints: &mut Complaints) -> Vec<Located<String>> {
        let Some((span, value)) = self.take(key) else { return Vec::new() };
        texts(key, span, value, complaints)
    }

    /// A whole number that may be missing.
    pub fn integer(&mut self, key: &'static str, complaints: &mut Complaints) -> Option<Located<i64>> {
        let (span, value) = self.take(key)?;
        match value.as_integer().and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok()) {
            Some(value) => Some(Located { value, span }),
            None => self.wrong(span, key, "a whole number", value, complaints),
        }
    }

    /// A table of its own; missing is none.
    pub fn table(&mut self, key: &'static str, complaints: &mut Complaints) -> Option<Table<'t>> {
        let (span, value) = self.take(key)?;
        match value.as_table() {
            Some(table) => Some(Table::new(table, span)),
            None => self.wrong(span, key, "a section", value, complaints),
        }
    }

    /// The tables under `[[key]]`; missing is none.
    pub fn tables(&mut self, key: &'static str, complaints: &mut Complaints) -> Vec<Table<'t>> {
        let Some((span, value)) = self.take(key) else { return Vec::new() };
        let Some(array) = value.as_array() else {
            self.wrong::<()>(span, key, "written as [[…]]", value, complaints);
            return Vec::new();
        };
        array.iter().filter_map(|item| item.get_ref().as_table().map(|table| Table::new(table, item.span()))).collect()
    }

    /// Every key with its text, for tables whose keys people choose.
    pub fn all_strings(self, complaints: &mut Complaints) -> Vec<(Located<String>, Located<String>)> {
        let mut pairs = Vec::new();
        for (key, value) in self.keys {
            match value.get_ref().as_str() {
                Some(text) => pairs.push((
                    Located { value: key.get_ref().to_string(), span: key.span() },
                    Located { value: text.to_owned(), span: value.span() },
                )),
                None => complaints.at(
                    value.span(),
                    format!("`{}` is not a text", key.get_ref()),
                    "put it in quotation marks".to_owned(),
                ),
            }
        }
        pairs
    }

    /// Every key with its list of texts, for tables whose keys people choose.
    pub fn all_lists(self, complaints: &mut Complaints) -> Vec<(Located<String>, Vec<Located<String>>)> {
        let mut pairs = Vec::new();
        for (key, value) in self.keys {
            let list = texts(key.get_ref(), value.span(), value.get_ref(), complaints);
            pairs.push((Located { value: key.get_ref().to_string(), span: key.span() }, list));
        }
        pairs
    }

    /// Every key that nobody asked for is a mistake, perhaps a slip of the finger.
    pub fn finish(self, complaints: &mut Complaints) {
        for key in self.keys.keys() {
            if self.asked.contains(key.get_ref().as_ref()) {
                continue;
            }
            let help = match did_you_mean(key.get_ref(), self.asked.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", self.asked.iter().copied().collect::<Vec<_>>().join(", ")),
            };
            complaints.at(key.span(), format!("`{}` is not known here", key.get_ref()), help);
        }
    }

    fn take(&mut self, key: &'static str) -> Option<(Range<usize>, &'t DeValue<'t>)> {
        self.asked.insert(key);
        self.keys.get(key).map(|value| (value.span(), value.get_ref()))
    }

    #[expect(clippy::unused_self, reason = "reads as part of the table at the places that call it")]
    fn wrong<T>(
        &self,
        span: Range<usize>,
        key: &str,
        want: &str,
        got: &DeValue<'_>,
        complaints: &mut Complaints,
    ) -> Option<T> {
        complaints.at(span, format!("`{key}` is of the kind {}", got.type_str()), format!("it has to be {want}"));
        None
    }
}

fn texts(key: &str, span: Range<usize>, value: &DeValue<'_>, complaints: &mut Complaints) -> Vec<Located<String>> {
    let Some(array) = value.as_array() else {
        let kind = format!("`{key}` is of the kind {}", value.type_str());
        complaints.at(span, kind, "it has to be a list like [\"…\", \"…\"]".to_owned());
        return Vec::new();
    };
    let mut list = Vec::new();
    for item in array {
        match item.get_ref().as_str() {
            Some(text) => list.push(Located { value: text.to_owned(), span: item.span() }),
            None => complaints.at(
                item.span(),
                format!("an item of `{key}` is not a text"),
                "put it in quotation marks".to_owned(),
            ),
        }
    }
    list
}

/// Parses a file's text. What is not TOML is a complaint with its place, once a line; nothing else is said of such a
/// file, because half of it would be a consequence.
pub fn parse<'s>(source: &'s str, complaints: &mut Complaints) -> Option<(DeTable<'s>, Range<usize>)> {
    let (table, errors) = DeTable::parse_recoverable(source);
    let mut last_line = 0;
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let (line, _) = line_col(source, span.start);
        if line != last_line {
            let help = "check the quotation marks, commas and brackets around this place".to_owned();
            complaints.at(span, error.message().to_owned(), help);
        }
        last_line = line;
    }
    let span = table.span();
    errors.is_empty().then(|| (table.into_inner(), span.start..span.start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_mistake_of_a_table_is_told_at_once_with_its_line() {
        let source = "category = 3\nphrasse = []\nid = \"\"\n";
        let mut complaints = Complaints::about(Path::new("x.toml"), source);
        let (table, span) = parse(source, &mut complaints).expect("TOML");
        let mut table = Table::new(&table, span);
        table.string("category", &mut complaints);
        table.required("id", &mut complaints);
        table.strings("phrases", &mut complaints);
        table.finish(&mut complaints);
        let told: Vec<String> = complaints.into_iter().map(|complaint| complaint.to_string()).collect();
        assert_eq!(
            told,
            [
                "x.toml:1: `category` is of the kind integer (it has to be a text in quotation marks)",
                "x.toml:2: `phrasse` is not known here (did you mean `phrases`?)",
                "x.toml:3: `id` is empty (write something between the quotation marks of `id`)",
            ]
        );
    }
}
