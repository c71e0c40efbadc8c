//! One connection: buffered input with limits, buffered output, and TLS from the start or later.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// CRLF alone; a bare LF or CR stays in the line (SMTP, against smuggling).
    Crlf,
    /// LF with or without CR (POP3, IMAP: people type into netcat).
    Lf,
}

/// Why nothing more can be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The peer closed the connection.
    #[error("the peer closed the connection")]
    Closed,
    /// Nothing came in time.
    #[error("nothing came for {0:?}")]
    TimedOut(Duration),
    /// The line is longer than allowed. It has been skipped to its end: the next read is in step.
    #[error("line longer than {0} octets")]
    LineTooLong(usize),
    /// The socket, or TLS, failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What TLS agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsInfo {
    /// `TLSv1.3`.
    pub version: &'static str,
    /// `TLS_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// Server name that the client asked for.
    pub sni: Option<String>,
}

/// A TCP connection, plain or inside TLS. While it idles it holds no input buffer (memory of idle sessions).
#[derive(Debug)]
pub struct Connection {
    peer: SocketAddr,
}

impl Connection {
    /// The other end.
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// What TLS agreed on; `None` in clear.
    pub fn tls(&self) -> Option<&TlsInfo> {
        todo!("owner: net")
    }

    /// Reads one line without its end into `line` (cleared first). Output is flushed before it waits.
    ///
    /// # Errors
    /// See [`ReadError`]; after `LineTooLong` reading can go on.
    pub async fn read_line(
        &mut self,
        line: &mut Vec<u8>,
        end: LineEnd,
        limit: usize,
        wait: Duration,
    ) -> Result<(), ReadError> {
        let _ = (line, end, limit, wait);
        todo!("owner: net")
    }

    /// Octets that have come and are not yet consumed, at least one; waits (flushing output first) if there are none.
    pub async fn read_some(&mut self, wait: Duration) -> Result<&[u8], ReadError> {
        let _ = wait;
        todo!("owner: net")
    }

    /// Takes `n` of the octets that [`Self::read_some`] showed.
    pub fn consume(&mut self, n: usize) {
        let _ = n;
        todo!("owner: net")
    }

    /// Whether input is here already, so that a reply may wait for the next one (PIPELINING, one write for many replies).
    pub fn has_input(&self) -> bool {
        todo!("owner: net")
    }

    /// Adds to the output; sent by [`Self::flush`] or before the next wait for input.
    pub fn write(&mut self, octets: &[u8]) {
        let _ = octets;
        todo!("owner: net")
    }

    /// Sends the output. A peer that does not take it within `wait` is an error.
    pub async fn flush(&mut self, wait: Duration) -> io::Result<()> {
        let _ = wait;
        todo!("owner: net")
    }

    /// Server side of STARTTLS. Output is flushed, whatever input is buffered is thrown away (RFC 3207 §4.2,
    /// command injection), then the handshake; on failure the connection is of no use any more.
    pub async fn accept_tls(&mut self, tls: &crate::ServerTls, wait: Duration) -> io::Result<()> {
        let _ = (tls, wait);
        todo!("owner: net")
    }

    /// Closes in an orderly way: output flushed, `close_notify`, FIN.
    pub async fn close(self, wait: Duration) {
        let _ = wait;
        todo!("owner: net")
    }
}
