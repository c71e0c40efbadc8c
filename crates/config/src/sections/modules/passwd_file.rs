//! `[auth.passwd-file]`

use std::path::PathBuf;

use crate::kinds::{optional, path};
use crate::section::section;

section! {
    /// Dovecot's passwd-file: `user:{SCHEME}password:uid:gid:gecos:home:shell:extra fields`.
    pub struct PasswdFile = "auth.passwd-file" "[auth.passwd-file]" {
        /// The file. `%d` stands for the domain of the login name, `%n` for what is before the `@`, `%u` for both.
        path: Option<PathBuf> = None => optional(path());
    }
    with guard
}
