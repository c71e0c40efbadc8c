//! STARTTLS (RFC 3207 §4).

use crate::Reply;
use crate::server::state::State;
use crate::server::{Session, Step, Tls, replies};

/// Where it is offered.
pub(super) fn allowed(session: &Session) -> Result<(), Reply> {
    match session.tls {
        Tls::Offered => Ok(()),
        Tls::Active(_) => Err(replies::TLS_ACTIVE),
        Tls::Unavailable => Err(replies::NO_TLS),
    }
}

/// No command counts before the handshake is done: until then the session is over.
pub(super) fn run(session: &mut Session, argument: &str) -> Step {
    if !argument.is_empty() {
        return Step::Reply(replies::NO_ARGUMENT);
    }
    session.state = State::Ended;
    Step::StartTls(replies::READY_FOR_TLS)
}
