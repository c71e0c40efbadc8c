//! The border between the queue and how it is kept: a journal on local disk now, a database of a cluster later.

use std::io;
use std::sync::Arc;

use bytes::Bytes;

use crate::state::MessageState;
use crate::{Envelope, Moment, QueueId};

/// Why something could not be kept or read back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpoolError {
    /// It could not be written; nothing of it counts.
    #[error("journal: {0}")]
    Write(String),
    /// The same, as the disk or a quota on it is full.
    #[error("journal: no space left")]
    NoSpace,
    /// A body could not be read back.
    #[error("journal: cannot read message: {0}")]
    Read(String),
    /// The queue is shut.
    #[error("the queue is shut")]
    Closed,
}

/// A message as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: QueueId,
    /// When it was accepted.
    pub accepted: Moment,
    /// Its envelope.
    pub envelope: Arc<Envelope>,
    /// Where it stands.
    pub state: MessageState,
    /// Its content.
    pub body: Bytes,
}

/// One change of what is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A message is in the queue; replaces what was kept of it before.
    Message(Message),
    /// A message's state, as a whole.
    State {
        /// Which message.
        id: QueueId,
        /// Its new state.
        state: MessageState,
    },
    /// A message is done and may be forgotten.
    Settled(QueueId),
}

/// When a change has to be durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// Somebody waits for it.
    Now,
    /// With the next flush, or a moment later.
    Soon,
}

/// Told once, when changes are durable or will never be. Never called inside of [`Spool::commit`].
pub type Done = Box<dyn FnOnce(Result<(), SpoolError>) + Send>;

/// What was kept of a message that is found again after a restart; its body is read when it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// The message, its body empty.
    pub message: Message,
    /// Octets of the body.
    pub size: u64,
}

/// Keeps messages.
pub trait Spool: Send + Sync {
    /// Makes changes durable, all or none, in the order of the calls. Does not block.
    fn commit(&self, changes: Vec<Change>, urgency: Urgency, done: Done);

    /// Reads a body back. Blocks.
    fn body(&self, id: QueueId) -> Result<Bytes, SpoolError>;

    /// Octets that are free where it keeps things.
    fn available(&self) -> io::Result<u64>;

    /// Messages that it wants to be written anew (as [`Change::Message`]), because they alone keep it from using old
    /// space again. Cheap: asked all the time, it names each of them once in a while.
    fn crowded(&self) -> Vec<QueueId>;

    /// Makes everything durable and takes no more. Blocks.
    fn close(&self);
}
