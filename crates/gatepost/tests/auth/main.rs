//! Seeing why logins work or do not: the commands of `gatepost auth`, beside the real server and without it.

mod debugging;
mod log;
mod mechanisms;
mod offers;
mod overview;
mod trying;
mod wire;

use harness::Gatepost;
use serde_json::Value;

/// The binary under test.
const BINARY: &str = env!("CARGO_BIN_EXE_gatepost");

/// What a command prints that prints one JSON value a line.
fn json_lines(server: &Gatepost, arguments: &[&str]) -> Vec<Value> {
    let text = server.run(arguments, "");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}
