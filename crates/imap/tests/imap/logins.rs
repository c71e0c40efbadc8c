//! Logins, and what a client learns of them.

use sasl::client::{Context, Credentials, Exchange, Proof};
use sasl::{Mechanism, Secret, wire};

use crate::bare::{Chain, Host, PASSWORD, TOKEN, USER, channel};

/// Logs in by a mechanism, with or without an initial response; the last answer.
fn authenticate(host: &mut Host, mechanism: Mechanism, initial: bool) -> String {
    let proof = match mechanism {
        Mechanism::External => Proof::Certificate,
        Mechanism::XOAuth2 | Mechanism::OAuthBearer => Proof::Token(Secret::new(TOKEN)),
        _ => Proof::Password(Secret::new(PASSWORD)),
    };
    let credentials = Credentials { user: USER.into(), proof };
    let context = Context::new(channel().bindings, &Mechanism::ALL);
    let (mut exchange, first) = Exchange::start(mechanism, credentials, &context).expect("it suits");
    let mut unsent = first;
    let response = unsent.take_if(|_| initial).map(|r| match wire::encode(&r) {
        empty if empty.is_empty() => " =".to_owned(),
        text => format!(" {text}"),
    });
    let response = response.unwrap_or_default();
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
    for mechanism in Mechanism::sasl(&Mechanism::ALL) {
        for initial in [true, false] {
            let mut host = Host::offering_all();
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
    let credentials = Credentials::password(USER, Secret::new(*b"wrong"));
    let begun = Exchange::start(Mechanism::ScramSha256, credentials, &Context::default());
    let (mut exchange, first) = begun.expect("it suits");
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
    let message = wire::encode(b"n,a=dave,\x01auth=Bearer hunter2\x01\x01");
    host.say(format!("d AUTHENTICATE OAUTHBEARER {message}\r\n"));
    assert_eq!(host.exposed().as_deref(), Some("dave"), "a token is as secret as a password");
    host.say("c AUTHENTICATE PLAIN\r\n");
    assert_eq!(host.exposed(), None, "nothing was given away");
}

/// MISSION 003-15: the refusal, and the end, whatever is tried.
#[test]
fn a_login_in_clear_can_be_the_end() {
    for (line, code) in [
        ("LOGIN bob hunter2", "PRIVACYREQUIRED"),
        ("AUTHENTICATE PLAIN", "PRIVACYREQUIRED"),
        ("AUTHENTICATE CRAM-MD5", "CANNOT"),
        ("AUTHENTICATE NONSENSE", "CANNOT"),
    ] {
        let mut host = Host::closing();
        host.say("");
        let answer = host.say(format!("a {line}\r\nb NOOP\r\n"));
        assert!(answer.starts_with(&format!("a NO [{code}] ")), "{line}: {answer}");
        assert!(answer.ends_with("\r\n* BYE no login in clear [7HX2K9QF]\r\n"), "{line}: {answer}");
    }
}

/// Nothing of an exchange is left after a line that is too long: the next line is a command.
#[test]
fn a_response_that_is_too_long_ends_the_exchange() {
    let mut host = Host::clear();
    host.say("");
    assert_eq!(host.say("a AUTHENTICATE PLAIN\r\n"), "+ \r\n");
    assert_eq!(host.say(format!("{}\r\n", "A".repeat(5000))), "a BAD [TOOBIG] the command is too long [7HX2K9QF]\r\n");
    assert_eq!(host.say("b NOOP\r\n"), "b OK performed\r\n");
}

/// RFC 7628 §4.3: the reason, the client's answer or its `*`, the refusal, which is counted.
#[test]
fn a_refused_token_is_told_why() {
    for answer in ["AQ==", "", "*", "!"] {
        let mut host = Host::offering_all();
        let message = wire::encode(b"n,a=alice@example.test,\x01auth=Bearer wrong\x01\x01");
        for n in 1..=3 {
            let reason = host.say(format!("a AUTHENTICATE OAUTHBEARER {message}\r\n"));
            let reason = wire::response(reason.strip_prefix("+ ").expect("a challenge").as_bytes()).expect("base 64");
            assert_eq!(reason, br#"{"status":"invalid_token"}"#);
            let end = host.say(format!("{answer}\r\n"));
            assert!(end.starts_with("a NO [AUTHENTICATIONFAILED] login failed [7HX2K9QF]\r\n"), "{answer:?}: {end}");
            assert_eq!(end.contains("* BYE"), n == 3, "{end}");
        }
    }
}

/// A token that cannot be judged now is no bad token: no JSON, and nothing to renew.
#[test]
fn a_temporary_problem_with_a_token() {
    let mut host = Host::offering_all().with_chain(Chain::IsDown);
    let message = wire::encode(b"n,a=alice@example.test,\x01auth=Bearer x\x01\x01");
    let answer = host.say(format!("a AUTHENTICATE OAUTHBEARER {message}\r\n"));
    assert!(answer.starts_with("a NO [UNAVAILABLE] "), "{answer}");
}

/// 8 KiB of token, as an initial response and as a line of its own.
#[test]
fn a_long_token_is_taken() {
    let token = "x".repeat(8192);
    let message = wire::encode(format!("user={USER}\x01auth=Bearer {token}\x01\x01").as_bytes());
    let mut host = Host::offering_all();
    assert!(host.say(format!("a AUTHENTICATE XOAUTH2 {message}\r\n")).starts_with("+ "), "it was judged");
    assert!(host.say("\r\n").starts_with("a NO "));
    assert_eq!(host.say("b AUTHENTICATE XOAUTH2\r\n"), "+ \r\n");
    assert!(host.say(format!("{message}\r\n")).starts_with("+ "));
}

#[test]
fn apop_is_no_mechanism_of_authenticate() {
    let mut host = Host::offering_all();
    assert!(!host.say("a CAPABILITY\r\n").contains("APOP"));
    assert!(host.say("b AUTHENTICATE APOP\r\n").starts_with("b NO [CANNOT]"));
}

/// What the record of a session must not show begins where the protocol says.
#[test]
fn the_secret_of_a_line_begins_behind_the_command() {
    let host = Host::clear();
    let shown = |line: &'static str| host.secret_in(line.as_bytes()).map(|from| &line[..from]);
    assert_eq!(shown("a login alice {6}\r\ngeheim"), Some("a login "));
    assert_eq!(shown("a AUTHENTICATE PLAIN AGFsaWNl"), Some("a AUTHENTICATE PLAIN "));
    assert_eq!((shown("a AUTHENTICATE PLAIN"), shown("a NOOP"), shown("")), (None, None, None));
}

#[test]
fn whose_login_it_is_can_be_seen_in_a_command() {
    for (line, identity) in [
        ("a LOGIN alice@example.test secret", Some("alice@example.test")),
        ("a login \"a b\" {6}\r\nsecret", Some("a b")),
        ("a AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==", Some("alice")),
        ("a AUTHENTICATE PLAIN", None),
        ("a LOGIN secret", None),
        ("LOGIN alice secret", None),
    ] {
        assert_eq!(imap::exposed_identity(line.as_bytes()).as_deref(), identity, "{line}");
    }
}
