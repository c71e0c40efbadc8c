//! The server tries each mechanism that it offers against itself, with an account that is not there for anybody else
//! (MISSION 000-11): what cannot succeed here could never succeed for anybody, and is not offered any more.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use message::Address;
use parking_lot::Mutex;
use sasl::{Evidence, Mechanism, Secret, scram};

use crate::attempts::{Count, Outcome};
use crate::directory::{Census, Directory, Entry, Reader, Shared, Standing};
use crate::module::{Answer, Module, Request, Who};
use crate::offers::Offer;
use crate::scheme::{Bare, Stored};
use crate::trail::Trail;
use crate::trial::{End, Judge, run};
use crate::{Account, Attempt, Auth, Service, TempFail, Verdict, password, random};

const NAME: &str = "self-test";
/// RFC 2606 §2: a name that is never anybody's.
const USER: &str = "self-test@gatepost.invalid";
/// How often a mechanism that nobody ever succeeds with is told in the log.
const TELL_EVERY: Duration = Duration::from_secs(24 * 3600);

/// What the last test found, and when the log was told what.
#[derive(Debug, Default)]
pub(crate) struct SelfTest {
    failed: Mutex<BTreeMap<Mechanism, String>>,
    told: Mutex<BTreeMap<String, Instant>>,
}

impl SelfTest {
    /// Takes back the offers of mechanisms that failed.
    pub(crate) fn withdraw(&self, mut offers: Vec<Offer>) -> Vec<Offer> {
        let failed = self.failed.lock();
        for offer in &mut offers {
            if let (true, Some(why)) = (offer.offered, failed.get(&offer.mechanism)) {
                (offer.offered, offer.why) = (false, format!("withdrawn: the server's test of itself failed: {why}"));
            }
        }
        offers
    }

    /// The mechanisms that failed, and why.
    pub(crate) fn failed(&self) -> Vec<(Mechanism, String)> {
        self.failed.lock().iter().map(|(mechanism, why)| (*mechanism, why.clone())).collect()
    }

    fn found(&self, mechanism: Mechanism, failure: Option<String>) {
        let mut failed = self.failed.lock();
        match failure {
            None if failed.remove(&mechanism).is_some() => {
                tracing::info!(%mechanism, "the server's test of itself succeeds again: offered where it was");
            }
            None => {}
            Some(why) => {
                tracing::error!(%mechanism, why, "WITHDRAWN: the server's test of itself failed, it is not offered any more");
                failed.insert(mechanism, why);
            }
        }
    }
}

/// Mechanisms that were tried in vain, and never with success, since the start.
pub(crate) fn never_worked(counts: &[Count]) -> Vec<(String, u64)> {
    let mut tries: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for count in counts {
        let (worked, failed) = tries.entry(&count.mechanism).or_default();
        match count.outcome {
            Outcome::Ok => *worked += count.attempts,
            // Of users who exist: whoever guesses names proves nothing about a mechanism.
            Outcome::WrongPassword | Outcome::MechanismNotPossible | Outcome::BadExchange => *failed += count.attempts,
            _ => {}
        }
    }
    let never = tries.into_iter().filter(|(_, (worked, failed))| *worked == 0 && *failed > 0);
    never.map(|(mechanism, (_, failed))| (mechanism.to_owned(), failed)).collect()
}

impl Auth {
    /// Tries each mechanism that is offered, and those that were withdrawn.
    pub async fn self_test(&self) {
        let offered = self.offers(true).into_iter().filter(|offer| offer.offered).map(|offer| offer.mechanism);
        let withdrawn = self.tested().failed().into_iter().map(|(mechanism, _)| mechanism);
        for mechanism in offered.chain(withdrawn).collect::<Vec<_>>() {
            let Some(stored) = stored(mechanism) else { continue };
            let failure = attempt(mechanism, Synthetic(stored), &self.shared()).await.err();
            self.tested().found(mechanism, failure);
        }
    }

    /// The mechanisms that are withdrawn, and why.
    pub fn withdrawn(&self) -> Vec<(String, String)> {
        self.tested().failed().into_iter().map(|(mechanism, why)| (mechanism.name().to_owned(), why)).collect()
    }

    /// Tests again and again, from one interval after now on, and tells the log once a day of mechanisms that fail for everybody.
    pub async fn keep_self_tested(self) {
        let (weak, mut interval) = (self.downgrade(), self.self_test_interval());
        drop(self);
        loop {
            // The server has just been tested at its start.
            tokio::time::sleep(if interval.is_zero() { TELL_EVERY } else { interval }).await;
            let Some(auth) = weak.upgrade() else { return };
            interval = auth.self_test_interval();
            if !interval.is_zero() {
                auth.self_test().await;
            }
            auth.tell_what_never_worked();
        }
    }

    fn tell_what_never_worked(&self) {
        let mut told = self.tested().told.lock();
        for (mechanism, failures) in never_worked(&self.attempts().counts()) {
            if told.get(&mechanism).is_none_or(|told| told.elapsed() >= TELL_EVERY) {
                tracing::warn!(
                    mechanism,
                    failures,
                    "nobody has ever logged in by this mechanism since the start, but some have tried: see `gatepost auth log`"
                );
                told.insert(mechanism, Instant::now());
            }
        }
    }
}

/// What a mechanism needs to be kept; `None` where a password is not what is shown.
fn stored(mechanism: Mechanism) -> Option<Vec<Stored>> {
    let secret = secret();
    if let Some(hash) = mechanism.scram_hash() {
        let salt = random::octets::<16>().to_vec();
        return Some(vec![Stored::Scram(scram::Keys::derive(hash, secret.expose(), salt, scram::MIN_ITERATIONS))]);
    }
    match mechanism {
        Mechanism::Plain | Mechanism::Login => {
            Stored::parse(&password::hash(&secret), Bare::Crypt).ok().map(|hash| vec![hash])
        }
        Mechanism::CramMd5 | Mechanism::Apop => Some(vec![Stored::Clear(secret)]),
        _ => None,
    }
}

/// Not a secret to anybody: the account is in no chain.
fn secret() -> Secret {
    Secret::new("correct horse battery staple")
}

/// Runs one exchange with the right password and one with a wrong one.
async fn attempt(mechanism: Mechanism, store: Synthetic, shared: &Shared) -> Result<(), String> {
    let reader = Reader::new(store, shared);
    let login = async |password: Secret| run(mechanism, (USER, password), &Tester(&reader)).await;
    match login(secret()).await {
        End::Judged(Verdict::Accept(_)) => {}
        End::Judged(Verdict::Reject(reason)) => {
            return Err(format!("the right password was refused: {}", crate::record::words(reason)));
        }
        End::Judged(Verdict::TempFail(tempfail)) => return Err(tempfail.to_string()),
        End::Broken(why) => return Err(why),
    }
    match login(Secret::new("a wrong one")).await {
        End::Judged(Verdict::Accept(_)) => Err("a wrong password was accepted".to_owned()),
        _ => Ok(()),
    }
}

/// A store with one account, in memory.
#[derive(Debug)]
struct Synthetic(Vec<Stored>);

/// Its reader as the server's side of an exchange.
struct Tester<'a>(&'a Reader<Synthetic>);

fn address() -> Address {
    Address::parse(USER).expect("an address")
}

fn who() -> Who {
    Who { identity: USER.to_owned(), address: Some(address()), service: Service::Imap, trail: Trail::default() }
}

impl Directory for Synthetic {
    fn name(&self) -> &'static str {
        NAME
    }

    fn entry<'a>(&'a self, _: &'a Who) -> Answer<'a, Result<Option<Entry>, TempFail>> {
        let account = Account::new(address(), "/nonexistent".into());
        let entry = Entry { account, stored: self.0.clone(), standing: Standing::Active, version: 0 };
        Box::pin(async { Ok(Some(entry)) })
    }

    fn census<'a>(&'a self, _: &'a Trail) -> Answer<'a, Result<Census, TempFail>> {
        Box::pin(async { Ok(Census::default()) })
    }
}

impl Judge for Tester<'_> {
    fn keys<'a>(&'a self, _: &'a str, hash: scram::Hash) -> Answer<'a, Result<scram::Keys, TempFail>> {
        Box::pin(async move {
            let none = || TempFail { module: NAME, cause: "no keys, though they are kept".to_owned() };
            self.0.scram_keys(&who(), hash).await?.ok_or_else(none)
        })
    }

    fn judge(&self, evidence: Evidence) -> Answer<'_, Verdict> {
        Box::pin(async move {
            let attempt = Attempt::new(Service::Imap, Ipv4Addr::LOCALHOST.into(), true);
            self.0.check(&Request { attempt, who: who(), evidence, known: true }).await
        })
    }
}

#[cfg(test)]
mod tests {
    use config::Config;

    use super::*;

    fn auth() -> (tempfile::TempDir, Auth) {
        let data = tempfile::tempdir().expect("a folder");
        crate::accounts::Store::open(&crate::accounts::Store::path(data.path())).expect("a store");
        let auth = Auth::new(&Config::example(data.path()));
        (data, auth)
    }

    /// MISSION 000-11: all that can be tried with a password succeeds with the right one only.
    #[tokio::test]
    async fn every_mechanism_works_with_what_it_needs() {
        let (_data, auth) = auth();
        for mechanism in Mechanism::ALL {
            let Some(stored) = stored(mechanism) else { continue };
            assert_eq!(attempt(mechanism, Synthetic(stored), &auth.shared()).await, Ok(()), "{mechanism}");
        }
    }

    /// MISSION 000-09, 000-11: CRAM-MD5 against a hash, the bug that stood for eight years, would be found at the start.
    #[tokio::test]
    async fn what_cannot_succeed_is_withdrawn_and_comes_back() {
        let (_data, auth) = auth();
        let hash = stored(Mechanism::Plain).expect("a hash");
        let failure = attempt(Mechanism::CramMd5, Synthetic(hash), &auth.shared()).await.expect_err("it cannot");
        assert_eq!(failure, "the right password was refused: mechanism not possible");
        auth.tested().found(Mechanism::Plain, Some(failure));
        let plain = |auth: &Auth| auth.offers(true).into_iter().find(|offer| offer.mechanism == Mechanism::Plain);
        let offer = plain(&auth).expect("it is listed");
        assert!(!offer.offered && offer.why.starts_with("withdrawn: "), "{}", offer.why);
        auth.self_test().await;
        assert!(plain(&auth).is_some_and(|offer| offer.offered), "it is tried again, and works");
    }

    #[test]
    fn a_mechanism_that_only_ever_fails_is_told() {
        let count = |mechanism: &str, outcome, attempts| Count {
            service: "smtp".to_owned(),
            mechanism: mechanism.to_owned(),
            outcome,
            attempts,
        };
        let counts = [
            count("CRAM-MD5", Outcome::WrongPassword, 7),
            count("PLAIN", Outcome::Ok, 1),
            count("PLAIN", Outcome::WrongPassword, 100),
            count("LOGIN", Outcome::UnknownUser, 100),
        ];
        assert_eq!(never_worked(&counts), [("CRAM-MD5".to_owned(), 7)]);
    }
}
