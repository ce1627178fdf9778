//! What papers share: what happened to an incident and how long things are kept, in words. In: an event of the store, a
//! term. Out: a line.

use std::num::NonZeroU32;

use crate::store::{Act, Closed, Decision, Happened, Mode};

/// One step of an incident's history; why somebody decided is told only where the reader may see what comments say.
pub fn happened(what: &Happened, who: Option<&str>, unmasked: bool) -> String {
    let who = who.map(|who| format!(" by {who}")).unwrap_or_default();
    match what {
        Happened::Written => "written".to_owned(),
        Happened::FirstSeen => "read for the first time".to_owned(),
        Happened::Judged { rules, mode: Mode::Enforce } => format!("judged by rules {rules}"),
        Happened::Judged { rules, mode: Mode::Observe } => format!("judged by rules {rules}, in observe mode"),
        Happened::Edited { newer } => format!("its author changed the words; #{newer} is about the new ones"),
        Happened::Attempted { act, attempts } => {
            let again = if *act == Act::Show { " again" } else { "" };
            let tries = if *attempts > 1 { format!(", in try {attempts}") } else { String::new() };
            format!("asked the platform to {} it{again}{tries}", act.id())
        }
        Happened::Settled { how, achieved, verified } => {
            let done = match achieved {
                Some(Act::Delete) => "deleted",
                Some(Act::Hide) => "hidden",
                Some(Act::Show) => "shown again",
                None => "nothing",
            };
            let seen = if *verified { ", and read back" } else { "" };
            match how {
                Closed::Done => format!("done: {done}{seen}"),
                Closed::Already => "found already done, or gone".to_owned(),
                Closed::Exempt => "no longer owed: its author is exempt".to_owned(),
                Closed::Dead => "given up: a person has to do it".to_owned(),
            }
        }
        Happened::Withdrawn(why) => format!("no longer owed: {why}"),
        Happened::Told => "people were told".to_owned(),
        Happened::Acknowledged => format!("acknowledged{who}"),
        // A reason may repeat what the comment says.
        Happened::Decided { what, why } if unmasked && !why.is_empty() => {
            format!("{}{who}: {why}", decided_word(*what))
        }
        Happened::Decided { what, .. } => format!("{}{who}", decided_word(*what)),
        Happened::ShownAgain => "somebody showed it again".to_owned(),
        Happened::Gone => "seen to be gone from the platform".to_owned(),
    }
}

/// A decision as it reads afterwards.
pub fn decided_word(what: Decision) -> &'static str {
    match what {
        Decision::Uphold => "upheld",
        Decision::Restore => "restored",
        Decision::Hide => "ordered to be hidden",
        Decision::Delete => "ordered to be deleted",
        Decision::Note => "noted",
        Decision::Undo => "the decision was taken back",
    }
}

/// How long something is kept; `None` is for ever.
pub(super) fn term(kept: Option<NonZeroU32>) -> String {
    kept.map_or("until somebody erases it".to_owned(), days)
}

/// So many days.
pub(super) fn days(count: NonZeroU32) -> String {
    if count.get() == 1 { "one day".to_owned() } else { format!("{count} days") }
}
