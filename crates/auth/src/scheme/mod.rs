//! The forms in which a password is kept: `{SCHEME}value` as Dovecot and LDAP write it, and what crypt(3) makes.

pub(crate) mod argon;
mod cost;
mod crypt;
mod digest;
mod libcrypt;
mod pbkdf2;
mod prefix;
mod strength;

use sasl::{Evidence, Secret, cram, scram};

pub(crate) use prefix::Bare;
pub(crate) use strength::Strength;

use crypt::Crypt;
use digest::Salted;
use pbkdf2::Pbkdf2;

/// A stored password.
#[derive(Debug, Clone)]
pub(crate) enum Stored {
    /// The password itself.
    Clear(Secret),
    /// What HMAC-MD5 needs of it: `{CRAM-MD5}`, Courier's `hmac-md5pw`. As good as the password for CRAM-MD5.
    Cram(cram::Contexts),
    /// SCRAM keys.
    Scram(scram::Keys),
    /// MD5, SHA-1 or SHA-2, with or without salt.
    Digest(Salted),
    /// PBKDF2.
    Pbkdf2(Pbkdf2),
    /// A hash of crypt(3), or an Argon2 PHC string.
    Crypt(Crypt),
    /// Costs as much as this one, and is nobody's.
    Nobody(Box<Stored>),
}

/// Why a stored form cannot be judged. Never a wrong password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SchemeError {
    /// No such scheme.
    #[error("password scheme {0} is not known")]
    Unknown(String),
    /// The scheme is known, its value is not what it should be.
    #[error("this is no {scheme} value: {why}")]
    Malformed {
        /// Of which scheme.
        scheme: &'static str,
        /// What is wrong.
        why: &'static str,
    },
    /// The system's libcrypt would be needed.
    #[error("{scheme} needs the system's libcrypt, which {why}")]
    Unavailable {
        /// Of which scheme.
        scheme: &'static str,
        /// Why not.
        why: String,
    },
    /// Verifying it once would take minutes, or gigabytes.
    #[error("this {scheme} value is too costly to verify: more than {most}")]
    TooCostly {
        /// Of which scheme.
        scheme: &'static str,
        /// The bound, with its unit.
        most: &'static str,
    },
}

impl Stored {
    /// Reads `{SCHEME}value`, `$id$…`, or a text that `bare` says the meaning of.
    pub(crate) fn parse(text: &str, bare: Bare) -> Result<Self, SchemeError> {
        prefix::parse(text, bare)
    }

    /// Whether a password is the one that is kept. Slow by design: not for threads that do I/O.
    pub(crate) fn verify(&self, password: &Secret) -> Result<bool, SchemeError> {
        Ok(match self {
            Self::Clear(clear) => clear == password,
            Self::Cram(contexts) => contexts.verify(password),
            Self::Scram(keys) => {
                *keys == scram::Keys::derive(keys.hash, password.expose(), keys.salt.clone(), keys.iterations)
            }
            Self::Digest(salted) => salted.verify(password),
            Self::Pbkdf2(derived) => derived.verify(password),
            Self::Crypt(crypt) => crypt.verify(password)?,
            Self::Nobody(like) => {
                like.verify(password)?;
                false
            }
        })
    }

    /// Its name, for the operator.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Clear(_) => "PLAIN",
            Self::Cram(_) => "CRAM-MD5",
            Self::Scram(keys) => match keys.hash {
                scram::Hash::Sha1 => "SCRAM-SHA-1",
                scram::Hash::Sha256 => "SCRAM-SHA-256",
            },
            Self::Digest(salted) => salted.name(),
            Self::Pbkdf2(_) => "PBKDF2",
            Self::Crypt(crypt) => crypt.name(),
            Self::Nobody(_) => "nobody's",
        }
    }

    /// How hard it makes guessing.
    pub(crate) fn strength(&self) -> Strength {
        match self {
            Self::Clear(_) | Self::Cram(_) => Strength::Clear,
            Self::Digest(_) => Strength::Weak,
            Self::Crypt(crypt) => crypt.strength(),
            Self::Scram(_) | Self::Pbkdf2(_) | Self::Nobody(_) => Strength::Good,
        }
    }

    /// Whether a store of our own should keep a better form as soon as it has the password.
    pub(crate) fn is_weak(&self) -> bool {
        self.strength() != Strength::Good
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
        match self {
            Self::Scram(keys) => Some(keys.iterations),
            _ => None,
        }
    }

    /// Whether CRAM-MD5 can be verified against it.
    pub(crate) fn serves_cram(&self) -> bool {
        matches!(self, Self::Clear(_) | Self::Cram(_))
    }

    /// Whether SCRAM can be verified against it.
    pub(crate) fn serves_scram(&self, hash: scram::Hash) -> bool {
        self.clear().is_some() || self.keys(hash).is_some()
    }

    /// Whether the response to a challenge (CRAM-MD5, APOP) is right; `None` if it cannot be held against this form.
    pub(crate) fn proves(&self, evidence: &Evidence) -> Option<bool> {
        match (self, evidence) {
            (Self::Clear(clear), Evidence::Cram(cram)) => Some(cram.verify(clear)),
            (Self::Cram(contexts), Evidence::Cram(cram)) => Some(cram.verify_contexts(contexts)),
            (Self::Clear(clear), Evidence::Apop(apop)) => Some(apop.verify(clear)),
            _ => None,
        }
    }
}

/// A form that no password has, as costly as `like`: what a user who does not exist is held against.
pub(crate) fn decoy(like: Option<&Stored>) -> Stored {
    let ours = || Stored::Crypt(Crypt::argon2(crate::password::nobody().to_owned()));
    Stored::Nobody(Box::new(like.cloned().unwrap_or_else(ours)))
}

/// The same for an account that keeps several forms.
pub(crate) fn decoys(like: &[Stored]) -> Vec<Stored> {
    if like.is_empty() { vec![decoy(None)] } else { like.iter().map(|form| decoy(Some(form))).collect() }
}

#[cfg(test)]
mod tests;
