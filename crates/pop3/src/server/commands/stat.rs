//! STAT (RFC 1939 §5).

use super::{no_argument, with_maildrop};
use crate::Reply;
use crate::server::{Session, Step};

/// `+OK count octets`
pub(super) fn run(session: &mut Session, argument: &[u8]) -> Step {
    with_maildrop(session, |maildrop| {
        no_argument(argument)?;
        let (count, octets) = maildrop.stat();
        Ok(Reply::ok("").and(format_args!("{count} {octets}")))
    })
}
