//! The client's side of an exchange.

use crate::{Mechanism, Secret};

/// A login elsewhere.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// One exchange with a server.
#[derive(Debug)]
pub struct Exchange {
    mechanism: Mechanism,
}

/// The server's message breaks the mechanism's grammar, or it could not prove itself (SCRAM).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ServerError(pub &'static str);

impl Exchange {
    /// Begins; the second value is the initial response (RFC 4422 §3), if the mechanism has one.
    pub fn start(mechanism: Mechanism, credentials: Credentials) -> (Self, Option<Vec<u8>>) {
        let _ = credentials;
        (Self { mechanism }, todo!("owner: sasl"))
    }

    /// The mechanism under way.
    pub fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// Answers the server's decoded challenge.
    pub fn respond(&mut self, challenge: &[u8]) -> Result<Vec<u8>, ServerError> {
        let _ = challenge;
        todo!("owner: sasl")
    }

    /// The server said success: `Ok` unless the mechanism demanded a proof that did not come (SCRAM).
    pub fn finish(&self) -> Result<(), ServerError> {
        todo!("owner: sasl")
    }
}
