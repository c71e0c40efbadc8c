//! `[auth.userdb]`

use std::path::PathBuf;

use crate::kinds::path;
use crate::section::section;

section! {
    /// Courier's userdb: text files as `userdb` and `pw2userdb` write them. The `.dat` files that `makeuserdb` makes of
    /// them are not needed.
    pub struct Userdb = "auth.userdb" "[auth.userdb]" {
        /// The file, or a folder whose files are read together. Only its owner may be able to get at it: mode 0600, a
        /// folder 0700.
        path: PathBuf = "/etc/courier/userdb".into() => path();
    }
    with guard
}
