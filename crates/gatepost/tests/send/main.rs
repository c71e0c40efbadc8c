//! `gatepost send` against ourselves, Debian's Postfix, and servers that say what a test wants. Postfix takes root.

mod foreign;
mod letter;
mod login;
mod outcome;

use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::{Gatepost, Peer, Scenario, client, fail_with, input, succeed};

pub(crate) const ALICE: &str = "alice@example.test";
pub(crate) const BOB: &str = "bob@example.test";
pub(crate) const PASSWORD: &str = "correct horse";

/// A server with alice and bob.
pub(crate) fn server() -> Gatepost {
    Scenario::new(env!("CARGO_BIN_EXE_gatepost")).user(ALICE, PASSWORD).user(BOB, PASSWORD).start()
}

/// The password is nowhere, neither as it is nor as the mechanisms write it.
pub(crate) fn assert_no_secret(text: &str) {
    for secret in [PASSWORD.to_owned(), STANDARD.encode(PASSWORD), STANDARD.encode(format!("\0{ALICE}\0{PASSWORD}"))] {
        assert!(!text.contains(secret.trim_end_matches('=')), "{text}");
    }
}

/// A message to be sent.
pub(crate) struct Send(Command, String);

impl Send {
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let mut command = client(env!("CARGO_BIN_EXE_gatepost"));
        command.arg("send").args(arguments);
        Self(command, String::new())
    }

    /// To bob, at a standard port of ours.
    pub(crate) fn to_ours(server: &Gatepost, port: u16) -> Self {
        let place = format!("127.0.0.1:{}", server.port(port));
        let ca = server.ca().display().to_string();
        Self::new(&["-s", &place, "--ca", &ca, "-t", BOB])
    }

    /// From somebody to somebody, to a fake server.
    pub(crate) fn to_peer(peer: &Peer) -> Self {
        Self::new(&["-s", &peer.address().to_string(), "-f", "a@x.example", "-t", "b@x.example"])
    }

    pub(crate) fn with(mut self, arguments: &[&str]) -> Self {
        self.0.args(arguments);
        self
    }

    /// Logged in as alice, with the password in front of what comes on standard input.
    pub(crate) fn with_alice(self, password: &str) -> Self {
        let Self(command, text) = self.with(&["-au", ALICE, "--password-stdin"]);
        Self(command, format!("{password}\n{text}"))
    }

    pub(crate) fn reading(mut self, text: &str) -> Self {
        self.1.push_str(text);
        self
    }

    /// Sends, and must succeed: what was shown.
    pub(crate) fn succeeds(mut self) -> String {
        let said = succeed(self.0.stdin(input(&self.1)));
        assert_no_secret(&said);
        said
    }

    /// Sends, and must end with this code: what was shown, and the complaint.
    pub(crate) fn fails(mut self, code: i32) -> String {
        let said = fail_with(self.0.stdin(input(&self.1)), code);
        assert_no_secret(&said);
        said
    }
}
