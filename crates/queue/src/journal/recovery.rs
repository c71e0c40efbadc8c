//! Reads a journal back: which records count, and what is live after them.
//!
//! The segment with the highest generation names the one before it and how many of that one's records count, and so on
//! down to the first that is live. In the last segment, what follows its last durable record may be torn: that is what a
//! crash leaves, and nobody was answered for it. A gap before a durable record is damage: it is said loudly, the rest is
//! kept, and the file is set aside instead of recycled.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;

use bytes::Bytes;

use super::appender::{Position, Slot};
use super::disk::{Disk, SegmentFile};
use super::index::{Index, Location, Segment};
use super::layout::{self, HEADER, Header, Record, START};
use crate::{Change, QueueId, Recovered, record};

/// What was found.
pub(super) struct Recovery {
    /// Live messages, by id.
    pub(super) messages: BTreeMap<QueueId, Recovered>,
    pub(super) index: Index,
    pub(super) position: Position,
    pub(super) free: Vec<Slot>,
    /// Damaged places.
    pub(super) damage: Vec<Damage>,
}

/// Something that had been durable and is not there any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Damage {
    /// Records of a segment.
    Records { generation: u64, first: u32, count: u32 },
    /// A record whose checksum is right but whose content is not understood.
    Content { generation: u64, index: u32 },
    /// A whole segment.
    Segment { generation: u64 },
    /// A segment's header; its records were found by looking for them.
    Header { generation: u64 },
}

/// A slot as it lies on the disk.
struct Found {
    slot: Slot,
    header: Option<Header>,
}

/// A segment whose records count, up to `limit` of them where its successor says so.
struct Link {
    slot: Slot,
    generation: u64,
    tag: u64,
    limit: Option<u32>,
    damaged: bool,
}

/// Reads everything.
pub(super) fn recover(disk: &dyn Disk) -> io::Result<Recovery> {
    let mut found = Vec::new();
    for number in disk.slots()? {
        found.push(look(disk.open(number)?, number)?);
    }
    let mut recovery = Recovery {
        messages: BTreeMap::new(),
        index: Index::default(),
        position: position(&found),
        free: Vec::new(),
        damage: Vec::new(),
    };
    for link in recovery.chain(disk, found)? {
        recovery.read(link)?;
    }
    Ok(recovery)
}

fn look(file: Arc<dyn SegmentFile>, number: u32) -> io::Result<Found> {
    let size = file.size()?;
    let mut octets = [0; HEADER];
    // Shorter than it was made: somebody cut it. What is left of it is not read; the chain will miss it and say so.
    let header = if size < START { None } else { file.read_at(0, &mut octets).map(|()| Header::decode(&octets))? };
    Ok(Found { slot: Slot { number, size, file }, header })
}

fn position(found: &[Found]) -> Position {
    let headers = || found.iter().filter_map(|f| f.header);
    Position {
        next_generation: headers().map(|h| h.generation).max().unwrap_or(0) + 1,
        before: (0, 0),
        last_id: headers().map(|h| h.last_id).max().unwrap_or_default(),
        next_slot: found.iter().map(|f| f.slot.number).max().unwrap_or(0) + 1,
    }
}

fn read_all(slot: &Slot) -> io::Result<Bytes> {
    let mut octets = vec![0; usize::try_from(slot.size).map_err(io::Error::other)?];
    slot.file.read_at(0, &mut octets)?;
    Ok(octets.into())
}

impl Recovery {
    /// The segments that count, oldest first; the others are free.
    fn chain(&mut self, disk: &dyn Disk, found: Vec<Found>) -> io::Result<Vec<Link>> {
        let last = found.iter().filter_map(|f| f.header).max_by_key(|h| h.generation);
        let first_live = last.map_or(0, |h| h.first_live);
        let (good, headless): (Vec<_>, Vec<_>) = found.into_iter().partition(|f| f.header.is_some());
        let mut by_generation: HashMap<u64, Found> = HashMap::new();
        for one in good {
            match one.header {
                Some(header) if header.generation >= first_live => {
                    by_generation.insert(header.generation, one);
                }
                _ => self.free.push(one.slot),
            }
        }
        let mut links = self.follow(last, first_live, &mut by_generation);
        // Begun but given up before a record was in them: no successor names them.
        self.free.extend(by_generation.into_values().map(|f| f.slot));
        for one in headless {
            self.salvage(disk, one.slot, first_live, &mut links)?;
        }
        self.report_missing(&links);
        links.sort_by_key(|link| link.generation);
        Ok(links)
    }

    /// From the last segment down to the first that is live.
    fn follow(&mut self, last: Option<Header>, first_live: u64, by_generation: &mut HashMap<u64, Found>) -> Vec<Link> {
        let mut links = Vec::new();
        let mut next = last.map(|h| (h.generation, None));
        while let Some((generation, limit)) = next {
            next = None;
            if generation < first_live || generation == 0 {
                break;
            }
            let Some(Found { slot, header: Some(header) }) = by_generation.remove(&generation) else {
                self.damage.push(Damage::Segment { generation });
                break;
            };
            links.push(Link { slot, generation, tag: header.tag, limit, damaged: false });
            if header.before.0 < generation {
                next = Some((header.before.0, Some(header.before.1)));
            }
        }
        links
    }

    /// A slot without a header: never used or torn when it was begun again (free), or damaged. It is damaged if its first
    /// record is of a live generation, for a header is durable before any record of its segment.
    fn salvage(&mut self, disk: &dyn Disk, slot: Slot, first_live: u64, links: &mut Vec<Link>) -> io::Result<()> {
        let first = if slot.size < START { None } else { Record::at(&read_all(&slot)?, START as usize) };
        match first.map(|record| record.header) {
            Some(h) if h.generation >= first_live && links.iter().all(|l| l.generation != h.generation) => {
                self.damage.push(Damage::Header { generation: h.generation });
                self.position.next_generation = self.position.next_generation.max(h.generation + 1);
                links.push(Link { slot, generation: h.generation, tag: h.tag, limit: None, damaged: true });
            }
            // It may be the one that is missing; whoever wants to look into it finds it beside the journal.
            _ if self.damage.iter().any(|d| matches!(d, Damage::Segment { .. })) => disk.set_aside(slot.number)?,
            _ if slot.size > START => self.free.push(slot),
            _ => {}
        }
        Ok(())
    }

    /// A segment that was missing in the chain may have been found without its header.
    fn report_missing(&mut self, links: &[Link]) {
        self.damage.retain(|damage| match damage {
            Damage::Segment { generation } => links.iter().all(|link| link.generation != *generation),
            _ => true,
        });
    }

    /// Reads a segment's records in their order and applies them.
    fn read(&mut self, link: Link) -> io::Result<()> {
        let records = layout::records(&read_all(&link.slot)?, link.generation, link.tag);
        let (counting, gaps) = counting(records, link.limit);
        let damaged = link.damaged || !gaps.is_empty();
        let generation = link.generation;
        self.damage.extend(gaps.iter().map(|&(first, count)| Damage::Records { generation, first, count }));
        let count = counting.last().map_or(0, |record| record.header.index + 1);
        let used = counting.last().map_or(START, |record| record.offset + record.size());
        let Slot { number, file, .. } = link.slot;
        let segment = Segment { slot: number, file, used, live: 0, messages: 0, damaged };
        self.index.segments.insert(generation, segment);
        self.position.before = (generation, count);
        counting.into_iter().for_each(|record| self.apply(&record));
        Ok(())
    }

    fn apply(&mut self, record: &Record) {
        let (generation, index) = (record.header.generation, record.header.index);
        let Ok(changes) = record::decode(record.payload.clone()) else {
            self.damage.push(Damage::Content { generation, index });
            if let Some(segment) = self.index.segments.get_mut(&generation) {
                segment.damaged = true;
            }
            return;
        };
        let location = Location { generation, offset: record.offset, size: record.size() };
        for change in changes {
            match change {
                Change::Message(mut message) => {
                    let size = std::mem::take(&mut message.body).len() as u64;
                    self.position.last_id = self.position.last_id.max(message.id);
                    self.index.place(message.id, location);
                    self.messages.insert(message.id, Recovered { message, size });
                }
                Change::State { id, state } => {
                    let known = self.messages.get_mut(&id);
                    // A state without its message follows damage that was reported.
                    if let Some(kept) = known.filter(|m| m.message.envelope.recipients.len() == state.recipients.len())
                    {
                        kept.message.state = state;
                    }
                }
                Change::Settled(id) => {
                    self.messages.remove(&id);
                    self.index.forget(id);
                }
            }
        }
    }
}

/// Which records count, and the gaps among them (first index, how many). With a `limit`, exactly that many had been
/// durable; without, all before the highest number that any record saw durable.
fn counting(records: Vec<Record>, limit: Option<u32>) -> (Vec<Record>, Vec<(u32, u32)>) {
    let seen = records.iter().map(|r| r.header.durable).max().unwrap_or(0);
    let durable = limit.unwrap_or(seen);
    let (mut counting, mut gaps, mut expected) = (Vec::new(), Vec::new(), 0);
    for record in records {
        let index = record.header.index;
        if index < expected || limit.is_some_and(|limit| index >= limit) {
            continue;
        }
        if index > expected {
            if expected >= durable {
                break;
            }
            gaps.push((expected, index - expected));
        }
        expected = index + 1;
        counting.push(record);
    }
    if expected < durable {
        gaps.push((expected, durable - expected));
    }
    (counting, gaps)
}
