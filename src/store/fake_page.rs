//! One Facebook page behind a real socket, as small as the executor and the poller need it: posts, comments, and faults
//! on demand. In: requests. Out: answers in Graph's shape, and a list of what was asked. Not a simulator; that is `sim`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::platform::{Api, Settings, http};

/// How one write goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It takes effect, and the connection breaks before the answer.
    LostAnswer,
    /// It answers with success and does nothing.
    Lie,
    /// It answers with this error code and does nothing.
    Code(i64),
}

#[derive(Clone, Debug)]
pub(crate) struct FakeComment {
    pub(crate) text: String,
    pub(crate) hidden: bool,
    pub(crate) by: &'static str,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    /// Comments of the one post, by the last part of their id.
    pub(crate) comments: BTreeMap<String, FakeComment>,
    /// The next writes go wrong like this.
    pub(crate) writes: VecDeque<Fault>,
    /// Every read answers with this error code.
    pub(crate) refuse_reads: Option<i64>,
    /// Method and path of every request.
    pub(crate) asked: Vec<String>,
}

#[derive(Clone)]
pub(crate) struct FakePage {
    pub(crate) base: url::Url,
    state: Arc<Mutex<State>>,
}

impl FakePage {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let page =
            Self { base: format!("http://127.0.0.1:{port}/v25.0").parse().expect("a URL"), state: Arc::default() };
        let served = page.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                served.serve(stream).await;
            }
        });
        page
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn say(&self, id: &str, by: &'static str, text: &str) {
        let comment = FakeComment { text: text.to_owned(), hidden: false, by };
        self.state().comments.insert(id.to_owned(), comment);
    }

    /// Requests that change something, so far.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.state().asked.iter().filter(|line| !line.starts_with("GET")).cloned().collect()
    }

    pub(crate) fn api(&self) -> Arc<Api> {
        let settings = Settings {
            key: super::tests::page(),
            api_base: self.base.clone(),
            token: Some("token".into()),
            app_secret: None,
            app_id: None,
            refresh_token: None,
            state_dir: None,
        };
        let shared = http::Shared::new(crate::clock::Clock::System).expect("a client");
        Arc::new(Api::connect(settings, &shared).expect("connects"))
    }

    async fn serve(&self, mut stream: TcpStream) {
        let (line, body) = read(&mut stream).await;
        let answer = self.answer(&line, &body);
        if let Some((status, body)) = answer {
            let body = body.to_string();
            let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n");
            let _ = stream.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await;
        }
        let _ = stream.shutdown().await;
    }

    /// `None` breaks the connection.
    fn answer(&self, line: &str, body: &str) -> Option<(&'static str, Value)> {
        let mut words = line.split([' ', '?']);
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let path = path.trim_start_matches("/v25.0/");
        let mut state = self.state();
        state.asked.push(format!("{method} {path}"));
        let id = path.rsplit('_').next().unwrap_or_default().to_owned();
        if method == "GET" {
            return Some(match state.refuse_reads {
                Some(code) => refusal(code),
                None => get(&state, path, &id),
            });
        }
        let fault = state.writes.pop_front();
        if let Some(Fault::Code(code)) = fault {
            return Some(refusal(code));
        }
        if fault != Some(Fault::Lie) {
            match (method, body) {
                ("DELETE", _) => drop(state.comments.remove(&id)),
                ("POST", body) => {
                    let hidden = body.contains("is_hidden=true");
                    if let Some(comment) = state.comments.get_mut(&id) {
                        comment.hidden = hidden;
                    }
                }
                _ => {}
            }
        }
        (fault != Some(Fault::LostAnswer)).then(|| ("200 OK", json!({ "success": true })))
    }
}

fn get(state: &State, path: &str, id: &str) -> (&'static str, Value) {
    let rows: Vec<Value> = state.comments.iter().rev().map(|(id, comment)| row(id, comment)).collect();
    let own = super::tests::page().id.to_string();
    let body = match path {
        path if path.ends_with("/feed") => json!({ "data": [{
            "id": format!("{own}_p1"), "created_time": "2026-11-01T08:00:00+0000", "message": "Flu clinics",
            "permalink_url": "https://example.org/p1", "from": { "id": own, "name": "Elmfield Surgery" },
            "comments": { "data": rows, "summary":
                { "order": "reverse_chronological", "total_count": rows.len(), "can_comment": true } },
        }] }),
        path if path.ends_with("/video_reels") => json!({ "data": [] }),
        path if path == own => json!({ "id": own, "name": "Elmfield Surgery" }),
        path if path.ends_with("p1") => json!({ "id": format!("{own}_p1") }),
        _ => match state.comments.get(id) {
            Some(comment) => row(id, comment),
            None => return refusal(100),
        },
    };
    ("200 OK", body)
}

fn row(id: &str, comment: &FakeComment) -> Value {
    json!({
        "id": format!("p1_{id}"), "message": comment.text, "created_time": "2026-11-02T07:00:00+0000",
        "from": { "id": comment.by, "name": "Somebody" }, "is_hidden": comment.hidden, "can_hide": true,
        "can_remove": true,
    })
}

fn refusal(code: i64) -> (&'static str, Value) {
    let subcode = if code == 100 { 33 } else { 0 };
    let error = json!({ "message": "no", "type": "OAuthException", "code": code, "error_subcode": subcode });
    ("400 Bad Request", json!({ "error": error }))
}

async fn read(stream: &mut TcpStream) -> (String, String) {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.unwrap_or(0);
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let length = head
            .to_ascii_lowercase()
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.lines().next()?.parse().ok());
        if count == 0 || (text.contains("\r\n\r\n") && body.len() >= length.unwrap_or(0)) {
            return (head.lines().next().unwrap_or_default().to_owned(), body.to_owned());
        }
    }
}
