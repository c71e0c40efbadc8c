//! Listeners, one driver per protocol, control socket, signals, drain.

mod admission;
mod advertise;
mod context;
pub mod control;
mod engine;
mod hidden;
mod imap;
mod listener;
mod lock;
mod memory;
mod metrics;
mod notify;
mod panic;
mod pop3;
mod recipients;
mod refusal;
mod reload;
mod router;
mod running;
mod session;
mod signals;
pub mod smtp;
mod start;
mod summary;

pub use advertise::{Protection, advertised};
pub use context::{Context, SessionInfo};
pub use lock::{DataLock, LockError};
pub use reload::ReloadError;
pub use running::Running;
pub use start::{StartError, start};
