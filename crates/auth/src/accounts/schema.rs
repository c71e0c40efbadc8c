//! The tables. `PRAGMA user_version` is the number of the format.

use std::path::Path;

use rusqlite::Connection;

use super::StoreError;

/// The format that this program writes.
const FORMAT: i64 = 1;

/// Names are kept as keys: local part in lower case, domain in A-labels. `changed` is a new random number with each
/// change of an account: who remembers something about it compares the number. `secret` makes the SCRAM keys of users
/// who do not exist.
const TABLES: &str = "
    CREATE TABLE account (
        name TEXT PRIMARY KEY NOT NULL,
        address TEXT NOT NULL,
        hash TEXT NOT NULL,
        scram_salt BLOB,
        scram_iterations INTEGER,
        scram_stored_key BLOB,
        scram_server_key BLOB,
        may_smtp INTEGER NOT NULL DEFAULT 1,
        may_imap INTEGER NOT NULL DEFAULT 1,
        may_pop3 INTEGER NOT NULL DEFAULT 1,
        active INTEGER NOT NULL DEFAULT 1,
        created INTEGER NOT NULL,
        changed INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE alias (
        name TEXT NOT NULL,
        target TEXT NOT NULL,
        PRIMARY KEY (name, target)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE secret (value BLOB NOT NULL) STRICT;
    INSERT INTO secret VALUES (randomblob(32));
    PRAGMA user_version = 1;
";

/// Makes the tables in a new store; refuses one that a later program made.
pub(super) fn bring_up(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let sqlite = |error| StoreError::sqlite(path, error);
    let format = || connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
    if format().map_err(sqlite)? == 0 {
        // Two programs may open a new store at once: the second one finds it done.
        connection.execute_batch("BEGIN IMMEDIATE").map_err(sqlite)?;
        let made = match format() {
            Ok(0) => connection.execute_batch(TABLES),
            found => found.map(drop),
        };
        let end = if made.is_ok() { "COMMIT" } else { "ROLLBACK" };
        connection.execute_batch(end).map_err(sqlite)?;
        made.map_err(sqlite)?;
    }
    match format().map_err(sqlite)? {
        found if found > FORMAT => Err(StoreError::Newer { path: path.to_owned(), found, known: FORMAT }),
        _ => Ok(()),
    }
}
