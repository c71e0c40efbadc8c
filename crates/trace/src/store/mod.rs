//! A bounded log of records on disk: JSON, one a line, in files that are few and go one by one, the oldest first.
//!
//! One thread writes ([`Log`]), so that nobody ever waits for a disk. Anybody reads ([`Reader`]), also while it is written,
//! and after a crash: a torn last line is passed over. The folder is 0700, the files are 0600.

mod backwards;
mod pending;
mod reader;
mod segment;
mod segments;
#[cfg(test)]
mod tests;
mod writer;

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

pub use reader::Reader;
pub use writer::Log;

/// Longest line in the files, in octets. A transcript of 64 KiB fits, in the worst spelling that JSON has for it.
pub const LINE_LIMIT: usize = 512 * 1024;

/// What a [`Log`] is told at its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where its files are. It is made where it is not there, with its parents.
    pub folder: PathBuf,
    /// The name of its thread; the kernel shows the first 15 octets.
    pub thread: &'static str,
    /// What the server's log says where records cannot be written: what is lost, and that all else goes on.
    pub trouble: &'static str,
    /// Most octets of all files together.
    pub size: u64,
    /// Files whose newest record is older than this go. Without it, records stay until their room is needed.
    pub age: Option<Duration>,
}

impl Settings {
    /// Octets of a file after which the next one is begun.
    fn segment(&self) -> u64 {
        (self.size / segments::SEGMENTS).max(1)
    }
}

/// What can be kept in a [`Log`].
pub trait Kept: Serialize {
    /// Takes something away, the least useful first, as the line would be longer than [`LINE_LIMIT`]. `false` if there is
    /// nothing more to take: the record is dropped then, and counted. It is asked again until the line fits.
    fn shorten(&mut self) -> bool {
        false
    }
}
