//! `[auth.vpopmail]`

use std::path::PathBuf;

use crate::kinds::path;
use crate::section::section;

section! {
    /// A vpopmail tree: `vpasswd` or `vpasswd.cdb` of each domain, whichever is newer.
    pub struct Vpopmail = "auth.vpopmail" "[auth.vpopmail]" {
        /// vpopmail's own folder. The domains are those of `users`; if that has none, the folders of `domains/` in here.
        home: PathBuf = "/home/vpopmail".into() => path();
        /// qmail's folder with `assign` or `cdb`, which say where each domain is; the newer is read.
        users: PathBuf = "/var/qmail/users".into() => path();
    }
    with guard
}
