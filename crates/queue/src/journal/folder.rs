//! Segments as files of a folder: `00000001.segment`, and the lock.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IoSlice, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::FlockOperation;

use super::disk::{Disk, SegmentFile};
use crate::OpenError;

/// What a segment's file name ends with.
const SUFFIX: &str = ".segment";

/// What it ends with until it is filled.
const UNFINISHED: &str = ".new";

/// Zeros are written in pieces of this many octets.
const PIECE: usize = 1 << 20;

/// Most slices of one pwritev (Linux: UIO_MAXIOV).
const MAX_SLICES: usize = 1024;

/// The queue's folder, locked for as long as this lives.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// The folder itself, to make names durable.
    handle: File,
    _lock: File,
}

impl Folder {
    /// Makes the folder where it is missing (0700: it holds people's mail) and locks it.
    pub(crate) fn lock(path: &Path) -> Result<Self, OpenError> {
        let failed = |error| OpenError::Io { path: path.to_owned(), error };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let lock = path.join("lock");
        let lock = take_lock(&lock).map_err(|error| match error {
            Refused::Held(pid) => OpenError::Locked { dir: path.to_owned(), pid },
            Refused::Io(error) => OpenError::Io { path: lock, error },
        })?;
        let handle = File::open(path).map_err(failed)?;
        remove_unfinished(path).map_err(failed)?;
        Ok(Self { path: path.to_owned(), handle, _lock: lock })
    }

    fn file(&self, slot: u32) -> PathBuf {
        self.path.join(format!("{slot:08}{SUFFIX}"))
    }
}

/// What a crash left of segments in the making.
fn remove_unfinished(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(|name| name.ends_with(UNFINISHED)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A new file of zeros. Written, not merely allocated: the first write into space that is only allocated changes metadata,
/// which the flush would have to write, too.
fn zeros(path: &Path, size: u64) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(path)?;
    let zeros = vec![0; PIECE];
    let mut offset = 0;
    while offset < size {
        let piece = (size - offset).min(PIECE as u64);
        file.write_all_at(&zeros[..piece as usize], offset)?;
        offset += piece;
    }
    file.sync_all()?;
    Ok(file)
}

/// Why there is no lock.
enum Refused {
    Held(Option<u32>),
    Io(io::Error),
}

/// Locks the file and writes our pid into it. The kernel drops the lock when we die, however that happens.
fn take_lock(path: &Path) -> Result<File, Refused> {
    let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let mut file = options.map_err(Refused::Io)?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => {
            let mut pid = String::new();
            let _ = file.take(32).read_to_string(&mut pid);
            return Err(Refused::Held(pid.trim().parse().ok()));
        }
        Err(error) => return Err(Refused::Io(error.into())),
    }
    let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
    written.map_err(Refused::Io)?;
    Ok(file)
}

impl Disk for Folder {
    fn slots(&self) -> io::Result<Vec<u32>> {
        let mut slots = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let name = entry?.file_name();
            let slot: Option<u32> = name.to_str().and_then(|n| n.strip_suffix(SUFFIX)).and_then(|n| n.parse().ok());
            slots.extend(slot);
        }
        Ok(slots)
    }

    fn open(&self, slot: u32) -> io::Result<Arc<dyn SegmentFile>> {
        Ok(Arc::new(OpenOptions::new().read(true).write(true).open(self.file(slot))?))
    }

    fn create(&self, slot: u32, size: u64) -> io::Result<Arc<dyn SegmentFile>> {
        let temporary = self.path.join(format!("{slot:08}{UNFINISHED}"));
        let file = zeros(&temporary, size).inspect_err(|_| drop(fs::remove_file(&temporary)))?;
        fs::rename(&temporary, self.file(slot))?;
        self.handle.sync_all()?;
        Ok(Arc::new(file))
    }

    fn remove(&self, slot: u32) -> io::Result<()> {
        fs::remove_file(self.file(slot))
    }

    fn set_aside(&self, slot: u32) -> io::Result<()> {
        let path = self.file(slot);
        fs::rename(&path, path.with_extension("damaged"))
    }

    fn available(&self) -> io::Result<u64> {
        let stat = rustix::fs::fstatvfs(&self.handle)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
}

impl SegmentFile for File {
    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, offset: u64, octets: &mut [u8]) -> io::Result<()> {
        self.read_exact_at(octets, offset)
    }

    fn write_at(&self, mut offset: u64, mut slices: &mut [IoSlice<'_>]) -> io::Result<()> {
        while !slices.is_empty() {
            let count = slices.len().min(MAX_SLICES);
            match rustix::io::pwritev(self, &slices[..count], offset) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    offset += written as u64;
                    IoSlice::advance_slices(&mut slices, written);
                }
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}
