//! What can be typed, and the help that says so.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::config::DEFAULT_FILE;
use crate::ladder::Step;
use crate::store::Role;

/// Watches a GP practice's own social media pages and applies its published code of conduct to every comment.
#[derive(Debug, Parser)]
#[command(name = "chaperone", version, about, long_about = None, max_term_width = 100)]
#[command(after_help = "Example:\n  chaperone demo --once --out ./demo-out\n\n\
    Exit code: 0 done, 1 the thing checked has problems, 2 wrong usage or configuration.")]
pub(super) struct Args {
    /// The configuration file.
    #[arg(long, env = "CHAPERONE_CONFIG", default_value = DEFAULT_FILE, global = true, value_name = "FILE")]
    pub(super) config: PathBuf,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Watches the pages until it is stopped: the daemon.
    #[command(after_help = "Example:\n  chaperone --config /etc/chaperone/alderbrook/chaperone.toml run\n\n\
        SIGTERM and SIGINT stop it in order, SIGHUP reads configuration and rules again. Logs go to standard error.")]
    Run,
    /// Judges comments for the daemon that started it, which speaks to it through its standard input and output.
    #[command(hide = true, after_help = "Example:\n  chaperone judge\n\nNobody needs to start this by hand.")]
    Judge,
    /// Plays a day on simulated pages, without set-up, tokens or network; then the team's page stays open.
    #[command(after_help = "Examples:\n  chaperone demo\n  chaperone demo --once --out ./demo-out")]
    Demo {
        /// As fast as it goes, for scripts; otherwise a day takes about a minute.
        #[arg(long)]
        once: bool,
        /// Where digests and alerts are put; a new directory for temporary files if left out.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Checks configuration, policy and lexicons with their examples; every mistake is told at once.
    #[command(after_help = "Example:\n  chaperone --config /etc/chaperone/alderbrook/chaperone.toml check --live")]
    Check {
        /// Also asks every page's platform whether token, permissions and capabilities are right. Changes nothing.
        #[arg(long)]
        live: bool,
    },
    /// Says in words what is found in a comment, what the practice's policy makes of it, and what was nearly found.
    #[command(
        after_help = "Examples:\n  chaperone explain \"Worst surgery in the county\"\n  chaperone explain - < comment.txt"
    )]
    Explain {
        /// The comment, or - to read it from standard input.
        #[arg(allow_hyphen_values = true)]
        text: String,
    },
    /// Judges comments from other programs: JSON Lines in, JSON Lines out, in the same order.
    #[command(
        after_help = "Example:\n  echo '{\"id\": \"1\", \"text\": \"Worst surgery in the county\"}' | chaperone classify\n\n\
        In:  id, text; optional platform, author, post, created, attachments (a list of picture, sticker, gif, video, link).\n\
        Out: id, action, alert, categories, findings (category, entry, start, end, text, certainty, how), clauses.\n\
        A line that cannot be read gives {\"line\": N, \"error\": \"…\"} in its place, and exit code 1 at the end."
    )]
    Classify {
        /// Judge by another policy of the policies directory than the configured one.
        #[arg(long, value_name = "NAME")]
        policy: Option<String>,
    },
    /// Says how often the rules are right on comments that people have labelled: precision, recall and F1.
    #[command(
        after_help = "Examples:\n  chaperone measure our-comments.jsonl\n  chaperone measure --misses our-comments.jsonl | less\n\n\
        In: one comment a line, {\"text\": \"…\", \"labels\": [\"complaint\"]}, optional id and hard (true where a careful person\n\
        would hesitate). A harmless comment has labels []. Keep such a file as carefully as the comments themselves."
    )]
    Measure {
        /// Files of labelled comments, JSON Lines.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Judge by another policy of the policies directory than the configured one.
        #[arg(long, value_name = "NAME")]
        policy: Option<String>,
        /// Also print every comment that was judged differently, with what is missing and what is extra.
        #[arg(long)]
        misses: bool,
    },
    /// Prints or sends the digest of a period.
    #[command(
        after_help = "Examples:\n  chaperone digest\n  chaperone digest --from 2026-11-16 --to 2026-11-23 --format html > week.html"
    )]
    Digest {
        /// The beginning: a day, or a day and a time, in the practice's time zone. A day before the end if left out.
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// The end, which is not included. Now if left out.
        #[arg(long, value_name = "TIME")]
        to: Option<String>,
        /// How it is printed.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// Send it to those who get digests, as the configuration says, instead of printing it.
        #[arg(long)]
        send: bool,
    },
    /// The manager's report of a month: number and nature of incidents, what became of them, disclosures, times, trends.
    #[command(
        after_help = "Examples:\n  chaperone report --month 2026-10\n  chaperone report --month 2026-10 --out ./october\n  \
        chaperone report --month 2026-10 --format csv > october.csv\n\n\
        Names no author and quotes nobody, so it can be handed round. With --out: report-2026-10.html to read and print,\n\
        .csv for a spreadsheet (one number a line), .json for programs."
    )]
    Report {
        /// The month, as 2026-10; the last one that is over if left out.
        #[arg(long, value_name = "YYYY-MM", value_parser = month)]
        month: Option<Date>,
        /// How it is printed.
        #[arg(long, value_enum, default_value_t = ReportFormat::Text, conflicts_with = "out")]
        format: ReportFormat,
        /// Where the files go instead; made if need be.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Tries whether alerts reach people.
    #[command(after_help = "Example:\n  chaperone --config /etc/chaperone/alderbrook/chaperone.toml alert test")]
    Alert {
        #[command(subcommand)]
        command: AlertCommand,
    },
    /// Shows what still needs a person, records who has taken it in hand, and carries out what people decide.
    #[command(after_help = "Examples:\n  chaperone queue list\n  chaperone queue show 43\n  \
        chaperone queue acknowledge 43 --by \"Pat Lee\"\n  \
        chaperone queue restore 43 --by \"Pat Lee\" --reason \"fair criticism\"\n\n\
        A decision is done at the platform by the running daemon, within a minute, and checked there.")]
    Queue {
        #[command(subcommand)]
        command: QueueCommand,
    },
    /// What stands about the author of an incident: trusted and exempt from the rules, or on the ladder of warnings.
    #[command(after_help = "Examples:\n  chaperone author show 43\n  \
        chaperone author exempt 43 --by \"Pat Lee\" --reason \"speaks for the union\"\n  \
        chaperone author step 43 --to contact --by \"Pat Lee\" --reason \"asked to take it down\"")]
    Author {
        #[command(subcommand)]
        command: AuthorCommand,
    },
    /// Verifies the evidence, makes a case pack of an incident, holds evidence that must not be erased.
    #[command(
        after_help = "Examples:\n  chaperone audit verify\n  chaperone audit export 43 --by \"Pat Lee\" --out ./case-43\n  \
        chaperone audit hold 43 --by \"Pat Lee\" --reason \"letter before claim\""
    )]
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// What is kept of one person: gives it to them, or erases it at their wish.
    #[command(
        after_help = "Examples:\n  chaperone subject export \"Jo Carter\" --by \"Pat Lee\" --out ./jo-carter\n  \
        chaperone subject erase \"Jo Carter\" --by \"Pat Lee\" --dry-run"
    )]
    Subject {
        #[command(subcommand)]
        command: SubjectCommand,
    },
    /// Erases what has been kept for its term; the daemon does so once a day by itself.
    #[command(after_help = "Example:\n  chaperone purge --dry-run\n\n\
        The terms stand in section [retention] of the configuration. What a legal hold or an owed action keeps is told.")]
    Purge {
        /// Only says what would be erased.
        #[arg(long)]
        dry_run: bool,
        /// Who erases; recorded in the audit chain. Not needed for a dry run.
        #[arg(long, value_name = "NAME", value_parser = person, required_unless_present = "dry_run")]
        by: Option<String>,
    },
    /// Who may sign in to the console, the team's web page.
    #[command(
        after_help = "Examples:\n  chaperone user add pat --full-name \"Pat Lee\" --role reviewer --by \"Sam Roe\"\n  \
        chaperone user list\n\n\
        A reader looks at queue, digests and health, with private details masked; a reviewer sees and decides everything;\n\
        an admin also changes lexicons and the staff list. The password is asked for, or read from a pipe."
    )]
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// The key that the evidence is sealed with.
    #[command(after_help = "Examples:\n  chaperone key new /etc/chaperone/alderbrook/secrets/store-key\n  \
        chaperone key show\n  chaperone key rotate --to /etc/chaperone/alderbrook/secrets/store-key-2027")]
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// What is processed, why, where it is kept, how long and who sees it: for the data protection officer's register.
    #[command(after_help = "Example:\n  chaperone processing-record --format html > record.html\n\n\
        Made from the configuration in force; what only the practice can say stands in section [privacy].")]
    ProcessingRecord {
        /// How it is printed.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Serves the simulated platforms alone, for rehearsals and for other people's clients.
    #[command(after_help = "Example:\n  chaperone simulate --listen 127.0.0.1:8080\n\n\
        The first line printed is one JSON object with the addresses and the tokens of every page. The day begins now.")]
    Simulate {
        /// A loopback address; port 0 takes any free one.
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// Another scenario than the shipped day.
        #[arg(long, value_name = "FILE")]
        scenario: Option<PathBuf>,
    },
    /// Says what changed rules would have done to the stored comments, against what people decided. Changes nothing.
    #[command(after_help = "Examples:\n  chaperone backtest --lexicons ./lexicons-being-edited\n  \
        chaperone backtest --policy threeways-surgery --since 2026-09-01 --format json\n\n\
        The rules in force are the configured ones. Identifiers and names in what is printed are masked.")]
    Backtest(Backtest),
    /// Proves and inspects the lexicon files.
    #[command(after_help = "Example:\n  chaperone --config /etc/chaperone/alderbrook/chaperone.toml lexicon check")]
    Lexicon {
        #[command(subcommand)]
        command: LexiconCommand,
    },
}

/// What `backtest` was asked for.
#[derive(Debug, clap::Args)]
pub(super) struct Backtest {
    /// The proposed lexicons: a folder with `en` and `lists`.
    #[arg(long, value_name = "DIR", required_unless_present_any = ["policy", "staff"])]
    pub(super) lexicons: Option<PathBuf>,
    /// Another policy of the policies directory.
    #[arg(long, value_name = "NAME")]
    pub(super) policy: Option<String>,
    /// The proposed staff list.
    #[arg(long, value_name = "FILE")]
    pub(super) staff: Option<PathBuf>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Data::Text)]
    pub(super) format: Data,
    /// Only comments written since: a day, or a day and a time, in the practice's time zone.
    #[arg(long, value_name = "TIME")]
    pub(super) since: Option<String>,
    /// How many of the changed comments are shown, the gravest change first.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(super) examples: usize,
}

/// What `lexicon stats` was asked for.
#[derive(Debug, clap::Args)]
pub(super) struct Stats {
    /// Files of labelled comments, JSON Lines; the store, if there are none.
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Also list the entries that found nothing.
    #[arg(long)]
    pub(super) never: bool,
    /// In which order the entries are told.
    #[arg(long, value_enum, default_value_t = Sort::Found, conflicts_with = "files")]
    pub(super) sort: Sort,
    /// Only what was judged since: a day, or a day and a time, in the practice's time zone.
    #[arg(long, value_name = "TIME", conflicts_with = "files")]
    pub(super) since: Option<String>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Data::Text, conflicts_with = "files")]
    pub(super) format: Data,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Sort {
    /// Those that found most first.
    Found,
    /// Those that are right least often first.
    Precision,
    /// Those that found something last first.
    Last,
    /// By name.
    Name,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Data {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For a terminal.
    Text,
    /// For a browser or a mail program.
    Html,
    /// For programs.
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// For a terminal.
    Text,
    /// To read in a browser and to print.
    Html,
    /// For a spreadsheet.
    Csv,
    /// For programs.
    Json,
}

/// A month.
fn month(text: &str) -> Result<Date, String> {
    crate::dossier::month::parse(text.trim()).ok_or_else(|| "write a month as 2026-10".to_owned())
}

#[derive(Debug, Subcommand)]
pub(super) enum AlertCommand {
    /// Sends a message of each kind, clearly marked as a test, by every configured way, and says what came of it.
    #[command(after_help = "Examples:\n  chaperone alert test\n  chaperone alert test --to-all\n\n\
        Under systemd the secrets are the service's own, so run it as the service does or as root. Exit code 1 if a way \
        failed.")]
    Test {
        /// Also to those who are told while the practice is closed.
        #[arg(long)]
        to_all: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum QueueCommand {
    /// Lists what needs a person and nobody has acknowledged, oldest first. Identifiers are masked.
    #[command(after_help = "Example:\n  chaperone --config /etc/chaperone/alderbrook/chaperone.toml queue list")]
    List,
    /// Shows everything about one incident: the comment, each reason, what was done, what happened when.
    #[command(after_help = "Examples:\n  chaperone queue show 43\n  chaperone queue show 43 --unmasked")]
    Show {
        /// The incident's number, as digest, alert and list show it.
        #[arg(value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
        number: i64,
        /// Show the author and the comment's words as they are, not safe to forward.
        #[arg(long)]
        unmasked: bool,
    },
    /// Says that somebody has taken incidents in hand: their alerts are not repeated, and who it was is recorded.
    #[command(after_help = "Examples:\n  chaperone queue acknowledge 43 --by \"Pat Lee\"\n  \
        chaperone queue acknowledge 43 44 47 --by \"Pat Lee\"\n\n\
        Exit code 1 if a number is unknown or somebody has acknowledged it before; the others are acknowledged all the same.")]
    Acknowledge {
        /// The incidents' numbers.
        #[arg(required = true, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
        numbers: Vec<i64>,
        /// Who has them in hand.
        #[arg(long, value_name = "NAME", value_parser = person)]
        by: String,
    },
    /// Says that incidents were judged rightly and stay as they are.
    #[command(
        after_help = "Example:\n  chaperone queue uphold 43 44 --by \"Pat Lee\" --reason \"clear abuse of a receptionist\""
    )]
    Uphold(Saying),
    /// Shows hidden comments again, and keeps every rule from hiding the same words of them once more.
    #[command(after_help = "Examples:\n  chaperone queue restore 43 --by \"Pat Lee\" --reason \"fair criticism\"\n  \
        chaperone queue restore --batch --entry complaint/worst-service --since 2026-11-20 --dry-run \\\n    \
        --by \"Pat Lee\" --reason \"the new phrase was wrong\"\n\n\
        A comment that was deleted cannot be shown again; its words are kept: queue show NUMBER --unmasked.\n\
        With --batch, comments that another rule wanted hidden as well are left as they are, and listed. The rule itself\n\
        stays in force: correct the entry, or it hides the next comment.")]
    Restore {
        /// The incidents' numbers.
        #[arg(required_unless_present = "batch", conflicts_with = "batch", value_name = "NUMBER",
            value_parser = clap::value_parser!(i64).range(1..))]
        numbers: Vec<i64>,
        /// Everything that some rules had hidden, instead of single incidents: name them with --entry or --rules.
        #[arg(long)]
        batch: bool,
        /// A lexicon entry, as the digest and `queue show` name it; may be given more than once.
        #[arg(long, value_name = "ID", conflicts_with = "numbers")]
        entry: Vec<String>,
        /// Everything that was new or changed in this version of the rules, as the digest and `queue show` name it.
        #[arg(long, value_name = "VERSION", conflicts_with = "numbers")]
        rules: Option<String>,
        /// Only what was judged since: a day, or a day and a time, in the practice's time zone.
        #[arg(long, value_name = "TIME", conflicts_with = "numbers")]
        since: Option<String>,
        /// Only say what would be shown again.
        #[arg(long, conflicts_with = "numbers")]
        dry_run: bool,
        #[command(flatten)]
        word: WhoAndWhy,
    },
    /// Hides comments, whatever the rules made of them.
    #[command(after_help = "Example:\n  chaperone queue hide 43 --by \"Pat Lee\" --reason \"names a patient's child\"")]
    Hide(Saying),
    /// Deletes comments for good; their words are kept here. TikTok lets nobody delete, so there they are hidden.
    #[command(
        after_help = "Example:\n  chaperone queue delete 43 --by \"Pat Lee\" --reason \"threat, reported to the police\"\n\n\
        A comment with a sign that somebody may come to harm is never deleted."
    )]
    Delete(Saying),
    /// Adds a note to incidents; decides nothing.
    #[command(
        after_help = "Example:\n  chaperone queue note 43 --by \"Pat Lee\" --reason \"rang the author, she will rephrase it\""
    )]
    Note(Saying),
}

/// A person's word on incidents.
#[derive(Debug, clap::Args)]
pub(super) struct Saying {
    /// The incidents' numbers, as digest, alert and list show them.
    #[arg(required = true, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
    pub(super) numbers: Vec<i64>,
    #[command(flatten)]
    pub(super) word: WhoAndWhy,
}

#[derive(Debug, clap::Args)]
pub(super) struct WhoAndWhy {
    /// Who decides; recorded.
    #[arg(long, value_name = "NAME", value_parser = person)]
    pub(super) by: String,
    /// Why; recorded, and kept as carefully as the comment itself.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(super) reason: String,
}

/// Why somebody decided: something to read.
fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("write why, so that others understand it later".to_owned()),
        text if text.chars().count() > 2000 => Err("write at most 2000 letters".to_owned()),
        text => Ok(text.to_owned()),
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Lists who may sign in.
    #[command(after_help = "Example:\n  chaperone user list")]
    List,
    /// Adds somebody; asks for their password.
    #[command(
        after_help = "Example:\n  chaperone user add pat --full-name \"Pat Lee\" --role reviewer --by \"Sam Roe\""
    )]
    Add {
        /// What they sign in with: small letters, digits, dots and dashes.
        #[arg(value_name = "NAME", value_parser = login)]
        name: String,
        /// How their decisions are signed.
        #[arg(long, value_name = "NAME", value_parser = person)]
        full_name: String,
        /// What they may do.
        #[arg(long, value_enum)]
        role: RoleName,
        /// Who adds them; recorded in the audit chain.
        #[arg(long, value_name = "NAME", value_parser = person)]
        by: String,
    },
    /// Gives somebody a new password, and signs them out everywhere.
    #[command(after_help = "Example:\n  chaperone user password pat --by \"Sam Roe\"")]
    Password {
        /// Who.
        #[arg(value_name = "NAME", value_parser = login)]
        name: String,
        /// Who does so; recorded in the audit chain.
        #[arg(long, value_name = "NAME", value_parser = person)]
        by: String,
    },
    /// Gives somebody another role, and signs them out everywhere.
    #[command(after_help = "Example:\n  chaperone user role pat admin --by \"Sam Roe\"")]
    Role {
        /// Who.
        #[arg(value_name = "NAME", value_parser = login)]
        name: String,
        /// What they may do from now on.
        #[arg(value_enum)]
        role: RoleName,
        /// Who does so; recorded in the audit chain.
        #[arg(long, value_name = "NAME", value_parser = person)]
        by: String,
    },
    /// Removes somebody; what they decided stays under their name.
    #[command(after_help = "Example:\n  chaperone user remove pat --by \"Sam Roe\"")]
    Remove {
        /// Who.
        #[arg(value_name = "NAME", value_parser = login)]
        name: String,
        /// Who does so; recorded in the audit chain.
        #[arg(long, value_name = "NAME", value_parser = person)]
        by: String,
    },
}

/// What a user of the console may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RoleName {
    /// Looks, with private details masked.
    Reader,
    /// Sees and decides everything.
    Reviewer,
    /// Changes lexicons and the staff list too.
    Admin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Reader => Self::Reader,
            RoleName::Reviewer => Self::Reviewer,
            RoleName::Admin => Self::Admin,
        }
    }
}

/// A name to sign in with: easily typed, and the same however it is typed.
fn login(text: &str) -> Result<String, String> {
    let name = text.trim().to_lowercase();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
        return Err("use letters a to z, digits, dots and dashes, such as pat or p.lee".to_owned());
    }
    Ok(name)
}

#[derive(Debug, Subcommand)]
pub(super) enum AuthorCommand {
    /// Lists who is exempt and who is on the ladder, by an incident of theirs.
    #[command(after_help = "Example:\n  chaperone author list")]
    List,
    /// Shows what stands about the author of an incident, and all their incidents.
    #[command(after_help = "Example:\n  chaperone author show 43 --unmasked")]
    Show {
        /// The number of one of their incidents.
        #[arg(value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
        number: i64,
        /// Show the author's name and people's reasons as they are, not safe to forward.
        #[arg(long)]
        unmasked: bool,
    },
    /// Makes an author exempt on that page: rules hide and delete nothing of theirs from now on.
    #[command(
        after_help = "Example:\n  chaperone author exempt 43 --by \"Pat Lee\" --reason \"speaks for the union\"\n\n\
        What rules would have done is told in the digest. A sign of harm, a threat or an identifier is told as ever, and\n\
        what identifies a private person is still hidden: their privacy is not the author's to give away."
    )]
    Exempt(AboutAuthor),
    /// Ends an exemption: rules act again on what this author writes from now on.
    #[command(after_help = "Example:\n  chaperone author unexempt 43 --by \"Pat Lee\" --reason \"has left the union\"")]
    Unexempt(AboutAuthor),
    /// Writes down a step about an author: contact, second-contact, warning, legal-advice, removal.
    #[command(after_help = "Example:\n  \
        chaperone author step 43 --to warning --by \"Pat Lee\" --reason \"asked twice, went on\"\n\n\
        One step at a time; a threat may be warned of at once, and about defamation advice may be taken at once. Removal\n\
        needs a warning within the policy's window and incidents that people have upheld, and complaints, reviews, questions\n\
        or what somebody says about their health are never enough. Nothing is sent and nobody is removed by this program.")]
    Step {
        #[command(flatten)]
        about: AboutAuthor,
        /// The step that was taken.
        #[arg(long, value_name = "STEP", value_parser = step)]
        to: Step,
        /// This incident is violence or a threat of it, and it was reported to the police: only then may removal come
        /// without a warning.
        #[arg(long)]
        police: bool,
    },
    /// Takes back the last step about an author, which was written down by mistake.
    #[command(after_help = "Example:\n  chaperone author withdraw 43 --by \"Pat Lee\"")]
    Withdraw {
        /// The number of one of their incidents.
        #[arg(value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
        number: i64,
        /// Who takes it back; recorded.
        #[arg(long, value_name = "NAME", value_parser = person)]
        by: String,
    },
}

/// A person's word about the author of an incident.
#[derive(Debug, clap::Args)]
pub(super) struct AboutAuthor {
    /// The number of one of the author's incidents.
    #[arg(value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
    pub(super) number: i64,
    #[command(flatten)]
    pub(super) word: WhoAndWhy,
}

fn step(id: &str) -> Result<Step, String> {
    Step::from_id(id).ok_or_else(|| format!("the steps are {}", Step::ALL.map(Step::id).join(", ")))
}

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Looks whether anything in the store was changed, removed or slipped in since it was recorded.
    #[command(
        after_help = "Examples:\n  chaperone audit verify\n  chaperone audit verify --head 6f1c0f0e… --digests /var/lib/chaperone/alderbrook/digests\n\n\
        Each digest carries the head of the chain out of the machine. A head that is not found in the chain any more\n\
        shows that its end was cut off, or that all of it was made anew. Exit code 1 if anything does not fit."
    )]
    Verify {
        /// Heads from digests that you have kept, 64 hex digits each.
        #[arg(long, value_name = "HASH", num_args = 1.., value_parser = head)]
        head: Vec<String>,
        /// A folder of digests as JSON, whose heads are held against the chain.
        #[arg(long, value_name = "DIR")]
        digests: Option<PathBuf>,
    },
    /// Writes a case pack: what was posted, when, by whom, what was made of it under which clause, what was done, and proof.
    #[command(after_help = "Example:\n  chaperone audit export 43 --by \"Pat Lee\" --out ./case-43\n\n\
        Writes case-43.html, to read and print, and case-43.json. Both are whole and unmasked: keep them safe.")]
    Export {
        /// The incident's number.
        #[arg(value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
        number: i64,
        /// For whom it is made; recorded in the audit chain.
        #[arg(long, value_name = "NAME", value_parser = person)]
        by: String,
        /// Where the files go; made if need be.
        #[arg(long, value_name = "DIR", default_value = ".")]
        out: PathBuf,
    },
    /// Keeps the comments of incidents whatever the terms of retention and their author say.
    Hold {
        /// The incidents' numbers.
        #[arg(required = true, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
        numbers: Vec<i64>,
        /// Who asks for it.
        #[arg(long, value_name = "NAME", value_parser = person)]
        by: String,
        /// Why, such as the reference of a claim.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Lets go of held comments: their terms count again.
    Release {
        /// The incidents' numbers.
        #[arg(required = true, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
        numbers: Vec<i64>,
        /// Who lets go.
        #[arg(long, value_name = "NAME", value_parser = person)]
        by: String,
    },
    /// Lists what is held, by whom and why.
    Holds,
}

#[derive(Debug, Subcommand)]
pub(super) enum SubjectCommand {
    /// Writes what is kept of a person, for that person. Other people's names and details are masked.
    #[command(after_help = "Example:\n  chaperone subject export \"Jo Carter\" --by \"Pat Lee\" --out ./jo-carter\n\n\
        Two of the same name are two people: the command lists them, and you name one by the platform's id.")]
    Export {
        /// The name, as it stands beside the comments, or the platform's id of the author.
        #[arg(value_name = "NAME", allow_hyphen_values = true)]
        who: String,
        /// Who hands it out; recorded in the audit chain.
        #[arg(long, value_name = "NAME", value_parser = person)]
        by: String,
        /// Where the files go; made if need be.
        #[arg(long, value_name = "DIR", default_value = ".")]
        out: PathBuf,
    },
    /// Erases what is kept of a person, but for what a legal hold or an owed action keeps.
    #[command(after_help = "Example:\n  chaperone subject erase \"Jo Carter\" --by \"Pat Lee\" --dry-run\n\n\
        What stays is that comments were judged, and what was done. Nothing changes at the platform.")]
    Erase {
        /// The name, as it stands beside the comments, or the platform's id of the author.
        #[arg(value_name = "NAME", allow_hyphen_values = true)]
        who: String,
        /// Who erases; recorded in the audit chain.
        #[arg(long, value_name = "NAME", value_parser = person)]
        by: String,
        /// Only says what would be erased.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Makes a key in a new file that only its owner can read.
    New {
        /// The file; one that is there already is left alone.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Says which key is configured, by its fingerprint, and whether it opens the store.
    Show,
    /// Seals all evidence anew with another key. The daemon has to be stopped.
    #[command(after_help = "Example:\n  systemctl stop chaperone@alderbrook\n  chaperone key new new-key\n  \
        chaperone key rotate --to new-key\n\nThen name the new key in the configuration, start the daemon, and destroy the old key.")]
    Rotate {
        /// The file of the new key.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
}

/// A hash of the audit chain.
fn head(text: &str) -> Result<String, String> {
    let text = text.trim().to_lowercase();
    let sound = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if sound { Ok(text) } else { Err("a head is 64 hex digits, as the digest shows it".to_owned()) }
}

/// A person's name: something to read, on one line.
fn person(text: &str) -> Result<String, String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        0 => Err("write your name, so that others know whom to ask".to_owned()),
        1..=100 if !name.chars().any(char::is_control) => Ok(name),
        _ => Err("write a name of at most 100 letters".to_owned()),
    }
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
    /// Says what looks wrong although it is written correctly: too broad, needless, twice, clashing with names of staff and
    /// places, never finding anything in the store.
    #[command(after_help = "Examples:\n  chaperone lexicon lint\n  \
        chaperone lexicon lint --lexicons ./lexicons-being-edited --format json\n\n\
        Exit code 1 if anything looks wrong. Where there is a store, it is asked which entries never found anything.")]
    Lint {
        /// The folder with `en` and `lists`, if it is not the configured one.
        #[arg(long, value_name = "DIR")]
        lexicons: Option<PathBuf>,
        /// How it is printed.
        #[arg(long, value_enum, default_value_t = Data::Text)]
        format: Data,
    },
    /// Says of every entry how often it found something, and how often it was right: by what people decided about the
    /// stored comments, or by labelled comments.
    #[command(after_help = "Examples:\n  chaperone lexicon stats --sort precision\n  \
        chaperone lexicon stats our-comments.jsonl\n\n\
        In, if files are given: labelled comments as `measure --help` shows them; else the store is asked.")]
    Stats(Stats),
    /// Learns from what people decided which words tell rightly judged comments from others, and prints lines to paste.
    #[command(after_help = "Example:\n  chaperone lexicon suggest\n\n\
        Nothing is written. Names, numbers and rare words are never proposed. Try what you paste with `backtest`.")]
    Suggest {
        /// How it is printed.
        #[arg(long, value_enum, default_value_t = Data::Text)]
        format: Data,
    },
    /// Learns from labelled comments and the lexicons' own examples which words add up to a category, and writes
    /// lexicon files to be read, corrected and checked by people.
    #[command(
        after_help = "Example:\n  chaperone lexicon weigh --out lexicons/points labelled/learnt/*.jsonl --fresh labelled/fresh/*.jsonl\n\n\
        In: labelled comments as `measure --help` shows them; invented ones, because some become examples in the files.\n\
        Comments that the points are to be measured on must not be among them."
    )]
    Weigh {
        /// Files of labelled comments, JSON Lines.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Files that no phrase of the lexicons was tried on, learnt from too: how far phrases can be believed is seen
        /// there alone, because they are nearly always right about the comments that they were made for.
        #[arg(long, value_name = "FILE", num_args = 1..)]
        fresh: Vec<PathBuf>,
        /// Where a file for each category is put, over the one that lies there; `points` beside `en` in your lexicons.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}
