//! The durable queue: journal, recovery, schedule, scheduler, bounces. Knows nothing of how delivery works.
//! docs/queue.md has its states, its files to the octet, and what each crash leaves.

mod attempt;
mod body;
mod bounce;
mod clock;
mod courier;
mod desk;
mod envelope;
mod flusher;
mod id;
mod journal;
mod lanes;
mod ledger;
mod offline;
mod operator;
mod queue;
pub mod record;
mod round;
mod schedule;
mod scheduler;
mod settings;
mod space;
mod spool;
mod state;
#[cfg(test)]
mod tests;

pub use clock::{Clock, Moment, SystemClock};
pub use courier::{Courier, Destination, Future, Job, Outcome, Remote, Router};
pub use envelope::{Body8, Envelope, Recipient};
pub use id::{IdError, QueueId};
pub use offline::Offline;
pub use operator::{Filter, MessageDetails, MessageInfo, Phase, RecipientInfo, VerbError};
pub use queue::{AcceptError, Couriers, OpenError, Queue};
pub use schedule::Schedule;
pub use spool::{Change, Done, Message, Recovered, Spool, SpoolError, Urgency};
pub use state::{MessageState, RecipientState, Stage, Trouble};
