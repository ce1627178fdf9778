//! What the daemon says of itself, on standard error. In: the `[log]` section and a few environment variables. Out: lines
//! for people, for the journal, or one JSON object each. Not here: which lines there are; a log line anywhere is a fixed
//! message with dotted fields, and never holds a comment's text, a name, a token, an address or a URL.
//!
//! The journal reads standard error, and each line tells it how urgent it is, by a number before it (`sd-daemon`(3)), so
//! that `journalctl -p warning` finds what matters. The journal's own protocol would keep each field apart. It is not
//! spoken: it is a second way out of the program, to a socket that can be full or gone, whose lines would pass those of
//! a panic; and fields are found by `journalctl --grep`, or kept apart by `format = "json"`.

use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt as _;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, Targets, filter_fn};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Environment, Log, LogFormat};

/// How lines are written, decided before anything is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// One JSON object a line.
    pub json: bool,
    /// Colours, for a terminal whose owner has not declined them.
    pub colours: bool,
    /// For the journal: how urgent it is before each line, and no time, which it keeps itself.
    pub journal: bool,
}

impl Style {
    /// The style for these settings in this environment, for a standard error that is this.
    pub fn of(log: Log, environment: &Environment, stream: &Stream) -> Self {
        let journal = stream.file.is_some() && environment.get("JOURNAL_STREAM") == stream.file.as_ref();
        let declined = environment.get("NO_COLOR").is_some_and(|value| !value.is_empty());
        let json = log.format == LogFormat::Json;
        let colours = !json && stream.terminal && !journal && !declined;
        Self { json, colours, journal }
    }
}

/// What standard error is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    /// Somebody sits before it.
    pub terminal: bool,
    /// Its device and inode, as systemd writes them into `$JOURNAL_STREAM`: a variable that was only inherited names
    /// another.
    pub file: Option<String>,
}

impl Stream {
    /// What this process's standard error is.
    pub fn of_stderr() -> Self {
        let stderr = io::stderr();
        Self { terminal: stderr.is_terminal(), file: named(&stderr) }
    }
}

fn named(stream: &impl AsFd) -> Option<String> {
    let file = File::from(stream.as_fd().try_clone_to_owned().ok()?);
    let found = file.metadata().ok()?;
    Some(format!("{}:{}", found.dev(), found.ino()))
}

/// Why nothing can be logged.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `RUST_LOG` is not a filter.
    #[error("RUST_LOG is not a log filter")]
    Filter(#[source] tracing_subscriber::filter::ParseError),
    /// Somebody has set up logging before.
    #[error("logging is set up already")]
    Twice(#[source] tracing_subscriber::util::TryInitError),
}

/// Sets up logging for the whole process, once.
pub fn start(log: Log, environment: &Environment) -> Result<(), Error> {
    let style = Style::of(log, environment, &Stream::of_stderr());
    // Libraries below speak up from `warn` only, whatever anybody asks for: their lines know nothing of our promise about
    // what a log holds, and name the hosts that we talk to.
    let ours = filter_fn(|about| may_be_heard(about.target(), *about.level()));
    let heard = filter(log, environment)?.and(ours);
    tracing_subscriber::registry().with(lines(style, io::stderr).with_filter(heard)).try_init().map_err(Error::Twice)
}

fn lines<S, W>(style: Style, out: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(out).with_ansi(style.colours).with_target(false);
    let on = style.journal;
    match style {
        Style { json: true, .. } => {
            let lines = lines.json().flatten_event(true).with_target(true);
            lines.map_event_format(|inner| Urgent { inner, on }).boxed()
        }
        Style { journal: false, .. } => lines.map_event_format(|inner| Urgent { inner, on }).boxed(),
        Style { journal: true, .. } => lines.without_time().map_event_format(|inner| Urgent { inner, on }).boxed(),
    }
}

/// Lines that begin with how urgent they are, where that is `on`.
struct Urgent<F> {
    inner: F,
    on: bool,
}

impl<S, N, F> FormatEvent<S, N> for Urgent<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        if !self.on {
            return self.inner.format_event(context, out, event);
        }
        let mut line = String::new();
        self.inner.format_event(context, Writer::new(&mut line), event)?;
        // A line break in a field would begin another line, as urgent as the field likes.
        writeln!(out, "<{}>{}", priority(*event.metadata().level()), line.trim_end().replace(['\n', '\r'], " "))
    }
}

/// The level as syslog counts.
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

fn may_be_heard(target: &str, level: Level) -> bool {
    target.split("::").next() == Some(env!("CARGO_PKG_NAME")) || level <= Level::WARN
}

/// `RUST_LOG` if it says anything, else the configured level.
fn filter(log: Log, environment: &Environment) -> Result<Targets, Error> {
    let own = format!("warn,{}={}", env!("CARGO_PKG_NAME"), LevelFilter::from_level(log.level));
    let wanted = environment.get("RUST_LOG").map(|filter| filter.trim()).filter(|filter| !filter.is_empty());
    wanted.unwrap_or(&own).parse().map_err(Error::Filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: Log = Log { format: LogFormat::Text, level: tracing::Level::INFO };
    const JSON: Log = Log { format: LogFormat::Json, level: tracing::Level::DEBUG };

    fn environment(variables: &[(&str, &str)]) -> Environment {
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_journal_gets_priorities_and_neither_times_nor_colours() {
        #[track_caller]
        fn check(log: Log, variables: &[(&str, &str)], terminal: bool, want: (bool, bool)) {
            let stream = Stream { terminal, file: Some("8:1234".to_owned()) };
            let style = Style::of(log, &environment(variables), &stream);
            assert_eq!((style.journal, style.colours), want);
        }
        check(TEXT, &[], true, (false, true));
        check(TEXT, &[], false, (false, false));
        check(TEXT, &[("NO_COLOR", "1")], true, (false, false));
        check(TEXT, &[("JOURNAL_STREAM", "8:1234")], true, (true, false));
        check(JSON, &[("JOURNAL_STREAM", "8:1234")], true, (true, false));
        check(TEXT, &[("JOURNAL_STREAM", "8:999")], true, (false, true));
    }

    #[test]
    fn a_stream_is_named_as_systemd_names_it() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let found = file.as_file().metadata().expect("there");
        assert_eq!(named(file.as_file()), Some(format!("{}:{}", found.dev(), found.ino())));
    }

    /// What two lines look like, one of which holds a line break.
    fn written(log: Log, journal: bool) -> Vec<String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let style = Style { json: log.format == LogFormat::Json, colours: false, journal };
        let out = std::sync::Mutex::new(file.reopen().expect("open"));
        let subscriber = tracing_subscriber::registry().with(lines(style, out));
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(page.id = 7, "polled a page with trouble");
            tracing::info!(error = %"first\n<0>second", "a line break");
        });
        std::fs::read_to_string(file.path()).expect("read").lines().map(ToOwned::to_owned).collect()
    }

    #[test]
    fn a_line_for_the_journal_begins_with_how_urgent_it_is_and_stays_one_line() {
        let want = ["<4> WARN polled a page with trouble page.id=7", "<6> INFO a line break error=first <0>second"];
        assert_eq!(written(TEXT, true), want);
        let json = written(JSON, true);
        assert!(json[0].starts_with("<4>{") && json[1].starts_with("<6>{") && json.len() == 2, "{json:?}");
        assert!(!written(TEXT, false)[0].starts_with('<'));
    }

    #[test]
    fn every_level_has_its_place_among_syslogs() {
        let levels = [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE];
        assert_eq!(levels.map(priority), [3, 4, 6, 7, 7]);
    }

    #[test]
    fn libraries_are_heard_from_warnings_on_and_the_variable_wins() {
        #[track_caller]
        fn check(log: Log, variables: &[(&str, &str)], want: &str) {
            assert_eq!(filter(log, &environment(variables)).expect("a filter").to_string(), want);
        }
        check(TEXT, &[], "chaperone=info,warn");
        check(JSON, &[], "chaperone=debug,warn");
        check(TEXT, &[("RUST_LOG", " ")], "chaperone=info,warn");
        check(TEXT, &[("RUST_LOG", "error")], "error");
    }

    #[test]
    fn nobody_can_make_the_libraries_talk() {
        assert!(may_be_heard("chaperone::platform::http", Level::TRACE) && may_be_heard("chaperone", Level::DEBUG));
        assert!(may_be_heard("hyper_util::client", Level::WARN) && may_be_heard("rustls", Level::ERROR));
        assert!(!may_be_heard("hyper_util::client", Level::INFO) && !may_be_heard("chaperone_like", Level::DEBUG));
    }

    #[test]
    fn a_filter_that_is_none_is_refused() {
        assert!(matches!(filter(TEXT, &environment(&[("RUST_LOG", "chaperone=loud")])), Err(Error::Filter(_))));
    }
}
