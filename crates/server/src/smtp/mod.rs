//! The SMTP driver: feeds a `smtp::server::Session` with lines, and does what it asks.

mod ask;
mod begin;
mod body;
mod driver;
mod say;
mod token;

use std::sync::Arc;

pub(crate) use begin::hello;
pub use token::UserTokens;

use crate::{Context, SessionInfo};

/// Serves one connection of `smtp`, `submission` or `submissions` to its end. With implicit TLS the handshake is done
/// already.
pub async fn run(conn: net::Connection, cx: Arc<Context>, info: SessionInfo) {
    driver::Driver::new(conn, cx, info).run().await;
}
