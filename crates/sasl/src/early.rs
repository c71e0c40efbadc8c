//! How an exchange ends before it has shown anything that could be judged.

use crate::server::Broken;

/// Why there is nothing to judge. For the operator's log: the client was told by the protocol's reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Early {
    /// The client sent `*`.
    Cancelled,
    /// It left in the middle.
    Left,
    /// What it sent is no message of the mechanism; what is wrong with it.
    Malformed(String),
    /// It came in clear where that is forbidden.
    Cleartext,
    /// The mechanism is not offered.
    NotOffered,
}

impl From<&Broken> for Early {
    fn from(broken: &Broken) -> Self {
        match broken {
            Broken::Cancelled => Self::Cancelled,
            broken => Self::Malformed(broken.to_string()),
        }
    }
}
