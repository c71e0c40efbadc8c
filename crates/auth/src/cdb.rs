//! The constant database of D. J. Bernstein, read with `pread`: qmail's `users/cdb`, vpopmail's `vpasswd.cdb`. The file
//! may be cut off or replaced while it is read, and its numbers may point anywhere: each is held against the file's
//! length before it is used. No memory map, which a shorter file would turn into a signal.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// 256 pairs of position and slots.
const HEADER: u64 = 2048;

/// A longer key or value is no account's.
const MAX_LENGTH: u32 = 64 * 1024;

/// Slots looked at for one key. A file as it should be is half empty, so a few do; one made to have long chains must not
/// make a login slow.
const MAX_PROBES: u32 = 1024;

/// Where the octets are.
pub(crate) trait ReadAt {
    /// Fills the buffer from a position.
    fn read_exact_at(&self, octets: &mut [u8], at: u64) -> io::Result<()>;
}

impl ReadAt for File {
    fn read_exact_at(&self, octets: &mut [u8], at: u64) -> io::Result<()> {
        FileExt::read_exact_at(self, octets, at)
    }
}

#[cfg(any(test, fuzzing))]
impl ReadAt for &[u8] {
    fn read_exact_at(&self, octets: &mut [u8], at: u64) -> io::Result<()> {
        let from = usize::try_from(at).ok().and_then(|at| self.get(at..)?.get(..octets.len()));
        octets.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// Why nothing can be said of a key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CdbError {
    /// The system says no.
    #[error("cannot read the cdb: {0}")]
    Io(#[from] io::Error),
    /// A number in it points outside of it.
    #[error("the cdb is damaged at octet {at}: {what}; make it anew")]
    Damaged {
        /// Where the number stands.
        at: u64,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// An open cdb.
#[derive(Debug)]
pub(crate) struct Cdb<R> {
    source: R,
    length: u64,
}

impl<R: ReadAt> Cdb<R> {
    /// One of this length.
    pub(crate) fn new(source: R, length: u64) -> Result<Self, CdbError> {
        if length < HEADER {
            return Err(CdbError::Damaged { at: length, what: "it is shorter than a header" });
        }
        Ok(Self { source, length })
    }

    /// The first value of a key.
    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, CdbError> {
        let hash = hash(key);
        let (table, slots) = self.pair(u64::from(hash % 256) * 8)?;
        if slots == 0 {
            return Ok(None);
        }
        self.within(table.into(), u64::from(slots) * 8)?;
        let first = (hash >> 8) % slots;
        for n in 0..slots.min(MAX_PROBES) {
            // Both are below 2^32, so the sum and the product are far from the end of u64.
            let slot = (u64::from(first) + u64::from(n)) % u64::from(slots);
            let at = u64::from(table) + slot * 8;
            let (found, position) = self.pair(at)?;
            if position == 0 {
                return Ok(None);
            }
            if found == hash {
                let record = self.record(position.into())?;
                if self.octets(record.key, record.key_length)? == key {
                    return self.octets(record.value, record.value_length).map(Some);
                }
            }
        }
        if slots > MAX_PROBES {
            return Err(CdbError::Damaged { at: table.into(), what: "a chain of hashes without an end" });
        }
        Ok(None)
    }

    /// Every record, in order, until `each` says false.
    pub(crate) fn each(&self, mut each: impl FnMut(&[u8], &[u8]) -> bool) -> Result<(), CdbError> {
        // The records end where the first hash table begins.
        let mut end = self.length;
        for n in 0..256 {
            let (table, _) = self.pair(n * 8)?;
            end = end.min(table.into());
        }
        let mut at = HEADER;
        while at < end {
            let record = self.record(at)?;
            let key = self.octets(record.key, record.key_length)?;
            if !each(&key, &self.octets(record.value, record.value_length)?) {
                break;
            }
            at = record.value + u64::from(record.value_length);
        }
        Ok(())
    }

    /// The lengths at a record's begin.
    fn record(&self, at: u64) -> Result<Record, CdbError> {
        if at < HEADER {
            return Err(CdbError::Damaged { at, what: "a record inside the header" });
        }
        let (key_length, value_length) = self.pair(at)?;
        if key_length > MAX_LENGTH || value_length > MAX_LENGTH {
            return Err(CdbError::Damaged { at, what: "a record longer than any account's" });
        }
        let key = at + 8;
        Ok(Record { key, key_length, value: key + u64::from(key_length), value_length })
    }

    /// Two numbers, lowest octet first.
    fn pair(&self, at: u64) -> Result<(u32, u32), CdbError> {
        self.within(at, 8)?;
        let mut octets = [0; 8];
        self.source.read_exact_at(&mut octets, at)?;
        let [a, b, c, d, e, f, g, h] = octets;
        Ok((u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])))
    }

    fn octets(&self, at: u64, length: u32) -> Result<Vec<u8>, CdbError> {
        self.within(at, length.into())?;
        let length = usize::try_from(length).map_err(|_| CdbError::Damaged { at, what: "a length" })?;
        let mut octets = vec![0; length];
        self.source.read_exact_at(&mut octets, at)?;
        Ok(octets)
    }

    fn within(&self, at: u64, length: u64) -> Result<(), CdbError> {
        if at.checked_add(length).is_some_and(|end| end <= self.length) {
            return Ok(());
        }
        Err(CdbError::Damaged { at, what: "it points behind the end" })
    }
}

/// Where a record's parts are.
struct Record {
    key: u64,
    key_length: u32,
    value: u64,
    value_length: u32,
}

fn hash(key: &[u8]) -> u32 {
    key.iter().fold(5381, |hash: u32, octet| (hash << 5).wrapping_add(hash) ^ u32::from(*octet))
}

#[cfg(test)]
mod tests;
