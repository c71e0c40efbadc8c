//! The sections of the file, one file each.

mod auth;
mod authd;
mod guard;
mod hide;
mod limits;
mod listen;
mod log;
mod mailbox;
mod metrics;
pub(crate) mod modules;
mod queue;
mod relay;
mod route;
mod smtp;
mod tls;
mod top;
mod trace;

pub use auth::{Auth, OfferWhen, OnCleartext};
pub use authd::Authd;
pub use guard::{Guard, OnUnreachable};
pub(crate) use hide::HideEntry;
pub use limits::Limits;
pub(crate) use listen::Listen;
pub use log::{Log, LogFormat, LogLevel};
pub use mailbox::Mailbox;
pub use metrics::Metrics;
pub(crate) use modules::*;
pub use queue::Queue;
pub use relay::Relay;
pub(crate) use route::Entry;
pub use route::RouteTls;
pub use smtp::{BareNewline, ReceivedUser, Replies, Smtp};
pub use tls::Tls;
pub(crate) use top::Top;
pub use trace::Trace;
