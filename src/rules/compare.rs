//! Two sets of rules side by side: those in force and those that somebody proposes. In: comments. Out: those of them that
//! the two decide differently, each with both verdicts. Comments in which both find the same for certain are not judged
//! (`matcher::sieve`), so that a whole history takes a second.
//! Not here: where the comments come from, and what people make of the differences (`tuning`).

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use super::apart::{Failure, Running};
use super::{Files, Read, Rules};
use crate::comment::{Attachment, Author, AuthorId, Comment, CommentText};
use crate::lexicon::complaint::Complaint;
use crate::lexicon::{Category, Certainty};
use crate::matcher::{Extent, Sieve};
use crate::policy::{Action, Alert, Reason, Verdict};

/// A comment, as far as judging it again needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// What it says.
    pub text: CommentText,
    /// What it carries beside the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Who wrote it, for whom a policy may have exceptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<AuthorId>,
}

impl Tried {
    fn comment(&self) -> Comment {
        let author = Author { id: self.author.clone(), name: None };
        Comment { author, attachments: self.attachments.clone(), ..Comment::of_text(self.text.expose()) }
    }
}

/// A comment that the two sets decide differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Its place among those that were asked about.
    pub at: usize,
    /// What the rules in force make of it; none where judging it broke our own code.
    pub before: Option<Verdict>,
    /// What the proposed rules make of it; the same.
    pub after: Option<Verdict>,
}

/// What is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Version of the rules in force.
    pub before: String,
    /// Version of the proposed rules.
    pub after: String,
    /// What people call the proposed rules' policy.
    pub policy: String,
    /// How far the two differ.
    pub extent: Extent,
    /// A policy has exceptions for authors, so that a comment's author counts.
    pub authors: bool,
    /// What looks odd in the proposed rules and does no harm.
    pub warnings: Vec<Complaint>,
}

/// What came of comparing some comments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differences {
    /// Those that are decided differently, in their order.
    pub changed: Vec<Changed>,
    /// How many had to be judged to know that; the others cannot differ.
    pub judged: usize,
}

/// Two sets of rules that comments are judged by, wherever that is done.
#[derive(Debug)]
pub struct Comparison {
    terms: Terms,
    seat: Seat,
}

#[derive(Debug)]
enum Seat {
    Here(Box<Pair>),
    Apart(Box<Running>),
}

impl Comparison {
    pub(super) fn here(pair: Pair) -> Self {
        Self { terms: pair.terms.clone(), seat: Seat::Here(Box::new(pair)) }
    }

    pub(super) fn apart(terms: Terms, running: Running) -> Self {
        Self { terms, seat: Seat::Apart(Box::new(running)) }
    }

    /// What is compared, and how far it differs.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Compares what the two sets make of some comments. After a failure nothing more can be asked.
    pub async fn ask(&mut self, comments: &[Tried]) -> Result<Differences, Failure> {
        match &mut self.seat {
            Seat::Here(pair) => Ok(pair.compare(comments)),
            Seat::Apart(running) => running.compare(comments).await,
        }
    }
}

/// Two sets of rules, compiled.
#[derive(Debug)]
pub(super) struct Pair {
    before: Rules,
    after: Rules,
    /// `None`: everything is judged.
    sieve: Option<Sieve>,
    terms: Terms,
}

impl Pair {
    /// Reads both; of the proposed ones every example is run, and their mistakes come first.
    pub(super) fn load(in_force: &Files, proposed: &Files) -> Result<Self, Vec<Complaint>> {
        let after = Read::proved(proposed)?;
        let before = Read::unproved(in_force)?;
        let mut beside = Vec::new();
        let mut note = |differs: bool, what: &str| {
            if differs {
                beside.push(what.to_owned());
            }
        };
        note(before.staff != after.staff, "staff list");
        note(told(&before.rules.policy) != told(&after.rules.policy), "policy");
        note(told(&in_force.practice) != told(&proposed.practice), "what the practice says of itself");
        let (old, new) = ((&before.lexicons, &before.rules.matcher), (&after.lexicons, &after.rules.matcher));
        let (sieve, mut extent) = Sieve::between(old, new, &proposed.practice);
        extent.everything.extend(beside.iter().map(|what| format!("another {what} can change any comment's verdict")));
        extent.changed.extend(beside);
        let terms = Terms {
            before: before.rules.version.clone(),
            after: after.rules.version.clone(),
            policy: after.rules.policy.title.clone(),
            extent,
            authors: [&before, &after].iter().any(|read| !read.rules.policy.exceptions.authors.is_empty()),
            warnings: after.rules.warnings.clone(),
        };
        let sieve = terms.extent.everything.is_empty().then_some(sieve);
        Ok(Self { before: before.rules, after: after.rules, sieve, terms })
    }

    /// What the two sets decide differently among some comments.
    pub(super) fn compare(&mut self, comments: &[Tried]) -> Differences {
        let mut differences = Differences::default();
        if self.terms.extent.is_none() {
            return differences;
        }
        for (at, tried) in comments.iter().enumerate() {
            if !self.may_differ(tried) {
                continue;
            }
            differences.judged += 1;
            let comment = tried.comment();
            // A comment that breaks our own code must not take the others with it.
            let verdict = |rules: &Rules| catch_unwind(AssertUnwindSafe(|| rules.judge(&comment))).ok();
            let (before, after) = (verdict(&self.before), verdict(&self.after));
            if before.as_ref().map(gist) != after.as_ref().map(gist) {
                differences.changed.push(Changed { at, before, after });
            }
        }
        differences
    }

    fn may_differ(&mut self, tried: &Tried) -> bool {
        let Some(sieve) = &mut self.sieve else { return true };
        let differ = || sieve.lets_through(&self.before.matcher, &self.after.matcher, tried.text.expose());
        catch_unwind(AssertUnwindSafe(differ)).unwrap_or(true)
    }

    pub(super) fn terms(&self) -> &Terms {
        &self.terms
    }
}

fn told(what: &impl std::fmt::Debug) -> String {
    format!("{what:?}")
}

/// What of a verdict people would call another one: what is done, why, by which entries and clauses, and who hears of it.
/// Where exactly something stands, and how it was recognised, is not.
type Gist<'v> = (Action, Alert, &'v [String], bool, &'v [String], &'v [Category], Vec<Ground<'v>>);
type Ground<'v> = (&'v str, Category, Certainty, Action, Alert, &'v str);

/// Whether people would call these two verdicts different.
pub fn differ(one: &Verdict, other: &Verdict) -> bool {
    gist(one) != gist(other)
}

fn gist(verdict: &Verdict) -> Gist<'_> {
    let mut grounds: Vec<Ground<'_>> = verdict.reasons.iter().map(ground).collect();
    grounds.sort_unstable();
    grounds.dedup();
    let Verdict { action, alert, tell, report, drafts, categories, .. } = verdict;
    (*action, *alert, tell, *report, drafts, categories, grounds)
}

fn ground(reason: &Reason) -> Ground<'_> {
    let Reason { finding, action, alert, clause, .. } = reason;
    (&finding.entry, finding.category, finding.certainty, *action, *alert, clause)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use tempfile::TempDir;

    use super::*;
    use crate::matcher::Practice;

    /// A copy of the shipped rules, to be edited.
    struct Place {
        dir: TempDir,
    }

    fn shipped(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
    }

    impl Place {
        fn new() -> Self {
            let place = Self { dir: tempfile::tempdir().expect("a folder") };
            for folder in ["en", "lists", "points", "."] {
                let from = shipped("lexicons").join(folder);
                fs::create_dir_all(place.files().lexicons.join(folder)).expect("made");
                for entry in fs::read_dir(from).expect("a folder").flatten().filter(|entry| entry.path().is_file()) {
                    fs::copy(entry.path(), place.files().lexicons.join(folder).join(entry.file_name()))
                        .expect("copied");
                }
            }
            place
        }

        fn files(&self) -> Files {
            Files {
                lexicons: self.dir.path().join("lexicons"),
                policy: shipped("config/policies/bursted-wood-surgery.toml"),
                staff: Some(shipped("lexicons/staff.example.csv")),
                ..Files::default()
            }
        }

        /// Replaces the first place where `from` stands.
        #[track_caller]
        fn edit(&self, file: &str, from: &str, to: &str) {
            let path = self.files().lexicons.join(file);
            let text = fs::read_to_string(&path).expect("a file");
            assert!(text.contains(from), "{file} has no {from}");
            fs::write(&path, text.replacen(from, to, 1)).expect("written");
        }
    }

    fn comments(every: usize) -> Vec<Tried> {
        let mut rows = Vec::new();
        for folder in ["learnt", "fresh", "held-out"] {
            let mut files: Vec<PathBuf> = fs::read_dir(shipped("labelled").join(folder))
                .expect("a folder")
                .flatten()
                .map(|it| it.path())
                .collect();
            files.sort();
            for file in files {
                for line in fs::read_to_string(&file).expect("a file").lines() {
                    let row: serde_json::Value = serde_json::from_str(line).expect("a labelled comment");
                    let text = CommentText::new(row["text"].as_str().expect("its text"));
                    rows.push(Tried { text, ..Tried::default() });
                }
            }
        }
        rows.into_iter().step_by(every).collect()
    }

    /// Everything in which the two differ is let through, and little else. Judging everything is the oracle.
    #[track_caller]
    fn check(before: &Read, comments: &[(Tried, Verdict)], most: usize, edit: impl Fn(&Place)) {
        let place = Place::new();
        edit(&place);
        let after = Read::unproved(&place.files()).unwrap_or_else(|list| panic!("{list:#?}"));
        let (mut sieve, extent) = Sieve::between(
            (&before.lexicons, &before.rules.matcher),
            (&after.lexicons, &after.rules.matcher),
            &Practice::default(),
        );
        assert_eq!(extent.everything, [""; 0]);
        let (mut through, mut differing) = (0, 0);
        for (tried, verdict) in comments {
            let lets = sieve.lets_through(&before.rules.matcher, &after.rules.matcher, tried.text.expose());
            let differs = differ(verdict, &after.rules.judge(&tried.comment()));
            assert!(lets || !differs, "kept back, and judged otherwise: {}", tried.text.expose());
            through += usize::from(lets);
            differing += usize::from(differs);
        }
        assert!(
            differing > 5 && through < most,
            "{differing} differ, {through} were let through: {:?}",
            extent.changed
        );
    }

    #[test]
    fn what_the_sieve_keeps_back_is_judged_alike_by_both() {
        let place = Place::new();
        let before = Read::unproved(&place.files()).expect("the shipped rules");
        // Disguises of words that only one of the sets will know.
        let hidden =
            ["what a load of sh1pe", "total s h i p e", "it is shp3", "shippe of a place", "flibberrrr", "fl1bber it"];
        let hidden = hidden.map(|text| Tried { text: CommentText::new(text), ..Tried::default() });
        let comments: Vec<(Tried, Verdict)> = comments(9)
            .into_iter()
            .chain(hidden)
            .map(|tried| {
                let verdict = before.rules.judge(&tried.comment());
                (tried, verdict)
            })
            .collect();
        assert!(comments.len() > 1500);
        // Entries: one is new and asks for people and for words that nobody knew, one finds more, one less, one is surer.
        check(&before, &comments, 700, |place| {
            let new = "[[entry]]\nid = \"a\"\nphrases = [\"<staff> .. (they|them|call*)\", \"flibber*\", \"waiting\"]\n\
                       hits = [\"x\"]\n[[entry]]";
            place.edit("en/complaint.toml", "[[entry]]", new);
            place.edit(
                "en/complaint.toml",
                "\"never picks up\",",
                "\"never picks up\", \"(phone|ring) .. <wait-time>\",",
            );
            place.edit("en/complaint.toml", "\"quiz\",", "\"phone*\",");
            place.edit("en/harassment.toml", "\"<staff> (a|an) ..2 <insult>\",", "");
            place.edit("en/obscenity.toml", "= \"f-word\"", "= \"f-word\"\ncertainty = \"low\"");
        });
        // Lists, spellings and points: words come and go that disguises are read as.
        check(&before, &comments, 700, |place| {
            place.edit("lists/swear-strong.toml", "\"shit\",", "\"shipe\", \"toilet\",");
            place.edit("lists/swear-strong.toml", "\"fucking\",", "");
            place.edit("spellings.toml", "wot ", "doctor = \"because\"\nwot ");
            place.edit("points/complaint.toml", "points.11 = [", "points.11 = [\"<my> doctor\", ");
            place.edit("points/complaint.toml", "\"quicker\"", "\"slower\"");
        });
    }

    #[test]
    fn what_cannot_be_compared_phrase_by_phrase_judges_everything_and_says_so() {
        let lexicons = |points: &str, forename: &str| {
            let dir = tempfile::tempdir().expect("a folder");
            let write = |name: &str, text: &str| {
                let path = dir.path().join("lexicons").join(name);
                fs::create_dir_all(path.parent().expect("a parent")).expect("made");
                fs::write(path, text).expect("written");
            };
            let head = "category = \"complaint\"\nclause = \"complaints\"\n[[entry]]\nid = \"a\"\nhits = [\"worst\"]\n";
            write("en/complaint.toml", &format!("{head}phrases = [\"worst\"]\n"));
            write("points/complaint.toml", &format!("{head}{points}"));
            write("lists/forename.toml", &format!("phrases = [\"{forename}\"]\n"));
            dir
        };
        let files = |dir: &TempDir| Files {
            lexicons: dir.path().join("lexicons"),
            policy: shipped("config/policies/bursted-wood-surgery.toml"),
            ..Files::default()
        };
        let extent = |before: Files, after: Files| Pair::load(&before, &after).expect("rules").terms.extent;
        let points = "needs = 3\npoints.3 = [\"worst\"]\nconfirms = { medium = 2 }\n";
        let before = lexicons(points, "ann");
        assert!(extent(files(&before), files(&before)).is_none());
        let after = lexicons(&points.replace("medium = 2", "medium = 1"), "ann");
        assert!(!extent(files(&before), files(&after)).everything.is_empty());
        let after = lexicons(points, "bob");
        assert!(!extent(files(&before), files(&after)).everything.is_empty());
        let after = Files { policy: shipped("config/policies/threeways-surgery.toml"), ..files(&before) };
        assert_eq!(extent(files(&before), after).changed, ["policy"]);
        let after = Files { staff: Some(shipped("lexicons/staff.example.csv")), ..files(&before) };
        assert_eq!(extent(files(&before), after).changed, ["staff list"]);
        let after = lexicons(&points.replace("\"worst\"", "\"worst\", \"ever\""), "ann");
        let fine = extent(files(&before), files(&after));
        assert_eq!((fine.changed.len(), fine.everything.len()), (1, 0));
    }
}
