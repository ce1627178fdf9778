//! What in a lexicon looks wrong although it is written correctly: phrases that are too broad, entries that others make
//! needless, the same phrase twice, clashes with the names of staff and places, entries that never find anything. In:
//! lexicons, the staff list, and what came of the entries where there is a store. Out: findings with file, line and what
//! to do. Not here: mistakes (reading tells those), and examples that fail (`lexicon check`).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::common::expected;
use crate::clock::{SignedDuration, Timestamp};
use crate::lexicon::complaint::Complaint;
use crate::lexicon::file::{Entry, Lexicons};
use crate::lexicon::phrase::Node;
use crate::lexicon::staff::{StaffList, StaffMember};
use crate::lexicon::{Category, Certainty};
use crate::matcher::{Finding, Matcher, Practice};
use crate::store::past::Record;

/// Something that looks wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lint {
    /// Of which kind.
    pub kind: Kind,
    /// The entry.
    pub entry: String,
    /// Where, what, and what to do.
    pub complaint: Complaint,
}

/// What can look wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It will find something in many harmless comments.
    TooBroad,
    /// Another entry finds all that it finds, and as surely.
    Shadowed,
    /// The same phrase stands there twice, or in two entries of a category that do the same.
    Duplicate,
    /// It takes the name of a member of staff for something else.
    StaffName,
    /// It takes the name of a place for something else.
    PlaceName,
    /// It has found nothing for a long time.
    NeverFires,
}

impl Kind {
    /// The name in JSON and on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::TooBroad => "too-broad",
            Self::Shadowed => "shadowed",
            Self::Duplicate => "duplicate",
            Self::StaffName => "staff-name",
            Self::PlaceName => "place-name",
            Self::NeverFires => "never-fires",
        }
    }
}

/// What a store says of the entries.
#[derive(Clone, Debug, Default)]
pub struct Experience {
    /// What came of those that found something.
    pub records: Vec<Record>,
    /// Since when the entries are as they are; those that are not named were there from the beginning.
    pub since: BTreeMap<String, Timestamp>,
    /// When the watch began.
    pub watched: Option<Timestamp>,
    /// How many verdicts there are.
    pub verdicts: u64,
    /// What time it is.
    pub now: Timestamp,
}

/// An entry that is at least of medium certainty may be expected in no more harmless comments than this.
const MOST_EXPECTED: f64 = 0.02;

/// Nothing is said of an entry that never found anything before so many comments were judged …
const ENOUGH_VERDICTS: u64 = 10_000;
/// … and before it has been as it is for so many days.
const ENOUGH_DAYS: i64 = 180;

/// An entry with fewer examples cannot be said to be shadowed.
const ENOUGH_HITS: usize = 4;

/// Places whose names hold what is none, and towns that many people live near; all of them are in Great Britain.
const PLACES: &str = "Scunthorpe|Penistone|Clitheroe|Lightwater|Cockermouth|Cockfosters|Middlesex|Essex|Sussex|\
    Wetwang|Pratts Bottom|Upperthong|Bitchfield|Crapstone|Great Cockup|Brown Willy|Nob End|Titty Hill|Sandy Balls|\
    Dorking|Hooker Road|Shitterton|Happy Bottom|Slackbottom|Ugley|Nasty|Matching Tye|Loose|Barking|Slough|Staines|\
    Grimsby|Blackpool|Blackburn|Killamarsh|Bury|Battle|Deal|Hope|Hell Bay|Gravesend|Deadwater|Great Snoring|Sandwich|\
    Mold|Flint|Rhyl|Barry|Ham|Tooting|Balls Pond Road|Cumnock|Penge|Fingringhoe|Wyre Piddle|Piddletrenthide|Cockshutt";

/// Everything that looks wrong, in the order of the files. The practice's own name and staff are those that entries ask
/// for.
pub fn lint(lexicons: &Lexicons, staff: &StaffList, practice: &Practice, known: Option<&Experience>) -> Vec<Lint> {
    let matcher = Matcher::compile(lexicons, staff, practice, &[]);
    let mut desk = Desk { lexicons, matcher: &matcher, found: Vec::new() };
    desk.too_broad();
    desk.duplicates();
    desk.shadowed();
    desk.staff_names(staff);
    desk.place_names();
    if let Some(known) = known {
        desk.never_fires(known);
    }
    let mut found = desk.found;
    found.sort_by(|one, other| {
        let place = |lint: &Lint| (lint.complaint.file.clone(), lint.complaint.line, lint.kind);
        place(one).cmp(&place(other))
    });
    found.dedup();
    found
}

struct Desk<'l> {
    lexicons: &'l Lexicons,
    matcher: &'l Matcher,
    found: Vec<Lint>,
}

impl Desk<'_> {
    fn say(&mut self, kind: Kind, entry: &Entry, what: String, help: &str) {
        let source = &self.lexicons.files[entry.file];
        let complaint = Complaint::new(what).in_file(&source.path).at(&source.text, entry.span.clone()).help(help);
        self.found.push(Lint { kind, entry: entry.name.clone(), complaint });
    }

    fn too_broad(&mut self) {
        let lexicons = self.lexicons;
        for entry in lexicons.entries.iter().filter(|entry| is_grave(entry) && entry.with.is_empty()) {
            let each = entry.phrases.iter().map(|node| (expected(node, lexicons), node));
            let broad = each.filter(|(share, _)| *share > MOST_EXPECTED);
            if let Some((share, node)) = broad.max_by(|one, other| one.0.total_cmp(&other.0)) {
                let what = format!(
                    "`{}` looks for “{}”, which may stand in {:.0} of 100 harmless comments",
                    entry.name,
                    written(node),
                    share * 100.0
                );
                let help = "put a rarer word beside it, ask for company with `with`, or make its certainty low";
                self.say(Kind::TooBroad, entry, what, help);
            }
        }
    }

    fn duplicates(&mut self) {
        let lexicons = self.lexicons;
        let mut seen: BTreeMap<(Category, String), &Entry> = BTreeMap::new();
        for entry in &lexicons.entries {
            let mut own = BTreeSet::new();
            for node in &entry.phrases {
                let text = written(node);
                if !own.insert(text.clone()) {
                    let what = format!("`{}` has the phrase “{text}” twice", entry.name);
                    self.say(Kind::Duplicate, entry, what, "delete one of the two");
                    continue;
                }
                match seen.get(&(entry.category, text.clone())) {
                    Some(other) if other.name != entry.name && same_effect(other, entry) => {
                        let what = format!("`{}` has the phrase “{text}”, which `{}` has too", entry.name, other.name);
                        self.say(Kind::Duplicate, entry, what, "keep it in one of the two");
                    }
                    Some(_) => {}
                    None => drop(seen.insert((entry.category, text), entry)),
                }
            }
        }
    }

    /// What it is to find, another finds in the same place, and as surely.
    fn shadowed(&mut self) {
        let lexicons = self.lexicons;
        let by_name: BTreeMap<&str, &Entry> =
            lexicons.entries.iter().map(|entry| (entry.name.as_str(), entry)).collect();
        for entry in
            lexicons.entries.iter().filter(|entry| !entry.phrases.is_empty() && entry.hits.len() >= ENOUGH_HITS)
        {
            let mut by_all: Option<BTreeSet<String>> = None;
            for hit in &entry.hits {
                let found = self.matcher.found(&hit.text);
                let own: Vec<&Finding> = found.iter().filter(|finding| *finding.entry == *entry.name).collect();
                let covers = |other: &&Finding| {
                    other.category == entry.category
                        && *other.entry != *entry.name
                        && other.certainty >= entry.certainty
                        && own.iter().all(|own| other.span.start <= own.span.start && own.span.end <= other.span.end)
                };
                let here: BTreeSet<String> = found.iter().filter(covers).map(|other| other.entry.to_string()).collect();
                by_all = Some(match by_all {
                    Some(before) => before.intersection(&here).cloned().collect(),
                    None => here,
                });
                if by_all.as_ref().is_some_and(BTreeSet::is_empty) {
                    break;
                }
            }
            let Some(other) = by_all.iter().flatten().find_map(|name| by_name.get(name.as_str())) else { continue };
            let what =
                format!("all that `{}` is to find, `{}` finds as surely in the same place", entry.name, other.name);
            let help = "delete this entry, or add hits that only this one finds";
            self.say(Kind::Shadowed, entry, what, help);
        }
    }

    fn staff_names(&mut self, staff: &StaffList) {
        for person in &staff.people {
            for called in ways_to_call(person) {
                self.clash(Kind::StaffName, &format!("Saw {called} today"), &called, || {
                    (format!("the name of {}", person.key()), "add the name to `unless` of this entry".to_owned())
                });
            }
        }
    }

    fn place_names(&mut self) {
        for place in PLACES.split('|') {
            self.clash(Kind::PlaceName, &format!("We live near {place} now"), place, || {
                (format!("the place “{place}”"), "add the place to `unless` of this entry".to_owned())
            });
        }
    }

    /// An entry that finds something else in a name.
    fn clash(&mut self, kind: Kind, text: &str, name: &str, of: impl Fn() -> (String, String)) {
        let Some(start) = text.find(name) else { return };
        let place = start..start + name.len();
        for finding in self.matcher.found(text) {
            let names = matches!(finding.category, Category::StaffIdentified | Category::PatientIdentified);
            // Points were learnt with the example staff list, and mean little by one word.
            let inside = place.start <= finding.span.start && finding.span.end <= place.end;
            let mut entries = self.lexicons.entries.iter().filter(|entry| !entry.phrases.is_empty());
            let entry = entries.find(|entry| *entry.name == *finding.entry);
            if let (false, true, Some(entry)) = (names, inside, entry) {
                let (what, help) = of();
                let what = format!("`{}` finds “{}” in {what}", entry.name, &text[finding.span.clone()]);
                self.say(kind, entry, what, &help);
            }
        }
    }

    fn never_fires(&mut self, known: &Experience) {
        let lexicons = self.lexicons;
        let old = |since: Option<Timestamp>| {
            since.is_some_and(|since| known.now.duration_since(since) >= SignedDuration::from_hours(24 * ENOUGH_DAYS))
        };
        if known.verdicts < ENOUGH_VERDICTS || !old(known.watched) {
            return;
        }
        for entry in lexicons.entries.iter().filter(|entry| !entry.phrases.is_empty()) {
            let since = known.since.get(&entry.name).copied().or(known.watched);
            if old(since) && !known.records.iter().any(|record| record.entry == entry.name) {
                let what = format!(
                    "`{}` has found nothing in {} comments, and has been as it is for {ENOUGH_DAYS} days and more",
                    entry.name, known.verdicts
                );
                self.say(Kind::NeverFires, entry, what, "look whether people write so; if not, delete it");
            }
        }
    }
}

/// It does something on its own word.
fn is_grave(entry: &Entry) -> bool {
    entry.certainty >= Certainty::Medium
        && !matches!(
            entry.category,
            Category::Review | Category::Question | Category::AppointmentRequest | Category::MedicalInformation
        )
}

fn same_effect(one: &Entry, other: &Entry) -> bool {
    let effect =
        |entry: &Entry| (entry.certainty, entry.clause.clone(), entry.with.is_empty(), entry.unless.is_empty());
    effect(one) == effect(other) && one.with == other.with && one.unless == other.unless
}

fn ways_to_call(person: &StaffMember) -> Vec<String> {
    let StaffMember { title, forename, surname, aliases, .. } = person;
    let pairs = [(title.as_str(), surname.as_str()), (forename.as_str(), surname.as_str())];
    let pairs = pairs.into_iter().filter(|(one, other)| !one.is_empty() && !other.is_empty());
    pairs.map(|(one, other)| format!("{one} {other}")).chain(aliases.iter().cloned()).collect()
}

/// A phrase much as somebody would write it in a file.
pub(super) fn written(node: &Node) -> String {
    let all = |nodes: &[Node], between: &str| nodes.iter().map(written).collect::<Vec<_>>().join(between);
    match node {
        Node::Word(forms) => {
            let words: Vec<String> =
                forms.iter().map(|form| format!("{}{}", form.text, if form.prefix { "*" } else { "" })).collect();
            if words.len() == 1 { words.concat() } else { format!("({})", words.join("|")) }
        }
        Node::Seq(nodes) => all(nodes, " "),
        Node::Alt(nodes) => format!("({})", all(nodes, "|")),
        Node::Opt(node) => format!("[{}]", written(node)),
        Node::Gap(4) => "..".to_owned(),
        Node::Gap(words) => format!("..{words}"),
        Node::List(name) => format!("<{name}>"),
        Node::Builtin(builtin) => format!("<{}>", builtin.name()),
        Node::Start => "^".to_owned(),
        Node::End => "$".to_owned(),
        Node::Asked(true) => "?".to_owned(),
        Node::Asked(false) => "!?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::at;
    use crate::tuning::testing::Desk as Bench;

    fn told(complaints: &str, known: Option<&Experience>) -> Vec<String> {
        let desk = Bench::new(complaints);
        let (staff, _) = crate::rules::load_staff(Some(&desk.at("staff.csv"))).expect("a staff list");
        let lint = lint(&desk.lexicons(), &staff, &Practice::default(), known);
        lint.iter()
            .map(|lint| format!("{}:{}: {}", lint.kind.id(), lint.complaint.line.unwrap_or(0), lint.complaint.what))
            .collect()
    }

    #[test]
    fn each_kind_of_what_looks_wrong_is_told_with_its_line() {
        let entry = |id: &str, rest: &str| format!("[[entry]]\nid = \"{id}\"\nhits = [\"x\"]\n{rest}\n");
        let shadow = "[[entry]]\nid = \"a\"\nphrases = [\"gormless\"]\n\
            hits = [\"gormless surgery\", \"a gormless place\", \"gormless lot\", \"so gormless\"]\n\
            [[entry]]\nid = \"b\"\nphrases = [\"gormless [surgery]\"]\nhits = [\"x\"]\nunless = [\"y\"]\n";
        let all = [
            entry("a", "phrases = [\"the\", \"gormless\"]"),
            entry("a", "phrases = [\"gormless\", \"gormless\"]"),
            entry("a", "phrases = [\"gormless\"]") + &entry("b", "phrases = [\"gormless\"]"),
            entry("a", "phrases = [\"best\"]\ncertainty = \"low\""),
            entry("a", "phrases = [\"penistone\"]"),
            shadow.to_owned(),
        ];
        let all: Vec<String> = all.iter().flat_map(|complaints| told(complaints, None)).collect();
        insta::assert_snapshot!(all.join("\n"), @r"
        too-broad:4: `complaint/a` looks for “the”, which may stand in 57 of 100 harmless comments
        duplicate:4: `complaint/a` has the phrase “gormless” twice
        duplicate:8: `complaint/b` has the phrase “gormless”, which `complaint/a` has too
        staff-name:4: `complaint/a` finds “Best” in the name of mrs-ann-best
        place-name:4: `complaint/a` finds “Penistone” in the place “Penistone”
        shadowed:4: all that `complaint/a` is to find, `complaint/b` finds as surely in the same place
        ");
    }

    #[test]
    fn an_entry_that_finds_nothing_is_told_once_it_had_time_enough() {
        let complaints = "[[entry]]\nid = \"a\"\nphrases = [\"gormless\"]\nhits = [\"gormless\"]\n";
        let day = 24 * 60;
        let known = |days: i64, verdicts| Experience {
            watched: Some(at(0)),
            verdicts,
            now: at(days * day),
            ..Experience::default()
        };
        assert_eq!(told(complaints, Some(&known(200, 20_000))).len(), 1);
        assert_eq!(told(complaints, Some(&known(100, 20_000))).len(), 0);
        assert_eq!(told(complaints, Some(&known(200, 2_000))).len(), 0);
        let young = Experience { since: [("complaint/a".to_owned(), at(150 * day))].into(), ..known(200, 20_000) };
        assert_eq!(told(complaints, Some(&young)).len(), 0);
    }

    #[test]
    fn nothing_looks_wrong_in_the_shipped_lexicons() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("lexicons");
        let lexicons = Lexicons::load(&root).expect("the shipped lexicons");
        let (staff, _) = crate::rules::load_staff(Some(&root.join("staff.example.csv"))).expect("a staff list");
        let told: Vec<String> = lint(&lexicons, &staff, &Practice::default(), None)
            .iter()
            .map(|lint| format!("{} {}", lint.kind.id(), lint.complaint))
            .collect();
        assert!(told.is_empty(), "\n{}", told.join("\n"));
    }
}
