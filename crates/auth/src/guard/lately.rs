//! Who logged in not long ago, for `on_unreachable = "cached"`: keyed hashes of name and password, in memory only.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use parking_lot::Mutex;
use sasl::PasswordEvidence;
use sha2::Sha256;

use crate::{Account, Service, random};

/// Logins that are remembered; with more, the oldest are forgotten.
const MAX: usize = 10_000;

/// The memory of one module.
pub(super) struct Lately {
    key: [u8; 32],
    max_age: Duration,
    logins: Mutex<HashMap<[u8; 32], (Account, Instant)>>,
}

impl std::fmt::Debug for Lately {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lately(max_age {:?}, …)", self.max_age)
    }
}

impl Lately {
    pub(super) fn new(max_age: Duration) -> Self {
        Self { key: random::octets(), max_age, logins: Mutex::default() }
    }

    pub(super) fn learn(&self, evidence: &PasswordEvidence, service: Service, account: &Account) {
        let mut logins = self.logins.lock();
        if logins.len() >= MAX {
            logins.retain(|_, (_, at)| at.elapsed() < self.max_age);
        }
        if logins.len() >= MAX
            && let Some(oldest) = logins.iter().min_by_key(|(_, (_, at))| *at).map(|(tag, _)| *tag)
        {
            logins.remove(&oldest);
        }
        logins.insert(self.tag(evidence, service), (account.clone(), Instant::now()));
    }

    /// It is not right any more.
    pub(super) fn forget(&self, evidence: &PasswordEvidence, service: Service) {
        self.logins.lock().remove(&self.tag(evidence, service));
    }

    pub(super) fn knows(&self, evidence: &PasswordEvidence, service: Service) -> Option<Account> {
        let logins = self.logins.lock();
        let (account, at) = logins.get(&self.tag(evidence, service))?;
        (at.elapsed() < self.max_age).then(|| account.clone())
    }

    /// A keyed hash: looking it up tells nothing of the password, whatever time it takes.
    fn tag(&self, evidence: &PasswordEvidence, service: Service) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        for part in [service.name().as_bytes(), evidence.identity.as_bytes(), evidence.password.expose()] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}
