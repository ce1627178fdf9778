//! The words that rules are made of: looking at them, trying a sentence, changing them. In: a sentence, a file's name, a new
//! text. Out: pages; a changed file, once its examples hold and people have seen what it would have done. Not here:
//! compiling rules, which is done where the rules are judged.

mod edit;
mod files;

pub(super) use edit::{back, check, form, history, save};

use std::fmt::Write as _;
use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::Console;
use super::door::{Fields, Posted, Visitor};
use super::page::{Frame, Place, Problem, page};
use super::text::{Piece, pieces};
use crate::digest::category_name;
use crate::dossier::visible;
use crate::matcher::Lack;
use crate::policy::{Action, Alert};
use crate::rules::apart::Unable;
use crate::rules::explain::Explained;
use crate::store::Role;
use files::{STAFF, Tunable, blocks};

/// A sentence that is tried is no longer, in bytes.
const LONGEST_TRIAL: usize = 64 << 10;

/// A file of the list.
struct Row {
    name: String,
    title: String,
    entries: usize,
}

#[derive(Template)]
#[template(path = "console/words.html")]
struct Page {
    frame: Frame,
    categories: Vec<Row>,
    others: Vec<Row>,
    staff: bool,
    tried: Option<Tried>,
    sentence: String,
    wrong: Option<String>,
}

/// What a sentence comes to.
struct Tried {
    verdict: String,
    words: Vec<Piece>,
    read_as: Option<String>,
    found: Vec<Found>,
    passed: Vec<String>,
    near: Vec<String>,
    judged_by: String,
}

struct Found {
    entry: String,
    /// The file that it stands in, if it is one of a lexicon.
    file: Option<String>,
    category: &'static str,
    clause: String,
    certainty: &'static str,
    asks: String,
    why: String,
    note: Option<String>,
}

impl Found {
    /// Where on its file's page the entry stands.
    fn anchor(&self) -> &str {
        self.entry.split_once('/').map_or("", |(_, id)| id)
    }
}

pub(super) async fn list(State(console): State<Arc<Console>>, visitor: Visitor) -> Result<Response, Problem> {
    visitor.must(Role::Reviewer)?;
    show(&console, &visitor, String::new(), None, None)
}

fn show(
    console: &Console,
    visitor: &Visitor,
    sentence: String,
    tried: Option<Tried>,
    wrong: Option<String>,
) -> Result<Response, Problem> {
    let all = Tunable::all(&console.parts.files);
    let (categories, others): (Vec<&Tunable>, Vec<&Tunable>) =
        all.iter().filter(|file| file.name != STAFF).partition(|file| file.name.starts_with("en/"));
    page(&Page {
        frame: Frame::new(console, visitor, Place::Words, "Words"),
        categories: categories.into_iter().map(row).collect(),
        others: others.into_iter().map(row).collect(),
        staff: visitor.may(Role::Admin) && all.iter().any(|file| file.name == STAFF),
        tried,
        sentence,
        wrong,
    })
}

fn row(file: &Tunable) -> Row {
    let entries = file.read().map(|text| blocks(&text).len()).unwrap_or_default();
    Row { name: file.name.clone(), title: title(&file.name), entries }
}

/// `en/staff-conduct.toml` as people say it.
pub(super) fn title(name: &str) -> String {
    if name == STAFF {
        return "Staff list".to_owned();
    }
    let stem = name.trim_end_matches(".toml");
    let (folder, stem) = stem.split_once('/').unwrap_or(("", stem));
    let words = stem.replace('-', " ");
    let mut letters = words.chars();
    let words: String = letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
    match folder {
        "lists" => format!("List: {}", words.to_lowercase()),
        "points" => format!("Points: {}", words.to_lowercase()),
        _ => words,
    }
}

/// Tries a sentence by the rules in force. It comes in a form and not in an address: it may be somebody's words.
pub(super) async fn try_out(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Problem> {
    let Posted { visitor, fields } = posted;
    visitor.must(Role::Reviewer)?;
    let sentence = fields.raw("sentence").replace("\r\n", "\n");
    if sentence.len() > LONGEST_TRIAL {
        let wrong = format!("That is longer than {LONGEST_TRIAL} bytes. Try a part of it.");
        return show(&console, &visitor, String::new(), None, Some(wrong));
    }
    let rules = console.parts.rules.current();
    match console.parts.judging.explain(rules.files(), &sentence).await {
        Ok(explained) => {
            let told = tell(&console, &explained, &sentence);
            show(&console, &visitor, sentence, Some(told), None)
        }
        Err(unable) => show(&console, &visitor, sentence, None, Some(in_words(&unable))),
    }
}

/// Why a sentence could not be judged.
fn in_words(unable: &Unable) -> String {
    match unable {
        Unable::Wrong(complaints) => format!(
            "The files of the rules have mistakes at the moment, so nothing can be tried: {}",
            complaints.first().map(|complaint| visible(&complaint.to_string())).unwrap_or_default()
        ),
        Unable::Failed(_) => "It could not be judged just now. Try again in a minute.".to_owned(),
    }
}

fn tell(console: &Console, explained: &Explained, sentence: &str) -> Tried {
    let marks: Vec<_> = (1..)
        .zip(&explained.groups)
        .flat_map(|(number, group)| group.places.iter().map(move |place| (number, place.clone())))
        .collect();
    let quote = |place: &std::ops::Range<usize>| {
        let words = sentence.get(place.clone()).unwrap_or_default();
        format!("“{}”", visible(&words.split_whitespace().collect::<Vec<_>>().join(" ")))
    };
    let all = Tunable::all(&console.parts.files);
    let found = explained.groups.iter().map(|group| Found {
        entry: visible(&group.entry),
        file: all.iter().map(|file| &file.name).find(|name| holds(name, &group.entry)).cloned(),
        category: category_name(group.category),
        clause: group.clause.clone(),
        certainty: group.certainty.id(),
        asks: does(group.action, group.alert),
        why: group.why.clone(),
        note: group.note.clone(),
    });
    Tried {
        verdict: verdict(explained),
        words: pieces(sentence, &marks),
        read_as: explained.read_as.as_ref().map(|text| visible(text.expose())),
        found: found.collect(),
        passed: explained
            .passed
            .iter()
            .map(|passed| format!("{} {}: {}", passed.entry, quote(&passed.place), passed.why))
            .collect(),
        near: explained
            .near
            .iter()
            .map(|miss| {
                let there: Vec<String> = miss.there.iter().map(&quote).collect();
                let there = there.join(", ");
                match &miss.lack {
                    Lack::Points(have, need) => {
                        format!("{}: {have} of the {need} points it needs, by {there}", miss.entry)
                    }
                    Lack::Order => format!("{}: {there} are there, but in another order or too far apart", miss.entry),
                    Lack::Word(any) => {
                        format!("{}: {there} are there; a word is missing such as “{}”", miss.entry, any.join("”, “"))
                    }
                }
            })
            .collect(),
        judged_by: format!("{}, rules {}", explained.policy, explained.rules_version),
    }
}

/// Whether an entry stands in a file of entries.
fn holds(file: &str, entry: &str) -> bool {
    let stem = file.strip_prefix("en/").and_then(|name| name.strip_suffix(".toml"));
    stem.is_some_and(|stem| entry.strip_prefix(stem).is_some_and(|rest| rest.starts_with('/')))
}

fn verdict(explained: &Explained) -> String {
    let verdict = &explained.verdict;
    if verdict.reasons.is_empty() {
        return "Left alone. Nothing was found that the policy speaks of.".to_owned();
    }
    let mut told = does(verdict.action, verdict.alert);
    if !verdict.tell.is_empty() {
        let _ = write!(told, " Told: {}.", verdict.tell.join(", "));
    }
    told
}

pub(super) fn does(action: Action, alert: Alert) -> String {
    let action = match action {
        Action::Allow => "Left up",
        Action::Escalate => "Left up, for a person to decide",
        Action::Hide => "Hidden",
        Action::Delete => "Deleted, with the evidence kept",
    };
    let alert = match alert {
        Alert::None => "",
        Alert::Digest => "; in the digest",
        Alert::Now => "; people are told at once",
    };
    format!("{action}{alert}.")
}

/// An entry of a file's page.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    id: String,
    /// A comment that it finds: the first of its examples.
    example: Option<String>,
    text: String,
}

/// Entries under one heading of their file.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    heading: String,
    entries: Vec<Entry>,
}

#[derive(Template)]
#[template(path = "console/words-file.html")]
struct FilePage {
    frame: Frame,
    name: String,
    parts: Vec<Part>,
    /// The whole file, where it has no entries.
    whole: Option<String>,
    admin: bool,
}

pub(super) async fn file(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    visitor.must(Role::Reviewer)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let file = tunable(&console, &visitor, fields.one("name"))?;
    let text = read(&file)?;
    let parts = parts(&text);
    page(&FilePage {
        frame: Frame::new(&console, &visitor, Place::Words, title(&file.name)),
        whole: parts.is_empty().then(|| visible(&text)),
        parts,
        name: file.name,
        admin: visitor.may(Role::Admin),
    })
}

/// A file's entries as its author grouped them: under lines such as `# ---- On the phone ----`.
fn parts(text: &str) -> Vec<Part> {
    let (mut parts, mut behind) = (Vec::<Part>::new(), 0);
    for block in blocks(text) {
        let heading = text[behind..block.span.start].lines().filter_map(heading).next_back();
        behind = block.span.end;
        if heading.is_some() || parts.is_empty() {
            parts.push(Part { heading: heading.unwrap_or_default(), entries: Vec::new() });
        }
        let text = &text[block.span];
        let entry = Entry { id: block.id, example: example(text), text: visible(text.trim_end()) };
        if let Some(part) = parts.last_mut() {
            part.entries.push(entry);
        }
    }
    parts
}

fn heading(line: &str) -> Option<String> {
    let words = line.trim().strip_prefix("# --")?.trim_matches(['-', ' ']);
    (!words.is_empty()).then(|| visible(words))
}

/// The first example of an entry, where its text can be read at all.
fn example(entry: &str) -> Option<String> {
    let entry: toml::Table = toml::from_str(entry).ok()?;
    let hit = entry.get("entry")?.as_array()?.first()?.get("hits")?.as_array()?.first()?.as_str()?;
    Some(visible(hit))
}

/// The file with this name. The staff list is for admins.
fn tunable(console: &Console, visitor: &Visitor, name: &str) -> Result<Tunable, Problem> {
    if name == STAFF {
        visitor.must(Role::Admin)?;
    }
    Tunable::named(&console.parts.files, name).ok_or_else(|| Problem::Nowhere(format!("file “{}”", visible(name))))
}

fn read(file: &Tunable) -> Result<String, Problem> {
    file.read().map_err(|error| {
        tracing::error!(error = %error, "a file of the rules cannot be read");
        Problem::Odd(format!("The file “{}” cannot be read: {error}. Tell whoever looks after Chaperone.", file.name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_title_that_people_understand() {
        assert_eq!(title("en/staff-conduct.toml"), "Staff conduct");
        assert_eq!(title("lists/bad-word.toml"), "List: bad word");
        assert_eq!(title("points/complaint.toml"), "Points: complaint");
        assert_eq!(title("spellings.toml"), "Spellings");
        assert_eq!(title("staff"), "Staff list");
    }

    #[test]
    fn a_file_is_shown_under_its_own_headings_with_an_example_of_each_entry() {
        let text = "category = \"x\"\n# ---- Phones ---------\n\n[[entry]]\nid = \"one\"\nhits = [\"nobody rings\", \"b\"]\n\
                    [[entry]]\nid = \"two\"\n\n# -- Desks\n# of wood\n[[entry]]\nid = \"three\"\nhits = [\n";
        let told: Vec<String> = parts(text)
            .iter()
            .map(|part| {
                let entries: Vec<String> =
                    part.entries.iter().map(|one| format!("{} {:?}", one.id, one.example)).collect();
                format!("{}: {}", part.heading, entries.join(", "))
            })
            .collect();
        assert_eq!(told, ["Phones: one Some(\"nobody rings\"), two None", "Desks: three None"]);
        assert_eq!(parts("[[entry]]\nid = \"one\"\n")[0].heading, "");
        assert_eq!(parts("words = []\n"), []);
    }

    #[test]
    fn an_entry_is_found_in_the_file_of_its_category() {
        assert!(holds("en/complaint.toml", "complaint/worst-service"));
        assert!(!holds("en/complaint.toml", "complaints/worst-service"));
        assert!(!holds("en/staff-identified.toml", "staff/dr-patel"));
        assert!(!holds("points/complaint.toml", "complaint/worst-service"));
    }
}
