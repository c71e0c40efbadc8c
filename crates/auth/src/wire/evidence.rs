//! What a login has shown.

use sasl::{CramEvidence, Evidence, Mechanism, PasswordEvidence, ScramEvidence};
use serde::{Deserialize, Serialize};

use super::sealed::Sealed;

/// [`Evidence`], as it is sent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shown {
    /// PLAIN, LOGIN.
    Password { mechanism: String, authzid: Option<String>, identity: String, password: Sealed },
    /// CRAM-MD5.
    Cram { identity: String, challenge: Sealed, digest: Sealed },
    /// SCRAM.
    Scram { identity: String, authzid: Option<String>, auth_message: Sealed, proof: Sealed },
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
            Evidence::Scram(e) => Self::Scram {
                identity: e.identity,
                authzid: e.authzid,
                auth_message: Sealed::of(&e.auth_message),
                proof: Sealed::of(&e.proof),
            },
        }
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
            Self::Scram { identity, authzid, auth_message, proof } => Evidence::Scram(ScramEvidence {
                identity: name(identity)?,
                authzid,
                auth_message: auth_message.octets(),
                proof: proof.array()?,
            }),
        })
    }
}

/// The bounds that every name from the network has passed already are held here as well: modules rely on them.
pub(super) fn name(identity: String) -> Option<String> {
    sasl::identity(identity.as_bytes()).ok()
}
