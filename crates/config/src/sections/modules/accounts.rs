//! `[auth.accounts]`

use crate::kinds::flag;
use crate::section::section;

section! {
    /// Gatepost's own accounts, in `<data>/accounts.sqlite`: `gatepost user`.
    pub struct Accounts = "auth.accounts" "[auth.accounts]" {
        /// Whether a verified login replaces a weak password hash (imported from elsewhere) by Argon2id.
        upgrade_hashes: bool = true => flag();
        /// Whether a verified login inside TLS adds the SCRAM keys that the account lacks. When all active accounts have
        /// them, SCRAM is offered by itself.
        add_scram_keys: bool = true => flag();
    }
    with guard
}
