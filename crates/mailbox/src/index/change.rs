//! A transaction, and how it is asked.

use rusqlite::{OptionalExtension, Params, Row as SqlRow, Transaction};

use crate::store::StoreError;

/// A transaction. What can be asked and changed is said where the tables are: `folder_rows`, `message_rows`.
pub(crate) struct Change<'a> {
    sql: &'a Transaction<'a>,
}

impl<'a> Change<'a> {
    pub(super) fn new(sql: &'a Transaction<'a>) -> Self {
        Self { sql }
    }

    pub(super) fn run(&self, sql: &str, values: impl Params) -> Result<usize, StoreError> {
        Ok(self.sql.prepare_cached(sql)?.execute(values)?)
    }

    pub(super) fn one<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnOnce(&SqlRow<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.sql.prepare_cached(sql)?.query_row(values, read).optional()?)
    }

    pub(super) fn all<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnMut(&SqlRow<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        Ok(self.sql.prepare_cached(sql)?.query_map(values, read)?.collect::<rusqlite::Result<_>>()?)
    }

    /// The id of the row that was added last.
    pub(super) fn last_id(&self) -> i64 {
        self.sql.last_insert_rowid()
    }
}
