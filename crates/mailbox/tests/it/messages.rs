//! Messages: added, read, flagged, removed, copied, moved.

use mailbox::{FlagChange, Flags, MailStore, NewMessage, StoreError};

use crate::world::{World, both, keywords, message, uids};

#[tokio::test]
async fn what_is_appended_is_read_again() {
    let world = World::new();
    let text = "Subject: x\r\n\r\nGr\u{fc}\u{df}e\r\n";
    let new = NewMessage { flags: Flags::SEEN, keywords: keywords(&["$Junk"]), ..message(text) };
    let (validity, given) =
        world.store.append(&world.home, "Sent", vec![new, message("b\r\n")]).await.expect("appended");
    let sent = world.open("Sent").await;
    let snapshot = sent.snapshot();
    assert_eq!((snapshot.uid_validity, snapshot.uid_next, given), (validity, 3, vec![1, 2]));
    let meta = &snapshot.messages[0];
    assert_eq!((meta.flags, &meta.keywords), (Flags::SEEN, &keywords(&["$Junk"])));
    assert_eq!((meta.size, meta.internal_date), (text.len() as u64, 1_700_000_000));
    assert_eq!(&sent.read(1).await.expect("text")[..], text.as_bytes());
    assert!(matches!(sent.read(9).await, Err(StoreError::Gone)));
    let names = world.names(".Sent/cur");
    assert!(names[0].ends_with(&format!(",S={},W={}:2,S", text.len() - 3, text.len())), "{names:?}");
    let on_disk = std::fs::read(world.home.join(".Sent/cur").join(&names[0])).expect("a file");
    assert_eq!(on_disk, text.replace("\r\n", "\n").as_bytes());
    assert!(world.names(".Sent/tmp").is_empty());
    let nowhere = world.store.append(&world.home, "Nowhere", vec![message("x")]).await;
    assert!(matches!(nowhere, Err(StoreError::NoSuchFolder(_))));
}

#[tokio::test]
async fn flags_are_in_the_name_and_keywords_keep_their_case() {
    let world = World::new();
    world.append("INBOX", "one\r\n").await;
    let inbox = world.open("INBOX").await;
    let set = both(Flags::SEEN, Flags::FLAGGED);
    let snapshot = inbox.store(vec![1, 7], FlagChange::Add, set, keywords(&["Work"])).await.expect("stored");
    assert_eq!((snapshot.messages[0].flags, &snapshot.messages[0].keywords), (set, &keywords(&["Work"])));
    assert!(world.names("cur")[0].ends_with(":2,FS"));
    let snapshot = inbox.store(vec![1], FlagChange::Remove, Flags::SEEN, keywords(&["WORK"])).await.expect("stored");
    assert_eq!((snapshot.messages[0].flags, snapshot.messages[0].keywords.len()), (Flags::FLAGGED, 0));
    let snapshot =
        inbox.store(vec![1], FlagChange::Replace, Flags::DELETED, keywords(&["wORK"])).await.expect("stored");
    assert_eq!((snapshot.messages[0].flags, &snapshot.messages[0].keywords), (Flags::DELETED, &keywords(&["Work"])));
    assert!(world.names("cur")[0].ends_with(":2,T"));
}

#[tokio::test]
async fn sessions_share_one_folder_and_hear_of_changes() {
    let world = World::new();
    let (one, two) = (world.open("INBOX").await, world.open("INBOX").await);
    let mut changes = two.changes();
    changes.mark_unchanged();
    world.append("INBOX", "one\r\n").await;
    changes.changed().await.expect("a change");
    assert_eq!(uids(&two), [1]);
    one.store(vec![1], FlagChange::Add, Flags::SEEN, keywords(&[])).await.expect("stored");
    changes.changed().await.expect("a change");
    assert_eq!(two.snapshot().messages[0].flags, Flags::SEEN);
    let old = two.snapshot();
    assert_eq!(one.expunge(vec![1, 5]).await.expect("removed"), [1]);
    changes.changed().await.expect("a change");
    assert_eq!((old.messages.len(), uids(&two).len(), world.names("cur").len()), (1, 0, 0));
}

/// RFC 3501 §2.3.2: one session is told that a message is recent, and only one.
#[tokio::test]
async fn recent_is_claimed_once() {
    let world = World::new();
    world.append("INBOX", "one\r\n").await;
    assert_eq!(world.store.status(&world.home, "INBOX").await.expect("status").recent, 1);
    let inbox = world.open("INBOX").await;
    assert_eq!((inbox.recent(false), inbox.recent(true), inbox.recent(true)), (1, 1, 2));
    world.append("INBOX", "two\r\n").await;
    assert_eq!((inbox.recent(true), inbox.recent(false)), (2, 3));
}

#[tokio::test]
async fn copies_keep_flags_and_dates_and_share_the_file() {
    let world = World::new();
    let new = NewMessage { flags: Flags::FLAGGED, keywords: keywords(&["Work"]), ..message("one\r\n") };
    world.store.append(&world.home, "INBOX", vec![new, message("two\r\n")]).await.expect("appended");
    let inbox = world.open("INBOX").await;
    let copied = inbox.copy(vec![2, 1, 1, 9], "Archive").await.expect("copied");
    assert_eq!(copied.uids, [(1, 1), (2, 2)]);
    let archive = world.open("Archive").await;
    let snapshot = archive.snapshot();
    assert_eq!(copied.uid_validity, snapshot.uid_validity);
    assert_eq!(*snapshot.messages[0], *inbox.snapshot().messages[0]);
    assert_eq!(&archive.read(2).await.expect("text")[..], b"two\r\n");
    inbox.copy(vec![1], "INBOX").await.expect("onto itself");
    assert_eq!(uids(&inbox), [1, 2, 3]);
    assert!(matches!(inbox.copy(vec![1], "Nowhere").await, Err(StoreError::NoSuchFolder(_))));
    inbox.expunge(vec![1, 2, 3]).await.expect("removed");
    assert_eq!(&archive.read(1).await.expect("text")[..], b"one\r\n");
}

/// RFC 6851.
#[tokio::test]
async fn a_move_empties_the_source() {
    let world = World::new();
    world.append("INBOX", "one\r\n").await;
    world.append("INBOX", "two\r\n").await;
    let (inbox, trash) = (world.open("INBOX").await, world.open("Trash").await);
    assert_eq!(inbox.relocate(vec![2], "Trash").await.expect("moved").uids, [(2, 1)]);
    assert_eq!((uids(&inbox), uids(&trash)), (vec![1], vec![1]));
    assert_eq!(inbox.relocate(vec![1], "INBOX").await.expect("moved").uids, [(1, 3)]);
    assert_eq!((uids(&inbox), world.names("cur").len()), (vec![3], 1));
    assert_eq!(&inbox.read(3).await.expect("text")[..], b"one\r\n");
}

#[tokio::test]
async fn status_counts_without_opening() {
    let world = World::new();
    let seen = NewMessage { flags: Flags::SEEN, ..message("one\r\n") };
    world.store.append(&world.home, "Sent", vec![seen, message("two\r\n")]).await.expect("appended");
    let status = world.store.status(&world.home, "Sent").await.expect("status");
    assert_eq!((status.messages, status.unseen, status.uid_next), (2, 1, 3));
    assert_eq!(status.uid_validity, world.open("Sent").await.snapshot().uid_validity);
}
