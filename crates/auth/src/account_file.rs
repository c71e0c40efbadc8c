//! Files that hold accounts: read within bounds, and again when they change. Whatever keeps us from reading one is told
//! with its path, our uid, the errno and what to do; it is never a wrong password (MISSION 002-09).

mod kept;
mod stamp;

pub(crate) use kept::Kept;
pub(crate) use stamp::{Read, Stamp};

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use zeroize::Zeroizing;

use crate::TempFail;
use crate::module::Answer;

/// A larger file is no list of accounts: half a million lines fit.
pub(crate) const MAX_FILE: u64 = 64 * 1024 * 1024;

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// The system says no.
    #[error("cannot read {path} as uid {uid}: {error}; {advice}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Who tried.
        uid: u32,
        /// With its errno.
        error: io::Error,
        /// What to do.
        advice: String,
    },
    /// A folder, a pipe, a device.
    #[error("{0} is not a file")]
    NotAFile(PathBuf),
    /// Too large.
    #[error("{path} is larger than {} MiB, the most that is read", MAX_FILE >> 20)]
    TooLarge {
        /// Which.
        path: PathBuf,
    },
}

impl Unreadable {
    /// With advice by errno and by who may read.
    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        let uid = rustix::process::geteuid().as_raw();
        let advice = match error.kind() {
            io::ErrorKind::PermissionDenied => permission(path, uid),
            io::ErrorKind::NotFound => "is the path right, and its disk mounted?".to_owned(),
            _ => "is the disk all right?".to_owned(),
        };
        Self::Io { path: path.to_owned(), uid, error, advice }
    }

    /// Whether there is no such file.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Io { error, .. } if error.kind() == io::ErrorKind::NotFound)
    }
}

/// Who may read it, and how to become one of them. A folder on the way may be what is closed: the first that can be
/// looked at from outside is named.
fn permission(path: &Path, uid: u32) -> String {
    let seen = path.ancestors().find_map(|at| at.metadata().ok().map(|meta| (at, meta)));
    let Some((at, meta)) = seen else { return "give that user the right to read it (chown, chmod)".to_owned() };
    let (mode, owner, group) = (meta.mode() & 0o7777, meta.uid(), meta.gid());
    let at = at.display();
    format!(
        "{at} has mode {mode:04o} and belongs to uid {owner}, gid {group}: run gatepost as uid {owner}, or let uid {uid} in (chown, or chgrp and chmod g+rX)"
    )
}

/// Opens a file for reading; never waits, as a pipe in its place would make us.
pub(crate) fn open(path: &Path) -> Result<(File, Metadata), Unreadable> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let opened = opened.and_then(|file| file.metadata().map(|meta| (file, meta)));
    let (file, meta) = opened.map_err(|error| Unreadable::io(path, error))?;
    if meta.is_file() { Ok((file, meta)) } else { Err(Unreadable::NotAFile(path.to_owned())) }
}

/// Reads a file as a whole. The stamp is from before the reading: what changes meanwhile is read again the next time.
pub(crate) fn read(path: &Path) -> Result<(Zeroizing<Vec<u8>>, Read), Unreadable> {
    let (file, meta) = open(path)?;
    let too_large = || Unreadable::TooLarge { path: path.to_owned() };
    let length = usize::try_from(meta.len().min(MAX_FILE)).map_err(|_| too_large())?;
    // Room for all of it at once: a buffer that grows leaves pieces with passwords behind.
    let mut text = Zeroizing::new(Vec::with_capacity(length + 1));
    file.take(MAX_FILE + 1).read_to_end(&mut text).map_err(|error| Unreadable::io(path, error))?;
    if text.len() as u64 > MAX_FILE {
        return Err(too_large());
    }
    Ok((text, Read { path: path.to_owned(), stamp: Stamp::of(&meta) }))
}

/// The mode of a file or folder that others than its owner can use, if so.
pub(crate) fn exposed(path: &Path) -> Result<Option<u32>, Unreadable> {
    let meta = path.metadata().map_err(|error| Unreadable::io(path, error))?;
    let mode = meta.permissions().mode() & 0o7777;
    Ok((mode & 0o077 != 0).then_some(mode))
}

/// Runs work that reads files on a thread where it may wait.
pub(crate) fn apart<T: Send + 'static>(
    module: &'static str,
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Answer<'static, Result<T, TempFail>> {
    Box::pin(async move {
        let done = tokio::task::spawn_blocking(work).await;
        let done = done.unwrap_or_else(|_| Err("reading the accounts failed by a fault of ours".to_owned()));
        done.map_err(|cause| TempFail { module, cause })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_not_waited_for() {
        let dir = tempfile::tempdir().expect("a folder");
        let pipe = dir.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a pipe");
        for path in [pipe.as_path(), dir.path()] {
            assert!(matches!(read(path), Err(Unreadable::NotAFile(_))), "{}", path.display());
        }
        let missing = read(&dir.path().join("none")).expect_err("none");
        assert!(missing.is_missing() && missing.to_string().contains("os error 2"), "{missing}");
    }

    #[test]
    fn too_large_is_told_before_it_is_read() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("large");
        File::create(&path).and_then(|file| file.set_len(MAX_FILE + 1)).expect("a hole");
        assert!(matches!(read(&path), Err(Unreadable::TooLarge { .. })));
    }
}
