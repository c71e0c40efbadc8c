//! Expiry, warnings and bounces (RFC 3464).

use super::{Fake, MINUTE, START, Scene, Seen, accepting, body, deferred, delivered, envelope, failed};
use crate::{Message, MessageState, Outcome, QueueId, Recovered, Remote, Stage, Trouble};

/// The notices that alice got.
fn notices(scene: &Scene) -> Vec<String> {
    let bodies = scene.local.bodies.lock();
    let to_alice = |(seen, body): (&Seen, _)| (seen.to == ["alice@example.org"]).then_some(body);
    let seen = scene.local.seen.lock();
    seen.iter().zip(bodies.iter()).filter_map(to_alice).map(|b| String::from_utf8_lossy(b).into_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn the_bounce_names_the_failed_recipient_and_what_its_host_said() {
    let relay = Fake::new(|to, _| match to.local() {
        "bad" => Outcome::Failed {
            status: "5.1.1".into(),
            reason: "rejected".into(),
            remote: Some(Remote { host: "mx.one.example [192.0.2.1]:25".into(), reply: "550 no such user".into() }),
        },
        _ => delivered(),
    });
    let scene = Scene::new(accepting(), relay);
    scene.accept(&["good@one.example", "bad@one.example"]).await;
    scene.pass(MINUTE).await;
    let [bounce] = &notices(&scene)[..] else { panic!("{:?}", notices(&scene)) };
    for part in ["Final-Recipient: rfc822; bad@one.example", "550 no such user", "192.0.2.1", "Subject: hello"] {
        assert!(bounce.contains(part), "{part} in {bounce}");
    }
    assert!(!bounce.contains("good@one.example"));
    assert_eq!(scene.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_failed_bounce_is_dropped() {
    let scene = Scene::new(Fake::new(|_, _| failed()), accepting());
    scene.accept(&["nobody@example.org"]).await;
    scene.pass(10 * MINUTE).await;
    let to: Vec<_> = scene.local.seen.lock().iter().map(|s| s.to.clone()).collect();
    assert_eq!(to, [["nobody@example.org"], ["alice@example.org"]]);
    assert_eq!(scene.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_message_from_nobody_is_never_answered() {
    let scene = Scene::new(Fake::new(|_, _| deferred(false)), accepting());
    scene.queue.accept(envelope(None, &["a@example.org"]), body()).await.expect("accepted");
    scene.pass(120 * MINUTE).await;
    assert!(scene.local.seen.lock().iter().all(|seen| seen.to == ["a@example.org"]));
    assert_eq!(scene.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_late_message_is_told_of_once_and_bounced_when_its_time_is_up() {
    let scene = Scene::new(accepting(), Fake::new(|_, _| deferred(false)));
    scene.accept(&["a@one.example"]).await;
    scene.pass(120 * MINUTE).await;
    assert_eq!(scene.relay.minutes(), [0, 1, 6, 11, 16, 21, 26, 31, 36, 41, 46, 51, 56, 60]);
    let notices = notices(&scene);
    assert_eq!(notices.len(), 2);
    assert!(notices[0].contains("Action: delayed") && notices[0].contains("Will-Retry-Until"), "{}", notices[0]);
    assert!(notices[1].contains("Action: failed") && notices[1].contains("Status: 4.4.7"), "{}", notices[1]);
    assert_eq!(scene.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_was_not_told_before_a_restart_is_told_after_it() {
    let mut state = MessageState::new(1, START);
    let (status, reason) = ("5.1.1".into(), "no such user".into());
    state.recipients[0].stage = Stage::Failed(Trouble { status, reason, remote: None, configuration: false });
    let envelope = std::sync::Arc::new(envelope(Some("alice@example.org"), &["a@one.example"]));
    let message = Message { id: QueueId(START.0), accepted: START, envelope, state, body: body() };
    let scene = Scene::with(accepting(), accepting(), vec![Recovered { message, size: 1 }]);
    scene.pass(MINUTE).await;
    assert_eq!(notices(&scene).len(), 1);
    assert_eq!(scene.left(), 0);
}

/// MISSION 001-14: a route whose login fails keeps mail, and says so; it never bounces users' mail.
#[tokio::test(start_paused = true)]
async fn a_failure_of_configuration_keeps_mail_for_ever() {
    let scene = Scene::new(accepting(), Fake::new(|_, _| deferred(true)));
    scene.accept(&["a@one.example"]).await;
    scene.pass(24 * 60 * MINUTE).await;
    assert!(notices(&scene).iter().all(|notice| notice.contains("Action: delayed")));
    let info = scene.queue.list(&crate::Filter::default()).remove(0);
    assert!(info.recipients[0].configuration && info.recipients[0].attempts > 200);
    assert_eq!(scene.left(), 1);
}
