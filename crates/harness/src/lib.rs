//! Test harness: the real binary on free ports, a DNS server, fake peers, dialogues.
//!
//! Whatever goes wrong in here panics with what happened: it is for tests alone.

mod beside;
mod client;
pub mod dialogue;
mod dns;
mod exim;
mod gatepost;
mod issuer;
mod log;
mod maildir;
mod papers;
mod peer;
mod ports;
mod postfix;
mod scenario;
mod smarthost;

pub use beside::Beside;
pub use client::{client, fail_with, input, succeed};
pub use dns::Dns;
pub use exim::Exim;
pub use gatepost::Gatepost;
pub use issuer::Issuer;
pub use maildir::Maildir;
pub use papers::{Paper, Papers};
pub use peer::{Mail, Peer, Record, Script};
pub use ports::Ports;
pub use postfix::{Postfix, give_to_postfix};
pub use scenario::Scenario;
pub use smarthost::Provider;

use std::time::Duration;

/// How long anything may take before a test gives up; far more than it takes even on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);
