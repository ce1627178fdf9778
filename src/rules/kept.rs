//! A copy of the files that the rules in force were made of. A judge that was asleep reads the copy and not the originals,
//! which somebody may be editing: so the rules in force stay in force, whatever lies in the lexicons' folder. In: a
//! folder of the daemon's own. Out: where the copy lies, if it is what it should be. Not here: reading rules.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Files;
use super::set::Facts;
use super::version::{LEXICONS, POLICY, STAFF, Version, members};

/// What the rules said of themselves when they were proved, in the copy's folder.
const FACTS: &str = "rules.json";

/// The folder with a copy for each version that may still judge.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    dir: PathBuf,
}

/// What stands in `rules.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Proof {
    /// The program that ran the examples.
    program: String,
    facts: Facts,
}

impl Kept {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// The facts of these rules and their copy, if this very program has proved them and the copy is whole.
    pub(super) fn find(&self, files: &Files, program: &Path) -> Option<(Facts, Files)> {
        let version = walk(files, None).ok()?;
        let folder = self.dir.join(&version);
        let proof: Proof = serde_json::from_slice(&fs::read(folder.join(FACTS)).ok()?).ok()?;
        let copy = copied(files, &folder);
        let whole = proof.facts.version == version && walk(&copy, None).is_ok_and(|kept| kept == version);
        (whole && proof.program == identity(program).ok()?).then_some((proof.facts, copy))
    }

    /// Copies the files of rules that were just proved; `None` where they have changed since.
    pub(super) fn keep(&self, files: &Files, facts: &Facts, program: &Path) -> io::Result<Option<Files>> {
        let (folder, draft) = (self.dir.join(&facts.version), self.dir.join("new"));
        remove(&draft)?;
        // A folder without any list in it is a folder all the same, and is missed.
        make(&draft.join(LEXICONS).join("lists"))?;
        let version = walk(files, Some(&draft))?;
        if version != facts.version {
            remove(&draft)?;
            return Ok(None);
        }
        let proof = Proof { program: identity(program)?, facts: facts.clone() };
        serde_json::to_writer(create(&draft.join(FACTS))?, &proof)?;
        // One step makes it the copy: whoever looks finds all of it or none. One that lies there is of another program,
        // or no longer whole.
        remove(&folder)?;
        fs::rename(&draft, &folder)?;
        Ok(Some(copied(files, &folder)))
    }

    /// Removes every copy but this one's. What cannot be removed is no more than a few spare files.
    pub(super) fn forget_others(&self, version: &str) {
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            if entry.file_name() != version {
                let _ = remove(&entry.path());
            }
        }
    }
}

/// Where the copy of these files lies in `folder`.
fn copied(files: &Files, folder: &Path) -> Files {
    Files {
        lexicons: folder.join(LEXICONS),
        policy: folder.join(POLICY),
        staff: files.staff.as_ref().map(|_| folder.join(STAFF)),
        practice: files.practice.clone(),
    }
}

/// The version of what lies on the disk now; each file is copied on the way where that is wanted.
fn walk(files: &Files, copy_to: Option<&Path>) -> io::Result<String> {
    let mut version = Version::new();
    for member in members(files)? {
        let file = File::open(&member.path)?;
        match copy_to {
            Some(folder) => version.stream(&member.place, file, create(&folder.join(&member.place))?)?,
            None => version.stream(&member.place, file, io::sink())?,
        }
    }
    Ok(version.finish(&files.practice))
}

/// The copy holds the staff list, and whoever could write there could change what is deleted: it is the daemon's alone.
fn create(path: &Path) -> io::Result<File> {
    path.parent().map_or(Ok(()), make)?;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Tells one build of the program from the next: examples that held for the last one prove nothing for this one.
fn identity(program: &Path) -> io::Result<String> {
    let file = fs::metadata(program)?;
    Ok(format!("{} {} {}.{}", env!("CARGO_PKG_VERSION"), file.len(), file.mtime(), file.mtime_nsec()))
}
