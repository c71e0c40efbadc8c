//! Folders: made, listed, renamed, removed, subscribed to.

use std::os::unix::fs::PermissionsExt;

use mailbox::{MailStore, SpecialUse, StoreError};

use crate::world::{World, store, uids};

async fn listed(world: &World) -> Vec<(String, bool)> {
    let folders = world.store.folders(&world.home).await.expect("a list");
    folders.into_iter().map(|folder| (folder.name, folder.selectable)).collect()
}

#[tokio::test]
async fn the_first_use_makes_a_maildir_that_others_can_read() {
    let world = World::new();
    let folders = world.store.folders(&world.home).await.expect("a list");
    let found: Vec<_> = folders.iter().map(|folder| (folder.name.as_str(), folder.special_use)).collect();
    let expected = [
        ("INBOX", None),
        ("Archive", Some(SpecialUse::Archive)),
        ("Drafts", Some(SpecialUse::Drafts)),
        ("Junk", Some(SpecialUse::Junk)),
        ("Sent", Some(SpecialUse::Sent)),
        ("Trash", Some(SpecialUse::Trash)),
    ];
    assert_eq!(found, expected);
    let subscribed = world.store.subscriptions(&world.home).await.expect("names");
    assert_eq!(subscribed, ["Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"]);
    for path in ["", "cur", "new", "tmp", ".Sent/cur", ".Sent/new", ".Sent/tmp"] {
        let mode = std::fs::metadata(world.home.join(path)).expect(path).permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{path}");
    }
    let mark = std::fs::metadata(world.home.join(".Sent/maildirfolder")).expect("the mark");
    assert_eq!((mark.len(), mark.permissions().mode() & 0o777), (0, 0o600));
}

#[tokio::test]
async fn folders_are_made_with_their_parents_and_named_as_courier_does() {
    let world = World::new();
    world.store.create(&world.home, "Work/Über/v1.0").await.expect("made");
    for directory in [".Work", ".Work.&ANw-ber", ".Work.&ANw-ber.v1&AC4-0"] {
        assert!(world.home.join(directory).join("cur").is_dir(), "{directory}");
    }
    assert!(listed(&world).await.contains(&("Work/Über/v1.0".into(), true)));
    let again = world.store.create(&world.home, "Work").await;
    assert!(matches!(again, Err(StoreError::Exists(name)) if name == "Work"));
    assert!(matches!(world.store.create(&world.home, "inbox").await, Err(StoreError::Exists(_))));
    assert!(matches!(world.store.create(&world.home, "a//b").await, Err(StoreError::BadName(_))));
}

#[tokio::test]
async fn a_removed_folder_leaves_its_children_and_never_its_uids() {
    let world = World::new();
    world.store.create(&world.home, "A/B").await.expect("made");
    world.append("A", "one\r\n").await;
    let old = world.open("A").await;
    let before = old.snapshot();
    world.store.delete(&world.home, "A").await.expect("removed");
    assert!(listed(&world).await.contains(&("A".into(), false)));
    assert!(matches!(old.refresh().await, Err(StoreError::NoSuchFolder(_))));
    assert!(matches!(world.store.open(&world.home, "A").await, Err(StoreError::NoSuchFolder(_))));
    world.store.create(&world.home, "A").await.expect("made again");
    let new = world.open("A").await.snapshot();
    assert!(new.uid_validity > before.uid_validity && new.messages.is_empty());
    // Who still has the old one open must not touch the new one's messages.
    world.append("A", "two\r\n").await;
    assert!(matches!(old.expunge(vec![1]).await, Err(StoreError::NoSuchFolder(_))));
    assert_eq!(uids(&world.open("A").await), [1]);
    assert!(matches!(world.store.delete(&world.home, "INBOX").await, Err(StoreError::BadName(_))));
}

#[tokio::test]
async fn a_rename_takes_the_children_and_the_uids_along() {
    let world = World::new();
    world.store.create(&world.home, "A/B").await.expect("made");
    world.append("A/B", "one\r\n").await;
    let before = world.open("A/B").await.snapshot();
    world.store.rename(&world.home, "A", "X/Y").await.expect("renamed");
    assert_eq!(*world.open("X/Y/B").await.snapshot(), *before);
    let names: Vec<String> = listed(&world).await.into_iter().map(|(name, _)| name).collect();
    assert!(names.contains(&"X".into()) && !names.contains(&"A".into()) && !names.contains(&"A/B".into()));
    let taken = world.store.rename(&world.home, "X", "Sent").await;
    assert!(matches!(taken, Err(StoreError::Exists(_))));
    assert!(matches!(world.store.rename(&world.home, "no", "yes").await, Err(StoreError::NoSuchFolder(_))));
    world.store.rename(&world.home, "X/Y", "X/Y/Z").await.expect("into itself");
    assert_eq!(uids(&world.open("X/Y/Z/B").await), [1]);
}

/// RFC 3501 §6.3.5.
#[tokio::test]
async fn renaming_inbox_gives_its_messages_away() {
    let world = World::new();
    world.append("INBOX", "one\r\n").await;
    world.append("INBOX", "two\r\n").await;
    world.store.rename(&world.home, "INBOX", "Old").await.expect("renamed");
    assert_eq!(uids(&world.open("INBOX").await), Vec::<u32>::new());
    let old = world.open("Old").await;
    assert_eq!(&old.read(uids(&old)[1]).await.expect("text")[..], b"two\r\n");
}

#[tokio::test]
async fn subscriptions_outlive_their_folders() {
    let world = World::new();
    world.store.subscribe(&world.home, "Listen/Über", true).await.expect("subscribed");
    world.store.subscribe(&world.home, "Sent", false).await.expect("unsubscribed");
    let names = store().subscriptions(&world.home).await.expect("names");
    assert_eq!(names, ["Archive", "Drafts", "INBOX", "Junk", "Listen/Über", "Trash"]);
    let broken = world.store.subscribe(&world.home, "a\nb", true).await;
    assert!(matches!(broken, Err(StoreError::BadName(_))));
}
