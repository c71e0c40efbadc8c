//! The text protocol of Courier's authdaemond, and of its `authpipe` programs: both sides, without I/O.
//!
//! A client connects, may say where its own client is (`TCPREMOTEIP=…`), and asks one question. The answer is `key=value`
//! lines up to a `.`, or `FAIL`, or one word. A server that could not tell closes the connection without an answer: an end
//! before the `.` is temporary, always.

mod account;
mod enumerate;
mod reply;
mod request;
#[cfg(test)]
mod tests;
mod text;

pub use enumerate::{Listed, Row};
pub use reply::{Entry, Reply};
pub use request::{Asked, Proof, Request};
pub use text::Malformed;
