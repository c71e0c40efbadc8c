//! The rule of the chain, in one place.

use crate::module::{Module, Request};
use crate::{Rejection, Verdict};

/// Asks module by module: ACCEPT ends it, REJECT passes on, TEMPFAIL ends it. If all reject, the first reason counts
/// that says more than "unknown". (MISSION 004-23)
pub(crate) async fn judge(modules: &[Box<dyn Module>], request: &Request) -> Verdict {
    let mut reason = Rejection::UnknownUser;
    for module in modules {
        let verdict = module.check(request).await;
        tracing::debug!(module = module.name(), verdict = ?verdict, "chain");
        match verdict {
            Verdict::Reject(Rejection::UnknownUser) => {}
            Verdict::Reject(why) if reason == Rejection::UnknownUser => reason = why,
            Verdict::Reject(_) => {}
            Verdict::Accept(_) | Verdict::TempFail(_) => return verdict,
        }
    }
    Verdict::Reject(reason)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use message::Address;
    use sasl::{Evidence, Mechanism, PasswordEvidence, Secret, scram};

    use super::*;
    use crate::module::{Abilities, Ability, Answer, Found};
    use crate::{Account, Attempt, Service, TempFail};

    /// Says always the same, and remembers nothing.
    #[derive(Debug)]
    struct Says(Verdict);

    impl Module for Says {
        fn name(&self) -> &'static str {
            "says"
        }

        fn check<'a>(&'a self, _: &'a Request) -> Answer<'a, Verdict> {
            Box::pin(async { self.0.clone() })
        }

        fn scram_keys<'a>(&'a self, _: &'a Address) -> Answer<'a, Result<Option<scram::Keys>, TempFail>> {
            Box::pin(async { Ok(None) })
        }

        fn invented_keys(&self, _: &str) -> Option<scram::Keys> {
            None
        }

        fn lookup(&self, _: &Address) -> Found {
            Found::Unknown
        }

        fn abilities(&self) -> Abilities {
            let no = || Ability::No(String::new());
            Abilities { password: no(), scram: no(), cram: no() }
        }
    }

    fn request() -> Request {
        let password = PasswordEvidence {
            mechanism: Mechanism::Plain,
            authzid: None,
            identity: "a@example.test".to_owned(),
            password: Secret::new("x"),
        };
        Request {
            attempt: Attempt { service: Service::Imap, peer: IpAddr::V4(Ipv4Addr::LOCALHOST), tls: true },
            user: Address::parse("a@example.test").ok(),
            evidence: Evidence::Password(password),
        }
    }

    async fn ask(verdicts: &[Verdict]) -> Verdict {
        let modules: Vec<Box<dyn Module>> = verdicts.iter().map(|v| Box::new(Says(v.clone())) as _).collect();
        judge(&modules, &request()).await
    }

    /// MISSION 004-23, 004-33.
    #[tokio::test]
    async fn accept_ends_reject_passes_on_tempfail_stops() {
        let address = Address::parse("a@example.test").expect("an address");
        let accept = Verdict::Accept(Account { address, maildir: "/m".into() });
        let tempfail = Verdict::TempFail(TempFail { module: "says", cause: "down".to_owned() });
        let unknown = Verdict::Reject(Rejection::UnknownUser);
        let wrong = Verdict::Reject(Rejection::WrongPassword);
        let not_allowed = Verdict::Reject(Rejection::NotAllowed);
        assert_eq!(ask(&[unknown.clone(), accept.clone(), tempfail.clone()]).await, accept);
        assert_eq!(ask(&[wrong.clone(), tempfail.clone(), accept.clone()]).await, tempfail);
        assert_eq!(ask(&[unknown.clone(), wrong.clone(), not_allowed.clone()]).await, wrong);
        assert_eq!(ask(&[not_allowed.clone(), unknown.clone()]).await, not_allowed);
        assert_eq!(ask(&[]).await, unknown);
    }
}
