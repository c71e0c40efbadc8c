//! Mailboxes: the trait `MailStore`, Maildir++ files behind it, UIDs, flags, index, change notices, and local delivery.
//! Knows no IMAP syntax.

mod account;
mod append;
mod body;
mod courier;
mod delivered;
mod delivery;
mod file_name;
mod folder;
mod folder_name;
mod folders;
mod index;
mod layout;
mod maildir;
mod messages;
mod reconcile;
mod site;
mod store;
mod subscriptions;
mod transfer;
mod uid_list;
mod watcher;

pub use courier::{LocalCourier, Recipients, Whereabouts};
pub use delivered::delivered_file;
pub use folder_name::{directory_folder, folder_directory};
pub use maildir::MaildirStore;
pub use store::*;
