//! What a finished exchange hands to the auth chain.

use subtle::ConstantTimeEq;

use crate::server::Broken;
use crate::{Mechanism, Secret, cram, field, scram};

/// What a client has shown to prove who it is; the auth chain judges it.
#[derive(Debug, Clone)]
pub enum Evidence {
    /// The password itself (PLAIN, LOGIN, IMAP `LOGIN`, POP3 `USER`/`PASS`).
    Password(PasswordEvidence),
    /// A CRAM-MD5 response.
    Cram(CramEvidence),
    /// A SCRAM proof.
    Scram(ScramEvidence),
}

impl Evidence {
    /// The authentication identity: who it claims to be.
    pub fn identity(&self) -> &str {
        match self {
            Self::Password(e) => &e.identity,
            Self::Cram(e) => &e.identity,
            Self::Scram(e) => &e.identity,
        }
    }

    /// The authorization identity, if one was asked for (RFC 4422 §3.4.1).
    pub fn authzid(&self) -> Option<&str> {
        match self {
            Self::Password(e) => e.authzid.as_deref(),
            Self::Cram(_) => None,
            Self::Scram(e) => e.authzid.as_deref(),
        }
    }
}

/// Identity and password in clear.
#[derive(Debug, Clone)]
pub struct PasswordEvidence {
    /// PLAIN or LOGIN; POP3 `PASS` and IMAP `LOGIN` count as [`Mechanism::Plain`].
    pub mechanism: Mechanism,
    /// Who should be acted for, if not the identity itself.
    pub authzid: Option<String>,
    /// Who logs in, as sent.
    pub identity: String,
    /// The password, as sent.
    pub password: Secret,
}

impl PasswordEvidence {
    /// From a name and a password as they came, without an authorization identity: for IMAP `LOGIN`, POP3 `USER` and
    /// `PASS`, and the mechanism LOGIN.
    ///
    /// # Errors
    /// [`Broken::Syntax`] says what is wrong with one of them.
    pub fn new(mechanism: Mechanism, identity: &[u8], password: &[u8]) -> Result<Self, Broken> {
        let (identity, password) = (field::identity(identity)?, field::password(password)?);
        Ok(Self { mechanism, authzid: None, identity, password })
    }
}

/// RFC 2195: keyed MD5 over the server's challenge.
#[derive(Debug, Clone)]
pub struct CramEvidence {
    /// Who logs in.
    pub identity: String,
    /// The challenge that was sent, before base64.
    pub challenge: Vec<u8>,
    /// HMAC-MD5(password, challenge).
    pub digest: [u8; 16],
}

impl CramEvidence {
    /// Checks the digest against an account's password, in constant time.
    pub fn verify(&self, password: &Secret) -> bool {
        cram::digest(password, &self.challenge).ct_eq(&self.digest).into()
    }
}

/// RFC 5802: the client's proof, to be held against the account's stored key.
#[derive(Debug, Clone)]
pub struct ScramEvidence {
    /// Who logs in.
    pub identity: String,
    /// Who should be acted for.
    pub authzid: Option<String>,
    /// `AuthMessage` of RFC 5802 §3.
    pub auth_message: Vec<u8>,
    /// `ClientProof`.
    pub proof: [u8; 32],
}

impl ScramEvidence {
    /// Checks the proof against an account's keys, in constant time.
    pub fn verify(&self, keys: &scram::Keys) -> bool {
        scram::verify(keys, &self.auth_message, &self.proof)
    }
}
