//! Connections, in clear and inside TLS, from both ends.

mod channel;
mod client;
mod connection;
mod fixture;
mod tls;
