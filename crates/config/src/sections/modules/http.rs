//! `[auth.http]`

use std::path::PathBuf;

use crate::kinds::{list, optional, path, text};
use crate::section::section;

section! {
    /// A web service of your own: JSON by POST. See `auth.md` for what it is asked and what it may answer.
    pub struct Http = "auth.http" "[auth.http]" {
        /// Where to ask. In clear only to this very machine.
        url: Option<String> = None => optional(text("a URL"));
        /// The file whose first line is sent as `Authorization: Bearer …`.
        token_file: Option<PathBuf> = None => optional(path());
        /// PEM file of CAs to trust instead of the system's.
        ca_file: Option<PathBuf> = None => optional(path());
        /// The mechanisms that it can verify besides PLAIN and LOGIN.
        mechanisms: Vec<String> = Vec::new() => list(text("the name of a mechanism"));
    }
    with guard
}
