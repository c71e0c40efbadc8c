//! The operator's verbs on the files, while no server runs.

use std::fmt;
use std::path::Path;
use std::sync::mpsc;

use parking_lot::Mutex;

use crate::journal::Journal;
use crate::ledger::{Entry, Ledger};
use crate::{Change, Clock, Filter, MessageDetails, MessageInfo, OpenError, QueueId, Spool, SpoolError};
use crate::{SystemClock, Urgency, VerbError, operator};

/// A segment that has to be made for a change is small; the server makes its own.
const SEGMENT_SIZE: u64 = 1 << 20;

/// The queue's files, opened without a server. Nothing is carried; every change is durable when its call returns.
pub struct Offline {
    journal: Journal,
    ledger: Mutex<Ledger>,
}

impl fmt::Debug for Offline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Offline")
    }
}

impl Offline {
    /// Opens the queue below `data` (`Config::data`). Fails with [`OpenError::Locked`] while a server has it.
    pub fn open(data: &Path) -> Result<Self, OpenError> {
        let (journal, contents) = Journal::open(&data.join("queue"), SEGMENT_SIZE)?;
        let mut ledger = Ledger::default();
        for found in contents.messages {
            ledger.admit(found.message.id, Entry::recovered(found));
        }
        Ok(Self { journal, ledger: Mutex::new(ledger) })
    }

    /// What is in the queue, oldest first.
    pub fn list(&self, filter: &Filter) -> Vec<MessageInfo> {
        operator::list(&self.ledger.lock(), filter)
    }

    /// One message.
    pub fn show(&self, id: QueueId) -> Result<MessageDetails, VerbError> {
        let info = operator::info(id, self.ledger.lock().get(id).ok_or(VerbError::Unknown(id))?);
        Ok(MessageDetails { info, headers: operator::headers(&self.journal.body(id)?) })
    }

    /// Makes one message, or all that are not held, due at the next start. How many.
    pub fn retry(&self, id: Option<QueueId>) -> Result<usize, VerbError> {
        let mut ledger = self.ledger.lock();
        let ids = match id {
            Some(id) => vec![ledger.get(id).map(|_| id).ok_or(VerbError::Unknown(id))?],
            None => ledger.iter().map(|(id, _)| id).collect(),
        };
        let now = SystemClock.now();
        let changes: Vec<_> = ids.into_iter().filter_map(|id| ledger.retry(id, now)).collect();
        let count = changes.len();
        self.commit(changes)?;
        Ok(count)
    }

    /// Removes a message without a bounce.
    pub fn remove(&self, id: QueueId) -> Result<(), VerbError> {
        let mut ledger = self.ledger.lock();
        ledger.get(id).ok_or(VerbError::Unknown(id))?;
        self.commit(vec![Change::Settled(id)])?;
        ledger.remove(id);
        Ok(())
    }

    /// Keeps a message from being carried until it is released; it does not expire meanwhile.
    pub fn hold(&self, id: QueueId) -> Result<(), VerbError> {
        let change = self.ledger.lock().hold(id).ok_or(VerbError::Unknown(id))?;
        Ok(self.commit(vec![change])?)
    }

    /// Ends a hold; the message is due at the next start.
    pub fn release(&self, id: QueueId) -> Result<(), VerbError> {
        let change = self.ledger.lock().release(id, SystemClock.now()).ok_or(VerbError::Unknown(id))?;
        Ok(self.commit(vec![change])?)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), SpoolError> {
        if changes.is_empty() {
            return Ok(());
        }
        let (told, answer) = mpsc::sync_channel(1);
        let done = move |result| drop(told.send(result));
        self.journal.commit(changes, Urgency::Now, Box::new(done));
        answer.recv().unwrap_or(Err(SpoolError::Closed))
    }
}
