//! The SMTP driver: feeds a `smtp::server::Session` with lines, and does what it asks.

mod ask;
mod begin;
mod body;
mod driver;
mod say;
mod token;

pub(crate) use begin::hello;
pub use token::UserTokens;

use crate::session::Client;

/// Serves one client of `smtp`, `submission` or `submissions` to its end. With implicit TLS the handshake is done
/// already.
pub(crate) fn run(client: Client) -> impl Future<Output = ()> + Send {
    Box::new(driver::Driver::new(client)).run()
}
