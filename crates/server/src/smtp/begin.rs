//! What a session must know of config and connection.

use config::{Config, OnCleartext, Service};
use smtp::server::{Limits, Policy, Role, Session, Step, Tls, Wording};
use smtp::{BareNewline, Grammar};

use crate::SessionInfo;
use crate::advertise::Protection;

/// The policy of one session.
pub(super) fn policy(config: &Config, info: &SessionInfo) -> Policy {
    Policy {
        hostname: config.hostname.clone(),
        session: info.id.to_string(),
        peer: info.peer.ip(),
        xclient: config.smtp.xclient.iter().any(|network| network.contains(info.peer.ip())),
        role: role(info.service),
        auth_needs_tls: config.auth.require_tls,
        cleartext_closes: config.auth.on_cleartext == OnCleartext::Close,
        wording: match config.smtp.replies {
            config::Replies::Rfc => Wording::Rfc,
            config::Replies::Qmail => Wording::Qmail,
        },
        legacy_auth_line: config.smtp.legacy_auth_line,
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
    let mut out = Vec::new();
    if let Step::Reply(reply) =
        Session::new(policy(config, info), tls(protection, String::new()), mechanisms).command(b"EHLO localhost")
    {
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
        unknown_recipients: limits.unknown_recipients,
        auth_failures: limits.auth_failures,
    }
}

/// Where TLS stands; `cipher` is told in `Received:`.
pub(super) fn tls(protection: Protection, cipher: String) -> Tls {
    match protection {
        Protection::Clear => Tls::Unavailable,
        Protection::BeforeTls => Tls::Offered,
        Protection::Tls => Tls::Active(cipher),
    }
}
