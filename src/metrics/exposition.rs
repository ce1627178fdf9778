//! Numbers as Prometheus reads them: its text format, version 0.0.4. Pure. In: a snapshot. Out: text, the same for the
//! same snapshot. Each metric has its HELP and TYPE once, and all its samples behind them; times are unix seconds.

use std::fmt::Write as _;

use super::health::{Health, Status};
use super::{Page, Snapshot};
use crate::clock::Timestamp;
use crate::store::{Mode, PollOutcome};

/// What an HTTP answer with this text says of it.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How a metric moves.
#[derive(Clone, Copy)]
enum Kind {
    /// Up and down.
    Gauge,
    /// Up only.
    Counter,
}

/// The text of a snapshot.
pub fn text(snapshot: &Snapshot) -> String {
    let mut out = Out { text: String::with_capacity(8 << 10), practice: escaped(&snapshot.practice) };
    program(&mut out, snapshot);
    watch(&mut out, snapshot);
    work(&mut out, snapshot);
    people(&mut out, snapshot);
    out.text
}

/// The text where the store does not answer: what else there was to say is not known.
pub fn silence(practice: &str, now: Timestamp) -> String {
    let mut out = Out { text: String::new(), practice: escaped(practice) };
    taken(&mut out, now, Status::Ill);
    out.text
}

struct Out {
    text: String,
    practice: String,
}

impl Out {
    /// A metric with its samples; one without any is left out.
    fn metric(&mut self, name: &str, kind: Kind, help: &str, samples: impl IntoIterator<Item = Sample>) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        let kind = match kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
        };
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = write!(self.text, "# HELP chaperone_{name} {help}\n# TYPE chaperone_{name} {kind}\n");
        for Sample { labels, value } in samples {
            let _ = write!(self.text, "chaperone_{name}{{practice=\"{}\"", self.practice);
            for (label, value) in labels {
                let _ = write!(self.text, ",{label}=\"{}\"", escaped(&value));
            }
            let _ = writeln!(self.text, "}} {value}");
        }
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl ToString) {
        self.metric(name, Kind::Gauge, help, [Sample::of(Vec::new(), value)]);
    }

    fn time(&mut self, name: &str, help: &str, at: Option<Timestamp>) {
        self.metric(name, Kind::Gauge, help, at.map(|at| Sample::of(Vec::new(), seconds(at))));
    }
}

/// One number, and what it is of.
struct Sample {
    labels: Vec<(&'static str, String)>,
    value: String,
}

impl Sample {
    #[expect(clippy::needless_pass_by_value, reason = "numbers and short texts, which nobody wants to borrow")]
    fn of(labels: Vec<(&'static str, String)>, value: impl ToString) -> Self {
        Self { labels, value: value.to_string() }
    }
}

fn program(out: &mut Out, snapshot: &Snapshot) {
    taken(out, snapshot.at, Health::of(snapshot).status);
    out.time("start_time_seconds", "When the process began.", Some(snapshot.started));
    let uptime = snapshot.at.duration_since(snapshot.started).as_secs().max(0);
    out.gauge("uptime_seconds", "For how long the process has been running.", uptime);
    let enforcing = u8::from(snapshot.mode == Mode::Enforce);
    out.gauge("enforcing", "1 if comments are hidden and deleted, 0 if the practice only observes.", enforcing);
    let rules = snapshot.store.rules.as_ref();
    let info = rules.map(|(version, _)| Sample::of(vec![("version", version.clone())], 1));
    out.metric("rules_info", Kind::Gauge, "The rules in force.", info);
    let since = rules.map(|(_, since)| *since);
    out.time("rules_since_time_seconds", "Since when these rules are in force.", since);
    let awake = u8::from(snapshot.judge_awake);
    out.gauge("judge_running", "1 while the judge's process runs; it sleeps while there is nothing to judge.", awake);
    out.gauge("store_bytes", "Size of the database with its log.", snapshot.store.bytes);
    out.gauge("store_schema_version", "Version of the database's schema.", snapshot.store.schema);
}

fn taken(out: &mut Out, at: Timestamp, status: Status) {
    let version = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
    out.metric("build_info", Kind::Gauge, "The program that runs.", [Sample::of(version, 1)]);
    out.time("written_time_seconds", "When these numbers were taken.", Some(at));
    let states = Status::ALL.map(|one| Sample::of(vec![("status", one.id().to_owned())], u8::from(one == status)));
    out.metric("health", Kind::Gauge, "1 for how well the program does, 0 for how it does not.", states);
}

fn watch(out: &mut Out, snapshot: &Snapshot) {
    let mut each = |name: &str, kind: Kind, help: &str, value: &dyn Fn(&Page) -> Option<String>| {
        let sample = |page: &Page| value(page).map(|value| Sample::of(of_page(page), value));
        out.metric(name, kind, help, snapshot.pages.iter().filter_map(sample));
    };
    let flag = |on: bool| Some(u8::from(on).to_string());
    let gauge = Kind::Gauge;
    each("page_every_seconds", gauge, "From the beginning of a poll to the beginning of the next.", &|page| {
        Some(page.every.as_secs().to_string())
    });
    each("page_last_success_time_seconds", gauge, "When the page was last read.", &|page| {
        page.vitals.last_ok.map(seconds)
    });
    each("page_down", gauge, "1 while the page cannot be read and people were told so.", &|page| {
        flag(page.vitals.down_since.is_some())
    });
    each("page_gap_open", gauge, "1 while a time without a successful poll goes on.", &|page| {
        flag(page.vitals.gap_since.is_some())
    });
    each("page_failures_in_a_row", gauge, "Polls failed since the last that did not.", &|page| {
        Some(page.vitals.failures.to_string())
    });
    each("page_consent_ends_time_seconds", gauge, "When a person has to consent again at the latest.", &|page| {
        page.consent_ends.map(seconds)
    });
    each("page_writes_held", gauge, "1 while the platform allows nothing to be hidden or deleted.", &|page| {
        flag(page.vitals.writes_at.is_some_and(|until| snapshot.at < until))
    });
    let help = "How much of its budget of calls is used, as the platform said lately; 1 is all of it.";
    each("page_budget_used_ratio", gauge, help, &|page| {
        page.used_percent.map(|percent| (f64::from(percent) / 100.0).to_string())
    });
    each("page_requests_total", Kind::Counter, "Calls that polls made.", &|page| {
        Some(page.vitals.requests.to_string())
    });
    let outcomes = [PollOutcome::Ok, PollOutcome::Partial, PollOutcome::Failed, PollOutcome::Blind];
    let polls = snapshot.pages.iter().flat_map(|page| {
        outcomes.map(|outcome| {
            let count = page.vitals.polls.iter().find(|(one, _)| *one == outcome).map_or(0, |(_, count)| *count);
            Sample::of(and(of_page(page), "outcome", outcome.id()), count)
        })
    });
    let help = "Polls: ok, partial (something was not read), failed, blind (counted, and not shown to us).";
    out.metric("page_polls_total", Kind::Counter, help, polls);
}

fn work(out: &mut Out, snapshot: &Snapshot) {
    let verdicts = snapshot.pages.iter().flat_map(|page| {
        let sample = |(action, count): &(crate::policy::Action, u64)| {
            Sample::of(and(of_page(page), "action", action.id()), count)
        };
        page.vitals.verdicts.iter().map(sample)
    });
    out.metric("verdicts_total", Kind::Counter, "Judgements of comments, by what the policy asks for.", verdicts);
    let categories = snapshot.store.categories.iter().map(|(category, action, count)| {
        Sample::of(vec![("category", category.id().to_owned()), ("action", action.id().to_owned())], count)
    });
    let help = "Judgements by category; a comment of several categories counts in each.";
    out.metric("verdict_categories_total", Kind::Counter, help, categories);
    let states = ["due", "done", "already", "superseded", "dead"];
    out.metric(
        "actions",
        Kind::Gauge,
        "Owed actions, by what became of them.",
        by_state(states, &snapshot.store.actions),
    );
    let oldest = snapshot.pages.iter().filter_map(|page| page.vitals.owed_since).min();
    let help = "When the oldest action fell due that nobody is at; absent where there is none.";
    out.time("actions_oldest_due_time_seconds", help, oldest);
}

fn people(out: &mut Out, snapshot: &Snapshot) {
    let vitals = &snapshot.store;
    let states = ["due", "sent", "acknowledged"];
    let help = "Incidents that people were told of at once: due (not sent yet), sent, acknowledged.";
    out.metric("alerts", Kind::Gauge, help, by_state(states, &vitals.alerts));
    out.gauge("alerts_due", "Alerts that are to be sent by now, for the first time or again.", vitals.alerts_due);
    let open: u64 = vitals.alerts.iter().filter(|(state, _)| state != "acknowledged").map(|(_, count)| count).sum();
    out.gauge("alerts_unacknowledged", "Alerts that nobody has acknowledged.", open);
    let age = vitals.unacknowledged_since.map_or(0, |since| snapshot.at.duration_since(since).as_secs().max(0));
    let help = "Age of the oldest alert that nobody has acknowledged; 0 where there is none.";
    out.gauge("alerts_oldest_unacknowledged_age_seconds", help, age);
    let decisions =
        vitals.decisions.iter().map(|(what, count)| Sample::of(vec![("what", what.id().to_owned())], count));
    out.metric("decisions_total", Kind::Counter, "What people decided.", decisions);
    out.time("digest_sent_time_seconds", "When the last digest went out.", vitals.digest_sent);
}

/// A state that nothing is in is a nought, so that a rise from nothing is a rise.
fn by_state<const N: usize>(states: [&'static str; N], found: &[(String, u64)]) -> impl Iterator<Item = Sample> {
    states.into_iter().map(move |state| {
        let count = found.iter().find(|(one, _)| one == state).map_or(0, |(_, count)| *count);
        Sample::of(vec![("state", state.to_owned())], count)
    })
}

fn of_page(page: &Page) -> Vec<(&'static str, String)> {
    let key = &page.vitals.page;
    vec![("platform", key.platform.id().to_owned()), ("page", key.id.as_str().to_owned())]
}

fn and(mut labels: Vec<(&'static str, String)>, label: &'static str, value: &str) -> Vec<(&'static str, String)> {
    labels.push((label, value.to_owned()));
    labels
}

/// Unix seconds, to the millisecond.
fn seconds(at: Timestamp) -> String {
    let ms = at.as_millisecond();
    format!("{}.{:03}", ms.div_euclid(1000), ms.rem_euclid(1000))
}

/// A label's value: three characters have to be written otherwise.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
