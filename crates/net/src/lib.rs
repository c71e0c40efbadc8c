//! Sockets, TLS both ways, lines and octets with limits and deadlines. Knows no protocol.

pub mod ca;
mod capture;
mod certificate;
mod client;
mod connection;
mod exporter;
mod input;
mod listen;
mod output;
mod peer;
pub mod proxy;
mod server_stream;
mod stream;
mod tls;

pub use certificate::CertificateFacts;
pub use client::{CertificateTrouble, ClientTls, certificate_refused, certificate_trouble};
pub use connection::{Connection, LineEnd, ReadError};
pub use listen::{ListenError, listen};
pub use peer::ClientCertificate;
pub use tls::{ServerTls, TlsError, TlsInfo, spoke_in_clear, spoke_tls};
