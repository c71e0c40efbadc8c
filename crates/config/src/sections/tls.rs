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
        /// PEM file of the authorities whose client certificates log in (SASL EXTERNAL). With it clients are asked for a
        /// certificate; they need not have one, but one that these authorities did not sign ends the handshake.
        client_ca: Option<PathBuf> = None => optional(path());
    }
}
