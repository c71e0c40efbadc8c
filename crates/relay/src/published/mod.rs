//! What a domain says in the DNS of who may send mail in its name, read as receivers read it.

mod dmarc;
mod spf;

pub use dmarc::{Dmarc, DmarcError};
pub use spf::{Checked, Spf, SpfError, Verdict};

use queue::Future;

use crate::dns::{Dns, DnsError};

/// Looks up texts, too.
pub trait Texts: Dns {
    /// The TXT records of a name, the pieces of each put together (RFC 7208 §3.3).
    fn texts<'a>(&'a self, name: &'a str) -> Future<'a, Result<Vec<String>, DnsError>>;
}
