//! `gatepost support-bundle`, through the real binary: what it holds, what it never holds, and when it writes.

mod broken;
mod holds;
mod secrets;
mod writing;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use harness::dialogue::{Tcp, Wire};
use harness::{Gatepost, PATIENCE, Scenario, client, succeed};

/// The binary under test.
const BINARY: &str = env!("CARGO_BIN_EXE_gatepost");
const ALICE: &str = "alice@example.test";
const PASSWORD: &str = "sesame of alice";

fn scenario() -> Scenario {
    Scenario::new(BINARY).user(ALICE, PASSWORD).top(&format!("postmaster = \"{ALICE}\""))
}

/// A bundle that was written: its files by name, without the folder that they are in, and what was said.
struct Unpacked {
    files: BTreeMap<String, Vec<u8>>,
    said: String,
}

impl Unpacked {
    /// Of a server, with these arguments beside `--yes` and `--output`.
    fn of(server: &Gatepost, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = folder.path().join("bundle.tar.gz");
        let path = archive.to_str().expect("UTF-8");
        let said = server.run(&[&["support-bundle", "--yes", "--output", path][..], arguments].concat(), "");
        let into = folder.path().join("unpacked");
        fs::create_dir(&into).expect("made");
        succeed(client("tar").arg("-xzf").arg(&archive).arg("-C").arg(&into));
        let mut files = BTreeMap::new();
        let top = fs::read_dir(&into).expect("a folder").next().expect("one folder").expect("an entry").path();
        read(&top, &top, &mut files);
        Self { files, said }
    }

    /// The text of a file.
    fn text(&self, name: &str) -> String {
        let octets = self.files.get(name).unwrap_or_else(|| panic!("{name} is not in {:?}", self.files.keys()));
        String::from_utf8(octets.clone()).expect("UTF-8")
    }

    /// A file has these words.
    fn has(&self, name: &str, words: &[&str]) {
        let text = self.text(name);
        words.iter().for_each(|words| assert!(text.contains(words), "{words:?} is not in {name}:\n{text}"));
    }
}

fn read(top: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            read(top, &entry, files);
        } else {
            let name = entry.strip_prefix(top).expect("below").display().to_string();
            files.insert(name, fs::read(&entry).expect("readable"));
        }
    }
}

/// A login over IMAP that fails; the session's id.
fn fail_to_log_in(server: &Gatepost, command: &str) -> String {
    let mut wire = Tcp::connect_tls(server.port(993), server.ca());
    let greeting = wire.line();
    let id = greeting.rsplit_once('[').expect("an id").1.trim_end_matches(']').to_owned();
    wire.send(format!("a {command}\r\n").as_bytes());
    while !wire.line().starts_with("a NO") {}
    wire.send(b"b LOGOUT\r\n");
    while !wire.line().starts_with("b OK") {}
    drop(wire);
    wait_for_record(server, &id);
    id
}

/// Records are written after the session.
fn wait_for_record(server: &Gatepost, id: &str) {
    let until = Instant::now() + PATIENCE;
    loop {
        let output = server.command(&["trace", id, "--json"]).output().expect("the binary");
        if String::from_utf8_lossy(&output.stdout).contains("\"ended\":") {
            return;
        }
        assert!(Instant::now() < until, "no record of {id}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
