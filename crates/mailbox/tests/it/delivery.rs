//! Local delivery: exactly once, whatever happens in between.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use mailbox::{FlagChange, Flags, LocalCourier, MailStore, Recipients, Whereabouts};
use message::Address;
use queue::{Body8, Courier, Envelope, Job, Outcome, QueueId, Recipient};

use crate::world::{World, keywords, uids};

/// `nobody` has no mailbox, `later` cannot be asked for; everybody else has one by the local part.
struct Accounts(PathBuf);

impl Recipients for Accounts {
    fn maildir<'a>(&'a self, address: &'a Address) -> queue::Future<'a, Whereabouts> {
        let answer = match address.split_detail().0 {
            "nobody" => Whereabouts::NoSuchUser,
            "later" => Whereabouts::Unavailable("the database is away".into()),
            user => Whereabouts::Maildir(self.0.join(user)),
        };
        Box::pin(std::future::ready(answer))
    }
}

pub(crate) fn courier(world: &World) -> LocalCourier {
    let root = world.home.parent().expect("a parent").to_owned();
    LocalCourier::new(world.store.clone(), Arc::new(Accounts(root)))
}

pub(crate) fn job(id: u64, recipients: &[&str], replay: bool) -> Job {
    let address = |text: &&str| Address::parse(&format!("{text}@example.test")).expect("an address");
    let envelope = Envelope {
        reverse_path: Some(address(&"bob")),
        recipients: recipients.iter().map(|r| Recipient { address: address(r), original: None }).collect(),
        body: Body8::SevenBit,
        smtputf8: false,
        authenticated: None,
        session: "s".into(),
    };
    Job {
        id: QueueId(id),
        envelope: Arc::new(envelope),
        body: Bytes::from_static(b"Received: x\r\nSubject: hi\r\n\r\nbody\r\n"),
        recipients: (0..recipients.len()).collect(),
        accepted: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000),
        replay,
    }
}

const ON_DISK: &str =
    "Return-Path: <bob@example.test>\nDelivered-To: alice@example.test\nReceived: x\nSubject: hi\n\nbody\n";

/// Delivers to alice alone; whether it went well.
async fn deliver(world: &World, id: u64, replay: bool) -> bool {
    let outcomes = courier(world).deliver(vec![job(id, &["alice"], replay)]).await;
    matches!(&outcomes[0][0], Outcome::Delivered(_))
}

/// All files that hold the message.
fn copies(home: &Path) -> Vec<PathBuf> {
    let folders = ["new", "cur", ".Archive/cur"].map(|part| home.join(part));
    let files = folders.iter().filter_map(|path| fs::read_dir(path).ok()).flatten();
    files
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| fs::read_to_string(path).ok().as_deref() == Some(ON_DISK))
        .collect()
}

#[tokio::test]
async fn a_message_is_one_file_in_new() {
    let world = World::new();
    assert!(deliver(&world, 0x5F, false).await);
    let names = world.names("new");
    let (size, crlf) = (ON_DISK.len(), ON_DISK.len() + 6);
    assert_eq!(names, [format!("1700000000.Q000000000000005FR0.mail.example.test,S={size},W={crlf}")]);
    assert_eq!(fs::read_to_string(world.home.join("new").join(&names[0])).expect("text"), ON_DISK);
    assert!(world.names("tmp").is_empty());
    courier(&world).flush().await.expect("flushed");
    let inbox = world.open("INBOX").await;
    assert_eq!(inbox.snapshot().messages[0].size, crlf as u64);
}

#[tokio::test]
async fn each_recipient_has_an_outcome() {
    let world = World::new();
    let courier = courier(&world);
    let jobs = vec![job(1, &["alice", "nobody", "later", "alice+x"], false), job(2, &["carol"], false)];
    let outcomes = courier.deliver(jobs).await;
    assert!(matches!(&outcomes[0][0], Outcome::Delivered(_)) && matches!(&outcomes[0][3], Outcome::Delivered(_)));
    assert!(matches!(&outcomes[0][1], Outcome::Failed { status, .. } if status == "5.1.1"));
    assert!(
        matches!(&outcomes[0][2], Outcome::Deferred { status, reason, .. } if status == "4.3.0" && reason.contains("away"))
    );
    assert!(matches!(&outcomes[1][0], Outcome::Delivered(_)));
    courier.flush().await.expect("flushed");
    assert_eq!(world.names("new").len(), 2);
    assert_eq!(world.names("../carol/new").len(), 1);
}

#[tokio::test]
async fn a_loop_is_cut() {
    let world = World::new();
    let mut looping = job(1, &["alice"], false);
    looping.body = Bytes::from_static(b"Delivered-To: Alice2@example.test\r\nDelivered-To: alice@EXAMPLE.test\r\n\r\n");
    let outcomes = courier(&world).deliver(vec![looping]).await;
    assert!(matches!(&outcomes[0][0], Outcome::Failed { status, .. } if status == "5.4.6"));
}

#[tokio::test]
async fn an_open_inbox_hears_of_new_mail() {
    let world = World::new();
    let inbox = world.open("INBOX").await;
    let mut changes = inbox.changes();
    changes.mark_unchanged();
    assert!(deliver(&world, 1, false).await);
    changes.changed().await.expect("a change");
    assert_eq!(uids(&inbox), [1]);
}

/// A crash before the name was given leaves a file in tmp/, of any length.
#[tokio::test]
async fn a_replay_over_what_a_crash_left_in_tmp() {
    let world = World::new();
    assert!(deliver(&world, 7, false).await);
    let name = world.names("new").remove(0);
    for length in [0, 10, ON_DISK.len()] {
        fs::remove_file(world.home.join("new").join(&name)).expect("removed");
        world.drop_file(&format!("tmp/{name}"), &ON_DISK[..length]);
        assert!(deliver(&world, 7, true).await);
        assert_eq!((copies(&world.home).len(), world.names("tmp").len()), (1, 0));
    }
}

/// After a power cut a name may be there without all of its content.
#[tokio::test]
async fn a_replay_mends_a_torn_file() {
    let world = World::new();
    assert!(deliver(&world, 7, false).await);
    let path = world.home.join("new").join(world.names("new").remove(0));
    for torn in [String::new(), ON_DISK[..40].to_owned(), "\0".repeat(ON_DISK.len())] {
        fs::write(&path, torn).expect("torn");
        assert!(deliver(&world, 7, true).await);
        assert_eq!((copies(&world.home).len(), world.names("new").len()), (1, 1));
    }
}

/// Whatever happened to the file since: it is not written twice.
#[tokio::test]
async fn a_replay_finds_the_file_wherever_it_went() {
    let world = World::new();
    assert!(deliver(&world, 7, false).await && deliver(&world, 7, true).await && deliver(&world, 7, false).await);
    assert_eq!(copies(&world.home).len(), 1);
    let inbox = world.open("INBOX").await;
    inbox.store(vec![1], FlagChange::Add, Flags::SEEN, keywords(&[])).await.expect("stored");
    assert!(deliver(&world, 7, true).await);
    assert_eq!(copies(&world.home).len(), 1);
    inbox.relocate(vec![1], "Archive").await.expect("moved");
    assert!(deliver(&world, 7, true).await);
    assert_eq!((copies(&world.home).len(), world.names(".Archive/cur").len()), (1, 1));
}

#[tokio::test]
async fn a_maildir_that_lost_a_directory_is_mended() {
    let world = World::new();
    assert!(deliver(&world, 1, false).await);
    fs::remove_dir(world.home.join("tmp")).expect("removed");
    assert!(deliver(&world, 2, false).await);
    assert_eq!(world.names("new").len(), 2);
}

/// MISSION 004-29: never silently; path, uid, errno, and what to do.
/// Found by a kill between the two: mail lay in `new`, and `cur` had not been made.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_mail_of_a_maildir_never_comes_before_its_cur() {
    let world = World::new();
    let courier = Arc::new(courier(&world));
    let root = world.home.parent().expect("a parent").to_owned();
    let deliver = |user: String, id: u64| {
        let (courier, cur) = (courier.clone(), root.join(&user).join("cur"));
        tokio::spawn(async move {
            let outcomes = courier.deliver(vec![job(id, &[&user], false)]).await;
            assert!(matches!(&outcomes[0][0], Outcome::Delivered(_)), "{outcomes:?}");
            cur.is_dir()
        })
    };
    for user in 0..200 {
        let (first, second) = tokio::join!(deliver(format!("u{user}"), 1), deliver(format!("u{user}"), 2));
        assert!(first.expect("done") && second.expect("done"), "delivered, and no cur");
    }
}

#[tokio::test]
async fn what_cannot_be_written_waits_and_says_what_to_do() {
    let world = World::new();
    world.store.folders(&world.home).await.expect("made");
    fs::remove_dir(world.home.join("tmp")).expect("removed");
    world.drop_file("tmp", "not a directory");
    let outcomes = courier(&world).deliver(vec![job(1, &["alice"], false)]).await;
    let Outcome::Deferred { status, reason, .. } = &outcomes[0][0] else { panic!("{outcomes:?}") };
    assert_eq!(status, "4.3.0");
    assert!(reason.contains("/tmp/") && reason.contains("as uid") && reason.contains("must be a Maildir"), "{reason}");
}
