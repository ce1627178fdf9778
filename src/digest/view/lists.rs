//! The lists of a digest: what needs a human, what was done, what is owed to whom, who came up before, what fired. In:
//! the incidents and numbers of a period. Out: lists in the order people need them. Not here: how one entry reads.

use std::collections::{BTreeMap, BTreeSet};

use super::incident::{left_up_on_purpose, needs_human, safe_link};
use super::{Change, Draft, Entry, HOLIDAYS, Item, Notice, Owed, Recipient, SeenBefore, Trend, Words, category_name};
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::Platform;
use crate::digest::mask;
use crate::digest::schedule::{DueTime, LAST_HOLIDAY_YEAR, holidays_run_out};
use crate::ladder::Step;
use crate::lexicon::Category;
use crate::policy::Action;
use crate::store::report::{EntryCount, Incident, Period};

/// How many comments that were left up on purpose are shown.
const SAMPLE: usize = 5;

/// What has been owed for longer than this is told by number alone.
const STALE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// How many lexicon entries are shown.
const ENTRIES: usize = 8;

/// How many authors are shown, those who came up most often.
const AUTHORS: usize = 20;

impl Words<'_> {
    /// Who needs a human, what was done, and a sample of what was left up on purpose.
    pub(super) fn sorted_out(self, incidents: &[Incident]) -> (Vec<Item>, Vec<Item>, Vec<Item>) {
        let mut needs: Vec<Item> = incidents.iter().filter(|i| needs_human(i)).map(|i| self.item(i)).collect();
        needs.sort_by_key(|item| (item.urgency, item.when.at, item.number));
        let rest = || incidents.iter().filter(|incident| !needs_human(incident));
        let done =
            rest().filter(|i| i.outcome.intended >= Action::Hide || is_attended(i)).map(|i| self.item(i)).collect();
        let left: Vec<&Incident> = rest().filter(|i| left_up_on_purpose(i) && !is_attended(i)).collect();
        // Spread over the period instead of its first few: a sample that shows only mornings shows little.
        let step = left.len().div_ceil(SAMPLE).max(1);
        (needs, done, left.into_iter().step_by(step).map(|i| self.item(i)).collect())
    }

    pub(super) fn drafts(self, incidents: &[Incident]) -> Vec<Draft> {
        let mut recipients: BTreeMap<&str, Vec<Recipient>> = BTreeMap::new();
        for incident in incidents {
            for draft in &incident.verdict.drafts {
                recipients.entry(draft).or_default().push(self.recipient(incident));
            }
        }
        let draft = |(name, recipients): (&str, Vec<Recipient>)| {
            let known = self.settings.drafts.iter().find(|draft| draft.name == name);
            Draft {
                name: name.to_owned(),
                title: known.map_or_else(|| name.replace('-', " "), |draft| draft.title.clone()),
                text: known.map(|draft| draft.text.clone()),
                short: known
                    .and_then(|draft| draft.short.clone())
                    .filter(|_| recipients.iter().any(|to| to.platform == Platform::TikTok.name())),
                recipients,
            }
        };
        recipients.into_iter().map(draft).collect()
    }

    /// What is owed in answer to the period's comments and to older ones, until somebody has a word on them; what should
    /// have been done first comes first.
    pub(super) fn owed(self, period: &Period, category: Category, days: u8) -> Vec<Owed> {
        let owed = |(incident, earlier): (&Incident, bool)| {
            let due = self.due(incident, days).at;
            Owed {
                due: self.when(due),
                overdue: due <= period.to,
                stale: period.to.duration_since(due) > STALE,
                earlier,
                number: incident.number,
                author: self.author(incident),
                platform: incident.page.platform.name().into(),
                excerpt: self.excerpt(incident),
                link: safe_link(incident),
                console: self.settings.console_link(incident.number),
            }
        };
        let new = period.incidents.iter().map(|incident| (incident, false));
        let old = period.standing.open.iter().map(|incident| (incident, true));
        let of_kind = |(incident, _): &(&Incident, bool)| {
            incident.verdict.categories.contains(&category) && !is_attended(incident)
        };
        let mut owed: Vec<Owed> = new.chain(old).filter(of_kind).map(owed).collect();
        owed.sort_by_key(|owed| (owed.due.at, owed.number));
        owed
    }

    fn due(self, incident: &Incident, days: u8) -> DueTime {
        self.settings.hours.due(incident.created.unwrap_or(incident.judged_at), days, &self.settings.zone)
    }

    pub(super) fn seen_before(self, incidents: &[Incident]) -> Vec<SeenBefore> {
        let mut by_author: BTreeMap<(String, String), Vec<&Incident>> = BTreeMap::new();
        for incident in incidents {
            let id = incident.author.id.as_ref().map(|id| id.as_str().to_owned());
            if let Some(who) = id.or_else(|| incident.author.name.as_ref().map(|name| name.expose().to_owned())) {
                by_author.entry((incident.page.to_string(), who)).or_default().push(incident);
            }
        }
        let mut seen: Vec<SeenBefore> = by_author.into_values().filter_map(|theirs| self.one_author(&theirs)).collect();
        seen.sort_by_key(|author| std::cmp::Reverse(author.before + author.numbers.len() as u64));
        seen.truncate(AUTHORS);
        seen
    }

    fn one_author(self, theirs: &[&Incident]) -> Option<SeenBefore> {
        let first = theirs.first()?;
        let seen = SeenBefore {
            author: self.author(first),
            platform: first.page.platform.name().into(),
            before: first.author_before,
            step: theirs.iter().find_map(|incident| incident.author_step).map(Step::name),
            numbers: theirs.iter().map(|incident| incident.number).collect(),
            complaints_only: theirs.iter().all(|incident| incident.verdict.categories == [Category::Complaint]),
        };
        (seen.before > 0 || seen.numbers.len() > 1 || seen.step.is_some()).then_some(seen)
    }

    pub(super) fn notices(self, period: &Period) -> Vec<Notice> {
        let told = period.notices.iter().map(|notice| Notice {
            when: Some(self.when(notice.at)),
            kind: notice.kind.clone(),
            text: match &notice.page {
                Some(page) => format!("{} page {}: {}", page.platform.name(), page.id, notice.text),
                None => notice.text.clone(),
            },
        });
        let unknown = period.incidents.iter().any(|incident| {
            let owed = [
                (Category::Question, self.settings.answer_days),
                (Category::Complaint, self.settings.acknowledge_days),
            ];
            owed.iter().any(|(category, days)| {
                incident.verdict.categories.contains(category) && !self.due(incident, *days).holidays_known
            })
        });
        let holidays = match (unknown, holidays_run_out(period.to, &self.settings.zone)) {
            (true, _) => Some("Some due times here may be a day early"),
            (false, true) => Some("Soon due times may be a day early"),
            (false, false) => None,
        };
        let holidays = holidays.map(|so| Notice {
            when: None,
            kind: HOLIDAYS.into(),
            text: format!("Bank holidays are known to the end of {LAST_HOLIDAY_YEAR}. {so}: update Chaperone."),
        });
        told.chain(holidays).collect()
    }

    /// The entries that fired most; those that people spoke against come first.
    pub(super) fn entries(self, period: &Period) -> Vec<Entry> {
        let youth = self.settings.young_days.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
        let young = |since: &Timestamp| youth.is_some_and(|youth| period.to.duration_since(*since) < youth);
        let entry = |count: &EntryCount| Entry {
            entry: mask::entry(&count.entry, self.settings.masking),
            comments: count.comments,
            before: count.before,
            change: period.before_watched.then(|| Change::of(count.comments, count.before)),
            restored: count.restored,
            young_since: count.since.filter(young).map(|since| self.when(since)),
            // Half of everything, and more than a few: either something happened, or the words are too ordinary.
            too_often: count.comments >= 10 && count.comments * 2 >= period.incidents.len() as u64,
        };
        let mut counts: Vec<&EntryCount> = period.entries.iter().collect();
        counts.sort_by_key(|count| std::cmp::Reverse((count.restored, count.comments)));
        counts.into_iter().take(ENTRIES).map(entry).collect()
    }
}

/// A person has had a word on it.
fn is_attended(incident: &Incident) -> bool {
    incident.decided.is_some() || incident.taken.is_some()
}

pub(super) fn trend(period: &Period) -> Vec<Trend> {
    let yardstick = |trend: &crate::store::report::Trend| {
        if period.before_watched { trend.now.max(trend.before) } else { trend.now }
    };
    let most = period.trend.iter().map(yardstick).max().unwrap_or(0).max(1);
    let mut trends: Vec<Trend> = period
        .trend
        .iter()
        .filter(|trend| trend.now > 0 || period.before_watched && trend.before > 0)
        .map(|trend| Trend {
            category: trend.category,
            name: category_name(trend.category).into(),
            now: trend.now,
            before: trend.before,
            change: period.before_watched.then(|| Change::of(trend.now, trend.before)),
            percent: trend.now * 100 / most,
        })
        .collect();
    trends.sort_by_key(|trend| std::cmp::Reverse((trend.now, trend.before)));
    trends
}

pub(super) fn versions(incidents: &[Incident]) -> Vec<String> {
    let versions: BTreeSet<&str> = incidents.iter().map(|incident| incident.rules_version.as_str()).collect();
    versions.into_iter().map(str::to_owned).collect()
}
