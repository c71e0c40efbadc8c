//! What a session must know of config and connection.

use config::{Config, Service};
use smtp::server::{Limits, Policy, Role, Session, Step, Tls};
use smtp::{BareNewline, Grammar};

use crate::advertise::Protection;
use crate::{Context, SessionInfo};

/// The policy of one session.
pub(super) fn policy(config: &Config, info: &SessionInfo) -> Policy {
    Policy {
        hostname: config.hostname.clone(),
        session: info.id.to_string(),
        peer: info.peer.ip(),
        role: role(info.service),
        auth_needs_tls: config.auth.require_tls,
        grammar: if config.smtp.lenient { Grammar::Lenient } else { Grammar::Strict },
        bare_newline: match config.smtp.bare_newline {
            config::BareNewline::Reject => BareNewline::Reject,
            config::BareNewline::Normalize => BareNewline::Normalize,
        },
        limits: limits(config),
    }
}

/// What a session answers to EHLO, without a connection.
pub(crate) fn hello(
    config: &Config,
    info: &SessionInfo,
    protection: Protection,
    mechanisms: Vec<sasl::Mechanism>,
) -> Vec<u8> {
    let tls = match protection {
        Protection::Clear => Tls::Unavailable,
        Protection::BeforeTls => Tls::Offered,
        Protection::Tls => Tls::Active(String::new()),
    };
    let mut out = Vec::new();
    if let Step::Reply(reply) = Session::new(policy(config, info), tls, mechanisms).command(b"EHLO localhost") {
        reply.encode(&mut out);
    }
    out
}

/// Mail from anybody comes in on 25 alone.
pub(super) fn role(service: Service) -> Role {
    if service == Service::Smtp { Role::Exchange } else { Role::Submission }
}

fn limits(config: &Config) -> Limits {
    let limits = &config.limits;
    Limits {
        message_size: limits.message_size,
        recipients: limits.recipients,
        hops: config.smtp.max_hops,
        commands_before_login: limits.commands_before_login,
        bad_commands: limits.bad_commands,
        auth_failures: limits.auth_failures,
    }
}

/// Where TLS stands as the session begins.
pub(super) fn tls(conn: &net::Connection, cx: &Context) -> Tls {
    match conn.tls() {
        Some(tls) => Tls::Active(tls.cipher.clone()),
        None if cx.tls.load().is_some() => Tls::Offered,
        None => Tls::Unavailable,
    }
}

/// What AUTH may use, inside TLS or in clear.
pub(super) fn mechanisms(conn: &net::Connection, cx: &Context) -> Vec<sasl::Mechanism> {
    let offers = cx.auth.offers(conn.tls().is_some());
    offers.into_iter().filter(|offer| offer.offered).map(|offer| offer.mechanism).collect()
}
