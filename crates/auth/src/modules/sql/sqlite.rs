//! `sqlite`: a file that another program writes.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, ErrorCode, InterruptHandle, OpenFlags, params_from_iter};
use tokio::sync::mpsc;

use super::dialect::Dialect;
use super::row::{MAX_FIELD, Row, RowError, Value};
use super::trouble::Trouble;
use super::{Database, Take};
use crate::module::Answer;

/// Rows that are read ahead of who takes them.
const AHEAD: usize = 64;

/// A database in a file.
#[derive(Debug)]
pub(crate) struct Sqlite {
    path: PathBuf,
    busy: Duration,
    idle: Arc<Idle>,
}

/// Connections that nobody uses.
#[derive(Debug, Default)]
struct Idle(Mutex<Vec<Opened>>);

/// A connection.
#[derive(Debug)]
struct Opened {
    connection: Connection,
    /// Device and inode: a file that was put in its place is another database.
    file: (u64, u64),
}

/// Ends a query whose answer nobody waits for any more.
#[derive(Default)]
struct Running(Arc<Mutex<Option<InterruptHandle>>>);

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(handle) = self.0.lock().take() {
            handle.interrupt();
        }
    }
}

impl Sqlite {
    pub(super) fn new(settings: &config::Sqlite) -> Self {
        let path = settings.path.clone().unwrap_or_default();
        // Half of the time for a lock, so that the other half is left for the answer.
        Self { path, busy: settings.guard.timeout / 2, idle: Arc::default() }
    }

    async fn run(&self, sql: &str, values: &[String], take: &mut Take<'_>) -> Result<(), Trouble> {
        let (sender, mut rows) = mpsc::channel(AHEAD);
        let running = Running::default();
        let interrupt = running.0.clone();
        let (path, busy, idle) = (self.path.clone(), self.busy, self.idle.clone());
        let (sql, values) = (sql.to_owned(), values.to_vec());
        let work = tokio::task::spawn_blocking(move || {
            let opened = idle.take(&path, busy)?;
            *interrupt.lock() = Some(opened.connection.get_interrupt_handle());
            let answer = read(&opened.connection, &sql, &values, &sender);
            // From here on the connection may be somebody else's.
            *interrupt.lock() = None;
            idle.0.lock().push(opened);
            answer
        });
        while let Some(row) = rows.recv().await {
            take(row)?;
        }
        work.await.map_err(|_| Trouble::GivenUp)?
    }
}

impl Idle {
    /// A connection to the file that is there now. There are never more than questions at once.
    fn take(&self, path: &Path, busy: Duration) -> Result<Opened, Trouble> {
        let trouble = |error| Trouble::File { error, uid: rustix::process::geteuid().as_raw() };
        // Whether it can be opened is worth an errno that SQLite would not tell.
        let meta = File::open(path).and_then(|file| file.metadata()).map_err(trouble)?;
        let file = (meta.dev(), meta.ino());
        let known = {
            let mut idle = self.0.lock();
            idle.retain(|opened| opened.file == file);
            idle.pop()
        };
        match known {
            Some(opened) => Ok(opened),
            None => Ok(Opened { connection: open(path, busy).map_err(|error| failure(&error))?, file }),
        }
    }
}

/// Opens it for reading alone. Whoever writes the file must not be able to make us do more than that: what views and
/// triggers call must be harmless.
fn open(path: &Path, busy: Duration) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(busy)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Otherwise a quoted column that is not there is taken for a text: everybody's password would be the column's name.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    Ok(connection)
}

fn read(connection: &Connection, sql: &str, values: &[String], sender: &mpsc::Sender<Row>) -> Result<(), Trouble> {
    let mut statement = connection.prepare_cached(sql).map_err(|error| failure(&error))?;
    let columns: Arc<[String]> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query(params_from_iter(values)).map_err(|error| failure(&error))?;
    while let Some(row) = rows.next().map_err(|error| failure(&error))? {
        let value = |(n, column): (usize, &String)| {
            let value = row.get_ref(n).map_err(|error| failure(&error))?;
            value_of(value, column).map_err(Trouble::Row)
        };
        let values: Result<_, Trouble> = columns.iter().enumerate().map(value).collect();
        if sender.blocking_send(Row { columns: columns.clone(), values: values? }).is_err() {
            return Err(Trouble::GivenUp);
        }
    }
    Ok(())
}

fn value_of(value: ValueRef<'_>, column: &str) -> Result<Value, RowError> {
    Ok(match value {
        ValueRef::Text(octets) | ValueRef::Blob(octets) if octets.len() > MAX_FIELD => {
            return Err(RowError::TooLong(column.to_owned()));
        }
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        // SQLite does not look whether a text is UTF-8.
        ValueRef::Text(octets) | ValueRef::Blob(octets) => Value::Bytes(octets.to_owned()),
        ValueRef::Real(_) => return Err(RowError::Type { column: column.to_owned(), of: "real".to_owned() }),
    })
}

fn failure(error: &Error) -> Trouble {
    let (code, kind) = match error {
        Error::SqliteFailure(code, _) => (Some(code.extended_code), code.code),
        Error::SqlInputError { error, .. } => (Some(error.extended_code), error.code),
        _ => (None, ErrorCode::Unknown),
    };
    let code = code.map_or_else(|| "no SQLite error".to_owned(), |code| format!("SQLite error {code}"));
    Trouble::Server { code, message: error.to_string(), advice: advice(kind) }
}

fn advice(kind: ErrorCode) -> &'static str {
    match kind {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => "another program holds its lock for too long",
        ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt => "the file at path in [auth.sqlite] is no good database",
        ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            "a database in WAL mode needs its -wal and -shm files, or a folder that this user can write to"
        }
        _ => "look at table, columns and query in [auth.sqlite]",
    }
}

impl Database for Sqlite {
    const NAME: &'static str = "sqlite";
    const DIALECT: Dialect = Dialect::Sqlite;
    const VERSION: &'static str = "SELECT sqlite_version()";

    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn rows<'a>(
        &'a self,
        sql: &'a str,
        values: &'a [String],
        take: &'a mut Take<'_>,
    ) -> Answer<'a, Result<(), Trouble>> {
        Box::pin(self.run(sql, values, take))
    }
}
