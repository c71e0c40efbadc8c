//! `[auth.dovecot]`

use std::path::PathBuf;

use crate::kinds::{optional, path};
use crate::section::section;

section! {
    /// An existing Dovecot, over its auth sockets.
    pub struct Dovecot = "auth.dovecot" "[auth.dovecot]" {
        /// The socket for logins (`auth-client`).
        socket: PathBuf = "/run/dovecot/auth-client".into() => path();
        /// The socket that tells home and Maildir of a user (`auth-userdb`). Without it, mail lies in our data folder.
        userdb_socket: Option<PathBuf> = None => optional(path());
    }
    with guard
}
