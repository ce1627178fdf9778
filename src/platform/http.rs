//! The one outgoing HTTP client for the platforms. In: a call ready to send. Out: status, headers and a bounded body,
//! or a [`Fault`] that can be printed anywhere; beside it the pure arithmetic of budgets: usage, pace, buckets.
//! Not here: what an answer means, whose token it is, any retry but one of a read whose connection broke.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use crate::clock::{Clock, SignedDuration, Timestamp};

/// Longest answer that is read, in bytes; a full listing of Graph stays below one megabyte.
const BODY_CAP: usize = 8 * 1024 * 1024;
/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a call may take from beginning to end.
const WHOLE: Duration = Duration::from_secs(30);

/// What went wrong below an answer's meaning. Built from plain facts only, so that neither `Display`, `Debug` nor
/// `source` can hold a URL, a token or anybody's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No connection stood: name, network, TLS or a closed port.
    #[error("no connection could be made")]
    Connect,
    /// A deadline passed; a write may have taken effect.
    #[error("no answer came in time")]
    TimedOut,
    /// The connection ended in the middle; a write may have taken effect.
    #[error("the connection broke off")]
    Broken,
    /// The call could not even be built; a mistake in the configuration or in Chaperone.
    #[error("the call could not be built")]
    Unsendable,
    /// The answer was cut because it was too long.
    #[error("the answer was longer than {cap} bytes")]
    TooLong {
        /// The cap, in bytes.
        cap: usize,
    },
    /// The answer pointed elsewhere; redirects are never followed, because the token would go along.
    #[error("the answer was a redirect (HTTP {status}), which is never followed")]
    Redirected {
        /// The HTTP status.
        status: u16,
    },
    /// No JSON: an error page of something in between.
    #[error("the answer was not JSON (HTTP {status})")]
    NotJson {
        /// The HTTP status.
        status: u16,
    },
    /// JSON, but without the part that was asked for.
    #[error("the answer lacked {what}")]
    Incomplete {
        /// What was missing.
        what: &'static str,
    },
    /// The platform said that it failed, in its own code, or in a code nobody documented.
    #[error("the platform reported a fault of its own (code {code}, HTTP {status})")]
    Platform {
        /// The platform's code.
        code: i64,
        /// The HTTP status.
        status: u16,
    },
    /// The new tokens could not be written down, so they were not used.
    #[error("the token file could not be written")]
    TokenFile,
}

/// The connections and budgets that all pages of this process share. Clones are handles on the same.
#[derive(Clone)]
pub struct Shared {
    carrier: Arc<dyn Carrier>,
    pacer: Arc<Mutex<Pacer>>,
    clock: Clock,
}

/// One call, ready to send.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
    /// A header that holds a secret.
    pub(super) secret: Option<(&'static str, SecretString)>,
    pub(super) body: Body,
}

/// What a call carries.
pub(super) enum Body {
    None,
    Form(Vec<(&'static str, String)>),
    Json(Value),
}

/// What came back.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
}

/// A request on its way.
pub type Carried<'a> = Pin<Box<dyn Future<Output = Result<Reply, Fault>> + Send + 'a>>;

/// Brings a finished request to a platform and its answer back: the network, or a simulation of it. Everything above
/// this line is the same for both.
pub trait Carrier: Send + Sync {
    /// Sends the request once.
    fn carry(&self, request: Request) -> Carried<'_>;
}

/// The network.
struct Network(reqwest::Client);

impl Network {
    fn new() -> Result<Self, Fault> {
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| Fault::Unsendable)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            // A proxy variable left in somebody's shell must not receive the practice's tokens.
            .no_proxy()
            .pool_max_idle_per_host(2)
            .user_agent(concat!("chaperone/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| Fault::Unsendable)?;
        Ok(Self(client))
    }
}

impl Carrier for Network {
    fn carry(&self, request: Request) -> Carried<'_> {
        Box::pin(async move {
            let mut response = self.0.execute(request).await.map_err(|error| fault(&error))?;
            let status = response.status().as_u16();
            let headers = response.headers().clone();
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|error| fault(&error))? {
                if body.len() + chunk.len() > BODY_CAP {
                    return Err(Fault::TooLong { cap: BODY_CAP });
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Reply { status, headers, body })
        })
    }
}

impl Shared {
    /// Sets up TLS and the connection pool; sends nothing. Waits for a free slot go by `clock`.
    pub fn new(clock: Clock) -> Result<Self, Fault> {
        Ok(Self::over(Arc::new(Network::new()?), clock))
    }

    /// The same over another carrier than the network.
    pub fn over(carrier: Arc<dyn Carrier>, clock: Clock) -> Self {
        Self { carrier, pacer: Arc::default(), clock }
    }

    /// Sends a call. A read whose connection broke is sent once more; a kept connection that the other side had
    /// already closed looks just like that.
    pub(super) async fn send(&self, call: &Call) -> Result<Reply, Fault> {
        match self.send_once(call).await {
            Err(Fault::Broken) if call.method == Method::GET => self.send_once(call).await,
            outcome => outcome,
        }
    }

    async fn send_once(&self, call: &Call) -> Result<Reply, Fault> {
        let reply = self.carrier.carry(request(call)?).await?;
        match reply.status {
            status @ 300..=399 => Err(Fault::Redirected { status }),
            _ => Ok(reply),
        }
    }

    /// Waits for a slot of this app, account and path, or says how long none will be free.
    pub(super) async fn slot(&self, app: &str, account: &str, path: &str, now: Timestamp) -> Result<(), Duration> {
        let wait = lock(&self.pacer).take(app, account, path, now)?;
        if !wait.is_zero() {
            self.clock.pause(wait).await;
        }
        Ok(())
    }
}

/// A call in the shape that HTTP has for it.
fn request(call: &Call) -> Result<Request, Fault> {
    let mut request = Request::new(call.method.clone(), call.url.clone());
    if let Some((name, secret)) = &call.secret {
        let mut value = HeaderValue::from_str(secret.expose_secret()).map_err(|_| Fault::Unsendable)?;
        value.set_sensitive(true);
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Fault::Unsendable)?;
        request.headers_mut().insert(name, value);
    }
    let (kind, body) = match &call.body {
        Body::None => return Ok(request),
        Body::Form(fields) => {
            let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            ("application/x-www-form-urlencoded", form)
        }
        Body::Json(value) => ("application/json", value.to_string()),
    };
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    *request.body_mut() = Some(body.into());
    Ok(request)
}

/// Takes only the kind of an error, because reqwest's own messages hold the URL.
fn fault(error: &reqwest::Error) -> Fault {
    if error.is_timeout() {
        Fault::TimedOut
    } else if error.is_connect() {
        Fault::Connect
    } else if error.is_builder() {
        Fault::Unsendable
    } else {
        Fault::Broken
    }
}

/// A lock whose holder panicked still guards plain numbers: go on with them.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How much of a budget the platform says is used; what it did not say is unknown, not nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Percent of the budget, the highest of all that were named; can exceed 100.
    pub percent: Option<u32>,
    /// How long until calls are taken again, where the platform said more than nothing.
    pub regain: Option<Duration>,
}

/// How fast to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Nothing known against the usual pace.
    Full,
    /// More than half the budget is used: take twice as long.
    Slow,
    /// More than three quarters are used: only the listing of what is newest, and urgent actions.
    UrgentOnly,
    /// Used up or nearly: no calls for this long.
    Stop {
        /// From now.
        wait: Duration,
    },
}

/// How long a reading of the usage headers counts: they vanish below a threshold, so an old one must not rule for ever.
const READING: SignedDuration = SignedDuration::from_mins(30);

/// Clocks differ by less than this between workers; one that is further back was put back.
const SET_BACK: SignedDuration = SignedDuration::from_mins(1);

/// Whether `at` is less than `span` ago. What lies in the future was before a clock went back, nobody knows how long.
pub(super) fn within(at: Timestamp, span: SignedDuration, now: Timestamp) -> bool {
    let ago = now.duration_since(at);
    -SET_BACK <= ago && ago < span
}

/// The pace that a usage asks for (facebook.md section 13).
pub fn pace(usage: Usage) -> Pace {
    match usage.percent {
        None | Some(0..=50) => Pace::Full,
        Some(51..=75) => Pace::Slow,
        Some(76..=90) => Pace::UrgentOnly,
        Some(_) => Pace::Stop { wait: usage.regain.unwrap_or(READING.unsigned_abs()) },
    }
}

/// One budget of one page: the last reading, and until when the platform asked for quiet.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meter {
    reading: Option<(Usage, Timestamp)>,
    /// Since when and until when.
    quiet: Option<(Timestamp, Timestamp)>,
}

impl Meter {
    /// Notes what the headers of an answer said; a spent budget with a time to regain access is a throttle.
    pub fn note(&mut self, usage: Usage, now: Timestamp) {
        if usage.percent.is_some() {
            self.reading = Some((usage, now));
        }
        if let (Some(100..), Some(regain)) = (usage.percent, usage.regain) {
            self.throttle(regain, now);
        }
    }

    /// Notes that the platform wants quiet; the longer wait wins.
    pub fn throttle(&mut self, wait: Duration, now: Timestamp) {
        let until = later(now, wait);
        self.quiet = Some((now, self.quiet(now).map_or(until, |left| later(now, left).max(until))));
    }

    /// The clock went back by so much, to `now`: the quiet lasts as long as it would have.
    pub fn clock_went_back(&mut self, by: SignedDuration, now: Timestamp) {
        if let Some((since, until)) = self.quiet
            && since.duration_since(now) > SET_BACK
        {
            let back = |at: Timestamp| at.checked_sub(by).unwrap_or(now);
            self.quiet = Some((back(since), back(until)));
        }
    }

    /// How long calls are still refused.
    pub fn quiet(&mut self, now: Timestamp) -> Option<Duration> {
        let (since, until) = self.quiet?;
        let (since, until) = if since.duration_since(now) > SET_BACK {
            // The clock went back: the wait begins again, and is no longer than it was.
            (now, later(now, until.duration_since(since).unsigned_abs()))
        } else {
            (since, until)
        };
        self.quiet = Some((since, until));
        (until > now).then(|| until.duration_since(now).unsigned_abs())
    }

    /// The last reading, unless it is too old to count.
    pub fn usage(&self, now: Timestamp) -> Usage {
        match self.reading {
            Some((usage, at)) if within(at, READING, now) => usage,
            _ => Usage::default(),
        }
    }

    /// How fast to go now.
    pub fn pace(&mut self, now: Timestamp) -> Pace {
        if let Some(wait) = self.quiet(now) {
            return Pace::Stop { wait };
        }
        let Some((usage, at)) = self.reading else { return Pace::Full };
        match pace(usage) {
            Pace::Stop { wait } => {
                let until = later(at, wait);
                if until > now && within(at, SignedDuration::MAX, now) {
                    Pace::Stop { wait: until.duration_since(now).unsigned_abs() }
                } else {
                    Pace::UrgentOnly
                }
            }
            _ => pace(self.usage(now)),
        }
    }
}

/// `at` and then `wait`; the end of time where that overflows.
pub(super) fn later(at: Timestamp, wait: Duration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// Reads the usage headers (facebook.md section 13): the highest percentage over all headers, ids and objects whose
/// type is `kind` or not told. Times to regain access are minutes.
pub(super) fn usage(headers: &HeaderMap, kind: &str) -> Usage {
    let mut found = Usage::default();
    for name in ["x-app-usage", "x-page-usage"] {
        for value in json_headers(headers, name) {
            count(&mut found, &value);
        }
    }
    for business in json_headers(headers, "x-business-use-case-usage") {
        let Value::Object(ids) = business else { continue };
        let objects = ids.values().flat_map(|id| id.as_array().map_or(std::slice::from_ref(id), Vec::as_slice));
        for object in objects {
            if object.get("type").and_then(Value::as_str).is_none_or(|told| told == kind) {
                count(&mut found, object);
            }
        }
    }
    found
}

fn json_headers<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = Value> + use<'a> {
    let values: Vec<&HeaderValue> = headers.get_all(name).iter().collect();
    values.into_iter().filter_map(|value| serde_json::from_slice(value.as_bytes()).ok())
}

fn count(found: &mut Usage, object: &Value) {
    for key in ["call_count", "total_cputime", "total_time"] {
        let Some(percent) = object.get(key).and_then(Value::as_f64) else { continue };
        let percent = percent.clamp(0.0, 10_000.0).ceil() as u32;
        found.percent = Some(found.percent.map_or(percent, |old| old.max(percent)));
    }
    // Zero does not mean safe: samples show it at 97 percent.
    let minutes = object.get("estimated_time_to_regain_access").and_then(Value::as_u64).filter(|minutes| *minutes > 0);
    if let Some(minutes) = minutes {
        let regain = Duration::from_secs(minutes.min(60 * 24) * 60);
        found.regain = Some(found.regain.map_or(regain, |old| old.max(regain)));
    }
}

/// The `Date` header: the platform's clock.
pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get("date")?.to_str().ok()?;
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// How long `Retry-After` asks for, as seconds or as a date by the platform's own clock; the longest of several.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let asked = headers.get_all("retry-after").iter().filter_map(|value| value.to_str().ok());
    asked
        .filter_map(|text| wait_in_seconds(text.trim(), headers))
        .max()
        .map(|seconds| Duration::from_secs(seconds.min(86_400)))
}

fn wait_in_seconds(asked: &str, headers: &HeaderMap) -> Option<u64> {
    if let Ok(seconds) = asked.parse() {
        return Some(seconds);
    }
    let until = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(asked).ok()?;
    u64::try_from(until.duration_since(date(headers)?).as_secs()).ok()
}

/// The longer of two waits, where either was named.
pub(super) fn longer(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    one.max(other)
}

/// A budget of calls that fills up evenly: at most `burst` at once, one more each `every`.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    burst: u32,
    every: SignedDuration,
    /// When the next call would be due if all went evenly.
    due: Timestamp,
}

impl Bucket {
    /// A full bucket of `burst` calls that fills up once in `whole`.
    pub fn new(burst: u32, whole: SignedDuration) -> Self {
        Self { burst, every: whole / i32::try_from(burst.max(1)).unwrap_or(i32::MAX), due: Timestamp::MIN }
    }

    /// How long until a call is allowed.
    pub fn wait(&self, now: Timestamp) -> Duration {
        let ahead = self.every * i32::try_from(self.burst.saturating_sub(1)).unwrap_or(i32::MAX);
        let allowed = self.due.checked_sub(ahead).unwrap_or(Timestamp::MIN);
        if allowed > now { allowed.duration_since(now).unsigned_abs() } else { Duration::ZERO }
    }

    /// Counts one call.
    pub fn take(&mut self, now: Timestamp) {
        self.due = self.due.max(now).checked_add(self.every).unwrap_or(Timestamp::MAX);
    }
}

/// Longest wait that a call sits out itself; for more it is refused and comes back in a later cycle.
const PATIENCE: Duration = Duration::from_secs(3);

/// TikTok's limits, kept with room to spare (tiktok.md section 6): per app 8 in a second and 450 in a minute, per
/// account and path 30 in a minute.
#[derive(Debug, Default)]
pub struct Pacer {
    apps: HashMap<String, [Bucket; 2]>,
    paths: HashMap<(String, String), Bucket>,
    /// The latest time heard of, waits included: a caller may pass the same time all through a cycle.
    latest: Option<Timestamp>,
}

impl Pacer {
    /// Takes a slot and says how long to sit still before the call; or, as an error, how long none is free.
    pub fn take(&mut self, app: &str, account: &str, path: &str, now: Timestamp) -> Result<Duration, Duration> {
        if self.latest.is_some_and(|latest| latest.duration_since(now) > SET_BACK) {
            // The clock went back: budgets kept by the old time would never fill up again.
            *self = Self::default();
        }
        let now = self.latest.map_or(now, |latest| latest.max(now));
        let minute = SignedDuration::from_mins(1);
        let app = self
            .apps
            .entry(app.to_owned())
            .or_insert_with(|| [Bucket::new(8, SignedDuration::from_secs(1)), Bucket::new(450, minute)]);
        let path = self.paths.entry((account.to_owned(), path.to_owned())).or_insert_with(|| Bucket::new(30, minute));
        let wait = app.iter().map(|bucket| bucket.wait(now)).fold(path.wait(now), Duration::max);
        if wait > PATIENCE {
            return Err(wait);
        }
        let then = later(now, wait);
        for bucket in app {
            bucket.take(then);
        }
        path.take(then);
        self.latest = Some(then);
        Ok(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_764_000_000 + second).expect("a time")
    }

    #[track_caller]
    fn check_usage(name: &'static str, value: &str, kind: &str, percent: Option<u32>, regain_min: Option<u64>) {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).expect("a header"));
        let want = Usage { percent, regain: regain_min.map(|minutes| Duration::from_secs(minutes * 60)) };
        assert_eq!(usage(&headers, kind), want, "{name}: {value}");
    }

    #[test]
    fn the_highest_percentage_of_the_right_budget_counts_and_what_is_missing_is_unknown() {
        let app = r#"{"call_count":28,"total_cputime":25,"total_time":31}"#;
        let two = r#"{"1":[{"type":"pages","call_count":97,"total_cputime":23,"total_time":23,"estimated_time_to_regain_access":0},
            {"type":"instagram","call_count":12}],"2":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":19}]}"#
            .replace('\n', " ");
        check_usage("x-app-usage", app, "pages", Some(31), None);
        check_usage("x-page-usage", r#"{"call_count":85,"total_cputime":56.2}"#, "pages", Some(85), None);
        check_usage("x-business-use-case-usage", &two, "pages", Some(100), Some(19));
        check_usage("x-business-use-case-usage", &two, "instagram", Some(12), None);
        check_usage("x-business-use-case-usage", "not json", "pages", None, None);
        check_usage("x-ad-account-usage", r#"{"acc_id_util_pct":99.6}"#, "pages", None, None);
    }

    #[test]
    fn the_pace_slackens_at_the_thresholds_of_the_fact_sheet() {
        let at_percent = |percent| pace(Usage { percent: Some(percent), regain: None });
        assert_eq!(pace(Usage::default()), Pace::Full);
        assert_eq!([at_percent(50), at_percent(51), at_percent(75)], [Pace::Full, Pace::Slow, Pace::Slow]);
        assert_eq!([at_percent(76), at_percent(90)], [Pace::UrgentOnly, Pace::UrgentOnly]);
        assert!(matches!(at_percent(91), Pace::Stop { .. }));
    }

    #[test]
    fn the_longer_wait_wins_and_ends() {
        let mut meter = Meter::default();
        meter.throttle(Duration::from_secs(900), at(0));
        meter.throttle(Duration::from_secs(30), at(10));
        assert_eq!(meter.quiet(at(10)), Some(Duration::from_secs(890)));
        assert_eq!(meter.pace(at(10)), Pace::Stop { wait: Duration::from_secs(890) });
        assert_eq!(meter.quiet(at(900)), None);
        assert_eq!(meter.pace(at(900)), Pace::Full);
    }

    #[test]
    fn a_stop_for_usage_ends_in_one_careful_look_and_old_readings_are_forgotten() {
        let mut meter = Meter::default();
        meter.note(Usage { percent: Some(95), regain: None }, at(0));
        meter.note(Usage::default(), at(5));
        assert!(matches!(meter.pace(at(60)), Pace::Stop { .. }));
        assert_eq!(meter.pace(at(1_800)), Pace::UrgentOnly);
        meter.note(Usage { percent: Some(60), regain: None }, at(1_800));
        assert_eq!(meter.pace(at(1_801)), Pace::Slow);
        assert_eq!(meter.pace(at(3_700)), Pace::Full);
    }

    #[test]
    fn a_bucket_lets_a_burst_through_and_then_one_at_a_time() {
        let mut bucket = Bucket::new(30, SignedDuration::from_mins(1));
        for _ in 0..30 {
            assert_eq!(bucket.wait(at(0)), Duration::ZERO);
            bucket.take(at(0));
        }
        assert_eq!(bucket.wait(at(0)), Duration::from_secs(2));
        assert_eq!(bucket.wait(at(2)), Duration::ZERO);
    }

    #[test]
    fn forty_calls_a_minute_on_one_path_are_never_reached() {
        let mut pacer = Pacer::default();
        let mut clock = at(0);
        let mut sent = Vec::new();
        while clock < at(300) {
            match pacer.take("app", "account", "path", clock) {
                Ok(wait) => {
                    clock = later(clock, wait);
                    sent.push(clock);
                }
                Err(wait) => clock = later(clock, wait),
            }
        }
        // A full bucket may be spent once on top of what flows in, and never again.
        let late: Vec<_> = sent.iter().filter(|then| **then >= at(60)).collect();
        assert!(late.len() <= 4 * 30 + 1, "{}", late.len());
        assert!(sent.len() > 100);
    }

    #[test]
    fn a_caller_whose_clock_stands_still_is_paced_all_the_same_and_other_paths_are_not_held_up() {
        let mut pacer = Pacer::default();
        let waits: Vec<_> = (0..10).map(|n| pacer.take("app", "me", &format!("path {n}"), at(0))).collect();
        assert!(waits[..8].iter().all(|wait| *wait == Ok(Duration::ZERO)));
        assert_eq!(waits[9], Ok(Duration::from_millis(125)));
    }

    #[test]
    fn the_platforms_clock_is_read_from_the_date_header() {
        let mut headers = HeaderMap::new();
        headers.insert("date", HeaderValue::from_static("Mon, 24 Nov 2025 16:00:00 GMT"));
        assert_eq!(date(&headers), Some(at(0)));
    }
}
