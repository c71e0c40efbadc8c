//! STLS (RFC 2595 §4).

use super::{authorization, no_argument};
use crate::Reply;
use crate::server::state::State;
use crate::server::{Session, Step, Tls, replies};

/// Before a login, where it is offered.
pub(super) fn allowed(session: &Session) -> Result<(), Reply> {
    authorization(session)?;
    match session.tls {
        Tls::Offered => Ok(()),
        Tls::Active => Err(replies::TLS_ACTIVE),
        Tls::Unavailable => Err(replies::NO_TLS),
    }
}

/// No command counts before the handshake is done: until then the session is over.
pub(super) fn run(session: &mut Session, argument: &[u8]) -> Step {
    if let Err(refusal) = no_argument(argument) {
        return Step::Reply(refusal);
    }
    session.state = State::Ended;
    Step::StartTls(replies::BEGIN_TLS)
}
