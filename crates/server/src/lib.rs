//! Listeners, one driver per protocol, control socket, signals, drain.

mod context;

pub use context::{Context, SessionInfo};
