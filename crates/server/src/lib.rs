//! Listeners, one driver per protocol, control socket, signals, drain.

mod context;
pub mod smtp;

pub use context::{Context, SessionInfo};
