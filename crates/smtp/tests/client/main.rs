//! Dialogues of the client's side, as a postmaster reads them.

mod mail;
mod opening;
mod play;
mod properties;
