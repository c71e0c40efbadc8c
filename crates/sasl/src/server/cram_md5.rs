//! CRAM-MD5 (RFC 2195), the server's side.

use super::{Broken, Step};
use crate::{CramEvidence, Evidence, cram, field};

/// A challenge that was sent.
#[derive(Debug)]
pub(super) struct Challenge(Vec<u8>);

impl Challenge {
    /// A new one.
    pub(super) fn fresh(host: &str) -> Self {
        Self(cram::challenge(host).into_bytes())
    }

    /// Its octets.
    pub(super) fn octets(&self) -> &[u8] {
        &self.0
    }

    /// `user SP digest`; the name may have spaces, the digest is 32 hexadecimal digits (any case: old clients differ).
    pub(super) fn read(&mut self, response: &[u8]) -> Result<Step, Broken> {
        let space = response.iter().rposition(|octet| *octet == b' ');
        let (identity, digest) = space
            .and_then(|at| Some((response.get(..at)?, response.get(at + 1..)?)))
            .ok_or(Broken::Syntax("CRAM-MD5 needs a user name, a space and a digest"))?;
        let digest = cram::from_hex(digest).ok_or(Broken::Syntax("the digest is not 32 hexadecimal digits"))?;
        let (identity, challenge) = (field::identity(identity)?, std::mem::take(&mut self.0));
        Ok(Step::Judge(Evidence::Cram(CramEvidence { identity, challenge, digest })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::{Context, Exchange};
    use crate::{Mechanism, Secret};

    /// RFC 2195 §3, and again with the digest in upper case.
    #[test]
    fn the_example_of_the_rfc() {
        for response in [&b"tim b913a602c7eda7a495b4e6e7334d3890"[..], b"tim B913A602C7EDA7A495B4E6E7334D3890"] {
            let mut challenge = Challenge(b"<1896.697170952@postoffice.reston.mci.net>".to_vec());
            let Ok(Step::Judge(Evidence::Cram(evidence))) = challenge.read(response) else { panic!() };
            assert_eq!(evidence.identity, "tim");
            assert!(evidence.verify(&Secret::new("tanstaaftanstaaf")));
            assert!(!evidence.verify(&Secret::new("tanstaaftanstaag")));
            assert!(evidence.verify_contexts(&cram::Contexts::of(&Secret::new("tanstaaftanstaaf"))));
            assert!(!evidence.verify_contexts(&cram::Contexts::of(&Secret::new("tanstaaftanstaag"))));
        }
    }

    /// MISSION 000-07: the challenge looks as RFC 2195 says, and is new each time.
    #[test]
    fn challenges_are_unique_and_name_the_host() {
        let challenge = || match Exchange::start(Mechanism::CramMd5, &Context::clear("mail.example.test"), None).1 {
            Step::Challenge(octets) => String::from_utf8(octets).unwrap(),
            other => panic!("{other:?}"),
        };
        let (first, second) = (challenge(), challenge());
        assert_ne!(first, second);
        assert!(first.starts_with('<') && first.ends_with("@mail.example.test>"), "{first}");
    }

    #[test]
    fn names_may_have_spaces() {
        let mut challenge = Challenge::fresh("host");
        let response = b"tim the first b913a602c7eda7a495b4e6e7334d3890";
        let Ok(Step::Judge(Evidence::Cram(evidence))) = challenge.read(response) else { panic!() };
        assert_eq!(evidence.identity, "tim the first");
    }

    #[test]
    fn hostile_responses() {
        let digest = "b913a602c7eda7a495b4e6e7334d3890";
        for response in
            ["", "tim", " ", &format!(" {digest}"), &format!("tim {digest}0"), &format!("t\0m {digest}"), "tim 0x"]
        {
            let (mut exchange, _) = Exchange::start(Mechanism::CramMd5, &Context::clear("host"), None);
            assert!(matches!(exchange.respond(response.as_bytes()), Step::Broken(_)), "{response}");
        }
        let (_, step) = Exchange::start(Mechanism::CramMd5, &Context::clear("host"), Some(b"tim"));
        assert!(matches!(step, Step::Broken(Broken::Syntax(_))));
    }
}
