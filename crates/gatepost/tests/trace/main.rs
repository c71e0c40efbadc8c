//! `gatepost trace`: from what a client says to the reason, through the real binary.

mod asking;
mod certificates;
mod inbound;
mod listing;
mod logins;
mod mail;
mod naming;
mod proxies;
mod relay;
mod storage;
mod table;
mod telephone;
mod ways;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use harness::{Gatepost, PATIENCE, client, succeed};

/// The binary under test.
const BINARY: &str = env!("CARGO_BIN_EXE_gatepost");
const ALICE: &str = "alice@example.test";
const PASSWORD: &str = "sesame of alice";

/// What a mail program says to the person in front of it.
fn call(server: &Gatepost, case: &str) -> String {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/trace/caller.py");
    let mut python = client("python3");
    python.arg(script).arg(case).arg(server.ca());
    python.args([587, 465, 993, 995].map(|port| server.port(port).to_string()));
    succeed(&mut python)
}

/// The id in brackets that a person reads out: the last one.
fn id(said: &str) -> String {
    let inside = said.split('[').skip(1).filter_map(|piece| piece.split_once(']').map(|(inside, _)| inside));
    let ids = inside.filter(|inside| inside.len() == 8 && inside.bytes().all(|octet| octet.is_ascii_alphanumeric()));
    ids.last().unwrap_or_else(|| panic!("no id in {said:?}")).to_owned()
}

/// What a command says once it succeeds and this is in it: records are written after the session.
fn told(server: &Gatepost, arguments: &[&str], wanted: &str) -> String {
    let until = Instant::now() + PATIENCE;
    loop {
        let output = server.command(arguments).output().expect("the binary");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        if output.status.success() && text.contains(wanted) {
            return text;
        }
        assert!(Instant::now() < until, "{wanted:?} is not in {text}{}", String::from_utf8_lossy(&output.stderr));
        std::thread::sleep(Duration::from_millis(20));
    }
}
