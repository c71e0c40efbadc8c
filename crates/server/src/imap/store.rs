//! STORE (RFC 3501 §6.4.6).

use std::collections::BTreeSet;
use std::sync::Arc;

use ::imap::response::{Code, FetchWriter, Reply};
use ::imap::{Echo, Numbering, SequenceSet, Store, StoreMode};
use mailbox::{FlagChange, Uid};

use super::driver::Driver;
use super::flags::{names, to_store};
use super::refusal::Failure;
use super::view::Expunges;
use crate::session::End;

impl Driver {
    pub(super) async fn store(&mut self, store: &Store) -> Result<Reply, Failure> {
        let uids = self.uids(&store.set, store.numbering)?;
        let wanted: BTreeSet<Uid> = uids.iter().copied().collect();
        let folder = Arc::clone(&self.selected()?.folder);
        let (flags, keywords) = to_store(&store.flags);
        let change = match store.mode {
            StoreMode::Replace => FlagChange::Replace,
            StoreMode::Add => FlagChange::Add,
            StoreMode::Remove => FlagChange::Remove,
        };
        let mut gone = false;
        if !uids.is_empty() {
            let snapshot = folder.store(uids, change, flags, keywords).await?;
            let there = |uid: &Uid| snapshot.messages.binary_search_by_key(uid, |m| m.uid).is_ok();
            gone = !wanted.iter().all(there);
        }
        // Numbers first, expunges after: they would move the numbers that the echo has.
        self.tell_but(Expunges::Hold, &wanted).await?;
        if store.echo == Echo::Loud {
            self.echo(&wanted, store.numbering).await?;
        }
        self.tell(Expunges::during(store.numbering)).await?;
        if gone {
            return Ok(Reply::no("some of the messages are gone").code(Code::ExpungeIssued));
        }
        Ok(Reply::ok("STORE completed"))
    }

    /// The UIDs of a set, ascending.
    pub(super) fn uids(&self, set: &SequenceSet, numbering: Numbering) -> Result<Vec<Uid>, Failure> {
        let view = &self.selected()?.view;
        let numbers = view.resolve(set, numbering).map_err(|_| Reply::bad("no message has this number"))?;
        Ok(numbers.into_iter().filter_map(|n| view.message(n)).map(|m| m.uid).collect())
    }

    /// Every message's flags, changed or not: the client wants to know what they are.
    async fn echo(&mut self, uids: &BTreeSet<Uid>, numbering: Numbering) -> Result<(), End> {
        let Some(selected) = &self.selected else { return Ok(()) };
        let mut out = Vec::new();
        for &uid in uids {
            let Some(sequence) = selected.view.sequence(uid) else { continue };
            let Some(meta) = selected.view.message(sequence) else { continue };
            let mut writer = FetchWriter::new(sequence);
            if numbering == Numbering::Uid {
                writer.uid(uid);
            }
            writer.flags(&names(meta, selected.view.recent(uid)));
            out.extend(writer.finish());
        }
        self.client.send(&out).await
    }
}
