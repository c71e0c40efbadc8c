//! Who carries messages, and what became of them.

use std::future;
use std::pin::Pin;
use std::time::SystemTime;

use bytes::Bytes;
use message::Address;

use crate::{Envelope, QueueId};

/// A boxed future, so that couriers can be trait objects.
pub type Future<'a, T> = Pin<Box<dyn future::Future<Output = T> + Send + 'a>>;

/// Some recipients of one message, all for the same destination.
#[derive(Debug, Clone)]
pub struct Job {
    /// The message.
    pub id: QueueId,
    /// Its envelope (all recipients; `recipients` below says which are meant).
    pub envelope: std::sync::Arc<Envelope>,
    /// Its content with CRLF line ends, `Received:` already on top.
    pub body: Bytes,
    /// Indices into `envelope.recipients`.
    pub recipients: Vec<usize>,
    /// When it was accepted: a file's name made of this, `id` and the recipient is the same at each attempt.
    pub accepted: SystemTime,
    /// An earlier attempt may have been delivered without its outcome being known (a crash, a failed flush, a panic):
    /// only then a local courier has to look for a file that is there already.
    pub replay: bool,
}

/// The host that spoke, and what it said: for log, queue listing and bounce (MISSION 001-12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// `mx.example.org [192.0.2.1]:25`.
    pub host: String,
    /// The whole reply, lines joined by `\n`.
    pub reply: String,
}

/// What became of one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Delivered (locally) or handed on (relay); the text is for the log.
    Delivered(String),
    /// Try again later.
    Deferred {
        /// RFC 3463 status, `4.x.y`.
        status: String,
        /// In words.
        reason: String,
        /// Who said so.
        remote: Option<Remote>,
        /// The operator must act (a route's login fails): said loudly, and never counted towards the
        /// message's expiry by bounce.
        configuration: bool,
    },
    /// Give up and bounce.
    Failed {
        /// `5.x.y`.
        status: String,
        /// In words.
        reason: String,
        /// Who said so.
        remote: Option<Remote>,
    },
}

/// Carries messages. `mailbox` implements it for local ones, `relay` for the others.
pub trait Courier: Send + Sync {
    /// Carries jobs of one destination (local couriers get many at once, so that one flush serves all). The answer
    /// has one list for each job, with one outcome for each of its recipients, in order.
    fn deliver(&self, jobs: Vec<Job>) -> Future<'_, Vec<Vec<Outcome>>>;

    /// Makes what was delivered durable; the journal forgets delivered messages only after this.
    fn flush(&self) -> Future<'_, std::io::Result<()>> {
        Box::pin(future::ready(Ok(())))
    }
}

/// Where a recipient's mail goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Destination {
    /// A mailbox here.
    Local,
    /// Elsewhere; the text names the route or the domain, and bounds concurrency.
    Relay(String),
}

/// Tells where mail goes; asked at each attempt, so that a changed config is obeyed.
pub trait Router: Send + Sync {
    /// The destination of an address.
    fn destination(&self, recipient: &Address) -> Destination;
}
