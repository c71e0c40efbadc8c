//! Session ids and the log.

mod id;
mod json;
mod log;

pub use id::SessionId;
pub use log::{LogError, init};
