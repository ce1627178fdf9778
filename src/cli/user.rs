//! `user add`, `list`, `password`, `role` and `remove`: who may sign in to the console. In: names, roles, a password typed
//! twice or from a pipe. Out: rows of the store. Not here: what a role may do (`console`).

use std::io::{BufRead as _, IsTerminal as _};

use secrecy::{ExposeSecret as _, SecretString};

use super::args::{Args, UserCommand};
use super::queue::refused;
use super::run::{chain, runtime};
use super::{Outcome, Stop, load_config, print};
use crate::clock::{Clock, Timestamp};
use crate::config::{Config, Needs};
use crate::console::password;
use crate::store::{Role, Store, User};

pub(super) fn user(args: &Args, command: &UserCommand) -> Result<Outcome, Stop> {
    let config = load_config(args, Needs::STORE)?;
    let now = Clock::System.now();
    let store = Store::open_beside(&config.store.path, config.store.key.as_ref(), now)
        .map_err(|error| Stop::other(chain(&error), "the daemon makes the store when it runs for the first time"))?;
    let runtime = runtime()?;
    match command {
        UserCommand::List => runtime.block_on(list(&store, &config)),
        UserCommand::Add { name, full_name, role, by } => {
            let user = User { name: name.clone(), full_name: full_name.clone(), role: (*role).into(), made_at: now };
            let hash = new_password(&config, &user)?;
            let added = runtime.block_on(store.add_user(user, hash, by.clone())).map_err(|error| refused(&error))?;
            if !added {
                return Err(Stop::other(
                    format!("there is a user {name} already"),
                    "take another name, or change this one with `user password` and `user role`",
                ));
            }
            print::line(format_args!("{name} can sign in{}.", at(&config)));
            Ok(Outcome::Done)
        }
        UserCommand::Password { name, by } => {
            let known = runtime.block_on(store.user(name.clone())).map_err(|error| refused(&error))?;
            let (user, _) = known.ok_or_else(|| unknown(name))?;
            let hash = Some(new_password(&config, &user)?);
            change(&runtime, &store, name, (hash, None), by, now)?;
            print::line(format_args!("{name} has a new password, and is signed out everywhere."));
            Ok(Outcome::Done)
        }
        UserCommand::Role { name, role, by } => {
            let role: Role = (*role).into();
            change(&runtime, &store, name, (None, Some(role)), by, now)?;
            print::line(format_args!("{name} is a {} now, and has to sign in again.", role.id()));
            Ok(Outcome::Done)
        }
        UserCommand::Remove { name, by } => {
            let removed = runtime.block_on(store.remove_user(name.clone(), by.clone(), now));
            if !removed.map_err(|error| refused(&error))? {
                return Err(unknown(name));
            }
            print::line(format_args!(
                "{name} cannot sign in any more. Decisions stay under the name they were made in."
            ));
            Ok(Outcome::Done)
        }
    }
}

fn at(config: &Config) -> String {
    match &config.console {
        Some(console) => format!(" at {}", console.public_url),
        None => " once section [console] of the configuration says where it listens".to_owned(),
    }
}

async fn list(store: &Store, config: &Config) -> Result<Outcome, Stop> {
    let users = store.users().await.map_err(|error| refused(&error))?;
    if users.is_empty() {
        print::note(
            "Nobody can sign in yet: `chaperone user add pat --full-name \"Pat Lee\" --role reviewer --by \"your name\"`.",
        );
    }
    let zone = &config.practice.timezone;
    for user in users {
        let since = user.made_at.to_zoned(zone.clone()).strftime("%-d %b %Y").to_string();
        print::line(format_args!("{:<16} {:<9} {}, since {since}", user.name, user.role.id(), user.full_name));
    }
    Ok(Outcome::Done)
}

fn change(
    runtime: &tokio::runtime::Runtime,
    store: &Store,
    name: &str,
    (hash, role): (Option<String>, Option<Role>),
    by: &str,
    now: Timestamp,
) -> Result<(), Stop> {
    let changed = runtime.block_on(store.change_user(name.to_owned(), hash, role, by.to_owned(), now));
    if changed.map_err(|error| refused(&error))? { Ok(()) } else { Err(unknown(name)) }
}

fn unknown(name: &str) -> Stop {
    Stop::other(format!("there is no user {name}"), "`user list` shows who there is")
}

/// A new password's hash, from whoever sits at the terminal, or the first line of what comes through a pipe.
fn new_password(config: &Config, user: &User) -> Result<String, Stop> {
    let password = if std::io::stdin().is_terminal() { typed_twice(&user.name)? } else { piped()? };
    let about = [user.name.as_str(), &user.full_name, &config.practice.name];
    password::hash(&password, &about).map_err(|weak| {
        Stop::other(format!("that password cannot be taken: {weak}"), "nothing was changed; choose another")
    })
}

fn typed_twice(name: &str) -> Result<SecretString, Stop> {
    let ask = |prompt: String| {
        rpassword::prompt_password(prompt).map(SecretString::from).map_err(|error| {
            Stop::other(format!("the password cannot be read: {error}"), "use a terminal, or pipe the password in")
        })
    };
    let first = ask(format!("Password for {name}: "))?;
    let second = ask("And again: ".to_owned())?;
    if first.expose_secret() == second.expose_secret() {
        return Ok(first);
    }
    Err(Stop::other("the two passwords are not the same".to_owned(), "nothing was changed; try again"))
}

fn piped() -> Result<SecretString, Stop> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|error| {
        Stop::other(format!("the password cannot be read: {error}"), "write it as one line of UTF-8 text")
    })?;
    Ok(SecretString::from(line.trim_end_matches(['\r', '\n']).to_owned()))
}
