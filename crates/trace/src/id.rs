//! Ids that can be read out over a telephone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A session's id: eight characters of an alphabet without look-alikes (40 random bits).
/// It stands in every log line and in every refusal of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId([u8; 8]);

/// A text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a session's id has eight letters and digits, such as 7HX2K9QF")]
pub struct NotAnId;

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl SessionId {
    /// A new random id.
    pub fn random() -> Self {
        let mut octets = [0; 8];
        getrandom::fill(&mut octets).expect("the kernel's random numbers are always there on Linux");
        Self(octets.map(|o| ALPHABET[usize::from(o & 31)]))
    }

    /// A number that spreads ids.
    pub(crate) fn shard(self) -> usize {
        let [.., last] = self.0;
        last.into()
    }

    /// The eight characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("the alphabet is ASCII")
    }
}

impl FromStr for SessionId {
    type Err = NotAnId;

    /// As somebody writes it down: in any case, in brackets or groups, with the look-alikes of the digits.
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let said =
            text.bytes().filter(|octet| !b"[]- \t".contains(octet)).map(|octet| match octet.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                octet => octet,
            });
        let octets: Vec<u8> = said.take(9).collect();
        match <[u8; 8]>::try_from(octets) {
            Ok(octets) if octets.iter().all(|octet| ALPHABET.contains(octet)) => Ok(Self(octets)),
            _ => Err(NotAnId),
        }
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for SessionId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SessionId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_understood_as_it_is_read_out() {
        let id: SessionId = "70X2K91F".parse().expect("an id");
        for said in ["70x2k91f", "[7OX2K9LF]", " 7oX2-K9iF "] {
            assert_eq!(said.parse(), Ok(id), "{said}");
        }
        for wrong in ["", "70X2K91", "70X2K91FF", "70X2K91U", "70X2K91é"] {
            assert_eq!(wrong.parse::<SessionId>(), Err(NotAnId), "{wrong}");
        }
        let random = SessionId::random();
        assert_eq!(random.to_string().parse(), Ok(random));
    }
}
