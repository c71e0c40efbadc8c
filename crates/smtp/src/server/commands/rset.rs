//! RSET (RFC 5321 §4.1.1.5).

use crate::server::{Session, Step, replies};

/// Drops the transaction. Greeting and login stay (RFC 4954 §4).
pub(super) fn run(session: &mut Session, argument: &str) -> Step {
    if !argument.is_empty() {
        return Step::Reply(replies::NO_ARGUMENT);
    }
    session.reset();
    Step::Reply(replies::OK)
}
