//! The auth chain: modules, outcomes, throttling. Knows no protocol.
//!
//! A session hands [`sasl::Evidence`] to [`Auth::check`]. [`chain`] asks the modules in the order of `auth.chain`:
//! ACCEPT ends it, REJECT passes on, TEMPFAIL ends it and is never shown as a wrong password. A new module is a file in
//! `modules/` and a row in `modules/mod.rs`. It implements [`directory::Directory`] if its store can be read, and
//! [`module::Module`] if somebody else judges; [`guard`] holds it within bounds.

mod account;
pub mod accounts;
pub mod attempts;
mod auth;
mod chain;
mod directory;
mod guard;
mod invent;
mod login_name;
mod maildir;
mod module;
mod modules;
mod offers;
mod outcome;
pub mod overview;
mod password;
mod random;
mod record;
mod remember;
mod resolve;
#[cfg(test)]
mod says;
mod scheme;
mod self_test;
mod throttle;
mod trail;
pub mod trial;
mod unjudged;
mod workers;

pub use account::{Account, Options};
pub use auth::{Auth, Told};
pub use guard::{Health, Reach};
pub use modules::LeftOut;
pub use offers::Offer;
pub use outcome::{Attempt, Rejection, Resolution, Service, TempFail, Verdict};
pub use trail::{Kind, Line};
pub use unjudged::Unjudged;
