//! The names of the mechanisms.

use std::fmt;

use crate::scram::Hash;

/// A mechanism that Gatepost knows. The order is by strength, the weakest first; it asks what somebody gains who
/// listens, or who plays the server: with LOGIN and PLAIN the password for good, with APOP an MD5 that gives a short one
/// away to whoever chooses the timestamps, with the two of OAuth a token that ends by itself, with CRAM-MD5 something to
/// guess the password with, at the speed of MD5, with SCRAM the same at 4096 times the cost and never a login elsewhere;
/// with -PLUS not even the present session. The better hash goes before the binding, as SHA-1 is on its way out
/// (RFC 7677 §1). With EXTERNAL there is nothing to be had: the key never leaves the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mechanism {
    /// `LOGIN`, the old two-prompt form (draft-murchison-sasl-login).
    Login,
    /// `PLAIN` (RFC 4616).
    Plain,
    /// `APOP`, a command of POP3 (RFC 1939 §7) and no SASL mechanism: never in a list of SASL's names.
    Apop,
    /// `XOAUTH2`, as Google and Microsoft have it.
    XOAuth2,
    /// `OAUTHBEARER` (RFC 7628).
    OAuthBearer,
    /// `CRAM-MD5` (RFC 2195).
    CramMd5,
    /// `SCRAM-SHA-1` (RFC 5802).
    ScramSha1,
    /// `SCRAM-SHA-1-PLUS`, bound to the TLS channel.
    ScramSha1Plus,
    /// `SCRAM-SHA-256` (RFC 5802, RFC 7677).
    ScramSha256,
    /// `SCRAM-SHA-256-PLUS`, bound to the TLS channel.
    ScramSha256Plus,
    /// `EXTERNAL` (RFC 4422 §A): the client's certificate.
    External,
}

impl Mechanism {
    /// Every mechanism, the strongest first.
    pub const ALL: [Self; 11] = [
        Self::External,
        Self::ScramSha256Plus,
        Self::ScramSha256,
        Self::ScramSha1Plus,
        Self::ScramSha1,
        Self::CramMd5,
        Self::OAuthBearer,
        Self::XOAuth2,
        Self::Apop,
        Self::Plain,
        Self::Login,
    ];

    /// The registered name, in upper case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Login => "LOGIN",
            Self::Plain => "PLAIN",
            Self::Apop => "APOP",
            Self::XOAuth2 => "XOAUTH2",
            Self::OAuthBearer => "OAUTHBEARER",
            Self::CramMd5 => "CRAM-MD5",
            Self::ScramSha1 => "SCRAM-SHA-1",
            Self::ScramSha1Plus => "SCRAM-SHA-1-PLUS",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha256Plus => "SCRAM-SHA-256-PLUS",
            Self::External => "EXTERNAL",
        }
    }

    /// Reads a name of SASL in any case; `None` for a mechanism that is not known here.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::sasl(&Self::ALL).find(|m| m.name().eq_ignore_ascii_case(name))
    }

    /// Whether it is one of SASL's.
    pub fn is_sasl(self) -> bool {
        self != Self::Apop
    }

    /// Those of a list that AUTH and AUTHENTICATE know, in its order: what EHLO, CAPA and CAPABILITY may name.
    pub fn sasl(list: &[Self]) -> impl Iterator<Item = Self> + '_ {
        list.iter().copied().filter(|mechanism| mechanism.is_sasl())
    }

    /// Whether a secret that logs in by itself crosses the wire (a password or a token), so that TLS is a must.
    pub fn sends_secret(self) -> bool {
        matches!(self, Self::Login | Self::Plain | Self::XOAuth2 | Self::OAuthBearer)
    }

    /// Whether it is bound to the TLS channel, and so can be used nowhere else.
    pub fn is_plus(self) -> bool {
        matches!(self, Self::ScramSha1Plus | Self::ScramSha256Plus)
    }

    /// SCRAM's hash; `None` for all others.
    pub fn scram_hash(self) -> Option<Hash> {
        match self {
            Self::ScramSha1 | Self::ScramSha1Plus => Some(Hash::Sha1),
            Self::ScramSha256 | Self::ScramSha256Plus => Some(Hash::Sha256),
            _ => None,
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_listed_once_the_strongest_first() {
        assert!(Mechanism::ALL.is_sorted_by(|a, b| a > b));
        assert_eq!(Mechanism::ALL.len(), Mechanism::External as usize + 1);
    }

    #[test]
    fn names_are_read_in_any_case_and_apop_is_none() {
        for mechanism in Mechanism::ALL {
            let read = Mechanism::from_name(&mechanism.name().to_ascii_lowercase());
            assert_eq!(read, (mechanism != Mechanism::Apop).then_some(mechanism));
        }
        assert!(!Mechanism::sasl(&Mechanism::ALL).any(|mechanism| mechanism == Mechanism::Apop));
        assert_eq!(Mechanism::from_name("SCRAM-SHA-256-PLUSS"), None);
    }
}
