//! What PostgreSQL says when it says no.

use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use super::super::trouble::{Trouble, with_causes};

/// There is no connection.
pub(super) fn connecting(error: &Error) -> Trouble {
    error.as_db_error().map_or_else(|| Trouble::Connect(with_causes(error)), server)
}

/// There was one.
pub(super) fn asking(error: &Error, closed: bool) -> Trouble {
    let Some(said) = error.as_db_error() else {
        let broken = std::error::Error::source(error).is_some_and(|cause| cause.is::<io::Error>());
        // What remains are answers that break the protocol: the connection cannot be used again either.
        let words = with_causes(error);
        return if closed || broken || error.is_closed() { Trouble::Lost(words) } else { Trouble::Connect(words) };
    };
    match *said.code() {
        // The server goes, or ended this connection.
        SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN | SqlState::IDLE_SESSION_TIMEOUT => {
            Trouble::Lost(said.message().to_owned())
        }
        // A plan of this connection is out of date: the table was changed, or a pooler gave us another connection.
        SqlState::FEATURE_NOT_SUPPORTED | SqlState::INVALID_SQL_STATEMENT_NAME => {
            Trouble::Lost(said.message().to_owned())
        }
        SqlState::UNTRANSLATABLE_CHARACTER => {
            Trouble::Unwritable { code: code(said), message: said.message().to_owned() }
        }
        _ => server(said),
    }
}

fn server(said: &DbError) -> Trouble {
    Trouble::Server { code: code(said), message: said.message().to_owned(), advice: advice(said.code()) }
}

fn code(said: &DbError) -> String {
    format!("SQLSTATE {}", said.code().code())
}

fn advice(code: &SqlState) -> &'static str {
    match *code {
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            "look at user and password_file in [auth.postgres], and at pg_hba.conf"
        }
        SqlState::INVALID_CATALOG_NAME => "look at database in [auth.postgres]",
        SqlState::UNDEFINED_TABLE => "look at table (or query) in [auth.postgres]",
        SqlState::UNDEFINED_COLUMN => "look at the columns (or query) in [auth.postgres]",
        SqlState::INSUFFICIENT_PRIVILEGE => "GRANT SELECT on it to the user of [auth.postgres]",
        SqlState::TOO_MANY_CONNECTIONS => "lower concurrency in [auth.postgres], or raise max_connections",
        SqlState::SYNTAX_ERROR => "look at query and condition in [auth.postgres]",
        SqlState::CANNOT_CONNECT_NOW => "it is starting or stopping",
        _ => "look at [auth.postgres] and at the log of the server",
    }
}
