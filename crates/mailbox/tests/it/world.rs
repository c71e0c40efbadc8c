//! A mailbox of its own for each test.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use mailbox::{Flags, Folder, MailStore, MaildirStore, NewMessage, Uid};
use message::Domain;
use tempfile::TempDir;

/// A folder on disk, an account in it, a store.
pub(crate) struct World {
    pub(crate) home: PathBuf,
    pub(crate) store: MaildirStore,
    /// Removed at the end.
    _disk: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let disk = tempfile::tempdir().expect("a folder");
        Self { home: disk.path().join("example.test/alice"), store: store(), _disk: disk }
    }

    pub(crate) async fn open(&self, name: &str) -> Arc<dyn Folder> {
        self.store.open(&self.home, name).await.expect("opened")
    }

    /// Appends one message to INBOX or another folder.
    pub(crate) async fn append(&self, name: &str, text: &str) -> Uid {
        let (_, uids) = self.store.append(&self.home, name, vec![message(text)]).await.expect("appended");
        uids[0]
    }

    /// Puts a file where another program would.
    pub(crate) fn drop_file(&self, path: &str, text: &str) {
        fs::write(self.home.join(path), text).expect("written");
    }

    /// File names of a directory, sorted.
    pub(crate) fn names(&self, path: &str) -> Vec<String> {
        names(&self.home.join(path))
    }
}

pub(crate) fn names(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).expect("a directory");
    let mut names: Vec<_> = entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    names
}

/// Another store, as another process would have.
pub(crate) fn store() -> MaildirStore {
    MaildirStore::new(&Domain::parse("mail.example.test").expect("a name"), &config::Mailbox { create_special: true })
}

pub(crate) fn message(text: &str) -> NewMessage {
    NewMessage {
        body: Bytes::copy_from_slice(text.as_bytes()),
        flags: Flags::default(),
        keywords: BTreeSet::new(),
        internal_date: Some(1_700_000_000),
    }
}

pub(crate) fn keywords(names: &[&str]) -> BTreeSet<Arc<str>> {
    names.iter().map(|name| Arc::from(*name)).collect()
}

pub(crate) fn both(a: Flags, b: Flags) -> Flags {
    Flags(a.0 | b.0)
}

/// UIDs of an open folder.
pub(crate) fn uids(folder: &Arc<dyn Folder>) -> Vec<Uid> {
    folder.snapshot().messages.iter().map(|message| message.uid).collect()
}
