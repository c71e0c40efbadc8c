//! curl, imaplib and neomutt.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use harness::{Gatepost, client, fail_with, succeed};

use super::account::{PASSWORD, address, ask, open, scenario, server};

fn curl(server: &Gatepost, scheme: &str, path: &str) -> Command {
    let port = server.port(if scheme == "imaps" { 993 } else { 143 });
    let mut curl = client("curl");
    curl.args(["--silent", "--show-error", "--ssl-reqd", "--cacert"]).arg(server.ca());
    curl.args(["--user", &format!("{}:{PASSWORD}", address("alice"))]);
    curl.arg(format!("{scheme}://localhost:{port}/{path}"));
    curl
}

/// A message as it is on the wire.
fn wire_form(name: &str) -> String {
    fs::read_to_string(scenario(name)).unwrap().replace('\n', "\r\n")
}

/// MISSION 004-18: both ports.
#[test]
fn curl_reads_over_starttls_and_imaps() {
    let server = server("", &["alice"]);
    for scheme in ["imap", "imaps"] {
        let list = succeed(&mut curl(&server, scheme, ""));
        assert!(list.contains("* LIST (\\HasNoChildren) \"/\" \"INBOX\"\r\n"), "{list}");
        assert_eq!(succeed(&mut curl(&server, scheme, "INBOX;UID=1")), wire_form("messages/1.eml"));
        assert_eq!(succeed(&mut curl(&server, scheme, "INBOX;MAILINDEX=2;SECTION=1")), "sch=C3=B6ne Gr=C3=BC=C3=9Fe");
        assert_eq!(succeed(&mut curl(&server, scheme, "INBOX?SUBJECT%20third")), "* SEARCH 3\r\n");
    }
}

#[test]
fn curl_appends() {
    let server = server("", &["alice"]);
    let message = wire_form("messages/3.eml");
    let file = server.folder().join("message");
    fs::write(&file, &message).unwrap();
    succeed(curl(&server, "imaps", "Sent").arg("--upload-file").arg(file));
    assert_eq!(succeed(&mut curl(&server, "imaps", "Sent;UID=1")), message);
}

#[test]
fn curl_uses_every_mechanism_that_it_knows() {
    let server = server("", &["alice"]);
    for mechanism in ["PLAIN", "LOGIN"] {
        let mut curl = curl(&server, "imaps", "INBOX;UID=3;SECTION=TEXT");
        let options = format!("AUTH={mechanism}");
        assert_eq!(succeed(curl.args(["--login-options", &options])), "meeting at noon\r\n", "{mechanism}");
    }
}

/// 67: the login was denied.
#[test]
fn curl_with_a_wrong_password_is_told_so() {
    let server = server("", &["alice"]);
    let mut curl = curl(&server, "imaps", "");
    fail_with(curl.args(["--user", &format!("{}:swordfish", address("alice"))]), 67);
    server.wait_for_log("login refused");
    assert!(!server.log().contains("swordfish"), "no password in the log");
}

#[test]
fn imaplib_does_everything() {
    let server = server("", &["alice"]);
    let mut python = client("python3");
    python.arg(scenario("imaplib_client.py")).arg(server.port(143).to_string()).arg(server.ca());
    assert_eq!(succeed(python.args([&address("alice"), PASSWORD])), "content\n");
}

/// A neomutt that knows the server.
fn neomutt_config(server: &Gatepost) -> PathBuf {
    let config = fs::read_to_string(scenario("neomuttrc"))
        .unwrap()
        .replace("@PORT@", &server.port(993).to_string())
        .replace("@CA@", &server.ca().display().to_string())
        .replace("@USER@", &address("alice"))
        .replace("@PASSWORD@", PASSWORD);
    let file = server.folder().join("neomuttrc");
    fs::write(&file, config).unwrap();
    file
}

/// Reads INBOX, flags a message and copies another, by keys that are pushed into a terminal of its own.
#[test]
fn neomutt_reads_flags_and_copies() {
    let server = server("", &["alice"]);
    let keys = "<first-entry><flag-message><last-entry><copy-message>=Kept<enter>y<sync-mailbox><quit>";
    let line = format!("neomutt -n -F '{}' -e 'push \"{keys}\"'", neomutt_config(&server).display());
    let mut terminal = client("script");
    terminal.env("HOME", server.folder()).env("TERM", "xterm").args(["-qec", &line, "/dev/null"]);
    succeed(terminal.stdin(Stdio::null()));
    let mut wire = open(&server, "alice");
    assert_eq!(ask(&mut wire, "SEARCH FLAGGED")[0], "* SEARCH 1");
    ask(&mut wire, "SELECT Kept");
    assert_eq!(ask(&mut wire, "SEARCH SUBJECT third")[0], "* SEARCH 1");
}
