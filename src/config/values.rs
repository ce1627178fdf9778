//! From a value as it was written to what it means. In: one [`Raw`] value. Out: a typed setting, or what is wrong with it
//! and how to write it rightly. Not here: where it stands; files and directories; anything secret.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;

use config::ValueKind;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use url::{Host, Url};

use super::Hours;
use super::read::{Raw, Wrong};
use crate::lexicon::complaint::did_you_mean;

/// The days of the week as `[digest] days` names them.
pub(super) const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// A text with something in it.
pub(super) fn text(raw: &Raw<'_>) -> Result<String, Wrong> {
    match raw.kind {
        ValueKind::String(text) if text.trim().is_empty() => {
            Err(Wrong::new("is empty", "write something between the quotes, or put a # before the line"))
        }
        ValueKind::String(text) => Ok(text.trim().to_owned()),
        ValueKind::I64(number) => Err(Wrong::new(
            format!("{number} is a number, and a text is expected"),
            format!("put it in quotes: \"{number}\""),
        )),
        other => Err(unexpected(other, "a text in double quotes")),
    }
}

/// A list of texts; one text from the environment is a list with commas.
pub(super) fn texts(raw: &Raw<'_>) -> Result<Vec<String>, Wrong> {
    match raw.kind {
        ValueKind::String(list) if raw.from_env => {
            Ok(list.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
        }
        ValueKind::Array(items) => items.iter().map(|item| text(&Raw { kind: &item.kind, from_env: false })).collect(),
        ValueKind::String(one) => {
            Err(Wrong::new("is one text, and a list is expected", format!("put it in brackets: [\"{}\"]", one.trim())))
        }
        other => Err(unexpected(other, "a list of texts, such as [\"one\", \"two\"]")),
    }
}

/// `true` or `false`.
pub(super) fn flag(raw: &Raw<'_>) -> Result<bool, Wrong> {
    match raw.kind {
        ValueKind::Boolean(flag) => Ok(*flag),
        ValueKind::String(word) if raw.from_env && word.eq_ignore_ascii_case("true") => Ok(true),
        ValueKind::String(word) if raw.from_env && word.eq_ignore_ascii_case("false") => Ok(false),
        other => Err(unexpected(other, "true or false, without quotes")),
    }
}

/// A whole number from 1 up to `most`.
pub(super) fn from_one_to(most: u32) -> impl Fn(&Raw<'_>) -> Result<NonZeroU32, Wrong> {
    move |raw| {
        let number = whole(raw)?;
        let fits = u32::try_from(number).ok().filter(|number| *number <= most).and_then(NonZeroU32::new);
        fits.ok_or_else(|| {
            Wrong::new(format!("{number} is out of range"), format!("write a whole number from 1 to {most}"))
        })
    }
}

/// A whole number from 1 up, or "none" for no limit at all. Zero is refused: it would read as either.
pub(super) fn limit(raw: &Raw<'_>) -> Result<Option<NonZeroU32>, Wrong> {
    if matches!(raw.kind, ValueKind::String(word) if word == "none") {
        return Ok(None);
    }
    from_one_to(1_000_000)(raw).map(Some).map_err(|wrong| {
        Wrong::new(
            wrong.what,
            "write a whole number from 1, or \"none\" for no limit; to act on nothing, use mode = \"observe\"",
        )
    })
}

/// One of a few words.
pub(super) fn one_of<T: Copy>(known: &[(&str, T)]) -> impl Fn(&Raw<'_>) -> Result<T, Wrong> {
    move |raw| word_of(&text(raw)?, known)
}

/// Several of a few words, at least one.
pub(super) fn some_of<T: Copy>(known: &[(&str, T)]) -> impl Fn(&Raw<'_>) -> Result<Vec<T>, Wrong> {
    move |raw| {
        let words = texts(raw)?;
        if words.is_empty() {
            return Err(Wrong::new("is an empty list", format!("write at least one of {}", names(known))));
        }
        words.iter().map(|word| word_of(word, known)).collect()
    }
}

/// Several of a few words, or none.
pub(super) fn any_of<T: Copy>(known: &[(&str, T)]) -> impl Fn(&Raw<'_>) -> Result<Vec<T>, Wrong> {
    move |raw| texts(raw)?.iter().map(|word| word_of(word, known)).collect()
}

/// A time zone by its IANA name.
pub(super) fn timezone(raw: &Raw<'_>) -> Result<TimeZone, Wrong> {
    let name = text(raw)?;
    TimeZone::get(&name).map_err(|_| {
        Wrong::new(format!("\"{name}\" is not a time zone"), "write it as \"Europe/London\", with a slash")
    })
}

/// Times of day, at least one.
pub(super) fn times(raw: &Raw<'_>) -> Result<Vec<Time>, Wrong> {
    let mut times = texts(raw)?.iter().map(|time| time_of(time)).collect::<Result<Vec<_>, _>>()?;
    if times.is_empty() {
        return Err(Wrong::new("is an empty list", "write at least one time, such as [\"07:30\"]"));
    }
    times.sort();
    times.dedup();
    Ok(times)
}

/// Two times of day with a dash between them. Whether they may run over midnight is the caller's business.
pub(super) fn hours(raw: &Raw<'_>) -> Result<Hours, Wrong> {
    let text = text(raw)?;
    let wrong = || Wrong::new(format!("\"{text}\" is not a pair of times"), "write it as \"08:00-18:30\"");
    let (from, to) = text.split_once(['-', '–']).ok_or_else(wrong)?;
    let hours = Hours { from: time_of(from.trim())?, to: time_of(to.trim())? };
    if hours.from == hours.to { Err(wrong()) } else { Ok(hours) }
}

/// Hours of one day.
pub(super) fn opening_hours(raw: &Raw<'_>) -> Result<Hours, Wrong> {
    let hours = hours(raw)?;
    if hours.to < hours.from {
        return Err(Wrong::new("ends before it begins", "write the opening time first: \"08:00-18:30\""));
    }
    Ok(hours)
}

/// The address of a platform's API: https anywhere, http only to this machine itself.
pub(super) fn api_base(raw: &Raw<'_>) -> Result<Url, Wrong> {
    let text = text(raw)?;
    let url = Url::parse(&text).map_err(|error| {
        Wrong::new(
            format!("\"{text}\" is not a web address ({error})"),
            "write it as \"https://graph.facebook.com/v25.0\"",
        )
    })?;
    if !is_safe(&url) {
        let help =
            "write https://; http:// is allowed to this machine alone (127.0.0.1, [::1] or localhost), for rehearsals";
        return Err(Wrong::new("would send the token over an unencrypted connection", help));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(Wrong::new(
            "holds more than host and path",
            "leave out everything from ? or # on, and any user name",
        ));
    }
    Ok(url)
}

/// An address of this machine alone, with a port.
pub(super) fn loopback(raw: &Raw<'_>) -> Result<SocketAddr, Wrong> {
    let text = text(raw)?;
    let help = "write listen = \"127.0.0.1:8790\"";
    let address: SocketAddr =
        text.parse().map_err(|_| Wrong::new(format!("\"{text}\" is no address with a port"), help))?;
    if address.ip().is_loopback() {
        return Ok(address);
    }
    let help = "write 127.0.0.1 and put a web server with a certificate before it, for other machines";
    Err(Wrong::new("would send passwords and patients' words over the network unencrypted", help))
}

/// The address of a web site: https, or http within this machine, and no path.
pub(super) fn origin(raw: &Raw<'_>) -> Result<Url, Wrong> {
    let text = text(raw)?;
    let example = "write it as \"https://chaperone.surgery.example\"";
    let url =
        Url::parse(&text).map_err(|error| Wrong::new(format!("\"{text}\" is not a web address ({error})"), example))?;
    if !is_safe(&url) {
        return Err(Wrong::new("would send passwords unencrypted", "write https://, and give the proxy a certificate"));
    }
    let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    if !bare || url.fragment().is_some() || url.path() != "/" {
        return Err(Wrong::new("holds more than a host", example));
    }
    Ok(url)
}

/// An e-mail address, with or without a name before it.
pub(super) fn mailbox(raw: &Raw<'_>) -> Result<String, Wrong> {
    mailbox_of(text(raw)?)
}

/// E-mail addresses, at least one.
pub(super) fn mailboxes(raw: &Raw<'_>) -> Result<Vec<String>, Wrong> {
    let boxes = texts(raw)?;
    if boxes.is_empty() {
        return Err(Wrong::new("is an empty list", "write at least one address, such as [\"team@surgery.example\"]"));
    }
    boxes.into_iter().map(mailbox_of).collect()
}

/// Whether a mail server's name means this machine itself.
pub(super) fn is_loopback_name(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether what is sent there can be read by nobody on the way: https, or http within this machine.
pub(super) fn is_safe(url: &Url) -> bool {
    url.scheme() == "https" || url.scheme() == "http" && is_loopback(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_loopback_name(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn whole(raw: &Raw<'_>) -> Result<i64, Wrong> {
    match raw.kind {
        ValueKind::I64(number) => Ok(*number),
        ValueKind::String(text) => match text.trim().parse() {
            Ok(number) if raw.from_env => Ok(number),
            Ok(number) => {
                Err(Wrong::new("is a text, and a number is expected", format!("leave out the quotes: {number}")))
            }
            Err(_) => Err(unexpected(raw.kind, "a whole number")),
        },
        other => Err(unexpected(other, "a whole number")),
    }
}

fn time_of(text: &str) -> Result<Time, Wrong> {
    let wrong = || Wrong::new(format!("\"{text}\" is not a time of day"), "write it as \"07:30\", with 24 hours");
    let (hour, rest) = text.split_once(':').ok_or_else(wrong)?;
    // TOML knows times of its own, which arrive with seconds.
    let minute = rest.strip_suffix(":00").unwrap_or(rest);
    if hour.is_empty() || hour.len() > 2 || minute.len() != 2 {
        return Err(wrong());
    }
    let (hour, minute) = (hour.parse().map_err(|_| wrong())?, minute.parse().map_err(|_| wrong())?);
    Time::new(hour, minute, 0, 0).map_err(|_| wrong())
}

fn mailbox_of(address: String) -> Result<String, Wrong> {
    match address.parse::<lettre::message::Mailbox>() {
        Ok(_) => Ok(address),
        Err(_) => Err(Wrong::new(
            format!("\"{address}\" is not an e-mail address"),
            "write it as \"team@surgery.example\" or \"The team <team@surgery.example>\"",
        )),
    }
}

fn word_of<T: Copy>(word: &str, known: &[(&str, T)]) -> Result<T, Wrong> {
    if let Some((_, value)) = known.iter().find(|(name, _)| *name == word) {
        return Ok(*value);
    }
    let help = match did_you_mean(word, known.iter().map(|(name, _)| *name)) {
        Some(name) => format!("did you mean \"{name}\"?"),
        None => format!("write {}", names(known)),
    };
    Err(Wrong::new(format!("\"{word}\" is not known here"), help))
}

fn names<T>(known: &[(&str, T)]) -> String {
    let mut list = String::new();
    for (at, (name, _)) in known.iter().enumerate() {
        let between = if at == 0 {
            ""
        } else if at + 1 == known.len() {
            " or "
        } else {
            ", "
        };
        // Writing to a String cannot fail.
        let _ = write!(list, "{between}\"{name}\"");
    }
    list
}

fn unexpected(kind: &ValueKind, wanted: &str) -> Wrong {
    let found = match kind {
        ValueKind::Nil => "nothing",
        ValueKind::Boolean(_) => "true or false",
        ValueKind::I64(_) | ValueKind::I128(_) | ValueKind::U64(_) | ValueKind::U128(_) => "a number",
        ValueKind::Float(_) => "a number with a point",
        ValueKind::String(_) => "a text",
        ValueKind::Table(_) => "a section",
        ValueKind::Array(_) => "a list",
    };
    Wrong { what: format!("is {found}, and {wanted} is expected"), help: None }
}
