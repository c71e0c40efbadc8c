//! The operator's verbs on the files, while no server runs.

use std::path::Path;

use crate::{Filter, MessageDetails, MessageInfo, OpenError, QueueId, VerbError};

/// The queue's files, opened without a server. Nothing is carried; every change is durable when its call returns.
#[derive(Debug)]
pub struct Offline(());

impl Offline {
    /// Opens the queue below `data` (`Config::data`). Fails with [`OpenError::Locked`] while a server has it.
    pub fn open(data: &Path) -> Result<Self, OpenError> {
        let _ = data;
        todo!("owner: queue")
    }

    /// What is in the queue, oldest first.
    pub fn list(&self, filter: &Filter) -> Vec<MessageInfo> {
        let _ = filter;
        todo!("owner: queue")
    }

    /// One message.
    pub fn show(&self, id: QueueId) -> Result<MessageDetails, VerbError> {
        let _ = id;
        todo!("owner: queue")
    }

    /// Makes one message, or all, due at the next start. How many.
    pub fn retry(&self, id: Option<QueueId>) -> Result<usize, VerbError> {
        let _ = id;
        todo!("owner: queue")
    }

    /// Removes a message without a bounce.
    pub fn remove(&self, id: QueueId) -> Result<(), VerbError> {
        let _ = id;
        todo!("owner: queue")
    }

    /// Keeps a message from being carried until it is released; it does not expire meanwhile.
    pub fn hold(&self, id: QueueId) -> Result<(), VerbError> {
        let _ = id;
        todo!("owner: queue")
    }

    /// Ends a hold; the message is due at once.
    pub fn release(&self, id: QueueId) -> Result<(), VerbError> {
        let _ = id;
        todo!("owner: queue")
    }
}
