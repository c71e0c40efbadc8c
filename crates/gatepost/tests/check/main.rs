//! `gatepost check --deep`, through the real binary: each fault is built for real, and found with its fix.

mod accounts;
mod dns;
mod files;
mod good;
mod machine;
mod modules;
mod routes;

use std::path::Path;

use harness::{Dns, Gatepost, Scenario};
use serde_json::Value;

/// The binary under test.
const BINARY: &str = env!("CARGO_BIN_EXE_gatepost");
const ALICE: &str = "alice@example.test";
const PASSWORD: &str = "sesame of alice";
/// Nobody: whom the server runs as where rights matter.
const NOBODY: u32 = 65534;

/// Everything that other servers want to find, for `example.test`.
const ZONE: &str = "\
example.test                MX   10 mail.example.test
mail.example.test           A    192.0.2.7
7.2.0.192.in-addr.arpa      PTR  mail.example.test
example.test                TXT  v=spf1 mx -all
_dmarc.example.test         TXT  v=DMARC1; p=reject
";

/// A server's scenario with a DNS of its own.
fn scenario(dns: &Dns) -> Scenario {
    let relay = format!("[relay]\nresolvers = [\"{}\"]", dns.address());
    Scenario::new(BINARY).user(ALICE, PASSWORD).top(&format!("postmaster = \"{ALICE}\"")).config(&relay)
}

/// A deep check that was made.
struct Deep {
    code: i32,
    findings: Vec<Value>,
    text: String,
}

impl Deep {
    /// Of a server's config.
    fn of(server: &Gatepost) -> Self {
        let output = server.command(&["check", "--deep", "--timeout", "5", "--json"]).output().expect("the binary");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let json: Value = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)));
        let findings = json["deep"]["findings"].as_array().expect("findings").clone();
        Self { code: output.status.code().expect("no signal"), findings, text }
    }

    /// The findings with this id.
    fn all(&self, id: &str) -> Vec<&Value> {
        self.findings.iter().filter(|finding| finding["id"] == id).collect()
    }

    /// The one finding with this severity and id about this, as JSON.
    fn one(&self, severity: &str, id: &str, about: &str) -> String {
        let text = |finding: &Value, key| finding[key].as_str().unwrap_or_default().to_owned();
        let is_it = |one: &&&Value| format!("{}: {}", text(one, "what"), text(one, "found")).contains(about);
        let all = self.all(id);
        let found: Vec<_> = all.iter().filter(is_it).filter(|finding| finding["severity"] == severity).collect();
        assert_eq!(found.len(), 1, "{severity} {id} of {about:?} in\n{}", self.shown());
        found[0].to_string()
    }

    /// One finding a line.
    fn shown(&self) -> String {
        self.findings.iter().map(|finding| format!("{finding}\n")).collect()
    }

    /// The same, with words that it must have.
    fn has(&self, (severity, id): (&str, &str), about: &str, words: &[&str]) {
        let finding = self.one(severity, id, about);
        words.iter().for_each(|words| assert!(finding.contains(words), "{words:?} is not in {finding}"));
    }

    /// The ids of what is worse than a note, but for the clock: a machine of tests may have none that is kept right.
    fn wrong(&self) -> Vec<&str> {
        let bad = |finding: &&Value| matches!(finding["severity"].as_str(), Some("warning" | "error"));
        let ids = self.findings.iter().filter(bad).filter_map(|finding| finding["id"].as_str());
        ids.filter(|id| *id != "clock-unsynchronised").collect()
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Gives a folder with all that is in it to somebody.
fn give(path: &Path, uid: u32) {
    std::os::unix::fs::lchown(path, Some(uid), Some(uid)).expect("root may");
    if path.is_dir() && !path.is_symlink() {
        std::fs::read_dir(path).expect("a folder").for_each(|entry| give(&entry.expect("an entry").path(), uid));
    }
}

/// The server's folders are its own user's, and that user gets there.
fn give_to_nobody(server: &Gatepost) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(server.folder(), std::fs::Permissions::from_mode(0o755)).expect("a mode");
    give(&server.data(), NOBODY);
}
