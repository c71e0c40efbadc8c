//! Whether the disk has room for another message; asked at most once a second.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::{Moment, Spool};

/// How long an answer counts.
const FRESH: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(crate) struct Space {
    /// Microseconds since 1970.
    asked: AtomicU64,
    full: AtomicBool,
}

impl Space {
    /// At least `least` octets are free, or were within the last second. A disk that cannot be asked is tried.
    pub(crate) fn is_enough(&self, spool: &dyn Spool, least: u64, now: Moment) -> bool {
        let asked = Moment(self.asked.load(Ordering::Relaxed));
        if now.since(asked) >= FRESH || now < asked {
            let full = spool.available().is_ok_and(|free| free < least);
            if full && !self.full.load(Ordering::Relaxed) {
                tracing::error!(min_free = least, "disk almost full: new mail is deferred");
            }
            self.full.store(full, Ordering::Relaxed);
            self.asked.store(now.0, Ordering::Relaxed);
        }
        !self.full.load(Ordering::Relaxed)
    }
}
