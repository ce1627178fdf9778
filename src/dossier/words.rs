//! What happened to an incident, in words. In: an event of the store. Out: a line.

use crate::policy::Action;
use crate::store::{Closed, Happened, Mode};

/// One step of an incident's history; `why` is told only where the reader may see what comments say.
pub fn happened(what: &Happened, who: Option<&str>, unmasked: bool) -> String {
    let who = who.map(|who| format!(" by {who}")).unwrap_or_default();
    match what {
        Happened::Written => "written".to_owned(),
        Happened::FirstSeen => "read for the first time".to_owned(),
        Happened::Judged { rules, mode: Mode::Enforce } => format!("judged by rules {rules}"),
        Happened::Judged { rules, mode: Mode::Observe } => format!("judged by rules {rules}, in observe mode"),
        Happened::Edited { newer } => format!("its author changed the words; #{newer} is about the new ones"),
        Happened::Attempted { act, attempts: 0 | 1 } => format!("asked the platform to {} it", act.id()),
        Happened::Attempted { act, attempts } => {
            format!("asked the platform to {} it, in try {attempts}", act.id())
        }
        Happened::Settled { how, achieved, verified } => {
            let done = match achieved {
                Some(Action::Delete) => "deleted",
                Some(Action::Hide) => "hidden",
                Some(Action::Escalate) => "left to a person",
                Some(Action::Allow) | None => "nothing",
            };
            let seen = if *verified { ", and read back" } else { "" };
            match how {
                Some(Closed::Done) => format!("done: {done}{seen}"),
                Some(Closed::Already) => "found already done, or gone".to_owned(),
                Some(Closed::Dead) => "given up: a person has to do it".to_owned(),
                None => "no longer owed: the words have changed".to_owned(),
            }
        }
        Happened::Told => "people were told".to_owned(),
        Happened::Acknowledged => format!("acknowledged{who}"),
        // A reason may repeat what the comment says.
        Happened::Decided { what, why } if unmasked && !why.is_empty() => format!("{what}{who}: {why}"),
        Happened::Decided { what, .. } => format!("{what}{who}"),
        Happened::ShownAgain => "somebody showed it again".to_owned(),
        Happened::Gone => "seen to be gone from the platform".to_owned(),
    }
}
