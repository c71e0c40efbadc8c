//! `[auth.postgres]`

use std::path::PathBuf;

use super::sql::sql_section;
use crate::kinds::{choice, optional, path, text};

sql_section! {
    /// A PostgreSQL database: a query, or Courier's table layout.
    pub struct Postgres = "auth.postgres" "[auth.postgres]" {
        /// The server: a host name, an address, or the folder of its socket (`/var/run/postgresql`).
        host: String = "localhost".to_owned() => text("a host, or the folder of a socket");
        /// Its port.
        port: usize = 5432 => crate::kinds::count(1..=65_535);
        /// The database.
        database: String = "mail".to_owned() => text("a database");
        /// Who logs in to it.
        user: String = "gatepost".to_owned() => text("a user of the database");
        /// The file whose first line is that one's password. Only its owner should be able to read it.
        password_file: Option<PathBuf> = None => optional(path());
        /// Whether the connection must be inside verified TLS.
        tls: bool = false => choice(&[("none", false), ("verify", true)]);
        /// With `tls = "verify"`: PEM file of CAs to trust instead of the system's.
        ca_file: Option<PathBuf> = None => optional(path());
    }
}
