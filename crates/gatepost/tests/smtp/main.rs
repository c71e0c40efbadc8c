//! SMTP end to end: the real binary, and clients that nobody here wrote.

mod clients;
mod dialogues;
mod msmtp;
mod postfix;
mod received;
mod sessions;
mod swaks;

use harness::Scenario;

const PASSWORD: &str = "correct horse";

/// A server with alice and bob. Their password is [`PASSWORD`].
fn scenario() -> Scenario {
    Scenario::new(env!("CARGO_BIN_EXE_gatepost"))
        .user("alice@example.test", PASSWORD)
        .user("bob@example.test", PASSWORD)
}
