//! What the driver itself has to say (RFC 5321 §3.8: 421 before a connection is closed), and what the log is told.

use std::time::Duration;

use smtp::Reply;
use smtp::verb;

/// RFC 3463 §3.5: 4.4.2, bad connection.
const IDLE: Reply = Reply::new(421, 4, 2, "Nothing came for ");
/// RFC 3463 §3.4: 4.3.2, system not accepting network messages.
pub(super) const DRAINING: Reply = Reply::new(421, 3, 2, "Shutting down, try again later");
/// The certificate went while the session ran (SIGHUP).
pub(super) const NO_CERTIFICATE: Reply = Reply::new(421, 7, 0, "TLS is not available any more, closing the connection");
/// RFC 5321 §4.5.3.2.5: the content as a whole must come to an end, too.
pub(super) const BODY_TOO_SLOW: Reply = Reply::new(421, 4, 2, "The message took too long, closing the connection");

/// Most of a command that a log line shows.
const SHOWN: usize = 200;

/// The goodbye to a silent client.
pub(super) fn idle(waited: Duration) -> Reply {
    IDLE.and(format_args!("{} seconds, closing the connection", waited.as_secs()))
}

/// A command for the log: no secret of AUTH, nothing that could begin a line of its own.
pub(super) fn shown(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line.get(..SHOWN).unwrap_or(line));
    let (name, argument) = verb::split(&text);
    let text = if name.eq_ignore_ascii_case("AUTH") {
        format!("AUTH {}", argument.split(' ').next().unwrap_or_default())
    } else {
        text.into_owned()
    };
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_shows_no_secret() {
        assert_eq!(shown(b"auth PLAIN AGFsaWNlAHNlY3JldA=="), "AUTH PLAIN");
        assert_eq!(shown(b"MAIL FROM:<a@b>\nRSET"), "MAIL FROM:<a@b>?RSET");
        assert!(shown(&[b'x'; 5000]).len() <= SHOWN);
    }
}
