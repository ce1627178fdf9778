//! Field expansion of the Graph API (facebook.md section 5). In: the text of `fields=`. Out: a tree of [`Field`]s.
//! Absent: which names exist; each kind of node knows its own.

use std::fmt::Write as _;

/// One asked field: a plain one, or an edge with modifiers and fields of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    /// `.limit(50)` and the like, without `.as()`.
    pub(super) modifiers: Vec<(String, String)>,
    /// The name that the answer carries it under, from `.as(alias)`.
    pub(super) alias: Option<String>,
    /// What stands in braces; `None` when there are none.
    pub(super) inner: Option<Vec<Field>>,
}

impl Field {
    pub(super) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    pub(super) fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }

    pub(super) fn modifier(&self, name: &str) -> Option<&str> {
        self.modifiers.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// How the field would be asked for on its own, for the links inside nested edges.
    pub(super) fn list_text(fields: &[Self]) -> String {
        fields.iter().map(Self::text).collect::<Vec<_>>().join(",")
    }

    fn text(&self) -> String {
        let mut out = self.name.clone();
        for (name, value) in &self.modifiers {
            let _ = write!(out, ".{name}({value})");
        }
        if let Some(alias) = &self.alias {
            let _ = write!(out, ".as({alias})");
        }
        if let Some(inner) = &self.inner {
            let _ = write!(out, "{{{}}}", Self::list_text(inner));
        }
        out
    }
}

/// How many levels of braces a list of fields has, and the product of the limits on the deepest way down.
pub(super) fn weight(fields: &[Field], outer_limit: u64) -> (u32, u64) {
    let inner = |field: &Field| {
        let limit = field.modifier("limit").and_then(|text| text.parse().ok()).unwrap_or(1_u64).max(1);
        let (depth, cells) = weight(field.inner.as_deref().unwrap_or_default(), outer_limit * limit);
        (depth + u32::from(field.inner.is_some()), cells)
    };
    fields.iter().map(inner).fold((0, outer_limit), |worst, one| (worst.0.max(one.0), worst.1.max(one.1)))
}

/// Reads the text of `fields=`; the error says what is wrong with it (code 2500 in the sheet).
pub(super) fn parse(text: &str) -> Result<Vec<Field>, String> {
    let mut reader = Reader { letters: text.chars().collect(), at: 0 };
    let fields = reader.list()?;
    if reader.at < reader.letters.len() {
        return Err(format!("Syntax error \"unexpected {}\" at character {}", reader.letters[reader.at], reader.at));
    }
    Ok(fields)
}

struct Reader {
    letters: Vec<char>,
    at: usize,
}

impl Reader {
    fn list(&mut self) -> Result<Vec<Field>, String> {
        let mut fields = Vec::new();
        loop {
            self.skip_space();
            if self.at == self.letters.len() || self.peek() == Some('}') {
                return Ok(fields);
            }
            fields.push(self.field()?);
            self.skip_space();
            if !self.take(',') {
                return Ok(fields);
            }
        }
    }

    fn field(&mut self) -> Result<Field, String> {
        let mut field = Field { name: self.word()?, ..Field::default() };
        while self.take('.') {
            let name = self.word()?;
            if !self.take('(') {
                return Err(format!("Syntax error \"expected (\" after {name}"));
            }
            let value = self.until_closing()?;
            if name == "as" {
                field.alias = Some(value);
            } else {
                field.modifiers.push((name, value));
            }
        }
        if self.take('{') {
            field.inner = Some(self.list()?);
            if !self.take('}') {
                return Err("Syntax error \"expected end of braces\"".into());
            }
        }
        Ok(field)
    }

    fn word(&mut self) -> Result<String, String> {
        self.skip_space();
        let start = self.at;
        while self.peek().is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
            self.at += 1;
        }
        if start == self.at {
            return Err(format!("Syntax error \"expected a name\" at character {start}"));
        }
        Ok(self.letters[start..self.at].iter().collect())
    }

    fn until_closing(&mut self) -> Result<String, String> {
        let start = self.at;
        let length = self.letters[start..].iter().position(|&letter| letter == ')');
        let length = length.ok_or("Syntax error \"expected )\"")?;
        self.at = start + length + 1;
        Ok(self.letters[start..start + length].iter().collect())
    }

    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Result<&str, ()>) {
        let got = parse(text).map(|fields| Field::list_text(&fields)).map_err(|_| ());
        assert_eq!(got.as_deref(), want.as_deref(), "{text}");
    }

    #[test]
    fn nested_fields_with_modifiers_and_aliases_are_read_whole() {
        check("id,message", Ok("id,message"));
        check("id, from{id,name}", Ok("id,from{id,name}"));
        check(
            "comments.filter(stream).limit(50).summary(true).as(all){id,parent{id}},comments.limit(0).summary(1)",
            Ok("comments.filter(stream).limit(50).summary(true).as(all){id,parent{id}},comments.limit(0).summary(1)"),
        );
        check("", Ok(""));
        check("id,", Ok("id"));
    }

    #[test]
    fn broken_syntax_is_an_error() {
        for text in ["from{id", "id}", "comments.limit", "comments.limit(5", "{id}", ".as(x)", "a b"] {
            check(text, Err(()));
        }
    }

    #[test]
    fn weight_counts_depth_and_multiplies_limits() {
        let fields = parse("id,comments.limit(50){id,from{id},replies.limit(4){id}}").expect("fields");
        assert_eq!(weight(&fields, 25), (2, 25 * 50 * 4));
        assert_eq!(weight(&parse("id").expect("fields"), 1), (0, 1));
    }
}
