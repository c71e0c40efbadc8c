//! What MySQL and MariaDB say when they say no.

use mysql_async::{DriverError, Error, ServerError};

use super::super::trouble::{Trouble, with_causes};

/// There is no connection.
pub(super) fn connecting(error: &Error) -> Trouble {
    match error {
        Error::Server(said) => server(said),
        error => Trouble::Connect(with_causes(error)),
    }
}

/// There was one.
pub(super) fn asking(error: &Error) -> Trouble {
    match error {
        Error::Server(said) => match said.code {
            // The server goes, or ended this connection.
            1053 | 1079 | 1152 | 1184 | 1927 | 4031 => Trouble::Lost(said.message.clone()),
            // Illegal mix of collations; a character that the column's set does not have.
            1267 | 1270 | 1271 | 3854 | 3988 => Trouble::Unwritable { code: code(said), message: said.message.clone() },
            _ => server(said),
        },
        Error::Io(_) | Error::Driver(DriverError::ConnectionClosed | DriverError::PoolDisconnected) => {
            Trouble::Lost(with_causes(error))
        }
        error => Trouble::Connect(with_causes(error)),
    }
}

fn server(said: &ServerError) -> Trouble {
    Trouble::Server { code: code(said), message: said.message.clone(), advice: advice(said.code) }
}

fn code(said: &ServerError) -> String {
    format!("error {}, SQLSTATE {}", said.code, said.state)
}

fn advice(code: u16) -> &'static str {
    match code {
        1045 | 1698 => "look at user and password_file in [auth.mysql]",
        1044 | 1049 => "look at database in [auth.mysql], and at what its user may do",
        1146 => "look at table (or query) in [auth.mysql]",
        1054 => "look at the columns (or query) in [auth.mysql]",
        1142 | 1143 => "GRANT SELECT on it to the user of [auth.mysql]",
        1040 | 1203 | 1226 => "lower concurrency in [auth.mysql], or raise max_connections",
        1064 => "look at query and condition in [auth.mysql]",
        1130 => "the server lets nobody in from this host: look at the host of its user",
        _ => "look at [auth.mysql] and at the log of the server",
    }
}
