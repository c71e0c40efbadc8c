//! Whether TLS is there, and begins where the port's protocol says.

use super::Found;
use crate::dialogue::Broken;
use crate::finding::{Finding, Severity};
use crate::survey::Survey;
use crate::target::Protocol;

pub(crate) const ABOUT: (&str, &str) = ("transport", "whether TLS is there, and begins where it should");

pub(crate) async fn run(survey: &Survey) -> Found {
    if let Some(broken) = &survey.broken {
        return Ok(vec![failed(survey, broken).await]);
    }
    let protocol = survey.door.protocol();
    let mut findings = Vec::new();
    if !survey.offers_tls() && protocol != Protocol::Lmtp {
        findings.push(no_tls(survey));
    }
    let command = protocol.starttls();
    if let Some(inside) = survey.inside.as_ref().filter(|inside| inside.capabilities.has(command)) {
        findings.push(
            Finding::new(Severity::Warning, "starttls-inside-tls", format!("{command} is still offered inside TLS"))
                .seen(inside.lines_with(command))
                .explained(
                    "A client may try to begin TLS twice, and fails.",
                    "Offer it only before TLS (RFC 3207 §4.2). A TLS proxy in front of the server can be the cause.",
                ),
        );
    }
    Ok(findings)
}

fn no_tls(survey: &Survey) -> Finding {
    let protocol = survey.door.protocol();
    let severity = if protocol.wants_login() { Severity::Error } else { Severity::Warning };
    let listed = survey.clear.as_ref().map(|seen| seen.listed.clone()).unwrap_or_default();
    Finding::new(severity, "no-tls", format!("TLS is not offered ({} is missing)", protocol.starttls()))
        .seen(listed)
        .explained(
            "Whoever listens on the way reads all mail, and all passwords that are used.",
            "Give the server a certificate and switch STARTTLS on; for users, open the port with TLS from the start, too.",
        )
}

/// The first look came to nothing: why.
async fn failed(survey: &Survey, broken: &Broken) -> Finding {
    let protocol = survey.door.protocol();
    let other = survey.speaks_otherwise().await;
    let counterpart = protocol.counterpart().map_or("", Protocol::name);
    match other {
        Some(greeting) if protocol.is_implicit() => {
            Finding::new(Severity::Error, "clear-on-tls-port", "the server begins in clear on a port for TLS")
                .seen([format!("(a TLS handshake was not understood: {broken})"), greeting])
                .explained(
                    "Clients that begin with TLS here get nowhere, and say something like \"wrong version number\".",
                    "Switch TLS on for this port (Postfix: smtpd_tls_wrappermode=yes; Exim: tls_on_connect_ports); or \
                     the port is right and the protocol is not: try the one with STARTTLS.",
                )
        }
        Some(agreed) => {
            let title = format!("the port begins with TLS at once, not in clear (it is {counterpart}?)");
            Finding::new(Severity::Error, "tls-on-clear-port", title)
                .seen([format!("(in clear: {broken})"), agreed])
                .explained(
                    "Clients that are set up for STARTTLS wait for a greeting that never comes.",
                    "Probe it with the protocol whose TLS begins at once (submissions, imaps, pop3s), and set clients up \
                     so; or switch TLS from the start off on this port.",
                )
        }
        None if matches!(broken, Broken::Tls(_)) => Finding::new(Severity::Error, "tls-fails", format!("{broken}"))
            .explained(
                "No client gets any further. Without a certificate, some servers close the connection at once.",
                "Is there a certificate, can the server read it and its key, and does it speak TLS 1.2 or 1.3? The \
                 server's log tells.",
            ),
        None => Finding::new(Severity::Error, "no-session", format!("the session does not begin: {broken}")).explained(
            "No client gets any further.",
            "Is it the right protocol for this port? Does the server turn this address away (block lists, limits)? Its \
             log tells.",
        ),
    }
}
