//! The one that writes: batches of records into segments, one flush each. No thread of its own, so that a simulated disk
//! can be driven step by step.

use std::io::{self, IoSlice};
use std::sync::Arc;

use parking_lot::Mutex;

use super::disk::{Disk, SegmentFile};
use super::index::{Index, Location, Segment};
use super::layout::{self, ALIGN, HEADER, Header, RecordHeader, START};
use super::pending::{Effect, Pending};
use crate::{QueueId, SpoolError};

/// Records of one write: with four slices each they stay below what the kernel takes at once.
const BATCH: usize = 256;

/// Segments start small, so that a new server is up at once, and double until they have the configured size.
const FIRST_SIZE: u64 = 4 << 20;

/// Free segments that are kept for their next use; more are removed.
const SPARE: usize = 4;

/// A segment that can be used.
pub(super) struct Slot {
    pub(super) number: u32,
    pub(super) size: u64,
    pub(super) file: Arc<dyn SegmentFile>,
}

/// The segment that is written.
struct Current {
    generation: u64,
    tag: u64,
    file: Arc<dyn SegmentFile>,
    size: u64,
    /// Where the next record goes.
    at: u64,
    /// Records in it; all are durable between two calls.
    count: u32,
}

/// What recovery found out, for the one that goes on from there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// The generation after the highest that was ever begun.
    pub(super) next_generation: u64,
    /// The last generation with records that count, and how many do.
    pub(super) before: (u64, u32),
    /// The highest id given.
    pub(super) last_id: QueueId,
    /// A slot number above all that exist.
    pub(super) next_slot: u32,
}

/// Writes the journal.
pub(super) struct Appender {
    disk: Arc<dyn Disk>,
    index: Arc<Mutex<Index>>,
    segment_size: u64,
    position: Position,
    current: Option<Current>,
    free: Vec<Slot>,
}

impl Appender {
    /// Goes on from where recovery ended, in a segment of its own: whatever lies behind the last good record of the old one
    /// is void once the new one's header says so.
    pub(super) fn new(
        disk: Arc<dyn Disk>,
        index: Arc<Mutex<Index>>,
        position: Position,
        free: Vec<Slot>,
        segment_size: u64,
    ) -> Self {
        Self { disk, index, segment_size, position, current: None, free }
    }

    /// Writes records and makes them durable; tells each of them how it went.
    pub(super) fn append(&mut self, mut batch: Vec<Pending>) {
        while let Some(first) = batch.first() {
            let size = first.size();
            if !self.fits(size)
                && let Err(error) = self.rotate(size)
            {
                (batch.remove(0).done)(Err(failed(&error)));
                continue;
            }
            let count = self.count_that_fit(&batch);
            let rest = batch.split_off(count);
            self.write(std::mem::replace(&mut batch, rest));
        }
    }

    /// Whether a segment should be made ahead of its need.
    pub(super) fn wants_spare(&self) -> bool {
        self.free.is_empty() && self.current.as_ref().is_some_and(|current| current.at * 2 > current.size)
    }

    /// Number and size of a segment to be made ahead.
    pub(super) fn reserve_slot(&mut self) -> (u32, u64) {
        let number = self.position.next_slot;
        self.position.next_slot += 1;
        (number, self.new_size())
    }

    /// Takes a segment that was made ahead.
    pub(super) fn add_spare(&mut self, slot: Slot) {
        self.free.push(slot);
    }

    fn fits(&self, size: u64) -> bool {
        self.current.as_ref().is_some_and(|current| current.at + size <= current.size)
    }

    /// How many records of the batch go into the current segment with one write; at least the first does.
    fn count_that_fit(&self, batch: &[Pending]) -> usize {
        let mut room = self.current.as_ref().map_or(0, |current| current.size - current.at);
        let fitting = batch.iter().take(BATCH).take_while(|record| {
            let fits = record.size() <= room;
            room = room.saturating_sub(record.size());
            fits
        });
        fitting.count().max(1)
    }

    /// One write, one flush, many answers.
    fn write(&mut self, batch: Vec<Pending>) {
        match self.try_write(&batch) {
            Ok(locations) => {
                self.note(&batch, &locations);
                batch.into_iter().for_each(|record| (record.done)(Ok(())));
            }
            Err(error) => {
                tracing::error!(%error, "the journal could not be written; leaving this segment");
                self.abandon();
                batch.into_iter().for_each(|record| (record.done)(Err(failed(&error))));
            }
        }
    }

    fn try_write(&mut self, batch: &[Pending]) -> io::Result<Vec<Location>> {
        let current = self.current.as_mut().ok_or(io::ErrorKind::NotFound)?;
        let headers: Vec<_> =
            (current.count..).zip(batch).map(|(index, record)| current.header(index, record)).collect();
        let mut slices = Vec::with_capacity(batch.len() * 4);
        let mut locations = Vec::with_capacity(batch.len());
        let mut offset = current.at;
        for (header, record) in headers.iter().zip(batch) {
            slices.push(IoSlice::new(header));
            slices.extend(record.chunks.iter().map(|chunk| IoSlice::new(chunk)));
            let padding = record.size() as usize - header.len() - record.length;
            slices.push(IoSlice::new(&[0; ALIGN][..padding]));
            locations.push(Location { generation: current.generation, offset, size: record.size() });
            offset += record.size();
        }
        slices.retain(|slice| !slice.is_empty());
        current.file.write_at(current.at, &mut slices)?;
        current.file.sync()?;
        current.at = offset;
        current.count += u32::try_from(batch.len()).map_err(io::Error::other)?;
        Ok(locations)
    }

    /// What is durable now counts.
    fn note(&mut self, batch: &[Pending], locations: &[Location]) {
        let mut index = self.index.lock();
        for (record, location) in batch.iter().zip(locations) {
            for effect in &record.effects {
                match *effect {
                    Effect::Place(id) => {
                        self.position.last_id = self.position.last_id.max(id);
                        index.place(id, *location);
                    }
                    Effect::Forget(id) => index.forget(id),
                }
            }
            if let Some(segment) = index.segments.get_mut(&location.generation) {
                segment.used = location.offset + location.size;
            }
        }
    }

    /// After a failed write or flush nobody knows what is on the disk: the kernel may have dropped the pages and call the
    /// next flush a success. So the segment is never written again, and the header of the next one says how many of its
    /// records count. It is tried at once, before anybody hears of the failure: what is refused must not come back.
    fn abandon(&mut self) {
        self.leave();
        if let Err(error) = self.rotate(0) {
            tracing::error!(%error, "no new segment either; a message refused now may be delivered after a restart");
        }
    }

    /// Ends the current segment where its durable records end.
    fn leave(&mut self) {
        if let Some(current) = self.current.take() {
            self.position.before = (current.generation, current.count);
        }
    }

    /// Begins a segment with room for a record of `size` octets. When it returns, the new header is durable, and segments
    /// that it no longer needs are free.
    fn rotate(&mut self, size: u64) -> io::Result<()> {
        let slot = self.take_slot(START + size)?;
        self.leave();
        let generation = self.position.next_generation;
        // From here on the number is used up, whatever happens: the header may be on the disk even if its flush fails.
        self.position.next_generation += 1;
        let first_live = self.index.lock().first_live(generation);
        let header = Header {
            generation,
            tag: random_tag()?,
            first_live,
            before: self.position.before,
            last_id: self.position.last_id,
        };
        let octets: [u8; HEADER] = header.encode();
        slot.file.write_at(0, &mut [IoSlice::new(&octets)])?;
        slot.file.sync()?;
        let file = Arc::clone(&slot.file);
        let segment = Segment { slot: slot.number, file, used: START, live: 0, messages: 0, damaged: false };
        self.current =
            Some(Current { generation, tag: header.tag, file: slot.file, size: slot.size, at: START, count: 0 });
        let retired = {
            let mut index = self.index.lock();
            index.segments.insert(generation, segment);
            index.retire(first_live)
        };
        retired.into_iter().for_each(|segment| self.recycle(segment));
        Ok(())
    }

    /// The largest free segment that is large enough, or a new one.
    fn take_slot(&mut self, least: u64) -> io::Result<Slot> {
        let best = self.free.iter().enumerate().filter(|(_, s)| s.size >= least).max_by_key(|(_, s)| s.size);
        if let Some((index, _)) = best {
            return Ok(self.free.swap_remove(index));
        }
        let (number, size) = self.reserve_slot();
        let size = size.max(least.next_multiple_of(START));
        let file = self.disk.create(number, size)?;
        Ok(Slot { number, size, file })
    }

    fn new_size(&self) -> u64 {
        let doubled = FIRST_SIZE << self.position.next_generation.min(16).saturating_sub(1);
        doubled.min(self.segment_size).max(START * 2)
    }

    /// A segment that nobody needs any more.
    fn recycle(&mut self, segment: Segment) {
        let result = if segment.damaged {
            tracing::warn!(slot = segment.slot, "damaged segment is kept beside the journal as .damaged");
            self.disk.set_aside(segment.slot)
        } else if self.free.len() >= SPARE {
            self.disk.remove(segment.slot)
        } else {
            segment.file.size().map(|size| self.free.push(Slot { number: segment.slot, size, file: segment.file }))
        };
        if let Err(error) = result {
            tracing::warn!(slot = segment.slot, %error, "segment could not be recycled");
        }
    }
}

impl Current {
    fn header(&self, index: u32, record: &Pending) -> [u8; layout::RECORD] {
        let header = RecordHeader {
            payload_crc: record.crc,
            // A record fits a segment, and no segment is larger than the largest message let in.
            length: u32::try_from(record.length).unwrap_or(u32::MAX),
            generation: self.generation,
            tag: self.tag,
            index,
            durable: self.count,
        };
        header.encode()
    }
}

fn random_tag() -> io::Result<u64> {
    getrandom::u64().map_err(io::Error::other)
}

fn failed(error: &io::Error) -> SpoolError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => SpoolError::NoSpace,
        _ => SpoolError::Write(error.to_string()),
    }
}
