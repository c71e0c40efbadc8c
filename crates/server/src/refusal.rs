//! What a client is told that cannot have a session, in its own protocol, before anything is read from it.

use config::Service;
use trace::SessionId;

use crate::admission::Full;

/// Why there is no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoSession {
    /// There are too many.
    Full(Full),
    /// Clear text came where TLS begins (MISSION 004-31).
    InClear,
    /// A trusted proxy did not say for whom it speaks.
    NoProxyHeader,
}

impl NoSession {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Full(Full::Server) => "too many connections, try again later",
            Self::Full(Full::Address) => "too many connections from your address, close one or try again later",
            Self::InClear => "this port begins with TLS: set the program to SSL/TLS, or take the port for STARTTLS",
            Self::NoProxyHeader => "from your address, a session begins with a PROXY header",
        }
    }
}

/// The one line that says no: as greeting, so it ends the session. The id finds it in the log.
pub(crate) fn line(service: Service, why: NoSession, host: &str, id: SessionId) -> String {
    let (text, passes) = (why.text(), matches!(why, NoSession::Full(_)));
    match service {
        // RFC 5321 §3.1 lets a server greet with an error; §3.8: 421 says that it closes.
        Service::Smtp | Service::Submission | Service::Submissions => format!("421 4.7.0 {host} {text} [{id}]\r\n"),
        // RFC 3206 §4: the problem is ours and passes.
        Service::Pop3 | Service::Pop3s => format!("-ERR {}{text} [{id}]\r\n", if passes { "[SYS/TEMP] " } else { "" }),
        // RFC 3501 §7.1.5: BYE as greeting; RFC 5530 §3 has the code.
        Service::Imap | Service::Imaps => {
            format!("* BYE {}{text} [{id}]\r\n", if passes { "[UNAVAILABLE] " } else { "" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_has_its_own_words() {
        let id = SessionId::random();
        let line = |service| super::line(service, NoSession::Full(Full::Server), "mail.example.test", id);
        assert_eq!(
            line(Service::Submission),
            format!("421 4.7.0 mail.example.test too many connections, try again later [{id}]\r\n")
        );
        assert_eq!(line(Service::Pop3s), format!("-ERR [SYS/TEMP] too many connections, try again later [{id}]\r\n"));
        assert!(line(Service::Imap).starts_with("* BYE [UNAVAILABLE] too many"));
    }
}
