//! One folder on disk: its two directories of messages, their mtimes, and what a file tells about itself.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::body::crlf_size;
use crate::file_name;
use crate::index::{Location, Row};
use crate::layout::at;
use crate::store::{FolderName, Meta, StoreError};

/// One of the two directories of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    New,
    Cur,
}

/// One folder on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    /// Its name for users.
    pub(crate) name: FolderName,
    /// Its directory.
    pub(crate) path: PathBuf,
    /// The directory's name in the index; empty for INBOX.
    pub(crate) key: String,
}

/// The mtimes of `new/` and `cur/` (ns) as of which the index is right; `None` is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Seen {
    pub(crate) new: Option<i64>,
    pub(crate) cur: Option<i64>,
}

/// Files by their unique name.
pub(crate) type Files = HashMap<Vec<u8>, Location>;

impl Site {
    /// The mtimes now; [`StoreError::NoSuchFolder`] where the directories are gone.
    pub(crate) fn mtimes(&self) -> Result<Seen, StoreError> {
        let mtime = |part: &str| {
            let path = self.path.join(part);
            match fs::metadata(&path) {
                Ok(metadata) => Ok(Some(nanoseconds(&metadata))),
                Err(error) if error.kind() == ErrorKind::NotFound => Err(StoreError::NoSuchFolder(self.name.clone())),
                Err(error) => Err(at(&path)(error)),
            }
        };
        Ok(Seen { new: mtime("new")?, cur: mtime("cur")? })
    }

    /// A message's file.
    pub(crate) fn file(&self, location: &Location) -> PathBuf {
        let name = file_name::join(&location.base, &location.info);
        self.path.join(if location.in_cur { "cur" } else { "new" }).join(std::ffi::OsStr::from_bytes(&name))
    }
}

fn nanoseconds(metadata: &Metadata) -> i64 {
    metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec())
}

/// The mtimes that were old enough at `now`, when they were read, to be relied on.
pub(crate) fn settled(mtimes: Seen, now: Duration, tick: Duration) -> Seen {
    let limit = i64::try_from(now.saturating_sub(tick).as_nanos()).unwrap_or(i64::MAX);
    let old = |mtime: Option<i64>| mtime.filter(|&mtime| mtime < limit);
    Seen { new: old(mtimes.new), cur: old(mtimes.cur) }
}

/// Time since 1970.
pub(crate) fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO)
}

/// Reads a directory. Only plain files count: a link could lead to what is not the user's.
pub(crate) fn list(site: &Site, part: Part, into: &mut Files) -> Result<(), StoreError> {
    let in_cur = part == Part::Cur;
    let path = site.path.join(if in_cur { "cur" } else { "new" });
    for entry in fs::read_dir(&path).map_err(at(&path))? {
        let entry = entry.map_err(at(&path))?;
        let name = entry.file_name().into_vec();
        if name.starts_with(b".") || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let (base, info) = file_name::split(&name);
        let location = Location { base: base.to_vec(), info: info.to_vec(), in_cur };
        into.insert(base.to_vec(), location);
    }
    Ok(())
}

/// Size and date of a file; `None` if it went away. One that cannot be read must not hide the others: its size is then a
/// guess, and reading it will say what is wrong.
pub(crate) fn look(site: &Site, location: Location) -> Option<Row> {
    let path = site.file(&location);
    let metadata = fs::symlink_metadata(&path).ok()?;
    // A name may lie: its sizes count only if the one that can be checked is right.
    let size = match file_name::sizes(&location.base) {
        (Some(size), Some(crlf)) if size == metadata.len() && crlf >= size && crlf <= size.saturating_mul(2) => crlf,
        _ => match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            Err(_) => metadata.len(),
            Ok(text) => crlf_size(&text),
        },
    };
    let flags = file_name::flags(&location.info);
    let meta = Meta { uid: 0, flags, keywords: BTreeSet::new(), size, internal_date: metadata.mtime() };
    Some(Row { meta, location })
}
