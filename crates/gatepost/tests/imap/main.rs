//! IMAP end to end: the real server, real mail in Maildirs, and clients that nobody here wrote.
//! See `scenarios/imap/README.md`.

mod account;
mod clients;
mod dialogues;
mod mbsync;
mod sessions;
