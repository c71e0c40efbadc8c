//! QUIT (RFC 1939 §4, §6).

use super::no_argument;
use crate::server::state::{Asked, State};
use crate::server::{Ending, Question, Session, Step, replies};

/// Ends the session; only here marked messages are removed.
pub(super) fn run(session: &mut Session, argument: &[u8]) -> Step {
    if let Err(refusal) = no_argument(argument) {
        return Step::Reply(refusal);
    }
    let deleted = match &session.state {
        State::Transaction(maildrop) => maildrop.deleted(),
        _ => Vec::new(),
    };
    if deleted.is_empty() {
        return Step::Close(Ending::Said, replies::BYE);
    }
    session.state = State::Asked(Asked::Update);
    Step::Ask(Question::Remove(deleted))
}
