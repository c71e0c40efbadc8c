//! What a fake server was told.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::PATIENCE;

/// One session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Every line that the client sent, but for content.
    pub lines: Vec<String>,
    /// The messages that were answered with 2xx.
    pub mails: Vec<Mail>,
    /// TLS was on at the end.
    pub tls: bool,
}

/// One message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mail {
    /// What stood behind `MAIL FROM:`.
    pub from: String,
    /// What stood behind `RCPT TO:`, for those that were taken.
    pub to: Vec<String>,
    /// The content, dots taken off.
    pub content: String,
}

/// The records of one server.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    records: Mutex<Vec<Record>>,
    changed: Condvar,
}

impl Shelf {
    fn lock(&self) -> MutexGuard<'_, Vec<Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new record; its number.
    pub(super) fn begin(&self) -> usize {
        let mut records = self.lock();
        records.push(Record::default());
        records.len() - 1
    }

    /// Changes a record.
    pub(super) fn change(&self, number: usize, change: impl FnOnce(&mut Record)) {
        change(&mut self.lock()[number]);
        self.changed.notify_all();
    }

    pub(super) fn all(&self) -> Vec<Record> {
        self.lock().clone()
    }

    /// Waits until the records are as wanted; false when they do not become so.
    pub(super) fn wait(&self, wanted: impl Fn(&[Record]) -> bool) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), PATIENCE, |records| !wanted(records));
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}
