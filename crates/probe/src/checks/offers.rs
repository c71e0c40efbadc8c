//! Which logins are offered, where, and in which form.

use sasl::Mechanism;

use super::Found;
use crate::capabilities::Capabilities;
use crate::dialogue::Broken;
use crate::finding::{Finding, Severity};
use crate::session::Stage;
use crate::survey::{Seen, Survey};
use crate::target::Family;

pub(crate) const ABOUT: (&str, &str) =
    ("offers", "which logins are offered, in clear and inside TLS, and in which form");

pub(crate) async fn run(survey: &Survey) -> Found {
    let mut findings = Vec::new();
    if let Some(clear) = &survey.clear {
        findings.extend(in_clear(survey, clear).await?);
    }
    if let Some(seen) = survey.best() {
        findings.extend(old_form_only(seen));
        findings.extend(twice(seen));
        findings.extend(none(survey, seen));
        findings.extend(unknown(seen));
    }
    Ok(findings)
}

/// MISSION 000-02, 003-09: a password that may be sent in clear will be.
async fn in_clear(survey: &Survey, clear: &Seen) -> Result<Option<Finding>, Broken> {
    let exposing = clear.capabilities.known().into_iter().filter(|mechanism| mechanism.sends_secret());
    let exposing: Vec<_> = exposing.map(Mechanism::name).collect();
    let (what, evidence) = match survey.door.protocol().family() {
        _ if !exposing.is_empty() => (exposing.join(" and "), lines_of_logins(clear)),
        Family::Imap if !clear.capabilities.has("LOGINDISABLED") => {
            ("the LOGIN command (no LOGINDISABLED)".into(), clear.lines_with("CAPABILITY"))
        }
        Family::Pop3 => match user_in_clear(survey).await? {
            Some(evidence) => ("USER and PASS".into(), evidence),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    let title = format!("{what} offered in clear, before TLS");
    Ok(Some(Finding::new(Severity::Error, "login-in-clear", title).seen(evidence).explained(
        "A client that finds it uses it: then the password can be read by whoever listens, in a café or at a provider.",
        "Offer logins inside TLS only (Gatepost: require_tls = true; Postfix: smtpd_tls_auth_only = yes; Exim: \
         auth_advertise_hosts; Dovecot: disable_plaintext_auth = yes; Courier: IMAP_TLS_REQUIRED=1, POP3_TLS_REQUIRED=1).",
    )))
}

/// The list of POP3 does not tell: many servers know no CAPA, and name USER whether it is allowed or not.
async fn user_in_clear(survey: &Survey) -> Result<Option<Vec<String>>, Broken> {
    let mut session = survey.door.open(Stage::Clear).await?;
    let answer = session.dialogue.command("USER probe").await?;
    let evidence = session.dialogue.transcript().last(2);
    session.dialogue.leave().await;
    Ok(answer.is_done().then_some(evidence))
}

/// MISSION 001-16: the form before RFC 2554.
fn old_form_only(seen: &Seen) -> Option<Finding> {
    let Capabilities { mechanisms, old_form, .. } = &seen.capabilities;
    if old_form.is_empty() || !mechanisms.is_empty() {
        return None;
    }
    Some(
        Finding::new(Severity::Warning, "auth-old-form-only", "only the old form AUTH= is there, not AUTH")
            .seen(lines_of_logins(seen))
            .explained(
                "Clients of this century look for \"AUTH LOGIN PLAIN\", find nothing, and send without a login.",
                "Offer both lines, or the one with a space (RFC 4954 §3).",
            ),
    )
}

fn twice(seen: &Seen) -> Option<Finding> {
    let list = &seen.capabilities.mechanisms;
    let repeated = list.iter().enumerate().filter(|(index, name)| list.iter().take(*index).any(|other| other == *name));
    let mut names: Vec<_> = repeated.map(|(_, name)| name.as_str()).collect();
    names.dedup();
    if names.is_empty() {
        return None;
    }
    Some(
        Finding::new(Severity::Notice, "mechanism-twice", format!("offered twice: {}", names.join(", ")))
            .seen(lines_of_logins(seen))
            .explained(
                "It does no harm to most, but two parts of the server's configuration seem to say the same.",
                "Name each mechanism once.",
            ),
    )
}

/// A port for users where nobody can log in.
fn none(survey: &Survey, seen: &Seen) -> Option<Finding> {
    let protocol = survey.door.protocol();
    let capabilities = &seen.capabilities;
    let command = match protocol.family() {
        Family::Smtp => false,
        Family::Imap => !capabilities.has("LOGINDISABLED"),
        // A server without CAPA knows USER.
        Family::Pop3 => capabilities.has("USER") || capabilities.all.is_empty(),
    };
    let any = command || !capabilities.mechanisms.is_empty() || !capabilities.old_form.is_empty();
    if !protocol.wants_login() || any || survey.offers_tls() && survey.inside.is_none() {
        return None;
    }
    Some(
        Finding::new(Severity::Error, "no-login", "no login is offered at all")
            .seen(seen.listed.clone())
            .explained(
                "Users' programs say that the server does not support a login, or send without one and are refused.",
                "Switch authentication on for this port (Postfix: smtpd_sasl_auth_enable = yes; Exim: begin \
                 authenticators; Dovecot: auth_mechanisms). If it is on, the server may have withdrawn what it cannot verify: \
                 its log tells.",
            ),
    )
}

fn unknown(seen: &Seen) -> Option<Finding> {
    let names = seen.capabilities.unknown();
    let title = format!("mechanisms that this probe cannot try: {}", names.join(", "));
    (!names.is_empty()).then(|| Finding::new(Severity::Info, "mechanisms-unknown", title))
}

/// The lines that name mechanisms.
fn lines_of_logins(seen: &Seen) -> Vec<String> {
    let lines = seen.lines_with("AUTH");
    if lines.is_empty() { seen.lines_with("SASL") } else { lines }
}
