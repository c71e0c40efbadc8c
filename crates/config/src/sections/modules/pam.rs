//! `[auth.pam]`

use std::path::PathBuf;

use crate::kinds::{count, optional, path, text, words};
use crate::section::section;

section! {
    /// PAM. Its library is loaded at run time; where there is none, the module is left out.
    pub struct Pam = "auth.pam" "[auth.pam]" {
        /// The PAM service to ask: a file in `/etc/pam.d`. Left out, it is named after the protocol: `smtp`, `imap`,
        /// `pop3`.
        service: Option<String> = None => optional(text("the name of a file in /etc/pam.d"));
        /// A folder to take the service's file from instead of `/etc/pam.d`.
        folder: Option<PathBuf> = None => optional(path());
        /// Users of the system with a lower uid are no mailboxes: they neither log in nor receive mail.
        lowest_uid: u32 = 1000 => count(0..=u32::MAX);
        /// The program that asks PAM, word by word; left out, it is `gatepost pam-helper` as the server's own user. With
        /// `["sudo", "/usr/bin/gatepost", "pam-helper"]` the server needs no right to read the shadow file.
        helper: Vec<String> = Vec::new() => words();
    }
    with guard
}
