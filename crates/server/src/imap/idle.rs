//! IDLE (RFC 2177): the session sleeps until the mailbox changes or the client says DONE.

use ::imap::response::Reply;
use ::imap::{Event, Expect};
use tokio::sync::watch;

use super::driver::Driver;
use super::refusal::Failure;
use super::view::Expunges;
use crate::session::End;

/// What woke it.
enum Woken {
    Changed,
    Said(Vec<u8>),
    TooLong,
}

impl Driver {
    pub(super) async fn idle(&mut self) -> Result<Reply, Failure> {
        let mut changes = self.selected.as_ref().map(|s| s.folder.changes());
        self.client.write(b"+ idling\r\n");
        self.client.recorder.idle();
        let (wait, deadline) = self.patience();
        loop {
            // What changed before the sleep, or while the last change was told.
            self.tell(Expunges::Tell).await?;
            let woken = tokio::select! {
                biased;
                // The client first: a mailbox in which mail pours in must not drown its DONE.
                woken = self.line(wait, deadline) => woken?,
                () = changed(changes.as_mut()) => Woken::Changed,
            };
            match woken {
                Woken::Changed => {}
                Woken::Said(line) if line.eq_ignore_ascii_case(b"DONE") => return Ok(Reply::ok("IDLE terminated")),
                Woken::Said(_) | Woken::TooLong => return Ok(Reply::bad("DONE was expected")),
            }
        }
    }

    /// The client's next line. Nothing is lost where it is given up: what was read is in the framer.
    async fn line(&mut self, wait: std::time::Duration, deadline: tokio::time::Instant) -> Result<Woken, End> {
        loop {
            match self.read_piece(Expect::Plain, wait, deadline).await?.1 {
                Event::Line(line) => return Ok(Woken::Said(line)),
                Event::TooLong(_) => return Ok(Woken::TooLong),
                _ => {}
            }
        }
    }
}

/// Ends at the next change; never without an open mailbox.
async fn changed(changes: Option<&mut watch::Receiver<u64>>) {
    if let Some(changes) = changes
        && changes.changed().await.is_ok()
    {
        return;
    }
    // The folder was closed under us, or there is none: nothing will change.
    std::future::pending().await
}
