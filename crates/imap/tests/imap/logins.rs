//! Logins, and what a client learns of them.

use sasl::client::{Credentials, Exchange};
use sasl::{Mechanism, Secret, wire};

use crate::bare::{Chain, Host, PASSWORD, USER};

/// Logs in by a mechanism, with or without an initial response; the last answer.
fn authenticate(host: &mut Host, mechanism: Mechanism, initial: bool) -> String {
    let credentials = Credentials { user: USER.into(), password: Secret::new(PASSWORD) };
    let (mut exchange, first) = Exchange::start(mechanism, credentials);
    let mut unsent = first;
    let response = unsent.take_if(|_| initial).map(|r| format!(" {}", wire::encode(&r))).unwrap_or_default();
    let mut answer = host.say(format!("a AUTHENTICATE {mechanism}{response}\r\n"));
    while let Some(challenge) = answer.strip_prefix("+ ") {
        let challenge = wire::response(challenge.as_bytes()).expect("base 64");
        let response = match unsent.take() {
            Some(first) => first,
            None => exchange.respond(&challenge).expect("a challenge that can be answered"),
        };
        answer = host.say(format!("{}\r\n", wire::encode(&response)));
    }
    answer
}

#[test]
fn every_mechanism_with_and_without_an_initial_response() {
    for mechanism in [Mechanism::Plain, Mechanism::Login, Mechanism::ScramSha256] {
        for initial in [true, false] {
            let mut host = Host::clear();
            host.say("");
            let answer = authenticate(&mut host, mechanism, initial);
            assert!(answer.starts_with("a OK [CAPABILITY IMAP4rev1 "), "{mechanism} {initial}: {answer}");
            assert!(answer.contains(" IDLE "), "{answer}");
        }
    }
}

/// MISSION 004-33 and 004-34: a chain that is down is no wrong password, and after either the user can try again.
#[test]
fn a_temporary_problem_is_not_a_wrong_password() {
    let mut host = Host::clear().with_chain(Chain::IsDown);
    host.say("");
    let down = host.say(format!("a LOGIN {USER} x\r\n"));
    assert!(down.starts_with("a NO [UNAVAILABLE] temporary problem"), "{down}");
    let mut host = host.with_chain(Chain::Judges);
    let wrong = host.say(format!("b LOGIN {USER} x\r\n"));
    assert_eq!(wrong, "b NO [AUTHENTICATIONFAILED] login failed [7HX2K9QF]\r\n");
    assert!(host.say(format!("c LOGIN {USER} \"correct horse\"\r\n")).starts_with("c OK "));
}

#[test]
fn a_wrong_password_by_scram_is_refused_alike() {
    let mut host = Host::clear();
    host.say("");
    let credentials = Credentials { user: USER.into(), password: Secret::new(*b"wrong") };
    let (mut exchange, first) = Exchange::start(Mechanism::ScramSha256, credentials);
    let first = wire::encode(&first.expect("SCRAM begins with the client"));
    let challenge = host.say(format!("a AUTHENTICATE SCRAM-SHA-256 {first}\r\n"));
    let challenge = wire::response(&challenge.as_bytes()[2..]).expect("base 64");
    let proof = wire::encode(&exchange.respond(&challenge).expect("a challenge"));
    assert_eq!(host.say(format!("{proof}\r\n")), "a NO [AUTHENTICATIONFAILED] login failed [7HX2K9QF]\r\n");
}

/// A password in a literal, with octets that no quoted string can have.
#[test]
fn literals_in_login() {
    let mut host = Host::clear();
    host.say("");
    assert_eq!(host.say("a LOGIN {18}\r\n"), "+ go on\r\n");
    assert_eq!(host.say(format!("{USER} {{13}}\r\n")), "+ go on\r\n");
    assert!(host.say("correct horse\r\n").starts_with("a OK "));
}

#[test]
fn passwords_do_not_print() {
    let (_, command) = imap::parse::parse(b"a LOGIN alice hunter2").expect("a LOGIN");
    assert!(!format!("{command:?}").contains("hunter2"));
}

/// MISSION 003-12: the operator can hear of it.
#[test]
fn a_password_in_clear_is_noticed() {
    let mut host = Host::strict();
    host.say("a LOGIN bob hunter2\r\n");
    assert_eq!(host.exposed().as_deref(), Some("bob"));
    host.say(format!("b AUTHENTICATE PLAIN {}\r\n", wire::encode(b"\0carol\0hunter2")));
    assert_eq!(host.exposed().as_deref(), Some("carol"));
    host.say("c AUTHENTICATE PLAIN\r\n");
    assert_eq!(host.exposed(), None, "nothing was given away");
}

/// Nothing of an exchange is left after a line that is too long: the next line is a command.
#[test]
fn a_response_that_is_too_long_ends_the_exchange() {
    let mut host = Host::clear();
    host.say("");
    assert_eq!(host.say("a AUTHENTICATE PLAIN\r\n"), "+ \r\n");
    assert_eq!(host.say(format!("{}\r\n", "A".repeat(5000))), "a BAD [TOOBIG] the command is too long\r\n");
    assert_eq!(host.say("b NOOP\r\n"), "b OK performed\r\n");
}
