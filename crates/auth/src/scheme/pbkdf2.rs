//! PBKDF2 (RFC 8018) as Dovecot writes it, `$1$salt$rounds$hex` with SHA-1, and as passlib does,
//! `$pbkdf2-sha256$rounds$salt$digest`.

use base64::Engine;
use base64::alphabet::Alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sasl::Secret;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::SchemeError;
use super::cost::ROUNDS;
use super::digest::hex;

const SCHEME: &str = "PBKDF2";

/// passlib's base64: `.` instead of `+`, and no padding.
fn ab64() -> Option<GeneralPurpose> {
    let alphabet = Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./").ok()?;
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    Some(GeneralPurpose::new(&alphabet, config))
}

/// A derived key, with all that it takes to derive it again.
#[derive(Clone)]
pub(crate) struct Pbkdf2 {
    hash: Hash,
    salt: Vec<u8>,
    rounds: u32,
    key: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

impl std::fmt::Debug for Pbkdf2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PBKDF2({:?}, rounds {}, …)", self.hash, self.rounds)
    }
}

impl Pbkdf2 {
    pub(super) fn parse(value: &str) -> Result<Self, SchemeError> {
        let parts: Vec<_> = value.split('$').collect();
        let read = match parts.as_slice() {
            ["", "1", salt, rounds, key] => Self::read(Hash::Sha1, rounds, salt.as_bytes().to_vec(), hex(key)),
            ["", "pbkdf2", rounds, salt, key] => Self::passlib(Hash::Sha1, rounds, salt, key),
            ["", "pbkdf2-sha256", rounds, salt, key] => Self::passlib(Hash::Sha256, rounds, salt, key),
            ["", "pbkdf2-sha512", rounds, salt, key] => Self::passlib(Hash::Sha512, rounds, salt, key),
            _ => None,
        };
        let read = read.ok_or(SchemeError::Malformed { scheme: SCHEME, why: "its parts are not as they should be" })?;
        // RFC 8018 §5.2: every block of the key takes all rounds again.
        if read.rounds.saturating_mul(read.blocks()) > ROUNDS {
            return Err(SchemeError::TooCostly { scheme: SCHEME, most: "5,000,000 rounds for all blocks of its key" });
        }
        Ok(read)
    }

    fn passlib(hash: Hash, rounds: &str, salt: &str, key: &str) -> Option<Self> {
        let base64 = ab64()?;
        Self::read(hash, rounds, base64.decode(salt).ok()?, base64.decode(key).ok())
    }

    fn read(hash: Hash, rounds: &str, salt: Vec<u8>, key: Option<Vec<u8>>) -> Option<Self> {
        let key = key.filter(|key| (16..=128).contains(&key.len()))?;
        let rounds = rounds.parse().ok().filter(|rounds| *rounds > 0)?;
        Some(Self { hash, salt, rounds, key })
    }

    /// Into how many pieces of its hash's length the key is divided.
    fn blocks(&self) -> u32 {
        let length = match self.hash {
            Hash::Sha1 => 20,
            Hash::Sha256 => 32,
            Hash::Sha512 => 64,
        };
        u32::try_from(self.key.len().div_ceil(length)).unwrap_or(u32::MAX)
    }

    pub(super) fn verify(&self, password: &Secret) -> bool {
        let mut key = Zeroizing::new(vec![0; self.key.len()]);
        let (password, salt, rounds) = (password.expose(), &self.salt, self.rounds);
        match self.hash {
            Hash::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, rounds, &mut key),
            Hash::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, rounds, &mut key),
            Hash::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, rounds, &mut key),
        }
        key.ct_eq(&self.key).into()
    }
}
