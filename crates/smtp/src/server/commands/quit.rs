//! QUIT (RFC 5321 §4.1.1.10).

use crate::server::{Ending, Session, Step, replies};

/// Says goodbye.
pub(super) fn run(_: &mut Session, argument: &str) -> Step {
    if argument.is_empty() { Step::Close(Ending::Said, replies::BYE) } else { Step::Reply(replies::NO_ARGUMENT) }
}
