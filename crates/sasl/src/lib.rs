//! SASL (RFC 4422): mechanisms for servers and clients, without I/O.
//!
//! A server's [`server::Exchange`] turns challenges and responses into [`Evidence`]; whoever holds the
//! accounts judges it. A client's [`client::Exchange`] logs in elsewhere. Protocol crates do the base64.

pub mod client;
mod evidence;
mod mechanism;
pub mod scram;
mod secret;
pub mod server;

pub use evidence::{CramEvidence, Evidence, PasswordEvidence, ScramEvidence};
pub use mechanism::Mechanism;
pub use secret::Secret;
