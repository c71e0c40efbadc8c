//! SMTP (RFC 5321) without I/O: the grammar both sides share, and a state machine for each side.

pub mod client;
mod dots;
mod parameters;
mod path;
mod reply;
mod reply_reader;
pub mod server;
mod status;
pub mod verb;
pub mod xtext;

pub use dots::{BareNewline, DotDecoder, Fault, Fed};
pub use parameters::{Parameter, ParameterError, parameters};
pub use path::{ForwardPath, Grammar, PathError, forward_path, reverse_path};
pub use reply::Reply;
pub use reply_reader::{ReplyError, ReplyReader};
pub use status::{Class, Detail, Status};
