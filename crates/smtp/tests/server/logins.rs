//! Logins with mechanisms whose dialogues are never twice the same.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::dialogue::Wire;
use sasl::client::{Credentials, Exchange};
use sasl::{Mechanism, Secret};
use smtp::server::exposed_identity;

use crate::bare::{Host, PASSWORD, policy};

/// Logs in as `user`, and gives back the last reply.
fn log_in(host: &mut Host, mechanism: Mechanism, user: &str, password: &[u8]) -> String {
    let credentials = Credentials { user: user.into(), password: Secret::new(password) };
    let (mut exchange, initial) = Exchange::start(mechanism, credentials);
    let initial = initial.map(|response| format!(" {}", STANDARD.encode(response))).unwrap_or_default();
    let mut reply = host.say(&format!("AUTH {mechanism}{initial}\r\n"));
    while let Some(challenge) = reply.strip_prefix("334 ") {
        let challenge = STANDARD.decode(challenge.trim_end()).expect("base64");
        let response = exchange.respond(&challenge).expect("a challenge");
        reply = host.say(&format!("{}\r\n", STANDARD.encode(response)));
    }
    if reply.starts_with("235") {
        exchange.finish().expect("the server has proved itself");
    }
    reply
}

#[test]
fn every_mechanism_logs_in() {
    for mechanism in Mechanism::ALL {
        let mut host = Host::new(policy()).into_tls();
        assert_eq!(
            log_in(&mut host, mechanism, "alice@example.test", PASSWORD),
            "235 2.7.0 Authentication successful\r\n"
        );
        assert_eq!(host.session.login().map(ToString::to_string).as_deref(), Some("alice@example.test"));
    }
}

#[test]
fn a_refused_login_may_be_tried_again() {
    for mechanism in Mechanism::ALL {
        let mut host = Host::new(policy()).into_tls();
        let refused = "535 5.7.8 Authentication credentials invalid [7HX2K9QF]\r\n";
        assert_eq!(log_in(&mut host, mechanism, "alice@example.test", b"wrong"), refused);
        assert_eq!(log_in(&mut host, mechanism, "nobody@example.test", PASSWORD), refused);
        assert!(host.session.login().is_none());
        assert!(log_in(&mut host, mechanism, "alice@example.test", PASSWORD).starts_with("235"));
    }
}

/// MISSION 002-09: a store that cannot be read is never shown as a wrong password.
#[test]
fn temporary_failures_are_not_refusals() {
    let mut host = Host::new(policy()).into_tls();
    let later = log_in(&mut host, Mechanism::Plain, "later@example.test", PASSWORD);
    assert_eq!(later, "454 4.7.0 Temporary authentication failure [7HX2K9QF]\r\n");
    let throttled = log_in(&mut host, Mechanism::Plain, "throttled@example.test", PASSWORD);
    assert_eq!(throttled, "454 4.7.0 Too many failed logins, try again later [7HX2K9QF]\r\n");
}

#[test]
fn a_response_line_is_marked_as_a_secret() {
    let mut host = Host::new(policy()).into_tls();
    assert!(!host.session.expects_secret());
    host.send(b"AUTH LOGIN\r\n");
    assert!(host.session.expects_secret());
    host.send(b"*\r\n");
    assert!(!host.session.expects_secret());
}

/// MISSION 003-12
#[test]
fn the_identity_of_an_exposed_password_is_known() {
    let line = format!("auth plain {}", STANDARD.encode("\0alice@example.test\0secret"));
    assert_eq!(exposed_identity(line.as_bytes()).as_deref(), Some("alice@example.test"));
    for line in ["AUTH PLAIN", "AUTH PLAIN !", "AUTH LOGIN YWxpY2U=", "NOOP", "AUTH PLAIN YWxpY2U=", "\u{fffd}"] {
        assert_eq!(exposed_identity(line.as_bytes()), None, "{line}");
    }
}
