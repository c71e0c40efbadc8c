//! A scenario's folder, and the server that sends.

use std::fs;
use std::path::Path;
use std::time::Instant;

use harness::{Dns, Gatepost, PATIENCE, Scenario, client, succeed};

use crate::BINARY;

/// The password of every account.
pub(crate) const PASSWORD: &str = "correct horse";

/// A file of `scenarios/<name>/`, with `${variables}` replaced.
pub(crate) fn read(name: &str, file: &str, variables: &[(&str, &str)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios").join(name).join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let replaced = variables.iter().fold(text, |text, (key, value)| text.replace(&format!("${{{key}}}"), value));
    assert!(!replaced.contains("${"), "{} has a variable without a value:\n{replaced}", path.display());
    replaced
}

/// The server of a scenario that sends, with alice's account, and its DNS.
pub(crate) struct Sender {
    pub(crate) server: Gatepost,
    _dns: Dns,
}

impl Sender {
    /// Starts the server with `sender.toml` and `zone` of a scenario.
    pub(crate) fn start(name: &str, variables: &[(&str, &str)]) -> Self {
        let dns = Dns::start(&read(name, "zone", &[]));
        let address = dns.address().to_string();
        let variables: Vec<_> = variables.iter().copied().chain([("dns", address.as_str())]).collect();
        let tables = read(name, "sender.toml", &variables);
        let server = Scenario::new(BINARY).user("alice@example.test", PASSWORD).config(&tables).start();
        Self { server, _dns: dns }
    }

    /// Alice submits a message, with a login over TLS; her server says that it is queued.
    pub(crate) fn submit(&self, to: &str, subject: &str) {
        let port = self.server.port(465).to_string();
        let mut swaks = client("swaks");
        swaks.args(["--server", "127.0.0.1", "--port", &port, "--tls-on-connect", "--auth", "PLAIN"]);
        swaks.args(["--auth-user", "alice@example.test", "--auth-password", PASSWORD]);
        swaks.args(["--from", "alice@example.test", "--to", to, "--header", &format!("Subject: {subject}")]);
        succeed(&mut swaks);
    }

    /// Asks `gatepost queue list` until it tells this; all that it tells then. The log is ahead of the list.
    pub(crate) fn wait_for_queue(&self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let list = self.server.run(&["queue", "list"], "");
            if list.contains(text) {
                return list;
            }
            assert!(Instant::now() < deadline, "{text:?} is not in the queue's list:\n{list}");
        }
    }
}

/// A server for `other.test`, with bob's account.
pub(crate) fn receiver() -> Gatepost {
    Scenario::new(BINARY).domain("other.test").user("bob@other.test", PASSWORD).start()
}
