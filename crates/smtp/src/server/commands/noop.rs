//! NOOP (RFC 5321 §4.1.1.9).

use crate::server::{Session, Step, replies};

/// Does nothing; an argument is ignored.
pub(super) fn run(_: &mut Session, _: &str) -> Step {
    Step::Reply(replies::OK)
}
