//! Sealing everything anew under another key. In: the new key. Out: a store that the old key opens no more. Not here:
//! where keys are kept; whoever rotates puts the new one in the old one's place.

use rusqlite::types::Value;
use serde_json::json;

use super::db::Tx;
use super::evidence::{LOOKUP, Vault};
use super::{Error, Key, Store, audit};
use crate::clock::Timestamp;

/// Every sealed column: table, column, and what names its row.
const SEALED: &[(&str, &str, &str)] = &[
    ("vault", LOOKUP, "id"),
    ("post", "words", "id"),
    ("comment", "author_id", "id"),
    ("comment", "author_name", "id"),
    ("comment_version", "words", "comment, version"),
    ("decision", "why", "id"),
    ("hold", "why", "id"),
    ("edit", "words", "id"),
    ("edit", "why", "id"),
    ("exemption", "why", "id"),
    ("exemption", "ended_why", "id"),
    ("author_step", "why", "id"),
];

impl Store {
    /// Seals all evidence with a new key, all of it or nothing, and says how many values that were. From then on only
    /// the new key opens the store; this handle is of no more use.
    pub async fn rotate(&self, new: &Key, now: Timestamp) -> Result<u64, Error> {
        let (cipher, fingerprint) = (Vault::sealing(new), new.fingerprint());
        let rotated = self
            .db
            .write("seal everything anew", move |tx| {
                let mut values = 0;
                for (table, column, row) in SEALED {
                    values += reseal(tx, &cipher, table, column, row)?;
                }
                tx.execute("update vault set key = ?", [&fingerprint])?;
                audit::append(tx, now, "key.rotated", audit::SELF, &json!({ "key": fingerprint, "values": values }))?;
                Ok(values)
            })
            .await?;
        // Pages that held the old seals, in the file and in its log, are written over.
        self.db.tidy("vacuum; pragma wal_checkpoint(truncate)").await?;
        Ok(rotated)
    }
}

fn reseal(tx: &Tx<'_>, new: &Vault, table: &str, column: &str, row: &str) -> rusqlite::Result<u64> {
    let mut read = tx.prepare(&format!("select {row}, {column} from {table} where {column} is not null"))?;
    let places: Vec<&str> = row.split(", ").collect();
    let names = places.iter().map(|place| format!("{place} = ?")).collect::<Vec<_>>().join(" and ");
    let mut write = tx.prepare(&format!("update {table} set {column} = ? where {names}"))?;
    let mut found = read.query([])?;
    let mut values: Vec<(Vec<Value>, Vec<u8>)> = Vec::new();
    while let Some(one) = found.next()? {
        let place = (0..places.len()).map(|place| one.get(place)).collect::<rusqlite::Result<Vec<Value>>>()?;
        values.push((place, new.seal(column, &tx.vault.open(one, column)?)?));
    }
    let count = values.len() as u64;
    for (place, sealed) in values {
        write.execute(rusqlite::params_from_iter(std::iter::once(Value::Blob(sealed)).chain(place)))?;
    }
    Ok(count)
}
