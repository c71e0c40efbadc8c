//! A segment's octets: its header, and the records behind it. docs/queue.md has the tables.

use bytes::Bytes;

use crate::QueueId;

/// Where records start: the header has a page of its own, so that no later write touches it.
pub(super) const START: u64 = 4096;

/// Octets of a segment's header.
pub(super) const HEADER: usize = 64;

/// Octets of a record's header.
pub(super) const RECORD: usize = 40;

/// Records start at multiples of this.
pub(super) const ALIGN: usize = 8;

/// The first octets of a segment; the digit is the version.
const MAGIC: &[u8; 8] = b"GPQUEUE1";

/// A segment's header. It is durable before the first record is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Counts segments in the order of their use, from 1.
    pub(super) generation: u64,
    /// Random. Each record repeats it: what a recycled segment still holds of its last use, and what a mail body holds
    /// that was made to look like a record, has another.
    pub(super) tag: u64,
    /// Segments of generations below this hold nothing that counts.
    pub(super) first_live: u64,
    /// The generation before, and how many of its records count; what is behind them was never answered for.
    pub(super) before: (u64, u32),
    /// No id up to this may be given again.
    pub(super) last_id: QueueId,
}

impl Header {
    /// As octets.
    pub(super) fn encode(&self) -> [u8; HEADER] {
        let mut out = [0; HEADER];
        put(&mut out, 0, MAGIC);
        put(&mut out, 8, &self.generation.to_le_bytes());
        put(&mut out, 16, &self.tag.to_le_bytes());
        put(&mut out, 24, &self.first_live.to_le_bytes());
        put(&mut out, 32, &self.before.0.to_le_bytes());
        put(&mut out, 40, &self.before.1.to_le_bytes());
        put(&mut out, 44, &self.last_id.0.to_le_bytes());
        let crc = crc32fast::hash(&out[..HEADER - 4]);
        put(&mut out, HEADER - 4, &crc.to_le_bytes());
        out
    }

    /// Out of octets; `None` if they are no header: never written, torn, damaged.
    pub(super) fn decode(octets: &[u8]) -> Option<Self> {
        let octets = octets.get(..HEADER)?;
        let good =
            octets.starts_with(MAGIC) && crc32fast::hash(octets.get(..HEADER - 4)?) == u32_at(octets, HEADER - 4)?;
        if !good {
            return None;
        }
        Some(Self {
            generation: u64_at(octets, 8)?,
            tag: u64_at(octets, 16)?,
            first_live: u64_at(octets, 24)?,
            before: (u64_at(octets, 32)?, u32_at(octets, 40)?),
            last_id: QueueId(u64_at(octets, 44)?),
        })
    }
}

/// A record's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RecordHeader {
    /// Checksum of the payload.
    pub(super) payload_crc: u32,
    /// Octets of the payload.
    pub(super) length: u32,
    /// Of its segment.
    pub(super) generation: u64,
    /// Of its segment.
    pub(super) tag: u64,
    /// Counts the records of the segment from 0.
    pub(super) index: u32,
    /// How many records of the segment were durable when this one was written. It tells a torn tail (records at and
    /// behind this number) from damage (records before it, which had been answered for).
    pub(super) durable: u32,
}

impl RecordHeader {
    /// As octets.
    pub(super) fn encode(&self) -> [u8; RECORD] {
        let mut out = [0; RECORD];
        put(&mut out, 4, &self.payload_crc.to_le_bytes());
        put(&mut out, 8, &self.length.to_le_bytes());
        put(&mut out, 12, &self.index.to_le_bytes());
        put(&mut out, 16, &self.generation.to_le_bytes());
        put(&mut out, 24, &self.tag.to_le_bytes());
        put(&mut out, 32, &self.durable.to_le_bytes());
        let crc = crc32fast::hash(&out[4..]);
        put(&mut out, 0, &crc.to_le_bytes());
        out
    }

    /// Out of octets; `None` if they are no record's header.
    pub(super) fn decode(octets: &[u8]) -> Option<Self> {
        let octets = octets.get(..RECORD)?;
        if u32_at(octets, 0)? != crc32fast::hash(octets.get(4..)?) {
            return None;
        }
        Some(Self {
            payload_crc: u32_at(octets, 4)?,
            length: u32_at(octets, 8)?,
            index: u32_at(octets, 12)?,
            generation: u64_at(octets, 16)?,
            tag: u64_at(octets, 24)?,
            durable: u32_at(octets, 32)?,
        })
    }
}

/// One record as it lies in a segment.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// Its header.
    pub(super) header: RecordHeader,
    /// Where it starts in the segment.
    pub(super) offset: u64,
    /// Its payload.
    pub(super) payload: Bytes,
}

impl Record {
    /// The whole record that starts at `offset` of `segment`, its checksums right; `None` if there is none.
    pub(super) fn at(segment: &Bytes, offset: usize) -> Option<Self> {
        let header = RecordHeader::decode(segment.get(offset..)?)?;
        let start = offset.checked_add(RECORD)?;
        let end = start.checked_add(header.length as usize)?;
        if crc32fast::hash(segment.get(start..end)?) != header.payload_crc {
            return None;
        }
        Some(Self { header, offset: offset as u64, payload: segment.slice(start..end) })
    }

    /// Octets with header and padding.
    pub(super) fn size(&self) -> u64 {
        size(self.header.length as usize)
    }
}

/// Octets of a record with that payload.
pub(super) fn size(payload: usize) -> u64 {
    (RECORD + payload).next_multiple_of(ALIGN) as u64
}

/// All whole records of a segment with that generation and tag, in the order in which they lie there. Where one is
/// broken it looks on for the next.
pub(super) fn records(segment: &Bytes, generation: u64, tag: u64) -> Vec<Record> {
    let mut records = Vec::new();
    let mut offset = START as usize;
    while offset + RECORD <= segment.len() {
        // Two words are compared before any checksum is computed: looking through 64 MiB takes milliseconds.
        let plausible = u64_at(segment, offset + 24) == Some(tag) && u64_at(segment, offset + 16) == Some(generation);
        match plausible.then(|| Record::at(segment, offset)).flatten() {
            Some(record) => {
                offset += record.size() as usize;
                records.push(record);
            }
            None => offset += ALIGN,
        }
    }
    records
}

fn put(out: &mut [u8], at: usize, octets: &[u8]) {
    out[at..at + octets.len()].copy_from_slice(octets);
}

fn u32_at(octets: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(octets.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(octets: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(octets.get(at..at + 8)?.try_into().ok()?))
}
