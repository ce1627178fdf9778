//! `judge`: the process in which the daemon's rules are proved and its comments judged. In and out: lines of JSON, on
//! standard input and output. Not here: what stands in them; that is `rules`'.

use std::{fs, io, panic};

use super::{Outcome, Stop};
use crate::rules::child::{self, Breaks};

/// Where our own code broke. The usual message of a panic may repeat words of a comment, so only its place is kept.
static BREAKS: Breaks = Breaks::new();

/// Memory is short: of us and the daemon that started us, we are the one to be spared.
const FIRST_TO_GO: &str = "500";

/// Says so to the system, which no longer lets us once nobody may look into the process.
pub(super) fn go_first() {
    // Where there is no such thing, nothing is lost.
    let _ = fs::write("/proc/self/oom_score_adj", FIRST_TO_GO);
}

pub(super) fn judge() -> Result<Outcome, Stop> {
    panic::set_hook(Box::new(|panic| {
        BREAKS.note(panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string));
    }));
    child::serve(&mut io::stdin().lock(), &mut io::stdout().lock(), &BREAKS).map_err(|failure| {
        Stop::other(
            format!("the daemon cannot be understood or answered: {failure}"),
            "nobody needs to start this by hand",
        )
    })?;
    Ok(Outcome::Done)
}
