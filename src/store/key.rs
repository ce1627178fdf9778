//! The key that the evidence is sealed with: 32 random bytes, written as 64 hex digits. In: a secret's text, or the file
//! beside the store. Out: a [`Key`], which never prints itself. Not here: sealing (`evidence`).
//!
//! A key from a credential protects the evidence from whoever gets hold of the disk, a backup or the state directory.
//! Where none is configured, a key is made beside the store: then it protects a copy of the database file alone.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use sha2::Sha256;

use super::hex;

/// What a key's fingerprint is made for; it tells nothing of what the key seals.
const FINGERPRINT: &[u8] = b"chaperone store key";

/// A key as people write it: so many hex digits.
const DIGITS: usize = 64;

/// A file with a key in it is no longer than this; what somebody names by mistake may be.
const KEY_BYTES: u64 = 1024;

/// Seals the evidence. Wiped when dropped.
pub struct Key(SecretBox<[u8; 32]>);

/// A text that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key is {DIGITS} hex digits, such as `openssl rand -hex 32` prints")]
pub struct NoKey;

/// Why the key in a file is not used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The system does not let us read it, or it is not there.
    #[error("it cannot be read")]
    Unreadable(#[from] io::Error),
    /// A key that others can read protects nothing from them.
    #[error("it can be read by others than its owner")]
    Open,
    /// It holds something else.
    #[error(transparent)]
    NoKey(#[from] NoKey),
}

impl Key {
    /// A key that nobody can guess.
    pub fn random() -> io::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Ok(Self(SecretBox::new(Box::new(bytes))))
    }

    /// The key that stands in a secret's file.
    pub fn parse(text: &SecretString) -> Result<Self, NoKey> {
        let text = text.expose_secret().trim();
        if text.len() != DIGITS || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoKey);
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| NoKey)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| NoKey)?;
        }
        Ok(Self(SecretBox::new(Box::new(bytes))))
    }

    /// The key in this file, which nobody but its owner may read.
    pub fn read(path: &Path) -> Result<Self, Unusable> {
        let file = File::open(path)?;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            return Err(Unusable::Open);
        }
        let mut text = String::new();
        file.take(KEY_BYTES).read_to_string(&mut text)?;
        Ok(Self::parse(&SecretString::from(text))?)
    }

    /// As people write it.
    pub(super) fn text(&self) -> SecretString {
        SecretString::from(hex(self.0.expose_secret()))
    }

    /// Writes the key into a new file that only its owner can read; one that is there already is left alone.
    pub fn write_new(&self, path: &Path) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        writeln!(file, "{}", self.text().expose_secret())?;
        file.sync_all()
    }

    /// Eight hex digits that tell keys apart and give nothing away.
    pub fn fingerprint(&self) -> String {
        hex(&self.derive(FINGERPRINT)[..4])
    }

    /// A key for one purpose, from which neither this one nor another purpose's can be found.
    pub(super) fn derive(&self, purpose: &[u8]) -> [u8; 32] {
        keyed(self.0.expose_secret(), &[purpose])
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// HMAC-SHA256 over parts, each with its length before it, so that no two lists of parts read the same.
pub(super) fn keyed(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length; there is no key that it refuses.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Where the key lies when none is configured.
pub fn beside(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Key, NoKey> {
        Key::parse(&SecretString::from(text))
    }

    #[test]
    fn a_key_is_sixty_four_hex_digits_and_nothing_else() {
        let digits = "0123456789abcdefABCDEF0123456789".repeat(2);
        assert!(parsed(&format!(" {digits}\n")).is_ok());
        for wrong in ["", &digits[1..], &format!("{digits}0"), &digits.replace('a', "g"), &digits.replace("ab", "é")] {
            assert_eq!(parsed(wrong).err(), Some(NoKey), "{wrong}");
        }
    }

    #[test]
    fn what_was_written_is_read_again_is_its_owners_alone_and_is_never_written_over() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("key");
        let key = Key::random().expect("random");
        key.write_new(&path).expect("written");
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(Key::read(&path).expect("a key").fingerprint(), key.fingerprint());
        let other = Key::random().expect("random");
        assert_ne!(other.fingerprint(), key.fingerprint());
        assert_eq!(other.write_new(&path).expect_err("kept").kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("key");
        Key::random().and_then(|key| key.write_new(&path)).expect("written");
        for mode in [0o640, 0o604, 0o620] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
            assert!(matches!(Key::read(&path), Err(Unusable::Open)), "{mode:o}");
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).expect("set");
        assert!(Key::read(&path).is_ok());
    }

    #[test]
    fn a_key_prints_nothing_of_itself() {
        let digits = "ab".repeat(32);
        let key = parsed(&digits).expect("a key");
        assert!(!format!("{key:?}").contains("ab") && !digits.contains(&key.fingerprint()));
    }
}
