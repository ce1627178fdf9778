//! What comes over the wire and what goes back. In: a request as any client may write it (query, form or JSON body).
//! Out: an [`Ask`] with its parameters in one list, and a [`Reply`] with the bytes of the answer.
//! Absent: sockets; the server module turns these into HTTP.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// Stands in a text for half a surrogate pair, which no Rust string can hold; written as `\ud83d`.
pub(super) const HALF_PAIR: char = '\u{F8F0}';

/// One request, as far as the platforms look at it.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// The method, upper case.
    pub method: String,
    /// The path, without host and query.
    pub path: String,
    /// The query, decoded, in its order.
    pub query: Vec<(String, String)>,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Ask {
    /// A request for a target such as `/v25.0/me?fields=id`.
    pub fn new(method: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            query: decode_form(query.as_bytes()),
            ..Self::default()
        }
    }

    /// The same with one header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// The same with a form body.
    #[must_use]
    pub fn form(mut self, body: &str) -> Self {
        self.body = body.as_bytes().to_vec();
        self.header("content-type", "application/x-www-form-urlencoded")
    }

    /// The same with a JSON body.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into_bytes();
        self.header("content-type", "application/json")
    }

    /// A header's value.
    pub fn header_value(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Query and body in one list; a body's value stands after the query's of the same name and so wins.
    pub(super) fn params(&self) -> Params {
        let mut all = self.query.clone();
        let kind = self.header_value("content-type").unwrap_or_default();
        if kind.starts_with("application/json") {
            if let Ok(Value::Object(fields)) = serde_json::from_slice::<Value>(&self.body) {
                all.extend(fields.into_iter().map(|(key, value)| (key, loose_text(&value))));
            }
        } else if kind.is_empty() || kind.starts_with("application/x-www-form-urlencoded") {
            all.extend(decode_form(&self.body));
        }
        Params(all)
    }

    /// The address that the client used, for the links in answers.
    pub(super) fn base(&self) -> String {
        format!("http://{}", self.header_value("host").unwrap_or("127.0.0.1"))
    }
}

/// Named parameters of a request; the last of a name counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Params(pub(super) Vec<(String, String)>);

impl Params {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name)? {
            "true" | "1" | "True" => Some(true),
            "false" | "0" | "False" => Some(false),
            _ => None,
        }
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }
}

/// What the client gets to see of its request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// An HTTP answer.
    Answer(Answer),
    /// Nothing: the connection is closed without a byte.
    HangUp,
}

impl Reply {
    /// The answer's body as JSON, if there is one and it is JSON.
    pub fn value(&self) -> Option<Value> {
        match self {
            Self::Answer(answer) => serde_json::from_slice(&answer.body).ok(),
            Self::HangUp => None,
        }
    }
}

/// An HTTP answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Answer {
    /// The page of a gateway that never reached the platform.
    pub(super) fn html(status: u16) -> Self {
        let body = format!("<html><head><title>{status}</title></head><body><h1>{status} sorry</h1></body></html>");
        Self {
            status,
            headers: vec![("content-type".into(), "text/html; charset=utf-8".into())],
            body: body.into_bytes(),
        }
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Writes JSON as the Graph API does: `\/`, and `\u` and four hex digits for all that is not ASCII (facebook.md section 1).
pub(super) fn graph_json(value: &Value) -> String {
    let mut out = String::new();
    write_graph(value, &mut out);
    out
}

/// Writes JSON as TikTok does: plain UTF-8.
pub(super) fn plain_json(value: &Value) -> String {
    value.to_string().replace(HALF_PAIR, "\\ud83d")
}

/// An id as a bare number, for the answers that carry ids so; text when it is none.
pub(super) fn bare_number(id: &str) -> Value {
    id.parse::<u64>().map_or_else(|_| json!(id), Value::from)
}

fn write_graph(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_graph(item, out);
            }
            out.push(']');
        }
        Value::Object(fields) => write_object(fields, out),
        other => out.push_str(&other.to_string()),
    }
}

fn write_object(fields: &Map<String, Value>, out: &mut String) {
    out.push('{');
    for (at, (key, value)) in fields.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_text(key, out);
        out.push(':');
        write_graph(value, out);
    }
    out.push('}');
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\n' => out.push_str("\\n"),
            HALF_PAIR => out.push_str("\\ud83d"),
            ' '..='~' => out.push(letter),
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The pairs of a query or form.
pub(super) fn decode_form(bytes: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(bytes).map(|(key, value)| (key.into_owned(), value.into_owned())).collect()
}

fn loose_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graph_bodies_escape_slashes_and_everything_beyond_ascii_and_read_back_the_same() {
        let value = json!({"u": "https://x/é", "m": "cross \u{1F621} – \"quoted\"\u{0}", "n": [1, true]});
        let text = graph_json(&value);
        assert!(
            text.is_ascii() && text.contains("https:\\/\\/x\\/\\u00e9") && text.contains("\\ud83d\\ude21"),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), value);
    }

    #[test]
    fn half_a_pair_goes_out_as_an_escape_that_strict_readers_refuse() {
        let text = graph_json(&json!({"m": format!("a{HALF_PAIR}")}));
        assert!(text.contains("\\ud83d\""), "{text}");
        assert!(serde_json::from_str::<Value>(&text).is_err());
    }

    #[test]
    fn query_form_and_json_bodies_are_one_list_of_parameters() {
        let query = Ask::new("post", "/v25.0/1_2?is_hidden=true&x=a%2Cb");
        assert_eq!((query.method.as_str(), query.params().flag("is_hidden")), ("POST", Some(true)));
        assert_eq!(query.params().get("x"), Some("a,b"));
        assert_eq!(
            Ask::new("POST", "/x?is_hidden=false").form("is_hidden=true").params().flag("is_hidden"),
            Some(true)
        );
        let json = Ask::new("POST", "/x").json(&json!({"is_hidden": true, "user": ["1"]}));
        assert_eq!((json.params().flag("is_hidden"), json.params().get("user")), (Some(true), Some("[\"1\"]")));
    }
}
