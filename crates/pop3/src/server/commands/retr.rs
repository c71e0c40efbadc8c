//! RETR (RFC 1939 §5).

use crate::Extent;
use crate::server::state::{Asked, State};
use crate::server::{Question, Session, Step};

/// The whole message.
pub(super) fn run(session: &mut Session, argument: &[u8]) -> Step {
    session.fetch(argument, Extent::Whole)
}

impl Session {
    /// Asks for a message, to send it or its top.
    pub(super) fn fetch(&mut self, number: &[u8], extent: Extent) -> Step {
        let State::Transaction(maildrop) = self.take_state() else { return self.bug() };
        match maildrop.find(number) {
            Ok((_, message)) => {
                self.state = State::Asked(Asked::Message { maildrop, size: message.size, extent });
                Step::Ask(Question::Message(message.uid))
            }
            Err(refusal) => {
                self.state = State::Transaction(maildrop);
                Step::Reply(refusal)
            }
        }
    }
}
