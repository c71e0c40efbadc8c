//! A panic ends one session, and nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

/// The session panicked; what it said is in the log already (the panic hook of `trace` has it with the session's id).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Panicked;

/// Runs a future to its end or its panic. After a panic it is never polled again, so its broken state is seen by nobody;
/// what it shares with others is behind locks that do not poison and are held for whole changes only.
pub(crate) async fn contained<T>(mut future: Pin<Box<dyn Future<Output = T> + Send>>) -> Result<T, Panicked> {
    std::future::poll_fn(move |cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        polled.map_or(Poll::Ready(Err(Panicked)), |poll| poll.map(Ok))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_a_value() {
        assert_eq!(contained(Box::pin(async { 7 })).await, Ok(7));
        let broken = async {
            tokio::task::yield_now().await;
            assert_eq!(1, 2, "on purpose");
        };
        assert_eq!(contained(Box::pin(broken)).await, Err(Panicked));
    }
}
