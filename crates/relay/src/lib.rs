//! Mail to other servers: which host (routes, MX), how protected (TLS), as whom (login), and what became of it.
//!
//! [`RelayCourier`] takes jobs of one destination. For each it goes through the hosts of the [`Target`] until every recipient
//! has an answer that settles it, and says in [`queue::Outcome`] who said what.

mod board;
mod content;
mod courier;
mod delivery;
mod dns;
mod echo;
mod link;
mod login;
mod mx;
mod open;
mod outcome;
mod own;
mod pool;
mod preflight;
mod private;
mod published;
mod record;
mod route;
mod settings;
mod tls;
mod transaction;
mod trouble;
mod way;

pub use courier::RelayCourier;
pub use dns::{Dns, DnsError, MailExchange, Resolver};
pub use mx::{Candidate, MxError};
pub use preflight::{Obstacle, ObstacleKind, Preflight, preflight};
pub use private::is_private;
pub use published::{Checked, Dmarc, DmarcError, Spf, SpfError, Texts, Verdict};
pub use route::{RouteTable, Target};
pub use way::{Way, way};
