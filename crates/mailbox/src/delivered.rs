//! Finding what the queue delivered, by the name that it gave the file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use queue::QueueId;

/// The part of a delivered file's name that tells which message it is.
pub(crate) fn mark(id: QueueId) -> String {
    format!(".Q{:016X}R", id.0)
}

/// The file of a message in the inbox of the Maildir `home`. Nothing where it was moved to another folder, fetched or deleted.
///
/// # Errors
/// A folder cannot be read. One that is missing has no file.
pub fn delivered_file(home: &Path, id: QueueId) -> io::Result<Option<PathBuf>> {
    let mark = mark(id);
    for folder in ["new", "cur"] {
        let entries = match fs::read_dir(home.join(folder)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_string_lossy().contains(&mark) {
                return Ok(Some(entry.path()));
            }
        }
    }
    Ok(None)
}
