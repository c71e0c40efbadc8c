//! `[tls]`

use std::path::PathBuf;

use crate::kinds::{optional, path};
use crate::section::section;

section! {
    /// PEM files. Without them STARTTLS is not offered, and the listeners that begin with TLS (`submissions`,
    /// `pop3s`, `imaps`) are not opened.
    pub struct Tls = "tls" "[tls]" {
        /// The certificate chain, the server's own certificate first.
        certificate: Option<PathBuf> = None => optional(path());
        /// Its private key. Not readable by everybody.
        key: Option<PathBuf> = None => optional(path());
    }
}
