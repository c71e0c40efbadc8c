//! Bodies in memory between acceptance and delivery, up to a budget; beyond it they are read back from the spool.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

/// Octets of bodies kept in memory.
#[derive(Debug)]
pub(crate) struct Budget {
    used: AtomicUsize,
    limit: usize,
}

/// A body within the budget, which gets its octets back when this is dropped.
#[derive(Debug)]
pub(crate) struct CachedBody {
    pub(crate) octets: Bytes,
    budget: Arc<Budget>,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { used: AtomicUsize::new(0), limit })
    }

    /// Keeps a body, if there is room.
    pub(crate) fn keep(self: &Arc<Self>, octets: Bytes) -> Option<Arc<CachedBody>> {
        let used = self.used.fetch_add(octets.len(), Ordering::Relaxed) + octets.len();
        // Dropping it again gives back what was just taken.
        let body = CachedBody { octets, budget: Arc::clone(self) };
        (used <= self.limit).then(|| Arc::new(body))
    }
}

impl Drop for CachedBody {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.octets.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_makes_room() {
        let budget = Budget::new(10);
        let first = budget.keep(Bytes::from_static(b"123456")).expect("room for six");
        assert!(budget.keep(Bytes::from_static(b"12345")).is_none());
        assert!(budget.keep(Bytes::from_static(b"1234")).is_some());
        drop(first);
        assert!(budget.keep(Bytes::from_static(b"1234567890")).is_some());
    }
}
