//! The one door for words of people: texts, names and author ids go into and come out of blob columns here only.
//! In: text. Out: bytes for a column, and back. Deliberately absent for now: encryption at rest, which will live here.

use rusqlite::types::{FromSqlError, Type, ValueRef};
use sha2::{Digest as _, Sha256};

use crate::comment::{AuthorId, PageKey};

/// The bytes that a column keeps for these words.
pub(super) fn seal(words: &str) -> Vec<u8> {
    words.as_bytes().to_vec()
}

/// The words that a column kept.
pub(super) fn open(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<String> {
    open_optional(row, column)?.ok_or_else(|| odd(FromSqlError::InvalidType))
}

/// The words that a column kept, where there may be none.
pub(super) fn open_optional(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<Option<String>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        ValueRef::Blob(bytes) => String::from_utf8(bytes.to_vec()).map(Some).map_err(odd),
        _ => Err(odd(FromSqlError::InvalidType)),
    }
}

/// Finds comments of one author on one page without opening their ids.
pub(super) fn author_key(page: &PageKey, author: &AuthorId) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in [page.platform.id(), page.id.as_str(), author.as_str()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().to_vec()
}

/// What the audit chain keeps of a text: it proves the text while the salt is kept, and says nothing once it is erased.
pub(super) fn commitment(salt: &[u8], words: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(salt);
    hash.update(words.as_bytes());
    super::hex(&hash.finalize())
}

/// Sixteen bytes that nobody can guess.
pub(super) fn salt() -> rusqlite::Result<[u8; 16]> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|source| rusqlite::Error::ToSqlConversionFailure(Box::new(source)))?;
    Ok(salt)
}

fn odd(source: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Blob, Box::new(source))
}
