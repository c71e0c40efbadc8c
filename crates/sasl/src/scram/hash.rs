//! The hashes that SCRAM is used with.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::Key;

/// A hash of SCRAM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-1 (RFC 5802). In HMAC and PBKDF2 it is not broken; but nothing new should use it.
    Sha1,
    /// SHA-256 (RFC 7677).
    Sha256,
}

impl Hash {
    /// All of them, the better first.
    pub const ALL: [Self; 2] = [Self::Sha256, Self::Sha1];

    /// Octets of its output.
    pub const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// H() of RFC 5802 §2.2.
    pub(crate) fn digest(self, octets: &[u8]) -> Key {
        match self {
            Self::Sha1 => Key::from(<[u8; 20]>::from(Sha1::digest(octets))),
            Self::Sha256 => Key::from(<[u8; 32]>::from(Sha256::digest(octets))),
        }
    }

    /// HMAC().
    pub(crate) fn hmac(self, key: &[u8], message: &[u8]) -> Key {
        const ANY: &str = "HMAC takes keys of any length";
        match self {
            Self::Sha1 => {
                let mac = Hmac::<Sha1>::new_from_slice(key).expect(ANY).chain_update(message);
                Key::from(<[u8; 20]>::from(mac.finalize().into_bytes()))
            }
            Self::Sha256 => {
                let mac = Hmac::<Sha256>::new_from_slice(key).expect(ANY).chain_update(message);
                Key::from(<[u8; 32]>::from(mac.finalize().into_bytes()))
            }
        }
    }

    /// Hi(), which is PBKDF2 with one block.
    pub(crate) fn pbkdf2(self, password: &[u8], salt: &[u8], iterations: u32) -> Key {
        match self {
            Self::Sha1 => {
                let mut salted = Zeroizing::new([0; 20]);
                pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, iterations, salted.as_mut());
                Key::from(*salted)
            }
            Self::Sha256 => {
                let mut salted = Zeroizing::new([0; 32]);
                pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, iterations, salted.as_mut());
                Key::from(*salted)
            }
        }
    }
}
