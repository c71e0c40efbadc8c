//! Telling the client what changed in its mailbox (RFC 3501 §5.2, §7.3, §7.4).

use std::collections::BTreeSet;
use std::sync::Arc;

use ::imap::Access;
use ::imap::response::{FetchWriter, Reply, number};
use mailbox::{Snapshot, Uid};

use super::driver::Driver;
use super::flags::names;
use super::refusal::Failure;
use super::select::Selected;
use super::view::{Change, Expunges};
use crate::session::End;

impl Driver {
    /// NOOP and CHECK: the disk is looked at again, so that a client that polls sees what other programs did.
    pub(super) async fn noop(&mut self, text: &'static str) -> Result<Reply, Failure> {
        if let Some(selected) = &self.selected {
            let folder = Arc::clone(&selected.folder);
            folder.refresh().await?;
        }
        self.tell(Expunges::Tell).await?;
        Ok(Reply::ok(text))
    }

    /// Tells what changed since the last time.
    pub(super) async fn tell(&mut self, expunges: Expunges) -> Result<(), End> {
        self.tell_but(expunges, &BTreeSet::new()).await
    }

    /// The same, but without the flags of these messages: the client has just set them itself.
    pub(super) async fn tell_but(&mut self, expunges: Expunges, silent: &BTreeSet<Uid>) -> Result<(), End> {
        let Some(selected) = &mut self.selected else { return Ok(()) };
        let Some(out) = selected.catch_up(expunges, silent) else { return Err(self.made_anew()) };
        self.client.send(&out).await
    }

    /// A session cannot go on with a mailbox whose UIDVALIDITY has changed under it.
    fn made_anew(&mut self) -> End {
        tracing::info!("the open mailbox was made anew: UIDVALIDITY changed");
        self.bye("the mailbox was made anew, connect again");
        End::Said
    }
}

impl Selected {
    /// Takes the folder's newest snapshot, and writes what the client must know of it; `None` if the mailbox was made
    /// anew: its UIDs mean nothing any more.
    fn catch_up(&mut self, expunges: Expunges, silent: &BTreeSet<Uid>) -> Option<Vec<u8>> {
        let mut new = self.folder.snapshot();
        let known = self.view.snapshot().uid_next;
        if new.uid_validity != self.view.snapshot().uid_validity {
            return None;
        }
        if new.uid_next != known {
            new = self.claim(known);
        }
        let mut out = Vec::new();
        for change in self.view.update(new, expunges) {
            self.write(&mut out, &change, silent);
        }
        Some(out)
    }

    /// RFC 3501 §2.3.2: the first session that is told of a message has it as `\Recent`. Claimed before it is looked at:
    /// what comes in between is recent here and perhaps elsewhere, rather than nowhere.
    fn claim(&mut self, known: Uid) -> Arc<Snapshot> {
        let from = self.folder.recent(self.access == Access::ReadWrite).max(known);
        let new = self.folder.snapshot();
        if from < new.uid_next {
            self.view.claim(from, new.uid_next);
        }
        new
    }

    fn write(&self, out: &mut Vec<u8>, change: &Change, silent: &BTreeSet<Uid>) {
        match change {
            Change::Expunged(n) => number(out, *n, "EXPUNGE"),
            Change::Exists(n) => {
                number(out, *n, "EXISTS");
                number(out, self.view.recent_count(), "RECENT");
            }
            Change::Flags(_, meta) if silent.contains(&meta.uid) => {}
            Change::Flags(n, meta) => {
                let mut writer = FetchWriter::new(*n);
                writer.uid(meta.uid);
                writer.flags(&names(meta, self.view.recent(meta.uid)));
                out.extend(writer.finish());
            }
        }
    }
}
