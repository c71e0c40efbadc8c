//! The border between the queue and how it is kept: a journal on local disk now, a database of a cluster later.

/// Why something could not be kept or read back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpoolError {
    /// The journal could not be written; nothing of it counts.
    #[error("journal: {0}")]
    Write(String),
    /// A body could not be read back.
    #[error("journal: cannot read message: {0}")]
    Read(String),
    /// The queue is shut.
    #[error("the queue is shut")]
    Closed,
}
