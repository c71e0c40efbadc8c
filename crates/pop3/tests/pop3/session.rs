//! What no dialogue can show: SCRAM, silence, hostile lines.

use std::time::Duration;

use crate::host::{Host, channel, password, token};
use harness::dialogue::{Received, Wire};
use pop3::server::MAX_LINE;
use proptest::prelude::*;
use sasl::client::{Context, Credentials, Exchange, Proof};
use sasl::{Early, Mechanism, Secret, apop};

fn line(host: &mut Host) -> String {
    match host.receive_line() {
        Received::Line(line) => String::from_utf8(line).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// RFC 5034 §4 with our own client: with an initial response where the mechanism has one.
#[test]
fn every_mechanism_logs_in() {
    for mechanism in Mechanism::sasl(&Mechanism::ALL) {
        let mut host = Host::offering_all();
        line(&mut host);
        let proof = match mechanism {
            Mechanism::External => Proof::Certificate,
            Mechanism::XOAuth2 | Mechanism::OAuthBearer => Proof::Token(token()),
            _ => Proof::Password(password()),
        };
        let credentials = Credentials { user: "alice@example.test".to_owned(), proof };
        let context = Context::new(channel().bindings, &Mechanism::ALL);
        let (mut exchange, initial) = Exchange::start(mechanism, credentials, &context).unwrap();
        let initial = initial.map_or(String::new(), |octets| match sasl::wire::encode(&octets) {
            empty if empty.is_empty() => " =".to_owned(),
            text => format!(" {text}"),
        });
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

/// RFC 7628 §3.2.3, RFC 5034 §4: the reason, the client's answer or its `*`, the refusal, which is counted.
#[test]
fn a_refused_token_is_told_why() {
    for answer in ["AQ==", "", "*", "!"] {
        let mut host = Host::offering_all();
        line(&mut host);
        let message = sasl::wire::encode(b"user=alice@example.test\x01auth=Bearer wrong\x01\x01");
        for n in 1..=3 {
            host.send(format!("AUTH XOAUTH2 {message}\r\n").as_bytes());
            let reason = line(&mut host);
            let reason = sasl::wire::response(reason.strip_prefix("+ ").unwrap().as_bytes()).unwrap();
            assert_eq!(reason, br#"{"status":"401","schemes":"bearer"}"#);
            host.send(format!("{answer}\r\n").as_bytes());
            let expected = match n {
                3 => "-ERR [AUTH] Too many failed logins, closing the connection [7HX2K9QF]",
                _ => "-ERR [AUTH] Login failed [7HX2K9QF]",
            };
            assert_eq!(line(&mut host), expected, "{answer:?}");
        }
    }
}

/// The timestamp of a greeting, if it has one.
fn timestamp(greeting: &str) -> Option<&str> {
    Some(greeting.get(greeting.find('<')?..=greeting.find('>')?).unwrap())
}

fn apop(host: &mut Host, timestamp: &str, user: &str, password: &Secret) -> String {
    let digest: String = apop::digest(timestamp, password).iter().map(|octet| format!("{octet:02x}")).collect();
    host.send(format!("APOP {user} {digest}\r\n").as_bytes());
    line(host)
}

/// RFC 1939 §7: the timestamp is new in each session, and the digest over it logs in.
#[test]
fn apop_logs_in_with_the_greetings_timestamp() {
    let (mut host, mut other) = (Host::offering_all(), Host::offering_all());
    let (greeting, another) = (line(&mut host), line(&mut other));
    let (stamp, other_stamp) = (timestamp(&greeting).unwrap(), timestamp(&another).unwrap());
    assert!(stamp != other_stamp && stamp.ends_with("@mail.example.test>"), "{greeting}");
    let failed = "-ERR [AUTH] Login failed [7HX2K9QF]";
    assert_eq!(apop(&mut host, other_stamp, "alice@example.test", &password()), failed, "of another session");
    assert_eq!(apop(&mut host, stamp, "alice@example.test", &Secret::new("wrong")), failed);
    assert_eq!(apop(&mut host, stamp, "alice@example.test", &password()), "+OK Mailbox open, 2 messages");
    for wrong in ["APOP", "APOP alice", "APOP alice c4c9", "APOP  c4c9334bac560ecc979e58001b3e22fb"] {
        other.send(format!("{wrong}\r\n").as_bytes());
        assert!(line(&mut other).starts_with("-ERR Malformed login: "), "{wrong}");
    }
}

/// Where no store can verify it, nothing looks as if one could.
#[test]
fn apop_is_refused_where_it_is_not_offered() {
    let mut host = Host::new(false);
    let greeting = line(&mut host);
    assert_eq!(timestamp(&greeting), None);
    let refused = "-ERR [AUTH] APOP is not offered here, see CAPA [7HX2K9QF]";
    assert_eq!(apop(&mut host, "<1@x>", "alice@example.test", &password()), refused);
    let mut host = Host::offering_all();
    line(&mut host);
    host.send(b"CAPA\r\nAUTH APOP\r\nAUTH\r\n");
    let mut said = Vec::new();
    while let Received::Line(line) = host.receive_line() {
        said.push(String::from_utf8(line).unwrap());
    }
    assert!(!said.iter().any(|line| line.contains("APOP")), "it is no name of SASL: {said:?}");
    let mut host = Host::new(true);
    line(&mut host);
    assert!(apop(&mut host, "<1@x>", "a", &password()).contains("TLS required"));
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

/// The operator sees a login that nobody could have judged, too.
#[test]
fn a_login_that_is_not_offered_is_told_to_the_operator() {
    let mut host = Host::offering_all();
    line(&mut host);
    host.session.tls_started(vec![]);
    for (command, mechanism) in [("USER alice", Mechanism::Plain), ("APOP alice 0123", Mechanism::Apop)] {
        host.send(format!("{command}\r\n").as_bytes());
        assert!(line(&mut host).starts_with("-ERR"), "{command}");
        assert_eq!(host.session.take_early(), Some((Some(mechanism), Early::NotOffered)));
    }
}

/// What the record of a session must not show begins where the protocol says.
#[test]
fn the_secret_of_a_line_begins_behind_the_command() {
    let host = Host::offering_all();
    let shown = |line: &'static str| host.session.secret_in(line.as_bytes()).map(|from| &line[..from]);
    assert_eq!(shown("pass geheim 17"), Some("pass "));
    assert_eq!(shown("APOP alice 0123456789abcdef"), Some("APOP alice "));
    assert_eq!(shown("AUTH PLAIN AGFsaWNl"), Some("AUTH PLAIN "));
    assert_eq!((shown("USER alice"), shown("AUTH PLAIN"), shown("QUIT")), (None, None, None));
}
