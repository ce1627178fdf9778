//! What a digest says, before anybody decides how it looks. In: a [`Period`], the practice's [`Settings`].
//! Out: a [`Digest`], its sections in the order people need them, everything masked, every time in local words.
//! The JSON digest is this very shape (`schema` 1). The pieces are put into words next door: a page, an incident, the
//! lists. Not here: rendering, sending, reading the store.

mod incident;
mod lists;
mod page;
mod standing;

pub use incident::{attachment_name, kind_name, needs_human, needs_human_soon, needs_person};
use incident::{is_restored, left_up_on_purpose};
use jiff::civil::time;
use jiff::tz::TimeZone;
use lists::{trend, versions};
use serde::Serialize;
pub(super) use standing::for_days;

use super::mask::Masking;
use super::schedule::Hours;
use crate::clock::{SignedDuration, Timestamp};
use crate::lexicon::Category;
use crate::policy::Action;
use crate::store::report::{Incident, OPEN_MOST, OutcomeState, Period};

/// Version of the JSON digest's shape; raised when a field changes its meaning or goes.
pub const SCHEMA: u32 = 1;

/// How a practice wants its digests.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The practice's name.
    pub practice: String,
    /// The title of its policy, which all clauses belong to.
    pub policy: String,
    /// Whose clock the times are told by.
    pub zone: TimeZone,
    /// When the practice answers.
    pub hours: Hours,
    /// Observe mode: nothing was touched, so it says "would have been".
    pub observe: bool,
    /// Which names may leave.
    pub masking: Masking,
    /// Business days within which a question is answered.
    pub answer_days: u8,
    /// Working days within which a complaint is acknowledged.
    pub acknowledge_days: u8,
    /// The fixed texts that verdicts ask to be drafted from.
    pub drafts: Vec<DraftText>,
    /// For how many days a rule that is new or was changed counts as young; `None`: none does.
    pub young_days: Option<u32>,
    /// How a person calls the program for this practice, ready for a shell: `chaperone --config FILE`.
    pub command: String,
    /// Where the console is found, without a slash at the end: `https://chaperone.surgery.example`. `None`: no links to it.
    pub console: Option<String>,
}

impl Settings {
    /// Where an incident stands in the console, if there is one that people can reach.
    pub fn console_link(&self, number: i64) -> Option<String> {
        let base = self.console.as_deref()?.trim_end_matches('/');
        (!base.is_empty()).then(|| format!("{base}/incident/{number}"))
    }
}

impl Default for Settings {
    fn default() -> Self {
        let hours = Hours { opens: time(8, 0, 0, 0), closes: time(18, 30, 0, 0) };
        Self {
            practice: String::new(),
            policy: String::new(),
            zone: TimeZone::UTC,
            hours,
            observe: false,
            masking: Masking::default(),
            answer_days: 3,
            acknowledge_days: 3,
            drafts: Vec::new(),
            young_days: None,
            command: "chaperone".to_owned(),
            console: None,
        }
    }
}

/// A fixed text of the practice's own; a human sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftText {
    /// What verdicts call it (`complaint-pathway`).
    pub name: String,
    /// What people call it.
    pub title: String,
    /// The text, its paragraphs parted by an empty line.
    pub text: String,
    /// The same in 150 characters at most, for TikTok.
    pub short: Option<String>,
}

/// A digest of one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Digest {
    /// Version of this shape: [`SCHEMA`].
    pub schema: u32,
    /// The practice.
    pub practice: String,
    /// The title of its policy.
    pub policy: String,
    /// Nothing was touched.
    pub observe: bool,
    /// The mail's subject: what matters, in one line.
    pub subject: String,
    /// Beginning of the period.
    pub from: When,
    /// Its end.
    pub to: When,
    /// Both in words, with the year.
    pub period: String,
    /// The numbers.
    pub counts: Counts,
    /// What a person has to do today, in a few lines: the first screen.
    pub today: Vec<Pressing>,
    /// What was watched, pages that could not be read first.
    pub coverage: Vec<Page>,
    /// What only a human can settle, the most urgent first.
    pub needs: Vec<Item>,
    /// What earlier digests told of and still waits for a person, the most urgent first.
    pub open: Vec<Open>,
    /// What was done without needing anybody, oldest first.
    pub done: Vec<Item>,
    /// A sample of what a rule left up on purpose.
    pub left_up: Vec<Item>,
    /// What a human reports to the platform; no API can.
    pub report: Vec<Report>,
    /// Texts ready to send, and to whom.
    pub drafts: Vec<Draft>,
    /// Questions and when they are to be answered.
    pub questions: Vec<Owed>,
    /// Complaints and when they are to be acknowledged.
    pub complaints: Vec<Owed>,
    /// Authors who came up before, or twice in the period.
    pub authors: Vec<SeenBefore>,
    /// The lexicon entries that fired most.
    pub entries: Vec<Entry>,
    /// The lexicon entries that find nothing.
    pub idle: Idle,
    /// Incidents per category, with the same period a week before for comparison.
    pub categories: Vec<Trend>,
    /// Whether the week before was watched from end to end: if not, it is no yardstick.
    pub before_watched: bool,
    /// Older incidents that a person decided or took in hand in the period.
    pub resolved: Vec<Resolved>,
    /// What people must hear of that is no comment.
    pub notices: Vec<Notice>,
    /// Versions of the rules that judged the period's incidents.
    pub rules_versions: Vec<String>,
    /// Head of the audit chain at the end of the period.
    pub audit_head: Option<String>,
}

/// A moment, for programs and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct When {
    /// The moment.
    pub at: Timestamp,
    /// The same in local words: "Fri 20 Nov, 07:30".
    pub local: String,
}

/// The numbers of a period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Incidents that need a human.
    pub needs: usize,
    /// Comments deleted (in observe mode: that would have been).
    pub deleted: usize,
    /// Comments hidden (in observe mode: that would have been).
    pub hidden: usize,
    /// Comments that people restored: their word against the rules.
    pub restored: usize,
    /// Comments that a rule left up on purpose.
    pub left_up: usize,
    /// Questions.
    pub questions: usize,
    /// Questions and complaints whose time has passed while nobody had a word on them.
    pub overdue: usize,
    /// Incidents of earlier digests that still wait for a person.
    pub open: usize,
    /// Comments judged.
    pub judged: u64,
    /// Comments judged that no rule had anything to say about.
    pub without_reason: u64,
    /// Pages watched.
    pub pages: usize,
    /// Pages that are not being read, or were not read once.
    pub pages_unread: usize,
    /// Pages that were read with something missing.
    pub pages_partly: usize,
    /// Pages that were read late.
    pub pages_late: usize,
}

/// How well a page was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reading {
    /// Not being read now, or not once in the period.
    Unread,
    /// Read, with something missing.
    Partly,
    /// Read from end to end, but not for an hour or more of the period: what came in then was seen late.
    Late,
    /// Read from end to end.
    Whole,
}

/// One page's coverage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page {
    /// The platform's name as people write it.
    pub platform: String,
    /// The page's id.
    pub id: String,
    /// Its name, else its id.
    pub name: String,
    /// How well it was read.
    pub reading: Reading,
    /// One line that says so.
    pub summary: String,
    /// What was missing and why, a line each.
    pub missing: Vec<String>,
    /// What a person does next, where something is to be done.
    pub help: Option<String>,
    /// Watched since.
    pub since: Option<When>,
    /// Last read.
    pub last_ok: Option<When>,
    /// Comments read for the first time.
    pub new_comments: u64,
    /// Comments that were there before watching began; remembered, not judged.
    pub baseline: u64,
}

/// How soon a human is needed, most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// Somebody may come to harm.
    Safeguarding,
    /// Somebody means harm.
    Threat,
    /// A private person's details are or were public.
    PatientIdentified,
    /// A reputation is at stake; legal advice.
    Defamation,
    /// Everything else.
    Ordinary,
}

impl Urgency {
    /// How urgent a set of categories is.
    pub fn of(categories: &[Category]) -> Self {
        [
            (Category::Safeguarding, Self::Safeguarding),
            (Category::Threat, Self::Threat),
            (Category::PatientIdentified, Self::PatientIdentified),
            (Category::Defamation, Self::Defamation),
        ]
        .into_iter()
        .find(|(category, _)| categories.contains(category))
        .map_or(Self::Ordinary, |(_, urgency)| urgency)
    }
}

/// One incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The number people quote.
    pub number: i64,
    /// How soon a human is needed.
    pub urgency: Urgency,
    /// Platform and kind: "Facebook comment".
    pub what: String,
    /// When it was written, else when it was judged.
    pub when: When,
    /// Who wrote it, masked.
    pub author: String,
    /// Incidents of the same author before this one.
    pub author_before: u64,
    /// Where a person can see it.
    pub link: Option<String>,
    /// Where a person can decide it: the console.
    pub console: Option<String>,
    /// What it said, masked; or that it had no words.
    pub excerpt: String,
    /// What it carried beside the text, in words.
    pub carried: Vec<String>,
    /// It was judged before with other words.
    pub edited: bool,
    /// Its categories, by id.
    pub categories: Vec<Category>,
    /// Its categories in words, the gravest first: "Threat, obscenity".
    pub headline: String,
    /// What was to be done.
    pub intended: Action,
    /// What was done.
    pub achieved: Option<Action>,
    /// Reading back showed it.
    pub verified: Option<When>,
    /// What became of it, in words.
    pub outcome: String,
    /// Whether the outcome is not what the policy wanted.
    pub fell_short: bool,
    /// Why, a line for each clause.
    pub why: Vec<Why>,
    /// Who is told.
    pub tell: Vec<String>,
    /// What the executor had to say about it.
    pub note: Option<String>,
}

/// One reason of an incident, or several with the same category and clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Why {
    /// The category.
    pub category: Category,
    /// The category in words.
    pub name: String,
    /// The place in the practice's policy.
    pub clause: String,
    /// The lexicon entries that fired, each once.
    pub entries: Vec<String>,
    /// How sure: `low`, `medium` or `high`, the surest of them.
    pub certainty: String,
    /// What overrode the rule, if something did.
    pub note: Option<String>,
}

/// A line of the report-to-platform checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The incident.
    pub number: i64,
    /// The platform's name.
    pub platform: String,
    /// Who wrote it, masked.
    pub author: String,
    /// What to report it as.
    pub reason: String,
    /// What to do, in words.
    pub step: String,
    /// Where.
    pub link: Option<String>,
}

/// A text to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// What verdicts call it.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// The text; none if the practice has not written it yet.
    pub text: Option<String>,
    /// A short form of it, where somebody is to be answered on a platform that takes no long replies.
    pub short: Option<String>,
    /// For which incidents.
    pub recipients: Vec<Recipient>,
}

/// Whom a draft is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recipient {
    /// The incident.
    pub number: i64,
    /// Who wrote it, masked.
    pub author: String,
    /// The platform's name.
    pub platform: String,
    /// Where.
    pub link: Option<String>,
}

/// A line of what has to be done today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pressing {
    /// How loud it is.
    pub tone: Tone,
    /// What.
    pub text: String,
}

/// How loud something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Somebody may come to harm, or something is wrong.
    Alarm,
    /// Late, or not as it should be.
    Warn,
    /// To be done.
    Plain,
}

/// An incident of an earlier digest that still waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Open {
    /// The number people quote.
    pub number: i64,
    /// How soon a human is needed.
    pub urgency: Urgency,
    /// Its categories in words, the gravest first.
    pub headline: String,
    /// Platform and kind.
    pub what: String,
    /// What became of it, in words.
    pub outcome: String,
    /// When it was judged.
    pub since: When,
    /// Whole days since then.
    pub days: i64,
    /// Where a person can see it.
    pub link: Option<String>,
    /// Where a person can decide it.
    pub console: Option<String>,
}

/// An older incident that came to an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resolved {
    /// The number people quote.
    pub number: i64,
    /// Its categories in words, the gravest first.
    pub headline: String,
    /// What a person said of it: "restored", "taken in hand".
    pub how: String,
    /// Who.
    pub who: String,
    /// When.
    pub when: When,
}

/// Entries that find nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Idle {
    /// For how many days they have found nothing.
    pub days: i64,
    /// Entries in force.
    pub in_force: u64,
    /// Those that found nothing though they were in force as long; what people changed last comes first.
    pub entries: Vec<String>,
    /// How many of them, from the first on, somebody has written or changed since the beginning.
    pub changed: usize,
}

/// Something owed to somebody by a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Owed {
    /// By when.
    pub due: When,
    /// That time has passed.
    pub overdue: bool,
    /// And longer ago than two weeks.
    pub stale: bool,
    /// Told in an earlier digest already.
    pub earlier: bool,
    /// What is owed: the incident.
    pub number: i64,
    /// Who wrote it, masked.
    pub author: String,
    /// The platform's name.
    pub platform: String,
    /// What it said, masked.
    pub excerpt: String,
    /// Where.
    pub link: Option<String>,
    /// Where a person can see to it: the console.
    pub console: Option<String>,
}

/// An author who came up before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenBefore {
    /// Masked.
    pub author: String,
    /// The platform's name.
    pub platform: String,
    /// Incidents before the period.
    pub before: u64,
    /// Their incidents in the period.
    pub numbers: Vec<i64>,
    /// The last step of the author ladder that counts, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<&'static str>,
    /// All of it complaints: never a reason for removal from the list.
    pub complaints_only: bool,
}

/// How often a lexicon entry fired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The entry.
    pub entry: String,
    /// How many comments.
    pub comments: u64,
    /// How many in the same period a week before.
    pub before: u64,
    /// What changed since then; `None`: that was not watched.
    pub change: Option<Change>,
    /// How many of them people restored.
    pub restored: u64,
    /// It was new or changed then, and is young still: less is done on its word alone.
    pub young_since: Option<When>,
    /// So large a part of everything that it may be too broad.
    pub too_often: bool,
}

/// A category now and before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trend {
    /// The category.
    pub category: Category,
    /// In words.
    pub name: String,
    /// Incidents now.
    pub now: u64,
    /// In the same period a week before.
    pub before: u64,
    /// What changed since then; `None`: that was not watched.
    pub change: Option<Change>,
    /// How long its bar is, in per cent of the longest.
    pub percent: u64,
}

/// What became of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// There was none before.
    New,
    /// More than before.
    Up,
    /// As many as before.
    Same,
    /// Fewer than before.
    Down,
    /// None now.
    Gone,
}

impl Change {
    /// What became of a number that was `before`.
    pub fn of(now: u64, before: u64) -> Self {
        match (now, before) {
            (0, before) if before > 0 => Self::Gone,
            (now, 0) if now > 0 => Self::New,
            _ if now > before => Self::Up,
            _ if now < before => Self::Down,
            _ => Self::Same,
        }
    }

    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Up => "up",
            Self::Same => "same",
            Self::Down => "down",
            Self::Gone => "none now",
        }
    }
}

/// Something people must hear of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// When.
    pub when: Option<When>,
    /// The fixed kind.
    pub kind: String,
    /// In words.
    pub text: String,
}

impl Item {
    /// An incident as the digest would show it: masked, in words.
    pub fn of(incident: &Incident, settings: &Settings) -> Self {
        Words { settings }.item(incident)
    }
}

impl Digest {
    /// Everything a period has to say, masked and in order.
    pub fn build(period: &Period, settings: &Settings) -> Self {
        let words = Words { settings };
        let mut coverage: Vec<Page> = period.coverage.iter().map(|page| words.page(page, period)).collect();
        // Stable: pages that were read equally well stay in the order of the configuration.
        coverage.sort_by_key(|page| page.reading);
        let (needs, done, left_up) = words.sorted_out(&period.incidents);
        let open = words.open(period);
        let questions = words.owed(period, Category::Question, settings.answer_days);
        let complaints = words.owed(period, Category::Complaint, settings.acknowledge_days);
        let counts = Counts {
            overdue: questions.iter().chain(&complaints).filter(|owed| owed.overdue).count(),
            open: open.len(),
            ..count(period, &coverage, needs.len())
        };
        Self {
            schema: SCHEMA,
            practice: settings.practice.clone(),
            policy: settings.policy.clone(),
            observe: settings.observe,
            subject: subject(settings, &counts),
            from: words.when(period.from),
            to: words.when(period.to),
            period: format!("{} to {}", words.dated(period.from), words.dated(period.to)),
            today: standing::today(&standing::Pile {
                coverage: &coverage,
                needs: &needs,
                open: &open,
                questions: &questions,
                complaints: &complaints,
                cut: period.standing.open.len() >= OPEN_MOST,
            }),
            coverage,
            needs,
            open,
            done,
            left_up,
            report: period
                .incidents
                .iter()
                .filter(|incident| incident.verdict.report)
                .map(|i| words.report(i))
                .collect(),
            drafts: words.drafts(&period.incidents),
            questions,
            complaints,
            authors: words.seen_before(&period.incidents),
            entries: words.entries(period),
            idle: words.idle(period),
            categories: trend(period),
            before_watched: period.before_watched,
            resolved: words.resolved(period),
            notices: words.notices(period),
            rules_versions: versions(&period.incidents),
            audit_head: period.audit_head.clone(),
            counts,
        }
    }

    /// Nothing happened and everything was read: nobody needs this mail.
    pub fn is_quiet(&self) -> bool {
        let nothing_happened = self.needs.is_empty()
            && self.done.is_empty()
            && self.report.is_empty()
            && self.drafts.is_empty()
            && !self.questions.iter().chain(&self.complaints).any(|owed| self.is_news(owed))
            && !self.open.iter().any(|open| open.urgency < Urgency::Ordinary)
            // That the table of bank holidays ends in some months is no news of the day.
            && self.notices.iter().all(|notice| notice.kind == HOLIDAYS);
        nothing_happened && !self.coverage.is_empty() && self.coverage.iter().all(|page| page.reading == Reading::Whole)
    }
}

impl Digest {
    /// Whether something owed is worth a mail of its own: it came in since the last one, or its time comes before the next.
    fn is_news(&self, owed: &Owed) -> bool {
        let next = self.to.at.saturating_add(SignedDuration::from_hours(24)).unwrap_or(self.to.at);
        !owed.earlier || (self.from.at..next).contains(&owed.due.at)
    }
}

/// The kind of the notice that bank holidays will soon be unknown.
const HOLIDAYS: &str = "holidays";

/// A category as people call it.
pub fn category_name(category: Category) -> &'static str {
    match category {
        Category::AppointmentRequest => "appointment request",
        Category::Complaint => "complaint",
        Category::Defamation => "defamation",
        Category::Fraud => "scam or spam",
        Category::Harassment => "harassment",
        Category::Hate => "hate",
        Category::MedicalInformation => "medical information",
        Category::Misinformation => "misinformation",
        Category::Obscenity => "obscenity",
        Category::PatientIdentified => "private person identified",
        Category::Question => "question",
        Category::Recording => "recording",
        Category::Review => "review",
        Category::Safeguarding => "safeguarding",
        Category::StaffConduct => "staff conduct",
        Category::StaffIdentified => "staff named",
        Category::Threat => "threat",
    }
}

/// Settings at hand, incidents in: the parts of a digest out. Alerts speak with the same voice.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) settings: &'a Settings,
}

impl Words<'_> {
    pub(super) fn when(self, at: Timestamp) -> When {
        When { at, local: self.local(at) }
    }

    fn local(self, at: Timestamp) -> String {
        at.to_zoned(self.settings.zone.clone()).strftime("%a %-d %b, %H:%M").to_string()
    }

    fn dated(self, at: Timestamp) -> String {
        at.to_zoned(self.settings.zone.clone()).strftime("%A %-d %B %Y, %H:%M").to_string()
    }

    /// "08:12" on the day of `day`, with its date otherwise.
    fn local_near(self, at: Timestamp, day: Timestamp) -> String {
        let date = |at: Timestamp| at.to_zoned(self.settings.zone.clone()).date();
        if date(at) == date(day) {
            return at.to_zoned(self.settings.zone.clone()).strftime("%H:%M").to_string();
        }
        self.local(at)
    }
}

/// "1 item", "2 items".
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// An action as it reads afterwards.
pub fn done_word(action: Action) -> &'static str {
    match action {
        Action::Allow => "left up",
        Action::Escalate => "left up for you to decide",
        Action::Hide => "hidden",
        Action::Delete => "deleted",
    }
}

fn count(period: &Period, coverage: &[Page], needs: usize) -> Counts {
    // In observe mode nothing is achieved, and the intention is what counts.
    let did = |wanted: Action| {
        let became = |incident: &&Incident| {
            !is_restored(incident)
                && match incident.outcome.state {
                    OutcomeState::Observed => incident.outcome.intended == wanted,
                    OutcomeState::Done => incident.outcome.achieved == Some(wanted),
                    _ => false,
                }
        };
        period.incidents.iter().filter(became).count()
    };
    let pages = |reading: Reading| coverage.iter().filter(|page| page.reading == reading).count();
    let (deleted, hidden) = (did(Action::Delete), did(Action::Hide));
    Counts {
        needs,
        deleted,
        hidden,
        restored: period.incidents.iter().filter(|incident| is_restored(incident)).count(),
        left_up: period.incidents.iter().filter(|i| left_up_on_purpose(i) && !needs_human(i)).count(),
        questions: period.incidents.iter().filter(|i| i.verdict.categories.contains(&Category::Question)).count(),
        overdue: 0,
        open: 0,
        judged: period.judged,
        without_reason: period.without_reason,
        pages: coverage.len(),
        pages_unread: pages(Reading::Unread),
        pages_partly: pages(Reading::Partly),
        pages_late: pages(Reading::Late),
    }
}

/// What matters, most alarming first.
fn subject(settings: &Settings, counts: &Counts) -> String {
    let mut parts = Vec::new();
    if counts.pages_unread > 0 {
        parts.push(format!("{} NOT READ", counted(counts.pages_unread as u64, "page", "pages")));
    }
    match counts.needs {
        0 => {}
        1 => parts.push("1 needs you".into()),
        many => parts.push(format!("{many} need you")),
    }
    if counts.overdue > 0 {
        parts.push(format!("{} OVERDUE", counts.overdue));
    }
    if counts.questions > 0 {
        parts.push(counted(counts.questions as u64, "question", "questions"));
    }
    let removed = counts.deleted + counts.hidden;
    if removed > 0 {
        parts.push(format!("{removed} {}", if settings.observe { "would be removed" } else { "removed" }));
    }
    if parts.is_empty() {
        parts.push("nothing to do".into());
    }
    if counts.pages == 0 {
        parts.push("no page watched".into());
    }
    for (pages, how) in [(counts.pages_partly, "not read completely"), (counts.pages_late, "read late")] {
        if pages > 0 {
            parts.push(format!("{} {how}", counted(pages as u64, "page", "pages")));
        }
    }
    if counts.pages > 0 && counts.pages_unread + counts.pages_partly + counts.pages_late == 0 {
        parts.push("all pages read".into());
    }
    let observing = if settings.observe { " (observing)" } else { "" };
    format!("{}{observing}: {}", settings.practice, parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::specimen;
    use crate::store::report::Gap;

    #[track_caller]
    fn check_subject(change: impl FnOnce(&mut Period), want: &str) {
        let mut period = specimen::quiet_period();
        change(&mut period);
        let digest = Digest::build(&period, &specimen::settings());
        assert_eq!(digest.subject, want);
    }

    fn gap(period: &Period) -> Gap {
        Gap { from: period.from, to: period.to, why: "no network".into() }
    }

    #[test]
    fn the_subject_says_what_matters_first() {
        check_subject(|_| {}, "Alderbrook Surgery: nothing to do, all pages read");
        check_subject(|period| period.coverage[0].last_ok = None, "Alderbrook Surgery: 1 page NOT READ");
        check_subject(
            |period| period.coverage[0].gaps = vec![gap(period)],
            "Alderbrook Surgery: nothing to do, 1 page not read completely",
        );
        check_subject(
            |period| period.incidents = specimen::period().incidents,
            "Alderbrook Surgery: 7 need you, 1 question, 6 removed, all pages read",
        );
        check_subject(|period| period.coverage.clear(), "Alderbrook Surgery: nothing to do, no page watched");
    }

    #[test]
    fn in_observe_mode_the_subject_claims_nothing() {
        let settings = Settings { observe: true, ..specimen::settings() };
        let digest = Digest::build(&specimen::observed_period(), &settings);
        assert_eq!(
            digest.subject,
            "Alderbrook Surgery (observing): 1 page NOT READ, 6 need you, 1 OVERDUE, 1 question, 7 would be removed, 1 page not read completely"
        );
    }

    #[test]
    fn a_digest_is_quiet_only_when_nothing_happened_and_everything_was_read() {
        let quiet = |change: fn(&mut Period)| {
            let mut period = specimen::quiet_period();
            change(&mut period);
            Digest::build(&period, &specimen::settings()).is_quiet()
        };
        assert!(quiet(|_| {}));
        assert!(
            quiet(|period| period.incidents = specimen::period().incidents[..1].to_vec()),
            "praise disturbs nobody"
        );
        assert!(!quiet(|period| period.coverage.clear()));
        assert!(!quiet(|period| period.coverage[0].polls = 0));
        assert!(!quiet(|period| period.coverage[0].malformed = 1));
        assert!(!quiet(|period| period.coverage[0].gaps = vec![gap(period)]));
        assert!(!quiet(|period| period.notices = specimen::period().notices));
        assert!(
            !quiet(|period| period.incidents = specimen::period().incidents[3..4].to_vec()),
            "a question is owed an answer"
        );
    }

    #[test]
    fn older_business_makes_a_mail_only_where_somebody_may_be_harmed_or_a_time_comes() {
        let quiet = |like: usize, days: i64| {
            let mut period = specimen::quiet_period();
            let mut incident = specimen::period().incidents.swap_remove(like);
            let back = SignedDuration::from_hours(24 * days);
            incident.created = incident.created.map(|at| at - back);
            incident.judged_at -= back;
            period.standing.open = vec![incident];
            Digest::build(&period, &specimen::settings()).is_quiet()
        };
        assert!(quiet(7, 3), "that a recording waits was told");
        assert!(!quiet(6, 3), "a sign of harm is told until somebody has it in hand");
        assert!(!quiet(3, 3), "a question that is due on the day");
        assert!(quiet(3, 30), "that it is late was told");
    }

    #[test]
    fn what_somebody_has_in_hand_needs_nobody_else() {
        let mut period = specimen::period();
        period.incidents[6].taken =
            Some(crate::store::report::Taken { by: "Dr Okafor".into(), at: period.incidents[6].judged_at });
        let digest = Digest::build(&period, &specimen::settings());
        assert!(digest.needs.iter().all(|item| item.number != 207));
        let item = digest.done.iter().find(|item| item.number == 207).expect("told as done");
        assert_eq!(item.outcome, "left up for you to decide; in the hands of Dr Okafor since 18:11");
        assert!(digest.today.iter().all(|line| !line.text.contains("risk of harm")));
    }

    #[test]
    fn without_a_console_nothing_links_to_one() {
        let settings = Settings { console: Some(" /".trim().into()), ..specimen::settings() };
        assert_eq!(settings.console_link(7), None);
        let settings = Settings { console: Some("https://c.example/".into()), ..settings };
        assert_eq!(settings.console_link(7).as_deref(), Some("https://c.example/incident/7"));
        let digest = Digest::build(&specimen::period(), &Settings { console: None, ..settings });
        assert!(!digest.to_html().expect("rendered").contains("in Chaperone</a>"));
    }

    #[test]
    fn a_week_that_was_not_watched_is_no_yardstick() {
        let mut period = specimen::period();
        period.before_watched = false;
        let digest = Digest::build(&period, &specimen::settings());
        assert!(digest.categories.iter().all(|trend| trend.change.is_none()));
        assert!(digest.categories.iter().all(|trend| trend.category != Category::Fraud), "it has nothing to say");
        assert!(!digest.to_html().expect("rendered").contains("Week before"));
    }

    #[test]
    fn who_may_come_to_harm_comes_before_who_means_harm_and_everything_else() {
        let digest = Digest::build(&specimen::period(), &specimen::settings());
        let order: Vec<(i64, Urgency)> = digest.needs.iter().map(|item| (item.number, item.urgency)).collect();
        assert_eq!(
            order,
            [
                (207, Urgency::Safeguarding),
                (205, Urgency::Threat),
                (203, Urgency::PatientIdentified),
                (209, Urgency::Defamation),
                (206, Urgency::Ordinary),
                (208, Urgency::Ordinary),
                (211, Urgency::Ordinary),
            ]
        );
    }

    #[test]
    fn every_incident_stands_somewhere() {
        let period = specimen::period();
        let digest = Digest::build(&period, &specimen::settings());
        for incident in &period.incidents {
            let items = digest.needs.iter().chain(&digest.done).chain(&digest.left_up).map(|item| item.number);
            let mut numbers = items.chain(digest.questions.iter().map(|owed| owed.number));
            assert!(numbers.any(|number| number == incident.number), "{}", incident.number);
        }
    }

    #[test]
    fn staff_are_named_nowhere_once_they_are_to_be_hidden() {
        let masking = Masking { hide_staff_names: true, ..Masking::default() };
        let json = Digest::build(&specimen::period(), &Settings { masking, ..specimen::settings() }).to_json();
        let json = json.expect("rendered").to_lowercase();
        assert!(json.contains("[staff name]") && !json.contains("patel"), "{json}");
    }

    #[test]
    fn due_times_beyond_the_known_bank_holidays_are_announced_as_unsure() {
        let mut period = specimen::period();
        period.incidents[3].created = "2029-05-01T10:00:00Z".parse().ok();
        let digest = Digest::build(&period, &specimen::settings());
        assert!(digest.notices.iter().any(|notice| notice.kind == "holidays"));
    }
}
