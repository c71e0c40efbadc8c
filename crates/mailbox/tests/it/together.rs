//! All at once: our delivery, another program's delivery, flags from one process and moves from another. Nothing is lost and
//! nothing comes twice.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use mailbox::{FlagChange, Flags, Folder, MailStore};

use crate::delivery::{courier, job};
use crate::world::{World, keywords, store};
use queue::Courier;

const EACH: u64 = 40;

async fn deliver(world: &World) {
    let courier = courier(world);
    for id in 0..EACH {
        let mut job = job(id, &["alice"], false);
        job.body = format!("Subject: own {id}\r\n\r\n").into();
        courier.deliver(vec![job]).await;
    }
    courier.flush().await.expect("flushed");
}

async fn deliver_foreign(world: &World) {
    for id in 0..EACH {
        let name = format!("{}.foreign{id}.host", 1_700_000_000 + id);
        world.drop_file(&format!("tmp/{name}"), &format!("Subject: foreign {id}\n\n"));
        fs::rename(world.home.join("tmp").join(&name), world.home.join("new").join(&name)).expect("delivered");
        tokio::task::yield_now().await;
    }
}

/// Flags whatever is there, again and again.
async fn flag(folder: Arc<dyn Folder>) {
    for round in 0..EACH {
        let uids = folder.refresh().await.expect("looked").messages.iter().map(|message| message.uid).collect();
        let change = if round % 2 == 0 { FlagChange::Add } else { FlagChange::Remove };
        folder.store(uids, change, Flags::SEEN, keywords(&["Work"])).await.expect("stored");
    }
}

/// Moves the first message away, again and again.
async fn archive(folder: Arc<dyn Folder>) -> u64 {
    let mut moved = 0;
    for _ in 0..EACH {
        let first = folder.refresh().await.expect("looked").messages.first().map(|message| message.uid);
        moved += folder.relocate(first.into_iter().collect(), "Archive").await.expect("moved").uids.len() as u64;
    }
    moved
}

async fn subjects(world: &World, name: &str, into: &mut BTreeSet<String>) -> u64 {
    let folder = world.open(name).await;
    let snapshot = folder.snapshot();
    assert!(snapshot.messages.is_sorted_by(|a, b| a.uid < b.uid));
    for meta in &snapshot.messages {
        let text = folder.read(meta.uid).await.expect("text");
        assert_eq!(text.len() as u64, meta.size);
        let text = String::from_utf8_lossy(&text).into_owned();
        into.extend(text.lines().find(|line| line.starts_with("Subject:")).map(String::from));
    }
    snapshot.messages.len() as u64
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_hands_lose_nothing() {
    let world = World::new();
    let mine = world.open("INBOX").await;
    let theirs = store().open(&world.home, "INBOX").await.expect("opened");
    let ((), (), (), moved) =
        tokio::join!(deliver(&world), deliver_foreign(&world), flag(mine.clone()), archive(theirs.clone()));
    assert_eq!(*mine.refresh().await.expect("looked"), *theirs.refresh().await.expect("looked"));
    let mut all = BTreeSet::new();
    let here = subjects(&world, "INBOX", &mut all).await;
    let there = subjects(&world, "Archive", &mut all).await;
    assert_eq!((here + there, there, all.len() as u64), (2 * EACH, moved, 2 * EACH));
}
