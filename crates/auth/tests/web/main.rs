//! The modules that ask on the web, against servers of the test's own (MISSION 004-20).
#![cfg(feature = "http")]

mod issuer;
mod judge;
mod server;
mod tokens;

use std::net::IpAddr;

use auth::{Account, Attempt, Auth, Service, Told, Verdict};
use sasl::{Evidence, Mechanism, PasswordEvidence, Secret};

fn attempt() -> Attempt {
    Attempt::new(Service::Imap, IpAddr::from([192, 0, 2, 1]), true)
}

fn password(identity: &str, password: &str) -> Evidence {
    Evidence::Password(PasswordEvidence {
        mechanism: Mechanism::Plain,
        authzid: None,
        identity: identity.to_owned(),
        password: Secret::new(password),
    })
}

async fn explain(auth: &Auth, evidence: Evidence) -> Told {
    auth.explain(attempt(), evidence).await
}

fn tempfail(verdict: Verdict) -> String {
    match verdict {
        Verdict::TempFail(tempfail) => tempfail.cause,
        other => panic!("{other:?} is no TEMPFAIL"),
    }
}

fn accepted(verdict: Verdict) -> Account {
    match verdict {
        Verdict::Accept(account) => *account,
        other => panic!("{other:?} is no ACCEPT"),
    }
}
