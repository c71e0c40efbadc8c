//! Octets in base64, wiped when they are dropped.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sasl::Secret;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// A password, a key, a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sealed(pub(crate) Secret);

impl Sealed {
    pub(crate) fn of(octets: &[u8]) -> Self {
        Self(Secret::new(octets))
    }

    /// Octets of a known number; `None` if there are others.
    pub(crate) fn array<const N: usize>(&self) -> Option<[u8; N]> {
        self.0.expose().try_into().ok()
    }

    pub(crate) fn octets(&self) -> Vec<u8> {
        self.0.expose().to_vec()
    }
}

impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(STANDARD.encode(self.0.expose())))
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Octets)
    }
}

struct Octets;

impl Visitor<'_> for Octets {
    type Value = Sealed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("base64")
    }

    /// Base64 has nothing to unescape, so serde hands out the line's own octets, not a copy.
    fn visit_str<E: Error>(self, text: &str) -> Result<Sealed, E> {
        STANDARD.decode(text).map(|octets| Sealed(Secret::new(octets))).map_err(|_| E::custom("not base64"))
    }
}
