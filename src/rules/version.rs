//! What a set of rules is called: a hash of everything it is made of. In: the contents of its files, from memory or from
//! the disk. Out: twelve hex digits, the same whichever way and wherever the files lie. Not here: understanding them.

use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::Files;
use crate::lexicon::file::Lexicons;
use crate::matcher::Practice;

/// Where the policy stands among the files of a set.
pub(super) const POLICY: &str = "policy.toml";
/// Where the staff list stands among them.
pub(super) const STAFF: &str = "staff.csv";
/// The folder of the lexicons among them.
pub(super) const LEXICONS: &str = "lexicons";

/// Bytes that are read at once: a daemon that only wants the version holds no file in memory.
const CHUNK: usize = 16 * 1024;

/// The mark that some editors put before UTF-8. It says nothing, and readers drop it.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The version of rules that were read.
pub(super) fn of(files: &Files, lexicons: &Lexicons, policy: &str, staff: &[u8]) -> String {
    let mut version = Version::new();
    for source in &lexicons.files {
        let place = source.path.strip_prefix(&files.lexicons).unwrap_or(&source.path);
        version.member(&Path::new(LEXICONS).join(place), source.text.as_bytes());
    }
    version.member(Path::new(POLICY), policy.as_bytes());
    if files.staff.is_some() {
        version.member(Path::new(STAFF), staff);
    }
    version.finish(&files.practice)
}

/// A file of a set of rules.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// Where it stands among the files of the set.
    pub(super) place: PathBuf,
    /// Where it lies.
    pub(super) path: PathBuf,
}

/// The files of a set, in the order in which they are read.
pub(super) fn members(files: &Files) -> io::Result<Vec<Member>> {
    let mut members = Vec::new();
    let lexicon = |place: &Path| Member { place: Path::new(LEXICONS).join(place), path: files.lexicons.join(place) };
    for folder in ["lists", "en", "points"] {
        let path = files.lexicons.join(folder);
        // The lists and the phrases must be there, the points need not.
        if folder == "points" && !path.exists() {
            continue;
        }
        members.extend(toml_files(&path)?.iter().map(|name| lexicon(&Path::new(folder).join(name))));
        let spellings = Path::new("spellings.toml");
        if folder == "lists" && files.lexicons.join(spellings).exists() {
            members.push(lexicon(spellings));
        }
    }
    members.push(Member { place: POLICY.into(), path: files.policy.clone() });
    members.extend(files.staff.iter().map(|path| Member { place: STAFF.into(), path: path.clone() }));
    Ok(members)
}

fn toml_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    let mut names: Vec<PathBuf> = entries.into_iter().map(|entry| entry.file_name().into()).collect();
    names.retain(|name| name.extension().is_some_and(|ending| ending == "toml"));
    names.sort();
    Ok(names)
}

/// A version on the way.
pub(super) struct Version(Sha256);

impl Version {
    pub(super) fn new() -> Self {
        Self(Sha256::new())
    }

    /// A file whose contents are at hand.
    fn member(&mut self, place: &Path, bytes: &[u8]) {
        self.begin(place);
        let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
        self.0.update(bytes);
        self.end(bytes.len() as u64);
    }

    /// A file that is read through to its end, and copied to `copy` as it is read.
    pub(super) fn stream(&mut self, place: &Path, mut file: impl Read, mut copy: impl Write) -> io::Result<()> {
        self.begin(place);
        let mut chunk = vec![0; CHUNK];
        let mut length = 0;
        loop {
            let read = match file.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            copy.write_all(&chunk[..read])?;
            let said = if length == 0 { chunk[..read].strip_prefix(MARK) } else { None };
            let said = said.unwrap_or(&chunk[..read]);
            self.0.update(said);
            length += said.len() as u64;
        }
        self.end(length);
        Ok(())
    }

    /// What the practice publishes of itself and the program count too: another program may judge otherwise.
    pub(super) fn finish(mut self, practice: &Practice) -> String {
        self.0.update(format!("{practice:?}"));
        self.0.update(env!("CARGO_PKG_VERSION"));
        let mut version = String::with_capacity(12);
        for byte in self.0.finalize().iter().take(6) {
            let _ = write!(version, "{byte:02x}");
        }
        version
    }

    fn begin(&mut self, place: &Path) {
        self.0.update(place.as_os_str().as_encoded_bytes());
        self.0.update([0]);
    }

    fn end(&mut self, length: u64) {
        self.0.update([0]);
        self.0.update(length.to_le_bytes());
    }
}
