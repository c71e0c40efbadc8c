//! A pool of workers: so many questions at a time, so many more that wait, and only for so long (MISSION 004-21).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use config::Authd;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// The places of one config.
#[derive(Debug)]
pub(super) struct Places {
    free: Semaphore,
    workers: usize,
    waiting: AtomicUsize,
    queue: usize,
    wait: Duration,
}

/// Counts one who waits, for as long as it is there.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Places {
    pub(super) fn new(authd: &Authd) -> Self {
        let (free, waiting) = (Semaphore::new(authd.workers), AtomicUsize::new(0));
        Self { free, workers: authd.workers, waiting, queue: authd.queue, wait: authd.wait }
    }

    /// A place, now or soon; why not, in words.
    pub(super) async fn enter(&self) -> Result<SemaphorePermit<'_>, String> {
        if let Ok(place) = self.free.try_acquire() {
            return Ok(place);
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        if before >= self.queue {
            return Err(format!(
                "all {} workers are busy and {before} questions wait (authd.workers, authd.queue)",
                self.workers
            ));
        }
        match timeout(self.wait, self.free.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) => Err("the daemon ends".to_owned()),
            Err(_) => Err(format!(
                "no worker of {} was free within {:?} (authd.workers, authd.wait)",
                self.workers, self.wait
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(workers: usize, queue: usize) -> Places {
        Places::new(&Authd { workers, queue, wait: Duration::from_secs(2), ..Authd::default() })
    }

    /// MISSION 004-21: as many as there are workers, the others wait, and not for ever.
    #[tokio::test(start_paused = true)]
    async fn so_many_at_once_so_many_waiting_and_no_longer_than_that() {
        let places = places(1, 1);
        let place = places.enter().await.expect("free");
        let waits = places.enter();
        tokio::pin!(waits);
        assert!(timeout(Duration::from_secs(1), &mut waits).await.is_err(), "it waits");
        assert!(places.enter().await.expect_err("full").contains("1 questions wait"));
        drop(place);
        let place = waits.await.expect("its turn");
        assert!(places.enter().await.expect_err("late").contains("within 2s"));
        drop(place);
        assert!(places.enter().await.is_ok());
    }
}
