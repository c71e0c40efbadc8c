//! The driver of IMAP sessions: it feeds a session what the client sends, does what the session asks for with the
//! mailboxes, and sends the answers. One file per group of commands.

mod append;
mod ask;
mod begin;
mod driver;
mod expunge;
mod fetch;
mod flags;
mod folders;
mod idle;
mod list;
mod read;
mod refusal;
mod search;
mod select;
mod store;
mod transfer;
mod updates;
mod view;

pub(crate) use begin::capability;

use crate::session::Client;

/// Serves one client of `imap` or `imaps` to its end. With implicit TLS the handshake is done already.
pub(crate) fn run(client: Client) -> impl Future<Output = ()> + Send {
    Box::new(driver::Driver::new(client)).run()
}
