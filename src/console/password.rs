//! Passwords of the console's users. In: what somebody typed. Out: a hash in PHC form, or whether it is the one. Argon2id
//! with OWASP's first choice of costs (Password Storage Cheat Sheet: 19 MiB, two passes, one lane). Not here: how often
//! somebody may try (`throttle`).

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret as _, SecretString};

/// Letters of a password, at least (NIST SP 800-63B asks for fifteen where nothing else is asked for; twelve is what
/// the NCSC's three random words come to).
pub const LEAST: usize = 12;
/// And at most, in bytes: hashing must not become work that strangers can order.
pub const MOST: usize = 1_024;

/// Why something is no password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// It is short.
    #[error("it has fewer than {LEAST} letters; three random words make a good one")]
    Short,
    /// It is very long.
    #[error("it is longer than {MOST} bytes")]
    Long,
    /// It is what everybody tries first.
    #[error("it is what everybody tries first; three random words make a good one")]
    Common,
    /// The system gave no random salt.
    #[error("the system has no random numbers to give; try again")]
    NoSalt,
}

/// The hash of a new password. `about` are words that it must not consist of: the user's names, the practice's.
pub fn hash(password: &SecretString, about: &[&str]) -> Result<String, Weak> {
    let text = password.expose_secret();
    check(text, about)?;
    hasher().hash_password(text.as_bytes()).map(|hash| hash.to_string()).map_err(|_| Weak::NoSalt)
}

/// Whether it is the password of this hash. Takes as long where there is no hash, so that nobody learns by the time it
/// takes which names there are.
pub fn is_right(password: &SecretString, hash: Option<&str>) -> bool {
    let text = password.expose_secret();
    if text.len() > MOST {
        return false;
    }
    let Some(hash) = hash.and_then(|hash| PasswordHash::new(hash).ok()) else {
        let _ = hasher().hash_password_with_salt(text.as_bytes(), &[0; 16]);
        return false;
    };
    hasher().verify_password(text.as_bytes(), &hash).is_ok()
}

fn hasher() -> Argon2<'static> {
    // 19 MiB, two passes, one lane: these are within the bounds that `Params` checks.
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or(Params::DEFAULT);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn check(text: &str, about: &[&str]) -> Result<(), Weak> {
    if text.chars().count() < LEAST {
        return Err(Weak::Short);
    }
    if text.len() > MOST {
        return Err(Weak::Long);
    }
    let folded: String = text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let mut rest = folded;
    // What is left when everything is taken out that is easily guessed.
    let names = about.iter().flat_map(|name| name.split_whitespace()).map(str::to_lowercase);
    for word in COMMON.iter().map(|&word| word.to_owned()).chain(names).filter(|word| word.chars().count() >= 3) {
        rest = rest.replace(&word, "");
    }
    let mut letters: Vec<char> = rest.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if letters.len() < 5 { Err(Weak::Common) } else { Ok(()) }
}

/// What passwords begin with when they are guessed.
const COMMON: [&str; 24] = [
    "password",
    "passw0rd",
    "welcome",
    "letmein",
    "qwertyuiop",
    "qwerty",
    "1234567890",
    "123456789",
    "12345678",
    "123456",
    "12345",
    "1234",
    "123",
    "abcdef",
    "abc",
    "admin",
    "chaperone",
    "surgery",
    "practice",
    "reception",
    "doctor",
    "nhs",
    "2025",
    "2026",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[track_caller]
    fn check_weak(text: &str, want: Result<(), Weak>) {
        assert_eq!(check(text, &["pat", "Pat Lee", "Alderbrook Surgery"]), want, "{text}");
    }

    #[test]
    fn what_everybody_tries_first_is_no_password() {
        check_weak("kettle7 lamp", Ok(()));
        check_weak("correct horse battery", Ok(()));
        check_weak("lamp kettle", Err(Weak::Short));
        check_weak("Password1234", Err(Weak::Common));
        check_weak("aaaaaaaaaaaaaaa", Err(Weak::Common));
        check_weak("alderbrook2026!", Err(Weak::Common));
        check_weak("chaperone-chaperone", Err(Weak::Common));
        check_weak(&"long ".repeat(300), Err(Weak::Long));
    }

    #[test]
    fn a_password_is_known_again_and_no_other_is() {
        let hash = hash(&secret("kettle lamp gate"), &[]).expect("a password");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(is_right(&secret("kettle lamp gate"), Some(&hash)));
        assert!(!is_right(&secret("kettle lamp gates"), Some(&hash)));
        assert!(!is_right(&secret("kettle lamp gate"), None));
        assert!(!is_right(&secret("kettle lamp gate"), Some("no hash")));
    }
}
