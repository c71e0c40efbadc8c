//! `[mailbox]`

use crate::kinds::flag;
use crate::section::section;

section! {
    /// The mailboxes.
    pub struct Mailbox = "mailbox" "[mailbox]" {
        /// Whether a new mailbox gets the folders Drafts, Sent, Trash, Junk and Archive, marked for clients (RFC 6154).
        create_special: bool = true => flag();
    }
}
