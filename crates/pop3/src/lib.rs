//! POP3: grammar and state machine of the server (RFC 1939), without I/O.
//!
//! A [`server::Session`] is fed lines and answers, and says what to do next; a [`Multiline`] writes a message as the
//! wire wants it.

mod multiline;
mod reply;
pub mod server;

pub use multiline::{Extent, Multiline};
pub use reply::{Code, Reply};
