//! What a session must know of the config.

use ::imap::{Limits, Offers, Session, Settings, Step, Tls};
use config::{Config, OnCleartext};

use crate::SessionInfo;
use crate::advertise::Protection;

/// The settings of one session.
pub(super) fn settings(config: &Config, info: &SessionInfo) -> Settings {
    let limits = &config.limits;
    Settings {
        host: config.hostname.to_string(),
        session: info.id.to_string(),
        cleartext_closes: config.auth.require_tls && config.auth.on_cleartext == OnCleartext::Close,
        limits: Limits {
            commands_before_login: limits.commands_before_login,
            bad_commands: limits.bad_commands,
            auth_failures: limits.auth_failures,
            message_size: limits.message_size,
        },
    }
}

/// What a session answers to CAPABILITY, without a connection.
pub(crate) fn capability(
    config: &Config,
    info: &SessionInfo,
    protection: Protection,
    mechanisms: Vec<sasl::Mechanism>,
) -> Vec<u8> {
    match Session::new(settings(config, info), offers(protection, mechanisms)).line(b"a CAPABILITY".to_vec()) {
        Step::Reply(octets) => octets,
        _ => Vec::new(),
    }
}

/// What may be offered.
pub(super) fn offers(protection: Protection, mechanisms: Vec<sasl::Mechanism>) -> Offers {
    let tls = match protection {
        Protection::Clear => Tls::Unavailable,
        Protection::BeforeTls => Tls::Offered,
        Protection::Tls => Tls::Active,
    };
    Offers { tls, mechanisms }
}
