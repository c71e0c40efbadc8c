//! `[queue]`

use std::time::Duration;

use crate::kinds::{DAY, GIB, HOUR, MIB, MINUTE, SECOND, count, duration, list, size};
use crate::section::section;

section! {
    /// How mail is kept until it is delivered, and how long. See `queue.md`.
    pub struct Queue = "queue" "[queue]" {
        /// Waits between attempts; the last one repeats.
        retry: Vec<Duration> = vec![MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR]
            => list(duration(SECOND..=7 * DAY));
        /// A message older than this is sent back (RFC 5321 §4.5.4.1: at least 4 to 5 days).
        lifetime: Duration = 5 * DAY => duration(SECOND..=60 * DAY);
        /// The sender is told once that a message is late, after this. `"0"` never tells.
        warn_after: Duration = 4 * HOUR => duration(Duration::ZERO..=60 * DAY);
        /// Size of one file of the journal.
        segment_size: u64 = 64 * MIB => size(MIB..=4 * GIB);
        /// Messages on their way to local mailboxes at once.
        local_concurrency: usize = 16 => count(1..=1000);
        /// Messages on their way to other servers at once.
        relay_concurrency: usize = 100 => count(1..=10_000);
        /// Connections to one destination at once.
        destination_concurrency: usize = 10 => count(1..=1000);
        /// Free disk space below which new mail is deferred with 452.
        min_free: u64 = 100 * MIB => size(0..=1024 * GIB);
    }
}
