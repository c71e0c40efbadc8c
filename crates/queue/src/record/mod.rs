//! Changes as octets: the payload of a journal record. Numbers are little-endian; a text or body has its length (u32)
//! before it; an option has 0 or 1 before it. docs/queue.md has the table.
//!
//! What is read back has passed a checksum, but it may have been written by another version or by a broken machine:
//! nothing here trusts a length.

mod get;
mod put;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use message::AddressError;

use self::get::{get_message, get_state, get_u8, get_u64};
use self::put::{put_message, put_state, put_u64};
use crate::{Change, QueueId};

/// Kinds of changes.
const MESSAGE: u8 = 1;
const STATE: u8 = 2;
const SETTLED: u8 = 3;

/// Stages of a recipient.
const WAITING: u8 = 0;
const DELIVERED: u8 = 1;
const FAILED: u8 = 2;
const TOLD: u8 = 3;

/// Octets that one recipient takes at least, in an envelope or a state: bounds what a count can make us reserve.
const LEAST: usize = 5;

/// Why octets are no changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// It ends too early.
    #[error("record ends too early")]
    Short,
    /// A kind, stage or flag that this version does not know.
    #[error("record holds an unknown value {0}")]
    Unknown(u8),
    /// A text that is not UTF-8.
    #[error("record holds a text that is not UTF-8")]
    Text,
    /// An address that is none.
    #[error("record holds a bad address: {0}")]
    Address(#[from] AddressError),
    /// A state with more or fewer recipients than its envelope.
    #[error("record's state does not fit its envelope")]
    Mismatch,
}

/// Changes as chunks to be written one after the other; bodies are shared, not copied.
pub fn encode(changes: &[Change]) -> Vec<Bytes> {
    let mut chunks = Vec::with_capacity(2);
    let mut head = Vec::with_capacity(256);
    for change in changes {
        match change {
            Change::Message(message) => {
                head.push(MESSAGE);
                put_message(&mut head, message);
                if !message.body.is_empty() {
                    chunks.push(Bytes::from(std::mem::take(&mut head)));
                    chunks.push(message.body.clone());
                }
            }
            Change::State { id, state } => {
                head.push(STATE);
                put_u64(&mut head, id.0);
                put_state(&mut head, state);
            }
            Change::Settled(id) => {
                head.push(SETTLED);
                put_u64(&mut head, id.0);
            }
        }
    }
    if !head.is_empty() {
        chunks.push(Bytes::from(head));
    }
    chunks
}

/// Changes out of a record's payload; bodies are slices of it.
pub fn decode(mut payload: Bytes) -> Result<Vec<Change>, RecordError> {
    let mut changes = Vec::new();
    while !payload.is_empty() {
        changes.push(match get_u8(&mut payload)? {
            MESSAGE => Change::Message(get_message(&mut payload)?),
            STATE => Change::State { id: QueueId(get_u64(&mut payload)?), state: get_state(&mut payload)? },
            SETTLED => Change::Settled(QueueId(get_u64(&mut payload)?)),
            other => return Err(RecordError::Unknown(other)),
        });
    }
    Ok(changes)
}
