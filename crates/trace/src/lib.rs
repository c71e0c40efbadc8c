//! Session ids, the log, and bounded files of records.

mod id;
mod json;
mod log;
pub mod store;

pub use id::{NotAnId, SessionId};
pub use log::{LogError, init};
