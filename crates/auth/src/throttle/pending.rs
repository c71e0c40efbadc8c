//! Attempts that are being judged: they count against the limits until it is known what they are. Otherwise who guesses in
//! parallel could pass a limit by as many guesses as fit between two looks at the counts.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// How many attempts are under way, for each address and account.
#[derive(Debug, Default, Clone)]
pub(super) struct Pending(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    counts: Mutex<HashMap<u64, u32>>,
    one_left: Notify,
}

/// An attempt under way; dropping it makes room.
#[derive(Debug)]
pub(crate) struct Underway {
    pending: Pending,
    keys: [u64; 2],
}

impl Pending {
    /// Enters if both keys have room, each for as many as is said beside it.
    pub(super) fn enter(&self, keys: [(u64, u32); 2]) -> Option<Underway> {
        let mut counts = self.0.counts.lock();
        if keys.iter().any(|(key, room)| counts.get(key).is_some_and(|count| count >= room)) {
            return None;
        }
        let keys = keys.map(|(key, _)| key);
        keys.iter().for_each(|key| *counts.entry(*key).or_default() += 1);
        Some(Underway { pending: self.clone(), keys })
    }

    /// Waits until an attempt is over: begun before the look at the counts, so that none is missed.
    pub(super) fn one_left(&self) -> tokio::sync::futures::Notified<'_> {
        self.0.one_left.notified()
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        let mut counts = self.pending.0.counts.lock();
        for key in &self.keys {
            if let Some(count) = counts.get_mut(key) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(key);
                }
            }
        }
        drop(counts);
        self.pending.0.one_left.notify_waiters();
    }
}
