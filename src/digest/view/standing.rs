//! Where the period stands: what a person has to do today, what still waits from before, what came to an end, which
//! entries find nothing. In: the period's lists and what the store says of the time before. Out: short lines that fit
//! the first screen, and lists. Not here: the period's own incidents.

use super::incident::{headline, kind_name, needs_human, safe_link};
use super::{Idle, Item, Open, Owed, Page, Pressing, Reading, Resolved, Tone, Urgency, Words, counted};
use crate::clock::SignedDuration;
use crate::digest::mask;
use crate::store::Decision;
use crate::store::report::{IDLE_DAYS, Period};

/// So many numbers are named in a line of what has to be done.
const NUMBERS: usize = 8;

/// What the day's duties are gathered from.
pub(super) struct Pile<'a> {
    pub(super) coverage: &'a [Page],
    pub(super) needs: &'a [Item],
    pub(super) open: &'a [Open],
    pub(super) questions: &'a [Owed],
    pub(super) complaints: &'a [Owed],
    /// Not all that is open was read.
    pub(super) cut: bool,
}

/// The first screen: what cannot wait, what is late, what is due next, and how much more there is.
pub(super) fn today(pile: &Pile<'_>) -> Vec<Pressing> {
    let mut lines = Vec::new();
    let mut say = |tone, text: String| lines.push(Pressing { tone, text });
    match pile.coverage.iter().filter(|page| page.reading == Reading::Unread).count() {
        0 => {}
        unread => say(
            Tone::Alarm,
            format!(
                "{} not being read: what is said there is not seen.",
                counted(unread as u64, "page is", "pages are")
            ),
        ),
    }
    for (urgency, what) in GRAVE {
        let numbers: Vec<i64> =
            pile.needs.iter().filter(|item| item.urgency == urgency).map(|item| item.number).collect();
        if !numbers.is_empty() {
            say(Tone::Alarm, format!("{what}: {}.", listed(&numbers)));
        }
    }
    for (owed, what) in [(pile.questions, "question"), (pile.complaints, "complaint")] {
        let late: Vec<i64> = owed.iter().filter(|owed| owed.overdue).map(|owed| owed.number).collect();
        if !late.is_empty() {
            let many = format!("{what}s");
            say(Tone::Warn, format!("Past its time: {}: {}.", counted(late.len() as u64, what, &many), listed(&late)));
        }
    }
    for (owed, what, many, verb) in [
        (pile.questions, "question", "questions", "answer"),
        (pile.complaints, "complaint", "complaints", "acknowledge"),
    ] {
        let ahead: Vec<&Owed> = owed.iter().filter(|owed| !owed.overdue).collect();
        if let Some(first) = ahead.first() {
            let what = counted(ahead.len() as u64, what, many);
            let by = if ahead.len() == 1 { "by" } else { "the first by" };
            say(Tone::Plain, format!("{what} to {verb}, {by} {}.", first.due.local));
        }
    }
    let ordinary = pile.needs.iter().filter(|item| item.urgency == Urgency::Ordinary).count();
    if ordinary > 0 {
        let more = if ordinary < pile.needs.len() { "other " } else { "" };
        let what = counted(ordinary as u64, &format!("{more}comment waits"), &format!("{more}comments wait"));
        say(Tone::Plain, format!("{what} for a person to decide."));
    }
    if let Some(oldest) = pile.open.iter().max_by_key(|open| open.days) {
        let waits = counted(
            pile.open.len() as u64,
            "comment of earlier digests still waits",
            "comments of earlier digests still wait",
        );
        let tone = if pile.open.iter().any(|open| open.urgency < Urgency::Ordinary) { Tone::Warn } else { Tone::Plain };
        let least = if pile.cut { "At least " } else { "" };
        say(tone, format!("{least}{waits}, the oldest {}.", for_days(oldest.days)));
    }
    // Stable: within a tone the lines stay in the order of the sections below.
    lines.sort_by_key(|line| line.tone);
    lines
}

impl Words<'_> {
    /// What earlier digests told of and needs a person still.
    pub(super) fn open(self, period: &Period) -> Vec<Open> {
        let mut open: Vec<Open> = period
            .standing
            .open
            .iter()
            .filter(|incident| needs_human(incident))
            .map(|incident| Open {
                number: incident.number,
                urgency: Urgency::of(&incident.verdict.categories),
                headline: headline(&incident.verdict.categories),
                what: format!("{} {}", incident.page.platform.name(), kind_name(incident.kind)),
                outcome: self.outcome(incident),
                since: self.when(incident.judged_at),
                days: whole_days(period.to.duration_since(incident.judged_at)),
                link: safe_link(incident),
                console: self.settings.console_link(incident.number),
            })
            .collect();
        // The newest of each kind first: what has lain for months was told for months.
        open.sort_by_key(|open| (open.urgency, open.days, open.number));
        open
    }

    /// Older incidents that a person had a word on in the period.
    pub(super) fn resolved(self, period: &Period) -> Vec<Resolved> {
        let resolved = period.standing.resolved.iter().map(|one| Resolved {
            number: one.number,
            headline: headline(&one.categories),
            how: match one.what {
                None | Some(Decision::Note | Decision::Undo) => "taken in hand",
                Some(Decision::Uphold) => "upheld",
                Some(Decision::Restore) => "restored",
                Some(Decision::Hide) => "hidden",
                Some(Decision::Delete) => "deleted",
            }
            .to_owned(),
            who: mask::plain(&one.who),
            when: self.when(one.at),
        });
        resolved.collect()
    }

    /// Lexicon entries that had their chance and found nothing.
    pub(super) fn idle(self, period: &Period) -> Idle {
        let standing = &period.standing;
        Idle {
            days: IDLE_DAYS,
            in_force: standing.entries_in_force,
            entries: standing.idle.iter().map(|idle| mask::entry(&idle.entry, self.settings.masking)).collect(),
            changed: standing.idle.iter().filter(|idle| idle.since.is_some()).count(),
        }
    }
}

/// What is said of the gravest, in the order in which people look at it.
const GRAVE: [(Urgency, &str); 4] = [
    (Urgency::Safeguarding, "Somebody may be at risk of harm"),
    (Urgency::Threat, "Threats"),
    (Urgency::PatientIdentified, "A private person's details"),
    (Urgency::Defamation, "Allegations that may be defamatory"),
];

/// "#3, #4 and 2 more".
fn listed(numbers: &[i64]) -> String {
    let (shown, rest) = numbers.split_at(numbers.len().min(NUMBERS));
    let shown: Vec<String> = shown.iter().map(|number| format!("#{number}")).collect();
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    format!("{}{more}", shown.join(", "))
}

/// "for 3 days", "for a day", "for less than a day".
pub(in crate::digest) fn for_days(days: i64) -> String {
    match days {
        0 => "for less than a day".into(),
        1 => "for a day".into(),
        many => format!("for {many} days"),
    }
}

fn whole_days(span: SignedDuration) -> i64 {
    span.as_hours() / 24
}
