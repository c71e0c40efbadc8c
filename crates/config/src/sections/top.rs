//! The keys above all sections.

use std::path::PathBuf;

use message::{Address, Domain};

use crate::kinds::{address, domain, list, optional, path};
use crate::section::section;

section! {
    /// The keys above all sections. `hostname`, `data` and `domains` must be set.
    pub(crate) struct Top = "" "" {
        /// This server's name in greetings, `Received:` and EHLO. It should be the name that the DNS gives for its
        /// address, in both directions.
        hostname: Option<Domain> = None => optional(domain());
        /// The folder where queue, mailboxes, accounts and the control socket live.
        data: Option<PathBuf> = None => optional(path());
        /// The domains whose mail is delivered here. With `[]`, no mail is taken in but for other servers, after a
        /// login.
        domains: Option<Vec<Domain>> = None => optional(list(domain()));
        /// Where mail to `postmaster` at every domain goes if there is no such account or alias (RFC 5321 §4.5.1
        /// wants it to be read), and where the operator is told of trouble.
        postmaster: Option<Address> = None => optional(address());
    }
}
