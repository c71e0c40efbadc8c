//! Sockets, TLS both ways, lines and octets with limits and deadlines. Knows no protocol.

mod connection;

pub use connection::{Connection, LineEnd, ReadError, TlsInfo};

/// The server's certificate and TLS settings; cheap to clone, replaced on SIGHUP.
#[derive(Debug, Clone)]
pub struct ServerTls(());
