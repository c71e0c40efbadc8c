//! The queue on real files: what is accepted is carried, what is kept is found again, and the verbs on both.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use message::Address;
use parking_lot::Mutex;
use queue::{
    Body8, Courier, Couriers, Destination, Envelope, Filter, Future, Job, Offline, OpenError, Outcome, Phase, Queue,
    QueueId, Recipient, Router, VerbError,
};

/// Delivers at once and remembers; defers what goes to `later@`, fails what goes to `never@`.
#[derive(Default)]
struct Memory {
    delivered: Mutex<Vec<(String, Bytes, bool)>>,
}

impl Courier for Memory {
    fn deliver(&self, jobs: Vec<Job>) -> Future<'_, Vec<Vec<Outcome>>> {
        let one = |job: &Job, recipient: usize| {
            let address = job.envelope.recipients[recipient].address.clone();
            match address.local() {
                "later" => Outcome::Deferred {
                    status: "4.2.2".into(),
                    reason: "mailbox full".into(),
                    remote: None,
                    configuration: false,
                },
                "never" => Outcome::Failed { status: "5.1.1".into(), reason: "no such user".into(), remote: None },
                _ => {
                    self.delivered.lock().push((address.to_string(), job.body.clone(), job.replay));
                    Outcome::Delivered("in memory".into())
                }
            }
        };
        let all = jobs.iter().map(|job| job.recipients.iter().map(|r| one(job, *r)).collect()).collect();
        Box::pin(std::future::ready(all))
    }
}

struct ToLocal;

impl Router for ToLocal {
    fn destination(&self, _: &Address) -> Destination {
        Destination::Local
    }
}

fn open(data: &Path) -> Queue {
    let mut config = config::Config::example(data);
    config.queue.segment_size = 1 << 16;
    config.queue.min_free = 0;
    Queue::open(&config).expect("queue opens")
}

fn start(queue: &Queue) -> Arc<Memory> {
    let local = Arc::new(Memory::default());
    queue.start(Couriers { router: Arc::new(ToLocal), local: Arc::clone(&local) as _, relay: Arc::clone(&local) as _ });
    local
}

fn envelope(recipients: &[&str]) -> Envelope {
    let recipient = |r: &&str| Recipient { address: Address::parse(r).expect("an address"), original: None };
    Envelope {
        reverse_path: Some(Address::parse("alice@example.org").expect("an address")),
        recipients: recipients.iter().map(recipient).collect(),
        body: Body8::SevenBit,
        smtputf8: false,
        authenticated: None,
        session: "s1".into(),
    }
}

fn body(n: usize) -> Bytes {
    Bytes::from(format!("Subject: number {n}\r\n\r\n{}\r\n", "x".repeat(n % 3000)))
}

/// Messages for bob from as many senders at once; their ids.
async fn accept_many(queue: &Queue, count: usize) -> BTreeSet<QueueId> {
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..count {
        let queue = queue.clone();
        let size = n * 2999 / count;
        tasks.spawn(async move { queue.accept(envelope(&["bob@example.org"]), body(size)).await.expect("accepted") });
    }
    tasks.join_all().await.into_iter().collect()
}

/// Waits until the queue has that many messages.
async fn until_left(queue: &Queue, count: usize) {
    for _ in 0..6000 {
        if queue.list(&Filter::default()).len() == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the queue has {:?}", queue.list(&Filter::default()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_messages_pass_through_small_segments() {
    let data = tempfile::tempdir().expect("a folder");
    let queue = open(data.path());
    let memory = start(&queue);
    assert_eq!(accept_many(&queue, 500).await.len(), 500);
    until_left(&queue, 0).await;
    queue.shutdown().await;
    assert_eq!(memory.delivered.lock().len(), 500);
    assert!(memory.delivered.lock().iter().all(|(_, _, replay)| !replay));
    let files = std::fs::read_dir(data.path().join("queue")).expect("a folder").count();
    assert!(files < 20, "segments are used again, not piled up: {files}");
    drop(queue);
    assert_eq!(Offline::open(data.path()).expect("opens").list(&Filter::default()), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_stays_moves_on_so_that_old_segments_are_used_again() {
    let data = tempfile::tempdir().expect("a folder");
    let queue = open(data.path());
    let held = queue.accept(envelope(&["carol@example.org"]), body(2999)).await.expect("accepted");
    queue.hold(held).await.expect("held");
    start(&queue);
    for _ in 0..15 {
        accept_many(&queue, 100).await;
        until_left(&queue, 1).await;
    }
    queue.shutdown().await;
    drop(queue);
    let files = std::fs::read_dir(data.path().join("queue")).expect("a folder").count();
    assert!(files < 20, "2.4 MB went through segments of 64 KiB: {files}");
    let shown = Offline::open(data.path()).expect("opens").show(held).expect("still there");
    assert!(shown.info.held);
    assert_eq!((shown.info.size, shown.headers.as_str()), (body(2999).len() as u64, "Subject: number 2999\n"));
}

#[tokio::test]
async fn what_was_accepted_is_found_again_and_carried_as_a_replay() {
    let data = tempfile::tempdir().expect("a folder");
    let queue = open(data.path());
    let id = queue.accept(envelope(&["bob@example.org"]), body(7)).await.expect("accepted");
    queue.shutdown().await;
    drop(queue);

    let queue = open(data.path());
    assert_eq!(queue.list(&Filter::default()).iter().map(|m| m.id).collect::<Vec<_>>(), [id]);
    assert!(queue.reserve() > id);
    let memory = start(&queue);
    until_left(&queue, 0).await;
    queue.shutdown().await;
    assert_eq!(*memory.delivered.lock(), [("bob@example.org".to_string(), body(7), true)]);
}

#[tokio::test]
async fn a_bounce_goes_back_for_the_failed_recipient_only() {
    let data = tempfile::tempdir().expect("a folder");
    let queue = open(data.path());
    let memory = start(&queue);
    let to = ["bob@example.org", "never@example.org", "later@example.org"];
    let id = queue.accept(envelope(&to), body(7)).await.expect("accepted");
    for _ in 0..6000 {
        if memory.delivered.lock().iter().any(|(to, ..)| to == "alice@example.org") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    until_left(&queue, 1).await;
    let info = queue.list(&Filter::default()).remove(0);
    assert_eq!(info.id, id);
    assert_eq!(
        info.recipients.iter().map(|r| r.phase).collect::<Vec<_>>(),
        [Phase::Delivered, Phase::Failed, Phase::Waiting]
    );
    assert_eq!(info.recipients[2].reason.as_deref(), Some("mailbox full"));
    let delivered = memory.delivered.lock().clone();
    assert_eq!(delivered.iter().map(|d| d.0.as_str()).collect::<Vec<_>>(), ["bob@example.org", "alice@example.org"]);
    let bounce = String::from_utf8_lossy(&delivered[1].1).into_owned();
    assert!(bounce.contains("Final-Recipient: rfc822; never@example.org"), "{bounce}");
    assert!(!bounce.contains("later@example.org"), "{bounce}");
    queue.shutdown().await;
}

#[tokio::test]
async fn the_verbs_on_a_running_queue_are_durable() {
    let data = tempfile::tempdir().expect("a folder");
    let queue = open(data.path());
    let held = queue.accept(envelope(&["bob@example.org"]), body(1)).await.expect("accepted");
    let gone = queue.accept(envelope(&["carol@example.org"]), body(2)).await.expect("accepted");
    queue.hold(held).await.expect("held");
    queue.remove(gone).await.expect("removed");
    assert_eq!(queue.remove(gone).await, Err(VerbError::Unknown(gone)));
    let shown = queue.show(held).await.expect("shown");
    assert_eq!(shown.headers, "Subject: number 1\n");
    assert!(shown.info.held && shown.info.next_attempt.is_none());
    assert_eq!(queue.retry(None).await, Ok(0));
    queue.shutdown().await;
    drop(queue);

    let queue = open(data.path());
    let memory = start(&queue);
    let filter = Filter { recipient: Some("BOB@".into()), held: Some(true), ..Filter::default() };
    assert_eq!(queue.list(&filter).len(), 1);
    queue.release(held).await.expect("released");
    until_left(&queue, 0).await;
    queue.shutdown().await;
    assert_eq!(memory.delivered.lock().len(), 1);
}

#[tokio::test]
async fn the_verbs_on_files_wait_for_the_server_to_go() {
    let data = tempfile::tempdir().expect("a folder");
    let queue = open(data.path());
    let id = queue.accept(envelope(&["later@example.org"]), body(1)).await.expect("accepted");
    let refused = Offline::open(data.path()).expect_err("the server has it");
    assert!(matches!(refused, OpenError::Locked { pid, .. } if pid == Some(std::process::id())), "{refused}");
    queue.shutdown().await;
    drop(queue);

    let files = Offline::open(data.path()).expect("opens");
    files.hold(id).expect("held");
    drop(files);
    let files = Offline::open(data.path()).expect("opens again");
    assert!(files.list(&Filter::default())[0].held);
    files.release(id).expect("released");
    assert_eq!(files.retry(Some(id)), Ok(1));
    assert_eq!(files.show(id).expect("shown").headers, "Subject: number 1\n");
    files.remove(id).expect("removed");
    drop(files);
    assert_eq!(Offline::open(data.path()).expect("opens").list(&Filter::default()), []);
}
