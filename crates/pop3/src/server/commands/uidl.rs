//! UIDL (RFC 1939 §7).

use std::fmt::Write;

use super::with_maildrop;
use crate::Reply;
use crate::server::{Session, Step, replies};

/// One message, or all.
pub(super) fn run(session: &mut Session, argument: &[u8]) -> Step {
    with_maildrop(session, |maildrop| {
        if !argument.trim_ascii().is_empty() {
            let (number, message) = maildrop.find(argument)?;
            return Ok(Reply::ok("").and(format_args!("{number} {}", maildrop.unique_id(message))));
        }
        let mut lines = String::new();
        for (number, message) in maildrop.messages() {
            // Writing to a String cannot fail.
            let _ = write!(lines, "{number} {}\r\n", maildrop.unique_id(message));
        }
        Ok(replies::UNIQUE_IDS.with_lines(lines))
    })
}
