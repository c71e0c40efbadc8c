//! An account's Maildir as its files, and waiting for mail in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;

use crate::PATIENCE;

/// One Maildir.
#[derive(Debug, Clone)]
pub struct Maildir {
    path: PathBuf,
}

impl Maildir {
    /// The Maildir at `path`; it need not be there yet.
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The files in `new/` and `cur/`, sorted by name.
    pub fn files(&self) -> Vec<PathBuf> {
        let read = |folder: &str| fs::read_dir(self.path.join(folder)).into_iter().flatten();
        let mut files: Vec<_> =
            read("new").chain(read("cur")).filter_map(Result::ok).map(|entry| entry.path()).collect();
        files.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
        files
    }

    /// The messages, in the order of [`Self::files`].
    pub fn messages(&self) -> Vec<String> {
        let read = |path: PathBuf| fs::read(path).map(|octets| String::from_utf8_lossy(&octets).into_owned());
        self.files().into_iter().filter_map(|path| read(path).ok()).collect()
    }

    /// Waits until there are at least `count` messages, and returns all.
    pub fn wait_for(&self, count: usize) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        let watch = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK).expect("inotify");
        loop {
            // Watched before looked at: what comes in between wakes the wait below.
            self.watch(&watch);
            let messages = self.messages();
            if messages.len() >= count {
                return messages;
            }
            let left = deadline.checked_duration_since(Instant::now());
            let left =
                left.unwrap_or_else(|| panic!("{} of {count} messages in {}", messages.len(), self.path.display()));
            let left = Timespec::try_from(left).expect("a minute fits");
            poll(&mut [PollFd::new(&watch, PollFlags::IN)], Some(&left)).expect("poll");
            drain(&watch);
        }
    }

    /// Watches `new/`, `cur/` and every folder above them that is there, as the account may not be there yet.
    fn watch(&self, watch: &rustix::fd::OwnedFd) {
        let wanted = inotify::WatchFlags::CREATE | inotify::WatchFlags::MOVED_TO;
        let folders = [self.path.join("new"), self.path.join("cur")];
        for folder in folders.iter().map(PathBuf::as_path).chain(self.path.ancestors().take(4)) {
            if folder.is_dir() {
                inotify::add_watch(watch, folder, wanted).expect("inotify watch");
            }
        }
    }
}

/// What exactly happened is not of interest: the folder is read again.
fn drain(watch: &rustix::fd::OwnedFd) {
    let mut buffer = [0; 4096];
    while rustix::io::read(watch, &mut buffer).is_ok_and(|n| n > 0) {}
}
