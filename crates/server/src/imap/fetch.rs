//! FETCH (RFC 3501 §6.4.5): one message at a time, its octets sent from the buffer they were read into.

use std::collections::BTreeSet;
use std::sync::Arc;

use ::imap::fetch::{Content, FetchItem};
use ::imap::response::{Code, Detail, FetchWriter, Reply};
use ::imap::{Access, Fetch, Scanned};
use mailbox::{FlagChange, Flags, Meta, StoreError, Uid};

use super::driver::Driver;
use super::flags::{Recent, names};
use super::refusal::Failure;
use super::view::Expunges;
use crate::session::End;

impl Driver {
    pub(super) async fn fetch(&mut self, fetch: &Fetch) -> Result<Reply, Failure> {
        let uids = self.uids(&fetch.set, fetch.numbering)?;
        let newly_seen = self.mark_seen(fetch, &uids).await?;
        let mut gone = false;
        let with_flags = with_flags(&fetch.items);
        for uid in uids {
            let items = if newly_seen.contains(&uid) { &with_flags } else { &fetch.items };
            gone |= !self.fetch_one(uid, items).await?;
        }
        self.tell(Expunges::during(fetch.numbering)).await?;
        if gone {
            // RFC 2180 §4.1.3: the rest was answered; the client learns of the others with its next command.
            return Ok(Reply::no("some of the messages are gone").code(Code::ExpungeIssued));
        }
        Ok(Reply::ok("FETCH completed"))
    }

    /// Sets `\Seen` on what is about to be read, all at once, and says on which it was not set before.
    async fn mark_seen(&mut self, fetch: &Fetch, uids: &[Uid]) -> Result<BTreeSet<Uid>, Failure> {
        let selected = self.selected()?;
        if selected.access == Access::ReadOnly || !fetch.items.iter().any(FetchItem::sets_seen) {
            return Ok(BTreeSet::new());
        }
        let unseen = |uid: &Uid| {
            let message = selected.view.sequence(*uid).and_then(|n| selected.view.message(n));
            message.is_some_and(|m| !m.flags.contains(Flags::SEEN))
        };
        let newly: BTreeSet<Uid> = uids.iter().copied().filter(unseen).collect();
        if !newly.is_empty() {
            let folder = Arc::clone(&selected.folder);
            folder.store(newly.iter().copied().collect(), FlagChange::Add, Flags::SEEN, BTreeSet::new()).await?;
            self.tell_but(Expunges::Hold, &newly).await?;
        }
        Ok(newly)
    }

    /// Answers one message; `false` if it is gone.
    async fn fetch_one(&mut self, uid: Uid, items: &[FetchItem]) -> Result<bool, Failure> {
        let selected = self.selected()?;
        let Some(sequence) = selected.view.sequence(uid) else { return Ok(false) };
        let Some(meta) = selected.view.message(sequence).cloned() else { return Ok(false) };
        let recent = selected.view.recent(uid);
        let folder = Arc::clone(&selected.folder);
        let raw = if items.iter().any(FetchItem::needs_message) {
            match folder.read(uid).await {
                Ok(raw) => raw,
                Err(StoreError::Gone) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        } else {
            bytes::Bytes::new()
        };
        let scanned = Scanned::new(&raw);
        let mut writer = FetchWriter::new(sequence);
        for item in items {
            match item {
                FetchItem::Content(content) => self.content(&mut writer, &scanned, content).await?,
                other => plain_item(&mut writer, other, &scanned, &meta, recent),
            }
        }
        self.client.send(&writer.finish()).await?;
        Ok(true)
    }

    async fn content(&mut self, writer: &mut FetchWriter, message: &Scanned<'_>, wanted: &Content) -> Result<(), End> {
        let octets = message.content(wanted);
        writer.content(wanted, octets.as_ref().map(|o| o.len()));
        let before = writer.take();
        self.client.send(&before).await?;
        match octets {
            Some(octets) => self.client.send(&octets).await,
            None => Ok(()),
        }
    }
}

/// RFC 3501 §6.4.5: flags that the FETCH itself changed are answered with it.
fn with_flags(items: &[FetchItem]) -> Vec<FetchItem> {
    let mut items = items.to_vec();
    if !items.contains(&FetchItem::Flags) {
        items.push(FetchItem::Flags);
    }
    items
}

/// The items that are not pieces of the message's text.
fn plain_item(writer: &mut FetchWriter, item: &FetchItem, message: &Scanned<'_>, meta: &Meta, recent: Recent) {
    match item {
        FetchItem::Uid => writer.uid(meta.uid),
        FetchItem::Flags => writer.flags(&names(meta, recent)),
        FetchItem::InternalDate => writer.internal_date(meta.internal_date),
        FetchItem::Size => writer.size(meta.size),
        FetchItem::Envelope => writer.envelope(message.header()),
        FetchItem::Body => writer.structure(message.raw(), message.part(), Detail::Basic),
        FetchItem::BodyStructure => writer.structure(message.raw(), message.part(), Detail::Extended),
        FetchItem::Content(_) => {}
    }
}
