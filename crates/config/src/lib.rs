//! `gatepost.toml`, read into one typed value; every error with line, column and a suggestion.
//!
//! A section of the file is a struct declared with [`section!`](section): each field has its type, its default, what is
//! allowed and the text of the reference in one row. Reading, `docs/config.md` and the struct all come from that row.

mod checks;
mod errors;
mod files;
mod finding;
mod glob;
mod kind;
mod kinds;
mod load;
mod model;
mod nearest;
mod network;
mod position;
mod reading;
mod reference;
mod section;
mod sections;

pub use errors::{Color, Errors, Report};
pub use files::{NamedFile, named_files};
pub use finding::{Cause, Finding, Severity};
pub use glob::Glob;
pub use load::{Loaded, load, parse};
pub use model::*;
pub use nearest::nearest;
pub use network::{Network, NotANetwork};
pub use reference::{is_key, reference};
pub use sections::modules::*;
pub use sections::{
    Auth, Authd, BareNewline, Guard, Limits, Log, LogFormat, LogLevel, Mailbox, Metrics, OfferWhen, OnCleartext,
    OnUnreachable, Queue, ReceivedUser, Relay, Replies, RouteTls, Smtp, Tls, Trace,
};
