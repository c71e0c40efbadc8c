//! Counts that fade.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// More addresses or accounts than this are not kept apart at once.
const MAX: usize = 20_000;
/// Different wrong passwords that are remembered of one address or account.
const PASSWORDS: usize = 8;
/// Less than this counts as nothing.
const FADED: f64 = 0.1;

/// A count for each key, that halves in half a window.
#[derive(Debug, Default)]
pub(crate) struct Windows(HashMap<u64, Window>);

#[derive(Debug, Clone, Copy)]
struct Window {
    count: f64,
    at: Instant,
    /// Wrong passwords seen lately, as keyed hashes; the newest replaces the oldest.
    passwords: [Option<u64>; PASSWORDS],
    next: usize,
}

impl Window {
    fn new(now: Instant) -> Self {
        Self { count: 0.0, at: now, passwords: [None; PASSWORDS], next: 0 }
    }

    fn faded(&self, window: Duration, now: Instant) -> f64 {
        let halves = now.saturating_duration_since(self.at).as_secs_f64() / (window.as_secs_f64() / 2.0);
        self.count * 0.5_f64.powf(halves)
    }
}

/// Counts fade at once: three failures are 2.9999 a moment later, and still three.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count is small and not negative")]
fn whole(count: f64) -> u32 {
    count.round() as u32
}

impl Windows {
    /// The count as it is now, to the nearest whole number.
    pub(crate) fn count(&self, key: u64, window: Duration, now: Instant) -> u32 {
        self.0.get(&key).map_or(0, |found| whole(found.faded(window, now)))
    }

    /// Whether there is a count that has not faded.
    pub(crate) fn contains(&self, key: u64, window: Duration, now: Instant) -> bool {
        self.0.get(&key).is_some_and(|found| found.faded(window, now) > FADED)
    }

    /// Adds one, unless it is a wrong password that was counted; the count.
    pub(crate) fn failed(&mut self, key: u64, password: Option<u64>, window: Duration, now: Instant) -> u32 {
        if self.0.len() >= MAX && !self.0.contains_key(&key) {
            self.make_room(window, now);
        }
        let found = self.0.entry(key).or_insert_with(|| Window::new(now));
        let count = found.faded(window, now);
        if password.is_some() && found.passwords.contains(&password) {
            return whole(count);
        }
        found.count = count + 1.0;
        found.at = now;
        if password.is_some() {
            found.passwords[found.next % PASSWORDS] = password;
            found.next += 1;
        }
        whole(found.count)
    }

    /// Forgets what has faded; if that is too little, the lowest half: who floods the table with new names only
    /// pushes out names of the same sort.
    fn make_room(&mut self, window: Duration, now: Instant) {
        self.0.retain(|_, found| found.faded(window, now) > FADED);
        if self.0.len() < MAX {
            return;
        }
        let mut counts: Vec<f64> = self.0.values().map(|found| found.faded(window, now)).collect();
        let (_, median, _) = counts.select_nth_unstable_by(MAX / 2, f64::total_cmp);
        let median = *median;
        self.0.retain(|_, found| found.faded(window, now) > median);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
