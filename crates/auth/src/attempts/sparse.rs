//! What comes in floods is written down in part only.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Throttled attempts that are written down within a second.
const PER_SECOND: u32 = 20;

/// Lets some through in each second.
#[derive(Debug, Default)]
pub(super) struct Sparse(Mutex<Option<(Instant, u32)>>);

impl Sparse {
    /// Whether this one is among them.
    pub(super) fn admits(&self, now: Instant) -> bool {
        let mut second = self.0.lock();
        match &mut *second {
            Some((since, count)) if now.saturating_duration_since(*since) < Duration::from_secs(1) => {
                *count += 1;
                *count <= PER_SECOND
            }
            _ => {
                *second = Some((now, 1));
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_in_a_second() {
        let (sparse, start) = (Sparse::default(), Instant::now());
        let admitted = |at: Duration| (0..1000).filter(|_| sparse.admits(start + at)).count();
        assert_eq!((admitted(Duration::ZERO), admitted(Duration::from_millis(900))), (PER_SECOND as usize, 0));
        assert_eq!(admitted(Duration::from_millis(1100)), PER_SECOND as usize);
    }
}
