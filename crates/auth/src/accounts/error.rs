//! What can go wrong with the store.

use std::io;
use std::path::{Path, PathBuf};

use crate::password::PasswordError;

/// Why a store could not be opened, read or changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is none.
    #[error("there is no account store {path}; `gatepost user add` makes it. If there was one: is its disk mounted?")]
    Missing {
        /// The store.
        path: PathBuf,
    },
    /// The file cannot be opened or made.
    #[error(
        "cannot open {path} as uid {uid}: {error}; the file and its folder must belong to that user (chown), mode 0600 and 0700"
    )]
    Open {
        /// The store.
        path: PathBuf,
        /// Who tried.
        uid: u32,
        /// With its errno.
        error: io::Error,
    },
    /// SQLite says no.
    #[error(
        "cannot use {path} as uid {uid}: {error}; is the disk full, the file damaged (restore a backup) or owned by another user?"
    )]
    Database {
        /// The store.
        path: PathBuf,
        /// Who tried.
        uid: u32,
        /// From SQLite.
        error: rusqlite::Error,
    },
    /// Another process keeps it locked.
    #[error("{path} is locked by another process for too long; try again")]
    Locked {
        /// The store.
        path: PathBuf,
    },
    /// Made by a later version of this program.
    #[error("{path} has format {found}, and this program knows only {known}: use the newer gatepost that made it")]
    Newer {
        /// The store.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The latest known.
        known: i64,
    },
    /// There is an account of that name.
    #[error("there is an account {0} already")]
    AccountExists(String),
    /// There is an alias of that name.
    #[error("{0} is an alias already; remove it first (gatepost alias remove {0})")]
    IsAlias(String),
    /// No such account.
    #[error("there is no account {0}")]
    NoAccount(String),
    /// No such alias, or it has no such target.
    #[error("there is no alias {0}")]
    NoAlias(String),
    /// The alias has that target.
    #[error("{alias} goes to {target} already")]
    AliasExists {
        /// The alias.
        alias: String,
        /// Where it goes.
        target: String,
    },
    /// An alias for itself.
    #[error("{0} cannot be an alias for itself")]
    Itself(String),
    /// Too many.
    #[error("{alias} has {max} targets, and more are not followed")]
    TooManyTargets {
        /// The alias.
        alias: String,
        /// The limit.
        max: u32,
    },
    /// Not a stored password that can be verified.
    #[error("this is no password hash that Gatepost can verify: {0}")]
    Hash(String),
    /// No client could send it.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

impl StoreError {
    pub(crate) fn open(path: &Path, error: io::Error) -> Self {
        Self::Open { path: path.to_owned(), uid: uid(), error }
    }

    pub(crate) fn sqlite(path: &Path, error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                Self::Locked { path: path.to_owned() }
            }
            _ => Self::Database { path: path.to_owned(), uid: uid(), error },
        }
    }
}

fn uid() -> u32 {
    rustix::process::geteuid().as_raw()
}
