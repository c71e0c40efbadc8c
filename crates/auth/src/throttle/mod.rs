//! Failed logins, counted per address and per account; over a limit nobody is asked any more.

mod pending;
mod window;

use std::net::IpAddr;
use std::time::{Duration, Instant};

use config::Limits;
use hmac::{Hmac, KeyInit, Mac};
use parking_lot::Mutex;
use pending::Pending;
pub(crate) use pending::Underway;
use sha2::Sha256;
use window::Windows;

use crate::random;

/// The first failure waits `limits.auth_delay` for its answer, each further one within the window this much longer…
const STEP: Duration = Duration::from_millis(250);
/// … up to this, or `limits.auth_delay` if that is more.
const MAX_DELAY: Duration = Duration::from_secs(5);

/// The counts of one process. Bounded in memory: see [`Windows`].
pub(crate) struct Throttle {
    key: [u8; 32],
    counts: Mutex<Counts>,
    pending: Pending,
}

#[derive(Default)]
struct Counts {
    peers: Windows,
    accounts: Windows,
    /// Where somebody logged in to an account: who guesses elsewhere must not lock its owner out.
    known: Windows,
    /// Failures for an account from an address where its owner logged in.
    pairs: Windows,
}

impl std::fmt::Debug for Throttle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Throttle(…)")
    }
}

/// Who tries to log in to what, as keys of the counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Try {
    peer: u64,
    account: u64,
    both: u64,
}

impl Throttle {
    pub(crate) fn new() -> Self {
        Self { key: random::octets(), counts: Mutex::default(), pending: Pending::default() }
    }

    /// The keys of a login. The account need not exist: names that do not are counted alike.
    pub(crate) fn attempt(&self, peer: IpAddr, account: &str) -> Try {
        let network = network(peer);
        Try {
            peer: self.digest(&[&network]),
            account: self.digest(&[account.as_bytes()]),
            both: self.digest(&[&network, account.as_bytes()]),
        }
    }

    /// What tells one wrong password from another, without keeping it.
    pub(crate) fn password(&self, account: &str, password: &[u8]) -> u64 {
        self.digest(&[account.as_bytes(), password])
    }

    /// Whether somebody logged in to this account from this address not long ago. For them neither limit holds but one of
    /// their own, and their passwords are hashed first: who guesses, from the same office or at the same account, does not
    /// lock them out. A neighbour who guesses their very password is still stopped.
    pub(crate) fn is_known(&self, attempt: Try, limits: &Limits) -> bool {
        self.counts.lock().known.contains(attempt.both, limits.auth_failure_window, Instant::now())
    }

    /// Whether this login is not even looked at.
    #[cfg(test)]
    fn blocked(&self, attempt: Try, limits: &Limits, now: Instant) -> bool {
        self.room(attempt, limits, now).is_none()
    }

    /// Waits until the login may be looked at; `None` if it may not.
    pub(crate) async fn enter(&self, attempt: Try, limits: &Limits) -> Option<Underway> {
        loop {
            let one_left = self.pending.one_left();
            let room = self.room(attempt, limits, Instant::now())?;
            if let Some(underway) = self.pending.enter(room) {
                return Some(underway);
            }
            one_left.await;
        }
    }

    /// How many more failures there may be under each of two keys; `None` if under one there may be none.
    fn room(&self, attempt: Try, limits: &Limits, now: Instant) -> Option<[(u64, u32); 2]> {
        let window = limits.auth_failure_window;
        let counts = self.counts.lock();
        let left = |most: u32, windows: &Windows, key| match most.saturating_sub(windows.count(key, window, now)) {
            0 => None,
            room => Some(room),
        };
        if counts.known.contains(attempt.both, window, now) {
            let own = left(limits.auth_failures_per_account, &counts.pairs, attempt.both)?;
            return Some([(attempt.both, own), (attempt.peer, u32::MAX)]);
        }
        let peer = left(limits.auth_failures_per_ip, &counts.peers, attempt.peer)?;
        let account = left(limits.auth_failures_per_account, &counts.accounts, attempt.account)?;
        Some([(attempt.peer, peer), (attempt.account, account)])
    }

    /// Counts a failure, but the same wrong password again only once (a phone that was not told of the new password
    /// tries for days); the wait before the answer.
    pub(crate) fn failed(&self, attempt: Try, password: Option<u64>, limits: &Limits, now: Instant) -> Duration {
        let window = limits.auth_failure_window;
        let mut counts = self.counts.lock();
        let failures = counts.peers.failed(attempt.peer, password, window, now);
        counts.accounts.failed(attempt.account, password, window, now);
        counts.pairs.failed(attempt.both, password, window, now);
        delay(limits.auth_delay, failures)
    }

    /// Remembers that this account's owner comes from this address.
    pub(crate) fn succeeded(&self, attempt: Try, limits: &Limits, now: Instant) {
        let mut counts = self.counts.lock();
        counts.known.failed(attempt.both, None, limits.auth_failure_window, now);
    }

    /// How long the answer to a login waits that is refused for another reason than its password.
    pub(crate) fn least_delay(limits: &Limits) -> Duration {
        limits.auth_delay
    }

    /// A keyed hash: nobody can choose names that fall together.
    fn digest(&self, parts: &[&[u8]]) -> u64 {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let octets: [u8; 32] = mac.finalize().into_bytes().into();
        let (first, _) = octets.split_first_chunk().expect("32 octets are more than 8");
        u64::from_be_bytes(*first)
    }
}

fn delay(first: Duration, failures: u32) -> Duration {
    (first + STEP * failures.saturating_sub(1).min(1000)).min(MAX_DELAY.max(first))
}

/// What counts as one address: a house or a company has one IPv4 address or a /64.
fn network(peer: IpAddr) -> [u8; 8] {
    match peer.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            // No /64 begins like that: ::/64 holds no hosts.
            [0, 0, 0, 4, a, b, c, d]
        }
        IpAddr::V6(ip) => {
            let [a, b, c, d, e, f, g, h, ..] = ip.octets();
            [a, b, c, d, e, f, g, h]
        }
    }
}

#[cfg(test)]
mod tests;
