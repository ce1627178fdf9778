//! Changing a file of the rules. In: a new text for a file or for one entry of it, and why. Out: every mistake with its line;
//! or what the change would have done to the comments of the past; and only then, on a second word, the file changed, its
//! version kept, the rules read again. Not here: judging (the judge's process), what young rules may do (the brake's).

use std::path::Path;
use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use tracing::{error, info};

use super::files::{NEW, STAFF, TEMPLATE, Tunable, blocks, print_of, with_block};
use super::{does, in_words, read, title, tunable};
use crate::console::Console;
use crate::console::door::{Fields, Posted, Visitor};
use crate::console::page::{Frame, Place, Problem, page, page_with};
use crate::console::text::when;
use crate::digest::category_name;
use crate::dossier::{decided_word, visible};
use crate::lexicon::Category;
use crate::lexicon::complaint::Complaint;
use crate::policy::{Action, Verdict};
use crate::rules::apart::Unable;
use crate::store::{Decision, Edit, Role};
use crate::tuning::backtest::{Agreement, Asked, Backtest, Concern, Count, Example, Move, Warning, backtest};

/// So many changed comments are shown.
const EXAMPLES: usize = 20;
/// A reason is no longer, in characters.
const LONGEST_REASON: usize = 500;
/// So many versions are listed.
const VERSIONS: usize = 100;

/// A change as a form brings it.
struct Change {
    file: Tunable,
    /// The entry that is changed; [`NEW`] for one more, empty for the whole file.
    entry: String,
    /// The new text of that part.
    part: String,
    why: String,
    /// The file as it is now, and as it would be.
    now: String,
    then: String,
}

#[derive(Template)]
#[template(path = "console/words-edit.html")]
struct Form {
    frame: Frame,
    name: String,
    entry: String,
    part: String,
    why: String,
    base: String,
    rows: usize,
    /// What is wrong with it.
    wrong: Vec<String>,
    can_save: bool,
    path: String,
}

pub(in crate::console) async fn form(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    visitor.must(Role::Admin)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let file = tunable(&console, &visitor, fields.one("name"))?;
    let (text, entry) = (read(&file)?, fields.one("entry").to_owned());
    let part = match entry.as_str() {
        "" => text.clone(),
        NEW => TEMPLATE.to_owned(),
        id => {
            let block = blocks(&text).into_iter().find(|block| block.id == id);
            let block = block.ok_or_else(|| Problem::Nowhere(format!("entry “{}”", visible(id))))?;
            text[block.span].to_owned()
        }
    };
    let base = print_of(&text);
    page(&Form { base, ..empty_form(&console, &visitor, &file, entry, part) })
}

fn empty_form(console: &Console, visitor: &Visitor, file: &Tunable, entry: String, part: String) -> Form {
    Form {
        frame: Frame::new(console, visitor, Place::Words, format!("Change: {}", title(&file.name))),
        name: file.name.clone(),
        rows: part.lines().count().clamp(8, 30) + 1,
        entry,
        part,
        why: String::new(),
        base: String::new(),
        wrong: Vec::new(),
        can_save: can_save(console, file),
        path: file.path.display().to_string(),
    }
}

fn can_save(console: &Console, file: &Tunable) -> bool {
    console.parts.config.edit && file.may_write()
}

/// What a form asks for, or the form again with what is wrong with it.
fn change(console: &Console, visitor: &Visitor, fields: &Fields) -> Result<Result<Change, Form>, Problem> {
    visitor.must(Role::Admin)?;
    let file = tunable(console, visitor, fields.one("name"))?;
    let (entry, part) = (fields.one("entry").to_owned(), fields.raw("part").replace("\r\n", "\n"));
    let (why, base) = (fields.one("why").to_owned(), fields.one("base").to_owned());
    let now = read(&file)?;
    let then = with_block(&now, &entry, &part);
    let mut wrong = Vec::new();
    if print_of(&now) != base {
        wrong.push("Somebody has changed this file since you opened it. Keep your text somewhere, open the file again, and make your change there.".to_owned());
    }
    if then.is_none() {
        wrong.push(format!("The file has no entry “{}” any more.", visible(&entry)));
    }
    if then.as_deref() == Some(now.as_str()) {
        wrong.push("Nothing is different from what is there.".to_owned());
    }
    match why.chars().count() {
        0 => wrong.push("Write why, so that others understand it later.".to_owned()),
        1..=LONGEST_REASON => {}
        many => wrong.push(format!("Write at most {LONGEST_REASON} letters as a reason; there are {many}.")),
    }
    match then {
        Some(then) if wrong.is_empty() => Ok(Ok(Change { file, entry, part, why, now, then })),
        _ => Ok(Err(Form { why, base, wrong, ..empty_form(console, visitor, &file, entry, part) })),
    }
}

impl Change {
    fn form(self, console: &Console, visitor: &Visitor, wrong: Vec<String>) -> Form {
        let base = print_of(&self.now);
        let Self { file, entry, part, why, .. } = self;
        Form { why, base, wrong, ..empty_form(console, visitor, &file, entry, part) }
    }

    /// Complaints in words; lines of this file are counted as in the part that was changed.
    fn complaints(&self, complaints: &[Complaint], proposed: &Path) -> Vec<String> {
        let first = match self.entry.as_str() {
            "" => 0,
            NEW => self.then.len() - self.part.trim_end().len() - 1,
            id => blocks(&self.now).iter().find(|block| block.id == id).map_or(0, |block| block.span.start),
        };
        let above = self.then[..first.min(self.then.len())].matches('\n').count();
        let told = |complaint: &Complaint| {
            let here = complaint.file.as_deref().is_some_and(|file| file == proposed);
            let place = match (here, complaint.line.map(|line| line.checked_sub(above))) {
                (true, Some(Some(line))) if line > 0 => format!("Line {line}: "),
                (true, _) => String::new(),
                (false, _) => complaint
                    .file
                    .as_deref()
                    .and_then(Path::file_name)
                    .map(|name| format!("{}: ", name.to_string_lossy()))
                    .unwrap_or_default(),
            };
            let help = complaint.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
            visible(&format!("{place}{}{help}", complaint.what))
        };
        complaints.iter().map(told).collect()
    }
}

/// What a change comes to: what it would have done, or what is wrong with it.
async fn prove(console: &Console, change: &Change, examples: bool) -> Result<Result<Backtest, Vec<String>>, Problem> {
    // Two sets of rules take a good part of the memory that there is.
    let _turn = console.proving.acquire().await.map_err(|_| Problem::Broken)?;
    let place = tempfile::tempdir().map_err(|error| broken(&error))?;
    let proposed = change.file.proposed(&console.parts.files, &change.then, place.path());
    let proposed = proposed.map_err(|error| broken(&error))?;
    let target = match change.file.name.as_str() {
        STAFF => proposed.staff.clone().unwrap_or_default(),
        name => proposed.lexicons.join(name),
    };
    let rules = console.parts.rules.current();
    let mut comparison = match console.parts.judging.compare(rules.files(), &proposed).await {
        Ok(comparison) => comparison,
        Err(Unable::Wrong(complaints)) => return Ok(Err(change.complaints(&complaints, &target))),
        Err(unable) => {
            error!(error = %unable, "a change of the rules could not be proved");
            return Ok(Err(vec![in_words(&unable)]));
        }
    };
    if !examples {
        return Ok(Ok(Backtest { terms: comparison.terms().clone(), ..Backtest::default() }));
    }
    match backtest(console.store(), &mut comparison, Asked { since: None, examples: EXAMPLES }).await {
        Ok(backtest) => Ok(Ok(backtest)),
        Err(failure) => {
            error!(error = %failure, "a backtest could not be finished");
            Ok(Err(vec!["What it would have done could not be found out just now. Try again in a minute.".to_owned()]))
        }
    }
}

fn broken(error: &std::io::Error) -> Problem {
    error!(error = %error, "proposed rules could not be laid out");
    Problem::Broken
}

/// A changed comment as the page shows it.
struct Shown {
    number: Option<i64>,
    text: String,
    before: String,
    after: String,
    decided: Option<String>,
    agrees: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "console/words-check.html")]
struct Preview {
    frame: Frame,
    name: String,
    entry: String,
    part: String,
    why: String,
    base: String,
    can_save: bool,
    /// What nobody should overlook.
    warnings: Vec<String>,
    summary: Vec<String>,
    moves: Vec<(String, u64)>,
    entries: Vec<Count>,
    examples: Vec<Shown>,
    odd: Vec<String>,
    young_days: Option<u32>,
}

pub(in crate::console) async fn check(
    State(console): State<Arc<Console>>,
    posted: Posted,
) -> Result<Response, Problem> {
    let Posted { visitor, fields } = posted;
    let change = match change(&console, &visitor, &fields)? {
        Ok(change) => change,
        Err(form) => return page_with(StatusCode::UNPROCESSABLE_ENTITY, &form),
    };
    match prove(&console, &change, true).await? {
        Err(wrong) => page_with(StatusCode::UNPROCESSABLE_ENTITY, &change.form(&console, &visitor, wrong)),
        Ok(report) => page(&preview(&console, &visitor, change, &report)),
    }
}

fn preview(console: &Console, visitor: &Visitor, change: Change, report: &Backtest) -> Preview {
    Preview {
        frame: Frame::new(console, visitor, Place::Words, "What the change would have done"),
        can_save: can_save(console, &change.file),
        name: change.file.name,
        entry: change.entry,
        part: change.part,
        why: change.why,
        base: print_of(&change.now),
        warnings: report.warnings.iter().map(warning).collect(),
        summary: summary(report),
        moves: report.moves.iter().map(|one| (moved(one), one.comments)).collect(),
        entries: report.entries.iter().take(EXAMPLES).cloned().collect(),
        examples: report.examples.iter().map(shown).collect(),
        odd: report.terms.warnings.iter().map(|complaint| visible(&complaint.what)).collect(),
        young_days: console.words().young_days,
    }
}

fn comments(count: u64) -> String {
    if count == 1 { "1 comment".to_owned() } else { format!("{count} comments") }
}

fn warning(warning: &Warning) -> String {
    let many = comments(warning.comments);
    match warning.what {
        Concern::HarmLost => format!("In {many} a sign that somebody may come to harm would no longer be found."),
        Concern::Deleted => format!("{many} would be deleted for good that are not now."),
        Concern::Broken => format!("{many} could not be judged by the changed rules and would be left to people."),
        Concern::AgainstPeople => format!("{many} that people had shown again would be hidden or deleted."),
        Concern::Untold => format!("Of {many} people would no longer be told at once."),
        Concern::LetGo => format!("{many} that people wanted gone, or agreed with, would be left up or not be found."),
    }
}

fn summary(report: &Backtest) -> Vec<String> {
    let mut told = vec![match (report.comments, report.changed) {
        (0, _) => "There are no stored comments yet to try it on.".to_owned(),
        (all, 0) => format!("None of the {all} stored comments would be judged differently."),
        (all, changed) => format!("{} of {all} stored comments would be judged differently.", comments(changed)),
    }];
    let people = report.people;
    if people.decided > 0 {
        told.push(format!(
            "People had decided about {} of these: the change agrees with them in {} where the rules now do not, and disagrees in {} where the rules now agree.",
            people.decided, people.better, people.worse
        ));
    }
    told
}

fn moved(one: &Move) -> String {
    let word = |action: Action| match action {
        Action::Allow => "left up",
        Action::Escalate => "left up for a person",
        Action::Hide => "hidden",
        Action::Delete => "deleted",
    };
    if one.before == one.after {
        return format!("{}, for other reasons", word(one.after));
    }
    format!("{} instead of {}", word(one.after), word(one.before))
}

fn shown(example: &Example) -> Shown {
    let judged = example.standing.judged.as_ref();
    let decided = judged.and_then(|then| then.decided).map(|what: Decision| decided_word(what).to_owned());
    Shown {
        number: judged.and_then(|then| then.incident),
        text: visible(example.text.expose()),
        before: told(example.before.as_ref()),
        after: told(example.after.as_ref()),
        decided,
        agrees: example.agrees.and_then(|agrees| match agrees {
            Agreement::Better => Some("as people decided"),
            Agreement::Worse => Some("against what people decided"),
            Agreement::Same => None,
        }),
    }
}

fn told(verdict: Option<&Verdict>) -> String {
    let Some(verdict) = verdict else { return "could not be judged".to_owned() };
    if verdict.reasons.is_empty() {
        return "nothing found".to_owned();
    }
    let names: Vec<&str> = verdict.categories.iter().map(|&category: &Category| category_name(category)).collect();
    format!("{} {}", does(verdict.action, verdict.alert), names.join(", "))
}

pub(in crate::console) async fn save(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Problem> {
    let Posted { visitor, fields } = posted;
    let change = match change(&console, &visitor, &fields)? {
        Ok(change) => change,
        Err(form) => return page_with(StatusCode::CONFLICT, &form),
    };
    put(&console, &visitor, change).await
}

/// Proves a change once more, because time has passed, and puts it in place.
async fn put(console: &Console, visitor: &Visitor, change: Change) -> Result<Response, Problem> {
    if !can_save(console, &change.file) {
        let wrong = vec!["Chaperone may not write to this file, so nothing was changed.".to_owned()];
        return page_with(StatusCode::FORBIDDEN, &change.form(console, visitor, wrong));
    }
    if let Err(wrong) = prove(console, &change, false).await? {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &change.form(console, visitor, wrong));
    }
    // Somebody may have been quicker while it was proved.
    if read(&change.file)? != change.now {
        let wrong = vec![
            "Somebody has changed this file while yours was being proved. Nothing was changed; open it again."
                .to_owned(),
        ];
        return page_with(StatusCode::CONFLICT, &change.form(console, visitor, wrong));
    }
    let texts = (change.now.clone(), change.then.clone());
    let said = (visitor.user.full_name.clone(), change.why.clone());
    console.store().keep_edit(change.file.name.clone(), texts, said, console.now()).await?;
    if let Err(failure) = change.file.write(&change.then) {
        error!(error = %failure, "a file of the rules could not be written");
        let wrong = vec![format!("The file could not be written: {failure}. Nothing was changed.")];
        return page_with(StatusCode::INTERNAL_SERVER_ERROR, &change.form(console, visitor, wrong));
    }
    info!("a file of the rules was changed in the console");
    console.parts.changed.notify_one();
    let query: String =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("saved", &change.file.name).finish();
    Ok(Redirect::to(&format!("/words/history?{query}")).into_response())
}

struct Version {
    edit: Edit,
    title: String,
    when: String,
    why: String,
    /// It is how the file reads now.
    current: bool,
}

#[derive(Template)]
#[template(path = "console/words-history.html")]
struct History {
    frame: Frame,
    saved: Option<String>,
    versions: Vec<Version>,
    admin: bool,
}

pub(in crate::console) async fn history(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    visitor.must(Role::Reviewer)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let admin = visitor.may(Role::Admin);
    let settings = console.words();
    let mut seen: Vec<String> = Vec::new();
    let mut versions = Vec::new();
    for edit in console.store().edits(None, VERSIONS).await? {
        if edit.file == STAFF && !admin {
            continue;
        }
        let current = !seen.contains(&edit.file);
        seen.push(edit.file.clone());
        versions.push(Version {
            title: title(&edit.file),
            when: when(edit.at, &settings),
            why: visible(&edit.why),
            current,
            edit,
        });
    }
    let saved = Tunable::named(&console.parts.files, fields.one("saved")).map(|file| title(&file.name));
    page(&History { frame: Frame::new(&console, &visitor, Place::Words, "Changes"), saved, versions, admin })
}

/// Brings an earlier version of a file back.
pub(in crate::console) async fn back(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Problem> {
    let Posted { visitor, fields } = posted;
    visitor.must(Role::Admin)?;
    let nowhere = || Problem::Nowhere("such version".to_owned());
    let id = fields.one("version").parse().map_err(|_| nowhere())?;
    let (edit, then) = console.store().edit(id).await?.ok_or_else(nowhere)?;
    let file = tunable(&console, &visitor, &edit.file)?;
    let now = read(&file)?;
    if now == then {
        return Err(Problem::Odd("The file reads like that already. Nothing was changed.".to_owned()));
    }
    let why = format!("back to the version of {}", when(edit.at, &console.words()));
    let change = Change { file, entry: String::new(), part: then.clone(), why, now, then };
    put(&console, &visitor, change).await
}
