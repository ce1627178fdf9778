//! What the configuration names on disk. In: names as they stand in the file. Out: paths that are there, and secrets.
//! Relative names are relative to the configuration file; secrets are looked for in `$CREDENTIALS_DIRECTORY` first.
//! Not here: reading policies, lexicons and staff lists; making directories.

use std::fs;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::read::{Complained, Section, Wrong};
use super::{Environment, Needs, values};
use crate::lexicon::complaint::{Complaint, did_you_mean, line_col};
use crate::store::Key;

/// No secret is longer; a page's token has some 250 bytes.
const SECRET_BYTES: u64 = 16 * 1024;

/// The id under which `deploy/chaperone@.service` loads a whole directory of secrets: systemd puts it before each name.
const CREDENTIAL_ID: &str = "chaperone";

/// Reads a file of text that people wrote.
pub(super) fn read_text(path: &Path) -> Result<String, Complaint> {
    let bytes = fs::read(path).map_err(|error| {
        let help = match error.kind() {
            io::ErrorKind::NotFound => {
                "name the file with --config or $CHAPERONE_CONFIG, or copy the shipped chaperone.toml there"
            }
            io::ErrorKind::PermissionDenied => "run this as the user who may read it, such as with sudo",
            _ => "name a file that can be read",
        };
        Complaint::new(format!("the configuration cannot be read: {error}")).in_file(path).help(help)
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let sound = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
        let line = line_col(&sound, sound.len()).0;
        Complaint::new("the configuration is not UTF-8 text").in_file(path).on_line(line).help("save it again as UTF-8")
    })
}

/// Looks for what the configuration names.
pub(super) struct Files {
    base: PathBuf,
    credentials: Option<PathBuf>,
    pub(super) needs: Needs,
}

impl Files {
    pub(super) fn new(config: &Path, environment: &Environment, needs: Needs) -> Self {
        let base = config.parent().unwrap_or(Path::new("")).to_owned();
        let credentials = environment.get("CREDENTIALS_DIRECTORY").filter(|dir| !dir.is_empty()).map(PathBuf::from);
        Self { base, credentials, needs }
    }

    /// The name as a path, relative to the configuration file.
    pub(super) fn resolve(&self, name: &str) -> PathBuf {
        self.base.join(name)
    }

    /// A file that must be there.
    pub(super) fn file(&self, section: &Section<'_>, key: &str, name: &str) -> Result<PathBuf, Complained> {
        let path = self.resolve(name);
        match fs::File::open(&path).and_then(|file| file.metadata()) {
            Ok(found) if found.is_file() => Ok(path),
            Ok(_) => Err(section.complain(key, Wrong::new(format!("{} is no file", path.display()), "name a file"))),
            Err(error) => Err(section.complain(key, unreadable(&path, &error))),
        }
    }

    /// A directory that must be there.
    pub(super) fn dir(&self, section: &Section<'_>, key: &str, name: &str) -> Result<PathBuf, Complained> {
        let path = self.resolve(name);
        match fs::read_dir(&path) {
            Ok(_) => Ok(path),
            Err(error) => Err(section.complain(key, unreadable(&path, &error))),
        }
    }

    /// A place for the database. Its directory is made later if only that one is missing.
    pub(super) fn database(&self, section: &Section<'_>, key: &str, name: &str) -> Result<PathBuf, Complained> {
        let path = self.resolve(name);
        let dir = path.parent().unwrap_or(Path::new("/"));
        if !self.needs.store || is_dir(dir) && !path.is_dir() {
            return Ok(path);
        }
        if path.is_dir() {
            let help = format!("name a file in it: path = \"{}/chaperone.db\"", path.display());
            return Err(section.complain(key, Wrong::new(format!("{} is a directory", path.display()), help)));
        }
        if dir.parent().is_some_and(is_dir) {
            return Ok(path);
        }
        let help = format!("make it: mkdir -p {}; under systemd, StateDirectory= does", dir.display());
        Err(section.complain(key, Wrong::new(format!("the directory {} is not there", dir.display()), help)))
    }

    /// A secret from the file that the setting names. The outer `None`: no such setting. The inner one: it is named, and
    /// secrets are not asked for.
    #[expect(clippy::option_option, reason = "whether a secret is named and whether it was read are two questions")]
    pub(super) fn secret(
        &self,
        section: &Section<'_>,
        key: &'static str,
    ) -> Result<Option<Option<SecretString>>, Complained> {
        let Some(name) = section.maybe(key, values::text)? else { return Ok(None) };
        if !self.needs.secrets {
            return Ok(Some(None));
        }
        let secret = self.read_secret(&name).map_err(|wrong| section.complain(key, wrong))?;
        Ok(Some(Some(secret)))
    }

    fn read_secret(&self, name: &str) -> Result<SecretString, Wrong> {
        match self.credential(name) {
            Some(path) => read_secret(&path, true),
            None => read_secret(&self.resolve(name), false),
        }
    }

    /// The key of the store, from the file that the setting names, for whoever opens the store.
    pub(super) fn store_key(&self, section: &Section<'_>, key: &'static str) -> Result<Option<Key>, Complained> {
        let Some(name) = section.maybe(key, values::text)?.filter(|_| self.needs.store) else { return Ok(None) };
        let text = self.read_secret(&name).map_err(|wrong| section.complain(key, wrong))?;
        Key::parse(&text).map(Some).map_err(|no_key| {
            let what = format!("{} holds no key: {no_key}", self.resolve(&name).display());
            section.complain(key, Wrong::new(what, "make one: chaperone key new FILE; and keep a copy of it elsewhere"))
        })
    }

    fn credential(&self, name: &str) -> Option<PathBuf> {
        let (dir, name) = (self.credentials.as_ref()?, Path::new(name).file_name()?.to_str()?);
        [dir.join(name), dir.join(format!("{CREDENTIAL_ID}_{name}"))].into_iter().find(|path| path.is_file())
    }
}

/// The first line of defence is systemd's credentials directory, which only the service can read (`guarded`); a file
/// elsewhere must be closed to everybody but its owner.
fn read_secret(path: &Path, guarded: bool) -> Result<SecretString, Wrong> {
    let file = fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    let found = file.metadata().map_err(|error| unreadable(path, &error))?;
    if !found.is_file() {
        return Err(Wrong::new(
            format!("{} is no file", path.display()),
            "name a file that holds the secret, and nothing else",
        ));
    }
    if !guarded && found.permissions().mode() & 0o077 != 0 {
        let help = format!("close it: chmod 600 {}", path.display());
        return Err(Wrong::new(format!("{} can be read by others than its owner", path.display()), help));
    }
    let mut text = String::new();
    file.take(SECRET_BYTES).read_to_string(&mut text).map_err(|error| unreadable(path, &error))?;
    let secret = text.trim();
    if secret.is_empty() {
        return Err(Wrong::new(format!("{} is empty", path.display()), "put the secret in it, on one line"));
    }
    if secret.chars().any(char::is_control) {
        let help = "put the secret in it, on one line, and nothing else";
        return Err(Wrong::new(format!("{} holds more than one line", path.display()), help));
    }
    Ok(SecretString::from(secret))
}

/// The folder that we are in has no name, seen from itself.
fn is_dir(path: &Path) -> bool {
    path.as_os_str().is_empty() || path.is_dir()
}

/// A policy's name, if its file is there. Without a directory to look in, that has been complained of already.
pub(super) fn policy(section: &Section<'_>, key: &str, dir: Option<&Path>, name: String) -> Result<String, Complained> {
    let Some(dir) = dir else { return Err(Complained) };
    let known = policies_in(dir);
    if known.contains(&name) {
        return Ok(name);
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let help = match did_you_mean(name.trim_end_matches(".toml"), known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None if known.is_empty() => "put a policy file there; the shipped policies directory holds five".to_owned(),
        None => format!("there are {}", known.join(", ")),
    };
    Err(section.complain(key, Wrong::new(format!("there is no {name}.toml in {}", dir.display()), help)))
}

fn policies_in(dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let files = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = files.filter_map(|file| Some(file.strip_suffix(".toml")?.to_owned())).collect();
    names.sort();
    names
}

fn unreadable(path: &Path, error: &io::Error) -> Wrong {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => Wrong::new(format!("{path} is not there"), "put it there, or write where it is"),
        io::ErrorKind::PermissionDenied => Wrong::new(
            format!("{path} may not be read by this user"),
            "give the user who runs this the right to read it",
        ),
        io::ErrorKind::NotADirectory => Wrong::new(format!("{path} is no directory"), "name a directory"),
        _ => Wrong::new(format!("{path} cannot be read ({error})"), "name something that can be read"),
    }
}
