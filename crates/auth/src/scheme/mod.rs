//! The forms in which a password is kept.

use sasl::{Evidence, Secret, scram};

use crate::password;

/// What a text without a prefix is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bare {
    /// A hash of crypt(3).
    Crypt,
    /// The password itself.
    Clear,
}

/// A stored password.
#[derive(Debug, Clone)]
pub(crate) enum Stored {
    /// The password itself.
    Clear(Secret),
    /// SCRAM keys.
    Scram(scram::Keys),
    /// Argon2id, as a PHC string.
    Hash(String),
}

/// Why a stored form cannot be judged. Never a wrong password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SchemeError {
    /// No such scheme.
    #[error("password scheme {0} is not known")]
    Unknown(String),
}

impl Stored {
    /// Reads `{SCHEME}value`, `$id$…`, or a bare text.
    pub(crate) fn parse(text: &str, bare: Bare) -> Result<Self, SchemeError> {
        match bare {
            Bare::Clear => Ok(Self::Clear(Secret::new(text))),
            Bare::Crypt => Ok(Self::Hash(text.to_owned())),
        }
    }

    /// Whether a password is the one that is kept.
    pub(crate) fn verify(&self, password: &Secret) -> Result<bool, SchemeError> {
        Ok(match self {
            Self::Clear(clear) => clear == password,
            Self::Scram(keys) => {
                let derived = scram::Keys::derive(keys.hash, password.expose(), keys.salt.clone(), keys.iterations);
                derived == *keys
            }
            Self::Hash(phc) => password::verify(phc, password),
        })
    }

    /// Its name, for the operator.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Clear(_) => "PLAIN",
            Self::Scram(_) => "SCRAM-SHA-256",
            Self::Hash(_) => "ARGON2ID",
        }
    }

    /// Whether a hash is easy to guess passwords against.
    pub(crate) fn is_weak(&self) -> bool {
        false
    }

    /// The password itself, if it is kept.
    pub(crate) fn clear(&self) -> Option<&Secret> {
        match self {
            Self::Clear(clear) => Some(clear),
            _ => None,
        }
    }

    /// SCRAM keys of this hash, if they are kept.
    pub(crate) fn keys(&self, hash: scram::Hash) -> Option<&scram::Keys> {
        match self {
            Self::Scram(keys) if hash == keys.hash => Some(keys),
            _ => None,
        }
    }

    /// The rounds of the SCRAM keys that are kept.
    pub(crate) fn iterations(&self) -> Option<u32> {
        self.keys(scram::Hash::Sha256).map(|keys| keys.iterations)
    }

    /// Whether CRAM-MD5 can be verified against it.
    pub(crate) fn serves_cram(&self) -> bool {
        self.clear().is_some()
    }

    /// Whether SCRAM can be verified against it.
    pub(crate) fn serves_scram(&self, hash: scram::Hash) -> bool {
        self.clear().is_some() || self.keys(hash).is_some()
    }

    /// Whether the response to a challenge (CRAM-MD5, APOP) is right; `None` if it cannot be held against this form.
    pub(crate) fn proves(&self, evidence: &Evidence) -> Option<bool> {
        match (self, evidence) {
            (Self::Clear(clear), Evidence::Cram(cram)) => Some(cram.verify(clear)),
            _ => None,
        }
    }
}

/// A form that no password has, as costly as `like`: what a user who does not exist is held against.
pub(crate) fn decoy(_like: Option<&Stored>) -> Stored {
    Stored::Hash(password::nobody().to_owned())
}
