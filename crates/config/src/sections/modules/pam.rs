//! `[auth.pam]`

use std::path::PathBuf;

use crate::kinds::{optional, path, text};
use crate::section::section;

section! {
    /// PAM. Its library is loaded at run time; where there is none, the module is left out.
    pub struct Pam = "auth.pam" "[auth.pam]" {
        /// The PAM service to ask: a file in `/etc/pam.d`. Left out, it is named after the protocol: `smtp`, `imap`,
        /// `pop3`.
        service: Option<String> = None => optional(text("the name of a file in /etc/pam.d"));
        /// A folder to take the service's file from instead of `/etc/pam.d`.
        folder: Option<PathBuf> = None => optional(path());
    }
    with guard
}
