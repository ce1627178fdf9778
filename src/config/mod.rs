//! The configuration: defaults, then the file, then `CHAPERONE__SECTION__KEY`. In: a path and what the command needs.
//! Out: a [`Config`] in which everything has been checked, or every mistake at once, each with its line and what to do.
//! Not here: reading lexicons, policies and the staff list, whose files are only looked for; anything that goes on later.

mod console;
mod files;
mod read;
mod retention;
mod values;

use std::collections::{BTreeMap, HashSet};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use config::{Environment as Overrides, File, FileFormat};
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::comment::{PageId, PageKey, Platform};
use crate::digest::alert::WebhookKind;
use crate::digest::deliver::{MailSettings, Tls};
use crate::digest::schedule::{self, Schedule};
use crate::executor::brake::Brake;
use crate::lexicon::complaint::Complaint;
use crate::platform;
use crate::store::{Backlog, Key, Mode, Terms};
pub use console::Console;
use files::Files;
use read::{Complained, Reader, Section, Wrong};
pub use retention::Privacy;

/// Where the configuration is when nobody says otherwise.
pub const DEFAULT_FILE: &str = "/etc/chaperone/chaperone.toml";

const DEFAULTS: &str = include_str!("defaults.toml");
const PREFIX: &str = "CHAPERONE";
const STATE_DIR: &str = "/var/lib/chaperone";

/// Everything that people can set, checked.
#[derive(Debug)]
pub struct Config {
    /// The file it came from.
    pub file: PathBuf,
    /// Whose pages these are.
    pub practice: Practice,
    /// Where the policies are.
    pub policies: Policies,
    /// Where the lexicons are.
    pub lexicons: Lexicons,
    /// Where everything is kept.
    pub store: Store,
    /// What is watched, in the order of the file.
    pub pages: Vec<Page>,
    /// The mail server; without one, digests and alerts become files in [`Digest::directory`].
    pub mail: Option<MailSettings>,
    /// When digests are made, and how.
    pub digest: Digest,
    /// Who gets the report of each month.
    pub report: Report,
    /// How people are told at once.
    pub alerts: Alerts,
    /// The team's web page, if there is to be one.
    pub console: Option<Console>,
    /// How much may be done in a day before people look.
    pub brake: Brake,
    /// How long evidence is kept.
    pub retention: Terms,
    /// What only the practice can say about its processing.
    pub privacy: Privacy,
    /// What machines are told of how it does.
    pub metrics: Metrics,
    /// What the daemon says to standard error.
    pub log: Log,
}

/// `[practice]`
#[derive(Debug)]
pub struct Practice {
    /// Its name as patients know it.
    pub name: String,
    /// Other names it goes by.
    pub aliases: Vec<String>,
    /// Its own address, which is no identifier.
    pub address: Option<String>,
    /// Its own phone numbers, which are no identifiers.
    pub phones: Vec<String>,
    /// Its own e-mail addresses, which are no identifiers.
    pub emails: Vec<String>,
    /// Its own web sites, links to which are welcome.
    pub websites: Vec<String>,
    /// Where its days begin and its digests are due.
    pub timezone: TimeZone,
    /// When it answers.
    pub hours: Hours,
    /// The policy's name: a file in [`Policies::dir`] without its `.toml`.
    pub policy: String,
    /// The staff list, if there is one.
    pub staff: Option<PathBuf>,
    /// Whether anything is done at the platforms.
    pub mode: Mode,
    /// What becomes of comments that are there before the first poll.
    pub backlog: Backlog,
}

/// `[policies]`
#[derive(Debug)]
pub struct Policies {
    /// The directory of the policy files.
    pub dir: PathBuf,
}

impl Policies {
    /// The file of the policy with this name.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.toml"))
    }
}

/// `[lexicons]`
#[derive(Debug)]
pub struct Lexicons {
    /// The directory that holds `en/` and `lists/`.
    pub dir: PathBuf,
}

/// `[store]`
#[derive(Debug)]
pub struct Store {
    /// The database file.
    pub path: PathBuf,
    /// What its evidence is sealed with; `None`: the key that lies beside it, or a command that needs no store.
    pub key: Option<Key>,
}

impl Store {
    /// The directory of the database, in which other things that must outlive a restart (rotated tokens) are kept too.
    pub fn state_dir(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("/"))
    }
}

/// `[[page]]`
#[derive(Debug)]
pub struct Page {
    /// How it is connected to; without secrets where those were not asked for.
    pub settings: platform::Settings,
    /// Seconds from one look at the page to the next.
    pub every_s: NonZeroU32,
}

impl Page {
    /// Which page, and where.
    pub fn key(&self) -> &PageKey {
        &self.settings.key
    }
}

/// `[digest]`
#[derive(Debug)]
pub struct Digest {
    /// At what times of day, in the practice's time zone, in order.
    pub times: Vec<Time>,
    /// On which days.
    pub days: Vec<Weekday>,
    /// Where digests and alerts become files when there is no mail server.
    pub directory: PathBuf,
    /// The practice's fixed texts; the file need not be there.
    pub drafts: PathBuf,
    /// Whether authors' names stand there in full.
    pub show_author_names: bool,
    /// Whether a digest is sent when there is nothing to say.
    pub when_quiet: bool,
}

/// `[report]`
#[derive(Debug, Default)]
pub struct Report {
    /// Who gets the manager's report on the first business day of the next month.
    pub to: Vec<String>,
}

/// `[alerts]`
#[derive(Debug)]
pub struct Alerts {
    /// Where alerts go beside the mail; the address itself is the secret. `None` also where secrets were not asked for.
    pub webhook_url: Option<SecretString>,
    /// What answers there.
    pub webhook_kind: WebhookKind,
    /// Minutes until an urgent alert that nobody acknowledged is repeated; `None` never repeats.
    pub repeat_min: Option<NonZeroU32>,
    /// Who else gets mail of what cannot wait while the practice is closed.
    pub out_of_hours_to: Vec<String>,
    /// Where else that goes; the address itself is the secret. `None` also where secrets were not asked for.
    pub out_of_hours_webhook_url: Option<SecretString>,
    /// When alerts that are not about somebody's safety wait until the end of these hours; may run over midnight.
    pub quiet_hours: Option<Hours>,
}

/// `[metrics]`
#[derive(Debug, Default)]
pub struct Metrics {
    /// A file of numbers for Prometheus' node exporter, written anew each minute.
    pub textfile: Option<PathBuf>,
}

/// `[log]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// How a line looks.
    pub format: LogFormat,
    /// The least important lines that are still written; the variable `RUST_LOG` wins over it.
    pub level: tracing::Level,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people and the journal.
    Text,
    /// One JSON object a line.
    Json,
}

/// From one time of day to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// Beginning, included.
    pub from: Time,
    /// End, excluded.
    pub to: Time,
}

/// What a command needs of the configuration; what it does not need is not looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// At least one page.
    pub pages: bool,
    /// Tokens, passwords and other secrets, read from their files.
    pub secrets: bool,
    /// A place for the database.
    pub store: bool,
}

impl Needs {
    /// The daemon, and whatever talks to a platform or sends mail.
    pub const EVERYTHING: Self = Self { pages: true, secrets: true, store: true };
    /// `queue`, `audit`, `report`, `digest`: what is kept, and nobody else.
    pub const STORE: Self = Self { pages: false, secrets: false, store: true };
    /// `classify`, `explain`, `lexicon`: policy, lexicons and staff list alone.
    pub const RULES: Self = Self { pages: false, secrets: false, store: false };
}

/// The environment variables, as an argument.
pub type Environment = BTreeMap<String, String>;

impl Config {
    /// Reads and checks the configuration as the process finds it.
    pub fn load(path: &Path, needs: Needs) -> Result<Self, Vec<Complaint>> {
        // A variable that is not UTF-8 is none of ours: every value of ours is text.
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self::load_in(path, needs, &std::env::vars_os().filter_map(text).collect())
    }

    /// Reads and checks the configuration in a given environment.
    pub fn load_in(path: &Path, needs: Needs, environment: &Environment) -> Result<Self, Vec<Complaint>> {
        let source = files::read_text(path).map_err(|complaint| vec![complaint])?;
        let overrides = overrides(environment)?;
        let variables = overrides.iter().map(|(path, (variable, _))| (path.clone(), variable.clone())).collect();
        let reader = Reader::new(path, &source, variables).map_err(|complaint| vec![complaint])?;
        let merged = merge(path, &source, &overrides, environment).map_err(|error| {
            vec![
                Complaint::new(error.to_string())
                    .in_file(path)
                    .help("mend the setting it names, in the file or the environment"),
            ]
        })?;
        let files = Files::new(path, environment, needs);
        let config = whole(&reader.root(&merged), &files, &reader, path);
        reader.settle(config)
    }
}

/// What other modules want to know of it.
impl Config {
    /// When digests are due.
    pub fn schedule(&self) -> Schedule {
        let (times, weekdays) = (self.digest.times.clone(), self.digest.days.clone());
        Schedule { times, weekdays, zone: self.practice.timezone.clone() }
    }

    /// How a person calls the program for this practice, ready for a shell. What stands in the service's own directory
    /// belongs to the service alone, so there only root can ask.
    pub fn command(&self) -> String {
        let sudo = if self.store.path.starts_with(STATE_DIR) { "sudo " } else { "" };
        let file = std::path::absolute(&self.file).unwrap_or_else(|_| self.file.clone());
        format!("{sudo}chaperone --config {}", shell_word(&file.display().to_string()))
    }

    /// When the practice answers.
    pub fn business_hours(&self) -> schedule::Hours {
        let Hours { from: opens, to: closes } = self.practice.hours;
        schedule::Hours { opens, closes }
    }
}

/// A word as a shell takes it, in quotation marks where it has to be.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Path in the configuration → the variable that sets it, and its value.
fn overrides(environment: &Environment) -> Result<BTreeMap<String, (String, String)>, Vec<Complaint>> {
    let prefix = format!("{PREFIX}__");
    let (mut ours, mut complaints) = (BTreeMap::new(), Vec::new());
    for (name, value) in environment {
        let Some(key) = name.strip_prefix(&prefix) else { continue };
        match path_of_variable(key) {
            Some(path) => {
                ours.insert(path, (name.clone(), value.clone()));
            }
            None => complaints.push(Complaint::new(format!("the environment variable {name} names no setting")).help(
                format!("write {PREFIX}__SECTION__KEY, or {PREFIX}__PAGE__0__KEY for the first page; or unset it"),
            )),
        }
    }
    if complaints.is_empty() { Ok(ours) } else { Err(complaints) }
}

/// `PAGE__0__EVERY_S` → `page[0].every_s`; none where nothing can be meant: a list would grow to any place that is named.
fn path_of_variable(key: &str) -> Option<String> {
    let mut path = String::new();
    for step in key.to_lowercase().split("__") {
        let number = !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
        match (number, path.is_empty()) {
            _ if step.is_empty() => return None,
            (true, true) => return None,
            (true, false) if 3 < step.len() => return None,
            (true, false) => path.extend(["[", step, "]"]),
            (false, true) => path.push_str(step),
            (false, false) => path.extend([".", step]),
        }
    }
    Some(path)
}

fn merge(
    file: &Path,
    source: &str,
    overrides: &BTreeMap<String, (String, String)>,
    environment: &Environment,
) -> Result<config::Map<String, config::Value>, config::ConfigError> {
    let prefixed = |(path, (_, value)): (&String, &(String, String))| (format!("{PREFIX}__{path}"), value.clone());
    let overrides = overrides.iter().map(prefixed).collect();
    config::Config::builder()
        .add_source(File::from_str(DEFAULTS, FileFormat::Toml))
        .add_source(File::from_str(&state_defaults(&usual_state_dir(file, environment)), FileFormat::Toml))
        .add_source(File::from_str(source, FileFormat::Toml))
        .add_source(Overrides::with_prefix(PREFIX).separator("__").source(Some(overrides)))
        .build()?
        .cache
        .into_table()
}

/// Where things are kept when the file does not say. systemd names it; and as people run commands of the same practice
/// from a shell, where it does not, the file's own place says it too: `/etc/chaperone/NAME/` goes with
/// `/var/lib/chaperone/NAME/`.
fn usual_state_dir(file: &Path, environment: &Environment) -> PathBuf {
    if let Some(dir) =
        environment.get("STATE_DIRECTORY").and_then(|dirs| dirs.split(':').next()).filter(|dir| !dir.is_empty())
    {
        return PathBuf::from(dir);
    }
    let instance = file.parent().and_then(|dir| dir.strip_prefix("/etc/chaperone").ok());
    instance.map_or_else(|| PathBuf::from(STATE_DIR), |instance| Path::new(STATE_DIR).join(instance))
}

fn state_defaults(dir: &Path) -> String {
    let quoted = |name: &str| toml::Value::String(dir.join(name).display().to_string()).to_string();
    format!("store.path = {}\ndigest.directory = {}\n", quoted("chaperone.db"), quoted("digests"))
}

fn whole(root: &Section<'_>, files: &Files, reader: &Reader<'_>, path: &Path) -> Result<Config, Complained> {
    let policies = table(root, "policies", |section| policies(section, files));
    let dir = policies.as_ref().ok().map(|policies| policies.dir.clone());
    let practice = table(root, "practice", |section| practice(section, files, dir.as_deref()));
    let lexicons = table(root, "lexicons", |section| lexicons(section, files));
    let store = table(root, "store", |section| store(section, files));
    let pages = pages(root, files, reader);
    let mail = root.section("mail").and_then(|section| section.map(|section| mail(&section, files)).transpose());
    let digest = table(root, "digest", |section| digest(section, files));
    let report = root.section("report").and_then(|section| section.map_or(Ok(Report::default()), |one| report(&one)));
    let alerts = table(root, "alerts", |section| alerts(section, files));
    let console = table(root, "console", console::console);
    let brake = table(root, "brake", brake);
    let retention = table(root, "retention", retention::retention);
    let privacy = root
        .section("privacy")
        .and_then(|section| section.map_or(Ok(Privacy::default()), |section| retention::privacy(&section)));
    let metrics = root.section("metrics");
    let metrics =
        metrics.and_then(|section| section.map_or(Ok(Metrics::default()), |section| metrics_of(&section, files)));
    let log = table(root, "log", log);
    root.finish()?;
    let named = [
        ("alerts.out_of_hours_to", alerts.as_ref().is_ok_and(|alerts| !alerts.out_of_hours_to.is_empty())),
        ("report.to", report.as_ref().is_ok_and(|report| !report.to.is_empty())),
    ];
    let help = "write a section [mail], or take this line out";
    let mut unreached = Ok(());
    for (path, _) in named.iter().filter(|(_, people)| *people && matches!(mail, Ok(None))) {
        let wrong = Wrong::new("names people, and there is no mail server to reach them by", help);
        unreached = Err(reader.complain(path, wrong));
    }
    unreached?;
    let (store, mut pages) = (store?, pages?);
    for page in &mut pages {
        page.settings.state_dir = Some(store.state_dir().to_owned());
    }
    Ok(Config {
        file: path.to_owned(),
        practice: practice?,
        policies: policies?,
        lexicons: lexicons?,
        store,
        pages,
        mail: mail?,
        digest: digest?,
        report: report?,
        alerts: alerts?,
        console: console?,
        brake: brake?,
        retention: retention?,
        privacy: privacy?,
        metrics: metrics?,
        log: log?,
    })
}

/// A section that is always there, if only through its defaults.
fn table<T>(
    root: &Section<'_>,
    key: &'static str,
    read: impl FnOnce(&Section<'_>) -> Result<T, Complained>,
) -> Result<T, Complained> {
    match root.section(key)? {
        Some(section) => read(&section),
        None => Err(root.complain(key, Wrong::new("is missing", format!("write a section [{key}]")))),
    }
}

fn practice(section: &Section<'_>, files: &Files, policies: Option<&Path>) -> Result<Practice, Complained> {
    let name = section.get(
        "name",
        values::text,
        "write the practice's name as patients know it: name = \"Alderbrook Surgery\"",
    );
    let aliases = section.maybe("aliases", values::texts);
    let address = section.maybe("address", values::text);
    let phones = section.maybe("phones", values::texts);
    let emails = section.maybe("emails", values::texts);
    let websites = section.maybe("websites", values::texts);
    let timezone = section.get("timezone", values::timezone, "write timezone = \"Europe/London\"");
    let hours = section.get("hours", values::opening_hours, "write hours = \"08:00-18:30\"");
    let policy = section.get("policy", values::text, "name a file in the policies directory, without its .toml");
    let policy = policy.and_then(|name| files::policy(section, "policy", policies, name));
    let staff = section.maybe("staff", values::text);
    let staff = staff.and_then(|name| name.map(|name| files.file(section, "staff", &name)).transpose());
    let modes = [("observe", Mode::Observe), ("enforce", Mode::Enforce)];
    let mode = section.get("mode", values::one_of(&modes), "write mode = \"observe\"");
    let backlogs = [("baseline", Backlog::Baseline), ("judge", Backlog::Judge)];
    let backlog = section.get("backlog", values::one_of(&backlogs), "write backlog = \"baseline\"");
    section.finish()?;
    Ok(Practice {
        name: name?,
        aliases: aliases?.unwrap_or_default(),
        address: address?,
        phones: phones?.unwrap_or_default(),
        emails: emails?.unwrap_or_default(),
        websites: websites?.unwrap_or_default(),
        timezone: timezone?,
        hours: hours?,
        policy: policy?,
        staff: staff?,
        mode: mode?,
        backlog: backlog?,
    })
}

fn policies(section: &Section<'_>, files: &Files) -> Result<Policies, Complained> {
    let dir = section.get("dir", values::text, "write dir = \"policies\"");
    let dir = dir.and_then(|dir| files.dir(section, "dir", &dir));
    section.finish()?;
    Ok(Policies { dir: dir? })
}

fn lexicons(section: &Section<'_>, files: &Files) -> Result<Lexicons, Complained> {
    let dir = section.get("dir", values::text, "write dir = \"../lexicons\"");
    let dir = dir.and_then(|dir| files.dir(section, "dir", &dir));
    section.finish()?;
    Ok(Lexicons { dir: dir? })
}

fn store(section: &Section<'_>, files: &Files) -> Result<Store, Complained> {
    let path = section.get("path", values::text, "write path = \"/var/lib/chaperone/chaperone.db\"");
    let path = path.and_then(|path| files.database(section, "path", &path));
    let key = files.store_key(section, "key_file");
    section.finish()?;
    Ok(Store { path: path?, key: key? })
}

fn pages(root: &Section<'_>, files: &Files, reader: &Reader<'_>) -> Result<Vec<Page>, Complained> {
    let sections = root.sections("page")?;
    if sections.is_empty() && files.needs.pages {
        let help = "write a section [[page]] with platform, id and token_file; the shipped chaperone.toml shows one of each kind";
        return Err(reader.complain_at_large("no page is named, so there is nothing to watch", help));
    }
    let mut seen = HashSet::new();
    let mut read = |section: &Section<'_>| {
        let page = page(section, files)?;
        if seen.insert(page.key().clone()) {
            return Ok(page);
        }
        Err(section
            .complain("id", Wrong::new(format!("{} is named twice", page.key()), "take one of the two sections out")))
    };
    // All of them are looked at, so that all of them are complained of.
    let pages: Vec<_> = sections.iter().map(&mut read).collect();
    pages.into_iter().collect()
}

fn page(section: &Section<'_>, files: &Files) -> Result<Page, Complained> {
    let platforms = Platform::ALL.map(|platform| (platform.id(), platform));
    let platform = section.get(
        "platform",
        values::one_of(&platforms),
        "write platform = \"facebook\", \"instagram\" or \"tiktok\"",
    );
    let id = section.get("id", values::text, "write the page's or account's id, in quotes");
    let api_base = section.maybe("api_base", values::api_base);
    let app_id = section.maybe("app_id", values::text);
    let token = files.secret(section, "token_file");
    let app_secret = files.secret(section, "app_secret_file");
    let refresh_token = files.secret(section, "refresh_token_file");
    let every_s = section.maybe("every_s", values::from_one_to(86_400));
    section.finish()?;
    let (platform, app_id) = (platform?, app_id?);
    let (token, app_secret, refresh_token) = (token?, app_secret?, refresh_token?);
    let held = Held {
        token: token.is_some(),
        app_secret: app_secret.is_some(),
        app_id: app_id.is_some(),
        refresh_token: refresh_token.is_some(),
    };
    complete(section, platform, held)?;
    let settings = platform::Settings {
        key: PageKey { platform, id: PageId::new(id?) },
        api_base: api_base?.map_or_else(|| usual_api_base(section, platform), Ok)?,
        token: token.flatten(),
        app_secret: app_secret.flatten(),
        app_id,
        refresh_token: refresh_token.flatten(),
        state_dir: None,
    };
    Ok(Page { settings, every_s: every_s?.unwrap_or(A_MINUTE) })
}

/// Which credentials a page's section names.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts about one section")]
struct Held {
    token: bool,
    app_secret: bool,
    app_id: bool,
    refresh_token: bool,
}

/// Complains of every credential without which this platform cannot be used.
fn complete(section: &Section<'_>, platform: Platform, held: Held) -> Result<(), Complained> {
    let graph = platform != Platform::TikTok;
    let tiktok_help = "write the name of a file that holds the refresh token; TikTok's access tokens last a day";
    let wanted = [
        (
            graph && !held.token,
            "token_file",
            "write the name of a file that holds the page's access token, and nothing else",
        ),
        (!graph && !held.token && !held.refresh_token, "refresh_token_file", tiktok_help),
        (
            !graph && held.refresh_token && !held.app_id,
            "app_id",
            "write the app's id, in quotes; refreshing the token needs it",
        ),
        (
            !graph && held.refresh_token && !held.app_secret,
            "app_secret_file",
            "write the name of a file that holds the app's secret; refreshing the token needs it",
        ),
    ];
    let mut outcome = Ok(());
    for (missing, key, help) in wanted {
        if missing {
            outcome = Err(section.complain(key, Wrong::new("is missing", help)));
        }
    }
    if graph && held.refresh_token {
        let help = "take it out; a person gets these platforms' tokens anew";
        return Err(
            section.complain("refresh_token_file", Wrong::new(format!("means nothing to {}", platform.name()), help))
        );
    }
    outcome
}

const A_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);

/// Where the platform answers (facebook.md, instagram.md and tiktok.md, section 1 each).
fn usual_api_base(section: &Section<'_>, platform: Platform) -> Result<Url, Complained> {
    let usual = match platform {
        Platform::Facebook | Platform::Instagram => "https://graph.facebook.com/v25.0",
        Platform::TikTok => "https://business-api.tiktok.com/open_api/v1.3",
    };
    Url::parse(usual)
        .map_err(|_| section.complain("api_base", Wrong::new("is missing", format!("write api_base = \"{usual}\""))))
}

fn mail(section: &Section<'_>, files: &Files) -> Result<MailSettings, Complained> {
    let ways = [("starttls", Tls::Starttls), ("tls", Tls::Tls), ("none", Tls::PlainLoopback)];
    let server = section.get("server", values::text, "write the mail server's name, or take the whole section out");
    let tls = section.maybe("tls", values::one_of(&ways));
    let port = section.maybe("port", values::from_one_to(65_535));
    let username = section.maybe("username", values::text);
    let password = files.secret(section, "password_file");
    let from = section.get("from", values::mailbox, "write the address that digests come from");
    let to = section.get("to", values::mailboxes, "write who gets the digest: to = [\"team@surgery.example\"]");
    let alerts_to = section.maybe("alerts_to", values::mailboxes);
    section.finish()?;
    let (server, tls, username, password) = (server?, tls?.unwrap_or(Tls::Starttls), username?, password?);
    if tls == Tls::PlainLoopback && !values::is_loopback_name(&server) {
        let help = "write \"starttls\" or \"tls\"; \"none\" is for a mail server on this machine itself (127.0.0.1, ::1 or localhost)";
        return Err(section.complain("tls", Wrong::new("would send the password and the digest unencrypted", help)));
    }
    if username.is_some() != password.is_some() {
        let (missing, help) = match username {
            Some(_) => ("password_file", "write the name of a file that holds the password, or take the user name out"),
            None => ("username", "write who logs in with that password, or take password_file out"),
        };
        return Err(section.complain(missing, Wrong::new("is missing", help)));
    }
    Ok(MailSettings {
        server,
        port: port?.map(|port| port.get() as u16),
        tls,
        username,
        password: password.flatten(),
        from: from?,
        to: to?,
        alerts_to: alerts_to?.unwrap_or_default(),
    })
}

fn digest(section: &Section<'_>, files: &Files) -> Result<Digest, Complained> {
    let times = section.get("times", values::times, "write times = [\"07:30\"]");
    let days = section.get(
        "days",
        values::some_of(&values::DAYS),
        "write days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]",
    );
    let directory = section.get("directory", values::text, "write a directory that the daemon may write to");
    let drafts = section.get("drafts", values::text, "write drafts = \"drafts.toml\"");
    let show_author_names = section.get("show_author_names", values::flag, "write show_author_names = false");
    let when_quiet = section.get("when_quiet", values::flag, "write when_quiet = false");
    section.finish()?;
    Ok(Digest {
        times: times?,
        days: days?,
        directory: files.resolve(&directory?),
        drafts: files.resolve(&drafts?),
        show_author_names: show_author_names?,
        when_quiet: when_quiet?,
    })
}

fn report(section: &Section<'_>) -> Result<Report, Complained> {
    let to = section.get("to", values::mailboxes, "write who gets the report: to = [\"manager@surgery.example\"]");
    section.finish()?;
    Ok(Report { to: to? })
}

fn alerts(section: &Section<'_>, files: &Files) -> Result<Alerts, Complained> {
    let kinds = [("plain", WebhookKind::Plain), ("slack", WebhookKind::Slack), ("teams", WebhookKind::Teams)];
    let webhook_url = webhook(section, files, "webhook_url_file");
    let out_of_hours_to = section.maybe("out_of_hours_to", values::mailboxes);
    let out_of_hours_webhook_url = webhook(section, files, "out_of_hours_webhook_url_file");
    let webhook_kind = section.get("webhook_kind", values::one_of(&kinds), "write webhook_kind = \"plain\"");
    let repeat_min = section.get("repeat_min", values::limit, "write repeat_min = 30");
    let quiet_hours = section.maybe("quiet_hours", values::hours);
    section.finish()?;
    Ok(Alerts {
        webhook_url: webhook_url?,
        webhook_kind: webhook_kind?,
        repeat_min: repeat_min?,
        out_of_hours_to: out_of_hours_to?.unwrap_or_default(),
        out_of_hours_webhook_url: out_of_hours_webhook_url?,
        quiet_hours: quiet_hours?,
    })
}

/// The address of a webhook, unless it would travel in the open. It is a secret, so no complaint quotes it.
fn webhook(section: &Section<'_>, files: &Files, key: &'static str) -> Result<Option<SecretString>, Complained> {
    let url = files.secret(section, key)?.flatten();
    let safe = |url: &SecretString| Url::parse(url.expose_secret()).is_ok_and(|url| values::is_safe(&url));
    if url.as_ref().is_none_or(safe) {
        return Ok(url);
    }
    let help = "put the whole address of the incoming webhook in it, from https:// on";
    Err(section.complain(key, Wrong::new("holds no https address", help)))
}

fn brake(section: &Section<'_>) -> Result<Brake, Complained> {
    let hides_per_day = section.get("hides_per_day", values::limit, "write hides_per_day = 40");
    let deletes_per_day = section.get("deletes_per_day", values::limit, "write deletes_per_day = 20");
    let young_days = section.get("young_days", values::limit, "write young_days = 7");
    let young_hides_per_day = section.get("young_hides_per_day", values::limit, "write young_hides_per_day = 5");
    section.finish()?;
    Ok(Brake {
        hides_per_day: hides_per_day?,
        deletes_per_day: deletes_per_day?,
        young_days: young_days?,
        young_hides_per_day: young_hides_per_day?,
    })
}

/// Its directory may be missing at times: numbers are no reason not to watch, so the daemon tells of that and goes on.
fn metrics_of(section: &Section<'_>, files: &Files) -> Result<Metrics, Complained> {
    let textfile = section.maybe("textfile", values::text);
    section.finish()?;
    let textfile = textfile?.map(|name| files.resolve(&name));
    if textfile.as_ref().is_some_and(|path| path.extension().is_none_or(|ending| ending != "prom")) {
        let help = "let it end in .prom; the node exporter reads no other files";
        return Err(section.complain("textfile", Wrong::new("would be read by nobody", help)));
    }
    Ok(Metrics { textfile })
}

fn log(section: &Section<'_>) -> Result<Log, Complained> {
    let levels = [
        ("error", tracing::Level::ERROR),
        ("warn", tracing::Level::WARN),
        ("info", tracing::Level::INFO),
        ("debug", tracing::Level::DEBUG),
        ("trace", tracing::Level::TRACE),
    ];
    let format = section.get(
        "format",
        values::one_of(&[("text", LogFormat::Text), ("json", LogFormat::Json)]),
        "write format = \"text\"",
    );
    let level = section.get("level", values::one_of(&levels), "write level = \"info\"");
    section.finish()?;
    Ok(Log { format: format?, level: level? })
}

#[cfg(test)]
mod tests;
