//! The files of a log: `00000001.jsonl` and so on, the newest with the highest number.

use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, io};

/// How many files share the size of the log: so much of it goes at once when it is full.
pub(super) const SEGMENTS: u64 = 8;

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    pub(super) length: u64,
    /// When its newest record was written.
    pub(super) written: SystemTime,
}

pub(super) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:08}.jsonl"))
}

/// All of them, the oldest first. Other files are not ours.
pub(super) fn list(folder: &Path) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".jsonl"));
        let Some(number) = name.and_then(|name| name.parse().ok()) else { continue };
        match fs::metadata(&path).and_then(|meta| Ok((meta.len(), meta.modified()?))) {
            Ok((length, written)) => found.push(Found { number, path, length, written }),
            // The writer took it away meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    found.sort_by_key(|segment| segment.number);
    Ok(found)
}

/// All that are there for a reader: none where there is no folder yet.
pub(super) fn list_if_any(folder: &Path) -> io::Result<Vec<Found>> {
    match list(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        found => found,
    }
}
