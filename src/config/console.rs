//! The section of the team's web page. In: `[console]`. Out: where it listens, what it is called from outside, how long
//! somebody stays signed in. Not here: listening.

use std::net::SocketAddr;

use url::Url;

use super::read::{Complained, Section, Wrong};
use super::values;
use crate::clock::SignedDuration;
use crate::store::Patience;

/// `[console]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Console {
    /// Where it listens: this machine alone, because what it says is not encrypted.
    pub listen: SocketAddr,
    /// What people type into their browser; a proxy with a certificate stands there.
    pub public_url: Url,
    /// How long somebody stays signed in.
    pub patience: Patience,
    /// Whether lexicons and staff list can be changed there.
    pub edit: bool,
}

impl Console {
    /// The address of a page, for mails.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}

pub(super) fn console(section: &Section<'_>) -> Result<Option<Console>, Complained> {
    let listen = section.maybe("listen", values::loopback);
    let public_url = section.maybe("public_url", values::origin);
    let session_hours = section.get("session_hours", values::from_one_to(168), "write session_hours = 10");
    let idle_min = section.get("idle_min", values::from_one_to(1440), "write idle_min = 60");
    let edit = section.get("edit", values::flag, "write edit = true");
    section.finish()?;
    let (listen, public_url, edit) = (listen?, public_url?, edit?);
    let patience = Patience {
        longest: SignedDuration::from_hours(i64::from(session_hours?.get())),
        idle: SignedDuration::from_mins(i64::from(idle_min?.get())),
    };
    let Some(listen) = listen else {
        if public_url.is_some() {
            let help = "write listen = \"127.0.0.1:8790\", where the proxy finds it; or take public_url out";
            return Err(section.complain("listen", Wrong::new("is missing", help)));
        }
        return Ok(None);
    };
    let odd = |_| section.complain("listen", Wrong::new("is no address", "write listen = \"127.0.0.1:8790\""));
    let public_url = public_url.map_or_else(|| Url::parse(&format!("http://{listen}")).map_err(odd), Ok)?;
    Ok(Some(Console { listen, public_url, patience, edit }))
}
