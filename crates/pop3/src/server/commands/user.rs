//! USER (RFC 1939 §7).

use sasl::Mechanism;

use super::auth;
use crate::Reply;
use crate::server::state::State;
use crate::server::{Session, Step, replies};

/// Where AUTH would be let pass, and where there is somebody who can check passwords.
pub(super) fn allowed(session: &Session) -> Result<(), Reply> {
    auth::allowed(session)?;
    if session.takes_passwords() { Ok(()) } else { Err(replies::NO_PASSWORDS) }
}

/// Every name is accepted: who exists is not told.
pub(super) fn run(session: &mut Session, argument: &[u8]) -> Step {
    match sasl::identity(argument.trim_ascii()) {
        Ok(user) => {
            session.state = State::Authorization(Some(user));
            Step::Reply(replies::USER_OK)
        }
        Err(broken) => Step::Reply(crate::server::login::broken_login(&broken)),
    }
}

impl Session {
    /// Whether USER and PASS are offered: as PLAIN is, which shows the server the same.
    pub(in crate::server) fn takes_passwords(&self) -> bool {
        self.mechanisms.contains(&Mechanism::Plain) && !self.needs_tls()
    }
}
