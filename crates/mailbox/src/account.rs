//! One account: its index, and its folders that are open.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::folder::OpenFolder;
use crate::folder_name::{directory, encoded, normal};
use crate::index::{Change, FolderRow, Index};
use crate::maildir::Shared;
use crate::reconcile::reconcile;
use crate::site::Site;
use crate::store::StoreError;

/// One account. There is one value for it as long as anybody uses it.
pub(crate) struct Account {
    pub(crate) home: PathBuf,
    pub(crate) shared: Arc<Shared>,
    /// Opened when it is needed. The lock is held while files are renamed: it keeps the sessions of one account from
    /// each other, the index's own lock keeps processes.
    index: Mutex<Option<Index>>,
    /// Folders that somebody looks at, by their names in the index.
    open: Mutex<HashMap<String, Weak<OpenFolder>>>,
}

/// How far what is known of a folder can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// An open folder knows what it last saw.
    Again,
    /// Compare with what was seen for certain.
    Afresh,
}

impl Account {
    pub(crate) fn new(home: &Path, shared: Arc<Shared>) -> Self {
        Self { home: home.to_owned(), shared, index: Mutex::default(), open: Mutex::default() }
    }

    /// Where a folder is; whether it exists is found out later.
    pub(crate) fn site(&self, name: &str) -> Result<Site, StoreError> {
        let name = normal(name)?;
        let path = directory(&self.home, &name);
        let key = match path.file_name() {
            _ if name == "INBOX" => String::new(),
            Some(file_name) => file_name.to_string_lossy().into_owned(),
            None => encoded(&name),
        };
        Ok(Site { name, path, key })
    }

    /// Runs `work` with the index, alone in this account.
    pub(crate) fn exclusively<T>(
        self: &Arc<Self>,
        work: impl FnOnce(&Change<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut slot = self.index.lock();
        let index = match slot.take() {
            Some(index) => slot.insert(index),
            None => {
                self.shared.indexes.opened(self);
                slot.insert(Index::open(&self.home)?)
            }
        };
        let result = index.exclusively(work);
        if matches!(result, Err(StoreError::Index(_))) {
            // Opening it anew finds out whether it is broken, and mends it.
            *slot = None;
        }
        result
    }

    /// Closes the index if nobody uses it right now.
    pub(crate) fn rest(&self) {
        if let Some(mut slot) = self.index.try_lock() {
            *slot = None;
        }
    }

    /// Brings a folder's index up to date with its files, then runs `work`; at the end, whoever has the folder open knows.
    pub(crate) fn in_folder<T>(
        self: &Arc<Self>,
        site: &Site,
        look: Look,
        work: impl FnOnce(&Change<'_>, &mut FolderRow) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let open = self.opened(&site.key);
        let known = open.as_ref().filter(|_| look == Look::Again).map(|open| open.seen());
        let result = self.exclusively(|change| {
            let (mut row, mut seen) = reconcile(change, site, known, open.is_some())?;
            let (before, found) = (row, site.mtimes()?);
            let result = work(change, &mut row)?;
            if row != before {
                change.forget(&mut row)?;
                change.put_folder(&row)?;
                // What we did to `cur/` ourselves needs no second look.
                let now = site.mtimes()?;
                seen.new = seen.new.filter(|_| seen.new == now.new);
                seen.cur = if seen.cur == found.cur { now.cur } else { None };
            }
            if let Some(open) = &open {
                open.catch_up(change, &row, Some(seen))?;
            }
            Ok(result)
        });
        if let (Err(_), Some(open)) = (&result, &open) {
            open.distrust();
        }
        result
    }

    /// Tells those who have another folder open what was put into it.
    pub(crate) fn tell(&self, site: &Site, change: &Change<'_>, row: &FolderRow) -> Result<(), StoreError> {
        match self.opened(&site.key) {
            Some(open) => open.catch_up(change, row, None),
            None => Ok(()),
        }
    }

    /// The folder, if somebody has it open.
    pub(crate) fn opened(&self, key: &str) -> Option<Arc<OpenFolder>> {
        self.open.lock().get(key).and_then(Weak::upgrade)
    }

    /// The folder in memory; one for all.
    pub(crate) fn enter(self: &Arc<Self>, site: Site) -> Arc<OpenFolder> {
        let mut open = self.open.lock();
        if let Some(folder) = open.get(&site.key).and_then(Weak::upgrade) {
            return folder;
        }
        open.retain(|_, folder| folder.strong_count() > 0);
        let key = site.key.clone();
        let folder = Arc::new(OpenFolder::new(self.clone(), site));
        open.insert(key, Arc::downgrade(&folder));
        folder
    }

    /// A folder that was removed or renamed is no longer found under its name; who has it open is told at the next look.
    pub(crate) fn leave(&self, key: &str) {
        self.open.lock().remove(key);
    }
}

/// Bounds how many indexes are open at once: each costs three files and a cache.
#[derive(Default)]
pub(crate) struct OpenIndexes(Mutex<std::collections::VecDeque<Weak<Account>>>);

impl OpenIndexes {
    const MOST: usize = 48;

    /// An account opens its index: the one that was opened longest ago gives its own up.
    fn opened(&self, account: &Arc<Account>) {
        let mut open = self.0.lock();
        open.push_back(Arc::downgrade(account));
        while open.len() > Self::MOST {
            if let Some(eldest) = open.pop_front().and_then(|eldest| eldest.upgrade()) {
                eldest.rest();
            }
        }
    }
}
