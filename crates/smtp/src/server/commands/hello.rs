//! EHLO and HELO (RFC 5321 §4.1.1.1).

use std::fmt::Write;

use sasl::Mechanism;

use crate::server::{Hello, HelloName, Session, Step, Tls, Wording, replies};
use crate::{Grammar, Reply};

/// Greets back and lists what can be kept, computed from the state: RFC 5321 §4.1.4 ends the transaction.
pub(super) fn ehlo(session: &mut Session, argument: &str) -> Step {
    let Some(name) = name(session, argument) else { return Step::Reply(replies::BAD_HELLO) };
    session.reset();
    session.hello = Some(Hello::Ehlo(name));
    Step::Reply(Reply::bare(250, "").and(greeting(session)).and(extensions(session)))
}

/// The name in a line that is an EHLO: a host that offers mechanisms by it looks here first.
pub(in crate::server) fn ehlo_name(line: &[u8]) -> Option<String> {
    let (verb, argument) = crate::verb::split(std::str::from_utf8(line).ok()?);
    verb.eq_ignore_ascii_case("EHLO").then(|| HelloName::of(argument).to_string())
}

/// The old greeting, without a list.
pub(super) fn helo(session: &mut Session, argument: &str) -> Step {
    let Some(name) = name(session, argument) else { return Step::Reply(replies::BAD_HELLO) };
    session.reset();
    session.hello = Some(Hello::Helo(name));
    Step::Reply(Reply::bare(250, "").and(greeting(session)))
}

/// The name, unless the grammar is strict and it is none.
fn name(session: &Session, argument: &str) -> Option<HelloName> {
    let name = HelloName::of(argument);
    match (&name, session.policy.grammar) {
        (HelloName::Domain(_), _) | (_, Grammar::Lenient) => Some(name),
        (HelloName::Odd(_) | HelloName::None, Grammar::Strict) => None,
    }
}

/// `ehlo-ok-rsp`'s first line: our name, and the address that the client has here.
fn greeting(session: &Session) -> String {
    format!("{} Hello {}", session.policy.hostname, session.policy.peer_literal())
}

/// One line for each extension that works now.
fn extensions(session: &Session) -> String {
    let mut list = String::from("\nPIPELINING");
    // Writing to a String cannot fail.
    let _ = write!(list, "\nSIZE {}", session.policy.limits.message_size);
    list.push_str("\n8BITMIME\nSMTPUTF8");
    // RFC 2034 §4: all replies would have to have one, and qmail's words for AUTH have none where it belongs.
    if session.policy.wording == Wording::Rfc {
        list.push_str("\nENHANCEDSTATUSCODES");
    }
    // RFC 3207 §4.2: not inside TLS. Not without a certificate either: it could not be kept.
    if session.tls == Tls::Offered {
        list.push_str("\nSTARTTLS");
    }
    if session.policy.xclient {
        let _ = write!(list, "\nXCLIENT {}", super::xclient::ATTRIBUTES);
    }
    // RFC 4954 §4: only mechanisms that would be accepted now.
    if session.login.is_none() && session.auth_possible() {
        list.push_str("\nAUTH");
        for mechanism in Mechanism::sasl(&session.mechanisms) {
            let _ = write!(list, " {mechanism}");
        }
        // Before RFC 2554 the first mechanism followed an equals sign (MISSION 002-23). The same list: no second truth.
        if session.policy.legacy_auth_line {
            list.push_str("\nAUTH");
            for (n, mechanism) in Mechanism::sasl(&session.mechanisms).enumerate() {
                let _ = write!(list, "{}{mechanism}", if n == 0 { '=' } else { ' ' });
            }
        }
    }
    list
}
