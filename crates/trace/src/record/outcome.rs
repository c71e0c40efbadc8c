//! How a session ended: one of a closed set, with one word for each.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a session ended. Whoever reads the files can rely on these and no others. Where several are true, the first that is
/// the cause of the others counts: a client that is thrown out after three wrong passwords ended by
/// [`Outcome::RefusedLogin`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It goes on.
    Running,
    /// The client took its leave.
    Completed,
    /// The client closed without taking its leave.
    ClosedByClient,
    /// Nothing came for too long.
    TimedOut,
    /// The server went down.
    ServerDraining,
    /// It was ended over logins that were refused.
    RefusedLogin,
    /// It was ended over mail that was refused.
    RefusedMail,
    /// Too many sessions, of all or of this client.
    RefusedFull,
    /// This client is not served, whatever it says.
    RefusedClient,
    /// Too many commands that failed or are unknown.
    TooManyErrors,
    /// What came is not the protocol, so that there is no way to go on.
    ProtocolError,
    /// The handshake failed.
    TlsFailed,
    /// The client spoke TLS to a port that begins in clear.
    SpokeTlsToPlain,
    /// The client spoke in clear to a port that begins with TLS.
    SpokePlainToTls,
    /// There is no certificate to begin TLS with.
    NoCertificate,
    /// The connection broke.
    ConnectionLost,
    /// A proxy that is trusted did not say for whom it speaks.
    NoProxyHeader,
    /// Outbound: no connection came about.
    CouldNotConnect,
    /// Outbound: the other server's name leads to no address.
    HostNotFound,
    /// Outbound: TLS is demanded here, and the other server has none that will do.
    TlsNotGoodEnough,
    /// Outbound: the other server wants no session with us.
    RefusedByServer,
    /// Outbound: there is no mechanism that both sides know, or no login without TLS.
    LoginNotPossible,
    /// A fault of ours ended it.
    Panicked,
    /// Nobody said how it ended.
    Abandoned,
}

impl Outcome {
    /// Every one.
    pub const ALL: [Self; 24] = [
        Self::Running,
        Self::Completed,
        Self::ClosedByClient,
        Self::TimedOut,
        Self::ServerDraining,
        Self::RefusedLogin,
        Self::RefusedMail,
        Self::RefusedFull,
        Self::RefusedClient,
        Self::TooManyErrors,
        Self::ProtocolError,
        Self::TlsFailed,
        Self::SpokeTlsToPlain,
        Self::SpokePlainToTls,
        Self::NoCertificate,
        Self::ConnectionLost,
        Self::NoProxyHeader,
        Self::CouldNotConnect,
        Self::HostNotFound,
        Self::TlsNotGoodEnough,
        Self::RefusedByServer,
        Self::LoginNotPossible,
        Self::Panicked,
        Self::Abandoned,
    ];

    /// Its word in the files, for filters.
    pub fn word(self) -> &'static str {
        self.row().0
    }

    /// What happened, in a sentence for the person at the help desk.
    pub fn help(self) -> &'static str {
        self.row().1
    }

    /// Whether something went wrong. What a session refused on its way makes it bad, too: see [`super::Record::bad`].
    pub fn is_bad(self) -> bool {
        !matches!(self, Self::Running | Self::Completed | Self::ClosedByClient | Self::ServerDraining)
    }

    fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Running => ("running", "The session goes on."),
            Self::Completed => ("completed", "The client said goodbye."),
            Self::ClosedByClient => ("closed_by_client", "The client closed the connection without saying goodbye."),
            Self::TimedOut => ("timed_out", "Nothing came from the other side for too long."),
            Self::ServerDraining => ("server_draining", "This server was being stopped or restarted."),
            Self::RefusedLogin => ("refused_login", "The session was ended because logins were refused."),
            Self::RefusedMail => ("refused_mail", "The session was ended because its mail was refused."),
            Self::RefusedFull => ("refused_full", "There were too many sessions, in all or from this client."),
            Self::RefusedClient => ("refused_client", "This client is not served here, whatever it says."),
            Self::TooManyErrors => ("too_many_errors", "Too many commands failed or were unknown."),
            Self::ProtocolError => ("protocol_error", "What came is not this protocol."),
            Self::TlsFailed => ("tls_failed", "The TLS handshake failed."),
            Self::SpokeTlsToPlain => ("spoke_tls_to_plain", "The client spoke TLS to a port that begins in clear."),
            Self::SpokePlainToTls => {
                ("spoke_plain_to_tls", "The client spoke in clear to a port that begins with TLS.")
            }
            Self::NoCertificate => ("no_certificate", "There was no certificate to begin TLS with."),
            Self::ConnectionLost => ("connection_lost", "The connection broke."),
            Self::NoProxyHeader => ("no_proxy_header", "A proxy that is trusted did not say for whom it speaks."),
            Self::CouldNotConnect => ("could_not_connect", "No connection to the other server came about."),
            Self::HostNotFound => ("host_not_found", "The other server's name leads to no address."),
            Self::TlsNotGoodEnough => {
                ("tls_not_good_enough", "TLS is demanded, and the other server has none that will do.")
            }
            Self::RefusedByServer => ("refused_by_server", "The other server wants no session with this one."),
            Self::LoginNotPossible => ("login_not_possible", "The other server offers no login that is possible here."),
            Self::Panicked => ("panicked", "A fault in Gatepost ended the session: please report it."),
            Self::Abandoned => ("abandoned", "The session ended without a word: a task was cancelled."),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_the_same_words() {
        for outcome in Outcome::ALL {
            let text = serde_json::to_string(&outcome).expect("JSON");
            assert_eq!(text, format!("\"{outcome}\""));
            assert_eq!(serde_json::from_str::<Outcome>(&text).expect("read"), outcome);
            assert!(outcome.help().ends_with('.'));
        }
    }
}
