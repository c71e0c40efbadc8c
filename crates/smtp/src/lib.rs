//! SMTP (RFC 5321) without I/O: the grammar both sides share, and a state machine for each side.

mod reply;
mod reply_reader;
mod status;

pub use reply::Reply;
pub use reply_reader::{ReplyError, ReplyReader};
pub use status::{Class, Detail, Status};
