//! A folder that somebody has open: in memory once, however many look at it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::account::{Account, Look};
use crate::index::{Change, FolderRow};
use crate::maildir::blocking;
use crate::site::{Seen, Site};
use crate::store::{Copied, FlagChange, Flags, Folder, Future, Snapshot, StoreError, Uid};
use crate::transfer::Mode;
use crate::{messages, transfer};

/// An open folder.
pub(crate) struct OpenFolder {
    pub(crate) account: Arc<Account>,
    pub(crate) site: Site,
    view: Mutex<View>,
    changes: watch::Sender<u64>,
    /// It waits to be looked at again.
    pub(crate) dirty: AtomicBool,
    /// inotify's numbers for `new/` and `cur/`.
    pub(crate) watches: Mutex<Vec<i32>>,
}

/// What is in memory.
struct View {
    snapshot: Arc<Snapshot>,
    /// The mod-sequence of the snapshot; 0 is nothing.
    modseq: i64,
    recent: Uid,
    seen: Seen,
}

impl OpenFolder {
    pub(crate) fn new(account: Arc<Account>, site: Site) -> Self {
        let snapshot = Arc::new(Snapshot { uid_validity: 0, uid_next: 1, messages: Vec::new() });
        let view = View { snapshot, modseq: 0, recent: 1, seen: Seen::default() };
        Self {
            account,
            site,
            view: Mutex::new(view),
            changes: watch::Sender::new(0),
            dirty: AtomicBool::new(false),
            watches: Mutex::default(),
        }
    }

    /// The mtimes that were seen last.
    pub(crate) fn seen(&self) -> Seen {
        self.view.lock().seen
    }

    /// After an error nothing in memory is certain: everything is read again.
    pub(crate) fn distrust(&self) {
        let mut view = self.view.lock();
        (view.modseq, view.seen) = (0, Seen::default());
    }

    /// Looks at the disk again.
    pub(crate) fn look(&self, look: Look) -> Result<Arc<Snapshot>, StoreError> {
        // Whoever asks for another look from now on gets one.
        self.dirty.store(false, Ordering::Release);
        self.work(look, |_, _| Ok(()))?;
        Ok(self.snapshot())
    }

    /// Runs `work` on this folder and no other: one that was removed and made again under the same name has other messages
    /// under the same UIDs.
    pub(crate) fn work<T>(
        &self,
        look: Look,
        work: impl FnOnce(&Change<'_>, &mut FolderRow) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.account.in_folder(&self.site, look, |change, row| {
            self.same(row)?;
            work(change, row)
        })
    }

    /// Whether this is still the folder that was opened.
    pub(crate) fn same(&self, row: &FolderRow) -> Result<(), StoreError> {
        let opened = self.view.lock().snapshot.uid_validity;
        let same = opened == 0 || opened == row.uid_validity;
        if same { Ok(()) } else { Err(StoreError::NoSuchFolder(self.site.name.clone())) }
    }

    /// Reads from the index what changed since the last time. `seen` is `None` where another folder's operation put
    /// something here: then the directories are read at the next look.
    pub(crate) fn catch_up(&self, change: &Change<'_>, row: &FolderRow, seen: Option<Seen>) -> Result<(), StoreError> {
        let mut view = self.view.lock();
        view.recent = view.recent.max(row.recent);
        view.seen = seen.unwrap_or(view.seen);
        if view.modseq == row.modseq && view.snapshot.uid_validity == row.uid_validity {
            return Ok(());
        }
        let fresh = view.modseq < row.forgotten || view.snapshot.uid_validity != row.uid_validity;
        let since = if fresh { 0 } else { view.modseq };
        let mut messages = if since == 0 { Vec::new() } else { view.snapshot.messages.clone() };
        if since > 0 {
            let gone = change.expunged_since(row.id, since)?;
            messages.retain(|message| !gone.contains(&message.uid));
        }
        for meta in change.changed_since(row.id, since)? {
            match messages.binary_search_by_key(&meta.uid, |message| message.uid) {
                Ok(at) => messages[at] = meta,
                Err(at) => messages.insert(at, meta),
            }
        }
        let (uid_validity, uid_next) = (row.uid_validity, row.uid_next);
        view.snapshot = Arc::new(Snapshot { uid_validity, uid_next, messages });
        view.modseq = row.modseq;
        drop(view);
        self.changes.send_modify(|number| *number += 1);
        Ok(())
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        self.view.lock().snapshot.clone()
    }
}

impl Drop for OpenFolder {
    fn drop(&mut self) {
        self.account.shared.watcher.forget(&self.watches.lock());
    }
}

/// What a session holds.
pub(crate) struct Handle(pub(crate) Arc<OpenFolder>);

impl Handle {
    /// Runs `work` off the I/O threads.
    fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<OpenFolder>) -> Result<T, StoreError> + Send + 'static,
    ) -> Future<'_, T> {
        let folder = self.0.clone();
        Box::pin(blocking(move || work(&folder)))
    }
}

impl Folder for Handle {
    fn snapshot(&self) -> Arc<Snapshot> {
        self.0.snapshot()
    }

    fn refresh(&self) -> Future<'_, Arc<Snapshot>> {
        self.run(|folder| folder.look(Look::Again))
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    fn recent(&self, claim: bool) -> Uid {
        let mut view = self.0.view.lock();
        let first = view.recent;
        if claim && view.snapshot.uid_next > first {
            view.recent = view.snapshot.uid_next;
            drop(view);
            // Written down beside the session: if it fails, the messages are recent once more, which harms nobody.
            let folder = self.0.clone();
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn_blocking(move || messages::write_recent(&folder));
            }
        }
        first
    }

    fn read(&self, uid: Uid) -> Future<'_, Bytes> {
        self.run(move |folder| messages::read(folder, uid))
    }

    fn store(
        &self,
        uids: Vec<Uid>,
        change: FlagChange,
        flags: Flags,
        keywords: BTreeSet<Arc<str>>,
    ) -> Future<'_, Arc<Snapshot>> {
        self.run(move |folder| {
            messages::store(folder, &uids, &messages::Wanted { change, flags, keywords })?;
            Ok(folder.snapshot())
        })
    }

    fn expunge(&self, uids: Vec<Uid>) -> Future<'_, Vec<Uid>> {
        self.run(move |folder| messages::expunge(folder, &uids))
    }

    fn copy(&self, uids: Vec<Uid>, target: &str) -> Future<'_, Copied> {
        let target = target.to_owned();
        self.run(move |folder| transfer::transfer(folder, &target, &uids, Mode::Copy))
    }

    fn relocate(&self, uids: Vec<Uid>, target: &str) -> Future<'_, Copied> {
        let target = target.to_owned();
        self.run(move |folder| transfer::transfer(folder, &target, &uids, Mode::Move))
    }
}

impl OpenFolder {
    /// From this UID on nobody was told that messages are recent.
    pub(crate) fn first_recent(&self) -> Uid {
        self.view.lock().recent
    }
}
