//! Rows, and the queries on them.

use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::{OptionalExtension, Params, Row as SqlRow, Transaction};

use crate::store::{Flags, Meta, StoreError, Uid};

/// Removals of a folder that are remembered; who has an older state in memory reads everything again.
const REMEMBERED: i64 = 1000;
/// Keywords of one folder.
const MAX_KEYWORDS: i64 = 500;

/// A folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FolderRow {
    pub(crate) id: i64,
    pub(crate) uid_validity: u32,
    pub(crate) uid_next: Uid,
    pub(crate) recent: Uid,
    pub(crate) modseq: i64,
    pub(crate) forgotten: i64,
    pub(crate) new_seen: Option<i64>,
    pub(crate) cur_seen: Option<i64>,
}

/// Where a message's file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) base: Vec<u8>,
    pub(crate) info: Vec<u8>,
    pub(crate) in_cur: bool,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) meta: Meta,
    pub(crate) location: Location,
}

/// A transaction.
pub(crate) struct Change<'a> {
    sql: &'a Transaction<'a>,
}

const META: &str = "uid, flags, keywords, size, internal_date";

impl<'a> Change<'a> {
    pub(super) fn new(sql: &'a Transaction<'a>) -> Self {
        Self { sql }
    }

    fn run(&self, sql: &str, values: impl Params) -> Result<usize, StoreError> {
        Ok(self.sql.prepare_cached(sql)?.execute(values)?)
    }

    fn one<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnOnce(&SqlRow<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.sql.prepare_cached(sql)?.query_row(values, read).optional()?)
    }

    fn all<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnMut(&SqlRow<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        Ok(self.sql.prepare_cached(sql)?.query_map(values, read)?.collect::<rusqlite::Result<_>>()?)
    }

    /// The row of a folder's directory.
    pub(crate) fn folder(&self, directory: &str) -> Result<Option<FolderRow>, StoreError> {
        let sql = "SELECT id, uid_validity, uid_next, recent, modseq, forgotten, new_seen, cur_seen
                   FROM folder WHERE directory = ?1";
        self.one(sql, [directory], |row| {
            Ok(FolderRow {
                id: row.get(0)?,
                uid_validity: row.get(1)?,
                uid_next: row.get(2)?,
                recent: row.get(3)?,
                modseq: row.get(4)?,
                forgotten: row.get(5)?,
                new_seen: row.get(6)?,
                cur_seen: row.get(7)?,
            })
        })
    }

    /// Adds a folder; all of its messages are recent to nobody below `uid_next`.
    pub(crate) fn add_folder(
        &self,
        directory: &str,
        uid_validity: u32,
        uid_next: Uid,
    ) -> Result<FolderRow, StoreError> {
        let sql = "INSERT INTO folder (directory, uid_validity, uid_next, recent, modseq, forgotten)
                   VALUES (?1, ?2, ?3, ?3, 1, 0)";
        self.run(sql, (directory, uid_validity, uid_next))?;
        let id = self.sql.last_insert_rowid();
        let (new_seen, cur_seen) = (None, None);
        Ok(FolderRow { id, uid_validity, uid_next, recent: uid_next, modseq: 1, forgotten: 0, new_seen, cur_seen })
    }

    /// Writes a folder's row back.
    pub(crate) fn put_folder(&self, row: &FolderRow) -> Result<(), StoreError> {
        let sql =
            "UPDATE folder SET uid_next = ?2, recent = ?3, modseq = ?4, forgotten = ?5, new_seen = ?6, cur_seen = ?7
                   WHERE id = ?1";
        let values = (row.id, row.uid_next, row.recent, row.modseq, row.forgotten, row.new_seen, row.cur_seen);
        self.run(sql, values).map(drop)
    }

    /// A UIDVALIDITY above all that were given in this account, so that no name ever has the same twice
    /// (RFC 3501 §2.3.1.1): the time, or one more than the last.
    pub(crate) fn next_uid_validity(&self, now: u32) -> Result<u32, StoreError> {
        self.run("UPDATE validity SET last = max(last + 1, ?1)", [now])?;
        Ok(self.one("SELECT last FROM validity", [], |row| row.get(0))?.unwrap_or(now))
    }

    /// A UIDVALIDITY that was given before the index was lost.
    pub(crate) fn adopt_uid_validity(&self, given: u32) -> Result<(), StoreError> {
        self.run("UPDATE validity SET last = max(last, ?1)", [given]).map(drop)
    }

    /// STATUS: messages, unseen ones, recent ones.
    pub(crate) fn counts(&self, folder: &FolderRow) -> Result<(u32, u32, u32), StoreError> {
        let sql = "SELECT count(*), count(*) FILTER (WHERE flags & 1 = 0), count(*) FILTER (WHERE uid >= ?2)
                   FROM message WHERE folder = ?1";
        let read = |row: &SqlRow<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        Ok(self.one(sql, (folder.id, folder.recent), read)?.unwrap_or_default())
    }

    /// Gives a folder another directory; a row that is left there of a folder that is gone makes room.
    pub(crate) fn rename_folder(&self, from: &str, to: &str) -> Result<(), StoreError> {
        self.remove_folder(to)?;
        self.run("UPDATE folder SET directory = ?2, new_seen = NULL, cur_seen = NULL WHERE directory = ?1", (from, to))
            .map(drop)
    }

    /// Forgets a folder.
    pub(crate) fn remove_folder(&self, directory: &str) -> Result<(), StoreError> {
        let Some(row) = self.folder(directory)? else { return Ok(()) };
        for table in ["message", "expunged", "keyword"] {
            self.run(&format!("DELETE FROM {table} WHERE folder = ?1"), [row.id])?;
        }
        self.run("DELETE FROM folder WHERE id = ?1", [row.id]).map(drop)
    }

    /// What clients see of the messages that changed after `modseq`, by UID.
    pub(crate) fn changed_since(&self, folder: i64, modseq: i64) -> Result<Vec<Arc<Meta>>, StoreError> {
        let all = format!("SELECT {META} FROM message WHERE folder = ?1 ORDER BY uid");
        if modseq == 0 {
            return self.all(&all, [folder], |row| read_meta(row).map(Arc::new));
        }
        let some = format!("SELECT {META} FROM message WHERE folder = ?1 AND modseq > ?2 ORDER BY uid");
        self.all(&some, (folder, modseq), |row| read_meta(row).map(Arc::new))
    }

    /// UIDs that were removed after `modseq`.
    pub(crate) fn expunged_since(&self, folder: i64, modseq: i64) -> Result<BTreeSet<Uid>, StoreError> {
        let sql = "SELECT uid FROM expunged WHERE folder = ?1 AND modseq > ?2";
        Ok(self.all(sql, (folder, modseq), |row| row.get(0))?.into_iter().collect())
    }

    /// All that is known of one message.
    pub(crate) fn message(&self, folder: i64, uid: Uid) -> Result<Option<Row>, StoreError> {
        let sql = format!("SELECT {META}, base, info, in_cur FROM message WHERE folder = ?1 AND uid = ?2");
        self.one(&sql, (folder, uid), read_row)
    }

    /// The message of a file's name.
    pub(crate) fn by_base(&self, folder: i64, base: &[u8]) -> Result<Option<Row>, StoreError> {
        let sql = format!("SELECT {META}, base, info, in_cur FROM message WHERE folder = ?1 AND base = ?2");
        self.one(&sql, (folder, base), read_row)
    }

    /// Where all files are that stand (or not) in `cur/`.
    pub(crate) fn locations(&self, folder: i64, in_cur: bool) -> Result<Vec<(Uid, Location)>, StoreError> {
        let sql = "SELECT uid, base, info, in_cur FROM message WHERE folder = ?1 AND in_cur = ?2";
        self.all(sql, (folder, in_cur), |row| Ok((row.get(0)?, read_location(row, 1)?)))
    }

    /// Adds or replaces a message.
    pub(crate) fn put(&self, folder: &FolderRow, row: &Row) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO message
                   (folder, uid, modseq, base, info, in_cur, flags, keywords, size, internal_date)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let (meta, at) = (&row.meta, &row.location);
        let keywords = meta.keywords.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(" ");
        let size = i64::try_from(meta.size).unwrap_or(i64::MAX);
        let values = (
            folder.id,
            meta.uid,
            folder.modseq,
            &at.base,
            &at.info,
            at.in_cur,
            meta.flags.0,
            keywords,
            size,
            meta.internal_date,
        );
        self.run(sql, values).map(drop)
    }

    /// Another place for the file; to clients nothing changed.
    pub(crate) fn relocate(&self, folder: i64, uid: Uid, at: &Location) -> Result<(), StoreError> {
        let sql = "UPDATE message SET base = ?3, info = ?4, in_cur = ?5 WHERE folder = ?1 AND uid = ?2";
        self.run(sql, (folder, uid, &at.base, &at.info, at.in_cur)).map(drop)
    }

    /// Removes a message and remembers that.
    pub(crate) fn remove(&self, folder: &FolderRow, uid: Uid) -> Result<(), StoreError> {
        self.run("DELETE FROM message WHERE folder = ?1 AND uid = ?2", (folder.id, uid))?;
        self.run("INSERT OR IGNORE INTO expunged VALUES (?1, ?2, ?3)", (folder.id, folder.modseq, uid)).map(drop)
    }

    /// Forgets old removals.
    pub(crate) fn forget(&self, folder: &mut FolderRow) -> Result<(), StoreError> {
        if folder.modseq - folder.forgotten > 2 * REMEMBERED {
            folder.forgotten = folder.modseq - REMEMBERED;
            self.run("DELETE FROM expunged WHERE folder = ?1 AND modseq <= ?2", (folder.id, folder.forgotten))?;
        }
        Ok(())
    }

    /// A keyword in the case it was first set in (RFC 3501 §2.3.2 lets keywords be compared without case), if it ever was.
    pub(crate) fn known_keyword(&self, folder: i64, name: &str) -> Result<Option<Arc<str>>, StoreError> {
        let sql = "SELECT name FROM keyword WHERE folder = ?1 AND name = ?2";
        Ok(self.one(sql, (folder, name), |row| row.get::<_, String>(0))?.map(Arc::from))
    }

    /// As [`Self::known_keyword`]; a new one is kept from now on.
    pub(crate) fn keyword(&self, folder: i64, name: &str) -> Result<Arc<str>, StoreError> {
        if let Some(known) = self.known_keyword(folder, name)? {
            return Ok(known);
        }
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(StoreError::BadName("a keyword cannot hold spaces or control characters"));
        }
        let count = self.one("SELECT count(*) FROM keyword WHERE folder = ?1", [folder], |row| row.get::<_, i64>(0))?;
        if count.unwrap_or(0) >= MAX_KEYWORDS {
            return Err(StoreError::BadName("the folder has too many keywords"));
        }
        self.run("INSERT INTO keyword VALUES (?1, ?2)", (folder, name))?;
        Ok(name.into())
    }

    /// All UIDs and file names, ascending.
    pub(crate) fn bases(&self, folder: i64) -> Result<Vec<(Uid, Vec<u8>)>, StoreError> {
        self.all("SELECT uid, base FROM message WHERE folder = ?1 ORDER BY uid", [folder], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    }
}

fn read_meta(row: &SqlRow<'_>) -> rusqlite::Result<Meta> {
    let keywords: String = row.get(2)?;
    Ok(Meta {
        uid: row.get(0)?,
        flags: Flags(row.get(1)?),
        keywords: keywords.split(' ').filter(|word| !word.is_empty()).map(Arc::from).collect(),
        size: u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0),
        internal_date: row.get(4)?,
    })
}

pub(super) fn read_location(row: &SqlRow<'_>, from: usize) -> rusqlite::Result<Location> {
    Ok(Location { base: row.get(from)?, info: row.get(from + 1)?, in_cur: row.get(from + 2)? })
}

fn read_row(row: &SqlRow<'_>) -> rusqlite::Result<Row> {
    Ok(Row { meta: read_meta(row)?, location: read_location(row, 5)? })
}
