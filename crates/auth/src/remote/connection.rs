//! A connection to the daemon, with one question at a time.

use std::io;
use std::path::Path;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use zeroize::Zeroizing;

use crate::socket::{self, Hints};
use crate::wire::{self, Answer, LONGEST, Unread};

const HINTS: Hints = Hints {
    missing: "start gatepost authd; its authd.socket must be this auth.socket",
    refused: "the socket is left over: start gatepost authd",
    forbidden: "authd.socket_mode and authd.socket_group say who may connect",
};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    /// The daemon ended the connection before it said anything.
    #[error("gatepost authd closed the connection without an answer; it was ended, or its log says why")]
    Closed,
    /// Something went wrong on the way.
    #[error("{0}")]
    Io(io::Error),
    /// It said something that is not understood.
    #[error(transparent)]
    Unread(#[from] Unread),
}

/// The connection.
#[derive(Debug)]
pub(super) struct Connection(BufReader<UnixStream>);

impl Connection {
    pub(super) async fn open(path: &Path) -> Result<Self, String> {
        socket::connect(path, &HINTS).await.map(|stream| Self(BufReader::new(stream)))
    }

    pub(super) async fn exchange(&mut self, line: &[u8]) -> Result<Answer, Lost> {
        self.0.write_all(line).await.map_err(lost)?;
        // An answer may hold the keys of an account.
        let mut answer = Zeroizing::new(Vec::with_capacity(16 * 1024));
        (&mut self.0).take(LONGEST as u64).read_until(b'\n', &mut answer).await.map_err(lost)?;
        match answer.last() {
            None => Err(Lost::Closed),
            Some(b'\n') => Ok(wire::read_answer(&answer)?),
            Some(_) => Err(Lost::Io(io::ErrorKind::UnexpectedEof.into())),
        }
    }
}

fn lost(error: io::Error) -> Lost {
    match error.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => Lost::Closed,
        _ => Lost::Io(error),
    }
}
