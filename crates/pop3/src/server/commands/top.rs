//! TOP (RFC 1939 §7).

use crate::Extent;
use crate::server::maildrop::number;
use crate::server::{Session, Step, replies};

/// `"TOP" SP msg SP n`
pub(super) fn run(session: &mut Session, argument: &[u8]) -> Step {
    let mut words = argument.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    match (words.next(), words.next().and_then(number), words.next()) {
        (Some(message), Some(lines), None) => session.fetch(message, Extent::Top(lines)),
        _ => Step::Reply(replies::NEEDS_TWO_NUMBERS),
    }
}
