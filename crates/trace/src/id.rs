//! Ids that can be read out over a telephone.

use std::fmt;

/// A session's id: eight characters of an alphabet without look-alikes (40 random bits).
/// It stands in every log line and in every refusal of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId([u8; 8]);

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl SessionId {
    /// A new random id.
    pub fn random() -> Self {
        let mut octets = [0; 8];
        getrandom::fill(&mut octets).expect("the kernel's random numbers are always there on Linux");
        Self(octets.map(|o| ALPHABET[usize::from(o & 31)]))
    }

    /// The eight characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("the alphabet is ASCII")
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
