//! Why a session ends.

use std::io;
use std::time::Duration;

use net::ReadError;

/// Why a session ends. What its client is told of it, the protocol's driver knows.
#[derive(Debug, thiserror::Error)]
pub(crate) enum End {
    /// All is said: the client took its leave, or the session said why it closes.
    #[error("closed")]
    Said,
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
