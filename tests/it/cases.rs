//! The five published policies as contracts: what each makes of every category, and of comments as people write them.
//! In: `config/policies`, the shipped lexicons and the stories in `tests/cases/policies`. Not here: the lexicons' own
//! examples; `lexicon check` runs those.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chaperone::comment::{Author, AuthorId, Comment, CommentId, CommentKind, CommentText, PostId};
use chaperone::config::{Config, Environment, Needs};
use chaperone::lexicon::file::Lexicons;
use chaperone::lexicon::{Category, Certainty};
use chaperone::policy::{Policy, Verdict};
use chaperone::rules::{Files, Rules};
use serde::Deserialize;

use crate::tree::{at, files_under, read};

/// The policies, in the order of the columns of [`TABLE`].
const POLICIES: [&str; 5] = [
    "tarleton-group-practice",
    "cockhedge-medical-centre",
    "bursted-wood-surgery",
    "mayflower-medical-centre",
    "threeways-surgery",
];

/// What each published policy makes of each category where a person would not hesitate: the action; `now` or `digest`;
/// `report` for a line in the checklist; `+` and the template that is drafted from.
const TABLE: [(&str, [&str; 5]); 17] = [
    ("staff-identified", ["hide digest", "hide digest", "hide digest", "escalate digest", "hide digest"]),
    ("patient-identified", ["delete now", "delete now", "delete now", "hide now +request-to-remove", "delete now"]),
    (
        "medical-information",
        ["hide digest", "hide digest +signpost-medical", "hide digest", "hide digest", "hide digest +signpost-medical"],
    ),
    (
        "appointment-request",
        [
            "escalate digest",
            "hide digest +signpost-appointments",
            "escalate digest",
            "escalate digest",
            "hide digest +signpost-appointments",
        ],
    ),
    (
        "complaint",
        [
            "delete digest +complaint-pathway",
            "escalate digest",
            "delete digest +complaint-pathway",
            "escalate digest",
            "delete digest +complaint-pathway",
        ],
    ),
    (
        "defamation",
        [
            "delete now report +legal-advice",
            "delete now +legal-advice",
            "delete now report",
            "hide now +request-to-remove",
            "delete now report +legal-advice",
        ],
    ),
    ("harassment", ["delete now report", "delete now", "delete now report", "hide now", "delete now report"]),
    (
        "threat",
        ["delete now report", "delete now report", "delete now report", "delete now report", "delete now report"],
    ),
    (
        "obscenity",
        ["delete digest report", "delete digest", "delete digest report", "hide digest", "delete digest report"],
    ),
    ("hate", ["delete now report", "delete now", "delete now report", "delete now", "delete now report"]),
    ("safeguarding", ["escalate now", "escalate now", "escalate now", "escalate now", "escalate now"]),
    (
        "recording",
        [
            "escalate digest +removal-of-recording",
            "escalate digest",
            "escalate digest",
            "escalate digest",
            "escalate digest",
        ],
    ),
    (
        "fraud",
        [
            "delete digest report",
            "delete digest report",
            "delete digest report",
            "delete digest report",
            "delete digest report",
        ],
    ),
    (
        "misinformation",
        ["delete digest report", "escalate digest", "delete digest report", "escalate digest", "delete digest report"],
    ),
    ("staff-conduct", ["escalate digest", "escalate digest", "escalate digest", "escalate digest", "escalate digest"]),
    (
        "review",
        [
            "allow none",
            "escalate digest +signpost-review",
            "allow digest",
            "allow none",
            "escalate digest +signpost-review",
        ],
    ),
    ("question", ["allow digest", "allow digest", "allow digest", "allow digest", "allow digest"]),
];

/// Where a policy steps down to a person's decision as soon as there is doubt.
const ONLY_WHEN_SURE: [(&str, &str); 4] = [
    ("threeways-surgery", "complaint"),
    ("tarleton-group-practice", "misinformation"),
    ("bursted-wood-surgery", "misinformation"),
    ("threeways-surgery", "misinformation"),
];

/// Who must hear of it, where the policy names them.
const TOLD: [(&str, &str, &str); 13] = [
    ("tarleton-group-practice", "patient-identified", "Practice Manager"),
    ("cockhedge-medical-centre", "patient-identified", "Practice Manager"),
    ("bursted-wood-surgery", "patient-identified", "Community Engagement Team"),
    ("mayflower-medical-centre", "patient-identified", "Caldicott Guardian"),
    ("threeways-surgery", "patient-identified", "Practice Leadership Team"),
    ("tarleton-group-practice", "defamation", "Practice Manager"),
    ("bursted-wood-surgery", "defamation", "Managing Partner"),
    ("mayflower-medical-centre", "defamation", "Partners"),
    ("mayflower-medical-centre", "harassment", "Partners"),
    ("bursted-wood-surgery", "safeguarding", "Local Authority Safeguarding Team"),
    ("bursted-wood-surgery", "safeguarding", "GP Safeguarding Lead"),
    ("bursted-wood-surgery", "staff-conduct", "Managing Partner"),
    ("bursted-wood-surgery", "review", "Practice Manager"),
];

#[test]
fn every_policy_makes_of_every_category_what_the_practice_published() {
    let mut wrong = String::new();
    for (column, name) in POLICIES.into_iter().enumerate() {
        let policy = policy(name);
        for (category, columns) in TABLE {
            let rule = policy.rule(Category::from_id(category).expect("a category"));
            let report = if rule.report { " report" } else { "" };
            let draft = rule.draft.as_ref().map(|draft| format!(" +{draft}")).unwrap_or_default();
            let got = format!("{} {}{report}{draft}", rule.high.id(), rule.alert.id());
            if got != columns[column] {
                let _ = writeln!(wrong, "{name}, {category}: {got}, published: {}", columns[column]);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_table_speaks_of_every_category() {
    let table: BTreeSet<&str> = TABLE.into_iter().map(|(category, _)| category).collect();
    assert_eq!(table, Category::ALL.into_iter().map(Category::id).collect());
}

#[test]
fn doubt_goes_down_a_step_where_the_policy_wants_certainty() {
    for (name, category) in ONLY_WHEN_SURE {
        let policy = policy(name);
        let rule = policy.rule(Category::from_id(category).expect("a category"));
        let got = (rule.action(Certainty::High).id(), rule.action(Certainty::Medium).id());
        assert_eq!(got, ("delete", "escalate"), "{name}, {category}");
    }
}

#[test]
fn whom_a_policy_names_is_told() {
    for (name, category, who) in TOLD {
        let policy = policy(name);
        let rule = policy.rule(Category::from_id(category).expect("a category"));
        assert!(rule.tell.iter().any(|told| told == who), "{name}, {category}: {:?}, published: {who}", rule.tell);
    }
}

#[test]
fn every_rule_that_does_something_tells_somebody_and_cites_its_place() {
    for name in POLICIES {
        let policy = policy(name);
        for rule in policy.rules.iter().chain([&policy.picture]) {
            let what = rule.category.map_or("picture", Category::id);
            assert!(policy.clauses.values().any(|place| *place == rule.clause), "{name}, {what}: {}", rule.clause);
            assert!(rule.alert.id() == "none" || !rule.tell.is_empty(), "{name}, {what}: nobody is told");
            assert!(rule.why.ends_with('.'), "{name}, {what}: why is no sentence");
        }
    }
}

#[test]
fn every_clause_key_of_the_lexicons_stands_in_every_policy() {
    let lexicons = Lexicons::load(&at("lexicons")).unwrap_or_else(|list| panic!("{list:#?}"));
    assert!(!lexicons.entries.is_empty(), "no lexicon was read");
    for name in POLICIES {
        let policy = policy(name);
        for entry in &lexicons.entries {
            assert!(
                policy.clauses.contains_key(&entry.clause),
                "{name} has no clause {} of {}",
                entry.clause,
                entry.name
            );
        }
    }
}

/// A file of stories.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stories {
    case: Vec<Case>,
}

/// A comment, and what a practice does about it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    clause: String,
    text: String,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    categories: Vec<String>,
    action: String,
    alert: String,
    tell: Vec<String>,
    report: bool,
    draft: Option<String>,
}

#[test]
fn tarleton_group_practice_does_what_it_published() {
    check("tarleton-group-practice");
}

#[test]
fn cockhedge_medical_centre_does_what_it_published() {
    check("cockhedge-medical-centre");
}

#[test]
fn bursted_wood_surgery_does_what_it_published() {
    check("bursted-wood-surgery");
}

#[test]
fn mayflower_medical_centre_does_what_it_published() {
    check("mayflower-medical-centre");
}

#[test]
fn threeways_surgery_does_what_it_published() {
    check("threeways-surgery");
}

#[test]
fn every_file_of_stories_is_told_and_every_rule_has_a_story_that_cites_it() {
    let files: Vec<String> =
        files_under("tests/cases/policies").iter().map(|path| path.display().to_string()).collect();
    let mut want = POLICIES.map(|name| format!("tests/cases/policies/{name}.toml"));
    want.sort();
    assert_eq!(files, want);
    for name in POLICIES {
        let cited: BTreeSet<String> = stories(name).into_iter().map(|case| case.clause).collect();
        for rule in policy(name).rules {
            let what = rule.category.map_or("picture", Category::id);
            assert!(cited.contains(&rule.clause), "{name}: no story cites {what}: {}", rule.clause);
        }
    }
}

/// Tells every story of a practice, and then of all that ended otherwise.
#[track_caller]
fn check(name: &str) {
    let rules = rules(name);
    let (mut wrong, mut count, stories) = (String::new(), 0, stories(name));
    for case in &stories {
        let verdict = rules.judge(&comment(&case.text));
        let differences = differences(case, &verdict);
        if !differences.is_empty() {
            count += 1;
            let _ = writeln!(wrong, "\n“{}”\n    {}", case.text, differences.join("\n    "));
            for reason in &verdict.reasons {
                let finding = &reason.finding;
                let words = case.text.get(finding.span.clone()).unwrap_or_default();
                let _ =
                    writeln!(wrong, "    seen: {} “{words}” {} {}", finding.entry, finding.certainty, finding.how.id());
            }
        }
    }
    assert!(!stories.is_empty(), "{name} has no stories");
    assert!(wrong.is_empty(), "{name}: {count} of {} stories ended otherwise\n{wrong}", stories.len());
}

fn differences(case: &Case, verdict: &Verdict) -> Vec<String> {
    let expect = &case.expect;
    let mut list = Vec::new();
    let mut compare = |what: &str, want: String, got: String| {
        if want != got {
            list.push(format!("{what}: {got}, expected: {want}"));
        }
    };
    compare(
        "categories",
        sorted(&expect.categories),
        sorted(&verdict.categories.iter().map(|c| c.id()).collect::<Vec<_>>()),
    );
    compare("action", expect.action.clone(), verdict.action.id().to_owned());
    compare("alert", expect.alert.clone(), verdict.alert.id().to_owned());
    compare("tell", sorted(&expect.tell), sorted(&verdict.tell));
    compare("report", expect.report.to_string(), verdict.report.to_string());
    compare("drafts", sorted(expect.draft.as_slice()), sorted(&verdict.drafts));
    let cited = verdict.clauses();
    if !expect.categories.is_empty() && !cited.contains(&case.clause.as_str()) {
        list.push(format!("clauses: {}, expected among them: {}", cited.join(" | "), case.clause));
    }
    list
}

fn sorted<T: AsRef<str>>(list: &[T]) -> String {
    let mut list: Vec<&str> = list.iter().map(AsRef::as_ref).collect();
    list.sort_unstable();
    if list.is_empty() { "none".to_owned() } else { list.join(", ") }
}

fn stories(name: &str) -> Vec<Case> {
    let file = format!("tests/cases/policies/{name}.toml");
    let stories: Stories = toml::from_str(&read(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    stories.case
}

fn policy(name: &str) -> Policy {
    Policy::load(&at(format!("config/policies/{name}.toml"))).unwrap_or_else(|list| panic!("{list:#?}"))
}

/// The shipped rules, as the made-up practice of the stories would have them under this policy.
fn rules(name: &str) -> Rules {
    let config = Config::load_in(&at("config/demo.toml"), Needs::RULES, &Environment::new());
    let config = config.unwrap_or_else(|list| panic!("{list:#?}"));
    let mut files = Files::of(&config);
    files.staff = Some(at("lexicons/staff.example.csv"));
    files.policy = config.policies.file(name);
    Rules::unproved(&files).unwrap_or_else(|list| panic!("{list:#?}"))
}

fn comment(text: &str) -> Comment {
    Comment {
        id: CommentId::new("1"),
        post: PostId::new("1"),
        parent: None,
        kind: CommentKind::Comment,
        author: Author { id: Some(AuthorId::new("1")), name: None },
        by_page: false,
        created: None,
        text: CommentText::new(text.to_owned()),
        attachments: Vec::new(),
        hidden: false,
        can_hide: None,
        can_delete: None,
        permalink: None,
    }
}
