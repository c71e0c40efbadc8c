//! APOP (RFC 1939 §7).

use sasl::{ApopEvidence, Evidence, Mechanism};

use super::auth;
use crate::Reply;
use crate::server::login::broken_login;
use crate::server::state::{Asked, State};
use crate::server::{Question, Session, Step, replies};

/// Where AUTH would be let pass, where it is offered, and where the greeting had a timestamp: after STLS there is no
/// second greeting, so what TLS adds to the offers comes too late for it.
pub(super) fn allowed(session: &Session) -> Result<(), Reply> {
    auth::allowed(session)?;
    let offered = session.mechanisms.contains(&Mechanism::Apop) && session.timestamp.is_some();
    if offered { Ok(()) } else { Err(replies::NO_APOP) }
}

/// `"APOP" SP name SP digest`; the name may have spaces.
pub(super) fn run(session: &mut Session, argument: &[u8]) -> Step {
    let argument = argument.trim_ascii();
    let Some(timestamp) = &session.timestamp else { return Step::Reply(replies::NO_APOP) };
    let space = argument.iter().rposition(|octet| *octet == b' ');
    let Some((name, digest)) = space.and_then(|at| argument.split_at_checked(at)) else {
        return Step::Reply(replies::BAD_LOGIN.and("APOP needs a name and a digest"));
    };
    match ApopEvidence::new(name.trim_ascii(), timestamp.to_string(), digest.trim_ascii()) {
        Ok(evidence) => {
            session.state = State::Asked(Asked::Password);
            Step::Ask(Question::Credentials(Evidence::Apop(evidence)))
        }
        Err(broken) => Step::Reply(broken_login(&broken)),
    }
}
