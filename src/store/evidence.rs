//! The one door for words of people: texts, names and author ids go into and come out of blob columns here only, sealed.
//! In: text and the store's [`Key`]. Out: bytes for a column, and back. Not here: where the key comes from (`key`), and
//! sealing everything anew under another one (`rotate`).
//!
//! XChaCha20-Poly1305 with a random nonce for each value (draft-irtf-cfrg-xchacha): nobody without the key reads a value
//! or makes one up, and none can be moved to a column of another name. What must be found again without being opened
//! (an author, whether a text changed) is kept as an HMAC under a key of its own, so that nobody can try out guesses.

use std::fmt;

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use rusqlite::types::{FromSqlError, Type, ValueRef};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use super::key::{Key, keyed};
use crate::comment::{AuthorId, PageKey, TextHash};

/// The first byte of every sealed value: how it was sealed.
const SEALED: u8 = 1;

/// The column of the table `vault` with the key that finds authors and texts again.
pub(super) const LOOKUP: &str = "lookup";

/// Bytes of a nonce.
const NONCE: usize = 24;

/// Seals and opens the evidence of one store.
pub(super) struct Vault {
    cipher: XChaCha20Poly1305,
    authors: [u8; 32],
    texts: [u8; 32],
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

/// A value that this key does not open: another key sealed it, or it was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open: it was changed, or sealed with another key")]
pub(super) struct Spoilt;

impl Vault {
    /// `lookup` finds authors and texts again. It stands sealed in the store and outlives the key: what has been erased
    /// cannot be read to be noted anew, and must still be known when it is listed again.
    pub(super) fn new(key: &Key, lookup: &Key) -> Self {
        Self { cipher: cipher(key), authors: lookup.derive(b"authors"), texts: lookup.derive(b"texts") }
    }

    /// The vault of a store that keeps this row in its table `vault`.
    pub(super) fn of(key: &Key, row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let lookup = Key::parse(&SecretString::from(Self::sealing(key).open(row, LOOKUP)?)).map_err(odd)?;
        Ok(Self::new(key, &lookup))
    }

    /// A vault that seals and opens, and finds nothing again.
    pub(super) fn sealing(key: &Key) -> Self {
        Self { cipher: cipher(key), authors: [0; 32], texts: [0; 32] }
    }

    /// The bytes that this column keeps for these words.
    pub(super) fn seal(&self, column: &str, words: &str) -> rusqlite::Result<Vec<u8>> {
        let nonce: [u8; NONCE] = random()?;
        let payload = Payload { msg: words.as_bytes(), aad: column.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| into(Box::new(Spoilt)))?;
        Ok([&[SEALED], nonce.as_slice(), &sealed].concat())
    }

    /// The same, where there may be no words.
    pub(super) fn seal_optional(&self, column: &str, words: Option<&str>) -> rusqlite::Result<Option<Vec<u8>>> {
        words.map(|words| self.seal(column, words)).transpose()
    }

    /// The words that a column kept.
    pub(super) fn open(&self, row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<String> {
        self.open_optional(row, column)?.ok_or_else(|| odd(FromSqlError::InvalidType))
    }

    /// The words that a column kept, where there may be none.
    pub(super) fn open_optional(&self, row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<Option<String>> {
        match row.get_ref(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(bytes) => self.unseal(column, bytes).map(Some),
            _ => Err(odd(FromSqlError::InvalidType)),
        }
    }

    fn unseal(&self, column: &str, bytes: &[u8]) -> rusqlite::Result<String> {
        let (&how, rest) = bytes.split_first().ok_or_else(|| odd(Spoilt))?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>().filter(|_| how == SEALED).ok_or_else(|| odd(Spoilt))?;
        let payload = Payload { msg: sealed, aad: column.as_bytes() };
        let words = self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| odd(Spoilt))?;
        String::from_utf8(words).map_err(odd)
    }

    /// Finds comments of one author on one page without opening their ids.
    pub(super) fn author_key(&self, page: &PageKey, author: &AuthorId) -> [u8; 32] {
        let parts = [page.platform.id(), page.id.as_str(), author.as_str()];
        keyed(&self.authors, &parts.map(str::as_bytes))
    }

    /// Tells whether a text is the one that was kept, without keeping what could be guessed.
    pub(super) fn text_key(&self, hash: TextHash) -> [u8; 32] {
        keyed(&self.texts, &[&hash.0])
    }
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&key.derive(b"evidence").into())
}

/// What the audit chain keeps of a text: it proves the text while the salt is kept, and says nothing once it is erased.
pub(super) fn commitment(salt: &[u8], words: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(salt);
    hash.update(words.as_bytes());
    super::hex(&hash.finalize())
}

/// Bytes that nobody can guess.
pub(super) fn random<const N: usize>() -> rusqlite::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|source| into(Box::new(source)))?;
    Ok(bytes)
}

fn into(source: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(source)
}

fn odd(source: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Blob, Box::new(source))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    fn vault() -> Vault {
        let key = || Key::random().expect("random");
        Vault::new(&key(), &key())
    }

    /// What comes out of a column of this name that holds these bytes.
    fn opened(vault: &Vault, column: &str, bytes: &[u8]) -> Result<String, String> {
        let db = Connection::open_in_memory().expect("memory");
        db.query_row(&format!("select ? as {column}"), [bytes], |row| vault.open(row, column))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_was_sealed_opens_with_its_key_in_its_column_and_nowhere_else() {
        let (ours, theirs) = (vault(), vault());
        let sealed = ours.seal("words", "Ta, love").expect("sealed");
        assert_eq!(opened(&ours, "words", &sealed).as_deref(), Ok("Ta, love"));
        let spoilt = |opened: Result<String, String>| opened.is_err_and(|error| error.contains(&Spoilt.to_string()));
        assert!(spoilt(opened(&theirs, "words", &sealed)));
        assert!(spoilt(opened(&ours, "why", &sealed)));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(spoilt(opened(&ours, "words", &changed)), "byte {at}");
            assert!(spoilt(opened(&ours, "words", &sealed[..at])), "cut at {at}");
        }
    }

    #[test]
    fn the_same_words_look_different_each_time_and_never_like_themselves() {
        let vault = vault();
        let (one, two) =
            (vault.seal("words", "Ta, love").expect("sealed"), vault.seal("words", "Ta, love").expect("sealed"));
        assert_ne!(one, two);
        assert!(!one.windows(4).any(|part| part == b"love"));
    }

    #[test]
    fn an_author_and_a_text_are_known_again_only_with_the_key() {
        let (ours, theirs) = (vault(), vault());
        let page = crate::store::tests::page();
        let hash = crate::comment::CommentText::new("Ta").hash();
        assert_eq!(ours.author_key(&page, &AuthorId::new("7")), ours.author_key(&page, &AuthorId::new("7")));
        assert_ne!(ours.author_key(&page, &AuthorId::new("7")), theirs.author_key(&page, &AuthorId::new("7")));
        assert_eq!(ours.text_key(hash), ours.text_key(hash));
        assert!(ours.text_key(hash) != theirs.text_key(hash) && ours.text_key(hash) != hash.0);
    }
}
