//! The POP3 driver: feeds a `pop3::server::Session` with lines, and does what it asks.

mod ask;
mod begin;
mod driver;
mod mail;

pub(crate) use begin::capa;

use crate::session::Client;

/// Serves one client of `pop3` or `pop3s` to its end. With implicit TLS the handshake is done already.
pub(crate) fn run(client: Client) -> impl Future<Output = ()> + Send {
    Box::new(driver::Driver::new(client)).run()
}
