//! Hands a finished digest or alert over: to a mail server, a directory, or an incoming webhook. In: a [`Letter`].
//! Out: how many got it, or an error by what the caller does about it, without addresses, URLs or the server's words.
//! Not here: when to send and when to try again, what it says.

use std::fmt;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};

use super::alert::Message;
use super::render::RenderError;
use super::view::{Digest, Settings};
use super::webhook::{self, Brief, WebhookKind};
use crate::clock::Timestamp;

/// How long a mail server or a webhook may take for one step, in seconds.
const PATIENCE_S: u64 = 30;

/// Where digests and alerts go.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// To a mail server.
    Smtp(MailSettings),
    /// To files of a directory, where no mail server is configured.
    Directory(PathBuf),
    /// To an incoming webhook; its URL is a secret, as whoever has it can write there.
    Webhook {
        /// https, or http on a loopback address.
        url: SecretString,
        /// What it wants to read.
        kind: WebhookKind,
    },
}

/// A mail server and who gets mail.
#[derive(Clone)]
pub struct MailSettings {
    /// Its name; its certificate has to match.
    pub server: String,
    /// Its port; none means what is usual for `tls`: 587, 465, 25.
    pub port: Option<u16>,
    /// How the connection is protected.
    pub tls: Tls,
    /// Who we are to it; none where it asks for nobody.
    pub username: Option<String>,
    /// The password to `username`.
    pub password: Option<SecretString>,
    /// The sender, with or without a name: `Chaperone <chaperone@practice.example>`.
    pub from: String,
    /// Who gets digests.
    pub to: Vec<String>,
    /// Who gets alerts; nobody named means whoever gets digests.
    pub alerts_to: Vec<String>,
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// Begun in the clear, then protected; never carried on without.
    #[default]
    Starttls,
    /// Protected from the first byte.
    Tls,
    /// Not at all; only to this very machine.
    PlainLoopback,
}

/// Addresses and secrets stay out of every log.
impl fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let people = (self.to.len(), self.alerts_to.len());
        write!(f, "MailSettings({:?}, {} and {} recipients)", self.tls, people.0, people.1)
    }
}

/// What sort of letter it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterKind {
    /// Once in a while, to those who read digests.
    Digest,
    /// At once, to those who are told of what cannot wait.
    Alert,
}

/// A finished message.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    kind: LetterKind,
    subject: String,
    text: String,
    html: String,
    json: Option<String>,
    brief: Brief,
    numbers: Vec<i64>,
    sent_at: Timestamp,
    /// Name of its files, without ending.
    stem: String,
    /// Files that go along by mail: their names, what they are, what is in them.
    enclosed: Vec<(String, &'static str, String)>,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Letter({}, {} bytes)", self.stem, self.text.len())
    }
}

impl Letter {
    /// A digest as a letter.
    pub fn digest(digest: &Digest, settings: &Settings, now: Timestamp) -> Result<Self, RenderError> {
        Ok(Self {
            kind: LetterKind::Digest,
            subject: digest.subject.clone(),
            text: digest.to_text(),
            html: digest.to_html()?,
            json: Some(digest.to_json()?),
            brief: digest.brief(),
            numbers: digest.needs.iter().map(|item| item.number).collect(),
            sent_at: now,
            stem: format!("{}-digest", stamp(now, settings)),
            enclosed: Vec::new(),
        })
    }

    /// An alert as a letter.
    pub fn alert(message: &Message, settings: &Settings, now: Timestamp) -> Self {
        let number = message.numbers.first().copied().unwrap_or_default();
        Self {
            kind: LetterKind::Alert,
            subject: message.subject.clone(),
            text: message.text.clone(),
            html: message.html.clone(),
            json: None,
            brief: message.brief.clone(),
            numbers: message.numbers.clone(),
            sent_at: now,
            stem: format!("{}-alert-{number}", stamp(now, settings)),
            enclosed: Vec::new(),
        }
    }
}

/// A paper that goes to people by mail: the whole of it in each form.
#[derive(Clone, Debug)]
pub struct Paper {
    /// The mail's subject.
    pub subject: String,
    /// For those who read text.
    pub text: String,
    /// For everybody else; also enclosed, to be opened in a browser and printed.
    pub html: String,
    /// For a spreadsheet; enclosed.
    pub csv: String,
    /// Name of the files, without ending.
    pub stem: String,
}

impl Letter {
    /// A paper as a letter to those who get digests by these settings.
    pub fn paper(paper: Paper, now: Timestamp) -> Self {
        let Paper { subject, text, html, csv, stem } = paper;
        let enclosed = vec![
            (format!("{stem}.html"), "text/html; charset=utf-8", html.clone()),
            (format!("{stem}.csv"), "text/csv; charset=utf-8", csv),
        ];
        let (json, brief, numbers) = (None, Brief::default(), Vec::new());
        Self { kind: LetterKind::Digest, subject, text, html, json, brief, numbers, sent_at: now, stem, enclosed }
    }

    /// A test alert as a letter: the `nth` of its kind.
    pub fn test(message: &Message, nth: usize, settings: &Settings, now: Timestamp) -> Self {
        Self { stem: format!("{}-alert-test-{nth}", stamp(now, settings)), ..Self::alert(message, settings, now) }
    }

    /// Its subject, for the record of what was sent.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What sort it is.
    pub fn kind(&self) -> LetterKind {
        self.kind
    }
}

/// Local time as it begins a file's name, so that names sort by time.
fn stamp(now: Timestamp, settings: &Settings) -> String {
    now.to_zoned(settings.zone.clone()).strftime("%Y-%m-%d-%H%M").to_string()
}

/// Who got a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// How many got it: recipients, files, or one webhook.
    pub accepted: usize,
    /// How many recipients did not get it while others did; worth a notice.
    pub missed: usize,
}

/// Why a letter was not delivered, by what the caller does about it.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// Try again later.
    #[error("the {receiver} could not take the message now ({why})")]
    Later {
        /// `mail server` or `webhook`.
        receiver: &'static str,
        /// A code or a word of ours.
        why: String,
    },
    /// Trying again is useless until somebody changes something.
    #[error("the {receiver} refused the message ({why})")]
    Refused {
        /// `mail server` or `webhook`.
        receiver: &'static str,
        /// A code or a word of ours.
        why: String,
    },
    /// The settings cannot work; says which and why.
    #[error("the setting {setting} cannot be used: {why}")]
    Setting {
        /// Which setting.
        setting: &'static str,
        /// Why, and what to do.
        why: &'static str,
    },
    /// A file could not be written.
    #[error("could not write into {}", dir.display())]
    File {
        /// The directory.
        dir: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

impl DeliverError {
    /// Whether the same letter may get through later without anybody changing anything.
    pub fn is_worth_repeating(&self) -> bool {
        matches!(self, Self::Later { .. } | Self::File { .. })
    }
}

impl Delivery {
    /// Hands the letter over.
    pub async fn send(&self, letter: &Letter) -> Result<Sent, DeliverError> {
        match self {
            Self::Smtp(settings) => mail(settings, letter).await,
            Self::Directory(dir) => file(dir, letter),
            Self::Webhook { url, kind } => post(url, *kind, letter).await,
        }
    }

    /// Which way this is for letters of this sort, in words, without addresses.
    pub fn name(&self, kind: LetterKind) -> String {
        match self {
            Self::Smtp(settings) => {
                let alerts = kind == LetterKind::Alert && !settings.alerts_to.is_empty();
                let people = if alerts { &settings.alerts_to } else { &settings.to };
                format!("mail to {}", super::view::counted(people.len() as u64, "address", "addresses"))
            }
            Self::Directory(dir) => format!("files in {}", dir.display()),
            Self::Webhook { kind, .. } => match kind {
                WebhookKind::Plain => "webhook".into(),
                WebhookKind::Slack => "Slack webhook".into(),
                WebhookKind::Teams => "Teams webhook".into(),
            },
        }
    }

    /// What is wrong with the settings, before anything is sent.
    pub fn check(&self) -> Result<(), DeliverError> {
        match self {
            Self::Smtp(settings) => {
                mailbox("mail.from", &settings.from)?;
                for (setting, addresses) in [("mail.to", &settings.to), ("mail.alerts_to", &settings.alerts_to)] {
                    for address in addresses {
                        mailbox(setting, address)?;
                    }
                }
                transport(settings).map(|_| ())
            }
            Self::Directory(_) => Ok(()),
            Self::Webhook { url, .. } => webhook_url(url).map(|_| ()),
        }
    }
}

/// One message, handed over once for each recipient: a refused address must not keep it from the others.
async fn mail(settings: &MailSettings, letter: &Letter) -> Result<Sent, DeliverError> {
    let alerts = letter.kind == LetterKind::Alert && !settings.alerts_to.is_empty();
    let (setting, addresses) = if alerts { ("mail.alerts_to", &settings.alerts_to) } else { ("mail.to", &settings.to) };
    let from = mailbox("mail.from", &settings.from)?;
    let to = addresses.iter().map(|address| mailbox(setting, address)).collect::<Result<Vec<Mailbox>, _>>()?;
    if to.is_empty() {
        return Err(DeliverError::Setting { setting, why: "it names nobody; add an address" });
    }
    let message = compose(letter, &from, &to)?.formatted();
    let transport = transport(settings)?;
    let (mut sent, mut failure) = (Sent { accepted: 0, missed: 0 }, None);
    for recipient in to {
        let envelope = Envelope::new(Some(from.email.clone()), vec![recipient.email])
            .map_err(|_| DeliverError::Setting { setting, why: "it is not a mail address" })?;
        match transport.send_raw(&envelope, &message).await {
            Ok(_) => sent.accepted += 1,
            Err(error) => {
                let error = smtp_error(&error);
                if error.is_worth_repeating() && sent.accepted == 0 {
                    // Nobody has it yet: all of it can be tried again without anybody getting it twice.
                    return Err(error);
                }
                sent.missed += 1;
                failure = Some(error);
            }
        }
    }
    match failure {
        // Some have it: sending it to all again would do more harm than the one who waits for the next.
        Some(error) if sent.accepted == 0 => Err(error),
        _ => Ok(sent),
    }
}

fn mailbox(setting: &'static str, address: &str) -> Result<Mailbox, DeliverError> {
    address.parse().map_err(|_| DeliverError::Setting { setting, why: "it is not a mail address" })
}

fn compose(letter: &Letter, from: &Mailbox, to: &[Mailbox]) -> Result<lettre::Message, DeliverError> {
    let raw =
        |name: &'static str, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
    let mut builder = lettre::Message::builder()
        .from(from.clone())
        .subject(letter.subject.as_str())
        .date(SystemTime::from(letter.sent_at))
        .message_id(Some(message_id(from.email.domain())))
        // Nobody's holiday notice is to answer a machine (RFC 3834); Exchange wants to be told in its own words.
        .raw_header(raw("Auto-Submitted", "auto-generated"))
        .raw_header(raw("X-Auto-Response-Suppress", "All"));
    if letter.kind == LetterKind::Alert {
        builder = builder.raw_header(raw("Importance", "high")).raw_header(raw("X-Priority", "1"));
    }
    for recipient in to {
        builder = builder.to(recipient.clone());
    }
    let mut parts = MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone());
    for (name, kind, content) in &letter.enclosed {
        let kind = ContentType::parse(kind)
            .map_err(|_| DeliverError::Setting { setting: "mail.from", why: "no message can be made with it" })?;
        let file = Attachment::new(name.clone()).body(content.clone(), kind);
        parts = MultiPart::mixed().multipart(parts).singlepart(file);
    }
    builder
        .multipart(parts)
        .map_err(|_| DeliverError::Setting { setting: "mail.from", why: "no message can be made with it" })
}

/// Unguessable, and under the sender's own domain instead of this machine's name.
fn message_id(domain: &str) -> String {
    let mut random = [0u8; 16];
    // Without randomness an id of noughts is still a valid header; the mail matters more than its id.
    let _ = getrandom::fill(&mut random);
    format!("<{:032x}@{domain}>", u128::from_be_bytes(random))
}

fn transport(settings: &MailSettings) -> Result<AsyncSmtpTransport<Tokio1Executor>, DeliverError> {
    let bad_server = |_| DeliverError::Setting { setting: "mail.server", why: "it is not a server's name" };
    let mut builder = match settings.tls {
        Tls::Starttls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&settings.server).map_err(bad_server)?,
        Tls::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&settings.server).map_err(bad_server)?,
        Tls::PlainLoopback if is_loopback(&settings.server) => {
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.server)
        }
        Tls::PlainLoopback => {
            return Err(DeliverError::Setting {
                setting: "mail.tls",
                why: "mail leaves this machine only protected; use \"starttls\" or \"tls\"",
            });
        }
    };
    if let Some(port) = settings.port {
        builder = builder.port(port);
    }
    builder = match (&settings.username, &settings.password) {
        (None, None) => builder,
        (Some(name), Some(password)) => {
            builder.credentials(Credentials::new(name.clone(), password.expose_secret().to_owned()))
        }
        (Some(_), None) => {
            return Err(DeliverError::Setting { setting: "mail.password", why: "a username needs a password" });
        }
        (None, Some(_)) => {
            return Err(DeliverError::Setting { setting: "mail.username", why: "a password needs a username" });
        }
    };
    Ok(builder.timeout(Some(Duration::from_secs(PATIENCE_S))).build())
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A mail server's words name addresses; its code says enough.
fn smtp_error(error: &lettre::transport::smtp::Error) -> DeliverError {
    let receiver = "mail server";
    match error.status() {
        Some(code) if error.is_permanent() => DeliverError::Refused { receiver, why: format!("code {code}") },
        Some(code) => DeliverError::Later { receiver, why: format!("code {code}") },
        None if error.is_tls() => DeliverError::Refused { receiver, why: "no protected connection".into() },
        None if error.is_client() => {
            DeliverError::Refused { receiver, why: "it offers no way to sign in that we know".into() }
        }
        None if error.is_timeout() => DeliverError::Later { receiver, why: "no answer in time".into() },
        None => DeliverError::Later { receiver, why: "no connection".into() },
    }
}

/// Files for people and programs, each complete or absent, for nobody else's eyes. A few small files are written on the
/// spot: a thread for them would be kept for nothing.
fn file(dir: &Path, letter: &Letter) -> Result<Sent, DeliverError> {
    let written = write_all(dir, letter);
    written
        .map(|accepted| Sent { accepted, missed: 0 })
        .map_err(|source| DeliverError::File { dir: dir.to_owned(), source })
}

fn write_all(dir: &Path, letter: &Letter) -> io::Result<usize> {
    private_dir(dir)?;
    let forms = [("html", Some(&letter.html)), ("json", letter.json.as_ref()), ("txt", Some(&letter.text))];
    let mut written = 0;
    for (ending, content) in forms {
        let Some(content) = content else { continue };
        // Made readable by the owner alone, and renamed only when it is whole.
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        file.write_all(content.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(dir.join(format!("{}.{ending}", letter.stem))).map_err(|error| error.error)?;
        written += 1;
    }
    Ok(written)
}

fn private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

async fn post(url: &SecretString, kind: WebhookKind, letter: &Letter) -> Result<Sent, DeliverError> {
    let url = webhook_url(url)?;
    let client = webhook_client(&url)?;
    let body = webhook::body(kind, &letter.subject, &letter.brief, &letter.numbers);
    let receiver = "webhook";
    // reqwest's errors print the URL, which is the secret; none of them is passed on.
    let answer = client.post(url).json(&body).send().await.map_err(|error| DeliverError::Later {
        receiver,
        why: if error.is_timeout() { "no answer in time".into() } else { "no connection".into() },
    })?;
    let status = answer.status();
    if status.is_success() {
        Ok(Sent { accepted: 1, missed: 0 })
    } else if status.is_server_error() || matches!(status.as_u16(), 408 | 429) {
        Err(DeliverError::Later { receiver, why: format!("status {}", status.as_u16()) })
    } else {
        Err(DeliverError::Refused { receiver, why: format!("status {}", status.as_u16()) })
    }
}

fn webhook_url(url: &SecretString) -> Result<url::Url, DeliverError> {
    let setting = "alerts.webhook_url";
    let url = url::Url::parse(url.expose_secret().trim())
        .map_err(|_| DeliverError::Setting { setting, why: "it is not a web address" })?;
    let loopback = url.host_str().is_some_and(is_loopback);
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        _ => Err(DeliverError::Setting { setting, why: "it has to begin with https" }),
    }
}

/// A client of its own: it follows nobody elsewhere with a message, and shares no budget with the platforms'.
fn webhook_client(url: &url::Url) -> Result<reqwest::Client, DeliverError> {
    let unusable = || DeliverError::Later { receiver: "webhook", why: "no client for it could be made".into() };
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| unusable())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("chaperone/", env!("CARGO_PKG_VERSION")))
        .timeout(Duration::from_secs(PATIENCE_S));
    if url.scheme() == "http" {
        // A proxy cannot reach this machine's own loopback.
        builder = builder.no_proxy();
    }
    builder.build().map_err(|_| unusable())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::digest::{alert, specimen};

    fn digest_letter() -> Letter {
        let (period, settings) = (specimen::period(), specimen::settings());
        Letter::digest(&Digest::build(&period, &settings), &settings, period.to).expect("rendered")
    }

    fn alert_letter() -> Letter {
        let (period, settings) = (specimen::period(), specimen::settings());
        let waiting = [alert::Waiting { incident: &period.incidents[6], told_before: 0 }];
        let messages = alert::compose(&waiting, &settings, period.to).expect("rendered");
        Letter::alert(&messages[0], &settings, period.to)
    }

    fn mail_to(port: u16, to: &[&str]) -> MailSettings {
        MailSettings {
            server: "127.0.0.1".into(),
            port: Some(port),
            tls: Tls::PlainLoopback,
            username: None,
            password: None,
            from: "Chaperone <chaperone@alderbrook.example>".into(),
            to: to.iter().map(|address| (*address).to_owned()).collect(),
            alerts_to: vec!["duty@alderbrook.example".into()],
        }
    }

    /// A mail server that takes `letters` of them, refuses everybody called `gone`, and keeps what it was told.
    async fn mail_server(listener: TcpListener, letters: usize) -> String {
        let mut told = String::new();
        for _ in 0..letters {
            let (stream, _) = listener.accept().await.expect("a client");
            converse(stream, &mut told).await;
        }
        told
    }

    async fn converse(stream: TcpStream, told: &mut String) {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 ready\r\n").await.expect("written");
        let (mut line, mut in_data) = (String::new(), false);
        while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
            told.push_str(&line);
            let answer = match line.trim_end() {
                "." if in_data => {
                    in_data = false;
                    "250 taken\r\n"
                }
                _ if in_data => "",
                "DATA" => {
                    in_data = true;
                    "354 go on\r\n"
                }
                "QUIT" => "221 bye\r\n",
                rcpt if rcpt.starts_with("RCPT TO:<gone@") => "550 nobody called gone@alderbrook.example here\r\n",
                _ => "250 fine\r\n",
            };
            stream.write_all(answer.as_bytes()).await.expect("written");
            line.clear();
        }
    }

    async fn listen() -> (TcpListener, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        (listener, port)
    }

    #[tokio::test]
    async fn a_digest_goes_by_mail_as_text_and_html_and_says_that_a_machine_wrote_it() {
        let (listener, port) = listen().await;
        let server = tokio::spawn(mail_server(listener, 2));
        let settings = mail_to(port, &["a@alderbrook.example", "Bea <b@alderbrook.example>"]);
        let sent = Delivery::Smtp(settings).send(&digest_letter()).await.expect("sent");
        assert_eq!(sent, Sent { accepted: 2, missed: 0 });
        let told = server.await.expect("served");
        for want in [
            "RCPT TO:<a@alderbrook.example>",
            "RCPT TO:<b@alderbrook.example>",
            "Auto-Submitted: auto-generated",
            "Date: Fri, 20 Nov 2026 07:30:00 +0000",
            "@alderbrook.example>\r\n",
            "Content-Type: multipart/alternative",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Type: text/html; charset=utf-8",
            "Subject: Alderbrook Surgery: 1 page NOT READ, 7 need you",
        ] {
            assert!(told.contains(want), "{want} in {told}");
        }
        assert!(told.contains("Message-ID: <") && !told.contains("duty@"));
    }

    #[tokio::test]
    async fn a_paper_goes_with_its_files_enclosed() {
        let (listener, port) = listen().await;
        let server = tokio::spawn(mail_server(listener, 1));
        let paper = Paper {
            subject: "Alderbrook Surgery: October 2026".into(),
            text: "Text".into(),
            html: "<p>HTML</p>".into(),
            csv: "\u{feff}a,b\r\n".into(),
            stem: "report-2026-10".into(),
        };
        let letter = Letter::paper(paper, specimen::period().to);
        Delivery::Smtp(mail_to(port, &["manager@alderbrook.example"])).send(&letter).await.expect("sent");
        let told = server.await.expect("served");
        for want in [
            "multipart/mixed",
            "multipart/alternative",
            "filename=\"report-2026-10.csv\"",
            "filename=\"report-2026-10.html\"",
        ] {
            assert!(told.contains(want), "{want} in {told}");
        }
        assert!(told.contains("RCPT TO:<manager@") && !told.contains("duty@"));
    }

    #[tokio::test]
    async fn an_alert_goes_to_those_on_duty_and_is_marked_as_important() {
        let (listener, port) = listen().await;
        let server = tokio::spawn(mail_server(listener, 1));
        Delivery::Smtp(mail_to(port, &["a@alderbrook.example"])).send(&alert_letter()).await.expect("sent");
        let told = server.await.expect("served");
        assert!(told.contains("RCPT TO:<duty@alderbrook.example>") && !told.contains("RCPT TO:<a@"));
        assert!(told.contains("Importance: high"));
    }

    #[tokio::test]
    async fn a_refused_recipient_keeps_the_letter_from_nobody_else() {
        let (listener, port) = listen().await;
        tokio::spawn(mail_server(listener, 2));
        let settings = mail_to(port, &["gone@alderbrook.example", "a@alderbrook.example"]);
        let sent = Delivery::Smtp(settings).send(&digest_letter()).await.expect("sent");
        assert_eq!(sent, Sent { accepted: 1, missed: 1 });
    }

    #[tokio::test]
    async fn an_error_names_no_address_even_where_the_server_does() {
        let (listener, port) = listen().await;
        tokio::spawn(mail_server(listener, 1));
        let settings = mail_to(port, &["gone@alderbrook.example"]);
        let error = Delivery::Smtp(settings).send(&digest_letter()).await.expect_err("refused");
        assert_eq!(error.to_string(), "the mail server refused the message (code 550)");
        assert!(!error.is_worth_repeating() && !format!("{error:?}").contains("gone"));
    }

    #[tokio::test]
    async fn a_mail_server_without_starttls_gets_nothing() {
        let (listener, port) = listen().await;
        let server = tokio::spawn(mail_server(listener, 1));
        let settings =
            MailSettings { tls: Tls::Starttls, server: "localhost".into(), ..mail_to(port, &["a@b.example"]) };
        let error = Delivery::Smtp(settings).send(&digest_letter()).await.expect_err("refused");
        assert!(!server.await.expect("served").contains("MAIL FROM"), "{error}");
    }

    #[tokio::test]
    async fn a_mail_server_that_is_away_is_tried_again_later() {
        let (listener, port) = listen().await;
        drop(listener);
        let error =
            Delivery::Smtp(mail_to(port, &["a@b.example"])).send(&digest_letter()).await.expect_err("nobody there");
        assert!(error.is_worth_repeating(), "{error}");
    }

    #[track_caller]
    fn check_setting(change: impl FnOnce(&mut MailSettings), want: &str) {
        let mut settings = mail_to(25, &["a@b.example"]);
        change(&mut settings);
        let told = Delivery::Smtp(settings).check().map_or_else(|error| error.to_string(), |()| "fine".into());
        assert_eq!(told, want);
    }

    #[test]
    fn settings_that_cannot_work_are_found_before_anything_is_sent() {
        check_setting(|_| {}, "fine");
        check_setting(|s| s.from = "nobody".into(), "the setting mail.from cannot be used: it is not a mail address");
        check_setting(|s| s.to.push("x".into()), "the setting mail.to cannot be used: it is not a mail address");
        check_setting(
            |s| s.server = "mail.example".into(),
            "the setting mail.tls cannot be used: mail leaves this machine only protected; use \"starttls\" or \"tls\"",
        );
        check_setting(
            |s| s.username = Some("u".into()),
            "the setting mail.password cannot be used: a username needs a password",
        );
    }

    #[tokio::test]
    async fn without_a_mail_server_a_digest_becomes_three_files_for_its_owner_alone() {
        let dir = tempfile::tempdir().expect("a directory");
        let out = dir.path().join("digests");
        let delivery = Delivery::Directory(out.clone());
        assert_eq!(delivery.send(&digest_letter()).await.expect("written"), Sent { accepted: 3, missed: 0 });
        delivery.send(&digest_letter()).await.expect("written again, over the first");
        let mut names: Vec<String> = std::fs::read_dir(&out)
            .expect("a directory")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        assert_eq!(names, ["2026-11-20-0730-digest.html", "2026-11-20-0730-digest.json", "2026-11-20-0730-digest.txt"]);
        let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(&out), mode(&out.join(&names[0]))), (0o700, 0o600));
    }

    #[tokio::test]
    async fn a_directory_that_cannot_be_written_is_named() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let error = Delivery::Directory(file.path().into()).send(&alert_letter()).await.expect_err("not a directory");
        assert_eq!(error.to_string(), format!("could not write into {}", file.path().display()));
    }

    /// Answers one request with this head, and says what it was asked.
    async fn web_server(listener: TcpListener, head: &'static str) -> String {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let (mut asked, mut buffer) = (Vec::new(), [0u8; 4096]);
        while !String::from_utf8_lossy(&asked).trim_end().ends_with('}') {
            let read = stream.read(&mut buffer).await.expect("read");
            asked.extend_from_slice(&buffer[..read]);
            if read == 0 {
                break;
            }
        }
        stream.write_all(head.as_bytes()).await.expect("written");
        String::from_utf8_lossy(&asked).into_owned()
    }

    async fn post(head: &'static str) -> (String, Result<Sent, DeliverError>) {
        let (listener, port) = listen().await;
        let server = tokio::spawn(web_server(listener, head));
        let url = SecretString::from(format!("http://127.0.0.1:{port}/hook/s3cret"));
        let result = Delivery::Webhook { url, kind: WebhookKind::Slack }.send(&alert_letter()).await;
        (server.await.expect("served"), result)
    }

    #[tokio::test]
    async fn a_webhook_is_posted_to_once_and_not_followed_elsewhere() {
        let (asked, result) = post("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        assert_eq!(result.expect("sent"), Sent { accepted: 1, missed: 0 });
        assert!(asked.starts_with("POST /hook/s3cret") && asked.contains("\"blocks\":["), "{asked}");
        let (_, result) =
            post("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n").await;
        let error = result.expect_err("not followed");
        assert_eq!(error.to_string(), "the webhook refused the message (status 302)");
        let (_, result) = post("HTTP/1.1 429 Slow down\r\ncontent-length: 0\r\n\r\n").await;
        assert!(result.expect_err("throttled").is_worth_repeating());
    }

    #[tokio::test]
    async fn a_webhooks_url_is_never_told() {
        let (listener, port) = listen().await;
        drop(listener);
        let url = SecretString::from(format!("http://127.0.0.1:{port}/hook/s3cret"));
        let delivery = Delivery::Webhook { url, kind: WebhookKind::Teams };
        let error = delivery.send(&alert_letter()).await.expect_err("nobody there");
        assert!(!format!("{error} {error:?} {delivery:?}").contains("s3cret"));
        assert!(error.is_worth_repeating());
    }

    #[test]
    fn a_webhook_off_this_machine_has_to_be_https() {
        let check = |url: &str| webhook_url(&SecretString::from(url.to_owned())).is_ok();
        assert!(check("https://hooks.example/x") && check("http://127.0.0.1:9/x") && check("http://[::1]:9/x"));
        assert!(!check("http://hooks.example/x") && !check("http://127.0.0.1.example/x") && !check("file:///x"));
    }
}
