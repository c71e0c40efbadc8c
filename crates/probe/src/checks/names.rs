//! What the server calls itself: in the greeting, in EHLO, and in its certificate (MISSION 003-16).

use super::Found;
use crate::finding::{Finding, Severity};
use crate::report::Skipped;
use crate::survey::{Seen, Survey};
use crate::target::Family;

pub(crate) const ABOUT: (&str, &str) = ("names", "one name in greeting, EHLO and certificate");

pub(crate) fn run(survey: &Survey) -> Found {
    let seen = survey.best().ok_or_else(|| Skipped::because("there is no session"))?;
    if survey.door.protocol().family() != Family::Smtp {
        return Err(Skipped::because("only SMTP's greeting has a name"));
    }
    let greeted = seen.greeting.split_whitespace().next().unwrap_or_default();
    let named = seen.capabilities.name.as_deref().unwrap_or_default();
    let mut findings = Vec::new();
    if !greeted.eq_ignore_ascii_case(named) {
        findings.push(differ(seen, greeted, named));
    }
    if let Some(certificate) = survey.certificate.chain.first().filter(|certificate| !certificate.covers(named)) {
        let names = certificate.names.join(", ");
        findings.push(
            Finding::new(
                Severity::Notice,
                "name-not-in-certificate",
                format!("the server calls itself {named}, and its certificate is for {names}"),
            )
            .seen(seen.listed.get(1).cloned())
            .explained(
                "Clients look at the name that they were told to use, so nothing breaks; people who read logs are misled.",
                "Let the server call itself by a name that is in the certificate.",
            ),
        );
    }
    Ok(findings)
}

fn differ(seen: &Seen, greeted: &str, named: &str) -> Finding {
    let title = format!("the greeting says {greeted}, EHLO says {named}");
    Finding::new(Severity::Warning, "names-differ", title)
        .seen([seen.greeting_shown.clone()])
        .seen(seen.listed.get(1).cloned())
        .explained(
            "Whoever follows a message through logs looks for two servers. Some filters count it against the sender.",
            "Set one host name, in the greeting too (Postfix: myhostname and smtpd_banner; Exim: primary_hostname and \
             smtp_banner; qmail: control/me and control/smtpgreeting).",
        )
}
