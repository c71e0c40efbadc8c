//! The log of attempts: which one, and where.

use std::io;
use std::path::{Path, PathBuf};

use trace::store::{Kept, Settings};

use super::Record;

/// The log, as those write to it who judge.
pub(super) type Log = trace::store::Log<Record>;

impl Kept for Record {}

pub(super) fn folder(data: &Path) -> PathBuf {
    data.join("auth-log")
}

/// Goes on with the log in a data folder, of at most `size` octets.
pub(super) fn open(data: &Path, size: u64) -> io::Result<Log> {
    Log::open(Settings {
        folder: folder(data),
        thread: "gatepost-auth-log",
        trouble: "login attempts cannot be written down; logins go on",
        size,
        age: None,
    })
}
