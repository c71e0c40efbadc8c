//! Notices that a folder changed: from our own delivery at once, from other programs through inotify, one instance for all
//! folders that are open. Without inotify (its limits are low) other programs' changes are seen at the next command.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock, Weak};

use parking_lot::Mutex;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use tokio::net::unix::pipe;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::account::Look;
use crate::folder::OpenFolder;
use crate::maildir::blocking;

/// Folders by inotify's number of their directories.
type Table = Arc<Mutex<HashMap<i32, Weak<OpenFolder>>>>;

/// Looks again at folders that changed.
#[derive(Default)]
pub(crate) struct Watcher {
    running: OnceLock<Running>,
}

struct Running {
    /// At most one entry for each open folder: see `OpenFolder::dirty`.
    changed: mpsc::UnboundedSender<Weak<OpenFolder>>,
    /// A descriptor that is read like a pipe, and tokio has pipes.
    inotify: Option<Arc<pipe::Receiver>>,
    table: Table,
}

impl Watcher {
    /// Watches an open folder. The first one starts the task, which ends with the store.
    pub(crate) fn watch(&self, folder: &Arc<OpenFolder>, runtime: &Handle) {
        let running = self.running.get_or_init(|| Running::start(runtime));
        let mut watches = folder.watches.lock();
        let Some(inotify) = running.inotify.as_ref().filter(|_| watches.is_empty()) else { return };
        let events = WatchFlags::CREATE | WatchFlags::DELETE | WatchFlags::MOVED_FROM | WatchFlags::MOVED_TO;
        for part in ["new", "cur"] {
            let mut table = running.table.lock();
            match inotify::add_watch(inotify, folder.site.path.join(part), events | WatchFlags::ONLYDIR) {
                Ok(number) => {
                    table.insert(number, Arc::downgrade(folder));
                    watches.push(number);
                }
                Err(error) => {
                    tracing::warn!(folder = folder.site.name, %error, "not watched (fs.inotify.max_user_watches?)")
                }
            }
        }
    }

    /// A folder is closed.
    pub(crate) fn forget(&self, watches: &[i32]) {
        let Some(running) = self.running.get() else { return };
        let Some(inotify) = &running.inotify else { return };
        let mut table = running.table.lock();
        for number in watches {
            // A folder that was opened again meanwhile has the same numbers: they are its own now.
            if table.get(number).is_some_and(|folder| folder.strong_count() == 0) {
                table.remove(number);
                let _ = inotify::remove_watch(inotify, *number);
            }
        }
    }

    /// Has a folder looked at again, once however often it is asked for.
    pub(crate) fn look_again(&self, folder: &Arc<OpenFolder>) {
        if let Some(running) = self.running.get()
            && !folder.dirty.swap(true, Ordering::AcqRel)
        {
            let _ = running.changed.send(Arc::downgrade(folder));
        }
    }
}

impl Running {
    fn start(runtime: &Handle) -> Self {
        let (changed, queue) = mpsc::unbounded_channel();
        let table = Table::default();
        let _entered = runtime.enter();
        let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)
            .map_err(io::Error::from)
            .and_then(pipe::Receiver::from_owned_fd_unchecked)
            .map(Arc::new);
        if let Err(error) = &inotify {
            tracing::warn!(%error, "other programs' changes are seen late (fs.inotify.max_user_instances?)");
        }
        let inotify = inotify.ok();
        runtime.spawn(look_at_all(queue, inotify.clone(), table.clone()));
        Self { changed, inotify, table }
    }
}

/// Takes notices until the store is gone. While folders are read more notices gather, and a folder that is named many times
/// is read once.
async fn look_at_all(
    mut queue: mpsc::UnboundedReceiver<Weak<OpenFolder>>,
    inotify: Option<Arc<pipe::Receiver>>,
    table: Table,
) {
    loop {
        let folders = tokio::select! {
            folder = queue.recv() => match folder {
                Some(folder) => vec![folder],
                None => return,
            },
            folders = events(inotify.as_deref(), &table) => folders,
        };
        for folder in folders.iter().filter_map(Weak::upgrade) {
            let look = folder.clone();
            if let Err(error) = blocking(move || look.look(Look::Again)).await {
                tracing::debug!(folder = folder.site.name, %error, "changed, but cannot be read");
            }
        }
    }
}

/// The folders of the next events.
async fn events(inotify: Option<&pipe::Receiver>, table: &Table) -> Vec<Weak<OpenFolder>> {
    let Some(inotify) = inotify else { return std::future::pending().await };
    let mut buffer = [0; 4096];
    let length = loop {
        let ready = inotify.readable().await;
        match ready.and_then(|()| inotify.try_read(&mut buffer)) {
            Ok(length) => break length,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => {
                tracing::error!(%error, "inotify failed: other programs' changes are seen late from now on");
                return std::future::pending().await;
            }
        }
    };
    let numbers = numbers(&buffer[..length]);
    let table = table.lock();
    let mut folders: Vec<Weak<OpenFolder>> = match numbers {
        Some(numbers) => numbers.into_iter().filter_map(|number| table.get(&number).cloned()).collect(),
        // Events were lost: anything may have changed.
        None => table.values().cloned().collect(),
    };
    folders.sort_unstable_by_key(Weak::as_ptr);
    folders.dedup_by_key(|folder| folder.as_ptr());
    folders
}

/// The watches that have events, out of `struct inotify_event { int wd; u32 mask, cookie, len; char name[len]; }`;
/// `None` if some were lost.
fn numbers(mut events: &[u8]) -> Option<Vec<i32>> {
    let mut numbers = Vec::new();
    while let Some((header, rest)) = events.split_first_chunk::<16>() {
        let field = |at: usize| u32::from_ne_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        if ReadFlags::from_bits_retain(field(4)).contains(ReadFlags::QUEUE_OVERFLOW) {
            return None;
        }
        numbers.push(field(0).cast_signed());
        events = rest.get(field(12) as usize..).unwrap_or_default();
    }
    Some(numbers)
}
