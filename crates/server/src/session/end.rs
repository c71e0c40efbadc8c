//! Why a session ends.

use std::io;
use std::time::Duration;

use net::ReadError;
use trace::Outcome;

/// Why a session ends. What its client is told of it, the protocol's driver knows.
#[derive(Debug, thiserror::Error)]
pub(crate) enum End {
    /// All is said: the client took its leave.
    #[error("closed")]
    Said,
    /// The session said why it closes.
    #[error("closed: {why}")]
    Closed {
        /// In the words of the record.
        outcome: Outcome,
        /// In the client's.
        why: String,
    },
    /// STARTTLS was said, and the handshake failed.
    #[error("the TLS handshake failed: {0}")]
    Handshake(io::Error),
    /// The client left without a word.
    #[error("the client closed the connection")]
    Left,
    /// It was silent for too long.
    #[error("nothing came for {0:?}")]
    Silence(Duration),
    /// The server goes down.
    #[error("the server drains")]
    Draining,
    /// The certificate was taken away (SIGHUP) after TLS had been offered.
    #[error("no certificate any more")]
    NoCertificate,
    /// There is nobody to say anything to.
    #[error(transparent)]
    Lost(#[from] io::Error),
}

impl End {
    /// What the record of the session says of it.
    pub(super) fn recorded(&self) -> (Outcome, String) {
        let outcome = match self {
            Self::Said => Outcome::Completed,
            Self::Left => Outcome::ClosedByClient,
            Self::Closed { outcome, .. } => *outcome,
            Self::Silence(_) => Outcome::TimedOut,
            Self::Draining => Outcome::ServerDraining,
            Self::NoCertificate => Outcome::NoCertificate,
            Self::Handshake(_) => Outcome::TlsFailed,
            Self::Lost(error) if net::spoke_tls(error) => Outcome::SpokeTlsToPlain,
            Self::Lost(_) => Outcome::ConnectionLost,
        };
        let why = match self {
            Self::Said | Self::Left => String::new(),
            Self::Closed { why, .. } => why.clone(),
            other => other.to_string(),
        };
        (outcome, why)
    }
}

impl From<ReadError> for End {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Closed => Self::Left,
            ReadError::TimedOut(waited) => Self::Silence(waited),
            ReadError::LineTooLong(limit) => Self::Lost(io::Error::other(format!("line longer than {limit} octets"))),
            ReadError::Io(error) => Self::Lost(error),
        }
    }
}
