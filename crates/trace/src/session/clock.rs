//! When something was said.

use std::time::Duration;

use rustix::time::{ClockId, Timespec, clock_gettime};

/// A moment of a session, as of the kernel's last tick (clock_gettime(2), `CLOCK_MONOTONIC_COARSE`: 4 ms, or 1). It is asked for
/// every line, and the exact time takes four times as long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(Duration);

impl Moment {
    pub(super) fn now() -> Self {
        let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::MonotonicCoarse);
        // Neither is negative, nor are there more nanoseconds than a second has.
        Self(Duration::new(tv_sec.unsigned_abs(), u32::try_from(tv_nsec).unwrap_or_default()))
    }

    /// Milliseconds since then.
    pub(super) fn elapsed(self) -> u32 {
        let passed = Self::now().0.saturating_sub(self.0);
        u32::try_from(passed.as_millis()).unwrap_or(u32::MAX)
    }
}
