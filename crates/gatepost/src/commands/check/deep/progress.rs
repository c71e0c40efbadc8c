//! What is being done, on a terminal: walking many accounts takes time.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};

/// Things between two words.
const EVERY: u64 = 500;

/// Says on a terminal what is being done; on nothing else.
#[derive(Debug)]
pub(super) struct Progress {
    shown: bool,
    count: AtomicU64,
}

impl Progress {
    /// On standard error.
    pub(super) fn new() -> Self {
        Self { shown: io::stderr().is_terminal(), count: AtomicU64::new(0) }
    }

    /// Something else begins.
    pub(super) fn begin(&self, what: &str) {
        self.count.store(0, Ordering::Relaxed);
        self.say(what);
    }

    /// One more of many.
    pub(super) fn one(&self, what: &str) {
        let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        if count.is_multiple_of(EVERY) {
            self.say(&format!("{what}: {count}"));
        }
    }

    fn say(&self, what: &str) {
        if self.shown {
            // Whoever closed it does not want to see it.
            drop(write!(io::stderr(), "\r\x1b[Kchecking {what}"));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            drop(write!(io::stderr(), "\r\x1b[K"));
        }
    }
}
