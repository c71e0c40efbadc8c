//! What the driver itself has to say (RFC 5321 §3.8: 421 before a connection is closed), and what the log is told.

use smtp::Reply;
use smtp::server::{Ending, named_mechanism};

use trace::Outcome;
use trace::redact::Redactor;

use crate::admission::Full;
use crate::refusal::NoSession;
use crate::session::End;

/// RFC 3463 §3.5: 4.4.2, bad connection.
const IDLE: Reply = Reply::new(421, 4, 2, "Nothing came for ");
/// RFC 3463 §3.4: 4.3.2, system not accepting network messages.
const DRAINING: Reply = Reply::new(421, 3, 2, "Shutting down, try again later");
/// The certificate went while the session ran (SIGHUP).
const NO_CERTIFICATE: Reply = Reply::new(421, 7, 0, "TLS is not available any more, closing the connection");
/// RFC 5321 §4.5.3.2.5: the content as a whole must come to an end, too.
pub(super) const BODY_TOO_SLOW: Reply = Reply::new(421, 4, 2, "The message took too long, closing the connection");

/// RFC 5321 §3.8: there are too many sessions.
const FULL: Reply = Reply::new(421, 7, 0, "");

/// Most of a command that a log line shows.
const SHOWN: usize = 200;

/// What is said as a session ends, unless all is said or nobody is there.
pub(super) fn goodbye(end: &End) -> Option<Reply> {
    match end {
        End::Said | End::Left | End::Closed { .. } | End::Handshake(_) | End::Lost(_) => None,
        End::Silence(waited) => Some(IDLE.and(format_args!("{} seconds, closing the connection", waited.as_secs()))),
        End::Draining => Some(DRAINING),
        End::NoCertificate => Some(NO_CERTIFICATE),
    }
}

/// There are too many sessions of the client whose session this would be.
pub(super) fn full(full: Full) -> Reply {
    FULL.and(NoSession::Full(full).text())
}

/// A command for the log: no secret of a login, in whatever protocol's words, nothing that could begin a line of its own.
pub(super) fn shown(line: &[u8]) -> String {
    // Behind a bare line feed may be a whole login.
    let end = line.iter().position(|octet| *octet == b'\n').map_or(line.len(), |feed| feed + 1);
    let line = line.get(..end.min(SHOWN)).unwrap_or(line);
    let secret = Redactor::default().client(line);
    let line = line.get(..secret.unwrap_or(line.len())).unwrap_or_default();
    if let Some(mechanism) = named_mechanism(line) {
        return format!("AUTH {mechanism}");
    }
    let text = String::from_utf8_lossy(line);
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// How a session ends that closes with a reply.
pub(super) fn end(ending: Ending, reply: &Reply) -> End {
    let outcome = match ending {
        Ending::Said => return End::Said,
        Ending::Logins => Outcome::RefusedLogin,
        Ending::Commands => Outcome::TooManyErrors,
        Ending::Recipients => Outcome::RefusedMail,
        Ending::Draining => Outcome::ServerDraining,
        Ending::Fault => Outcome::Panicked,
    };
    End::Closed { outcome, why: reply.text().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_shows_no_secret() {
        for line in ["auth PLAIN AGFsaWNl", " AUTH PLAIN AGFsaWNl", "AUTH\tPLAIN\tAGFsaWNl", "AUTHPLAIN AGFsaWNl"] {
            assert_eq!(shown(line.as_bytes()), "AUTH PLAIN", "{line}");
        }
        assert_eq!(shown(b"AUTH AGFsaWNlAHNlY3JldA=="), "AUTH ");
        assert_eq!(shown(b"LOGIN alice geheim"), "LOGIN alice ");
        assert_eq!(shown(b"PASS geheim"), "PASS ");
        assert_eq!(shown(b"MAIL FROM:<a@b>\nPASS geheim"), "MAIL FROM:<a@b>?");
        assert!(shown(&[b'x'; 5000]).len() <= SHOWN);
    }
}
