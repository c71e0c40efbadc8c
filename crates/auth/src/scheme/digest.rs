//! MD5, SHA-1 and SHA-2 over password and salt: `{SSHA}` and its kin. Fast, and so weak.

use md5::Md5;
use sasl::Secret;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Which digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

/// A digest, and the salt that was added behind the password.
#[derive(Clone)]
pub(crate) struct Salted {
    name: &'static str,
    algorithm: Algorithm,
    digest: Vec<u8>,
    salt: Vec<u8>,
}

impl std::fmt::Debug for Salted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}(…)", self.name)
    }
}

impl Algorithm {
    /// Octets of its digest.
    pub(super) fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn digest(self, password: &[u8], salt: &[u8]) -> Zeroizing<Vec<u8>> {
        fn of<D: Digest>(password: &[u8], salt: &[u8]) -> Zeroizing<Vec<u8>> {
            Zeroizing::new(D::new().chain_update(password).chain_update(salt).finalize().to_vec())
        }
        match self {
            Self::Md5 => of::<Md5>(password, salt),
            Self::Sha1 => of::<Sha1>(password, salt),
            Self::Sha256 => of::<Sha256>(password, salt),
            Self::Sha512 => of::<Sha512>(password, salt),
        }
    }
}

impl Salted {
    pub(super) fn new(name: &'static str, algorithm: Algorithm, digest: &[u8], salt: &[u8]) -> Self {
        Self { name, algorithm, digest: digest.to_vec(), salt: salt.to_vec() }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn verify(&self, password: &Secret) -> bool {
        self.algorithm.digest(password.expose(), &self.salt).ct_eq(&self.digest).into()
    }
}

/// Reads two hexadecimal digits for each octet, in any case.
pub(super) fn hex(text: &str) -> Option<Vec<u8>> {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect()
}
