//! Reading a log, also while it is written, and after a crash.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::path::PathBuf;

use memchr::memmem;
use serde::de::DeserializeOwned;

use super::LINE_LIMIT;
use super::backwards::Backwards;
use super::segments::{self, Found};

/// Reads the records of a folder: from the oldest on, going on where it was; or from the newest backwards.
#[derive(Debug)]
pub struct Reader<R> {
    folder: PathBuf,
    /// The segment that was read last, and how far.
    at: Option<(u64, u64)>,
    unreadable: u64,
    records: PhantomData<fn() -> R>,
}

impl<R: DeserializeOwned> Reader<R> {
    /// Of a folder. Nothing need be there yet.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, at: None, unreadable: 0, records: PhantomData }
    }

    /// Hands out every record that was written since the last call, in order.
    ///
    /// # Errors
    /// The folder or a file in it cannot be read, or `each` fails.
    pub fn read(&mut self, each: &mut dyn FnMut(R) -> io::Result<()>) -> io::Result<()> {
        for segment in segments::list_if_any(&self.folder)? {
            let from = match self.at {
                Some((number, _)) if segment.number < number => continue,
                Some((number, offset)) if segment.number == number => offset,
                _ => 0,
            };
            match self.segment(&segment, from, each) {
                // The writer took it away, as it was the oldest.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                read => read?,
            }
        }
        Ok(())
    }

    /// Passes over all that is there: [`Reader::read`] hands out what comes from now on. A line that is being written just now
    /// is passed over, too.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn pass_over(&mut self) -> io::Result<()> {
        self.at = segments::list_if_any(&self.folder)?.last().map(|last| (last.number, last.length));
        Ok(())
    }

    /// Hands out the records whose line holds a text, the newest first, until `each` breaks off. Lines are searched as they
    /// are, and only those that hold the text are parsed; an empty text is in every line. A text with quotes, backslashes
    /// or controls is looked for as JSON spells it.
    ///
    /// It reads what is there, wherever [`Reader::read`] stands, and does not move that.
    ///
    /// # Errors
    /// The folder or a file in it cannot be read, or `each` fails.
    pub fn newest_first(
        &mut self,
        text: &str,
        each: &mut dyn FnMut(R) -> io::Result<ControlFlow<()>>,
    ) -> io::Result<()> {
        let spelt = serde_json::to_string(text).map_err(io::Error::other)?;
        // Without the quotes that JSON puts around it.
        let finder = memmem::Finder::new(spelt.get(1..spelt.len() - 1).unwrap_or_default().as_bytes());
        for segment in segments::list_if_any(&self.folder)?.iter().rev() {
            let file = match File::open(&segment.path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                file => file?,
            };
            let unreadable = &mut self.unreadable;
            let mut line = |line: &[u8]| match serde_json::from_slice(line) {
                Ok(record) => each(record),
                Err(_) => {
                    *unreadable += 1;
                    Ok(ControlFlow::Continue(()))
                }
            };
            if Backwards::new(file, &finder)?.read(&mut line)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The record that was written first of those that are there: so far back the files reach.
    ///
    /// # Errors
    /// The folder or a file in it cannot be read.
    pub fn oldest(&mut self) -> io::Result<Option<R>> {
        for segment in segments::list_if_any(&self.folder)? {
            let file = match File::open(&segment.path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                file => file?,
            };
            let mut line = Vec::new();
            BufReader::new(file).take(LINE_LIMIT as u64).read_until(b'\n', &mut line)?;
            if let Ok(record) = serde_json::from_slice(&line) {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// Lines that were no records: torn by a crash, or of another version.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    fn segment(&mut self, segment: &Found, from: u64, each: &mut dyn FnMut(R) -> io::Result<()>) -> io::Result<()> {
        let mut file = File::open(&segment.path)?;
        file.seek(SeekFrom::Start(from))?;
        let (mut input, mut offset, mut line) = (BufReader::new(file), from, Vec::new());
        loop {
            line.clear();
            let read = (&mut input).take(LINE_LIMIT as u64).read_until(b'\n', &mut line)?;
            // A line without its end is being written, or was torn: it is looked at again next time.
            if line.last() != Some(&b'\n') && read < LINE_LIMIT {
                self.at = Some((segment.number, offset));
                return Ok(());
            }
            offset += read as u64;
            match serde_json::from_slice(&line) {
                Ok(record) => each(record)?,
                Err(_) if line == b"\n" => {}
                Err(_) => self.unreadable += 1,
            }
        }
    }
}
