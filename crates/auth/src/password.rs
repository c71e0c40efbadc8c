//! Argon2id, and passwords that are made for people.

use std::sync::LazyLock;

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use sasl::Secret;

use crate::random;

/// 19 MiB, two passes, one lane: what OWASP asks for.
static ARGON2ID: LazyLock<Argon2<'static>> = LazyLock::new(|| {
    let params = Params::new(19 * 1024, 2, 1, None).expect("the numbers are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
});

/// Longer ones are not hashed: nobody has one, and it would be free work for an attacker.
const MAX: usize = 1024;

/// Why a password cannot be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// RFC 4616 §2: `1*SAFE`.
    #[error("the password is empty")]
    Empty,
    /// RFC 4616 §2: NUL separates the fields of PLAIN.
    #[error("the password has a NUL or a line end, which no client can send")]
    Control,
    /// More than 1024 octets.
    #[error("the password is longer than {MAX} octets")]
    TooLong,
    /// Clients send UTF-8 (RFC 4616 §2).
    #[error("the password is not UTF-8")]
    NotText,
}

/// Whether clients can send a password.
pub(crate) fn acceptable(password: &Secret) -> Result<(), PasswordError> {
    let octets = password.expose();
    if octets.is_empty() {
        return Err(PasswordError::Empty);
    }
    if octets.len() > MAX {
        return Err(PasswordError::TooLong);
    }
    if octets.iter().any(|octet| matches!(octet, 0 | b'\r' | b'\n')) {
        return Err(PasswordError::Control);
    }
    std::str::from_utf8(octets).map(|_| ()).map_err(|_| PasswordError::NotText)
}

/// The PHC string to keep instead of a password. Takes about 30 ms.
pub(crate) fn hash(password: &Secret) -> String {
    let hash = ARGON2ID.hash_password(password.expose());
    hash.expect("the parameters are right and the password is short").to_string()
}

/// A hash that no password has: what a user who does not exist is verified against, so that it takes as long.
pub(crate) fn nobody() -> &'static str {
    &NOBODY
}

/// Made of random letters instead of a password: the first unknown user must not wait for a hash to be made.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let random = random::octets::<63>();
    let letters: String = random.iter().map(|octet| char::from(BASE64[usize::from(octet & 63)])).collect();
    let (salt, output) = letters.split_at(21);
    // 16 and 32 octets; the last letter of each carries bits that must be zero.
    format!("$argon2id$v=19$m=19456,t=2,p=1${salt}A${output}A")
});

/// Crockford's base 32 in lower case: no i, l, o, u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A random password that can be read out over a telephone: `k3fq-9t2m-…`, 100 bits.
pub fn generate() -> Secret {
    let letters = random::octets::<20>().map(|octet| ALPHABET[usize::from(octet & 31)]);
    Secret::new(letters.chunks(4).collect::<Vec<_>>().join(&b'-'))
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::PasswordVerifier;
    use argon2::password_hash::phc::PasswordHash;

    use super::*;

    #[test]
    fn right_wrong_and_nobody() {
        let password = Secret::new("päss");
        let phc = hash(&password);
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        let verify = |phc: &str, password: &Secret| {
            let hash = PasswordHash::new(phc).expect("a hash");
            ARGON2ID.verify_password(password.expose(), &hash).is_ok()
        };
        assert!(verify(&phc, &password));
        assert!(!verify(&phc, &Secret::new("pass")));
        assert!(!verify(nobody(), &password));
    }

    /// No clock needed: the dummy has the same parameters, so it is the same work.
    #[test]
    fn nobody_costs_as_much_as_somebody() {
        let params = |phc: &str| phc.rsplitn(3, '$').nth(2).map(str::to_owned);
        assert_eq!(params(nobody()), params(&hash(&Secret::new("x"))));
        assert!(PasswordHash::new(nobody()).is_ok_and(|hash| hash.hash.is_some_and(|output| output.len() == 32)));
    }

    #[test]
    fn what_no_client_can_send_is_refused() {
        let of = |octets: &[u8]| acceptable(&Secret::new(octets));
        assert_eq!(of(b""), Err(PasswordError::Empty));
        assert_eq!(of(b"a\0b"), Err(PasswordError::Control));
        assert_eq!(of(b"a\n"), Err(PasswordError::Control));
        assert_eq!(of(b"\xff"), Err(PasswordError::NotText));
        assert_eq!(of(&[b'a'; 1025]), Err(PasswordError::TooLong));
        assert_eq!(of("pä ss".as_bytes()), Ok(()));
    }

    #[test]
    fn generated_passwords_differ() {
        let (one, two) = (generate(), generate());
        assert!(one != two && one.expose().len() == 24 && acceptable(&one).is_ok());
    }
}
