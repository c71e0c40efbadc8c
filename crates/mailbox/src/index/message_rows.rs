//! Messages.

use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::Row as SqlRow;

use super::{Change, FolderRow};
use crate::store::{Flags, Meta, StoreError, Uid};

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

/// What clients see, as [`read_meta`] reads it.
const META: &str = "uid, flags, keywords, size, internal_date";

impl Change<'_> {
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
