//! The POP3 driver: feeds a `pop3::server::Session` with lines, and does what it asks.

mod ask;
mod begin;
mod driver;
mod mail;

use std::sync::Arc;

pub(crate) use begin::capa;

use crate::{Context, SessionInfo};

/// Serves one connection of `pop3` or `pop3s` to its end. With implicit TLS the handshake is done already.
pub(crate) async fn run(conn: net::Connection, cx: Arc<Context>, info: SessionInfo) {
    driver::Driver::new(conn, cx, info).run().await;
}
