//! The driver of IMAP sessions.

use std::sync::Arc;
use std::time::Duration;

use net::Connection;

use crate::{Context, SessionInfo};

/// Serves one session.
pub(crate) async fn run(mut connection: Connection, context: Arc<Context>, info: SessionInfo) {
    let host = context.config.load().hostname.to_string();
    connection.write(format!("* BYE {host} no service yet [{}]\r\n", info.id).as_bytes());
    connection.close(Duration::from_secs(5)).await;
}
