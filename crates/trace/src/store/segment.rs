//! The file that is written to.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::segments;

pub(super) struct Segment {
    pub(super) number: u64,
    pub(super) length: u64,
    file: File,
    began: SystemTime,
}

impl Segment {
    /// The last one that is there, or the first.
    pub(super) fn last(folder: &Path) -> io::Result<Self> {
        match segments::list(folder)?.last() {
            Some(last) => Self::make(folder, last.number),
            None => Self::make(folder, 1),
        }
    }

    /// Goes on with one, or begins it.
    pub(super) fn make(folder: &Path, number: u64) -> io::Result<Self> {
        let path = segments::path(folder, number);
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
        // Not every file system knows when a file was made; then it counts as younger than it is.
        let meta = file.metadata()?;
        let began = meta.created().or_else(|_| meta.modified())?;
        let mut segment = Self { number, length: file.seek(SeekFrom::End(0))?, file, began };
        // A crash may have torn the last line: the next one must not become part of it.
        if !segment.ends_with_a_line()? {
            segment.append(b"\n")?;
        }
        Ok(segment)
    }

    /// Whether its first record is so old that it should be closed, so that it can go as a whole when it is old.
    pub(super) fn is_older(&self, than: Duration, now: SystemTime) -> bool {
        // A clock that was set back makes nothing old.
        self.length > 0 && now.duration_since(self.began).is_ok_and(|age| age >= than)
    }

    pub(super) fn append(&mut self, octets: &[u8]) -> io::Result<()> {
        self.file.write_all(octets)?;
        self.length += octets.len() as u64;
        Ok(())
    }

    fn ends_with_a_line(&mut self) -> io::Result<bool> {
        if self.length == 0 {
            return Ok(true);
        }
        let mut last = [0];
        self.file.seek(SeekFrom::End(-1))?;
        self.file.read_exact(&mut last)?;
        Ok(last == *b"\n")
    }
}
