//! Panics, failed flushes, a spool that refuses, a full disk, a restart.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Fake, MINUTE, START, Scene, accepting, body, delivered, envelope, failed};
use crate::{AcceptError, Filter, Message, MessageState, QueueId, Recovered};

#[tokio::test(start_paused = true)]
async fn a_panic_defers_the_message_that_is_to_blame_and_no_other() {
    let local = Fake {
        takes: Duration::from_millis(1),
        ..Fake::new(|to, _| if to.local() == "cursed" { panic!("as the test wants") } else { delivered() })
    };
    let scene = Scene::new(local, accepting());
    for to in ["a@example.org", "cursed@example.org", "b@example.org", "c@example.org"] {
        scene.accept(&[to]).await;
    }
    scene.pass(Duration::from_secs(30)).await;
    let left = scene.queue.list(&Filter::default());
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].recipients[0].address, "cursed@example.org");
    assert_eq!(left[0].recipients[0].status.as_deref(), Some("4.3.0"));
    scene.pass(Duration::from_secs(60)).await;
    assert!(scene.local.seen.lock().iter().filter(|s| s.to == ["cursed@example.org"]).any(|s| s.replay));
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_flushed_is_delivered_again_as_a_replay() {
    let scene = Scene::new(accepting(), accepting());
    scene.local.flush_fails.store(true, Ordering::Relaxed);
    scene.accept(&["a@example.org"]).await;
    scene.pass(Duration::from_secs(30)).await;
    assert_eq!(scene.left(), 1);
    scene.pass(MINUTE).await;
    assert_eq!(scene.local.seen.lock().iter().map(|s| s.replay).collect::<Vec<_>>(), [false, true]);
    assert_eq!(scene.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_ends_later_does_not_make_a_lost_flush_forgotten() {
    let relay = Fake { takes: Duration::from_secs(10), ..accepting() };
    let scene = Scene::new(accepting(), relay);
    scene.local.flush_fails.store(true, Ordering::Relaxed);
    scene.accept(&["a@example.org", "b@one.example"]).await;
    scene.pass(2 * MINUTE).await;
    assert_eq!(scene.local.seen.lock().iter().map(|s| s.replay).collect::<Vec<_>>(), [false, true]);
    assert_eq!(scene.relay.seen.lock().len(), 1);
    assert_eq!(scene.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_could_not_be_recorded_is_recorded_later_and_not_repeated() {
    let relay = Fake { takes: Duration::from_secs(10), ..accepting() };
    let scene = Scene::new(accepting(), relay);
    scene.accept(&["a@one.example"]).await;
    scene.spool.refuses.store(true, Ordering::Relaxed);
    scene.pass(Duration::from_secs(100)).await;
    assert_eq!(scene.spool.messages.lock().len(), 1);
    scene.spool.refuses.store(false, Ordering::Relaxed);
    scene.pass(MINUTE).await;
    assert_eq!(scene.relay.seen.lock().len(), 1);
    assert_eq!(scene.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_bounce_that_could_not_be_written_is_written_later() {
    let relay = Fake { takes: Duration::from_secs(10), ..Fake::new(|_, _| failed()) };
    let scene = Scene::new(accepting(), relay);
    scene.accept(&["a@one.example"]).await;
    scene.spool.refuses.store(true, Ordering::Relaxed);
    scene.pass(Duration::from_secs(100)).await;
    assert_eq!(scene.local.seen.lock().len(), 0);
    scene.spool.refuses.store(false, Ordering::Relaxed);
    scene.pass(2 * MINUTE).await;
    assert_eq!(scene.relay.seen.lock().len(), 1);
    assert_eq!(scene.local.seen.lock().iter().filter(|s| s.to == ["alice@example.org"]).count(), 1);
    assert_eq!(scene.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_taken_that_could_not_be_kept() {
    let scene = Scene::new(accepting(), accepting());
    scene.spool.refuses.store(true, Ordering::Relaxed);
    let refused = scene.queue.accept(envelope(None, &["a@example.org"]), body()).await;
    assert_eq!(refused, Err(AcceptError::Journal("journal: no luck".into())));
    scene.spool.refuses.store(false, Ordering::Relaxed);
    scene.spool.free.store(999, Ordering::Relaxed);
    scene.pass(Duration::from_secs(2)).await;
    let refused = scene.queue.accept(envelope(None, &["a@example.org"]), body()).await;
    assert_eq!(refused, Err(AcceptError::NoSpace));
    scene.spool.free.store(1000, Ordering::Relaxed);
    scene.pass(Duration::from_secs(2)).await;
    scene.accept(&["a@example.org"]).await;
    scene.pass(MINUTE).await;
    assert_eq!(scene.local.seen.lock().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_there_before_is_carried_as_a_replay_with_its_body() {
    let state = MessageState::new(1, START);
    let envelope = std::sync::Arc::new(envelope(Some("alice@example.org"), &["a@example.org"]));
    let message = Message { id: QueueId(START.0 + 5), accepted: START, envelope, state, body: body() };
    let scene = Scene::with(accepting(), accepting(), vec![Recovered { message, size: body().len() as u64 }]);
    scene.pass(MINUTE).await;
    assert!(scene.local.seen.lock()[0].replay);
    assert_eq!(*scene.local.bodies.lock(), [body()]);
    assert_eq!(scene.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn ids_rise_even_if_the_clock_stands_still() {
    let scene = Scene::new(accepting(), accepting());
    let ids: Vec<_> = (0..3).map(|_| scene.queue.reserve().0 - START.0).collect();
    assert_eq!(ids, [0, 1, 2]);
}
