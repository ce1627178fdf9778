//! The daemon: everything assembled from one configuration, kept going, reloaded and stopped in order. In: a checked
//! configuration. Out: nothing but what its workers do. Not here: any worker's work.
//!
//! Order of a stop: pollers first (nothing new is taken), then the executor (what it began is finished), then the
//! herald, then the store closes.

mod monthly;
mod textfile;
mod upkeep;
mod watch;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::clock::{Clock, Timestamp};
use crate::config::{Config, Needs};
use crate::console::{self, Console};
use crate::digest::drafts::Details;
use crate::digest::{self, Delivery, DraftText, Herald, MailSettings, Quiet};
use crate::executor::Executor;
use crate::lexicon::complaint::Complaint;
use crate::metrics::{Board, Source, Sources};
use crate::platform::{self, Api, http};
use crate::poller::{Poller, Watch};
use crate::rules::{Files, InForce, Judging, RuleSet, Rules};
use crate::store::{self, Mode, NewNotice, Store};
use crate::systemd::{self, Heartbeats, News};
use monthly::Monthly;
use textfile::Textfile;
use upkeep::Upkeep;
use watch::FileWatch;

/// A loop may be late by this much before the watchdog bites: the longest honest step is a cycle of slow calls.
const GRACE: Duration = Duration::from_mins(15);

/// Nobody sleeps longer than this without looking at the clock.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

/// Why the daemon did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Lexicons, staff list, policy or drafts have mistakes.
    #[error("the rules have {} mistakes", .0.len())]
    Rules(Vec<Complaint>),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A page cannot be connected.
    #[error(transparent)]
    Connect(#[from] platform::ConnectError),
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made")]
    Http(#[source] http::Fault),
}

/// Everything that one practice needs, assembled and not yet moving.
pub struct Daemon {
    config: Config,
    clock: Clock,
    store: Store,
    judging: Judging,
    rules: Arc<InForce>,
    shared: http::Shared,
    crew: Crew,
    board: Board,
    started: Timestamp,
}

/// The workers of one configuration.
struct Crew {
    pollers: Vec<Arc<Poller>>,
    executor: Arc<Executor>,
    herald: Arc<Herald>,
    upkeep: Arc<Upkeep>,
    console: Option<Arc<Console>>,
    /// Rung when an action is owed.
    owed: Arc<Notify>,
    /// Rung when people are to be told at once.
    alarmed: Arc<Notify>,
    /// Rung when the console has changed a file of the rules.
    changed: Arc<Notify>,
    settings: Arc<Mutex<digest::Settings>>,
    /// What is watched, in the order of the configuration.
    pages: Vec<(Arc<Api>, Duration)>,
}

/// All that a daemon stands on and does not make itself.
pub struct Surroundings {
    /// The time.
    pub clock: Clock,
    /// What carries requests to the platforms.
    pub network: http::Shared,
    /// Where the store's work is done.
    pub store: store::Hands,
}

impl Surroundings {
    /// The network and threads of this machine.
    pub fn real(clock: Clock) -> Result<Self, Error> {
        let network = http::Shared::new(clock.clone()).map_err(Error::Http)?;
        Ok(Self { clock, network, store: store::Hands::Threads })
    }
}

impl Daemon {
    /// Opens the store, reads the rules, connects the pages; comments are judged in this process.
    pub fn assemble(config: Config, clock: Clock) -> Result<Self, Error> {
        Self::assemble_in(config, Surroundings::real(clock)?)
    }

    /// The same in surroundings that need not be real.
    pub fn assemble_in(config: Config, around: Surroundings) -> Result<Self, Error> {
        let rules = Rules::load(&Files::of(&config)).map(RuleSet::here);
        Self::with(config, around, Judging::Here, rules)
    }

    /// The same, but comments are judged where `judging` says.
    pub async fn assemble_judging(config: Config, around: Surroundings, judging: Judging) -> Result<Self, Error> {
        let rules = judging.load(&Files::of(&config)).await;
        let daemon = Self::with(config, around, judging, rules)?;
        // Only now, because the store is held: another daemon that was started by mistake takes nothing from the first.
        daemon.judging.tidy(&daemon.rules.current());
        Ok(daemon)
    }

    fn with(config: Config, around: Surroundings, judging: Judging, rules: Loaded) -> Result<Self, Error> {
        let Surroundings { clock, network: shared, store: hands } = around;
        let (rules, settings) = rules_and_settings(&config, rules).map_err(Error::Rules)?;
        let store = Store::open_with(&config.store.path, config.store.key.as_ref(), hands, clock.now())?;
        let ages = store.rules_at_start(&rules.facts().marks, rules.version(), clock.now())?;
        let rules = rules.aged(ages);
        let rules = Arc::new(InForce::new(rules));
        let board = Board::default();
        let crew = Crew::of(&config, &clock, &store, (&rules, &judging), &shared, settings, &board)?;
        let started = clock.now();
        let daemon = Self { config, clock, store, judging, rules, shared, crew, board, started };
        daemon.board.show(daemon.sources());
        Ok(daemon)
    }

    /// Where machines look how the daemon does.
    pub fn board(&self) -> &Board {
        &self.board
    }

    fn sources(&self) -> Sources {
        let (config, zone) = (&self.config, &self.config.practice.timezone);
        let source = |(api, every): &(Arc<Api>, Duration)| Source { api: Arc::clone(api), every: *every };
        Sources {
            practice: config.practice.name.clone(),
            store: self.store.clone(),
            rules: Arc::clone(&self.rules),
            pages: self.crew.pages.iter().map(source).collect(),
            mode: config.practice.mode,
            quiet_ends: config.alerts.quiet_hours.map(|hours| (hours.to, zone.clone())),
            started: self.started,
        }
    }

    /// The store, for whoever wants to look.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Who tells people.
    pub fn herald(&self) -> &Herald {
        &self.crew.herald
    }

    /// The version of the rules in force.
    pub fn rules_version(&self) -> String {
        self.rules.current().version().to_owned()
    }

    /// Waits until a file of the rules was changed in the console; [`run`](Self::run) does so by itself.
    pub async fn rules_edited(&self) {
        self.crew.changed.notified().await;
    }

    /// The team's page, if the configuration wants one.
    pub fn console(&self) -> Option<&Arc<Console>> {
        self.crew.console.as_ref()
    }

    /// Every worker does once what is due; says how long all of them may rest. For tests and the demonstration, which
    /// move the clock themselves.
    pub async fn step(&self, now: Timestamp) -> Duration {
        let mut rest = Duration::MAX;
        for worker in self.crew.workers() {
            rest = rest.min(worker.step(now, &CancellationToken::new()).await);
        }
        rest
    }

    /// Reads rules and drafts again and puts them in force if nothing is wrong with them; otherwise the old ones stay,
    /// and log and digest say so.
    pub async fn reload_rules(&self) -> Result<(), Vec<Complaint>> {
        let rules = self.judging.load(&Files::of(&self.config)).await;
        match rules_and_settings(&self.config, rules) {
            Ok((rules, settings)) => {
                if rules.version() != self.rules.current().version() {
                    let rules = self.remembered(rules).await.map_err(|complaint| vec![complaint])?;
                    info!(rules.version = rules.version(), "rules replaced");
                    self.replace_rules(rules);
                }
                *self.crew.settings.lock().unwrap_or_else(PoisonError::into_inner) = settings;
                Ok(())
            }
            Err(complaints) => {
                self.refused("the changed rules", &complaints).await;
                Err(complaints)
            }
        }
    }

    /// Rules whose age is not known do not come into force: a store that fails stops everything else as well.
    async fn remembered(&self, rules: RuleSet) -> Result<RuleSet, Complaint> {
        match self.store.rules_in_force(&rules.facts().marks, rules.version(), self.clock.now()).await {
            Ok(ages) => Ok(rules.aged(ages)),
            Err(failure) => {
                error!(error = %failure, "the changed rules could not be remembered; the old ones go on");
                let help = "mend the store, then reload; the rules themselves are in order";
                Err(Complaint::new(format!("the changed rules could not be remembered: {failure}")).help(help))
            }
        }
    }

    /// Keeps everything going until it is told to stop.
    pub async fn run(mut self, mut signals: Signals) {
        let beats = Arc::new(Heartbeats::new(GRACE));
        let bell = Arc::new(Notify::new());
        let mut _files = FileWatch::new(&Files::of(&self.config), &self.config.digest.drafts, &bell);
        let mut changes = watch::Changes::default();
        let mut team = self.start(&beats);
        tell(News::Ready(&self.status("watching")));
        loop {
            tokio::select! {
                () = bell.notified() => changes.note(self.clock.now()),
                () = self.crew.changed.notified() => changes.note(self.clock.now()),
                () = changes.settled(self.clock.now()) => {
                    let refused = self.reload_rules().await.is_err();
                    tell(News::Status(&self.status(if refused { "changed rules REFUSED, see the journal;" } else { "watching" })));
                }
                signal = signals.next() => match signal {
                    Signal::Stop => break,
                    Signal::Reload => {
                        tell(News::Reloading);
                        if let Some((config, rules, crew)) = self.next_crew().await {
                            team.stop().await;
                            self.replace_rules(rules);
                            self.crew.upkeep.retire(Some(&crew.upkeep));
                            (self.config, self.crew) = (config, crew);
                            self.board.show(self.sources());
                            _files = FileWatch::new(&Files::of(&self.config), &self.config.digest.drafts, &bell);
                            team = self.start(&beats);
                            tell(News::Ready(&self.status("reloaded, watching")));
                        } else {
                            tell(News::Ready(&self.status("reload REFUSED, see the journal;")));
                        }
                    }
                }
            }
        }
        tell(News::Stopping);
        team.stop().await;
        self.crew.upkeep.retire(None);
        info!("stopped");
    }

    fn replace_rules(&self, rules: RuleSet) {
        self.judging.tidy(&rules);
        self.rules.replace(rules);
    }

    fn start(&self, beats: &Arc<Heartbeats>) -> Team {
        let (pages, mode) = (self.crew.pollers.len(), self.config.practice.mode.id());
        info!(pages, mode, rules.version = self.rules.current().version(), "watching");
        Team::start(&self.crew, &self.clock, &self.store, beats)
    }

    fn status(&self, how: &str) -> String {
        let (pages, mode) = (self.crew.pollers.len(), self.config.practice.mode.id());
        format!("{how} {pages} pages in {mode} mode, rules {}", self.rules.current().version())
    }

    /// Everything a reload needs, or nothing: the old configuration goes on.
    async fn next_crew(&self) -> Option<(Config, RuleSet, Crew)> {
        let config = match Config::load(&self.config.file, Needs::EVERYTHING) {
            Ok(config) => config,
            Err(complaints) => {
                self.refused("the changed configuration", &complaints).await;
                return None;
            }
        };
        if config.store.path != self.config.store.path {
            let help = "restart the daemon to move to another store";
            let complaint = Complaint::new("`path` of section [store] has changed").in_file(&config.file).help(help);
            self.refused("the changed configuration", &[complaint]).await;
            return None;
        }
        if fingerprint(&config) != fingerprint(&self.config) {
            let help = "stop the daemon, rotate the key with `chaperone key rotate`, and start it again";
            let complaint = Complaint::new("the key of section [store] has changed").in_file(&config.file).help(help);
            self.refused("the changed configuration", &[complaint]).await;
            return None;
        }
        let rules = self.judging.load(&Files::of(&config)).await;
        let (rules, settings) = match rules_and_settings(&config, rules) {
            Ok(both) => both,
            Err(complaints) => {
                self.refused("the changed rules", &complaints).await;
                return None;
            }
        };
        let rules_now = (&self.rules, &self.judging);
        match Crew::of(&config, &self.clock, &self.store, rules_now, &self.shared, settings, &self.board) {
            Ok(crew) => self.remembered(rules).await.ok().map(|rules| (config, rules, crew)),
            Err(failure) => {
                error!(error = %failure, "a page could not be connected; the old configuration goes on");
                None
            }
        }
    }

    async fn refused(&self, what: &str, complaints: &[Complaint]) {
        for complaint in complaints {
            error!(complaint = %complaint, "refused; the old rules go on");
        }
        let first = complaints.first().map(ToString::to_string).unwrap_or_default();
        let others = match complaints.len() {
            0 | 1 => String::new(),
            many => format!(" There are {} more; `chaperone check` tells them all.", many - 1),
        };
        let text = format!("{what} were refused and the old ones go on. {first}.{others}");
        let now = self.clock.now();
        let notice = NewNotice { at: now, page: None, comment: None, kind: "rules-refused", text, once: None };
        if let Err(failure) = self.store.notice(notice).await {
            warn!(error = %failure, "a notice could not be kept");
        }
    }
}

impl Files {
    /// Where the rules of a configuration lie.
    pub fn of(config: &Config) -> Self {
        let practice = &config.practice;
        Self {
            lexicons: config.lexicons.dir.clone(),
            policy: config.policies.file(&practice.policy),
            staff: practice.staff.clone(),
            practice: crate::matcher::Practice {
                names: std::iter::once(practice.name.clone()).chain(practice.aliases.iter().cloned()).collect(),
                address: practice.address.clone().unwrap_or_default(),
                phones: practice.phones.clone(),
                emails: practice.emails.clone(),
                websites: practice.websites.clone(),
            },
        }
    }
}

impl Crew {
    fn of(
        config: &Config,
        clock: &Clock,
        store: &Store,
        (rules, judging): (&Arc<InForce>, &Judging),
        shared: &http::Shared,
        settings: digest::Settings,
        board: &Board,
    ) -> Result<Self, platform::ConnectError> {
        let (owed, alarmed, changed) = (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(Notify::new()));
        let mut pages = Vec::new();
        let mut pollers = Vec::new();
        for page in &config.pages {
            let api = Arc::new(Api::connect(page.settings.clone(), shared)?);
            let every = Duration::from_secs(u64::from(page.every_s.get()));
            pages.push((Arc::clone(&api), every));
            pollers.push(Arc::new(Poller::new(Watch {
                page: page.key().clone(),
                every,
                mode: config.practice.mode,
                backlog: config.practice.backlog,
                api,
                store: store.clone(),
                rules: Arc::clone(rules),
                clock: clock.clone(),
                owed: Arc::clone(&owed),
                alarmed: Arc::clone(&alarmed),
            })));
        }
        let policy = settings.policy.clone();
        let settings = Arc::new(Mutex::new(settings));
        let herald = Arc::new(herald(config, store, &settings));
        let apis = pages.iter().map(|(api, _)| Arc::clone(api));
        let (terms, zone) = (config.retention.clone(), config.practice.timezone.clone());
        let textfile = config.metrics.textfile.clone().map(|path| Textfile::new(path, board.clone()));
        let monthly = Monthly::of(config, &policy, store);
        let upkeep =
            Upkeep::new(apis.clone().collect(), store.clone(), terms, zone).writing(textfile).reporting(monthly);
        let upkeep = Arc::new(upkeep);
        let console = config.console.clone().map(|settings_of_it| {
            Arc::new(Console::new(console::Parts {
                config: settings_of_it,
                store: store.clone(),
                clock: clock.clone(),
                mode: config.practice.mode,
                settings: Arc::clone(&settings),
                herald: Arc::clone(&herald),
                pages: apis.clone().collect(),
                rules: Arc::clone(rules),
                judging: judging.clone(),
                files: Files::of(config),
                owed: Arc::clone(&owed),
                changed: Arc::clone(&changed),
                board: board.clone(),
            }))
        });
        let executor = Arc::new(Executor {
            store: store.clone(),
            pages: apis.map(|api| (api.page().clone(), api)).collect(),
            mode: config.practice.mode,
            brake: config.brake,
            zone: config.practice.timezone.clone(),
            clock: clock.clone(),
        });
        Ok(Self { pollers, executor, herald, upkeep, console, owed, alarmed, changed, settings, pages })
    }

    fn workers(&self) -> Vec<Worker> {
        let pollers = self.pollers.iter().map(|poller| Worker::Poller(Arc::clone(poller)));
        std::iter::once(Worker::Upkeep(Arc::clone(&self.upkeep)))
            .chain(pollers)
            .chain([Worker::Executor(Arc::clone(&self.executor)), Worker::Herald(Arc::clone(&self.herald))])
            .collect()
    }
}

fn fingerprint(config: &Config) -> Option<String> {
    config.store.key.as_ref().map(store::Key::fingerprint)
}

/// Rules, or every mistake in them.
type Loaded = Result<RuleSet, Vec<Complaint>>;

/// What stands in files that people edit beside the configuration, or every mistake in any of them.
fn rules_and_settings(config: &Config, rules: Loaded) -> Result<(RuleSet, digest::Settings), Vec<Complaint>> {
    let title = rules.as_ref().map(|rules| rules.facts().title.clone()).unwrap_or_default();
    match (rules, drafts(config, &title)) {
        (Ok(rules), Ok(drafts)) => {
            let settings = digest_settings(config, &title, drafts);
            Ok((rules, settings))
        }
        (rules, drafts) => Err(rules.err().into_iter().chain(drafts.err()).flatten().collect()),
    }
}

/// The practice's fixed texts, filled in.
pub fn drafts(config: &Config, policy_title: &str) -> Result<Vec<DraftText>, Vec<Complaint>> {
    let practice = &config.practice;
    let details = Details {
        practice: &practice.name,
        phone: practice.phones.first().map(String::as_str),
        website: practice.websites.first().map(String::as_str),
        email: practice.emails.first().map(String::as_str),
        policy: policy_title,
    };
    digest::drafts::load(&config.digest.drafts, details)
}

/// How the practice wants its digests and alerts to read.
pub fn digest_settings(config: &Config, policy_title: &str, drafts: Vec<DraftText>) -> digest::Settings {
    digest::Settings {
        practice: config.practice.name.clone(),
        policy: policy_title.to_owned(),
        zone: config.practice.timezone.clone(),
        hours: config.business_hours(),
        observe: config.practice.mode == Mode::Observe,
        masking: digest::Masking { show_author_names: config.digest.show_author_names, ..digest::Masking::default() },
        drafts,
        young_days: config.brake.young_days.map(std::num::NonZeroU32::get),
        command: config.command(),
        console: config.console.as_ref().map(|console| console.public_url.as_str().trim_end_matches('/').to_owned()),
        ..digest::Settings::default()
    }
}

/// By which ways people are told at once; `true`: this one only while the practice is closed.
pub fn alert_ways(config: &Config) -> Vec<(Delivery, bool)> {
    let alerts = &config.alerts;
    let kind = alerts.webhook_kind;
    let webhook = |url: &Option<SecretString>| url.clone().map(|url| Delivery::Webhook { url, kind });
    let mail = config.mail.as_ref().filter(|_| !alerts.out_of_hours_to.is_empty());
    let mail = mail.map(|mail| MailSettings { alerts_to: alerts.out_of_hours_to.clone(), ..mail.clone() });
    let always = std::iter::once(letters(config)).chain(webhook(&alerts.webhook_url)).map(|way| (way, false));
    let closed = mail.map(Delivery::Smtp).into_iter().chain(webhook(&alerts.out_of_hours_webhook_url));
    always.chain(closed.map(|way| (way, true))).collect()
}

fn letters(config: &Config) -> Delivery {
    match &config.mail {
        Some(mail) => Delivery::Smtp(mail.clone()),
        None => Delivery::Directory(config.digest.directory.clone()),
    }
}

/// Who is told what, as the configuration says.
pub fn herald(config: &Config, store: &Store, settings: &Arc<Mutex<digest::Settings>>) -> Herald {
    let (out_of_hours, always): (Vec<_>, Vec<_>) = alert_ways(config).into_iter().partition(|(_, closed)| *closed);
    let ways = |ways: Vec<(Delivery, bool)>| ways.into_iter().map(|(way, _)| way).collect();
    let zone = config.practice.timezone.clone();
    let quiet = config.alerts.quiet_hours.map(|hours| Quiet { from: hours.from, to: hours.to, zone });
    Herald {
        store: store.clone(),
        pages: config.pages.iter().map(|page| page.key().clone()).collect(),
        settings: Arc::clone(settings),
        digest_to: letters(config),
        alerts_to: ways(always),
        out_of_hours_to: ways(out_of_hours),
        schedule: config.schedule(),
        when_quiet: config.digest.when_quiet,
        repeat_min: config.alerts.repeat_min,
        quiet,
        retry_at: Mutex::new(None),
    }
}

/// Something that steps.
enum Worker {
    Poller(Arc<Poller>),
    Executor(Arc<Executor>),
    Herald(Arc<Herald>),
    Upkeep(Arc<Upkeep>),
}

impl Worker {
    fn name(&self) -> String {
        match self {
            Self::Poller(poller) => format!("poller of {}", poller.page()),
            Self::Executor(_) => "executor".to_owned(),
            Self::Herald(_) => "herald".to_owned(),
            Self::Upkeep(_) => "upkeep".to_owned(),
        }
    }

    async fn step(&self, now: Timestamp, stop: &CancellationToken) -> Duration {
        match self {
            Self::Poller(poller) => poller.step_until(now, stop).await,
            Self::Executor(executor) => executor.step(now).await,
            Self::Herald(herald) => herald.step(now).await,
            Self::Upkeep(upkeep) => upkeep.step(now).await,
        }
    }
}

/// The workers in motion, in watches: the people's page, those that take in, and those that work off.
struct Team {
    desk: Motion,
    intake: Motion,
    outlet: Motion,
    lifeline: Motion,
}

struct Motion {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Team {
    fn start(crew: &Crew, clock: &Clock, store: &Store, beats: &Arc<Heartbeats>) -> Self {
        let mut team =
            Self { desk: Motion::new(), intake: Motion::new(), outlet: Motion::new(), lifeline: Motion::new() };
        for worker in crew.workers() {
            let (motion, bell) = match &worker {
                Worker::Poller(_) | Worker::Upkeep(_) => (&mut team.intake, Arc::new(Notify::new())),
                Worker::Executor(_) => (&mut team.outlet, Arc::clone(&crew.owed)),
                Worker::Herald(_) => (&mut team.outlet, Arc::clone(&crew.alarmed)),
            };
            let attend = attend(worker, bell, clock.clone(), Arc::clone(beats), motion.stop.clone());
            motion.tasks.spawn(attend);
        }
        if let Some(console) = &crew.console {
            let stop = team.desk.stop.clone();
            team.desk.tasks.spawn(receive(Arc::clone(console), clock.clone(), store.clone(), stop));
        }
        if let Some(every) = systemd::watchdog_every() {
            let stop = team.lifeline.stop.clone();
            team.lifeline.tasks.spawn(feed_watchdog(every, clock.clone(), store.clone(), Arc::clone(beats), stop));
        }
        team
    }

    async fn stop(self) {
        for motion in [self.desk, self.intake, self.outlet, self.lifeline] {
            motion.stop.cancel();
            motion.tasks.join_all().await;
        }
    }
}

impl Motion {
    fn new() -> Self {
        Self { stop: CancellationToken::new(), tasks: JoinSet::new() }
    }
}

/// Steps a worker until it is told to stop. A bell is a hint, the table is the truth.
async fn attend(worker: Worker, bell: Arc<Notify>, clock: Clock, beats: Arc<Heartbeats>, stop: CancellationToken) {
    let name = worker.name();
    while !stop.is_cancelled() {
        beats.beat(&name, clock.now(), Duration::ZERO);
        let rest = worker.step(clock.now(), &stop).await;
        beats.beat(&name, clock.now(), rest);
        tokio::select! {
            () = stop.cancelled() => {}
            () = bell.notified() => {}
            // A worker that rests longer looks again: the clock may have been set meanwhile, or the machine have slept.
            () = tokio::time::sleep(rest.min(LONGEST_SLEEP)) => {}
        }
    }
    beats.retire(&name);
}

/// Keeps the console open. The watch goes on without it: what keeps it from its address is told and tried again.
async fn receive(console: Arc<Console>, clock: Clock, store: Store, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let failure = match console.listen().await {
            Ok(listener) => {
                info!("the console is open");
                Arc::clone(&console).serve(listener, stop.clone()).await.err()
            }
            Err(failure) => Some(failure),
        };
        let Some(failure) = failure else { continue };
        error!(error = %failure, "the console cannot listen; the watch goes on without it");
        let (now, kind) = (clock.now(), "error");
        let text = format!("The console cannot be opened ({failure}); see `listen` in section [console].");
        let notice = NewNotice { at: now, page: None, comment: None, kind, text, once: Some("console".to_owned()) };
        if let Err(failure) = store.notice(notice).await {
            warn!(error = %failure, "a notice could not be kept");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LONGEST_SLEEP) => {}
        }
    }
}

/// Feeds the watchdog only while every loop steps in time and the database answers.
async fn feed_watchdog(every: Duration, clock: Clock, store: Store, beats: Arc<Heartbeats>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match (beats.healthy(clock.now()), store.ping().await) {
            (Ok(()), Ok(())) => tell(News::Alive),
            (Err(late), _) => error!(late = late.join(", "), "a loop has not stepped in time; the watchdog is not fed"),
            (_, Err(failure)) => error!(error = %failure, "the store does not answer; the watchdog is not fed"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(every) => {}
        }
    }
}

fn tell(news: News<'_>) {
    if let Err(failure) = systemd::tell(news) {
        warn!(error = %failure, "systemd could not be told");
    }
}

/// What somebody asks of a running daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Stop in order.
    Stop,
    /// Read the configuration and the rules again.
    Reload,
}

/// The signals of the process: SIGTERM and SIGINT stop, SIGHUP reloads.
pub struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

impl Signals {
    /// Starts to listen; from now on the signals no longer end the process by themselves.
    pub fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// The next signal.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Stop,
            _ = self.interrupt.recv() => Signal::Stop,
            _ = self.hangup.recv() => Signal::Reload,
        }
    }
}
