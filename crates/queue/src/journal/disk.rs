//! What the journal needs of a file system; a simulated one stands in for it in tests.

use std::io::{self, IoSlice};
use std::sync::Arc;

/// A folder of segments, each in a numbered slot.
pub(super) trait Disk: Send + Sync {
    /// The slots that exist.
    fn slots(&self) -> io::Result<Vec<u32>>;

    /// Opens a slot.
    fn open(&self, slot: u32) -> io::Result<Arc<dyn SegmentFile>>;

    /// Makes a slot of `size` octets, all zero and all allocated, durable with its name: a flush of what is written into it
    /// later has no metadata to write. All or nothing, also across a crash.
    fn create(&self, slot: u32, size: u64) -> io::Result<Arc<dyn SegmentFile>>;

    /// Removes a slot that holds nothing that counts.
    fn remove(&self, slot: u32) -> io::Result<()>;

    /// Keeps a damaged slot for the operator to look at, out of the journal's way.
    fn set_aside(&self, slot: u32) -> io::Result<()>;

    /// Octets that are free for users.
    fn available(&self) -> io::Result<u64>;
}

/// One open segment.
pub(super) trait SegmentFile: Send + Sync {
    /// Octets.
    fn size(&self) -> io::Result<u64>;

    /// Fills `octets` from `offset` on.
    fn read_at(&self, offset: u64, octets: &mut [u8]) -> io::Result<()>;

    /// Writes all slices, one after the other, from `offset` on.
    fn write_at(&self, offset: u64, slices: &mut [IoSlice<'_>]) -> io::Result<()>;

    /// Returns when everything written is on the disk.
    fn sync(&self) -> io::Result<()>;
}
