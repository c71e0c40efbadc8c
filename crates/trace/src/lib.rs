//! What is kept of every session, so that it can always be said why: ids, records with what was said, and the log.
//!
//! A driver holds a [`Recorder`] and tells it what is said; at the end a [`record::Record`] goes into a bounded [`store`] on
//! disk. Secrets are masked before a line is kept: where the driver says so, and where [`redact`] recognises them.

pub mod causes;
mod id;
mod json;
mod log;
pub mod pcapng;
pub mod record;
pub mod redact;
pub mod rfc3339;
mod session;
pub mod store;
pub mod transcript;

pub use id::{NotAnId, SessionId};
pub use log::{LogError, init};
pub use record::{Outcome, Record};
pub use session::{Opening, Recorder, Tracer, folder, reader};
pub use transcript::{Body, Transcript};
