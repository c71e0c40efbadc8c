//! What a client logs in with.

use crate::scram::message::to_saslname;
use crate::{Bindings, Mechanism, Secret};

/// A login elsewhere.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user name.
    pub user: String,
    /// What proves it.
    pub proof: Proof,
}

/// What proves who somebody is.
#[derive(Debug, Clone)]
pub enum Proof {
    /// A password.
    Password(Secret),
    /// An OAuth bearer token.
    Token(Secret),
    /// The certificate that was shown in the TLS handshake.
    Certificate,
}

/// For mechanisms that need no password; [`Credentials::suit`] keeps the others from it.
static NONE: std::sync::LazyLock<Secret> = std::sync::LazyLock::new(|| Secret::new(Vec::new()));

impl Credentials {
    /// A name and its password.
    pub fn password(user: impl Into<String>, password: Secret) -> Self {
        Self { user: user.into(), proof: Proof::Password(password) }
    }

    /// A name and a bearer token for it.
    pub fn token(user: impl Into<String>, token: Secret) -> Self {
        Self { user: user.into(), proof: Proof::Token(token) }
    }

    /// The password or token, so that a refused one can be remembered.
    pub fn secret(&self) -> Option<&Secret> {
        match &self.proof {
            Proof::Password(secret) | Proof::Token(secret) => Some(secret),
            Proof::Certificate => None,
        }
    }

    /// Whether a mechanism can be used with them on a connection with these bindings.
    pub fn suit(&self, mechanism: Mechanism, bindings: &Bindings) -> bool {
        match (&self.proof, mechanism) {
            (_, Mechanism::Apop) => false,
            (Proof::Certificate, mechanism) => mechanism == Mechanism::External,
            (Proof::Token(_), mechanism) => matches!(mechanism, Mechanism::XOAuth2 | Mechanism::OAuthBearer),
            (Proof::Password(_), Mechanism::XOAuth2 | Mechanism::OAuthBearer | Mechanism::External) => false,
            (Proof::Password(_), mechanism) => !mechanism.is_plus() || !bindings.is_empty(),
        }
    }

    /// The password; nothing where there is none.
    pub(super) fn exposed(&self) -> &Secret {
        self.secret().unwrap_or(&NONE)
    }

    /// RFC 4616 §2, without an authorization identity.
    pub(super) fn plain(&self) -> Vec<u8> {
        [b"\0", self.user.as_bytes(), b"\0", self.exposed().expose()].concat()
    }

    /// Google's form.
    pub(super) fn xoauth2(&self) -> Vec<u8> {
        [b"user=", self.user.as_bytes(), b"\x01auth=Bearer ", self.exposed().expose(), b"\x01\x01"].concat()
    }

    /// RFC 7628 §3.1; host and port are optional, and a server knows its own.
    pub(super) fn oauthbearer(&self) -> Vec<u8> {
        let header = match self.user.as_str() {
            "" => "n,,".to_owned(),
            user => format!("n,a={},", to_saslname(user)),
        };
        [header.as_bytes(), b"\x01auth=Bearer ", self.exposed().expose(), b"\x01\x01"].concat()
    }
}
