//! The names of the mechanisms.

use std::fmt;

/// A SASL mechanism that Gatepost knows. The order is by strength, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mechanism {
    /// `LOGIN`, the old two-prompt form (draft-murchison-sasl-login).
    Login,
    /// `PLAIN` (RFC 4616).
    Plain,
    /// `CRAM-MD5` (RFC 2195).
    CramMd5,
    /// `SCRAM-SHA-256` (RFC 5802, RFC 7677).
    ScramSha256,
}

impl Mechanism {
    /// Every mechanism, the strongest first.
    pub const ALL: [Self; 4] = [Self::ScramSha256, Self::CramMd5, Self::Plain, Self::Login];

    /// The registered name, in upper case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Login => "LOGIN",
            Self::Plain => "PLAIN",
            Self::CramMd5 => "CRAM-MD5",
            Self::ScramSha256 => "SCRAM-SHA-256",
        }
    }

    /// Reads a name in any case; `None` for a mechanism that is not known here.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name().eq_ignore_ascii_case(name))
    }

    /// Whether the password itself crosses the wire, so that TLS is a must.
    pub fn sends_password(self) -> bool {
        matches!(self, Self::Login | Self::Plain)
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
