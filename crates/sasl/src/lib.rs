//! SASL (RFC 4422): mechanisms for servers and clients, without I/O.
//!
//! A server's [`server::Exchange`] turns challenges and responses into [`Evidence`]; whoever holds the
//! accounts judges it. A client's [`client::Exchange`] logs in elsewhere. Protocol crates frame the lines;
//! [`wire`] does the base64 that SMTP, POP3 and IMAP share.

pub mod apop;
mod channel;
pub mod client;
pub mod cram;
mod early;
mod evidence;
mod exposed;
mod field;
mod mechanism;
mod prep;
pub mod scram;
mod secret;
pub mod server;
pub mod wire;

pub use channel::{Binding, Bindings, Certificate, Channel};
pub use early::Early;
pub use evidence::{
    ApopEvidence, CertificateEvidence, CramEvidence, Evidence, PasswordEvidence, ScramEvidence, TokenEvidence,
};
pub use exposed::exposed_identity;
pub use field::identity;
pub use mechanism::Mechanism;
pub use secret::Secret;
