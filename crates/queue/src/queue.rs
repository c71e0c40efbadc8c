//! The queue's handle.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use config::Config;

use crate::{Courier, Envelope, Filter, MessageDetails, MessageInfo, QueueId, Router, VerbError};

/// The queue's handle; cheap to clone.
#[derive(Debug, Clone)]
pub struct Queue(());

/// Who carries messages where.
pub struct Couriers {
    /// Tells where a recipient's mail goes.
    pub router: Arc<dyn Router>,
    /// For [`crate::Destination::Local`].
    pub local: Arc<dyn Courier>,
    /// For [`crate::Destination::Relay`].
    pub relay: Arc<dyn Courier>,
}

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// Less than `queue.min_free` left on the disk.
    #[error("disk almost full")]
    NoSpace,
    /// The journal could not be written.
    #[error("journal: {0}")]
    Journal(String),
    /// The server is going down.
    #[error("shutting down")]
    Closed,
}

/// Why the queue could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it: a running server, which the verbs then have to ask.
    #[error("{dir} is in use{}", pid.map(|p| format!(" by process {p}")).unwrap_or_default())]
    Locked {
        /// The queue's folder.
        dir: PathBuf,
        /// Who holds it, where the lock file says so.
        pid: Option<u32>,
    },
    /// The files could not be read or made.
    #[error("{path}: {error}")]
    Io {
        /// Which one.
        path: PathBuf,
        /// What happened.
        error: std::io::Error,
    },
}

impl Queue {
    /// Opens `<data>/queue` and recovers what is in it. Blocks while it reads the journal. Messages can be accepted at
    /// once; nothing is carried before [`Self::start`].
    pub fn open(config: &Config) -> Result<Self, OpenError> {
        let _ = config;
        todo!("owner: queue")
    }

    /// Starts to carry messages. To be called once, inside the runtime.
    pub fn start(&self, couriers: Couriers) {
        let _ = couriers;
        todo!("owner: queue")
    }

    /// Obeys another config from now on (SIGHUP); segment size and place stay as they were.
    pub fn reconfigure(&self, config: &Config) {
        let _ = config;
        todo!("owner: queue")
    }

    /// Takes a message. Returns when it is durable: only then may 250 be said.
    pub async fn accept(&self, envelope: Envelope, body: Bytes) -> Result<QueueId, AcceptError> {
        let _ = (envelope, body);
        todo!("owner: queue")
    }

    /// As [`Self::accept`] under an id from [`Self::reserve`].
    pub async fn accept_as(&self, id: QueueId, envelope: Envelope, body: Bytes) -> Result<(), AcceptError> {
        let _ = (id, envelope, body);
        todo!("owner: queue")
    }

    /// An id for a message that is on its way in, so that its `Received:` can name it. One that is not used is not missed.
    pub fn reserve(&self) -> QueueId {
        todo!("owner: queue")
    }

    /// Takes no more, lets what is under way end (the caller bounds the time), flushes, and gives the lock back.
    pub async fn shutdown(&self) {
        todo!("owner: queue")
    }

    /// What is in the queue, oldest first.
    pub fn list(&self, filter: &Filter) -> Vec<MessageInfo> {
        let _ = filter;
        todo!("owner: queue")
    }

    /// One message.
    pub async fn show(&self, id: QueueId) -> Result<MessageDetails, VerbError> {
        let _ = id;
        todo!("owner: queue")
    }

    /// Tries one message, or all that wait and are not held, at once. How many.
    pub async fn retry(&self, id: Option<QueueId>) -> Result<usize, VerbError> {
        let _ = id;
        todo!("owner: queue")
    }

    /// Removes a message without a bounce. What a courier has already taken, it may still deliver.
    pub async fn remove(&self, id: QueueId) -> Result<(), VerbError> {
        let _ = id;
        todo!("owner: queue")
    }

    /// Keeps a message from being carried until it is released; it does not expire meanwhile.
    pub async fn hold(&self, id: QueueId) -> Result<(), VerbError> {
        let _ = id;
        todo!("owner: queue")
    }

    /// Ends a hold; the message is due at once.
    pub async fn release(&self, id: QueueId) -> Result<(), VerbError> {
        let _ = id;
        todo!("owner: queue")
    }
}
