//! The server's session, bare: no socket, no clock, no runtime.

mod bare;
mod dialogues;
mod logins;
mod messages;
mod oracle;
mod properties;
