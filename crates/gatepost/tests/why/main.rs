//! `gatepost why`: a question, its answer, and the fix, through the real binary.

mod login;
mod message;
mod not;
mod route;

use std::time::{Duration, Instant};

use harness::{Gatepost, PATIENCE, client};

/// The binary under test.
const BINARY: &str = env!("CARGO_BIN_EXE_gatepost");
const ALICE: &str = "alice@example.test";
const PASSWORD: &str = "sesame of alice";

/// The answer, once all of these are in it: records are written after the session.
fn why(server: &Gatepost, question: &[&str], wanted: &[&str]) -> String {
    let until = Instant::now() + PATIENCE;
    let arguments = [&["why"], question].concat();
    loop {
        let output = server.command(&arguments).output().expect("the binary");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        if output.status.success() && wanted.iter().all(|wanted| text.contains(wanted)) {
            return text;
        }
        assert!(Instant::now() < until, "{wanted:?} in {text}{}", String::from_utf8_lossy(&output.stderr));
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Alice sends a message with swaks; what it shows.
fn send(server: &Gatepost, password: &str, to: &str) -> String {
    let mut swaks = client("swaks");
    swaks.args(["--server", "127.0.0.1", "--port", &server.port(465).to_string(), "--tls-on-connect"]);
    swaks.args(["--auth", "PLAIN", "--auth-user", ALICE, "--auth-password", password, "--from", ALICE, "--to", to]);
    let output = swaks.output().expect("swaks");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The id that the message has in the queue.
fn queued(said: &str) -> &str {
    said.split("queued as ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("an id")
}
