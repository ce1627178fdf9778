//! The chain of what was done: each row's hash covers the row before, so that no row can be changed, lost or slipped in
//! unseen. In: a fixed word, who, and numbers. Out: a row. Not here: verifying and exporting, and any word of a comment.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::clock::Timestamp;

/// The hash before the first row.
pub(super) const GENESIS: [u8; 32] = [0; 32];

/// Who acts when no person does.
pub(super) const SELF: &str = "chaperone";

/// The fields of a row that its hash covers, beside the hash of the row before.
pub(super) struct Entry<'a> {
    pub(super) id: i64,
    pub(super) at_ms: i64,
    pub(super) what: &'a str,
    pub(super) who: &'a str,
    pub(super) detail: &'a str,
}

/// Adds a row at the end. Call it inside the transaction that does what it tells of.
pub(super) fn append(
    connection: &Connection,
    at: Timestamp,
    what: &str,
    who: &str,
    detail: &Value,
) -> rusqlite::Result<()> {
    let (last, prev) = head(connection)?.unwrap_or((0, GENESIS));
    let detail = detail.to_string();
    let entry = Entry { id: last + 1, at_ms: at.as_millisecond(), what, who, detail: &detail };
    let hash = link(&prev, &entry);
    connection
        .prepare_cached("insert into audit (id, at, what, who, detail, prev_hash, hash) values (?, ?, ?, ?, ?, ?, ?)")?
        .execute(params![entry.id, entry.at_ms, what, who, detail, prev.as_slice(), hash.as_slice()])?;
    Ok(())
}

/// Number and hash of the last row.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<Option<(i64, [u8; 32])>> {
    connection
        .prepare_cached("select id, hash from audit order by id desc limit 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// The hash of a row. Lengths stand before the fields, so that no two rows read the same.
pub(super) fn link(prev: &[u8; 32], entry: &Entry<'_>) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(prev);
    hash.update(entry.id.to_be_bytes());
    hash.update(entry.at_ms.to_be_bytes());
    for field in [entry.what, entry.who, entry.detail] {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field.as_bytes());
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_row_and_the_row_before_move_its_hash() {
        let entry = || Entry { id: 1, at_ms: 2, what: "a", who: "b", detail: "{}" };
        let others = [
            link(&[1; 32], &entry()),
            link(&GENESIS, &Entry { id: 2, ..entry() }),
            link(&GENESIS, &Entry { at_ms: 3, ..entry() }),
            link(&GENESIS, &Entry { what: "x", ..entry() }),
            link(&GENESIS, &Entry { who: "x", ..entry() }),
            link(&GENESIS, &Entry { detail: "[]", ..entry() }),
            link(&GENESIS, &Entry { what: "ab", who: "", ..entry() }),
        ];
        let row = link(&GENESIS, &entry());
        assert!(others.iter().all(|other| *other != row));
        // The rule is a promise to whoever verifies an exported chain with other tools.
        assert_eq!(crate::store::hex(&row), "2debb34b1c79c376afa6ebaef9394feb9e558c6ebd69a5ed0d8006c0daaa38c1");
    }
}
