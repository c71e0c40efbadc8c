//! VRFY (RFC 5321 §4.1.1.6).

use crate::server::{Session, Step, replies};

/// Tells nothing (RFC 5321 §7.3): who may send finds out by RCPT.
pub(super) fn run(_: &mut Session, argument: &str) -> Step {
    if argument.is_empty() {
        return Step::Reply(replies::BAD_SYNTAX.and("VRFY address"));
    }
    Step::Reply(replies::WILL_NOT_VERIFY)
}
