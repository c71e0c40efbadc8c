//! The auth chain: modules, outcomes, throttling. Knows no protocol.
//!
//! A session hands [`sasl::Evidence`] to [`Auth::check`]. [`chain`] asks the modules in the order of `auth.chain`:
//! ACCEPT ends it, REJECT passes on, TEMPFAIL ends it and is never shown as a wrong password. A new module is a file in
//! `modules/` and a row in `modules/mod.rs`. It implements [`directory::Directory`] if its store can be read, and
//! [`module::Module`] if somebody else judges; [`guard`] holds it within bounds.

mod account;
pub mod accounts;
mod auth;
mod chain;
#[doc(hidden)]
pub mod courier;
mod directory;
mod guard;
#[cfg(feature = "http")]
mod http_client;
mod invent;
mod judge;
mod login_name;
mod maildir;
mod module;
mod modules;
#[cfg(any(feature = "ldap", feature = "http"))]
mod named_file;
mod offers;
mod outcome;
mod password;
mod place;
mod process;
mod random;
mod record;
mod remember;
mod resolve;
#[cfg(test)]
mod says;
mod scheme;
mod socket;
mod throttle;
mod told;
mod trail;
#[cfg(any(feature = "ldap", feature = "http"))]
mod trust;
mod workers;

pub use account::{Account, Options};
pub use auth::{Auth, Told};
pub use guard::{Health, Reach};
pub use modules::LeftOut;
/// The checkpassword interface: what a caller writes on descriptor 3, and what a checker can verify.
pub mod checkpassword {
    pub use crate::modules::checkpassword::{Fields, Misused, Probed, probe};
}
pub use offers::Offer;
pub use outcome::{Attempt, Rejection, Resolution, Service, TempFail, Verdict};
pub use trail::Line;
