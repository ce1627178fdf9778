//! Earlier versions of the files that people tune: lexicons, lists, the staff list. In: a file's text, who changed it and
//! why. Out: its history, so that one word brings an earlier version back. Sealed, because a staff list names people. Not
//! here: writing the files themselves, and whether they are right.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;

use super::db::Tx;
use super::evidence::Vault;
use super::names::{ms, time};
use super::{Error, Store, audit};
use crate::clock::Timestamp;

/// Who is named where a version was found that nobody had saved here.
pub(super) const FOUND: &str = "somebody with a text editor";

/// A version of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Its number.
    pub id: i64,
    /// The file, as the console names it.
    pub file: String,
    /// Who saved it.
    pub who: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// The history of one file, or of all, newest first.
    pub async fn edits(&self, file: Option<String>, limit: usize) -> Result<Vec<Edit>, Error> {
        self.db
            .read("list edits", move |db| {
                db.prepare_cached("select * from edit where ?1 is null or file = ?1 order by id desc limit ?2")?
                    .query_map(params![file, limit as i64], |row| as_edit(row, db.vault))?
                    .collect()
            })
            .await
    }

    /// One version with its text.
    pub async fn edit(&self, id: i64) -> Result<Option<(Edit, String)>, Error> {
        self.db
            .read("read an earlier version", move |db| {
                db.prepare_cached("select * from edit where id = ?")?
                    .query_row([id], |row| Ok((as_edit(row, db.vault)?, db.vault.open(row, "words")?)))
                    .optional()
            })
            .await
    }

    /// Keeps a new version of a file, and the one before it where nobody had saved that here.
    pub async fn keep_edit(
        &self,
        file: String,
        (before, after): (String, String),
        (who, why): (String, String),
        now: Timestamp,
    ) -> Result<i64, Error> {
        self.db
            .write("keep a version of a file", move |tx| {
                if last(tx, &file)?.as_deref() != Some(before.as_str()) {
                    insert(tx, &file, &before, (FOUND, "as it was found"), now)?;
                }
                let id = insert(tx, &file, &after, (&who, &why), now)?;
                audit::append(tx, now, "rules.edited", &who, &json!({ "file": file, "edit": id }))?;
                Ok(id)
            })
            .await
    }
}

fn last(db: &Tx<'_>, file: &str) -> rusqlite::Result<Option<String>> {
    db.prepare_cached("select words from edit where file = ? order by id desc limit 1")?
        .query_row([file], |row| db.vault.open(row, "words"))
        .optional()
}

fn insert(tx: &Tx<'_>, file: &str, words: &str, (who, why): (&str, &str), now: Timestamp) -> rusqlite::Result<i64> {
    tx.prepare_cached("insert into edit (file, words, who, why, edited_at) values (?, ?, ?, ?, ?)")?
        .execute(params![file, tx.vault.seal("words", words)?, who, tx.vault.seal("why", why)?, ms(now)])?;
    Ok(tx.last_insert_rowid())
}

/// Forgets what is older, but for each file's last version before it: that is the one to go back to.
pub(super) fn forget(tx: &Connection, before_ms: i64) -> rusqlite::Result<usize> {
    tx.prepare_cached(
        "delete from edit where edited_at < ?1
             and id not in (select max(id) from edit where edited_at < ?1 group by file)",
    )?
    .execute([before_ms])
}

fn as_edit(row: &Row<'_>, vault: &Vault) -> rusqlite::Result<Edit> {
    Ok(Edit {
        id: row.get("id")?,
        file: row.get("file")?,
        who: row.get("who")?,
        why: vault.open(row, "why")?,
        at: time(row, "edited_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{Place, at};

    async fn save(store: &Store, before: &str, after: &str, minutes: i64) -> i64 {
        let (texts, said) = ((before.to_owned(), after.to_owned()), ("Pat".to_owned(), "why not".to_owned()));
        store.keep_edit("en/complaint.toml".to_owned(), texts, said, at(minutes)).await.expect("keeps")
    }

    async fn history(store: &Store) -> Vec<(String, String)> {
        let mut told = Vec::new();
        for edit in store.edits(Some("en/complaint.toml".to_owned()), 10).await.expect("reads") {
            let (_, text) = store.edit(edit.id).await.expect("reads").expect("a version");
            told.push((edit.who, text));
        }
        told
    }

    #[tokio::test]
    async fn what_was_there_before_is_kept_too_and_what_was_changed_beside_the_console_is_told() {
        let place = Place::new();
        let store = place.open();
        save(&store, "one", "two", 1).await;
        save(&store, "two", "three", 2).await;
        save(&store, "by hand", "four", 3).await;
        let told = history(&store).await;
        let told: Vec<(&str, &str)> = told.iter().map(|(who, text)| (who.as_str(), text.as_str())).collect();
        assert_eq!(told, [("Pat", "four"), (FOUND, "by hand"), ("Pat", "three"), ("Pat", "two"), (FOUND, "one")]);
        assert_eq!(store.edits(Some("staff".to_owned()), 10).await.expect("reads"), []);
        assert!(store.verify(Vec::new()).await.expect("reads").problems.is_empty());
    }

    #[tokio::test]
    async fn old_versions_are_forgotten_but_the_one_to_go_back_to() {
        let place = Place::new();
        let store = place.open();
        save(&store, "one", "two", 1).await;
        save(&store, "two", "three", 5).await;
        let forgotten = store.db.write("forget", |tx| forget(tx, ms(at(3)))).await.expect("forgets");
        assert_eq!(forgotten, 1);
        let texts: Vec<String> = history(&store).await.into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["three", "two"]);
    }
}
