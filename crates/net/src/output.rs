//! Octets that wait to be sent.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::stream::Duplex;

/// Unsent octets. What was sent is remembered here, so that a cancelled flush can be resumed.
#[derive(Debug, Default)]
pub(crate) struct Output {
    octets: Vec<u8>,
    sent: usize,
    /// TLS may hold octets that the socket has not taken.
    unflushed: bool,
}

impl Output {
    /// Adds octets.
    pub(crate) fn append(&mut self, octets: &[u8]) {
        self.octets.extend_from_slice(octets);
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.octets.len() - self.sent
    }

    /// Gives the memory back if nothing is in it.
    pub(crate) fn release(&mut self) {
        if self.octets.is_empty() {
            self.octets = Vec::new();
        }
    }

    /// Sends all.
    pub(crate) fn poll_send(&mut self, io: &mut dyn Duplex, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut io = Pin::new(io);
        while let Some(rest) = self.octets.get(self.sent..).filter(|rest| !rest.is_empty()) {
            let written = ready!(io.as_mut().poll_write(cx, rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += written;
            self.unflushed = true;
        }
        self.octets.clear();
        self.sent = 0;
        if self.unflushed {
            ready!(io.poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}
