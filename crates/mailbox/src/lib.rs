//! Mailboxes: the trait `MailStore`, Maildir++ files behind it, UIDs, flags, index, change notices, and local delivery.
//! Knows no IMAP syntax.

mod store;

pub use store::*;
