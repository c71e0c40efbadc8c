//! Octets that wait to be sent.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::stream::Sink;

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

    /// Adds what `fill` writes into `room` octets; it tells how many.
    pub(crate) fn extend_with<E>(
        &mut self,
        room: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        let before = self.octets.len();
        self.octets.resize(before + room, 0);
        let filled = fill(self.octets.get_mut(before..).unwrap_or_default());
        self.octets.truncate(before + filled.as_ref().map_or(0, |filled| *filled));
        filled.map(drop)
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
    pub(crate) fn poll_send(&mut self, sink: Sink<'_>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut io = Pin::new(sink);
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
