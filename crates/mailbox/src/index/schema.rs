//! Tables.

use rusqlite::Connection;

/// Raised with each change of the tables; an index of another version is made anew (it is a cache).
const VERSION: i64 = 1;

const TABLES: &str = "
CREATE TABLE folder (
    id INTEGER PRIMARY KEY,
    directory TEXT NOT NULL UNIQUE,  -- on disk; empty for INBOX
    uid_validity INTEGER NOT NULL,
    uid_next INTEGER NOT NULL,
    recent INTEGER NOT NULL,         -- from this UID on nobody was told that they are recent
    modseq INTEGER NOT NULL,
    forgotten INTEGER NOT NULL,      -- removals up to this modseq are no longer remembered
    new_seen INTEGER,                -- mtime of new/ and cur/ in ns when they were read, where that can be relied on
    cur_seen INTEGER
);
CREATE TABLE message (
    folder INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    base BLOB NOT NULL,              -- the file's name up to the colon
    info BLOB NOT NULL,              -- and behind it
    in_cur INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    keywords TEXT NOT NULL,          -- joined by spaces
    size INTEGER NOT NULL,
    internal_date INTEGER NOT NULL,
    PRIMARY KEY (folder, uid)
) WITHOUT ROWID;
CREATE UNIQUE INDEX message_base ON message (folder, base);
CREATE INDEX message_modseq ON message (folder, modseq);
CREATE TABLE expunged (
    folder INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    PRIMARY KEY (folder, modseq, uid)
) WITHOUT ROWID;
CREATE TABLE validity (last INTEGER NOT NULL); -- the UIDVALIDITY that was given last
INSERT INTO validity VALUES (0);
CREATE TABLE keyword (
    folder INTEGER NOT NULL,
    name TEXT NOT NULL COLLATE NOCASE, -- in the case it was first set in
    PRIMARY KEY (folder, name)
) WITHOUT ROWID;
";

/// Sets the connection up and makes the tables where they are missing.
pub(super) fn prepare(db: &Connection) -> rusqlite::Result<()> {
    // NORMAL: a power cut may lose the last changes but breaks nothing, and the files bring them back. The cache is small
    // because many accounts are open at once.
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -64;")?;
    if version(db)? == VERSION {
        return Ok(());
    }
    db.execute_batch("BEGIN IMMEDIATE")?;
    let made = make(db);
    db.execute_batch(if made.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    made
}

fn version(db: &Connection) -> rusqlite::Result<i64> {
    db.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Another process may have made them while we waited.
fn make(db: &Connection) -> rusqlite::Result<()> {
    if version(db)? == VERSION {
        return Ok(());
    }
    for table in ["folder", "message", "expunged", "validity", "keyword"] {
        db.execute_batch(&format!("DROP TABLE IF EXISTS {table}"))?;
    }
    db.execute_batch(TABLES)?;
    db.execute_batch(&format!("PRAGMA user_version = {VERSION}"))
}
