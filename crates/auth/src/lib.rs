//! The auth chain: modules, outcomes, throttling. Knows no protocol.
//!
//! A session hands [`sasl::Evidence`] to [`Auth::check`]. [`chain`] asks the modules in the order of `auth.chain`:
//! ACCEPT ends it, REJECT passes on, TEMPFAIL ends it and is never shown as a wrong password. A new module is a file in
//! `modules/` and a row in `modules/mod.rs`. It implements [`directory::Directory`] if its store can be read, and
//! [`module::Module`] if somebody else judges; [`guard`] holds it within bounds.

mod account;
mod account_file;
pub mod accounts;
pub mod attempts;
mod auth;
mod cdb;
mod chain;
#[doc(hidden)]
pub mod courier;
pub mod daemon;
mod directory;
#[doc(hidden)]
pub mod dovecot;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod guard;
#[cfg(feature = "http")]
mod http_client;
mod invent;
pub mod inventory;
mod judge;
mod login_name;
mod maildir;
mod module;
mod modules;
#[cfg(any(feature = "ldap", feature = "http", feature = "postgres", feature = "mysql"))]
mod named_file;
mod offers;
mod outcome;
pub mod overview;
mod password;
mod place;
mod process;
mod random;
mod record;
mod remember;
mod remote;
mod resolve;
mod roster;
mod running;
#[cfg(test)]
mod says;
mod scheme;
mod self_test;
mod socket;
mod throttle;
mod told;
mod trail;
pub mod trial;
#[cfg(any(feature = "ldap", feature = "http", feature = "postgres", feature = "mysql"))]
mod trust;
mod unjudged;
#[cfg(any(feature = "ldap", feature = "http"))]
mod userinfo;
mod wire;
mod workers;

pub use account::{Account, Options};
pub use auth::{Auth, Told};
pub use guard::{Health, Reach};
pub use modules::LeftOut;
/// The checkpassword interface: what a caller writes on descriptor 3, and what a checker can verify.
pub mod checkpassword {
    pub use crate::modules::checkpassword::{Fields, Misused, Probed, probe};
}
/// The process that asks PAM, for `gatepost pam-helper`.
#[doc(hidden)]
pub use modules::pam::helper as pam_helper;
pub use offers::Offer;
pub use outcome::{Attempt, Rejection, Resolution, Service, TempFail, Verdict};
pub use trail::{Kind, Line};
pub use unjudged::Unjudged;
