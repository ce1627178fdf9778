//! What the daemon says of itself, on standard error. In: the `[log]` section and a few environment variables. Out: lines
//! for people, for the journal, or one JSON object each. Not here: which lines there are; a log line anywhere is a fixed
//! message with dotted fields, and never holds a comment's text, a name, a token, an address or a URL.

use std::io::{self, IsTerminal as _};

use tracing::Level;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Environment, Log, LogFormat};

/// How lines are written, decided before anything is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// One JSON object a line.
    pub json: bool,
    /// The time before each line; the journal keeps it itself.
    pub times: bool,
    /// Colours, for a terminal whose owner has not declined them.
    pub colours: bool,
}

impl Style {
    /// The style for these settings in this environment; `terminal`: whether standard error is one.
    pub fn of(log: Log, environment: &Environment, terminal: bool) -> Self {
        let journal = environment.contains_key("JOURNAL_STREAM");
        let declined = environment.get("NO_COLOR").is_some_and(|value| !value.is_empty());
        let json = log.format == LogFormat::Json;
        Self { json, times: json || !journal, colours: !json && terminal && !journal && !declined }
    }
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
    let style = Style::of(log, environment, io::stderr().is_terminal());
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(style.colours).with_target(false);
    let lines = match style {
        Style { json: true, .. } => lines.json().flatten_event(true).with_target(true).boxed(),
        Style { times: true, .. } => lines.boxed(),
        Style { times: false, .. } => lines.without_time().boxed(),
    };
    // Libraries below speak up from `warn` only, whatever anybody asks for: their lines know nothing of our promise about
    // what a log holds, and name the hosts that we talk to.
    let ours = filter_fn(|about| may_be_heard(about.target(), *about.level()));
    let heard = filter(log, environment)?.and(ours);
    tracing_subscriber::registry().with(lines.with_filter(heard)).try_init().map_err(Error::Twice)
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
    fn the_journal_gets_neither_times_nor_colours() {
        #[track_caller]
        fn check(log: Log, variables: &[(&str, &str)], terminal: bool, want: (bool, bool)) {
            let style = Style::of(log, &environment(variables), terminal);
            assert_eq!((style.times, style.colours), want);
        }
        check(TEXT, &[], true, (true, true));
        check(TEXT, &[], false, (true, false));
        check(TEXT, &[("NO_COLOR", "1")], true, (true, false));
        check(TEXT, &[("JOURNAL_STREAM", "8:1234")], true, (false, false));
        check(JSON, &[("JOURNAL_STREAM", "8:1234")], true, (true, false));
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
