//! Who is carried when, with whom, and how many at once.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Fake, MINUTE, Scene, accepting, deferred, delivered};

#[tokio::test(start_paused = true)]
async fn each_destination_gets_its_recipients() {
    let scene = Scene::new(accepting(), accepting());
    scene.accept(&["a@example.org", "b@one.example", "c@two.example", "d@one.example", "e@example.org"]).await;
    scene.pass(MINUTE).await;
    let seen = |fake: &Fake| fake.seen.lock().iter().map(|s| s.to.join(" ")).collect::<BTreeSet<_>>();
    assert_eq!(seen(&scene.local), ["a@example.org e@example.org".to_string()].into());
    assert_eq!(seen(&scene.relay), ["b@one.example d@one.example".to_string(), "c@two.example".to_string()].into());
    assert_eq!(scene.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn only_those_that_wait_are_tried_again() {
    let relay = Fake::new(|to, call| if to.local() == "slow" && call == 0 { deferred(false) } else { delivered() });
    let scene = Scene::new(accepting(), relay);
    scene.accept(&["slow@one.example", "quick@one.example", "a@example.org"]).await;
    scene.pass(10 * MINUTE).await;
    let seen: Vec<_> = scene.relay.seen.lock().iter().map(|s| (s.at, s.to.clone())).collect();
    let all = vec!["slow@one.example".to_string(), "quick@one.example".to_string()];
    assert_eq!(seen, [(0, all.clone()), (60, all[..1].to_vec())]);
    assert_eq!(scene.local.seen.lock().len(), 1);
    assert_eq!(scene.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn local_mail_is_carried_at_once_and_together_under_load() {
    let local = Fake { takes: Duration::from_millis(10), ..accepting() };
    let scene = Scene::new(local, accepting());
    for _ in 0..200 {
        scene.accept(&["a@example.org"]).await;
    }
    scene.pass(MINUTE).await;
    assert_eq!(scene.local.seen.lock().len(), 200);
    assert_eq!(scene.local.busiest.load(Ordering::Relaxed), 8, "local_concurrency");
    assert!(scene.local.flushes.load(Ordering::Relaxed) < 10, "many batches share a flush");
    assert_eq!(scene.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn no_destination_has_more_connections_than_allowed_nor_have_all_together() {
    let relay = Fake { takes: MINUTE, ..accepting() };
    let scene = Scene::new(accepting(), relay);
    for n in 0..40 {
        scene.accept(&[&format!("a@host{}.example", n % 4)]).await;
    }
    scene.pass(Duration::from_secs(30)).await;
    // Six calls; each took its share of what was there when it began.
    let busy = scene.relay.busy.load(Ordering::Relaxed);
    assert!((6..=40).contains(&busy), "{busy}");
    scene.pass(60 * MINUTE).await;
    assert_eq!(scene.relay.seen.lock().len(), 40);
    assert_eq!(scene.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_dead_host_does_not_keep_others_waiting() {
    let relay = Fake { takes: 5 * MINUTE, ..accepting() };
    let scene = Scene::new(accepting(), relay);
    for _ in 0..30 {
        scene.accept(&["a@dead.example"]).await;
    }
    scene.accept(&["b@alive.example"]).await;
    scene.pass(6 * MINUTE).await;
    assert!(scene.relay.seen.lock().iter().any(|seen| seen.to == ["b@alive.example"]));
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_ends_before_the_queue_shuts() {
    let relay = Fake { takes: 3 * MINUTE, ..accepting() };
    let scene = Scene::new(accepting(), relay);
    scene.accept(&["a@one.example"]).await;
    scene.pass(MINUTE).await;
    scene.queue.shutdown().await;
    assert_eq!(scene.relay.seen.lock().len(), 1);
    assert_eq!(scene.left(), 0);
    let refused = scene.queue.accept(super::envelope(None, &["a@one.example"]), super::body()).await;
    assert_eq!(refused, Err(crate::AcceptError::Closed));
}

#[tokio::test(start_paused = true)]
async fn a_held_message_waits_and_does_not_age() {
    let relay = Fake::new(|_, call| if call == 0 { deferred(false) } else { delivered() });
    let scene = Scene::new(accepting(), relay);
    let id = scene.accept(&["a@one.example"]).await;
    scene.pass(Duration::from_secs(1)).await;
    assert_eq!(scene.queue.hold(id).await, Ok(()));
    scene.pass(600 * MINUTE).await;
    assert_eq!(scene.relay.seen.lock().len(), 1);
    assert_eq!(scene.queue.release(id).await, Ok(()));
    scene.pass(MINUTE).await;
    assert_eq!(scene.relay.minutes(), [0, 600]);
    assert_eq!(scene.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn retry_does_not_wait_for_the_schedule() {
    let relay = Fake::new(|_, call| if call < 3 { deferred(false) } else { delivered() });
    let scene = Scene::new(accepting(), relay);
    let id = scene.accept(&["a@one.example"]).await;
    for _ in 0..2 {
        scene.pass(Duration::from_secs(1)).await;
        assert_eq!(scene.queue.retry(Some(id)).await, Ok(1));
    }
    scene.pass(Duration::from_secs(1)).await;
    assert_eq!(scene.queue.retry(None).await, Ok(1));
    scene.pass(Duration::from_secs(1)).await;
    assert_eq!(scene.relay.seen.lock().len(), 4);
    assert_eq!(scene.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_message_removed_under_way_is_not_written_again() {
    let relay = Fake { takes: MINUTE, ..Fake::new(|_, _| deferred(false)) };
    let scene = Scene::new(accepting(), relay);
    let id = scene.accept(&["a@one.example"]).await;
    scene.pass(Duration::from_secs(1)).await;
    assert_eq!(scene.queue.remove(id).await, Ok(()));
    scene.pass(60 * MINUTE).await;
    assert_eq!(scene.relay.minutes(), [1]);
    assert_eq!(scene.left(), 0);
}
