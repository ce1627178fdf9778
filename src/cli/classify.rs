//! `classify`: JSON Lines in, JSON Lines out, same order. One bad line costs its own answer and nothing else.

use std::io::{self, Write as _};
use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::args::Args;
use super::{Outcome, Stop, load_rules};
use crate::clock::Timestamp;
use crate::comment::{Attachment, Author, AuthorId, Comment, CommentId, PostId};
use crate::policy::Verdict;
use crate::rules::Rules;

/// Lines that are judged before any of their answers is written: enough for two threads to be worth their while.
const BATCH: usize = 1024;

pub(super) fn classify(args: &Args, policy: Option<&str>) -> Result<Outcome, Stop> {
    let rules = load_rules(args, policy)?;
    let mut out = io::stdout().lock();
    let mut input = io::stdin().lock();
    let (mut batch, mut outcome) = (Batch::default(), Outcome::Done);
    while batch.read(&mut input)? {
        let answers = batch.answers(&rules);
        if answers.iter().any(|answers| answers.refused) {
            outcome = Outcome::Problems;
        }
        for answers in answers {
            // A reader that has gone away wants no more answers.
            if out.write_all(&answers.text).is_err() {
                return Ok(outcome);
            }
        }
    }
    let _ = out.flush();
    Ok(outcome)
}

/// Lines as they came, one behind the other.
#[derive(Default)]
struct Batch {
    text: Vec<u8>,
    ends: Vec<usize>,
    /// Lines of earlier batches.
    before: u64,
}

/// Answers to some lines, in their order.
#[derive(Default)]
struct Answers {
    text: Vec<u8>,
    /// One of them says why there is none.
    refused: bool,
}

impl Batch {
    /// Reads the next lines into the same room; says whether there are any.
    fn read(&mut self, input: &mut impl io::BufRead) -> Result<bool, Stop> {
        self.before += self.ends.len() as u64;
        self.text.clear();
        self.ends.clear();
        while self.ends.len() < BATCH {
            let read = input.read_until(b'\n', &mut self.text).map_err(|error| Stop::Other {
                what: format!(
                    "cannot read standard input after line {}: {error}",
                    self.before + self.ends.len() as u64
                ),
                help: "what came before is judged; give the rest again".to_owned(),
            })?;
            if read == 0 {
                break;
            }
            self.ends.push(self.text.len());
        }
        Ok(!self.ends.is_empty())
    }

    /// Two threads judge a half each: rules are shared and never change.
    fn answers(&self, rules: &Rules) -> [Answers; 2] {
        let half = self.ends.len().div_ceil(2);
        std::thread::scope(|scope| {
            let second = scope.spawn(|| self.answer(rules, half..self.ends.len()));
            let first = self.answer(rules, 0..half);
            [first, second.join().unwrap_or_else(|_| self.answer(rules, half..self.ends.len()))]
        })
    }

    fn answer(&self, rules: &Rules, lines: Range<usize>) -> Answers {
        let mut answers = Answers::default();
        for at in lines {
            let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
            let (line, number) = (&self.text[start..self.ends[at]], self.before + at as u64 + 1);
            // Some editors and shells begin a file with a mark of its encoding.
            let marked = number == 1 && line.starts_with(b"\xef\xbb\xbf");
            let answer = answer(rules, if marked { &line[3..] } else { line }, number);
            answers.refused |= answer.is_err();
            let (Ok(text) | Err(text)) = answer;
            answers.text.extend_from_slice(text.as_bytes());
            answers.text.push(b'\n');
        }
        answers
    }
}

/// The answer to one line, or the line that says why there is none.
fn answer(rules: &Rules, line: &[u8], number: u64) -> Result<String, String> {
    let refused = |error: String| {
        let refused = Refused { line: number, error };
        serde_json::to_string(&refused).unwrap_or_else(|_| format!("{{\"line\":{number},\"error\":\"not JSON\"}}"))
    };
    let asked = read(line).map_err(refused)?;
    let verdict = rules.judge(&asked.comment);
    let answer = Answer::new(&asked, &verdict);
    serde_json::to_string(&answer).map_err(|error| refused(error.to_string()))
}

#[derive(Serialize)]
struct Refused {
    line: u64,
    error: String,
}

/// A line as it came; what it says beside this is nobody's business here.
#[derive(Deserialize)]
struct Line<'l> {
    #[serde(borrow, default)]
    id: Option<&'l RawValue>,
    #[serde(default, deserialize_with = "present")]
    text: Option<Value>,
    #[serde(default)]
    author: Value,
    #[serde(default)]
    post: Value,
    #[serde(default)]
    created: Value,
    #[serde(default)]
    attachments: Value,
}

/// Keeps `null` apart from nothing at all.
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

struct Asked<'l> {
    /// As it came, digit by digit: text or number.
    id: &'l RawValue,
    comment: Comment,
}

fn read(line: &[u8]) -> Result<Asked<'_>, String> {
    let line = line.trim_ascii();
    match line.first() {
        None => return Err("the line is empty".to_owned()),
        Some(b'{') => {}
        Some(_) => return Err("not a JSON object".to_owned()),
    }
    let line: Line<'_> = serde_json::from_slice(line).map_err(|error| without_line(&error))?;
    let id = line.id.ok_or("`id` is missing")?;
    let id_text = match id.get().as_bytes().first() {
        Some(b'"') => serde_json::from_str(id.get()).map_err(|_| "`id` is no text that can be read")?,
        Some(b'-' | b'0'..=b'9') => id.get().to_owned(),
        _ => return Err("`id` is neither text nor a number".to_owned()),
    };
    let text = match line.text {
        Some(Value::String(text)) => text,
        Some(Value::Null) => String::new(),
        Some(_) => return Err("`text` is not text".to_owned()),
        None => return Err("`text` is missing".to_owned()),
    };
    let author = optional("author", line.author)?;
    let post = optional("post", line.post)?.unwrap_or_default();
    let created = optional("created", line.created)?.and_then(|text| text.parse::<Timestamp>().ok());
    let attachments = attachments(&line.attachments)?;
    // A text that is given and empty has nothing to judge; that is a picture only where one is said to be there.
    let comment = Comment {
        id: CommentId::new(id_text),
        post: PostId::new(post),
        author: Author { id: author.map(AuthorId::new), name: None },
        created,
        attachments,
        ..Comment::of_text(text)
    };
    Ok(Asked { id, comment })
}

fn optional(name: &str, value: Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        _ => Err(format!("`{name}` is not text")),
    }
}

/// The place in a line is a column; "line 1" would contradict the line's own number.
fn without_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let cause = text.split(" at line ").next().unwrap_or_default();
    let what = if error.is_data() { "" } else { "not JSON: " };
    format!("{what}{cause} at column {}", error.column())
}

fn attachments(value: &Value) -> Result<Vec<Attachment>, String> {
    let list = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(list) => list,
        _ => return Err("`attachments` is not a list".to_owned()),
    };
    let kind = |item: &Value| match item {
        Value::String(kind) => kind.clone(),
        Value::Object(fields) => fields.get("type").and_then(Value::as_str).unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    // Kinds we have never heard of are attachments all the same.
    Ok(list
        .iter()
        .map(|item| match kind(item).as_str() {
            "picture" | "photo" | "image" => Attachment::Picture,
            "sticker" => Attachment::Sticker,
            "gif" | "animated_image_share" => Attachment::Gif,
            "video" | "video_inline" => Attachment::Video,
            "link" | "share" => Attachment::Link,
            _ => Attachment::Unknown,
        })
        .collect())
}

#[derive(Serialize)]
struct Answer<'a> {
    id: &'a RawValue,
    action: &'static str,
    alert: &'static str,
    categories: Vec<&'static str>,
    findings: Vec<Found<'a>>,
    clauses: Vec<&'a str>,
}

#[derive(Serialize)]
struct Found<'a> {
    category: &'static str,
    entry: &'a str,
    start: usize,
    end: usize,
    text: &'a str,
    certainty: &'static str,
    how: &'static str,
}

impl<'a> Answer<'a> {
    fn new(asked: &'a Asked<'a>, verdict: &'a Verdict) -> Self {
        let text = asked.comment.text.expose();
        let found = verdict.reasons.iter().map(|reason| {
            let finding = &reason.finding;
            Found {
                category: finding.category.id(),
                entry: &finding.entry,
                start: finding.span.start,
                end: finding.span.end,
                text: text.get(finding.span.clone()).unwrap_or_default(),
                certainty: finding.certainty.id(),
                how: finding.how.id(),
            }
        });
        Self {
            id: asked.id,
            action: verdict.action.id(),
            alert: verdict.alert.id(),
            categories: verdict.categories.iter().map(|category| category.id()).collect(),
            findings: found.collect(),
            clauses: verdict.clauses(),
        }
    }
}
