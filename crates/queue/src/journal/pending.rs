//! A record that waits for the writer.

use bytes::Bytes;

use super::layout;
use crate::spool::Done;
use crate::{Change, QueueId, record};

/// What a record does to the index once it is durable.
#[derive(Debug, Clone, Copy)]
pub(super) enum Effect {
    /// A message lies here.
    Place(QueueId),
    /// A message is settled.
    Forget(QueueId),
}

/// A record that waits to be written, and who wants to hear of it.
pub(super) struct Pending {
    pub(super) chunks: Vec<Bytes>,
    /// Octets of the payload.
    pub(super) length: usize,
    /// Its checksum.
    pub(super) crc: u32,
    pub(super) effects: Vec<Effect>,
    pub(super) done: Done,
}

impl Pending {
    /// Encodes changes and sums them up, on the caller's thread.
    pub(super) fn new(changes: &[Change], done: Done) -> Self {
        let chunks = record::encode(changes);
        let mut hasher = crc32fast::Hasher::new();
        chunks.iter().for_each(|chunk| hasher.update(chunk));
        let effects = changes.iter().filter_map(|change| match change {
            Change::Message(message) => Some(Effect::Place(message.id)),
            Change::Settled(id) => Some(Effect::Forget(*id)),
            Change::State { .. } => None,
        });
        Self {
            length: chunks.iter().map(Bytes::len).sum(),
            crc: hasher.finalize(),
            effects: effects.collect(),
            chunks,
            done,
        }
    }

    /// Octets in the segment.
    pub(super) fn size(&self) -> u64 {
        layout::size(self.length)
    }
}
