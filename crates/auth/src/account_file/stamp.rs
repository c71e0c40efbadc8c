//! By what a file is known to be the same as when it was read.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// File systems write times in steps; a file that was written within one before it was read can change again without
/// another time.
const STEP: Duration = Duration::from_millis(20);

/// Device, inode, size and times. The change time cannot be set back by `touch` or `cp -p`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    file: (u64, u64),
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    pub(crate) fn of(meta: &Metadata) -> Self {
        Self {
            file: (meta.dev(), meta.ino()),
            size: meta.size(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        }
    }

    /// When it was last written, to tell the newer of two.
    pub(crate) fn modified(&self) -> (i64, i64) {
        self.modified
    }

    /// Whether it was written so long before `now` that any later change will show.
    fn is_settled(&self, now: SystemTime) -> bool {
        let (seconds, nanos) = self.changed;
        let since = Duration::new(u64::try_from(seconds).unwrap_or(0), u32::try_from(nanos).unwrap_or(0));
        now.duration_since(SystemTime::UNIX_EPOCH + since).is_ok_and(|age| age > STEP)
    }
}

/// A file (or a folder, whose names were listed) that was read, as it was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) path: PathBuf,
    pub(crate) stamp: Stamp,
}

impl Read {
    /// Whether it is still the same.
    pub(super) fn is_same(&self) -> bool {
        self.path.metadata().is_ok_and(|meta| Stamp::of(&meta) == self.stamp)
    }

    pub(super) fn is_settled(&self, now: SystemTime) -> bool {
        self.stamp.is_settled(now)
    }
}
