//! `queue uphold`, `restore`, `hide`, `delete` and `note`: a person's word, written down beside the daemon that carries it
//! out. In: numbers or a rule, who, why. Out: what was written, what the platform is now owed, what cannot be done.
//! Not here: whether it can be done (the store's and the executor's), and reading the queue (`queue`).

use super::args::{Args, WhoAndWhy};
use super::explain::paragraph;
use super::queue::{Desk, Words, each_once, refused, unknown};
use super::run::{moment, runtime};
use super::{Outcome, Stop, print};
use crate::clock::Clock;
use crate::comment::Platform;
use crate::digest::Item;
use crate::dossier::decided_word;
use crate::store::{Decided, Decision, Earlier, Left, Refusal, Seen, Selection, Word};

pub(super) fn decide(args: &Args, what: Decision, numbers: &[i64], said: &WhoAndWhy) -> Result<Outcome, Stop> {
    let desk = Desk::open(args)?;
    let word = Word { what, who: said.by.clone(), why: said.reason.clone(), seen: Seen::Anything };
    let done = runtime()?
        .block_on(desk.store.decide(&each_once(numbers), word, desk.mode, Clock::System.now()))
        .map_err(|error| refused(&error))?;
    let words = Words { settings: &desk.settings };
    let mut outcome = Outcome::Done;
    for (number, became) in done {
        match words.became(number, what, &said.by, &became) {
            Ok(text) => print::line(text),
            Err(text) => {
                print::note(text);
                outcome = Outcome::Problems;
            }
        }
    }
    Ok(outcome)
}

/// What `restore --batch` was asked for.
pub(super) struct Batch<'a> {
    pub(super) entries: &'a [String],
    pub(super) rules: Option<&'a str>,
    pub(super) since: Option<&'a str>,
    pub(super) dry_run: bool,
}

pub(super) fn restore_all(args: &Args, asked: &Batch<'_>, said: &WhoAndWhy) -> Result<Outcome, Stop> {
    if asked.entries.is_empty() && asked.rules.is_none() {
        return Err(Stop::other(
            "--batch does not say which rule was wrong".to_owned(),
            "name a lexicon entry with --entry, or a version of the rules with --rules; the digest and `queue show` name both",
        ));
    }
    let desk = Desk::open(args)?;
    let since = asked.since.map(|text| moment(text, &desk.settings.zone, "--since")).transpose()?;
    let which = Selection {
        entries: asked.entries.to_vec(),
        rules_version: asked.rules.map(str::to_owned),
        since,
        dry_run: asked.dry_run,
    };
    let (who, why) = (said.by.clone(), said.reason.clone());
    let runtime = runtime()?;
    let sorted = runtime
        .block_on(desk.store.restore_all(which, who, why, desk.mode, Clock::System.now()))
        .map_err(|error| refused(&error))?;
    if sorted.restored.is_empty() && sorted.left.is_empty() {
        print::note(
            "Nothing that is still there was hidden by that; `queue show NUMBER` names the entries of an incident.",
        );
        return Ok(Outcome::Problems);
    }
    let words = Words { settings: &desk.settings };
    let line = |number: i64, why: String| -> Result<(), Stop> {
        let incident = runtime.block_on(desk.store.incident(number)).map_err(|error| refused(&error))?;
        let item = incident.map(|incident| Item::of(&incident, &desk.settings));
        let what = item.map(|item| format!("{} by {}: “{}”", item.what, item.author, item.excerpt)).unwrap_or_default();
        let mut text = String::new();
        paragraph(&mut text, 7, &format!("{what}{why}"));
        print::line(format_args!("#{number:<6}{}", text.trim()));
        Ok(())
    };
    print::line(restored_title(sorted.restored.len(), asked.dry_run));
    for &number in &sorted.restored {
        line(number, String::new())?;
    }
    if !sorted.left.is_empty() {
        print::line("\nLeft as they are:");
    }
    for (number, why) in &sorted.left {
        line(*number, format!(" – {}", words.left(why)))?;
    }
    print::line(if asked.dry_run {
        "\nNothing was done; leave out --dry-run to do it."
    } else {
        "\nThe rules are as they were: correct the entry, or it goes on hiding."
    });
    Ok(Outcome::Done)
}

fn restored_title(count: usize, dry_run: bool) -> String {
    match (count, dry_run) {
        (0, _) => "Nothing is shown again.".to_owned(),
        (1, true) => "1 comment would be shown again:".to_owned(),
        (many, true) => format!("{many} comments would be shown again:"),
        (1, false) => "1 comment is shown again by the running daemon, within a minute or two:".to_owned(),
        (many, false) => format!("{many} comments are shown again by the running daemon, within a few minutes:"),
    }
}

impl Words<'_> {
    /// What became of a word, or why it did not become what was asked.
    fn became(&self, number: i64, what: Decision, by: &str, became: &Decided) -> Result<String, String> {
        match became {
            Decided::Taken { gone: Some(gone), .. } => Err(format!(
                "#{number}: the comment was gone from the platform by {}, and what is deleted cannot be shown again. Your \
                 word that it was wrong is kept. `queue show {number} --unmasked` has its words, if you want to tell its \
                 author that they may post it again",
                self.moment(*gone)
            )),
            Decided::Taken { owed, after, .. } => {
                let after = after.as_ref().map(|earlier| format!(" Before, it was {}.", self.earlier(earlier)));
                Ok(format!(
                    "{}{}",
                    taken(number, what, by, owed.as_ref().map(|page| page.platform)),
                    after.unwrap_or_default()
                ))
            }
            Decided::Before(earlier) | Decided::Overtaken(earlier) => {
                Err(format!("#{number} was {} before; nothing was changed", self.earlier(earlier)))
            }
            Decided::Refused(refusal) => Err(self.refusal(number, *refusal)),
            Decided::Unknown => Err(unknown(number)),
        }
    }

    fn earlier(&self, earlier: &Earlier) -> String {
        format!("{} by {} on {}", decided_word(earlier.what), earlier.who, self.moment(earlier.at))
    }

    fn refusal(&self, number: i64, refusal: Refusal) -> String {
        match refusal {
            Refusal::Observing => format!(
                "#{number}: this practice only observes, so nothing is touched at the platforms; do it in the app, or write \
                 mode = \"enforce\" in section [practice]. `queue note {number}` keeps what you think"
            ),
            Refusal::Gone(gone) => {
                format!(
                    "#{number}: the comment was gone from the platform by {}; nothing is left to do",
                    self.moment(gone)
                )
            }
            Refusal::Edited(Some(newer)) => {
                format!("#{number}: its author has changed the words since; #{newer} is about the new ones")
            }
            Refusal::Edited(None) => format!(
                "#{number}: its author has changed the words since, and no rule speaks of the new ones; if it has to go, do \
                 it in the app"
            ),
            Refusal::Safeguarding => format!(
                "#{number} has a sign that somebody may come to harm, and such a comment is never deleted: it may be needed \
                 to find and help them. `queue hide {number}` covers it"
            ),
        }
    }

    fn left(&self, left: &Left) -> String {
        match left {
            Left::Gone => "gone from the platform, which cannot be undone; its words are kept".to_owned(),
            Left::OtherReason(entry) => format!("{entry} called for hiding it as well"),
            Left::Decided(earlier) => self.earlier(earlier),
            Left::Shown => "nothing is hidden".to_owned(),
            Left::Observing => "this practice only observes, so nothing is touched".to_owned(),
        }
    }
}

fn taken(number: i64, what: Decision, by: &str, owed: Option<Platform>) -> String {
    let soon = "by the running daemon within a minute";
    let on = owed.map_or("the platform", Platform::name);
    match what {
        Decision::Uphold => format!("#{number} is upheld by {by}."),
        Decision::Note | Decision::Undo => format!("#{number} has a note by {by}."),
        Decision::Restore if owed.is_some() => format!(
            "#{number} is shown again on {on} {soon}, and no rule hides these words of it again. `queue show {number}` says \
             when it is done."
        ),
        Decision::Restore => format!("#{number} is up, and no rule hides these words of it."),
        Decision::Hide => format!("#{number} is hidden on {on} {soon}. `queue show {number}` says when it is done."),
        Decision::Delete if owed == Some(Platform::TikTok) => {
            format!("#{number}: TikTok lets nobody delete it from here; it is hidden {soon}. Delete it in the app.")
        }
        Decision::Delete => {
            format!(
                "#{number} is deleted on {on} {soon}; its words are kept. `queue show {number}` says when it is done."
            )
        }
    }
}
