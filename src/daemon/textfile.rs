//! The daemon's numbers in a file, for machines whose Prometheus reads files (the node exporter's textfile collector). In:
//! the board. Out: a file that is whole at every moment and gone when nobody writes it any more. Not here: which numbers.

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::{debug, info, warn};

use crate::clock::Timestamp;
use crate::metrics::Board;

/// Everybody may read the file: there is nothing in it that is anybody's, and the exporter is another user.
const MODE: u32 = 0o644;

/// Writes the board's numbers to a file.
pub(super) struct Textfile {
    path: PathBuf,
    board: Board,
    /// The last writing failed, and people were told.
    failed: AtomicBool,
}

impl Textfile {
    /// Nothing is written yet.
    pub(super) fn new(path: PathBuf, board: Board) -> Self {
        Self { path, board, failed: AtomicBool::new(false) }
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the numbers of this moment. Says what to tell people, when a failure is the first in a row.
    pub(super) async fn write(&self, now: Timestamp) -> Option<String> {
        let text = self.board.to_prometheus(now).await;
        let done = put(&self.path, &text);
        let before = self.failed.swap(done.is_err(), Ordering::Relaxed);
        match (done, before) {
            (Err(failure), false) => {
                warn!(file = %self.path.display(), error = %failure, "the file of numbers could not be written");
                Some(format!(
                    "the file of numbers for Prometheus cannot be written ({}: {failure}); see that its folder is there and \
                     that Chaperone may write to it, or take textfile out of section [metrics]",
                    self.path.display()
                ))
            }
            (Ok(()), true) => {
                info!(file = %self.path.display(), "the file of numbers is written again");
                None
            }
            (Ok(()), false) => {
                debug!(file = %self.path.display(), "the file of numbers is written");
                None
            }
            (Err(_), true) => None,
        }
    }

    /// Nobody writes it any more: old numbers would look like a daemon that is well.
    pub(super) fn remove(&self) {
        match fs::remove_file(&self.path) {
            Err(failure) if failure.kind() != io::ErrorKind::NotFound => {
                warn!(file = %self.path.display(), error = %failure, "the file of numbers could not be removed");
            }
            _ => {}
        }
    }
}

/// Beside its place first, under a name that the exporter does not read, then over it in one step.
fn put(path: &Path, text: &str) -> io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".chaperone-").suffix(".tmp").tempfile_in(dir)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(Permissions::from_mode(MODE))?;
    file.persist(path).map(drop).map_err(|failure| failure.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).expect("read");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    #[tokio::test]
    async fn the_file_is_written_whole_for_everybody_and_goes_with_the_daemon() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = Textfile::new(dir.path().join("chaperone-a.prom"), Board::default());
        for second in [1, 2] {
            assert_eq!(file.write(Timestamp::from_second(second).expect("a time")).await, None);
            let text = fs::read_to_string(file.path()).expect("written");
            assert!(
                text.contains(&format!("chaperone_written_time_seconds{{practice=\"\"}} {second}.000\n")),
                "{text}"
            );
        }
        assert_eq!(fs::metadata(file.path()).expect("there").permissions().mode() & 0o777, 0o644);
        assert_eq!(names(dir.path()), ["chaperone-a.prom"], "nothing is left beside it");
        file.remove();
        assert_eq!(names(dir.path()), [""; 0]);
        file.remove();
    }

    #[tokio::test]
    async fn a_failure_is_told_once_until_it_has_passed() {
        let dir = tempfile::tempdir().expect("a directory");
        let folder = dir.path().join("later");
        let file = Textfile::new(folder.join("chaperone-a.prom"), Board::default());
        let told = file.write(Timestamp::UNIX_EPOCH).await.expect("told");
        assert!(told.contains("later/chaperone-a.prom") && told.contains("[metrics]"), "{told}");
        assert_eq!(file.write(Timestamp::UNIX_EPOCH).await, None);
        fs::create_dir(&folder).expect("made");
        assert_eq!(file.write(Timestamp::UNIX_EPOCH).await, None);
        fs::remove_dir_all(&folder).expect("gone");
        assert!(file.write(Timestamp::UNIX_EPOCH).await.is_some());
    }
}
