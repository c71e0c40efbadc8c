//! What keeps a database from answering. All of it is temporary.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::row::RowError;
#[cfg(any(feature = "postgres", feature = "mysql"))]
use super::secret_file::SecretError;
use super::statement::StatementError;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[cfg_attr(
    all(not(any(feature = "postgres", feature = "mysql")), not(test)),
    expect(dead_code, reason = "this build has no database behind a network")
)]
pub(super) enum Trouble {
    /// The query of the config.
    #[error("{0}")]
    Statement(#[from] StatementError),
    /// Our own password.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    #[error("{0}")]
    Secret(#[from] SecretError),
    /// Whom to trust.
    #[error("ca_file {path}: {why}")]
    Authorities {
        /// The file.
        path: PathBuf,
        /// Why it cannot be used.
        why: String,
    },
    /// No connection.
    #[error("cannot connect: {0}")]
    Connect(String),
    /// A connection that is no more: another may be better.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// The database says so.
    #[error("{message} ({code}); {advice}")]
    Server {
        /// SQLSTATE, errno or both.
        code: String,
        /// What it says.
        message: String,
        /// What to do.
        advice: &'static str,
    },
    /// A file that cannot be read.
    #[error("{error} (uid {uid}); it must be a SQLite database that this user can read")]
    File {
        /// Why.
        error: io::Error,
        /// Who tried.
        uid: u32,
    },
    /// Nothing in time.
    #[error("no answer within {0:?}: the database is slow, locked, or not reachable")]
    Late(Duration),
    /// An answer that means nothing.
    #[error("{0}")]
    Row(#[from] RowError),
    /// More than one account.
    #[error("the query yields more than one row for this name; it must yield one account at most")]
    Several,
    /// The name has a letter that the database's alphabet does not have, so nobody there has that name; or the query
    /// mixes alphabets by itself.
    #[error("{message} ({code}); look at the character sets and collations in the query")]
    Unwritable {
        /// SQLSTATE, errno or both.
        code: String,
        /// What it says.
        message: String,
    },
    /// More accounts than are counted.
    #[error("more than {0} accounts")]
    TooMany(usize),
    /// A thread that ended before its work.
    #[error("the look-up was given up")]
    GivenUp,
}

/// What an error says with all of its causes, each once.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
