//! Folders, their UIDVALIDITY and their keywords.

use std::sync::Arc;

use rusqlite::Row as SqlRow;

use super::Change;
use crate::store::{StoreError, Uid};

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

impl Change<'_> {
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
        let id = self.last_id();
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
}
