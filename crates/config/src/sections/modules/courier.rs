//! `[auth.courier]`

use std::path::PathBuf;

use crate::kinds::path;
use crate::section::section;

section! {
    /// An existing Courier authdaemond, over its socket.
    pub struct Courier = "auth.courier" "[auth.courier]" {
        /// Its socket.
        socket: PathBuf = "/run/courier/authdaemon/socket".into() => path();
    }
    with guard
}
