//! Logins that failed.

pub(super) mod account;
pub(super) mod exchange;
pub(super) mod mechanism;
pub(super) mod store;

use crate::record::Login;

/// A login that ended so.
fn ended(login: &Login, outcome: &str) -> Option<String> {
    (&*login.outcome == outcome).then(|| login.why.to_string())
}
