//! The auth chain: modules, outcomes, throttling. Knows no protocol.
//!
//! A session hands [`sasl::Evidence`] to [`Auth::check`]. [`chain`] asks the modules in the order of `auth.chain`:
//! ACCEPT ends it, REJECT passes on, TEMPFAIL ends it and is never shown as a wrong password. A new module is a file in
//! `modules/` that implements [`module::Module`], and a row in `modules/mod.rs`.

pub mod accounts;
mod auth;
mod chain;
mod invent;
mod login_name;
mod maildir;
mod module;
mod modules;
mod offers;
mod outcome;
mod password;
mod random;
mod record;
mod remember;
mod resolve;
mod throttle;
mod workers;

pub use auth::Auth;
pub use offers::Offer;
pub use outcome::{Account, Attempt, Rejection, Resolution, Service, TempFail, Verdict};
