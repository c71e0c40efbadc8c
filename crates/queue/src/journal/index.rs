//! Where each live message lies, and what each segment still has to keep.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::disk::SegmentFile;
use crate::QueueId;

/// Where the record with a message lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) generation: u64,
    pub(super) offset: u64,
    /// Octets of the whole record.
    pub(super) size: u64,
}

/// A segment whose records count.
pub(super) struct Segment {
    pub(super) slot: u32,
    pub(super) file: Arc<dyn SegmentFile>,
    /// Octets written.
    pub(super) used: u64,
    /// Octets of records with live messages.
    pub(super) live: u64,
    /// Messages that lie here.
    pub(super) messages: usize,
    /// Some of it could not be read: it is kept for the operator and not written again.
    pub(super) damaged: bool,
}

/// All of them.
#[derive(Default)]
pub(super) struct Index {
    /// By generation.
    pub(super) segments: BTreeMap<u64, Segment>,
    messages: HashMap<QueueId, Location>,
    /// The newest generation when [`Self::crowded`] was last answered.
    examined: u64,
}

impl Index {
    /// A message lies there now.
    pub(super) fn place(&mut self, id: QueueId, location: Location) {
        self.forget(id);
        if let Some(segment) = self.segments.get_mut(&location.generation) {
            segment.live += location.size;
            segment.messages += 1;
        }
        self.messages.insert(id, location);
    }

    /// A message is settled.
    pub(super) fn forget(&mut self, id: QueueId) {
        let Some(location) = self.messages.remove(&id) else { return };
        if let Some(segment) = self.segments.get_mut(&location.generation) {
            segment.live -= location.size;
            segment.messages -= 1;
        }
    }

    /// The file and the place of a message.
    pub(super) fn find(&self, id: QueueId) -> Option<(Arc<dyn SegmentFile>, Location)> {
        let location = *self.messages.get(&id)?;
        Some((Arc::clone(&self.segments.get(&location.generation)?.file), location))
    }

    /// The oldest generation that must be kept, if `newest` is to be written next. Segments are given up strictly in the
    /// order of their use: a message's settlement lies in its own segment or in a younger one, so that it can never be
    /// gone while the message is still there.
    pub(super) fn first_live(&self, newest: u64) -> u64 {
        let oldest = self.segments.iter().find(|(_, segment)| segment.messages > 0);
        oldest.map_or(newest, |(generation, _)| *generation)
    }

    /// Takes out the segments before `first_live`.
    pub(super) fn retire(&mut self, first_live: u64) -> Vec<Segment> {
        let kept = self.segments.split_off(&first_live);
        std::mem::replace(&mut self.segments, kept).into_values().collect()
    }

    /// The messages of the oldest segment that is kept, if it is worth writing them anew: `age` segments have been begun
    /// since, and more than half of all that is kept is garbage, so that each octet written sets more than one free. Asked
    /// for once after each new segment; until then the answer is "none".
    pub(super) fn crowded(&mut self, age: u64) -> Vec<QueueId> {
        let newest = self.segments.last_key_value().map_or(0, |(generation, _)| *generation);
        if std::mem::replace(&mut self.examined, newest) == newest {
            return Vec::new();
        }
        let used: u64 = self.segments.values().map(|s| s.used).sum();
        let live: u64 = self.segments.values().map(|s| s.live).sum();
        let oldest = self.first_live(newest);
        if oldest + age > newest || live * 2 > used {
            return Vec::new();
        }
        self.messages.iter().filter(|(_, l)| l.generation == oldest).map(|(id, _)| *id).collect()
    }
}
