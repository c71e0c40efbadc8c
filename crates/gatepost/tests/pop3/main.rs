//! POP3 end to end: the real server, real mail in Maildirs, and clients that nobody here wrote.
//! See `scenarios/pop3/README.md`.

mod account;
mod clients;
mod dialogues;
mod sessions;
