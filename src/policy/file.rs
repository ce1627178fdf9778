//! Policy files to [`Policy`]: `config/policies/*.toml`. In: a file. Out: the policy, or every mistake in it at once.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::Path;

use super::{Action, Alert, Exceptions, Policy, Rule};
use crate::ladder;
use crate::lexicon::Category;
use crate::lexicon::complaint::{Complaint, Complaints, did_you_mean};
use crate::lexicon::phrase;
use crate::lexicon::table::{Located, Table, parse};

impl Policy {
    /// Reads a policy file.
    pub fn load(path: &Path) -> Result<Self, Vec<Complaint>> {
        match std::fs::read_to_string(path) {
            Ok(source) => Self::parse(&source, path),
            Err(error) => Err(vec![
                Complaint::new(format!("cannot read the policy: {error}"))
                    .in_file(path)
                    .help("check `policy` in section [practice] and `dir` in section [policies]"),
            ]),
        }
    }

    /// Reads a policy file's text.
    pub fn parse(source: &str, path: &Path) -> Result<Self, Vec<Complaint>> {
        let mut complaints = Complaints::about(path, source);
        let Some((table, span)) = parse(source, &mut complaints) else { return Err(complaints.into_vec()) };
        let mut table = Table::new(&table, span);
        let name = table.required("name", &mut complaints).map(|name| name.value).unwrap_or_default();
        let title = table.required("title", &mut complaints).map(|title| title.value).unwrap_or_default();
        for page in table.strings("pages", &mut complaints) {
            if crate::comment::Platform::from_id(&page.value).is_none() {
                complaints.at(
                    page.span,
                    format!("\"{}\" is no platform", page.value),
                    "write facebook, instagram or tiktok".to_owned(),
                );
            }
        }
        let people = texts(&mut table, "people", &mut complaints);
        let clauses = texts(&mut table, "clauses", &mut complaints);
        let mut rules = Reading { people, clauses, rules: Vec::new() };
        for rule in table.tables("rule", &mut complaints) {
            rules.read(rule, &mut complaints);
        }
        let exceptions = table.table("exceptions", &mut complaints);
        let exceptions = exceptions.map(|table| read_exceptions(table, &mut complaints)).unwrap_or_default();
        let ladder = table.table("ladder", &mut complaints);
        let ladder = ladder.map_or_else(|| Some(ladder::Rule::usual()), |table| read_ladder(table, &mut complaints));
        table.finish(&mut complaints);
        let missing: Vec<&str> = Category::ALL
            .into_iter()
            .filter(|&category| !rules.rules.iter().any(|rule| rule.category == Some(category)))
            .map(Category::id)
            .collect();
        if !missing.is_empty() && complaints.is_empty() {
            complaints.add(
                format!("no rule speaks of {}", missing.join(", ")),
                "add a [[rule]] for each, so that nothing is decided by silence".to_owned(),
            );
        }
        let picture = rules.rules.iter().position(|rule| rule.category.is_none()).map(|at| rules.rules.remove(at));
        if picture.is_none() {
            complaints.add(
                "no rule speaks of pictures without text",
                "add a [[rule]] with category = \"picture\"".to_owned(),
            );
        }
        match (complaints.is_empty(), picture, ladder) {
            (true, Some(picture), Some(ladder)) => {
                let clauses = rules.clauses.into_iter().map(|(key, place)| (key, place.value)).collect();
                Ok(Self { name, title, rules: rules.rules, picture, clauses, exceptions, ladder })
            }
            _ => Err(complaints.into_vec()),
        }
    }
}

fn texts(table: &mut Table<'_>, key: &'static str, complaints: &mut Complaints) -> BTreeMap<String, Located<String>> {
    let Some(section) = table.table(key, complaints) else {
        complaints.add(format!("the section [{key}] is missing"), format!("add [{key}]"));
        return BTreeMap::new();
    };
    section.all_strings(complaints).into_iter().map(|(key, text)| (key.value, text)).collect()
}

struct Reading {
    people: BTreeMap<String, Located<String>>,
    clauses: BTreeMap<String, Located<String>>,
    rules: Vec<Rule>,
}

impl Reading {
    fn read(&mut self, mut table: Table<'_>, complaints: &mut Complaints) {
        let span = table.span();
        let category = Self::category(&mut table, complaints);
        let clause = self.clause(&mut table, complaints);
        let action = |table: &mut Table<'_>, key, complaints: &mut Complaints| {
            let text = table.required(key, complaints)?;
            read(&text, Action::from_id, "allow, escalate, hide or delete", complaints)
        };
        let high = action(&mut table, "high", complaints);
        let medium = action(&mut table, "medium", complaints);
        let low = action(&mut table, "low", complaints);
        let alert = table.required("alert", complaints);
        let alert = alert.and_then(|text| read(&text, Alert::from_id, "none, digest or now", complaints));
        let alert_low = table.string("alert_low", complaints);
        let alert_low = alert_low.and_then(|text| read(&text, Alert::from_id, "none, digest or now", complaints));
        let tell = self.tell(&mut table, complaints);
        let report = table.boolean("report", complaints).unwrap_or(false);
        let draft = table.string("draft", complaints).map(|draft| draft.value);
        let why = table.required("why", complaints).map(|why| why.value).unwrap_or_default();
        table.finish(complaints);
        let (Some(category), Some(high), Some(medium), Some(low), Some(alert)) = (category, high, medium, low, alert)
        else {
            return;
        };
        if medium > high || low > medium {
            complaints.at(
                span.clone(),
                "this rule does more where it is less sure",
                "let medium be no stronger than high, and low no stronger than medium".to_owned(),
            );
        }
        if category == Some(Category::Safeguarding) && high > Action::Escalate {
            complaints.at(
                span.clone(),
                "a sign of harm is never hidden or deleted without a human",
                "write escalate; an identifier beside it is covered all the same".to_owned(),
            );
        }
        if self.rules.iter().any(|rule| rule.category == category) {
            complaints.at(span, "a second rule for the same category", "keep one of the two".to_owned());
        }
        let quiet = if low == Action::Allow { Alert::None } else { alert.min(Alert::Digest) };
        let alert_low = alert_low.unwrap_or(quiet);
        self.rules.push(Rule { category, clause, high, medium, low, alert, alert_low, tell, report, draft, why });
    }

    /// `Some(None)` is the rule for pictures.
    #[expect(clippy::option_option, reason = "no category is a mistake, the picture rule is none of the seventeen")]
    fn category(table: &mut Table<'_>, complaints: &mut Complaints) -> Option<Option<Category>> {
        let id = table.required("category", complaints)?;
        if id.value == "picture" {
            return Some(None);
        }
        if let Some(category) = Category::from_id(&id.value) {
            return Some(Some(category));
        }
        let help = match did_you_mean(&id.value, Category::ALL.into_iter().map(Category::id)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("the categories are {}, and picture", Category::ALL.map(Category::id).join(", ")),
        };
        complaints.at(id.span, format!("there is no category \"{}\"", id.value), help);
        None
    }

    fn clause(&self, table: &mut Table<'_>, complaints: &mut Complaints) -> String {
        let Some(key) = table.required("clause", complaints) else { return String::new() };
        if let Some(place) = self.clauses.get(&key.value) {
            return place.value.clone();
        }
        let help = match did_you_mean(&key.value, self.clauses.keys().map(String::as_str)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "add it to [clauses], with the place in the policy".to_owned(),
        };
        complaints.at(key.span, format!("the policy has no clause \"{}\"", key.value), help);
        String::new()
    }

    fn tell(&self, table: &mut Table<'_>, complaints: &mut Complaints) -> Vec<String> {
        let mut tell = Vec::new();
        for key in table.strings("tell", complaints) {
            match self.people.get(&key.value) {
                Some(who) => tell.push(who.value.clone()),
                None => complaints.at(
                    key.span,
                    format!("nobody is called \"{}\" in [people]", key.value),
                    "add them to [people], or correct the name".to_owned(),
                ),
            }
        }
        tell
    }
}

fn read<T>(
    text: &Located<String>,
    from: impl Fn(&str) -> Option<T>,
    choices: &str,
    complaints: &mut Complaints,
) -> Option<T> {
    let value = from(&text.value);
    if value.is_none() {
        complaints.at(text.span.clone(), format!("\"{}\" cannot stand here", text.value), format!("write {choices}"));
    }
    value
}

fn read_exceptions(mut table: Table<'_>, complaints: &mut Complaints) -> Exceptions {
    let mut exceptions = Exceptions::default();
    for text in table.strings("phrases", complaints) {
        match phrase::parse(&text.value) {
            Ok(node) => exceptions.phrases.push(node),
            Err(mistake) => complaints.at(text.span, mistake.what, mistake.help),
        }
    }
    exceptions.authors = table.strings("authors", complaints).into_iter().map(|author| author.value).collect();
    let categories = table.strings("categories", complaints);
    if categories.is_empty() {
        exceptions.categories = vec![Category::Complaint, Category::StaffConduct];
    }
    for id in categories {
        match Category::from_id(&id.value) {
            Some(category) => exceptions.categories.push(category),
            None => complaints.at(
                id.span,
                format!("there is no category \"{}\"", id.value),
                format!("the categories are {}", Category::ALL.map(Category::id).join(", ")),
            ),
        }
    }
    table.finish(complaints);
    exceptions
}

fn read_ladder(mut table: Table<'_>, complaints: &mut Complaints) -> Option<ladder::Rule> {
    let days = table.integer("window_days", complaints);
    let clause = table.required("clause", complaints);
    let why = table.required("why", complaints);
    table.finish(complaints);
    let window_days = match days {
        None => ladder::Rule::usual().window_days,
        Some(days) => {
            let window = u32::try_from(days.value).ok().and_then(NonZeroU32::new);
            let window = window.filter(|days| *days <= ladder::WINDOW_DAYS);
            if window.is_none() {
                complaints.at(
                    days.span,
                    format!("{} days are no window in which a step can count", days.value),
                    format!("write 1 to {}: a removal needs a warning within twelve months", ladder::WINDOW_DAYS),
                );
            }
            window?
        }
    };
    Some(ladder::Rule { window_days, clause: clause?.value, why: why?.value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_of_a_policy_is_told_at_once() {
        let source = r#"
name = "x"
title = "X"
[people]
manager = "Practice Manager"
[clauses]
complaints = "Annex A"
[[rule]]
category = "complant"
clause = "complaint"
high = "hide"
medium = "remove"
low = "allow"
alert = "digest"
tell = ["boss"]
why = "because"
[ladder]
window_days = 730
why = "because"
"#;
        let told = Policy::parse(source, Path::new("p.toml")).expect_err("a bad policy");
        let told: Vec<String> = told.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        p.toml: no rule speaks of pictures without text (add a [[rule]] with category = "picture")
        p.toml:9: there is no category "complant" (did you mean "complaint"?)
        p.toml:10: the policy has no clause "complaint" (did you mean "complaints"?)
        p.toml:12: "remove" cannot stand here (write allow, escalate, hide or delete)
        p.toml:15: nobody is called "boss" in [people] (add them to [people], or correct the name)
        p.toml:17: `clause` is missing (add a line `clause = "…"`)
        p.toml:18: 730 days are no window in which a step can count (write 1 to 365: a removal needs a warning within twelve months)
        "#);
    }
}
