//! Other programs work on the same files: mutt, procmail, mbsync, a second process of ours.

use std::fs;
use std::os::unix::ffi::OsStrExt;

use mailbox::{FlagChange, Flags, MailStore};

use crate::world::{World, keywords, store, uids};

#[tokio::test]
async fn what_other_programs_do_is_seen() {
    let world = World::new();
    let inbox = world.open("INBOX").await;
    world.drop_file("new/1700000002.b.host", "two\n");
    world.drop_file("new/1700000001.a.host", "one\n");
    world.drop_file("cur/1700000003.c.host:2,RPSab", "A: b\n\nthree\n");
    let snapshot = inbox.refresh().await.expect("looked");
    let flags: Vec<_> = snapshot.messages.iter().map(|message| (message.flags.0, message.size)).collect();
    let answered_seen = Flags::SEEN.0 | Flags::ANSWERED.0;
    assert_eq!(flags, [(0, 5), (0, 5), (answered_seen, 15)]);
    assert_eq!(&inbox.read(1).await.expect("text")[..], b"one\r\n");
    // Who looks takes mail out of new/, as the Maildir specification wants.
    assert!(world.names("new").is_empty());

    let cur = world.home.join("cur");
    fs::rename(cur.join("1700000001.a.host:2,"), cur.join("1700000001.a.host:2,FS")).expect("renamed");
    fs::remove_file(cur.join("1700000002.b.host:2,")).expect("removed");
    let snapshot = store().open(&world.home, "INBOX").await.expect("opened").snapshot();
    assert_eq!(snapshot.messages.iter().map(|m| (m.uid, m.flags.0)).collect::<Vec<_>>(), [(1, 5), (3, answered_seen)]);
    inbox.store(vec![3], FlagChange::Remove, Flags::SEEN, keywords(&[])).await.expect("stored");
    assert!(world.names("cur").contains(&"1700000003.c.host:2,PRab".to_owned()));
}

#[tokio::test]
async fn a_file_that_was_renamed_a_moment_ago_is_still_read() {
    let world = World::new();
    world.drop_file_in_cur("1.a.host:2,", "one\n").await;
    let inbox = world.open("INBOX").await;
    let cur = world.home.join("cur");
    fs::rename(cur.join("1.a.host:2,"), cur.join("1.a.host:2,S")).expect("renamed");
    assert_eq!(&inbox.read(1).await.expect("text")[..], b"one\r\n");
}

#[tokio::test]
async fn open_folders_hear_of_foreign_deliveries() {
    let world = World::new();
    let inbox = world.open("INBOX").await;
    let mut changes = inbox.changes();
    changes.mark_unchanged();
    world.drop_file("tmp/1.x.host", "one\n");
    fs::rename(world.home.join("tmp/1.x.host"), world.home.join("new/1.x.host")).expect("delivered");
    changes.changed().await.expect("a change");
    assert_eq!(uids(&inbox), [1]);
}

#[tokio::test]
async fn hostile_names_do_no_harm() {
    let world = World::new();
    world.open("INBOX").await;
    let cur = world.home.join("cur");
    let odd: [&[u8]; 7] =
        [b"a:2,S:2,T", b"\xff\xfe:2,S", b"new\nline:2,", b"1 2 3:2,", b",S=99999999,W=1:2,", b":2,S", b"x:1,zzz"];
    for name in odd {
        fs::write(cur.join(std::ffi::OsStr::from_bytes(name)), "text\n").expect("written");
    }
    fs::create_dir(cur.join("directory:2,")).expect("made");
    std::os::unix::fs::symlink("/etc/passwd", cur.join("link:2,")).expect("linked");
    fs::write(cur.join(".hidden"), "text\n").expect("written");
    let inbox = world.open("INBOX").await;
    assert_eq!(uids(&inbox).len(), odd.len());
    for uid in uids(&inbox) {
        assert_eq!(&inbox.read(uid).await.expect("text")[..], b"text\r\n");
    }
    assert!(inbox.snapshot().messages.iter().all(|message| message.size == 6));
    assert_eq!(inbox.expunge(uids(&inbox)).await.expect("removed").len(), odd.len());
    assert_eq!(world.names("cur"), [".hidden", "directory:2,", "link:2,"]);
}

#[tokio::test]
async fn two_processes_share_a_mailbox() {
    let world = World::new();
    let other = store();
    world.append("INBOX", "one\r\n").await;
    let (mine, theirs) = (world.open("INBOX").await, other.open(&world.home, "INBOX").await.expect("opened"));
    theirs.store(vec![1], FlagChange::Add, Flags::SEEN, keywords(&["Work"])).await.expect("stored");
    let seen = mine.refresh().await.expect("looked");
    assert_eq!((seen.messages[0].flags, &seen.messages[0].keywords), (Flags::SEEN, &keywords(&["Work"])));
    // A keyword alone changes no file.
    theirs.store(vec![1], FlagChange::Remove, Flags::default(), keywords(&["Work"])).await.expect("stored");
    assert!(mine.refresh().await.expect("looked").messages[0].keywords.is_empty());
    let (a, b) = tokio::join!(
        async {
            for _ in 0..20 {
                world.append("INBOX", "mine\r\n").await;
            }
        },
        async {
            for _ in 0..20 {
                let new = crate::world::message("theirs\r\n");
                other.append(&world.home, "INBOX", vec![new]).await.expect("appended");
            }
        },
    );
    let ((), ()) = (a, b);
    let expected: Vec<u32> = (1..=41).collect();
    mine.refresh().await.expect("looked");
    assert_eq!(uids(&mine), expected);
    assert_eq!(*theirs.refresh().await.expect("looked"), *mine.snapshot());
}

impl World {
    /// A file that was there before anybody looked.
    async fn drop_file_in_cur(&self, name: &str, text: &str) {
        self.store.folders(&self.home).await.expect("made");
        self.drop_file(&format!("cur/{name}"), text);
    }
}
