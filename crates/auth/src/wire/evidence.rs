//! What a login has shown.

use sasl::{
    ApopEvidence, CertificateEvidence, CramEvidence, Evidence, Mechanism, PasswordEvidence, ScramEvidence,
    TokenEvidence, scram,
};
use serde::{Deserialize, Serialize};

use super::sealed::Sealed;

/// Most names of a certificate.
const MAX_NAMES: usize = 100;

/// [`Evidence`], as it is sent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shown {
    /// PLAIN, LOGIN.
    Password { mechanism: String, authzid: Option<String>, identity: String, password: Sealed },
    /// CRAM-MD5.
    Cram { identity: String, challenge: Sealed, digest: Sealed },
    /// APOP.
    Apop { identity: String, timestamp: String, digest: Sealed },
    /// SCRAM.
    Scram(Box<Proof>),
    /// XOAUTH2, OAUTHBEARER. The name may be empty.
    Token { mechanism: String, identity: String, token: Sealed },
    /// EXTERNAL.
    Certificate { authzid: Option<String>, names: Vec<String>, fingerprint: Sealed },
}

/// A SCRAM proof, as it is sent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Proof {
    mechanism: String,
    identity: String,
    authzid: Option<String>,
    salt: Sealed,
    iterations: u32,
    auth_message: Sealed,
    proof: Sealed,
}

impl From<Evidence> for Shown {
    fn from(evidence: Evidence) -> Self {
        match evidence {
            Evidence::Password(e) => Self::Password {
                mechanism: e.mechanism.name().to_owned(),
                authzid: e.authzid,
                identity: e.identity,
                password: Sealed(e.password),
            },
            Evidence::Cram(e) => {
                Self::Cram { identity: e.identity, challenge: Sealed::of(&e.challenge), digest: Sealed::of(&e.digest) }
            }
            Evidence::Apop(e) => {
                Self::Apop { identity: e.identity, timestamp: e.timestamp, digest: Sealed::of(&e.digest) }
            }
            Evidence::Scram(e) => Self::Scram(Box::new(Proof::from(e))),
            Evidence::Token(e) => {
                Self::Token { mechanism: e.mechanism.name().to_owned(), identity: e.identity, token: Sealed(e.token) }
            }
            Evidence::Certificate(e) => {
                Self::Certificate { authzid: e.authzid, names: e.names, fingerprint: Sealed::of(&e.fingerprint) }
            }
        }
    }
}

impl From<ScramEvidence> for Proof {
    fn from(e: ScramEvidence) -> Self {
        Self {
            mechanism: e.mechanism.name().to_owned(),
            identity: e.identity,
            authzid: e.authzid,
            salt: Sealed::of(&e.salt),
            iterations: e.iterations,
            auth_message: Sealed::of(&e.auth_message),
            proof: Sealed::of(e.proof.expose()),
        }
    }
}

impl Proof {
    fn evidence(self) -> Option<ScramEvidence> {
        let mechanism = Mechanism::from_name(&self.mechanism)?;
        Some(ScramEvidence {
            identity: name(self.identity)?,
            authzid: self.authzid,
            mechanism,
            salt: self.salt.octets(),
            iterations: self.iterations,
            auth_message: self.auth_message.octets(),
            proof: scram::Key::new(mechanism.scram_hash()?, &self.proof.octets())?,
        })
    }
}

impl Shown {
    /// What was shown; `None` if it is not whole.
    pub(crate) fn evidence(self) -> Option<Evidence> {
        Some(match self {
            Self::Password { mechanism, authzid, identity, password } => Evidence::Password(PasswordEvidence {
                mechanism: Mechanism::from_name(&mechanism)?,
                authzid,
                identity: name(identity)?,
                password: password.0,
            }),
            Self::Cram { identity, challenge, digest } => Evidence::Cram(CramEvidence {
                identity: name(identity)?,
                challenge: challenge.octets(),
                digest: digest.array()?,
            }),
            Self::Apop { identity, timestamp, digest } => {
                Evidence::Apop(ApopEvidence { identity: name(identity)?, timestamp, digest: digest.array()? })
            }
            Self::Scram(proof) => Evidence::Scram(proof.evidence()?),
            Self::Token { mechanism, identity, token } => Evidence::Token(TokenEvidence {
                mechanism: Mechanism::from_name(&mechanism)?,
                identity: perhaps(identity)?,
                token: token.0,
            }),
            Self::Certificate { authzid, names, fingerprint } => Evidence::Certificate(CertificateEvidence {
                authzid,
                names: names.into_iter().take(MAX_NAMES).map(name).collect::<Option<_>>()?,
                fingerprint: fingerprint.array()?,
            }),
        })
    }
}

/// A name that may be missing: a token says by itself whose it is.
fn perhaps(identity: String) -> Option<String> {
    if identity.is_empty() { Some(identity) } else { name(identity) }
}

/// The bounds that every name from the network has passed already are held here as well: modules rely on them.
pub(super) fn name(identity: String) -> Option<String> {
    sasl::identity(identity.as_bytes()).ok()
}
