//! COPY and MOVE (RFC 3501 §6.4.7, RFC 6851, RFC 4315 §3).

use std::sync::Arc;

use ::imap::response::{Code, Reply};
use ::imap::{Transfer, compact};
use mailbox::Copied;

use super::driver::Driver;
use super::refusal::{Failure, try_create};
use super::view::Expunges;

impl Driver {
    pub(super) async fn copy(&mut self, transfer: &Transfer) -> Result<Reply, Failure> {
        let uids = self.uids(&transfer.set, transfer.numbering)?;
        let folder = Arc::clone(&self.selected()?.folder);
        if uids.is_empty() {
            return Ok(Reply::ok("nothing to copy"));
        }
        let copied = folder.copy(uids, &transfer.mailbox).await.map_err(try_create)?;
        self.tell(Expunges::Tell).await?;
        Ok(Reply::ok("COPY completed").code(copy_uid(&copied)))
    }

    pub(super) async fn relocate(&mut self, transfer: &Transfer) -> Result<Reply, Failure> {
        let uids = self.uids(&transfer.set, transfer.numbering)?;
        let folder = Arc::clone(&self.selected()?.folder);
        if uids.is_empty() {
            return Ok(Reply::ok("nothing to move"));
        }
        let moved = folder.relocate(uids, &transfer.mailbox).await.map_err(try_create)?;
        // RFC 6851 §4.3: COPYUID comes before the EXPUNGEs, as long as the client still knows the numbers.
        let line = Reply::ok("moved").code(copy_uid(&moved)).untagged();
        self.client.send(&line).await?;
        self.tell(Expunges::Tell).await?;
        Ok(Reply::ok("MOVE completed"))
    }
}

fn copy_uid(copied: &Copied) -> Code {
    let from = compact(copied.uids.iter().map(|u| u.0));
    let to = compact(copied.uids.iter().map(|u| u.1));
    Code::CopyUid(copied.uid_validity, from, to)
}
