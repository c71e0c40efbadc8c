//! A module for tests: it says always the same, or what it is told to say next.

use std::time::Duration;

use message::Address;
use parking_lot::Mutex;
use sasl::{Evidence, Mechanism, PasswordEvidence, Secret};

use crate::guard::Guarded;
use crate::module::{Abilities, Answer, Module, Request, Who};
use crate::trail::Trail;
use crate::{Account, Attempt, Service, TempFail, Verdict};

/// The module.
#[derive(Debug)]
pub(crate) struct Says {
    verdicts: Mutex<Vec<Verdict>>,
    delay: Duration,
    hashing: bool,
}

impl Says {
    /// Says these, one after the other, and the last one from then on.
    pub(crate) fn these(verdicts: &[Verdict]) -> Self {
        Self { verdicts: Mutex::new(verdicts.iter().rev().cloned().collect()), delay: Duration::ZERO, hashing: false }
    }

    /// Takes its time for hashes, not for its store.
    pub(crate) fn hashing(mut self) -> Self {
        self.hashing = true;
        self
    }

    /// Takes this long for each answer.
    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// In bounds.
    pub(crate) fn guarded(self, rules: config::Guard) -> Guarded {
        Guarded::new(Box::new(self), rules)
    }
}

impl Module for Says {
    fn name(&self) -> &'static str {
        "says"
    }

    fn check<'a>(&'a self, request: &'a Request) -> Answer<'a, Verdict> {
        Box::pin(async {
            if self.hashing {
                request.who.trail.hashes();
            }
            tokio::time::sleep(self.delay).await;
            let mut verdicts = self.verdicts.lock();
            let next = if verdicts.len() > 1 { verdicts.pop() } else { verdicts.last().cloned() };
            next.expect("there is always one")
        })
    }

    fn abilities(&self) -> Abilities {
        Abilities::password_only("says takes passwords".to_owned(), "says keeps nothing")
    }

    fn survey<'a>(&'a self, _: &'a Trail) -> Answer<'a, Result<(), TempFail>> {
        Box::pin(async { Ok(()) })
    }
}

/// A login of `a@example.test` with a password.
pub(crate) fn request(password: &str) -> Request {
    let identity = "a@example.test".to_owned();
    let evidence = PasswordEvidence {
        mechanism: Mechanism::Plain,
        authzid: None,
        identity: identity.clone(),
        password: Secret::new(password),
    };
    let address = Address::parse(&identity).ok();
    Request {
        attempt: Attempt::new(Service::Imap, std::net::Ipv4Addr::LOCALHOST.into(), true),
        who: Who { identity, address, service: Service::Imap, trail: Trail::default() },
        evidence: Evidence::Password(evidence),
        known: false,
    }
}

/// ACCEPT.
pub(crate) fn accept() -> Verdict {
    Verdict::accept(Account::new(Address::parse("a@example.test").expect("an address"), "/m".into()))
}

/// TEMPFAIL.
pub(crate) fn tempfail() -> Verdict {
    Verdict::TempFail(TempFail { module: "says", cause: "down".to_owned() })
}
