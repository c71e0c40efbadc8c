//! Logins that ended before there was anything to judge: for the log of attempts.

use sasl::{Early, Mechanism};

use crate::attempts::Outcome;

/// What a session tells of a login that did not get as far as [`crate::Auth::check`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unjudged {
    /// By which mechanism, if it is known.
    pub mechanism: Option<Mechanism>,
    /// Whose it would have been; empty where no name came.
    pub identity: String,
    /// What happened.
    pub end: Early,
    /// Whether a password came with it. In clear, it is known to whoever listened.
    pub password: bool,
}

impl Unjudged {
    /// Of an exchange that named nobody.
    pub fn nobody(mechanism: Option<Mechanism>, end: Early) -> Self {
        Self { mechanism, identity: String::new(), end, password: false }
    }

    /// A password that came in clear where that is forbidden.
    pub fn exposed(identity: String) -> Self {
        Self { mechanism: Some(Mechanism::Plain), identity, end: Early::Cleartext, password: true }
    }

    pub(crate) fn is_exposed(&self) -> bool {
        self.password && self.end == Early::Cleartext
    }

    pub(crate) fn outcome(&self) -> (Outcome, String) {
        match &self.end {
            Early::Cancelled => (Outcome::Aborted, "the client cancelled".to_owned()),
            Early::Left => (Outcome::Aborted, "the client left in the middle".to_owned()),
            Early::Malformed(what) => (Outcome::BadExchange, what.clone()),
            Early::Cleartext => {
                (Outcome::CleartextRefused, "no TLS, and auth.require_tls is true; it was not looked at".to_owned())
            }
            Early::NotOffered => (Outcome::MechanismNotPossible, "it is not offered here".to_owned()),
        }
    }
}
