//! The heart: a comment in, a verdict out. Text, matcher, policy, in that order, and nothing else. Pure.

use crate::comment::{Attachment, Comment};
use crate::matcher::{Matcher, Sight};
use crate::policy::{Facts, Policy, Verdict, decide};

/// What the practice's policy makes of a comment.
pub fn judge(matcher: &Matcher, policy: &Policy, comment: &Comment) -> Verdict {
    if comment.by_page {
        return Verdict::allow();
    }
    let sight = matcher.look(comment.text.expose());
    let facts = facts(policy, comment, &sight);
    Verdict { private: sight.private, ..decide(policy, sight.findings, facts) }
}

fn facts(policy: &Policy, comment: &Comment, sight: &Sight) -> Facts {
    // A shared link has a preview to judge by; a picture alone has nothing. An empty text is not harmless either way.
    let shown = comment.attachments.iter().any(|attachment| *attachment != Attachment::Link);
    let known =
        comment.author.id.as_ref().is_some_and(|id| policy.exceptions.authors.iter().any(|one| one == id.as_str()));
    Facts {
        picture_only: comment.text.is_blank() && (shown || comment.attachments.is_empty()),
        excepted: sight.excepted || known,
    }
}
