//! What the caller wants probed, and with what.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use sasl::client::Credentials;

use crate::session::Stage;
use crate::target::Target;

/// The whole wish.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What.
    pub target: Target,
    /// The address to connect to, instead of those that the resolver knows for the target's name.
    pub at: Option<SocketAddr>,
    /// A login of the caller's; without it no password is sent.
    pub login: Option<Credentials>,
    /// Whether wrong passwords may be tried, to see how long a refusal takes.
    pub wrong_logins: bool,
    /// How far the server is trusted with the password.
    pub trust: Trust,
    /// A PEM file of authorities to believe beside the system's.
    pub authorities: Option<PathBuf>,
    /// Where to deliver the messages of the smuggling test; without it there is none.
    pub smuggling_to: Option<String>,
    /// How long one answer may take.
    pub wait: Duration,
}

/// Where the password may go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Trust {
    /// Inside TLS, to a server whose certificate is good.
    #[default]
    Verified,
    /// Inside TLS, to whoever is there.
    Anybody,
    /// Also in clear.
    Clear,
}

impl Trust {
    /// How far a session is opened with such a server.
    pub(crate) fn stage(self) -> Stage {
        if self == Self::Verified { Stage::Verified } else { Stage::Inside }
    }
}
