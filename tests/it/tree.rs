//! The repository as these tests see it: paths and texts. Not here: what is right and wrong in them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A path of the repository.
pub(crate) fn at(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A file of the repository that must be there.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file under a directory of the repository, in order; none, if it is not there.
pub(crate) fn files_under(root: &str) -> BTreeSet<PathBuf> {
    let (mut files, mut dirs) = (BTreeSet::new(), vec![PathBuf::from(root)]);
    while let Some(dir) = dirs.pop() {
        let Ok(entries) = fs::read_dir(at(&dir)) else { continue };
        for entry in entries {
            let entry = entry.expect("an entry");
            let path = dir.join(entry.file_name());
            if entry.file_type().expect("its type").is_dir() {
                dirs.push(path);
            } else {
                files.insert(path);
            }
        }
    }
    files
}
