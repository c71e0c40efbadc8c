//! The bare session: framer, parser and states, without a socket.

mod bare;
mod commands;
mod dialogues;
mod framer;
mod logins;
mod oracle;
mod search;
mod write;
