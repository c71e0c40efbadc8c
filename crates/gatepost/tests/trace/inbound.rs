//! Mail that is not taken, and sessions that are ended: from the id in the reply.

use std::fs;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use harness::dialogue::{Received, Tcp, Wire};
use harness::{Gatepost, Scenario};

use crate::naming::assert_named;
use crate::{ALICE, BINARY, PASSWORD, id};

const MAIL: &str = "MAIL FROM:<eve@example.org>";
const TO_ALICE: &str = "RCPT TO:<alice@example.test>";

/// A server of mail, in clear, up to its EHLO.
fn greeted(server: &Gatepost) -> Tcp {
    let mut wire = Tcp::connect(server.port(25), server.ca());
    wire.line();
    said(&mut wire, &["EHLO mx.example.org"]);
    wire
}

/// Says lines; the last line of the answer to the last of them.
fn said(wire: &mut Tcp, lines: &[&str]) -> String {
    let mut last = String::new();
    for line in lines {
        wire.send(format!("{line}\r\n").as_bytes());
        last = wire.line();
        while last.as_bytes().get(3) == Some(&b'-') {
            last = wire.line();
        }
    }
    last
}

/// What the server says before it closes.
fn goodbye(wire: &mut Tcp) -> String {
    let mut last = String::new();
    while let Received::Line(line) = wire.receive_line() {
        last = String::from_utf8(line).expect("UTF-8");
    }
    last
}

const UNKNOWN: [&str; 5] = [
    MAIL,
    "RCPT TO:<a@example.test>",
    "RCPT TO:<b@example.test>",
    "RCPT TO:<c@example.test>",
    "RCPT TO:<d@example.test>",
];

fn assert_refused(server: &Gatepost, lines: &[&str], cause: &str, words: &str) {
    let refusal = said(&mut greeted(server), lines);
    assert_named(server, &id(&refusal), cause, words);
}

#[test]
fn mail_that_is_refused() {
    let config = "[smtp]\nmax_hops = 5\n[limits]\nmessage_size = \"10 KiB\"";
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).config(config).start();
    let loops = format!("{}\r\n.", "Received: from a by b\r\n".repeat(6));
    for (lines, cause, words) in [
        (&[MAIL, "RCPT TO:<q@other.test>"][..], "relaying-denied", "nobody was logged in"),
        (&[MAIL, "RCPT TO:<alise@example.test>"], "no-such-user", "Mail for somebody who is not here was refused."),
        (&["MAIL FROM:<eve@example.org> SIZE=10241"], "message-too-large", "raise message_size under [limits]"),
        (&[MAIL, TO_ALICE, "DATA", &loops], "mail-loop", "A message is going round in circles"),
        (&[MAIL, TO_ALICE, "DATA", "one\ntwo\r\n."], "bare-line-ends", "must end its lines with CRLF"),
    ] {
        assert_refused(&server, lines, cause, words);
    }
    let mut wire = Tcp::connect_tls(server.port(465), server.ca());
    wire.line();
    let login = format!("AUTH PLAIN {}", BASE64.encode(format!("\0{ALICE}\0{PASSWORD}")));
    let refusal = said(&mut wire, &["EHLO phone.example", &login, "MAIL FROM:<bob@example.test>"]);
    let words = "alice@example.test wanted to send with a sender that belongs to somebody else.";
    assert_named(&server, &id(&refusal), "not-your-address", words);
}

/// Clients that the server gives up on, each in its own words.
#[test]
fn sessions_that_are_ended() {
    let config = "[limits]\nsmtp_idle = \"1s\"\nlogin_timeout = \"1s\"\nbad_commands = 3\nunknown_recipients = 3\n\
                  commands_before_login = 10";
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).config(config).start();
    for (lines, cause, words) in [
        (&[][..], "client-silent", "Nothing came from the client for too long"),
        (&["GET / HTTP/1.1"], "http-to-mail-port", "a browser, or somebody who looks for open doors"),
        (&["X"; 4], "too-many-errors", "The client was thrown out"),
        (&["NOOP"; 10], "too-many-errors", "Too many commands without a login or a message"),
        (&UNKNOWN, "address-guessing", "it asked for too many people who are not here"),
    ] {
        let mut wire = greeted(&server);
        lines.iter().for_each(|line| wire.send(format!("{line}\r\n").as_bytes()));
        assert_named(&server, &id(&goodbye(&mut wire)), cause, words);
    }
}

/// The records outlive the server.
#[test]
fn a_server_that_goes_down() {
    let mut server = Scenario::new(BINARY).start();
    let mut wire = greeted(&server);
    assert!(server.stop().success());
    assert_named(&server, &id(&goodbye(&mut wire)), "server-going-down", "clients come back by themselves");
}

/// MISSION 002-09: nobody is told that there is no such user.
#[test]
fn recipients_that_cannot_be_looked_up() {
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).start();
    fs::rename(server.data().join("accounts.sqlite"), server.data().join("kept")).expect("renamed");
    assert_refused(&server, &[MAIL, TO_ALICE], "recipients-not-readable", "A store of accounts cannot be read");
}
