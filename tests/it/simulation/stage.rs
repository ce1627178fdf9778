//! The platforms without a socket: every request of the program goes through here, one turn of the executor before it
//! and one after, so that a death can fall on either side of it. In: requests, two clocks. Out: answers, a trace of all
//! that happened, and what [`Watch`] found.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chaperone::clock::{Clock, SignedDuration, Timestamp};
use chaperone::platform::http::{self, Carried, Carrier, Fault};
use chaperone::sim::{Ask, Reply, Scenario, Sim};
use reqwest::Request;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::watch::{Before, Watch};

pub(super) struct Stage {
    pub(super) sim: Sim,
    /// The daemon's clock, which may be wrong.
    pub(super) clock: Clock,
    /// The platforms' clock, which never is.
    platforms: Clock,
    /// How much the daemon's clock is ahead of the platforms', in milliseconds.
    ahead_ms: AtomicI64,
    trace: Mutex<Vec<String>>,
    /// What the store was asked for last.
    written: Mutex<Option<&'static str>>,
    watch: Mutex<Watch>,
}

impl Stage {
    pub(super) fn new(scenario: Scenario, begin: Timestamp) -> Self {
        let platforms = Clock::manual(begin);
        let sim = Sim::within(scenario, platforms.clone()).expect("a world");
        Self {
            sim,
            clock: Clock::manual(begin),
            platforms,
            ahead_ms: AtomicI64::new(0),
            trace: Mutex::default(),
            written: Mutex::default(),
            watch: Mutex::default(),
        }
    }

    /// Time passes for everybody.
    pub(super) fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
        self.follow();
    }

    /// Somebody sets the daemon's clock.
    pub(super) fn jump(&self, by: SignedDuration) {
        self.clock.advance(by);
        self.ahead_ms.fetch_add(i64::try_from(by.as_millis()).expect("a short jump"), Ordering::SeqCst);
    }

    /// The platforms' clock follows what the daemon waited for by itself.
    pub(super) fn follow(&self) {
        let ahead = SignedDuration::from_millis(self.ahead_ms.load(Ordering::SeqCst));
        self.platforms.set(self.clock.now() - ahead);
    }

    pub(super) fn watch(&self) -> MutexGuard<'_, Watch> {
        lock(&self.watch)
    }

    pub(super) fn note(&self, line: impl AsRef<str>) {
        let now = self.clock.now();
        lock(&self.trace).push(format!("{now} {}", line.as_ref()));
    }

    /// The store has done something.
    pub(super) fn wrote(&self, doing: &'static str) {
        self.note(format!("store: {doing}"));
        *lock(&self.written) = Some(doing);
    }

    /// What the store has done since this was asked last, if it has done anything.
    pub(super) fn written(&self) -> Option<&'static str> {
        lock(&self.written).take()
    }

    pub(super) fn trace(&self) -> Vec<String> {
        lock(&self.trace).clone()
    }

    fn exchange(&self, request: &Request) -> Result<http::Reply, Fault> {
        self.follow();
        let ask = asked(request);
        let now = self.clock.now();
        let before = Before::of(&self.sim.world());
        let reply = self.sim.answer(&ask);
        let world = self.sim.world();
        self.watch().saw(&before, &world, &reply, now);
        let code = world.requests().last().map_or(0, |seen| seen.code);
        drop(world);
        let status = if let Reply::Answer(answer) = &reply { answer.status } else { 0 };
        let mut line = format!("{} {}", ask.method, ask.path);
        for (name, value) in &ask.query {
            let _ = write!(line, " {name}={value}");
        }
        let body = String::from_utf8_lossy(&ask.body);
        self.note(format!("{line} {body} -> {status} {code}"));
        match reply {
            Reply::HangUp => Err(Fault::Broken),
            Reply::Answer(answer) => Ok(http::Reply {
                status: answer.status,
                headers: answer.headers.iter().filter_map(header).collect::<HeaderMap>(),
                body: answer.body,
            }),
        }
    }
}

pub(super) struct Wire(pub(super) Arc<Stage>);

impl Carrier for Wire {
    fn carry(&self, request: Request) -> Carried<'_> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let reply = self.0.exchange(&request);
            tokio::task::yield_now().await;
            reply
        })
    }
}

fn asked(request: &Request) -> Ask {
    let url = request.url();
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let host = format!("{}:{}", url.host_str().unwrap_or_default(), url.port().unwrap_or_default());
    let mut ask = Ask::new(request.method().as_str(), &target).header("host", &host);
    for (name, value) in request.headers() {
        ask = ask.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    ask.body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default().to_vec();
    ask
}

fn header((name, value): &(String, String)) -> Option<(HeaderName, HeaderValue)> {
    Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
