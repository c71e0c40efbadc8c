//! The durable queue: journal, recovery, schedule, scheduler, bounces. Knows nothing of how delivery works.
//! docs/queue.md has its states, its files to the octet, and what each crash leaves.

mod courier;
mod envelope;
mod id;
mod offline;
mod operator;
mod queue;
mod spool;

pub use courier::{Courier, Destination, Future, Job, Outcome, Remote, Router};
pub use envelope::{Body8, Envelope, Recipient};
pub use id::{IdError, QueueId};
pub use offline::Offline;
pub use operator::{Filter, MessageDetails, MessageInfo, Phase, RecipientInfo, VerbError};
pub use queue::{AcceptError, Couriers, OpenError, Queue};
pub use spool::SpoolError;
