//! The journal: [`Spool`] on local disk. Preallocated segments, one writer, one flush for all that wait.

mod appender;
mod disk;
mod folder;
mod index;
mod layout;
mod pending;
mod recovery;
#[cfg(test)]
mod sim;
#[cfg(test)]
mod tests;
mod writer;

use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;

use self::appender::Appender;
use self::disk::{Disk, SegmentFile};
use self::folder::Folder;
use self::index::{Index, Location};
use self::layout::Record;
use self::pending::Pending;
use self::recovery::{Damage, Recovery};
use self::writer::Writer;
use crate::spool::{Done, Recovered};
use crate::{Change, OpenError, QueueId, Spool, SpoolError, Urgency, record};

/// Segments begun since a message was written, from which on it may be worth to write it anew.
const OLD: u64 = 3;

/// The journal of one folder, locked for as long as this lives.
pub(crate) struct Journal {
    writer: Writer,
    index: Arc<Mutex<Index>>,
    disk: Arc<dyn Disk>,
}

/// What was there when it was opened.
pub(crate) struct Contents {
    /// Live messages, oldest first.
    pub(crate) messages: Vec<Recovered>,
    /// No id up to this may be given again.
    pub(crate) last_id: QueueId,
}

impl Journal {
    /// Locks the folder and reads it. Writes nothing yet.
    pub(crate) fn open(path: &Path, segment_size: u64) -> Result<(Self, Contents), OpenError> {
        let failed = |error| OpenError::Io { path: path.to_owned(), error };
        Self::on(Arc::new(Folder::lock(path)?), segment_size).map_err(failed)
    }

    fn on(disk: Arc<dyn Disk>, segment_size: u64) -> io::Result<(Self, Contents)> {
        let Recovery { messages, index, position, free, damage } = recovery::recover(disk.as_ref())?;
        report(&damage);
        let index = Arc::new(Mutex::new(index));
        let appender = Appender::new(Arc::clone(&disk), Arc::clone(&index), position, free, segment_size);
        let writer = Writer::start(appender, Arc::clone(&disk))?;
        let contents = Contents { messages: messages.into_values().collect(), last_id: position.last_id };
        Ok((Self { writer, index, disk }, contents))
    }
}

/// Damage is never passed over in silence.
fn report(damage: &[Damage]) {
    for damage in damage {
        match damage {
            Damage::Records { generation, first, count } => {
                tracing::error!(
                    generation,
                    first,
                    count,
                    "journal: durable records are damaged; messages may be lost or repeated"
                );
            }
            Damage::Content { generation, index } => {
                tracing::error!(
                    generation,
                    index,
                    "journal: a record is not understood; was it written by a newer version?"
                );
            }
            Damage::Segment { generation } => {
                tracing::error!(generation, "journal: a whole segment is missing; the messages in it are lost");
            }
            Damage::Header { generation } => {
                tracing::error!(
                    generation,
                    "journal: a segment's header is damaged; its records were found without it"
                );
            }
        }
    }
}

/// Reads the record with a message and takes the body out of it, if its checksum is right.
fn read_body(file: &dyn SegmentFile, location: Location, id: QueueId) -> Result<Bytes, SpoolError> {
    let unreadable = |error: io::Error| SpoolError::Read(error.to_string());
    let mut octets = vec![0; usize::try_from(location.size).map_err(|e| unreadable(io::Error::other(e)))?];
    file.read_at(location.offset, &mut octets).map_err(unreadable)?;
    let record = Record::at(&octets.into(), 0).ok_or_else(|| SpoolError::Read("its checksum is wrong".into()))?;
    let changes = record::decode(record.payload).map_err(|error| SpoolError::Read(error.to_string()))?;
    let body = changes.into_iter().find_map(|change| match change {
        Change::Message(message) if message.id == id => Some(message.body),
        _ => None,
    });
    body.ok_or_else(|| SpoolError::Read("another message lies in its place".into()))
}

impl Spool for Journal {
    fn commit(&self, changes: Vec<Change>, urgency: Urgency, done: Done) {
        self.writer.push(Pending::new(&changes, done), urgency);
    }

    fn body(&self, id: QueueId) -> Result<Bytes, SpoolError> {
        let find = || self.index.lock().find(id).ok_or_else(|| SpoolError::Read(format!("{id} is not in the journal")));
        let (file, location) = find()?;
        read_body(file.as_ref(), location, id).or_else(|error| {
            // It may have been written anew, and its old place used again, between the look and the reading.
            let (file, now) = find()?;
            if now == location { Err(error) } else { read_body(file.as_ref(), now, id) }
        })
    }

    fn available(&self) -> io::Result<u64> {
        self.disk.available()
    }

    fn crowded(&self) -> Vec<QueueId> {
        self.index.lock().crowded(OLD)
    }

    fn close(&self) {
        self.writer.close();
    }
}
