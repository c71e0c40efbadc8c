//! The account store: one SQLite file, `<data>/accounts.sqlite`, mode 0600.
//!
//! Commands open it beside a running server; SQLite's locks keep them apart, and the server sees a change with its next
//! question.

mod aliases;
mod error;
mod flags;
mod schema;
mod snapshot;
mod users;

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use aliases::{Alias, AliasName, NotAnAlias};
pub use error::StoreError;
pub use flags::Services;
use parking_lot::Mutex;
use rusqlite::Connection;
pub(crate) use snapshot::{Known, Receiver, Snapshot};
pub(crate) use users::Improvement;
pub use users::User;

pub use crate::password::{PasswordError, generate as generate_password};

/// Octets of a SCRAM salt.
pub(crate) const SALT: usize = 16;

/// Rounds of a SCRAM key. RFC 7677 §4 asks for 4096 at least; whoever steals the store guesses against the weaker of
/// this and Argon2id, and a phone should still log in within a moment. More than this Cyrus SASL refuses to compute
/// ("iteration-count is too big"): mbsync, and all else that logs in by it, would get no further.
pub(crate) const SCRAM_ITERATIONS: u32 = 65_536;

/// How long a command or the server waits for another's write.
const BUSY: Duration = Duration::from_secs(10);

/// An open account store.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    connection: Connection,
    snapshot: Option<(i64, Arc<Snapshot>)>,
}

impl Store {
    /// Where the store is, in a data folder.
    pub fn path(data: &Path) -> PathBuf {
        data.join("accounts.sqlite")
    }

    /// Opens a store; makes it if it is missing (its folder must be there).
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        touch(path).map_err(|error| StoreError::open(path, error))?;
        Self::open_file(path)
    }

    /// Opens a store that must be there. A server never makes one: an empty store in the place of a disk that is not
    /// mounted would turn everybody's mail away for good.
    pub fn open_existing(path: &Path) -> Result<Self, StoreError> {
        // Whether it can be opened is worth an errno that SQLite would not tell.
        match OpenOptions::new().read(true).write(true).open(path) {
            Ok(_) => Self::open_file(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::Missing { path: path.to_owned() }),
            Err(error) => Err(StoreError::open(path, error)),
        }
    }

    fn open_file(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path).and_then(prepare).map_err(|error| StoreError::sqlite(path, error))?;
        schema::bring_up(&connection, path)?;
        Ok(Self { path: path.to_owned(), inner: Mutex::new(Inner { connection, snapshot: None }) })
    }

    /// Everything that deliveries need, as it is now. Costs one look at SQLite's change counter, unless there was a
    /// change.
    pub(crate) fn snapshot(&self) -> Result<Arc<Snapshot>, StoreError> {
        let mut inner = self.inner.lock();
        let version = inner.data_version().map_err(|error| StoreError::sqlite(&self.path, error))?;
        if let Some((known, snapshot)) = &inner.snapshot
            && *known == version
        {
            return Ok(snapshot.clone());
        }
        let read = Snapshot::read(&inner.connection).map_err(|error| StoreError::sqlite(&self.path, error))?;
        let snapshot = Arc::new(read);
        inner.snapshot = Some((version, snapshot.clone()));
        Ok(snapshot)
    }

    /// Asks the database.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        work(&self.inner.lock().connection).map_err(|error| StoreError::sqlite(&self.path, error))
    }

    /// Changes the database in one transaction: all of it or nothing, even if the power fails.
    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut inner = self.inner.lock();
        // SQLite's counter does not count what this connection writes.
        inner.snapshot = None;
        let behavior = rusqlite::TransactionBehavior::Immediate;
        let transaction = inner.connection.transaction_with_behavior(behavior);
        let transaction = Transaction {
            path: &self.path,
            inner: transaction.map_err(|error| StoreError::sqlite(&self.path, error))?,
        };
        let done = work(&transaction)?;
        transaction.inner.commit().map_err(|error| StoreError::sqlite(&self.path, error))?;
        Ok(done)
    }
}

impl Inner {
    fn data_version(&self) -> rusqlite::Result<i64> {
        self.connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
    }
}

/// A transaction, and the path for its errors.
struct Transaction<'a> {
    path: &'a Path,
    inner: rusqlite::Transaction<'a>,
}

impl Transaction<'_> {
    /// How many rows a statement changed.
    fn execute(&self, sql: &str, values: impl rusqlite::Params) -> Result<usize, StoreError> {
        self.inner.execute(sql, values).map_err(|error| StoreError::sqlite(self.path, error))
    }

    /// Whether a query finds a row.
    fn exists(&self, sql: &str, values: impl rusqlite::Params) -> Result<bool, StoreError> {
        let found = self.inner.prepare(sql).and_then(|mut statement| statement.exists(values));
        found.map_err(|error| StoreError::sqlite(self.path, error))
    }
}

/// Makes an empty file that only its owner reads, before SQLite would make one for everybody. A store that root makes
/// (`gatepost user add` in a root shell) belongs to the owner of its folder, who is the server.
fn touch(path: &Path) -> io::Result<()> {
    let file = match OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return OpenOptions::new().read(true).write(true).open(path).map(drop);
        }
        Err(error) => return Err(error),
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let owner = folder.metadata()?;
    if file.metadata()?.uid() != owner.uid() && rustix::process::geteuid().is_root() {
        chown(path, Some(owner.uid()), Some(owner.gid()))?;
    }
    Ok(())
}

fn prepare(connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A new password must not be undone by a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}
