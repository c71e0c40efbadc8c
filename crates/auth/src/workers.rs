//! Password hashes: slow and hungry by design, so few at a time and never on a thread that does I/O.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;

/// Longer than this nobody waits for a worker: the client is told to come again, which is better than a reply after
/// it gave up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A bounded number of hashes at once.
#[derive(Debug, Clone)]
pub(crate) struct Workers {
    free: Arc<Semaphore>,
    started: Arc<AtomicU64>,
}

/// No worker was free in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("all hash workers are busy (auth.hash_workers is how many there are)")]
pub(crate) struct Busy;

impl Workers {
    pub(crate) fn new(number: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(number)), started: Arc::default() }
    }

    /// How many hashes were begun.
    pub(crate) fn started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    /// Runs `work` on a thread of its own. `again` is asked once a worker is free, before the work: what it yields is
    /// taken instead (the same login may have been judged meanwhile).
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        again: impl FnOnce() -> Option<T>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let permit = tokio::time::timeout(PATIENCE, self.free.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| Busy)?.map_err(|_| Busy)?;
        if let Some(known) = again() {
            return Ok(known);
        }
        self.started.fetch_add(1, Ordering::Relaxed);
        // The permit goes along: a session that is dropped meanwhile must not make room for one more hash.
        let work = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
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
                workers.run(|| None, work).await
            });
        }
        while let Some(done) = tasks.join_next().await {
            assert_eq!(done.expect("no panic"), Ok(()));
        }
        assert!((1..=2).contains(&most.load(Ordering::SeqCst)));
    }

    #[tokio::test]
    async fn what_is_known_meanwhile_is_not_computed() {
        let known = Workers::new(1).run(|| Some(7), || panic!("not needed")).await;
        assert_eq!(known, Ok(7));
    }
}
