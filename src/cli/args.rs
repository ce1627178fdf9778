//! What can be typed, and the help that says so.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::DEFAULT_FILE;

/// Watches a GP practice's own social media pages and applies its published code of conduct to every comment.
#[derive(Debug, Parser)]
#[command(name = "chaperone", version, about, long_about = None, max_term_width = 100)]
pub(super) struct Args {
    /// The configuration file.
    #[arg(long, env = "CHAPERONE_CONFIG", default_value = DEFAULT_FILE, global = true, value_name = "FILE")]
    pub(super) config: PathBuf,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Checks configuration, policy and lexicons with their examples; every mistake is told at once.
    #[command(after_help = "Example:\n  chaperone --config /etc/chaperone/alderbrook/chaperone.toml check --live")]
    Check {
        /// Also asks every page's platform whether token, permissions and capabilities are right. Changes nothing.
        #[arg(long)]
        live: bool,
    },
    /// Says in words what is found in a comment, and what the practice's policy makes of it.
    #[command(after_help = "Examples:\n  chaperone explain \"Worst surgery in the county\"\n  chaperone explain - < comment.txt")]
    Explain {
        /// The comment, or - to read it from standard input.
        text: String,
    },
    /// Judges comments from other programs: JSON Lines in, JSON Lines out, in the same order.
    #[command(after_help = "Example:\n  echo '{\"id\": \"1\", \"text\": \"Worst surgery in the county\"}' | chaperone classify\n\n\
        In:  id, text; optional platform, author, post, created, attachments (a list of picture, sticker, gif, video, link).\n\
        Out: id, action, alert, categories, findings (category, entry, start, end, text, certainty, how), clauses.\n\
        A line that cannot be read gives {\"line\": N, \"error\": \"…\"} in its place, and exit code 1 at the end.")]
    Classify {
        /// Judge by another policy of the policies directory than the configured one.
        #[arg(long, value_name = "NAME")]
        policy: Option<String>,
    },
    /// Proves and inspects the lexicon files.
    Lexicon {
        #[command(subcommand)]
        command: LexiconCommand,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum LexiconCommand {
    /// Runs every example of every entry: each hit must be found, no miss may be.
    #[command(after_help = "Example:\n  chaperone lexicon check --lexicons ./lexicons-being-edited")]
    Check {
        /// The folder with `en` and `lists`, if it is not the configured one.
        #[arg(long, value_name = "DIR")]
        lexicons: Option<PathBuf>,
    },
}
