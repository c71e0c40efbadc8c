//! The index of one account: what Maildir cannot hold (UIDs, UIDVALIDITY, keywords, what is recent), and a cache of what
//! it can. One SQLite file in the account's Maildir. It may be lost: [`crate::uid_list`] brings UIDs and UIDVALIDITY back, the
//! files everything else but keywords.
//!
//! Each change of a folder has a number, its mod-sequence. Rows carry the number of their last change and removals are
//! remembered, so that whoever has a folder in memory reads only what is new.

mod change;
mod folder_rows;
mod message_rows;
mod schema;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior};

pub(crate) use change::Change;
pub(crate) use folder_rows::FolderRow;
pub(crate) use message_rows::{Location, Row};

use crate::store::StoreError;

/// The file's name.
const FILE: &str = "gatepost-index.db";
/// How long another process (a command beside the server) may hold the index.
const BUSY: Duration = Duration::from_secs(20);

/// An open index.
#[derive(Debug)]
pub(crate) struct Index {
    db: Connection,
}

impl Index {
    /// Opens or makes it. One that SQLite calls broken is put aside and made anew.
    pub(crate) fn open(home: &Path) -> Result<Self, StoreError> {
        let path = home.join(FILE);
        match Self::connect(&path) {
            Err(error) if is_broken(&error) => {
                tracing::error!(path = %path.display(), %error, "index is broken; it is built again from the files");
                set_aside(&path);
                Self::connect(&path).map_err(Into::into)
            }
            other => other.map_err(Into::into),
        }
    }

    fn connect(path: &Path) -> rusqlite::Result<Self> {
        restrict(path);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NOFOLLOW)?;
        db.busy_timeout(BUSY)?;
        schema::prepare(&db)?;
        Ok(Self { db })
    }

    /// The message file whose name begins with `prefix`, in any folder of the account: the folder's directory and where
    /// in it. For a delivery that is repeated; slow, as there is no index over names of all folders.
    pub(crate) fn find_base(home: &Path, prefix: &str) -> Result<Option<(String, Location)>, StoreError> {
        if !home.join(FILE).exists() {
            return Ok(None);
        }
        let sql = "SELECT directory, base, info, in_cur FROM message JOIN folder ON folder.id = message.folder
                   WHERE substr(base, 1, length(?1)) = ?1 LIMIT 1";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, message_rows::read_location(row, 1)?));
        Ok(Self::open(home)?.db.query_row(sql, [prefix.as_bytes()], read).optional()?)
    }

    /// Runs `work` in a transaction that no other process can be in at the same time: it also guards renames of files.
    pub(crate) fn exclusively<T>(
        &mut self,
        work: impl FnOnce(&Change<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // After an error the index says what it said; the files that were touched are found at the next look.
        let result = work(&Change::new(&transaction))?;
        transaction.commit()?;
        Ok(result)
    }
}

/// Whether building anew helps.
fn is_broken(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Keeps the broken file for who wants to look at it.
fn set_aside(path: &Path) {
    let _ = std::fs::rename(path, with_suffix(path, ".broken"));
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(with_suffix(path, suffix));
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// SQLite would make the file with the umask's mode; its `-wal` and `-shm` take after it.
fn restrict(path: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    let _ = std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path);
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::NoSpace,
            _ => Self::Index(error.to_string()),
        }
    }
}
