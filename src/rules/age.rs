//! How long each rule has been as it is. In: lexicons, policy, staff list. Out: a [`Mark`] for everything that a rule is
//! made of, and, once the store has said since when each was in force, the [`Ages`] that a batch is recorded with. Pure.
//! What counts is what a rule finds and what is done about it: examples, notes, cited clauses and who is told do not
//! make it another rule. Not here: remembering (the store's), and what is young (the brake's).
//!
//! Deliberately without an age: the parsers of identifiers and the matching itself, which change with the program and
//! its tests, and the staff list where a lexicon entry asks for `<staff>`, lest each new colleague make half of the
//! lexicons young. A person who is found by name is as old as their row of the staff list.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::clock::Timestamp;
use crate::lexicon::file::{Entry, Lexicons, Tally};
use crate::lexicon::phrase::{Builtin, Form, Node};
use crate::lexicon::staff::StaffList;
use crate::lexicon::{Category, Certainty};
use crate::policy::{Action, Policy, Reason, Rule};

/// The entry of a reason that comes of a picture without text, for which a policy has a rule of its own.
const PICTURE: &str = "picture/without-text";

/// A part of the rules, and what it says now.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// Which: a lexicon entry, a person of the staff list, the points of a category, a step of a policy's rule.
    pub name: String,
    /// Changes whenever it finds, or does, something else.
    pub print: [u8; 16],
}

/// Since when parts of the rules are as they are; what is not named was there from the beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ages {
    since: HashMap<String, Timestamp>,
}

/// Since when a reason could do what it asks for; `None` is from the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Since {
    /// Since when it hides.
    pub hides: Option<Timestamp>,
    /// Since when it deletes.
    pub deletes: Option<Timestamp>,
}

impl Ages {
    /// The ages that the store knows.
    pub fn of(since: impl IntoIterator<Item = (String, Timestamp)>) -> Self {
        Self { since: since.into_iter().collect() }
    }

    /// Since when what this reason rests on has been as it is: the youngest of its parts counts.
    pub fn since(&self, reason: &Reason) -> Since {
        let finding = &reason.finding;
        let rule = if &*finding.entry == PICTURE { "picture" } else { finding.category.id() };
        let certainty = if &*finding.entry == PICTURE { Certainty::High } else { finding.certainty };
        let known = |name: &str| self.since.get(name).copied();
        let found = known(&finding.entry).max(known(&points_name(finding.category)));
        let hides = found.max(known(&step_name(rule, certainty, Action::Hide)));
        Since { hides, deletes: hides.max(known(&step_name(rule, certainty, Action::Delete))) }
    }
}

/// Everything that rules are made of, by name.
pub(super) fn marks(lexicons: &Lexicons, policy: &Policy, staff: &StaffList, practice_names: &[String]) -> Vec<Mark> {
    let mut marks = BTreeMap::new();
    let named = Named::new(lexicons, practice_names);
    entry_marks(&named, &mut marks);
    points_marks(&named, &mut marks);
    staff_marks(staff, &mut marks);
    policy_marks(policy, &mut marks);
    marks.into_iter().map(|(name, said)| Mark { print: print(&said), name }).collect()
}

fn print(said: &str) -> [u8; 16] {
    let mut print = [0; 16];
    print.copy_from_slice(&Sha256::digest(said)[..16]);
    print
}

fn points_name(category: Category) -> String {
    format!("points {category}")
}

fn step_name(rule: &str, certainty: Certainty, action: Action) -> String {
    format!("policy {rule} {certainty} {}", action.id())
}

/// What entries name beside their own words.
struct Named<'a> {
    lexicons: &'a Lexicons,
    lists: BTreeMap<&'a str, [u8; 16]>,
    practice: &'a [String],
}

impl<'a> Named<'a> {
    fn new(lexicons: &'a Lexicons, practice: &'a [String]) -> Self {
        let list = |nodes: &[Node]| {
            let mut said = Said::default();
            said.each(nodes);
            said.spellings(lexicons);
            print(&said.text)
        };
        let lists = lexicons.lists.iter().map(|(name, nodes)| (name.as_str(), list(nodes))).collect();
        Self { lexicons, lists, practice }
    }

    /// A part with everything that it names.
    fn whole(&self, mut said: Said) -> String {
        said.spellings(self.lexicons);
        for list in &said.lists {
            let _ = write!(said.text, "list {list} {:?}", self.lists.get(list.as_str()));
        }
        if said.asks_for_practice {
            let _ = write!(said.text, "practice {:?}", self.practice);
        }
        said.text
    }
}

fn entry_marks(named: &Named<'_>, marks: &mut BTreeMap<String, String>) {
    for entry in &named.lexicons.entries {
        let mut said = Said::default();
        said.entry(entry);
        // An entry of points stands in a file of its own, and may have the name of another.
        marks.entry(entry.name.clone()).or_default().push_str(&named.whole(said));
    }
}

/// Points bear out, or refute, what the phrases of their whole category find.
fn points_marks(named: &Named<'_>, marks: &mut BTreeMap<String, String>) {
    for entry in &named.lexicons.entries {
        let Some(tally) = &entry.tally else { continue };
        let mut said = Said::default();
        said.tally(tally);
        marks.entry(points_name(entry.category)).or_default().push_str(&named.whole(said));
    }
}

fn staff_marks(staff: &StaffList, marks: &mut BTreeMap<String, String>) {
    for person in &staff.people {
        let said = marks.entry(format!("staff/{}", person.key())).or_default();
        let words = [&person.title, &person.forename, &person.surname, &person.role];
        let _ = write!(said, "{words:?}{:?}", person.aliases);
    }
}

/// A rule that deletes could always hide: each step has a mark of its own, so that a softened rule is an old one.
fn policy_marks(policy: &Policy, marks: &mut BTreeMap<String, String>) {
    let rules = policy.rules.iter().filter_map(|rule| Some((rule.category?.id(), rule)));
    for (name, rule) in rules.chain([("picture", &policy.picture)]) {
        for certainty in [Certainty::Low, Certainty::Medium, Certainty::High] {
            for action in [Action::Hide, Action::Delete] {
                if rule.action(certainty) >= action {
                    marks.insert(step_name(name, certainty, action), let_pass(policy, rule));
                }
            }
        }
    }
}

/// What the policy lets pass of this rule: with fewer exceptions it does more. (More of them make it young as well,
/// because nobody compares them: that costs a week of care.)
fn let_pass(policy: &Policy, rule: &Rule) -> String {
    let exceptions = &policy.exceptions;
    if !rule.category.is_some_and(|category| exceptions.categories.contains(&category)) {
        return String::new();
    }
    let mut said = Said::default();
    said.each(&exceptions.phrases);
    format!("{}{:?}", said.text, exceptions.authors)
}

/// What a rule says, written so that two that say the same are written the same.
#[derive(Default)]
struct Said {
    text: String,
    words: BTreeSet<String>,
    stems: BTreeSet<String>,
    lists: BTreeSet<String>,
    asks_for_practice: bool,
}

impl Said {
    fn entry(&mut self, entry: &Entry) {
        let (negation, quotation) = (entry.negation_cancels, entry.quotation_cancels);
        let _ = write!(self.text, "{} {} {negation} {quotation}", entry.category, entry.certainty);
        for (part, nodes) in [("phrases", &entry.phrases), ("unless", &entry.unless), ("with", &entry.with)] {
            self.text.push_str(part);
            self.each(nodes);
        }
    }

    fn tally(&mut self, tally: &Tally) {
        let proof = tally.proof;
        let _ = write!(
            self.text,
            "needs {} {:?} {:?} {:?} {:?}",
            tally.needs, proof.phrase, proof.medium, proof.high, proof.refutes
        );
        for (worth, node) in &tally.points {
            let _ = write!(self.text, "{worth}");
            self.node(node);
        }
    }

    fn node(&mut self, node: &Node) {
        self.text.push('(');
        match node {
            Node::Word(forms) => forms.iter().for_each(|form| self.form(form)),
            Node::Seq(nodes) => self.nodes('+', nodes),
            Node::Alt(nodes) => self.nodes('|', nodes),
            Node::Opt(node) => {
                self.text.push('?');
                self.node(node);
            }
            Node::Gap(words) => {
                let _ = write!(self.text, "..{words}");
            }
            Node::List(list) => {
                let _ = write!(self.text, "<{list}>");
                self.lists.insert(list.clone());
            }
            Node::Builtin(builtin) => {
                self.asks_for_practice |= *builtin == Builtin::Practice;
                let _ = write!(self.text, "<<{}>>", builtin.name());
            }
            Node::Start => self.text.push('^'),
            Node::End => self.text.push('$'),
            Node::Asked(asked) => self.text.push(if *asked { '¿' } else { '¡' }),
        }
        self.text.push(')');
    }

    fn nodes(&mut self, sign: char, nodes: &[Node]) {
        self.text.push(sign);
        self.each(nodes);
    }

    fn each(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.node(node);
        }
    }

    fn form(&mut self, form: &Form) {
        let _ = write!(self.text, "{}{} ", form.text, if form.prefix { "*" } else { "" });
        if form.prefix { &mut self.stems } else { &mut self.words }.insert(form.text.clone());
    }

    /// The other spellings of the words that were written: they find more.
    fn spellings(&mut self, lexicons: &Lexicons) {
        for (spelling, word) in &lexicons.spellings {
            if self.words.contains(word) || self.stems.iter().any(|stem| word.starts_with(stem)) {
                let _ = write!(self.text, "spelt {spelling} {word}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::matcher::{Finding, How};

    const FILE: &str = "category = \"complaint\"\nclause = \"complaints\"\n[[entry]]\nid = \"worst\"\n\
        phrases = [\"worst <desk>\", \"ur* useless\", \"hopeless (surgery|<practice>)\"]\nhits = [\"worst desk\"]\n\
        [[entry]]\nid = \"other\"\nphrases = [\"never again\"]\nhits = [\"never again\"]\n";
    const LIST: &str = "phrases = [\"desk\", \"counter\"]\n";
    const SPELLINGS: &str = "wurst = \"worst\"\n";
    const POINTS: &str = "category = \"complaint\"\nclause = \"complaints\"\n[[entry]]\nid = \"points\"\nneeds = 8\n\
        hits = [\"x\"]\npoints.3 = [\"queue <desk>\"]\n";

    /// The lexicons after the words of one file were changed.
    fn lexicons(change: (&str, &str)) -> Lexicons {
        let dir = tempfile::tempdir().expect("a directory");
        for (name, text) in [
            ("en/complaint.toml", FILE),
            ("lists/desk.toml", LIST),
            ("spellings.toml", SPELLINGS),
            ("points/complaint.toml", POINTS),
        ] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, text.replace(change.0, change.1)).expect("written");
        }
        Lexicons::load(dir.path()).expect("lexicons")
    }

    fn policy() -> Policy {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/policies/bursted-wood-surgery.toml");
        Policy::load(&path).expect("a policy")
    }

    fn changed(old: &[Mark], new: &[Mark]) -> Vec<String> {
        new.iter().filter(|mark| !old.contains(mark)).map(|mark| mark.name.clone()).collect()
    }

    /// Which marks are new once a file of the lexicons says something else.
    #[track_caller]
    fn check(change: (&str, &str), want: &[&str]) {
        let marks =
            |lexicons| super::marks(&lexicons, &policy(), &StaffList::default(), &["Elmfield Surgery".to_owned()]);
        let (old, new) = (marks(lexicons(("", ""))), marks(lexicons(change)));
        assert_eq!(changed(&old, &new), want, "{change:?}");
    }

    #[test]
    fn an_entry_is_another_once_it_finds_something_else() {
        check(("never again", "never ever"), &["complaint/other"]);
        check(("id = \"other\"", "id = \"other\"\nunless = [\"to worry\"]"), &["complaint/other"]);
        check(("id = \"other\"", "id = \"other\"\ncertainty = \"medium\""), &["complaint/other"]);
        check(("id = \"other\"", "id = \"fresh\""), &["complaint/fresh"]);
        check(("counter", "window"), &["complaint/worst", "points complaint"]);
        check(("wurst", "wrst"), &["complaint/worst"]);
        check(("points.3", "points.4"), &["points complaint"]);
    }

    #[test]
    fn examples_notes_and_cited_clauses_make_no_other_entry() {
        check(("hits = [\"never again\"]", "hits = [\"never again\"]\nmisses = [\"once more\"]\nnote = \"ours\""), &[]);
        check(("clause = \"complaints\"", "clause = \"other\""), &[]);
    }

    #[test]
    fn an_entry_that_asks_for_the_practice_is_another_when_the_practice_has_another_name() {
        let marks =
            |name: &str| super::marks(&lexicons(("", "")), &policy(), &StaffList::default(), &[name.to_owned()]);
        assert_eq!(changed(&marks("Elmfield"), &marks("The")), ["complaint/worst"]);
    }

    #[test]
    fn a_person_is_another_when_their_row_is() {
        let marks = |csv: &str| {
            let staff = StaffList::parse(csv.as_bytes(), std::path::Path::new("staff.csv")).expect("a list");
            super::marks(&Lexicons::default(), &policy(), &staff, &[])
        };
        let head = "title,forename,surname,role,aliases\nDr,Rakesh,Patel,GP,\n";
        assert_eq!(changed(&marks(head), &marks(&format!("{head}Nurse,Ann,Best,,Bestie\n"))), ["staff/nurse-ann-best"]);
        assert_eq!(changed(&marks(head), &marks(&head.replace("GP,", "GP,Raki"))), ["staff/dr-rakesh-patel"]);
        assert_eq!(changed(&marks(head), &marks(&head.replace(",,", ", ,"))), [""; 0]);
    }

    #[test]
    fn a_rule_that_does_more_is_new_in_what_it_does_more_and_one_that_does_less_is_not() {
        let rule = |policy: &Policy, action| {
            let mut policy = policy.clone();
            for rule in policy.rules.iter_mut().filter(|rule| rule.category == Some(Category::Question)) {
                (rule.high, rule.medium, rule.low) = (action, Action::Allow, Action::Allow);
            }
            super::marks(&Lexicons::default(), &policy, &StaffList::default(), &[])
        };
        let policy = policy();
        let (allows, hides, deletes) =
            (rule(&policy, Action::Allow), rule(&policy, Action::Hide), rule(&policy, Action::Delete));
        assert_eq!(changed(&allows, &hides), ["policy question high hide"]);
        assert_eq!(changed(&hides, &deletes), ["policy question high delete"]);
        assert_eq!(changed(&deletes, &hides), [""; 0]);
    }

    #[test]
    fn an_exception_that_is_taken_away_makes_what_it_let_pass_young() {
        let with = |phrases: &[&str]| {
            let mut policy = policy();
            policy.exceptions.categories = vec![Category::Complaint];
            policy.exceptions.phrases =
                phrases.iter().map(|phrase| crate::lexicon::phrase::parse(phrase).expect("a phrase")).collect();
            super::marks(&Lexicons::default(), &policy, &StaffList::default(), &[])
        };
        let changed = changed(&with(&["sign our petition"]), &with(&[]));
        assert!(!changed.is_empty() && changed.iter().all(|name| name.starts_with("policy complaint ")), "{changed:?}");
    }

    #[test]
    fn a_reason_is_as_young_as_the_youngest_thing_it_rests_on() {
        let day = |day: i8| jiff::civil::date(2026, 11, day).in_tz("UTC").expect("a day").timestamp();
        let finding = Finding {
            category: Category::Complaint,
            entry: "complaint/worst".into(),
            span: 0..1,
            certainty: Certainty::High,
            how: How::Exact,
            clause: None,
        };
        let reason = Reason {
            finding,
            action: Action::Delete,
            alert: crate::policy::Alert::Digest,
            clause: String::new(),
            note: None,
        };
        let check = |ages: &[(&str, i8)], hides: Option<i8>, deletes: Option<i8>| {
            let ages = Ages::of(ages.iter().map(|(name, since)| ((*name).to_owned(), day(*since))));
            let want = Since { hides: hides.map(day), deletes: deletes.map(day) };
            assert_eq!(ages.since(&reason), want, "{ages:?}");
        };
        check(&[], None, None);
        check(&[("complaint/other", 3), ("policy complaint low hide", 3)], None, None);
        check(&[("complaint/worst", 3)], Some(3), Some(3));
        check(&[("complaint/worst", 3), ("points complaint", 5)], Some(5), Some(5));
        check(&[("complaint/worst", 3), ("policy complaint high delete", 9)], Some(3), Some(9));
        check(&[("policy complaint high hide", 4), ("complaint/worst", 3)], Some(4), Some(4));
    }
}
