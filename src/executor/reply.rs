//! A fixed reply: sent once, or not at all. Pure. In: the claim, the comment and its replies as just read, the practice's
//! words. Out: a [`Step`], and after the try an [`Outcome`]. Not here: what comes before (gone, edited, the page's own),
//! which `plan` has seen to.
//!
//! No platform takes a key that would make a reply safe to repeat (facebook.md section 6, instagram.md section 6, tiktok.md
//! section 4.6), so it is looked for before it is sent, and looked for again, after a while, before it is sent once more.

use super::plan::{self, Around, Outcome, Step, close, dead, untouched};
use super::retry;
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::Comment;
use crate::platform::{Answers, Error, Receipt};
use crate::signpost::Text;
use crate::store::{Act, Claim, Close, Closed, Settlement};

/// What was begun may have taken effect and not be listed yet: half a minute on TikTok (tiktok.md section 9), and nobody
/// knows how long elsewhere. It is not sent once more before this.
const REPEAT_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// What the platform took with success and does not show is looked for this often …
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// … and so long; it is never sent again.
const LOOK_FOR: SignedDuration = SignedDuration::from_hours(1);

/// Where nothing can be seen it is looked at again this late.
const BLIND_WAIT: SignedDuration = SignedDuration::from_mins(30);

/// A reply that comes later than this after the comment was judged is odd.
const LATE: SignedDuration = SignedDuration::from_hours(24);

const ANSWERED_NOTE: &str = "the practice had answered it already, so nothing was sent";
const HIDDEN_NOTE: &str = "it is hidden, so nothing was sent";
const OFF_NOTE: &str = "the practice has switched this reply off";
const LATE_NOTE: &str = "a day had passed, so nothing was sent; answer it yourself if it still matters";
const LONG_NOTE: &str = "neither the text nor its short form fits there; answer it yourself";
const BLIND_NOTE: &str = "whether it was answered could not be seen for a day; look, and answer it yourself";
const LIMIT_NOTE: &str = "the day's limit for replies was reached; answer it yourself";
const REFUSED_NOTE: &str = "the platform refused the reply; answer it yourself";
const UNSEEN_NOTE: &str = "the platform said that the reply was sent, and does not show it; look at it yourself";
const UNSURE_NOTE: &str = "whether the reply was sent could not be seen; look at it yourself";
const FAILED_NOTE: &str = "the platform failed for a day of trying; answer it yourself";

/// What to do about a reply, after the comment and its replies have been read again.
pub(super) fn plan(
    claim: &Claim,
    comment: &Comment,
    answers: &Answers,
    text: Option<&Text>,
    around: &Around<'_>,
) -> Step {
    let began = claim.written.is_some();
    match found(&words(claim, text), answers) {
        Found::Ours if began => return close(sent(around.now)),
        Found::Ours | Found::Theirs => return close(untouched(ANSWERED_NOTE)),
        _ if comment.hidden && !began => return close(untouched(HIDDEN_NOTE)),
        // The replies of what is hidden cannot be listed everywhere (tiktok.md section 4.3), so nothing is known.
        _ if comment.hidden => return close(dead(Some(UNSURE_NOTE.to_owned()), None)),
        Found::Unknown => return blind(claim, around.now),
        Found::Nothing => {}
    }
    if let Some(step) = claim.written_at.and_then(|at| wait_and_look(claim, at, around.now)) {
        return step;
    }
    let Some(text) = text else { return close(untouched(OFF_NOTE)) };
    if around.now.duration_since(claim.made) > LATE {
        return close(if began { dead(Some(UNSURE_NOTE.to_owned()), None) } else { untouched(LATE_NOTE) });
    }
    if around.brake.allow(Act::Reply, around.today) != super::brake::Braked::Free(Act::Reply) {
        return close(untouched(LIMIT_NOTE));
    }
    if around.can.reply_chars.and_then(|chars| text.fitting(chars)).is_none() {
        return close(untouched(LONG_NOTE));
    }
    Step::Act { act: Act::Reply, note: None, charged: None, held: None }
}

/// Nobody can tell whether it was answered: looked at again, for a day.
fn blind(claim: &Claim, now: Timestamp) -> Step {
    if now.duration_since(claim.made) <= LATE {
        return Step::Wait { until: later(now, BLIND_WAIT), why: "unseen" };
    }
    close(if claim.written.is_some() { dead(Some(UNSURE_NOTE.to_owned()), None) } else { untouched(BLIND_NOTE) })
}

/// What was begun is looked for before it is begun again; what was answered with success is never begun again.
fn wait_and_look(claim: &Claim, began: Timestamp, now: Timestamp) -> Option<Step> {
    // A clock that went back makes what was begun look younger, never older than it is.
    let since = now.duration_since(began);
    let look = Step::Wait { until: later(now, LOOK_AGAIN), why: "unseen" };
    if claim.lies > 0 {
        let over = since >= LOOK_FOR;
        return Some(if over { close(dead(Some(UNSEEN_NOTE.to_owned()), Some("no-effect"))) } else { look });
    }
    (since < REPEAT_AFTER).then_some(look)
}

/// What to make of a try: what the platform answered, and whether the reply is to be seen.
pub(super) fn judge_try(
    claim: &Claim,
    said: &str,
    answer: &Result<Receipt, Error>,
    answers: &Result<Answers, Error>,
    now: Timestamp,
) -> Outcome {
    let seen = answers.as_ref().ok();
    if seen.is_some_and(|answers| found(&[said], answers) == Found::Ours) {
        let trace = answer.as_ref().ok().and_then(|receipt| receipt.trace.clone());
        return settled(Close { trace, ..sent(now) });
    }
    match answer {
        Ok(_) => Outcome {
            settlement: Settlement::Again {
                at: later(now, LOOK_AGAIN),
                counted: true,
                lied: true,
                ceiling: None,
                error: "no-effect",
            },
            hold_page: None,
        },
        Err(Error::Permission { .. } | Error::Refused { .. } | Error::NotFound { .. }) if seen.is_some() => {
            let word = answer.as_ref().err().map(retry::word);
            settled(dead(Some(REFUSED_NOTE.to_owned()), word))
        }
        Err(error) => match retry::after(error, claim.attempts, claim.id, now) {
            retry::Next::Lower => {
                plan::follow(retry::again(claim.attempts, claim.id, now), retry::word(error), FAILED_NOTE)
            }
            next => plan::follow(next, retry::word(error), FAILED_NOTE),
        },
    }
}

/// Whether somebody has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// With these words, and nobody else's name stands beside them.
    Ours,
    /// The practice has, with other words: a person was there, or the platform changed ours.
    Theirs,
    /// Not all could be listed, or nobody's name stands beside a reply, so it may be the practice's.
    Unknown,
    Nothing,
}

fn found(words: &[&str], answers: &Answers) -> Found {
    let any = |is: &dyn Fn(&Comment) -> bool| answers.replies.iter().any(is);
    // Facebook does not always say who wrote something; such a reply with our words is ours.
    let nameless = |reply: &Comment| !reply.by_page && reply.author.id.is_none();
    let ours = |reply: &Comment| words.iter().any(|words| same_words(words, reply.text.expose()));
    if any(&|reply| (reply.by_page || nameless(reply)) && ours(reply)) {
        Found::Ours
    } else if any(&|reply| reply.by_page) {
        Found::Theirs
    } else if !answers.whole || any(&nameless) {
        Found::Unknown
    } else {
        Found::Nothing
    }
}

/// The words that were begun, and those that would be: a draft may have been changed in between, or the note of what was
/// begun lost with the machine.
fn words<'a>(claim: &'a Claim, text: Option<&'a Text>) -> Vec<&'a str> {
    let now = text.into_iter().flat_map(|text| [Some(&text.full), text.short.as_ref()]).flatten();
    claim.said.iter().chain(now).map(String::as_str).collect()
}

/// A platform may join lines or spaces.
fn same_words(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

fn sent(now: Timestamp) -> Close {
    Close {
        how: Closed::Done,
        achieved: Some(Act::Reply),
        verified: Some(now),
        gone: false,
        note: None,
        trace: None,
        error: None,
    }
}

fn settled(close: Close) -> Outcome {
    Outcome { settlement: Settlement::Close(close), hold_page: None }
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::{Author, CommentId, CommentKind};
    use crate::executor::brake::Brake;
    use crate::executor::plan::tests::{GRAPH, TIKTOK, claim};
    use crate::platform::http::Fault;
    use crate::platform::{Capabilities, Error};
    use crate::signpost::Signpost;
    use crate::store::tests::{at, comment, page};
    use crate::store::{Mode, Today};

    const WORDS: &str = "Thank you.\n\nPlease say so on nhs.uk.";

    fn owed() -> Claim {
        Claim { draft: Some("signpost-review".into()), ..claim(Act::Reply) }
    }

    /// Begun at nine minutes past eight.
    fn begun() -> Claim {
        Claim { written: Some(Act::Reply), written_at: Some(at(9)), said: Some(WORDS.into()), ..owed() }
    }

    fn text() -> Text {
        Text { signpost: Signpost::Review, full: WORDS.into(), short: Some("Thank you.".into()) }
    }

    fn reply(words: &str, by_page: bool) -> Comment {
        Comment { id: CommentId::new("r1"), kind: CommentKind::Reply, by_page, ..comment("r1", words) }
    }

    fn answers(replies: &[Comment]) -> Answers {
        Answers { replies: replies.to_vec(), whole: true }
    }

    fn can() -> Capabilities {
        Capabilities { reply_chars: Some(8_000), ..GRAPH }
    }

    fn step(claim: &Claim, comment: &Comment, found: &Answers, text: Option<&Text>, minutes: i64) -> Step {
        let brake = Brake::default();
        let around = Around {
            can: can(),
            brake: &brake,
            today: Today::default(),
            charged: &[],
            mode: Mode::Enforce,
            now: at(minutes),
        };
        plan(claim, comment, found, text, &around)
    }

    /// What a step comes to, in a word, and whether its note contains `note`.
    #[track_caller]
    fn tell(step: &Step, want: &str, note: &str) {
        let (got, said) = match step {
            Step::Leave => ("leave", None),
            Step::Wait { why, .. } => (*why, None),
            Step::Act { act, note, .. } => (act.id(), note.clone()),
            Step::Close { close, .. } => (close.how.id(), close.note.clone()),
        };
        assert_eq!(got, want, "{step:?}");
        assert!(said.as_deref().unwrap_or_default().contains(note) && said.is_none() == note.is_empty(), "{said:?}");
    }

    #[track_caller]
    fn check(claim: &Claim, found: &Answers, minutes: i64, want: &str, note: &str) {
        tell(&step(claim, &comment("c1", "worst"), found, Some(&text()), minutes), want, note);
    }

    #[test]
    fn a_reply_is_sent_where_nobody_has_answered() {
        check(&owed(), &answers(&[]), 10, "reply", "");
        check(&owed(), &answers(&[reply("I agree", false)]), 10, "reply", "");
        check(&owed(), &answers(&[reply("Do ring us", true)]), 10, "already", "answered it already");
        check(&owed(), &Answers::default(), 10, "unseen", "");
        check(&owed(), &Answers::default(), 60 * 24 + 1, "already", "could not be seen for a day");
        check(&begun(), &Answers::default(), 30, "unseen", "");
        check(&begun(), &Answers::default(), 60 * 24 + 1, "dead", "could not be seen");
        let nameless = Comment { author: Author::default(), ..reply("I agree", false) };
        check(&owed(), &answers(&[nameless]), 10, "unseen", "");
        // What was sent is known by its words even where the note of it was lost.
        check(&owed(), &answers(&[reply(WORDS, true)]), 10, "already", "answered it already");
        check(&owed(), &answers(&[]), 60 * 24 + 1, "already", "a day had passed");
    }

    #[test]
    fn what_was_begun_is_looked_for_and_not_repeated_before_it_can_be_seen() {
        let ours = answers(&[reply("Thank you. Please say so on nhs.uk.", true)]);
        check(&begun(), &ours, 10, "done", "");
        check(&begun(), &answers(&[reply("Ring us", true)]), 10, "already", "answered it already");
        for (minutes, want) in [(8, "unseen"), (9, "unseen"), (23, "unseen"), (24, "reply")] {
            check(&begun(), &answers(&[]), minutes, want, "");
        }
        check(&begun(), &answers(&[]), 60 * 24 + 1, "dead", "could not be seen");
    }

    #[test]
    fn what_the_platform_took_with_success_is_never_sent_again() {
        let taken = Claim { lies: 1, ..begun() };
        for minutes in [10, 24, 68] {
            check(&taken, &answers(&[]), minutes, "unseen", "");
        }
        check(&taken, &answers(&[]), 69, "dead", "does not show it");
        check(&taken, &answers(&[reply(WORDS, true)]), 69, "done", "");
    }

    #[test]
    fn our_own_words_are_known_without_a_name_and_not_from_somebody_elses_mouth() {
        let nameless = Comment { author: Author::default(), ..reply(WORDS, false) };
        check(&begun(), &answers(&[nameless]), 10, "done", "");
        check(&begun(), &answers(&[reply(WORDS, false)]), 30, "reply", "");
    }

    #[test]
    fn nothing_is_said_to_what_is_hidden_switched_off_too_much_or_too_long() {
        let hidden = Comment { hidden: true, ..comment("c1", "worst") };
        tell(&step(&owed(), &hidden, &answers(&[]), Some(&text()), 10), "already", "it is hidden");
        tell(&step(&begun(), &hidden, &Answers::default(), Some(&text()), 30), "dead", "could not be seen");
        tell(&step(&owed(), &comment("c1", "worst"), &answers(&[]), None, 10), "already", "switched this reply off");
        let around = |can, replies, brake| Around {
            can,
            brake,
            today: Today { replies, ..Today::default() },
            charged: &[],
            mode: Mode::Enforce,
            now: at(10),
        };
        let brake = Brake::default();
        let planned = |around: &Around<'_>, text: &Text| {
            plan(&owed(), &comment("c1", "worst"), &answers(&[]), Some(text), around)
        };
        tell(&planned(&around(can(), 9, &brake), &text()), "reply", "");
        tell(&planned(&around(can(), 10, &brake), &text()), "already", "limit for replies");
        let short = Capabilities { reply_chars: Some(10), ..TIKTOK };
        tell(&planned(&around(short, 0, &brake), &text()), "reply", "");
        tell(&planned(&around(short, 0, &brake), &Text { short: None, ..text() }), "already", "neither the text");
    }

    #[track_caller]
    fn judged(answer: &Result<Receipt, Error>, seen: &Result<Answers, Error>, want: &str) {
        let got = match judge_try(&begun(), WORDS, answer, seen, at(9)).settlement {
            Settlement::Close(close) => format!("{} {}", close.how.id(), close.note.unwrap_or_default()),
            Settlement::Again { lied, counted, error, .. } => format!("again {error} lied {lied} counted {counted}"),
        };
        assert!(got.starts_with(want), "{got}");
    }

    #[test]
    fn only_what_is_seen_counts_as_sent() {
        let (ok, hole) = (|| Ok(Receipt::default()), || Error::Transient { page: page(), source: Fault::TimedOut });
        let (ours, nothing) = (|| Ok(answers(&[reply(WORDS, true)])), || Ok(answers(&[])));
        judged(&ok(), &ours(), "done");
        judged(&Err(hole()), &ours(), "done");
        judged(&ok(), &nothing(), "again no-effect lied true");
        judged(&ok(), &Err(hole()), "again no-effect lied true");
        judged(&Err(hole()), &nothing(), "again transient lied false");
        let refused = || Err(Error::Refused { page: page(), code: 100 });
        judged(&refused(), &nothing(), "dead the platform refused");
        judged(&refused(), &Err(hole()), "again refused lied false");
        let wait = std::time::Duration::from_mins(9);
        judged(&Err(Error::Throttled { page: page(), wait }), &nothing(), "again throttled lied false counted false");
    }
}
