//! How a digest looks: plain text for a terminal, HTML for mail readers old and new, JSON for programs.
//! In: a [`Digest`], masked already. Out: strings. Not here: choosing what is said (the view), sending it.

use askama::Template;

use super::view::{
    Change, Digest, Draft, Idle, Item, Open, Owed, Page, Pressing, Reading, Recipient, Report, Resolved, Tone, Urgency,
    Why,
};

use super::webhook::Brief;

/// Columns of the text digest.
const COLUMNS: usize = 78;

/// How many incidents of a section are told in full; the rest by number. Mail readers cut long messages off (Gmail at
/// 102 kB), and nobody reads hundreds: the JSON has them all.
pub(super) const ITEMS_IN_FULL: usize = 20;

/// How many of those that are done with are told in full: nobody waits for them.
const DONE_IN_FULL: usize = 12;

/// How many lines of a list are told in full.
pub(super) const LINES_IN_FULL: usize = 12;

/// Why a digest or an alert could not be put into words.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The HTML template failed.
    #[error("the HTML could not be written")]
    Html(#[source] askama::Error),
    /// The JSON failed.
    #[error("the JSON could not be written")]
    Json(#[source] serde_json::Error),
}

impl Digest {
    /// The digest as plain text, at most 78 columns wide but for links.
    pub fn to_text(&self) -> String {
        let mut out = Text::default();
        out.head(self);
        out.today(self);
        out.coverage(self);
        out.items(Titles::NEEDS, Some(Titles::NEEDS_INTRO), &self.needs, items(&self.needs));
        out.open(self);
        out.items(self.done_title(), None, &self.done, done(&self.done));
        out.items(Titles::LEFT_UP, Some(&self.left_up_intro()), &self.left_up, items(&self.left_up));
        out.report(self);
        out.drafts(self);
        out.owed(Titles::QUESTIONS, &self.questions, "answer by");
        out.owed(Titles::COMPLAINTS, &self.complaints, "acknowledge by");
        out.authors(self);
        out.entries(self);
        out.state(self);
        out.notices(self);
        out.foot(self);
        out.text
    }

    /// The digest as one HTML page without outside assets, for mail readers.
    pub fn to_html(&self) -> Result<String, RenderError> {
        DigestHtml { d: self }.render().map_err(RenderError::Html)
    }

    /// The digest as JSON: the fields of [`Digest`], `schema` first.
    pub fn to_json(&self) -> Result<String, RenderError> {
        serde_json::to_string_pretty(self).map_err(RenderError::Json)
    }

    /// A few lines without a word of any comment, for webhooks.
    pub(super) fn brief(&self) -> Brief {
        let tiles: Vec<String> = self.tiles().iter().map(|(count, what)| format!("{count} {what}")).collect();
        let unread = self.coverage.iter().filter(|page| page.is_unread());
        let unread = unread.map(|page| format!("{}, {}: {}", page.platform, page.name, page.summary));
        let first = format!("{}: {}. {}", self.period, tiles.join(", "), self.judged());
        Brief { lines: std::iter::once(first).chain(unread).collect(), links: Vec::new() }
    }

    /// What a mail program shows beside the subject: the first of what has to be done.
    fn preview(&self) -> String {
        let lines: Vec<&str> = self.today.iter().take(3).map(|line| line.text.as_str()).collect();
        if lines.is_empty() { format!("{} {}", Titles::NOTHING, self.judged()) } else { lines.join(" ") }
    }

    fn state_intro(&self) -> &'static str {
        if self.before_watched { Titles::STATE_INTRO } else { Titles::STATE_UNKNOWN }
    }

    fn done_title(&self) -> &'static str {
        if self.observe { "What would have been done" } else { "What was done, and why" }
    }

    fn left_up_intro(&self) -> String {
        let (shown, all) = (self.left_up.len(), self.counts.left_up);
        if shown < all {
            format!("A sample of {shown} of {all}: a rule looked at them and left them up.")
        } else {
            "A rule looked at these and left them up.".into()
        }
    }

    /// The numbers of the head, with what they count.
    fn tiles(&self) -> [(usize, &'static str); 4] {
        let counts = &self.counts;
        let (deleted, hidden) =
            if self.observe { ("would be deleted", "would be hidden") } else { ("deleted", "hidden") };
        let needs = if counts.needs == 1 { "needs you" } else { "need you" };
        [
            (counts.needs, needs),
            (counts.deleted, deleted),
            (counts.hidden, hidden),
            (counts.left_up, "left up on purpose"),
        ]
    }

    fn judged(&self) -> String {
        let (judged, silent) = (self.counts.judged, self.counts.without_reason);
        let comments = super::view::counted(judged, "comment", "comments");
        if self.observe {
            format!("{comments} judged, {silent} of them without any finding. Observe mode: nothing was touched.")
        } else {
            format!("{comments} judged, {silent} of them without any finding.")
        }
    }
}

/// The first of a list, and in words how many more there are and which.
pub(super) fn in_full<T>(all: &[T], limit: usize, number: impl Fn(&T) -> i64) -> (&[T], Option<String>) {
    let (shown, rest) = all.split_at(all.len().min(limit));
    let numbers: Vec<String> = rest.iter().map(|one| format!("#{}", number(one))).collect();
    let more = (!rest.is_empty()).then(|| format!("And {} more: {}.", rest.len(), numbers.join(", ")));
    (shown, more)
}

fn items(all: &[Item]) -> (&[Item], Option<String>) {
    some_items(all, ITEMS_IN_FULL)
}

fn done(all: &[Item]) -> (&[Item], Option<String>) {
    some_items(all, DONE_IN_FULL)
}

fn some_items(all: &[Item], limit: usize) -> (&[Item], Option<String>) {
    let (shown, more) = in_full(all, limit, |item| item.number);
    let places = places(&all[shown.len()..]);
    let more = more.map(|more| if places.is_empty() { more } else { format!("{more} They rest on {places}.") });
    (shown, more)
}

/// Which place of the policy each rests on: where words must be few, what was done is still not told without its reason.
fn places(items: &[Item]) -> String {
    let mut places: Vec<(&str, Vec<String>)> = Vec::new();
    for item in items {
        let number = format!("#{}", item.number);
        for reason in &item.why {
            match places.iter_mut().find(|(clause, _)| *clause == reason.clause) {
                Some((_, numbers)) if numbers.contains(&number) => {}
                Some((_, numbers)) => numbers.push(number.clone()),
                None => places.push((&reason.clause, vec![number.clone()])),
            }
        }
    }
    places.iter().map(|(clause, numbers)| format!("{clause}: {}", numbers.join(", "))).collect::<Vec<_>>().join("; ")
}

/// What has been late for weeks was told for weeks: what is late since lately, or not yet, comes before it.
fn owed(all: &[Owed]) -> (&[Owed], Option<String>) {
    let stale = all.iter().take_while(|owed| owed.stale).count();
    let (old, all) = all.split_at(stale);
    let (shown, more) = in_full(all, LINES_IN_FULL, |owed| owed.number);
    if old.is_empty() {
        return (shown, more);
    }
    let old = super::view::counted(old.len() as u64, "older one has", "older ones have");
    let more = more.map(|more| format!("{more} ")).unwrap_or_default();
    (shown, Some(format!("{more}{old} been overdue for longer than two weeks.")))
}

fn open(all: &[Open]) -> (&[Open], Option<String>) {
    in_full(all, LINES_IN_FULL, |open| open.number)
}

fn resolved(all: &[Resolved]) -> (&[Resolved], Option<String>) {
    in_full(all, LINES_IN_FULL, |one| one.number)
}

fn reports(all: &[Report]) -> (&[Report], Option<String>) {
    in_full(all, LINES_IN_FULL, |report| report.number)
}

fn recipients(all: &[Recipient]) -> (&[Recipient], Option<String>) {
    in_full(all, LINES_IN_FULL, |to| to.number)
}

/// Where a person can go from here, in words and as addresses: the console first, then the platform.
type Ways = Vec<(String, String)>;

fn ways(number: i64, verb: &str, console: Option<&String>, place: &str, link: Option<&String>) -> Ways {
    let console = console.map(|link| (format!("{verb} #{number} in Chaperone"), link.clone()));
    let place = link.map(|link| (format!("See #{number}: {place}"), link.clone()));
    console.into_iter().chain(place).collect()
}

/// Headings that text and HTML share.
struct Titles;

impl Titles {
    const TODAY: &str = "Today";
    const NOTHING: &str = "Nothing needs you.";
    const COVERAGE: &str = "What was watched";
    const NEEDS: &str = "Needs you";
    const NEEDS_INTRO: &str = "Most urgent first. Somebody has to look at each of these.";
    const OPEN: &str = "Still waiting from earlier";
    const OPEN_INTRO: &str = "Nobody has decided these or taken them in hand since they were first told.";
    const LEFT_UP: &str = "Left up on purpose";
    const REPORT: &str = "Report to the platform";
    const REPORT_INTRO: &str = "No platform lets a program report a comment: somebody has to do it by hand.";
    const DRAFTS: &str = "Texts ready to send";
    const DRAFTS_INTRO: &str = "Fixed texts that repeat nothing of what was said. A person sends them.";
    const QUESTIONS: &str = "Questions to answer";
    const COMPLAINTS: &str = "Complaints to acknowledge";
    const OWED_INTRO: &str = "Each stays here until somebody has decided it or taken it in hand.";
    const AUTHORS: &str = "Authors who came up before";
    const AUTHORS_INTRO: &str = "What follows from that is for people to decide. Nobody is removed from a practice list \
                                 because of a complaint.";
    const ENTRIES: &str = "Entries that fire most, or never";
    const STATE: &str = "Against the week before";
    const STATE_INTRO: &str = "Comments by category, beside the same period a week before.";
    const STATE_UNKNOWN: &str = "Comments by category. The week before was not watched from its beginning, so there is \
                                 nothing to hold this against.";
    const RESOLVED: &str = "Settled since the last digest";
    const NOTICES: &str = "Notices";
}

#[derive(Template)]
#[template(path = "digest.html")]
struct DigestHtml<'a> {
    d: &'a Digest,
}

impl Item {
    /// What it is and by whom: "Facebook comment by J. C., 2 incidents before".
    pub fn by(&self) -> String {
        let edited = if self.edited { ", edited since" } else { "" };
        match self.author_before {
            0 => format!("{} by {}{edited}", self.what, self.author),
            before => {
                let before = super::view::counted(before, "incident", "incidents");
                format!("{} by {}, {before} before{edited}", self.what, self.author)
            }
        }
    }

    /// Whether it is one of those that people are called for.
    pub fn is_grave(&self) -> bool {
        self.urgency < Urgency::Ordinary
    }

    pub(super) fn ways(&self) -> Ways {
        ways(self.number, "Open", self.console.as_ref(), &self.what, self.link.as_ref())
    }
}

impl Owed {
    fn ways(&self) -> Ways {
        ways(self.number, "Open", self.console.as_ref(), &self.platform, self.link.as_ref())
    }
}

impl Open {
    fn is_grave(&self) -> bool {
        self.urgency < Urgency::Ordinary
    }

    fn words(&self) -> String {
        let waits = super::view::for_days(self.days);
        format!("{}, waiting {waits} ({}); {}.", self.what, self.since.local, self.outcome)
    }

    fn ways(&self) -> Ways {
        ways(self.number, "Open", self.console.as_ref(), &self.what, self.link.as_ref())
    }
}

impl Resolved {
    fn words(&self) -> String {
        format!("#{} {} – {} by {}, {}", self.number, self.headline, self.how, self.who, self.when.local)
    }
}

impl Idle {
    /// None where every entry found something, or nobody knows yet.
    fn words(&self) -> Option<String> {
        if self.entries.is_empty() {
            return None;
        }
        let have = if self.entries.len() == 1 { "has" } else { "have" };
        let found = format!(
            "{} of {} entries in force {have} found nothing for {} days.",
            self.entries.len(),
            self.in_force,
            self.days
        );
        let own: Vec<&str> = self.entries.iter().take(self.changed.min(LINES_IN_FULL)).map(String::as_str).collect();
        let more = self.changed.saturating_sub(own.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let own = if own.is_empty() {
            String::new()
        } else {
            format!(" Written or changed here, so look whether they say what was meant: {}{more}.", own.join(", "))
        };
        Some(format!("{found}{own}"))
    }
}

impl Pressing {
    fn is_loud(&self) -> bool {
        self.tone != Tone::Plain
    }

    fn class(&self) -> &'static str {
        match self.tone {
            Tone::Alarm => "alarm",
            Tone::Warn => "warn",
            Tone::Plain => "panel",
        }
    }

    fn ground(&self) -> &'static str {
        match self.tone {
            Tone::Alarm => "#fdeceb",
            Tone::Warn => "#fff4dc",
            Tone::Plain => "#f0f4f5",
        }
    }

    fn edge(&self) -> &'static str {
        match self.tone {
            Tone::Alarm => "#b01b12",
            Tone::Warn => "#b35c00",
            Tone::Plain => "#005eb8",
        }
    }
}

impl Why {
    /// "complaint, high certainty: Annex A, item 6 (complaint/worst-service)".
    pub(super) fn words(&self) -> String {
        let note = self.note.as_deref().map(|note| format!(" – {note}")).unwrap_or_default();
        format!("{}, {} certainty: {} ({}){note}", self.name, self.certainty, self.clause, self.entries.join(", "))
    }
}

impl Page {
    fn watched(&self) -> String {
        let since = self.since.as_ref().map_or("not yet read once".into(), |since| format!("since {}", since.local));
        let last = self.last_ok.as_ref().map_or(String::new(), |last| format!(", last read {}", last.local));
        let before = match self.baseline {
            0 => String::new(),
            baseline => format!(", {baseline} older comments not judged"),
        };
        format!("Watched {since}{last}{before}")
    }

    fn is_unread(&self) -> bool {
        self.reading == Reading::Unread
    }

    fn is_whole(&self) -> bool {
        self.reading == Reading::Whole
    }

    fn is_wanting(&self) -> bool {
        matches!(self.reading, Reading::Partly | Reading::Late)
    }
}

impl Draft {
    /// The text by paragraphs, or why there is none.
    fn paragraphs(&self) -> impl Iterator<Item = &str> {
        self.text.as_deref().unwrap_or("(The practice has not written this text yet.)").split("\n\n")
    }
}

/// Plain text, a line at a time. Alerts are written with it, too.
#[derive(Default)]
pub(super) struct Text {
    pub(super) text: String,
}

impl Text {
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// Words behind a prefix; the lines that follow are indented as far.
    pub(super) fn wrapped(&mut self, prefix: &str, words: &str) {
        let indent = prefix.chars().count();
        let mut line = prefix.to_owned();
        let mut empty = true;
        for word in words.split_whitespace() {
            let wide = line.chars().count() + usize::from(!empty) + word.chars().count();
            if !empty && wide > COLUMNS {
                self.line(&line);
                line = " ".repeat(indent);
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        self.line(&line);
    }

    fn title(&mut self, title: &str, intro: Option<&str>) {
        self.line("");
        self.line("");
        self.line(&title.to_uppercase());
        self.line(&"-".repeat(COLUMNS));
        if let Some(intro) = intro {
            self.wrapped("", intro);
        }
    }

    fn head(&mut self, digest: &Digest) {
        self.line(&digest.practice);
        self.line(&digest.period);
        self.line(&"=".repeat(COLUMNS));
        self.line("");
        let tiles: Vec<String> = digest.tiles().iter().map(|(count, what)| format!("{count} {what}")).collect();
        self.wrapped("", &tiles.join("  |  "));
        self.wrapped("", &digest.judged());
    }

    fn today(&mut self, digest: &Digest) {
        self.title(Titles::TODAY, None);
        if digest.today.is_empty() {
            self.line(Titles::NOTHING);
        }
        for line in &digest.today {
            let mark = match line.tone {
                Tone::Alarm => "!! ",
                Tone::Warn => "!  ",
                Tone::Plain => "-  ",
            };
            self.wrapped(mark, &line.text);
        }
    }

    fn coverage(&mut self, digest: &Digest) {
        self.title(Titles::COVERAGE, None);
        for page in &digest.coverage {
            let loud = if page.is_unread() { "!! " } else { "   " };
            self.wrapped(&format!("{loud}{:<10} ", page.platform), &format!("{}: {}", page.name, page.summary));
            for missing in &page.missing {
                self.wrapped("              - ", missing);
            }
            if let Some(help) = &page.help {
                self.wrapped("              What to do: ", help);
            }
            self.wrapped("              ", &page.watched());
        }
    }

    fn items(&mut self, title: &str, intro: Option<&str>, all: &[Item], told: (&[Item], Option<String>)) {
        if all.is_empty() {
            return;
        }
        self.title(title, intro);
        let (shown, more) = told;
        for item in shown {
            self.line("");
            self.item(item);
        }
        self.more(more);
    }

    pub(super) fn item(&mut self, item: &Item) {
        let mark = if item.is_grave() { item.headline.to_uppercase() } else { item.headline.clone() };
        self.wrapped(&format!("#{:<6}", item.number), &format!("{mark} – {}", item.when.local));
        self.wrapped("       ", &item.by());
        self.wrapped("       ", &format!("“{}”", item.excerpt));
        if !item.carried.is_empty() {
            self.wrapped("       With: ", &item.carried.join(", "));
        }
        self.wrapped("       Outcome: ", &item.outcome);
        if let Some(note) = &item.note {
            self.wrapped("       Note: ", note);
        }
        if !item.tell.is_empty() {
            self.wrapped("       Tell: ", &item.tell.join(", "));
        }
        for why in &item.why {
            self.wrapped("       Why: ", &why.words());
        }
        self.link("       ", item.console.as_deref());
        self.link("       ", item.link.as_deref());
    }

    fn open(&mut self, digest: &Digest) {
        if digest.open.is_empty() {
            return;
        }
        self.title(Titles::OPEN, Some(Titles::OPEN_INTRO));
        let (shown, more) = open(&digest.open);
        for one in shown {
            let mark = if one.is_grave() { one.headline.to_uppercase() } else { one.headline.clone() };
            self.wrapped(&format!("#{:<6}", one.number), &format!("{mark} – {}", one.words()));
            self.link("       ", one.console.as_deref());
            self.link("       ", one.link.as_deref());
        }
        self.more(more);
    }

    /// A link stands alone on its line, so that terminals and people can take it up whole.
    fn link(&mut self, indent: &str, link: Option<&str>) {
        if let Some(link) = link {
            self.line(&format!("{indent}{link}"));
        }
    }

    pub(super) fn more(&mut self, more: Option<String>) {
        if let Some(more) = more {
            self.line("");
            self.wrapped("", &more);
        }
    }

    fn report(&mut self, digest: &Digest) {
        if digest.report.is_empty() {
            return;
        }
        self.title(Titles::REPORT, Some(Titles::REPORT_INTRO));
        let (shown, more) = reports(&digest.report);
        for report in shown {
            let what = format!("{} by {}: {}", report.platform, report.author, report.step);
            self.wrapped(&format!("[ ] #{:<6}", report.number), &what);
            self.link("           ", report.link.as_deref());
        }
        self.more(more);
    }

    fn drafts(&mut self, digest: &Digest) {
        if digest.drafts.is_empty() {
            return;
        }
        self.title(Titles::DRAFTS, Some(Titles::DRAFTS_INTRO));
        for draft in &digest.drafts {
            self.line("");
            self.line(&draft.title);
            for (at, paragraph) in draft.paragraphs().enumerate() {
                if at > 0 {
                    self.line("  |");
                }
                self.wrapped("  | ", paragraph);
            }
            if let Some(short) = &draft.short {
                self.line("  In short, for TikTok:");
                self.wrapped("  | ", short);
            }
            let (shown, more) = recipients(&draft.recipients);
            for to in shown {
                self.wrapped(&format!("  [ ] #{:<6}", to.number), &format!("{}, on {}", to.author, to.platform));
                self.link("             ", to.link.as_deref());
            }
            self.more(more);
        }
    }

    fn owed(&mut self, title: &str, all: &[Owed], by: &str) {
        if all.is_empty() {
            return;
        }
        self.title(title, Some(Titles::OWED_INTRO));
        let (shown, more) = owed(all);
        for owed in shown {
            let by = if owed.overdue { "OVERDUE since" } else { by };
            let head = format!("{by} {} – {} on {}", owed.due.local, owed.author, owed.platform);
            self.wrapped(&format!("#{:<6}", owed.number), &head);
            self.wrapped("       ", &format!("“{}”", owed.excerpt));
            self.link("       ", owed.console.as_deref());
            self.link("       ", owed.link.as_deref());
        }
        self.more(more);
    }

    fn authors(&mut self, digest: &Digest) {
        if digest.authors.is_empty() {
            return;
        }
        self.title(Titles::AUTHORS, Some(Titles::AUTHORS_INTRO));
        for author in &digest.authors {
            self.wrapped("- ", &author.words());
        }
    }

    fn entries(&mut self, digest: &Digest) {
        let idle = digest.idle.words();
        if digest.entries.is_empty() && idle.is_none() {
            return;
        }
        self.title(Titles::ENTRIES, None);
        for entry in &digest.entries {
            self.wrapped(&format!("{:>4}  ", entry.comments), &entry.words());
        }
        if let Some(idle) = idle {
            self.line("");
            self.wrapped("", &idle);
        }
    }

    fn state(&mut self, digest: &Digest) {
        if digest.categories.is_empty() && digest.resolved.is_empty() {
            return;
        }
        self.title(Titles::STATE, Some(digest.state_intro()));
        for trend in &digest.categories {
            let bar = "#".repeat((trend.percent as usize).div_ceil(5).min(20));
            let change = trend
                .change
                .map(|change| format!("  (before: {:>3}) {}", trend.before, change.name()))
                .unwrap_or_default();
            self.line(&format!("{:<26} {:<20} {:>4}{change}", trend.name, bar, trend.now));
        }
        if !digest.resolved.is_empty() {
            self.line("");
            self.line(&format!("{}:", Titles::RESOLVED));
        }
        let (shown, more) = resolved(&digest.resolved);
        for one in shown {
            self.wrapped("- ", &one.words());
        }
        self.more(more);
    }

    fn notices(&mut self, digest: &Digest) {
        if digest.notices.is_empty() {
            return;
        }
        self.title(Titles::NOTICES, None);
        for notice in &digest.notices {
            let when = notice.when.as_ref().map(|when| format!("{}: ", when.local)).unwrap_or_default();
            self.wrapped("- ", &format!("{when}{}", notice.text));
        }
    }

    fn foot(&mut self, digest: &Digest) {
        self.line("");
        self.line(&"-".repeat(COLUMNS));
        for line in digest.foot() {
            self.wrapped("", &line);
        }
    }
}

impl Digest {
    /// What the last lines say: where the clauses are, that it is masked, what proves it.
    fn foot(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.policy.is_empty() {
            lines.push(format!("Clauses are places in: {}.", self.policy));
        }
        lines.push(
            "Identifiers and slurs are masked here; the evidence is kept whole in the practice's own store.".into(),
        );
        if !self.rules_versions.is_empty() {
            lines.push(format!("Rules: {}.", self.rules_versions.join(", ")));
        }
        if let Some(head) = &self.audit_head {
            lines.push(format!("Audit chain: {head}"));
        }
        lines
    }
}

impl super::view::SeenBefore {
    fn words(&self) -> String {
        let (shown, rest) = self.numbers.split_at(self.numbers.len().min(LINES_IN_FULL));
        let numbers: Vec<String> = shown.iter().map(|number| format!("#{number}")).collect();
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        let complaints = if self.complaints_only { " – complaints only" } else { "" };
        let numbers = numbers.join(", ");
        let step = self.step.map(|step| format!(" – {step}")).unwrap_or_default();
        format!("{} on {}: {} before, now {numbers}{more}{step}{complaints}", self.author, self.platform, self.before)
    }
}

impl super::view::Entry {
    fn words(&self) -> String {
        let often = if self.too_often { " – fires very often: is it too broad?" } else { "" };
        let restored = match self.restored {
            0 => String::new(),
            many => format!(" – {many} restored by people: is it right?"),
        };
        let young = self
            .young_since
            .as_ref()
            .map(|since| format!(" – new or changed {}, so it deletes nothing yet", since.local));
        let change = match self.change {
            None | Some(Change::Same) => String::new(),
            Some(Change::New) => " – none the week before".into(),
            Some(_) => format!(" – {} the week before", self.before),
        };
        format!("{}{change}{}{restored}{often}", self.entry, young.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::digest::specimen;
    use crate::digest::view::Settings;

    fn digest() -> Digest {
        Digest::build(&specimen::period(), &specimen::settings())
    }

    #[test]
    fn the_text_digest_reads_like_this() {
        assert_snapshot!("text", digest().to_text());
    }

    #[test]
    fn the_html_digest_reads_like_this() {
        assert_snapshot!("html", digest().to_html().expect("rendered"));
    }

    #[test]
    fn the_json_digest_keeps_its_shape() {
        assert_snapshot!("json", digest().to_json().expect("rendered"));
    }

    #[test]
    fn a_quiet_digest_reads_like_this() {
        let digest = Digest::build(&specimen::quiet_period(), &specimen::settings());
        assert_snapshot!("quiet", digest.to_text());
        assert_snapshot!("quiet_html", digest.to_html().expect("rendered"));
    }

    #[test]
    fn in_observe_mode_everything_is_said_in_the_conditional() {
        let digest = Digest::build(&specimen::observed_period(), &Settings { observe: true, ..specimen::settings() });
        assert_snapshot!("observed", digest.to_text());
        assert_snapshot!("observed_html", digest.to_html().expect("rendered"));
    }

    #[test]
    fn no_line_of_text_is_wider_than_a_terminal_unless_it_is_a_link() {
        let text = digest().to_text();
        let wide: Vec<&str> =
            text.lines().filter(|line| line.chars().count() > COLUMNS && !line.contains("://")).collect();
        assert!(wide.is_empty(), "{wide:#?}");
    }

    #[test]
    fn a_flood_is_told_in_full_only_so_far_and_by_number_beyond() {
        let mut period = specimen::period();
        let first = period.incidents.clone();
        for round in 1..60 {
            period.incidents.extend(first.iter().cloned().map(|mut incident| {
                incident.number += 100 * round;
                incident
            }));
        }
        let digest = Digest::build(&period, &specimen::settings());
        let (text, html) = (digest.to_text(), digest.to_html().expect("rendered"));
        assert!(html.len() < 102_000, "{}", html.len());
        for incident in &period.incidents {
            let number = format!("#{}", incident.number);
            let sampled = incident.number % 100 == 1;
            assert!(sampled || text.contains(&number) && html.contains(&number), "{number}");
        }
    }

    #[test]
    fn html_from_outside_is_shown_and_not_obeyed() {
        let mut period = specimen::period();
        period.incidents[0].text = crate::comment::CommentText::new("<img src=x onerror=alert(1)> & </td> \"'");
        period.incidents[0].link = Some("javascript:alert(1)".into());
        period.coverage[0].name = Some("<b>Surgery</b>".into());
        let html = Digest::build(&period, &specimen::settings()).to_html().expect("rendered");
        assert!(!html.contains("<img") && !html.contains("<b>") && !html.contains("javascript:"));
        assert!(html.contains("&#60;img") || html.contains("&lt;img"));
    }

    #[test]
    fn the_html_loads_nothing_from_outside_and_runs_nothing() {
        let html = digest().to_html().expect("rendered");
        for banned in ["<script", "<img", "src=", "<link", "@import", "url(", "<iframe", "<form"] {
            assert!(!html.contains(banned), "{banned}");
        }
    }

    #[test]
    fn nothing_that_identifies_a_private_person_comes_through_in_any_form() {
        let digest = digest();
        let all = [digest.to_text(), digest.to_html().expect("rendered"), digest.to_json().expect("rendered")];
        for secret in ["07700", "999 123", "AB21", "Mill Lane", "Jean", "Doyle", "Marsh", "bloody"] {
            assert!(all.iter().all(|form| !form.contains(secret)), "{secret}");
        }
        assert!(all.iter().all(|form| form.contains("Dr Patel")), "the team needs to know who was named");
    }
}
