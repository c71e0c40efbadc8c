//! What it takes two sessions, a clock or a damaged disk to see.

use std::fs;

use harness::dialogue::{Received, Tcp, Wire};
use rustix::process::Signal;
use sasl::{Mechanism, Secret, client};

use super::account::{PASSWORD, address, ask, connect, log_in, server};

/// RFC 5802: the server proves itself, too.
#[test]
fn scram_logs_in() {
    let server = server("", &["alice"]);
    let mut wire = connect(&server);
    let credentials = client::Credentials::password(address("alice"), Secret::new(PASSWORD));
    let begun = client::Exchange::start(Mechanism::ScramSha256, credentials, &client::Context::default());
    let (mut exchange, initial) = begun.expect("it suits");
    let initial = sasl::wire::encode(&initial.unwrap());
    let mut reply = ask(&mut wire, &format!("AUTH SCRAM-SHA-256 {initial}"));
    while let Some(challenge) = reply.strip_prefix("+ ") {
        let response = exchange.respond(&sasl::wire::response(challenge.as_bytes()).unwrap()).unwrap();
        reply = ask(&mut wire, &sasl::wire::encode(&response));
    }
    assert_eq!(reply, "+OK Mailbox open, 2 messages");
    exchange.finish().unwrap();
}

/// RFC 1939 §6: without QUIT nothing is removed; and what another session removes is told.
#[test]
fn two_sessions_on_one_mailbox() {
    let server = server("", &["alice"]);
    let mut dropped = log_in(&server, "alice");
    assert_eq!(ask(&mut dropped, "DELE 1"), "+OK Message deleted");
    drop(dropped);

    let (mut first, mut second) = (log_in(&server, "alice"), log_in(&server, "alice"));
    assert_eq!(ask(&mut second, "DELE 2"), "+OK Message deleted");
    assert!(ask(&mut second, "QUIT").starts_with("+OK"));
    assert!(ask(&mut first, "RETR 2").starts_with("-ERR That message was removed by another program ["));
    assert_eq!(ask(&mut first, "RETR 1"), "+OK 102 octets");
    assert_eq!(server.maildir(&address("alice")).files().len(), 1);
}

/// MISSION 004-29: the client hears of it, the operator gets the path, and the id in the reply finds the line.
#[test]
fn a_mailbox_that_cannot_be_opened_is_told() {
    let server = server("", &["alice"]);
    let maildir = server.maildir(&address("alice"));
    fs::remove_dir_all(maildir.path()).unwrap();
    fs::write(maildir.path(), "not a folder").unwrap();
    let mut wire = connect(&server);
    ask(&mut wire, &format!("USER {}", address("alice")));
    let reply = ask(&mut wire, &format!("PASS {PASSWORD}"));
    assert!(reply.starts_with("-ERR [SYS/PERM] Mailbox not available, ask your postmaster ["), "{reply}");
    let id = reply.rsplit_once('[').and_then(|(_, id)| id.strip_suffix(']')).unwrap();
    let log = server.wait_for_log("mailbox not available");
    assert!(log.contains(id) && log.contains(&maildir.path().display().to_string()), "{log}");
    assert!(ask(&mut wire, "QUIT").starts_with("+OK"), "the session went on");
}

/// MISSION 003-12: the operator hears of a password that came in clear.
#[test]
fn a_password_in_clear_is_noticed() {
    let server = server("", &["alice"]);
    let mut wire = Tcp::connect(server.port(110), server.ca());
    wire.send(format!("USER {}\r\nPASS {PASSWORD}\r\n", address("alice")).as_bytes());
    wire.line();
    assert!(wire.line().starts_with("-ERR [AUTH] TLS required"));
    assert!(wire.line().starts_with("-ERR [AUTH] TLS required"));
    assert!(server.wait_for_log("a password came in clear").contains("alice@example.test"));
    assert!(!server.log().contains(PASSWORD));
}

#[test]
fn a_silent_client_is_told_why_it_goes() {
    let server = server("[limits]\nlogin_timeout = \"1s\"", &[]);
    let mut wire = connect(&server);
    assert!(wire.line().starts_with("-ERR Nothing came for 1 s, closing the connection ["));
    assert_eq!(wire.receive_line(), Received::Closed);
}

#[test]
fn a_server_that_goes_down_says_so() {
    let mut server = server("", &["alice"]);
    let mut wire = log_in(&server, "alice");
    server.signal(Signal::TERM);
    assert!(wire.line().starts_with("-ERR [SYS/TEMP] The server is going down, try again in a minute ["));
    assert_eq!(wire.receive_line(), Received::Closed);
    drop(wire);
    assert!(server.wait_for_exit().success());
}
