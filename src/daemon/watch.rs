//! Notices that a file of the rules or the drafts changed. In: where they lie. Out: a bell. Not here: reading them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tracing::warn;

use crate::rules::Files;

/// People and editors save several files one after the other; a reload waits for the last.
const SETTLE: Duration = Duration::from_secs(2);

/// Watches the folders of the rules and of the drafts. Dropping it ends the watch.
pub(super) struct FileWatch {
    _watcher: Option<RecommendedWatcher>,
}

impl FileWatch {
    /// Watches; the bell rings after a change. Where the system cannot watch, SIGHUP still reloads.
    pub(super) fn new(files: &Files, drafts: &Path, bell: &Arc<Notify>) -> Self {
        let ring = Arc::clone(bell);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| !event.kind.is_access()) {
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

/// Waits until nothing has changed for a while.
pub(super) async fn settle(bell: &Notify) {
    while tokio::time::timeout(SETTLE, bell.notified()).await.is_ok() {}
}
