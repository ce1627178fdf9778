//! Who may use the console, and who is signed in. In: names, roles, hashes of passwords and of session tokens. Out: rows.
//! Not here: hashing and comparing passwords, making tokens, counting attempts (`console`).

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;

use super::names::{ms, named, time};
use super::{Error, Store, audit};
use crate::clock::{SignedDuration, Timestamp};

/// What somebody may do; each role may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks at queue, digests and health; comments are masked.
    Reader,
    /// Decides about incidents.
    Reviewer,
    /// Changes the lexicons and the staff list.
    Admin,
}

impl Role {
    /// All of them, least first.
    pub const ALL: [Self; 3] = [Self::Reader, Self::Reviewer, Self::Admin];

    /// The name in the database and on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Reviewer => "reviewer",
            Self::Admin => "admin",
        }
    }

    /// The role with this name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }
}

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// What they sign in with: small letters, digits, dots and dashes.
    pub name: String,
    /// How their decisions are signed.
    pub full_name: String,
    /// What they may do.
    pub role: Role,
    /// When they were added.
    pub made_at: Timestamp,
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub user: User,
    /// Since when.
    pub begun_at: Timestamp,
}

/// How long somebody stays signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// In all.
    pub longest: SignedDuration,
    /// Without doing anything.
    pub idle: SignedDuration,
}

/// The use of a session is written down only as often: reading a page should not write.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);

impl Store {
    /// Everybody who may sign in, by name.
    pub async fn users(&self) -> Result<Vec<User>, Error> {
        self.db
            .read("list the users", |db| {
                db.prepare_cached("select * from user order by name")?.query_map([], as_user)?.collect()
            })
            .await
    }

    /// Adds somebody with the hash of their password. False: there is somebody of that name.
    pub async fn add_user(&self, user: User, password: String, by: String) -> Result<bool, Error> {
        self.db
            .write("add a user", move |tx| {
                let added = tx
                    .prepare_cached(
                        "insert into user (name, full_name, role, password, made_at, changed_at)
                         values (?1, ?2, ?3, ?4, ?5, ?5) on conflict do nothing",
                    )?
                    .execute(params![user.name, user.full_name, user.role.id(), password, ms(user.made_at)])?;
                if added > 0 {
                    let detail = json!({ "user": user.name, "role": user.role.id() });
                    audit::append(tx, user.made_at, "user.added", &by, &detail)?;
                }
                Ok(added > 0)
            })
            .await
    }

    /// Gives somebody another password or role, and signs them out everywhere. False: there is nobody of that name.
    pub async fn change_user(
        &self,
        name: String,
        password: Option<String>,
        role: Option<Role>,
        by: String,
        now: Timestamp,
    ) -> Result<bool, Error> {
        self.db
            .write("change a user", move |tx| {
                let changed = tx
                    .prepare_cached(
                        "update user set password = coalesce(?, password), role = coalesce(?, role), changed_at = ?
                         where name = ?",
                    )?
                    .execute(params![password, role.map(Role::id), ms(now), name])?;
                if changed > 0 {
                    tx.prepare_cached("delete from session where user = ?")?.execute([&name])?;
                    let detail = json!({ "user": name, "role": role.map(Role::id), "password": password.is_some() });
                    audit::append(tx, now, "user.changed", &by, &detail)?;
                }
                Ok(changed > 0)
            })
            .await
    }

    /// Removes somebody and signs them out; what they decided stays under their name. False: there is nobody of that
    /// name.
    pub async fn remove_user(&self, name: String, by: String, now: Timestamp) -> Result<bool, Error> {
        self.db
            .write("remove a user", move |tx| {
                tx.prepare_cached("delete from session where user = ?")?.execute([&name])?;
                let removed = tx.prepare_cached("delete from user where name = ?")?.execute([&name])?;
                if removed > 0 {
                    audit::append(tx, now, "user.removed", &by, &json!({ "user": name }))?;
                }
                Ok(removed > 0)
            })
            .await
    }

    /// Somebody and the hash of their password.
    pub async fn user(&self, name: String) -> Result<Option<(User, String)>, Error> {
        self.db
            .read("look for a user", move |db| {
                db.prepare_cached("select * from user where name = ?")?
                    .query_row([name], |row| Ok((as_user(row)?, row.get("password")?)))
                    .optional()
            })
            .await
    }

    /// Signs somebody in: `token` is the SHA-256 of what their browser holds. Sessions that are over are forgotten.
    pub async fn begin_session(
        &self,
        token: [u8; 32],
        user: String,
        patience: Patience,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.db
            .write("begin a session", move |tx| {
                forget(tx, patience, now)?;
                tx.prepare_cached("insert into session (token, user, begun_at, used_at) values (?1, ?2, ?3, ?3)")?
                    .execute(params![token, user, ms(now)])
                    .map(drop)
            })
            .await
    }

    /// Who holds this token, if it holds still.
    pub async fn session(&self, token: [u8; 32], patience: Patience, now: Timestamp) -> Result<Option<Session>, Error> {
        let found = self
            .db
            .read("look for a session", move |db| {
                db.prepare_cached(
                    "select user.*, session.begun_at, session.used_at from session join user on user.name = session.user
                     where token = ?",
                )?
                .query_row([token], |row| {
                    let session = Session { user: as_user(row)?, begun_at: time(row, "begun_at")? };
                    Ok((session, time(row, "used_at")?))
                })
                .optional()
            })
            .await?;
        let Some((session, used)) = found.filter(|(session, used)| patience.lasts(session.begun_at, *used, now)) else {
            return Ok(None);
        };
        if now.duration_since(used).abs() >= NOTED_EVERY {
            self.db
                .write("note that a session is used", move |tx| {
                    tx.prepare_cached("update session set used_at = ? where token = ?")?
                        .execute(params![ms(now), token])
                        .map(drop)
                })
                .await?;
        }
        Ok(Some(session))
    }

    /// Signs out whoever holds this token.
    pub async fn end_session(&self, token: [u8; 32]) -> Result<(), Error> {
        self.db
            .write("end a session", move |tx| {
                tx.prepare_cached("delete from session where token = ?")?.execute([token]).map(drop)
            })
            .await
    }
}

impl Patience {
    /// A clock that went back ends nothing by itself, and lets nobody stay for longer than it went back.
    fn lasts(self, begun: Timestamp, used: Timestamp, now: Timestamp) -> bool {
        now.duration_since(begun) < self.longest && now.duration_since(used) < self.idle
    }
}

fn forget(tx: &Connection, patience: Patience, now: Timestamp) -> rusqlite::Result<()> {
    let before = |span: SignedDuration| now.saturating_sub(span).map_or(i64::MIN, ms);
    tx.prepare_cached("delete from session where begun_at <= ? or used_at <= ?")?
        .execute(params![before(patience.longest), before(patience.idle)])
        .map(drop)
}

fn as_user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        name: row.get("name")?,
        full_name: row.get("full_name")?,
        role: named(row, "role", Role::from_id)?,
        made_at: time(row, "made_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{Place, at};

    const PATIENCE: Patience =
        Patience { longest: SignedDuration::from_hours(12), idle: SignedDuration::from_mins(30) };

    fn pat() -> User {
        User { name: "pat".to_owned(), full_name: "Pat Lee".to_owned(), role: Role::Reviewer, made_at: at(0) }
    }

    async fn with_pat() -> (Place, Store) {
        let place = Place::new();
        let store = place.open();
        assert!(store.add_user(pat(), "hash".to_owned(), "IT".to_owned()).await.expect("adds"));
        (place, store)
    }

    async fn holds(store: &Store, minutes: i64) -> bool {
        store.session([7; 32], PATIENCE, at(minutes)).await.expect("reads").is_some()
    }

    #[tokio::test]
    async fn a_name_is_given_once() {
        let (_place, store) = with_pat().await;
        assert!(!store.add_user(pat(), "other".to_owned(), "IT".to_owned()).await.expect("asks"));
        assert_eq!(store.user("pat".to_owned()).await.expect("reads"), Some((pat(), "hash".to_owned())));
        assert_eq!(store.users().await.expect("reads"), [pat()]);
        assert_eq!(store.user("sam".to_owned()).await.expect("reads"), None);
    }

    #[tokio::test]
    async fn a_session_ends_when_nobody_uses_it_and_after_its_time_whoever_does() {
        let (_place, store) = with_pat().await;
        store.begin_session([7; 32], "pat".to_owned(), PATIENCE, at(0)).await.expect("begins");
        assert!(holds(&store, 29).await);
        assert!(holds(&store, 58).await, "it was used meanwhile");
        assert!(!holds(&store, 58 + 30).await);
        store.begin_session([7; 32], "pat".to_owned(), PATIENCE, at(100)).await.expect("the old one is forgotten");
        for minutes in (100..100 + 12 * 60).step_by(20) {
            assert!(holds(&store, minutes).await, "{minutes}");
        }
        assert!(!holds(&store, 100 + 12 * 60).await);
    }

    #[tokio::test]
    async fn another_password_another_role_and_a_removal_sign_out() {
        let (_place, store) = with_pat().await;
        let begin = async || {
            store.begin_session([7; 32], "pat".to_owned(), PATIENCE, at(0)).await.expect("begins");
            assert!(holds(&store, 1).await);
        };
        let by = || "IT".to_owned();
        begin().await;
        assert!(store.change_user("pat".into(), Some("new".into()), None, by(), at(1)).await.expect("changes"));
        assert!(!holds(&store, 1).await);
        begin().await;
        assert!(store.change_user("pat".into(), None, Some(Role::Admin), by(), at(1)).await.expect("changes"));
        assert!(!holds(&store, 1).await);
        let admin = User { role: Role::Admin, ..pat() };
        assert_eq!(store.user("pat".to_owned()).await.expect("reads"), Some((admin, "new".to_owned())));
        begin().await;
        assert!(store.remove_user("pat".into(), by(), at(1)).await.expect("removes"));
        assert!(!holds(&store, 1).await);
        assert!(!store.remove_user("pat".into(), by(), at(1)).await.expect("asks"));
        assert!(!store.change_user("pat".into(), None, None, by(), at(1)).await.expect("asks"));
    }

    #[tokio::test]
    async fn signing_out_ends_the_session() {
        let (_place, store) = with_pat().await;
        store.begin_session([7; 32], "pat".to_owned(), PATIENCE, at(0)).await.expect("begins");
        store.end_session([7; 32]).await.expect("ends");
        assert!(!holds(&store, 0).await);
    }
}
