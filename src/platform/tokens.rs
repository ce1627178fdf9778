//! Tokens that change while the daemon runs. In: what the configuration gives, what a refresh brought. Out: the pair in
//! force, kept in a file that is replaced whole before a new pair is used. Not here: the calls that refresh.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::clock::Timestamp;
use crate::comment::PageKey;

/// A pair of tokens and when they end.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    /// What calls are made with; absent before the first refresh.
    pub(super) access: Option<SecretString>,
    pub(super) access_from: Option<Timestamp>,
    pub(super) access_until: Option<Timestamp>,
    /// What buys a new pair.
    pub(super) refresh: Option<SecretString>,
    pub(super) refresh_until: Option<Timestamp>,
}

/// The pair in force, the one before it, and where they are kept.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) pair: Pair,
    /// Kept until a call with the new pair has succeeded.
    previous: Option<Pair>,
    file: Option<PathBuf>,
    /// Fingerprint of the configured token that all this came from: a new consent puts a new token there.
    origin: String,
}

/// The file's shape. Plain text on purpose: the file is 0600 in a directory of the daemon's own.
#[derive(Serialize, Deserialize)]
struct Kept {
    origin: String,
    pair: KeptPair,
    previous: Option<KeptPair>,
}

#[derive(Serialize, Deserialize)]
struct KeptPair {
    access: Option<String>,
    access_from: Option<Timestamp>,
    access_until: Option<Timestamp>,
    refresh: Option<String>,
    refresh_until: Option<Timestamp>,
}

impl Tokens {
    /// Takes up the kept pair if it came from the configured one, else the configured one.
    pub(super) fn open(configured: Pair, dir: Option<&Path>, page: &PageKey) -> io::Result<Self> {
        let root = configured.refresh.as_ref().or(configured.access.as_ref());
        let origin = root.map(fingerprint).unwrap_or_default();
        let file = dir.map(|dir| dir.join(file_name(page)));
        let mut tokens = Self { pair: configured, previous: None, file, origin };
        if let Some(kept) = tokens.file.as_deref().map(read).transpose()?.flatten()
            && kept.origin == tokens.origin
        {
            tokens.pair = kept.pair.into();
            tokens.previous = kept.previous.map(Pair::from);
        }
        Ok(tokens)
    }

    /// Puts a new pair in force, written down first; on an error the old pair stays in force.
    pub(super) fn replace(&mut self, pair: Pair) -> io::Result<()> {
        let previous = Some(self.pair.clone());
        self.write(&pair, previous.as_ref())?;
        self.previous = previous;
        self.pair = pair;
        Ok(())
    }

    /// A call with the pair in force succeeded: the one before it is no longer needed.
    pub(super) fn proven(&mut self) {
        // If the file cannot be written now, it merely keeps an old pair a little longer.
        if self.previous.take().is_some() && self.write(&self.pair, None).is_err() {
            tracing::warn!("could not drop an old token pair from its file");
        }
    }

    /// The refresh token before the one in force, in case the new one was never valid.
    pub(super) fn previous_refresh(&self) -> Option<&SecretString> {
        self.previous.as_ref()?.refresh.as_ref()
    }

    /// Whether the pair survives the process.
    pub(super) fn kept(&self) -> bool {
        self.file.is_some()
    }

    fn write(&self, pair: &Pair, previous: Option<&Pair>) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let kept = Kept { origin: self.origin.clone(), pair: pair.into(), previous: previous.map(KeptPair::from) };
        let dir = file.parent().unwrap_or(Path::new("."));
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        // A temporary file of this kind is born with mode 0600.
        let mut fresh = tempfile::NamedTempFile::new_in(dir)?;
        serde_json::to_writer(&mut fresh, &kept).map_err(io::Error::from)?;
        fresh.as_file_mut().flush()?;
        fresh.as_file().sync_all()?;
        fresh.persist(file).map_err(|error| error.error)?;
        fs::File::open(dir)?.sync_all()
    }
}

fn read(file: &Path) -> io::Result<Option<Kept>> {
    match fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| {
            // The parser's own message could quote a token.
            io::Error::new(io::ErrorKind::InvalidData, "its content is not what Chaperone writes")
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Account ids may begin with `-` and hold anything, so the file is named by a hash.
fn file_name(page: &PageKey) -> String {
    format!("{}-{}.json", page.platform, &hex(&Sha256::digest(page.id.as_str().as_bytes()))[..16])
}

fn fingerprint(token: &SecretString) -> String {
    hex(&Sha256::digest(token.expose_secret().trim().as_bytes()))
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

impl From<&Pair> for KeptPair {
    fn from(pair: &Pair) -> Self {
        let exposed = |token: &Option<SecretString>| token.as_ref().map(|token| token.expose_secret().to_owned());
        Self {
            access: exposed(&pair.access),
            access_from: pair.access_from,
            access_until: pair.access_until,
            refresh: exposed(&pair.refresh),
            refresh_until: pair.refresh_until,
        }
    }
}

impl From<KeptPair> for Pair {
    fn from(kept: KeptPair) -> Self {
        Self {
            access: kept.access.map(SecretString::from),
            access_from: kept.access_from,
            access_until: kept.access_until,
            refresh: kept.refresh.map(SecretString::from),
            refresh_until: kept.refresh_until,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::{PageId, Platform};

    fn pair(access: &str, refresh: &str) -> Pair {
        Pair {
            access: Some(access.into()),
            access_from: None,
            access_until: None,
            refresh: Some(refresh.into()),
            refresh_until: None,
        }
    }

    fn page() -> PageKey {
        PageKey { platform: Platform::TikTok, id: PageId::new("-000/../Open") }
    }

    fn access(tokens: &Tokens) -> &str {
        tokens.pair.access.as_ref().map_or("", |token| token.expose_secret())
    }

    #[test]
    fn a_new_pair_survives_a_restart_until_somebody_consents_anew() {
        let dir = tempfile::tempdir().expect("a directory");
        let open = |refresh| Tokens::open(pair("first", refresh), Some(dir.path()), &page()).expect("tokens");
        let mut tokens = open("consent 1");
        tokens.replace(pair("second", "rotated")).expect("written");
        assert_eq!(access(&open("consent 1")), "second");
        assert_eq!(open("consent 1").previous_refresh().map(ExposeSecret::expose_secret), Some("consent 1"));
        tokens.proven();
        assert!(open("consent 1").previous_refresh().is_none());
        assert_eq!(access(&open("consent 2")), "first");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_on_the_machine_may_read_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a directory");
        let mut tokens = Tokens::open(pair("a", "b"), Some(dir.path()), &page()).expect("tokens");
        tokens.replace(pair("c", "d")).expect("written");
        let files: Vec<_> = fs::read_dir(dir.path()).expect("a directory").flatten().collect();
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].metadata().expect("metadata").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_pair_that_cannot_be_written_is_not_put_in_force() {
        let dir = tempfile::tempdir().expect("a directory");
        let blocked = dir.path().join("a file, not a directory");
        fs::write(&blocked, "").expect("written");
        let mut tokens = Tokens {
            file: Some(blocked.join("x.json")),
            ..Tokens::open(pair("old", "r"), None, &page()).expect("tokens")
        };
        assert!(tokens.replace(pair("new", "s")).is_err());
        assert_eq!(access(&tokens), "old");
    }

    #[test]
    fn a_spoilt_file_is_an_error_that_quotes_nothing() {
        let dir = tempfile::tempdir().expect("a directory");
        fs::write(dir.path().join(file_name(&page())), "secret stuff").expect("written");
        let error = Tokens::open(pair("a", "b"), Some(dir.path()), &page()).expect_err("refused");
        assert!(!format!("{error:?} {error}").contains("secret"));
    }
}
