//! The rules in force: lexicons, staff list, practice details and policy, read together and replaced together. In:
//! where the files lie. Out: [`Rules`] behind one pointer, which a reload replaces whole or not at all.
//! Not here: noticing that a file changed, and telling people of a refused reload; that is the daemon's.

pub mod age;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use sha2::{Digest as _, Sha256};

use crate::comment::Comment;
use crate::judge::judge;
use crate::lexicon::complaint::{Complaint, Complaints, did_you_mean};
use crate::lexicon::file::Lexicons;
use crate::lexicon::staff::StaffList;
use crate::matcher::{Matcher, Practice, Sight, examples};
use crate::policy::{Policy, Verdict};
use age::{Ages, Mark};

/// The made-up staff that the lexicons' examples speak of, beside the lexicons.
const EXAMPLE_STAFF: &str = "staff.example.csv";

/// Where the rules lie.
#[derive(Clone, Debug, Default)]
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
    matcher: Matcher,
    policy: Policy,
    version: String,
    examples: usize,
    warnings: Vec<Complaint>,
    marks: Vec<Mark>,
    ages: Arc<Ages>,
}

impl Rules {
    /// Reads everything and runs every example; complains of everything that is wrong, at once.
    pub fn load(files: &Files) -> Result<Self, Vec<Complaint>> {
        let mut rules = Self::unproved(files)?;
        let mut complaints = Complaints::new();
        let staff = load_staff(Some(&files.lexicons.join(EXAMPLE_STAFF)).filter(|path| path.exists()));
        let staff = staff.map_err(|list| complaints.extend(list)).map(|(list, _)| list).unwrap_or_default();
        // The examples are not kept with the rules: a thousand daemons would hold them for nothing.
        let lexicons = Lexicons::load(&files.lexicons)?;
        let examples = examples::check(&lexicons, &staff);
        complaints.extend(examples.failed);
        rules.examples = examples.run;
        rules.warnings.extend(examples.done_todos);
        complaints.or(rules)
    }

    /// Reads everything, and believes the lexicons without running their examples: for trying a sentence while they are
    /// being edited, and for judging a file at once.
    pub fn unproved(files: &Files) -> Result<Self, Vec<Complaint>> {
        let mut complaints = Complaints::new();
        let lexicons = Lexicons::load(&files.lexicons).map_err(|list| complaints.extend(list)).ok();
        let policy = Policy::load(&files.policy).map_err(|list| complaints.extend(list)).ok();
        let staff = load_staff(files.staff.as_ref()).map_err(|list| complaints.extend(list)).ok();
        let (Some(lexicons), Some(policy), Some((staff, staff_bytes))) = (lexicons, policy, staff) else {
            return Err(complaints.into_vec());
        };
        complaints.extend(unknown_clauses(&lexicons, &policy));
        let matcher = Matcher::compile(&lexicons, &staff, &files.practice, &policy.exceptions.phrases);
        let version = version(files, &lexicons, &staff_bytes);
        let marks = age::marks(&lexicons, &policy, &staff, &files.practice.names);
        let (ages, warnings) = (Arc::default(), staff.warnings);
        complaints.or(Self { matcher, policy, version, examples: 0, warnings, marks, ages })
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

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Twelve hex digits that change whenever a file of the rules does; stored with every verdict.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What the rules are made of, for the store to remember since when; nothing once it has.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The same rules, now that it is known since when each part of them has been as it is.
    #[must_use]
    pub fn aged(self, ages: Ages) -> Self {
        // A thousand daemons would hold the marks for nothing.
        Self { ages: Arc::new(ages), marks: Vec::new(), ..self }
    }

    /// Since when each part has been as it is; before anybody has said so, everything was there from the beginning.
    pub fn ages(&self) -> &Arc<Ages> {
        &self.ages
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

/// The rules that judge now. Readers never wait; a batch keeps the pointer it took.
#[derive(Debug)]
pub struct InForce(ArcSwap<Rules>);

impl InForce {
    /// Puts rules in force.
    pub fn new(rules: Rules) -> Self {
        Self(ArcSwap::from_pointee(rules))
    }

    /// The rules as they are now.
    pub fn current(&self) -> Arc<Rules> {
        self.0.load_full()
    }

    /// Replaces them all.
    pub fn replace(&self, rules: Rules) {
        self.0.store(Arc::new(rules));
    }
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

fn version(files: &Files, lexicons: &Lexicons, staff: &[u8]) -> String {
    let mut hash = Sha256::new();
    for source in &lexicons.files {
        hash.update(source.path.file_name().unwrap_or_default().as_encoded_bytes());
        hash.update([0]);
        hash.update(&source.text);
        hash.update([0]);
    }
    hash.update(std::fs::read(&files.policy).unwrap_or_default());
    hash.update([0]);
    hash.update(staff);
    hash.update(format!("{:?}", files.practice));
    hash.update(env!("CARGO_PKG_VERSION"));
    let mut version = String::with_capacity(12);
    for byte in hash.finalize().iter().take(6) {
        let _ = write!(version, "{byte:02x}");
    }
    version
}
