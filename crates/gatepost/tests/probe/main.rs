//! `gatepost probe` against Debian's Postfix, Exim, Dovecot and Courier, right and misconfigured on purpose, against servers
//! that say what a test wants, and against ourselves. The servers take root, as they do in life.

mod courier;
mod dovecot;
mod dovecot_server;
mod exim;
mod fakes;
mod lines;
mod own;
mod postfix;
mod unreachable;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

pub(crate) const USER: &str = "alice@example.test";
pub(crate) const PASSWORD: &str = "correct horse";

/// The password is nowhere, neither as it is nor as the mechanisms write it.
fn assert_no_secret(text: &str) {
    let plain = format!("\0{USER}\0{PASSWORD}");
    for secret in [PASSWORD.to_owned(), STANDARD.encode(PASSWORD), STANDARD.encode(plain)] {
        assert!(!text.contains(secret.trim_end_matches('=')), "{text}");
    }
}

/// A probe that was run.
pub(crate) struct Probed {
    pub(crate) code: i32,
    pub(crate) report: Value,
    text: String,
}

/// A probe to be run.
pub(crate) struct Probe(Command, Option<&'static str>);

impl Probe {
    /// Of a server at a port, believing this authority.
    pub(crate) fn new(place: impl Into<String>, protocol: &str, ca: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatepost"));
        command.args(["probe", &place.into(), "--protocol", protocol]).arg("--ca").arg(ca);
        Self(command, None)
    }

    pub(crate) fn with(mut self, arguments: &[&str]) -> Self {
        self.0.args(arguments);
        self
    }

    /// With alice's login.
    pub(crate) fn with_alice(self) -> Self {
        self.with_login(USER)
    }

    pub(crate) fn with_login(self, user: &str) -> Self {
        let Self(command, _) = self.with(&["--user", user, "--password-stdin"]);
        Self(command, Some(PASSWORD))
    }

    /// Runs it for scripts.
    pub(crate) fn run(self) -> Probed {
        let (code, text, err) = self.with(&["--json"]).output();
        let report = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}{err}"));
        assert_no_secret(&text);
        Probed { code, report, text }
    }

    /// Runs it for people: exit code, standard output and standard error.
    pub(crate) fn output(self) -> (i32, String, String) {
        let Self(mut command, password) = self;
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary");
        // Without a login it reads nothing.
        drop(child.stdin.take().expect("piped").write_all(password.unwrap_or_default().as_bytes()));
        let output = child.wait_with_output().expect("its end");
        let text = |octets| String::from_utf8(octets).expect("UTF-8");
        (output.status.code().expect("no signal"), text(output.stdout), text(output.stderr))
    }
}

impl Probed {
    /// `severity id` of all findings above a notice, the worst first.
    pub(crate) fn wrong(&self) -> Vec<String> {
        let all = self.findings().filter(|finding| !["info", "notice"].iter().any(|low| finding["severity"] == *low));
        all.map(|finding| format!("{} {}", text(&finding["severity"]), text(&finding["id"]))).collect()
    }

    /// Nothing above a notice, and the exit code says so.
    pub(crate) fn is_right(&self) {
        assert_eq!((self.wrong(), self.code), (Vec::new(), 0), "{}", self.text);
    }

    /// Exactly these are wrong, the worst first: `severity id`.
    pub(crate) fn has_wrong(&self, expected: &[&str]) {
        assert_eq!(self.wrong(), expected, "{}", self.text);
        let code = match expected.first().and_then(|worst| worst.split(' ').next()) {
            Some("critical") => 5,
            Some("error") => 4,
            _ => 3,
        };
        assert_eq!(self.code, code);
    }

    fn findings(&self) -> impl Iterator<Item = &Value> {
        self.report["findings"].as_array().expect("a list").iter()
    }

    /// The title and the evidence of a finding.
    pub(crate) fn finding(&self, id: &str) -> String {
        let found = self.findings().find(|finding| finding["id"] == id);
        let found = found.unwrap_or_else(|| panic!("no {id}: {}", self.text));
        let evidence: Vec<_> = found["evidence"].as_array().expect("a list").iter().map(text).collect();
        format!("{}\n{}", text(&found["title"]), evidence.join("\n"))
    }

    /// Why a check was not done; empty if it was.
    pub(crate) fn skipped(&self, id: &str) -> String {
        let checks = self.report["checks"].as_array().expect("a list");
        let check = checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no {id}: {}", self.text));
        check["skipped"].as_str().unwrap_or_default().to_owned()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
