//! A server of canned answers for tests of what goes over the wire. In: answers, in order. Out: the requests it got.
//! Knows nothing of any platform; when its answers run out it closes the connection.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::http::lock;

/// A running server.
pub(super) struct Server {
    pub(super) base: Url,
    got: Arc<Mutex<Vec<Got>>>,
}

/// One request as it came.
#[derive(Clone, Debug)]
pub(super) struct Got {
    /// Method and target of the request line.
    pub(super) line: String,
    /// All header lines, in lower case.
    pub(super) headers: String,
    pub(super) body: String,
}

impl Got {
    /// The request line with its percent escapes undone, for reading.
    pub(super) fn plain(&self) -> String {
        let line = self.line.replace('?', "&");
        url::form_urlencoded::parse(line.as_bytes())
            .map(|(key, value)| if value.is_empty() { key.into_owned() } else { format!("{key}={value}") })
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// A whole answer with this status line, extra header lines and body.
pub(super) fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}")
}

/// A good answer with this JSON.
pub(super) fn json(body: &str) -> String {
    answer("200 OK", "content-type: application/json\r\n", body)
}

impl Server {
    /// Starts on a free port with a path of its own in the base.
    pub(super) async fn start(path: &str, answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let got = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(serve(listener, answers, Arc::clone(&got)));
        Self { base: format!("http://127.0.0.1:{port}{path}").parse().expect("a URL"), got }
    }

    /// What was asked so far.
    pub(super) fn got(&self) -> Vec<Got> {
        lock(&self.got).clone()
    }
}

async fn serve(listener: TcpListener, answers: Vec<String>, got: Arc<Mutex<Vec<Got>>>) {
    for answer in answers {
        let Ok((mut stream, _)) = listener.accept().await else { return };
        let request = read(&mut stream).await;
        lock(&got).push(request);
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.shutdown().await;
    }
}

async fn read(stream: &mut TcpStream) -> Got {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.unwrap_or(0);
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let headers = head.to_ascii_lowercase();
            let length = headers.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
            if body.len() >= length.unwrap_or(0) || count == 0 {
                let line = head.lines().next().unwrap_or_default().to_owned();
                return Got { line, headers, body: body.to_owned() };
            }
        }
        if count == 0 {
            return Got { line: String::new(), headers: String::new(), body: text };
        }
    }
}
