//! Password hashes: slow and hungry by design, so few at a time and never on a thread that does I/O.

mod line;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use line::Line;

/// Longer than this nobody waits for a worker: the client is told to come again, which is better than a reply after
/// it gave up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A bounded number of hashes at once.
#[derive(Debug, Clone)]
pub(crate) struct Workers {
    line: Arc<Line>,
    started: Arc<AtomicU64>,
}

/// Who goes first where many wait for a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Who logged in from the same address not long ago. A flood of guesses does not stand in their way.
    Known,
    /// Everybody else.
    Stranger,
}

/// No worker was free in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("all hash workers are busy (auth.hash_workers is how many there are)")]
pub(crate) struct Busy;

impl Workers {
    pub(crate) fn new(number: usize) -> Self {
        Self { line: Arc::new(Line::new(number)), started: Arc::default() }
    }

    /// How many hashes were begun.
    pub(crate) fn started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    /// Runs `work` on a thread of its own. `again` is asked once a worker is free, before the work: what it yields is
    /// taken instead (the same login may have been judged meanwhile).
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        lane: Lane,
        again: impl FnOnce() -> Option<T>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let place = tokio::time::timeout(PATIENCE, self.line.enter(lane)).await;
        let place = place.map_err(|_| Busy)?.ok_or(Busy)?;
        if let Some(known) = again() {
            return Ok(known);
        }
        self.started.fetch_add(1, Ordering::Relaxed);
        // The place goes along: a session that is dropped meanwhile must not make room for one more hash.
        let work = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        work.await.map_err(|_| Busy)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[tokio::test]
    async fn no_more_than_allowed_at_once() {
        let workers = Workers::new(2);
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (workers, now, most) = (workers.clone(), now.clone(), most.clone());
            tasks.spawn(async move {
                let work = move || {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    now.fetch_sub(1, Ordering::SeqCst);
                };
                workers.run(Lane::Stranger, || None, work).await
            });
        }
        while let Some(done) = tasks.join_next().await {
            assert_eq!(done.expect("no panic"), Ok(()));
        }
        assert!((1..=2).contains(&most.load(Ordering::SeqCst)));
    }

    #[tokio::test]
    async fn what_is_known_meanwhile_is_not_computed() {
        let known = Workers::new(1).run(Lane::Known, || Some(7), || panic!("not needed")).await;
        assert_eq!(known, Ok(7));
    }
}
