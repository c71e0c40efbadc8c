//! PASS (RFC 1939 §7).

use sasl::{Early, Evidence, Mechanism, PasswordEvidence};

use crate::server::login::broken_login;
use crate::server::state::{Asked, State};
use crate::server::{Question, Session, Step, replies};

/// After USER. The argument is the password with all its spaces.
pub(super) fn run(session: &mut Session, argument: &[u8]) -> Step {
    let State::Authorization(Some(user)) = &session.state else { return Step::Reply(replies::USER_FIRST) };
    let evidence = PasswordEvidence::new(Mechanism::Plain, user.as_bytes(), argument);
    match evidence {
        Ok(evidence) => {
            session.state = State::Asked(Asked::Password);
            Step::Ask(Question::Credentials(Evidence::Password(evidence)))
        }
        Err(broken) => {
            session.early = Some((Some(Mechanism::Plain), Early::from(&broken)));
            Step::Reply(broken_login(&broken))
        }
    }
}
