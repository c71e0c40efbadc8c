//! DELE (RFC 1939 §5).

use super::with_maildrop;
use crate::server::{Session, Step, replies};

/// Marks; nothing is removed before QUIT.
pub(super) fn run(session: &mut Session, argument: &[u8]) -> Step {
    with_maildrop(session, |maildrop| {
        let (number, _) = maildrop.find(argument)?;
        maildrop.delete(number);
        Ok(replies::MESSAGE_DELETED)
    })
}
