//! The rules in force: lexicons, staff list, practice details and policy, read together and replaced together. In:
//! where the files lie. Out: [`Rules`], compiled here; and a [`RuleSet`] behind one pointer, which a reload replaces whole
//! or not at all, and which judges here or in a process of its own.
//! Not here: noticing that a file changed, and telling people of a refused reload; that is the daemon's.

pub mod age;
pub mod apart;
pub mod child;
pub mod compare;
pub mod explain;
mod kept;
mod set;
mod version;
mod wire;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use compare::{Changed, Comparison, Terms, Tried};
pub use set::{Facts, InForce, Judging, RuleSet};

use crate::comment::Comment;
use crate::judge::judge;
use crate::lexicon::complaint::{Complaint, Complaints, did_you_mean};
use crate::lexicon::file::Lexicons;
use crate::lexicon::staff::StaffList;
use crate::matcher::{Matcher, Practice, Sight, examples};
use crate::policy::{Policy, Verdict};
use age::Mark;

/// The made-up staff that the lexicons' examples speak of, beside the lexicons.
const EXAMPLE_STAFF: &str = "staff.example.csv";

/// Where the rules lie.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Files {
    /// The folder with `en` and `lists`.
    pub lexicons: PathBuf,
    /// The policy file.
    pub policy: PathBuf,
    /// The staff list; a practice without one has no names to protect.
    pub staff: Option<PathBuf>,
    /// What the practice publishes of itself.
    pub practice: Practice,
}

/// One consistent set of rules.
#[derive(Debug)]
pub struct Rules {
    files: Files,
    matcher: Matcher,
    policy: Policy,
    version: String,
    examples: usize,
    warnings: Vec<Complaint>,
    marks: Vec<Mark>,
}

impl Rules {
    /// Reads everything and runs every example; complains of everything that is wrong, at once.
    pub fn load(files: &Files) -> Result<Self, Vec<Complaint>> {
        Read::proved(files).map(|read| read.rules)
    }

    /// Reads everything, and believes the lexicons without running their examples: for trying a sentence while they are
    /// being edited, and for judging a file at once.
    pub fn unproved(files: &Files) -> Result<Self, Vec<Complaint>> {
        Read::unproved(files).map(|read| read.rules)
    }

    /// What the policy makes of a comment.
    pub fn judge(&self, comment: &Comment) -> Verdict {
        judge(&self.matcher, &self.policy, comment)
    }

    /// What the matcher finds in a text.
    pub fn look(&self, text: &str) -> Sight {
        self.matcher.look(text)
    }

    /// The same, and what only explaining needs.
    pub fn see(&self, text: &str) -> Sight {
        self.matcher.see(text)
    }

    /// Where they were read.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Twelve hex digits that change whenever a file of the rules does; stored with every verdict.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What they say of themselves.
    pub fn facts(&self) -> Facts {
        Facts {
            version: self.version.clone(),
            title: self.policy.title.clone(),
            examples: self.examples,
            warnings: self.warnings.clone(),
            marks: self.marks.clone(),
        }
    }

    /// How many examples the lexicons were proved with.
    pub fn examples(&self) -> usize {
        self.examples
    }

    /// What looks odd and does no harm.
    pub fn warnings(&self) -> &[Complaint] {
        &self.warnings
    }
}

/// Rules with what they were made of. Lexicons are not kept with the rules: a thousand daemons would hold them for nothing.
#[derive(Debug)]
struct Read {
    rules: Rules,
    lexicons: Lexicons,
    staff: Vec<u8>,
}

impl Read {
    /// See [`Rules::load`].
    fn proved(files: &Files) -> Result<Self, Vec<Complaint>> {
        let mut read = Self::unproved(files)?;
        let mut complaints = Complaints::new();
        let staff = load_staff(Some(&files.lexicons.join(EXAMPLE_STAFF)).filter(|path| path.exists()));
        let staff = staff.map_err(|list| complaints.extend(list)).map(|(list, _)| list).unwrap_or_default();
        let examples = examples::check(&read.lexicons, &staff);
        complaints.extend(examples.failed);
        read.rules.examples = examples.run;
        read.rules.warnings.extend(examples.done_todos);
        complaints.or(read)
    }

    /// See [`Rules::unproved`].
    fn unproved(files: &Files) -> Result<Self, Vec<Complaint>> {
        let mut complaints = Complaints::new();
        let lexicons = Lexicons::load(&files.lexicons).map_err(|list| complaints.extend(list)).ok();
        let policy = load_policy(&files.policy).map_err(|list| complaints.extend(list)).ok();
        let staff = load_staff(files.staff.as_ref()).map_err(|list| complaints.extend(list)).ok();
        let (Some(lexicons), Some((policy, policy_text)), Some((staff, staff_bytes))) = (lexicons, policy, staff)
        else {
            return Err(complaints.into_vec());
        };
        complaints.extend(unknown_clauses(&lexicons, &policy));
        let matcher = Matcher::compile(&lexicons, &staff, &files.practice, &policy.exceptions.phrases);
        let version = version::of(files, &lexicons, &policy_text, &staff_bytes);
        let marks = age::marks(&lexicons, &policy, &staff, &files.practice.names);
        let (files, warnings) = (files.clone(), staff.warnings);
        let rules = Rules { files, matcher, policy, version, examples: 0, warnings, marks };
        complaints.or(Self { rules, lexicons, staff: staff_bytes })
    }
}

/// A policy with the text it was read from.
fn load_policy(path: &Path) -> Result<(Policy, String), Vec<Complaint>> {
    // A file that cannot be read at all is told by the policy's own reader.
    let Ok(text) = std::fs::read_to_string(path) else {
        return Policy::load(path).map(|policy| (policy, String::new()));
    };
    Policy::parse(&text, path).map(|policy| (policy, text))
}

/// A staff list with the bytes it was read from; a practice without one has an empty list.
pub fn load_staff(path: Option<&PathBuf>) -> Result<(StaffList, Vec<u8>), Vec<Complaint>> {
    let Some(path) = path else { return Ok((StaffList::default(), Vec::new())) };
    let bytes = std::fs::read(path).map_err(|error| {
        vec![
            Complaint::new(format!("cannot read the staff list: {error}"))
                .in_file(path)
                .help("check `staff` in section [practice], and that this user may read the file"),
        ]
    })?;
    StaffList::parse(&bytes, path).map(|list| (list, bytes))
}

/// An entry whose clause the policy does not know would be cited wrongly.
fn unknown_clauses(lexicons: &Lexicons, policy: &Policy) -> Vec<Complaint> {
    let unknown = lexicons.entries.iter().filter(|entry| !policy.clauses.contains_key(&entry.clause));
    unknown
        .map(|entry| {
            let source = &lexicons.files[entry.file];
            Complaint::new(format!("the policy {} has no clause \"{}\"", policy.name, entry.clause))
                .in_file(&source.path)
                .at(&source.text, entry.span.clone())
                .help(match did_you_mean(&entry.clause, policy.clauses.keys().map(String::as_str)) {
                    Some(near) => format!("write clause = \"{near}\" at the head of this file, if that is meant"),
                    None => "use one of the clause keys of the policy file, or add it to its [clauses]".to_owned(),
                })
        })
        .collect()
}
