//! The running server as its operator sees it: starting, limits, reloading, draining, the control socket.

mod client;
mod control;
mod drain;
mod limits;
mod proxies;
mod reload;
mod start;

/// The binary under test.
const BINARY: &str = env!("CARGO_BIN_EXE_gatepost");
