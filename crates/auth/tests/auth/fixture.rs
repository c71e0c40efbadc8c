//! A folder with an account store, and a chain on it.

use std::net::IpAddr;

use auth::accounts::Store;
use auth::{Attempt, Auth, Service, Verdict};
use config::Config;
use message::Address;
use sasl::{Evidence, Mechanism, PasswordEvidence, Secret};
use tempfile::TempDir;

pub(crate) struct Fixture {
    pub(crate) dir: TempDir,
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) auth: Auth,
}

/// `alice@example.test` with the password `right`, and what `change` makes of the config.
pub(crate) fn fixture(change: impl FnOnce(&mut Config)) -> Fixture {
    let dir = tempfile::tempdir().expect("a folder");
    let mut config = Config::example(dir.path());
    change(&mut config);
    let store = Store::open(&Store::path(dir.path())).expect("a store");
    store.add(&address("alice@example.test"), &Secret::new("right")).expect("a new account");
    let auth = Auth::new(&config);
    Fixture { dir, config, store, auth }
}

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

pub(crate) fn attempt(service: Service) -> Attempt {
    Attempt::new(service, IpAddr::from([192, 0, 2, 1]), true)
}

pub(crate) fn plain(identity: &str, password: &str) -> Evidence {
    Evidence::Password(PasswordEvidence {
        mechanism: Mechanism::Plain,
        authzid: None,
        identity: identity.to_owned(),
        password: Secret::new(password),
    })
}

impl Fixture {
    /// A login by password over IMAP.
    pub(crate) async fn login(&self, identity: &str, password: &str) -> Verdict {
        self.auth.check(attempt(Service::Imap), plain(identity, password)).await.0
    }
}
