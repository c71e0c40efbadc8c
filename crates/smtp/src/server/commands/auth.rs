//! AUTH (RFC 4954 §4).

use sasl::{Early, Mechanism, Secret};

use crate::Reply;
use crate::server::login::decode;
use crate::server::state::State;
use crate::server::{Hello, Session, Step, Tls, Wording, replies};

/// After EHLO, once, outside a transaction, and not in clear unless the operator wants it so. A credential that comes
/// in clear against that is not even looked at: the reply must not tell whether it is good (MISSION 003-12).
pub(super) fn allowed(session: &Session) -> Result<(), Reply> {
    match session.state {
        _ if session.login.is_some() => Err(replies::AUTH_TWICE),
        _ if session.needs_tls() => Err(replies::TLS_FIRST),
        _ if !session.auth_possible() => Err(replies::NO_AUTH),
        _ if !matches!(session.hello, Some(Hello::Ehlo(_))) => Err(replies::EHLO_FIRST),
        State::Mail(_) => Err(replies::AUTH_IN_MAIL),
        _ => Ok(()),
    }
}

/// The mechanism that an argument names.
pub(super) fn named(argument: &str) -> Option<Mechanism> {
    argument.split(' ').next().and_then(Mechanism::from_name)
}

/// `"AUTH" SP sasl-mech [SP initial-response]`
pub(super) fn run(session: &mut Session, argument: &str) -> Step {
    let (name, initial) = match argument.split_once(' ') {
        Some((name, initial)) => (name, Some(initial.trim())),
        None => (argument, None),
    };
    if name.is_empty() {
        return Step::Reply(replies::NO_MECHANISM);
    }
    let offered = |mechanism: &Mechanism| session.mechanisms.contains(mechanism);
    let Some(mechanism) = Mechanism::from_name(name).filter(offered) else {
        session.early = Some((Mechanism::from_name(name), Early::NotOffered));
        return Step::Reply(replies::UNKNOWN_MECHANISM);
    };
    let initial = match initial {
        None => None,
        // RFC 4954 §4: `=` is an initial response of no octets.
        Some("=") => Some(Secret::new(Vec::new())),
        Some("*") => {
            session.early = Some((Some(mechanism), Early::Cancelled));
            return Step::Reply(replies::AUTH_CANCELLED);
        }
        Some(text) => match decode(text.as_bytes()) {
            Some(response) => Some(response),
            None => {
                session.early = Some((Some(mechanism), Early::Malformed("it is not base64".to_owned())));
                return Step::Reply(replies::BAD_BASE64);
            }
        },
    };
    session.start_login(mechanism, initial.as_ref())
}

impl Session {
    /// Whether AUTH must wait for STARTTLS.
    pub(in crate::server) fn needs_tls(&self) -> bool {
        self.policy.auth_needs_tls && self.tls == Tls::Offered
    }

    /// Whether an AUTH now is one in clear that ends the session.
    pub(in crate::server) fn cleartext_closes(&self) -> bool {
        self.policy.cleartext_closes && self.policy.auth_needs_tls && !matches!(self.tls, Tls::Active(_))
    }

    /// Whether an AUTH could succeed now.
    pub(in crate::server) fn auth_possible(&self) -> bool {
        let safe = !self.policy.auth_needs_tls || matches!(self.tls, Tls::Active(_));
        safe && Mechanism::sasl(&self.mechanisms).next().is_some()
    }

    /// What to tell who must log in first.
    pub(in crate::server) fn login_first(&self) -> Reply {
        // In qmail's words 538 is for AUTH: RFC 4954 §6 has 530 for the others.
        let rfc = self.policy.wording == Wording::Rfc;
        if rfc && self.needs_tls() { replies::TLS_FIRST } else { replies::LOGIN_FIRST }
    }
}
