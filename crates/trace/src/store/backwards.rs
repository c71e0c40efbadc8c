//! The lines of a file that hold some octets, the last one first.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::os::unix::fs::FileExt;

use memchr::{memchr, memmem, memrchr};

use super::LINE_LIMIT;

/// So much is read at once: it bounds the memory, not what can be found.
const CHUNK: usize = 4 << 20;

/// A file that is read backwards.
pub(super) struct Backwards<'a> {
    file: File,
    finder: &'a memmem::Finder<'a>,
    /// All before this offset is still to be read.
    before: u64,
    /// What was read and not searched yet: it may be the rest of a line whose begin is before it.
    buffer: Vec<u8>,
}

impl<'a> Backwards<'a> {
    /// As much of it as there is now.
    pub(super) fn new(file: File, finder: &'a memmem::Finder<'a>) -> io::Result<Self> {
        let before = file.metadata()?.len();
        Ok(Self { file, finder, before, buffer: Vec::new() })
    }

    /// Hands out the lines, without their ends, until `each` breaks off or fails.
    pub(super) fn read(
        mut self,
        each: &mut dyn FnMut(&[u8]) -> io::Result<ControlFlow<()>>,
    ) -> io::Result<ControlFlow<()>> {
        self.pull()?;
        // What follows the last end is being written, or was torn.
        self.buffer.truncate(memrchr(b'\n', &self.buffer).map_or(0, |end| end + 1));
        loop {
            // The first line of the buffer is whole only at the start of the file.
            let whole = if self.before == 0 { Some(0) } else { memchr(b'\n', &self.buffer).map(|end| end + 1) };
            let whole = whole.unwrap_or(self.buffer.len());
            if search(self.buffer.get(whole..).unwrap_or_default(), self.finder, each)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            if self.before == 0 {
                return Ok(ControlFlow::Continue(()));
            }
            // A line over the limit is none of ours: the memory must not grow with it.
            self.buffer.truncate(if whole > LINE_LIMIT { 0 } else { whole });
            self.pull()?;
        }
    }

    /// Puts the piece of the file before the buffer in front of it.
    fn pull(&mut self) -> io::Result<()> {
        let start = self.before.saturating_sub(CHUNK as u64);
        let mut piece = vec![0; usize::try_from(self.before - start).unwrap_or(CHUNK)];
        self.file.read_exact_at(&mut piece, start)?;
        piece.append(&mut self.buffer);
        (self.buffer, self.before) = (piece, start);
        Ok(())
    }
}

/// Searches forwards, which is fast, and hands out backwards. Every line in `lines` has its end.
fn search(
    lines: &[u8],
    finder: &memmem::Finder<'_>,
    each: &mut dyn FnMut(&[u8]) -> io::Result<ControlFlow<()>>,
) -> io::Result<ControlFlow<()>> {
    let (mut hits, mut at) = (Vec::new(), 0);
    while let Some(rest) = lines.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(hit) = finder.find(rest).map(|hit| at + hit) else { break };
        let start = lines.get(..hit).and_then(|before| memrchr(b'\n', before)).map_or(0, |end| end + 1);
        let end = lines.get(hit..).and_then(|after| memchr(b'\n', after)).map_or(lines.len(), |end| hit + end);
        hits.push(start..end);
        at = end + 1;
    }
    for hit in hits.into_iter().rev().filter(|hit| !hit.is_empty()) {
        if each(lines.get(hit).unwrap_or_default())?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}
