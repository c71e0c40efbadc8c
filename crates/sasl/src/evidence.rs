//! What a finished exchange hands to the auth chain.

use subtle::ConstantTimeEq;

use crate::server::Broken;
use crate::{Mechanism, Secret, apop, cram, field, scram};

/// What a client has shown to prove who it is; the auth chain judges it.
#[derive(Debug, Clone)]
pub enum Evidence {
    /// The password itself (PLAIN, LOGIN, IMAP `LOGIN`, POP3 `USER`/`PASS`).
    Password(PasswordEvidence),
    /// A CRAM-MD5 response.
    Cram(CramEvidence),
    /// A digest of POP3's APOP.
    Apop(ApopEvidence),
    /// A SCRAM proof.
    Scram(ScramEvidence),
    /// An OAuth token (XOAUTH2, OAUTHBEARER).
    Token(TokenEvidence),
    /// A client certificate that TLS has verified (EXTERNAL).
    Certificate(CertificateEvidence),
}

impl Evidence {
    /// How it was shown.
    pub fn mechanism(&self) -> Mechanism {
        match self {
            Self::Password(e) => e.mechanism,
            Self::Cram(_) => Mechanism::CramMd5,
            Self::Apop(_) => Mechanism::Apop,
            Self::Scram(e) => e.mechanism,
            Self::Token(e) => e.mechanism,
            Self::Certificate(_) => Mechanism::External,
        }
    }

    /// The authentication identity: who it claims to be. Empty where a token says all by itself, or a certificate has no
    /// address in it.
    pub fn identity(&self) -> &str {
        match self {
            Self::Password(e) => &e.identity,
            Self::Cram(e) => &e.identity,
            Self::Apop(e) => &e.identity,
            Self::Scram(e) => &e.identity,
            Self::Token(e) => &e.identity,
            Self::Certificate(e) => e.identity(),
        }
    }

    /// The authorization identity, if one was asked for (RFC 4422 §3.4.1). A token is good for whom it names, so the name
    /// beside it can only ask to act as somebody (RFC 7628 §3.1).
    pub fn authzid(&self) -> Option<&str> {
        match self {
            Self::Password(e) => e.authzid.as_deref(),
            Self::Cram(_) | Self::Apop(_) => None,
            Self::Scram(e) => e.authzid.as_deref(),
            Self::Token(e) => Some(e.identity.as_str()).filter(|name| !name.is_empty()),
            Self::Certificate(e) => e.authzid.as_deref(),
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

    /// Checks it against the contexts that a store keeps instead of the password, in constant time.
    pub fn verify_contexts(&self, contexts: &cram::Contexts) -> bool {
        contexts.digest(&self.challenge).ct_eq(&self.digest).into()
    }
}

/// RFC 1939 §7: MD5 over the greeting's timestamp and the password, which takes the password in clear to check.
#[derive(Debug, Clone)]
pub struct ApopEvidence {
    /// Who logs in.
    pub identity: String,
    /// The timestamp of this session's greeting, with its angle brackets.
    pub timestamp: String,
    /// MD5(timestamp, password).
    pub digest: [u8; 16],
}

impl ApopEvidence {
    /// From a name and 32 hexadecimal digits as they came.
    ///
    /// # Errors
    /// [`Broken::Syntax`] says what is wrong with one of them.
    pub fn new(identity: &[u8], timestamp: String, digest: &[u8]) -> Result<Self, Broken> {
        let digest = cram::from_hex(digest).ok_or(Broken::Syntax("the digest is not 32 hexadecimal digits"))?;
        Ok(Self { identity: field::identity(identity)?, timestamp, digest })
    }

    /// Checks the digest against an account's password, in constant time.
    pub fn verify(&self, password: &Secret) -> bool {
        apop::digest(&self.timestamp, password).ct_eq(&self.digest).into()
    }
}

/// RFC 5802: the client's proof, to be held against the account's stored key.
#[derive(Debug, Clone)]
pub struct ScramEvidence {
    /// Who logs in.
    pub identity: String,
    /// Who should be acted for.
    pub authzid: Option<String>,
    /// Which of SCRAM's mechanisms.
    pub mechanism: Mechanism,
    /// The salt that the client was told.
    pub salt: Vec<u8>,
    /// The rounds that it was told.
    pub iterations: u32,
    /// `AuthMessage` of RFC 5802 §3.
    pub auth_message: Vec<u8>,
    /// `ClientProof`.
    pub proof: scram::Key,
}

impl ScramEvidence {
    /// Checks the proof against an account's keys, in constant time.
    pub fn verify(&self, keys: &scram::Keys) -> bool {
        scram::verify(keys, &self.auth_message, &self.proof)
    }

    /// Checks it against a password, by deriving its keys once more with what the client was told.
    pub fn verify_password(&self, password: &Secret) -> bool {
        self.verify(&scram::Keys::derive(self.proof.hash(), password.expose(), self.salt.clone(), self.iterations))
    }
}

/// RFC 7628, and XOAUTH2: a bearer token. Whoever reads it is its owner, so it is as secret as a password.
#[derive(Debug, Clone)]
pub struct TokenEvidence {
    /// XOAUTH2 or OAUTHBEARER.
    pub mechanism: Mechanism,
    /// Whose account is meant: XOAUTH2's `user`, OAUTHBEARER's `a`, where it may be missing and is empty then. It is a
    /// wish: the token must name the account, or be refused.
    pub identity: String,
    /// The token, as sent.
    pub token: Secret,
}

/// EXTERNAL (RFC 4422 §A): the client's certificate, which TLS has verified against `tls.client_ca`.
#[derive(Debug, Clone)]
pub struct CertificateEvidence {
    /// Whom the client asks to act as.
    pub authzid: Option<String>,
    /// Mail addresses that the certificate is for: its rfc822 names, else the common name if that looks like one.
    pub names: Vec<String>,
    /// SHA-256 of the certificate.
    pub fingerprint: [u8; 32],
}

impl CertificateEvidence {
    /// Which of the certificate's names is meant: the one that was asked for, else the first; empty if it has none.
    pub fn identity(&self) -> &str {
        let asked = self.authzid.as_deref().and_then(|asked| self.names.iter().find(|n| n.eq_ignore_ascii_case(asked)));
        asked.or(self.names.first()).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1939 §7.
    #[test]
    fn apop_is_verified_with_the_password() {
        let timestamp = || "<1896.697170952@dbc.mtview.ca.us>".to_owned();
        let evidence = ApopEvidence::new(b"mrose", timestamp(), b"c4c9334bac560ecc979e58001b3e22fb").unwrap();
        assert!(evidence.verify(&Secret::new("tanstaaf")) && !evidence.verify(&Secret::new("tanstaag")));
        for (user, digest) in [(&b""[..], &[b'0'; 32][..]), (b"a", b"c4c9"), (b"a\0", &[b'0'; 32])] {
            assert!(ApopEvidence::new(user, timestamp(), digest).is_err());
        }
    }

    #[test]
    fn a_certificate_names_whom_it_was_asked_for_or_its_first_address() {
        let names = vec!["alice@example.test".to_owned(), "sales@example.test".to_owned()];
        let evidence = |authzid: Option<&str>, names: &[String]| CertificateEvidence {
            authzid: authzid.map(str::to_owned),
            names: names.to_vec(),
            fingerprint: [0; 32],
        };
        assert_eq!(evidence(None, &names).identity(), "alice@example.test");
        assert_eq!(evidence(Some("Sales@example.test"), &names).identity(), "sales@example.test");
        assert_eq!(evidence(Some("eve@example.test"), &names).identity(), "alice@example.test");
        assert_eq!(evidence(Some("eve@example.test"), &[]).identity(), "");
    }
}
