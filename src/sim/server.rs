//! The simulator's socket: a thin shell that turns HTTP into an [`Ask`] and a [`Reply`] into HTTP. In: a scenario, a
//! clock, a loopback address. Out: a [`Sim`]. It decides nothing; closing a connection without an answer is the one
//! thing that only a socket can do.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::scenario::{Scenario, ScenarioError};
use super::tokens::{META_APP_ID, META_APP_SECRET, TIKTOK_APP_ID, TIKTOK_APP_SECRET};
use super::wire::{Answer, Ask, Reply, decode_form};
use super::world::World;
use crate::clock::Clock;
use crate::comment::Platform;

const BODY_LIMIT_BYTES: usize = 4 << 20;

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// It would have listened to other machines.
    #[error("the simulator listens on loopback only, and {0} is not")]
    NotLoopback(SocketAddr),
    /// The address could not be had.
    #[error("the simulator could not listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The scenario makes no sense.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
}

/// A running simulator; it stops when dropped.
#[derive(Debug)]
pub struct Sim {
    address: SocketAddr,
    shared: Shared,
    /// Serves the socket, where there is one.
    task: Option<JoinHandle<()>>,
}

#[derive(Clone, Debug)]
struct Shared {
    world: Arc<Mutex<World>>,
    clock: Clock,
    /// The simulator is gone: connections that outlive it must not be answered.
    gone: Arc<AtomicBool>,
}

impl Sim {
    /// Plays `scenario` by `clock` on a loopback address; port 0 takes any free one. Needs a tokio runtime around it.
    pub async fn start(scenario: Scenario, clock: Clock, listen: SocketAddr) -> Result<Self, SimError> {
        if !listen.ip().is_loopback() {
            return Err(SimError::NotLoopback(listen));
        }
        let world = World::new(scenario, clock.now())?;
        let refused = |source| SimError::Bind { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let shared = Shared { world: Arc::new(Mutex::new(world)), clock, gone: Arc::default() };
        let router = Router::new().fallback(serve).with_state(shared.clone());
        let service = router.into_make_service_with_connect_info::<Wire>();
        let task = tokio::spawn(async move {
            // Serving a listener ends only with its task.
            let _ = axum::serve(Cuttable(listener), service).await;
        });
        Ok(Self { address, shared, task: Some(task) })
    }

    /// Plays `scenario` without a socket: whoever holds it hands requests over by [`answer`](Self::answer).
    pub fn within(scenario: Scenario, clock: Clock) -> Result<Self, SimError> {
        let world = World::new(scenario, clock.now())?;
        let shared = Shared { world: Arc::new(Mutex::new(world)), clock, gone: Arc::default() };
        Ok(Self { address: SocketAddr::from((Ipv4Addr::LOCALHOST, 1)), shared, task: None })
    }

    /// Answers one request now, as the socket would.
    pub fn answer(&self, ask: &Ask) -> Reply {
        self.shared.lock().handle(ask, self.shared.clock.now())
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client's configuration would name as `api_base`; for Instagram host A, the one a Page token works on.
    pub fn base_url(&self, platform: Platform) -> String {
        match platform {
            Platform::Facebook | Platform::Instagram => format!("http://{}/v25.0", self.address),
            Platform::TikTok => format!("http://{}/open_api/v1.3", self.address),
        }
    }

    /// Instagram's own host, for tokens of Instagram Login.
    pub fn instagram_host_b(&self) -> String {
        format!("http://{}/ig/v25.0", self.address)
    }

    /// The world, brought up to now, to look at and to interfere with. Not to be held across an await.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.shared.lock();
        world.advance(self.shared.clock.now());
        world
    }

    /// Addresses and demo tokens of every page, one JSON object: the first line that `simulate` prints.
    pub fn announcement(&self) -> Value {
        let world = self.world();
        let mut pages = Vec::new();
        let mut out = json!({"simulator": format!("http://{}", self.address)});
        for page in world.pages() {
            let mut one = json!({"platform": page.platform.id(), "page": page.id, "name": page.name,
                "api_base": self.base_url(page.platform), "token": world.token_for(&page.id)});
            if page.platform == Platform::TikTok {
                one["app_id"] = json!(TIKTOK_APP_ID);
                one["app_secret"] = json!(TIKTOK_APP_SECRET);
                let pair = world.tiktok_pairs().iter().rev().find(|pair| pair.open_id == page.id && !pair.dead);
                one["refresh_token"] = json!(pair.map(|pair| pair.refresh.clone()));
            } else {
                one["app_id"] = json!(META_APP_ID);
                one["app_secret"] = json!(META_APP_SECRET);
            }
            if page.platform == Platform::Instagram {
                let own = world.graph_tokens().iter().find(|token| token.is_for(&page.id));
                one["host_b"] =
                    json!({"api_base": self.instagram_host_b(), "token": own.map(|token| token.value.clone())});
            }
            let key = page.platform.id();
            if out.get(key).is_none() {
                out[key] = one.clone();
            }
            pages.push(one);
        }
        out["pages"] = Value::Array(pages);
        out
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.shared.gone.store(true, Ordering::SeqCst);
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(State(shared): State<Shared>, ConnectInfo(wire): ConnectInfo<Wire>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT_BYTES).await else {
        return response(Answer::html(413));
    };
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let ask = Ask {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: decode_form(parts.uri.query().unwrap_or_default().as_bytes()),
        headers: parts.headers.iter().map(header).collect(),
        body: body.to_vec(),
    };
    let now = shared.clock.now();
    let gone = shared.gone.load(Ordering::SeqCst);
    let reply = if gone { Reply::HangUp } else { shared.lock().handle(&ask, now) };
    match reply {
        Reply::Answer(answer) => response(answer),
        Reply::HangUp => {
            wire.0.store(true, Ordering::SeqCst);
            response(Answer { status: 200, headers: Vec::new(), body: Vec::new() })
        }
    }
}

fn response(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The switch that cuts one connection: once on, nothing more is written to it.
#[derive(Clone, Debug)]
struct Wire(Arc<AtomicBool>);

/// A listener whose connections can be cut.
struct Cuttable(TcpListener);

struct CuttableStream {
    stream: TcpStream,
    wire: Wire,
}

impl Listener for Cuttable {
    type Io = CuttableStream;
    type Addr = Wire;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, _) = Listener::accept(&mut self.0).await;
        // An answer that waits for the client's acknowledgement of its own header costs 40 ms; nothing breaks without it.
        let _ = stream.set_nodelay(true);
        let wire = Wire(Arc::new(AtomicBool::new(false)));
        (CuttableStream { stream, wire: wire.clone() }, wire)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(Wire(Arc::default()))
    }
}

impl Connected<IncomingStream<'_, Cuttable>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Cuttable>) -> Self {
        stream.remote_addr().clone()
    }
}

impl CuttableStream {
    fn cut(&self) -> Option<io::Error> {
        self.wire.0.load(Ordering::SeqCst).then(|| io::ErrorKind::BrokenPipe.into())
    }
}

impl AsyncRead for CuttableStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.cut() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(&mut self.stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
