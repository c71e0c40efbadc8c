//! AUTH (RFC 5034 §4).

use std::fmt::Write;

use sasl::{Early, Mechanism, Secret, wire};

use super::authorization;
use crate::Reply;
use crate::server::login::broken_login;
use crate::server::{Session, Step, Tls, replies};

/// Before a login, and not in clear unless the operator wants it so. A credential that comes in clear against that is
/// not even looked at: the reply must not tell whether it is good (MISSION 003-12).
pub(super) fn allowed(session: &Session) -> Result<(), Reply> {
    authorization(session)?;
    match (session.needs_tls(), session.tls) {
        (true, Tls::Unavailable) => Err(replies::TLS_MISSING),
        (true, _) => Err(replies::TLS_FIRST),
        (false, _) => Ok(()),
    }
}

/// `"AUTH" SP mechanism [SP initial-response]`; without an argument old clients want the list.
pub(super) fn run(session: &mut Session, argument: &[u8]) -> Step {
    let mut words = argument.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let Some(name) = words.next() else { return Step::Reply(list(session)) };
    let mechanism = std::str::from_utf8(name).ok().and_then(Mechanism::from_name);
    let Some(wanted) = mechanism.filter(|mechanism| session.mechanisms.contains(mechanism)) else {
        session.early = Some((mechanism, Early::NotOffered));
        return Step::Reply(replies::UNKNOWN_MECHANISM);
    };
    match words.next().map(wire::initial_response).transpose() {
        Ok(initial) => session.start_login(wanted, initial.map(Secret::new).as_ref()),
        Err(broken) => {
            session.early = Some((mechanism, Early::from(&broken)));
            Step::Reply(broken_login(&broken))
        }
    }
}

fn list(session: &Session) -> Reply {
    let mut lines = String::new();
    for mechanism in Mechanism::sasl(&session.mechanisms) {
        // Writing to a String cannot fail.
        let _ = write!(lines, "{mechanism}\r\n");
    }
    replies::MECHANISMS.with_lines(lines)
}
