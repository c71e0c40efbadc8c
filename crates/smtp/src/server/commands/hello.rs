//! EHLO and HELO (RFC 5321 §4.1.1.1).

use std::fmt::Write;

use sasl::Mechanism;

use crate::server::{Hello, HelloName, Session, Step, Tls, replies};
use crate::{Grammar, Reply};

/// Greets back and lists what can be kept, computed from the state: RFC 5321 §4.1.4 ends the transaction.
pub(super) fn ehlo(session: &mut Session, argument: &str) -> Step {
    let Some(name) = name(session, argument) else { return Step::Reply(replies::BAD_HELLO) };
    session.reset();
    session.hello = Some(Hello::Ehlo(name));
    Step::Reply(Reply::bare(250, "").and(greeting(session)).and(extensions(session)))
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
    list.push_str("\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES");
    // RFC 3207 §4.2: not inside TLS. Not without a certificate either: it could not be kept.
    if session.tls == Tls::Offered {
        list.push_str("\nSTARTTLS");
    }
    // RFC 4954 §4: only mechanisms that would be accepted now.
    if session.login.is_none() && session.auth_possible() {
        list.push_str("\nAUTH");
        for mechanism in Mechanism::sasl(&session.mechanisms) {
            let _ = write!(list, " {mechanism}");
        }
    }
    list
}
