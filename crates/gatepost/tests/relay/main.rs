//! Mail to other servers, with the real binary: one folder of `scenarios/` for each, with its config and DNS zone.

mod bounces;
mod delivery;
mod setting;
mod smarthost;

/// The binary under test.
const BINARY: &str = env!("CARGO_BIN_EXE_gatepost");
