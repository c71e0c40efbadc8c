//! DATA (RFC 5321 §4.1.1.4).

use crate::Reply;
use crate::server::state::State;
use crate::server::{Session, Step, replies};

/// Once there is a recipient.
pub(super) fn allowed(session: &Session) -> Result<(), Reply> {
    match &session.state {
        // RFC 5321 §3.3: 554 where none was accepted, which a client that pipelines only learns now.
        State::Mail(transaction) if transaction.recipients.is_empty() => Err(replies::NO_RECIPIENTS),
        State::Mail(_) => Ok(()),
        _ => Err(replies::MAIL_FIRST),
    }
}

/// Lets the content come.
pub(super) fn run(session: &mut Session, argument: &str) -> Step {
    if !argument.is_empty() {
        return Step::Reply(replies::NO_ARGUMENT);
    }
    let State::Mail(transaction) = std::mem::replace(&mut session.state, State::Idle) else { return session.bug() };
    session.state = State::Receiving(transaction);
    Step::Receive(replies::START_DATA)
}
