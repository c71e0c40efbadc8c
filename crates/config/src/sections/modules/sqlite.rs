//! `[auth.sqlite]`

use std::path::PathBuf;

use super::sql::sql_section;
use crate::kinds::{optional, path};

sql_section! {
    /// A SQLite database that another program writes.
    pub struct Sqlite = "auth.sqlite" "[auth.sqlite]" {
        /// The file; it is opened for reading only.
        path: Option<PathBuf> = None => optional(path());
    }
}
