//! LOGIN (draft-murchison-sasl-login): the old form with two prompts.

use super::{Broken, Step};
use crate::{Evidence, Mechanism, PasswordEvidence, field};

/// The prompts, to the letter: old phones compare them (MISSION 002-24).
pub(super) const USERNAME: &[u8] = b"Username:";
const PASSWORD: &[u8] = b"Password:";

/// The user name, once it has come.
#[derive(Debug, Default)]
pub(super) struct Login {
    identity: Option<String>,
}

impl Login {
    /// Takes the user name (which may be the initial response), then the password.
    pub(super) fn read(&mut self, response: &[u8]) -> Result<Step, Broken> {
        let Some(identity) = self.identity.take() else {
            self.identity = Some(field::identity(response)?);
            return Ok(Step::Challenge(PASSWORD.to_vec()));
        };
        let password = field::password(response)?;
        let evidence = PasswordEvidence { mechanism: Mechanism::Login, authzid: None, identity, password };
        Ok(Step::Judge(Evidence::Password(evidence)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;
    use crate::server::{Context, Exchange};

    fn challenge(step: Step) -> Vec<u8> {
        match step {
            Step::Challenge(octets) => octets,
            other => panic!("{other:?}"),
        }
    }

    /// MISSION 000-14: with and without an initial response.
    #[test]
    fn both_beginnings() {
        for initial in [None, Some(&b""[..]), Some(b"test@example.test")] {
            let (mut exchange, mut step) = Exchange::start(Mechanism::Login, &Context::clear("host"), initial);
            if initial.is_none_or(<[u8]>::is_empty) {
                assert_eq!(challenge(step), b"Username:");
                step = exchange.respond(b"test@example.test");
            }
            assert_eq!(challenge(step), b"Password:");
            let Step::Judge(Evidence::Password(evidence)) = exchange.respond(b"pass word") else { panic!() };
            assert_eq!((evidence.identity.as_str(), evidence.mechanism), ("test@example.test", Mechanism::Login));
            assert_eq!(evidence.password, Secret::new("pass word"));
            assert!(matches!(exchange.accepted(), Step::Done));
        }
    }

    #[test]
    fn hostile_names_and_passwords() {
        for name in [&b"a\0b"[..], b"a\r\nRSET", &[b'a'; 256], b"\xff"] {
            let (mut exchange, step) = Exchange::start(Mechanism::Login, &Context::clear("host"), Some(name));
            assert!(matches!(step, Step::Broken(_)), "{name:?}");
            assert!(matches!(exchange.respond(b"x"), Step::Broken(_)));
        }
        let (mut exchange, _) = Exchange::start(Mechanism::Login, &Context::clear("host"), Some(b"a"));
        assert!(matches!(exchange.respond(b""), Step::Broken(_)));
    }
}
