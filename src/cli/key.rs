//! `key`: the key that the evidence is sealed with. In: files of keys, the store. Out: sentences with fingerprints; no key
//! is ever printed.

use std::io;
use std::path::Path;

use super::args::{Args, KeyCommand};
use super::audit::wait;
use super::queue::refused;
use super::{Outcome, Stop, load_config, print};
use crate::clock::Clock;
use crate::config::{Config, Needs};
use crate::store::key::{self as keys, Unusable};
use crate::store::{Key, Store};

pub(super) fn key(args: &Args, command: &KeyCommand) -> Result<Outcome, Stop> {
    match command {
        KeyCommand::New { file } => new(file),
        KeyCommand::Show => show(args),
        KeyCommand::Rotate { to } => rotate(args, to),
    }
}

fn new(file: &Path) -> Result<Outcome, Stop> {
    let made = Key::random().and_then(|key| key.write_new(file).map(|()| key)).map_err(|error| {
        let help = match error.kind() {
            io::ErrorKind::AlreadyExists => "a key that is there is never written over: name another file",
            _ => "name a file in a folder that you may write to",
        };
        Stop::other(format!("cannot make {}: {error}", file.display()), help)
    })?;
    print::line(format_args!("Key {} made in {}.", made.fingerprint(), file.display()));
    print::line("Keep a copy of the file elsewhere, not beside the store: without it nobody can read the evidence.");
    Ok(Outcome::Done)
}

fn show(args: &Args) -> Result<Outcome, Stop> {
    let config = load_config(args, Needs::STORE)?;
    let path = &config.store.path;
    match &config.store.key {
        Some(key) => print::line(format_args!("Key {}, from key_file in section [store].", key.fingerprint())),
        None => print::line(format_args!(
            "No key_file is configured: the key lies beside the store, in {}. It protects a copy of the database file alone.",
            keys::beside(path).display()
        )),
    }
    if !path.exists() {
        print::line("There is no store yet; the daemon makes it with this key.");
        return Ok(Outcome::Done);
    }
    Store::open_beside(path, config.store.key.as_ref(), Clock::System.now()).map_err(|error| refused(&error))?;
    print::line(format_args!("It opens the store {}.", path.display()));
    Ok(Outcome::Done)
}

fn rotate(args: &Args, to: &Path) -> Result<Outcome, Stop> {
    let config: Config = load_config(args, Needs::STORE)?;
    let new = Key::read(to).map_err(|unusable| unusable_key(to, &unusable))?;
    let now = Clock::System.now();
    // As a daemon would: nobody else may seal with the old key meanwhile.
    let store = Store::open(&config.store.path, config.store.key.as_ref(), now).map_err(|error| refused(&error))?;
    let values = wait(store.rotate(&new, now))?;
    print::line(format_args!(
        "{values} values are sealed with the key {} now; the old key opens nothing more.",
        new.fingerprint()
    ));
    print::line(format_args!(
        "Name the new key in the configuration (section [store], key_file = \"{}\"), start the daemon, then destroy the old key. \
         Copies of the store made before still open with it.",
        to.display()
    ));
    Ok(Outcome::Done)
}

fn unusable_key(file: &Path, why: &Unusable) -> Stop {
    let file = file.display();
    let make = "make a key first: chaperone key new FILE";
    match why {
        Unusable::Unreadable(error) => Stop::other(format!("cannot read {file}: {error}"), make),
        Unusable::NoKey(error) => Stop::other(format!("{file} holds no key: {error}"), make),
        Unusable::Open => Stop::other(
            format!("{file} can be read by others than its owner"),
            format!(
                "make another key, which nobody has read: chaperone key new FILE; or close this one: chmod 600 {file}"
            ),
        ),
    }
}
