//! Any sequence of operations, by us and by other programs, against a plain list.

use std::collections::BTreeMap;
use std::fs;

use mailbox::{FlagChange, Flags, Folder, MailStore};
use proptest::prelude::*;

use crate::world::{World, keywords, message, store};

#[derive(Debug, Clone)]
enum Step {
    Append(u8),
    Flag(u8, u8, bool),
    Expunge(u8),
    Copy(u8),
    Move(u8),
    /// Another program delivers.
    Foreign(u8),
    /// Another program renames flags.
    ForeignFlag(u8),
    /// Another program removes.
    ForeignRemove(u8),
    /// The server is started again, with or without its index.
    Restart(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        any::<u8>().prop_map(Step::Append),
        (any::<u8>(), 0_u8..32, any::<bool>()).prop_map(|(which, bits, add)| Step::Flag(which, bits, add)),
        any::<u8>().prop_map(Step::Expunge),
        any::<u8>().prop_map(Step::Copy),
        any::<u8>().prop_map(Step::Move),
        any::<u8>().prop_map(Step::Foreign),
        any::<u8>().prop_map(Step::ForeignFlag),
        any::<u8>().prop_map(Step::ForeignRemove),
        any::<bool>().prop_map(Step::Restart),
    ];
    prop::collection::vec(step, 1..16)
}

/// What a folder should hold: flags and text by UID.
type Model = BTreeMap<u32, (u8, String)>;

struct Run {
    world: World,
    inbox: Model,
    archive: Model,
    next: (u32, u32),
    files: u32,
}

fn pick(model: &Model, which: u8) -> Option<u32> {
    model.keys().nth(usize::from(which) % model.len().max(1)).copied()
}

impl Run {
    async fn step(&mut self, step: Step) {
        let inbox = self.world.open("INBOX").await;
        match step {
            Step::Append(n) => {
                let text = format!("own {n}\r\n");
                let uid = self.world.append("INBOX", &text).await;
                self.take(uid, 0, text);
            }
            Step::Foreign(n) => {
                self.files += 1;
                let text = format!("foreign {n}\n");
                self.world.drop_file(&format!("new/{}.x.host", 2_000_000_000 + self.files), &text);
                inbox.refresh().await.expect("looked");
                self.take(self.next.0, 0, text.replace('\n', "\r\n"));
            }
            Step::Restart(lose) => self.restart(inbox, lose),
            Step::Flag(which, bits, add) => self.flag(&*inbox, (which, bits, add)).await,
            Step::Expunge(which) => {
                let Some(uid) = pick(&self.inbox, which) else { return };
                assert_eq!(inbox.expunge(vec![uid]).await.expect("removed"), [uid]);
                self.inbox.remove(&uid);
            }
            Step::Copy(which) | Step::Move(which) => self.transfer(&*inbox, which, matches!(step, Step::Move(_))).await,
            Step::ForeignFlag(which) | Step::ForeignRemove(which) => {
                self.meddle(which, matches!(step, Step::ForeignRemove(_)));
            }
        }
    }

    fn take(&mut self, uid: u32, flags: u8, text: String) {
        assert_eq!(uid, self.next.0);
        self.next.0 += 1;
        self.inbox.insert(uid, (flags, text));
    }

    fn restart(&mut self, inbox: std::sync::Arc<dyn Folder>, lose: bool) {
        drop(inbox);
        self.world.store = store();
        for name in self.world.names("").iter().filter(|name| lose && name.starts_with("gatepost-index")) {
            fs::remove_file(self.world.home.join(name)).expect("removed");
        }
    }

    async fn flag(&mut self, inbox: &dyn Folder, (which, bits, add): (u8, u8, bool)) {
        let Some(uid) = pick(&self.inbox, which) else { return };
        let change = if add { FlagChange::Add } else { FlagChange::Replace };
        inbox.store(vec![uid], change, Flags(bits), keywords(&[])).await.expect("stored");
        let flags = &mut self.inbox.get_mut(&uid).expect("picked").0;
        *flags = if add { *flags | bits } else { bits };
    }

    async fn transfer(&mut self, inbox: &dyn Folder, which: u8, away: bool) {
        let Some(uid) = pick(&self.inbox, which) else { return };
        let copied =
            if away { inbox.relocate(vec![uid], "Archive").await } else { inbox.copy(vec![uid], "Archive").await };
        assert_eq!(copied.expect("transferred").uids, [(uid, self.next.1)]);
        self.archive.insert(self.next.1, self.inbox[&uid].clone());
        self.next.1 += 1;
        if away {
            self.inbox.remove(&uid);
        }
    }

    /// Another program finds the file by its text.
    fn meddle(&mut self, which: u8, remove: bool) {
        let Some(uid) = pick(&self.inbox, which) else { return };
        let (flags, text) = &self.inbox[&uid];
        let (flags, text) = (*flags, text.replace("\r\n", "\n"));
        let unique = self.inbox.values().filter(|(_, other)| other.replace("\r\n", "\n") == text).count() == 1;
        let cur = self.world.home.join("cur");
        let found = self
            .world
            .names("cur")
            .into_iter()
            .find(|name| fs::read_to_string(cur.join(name)).ok().as_ref() == Some(&text));
        let Some(name) = found.filter(|_| unique && flags & Flags::SEEN.0 == 0) else { return };
        if remove {
            fs::remove_file(cur.join(name)).expect("removed");
            self.inbox.remove(&uid);
        } else {
            fs::rename(cur.join(&name), cur.join(format!("{name}S"))).expect("renamed");
            self.inbox.insert(uid, (flags | Flags::SEEN.0, text.replace('\n', "\r\n")));
        }
    }

    async fn check(&self, name: &str) {
        let (model, next) = if name == "INBOX" { (&self.inbox, self.next.0) } else { (&self.archive, self.next.1) };
        let folder = self.world.open(name).await;
        let snapshot = folder.snapshot();
        assert_eq!(snapshot.uid_next, next);
        let mut found = Model::new();
        for meta in &snapshot.messages {
            let text = folder.read(meta.uid).await.expect("text");
            assert_eq!(text.len() as u64, meta.size);
            found.insert(meta.uid, (meta.flags.0, String::from_utf8_lossy(&text).into_owned()));
        }
        assert_eq!(&found, model, "{name}");
        let status = self.world.store.status(&self.world.home, name).await.expect("status");
        assert_eq!(status.messages as usize, model.len());
    }
}

async fn run(steps: Vec<Step>) {
    let world = World::new();
    world.store.append(&world.home, "INBOX", vec![message("first\r\n")]).await.expect("appended");
    let inbox = Model::from([(1, (0, "first\r\n".to_owned()))]);
    let mut run = Run { world, inbox, archive: Model::new(), next: (2, 1), files: 0 };
    for step in steps {
        run.step(step).await;
        run.check("INBOX").await;
    }
    run.check("Archive").await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn the_store_does_what_a_list_does(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(run(steps));
    }
}
