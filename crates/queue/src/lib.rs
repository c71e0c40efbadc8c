//! The durable queue: journal, recovery, schedule, scheduler, bounces. Knows nothing of how delivery works.

mod courier;
mod envelope;

pub use courier::{Courier, Destination, Future, Job, Outcome, Remote, Router};
pub use envelope::{Body8, Envelope, QueueId, Recipient};

use bytes::Bytes;

/// The queue's handle; cheap to clone.
#[derive(Debug, Clone)]
pub struct Queue(());

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

impl Queue {
    /// Takes a message. Returns when it is durable: only then may 250 be said.
    pub async fn accept(&self, envelope: Envelope, body: Bytes) -> Result<QueueId, AcceptError> {
        let _ = (envelope, body);
        todo!("owner: queue")
    }
}
