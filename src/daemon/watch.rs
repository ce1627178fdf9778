//! Notices that a file of the rules or the drafts changed. In: where they lie. Out: a bell. Not here: reading them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tracing::warn;

use crate::clock::{SignedDuration, Timestamp};
use crate::rules::Files;

/// People and editors save several files one after the other; a reload waits for the last.
const SETTLE: SignedDuration = SignedDuration::from_secs(2);
/// … but no longer than this after the first.
const LONGEST_SETTLE: SignedDuration = SignedDuration::from_secs(15);

/// Watches the folders of the rules and of the drafts. Dropping it ends the watch.
pub(super) struct FileWatch {
    _watcher: Option<RecommendedWatcher>,
}

impl FileWatch {
    /// Watches; the bell rings after a change. Where the system cannot watch, SIGHUP still reloads.
    pub(super) fn new(files: &Files, drafts: &Path, bell: &Arc<Notify>) -> Self {
        let ring = Arc::clone(bell);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // The folders may hold more than rules, a log or the store: what changes there is none of our business.
            if event.is_ok_and(|event| !event.kind.is_access() && event.paths.iter().any(|path| is_of_the_rules(path)))
            {
                ring.notify_one();
            }
        });
        let mut watcher = match watcher {
            Ok(watcher) => watcher,
            Err(failure) => {
                warn!(error = %failure, "changed files cannot be noticed; reload by signal");
                return Self { _watcher: None };
            }
        };
        for folder in folders(files, drafts) {
            if let Err(failure) = watcher.watch(&folder, RecursiveMode::NonRecursive) {
                warn!(error = %failure, folder = %folder.display(), "changes in this folder cannot be noticed; reload by signal");
            }
        }
        Self { _watcher: Some(watcher) }
    }
}

/// Editors replace files, so the folders are watched and not the files.
fn folders(files: &Files, drafts: &Path) -> Vec<PathBuf> {
    let parent = |path: &Path| path.parent().map(Path::to_owned);
    let mut folders = vec![files.lexicons.clone(), files.lexicons.join("en"), files.lexicons.join("lists")];
    folders.extend(parent(&files.policy));
    folders.extend(files.staff.as_deref().and_then(parent));
    folders.extend(parent(drafts));
    folders.sort();
    folders.dedup();
    folders
}

/// Rules, drafts and policies are TOML; the staff list is what a spreadsheet saves.
fn is_of_the_rules(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "toml" || ending == "csv" || ending == "txt")
}

/// Changes that have been noticed and not been read yet: people and editors save several files one after the other, so
/// a reload waits until they pause, but not for ever.
#[derive(Debug, Default)]
pub(super) struct Changes {
    first: Option<Timestamp>,
    due: Option<Timestamp>,
}

impl Changes {
    /// A file changed at `now`.
    pub(super) fn note(&mut self, now: Timestamp) {
        let first = *self.first.get_or_insert(now);
        self.due = Some((now + SETTLE).min(first + LONGEST_SETTLE));
    }

    /// Returns once what was noted may be read, and forgets it; never, where nothing was.
    pub(super) async fn settled(&mut self, now: Timestamp) {
        match self.due {
            Some(due) => tokio::time::sleep(Duration::try_from(due.duration_since(now)).unwrap_or_default()).await,
            None => std::future::pending().await,
        }
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_can_hold_rules_count() {
        for (path, want) in
            [("en/fraud.toml", true), ("staff.csv", true), ("chaperone.db-wal", false), ("run.log", false)]
        {
            assert_eq!(is_of_the_rules(Path::new(path)), want, "{path}");
        }
    }

    #[test]
    fn a_reload_waits_for_the_last_change_but_not_for_ever() {
        let start = Timestamp::UNIX_EPOCH;
        let mut changes = Changes::default();
        changes.note(start);
        assert_eq!(changes.due, Some(start + SETTLE));
        for second in 1..60 {
            changes.note(start + SignedDuration::from_secs(second));
        }
        assert_eq!(changes.due, Some(start + LONGEST_SETTLE));
    }
}
