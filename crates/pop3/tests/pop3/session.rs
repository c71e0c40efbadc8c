//! What no dialogue can show: SCRAM, silence, hostile lines.

use std::time::Duration;

use crate::host::{Host, password};
use harness::dialogue::{Received, Wire};
use pop3::server::MAX_LINE;
use proptest::prelude::*;
use sasl::{Mechanism, client};

fn line(host: &mut Host) -> String {
    match host.receive_line() {
        Received::Line(line) => String::from_utf8(line).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// RFC 5034 §4 with our own client: with an initial response where the mechanism has one.
#[test]
fn every_mechanism_logs_in() {
    for mechanism in Mechanism::ALL {
        let mut host = Host::new(false);
        line(&mut host);
        let credentials = client::Credentials { user: "alice@example.test".to_owned(), password: password() };
        let (mut exchange, initial) = client::Exchange::start(mechanism, credentials);
        let initial = initial.map_or(String::new(), |octets| format!(" {}", sasl::wire::encode(&octets)));
        host.send(format!("AUTH {mechanism}{initial}\r\n").as_bytes());
        let mut reply = line(&mut host);
        while let Some(challenge) = reply.strip_prefix("+ ") {
            let response = exchange.respond(&sasl::wire::response(challenge.as_bytes()).unwrap()).unwrap();
            host.send(format!("{}\r\n", sasl::wire::encode(&response)).as_bytes());
            reply = line(&mut host);
        }
        assert_eq!(reply, "+OK Mailbox open, 2 messages", "{mechanism}");
        exchange.finish().unwrap();
        assert!(host.session.is_logged_in());
    }
}

#[test]
fn silence_is_told_and_removes_nothing() {
    let mut host = Host::new(false);
    host.send(b"USER alice\r\nPASS wonder land\r\nDELE 1\r\n");
    (0..4).for_each(|_| drop(line(&mut host)));
    host.fall_silent(Duration::from_secs(600));
    assert_eq!(line(&mut host), "-ERR Nothing came for 600 s, closing the connection [7HX2K9QF]");
    assert_eq!(host.receive_line(), Received::Closed);
}

/// MISSION 003-12: the password is not checked, and the operator hears of it.
#[test]
fn a_password_in_clear_is_not_checked_but_noticed() {
    let mut host = Host::new(true);
    host.send(b"USER alice@example.test\r\nPASS wonder land\r\n");
    line(&mut host);
    for _ in 0..2 {
        assert_eq!(
            line(&mut host),
            "-ERR [AUTH] TLS required to log in: say STLS first, or use the POP3S port [7HX2K9QF]"
        );
    }
    assert_eq!(host.session.take_exposed().as_deref(), Some("alice@example.test"));
    assert_eq!(host.session.take_exposed(), None);
}

#[test]
fn a_line_that_is_too_long_ends_an_exchange_and_not_the_session() {
    let mut host = Host::new(false);
    host.send(b"AUTH PLAIN\r\n");
    let step = host.session.line_too_long();
    assert!(matches!(step, pop3::server::Step::Reply(reply) if reply.is_refusal()), "over {MAX_LINE}");
    host.send(b"NOOP\r\n");
    let lines: Vec<String> = (0..3).map(|_| line(&mut host)).collect();
    assert_eq!(lines[1..], ["+ ", "-ERR Log in first [7HX2K9QF]"]);
}

fn commands() -> impl Strategy<Value = Vec<u8>> {
    let verb = proptest::sample::select(vec![
        "USER a",
        "PASS wonder land",
        "PASS x",
        "STAT",
        "LIST",
        "LIST 1",
        "LIST 9",
        "UIDL",
        "RETR 1",
        "TOP 1 2",
        "DELE 1",
        "DELE 2",
        "RSET",
        "NOOP",
        "QUIT",
        "CAPA",
        "STLS",
        "AUTH",
        "AUTH PLAIN",
        "AUTH LOGIN",
        "AUTH SCRAM-SHA-256 biws",
        "*",
        "",
    ]);
    prop_oneof![verb.prop_map(|text| text.as_bytes().to_vec()), any::<Vec<u8>>()]
}

proptest! {
    /// Whatever comes, every line gets an answer until the session says goodbye.
    #[test]
    fn every_line_is_answered(lines in proptest::collection::vec(commands(), 1..30)) {
        let mut host = Host::new(false);
        for command in lines {
            host.send(&[&command[..], b"\r\n"].concat());
            let mut said = Vec::new();
            while let Received::Line(line) = host.receive_line() {
                said.push(line);
            }
            if host.awaits_handshake() {
                host.start_tls();
            }
            let closed = host.receive_line() == Received::Closed;
            prop_assert!(closed || said.iter().any(|line| line.starts_with(b"+") || line.starts_with(b"-ERR")));
        }
    }
}
