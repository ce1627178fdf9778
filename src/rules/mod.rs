//! Skeleton; somebody else writes this: the rules in force behind one pointer.

use std::sync::Arc;

use crate::comment::Comment;
use crate::policy::{Action, Alert, Verdict};

/// Skeleton.
#[derive(Debug, Default)]
pub struct InForce {
    rules: Arc<Rules>,
}

impl InForce {
    /// Skeleton.
    pub fn current(&self) -> Arc<Rules> {
        Arc::clone(&self.rules)
    }
}

/// Skeleton.
#[derive(Debug, Default)]
pub struct Rules {}

impl Rules {
    /// Skeleton.
    pub fn version(&self) -> &str {
        "skeleton"
    }

    /// Skeleton.
    pub fn judge(&self, _comment: &Comment) -> Verdict {
        Verdict {
            action: Action::Allow,
            alert: Alert::None,
            tell: Vec::new(),
            report: false,
            drafts: Vec::new(),
            categories: Vec::new(),
            reasons: Vec::new(),
        }
    }
}
