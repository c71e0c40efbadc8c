//! `[trace]`

use std::time::Duration;

use crate::kinds::{DAY, GIB, HOUR, MIB, duration, flag, size};
use crate::section::section;

section! {
    /// What is kept of every session, for `gatepost trace`: who came, what was done, and of those that went wrong what was
    /// said. Passwords never get in, mail neither.
    pub struct Trace = "trace" "[trace]" {
        /// Whether sessions are recorded.
        enabled: bool = true => flag();
        /// How much room the records take in `<data>/trace`. The oldest go first.
        size: u64 = 256 * MIB => size(MIB..=256 * GIB);
        /// How long they are kept at most.
        age: Duration = 14 * DAY => duration(HOUR..=3650 * DAY);
    }
}
