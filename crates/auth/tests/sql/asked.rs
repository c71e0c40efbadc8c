//! A chain of one SQL module, and what it answers.

use std::net::IpAddr;

use auth::{Account, Attempt, Auth, Rejection, Service, Told, Verdict};
use config::Config;
use sasl::{Evidence, Mechanism, PasswordEvidence, Secret};

/// Gatepost's own password at the database. It must never be told.
pub(crate) const PASSWORD: &str = "gate-s3cret";

pub(crate) struct Asked {
    pub(crate) auth: Auth,
}

impl Asked {
    pub(crate) fn new(config: &Config) -> Self {
        Self { auth: Auth::new(config) }
    }

    async fn told(&self, name: &str, password: &str, service: Service) -> Told {
        let evidence = Evidence::Password(PasswordEvidence {
            mechanism: Mechanism::Plain,
            authzid: None,
            identity: name.to_owned(),
            password: Secret::new(password),
        });
        let attempt = Attempt::new(service, IpAddr::from([192, 0, 2, 1]), true);
        let told = self.auth.explain(attempt, evidence).await;
        let shown = format!("{told:?}");
        assert!(!shown.contains(PASSWORD) && !shown.contains("$argon2"), "{shown}");
        told
    }

    pub(crate) async fn login_to(&self, service: Service, name: &str, password: &str) -> Verdict {
        self.told(name, password, service).await.verdict
    }

    pub(crate) async fn account(&self, name: &str, password: &str) -> Account {
        match self.told(name, password, Service::Imap).await {
            Told { verdict: Verdict::Accept(account), .. } => *account,
            told => panic!("{name}: {told:#?}"),
        }
    }

    /// The accounts that are listed, by name, and what says the version of the database.
    pub(crate) async fn listed(&self) -> (Vec<Account>, Option<String>) {
        let (mut listed, examined) = (Vec::new(), self.auth.examine().await);
        let unlisted = self.auth.list(&mut |_, account| listed.push(account.expect("an account"))).await;
        assert!(unlisted.is_empty() && examined[0].trouble.is_none(), "{unlisted:?} {examined:?}");
        listed.sort_by_key(|account| account.address.to_string());
        (listed, examined[0].version.clone())
    }

    pub(crate) async fn refused(&self, name: &str, password: &str, reason: Rejection) {
        let told = self.told(name, password, Service::Imap).await;
        assert_eq!(told.verdict, Verdict::Reject(reason), "{name:?}: {:#?}", told.lines);
    }

    /// Why it could not tell; all of these words must be in it.
    pub(crate) async fn trouble(&self, words: &[&str]) -> String {
        let told = self.told("brian@example.test", "right", Service::Imap).await;
        let Verdict::TempFail(tempfail) = &told.verdict else { panic!("{told:#?}") };
        for word in words {
            assert!(tempfail.cause.contains(word), "no {word:?} in {:?}", tempfail.cause);
        }
        tempfail.cause.clone()
    }

    /// Whether a mechanism is offered inside TLS, and why, after a survey.
    pub(crate) async fn offer(&self, mechanism: Mechanism) -> (bool, String) {
        self.auth.survey().await;
        let offer = self.auth.offers(true).into_iter().find(|offer| offer.mechanism == mechanism);
        let offer = offer.expect("every mechanism has a verdict");
        (offer.offered, offer.why)
    }
}
