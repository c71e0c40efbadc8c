//! Session ids and the log.

mod id;

pub use id::SessionId;
