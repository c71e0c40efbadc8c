//! What a session must know of config and connection.

use config::Config;
use pop3::server::{Limits, Policy, Tls};

use crate::{Context, SessionInfo};

/// The policy of one session.
pub(super) fn policy(config: &Config, info: &SessionInfo) -> Policy {
    let limits = &config.limits;
    Policy {
        hostname: config.hostname.to_string(),
        session: info.id.to_string(),
        auth_needs_tls: config.auth.require_tls,
        limits: Limits {
            commands_before_login: limits.commands_before_login,
            bad_commands: limits.bad_commands,
            auth_failures: limits.auth_failures,
        },
    }
}

/// Where TLS stands as the session begins.
pub(super) fn tls(conn: &net::Connection, cx: &Context) -> Tls {
    match conn.tls() {
        Some(_) => Tls::Active,
        None if cx.tls.load().is_some() => Tls::Offered,
        None => Tls::Unavailable,
    }
}

/// What a login may use, inside TLS or in clear.
pub(super) fn mechanisms(conn: &net::Connection, cx: &Context) -> Vec<sasl::Mechanism> {
    let offers = cx.auth.offers(conn.tls().is_some());
    offers.into_iter().filter(|offer| offer.offered).map(|offer| offer.mechanism).collect()
}
