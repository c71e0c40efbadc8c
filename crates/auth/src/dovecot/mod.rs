//! The line protocol of Dovecot's auth service: both sides, without I/O.
//!
//! Lines of fields with TABs between them; an octet that would end one is escaped by `\001`. A server tells its mechanisms
//! first; then every exchange has a number, which its lines begin with. The `master` side is for look-ups without a login.

mod client;
mod field;
mod lookup;
mod server;
#[cfg(test)]
mod tests;

pub use client::{Auth, ClientSays};
pub use field::{LINE, Malformed, Params};
pub use lookup::{Asks, Tells};
pub use server::ServerSays;
