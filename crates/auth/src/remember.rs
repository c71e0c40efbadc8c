//! Verified passwords, remembered for a short time as keyed hashes: a phone that comes back every minute does not cost
//! an Argon2 each time. The key is random and only in memory.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use parking_lot::Mutex;
use sasl::Secret;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::random;

/// More accounts than this at once are remembered by forgetting others.
const MAX: usize = 10_000;

/// The memory of one process.
pub(crate) struct Memory {
    key: [u8; 32],
    lifetime: Duration,
    entries: Mutex<HashMap<String, Entry>>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    tag: [u8; 32],
    changed: u64,
    until: Instant,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Memory(lifetime {:?}, …)", self.lifetime)
    }
}

impl Memory {
    /// A lifetime of zero remembers nothing.
    pub(crate) fn new(lifetime: Duration) -> Self {
        Self { key: random::octets(), lifetime, entries: Mutex::default() }
    }

    /// Whether this password was right for this account, and the account has not changed since.
    pub(crate) fn knows(&self, account: &str, changed: u64, password: &Secret) -> bool {
        let Some(entry) = self.entries.lock().get(account).copied() else { return false };
        let same: bool = entry.tag.ct_eq(&self.tag(account, password)).into();
        same && entry.changed == changed && Instant::now() < entry.until
    }

    /// Remembers a password that was right while the account was as it was at `changed`.
    pub(crate) fn learn(&self, account: &str, changed: u64, password: &Secret) {
        if self.lifetime.is_zero() {
            return;
        }
        let now = Instant::now();
        let entry = Entry { tag: self.tag(account, password), changed, until: now + self.lifetime };
        let mut entries = self.entries.lock();
        if entries.len() >= MAX {
            entries.retain(|_, entry| entry.until > now);
        }
        if entries.len() >= MAX {
            entries.clear();
        }
        entries.insert(account.to_owned(), entry);
    }

    /// Account and password are apart by a NUL, which neither has.
    fn tag(&self, account: &str, password: &Secret) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(account.as_bytes());
        mac.update(&[0]);
        mac.update(password.expose());
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_password_of_the_same_account_unchanged() {
        let memory = Memory::new(Duration::from_secs(3600));
        let (right, wrong) = (Secret::new("right"), Secret::new("wrong"));
        memory.learn("a@x", 1, &right);
        assert!(memory.knows("a@x", 1, &right));
        assert!(!memory.knows("a@x", 1, &wrong));
        assert!(!memory.knows("a@x", 2, &right));
        assert!(!memory.knows("b@x", 1, &right));
        assert!(!format!("{memory:?}").contains("right"));
    }

    #[test]
    fn zero_switches_it_off() {
        let memory = Memory::new(Duration::ZERO);
        memory.learn("a@x", 1, &Secret::new("right"));
        assert!(!memory.knows("a@x", 1, &Secret::new("right")));
    }

    #[test]
    fn memory_is_bounded() {
        let memory = Memory::new(Duration::from_secs(3600));
        for n in 0..MAX + 5 {
            memory.learn(&n.to_string(), 1, &Secret::new("x"));
        }
        assert!(memory.entries.lock().len() <= MAX);
    }
}
