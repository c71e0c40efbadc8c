//! Sessions that end: never without a word.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::Gatepost;
use harness::dialogue::{Received, Tcp, Wire};
use rustix::process::Signal;

use crate::scenario;

fn connect(server: &Gatepost, port: u16) -> Tcp {
    let mut wire = Tcp::connect(server.port(port), server.ca());
    assert!(wire.line().starts_with("220 mail.example.test ESMTP Gatepost ["));
    wire
}

#[test]
fn silence_ends_with_a_reason() {
    let server = scenario().config("[limits]\nsmtp_idle = \"1s\"\nlogin_timeout = \"2s\"").start();
    for (port, seconds) in [(25, 1), (587, 2)] {
        let mut wire = connect(&server, port);
        let goodbye = format!("421 4.4.2 Nothing came for {seconds} seconds, closing the connection [");
        assert!(wire.line().starts_with(&goodbye));
        assert_eq!(wire.receive_line(), Received::Closed);
    }
    let mut wire = connect(&server, 25);
    wire.send(b"HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\nSubject: half a mes");
    for code in ["250 ", "250 2.1.0", "250 2.1.5", "354 ", "421 4.4.2"] {
        assert!(wire.line().starts_with(code), "{code}");
    }
    assert!(server.maildir("bob@example.test").files().is_empty());
}

#[test]
fn draining_says_goodbye() {
    let mut server = scenario().start();
    let (mut idle, mut busy) = (connect(&server, 25), connect(&server, 25));
    busy.send(b"HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n");
    for code in ["250 ", "250 2.1.0", "250 2.1.5", "354 "] {
        assert!(busy.line().starts_with(code), "{code}");
    }
    server.signal(Signal::TERM);
    assert!(idle.line().starts_with("421 4.3.2 Shutting down, try again later ["));
    assert_eq!(idle.receive_line(), Received::Closed);
    // What is under way is finished.
    busy.send(b"Subject: in time\r\n\r\n.\r\n");
    assert!(busy.line().starts_with("250 2.0.0 Ok: queued as "));
    assert!(busy.line().starts_with("421 4.3.2"));
    assert!(server.wait_for_exit().success());
    server.start();
    server.maildir("bob@example.test").wait_for(1);
}

/// MISSION 003-12
#[test]
fn a_password_in_clear_is_recorded_but_not_shown() {
    let server = scenario().start();
    let mut wire = connect(&server, 587);
    let secret = STANDARD.encode("\0alice@example.test\0correct horse");
    wire.send(format!("EHLO x\r\nAUTH PLAIN {secret}\r\n").as_bytes());
    while !wire.line().starts_with("530 5.7.0 Must issue a STARTTLS command first [") {}
    let warning = server.wait_for_log("a password came in clear");
    assert!(warning.contains("alice@example.test"), "{warning}");
    assert!(!server.log().contains(&secret), "the password is in the log");
}

/// The log tells each message's way: from, to, size, and the id of the 250.
#[test]
fn an_accepted_message_is_one_line() {
    let server = scenario().start();
    let mut wire = connect(&server, 25);
    wire.send(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n\r\nbody\r\n.\r\n");
    let mut reply = wire.line();
    while !reply.contains("queued as") {
        reply = wire.line();
    }
    // "queued as 1K1H3VZPF2V [ZCXT54J3]": the ids of the message and of the session.
    let mut said = reply.rsplit(' ');
    let (session, id) = (said.next().expect("a session").trim_matches(['[', ']']), said.next().expect("an id"));
    let accepted = server.wait_for_log("accepted");
    for part in [id, session, "<a@b.example>", "<bob@example.test>", "size"] {
        assert!(accepted.contains(part), "{part}: {accepted}");
    }
    let message = server.maildir("bob@example.test").wait_for(1).remove(0);
    assert!(message.contains(&format!(" id {id}/{session}")), "{message}");
}

/// A client that does not listen, or writes AUTH in its own way, must not find its password in the log.
#[test]
fn a_password_that_is_no_command_is_not_shown() {
    let server = scenario().start();
    let mut wire = connect(&server, 587);
    let secret = STANDARD.encode("correct horse");
    for line in ["AUTH LOGIN", &secret, &secret, " AUTH PLAIN SECRET", "AUTH\tPLAIN\tSECRET", "AUTH SECRET", "SECRET"] {
        wire.send(format!("{}\r\n", line.replace("SECRET", &secret)).as_bytes());
    }
    wire.send(b"NOOP\r\nXAFTER\r\n");
    let log = server.wait_for_log("XAFTER");
    assert!(log.contains("refused"), "what is no secret is shown: {log}");
    assert!(!server.log().contains(&secret), "{}", server.log());
}
