//! What `gatepost trace` names, and mail to ask about.

use std::fs;
use std::path::Path;

use harness::{Dns, Gatepost, Scenario, client, succeed};
use serde_json::Value;

use crate::{ALICE, BINARY, PASSWORD, told};

/// Asks until the answer has these words; then it names this cause, and no other. `subject` is whatever one has: the id of a
/// session or message, or a bounce in a file.
pub(crate) fn assert_named(server: &Gatepost, subject: &str, cause: &str, words: &str) -> String {
    let story = told(server, &["trace", subject], words);
    let json = server.run(&["trace", subject, "--json"], "");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let list = |of: &Value, name: &str| of[name].as_array().cloned().unwrap_or_default();
    let told = ["sessions", "queued"].iter().flat_map(|part| list(&json, part));
    let causes = told.flat_map(|part| list(&part, "causes"));
    let of_bounce = list(&json, "reasons").into_iter().map(|reason| reason["cause"].clone());
    let mut causes: Vec<_> = causes.chain(of_bounce).map(|found| found["cause"].clone()).collect();
    causes.dedup();
    assert_eq!(causes, [cause], "{story}");
    assert!(!story.contains(PASSWORD) && !json.to_string().contains(PASSWORD), "{story}");
    story
}

/// The same of the newest session that the list has with this cause: its client was told no id, or did not look at it.
pub(crate) fn assert_listed(server: &Gatepost, cause: &str, words: &str) -> String {
    told(server, &["trace", "list", "--reason", cause], cause);
    let last = server.run(&["trace", "list", "--reason", cause, "--limit", "1", "--json"], "");
    let last: Value = serde_json::from_str(&last).expect("JSON");
    assert_named(server, last["id"].as_str().expect("an id"), cause, words)
}

/// Alice sends a message; what her program shows.
pub(crate) fn send(server: &Gatepost, to: &str) -> String {
    let mut swaks = client("swaks");
    swaks.args(["--server", "127.0.0.1", "--port", &server.port(465).to_string(), "--tls-on-connect"]);
    swaks.args(["--auth", "PLAIN", "--auth-user", ALICE, "--auth-password", PASSWORD, "--from", ALICE, "--to", to]);
    succeed(&mut swaks)
}

/// The id that her message was given.
pub(crate) fn queued(said: &str) -> &str {
    let id = said.split("queued as ").nth(1).and_then(|rest| rest.split_whitespace().next());
    id.unwrap_or_else(|| panic!("nothing was queued: {said}"))
}

/// She sends a message that comes back at once: the bounce, as a file.
pub(crate) fn bounced(server: &Gatepost, to: &str) -> String {
    let maildir = server.maildir(ALICE);
    // Those of before are read.
    maildir.files().iter().for_each(|file| fs::remove_file(file).expect("a bounce"));
    send(server, to);
    saved(server, &maildir.wait_for(1).concat())
}

/// As a file, as a person saves it.
pub(crate) fn saved(server: &Gatepost, message: &str) -> String {
    let file = server.folder().join("bounce.eml");
    fs::write(&file, message).expect("written");
    path(&file)
}

/// A server that has alice's account, asks this DNS, and sends to servers on loopback.
pub(crate) fn sender(dns: &Dns, port: u16, tables: &str) -> Gatepost {
    let relay = format!(
        "[relay]\nresolvers = [\"{}\"]\nallow_private = true\nport = {port}\nreply_timeout = \"1s\"\n\
         connect_timeout = \"1s\"\n{tables}",
        dns.address()
    );
    Scenario::new(BINARY).user(ALICE, PASSWORD).config(&relay).start()
}

pub(crate) fn path(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}
