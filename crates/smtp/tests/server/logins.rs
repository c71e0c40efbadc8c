//! Logins with mechanisms whose dialogues are never twice the same.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::dialogue::Wire;
use sasl::client::{Context, Credentials, Exchange, Proof};
use sasl::{Early, Mechanism, Secret};
use smtp::server::{Policy, Wording, exposed_identity};

use crate::bare::{Host, PASSWORD, TOKEN, channel, policy};

/// What a mechanism logs in with.
fn credentials(mechanism: Mechanism, user: &str, password: &[u8], token: &[u8]) -> Credentials {
    let proof = match mechanism {
        Mechanism::External => Proof::Certificate,
        Mechanism::XOAuth2 | Mechanism::OAuthBearer => Proof::Token(Secret::new(token)),
        _ => Proof::Password(Secret::new(password)),
    };
    Credentials { user: user.to_owned(), proof }
}

/// Logs in, and gives back the last reply.
fn log_in(host: &mut Host, mechanism: Mechanism, credentials: Credentials) -> String {
    let context = Context::new(channel().bindings, &host.offered);
    let (mut exchange, initial) = Exchange::start(mechanism, credentials, &context).expect("it suits");
    let initial = initial.map(|response| match STANDARD.encode(response) {
        empty if empty.is_empty() => " =".to_owned(),
        text => format!(" {text}"),
    });
    let mut reply = host.say(&format!("AUTH {mechanism}{}\r\n", initial.unwrap_or_default()));
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

/// As alice, with everything right.
fn alice(mechanism: Mechanism) -> Credentials {
    credentials(mechanism, "alice@example.test", PASSWORD, TOKEN)
}

#[test]
fn every_mechanism_logs_in() {
    for mechanism in Mechanism::sasl(&Mechanism::ALL) {
        let mut host = Host::offering_all();
        assert_eq!(
            log_in(&mut host, mechanism, alice(mechanism)),
            "235 2.7.0 Authentication successful\r\n",
            "{mechanism}"
        );
        assert_eq!(host.session.login().map(ToString::to_string).as_deref(), Some("alice@example.test"));
    }
}

#[test]
fn a_refused_login_may_be_tried_again() {
    // The certificate of the fixture is good for alice, whatever is asked for.
    for mechanism in Mechanism::sasl(&Mechanism::ALL).filter(|mechanism| *mechanism != Mechanism::External) {
        let mut host = Host::offering_all();
        let refused = "535 5.7.8 Authentication credentials invalid [7HX2K9QF]\r\n";
        let wrong = credentials(mechanism, "alice@example.test", b"wrong", b"wrong");
        assert_eq!(log_in(&mut host, mechanism, wrong), refused, "{mechanism}");
        let nobody = credentials(mechanism, "nobody@example.test", PASSWORD, TOKEN);
        assert_eq!(log_in(&mut host, mechanism, nobody), refused, "{mechanism}");
        assert!(host.session.login().is_none());
        assert!(log_in(&mut host, mechanism, alice(mechanism)).starts_with("235"));
    }
}

/// RFC 7628 §3.2.3: the reason in JSON, then whatever the client answers, then the refusal, which is counted.
#[test]
fn a_refused_token_is_told_why() {
    for answer in ["AQ==", "", "*", "!"] {
        let mut host = Host::offering_all();
        let message = STANDARD.encode("n,a=alice@example.test,\x01auth=Bearer wrong\x01\x01");
        for _ in 0..3 {
            let reason = host.say(&format!("AUTH OAUTHBEARER {message}\r\n"));
            let reason = STANDARD.decode(reason.trim_end().strip_prefix("334 ").expect("a challenge")).expect("base64");
            assert_eq!(reason, br#"{"status":"invalid_token"}"#);
            let refused = "535 5.7.8 Authentication credentials invalid [7HX2K9QF]\r\n";
            assert_eq!(host.say(&format!("{answer}\r\n")), refused, "{answer:?}");
        }
        assert!(host.say("NOOP\r\n").starts_with("421 4.7.0 Too many failed logins"));
    }
}

/// RFC 4954 §4: lines of 12,288 octets; a token of 8 KiB makes 11 KB of base64.
#[test]
fn a_long_token_fits_into_the_command() {
    let mut host = Host::offering_all();
    let message = format!("user=alice@example.test\x01auth=Bearer {}\x01\x01", "x".repeat(8192));
    assert!(host.say(&format!("AUTH XOAUTH2 {}\r\n", STANDARD.encode(message))).starts_with("334 "));
}

/// RFC 5802 §6: whoever hears of no -PLUS although it is offered is told lies.
#[test]
fn a_downgrade_is_refused() {
    let mut host = Host::offering_all();
    let context = Context::new(channel().bindings, &[Mechanism::ScramSha256]);
    let (_, initial) =
        Exchange::start(Mechanism::ScramSha256, alice(Mechanism::ScramSha256), &context).expect("it suits");
    let reply = host.say(&format!("AUTH SCRAM-SHA-256 {}\r\n", STANDARD.encode(initial.expect("a message"))));
    assert!(reply.starts_with("501 5.5.2 Cannot read response: the server offers channel binding"), "{reply}");
}

#[test]
fn apop_is_no_mechanism_of_auth() {
    let mut host = Host::offering_all();
    assert!(!host.say("EHLO client.example\r\n").contains("APOP"));
    assert!(host.say("AUTH APOP\r\n").starts_with("504 "));
}

/// MISSION 002-09: a store that cannot be read is never shown as a wrong password.
#[test]
fn temporary_failures_are_not_refusals() {
    let mut host = Host::new(policy()).into_tls();
    let later =
        log_in(&mut host, Mechanism::Plain, credentials(Mechanism::Plain, "later@example.test", PASSWORD, TOKEN));
    assert_eq!(later, "454 4.7.0 Temporary authentication failure [7HX2K9QF]\r\n");
    let throttled =
        log_in(&mut host, Mechanism::Plain, credentials(Mechanism::Plain, "throttled@example.test", PASSWORD, TOKEN));
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
    let line = format!("AUTH XOAUTH2 {}", STANDARD.encode("user=bob\x01auth=Bearer x\x01\x01"));
    assert_eq!(exposed_identity(line.as_bytes()).as_deref(), Some("bob"));
    for line in ["AUTH PLAIN", "AUTH PLAIN !", "AUTH LOGIN YWxpY2U=", "NOOP", "AUTH PLAIN YWxpY2U=", "\u{fffd}"] {
        assert_eq!(exposed_identity(line.as_bytes()), None, "{line}");
    }
}

/// The operator sees a login that nobody could have judged, too.
#[test]
fn a_login_where_none_is_possible_is_told_to_the_operator() {
    let mut host = Host::new(policy());
    host.offered.clear();
    let mut host = host.into_tls();
    assert!(host.say("EHLO client.example.test\r\n").lines().all(|line| !line.contains("AUTH")));
    let reply = host.say("AUTH CRAM-MD5\r\n");
    assert!(reply.starts_with("50"), "{reply}");
    assert_eq!(host.session.take_early(), Some((Some(Mechanism::CramMd5), Early::NotOffered)));
}

/// RFC 2034 §4: whoever announces the codes has one in every reply, and qmail's words for AUTH have none in front.
#[test]
fn the_words_of_qmail_are_not_announced_as_enhanced_codes() {
    let says_so =
        |wording| Host::new(Policy { wording, ..policy() }).say("EHLO c.test\r\n").contains("ENHANCEDSTATUSCODES");
    assert!(says_so(Wording::Rfc) && !says_so(Wording::Qmail));
}
