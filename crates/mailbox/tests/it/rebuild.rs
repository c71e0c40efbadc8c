//! The index may be lost or broken at any time.

use std::fs;

use mailbox::{MailStore, Snapshot};

use crate::world::{World, message, store, uids};

/// Some mail with gaps in its UIDs, and what a client saw of it.
async fn mailbox_with_history(world: &World) -> Snapshot {
    for n in 0..6 {
        world.append("INBOX", &format!("message {n}\r\n")).await;
    }
    let inbox = world.open("INBOX").await;
    inbox.expunge(vec![2, 5, 6]).await.expect("removed");
    Snapshot::clone(&inbox.snapshot())
}

fn remove_index(world: &World) {
    for name in world.names("").iter().filter(|name| name.starts_with("gatepost-index")) {
        fs::remove_file(world.home.join(name)).expect("removed");
    }
}

#[tokio::test]
async fn a_lost_index_comes_back_with_its_uids() {
    let world = World::new();
    let before = mailbox_with_history(&world).await;
    remove_index(&world);
    let other = store();
    let inbox = other.open(&world.home, "INBOX").await.expect("opened");
    assert_eq!(*inbox.snapshot(), before);
    assert_eq!(before.uid_next, 7);
    let (validity, given) = other.append(&world.home, "INBOX", vec![message("new\r\n")]).await.expect("appended");
    assert_eq!((validity, given), (before.uid_validity, vec![7]));
}

#[tokio::test]
async fn a_broken_index_is_put_aside() {
    let world = World::new();
    let before = mailbox_with_history(&world).await;
    remove_index(&world);
    fs::write(world.home.join("gatepost-index.db"), "this is no database, but long enough to look at")
        .expect("written");
    let inbox = store().open(&world.home, "INBOX").await.expect("opened");
    assert_eq!(*inbox.snapshot(), before);
    assert!(world.names("").contains(&"gatepost-index.db.broken".to_owned()));
}

/// Without both files nothing is known: then UIDVALIDITY must change (RFC 3501 §2.3.1.1).
#[tokio::test]
async fn without_its_uid_list_a_folder_begins_anew() {
    let world = World::new();
    world.append("INBOX", "one\r\n").await;
    let uid_list = world.home.join("gatepost-uidlist");
    fs::write(&uid_list, "1 5 9\n").expect("written");
    remove_index(&world);
    let inbox = store().open(&world.home, "INBOX").await.expect("opened");
    assert_eq!((inbox.snapshot().uid_validity, uids(&inbox)), (5, vec![9]));
    remove_index(&world);
    fs::remove_file(&uid_list).expect("removed");
    let inbox = store().open(&world.home, "INBOX").await.expect("opened");
    assert!(inbox.snapshot().uid_validity > 1_000_000_000);
    assert_eq!(uids(&inbox), [1]);
}

/// A copy may be the first that touches its target after the loss.
#[tokio::test]
async fn a_copy_into_a_forgotten_folder_keeps_its_uids() {
    let world = World::new();
    world.append("INBOX", "one\r\n").await;
    world.append("Archive", "two\r\n").await;
    remove_index(&world);
    let other = store();
    let inbox = other.open(&world.home, "INBOX").await.expect("opened");
    assert_eq!(inbox.copy(vec![1], "Archive").await.expect("copied").uids, [(1, 2)]);
    let archive = other.open(&world.home, "Archive").await.expect("opened");
    assert_eq!(&archive.read(1).await.expect("text")[..], b"two\r\n");
}
