//! NOOP (RFC 1939 §5).

use super::no_argument;
use crate::server::{Session, Step, replies};

/// Does nothing.
pub(super) fn run(_: &mut Session, argument: &[u8]) -> Step {
    Step::Reply(no_argument(argument).err().unwrap_or(replies::NOTHING_DONE))
}
