//! The server's side: a session that is fed lines, answers and octets, and says what to do next.
//!
//! ```text
//! greeting() ─ command(line) ─┬─ Reply        say it, read the next line
//!                             ├─ Ask          find out, then answer(…)
//!                             ├─ StartTls     say it, handshake, then tls_started(…)
//!                             ├─ SpeaksFor    speaks_for(…), then greeting() again
//!                             ├─ Receive      say it, receive(arrival), then data(octets) until it gives a step
//!                             ├─ Commit       make it durable, then answer(Queued | NotQueued)
//!                             └─ Close        say it, close
//! ```

mod answer;
mod auth_line;
mod commands;
mod hello;
mod login;
mod policy;
mod received;
mod receiver;
mod replies;
mod session;
mod state;
mod step;
mod transaction;
mod wording;

pub use auth_line::named_mechanism;
pub use hello::{Hello, HelloName};
pub use login::exposed_identity;
pub use policy::{Limits, Policy, Role, Tls};
pub use receiver::{Arrival, Data};
pub use session::Session;
pub use step::{Answer, Ending, NotQueued, Question, Speaker, Step};
pub use transaction::{Body, Message, Recipient, Transaction};
pub use wording::Wording;
