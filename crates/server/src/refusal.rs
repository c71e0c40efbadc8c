//! What a client is told that cannot have a session, in its own protocol, before anything is read from it.

use config::Service;
use trace::SessionId;

use crate::admission::Full;

/// The one line that says no: as greeting, so it ends the session. The id finds it in the log.
pub(crate) fn line(service: Service, full: Full, host: &str, id: SessionId) -> String {
    let text = match full {
        Full::Server => "too many connections, try again later",
        Full::Address => "too many connections from your address, close one or try again later",
    };
    match service {
        // RFC 5321 §3.1 lets a server greet with an error; §3.8: 421 says that it closes.
        Service::Smtp | Service::Submission | Service::Submissions => format!("421 4.7.0 {host} {text} [{id}]\r\n"),
        // RFC 3206 §4: the problem is ours and passes.
        Service::Pop3 | Service::Pop3s => format!("-ERR [SYS/TEMP] {text} [{id}]\r\n"),
        // RFC 3501 §7.1.5: BYE as greeting; RFC 5530 §3 has the code.
        Service::Imap | Service::Imaps => format!("* BYE [UNAVAILABLE] {text} [{id}]\r\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_has_its_own_words() {
        let id = SessionId::random();
        let line = |service| super::line(service, Full::Server, "mail.example.test", id);
        assert_eq!(
            line(Service::Submission),
            format!("421 4.7.0 mail.example.test too many connections, try again later [{id}]\r\n")
        );
        assert_eq!(line(Service::Pop3s), format!("-ERR [SYS/TEMP] too many connections, try again later [{id}]\r\n"));
        assert!(line(Service::Imap).starts_with("* BYE [UNAVAILABLE] too many"));
    }
}
