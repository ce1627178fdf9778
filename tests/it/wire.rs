//! The wire itself: servers that lie about who they are, packed answers, links that lead elsewhere, ports where nobody
//! listens. In: small servers on loopback that say what they are told to. Out: what the program sent where, and what it
//! made of the answer. Not here: what an answer means (`edges.rs`), and redirects and endless answers, which are tried
//! beside the client.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use chaperone::clock::{Clock, Timestamp};
use chaperone::comment::{PageId, PageKey, Platform};
use chaperone::digest::{DeliverError, Delivery, Letter, MailSettings, Message, Settings as Wording, Tls, WebhookKind};
use chaperone::platform::cursor::{Answer, Edge, Request};
use chaperone::platform::http::{Fault, Shared};
use chaperone::platform::{Api, ConnectError, Error, Settings};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const TOKEN: &str = "EAATESTPAGETOKEN000";

/// A server on loopback that gives these answers, one a connection, and keeps what it was sent.
struct Server {
    at: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let at = listener.local_addr().expect("an address");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&heard);
        tokio::spawn(async move {
            for answer in answers.into_iter().chain(std::iter::repeat(Vec::new())) {
                let Ok((mut stream, _)) = listener.accept().await else { return };
                let mut request = Vec::new();
                let mut chunk = [0; 4096];
                while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                    match stream.read(&mut chunk).await {
                        Ok(read) if read > 0 => request.extend_from_slice(&chunk[..read]),
                        _ => break,
                    }
                }
                notes.lock().expect("notes").push(String::from_utf8_lossy(&request).into_owned());
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { at, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("notes").clone()
    }

    fn base(&self) -> String {
        format!("http://{}/v25.0", self.at)
    }
}

fn answer(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn json(body: &str) -> Vec<u8> {
    answer("content-type: application/json\r\n", body.as_bytes())
}

fn settings(base: &str) -> Settings {
    Settings {
        key: PageKey { platform: Platform::Facebook, id: PageId::new("1029384756") },
        api_base: base.parse().expect("an address"),
        token: Some(SecretString::from(TOKEN)),
        app_secret: None,
        app_id: None,
        refresh_token: None,
        state_dir: None,
    }
}

fn api(base: &str) -> Api {
    let shared = Shared::new(Clock::System).expect("a client");
    Api::connect(settings(base), &shared).expect("settings")
}

fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_000).expect("a time")
}

async fn listing(api: &Api, after: Option<String>) -> Result<Answer, Error> {
    api.fetch(&Request::Posts { edge: Edge::Main, after }, now()).await
}

#[track_caller]
fn fault(outcome: Result<Answer, Error>) -> Fault {
    match outcome {
        Err(Error::Transient { source, .. }) => {
            assert!(!format!("{source} {source:?}").contains("127.0.0.1"));
            source
        }
        other => panic!("no fault: {other:?}"),
    }
}

/// TLS with a certificate that nobody but this test vouches for; says how often a handshake came about.
async fn self_signed() -> (SocketAddr, Arc<Mutex<u32>>) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a configuration");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let at = listener.local_addr().expect("an address");
    let met = Arc::new(Mutex::new(0));
    let count = Arc::clone(&met);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut byte = [0];
                // A client that does not trust us hangs up before it says anything.
                if matches!(stream.read(&mut byte).await, Ok(1)) {
                    *count.lock().expect("a count") += 1;
                }
            }
        }
    });
    (at, met)
}

fn letter() -> Letter {
    let message = Message {
        subject: "Test".to_owned(),
        text: "Test".to_owned(),
        html: "Test".to_owned(),
        brief: chaperone::digest::webhook::Brief { lines: vec!["Test".to_owned()], links: Vec::new() },
        numbers: vec![1],
        urgency: chaperone::digest::view::Urgency::Threat,
        cannot_wait: true,
    };
    Letter::alert(&message, &Wording::default(), now())
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_hears_nothing_from_us() {
    let (at, met) = self_signed().await;
    let port = at.port();
    assert_eq!(fault(listing(&api(&format!("https://localhost:{port}/v25.0")), None).await), Fault::Connect);
    let url = SecretString::from(format!("https://localhost:{port}/hook"));
    let webhook = Delivery::Webhook { url, kind: WebhookKind::default() };
    assert!(webhook.send(&letter()).await.is_err());
    let mail = |tls| MailSettings {
        server: "localhost".to_owned(),
        port: Some(port),
        tls,
        username: Some("us".to_owned()),
        password: Some(SecretString::from("pass word")),
        from: "a@practice.example".to_owned(),
        to: vec!["b@practice.example".to_owned()],
        alerts_to: vec![],
    };
    let told = Delivery::Smtp(mail(Tls::Tls)).send(&letter()).await;
    assert!(matches!(told, Err(DeliverError::Refused { .. } | DeliverError::Later { .. })), "{told:?}");
    assert_eq!(*met.lock().expect("a count"), 0, "somebody spoke to it");
}

#[tokio::test]
async fn a_webhook_that_points_elsewhere_is_not_followed_and_its_address_not_told() {
    let other = Server::start(vec![]).await;
    let away = format!("HTTP/1.1 307 Away\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n", other.at);
    let server = Server::start(vec![away.into_bytes()]).await;
    let url = SecretString::from(format!("http://{}/hooks/T0P5ECRET", server.at));
    let webhook = Delivery::Webhook { url, kind: WebhookKind::default() };
    let told = webhook.send(&letter()).await.expect_err("it was not delivered");
    let said = format!("{told} {told:?} {webhook:?}");
    assert!(!said.contains("T0P5ECRET") && !said.contains("127.0.0.1"), "{said}");
    assert_eq!((server.heard().len(), other.heard().len()), (1, 0));
}

#[tokio::test]
async fn tokens_never_travel_in_the_open_but_to_this_very_machine() {
    let shared = Shared::new(Clock::System).expect("a client");
    for base in [
        "http://graph.facebook.com/v25.0",
        "http://127.0.0.1.example/v25.0",
        "http://10.0.0.1/v25.0",
        "ftp://127.0.0.1/",
    ] {
        let outcome = Api::connect(settings(base), &shared).err();
        assert!(matches!(outcome, Some(ConnectError::Insecure { .. })), "{base}: {outcome:?}");
    }
    assert!(Api::connect(settings("http://[::1]:1/v25.0"), &shared).is_ok());
}

#[tokio::test]
async fn where_nobody_listens_or_no_name_is_known_it_is_said_without_the_address() {
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let port = server.local_addr().expect("an address").port();
    drop(server);
    assert_eq!(fault(listing(&api(&format!("http://127.0.0.1:{port}/v25.0")), None).await), Fault::Connect);
    let outcome = fault(listing(&api("https://no-such-host.invalid/v25.0"), None).await);
    assert!(matches!(outcome, Fault::Connect | Fault::TimedOut), "{outcome:?}");
}

#[tokio::test]
async fn packed_answers_are_not_asked_for_and_not_unpacked() {
    // Ten bytes of gzip's header and nothing that could be read: whoever unpacked it would fail in another way.
    let bomb = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0; 100]].concat();
    let server =
        Server::start(vec![answer("content-type: application/json\r\ncontent-encoding: gzip\r\n", &bomb)]).await;
    assert_eq!(fault(listing(&api(&server.base()), None).await), Fault::NotJson { status: 200 });
    let asked = server.heard()[0].to_lowercase();
    assert!(!asked.contains("accept-encoding"), "{asked}");
}

#[tokio::test]
async fn a_link_that_leads_elsewhere_is_told_and_nothing_goes_there() {
    let other = Server::start(vec![]).await;
    let own = Server::start(vec![]).await;
    let (there, here) = (other.at, own.at);
    let links = [
        format!("http://{there}/v25.0/1/feed?until=5&access_token={TOKEN}"),
        format!("https://{here}/v25.0/1/feed?until=5"),
        format!("http://{here}/elsewhere/1/feed?until=5"),
        format!("http://{here}/v25.0evil/1/feed?until=5"),
        format!("http://us:pass@{here}/v25.0/1/feed?until=5"),
        "https://graph.facebook.com.example/v25.0/1/feed?until=5".to_owned(),
        "https://graph.facebook.com:8443/v25.0/1/feed?until=5".to_owned(),
        "http://graph.facebook.com/v25.0/1/feed?until=5".to_owned(),
        "http://169.254.169.254/latest/meta-data?until=5".to_owned(),
        "file:///etc/passwd?until=5".to_owned(),
        "//graph.facebook.com/v25.0/1/feed?until=5".to_owned(),
        "nonsense".to_owned(),
    ];
    for link in links {
        let server = Server::start(vec![json(&format!("{{\"data\":[],\"paging\":{{\"next\":\"{link}\"}}}}"))]).await;
        let answer = listing(&api(&server.base()), None).await.expect("a listing");
        assert_eq!((answer.next.as_deref(), answer.malformed), (None, 1), "{link}");
    }
    assert_eq!((other.heard(), own.heard()), (vec![], vec![]));
}

#[tokio::test]
async fn a_listing_goes_on_at_the_pages_own_address_whatever_its_link_says() {
    let other = Server::start(vec![]).await;
    let link = format!("http://{}/v25.0/1/feed?access_token={TOKEN}&limit=9999&until=5", other.at);
    let first = format!("{{\"data\":[],\"paging\":{{\"cursors\":{{\"after\":\"QVFI\"}},\"next\":\"{link}\"}}}}");
    let server = Server::start(vec![json(&first), json("{\"data\":[]}")]).await;
    let api = api(&server.base());
    let answer = listing(&api, None).await.expect("a listing");
    assert_eq!((answer.next.as_deref(), answer.malformed), (Some("QVFI"), 1));
    listing(&api, answer.next).await.expect("its next page");
    let asked = &server.heard()[1];
    assert!(asked.starts_with("GET /v25.0/1029384756/feed?") && asked.contains("after=QVFI"), "{asked}");
    assert!(!asked.lines().next().is_some_and(|line| line.contains(TOKEN) || line.contains("9999")), "{asked}");
    assert!(other.heard().is_empty());
}

#[tokio::test]
async fn a_cursor_that_looks_like_a_query_brings_no_parameters_of_its_own() {
    let first = "{\"data\":[],\"paging\":{\"cursors\":{\"after\":\"?fields=access_token&after=x\"},\"next\":\"https://graph.facebook.com/v25.0/1/feed\"}}";
    let server = Server::start(vec![json(first), json("{\"data\":[]}")]).await;
    let api = api(&server.base());
    let answer = listing(&api, None).await.expect("a listing");
    listing(&api, answer.next).await.expect("its next page");
    let line = server.heard()[1].lines().next().unwrap_or_default().to_owned();
    assert!(line.contains("after=x") && !line.contains("access_token"), "{line}");
}
