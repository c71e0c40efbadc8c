//! EXTERNAL (RFC 4422 §A): the certificate that TLS has verified already.

use super::{Broken, Step};
use crate::{Certificate, CertificateEvidence, Evidence, field};

/// Waits for the authorization identity.
#[derive(Debug)]
pub(super) struct External(Option<Box<Certificate>>);

impl External {
    /// Of a client that has shown this certificate, or none.
    pub(super) fn new(certificate: Option<Certificate>) -> Self {
        Self(certificate.map(Box::new))
    }

    /// RFC 4422 §A.1: `initial-response = *( UTF8-char-no-nul )`; nothing is the identity of the certificate itself.
    pub(super) fn read(&mut self, message: &[u8]) -> Result<Step, Broken> {
        let authzid = field::authzid(message)?;
        let certificate =
            self.0.take().ok_or(Broken::Syntax("no client certificate was shown in the TLS handshake"))?;
        let Certificate { names, fingerprint } = *certificate;
        Ok(Step::Judge(Evidence::Certificate(CertificateEvidence { authzid, names, fingerprint })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::{Context, Exchange};
    use crate::{Channel, Mechanism};

    fn start(certificate: bool, initial: Option<&[u8]>) -> (Exchange, Step) {
        let shown = Certificate { names: vec!["fred@example.com".to_owned()], fingerprint: [7; 32] };
        let channel = Channel { certificate: certificate.then_some(shown), ..Channel::CLEAR };
        Exchange::start(Mechanism::External, &Context::new("host", &channel, &Mechanism::ALL), initial)
    }

    /// RFC 4422 §A.2: `C: AUTH EXTERNAL =` for oneself, and as `fred@example.com`.
    #[test]
    fn the_examples_of_the_rfc() {
        for (initial, asked) in [(&b""[..], None), (b"fred@example.com", Some("fred@example.com"))] {
            let (mut exchange, step) = start(true, Some(initial));
            let Step::Judge(Evidence::Certificate(evidence)) = step else { panic!("{step:?}") };
            assert_eq!((evidence.authzid.as_deref(), evidence.identity()), (asked, "fred@example.com"));
            assert_eq!(evidence.fingerprint, [7; 32]);
            assert!(matches!(exchange.accepted(), Step::Done));
        }
    }

    #[test]
    fn the_server_asks_where_nothing_came_and_no_certificate_is_nobody() {
        let (mut exchange, step) = start(true, None);
        assert!(matches!(step, Step::Challenge(empty) if empty.is_empty()));
        assert!(matches!(exchange.respond(b""), Step::Judge(_)));
        assert!(matches!(exchange.rejected(), Step::Refused));
        assert!(matches!(start(false, Some(b"")).1, Step::Broken(Broken::Syntax(_))));
        for hostile in [&b"a\0b"[..], b"\xff", b"a\r\nb", &[b'a'; 256]] {
            assert!(matches!(start(true, Some(hostile)).1, Step::Broken(Broken::Syntax(_))), "{hostile:?}");
        }
    }
}
