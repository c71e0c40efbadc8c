//! IMAP4rev1 (RFC 3501) without I/O: octets and answers in, steps out.
//!
//! [`Framer`] finds where a command ends, [`parse`] reads it, [`Session`] decides whether it may be said and what comes
//! of it, [`response`] writes the answer. What a host knows is asked for in a [`Step`], never called.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod command;
mod date;
pub mod fetch;
mod flag;
mod framer;
mod list_pattern;
pub mod parse;
pub mod response;
mod search;
mod section;
mod sequence;
mod session;
mod utf7;

pub use command::*;
pub use date::{Day, parse_date_time, write_date_time};
pub use flag::Flag;
pub use framer::{Announced, Event, Expect, Framer, Literal};
pub use list_pattern::{list_matches, parents};
pub use search::{Candidate, Compare, SearchKey, Texts};
pub use section::Scanned;
pub use sequence::{Bound, Numbering, SequenceSet, compact};
pub use session::*;
pub use utf7::{Utf7Error, decode as decode_mailbox, encode as encode_mailbox};
