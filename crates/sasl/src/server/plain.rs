//! PLAIN (RFC 4616).

use super::{Broken, Step};
use crate::{Evidence, Mechanism, PasswordEvidence, field};

/// `message = [authzid] NUL authcid NUL passwd` (RFC 4616 §2)
pub(super) fn read(message: &[u8]) -> Result<Step, Broken> {
    let mut parts = message.split(|octet| *octet == 0);
    let (Some(authzid), Some(authcid), Some(password), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Broken::Syntax("PLAIN needs three parts with NUL between them"));
    };
    Ok(Step::Judge(Evidence::Password(PasswordEvidence {
        mechanism: Mechanism::Plain,
        authzid: field::authzid(authzid)?,
        identity: field::identity(authcid)?,
        password: field::password(password)?,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;
    use crate::server::{Context, Exchange};

    fn evidence(message: &[u8]) -> PasswordEvidence {
        let (mut exchange, step) = Exchange::start(Mechanism::Plain, &Context::clear("host"), Some(message));
        let Step::Judge(Evidence::Password(evidence)) = step else { panic!("{step:?}") };
        assert!(matches!(exchange.accepted(), Step::Done));
        evidence
    }

    /// RFC 4616 §4.
    #[test]
    fn the_examples_of_the_rfc() {
        let tim = evidence(b"\0tim\0tanstaaftanstaaf");
        assert_eq!((tim.authzid, tim.identity.as_str()), (None, "tim"));
        assert_eq!(tim.password, Secret::new("tanstaaftanstaaf"));
        let kurt = evidence(b"Ursel\0Kurt\0xipj3plmq");
        assert_eq!((kurt.authzid.as_deref(), kurt.identity.as_str()), (Some("Ursel"), "Kurt"));
    }

    /// MISSION 003-11: what swaks sends.
    #[test]
    fn what_swaks_sends() {
        let message = crate::wire::initial_response(b"AHRlc3RAZG9tYWluLmNvbQBwYXNzd29yZA==").unwrap();
        assert_eq!(evidence(&message).identity, "test@domain.com");
    }

    #[test]
    fn without_an_initial_response_an_empty_challenge_asks_for_it() {
        let (mut exchange, step) = Exchange::start(Mechanism::Plain, &Context::clear("host"), None);
        assert!(matches!(step, Step::Challenge(empty) if empty.is_empty()));
        assert!(matches!(exchange.respond(b"\0tim\0secret"), Step::Judge(_)));
        assert!(matches!(exchange.respond(b"\0tim\0secret"), Step::Broken(_)));
    }

    #[test]
    fn hostile_messages() {
        for message in
            [&b""[..], b"tim\0secret", b"\0tim\0secret\0", b"\0\0secret", b"\0tim\0", b"\0t\nm\0secret", &[0; 9999]]
        {
            let (mut exchange, step) = Exchange::start(Mechanism::Plain, &Context::clear("host"), Some(message));
            assert!(matches!(step, Step::Broken(Broken::Syntax(_))), "{message:?}");
            assert!(matches!(exchange.accepted(), Step::Broken(_)));
        }
    }
}
