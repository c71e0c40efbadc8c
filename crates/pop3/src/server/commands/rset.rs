//! RSET (RFC 1939 §5).

use super::{no_argument, with_maildrop};
use crate::Reply;
use crate::server::{Session, Step};

/// Takes DELE's marks away.
pub(super) fn run(session: &mut Session, argument: &[u8]) -> Step {
    with_maildrop(session, |maildrop| {
        no_argument(argument)?;
        maildrop.undelete();
        let (count, octets) = maildrop.stat();
        Ok(Reply::ok("Mailbox has ").and(format_args!("{count} messages ({octets} octets)")))
    })
}
