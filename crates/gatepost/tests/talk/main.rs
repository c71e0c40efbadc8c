//! `gatepost talk` against ourselves, Debian's Postfix and Dovecot, and servers that say what a test wants: from a script, at a
//! terminal, and as a replay. Postfix and Dovecot take root, as they do in life.

#[path = "../probe/dovecot_server.rs"]
mod dovecot_server;
mod foreign;
mod login;
mod replay;
mod script;
mod terminal;
mod trouble;

use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::{Gatepost, Scenario, client, fail_with, input, succeed};

pub(crate) const USER: &str = "alice@example.test";
pub(crate) const PASSWORD: &str = "correct horse";

/// A server with alice.
pub(crate) fn server() -> Gatepost {
    Scenario::new(env!("CARGO_BIN_EXE_gatepost")).user(USER, PASSWORD).start()
}

pub(crate) fn base64(text: impl AsRef<[u8]>) -> String {
    STANDARD.encode(text)
}

/// The password is nowhere, neither as it is nor as the mechanisms write it.
pub(crate) fn assert_no_secret(text: &str) {
    let plain = format!("\0{USER}\0{PASSWORD}");
    for secret in [PASSWORD.to_owned(), base64(PASSWORD), base64(plain)] {
        assert!(!text.contains(secret.trim_end_matches('=')), "{text}");
    }
}

/// A conversation to be held.
pub(crate) struct Talk(Command);

impl Talk {
    /// With a server at a place, believing this authority.
    pub(crate) fn new(place: impl Into<String>, protocol: &str, ca: &Path) -> Self {
        let mut command = client(env!("CARGO_BIN_EXE_gatepost"));
        command.args(["talk", &place.into(), "--protocol", protocol]).arg("--ca").arg(ca);
        Self(command)
    }

    /// With a server of SMTP that has no TLS.
    pub(crate) fn plain(place: String) -> Self {
        let mut command = client(env!("CARGO_BIN_EXE_gatepost"));
        command.args(["talk", &place, "--protocol", "smtp"]);
        Self(command)
    }

    /// With ours, at a standard port.
    pub(crate) fn with_ours(server: &Gatepost, port: u16, protocol: &str) -> Self {
        Self::new(format!("127.0.0.1:{}", server.port(port)), protocol, &server.ca())
    }

    pub(crate) fn with(mut self, arguments: &[&str]) -> Self {
        self.0.args(arguments);
        self
    }

    pub(crate) fn with_file(mut self, option: &str, path: &Path) -> Self {
        self.0.arg(option).arg(path);
        self
    }

    /// Says these lines, and must end well: what was shown.
    pub(crate) fn says(mut self, lines: &[&str]) -> String {
        let said = succeed(self.0.stdin(input(lines.join("\n") + "\n")));
        assert_no_secret(&said);
        said
    }

    /// The same with the password in front of them.
    pub(crate) fn says_knowing(self, password: &str, lines: &[&str]) -> String {
        self.with(&["--password-stdin"]).says(&[&[password], lines].concat())
    }

    /// Says these lines, and must end with this code: what was shown, and the complaint.
    pub(crate) fn fails(mut self, code: i32, lines: &[&str]) -> String {
        let said = fail_with(self.0.stdin(input(lines.join("\n") + "\n")), code);
        assert_no_secret(&said);
        said
    }
}

/// These parts, in this order.
pub(crate) fn assert_in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let (_, behind) = rest.split_once(part).unwrap_or_else(|| panic!("{part:?} is missing, or too early:\n{text}"));
        rest = behind;
    }
}
