//! EXPUNGE and UID EXPUNGE (RFC 3501 §6.4.3, RFC 4315 §2.1).

use std::sync::Arc;

use ::imap::SequenceSet;
use ::imap::response::Reply;
use mailbox::{Flags, Uid};

use super::driver::Driver;
use super::refusal::Failure;
use super::view::Expunges;

impl Driver {
    pub(super) async fn expunge(&mut self, set: Option<SequenceSet>) -> Result<Reply, Failure> {
        self.remove_deleted(set.as_ref()).await?;
        self.tell(Expunges::Tell).await?;
        Ok(Reply::ok("EXPUNGE completed"))
    }

    /// Removes what is marked `\Deleted` by now, by whomever, and in the set if there is one.
    pub(super) async fn remove_deleted(&mut self, set: Option<&SequenceSet>) -> Result<(), Failure> {
        let selected = self.selected()?;
        let folder = Arc::clone(&selected.folder);
        let snapshot = folder.snapshot();
        let last = snapshot.messages.last().map_or(0, |m| m.uid);
        let wanted = |uid| set.is_none_or(|s| s.contains(uid, last));
        let deleted = snapshot.messages.iter().filter(|m| m.flags.contains(Flags::DELETED));
        let uids: Vec<Uid> = deleted.map(|m| m.uid).filter(|&uid| wanted(uid)).collect();
        if !uids.is_empty() {
            folder.expunge(uids).await?;
        }
        Ok(())
    }
}
