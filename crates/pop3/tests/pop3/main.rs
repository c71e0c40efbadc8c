//! Tests of the session from outside.

mod dialogues;
mod host;
mod session;
