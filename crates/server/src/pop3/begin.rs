//! What a session must know of config and connection.

use config::{Config, OnCleartext};
use pop3::server::{Limits, Policy, Session, Step, Tls};

use crate::SessionInfo;
use crate::advertise::Protection;

/// The policy of one session.
pub(super) fn policy(config: &Config, info: &SessionInfo) -> Policy {
    let limits = &config.limits;
    Policy {
        hostname: config.hostname.to_string(),
        session: info.id.to_string(),
        auth_needs_tls: config.auth.require_tls,
        cleartext_closes: config.auth.on_cleartext == OnCleartext::Close,
        limits: Limits {
            commands_before_login: limits.commands_before_login,
            bad_commands: limits.bad_commands,
            auth_failures: limits.auth_failures,
        },
    }
}

/// What a session answers to CAPA, without a connection.
pub(crate) fn capa(
    config: &Config,
    info: &SessionInfo,
    protection: Protection,
    mechanisms: Vec<sasl::Mechanism>,
) -> Vec<u8> {
    let mut out = Vec::new();
    if let Step::Reply(reply) = Session::new(policy(config, info), tls(protection), mechanisms).command(b"CAPA") {
        reply.encode(&mut out);
    }
    out
}

/// Where TLS stands.
pub(super) fn tls(protection: Protection) -> Tls {
    match protection {
        Protection::Clear => Tls::Unavailable,
        Protection::BeforeTls => Tls::Offered,
        Protection::Tls => Tls::Active,
    }
}
