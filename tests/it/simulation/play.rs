//! One seed from beginning to end: a practice whose daemon steps, dies, is restarted and told new rules, while people
//! write and platforms fail; then calm, in which everything must come right. In: a seed. Out: the trace, or what broke.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::{Context, Waker};

use chaperone::clock::{SignedDuration, Timestamp};
use chaperone::comment::{PageId, PageKey, Platform};
use chaperone::config::{Config, Environment, Needs};
use chaperone::daemon::{self, Daemon, Surroundings};
use chaperone::platform::http;
use chaperone::sim::{CommentScript, Fault, HiddenBy};
use chaperone::store::Hands;
use tempfile::TempDir;

use super::dice::Dice;
use super::draw::{BEGIN_H, Plan};
use super::ledger::Ledger;
use super::stage::{Stage, Wire};
use super::words::Words;
use crate::support::{self, COMPLAINT, KIND, Practice, write};

/// No step takes so many turns; one that does will never end.
const TURNS: usize = 100_000;

/// Calm lasts at most so many hours until everything is well: a day of tries, and the longest wait.
const CALM_H: i64 = 44;

/// What became of a seed.
pub(super) struct Played {
    pub(super) trace: Vec<String>,
    pub(super) deaths: usize,
    pub(super) torn: usize,
    pub(super) writes: usize,
}

pub(super) struct Broken {
    pub(super) why: String,
    pub(super) trace: Vec<String>,
}

/// Plays a seed to its end.
pub(super) fn play(seed: u64) -> Result<Played, Broken> {
    let mut run = Run::begin(seed);
    let ended = run.storm().and_then(|()| run.calm());
    let trace = run.stage.trace();
    match ended {
        Ok(()) => {
            let writes = run.stage.sim.world().writes().len();
            Ok(Played { trace, deaths: run.deaths, torn: run.torn, writes })
        }
        Err(why) => Err(Broken { why, trace }),
    }
}

pub(super) struct Run {
    pub(super) plan: Plan,
    pub(super) stage: Arc<Stage>,
    pub(super) pages: Vec<PageKey>,
    pub(super) began: Timestamp,
    place: TempDir,
    daemon: Option<Daemon>,
    dice: Dice,
    /// Turns of the last step that was not cut short.
    turns: usize,
    pub(super) deaths: usize,
    torn: usize,
    /// Pages whose token a person has to replace.
    revoked: Vec<String>,
    lost: Vec<&'static str>,
    /// The rules' files hold a mistake.
    broken_rules: bool,
    better_rules: bool,
    comments: usize,
    said_first: BTreeMap<String, Words>,
}

/// When the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// After so many turns.
    Turn(usize),
    /// When the store has done this, which nobody has been told yet.
    After(&'static str),
}

/// What the store does between two effects of which one must not be without the other.
const COMMITS: [&str; 8] = [
    "claim an action",
    "note that an act begins",
    "settle an action",
    "record comments",
    "close a poll",
    "note that alerts went out",
    "note that a digest went out",
    "keep a notice",
];

/// How it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Death {
    /// Killed: what was committed is there.
    Kill,
    /// The power fails: the transaction under way is torn.
    Torn,
}

/// The files of a practice that answers kind words, and its configuration.
fn answering(place: &Path, config: &str) -> String {
    let review = format!(
        "category = \"review\"\nclause = \"reviews\"\n[[entry]]\nid = \"test\"\nphrases = [\"frost on the steps\"]\n\
         certainty = \"high\"\nhits = [\"{KIND}\"]\nmisses = [\"{COMPLAINT}\"]\n"
    );
    write(&place.join("lexicons/en/review.toml"), &review);
    let draft = "[[draft]]\nname = \"signpost-review\"\ntitle = \"Reviews\"\ntext = \"\"\"\nThank you.\n\nSay so on nhs.uk.\n\"\"\"\n";
    write(&place.join("drafts.toml"), draft);
    // Another practice's policy, which does the same with everything else that is said here.
    config.replace("bursted-wood-surgery", "threeways-surgery")
}

impl Run {
    fn begin(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let plan = Plan::draw(seed, &mut dice);
        let began = plan.scenario.start.expect("a day") + SignedDuration::from_hours(BEGIN_H);
        let stage = Arc::new(Stage::new(plan.scenario.clone(), began));
        let place = tempfile::tempdir().expect("a directory");
        let practice = Practice {
            mode: if plan.enforce { "enforce" } else { "observe" },
            backlog: if plan.baseline { "baseline" } else { "judge" },
            more: "",
        };
        support::lay_out(place.path(), &stage.sim, &practice);
        let file = place.path().join("chaperone.toml");
        let text = fs::read_to_string(&file).expect("a configuration");
        let text = if plan.replies { answering(place.path(), &text) } else { text };
        let every = format!("[[page]]\nevery_s = {}\n", plan.every_s);
        write(
            &file,
            &text.replace("[[page]]\n", &every).replacen("[[page]]", &format!("{}[[page]]", plan.sections()), 1),
        );
        let key = |page: &chaperone::sim::Page| PageKey { platform: page.platform, id: PageId::new(page.id.clone()) };
        let pages = stage.sim.world().pages().iter().map(key).collect();
        let mut run = Self {
            plan,
            stage,
            pages,
            began,
            place,
            daemon: None,
            dice,
            turns: 40,
            deaths: 0,
            torn: 0,
            revoked: Vec::new(),
            lost: Vec::new(),
            broken_rules: false,
            better_rules: false,
            comments: 0,
            said_first: BTreeMap::new(),
        };
        run.stage.note(format!(
            "enforce {}, baseline {}, limits {:?} {:?}, every {} s",
            run.plan.enforce, run.plan.baseline, run.plan.hides, run.plan.deletes, run.plan.every_s
        ));
        for fault in &run.plan.scenario.faults {
            run.stage.note(format!("to come: {fault:?}"));
        }
        run.prepare_watch();
        run.start();
        run
    }

    fn prepare_watch(&self) {
        let mut watch = self.stage.watch();
        watch.store = self.store_file();
        watch.replies = self.plan.replies;
        (watch.enforce, watch.hides, watch.deletes) =
            (self.plan.enforce, self.plan.hides.or(Some(40)), self.plan.deletes.or(Some(20)));
        // A platform that repeats every text shows other words, which looks like an edit.
        if self.plan.baseline && !self.has_huge_texts() {
            let world = self.stage.sim.world();
            watch.baseline = world.comments().iter().map(|comment| comment.id.clone()).collect();
            watch.baseline.extend(world.posts().iter().map(|post| post.id.clone()));
        }
    }

    fn has_huge_texts(&self) -> bool {
        self.plan.scenario.faults.iter().any(|fault| fault.what == Fault::HugeText)
    }

    pub(super) fn store_file(&self) -> PathBuf {
        self.place.path().join("state/chaperone.db")
    }

    pub(super) fn letters(&self) -> PathBuf {
        self.place.path().join("out")
    }

    pub(super) fn daemon(&self) -> &Daemon {
        self.daemon.as_ref().expect("a daemon")
    }

    pub(super) fn ledger(&self) -> Result<Ledger, String> {
        Ledger::open(&self.store_file()).map_err(|error| format!("the store cannot be opened: {error}"))
    }

    // --- The two halves of a seed ------------------------------------------------------------------------------------

    fn storm(&mut self) -> Result<(), String> {
        for _ in 0..self.plan.rounds {
            let stride = match self.dice.below(20) {
                0 => self.dice.between(3600, 3 * 3600),
                1 | 2 => self.dice.between(600, 2400),
                3..=7 => self.dice.between(120, 600),
                _ => self.dice.between(20, 70),
            };
            self.stage.pass(SignedDuration::from_secs(stride));
            self.something_happens();
            self.step()?;
        }
        Ok(())
    }

    /// Nothing goes wrong any more, and a person has mended what only a person can.
    fn calm(&mut self) -> Result<(), String> {
        self.stage.note("calm begins");
        self.stage.sim.world().all_faults_off();
        self.mend();
        let calm_from = self.stage.clock.now();
        let mut unsettled = Some("not looked yet".to_owned());
        let mut strides = 0_u32;
        while self.stage.clock.now().duration_since(calm_from) < SignedDuration::from_hours(CALM_H) {
            strides += 1;
            let minutes = if strides <= 5 { 2 } else { self.dice.between(5, 40) };
            self.stage.pass(SignedDuration::from_mins(minutes));
            // Somebody reads the letters, and consents again where they say so.
            if strides.is_multiple_of(24) {
                self.mend_what_is_down()?;
            }
            self.step()?;
            unsettled = self.unsettled()?;
            if unsettled.is_none() {
                break;
            }
        }
        match unsettled {
            Some(why) => Err(format!("after {CALM_H} h of calm: {why}")),
            None => self.ends_well(),
        }
    }

    // --- Steps and deaths -----------------------------------------------------------------------------------------------

    fn step(&mut self) -> Result<(), String> {
        self.stage.note("step");
        let calm = self.stage.sim.world().next_event().is_none() && self.revoked.is_empty() && self.dice.percent(60);
        if !calm && self.dice.percent(30) {
            // Turns are many and commits of one kind few: some deaths wait for one of them.
            let when = if self.dice.percent(30) {
                When::After(self.dice.pick::<&str>(&COMMITS))
            } else {
                When::Turn(1 + self.dice.below(self.turns + 4))
            };
            let how = if self.dice.percent(40) { Death::Torn } else { Death::Kill };
            self.step_and_die(when, how);
        } else {
            self.whole_step();
        }
        self.is_sound()
    }

    fn whole_step(&mut self) {
        let daemon = self.daemon.take().expect("a daemon");
        let now = self.stage.clock.now();
        let (turns, _) = turn_by_turn(daemon.step(now), |_| true);
        self.turns = turns;
        self.stage.follow();
        self.daemon = Some(daemon);
    }

    /// The process is given so many turns, or until it has written something, and dies.
    fn step_and_die(&mut self, when: When, how: Death) {
        let daemon = self.daemon.take().expect("a daemon");
        let now = self.stage.clock.now();
        let file = self.store_file();
        let mut before = Files::sizes(&file);
        let mut left = None;
        let _ = self.stage.written();
        let (turns, over) = turn_by_turn(daemon.step(now), |turn| {
            let after = Files::sizes(&file);
            let now = match when {
                When::Turn(last) => turn == last,
                When::After(commit) => self.stage.written() == Some(commit),
            };
            if now {
                left = Some(after);
                return false;
            }
            before = after;
            true
        });
        if over {
            self.turns = turns;
            self.stage.follow();
            self.daemon = Some(daemon);
            return;
        }
        let after = left.expect("it died");
        let mut kept = Kept::of(&file);
        // The log grew in the very last turn, so nobody has been told that this transaction is on the disk.
        let torn = how == Death::Torn && before.log < after.log && before.main == after.main;
        if torn {
            let cut = before.log + self.dice.roll() % (after.log - before.log);
            kept.log.truncate(cut as usize);
            if self.dice.percent(50) {
                kept.log.resize(after.log as usize, 0);
            }
            self.torn += 1;
        }
        self.stage.note(format!("dies at turn {turns}{}", if torn { ", the last transaction torn" } else { "" }));
        drop(daemon);
        kept.put_back(&file);
        self.deaths += 1;
        self.forget_what_died();
        self.stage.follow();
        if self.dice.percent(30) {
            let away = self.dice.between(60, 7200);
            self.stage.pass(SignedDuration::from_secs(away));
        }
        self.start();
    }

    /// A request for quiet that died with the process before it was written down is not known to the next one.
    fn forget_what_died(&self) {
        let Ok(ledger) = self.ledger() else { return };
        let mut watch = self.stage.watch();
        watch
            .quiet
            .retain(|page, (until, _)| ledger.quiet_until(page).is_ok_and(|kept| until.as_millisecond() <= kept));
    }

    fn restart(&mut self) {
        self.stage.note("restart");
        self.daemon = None;
        self.start();
    }

    fn start(&mut self) {
        self.stage.watch().restarts += 1;
        match self.assemble() {
            Ok(daemon) => self.daemon = Some(daemon),
            Err(daemon::Error::Rules(_)) if self.broken_rules => {
                // It does not start with rules that make no sense, and says so; somebody mends them.
                self.rules(self.better_rules, false);
                self.daemon = Some(self.assemble().expect("a daemon with mended rules"));
            }
            Err(error) => panic!("the daemon does not start: {error}"),
        }
    }

    fn assemble(&self) -> Result<Daemon, daemon::Error> {
        let config = Config::load_in(&self.place.path().join("chaperone.toml"), Needs::EVERYTHING, &Environment::new());
        let stage = Arc::clone(&self.stage);
        let heard = Arc::clone(&self.stage);
        let clock = self.stage.clock.clone();
        let around = Surroundings {
            network: http::Shared::over(Arc::new(Wire(stage)), clock.clone()),
            clock,
            store: Hands::Caller(Arc::new(move |doing| heard.wrote(doing))),
        };
        Daemon::assemble_in(config.expect("a configuration"), around)
    }

    fn is_sound(&self) -> Result<(), String> {
        if let Some(first) = self.stage.watch().broken.first() {
            return Err(first.clone());
        }
        self.ledger()?.audit().map(drop)
    }

    // --- What happens between steps -------------------------------------------------------------------------------------

    fn something_happens(&mut self) {
        match self.dice.below(40) {
            0..=7 => self.somebody_writes(),
            8..=10 => self.somebody_edits(),
            11 => self.an_author_takes_back(),
            12 => self.staff_hide(),
            13..=16 => self.staff_show_again(),
            17 => {
                let who = *self.dice.pick(&["Jo", "Al", "Sam", "Kit", "Gaz"]);
                self.stage.sim.world().rename_author(who, "Somebody Else");
            }
            18 | 19 => self.the_clock_jumps(),
            20 => self.a_token_is_revoked(),
            21 => self.a_permission_is_lost(),
            22 if !self.revoked.is_empty() || !self.lost.is_empty() => self.mend(),
            23 | 24 => self.the_rules_change(),
            25 | 26 => self.restart(),
            27 => self.a_post_goes(),
            _ => {}
        }
    }

    fn somebody_writes(&mut self) {
        let world = self.stage.sim.world();
        let posts: Vec<String> =
            world.posts().iter().filter(|post| !post.deleted).map(|post| post.key.clone()).collect();
        let above: Vec<(String, String)> = world
            .comments()
            .iter()
            .filter(|comment| comment.gone.is_none())
            .map(|comment| (comment.id.clone(), comment.post.clone()))
            .collect();
        drop(world);
        if posts.is_empty() {
            return;
        }
        let script = CommentScript {
            key: format!("said-{}", self.comments),
            post: Some(self.dice.pick(&posts).clone()),
            reply_to: (self.dice.percent(30) && !above.is_empty()).then(|| self.dice.pick(&above).0.clone()),
            author: (!self.dice.percent(10)).then(|| (*self.dice.pick(&["Jo", "Al", "Sam", "Kit"])).to_owned()),
            text: Some(self.dice.pick(&Words::ALL).text()),
            ..CommentScript::default()
        };
        self.comments += 1;
        self.stage.note(format!("{} is written: {:?}", script.key, script.text));
        self.stage.sim.world().add_comment(&script);
    }

    /// A comment that still stands, of somebody else.
    fn some_comment(&mut self, which: impl Fn(&chaperone::sim::Comment) -> bool) -> Option<(String, Option<String>)> {
        let world = self.stage.sim.world();
        let found: Vec<_> = world
            .comments()
            .iter()
            .filter(|comment| comment.gone.is_none() && !comment.by_page && which(comment))
            .map(|comment| (comment.id.clone(), comment.text.clone()))
            .collect();
        drop(world);
        (!found.is_empty()).then(|| self.dice.pick(&found).clone())
    }

    fn somebody_edits(&mut self) {
        // Nobody edits on TikTok.
        let Some((id, said)) = self.some_comment(|comment| comment.platform != Platform::TikTok) else { return };
        let (id, said) = self.one_that_staff_showed_again().unwrap_or((id, said));
        // Some think better of it and put back what they said first.
        let first = self.said_first.get(&id).copied();
        let words = match first.filter(|_| self.dice.percent(40)) {
            Some(words) => words,
            None => *self.dice.pick(&Words::ALL),
        };
        if let Some(said) = said.as_deref().and_then(Words::of) {
            self.said_first.entry(id.clone()).or_insert(said);
        }
        self.stage.note(format!("{id} is edited to {words:?}"));
        self.stage.sim.world().edit(&id, &words.text());
        // What was edited before anybody saw it is part of the backlog as it is.
        if self.ledger().is_ok_and(|ledger| ledger.knows(&id)) {
            self.stage.watch().baseline.remove(&id);
        }
    }

    /// Whether words that staff showed again are left alone is seen when they go and come back.
    fn one_that_staff_showed_again(&mut self) -> Option<(String, Option<String>)> {
        let spared: Vec<String> = self.stage.watch().shown_again.iter().map(|(id, _)| id.clone()).collect();
        if spared.is_empty() || self.dice.percent(50) {
            return None;
        }
        let id = self.dice.pick(&spared).clone();
        let world = self.stage.sim.world();
        let comment = world.comment(&id).filter(|one| one.gone.is_none() && one.platform != Platform::TikTok)?;
        Some((id.clone(), comment.text.clone()))
    }

    fn an_author_takes_back(&mut self) {
        let Some((id, _)) = self.some_comment(|_| true) else { return };
        self.stage.note(format!("{id} is taken back by its author"));
        self.stage.sim.world().delete_by_author(&id);
    }

    fn staff_hide(&mut self) {
        let Some((id, _)) = self.some_comment(|comment| comment.hidden == HiddenBy::None) else { return };
        self.stage.note(format!("{id} is hidden by hand"));
        self.stage.sim.world().hide_by_hand(&id);
    }

    fn staff_show_again(&mut self) {
        let Some((id, text)) = self.some_comment(|comment| comment.hidden != HiddenBy::None) else { return };
        // Whether it was us is known once our hide was seen to hold; and people mean the words that were hidden, if those
        // stand there still and nothing else was read between.
        let ledger = self.ledger();
        let hidden = self.stage.watch().hidden_as.get(&id).cloned();
        let ours = ledger.is_ok_and(|ledger| {
            let same = hidden == ledger.version(&id).map(|version| (text.clone().unwrap_or_default(), version));
            same && ledger.hidden_by_us(&id).unwrap_or(false)
        });
        self.stage.note(format!("{id} is shown again by hand, ours: {ours}"));
        self.stage.sim.world().unhide_by_hand(&id);
        let mut watch = self.stage.watch();
        watch.undone(&id);
        let shown = (id, text.unwrap_or_default());
        watch.shown_by_hand.insert(shown.clone());
        if ours && !self.has_huge_texts() {
            watch.shown_again.insert(shown);
        }
    }

    fn the_clock_jumps(&mut self) {
        let minutes = if self.dice.percent(50) { self.dice.between(60, 300) } else { -self.dice.between(2, 180) };
        self.stage.note(format!("the clock jumps by {minutes} minutes"));
        self.stage.jump(SignedDuration::from_mins(minutes));
    }

    fn a_token_is_revoked(&mut self) {
        let page = self.dice.pick(&self.pages).id.to_string();
        let subcode = *self.dice.pick(&[460, 463, 467, 492]);
        self.stage.note(format!("the token of {page} is revoked, {subcode}"));
        self.stage.sim.world().revoke_token(&page, subcode);
        self.revoked.push(page);
    }

    fn a_permission_is_lost(&mut self) {
        let permissions = [
            "pages_read_engagement",
            "pages_read_user_content",
            "pages_manage_engagement",
            "instagram_manage_comments",
            "comment.list",
            "comment.list.manage",
            "video.list",
        ];
        let permission = *self.dice.pick(&permissions);
        self.stage.note(format!("the permission {permission} is lost"));
        self.stage.sim.world().drop_permission(permission);
        self.lost.push(permission);
    }

    fn a_post_goes(&mut self) {
        if !self.dice.percent(30) {
            return;
        }
        let keys: Vec<String> = self.stage.sim.world().posts().iter().map(|post| post.key.clone()).collect();
        if keys.is_empty() {
            return;
        }
        let key = self.dice.pick(&keys).clone();
        self.stage.note(format!("the post {key} is removed"));
        self.stage.sim.world().remove_post(&key);
    }

    /// Somebody consents again, gives permissions back, puts the new tokens where they belong, and restarts the daemon.
    fn mend(&mut self) {
        for permission in std::mem::take(&mut self.lost) {
            self.stage.sim.world().give_permission(permission);
        }
        for page in std::mem::take(&mut self.revoked) {
            self.consent(&page);
        }
        self.restart();
    }

    fn consent(&mut self, page: &str) {
        self.stage.note(format!("somebody consents again for {page}"));
        // Facebook and the Instagram account linked to it hang on one token.
        let mut world = self.stage.sim.world();
        let owner = world.page(page).and_then(|page| page.linked.clone()).unwrap_or_else(|| page.to_owned());
        let Some(token) = world.consent_again(page) else { return };
        let fed: Vec<(usize, Platform)> = world
            .pages()
            .iter()
            .enumerate()
            .filter(|(_, one)| one.id == page || one.id == owner || one.linked.as_deref() == Some(owner.as_str()))
            .map(|(number, one)| (number, one.platform))
            .collect();
        drop(world);
        for (number, platform) in fed {
            let kind = if platform == Platform::TikTok { "refresh" } else { "token" };
            support::secret(self.place.path(), &format!("{kind}-{number}"), &token);
        }
    }

    fn mend_what_is_down(&mut self) -> Result<(), String> {
        let down: Vec<String> = self
            .period()?
            .coverage
            .iter()
            .filter(|one| one.down.is_some())
            .map(|one| one.page.id.to_string())
            .collect();
        for page in &down {
            self.consent(page);
        }
        if !down.is_empty() {
            self.restart();
        }
        Ok(())
    }

    fn the_rules_change(&mut self) {
        let broken = self.dice.percent(40);
        let better = self.better_rules || (!broken && self.dice.percent(60));
        self.rules(better, broken);
        let daemon = self.daemon.take().expect("a daemon");
        let (_, taken) = turn_by_turn_for(daemon.reload_rules());
        self.daemon = Some(daemon);
        assert_eq!(taken.is_err(), broken, "rules with a mistake are refused, and others taken");
    }

    fn rules(&mut self, better: bool, broken: bool) {
        self.stage.note(format!("new rules, better: {better}, broken: {broken}"));
        let file = self.place.path().join("lexicons/en/complaint.toml");
        let phrase = match (broken, better) {
            (true, _) => "\"(worst surgery\"",
            (false, true) => "\"worst surgery\", \"closed again\"",
            (false, false) => "\"worst surgery\"",
        };
        write(&file, &support::complaints(phrase));
        (self.better_rules, self.broken_rules) = (better, broken);
        if better && !broken {
            self.stage.watch().better_rules = true;
        }
    }

    pub(super) fn knows_closed(&self) -> bool {
        self.better_rules
    }

    /// Everything since before the watch began, as a digest would see it.
    pub(super) fn period(&self) -> Result<chaperone::store::report::Period, String> {
        let from = self.began - SignedDuration::from_hours(48);
        let to = self.stage.clock.now() + SignedDuration::from_hours(24);
        let (_, period) = turn_by_turn_for(self.daemon().store().period(from, to, &self.pages));
        period.map_err(|error| format!("the store cannot be read: {error}"))
    }
}

/// Gives a task the processor until it is over or `more` says no; says how many turns it had, and whether it is over.
fn turn_by_turn<T>(task: impl Future<Output = T>, mut more: impl FnMut(usize) -> bool) -> (usize, bool) {
    let mut task = std::pin::pin!(task);
    let mut context = Context::from_waker(Waker::noop());
    for turn in 1..TURNS {
        if task.as_mut().poll(&mut context).is_ready() {
            return (turn, true);
        }
        if !more(turn) {
            return (turn, false);
        }
    }
    panic!("a step does not end: something waits for what is not in the simulation");
}

/// The same to the end, for what it gives.
fn turn_by_turn_for<T>(task: impl Future<Output = T>) -> (usize, T) {
    let mut given = None;
    let (turns, _) = turn_by_turn(async { given = Some(task.await) }, |_| true);
    (turns, given.expect("it is over"))
}

/// Sizes of the store's file and log; the file's time of change stands in for its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Files {
    main: (u64, Option<std::time::SystemTime>),
    log: u64,
}

impl Files {
    fn sizes(file: &Path) -> Self {
        let main = fs::metadata(file).map_or((0, None), |meta| (meta.len(), meta.modified().ok()));
        Self { main, log: fs::metadata(beside(file, "-wal")).map_or(0, |meta| meta.len()) }
    }
}

/// What is on the disk when the process dies.
struct Kept {
    main: Vec<u8>,
    log: Vec<u8>,
}

impl Kept {
    fn of(file: &Path) -> Self {
        Self { main: fs::read(file).expect("a store"), log: fs::read(beside(file, "-wal")).unwrap_or_default() }
    }

    /// An orderly end of the connections would have folded the log into the file; a death does not.
    fn put_back(&self, file: &Path) {
        let _ = fs::remove_file(beside(file, "-shm"));
        fs::write(file, &self.main).expect("written");
        fs::write(beside(file, "-wal"), &self.log).expect("written");
    }
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
