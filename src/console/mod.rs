//! The team's web page: what waits for a person and why, a place to decide, to search, and to tune the words. In: requests
//! from browsers on this machine, or through a proxy. Out: pages, rendered here and working without scripts; decisions,
//! written to the store like those from a shell. Not here: any action at a platform (the executor's), any rule of the
//! digest's (the same functions order both lists).
//!
//! A request goes through `door` (which host, which origin, who is signed in, which role, the form's token), then to the
//! file of its page. Everything that strangers wrote passes through `text` on its way out.

mod assets;
mod author;
mod decide;
mod digests;
mod door;
mod health;
mod incident;
mod machines;
pub mod password;
mod page;
mod queue;
mod search;
mod signin;
mod text;
mod throttle;
mod words;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, Timestamp};
use crate::config;
use crate::digest::{Herald, Settings};
use crate::metrics::Board;
use crate::platform::Api;
use crate::rules::{Files, InForce, Judging};
use crate::store::{Mode, Store};
use throttle::Throttle;

/// A form is no longer, in bytes: the longest thing that is sent is a lexicon file.
const LONGEST_FORM: usize = 2 << 20;

/// A connection that is still busy after this when the daemon stops is cut.
const LONGEST_GOODBYE: std::time::Duration = std::time::Duration::from_secs(5);

/// What the console shows and uses.
pub struct Parts {
    /// `[console]`.
    pub config: config::Console,
    /// Where everything is kept.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Whether anything is done at the platforms.
    pub mode: Mode,
    /// How the practice words things; a reload may change it.
    pub settings: Arc<Mutex<Settings>>,
    /// Makes digests.
    pub herald: Arc<Herald>,
    /// The pages that are watched, in configuration order.
    pub pages: Vec<Arc<Api>>,
    /// The rules in force.
    pub rules: Arc<InForce>,
    /// Where rules are compiled.
    pub judging: Judging,
    /// Where the rules' files lie.
    pub files: Files,
    /// Rung when an action is owed.
    pub owed: Arc<Notify>,
    /// Rung when a file of the rules was changed here.
    pub changed: Arc<Notify>,
    /// What the daemon says of itself to machines.
    pub board: Board,
}

/// The console, as every request holds it.
pub struct Console {
    parts: Parts,
    throttle: Mutex<Throttle>,
    /// One password is hashed at a time: each takes 19 MiB.
    hashing: Semaphore,
    /// One change of the rules is proved at a time.
    proving: Semaphore,
}

impl Console {
    /// A console over these parts.
    pub fn new(parts: Parts) -> Self {
        Self { parts, throttle: Mutex::default(), hashing: Semaphore::new(1), proving: Semaphore::new(1) }
    }

    /// What people type into their browser.
    pub fn address(&self) -> String {
        self.parts.config.public_url.to_string()
    }

    /// Takes the address that it is to listen on.
    pub async fn listen(&self) -> io::Result<TcpListener> {
        TcpListener::bind(self.parts.config.listen).await
    }

    /// Answers requests until it is told to stop.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        let router = router(Arc::clone(&self));
        let told = stop.clone();
        let serve = axum::serve(listener, router).with_graceful_shutdown(async move { told.cancelled().await });
        tokio::select! {
            served = async { serve.await } => served,
            () = async {
                stop.cancelled().await;
                tokio::time::sleep(LONGEST_GOODBYE).await;
            } => Ok(()),
        }
    }

    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    fn store(&self) -> &Store {
        &self.parts.store
    }

    fn words(&self) -> Settings {
        self.parts.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listens(&self) -> SocketAddr {
        self.parts.config.listen
    }
}

/// Every address that there is.
pub fn router(console: Arc<Console>) -> Router {
    Router::new()
        .route("/", get(queue::queue))
        .route("/sign-in", get(signin::form).post(signin::sign_in))
        .route("/sign-out", post(signin::sign_out))
        .route("/incident/{number}", get(incident::incident))
        .route("/incident/{number}/decide", post(decide::one))
        .route("/incident/{number}/take", post(decide::take))
        .route("/incident/{number}/author", get(author::author))
        .route("/incident/{number}/author/exempt", post(author::exempt))
        .route("/incident/{number}/author/step", post(author::step))
        .route("/incident/{number}/author/withdraw", post(author::withdraw))
        .route("/decide", post(decide::many))
        .route("/undo", post(decide::undo))
        .route("/search", get(search::search))
        .route("/comment/{row}/take-up", post(search::take_up))
        .route("/digests", get(digests::list))
        .route("/reports/{month}", get(digests::report))
        .route("/digests/{id}", get(digests::one))
        .route("/words", get(words::list))
        .route("/words/try", post(words::try_out))
        .route("/words/file", get(words::file))
        .route("/words/edit", get(words::form))
        .route("/words/check", post(words::check))
        .route("/words/save", post(words::save))
        .route("/words/history", get(words::history))
        .route("/words/back", post(words::back))
        .route("/health", get(health::health))
        .route("/healthz", get(machines::healthz))
        .route("/metrics", get(machines::metrics))
        .route("/assets/{name}", get(assets::asset))
        .fallback(page::nowhere)
        .layer(DefaultBodyLimit::max(LONGEST_FORM))
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&console), door::guard))
        .with_state(console)
}
