//! The practice's fixed texts: `drafts.toml`. In: the file, and what the configuration says of the practice. Out: texts
//! with their placeholders filled in, or every mistake of the file at once. Not here: sending anything; a human does.

use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

use super::view::DraftText;
use crate::lexicon::complaint::{Complaint, Complaints, did_you_mean};
use crate::lexicon::table::{Located, Table, parse};

/// The most characters of a reply on TikTok that every client accepts (tiktok.md, replies to comments).
pub const SHORT_CHARS: usize = 150;

/// What the placeholders stand for, as section `[practice]` and the policy say; `None` where they say nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Details<'a> {
    /// `{practice}`: its name.
    pub practice: &'a str,
    /// `{phone}`: the first of its numbers.
    pub phone: Option<&'a str>,
    /// `{website}`: the first of its web sites.
    pub website: Option<&'a str>,
    /// `{email}`: the first of its e-mail addresses.
    pub email: Option<&'a str>,
    /// `{policy}`: the title of its policy.
    pub policy: &'a str,
}

/// Reads the texts. A file that is not there is no mistake: the digest then says that the practice has not written them.
pub fn load(path: &Path, details: Details<'_>) -> Result<Vec<DraftText>, Vec<Complaint>> {
    match std::fs::read_to_string(path) {
        Ok(source) => read(&source, path, details),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(vec![
            Complaint::new(format!("cannot read the drafts: {error}"))
                .in_file(path)
                .help("check `drafts` in section [digest], and that the file is UTF-8 text which this user may read"),
        ]),
    }
}

/// Reads the text of such a file.
pub fn read(source: &str, path: &Path, details: Details<'_>) -> Result<Vec<DraftText>, Vec<Complaint>> {
    let mut complaints = Complaints::about(path, source);
    let Some((table, span)) = parse(source, &mut complaints) else { return Err(complaints.into_vec()) };
    let mut table = Table::new(&table, span);
    let mut filling = Filling { source, details, missed: Vec::new() };
    let mut drafts: Vec<DraftText> = Vec::new();
    for one in table.tables("draft", &mut complaints) {
        let Some((name, draft)) = read_one(one, &mut filling, &mut complaints) else { continue };
        if drafts.iter().any(|other| other.name == draft.name) {
            let what = format!("there is another draft \"{}\" above", draft.name);
            complaints.at(name, what, "keep one of the two".to_owned());
        }
        drafts.push(draft);
    }
    table.finish(&mut complaints);
    complaints.or(drafts)
}

fn read_one(
    mut table: Table<'_>,
    filling: &mut Filling<'_>,
    complaints: &mut Complaints,
) -> Option<(Range<usize>, DraftText)> {
    let name = table.required("name", complaints);
    let title = table.required("title", complaints);
    let text = table.required("text", complaints).map(|text| filling.fill(&text, complaints));
    let short = table.string("short", complaints);
    table.finish(complaints);
    let short = short.and_then(|short| {
        let filled = one_line(&filling.fill(&short, complaints));
        let chars = filled.chars().count();
        if chars > SHORT_CHARS {
            complaints.at(
                short.span,
                format!("`short` has {chars} characters once it is filled in, and TikTok takes {SHORT_CHARS}"),
                format!("take out at least {} of them", chars - SHORT_CHARS),
            );
        }
        (!filled.is_empty()).then_some(filled)
    });
    let (name, title, text) = (name?, title?, paragraphs(&text?));
    Some((name.span, DraftText { name: name.value, title: one_line(&title.value), text, short }))
}

/// Puts the practice's details in the place of their names.
struct Filling<'a> {
    source: &'a str,
    details: Details<'a>,
    /// Details that are not configured and were complained of: one complaint is enough for all places.
    missed: Vec<String>,
}

impl Filling<'_> {
    fn fill(&mut self, text: &Located<String>, complaints: &mut Complaints) -> String {
        let mut filled = String::with_capacity(text.value.len());
        let mut rest = text.value.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                let help = format!("close it, or leave it out; {KNOWN}");
                complaints.at(self.place(text, "{"), "a { that no } follows", help);
                return filled;
            };
            filled.push_str(self.value(name, text, complaints));
            rest = behind;
        }
        filled.push_str(rest);
        filled
    }

    fn value(&mut self, name: &str, text: &Located<String>, complaints: &mut Complaints) -> &str {
        let (value, key) = match name {
            "practice" => return self.details.practice,
            "policy" => return self.details.policy,
            "phone" => (self.details.phone, "phones"),
            "website" => (self.details.website, "websites"),
            "email" => (self.details.email, "emails"),
            _ => {
                let near = did_you_mean(name, ["practice", "phone", "website", "email", "policy"]);
                let help = near.map_or_else(|| KNOWN.to_owned(), |near| format!("did you mean {{{near}}}?"));
                complaints.at(
                    self.place(text, &format!("{{{name}}}")),
                    format!("nothing is known as {{{name}}}"),
                    help,
                );
                return "";
            }
        };
        if value.is_none() && !self.missed.iter().any(|missed| missed == name) {
            self.missed.push(name.to_owned());
            complaints.at(
                self.place(text, &format!("{{{name}}}")),
                format!("{{{name}}} stands for the first of `{key}` in section [practice], and there is none"),
                format!("write {key} = [\"…\"] there, or take {{{name}}} out of the texts"),
            );
        }
        value.unwrap_or_default()
    }

    /// The bytes of a placeholder in the file; the whole text's, where it is written with escapes.
    fn place(&self, text: &Located<String>, what: &str) -> Range<usize> {
        let found = self.source.get(text.span.clone()).and_then(|raw| raw.find(what));
        found.map_or_else(|| text.span.clone(), |at| text.span.start + at..text.span.start + at + what.len())
    }
}

const KNOWN: &str = "known are {practice}, {phone}, {website}, {email} and {policy}";

/// A line break in the file is a space, an empty line begins a paragraph.
fn paragraphs(text: &str) -> String {
    let mut paragraphs: Vec<String> = vec![String::new()];
    for line in text.lines() {
        match (one_line(line), paragraphs.last_mut()) {
            (line, Some(last)) if !line.is_empty() => {
                if !last.is_empty() {
                    last.push(' ');
                }
                last.push_str(&line);
            }
            (_, Some(last)) if !last.is_empty() => paragraphs.push(String::new()),
            _ => {}
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs.join("\n\n")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DETAILS: Details<'_> = Details {
        practice: "Alderbrook Surgery",
        phone: Some("01632 960123"),
        website: Some("alderbrooksurgery.example"),
        email: None,
        policy: "Alderbrook Code of Conduct",
    };

    fn told(source: &str) -> String {
        let complaints = read(source, Path::new("drafts.toml"), DETAILS).expect_err("mistakes");
        complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_text_is_filled_in_and_keeps_its_paragraphs() {
        let source = "[[draft]]\nname = \"signpost\"\ntitle = \"Where to ask\"\ntext = \"\"\"\nThis is {practice}.\n\
                      Ring {phone}.\n\n\nOr see\n{website} and {policy}.\n\"\"\"\nshort = \"Ring {phone}.\"\n";
        let drafts = read(source, Path::new("drafts.toml"), DETAILS).expect("a sound file");
        assert_eq!(
            drafts,
            [DraftText {
                name: "signpost".into(),
                title: "Where to ask".into(),
                text: "This is Alderbrook Surgery. Ring 01632 960123.\n\nOr see alderbrooksurgery.example and Alderbrook Code of Conduct.".into(),
                short: Some("Ring 01632 960123.".into()),
            }]
        );
    }

    #[test]
    fn every_mistake_of_the_drafts_is_told_at_once() {
        let long = "x".repeat(SHORT_CHARS - 11);
        insta::assert_snapshot!(told(&format!(
            "[[draft]]\nname = \"a\"\ntitel = \"A\"\ntext = \"Ring {{fone}} or {{phone}}, see {{web}}\"\n\
             [[draft]]\nname = \"a\"\ntitle = \"A\"\ntext = \"Write to {{email}}, I say {{email}}\"\nshort = \"{long}{{phone}}\"\n\
             [[draft]]\nname = \"a\"\ntitle = \"A\"\ntext = \"\"\"\nOh {{dear\n\"\"\"\n"
        )), @r#"
        drafts.toml:1: `title` is missing (add a line `title = "…"`)
        drafts.toml:3: `titel` is not known here (did you mean `title`?)
        drafts.toml:4: nothing is known as {fone} (known are {practice}, {phone}, {website}, {email} and {policy})
        drafts.toml:4: nothing is known as {web} (known are {practice}, {phone}, {website}, {email} and {policy})
        drafts.toml:8: {email} stands for the first of `emails` in section [practice], and there is none (write emails = ["…"] there, or take {email} out of the texts)
        drafts.toml:9: `short` has 151 characters once it is filled in, and TikTok takes 150 (take out at least 1 of them)
        drafts.toml:11: there is another draft "a" above (keep one of the two)
        drafts.toml:14: a { that no } follows (close it, or leave it out; known are {practice}, {phone}, {website}, {email} and {policy})
        "#);
    }

    #[test]
    fn a_file_that_is_not_there_is_no_mistake_and_one_that_is_no_text_is() {
        let dir = tempfile::tempdir().expect("a directory");
        assert_eq!(load(&dir.path().join("drafts.toml"), DETAILS), Ok(Vec::new()));
        std::fs::write(dir.path().join("drafts.toml"), b"\xff").expect("written");
        assert!(load(&dir.path().join("drafts.toml"), DETAILS).is_err());
    }
}
